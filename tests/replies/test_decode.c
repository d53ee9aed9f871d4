/* test_decode.c - lib/replies/decode.c */
#include "support.h"

#include "decode.h"
#include "error.h"

#define TEXT_END 65535u /* decode.h: the text is cut behind so many octets */

struct decoding {
	struct test_alloc alloc;
	struct mh_mem mem;
	struct mh_decode decode;
};

static void
begin(struct decoding *d)
{
	*d = (struct decoding){ .alloc = { 0 } };
	d->mem = test_alloc_mem(&d->alloc);
	mh_decode_init(&d->decode, &d->mem);
}

static void
end(struct decoding *d)
{
	mh_decode_free(&d->decode);
	test_alloc_done(&d->alloc);
}

static struct mh_str
text_of(const struct mh_decode *decode)
{
	return mh_str_n(decode->text.p, decode->text.len);
}

/* ------------------------------------------------------------------- what comes out */

#define ENCODED 1
#define NOT_UTF8 2
#define UNREADABLE 4

/* clang-format off */
static const struct {
	const char *name, *in, *want;
	int flags;
} cases[] = {
	{ "ASCII passes", "550 5.1.1 no such user", "550 5.1.1 no such user", 0 },
	{ "nothing is nothing", "", "", 0 },
	{ "UTF-8 passes", "550 bo\xc3\xaete pleine \xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8 \xf0\x9f\x93\xa7",
	    "550 bo\xc3\xaete pleine \xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8 \xf0\x9f\x93\xa7", 0 },
	{ "a byte order mark is a character as any other", "\xef\xbb\xbf" "550 no", "\xef\xbb\xbf" "550 no", 0 },
	/* windows-1252 */
	{ "a stray octet is windows-1252", "550 bo\xeete pleine", "550 bo\xc3\xaete pleine", NOT_UTF8 },
	{ "0x80 is the euro sign", "\x80", "\xe2\x82\xac", NOT_UTF8 },
	{ "0x93 and 0x94 are quotes", "\x93no\x94", "\xe2\x80\x9cno\xe2\x80\x9d", NOT_UTF8 },
	{ "UTF-8 beside it stays UTF-8", "\xc3\xa9 \xe9", "\xc3\xa9 \xc3\xa9", NOT_UTF8 },
	{ "a sequence that is cut off is octets", "ab\xe2\x82", "ab\xc3\xa2\xe2\x80\x9a", NOT_UTF8 },
	{ "an overlong slash is octets", "\xc0\xaf", "\xc3\x80\xc2\xaf", NOT_UTF8 },
	/* RFC 2047 */
	{ "Q: hexadecimal", "=?utf-8?Q?bo=C3=AEte?=", "bo\xc3\xaete", ENCODED },
	{ "Q: underscore is space", "=?us-ascii?Q?no_such_user?=", "no such user", ENCODED },
	{ "Q: lower case everything", "=?UTF-8?q?=c3=a9?=", "\xc3\xa9", ENCODED },
	{ "B: base64", "=?utf-8?B?Ym/DrnRlIHBsZWluZQ==?=", "bo\xc3\xaete pleine", ENCODED },
	{ "B: lower case letter", "=?utf-8?b?bm8=?=", "no", ENCODED },
	{ "ISO 8859-1", "=?iso-8859-1?Q?bo=EEte?=", "bo\xc3\xaete", ENCODED },
	{ "windows-1252 by its name", "=?windows-1252?Q?=80?=", "\xe2\x82\xac", ENCODED },
	{ "KOI8-R", "=?koi8-r?B?0M/e1MHd?=", "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0\xd1\x89", ENCODED },
	{ "windows-1251", "=?Windows-1251?Q?=EF=EE=F7=F2=E0?=", "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0", ENCODED },
	{ "Shift JIS", "=?shift_jis?B?k/qWew==?=", "\xe6\x97\xa5\xe6\x9c\xac", ENCODED },
	{ "GB2312 is read as GB 18030", "=?gb2312?B?1tDOxA==?=", "\xe4\xb8\xad\xe6\x96\x87", ENCODED },
	{ "Big5", "=?big5?B?pKSk5Q==?=", "\xe4\xb8\xad\xe6\x96\x87", ENCODED },
	{ "EUC-KR", "=?euc-kr?B?x9GxuQ==?=", "\xed\x95\x9c\xea\xb5\xad", ENCODED },
	{ "ISO-2022-JP within", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac", ENCODED },
	{ "a language behind the charset (RFC 2231 5)", "=?utf-8*fr?Q?=C3=A9?=", "\xc3\xa9", ENCODED },
	{ "words of plain text around it stay", "550 =?utf-8?Q?=C3=A9?= no", "550 \xc3\xa9 no", ENCODED },
	{ "two in a row", "=?utf-8?Q?a?==?utf-8?Q?b?=", "ab", ENCODED },
	{ "an empty one is nothing", "x=?utf-8?Q?\?=y", "xy", ENCODED },
	{ "octets that are no UTF-8 within are windows-1252", "=?utf-8?Q?=E9?=", "\xc3\xa9", ENCODED },
	/* broken ones are left as they are */
	{ "unknown charset", "=?x-nothing?Q?a?=", "=?x-nothing?Q?a?=", UNREADABLE },
	{ "a charset that names a file", "=?../../etc/x?Q?a?=", "=?../../etc/x?Q?a?=", UNREADABLE },
	{ "UTF-7 is not taken", "=?utf-7?Q?+AGE-?=", "=?utf-7?Q?+AGE-?=", UNREADABLE },
	{ "unknown encoding", "=?utf-8?X?a?=", "=?utf-8?X?a?=", UNREADABLE },
	{ "octets that do not fit the charset", "=?euc-jp?Q?=FF=FF?=", "=?euc-jp?Q?=FF=FF?=", UNREADABLE },
	{ "no end", "=?utf-8?Q?abc", "=?utf-8?Q?abc", 0 },
	{ "no end but a question mark", "=?utf-8?Q?abc?", "=?utf-8?Q?abc?", 0 },
	{ "no encoding", "=?utf-8??abc?=", "=?utf-8??abc?=", 0 },
	{ "an encoding of two letters", "=?utf-8?QQ?abc?=", "=?utf-8?QQ?abc?=", 0 },
	{ "a space in the charset", "=?utf 8?Q?abc?=", "=?utf 8?Q?abc?=", 0 },
	{ "begin only", "=?", "=?", 0 },
	{ "begin only, many times", "=?=?=?=?", "=?=?=?=?", 0 },
	{ "a broken one does not hide the next", "=?utf-8?Q?a =?utf-8?Q?=C3=A9?=", "=?utf-8?Q?a \xc3\xa9", ENCODED },
	/* ISO-2022-JP */
	{ "ISO-2022-JP", "550 \x1b$BF|K\\\x1b(B no", "550 \xe6\x97\xa5\xe6\x9c\xac no", ENCODED },
	{ "ISO-2022-JP of 1978", "\x1b$@F|K\\\x1b(J", "\xe6\x97\xa5\xe6\x9c\xac", ENCODED },
	{ "ISO-2022-JP whose escape octets were lost", "550 $BF|K\\(B no", "550 \xe6\x97\xa5\xe6\x9c\xac no", ENCODED },
	{ "dollars are no Japanese", "costs $Blah (Blah)", "costs $Blah (Blah)", 0 },
	{ "$B without an end", "$BF|K\\ no", "$BF|K\\ no", 0 },
	{ "$B with nothing in it", "$B(B", "$B(B", 0 },
	{ "escape without an end", "\x1b$BF|K\\", "\x1b$BF|K\\", 0 },
	{ "escape and nothing", "\x1b", "\x1b", 0 },
	{ "an odd number of octets", "\x1b$BF|K\x1b(B", "\x1b$BF|K\x1b(B", 0 },
	{ "colours of a terminal", "\x1b[31mno\x1b[0m", "\x1b[31mno\x1b[0m", 0 },
};
/* clang-format on */

static void
texts_come_out_as_utf8(void **state)
{
	struct decoding d;
	(void)state;
	begin(&d); /* one for all: nothing of one text is left in the next */
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		size_t len = strlen(cases[i].in);
		char *in = guard_copy(cases[i].in, len);
		assert_int_equal(mh_decode_run(&d.decode, mh_str_n(in, len)), MH_ERR_OK);
		guard_free(in, len);
		test_span(cases[i].name, text_of(&d.decode), mh_str_z(cases[i].want));
		test_number(cases[i].name, d.decode.encoded, (cases[i].flags & ENCODED) != 0);
		test_number(cases[i].name, d.decode.not_utf8, (cases[i].flags & NOT_UTF8) != 0);
		test_number(cases[i].name, d.decode.unreadable, (cases[i].flags & UNREADABLE) != 0);
		test_number(cases[i].name, d.decode.cut, 0);
		for (size_t k = 0; k < MH_DECODE_PAD; k++)
			test_number("NULs stand behind the text", d.decode.text.p[d.decode.text.len + k], 0);
	}
	end(&d);
}

/* ---------------------------------------------------------------------- the way back */

/* clang-format off */
static const struct {
	const char *name, *in, *piece; /* piece: of the text that comes out */
	const char *from; /* what stood there in the input */
} map_cases[] = {
	{ "plain text stands where it stood", "550 no such user", "such", "such" },
	{ "all of it", "550 no", "550 no", "550 no" },
	{ "UTF-8 stands where it stood", "550 bo\xc3\xaete", "o\xc3\xaet", "o\xc3\xaet" },
	{ "windows-1252 is one octet", "550 bo\xeete", "o\xc3\xaet", "o\xeet" },
	{ "behind windows-1252", "\xe9\xe9\xe9 no", "no", "no" },
	{ "a word within an encoded word is all of it", "550 =?utf-8?Q?a_b_c?= no", "b", "=?utf-8?Q?a_b_c?=" },
	{ "from before into an encoded word", "550 =?utf-8?Q?a_b?= no", "550 a", "550 =?utf-8?Q?a_b?=" },
	{ "from an encoded word to behind it", "550 =?utf-8?Q?a_b?= no", "b no", "=?utf-8?Q?a_b?= no" },
	{ "behind an encoded word", "550 =?utf-8?Q?a_b?= no", "no", "no" },
	{ "two encoded words", "=?utf-8?Q?a?= =?utf-8?Q?b?=", "b", "=?utf-8?Q?b?=" },
	{ "an encoded word at the end", "x =?utf-8?Q?ab?=", "ab", "=?utf-8?Q?ab?=" },
	{ "behind an empty encoded word", "=?utf-8?Q?\?=no", "no", "no" },
	{ "Japanese is all of it", "550 \x1b$BF|K\\\x1b(B no", "\xe6\x9c\xac", "\x1b$BF|K\\\x1b(B" },
	{ "behind Japanese", "550 $BF|K\\(B no", "no", "no" },
};
/* clang-format on */

static size_t
place_of(struct mh_str text, struct mh_str piece)
{
	for (size_t i = 0; i + piece.len <= text.len; i++)
		if (memcmp(text.p + i, piece.p, piece.len) == 0)
			return i;
	return SIZE_MAX;
}

static void
octets_are_found_in_the_input(void **state)
{
	struct decoding d;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < MH_COUNT(map_cases); i++) {
		struct mh_str in = mh_str_z(map_cases[i].in), piece = mh_str_z(map_cases[i].piece);
		assert_int_equal(mh_decode_run(&d.decode, in), MH_ERR_OK);
		size_t at = place_of(text_of(&d.decode), piece);
		test_check(map_cases[i].name, at != SIZE_MAX);
		uint32_t from = mh_decode_begin(&d.decode, (uint32_t)at);
		uint32_t to = mh_decode_end(&d.decode, (uint32_t)(at + piece.len));
		test_check(map_cases[i].name, from <= to && to <= in.len);
		test_span(map_cases[i].name, mh_str_n(in.p + from, to - from), mh_str_z(map_cases[i].from));
	}
	end(&d);
}

static void
where_the_first_odd_octet_is(void **state)
{
	static const struct {
		const char *in;
		uint32_t at;
	} odd[] = { { "ab\xe9 =?utf-8?Q?a?=", 2 }, { "ab =?utf-8?Q?a?= \xe9", 3 },
		{ "a =?x?Q?a?= \xe9", 2 } };
	struct decoding d;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < MH_COUNT(odd); i++) {
		assert_int_equal(mh_decode_run(&d.decode, mh_str_z(odd[i].in)), MH_ERR_OK);
		test_number(odd[i].in, d.decode.odd_at, odd[i].at);
	}
	end(&d);
}

/* ----------------------------------------------------------------------------- bounds */

/* All that callers rely on, for any octets. */
static void
check_any(struct mh_str in, void *arg)
{
	struct mh_decode *decode = arg;
	assert_int_equal(mh_decode_run(decode, in), MH_ERR_OK);
	struct mh_str text = text_of(decode);
	test_check("the text is not longer than it may be", text.len <= TEXT_END);
	size_t good = 0;
	while (good < text.len) { /* whole characters only */
		unsigned char c = (unsigned char)text.p[good];
		size_t step = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
		test_check("what comes out is UTF-8", step > 0 && step <= text.len - good);
		for (size_t k = 1; k < step; k++)
			test_check("what comes out is UTF-8", (text.p[good + k] & 0xc0) == 0x80);
		good += step;
	}
	uint32_t last = 0;
	for (uint32_t i = 0; i < text.len; i++) {
		uint32_t from = mh_decode_begin(decode, i), to = mh_decode_end(decode, i + 1);
		test_check("places grow", from >= last);
		test_check("a range has octets of the input", from < to && to <= in.len);
		last = from;
	}
	if (!decode->encoded && !decode->not_utf8 && !decode->cut)
		test_span("a text that needs nothing passes", text, in);
}

static void
any_octets_decode(void **state)
{
	struct decoding d;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_mangled(mh_str_z(cases[i].in), check_any, &d.decode);
	end(&d);
}

static void
random_octets_decode(void **state)
{
	static const char *const bits[] = { "=?", "utf-8", "?Q?", "?B?", "?=", "=C3", "=A9", "_", "$B", "(B",
		"\x1b", "\x1b$B", "\x1b(B", "F|", "K\\", "\xe9", "\xc3\xa9", "\xe2\x82\xac", "abc", " ",
		"\r\n", "550 ", "\x80", "iso-2022-jp", "gb2312", "Ym8=", "\xff", "koi8-r",
		"\xf0\x9f\x93\xa7" };
	struct test_random random = { 1 };
	struct decoding d;
	(void)state;
	begin(&d);
	for (int n = 0; n < 20000; n++) {
		char in[400];
		size_t len = 0;
		for (size_t k = test_random_below(&random, 20); k > 0; k--) {
			const char *bit = bits[test_random_below(&random, MH_COUNT(bits))];
			memcpy(in + len, bit, strlen(bit));
			len += strlen(bit);
		}
		check_any(mh_str_n(in, len), &d.decode);
	}
	end(&d);
}

/* fill - one piece again and again, up to 32,768 octets, the longest input there is */
static size_t
fill(char out[32768], const char *piece)
{
	size_t len = strlen(piece), n = 0;
	while (n + len <= 32768) {
		memcpy(out + n, piece, len);
		n += len;
	}
	return n;
}

static void
growth_is_bounded(void **state)
{
	static const char *const pieces[] = { "\x80", "\xe9", "=?", "=?utf-8?Q?",
		"=?utf-8?Q?=E9?=", "=?big5?B?pKSk5Q==?=", "$B", "\x1b$B", "\x1b$BF|K\\\x1b(B", "$BF|(B",
		"=?utf-8?B?gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA?=", "\xe2\x82\xac", "\xe2\x82",
		"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "x" };
	static char in[32768];
	struct decoding d;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < MH_COUNT(pieces); i++) {
		size_t len = fill(in, pieces[i]);
		check_any(mh_str_n(in, len), &d.decode);
		test_check("memory is bounded", d.alloc.live_octets <= 1024 * 1024);
	}
	/* 32,768 euro signs of windows-1252 are 98,304 octets: cut, and on a whole character */
	memset(in, 0x80, sizeof(in));
	check_any(mh_str_n(in, sizeof(in)), &d.decode);
	test_check("a text that grows too long is cut", d.decode.cut);
	test_number("it is cut on a whole character", d.decode.text.len, TEXT_END / 3 * 3);
	in[0] = 'x';
	check_any(mh_str_n(in, sizeof(in)), &d.decode);
	test_number("it is cut on a whole character, whatever goes before", d.decode.text.len,
	    1 + (TEXT_END - 1) / 3 * 3);
	assert_int_equal(mh_decode_run(&d.decode, MH_STR("short")), MH_ERR_OK);
	test_check("the next one is not cut", !d.decode.cut);
	end(&d);
}

/* ------------------------------------------------------------------------- allocation */

static void
warm_texts_need_no_memory(void **state)
{
	static const char *const texts[] = { "550 5.1.1 no such user", "550 bo\xc3\xaete pleine",
		"550 bo\xeete pleine" };
	struct decoding d;
	(void)state;
	begin(&d);
	for (size_t i = 0; i < MH_COUNT(texts); i++)
		assert_int_equal(mh_decode_run(&d.decode, mh_str_z(texts[i])), MH_ERR_OK);
	size_t before = d.alloc.calls;
	for (size_t i = 0; i < MH_COUNT(texts); i++)
		assert_int_equal(mh_decode_run(&d.decode, mh_str_z(texts[i])), MH_ERR_OK);
	test_number("ASCII, UTF-8 and windows-1252 allocate nothing once warm", d.alloc.calls, before);
	end(&d);
}

static bool
decode_with(struct mh_mem mem, void *arg)
{
	struct mh_decode decode;
	mh_decode_init(&decode, &mem);
	int result = mh_decode_run(&decode, mh_str_z(arg));
	if (result != MH_ERR_OK)
		assert_int_equal(result, MH_ERR_ENOMEM);
	else
		test_check("what has found no memory is not told to be unreadable", !decode.unreadable);
	mh_decode_free(&decode);
	return result == MH_ERR_OK;
}

static void
no_memory_is_an_answer(void **state)
{
	static const char *const texts[] = { "550 no", "550 bo\xeete", "550 =?utf-8?Q?=C3=A9?= no",
		"550 =?big5?B?pKSk5Q==?=", "550 \x1b$BF|K\\\x1b(B no", "550 $BF|K\\(B no" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(texts); i++)
		(void)test_failing_allocs(decode_with, (void *)(uintptr_t)texts[i], false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_out_as_utf8),
		cmocka_unit_test(octets_are_found_in_the_input),
		cmocka_unit_test(where_the_first_odd_octet_is),
		cmocka_unit_test(any_octets_decode),
		cmocka_unit_test(random_octets_decode),
		cmocka_unit_test(growth_is_bounded),
		cmocka_unit_test(warm_texts_need_no_memory),
		cmocka_unit_test(no_memory_is_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
