/* answering.h - an answer over the built-in rules, for tests of what replies are read as
 *
 * One for a whole group of tests, made and freed by answering_setup and
 * answering_teardown; every parse is checked to go well.
 */
#ifndef MH_TEST_ANSWERING_H
#define MH_TEST_ANSWERING_H

#include "support.h"

#include "error.h"
#include "samples.h"
#include "reply.h"

extern const struct mh_ruleset mh_builtin_rules;

static struct test_alloc answering_alloc;
static struct mh_mem answering_mem;
static struct mh_rulebook *answering_book;
static struct mh_answer *answering;

static inline int
answering_setup(void **state)
{
	struct mh_rules_error error;
	int result;
	(void)state;
	answering_alloc = (struct test_alloc){ 0 };
	answering_mem = test_alloc_mem(&answering_alloc);
	answering_book = mh_rulebook_make(&answering_mem, &mh_builtin_rules, NULL, &result, &error);
	answering = answering_book != NULL ? mh_answer_make(&answering_mem) : NULL;
	return answering != NULL && mh_answer_use(answering, answering_book) == MH_ERR_OK ? 0 : -1;
}

static inline int
answering_teardown(void **state)
{
	(void)state;
	mh_answer_free(answering);
	mh_rulebook_unref(answering_book);
	test_alloc_done(&answering_alloc);
	return 0;
}

static inline void
parse_n(const void *text, size_t len)
{
	assert_int_equal(mh_answer_parse(answering, mh_str_n(text, len)), MH_ERR_OK);
}

static inline void
parse(const char *text)
{
	parse_n(text, strlen(text));
}

/* says - fails with the sentence unless a field of the reply last parsed is want */
#define says(sentence, field, want) \
	test_span((sentence), mh_str_z(mh_answer_str(answering, (field))), mh_str_z(want))
#define item_says(sentence, list, i, field, want) \
	test_span((sentence), mh_str_z(mh_answer_item_str(answering, (list), (i), (field))), mh_str_z(want))

/* listed - the entries of a list in one line, "a b c" */
static inline const char *
listed(int list, int field)
{
	static char out[4096];
	size_t n = 0, count = mh_answer_count(answering, list);
	for (size_t i = 0; i < count; i++) {
		const char *text = mh_answer_item_str(answering, list, i, field);
		size_t len = strlen(text);
		if (n + len + 2 > sizeof(out))
			break;
		if (i > 0)
			out[n++] = ' ';
		memcpy(out + n, text, len);
		n += len;
	}
	out[n] = '\0';
	return out;
}

/* found - whether the reply last parsed has a finding */
static inline bool
found(int number)
{
	struct mh_answer_finding findings[MH_ANSWER_FINDINGS];
	size_t count = mh_answer_findings(answering, findings);
	for (size_t i = 0; i < count; i++)
		if (findings[i].number == number)
			return true;
	return false;
}

#endif
