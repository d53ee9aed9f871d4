/* input.c - files and pipes, read to their end or followed
 *
 * Regular files are read in large pieces and announced to the kernel as
 * sequential.  Pipes are waited for with poll(2), so that a signal ends the
 * waiting whenever it comes.  Following looks four times a second: that needs
 * nothing of the system but stat(2), and works over a network too.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "input.h"

#define TICK_MS 250

/* -------------------------------------------------------------- being told to stop */

static volatile sig_atomic_t stopped;

static void
on_signal(int number)
{
	(void)number;
	stopped = 1;
}

void
stop_catch(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	(void)sigemptyset(&action.sa_mask);
	action.sa_flags = (int)SA_RESETHAND; /* the second one kills */
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

void
stop_release(void)
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
}

bool
stop_wanted(void)
{
	return stopped != 0;
}

/* ---------------------------------------------------------------------- whole files */

static int
cannot_read(const struct input *input)
{
	return complain(EXIT_INPUT, "%s: %s", input->name, strerror(errno));
}

/* look - what kind of file it is */
static int
look(struct input *input)
{
	struct stat stat;
	unsigned char magic[2];

	if (fstat(input->fd, &stat) != 0)
		return cannot_read(input);
	if (S_ISDIR(stat.st_mode)) {
		errno = EISDIR;
		return cannot_read(input);
	}
	input->size = S_ISREG(stat.st_mode) ? (int64_t)stat.st_size : -1;
	input->packed =
	    input->size >= 0 && pread(input->fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
	return EXIT_FINE;
}

int
input_open(struct input *input, const char *word)
{
	bool is_stdin = strcmp(word, "-") == 0;
	*input = (struct input){ .name = is_stdin ? "standard input" : word,
		.path = is_stdin ? NULL : word,
		.fd = is_stdin ? STDIN_FILENO : open(word, O_RDONLY | O_CLOEXEC),
		.begins_s = MH_UNKNOWN };
	if (input->fd < 0)
		return cannot_read(input);
	int status = look(input);
	if (status != EXIT_FINE)
		input_close(input);
	else if (!is_stdin && input->size >= 0) {
		/* thousands of files may be given, and no more than some hundred may be open */
		(void)close(input->fd);
		input->fd = -1;
	}
	return status;
}

int
input_reopen(struct input *input)
{
	if (input->fd < 0)
		input->fd = open(input->path, O_RDONLY | O_CLOEXEC);
	if (input->fd < 0)
		return cannot_read(input);
#ifdef POSIX_FADV_SEQUENTIAL
	if (input->size >= 0)
		(void)posix_fadvise(input->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
	return EXIT_FINE;
}

void
input_close(struct input *input)
{
	if (input->fd > STDIN_FILENO)
		(void)close(input->fd);
	input->fd = -1;
}

/* begins - when the first lines of a file were written: what a summary of its beginning says.  That
 * knows every form of a log, packed ones too. */
static int64_t
begins(struct input *input, mh_ctx *ctx, const struct clock *clock)
{
	static char head[65536];
	int64_t begins_s = MH_UNKNOWN;
	int fd = open(input->path, O_RDONLY | O_CLOEXEC);
	mh_summary *summary = mh_summary_new(ctx);

	if (fd >= 0 && summary != NULL && mh_summary_set_int(summary, MH_OPT_NOW, clock->now_s) == MH_OK &&
	    mh_summary_set_int(summary, MH_OPT_UTC_OFFSET, clock->offset_s) == MH_OK) {
		ptrdiff_t n = read_some(fd, head, sizeof(head));
		if (n > 0 && mh_summary_feed(summary, head, (size_t)n) == MH_OK) {
			(void)mh_summary_end(summary); /* a packed file is cut short here, and that is fine */
			begins_s = mh_summary_int(summary, MH_SUMMARY_FROM);
		}
	}
	if (fd >= 0)
		(void)close(fd);
	mh_summary_free(summary);
	return begins_s;
}

void
inputs_sort(struct input *inputs, size_t count, mh_ctx *ctx, const struct clock *clock)
{
	if (count < 2)
		return;
	for (size_t i = 0; i < count; i++) {
		if (inputs[i].path == NULL || inputs[i].size < 0)
			return;
		if (inputs[i].size > 0)
			inputs[i].begins_s = begins(&inputs[i], ctx, clock);
		if (inputs[i].size > 0 && inputs[i].begins_s == MH_UNKNOWN)
			return;
	}
	/* few files, and those of the same second stay as they were given */
	for (size_t i = 1; i < count; i++) {
		struct input one = inputs[i];
		size_t at = i;
		for (; at > 0 && inputs[at - 1].begins_s > one.begins_s; at--)
			inputs[at] = inputs[at - 1];
		inputs[at] = one;
	}
}

ptrdiff_t
input_read(int fd, void *p, size_t len)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };
	while (!stop_wanted()) {
		int n = poll(&ready, 1, TICK_MS);
		if (n == 0 || (n < 0 && errno == EINTR))
			continue;
		ptrdiff_t got = read(fd, p, len);
		if (got >= 0 || (errno != EINTR && errno != EAGAIN))
			return got;
	}
	return 0;
}

int
input_wants_word(const char *command, const char *example)
{
	if (!isatty(STDIN_FILENO))
		return EXIT_FINE;
	return complain(EXIT_USAGE, "say what to read: mailhealth %s %s; or - to paste it here", command,
	    example);
}

/* ------------------------------------------------------------------------- progress */

static int64_t
now_ms(void)
{
	struct timespec now = { 0 };
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
progress_begin(struct progress *progress, int64_t total)
{
	*progress = (struct progress){ .total = total, .on = isatty(STDERR_FILENO) != 0 };
	if (progress->on)
		progress->began_ms = now_ms();
}

void
progress_tell(struct progress *progress, int64_t lines)
{
	if (!progress->on)
		return;
	int64_t now = now_ms(), took = now - progress->began_ms;
	if (took < 1000 || now - progress->told_ms < 200)
		return;
	progress->told_ms = now;

	struct text line = { .len = 0 };
	int64_t rate = progress->done / took; /* octets a millisecond */
	if (progress->total > 0) {
		text_add_int(&line,
		    progress->done >= progress->total ? 100 : progress->done * 100 / progress->total);
		text_add(&line, " %  ");
	} else {
		text_add_count(&line, progress->done / 1000000);
		text_add(&line, " MB  ");
	}
	text_add_count(&line, rate / 1000);
	text_add(&line, " MB/s");
	if (lines >= 0) {
		text_add(&line, "  ");
		text_add_many(&line, lines, "line", "lines");
	}
	if (progress->total > progress->done && rate > 0) {
		text_add(&line, "  ");
		text_add_duration(&line, (progress->total - progress->done) / rate / 1000 + 1);
		text_add(&line, " left");
	}
	(void)fprintf(stderr, "\r%s\033[K", line.p);
}

void
progress_end(struct progress *progress)
{
	if (progress->on && progress->told_ms != 0)
		(void)fputs("\r\033[K", stderr);
	progress->on = false;
}

/* ------------------------------------------------------------------------ following */

/* remember - which file is open, so that another one of the same name is noticed */
static bool
remember(struct follow *follow)
{
	struct stat stat;
	if (fstat(follow->input->fd, &stat) != 0)
		return false;
	follow->device = stat.st_dev;
	follow->inode = stat.st_ino;
	follow->regular = S_ISREG(stat.st_mode);
	follow->at = 0;
	return true;
}

bool
follow_begin(struct follow *follow, struct input *input)
{
	*follow = (struct follow){ .input = input };
	return remember(follow);
}

/* wait_tick - a quarter of a second, or until a signal comes */
static void
wait_tick(void)
{
	struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };
	if (!stop_wanted())
		(void)nanosleep(&tick, NULL);
}

/* renew - whether the open file was cut, or another one has taken its name; then that one is open */
static bool
renew(struct follow *follow)
{
	struct stat there, open_one;
	int fd = follow->input->fd;

	if (fstat(fd, &open_one) == 0 && open_one.st_size < follow->at) {
		follow->at = 0;
		return lseek(fd, 0, SEEK_SET) == 0;
	}
	if (follow->input->path == NULL || stat(follow->input->path, &there) != 0 ||
	    !S_ISREG(there.st_mode) || (there.st_dev == follow->device && there.st_ino == follow->inode))
		return false;
	/* what was still written to the old one is read before the new one is opened */
	if (fstat(fd, &open_one) == 0 && open_one.st_size > follow->at)
		return false;
	int anew = open(follow->input->path, O_RDONLY | O_CLOEXEC);
	if (anew < 0)
		return false; /* perhaps it is being made at this moment */
	(void)close(fd);
	follow->input->fd = anew;
	return remember(follow);
}

enum follow_news
follow_read(struct follow *follow, void *p, size_t len, size_t *got)
{
	if (stop_wanted())
		return FOLLOW_END;
	if (!follow->regular) {
		struct pollfd ready = { .fd = follow->input->fd, .events = POLLIN };
		int n = poll(&ready, 1, TICK_MS);
		if (n == 0 || (n < 0 && errno == EINTR))
			return FOLLOW_IDLE;
	}
	ptrdiff_t n = read(follow->input->fd, p, len);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? FOLLOW_IDLE : FOLLOW_FAILED;
	if (n > 0) {
		*got = (size_t)n;
		follow->at += n;
		return FOLLOW_DATA;
	}
	if (!follow->regular)
		return FOLLOW_END;
	if (renew(follow))
		return FOLLOW_ANEW;
	wait_tick();
	return FOLLOW_IDLE;
}

static int
end_line(struct lines *lines, const char *line, size_t len)
{
	lines->n++;
	return lines->one(lines->arg, lines->n, line, len);
}

int
lines_feed(struct lines *lines, const char *p, size_t len)
{
	const char *end = p + len;
	while (p < end) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t piece = (size_t)((lf != NULL ? lf : end) - p);
		int status = EXIT_FINE;
		if (lf != NULL && lines->len == 0) {
			status = end_line(lines, p, piece);
		} else {
			size_t room = MH_LOG_MAX_OCTETS - lines->len;
			if (lines->p == NULL)
				lines->p = malloc(MH_LOG_MAX_OCTETS);
			if (lines->p == NULL)
				return complain(EXIT_OURS, "out of memory");
			memcpy(lines->p + lines->len, p, piece < room ? piece : room);
			lines->len += piece < room ? piece : room;
			if (lf != NULL) {
				size_t all = lines->len;
				lines->len = 0;
				status = end_line(lines, lines->p, all);
			}
		}
		if (status != EXIT_FINE)
			return status;
		p += piece + (lf != NULL ? 1 : 0);
	}
	return EXIT_FINE;
}

int
lines_end(struct lines *lines)
{
	size_t all = lines->len;
	lines->len = 0;
	return all > 0 ? end_line(lines, lines->p, all) : EXIT_FINE;
}
