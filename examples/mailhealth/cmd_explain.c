/* cmd_explain.c - mailhealth explain: a reply, lines of a log, or a bounce, whichever it is
 *
 * For what somebody has at hand and pastes.  The library recognises it; then it
 * goes the way of `mailhealth reply`, `log` or `bounce`.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailhealth.h>

#include "explain_check.h"
#include "input.h"

static const char help[] = //
    "Usage: mailhealth explain [options] [FILE | - | TEXT...]\n"
    "\n"
    "Explains what you have at hand: an SMTP reply, one or more lines of a mail log, a whole\n"
    "log, or a bounce message.  It is recognised by itself.  Without FILE, or with -, it is\n"
    "read from standard input: paste it, then press Enter and Ctrl-D.\n"
    "\n"
    "  -v, --verbose        show also rule, evidence, codes and what was odd\n"
    "      --json           print JSON: the objects of reply, log or bounce\n"
    "\n"
    "      --check          also check what would explain it, and tell which fault does:\n"
    "                       asks DNS, and for faults of TLS connects to the server\n"
    "      --domain NAME    the domain that sent it, if that is not said there\n"
    "      --ip IP          the host that sent it, if that is not said there\n"
    "      --helo NAME      what that host says in HELO or EHLO\n"
    "      --selector S     its DKIM selector; may be given more than once\n"
    "      --zone FILE, --overlay, --world FILE, --resolver ADDR, --trust-ad, --timeout S\n"
    "                       who answers, see 'mailhealth domain --help'\n"
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
    "Exit status: 0 the text was read, whatever it means; 64 usage; 66 unreadable input or\n"
    "rules; 70 our own failure.\n";

enum { OPT_CHECK = 1, OPT_DOMAIN, OPT_IP, OPT_HELO, OPT_SELECTOR };

static const struct option options[] = {
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "json", 0, false, OPT_JSON },
	{ "check", 0, false, OPT_CHECK },
	{ "domain", 0, true, OPT_DOMAIN },
	{ "ip", 0, true, OPT_IP },
	{ "helo", 0, true, OPT_HELO },
	{ "selector", 0, true, OPT_SELECTOR },
	{ "zone", 0, true, OPT_ZONE },
	{ "overlay", 0, false, OPT_OVERLAY },
	{ "world", 0, true, OPT_WORLD },
	{ "resolver", 0, true, OPT_RESOLVER },
	{ "trust-ad", 0, false, OPT_TRUST_AD },
	{ "timeout", 0, true, OPT_TIMEOUT },
	{ "utc-offset", 0, true, OPT_UTC_OFFSET },
	{ "now", 0, true, OPT_NOW },
	{ "rules", 0, true, OPT_RULES },
	{ "site-rules", 0, true, OPT_SITE_RULES },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

#define GROUPS 10 /* that are shown of a whole log */
#define FEW_LINES 20 /* lines of a log that are explained one by one */

/* One run of the subcommand. */
struct run {
	struct common common;
	mh_log *log;

	char *text; /* INPUT_MAX octets at most: all, or what a log or mbox begins with */
	size_t len;
	struct input input; /* where more comes from */

	bool checks_it; /* what would explain it */
	struct checks checks;
	struct check_facts facts;
	char *first; /* JSON of the first reply, line or recipient that names checks; NULL none yet */
};

/* ------------------------------------------------------------------------- checks */

/* print_object - of a reply, a line or a recipient; the first that names checks, with what they found */
static int
print_object(struct run *run, const char *json)
{
	if (json[0] == '\0')
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	if (run->checks_it && run->first == NULL && explain_check_wants(json)) {
		run->first = strdup(json);
		return run->first != NULL ? explain_check(&run->common, &run->checks, &run->facts, run->first)
					  : complain(EXIT_OURS, "out of memory");
	}
	(void)puts(json);
	return out_flush();
}

/* keep_object - the first that names checks is kept until all is shown */
static void
keep_object(struct run *run, const char *json)
{
	if (run->checks_it && run->first == NULL && explain_check_wants(json))
		run->first = strdup(json);
}

/* check_first - makes the checks of the object that was kept, below what was shown */
static int
check_first(struct run *run)
{
	if (!run->checks_it || run->common.json)
		return EXIT_FINE;
	if (run->first != NULL)
		return explain_check(&run->common, &run->checks, &run->facts, run->first);
	return complain(EXIT_USAGE,
	    "nothing was checked: no check would explain it; of a log, give the line itself");
}

/* ------------------------------------------------------------------------ replies */

static int
explain_reply(struct run *run)
{
	mh_reply *reply = mh_reply_new(run->common.ctx);
	int error = reply != NULL ? mh_reply_parse(reply, run->text, run->len) : MH_ENOMEM;
	int status = EXIT_FINE;

	if (error == MH_OK && !run->common.json) {
		status = reply_screen(reply, run->text, run->len, run->common.verbose);
		keep_object(run, mh_reply_json(reply));
	} else if (error == MH_OK) {
		status = print_object(run, mh_reply_json(reply));
	}
	mh_reply_free(reply);
	return error == MH_OK ? status : complain(EXIT_OURS, "%s", mh_strerror(error));
}

/* ---------------------------------------------------------------------- log lines */

/* count_lines - of the text, up to one more than are explained one by one */
static size_t
count_lines(const struct run *run)
{
	size_t count = 0;
	for (size_t i = 0; i < run->len && count <= FEW_LINES; i++)
		count += run->text[i] == '\n' || i + 1 == run->len;
	return count;
}

/* Which lines of the log have something to tell, and how many have not. */
struct told {
	struct screen screen;
	size_t count, lines, silent;
	char causes[FEW_LINES][80];
	size_t known;
};

/* is_known - whether an earlier line had the same cause; else it is noted */
static bool
is_known(struct told *told, mh_log *log)
{
	char cause[80];
	mh_reply *reply = mh_log_reply(log);
	if (reply == NULL || mh_log_str(log, MH_LOG_TEXT)[0] == '\0')
		return false;
	(void)snprintf(cause, sizeof(cause), "%s %s %s", mh_reply_str(reply, MH_REPLY_REASON),
	    mh_reply_str(reply, MH_REPLY_PERMANENCE), mh_reply_str(reply, MH_REPLY_RULE));
	for (size_t i = 0; i < told->known; i++)
		if (strcmp(told->causes[i], cause) == 0)
			return true;
	if (told->known < FEW_LINES)
		memcpy(told->causes[told->known++], cause, sizeof(cause));
	return false;
}

/* says_something - whether a line is about a delivery or a fault, or the only one there is and can be read */
static bool
says_something(mh_log *log, size_t lines)
{
	const char *event = mh_log_str(log, MH_LOG_EVENT);
	if (lines == 1)
		return event[0] != '\0';
	return strcmp(event, "delivery") == 0 || strcmp(event, "attempt") == 0 ||
	    strcmp(event, "reject") == 0 || mh_log_str(log, MH_LOG_CAUSE)[0] != '\0';
}

static int
explain_line(struct run *run, struct told *told, const char *line, size_t len, int64_t n)
{
	int error = mh_log_set_int(run->log, MH_OPT_LINE_NUMBER, n);
	if (error == MH_OK)
		error = mh_log_parse(run->log, line, len);
	if (error != MH_OK)
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	if (run->common.json)
		return print_object(run, mh_log_json(run->log));
	keep_object(run, mh_log_json(run->log));
	if (!says_something(run->log, told->lines)) {
		told->silent++;
		return EXIT_FINE;
	}
	if (told->count++ > 0)
		screen_line(&told->screen);
	log_put(&told->screen, run->log, &run->common.clock, told->lines > 1 ? n : 0,
	    is_known(told, run->log), run->common.verbose);
	return EXIT_FINE;
}

static int
explain_lines(struct run *run, size_t lines)
{
	struct told told = { .lines = lines };
	int status = EXIT_FINE;
	int64_t n = 1;

	screen_init(&told.screen);
	for (size_t at = 0; at < run->len && status == EXIT_FINE; n++) {
		const char *lf = memchr(run->text + at, '\n', run->len - at);
		size_t len = lf != NULL ? (size_t)(lf - run->text) - at : run->len - at;
		status = explain_line(run, &told, run->text + at, len, n);
		at += len + (lf != NULL ? 1 : 0);
	}
	if (told.count == 0 && !run->common.json)
		screen_text(&told.screen, STYLE_PLAIN, 0,
		    "This tells of no delivery and no fault: give the lines with the same queue id that say "
		    "status=, stat=, ==, ** or result=.");
	else if (told.silent > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, (int64_t)told.silent, "other line says", "other lines say");
		text_add(&line, " nothing about what became of a message.");
		screen_line(&told.screen);
		screen_text(&told.screen, STYLE_PLAIN, 0, line.p);
	}
	int ended = screen_end(&told.screen);
	return status != EXIT_FINE ? status : ended;
}

/* has_reply - whether one line that cannot be read as a log's has a server's reply in it all the same: of another
 * program, or with a queue id that somebody made unreadable */
static bool
has_reply(struct run *run)
{
	if (mh_log_parse(run->log, run->text, run->len) != MH_OK ||
	    mh_log_str(run->log, MH_LOG_EVENT)[0] != '\0')
		return false;
	mh_reply *reply = mh_reply_new(run->common.ctx);
	bool has = reply != NULL && mh_reply_parse(reply, run->text, run->len) == MH_OK &&
	    mh_reply_int(reply, MH_REPLY_CODE) != MH_UNKNOWN;
	mh_reply_free(reply);
	return has;
}

static int
explain_log(struct run *run)
{
	size_t lines = count_lines(run);
	if (lines > FEW_LINES || (lines > 0 && (unsigned char)run->text[0] == 0x1f))
		return log_from(&run->common, GROUPS, run->text, run->len, run->input.fd, run->input.name);
	run->log = mh_log_new(run->common.ctx);
	if (run->log == NULL || mh_log_set_int(run->log, MH_OPT_NOW, run->common.clock.now_s) != MH_OK ||
	    mh_log_set_int(run->log, MH_OPT_UTC_OFFSET, run->common.clock.offset_s) != MH_OK)
		return complain(EXIT_OURS, "out of memory");
	return lines == 1 && has_reply(run) ? explain_reply(run) : explain_lines(run, lines);
}

/* explain_bounce - one message, with the checks that its first recipient names */
static int
explain_bounce(struct run *run)
{
	mh_bounce *bounce = mh_bounce_new(run->common.ctx);
	int error = bounce != NULL ? mh_bounce_parse(bounce, run->text, run->len) : MH_ENOMEM;
	int status = EXIT_FINE;

	if (error != MH_OK)
		status = complain(EXIT_OURS, "%s", mh_strerror(error));
	else if (!run->common.json)
		status = bounce_from(&run->common, run->text, run->len, run->input.fd, run->input.name);
	for (size_t i = 0; status == EXIT_FINE && (i == 0 || i < mh_bounce_count(bounce)); i++) {
		if (run->common.json)
			status = print_object(run, mh_bounce_json(bounce, i));
		else
			keep_object(run, mh_bounce_json(bounce, i));
	}
	mh_bounce_free(bounce);
	return status;
}

static int
explain(struct run *run)
{
	const char *kind = mh_recognise(run->text, run->len);
	bool packed =
	    run->len >= 2 && (unsigned char)run->text[0] == 0x1f && (unsigned char)run->text[1] == 0x8b;

	if (packed || strcmp(kind, "log") == 0) /* logs are packed when they are rotated */
		return explain_log(run);
	if (strcmp(kind, "bounce") == 0 && run->checks_it)
		return explain_bounce(run);
	if (strcmp(kind, "bounce") == 0)
		return bounce_from(&run->common, run->text, run->len, run->input.fd, run->input.name);
	return explain_reply(run);
}

/* ------------------------------------------------------------------------- input */

/* read_text - all of it, or so much that its kind is known */
static int
read_text(struct run *run)
{
	run->text = malloc(INPUT_MAX);
	if (run->text == NULL)
		return complain(EXIT_OURS, "out of memory");
	int status = input_reopen(&run->input);
	if (status != EXIT_FINE)
		return status;
	if (run->input.path == NULL && isatty(STDIN_FILENO))
		(void)fputs("Paste it, then press Enter and Ctrl-D.\n", stderr);
	while (run->len < INPUT_MAX) {
		ptrdiff_t n = read_some(run->input.fd, run->text + run->len, INPUT_MAX - run->len);
		if (n < 0)
			return complain(EXIT_INPUT, "%s: %s", run->input.name, strerror(errno));
		if (n == 0)
			break;
		run->len += (size_t)n;
	}
	return EXIT_FINE;
}

/* join - words of the command line, which are the text itself */
static int
join(struct run *run, const char **words, size_t count)
{
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len += strlen(words[i]) + 1;
	run->text = malloc(len + 1);
	if (run->text == NULL)
		return complain(EXIT_OURS, "out of memory");
	for (size_t i = 0; i < count; i++) {
		size_t word = strlen(words[i]);
		memcpy(run->text + run->len, words[i], word);
		run->len += word;
		if (i + 1 < count)
			run->text[run->len++] = ' ';
	}
	return input_open(&run->input, "/dev/null"); /* nothing more comes */
}

/* take_words - one word is a file, unless it has a space in it and there is no such file */
static int
take_words(struct run *run)
{
	const char **words = run->common.words;
	size_t count = run->common.count;
	struct stat is;
	if (count == 0) {
		int status = input_wants_word("explain", "returned.eml");
		if (status != EXIT_FINE)
			return status;
		words[count++] = "-";
	}
	bool is_text = count > 1 || strpbrk(words[0], " \t\n") != NULL;
	if (is_text && (count > 1 || stat(words[0], &is) != 0))
		return join(run, words, count);
	int status = input_open(&run->input, words[0]);
	return status == EXIT_FINE ? read_text(run) : status;
}

/* ----------------------------------------------------------------------- options */

static int
set_option(void *arg, int id, const char *value)
{
	struct run *run = arg;
	switch (id) {
	case OPT_CHECK:
		run->checks_it = true;
		return EXIT_FINE;
	case OPT_DOMAIN:
		run->facts.domain = value;
		return checks_is_domain(value) ? EXIT_FINE
					       : complain(EXIT_USAGE, "this is no domain: '%.200s'", value);
	case OPT_IP:
		run->facts.ip = value;
		return checks_is_address(value) ? EXIT_FINE
						: complain(EXIT_USAGE, "this is no address: '%.80s'", value);
	case OPT_HELO:
		run->facts.helo = value;
		return EXIT_FINE;
	case OPT_SELECTOR:
		if (run->facts.selectors_count == CHECK_SELECTORS)
			return complain(EXIT_USAGE, "there are too many selectors");
		run->facts.selectors[run->facts.selectors_count++] = value;
		return EXIT_FINE;
	case OPT_NOW: /* of the text, and of the checks */
		if (checks_set(&run->checks, run->common.ctx, id, value) != EXIT_FINE)
			return EXIT_USAGE;
		return common_set(&run->common, id, value);
	default:
		break;
	}
	int status = checks_set(&run->checks, run->common.ctx, id, value);
	return status >= 0 ? status : common_set(&run->common, id, value);
}

int
cmd_explain(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, common_word };
	struct run run = { .input = { .fd = -1 } };
	bool done = false;
	int status = common_init(&run.common, argc);

	checks_init(&run.checks);
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done)
		status = rules_use(run.common.ctx, run.common.rules);
	if (status == EXIT_FINE && !done)
		status = take_words(&run);
	if (status == EXIT_FINE && !done)
		status = explain(&run);
	if (status == EXIT_FINE && !done)
		status = check_first(&run);
	input_close(&run.input);
	free(run.text);
	free(run.first);
	checks_free(&run.checks);
	mh_log_free(run.log);
	common_free(&run.common);
	return status;
}
