/* test_fact.c - lib/ground/fact.c and lib/ground/rrdata.c */
#include "support.h"

#include "fact.h"

/* ------------------------------------------------------------------- facts */

static void
a_fact_is_what_its_draft_was(void **state)
{
	struct test_alloc alloc = { .fail_at = 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_fact_draft draft;
	(void)state;
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("example.org"), MH_RR_A);
	mh_fact_draft_rr(&draft, "\x01\x02\x03\x04", 4);
	mh_fact_draft_rr(&draft, "", 0);
	mh_fact_draft_server(&draft, MH_STR("192.0.2.53:53"));
	mh_fact_draft_ede(&draft, 18, MH_STR("prohibited"));
	strcpy(draft.canonical, "www.example.org");
	draft.head.ttl = 300;
	draft.head.secure = MH_SECURE_YES;
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	assert_non_null(fact);
	assert_int_equal(fact->state, MH_FACT_PRESENT);
	assert_int_equal(fact->count, 2);
	assert_int_equal(fact->rr[0].len, 4);
	assert_memory_equal(fact->rr[0].p, "\x01\x02\x03\x04", 4);
	assert_int_equal(fact->rr[1].len, 0);
	assert_string_equal(fact->name.p, "example.org");
	assert_string_equal(fact->canonical.p, "www.example.org");
	assert_true(fact->is_alias);
	assert_string_equal(fact->server.p, "192.0.2.53:53");
	assert_string_equal(fact->ede_text.p, "prohibited");
	assert_int_equal(fact->ede, 18);
	assert_int_equal(fact->ttl, 300);
	assert_int_equal(fact->rcode, -1);
	assert_true(fact->hash == mh_fact_hash(MH_RR_A, MH_STR("example.org")));
	mh_fact_unref(mh_fact_ref(fact));
	mh_fact_unref(fact);
	mh_fact_unref(NULL);

	mh_fact_draft_begin(&draft, MH_STR("b"), MH_RR_TXT);
	fact = mh_fact_make(&mem, &draft);
	assert_int_equal(fact->state, MH_FACT_NODATA);
	assert_false(fact->is_alias);
	assert_string_equal(fact->canonical.p, "b");
	mh_fact_unref(fact);

	mh_fact_draft_begin(&draft, MH_STR("b"), MH_RR_TXT);
	mh_fact_draft_rr(&draft, "\1a", 2);
	mh_fact_draft_fail(&draft, MH_WHY_SERVFAIL);
	fact = mh_fact_make(&mem, &draft);
	assert_int_equal(fact->state, MH_FACT_UNKNOWN);
	assert_int_equal(fact->why, MH_WHY_SERVFAIL);
	assert_int_equal(fact->count, 0);
	mh_fact_unref(fact);
	mh_fact_draft_free(&draft);
	test_alloc_done(&alloc);
}

static void
too_many_records_are_unknown(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	static unsigned char large[40000];
	(void)state;
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("a"), MH_RR_TXT);
	for (int i = 0; i < MH_FACT_RR_MAX + 1; i++)
		mh_fact_draft_rr(&draft, "\1a", 2);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	assert_int_equal(fact->state, MH_FACT_UNKNOWN);
	assert_int_equal(fact->why, MH_WHY_TOO_LARGE);
	mh_fact_unref(fact);
	mh_fact_draft_begin(&draft, MH_STR("a"), MH_RR_TXT);
	mh_fact_draft_rr(&draft, large, sizeof(large));
	mh_fact_draft_rr(&draft, large, sizeof(large));
	fact = mh_fact_make(&mem, &draft);
	assert_int_equal(fact->why, MH_WHY_TOO_LARGE);
	mh_fact_unref(fact);
	mh_fact_draft_free(&draft);
}

static bool
make_one(struct mh_mem mem, void *arg)
{
	struct mh_fact_draft draft;
	(void)arg;
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("example.org"), MH_RR_A);
	mh_fact_draft_rr(&draft, "\x01\x02\x03\x04", 4);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	bool good = fact != NULL && fact->state == MH_FACT_PRESENT;
	assert_true(fact == NULL || good);
	mh_fact_unref(fact);
	mh_fact_draft_free(&draft);
	return good;
}

static void
without_memory_there_is_no_fact(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(make_one, NULL, false) > 1);
}

static void
words_have_their_numbers(void **state)
{
	char room[MH_RR_TYPE_ROOM];
	(void)state;
	for (int i = 0; i < MH_WHY_COUNT; i++)
		test_number(mh_why_word(i), mh_why_find(mh_str_z(mh_why_word(i))), i);
	assert_int_equal(mh_why_find(MH_STR("Timeout")), -1);
	assert_string_equal(mh_why_word(-1), "");
	assert_string_equal(mh_why_word(MH_WHY_COUNT), "");
	assert_string_equal(mh_rr_type_name(16, room), "TXT");
	assert_string_equal(mh_rr_type_name(65534, room), "TYPE65534");
	assert_string_equal(mh_rr_type_name(0, room), "STREAM");
	assert_int_equal(mh_rr_type_find(MH_STR("txt")), 16);
	assert_int_equal(mh_rr_type_find(MH_STR("TYPE65534")), 65534);
	assert_int_equal(mh_rr_type_find(MH_STR("TYPE65536")), -1);
	assert_int_equal(mh_rr_type_find(MH_STR("TYPE")), -1);
	assert_int_equal(mh_rr_type_find(MH_STR("WKS")), -1);
}

/* ------------------------------------------------------------------- rdata */

static const struct {
	const char *what;
	int type;
	const char *text, *printed; /* printed NULL: the same; "": it cannot be read */
	bool loose;
} records[] = {
	{ "an address", MH_RR_A, "192.0.2.1", NULL, false },
	{ "an address of the other kind", MH_RR_A, "2001:db8::1", "", true },
	{ "an IPv6 address", MH_RR_AAAA, "2001:DB8:0::1", "2001:db8::1", false },
	{ "a name", MH_RR_CNAME, "Www.Example.org.", "www.example.org.", false },
	{ "a relative name where nothing is to be relative to", MH_RR_CNAME, "www", "", false },
	{ "a relative name taken as it is", MH_RR_CNAME, "www.example", "www.example.", true },
	{ "an exchange", MH_RR_MX, "10 mx.example.org.", NULL, false },
	{ "a null MX", MH_RR_MX, "0 .", NULL, false },
	{ "an exchange without its name", MH_RR_MX, "10", "", false },
	{ "a preference that is too large", MH_RR_MX, "65536 a.", "", false },
	{ "a text", MH_RR_TXT, "\"v=spf1 -all\"", NULL, false },
	{ "two strings", MH_RR_TXT, "\"a b\"  \"c\"", "\"a b\" \"c\"", false },
	{ "a string without quotes", MH_RR_TXT, "abc def", "\"abc\" \"def\"", false },
	{ "quotes, backslashes and octets", MH_RR_TXT, "\"\\\"\\\\\\000\\255\\;\"", "\"\\\"\\\\\\000\\255;\"",
	    false },
	{ "an empty string", MH_RR_TXT, "\"\"", NULL, false },
	{ "a quote that is not closed", MH_RR_TXT, "\"abc", "", false },
	{ "no string", MH_RR_TXT, "", "", false },
	{ "a text as other resolvers give it", MH_RR_TXT, "v=spf1 \"x\" -all", "\"v=spf1 \\\"x\\\" -all\"",
	    true },
	{ "a service", MH_RR_SRV, "0 5 5060 sip.example.org.", NULL, false },
	{ "a start of authority", MH_RR_SOA, "ns.example. root.example. 1 7200 3600 1209600 300", NULL,
	    false },
	{ "a TLSA record", MH_RR_TLSA, "3 1 1 0A0B ff", "3 1 1 0a0bff", false },
	{ "half an octet", MH_RR_TLSA, "3 1 1 0a0", "", false },
	{ "a CAA record", MH_RR_CAA, "0 issue \"ca.example; x=\\\"1\\\"\"", NULL, false },
	{ "a type that nobody knows", 65280, "\\# 3 010203", NULL, false },
	{ "a type that nobody knows, in words", 65280, "abc", "", false },
	{ "a type that nobody knows, empty", 65280, "\\# 0", NULL, false },
	{ "a wrong length", 65280, "\\# 2 010203", "", false },
	{ "a known type in the general form", MH_RR_A, "\\# 4 c0000201", "192.0.2.1", false },
	{ "a known type in the general form that is too long for it", MH_RR_A, "\\# 5 c000020100", NULL,
	    false },
	{ "something behind the end", MH_RR_A, "192.0.2.1 x", "", false },
};

static void
records_are_read_and_printed(void **state)
{
	static unsigned char rdata[65535];
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 100000);
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		const char *want = records[i].printed != NULL ? records[i].printed : records[i].text;
		int len = mh_rr_read(mh_str_z(records[i].text), records[i].type, records[i].loose, rdata);
		test_check(records[i].what, (len < 0) == (want[0] == '\0'));
		if (len < 0)
			continue;
		struct mh_rr rr = { rdata, (uint16_t)len };
		mh_buf_reset(&out);
		mh_rr_print(&out, records[i].type, &rr);
		test_span(records[i].what, mh_str_n(out.p, out.len), mh_str_z(want));
	}
	mh_buf_free(&out);
}

/* What is printed of any octets reads back as these octets. */
static void
any_rdata_survives(void **state)
{
	static const int types[] = { MH_RR_A, MH_RR_NS, MH_RR_MX, MH_RR_TXT, MH_RR_AAAA, MH_RR_SRV, MH_RR_SOA,
		MH_RR_TLSA, MH_RR_CAA, MH_RR_DS, 999 };
	static unsigned char again[65535];
	struct test_random random = { 11 };
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 100000);
	for (int round = 0; round < 50000; round++) {
		unsigned char octets[40];
		size_t len = test_random_below(&random, sizeof(octets));
		int type = types[test_random_below(&random, MH_COUNT(types))];
		for (size_t i = 0; i < len; i++)
			octets[i] = (unsigned char)test_random_below(&random, round % 3 == 0 ? 256 : 8);
		/* letter case is lost in names, and only there */
		for (size_t i = 0; i < len; i++)
			if (octets[i] >= 'A' && octets[i] <= 'Z')
				octets[i] = 0;
		struct mh_rr rr = { octets, (uint16_t)len };
		mh_buf_reset(&out);
		mh_rr_print(&out, type, &rr);
		int back = mh_rr_read(mh_str_n(out.p, out.len), type, false, again);
		test_number(mh_buf_z(&out), back, len);
		test_check(mh_buf_z(&out), memcmp(again, octets, len) == 0);
	}
	mh_buf_free(&out);
}

static void
accessors_are_strict(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	struct mh_arena arena;
	struct mh_ip ip;
	char name[MH_DNAME_TEXT_MAX];
	int number;
	(void)state;
	mh_arena_init(&arena, &mem, 0);
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("a"), MH_RR_A);
	mh_fact_draft_rr(&draft, "\1\2\3\4", 4);
	mh_fact_draft_rr(&draft, "\1\2\3", 3);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	assert_true(mh_rr_ip(fact, 0, &ip) && ip.family == 4);
	assert_false(mh_rr_ip(fact, 1, &ip));
	assert_false(mh_rr_ip(fact, 2, &ip));
	mh_fact_unref(fact);

	mh_fact_draft_begin(&draft, MH_STR("a"), MH_RR_MX);
	mh_fact_draft_rr(&draft, "\0\12\2mx\0", 6);
	mh_fact_draft_rr(&draft, "\0\12\2mx", 5);
	mh_fact_draft_rr(&draft, "\0\12\2mx\0x", 7);
	fact = mh_fact_make(&mem, &draft);
	assert_int_equal(mh_rr_name(fact, 0, name, &number), 2);
	assert_string_equal(name, "mx");
	assert_int_equal(number, 10);
	assert_int_equal(mh_rr_name(fact, 1, name, NULL), 0);
	assert_int_equal(mh_rr_name(fact, 2, name, NULL), 0);
	mh_fact_unref(fact);

	mh_fact_draft_begin(&draft, MH_STR("a"), MH_RR_TXT);
	mh_fact_draft_rr(&draft, "\3abc", 4);
	mh_fact_draft_rr(&draft, "\1a\0\2bc", 6);
	mh_fact_draft_rr(&draft, "\4abc", 4);
	fact = mh_fact_make(&mem, &draft);
	test_span("one string", mh_rr_text(fact, 0, &arena), MH_STR("abc"));
	test_span("three strings", mh_rr_text(fact, 1, &arena), MH_STR("abc"));
	assert_int_equal(mh_rr_strings(fact, 1), 3);
	assert_null(mh_rr_text(fact, 2, &arena).p);
	assert_null(mh_rr_text(fact, 3, &arena).p);
	mh_fact_unref(fact);
	mh_fact_draft_free(&draft);
	mh_arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fact_is_what_its_draft_was),
		cmocka_unit_test(too_many_records_are_unknown),
		cmocka_unit_test(without_memory_there_is_no_fact),
		cmocka_unit_test(words_have_their_numbers),
		cmocka_unit_test(records_are_read_and_printed),
		cmocka_unit_test(any_rdata_survives),
		cmocka_unit_test(accessors_are_strict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
