/* spf_screen.c - what `mailhealth spf` shows to a person
 *
 * The verdict first, then what to do, then the tree with its costs, then the
 * rest.  Tree and addresses are taken from the library's JSON.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "json_read.h"
#include "spf_screen.h"

#define TREE_LINES 24 /* of the tree, unless all is wanted */
#define NETWORKS 6
#define FINDINGS 6

struct shown {
	struct screen *screen;
	bool verbose;
	int lines; /* of the tree so far */
	int left_out;
};

static const struct pair results[] = {
	{ "pass", "The host may send." },
	{ "fail", "The host may not send; receivers may refuse the mail." },
	{ "softfail", "The host is probably not allowed to send; receivers treat the mail with suspicion." },
	{ "neutral", "The domain says nothing about this host." },
	{ "none", "The domain has no SPF record." },
	{ "temperror", "It cannot be told: DNS did not answer, and receivers would try again later." },
	{ "permerror", "The record cannot be used, so for most receivers there is none." },
	{ NULL, NULL },
};

static enum style
style_of(const char *word)
{
	if (strcmp(word, "pass") == 0)
		return STYLE_GOOD;
	if (strcmp(word, "fail") == 0 || strcmp(word, "permerror") == 0)
		return STYLE_BAD;
	return strcmp(word, "info") == 0 || strcmp(word, "none") == 0 ? STYLE_BOLD : STYLE_WAIT;
}

/* ---------------------------------------------------------------------- verdict */

static void
put_verdict(struct screen *screen, mh_job *job, const struct json *spf)
{
	const char *result = mh_job_str(job, MH_JOB_RESULT), *matched = mh_job_str(job, MH_JOB_MATCHED);
	const char *where = mh_job_str(job, MH_JOB_MATCHED_DOMAIN),
		   *term = mh_job_str(job, MH_JOB_MATCHED_TERM);
	struct text line = { .len = 0 };

	if (result[0] == '\0') {
		text_add(&line, "The SPF records of ");
		text_add(&line, mh_job_str(job, MH_JOB_DOMAIN));
		screen_text(screen, STYLE_BOLD, 0, line.p);
		return;
	}
	text_add(&line, result);
	text_add(&line, ": ");
	text_add(&line, word_for(results, result, ""));
	screen_text(screen, style_of(result), 0, line.p);
	screen_line(screen);
	line.len = 0;
	text_add(&line, mh_job_str(job, MH_JOB_IP));
	text_add(&line, " for ");
	text_add(&line, mh_job_str(job, MH_JOB_SENDER));
	if (json_is_true(json_get(spf, "is_helo")))
		text_add(&line, " (a bounce: the name in HELO is checked)");
	screen_field(screen, "Asked", line.p);
	if (matched[0] != '\0') {
		line.len = 0;
		text_add(&line, matched);
		if (strcmp(where, mh_job_str(job, MH_JOB_DOMAIN)) != 0 && where[0] != '\0') {
			text_add(&line, ", where ");
			text_add(&line, where);
			text_add(&line, " has ");
			text_add(&line, term);
		}
		screen_field(screen, "Decided by", line.p);
	}
	if (mh_job_str(job, MH_JOB_EXPLANATION)[0] != '\0') {
		line.len = 0;
		text_add(&line, "\"");
		text_add(&line, mh_job_str(job, MH_JOB_EXPLANATION));
		text_add(&line, "\"");
		screen_field(screen, "It says", line.p);
	}
}

/* --------------------------------------------------------------------- findings */

/* put_records - records of a change, each ready to be copied */
static void
put_records(struct screen *screen, const struct json *fix, const char *key, const char *lead)
{
	const struct json *records = json_get(fix, key);
	for (size_t i = 0; i < json_length(records); i++) {
		char line[4200];
		int n = snprintf(line, sizeof(line), "    %s%s %lld IN %s %s", lead,
		    json_text(json_get(fix, "name")), (long long)json_number(json_get(fix, "ttl")),
		    json_text(json_get(fix, "type")), json_text(json_at(records, i)));
		if (n > 0)
			screen_raw(screen, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
	}
}

/* put_fix - the record that mends it, and with verbose those that it replaces */
static void
put_fix(struct screen *screen, const char *text, bool verbose)
{
	struct json *fixes = json_read(text);
	for (size_t i = 0; i < json_length(fixes); i++) {
		if (verbose)
			put_records(screen, json_at(fixes, i), "remove", "- ");
		put_records(screen, json_at(fixes, i), "add", verbose ? "+ " : "");
	}
	json_free(fixes);
}

/* put_finding - one of them */
static void
put_finding(struct screen *screen, mh_report *report, size_t i, bool verbose)
{
	const char *severity = mh_report_int(report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_FAIL ? "fail"
	    : mh_report_int(report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_WARN                  ? "warn"
												 : "info";
	const char *subject = mh_report_str(report, i, MH_FINDING_SUBJECT),
		   *detail = mh_report_str(report, i, MH_FINDING_DETAIL);
	struct text line = { .len = 0 };

	if (strcmp(mh_report_str(report, i, MH_FINDING_STATE), "unknown") == 0)
		severity = "unknown";
	text_add(&line, severity);
	text_add(&line, "  ");
	text_add(&line, mh_report_str(report, i, MH_FINDING_TITLE));
	text_add(&line, ": ");
	text_add_short(&line, subject, 120);
	text_add(&line, " (");
	text_add(&line, mh_report_str(report, i, MH_FINDING_ID));
	text_add(&line, ")");
	screen_text(screen, style_of(severity), 0, line.p);
	if (detail[0] != '\0')
		screen_text(screen, STYLE_PLAIN, 4, detail);
	if (detail[0] == '\0' || verbose)
		screen_text(screen, STYLE_PLAIN, 4, mh_report_str(report, i, MH_FINDING_REASON));
	screen_text(screen, STYLE_PLAIN, 4, mh_report_str(report, i, MH_FINDING_REMEDY));
	put_fix(screen, mh_report_str(report, i, MH_FINDING_FIX), verbose);
}

void
findings_put(struct screen *screen, mh_report *report, bool verbose)
{
	size_t count = mh_report_count(report), shown = 0, left_out = 0;

	for (size_t i = 0; i < count; i++) {
		bool is_info = mh_report_int(report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_INFO &&
		    strcmp(mh_report_str(report, i, MH_FINDING_STATE), "unknown") != 0;
		if (!verbose && (shown >= FINDINGS || (is_info && shown > 2))) {
			left_out++;
			continue;
		}
		screen_line(screen);
		put_finding(screen, report, i, verbose);
		shown++;
	}
	if (count == 0) {
		screen_line(screen);
		screen_text(screen, STYLE_GOOD, 0, "Nothing is wrong with the records.");
	}
	if (left_out > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, (int64_t)left_out, "more finding", "more findings");
		text_add(&line, "; --verbose shows all.");
		screen_line(screen);
		screen_text(screen, STYLE_PLAIN, 0, line.p);
	}
}

/* ------------------------------------------------------------------------- tree */

/* put_row - one line of the tree: cost on the left, the term, and what is remarkable about it */
static void
put_row(struct shown *shown, int depth, int64_t cost, const char *text, const char *mark, const char *why)
{
	char line[700];
	int n;

	if (!shown->verbose && shown->lines >= TREE_LINES) {
		shown->left_out++;
		return;
	}
	shown->lines++;
	if (cost > 0)
		n = snprintf(line, sizeof(line), "  %3lld  %*s%s%.300s%s%.200s", (long long)cost, depth * 2,
		    "", mark, text, why[0] != '\0' ? "   " : "", why);
	else
		n = snprintf(line, sizeof(line), "       %*s%s%.300s%s%.200s", depth * 2, "", mark, text,
		    why[0] != '\0' ? "   " : "", why);
	if (n > 0)
		screen_raw(shown->screen, line, (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

/* is_remarkable - whether the reason of a term is shown without --verbose */
static bool
is_remarkable(const struct json *term)
{
	return json_is_true(json_get(term, "void")) || json_text(json_get(term, "error"))[0] != '\0';
}

static void
put_node(struct shown *shown, const struct json *node, int depth, bool is_path)
{
	const struct json *terms = json_get(node, "terms");
	const char *state = json_text(json_get(node, "state"));

	if (json_length(terms) == 0) {
		const char *why = json_is_true(json_get(node, "loop")) ? "leads back to a record above it"
		    : strcmp(state, "nxdomain") == 0                   ? "there is no such name"
		    : strcmp(state, "unknown") == 0                    ? "could not be asked"
								       : "there is no SPF record";
		put_row(shown, depth, 0, why, "", "");
		return;
	}
	for (size_t i = 0; i < json_length(terms); i++) {
		const struct json *term = json_at(terms, i), *child = json_get(term, "child");
		bool is_matched = is_path && json_is_true(json_get(term, "matched"));
		bool shows_why = shown->verbose || is_matched || is_remarkable(term);
		put_row(shown, depth, json_number(json_get(term, "cost")), json_text(json_get(term, "text")),
		    is_matched ? "> " : "  ", shows_why ? json_text(json_get(term, "why")) : "");
		/* What is in others' records matters where it costs, or where the address was found. */
		bool goes_in = shown->verbose || depth < 1 || is_matched;
		if (json_length(json_get(child, "terms")) + (size_t)json_is_true(json_get(child, "loop")) >
			0 &&
		    goes_in)
			put_node(shown, child, depth + 1, is_matched);
	}
}

static void
put_tree(struct screen *screen, const struct json *spf, bool verbose)
{
	const struct json *tree = json_get(spf, "tree");
	int64_t cost = json_number(json_get(tree, "lookups")), voids = json_number(json_get(tree, "voids"));
	struct shown shown = { .screen = screen, .verbose = verbose };
	struct text line = { .len = 0 };

	if (json_length(json_get(tree, "terms")) == 0)
		return;
	text_add(&line, json_text(json_get(tree, "domain")));
	if (cost >= 0) {
		text_add(&line, ": ");
		text_add_int(&line, cost);
		text_add(&line, " of 10 lookups");
		if (voids > 0) {
			text_add(&line, ", ");
			text_add_int(&line, voids);
			text_add(&line, voids == 1 ? " of them finds nothing" : " of them find nothing");
		}
	}
	screen_line(screen);
	screen_text(screen, STYLE_BOLD, 0, line.p);
	put_node(&shown, tree, 0, true);
	if (shown.left_out > 0) {
		line.len = 0;
		text_add_many(&line, shown.left_out, "more line", "more lines");
		text_add(&line, "; --verbose shows all.");
		screen_text(screen, STYLE_PLAIN, 7, line.p);
	}
}

/* -------------------------------------------------------------------- addresses */

static void
put_addresses(struct screen *screen, const struct json *spf, bool verbose)
{
	const struct json *addresses = json_get(spf, "addresses"), *ranges = json_get(addresses, "ranges");
	struct text line = { .len = 0 };
	size_t count = json_length(ranges), most = verbose ? 60 : NETWORKS;

	if (addresses == NULL || json_length(json_get(json_get(spf, "tree"), "terms")) == 0)
		return;
	int64_t ip4 = json_number(json_get(addresses, "ip4"));
	if (json_is_true(json_get(addresses, "all"))) {
		text_add(&line, "everybody");
	} else {
		text_add_count(&line, ip4);
		text_add(&line, ip4 == 1 ? " IPv4 address" : " IPv4 addresses");
		if (strcmp(json_text(json_get(addresses, "ip6")), "0") != 0) {
			text_add(&line, ", ");
			text_add(&line, json_text(json_get(addresses, "ip6")));
			text_add(&line, " IPv6 addresses");
		}
		for (size_t i = 0; i < count && i < most; i++) {
			text_add(&line, i == 0 ? ": " : ", ");
			text_add(&line, json_text(json_at(ranges, i)));
		}
		if (count > most)
			text_add(&line, ", ...");
	}
	if (json_is_true(json_get(addresses, "partial")))
		text_add(&line, " (at least: not everything could be asked)");
	if (json_number(json_get(addresses, "dynamic")) > 0)
		text_add(&line, " (and others that depend on the message)");
	screen_line(screen);
	screen_field(screen, "May send", line.p);
}

/* --------------------------------------------------------------------- the rest */

/* put_opinions - receivers that come to another result */
static void
put_opinions(struct screen *screen, mh_job *job, const struct json *spf, bool verbose)
{
	const struct json *opinions = json_get(spf, "opinions");
	const char *label = "Others";
	for (size_t i = 0; i < json_length(opinions); i++) {
		const struct json *opinion = json_at(opinions, i);
		const char *result = json_text(json_get(opinion, "result")),
			   *why = json_text(json_get(opinion, "why"));
		struct text line = { .len = 0 };
		if (!verbose && strcmp(result, mh_job_str(job, MH_JOB_RESULT)) == 0)
			continue;
		text_add(&line, json_text(json_get(opinion, "by")));
		text_add(&line, ": ");
		text_add(&line, result[0] != '\0' ? result : "unknown");
		if (why[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, why);
			text_add(&line, ")");
		}
		screen_field(screen, label, line.p);
		label = "";
	}
}

/* put_unanswered - questions that could not be answered */
static void
put_unanswered(struct screen *screen, mh_job *job)
{
	const char *label = "No answer";
	for (int i = 1; i <= mh_job_ask_count(job); i++) {
		struct text line = { .len = 0 };
		if (mh_job_ask_int(job, i, MH_ASK_STATE) != MH_STATE_UNKNOWN)
			continue;
		text_add_short(&line, mh_job_ask_str(job, i, MH_ASK_NAME), 200);
		text_add(&line, " ");
		text_add(&line, mh_job_ask_str(job, i, MH_ASK_TYPE_NAME));
		text_add(&line, ": ");
		if (mh_job_ask_str(job, i, MH_ASK_SERVER)[0] != '\0') {
			text_add(&line, mh_job_ask_str(job, i, MH_ASK_SERVER));
			text_add(&line, ": ");
		}
		text_add(&line, mh_job_ask_str(job, i, MH_ASK_WHY_TEXT));
		screen_field(screen, label, line.p);
		label = "";
	}
}

/* put_how - what it took */
static void
put_how(struct screen *screen, mh_job *job)
{
	struct text line = { .len = 0 };
	text_add_many(&line, mh_job_int(job, MH_JOB_QUERIES), "question", "questions");
	text_add(&line, " in ");
	text_add_many(&line, mh_job_int(job, MH_JOB_ROUNDS), "round", "rounds");
	text_add(&line, ", ");
	text_add_int(&line, mh_job_int(job, MH_JOB_ELAPSED_MS));
	text_add(&line, " ms");
	screen_field(screen, "It took", line.p);
	if (mh_job_str(job, MH_JOB_RECEIVED_SPF)[0] != '\0') {
		screen_line(screen);
		screen_raw(screen, mh_job_str(job, MH_JOB_RECEIVED_SPF),
		    strlen(mh_job_str(job, MH_JOB_RECEIVED_SPF)));
	}
}

int
spf_screen(mh_job *job, bool verbose)
{
	struct screen screen;
	struct json *json = json_read(mh_job_json(job));
	const struct json *spf = json_get(json_get(json, "results"), "spf");
	mh_report *report = mh_job_report(job);

	if (json == NULL || report == NULL) {
		json_free(json);
		mh_report_free(report);
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	}
	screen_init(&screen);
	put_verdict(&screen, job, spf);
	findings_put(&screen, report, verbose);
	put_tree(&screen, spf, verbose);
	put_addresses(&screen, spf, verbose);
	put_opinions(&screen, job, spf, verbose);
	put_unanswered(&screen, job);
	if (verbose)
		put_how(&screen, job);
	json_free(json);
	mh_report_free(report);
	return screen_end(&screen);
}
