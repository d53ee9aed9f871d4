/* score_bounce.c - how often bounce messages are read right
 *
 *	score_bounce INDEX.tsv [--misses] [--families] [--only FILE | --without FILE] [--speed N] [--at-least FIELDS REASON]
 *
 * The index has a row a recipient: file, family, n, action, status, reply_code,
 * another project's reason, label, final_recipient, remote_mta, command; the
 * messages stand beside it in a folder of its name without ".tsv".  An empty
 * cell makes no claim, nor does a row whose label is "none".  A status x.0.9nn
 * is that project's own way to write a reason and stands in no message: such
 * cells are counted apart.  Status and code are those of the reply, else of the
 * report, as the command prints them.  A reason is right "with alternatives" if
 * it is the label or one of the answer's alternatives is.
 *
 * --only and --without take a file of names, one a line: for messages held back
 * from who writes the reader.  --speed reads and classifies all of them N times.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bounce.h"
#include "error.h"
#include "reply.h"
#include "samples.h"
#include "word.h"

extern const struct mh_ruleset mh_builtin_rules;

enum { ROWS_MAX = 20000, FAMILIES_MAX = 200, LINE_MAX_ = 65536, NAMES_MAX = 20000 };
enum { FILE_, FAMILY, N, ACTION, STATUS, CODE, THEIRS, LABEL, RECIPIENT, REMOTE, COMMAND, COLUMNS };
enum { GOT_RECIPIENT, GOT_ACTION, GOT_STATUS, GOT_CODE, GOT_REASON, GOT_ANY, GOT_CLASS, GOT_PSEUDO, GOTS };
static const char *const got_names[GOTS] = { "recipient", "action", "status", "code", "reason", "reason, any",
	"class", "status x.0.9nn" };

struct row {
	char *column[COLUMNS];
};

struct tally {
	const char *name;
	unsigned rows[GOTS], right[GOTS];
};

static struct row rows[ROWS_MAX];
static size_t row_count;
static char *names[NAMES_MAX];
static size_t name_count;
static struct tally total = { .name = "all" }, families[FAMILIES_MAX];
static size_t family_count;
static bool show_misses;

static void *
need(void *p)
{
	if (p == NULL)
		exit(70);
	return p;
}

static char *
copy(const char *s)
{
	size_t size = strlen(s) + 1;
	return memcpy(need(malloc(size)), s, size);
}

static bool
read_index(const char *path)
{
	static char line[LINE_MAX_];
	FILE *in = fopen(path, "r");
	bool header = true;
	if (in == NULL)
		return false;
	while (row_count < ROWS_MAX && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		char *p = line;
		for (int i = 0; i < COLUMNS && !header; i++) {
			char *tab = p != NULL ? strchr(p, '\t') : NULL;
			if (tab != NULL)
				*tab = '\0';
			rows[row_count].column[i] = copy(p != NULL ? p : "");
			p = tab != NULL ? tab + 1 : NULL;
		}
		row_count += !header;
		header = false;
	}
	(void)fclose(in);
	return true;
}

static bool
read_names(const char *path)
{
	char line[1024];
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return false;
	while (name_count < NAMES_MAX && fgets(line, sizeof(line), in) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		names[name_count++] = copy(line);
	}
	(void)fclose(in);
	return true;
}

static bool
is_named(const char *file)
{
	for (size_t i = 0; i < name_count; i++)
		if (strcmp(names[i], file) == 0)
			return true;
	return false;
}

static char *
read_file(const char *folder, const char *name, size_t *len)
{
	char path[4096];
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *in = fopen(path, "rb");
	if (in == NULL)
		return NULL;
	char *data = need(malloc(1u << 22));
	*len = fread(data, 1, 1u << 22, in);
	(void)fclose(in);
	return data;
}

static struct tally *
family_of(const char *name)
{
	for (size_t i = 0; i < family_count; i++)
		if (strcmp(families[i].name, name) == 0)
			return &families[i];
	if (family_count == FAMILIES_MAX)
		exit(70);
	families[family_count] = (struct tally){ .name = name };
	return &families[family_count++];
}

static void
count(const struct row *row, int what, bool right, const char *want, const char *got)
{
	struct tally *family = family_of(row->column[FAMILY]);
	total.rows[what]++;
	family->rows[what]++;
	total.right[what] += right;
	family->right[what] += right;
	if (show_misses && !right)
		printf("MISS %s %s %s: %s, not %s\n", row->column[FILE_], row->column[N], got_names[what],
		    got, want);
}

static bool
equals(struct mh_str s, const char *z)
{
	return mh_str_ieq(s, mh_str_z(z));
}

/* status_value - "5.1.1" as a number; class 0 if it is none */
static struct mh_status
status_value(struct mh_str s)
{
	struct mh_status status = { 0 };
	if (mh_status_read(s.p, s.p + s.len, &status) == 0)
		status = (struct mh_status){ 0 };
	return status;
}

static void
classify(struct mh_answer *answer, const struct mh_bounced *one)
{
	struct mh_answer_options *options = mh_answer_options(answer);
	*options = (struct mh_answer_options){ .form = MH_FORM_DSN_, .phase = one->phase, .code = one->code };
	options->status = status_value(one->status);
	size_t len = one->remote_mta.len < sizeof(options->mx) ? one->remote_mta.len : 0;
	memcpy(options->mx, one->remote_mta.p, len);
	if (mh_answer_parse(answer, one->text) != MH_ERR_OK)
		exit(70);
}

static void
count_reason(struct mh_answer *answer, const struct row *row, const struct mh_bounced *one)
{
	const char *label = row->column[LABEL], *reason = mh_answer_str(answer, MH_A_REASON);
	char got[700];
	bool exact = strcmp(reason, label) == 0, any = exact;
	for (size_t i = 0; i < mh_answer_count(answer, MH_L_ALTERNATIVE); i++)
		any |= strcmp(mh_answer_item_str(answer, MH_L_ALTERNATIVE, i, MH_I_ID), label) == 0;
	(void)snprintf(got, sizeof(got), "%s%s by %s from \"%.*s\"", any ? "(alt) " : "", reason,
	    mh_answer_str(answer, MH_A_RULE), (int)(one->text.len < 300 ? one->text.len : 300), one->text.p);
	count(row, GOT_REASON, exact, label, got);
	bool show = show_misses;
	show_misses = false;
	count(row, GOT_ANY, any, label, got);
	show_misses = show;
}

/* count_row - what a row claims of a recipient; one is NULL if there is none for it */
static void
count_row(struct mh_answer *answer, const struct row *row, const struct mh_returned *bounce,
    const struct mh_bounced *one)
{
	static const char *const classes[] = MH_BC_NAMES;
	static const struct mh_bounced nobody = { .text = { "", 0 },
		.recipient = { "", 0 },
		.action = { "", 0 },
		.remote_mta = { "", 0 },
		.status = { "", 0 } };
	char got[400], number[16];
	bool is_kind =
	    strcmp(row->column[THEIRS], "feedback") == 0 || strcmp(row->column[THEIRS], "vacation") == 0;
	if (strcmp(row->column[THEIRS], "none") == 0 || strcmp(row->column[LABEL], "none") == 0)
		return;
	if (is_kind)
		count(row, GOT_CLASS, strcmp(classes[bounce->class], row->column[THEIRS]) == 0,
		    row->column[THEIRS], classes[bounce->class]);
	bool was_found = one != NULL;
	if (!was_found)
		one = &nobody;
	/* A feedback report's recipient is the one it names: promise 7 of the command. */
	if (row->column[RECIPIENT][0] != '\0' &&
	    !(bounce->class == MH_BC_FEEDBACK && one->recipient.len == 0)) {
		(void)snprintf(got, sizeof(got), "%.*s", (int)one->recipient.len, one->recipient.p);
		count(row, GOT_RECIPIENT, equals(one->recipient, row->column[RECIPIENT]),
		    row->column[RECIPIENT], got);
	}
	if (is_kind)
		return;
	classify(answer, one);
	if (row->column[ACTION][0] != '\0') {
		(void)snprintf(got, sizeof(got), "%.*s", (int)one->action.len, one->action.p);
		count(row, GOT_ACTION, equals(one->action, row->column[ACTION]), row->column[ACTION], got);
	}
	const char *status = row->column[STATUS];
	if (status[0] != '\0') {
		const char *ours = mh_answer_str(answer, MH_A_STATUS);
		bool pseudo = strlen(status) > 5 && strncmp(status + 1, ".0.9", 4) == 0;
		bool show = show_misses;
		show_misses &= !pseudo;
		count(row, pseudo ? GOT_PSEUDO : GOT_STATUS, strcmp(ours, status) == 0, status, ours);
		show_misses = show;
	}
	if (row->column[CODE][0] != '\0') {
		(void)snprintf(number, sizeof(number), "%d", (int)mh_answer_int(answer, MH_A_CODE));
		count(row, GOT_CODE, strcmp(number, row->column[CODE]) == 0, row->column[CODE], number);
	}
	if (row->column[LABEL][0] != '\0')
		count_reason(answer, row, one);
}

/* count_message - the rows of a file that a message of it speaks of; the last message has all that are left */
static void
count_message(struct mh_answer *answer, struct mh_returned *bounce, const struct row *row, size_t n,
    bool *done, bool is_last)
{
	bool *taken = need(calloc(bounce->count + 1, sizeof(bool)));
	for (size_t i = 0; i < n; i++) {
		size_t match = bounce->count;
		if (done[i])
			continue;
		for (size_t k = bounce->count; k-- > 0;)
			if (!taken[k] && equals(bounce->recipients[k].recipient, row[i].column[RECIPIENT]))
				match = k;
		if (match == bounce->count && is_last && i < bounce->count && !taken[i])
			match = i;
		if (match == bounce->count && !is_last)
			continue;
		if (match < bounce->count)
			taken[match] = true;
		done[i] = true;
		count_row(answer, &row[i], bounce, match < bounce->count ? &bounce->recipients[match] : NULL);
	}
	free(taken);
}

/* count_file - the rows from first on that are of the same file; how many */
static size_t
count_file(struct mh_answer *answer, struct mh_returned *bounce, const char *folder, size_t first,
    bool counts)
{
	size_t n = 1, len = 0;
	while (first + n < row_count && strcmp(rows[first + n].column[FILE_], rows[first].column[FILE_]) == 0)
		n++;
	if (!counts)
		return n;
	char *data = read_file(folder, rows[first].column[FILE_], &len);
	bool *done = need(calloc(n, sizeof(bool)));
	struct mh_str box = mh_str_n(data, data != NULL ? len : 0);
	for (size_t at = 0, next; at < box.len; at = next) { /* some files are mboxes */
		next = mh_returned_next(box, at + 1);
		if (mh_returned_read(bounce, mh_str_n(box.p + at, next - at)) != MH_ERR_OK)
			exit(70);
		count_message(answer, bounce, &rows[first], n, done, next == box.len);
	}
	free(done);
	free(data);
	return n;
}

static void
print_tally(const struct tally *tally)
{
	printf("%-24s", tally->name);
	for (int i = 0; i < GOTS; i++)
		if (tally->rows[i] > 0)
			printf("  %s %u/%u %.1f %%", got_names[i], tally->right[i], tally->rows[i],
			    100.0 * tally->right[i] / tally->rows[i]);
	puts("");
}

static double
share(const struct tally *tally, int from, int to, bool with_pseudo)
{
	unsigned all = 0, right = 0;
	for (int i = from; i <= to; i++) {
		all += tally->rows[i];
		right += tally->right[i];
	}
	if (with_pseudo) {
		all += tally->rows[GOT_PSEUDO];
		right += tally->right[GOT_PSEUDO];
	}
	return all > 0 ? 100.0 * right / all : 100.0;
}

static double
seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* speed - all messages times times, read, then read and classified */
static void
speed(struct mh_answer *answer, struct mh_returned *bounce, const char *folder, int times)
{
	struct mh_str *data = need(calloc(row_count, sizeof(*data)));
	size_t n = 0, octets = 0;
	for (size_t i = 0; i < row_count; i++) {
		if (i > 0 && strcmp(rows[i].column[FILE_], rows[i - 1].column[FILE_]) == 0)
			continue;
		data[n].p = read_file(folder, rows[i].column[FILE_], &data[n].len);
		octets += data[n].len;
		n += data[n].p != NULL;
	}
	for (int both = 0; both <= 1; both++) {
		double begin = seconds();
		for (int t = 0; t < times; t++) {
			for (size_t i = 0; i < n; i++) {
				if (mh_returned_read(bounce, data[i]) != MH_ERR_OK)
					exit(70);
				for (size_t k = 0; k < bounce->count && both; k++)
					classify(answer, &bounce->recipients[k]);
			}
		}
		double took = seconds() - begin;
		printf("%s: %.0f messages a second, %.0f MB a second (%zu messages, %zu octets)\n",
		    both ? "read and classified" : "read", (double)n * times / took,
		    (double)octets * times / took / 1e6, n, octets);
	}
}

int
main(int argc, char **argv)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_rules_error error;
	struct mh_returned bounce;
	const char *path = NULL;
	char folder[4096];
	double least_fields = 0, least_reason = 0;
	bool by_family = false, only = false, without = false;
	int result, times = 0;
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--misses") == 0)
			show_misses = true;
		else if (strcmp(argv[i], "--families") == 0)
			by_family = true;
		else if (strcmp(argv[i], "--only") == 0 && more)
			only = read_names(argv[++i]);
		else if (strcmp(argv[i], "--without") == 0 && more)
			without = read_names(argv[++i]);
		else if (strcmp(argv[i], "--speed") == 0 && more)
			times = atoi(argv[++i]);
		else if (strcmp(argv[i], "--at-least") == 0 && i + 2 < argc) {
			least_fields = atof(argv[++i]);
			least_reason = atof(argv[++i]);
		} else
			path = argv[i];
	}
	if (path == NULL || !read_index(path)) {
		fputs("usage: score_bounce INDEX.tsv [--misses] [--families] [--only FILE | --without "
		      "FILE]\n",
		    stderr);
		return 66;
	}
	(void)snprintf(folder, sizeof(folder), "%.*s", (int)strlen(path) - 4, path);
	struct mh_rulebook *book = mh_rulebook_make(&mem, &mh_builtin_rules, NULL, &result, &error);
	struct mh_answer *answer = mh_answer_make(&mem);
	if (book == NULL || answer == NULL || mh_answer_use(answer, book) != MH_ERR_OK)
		return 70;
	mh_returned_init(&bounce, &mem);
	for (size_t i = 0; i < row_count;) {
		bool is_in = is_named(rows[i].column[FILE_]);
		i += count_file(answer, &bounce, folder, i, only ? is_in : without ? !is_in : true);
	}
	for (size_t i = 0; i < family_count && by_family; i++)
		print_tally(&families[i]);
	print_tally(&total);
	double fields = share(&total, GOT_RECIPIENT, GOT_CODE, false),
	       reason = share(&total, GOT_REASON, GOT_REASON, false);
	printf("fields %.1f %% (with x.0.9nn %.1f %%)  reason %.1f %%  with alternatives %.1f %%\n", fields,
	    share(&total, GOT_RECIPIENT, GOT_CODE, true), reason, share(&total, GOT_ANY, GOT_ANY, false));
	if (times > 0)
		speed(answer, &bounce, folder, times);
	mh_returned_free(&bounce);
	mh_answer_free(answer);
	mh_rulebook_unref(book);
	return fields >= least_fields && reason >= least_reason ? 0 : 1;
}
