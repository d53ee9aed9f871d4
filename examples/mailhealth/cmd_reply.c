/* cmd_reply.c - mailhealth reply: explains one SMTP reply, or one a line
 *
 * Reads the options and the reply, hands both to the library, and lets
 * reply_screen.c or the library's JSON say the rest.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mailhealth.h>

#include "cli.h"

static const char help[] = //
    "Usage: mailhealth reply [options] [TEXT... | -]\n"
    "\n"
    "Explains one SMTP reply: what failed, at whom, whether your server tries again,\n"
    "who must act, and what to do.  TEXT is the reply as your log or the bounce shows\n"
    "it; several lines or a mere piece of it will do.  Put it in quotes.  Without TEXT,\n"
    "or with -, it is read from standard input.\n"
    "\n"
    "      --advice         show whom to write to, and words to send them\n"
    "  -v, --verbose        show also rule, evidence, codes and what was odd\n"
    "      --json           print one JSON object\n"
    "      --batch          a reply a line (\\n \\r \\t \\\\ escaped), a JSON object a line\n"
    "\n"
    "What you know besides the text (the more, the better):\n"
    "      --provider ID    who answered: google, yahoo, bt, outlook.com, ...\n"
    "      --mx HOST        name of the host that answered\n"
    "      --phase PHASE    connect, helo, starttls, auth, mail, rcpt, data, eod or quit\n"
    "      --form FORM      auto, wire, joined, dsn or fragment\n"
    "      --code CODE      reply code, 200 to 599, if the text has none\n"
    "      --status STATUS  enhanced status code such as 5.7.1 (DSN Status:, dsn= in a log)\n"
    "\n"
    "Rules of your own, see mailhealth-rules(5); may be given more than once:\n"
    "      --rules FILE     decide over all others\n"
    "      --site-rules FILE  decide over the built-in ones\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 the reply was read, whatever it means; 1 --batch had bad lines;\n"
    "64 usage; 66 unreadable input or rules; 70 our own failure.\n";

enum { OPT_PROVIDER = 1, OPT_MX, OPT_PHASE, OPT_FORM, OPT_CODE, OPT_STATUS, OPT_ADVICE };

static const struct option options[] = {
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "unordered", 0, false, OPT_UNORDERED },
	{ "provider", 0, true, OPT_PROVIDER },
	{ "mx", 0, true, OPT_MX },
	{ "phase", 0, true, OPT_PHASE },
	{ "form", 0, true, OPT_FORM },
	{ "code", 0, true, OPT_CODE },
	{ "status", 0, true, OPT_STATUS },
	{ "rules", 0, true, OPT_RULES },
	{ "site-rules", 0, true, OPT_SITE_RULES },
	{ "advice", 0, false, OPT_ADVICE },
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

/* One run of the subcommand. */
struct run {
	struct common common;
	mh_reply *reply;
	bool advice, from_stdin;
	char *text; /* the reply, ours to free */
	size_t len;
	bool has_text;
	int words;
};

/* ------------------------------------------------------------------ input */

/* read_stdin - all of standard input, INPUT_MAX octets at most: the library reads no more than
 * 65536 and tells that there were more */
static int
read_stdin(struct run *run)
{
	run->text = malloc(INPUT_MAX);
	if (run->text == NULL)
		return complain(EXIT_OURS, "out of memory");
	if (isatty(STDIN_FILENO))
		(void)fputs("Paste the reply, then press Enter and Ctrl-D.\n", stderr);
	while (run->len < INPUT_MAX) {
		ptrdiff_t n = read_some(STDIN_FILENO, run->text + run->len, INPUT_MAX - run->len);
		if (n < 0)
			return complain(EXIT_INPUT, "standard input: %s", strerror(errno));
		if (n == 0)
			break;
		run->len += (size_t)n;
	}
	return EXIT_FINE;
}

/* add_word - words of the command line belong together: the reply was not put in quotes */
static int
add_word(struct run *run, const char *word)
{
	size_t len = strlen(word), space = run->has_text ? 1 : 0;
	char *grown = realloc(run->text, run->len + space + len + 1);
	if (grown == NULL)
		return complain(EXIT_OURS, "out of memory");
	run->text = grown;
	if (space != 0)
		run->text[run->len] = ' ';
	memcpy(run->text + run->len + space, word, len + 1);
	run->len += space + len;
	run->has_text = true;
	return EXIT_FINE;
}

static const char *
explain_line(void *arg, int64_t n, const char *text, size_t len)
{
	struct run *run = arg;
	int error = mh_reply_set_int(run->reply, MH_OPT_LINE_NUMBER, n);
	if (error == MH_OK)
		error = mh_reply_parse(run->reply, text, len);
	if (error != MH_OK)
		return mh_strerror(error);
	const char *json = mh_reply_json(run->reply);
	if (json[0] == '\0')
		return mh_strerror(MH_ENOMEM);
	(void)puts(json);
	return NULL;
}

static int
explain_one(struct run *run)
{
	int error = mh_reply_parse(run->reply, run->text, run->len);
	if (error != MH_OK)
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	if (run->advice)
		return reply_advice(run->reply);
	if (!run->common.json)
		return reply_screen(run->reply, run->text, run->len, run->common.verbose);

	const char *json = mh_reply_json(run->reply);
	if (json[0] == '\0')
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	(void)puts(json);
	return out_flush();
}

/* ------------------------------------------------------------------ options */

static int
set_str(struct run *run, int option, const char *name, const char *value, const char *takes)
{
	int error = value[0] != '\0' ? mh_reply_set_str(run->reply, option, value) : MH_EINVAL;
	if (error == MH_ENOMEM)
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	if (error != MH_OK)
		return complain(EXIT_USAGE, "--%s takes %s, not '%.80s'", name, takes, value);
	return EXIT_FINE;
}

static int
set_form(struct run *run, const char *value)
{
	static const struct {
		const char *name;
		int form;
	} forms[] = {
		{ "auto", MH_FORM_AUTO },
		{ "wire", MH_FORM_WIRE },
		{ "joined", MH_FORM_JOINED },
		{ "dsn", MH_FORM_DSN },
		{ "fragment", MH_FORM_FRAGMENT },
	};
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strcmp(value, forms[i].name) == 0 &&
		    mh_reply_set_int(run->reply, MH_OPT_FORM, forms[i].form) == MH_OK)
			return EXIT_FINE;
	return complain(EXIT_USAGE, "--form takes auto, wire, joined, dsn or fragment, not '%.80s'", value);
}

static int
set_code(struct run *run, const char *value)
{
	int code = 0;
	if (strlen(value) == 3 && strspn(value, "0123456789") == 3)
		code = (value[0] - '0') * 100 + (value[1] - '0') * 10 + (value[2] - '0');
	if (code < 200 || code > 599 || mh_reply_set_int(run->reply, MH_OPT_CODE, code) != MH_OK)
		return complain(EXIT_USAGE, "--code takes a number from 200 to 599, not '%.80s'", value);
	return EXIT_FINE;
}

static int
set_option(void *arg, int id, const char *value)
{
	struct run *run = arg;
	switch (id) {
	case OPT_ADVICE:
		run->advice = true;
		return EXIT_FINE;
	case OPT_PROVIDER:
		return set_str(run, MH_OPT_PROVIDER, "provider", value, "a provider id such as google");
	case OPT_MX:
		return set_str(run, MH_OPT_MX, "mx", value, "a host name");
	case OPT_PHASE:
		return set_str(run, MH_OPT_PHASE, "phase", value,
		    "connect, helo, starttls, auth, mail, rcpt, data, eod or quit");
	case OPT_STATUS:
		return set_str(run, MH_OPT_STATUS, "status", value, "an enhanced status code such as 5.7.1");
	case OPT_FORM:
		return set_form(run, value);
	case OPT_CODE:
		return set_code(run, value);
	default:
		return common_set(&run->common, id, value);
	}
}

static int
take_word(void *arg, const char *value, bool only_words)
{
	struct run *run = arg;
	run->from_stdin = run->words++ == 0 && strcmp(value, "-") == 0 && !only_words;
	return add_word(run, value);
}

/* check - whether what was asked for goes together */
static int
check(struct run *run)
{
	if (run->from_stdin) { /* "-" alone; among other words it is one of them */
		free(run->text);
		run->text = NULL;
		run->len = 0;
		run->has_text = false;
	}
	if (run->common.batch && run->has_text)
		return complain(EXIT_USAGE, "--batch reads replies from standard input; leave out the text");
	if (run->advice && (run->common.json || run->common.batch))
		return complain(EXIT_USAGE,
		    "--advice is for people and does not go together with --json or --batch");
	if (!run->has_text && !run->from_stdin && isatty(STDIN_FILENO))
		return complain(EXIT_USAGE,
		    "give the reply, in quotes: mailhealth reply '550 5.1.1 ...'; or - to paste it here");
	return rules_use(run->common.ctx, run->common.rules);
}

int
cmd_reply(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, take_word };
	struct run run = { .text = NULL };
	bool done = false;
	int status = common_init(&run.common, argc);

	run.reply = mh_reply_new(run.common.ctx);
	if (status == EXIT_FINE && run.reply == NULL)
		status = complain(EXIT_OURS, "out of memory");
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done)
		status = check(&run);
	if (status == EXIT_FINE && !done) {
		if (run.common.batch) {
			status = batch_run("reply", explain_line, &run);
		} else {
			if (!run.has_text)
				status = read_stdin(&run);
			if (status == EXIT_FINE)
				status = explain_one(&run);
		}
	}
	free(run.text);
	mh_reply_free(run.reply);
	common_free(&run.common);
	return status;
}
