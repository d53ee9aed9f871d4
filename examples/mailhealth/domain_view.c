/* domain_view.c - the JSON of the checks "domain" and "host", put in order for people */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "domain_view.h"
#include "findings_screen.h"

#define NAMES_SHOWN 5 /* of what could not be asked for the same reason */
#define LISTS_SHOWN 6
#define ITEMS_SHOWN 4 /* of what stands in order, of one check */
#define ITEM_MAX 100

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

const char *
view_check_name(const char *check)
{
	static const struct pair names[] = { { "spf", "SPF" }, { "dmarc", "DMARC" }, { "dkim", "DKIM" },
		{ "mx", "MX" }, { "mta-sts", "MTA-STS" }, { "tls-rpt", "TLS-RPT" }, { "tlsrpt", "TLS-RPT" },
		{ "dane", "DANE" }, { "dnssec", "DNSSEC" }, { "bimi", "BIMI" }, { "srv", "SRV" },
		{ "caa", "CAA" }, { "ns", "NS" }, { "soa", "SOA" }, { "soa", "SOA" }, { "host", "Host" },
		{ "lists", "Lists" }, { "tls", "TLS" }, { "zone", "Zone file" }, { "dns", "DNS" },
		{ "", "Others" }, { NULL, NULL } };
	return word_for(names, check, check);
}

const char *
view_rule_text(const struct json *rule)
{
	const char *text = text_of(rule, "text");
	return text[0] != '\0' ? text : text_of(rule, "id");
}

/* receiver_name - "Gmail" for "gmail" */
static const char *
receiver_name(const char *receiver)
{
	static const struct pair names[] = { { "gmail", "Gmail" }, { "gmail-bulk", "Gmail, bulk" },
		{ "yahoo", "Yahoo" }, { "yahoo-bulk", "Yahoo, bulk" }, { "microsoft", "Microsoft" },
		{ "bt", "BT" }, { "internet-nl", "Internet.nl" }, { "parked", "Parked" }, { NULL, NULL } };
	return word_for(names, receiver, receiver);
}

/* ----------------------------------------------------------------------- findings */

const struct json *
view_next(const struct view *view, const struct view_group *group, const struct json *finding, int severity)
{
	finding = finding == NULL ? json_first(view->findings) : json_next(finding);
	while (finding != NULL &&
	    (finding_is_unknown(finding) || !is(finding, "check", group->check) ||
		(severity != 0 && finding_severity(finding) != severity)))
		finding = json_next(finding);
	return finding;
}

static struct view_group *
group_of(struct view *view, const char *check)
{
	for (size_t i = 0; i < view->groups_count; i++)
		if (strcmp(view->groups[i].check, check) == 0)
			return &view->groups[i];
	if (view->groups_count == VIEW_GROUPS)
		return &view->groups[VIEW_GROUPS - 1];
	struct view_group *group = &view->groups[view->groups_count++];
	*group = (struct view_group){ .check = check, .name = view_check_name(check) };
	return group;
}

/* take_findings - groups of them: findings come worst first, and so do their groups */
static void
take_findings(struct view *view)
{
	for (const struct json *finding = json_first(view->findings); finding != NULL;
	     finding = json_next(finding)) {
		if (finding_is_unknown(finding))
			continue;
		struct view_group *group = group_of(view, text_of(finding, "check"));
		int severity = finding_severity(finding);
		group->fails += severity == MH_SEVERITY_FAIL;
		group->warns += severity == MH_SEVERITY_WARN;
		group->infos += severity == MH_SEVERITY_INFO;
		view->fails += severity == MH_SEVERITY_FAIL;
		view->warns += severity == MH_SEVERITY_WARN;
		view->infos += severity == MH_SEVERITY_INFO;
		if (severity != MH_SEVERITY_INFO)
			view->groups_wrong = view->groups_count;
	}
}

/* -------------------------------------------------------------- what is not known */

/* reason_of - why a question has no answer; no finding tells it where the same question was asked by nobody */
static const char *
reason_of(const char *why)
{
	static const struct pair reasons[] = { { "timeout", "no server answered in time" },
		{ "servfail", "the server said that it failed (SERVFAIL)" },
		{ "refused", "the server refused to answer (REFUSED)" },
		{ "formerr", "the server did not understand the question (FORMERR)" },
		{ "notimp", "the server does not implement this kind of question (NOTIMP)" },
		{ "rcode", "the server answered with an error code of another kind" },
		{ "truncated", "the answer was cut short" }, { "malformed", "the answer cannot be read" },
		{ "too-large", "the answer is larger than is read" },
		{ "alias-loop", "the CNAME records run in a circle, or there are too many in a row" },
		{ "bogus", "the answer failed DNSSEC validation" },
		{ "cannot-ask", "the resolver cannot ask for that type" },
		{ "network", "the server cannot be reached" },
		{ "example", "its address is one that only examples have" },
		{ "no-server", "there is no DNS server to ask" },
		{ "bad-name", "this is no name that DNS can be asked for" },
		{ "budget", "the check may not ask that many questions" },
		{ "deadline", "the time for the whole check was over" },
		{ "not-in-zone", "outside the zone files that were given" },
		{ "bad-line", "the line of the zone file that may have it cannot be read" },
		{ "not-in-world", "the recording does not have it" },
		{ "referral",
		    "the server only points to other servers: it does not look names up for others" },
		{ "", "nobody answered" }, { NULL, NULL } };
	return word_for(reasons, why, why);
}

/* A reason, and what has it. */
struct reason {
	const char *why, *server;
	const struct json *finding; /* NULL: it is of questions */
	size_t count;
};

/* has_reason - whether a question, or a finding about what is no question, is of a reason */
static bool
has_reason(const struct json *item, const struct reason *reason)
{
	if (reason->finding != NULL)
		return finding_is_unknown(item) && is(item, "id", text_of(reason->finding, "id"));
	return is(item, "state", "unknown") && is(item, "why", reason->why) &&
	    is(item, "server", reason->server);
}

/* add_names - what has the reason, the first few by name */
static void
add_names(struct text *text, const struct json *items, const struct reason *reason, size_t most)
{
	size_t shown = 0;
	for (const struct json *item = json_first(items); item != NULL; item = json_next(item)) {
		if (!has_reason(item, reason) || shown == most)
			continue;
		text_add(text, shown++ > 0 ? ", " : "");
		if (reason->finding != NULL) {
			text_add_short(text, text_of(item, "subject"), 80);
			continue;
		}
		const char *name = text_of(item, "name");
		size_t len = strlen(name);
		bool is_dns = is(item, "kind", "dns");
		char cut[84];
		if (len > 1 && name[len - 1] == '.')
			len--;
		(void)snprintf(cut, sizeof(cut), "%.*s", len < 80 ? (int)len : 80, name);
		text_add(text, cut);
		if (is_dns) {
			text_add(text, " ");
			text_add(text, text_of(item, "type"));
		}
	}
	if (reason->count > shown) {
		text_add(text, shown > 0 ? " and " : "");
		text_add_count(text, (int64_t)(reason->count - shown));
		text_add(text, " more");
	}
}

/* put_unknown - a line for a reason */
static void
put_unknown(struct view *view, const struct json *items, const struct reason *reason)
{
	if (view->unknown_count == VIEW_LINES)
		return;
	struct view_line *line = &view->unknown[view->unknown_count++];
	line->label = "";
	if (reason->finding != NULL) {
		text_add(&line->text, finding_title(reason->finding));
	} else {
		text_add(&line->text, reason->server);
		text_add(&line->text, reason->server[0] != '\0' ? ": " : "");
		const char *words = reason_of(reason->why);
		char first = words[0] >= 'a' && words[0] <= 'z' && reason->server[0] == '\0'
		    ? (char)(words[0] - 'a' + 'A')
		    : words[0];
		text_add_n(&line->text, &first, words[0] != '\0' ? 1 : 0);
		text_add(&line->text, words[0] != '\0' ? words + 1 : "");
	}
	text_add(&line->text, ": ");
	add_names(&line->text, items, reason, view->verbose ? 40 : NAMES_SHOWN);
}

/* is_of_question - whether a finding only says that a question has no answer: the questions tell that */
static bool
is_of_question(const struct json *finding)
{
	return is(finding, "id", "dns.unknown") || is(finding, "id", "https.unknown") ||
	    is(finding, "id", "stream.unknown");
}

static void
take_unknown(struct view *view)
{
	struct reason reasons[VIEW_LINES];
	size_t count = 0, at;
	const struct json *asks = json_get(view->object, "asks");

	for (const struct json *ask = json_first(asks); ask != NULL; ask = json_next(ask)) {
		if (!is(ask, "state", "unknown"))
			continue;
		for (at = 0; at < count && !has_reason(ask, &reasons[at]); at++)
			continue;
		if (at == VIEW_LINES)
			continue;
		if (at == count)
			reasons[count++] =
			    (struct reason){ text_of(ask, "why"), text_of(ask, "server"), NULL, 0 };
		reasons[at].count++;
	}
	for (at = 0; at < count; at++)
		put_unknown(view, asks, &reasons[at]);
	count = 0;
	for (const struct json *finding = json_first(view->findings); finding != NULL;
	     finding = json_next(finding)) {
		if (!finding_is_unknown(finding) || is_of_question(finding))
			continue;
		for (at = 0; at < count && !has_reason(finding, &reasons[at]); at++)
			continue;
		if (at == VIEW_LINES)
			continue;
		if (at == count)
			reasons[count++] = (struct reason){ "", "", finding, 0 };
		reasons[at].count++;
	}
	for (at = 0; at < count; at++)
		put_unknown(view, view->findings, &reasons[at]);
}

/* -------------------------------------------------------------------- what is fine */

/* is_fine - whether all rows of a check are well, and no finding says otherwise */
static bool
is_fine(const struct view *view, const struct json *rows, const char *check)
{
	for (const struct json *row = json_first(rows); row != NULL; row = json_next(row))
		if (is(row, "id", check) && !is(row, "health", "pass") && !is(row, "health", "info"))
			return false;
	for (size_t i = 0; i < view->groups_wrong; i++)
		if (strcmp(view->groups[i].check, check) == 0 &&
		    view->groups[i].fails + view->groups[i].warns > 0)
			return false;
	return true;
}

/* is_first - whether no row before it has the same check */
static bool
is_first(const struct json *rows, const struct json *row)
{
	const struct json *other = json_first(rows);
	while (other != row && !is(other, "id", text_of(row, "id")))
		other = json_next(other);
	return other == row;
}

/* has_item - whether a list that is separated by commas has the item */
static bool
has_item(const struct text *text, const char *item, size_t len)
{
	for (const char *p = text->p; (size_t)(p - text->p) < text->len;) {
		size_t end = strcspn(p, ",");
		if (end == len && memcmp(p, item, len) == 0)
			return true;
		p += end + (p[end] == ',' ? 2 : 0);
	}
	return false;
}

/* add_item - one more, unless it is there or there are enough, and then *more counts it */
static void
add_item(struct text *text, const char *item, size_t len, size_t *shown, size_t *more)
{
	char cut[ITEM_MAX + 1];
	struct text one = { .len = 0 };
	(void)snprintf(cut, sizeof(cut), "%.*s", len < ITEM_MAX ? (int)len : ITEM_MAX, item);
	text_add_short(&one, cut, ITEM_MAX - 3 < len ? ITEM_MAX - 3 : len);
	if (has_item(text, one.p, one.len))
		return;
	if (*shown >= ITEMS_SHOWN) {
		(*more)++;
		return;
	}
	text_add(text, (*shown)++ > 0 ? ", " : "");
	text_add(text, one.p);
}

/* add_current - what stands there, of all rows of a check, the first few; of DKIM keys their selectors */
static void
add_current(struct text *text, const struct json *rows, const char *check)
{
	size_t shown = 0, more = 0;
	for (const struct json *row = json_first(rows); row != NULL; row = json_next(row)) {
		const struct json *current = json_get(row, "current");
		const char *name = text_of(row, "name"), *below = strstr(name, "._domainkey.");
		if (!is(row, "id", check))
			continue;
		if (strcmp(check, "dkim") == 0 && below != NULL) {
			if (json_first(current) != NULL)
				add_item(text, name, (size_t)(below - name), &shown, &more);
			continue;
		}
		for (const struct json *record = json_first(current); record != NULL;
		     record = json_next(record))
			add_item(text, json_text(record), strlen(json_text(record)), &shown, &more);
	}
	if (more > 0) {
		text_add(text, " and ");
		text_add_count(text, (int64_t)more);
		text_add(text, " more");
	}
}

/* take_row - a check that is well: what is there, or that nothing has to be */
static void
take_row(struct view *view, const struct json *rows, const char *check)
{
	struct view_line *line = &view->fine[view->fine_count];
	const char *name = view_check_name(check);
	*line = (struct view_line){ .label = name };
	if (strcmp(check, "lists") == 0)
		text_add(&line->text, "none has the host");
	else
		add_current(&line->text, rows, check);
	if (line->text.len > 0) {
		view->fine_count++;
		return;
	}
	text_add(&view->unused, view->unused.len > 0 ? ", " : "");
	text_add(&view->unused, name);
}

static void
take_fine(struct view *view)
{
	const struct json *rows = json_get(view->object, "checks");
	for (const struct json *row = json_first(rows); row != NULL; row = json_next(row)) {
		const char *check = text_of(row, "id");
		if (!is_first(rows, row))
			continue;
		if (is(row, "health", "skipped")) {
			text_add(&view->skipped, view->skipped.len > 0 ? ", " : "");
			text_add(&view->skipped, view_check_name(check));
		}
		if (is_fine(view, rows, check) && view->fine_count < VIEW_LINES)
			take_row(view, rows, check);
	}
	if (view->unused.len > 0)
		text_add(&view->unused, ", and that is no fault");
}

/* ---------------------------------------------------------------------- the host */

static struct view_line *
add_fact(struct view *view, const char *label)
{
	struct view_line *line =
	    &view->facts[view->facts_count < VIEW_LINES ? view->facts_count++ : VIEW_LINES - 1];
	line->label = label;
	return line;
}

/* put_lists - where the host stands, and how many lists do not have it */
static void
put_lists(struct view *view, const struct json *lists)
{
	size_t clear = 0, others = 0, listed = 0;
	for (const struct json *list = json_first(lists); list != NULL; list = json_next(list)) {
		bool is_listed = is(list, "state", "listed");
		clear += is(list, "state", "clear");
		others += !is_listed && !is(list, "state", "clear");
		if (!is_listed || listed++ >= LISTS_SHOWN)
			continue;
		struct view_line *line = add_fact(view, listed == 1 ? "Listed" : "");
		text_add(&line->text, text_of(list, "zone"));
		text_add(&line->text, " ");
		text_add(&line->text, text_of(list, "code"));
		if (text_of(list, "meaning")[0] != '\0') {
			text_add(&line->text, ": ");
			text_add_short(&line->text, text_of(list, "meaning"), 200);
		}
	}
	if (json_length(lists) == 0)
		return;
	struct view_line *line = add_fact(view, "Lists");
	const char *between = "";
	const struct {
		size_t count;
		const char *one, *more;
	} told[] = { { listed, "has it", "have it" }, { clear, "does not have it", "do not have it" },
		{ others, "did not say", "did not say" } };
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		if (told[i].count == 0)
			continue;
		text_add(&line->text, between);
		text_add_many(&line->text, (int64_t)told[i].count, told[i].one, told[i].more);
		between = ", ";
	}
}

static void
take_facts(struct view *view)
{
	const struct json *host = json_get(json_get(view->object, "results"), "host");
	const struct json *names = json_get(host, "ptr"), *confirmed = json_get(host, "confirmed");
	if (text_of(host, "ip")[0] == '\0')
		return;
	text_add(&add_fact(view, "Sends from")->text, text_of(host, "ip"));
	if (json_length(names) > 0) {
		bool are_many = json_length(names) > 1;
		struct view_line *line = add_fact(view, are_many ? "Its names" : "Its name");
		for (const struct json *name = json_first(names); name != NULL; name = json_next(name)) {
			text_add(&line->text, name != json_first(names) ? ", " : "");
			text_add_short(&line->text, json_text(name), 100);
		}
		const char *leads = are_many ? ", of which one leads back to it" : ", which leads back to it";
		const char *does_not =
		    are_many ? ", of which none leads back to it" : ", which does not lead back to it";
		text_add(&line->text,
		    json_is_true(confirmed)        ? leads
			: json_is_false(confirmed) ? does_not
						   : "");
	}
	if (text_of(host, "helo")[0] != '\0')
		text_add(&add_fact(view, "HELO")->text, text_of(host, "helo"));
	put_lists(view, json_get(host, "lists"));
}

/* -------------------------------------------------------------------- the verdict */

/* add_reasons - why rules of a receiver are not known, each once */
static void
add_reasons(struct text *text, const struct json *rules)
{
	for (const struct json *rule = json_first(rules); rule != NULL; rule = json_next(rule)) {
		const char *why = text_of(rule, "why");
		if (!is(rule, "state", "unknown") || why[0] == '\0' || strstr(text->p, why) != NULL ||
		    text->len + strlen(why) > 400)
			continue;
		text_add(text, text->len > 0 ? " " : "");
		text_add(text, why);
	}
}

/* is_main - one of those that a verdict names; the others judge larger senders, or what is no mail */
static bool
is_main(const char *receiver)
{
	return strcmp(receiver, "gmail") == 0 || strcmp(receiver, "yahoo") == 0 ||
	    strcmp(receiver, "microsoft") == 0 || strcmp(receiver, "bt") == 0;
}

static void
take_receivers(struct view *view)
{
	const struct json *profiles = json_get(view->object, "profiles");
	bool has_main = false;
	for (const struct json *profile = json_first(profiles); profile != NULL;
	     profile = json_next(profile)) {
		if (view->receivers_count == VIEW_RECEIVERS)
			break;
		struct view_receiver *receiver = &view->receivers[view->receivers_count++];
		*receiver = (struct view_receiver){ .id = json_key(profile),
			.name = receiver_name(json_key(profile)),
			.long_name = text_of(profile, "name"),
			.health = text_of(profile, "health"),
			.as_of = text_of(profile, "as_of"),
			.rules = json_get(profile, "rules"),
			.is_named = is_main(json_key(profile)) };
		has_main = has_main || receiver->is_named;
	}
	for (size_t i = 0; i < view->receivers_count; i++) {
		struct view_receiver *receiver = &view->receivers[i];
		const char *id = receiver->id;
		if (!has_main)
			receiver->is_named = strcmp(id, "internet-nl") != 0 && strcmp(id, "parked") != 0;
		if (receiver->is_named && strcmp(receiver->health, "unknown") == 0)
			add_reasons(&view->hint, receiver->rules);
		view->named_count += receiver->is_named;
	}
}

/* count_health - of those that are named, the ones of a health */
static size_t
count_health(const struct view *view, const char *health)
{
	size_t count = 0;
	for (size_t i = 0; i < view->receivers_count; i++)
		count += view->receivers[i].is_named && strcmp(view->receivers[i].health, health) == 0;
	return count;
}

/* add_receivers - "Gmail, Yahoo and BT": those of a health */
static void
add_receivers(struct text *text, const struct view *view, const char *health, const char *last)
{
	size_t count = count_health(view, health), told = 0;
	for (size_t i = 0; i < view->receivers_count; i++) {
		if (!view->receivers[i].is_named || strcmp(view->receivers[i].health, health) != 0)
			continue;
		text_add(text, told == 0 ? "" : told + 1 == count ? last : ", ");
		text_add(text, view->receivers[i].name);
		told++;
	}
}

/* say_receivers - what they do with its mail, the worst first */
static void
say_receivers(struct view *view)
{
	struct text *text = &view->verdict;
	size_t fails = count_health(view, "fail"), passes = count_health(view, "pass"),
	       unknown = count_health(view, "unknown");

	if (passes == view->named_count) {
		text_add(text, "nothing was found for which ");
		add_receivers(text, view, "pass", " or ");
		text_add(text, " would refuse its mail.");
		return;
	}
	if (fails > 0) {
		add_receivers(text, view, "fail", " and ");
		text_add(text, " will refuse its mail");
	}
	if (passes > 0) {
		text_add(text, fails > 0 ? "; " : "");
		add_receivers(text, view, "pass", " and ");
		text_add(text, fails > 0 ? " will take it" : " will take its mail");
	}
	if (unknown > 0) {
		text_add(text, fails + passes > 0 ? "; whether " : "whether ");
		add_receivers(text, view, "unknown", " and ");
		text_add(text, unknown == 1 ? " takes" : " take");
		text_add(text, fails + passes > 0 ? " it is not known" : " its mail is not known");
	}
	text_add(text, ".");
}

/* parked_health - of a domain that sends no mail: whether it says so in all ways; "" it does send */
static const char *
parked_health(const struct view *view)
{
	for (size_t i = 0; i < view->receivers_count; i++)
		if (strcmp(view->receivers[i].id, "parked") == 0)
			return view->receivers[i].health;
	return "";
}

/* say_parked - whether others can send in its name */
static void
say_parked(struct view *view, const char *health)
{
	static const struct pair words[] = {
		{ "pass", "it sends no mail, and receivers refuse mail that pretends to come from it." },
		{ "fail",
		    "it says that it sends no mail, but not in all ways: others may still send in its "
		    "name." },
		{ "unknown", "it says that it sends no mail; whether in all ways is not known." },
		{ NULL, NULL }
	};
	text_add(&view->verdict, word_for(words, health, "it sends no mail."));
}

/* say_health - where no receiver was asked about */
static void
say_health(struct view *view)
{
	static const struct pair words[] = { { "pass", "all is in order." }, { "info", "all is in order." },
		{ "warn", "it works, but there are weak points." }, { "fail", "something is wrong." },
		{ "unknown", "not all could be found out." }, { NULL, NULL } };
	text_add(&view->verdict, word_for(words, view->health, ""));
}

/* say_counts - "3 faults and 2 weak points; 4 questions have no answer." */
static void
say_counts(struct view *view)
{
	size_t unknown = 0;
	for (const struct json *ask = json_first(json_get(view->object, "asks")); ask != NULL;
	     ask = json_next(ask))
		unknown += is(ask, "state", "unknown");
	if (view->fails > 0)
		text_add_many(&view->counts, (int64_t)view->fails, "fault", "faults");
	if (view->warns > 0) {
		text_add(&view->counts, view->fails > 0 ? " and " : "");
		text_add_many(&view->counts, (int64_t)view->warns, "weak point", "weak points");
	}
	if (view->fails + view->warns == 0)
		text_add(&view->counts, "Nothing wrong was found");
	if (unknown > 0) {
		text_add(&view->counts, "; ");
		text_add_many(&view->counts, (int64_t)unknown, "question has no answer",
		    "questions have no answer");
	}
	text_add(&view->counts, ".");
}

struct view *
view_new(const struct json *object, bool verbose)
{
	struct view *view = calloc(1, sizeof(*view));
	if (view == NULL)
		return NULL;
	view->object = object;
	view->verbose = verbose;
	view->findings = json_get(object, "findings");
	view->kind = text_of(object, "kind");
	view->subject = text_of(object, "subject");
	view->health = text_of(object, "health");
	take_findings(view);
	take_unknown(view);
	take_fine(view);
	take_facts(view);
	take_receivers(view);
	if (view->named_count > 0)
		say_receivers(view);
	else if (parked_health(view)[0] != '\0')
		say_parked(view, parked_health(view));
	else
		say_health(view);
	say_counts(view);
	return view;
}

void
view_free(struct view *view)
{
	free(view);
}
