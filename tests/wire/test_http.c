/* test_http.c - lib/wire/http.c */
#include "support.h"

#include <stdio.h>

#include "http.h"

static struct mh_mem mem;

#define OK "HTTP/1.1 200 OK\r\n"

/* Answers whole: how they end, and what is read.  closes: the server does, behind the last octet. */
static const struct {
	const char *sentence;
	struct mh_str answer;
	bool closes;
	int why, status; /* why MH_HTTP_NOTHING_WRONG: done */
	const char *body;
} answers[] = {
	{ "a body of known length", MH_STR_INIT(OK "Content-Length: 5\r\n\r\nhello"), false, 0, 200,
	    "hello" },
	{ "what follows it is not read", MH_STR_INIT(OK "Content-Length: 5\r\n\r\nhello there"), true, 0, 200,
	    "hello" },
	{ "a body to the end", MH_STR_INIT(OK "\r\nhello"), true, 0, 200, "hello" },
	{ "no body at all, to the end", MH_STR_INIT(OK "\r\n"), true, 0, 200, "" },
	{ "HTTP/1.0", MH_STR_INIT("HTTP/1.0 200 OK\r\n\r\nhello"), true, 0, 200, "hello" },
	{ "no reason", MH_STR_INIT("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"), false, 0, 200, "" },
	{ "no reason and no space", MH_STR_INIT("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"), false, 0, 200,
	    "" },
	{ "lines that end in LF alone", MH_STR_INIT("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"), false, 0,
	    200, "hi" },
	{ "chunks", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"),
	    false, 0, 200, "hello" },
	{ "chunks with extensions and trailers",
	    MH_STR_INIT(
		OK "transfer-encoding: Chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0 ;x\r\nA: b\r\n\r\n"),
	    false, 0, 200, "hello" },
	{ "leading zeros of a chunk",
	    MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n0005\r\nhello\r\n000\r\n\r\n"), false, 0, 200,
	    "hello" },
	{ "a redirect is an answer",
	    MH_STR_INIT("HTTP/1.1 301 Moved\r\nLocation: https://x.test/\r\nContent-Length: 0\r\n\r\n"),
	    false, 0, 301, "" },
	{ "not found", MH_STR_INIT("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"), false, 0, 404,
	    "no" },
	{ "no content", MH_STR_INIT("HTTP/1.1 204 No Content\r\n\r\n"), false, 0, 204, "" },
	{ "hints first",
	    MH_STR_INIT("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Go\r\n\r\n" OK
			"Content-Length: 2\r\n\r\nhi"),
	    false, 0, 200, "hi" },
	{ "the length of a hint is not the answer's",
	    MH_STR_INIT("HTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n" OK "Content-Length: 2\r\n\r\nhi"),
	    false, 0, 200, "hi" },
	{ "the same length twice", MH_STR_INIT(OK "Content-Length: 2\r\nContent-Length: 2, 2\r\n\r\nhi"),
	    false, 0, 200, "hi" },
	{ "a header in any letter case, with an empty value",
	    MH_STR_INIT(OK "CONTENT-LENGTH:2\r\nX:\r\nY: \t \r\n\r\nhi"), false, 0, 200, "hi" },
	{ "identity is no coding",
	    MH_STR_INIT(OK "Content-Encoding: identity\r\nContent-Length: 2\r\n\r\nhi"), false, 0, 200,
	    "hi" },

	{ "nothing", MH_STR_INIT(""), true, MH_HTTP_NO_ANSWER, 0, "" },
	{ "half a status line", MH_STR_INIT("HTTP/1.1 2"), true, MH_HTTP_CUT, 0, "" },
	{ "half a header", MH_STR_INIT(OK "Content-Le"), true, MH_HTTP_CUT, 200, "" },
	{ "half a body", MH_STR_INIT(OK "Content-Length: 5\r\n\r\nhel"), true, MH_HTTP_CUT, 200, "hel" },
	{ "half a chunk", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"), true, MH_HTTP_CUT,
	    200, "hel" },
	{ "no last chunk", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n"), true,
	    MH_HTTP_CUT, 200, "hel" },
	{ "SMTP", MH_STR_INIT("220 mx.test ESMTP\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "HTML without a status line", MH_STR_INIT("<html>"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "HTTP/2 in words", MH_STR_INIT("HTTP/2 200\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "a status of two digits", MH_STR_INIT("HTTP/1.1 20 OK\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "a status of four digits", MH_STR_INIT("HTTP/1.1 2000\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "two spaces", MH_STR_INIT("HTTP/1.1  200 OK\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "status 0", MH_STR_INIT("HTTP/1.1 000 OK\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "NUL in the reason", MH_STR_INIT("HTTP/1.1 200 O\0K\r\n"), false, MH_HTTP_STATUS_LINE, 0, "" },
	{ "a change of protocol", MH_STR_INIT("HTTP/1.1 101 Switching\r\n\r\n"), false, MH_HTTP_INTERIM, 0,
	    "" },
	{ "no colon", MH_STR_INIT(OK "Content-Length 5\r\n"), false, MH_HTTP_HEADER, 200, "" },
	{ "a space before the colon", MH_STR_INIT(OK "Content-Length : 5\r\n"), false, MH_HTTP_HEADER, 200,
	    "" },
	{ "a line that goes on", MH_STR_INIT(OK "A: b\r\n c\r\n"), false, MH_HTTP_HEADER, 200, "" },
	{ "a name of nothing", MH_STR_INIT(OK ": b\r\n"), false, MH_HTTP_HEADER, 200, "" },
	{ "NUL in a value", MH_STR_INIT(OK "A: b\0c\r\n"), false, MH_HTTP_HEADER, 200, "" },
	{ "CR in a value", MH_STR_INIT(OK "A: b\rc\r\n"), false, MH_HTTP_HEADER, 200, "" },
	{ "lengths that differ", MH_STR_INIT(OK "Content-Length: 2\r\nContent-Length: 3\r\n"), false,
	    MH_HTTP_LENGTH, 200, "" },
	{ "lengths that differ in one field", MH_STR_INIT(OK "Content-Length: 2, 3\r\n"), false,
	    MH_HTTP_LENGTH, 200, "" },
	{ "a length with a sign", MH_STR_INIT(OK "Content-Length: +2\r\n"), false, MH_HTTP_LENGTH, 200, "" },
	{ "a negative length", MH_STR_INIT(OK "Content-Length: -2\r\n"), false, MH_HTTP_LENGTH, 200, "" },
	{ "a length of nothing", MH_STR_INIT(OK "Content-Length:\r\n"), false, MH_HTTP_LENGTH, 200, "" },
	{ "a length that ends in a comma", MH_STR_INIT(OK "Content-Length: 2,\r\n"), false, MH_HTTP_LENGTH,
	    200, "" },
	{ "a length beyond all numbers", MH_STR_INIT(OK "Content-Length: 99999999999999999999\r\n"), false,
	    MH_HTTP_LENGTH, 200, "" },
	{ "length and chunks", MH_STR_INIT(OK "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"),
	    false, MH_HTTP_LENGTH_CONFLICT, 200, "" },
	{ "another transfer coding", MH_STR_INIT(OK "Transfer-Encoding: gzip, chunked\r\n"), false,
	    MH_HTTP_TRANSFER_CODING, 200, "" },
	{ "chunked twice", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
	    false, MH_HTTP_TRANSFER_CODING, 200, "" },
	{ "chunks in HTTP/1.0", MH_STR_INIT("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n"), false,
	    MH_HTTP_TRANSFER_CODING, 200, "" },
	{ "a compressed body", MH_STR_INIT(OK "Content-Encoding: gzip\r\n"), false, MH_HTTP_CONTENT_CODING,
	    200, "" },
	{ "a chunk without a size", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n\r\n"), false,
	    MH_HTTP_CHUNK, 200, "" },
	{ "a chunk with a sign", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n+2\r\n"), false,
	    MH_HTTP_CHUNK, 200, "" },
	{ "a chunk with 0x", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n0x2\r\n"), false,
	    MH_HTTP_CHUNK, 200, "" },
	{ "a chunk with nine digits", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n000000002\r\n"),
	    false, MH_HTTP_CHUNK, 200, "" },
	{ "a chunk that ends in LF", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n2\nhi"), false,
	    MH_HTTP_CHUNK, 200, "" },
	{ "a chunk that is longer than it says",
	    MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nhey\r\n"), false, MH_HTTP_CHUNK, 200,
	    "he" },
	{ "a malformed trailer", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n0\r\nA\r\n"), false,
	    MH_HTTP_HEADER, 200, "" },
	{ "a length above the limit", MH_STR_INIT(OK "Content-Length: 65537\r\n\r\n"), false,
	    MH_HTTP_TOO_LARGE, 200, "" },
	{ "a chunk above the limit", MH_STR_INIT(OK "Transfer-Encoding: chunked\r\n\r\n10001\r\n"), false,
	    MH_HTTP_TOO_LARGE, 200, "" },
};

/* feed - octets in pieces of step, then the end of the connection */
static void
feed(struct mh_http *http, struct mh_str s, size_t step, bool closes)
{
	while (s.len > 0 && http->state < MH_HTTP_DONE) {
		size_t n = step < s.len ? step : s.len;
		char *copy = guard_copy(s.p, n);
		(void)mh_http_feed(http, mh_str_n(copy, n));
		guard_free(copy, n);
		s = mh_str_n(s.p + n, s.len - n);
	}
	if (closes)
		mh_http_eof(http);
}

static void
check(const char *sentence, const struct mh_http *http, size_t i)
{
	test_number(sentence, http->why, answers[i].why);
	test_number(sentence, http->state, answers[i].why == 0 ? MH_HTTP_DONE : MH_HTTP_FAILED);
	test_number(sentence, http->status, answers[i].status);
	test_span(sentence, mh_str_n(mh_buf_z(&http->body), http->body.len), mh_str_z(answers[i].body));
}

static void
answers_in_pieces_of_every_size(void **state)
{
	struct mh_http http;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(answers); i++)
		for (size_t step = 1; step <= answers[i].answer.len + 1; step++) {
			mh_http_init(&http, &mem, NULL);
			feed(&http, answers[i].answer, step, answers[i].closes);
			check(answers[i].sentence, &http, i);
			test_check(answers[i].sentence, !mh_http_feed(&http, MH_STR("more")));
			check(answers[i].sentence, &http, i);
			mh_http_free(&http);
		}
}

static void
answers_cut_in_two_at_every_place(void **state)
{
	struct mh_http http;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(answers); i++)
		for (size_t at = 0; at <= answers[i].answer.len; at++) {
			mh_http_init(&http, &mem, NULL);
			feed(&http, mh_str_n(answers[i].answer.p, at), SIZE_MAX, false);
			feed(&http, mh_str_n(answers[i].answer.p + at, answers[i].answer.len - at), SIZE_MAX,
			    answers[i].closes);
			check(answers[i].sentence, &http, i);
			mh_http_free(&http);
		}
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_http whole, pieces;
	mh_http_init(&whole, &mem, NULL);
	mh_http_init(&pieces, &mem, NULL);
	(void)mh_http_feed(&whole, s);
	for (size_t i = 0; i < s.len; i++)
		(void)mh_http_feed(&pieces, mh_str_n(s.p + i, 1));
	mh_http_eof(&whole);
	mh_http_eof(&pieces);
	assert_true(whole.state >= MH_HTTP_DONE);
	assert_int_equal(whole.state, pieces.state);
	assert_int_equal(whole.why, pieces.why);
	assert_int_equal(whole.status, pieces.status);
	assert_int_equal(whole.body.len, pieces.body.len);
	assert_true(whole.body.len <= mh_http_usual.body);
	*(size_t *)arg += whole.state == MH_HTTP_DONE;
	mh_http_free(&whole);
	mh_http_free(&pieces);
}

/* Broken in any way, it ends in the same way however it comes. */
static void
broken_answers(void **state)
{
	size_t done = 0;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(answers); i++)
		test_mangled(answers[i].answer, look, &done);
	assert_true(done > 100);
}

static void
headers_are_kept(void **state)
{
	struct mh_http http;
	(void)state;
	mh_http_init(&http, &mem, NULL);
	(void)mh_http_feed(&http,
	    MH_STR("HTTP/1.1 103 x\r\nLocation: old\r\n\r\nHTTP/1.1 302 Found\r\nlocation:  /a b "
		   "\r\nLocation: second\r\n"
		   "Content-Type: text/plain; charset=utf-8\r\nX:\r\nContent-Length: 0\r\n\r\n"));
	assert_int_equal(http.state, MH_HTTP_DONE);
	test_span("the first one, trimmed", mh_http_header(&http, MH_STR("Location")), MH_STR("/a b"));
	test_span("content type", mh_http_header(&http, MH_STR("content-type")),
	    MH_STR("text/plain; charset=utf-8"));
	test_span("an empty one", mh_http_header(&http, MH_STR("x")), MH_STR(""));
	test_span("none", mh_http_header(&http, MH_STR("y")), MH_STR(""));
	mh_http_free(&http);
}

/* limit_at - how an answer ends that is put together of a start, count times a piece, and an end */
static int
limit_at(const char *start, const char *piece, size_t count, const char *rest)
{
	struct mh_http http;
	mh_http_init(&http, &mem, NULL);
	(void)mh_http_feed(&http, mh_str_z(start));
	for (size_t i = 0; i < count; i++)
		(void)mh_http_feed(&http, mh_str_z(piece));
	(void)mh_http_feed(&http, mh_str_z(rest));
	mh_http_eof(&http);
	int why = (int)http.why;
	assert_true(http.body.len <= mh_http_usual.body);
	assert_true(http.line.cap < 40000 && http.head.cap < 70000);
	mh_http_free(&http);
	return why;
}

static void
limits_hold(void **state)
{
	static const char chunks[] = OK "Transfer-Encoding: chunked\r\n\r\n";
	(void)state;
	assert_int_equal(limit_at(OK, "A: b\r\n", 100, "\r\n"), 0);
	assert_int_equal(limit_at(OK, "A: b\r\n", 101, "\r\n"), MH_HTTP_HEADERS_TOO_MANY);
	assert_int_equal(limit_at(OK "A: ", "a", 16384 - 17 - 3 - 4, "\r\n\r\n"), 0);
	assert_int_equal(limit_at(OK "A: ", "a", 16384 - 17 - 3 - 3, "\r\n\r\n"), MH_HTTP_HEADERS_TOO_LARGE);
	assert_int_equal(limit_at(OK "A: ", "a", 100000, ""), MH_HTTP_HEADERS_TOO_LARGE);
	assert_int_equal(limit_at("HTTP/1.1 200 ", "a", 100000, ""), MH_HTTP_HEADERS_TOO_LARGE);
	assert_int_equal(limit_at("", "<html>", 20000, ""), MH_HTTP_STATUS_LINE);
	assert_int_equal(limit_at(OK "\r\n", "a", 65536, ""), 0);
	assert_int_equal(limit_at(OK "\r\n", "a", 65537, ""), MH_HTTP_TOO_LARGE);
	assert_int_equal(limit_at(OK "Content-Length: 65536\r\n\r\n", "a", 65536, ""), 0);
	assert_int_equal(limit_at(chunks, "1\r\na\r\n", 65536, "0\r\n\r\n"), 0);
	assert_int_equal(limit_at(chunks, "1\r\na\r\n", 65537, "0\r\n\r\n"), MH_HTTP_TOO_LARGE);
	assert_int_equal(limit_at(chunks, "1;aaaaaaaaaaaaaaa\r\na\r\n", 2000, "0\r\n\r\n"),
	    MH_HTTP_HEADERS_TOO_LARGE);
	assert_int_equal(limit_at(OK "Transfer-Encoding: chunked\r\n\r\n5;", "a", 2000, ""), MH_HTTP_CHUNK);
	assert_int_equal(limit_at(OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", 99, "\r\n"), 0);
	assert_int_equal(limit_at(OK "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: b\r\n", 100, "\r\n"),
	    MH_HTTP_HEADERS_TOO_MANY);
	assert_int_equal(limit_at("", "HTTP/1.1 100 Go\r\n\r\n", 10, OK "Content-Length: 0\r\n\r\n"), 0);
	assert_int_equal(limit_at("", "HTTP/1.1 100 Go\r\n\r\n", 11, OK "Content-Length: 0\r\n\r\n"),
	    MH_HTTP_INTERIM);
}

static void
a_cut_body_is_no_whole_one(void **state)
{
	struct mh_http http;
	(void)state;
	mh_http_init(&http, &mem, NULL);
	(void)mh_http_feed(&http, MH_STR(OK "\r\nhello"));
	mh_http_cut(&http);
	assert_int_equal(http.why, MH_HTTP_CUT);
	mh_http_eof(&http);
	assert_int_equal(http.state, MH_HTTP_FAILED);
	mh_http_free(&http);
	mh_http_init(&http, &mem, NULL);
	mh_http_cut(&http);
	assert_int_equal(http.why, MH_HTTP_NO_ANSWER);
	mh_http_free(&http);
}

static bool
without_memory(struct mh_mem m, void *arg)
{
	struct mh_http http;
	mh_http_init(&http, &m, NULL);
	feed(&http, answers[*(size_t *)arg].answer, 7, true);
	bool good = http.why != MH_HTTP_NO_MEMORY;
	mh_http_free(&http);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(answers); i++)
		(void)test_failing_allocs(without_memory, &i, false);
}

static void
requests_are_written(void **state)
{
	static const struct {
		const char *host, *path, *agent;
		int port;
		bool good;
	} cases[] = {
		{ "mta-sts.example.org", "/.well-known/mta-sts.txt", "mailhealth/0.1", 443, true },
		{ "mta-sts.example.org", "/", "a", 8443, true },
		{ "", "/", "a", 0, false },
		{ "a b", "/", "a", 0, false },
		{ "m\xc3\xbcller.example", "/", "a", 0, false },
		{ "a.example", "", "a", 0, false },
		{ "a.example", "x", "a", 0, false },
		{ "a.example", "/a b", "a", 0, false },
		{ "a.example", "/\r\nX: y", "a", 0, false },
		{ "a.example", "/", "a\nb", 0, false },
		{ "a.example", "/", "a", -1, false },
		{ "a.example", "/", "a", 65536, false },
	};
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 4096);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_buf_reset(&out);
		bool good = mh_http_request(&out, mh_str_z(cases[i].host), cases[i].port,
		    mh_str_z(cases[i].path), MH_STR("text/plain"), mh_str_z(cases[i].agent));
		test_number(cases[i].path, good, cases[i].good);
		test_check(cases[i].path, good || out.len == 0);
		if (i == 0)
			assert_string_equal(mh_buf_z(&out),
			    "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.example.org\r\n"
			    "User-Agent: mailhealth/0.1\r\nAccept: text/plain\r\nConnection: close\r\n\r\n");
		if (i == 1)
			assert_non_null(strstr(mh_buf_z(&out), "\r\nHost: mta-sts.example.org:8443\r\n"));
	}
	mh_buf_free(&out);
}

static void
every_reason_has_a_word(void **state)
{
	(void)state;
	for (int i = MH_HTTP_NO_ANSWER; i <= MH_HTTP_NO_MEMORY; i++)
		assert_true(mh_http_word(i)[0] != '\0' && mh_http_text(i)[0] != '\0');
	assert_string_equal(mh_http_word(-1), "");
	assert_string_equal(mh_http_text(1000), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_in_pieces_of_every_size),
		cmocka_unit_test(answers_cut_in_two_at_every_place),
		cmocka_unit_test(broken_answers),
		cmocka_unit_test(headers_are_kept),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_cut_body_is_no_whole_one),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(requests_are_written),
		cmocka_unit_test(every_reason_has_a_word),
	};
	mem = mh_mem_default();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
