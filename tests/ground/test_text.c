/* test_text.c - lib/ground/text.c */
#include "support.h"

#include "text.h"

/* -------------------------------------------------------------------- UTF-8 */

/* clang-format off */
static const struct utf8_case {
	uint32_t cp;
	const char *octets; /* "": cannot be encoded */
} utf8_cases[] = {
	{ 0x41, "A" }, { 0x7f, "\x7f" }, { 0x80, "\xc2\x80" }, { 0xe9, "\xc3\xa9" },
	{ 0x7ff, "\xdf\xbf" }, { 0x800, "\xe0\xa0\x80" }, { 0x20ac, "\xe2\x82\xac" },
	{ 0xd7ff, "\xed\x9f\xbf" }, { 0xd800, "" }, { 0xdfff, "" }, { 0xe000, "\xee\x80\x80" },
	{ 0xffff, "\xef\xbf\xbf" }, { 0x10000, "\xf0\x90\x80\x80" }, { 0x1f4e7, "\xf0\x9f\x93\xa7" },
	{ 0x10ffff, "\xf4\x8f\xbf\xbf" }, { 0x110000, "" }, { 0xffffffff, "" },
};
/* clang-format on */

static void
utf8_is_that_of_rfc_3629(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(utf8_cases) / sizeof(utf8_cases[0]); i++) {
		const struct utf8_case *c = &utf8_cases[i];
		char out[4];
		uint32_t cp = 7;
		int len = mh_utf8_put(c->cp, out);
		test_span(c->octets, mh_str_n(out, (size_t)len), mh_str_z(c->octets));
		if (len == 0)
			continue;
		for (size_t have = 0; have <= (size_t)len; have++) {
			char *p = guard_copy(out, have);
			int got = mh_utf8_get(p, have, &cp);
			test_number("only the whole sequence is one", got, have == (size_t)len ? len : 0);
			guard_free(p, have);
		}
		assert_true(cp == c->cp);
	}
}

static void
utf8_round_trip(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x110000; cp++) {
		char out[4];
		uint32_t again = cp + 1;
		int len = mh_utf8_put(cp, out);
		bool surrogate = cp >= 0xd800 && cp < 0xe000;
		assert_int_equal(len, surrogate ? 0 : cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4);
		if (len > 0) {
			assert_int_equal(mh_utf8_get(out, (size_t)len, &again), len);
			assert_true(again == cp);
		}
	}
}

/* What is no encoding of anything is refused: every two first octets, with third and fourth ones
 * at the edges.  Read without any check, then written again: only what comes out the same was
 * UTF-8. */
static void
utf8_refuses_all_else(void **state)
{
	static const unsigned char edges[] = { 0x00, 0x7f, 0x80, 0x9f, 0xa0, 0xbf, 0xc0, 0xff };
	(void)state;
	for (unsigned int i = 0; i < 256 * 256 * 64; i++) {
		unsigned char s[4] = { (unsigned char)(i >> 14), (unsigned char)(i >> 6), edges[i >> 3 & 7],
			edges[i & 7] };
		uint32_t cp = 0;
		char again[4];
		int got = mh_utf8_get((const char *)s, 4, &cp);
		int len = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
		uint32_t raw = len == 1 ? s[0] : s[0] & (0x7fU >> len);
		for (int k = 1; k < len; k++)
			raw = raw << 6 | (s[k] & 0x3f);
		bool good = mh_utf8_put(raw, again) == len && memcmp(again, s, (size_t)len) == 0;
		assert_int_equal(got, good ? len : 0);
		if (good)
			assert_true(cp == raw);
	}
}

static void
ascii_prefix_at_every_place(void **state)
{
	char text[41];
	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t len = 0; len <= 40; len++) {
		for (size_t at = 0; at <= len; at++) {
			text[at] = (char)0x80;
			char *p = guard_copy(text, len);
			size_t want = at < len ? at : len;
			assert_int_equal(mh_ascii_prefix(mh_str_n(p, len)), want);
			assert_int_equal(mh_utf8_prefix(mh_str_n(p, len)), want);
			guard_free(p, len);
			text[at] = (char)(at % 128);
		}
	}
	assert_int_equal(mh_ascii_prefix(mh_str_z(NULL)), 0);
	assert_int_equal(mh_utf8_prefix(mh_str_z(NULL)), 0);
}

/* clang-format off */
static const struct {
	const char *name, *text;
	size_t want;
} prefix_cases[] = {
	{ "all of it", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\xa7!", 15 },
	{ "up to a stray octet", "abc\xff" "def", 3 },
	{ "up to a sequence that is cut off", "12345678\xe2\x82", 8 },
	{ "up to an overlong slash", "ab\xc3\xa9\xc0\xaf", 4 },
	{ "up to a surrogate", "\xed\xa0\x80", 0 },
	{ "nothing", "", 0 },
};
/* clang-format on */

static void
utf8_prefixes(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(prefix_cases); i++) {
		size_t len = strlen(prefix_cases[i].text);
		char *p = guard_copy(prefix_cases[i].text, len);
		test_number(prefix_cases[i].name, mh_utf8_prefix(mh_str_n(p, len)), prefix_cases[i].want);
		guard_free(p, len);
	}
}

/* ------------------------------------------------------------------ folding */

/* Words of replies, and what they are compared by. */
/* clang-format off */
static const char *const fold_cases[][2] = {
	{ "Mailbox FULL 4.2.2", "mailbox full 4.2.2" },
	{ "Zurückgewiesen: Größe ÜBERSCHRITTEN, STRAẞE", "zuruckgewiesen: grosse uberschritten, strasse" },
	{ "Boîte pleine, refusé, ŒUVRE, Ÿ", "boite pleine, refuse, oeuvre, y" },
	{ "Buzón lleno, ESPAÑOL ¿no?", "buzon lleno, espanol ¿no?" },
	{ "Rejeição NÃO É POSSÍVEL", "rejeicao nao e possivel" },
	{ "ÆRØ ÅÄÖ Þór Ísland Ðað", "aero aao thor island dad" },
	{ "Odrzucono: ŻÓŁĆ, gęślą jaźń", "odrzucono: zolc, gesla jazn" },
	{ "PŘÍLIŠ ŽLUŤOUČKÝ KŮŇ ďábelské", "prilis zlutoucky kun dabelske" },
	{ "ELUTASÍTVA: TÚL NAGY ŐŰ", "elutasitva: tul nagy ou" },
	{ "İSTANBUL ıŞĞ", "istanbul isg" },
	{ "CĂSUȚĂ PLINĂ ŞŢ șț", "casuta plina st st" },
	{ "ĐÃ ĐẦY: Hộp thư đến bị từ chối ƯƠ ỸỶỴ", "da day: hop thu den bi tu choi uo yyy" },
	{ "ĀĒĪŌŪ ĢĶĻŅ ŲĖ ŊŋŦŧĦħ", "aeiou gkln ue nntthh" },
	{ "Ĳssel Ŀ ŀ Ǆ Ǉ Ǌ Ƕ ǣ", "ijssel l l dz lj nj hv ae" },
	{ "ПОЧТОВЫЙ ЯЩИК ПЕРЕПОЛНЕН Ёё Й", "почтовый ящик переполнен ее й" },
	{ "ПЕРЕВИЩЕНО: ЇЄҐІ, ЎЏЉ, Ҙ Ҡ Ӏ Ӂ Ӎ Ә Ѡ", "перевищено: їєґі, ўџљ, ҙ ҡ ӏ ӂ ӎ ә ѡ" },
	{ "ΤΟ ΜΉΝΥΜΑ ΑΠΟΡΡΊΦΘΗΚΕ ΐΰ ΪΫ Ώς", "το μηνυμα απορριφθηκε ιυ ιυ ωσ" },
	{ "Ἄνθρωπος Ὦ ᾧ ῥ", "ανθρωποσ ω ω ρ" },
	{ "ＦＵＬＬ　ｗｉｄｔｈ：５５０～", "full width:550~" },
	{ "don’t ‘x’ обʼєкт", "don't 'x' об'єкт" },
	{ "a‐b‑c‒d–e—f―g", "a-b-c-d-e-f-g" },
	{ "a\u00a0b\u2009c\u202fd\u3000e", "a b c d e" },
	{ "Ə Ɔ Ɛ Ʒ Ǝ", "ə ɔ ɛ ʒ ǝ" },
	{ "× ÷ « » ª º µ ƿ 中文 日本 한국 עברית", "× ÷ « » ª º µ ƿ 中文 日本 한국 עברית" },
};
/* clang-format on */

/* fold - all of s folded */
static void
fold(struct mh_str s, struct mh_buf *out)
{
	for (size_t at = 0; at < s.len;) {
		uint32_t cp, second;
		char octets[4];
		int n = mh_utf8_get(s.p + at, s.len - at, &cp);
		assert_true(n > 0);
		at += (size_t)n;
		cp = mh_fold(cp, &second);
		mh_buf_put(out, octets, (size_t)mh_utf8_put(cp, octets));
		if (second != 0)
			mh_buf_putc(out, (char)second);
	}
}

static void
words_fold(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (size_t i = 0; i < MH_COUNT(fold_cases); i++) {
		mh_buf_reset(&out);
		fold(mh_str_z(fold_cases[i][0]), &out);
		test_span(fold_cases[i][0], mh_str_z(mh_buf_z(&out)), mh_str_z(fold_cases[i][1]));
	}
	mh_buf_free(&out);
}

static void
folding_twice_changes_nothing(void **state)
{
	(void)state;
	for (uint32_t cp = 0; cp < 0x11000; cp++) {
		uint32_t second = 7, other = 7;
		uint32_t once = mh_fold(cp, &second);
		assert_true(mh_fold(once, &other) == once);
		assert_true(other == 0);
		if (second != 0) {
			assert_true(once >= 'a' && once <= 'z');
			assert_true(second >= 'a' && second <= 'z');
		}
	}
}

/* clang-format off */
/* In these ranges capitals lie at a fixed distance from their small letters, or beside them. */
static const struct {
	uint32_t first, last, step, distance;
} capital_ranges[] = {
	{ 'A', 'Z', 1, 32 }, { 0xc0, 0xd6, 1, 32 }, { 0xd8, 0xde, 1, 32 },
	{ 0x100, 0x12e, 2, 1 }, { 0x132, 0x136, 2, 1 }, { 0x139, 0x147, 2, 1 },
	{ 0x14a, 0x176, 2, 1 }, { 0x179, 0x17d, 2, 1 }, { 0x1a0, 0x1a4, 2, 1 },
	{ 0x1cd, 0x1db, 2, 1 }, { 0x1de, 0x1ee, 2, 1 }, { 0x1f8, 0x21e, 2, 1 },
	{ 0x222, 0x232, 2, 1 }, { 0x246, 0x24e, 2, 1 }, { 0x1e00, 0x1e94, 2, 1 },
	{ 0x1ea0, 0x1efe, 2, 1 }, { 0x391, 0x3a1, 1, 32 }, { 0x3a3, 0x3ab, 1, 32 },
	{ 0x400, 0x40f, 1, 80 }, { 0x410, 0x42f, 1, 32 }, { 0x460, 0x480, 2, 1 },
	{ 0x48a, 0x4be, 2, 1 }, { 0x4c0, 0x4c0, 1, 15 }, { 0x4c1, 0x4cd, 2, 1 },
	{ 0x4d0, 0x52e, 2, 1 }, { 0x1f08, 0x1f0f, 1, (uint32_t)-8 }, { 0xff21, 0xff3a, 1, 32 },
};
/* clang-format on */

static void
capitals_fold_as_small_letters(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(capital_ranges); i++)
		for (uint32_t cp = capital_ranges[i].first; cp <= capital_ranges[i].last;
		     cp += capital_ranges[i].step) {
			uint32_t second, other;
			uint32_t big = mh_fold(cp, &second);
			test_number("a capital", big, mh_fold(cp + capital_ranges[i].distance, &other));
			test_number("a capital's second letter", second, other);
			test_check("a capital changes", big != cp);
		}
}

/* ----------------------------------------------------------------- decoders */

enum which { BASE64, QP, Q };

/* clang-format off */
static const struct decode_case {
	const char *name;
	enum which which;
	bool clean;
	const char *in;
	const char *out;
} decode_cases[] = {
	{ "nothing is nothing", BASE64, true, "", "" },
	{ "two digits with padding", BASE64, true, "Zg==", "f" },
	{ "three digits with padding", BASE64, true, "Zm8=", "fo" },
	{ "four digits", BASE64, true, "Zm9v", "foo" },
	{ "four and two", BASE64, true, "Zm9vYg==", "foob" },
	{ "four and three", BASE64, true, "Zm9vYmE=", "fooba" },
	{ "eight digits", BASE64, true, "Zm9vYmFy", "foobar" },
	{ "both special digits", BASE64, true, "+/+/", "\xfb\xff\xbf" },
	{ "line ends stand anywhere", BASE64, true, "Zm\r\n9v\r\n Ym\tFy\n", "foobar" },
	{ "padding may be missing", BASE64, true, "Zg", "f" },
	{ "padding may be short", BASE64, true, "Zg=", "f" },
	{ "padding may be broken over lines", BASE64, true, "Zg=\r\n=\r\n", "f" },
	{ "padding behind full groups is wrong", BASE64, false, "Zm9v=", "foo" },
	{ "too much padding is wrong", BASE64, false, "Zm8==", "fo" },
	{ "other octets are skipped", BASE64, false, "Zm-9_v!", "foo" },
	{ "octets above ASCII are skipped", BASE64, false, "Zm\xc3\xa9" "9v", "foo" },
	{ "what follows the padding is not read", BASE64, false, "Zg==Zg==", "f" },
	{ "one digit is no octet", BASE64, false, "Zm9vY", "foo" },
	{ "one digit and padding", BASE64, false, "Y===", "" },

	{ "plain text", QP, true, "Hello, world_", "Hello, world_" },
	{ "an octet in hexadecimal", QP, true, "caf=C3=A9", "caf\xc3\xa9" },
	{ "small hexadecimal is tolerated", QP, true, "=c3=a9=3d", "\xc3\xa9=" },
	{ "line ends stay", QP, true, "a\r\nb\nc", "a\r\nb\nc" },
	{ "soft line ends go", QP, true, "a=\r\nb=\nc", "abc" },
	{ "spaces behind a soft line end go", QP, true, "a= \t\r\nb", "ab" },
	{ "spaces at line ends go", QP, true, "a \t\r\nb  ", "a\r\nb" },
	{ "an encoded space at a line end stays", QP, true, "a=20\r\n", "a \r\n" },
	{ "a soft end at the very end", QP, true, "abc=", "abc" },
	{ "no hexadecimal stays as it is", QP, false, "1=ZZ2", "1=ZZ2" },
	{ "half of it stays as it is", QP, false, "a=C", "a=C" },
	{ "two equals signs", QP, false, "a==41", "a=A" },
	{ "octets above ASCII stay", QP, false, "caf\xe9", "caf\xe9" },
	{ "controls stay", QP, false, "a\x01" "b", "a\x01" "b" },
	{ "a CR alone stays", QP, false, "a\rb", "a\rb" },
	{ "a mistake does not spoil the next line", QP, false, "=G\r\n=41", "=G\r\nA" },

	{ "underscores are spaces", Q, true, "a_b=5Fc", "a b_c" },
	{ "an octet in hexadecimal", Q, true, "=E4=f6", "\xe4\xf6" },
	{ "a raw space is tolerated", Q, true, "a b ", "a b " },
	{ "no soft line ends here", Q, false, "a=", "a=" },
	{ "no line ends here", Q, false, "a\r\n", "a\r\n" },
	{ "octets above ASCII stay", Q, false, "\xff", "\xff" },
	{ "an encoded NUL is one octet", Q, true, "=00", "" }, /* seen by its length below */
};
/* clang-format on */

static bool
decode(enum which which, struct mh_str in, struct mh_buf *out)
{
	switch (which) {
	case BASE64:
		return mh_base64_decode(in, out);
	case QP:
		return mh_qp_decode(in, out);
	default:
		return mh_q_decode(in, out);
	}
}

static void
decoders_decode(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (size_t i = 0; i < MH_COUNT(decode_cases); i++) {
		const struct decode_case *c = &decode_cases[i];
		size_t len = strlen(c->in);
		char *p = guard_copy(c->in, len);
		mh_buf_reset(&out);
		mh_buf_puts(&out, "> ");
		bool clean = decode(c->which, mh_str_n(p, len), &out);
		test_check(c->name, clean == c->clean);
		test_check(c->name, !out.bad && memcmp(out.p, "> ", 2) == 0);
		if (strcmp(c->in, "=00") == 0)
			test_span(c->name, mh_str_n(out.p + 2, out.len - 2), mh_str_n("\0", 1));
		else
			test_span(c->name, mh_str_n(out.p + 2, out.len - 2), mh_str_z(c->out));
		guard_free(p, len);
	}
	mh_buf_free(&out);
}

/* encode - the plain way to base64, 57 octets to a line */
static void
encode(struct mh_str s, struct mh_buf *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *p = (const unsigned char *)s.p;
	for (size_t i = 0; i < s.len; i += 3) {
		uint32_t bits = (uint32_t)p[i] << 16;
		bits |= i + 1 < s.len ? (uint32_t)p[i + 1] << 8 : 0;
		bits |= i + 2 < s.len ? p[i + 2] : 0;
		mh_buf_putc(out, digits[bits >> 18 & 63]);
		mh_buf_putc(out, digits[bits >> 12 & 63]);
		mh_buf_putc(out, i + 1 < s.len ? digits[bits >> 6 & 63] : '=');
		mh_buf_putc(out, i + 2 < s.len ? digits[bits & 63] : '=');
		if (i % 57 == 54)
			mh_buf_puts(out, "\r\n");
	}
}

static void
base64_round_trip(void **state)
{
	struct test_random random = { 2 };
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text, back;
	char octets[300];
	(void)state;
	mh_buf_init(&text, &mem, 1000);
	mh_buf_init(&back, &mem, 1000);
	for (size_t len = 0; len < sizeof(octets); len++) {
		test_random_fill(&random, octets, len);
		mh_buf_reset(&text);
		mh_buf_reset(&back);
		encode(mh_str_n(octets, len), &text);
		assert_true(mh_base64_decode(mh_str_n(text.p, text.len), &back));
		test_span("what was encoded", mh_str_n(back.p, back.len), mh_str_n(octets, len));
	}
	mh_buf_free(&text);
	mh_buf_free(&back);
}

static void
look_text(struct mh_str s, void *arg)
{
	struct mh_buf *out = arg;
	size_t prefix = mh_utf8_prefix(s), at = 0;
	uint32_t cp, second;
	int n;

	assert_true(mh_ascii_prefix(s) <= prefix && prefix <= s.len);
	for (; at < prefix; at += (size_t)n) {
		n = mh_utf8_get(s.p + at, s.len - at, &cp);
		assert_true(n > 0);
		mh_fold(cp, &second);
	}
	assert_int_equal(at, prefix);
	if (at < s.len)
		assert_int_equal(mh_utf8_get(s.p + at, s.len - at, &cp), 0);
	for (enum which which = BASE64; which <= Q; which++) {
		mh_buf_reset(out);
		decode(which, s, out);
		assert_false(out->bad);
		assert_true(out->len <= s.len);
	}
}

static void
broken_texts(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 1000);
	for (size_t i = 0; i < MH_COUNT(decode_cases); i++)
		test_mangled(mh_str_z(decode_cases[i].in), look_text, &out);
	for (size_t i = 0; i < MH_COUNT(prefix_cases); i++)
		test_mangled(mh_str_z(prefix_cases[i].text), look_text, &out);
	test_mangled(mh_str_z(fold_cases[11][0]), look_text, &out);
	mh_buf_free(&out);
}

static bool
decode_scenario(struct mh_mem mem, void *arg)
{
	static const char in[] = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9w";
	struct mh_buf out;
	mh_buf_init(&out, &mem, 4096);
	for (int i = 0; i < 20; i++)
		assert_true(decode(*(enum which *)arg, mh_str_n(in, sizeof(in) - 1), &out));
	bool well = !out.bad;
	mh_buf_free(&out);
	return well;
}

static void
decoders_without_memory(void **state)
{
	(void)state;
	for (enum which which = BASE64; which <= Q; which++)
		assert_int_equal(test_failing_allocs(decode_scenario, &which, false),
		    which == BASE64 ? 3 : 4);
}

static void
decoders_know_ceilings(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 6);
	assert_true(mh_base64_decode(MH_STR("Z m 9 v Y m F y"), &out));
	assert_string_equal(mh_buf_z(&out), "foobar");
	mh_buf_reset(&out);
	assert_true(mh_base64_decode(MH_STR("Zm9vYmFyZg=="), &out));
	assert_true(out.bad);
	mh_buf_free(&out);
}

static void
windows_1252(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		if (c < 0x80 || c >= 0xa0)
			assert_int_equal(mh_windows1252((unsigned char)c), c);
	assert_int_equal(mh_windows1252(0x80), 0x20ac);
	assert_int_equal(mh_windows1252(0x92), 0x2019);
	assert_int_equal(mh_windows1252(0x96), 0x2013);
	assert_int_equal(mh_windows1252(0x8a), 0x160);
	assert_int_equal(mh_windows1252(0x9f), 0x178);
	assert_int_equal(mh_windows1252(0x81), 0x81);
	assert_int_equal(mh_windows1252(0x9d), 0x9d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(utf8_is_that_of_rfc_3629),
		cmocka_unit_test(utf8_round_trip),
		cmocka_unit_test(utf8_refuses_all_else),
		cmocka_unit_test(ascii_prefix_at_every_place),
		cmocka_unit_test(utf8_prefixes),
		cmocka_unit_test(words_fold),
		cmocka_unit_test(folding_twice_changes_nothing),
		cmocka_unit_test(capitals_fold_as_small_letters),
		cmocka_unit_test(decoders_decode),
		cmocka_unit_test(base64_round_trip),
		cmocka_unit_test(broken_texts),
		cmocka_unit_test(decoders_without_memory),
		cmocka_unit_test(decoders_know_ceilings),
		cmocka_unit_test(windows_1252),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
