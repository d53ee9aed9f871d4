/* tls_seen.c - captures into facts */
#include "tls_seen.h"

#include "dialect.h"
#include "port.h"
#include "tls_offer.h"

/* strip - a line without its end; *bare: it was a bare LF */
static struct mh_str
strip(struct mh_str line, bool *bare)
{
	struct mh_cur cur = mh_cur_of(line.p, line.len);
	int end;
	struct mh_str text = mh_cur_line(&cur, &end);
	if (end == 1)
		*bare = true;
	return text;
}

static int
code_of(struct mh_str line)
{
	return line.len >= 3 ? (int)mh_str_int(mh_str_n(line.p, 3), 999) : -1;
}

/* ------------------------------------------------------------- capabilities */

/* is_masked - a keyword of X alone, as firewalls write over STARTTLS */
static bool
is_masked(struct mh_str word)
{
	size_t n = 0;
	while (n < word.len && (word.p[n] == 'X' || word.p[n] == 'x' || word.p[n] == '*'))
		n++;
	/* Cisco's writes XXXXXXXA, others leave the ends. */
	return n >= 4 && n + 1 >= word.len;
}

/* shows_password - whether one of the mechanisms sends what an eavesdropper can use himself; challenges and what is
 * derived from them (CRAM-MD5, SCRAM, GSSAPI) are none of these */
static bool
shows_password(struct mh_str mechanisms)
{
	static const char *const safe[] = { "CRAM-MD5", "DIGEST-MD5", "SCRAM-", "GSSAPI", "GS2-", "NTLM",
		"EXTERNAL" };
	struct mh_cur cur = mh_cur_of(mechanisms.p, mechanisms.len);
	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		struct mh_str word = mh_cur_until(&cur, " \t");
		bool is_safe = false;
		for (size_t i = 0; i < MH_COUNT(safe); i++)
			is_safe = is_safe || mh_str_istarts(word, mh_str_z(safe[i]));
		if (!is_safe)
			return true;
	}
	return false;
}

/* take_smtp - a line of an EHLO or LHLO reply, behind its code */
static void
take_smtp(struct mh_str text, bool is_first, struct mh_capabilities *caps)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	struct mh_str word = mh_cur_until(&cur, " =");
	mh_cur_u8(&cur);
	struct mh_str rest = mh_cur_rest(&cur);

	if (is_first) {
		caps->name = word;
		return;
	}
	if (mh_str_ieq(word, MH_STR("STARTTLS")))
		caps->starttls = true;
	else if (mh_str_ieq(word, MH_STR("AUTH")) && shows_password(rest))
		caps->auth = text;
	else if (mh_str_ieq(word, MH_STR("PIPELINING")))
		caps->pipelining = true;
	else if (mh_str_ieq(word, MH_STR("8BITMIME")))
		caps->eightbitmime = true;
	else if (mh_str_ieq(word, MH_STR("SMTPUTF8")))
		caps->smtputf8 = true;
	else if (mh_str_ieq(word, MH_STR("REQUIRETLS")))
		caps->requiretls = true;
	else if (mh_str_ieq(word, MH_STR("DSN")))
		caps->dsn = true;
	else if (mh_str_ieq(word, MH_STR("CHUNKING")))
		caps->chunking = true;
	else if (mh_str_ieq(word, MH_STR("ENHANCEDSTATUSCODES")))
		caps->enhanced = true;
	else if (mh_str_ieq(word, MH_STR("SIZE"))) {
		int64_t size = mh_str_int(rest, INT64_MAX / 16);
		caps->has_size = true;
		caps->size = size > 0 ? size : 0;
	} else if (is_masked(word))
		caps->masked = text;
}

/* take_words - a line of IMAP's, POP3's or ManageSieve's capabilities */
static void
take_words(struct mh_str line, int dialect, struct mh_capabilities *caps)
{
	struct mh_cur cur = mh_cur_of(line.p, line.len);
	while (mh_cur_left(&cur) > 0) {
		struct mh_str word = mh_cur_until(&cur, " \"[]");
		mh_cur_u8(&cur);
		if (mh_str_ieq(word, MH_STR("STARTTLS")) ||
		    (dialect == MH_DIALECT_POP3 && mh_str_ieq(word, MH_STR("STLS"))))
			caps->starttls = true;
		else if (mh_str_istarts(word, MH_STR("AUTH=PLAIN")) ||
		    mh_str_istarts(word, MH_STR("AUTH=LOGIN")) ||
		    (dialect == MH_DIALECT_POP3 &&
			(mh_str_ieq(word, MH_STR("USER")) || mh_str_ieq(word, MH_STR("PLAIN")))) ||
		    (dialect == MH_DIALECT_SIEVE && mh_str_ieq(word, MH_STR("PLAIN"))))
			caps->auth = line;
		else if (is_masked(word) && word.len == 8)
			caps->masked = line;
	}
}

/* has_word - an IMAP server that says LOGINDISABLED takes no password here */
static bool
has_word(struct mh_str line, struct mh_str word)
{
	for (size_t i = 0; i + word.len <= line.len; i++)
		if (mh_str_istarts(mh_str_n(line.p + i, line.len - i), word))
			return true;
	return false;
}

/* ------------------------------------------------------------------- events */

struct reader {
	struct mh_seen *seen;
	const struct mh_stream_spec *spec;
	enum mh_said said;
	unsigned lines; /* of this reply */
	bool is_inside, has_greeting, is_rcpt;
	struct mh_str sender; /* of the last MAIL */
	int dialect;
	uint32_t said_us, tls_us;
};

static void
take_line(struct reader *reader, const struct mh_stream_event *event)
{
	struct mh_seen *seen = reader->seen;
	struct mh_str line = strip(event->octets, &seen->has_bare_lf);
	if (reader->is_inside && reader->spec->start == MH_START_TLS && !reader->has_greeting)
		reader->dialect = mh_dialect_of_greeting(line, reader->dialect);
	reader->has_greeting = true;
	int dialect = reader->dialect;
	bool is_smtp = dialect == MH_DIALECT_SMTP || dialect == MH_DIALECT_LMTP;
	bool is_first = reader->lines++ == 0;
	struct mh_capabilities *caps = reader->is_inside ? &seen->inside : &seen->outside;
	enum mh_reply_kind kind = mh_dialect_reply(dialect, reader->said, line, is_first);

	if (reader->said == MH_SAID_NOTHING && (!reader->is_inside || reader->spec->start == MH_START_TLS)) {
		if (is_first)
			seen->greeting = line;
		/* Its last line ends it: postscreen sends the first at once. */
		seen->greeting_us = event->at_us - seen->connected_us;
		seen->greeting_end = line;
	}
	if (reader->said == MH_SAID_HELLO && is_smtp && (code_of(line) == 250 || !is_first))
		take_smtp(line.len > 4 ? mh_str_n(line.p + 4, line.len - 4) : MH_STR(""), is_first, caps);
	else if (!is_smtp && (reader->said == MH_SAID_HELLO || reader->said == MH_SAID_NOTHING))
		take_words(line, dialect, caps);
	if (dialect == MH_DIALECT_IMAP && has_word(line, MH_STR("LOGINDISABLED")))
		caps->auth = MH_STR("");
	if (kind == MH_REPLY_GOES_ON)
		return;
	seen->reply = line;
	seen->code = is_smtp ? code_of(line) : 0;
	seen->replied = seen->phase;
	seen->is_good = kind == MH_REPLY_GOOD;
	if (reader->is_rcpt) {
		reader->is_rcpt = false;
		seen->relay_tries++;
		seen->relay_refused += seen->code / 100 == 5;
		if (seen->is_good && seen->relayed.p == NULL)
			seen->relayed = reader->sender;
	}
	if (seen->is_good &&
	    (reader->said == MH_SAID_HELLO ||
		(dialect == MH_DIALECT_SIEVE && reader->said == MH_SAID_NOTHING)))
		caps->is_known = true;
	if (reader->said == MH_SAID_HELLO && !reader->is_inside)
		seen->hello_us = event->at_us - reader->said_us;
	reader->lines = 0;
}

static void
take_said(struct reader *reader, const struct mh_stream_event *event)
{
	struct mh_seen *seen = reader->seen;
	struct mh_str line = event->octets;
	reader->lines = 0;
	reader->said_us = event->at_us;
	reader->is_rcpt = mh_str_istarts(line, MH_STR("RCPT "));
	if (mh_str_istarts(line, MH_STR("MAIL FROM:")))
		reader->sender = mh_str_n(line.p + 10, line.len - 10);
	if (reader->is_rcpt || mh_str_istarts(line, MH_STR("MAIL ")) ||
	    mh_str_istarts(line, MH_STR("RSET"))) {
		reader->said = MH_SAID_HELO; /* any command: its reply has no capabilities */
	} else if (mh_str_istarts(line, MH_STR("HELO"))) {
		reader->said = MH_SAID_HELO;
		seen->used_helo = true;
	} else if (has_word(line, MH_STR("STARTTLS")) || mh_str_eq(line, MH_STR("STLS"))) {
		reader->said = MH_SAID_START;
	} else {
		reader->said = MH_SAID_HELLO;
	}
	if (!reader->is_inside)
		seen->phase = reader->said == MH_SAID_START ? MH_SEEN_START : MH_SEEN_HELLO;
}

/* take_ticket - RFC 8446 4.6.1; of TLS 1.2 (RFC 5077 3.3) the lifetime alone */
static void
take_ticket(struct mh_seen *seen, struct mh_str message)
{
	struct mh_cur cur = mh_cur_of(message.p + 4, message.len - 4);
	seen->has_ticket = true;
	seen->ticket_lifetime = mh_cur_u32(&cur);
	if (seen->hello.version != MH_TLS13)
		return;
	(void)mh_cur_u32(&cur); /* age_add */
	(void)mh_cur_take(&cur, mh_cur_u8(&cur)); /* nonce */
	(void)mh_cur_take(&cur, mh_cur_u16(&cur)); /* ticket */
	struct mh_str extensions = mh_cur_take(&cur, mh_cur_u16(&cur));
	cur = mh_cur_of(extensions.p, extensions.len);
	while (mh_cur_left(&cur) >= 4) {
		unsigned type = mh_cur_u16(&cur);
		struct mh_str body = mh_cur_take(&cur, mh_cur_u16(&cur));
		struct mh_cur inner = mh_cur_of(body.p, body.len);
		if (type == 42 && !mh_cur_bad(&cur))
			seen->early_data = mh_cur_u32(&inner);
	}
}

/* has_suffix - whether the text ends so */
static bool
has_suffix(struct mh_str text, struct mh_str end)
{
	return text.len >= end.len && memcmp(text.p + text.len - end.len, end.p, end.len) == 0;
}

static void
take_message(struct reader *reader, const struct mh_stream_event *event)
{
	struct mh_seen *seen = reader->seen;
	struct mh_str message = event->octets;
	if (message.len < 4)
		return;
	if (seen->first_us == 0)
		seen->first_us = event->at_us - reader->tls_us;
	switch ((unsigned char)message.p[0]) {
	case MH_MESSAGE_SSL2_HELLO:
	case MH_MESSAGE_SERVER_HELLO: {
		struct mh_server_hello hello;
		if (!mh_server_hello_read(message, &hello))
			break;
		/* Of a HelloRetryRequest the group counts, which the second hello may not repeat. */
		if (seen->has_hello && hello.group == 0)
			hello.group = seen->hello.group;
		seen->hello = hello;
		seen->has_hello = true;
		seen->suite = mh_suite_find(seen->hello.suite);
		break;
	}
	case MH_MESSAGE_CERTIFICATE:
		seen->certificate = message;
		if (seen->hello.version == MH_TLS13) {
			size_t at = 0;
			bool is_bad = false;
			(void)mh_certificate_next(message, true, &at, &seen->staple, &is_bad);
		}
		break;
	case MH_MESSAGE_KEY_EXCHANGE:
		if (seen->suite != NULL &&
		    mh_key_exchange_read(message, seen->suite, seen->hello.version, &seen->key))
			seen->signature = seen->key.signature;
		break;
	case MH_MESSAGE_CERTIFICATE_VERIFY:
		if (message.len >= 6)
			seen->signature =
			    (uint16_t)((unsigned char)message.p[4] << 8 | (unsigned char)message.p[5]);
		break;
	case MH_MESSAGE_CERTIFICATE_REQUEST:
		seen->wants_client_certificate = true;
		break;
	case MH_MESSAGE_CERTIFICATE_STATUS:
		seen->staple = mh_staple_read(message);
		break;
	case MH_MESSAGE_NEW_SESSION_TICKET:
		take_ticket(seen, message);
		break;
	default:
		break;
	}
}

static void
take_event(struct reader *reader, const struct mh_stream_event *event)
{
	struct mh_seen *seen = reader->seen;
	seen->end = event->kind;
	seen->end_text = event->octets;
	seen->end_us = event->at_us;
	switch (event->kind) {
	case MH_EVENT_CONNECTED:
		seen->connected_us = event->at_us;
		seen->phase = MH_SEEN_GREETING;
		break;
	case MH_EVENT_LINE:
		if (reader->spec->how != MH_HOW_GET)
			take_line(reader, event);
		break;
	case MH_EVENT_SAID:
		take_said(reader, event);
		break;
	case MH_EVENT_TLS:
		seen->phase = MH_SEEN_TLS;
		seen->has_tls = true;
		seen->hello_size = (int)mh_str_int(event->octets, 65535);
		reader->tls_us = event->at_us;
		break;
	case MH_EVENT_MESSAGE:
		take_message(reader, event);
		break;
	case MH_EVENT_ALERT:
		/* The last that is fatal counts; close_notify is none. */
		if (event->octets.len == 2 && event->octets.p[1] != 0)
			seen->alert = (unsigned char)event->octets.p[1];
		break;
	case MH_EVENT_OUR_ALERT:
		if (event->octets.len == 2 && event->octets.p[1] != 0)
			seen->our_alert = (unsigned char)event->octets.p[1];
		break;
	case MH_EVENT_SECURED:
		seen->secured = true;
		seen->resumed = has_suffix(event->octets, MH_STR(" resumed")) ? MH_TRI_YES
		    : has_suffix(event->octets, MH_STR(" new"))               ? MH_TRI_NO
									      : MH_TRI_UNKNOWN;
		seen->secured_us = event->at_us - reader->tls_us;
		seen->phase = MH_SEEN_INSIDE;
		reader->is_inside = true;
		reader->said = MH_SAID_NOTHING;
		reader->lines = 0;
		break;
	case MH_EVENT_OCTETS:
		seen->octets = event->octets;
		break;
	case MH_EVENT_INJECTED:
		seen->injected = event->octets;
		seen->is_injected_inside = reader->is_inside;
		break;
	default:
		break;
	}
}

void
mh_seen_read(const struct mh_fact *fact, const struct mh_stream_spec *spec, struct mh_seen *seen)
{
	struct reader reader = { .seen = seen, .spec = spec, .dialect = spec->dialect };
	struct mh_stream_event event;
	*seen = (struct mh_seen){ .fact = fact, .alert = -1, .our_alert = -1 };
	for (size_t i = 0; mh_event_at(fact, i, &event); i++)
		take_event(&reader, &event);
}

int
mh_seen_key(const struct mh_seen *seen)
{
	if (seen->certificate.len == 0)
		return MH_AUTH_ANY;
	if (seen->hello.version != MH_TLS13 && seen->suite != NULL && seen->suite->auth == MH_AUTH_RSA)
		return MH_AUTH_RSA;
	switch (seen->signature & 0xff) {
	case 0x01:
		return MH_AUTH_RSA;
	case 0x03:
		return MH_AUTH_ECDSA;
	default:
		break;
	}
	if (seen->signature >= 0x0804 && seen->signature <= 0x0806)
		return MH_AUTH_RSA;
	if (seen->signature >= 0x0809 && seen->signature <= 0x080b)
		return MH_AUTH_RSA;
	return MH_AUTH_ANY;
}

bool
mh_seen_is_our_network(const struct mh_seen *seen)
{
	return seen->phase == MH_SEEN_CONNECT && seen->end == MH_EVENT_UNREACHABLE &&
	    (mh_str_eq(seen->end_text, MH_STR("network")) || mh_str_eq(seen->end_text, MH_STR("forbidden")));
}

bool
mh_seen_is_rate_limited(const struct mh_seen *seen)
{
	if (seen->is_good || seen->code == 0)
		return false;
	return seen->code == 421 || (seen->replied == MH_SEEN_GREETING && seen->code / 100 == 4);
}
