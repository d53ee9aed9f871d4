/* support.h - what the tests of all floors share
 *
 * Includes CMocka and what it needs, so that a test file includes this one
 * first and then the header under test.
 *
 *	test_check, test_span     assertions that fail with a whole sentence
 *	struct test_alloc         an allocator that fails when told, and watches
 *	test_failing_allocs       a scenario with allocation 1, 2, 3... failing
 *	test_is_json              whether a string is JSON, read strictly
 *	guard_copy                octets with an unreadable page right behind (or before)
 *	test_mangled              a parser over all the ways an input can be broken
 *	struct test_random        numbers that are the same in every run
 */
#ifndef MH_TEST_SUPPORT_H
#define MH_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mem.h"
#include "port.h"
#include "str.h"

/* --------------------------------------------------------------- assertions */

/* test_check - fails with the sentence, the case's name, if the condition does not hold */
#define test_check(sentence, condition) \
	((condition) ? (void)0 : test_fail(__FILE__, __LINE__, (sentence), #condition))
void test_fail(const char *file, int line, const char *sentence, const char *what);

/* test_span - fails with the sentence and both texts unless got is want */
#define test_span(sentence, got, want) test_span_at(__FILE__, __LINE__, (sentence), (got), (want))
void test_span_at(const char *file, int line, const char *sentence, struct mh_str got, struct mh_str want);

/* test_number - the same for numbers */
#define test_number(sentence, got, want) \
	test_number_at(__FILE__, __LINE__, (sentence), (int64_t)(got), (int64_t)(want))
void test_number_at(const char *file, int line, const char *sentence, int64_t got, int64_t want);

/* ---------------------------------------------------------------- allocator */

/* An allocator that counts, can fail, and knows every block's size.  Blocks
 * come filled with 0xa5, a resize always moves, and more than 1 GiB at once is
 * refused.  Give test_alloc_fn and a struct to whatever takes an allocator:
 *
 *	struct test_alloc alloc = { .fail_at = 3 };
 *	struct mh_mem mem = test_alloc_mem(&alloc);
 *	...
 *	test_alloc_done(&alloc);
 */
struct test_alloc {
	size_t fail_at; /* which allocation fails, from 1; 0: none does */
	bool stay_failing; /* all later ones as well */
	size_t calls; /* allocations and resizes asked for, failed ones included */
	size_t failed;
	size_t frees;
	size_t live; /* blocks given out and not given back */
	size_t live_octets;
	size_t last_size; /* size last asked for */
	const char *fault; /* the first thing the caller did wrong; NULL: nothing */
};

void *test_alloc_fn(void *ud, void *ptr, size_t old_size, size_t new_size);
struct mh_mem test_alloc_mem(struct test_alloc *alloc);
/* test_alloc_done - fails the test if blocks are left or the caller did something wrong */
void test_alloc_done(const struct test_alloc *alloc);

/* test_failing_allocs - runs the scenario with allocation 1 failing, then 2, and so on until none
 * is left to fail; then again with all from that one on failing.  The scenario gives back whether
 * all went well: it must when no allocation failed, and must not when one did, unless the failure
 * may_be_hidden (as for memory that is only kept for speed).  Leaks and wrong sizes fail the test.
 * Returns the number of allocations of an undisturbed run. */
typedef bool (*test_scenario)(struct mh_mem mem, void *arg);
size_t test_failing_allocs(test_scenario run, void *arg, bool may_be_hidden);

/* --------------------------------------------------------------------- JSON */

/* A strict reader (RFC 8259): no more than it says.
 * test_is_json - whether a string is one JSON text
 * test_json_value, test_json_string - where the value, the string at p ends, or NULL */
bool test_is_json(const char *p);
const char *test_json_value(const char *p);
const char *test_json_string(const char *p);

/* -------------------------------------------------------------- guard pages */

/* guard_copy - a copy whose last octet is the last before a page that cannot be read
 * guard_copy_after - a copy whose first octet is the first behind such a page
 * Reading one octet too far faults, without any sanitizer.  A copy of no octets is not NULL. */
char *guard_copy(const void *p, size_t len);
char *guard_copy_after(const void *p, size_t len);
void guard_free(char *copy, size_t len);

/* ------------------------------------------------------------ broken inputs */

/* test_mangled - calls look with s as it is, cut at every length, without its first octets, and
 * with every single octet changed in several ways; always between guard pages.  For what must hold
 * for any octets; look may assert. */
typedef void (*test_look)(struct mh_str s, void *arg);
void test_mangled(struct mh_str s, test_look look, void *arg);

/* ------------------------------------------------------------------- random */

/* xorshift64*: the same sequence for the same seed everywhere.  { 0 } is a seed too. */
struct test_random {
	uint64_t state;
};

uint64_t test_random_u64(struct test_random *random);
/* test_random_below - a number from 0 to n - 1; n > 0 */
size_t test_random_below(struct test_random *random, size_t n);
void test_random_fill(struct test_random *random, void *p, size_t len);

#endif
