/* log_sendmail.c - what Sendmail logs
 *
 * A line is a queue id and fields, "name=value" parted by ", ", of which stat=
 * is the last.  What the remote server said stands in reply= (8.16 and later),
 * behind "Deferred: ", or in the parentheses of "Sent (...)"; a stat like "User
 * unknown" is Sendmail's own word for an exit code.
 *
 * Addresses may be many: the first is the recipient.
 */
#include "log_mta.h"

/* take_id - "m5NB9PFP023902: ", taken off */
static struct mh_str
take_id(struct mh_str *s)
{
	bool digit = false;
	size_t at = 0;
	for (; at < s->len && mh_is_alnum(s->p[at]); at++)
		digit |= mh_is_digit(s->p[at]);
	if (at < 6 || !digit || at + 2 > s->len || s->p[at] != ':' || s->p[at + 1] != ' ')
		return mh_str_n(s->p, 0);
	struct mh_str id = mh_log_to(*s, at);
	*s = mh_log_from(*s, at + 2);
	return id;
}

/* first_address - of "<a@b>,<c@d>", "a, b", "postmaster" */
static struct mh_str
first_address(struct mh_str s)
{
	if (MH_LOG_TAKE(&s, "<"))
		return mh_log_to(s, mh_log_chr(s, '>'));
	return mh_str_trim(mh_log_to(s, mh_log_chr(s, ',')));
}

/* relay - "mail.example.org. [192.0.2.1] (may be forged)", "[192.0.2.1]", "localhost" */
static void
relay(struct mh_str value, struct mh_logline *out)
{
	size_t end = mh_log_chr(value, ' ');
	struct mh_str host = mh_log_to(value, end), ip = mh_log_from(value, end + 1);
	if (host.len > 0 && host.p[0] == '[') {
		size_t close = mh_log_chr(host, ']');
		if (mh_log_from(host, close + 1).len > 1)
			out->relay_port = mh_log_port(mh_log_from(host, close + 2));
		if (ip.len == 0 || ip.p[0] != '[')
			ip = mh_log_to(host, close + 1);
		host = mh_log_to(host, close + 1);
	}
	out->relay = mh_log_host(host);
	if (!MH_LOG_TAKE(&ip, "["))
		return;
	out->relay_ip = mh_log_to(ip, mh_log_chr(ip, ']'));
	if (MH_LOG_BEGINS(out->relay_ip, "IPv6:"))
		out->relay_ip = mh_log_from(out->relay_ip, 5);
}

/* delay - "1+14:41:13" */
static int64_t
delay(struct mh_str s)
{
	int64_t sum = 0, part = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (mh_is_digit(s.p[i]) && part < 100000000) {
			part = part * 10 + (s.p[i] - '0');
		} else if (s.p[i] == '+') {
			sum = part * 24;
			part = 0;
		} else if (s.p[i] == ':') {
			sum = (sum + part) * 60;
			part = 0;
		} else {
			return -1;
		}
	}
	return s.len > 0 ? (sum + part) * 1000 : -1;
}

struct fields {
	struct mh_str to, from, relay, dsn, delay, reply, stat, ruleset, arg1, reject, ctladdr;
	bool has_to, has_from, has_stat, has_reject;
};

/* take_fields - stat=, reject= and what is in quotes may hold ", " */
static void
take_fields(struct mh_str s, struct fields *f)
{
	static const struct mh_str none = { "", 0 };
	*f = (struct fields){ none, none, none, none, none, none, none, none, none, none, none, false, false,
		false, false };
	while (s.len > 0) {
		struct mh_str value = s;
		if (MH_LOG_TAKE(&value, "stat=")) {
			f->stat = value;
			f->has_stat = true;
			return;
		}
		if (MH_LOG_TAKE(&value, "reject=")) {
			f->reject = value;
			f->has_reject = true;
			return;
		}
		size_t end = MH_LOG_BEGINS(s, "reply=") ? MH_LOG_FIND(s, ", stat=") : MH_LOG_FIND(s, ", ");
		value = mh_log_to(s, end);
		s = mh_log_from(s, end + 2);
		if (MH_LOG_TAKE(&value, "to=")) {
			if (!f->has_to)
				f->to = value;
			f->has_to = true;
		} else if (MH_LOG_TAKE(&value, "from=")) {
			f->from = value;
			f->has_from = true;
		} else if (MH_LOG_TAKE(&value, "relay=")) {
			f->relay = value;
		} else if (MH_LOG_TAKE(&value, "dsn=")) {
			f->dsn = value;
		} else if (MH_LOG_TAKE(&value, "delay=")) {
			f->delay = value;
		} else if (MH_LOG_TAKE(&value, "reply=")) {
			f->reply = value;
		} else if (MH_LOG_TAKE(&value, "ruleset=")) {
			f->ruleset = value;
		} else if (MH_LOG_TAKE(&value, "arg1=")) {
			f->arg1 = value;
		} else if (MH_LOG_TAKE(&value, "ctladdr=")) {
			f->ctladdr = value;
		}
	}
}

/* status - stat=, into result, text and remote; false: nothing happened yet */
static bool
status(const struct fields *f, struct mh_logline *out)
{
	struct mh_str s = f->stat;
	char class = out->dsn.len > 0 ? out->dsn.p[0] : '5';
	out->text = s;
	if (MH_LOG_TAKE(&s, "Sent")) {
		out->result = MH_RESULT_SENT;
		if (MH_LOG_TAKE(&s, " (") && s.len > 0 && s.p[s.len - 1] == ')') {
			out->text = mh_log_to(s, s.len - 1);
			out->remote = f->relay.len > 0;
		}
	} else if (MH_LOG_TAKE(&s, "Deferred")) {
		out->result = MH_RESULT_DEFERRED;
		if (MH_LOG_TAKE(&s, ": ") && mh_log_is_reply(s)) {
			out->text = s;
			out->remote = true;
		}
	} else if (MH_LOG_BEGINS(s, "queued") || MH_LOG_BEGINS(s, "Queued") ||
	    MH_LOG_BEGINS(s, "aborted by ")) {
		return false;
	} else {
		out->result = class == '4' ? MH_RESULT_DEFERRED
		    : class == '2'         ? MH_RESULT_SENT
					   : MH_RESULT_BOUNCED;
		out->remote = mh_log_is_reply(s);
	}
	if (mh_log_is_reply(f->reply)) {
		out->text = f->reply;
		out->remote = true;
	}
	return true;
}

static bool
delivery(struct mh_str id, struct mh_str message, const struct fields *f, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_SENDMAIL, MH_EVENT_DELIVERY);
	if (mh_log_is_dsn(f->dsn))
		out->dsn = f->dsn;
	if (!status(f, out))
		return false;
	out->queue_id = id;
	/* Old ones write the first recipient without to=. */
	out->recipient =
	    f->has_to ? first_address(f->to) : first_address(mh_log_to(message, MH_LOG_FIND(message, ", ")));
	if (!f->has_to &&
	    (mh_log_chr(out->recipient, '=') < out->recipient.len ||
		mh_log_chr(out->recipient, ' ') < out->recipient.len))
		out->recipient.len = 0;
	relay(f->relay, out);
	out->delay_ms = delay(f->delay);
	if (!out->remote && out->result != MH_RESULT_SENT)
		mh_log_tls_fault(out);
	return true;
}

/* refusal - "ruleset=check_rcpt, arg1=<a@b>, relay=host [ip], reject=550 5.7.1 ..." and a milter's */
static bool
refusal(struct mh_str id, struct mh_str message, const struct fields *f, struct mh_logline *out)
{
	bool ours = mh_str_eq(f->ruleset, MH_STR("tls_server"));
	mh_log_begin(out, MH_MTA_SENDMAIL, ours ? MH_EVENT_TLS : MH_EVENT_REJECT);
	out->inbound = !ours;
	out->queue_id = id;
	out->text = f->reject;
	relay(f->relay, out);
	if (mh_str_eq(f->ruleset, MH_STR("check_rcpt"))) {
		out->phase = MH_PHASE_RCPT;
		out->recipient = first_address(f->arg1);
	} else if (mh_str_eq(f->ruleset, MH_STR("check_mail"))) {
		out->phase = MH_PHASE_MAIL;
		out->sender = first_address(f->arg1);
	} else if (mh_str_eq(f->ruleset, MH_STR("check_relay"))) {
		out->phase = MH_PHASE_CONNECT;
	} else if (MH_LOG_BEGINS(f->ruleset, "tls_")) {
		out->phase = MH_PHASE_STARTTLS;
		out->cause = mh_tls_cause(f->reject);
	} else if (MH_LOG_BEGINS(message, "Milter: to=") || f->has_to) {
		struct mh_str to = mh_log_from(message, MH_LOG_FIND(message, "to=") + 3);
		out->phase = MH_PHASE_RCPT;
		out->recipient = first_address(to);
	} else if (MH_LOG_BEGINS(message, "Milter: from=")) {
		out->phase = MH_PHASE_MAIL;
		out->sender = first_address(mh_log_from(message, 13));
	} else if (MH_LOG_BEGINS(message, "Milter: data") || MH_LOG_BEGINS(f->ruleset, "check_eo")) {
		out->phase = MH_PHASE_EOD;
	} else if (MH_LOG_BEGINS(message, "Milter: connect")) {
		out->phase = MH_PHASE_CONNECT;
	}
	return true;
}

/* starttls - "STARTTLS=server, error: accept failed=-1, reason=no shared cipher, ..., relay=host [ip]",
 * "STARTTLS=client, relay=host., version=TLSv1.3, verify=FAIL, ..." */
static bool
starttls(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct fields f;
	struct mh_str words = s, all = s;
	mh_log_begin(out, MH_MTA_SENDMAIL, MH_EVENT_TLS);
	out->queue_id = id;
	out->phase = MH_PHASE_STARTTLS;
	out->inbound = MH_LOG_TAKE(&words, "STARTTLS=server");
	if (!out->inbound)
		(void)MH_LOG_TAKE(&words, "STARTTLS=client");
	(void)(MH_LOG_TAKE(&words, ", ") || MH_LOG_TAKE(&words, ": "));
	take_fields(words, &f);
	relay(f.relay, out);
	out->text = words;
	size_t reason = MH_LOG_FIND(words, "reason=");
	if (reason < words.len) {
		words = mh_log_from(words, reason + 7);
		out->text = mh_log_to(words, MH_LOG_FIND(words, ", "));
	}
	/* What the client cannot load is its own affair, and no fault of the peer's. */
	bool loads = MH_LOG_FIND(out->text, "SSL_CTX_") < out->text.len;
	if (MH_LOG_FIND(out->text, "version=") >= out->text.len && (out->inbound || !loads))
		out->cause = mh_tls_cause(out->text);
	/* Where the reason is unknown, the number of the error tells more than nothing. */
	if (out->cause[0] == '\0' && out->inbound && MH_LOG_FIND(all, "reason=") < all.len)
		out->cause = mh_tls_cause(mh_log_to(all, MH_LOG_FIND(all, ", errno=")));
	return true;
}

/* notice - what it says of a message or a peer without fields */
static bool
notice(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s, rest = s;
	bool expired = false;
	if (id.len > 0) {
		(void)take_id(&rest); /* "lAQI: lAQJ: DSN: User unknown": the second is the notice's own */
		if (MH_LOG_BEGINS(rest, "DSN: ") || MH_LOG_BEGINS(rest, "sender notify: ") ||
		    MH_LOG_BEGINS(rest, "postmaster notify: ") || MH_LOG_BEGINS(rest, "return to sender: ")) {
			expired = MH_LOG_FIND(rest, "Cannot send message for ") < rest.len ||
			    MH_LOG_FIND(rest, "Cannot send message within ") < rest.len;
			mh_log_begin(out, MH_MTA_SENDMAIL, expired ? MH_EVENT_DELIVERY : MH_EVENT_NOTICE);
			if (expired)
				out->result = MH_RESULT_EXPIRED;
			out->queue_id = id;
			out->text = mh_log_from(rest, MH_LOG_FIND(rest, ": ") + 2);
			return true;
		}
	}
	size_t from = 0;
	bool inbound = false;
	if (MH_LOG_BEGINS(s, "timeout waiting for input from ")) {
		from = 31;
	} else if (MH_LOG_BEGINS(s, "lost input channel from ")) {
		from = 24;
		inbound = true;
	} else {
		return false;
	}
	s = mh_log_from(s, from);
	size_t end = inbound ? MH_LOG_FIND(s, " to ") : MH_LOG_FIND(s, " during ");
	mh_log_begin(out, MH_MTA_SENDMAIL, inbound ? MH_EVENT_NOTICE : MH_EVENT_ATTEMPT);
	out->queue_id = id;
	out->text = text;
	relay(mh_log_to(s, end), out);
	s = mh_log_from(s, end + 8);
	if (!inbound) {
		out->inbound = MH_LOG_TAKE(&s, "server ");
		(void)MH_LOG_TAKE(&s, "client ");
		out->phase = MH_LOG_BEGINS(s, "greeting") ? MH_PHASE_CONNECT : (uint8_t)mh_log_phase(s);
		if (out->inbound)
			out->event = MH_EVENT_NOTICE;
	} else {
		out->inbound = true;
	}
	return true;
}

bool
mh_log_sendmail(struct mh_str message, struct mh_logline *out)
{
	struct fields f;
	struct mh_str s = message, id = take_id(&s);
	if (MH_LOG_BEGINS(s, "STARTTLS=") || MH_LOG_BEGINS(s, "STARTTLS: "))
		return starttls(id, s, out);
	if (id.len == 0 && !MH_LOG_BEGINS(s, "NOQUEUE: ") && !MH_LOG_BEGINS(s, "ruleset="))
		return false;
	(void)MH_LOG_TAKE(&s, "NOQUEUE: ");
	if (notice(id, s, out))
		return true;
	take_fields(s, &f);
	if (f.has_stat)
		return id.len > 0 && delivery(id, s, &f, out);
	if (f.has_reject)
		return refusal(id, s, &f, out);
	if (f.has_from && MH_LOG_BEGINS(s, "from=") && MH_LOG_FIND(s, ", size=") < s.len) {
		mh_log_begin(out, MH_MTA_SENDMAIL, MH_EVENT_MESSAGE);
		out->queue_id = id;
		out->sender = first_address(f.from);
		out->inbound = true;
		relay(f.relay, out);
		return true;
	}
	return false;
}
