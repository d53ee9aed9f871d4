/* cmd_host.c - mailhealth host: the host that sends, its names, and the lists that it is on */
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "domain_screen.h"
#include "html_page.h"

static const char help[] = //
    "Usage: mailhealth host NAME|IP [options]\n"
    "\n"
    "Looks at a host that sends mail as receivers do: the name that its address leads to (PTR)\n"
    "and whether that leads back, whether it looks like a customer's line, what it says in HELO\n"
    "or EHLO, and blocklists and allow-lists; tells what is wrong and what to do about it.\n"
    "\n"
    "      --helo NAME      what the host says in HELO or EHLO\n"
    "      --profile NAME   judge by this receiver's rules (default: all); more than once\n"
    "      --html FILE      also write all of it as one page, to look at or to send to somebody\n"
    "      --no-lists       do not ask blocklists\n"
    "      --list-key KEY   key for blocklists that want one (Spamhaus DQS)\n"
    "  -v, --verbose        show everything\n"
    "      --json           print one JSON object\n"
    "      --batch          NAME|IP [options] a line, a JSON object a line; many at once\n"
    "      --unordered      with --batch: print each when it is done\n"
    "      --resume FILE    with --batch: go on where a run with this FILE stopped\n"
    "\n" CHECK_OPTIONS_HELP("30");

enum { OPT_HELO = 1, OPT_PROFILE, OPT_HTML, OPT_NO_LISTS, OPT_LIST_KEY };

static const struct option options[] = {
	{ "helo", 0, true, OPT_HELO },
	{ "profile", 0, true, OPT_PROFILE },
	{ "html", 0, true, OPT_HTML },
	{ "no-lists", 0, false, OPT_NO_LISTS },
	{ "list-key", 0, true, OPT_LIST_KEY },
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
	char host[300]; /* name, or address without brackets; "" none */
	const char *helo;
	char profiles[256]; /* "": all */
	bool no_lists, has_host, has_profile;
};

struct run {
	struct check_run base;
	const char *html, *list_key; /* NULL */
};

static const char *
take(void *arg, int id, const char *value)
{
	struct asked *asked = arg;
	switch (id) {
	case OPT_HELO:
		asked->helo = value;
		return NULL;
	case OPT_PROFILE:
		if (!asked->has_profile) /* of a line: in place of the command line's */
			asked->profiles[0] = '\0';
		asked->has_profile = true;
		return add_word(asked->profiles, sizeof(asked->profiles), value);
	case OPT_NO_LISTS:
		asked->no_lists = true;
		return NULL;
	default:
		return batch_not_in_line;
	}
}

static const char *
take_word(void *arg, const char *word)
{
	struct asked *asked = arg;
	size_t len = strlen(word);
	if (asked->has_host)
		return "there is more than one host:";
	if (len > 2 && word[0] == '[' && word[len - 1] == ']') { /* as logs and headers write it */
		word++;
		len -= 2;
	}
	if (len >= sizeof(asked->host))
		return "this is no host:";
	memcpy(asked->host, word, len);
	asked->host[len] = '\0';
	asked->has_host = true;
	return checks_is_address(asked->host) || checks_is_domain(asked->host) ? NULL : "this is no host:";
}

static void
begin_line(void *arg)
{
	struct asked *asked = arg;
	asked->has_host = asked->has_profile = false;
}

static int
set_own(struct check_run *base, int id, const char *value)
{
	struct run *run = (void *)base;
	if (id == OPT_HTML)
		run->html = value;
	else if (id == OPT_LIST_KEY)
		run->list_key = value;
	else
		return -1;
	return EXIT_FINE;
}

static int
begin(struct check_run *base)
{
	const struct run *run = (const void *)base;
	if (run->html != NULL && base->common.batch)
		return complain(EXIT_USAGE, "--html is for one host, not for --batch");
	return EXIT_FINE;
}

static int
set_given(const struct check_run *base, const void *arg, mh_job *job, const char **wrong)
{
	const struct run *run = (const void *)base;
	const struct asked *asked = arg;
	const struct {
		int option;
		const char *value, *wrong;
	} texts[] = {
		{ MH_OPT_HOST, asked->host[0] != '\0' ? asked->host : NULL, "this is no host" },
		{ MH_OPT_HELO, asked->helo, "--helo takes a name" },
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
	if (error == MH_OK && asked->no_lists)
		error = mh_job_set_int(job, MH_OPT_LISTS, 0);
	return error != MH_OK ? error : checks_job(&base->checks, job);
}

static const char *
whole(const struct check_run *run, const void *arg)
{
	const struct asked *asked = arg;
	return asked->host[0] == '\0' && run->checks.world == NULL
	    ? "give a host to look at: mailhealth host 192.0.2.25, or mailhealth host mail.example.org"
	    : NULL;
}

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
	return asked->host;
}

int
cmd_host(int argc, char **argv)
{
	static const struct check_kind kind = { .name = "host",
		.check = MH_CHECK_HOST,
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
	struct asked asked = { .host = "" };
	return check_main(&run.base, &kind, &asked, argc, argv);
}
