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

#include "findings_screen.h"

#define FINDINGS 6 /* shown, unless all are wanted */
#define RECORD_MAX 4000
#define WORDS_MAX 200 /* of a record */
#define CHANGE_MAX 6 /* words that are told of one by one; more, and the record is shown */

/* text_of - a member that is text */
static const char *
text_of(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

const char *
finding_title(const struct json *finding)
{
	int64_t at = mh_catalogue_find(text_of(finding, "id"));
	return at >= 0 ? mh_catalogue_str((size_t)at, MH_FINDING_TITLE) : text_of(finding, "id");
}

bool
finding_is_unknown(const struct json *finding)
{
	return strcmp(text_of(finding, "state"), "unknown") == 0;
}

int
finding_severity(const struct json *finding)
{
	const char *word = text_of(finding, "severity");
	return strcmp(word, "fail") == 0 ? MH_SEVERITY_FAIL
	    : strcmp(word, "warn") == 0  ? MH_SEVERITY_WARN
					 : MH_SEVERITY_INFO;
}

/* ------------------------------------------------------------------- records */

/* tell - one step */
static void
tell(struct findings *findings, enum findings_step step, const struct json *set, const char *text)
{
	findings->tell(findings->arg, step, set, text);
}

/* tell_records - a step for each record of a list of a set */
static void
tell_records(struct findings *findings, enum findings_step step, const struct json *set, const char *key)
{
	const struct json *records = json_get(set, key);
	for (const struct json *record = json_first(records); record != NULL; record = json_next(record))
		tell(findings, step, set, json_text(record));
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
		if (strcmp(findings->offered[i].name, text_of(fix, "name")) == 0 &&
		    strcmp(findings->offered[i].type, text_of(fix, "type")) == 0)
			return findings->offered[i].record;
	return NULL;
}

/* expected_for - the one record for the same name and type that mends all that is wrong with it, in quotes, in room;
 * false: it is not known, or has more than one string */
static bool
expected_for(const struct findings *findings, const struct json *fix, char room[FINDINGS_RECORD_MAX])
{
	for (const struct json *row = json_first(findings->checks); row != NULL; row = json_next(row)) {
		const struct json *expected = json_get(row, "expected");
		const char *text = json_text(json_first(expected));
		if (json_length(expected) != 1 || strcmp(text_of(row, "name"), text_of(fix, "name")) != 0 ||
		    strcmp(text_of(row, "type"), text_of(fix, "type")) != 0 || strlen(text) > 255 ||
		    strpbrk(text, "\"\\") != NULL)
			continue;
		(void)snprintf(room, FINDINGS_RECORD_MAX, "\"%s\"", text);
		return true;
	}
	return false;
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

/* tell_besides - what is to be changed in a record that was shown; false: it cannot be said in a few words */
static bool
tell_besides(struct findings *findings, const struct json *set, const char *shown, const char *removed,
    const char *added)
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
	tell(findings, FINDINGS_SAY, set, line.p);
	return true;
}

/* best - the record to show in place of another: the one that mends all, if it mends this, in room; else added */
static const char *
best(const struct findings *findings, const struct json *fix, char room[FINDINGS_RECORD_MAX])
{
	const char *removed = json_text(json_first(json_get(fix, "remove")));
	const char *added = json_text(json_first(json_get(fix, "add")));
	struct change change;
	return expected_for(findings, fix, room) && change_of(removed, added, &change) &&
		is_mended(room, &change)
	    ? room
	    : added;
}

/* tell_change - one set of records to change */
static void
tell_change(struct findings *findings, const struct json *fix)
{
	const struct json *add = json_get(fix, "add"), *remove = json_get(fix, "remove");
	const char *shown = offered_for(findings, fix), *record = json_text(json_first(add));
	bool is_one = json_length(add) == 1 && json_length(remove) <= 1;
	struct offered *offered = &findings->offered[findings->offered_count];

	if (!findings->shows_each && shown != NULL && is_one &&
	    tell_besides(findings, fix, shown, json_text(json_first(remove)), record))
		return;
	tell_records(findings, FINDINGS_REMOVE, fix, "remove");
	if (findings->shows_each || shown != NULL || !is_one || findings->offered_count == FINDINGS_RECORDS) {
		tell_records(findings, shown != NULL ? FINDINGS_ADD_ELSE : FINDINGS_ADD, fix, "add");
		return;
	}
	*offered = (struct offered){ text_of(fix, "name"), text_of(fix, "type"), NULL, "" };
	offered->record = best(findings, fix, offered->room);
	tell(findings, FINDINGS_ADD, fix, offered->record);
	findings->offered_count++;
}

void
findings_steps(struct findings *findings, const struct json *finding)
{
	const struct json *fix = json_get(finding, "fix");
	for (const struct json *set = json_first(fix); set != NULL; set = json_next(set))
		tell_change(findings, set);
}

/* --------------------------------------------------------------------- the screen */

/* put_step - one step: a record ready to be copied, or a sentence */
static void
put_step(void *arg, enum findings_step step, const struct json *set, const char *text)
{
	struct findings *findings = arg;
	/* Where one record comes in place of one, whoever reads it knows which. */
	bool is_plain = !findings->names_both && !findings->shows_each &&
	    json_length(json_get(set, "remove")) <= 1 && json_first(json_get(set, "add")) != NULL;
	const char *const leads[] = { [FINDINGS_REMOVE] = findings->shows_each ? "- " : "remove  ",
		[FINDINGS_ADD] = is_plain  ? ""
		    : findings->shows_each ? "+ "
					   : "add     ",
		[FINDINGS_ADD_ELSE] = is_plain ? "or "
		    : findings->shows_each     ? "+ "
					       : "add     " };
	char line[RECORD_MAX + 600];

	if (step == FINDINGS_SAY) {
		screen_text(findings->screen, STYLE_PLAIN, 4, text);
		return;
	}
	if (step == FINDINGS_REMOVE && is_plain)
		return;
	int n = snprintf(line, sizeof(line), "    %s%s %lld IN %s %s", leads[step], text_of(set, "name"),
	    (long long)json_number(json_get(set, "ttl")), text_of(set, "type"), text);
	if (n < 0 || (size_t)n >= sizeof(line) || strlen(text) > RECORD_MAX)
		screen_text(findings->screen, STYLE_PLAIN, 4,
		    "(The record is too long to be shown; --json has it.)");
	else
		screen_raw(findings->screen, line, (size_t)n);
}

/* put_evidence - the place that is meant, where the sentence before it does not show it */
static void
put_evidence(const struct findings *findings, const struct json *finding, const char *detail)
{
	const char *evidence = text_of(finding, "evidence");
	if (json_length(json_get(finding, "range")) == 2 && evidence[0] != '\0' &&
	    strstr(detail, evidence) == NULL)
		screen_quote(findings->screen, 4, "> ", evidence, 2);
}

void
findings_put_one(struct findings *findings, const struct json *finding)
{
	static const struct {
		const char *lead;
		enum style style;
	} looks[] = { { "unknown  ", STYLE_WAIT }, { "info  ", STYLE_BOLD }, { "warn  ", STYLE_WAIT },
		{ "fail  ", STYLE_BAD } };
	struct screen *screen = findings->screen;
	const char *detail = text_of(finding, "detail"), *reason = text_of(finding, "reason");
	int look = finding_is_unknown(finding) ? 0 : finding_severity(finding);
	struct text line = { .len = 0 };

	text_add(&line, finding_title(finding));
	text_add(&line, ": ");
	text_add_short(&line, text_of(finding, "subject"), 120);
	text_add(&line, " (");
	text_add(&line, text_of(finding, "id"));
	text_add(&line, ")");
	screen_hang(screen, looks[look].style, 0, looks[look].lead, line.p);
	if (detail[0] != '\0')
		screen_text(screen, STYLE_PLAIN, 4, detail);
	if (detail[0] == '\0' || findings->verbose)
		screen_text(screen, STYLE_PLAIN, 4, reason);
	put_evidence(findings, finding, detail[0] != '\0' ? detail : reason);
	screen_text(screen, STYLE_PLAIN, 4, text_of(finding, "remedy"));
	findings_steps(findings, finding);
}

void
findings_begin(struct findings *findings, struct screen *screen, const struct json *object, bool verbose)
{
	*findings = (struct findings){ .screen = screen,
		.checks = json_get(object, "checks"),
		.verbose = verbose,
		.tell = put_step };
	findings->arg = findings;
}

/* is_shown - whether there is still room for it: what is wrong goes before what is worth knowing */
static bool
is_shown(const struct json *finding, size_t shown)
{
	bool is_info = finding_severity(finding) == MH_SEVERITY_INFO && !finding_is_unknown(finding);
	return shown < FINDINGS && (!is_info || shown <= 2);
}

void
findings_put(struct screen *screen, const struct json *object, bool verbose)
{
	const struct json *list = json_get(object, "findings");
	struct findings findings;
	size_t shown = 0, left_out = 0;

	findings_begin(&findings, screen, object, verbose);
	findings.shows_each = verbose;
	for (const struct json *finding = json_first(list); finding != NULL; finding = json_next(finding)) {
		if (!verbose && !is_shown(finding, shown)) {
			left_out++;
			continue;
		}
		screen_line(screen);
		findings_put_one(&findings, finding);
		shown++;
	}
	if (left_out > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, (int64_t)left_out, "more finding", "more findings");
		text_add(&line, "; --verbose shows all.");
		screen_line(screen);
		screen_text(screen, STYLE_PLAIN, 0, line.p);
	}
}
