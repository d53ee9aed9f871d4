/* cmd_spf.c - mailhealth spf: may this address send for this domain, and what is wrong with its records */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "spf_screen.h"
#ifdef HAVE_SPF2
#include <mailhealth-spf2.h>
#endif

static const char help[] = //
    "Usage: mailhealth spf --ip IP --from ADDRESS [options]\n"
    "       mailhealth spf DOMAIN [options]\n"
    "\n"
    "Checks SPF (RFC 7208): whether the host at IP may send mail from ADDRESS, which term of\n"
    "which record decides, what is wrong with the records, and how to mend them.  With a\n"
    "DOMAIN alone its records are looked at, whoever sends.\n"
    "\n"
    "      --ip IP          address of the host that sends, IPv4 or IPv6\n"
    "      --from ADDRESS   MAIL FROM; '' for bounces, which have none\n"
    "      --helo NAME      what the host says in HELO or EHLO\n"
    "      --domain NAME    domain to look at, if it is not the sender's\n"
    "      --receiver NAME  host that checks, for explanations and header fields\n"
    "      --profile NAME   judge by this receiver's rules too (default: all; none)\n"
    "      --opinion NAME   what other software makes of it: libspf2\n"
    "      --no-lint        the verdict alone\n"
    "  -v, --verbose        show everything\n"
    "      --json           print one JSON object\n"
    "      --batch          such arguments a line, a JSON object a line; many at once\n"
    "      --unordered      with --batch: print each when it is done\n"
    "      --resume FILE    with --batch: go on where a run with this FILE stopped\n"
    "\n"
    "Who answers instead of the servers of /etc/resolv.conf:\n"
    "      --resolver ADDR  this server, ADDR:PORT or [ADDR]:PORT; may be given more than once\n"
    "      --trust-ad       believe its word that an answer was validated\n"
    "      --zone FILE      a zone file, and nobody else; may be given more than once\n"
    "      --overlay        DNS for names outside the zone files\n"
    "      --world FILE     a recording\n"
    "      --record FILE    write one\n"
    "      --timeout S      seconds for all of it (default 20)\n"
    "      --now TIME       seconds since 1970, as the time of the check\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 nothing is wrong; 1 something is (with --batch: a line was bad); 2 it could\n"
    "not be found out; 64 usage; 66 unreadable input; 70 our own failure.\n";

enum { OPT_IP = 1, OPT_FROM, OPT_HELO, OPT_DOMAIN, OPT_RECEIVER, OPT_PROFILE, OPT_OPINION, OPT_NO_LINT };

static const struct option options[] = {
	{ "ip", 0, true, OPT_IP },
	{ "from", 0, true, OPT_FROM },
	{ "helo", 0, true, OPT_HELO },
	{ "domain", 0, true, OPT_DOMAIN },
	{ "receiver", 0, true, OPT_RECEIVER },
	{ "profile", 0, true, OPT_PROFILE },
	{ "opinion", 0, true, OPT_OPINION },
	{ "no-lint", 0, false, OPT_NO_LINT },
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "verbose", 'v', false, OPT_VERBOSE },
	CHECK_OPTIONS,
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

/* What one check is asked. */
struct asked {
	const char *ip, *from, *helo, *domain, *receiver;
	char profiles[256]; /* "" none was given */
	bool no_lint;
};

struct run {
	struct common common;
	struct checks checks;
	struct asked asked;
	struct batch_reader reader;
	bool wants_libspf2;
};

/* What one job is made of. */
struct given {
	const struct run *run;
	const struct asked *asked;
};

/* add_profile - one name more; false: there is no room */
static bool
add_profile(struct asked *asked, const char *name)
{
	size_t len = strlen(asked->profiles), more = strlen(name);
	if (len + more + 2 > sizeof(asked->profiles))
		return false;
	if (len > 0)
		asked->profiles[len++] = ' ';
	memcpy(asked->profiles + len, name, more + 1);
	return true;
}

/* take - an option of one check; false: it is another's */
static bool
take(struct asked *asked, int id, const char *value)
{
	switch (id) {
	case OPT_IP:
		asked->ip = value;
		return true;
	case OPT_FROM:
		asked->from = value;
		return true;
	case OPT_HELO:
		asked->helo = value;
		return true;
	case OPT_DOMAIN:
		asked->domain = value;
		return true;
	case OPT_RECEIVER:
		asked->receiver = value;
		return true;
	case OPT_PROFILE:
		return add_profile(asked, value);
	case OPT_NO_LINT:
		asked->no_lint = true;
		return true;
	default:
		return false;
	}
}

/* without_brackets - an address as people paste it: "<a@example.org>" */
static const char *
without_brackets(const char *from, char *room, size_t size)
{
	size_t len = strlen(from);
	if (len < 2 || from[0] != '<' || from[len - 1] != '>' || len >= size)
		return from;
	memcpy(room, from + 1, len - 2);
	room[len - 2] = '\0';
	return room;
}

/* is_domain - whether a word can be a domain: labels of 1 to 63 octets, a few of them in all, and no address.
 * How long a label in other letters becomes is the library's to know. */
static bool
is_domain(const char *word)
{
	size_t label = 0, len = strlen(word);
	bool is_ascii = true, has_letter = false;

	if (len > 1 && word[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];
		is_ascii = is_ascii && c < 0x80;
		has_letter = has_letter || c >= 0x80 || (c != '.' && (c < '0' || c > '9'));
		if (c <= ' ' || c == 0x7f || strchr("@<>/:", c) != NULL || (c == '.' && label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63 && is_ascii)
			return false;
	}
	return label > 0 && has_letter && (len <= 253 || !is_ascii);
}

/* sender_of - MAIL FROM: as given, or of the domain where nothing is known of who sends; room takes it; NULL:
 * not given */
static const char *
sender_of(const struct asked *asked, char *room, size_t size)
{
	bool is_empty = asked->from == NULL || asked->from[0] == '\0' || strcmp(asked->from, "<>") == 0;
	if (!is_empty)
		return without_brackets(asked->from, room, size);
	if (asked->ip != NULL && asked->helo == NULL && asked->domain != NULL) {
		size_t len = strlen(asked->domain);
		if (len > 1 && asked->domain[len - 1] == '.')
			len--;
		int n = snprintf(room, size, "postmaster@%.*s", (int)len, asked->domain); /* RFC 7208 4.3 */
		return n > 0 && (size_t)n < size ? room : NULL;
	}
	return asked->from != NULL ? "" : NULL;
}

/* set_given - options into the job, behind those of a recording; an error of the library, and what is wrong */
static int
set_given(const void *arg, mh_job *job, const char **wrong)
{
	const struct given *given = arg;
	const struct run *run = given->run;
	const struct asked *asked = given->asked;
	char room[512];
	bool is_replay = run->checks.world != NULL;
	const struct {
		int option;
		const char *value, *wrong;
	} texts[] = {
		{ MH_OPT_IP, asked->ip, "--ip takes an IPv4 or IPv6 address" },
		{ MH_OPT_SENDER, sender_of(asked, room, sizeof(room)), "--from takes a mail address" },
		{ MH_OPT_HELO, asked->helo, "--helo takes a name" },
		{ MH_OPT_DOMAIN, asked->domain, "the domain is no domain name" },
		{ MH_OPT_RECEIVER, asked->receiver, "--receiver takes a name" },
		{ MH_OPT_PROFILES,
		    strcmp(asked->profiles, "none") == 0 ? ""
			: asked->profiles[0] != '\0'     ? asked->profiles
			: is_replay                      ? NULL
							 : "all",
		    "--profile takes rfc7208, void-per-query, no-void-limit, rspamd-30, all or none" },
	};
	int error = MH_OK;

	for (size_t i = 0; error == MH_OK && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value == NULL)
			continue;
		error = mh_job_set_str(job, texts[i].option, texts[i].value);
		if (error == MH_EINVAL)
			*wrong = texts[i].wrong;
	}
	if (error == MH_OK && (asked->no_lint || !is_replay))
		error = mh_job_set_int(job, MH_OPT_LINT, !asked->no_lint);
	return error != MH_OK ? error : checks_job(&run->checks, job);
}

/* make_job - the job that was asked for; NULL, with what is wrong */
static mh_job *
make_job(const struct run *run, const struct asked *asked, const char **wrong)
{
	const struct given given = { run, asked };
	return checks_make_job(&run->checks, run->common.ctx, MH_CHECK_SPF, set_given, &given, wrong);
}

/* whole - whether what was asked makes a check; what is missing, or NULL */
static const char *
whole(const struct run *run, const struct asked *asked)
{
	if (asked->domain != NULL && !is_domain(asked->domain))
		return "there can be no such domain";
	if (run->checks.world != NULL)
		return NULL; /* the recording has it */
	if (asked->ip == NULL && asked->domain == NULL)
		return "give --ip and --from, or a domain to look at: mailhealth spf example.org";
	if (asked->ip == NULL && asked->no_lint)
		return "with --no-lint there is nothing to do but the verdict on a host: give --ip too";
	if (asked->ip == NULL || asked->helo != NULL || asked->domain != NULL)
		return NULL;
	if (asked->from == NULL)
		return "give the sender too: --from ADDRESS, or --from '' and --helo NAME for a bounce";
	if (asked->from[0] == '\0' || strcmp(asked->from, "<>") == 0)
		return "a bounce has no sender, so the name in HELO is checked: give --helo NAME too";
	return NULL;
}

/* ------------------------------------------------------------------------ batch */

/* A line under way. */
struct line {
	struct asked asked;
	bool has_domain, has_profile;
};

static const char *
line_word(void *arg, const char *word)
{
	struct line *line = arg;
	if (line->has_domain)
		return "there is more than one domain:";
	if (!is_domain(word))
		return "this is no domain:";
	line->asked.domain = word;
	line->has_domain = true;
	return NULL;
}

static const char *
line_option(void *arg, int id, const char *value)
{
	struct line *line = arg;
	if (id == OPT_PROFILE && !line->has_profile) { /* in place of the command line's */
		line->asked.profiles[0] = '\0';
		line->has_profile = true;
	}
	return take(&line->asked, id, value) ? NULL : BATCH_NOT_IN_LINE;
}

/* start - a job from the words of one line */
static mh_job *
start(void *arg, const struct batch_words *words, const char **wrong)
{
	struct run *run = arg;
	struct line line = { .asked = run->asked };

	run->reader.options = options;
	run->reader.word = line_word;
	run->reader.option = line_option;
	run->reader.arg = &line;
	*wrong = batch_read(&run->reader, words);
	if (*wrong == NULL)
		*wrong = whole(run, &line.asked);
	return *wrong == NULL ? make_job(run, &line.asked, wrong) : NULL;
}

/* more - libspf2's opinion, if it is wanted */
static int
more(void *arg, mh_job *job)
{
	const struct run *run = arg;
#ifdef HAVE_SPF2
	if (run->wants_libspf2 && mh_job_str(job, MH_JOB_IP)[0] != '\0')
		return mh_spf2_judge(job);
#endif
	(void)run;
	(void)job;
	return MH_OK;
}

/* ---------------------------------------------------------------------- one check */

#define ROUNDS 60 /* of questions that another opinion needs besides */

/* finish - runs the job until it is done and all opinions are in it; the exit status */
static int
finish(struct run *run, mh_loop *loop, mh_job *job)
{
	int result = mh_loop_run(loop, job, -1);
	for (int round = 0; result == MH_DONE && round < ROUNDS; round++) {
		result = more(run, job);
		if (result == MH_OK)
			return EXIT_FINE;
		if (result == MH_WAIT)
			result = mh_loop_run(loop, job, -1);
	}
	if (result == MH_EINVAL)
		return complain(EXIT_USAGE, "there is nothing to look at: give a domain that can exist");
	return result == MH_DONE ? EXIT_FINE : complain(EXIT_OURS, "%s", mh_strerror(result));
}

static int
check_one(struct run *run)
{
	const char *wrong = whole(run, &run->asked);
	mh_job *job = wrong == NULL ? make_job(run, &run->asked, &wrong) : NULL;
	mh_loop *loop = NULL;

	if (job == NULL)
		return complain(EXIT_USAGE, "%s", wrong);
	int status = EXIT_FINE;
	if (run->wants_libspf2 && mh_job_str(job, MH_JOB_IP)[0] == '\0')
		status = complain(EXIT_USAGE, "--opinion is about a host that sends: give --ip too");
	if (status == EXIT_FINE)
		status = checks_loop(&run->checks, run->common.ctx, &loop);
	if (status == EXIT_FINE)
		status = finish(run, loop, job);
	if (status == EXIT_FINE)
		status = checks_end(&run->checks, &run->common, job, spf_screen);
	mh_loop_free(loop);
	mh_job_free(job);
	return status;
}

/* ----------------------------------------------------------------------- options */

static int
set_option(void *arg, int id, const char *value)
{
	struct run *run = arg;
	if (id == OPT_OPINION) {
		if (strcmp(value, "libspf2") != 0)
			return complain(EXIT_USAGE, "--opinion takes libspf2, not '%.80s'", value);
#ifdef HAVE_SPF2
		run->wants_libspf2 = true;
		return EXIT_FINE;
#else
		return complain(EXIT_USAGE,
		    "this build has no libmailhealth-spf2, so libspf2 cannot be asked");
#endif
	}
	if (take(&run->asked, id, value))
		return EXIT_FINE;
	if (id == OPT_PROFILE)
		return complain(EXIT_USAGE, "there are too many profiles");
	int status = checks_set(&run->checks, run->common.ctx, id, value);
	return status >= 0 ? status : common_set(&run->common, id, value);
}

static int
take_word(void *arg, const char *value, bool only_words)
{
	struct run *run = arg;
	(void)only_words;
	if (!is_domain(value))
		return complain(EXIT_USAGE,
		    "'%.80s' is no domain; a sender goes behind --from, and an address behind --ip", value);
	if (run->asked.domain != NULL)
		return complain(EXIT_USAGE, "there is more than one domain; --batch checks many");
	run->asked.domain = value;
	return EXIT_FINE;
}

int
cmd_spf(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, take_word };
	struct run run = { .wants_libspf2 = false };
	const struct batch_check batch = { "spf", start, more, &run };
	bool done = false;
	int status = common_init(&run.common, argc);

	checks_init(&run.checks);
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done)
		status = checks_fit(&run.checks, run.common.batch);
	if (status == EXIT_FINE && !done)
		status =
		    run.common.batch ? checks_batch(&run.checks, run.common.ctx, &batch) : check_one(&run);
	checks_free(&run.checks);
	common_free(&run.common);
	return status;
}
