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
    "\n" CHECK_OPTIONS_HELP("20");

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
	bool no_lint, has_domain, has_profile; /* has_domain: as a word of its own */
};

struct run {
	struct check_run base;
	bool wants_libspf2;
};

static const char *
take(void *arg, int id, const char *value)
{
	struct asked *asked = arg;
	switch (id) {
	case OPT_IP:
		asked->ip = value;
		return NULL;
	case OPT_FROM:
		asked->from = value;
		return NULL;
	case OPT_HELO:
		asked->helo = value;
		return NULL;
	case OPT_DOMAIN:
		asked->domain = value;
		return NULL;
	case OPT_RECEIVER:
		asked->receiver = value;
		return NULL;
	case OPT_PROFILE:
		if (!asked->has_profile) /* of a line: in place of the command line's */
			asked->profiles[0] = '\0';
		asked->has_profile = true;
		return add_word(asked->profiles, sizeof(asked->profiles), value);
	case OPT_NO_LINT:
		asked->no_lint = true;
		return NULL;
	default:
		return batch_not_in_line;
	}
}

static const char *
take_word(void *arg, const char *word)
{
	struct asked *asked = arg;
	if (asked->has_domain)
		return "there is more than one domain:";
	if (!checks_is_domain(word))
		return "this is no domain:";
	asked->domain = word;
	asked->has_domain = true;
	return NULL;
}

static void
begin_line(void *arg)
{
	struct asked *asked = arg;
	asked->has_domain = asked->has_profile = false;
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

static int
set_given(const struct check_run *run, const void *arg, mh_job *job, const char **wrong)
{
	const struct asked *asked = arg;
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

/* whole - whether what was asked makes a check; what is missing, or NULL */
static const char *
whole(const struct check_run *run, const void *arg)
{
	const struct asked *asked = arg;
	if (asked->domain != NULL && !checks_is_domain(asked->domain))
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

/* more - libspf2's opinion, if it is wanted */
static int
more(struct check_run *base, mh_job *job)
{
	const struct run *run = (const void *)base;
#ifdef HAVE_SPF2
	if (run->wants_libspf2 && mh_job_str(job, MH_JOB_IP)[0] != '\0')
		return mh_spf2_judge(job);
#endif
	(void)run;
	(void)job;
	return MH_OK;
}

static int
set_own(struct check_run *base, int id, const char *value)
{
	struct run *run = (void *)base;
	if (id != OPT_OPINION)
		return -1;
	if (strcmp(value, "libspf2") != 0)
		return complain(EXIT_USAGE, "--opinion takes libspf2, not '%.80s'", value);
#ifdef HAVE_SPF2
	run->wants_libspf2 = true;
	return EXIT_FINE;
#else
	(void)run;
	return complain(EXIT_USAGE, "this build has no libmailhealth-spf2, so libspf2 cannot be asked");
#endif
}

/* begin - an opinion is about a host; each line of a batch has its own, or none */
static int
begin(struct check_run *base)
{
	const struct run *run = (const void *)base;
	const struct asked *asked = base->asked;
	bool has_ip = asked->ip != NULL || base->common.batch ||
	    (base->checks.world != NULL && mh_world_str(base->checks.world, "ip")[0] != '\0');
	if (!run->wants_libspf2 || has_ip)
		return EXIT_FINE;
	return complain(EXIT_USAGE, "--opinion is about a host that sends: give --ip too");
}

int
cmd_spf(int argc, char **argv)
{
	static const struct check_kind kind = { .name = "spf",
		.check = MH_CHECK_SPF,
		.command = { .options = options, .help = help },
		.asked_size = sizeof(struct asked),
		.word = take_word,
		.option = take,
		.begin_line = begin_line,
		.whole = whole,
		.set = set_given,
		.screen = spf_screen,
		.own = set_own,
		.begin = begin,
		.more = more };
	struct run run = { .wants_libspf2 = false };
	struct asked asked = { .ip = NULL };
	return check_main(&run.base, &kind, &asked, argc, argv);
}
