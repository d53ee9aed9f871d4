/* test_json.c - lib/ground/json.c */
#include "support.h"

#include "json.h"
#include "text.h"

static void
structure(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	struct mh_json json;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	mh_json_init(&json, &out);
	mh_json_open(&json, '{');
	mh_json_key(&json, "a");
	mh_json_int(&json, 1);
	mh_json_key(&json, "b");
	mh_json_open(&json, '[');
	mh_json_int(&json, -1);
	mh_json_int_or_null(&json, 0);
	mh_json_int_or_null(&json, -1);
	mh_json_open(&json, '[');
	mh_json_close(&json, ']');
	mh_json_open(&json, '{');
	mh_json_close(&json, '}');
	mh_json_bool(&json, true);
	mh_json_bool(&json, false);
	mh_json_null(&json);
	mh_json_strz(&json, "x");
	mh_json_strz(&json, NULL);
	mh_json_milli(&json, 970);
	mh_json_close(&json, ']');
	mh_json_key(&json, "c");
	mh_json_open(&json, '{');
	mh_json_key(&json, "d");
	mh_json_null(&json);
	mh_json_close(&json, '}');
	mh_json_key(&json, "e");
	mh_json_milli(&json, 5);
	mh_json_close(&json, '}');
	assert_string_equal(mh_buf_z(&out),
	    "{\"a\":1,\"b\":[-1,0,null,[],{},true,false,null,\"x\",\"\",0.97],"
	    "\"c\":{\"d\":null},\"e\":0.005}");
	mh_buf_free(&out);
}

static void
nesting_has_a_limit(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	struct mh_json json;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (int depth = 30; depth <= 40; depth++) {
		mh_buf_reset(&out);
		mh_json_init(&json, &out);
		for (int i = 0; i < depth; i++) {
			mh_json_open(&json, '[');
			mh_json_int(&json, 1);
		}
		assert_true(out.bad == (depth > 64));
		mh_json_int(&json, 2);
		for (int i = 0; i < depth; i++)
			mh_json_close(&json, ']');
		mh_json_close(&json, ']'); /* one too many must not hurt */
		mh_json_int(&json, 3);
		if (depth <= 64) {
			assert_memory_equal(mh_buf_z(&out), "[1,[1,[1,", 9);
			assert_non_null(strstr(mh_buf_z(&out), "[1,2]]"));
		} else {
			assert_string_equal(mh_buf_z(&out), "");
		}
	}
	mh_buf_free(&out);
}

static void
thousandths(void **state)
{
	static const struct {
		int64_t value;
		const char *want;
	} cases[] = {
		{ 0, "0" },
		{ 5, "0.005" },
		{ 50, "0.05" },
		{ 500, "0.5" },
		{ 55, "0.055" },
		{ 505, "0.505" },
		{ 970, "0.97" },
		{ 999, "0.999" },
		{ 1000, "1" },
		{ 1001, "1.001" },
		{ 1010, "1.01" },
		{ 100000, "100" },
		{ 12345, "12.345" },
		{ -1, "-0.001" },
		{ -1500, "-1.5" },
		{ INT64_MAX, "9223372036854775.807" },
		{ INT64_MIN, "-9223372036854775.808" },
	};
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	struct mh_json json;
	(void)state;
	mh_buf_init(&out, &mem, 100);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_buf_reset(&out);
		mh_json_init(&json, &out);
		mh_json_milli(&json, cases[i].value);
		test_span(cases[i].want, mh_str_z(mh_buf_z(&out)), mh_str_z(cases[i].want));
	}
	mh_buf_free(&out);
}

/* Octets, how they stand in JSON, and how they are printed. */
/* clang-format off */
#define S(literal) { (literal), sizeof(literal) - 1 } /* MH_STR in a table */
static const struct string_case {
	const char *name;
	struct mh_str in;
	const char *json, *printable;
} string_cases[] = {
	{ "nothing", S(""), "\"\"", "" },
	{ "plain text", S("plain / text ~"), "\"plain / text ~\"", "plain / text ~" },
	{ "quotes and backslashes", S("a\"b\\c"), "\"a\\\"b\\\\c\"", "a\"b\\c" },
	{ "controls with a short form", S("\b\t\n\f\r"), "\"\\b\\t\\n\\f\\r\"",
	    "\\x08\\x09\\x0a\\x0c\\x0d" },
	{ "controls without one", S("\0\x01\x1f"), "\"\\u0000\\u0001\\u001f\"", "\\x00\\x01\\x1f" },
	{ "DEL is no control to JSON", S("\x7f"), "\"\x7f\"", "\\x7f" },
	{ "UTF-8 stays", S("\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7"),
	    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7\"", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\xa7" },
	{ "next line, line and paragraph separator", S("\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9"),
	    "\"\\u0085|\\u2028|\\u2029\"", "\\xc2\\x85|\\xe2\\x80\\xa8|\\xe2\\x80\\xa9" },
	{ "their neighbours", S("\xc2\x84\xc2\xa0\xe2\x80\xa7\xe2\x80\xb0"),
	    "\"\xc2\x84\xc2\xa0\xe2\x80\xa7\xe2\x80\xb0\"", "\\xc2\\x84\xc2\xa0\xe2\x80\xa7\xe2\x80\xb0" },
	{ "not UTF-8", S("a\xff\xc3(\xc0\xaf"), "\"a\\\\xff\\\\xc3(\\\\xc0\\\\xaf\"",
	    "a\\xff\\xc3(\\xc0\\xaf" },
	{ "a surrogate", S("\xed\xa0\x80"), "\"\\\\xed\\\\xa0\\\\x80\"", "\\xed\\xa0\\x80" },
	{ "a sequence that is cut off", S("x\xe2\x82"), "\"x\\\\xe2\\\\x82\"", "x\\xe2\\x82" },
	{ "an escape sequence of a terminal", S("\x1b[2J"), "\"\\u001b[2J\"", "\\x1b[2J" },
};
/* clang-format on */

static void
strings(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	struct mh_json json;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (size_t i = 0; i < MH_COUNT(string_cases); i++) {
		const struct string_case *c = &string_cases[i];
		char *p = guard_copy(c->in.p, c->in.len);
		mh_buf_reset(&out);
		mh_json_init(&json, &out);
		mh_json_str(&json, mh_str_n(p, c->in.len));
		test_span(c->name, mh_str_z(mh_buf_z(&out)), mh_str_z(c->json));
		mh_buf_reset(&out);
		mh_printable(&out, mh_str_n(p, c->in.len), SIZE_MAX);
		test_span(c->name, mh_str_z(mh_buf_z(&out)), mh_str_z(c->printable));
		guard_free(p, c->in.len);
	}
	mh_buf_free(&out);
}

static const struct {
	const char *in;
	size_t max;
	const char *want;
} cut_cases[] = {
	{ "abcdef", 6, "abcdef" },
	{ "abcdef", 5, "abcde..." },
	{ "abcdef", 0, "..." },
	{ "", 0, "" },
	{ "ab\xc3\xa9", 4, "ab\xc3\xa9" },
	{ "ab\xc3\xa9", 3, "ab..." },
	{ "ab\xc3\xa9x", 4, "ab\xc3\xa9..." },
	{ "\xf0\x9f\x93\xa7", 3, "..." },
	{ "\xff\xff\xff", 2, "\\xff\\xff..." },
	{ "a\n\n", 2, "a\\x0a..." },
};

static void
printable_is_cut_between_characters(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (size_t i = 0; i < MH_COUNT(cut_cases); i++) {
		mh_buf_reset(&out);
		mh_printable(&out, mh_str_z(cut_cases[i].in), cut_cases[i].max);
		test_span(cut_cases[i].in, mh_str_z(mh_buf_z(&out)), mh_str_z(cut_cases[i].want));
	}
	mh_buf_free(&out);
}

struct look {
	struct mh_buf out, again, want;
};

/* unescape - the value of a JSON string that must be valid and on one line */
static void
unescape(const char *z, struct mh_buf *out)
{
	assert_int_equal(*z++, '"');
	while (*z != '"') {
		assert_true((unsigned char)*z >= 0x20);
		if (*z != '\\') {
			mh_buf_putc(out, *z++);
			continue;
		}
		static const char names[] = "btnfr\"\\", values[] = "\b\t\n\f\r\"\\";
		z++;
		const char *name = strchr(names, *z);
		if (name != NULL && *z != '\0') {
			mh_buf_putc(out, values[name - names]);
			z++;
			continue;
		}
		char octets[4];
		uint32_t cp = 0;
		assert_int_equal(*z++, 'u');
		for (int i = 0; i < 4; i++) {
			assert_true(mh_hex(*z) >= 0);
			cp = cp << 4 | (uint32_t)mh_hex(*z++);
		}
		mh_buf_put(out, octets, (size_t)mh_utf8_put(cp, octets));
	}
	assert_int_equal(z[1], '\0');
}

/* look_string - what comes out is JSON on one line in UTF-8, and says what went in */
static void
look_string(struct mh_str s, void *arg)
{
	struct look *look = arg;
	struct mh_json json;

	mh_buf_reset(&look->out);
	mh_buf_reset(&look->again);
	mh_buf_reset(&look->want);
	mh_json_init(&json, &look->out);
	mh_json_str(&json, s);
	struct mh_str out = mh_str_n(look->out.p, look->out.len);
	assert_int_equal(mh_utf8_prefix(out), out.len);
	unescape(mh_buf_z(&look->out), &look->again);
	for (size_t at = 0; at < s.len;) {
		uint32_t cp;
		int n = mh_utf8_get(s.p + at, s.len - at, &cp);
		if (n > 0) {
			mh_buf_put(&look->want, s.p + at, (size_t)n);
			at += (size_t)n;
		} else {
			unsigned char c = (unsigned char)s.p[at++];
			mh_buf_puts(&look->want, "\\x");
			mh_buf_putc(&look->want, "0123456789abcdef"[c >> 4]);
			mh_buf_putc(&look->want, "0123456789abcdef"[c & 15]);
		}
	}
	test_span("JSON says what went in", mh_str_n(look->again.p, look->again.len),
	    mh_str_n(look->want.p, look->want.len));
	for (size_t max = 0; max <= s.len; max += 5) {
		mh_buf_reset(&look->out);
		mh_printable(&look->out, s, max);
		out = mh_str_n(look->out.p, look->out.len);
		assert_int_equal(mh_utf8_prefix(out), out.len);
		for (size_t i = 0; i < out.len; i++)
			assert_true((unsigned char)out.p[i] >= 0x20 && out.p[i] != 0x7f);
	}
}

static void
broken_strings(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct test_random random = { 3 };
	struct look look;
	char octets[64];
	(void)state;
	mh_buf_init(&look.out, &mem, 10000);
	mh_buf_init(&look.again, &mem, 10000);
	mh_buf_init(&look.want, &mem, 10000);
	for (size_t i = 0; i < MH_COUNT(string_cases); i++)
		test_mangled(string_cases[i].in, look_string, &look);
	for (int i = 0; i < 5000; i++) {
		size_t len = test_random_below(&random, sizeof(octets));
		test_random_fill(&random, octets, len);
		look_string(mh_str_n(octets, len), &look);
	}
	mh_buf_free(&look.out);
	mh_buf_free(&look.again);
	mh_buf_free(&look.want);
}

static bool
write_scenario(struct mh_mem mem, void *arg)
{
	struct mh_buf out;
	struct mh_json json;
	(void)arg;
	mh_buf_init(&out, &mem, 100000);
	mh_json_init(&json, &out);
	mh_json_open(&json, '[');
	for (int i = 0; i < 100; i++) {
		mh_json_open(&json, '{');
		mh_json_key(&json, "key");
		mh_json_str(&json, MH_STR("va\nlue\xff"));
		mh_json_close(&json, '}');
		mh_printable(&out, MH_STR("\x01"), 10);
	}
	mh_json_close(&json, ']');
	bool well = !out.bad;
	mh_buf_free(&out);
	return well;
}

static void
writing_without_memory(void **state)
{
	(void)state;
	assert_int_equal(test_failing_allocs(write_scenario, NULL, false), 5);
}

static void
lines(void **state)
{
	static const char *const cases[][2] = {
		{ "", "" },
		{ "one", "one" },
		{ "one\r\ntwo", "one two" },
		{ "one \n\n  two\r", "one two" },
		{ "\nbell\x07", "bell\\x07" },
	};
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 1024);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_buf_reset(&out);
		mh_printable_line(&out, mh_str_z(cases[i][0]));
		test_span(cases[i][1], mh_str_n(out.p, out.len), mh_str_z(cases[i][1]));
	}
	mh_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines),
		cmocka_unit_test(structure),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(thousandths),
		cmocka_unit_test(strings),
		cmocka_unit_test(printable_is_cut_between_characters),
		cmocka_unit_test(broken_strings),
		cmocka_unit_test(writing_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
