/* test_mx.c - lib/records/mx.c and target.c */
#include "support.h"

#include "mx.h"
#include "target.h"

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

/* fact_of - records in presentation form, NULL ends them */
static struct mh_fact *
fact_of(int type, const char *const *records)
{
	static unsigned char rdata[65535];

	mh_fact_draft_begin(&draft, MH_STR("example.org"), type);
	for (; *records != NULL; records++) {
		int len = mh_rr_read(mh_str_z(*records), type, false, rdata);
		test_check(*records, len >= 0);
		mh_fact_draft_rr(&draft, rdata, (size_t)len);
	}
	return mh_fact_make(&mem, &draft);
}

static void
records_come_in_the_order_of_senders(void **state)
{
	static const char *const records[] = { "20 b.example.org.", "10 a.example.org.", "20 A.example.org.",
		"5 .", "10 c.example.org.", NULL };
	static const struct {
		const char *name;
		int preference;
		size_t record;
		bool is_null, is_again;
	} want[] = {
		{ ".", 5, 3, true, false },
		{ "a.example.org", 10, 1, false, false },
		{ "c.example.org", 10, 4, false, false },
		{ "b.example.org", 20, 0, false, false },
		{ "a.example.org", 20, 2, false, true },
	};
	struct mh_fact *fact = fact_of(MH_RR_MX, records);
	struct mh_mx_list list;

	(void)state;
	assert_true(mh_mx_read(&arena, fact, &list));
	test_number("all of them", list.count, MH_COUNT(want));
	test_number("one null MX", list.nulls, 1);
	for (size_t i = 0; i < MH_COUNT(want); i++) {
		test_span("in order", list.at[i].name, mh_str_z(want[i].name));
		test_number("its preference", list.at[i].preference, want[i].preference);
		test_number("its record", (int64_t)list.at[i].record, (int64_t)want[i].record);
		test_check("null", list.at[i].is_null == want[i].is_null);
		test_check("again", list.at[i].is_again == want[i].is_again);
	}
	test_check("one is there", mh_mx_has(&list, MH_STR("c.example.org")));
	test_check("another is not", !mh_mx_has(&list, MH_STR("d.example.org")));
	test_span("printed", mh_mx_print(&arena, 65535, MH_STR("a\\.b.example.org")),
	    MH_STR("65535 a\\.b.example.org."));
	test_span("the null MX", mh_mx_print(&arena, 0, MH_STR(".")), MH_STR("0 ."));
	mh_fact_unref(fact);
}

static void
what_was_meant(void **state)
{
	static const struct {
		const char *name, *domain, *want;
	} cases[] = {
		{ "mx.example.org.example.org", "example.org", "mx.example.org" },
		{ "mx.example.org.example.org", "news.example.org", "mx.example.org" },
		{ "mx.news.example.org.news.example.org", "news.example.org", "mx.news.example.org" },
		{ "example.org.example.org", "example.org", "example.org" },
		{ "mx", "example.org", "mx.example.org" },
		{ "mx.example.net.example.org", "example.org", "" },
		{ "mx.example.org", "example.org", "" },
		{ "mx.example.net", "example.org", "" },
		{ ".", "example.org", "" },
		{ "org.org", "org", "" },
	};
	char out[MH_DNAME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		size_t len = mh_mx_meant(mh_str_z(cases[i].name), mh_str_z(cases[i].domain), out);
		test_span(cases[i].name, mh_str_n(out, len), mh_str_z(cases[i].want));
	}
}

static void
addresses_as_names(void **state)
{
	static const struct {
		const char *name, *ip;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "[192.0.2.1]", "192.0.2.1" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "[ipv6:2001:db8::1]", "2001:db8::1" },
		{ "192.0.2.1.example.org", "192.0.2.1" },
		{ "192.0.2.1.org", "192.0.2.1" },
		{ "192.0.2.example.org", "" },
		{ "192.0.2.1.example.net", "" },
		{ "192.0.2.300", "" },
		{ "mx.example.org", "" },
		{ "[]", "" },
		{ ".", "" },
	};
	char text[MH_IP_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_ip ip;
		bool is_one = mh_mx_literal(mh_str_z(cases[i].name), MH_STR("example.org"), &ip);
		test_check(cases[i].name, is_one == (cases[i].ip[0] != '\0'));
		test_span(cases[i].name, mh_str_n(text, mh_ip_print(&ip, text)), mh_str_z(cases[i].ip));
	}
}

static const struct {
	const char *name;
	const char *a[3], *aaaa[3];
	int state;
} targets[] = {
	{ "mx.example.org", { "192.0.2.1" }, { NULL }, MH_TARGET_GOOD },
	{ "mx.example.org", { NULL }, { "2001:db8::1" }, MH_TARGET_GOOD },
	{ "mx.example.org", { NULL }, { NULL }, MH_TARGET_NO_ADDRESS },
	{ "mx.example.org", { "192.0.2.1", "10.0.0.1" }, { NULL }, MH_TARGET_PRIVATE },
	{ "mx.example.org", { "192.0.2.1" }, { "fe80::1" }, MH_TARGET_PRIVATE },
	{ "mx.example.org", { "192.0.2.1", "127.1.2.3" }, { NULL }, MH_TARGET_SELF },
	{ "mx.example.org", { "10.0.0.1" }, { "::" }, MH_TARGET_SELF },
	{ "mx.example.org", { "224.0.0.1" }, { NULL }, MH_TARGET_PRIVATE },
	{ ".", { NULL }, { NULL }, MH_TARGET_ROOT },
	{ "a.localhost", { NULL }, { NULL }, MH_TARGET_SELF },
	{ "localhost.localdomain", { NULL }, { NULL }, MH_TARGET_SELF },
	{ "127.0.0.1", { NULL }, { NULL }, MH_TARGET_SELF },
	{ "192.0.2.1", { NULL }, { NULL }, MH_TARGET_LITERAL },
};

static void
targets_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(targets); i++) {
		struct mh_target target;
		struct mh_fact *a = fact_of(MH_RR_A, targets[i].a),
			       *aaaa = fact_of(MH_RR_AAAA, targets[i].aaaa);
		mh_target_begin(&target, mh_str_z(targets[i].name));
		if (target.state == MH_TARGET_UNKNOWN) {
			target.a = a;
			test_check("half of it says nothing of the rest",
			    (mh_target_judge(&target), !mh_target_is_known(&target)));
			target.aaaa = aaaa;
			mh_target_judge(&target);
			mh_target_judge(&target);
		}
		test_number(targets[i].name, target.state, targets[i].state);
		test_check("it is as it is",
		    !mh_target_is_known(&target) ||
			mh_target_is_same(&target, &target) == (a->count + aaaa->count > 0));
		mh_fact_unref(a);
		mh_fact_unref(aaaa);
	}
}

/* Any octets as rdata of an MX record. */
static void
look(struct mh_str s, void *arg)
{
	struct mh_mx_list list;
	char meant[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;

	(void)arg;
	mh_arena_reset(&arena);
	mh_fact_draft_begin(&draft, MH_STR("example.org"), MH_RR_MX);
	mh_fact_draft_rr(&draft, s.p, s.len);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	assert_true(mh_mx_read(&arena, fact, &list));
	assert_int_equal(list.count + list.broken, 1);
	if (list.count == 1) {
		(void)mh_mx_meant(list.at[0].name, MH_STR("example.org"), meant);
		(void)mh_mx_literal(list.at[0].name, MH_STR("example.org"), &ip);
		assert_non_null(mh_mx_print(&arena, 1, list.at[0].name).p);
	}
	mh_fact_unref(fact);
}

static void
any_octets(void **state)
{
	static const char rdata[] = "\0\x0a\3mx1\7example\3org\7example\3org\0";
	static const char literal[] = "\0\x0a\3192\0010\0012\0011\0";
	static char longest[2 + 255];

	(void)state;
	test_mangled(mh_str_n(rdata, sizeof(rdata) - 1), look, NULL);
	test_mangled(mh_str_n(literal, sizeof(literal) - 1), look, NULL);
	for (size_t i = 2; i + 1 < sizeof(longest); i += 2)
		longest[i] = 1;
	look(mh_str_n(longest, sizeof(longest)), NULL);
}

static bool
scenario(struct mh_mem failing, void *arg)
{
	struct mh_arena own;
	struct mh_mx_list list;

	mh_arena_init(&own, &failing, 0);
	bool is_good = mh_mx_read(&own, arg, &list) && mh_mx_print(&own, 1, MH_STR("a.example")).p != NULL &&
	    mh_name_absolute(&own, MH_STR("a")).p != NULL;
	mh_arena_free(&own);
	return is_good;
}

static void
memory_may_fail(void **state)
{
	static const char *const records[] = { "20 b.example.org.", "10 a.example.org.", NULL };
	struct mh_fact *fact = fact_of(MH_RR_MX, records);
	(void)state;
	test_failing_allocs(scenario, fact, false);
	mh_fact_unref(fact);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_the_order_of_senders),
		cmocka_unit_test(what_was_meant),
		cmocka_unit_test(addresses_as_names),
		cmocka_unit_test(targets_are_judged),
		cmocka_unit_test(any_octets),
		cmocka_unit_test(memory_may_fail),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
