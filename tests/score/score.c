/* score.c - how often the classifier is right on labelled replies
 *
 *	score FILE.tsv [--misses] [--kind KIND] [--leave-out] [--calibration] [--at-least EXACT ANY]
 *
 * The file has the columns id, raw, smtp_code, enhanced_code, provider, label,
 * alt_labels, kind ("\n" in raw is a line end).  Only the reply itself is given
 * to the library, never the provider or the label.  Prints, for each kind, how
 * many got exactly the label, and how many the label or one of alt_labels;
 * --misses shows the others; --leave-out does it again for each provider with
 * the rules of that provider switched off, and counts its replies alone, which
 * shows what the rules for all do without it; --calibration shows how often each
 * rank of confidence is right; --at-least makes the exit code 1 where either share is less.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "../labelled.h"

enum { ROWS_MAX = 20000, KINDS_MAX = 16 };

struct row {
	char *id, *raw, *provider, *label, *alternatives, *kind;
	size_t raw_len;
};

struct tally {
	const char *name;
	unsigned rows, exact, any;
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static char *
copy(const char *s)
{
	size_t size = strlen(s) + 1;
	char *out = malloc(size);
	if (out == NULL)
		exit(70);
	return memcpy(out, s, size);
}

static bool
read_rows(const char *path)
{
	static char line[LABELLED_LINE_MAX];
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return false;
	bool header = true;
	while (row_count < ROWS_MAX && fgets(line, sizeof(line), in) != NULL) {
		char *column[LABELLED_COLUMNS];
		if (labelled_split(line, column) == LABELLED_COLUMNS && !header) {
			struct row *row = &rows[row_count++];
			row->id = copy(column[LABELLED_ID]);
			row->raw_len = labelled_unescape(column[LABELLED_RAW]);
			row->raw = copy(column[LABELLED_RAW]);
			row->provider = copy(column[LABELLED_PROVIDER]);
			row->label = copy(column[LABELLED_LABEL]);
			row->alternatives = copy(column[LABELLED_ALTERNATIVES]);
			row->kind = copy(column[LABELLED_KIND]);
		}
		header = false;
	}
	(void)fclose(in);
	return true;
}

/* is_listed - whether a comma separated list holds the word */
static bool
is_listed(const char *list, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = list; *p != '\0';) {
		size_t n = strcspn(p, ",");
		if (n == len && memcmp(p, word, n) == 0)
			return true;
		p += n + (p[n] == ',');
	}
	return false;
}

static struct tally *
tally_of(struct tally *tallies, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(tallies[i].name, name) == 0)
			return &tallies[i];
	if (*count == KINDS_MAX)
		exit(70);
	tallies[*count] = (struct tally){ name, 0, 0, 0 };
	return &tallies[(*count)++];
}

static void
print_tally(const char *what, const struct tally *tally)
{
	if (tally->rows > 0)
		printf("%-28s %5u rows  exact %5.1f %%  with alternatives %5.1f %%\n", what, tally->rows,
		    100.0 * tally->exact / tally->rows, 100.0 * tally->any / tally->rows);
}

struct buckets {
	unsigned rows[11], right[11];
};

/* count_row - parses one row and counts it */
static void
count_row(mh_reply *reply, const struct row *row, struct tally *tally, struct buckets *buckets, bool misses)
{
	if (mh_reply_parse(reply, row->raw, row->raw_len) != MH_OK)
		exit(70);
	const char *reason = mh_reply_str(reply, MH_REPLY_REASON);
	bool exact = strcmp(reason, row->label) == 0, any = exact || is_listed(row->alternatives, reason);
	size_t bucket = (size_t)mh_reply_int(reply, MH_REPLY_CONFIDENCE) / 100;
	tally->rows++;
	tally->exact += exact;
	tally->any += any;
	buckets->rows[bucket]++;
	buckets->right[bucket] += any;
	if (misses && !exact)
		printf("%s %s %s: %s, not %s%s%s by %s: %.*s\n", any ? "alt " : "MISS", row->kind, row->id,
		    reason, row->label, row->alternatives[0] != '\0' ? " or " : "", row->alternatives,
		    mh_reply_str(reply, MH_REPLY_RULE), 300, mh_reply_str(reply, MH_REPLY_TEXT));
}

/* family_of - the rule family of a provider as the table names it; "" if there is none */
static const char *
family_of(const char *provider)
{
	static const char *const table[][2] = { { "outlook", "microsoft" }, { "gmx/web.de", "gmx" },
		{ "btinternet", "bt" }, { "free.fr", "free" }, { "1and1", "ionos" }, { "", "" } };
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i][0], provider) == 0)
			return table[i][1];
	return provider;
}

/* leave_out - the rows of one provider without its rules */
static void
leave_out(mh_ctx *ctx, const char *provider)
{
	char text[128];
	struct tally tally = { provider, 0, 0, 0 };
	struct buckets buckets = { { 0 }, { 0 } };
	mh_rules *rules = mh_rules_new(ctx);
	int len = snprintf(text, sizeof(text), "disable %s.*\n", family_of(provider));
	int added =
	    rules != NULL ? mh_rules_add(rules, MH_LAYER_USER, "leave-out", text, (size_t)len) : MH_ENOMEM;
	if (added == MH_OK && mh_ctx_use_rules(ctx, rules) == MH_OK) {
		mh_reply *reply = mh_reply_new(ctx);
		for (size_t i = 0; i < row_count && reply != NULL; i++)
			if (strcmp(rows[i].kind, "smtp-reply") == 0 &&
			    strcmp(rows[i].provider, provider) == 0)
				count_row(reply, &rows[i], &tally, &buckets, false);
		print_tally(provider, &tally);
		mh_reply_free(reply);
		(void)mh_ctx_use_rules(ctx, NULL);
	}
	mh_rules_free(rules);
}

static void
leave_out_each(mh_ctx *ctx)
{
	puts("\nEach provider's replies without its rules:");
	for (size_t i = 0; i < row_count; i++) {
		bool seen = rows[i].provider[0] == '\0' || strcmp(rows[i].kind, "smtp-reply") != 0;
		for (size_t k = 0; k < i && !seen; k++)
			seen = strcmp(rows[k].provider, rows[i].provider) == 0 &&
			    strcmp(rows[k].kind, "smtp-reply") == 0;
		if (!seen)
			leave_out(ctx, rows[i].provider);
	}
}

int
main(int argc, char **argv)
{
	bool misses = false, without = false, calibration = false, enough = true;
	double least_exact = 0, least_any = 0;
	const char *path = NULL, *kind = NULL;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	struct tally tallies[KINDS_MAX];
	struct buckets buckets = { { 0 }, { 0 } };
	size_t count = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--misses") == 0)
			misses = true;
		else if (strcmp(argv[i], "--leave-out") == 0)
			without = true;
		else if (strcmp(argv[i], "--calibration") == 0)
			calibration = true;
		else if (strcmp(argv[i], "--at-least") == 0 && i + 2 < argc) {
			least_exact = atof(argv[++i]);
			least_any = atof(argv[++i]);
		} else if (strcmp(argv[i], "--kind") == 0 && i + 1 < argc)
			kind = argv[++i];
		else
			path = argv[i];
	}
	if (path == NULL || reply == NULL || !read_rows(path)) {
		fputs("usage: score FILE.tsv [--kind KIND] [--misses] [--leave-out] [--calibration]\n",
		    stderr);
		return 66;
	}
	for (size_t i = 0; i < row_count; i++)
		if (kind == NULL || strcmp(kind, rows[i].kind) == 0)
			count_row(reply, &rows[i], tally_of(tallies, &count, rows[i].kind), &buckets, misses);
	for (size_t i = 0; i < count; i++) {
		print_tally(tallies[i].name, &tallies[i]);
		enough &= 100.0 * tallies[i].exact >= least_exact * tallies[i].rows &&
		    100.0 * tallies[i].any >= least_any * tallies[i].rows;
	}
	for (size_t i = 0; i <= 10 && calibration; i++)
		if (buckets.rows[i] > 0)
			printf("confidence %.1f: %5u rows, right or defensible %5.1f %%\n", (double)i / 10,
			    buckets.rows[i], 100.0 * buckets.right[i] / buckets.rows[i]);
	if (without)
		leave_out_each(ctx);
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	return enough ? 0 : 1;
}
