/* log_opensmtpd.c - what OpenSMTPD logs
 *
 *	8f4864084ecc48f4 mta delivery evpid=7077717e797a776e from=<> to=<> ... result="PermFail" stat="550 ..."
 *
 * A session id, the part of the daemon that speaks, what happened, and fields.
 * Before 6.4 "what happened" is event=NAME; before 5.7 there were whole words:
 * "relay: PermFail for 7077717e797a776e: session=..., from=<>, ...".
 *
 * stat is the last field and may hold quotes.
 */
#include "log_mta.h"

static bool
is_hex(struct mh_str s, size_t count)
{
	if (s.len < count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (mh_hex(s.p[i]) < 0)
			return false;
	return true;
}

enum field {
	EVPID,
	FROM,
	TO,
	RCPT,
	RELAY,
	DELAY,
	RESULT,
	STAT,
	REASON,
	ADDRESS,
	HOST,
	COMMAND,
	CIPHERS,
	FIELDS
};

static const struct {
	struct mh_str name;
	bool last; /* its quotes are closed by the last of the line, or its words by the line's end */
} names[FIELDS] = {
	[EVPID] = { { "evpid", 5 }, false },
	[FROM] = { { "from", 4 }, false },
	[TO] = { { "to", 2 }, false },
	[RCPT] = { { "rcpt", 4 }, false },
	[RELAY] = { { "relay", 5 }, false },
	[DELAY] = { { "delay", 5 }, false },
	[RESULT] = { { "result", 6 }, false },
	[STAT] = { { "stat", 4 }, true },
	[REASON] = { { "reason", 6 }, true },
	[ADDRESS] = { { "address", 7 }, false },
	[HOST] = { { "host", 4 }, false },
	[COMMAND] = { { "command", 7 }, false },
	[CIPHERS] = { { "ciphers", 7 }, true },
};

struct fields {
	struct mh_str at[FIELDS];
};

/* take_value - "x", <x>, or a word; the last field's quotes may hold any */
static struct mh_str
take_value(struct mh_str *s, bool last)
{
	struct mh_str value;
	size_t end;
	if (MH_LOG_TAKE(s, "\"")) {
		if (last) {
			end = s->len;
			while (end > 0 && s->p[end - 1] != '"')
				end--;
			end = end > 0 ? end - 1 : s->len;
		} else {
			end = mh_log_chr(*s, '"');
		}
		value = mh_log_to(*s, end);
		*s = mh_log_from(*s, end + 1);
	} else {
		end = mh_log_chr(*s, ' ');
		value = mh_log_to(*s, end);
		*s = mh_log_from(*s, end);
		if (value.len > 0 && value.p[value.len - 1] == ',')
			value.len--;
	}
	if (value.len >= 2 && value.p[0] == '<' && value.p[value.len - 1] == '>')
		value = mh_str_n(value.p + 1, value.len - 2);
	return value;
}

static enum field
field_of(struct mh_str key)
{
	size_t i = 0;
	for (; i < FIELDS; i++)
		if (key.len == names[i].name.len && key.p[0] == names[i].name.p[0] &&
		    memcmp(key.p, names[i].name.p, key.len) == 0)
			break;
	return (enum field)i;
}

static void
take_fields(struct mh_str s, struct fields *f)
{
	for (size_t i = 0; i < FIELDS; i++)
		f->at[i] = mh_str_n("", 0);
	while (s.len > 0) {
		while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == ','))
			s = mh_log_from(s, 1);
		size_t len = 0;
		while (len < s.len && len < 16 && mh_is_alnum(s.p[len]))
			len++;
		if (len == 0 || len >= s.len || s.p[len] != '=') {
			s = mh_log_from(s, mh_log_chr(s, ' '));
			continue;
		}
		enum field field = field_of(mh_log_to(s, len));
		struct mh_str value;
		bool last = field < FIELDS && names[field].last;
		s = mh_log_from(s, len + 1);
		if (last && !MH_LOG_BEGINS(s, "\"")) { /* to the end of the line */
			value = s;
			s = mh_log_from(s, s.len);
		} else {
			/* A failed command's answer is the last field too. */
			value = take_value(&s, last || (field == RESULT && f->at[COMMAND].len > 0));
		}
		if (field < FIELDS)
			f->at[field] = value;
	}
}

/* relay - "192.0.2.1 (mx.example.net)", the name being its PTR; "smtp://192.0.2.1:25" */
static void
relay(struct mh_str s, struct mh_logline *out)
{
	size_t end = mh_log_chr(s, ' ');
	struct mh_str ip = mh_log_to(s, end), name = mh_log_from(s, end + 1);
	size_t scheme = MH_LOG_FIND(ip, "://");
	if (scheme < ip.len) {
		ip = mh_log_from(ip, scheme + 3);
		size_t colon = mh_log_find_last(ip, MH_STR("]:"), 8);
		if (colon < ip.len)
			colon++;
		else if (mh_log_chr(ip, ':') < ip.len &&
		    mh_log_chr(mh_log_from(ip, mh_log_chr(ip, ':') + 1), ':') ==
			mh_log_from(ip, mh_log_chr(ip, ':') + 1).len)
			colon = mh_log_chr(ip, ':');
		if (colon < ip.len) {
			out->relay_port = mh_log_port(mh_log_from(ip, colon + 1));
			ip = mh_log_to(ip, colon);
		}
	}
	ip = mh_log_host(ip);
	if (MH_LOG_BEGINS(ip, "IPv6:"))
		ip = mh_log_from(ip, 5);
	if (mh_str_eq(ip, MH_STR("-")) || mh_str_eq(ip, MH_STR("local")))
		ip.len = 0;
	/* A relay that was not reached is a name alone; none ends in a digit. */
	if (ip.len > 0 && !mh_is_digit(ip.p[ip.len - 1]) && mh_log_chr(ip, ':') >= ip.len)
		out->relay = ip;
	else
		out->relay_ip = ip;
	if (MH_LOG_TAKE(&name, "("))
		out->relay = mh_log_host(mh_log_to(name, mh_log_chr(name, ')')));
	if (mh_str_eq(out->relay, MH_STR("<unknown>")) || mh_str_eq(out->relay, MH_STR("unknown")))
		out->relay.len = 0;
}

/* delay - "1h2m3s", or "-" */
static int64_t
delay(struct mh_str s)
{
	int64_t sum = 0, part = 0;
	bool any = false;
	for (size_t i = 0; i < s.len && i < 32; i++) {
		if (mh_is_digit(s.p[i]) && part < 100000000) {
			part = part * 10 + (s.p[i] - '0');
			any = true;
			continue;
		}
		int64_t unit = s.p[i] == 'd' ? 86400 : s.p[i] == 'h' ? 3600 : s.p[i] == 'm' ? 60 : 1;
		if (unit == 1 && s.p[i] != 's')
			return -1;
		sum += part * unit;
		part = 0;
	}
	return any ? (sum + part) * 1000 : -1;
}

static bool
delivery(const struct fields *f, bool local, struct mh_logline *out)
{
	enum mh_log_result result;
	struct mh_str word = f->at[RESULT];
	if (mh_str_eq(word, MH_STR("Ok")))
		result = MH_RESULT_SENT;
	else if (mh_str_eq(word, MH_STR("TempFail")))
		result = MH_RESULT_DEFERRED;
	else if (mh_str_eq(word, MH_STR("PermFail")) || mh_str_eq(word, MH_STR("LoopDetected")))
		result = MH_RESULT_BOUNCED;
	else if (mh_str_eq(word, MH_STR("Expire")) || mh_str_eq(word, MH_STR("Expired")))
		result = MH_RESULT_EXPIRED;
	else
		return false;
	mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_DELIVERY);
	out->result = (uint8_t)result;
	out->queue_id = f->at[EVPID];
	out->sender = f->at[FROM];
	out->recipient = f->at[TO];
	if (!mh_str_eq(f->at[RCPT], MH_STR("-")))
		out->orig_recipient = f->at[RCPT];
	out->delay_ms = delay(f->at[DELAY]);
	out->text = f->at[STAT];
	out->remote = !local && mh_log_is_reply(f->at[STAT]);
	relay(f->at[RELAY], out);
	if (!out->remote)
		mh_log_tls_fault(out);
	return true;
}

/* old_words - before 5.7: "relay: PermFail for 7077717e797a776e: session=..., from=<>, to=<>, ..., stat=550 ..." */
static bool
old_words(struct mh_str s, struct mh_logline *out)
{
	struct fields f;
	bool local = MH_LOG_TAKE(&s, "delivery: ");
	if (!local && !MH_LOG_TAKE(&s, "relay: "))
		return false;
	size_t end = MH_LOG_FIND(s, " for ");
	struct mh_str result = mh_log_to(s, end), rest = mh_log_from(s, end + 5);
	size_t colon = mh_log_chr(rest, ':');
	if (colon != 16 || !is_hex(rest, 16))
		return false;
	take_fields(mh_log_from(rest, colon + 1), &f);
	f.at[EVPID] = mh_log_to(rest, colon);
	f.at[RESULT] = result;
	return delivery(&f, local, out);
}

static bool
client(struct mh_str s, const struct fields *f, struct mh_logline *out)
{
	if (MH_LOG_BEGINS(s, "delivery") || MH_LOG_BEGINS(s, "event=delivery"))
		return delivery(f, false, out);
	if (MH_LOG_BEGINS(s, "error") || MH_LOG_BEGINS(s, "event=error")) {
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_ATTEMPT);
		out->text = f->at[REASON].len > 0 ? f->at[REASON] : f->at[STAT];
		out->remote = mh_log_is_reply(out->text);
		mh_log_tls_fault(out);
		if (out->cause[0] != '\0' || MH_LOG_FIND(out->text, "TLS") < out->text.len) {
			out->event = MH_EVENT_TLS;
			out->phase = MH_PHASE_STARTTLS;
		}
	} else if (MH_LOG_BEGINS(s, "tls") || MH_LOG_BEGINS(s, "event=starttls") ||
	    MH_LOG_BEGINS(s, "cert-check") || MH_LOG_BEGINS(s, "server-cert-check") ||
	    MH_LOG_BEGINS(s, "event=server-cert-check")) {
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_TLS);
		out->phase = MH_PHASE_STARTTLS;
		out->text = f->at[CIPHERS].len > 0 ? f->at[CIPHERS] : s;
		out->cause = mh_tls_cause(s);
	} else {
		return false;
	}
	relay(f->at[ADDRESS], out);
	if (f->at[HOST].len > 0 && !mh_str_eq(f->at[HOST], MH_STR("unknown")))
		out->relay = mh_log_host(f->at[HOST]);
	return true;
}

static bool
server(struct mh_str s, const struct fields *f, struct mh_logline *out)
{
	struct mh_str command = f->at[COMMAND];
	if (MH_LOG_BEGINS(s, "failed-command") || MH_LOG_BEGINS(s, "event=failed-command")) {
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_REJECT);
		out->text = f->at[RESULT];
		char upper[16];
		size_t len = command.len < sizeof(upper) ? command.len : sizeof(upper);
		for (size_t i = 0; i < len; i++)
			upper[i] = (char)(mh_is_alpha(command.p[i]) ? command.p[i] & ~0x20 : command.p[i]);
		out->phase = (uint8_t)mh_log_phase(mh_str_n(upper, len));
		size_t open = mh_log_chr(command, '<');
		struct mh_str who = mh_log_from(command, open + 1);
		who = mh_log_to(who, mh_log_chr(who, '>'));
		if (out->phase == MH_PHASE_RCPT)
			out->recipient = who;
		else if (out->phase == MH_PHASE_MAIL)
			out->sender = who;
		else if (mh_str_eq(command, MH_STR(".")))
			out->phase = MH_PHASE_EOD;
		else if (command.len == 0) /* refused before it said anything */
			out->phase = MH_PHASE_CONNECT;
	} else if ((MH_LOG_BEGINS(s, "disconnected") || MH_LOG_BEGINS(s, "event=closed")) &&
	    (MH_LOG_FIND(f->at[REASON], "TLS") < f->at[REASON].len ||
		MH_LOG_FIND(f->at[REASON], "SSL") < f->at[REASON].len ||
		MH_LOG_BEGINS(f->at[REASON], "io-error"))) {
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_TLS);
		out->cause = mh_tls_cause(f->at[REASON]);
		if (out->cause[0] == '\0')
			return false;
		out->text = f->at[REASON];
		out->phase = MH_PHASE_STARTTLS;
	} else if (MH_LOG_BEGINS(s, "tls ")) {
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_TLS);
		out->phase = MH_PHASE_STARTTLS;
		out->text = f->at[CIPHERS];
	} else if (MH_LOG_BEGINS(s, "message ") || MH_LOG_BEGINS(s, "event=message ") ||
	    MH_LOG_BEGINS(s, "envelope ")) {
		if (f->at[FROM].len == 0 && f->at[EVPID].len == 0)
			return false;
		mh_log_begin(out, MH_MTA_OPENSMTPD, MH_EVENT_MESSAGE);
		out->queue_id = f->at[EVPID];
		out->sender = f->at[FROM];
		out->recipient = f->at[TO];
	} else {
		return false;
	}
	out->inbound = true;
	relay(f->at[ADDRESS], out);
	if (f->at[HOST].len > 0 && !mh_str_eq(f->at[HOST], MH_STR("unknown")))
		out->relay = mh_log_host(f->at[HOST]);
	return true;
}

/* session - "smtp-out: Error on session 8f4864084ecc48f4: opportunistic TLS failed, downgrading to plain" */
static bool
session(struct mh_str s, struct mh_logline *out)
{
	if (!MH_LOG_TAKE(&s, "smtp-out: "))
		return false;
	bool error = MH_LOG_TAKE(&s, "Error on session ");
	if (!error && !MH_LOG_BEGINS(s, "Disabling "))
		return false;
	mh_log_begin(out, MH_MTA_OPENSMTPD, error ? MH_EVENT_ATTEMPT : MH_EVENT_NOTICE);
	out->text = error ? mh_log_from(s, MH_LOG_FIND(s, ": ") + 2) : s;
	if (error) {
		out->remote = mh_log_is_reply(out->text);
		mh_log_tls_fault(out);
		if (MH_LOG_FIND(out->text, "TLS") < out->text.len)
			out->event = MH_EVENT_TLS;
	}
	return true;
}

bool
mh_log_opensmtpd(struct mh_str message, struct mh_logline *out)
{
	struct fields f;
	struct mh_str s = message;
	if (s.len < 24)
		return false;
	if (!is_hex(s, 16) || s.p[16] != ' ') {
		if (s.p[0] == 's')
			return session(s, out);
		return (s.p[0] == 'r' || s.p[0] == 'd') && old_words(s, out);
	}
	s = mh_log_from(s, 17);
	if (MH_LOG_TAKE(&s, "mta ")) {
		if (MH_LOG_BEGINS(s, "connect") || MH_LOG_BEGINS(s, "event=connect") ||
		    MH_LOG_BEGINS(s, "disconnect"))
			return false;
		take_fields(s, &f);
		return client(s, &f, out);
	}
	if (MH_LOG_TAKE(&s, "smtp ")) {
		if (MH_LOG_BEGINS(s, "connect") || MH_LOG_BEGINS(s, "event=connect"))
			return false;
		take_fields(s, &f);
		return server(s, &f, out);
	}
	bool local = MH_LOG_TAKE(&s, "mda ");
	if (!local && !MH_LOG_TAKE(&s, "bounce "))
		return false;
	if (!MH_LOG_BEGINS(s, "delivery") && !MH_LOG_BEGINS(s, "event=delivery"))
		return false;
	take_fields(s, &f);
	return delivery(&f, local, out);
}
