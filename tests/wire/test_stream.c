/* test_stream.c - lib/wire/stream.c, stream_spec.c, dialect.c and flight.c: dialogues without any socket */
#include "support.h"

#include <stdio.h>

#include "capture.h"
#include "flight.h"
#include "stream.h"

#define WAIT "wait=1000,2000,3000,4000"
#define STARTTLS_220 "220 mx.example.org ESMTP\r\n250-mx.example.org\r\n250 STARTTLS\r\n220 2.0.0 Ready\r\n"

static struct mh_mem mem;

/* A ServerHello of TLS 1.2 (ECDHE_RSA_WITH_AES_128_GCM_SHA256), a Certificate of four octets, and the key
 * exchange with x25519. */
#define HELLO_12 \
	"\x16\x03\x03\x00\x2a\x02\x00\x00\x26\x03\x03" \
	"0123456789abcdef0123456789abcdef" \
	"\x00\xc0\x2f\x00"
#define CERTIFICATE "\x16\x03\x03\x00\x0e\x0b\x00\x00\x0a\x00\x00\x07\x00\x00\x04\xde\xad\xbe\xef"
#define KEY_EXCHANGE "\x16\x03\x03\x00\x0e\x0c\x00\x00\x0a\x03\x00\x1d\x02\xaa\xbb\x08\x04\x00\x00"
#define ALERT_40 "\x15\x03\x03\x00\x02\x02\x28"

static const struct {
	const char *sentence, *spec;
	struct mh_str server; /* all that it sends, whenever it is read */
	bool closes;
	int end; /* the last event, */
	int has; /* one that is among them, or -1 */
	struct mh_str said; /* what goes out */
} dialogues[] = {
	{ "a greeting of two lines, EHLO, and goodbye", "smtp://192.0.2.1:25/talk?name=me&" WAIT,
	    MH_STR_INIT("220-mx one\r\n220 mx two\r\n250-mx\r\n250 SIZE 1\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("EHLO me\r\nQUIT\r\n") },
	{ "EHLO is refused, HELO is not", "smtp://192.0.2.1:25/talk?name=me&" WAIT,
	    MH_STR_INIT("220 mx\r\n502 no\r\n250 mx\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("EHLO me\r\nHELO me\r\nQUIT\r\n") },
	{ "the greeting refuses", "smtp+starttls://192.0.2.1:25/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("554 5.7.1 blocked\r\n"), false, MH_EVENT_DONE, -1, MH_STR_INIT("QUIT\r\n") },
	{ "no line at all", "smtp+starttls://192.0.2.1:25/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("22"), true, MH_EVENT_EOF, -1, MH_STR_INIT("") },
	{ "another protocol", "smtp+starttls://192.0.2.1:25/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("SSH-2.0-x\r\n"), false, MH_EVENT_GARBLED, -1, MH_STR_INIT("") },
	{ "TLS where a greeting is due", "smtp+starttls://192.0.2.1:25/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT(ALERT_40), false, MH_EVENT_GARBLED, MH_EVENT_OCTETS, MH_STR_INIT("") },
	{ "STARTTLS is refused", "smtp+starttls://192.0.2.1:25/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("220 mx\r\n250 mx\r\n454 4.7.0 no\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("EHLO me\r\nSTARTTLS\r\nQUIT\r\n") },
	{ "LMTP", "lmtp+starttls://unix:0/hello?path=/run/lmtp&name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("220 mx\r\n250 mx\r\n454 no\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("LHLO me\r\nSTARTTLS\r\nQUIT\r\n") },
	{ "IMAP", "imap+starttls://192.0.2.1:143/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("* OK hi\r\n* CAPABILITY IMAP4rev1\r\na1 OK\r\na2 BAD no\r\n"), false, MH_EVENT_DONE,
	    -1, MH_STR_INIT("a1 CAPABILITY\r\na2 STARTTLS\r\na3 LOGOUT\r\n") },
	{ "POP3", "pop3+starttls://192.0.2.1:110/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("+OK hi\r\n+OK\r\nSTLS\r\n.\r\n-ERR no\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("CAPA\r\nSTLS\r\nQUIT\r\n") },
	{ "ManageSieve", "sieve+starttls://192.0.2.1:4190/hello?name=me&hello=todays12&" WAIT,
	    MH_STR_INIT("\"STARTTLS\"\r\nOK\r\nNO\r\n"), false, MH_EVENT_DONE, -1,
	    MH_STR_INIT("STARTTLS\r\nLOGOUT\r\n") },
};

/* run - the dialogue, step octets at a time; the fact, or NULL without memory */
static struct mh_fact *
run(const struct mh_mem *m, const char *spec, struct mh_str server, bool closes, size_t step,
    struct mh_buf *said)
{
	bool is_bad;
	struct mh_stream *stream = mh_stream_make(m, NULL, mh_str_z(spec), &is_bad);
	assert_true(stream != NULL || !is_bad);
	if (stream == NULL)
		return NULL;
	mh_stream_begin(stream, 1000);
	mh_stream_connected(stream, 1000);
	while (server.len > 0 && !mh_stream_is_done(stream)) {
		size_t n = step < server.len ? step : server.len;
		mh_stream_feed(stream, mh_str_n(server.p, n), 1000);
		server = mh_str_n(server.p + n, server.len - n);
		if (said != NULL)
			mh_buf_putstr(said, mh_stream_output(stream));
		mh_stream_sent(stream, mh_stream_output(stream).len);
	}
	if (closes)
		mh_stream_eof(stream, 1000);
	struct mh_fact *fact = mh_stream_fact(stream, m);
	mh_stream_free(stream);
	return fact;
}

static void
dialogues_go_as_they_should(void **state)
{
	struct mh_buf said;
	(void)state;
	mh_buf_init(&said, &mem, 4096);
	for (size_t i = 0; i < MH_COUNT(dialogues); i++) {
		struct mh_stream_event event = { .kind = -1 };
		bool has = dialogues[i].has < 0;
		mh_buf_reset(&said);
		/* A line at a time, as a server sends that waits for its turn. */
		bool is_bad;
		struct mh_stream *stream = mh_stream_make(&mem, NULL, mh_str_z(dialogues[i].spec), &is_bad);
		mh_stream_begin(stream, 0);
		mh_stream_connected(stream, 0);
		struct mh_cur cur = mh_cur_of(dialogues[i].server.p, dialogues[i].server.len);
		while (mh_cur_left(&cur) > 0) {
			const char *begin = (const char *)cur.p;
			int end;
			mh_cur_line(&cur, &end);
			mh_stream_feed(stream, mh_str_n(begin, (size_t)((const char *)cur.p - begin)), 0);
			mh_buf_putstr(&said, mh_stream_output(stream));
			mh_stream_sent(stream, mh_stream_output(stream).len);
		}
		if (dialogues[i].closes)
			mh_stream_eof(stream, 0);
		test_check(dialogues[i].sentence, mh_stream_is_done(stream));
		struct mh_fact *fact = mh_stream_fact(stream, &mem);
		assert_non_null(fact);
		for (size_t k = 0; mh_event_at(fact, k, &event); k++)
			has = has || event.kind == dialogues[i].has;
		test_check(dialogues[i].sentence, has);
		test_number(dialogues[i].sentence, event.kind, dialogues[i].end);
		test_span(dialogues[i].sentence, mh_str_n(mh_buf_z(&said), said.len), dialogues[i].said);
		mh_fact_unref(fact);
		mh_stream_free(stream);
	}
	mh_buf_free(&said);
}

/* flight_server - a whole dialogue up to the flight */
#define FLIGHT_SPEC "smtp+tls://192.0.2.1:465/hello?sni=mx.example.org&name=me&hello=rsa12&" WAIT
static const struct mh_str flight = MH_STR_INIT(HELLO_12 CERTIFICATE KEY_EXCHANGE);

static bool
is_same(const struct mh_fact *a, const struct mh_fact *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->rr[i].len != b->rr[i].len || memcmp(a->rr[i].p, b->rr[i].p, a->rr[i].len) != 0)
			return false;
	return true;
}

static void
a_flight_is_read_however_it_is_cut(void **state)
{
	struct mh_fact *whole = run(&mem, FLIGHT_SPEC, flight, false, flight.len, NULL);
	struct mh_stream_event event;
	struct mh_server_hello hello = { 0 };
	struct mh_key_exchange key = { 0 };
	unsigned messages = 0;
	(void)state;
	for (size_t i = 0; mh_event_at(whole, i, &event); i++) {
		if (event.kind != MH_EVENT_MESSAGE)
			continue;
		messages++;
		if (event.octets.p[0] == MH_MESSAGE_SERVER_HELLO)
			assert_true(mh_server_hello_read(event.octets, &hello));
		if (event.octets.p[0] == MH_MESSAGE_KEY_EXCHANGE)
			assert_true(
			    mh_key_exchange_read(event.octets, mh_suite_find(0xc02f), MH_TLS12, &key));
	}
	assert_int_equal(messages, 3);
	assert_int_equal(hello.suite, 0xc02f);
	assert_int_equal(key.group, MH_GROUP_X25519);
	assert_int_equal(key.signature, 0x0804);
	for (size_t step = 1; step < flight.len; step++) {
		struct mh_fact *cut = run(&mem, FLIGHT_SPEC, flight, false, step, NULL);
		test_check("the same events however it is cut", is_same(whole, cut));
		mh_fact_unref(cut);
	}
	mh_fact_unref(whole);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_fact *fact = run(&mem, arg, s, true, 7, NULL);
	struct mh_stream_event event = { .kind = -1 };
	struct mh_server_hello hello;
	struct mh_key_exchange key;
	assert_non_null(fact);
	for (size_t i = 0; i < fact->count; i++) {
		assert_true(mh_event_at(fact, i, &event));
		if (event.kind != MH_EVENT_MESSAGE)
			continue;
		bool is_bad = false;
		size_t at = 0;
		(void)mh_server_hello_read(event.octets, &hello);
		(void)mh_key_exchange_read(event.octets, mh_suite_find(0x009e), MH_TLS12, &key);
		(void)mh_key_exchange_read(event.octets, mh_suite_find(0xc02f), MH_TLS12, &key);
		(void)mh_staple_read(event.octets);
		while (mh_certificate_next(event.octets, false, &at, NULL, &is_bad).p != NULL)
			assert_true(at <= event.octets.len);
		at = 0;
		while (mh_certificate_next(event.octets, true, &at, NULL, &is_bad).p != NULL)
			assert_true(at <= event.octets.len);
	}
	mh_fact_unref(fact);
}

static void
broken_dialogues(void **state)
{
	char spec[] = FLIGHT_SPEC, ssl2[] = "smtp+tls://192.0.2.1:465/hello?name=me&hello=ssl2&" WAIT;
	(void)state;
	test_mangled(flight, look, spec);
	test_mangled(MH_STR("\x80\x1e\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10\x01\x00\x80"
			    "0123456789abcdef"),
	    look, ssl2);
	for (size_t i = 0; i < MH_COUNT(dialogues); i++) {
		char copy[512];
		(void)snprintf(copy, sizeof(copy), "%s", dialogues[i].spec);
		test_mangled(dialogues[i].server, look, copy);
	}
}

static bool
scenario(struct mh_mem m, void *arg)
{
	(void)arg;
	struct mh_fact *fact = run(&m, FLIGHT_SPEC, flight, false, 11, NULL);
	struct mh_fact *text =
	    fact != NULL ? run(&m, dialogues[0].spec, dialogues[0].server, false, 5, NULL) : NULL;
	mh_fact_unref(fact);
	mh_fact_unref(text);
	return text != NULL;
}

static void
memory_fails(void **state)
{
	(void)state;
	test_failing_allocs(scenario, NULL, false);
}

/* What comes too slowly, not at all, or without end. */
static void
waiting(void **state)
{
	bool is_bad;
	struct mh_stream_event event = { .kind = -1 };
	(void)state;
	static const struct {
		const char *sentence;
		int64_t every_us;
		int end;
	} cases[] = { { "nothing", 0, MH_EVENT_SILENT }, { "an octet a second", 1000000, MH_EVENT_SLOW } };
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_stream *stream =
		    mh_stream_make(&mem, NULL, MH_STR("smtp://192.0.2.1:25/talk?name=me&" WAIT), &is_bad);
		int64_t now = 0;
		mh_stream_begin(stream, now);
		mh_stream_connected(stream, now);
		while (!mh_stream_is_done(stream) && now < 60000000) {
			now += 500000;
			if (cases[i].every_us > 0 && now % cases[i].every_us == 0)
				mh_stream_feed(stream, MH_STR("2"), now);
			mh_stream_tick(stream, now);
		}
		test_number(cases[i].sentence, now, 2000000);
		struct mh_fact *fact = mh_stream_fact(stream, &mem);
		for (size_t k = 0; mh_event_at(fact, k, &event); k++)
			continue;
		test_number(cases[i].sentence, event.kind, cases[i].end);
		mh_fact_unref(fact);
		mh_stream_free(stream);
	}
}

static void
endless_replies_end(void **state)
{
	char line[8192];
	struct mh_buf lines;
	struct mh_stream_event event = { .kind = -1 };
	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "220-", 4);
	struct mh_fact *fact =
	    run(&mem, dialogues[0].spec, mh_str_n(line, sizeof(line)), false, sizeof(line), NULL);
	for (size_t k = 0; mh_event_at(fact, k, &event); k++)
		continue;
	test_number("a line without end", event.kind, MH_EVENT_TOO_MUCH);
	mh_fact_unref(fact);
	mh_buf_init(&lines, &mem, 1 << 20);
	for (int i = 0; i < 5000; i++)
		mh_buf_puts(&lines, "220-more\r\n");
	fact = run(&mem, dialogues[0].spec, mh_str_n(lines.p, lines.len), false, 1000, NULL);
	for (size_t k = 0; mh_event_at(fact, k, &event); k++)
		continue;
	test_number("lines without end", event.kind, MH_EVENT_TOO_MUCH);
	assert_true(fact->size < 65536);
	mh_fact_unref(fact);
	/* however much is given at once */
	for (int i = 0; i < 5000; i++)
		mh_buf_puts(&lines, "220-more\r\n");
	fact = run(&mem, dialogues[0].spec, mh_str_n(lines.p, lines.len), false, lines.len, NULL);
	for (size_t k = 0; mh_event_at(fact, k, &event); k++)
		continue;
	test_number("lines without end at once", event.kind, MH_EVENT_TOO_MUCH);
	test_span("lines without end at once", event.octets, MH_STR("lines"));
	mh_fact_unref(fact);
	mh_buf_free(&lines);
}

static void
specs_come_back(void **state)
{
	static const char *const good[] = {
		"smtp+starttls://192.0.2.25:25/handshake?sni=mx.test&name=me&wait=1,2,3,4",
		"imap+tls://[2001:db8::1]:993/handshake?sni=mx.test&name=me&key=ecdsa&max=0303&wait=1,2,3,4",
		"smtp+starttls://192.0.2.25:25/"
		"hello?sni=mx.test&name=me&hello=all12&less=c02f,c030&less-groups=001d&size=700&pause=5&"
		"inject=1&wait=1,2,3,4",
		"lmtp+starttls://unix:0/hello?path=/run/a%20b&name=me&hello=few12&wait=1,2,3,4",
	};
	static const char *const bad[] = { "", "smtp", "smtp:", "smtp://", "ftp://192.0.2.1:25/talk",
		"smtp://192.0.2.1/talk", "smtp://192.0.2.1:99999/talk", "smtp://192.0.2.1:25/dance",
		"smtp://192.0.2.1:25/hello?hello=none", "smtp://192.0.2.1:25/handshake?wait=1,2,3,4",
		"smtp+tls://192.0.2.1:25/hello?wait=1,2,3,4", "smtp://192.0.2.1:25/talk?wait=1,2,3",
		"smtp://192.0.2.1:25/talk?what=1", "smtp://mx.test:25/talk" };
	struct mh_buf out;
	struct mh_stream_spec spec;
	char copy[512];
	(void)state;
	mh_buf_init(&out, &mem, 2048);
	for (size_t i = 0; i < MH_COUNT(good); i++) {
		(void)snprintf(copy, sizeof(copy), "%s", good[i]);
		test_check(good[i], mh_stream_spec_read(copy, strlen(copy), &spec));
		mh_buf_reset(&out);
		mh_stream_spec_write(&out, &spec);
		test_span(good[i], mh_str_n(mh_buf_z(&out), out.len), mh_str_z(good[i]));
	}
	for (size_t i = 0; i < MH_COUNT(bad); i++) {
		(void)snprintf(copy, sizeof(copy), "%s", bad[i]);
		test_check(bad[i], !mh_stream_spec_read(copy, strlen(copy), &spec));
	}
	mh_buf_free(&out);
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
		cmocka_unit_test(dialogues_go_as_they_should),
		cmocka_unit_test(a_flight_is_read_however_it_is_cut),
		cmocka_unit_test(broken_dialogues),
		cmocka_unit_test(memory_fails),
		cmocka_unit_test(waiting),
		cmocka_unit_test(endless_replies_end),
		cmocka_unit_test(specs_come_back),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
