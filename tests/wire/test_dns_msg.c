/* test_dns_msg.c - lib/wire/dns_msg.c: messages that are broken in every way; those that are odd are in
 * tests/bindings/test_dns_faults.py, by the driver */
#include "support.h"

#include "dns_msg.h"

static const unsigned char name[] = "\7Example\3oRg";

/* An answer with two TXT records behind an alias, an SOA and an OPT record. */
static const unsigned char answer[] =
    "\x12\x34\x81\x80\0\1\0\3\0\1\0\1"
    "\7Example\3oRg\0\0\20\0\1"
    "\xc0\x0c\0\5\0\1\0\0\1\x2c\0\6\3www\xc0\x14"
    "\xc0\x29\0\20\0\1\0\0\0\x3c\0\3\2ab"
    "\xc0\x29\0\20\0\1\0\0\0\x78\0\5\1c\2de"
    "\3org\0\0\6\0\1\0\0\0\7\0\x1a\1a\0\1b\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"
    "\0\0\x29\4\xd0\0\0\0\0\0\x08\0\x0f\0\4\0\x16hi";

static struct mh_dns_question
question(void)
{
	return (struct mh_dns_question){ .name = name,
		.name_len = 13,
		.id = 0x1234,
		.type = MH_RR_TXT,
		.has_edns = true };
}

static void
a_question_is_written(void **state)
{
	unsigned char out[MH_DNS_QUERY_MAX];
	struct mh_dns_question asked = question();
	(void)state;
	size_t len = mh_dns_write(&asked, out);
	static const unsigned char want[] =
	    "\x12\x34\1\x20\0\1\0\0\0\0\0\1\7Example\3oRg\0\0\20\0\1\0\0\x29\4\xd0\0\0\0\0\0";
	test_number("its length", len, sizeof(want));
	assert_memory_equal(out, want, sizeof(want));
	asked.has_edns = false;
	test_number("without EDNS", mh_dns_write(&asked, out), sizeof(want) - 11);
	assert_int_equal(out[11], 0);
	assert_int_equal(mh_dns_id("\x12\x34", 2), -1);
	assert_int_equal(mh_dns_id(answer, sizeof(answer) - 1), 0x1234);
}

static enum mh_dns_verdict
read_it(const void *wire, size_t len, int how, struct mh_fact_draft *draft)
{
	struct mh_dns_question asked = question();
	mh_fact_draft_begin(draft, MH_STR("example.org"), MH_RR_TXT);
	return mh_dns_read(wire, len, &asked, how, draft);
}

static void
an_answer_is_read(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	(void)state;
	mh_fact_draft_init(&draft, &mem);
	assert_int_equal(read_it(answer, sizeof(answer) - 1,
			     MH_DNS_CHECK_ID | MH_DNS_CHECK_CASE | MH_DNS_TRUST_AD, &draft),
	    MH_DNS_ANSWER);
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	assert_int_equal(fact->state, MH_FACT_PRESENT);
	assert_int_equal(fact->count, 2);
	assert_int_equal(fact->ttl, 60);
	assert_string_equal(fact->canonical.p, "www.org");
	assert_memory_equal(fact->rr[1].p, "\1c\2de", 5);
	assert_int_equal(fact->ede, 22);
	assert_string_equal(fact->ede_text.p, "hi");
	assert_int_equal(fact->secure, MH_SECURE_NO);
	mh_fact_unref(fact);
	/* the letters of the question */
	unsigned char other[sizeof(answer)];
	memcpy(other, answer, sizeof(answer));
	other[13] = 'e';
	assert_int_equal(read_it(other, sizeof(answer) - 1, MH_DNS_CHECK_CASE, &draft), MH_DNS_FOREIGN);
	assert_int_equal(read_it(other, sizeof(answer) - 1, 0, &draft), MH_DNS_ANSWER);
	other[0] = 0;
	assert_int_equal(read_it(other, sizeof(answer) - 1, MH_DNS_CHECK_ID, &draft), MH_DNS_FOREIGN);
	mh_fact_draft_free(&draft);
}

/* Whatever is done to a message, what is read of it is a fact or nothing. */
static void
look(struct mh_str s, void *arg)
{
	struct mh_fact_draft *draft = arg;
	for (int how = 0; how < 32; how += 5) {
		enum mh_dns_verdict verdict = read_it(s.p, s.len, how, draft);
		assert_true(verdict != MH_DNS_NO_MEMORY);
		if (verdict != MH_DNS_ANSWER)
			continue;
		assert_true(s.len > 12);
		struct mh_mem mem = mh_mem_default();
		struct mh_fact *fact = mh_fact_make(&mem, draft);
		assert_true(
		    fact->state != MH_FACT_MISSING && (fact->state == MH_FACT_PRESENT) == (fact->count > 0));
		mh_fact_unref(fact);
	}
}

static void
broken_answers_are_no_answers(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	(void)state;
	mh_fact_draft_init(&draft, &mem);
	test_mangled(mh_str_n((const char *)answer, sizeof(answer) - 1), look, &draft);
	for (size_t cut = 0; cut < sizeof(answer) - 1; cut++)
		test_check("a cut message is no answer", read_it(answer, cut, 0, &draft) != MH_DNS_ANSWER);
	mh_fact_draft_free(&draft);
}

static void
limits_hold(void **state)
{
	static unsigned char large[70000];
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	(void)state;
	mh_fact_draft_init(&draft, &mem);
	memcpy(large, answer, 29);
	large[11] = 0;
	memcpy(large + 4, "\0\1\2\x58\0\0\0\0", 8);
	size_t at = 29;
	for (int i = 0; i < 600; i++, at += 14)
		memcpy(large + at, "\xc0\x0c\0\20\0\1\0\0\0\1\0\2\1a", 14);
	assert_int_equal(read_it(large, at, MH_DNS_OVER_TCP, &draft), MH_DNS_BROKEN);
	assert_int_equal(draft.head.why, MH_WHY_TOO_LARGE);
	assert_int_equal(read_it(large, sizeof(large), MH_DNS_OVER_TCP, &draft), MH_DNS_BROKEN);
	assert_int_equal(draft.head.why, MH_WHY_TOO_LARGE);
	mh_fact_draft_free(&draft);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_written),
		cmocka_unit_test(an_answer_is_read),
		cmocka_unit_test(broken_answers_are_no_answers),
		cmocka_unit_test(limits_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
