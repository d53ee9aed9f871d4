/* test_distinct.c - lib/replies/distinct.c */
#include "support.h"

#include "distinct.h"
#include "map.h"

static void
counts(void **state)
{
	(void)state;
	static const int64_t steps[] = { 1, 2, 8, 100, 256, 257, 300, 1000, 3000, 10000, 100000, 1000000 };
	struct mh_mem mem = mh_mem_default();
	struct mh_distinct distinct = { .keys = NULL };
	test_number("nothing is counted at first", mh_distinct_count(&distinct), 0);
	int64_t added = 0;
	for (size_t i = 0; i < MH_COUNT(steps); i++) {
		for (; added < steps[i]; added++) {
			assert_true(mh_distinct_add(&distinct, &mem, mh_hash_number((uint64_t)added, 0)));
			if (added < 400) /* the same again changes nothing */
				assert_true(
				    mh_distinct_add(&distinct, &mem, mh_hash_number((uint64_t)added / 2, 0)));
		}
		int64_t count = mh_distinct_count(&distinct);
		if (steps[i] <= MH_DISTINCT_EXACT)
			test_number("exact while there are few", count, steps[i]);
		else /* three standard errors */
			test_check("near while there are many",
			    count * 100 > steps[i] * 90 && count * 100 < steps[i] * 110);
	}
	mh_distinct_free(&distinct, &mem);
}

static bool
fill(struct mh_mem mem, void *arg)
{
	struct mh_distinct distinct = { .keys = NULL };
	bool good = true;
	(void)arg;
	for (uint64_t i = 0; i < 300; i++)
		good &= mh_distinct_add(&distinct, &mem, mh_hash_number(i, 0));
	(void)mh_distinct_count(&distinct);
	mh_distinct_free(&distinct, &mem);
	return good;
}

static void
memory(void **state)
{
	(void)state;
	(void)test_failing_allocs(fill, NULL, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(counts), cmocka_unit_test(memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
