/* log_postfix.c - what Postfix logs
 *
 * Three kinds of lines matter: what became of a recipient ("to=<...>, ...,
 * status=bounced (host ... said: ...)", of every delivering program and of
 * the bounce and error services), what a delivery program says of one host
 * before it tries the next, and what the servers refuse.  Which can appear
 * depends on the program, so it is asked first.
 *
 * A reply is what stands behind "said: " or "refused to talk to me: "; the
 * words around it tell phase and host and are taken off.
 */
#include "log_mta.h"

/* take_id - "3mPVKl0Mhjz7sXv: " or "NOQUEUE: ", taken off; empty if there is none.  A word like "warning: "
 * is none: ids have digits, or no lower case at all. */
#define ID 1u
#define ID_DIGIT 2u
#define ID_LOWER 4u

static struct mh_str
take_id(struct mh_str *s)
{
	/* clang-format off */
	static const uint8_t kinds[256] = {
		['0'] = 3, 3, 3, 3, 3, 3, 3, 3, 3, 3,
		['A'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		['a'] = 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5,
	};
	/* clang-format on */
	unsigned seen = 0, kind;
	size_t at = 0;
	for (; at < s->len && ((kind = kinds[(unsigned char)s->p[at]]) & ID) != 0; at++)
		seen |= kind;
	if (at < 5 || at + 2 > s->len || s->p[at] != ':' || s->p[at + 1] != ' ' ||
	    (seen & (ID_DIGIT | ID_LOWER)) == ID_LOWER)
		return mh_str_n(s->p, 0);
	struct mh_str id = mh_log_to(*s, at);
	*s = mh_log_from(*s, at + 2);
	return id;
}

/* take_reply_end - "(in reply to RCPT TO command)" off the end of text, into phase */
static void
take_reply_end(struct mh_str *text, struct mh_logline *out)
{
	struct mh_str mark = MH_STR("(in reply to ");
	if (text->len == 0 || text->p[text->len - 1] != ')')
		return;
	size_t at = mh_log_find_last(*text, mark, 80);
	if (at >= text->len)
		return;
	out->phase = (uint8_t)mh_log_phase(mh_log_from(*text, at + mark.len));
	while (at > 0 && text->p[at - 1] == ' ')
		at--;
	*text = mh_log_to(*text, at);
}

/* words - what was said of a delivery or of one host, into text, remote and phase; peer: where to put the
 * host that it names */
static void
words(struct mh_str text, struct mh_logline *out, struct mh_logline *peer)
{
	struct mh_str s = text;
	size_t len;
	(void)MH_LOG_TAKE(&s, "delivery temporarily suspended: ");
	out->text = text;
	if (MH_LOG_TAKE(&s, "host ")) {
		len = mh_log_peer(s, peer);
		s = mh_log_from(s, len);
		if (len > 0 && MH_LOG_TAKE(&s, " said: ")) {
			out->remote = true;
		} else if (len > 0 && MH_LOG_TAKE(&s, " refused to talk to me: ")) {
			out->remote = true;
			out->phase = MH_PHASE_CONNECT;
		} else {
			return;
		}
		take_reply_end(&s, out);
		out->text = s;
	} else if (MH_LOG_TAKE(&s, "lost connection with ") || MH_LOG_TAKE(&s, "conversation with ")) {
		len = mh_log_peer(s, peer);
		s = mh_log_from(s, len);
		(void)MH_LOG_TAKE(&s, " timed out");
		if (MH_LOG_TAKE(&s, " while "))
			out->phase = (uint8_t)mh_log_phase(s);
	} else if (MH_LOG_TAKE(&s, "connect to ")) {
		(void)mh_log_peer(s, peer);
		out->phase = MH_PHASE_CONNECT;
	} else if (MH_LOG_TAKE(&s, "TLS is required, but host ")) {
		len = mh_log_peer(s, peer);
		s = mh_log_from(s, len);
		out->phase = MH_PHASE_STARTTLS;
		if (MH_LOG_TAKE(&s, " refused to start TLS: ")) {
			out->remote = mh_log_is_reply(s);
			out->text = s;
		}
		out->cause = mh_tls_cause(text);
		if (out->cause[0] == '\0')
			out->cause = mh_tls_cause(out->text);
	} else if (MH_LOG_TAKE(&s, "TLS is required, but was not offered by host ")) {
		(void)mh_log_peer(s, peer);
		out->phase = MH_PHASE_STARTTLS;
		out->cause = mh_tls_cause(text);
	} else if (mh_log_is_reply(s)) {
		out->remote = true;
		take_reply_end(&s, out);
		out->text = s;
	} else if (MH_LOG_BEGINS(s, "Cannot start TLS") || MH_LOG_BEGINS(s, "TLS ") ||
	    MH_LOG_BEGINS(s, "Server certificate ")) {
		out->phase = MH_PHASE_STARTTLS;
		out->cause = mh_tls_cause(text);
	} else {
		mh_log_tls_fault(out);
	}
}

/* address - "user@example.com>, " as far as the '>', which is taken too */
static struct mh_str
address(struct mh_str *s)
{
	size_t at = 0;
	for (;; at++) {
		at += mh_log_chr(mh_log_from(*s, at), '>');
		if (at + 1 >= s->len || s->p[at + 1] == ',' || s->p[at + 1] == ' ' || s->p[at + 1] == ';' ||
		    s->p[at + 1] == ':')
			break;
	}
	struct mh_str found = mh_log_to(*s, at);
	*s = mh_log_from(*s, at + 1);
	return found;
}

static void
relay(struct mh_str value, struct mh_logline *out)
{
	if (mh_log_peer(value, out) == 0)
		out->relay = value;
}

static const struct {
	struct mh_str word;
	enum mh_log_result result;
} results[] = {
	{ { "sent", 4 }, MH_RESULT_SENT }, { { "deferred", 8 }, MH_RESULT_DEFERRED },
	{ { "bounced", 7 }, MH_RESULT_BOUNCED }, { { "expired", 7 }, MH_RESULT_EXPIRED },
	{ { "force-expired", 13 }, MH_RESULT_EXPIRED },
	{ { "SOFTBOUNCE", 10 }, MH_RESULT_DEFERRED }, /* soft_bounce = yes */
};

/* status - the last field: "bounced (host ... said: ...)".  The words of an address probe, "deliverable" and
 * its like, are no results: nothing was to be delivered. */
static void
status(struct mh_str s, struct mh_logline *out)
{
	struct mh_str unused_ip = out->relay_ip, unused = out->relay;
	int32_t port = out->relay_port;
	size_t end = mh_log_chr(s, ' ');
	struct mh_str word = mh_log_to(s, end), text = mh_log_from(s, end + 1);
	out->event = MH_EVENT_NOTICE;
	for (size_t i = 0; i < MH_COUNT(results); i++)
		if (mh_str_eq(word, results[i].word)) {
			out->event = MH_EVENT_DELIVERY;
			out->result = (uint8_t)results[i].result;
		}
	if (MH_LOG_TAKE(&text, "(") && text.len > 0 && text.p[text.len - 1] == ')')
		text.len--;
	/* relay= stands: where it is "none", the host in the words is one of earlier. */
	words(text, out, out);
	out->relay_ip = unused_ip;
	out->relay = unused;
	out->relay_port = port;
}

/* delivery - behind "to=<"; false if the line ends before it says what happened */
static bool
delivery(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_DELIVERY);
	out->queue_id = id;
	out->recipient = address(&s);
	while (MH_LOG_TAKE(&s, ", ")) {
		if (MH_LOG_TAKE(&s, "status=")) {
			status(s, out);
			return true;
		}
		if (MH_LOG_TAKE(&s, "orig_to=<")) {
			out->orig_recipient = address(&s);
			continue;
		}
		size_t end = mh_log_chr(s, ',');
		struct mh_str value = mh_log_to(s, end);
		s = mh_log_from(s, end);
		if (MH_LOG_TAKE(&value, "relay="))
			relay(value, out);
		else if (MH_LOG_TAKE(&value, "delay="))
			out->delay_ms = mh_log_seconds(value);
		else if (MH_LOG_TAKE(&value, "dsn=") && mh_log_is_dsn(value))
			out->dsn = value;
	}
	return false;
}

/* queue - qmgr: the sender, or that the message is given up */
static bool
queue(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	if (id.len == 0 || !MH_LOG_TAKE(&s, "from=<"))
		return false;
	struct mh_str sender = address(&s);
	if (MH_LOG_TAKE(&s, ", status=expired") || MH_LOG_TAKE(&s, ", status=force-expired")) {
		mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_DELIVERY);
		out->result = MH_RESULT_EXPIRED;
		(void)MH_LOG_TAKE(&s, ", ");
		out->text = s;
	} else if (MH_LOG_BEGINS(s, ", size=")) {
		mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_MESSAGE);
	} else {
		return false;
	}
	out->queue_id = id;
	out->sender = sender;
	return true;
}

/* envelope - "from=<a> to=<b>" or "from=<a>, to=<b>, ..." behind a refusal */
static struct mh_str
envelope(struct mh_str s, struct mh_logline *out)
{
	for (;;) {
		while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == ','))
			s = mh_log_from(s, 1);
		if (MH_LOG_TAKE(&s, "from=<")) {
			out->sender = address(&s);
		} else if (MH_LOG_TAKE(&s, "to=<")) {
			out->recipient = address(&s);
		} else if (MH_LOG_TAKE(&s, "helo=<")) {
			(void)address(&s);
		} else if (MH_LOG_BEGINS(s, "proto=") || MH_LOG_BEGINS(s, "sasl_")) {
			size_t end = 0;
			while (end < s.len && s.p[end] != ' ' && s.p[end] != ',' && s.p[end] != ':')
				end++;
			s = mh_log_from(s, end);
		} else {
			return s;
		}
	}
}

/* refusal - behind "reject: ": "RCPT from host[ip]: 554 5.7.1 ...; from=<a> to=<b> proto=ESMTP helo=<c>", or
 * "header Subject: x from host[ip]; from=<a> ...: 5.7.1 ..." */
static bool
refusal(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_REJECT);
	out->inbound = true;
	if (!MH_LOG_BEGINS(id, "NOQUEUE"))
		out->queue_id = id;
	size_t end = MH_LOG_FIND(s, "; from=<");
	struct mh_str said = mh_log_to(s, end), behind = envelope(mh_log_from(s, end + 2), out);
	if (MH_LOG_BEGINS(s, "header ") || MH_LOG_BEGINS(s, "body ") || MH_LOG_BEGINS(s, "mime-header ") ||
	    MH_LOG_BEGINS(s, "nested-header ") || MH_LOG_BEGINS(s, "content ")) {
		out->phase = MH_PHASE_EOD;
		size_t from = mh_log_find_last(said, MH_STR(" from "), 512);
		(void)mh_log_peer(mh_log_from(said, from + 6), out);
		(void)MH_LOG_TAKE(&behind, ": ");
		out->text = behind;
		return true;
	}
	out->phase = (uint8_t)mh_log_phase(said);
	size_t from = MH_LOG_FIND(said, " from ");
	if (from < said.len && from < MH_LOG_FIND(said, ": ")) {
		said = mh_log_from(said, from + 6);
		said = mh_log_from(said, mh_log_peer(said, out));
		if (!MH_LOG_TAKE(&said, ": "))
			said = mh_log_from(said, MH_LOG_FIND(said, ": ") + 2);
	} else {
		said = mh_log_from(said, MH_LOG_FIND(said, ": ") + 2);
	}
	out->text = said;
	return true;
}

/* tls_peer - TLS with a peer, behind "to " or "from " */
static bool
tls_peer(struct mh_str id, struct mh_str s, bool inbound, struct mh_str text, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_TLS);
	out->queue_id = id;
	out->inbound = inbound;
	out->phase = MH_PHASE_STARTTLS;
	out->text = text;
	s = mh_log_from(s, mh_log_peer(s, out));
	if (MH_LOG_TAKE(&s, ": ") && text.len == 0)
		out->text = s;
	return true;
}

/* tls_fault - the same for a fault, whose cause the words name */
static bool
tls_fault(struct mh_str id, struct mh_str s, bool inbound, struct mh_str text, struct mh_logline *out)
{
	(void)tls_peer(id, s, inbound, text, out);
	out->cause = mh_tls_cause(text);
	return true;
}

/* established - "Trusted TLS connection established to host[ip]:25: TLSv1.3 with cipher ..." */
static bool
established(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct mh_str none = mh_str_n(s.p, 0);
	(void)(MH_LOG_TAKE(&s, "Anonymous ") || MH_LOG_TAKE(&s, "Untrusted ") ||
	    MH_LOG_TAKE(&s, "Trusted ") || MH_LOG_TAKE(&s, "Verified "));
	if (!MH_LOG_TAKE(&s, "TLS connection "))
		return false;
	if (!MH_LOG_TAKE(&s, "established ") && !MH_LOG_TAKE(&s, "reused "))
		return false;
	if (MH_LOG_TAKE(&s, "to "))
		return tls_peer(id, s, false, none, out);
	return MH_LOG_TAKE(&s, "from ") && tls_peer(id, s, true, none, out);
}

/* warning - behind "warning: ": TLS is all that matters, and such warnings begin with few words */
static bool
warning(struct mh_str id, struct mh_str s, bool inbound, struct mh_logline *out)
{
	struct mh_str text = s;
	if (MH_LOG_TAKE(&s, "TLS library problem: "))
		return tls_fault(id, mh_str_n(s.p, 0), inbound, s, out);
	if (!inbound && MH_LOG_TAKE(&s, "host ")) { /* "greeted me with my own hostname": a loop */
		mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_NOTICE);
		out->queue_id = id;
		out->text = text;
		return mh_log_peer(s, out) > 0;
	}
	/* What the client cannot load is its own affair; without the server's key there is no TLS. */
	if (!MH_LOG_BEGINS(s, "TLS ") && !inbound)
		return false;
	if (!MH_LOG_BEGINS(s, "TLS ") && !MH_LOG_BEGINS(s, "cannot ") &&
	    !MH_LOG_BEGINS(s, "No server certs") && !MH_LOG_BEGINS(s, "DANE ") && !MH_LOG_BEGINS(s, "key ") &&
	    !MH_LOG_BEGINS(s, "error loading ") && !MH_LOG_BEGINS(s, "error opening chain ") &&
	    !MH_LOG_BEGINS(s, "RSA private key ") && !MH_LOG_BEGINS(s, "ECDSA private key ") &&
	    !MH_LOG_BEGINS(s, "Wrapper-mode "))
		return false;
	if (mh_tls_cause(text)[0] == '\0')
		return false;
	return tls_fault(id, mh_str_n(s.p, 0), inbound, text, out);
}

/* server - smtpd and postscreen */
static bool
server(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s;
	if (s.len == 0)
		return false;
	switch (s.p[0]) {
	case 'r':
		return MH_LOG_TAKE(&s, "reject: ") && refusal(id, s, out);
	case 'm':
		return MH_LOG_TAKE(&s, "milter-reject: ") && refusal(id, s, out);
	case 'p':
		return MH_LOG_TAKE(&s, "proxy-reject: ") && refusal(id, s, out);
	case 'w':
		return MH_LOG_TAKE(&s, "warning: ") && warning(id, s, true, out);
	case 'a':
		return MH_LOG_TAKE(&s, "abort: TLS from ") &&
		    tls_fault(mh_str_n(id.p, 0), s, true, text, out);
	case 'i': /* with TLS spoken to a port in clear */
		return MH_LOG_TAKE(&s, "improper command pipelining after ") &&
		    mh_tls_cause(text)[0] != '\0' &&
		    tls_fault(id, mh_log_from(s, MH_LOG_FIND(s, "from ") + 5), true, text, out);
	case 'S':
		return MH_LOG_TAKE(&s, "SSL_accept error from ") && tls_fault(id, s, true, text, out);
	case 'T':
		if (MH_LOG_BEGINS(s, "TLS handshake failed")) {
			size_t at = MH_LOG_FIND(s, "peer=");
			return tls_fault(id, mh_log_from(s, at + 5), true, text, out);
		}
		return established(id, s, out);
	case 'A':
	case 'U':
	case 'V':
		return established(id, s, out);
	case 'l':
		if (!MH_LOG_TAKE(&s, "lost connection after STARTTLS from "))
			return false;
		mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_NOTICE);
		out->inbound = true;
		out->phase = MH_PHASE_STARTTLS;
		out->text = text;
		(void)mh_log_peer(s, out);
		return true;
	default:
		return false;
	}
}

/* attempt - what a delivery program says of one host */
static bool
attempt(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_ATTEMPT);
	out->queue_id = id;
	words(s, out, out);
	return true;
}

/* client - the delivery programs, but for "to=<" */
static bool
client(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s;
	if (s.len == 0)
		return false;
	switch (s.p[0]) {
	case 'h':
		return MH_LOG_BEGINS(s, "host ") && attempt(id, s, out);
	case 'l':
		return MH_LOG_BEGINS(s, "lost connection with ") && attempt(id, s, out);
	case 'c':
		if (MH_LOG_TAKE(&s, "certificate verification failed for ") ||
		    MH_LOG_TAKE(&s, "certificate peer name verification failed for "))
			return tls_fault(id, s, false, text, out);
		return (MH_LOG_BEGINS(s, "connect to ") || MH_LOG_BEGINS(s, "conversation with ")) &&
		    attempt(id, s, out);
	case 's':
		return MH_LOG_TAKE(&s, "server certificate verification failed for ") &&
		    tls_fault(id, s, false, text, out);
	case 'C':
		return MH_LOG_BEGINS(s, "Cannot start TLS") &&
		    tls_fault(id, mh_str_n(s.p, 0), false, text, out);
	case 'S':
		if (MH_LOG_TAKE(&s, "SSL_connect error to "))
			return tls_fault(id, s, false, text, out);
		return MH_LOG_BEGINS(s, "Server certificate ") &&
		    tls_fault(id, mh_str_n(s.p, 0), false, text, out);
	case 'T':
		if (MH_LOG_BEGINS(s, "TLS is required")) {
			(void)attempt(id, s, out);
			out->event = MH_EVENT_TLS;
			return true;
		}
		if (MH_LOG_BEGINS(s, "TLS handshake failed"))
			return tls_fault(id, mh_log_from(s, MH_LOG_FIND(s, "peer=") + 5), false, text, out);
		return established(id, s, out);
	case 'A':
	case 'U':
	case 'V':
		return established(id, s, out);
	case 'w':
		return MH_LOG_TAKE(&s, "warning: ") && warning(id, s, false, out);
	case 'e': {
		if (!MH_LOG_TAKE(&s, "enabling PIX workarounds: "))
			return false;
		mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_NOTICE);
		out->queue_id = id;
		out->text = text;
		size_t at = mh_log_find_last(s, MH_STR(" for "), 512);
		(void)mh_log_peer(mh_log_from(s, at + 5), out);
		return true;
	}
	default:
		return false;
	}
}

/* bounce - "sender non-delivery notification: 2DC5552A34" */
static bool
bounce(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	if (id.len == 0 || (!MH_LOG_BEGINS(s, "sender ") && !MH_LOG_BEGINS(s, "postmaster ")) ||
	    MH_LOG_FIND(mh_log_to(s, 60), " notification: ") >= (s.len < 60 ? s.len : 60))
		return false;
	mh_log_begin(out, MH_MTA_POSTFIX, MH_EVENT_NOTICE);
	out->queue_id = id;
	out->text = s;
	return true;
}

/* take_masked - "to=<" behind what stands for an id: nothing, or a word that somebody put there before he showed the
 * line to others, "XXX: "; both taken off */
static bool
take_masked(struct mh_str *s)
{
	size_t end = mh_log_chr(mh_log_to(*s, 64), ' ');
	struct mh_str rest = mh_log_from(*s, end + 1);
	if (MH_LOG_TAKE(s, "to=<"))
		return true;
	if (end == 0 || s->p[end - 1] != ':' || !MH_LOG_TAKE(&rest, "to=<"))
		return false;
	*s = rest;
	return true;
}

bool
mh_log_postfix(struct mh_str message, enum mh_postfix_service service, struct mh_logline *out)
{
	struct mh_str s = message, id = take_id(&s);
	if (id.len > 0 && MH_LOG_TAKE(&s, "to=<"))
		return delivery(id, s, out);
	if (id.len == 0 && service == MH_POSTFIX_DELIVERY && take_masked(&s))
		return delivery(id, s, out);
	switch (service) {
	case MH_POSTFIX_DELIVERY:
		return client(id, s, out);
	case MH_POSTFIX_QUEUE:
		return queue(id, s, out);
	case MH_POSTFIX_SERVER:
		return server(id, s, out);
	case MH_POSTFIX_CLEANUP:
		return (MH_LOG_TAKE(&s, "milter-reject: ") || MH_LOG_TAKE(&s, "reject: ")) &&
		    refusal(id, s, out);
	case MH_POSTFIX_BOUNCE:
		return bounce(id, s, out);
	case MH_POSTFIX_ANY:
	default:
		return client(id, s, out) || queue(id, s, out) || server(id, s, out) || bounce(id, s, out);
	}
}
