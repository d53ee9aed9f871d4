/* checks_batch.c - many checks at once: a line an input, an object a line for each
 *
 * Up to IN_FLIGHT jobs are in one loop.  Objects are printed in the order of
 * the lines, so one that is slow holds back those behind it, WINDOW of them at
 * the most; --unordered prints each when it is done.  Memory is bounded by
 * these two.
 *
 * --resume keeps, in a file, how many lines are done: written whenever some
 * hundred more are, at the end, and when the run is stopped by a signal.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

#define IN_FLIGHT 2000
#define WINDOW 4096
#define LINE_MAX 65536
#define WORDS_MAX 64
#define SAVE_EVERY 500

/* One line that has been begun and not printed. */
struct slot {
	mh_job *job; /* NULL: it is done */
	char *object; /* what is printed, when it is done */
};

struct run {
	const struct checks *checks;
	const char *kind;
	mh_job *(*start)(void *arg, const struct batch_words *words, const char **wrong);
	void *arg;
	mh_loop *loop;
	struct slot slots[WINDOW];
	int64_t first, next; /* lines that have slots: first to next - 1, from 1 */
	unsigned in_flight;
	char in[LINE_MAX];
	size_t len; /* octets read and not taken */
	bool at_end, skips; /* skips: the line is too long, up to its end */
	int64_t skip_lines; /* done by an earlier run */
	int64_t printed, saved, bad;
	int status;
	bool shows_progress;
	time_t began, told;
};

static volatile sig_atomic_t stopped;

static void
stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* ------------------------------------------------------------------- resuming */

static int64_t
read_state(const char *path)
{
	char line[32], *end = line;
	long long n = -1;
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return 0;
	errno = 0;
	if (fgets(line, sizeof(line), in) != NULL)
		n = strtoll(line, &end, 10);
	if (end == line || (*end != '\0' && *end != '\n') || n < 0 || errno != 0)
		n = -1;
	(void)fclose(in);
	return n;
}

/* save_state - the number of lines that are done, whole or not at all */
static void
save_state(struct run *run)
{
	char path[4096];
	const char *name = run->checks->resume;
	if (name == NULL || run->saved == run->printed)
		return;
	if (snprintf(path, sizeof(path), "%s.new", name) >= (int)sizeof(path))
		return;
	FILE *out = fopen(path, "w");
	bool good = out != NULL && fprintf(out, "%lld\n", (long long)run->printed) > 0;
	if (out != NULL && fclose(out) != 0)
		good = false;
	if (!good || rename(path, name) != 0)
		run->status = complain(EXIT_OURS, "%s cannot be written: %s", name, strerror(errno));
	else
		run->saved = run->printed;
}

/* ------------------------------------------------------------------- printing */

/* quote - s as the inside of a JSON string, at out, which has room for six octets each; where it ends */
static char *
quote(char *out, const char *s)
{
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			*out++ = '\\';
		*out++ = (unsigned char)*s < 0x20 ? ' ' : *s;
	}
	return out;
}

/* object_of - what is printed for a line: the library's object with the line's number behind the schema's, or
 * an object that says what is wrong with the line; NULL without memory */
static char *
object_of(const struct run *run, int64_t n, const char *json, const char *wrong)
{
	size_t size = strlen(wrong != NULL ? wrong : json) * 2 + 128;
	const char *comma = wrong == NULL ? strchr(json, ',') : NULL;
	char *object = malloc(size);

	if (object == NULL)
		return NULL;
	if (comma != NULL) {
		(void)snprintf(object, size, "%.*s,\"n\":%lld%s\n", (int)(comma - json), json, (long long)n,
		    comma);
		return object;
	}
	int at = snprintf(object, size, "{\"schema\":1,\"n\":%lld,\"kind\":\"%s\",\"error\":\"", (long long)n,
	    run->kind);
	memcpy(quote(object + at, wrong != NULL ? wrong : "no result"), "\"}\n", 4);
	return object;
}

static void
show_progress(struct run *run, bool is_last)
{
	time_t now = time(NULL);
	if (!run->shows_progress || (now == run->told && !is_last) || now - run->began < 1)
		return;
	run->told = now;
	int64_t done = run->printed - run->skip_lines;
	(void)fprintf(stderr, "\r%lld done, %.0f a second, %u under way ", (long long)run->printed,
	    (double)done / (double)(now - run->began), run->in_flight);
	if (is_last)
		(void)fputc('\n', stderr);
}

/* print_head - objects whose turn it is */
static void
print_head(struct run *run)
{
	while (run->first < run->next) {
		struct slot *slot = &run->slots[run->first % WINDOW];
		if (slot->job != NULL)
			break;
		if (slot->object != NULL) {
			(void)fputs(slot->object, stdout);
			free(slot->object);
			slot->object = NULL;
		}
		run->first++;
		run->printed = run->first - 1;
	}
	if (run->printed - run->saved >= SAVE_EVERY && fflush(stdout) == 0)
		save_state(run);
}

/* end_slot - the object of a line that is done: printed now, or kept for its turn */
static void
end_slot(struct run *run, int64_t n, const char *json, const char *wrong)
{
	struct slot *slot = &run->slots[n % WINDOW];
	char *object = object_of(run, n, json, wrong);

	slot->job = NULL;
	run->bad += wrong != NULL;
	if (object == NULL) {
		run->status = complain(EXIT_OURS, "out of memory");
	} else if (run->checks->unordered || n == run->first) {
		(void)fputs(object, stdout);
		free(object);
	} else {
		slot->object = object;
	}
}

/* ------------------------------------------------------------------------ input */

/* split - words of a line in place: by spaces, or in double quotes; a message, or NULL */
static const char *
split(char *line, struct batch_words *words, char **room)
{
	char *p = line, *out = line;
	words->argv = room;
	words->argc = 0;
	for (;;) {
		bool is_quoted = false;
		while (*p == ' ' || *p == '\t')
			p++;
		if (*p == '\0')
			break;
		if (words->argc == WORDS_MAX)
			return "there are too many words in this line";
		room[words->argc++] = out;
		for (; *p != '\0' && (is_quoted || (*p != ' ' && *p != '\t')); p++) {
			if (*p == '"')
				is_quoted = !is_quoted;
			else
				*out++ = *p;
		}
		if (is_quoted)
			return "a quote is not closed";
		if (*p != '\0')
			p++;
		*out++ = '\0';
	}
	room[words->argc] = NULL;
	return NULL;
}

/* begin_line - a job for one line, or its error */
static void
begin_line(struct run *run, char *line, bool is_too_long)
{
	char *room[WORDS_MAX + 1];
	struct batch_words words = { 0, room };
	const char *wrong = is_too_long ? "the line is too long" : split(line, &words, room);
	int64_t n = run->next++;
	mh_job *job = NULL;

	run->slots[n % WINDOW] = (struct slot){ NULL, NULL };
	if (n <= run->skip_lines)
		return; /* an earlier run has printed it */
	if (wrong == NULL && words.argc == 0)
		wrong = "the line is empty";
	if (wrong == NULL)
		job = run->start(run->arg, &words, &wrong);
	int error = job != NULL ? mh_loop_add(run->loop, job) : MH_OK;
	if (error != MH_OK) {
		wrong = mh_strerror(error);
		mh_job_free(job);
		job = NULL;
	}
	run->slots[n % WINDOW].job = job;
	if (job != NULL)
		run->in_flight++;
	else
		end_slot(run, n, NULL, wrong);
}

static bool
has_room(const struct run *run)
{
	return run->in_flight < IN_FLIGHT && run->next - run->first < WINDOW;
}

/* take_lines - begins lines that have been read, while there is room */
static void
take_lines(struct run *run)
{
	size_t at = 0;
	while (has_room(run) && at < run->len) {
		char *line = run->in + at;
		char *end = memchr(line, '\n', run->len - at);
		if (end == NULL && !run->at_end && (run->len - at < sizeof(run->in) - 1 || at > 0))
			break;
		if (end == NULL && !run->at_end) { /* longer than there is room for */
			if (!run->skips)
				begin_line(run, line, true);
			run->skips = true;
			at = run->len;
			break;
		}
		size_t len = end != NULL ? (size_t)(end - line) : run->len - at;
		at += len + (end != NULL ? 1 : 0);
		line[len] = '\0';
		if (len > 0 && line[len - 1] == '\r')
			line[len - 1] = '\0';
		if (!run->skips)
			begin_line(run, line, false);
		run->skips = false;
	}
	memmove(run->in, run->in + at, run->len - at);
	run->len -= at;
}

/* read_more - what is there of standard input */
static void
read_more(struct run *run)
{
	if (run->len == sizeof(run->in) - 1)
		return;
	ssize_t n = read(STDIN_FILENO, run->in + run->len, sizeof(run->in) - 1 - run->len);
	if (n < 0 && errno == EINTR)
		return;
	if (n < 0)
		run->status = complain(EXIT_INPUT, "standard input: %s", strerror(errno));
	if (n <= 0)
		run->at_end = true;
	else
		run->len += (size_t)n;
}

/* ----------------------------------------------------------------------- running */

/* line_of - which line a job is for */
static int64_t
line_of(const struct run *run, const mh_job *job)
{
	for (int64_t n = run->first; n < run->next; n++)
		if (run->slots[n % WINDOW].job == job)
			return n;
	return 0;
}

/* take_done - jobs that are done */
static void
take_done(struct run *run)
{
	mh_job *job;
	while ((job = mh_loop_next_done(run->loop)) != NULL) {
		const char *json = mh_job_json(job);
		int64_t n = line_of(run, job);
		run->in_flight--;
		end_slot(run, n, json, json[0] == '\0' ? mh_strerror(MH_ENOMEM) : NULL);
		mh_job_free(job);
	}
	print_head(run);
}

/* wait_some - for input that there is room for, and for the loop */
static void
wait_some(struct run *run)
{
	bool wants_input = !run->at_end && has_room(run) && run->len < sizeof(run->in) - 1;
	int64_t timeout = mh_loop_timeout(run->loop);
	struct pollfd fds[2] = { { mh_loop_fd(run->loop), POLLIN, 0 },
		{ wants_input ? STDIN_FILENO : -1, POLLIN, 0 } };

	if (timeout < 0 || timeout > 1000)
		timeout = run->shows_progress ? 1000 : timeout < 0 ? -1 : 1000;
	if (poll(fds, 2, (int)timeout) > 0 && (fds[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
		read_more(run);
}

static void
run_all(struct run *run)
{
	while (run->status == EXIT_FINE && !stopped) {
		take_lines(run);
		print_head(run);
		if (run->at_end && run->len == 0 && run->in_flight == 0)
			break;
		if (fflush(stdout) != 0)
			break;
		wait_some(run);
		int error = mh_loop_step(run->loop);
		if (error != MH_OK)
			run->status = complain(EXIT_OURS, "%s", mh_strerror(error));
		take_done(run);
		show_progress(run, false);
	}
}

int
checks_batch(const struct checks *checks, mh_ctx *ctx, const char *kind,
    mh_job *(*start)(void *arg, const struct batch_words *words, const char **wrong), void *arg)
{
	struct sigaction action = { .sa_handler = stop };
	struct run *run = calloc(1, sizeof(*run));

	if (run == NULL)
		return complain(EXIT_OURS, "out of memory");
	*run =
	    (struct run){ .checks = checks, .kind = kind, .start = start, .arg = arg, .first = 1, .next = 1 };
	run->loop = checks_loop(checks, ctx);
	if (run->loop == NULL) {
		free(run);
		return EXIT_USAGE;
	}
	if (checks->resume != NULL) {
		run->skip_lines = run->saved = read_state(checks->resume);
		if (run->skip_lines < 0) {
			run->skip_lines = 0;
			run->status = complain(EXIT_INPUT, "%s is no file of --resume", checks->resume);
		}
		(void)sigaction(SIGINT, &action, NULL);
		(void)sigaction(SIGTERM, &action, NULL);
	}
	run->shows_progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	run->began = time(NULL);
	run_all(run);
	int status = out_flush();
	save_state(run);
	show_progress(run, true);
	for (int64_t n = run->first; n < run->next; n++) {
		mh_job_free(run->slots[n % WINDOW].job);
		free(run->slots[n % WINDOW].object);
	}
	mh_loop_free(run->loop);
	if (run->status != EXIT_FINE)
		status = run->status;
	else if (status == EXIT_FINE && run->bad > 0)
		status = EXIT_BAD_LINES;
	free(run);
	return status;
}
