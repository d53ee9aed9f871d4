/* cmd_bounce.c - mailhealth bounce: explains returned messages, one, many, or a whole mailbox
 *
 * Files are read as streams, one message in memory at a time, so an mbox may be
 * of any size and come from a pipe.  A Maildir is a folder with cur/ and new/.
 */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailhealth.h>

#include "input.h"

static const char help[] = //
    "Usage: mailhealth bounce [options] FILE... | -\n"
    "\n"
    "Explains bounce messages: for each recipient what became of the message, why, who must\n"
    "act, and what to do.  FILE is a message as your mail program saves it, source and all\n"
    "(.eml), an mbox with many of them, or a Maildir.  Delay warnings, automatic answers and\n"
    "complaints are told apart.  With -, a message or an mbox is read from standard input.\n"
    "\n"
    "  -v, --verbose        show also rule, evidence, codes and what was odd\n"
    "      --json           print one JSON object for each recipient\n"
    "      --batch          a file name a line on standard input, JSON objects for each\n"
    "\n"
    "Rules of your own, see mailhealth-rules(5); may be given more than once:\n"
    "      --rules FILE     decide over all others\n"
    "      --site-rules FILE  decide over the built-in ones\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 the messages were read, whatever they mean; 1 --batch had bad lines;\n"
    "64 usage; 66 unreadable input or rules; 70 our own failure.\n";

static const struct option options[] = {
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "unordered", 0, false, OPT_UNORDERED },
	{ "rules", 0, true, OPT_RULES },
	{ "site-rules", 0, true, OPT_SITE_RULES },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

#define MESSAGE_MAX ((size_t)64 << 20) /* of one message; what lies beyond is attachments */
#define PIECE ((size_t)64 << 10)
#define FIRST_ROOM ((size_t)256 << 10)
#define FROM_LINE 1024 /* octets in which a "From " line of an mbox can be told whole */

/* One run of the subcommand. */
struct run {
	struct common common;
	mh_bounce *bounce;
	struct bounce_tally *tally; /* NULL: JSON is printed */
	bool alone; /* one file, and what is in it may be one message */
	int64_t n; /* objects so far; with --batch the line */
	int64_t objects; /* of this line */
	struct progress progress;

	char *p; /* the message that is being read, and what was read behind it */
	size_t at, len, room; /* at: where it begins */
	size_t searched; /* up to where no other one begins */
};

/* ---------------------------------------------------------------- one message */

/* put_json - an object for each recipient, or one if there is none.  "n" counts all objects; with
 * --batch it is the input line of all of them. */
static int
put_json(struct run *run)
{
	static const char begin[] = "{\"schema\":1,\"n\":";
	size_t count = mh_bounce_count(run->bounce);
	for (size_t i = 0; i == 0 || i < count; i++) {
		const char *json = mh_bounce_json(run->bounce, i);
		if (json[0] == '\0')
			return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
		if (run->common.batch && i > 0 && strncmp(json, begin, sizeof(begin) - 1) == 0) {
			json += sizeof(begin) - 1;
			json += strspn(json, "0123456789");
			printf("%s%lld", begin, (long long)run->n);
		}
		(void)puts(json);
		run->objects++;
	}
	if (!run->common.batch)
		run->n += count > 0 ? (int64_t)count : 1;
	return EXIT_FINE;
}

static int
explain(struct run *run, const char *message, size_t len, bool alone)
{
	int error =
	    mh_bounce_set_int(run->bounce, MH_OPT_LINE_NUMBER, run->common.batch ? run->n : run->n + 1);
	if (error == MH_OK)
		error = mh_bounce_parse(run->bounce, message, len);
	if (error != MH_OK)
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	return run->tally != NULL ? bounce_screen(run->bounce, run->tally, alone, run->common.verbose)
				  : put_json(run);
}

/* ------------------------------------------------------------------- one stream */

/* more - reads on behind what is there.  Of a message that is too long the middle is lost. */
static int
more(struct run *run, int fd, bool *end)
{
	if (run->at > 0) {
		memmove(run->p, run->p + run->at, run->len - run->at);
		run->len -= run->at;
		run->searched = run->searched > run->at ? run->searched - run->at : 0;
		run->at = 0;
	}
	if (run->room - run->len < PIECE && run->room < MESSAGE_MAX) {
		size_t room = run->room == 0 ? FIRST_ROOM : run->room * 2;
		char *grown = realloc(run->p, room);
		if (grown == NULL)
			return complain(EXIT_OURS, "out of memory");
		run->p = grown;
		run->room = room;
	}
	if (run->len == run->room) { /* but not its end, in which the next one may begin */
		memmove(run->p + run->len - PIECE, run->p + run->len - FROM_LINE, FROM_LINE);
		run->len -= PIECE - FROM_LINE;
		run->searched = run->len - FROM_LINE;
	}
	ptrdiff_t n = input_read(fd, run->p + run->len, run->room - run->len);
	if (n < 0)
		return EXIT_INPUT;
	run->len += (size_t)n;
	run->progress.done += n;
	progress_tell(&run->progress, -1);
	*end = n == 0;
	return EXIT_FINE;
}

/* stream - all messages of a file or pipe; what has been read of it already is in run->p.
 * EXIT_INPUT, not complained about, with errno set if it cannot be read. */
static int
stream(struct run *run, int fd)
{
	bool end = false, first = true;
	int status = EXIT_FINE;

	run->at = run->searched = 0;
	while (!end && run->len < FROM_LINE && status == EXIT_FINE)
		status = more(run, fd, &end);
	if (status != EXIT_FINE)
		return status;
	if (run->len >= 2 && (unsigned char)run->p[0] == 0x1f && (unsigned char)run->p[1] == 0x8b) {
		errno = EILSEQ; /* told by name_error */
		return EXIT_INPUT;
	}
	/* whoever names a file wants to hear of it, even if it is empty */
	if (run->len == 0 && (run->alone || run->common.batch))
		return explain(run, "", 0, run->alone);
	bool mbox = run->len >= 5 && memcmp(run->p, "From ", 5) == 0;
	while (status == EXIT_FINE && run->at < run->len) {
		const char *message = run->p + run->at;
		size_t left = run->len - run->at, next = left;
		size_t from = run->searched > run->at ? run->searched - run->at : 1;
		if (mbox && from < left)
			next = mh_mbox_next(message, left, from);
		/* a boundary counts when its line is here whole */
		if (!end && (next >= left || left - next < FROM_LINE)) {
			run->searched = left > FROM_LINE ? run->len - FROM_LINE : 0;
			status = more(run, fd, &end);
			continue;
		}
		status = explain(run, message, next, run->alone && first && end && next >= left);
		first = false;
		run->at += next;
	}
	return status;
}

/* name_error - what is wrong with a file that stream() could not read */
static const char *
name_error(void)
{
	return errno == EILSEQ ? "is packed; unpack it first: zcat FILE | mailhealth bounce -"
			       : strerror(errno);
}

static int
explain_fd(struct run *run, int fd, const char *name)
{
	run->len = 0;
	int status = stream(run, fd);
	if (status == EXIT_INPUT) {
		progress_end(&run->progress);
		complain(EXIT_INPUT, "%s: %s", name, name_error());
	}
	return status;
}

/* ---------------------------------------------------------------------- Maildir */

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* each_of - every message of one folder, by name, which is by time; EXIT_INPUT as stream() */
static int
each_of(struct run *run, const char *path)
{
	char **names = NULL;
	size_t count = 0, room = 0;
	int status = EXIT_FINE;
	DIR *folder = opendir(path);
	if (folder == NULL)
		return EXIT_INPUT;

	for (const struct dirent *entry; status == EXIT_FINE && (entry = readdir(folder)) != NULL;) {
		if (entry->d_name[0] == '.')
			continue;
		if (count == room) {
			room = room == 0 ? 64 : room * 2;
			char **grown = realloc(names, room * sizeof(*names));
			if (grown == NULL) {
				status = complain(EXIT_OURS, "out of memory");
				break;
			}
			names = grown;
		}
		size_t len = strlen(path) + strlen(entry->d_name) + 2;
		names[count] = malloc(len);
		if (names[count] == NULL)
			status = complain(EXIT_OURS, "out of memory");
		else
			(void)snprintf(names[count++], len, "%s/%s", path, entry->d_name);
	}
	(void)closedir(folder);
	if (count > 0)
		qsort(names, count, sizeof(*names), by_name);
	for (size_t i = 0; i < count && status == EXIT_FINE && !stop_wanted(); i++) {
		struct input input = { .name = names[i], .path = names[i], .fd = -1, .size = 0 };
		struct stat is;
		if (stat(names[i], &is) != 0 || !S_ISREG(is.st_mode))
			continue; /* its mail program has just moved it */
		status = input_reopen(&input);
		if (status == EXIT_FINE)
			status = explain_fd(run, input.fd, names[i]);
		input_close(&input);
		if (status == EXIT_INPUT && run->common.batch)
			status = EXIT_FINE;
	}
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
	return status;
}

static bool
is_folder(const char *path)
{
	struct stat is;
	return stat(path, &is) == 0 && S_ISDIR(is.st_mode);
}

static bool
path_in(char *out, size_t size, const char *path, const char *name)
{
	int n = snprintf(out, size, "%s/%s", path, name);
	return n > 0 && (size_t)n < size;
}

/* is_maildir - whether it has both folders that hold messages */
static bool
is_maildir(const char *path)
{
	char inner[4096];
	return path_in(inner, sizeof(inner), path, "cur") && is_folder(inner) &&
	    path_in(inner, sizeof(inner), path, "new") && is_folder(inner);
}

static int
explain_maildir(struct run *run, const char *path)
{
	static const char *const folders[] = { "new", "cur" };
	char inner[4096];
	int status = EXIT_FINE;
	for (size_t i = 0; i < 2 && status == EXIT_FINE && !stop_wanted(); i++)
		if (path_in(inner, sizeof(inner), path, folders[i]))
			status = each_of(run, inner);
	return status;
}

/* ------------------------------------------------------------------------ batch */

/* explain_name - the messages of one file that a line of the batch names */
static const char *
explain_name(void *arg, int64_t n, const char *name, size_t len)
{
	static char wrong[256];
	struct run *run = arg;
	char path[4096];
	struct input input = { .name = path, .path = path, .fd = -1, .size = 0 };

	if (len == 0 || len >= sizeof(path) || memchr(name, '\0', len) != NULL)
		return "this is no file name";
	memcpy(path, name, len);
	path[len] = '\0';
	run->n = n;
	run->len = 0;
	if (is_maildir(path)) {
		run->objects = 0;
		int status = explain_maildir(run, path);
		return run->objects > 0   ? NULL
		    : status == EXIT_FINE ? "there are no messages in this Maildir"
					  : "this Maildir could not be read";
	}
	input.fd = open(path, O_RDONLY | O_CLOEXEC);
	int status = input.fd >= 0 ? stream(run, input.fd) : EXIT_INPUT;
	const char *error = status == EXIT_INPUT ? name_error() : NULL;
	if (error == NULL && status != EXIT_FINE)
		error = mh_strerror(MH_ENOMEM);
	if (error != NULL) {
		(void)snprintf(wrong, sizeof(wrong), "%s", error);
		error = wrong;
	}
	input_close(&input);
	return error;
}

/* ---------------------------------------------------------------------- options */

static int
set_option(void *run, int id, const char *value)
{
	return common_set(&((struct run *)run)->common, id, value);
}

/* check - whether what was asked for goes together */
static int
check(struct run *run)
{
	if (run->common.batch && run->common.count > 0)
		return complain(EXIT_USAGE,
		    "--batch reads file names from standard input; leave out the files");
	if (!run->common.batch && run->common.count == 0) {
		int status = input_wants_word("bounce", "returned.eml");
		if (status != EXIT_FINE)
			return status;
		run->common.words[run->common.count++] = "-";
	}
	return rules_use(run->common.ctx, run->common.rules);
}

/* prepare - what every run needs */
static int
prepare(struct run *run)
{
	run->bounce = mh_bounce_new(run->common.ctx);
	if (!run->common.json && !run->common.batch)
		run->tally = bounce_tally_new();
	if (run->bounce == NULL || (run->tally == NULL && !run->common.json && !run->common.batch))
		return complain(EXIT_OURS, "out of memory");
	return EXIT_FINE;
}

static void
clear(struct run *run)
{
	free(run->p);
	bounce_tally_free(run->tally);
	mh_bounce_free(run->bounce);
	mh_rules_free(run->common.rules);
}

static int
finish(struct run *run, int status)
{
	progress_end(&run->progress);
	stop_release();
	if (status == EXIT_FINE && run->tally != NULL)
		status = bounce_total(run->tally, stop_wanted());
	return status == EXIT_FINE ? out_flush() : status;
}

int
bounce_from(const struct common *common, const char *head, size_t len, int fd, const char *name)
{
	struct run run = { .common = *common, .alone = true };
	int status = prepare(&run);

	run.room = len > FIRST_ROOM ? len : FIRST_ROOM;
	run.p = malloc(run.room);
	if (status == EXIT_FINE && run.p == NULL)
		status = complain(EXIT_OURS, "out of memory");
	if (status == EXIT_FINE && run.p != NULL) {
		memcpy(run.p, head, len);
		run.len = len;
		stop_catch();
		status = stream(&run, fd);
		if (status == EXIT_INPUT)
			complain(EXIT_INPUT, "%s: %s", name, name_error());
		status = finish(&run, status);
	}
	clear(&run);
	return status;
}

/* explain_all - every file that was named; all of them are there before the first one is read */
static int
explain_all(struct run *run, struct input *inputs)
{
	const char **words = run->common.words;
	size_t count = run->common.count;
	int64_t total = 0;
	int status = EXIT_FINE;

	for (size_t i = 0; i < count; i++)
		inputs[i].fd = -1;
	for (size_t i = 0; i < count && status == EXIT_FINE; i++) {
		struct input *input = &inputs[i];
		if (is_maildir(words[i])) {
			total = -1;
			continue;
		}
		if (is_folder(words[i]))
			return complain(EXIT_INPUT, "%s is a folder, but no Maildir with cur and new in it",
			    words[i]);
		status = input_open(input, words[i]);
		total = total < 0 || input->size < 0 ? -1 : total + input->size;
		if (status == EXIT_FINE && input->packed)
			status = complain(EXIT_INPUT,
			    "%s is packed; unpack it first: zcat %.80s | mailhealth bounce -", words[i],
			    words[i]);
	}
	if (status != EXIT_FINE)
		return status;
	progress_begin(&run->progress, total);
	if (isatty(STDOUT_FILENO))
		run->progress.on = false; /* the answers come as they are found */
	run->alone = count == 1 && !is_maildir(words[0]);
	stop_catch();
	for (size_t i = 0; i < count && status == EXIT_FINE && !stop_wanted(); i++) {
		struct input *input = &inputs[i];
		if (input->name == NULL) {
			status = explain_maildir(run, words[i]);
			continue;
		}
		status = input_reopen(input);
		if (status == EXIT_FINE)
			status = explain_fd(run, input->fd, input->name);
		input_close(input);
	}
	return finish(run, status);
}

int
cmd_bounce(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, common_word };
	struct run run = { .alone = false };
	struct input *inputs = calloc((size_t)argc + 1, sizeof(*inputs));
	bool done = false;
	int status = common_init(&run.common, argc);

	if (status == EXIT_FINE && inputs == NULL)
		status = complain(EXIT_OURS, "out of memory");
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done)
		status = check(&run);
	if (status == EXIT_FINE && !done)
		status = prepare(&run);
	if (status == EXIT_FINE && !done && inputs != NULL)
		status =
		    run.common.batch ? batch_run("bounce", explain_name, &run) : explain_all(&run, inputs);
	for (size_t i = 0; inputs != NULL && i < run.common.count; i++)
		input_close(&inputs[i]);
	clear(&run);
	free(inputs);
	common_free(&run.common);
	return status;
}
