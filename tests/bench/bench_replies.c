/* bench_replies.c - replies a second on one core, beside the floor that memory and a table set
 *
 *	bench_replies FILE.tsv [SECONDS]
 *
 * Takes the rows of kind smtp-reply.  At each repetition every digit, and every
 * hexadecimal run of eight or more, is varied by a seeded generator, so that no
 * result could be kept from before.  The floor is a pass that folds each octet
 * of the same texts through a table of 256.  Five rounds of each, alternating;
 * the medians count.  Last: allocations after warm-up, by a counting allocator.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <mailhealth.h>

#include "../labelled.h"

enum { ROWS_MAX = 4096, ROUNDS = 5 };

static struct {
	char *text, *varied;
	size_t len;
} rows[ROWS_MAX];
static size_t row_count, octets;
static unsigned long allocations;
static volatile unsigned sink;

static void *
counting(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	(void)ud;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	allocations++;
	return realloc(ptr, new_size);
}

static double
now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool
read_rows(const char *path)
{
	static char line[LABELLED_LINE_MAX];
	FILE *in = fopen(path, "r");
	if (in == NULL)
		return false;
	while (row_count < ROWS_MAX && fgets(line, sizeof(line), in) != NULL) {
		char *column[LABELLED_COLUMNS];
		if (labelled_split(line, column) != LABELLED_COLUMNS ||
		    strcmp(column[LABELLED_KIND], "smtp-reply") != 0)
			continue;
		size_t len = labelled_unescape(column[LABELLED_RAW]);
		char *text = malloc(len + 1), *varied = malloc(len + 1);
		if (text == NULL || varied == NULL)
			exit(70);
		memcpy(text, column[LABELLED_RAW], len + 1);
		rows[row_count].text = text;
		rows[row_count].len = len;
		rows[row_count++].varied = varied;
		octets += len;
	}
	(void)fclose(in);
	return row_count > 0;
}

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static bool
is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* vary - new digits everywhere behind the reply code and status, new letters in long hexadecimal runs */
static void
vary(unsigned *seed)
{
	for (size_t i = 0; i < row_count; i++) {
		const char *from = rows[i].text;
		char *to = rows[i].varied;
		for (size_t k = 0; k < rows[i].len;) {
			size_t run = 0;
			while (k + run < rows[i].len && is_hex(from[k + run]))
				run++;
			for (size_t n = 0; n < (run > 0 ? run : 1); n++) {
				char c = from[k + n];
				bool digit = c >= '0' && c <= '9';
				if (digit && k + n >= 12)
					c = (char)('1' + next_random(seed) % 9);
				else if (run >= 8 && !digit && n < run)
					c = (char)((c >= 'a' ? 'a' : 'A') + (char)(next_random(seed) % 6));
				to[k + n] = c;
			}
			k += run > 0 ? run : 1;
		}
		to[rows[i].len] = '\0';
	}
}

/* parse_all - seconds for one pass over all varied replies */
static double
parse_all(mh_reply *reply)
{
	double start = now_s();
	for (size_t i = 0; i < row_count; i++) {
		if (mh_reply_parse(reply, rows[i].varied, rows[i].len) != MH_OK)
			exit(70);
		sink += (unsigned)mh_reply_int(reply, MH_REPLY_CODE) +
		    (unsigned)mh_reply_str(reply, MH_REPLY_REASON)[0];
	}
	return now_s() - start;
}

/* fold - a function of its own, on a boundary: where it stood among other code changed it by a factor */
__attribute__((noinline, aligned(64))) static void
fold(unsigned char *restrict out, const char *restrict in, size_t len, const unsigned char *restrict table)
{
	for (size_t i = 0; i < len; i++)
		out[i] = table[(unsigned char)in[i]];
}

static double
fold_all(const unsigned char *table)
{
	static unsigned char out[LABELLED_LINE_MAX];
	double start = now_s();
	for (size_t i = 0; i < row_count; i++) {
		fold(out, rows[i].varied, rows[i].len, table);
		sink += out[rows[i].len / 2];
	}
	return now_s() - start;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double
median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

int
main(int argc, char **argv)
{
	double parse[ROUNDS], fold[ROUNDS], all[ROUNDS], seconds = argc > 2 ? atof(argv[2]) : 1.0;
	unsigned seed = 20261122;
	unsigned char table[256];
	for (int i = 0; i < 256; i++)
		table[i] = (unsigned char)(i >= 'A' && i <= 'Z' ? i + 32 : i);
	if (argc < 2 || !read_rows(argv[1])) {
		fputs("usage: bench_replies FILE.tsv [SECONDS]\n", stderr);
		return 66;
	}
	mh_ctx *ctx = mh_ctx_new(counting, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	for (int round = 0; round < ROUNDS; round++) {
		double used = 0, folding = 0, passes = 0;
		while (used < seconds / ROUNDS) {
			vary(&seed);
			used += parse_all(reply);
			folding += fold_all(table);
			passes++;
		}
		parse[round] = passes * (double)row_count / used;
		fold[round] = passes * (double)row_count / folding;
	}
	double replies_s = median(parse), folds_s = median(fold);
	printf("replies/s: %.0f  (%zu replies, mean %.0f octets; %.0f MB/s)\n", replies_s, row_count,
	    (double)octets / (double)row_count, replies_s * (double)octets / (double)row_count / 1e6);
	printf("table pass of the same octets: %.0f replies/s; ratio %.1f\n", folds_s, folds_s / replies_s);
	unsigned long before = allocations;
	for (int i = 0; i < 100; i++) {
		vary(&seed);
		(void)parse_all(reply);
	}
	printf("allocations a reply after warm-up: %.6f\n",
	    (double)(allocations - before) / 100.0 / (double)row_count);
	for (int round = 0; round < ROUNDS; round++) {
		double start = now_s();
		for (size_t i = 0; i < row_count; i++) {
			if (mh_reply_parse(reply, rows[i].varied, rows[i].len) != MH_OK)
				return 70;
			sink += (unsigned)strlen(mh_reply_json(reply));
		}
		all[round] = (double)row_count / (now_s() - start);
	}
	printf("replies/s with all facts, written as JSON: %.0f\n", median(all));
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	return 0;
}
