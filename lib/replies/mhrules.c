/* mhrules.c - compiles rule files: the host tool of the build
 *
 *	mhrules --emit OUT.c FILE...     checks everything and writes the ruleset as C
 *	mhrules --check FILE...          checks only, and tells of every sample that fails
 *	mhrules --explain TEXT FILE...   shows what the rules make of one reply
 *	mhrules --size FILE...           what the tables weigh
 *
 * Messages are FILE:LINE:COLUMN: text, as compilers write them.  Exit 1 if a
 * rule is wrong, 66 if a file cannot be read, 70 if memory is out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "samples.h"
#include "reply.h"
#include "rules_emit.h"

enum { EXIT_WRONG = 1, EXIT_USAGE = 64, EXIT_INPUT = 66, EXIT_FAULT = 70 };

struct told {
	int wrong;
};

static void
complain(struct mh_place place, const char *text)
{
	(void)fprintf(stderr, "%s:%u:%u: %s\n", place.file, place.line, place.column, text);
}

/* read_file - all of a file into the arena */
static bool
read_file(struct mh_arena *arena, const char *path, struct mh_str *text)
{
	FILE *in = fopen(path, "rb");
	if (in == NULL)
		return false;
	char *p = NULL;
	long size = -1;
	if (fseek(in, 0, SEEK_END) == 0 && (size = ftell(in)) >= 0 && fseek(in, 0, SEEK_SET) == 0)
		p = mh_arena_alloc(arena, (size_t)size + 1);
	bool good = p != NULL && fread(p, 1, (size_t)size, in) == (size_t)size;
	(void)fclose(in);
	*text = mh_str_n(p, good ? (size_t)size : 0);
	return good;
}

static void
tell_sample(void *ud, const struct mh_sample *sample, const char *winner)
{
	struct told *told = ud;
	char text[512];
	(void)snprintf(text, sizeof(text),
	    sample->unlike ? "%.*s must not win this" : "%.*s does not win this, but %s",
	    (int)sample->rule.len, sample->rule.p, winner[0] != '\0' ? winner : "nothing");
	complain(sample->place, text);
	told->wrong++;
}

static void
explain(struct mh_answer *answer, const char *text)
{
	if (mh_answer_parse(answer, mh_str_z(text)) == MH_ERR_OK)
		(void)printf("%s\n", mh_answer_json(answer));
}

static void
print_sizes(const struct mh_ruleset *set)
{
	size_t all = 0;
#define SIZE(array, array_count, type) \
	(void)printf("%-12s %8u x %2zu = %8zu\n", #array, set->array_count, sizeof(type), \
	    set->array_count * sizeof(type)); \
	all += set->array_count * sizeof(type);
	MH_RULESET_ARRAYS(SIZE)
#undef SIZE
	(void)printf("%-12s %24zu\n", "all", all);
}

int
main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	bool takes_value = strcmp(mode, "--emit") == 0 || strcmp(mode, "--explain") == 0;
	int first = takes_value ? 3 : 2;
	if (argc <= first || (!takes_value && strcmp(mode, "--check") != 0 && strcmp(mode, "--size") != 0)) {
		(void)fputs("usage: mhrules --emit OUT.c | --check | --explain TEXT | --size  FILE...\n",
		    stderr);
		return EXIT_USAGE;
	}
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_statement *statements = NULL, **tail = &statements;
	struct mh_rules_error error;
	struct mh_ruleset *set = NULL;
	struct mh_sample *samples = NULL;
	struct mh_layers none = { 0, { NULL } };
	struct told told = { 0 };
	size_t size = 0;
	int result = MH_ERR_OK;
	mh_arena_init(&arena, &mem, 0);
	for (int i = first; i < argc && result == MH_ERR_OK; i++) {
		struct mh_str text;
		if (!read_file(&arena, argv[i], &text)) {
			(void)fprintf(stderr, "mhrules: cannot read %s\n", argv[i]);
			return EXIT_INPUT;
		}
		result = mh_rules_read(&arena, argv[i], text, &tail, &error);
	}
	if (result == MH_ERR_OK)
		result = mh_rules_build(&mem, &arena, &none, statements, &set, &size, &samples, &error);
	if (result == MH_ERR_ERULES)
		complain(error.place, error.text);
	if (result != MH_ERR_OK)
		return result == MH_ERR_ERULES ? EXIT_WRONG : EXIT_FAULT;
	struct mh_rulebook *book = mh_rulebook_make(&mem, set, NULL, &result, &error);
	if (book == NULL)
		return EXIT_FAULT;
	if (strcmp(mode, "--explain") == 0) {
		struct mh_answer *answer = mh_answer_make(&mem);
		if (answer == NULL || mh_answer_use(answer, book) != MH_ERR_OK)
			return EXIT_FAULT;
		explain(answer, argv[2]);
		mh_answer_free(answer);
	} else {
		if (strcmp(mode, "--size") == 0)
			print_sizes(set);
		result = mh_samples_check(&mem, book, samples, tell_sample, &told, &error);
		if (told.wrong > 0)
			(void)fprintf(stderr, "mhrules: %d samples are not won by their rules\n", told.wrong);
	}
	if (result == MH_ERR_OK && strcmp(mode, "--emit") == 0) {
		FILE *out = fopen(argv[2], "wb");
		bool good = out != NULL && mh_rules_emit(out, set);
		if (out == NULL || fclose(out) != 0 || !good) {
			(void)fprintf(stderr, "mhrules: cannot write %s\n", argv[2]);
			result = MH_ERR_EIO;
		}
	}
	mh_rulebook_unref(book);
	mh_mem_free(&mem, set, size);
	mh_arena_free(&arena);
	return result == MH_ERR_OK ? EXIT_SUCCESS : EXIT_WRONG;
}
