/* fuzz_stream.c - any octets as what a server says: through lib/wire/stream.c, dialect.c, flight.c */
#include "fuzz.h"

#include "capture.h"
#include "flight.h"
#include "stream.h"

#define WAIT "wait=1000,2000,3000,4000"

static const char *const specs[] = {
	"smtp+starttls://192.0.2.1:25/hello?sni=mx.test&name=me&hello=todays12&" WAIT,
	"smtp+tls://192.0.2.1:465/hello?sni=mx.test&name=me&hello=rsa12&" WAIT,
	"smtp+tls://192.0.2.1:465/hello?sni=mx.test&name=me&hello=ssl2&" WAIT,
	"smtp+tls://192.0.2.1:465/hello?sni=mx.test&name=me&hello=all13&" WAIT,
	"imap+starttls://192.0.2.1:143/hello?name=me&hello=few12&" WAIT,
	"pop3+starttls://192.0.2.1:110/hello?name=me&hello=few12&" WAIT,
	"sieve+starttls://192.0.2.1:4190/hello?name=me&hello=few12&" WAIT,
	"lmtp+starttls://192.0.2.1:24/hello?name=me&hello=few12&pause=5&" WAIT,
	"smtp://192.0.2.1:25/talk?name=me&" WAIT,
};

static void
read_messages(const struct mh_fact *fact)
{
	struct mh_stream_event event;
	struct mh_server_hello hello;
	struct mh_key_exchange key;
	for (size_t i = 0; i < fact->count; i++) {
		size_t at = 0;
		bool is_bad = false;
		fuzz_check(mh_event_at(fact, i, &event));
		if (event.kind != MH_EVENT_MESSAGE)
			continue;
		(void)mh_server_hello_read(event.octets, &hello);
		(void)mh_key_exchange_read(event.octets, mh_suite_find(0xc02f), MH_TLS12, &key);
		(void)mh_key_exchange_read(event.octets, mh_suite_find(0x009e), MH_TLS10, &key);
		while (mh_certificate_next(event.octets, i % 2 == 0, &at, NULL, &is_bad).p != NULL)
			fuzz_check(at <= event.octets.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_mem mem = mh_mem_default();
	bool is_bad;
	if (size < 2)
		return 0;
	const char *spec = specs[data[0] % (sizeof(specs) / sizeof(specs[0]))];
	size_t step = (size_t)data[1] + 1;
	int64_t now = 0;
	struct mh_stream *stream = mh_stream_make(&mem, NULL, mh_str_z(spec), &is_bad);
	fuzz_check(stream != NULL);
	mh_stream_begin(stream, now);
	mh_stream_connected(stream, now);
	for (size_t at = 2; at < size && !mh_stream_is_done(stream); at += step) {
		size_t n = step < size - at ? step : size - at;
		now += 1000;
		mh_stream_feed(stream, mh_str_n((const char *)data + at, n), now);
		mh_stream_sent(stream, mh_stream_output(stream).len);
		mh_stream_tick(stream, now);
	}
	if (size % 2 == 0)
		mh_stream_eof(stream, now);
	while (!mh_stream_is_done(stream)) {
		fuzz_check(mh_stream_due_us(stream) >= 0);
		mh_stream_tick(stream, mh_stream_due_us(stream));
	}
	struct mh_fact *fact = mh_stream_fact(stream, &mem);
	fuzz_check(fact != NULL && fact->count > 0);
	read_messages(fact);
	mh_fact_unref(fact);
	mh_stream_free(stream);
	return 0;
}
