/* explain_check.c - the checks that would explain a reply, and which of their findings do
 *
 * A reply's explanation names checks (its "next").  They are made here of the
 * domain, the address and the host that the reply names, or the caller; findings of
 * other checks are left out.  A finding that the reply's reason comes from stands
 * before one that is merely wrong.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mailhealth.h>

#include "domain_view.h"
#include "explain_check.h"
#include "findings_screen.h"

#define JOBS 3
#define CAUSES 64 /* that are ranked */
#define SHOWN 5 /* whole, unless all are wanted */

/* What "next" can name, and the checks of findings that it stands for. */
static const struct {
	const char *word, *checks;
	bool of_sender, of_host, of_recipient, of_tls;
} words[] = {
	{ "spf", " spf ", .of_sender = true }, { "dkim", " dkim ", .of_sender = true },
	{ "dmarc", " dmarc ", .of_sender = true },
	{ "domain", " spf dmarc dkim mx ns soa dnssec ", .of_sender = true },
	{ "host", " host ", .of_host = true }, { "dnsbl", " lists ", .of_host = true },
	{ "mx", " mx ns soa dnssec ", .of_recipient = true }, { "tls", " tls mta-sts dane ", .of_tls = true },
	{ "forwarding", " ", .of_sender = false }, /* nothing that DNS tells */
};

/* Findings that a reason comes from, the surest first: ids, or beginnings of ids with a dot at the end. */
static const struct pair causes_of[] = {
	{ "auth-spf", "spf.not-authorised spf. " },
	{ "auth-dkim", "dkim. " },
	{ "auth-dmarc", "dmarc. spf.not-authorised dkim. spf. " },
	{ "auth-none", "spf.not-authorised dkim. spf. dmarc. " },
	{ "ptr-missing", "host.ptr-missing host.ptr-unconfirmed host.ipv6-no-ptr host.ptr-multiple " },
	{ "helo-invalid", "host.helo-invalid host.helo-literal host.helo-mismatch " },
	{ "ip-blocklisted", "host.listed " },
	{ "ip-blocked", "host.listed host.generic-name host.ptr-missing host.ptr-unconfirmed " },
	{ "ip-reputation",
	    "host.listed host.ptr-missing host.ptr-unconfirmed host.generic-name spf. dkim. " },
	{ "domain-blocklisted", "host.listed " },
	{ "domain-reputation", "host.listed spf. dkim. dmarc. " },
	{ "sender-rejected", "mx. ns. dnssec. spf. " },
	{ "domain-unknown", "mx. ns. dnssec. " },
	{ "domain-no-mail", "mx.null mx. " },
	{ "dns-failure", "ns. dnssec. mx. " },
	{ "routing-error", "mx. " },
	{ "rate-limited", "host.listed host.ptr-missing host.generic-name " },
	{ "tls-required", "tls. smtp. cert. " },
	{ "tls-failed", "tls. cert. dane. sts. smtp. " },
	{ "policy-rejected", "host.listed spf.not-authorised dmarc. dkim. spf. host. " },
	{ "spam-content", "spf.not-authorised dkim. dmarc. host.listed " },
	{ "server-unavailable", "mx. " },
	{ "timeout", "mx. " },
	{ "network-error", "mx. " },
	{ NULL, NULL },
};

/* One finding, and how well it explains the reply: 0 best; OTHER: it does not. */
#define OTHER 100
struct cause {
	const struct json *finding, *object;
	int rank;
};

struct session {
	const struct common *common;
	const struct checks *checks;
	const struct check_facts *facts;
	const struct json *reply;
	char sender[256], ip[64], recipient[256], relay[300]; /* "" not known */
	char wanted[256]; /* checks of findings that count, with spaces around each */
	bool wants_sender, wants_host, wants_lists, wants_recipient, wants_tls;
	const char *texts[JOBS]; /* JSON of what was checked */
	struct json *objects[JOBS];
	mh_job *jobs[JOBS];
	size_t count;
	struct cause causes[CAUSES];
	size_t causes_count, unknown; /* unknown: questions without an answer */
};

static const char *
text_of(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

/* keep - a copy, if it fits; "" else */
static void
keep(char *out, size_t size, const char *text, size_t len)
{
	if (len >= size)
		len = 0;
	memcpy(out, text, len);
	out[len] = '\0';
}

/* keep_domain - of a mail address, or the text itself; nothing of what can be no domain */
static void
keep_domain(char *out, size_t size, const char *text)
{
	const char *at = strrchr(text, '@');
	keep(out, size, at != NULL ? at + 1 : text, strlen(at != NULL ? at + 1 : text));
	if (!checks_is_domain(out))
		out[0] = '\0';
}

/* ------------------------------------------------------------- who and what it is about */

/* is_answering - whether a name is one of the server that answered, or of its provider: it shares the last two labels */
static bool
is_answering(const struct session *session, const char *name)
{
	static const char *const providers[] = { "outlook.com", "google.com", "gmail.com", "yahoodns.net",
		"yahoo.com", "spamhaus.org" };
	const char *relay = session->relay, *end = strrchr(relay, '.');
	size_t len = strlen(name);
	for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++) {
		size_t more = strlen(providers[i]);
		if (len > more && strcmp(name + len - more, providers[i]) == 0 && name[len - more - 1] == '.')
			return true;
	}
	while (end != NULL && end > relay && end[-1] != '.')
		end--;
	size_t tail = end != NULL ? strlen(end) : 0;
	return tail > 0 && len >= tail && strcmp(name + len - tail, end) == 0 &&
	    (len == tail || name[len - tail - 1] == '.');
}

/* find_sender - the domain that the mail came from: as given, as the log or the report has it, as the reply says */
static void
find_sender(struct session *session, const struct json *facts, const struct json *around)
{
	const char *recipient = text_of(around, "recipient");
	if (session->facts->domain != NULL) {
		keep(session->sender, sizeof(session->sender), session->facts->domain,
		    strlen(session->facts->domain));
		return;
	}
	keep_domain(session->sender, sizeof(session->sender), text_of(around, "sender"));
	const struct json *list = json_get(facts, "domain");
	for (const struct json *one = json_first(list); one != NULL && session->sender[0] == '\0';
	     one = json_next(one))
		if (!is_answering(session, json_text(one)))
			keep_domain(session->sender, sizeof(session->sender), json_text(one));
	list = json_get(facts, "email");
	for (const struct json *one = json_first(list); one != NULL && session->sender[0] == '\0';
	     one = json_next(one))
		if (strcmp(json_text(one), recipient) != 0)
			keep_domain(session->sender, sizeof(session->sender), json_text(one));
}

/* find_subjects - all that a check may be about */
static void
find_subjects(struct session *session)
{
	const struct json *facts = json_get(session->reply, "facts"), *log = json_get(session->reply, "log"),
			  *bounce = json_get(session->reply, "bounce");
	const struct json *around = text_of(bounce, "recipient")[0] != '\0' ? bounce : log;
	const char *relay =
	    text_of(log, "relay")[0] != '\0' ? text_of(log, "relay") : text_of(bounce, "remote_mta");
	const char *ip =
	    session->facts->ip != NULL ? session->facts->ip : json_text(json_first(json_get(facts, "ip")));

	keep(session->relay, sizeof(session->relay), relay, strlen(relay));
	if (!checks_is_domain(session->relay) && !checks_is_address(session->relay))
		session->relay[0] = '\0';
	if (checks_is_address(ip))
		keep(session->ip, sizeof(session->ip), ip, strlen(ip));
	find_sender(session, facts, around);
	keep_domain(session->recipient, sizeof(session->recipient), text_of(around, "recipient"));
	if (session->recipient[0] == '\0') /* what a reply about a recipient names is the recipient */
		keep_domain(session->recipient, sizeof(session->recipient),
		    json_text(json_first(json_get(facts, "email"))));
}

/* has_scope - whether the reply is about so and so, "sender-domain" */
static bool
has_scope(const struct session *session, const char *scope)
{
	const struct json *list = json_get(session->reply, "scope");
	for (const struct json *one = json_first(list); one != NULL; one = json_next(one))
		if (strcmp(json_text(one), scope) == 0)
			return true;
	return false;
}

/* take_next - what the checks are that the reply names */
static void
take_next(struct session *session)
{
	const struct json *next = json_get(session->reply, "next");
	size_t len = 0;
	for (const struct json *one = json_first(next); one != NULL; one = json_next(one))
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			size_t more = strlen(words[i].checks);
			if (strcmp(json_text(one), words[i].word) != 0 ||
			    len + more >= sizeof(session->wanted))
				continue;
			memcpy(session->wanted + len, words[i].checks, more + 1);
			len += more;
			/* a sender that was refused for its domain has to take mail itself */
			bool is_sender = words[i].of_recipient && has_scope(session, "sender-domain");
			session->wants_sender |= words[i].of_sender || is_sender;
			session->wants_host |= words[i].of_host;
			session->wants_lists |= strcmp(words[i].word, "dnsbl") == 0;
			session->wants_recipient |= words[i].of_recipient && !is_sender;
			session->wants_tls |= words[i].of_tls;
		}
}

bool
explain_check_wants(const char *json)
{
	struct json *reply = json_read(json);
	const struct json *next = json_get(reply, "next");
	bool wants = false;
	for (const struct json *one = json_first(next); one != NULL; one = json_next(one))
		wants = wants || strcmp(json_text(one), "forwarding") != 0;
	json_free(reply);
	return wants;
}

/* ------------------------------------------------------------------------- the jobs */

/* set_selectors - those that the caller gave */
static int
set_selectors(const struct session *session, mh_job *job)
{
	int error = MH_OK;
	for (size_t i = 0; error == MH_OK && i < session->facts->selectors_count; i++)
		error = mh_job_set_str(job, MH_OPT_SELECTOR, session->facts->selectors[i]);
	return error;
}

/* new_domain - the check of the sender's domain, with the host if that is asked for, or of the recipient's */
static mh_job *
new_domain(const struct session *session, bool is_sender, int *error)
{
	mh_job *job = mh_job_new(session->common->ctx, MH_CHECK_DOMAIN);
	*error = job != NULL
	    ? mh_job_set_str(job, MH_OPT_DOMAIN, is_sender ? session->sender : session->recipient)
	    : MH_ENOMEM;
	if (*error == MH_OK && is_sender && session->ip[0] != '\0')
		*error = mh_job_set_str(job, MH_OPT_IP, session->ip);
	if (*error == MH_OK && is_sender && session->ip[0] != '\0' && session->facts->helo != NULL)
		*error = mh_job_set_str(job, MH_OPT_HELO, session->facts->helo);
	if (*error == MH_OK && is_sender)
		*error = set_selectors(session, job);
	if (*error == MH_OK && (!is_sender || strstr(session->wanted, " dkim ") == NULL))
		*error = mh_job_set_int(job, MH_OPT_GUESS, 0);
	if (*error == MH_OK)
		*error = mh_job_set_int(job, MH_OPT_LISTS, is_sender && session->wants_lists);
	if (*error == MH_OK)
		*error = mh_job_set_int(job, MH_OPT_FETCH, 0);
	return job;
}

static mh_job *
new_host(const struct session *session, int *error)
{
	mh_job *job = mh_job_new(session->common->ctx, MH_CHECK_HOST);
	*error = job != NULL ? mh_job_set_str(job, MH_OPT_HOST, session->ip) : MH_ENOMEM;
	if (*error == MH_OK && session->facts->helo != NULL)
		*error = mh_job_set_str(job, MH_OPT_HELO, session->facts->helo);
	if (*error == MH_OK)
		*error = mh_job_set_int(job, MH_OPT_LISTS, session->wants_lists);
	return job;
}

static mh_job *
new_tls(const struct session *session, int *error)
{
	char helo[300] = "";
	mh_job *job = mh_job_new(session->common->ctx, MH_CHECK_TLS);
	if (gethostname(helo, sizeof(helo) - 1) != 0 || helo[0] == '\0')
		memcpy(helo, "localhost", sizeof("localhost"));
	*error = job != NULL ? mh_job_set_str(job, MH_OPT_HELO, helo) : MH_ENOMEM;
	if (*error == MH_OK && session->relay[0] != '\0')
		*error = mh_job_set_str(job, MH_OPT_HOST, session->relay);
	if (*error == MH_OK && session->recipient[0] != '\0')
		*error = mh_job_set_str(job, MH_OPT_DOMAIN, session->recipient);
	if (*error == MH_OK)
		*error = mh_job_set_int(job, MH_OPT_NOW, session->common->clock.now_s);
	return job;
}

/* run_job - one check, and its JSON */
static int
run_job(struct session *session, mh_loop *loop, mh_job *job, int error)
{
	if (error == MH_OK)
		error = checks_job(session->checks, job);
	int result = error == MH_OK ? mh_loop_run(loop, job, -1) : error;
	if (result == MH_EINVAL) {
		mh_job_free(job);
		return complain(EXIT_USAGE,
		    "a domain, address, name or selector for --check cannot be right");
	}
	const char *text = result == MH_DONE ? mh_job_json(job) : "";
	struct json *object = text[0] != '\0' ? json_read(text) : NULL;
	if (object == NULL) {
		mh_job_free(job);
		return complain(EXIT_OURS, "%s", mh_strerror(result == MH_DONE ? MH_ENOMEM : result));
	}
	session->jobs[session->count] = job;
	session->texts[session->count] = text;
	session->objects[session->count++] = object;
	return EXIT_FINE;
}

/* run_jobs - all that the reply names, and that there is something to ask about */
static int
run_jobs(struct session *session)
{
	mh_loop *loop = NULL;
	int status = checks_loop(session->checks, session->common->ctx, &loop), error = MH_OK;
	bool has_sender = session->wants_sender && session->sender[0] != '\0';

	if (status == EXIT_FINE && has_sender) {
		mh_job *job = new_domain(session, true, &error);
		status = run_job(session, loop, job, error);
	}
	if (status == EXIT_FINE && session->wants_host && session->ip[0] != '\0' && !has_sender) {
		mh_job *job = new_host(session, &error);
		status = run_job(session, loop, job, error);
	}
	if (status == EXIT_FINE && session->wants_recipient && session->recipient[0] != '\0') {
		mh_job *job = new_domain(session, false, &error);
		status = run_job(session, loop, job, error);
	}
	if (status == EXIT_FINE && session->wants_tls && session->count < JOBS &&
	    (session->relay[0] != '\0' || session->recipient[0] != '\0')) {
		(void)mh_ctx_use_system_anchors(session->common->ctx); /* without any, trust is unknown */
		mh_job *job = new_tls(session, &error);
		status = run_job(session, loop, job, error);
	}
	mh_loop_free(loop);
	return status;
}

/* ------------------------------------------------------------------------ the causes */

/* rank_of - how well a finding explains the reason, 0 best: by its id, and of a kind what makes mail fail */
static int
rank_of(const char *reason, const struct json *finding)
{
	const char *id = text_of(finding, "id");
	bool is_fault = finding_severity(finding) == MH_SEVERITY_FAIL;
	const char *p = word_for(causes_of, reason, "");
	for (int rank = 0; *p != '\0'; rank++) {
		size_t len = strcspn(p, " ");
		bool is_prefix = len > 0 && p[len - 1] == '.';
		if (strncmp(p, id, len) == 0 && (is_prefix ? is_fault : id[len] == '\0'))
			return rank;
		p += len;
		p += strspn(p, " ");
	}
	return OTHER;
}

/* is_wanted - whether a finding's check is one that the reply names; all of a check of TLS are */
static bool
is_wanted(const struct session *session, const struct json *object, const struct json *finding)
{
	char check[64];
	int n = snprintf(check, sizeof(check), " %s ", text_of(finding, "check"));
	return strcmp(text_of(object, "kind"), "tls") == 0 ||
	    (n > 0 && (size_t)n < sizeof(check) && strstr(session->wanted, check) != NULL);
}

/* goes_before - what explains, then what is worse, then as they were found; a note explains nothing */
static bool
goes_before(const struct cause *a, const struct cause *b)
{
	bool a_explains = a->rank < OTHER, b_explains = b->rank < OTHER;
	if (a_explains != b_explains)
		return a_explains;
	int severity = finding_severity(a->finding) - finding_severity(b->finding);
	return severity != 0 ? severity > 0 : a->rank < b->rank;
}

static void
add_cause(struct session *session, const struct json *object, const struct json *finding)
{
	struct cause cause = { finding, object, rank_of(text_of(session->reply, "reason"), finding) };
	size_t at = session->causes_count;
	if (finding_severity(finding) == MH_SEVERITY_INFO || at == CAUSES)
		return;
	for (; at > 0 && goes_before(&cause, &session->causes[at - 1]); at--)
		session->causes[at] = session->causes[at - 1];
	session->causes[at] = cause;
	session->causes_count++;
}

static void
rank_causes(struct session *session)
{
	for (size_t i = 0; i < session->count; i++) {
		const struct json *object = session->objects[i], *list = json_get(object, "findings");
		for (const struct json *finding = json_first(list); finding != NULL;
		     finding = json_next(finding)) {
			if (!is_wanted(session, object, finding))
				continue;
			if (finding_is_unknown(finding))
				session->unknown++;
			else
				add_cause(session, object, finding);
		}
	}
}

/* ------------------------------------------------------------------------- showing it */

/* put_json - the reply's object, and behind its members what was checked and what came out */
static int
put_json(const struct session *session, const char *json)
{
	size_t len = strlen(json);
	(void)fwrite(json, 1, len - 1, stdout); /* without its last brace */
	(void)fputs(",\"checked\":[", stdout);
	for (size_t i = 0; i < session->count; i++) {
		(void)fputs(i > 0 ? "," : "", stdout);
		(void)fputs(session->texts[i], stdout);
	}
	(void)fputs("],\"causes\":[", stdout);
	for (size_t i = 0; i < session->causes_count; i++) {
		const struct cause *cause = &session->causes[i];
		(void)fputs(i > 0 ? ",{\"finding\":" : "{\"finding\":", stdout);
		json_put(text_of(cause->finding, "id"));
		(void)fputs(",\"check\":", stdout);
		json_put(text_of(cause->finding, "check"));
		(void)fputs(",\"subject\":", stdout);
		json_put(text_of(cause->finding, "subject"));
		(void)fputs(",\"severity\":", stdout);
		json_put(text_of(cause->finding, "severity"));
		printf(",\"explains\":%s}", cause->rank < OTHER ? "true" : "false");
	}
	(void)fputs("]}\n", stdout);
	return out_flush();
}

/* put_checked - what was looked at */
static void
put_checked(struct screen *screen, const struct session *session)
{
	struct text line = { .len = 0 };
	text_add(&line, "Checked ");
	for (size_t i = 0; i < session->count; i++) {
		const struct json *object = session->objects[i];
		text_add(&line, i > 0 ? ", " : "");
		text_add_short(&line, text_of(object, "subject"), 200);
		if (strcmp(text_of(object, "kind"), "tls") == 0)
			text_add(&line, " (TLS)");
		else if (strcmp(text_of(object, "kind"), "domain") == 0 && session->ip[0] != '\0' &&
		    strcmp(text_of(object, "subject"), session->sender) == 0) {
			text_add(&line, " and ");
			text_add(&line, session->ip);
		}
	}
	text_add(&line, ":");
	screen_line(screen);
	screen_text(screen, STYLE_BOLD, 0, line.p);
}

/* put_nothing - no fault was found */
static void
put_nothing(struct screen *screen, const struct session *session)
{
	const struct json *next = json_get(session->reply, "next");
	bool can_be_forwarded = false;
	for (const struct json *one = json_first(next); one != NULL; one = json_next(one))
		can_be_forwarded = can_be_forwarded || strcmp(json_text(one), "forwarding") == 0;
	screen_text(screen, STYLE_GOOD, 0, "Nothing wrong was found there.");
	screen_text(screen, STYLE_PLAIN, 0,
	    can_be_forwarded
		? "It may have been mended since, the mail may have been forwarded, or it was sent from "
		  "another host or signed with another selector: --ip and --selector say which."
		: "It may have been mended since, or the receiver has another reason.");
}

/* put_causes - those that explain it whole, others a line each */
static void
put_causes(struct screen *screen, const struct session *session)
{
	struct findings findings[JOBS];
	bool verbose = session->common->verbose, has_others = false;
	for (size_t i = 0; i < session->count; i++) {
		findings_begin(&findings[i], screen, session->objects[i], verbose);
		findings[i].names_both = true;
	}
	for (size_t i = 0; i < session->causes_count; i++) {
		const struct cause *cause = &session->causes[i];
		size_t of = 0;
		while (session->objects[of] != cause->object)
			of++;
		if (verbose || (i < SHOWN && (cause->rank < OTHER || i == 0))) {
			screen_line(screen);
			if (cause->rank >= OTHER && !has_others)
				screen_text(screen, STYLE_BOLD, 0, "Wrong, too:");
			has_others = has_others || cause->rank >= OTHER;
			findings_put_one(&findings[of], cause->finding);
			continue;
		}
		if (!has_others) {
			screen_line(screen);
			screen_text(screen, STYLE_BOLD, 0, "Wrong, too:");
		}
		has_others = true;
		struct text line = { .len = 0 };
		text_add(&line, finding_title(cause->finding));
		text_add(&line, ": ");
		text_add_short(&line, text_of(cause->finding, "subject"), 120);
		text_add(&line, " (");
		text_add(&line, text_of(cause->finding, "id"));
		text_add(&line, ")");
		screen_hang(screen, STYLE_PLAIN, 2, "", line.p);
	}
}

static int
put_screen(const struct session *session)
{
	struct screen screen;
	screen_init(&screen);
	put_checked(&screen, session);
	if (session->causes_count == 0 && session->unknown == 0)
		put_nothing(&screen, session);
	else if (session->causes_count > 0 && session->causes[0].rank < OTHER)
		screen_text(&screen, STYLE_PLAIN, 0, "This explains it, the surest first.");
	else if (session->causes_count > 0)
		screen_text(&screen, STYLE_PLAIN, 0, "Nothing was found that surely explains it.");
	put_causes(&screen, session);
	if (session->unknown > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, (int64_t)session->unknown, "thing", "things");
		text_add(&line, " could not be found out; all of it: mailhealth ");
		text_add(&line, text_of(session->objects[0], "kind"));
		text_add(&line, " ");
		text_add_short(&line, text_of(session->objects[0], "subject"), 200);
		screen_line(&screen);
		screen_text(&screen, STYLE_WAIT, 0, line.p);
	}
	return screen_end(&screen);
}

/* missing - which option would tell what there is to ask about; NULL: there is something */
static const char *
missing(const struct session *session)
{
	if (session->count > 0)
		return NULL;
	if (session->wants_sender)
		return "nothing was checked: which domain sent it is not said there; give --domain NAME";
	if (session->wants_host)
		return "nothing was checked: the address that sent it is not said there; give --ip ADDRESS";
	return "nothing was checked: the recipient is not said there; give the line of the log, or the "
	       "bounce";
}

int
explain_check(const struct common *common, const struct checks *checks, const struct check_facts *facts,
    const char *json)
{
	struct session *session = calloc(1, sizeof(*session));
	struct json *reply = json_read(json);
	int status = EXIT_FINE;

	if (session == NULL || reply == NULL) {
		status = complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	} else {
		session->common = common;
		session->checks = checks;
		session->facts = facts;
		session->reply = reply;
		find_subjects(session);
		take_next(session);
		status = run_jobs(session);
		if (status == EXIT_FINE && missing(session) != NULL && !common->json)
			status = complain(EXIT_USAGE, "%s", missing(session));
		else if (status == EXIT_FINE) {
			rank_causes(session);
			status = common->json ? put_json(session, json) : put_screen(session);
		}
		for (size_t i = 0; i < session->count; i++) {
			json_free(session->objects[i]);
			mh_job_free(session->jobs[i]);
		}
	}
	json_free(reply);
	free(session);
	return status;
}
