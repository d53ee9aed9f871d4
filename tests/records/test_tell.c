/* test_tell.c - lib/records/tell.c */
#include "support.h"

#include "tell.h"

static void
a_finding_has_what_was_said(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_tell tell;
	struct mh_report *report = mh_report_make(&mem);
	(void)state;
	mh_arena_init(&arena, &mem, 0);
	mh_tell_begin(&tell, &arena, report, "spf", MH_STR("example.org"));
	tell.text = MH_STR("v=spf1 +all");
	mh_say(&tell, "It says ");
	mh_say_str(&tell, MH_STR("a\x01"));
	mh_say_int(&tell, -3);
	mh_tell_fix_txt(&tell, MH_STR("example.org"), NULL, -1, MH_STR("v=spf1 \"-all"));
	mh_tell(&tell, MH_F_SPF_PLUS_ALL, mh_str_n(tell.text.p + 7, 4));
	mh_tell(&tell, MH_F_SPF_NO_ALL, MH_STR("elsewhere"));
	test_number("it is well", mh_tell_end(&tell), 0);
	const struct mh_finding *first = mh_report_at(report, 0), *second = mh_report_at(report, 1);
	test_span("the sentence", mh_str_z(first->detail), MH_STR("It says a\\x01-3"));
	test_number("the place begins", first->begin, 7);
	test_number("and ends", first->end, 11);
	test_span("the check", mh_str_z(first->check), MH_STR("spf"));
	test_span("the fix", mh_str_z(first->fix),
	    MH_STR("[{\"name\":\"example.org.\",\"type\":\"TXT\",\"ttl\":3600,\"remove\":[],"
		   "\"add\":[\"\\\"v=spf1 \\\\\\\"-all\\\"\"]}]"));
	test_span("the next one has none of it", mh_str_z(second->detail), MH_STR(""));
	test_span("nor the fix", mh_str_z(second->fix), MH_STR(""));
	test_number("nor a place", second->begin, -1);
	mh_report_unref(report);
	mh_arena_free(&arena);
}

static void
one_kind_is_told_so_often(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_tell tell;
	struct mh_report *report = mh_report_make(&mem);
	(void)state;
	mh_arena_init(&arena, &mem, 0);
	mh_tell_begin(&tell, &arena, report, "spf", MH_STR("example.org"));
	for (int i = 0; i < 100; i++)
		mh_tell(&tell, MH_F_SPF_PLUS_ALL, MH_STR(""));
	test_check("it was told", mh_tell_has(&tell, MH_F_SPF_PLUS_ALL));
	test_check("the other was not", !mh_tell_has(&tell, MH_F_SPF_NO_ALL));
	test_number("it is well", mh_tell_end(&tell), 0);
	test_number("twenty times", (int64_t)mh_report_size(report), MH_TELL_MAX);
	mh_report_unref(report);
	mh_arena_free(&arena);
}

static void
texts_are_quoted(void **state)
{
	static char longer[300];
	static const struct {
		const char *text, *quoted;
	} texts[] = {
		{ "", "\"\"" },
		{ "a b", "\"a b\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\x01\xff", "\"\\001\\255\"" },
	};
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	(void)state;
	mh_arena_init(&arena, &mem, 0);
	for (size_t i = 0; i < MH_COUNT(texts); i++)
		test_span(texts[i].text, mh_txt_quote(&arena, mh_str_z(texts[i].text)),
		    mh_str_z(texts[i].quoted));
	memset(longer, 'a', sizeof(longer));
	struct mh_str quoted = mh_txt_quote(&arena, mh_str_n(longer, sizeof(longer)));
	test_number("two strings", (int64_t)quoted.len, 300 + 2 * 2 + 1);
	test_span("cut at 255 (RFC 1035 3.3)", mh_str_n(quoted.p + 255, 5), MH_STR("a\" \"a"));
	test_span("a name below", mh_name_below(&arena, MH_STR("_dmarc"), MH_STR("example.org")),
	    MH_STR("_dmarc.example.org"));
	test_span("below the root", mh_name_below(&arena, MH_STR("_dmarc"), MH_STR(".")), MH_STR("_dmarc"));
	test_number("too long",
	    (int64_t)mh_name_below(&arena, mh_str_n(longer, 64), MH_STR("example.org")).len, 0);
	mh_arena_free(&arena);
}

/* scenario - telling with memory that fails */
static bool
scenario(struct mh_mem mem, void *arg)
{
	struct mh_arena arena;
	struct mh_tell tell;
	struct mh_report *report = mh_report_make(&mem);
	(void)arg;
	if (report == NULL)
		return false;
	mh_arena_init(&arena, &mem, 0);
	mh_tell_begin(&tell, &arena, report, "spf", MH_STR("example.org"));
	mh_say(&tell, "A sentence.");
	mh_tell_fix_txt(&tell, MH_STR("example.org"), NULL, -1, MH_STR("v=spf1 -all"));
	mh_tell(&tell, MH_F_SPF_PLUS_ALL, MH_STR(""));
	bool good = mh_tell_end(&tell) == 0 && mh_report_finish(report) == 0;
	mh_report_unref(report);
	mh_arena_free(&arena);
	return good;
}

static void
memory_may_fail(void **state)
{
	(void)state;
	test_failing_allocs(scenario, NULL, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_finding_has_what_was_said),
		cmocka_unit_test(one_kind_is_told_so_often),
		cmocka_unit_test(texts_are_quoted),
		cmocka_unit_test(memory_may_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
