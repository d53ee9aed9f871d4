/* test_cache.c - lib/net/cache.c, timers.c and resolvconf.c */
#include "support.h"

#include "cache.h"
#include "random.h"
#include "resolvconf.h"
#include "timers.h"

static struct mh_fact *
fact_of(const struct mh_mem *mem, unsigned n)
{
	struct mh_fact_draft draft;
	char name[16] = "n0000000.example";
	for (int i = 7; i > 0; i--, n /= 10)
		name[i] = (char)('0' + n % 10);
	mh_fact_draft_init(&draft, mem);
	mh_fact_draft_begin(&draft, mh_str_n(name, 16), MH_RR_A);
	mh_fact_draft_rr(&draft, "\1\2\3\4", 4);
	struct mh_fact *fact = mh_fact_make(mem, &draft);
	mh_fact_draft_free(&draft);
	return fact;
}

static struct mh_fact *
get(struct mh_cache *cache, const struct mh_fact *fact, int64_t now_ms)
{
	return mh_cache_get(cache, fact->hash, fact->name, fact->type, now_ms);
}

static void
facts_live_as_long_as_they_may(void **state)
{
	struct test_alloc alloc = { .fail_at = 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_cache cache;
	(void)state;
	mh_cache_init(&cache, &mem, 100000);
	struct mh_fact *fact = fact_of(&mem, 1), *other = fact_of(&mem, 2);
	assert_null(get(&cache, fact, 0));
	mh_cache_put(&cache, fact, 1000, 50);
	struct mh_fact *got = get(&cache, fact, 1049);
	assert_ptr_equal(got, fact);
	mh_fact_unref(got);
	assert_null(get(&cache, other, 100));
	assert_null(get(&cache, fact, 1050));
	assert_int_equal(cache.count, 0);
	mh_cache_put(&cache, fact, 0, 50);
	assert_null(get(&cache, fact, 50));
	mh_cache_put(&cache, fact, 1000, 0);
	mh_cache_put(&cache, fact, 5000, 0); /* again: the later one counts */
	got = get(&cache, fact, 4000);
	assert_ptr_equal(got, fact);
	mh_fact_unref(got);
	assert_int_equal(cache.count, 1);
	mh_cache_free(&cache);
	mh_fact_unref(fact);
	mh_fact_unref(other);
	test_alloc_done(&alloc);
}

static void
memory_is_bounded_and_the_oldest_go(void **state)
{
	struct test_alloc alloc = { .fail_at = 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_cache cache;
	(void)state;
	mh_cache_init(&cache, &mem, 50000);
	struct mh_fact *first = fact_of(&mem, 0);
	mh_cache_put(&cache, first, 1000, 0);
	for (unsigned n = 1; n < 5000; n++) {
		struct mh_fact *fact = fact_of(&mem, n);
		mh_cache_put(&cache, fact, 1000, 0);
		mh_fact_unref(fact);
		assert_true(cache.octets <= 50000);
		/* who is asked for stays */
		mh_fact_unref(get(&cache, first, 1));
	}
	struct mh_fact *got = get(&cache, first, 1);
	assert_ptr_equal(got, first);
	mh_fact_unref(got);
	assert_true(cache.count > 100 && cache.count < 400);
	mh_cache_free(&cache);
	mh_fact_unref(first);
	test_alloc_done(&alloc);
}

static bool
fill(struct mh_mem mem, void *arg)
{
	struct mh_cache cache;
	bool good = true;
	(void)arg;
	mh_cache_init(&cache, &mem, 100000);
	for (unsigned n = 0; n < 600; n += 40) {
		struct mh_fact *fact = fact_of(&mem, n);
		good = good && fact != NULL;
		if (fact != NULL)
			mh_cache_put(&cache, fact, 1000, 0);
		mh_fact_unref(fact);
	}
	mh_cache_free(&cache);
	return good;
}

static void
without_memory_less_is_kept(void **state)
{
	(void)state;
	test_failing_allocs(fill, NULL, true);
}

static void
timers_come_in_order(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct test_random random = { 5 };
	struct mh_timers timers;
	struct mh_timer all[500];
	(void)state;
	mh_timers_init(&timers, &mem);
	memset(all, 0, sizeof(all));
	for (size_t i = 0; i < MH_COUNT(all); i++)
		assert_true(mh_timers_promise(&timers));
	for (int round = 0; round < 20000; round++) {
		struct mh_timer *timer = &all[test_random_below(&random, MH_COUNT(all))];
		if (test_random_below(&random, 3) == 0)
			mh_timers_drop(&timers, timer);
		else
			mh_timers_set(&timers, timer, (int64_t)test_random_below(&random, 1000));
		int64_t least = INT64_MAX;
		uint32_t count = 0;
		for (size_t i = 0; round % 50 == 0 && i < MH_COUNT(all); i++) {
			count += all[i].place != 0;
			if (all[i].place != 0 && all[i].at_ms < least)
				least = all[i].at_ms;
		}
		if (round % 50 == 0) {
			test_number("how many", timers.count, count);
			test_number("the first", count > 0 ? mh_timers_first(&timers)->at_ms : INT64_MAX,
			    least);
		}
	}
	int64_t before = 0;
	for (struct mh_timer *timer; (timer = mh_timers_first(&timers)) != NULL; before = timer->at_ms) {
		assert_true(timer->at_ms >= before);
		mh_timers_drop(&timers, timer);
	}
	mh_timers_free(&timers);
}

static const struct {
	const char *what, *text, *want; /* NULL: refused */
} lists[] = {
	{ "nothing", "", "" },
	{ "an address", "192.0.2.1", "192.0.2.1:53" },
	{ "an address and a port", "192.0.2.1:5353", "192.0.2.1:5353" },
	{ "IPv6 without brackets", "2001:db8::1", "[2001:db8::1]:53" },
	{ "IPv6 with a port", "[2001:db8::1]:5353", "[2001:db8::1]:5353" },
	{ "IPv6 in brackets", "[::1]", "[::1]:53" },
	{ "several", " 192.0.2.1, [::1]:54  192.0.2.2:1", "192.0.2.1:53 [::1]:54 192.0.2.2:1" },
	{ "a name", "ns.example.org", NULL },
	{ "port 0", "192.0.2.1:0", NULL },
	{ "a port that is too large", "192.0.2.1:65536", NULL },
	{ "no port", "192.0.2.1:", NULL },
	{ "a bracket that is not closed", "[::1", NULL },
	{ "something behind the bracket", "[::1]x", NULL },
	{ "too many", "1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1 1.1.1.1", NULL },
};

static const struct {
	const char *what, *text, *want;
	bool trusts;
} files[] = {
	{ "an empty file", "", "127.0.0.1:53", false },
	{ "the usual", "domain a\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n",
	    "192.0.2.1:53 [2001:db8::1]:53", false },
	{ "comments, spaces and line ends", "# nameserver 1.1.1.1\r\n;x\nnameserver\t192.0.2.1 # y\r\n",
	    "192.0.2.1:53", false },
	{ "what cannot be read is left out",
	    "nameserver x\nnameserver\nnameservers 1.1.1.1\nnameserver 192.0.2.9", "192.0.2.9:53", false },
	{ "a link-local address", "nameserver fe80::1%lo\n", "[fe80::1]:53", false },
	{ "trust", "options edns0 trust-ad ndots:2\nnameserver 192.0.2.1\n", "192.0.2.1:53", true },
	{ "no trust", "options notrust-ad\n", "127.0.0.1:53", false },
};

static void
same_servers(const char *what, const struct mh_resolvconf *conf, const char *want)
{
	char text[MH_SERVERS_MAX * MH_SERVER_TEXT_MAX];
	size_t len = 0;
	for (unsigned i = 0; i < conf->count; i++) {
		if (i > 0)
			text[len++] = ' ';
		len += mh_server_print(&conf->servers[i], text + len);
	}
	test_span(what, mh_str_n(text, len), mh_str_z(want));
}

static void
servers_are_read(void **state)
{
	struct mh_resolvconf conf;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(lists); i++) {
		bool good = mh_servers_read(mh_str_z(lists[i].text), &conf);
		test_number(lists[i].what, good, lists[i].want != NULL);
		if (good)
			same_servers(lists[i].what, &conf, lists[i].want);
	}
	for (size_t i = 0; i < MH_COUNT(files); i++) {
		mh_resolvconf_read(mh_str_z(files[i].text), &conf);
		same_servers(files[i].what, &conf, files[i].want);
		test_number(files[i].what, conf.trusts_ad, files[i].trusts);
	}
}

static void
numbers_are_all_over(void **state)
{
	struct mh_random random = { .left = 0 };
	unsigned seen[16] = { 0 };
	(void)state;
	for (int i = 0; i < 16000; i++)
		seen[mh_random_below(&random, 16)]++;
	for (int i = 0; i < 16; i++)
		assert_true(seen[i] > 700 && seen[i] < 1300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_live_as_long_as_they_may),
		cmocka_unit_test(memory_is_bounded_and_the_oldest_go),
		cmocka_unit_test(without_memory_less_is_kept),
		cmocka_unit_test(timers_come_in_order),
		cmocka_unit_test(servers_are_read),
		cmocka_unit_test(numbers_are_all_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
