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
	bool no_lint, has_from;
};

struct run {
	struct common common;
	struct checks checks;
	struct asked asked;
	bool wants_libspf2;
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
		asked->has_from = true;
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
		return value != NULL && add_profile(asked, value);
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

/* is_domain - whether a word can be a domain: it has no "@" and no space */
static bool
is_domain(const char *word)
{
	return word[0] != '\0' && strpbrk(word, "@ <>/") == NULL;
}

/* make_job - the job that was asked for; NULL, with what is wrong */
static mh_job *
make_job(struct run *run, const struct asked *asked, const char **wrong)
{
	static const char *const all = "all";
	char room[512];
	mh_job *job = mh_job_new(run->common.ctx, MH_CHECK_SPF);
	const struct {
		int option;
		const char *value, *wrong;
	} texts[] = {
		{ MH_OPT_IP, asked->ip, "--ip takes an IPv4 or IPv6 address" },
		{ MH_OPT_SENDER,
		    asked->from != NULL ? without_brackets(asked->from, room, sizeof(room)) : NULL,
		    "--from takes a mail address" },
		{ MH_OPT_HELO, asked->helo, "--helo takes a name" },
		{ MH_OPT_DOMAIN, asked->domain, "--domain takes a domain name" },
		{ MH_OPT_RECEIVER, asked->receiver, "--receiver takes a name" },
		{ MH_OPT_PROFILES,
		    strcmp(asked->profiles, "none") == 0 ? ""
			: asked->profiles[0] != '\0'     ? asked->profiles
							 : all,
		    "--profile takes rfc7208, void-per-query, no-void-limit, rspamd-30, all or none" },
	};
	int error = job != NULL ? MH_OK : MH_ENOMEM;

	for (size_t i = 0; error == MH_OK && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value == NULL)
			continue;
		error = mh_job_set_str(job, texts[i].option, texts[i].value);
		if (error == MH_EINVAL)
			*wrong = texts[i].wrong;
	}
	if (error == MH_OK && run->checks.world != NULL)
		error = mh_job_use_world(job, run->checks.world);
	if (error == MH_OK && run->checks.world == NULL)
		error = mh_job_set_int(job, MH_OPT_LINT, !asked->no_lint);
	if (error == MH_OK)
		error = checks_job(&run->checks, job);
	if (error == MH_OK)
		return job;
	if (error != MH_EINVAL || *wrong == NULL)
		*wrong = mh_strerror(error);
	mh_job_free(job);
	return NULL;
}

/* whole - whether what was asked makes a check; what is missing, or NULL */
static const char *
whole(const struct run *run, const struct asked *asked)
{
	if (run->checks.world != NULL)
		return NULL;
	if (asked->ip == NULL && asked->domain == NULL)
		return "give --ip and --from, or a domain to look at: mailhealth spf example.org";
	if (asked->ip != NULL && !asked->has_from && asked->helo == NULL && asked->domain == NULL)
		return "give the sender too: --from ADDRESS, or --from '' and --helo NAME for a bounce";
	return NULL;
}

/* ------------------------------------------------------------------------ batch */

/* start - a job from the words of one line */
static mh_job *
start(void *arg, const struct batch_words *words, const char **wrong)
{
	struct run *run = arg;
	struct asked asked = run->asked;

	for (int i = 0; i < words->argc; i++) {
		const char *word = words->argv[i], *value = NULL;
		const struct option *option = options;
		if (strncmp(word, "--", 2) != 0) {
			if (!is_domain(word)) {
				*wrong = "there is a word that is neither an option nor a domain";
				return NULL;
			}
			asked.domain = word;
			continue;
		}
		const char *equals = strchr(word, '=');
		size_t len = equals != NULL ? (size_t)(equals - word) - 2 : strlen(word) - 2;
		while (option->name != NULL &&
		    (strlen(option->name) != len || memcmp(option->name, word + 2, len) != 0))
			option++;
		if (option->name != NULL && option->takes_value)
			value = equals != NULL ? equals + 1 : words->argv[++i];
		if (option->name == NULL || (option->takes_value && value == NULL) ||
		    !take(&asked, option->id, value)) {
			*wrong = "there is an option that a line cannot have, or that lacks its value";
			return NULL;
		}
		if (option->takes_value && equals == NULL && i >= words->argc)
			break;
	}
	*wrong = whole(run, &asked);
	return *wrong == NULL ? make_job(run, &asked, wrong) : NULL;
}

/* ---------------------------------------------------------------------- one check */

/* ask_libspf2 - its opinion into the job; the exit status */
static int
ask_libspf2(const struct run *run, mh_loop *loop, mh_job *job)
{
#ifdef HAVE_SPF2
	int error;
	for (int round = 0; (error = mh_spf2_judge(job)) == MH_WAIT && round < 60; round++)
		if (mh_loop_run(loop, job, -1) < 0)
			break;
	(void)run;
	return error == MH_OK ? EXIT_FINE : complain(EXIT_OURS, "libspf2: %s", mh_strerror(error));
#else
	(void)run;
	(void)loop;
	(void)job;
	return EXIT_FINE;
#endif
}

static int
check_one(struct run *run)
{
	const char *wrong = whole(run, &run->asked);
	mh_job *job = wrong == NULL ? make_job(run, &run->asked, &wrong) : NULL;
	mh_loop *loop = job != NULL ? checks_loop(&run->checks, run->common.ctx) : NULL;
	int status = EXIT_USAGE;

	if (job == NULL)
		complain(EXIT_USAGE, "%s", wrong);
	if (loop == NULL)
		goto out;
	int result = mh_loop_run(loop, job, -1);
	status = result == MH_DONE ? EXIT_FINE : complain(EXIT_OURS, "%s", mh_strerror(result));
	if (status == EXIT_FINE && run->wants_libspf2)
		status = ask_libspf2(run, loop, job);
	if (status == EXIT_FINE)
		status = checks_record(&run->checks, job);
	if (status == EXIT_FINE && run->common.json) {
		(void)puts(mh_job_json(job));
		status = out_flush();
	} else if (status == EXIT_FINE) {
		status = spf_screen(job, run->common.verbose);
	}
	if (status == EXIT_FINE)
		status = checks_status(job);
out:
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
	if (id == OPT_PROFILE && !add_profile(&run->asked, value))
		return complain(EXIT_USAGE, "there are too many profiles");
	if (id == OPT_PROFILE || take(&run->asked, id, value))
		return EXIT_FINE;
	int status = checks_set(&run->checks, run->common.ctx, id, value);
	return status >= 0 ? status : common_set(&run->common, id, value);
}

static int
take_word(void *arg, const char *value, bool only_words)
{
	struct run *run = arg;
	(void)only_words;
	if (!is_domain(value))
		return complain(EXIT_USAGE, "'%.80s' is no domain; a sender goes behind --from", value);
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
	bool done = false;
	int status = common_init(&run.common, argc);

	checks_init(&run.checks);
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done && run.checks.resume != NULL &&
	    (!run.common.batch || run.checks.unordered))
		status = complain(EXIT_USAGE, "--resume goes with --batch, and not with --unordered");
	if (status == EXIT_FINE && !done && run.common.batch &&
	    (run.checks.record != NULL || run.checks.world != NULL))
		status = complain(EXIT_USAGE, "--record and --world are for one check, not for --batch");
	if (status == EXIT_FINE && !done)
		status = run.common.batch ? checks_batch(&run.checks, run.common.ctx, "spf", start, &run)
					  : check_one(&run);
	checks_free(&run.checks);
	common_free(&run.common);
	return status;
}
