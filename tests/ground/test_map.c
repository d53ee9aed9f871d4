/* test_map.c - lib/ground/map.c */
#include "support.h"

#include "map.h"

static void
hashes(void **state)
{
	(void)state;
	struct mh_str text = MH_STR("mx1.example.net, and more than eight octets");
	test_check("a hash is the same twice", mh_hash(text, 1) == mh_hash(text, 1));
	test_check("another seed is another hash", mh_hash(text, 1) != mh_hash(text, 2));
	for (size_t len = 0; len < text.len; len++)
		test_check("another length is another hash",
		    mh_hash(mh_str_n(text.p, len), 1) != mh_hash(mh_str_n(text.p, len + 1), 1));
	test_check("octets of 0 count", mh_hash(mh_str_n("\0\0", 1), 1) != mh_hash(mh_str_n("\0\0", 2), 1));
	test_check("letters of either case are one",
	    mh_hash_lower(MH_STR("MX1.Example.NET"), 7) == mh_hash_lower(MH_STR("mx1.example.net"), 7));
	test_check("and others are not",
	    mh_hash_lower(MH_STR("mx1.example.net"), 7) != mh_hash_lower(MH_STR("mx2.example.net"), 7));
	test_check("numbers in a row lie apart",
	    (mh_hash_number(1, 0) >> 32) != (mh_hash_number(2, 0) >> 32));
	char *copy = guard_copy(text.p, text.len);
	for (size_t from = 0; from < text.len; from++)
		(void)mh_hash(mh_str_n(copy + from, text.len - from), 0);
	guard_free(copy, text.len);
}

static bool
fill(struct mh_mem mem, void *arg)
{
	struct mh_map map;
	uint32_t count = *(const uint32_t *)arg;
	bool good = true;
	mh_map_init(&map, &mem);
	for (uint32_t i = 0; i < count && good; i++)
		good = mh_map_put(&map, mh_hash_number(i, 3), i);
	for (uint32_t i = 0; i < map.count; i++)
		test_number("what was put is there", mh_map_get(&map, mh_hash_number(i, 3)), i);
	test_number("what was not is not", mh_map_get(&map, mh_hash_number(count, 3)), MH_MAP_NONE);
	mh_map_free(&map);
	return good;
}

static void
maps(void **state)
{
	(void)state;
	uint32_t many = 100000, few = 200;
	test_check("a hundred thousand keys", fill(mh_mem_default(), &many));
	(void)test_failing_allocs(fill, &few, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hashes), cmocka_unit_test(maps) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
