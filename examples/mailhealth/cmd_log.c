/* cmd_log.c - mailhealth log: whole mail logs summed up, or followed, or line by line
 *
 * Opens every file before anything is printed, reads the oldest first, and
 * gives their octets to the library as they are.  Only following and --batch
 * look at single lines.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mailhealth.h>

#include "input.h"

static const char help[] = //
    "Usage: mailhealth log [options] [FILE... | -]\n"
    "\n"
    "Reads mail logs of Postfix, Sendmail, Exim, OpenSMTPD or qmail, packed ones (.gz) too,\n"
    "and shows what was put off or refused, by receiver and reason, the worst first, with\n"
    "what to do; limits that receivers keep to themselves; forwarding that breaks; TLS\n"
    "faults.  Of several files the oldest is read first.  Without FILE, or with -, standard\n"
    "input is read.  From the journal: journalctl -u postfix -o export | mailhealth log -\n"
    "\n"
    "  -f, --follow         go on reading as the file grows; show each failed delivery as it\n"
    "                       comes, and the summary at the end (Ctrl-C)\n"
    "      --top N          show so many causes; the default is 10\n"
    "      --unknown        print drafts of rules for replies that no rule knows\n"
    "  -v, --verbose        show advice and samples for every cause\n"
    "      --json           print one JSON object; with -f also one for each failed delivery\n"
    "      --batch          a log line a line on standard input, a JSON object a line\n"
    "\n"
    "      --utc-offset +HHMM  offset of times without a zone; the default is this machine's\n"
    "      --now UNIXTIME   the present, for times without a year\n"
    "\n"
    "Rules of your own, see mailhealth-rules(5); may be given more than once:\n"
    "      --rules FILE     decide over all others\n"
    "      --site-rules FILE  decide over the built-in ones\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 the log was read, whatever it says; 64 usage; 66 unreadable input or\n"
    "rules; 70 our own failure.\n";

enum { OPT_FOLLOW = 1, OPT_TOP, OPT_UNKNOWN };

static const struct option options[] = {
	{ "follow", 'f', false, OPT_FOLLOW },
	{ "top", 0, true, OPT_TOP },
	{ "unknown", 0, false, OPT_UNKNOWN },
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "unordered", 0, false, OPT_UNORDERED },
	{ "utc-offset", 0, true, OPT_UTC_OFFSET },
	{ "now", 0, true, OPT_NOW },
	{ "rules", 0, true, OPT_RULES },
	{ "site-rules", 0, true, OPT_SITE_RULES },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

#define LATEST 10 /* of the failures that a followed file held before */
#define CHUNK 262144

/* A line that is shown later: the file's last failures before it was followed. */
struct kept {
	char *line;
	size_t len;
	int64_t n;
};

/* One run of the subcommand. */
struct run {
	struct common common;
	mh_summary *summary;
	mh_log *log; /* for --batch and following only */
	size_t top; /* groups that are shown */
	bool unknown, follow;
	struct input *inputs; /* as many as words */

	struct kept latest[LATEST]; /* a ring */
	size_t kept;
	bool caught_up; /* failures are shown as they come */
	bool damaged; /* a packed file was, and it has been told */
};

/* -------------------------------------------------------------------- whole logs */

static int
make_summary(struct run *run)
{
	run->summary = mh_summary_new(run->common.ctx);
	if (run->summary == NULL ||
	    mh_summary_set_int(run->summary, MH_OPT_NOW, run->common.clock.now_s) != MH_OK ||
	    mh_summary_set_int(run->summary, MH_OPT_UTC_OFFSET, run->common.clock.offset_s) != MH_OK)
		return complain(EXIT_OURS, "out of memory");
	return EXIT_FINE;
}

/* took - whether the library took what it was fed; a damaged file is told of once and counted as far as it goes */
static int
took(struct run *run, int error, const char *name)
{
	if (error == MH_EIO) {
		if (!run->damaged)
			complain(EXIT_INPUT,
			    "%s: the packed data is damaged or cut short; what could be read is counted",
			    name);
		run->damaged = true;
		return EXIT_FINE;
	}
	return error == MH_OK ? EXIT_FINE : complain(EXIT_OURS, "%s", mh_strerror(error));
}

static int
show(struct run *run)
{
	stop_release();
	int status = EXIT_FINE;
	if (run->common.json) {
		const char *json = mh_summary_json(run->summary);
		if (json[0] == '\0')
			return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
		(void)puts(json);
		status = out_flush();
	} else if (run->unknown) {
		status = log_unknown(run->summary);
	} else {
		status = log_screen(run->summary, &run->common.clock, run->top, run->common.verbose,
		    stop_wanted());
	}
	return status == EXIT_FINE && run->damaged ? EXIT_INPUT : status;
}

/* read_all - the rest of one file */
static int
read_all(struct run *run, int fd, const char *name, struct progress *progress)
{
	static char octets[CHUNK];
	ptrdiff_t n;

	while ((n = input_read(fd, octets, sizeof(octets))) > 0) {
		int status = took(run, mh_summary_feed(run->summary, octets, (size_t)n), name);
		if (status != EXIT_FINE)
			return status;
		progress->done += n;
		progress_tell(progress, mh_summary_int(run->summary, MH_SUMMARY_LINES));
	}
	if (n < 0) {
		progress_end(progress);
		return complain(EXIT_INPUT, "%s: %s", name, strerror(errno));
	}
	int error = mh_summary_end(run->summary);
	return took(run, stop_wanted() && error == MH_EIO ? MH_OK : error, name);
}

static int
sum_up(struct run *run)
{
	struct progress progress;
	int64_t total = 0;
	int status = EXIT_FINE;

	for (size_t i = 0; i < run->common.count && total >= 0; i++)
		total = run->inputs[i].size >= 0 ? total + run->inputs[i].size : -1;
	progress_begin(&progress, total);
	stop_catch();
	for (size_t i = 0; i < run->common.count && status == EXIT_FINE && !stop_wanted(); i++) {
		struct input *input = &run->inputs[i];
		status = input_reopen(input);
		if (status == EXIT_FINE)
			status = read_all(run, input->fd, input->name, &progress);
		input_close(input);
	}
	progress_end(&progress);
	return status == EXIT_FINE ? show(run) : status;
}

int
log_from(const struct common *common, size_t top, const char *head, size_t len, int fd, const char *name)
{
	struct run run = { .common = *common, .top = top };
	struct progress progress;
	int status = make_summary(&run);

	progress_begin(&progress, -1);
	stop_catch();
	if (status == EXIT_FINE)
		status = took(&run, mh_summary_feed(run.summary, head, len), name);
	progress.done = (int64_t)len;
	if (status == EXIT_FINE)
		status = read_all(&run, fd, name, &progress);
	progress_end(&progress);
	if (status == EXIT_FINE)
		status = show(&run);
	mh_summary_free(run.summary);
	return status;
}

/* ------------------------------------------------------------------- line by line */

static int
parse(struct run *run, int64_t n, const char *line, size_t len)
{
	int error = mh_log_set_int(run->log, MH_OPT_LINE_NUMBER, n);
	return error == MH_OK ? mh_log_parse(run->log, line, len) : error;
}

static const char *
explain_line(void *arg, int64_t n, const char *line, size_t len)
{
	struct run *run = arg;
	int error = parse(run, n, line, len);
	const char *json = error == MH_OK ? mh_log_json(run->log) : "";
	if (json[0] == '\0')
		return mh_strerror(error != MH_OK ? error : MH_ENOMEM);
	(void)puts(json);
	return NULL;
}

/* show_failure - the line that was parsed, if a delivery failed in it */
static void
show_failure(struct run *run)
{
	if (run->common.json) {
		(void)puts(mh_log_json(run->log));
		return;
	}
	struct screen screen;
	screen_init(&screen);
	if (!isatty(STDOUT_FILENO))
		screen.width = 100; /* a row is one line and has much to tell */
	log_row(&screen, run->log, &run->common.clock);
	(void)screen_end(&screen);
}

/* keep - for later, in place of the oldest one */
static int
keep(struct run *run, int64_t n, const char *line, size_t len)
{
	struct kept *kept = &run->latest[run->kept % LATEST];
	char *copy = realloc(kept->line, len > 0 ? len : 1);
	if (copy == NULL)
		return complain(EXIT_OURS, "out of memory");
	memcpy(copy, line, len);
	kept->line = copy;
	kept->len = len;
	kept->n = n;
	run->kept++;
	return EXIT_FINE;
}

static int
follow_line(void *arg, int64_t n, const char *line, size_t len)
{
	struct run *run = arg;
	int error = parse(run, n, line, len);
	if (error != MH_OK)
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	if (!log_is_failure(run->log))
		return EXIT_FINE;
	if (!run->caught_up)
		return keep(run, n, line, len);
	show_failure(run);
	return EXIT_FINE;
}

/* catch_up - all that was there is read: its last failures, then the new ones as they come */
static int
catch_up(struct run *run)
{
	size_t first = run->kept > LATEST ? run->kept - LATEST : 0;
	for (size_t i = first; i < run->kept; i++) {
		const struct kept *kept = &run->latest[i % LATEST];
		int error = parse(run, kept->n, kept->line, kept->len);
		if (error != MH_OK)
			return complain(EXIT_OURS, "%s", mh_strerror(error));
		show_failure(run);
	}
	run->caught_up = true;
	return EXIT_FINE;
}

/* follow - the last file goes on; those before it are read to their ends */
static int
follow_one(struct run *run, struct input *input, bool last)
{
	static char octets[65536];
	struct lines lines = { .one = follow_line, .arg = run };
	struct follow follow;
	int status = input_reopen(input);
	if (status != EXIT_FINE)
		return status;
	if (!follow_begin(&follow, input))
		return complain(EXIT_INPUT, "%s: %s", input->name, strerror(errno));
	if (!follow.regular)
		run->caught_up = last || run->caught_up; /* nobody knows what of it is old */

	for (bool done = false; !done && status == EXIT_FINE;) {
		size_t got = 0;
		switch (follow_read(&follow, octets, sizeof(octets), &got)) {
		case FOLLOW_DATA:
			status = took(run, mh_summary_feed(run->summary, octets, got), input->name);
			if (status == EXIT_FINE)
				status = lines_feed(&lines, octets, got);
			if (status == EXIT_FINE && run->caught_up)
				status = out_flush();
			break;
		case FOLLOW_ANEW:
			status = lines_end(&lines);
			if (status == EXIT_FINE)
				status = took(run, mh_summary_end(run->summary), input->name);
			break;
		case FOLLOW_IDLE:
			done = !last && follow.regular;
			if (last && !run->caught_up)
				status = catch_up(run);
			if (status == EXIT_FINE)
				status = out_flush();
			break;
		case FOLLOW_END:
			done = true;
			break;
		case FOLLOW_FAILED:
			status = complain(EXIT_INPUT, "%s: %s", input->name, strerror(errno));
			break;
		}
	}
	if (status == EXIT_FINE)
		status = lines_end(&lines);
	if (status == EXIT_FINE)
		status = took(run, mh_summary_end(run->summary), input->name);
	free(lines.p);
	input_close(input);
	return status;
}

static int
follow(struct run *run)
{
	int status = EXIT_FINE;
	for (size_t i = 0; i < run->common.count; i++)
		if (run->inputs[i].packed)
			return complain(EXIT_INPUT,
			    "%s is packed and will not grow; leave it out, or leave out --follow",
			    run->inputs[i].name);
	stop_catch();
	for (size_t i = 0; i < run->common.count && status == EXIT_FINE && !stop_wanted(); i++)
		status = follow_one(run, &run->inputs[i], i + 1 == run->common.count);
	if (status == EXIT_FINE && !run->caught_up)
		status = catch_up(run);
	if (status == EXIT_FINE && !run->common.json && !run->unknown && isatty(STDOUT_FILENO))
		(void)puts("");
	return status == EXIT_FINE ? show(run) : status;
}

/* ------------------------------------------------------------------------ options */

static int
set_top(struct run *run, const char *value)
{
	size_t len = strlen(value);
	if (len == 0 || len > 6 || strspn(value, "0123456789") != len)
		return complain(EXIT_USAGE, "--top takes a number, not '%.80s'", value);
	run->top = (size_t)strtoul(value, NULL, 10);
	return EXIT_FINE;
}

static int
set_option(void *arg, int id, const char *value)
{
	struct run *run = arg;
	switch (id) {
	case OPT_FOLLOW:
		run->follow = true;
		return EXIT_FINE;
	case OPT_TOP:
		return set_top(run, value);
	case OPT_UNKNOWN:
		run->unknown = true;
		return EXIT_FINE;
	default:
		return common_set(&run->common, id, value);
	}
}

/* check - whether what was asked for goes together */
static int
check(const struct run *run)
{
	if (run->common.batch && run->common.count > 0)
		return complain(EXIT_USAGE, "--batch reads lines from standard input; leave out the files");
	if (run->common.batch && (run->follow || run->unknown))
		return complain(EXIT_USAGE, "--batch goes together with neither --follow nor --unknown");
	if (run->unknown && run->common.json)
		return complain(EXIT_USAGE, "--unknown prints rules; the JSON object has them anyway");
	if (run->common.count == 0)
		return input_wants_word("log", "/var/log/mail.log");
	return EXIT_FINE;
}

/* open_inputs - all that were named, or standard input; nothing is read before all of them are there */
static int
open_inputs(struct run *run)
{
	if (run->common.count == 0)
		run->common.words[run->common.count++] = "-";
	run->inputs = calloc(run->common.count, sizeof(*run->inputs));
	if (run->inputs == NULL)
		return complain(EXIT_OURS, "out of memory");
	for (size_t i = 0; i < run->common.count; i++)
		run->inputs[i].fd = -1;
	for (size_t i = 0; i < run->common.count; i++) {
		int status = input_open(&run->inputs[i], run->common.words[i]);
		if (status != EXIT_FINE)
			return status;
	}
	inputs_sort(run->inputs, run->common.count, run->common.ctx, &run->common.clock);
	return EXIT_FINE;
}

static int
work(struct run *run)
{
	if (run->common.batch) {
		run->log = mh_log_new(run->common.ctx);
		if (run->log == NULL)
			return complain(EXIT_OURS, "out of memory");
		(void)mh_log_set_int(run->log, MH_OPT_NOW, run->common.clock.now_s);
		(void)mh_log_set_int(run->log, MH_OPT_UTC_OFFSET, run->common.clock.offset_s);
		return batch_run_as_is("log", explain_line, run);
	}
	int status = open_inputs(run);
	if (status == EXIT_FINE)
		status = make_summary(run);
	if (status != EXIT_FINE)
		return status;
	if (!run->follow)
		return sum_up(run);
	run->log = mh_log_new(run->common.ctx);
	if (run->log == NULL)
		return complain(EXIT_OURS, "out of memory");
	(void)mh_log_set_int(run->log, MH_OPT_NOW, run->common.clock.now_s);
	(void)mh_log_set_int(run->log, MH_OPT_UTC_OFFSET, run->common.clock.offset_s);
	return follow(run);
}

int
cmd_log(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, common_word };
	struct run run = { .top = 10 };
	bool done = false;
	int status = common_init(&run.common, argc);

	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done)
		status = check(&run);
	if (status == EXIT_FINE && !done)
		status = rules_use(run.common.ctx, run.common.rules);
	if (status == EXIT_FINE && !done)
		status = work(&run);
	for (size_t i = 0; run.inputs != NULL && i < run.common.count; i++)
		input_close(&run.inputs[i]);
	for (size_t i = 0; i < LATEST; i++)
		free(run.latest[i].line);
	free(run.inputs);
	mh_log_free(run.log);
	mh_summary_free(run.summary);
	common_free(&run.common);
	return status;
}
