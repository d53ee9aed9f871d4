/* tls_diagnose.c - why nobody gets through encrypted: the cause, and what shows it
 *
 * Where in the dialogue it ended and how (phase and event) names most causes.  A
 * handshake that is refused is asked again by hellos that differ in one thing:
 * the first that is answered says what the server could not bear.  Every step
 * may be the last that is allowed; then the cause is the one that fits what is
 * known, and it is not called certain.
 */
#include "tls_check.h"

#define ALERT_HANDSHAKE_FAILURE 40
#define ALERT_PROTOCOL_VERSION 70
#define ALERT_INTERNAL_ERROR 80
#define ALERT_UNRECOGNIZED_NAME 112
#define ALERT_CERTIFICATE_REQUIRED 116

static void
blame(struct mh_tls_end *end, int cause, bool is_certain, const struct mh_seen *witness)
{
	end->cause = cause;
	end->is_certain = is_certain;
	end->witness = witness;
}

/* answers - whether a hello got a certificate, or the hello of a server that will show one later */
static bool
answers(const struct mh_seen *seen)
{
	return seen != NULL && seen->has_hello;
}

/* ------------------------------------------------------------- before TLS */

/* no_greeting - nothing came: perhaps TLS is wanted at once */
static void
no_greeting(struct mh_tls_end *end, const struct mh_seen *first)
{
	struct mh_stream_spec spec = mh_tls_base(end);
	spec.start = MH_START_TLS;
	spec.how = MH_HOW_HELLO;
	spec.hello.kind = mh_hello_kind_find(MH_STR("both13"));
	spec.hello.sni = spec.sni;
	spec.wait_ms[MH_WAIT_HELLO] = (uint32_t)(end->limit_ms / 8 < 5000 ? end->limit_ms / 8 : 5000);
	const struct mh_seen *tls = mh_tls_look(end, &spec);
	if (end->is_waiting)
		return;
	if (tls != NULL && (tls->has_hello || tls->alert >= 0))
		blame(end, MH_F_PORT_IS_IMPLICIT_TLS, true, tls);
	else
		blame(end, MH_F_SMTP_TIMEOUT_BANNER, true, first);
}

/* is_record - whether that is how TLS begins, not just octets that are no text */
static bool
is_record(struct mh_str octets)
{
	unsigned char c = (unsigned char)octets.p[0];
	return (c == 0x15 || c == 0x16) && (octets.len == 1 || octets.p[1] == 3);
}

/* at_greeting - the greeting is not what it should be */
static void
at_greeting(struct mh_tls_end *end, const struct mh_seen *first)
{
	if (first->end == MH_EVENT_SILENT && first->greeting.len == 0 && first->octets.len == 0)
		no_greeting(end, first);
	else if (first->end == MH_EVENT_SILENT || first->end == MH_EVENT_SLOW)
		blame(end, MH_F_SMTP_TIMEOUT_BANNER, true, first);
	else if (first->octets.len > 0)
		blame(end, is_record(first->octets) ? MH_F_PORT_IS_IMPLICIT_TLS : MH_F_SMTP_NOT_THIS_PROTOCOL,
		    true, first);
	else if (first->end == MH_EVENT_TOO_MUCH)
		blame(end, MH_F_SMTP_TOO_MUCH, true, first);
	else if (first->end == MH_EVENT_GARBLED)
		blame(end, MH_F_SMTP_NOT_THIS_PROTOCOL, true, first);
	else if (mh_seen_is_rate_limited(first))
		blame(end, MH_F_SMTP_RATE_LIMITED, true, first);
	else if (first->reply.len > 0 && !first->is_good)
		blame(end, MH_F_SMTP_REJECTED_AT_BANNER, true, first);
	else
		blame(end, MH_F_SMTP_CLOSED, true, first);
}

/* unanswered - a command got no reply: how that ended */
static void
unanswered(struct mh_tls_end *end, const struct mh_seen *first)
{
	if (first->end == MH_EVENT_SILENT || first->end == MH_EVENT_SLOW)
		blame(end, MH_F_SMTP_TIMEOUT_REPLY, true, first);
	else if (first->end == MH_EVENT_TOO_MUCH)
		blame(end, MH_F_SMTP_TOO_MUCH, true, first);
	else if (first->end == MH_EVENT_GARBLED)
		blame(end, MH_F_SMTP_MALFORMED_REPLY, true, first);
	else
		blame(end, MH_F_SMTP_CLOSED, true, first);
}

static void
at_hello(struct mh_tls_end *end, const struct mh_seen *first)
{
	bool is_answered = first->end == MH_EVENT_DONE;
	if (mh_seen_is_rate_limited(first))
		blame(end, MH_F_SMTP_RATE_LIMITED, true, first);
	else if (!is_answered)
		unanswered(end, first);
	else if (first->used_helo && first->is_good)
		blame(end, MH_F_SMTP_NO_ESMTP, true, first);
	else
		blame(end, MH_F_SMTP_REJECTED_AT_EHLO, true, first);
}

static void
at_start(struct mh_tls_end *end, const struct mh_seen *first)
{
	bool is_answered = first->end == MH_EVENT_DONE;
	bool is_offered = first->outside.starttls;
	if (first->code == 421 && !first->is_good && is_offered)
		blame(end, MH_F_SMTP_STARTTLS_421, true, first);
	else if (!is_offered && first->outside.masked.len > 0 && first->replied == MH_SEEN_START)
		blame(end, MH_F_SMTP_STARTTLS_STRIPPED, true, first);
	else if (!is_offered && (first->outside.is_known || first->end == MH_EVENT_DONE))
		blame(end, first->used_helo ? MH_F_SMTP_NO_ESMTP : MH_F_SMTP_STARTTLS_NOT_OFFERED, true,
		    first);
	else if (first->replied != MH_SEEN_START || !is_answered)
		unanswered(end, first);
	else if (first->code == 454)
		blame(end, MH_F_SMTP_STARTTLS_454, true, first);
	else
		blame(end, MH_F_SMTP_STARTTLS_REFUSED, true, first);
}

/* --------------------------------------------------------- in the handshake */

/* as_old - a version that only old hellos get; true if that is it */
static bool
as_old(struct mh_tls_end *end, const struct mh_seen *old)
{
	if (!answers(old))
		return false;
	if (old->hello.version == MH_SSL3)
		blame(end, MH_F_TLS_SSLV3_ONLY, true, old);
	else
		blame(end, MH_F_TLS_OLD_PROTOCOL_ONLY, true, old);
	return true;
}

/* by_event - the cause that says no more than how it ended */
static int
by_event(const struct mh_seen *seen)
{
	if (seen->alert >= 0)
		return seen->alert == ALERT_INTERNAL_ERROR   ? MH_F_TLS_ALERT_INTERNAL_ERROR
		    : seen->alert == ALERT_HANDSHAKE_FAILURE ? MH_F_TLS_ALERT_HANDSHAKE_FAILURE
							     : MH_F_TLS_ALERT_OTHER;
	if (seen->end == MH_EVENT_EOF)
		return MH_F_TLS_CLOSED_IN_HANDSHAKE;
	if (seen->end == MH_EVENT_RESET)
		return MH_F_TLS_RESET_IN_HANDSHAKE;
	return seen->end == MH_EVENT_SILENT ? MH_F_TLS_TIMEOUT_IN_HANDSHAKE : MH_F_TLS_BAD_RECORD;
}

/* without_13 - a hello of TLS 1.2 is taken where one that offers TLS 1.3 as well is not: mail of those who fall
 * back comes through, and the rest of the plan goes on with that version */
static bool
without_13(struct mh_tls_end *end, const struct mh_seen *todays)
{
	if (!answers(todays))
		return false;
	const struct mh_seen *failed = end->looks.first;
	struct mh_stream_spec spec = mh_tls_base(end);
	spec.max_version = MH_TLS12;
	const struct mh_seen *again = mh_tls_look(end, &spec);
	if (end->is_waiting)
		return true;
	/* A handshake that fails at that version too is not helped by it: the hello was no more than read. */
	if (again != NULL && !again->secured) {
		blame(end, by_event(failed), true, failed);
		return true;
	}
	if (again != NULL)
		end->looks.first = again;
	blame(end, MH_F_TLS_TLS13_INTOLERANT, true, failed);
	return true;
}

/* What it shows if a hello is answered: a finding, or what is worked out from the answer. */
enum { OLD_VERSION = 0, NEEDS_12 = -1, OF_SUITE = -2 };

struct trial {
	const char *hello;
	int cause;
};

static bool
is_stopped(const struct mh_tls_end *end)
{
	return end->is_waiting || end->stopped != MH_STOP_NONE;
}

/* by_suite - a hello with all suites was taken: the server has a key, and what it chose says what it lacks */
static bool
by_suite(struct mh_tls_end *end, const struct mh_seen *seen)
{
	if (!answers(seen))
		return false;
	if (seen->suite != NULL && seen->suite->auth == MH_AUTH_ANON) {
		blame(end, MH_F_TLS_NO_CERTIFICATE_ANON, true, seen);
		return true;
	}
	if (seen->hello.version < MH_TLS12)
		return as_old(end, seen);
	if (seen->suite != NULL && mh_suite_is_todays(seen->suite)) {
		const struct mh_seen *todays = mh_tls_hello(end, "todays12");
		if (end->is_waiting || without_13(end, todays))
			return true;
	}
	blame(end, MH_F_TLS_NO_COMMON_CIPHER, true, seen);
	return true;
}

/* try_all - hellos one after another; true: the cause is found, an answer is under way, or no more may be asked */
static bool
try_all(struct mh_tls_end *end, const struct trial *trials)
{
	for (; trials->hello != NULL; trials++) {
		const struct mh_seen *seen = mh_tls_hello(end, trials->hello);
		if (is_stopped(end))
			return true;
		if (!answers(seen))
			continue;
		if (trials->cause == OLD_VERSION && as_old(end, seen))
			return true;
		if (trials->cause == NEEDS_12 && without_13(end, seen))
			return true;
		if (trials->cause == OF_SUITE && by_suite(end, seen))
			return true;
		if (trials->cause <= OLD_VERSION)
			continue;
		blame(end, trials->cause, true, seen);
		return true;
	}
	return false;
}

/* refused_by_all - every hello got an alert: does the server look at them at all?  One that cannot be read gets another
 * alert from whoever does. */
static void
refused_by_all(struct mh_tls_end *end, const struct mh_seen *first)
{
	static const char *const hellos[] = { "todays13", "broken12" };
	for (int i = 0; i < 2; i++) {
		const struct mh_seen *seen = mh_tls_hello(end, hellos[i]);
		if (end->is_waiting)
			return;
		if (seen != NULL && seen->has_hello) {
			/* TLS 1.3 alone, and then not what we offered at first. */
			blame(end, MH_F_TLS_NO_COMMON_CIPHER, false, seen);
			return;
		}
		if (seen != NULL && seen->alert >= 0 && seen->alert != first->alert) {
			blame(end, MH_F_TLS_NO_CERTIFICATE, i == 0, first);
			end->second_cause = MH_F_TLS_NO_COMMON_CIPHER;
			return;
		}
	}
	if (end->stopped != MH_STOP_NONE) {
		blame(end, MH_F_TLS_NO_CERTIFICATE, false, first);
		end->second_cause = MH_F_TLS_NO_COMMON_CIPHER;
		return;
	}
	blame(end, MH_F_TLS_ALERT_HANDSHAKE_FAILURE, true, first);
	end->second_cause = MH_F_TLS_NO_CERTIFICATE;
}

static void
at_alert(struct mh_tls_end *end, const struct mh_seen *first)
{
	static const struct trial by_name[] = { { "fewnosni12", MH_F_TLS_SNI_INTOLERANT }, { NULL, 0 } };
	static const struct trial by_version[] = { { "old11", OLD_VERSION }, { "ssl3", OLD_VERSION },
		{ "auth12", OF_SUITE }, { "fewnosni12", MH_F_TLS_SNI_INTOLERANT }, { "ssl2", MH_F_TLS_SSLV2 },
		{ NULL, 0 } };
	static const struct trial by_choice[] = { { "auth12", OF_SUITE },
		{ "anon12", MH_F_TLS_NO_CERTIFICATE_ANON }, { "fewnosni12", MH_F_TLS_SNI_INTOLERANT },
		{ "all13", OF_SUITE }, { "old11", OLD_VERSION }, { "ssl2", MH_F_TLS_SSLV2 }, { NULL, 0 } };
	static const struct trial others[] = { { "todays12", NEEDS_12 },
		{ "few12", MH_F_TLS_LARGE_HELLO_INTOLERANT }, { "fewnosni12", MH_F_TLS_SNI_INTOLERANT },
		{ "bare12", MH_F_TLS_EXTENSION_INTOLERANT }, { "auth12", OF_SUITE }, { "old11", OLD_VERSION },
		{ NULL, 0 } };
	int alert = first->alert;

	if (alert == ALERT_INTERNAL_ERROR) {
		blame(end, MH_F_TLS_ALERT_INTERNAL_ERROR, true, first);
		return;
	}
	const struct trial *trials = alert == ALERT_UNRECOGNIZED_NAME ? by_name
	    : alert == ALERT_PROTOCOL_VERSION                         ? by_version
	    : alert == ALERT_HANDSHAKE_FAILURE || alert == 71         ? by_choice
								      : others;
	if (try_all(end, trials) && (end->is_waiting || end->cause != 0))
		return;
	if (alert == ALERT_HANDSHAKE_FAILURE || alert == 71)
		refused_by_all(end, first);
	else if (alert == ALERT_PROTOCOL_VERSION)
		blame(end, MH_F_TLS_NO_COMMON_CIPHER, false, first);
	else
		blame(end, MH_F_TLS_ALERT_OTHER, true, first);
}

/* at_hang_up - closed or reset without a word of TLS */
static void
at_hang_up(struct mh_tls_end *end, const struct mh_seen *first)
{
	static const struct trial trials[] = { { "few12", MH_F_TLS_LARGE_HELLO_INTOLERANT },
		{ "fewnosni12", MH_F_TLS_SNI_INTOLERANT }, { "old11", OLD_VERSION }, { "ssl3", OLD_VERSION },
		{ "ssl2", MH_F_TLS_SSLV2 }, { "auth12", OF_SUITE }, { NULL, 0 } };
	bool is_reset = first->end == MH_EVENT_RESET;
	struct mh_stream_spec spec = mh_tls_base(end);

	/* Does it wait for our hello before it hangs up? */
	spec.how = MH_HOW_HELLO;
	spec.hello.kind = mh_hello_kind_find(MH_STR("todays12"));
	spec.hello.sni = spec.sni;
	if (spec.start == MH_START_STARTTLS)
		spec.pause_ms = 150;
	const struct mh_seen *todays = mh_tls_look(end, &spec);
	if (end->is_waiting)
		return;
	if (todays != NULL && !todays->has_tls && spec.pause_ms > 0) {
		is_reset = todays->end == MH_EVENT_RESET;
		blame(end, is_reset ? MH_F_TLS_RESET_AFTER_STARTTLS : MH_F_TLS_CLOSED_AFTER_STARTTLS, true,
		    todays);
		return;
	}
	if (without_13(end, todays))
		return;
	if (try_all(end, trials) && (end->is_waiting || end->cause != 0))
		return;
	blame(end, is_reset ? MH_F_TLS_RESET_IN_HANDSHAKE : MH_F_TLS_CLOSED_IN_HANDSHAKE,
	    end->stopped == MH_STOP_NONE, first);
}

static void
at_silence(struct mh_tls_end *end, const struct mh_seen *first)
{
	static const struct trial trials[] = { { "todays12", NEEDS_12 },
		{ "few12", MH_F_TLS_LARGE_HELLO_INTOLERANT }, { "fewnosni12", MH_F_TLS_SNI_INTOLERANT },
		{ NULL, 0 } };
	if (try_all(end, trials) && (end->is_waiting || end->cause != 0))
		return;
	blame(end, MH_F_TLS_TIMEOUT_IN_HANDSHAKE, end->stopped == MH_STOP_NONE, first);
}

/* shows_none - whether its Certificate message has no certificate in it */
static bool
shows_none(const struct mh_seen *seen)
{
	bool is_bad = false;
	size_t at = 0;
	return seen->certificate.len > 0 &&
	    mh_certificate_next(seen->certificate, seen->hello.version == MH_TLS13, &at, NULL, &is_bad).p ==
	    NULL &&
	    !is_bad;
}

/* by_us - the server chose what OpenSSL does not take, or sent what cannot be */
static void
by_us(struct mh_tls_end *end, const struct mh_seen *first)
{
	static const struct trial trials[] = { { "old11", OLD_VERSION }, { "ssl3", OLD_VERSION },
		{ NULL, 0 } };
	if (first->has_hello && first->hello.version == MH_SSL3) {
		blame(end, MH_F_TLS_SSLV3_ONLY, true, first);
		return;
	}
	if (shows_none(first)) {
		blame(end, MH_F_TLS_NO_CERTIFICATE, true, first);
		return;
	}
	if (first->our_alert == ALERT_PROTOCOL_VERSION && try_all(end, trials) &&
	    (end->is_waiting || end->cause != 0))
		return;
	blame(end, MH_F_TLS_BAD_RECORD, true, first);
}

static void
in_tls(struct mh_tls_end *end, const struct mh_seen *first)
{
	bool hangs_up = first->end == MH_EVENT_EOF || first->end == MH_EVENT_RESET;
	if (first->octets.len > 0)
		blame(end,
		    end->host->mode == MH_MODE_IMPLICIT ? MH_F_PORT_PLAIN_ON_IMPLICIT_PORT
							: MH_F_TLS_PLAINTEXT_IN_TLS,
		    true, first);
	else if (first->wants_client_certificate && first->alert != ALERT_INTERNAL_ERROR &&
	    (first->alert >= 0 || hangs_up))
		blame(end, MH_F_TLS_CLIENT_CERT_REQUIRED, true, first);
	else if (first->end == MH_EVENT_SLOW)
		blame(end, MH_F_TLS_SLOW_HANDSHAKE, true, first);
	else if (first->has_hello && !first->hello.is_retry && first->our_alert < 0 &&
	    (first->alert >= 0 || hangs_up || first->end == MH_EVENT_SILENT))
		/* It chose out of our hello, so that no other would be better. */
		blame(end, by_event(first), true, first);
	else if (first->alert >= 0)
		at_alert(end, first);
	else if (hangs_up && first->has_hello)
		blame(end, by_event(first), true, first);
	else if (hangs_up)
		at_hang_up(end, first);
	else if (first->end == MH_EVENT_SILENT)
		at_silence(end, first);
	else
		by_us(end, first);
}

/* at_inner_greeting - with TLS at once the greeting comes inside; true if that was the last, and is no good */
static bool
at_inner_greeting(struct mh_tls_end *end, const struct mh_seen *first)
{
	if (first->is_good || first->reply.len == 0 || first->reply.p != first->greeting_end.p)
		return false;
	blame(end,
	    first->end == MH_EVENT_GARBLED       ? MH_F_SMTP_NOT_THIS_PROTOCOL
		: mh_seen_is_rate_limited(first) ? MH_F_SMTP_RATE_LIMITED
						 : MH_F_SMTP_REJECTED_AT_BANNER,
	    true, first);
	return true;
}

/* inside - the handshake was done, and then */
static void
inside(struct mh_tls_end *end, const struct mh_seen *first)
{
	if (first->end == MH_EVENT_DONE && first->is_good)
		return;
	bool is_refused = first->replied == MH_SEEN_INSIDE && !first->is_good;
	bool hangs_up = first->end == MH_EVENT_EOF || first->end == MH_EVENT_RESET;
	if (first->alert == ALERT_CERTIFICATE_REQUIRED ||
	    (first->wants_client_certificate && (first->alert >= 0 || is_refused || hangs_up)))
		blame(end, MH_F_TLS_CLIENT_CERT_REQUIRED, true, first);
	else if (at_inner_greeting(end, first))
		return;
	else if (first->end == MH_EVENT_SILENT)
		blame(end, MH_F_TLS_TIMEOUT_AFTER_HANDSHAKE, true, first);
	else if (first->end == MH_EVENT_SLOW)
		blame(end, MH_F_TLS_SLOW_HANDSHAKE, true, first);
	else if (first->end == MH_EVENT_DONE)
		blame(end, MH_F_SMTP_EHLO_INSIDE_TLS, true, first);
	else if (first->end == MH_EVENT_TOO_MUCH)
		blame(end, MH_F_SMTP_TOO_MUCH, true, first);
	else if (first->replied == MH_SEEN_INSIDE && !first->is_good)
		blame(end, MH_F_SMTP_EHLO_INSIDE_TLS, true, first);
	else
		blame(end, MH_F_TLS_CLOSED_AFTER_HANDSHAKE, true, first);
}

void
mh_tls_diagnose(struct mh_tls_end *end)
{
	const struct mh_seen *first = end->looks.first;
	switch (first->phase) {
	case MH_SEEN_CONNECT:
		/* What keeps this machine from connecting (no IPv6 here, a firewall) is not the server's fault. */
		if (mh_seen_is_our_network(first)) {
			end->stopped = MH_STOP_UNKNOWN;
			end->unknown_why = MH_WHY_NETWORK;
			break;
		}
		blame(end,
		    first->end == MH_EVENT_REFUSED      ? MH_F_PORT_REFUSED
			: first->end == MH_EVENT_SILENT ? MH_F_PORT_TIMEOUT
							: MH_F_PORT_UNREACHABLE,
		    true, first);
		break;
	case MH_SEEN_GREETING:
		at_greeting(end, first);
		break;
	case MH_SEEN_HELLO:
		at_hello(end, first);
		break;
	case MH_SEEN_START:
		at_start(end, first);
		break;
	case MH_SEEN_TLS:
		in_tls(end, first);
		break;
	default:
		inside(end, first);
		break;
	}
	if (end->cause == MH_F_SMTP_RATE_LIMITED)
		end->stopped = MH_STOP_RATE;
}
