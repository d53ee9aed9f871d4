/* test_capture.c - lib/ground/capture.c */
#include "support.h"

#include "capture.h"

static struct mh_mem mem;

/* make - a fact with one event of each kind, whose octets are all there are */
static struct mh_fact *
make(void)
{
	char octets[256];
	struct mh_fact_draft draft;
	for (int i = 0; i < 256; i++)
		octets[i] = (char)i;
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("smtp://192.0.2.1:25/talk"), MH_RR_STREAM);
	for (int kind = 0; kind < MH_EVENT_COUNT; kind++)
		mh_event_put(&draft, kind, (uint32_t)kind * 1000003u,
		    mh_str_n(octets, (size_t)kind * 13 % 257));
	mh_event_put(&draft, MH_EVENT_LINE, UINT32_MAX, MH_STR(" two spaces  "));
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	mh_fact_draft_free(&draft);
	assert_non_null(fact);
	return fact;
}

static void
events_come_back(void **state)
{
	struct mh_fact *fact = make();
	struct mh_stream_event event;
	(void)state;
	assert_int_equal(fact->count, MH_EVENT_COUNT + 1);
	for (int i = 0; i < MH_EVENT_COUNT; i++) {
		assert_true(mh_event_at(fact, (size_t)i, &event));
		test_number(mh_event_word(i), event.kind, i);
		test_number(mh_event_word(i), event.at_us, (uint32_t)i * 1000003u);
		test_number(mh_event_word(i), event.octets.len, i * 13 % 257);
	}
	assert_false(mh_event_at(fact, MH_EVENT_COUNT + 1, &event));
	assert_string_equal(mh_event_word(MH_EVENT_COUNT), "");
	mh_fact_unref(fact);
}

/* What is printed is read back to the octet, in one line of printable ASCII. */
static void
text_comes_back(void **state)
{
	static unsigned char read[65535];
	struct mh_fact *fact = make();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 4096);
	for (size_t i = 0; i < fact->count; i++) {
		mh_buf_reset(&out);
		mh_rr_print(&out, MH_RR_STREAM, &fact->rr[i]);
		assert_false(out.bad);
		for (size_t k = 0; k < out.len; k++)
			assert_true(out.p[k] >= 0x20 && out.p[k] < 0x7f);
		assert_true(out.p[out.len - 1] != ' ');
		int len = mh_rr_read(mh_str_n(out.p, out.len), MH_RR_STREAM, false, read);
		test_number(out.p, len, fact->rr[i].len);
		assert_memory_equal(read, fact->rr[i].p, (size_t)len);
	}
	mh_buf_free(&out);
	mh_fact_unref(fact);
}

static void
look(struct mh_str s, void *arg)
{
	static unsigned char read[65535];
	(void)arg;
	int len = mh_event_read(s, read);
	assert_true(len == -1 || (len >= 5 && len <= 65535));
}

static void
broken_text_is_refused(void **state)
{
	static const char *const bad[] = { "", "line", "line x", "nothing 1 a", "message 1 0", "message 1 zz",
		"line 1 \\1", "line 1 \\256", "line 4294967296 a" };
	unsigned char read[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(bad); i++)
		test_number(bad[i], mh_event_read(mh_str_z(bad[i]), read), -1);
	test_mangled(MH_STR("line 746 220 mx.example.org ESMTP\\013\\010"), look, NULL);
	test_mangled(MH_STR("message 12 0200000401020304"), look, NULL);
}

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_back),
		cmocka_unit_test(text_comes_back),
		cmocka_unit_test(broken_text_is_refused),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
