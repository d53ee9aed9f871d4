/* cmd_tls.c - mailhealth tls: can others send mail here encrypted, and if not, why */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mailhealth.h>

#include "checks.h"
#include "tls_screen.h"

static const char help[] = //
    "Usage: mailhealth tls HOST[:PORT] | --domain DOMAIN [options]\n"
    "\n"
    "Connects to a mail server, a few times and one after another, and tells whether mail can\n"
    "be sent to it encrypted, what keeps it from being so, and what to change.  HOST is a name,\n"
    "an address, [ADDRESS]:PORT, or unix:/path of a socket; without it, all MX hosts of DOMAIN.\n"
    "\n"
    "      --mode MODE           smtp (default), submission, implicit, lmtp, imap, pop3 or sieve;\n"
    "                            several with commas, MODE:PORT for another port\n"
    "      --name NAME           name to send and to verify, if it is not HOST\n"
    "      --ca FILE             trust these certificates, not the system's; more than once\n"
    "      --full                every version, cipher suite and group\n"
    "      --inject              also try whether commands can be smuggled in before TLS\n"
    "      --relay               also try, up to RCPT, whether anybody may send through it to others\n"
    "      --max-connections N   to one address (default 9; 120 with --full)\n"
    "      --min-interval MS     between connections to one address (default 0)\n"
    "      --helo NAME           name to greet with (default: this host's)\n"
    "      --tlsa 'RECORD'       judge by this TLSA record, not by DNS; more than once\n"
    "      --cert FILE           judge this certificate chain, not the server's\n"
    "      --domain DOMAIN       whose mail HOST takes: look at its MTA-STS, too\n"
    "      --policy FILE         judge by this MTA-STS policy, not the domain's\n"
    "      --https-port PORT     of the policy host (default 443)\n"
    "      --allow-private       fetch policies from private and local addresses, too\n"
    "      --no-names            do not hold the name that the server greets with against DNS\n"
    "      --at TIME             judge as of then: seconds since 1970, or +DAYS\n"
    "      --go-on FILE          go on from the recording of a probe that the server had enough of\n"
    "      --transcript FILE     write what was said, as a recording (see --world)\n"
    "  -v, --verbose             show everything\n"
    "      --json                print one JSON object\n"
    "      --batch               such arguments a line, a JSON object a line; many at once\n"
    "\n"
    "Who answers instead of the servers of /etc/resolv.conf, and the network:\n"
    "      --resolver ADDR  this server, ADDR:PORT or [ADDR]:PORT; may be given more than once\n"
    "      --trust-ad       believe its word that an answer was validated\n"
    "      --zone FILE      a zone file for names; may be given more than once\n"
    "      --overlay        DNS for names outside the zone files\n"
    "      --world FILE     a recording, of names and of connections\n"
    "      --record FILE    write one\n"
    "      --timeout S      seconds for all of it (default 60)\n"
    "      --now TIME       seconds since 1970, as the time of the check\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 nothing is wrong; 1 something is (with --batch: a line was bad); 2 it could\n"
    "not be found out; 64 usage; 66 unreadable input; 70 our own failure.\n";

enum {
	OPT_MODE = 1,
	OPT_NAME,
	OPT_CA,
	OPT_FULL,
	OPT_INJECT,
	OPT_MAX_CONNECTIONS,
	OPT_MIN_INTERVAL,
	OPT_TLS_HELO,
	OPT_TLSA,
	OPT_CERT,
	OPT_AT,
	OPT_TRANSCRIPT,
	OPT_TLS_DOMAIN,
	OPT_POLICY,
	OPT_HTTPS_PORT,
	OPT_ALLOW_PRIVATE,
	OPT_NO_NAMES,
	OPT_RELAY,
	OPT_GO_ON
};

static const struct option options[] = {
	{ "mode", 0, true, OPT_MODE },
	{ "name", 0, true, OPT_NAME },
	{ "ca", 0, true, OPT_CA },
	{ "full", 0, false, OPT_FULL },
	{ "inject", 0, false, OPT_INJECT },
	{ "max-connections", 0, true, OPT_MAX_CONNECTIONS },
	{ "min-interval", 0, true, OPT_MIN_INTERVAL },
	{ "helo", 0, true, OPT_TLS_HELO },
	{ "tlsa", 0, true, OPT_TLSA },
	{ "cert", 0, true, OPT_CERT },
	{ "at", 0, true, OPT_AT },
	{ "transcript", 0, true, OPT_TRANSCRIPT },
	{ "domain", 0, true, OPT_TLS_DOMAIN },
	{ "policy", 0, true, OPT_POLICY },
	{ "https-port", 0, true, OPT_HTTPS_PORT },
	{ "allow-private", 0, false, OPT_ALLOW_PRIVATE },
	{ "no-names", 0, false, OPT_NO_NAMES },
	{ "relay", 0, false, OPT_RELAY },
	{ "go-on", 0, true, OPT_GO_ON },
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "verbose", 'v', false, OPT_VERBOSE },
	CHECK_OPTIONS,
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

#define TLSA_MAX 32
#define FULL_CONNECTIONS 120

struct asked {
	char host[300];
	int64_t port; /* -1: not given */
	const char *mode, *name, *helo, *domain;
	const char *tlsa[TLSA_MAX];
	size_t tlsa_count;
	int64_t max_connections; /* -1 */
	int64_t https_port; /* 0 */
	bool full, inject, allow_private, no_names, relay;
	bool has_host; /* as a word */
};

struct run {
	struct check_run base;
	char *certificate, *policy; /* PEM, and an MTA-STS policy; NULL */
	int64_t at_s; /* -1; relative: seconds from now */
	bool at_is_relative, has_ca;
	char helo[300];
};

/* read_host - "HOST", "HOST:PORT", "[ADDRESS]:PORT", "unix:/path"; false: it is none */
static bool
read_host(struct asked *asked, const char *word)
{
	const char *port = NULL;
	size_t len = strlen(word);
	if (strncmp(word, "unix:/", 6) != 0) {
		const char *colon = strrchr(word, ':');
		if (word[0] == '[') {
			const char *close = strchr(word, ']');
			if (close == NULL || (close[1] != '\0' && close[1] != ':'))
				return false;
			port = close[1] == ':' ? close + 2 : NULL;
			word++;
			len = (size_t)(close - word);
		} else if (colon != NULL && strchr(word, ':') == colon) {
			port = colon + 1;
			len = (size_t)(colon - word);
		}
	}
	if (len == 0 || len >= sizeof(asked->host))
		return false;
	memcpy(asked->host, word, len);
	asked->host[len] = '\0';
	asked->port = port != NULL ? checks_number(port, 1, 65535) : -1;
	return port == NULL || asked->port > 0;
}

static const char *
take(void *arg, int id, const char *value)
{
	struct asked *asked = arg;
	switch (id) {
	case OPT_MODE:
		asked->mode = value;
		return NULL;
	case OPT_NAME:
		asked->name = value;
		return NULL;
	case OPT_TLS_HELO:
		asked->helo = value;
		return NULL;
	case OPT_TLS_DOMAIN:
		asked->domain = value;
		return NULL;
	case OPT_HTTPS_PORT:
		asked->https_port = checks_number(value, 1, 65535);
		return asked->https_port > 0 ? NULL : "--https-port takes a port, not";
	case OPT_ALLOW_PRIVATE:
		asked->allow_private = true;
		return NULL;
	case OPT_NO_NAMES:
		asked->no_names = true;
		return NULL;
	case OPT_RELAY:
		asked->relay = true;
		return NULL;
	case OPT_FULL:
		asked->full = true;
		return NULL;
	case OPT_INJECT:
		asked->inject = true;
		return NULL;
	case OPT_TLSA:
		if (asked->tlsa_count == TLSA_MAX)
			return "there are too many TLSA records:";
		asked->tlsa[asked->tlsa_count++] = value;
		return NULL;
	case OPT_MAX_CONNECTIONS:
		asked->max_connections = checks_number(value, 1, 1000);
		return asked->max_connections > 0 ? NULL : "--max-connections takes 1 to 1000, not";
	default:
		return batch_not_in_line;
	}
}

static const char *
take_word(void *arg, const char *word)
{
	struct asked *asked = arg;
	if (asked->has_host)
		return "there is more than one host:";
	asked->has_host = true;
	return read_host(asked, word) ? NULL : "this is no host:";
}

static void
begin_line(void *arg)
{
	struct asked *asked = arg;
	asked->has_host = false;
}

/* ---------------------------------------------------------------------- the job */

static int
set_given(const struct check_run *base, const void *arg, mh_job *job, const char **wrong)
{
	const struct run *run = (const void *)base;
	const struct asked *asked = arg;
	bool is_replay = run->base.checks.world != NULL;
	const struct {
		int option;
		const char *value, *wrong;
	} texts[] = {
		{ MH_OPT_HOST, asked->host[0] != '\0' ? asked->host : NULL, "this is no host" },
		{ MH_OPT_MODE, asked->mode,
		    "--mode takes smtp, submission, implicit, lmtp, imap, pop3 or sieve, or several" },
		{ MH_OPT_NAME, asked->name, "--name takes a host name" },
		{ MH_OPT_HELO,
		    asked->helo != NULL ? asked->helo
			: is_replay     ? NULL
					: run->helo,
		    "--helo takes a name" },
		{ MH_OPT_CERTIFICATE, run->certificate, "--cert has more than can be taken" },
		{ MH_OPT_DOMAIN, asked->domain, "--domain takes a domain" },
		{ MH_OPT_POLICY, run->policy, "--policy has more than can be taken" },
	};
	int error = MH_OK;
	for (size_t i = 0; error == MH_OK && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].value == NULL)
			continue;
		error = mh_job_set_str(job, texts[i].option, texts[i].value);
		if (error == MH_EINVAL)
			*wrong = texts[i].wrong;
	}
	for (size_t i = 0; error == MH_OK && i < asked->tlsa_count; i++) {
		if (i == 0)
			error = mh_job_set_str(job, MH_OPT_TLSA, "");
		if (error == MH_OK)
			error = mh_job_set_str(job, MH_OPT_TLSA, asked->tlsa[i]);
		if (error == MH_EINVAL)
			*wrong = "--tlsa takes a record such as '3 1 1 0123...'";
	}
	if (error == MH_OK && asked->port > 0)
		error = mh_job_set_int(job, MH_OPT_PORT, asked->port);
	if (error == MH_OK && asked->https_port > 0)
		error = mh_job_set_int(job, MH_OPT_HTTPS_PORT, asked->https_port);
	if (error == MH_OK && asked->relay)
		error = mh_job_set_int(job, MH_OPT_RELAY, 1);
	if (error == MH_OK && asked->no_names)
		error = mh_job_set_int(job, MH_OPT_LOOK_UP_NAMES, 0);
	if (error == MH_OK && asked->allow_private)
		error = mh_job_set_int(job, MH_OPT_ALLOW_PRIVATE, 1);
	if (error == MH_OK && (asked->full || !is_replay))
		error = mh_job_set_int(job, MH_OPT_FULL, asked->full);
	if (error == MH_OK && (asked->inject || !is_replay))
		error = mh_job_set_int(job, MH_OPT_INJECT, asked->inject);
	int64_t connections = asked->max_connections > 0 ? asked->max_connections
	    : asked->full                                ? FULL_CONNECTIONS
							 : -1;
	if (error == MH_OK && connections > 0)
		error = mh_job_set_int(job, MH_OPT_MAX_CONNECTIONS, connections);
	if (error == MH_OK && run->base.checks.goes_on)
		error = mh_job_set_int(job, MH_OPT_RESUMES,
		    strtol(mh_world_str(run->base.checks.world, "resumes"), NULL, 10) + 1);
	if (error == MH_OK && (!is_replay || run->base.checks.goes_on) && run->base.checks.now_s < 0)
		error = mh_job_set_int(job, MH_OPT_NOW, run->base.common.clock.now_s);
	if (error == MH_OK)
		error = checks_job(&run->base.checks, job);
	if (error == MH_OK && run->at_s >= 0) {
		int64_t now =
		    run->base.checks.now_s >= 0 ? run->base.checks.now_s : run->base.common.clock.now_s;
		error = mh_job_set_int(job, MH_OPT_NOW, run->at_is_relative ? now + run->at_s : run->at_s);
	}
	return error;
}

static const char *
whole(const struct check_run *run, const void *arg)
{
	const struct asked *asked = arg;
	if (asked->host[0] == '\0' && asked->domain == NULL && run->checks.world == NULL)
		return "give a host to look at: mailhealth tls mx.example.org, or --domain example.org";
	if (asked->host[0] == '\0' && asked->name != NULL && run->checks.world == NULL)
		return "--name goes with a host: each MX host has its own";
	return NULL;
}

/* ----------------------------------------------------------------------- options */

static int
set_at(struct run *run, const char *value)
{
	run->at_is_relative = value[0] == '+';
	int64_t number = checks_number(value + (run->at_is_relative ? 1 : 0), 0, INT64_C(253402300799));
	run->at_s = run->at_is_relative ? number * 86400 : number;
	if (number < 0 || run->at_s > INT64_C(253402300799))
		return complain(EXIT_USAGE, "--at takes seconds since 1970, or +DAYS, not '%.80s'", value);
	return EXIT_FINE;
}

static int
set_own(struct check_run *base, int id, const char *value)
{
	struct run *run = (void *)base;
	int64_t number;
	switch (id) {
	case OPT_CA:
		run->has_ca = true;
		return checks_add_ca(base->common.ctx, value);
	case OPT_CERT:
		free(run->certificate);
		run->certificate = checks_read_file(value);
		return run->certificate != NULL ? EXIT_FINE : EXIT_INPUT;
	case OPT_GO_ON:
		base->checks.goes_on = true;
		return checks_set(&base->checks, base->common.ctx, OPT_WORLD, value);
	case OPT_POLICY:
		free(run->policy);
		run->policy = checks_read_file(value);
		return run->policy != NULL ? EXIT_FINE : EXIT_INPUT;
	case OPT_AT:
		return set_at(run, value);
	case OPT_TRANSCRIPT:
		base->checks.record = value;
		return EXIT_FINE;
	case OPT_MIN_INTERVAL:
		number = checks_number(value, 0, 3600000);
		if (number < 0)
			return complain(EXIT_USAGE, "--min-interval takes milliseconds, not '%.80s'", value);
		base->checks.min_interval_ms = number;
		return EXIT_FINE;
	default:
		return -1;
	}
}

static int
begin(struct check_run *base)
{
	const struct run *run = (const void *)base;
	if (!run->has_ca)
		(void)mh_ctx_use_system_anchors(base->common.ctx); /* without any, trust is unknown */
	return EXIT_FINE;
}

static const char *
subject(const void *arg)
{
	const struct asked *asked = arg;
	return asked->host[0] != '\0' || asked->domain == NULL ? asked->host : asked->domain;
}

int
cmd_tls(int argc, char **argv)
{
	static const struct check_kind kind = { .name = "tls",
		.check = MH_CHECK_TLS,
		.command = { .options = options, .help = help },
		.asked_size = sizeof(struct asked),
		.word = take_word,
		.option = take,
		.begin_line = begin_line,
		.whole = whole,
		.set = set_given,
		.screen = tls_screen,
		.own = set_own,
		.begin = begin,
		.subject = subject };
	struct run run = { .at_s = -1 };
	struct asked asked = { .port = -1, .max_connections = -1 };

	if (gethostname(run.helo, sizeof(run.helo) - 1) != 0 || run.helo[0] == '\0')
		memcpy(run.helo, "localhost", sizeof("localhost"));
	int status = check_main(&run.base, &kind, &asked, argc, argv);
	free(run.certificate);
	free(run.policy);
	return status;
}
