/* test_zone_sanity.c - lib/records/zone_sanity.c, caa.c and srv.c */
#include "support.h"

#include "caa.h"
#include "srv.h"
#include "zone_sanity.h"

static struct mh_mem mem;
static struct mh_arena arena;
static struct mh_fact_draft draft;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	mh_arena_init(&arena, &mem, 1u << 20);
	mh_fact_draft_init(&draft, &mem);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mh_arena_free(&arena);
	mh_fact_draft_free(&draft);
	return 0;
}

/* fact_of - records in presentation form, "|" between them */
static struct mh_fact *
fact_of(int type, const char *records)
{
	static unsigned char rdata[65535];
	struct mh_cur cur = mh_cur_of(records, strlen(records));

	mh_fact_draft_begin(&draft, MH_STR("example.org"), type);
	while (mh_cur_left(&cur) > 0) {
		int len = mh_rr_read(mh_cur_until(&cur, "|"), type, false, rdata);
		test_check(records, len >= 0);
		mh_fact_draft_rr(&draft, rdata, (size_t)len);
		(void)mh_cur_take(&cur, mh_cur_left(&cur) > 0);
	}
	return mh_fact_make(&mem, &draft);
}

/* ---------------------------------------------------------------------- CAA */

static const struct {
	const char *records;
	int state;
	unsigned count;
	size_t record;
	bool is_malformed;
} caa[] = {
	{ "", MH_CAA_OPEN, 0, 0, false },
	{ "0 issue \"letsencrypt.org\"", MH_CAA_SOME, 1, 0, false },
	{ "0 ISSUE \" letsencrypt.org \"", MH_CAA_SOME, 1, 0, false },
	{ "0 issue \"letsencrypt.org;\"", MH_CAA_SOME, 1, 0, false },
	{ "0 issue \"letsencrypt.org; validationmethods=dns-01; accounturi=https://a.example/1\"",
	    MH_CAA_SOME, 1, 0, false },
	{ "0 issue \"letsencrypt.org; validationmethods=dns-01;\"", MH_CAA_SOME, 1, 0, false },
	{ "0 issue \"a.example\"|0 issue \"b.example\"|0 issue \"A.example\"", MH_CAA_SOME, 2, 0, false },
	{ "0 issue \";\"", MH_CAA_NOBODY, 0, 0, false },
	{ "0 issue \"\"", MH_CAA_NOBODY, 0, 0, false },
	{ "0 iodef \"mailto:a@example.org\"|0 issue \" ; \"", MH_CAA_NOBODY, 0, 1, false },
	{ "0 issue \";\"|0 issue \"a.example\"", MH_CAA_SOME, 1, 0, false },
	{ "0 issue \"a..example\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \"-a.example\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \"a.example.\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \"a.example b.example\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \"a.example; b\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \"a.example; b=c d\"", MH_CAA_NOBODY, 0, 0, true },
	{ "0 issue \";\"|0 issue \"a.example; =\"", MH_CAA_NOBODY, 0, 1, true },
	{ "0 issuewild \";\"|0 issuemail \";\"", MH_CAA_OPEN, 0, 0, false },
	{ "0 tbs \"x\"", MH_CAA_OPEN, 0, 0, false },
	{ "0 issue \"a.example\"|128 tbs \"x\"", MH_CAA_CRITICAL, 1, 1, false },
	{ "128 issue \"a.example\"", MH_CAA_SOME, 1, 0, false },
	/* Only the highest bit counts; people write 1 for it. */
	{ "1 tbs \"x\"", MH_CAA_OPEN, 0, 0, false },
};

static void
who_may_issue(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(caa); i++) {
		struct mh_caa_verdict verdict;
		struct mh_fact *fact = fact_of(MH_RR_CAA, caa[i].records);
		mh_caa_judge(fact, &verdict);
		test_number(caa[i].records, verdict.state, caa[i].state);
		test_number(caa[i].records, verdict.count, caa[i].count);
		test_number(caa[i].records, (int64_t)verdict.record, (int64_t)caa[i].record);
		test_check(caa[i].records, verdict.is_malformed == caa[i].is_malformed);
		mh_fact_unref(fact);
	}
}

static void
many_authorities(void **state)
{
	static char records[40 * 40];
	struct mh_caa_verdict verdict;
	(void)state;
	for (int i = 0; i < 40; i++) {
		char one[] = "0 issue \"axx.example\"|";
		one[10] = (char)('a' + i / 10);
		one[11] = (char)('a' + i % 10);
		strcat(records, one);
	}
	struct mh_fact *fact = fact_of(MH_RR_CAA, records);
	mh_caa_judge(fact, &verdict);
	test_number("as many as there is room for", verdict.count, MH_CAA_ISSUERS_MAX);
	mh_fact_unref(fact);
}

/* ---------------------------------------------------------------------- SRV */

static void
services_are_judged(void **state)
{
	static const struct {
		const char *record;
		int state;
		bool is_alias;
		size_t count;
		unsigned faults;
	} cases[] = {
		{ "0 1 587 mail.example.org.", MH_TARGET_GOOD, false, 1, MH_SRV_FINE },
		{ "0 1 587 mail.example.org.", MH_TARGET_GOOD, true, 1, MH_SRV_ALIAS },
		{ "0 1 587 mail.example.org.", MH_TARGET_UNKNOWN, false, 1, MH_SRV_FINE },
		{ "0 1 587 mail.example.org.", MH_TARGET_MISSING, true, 1, MH_SRV_MISSING },
		{ "0 1 587 mail.example.org.", MH_TARGET_PRIVATE, false, 1, MH_SRV_FINE },
		{ "0 1 465 mail.example.org.", MH_TARGET_NO_ADDRESS, false, 1,
		    MH_SRV_PORT_OTHER | MH_SRV_NO_ADDRESS },
		{ "0 1 0 mail.example.org.", MH_TARGET_GOOD, false, 1, MH_SRV_PORT_ZERO },
		{ "0 1 2525 mail.example.org.", MH_TARGET_GOOD, false, 1, MH_SRV_FINE },
		{ "0 0 0 .", MH_TARGET_ROOT, false, 1, MH_SRV_FINE },
		{ "0 0 0 .", MH_TARGET_ROOT, false, 2, MH_SRV_AMONG_OTHERS },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_fact *fact = fact_of(MH_RR_SRV, cases[i].record);
		struct mh_srv srv;
		bool is_bad;
		assert_true(mh_srv_read(&arena, fact, 0, &srv, &is_bad));
		struct mh_target target = { .name = srv.name,
			.state = (uint8_t)cases[i].state,
			.is_alias = cases[i].is_alias };
		test_number(cases[i].record,
		    mh_srv_judge(mh_srv_service_at(0), &srv, &target, cases[i].count), cases[i].faults);
		test_span("printed", mh_srv_print(&arena, &srv), mh_str_z(cases[i].record));
		mh_fact_unref(fact);
	}
}

/* ---------------------------------------------------------------------- SOA */

#define BIT(name) (1u << MH_SOA_ODD_##name)

static void
odd_values_are_seen_and_mended(void **state)
{
	static const struct {
		const char *record;
		unsigned odds;
		const char *mended;
	} cases[] = {
		{ "ns. host.example. 1 7200 3600 1209600 3600", BIT(MNAME),
		    "ns1.example. host.example. 2 7200 3600 1209600 3600" },
		{ "192.0.2.1. host.example. 1 7200 3600 1209600 3600", BIT(MNAME),
		    "ns1.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. a@b.example. 1 7200 3600 1209600 3600", BIT(RNAME),
		    "ns.example. a.b.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. root. 1 7200 3600 1209600 3600", BIT(RNAME),
		    "ns.example. root. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 0 7200 3600 1209600 3600", BIT(SERIAL),
		    "ns.example. host.example. 1 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 4294967295 600 300 1209600 3600", BIT(REFRESH_SHORT),
		    "ns.example. host.example. 1 7200 300 1209600 3600" },
		{ "ns.example. host.example. 1 172801 3600 1209600 3600", BIT(REFRESH_LONG),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 172800 3600 1209600 86400", 0,
		    "ns.example. host.example. 2 172800 3600 1209600 86400" },
		{ "ns.example. host.example. 1 3600 7200 1209600 3600", BIT(RETRY_LONG),
		    "ns.example. host.example. 2 3600 1800 1209600 3600" },
		{ "ns.example. host.example. 1 3600 3600 1209600 3600", BIT(RETRY_SAME),
		    "ns.example. host.example. 2 3600 1800 1209600 3600" },
		{ "ns.example. host.example. 1 7200 0 1209600 3600", BIT(RETRY_NONE),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 0 0 0 0",
		    BIT(REFRESH_SHORT) | BIT(RETRY_NONE) | BIT(EXPIRE_AT_ONCE),
		    "ns.example. host.example. 2 7200 3600 1209600 0" },
		{ "ns.example. host.example. 1 7200 3600 10800 3600", BIT(EXPIRE_AT_ONCE),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 7200 3600 10801 3600", BIT(EXPIRE_SHORT),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 7200 3600 4294967295 3600", BIT(EXPIRE_LONG),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 7200 3600 1209600 86401", BIT(MINIMUM_LONG),
		    "ns.example. host.example. 2 7200 3600 1209600 3600" },
		{ "ns.example. host.example. 1 4294967295 4294967295 4294967295 0",
		    BIT(REFRESH_LONG) | BIT(RETRY_SAME) | BIT(EXPIRE_AT_ONCE) | BIT(EXPIRE_LONG),
		    "ns.example. host.example. 2 7200 3600 1209600 0" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_fact *fact = fact_of(MH_RR_SOA, cases[i].record);
		struct mh_soa soa;
		bool is_bad;
		assert_true(mh_soa_read(&arena, fact, &soa, &is_bad));
		test_number(cases[i].record, mh_soa_judge(&soa), cases[i].odds);
		test_span("printed", mh_soa_print(&arena, &soa), mh_str_z(cases[i].record));
		mh_soa_mend(&arena, &soa, MH_STR("ns1.example"));
		test_span("mended", mh_soa_print(&arena, &soa), mh_str_z(cases[i].mended));
		mh_fact_unref(fact);
	}
	for (int odd = 0; odd < MH_SOA_ODD_COUNT; odd++)
		test_check("each has words", mh_soa_odd_text((enum mh_soa_odd)odd)[0] != '\0');
}

static void
places_of_name_servers(void **state)
{
	static const struct {
		const char *a, *b;
		enum mh_ns_place place;
	} cases[] = {
		{ "192.0.2.1", "198.51.100.1", MH_NS_SPREAD },
		{ "192.0.2.1", "192.0.2.2", MH_NS_ONE_NETWORK },
		{ "192.0.2.1", "192.0.2.1", MH_NS_ONE_ADDRESS },
		{ "192.0.2.1|198.51.100.1", "192.0.2.1", MH_NS_SPREAD },
		{ "192.0.2.1", "", MH_NS_SPREAD },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_fact *a = fact_of(MH_RR_A, cases[i].a), *b = fact_of(MH_RR_A, cases[i].b);
		const struct mh_target targets[] = { { .a = a }, { .a = b } };
		test_number(cases[i].a, mh_ns_place(targets, 2), cases[i].place);
		mh_fact_unref(a);
		mh_fact_unref(b);
	}
	test_number("of none nothing is said", mh_ns_place(NULL, 0), MH_NS_SPREAD);
}

/* --------------------------------------------------------------- any octets */

static void
look(struct mh_str s, void *arg)
{
	int type = *(const int *)arg;
	struct mh_caa_verdict verdict;
	struct mh_srv srv;
	struct mh_soa soa;
	bool is_bad = false;

	mh_arena_reset(&arena);
	mh_fact_draft_begin(&draft, MH_STR("example.org"), type);
	mh_fact_draft_rr(&draft, s.p, s.len);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	if (type == MH_RR_CAA)
		mh_caa_judge(fact, &verdict);
	else if (type == MH_RR_SRV && mh_srv_read(&arena, fact, 0, &srv, &is_bad))
		assert_non_null(mh_srv_print(&arena, &srv).p);
	else if (type == MH_RR_SOA && mh_soa_read(&arena, fact, &soa, &is_bad)) {
		mh_soa_mend(&arena, &soa, MH_STR("ns1.example"));
		assert_int_equal(mh_soa_judge(&soa) & ~BIT(RNAME), 0);
		assert_non_null(mh_soa_print(&arena, &soa).p);
	}
	assert_false(is_bad);
	mh_fact_unref(fact);
}

static const struct {
	int type;
	const char *record;
} octets[] = {
	{ MH_RR_CAA, "0 issue \"a-b.example ; c=d; e = f \"" },
	{ MH_RR_CAA, "128 tbs \"x\"" },
	{ MH_RR_SRV, "0 1 993 mail.example.org." },
	{ MH_RR_SOA, "ns1.example.org. host@master.example.org. 1 7200 3600 1209600 3600" },
};

static void
any_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(octets); i++) {
		struct mh_fact *fact = fact_of(octets[i].type, octets[i].record);
		int type = octets[i].type;
		test_mangled(mh_str_n((const char *)fact->rr[0].p, fact->rr[0].len), look, &type);
		mh_fact_unref(fact);
	}
}

static bool
scenario(struct mh_mem failing, void *arg)
{
	const struct mh_fact *fact = arg;
	struct mh_arena own;
	struct mh_srv srv;
	struct mh_soa soa;
	bool is_bad, is_good;

	mh_arena_init(&own, &failing, 0);
	if (fact->type == MH_RR_SRV) {
		is_good = mh_srv_read(&own, fact, 0, &srv, &is_bad) && mh_srv_print(&own, &srv).p != NULL;
	} else {
		is_good = mh_soa_read(&own, fact, &soa, &is_bad);
		if (is_good)
			mh_soa_mend(&own, &soa, MH_STR("ns1.example"));
		is_good = is_good && soa.rname.p != NULL && mh_soa_print(&own, &soa).p != NULL;
	}
	mh_arena_free(&own);
	return is_good;
}

static void
memory_may_fail(void **state)
{
	(void)state;
	for (size_t i = 2; i < MH_COUNT(octets); i++) {
		struct mh_fact *fact = fact_of(octets[i].type, octets[i].record);
		test_failing_allocs(scenario, fact, false);
		mh_fact_unref(fact);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_may_issue),
		cmocka_unit_test(many_authorities),
		cmocka_unit_test(services_are_judged),
		cmocka_unit_test(odd_values_are_seen_and_mended),
		cmocka_unit_test(places_of_name_servers),
		cmocka_unit_test(any_octets),
		cmocka_unit_test(memory_may_fail),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
