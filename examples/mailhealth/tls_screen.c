/* tls_screen.c - a server's TLS for a person: the verdict of each address, what is wrong, who can still deliver */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "findings_screen.h"
#include "json_read.h"
#include "tls_screen.h"

static const char *
text_of(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

static bool
is(const struct json *object, const char *key, const char *value)
{
	return strcmp(text_of(object, key), value) == 0;
}

/* add_where - "mx.example.org [192.0.2.25] port 25" */
static void
add_where(struct text *line, const struct json *end)
{
	text_add(line, text_of(end, "host"));
	if (text_of(end, "ip")[0] != '\0' && !is(end, "ip", text_of(end, "host"))) {
		text_add(line, " [");
		text_add(line, text_of(end, "ip"));
		text_add(line, "]");
	}
	if (json_number(json_get(end, "port")) > 0) {
		text_add(line, " port ");
		text_add_int(line, json_number(json_get(end, "port")));
	}
}

/* put_verdict - one sentence about one address */
static void
put_verdict(struct screen *screen, const struct json *end)
{
	const struct json *handshake = json_get(end, "handshake");
	struct text line = { .len = 0 };
	bool is_done = json_is_true(json_get(handshake, "done"));
	const char *cause = text_of(end, "cause");

	add_where(&line, end);
	text_add(&line, " (");
	text_add(&line, text_of(end, "mode"));
	text_add(&line, "): ");
	if (is_done) {
		text_add(&line, text_of(handshake, "version"));
		text_add(&line, ", ");
		text_add(&line, text_of(handshake, "suite"));
	} else if (json_get(end, "handshake") == NULL) {
		text_add(&line, "nothing could be learnt");
	} else {
		text_add(&line, "no encrypted connection");
		if (cause[0] != '\0') {
			text_add(&line, ": ");
			text_add(&line, cause);
			text_add(&line, is(end, "certainty", "likely") ? " (likely)" : "");
		}
	}
	screen_text(screen, STYLE_BOLD, 0, line.p);
}

/* put_versions - "TLS 1.3 yes, 1.2 yes, 1.1 no, ..." */
static void
put_versions(struct screen *screen, const struct json *end)
{
	static const char *const names[] = { "tls1.3", "tls1.2", "tls1.1", "tls1.0", "ssl3", "ssl2" };
	const struct json *versions = json_get(end, "versions");
	struct text line = { .len = 0 };
	bool is_known = false;
	for (size_t i = 0; i < 6; i++) {
		const char *state = text_of(versions, names[i]);
		if (strcmp(state, "unknown") == 0 && i > 3)
			continue;
		is_known = is_known || strcmp(state, "unknown") != 0;
		text_add(&line, line.len > 0 ? ", " : "");
		text_add(&line, names[i]);
		text_add(&line, " ");
		text_add(&line, state);
	}
	if (is_known)
		screen_field(screen, "Versions", line.p);
}

static void
put_certificates(struct screen *screen, const struct json *end, bool verbose)
{
	const struct json *list = json_get(end, "certificates");
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *certificate = json_at(list, i);
		const struct json *names = json_get(certificate, "names");
		struct text line = { .len = 0 };
		text_add(&line, text_of(certificate, "key"));
		text_add(&line, " ");
		text_add_int(&line, json_number(json_get(certificate, "bits")));
		text_add(&line, " bits, for ");
		for (size_t k = 0; k < json_length(names) && (k < 4 || verbose); k++) {
			text_add(&line, k > 0 ? ", " : "");
			text_add(&line, json_text(json_at(names, k)));
		}
		text_add(&line,
		    json_length(names) == 0                  ? "no name"
			: json_length(names) > 4 && !verbose ? ", ..."
							     : "");
		text_add(&line, "; chain ");
		text_add(&line, text_of(certificate, "chain"));
		text_add(&line, "; valid until ");
		const char *until = text_of(certificate, "not_after");
		text_add_n(&line, until, strlen(until) < 10 ? strlen(until) : 10); /* the day */
		screen_field(screen, i == 0 ? "Certificate" : "", line.p);
		if (verbose)
			screen_field(screen, "", text_of(certificate, "issuer"));
	}
}

static void
put_dane(struct screen *screen, const struct json *end)
{
	const struct json *list = json_get(end, "dane");
	for (size_t i = 0; i < json_length(list); i++) {
		const struct json *record = json_at(list, i);
		struct text line = { .len = 0 };
		text_add_int(&line, json_number(json_get(record, "usage")));
		text_add(&line, " ");
		text_add_int(&line, json_number(json_get(record, "selector")));
		text_add(&line, " ");
		text_add_int(&line, json_number(json_get(record, "matching")));
		text_add(&line, " ");
		text_add_short(&line, text_of(record, "data"), 20);
		text_add(&line, ": ");
		text_add(&line, text_of(record, "state"));
		if (text_of(record, "match")[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, text_of(record, "match"));
			text_add(&line, ")");
		}
		if (text_of(record, "why")[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, text_of(record, "why"));
			text_add(&line, ")");
		}
		screen_field(screen, i == 0 ? "TLSA" : "", line.p);
	}
}

/* put_senders - who can deliver, the worst first; verbose: and why not */
static void
put_senders(struct screen *screen, const struct json *end, bool verbose)
{
	static const struct pair verdicts[] = { { "bounces", "Bounce" }, { "defers", "Fail" },
		{ "plaintext", "In clear" }, { "unknown", "Unknown" }, { "delivers", "Deliver" },
		{ NULL, NULL } };
	const struct json *notes = json_get(end, "sender_notes");
	for (const struct pair *verdict = verdicts; verdict->word != NULL; verdict++) {
		struct text line = { .len = 0 };
		for (size_t i = 0; i < json_length(notes); i++) {
			const struct json *sender = json_at(notes, i);
			if (!is(sender, "verdict", verdict->word))
				continue;
			text_add(&line, line.len > 0 ? ", " : "");
			text_add(&line, text_of(sender, "name"));
		}
		if (line.len > 0)
			screen_field(screen, verdict->means, line.p);
	}
	for (size_t i = 0; verbose && i < json_length(notes); i++) {
		const struct json *sender = json_at(notes, i);
		struct text line = { .len = 0 };
		if (text_of(sender, "why")[0] == '\0')
			continue;
		text_add(&line, text_of(sender, "name"));
		text_add(&line, ": ");
		text_add(&line, text_of(sender, "why"));
		screen_field(screen, "", line.p);
	}
}

/* put_logs - what to look for in the server's own log */
static void
put_logs(struct screen *screen, const struct json *end)
{
	const struct json *logs = json_get(end, "server_logs");
	for (size_t i = 0; i < json_length(logs); i++) {
		struct text line = { .len = 0 };
		text_add(&line, text_of(json_at(logs, i), "mta"));
		text_add(&line, ": ");
		text_add(&line, text_of(json_at(logs, i), "log"));
		screen_field(screen, i == 0 ? "Logs" : "", line.p);
	}
}

/* put_sts - what the domain's policy makes of this address */
static void
put_sts(struct screen *screen, const struct json *end, const struct json *sts)
{
	struct text line = { .len = 0 };
	const char *verdict = text_of(end, "mta_sts");
	if (verdict[0] == '\0')
		return;
	if (text_of(sts, "mode")[0] != '\0') {
		text_add(&line, text_of(sts, "mode"));
		text_add(&line, ": ");
	}
	text_add(&line, strncmp(verdict, "fail:", 5) == 0 ? "fails, " : verdict);
	if (strncmp(verdict, "fail:", 5) == 0)
		text_add(&line, verdict + 5);
	screen_field(screen, "MTA-STS", line.p);
}

static void
put_suites(struct screen *screen, const struct json *end)
{
	const struct json *suites = json_get(end, "suites"), *groups = json_get(end, "groups");
	for (size_t i = 0; i < json_length(suites); i++) {
		struct text line = { .len = 0 };
		text_add(&line, text_of(json_at(suites, i), "version"));
		text_add(&line, " ");
		text_add(&line, text_of(json_at(suites, i), "suite"));
		screen_field(screen, i == 0 ? "Suites" : "", line.p);
	}
	struct text line = { .len = 0 };
	for (size_t i = 0; i < json_length(groups); i++) {
		text_add(&line, i > 0 ? ", " : "");
		text_add(&line, json_text(json_at(groups, i)));
	}
	if (line.len > 0)
		screen_field(screen, "Groups", line.p);
	if (!json_is_true(json_get(end, "enumerated")))
		screen_field(screen, "", "These were seen; there may be more (--full finds all).");
}

static void
put_how(struct screen *screen, mh_job *job)
{
	struct text line = { .len = 0 };
	text_add_many(&line, mh_job_int(job, MH_JOB_CONNECTIONS), "connection", "connections");
	text_add(&line, ", ");
	text_add_int(&line, mh_job_int(job, MH_JOB_ELAPSED_MS));
	text_add(&line, " ms");
	screen_field(screen, "It took", line.p);
}

int
tls_screen(mh_job *job, bool verbose)
{
	struct screen screen;
	struct json *json = json_read(mh_job_json(job));
	const struct json *ends = json_get(json_get(json, "results"), "tls");
	const struct json *sts = json_get(json_get(json, "results"), "mta_sts");

	if (json == NULL)
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	screen_init(&screen);
	for (size_t i = 0; i < json_length(ends); i++)
		put_verdict(&screen, json_at(ends, i));
	findings_put(&screen, json, verbose);
	if (json_length(json_get(json, "findings")) == 0 && json_length(ends) > 0) {
		screen_line(&screen);
		screen_text(&screen, STYLE_GOOD, 0, "Nothing is wrong: mail can be sent here encrypted.");
	}
	for (size_t i = 0; i < json_length(ends); i++) {
		const struct json *end = json_at(ends, i);
		screen_line(&screen);
		if (json_length(ends) > 1) {
			struct text where = { .len = 0 };
			add_where(&where, end);
			screen_text(&screen, STYLE_BOLD, 0, where.p);
		}
		put_versions(&screen, end);
		put_certificates(&screen, end, verbose);
		put_dane(&screen, end);
		put_sts(&screen, end, sts);
		put_senders(&screen, end, verbose);
		if (verbose)
			put_logs(&screen, end);
		if (verbose || json_is_true(json_get(end, "enumerated")))
			put_suites(&screen, end);
	}
	put_how(&screen, job);
	json_free(json);
	return screen_end(&screen);
}
