/* log_exim.c - what Exim logs
 *
 *	1r079E-0002E5-BE ** a@example.net R=dnslookup T=remote_smtp H=mx [192.0.2.1]: SMTP error ...
 *
 * A message id, a flag that says what happened, an address, and fields; then,
 * for what did not go well, words.  What the other side said stands at their
 * end, behind "SMTP error from remote mail server after RCPT TO:<...>: ", with
 * "host mx [192.0.2.1]: " in between where H= does not tell.
 *
 * Line ends in a reply are the two octets "\n".
 */
#include "log_mta.h"

#include "net.h"

/* take_word - up to the next space, which is taken off as well */
static struct mh_str
take_word(struct mh_str *s)
{
	size_t end = mh_log_chr(*s, ' ');
	struct mh_str word = mh_log_to(*s, end);
	while (end < s->len && s->p[end] == ' ')
		end++;
	*s = mh_log_from(*s, end);
	return word;
}

/* take_host - behind "H=" or "host ": "name [ip]:port", "name (helo) [ip]", "[ip]", "(helo) [ip]"; what
 * follows is left */
static void
take_host(struct mh_str *s, struct mh_logline *out)
{
	struct mh_str rest = *s;
	size_t end = 0;
	while (end < rest.len && rest.p[end] != ' ')
		end++;
	struct mh_str name = mh_log_to(rest, end);
	if (name.len > 0 && name.p[0] == '[') {
		name.len = 0;
	} else {
		rest = mh_log_from(rest, end);
		while (MH_LOG_TAKE(&rest, " "))
			continue;
		if (name.len > 0 && name.p[0] == '(')
			name.len = 0;
		if (MH_LOG_BEGINS(rest, "(")) {
			size_t close = MH_LOG_FIND(mh_log_to(rest, 300), ") ");
			rest = mh_log_from(rest, close + 2);
		}
	}
	if (!MH_LOG_BEGINS(rest, "[") || (rest.len > 1 && !mh_is_alnum(rest.p[1]) && rest.p[1] != ':')) {
		/* A name alone: "H=myhost.example". */
		*s = mh_log_from(*s, end);
		if (name.len > 0 && name.p[name.len - 1] == ':') {
			name.len--;
			*s = mh_str_n(s->p - 1, s->len + 1);
		}
		out->relay = mh_log_host(name);
		return;
	}
	size_t close = mh_log_chr(mh_log_to(rest, 256), ']');
	out->relay = mh_log_host(name);
	out->relay_ip = mh_log_from(mh_log_to(rest, close), 1);
	rest = mh_log_from(rest, close + 1);
	if (rest.len > 1 && rest.p[0] == ':' && rest.p[1] != ' ') {
		out->relay_port = mh_log_port(mh_log_from(rest, 1));
		size_t at = 1;
		while (at < rest.len && (mh_is_alnum(rest.p[at]) || rest.p[at] == '_'))
			at++;
		rest = mh_log_from(rest, at);
	}
	(void)MH_LOG_TAKE(&rest, "*"); /* DNSSEC */
	*s = rest;
}

/* words - what was said, into text, remote, phase, and the host if it was not known before */
static void
words(struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s;
	out->text = text;
	out->coding = MH_CODING_EXIM;
	if (MH_LOG_TAKE(&s, "SMTP error from remote mail server after ") ||
	    MH_LOG_TAKE(&s, "SMTP error from remote mailer after ") || MH_LOG_TAKE(&s, "LMTP error after ") ||
	    MH_LOG_TAKE(&s, "LMTP error from remote mail server after ")) {
		out->phase = (uint8_t)mh_log_phase(s);
		size_t at = MH_LOG_FIND(s, ": ");
		s = mh_log_from(s, at + 2);
		if (MH_LOG_TAKE(&s, "host ")) {
			struct mh_logline host;
			mh_log_begin(&host, MH_MTA_EXIM, MH_EVENT_NONE);
			take_host(&s, &host);
			if (out->relay.len == 0 && out->relay_ip.len == 0) {
				out->relay = host.relay;
				out->relay_ip = host.relay_ip;
				out->relay_port = host.relay_port;
			}
			(void)MH_LOG_TAKE(&s, ": ");
		}
		if (s.len > 0) {
			out->text = s;
			out->remote = mh_log_is_reply(s);
		}
		return;
	}
	size_t reach = text.len < 200 ? text.len : 200, at;
	struct mh_str begin = mh_log_to(text, reach);
	at = MH_LOG_FIND(begin, " in response to ");
	if (at < begin.len) {
		out->phase = (uint8_t)mh_log_phase(mh_log_from(text, at + 16));
	} else if (MH_LOG_BEGINS(text, "SMTP timeout after ") || MH_LOG_BEGINS(text, "LMTP timeout after ")) {
		out->phase = (uint8_t)mh_log_phase(mh_log_from(text, 19));
	} else if (mh_log_is_reply(text) && out->relay_ip.len > 0) {
		out->remote = true;
		return;
	}
	mh_log_tls_fault(out);
	if (out->cause[0] != '\0' && out->phase == MH_PHASE_NONE)
		out->phase = MH_PHASE_STARTTLS;
}

/* spent - "1d3h5m", "2.532s" as milliseconds, or -1 */
static int64_t
spent(struct mh_str s)
{
	int64_t sum = 0;
	bool any = false;
	while (s.len > 0) {
		int64_t part = mh_log_seconds(s);
		size_t at = 0;
		while (at < s.len && (mh_is_digit(s.p[at]) || s.p[at] == '.'))
			at++;
		if (part < 0 || at >= s.len || at > 16)
			return -1;
		int64_t unit = s.p[at] == 'w' ? 604800
		    : s.p[at] == 'd'          ? 86400
		    : s.p[at] == 'h'          ? 3600
		    : s.p[at] == 'm'          ? 60
					      : 1;
		sum += part * unit;
		any = true;
		s = mh_log_from(s, at + 1);
	}
	return any ? sum : -1;
}

/* is_field - "R=", "DN=", "CV=": the name of a field */
static bool
is_field(struct mh_str s)
{
	size_t at = 0;
	while (at < s.len && at < 4 && s.p[at] >= 'A' && s.p[at] <= 'Z')
		at++;
	return at > 0 && at < s.len && s.p[at] == '=';
}

/* take_field - one field, if there is one; quotes and hosts hold spaces */
static bool
take_field(struct mh_str *s, struct mh_logline *out)
{
	struct mh_str value = *s;
	if (MH_LOG_TAKE(&value, "H=")) {
		take_host(&value, out);
		*s = value;
		return true;
	}
	if (!is_field(value)) {
		if (MH_LOG_BEGINS(value, "K ") || MH_LOG_BEGINS(value, "L ") ||
		    MH_LOG_BEGINS(value, "PRX ") || MH_LOG_BEGINS(value, "TFO") ||
		    MH_LOG_BEGINS(value, "K:")) {
			*s = mh_log_from(value, mh_log_chr(value, ' '));
			return true;
		}
		return false;
	}
	size_t equals = mh_log_chr(value, '=');
	struct mh_str name = mh_log_to(value, equals);
	value = mh_log_from(value, equals + 1);
	size_t end;
	if (MH_LOG_BEGINS(value, "\"")) {
		/* A reply in C= may hold quotes itself: the one before a space or the end closes. */
		for (end = 1; end < value.len; end++)
			if (value.p[end] == '"' && value.p[end - 1] != '\\' &&
			    (end + 1 == value.len || value.p[end + 1] == ' '))
				break;
		struct mh_str inner = mh_log_from(mh_log_to(value, end), 1);
		if (mh_str_eq(name, MH_STR("C"))) {
			out->text = inner;
			out->remote = mh_log_is_reply(inner);
			out->coding = MH_CODING_EXIM;
		}
		*s = mh_log_from(value, end + 1);
		return true;
	}
	/* An address, as far as one can be long; then a line of many that are not closed is no trouble. */
	struct mh_str within = mh_log_to(value, 1024);
	end = MH_LOG_BEGINS(value, "<") ? mh_log_chr(within, '>') + 1 : within.len + 1;
	if (end > within.len)
		end = mh_log_chr(value, ' ');
	/* "T=smtp: words", an old form without a space. */
	struct mh_str inner = mh_log_to(value, end);
	if (inner.len > 0 && inner.p[inner.len - 1] == ':') {
		inner.len--;
		end--;
	}
	*s = mh_log_from(value, end);
	if (mh_str_eq(name, MH_STR("QT")))
		out->delay_ms = spent(inner);
	else if ((mh_str_eq(name, MH_STR("F")) || mh_str_eq(name, MH_STR("P"))) && inner.len >= 2 &&
	    inner.p[0] == '<')
		out->sender = mh_str_n(inner.p + 1, inner.len - 2);
	return true;
}

/* take_recipient - "a@b <c@d> ": the final address, and what it was; quoted local parts hold spaces */
static void
take_recipient(struct mh_str *s, struct mh_logline *out)
{
	size_t end = 0;
	if (MH_LOG_BEGINS(*s, "\"")) {
		for (end = 1; end < s->len && s->p[end] != '"'; end++)
			end += s->p[end] == '\\';
		end = end < s->len ? end : s->len;
	}
	if (MH_LOG_BEGINS(*s, "|")) { /* a command may hold spaces: up to the address behind it */
		size_t reach = s->len < 600 ? s->len : 600, at = MH_LOG_FIND(mh_log_to(*s, reach), " <");
		end = at < reach && at < MH_LOG_FIND(mh_log_to(*s, reach), " R=") ? at : 0;
	}
	while (end < s->len && s->p[end] != ' ')
		end++;
	out->recipient = mh_log_to(*s, end);
	*s = mh_log_from(*s, end);
	if (out->recipient.len > 1 && out->recipient.p[out->recipient.len - 1] == ':') {
		out->recipient.len--;
		*s = mh_str_n(s->p - 1, s->len + 1);
	}
	/* "|/usr/bin/filter" and ":blackhole:" stand with the address that led there in <> or (). */
	struct mh_str next = *s;
	while (MH_LOG_TAKE(&next, " "))
		continue;
	while (MH_LOG_TAKE(&next, "(")) {
		next = mh_log_from(next, mh_log_chr(next, ')') + 1);
		while (MH_LOG_TAKE(&next, " "))
			continue;
		*s = next;
	}
	if (MH_LOG_TAKE(&next, "<")) {
		size_t close = MH_LOG_FIND(next, "> ");
		if (close >= next.len)
			close = mh_log_chr(next, '>');
		out->orig_recipient = mh_log_to(next, close);
		*s = mh_log_from(next, close + 1);
	}
}

/* take_defer - "defer (-44): ", "defer (110): Connection timed out H=mx [192.0.2.1]: "; s is what was said */
static void
take_defer(struct mh_str *s, struct mh_logline *out)
{
	struct mh_str rest = *s;
	(void)MH_LOG_TAKE(&rest, "defer");
	(void)MH_LOG_TAKE(&rest, " ");
	if (MH_LOG_BEGINS(rest, "("))
		rest = mh_log_from(rest, mh_log_chr(rest, ')') + 1);
	(void)MH_LOG_TAKE(&rest, ":");
	(void)MH_LOG_TAKE(&rest, " ");
	/* The host stands before the words, or behind the name of an errno, which says less. */
	struct mh_str errno_name = rest;
	size_t host = MH_LOG_BEGINS(rest, "H=") ? 0 : MH_LOG_FIND(mh_log_to(rest, 100), " H=");
	if (host < (rest.len < 100 ? rest.len : 100) && mh_log_chr(mh_log_to(rest, host), ':') >= host) {
		rest = mh_log_from(rest, host > 0 ? host + 1 : 0);
		while (take_field(&rest, out))
			while (MH_LOG_TAKE(&rest, " "))
				continue;
		(void)MH_LOG_TAKE(&rest, ":");
		(void)MH_LOG_TAKE(&rest, " ");
		if (rest.len == 0)
			rest = errno_name;
	}
	*s = rest;
}

/* delivery - behind the flag */
static bool
delivery(struct mh_str id, struct mh_str s, enum mh_log_result result, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_DELIVERY);
	out->queue_id = id;
	out->result = (uint8_t)result;
	take_recipient(&s, out);
	for (;;) {
		while (MH_LOG_TAKE(&s, " "))
			continue;
		if (!take_field(&s, out))
			break;
	}
	if (result == MH_RESULT_SENT)
		return true;
	(void)MH_LOG_TAKE(&s, "routing ");
	if (MH_LOG_BEGINS(s, "defer ") || MH_LOG_BEGINS(s, "defer("))
		take_defer(&s, out);
	while (s.len > 0 && (s.p[0] == ':' || s.p[0] == ' '))
		s = mh_log_from(s, 1);
	words(s, out);
	return true;
}

/* tls_fault - words about TLS with a peer that are behind its host */
static bool
tls_fault(struct mh_str id, struct mh_str text, struct mh_logline *out)
{
	out->event = MH_EVENT_TLS;
	out->queue_id = id;
	out->phase = MH_PHASE_STARTTLS;
	out->text = text;
	out->cause = mh_tls_cause(text);
	return true;
}

/* refused - behind "rejected ": "RCPT <a@b>: words", "after DATA: words" */
static void
refused(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	out->event = MH_EVENT_REJECT;
	out->queue_id = id;
	out->inbound = true;
	out->coding = MH_CODING_EXIM;
	if (MH_LOG_BEGINS(s, "after ") || MH_LOG_BEGINS(s, "by local_scan") ||
	    MH_LOG_BEGINS(s, "during MIME") || MH_LOG_BEGINS(s, "by non-SMTP ACL"))
		out->phase = MH_PHASE_EOD;
	else if (MH_LOG_BEGINS(s, "connection"))
		out->phase = MH_PHASE_CONNECT;
	else
		out->phase = (uint8_t)mh_log_phase(s);
	struct mh_str head = mh_log_to(s, 600);
	size_t colon = MH_LOG_FIND(head, ": ");
	size_t open = mh_log_chr(head, '<');
	if (open < colon) {
		size_t close = open + mh_log_chr(mh_log_from(head, open), '>');
		struct mh_str who = mh_log_from(mh_log_to(s, close), open + 1);
		if (out->phase == MH_PHASE_RCPT)
			out->recipient = who;
		else if (out->phase == MH_PHASE_MAIL)
			out->sender = who;
		colon = close + MH_LOG_FIND(mh_log_from(s, close), ": ");
	}
	out->text = mh_log_from(s, colon + 2);
}

/* peer - a line that begins with "H=": a refusal, a fault of TLS, or one host that did not take a message */
static bool
peer(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_ATTEMPT);
	for (;;) {
		while (MH_LOG_TAKE(&s, " "))
			continue;
		if (!take_field(&s, out))
			break;
	}
	if (MH_LOG_TAKE(&s, "temporarily rejected ") || MH_LOG_TAKE(&s, "rejected ")) {
		refused(id, s, out);
		return true;
	}
	bool colon = MH_LOG_TAKE(&s, ":");
	while (MH_LOG_TAKE(&s, " "))
		continue;
	if (s.len == 0)
		return false;
	if (MH_LOG_BEGINS(s, "TLS error") || MH_LOG_BEGINS(s, "a TLS session is required") ||
	    MH_LOG_BEGINS(s, "TLS session: ") || MH_LOG_BEGINS(s, "TLS session failure") ||
	    MH_LOG_BEGINS(s, "DANE ") || MH_LOG_BEGINS(s, "failure while setting up TLS session") ||
	    MH_LOG_BEGINS(s, "TLS: "))
		return tls_fault(id, s, out);
	/* Without a message's id, other things of a client's are of no interest. */
	if (id.len == 0 || (!colon && out->relay_ip.len == 0))
		return false;
	out->queue_id = id;
	words(s, out);
	if (!out->remote && out->phase == MH_PHASE_NONE && MH_LOG_BEGINS(s, "Connection "))
		out->phase = MH_PHASE_CONNECT;
	return true;
}

/* tls_error - "TLS error on connection from host (helo) [ip] (SSL_accept): error:..." */
static bool
tls_error(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s;
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_TLS);
	if (MH_LOG_TAKE(&s, "TLS error on connection ")) {
		out->inbound = MH_LOG_TAKE(&s, "from ");
		if (out->inbound || MH_LOG_TAKE(&s, "to ")) {
			(void)MH_LOG_TAKE(&s, "H=");
			take_host(&s, out);
			while (s.len > 0 && (s.p[0] == ' ' || s.p[0] == ':' || is_field(s)) &&
			    (s.p[0] == ' ' || s.p[0] == ':' ? (s = mh_log_from(s, 1), true)
							    : take_field(&s, out)))
				continue;
			text = s;
		}
	} else if (MH_LOG_TAKE(&s, "TLS session failure: delivering unencrypted to ")) {
		take_host(&s, out);
	} else if (!MH_LOG_BEGINS(s, "TLS error") && !MH_LOG_BEGINS(s, "TLS session: ")) {
		return false;
	}
	return tls_fault(id, text, out);
}

/* old_peer - before 4.8x: "mx.example.net [192.0.2.1] Connection refused", "SMTP error from remote mail server ..." */
static bool
old_peer(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_ATTEMPT);
	out->queue_id = id;
	if (MH_LOG_BEGINS(s, "SMTP error from remote mail") || MH_LOG_BEGINS(s, "LMTP error ")) {
		words(s, out);
		return true;
	}
	if (MH_LOG_TAKE(&s, "Remote host ")) {
		struct mh_str text = s;
		take_host(&s, out);
		words(mh_str_n(text.p - 12, text.len + 12), out);
		return out->relay_ip.len > 0;
	}
	size_t space = mh_log_chr(mh_log_to(s, MH_NAME_MAX + 1), ' ');
	if (space + 2 >= s.len || s.p[space] != ' ' || s.p[space + 1] != '[' ||
	    mh_log_chr(mh_log_to(s, space), '.') >= space)
		return false;
	take_host(&s, out);
	if (!MH_LOG_TAKE(&s, " ") || out->relay_ip.len == 0)
		return false;
	if (!MH_LOG_BEGINS(s, "Connection ") && !MH_LOG_BEGINS(s, "No route to host") &&
	    !MH_LOG_BEGINS(s, "Network is unreachable") && !MH_LOG_BEGINS(s, "Operation timed out"))
		return false;
	words(s, out);
	out->phase = MH_PHASE_CONNECT;
	return true;
}

/* received - "<= sender H=host [ip] P=esmtp S=1234 id=..." */
static bool
received(struct mh_str id, struct mh_str s, struct mh_logline *out)
{
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_MESSAGE);
	out->queue_id = id;
	struct mh_str sender = take_word(&s);
	if (mh_str_eq(sender, MH_STR("<>")))
		sender = mh_str_n(sender.p + 1, 0);
	for (;;) {
		while (MH_LOG_TAKE(&s, " "))
			continue;
		if (!take_field(&s, out))
			break;
	}
	out->inbound = out->relay_ip.len > 0 || out->relay.len > 0;
	out->sender = sender;
	out->text = mh_log_to(out->text, 0);
	out->remote = false;
	out->coding = MH_CODING_NONE;
	return true;
}

/* hello_as_command - "SMTP syntax error in "\026\003\001..." H=host [ip] ...": TLS spoken to a port in clear */
static bool
hello_as_command(struct mh_str s, struct mh_logline *out)
{
	struct mh_str text = s;
	if (mh_tls_cause(s)[0] == '\0')
		return false;
	mh_log_begin(out, MH_MTA_EXIM, MH_EVENT_TLS);
	s = mh_log_from(s, mh_log_find_last(s, MH_STR(" H="), s.len));
	if (MH_LOG_TAKE(&s, " H="))
		take_host(&s, out);
	(void)tls_fault(mh_str_n(text.p, 0), text, out);
	out->inbound = true;
	return true;
}

bool
mh_log_exim(struct mh_str message, struct mh_logline *out)
{
	struct mh_str s = message, none = mh_str_n(message.p, 0);
	if (MH_LOG_BEGINS(s, "[")) { /* the process: "[1234] " */
		size_t at = 1;
		while (at < s.len && mh_is_digit(s.p[at]))
			at++;
		if (at == 1 || at + 1 >= s.len || s.p[at] != ']' || s.p[at + 1] != ' ')
			return false;
		s = mh_log_from(s, at + 2);
	}
	size_t len = mh_log_exim_id(s);
	if (len > 0 && len < s.len) {
		struct mh_str id = mh_log_to(s, len);
		s = mh_log_from(s, len + 1);
		if (s.len < 4)
			return false;
		if (s.p[2] == ' ') {
			struct mh_str rest = mh_log_from(s, 3);
			if (s.p[0] == '*' && s.p[1] == '*')
				return delivery(id, rest, MH_RESULT_BOUNCED, out);
			if (s.p[0] == '=' && s.p[1] == '=')
				return delivery(id, rest, MH_RESULT_DEFERRED, out);
			if (s.p[1] == '>' && (s.p[0] == '=' || s.p[0] == '-' || s.p[0] == '>'))
				return delivery(id, rest, MH_RESULT_SENT, out);
			if (s.p[0] == '<' && s.p[1] == '=')
				return received(id, rest, out);
			if (s.p[0] == '*' && s.p[1] == '>') { /* only as if: -N */
				(void)delivery(id, rest, MH_RESULT_SENT, out);
				out->event = MH_EVENT_NOTICE;
				out->result = MH_RESULT_NONE;
				return true;
			}
			return false;
		}
		if (MH_LOG_BEGINS(s, "Completed"))
			return false;
		if (MH_LOG_BEGINS(s, "H="))
			return peer(id, s, out);
		if (MH_LOG_BEGINS(s, "TLS "))
			return tls_error(id, s, out);
		return old_peer(id, s, out);
	}
	if (MH_LOG_BEGINS(s, "H="))
		return peer(none, s, out);
	if (MH_LOG_BEGINS(s, "TLS "))
		return tls_error(none, s, out);
	if (MH_LOG_BEGINS(s, "SMTP syntax error in \"\\026"))
		return hello_as_command(s, out);
	return false;
}
