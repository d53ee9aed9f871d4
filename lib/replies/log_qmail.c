/* log_qmail.c - what qmail-send logs
 *
 *	info msg 93869: bytes 2343 from <a@example.org> qp 18695 uid 49491
 *	starting delivery 10: msg 93869 to remote b@example.net
 *	delivery 10: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550_.../Giving_up_on_.../
 *
 * What qmail-remote said of a delivery stands with '_' for spaces and other
 * octets, and '/' for line ends: mh_logline_decode.  Recipient and result stand
 * in two lines; the delivery's number, the queue id here, joins them.
 */
#include "log_mta.h"

/* clang-format off */
static const struct {
	struct mh_str words;
	enum mh_phase phase;
} sayings[] = {
	{ { "_but_greeting_failed", 20 }, MH_PHASE_CONNECT },
	{ { "_but_my_name_was_rejected", 25 }, MH_PHASE_HELO },
	{ { "_but_sender_was_rejected", 24 }, MH_PHASE_MAIL },
	{ { "_but_authentication_was_rejected", 32 }, MH_PHASE_AUTH },
	{ { "_but_unable_to_authenticate", 27 }, MH_PHASE_AUTH },
	{ { "_but_connection_died", 20 }, MH_PHASE_NONE },
	{ { "_does_not_like_recipient", 24 }, MH_PHASE_RCPT },
	{ { "_failed_on_DATA_command", 23 }, MH_PHASE_DATA },
	{ { "_failed_after_I_sent_the_message", 32 }, MH_PHASE_EOD },
	{ { "_accepted_message", 17 }, MH_PHASE_NONE },
};
/* clang-format on */

/* number - decimal digits at the start, taken off */
static struct mh_str
number(struct mh_str *s)
{
	size_t at = 0;
	while (at < s->len && mh_is_digit(s->p[at]))
		at++;
	struct mh_str found = mh_log_to(*s, at);
	*s = mh_log_from(*s, at);
	return found;
}

static bool
is_address(struct mh_str s)
{
	bool dot = false;
	for (size_t i = 0; i < s.len; i++) {
		if (mh_hex(s.p[i]) < 0 && s.p[i] != '.' && s.p[i] != ':')
			return false;
		dot |= s.p[i] == '.' || s.p[i] == ':';
	}
	return dot;
}

/* peer - the host that the words before the end of a saying name: an address mostly, a name with patches */
static void
peer(struct mh_str s, struct mh_logline *out)
{
	(void)MH_LOG_TAKE(&s, "Connected_to_");
	size_t begin = s.len;
	while (begin > 0 && s.p[begin - 1] != '_' && s.p[begin - 1] != '/' && s.p[begin - 1] != ')')
		begin--;
	s = mh_log_from(s, begin);
	if (is_address(s))
		out->relay_ip = s;
	else
		out->relay = mh_log_host(s);
}

/* own_status - "(#4.4.1)", where qmail itself speaks */
static void
own_status(struct mh_logline *out)
{
	size_t at = MH_LOG_FIND(out->text, "(#");
	if (at >= out->text.len)
		return;
	struct mh_str s = mh_log_from(out->text, at + 2);
	s = mh_log_to(s, mh_log_chr(mh_log_to(s, 12), ')'));
	if (mh_log_is_dsn(s))
		out->dsn = s;
}

/* say - the saying in qmail's own words, behind the first host in them */
static void
say(struct mh_str own, struct mh_logline *out)
{
	for (size_t at = 0; at < own.len; at++) {
		struct mh_str rest = mh_log_from(own, at);
		for (size_t i = 0; own.p[at] == '_' && i < MH_COUNT(sayings); i++) {
			if (!mh_log_begins(rest, sayings[i].words.p, sayings[i].words.len))
				continue;
			out->phase = (uint8_t)sayings[i].phase;
			peer(mh_log_to(own, at), out);
			return;
		}
	}
}

static void
words(struct mh_str s, struct mh_logline *out)
{
	struct mh_str given_up =
	    MH_STR("I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long.");
	size_t said = MH_LOG_FIND(s, "Remote_host_said:_"), at;
	out->text = s;
	out->coding = MH_CODING_QMAIL;
	if (out->result == MH_RESULT_BOUNCED && mh_log_find_last(s, given_up, given_up.len + 2) < s.len) {
		out->result = MH_RESULT_EXPIRED;
		s = mh_log_to(s, mh_log_find_last(s, given_up, given_up.len + 2));
	}
	struct mh_str own = mh_log_to(s, said);
	say(mh_log_to(own, 400), out);
	if (said < s.len) {
		struct mh_str reply = mh_log_from(s, said + 18);
		at = mh_log_find_last(reply, MH_STR("/Giving_up_on_"), 320);
		reply = mh_log_to(reply, at);
		while (reply.len > 0 && reply.p[reply.len - 1] == '/' && at >= reply.len)
			reply.len--;
		out->text = reply;
		out->remote = true;
		return;
	}
	own_status(out);
	if (MH_LOG_FIND(own, "TLS_") < own.len || MH_LOG_FIND(own, "STARTTLS") < own.len) {
		out->phase = MH_PHASE_STARTTLS;
		out->cause = mh_tls_cause(own);
		at = MH_LOG_FIND(own, "connecting_to_");
		if (at < own.len) {
			struct mh_str host = mh_log_from(own, at + 14);
			host = mh_log_to(host, mh_log_chr(host, '/'));
			while (host.len > 0 && host.p[host.len - 1] == '.')
				host.len--;
			peer(host, out);
		}
	}
}

bool
mh_log_qmail(struct mh_str message, struct mh_logline *out)
{
	struct mh_str s = message, id;
	if (MH_LOG_TAKE(&s, "delivery ")) {
		enum mh_log_result result;
		id = number(&s);
		if (id.len == 0 || !MH_LOG_TAKE(&s, ": "))
			return false;
		if (MH_LOG_TAKE(&s, "success: "))
			result = MH_RESULT_SENT;
		else if (MH_LOG_TAKE(&s, "failure: "))
			result = MH_RESULT_BOUNCED;
		else if (MH_LOG_TAKE(&s, "deferral: "))
			result = MH_RESULT_DEFERRED;
		else
			return false;
		mh_log_begin(out, MH_MTA_QMAIL, MH_EVENT_DELIVERY);
		out->queue_id = id;
		out->result = (uint8_t)result;
		words(s, out);
		return true;
	}
	if (MH_LOG_TAKE(&s, "starting delivery ")) {
		id = number(&s);
		if (id.len == 0 || !MH_LOG_TAKE(&s, ": msg "))
			return false;
		struct mh_str msg = number(&s);
		if (msg.len == 0 || (!MH_LOG_TAKE(&s, " to remote ") && !MH_LOG_TAKE(&s, " to local ")))
			return false;
		mh_log_begin(out, MH_MTA_QMAIL, MH_EVENT_START);
		out->text = msg;
		out->queue_id = id;
		out->recipient = mh_log_to(s, mh_log_chr(s, ' '));
		return true;
	}
	if (MH_LOG_TAKE(&s, "info msg ")) {
		id = number(&s);
		size_t from = MH_LOG_FIND(s, " from <");
		if (id.len == 0 || !MH_LOG_BEGINS(s, ":") || from >= s.len)
			return false;
		mh_log_begin(out, MH_MTA_QMAIL, MH_EVENT_MESSAGE);
		out->queue_id = id;
		s = mh_log_from(s, from + 7);
		size_t end = mh_log_find_last(s, MH_STR("> qp "), 64);
		out->sender = mh_log_to(s, end < s.len ? end : mh_log_chr(s, '>'));
		return true;
	}
	if (MH_LOG_TAKE(&s, "bounce msg ")) {
		id = number(&s);
		if (id.len == 0)
			return false;
		mh_log_begin(out, MH_MTA_QMAIL, MH_EVENT_NOTICE);
		out->queue_id = id;
		out->text = message;
		return true;
	}
	return false;
}
