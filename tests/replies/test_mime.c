/* test_mime.c - lib/replies/mime.c, mime_field.c, mime_text.c */
#include "support.h"

#include <stdlib.h>

#include "error.h"
#include "mime.h"
#include "text.h"

static struct mh_mem mem;
static struct mh_arena arena;
static struct mh_mime mime;

static int
setup(void **state)
{
	(void)state;
	mem = mh_mem_default();
	mh_arena_init(&arena, &mem, 1u << 20);
	mh_mime_init(&mime, &mem, &arena);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	mh_mime_free(&mime);
	mh_arena_free(&arena);
	return 0;
}

static void
read_n(struct mh_str message)
{
	mh_arena_reset(&arena);
	assert_int_equal(mh_mime_read(&mime, message), MH_ERR_OK);
	assert_true(mime.count >= 1);
}

/* outline - the parts in one line: depth, type and body, "0m 1t[a] 1s[b]" */
static const char *
outline(void)
{
	static const char letters[] = "othmMGrRsSfdD"; /* by enum mh_mime_type */
	static char out[4096];
	size_t n = 0;
	for (size_t i = 0; i < mime.count && n < 3800; i++) {
		const struct mh_mime_part *part = &mime.parts[i];
		if (n > 0)
			out[n++] = ' ';
		out[n++] = (char)('0' + part->depth);
		out[n++] = letters[part->type];
		if (part->type == MH_MIME_MULTIPART || part->type == MH_MIME_MESSAGE)
			continue;
		size_t len = part->body.len < 40 ? part->body.len : 40;
		out[n++] = '[';
		for (size_t k = 0; k < len; k++)
			if (part->body.p[k] != '\r')
				out[n++] = part->body.p[k] == '\n' ? '|' : part->body.p[k];
		out[n++] = ']';
	}
	out[n] = '\0';
	return out;
}

#define HEAD "Subject: x\nContent-Type: multipart/mixed; boundary=\"b\"\n\n"

static const struct {
	const char *sentence, *message, *outline;
	uint32_t odd;
} shapes[] = {
	{ "a message without a header is text", "Hello.\nBye.\n", "0t[Hello.|Bye.|]", 0 },
	{ "a message without a body is empty text", "Subject: x\n", "0t[]", 0 },
	{ "an empty message has one part", "", "0t[]", 0 },
	{ "parts end before their boundaries",
	    HEAD "pre\n--b\n\none\n--b\nContent-Type: text/html\n\ntwo\n--b--\npost\n", "0m 1t[one] 1h[two]",
	    0 },
	{ "a part needs no empty line when it has no fields", HEAD "--b\none two\n--b--\n", "0m 1t[one two]",
	    0 },
	{ "a part may be all header", HEAD "--b\nContent-Type: text/html\n--b--\n", "0m 1h[]", 0 },
	{ "without a closing boundary the last part ends with the message", HEAD "--b\n\none\n",
	    "0m 1t[one|]", MH_BO_CUT },
	{ "a boundary may be followed by white space", HEAD "--b \t\n\none\n--b-- \n", "0m 1t[one]", 0 },
	{ "a longer line is not a boundary", HEAD "--b\n\n--bb\n--b--\n", "0m 1t[--bb]", 0 },
	{ "parts behind a closing boundary are parts", HEAD "--b\n\none\n--b--\n--b\n\ntwo\n--b--\n",
	    "0m 1t[one] 1t[two]", 0 },
	{ "a multipart without a boundary is a body", "Content-Type: multipart/mixed\n\n--b\n\none\n", "0m",
	    0 },
	{ "an outer boundary ends inner parts",
	    HEAD "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\none\n--b\n\ntwo\n--b--\n",
	    "0m 1m 2t[one] 1t[two]", 0 },
	{ "a message within has its own header",
	    HEAD "--b\nContent-Type: message/rfc822\n\nSubject: y\n\ninner\n--b--\n", "0m 1M 2t[inner]", 0 },
	{ "a message within is gone into when it has parts",
	    HEAD "--b\nContent-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=c\n\n--c\n"
		 "Content-Type: message/delivery-status\n\nX: 1\n--c--\n--b--\n",
	    "0m 1M 2m 3s[X: 1]", 0 },
	{ "an encoded message within is not",
	    HEAD "--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: "
		 "base64\n\nU3ViamVjdDogeQo=\n--b--\n",
	    "0m 1M", 0 },
	{ "parts of a digest are messages",
	    "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: y\n\nz\n--b--\n", "0m 1M 2t[z]",
	    0 },
	{ "kinds of reports are told apart",
	    HEAD "--b\nContent-Type: message/global-delivery-status\n\n\n--b\nContent-Type: "
		 "MESSAGE/Feedback-Report; x=y\n\n\n--b\nContent-Type: "
		 "text/rfc822-headers\n\n\n--b\nContent-Type: "
		 "message/disposition-notification\n\n\n--b--\n",
	    "0m 1S[] 1f[] 1r[] 1d[]", 0 },
};

static void
messages_have_the_parts_they_show(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(shapes); i++) {
		size_t len = strlen(shapes[i].message);
		char *other = malloc(2 * len + 1);
		for (int ends = 0; ends < 3; ends++) {
			size_t n = 0;
			for (size_t k = 0; k < len; k++) {
				if (shapes[i].message[k] == '\n' && ends > 0)
					other[n++] = '\r';
				if (shapes[i].message[k] != '\n' || ends < 2)
					other[n++] = shapes[i].message[k];
			}
			read_n(mh_str_n(other, n));
			char seen[4096];
			size_t out = 0;
			for (const char *p = outline(); *p != '\0'; p++)
				seen[out++] = *p;
			if (ends < 2) /* the outline of a text of CRs has no marks of its lines */
				test_span(shapes[i].sentence, mh_str_n(seen, out),
				    mh_str_z(shapes[i].outline));
			test_number(shapes[i].sentence, mime.odd, shapes[i].odd);
		}
		free(other);
	}
}

static void
lines_end_with_cr_lf_or_both(void **state)
{
	static const struct {
		const char *sentence, *text, *lines;
	} cases[] = {
		{ "LF", "a\nb\n\nc", "a|b||c|" },
		{ "CR LF", "a\r\nb\r\n\r\nc\r\n", "a|b||c|" },
		{ "CR", "a\rb\r\rc", "a|b||c|" },
		{ "CR CR LF is one end", "a\r\r\nb\r\r\n", "a|b|" },
		{ "nothing", "", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		char out[64];
		size_t n = 0;
		struct mh_str rest = mh_str_z(cases[i].text), line;
		while (mh_line_next(&rest, &line)) {
			memcpy(out + n, line.p, line.len);
			n += line.len;
			out[n++] = '|';
		}
		test_span(cases[i].sentence, mh_str_n(out, n), mh_str_z(cases[i].lines));
	}
}

static void
parameters_are_read_as_people_write_them(void **state)
{
	static const struct {
		const char *sentence, *value, *name, *want;
	} cases[] = {
		{ "plain", "text/plain; charset=utf-8", "charset", "utf-8" },
		{ "quoted", "text/plain; charset=\"utf-8\"", "charset", "utf-8" },
		{ "letter case does not matter", "text/plain; CHARSET=x", "charset", "x" },
		{ "space around the sign", "a/b ; boundary = \"x y\"", "boundary", "x y" },
		{ "a semicolon in quotes", "a/b; boundary=\"x;y\"; z=1", "boundary", "x;y" },
		{ "a quoted quote", "a/b; boundary=\"x\\\"y\"", "boundary", "x\"y" },
		{ "quotes without end", "a/b; boundary=\"xy", "boundary", "xy" },
		{ "a comment before it", "a/b; (why) boundary=x", "boundary", "x" },
		{ "an equals sign within", "a/b; boundary=----=_Part_1", "boundary", "----=_Part_1" },
		{ "folded", "a/b;\r\n\tboundary=x", "boundary", "x" },
		{ "absent", "a/b; other=x", "boundary", "" },
		{ "a longer name is another", "a/b; boundary2=x", "boundary", "" },
		{ "the first of two", "a/b; boundary=x; boundary=y", "boundary", "x" },
		{ "continued (RFC 2231)", "a/b; boundary*0=\"x-\"; boundary*1=y", "boundary", "x-y" },
		{ "encoded (RFC 2231)", "a/b; name*=utf-8''a%20b", "name", "a b" },
		{ "continued and encoded", "a/b; name*0*=utf-8'de'a%2D; name*1=b; name*2*=%41", "name",
		    "a-bA" },
		{ "percent sign without digits", "a/b; name*=utf-8''a%2", "name", "a%2" },
		{ "no value", "a/b; boundary", "boundary", "" },
		{ "nothing", "", "boundary", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_span(cases[i].sentence,
		    mh_param(&arena, mh_str_z(cases[i].value), mh_str_z(cases[i].name)),
		    mh_str_z(cases[i].want));
}

static void
fields_are_found_and_unfolded(void **state)
{
	static const char head[] =
	    "From somebody Thu Jan  1 00:00:00 1970\nA: one\nB : two\n three\nno field here\n"
	    "C:\nD:\n\tfour \nA: again\n\nE: not in the header\n";
	static const struct {
		const char *sentence, *name, *want;
	} cases[] = {
		{ "plain", "a", "one" },
		{ "space before the colon, folded", "B", "two three" },
		{ "empty", "C", "" },
		{ "all in the second line", "d", "four" },
	};
	struct mh_field field;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		test_check(cases[i].sentence, mh_field_find(mh_str_z(head), mh_str_z(cases[i].name), &field));
		test_span(cases[i].sentence, mh_unfold(&arena, field.value), mh_str_z(cases[i].want));
	}
	test_check("a field behind the header is not found",
	    !mh_field_find(mh_str_z(head), MH_STR("E"), &field));
}

static void
encoded_words_become_words(void **state)
{
	static const struct {
		const char *sentence, *value, *want;
		uint32_t odd;
	} cases[] = {
		{ "as it is", "plain = ?", "plain = ?", 0 },
		{ "Q", "=?iso-8859-1?q?gr=FC=DFe?= dich",
		    "gr\xc3\xbc\xc3\x9f"
		    "e dich",
		    0 },
		{ "B", "a =?UTF-8?B?w6Q=?= b", "a \xc3\xa4 b", 0 },
		{ "space between two words is not shown", "=?utf-8?q?a?= \r\n =?utf-8?q?b?=", "ab", 0 },
		{ "space between a word and text is", "=?utf-8?q?a?= b", "a b", 0 },
		{ "Japanese", "=?ISO-2022-JP?B?GyRCRnxLXBsoQg==?=", "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "an unknown charset is left", "=?x-what?q?a?= b", "=?x-what?q?a?= b", MH_BO_ENCODING },
		{ "octets without encoding",
		    "gr\xfc\xdf"
		    "e",
		    "gr\xc3\xbc\xc3\x9f"
		    "e",
		    0 },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mime.odd = 0;
		test_span(cases[i].sentence, mh_words_decode(&mime, mh_str_z(cases[i].value)),
		    mh_str_z(cases[i].want));
		test_number(cases[i].sentence, mime.odd, cases[i].odd);
	}
}

static void
bodies_come_out_as_utf8(void **state)
{
	static const struct {
		const char *sentence, *head, *body, *want;
		uint32_t odd;
	} cases[] = {
		{ "ASCII", "", "abc\n", "abc\n", 0 },
		{ "UTF-8 without a name", "", "\xc3\xa4\n", "\xc3\xa4\n", 0 },
		{ "Latin-1 without a name", "", "\xe4\n", "\xc3\xa4\n", 0 },
		{ "Latin-1 that says UTF-8", "Content-Type: text/plain; charset=utf-8\n", "\xe4\n",
		    "\xc3\xa4\n", 0 },
		{ "KOI8-R", "Content-Type: text/plain; charset=koi8-r\n", "\xc4\xc1", "\xd0\xb4\xd0\xb0", 0 },
		{ "windows-1251", "Content-Type: text/plain; charset=windows-1251\n", "\xe4\xe0",
		    "\xd0\xb4\xd0\xb0", 0 },
		{ "Shift_JIS", "Content-Type: text/plain; charset=Shift_JIS\n", "\x93\xfa\x96\x7b",
		    "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "EUC-JP", "Content-Type: text/plain; charset=euc-jp\n", "\xc6\xfc\xcb\xdc",
		    "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "EUC-JP that says ISO-2022-JP", "Content-Type: text/plain; charset=iso-2022-jp\n",
		    "\xc6\xfc\xcb\xdc", "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "ISO-2022-JP", "Content-Type: text/plain; charset=iso-2022-jp\n", "\x1b$BF|K\\\x1b(B",
		    "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "ISO-2022-JP without a name", "", "\x1b$BF|K\\\x1b(B", "\xe6\x97\xa5\xe6\x9c\xac", 0 },
		{ "EUC-KR", "Content-Type: text/plain; charset=euc-kr\n", "\xc7\xd1", "\xed\x95\x9c", 0 },
		{ "GB18030", "Content-Type: text/plain; charset=gb2312\n", "\xd6\xd0", "\xe4\xb8\xad", 0 },
		{ "Big5", "Content-Type: text/plain; charset=Big5\n", "\xa4\xa4", "\xe4\xb8\xad", 0 },
		{ "a charset nobody knows", "Content-Type: text/plain; charset=x-klingon\n", "\xe4",
		    "\xc3\xa4", MH_BO_ENCODING },
		{ "base64", "Content-Transfer-Encoding: BASE64\n", "YWJj\nZGU=\n", "abcde", 0 },
		{ "base64 with dirt", "Content-Transfer-Encoding: base64\n", "YW*Jj", "abc", MH_BO_ENCODING },
		{ "quoted-printable", "Content-Transfer-Encoding: quoted-printable\n", "a=\nb=C3=A4\n",
		    "ab\xc3\xa4\n", 0 },
		{ "an encoding nobody knows", "Content-Transfer-Encoding: x-rot13\n", "abc", "abc",
		    MH_BO_ENCODING },
		{ "an encoding with a comment", "Content-Transfer-Encoding: 7bit (default)\n", "abc", "abc",
		    0 },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		char message[512];
		size_t n = 0;
		for (const char *p = cases[i].head; *p != '\0'; p++)
			message[n++] = *p;
		message[n++] = '\n';
		for (const char *p = cases[i].body; *p != '\0'; p++)
			message[n++] = *p;
		read_n(mh_str_n(message, n));
		test_span(cases[i].sentence, mh_mime_text(&mime, &mime.parts[0], 1000),
		    mh_str_z(cases[i].want));
		test_number(cases[i].sentence, mime.odd, cases[i].odd);
	}
}

static void
html_becomes_lines(void **state)
{
	static const struct {
		const char *sentence, *html, *want;
	} cases[] = {
		{ "tags are gone", "<p>one <b>two</b></p>", "\none two\n" },
		{ "breaks are line ends", "one<br>two<BR/>three", "one\ntwo\nthree" },
		{ "styles are not read", "<style type=x>a { b: c }</style>d", "d" },
		{ "entities", "&lt;a&amp;b&gt; &#64;&#x41;&nbsp;&unknown;", "<a&b> @A &unknown;" },
		{ "an address in brackets stays", "to <user@example.org> it", "to <user@example.org> it" },
		{ "an open tag at the end", "a <b", "a <b" },
		{ "a sign that is no tag", "1 < 2", "1 < 2" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_span(cases[i].sentence, mh_html_text(&arena, mh_str_z(cases[i].html)),
		    mh_str_z(cases[i].want));
}

/* --------------------------------------------------------------------------- hostile */

static void
look_at_anything(struct mh_str s, void *arg)
{
	(void)arg;
	mh_arena_reset(&arena);
	assert_int_equal(mh_mime_read(&mime, s), MH_ERR_OK);
	for (size_t i = 0; i < mime.count; i++) {
		const struct mh_mime_part *part = &mime.parts[i];
		assert_true(part->parent <= i && part->depth <= MH_MIME_DEPTH + 1);
		assert_true(part->body.len <= s.len && part->head.len <= s.len);
		struct mh_str text = mh_mime_text(&mime, part, 4096);
		assert_non_null(text.p);
		assert_int_equal(mh_utf8_prefix(text), text.len);
		assert_non_null(mh_html_text(&arena, text).p);
	}
}

static void
broken_messages_are_read(void **state)
{
	static const char message[] =
	    "From x Thu Jan  1 00:00:00 1970\r\nSubject: =?iso-8859-1?q?=E4?= \r\n x\r\n"
	    "Content-Type: multipart/report; boundary*0=\"-\"; boundary*1=b; x=\"\\\"\"\r\n\r\n"
	    "---b\r\nContent-Transfer-Encoding: base64\r\n\r\nw6TDpA==\r\n---b\r\n"
	    "Content-Type: message/rfc822\r\n\r\nContent-Type: text/html; charset=koi8-r\r\n"
	    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>&#x41;=C4=C1=\r\n\r\n---b--\r\n";
	(void)state;
	test_mangled(MH_STR(message), look_at_anything, NULL);
}

static void
ten_thousand_nested_parts_are_a_few(void **state)
{
	struct mh_buf buf;
	(void)state;
	mh_buf_init(&buf, &mem, 8u << 20);
	for (int i = 0; i < 10000; i++) {
		mh_buf_puts(&buf, "Content-Type: multipart/mixed; boundary=b");
		mh_buf_putint(&buf, i);
		mh_buf_puts(&buf, "\n\n--b");
		mh_buf_putint(&buf, i);
		mh_buf_puts(&buf, "\n");
	}
	read_n(mh_str_n(buf.p, buf.len));
	test_check("depth is bounded", mime.count <= MH_MIME_DEPTH + 2);
	test_number("and said", mime.odd & MH_BO_DEPTH, MH_BO_DEPTH);
	mh_buf_reset(&buf);
	mh_buf_puts(&buf, HEAD);
	for (int i = 0; i < 10000; i++)
		mh_buf_puts(&buf, "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n");
	read_n(mh_str_n(buf.p, buf.len));
	test_check("the number of parts is bounded", mime.count <= MH_MIME_PARTS + 1);
	test_number("and said too", mime.odd & MH_BO_DEPTH, MH_BO_DEPTH);
	mh_buf_free(&buf);
}

static void
endless_headers_and_lines_end(void **state)
{
	size_t len = 3u << 20;
	char *text = malloc(len);
	(void)state;
	for (int kind = 0; kind < 5; kind++) {
		static const char fill[] = { 'x', ' ', '\r', '<', '=' };
		memset(text, fill[kind], len);
		memcpy(text, "Content-Type: text/plain; a=", 28);
		read_n(mh_str_n(text, len));
		struct mh_str body = mh_mime_text(&mime, &mime.parts[0], len);
		assert_non_null(mh_html_text(&arena, body).p);
		test_check("parameters of endless headers end", mime.parts[0].charset.p != NULL);
		memset(text, fill[kind], len);
		read_n(mh_str_n(text, len));
	}
	for (size_t i = 0; i + 8 <= len; i += 8)
		memcpy(text + i, "A: bcd\n\t", 8);
	read_n(mh_str_n(text, len));
	test_number("a long header is cut and said", mime.odd, MH_BO_LONG);
	test_number("at its limit", mime.parts[0].head.len, MH_MIME_HEAD);
	free(text);
}

static bool
read_without_memory(struct mh_mem given, void *arg)
{
	struct mh_arena small;
	struct mh_mime one;
	struct mh_str message = *(struct mh_str *)arg;
	mh_arena_init(&small, &given, 1u << 16);
	mh_mime_init(&one, &given, &small);
	bool good = mh_mime_read(&one, message) == MH_ERR_OK;
	for (size_t i = 0; i < one.count && good; i++)
		good = mh_mime_text(&one, &one.parts[i], 4096).p != NULL;
	good = good && mh_words_decode(&one, MH_STR("=?utf-8?b?w6Q=?=")).p != NULL;
	mh_mime_free(&one);
	mh_arena_free(&small);
	return good;
}

static void
no_memory_is_an_answer(void **state)
{
	struct mh_str message =
	    MH_STR(HEAD "--b\nContent-Transfer-Encoding: base64\n\nw6TDpA==\n--b\n\n\xe4\n--b--\n");
	(void)state;
	(void)test_failing_allocs(read_without_memory, &message, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_have_the_parts_they_show),
		cmocka_unit_test(lines_end_with_cr_lf_or_both),
		cmocka_unit_test(parameters_are_read_as_people_write_them),
		cmocka_unit_test(fields_are_found_and_unfolded),
		cmocka_unit_test(encoded_words_become_words),
		cmocka_unit_test(bodies_come_out_as_utf8),
		cmocka_unit_test(html_becomes_lines),
		cmocka_unit_test(broken_messages_are_read),
		cmocka_unit_test(ten_thousand_nested_parts_are_a_few),
		cmocka_unit_test(endless_headers_and_lines_end),
		cmocka_unit_test(no_memory_is_an_answer),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
