/* test_spf_addresses.c - lib/records/spf_addresses.c, against check_host() for every address */
#include <stdio.h>

#include "random_tree.h"
#include "spf_sets.h"

/* has_result - whether the sets say result of an address */
static bool
has_result(const struct mh_spf_sets *sets, const struct mh_ip *ip, int result)
{
	switch (result) {
	case MH_SPF_PASS:
		return mh_ipset_has(&sets->pass, ip);
	case MH_SPF_FAIL:
		return mh_ipset_has(&sets->fail, ip);
	case MH_SPF_SOFTFAIL:
		return mh_ipset_has(&sets->softfail, ip);
	case MH_SPF_NEUTRAL:
		return mh_ipset_has(&sets->neutral, ip);
	default:
		return mh_ipset_has(&sets->error, ip);
	}
}

static void
sets_are_what_check_host_says(void **state)
{
	struct test_random random = { 7208 };
	static struct random_tree tree;
	struct rows rows;
	unsigned compared = 0, seen[8] = { 0 };
	(void)state;

	rows_init(&rows);
	for (unsigned round = 0; round < 400; round++) {
		struct spf_run run;
		struct mh_spf_sets sets;
		random_tree_make(&tree, &random, TREE_MIXED | (round % 2 == 0 ? TREE_BROKEN : 0));
		random_tree_load(&tree, tree.record, &rows);
		random_tree_survey(&run, &rows);
		mh_spf_sets(&run.scratch, run.tree, &sets);
		for (unsigned i = 0; i < TREE_ADDRESSES && !sets.is_partial; i++) {
			struct mh_ip ip = random_tree_ip(i);
			int result = random_tree_result(&rows, i), found = 0;
			if (!has_result(&sets, &ip, result))
				print_message("%s: address %u is %s\n%s", tree.record, i,
				    mh_spf_result_name(result), tree.text);
			test_check(tree.record, has_result(&sets, &ip, result));
			for (int other = MH_SPF_NEUTRAL; other <= MH_SPF_TEMPERROR; other++)
				found += has_result(&sets, &ip, other);
			test_number("an address is in one set alone", found, 1);
			seen[result]++;
			compared++;
		}
		spf_run_free(&run);
	}
	rows_free(&rows);
	assert_true(compared > 10000);
	assert_true(seen[MH_SPF_PASS] > 500 && seen[MH_SPF_FAIL] > 500 && seen[MH_SPF_SOFTFAIL] > 500);
	assert_true(seen[MH_SPF_NEUTRAL] > 500 && seen[MH_SPF_PERMERROR] > 500);
}

/* What is told of a few zones. */
static const struct {
	const char *name, *rows, *ip4, *ip6;
	bool is_all, is_partial;
	unsigned dynamic;
} cases[] = {
	{ "an address that an earlier term refuses is not allowed",
	    "example.org TXT v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/30 -all\n", "3", "0", false, false, 0 },
	{ "an include lets send only who passes there",
	    "example.org TXT v=spf1 include:i.example.net -all\n"
	    "i.example.net TXT v=spf1 ip4:192.0.2.1 ?ip4:192.0.2.2 ~ip4:192.0.2.4 -all\n",
	    "1", "0", false, false, 0 },
	{ "+all in an include lets everybody send",
	    "example.org TXT v=spf1 include:i.example.net -all\ni.example.net TXT v=spf1 +all\n",
	    "4294967296", "3.4e38", true, false, 0 },
	{ "a redirect goes on with those that are left",
	    "example.org TXT v=spf1 -ip4:192.0.2.1 redirect=i.example.net\n"
	    "i.example.net TXT v=spf1 ip4:192.0.2.0/31 -all\n",
	    "1", "0", false, false, 0 },
	{ "redirect= beside all is not followed",
	    "example.org TXT v=spf1 redirect=i.example.net -all\ni.example.net TXT v=spf1 +all\n", "0", "0",
	    false, false, 0 },
	{ "an IPv4-mapped address behind ip6: or of a host is nobody's",
	    "example.org TXT v=spf1 ip6:::ffff:192.0.2.0/120 ip6:::ffff:192.0.2.1 a:h.example.net "
	    "ip6:2001:db8::/127 -all\n"
	    "h.example.net AAAA ::ffff:192.0.2.9\n",
	    "0", "2", false, false, 0 },
	{ "nor are all of them",
	    "example.org TXT v=spf1 a:h.example.net ip6:::ffff:0:0/96 -all\nh.example.net A 192.0.2.9\n", "1",
	    "0", false, false, 0 },
	{ "an answer that is unknown makes it partial",
	    "example.org TXT v=spf1 a:s.example.org ip4:192.0.2.1 -all\ns.example.org ERR TIMEOUT *\n", "1",
	    "0", false, true, 0 },
	{ "an include that is unknown makes it partial",
	    "example.org TXT v=spf1 include:s.example.org -all\ns.example.org ERR SERVFAIL *\n", "0", "0",
	    false, true, 0 },
	{ "what depends on the message is counted",
	    "example.org TXT v=spf1 exists:%{i}.example.org ptr include:%{l}.example.org ip6:2001:db8::/64 "
	    "-all\n",
	    "0", "1.8e19", false, false, 3 },
	{ "a domain whose record has an error lets nobody send",
	    "example.org TXT v=spf1 ip4:192.0.2.1 ip4:x -all\n", "0", "0", false, false, 0 },
	{ "nobody behind an include of nothing is allowed",
	    "example.org TXT v=spf1 ip4:192.0.2.1 include:n.example.org ip4:192.0.2.2 -all\n", "1", "0",
	    false, false, 0 },
	{ "no record, nobody", "example.org A 192.0.2.1\n", "0", "0", false, false, 0 },
};

static void
counts_are_told(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text;
	struct rows rows;
	(void)state;

	mh_buf_init(&text, &mem, 100);
	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_spf_addresses out;
		struct spf_run run;
		rows_clear(&rows);
		rows_add(&rows, cases[i].rows, strlen(cases[i].rows));
		random_tree_survey(&run, &rows);
		mh_spf_addresses(&run.scratch, run.tree, &out);
		mh_buf_reset(&text);
		mh_ipset_count_text(&out.pass, 4, &text);
		test_span(cases[i].name, mh_str_z(mh_buf_z(&text)), mh_str_z(cases[i].ip4));
		mh_buf_reset(&text);
		mh_ipset_count_text(&out.pass, 6, &text);
		test_span(cases[i].name, mh_str_z(mh_buf_z(&text)), mh_str_z(cases[i].ip6));
		test_number(cases[i].name, out.is_all, cases[i].is_all);
		test_number(cases[i].name, out.is_partial, cases[i].is_partial);
		test_number(cases[i].name, out.dynamic, cases[i].dynamic);
		spf_run_free(&run);
	}
	rows_free(&rows);
	mh_buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_what_check_host_says),
		cmocka_unit_test(counts_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
