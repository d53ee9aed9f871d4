/* test_str.c - lib/ground/str.c */
#include "support.h"

#include "str.h"

/* -------------------------------------------------------------------- spans */

static void
ascii_is_ascii(void **state)
{
	(void)state;
	for (int c = -128; c < 256; c++) {
		bool digit = c >= 48 && c <= 57;
		bool alpha = (c >= 65 && c <= 90) || (c >= 97 && c <= 122);
		assert_true(mh_is_digit(c) == digit);
		assert_true(mh_is_alpha(c) == alpha);
		assert_true(mh_is_alnum(c) == (digit || alpha));
		assert_true(mh_is_space(c) == (c == 32 || (c >= 9 && c <= 13)));
		if (c < 128)
			assert_int_equal(mh_lower((char)c), c >= 65 && c <= 90 ? c + 32 : c);
	}
	assert_int_equal(mh_hex('0'), 0);
	assert_int_equal(mh_hex('9'), 9);
	assert_int_equal(mh_hex('a'), 10);
	assert_int_equal(mh_hex('A'), 10);
	assert_int_equal(mh_hex('f'), 15);
	assert_int_equal(mh_hex('F'), 15);
	assert_int_equal(mh_hex('g'), -1);
	assert_int_equal(mh_hex('@'), -1);
	assert_int_equal(mh_hex('`'), -1);
	assert_int_equal(mh_hex(-1), -1);
}

static const struct compare_case {
	const char *name, *a, *b;
	bool eq, ieq, istarts, iends;
} compare_cases[] = {
	{ "a text equals itself", "abc", "abc", true, true, true, true },
	{ "letter case is folded", "aBc", "AbC", false, true, true, true },
	{ "a prefix is none of the end", "abcd", "AB", false, false, true, false },
	{ "a suffix is none of the start", "abcd", "CD", false, false, false, true },
	{ "everything starts and ends with nothing", "abc", "", false, false, true, true },
	{ "nothing equals nothing", "", "", true, true, true, true },
	{ "nothing starts with nothing else", "", "a", false, false, false, false },
	{ "longer is neither prefix nor suffix", "bc", "abc", false, false, false, false },
	{ "@ and ` are not the same letter", "@", "`", false, false, false, false },
	{ "[ and { are not the same letter", "[", "{", false, false, false, false },
	{ "only ASCII is folded", "\xc3\x84", "\xc3\xa4", false, false, false, false },
};

static void
spans_compare(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(compare_cases); i++) {
		const struct compare_case *c = &compare_cases[i];
		size_t alen = strlen(c->a), blen = strlen(c->b);
		char *a = guard_copy(c->a, alen), *b = guard_copy(c->b, blen);
		struct mh_str as = mh_str_n(a, alen), bs = mh_str_n(b, blen);
		test_check(c->name, mh_str_eq(as, bs) == c->eq);
		test_check(c->name, mh_str_ieq(as, bs) == c->ieq);
		test_check(c->name, mh_str_istarts(as, bs) == c->istarts);
		test_check(c->name, mh_str_iends(as, bs) == c->iends);
		guard_free(a, alen);
		guard_free(b, blen);
	}
	struct mh_str none = mh_str_z(NULL);
	assert_int_equal(none.len, 0);
	assert_true(mh_str_eq(none, MH_STR("")));
	assert_true(mh_str_ieq(none, none));
	assert_true(mh_str_istarts(none, none));
	assert_true(mh_str_iends(none, none));
	assert_int_equal(mh_str_trim(none).len, 0);
}

static void
trim_takes_spaces_at_both_ends(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "a", "a" },
		{ " a", "a" },
		{ "a ", "a" },
		{ "\t a b \r\n", "a b" },
		{ " \v\f ", "" },
		{ "\xa0 x", "\xa0 x" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		size_t len = strlen(cases[i][0]);
		char *p = guard_copy(cases[i][0], len);
		test_span(cases[i][0], mh_str_trim(mh_str_n(p, len)), mh_str_z(cases[i][1]));
		guard_free(p, len);
	}
}

/* clang-format off */
static const struct int_case {
	const char *text;
	int64_t max, want;
} int_cases[] = {
	{ "0", 10, 0 }, { "10", 10, 10 }, { "11", 10, -1 }, { "", 10, -1 }, { "1a", 99, -1 },
	{ " 1", 99, -1 }, { "-1", 99, -1 }, { "+1", 99, -1 }, { "007", 7, 7 }, { "0", 0, 0 },
	{ "1", 0, -1 }, { "0", -1, -1 }, { "9223372036854775807", INT64_MAX, INT64_MAX },
	{ "9223372036854775808", INT64_MAX, -1 }, { "99999999999999999999999", INT64_MAX, -1 },
	{ "255", 255, 255 }, { "256", 255, -1 }, { "1000", 255, -1 },
};
/* clang-format on */

static void
ints_are_read_whole_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(int_cases); i++) {
		const struct int_case *c = &int_cases[i];
		size_t len = strlen(c->text);
		char *p = guard_copy(c->text, len);
		test_number(c->text, mh_str_int(mh_str_n(p, len), c->max), c->want);
		guard_free(p, len);
	}
}

/* ------------------------------------------------------------------ buffers */

static void
buffer_grows_to_its_ceiling(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_buf buf;
	mh_buf_init(&buf, &mem, 1000);
	assert_string_equal(mh_buf_z(&buf), "");
	assert_null(buf.p);
	mh_buf_put(&buf, NULL, 0);
	assert_null(buf.p);
	mh_buf_putc(&buf, 'a');
	assert_int_equal(buf.cap, 256);
	for (size_t i = 1; i < 1000; i++) {
		mh_buf_putc(&buf, (char)('a' + i % 26));
		assert_int_equal(buf.len, i + 1);
		assert_int_equal(buf.p[buf.len], '\0');
		assert_true(buf.cap <= 1001);
	}
	assert_false(buf.bad);
	assert_int_equal(buf.cap, 1001);
	assert_int_equal(alloc.calls, 3); /* 256, 512, 1001 */
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(buf.p[i], 'a' + i % 26);
	mh_buf_putc(&buf, 'x');
	assert_true(buf.bad);
	assert_int_equal(buf.len, 1000);
	assert_string_equal(mh_buf_z(&buf), "");
	mh_buf_reset(&buf);
	assert_false(buf.bad);
	assert_string_equal(mh_buf_z(&buf), "");
	mh_buf_puts(&buf, "again");
	assert_string_equal(mh_buf_z(&buf), "again");
	assert_int_equal(alloc.calls, 3);
	mh_buf_free(&buf);
	assert_string_equal(mh_buf_z(&buf), "");
	mh_buf_puts(&buf, "after free");
	assert_string_equal(mh_buf_z(&buf), "after free");
	mh_buf_free(&buf);
	mh_buf_free(&buf);
	test_alloc_done(&alloc);
}

static void
bad_buffer_takes_nothing_more(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_buf buf;
	mh_buf_init(&buf, &mem, 4);
	mh_buf_puts(&buf, "abc");
	assert_int_equal(buf.cap, 5);
	mh_buf_puts(&buf, "de"); /* all or nothing */
	assert_true(buf.bad);
	assert_int_equal(buf.len, 3);
	mh_buf_putc(&buf, 'd'); /* would fit, but comes behind a hole */
	assert_int_equal(buf.len, 3);
	assert_null(mh_buf_reserve(&buf, 0));
	mh_buf_free(&buf);

	mh_buf_init(&buf, &mem, 0);
	mh_buf_putc(&buf, 'a');
	assert_true(buf.bad);
	mh_buf_free(&buf);

	mh_buf_init(&buf, &mem, SIZE_MAX);
	mh_buf_puts(&buf, "a");
	assert_null(mh_buf_reserve(&buf, SIZE_MAX - 1));
	assert_true(buf.bad);
	mh_buf_reset(&buf);
	mh_buf_puts(&buf, "a");
	assert_null(mh_buf_reserve(&buf, SIZE_MAX / 2));
	mh_buf_free(&buf);
	test_alloc_done(&alloc);
}

static void
reserved_room_is_between_nuls(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_buf buf;
	mh_buf_init(&buf, &mem, 10000);
	mh_buf_puts(&buf, "ab");
	char *room = mh_buf_reserve(&buf, 5000);
	assert_non_null(room);
	assert_ptr_equal(room, buf.p + 2);
	assert_string_equal(mh_buf_z(&buf), "ab");
	memset(room, 'x', 5000);
	buf.len += 5000;
	assert_int_equal(strlen(mh_buf_z(&buf)), 5002);
	assert_non_null(mh_buf_reserve(&buf, 10000 - 5002));
	assert_null(mh_buf_reserve(&buf, 10000 - 5001));
	mh_buf_free(&buf);
	mh_buf_init(&buf, &mem, 10);
	assert_non_null(mh_buf_reserve(&buf, 0));
	assert_string_equal(mh_buf_z(&buf), "");
	mh_buf_free(&buf);
	test_alloc_done(&alloc);
}

static void
buffer_prints_numbers(void **state)
{
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 7, "7" },
		{ 10, "10" },
		{ -1, "-1" },
		{ 1234567890, "1234567890" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct test_alloc alloc = { 0 };
		struct mh_mem mem = test_alloc_mem(&alloc);
		struct mh_buf buf;
		mh_buf_init(&buf, &mem, 100);
		mh_buf_putstr(&buf, MH_STR("n="));
		mh_buf_putint(&buf, cases[i].value);
		assert_memory_equal(mh_buf_z(&buf), "n=", 2);
		assert_string_equal(mh_buf_z(&buf) + 2, cases[i].text);
		mh_buf_free(&buf);
		test_alloc_done(&alloc);
	}
}

static bool
buffer_scenario(struct mh_mem mem, void *arg)
{
	struct mh_buf buf;
	(void)arg;
	mh_buf_init(&buf, &mem, 5000);
	for (int i = 0; i < 1000; i++)
		mh_buf_puts(&buf, "four");
	bool well = !buf.bad && buf.len == 4000 && strlen(mh_buf_z(&buf)) == 4000;
	assert_true(well || mh_buf_z(&buf)[0] == '\0');
	mh_buf_free(&buf);
	return well;
}

static void
buffer_without_memory(void **state)
{
	(void)state;
	assert_int_equal(test_failing_allocs(buffer_scenario, NULL, false), 5);
}

/* ------------------------------------------------------------------- cursor */

static void
cursor_reads_network_order(void **state)
{
	(void)state;
	static const unsigned char octets[] = { 0xfe, 0x80, 0x01, 0xff, 0xee, 0xdd, 0xcc, 'a', 'b', 'c' };
	char *p = guard_copy(octets, sizeof(octets));
	struct mh_cur cur = mh_cur_of(p, sizeof(octets));
	assert_int_equal(mh_cur_u8(&cur), 0xfe);
	assert_int_equal(mh_cur_u16(&cur), 0x8001);
	assert_true(mh_cur_u32(&cur) == UINT32_C(0xffeeddcc));
	test_span("two octets are taken", mh_cur_take(&cur, 2), MH_STR("ab"));
	assert_int_equal(mh_cur_left(&cur), 1);
	test_span("the rest is taken", mh_cur_rest(&cur), MH_STR("c"));
	assert_int_equal(mh_cur_left(&cur), 0);
	assert_int_equal(mh_cur_rest(&cur).len, 0);
	assert_int_equal(mh_cur_take(&cur, 0).len, 0);
	assert_false(mh_cur_bad(&cur));
	assert_int_equal(mh_cur_u8(&cur), 0);
	assert_true(mh_cur_bad(&cur));
	guard_free(p, sizeof(octets));
}

/* What every cursor read gives once the cursor is bad. */
static void
bad_cursor_gives_nothing(void **state)
{
	(void)state;
	for (int how = 0; how < 5; how++) {
		struct mh_cur cur = mh_cur_of("1a", 2);
		int end = 7;
		switch (how) {
		case 0:
			assert_true(mh_cur_u32(&cur) == 0);
			break;
		case 1:
			assert_int_equal(mh_cur_take(&cur, 3).len, 0);
			break;
		case 2:
			assert_int_equal(mh_cur_take(&cur, SIZE_MAX).len, 0);
			break;
		case 3:
			assert_int_equal(mh_cur_u8(&cur), '1');
			assert_int_equal(mh_cur_u16(&cur), 0);
			break;
		default:
			assert_int_equal(mh_cur_digits(&cur, 0), 0);
		}
		assert_true(mh_cur_bad(&cur));
		const unsigned char *p = cur.p;
		assert_int_equal(mh_cur_left(&cur), 0);
		assert_int_equal(mh_cur_u8(&cur), 0);
		assert_int_equal(mh_cur_u16(&cur), 0);
		assert_true(mh_cur_u32(&cur) == 0);
		assert_int_equal(mh_cur_take(&cur, 0).len, 0);
		assert_int_equal(mh_cur_rest(&cur).len, 0);
		assert_int_equal(mh_cur_line(&cur, &end).len, 0);
		assert_int_equal(end, 0);
		assert_int_equal(mh_cur_until(&cur, "x").len, 0);
		assert_false(mh_cur_skip(&cur, MH_STR("")));
		assert_false(mh_cur_skip(&cur, MH_STR("1")));
		mh_cur_spaces(&cur);
		assert_true(mh_cur_digits(&cur, 3) == 0);
		assert_ptr_equal(cur.p, p);
		assert_true(mh_cur_bad(&cur));
	}
}

static void
cursor_over_nothing(void **state)
{
	(void)state;
	struct mh_cur cur = mh_cur_of(NULL, 0);
	int end = 7;
	assert_int_equal(mh_cur_left(&cur), 0);
	assert_int_equal(mh_cur_line(&cur, &end).len, 0);
	assert_int_equal(end, 0);
	assert_int_equal(mh_cur_until(&cur, "x").len, 0);
	assert_true(mh_cur_skip(&cur, MH_STR("")));
	assert_false(mh_cur_skip(&cur, MH_STR("a")));
	mh_cur_spaces(&cur);
	assert_int_equal(mh_cur_rest(&cur).len, 0);
	assert_false(mh_cur_bad(&cur));
	mh_cur_digits(&cur, 3);
	assert_true(mh_cur_bad(&cur));
}

/* clang-format off */
static const struct line_case {
	const char *name, *text;
	struct { const char *line; int end; } want[4];
} line_cases[] = {
	{ "nothing has no line", "", { { NULL, 0 } } },
	{ "a line without end", "abc", { { "abc", 0 } } },
	{ "LF ends a line", "a\nb", { { "a", 1 }, { "b", 0 } } },
	{ "CR LF is one end", "a\r\nb\r\n", { { "a", 2 }, { "b", 2 } } },
	{ "lines may be empty", "\n\r\n\n", { { "", 1 }, { "", 2 }, { "", 1 } } },
	{ "a CR inside stays", "a\rb\n", { { "a\rb", 1 } } },
	{ "one CR belongs to the end", "a\r\r\n", { { "a\r", 2 } } },
	{ "a CR at the very end stays", "a\n\r", { { "a", 1 }, { "\r", 0 } } },
};
/* clang-format on */

static void
cursor_reads_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(line_cases); i++) {
		const struct line_case *c = &line_cases[i];
		size_t len = strlen(c->text), k = 0;
		char *p = guard_copy(c->text, len);
		struct mh_cur cur = mh_cur_of(p, len);
		for (; mh_cur_left(&cur) > 0; k++) {
			int end = 7;
			test_check(c->name, c->want[k].line != NULL);
			test_span(c->name, mh_cur_line(&cur, &end), mh_str_z(c->want[k].line));
			test_number(c->name, end, c->want[k].end);
		}
		test_check(c->name, c->want[k].line == NULL);
		test_check(c->name, !mh_cur_bad(&cur));
		guard_free(p, len);
	}
}

static void
cursor_reads_pieces(void **state)
{
	(void)state;
	struct mh_str text = MH_STR("v=SPF1  ip4:10.0.0.1/24;\x80\xff;x");
	char *p = guard_copy(text.p, text.len);
	struct mh_cur cur = mh_cur_of(p, text.len);
	assert_false(mh_cur_skip(&cur, MH_STR("v=spf2")));
	assert_true(mh_cur_skip(&cur, MH_STR("V=spf1")));
	mh_cur_spaces(&cur);
	test_span("up to the colon", mh_cur_until(&cur, ":/"), MH_STR("ip4"));
	assert_true(mh_cur_skip(&cur, MH_STR(":")));
	assert_int_equal(mh_cur_digits(&cur, 3), 10);
	test_span("up to the slash", mh_cur_until(&cur, ";/"), MH_STR(".0.0.1"));
	assert_true(mh_cur_skip(&cur, MH_STR("/")));
	assert_int_equal(mh_cur_digits(&cur, 1), 2);
	assert_int_equal(mh_cur_digits(&cur, 9), 4);
	assert_int_equal(mh_cur_until(&cur, ";").len, 0);
	assert_true(mh_cur_skip(&cur, MH_STR(";")));
	test_span("octets above ASCII end nothing", mh_cur_until(&cur, ";\x7f"), MH_STR("\x80\xff"));
	test_span("no end is the end", mh_cur_until(&cur, "#"), MH_STR(";x"));
	assert_false(mh_cur_bad(&cur));
	guard_free(p, text.len);
}

/* clang-format off */
static const struct digits_case {
	const char *text;
	int max_digits;
	uint32_t want;
	size_t left;
	bool bad;
} digits_cases[] = {
	{ "0", 3, 0, 0, false }, { "123456", 3, 123, 3, false }, { "12a", 9, 12, 1, false },
	{ "", 3, 0, 0, true }, { "a", 3, 0, 0, true }, { "4294967295", 10, 4294967295U, 0, false },
	{ "4294967296", 10, 4294967295U, 0, false }, { "9999999999999", 20, 4294967295U, 0, false },
	{ "42949672950", 11, 4294967295U, 0, false }, { "00000000000012", 20, 12, 0, false },
	{ "-1", 3, 0, 0, true },
};
/* clang-format on */

static void
cursor_reads_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(digits_cases); i++) {
		const struct digits_case *c = &digits_cases[i];
		size_t len = strlen(c->text);
		char *p = guard_copy(c->text, len);
		struct mh_cur cur = mh_cur_of(p, len);
		test_number(c->text, mh_cur_digits(&cur, c->max_digits), c->want);
		test_number(c->text, mh_cur_left(&cur), c->left);
		test_check(c->text, mh_cur_bad(&cur) == c->bad);
		guard_free(p, len);
	}
}

/* until_ends - every octet of 0 to 255 against a set of one ASCII octet */
static void
until_knows_all_of_ascii(void **state)
{
	(void)state;
	for (int end = 1; end < 128; end++)
		for (int c = 0; c < 256; c++) {
			char set[2] = { (char)end, '\0' };
			unsigned char octet = (unsigned char)c;
			struct mh_cur cur = mh_cur_of(&octet, 1);
			assert_int_equal(mh_cur_until(&cur, set).len, c == end ? 0 : 1);
		}
}

/* look_all - reads in ways that s itself chooses; must stay inside and come to an end */
static void
look_all(struct mh_str s, void *arg)
{
	size_t *reads = arg;
	struct mh_cur cur = mh_cur_of(s.p, s.len);
	for (unsigned int way = (unsigned int)s.len; mh_cur_left(&cur) > 0; way++) {
		size_t left = mh_cur_left(&cur);
		int end;
		switch (way % 8) {
		case 0:
			mh_cur_u8(&cur);
			break;
		case 1:
			mh_cur_u16(&cur);
			break;
		case 2:
			mh_cur_u32(&cur);
			break;
		case 3:
			mh_cur_line(&cur, &end);
			break;
		case 4:
			mh_cur_until(&cur, "=:;.");
			break;
		case 5:
			mh_cur_skip(&cur, MH_STR("v=spf1"));
			break;
		case 6:
			mh_cur_spaces(&cur);
			break;
		default:
			mh_cur_take(&cur, 3);
			break;
		}
		assert_true(mh_cur_left(&cur) <= left);
		assert_true((const char *)cur.p >= s.p && (const char *)cur.p <= s.p + s.len);
		++*reads;
	}
	mh_str_int(s, INT64_MAX);
	mh_str_trim(s);
	mh_str_istarts(s, MH_STR("v=spf1 "));
	mh_str_iends(s, MH_STR("-all"));
}

static void
cursor_stays_inside(void **state)
{
	size_t reads = 0;
	(void)state;
	test_mangled(MH_STR("v=spf1 ip4:192.0.2.1\r\n 12345; -all\n"), look_all, &reads);
	assert_true(reads > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(spans_compare),
		cmocka_unit_test(trim_takes_spaces_at_both_ends),
		cmocka_unit_test(ints_are_read_whole_or_not),
		cmocka_unit_test(buffer_grows_to_its_ceiling),
		cmocka_unit_test(bad_buffer_takes_nothing_more),
		cmocka_unit_test(reserved_room_is_between_nuls),
		cmocka_unit_test(buffer_prints_numbers),
		cmocka_unit_test(buffer_without_memory),
		cmocka_unit_test(cursor_reads_network_order),
		cmocka_unit_test(bad_cursor_gives_nothing),
		cmocka_unit_test(cursor_over_nothing),
		cmocka_unit_test(cursor_reads_lines),
		cmocka_unit_test(cursor_reads_pieces),
		cmocka_unit_test(cursor_reads_digits),
		cmocka_unit_test(until_knows_all_of_ascii),
		cmocka_unit_test(cursor_stays_inside),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
