/* stream.c - the machine behind every dialogue with a server
 *
 * Text is read line by line, TLS by flight.c (hellos of our own) or OpenSSL
 * (whole handshakes).  One function moves the state, each state is a small
 * function, and waiting times are the spec's.
 */
#include "stream.h"

#include "capture.h"
#include "dialect.h"
#include "flight.h"
#include "http.h"
#include "port.h"

#define LINE_OCTETS 4096 /* octets of a line, its end included; RFC 5321 4.5.3.1.5 has 512 */
#define LINES_MAX 200
#define TEXT_MAX 32768 /* octets of all lines */
#define OUT_MAX 65536
#define SPEC_MAX 2048
#define OCTETS_KEPT 512 /* of what is not TLS */
#define QUIET_US 1500000 /* nothing for so long is silence, even if something came before */
#define PIECE 16384 /* octets that are taken at one go: how they were cut must not count */
#define BODY_PIECE 32768 /* octets of a body in one event */
#define REFUSAL_MAX 512 /* octets kept of a body that is not what was asked for */
#define AGENT "libmailhealth/0.1 (MTA-STS)"
#define INJECT_US 700000 /* how long a server may take to answer what was injected */

#define STATES(X) \
	X(CONNECTING, "connecting") \
	X(GREETING, "greeting") \
	X(HELLO, "hello") \
	X(HELO, "helo") \
	X(SCRIPT, "script") \
	X(START, "start") \
	X(PAUSE, "pause") \
	X(SHAKING, "handshake") \
	X(LISTENING, "listening") /* inside TLS: whether it answers what was never said there */ \
	X(INSIDE_GREETING, "inside-greeting") \
	X(INSIDE_HELLO, "inside-hello") \
	X(FETCHING, "fetching") \
	X(DONE, "done")

enum state {
#define X(name, word) name,
	STATES(X)
#undef X
};

struct mh_stream {
	struct mh_mem mem;
	struct mh_tls_maker *maker;
	struct mh_stream_spec spec;
	struct mh_tls *tls;
	struct mh_fact_draft draft;
	struct mh_flight flight;
	struct mh_http *http; /* of a GET, once it is sent */
	struct mh_buf in, out, plain; /* text not yet read; to be sent; text that came inside TLS */
	size_t in_read, out_sent, script_read;
	int64_t begun_us, phase_us, last_us; /* the dialogue, its phase, the last octets */
	size_t phase_octets;
	unsigned lines;
	size_t text;
	int version, messages; /* of what the server chose */
	enum state state;
	bool is_first_line, has_flight, is_bad, is_tls13, has_server_hello;
	char name[SPEC_MAX]; /* the question, as it is */
	char words[SPEC_MAX]; /* what the spec's strings are in */
	size_t name_len;
	const struct mh_suite *suite;
};

/* ----------------------------------------------------------------- events */

static uint32_t
since_begun(const struct mh_stream *stream, int64_t now_us)
{
	int64_t us = now_us - stream->begun_us;
	return us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
}

static void
tell(struct mh_stream *stream, int event, struct mh_str octets)
{
	mh_event_put(&stream->draft, event, since_begun(stream, stream->last_us), octets);
}

/* tell_number - an event whose text is a number */
static void
tell_number(struct mh_stream *stream, int event, size_t number)
{
	char digits[24];
	size_t n = sizeof(digits);
	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	tell(stream, event, mh_str_n(digits + n, sizeof(digits) - n));
}

/* go - the one place where the state changes */
static void
go(struct mh_stream *stream, enum state state, int64_t now_us)
{
	stream->state = state;
	stream->phase_us = now_us;
	stream->phase_octets = 0;
	stream->is_first_line = true;
}

static void
free_http(struct mh_stream *stream)
{
	if (stream->http == NULL)
		return;
	mh_http_free(stream->http);
	mh_mem_free(&stream->mem, stream->http, sizeof(*stream->http));
	stream->http = NULL;
}

/* end - nothing more is read */
static void
end(struct mh_stream *stream, int64_t now_us)
{
	go(stream, DONE, now_us);
	mh_tls_free(stream->tls);
	stream->tls = NULL;
	mh_buf_free(&stream->in);
	mh_buf_free(&stream->plain);
	mh_flight_free(&stream->flight);
	free_http(stream);
}

/* tell_fetched - what came of an answer, whether it is whole or not */
static void
tell_fetched(struct mh_stream *stream)
{
	const struct mh_http *http = stream->http;
	struct mh_str body = mh_str_n(http->body.p, http->body.len);
	struct mh_buf line;

	mh_buf_init(&line, &stream->mem, 65536);
	if (http->status > 0) {
		mh_buf_puts(&line, "HTTP ");
		mh_buf_putint(&line, http->status);
		stream->is_bad = stream->is_bad || line.bad;
		tell(stream, MH_EVENT_LINE, line.bad ? MH_STR("") : mh_str_n(line.p, line.len));
	}
	for (size_t at = 0; at < http->head.len;) {
		struct mh_str name = mh_str_z(http->head.p + at);
		struct mh_str value = mh_str_z(http->head.p + at + name.len + 1);
		at += name.len + value.len + 2;
		mh_buf_reset(&line);
		mh_buf_putstr(&line, name);
		mh_buf_puts(&line, ": ");
		mh_buf_putstr(&line, value);
		if (line.bad)
			stream->is_bad = true;
		else
			tell(stream, MH_EVENT_LINE, mh_str_n(line.p, line.len));
	}
	stream->is_bad = stream->is_bad || http->why == MH_HTTP_NO_MEMORY;
	mh_buf_free(&line);
	if (http->status != 200 && body.len > REFUSAL_MAX)
		body.len = REFUSAL_MAX;
	while (body.len > 0) {
		size_t n = body.len < BODY_PIECE ? body.len : BODY_PIECE;
		tell(stream, MH_EVENT_BODY, mh_str_n(body.p, n));
		body = mh_str_n(body.p + n, body.len - n);
	}
}

/* finish - how it ended */
static void
finish(struct mh_stream *stream, int event, struct mh_str text, int64_t now_us)
{
	if (stream->state == DONE)
		return;
	if (stream->state == FETCHING)
		tell_fetched(stream);
	mh_event_put(&stream->draft, event, since_begun(stream, now_us), text);
	end(stream, now_us);
}

/* --------------------------------------------------------------- make, free */

struct mh_stream *
mh_stream_make(const struct mh_mem *mem, struct mh_tls_maker *maker, struct mh_str spec, bool *is_bad)
{
	*is_bad = spec.len >= SPEC_MAX;
	if (*is_bad)
		return NULL;
	struct mh_stream *stream = mh_mem_zalloc(mem, sizeof(*stream));
	if (stream == NULL)
		return NULL;
	stream->mem = *mem;
	memcpy(stream->name, spec.p, spec.len);
	memcpy(stream->words, spec.p, spec.len);
	stream->name_len = spec.len;
	mh_fact_draft_init(&stream->draft, &stream->mem);
	mh_fact_draft_begin(&stream->draft, mh_str_n(stream->name, spec.len), MH_RR_STREAM);
	mh_buf_init(&stream->in, &stream->mem, OUT_MAX);
	mh_buf_init(&stream->out, &stream->mem, OUT_MAX);
	mh_buf_init(&stream->plain, &stream->mem, 2 * OUT_MAX);
	if (!mh_stream_spec_read(stream->words, spec.len, &stream->spec) ||
	    ((stream->spec.how == MH_HOW_HANDSHAKE || stream->spec.how == MH_HOW_GET) && maker == NULL)) {
		*is_bad = true;
		mh_stream_free(stream);
		return NULL;
	}
	stream->maker = maker != NULL ? mh_tls_maker_ref(maker) : NULL;
	bool is_ssl2 = stream->spec.how == MH_HOW_HELLO && stream->spec.hello.kind->version == MH_SSL2;
	mh_flight_init(&stream->flight, &stream->mem, is_ssl2);
	return stream;
}

void
mh_stream_free(struct mh_stream *stream)
{
	if (stream == NULL)
		return;
	mh_tls_free(stream->tls);
	mh_tls_maker_unref(stream->maker);
	mh_fact_draft_free(&stream->draft);
	mh_flight_free(&stream->flight);
	free_http(stream);
	mh_buf_free(&stream->in);
	mh_buf_free(&stream->out);
	mh_buf_free(&stream->plain);
	mh_mem_free(&stream->mem, stream, sizeof(*stream));
}

const struct mh_stream_spec *
mh_stream_spec(const struct mh_stream *stream)
{
	return &stream->spec;
}

const char *
mh_stream_state(const struct mh_stream *stream)
{
	static const char *const words[] = {
#define X(name, word) word,
		STATES(X)
#undef X
	};
	return words[stream->state];
}

bool
mh_stream_is_done(const struct mh_stream *stream)
{
	return stream->state == DONE;
}

bool
mh_stream_is_out_of_memory(const struct mh_stream *stream)
{
	return stream->is_bad || stream->out.bad || stream->plain.bad || stream->draft.octets.bad;
}

struct mh_str
mh_stream_output(const struct mh_stream *stream)
{
	return stream->out.p != NULL && !stream->out.bad
	    ? mh_str_n(stream->out.p + stream->out_sent, stream->out.len - stream->out_sent)
	    : MH_STR("");
}

void
mh_stream_sent(struct mh_stream *stream, size_t len)
{
	if (stream->out.bad)
		return; /* no memory, which must not be forgotten */
	stream->out_sent += len;
	if (stream->out_sent >= stream->out.len) {
		stream->out_sent = 0;
		mh_buf_reset(&stream->out);
	}
}

struct mh_fact *
mh_stream_fact(struct mh_stream *stream, const struct mh_mem *mem)
{
	return mh_stream_is_out_of_memory(stream) ? NULL : mh_fact_make(mem, &stream->draft);
}

/* ------------------------------------------------------------------- saying */

/* say - a command, in clear or inside TLS */
static void
say(struct mh_stream *stream, struct mh_str line)
{
	struct mh_buf text;
	tell(stream, MH_EVENT_SAID, line);
	if (stream->tls == NULL) {
		mh_buf_putstr(&stream->out, line);
		mh_buf_puts(&stream->out, "\r\n");
		return;
	}
	mh_buf_init(&text, &stream->mem, 2048);
	mh_buf_putstr(&text, line);
	mh_buf_puts(&text, "\r\n");
	if (text.bad)
		stream->is_bad = true;
	else
		mh_tls_say(stream->tls, mh_str_n(text.p, text.len), &stream->out);
	mh_buf_free(&text);
}

/* say_command - and the state that waits for its reply */
static void
say_command(struct mh_stream *stream, enum mh_said said, enum state next, int64_t now_us)
{
	struct mh_buf line;
	mh_buf_init(&line, &stream->mem, 1024);
	mh_dialect_command(&line, stream->spec.dialect, said, stream->spec.name);
	if (line.bad)
		stream->is_bad = true;
	else
		say(stream, mh_buf_str(&line));
	mh_buf_free(&line);
	go(stream, next, now_us);
}

static void
say_start(struct mh_stream *stream, int64_t now_us)
{
	say_command(stream, MH_SAID_START, START, now_us);
	if (stream->spec.injects)
		mh_buf_puts(&stream->out, "NOOP\r\n");
}

/* say_hello - what follows a greeting, in clear or inside */
static void
say_hello(struct mh_stream *stream, bool is_inside, int64_t now_us)
{
	if (!mh_dialect_greets_with_capabilities(stream->spec.dialect))
		say_command(stream, MH_SAID_HELLO, is_inside ? INSIDE_HELLO : HELLO, now_us);
	else if (is_inside)
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
	else if (stream->spec.how == MH_HOW_TALK)
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
	else
		say_start(stream, now_us);
}

/* hang_up - politely, if there is a session to be polite in */
static void
hang_up(struct mh_stream *stream)
{
	static const char *const goodbyes[] = { "QUIT\r\n", "QUIT\r\n", "a3 LOGOUT\r\n", "QUIT\r\n",
		"LOGOUT\r\n" };
	struct mh_str text =
	    stream->spec.dialect < MH_COUNT(goodbyes) ? mh_str_z(goodbyes[stream->spec.dialect]) : MH_STR("");
	if (stream->tls == NULL) {
		mh_buf_putstr(&stream->out, text);
		return;
	}
	mh_tls_say(stream->tls, text, &stream->out);
	mh_tls_close(stream->tls, &stream->out);
}

/* -------------------------------------------------------------------- hello */

/* put_hello - our ClientHello; its random is worked out of the question, so that a recording has it too */
static void
put_hello(struct mh_stream *stream)
{
	unsigned char random[64];
	uint64_t x = mh_fact_hash(MH_RR_STREAM, mh_str_n(stream->name, stream->name_len));
	for (size_t i = 0; i < sizeof(random); i++) {
		x = x * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX */
		random[i] = (unsigned char)(x >> 56);
	}
	mh_hello_write(&stream->out, &stream->spec.hello, random);
}

static void
on_tls_event(void *self, int event, struct mh_str octets)
{
	struct mh_stream *stream = self;
	tell(stream, event, octets);
}

/* begin_tls - our first TLS octets go out */
static void
begin_tls(struct mh_stream *stream, int64_t now_us)
{
	size_t before = stream->out.len;

	if (stream->spec.how != MH_HOW_HELLO) {
		stream->tls = mh_tls_open(stream->maker, &stream->spec, on_tls_event, stream);
		if (stream->tls == NULL) {
			stream->is_bad = true;
			return;
		}
		mh_tls_run(stream->tls, &stream->out, NULL);
	} else {
		put_hello(stream);
	}
	tell_number(stream, MH_EVENT_TLS, stream->out.len - before);
	go(stream, SHAKING, now_us);
}

/* start_tls - the server is ready; what it has said already belongs to nobody */
static void
start_tls(struct mh_stream *stream, int64_t now_us)
{
	size_t left = stream->in.len - stream->in_read;
	if (left > 0) {
		tell(stream, MH_EVENT_INJECTED,
		    mh_str_n(stream->in.p + stream->in_read, left < OCTETS_KEPT ? left : OCTETS_KEPT));
		stream->in_read = stream->in.len;
	}
	if (stream->spec.pause_ms > 0)
		go(stream, PAUSE, now_us);
	else
		begin_tls(stream, now_us);
}

/* ------------------------------------------------------------------ replies */

/* say_script - its next command; false: there is none any more */
static bool
say_script(struct mh_stream *stream, int64_t now_us)
{
	struct mh_str rest = stream->spec.script;
	rest = mh_str_n(rest.p + stream->script_read, rest.len - stream->script_read);
	struct mh_cur cur = mh_cur_of(rest.p, rest.len);
	struct mh_str command = mh_cur_until(&cur, "\n");
	if (command.len == 0)
		return false;
	stream->script_read += command.len + (command.len < rest.len);
	say(stream, command);
	go(stream, SCRIPT, now_us);
	return true;
}

static enum mh_said
answered(enum state state)
{
	return state == HELLO || state == INSIDE_HELLO ? MH_SAID_HELLO
	    : state == HELO                            ? MH_SAID_HELO
	    : state == START                           ? MH_SAID_START
						       : MH_SAID_NOTHING;
}

/* take_reply - a reply is complete */
static void
take_reply(struct mh_stream *stream, bool is_good, struct mh_str line, int64_t now_us)
{
	bool is_final_refusal = line.len > 0 && line.p[0] != '4';
	bool is_closing = mh_str_istarts(line, MH_STR("421")); /* RFC 5321 3.8 */
	const struct mh_stream_spec *spec = &stream->spec;
	switch (stream->state) {
	case GREETING:
		if (is_good)
			say_hello(stream, false, now_us);
		break;
	case HELLO:
		if (!is_good && mh_dialect_has_helo(spec->dialect) && is_final_refusal) {
			say_command(stream, MH_SAID_HELO, HELO, now_us);
			return;
		}
		/* An IMAP or POP3 server without capabilities may still begin TLS. */
		if (!is_good && (spec->dialect == MH_DIALECT_SMTP || spec->dialect == MH_DIALECT_LMTP))
			break;
		if (spec->how == MH_HOW_TALK) {
			if (is_good && say_script(stream, now_us))
				return;
			break;
		}
		say_start(stream, now_us);
		return;
	case HELO:
		if (is_good && spec->how == MH_HOW_TALK && say_script(stream, now_us))
			return;
		break;
	case SCRIPT:
		if (!is_closing && say_script(stream, now_us))
			return;
		break;
	case START:
		if (is_good)
			start_tls(stream, now_us);
		break;
	case INSIDE_GREETING:
		if (is_good && stream->spec.injects)
			go(stream, LISTENING, now_us);
		else if (is_good)
			say_hello(stream, true, now_us);
		break;
	default:
		break;
	}
	/* States that have not moved on have nowhere to go. */
	if (stream->state == DONE || stream->is_first_line)
		return;
	hang_up(stream);
	finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
}

/* take_line - a line of a reply, its end included */
static void
take_line(struct mh_stream *stream, struct mh_str line, int64_t now_us)
{
	struct mh_cur cur = mh_cur_of(line.p, line.len);
	int end;
	struct mh_str text = mh_cur_line(&cur, &end);

	tell(stream, MH_EVENT_LINE, line);
	stream->text += line.len;
	if (++stream->lines > LINES_MAX || stream->text > TEXT_MAX) {
		finish(stream, MH_EVENT_TOO_MUCH, MH_STR("lines"), now_us);
		return;
	}
	/* TLS at once says nothing of what is spoken inside: on any port the greeting does. */
	if (stream->state == INSIDE_GREETING && stream->spec.start == MH_START_TLS && stream->is_first_line)
		stream->spec.dialect = (uint8_t)mh_dialect_of_greeting(text, stream->spec.dialect);
	enum mh_reply_kind kind =
	    mh_dialect_reply(stream->spec.dialect, answered(stream->state), text, stream->is_first_line);
	stream->is_first_line = false;
	if (kind == MH_REPLY_GOES_ON)
		return;
	if (kind == MH_REPLY_ODD) {
		finish(stream, MH_EVENT_GARBLED, MH_STR("reply"), now_us);
		return;
	}
	take_reply(stream, kind == MH_REPLY_GOOD, text, now_us);
}

/* take_lines - all that are complete in buf */
static void
take_lines(struct mh_stream *stream, struct mh_buf *buf, size_t *read, int64_t now_us)
{
	while (stream->state != DONE && stream->state != PAUSE && stream->state != SHAKING &&
	    stream->state != LISTENING && buf->p != NULL) {
		const char *begin = buf->p + *read;
		size_t left = buf->len - *read;
		const char *end = memchr(begin, '\n', left);
		size_t len = end != NULL ? (size_t)(end - begin) + 1 : left;
		if (len > LINE_OCTETS) {
			tell(stream, MH_EVENT_LINE, mh_str_n(begin, OCTETS_KEPT));
			finish(stream, MH_EVENT_TOO_MUCH, MH_STR("line"), now_us);
			return;
		}
		if (end == NULL)
			return;
		*read += len;
		take_line(stream, mh_str_n(begin, len), now_us);
	}
}

/* ---------------------------------------------------------------------- TLS */

/* keep_message - as much of a message as the hello's kind wants kept */
static void
keep_message(struct mh_stream *stream, struct mh_str message, unsigned type)
{
	if (type == MH_MESSAGE_CERTIFICATE && stream->spec.hello.kind->keep == MH_KEEP_NONE)
		return;
	if (type == MH_MESSAGE_CERTIFICATE && stream->spec.hello.kind->keep == MH_KEEP_LEAF)
		message.len = mh_certificate_leaf_length(message, false);
	tell(stream, MH_EVENT_MESSAGE, message);
}

/* is_enough - whether this message is the last that is wanted */
static bool
is_enough(struct mh_stream *stream, struct mh_str message, unsigned type)
{
	struct mh_server_hello hello;
	int until = stream->spec.hello.kind->until;
	if (type == MH_MESSAGE_SSL2_HELLO || type == MH_MESSAGE_DONE || type == MH_MESSAGE_KEY_EXCHANGE)
		return true;
	if (type == MH_MESSAGE_CERTIFICATE)
		return until == MH_UNTIL_CERTIFICATE ||
		    (stream->suite != NULL && stream->suite->kx != MH_KX_DHE &&
			stream->suite->kx != MH_KX_ECDHE);
	if (type != MH_MESSAGE_SERVER_HELLO)
		return false;
	if (!mh_server_hello_read(message, &hello))
		return true;
	stream->suite = mh_suite_find(hello.suite);
	/* What follows is encrypted, or waits for another hello. */
	return until == MH_UNTIL_SERVER_HELLO || hello.version == MH_TLS13;
}

/* take_flight - what a hello of ours was answered */
static void
take_flight(struct mh_stream *stream, int64_t now_us)
{
	struct mh_str item = MH_STR("");
	while (stream->state == SHAKING) {
		switch (mh_flight_next(&stream->flight, &item)) {
		case MH_FLIGHT_MORE:
			return;
		case MH_FLIGHT_MESSAGE: {
			unsigned type = (unsigned char)item.p[0];
			keep_message(stream, item, type);
			if (is_enough(stream, item, type))
				finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
			break;
		}
		case MH_FLIGHT_ALERT:
			tell(stream, MH_EVENT_ALERT, mh_str_n(item.p, 2));
			if (item.p[0] != 1 || item.p[1] == 0)
				finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
			break;
		case MH_FLIGHT_OTHER:
			break;
		case MH_FLIGHT_NOT_TLS:
			tell(stream, MH_EVENT_OCTETS,
			    mh_str_n(item.p, item.len < OCTETS_KEPT ? item.len : OCTETS_KEPT));
			finish(stream, MH_EVENT_GARBLED, MH_STR("not TLS"), now_us);
			break;
		case MH_FLIGHT_BROKEN:
			stream->is_bad = stream->is_bad || stream->flight.no_memory;
			finish(stream, MH_EVENT_GARBLED, MH_STR("record"), now_us);
			break;
		}
	}
}

/* say_get - the request, and the machine for its answer */
static void
say_get(struct mh_stream *stream, int64_t now_us)
{
	struct mh_buf text;
	mh_buf_init(&text, &stream->mem, 4096);
	stream->http = mh_mem_zalloc(&stream->mem, sizeof(*stream->http));
	if (stream->http != NULL)
		mh_http_init(stream->http, &stream->mem, NULL);
	if (stream->http != NULL &&
	    mh_http_request(&text, stream->spec.sni, stream->spec.port, stream->spec.target,
		MH_STR("text/plain, */*;q=0.1"), MH_STR(AGENT))) {
		tell(stream, MH_EVENT_SAID, mh_str_n(text.p, text.len));
		mh_tls_say(stream->tls, mh_str_n(text.p, text.len), &stream->out);
		go(stream, FETCHING, now_us);
	} else if (stream->http == NULL || text.bad) {
		stream->is_bad = true;
	} else {
		finish(stream, MH_EVENT_GARBLED, MH_STR("request"), now_us);
	}
	mh_buf_free(&text);
}

/* take_answer - what came in clear inside TLS goes to the reader of the answer, until it has enough */
static void
take_answer(struct mh_stream *stream, int64_t now_us)
{
	struct mh_http *http = stream->http;
	if (mh_http_feed(http, mh_str_n(stream->plain.p, stream->plain.len))) {
		mh_buf_reset(&stream->plain);
		return;
	}
	mh_tls_close(stream->tls, &stream->out);
	if (http->state == MH_HTTP_DONE)
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
	else
		finish(stream, MH_EVENT_GARBLED, mh_str_z(mh_http_word((int)http->why)), now_us);
}

/* end_answer - the server has closed, with TLS's goodbye or without (RFC 9112 9.8) */
static void
end_answer(struct mh_stream *stream, bool is_proper, int64_t now_us)
{
	struct mh_http *http = stream->http;
	if (is_proper)
		mh_http_eof(http);
	else
		mh_http_cut(http);
	if (http->state == MH_HTTP_DONE)
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
	else
		finish(stream, MH_EVENT_GARBLED, mh_str_z(mh_http_word((int)http->why)), now_us);
}

/* secured - the handshake is done: what is said inside */
static void
secured(struct mh_stream *stream, int64_t now_us)
{
	struct mh_buf text;
	mh_buf_init(&text, &stream->mem, 256);
	mh_tls_describe(stream->tls, &text);
	stream->is_bad = stream->is_bad || text.bad;
	tell(stream, MH_EVENT_SECURED, text.bad ? MH_STR("") : mh_str_n(text.p, text.len));
	mh_buf_free(&text);
	stream->lines = 0;
	if (stream->spec.how == MH_HOW_GET)
		say_get(stream, now_us);
	else if (stream->spec.start == MH_START_TLS ||
	    mh_dialect_greets_with_capabilities(stream->spec.dialect))
		go(stream, INSIDE_GREETING, now_us); /* RFC 5804 2.2: it tells them again */
	else if (stream->spec.injects)
		go(stream, LISTENING, now_us);
	else
		say_hello(stream, true, now_us);
}

/* not_tls - whether what came in place of TLS is something else, which is kept then */
static bool
not_tls(struct mh_stream *stream, struct mh_str octets, int64_t now_us)
{
	if (stream->has_flight || octets.len == 0)
		return false;
	unsigned char c = (unsigned char)octets.p[0];
	stream->has_flight = true;
	if (c >= 20 && c <= 23)
		return false;
	tell(stream, MH_EVENT_OCTETS,
	    mh_str_n(octets.p, octets.len < OCTETS_KEPT ? octets.len : OCTETS_KEPT));
	finish(stream, MH_EVENT_GARBLED, MH_STR("not TLS"), now_us);
	return true;
}

/* run_tls - OpenSSL goes on as far as it can */
static void
run_tls(struct mh_stream *stream, int64_t now_us)
{
	enum mh_tls_state state = mh_tls_run(stream->tls, &stream->out, &stream->plain);
	if (stream->state == SHAKING && state == MH_TLS_SECURED)
		secured(stream, now_us);
	size_t read = 0;
	if (stream->state == FETCHING && stream->plain.len > 0)
		take_answer(stream, now_us);
	else if (stream->state != SHAKING && stream->state != FETCHING)
		take_lines(stream, &stream->plain, &read, now_us);
	if (stream->state == DONE)
		return;
	if (read > 0) {
		memmove(stream->plain.p, stream->plain.p + read, stream->plain.len - read);
		stream->plain.len -= read;
	}
	if (stream->state == LISTENING && stream->plain.len > 0) {
		tell(stream, MH_EVENT_INJECTED,
		    mh_str_n(stream->plain.p,
			stream->plain.len < OCTETS_KEPT ? stream->plain.len : OCTETS_KEPT));
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
		return;
	}
	if (state == MH_TLS_FAILED)
		finish(stream, MH_EVENT_GARBLED, MH_STR("handshake"), now_us);
	else if (state == MH_TLS_CLOSED && stream->state == FETCHING)
		end_answer(stream, true, now_us);
	else if (state == MH_TLS_CLOSED)
		finish(stream, MH_EVENT_EOF, MH_STR(""), now_us);
}

/* ---------------------------------------------------------------- the world */

void
mh_stream_begin(struct mh_stream *stream, int64_t now_us)
{
	stream->begun_us = stream->last_us = now_us;
	go(stream, CONNECTING, now_us);
}

void
mh_stream_connected(struct mh_stream *stream, int64_t now_us)
{
	if (stream->state != CONNECTING)
		return;
	stream->last_us = now_us;
	tell(stream, MH_EVENT_CONNECTED, MH_STR(""));
	if (stream->spec.start == MH_START_TLS)
		begin_tls(stream, now_us);
	else
		go(stream, GREETING, now_us);
}

void
mh_stream_failed(struct mh_stream *stream, int event, struct mh_str text, int64_t now_us)
{
	finish(stream, event, text, now_us);
}

/* feed_text - in clear */
static void
feed_text(struct mh_stream *stream, struct mh_str octets, int64_t now_us)
{
	if (stream->in.len + octets.len > stream->in.max) {
		finish(stream, MH_EVENT_TOO_MUCH, MH_STR("octets"), now_us);
		return;
	}
	mh_buf_putstr(&stream->in, octets);
	if (stream->in.bad) {
		stream->is_bad = true;
		return;
	}
	/* A server that speaks TLS at once is recognised by what it says first. */
	if (stream->state == GREETING && stream->in_read == 0 && stream->in.len > 0) {
		unsigned char c = (unsigned char)stream->in.p[0];
		if (c == 0x15 || c == 0x16 || c >= 0x80) {
			tell(stream, MH_EVENT_OCTETS,
			    mh_str_n(stream->in.p,
				stream->in.len < OCTETS_KEPT ? stream->in.len : OCTETS_KEPT));
			finish(stream, MH_EVENT_GARBLED, MH_STR("not text"), now_us);
			return;
		}
	}
	take_lines(stream, &stream->in, &stream->in_read, now_us);
	if (stream->state == DONE || stream->in_read == 0)
		return;
	memmove(stream->in.p, stream->in.p + stream->in_read, stream->in.len - stream->in_read);
	stream->in.len -= stream->in_read;
	stream->in_read = 0;
}

/* feed - a piece, which no buffer of ours is too small for */
static void
feed(struct mh_stream *stream, struct mh_str octets, int64_t now_us)
{
	stream->phase_octets += octets.len;
	switch (stream->state) {
	case PAUSE:
		tell(stream, MH_EVENT_INJECTED,
		    mh_str_n(octets.p, octets.len < OCTETS_KEPT ? octets.len : OCTETS_KEPT));
		break;
	case GREETING:
	case HELLO:
	case HELO:
	case SCRIPT:
	case START:
		feed_text(stream, octets, now_us);
		break;
	default:
		if (stream->tls != NULL) {
			if (not_tls(stream, octets, now_us))
				break;
			mh_tls_feed(stream->tls, octets);
			run_tls(stream, now_us);
		} else if (mh_flight_feed(&stream->flight, octets)) {
			take_flight(stream, now_us);
		} else if (stream->flight.no_memory) {
			stream->is_bad = true;
		} else {
			finish(stream, MH_EVENT_TOO_MUCH, MH_STR("octets"), now_us);
		}
		break;
	}
}

void
mh_stream_feed(struct mh_stream *stream, struct mh_str octets, int64_t now_us)
{
	if (octets.len == 0 || stream->state == DONE || stream->state == CONNECTING)
		return;
	stream->last_us = now_us;
	/* Without memory a state may not have been left, and would be entered again. */
	while (octets.len > 0 && stream->state != DONE && !mh_stream_is_out_of_memory(stream)) {
		size_t n = octets.len < PIECE ? octets.len : PIECE;
		feed(stream, mh_str_n(octets.p, n), now_us);
		octets = mh_str_n(octets.p + n, octets.len - n);
	}
}

void
mh_stream_eof(struct mh_stream *stream, int64_t now_us)
{
	if (stream->state == CONNECTING)
		return; /* there is nothing that could be closed */
	stream->last_us = now_us;
	if (stream->state == FETCHING)
		end_answer(stream, false, now_us);
	else
		finish(stream, MH_EVENT_EOF, MH_STR(""), now_us);
}

/* ------------------------------------------------------------------ waiting */

/* limit_us - how long the phase may take */
static int64_t
limit_us(const struct mh_stream *stream)
{
	const uint32_t *wait_ms = stream->spec.wait_ms;
	switch (stream->state) {
	case CONNECTING:
		return (int64_t)wait_ms[MH_WAIT_CONNECT] * 1000;
	case GREETING:
		return (int64_t)wait_ms[MH_WAIT_GREETING] * 1000;
	case SHAKING:
		return (int64_t)wait_ms[MH_WAIT_HELLO] * 1000;
	case PAUSE:
		return (int64_t)stream->spec.pause_ms * 1000;
	case LISTENING:
		return INJECT_US;
	case INSIDE_GREETING: /* with TLS at once it is the first, which may take as long as in clear */
		return (int64_t)
			   wait_ms[stream->spec.start == MH_START_TLS ? MH_WAIT_GREETING : MH_WAIT_REPLY] *
		    1000;
	default:
		return (int64_t)wait_ms[MH_WAIT_REPLY] * 1000;
	}
}

int64_t
mh_stream_due_us(const struct mh_stream *stream)
{
	return stream->state != DONE ? stream->phase_us + limit_us(stream) : -1;
}

void
mh_stream_tick(struct mh_stream *stream, int64_t now_us)
{
	if (stream->state == DONE || now_us < mh_stream_due_us(stream))
		return;
	if (stream->state == PAUSE) {
		begin_tls(stream, now_us);
		return;
	}
	if (stream->state == LISTENING) {
		hang_up(stream);
		finish(stream, MH_EVENT_DONE, MH_STR(""), now_us);
		return;
	}
	if (stream->phase_octets == 0 || now_us - stream->last_us > QUIET_US) {
		/* A line that never ended, or that ends in what does not end lines, is worth seeing. */
		size_t left = stream->in.len - stream->in_read;
		if (left > 0)
			tell(stream, MH_EVENT_OCTETS,
			    mh_str_n(stream->in.p + stream->in_read,
				left < OCTETS_KEPT ? left : OCTETS_KEPT));
		finish(stream, MH_EVENT_SILENT, MH_STR(""), now_us);
		return;
	}
	size_t octets = stream->phase_octets;
	stream->last_us = now_us;
	if (stream->state == FETCHING)
		tell_fetched(stream);
	tell_number(stream, MH_EVENT_SLOW, octets);
	end(stream, now_us);
}
