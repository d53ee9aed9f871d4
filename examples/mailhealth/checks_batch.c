/* checks_batch.c - many checks at once: a line an input, an object a line for each
 *
 * Up to IN_FLIGHT jobs are in one loop.  Objects are printed in the order of
 * the lines, so one that is slow holds back those behind it, WINDOW of them at
 * the most; with --unordered each is printed when it is done and holds back
 * nothing.  Memory is bounded by these two.
 *
 * --resume keeps, in a file, how many lines are done: written whenever some
 * hundred more are, or some time has passed, at the end, and when the run is
 * stopped by a signal.  Where standard output is a file, it also says where the
 * objects of these lines end: what a run that was killed has written behind that
 * is cut off, so that each line has its object once, and no half of one is left.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "checks.h"

#define IN_FLIGHT 2000
#define WINDOW 4096
#define LINE_MAX 65536
#define WORDS_MAX 64
#define HELD_MAX ((size_t)64 << 20) /* octets of objects that wait for their turn */
#define SAVE_EVERY 500
#define SAVE_EVERY_MS 2000
#define ROUNDS 60 /* of questions that a job has after it was done */

/* One line that has been begun and not printed. */
struct slot {
	int64_t n; /* number of the line, from 1; 0: the slot is free */
	mh_job *job; /* NULL: it is done */
	char *object; /* what is printed, when it is done */
	int rounds; /* how often it was done and went on */
};

struct run {
	const struct checks *checks;
	const struct batch_check *check;
	mh_loop *loop;
	/* In order: line n has slot n % WINDOW, and lines from first to next - 1 have one.  Unordered: any of
	 * the first IN_FLIGHT. */
	struct slot slots[WINDOW];
	int64_t first, next;
	unsigned in_flight;
	char in[LINE_MAX];
	size_t len; /* octets read and not taken */
	bool at_end, skips; /* skips: the line is too long, up to its end */
	int64_t skip_lines; /* done by an earlier run */
	int64_t printed, saved, bad;
	int64_t saved_ms; /* when */
	bool state_has_place; /* the file that was saved says where the objects end */
	size_t held; /* octets of objects that wait for their turn */
	int status;

	bool shows_progress;
	int64_t began_ms, told_ms; /* told_ms 0: never */
	int64_t size,
	    taken; /* octets of standard input, -1 if not known; of them those whose lines have begun */
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
now_ms(void)
{
	struct timespec now = { 0 };
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Where the objects of lines that are done end, in a file: what stands behind them a run that was killed has left. */
struct place {
	long long device, inode, octets;
};

/* place_of_output - of standard output; false: it is no regular file */
static bool
place_of_output(struct place *place)
{
	struct stat is;
	if (fstat(STDOUT_FILENO, &is) != 0 || !S_ISREG(is.st_mode))
		return false;
	off_t at = lseek(STDOUT_FILENO, 0, SEEK_END);
	*place = (struct place){ (long long)is.st_dev, (long long)is.st_ino, (long long)at };
	return at >= 0;
}

/* read_number - a number and what ends it; *p behind both; -1: it is none */
static long long
read_number(char **p, char end)
{
	char *begin = *p;
	errno = 0;
	long long number = strtoll(begin, p, 10);
	if (*p == begin || errno != 0 || number < 0 || (**p != end && !(end == '\n' && **p == '\0')))
		return -1;
	*p += **p != '\0' ? 1 : 0;
	return number;
}

/* read_state - lines that are done, and where their objects end; -1: the file is of something else.  An inode of 0: that
 * is not known, and nothing is left there */
static int64_t
read_state(const char *path, struct place *place)
{
	char text[200], *p = text;
	FILE *in = fopen(path, "r");
	*place = (struct place){ 0, 0, 0 };
	if (in == NULL)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
	(void)fclose(in);
	long long n = read_number(&p, '\n');
	if (n < 0 || *p == '\0')
		return n;
	if (strncmp(p, "output ", 7) != 0)
		return -1;
	p += 7;
	place->device = read_number(&p, ' ');
	place->inode = place->device >= 0 ? read_number(&p, ' ') : -1;
	place->octets = place->inode >= 0 ? read_number(&p, '\n') : -1;
	return place->octets >= 0 && *p == '\0' ? n : -1;
}

/* cut_output - takes away what a run that was killed has left behind the last object that it counted: whole objects
 * that come again, and the half of one */
static int
cut_output(const struct place *place)
{
	struct place now;
	if (place->inode == 0 || !place_of_output(&now) || now.device != place->device ||
	    now.inode != place->inode || now.octets <= place->octets)
		return EXIT_FINE;
	if (ftruncate(STDOUT_FILENO, (off_t)place->octets) == 0 &&
	    lseek(STDOUT_FILENO, (off_t)place->octets, SEEK_SET) >= 0)
		return EXIT_FINE;
	return complain(EXIT_OURS, "standard output: %s", strerror(errno));
}

/* save_state - the number of lines that are done, whole or not at all; what was printed is written out.  is_end: no more
 * objects come */
static void
save_state(struct run *run, bool is_end)
{
	char path[4096];
	struct place place;
	const char *name = run->checks->resume;
	bool has_place = !is_end && place_of_output(&place);
	if (name == NULL || (run->printed <= run->saved && !run->state_has_place && !has_place))
		return;
	if (snprintf(path, sizeof(path), "%s.new", name) >= (int)sizeof(path))
		return;
	FILE *out = fopen(path, "w");
	bool good = out != NULL &&
	    fprintf(out, "%lld\n", (long long)(run->printed > run->saved ? run->printed : run->saved)) > 0;
	if (good && has_place)
		good = fprintf(out, "output %lld %lld %lld\n", place.device, place.inode, place.octets) > 0;
	if (out != NULL && fclose(out) != 0)
		good = false;
	if (!good || rename(path, name) != 0) {
		run->status = complain(EXIT_OURS, "%s cannot be written: %s", name, strerror(errno));
		return;
	}
	if (run->printed > run->saved)
		run->saved = run->printed;
	run->saved_ms = now_ms();
	run->state_has_place = has_place;
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
	    run->check->kind);
	memcpy(quote(object + at, wrong != NULL ? wrong : "no result"), "\"}\n", 4);
	return object;
}

/* add_left - how long it will take, where the size of the input is known: its lines are as long as those before */
static void
add_left(const struct run *run, struct text *line, int64_t done, int64_t took_ms)
{
	int64_t begun = run->next - 1;
	if (run->size <= 0 || run->taken <= 0 || done <= 0)
		return;
	double lines = (double)begun * (double)run->size / (double)run->taken - (double)run->printed;
	double seconds = lines * (double)took_ms / (double)done / 1000;
	if (!(seconds >= 0) || seconds > 1e9)
		return;
	text_add(line, ", ");
	text_add_duration(line, (int64_t)seconds + 1);
	text_add(line, " left");
}

/* show_progress - on stderr, if that is a terminal and it takes longer than a second */
static void
show_progress(struct run *run)
{
	int64_t now = run->shows_progress ? now_ms() : 0, took = now - run->began_ms;
	int64_t done = run->printed - run->skip_lines;
	struct text line = { .len = 0 };

	if (!run->shows_progress || took < 1000 || now - run->told_ms < 500)
		return;
	run->told_ms = now;
	text_add_count(&line, run->printed);
	text_add(&line, " done, ");
	text_add_count(&line, done > 0 ? done * 1000 / took : 0);
	text_add(&line, " a second");
	if (run->in_flight > 0) {
		text_add(&line, ", ");
		text_add_count(&line, run->in_flight);
		text_add(&line, " under way");
	}
	if (run->printed < run->next - 1 || !run->at_end || run->len > 0)
		add_left(run, &line, done, took);
	(void)fprintf(stderr, "\r%s\033[K", line.p);
}

/* end_progress - the last word about it */
static void
end_progress(struct run *run)
{
	if (run->told_ms == 0)
		return;
	run->told_ms = 0;
	show_progress(run);
	(void)fputc('\n', stderr);
}

/* print_head - objects whose turn it is */
static void
print_head(struct run *run)
{
	while (!run->checks->unordered && run->first < run->next) {
		struct slot *slot = &run->slots[run->first % WINDOW];
		if (slot->job != NULL || (slot->object == NULL && slot->n > run->skip_lines))
			break;
		if (slot->object != NULL) {
			run->held -= strlen(slot->object);
			(void)fputs(slot->object, stdout);
		}
		free(slot->object);
		*slot = (struct slot){ .n = 0 };
		run->printed = run->first++;
	}
	int64_t unsaved = run->printed - run->saved;
	if (run->checks->resume != NULL && unsaved > 0 &&
	    (unsaved >= SAVE_EVERY || now_ms() - run->saved_ms >= SAVE_EVERY_MS) && fflush(stdout) == 0)
		save_state(run, false);
}

/* end_slot - the object of a line that is done: printed now, or kept for its turn */
static void
end_slot(struct run *run, struct slot *slot, const char *json, const char *wrong)
{
	slot->job = NULL;
	slot->object = object_of(run, slot->n, json, wrong);
	run->bad += wrong != NULL;
	if (slot->object == NULL)
		run->status = complain(EXIT_OURS, "out of memory");
	if (!run->checks->unordered) {
		run->held += slot->object != NULL ? strlen(slot->object) : 0;
		return;
	}
	if (slot->object != NULL)
		(void)fputs(slot->object, stdout);
	free(slot->object);
	*slot = (struct slot){ .n = 0 };
	run->printed++;
}

/* ------------------------------------------------------------------------ input */

/* unescape - the octet that a backslash and c stand for, or -1 */
static int
unescape(char c)
{
	static const char from[] = "nrt\\\"", to[] = "\n\r\t\\\"";
	const char *at = c != '\0' ? strchr(from, c) : NULL;
	return at != NULL ? to[at - from] : -1;
}

/* say - what is wrong with a line, in words that quote one */
static const char *
say(struct batch_reader *reader, const char *what, const char *word)
{
	char line[100];
	int n = snprintf(line, sizeof(line), "%s %.60s", what, word);
	size_t len =
	    safe_put(reader->wrong, sizeof(reader->wrong) - 1, line, n > 0 ? strlen(line) : 0, false);
	reader->wrong[len] = '\0';
	return reader->wrong;
}

static const struct option *
find_option(const struct option *options, const char *name, size_t len)
{
	while (
	    options->name != NULL && (strlen(options->name) != len || memcmp(options->name, name, len) != 0))
		options++;
	return options->name != NULL ? options : NULL;
}

const char *
batch_read(struct batch_reader *reader, const struct batch_words *words)
{
	for (int i = 0; i < words->argc; i++) {
		const char *word = words->argv[i], *equals = strchr(word, '='), *value = "", *wrong;
		if (word[0] != '-') {
			wrong = reader->word(reader->arg, word);
			if (wrong != NULL)
				return say(reader, wrong, word);
			continue;
		}
		size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
		const struct option *option =
		    strncmp(word, "--", 2) == 0 ? find_option(reader->options, word + 2, len - 2) : NULL;
		if (option == NULL)
			return say(reader, "there is no option", word);
		if (option->takes_value && equals == NULL && i + 1 >= words->argc)
			return say(reader, "there is no value for option", word);
		if (!option->takes_value && equals != NULL)
			return say(reader, "this option takes no value:", word);
		if (option->takes_value)
			value = equals != NULL ? equals + 1 : words->argv[++i];
		wrong = reader->option(reader->arg, option->id, value);
		if (wrong != NULL)
			return say(reader, wrong,
			    wrong != batch_not_in_line && option->takes_value ? value : word);
	}
	return NULL;
}

/* split - words of a line in place: by spaces, or in double quotes; a message, or NULL */
static const char *
split(char *line, struct batch_words *words, char **room)
{
	char *p = line, *out = line;
	words->argv = room;
	words->argc = 0;
	for (;;) {
		bool is_quoted = false;
		p += strspn(p, " \t");
		if (*p == '\0')
			break;
		if (words->argc == WORDS_MAX)
			return "there are too many words in this line";
		room[words->argc++] = out;
		for (; *p != '\0' && (is_quoted || (*p != ' ' && *p != '\t')); p++) {
			int octet = *p == '\\' ? unescape(p[1]) : -1;
			if (octet >= 0)
				p++;
			if (octet < 0 && *p == '"')
				is_quoted = !is_quoted;
			else
				*out++ = octet >= 0 ? (char)octet : *p;
		}
		if (is_quoted)
			return "a quote is not closed";
		if (*p != '\0')
			p++;
		*out++ = '\0';
	}
	room[words->argc] = NULL;
	return words->argc > 0 ? NULL : "the line is empty";
}

/* slot_for - the slot of line n, which is free */
static struct slot *
slot_for(struct run *run, int64_t n)
{
	size_t i = (size_t)(n % WINDOW);
	if (run->checks->unordered) /* there is room, so one of them is free */
		for (i = 0; run->slots[i].n != 0; i++)
			continue;
	run->slots[i] = (struct slot){ .n = n };
	return &run->slots[i];
}

/* begin_line - a job for one line of len octets, or its error */
static void
begin_line(struct run *run, char *line, size_t len, bool is_too_long)
{
	char *room[WORDS_MAX + 1];
	struct batch_words words = { 0, room };
	struct slot *slot = slot_for(run, run->next++);
	const char *wrong = NULL;
	int error = MH_OK;

	if (slot->n <= run->skip_lines)
		return; /* an earlier run has printed it */
	if (is_too_long)
		wrong = "the line is too long";
	else if (strlen(line) != len)
		wrong = "there is a NUL in the line";
	else
		wrong = split(line, &words, room);
	if (wrong == NULL)
		slot->job = run->check->start(run->check->arg, &words, &wrong);
	if (slot->job != NULL)
		error = mh_loop_add(run->loop, slot->job);
	if (slot->job != NULL && error == MH_OK) {
		run->in_flight++;
		return;
	}
	mh_job_free(slot->job);
	if (error == MH_EINVAL)
		wrong = "there is nothing to look at: give a domain that can exist";
	else if (error != MH_OK)
		wrong = mh_strerror(error);
	end_slot(run, slot, NULL, wrong);
}

static bool
has_room(const struct run *run)
{
	return run->in_flight < IN_FLIGHT && run->held < HELD_MAX &&
	    (run->checks->unordered || run->next - run->first < WINDOW);
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
				begin_line(run, line, 0, true);
			run->skips = true;
			at = run->len;
			break;
		}
		size_t len = end != NULL ? (size_t)(end - line) : run->len - at;
		at += len + (end != NULL ? 1 : 0);
		if (len > 0 && line[len - 1] == '\r')
			len--;
		line[len] = '\0';
		if (!run->skips)
			begin_line(run, line, len, false);
		run->skips = false;
	}
	memmove(run->in, run->in + at, run->len - at);
	run->len -= at;
	run->taken += (int64_t)at;
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

/* slot_of - the slot whose job it is */
static struct slot *
slot_of(struct run *run, const mh_job *job)
{
	int64_t n = run->checks->unordered ? 0 : run->first;
	while (run->slots[n % WINDOW].job != job)
		n++;
	return &run->slots[n % WINDOW];
}

/* goes_on - whether a job that is done wants to know more and is under way again; else *error says how it ended */
static bool
goes_on(struct run *run, struct slot *slot, int *error)
{
	*error = run->check->more != NULL ? run->check->more(run->check->arg, slot->job) : MH_OK;
	if (*error != MH_WAIT)
		return false;
	*error = slot->rounds++ < ROUNDS ? mh_loop_add(run->loop, slot->job) : MH_ESTATE;
	return *error == MH_OK;
}

/* take_done - jobs that are done */
static void
take_done(struct run *run)
{
	mh_job *job;
	while ((job = mh_loop_next_done(run->loop)) != NULL) {
		struct slot *slot = slot_of(run, job);
		int error;
		if (goes_on(run, slot, &error))
			continue;
		const char *json = error == MH_OK ? mh_job_json(job) : "";
		if (error == MH_OK && json[0] == '\0')
			error = MH_ENOMEM;
		run->in_flight--;
		end_slot(run, slot, json, error != MH_OK ? mh_strerror(error) : NULL);
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

	/* A signal may come just before the wait. */
	if (timeout < 0 || timeout > 1000)
		timeout = 1000;
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
		show_progress(run);
	}
}

/* begin - what the run starts from; the exit status */
static int
begin(struct run *run, mh_ctx *ctx)
{
	struct sigaction action = { .sa_handler = stop };
	const char *resume = run->checks->resume;
	struct stat in;

	run->first = run->next = 1;
	run->size = fstat(STDIN_FILENO, &in) == 0 && S_ISREG(in.st_mode) ? (int64_t)in.st_size : -1;
	run->shows_progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	run->began_ms = now_ms();
	if (resume != NULL) {
		struct place place;
		run->skip_lines = run->saved = read_state(resume, &place);
		if (run->skip_lines < 0)
			return complain(EXIT_INPUT, "%s is no file of --resume", resume);
		int status = cut_output(&place);
		if (status != EXIT_FINE)
			return status;
		save_state(run, false);
		if (run->status != EXIT_FINE)
			return run->status;
		(void)sigaction(SIGINT, &action, NULL);
		(void)sigaction(SIGTERM, &action, NULL);
	}
	return checks_loop(run->checks, ctx, &run->loop);
}

int
checks_batch(const struct checks *checks, mh_ctx *ctx, const struct batch_check *check)
{
	struct run *run = calloc(1, sizeof(*run));
	if (run == NULL)
		return complain(EXIT_OURS, "out of memory");
	run->checks = checks;
	run->check = check;
	run->status = begin(run, ctx);
	run_all(run);
	int status = out_flush();
	if (status == EXIT_FINE && run->status == EXIT_FINE)
		save_state(run, true);
	end_progress(run);
	for (size_t i = 0; i < WINDOW; i++) {
		mh_job_free(run->slots[i].job);
		free(run->slots[i].object);
	}
	mh_loop_free(run->loop);
	if (run->status != EXIT_FINE)
		status = run->status;
	else if (status == EXIT_FINE && run->bad > 0)
		status = EXIT_BAD_LINES;
	free(run);
	return status;
}
