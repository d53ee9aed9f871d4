/* spf_screen.c - what `mailhealth spf` shows to a person
 *
 * The verdict first, then what to do, then the tree with its costs, then the
 * rest.  Tree and addresses are taken from the library's JSON.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "findings_screen.h"
#include "json_read.h"
#include "spf_screen.h"

#define TREE_LINES 24 /* of the tree, unless all is wanted */
#define NETWORKS 6
#define UNANSWERED 5 /* questions */

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

/* is_unusable - whether the domain is no name that SPF can check */
static bool
is_unusable(mh_job *job)
{
	return strchr(mh_job_str(job, MH_JOB_DOMAIN), '.') == NULL;
}

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

/* put_survey - the headline where no host was asked about */
static void
put_survey(struct screen *screen, mh_job *job, const struct json *spf)
{
	static const struct pair words[] = {
		{ "pass", ": the SPF record is in order." },
		{ "info", ": the SPF record works." },
		{ "warn", ": the SPF record works, but it has weak points." },
		{ "fail", ": something is wrong with the SPF record." },
		{ "unknown", ": not all could be found out about the SPF record." },
		{ NULL, NULL },
	};
	const char *health = mh_job_str(job, MH_JOB_HEALTH);
	const char *state = json_text(json_get(json_get(spf, "tree"), "state"));
	bool is_absent =
	    json_number(json_get(json_get(spf, "tree"), "records")) == 0 && strcmp(state, "unknown") != 0;
	struct text line = { .len = 0 };

	text_add(&line, mh_job_str(job, MH_JOB_DOMAIN));
	text_add(&line,
	    is_unusable(job)                     ? ": SPF cannot check such a name."
		: strcmp(state, "nxdomain") == 0 ? ": there is no such domain."
		: is_absent                      ? ": there is no SPF record."
						 : word_for(words, health, ""));
	screen_text(screen, strcmp(health, "fail") == 0 ? STYLE_BAD : style_of(health), 0, line.p);
}

/* put_asked - who sends, and for whom */
static void
put_asked(struct screen *screen, mh_job *job, const struct json *spf)
{
	struct text line = { .len = 0 };
	text_add(&line, mh_job_str(job, MH_JOB_IP));
	text_add(&line, " for ");
	text_add(&line, mh_job_str(job, MH_JOB_SENDER));
	if (json_is_true(json_get(spf, "is_helo")))
		text_add(&line, " (a bounce: the name in HELO is checked)");
	screen_field(screen, "Asked", line.p);
}

/* put_decider - the term that decides, and where it stands */
static void
put_decider(struct screen *screen, mh_job *job)
{
	const char *matched = mh_job_str(job, MH_JOB_MATCHED), *result = mh_job_str(job, MH_JOB_RESULT);
	const char *where = mh_job_str(job, MH_JOB_MATCHED_DOMAIN),
		   *term = mh_job_str(job, MH_JOB_MATCHED_TERM);
	struct text line = { .len = 0 };

	if (matched[0] == '\0') {
		if (strcmp(result, "neutral") == 0)
			screen_field(screen, "Decided by",
			    "no term: none names this host, and the record has no all");
		return;
	}
	text_add(&line, matched);
	if (where[0] != '\0' && strcmp(where, mh_job_str(job, MH_JOB_DOMAIN)) != 0) {
		text_add(&line, ", where ");
		text_add(&line, where);
		text_add(&line, " has ");
		text_add(&line, term);
	}
	size_t len = strlen(term);
	if (len >= 3 && len <= 4 && strcmp(term + len - 3, "all") == 0)
		text_add(&line, ", which is for all hosts that no term before it names");
	screen_field(screen, "Decided by", line.p);
}

static void
put_verdict(struct screen *screen, mh_job *job, const struct json *spf)
{
	const char *result = mh_job_str(job, MH_JOB_RESULT);
	struct text line = { .len = 0 };

	if (result[0] == '\0') {
		put_survey(screen, job, spf);
		return;
	}
	text_add(&line, result);
	text_add(&line, ": ");
	text_add(&line, is_unusable(job) ? "SPF cannot check such a name." : word_for(results, result, ""));
	screen_text(screen, style_of(result), 0, line.p);
	if (strcmp(result, "pass") == 0 && strcmp(mh_job_str(job, MH_JOB_HEALTH), "fail") == 0)
		screen_text(screen, STYLE_BAD, 0, "But the record has faults that other mail meets.");
	screen_line(screen);
	put_asked(screen, job, spf);
	put_decider(screen, job);
	if (mh_job_str(job, MH_JOB_EXPLANATION)[0] != '\0') {
		line.len = 0;
		text_add(&line, "\"");
		text_add(&line, mh_job_str(job, MH_JOB_EXPLANATION));
		text_add(&line, "\"");
		screen_field(screen, "It says", line.p);
	}
}

/* put_all_well - said where faults were looked for and none was found */
static void
put_all_well(struct screen *screen, mh_job *job, const struct json *json, const struct json *spf)
{
	const char *result = mh_job_str(job, MH_JOB_RESULT);
	bool was_looked_for = json_get(json_get(spf, "addresses"), "ranges") != NULL;
	if (!was_looked_for || json_length(json_get(json, "findings")) > 0 || result[0] == '\0' ||
	    strcmp(result, "none") == 0)
		return;
	screen_line(screen);
	screen_text(screen, STYLE_GOOD, 0, "Nothing is wrong with the record.");
}

/* ------------------------------------------------------------------------- tree */

/* takes_line - whether there is room for one more */
static bool
takes_line(struct shown *shown)
{
	if (!shown->verbose && shown->lines >= TREE_LINES) {
		shown->left_out++;
		return false;
	}
	shown->lines++;
	return true;
}

/* put_row - one line of the tree: cost on the left, the term, and what is remarkable about it; that goes below
 * where there is no room beside it */
static void
put_row(struct shown *shown, int depth, int64_t cost, const char *text, bool is_marked, const char *note)
{
	char number[24] = "";
	struct text line = { .len = 0 };

	if (!takes_line(shown))
		return;
	if (cost > 0)
		(void)snprintf(number, sizeof(number), "%lld", (long long)cost);
	for (size_t i = strlen(number); i < 5; i++)
		text_add(&line, " ");
	text_add(&line, number);
	text_add(&line, "  ");
	for (int i = 0; i < depth; i++)
		text_add(&line, "  ");
	text_add(&line, is_marked ? "> " : "  ");
	text_add_short(&line, text, 300);
	bool fits = line.len + 3 + strlen(note) <= (size_t)shown->screen->width;
	if (note[0] != '\0' && fits) {
		text_add(&line, "   ");
		text_add(&line, note);
	}
	screen_raw(shown->screen, line.p, line.len);
	if (note[0] != '\0' && !fits && takes_line(shown))
		screen_quote(shown->screen, 11 + 2 * depth, "", note, 3);
}

/* child_note - what is to be said of a record that a term leads to and that has no terms to show */
static const char *
child_note(const struct json *child)
{
	const char *state = json_text(json_get(child, "state"));
	if (json_is_true(json_get(child, "loop")))
		return "leads back to a record above it";
	if (json_is_true(json_get(child, "cut")))
		return "is not looked at any more";
	if (strcmp(state, "unknown") == 0)
		return "could not be asked";
	if (strcmp(state, "nxdomain") == 0)
		return "does not exist";
	if (json_number(json_get(child, "records")) > 1)
		return "has several SPF records";
	return json_number(json_get(child, "records")) == 0 ? "has no SPF record" : "";
}

/* note_of - what is remarkable about a term, "" for most of them */
static const char *
note_of(const struct json *term, bool is_matched, bool verbose)
{
	const struct json *child = json_get(term, "child");
	const char *why = json_text(json_get(term, "why")), *answer = json_text(json_get(term, "answer"));
	bool has_terms = json_length(json_get(child, "terms")) > 0;
	bool has_child = child != NULL && json_text(json_get(child, "domain"))[0] != '\0';

	/* Of a record whose terms stand below it, these say enough. */
	if (why[0] != '\0' &&
	    (verbose || (is_matched && !has_terms) || json_text(json_get(term, "error"))[0] != '\0'))
		return why;
	if (has_child && !has_terms)
		return child_note(child);
	if (strcmp(answer, "unknown") == 0)
		return "could not be asked";
	if (!json_is_true(json_get(term, "void")))
		return "";
	return strcmp(answer, "nxdomain") == 0 ? "does not exist" : "finds nothing";
}

/* end_of - which of the terms is all; how many there are if none is */
static size_t
end_of(const struct json *terms)
{
	size_t count = json_length(terms);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_text(json_get(json_at(terms, i), "text"));
		if (text[0] != '\0' && strchr("+-~?", text[0]) != NULL)
			text++;
		if (strcmp(text, "all") == 0 || strcmp(text, "ALL") == 0)
			return i;
	}
	return count;
}

static void
put_node(struct shown *shown, const struct json *node, int depth, bool is_path)
{
	const struct json *terms = json_get(node, "terms");
	size_t end = end_of(terms);
	for (size_t i = 0; i < json_length(terms); i++) {
		const struct json *term = json_at(terms, i), *child = json_get(term, "child");
		bool is_matched = is_path && json_is_true(json_get(term, "matched"));
		const char *text = json_text(json_get(term, "text"));
		/* what all makes needless costs nothing: it is never looked at */
		bool is_paid = i < end && (end == json_length(terms) || strncmp(text, "redirect=", 9) != 0);
		put_row(shown, depth, is_paid ? json_number(json_get(term, "cost")) : 0, text, is_matched,
		    note_of(term, is_matched, shown->verbose));
		/* What is in others' records matters where it costs, or where the address was found. */
		if (shown->verbose || depth < 1 || is_matched)
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
		text_add(&line, cost > 10 ? " lookups, and 10 are allowed" : " of 10 lookups");
	}
	if (voids > 0) {
		text_add(&line, "; ");
		text_add_int(&line, voids);
		text_add(&line, voids == 1 ? " finds nothing" : " find nothing");
	}
	screen_line(screen);
	screen_text(screen, STYLE_BOLD, 0, line.p);
	put_node(&shown, tree, 0, true);
	if (shown.left_out > 0) {
		line.len = 0;
		text_add_many(&line, shown.left_out, "more line", "more lines");
		text_add(&line, "; --verbose shows all.");
		screen_text(screen, STYLE_PLAIN, 9, line.p);
	}
}

/* -------------------------------------------------------------------- addresses */

/* add_range - a network, or a single address without its length */
static void
add_range(struct text *line, const char *range)
{
	const char *slash = strchr(range, '/');
	bool is_one = slash != NULL && strcmp(slash, strchr(range, ':') != NULL ? "/128" : "/32") == 0;
	text_add_n(line, range, is_one ? (size_t)(slash - range) : strlen(range));
}

/* add_counts - how many addresses of both kinds */
static void
add_counts(struct text *line, const struct json *addresses)
{
	int64_t ip4 = json_number(json_get(addresses, "ip4"));
	const char *ip6 = json_text(json_get(addresses, "ip6"));
	bool has_ip6 = strcmp(ip6, "0") != 0 && ip6[0] != '\0';

	if (json_is_true(json_get(addresses, "all"))) {
		text_add(line, "everybody");
		return;
	}
	if (ip4 <= 0 && !has_ip6) {
		text_add(line,
		    json_is_true(json_get(addresses, "partial")) ||
			    json_number(json_get(addresses, "dynamic")) > 0
			? "nobody that is named here"
			: "nobody");
		return;
	}
	if (ip4 > 0)
		text_add_many(line, ip4, "IPv4 address", "IPv4 addresses");
	if (has_ip6) {
		text_add(line, ip4 > 0 ? ", " : "");
		text_add(line, ip6);
		text_add(line, strcmp(ip6, "1") == 0 ? " IPv6 address" : " IPv6 addresses");
	}
}

static void
put_addresses(struct screen *screen, const struct json *spf, bool verbose)
{
	const struct json *addresses = json_get(spf, "addresses"), *ranges = json_get(addresses, "ranges");
	struct text line = { .len = 0 };
	size_t count = json_length(ranges), most = verbose ? 60 : NETWORKS;

	if (ranges == NULL || json_length(json_get(json_get(spf, "tree"), "terms")) == 0)
		return;
	add_counts(&line, addresses);
	for (size_t i = 0; i < count && i < most && !json_is_true(json_get(addresses, "all")); i++) {
		text_add(&line, i == 0 ? ": " : ", ");
		add_range(&line, json_text(json_at(ranges, i)));
	}
	if (count > most) {
		text_add(&line, " and ");
		text_add_many(&line, (int64_t)(count - most), "other network", "other networks");
	}
	bool is_partial = json_is_true(json_get(addresses, "partial"));
	bool is_dynamic = json_number(json_get(addresses, "dynamic")) > 0;
	if (is_partial || is_dynamic) {
		text_add(&line, is_partial ? "; not everything could be asked" : "");
		text_add(&line, is_dynamic ? "; others by terms that depend on the message" : "");
	}
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
put_unanswered(struct screen *screen, mh_job *job, bool verbose)
{
	int told = 0, more = 0;
	for (int i = 1; i <= mh_job_ask_count(job); i++) {
		struct text line = { .len = 0 };
		if (mh_job_ask_int(job, i, MH_ASK_STATE) != MH_STATE_UNKNOWN)
			continue;
		if (told >= UNANSWERED && !verbose) {
			more++;
			continue;
		}
		if (told == 0)
			screen_line(screen);
		text_add_short(&line, mh_job_ask_str(job, i, MH_ASK_NAME), 200);
		text_add(&line, " ");
		text_add(&line, mh_job_ask_str(job, i, MH_ASK_TYPE_NAME));
		text_add(&line, ": ");
		if (mh_job_ask_str(job, i, MH_ASK_SERVER)[0] != '\0') {
			text_add(&line, mh_job_ask_str(job, i, MH_ASK_SERVER));
			text_add(&line, ": ");
		}
		text_add(&line, mh_job_ask_str(job, i, MH_ASK_WHY_TEXT));
		screen_field(screen, told++ == 0 ? "No answer" : "", line.p);
	}
	if (more > 0) {
		struct text line = { .len = 0 };
		text_add_many(&line, more, "more question", "more questions");
		text_add(&line, "; --verbose shows all.");
		screen_field(screen, "", line.p);
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

	if (json == NULL)
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	screen_init(&screen);
	put_verdict(&screen, job, spf);
	findings_put(&screen, json, verbose);
	put_all_well(&screen, job, json, spf);
	put_tree(&screen, spf, verbose);
	put_addresses(&screen, spf, verbose);
	put_opinions(&screen, job, spf, verbose);
	put_unanswered(&screen, job, verbose);
	if (verbose)
		put_how(&screen, job);
	json_free(json);
	return screen_end(&screen);
}
