/* cmd_domain.c - mailhealth domain: every record of a domain and its sending host, and whether its mail is taken */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "domain_screen.h"
#include "html_page.h"
#include "json_read.h"

static const char help[] = //
    "Usage: mailhealth domain NAME [options]\n"
    "\n"
    "Looks at all that decides whether mail from a domain arrives, and whether mail reaches it:\n"
    "SPF, DKIM, DMARC, MX, MTA-STS, TLS reports, DANE, BIMI and more; tells whether the large\n"
    "receivers take its mail, what is wrong, and the exact records that mend it.\n"
    "\n"
    "      --ip IP          address of the host that sends: its name and blocklists are looked at,\n"
    "                       and whether SPF lets it send\n"
    "      --helo NAME      what that host says in HELO or EHLO\n"
    "      --selector S     DKIM selector, as in s= of a signature; may be given more than once\n"
    "      --dkim-key FILE  private key (PEM) of the signer: does it fit what is published?\n"
    "      --profile NAME   judge by this receiver's rules (default: all); more than once\n"
    "      --html FILE      also write all of it as one page, to look at or to send to somebody\n"
    "      --no-lists       do not ask blocklists\n"
    "      --no-guess       do not try selectors that are often used\n"
    "      --no-fetch       do not fetch the MTA-STS policy and the BIMI logo\n"
    "      --before FILE    what --json printed of this domain before: what should have changed since\n"
    "      --list-key KEY   key for blocklists that want one (Spamhaus DQS)\n"
    "      --ca FILE        trust these certificates, not the system's; more than once\n"
    "      --https-port PORT  of the policy host (default 443)\n"
    "      --allow-private  fetch from private and local addresses, too\n"
    "  -v, --verbose        show everything\n"
    "      --json           print one JSON object\n"
    "      --batch          NAME [options] a line, a JSON object a line; many at once\n"
    "      --unordered      with --batch: print each when it is done\n"
    "      --resume FILE    with --batch: go on where a run with this FILE stopped\n"
    "\n" CHECK_OPTIONS_HELP("30");

enum {
	OPT_IP = 1,
	OPT_HELO,
	OPT_SELECTOR,
	OPT_DKIM_KEY,
	OPT_PROFILE,
	OPT_HTML,
	OPT_NO_LISTS,
	OPT_NO_GUESS,
	OPT_NO_FETCH,
	OPT_BEFORE,
	OPT_LIST_KEY,
	OPT_CA,
	OPT_HTTPS_PORT,
	OPT_ALLOW_PRIVATE
};

static const struct option options[] = {
	{ "ip", 0, true, OPT_IP },
	{ "helo", 0, true, OPT_HELO },
	{ "selector", 0, true, OPT_SELECTOR },
	{ "dkim-key", 0, true, OPT_DKIM_KEY },
	{ "profile", 0, true, OPT_PROFILE },
	{ "html", 0, true, OPT_HTML },
	{ "no-lists", 0, false, OPT_NO_LISTS },
	{ "no-guess", 0, false, OPT_NO_GUESS },
	{ "no-fetch", 0, false, OPT_NO_FETCH },
	{ "before", 0, true, OPT_BEFORE },
	{ "list-key", 0, true, OPT_LIST_KEY },
	{ "ca", 0, true, OPT_CA },
	{ "https-port", 0, true, OPT_HTTPS_PORT },
	{ "allow-private", 0, false, OPT_ALLOW_PRIVATE },
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
	const char *domain, *ip, *helo;
	const char *selectors[32];
	size_t selectors_count;
	char profiles[256]; /* "": all */
	bool no_lists, no_guess, no_fetch;
	bool has_domain, has_profile, has_selector; /* of a line under way, or the command line */
};

struct run {
	struct check_run base;
	const char *html; /* NULL */
	char *private_key; /* PEM; NULL */
	struct json *before; /* the object of an earlier check; NULL */
	const char *list_key;
	int64_t https_port; /* 0 */
	bool allow_private, has_ca;
};

/* ----------------------------------------------------------------------- options */

static const char *
add_selector(struct asked *asked, const char *value)
{
	if (!asked->has_selector) /* of a line: in place of the command line's */
		asked->selectors_count = 0;
	asked->has_selector = true;
	if (asked->selectors_count == sizeof(asked->selectors) / sizeof(asked->selectors[0]))
		return "there are too many selectors:";
	asked->selectors[asked->selectors_count++] = value;
	return NULL;
}

static const char *
take(void *arg, int id, const char *value)
{
	struct asked *asked = arg;
	switch (id) {
	case OPT_IP:
		asked->ip = value;
		return NULL;
	case OPT_HELO:
		asked->helo = value;
		return NULL;
	case OPT_SELECTOR:
		return add_selector(asked, value);
	case OPT_PROFILE:
		if (!asked->has_profile)
			asked->profiles[0] = '\0';
		asked->has_profile = true;
		return add_word(asked->profiles, sizeof(asked->profiles), value);
	case OPT_NO_LISTS:
		asked->no_lists = true;
		return NULL;
	case OPT_NO_GUESS:
		asked->no_guess = true;
		return NULL;
	case OPT_NO_FETCH:
		asked->no_fetch = true;
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
		return checks_is_address(word)  ? "an address goes behind --ip, and the domain without it:"
		    : strchr(word, '@') != NULL ? "this is a mail address; give the part behind its @:"
						: "this is no domain:";
	asked->domain = word;
	asked->has_domain = true;
	return NULL;
}

static void
begin_line(void *arg)
{
	struct asked *asked = arg;
	asked->has_domain = asked->has_profile = asked->has_selector = false;
}

/* read_before - the object of an earlier check; the exit status */
static int
read_before(struct run *run, const char *path)
{
	char *text = checks_read_file(path);
	if (text == NULL)
		return EXIT_INPUT;
	json_free(run->before);
	run->before = json_read(text);
	free(text);
	if (strcmp(json_text(json_get(run->before, "kind")), "domain") == 0)
		return EXIT_FINE;
	return complain(EXIT_INPUT, "%s: this is not what mailhealth domain --json prints of one domain",
	    path);
}

static int
set_own(struct check_run *base, int id, const char *value)
{
	struct run *run = (void *)base;
	switch (id) {
	case OPT_DKIM_KEY:
		free(run->private_key);
		run->private_key = checks_read_file(value);
		return run->private_key != NULL ? EXIT_FINE : EXIT_INPUT;
	case OPT_BEFORE:
		return read_before(run, value);
	case OPT_HTML:
		run->html = value;
		return EXIT_FINE;
	case OPT_LIST_KEY:
		run->list_key = value;
		return EXIT_FINE;
	case OPT_CA:
		run->has_ca = true;
		return checks_add_ca(base->common.ctx, value);
	case OPT_HTTPS_PORT:
		run->https_port = checks_number(value, 1, 65535);
		if (run->https_port > 0)
			return EXIT_FINE;
		return complain(EXIT_USAGE, "--https-port takes a port, not '%.80s'", value);
	case OPT_ALLOW_PRIVATE:
		run->allow_private = true;
		return EXIT_FINE;
	default:
		return -1;
	}
}

static int
begin(struct check_run *base)
{
	const struct run *run = (const void *)base;
	const struct asked *asked = base->asked;
	if (run->html != NULL && base->common.batch)
		return complain(EXIT_USAGE, "--html is for one domain, not for --batch");
	if (run->before != NULL && base->common.batch)
		return complain(EXIT_USAGE, "--before is for one domain, not for --batch");
	if (!run->has_ca && !asked->no_fetch)
		(void)mh_ctx_use_system_anchors(base->common.ctx); /* without any, trust is unknown */
	return EXIT_FINE;
}

/* --------------------------------------------------------------------------- job */

/* set_texts - of what was given; an error of the library, and what is wrong */
static int
set_texts(const struct run *run, const struct asked *asked, mh_job *job, const char **wrong)
{
	const struct {
		int option;
		const char *value, *wrong;
	} texts[] = {
		{ MH_OPT_DOMAIN, asked->domain, "the domain is no domain name" },
		{ MH_OPT_IP, asked->ip, "--ip takes an IPv4 or IPv6 address" },
		{ MH_OPT_HELO, asked->helo, "--helo takes a name" },
		{ MH_OPT_PRIVATE_KEY, run->private_key, "--dkim-key has more than can be taken" },
		{ MH_OPT_LIST_KEY, run->list_key, "--list-key takes a key of letters and digits" },
		{ MH_OPT_RECEIVERS, asked->profiles[0] != '\0' ? asked->profiles : NULL,
		    "--profile takes the name of a receiver that is known, such as gmail or microsoft" },
	};
	int error = MH_OK;

	for (size_t i = 0; error == MH_OK && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value == NULL)
			continue;
		error = mh_job_set_str(job, texts[i].option, texts[i].value);
		if (error == MH_EINVAL)
			*wrong = texts[i].wrong;
	}
	for (size_t i = 0; error == MH_OK && i < asked->selectors_count; i++) {
		if (i == 0)
			error = mh_job_set_str(job, MH_OPT_SELECTOR, "");
		if (error == MH_OK && asked->selectors[i][0] == '\0')
			error = MH_EINVAL;
		if (error == MH_OK)
			error = mh_job_set_str(job, MH_OPT_SELECTOR, asked->selectors[i]);
		if (error == MH_EINVAL)
			*wrong = "--selector takes the name in s= of a DKIM signature, such as mail2024";
	}
	return error;
}

static int
set_given(const struct check_run *base, const void *arg, mh_job *job, const char **wrong)
{
	const struct run *run = (const void *)base;
	const struct asked *asked = arg;
	const struct json *sts = json_get(json_get(run->before, "results"), "mta_sts");
	int error = set_texts(run, asked, job, wrong);

	if (error == MH_OK && sts != NULL)
		error = mh_job_set_str(job, MH_OPT_STS_ID_BEFORE, json_text(json_get(sts, "id")));
	if (error == MH_OK && sts != NULL)
		error = mh_job_set_str(job, MH_OPT_POLICY_BEFORE, json_text(json_get(sts, "policy")));
	if (error == MH_EINVAL && *wrong == NULL)
		*wrong = "--before has more than can be taken";

	/* Of a replay, what the recording has unless it was said. */
	if (error == MH_OK && asked->no_lists)
		error = mh_job_set_int(job, MH_OPT_LISTS, 0);
	if (error == MH_OK && asked->no_guess)
		error = mh_job_set_int(job, MH_OPT_GUESS, 0);
	if (error == MH_OK && asked->no_fetch)
		error = mh_job_set_int(job, MH_OPT_FETCH, 0);
	if (error == MH_OK && run->https_port > 0)
		error = mh_job_set_int(job, MH_OPT_HTTPS_PORT, run->https_port);
	if (error == MH_OK && run->allow_private)
		error = mh_job_set_int(job, MH_OPT_ALLOW_PRIVATE, 1);
	return error != MH_OK ? error : checks_job(&base->checks, job);
}

static const char *
whole(const struct check_run *run, const void *arg)
{
	const struct asked *asked = arg;
	if (asked->domain == NULL && run->checks.world == NULL)
		return "give a domain to look at: mailhealth domain example.org";
	if (asked->helo != NULL && asked->ip == NULL && run->checks.world == NULL)
		return "--helo is what a host says: give its address too, with --ip";
	return NULL;
}

/* done - the page, if one is wanted */
static int
done(struct check_run *base, mh_job *job)
{
	const struct run *run = (const void *)base;
	return run->html != NULL ? html_page_write(run->html, mh_job_json(job)) : EXIT_FINE;
}

static const char *
subject(const void *arg)
{
	const struct asked *asked = arg;
	return asked->domain != NULL ? asked->domain : "";
}

int
cmd_domain(int argc, char **argv)
{
	static const struct check_kind kind = { .name = "domain",
		.check = MH_CHECK_DOMAIN,
		.command = { .options = options, .help = help },
		.asked_size = sizeof(struct asked),
		.word = take_word,
		.option = take,
		.begin_line = begin_line,
		.whole = whole,
		.set = set_given,
		.screen = domain_screen,
		.own = set_own,
		.begin = begin,
		.done = done,
		.subject = subject };
	struct run run = { .html = NULL };
	struct asked asked = { .domain = NULL };
	int status = check_main(&run.base, &kind, &asked, argc, argv);
	free(run.private_key);
	json_free(run.before);
	return status;
}
