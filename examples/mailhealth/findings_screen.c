/* findings_screen.c - what is wrong, worst first, and the record that mends it
 *
 * The first finding about a record shows the whole record to publish: the one
 * that mends all of them, where it is known.  Others about the same record say
 * what to change besides: so there is one record to copy and not several of
 * which each mends one thing.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "json_read.h"

#define FINDINGS 6 /* shown, unless all are wanted */
#define RECORDS 16 /* of which it is remembered that they were shown */
#define RECORD_MAX 4000
#define WORDS_MAX 200 /* of a record */
#define CHANGE_MAX 6 /* words that are told of one by one; more, and the record is shown */

/* A record that was shown whole. */
struct offered {
	const char *name, *type, *record;
};

struct findings {
	struct screen *screen;
	mh_report *report;
	bool verbose;
	struct offered offered[RECORDS];
	size_t offered_count;
	char expected[260]; /* the record that mends all, in quotes; "" it is not known, or long */
};

/* ------------------------------------------------------------------- records */

/* put_record - a record ready to be copied */
static void
put_record(struct screen *screen, const char *lead, const struct json *fix, const char *record)
{
	char line[RECORD_MAX + 600];
	int n = snprintf(line, sizeof(line), "    %s%s %lld IN %s %s", lead, json_text(json_get(fix, "name")),
	    (long long)json_number(json_get(fix, "ttl")), json_text(json_get(fix, "type")), record);
	if (n < 0 || (size_t)n >= sizeof(line) || strlen(record) > RECORD_MAX)
		screen_text(screen, STYLE_PLAIN, 4, "(The record is too long to be shown; --json has it.)");
	else
		screen_raw(screen, line, (size_t)n);
}

static void
put_records(struct screen *screen, const char *lead, const struct json *fix, const char *key)
{
	const struct json *records = json_get(fix, key);
	for (size_t i = 0; i < json_length(records); i++)
		put_record(screen, lead, fix, json_text(json_at(records, i)));
}

/* A piece of a text. */
struct piece {
	const char *p;
	size_t len;
};

/* inside - a text record of one string, without its quotes; false: it is something else */
static bool
inside(const char *record, struct piece *text)
{
	size_t len = strlen(record);
	if (len < 2 || record[0] != '"' || record[len - 1] != '"' || strcspn(record + 1, "\"\\") != len - 2)
		return false;
	*text = (struct piece){ record + 1, len - 2 };
	return true;
}

/* split - the words of text; how many, WORDS_MAX + 1 if there are more than that */
static size_t
split(struct piece text, struct piece words[WORDS_MAX])
{
	size_t count = 0;
	for (size_t i = 0; i < text.len;) {
		size_t end = i;
		while (end < text.len && text.p[end] != ' ')
			end++;
		if (end > i && count++ < WORDS_MAX)
			words[count - 1] = (struct piece){ text.p + i, end - i };
		if (count > WORDS_MAX)
			break;
		i = end + 1;
	}
	return count;
}

static bool
is_same(struct piece a, struct piece b)
{
	return a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
}

/* between - the words from..to of a text as they stand there; empty if there are none */
static struct piece
between(const struct piece *words, size_t from, size_t to)
{
	if (from >= to)
		return (struct piece){ "", 0 };
	return (struct piece){ words[from].p, (size_t)(words[to - 1].p - words[from].p) + words[to - 1].len };
}

/* has - whether a piece stands in a text between spaces or its ends */
static bool
has(struct piece text, struct piece piece)
{
	for (size_t i = 0; i + piece.len <= text.len; i++)
		if (memcmp(text.p + i, piece.p, piece.len) == 0 && (i == 0 || text.p[i - 1] == ' ') &&
		    (i + piece.len == text.len || text.p[i + piece.len] == ' '))
			return true;
	return false;
}

/* The words that make the difference between two records. */
struct change {
	struct piece old, new, next; /* next: the word behind them; empty at the end */
};

/* change_of - what to do to removed to make it added; false: more than a person would follow */
static bool
change_of(const char *removed, const char *added, struct change *change)
{
	struct piece a, b, from[WORDS_MAX], to[WORDS_MAX];
	if (!inside(removed, &a) || !inside(added, &b))
		return false;
	size_t from_count = split(a, from), to_count = split(b, to), head = 0, tail = 0;
	if (from_count > WORDS_MAX || to_count > WORDS_MAX)
		return false;
	size_t most = from_count < to_count ? from_count : to_count;
	while (head < most && is_same(from[head], to[head]))
		head++;
	while (tail < most - head && is_same(from[from_count - 1 - tail], to[to_count - 1 - tail]))
		tail++;
	change->old = between(from, head, from_count - tail);
	change->new = between(to, head, to_count - tail);
	change->next = between(from, from_count - tail, from_count - tail + (tail > 0 ? 1 : 0));
	return from_count + to_count - 2 * (head + tail) <= CHANGE_MAX;
}

/* ------------------------------------------------------------- what mends it */

/* offered_for - the record for the same name and type that was shown before, or NULL */
static const char *
offered_for(const struct findings *findings, const struct json *fix)
{
	for (size_t i = 0; i < findings->offered_count; i++)
		if (strcmp(findings->offered[i].name, json_text(json_get(fix, "name"))) == 0 &&
		    strcmp(findings->offered[i].type, json_text(json_get(fix, "type"))) == 0)
			return findings->offered[i].record;
	return NULL;
}

static void
add_piece(struct text *line, const char *lead, struct piece piece)
{
	text_add(line, lead);
	text_add_n(line, piece.p, piece.len);
}

/* add_change - "In the record above also ..." */
static void
add_change(struct text *line, const struct change *change)
{
	text_add(line, "In the record above also ");
	if (change->new.len == 0) {
		add_piece(line, "leave out: ", change->old);
		return;
	}
	add_piece(line, "put ", change->new);
	if (change->old.len > 0)
		add_piece(line, " in place of ", change->old);
	else if (change->next.len > 0)
		add_piece(line, " before ", change->next);
	else
		text_add(line, " at its end");
}

/* is_mended - whether a record has a change in it */
static bool
is_mended(const char *record, const struct change *change)
{
	struct piece text;
	return inside(record, &text) && (change->old.len == 0 || !has(text, change->old)) &&
	    (change->new.len == 0 || has(text, change->new));
}

/* put_besides - what is to be changed in a record that was shown; false: it cannot be said in a few words */
static bool
put_besides(const struct findings *findings, const char *shown, const char *removed, const char *added)
{
	struct text line = { .len = 0 };
	struct change change;
	struct piece text;

	bool is_same_record = strcmp(shown, added) == 0;
	if (!is_same_record && (!change_of(removed, added, &change) || !inside(shown, &text)))
		return false;
	if (is_same_record || is_mended(shown, &change))
		text_add(&line, "The record above mends this too.");
	else
		add_change(&line, &change);
	screen_text(findings->screen, STYLE_PLAIN, 4, line.p);
	return true;
}

/* best - the record to show for a change: the one that mends all, if it mends this */
static const char *
best(const struct findings *findings, const char *removed, const char *added)
{
	struct change change;
	return findings->expected[0] != '\0' && change_of(removed, added, &change) &&
		is_mended(findings->expected, &change)
	    ? findings->expected
	    : added;
}

/* put_change - one set of records to change */
static void
put_change(struct findings *findings, const struct json *fix)
{
	const struct json *add = json_get(fix, "add"), *remove = json_get(fix, "remove");
	const char *shown = offered_for(findings, fix), *record = json_text(json_at(add, 0));
	bool is_one = json_length(add) == 1 && json_length(remove) <= 1;

	if (findings->verbose) {
		put_records(findings->screen, "- ", fix, "remove");
		put_records(findings->screen, "+ ", fix, "add");
		return;
	}
	if (shown != NULL && is_one && put_besides(findings, shown, json_text(json_at(remove, 0)), record))
		return;
	if (shown == NULL && is_one) {
		record = best(findings, json_text(json_at(remove, 0)), record);
		put_record(findings->screen, "", fix, record);
	} else {
		put_records(findings->screen, shown != NULL ? "or " : "", fix, "add");
	}
	if (shown == NULL && json_length(add) == 1 && findings->offered_count < RECORDS)
		findings->offered[findings->offered_count++] =
		    (struct offered){ json_text(json_get(fix, "name")), json_text(json_get(fix, "type")),
			    record };
}

/* ------------------------------------------------------------------- findings */

/* put_evidence - the place that is meant, where the sentence before it does not show it */
static void
put_evidence(const struct findings *findings, size_t i, const char *detail)
{
	const char *evidence = mh_report_str(findings->report, i, MH_FINDING_EVIDENCE);
	if (mh_report_int(findings->report, i, MH_FINDING_RANGE_BEGIN) >= 0 && evidence[0] != '\0' &&
	    strstr(detail, evidence) == NULL)
		screen_quote(findings->screen, 4, "> ", evidence, 2);
}

static void
put_finding(struct findings *findings, size_t i)
{
	struct screen *screen = findings->screen;
	mh_report *report = findings->report;
	int64_t severity = mh_report_int(report, i, MH_FINDING_SEVERITY);
	bool is_unknown = strcmp(mh_report_str(report, i, MH_FINDING_STATE), "unknown") == 0;
	const char *detail = mh_report_str(report, i, MH_FINDING_DETAIL),
		   *reason = mh_report_str(report, i, MH_FINDING_REASON);
	static const struct {
		const char *lead;
		enum style style;
	} looks[] = { { "unknown  ", STYLE_WAIT }, { "info  ", STYLE_BOLD }, { "warn  ", STYLE_WAIT },
		{ "fail  ", STYLE_BAD } };
	size_t look = is_unknown ? 0 : severity >= 1 && severity <= MH_SEVERITY_FAIL ? (size_t)severity : 1;
	struct text line = { .len = 0 };

	text_add(&line, mh_report_str(report, i, MH_FINDING_TITLE));
	text_add(&line, ": ");
	text_add_short(&line, mh_report_str(report, i, MH_FINDING_SUBJECT), 120);
	text_add(&line, " (");
	text_add(&line, mh_report_str(report, i, MH_FINDING_ID));
	text_add(&line, ")");
	screen_hang(screen, looks[look].style, 0, looks[look].lead, line.p);
	if (detail[0] != '\0')
		screen_text(screen, STYLE_PLAIN, 4, detail);
	if (detail[0] == '\0' || findings->verbose)
		screen_text(screen, STYLE_PLAIN, 4, reason);
	put_evidence(findings, i, detail[0] != '\0' ? detail : reason);
	screen_text(screen, STYLE_PLAIN, 4, mh_report_str(report, i, MH_FINDING_REMEDY));
}

/* is_shown - whether there is still room for it: what is wrong goes before what is worth knowing */
static bool
is_shown(const struct findings *findings, size_t i, size_t shown)
{
	bool is_info = mh_report_int(findings->report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_INFO &&
	    strcmp(mh_report_str(findings->report, i, MH_FINDING_STATE), "unknown") != 0;
	return findings->verbose || (shown < FINDINGS && (!is_info || shown <= 2));
}

void
findings_put(struct screen *screen, mh_report *report, bool verbose, const char *expected)
{
	struct findings findings = { .screen = screen, .report = report, .verbose = verbose };
	struct json *fixes[FINDINGS] = { NULL }; /* what was offered points into them */
	size_t count = mh_report_count(report), shown = 0, left_out = 0;

	if (expected[0] != '\0' && strlen(expected) <= 255 && strpbrk(expected, "\"\\") == NULL)
		(void)snprintf(findings.expected, sizeof(findings.expected), "\"%s\"", expected);

	for (size_t i = 0; i < count; i++) {
		if (!is_shown(&findings, i, shown)) {
			left_out++;
			continue;
		}
		screen_line(screen);
		put_finding(&findings, i);
		struct json *fix = json_read(mh_report_str(report, i, MH_FINDING_FIX));
		for (size_t j = 0; j < json_length(fix); j++)
			put_change(&findings, json_at(fix, j));
		if (verbose)
			json_free(fix);
		else
			fixes[shown] = fix;
		shown++;
	}
	if (left_out > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, (int64_t)left_out, "more finding", "more findings");
		text_add(&line, "; --verbose shows all.");
		screen_line(screen);
		screen_text(screen, STYLE_PLAIN, 0, line.p);
	}
	for (size_t i = 0; i < FINDINGS; i++)
		json_free(fixes[i]);
}
