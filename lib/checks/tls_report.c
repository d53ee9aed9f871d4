/* tls_report.c - what is found of each endpoint, as findings
 *
 * A finding's severity on ports whose clients demand TLS (submission, IMAP and
 * so on) is not that of port 25, where most senders would rather deliver in
 * clear than not at all (RFC 7435 3).
 */
#include "tls_report.h"

#include "port.h"
#include "tls_identity.h"
#include "tls_words.h"

#define SLOW_HANDSHAKE_US 1000000

/* What weighs otherwise where clients demand TLS. */
static const struct {
	int number, severity;
} demanding[] = {
	{ MH_F_SMTP_STARTTLS_NOT_OFFERED, MH_SEV_FAIL },
	{ MH_F_CERT_EXPIRED, MH_SEV_FAIL },
	{ MH_F_CERT_SELF_SIGNED, MH_SEV_FAIL },
	{ MH_F_CERT_NAME_MISMATCH, MH_SEV_FAIL },
	{ MH_F_CERT_CHAIN_INCOMPLETE, MH_SEV_FAIL },
	{ MH_F_CERT_UNTRUSTED_ISSUER, MH_SEV_FAIL },
	{ MH_F_CERT_NO_ALTERNATIVE_NAME, MH_SEV_FAIL },
	{ MH_F_CERT_INTERMEDIATE_EXPIRED, MH_SEV_FAIL },
	{ MH_F_CERT_WRONG_PURPOSE, MH_SEV_FAIL },
	{ MH_F_CERT_WEAK_KEY, MH_SEV_FAIL },
	{ MH_F_CERT_WEAK_SIGNATURE, MH_SEV_FAIL },
	{ MH_F_TLS_SNI_REQUIRED, MH_SEV_INFO },
	{ MH_F_TLS_SNI_DEFAULT_DIFFERS, MH_SEV_INFO },
	{ MH_F_TLS_WEAK_DH, MH_SEV_FAIL },
	{ MH_F_TLS_WEAK_CIPHERS, MH_SEV_FAIL },
	{ MH_F_SMTP_RESPONSE_INJECTION, MH_SEV_FAIL },
	{ MH_F_SMTP_AUTH_IN_CLEAR, MH_SEV_FAIL },
};

void
mh_tls_add(struct mh_tls_teller *teller, int number, struct mh_str evidence, int severity,
    const struct mh_finding_arg *args, size_t args_count)
{
	const struct mh_tls_end *end = teller->end;
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);
	struct mh_finding_more more = { .check = strncmp(kind->id, "dane.", 5) == 0 ? "dane" : "tls",
		.severity = severity,
		.args = args,
		.args_count = args_count,
		.detail = mh_buf_str(&teller->detail) };
	for (size_t i = 0; i < MH_COUNT(demanding) && severity == 0; i++)
		if (demanding[i].number == number && mh_tls_is_demanding(end->host))
			more.severity = demanding[i].severity;
	if (teller->detail.bad ||
	    mh_report_add_more(teller->report, number, teller->subject, evidence, -1, -1, &more) != 0)
		teller->is_bad = true;
	mh_buf_reset(&teller->detail);
}

static void
add(struct mh_tls_teller *teller, int number, struct mh_str evidence)
{
	mh_tls_add(teller, number, evidence, 0, NULL, 0);
}

/* put_log - what the server's own log has about it: of the server that it says it is, else the first line of each */
static void
put_log(struct mh_tls_teller *teller, int number)
{
	const struct mh_tls_words *words = mh_tls_words(number);
	const struct mh_seen *first = teller->end->looks.first;
	struct mh_str greeting = first != NULL ? first->greeting_end : MH_STR("");
	struct mh_buf *out = &teller->detail;
	bool tells_name = mh_tls_mta_greets("", greeting);
	unsigned count = 0;
	for (const struct mh_tls_log *log = words != NULL ? words->logs : NULL;
	     log != NULL && log->mta != NULL; log++) {
		if (tells_name && !mh_tls_mta_greets(log->mta, greeting))
			continue;
		if (!tells_name && log > words->logs && strcmp(log[-1].mta, log->mta) == 0)
			continue;
		mh_buf_puts(out, count++ == 0 ? " In the server's own log: \"" : ", or \"");
		mh_buf_puts(out, log->log);
		mh_buf_puts(out, "\" (");
		mh_buf_puts(out, log->mta);
		mh_buf_putc(out, ')');
	}
	mh_buf_puts(out, count > 0 ? "." : "");
}

static void
put_ms(struct mh_buf *out, uint32_t us)
{
	mh_buf_putint(out, us / 1000000);
	mh_buf_putc(out, '.');
	mh_buf_putint(out, us / 100000 % 10);
	mh_buf_puts(out, " s");
}

static void
put_alert(struct mh_buf *out, int alert)
{
	const char *name = mh_tls_alert_name(alert);
	mh_buf_puts(out, "alert ");
	mh_buf_puts(out, name[0] != '\0' ? name : "unknown");
	mh_buf_puts(out, " (");
	mh_buf_putint(out, alert);
	mh_buf_putc(out, ')');
}

/* put_chosen - "TLS 1.2, AES128-SHA, secp256r1" */
static void
put_chosen(struct mh_buf *out, const struct mh_seen *seen)
{
	char room[MH_TLS_NAME_ROOM];
	mh_buf_puts(out, mh_tls_version_name(seen->hello.version));
	if (seen->hello.version > MH_SSL2) {
		mh_buf_puts(out, " with ");
		mh_buf_puts(out, mh_tls_suite_name(seen->hello.suite, room));
	}
}

/* -------------------------------------------------------------------- causes */

void
mh_tls_put_end(struct mh_buf *out, const struct mh_seen *seen)
{
	if (seen->octets.len > 0) {
		struct mh_cur cur = mh_cur_of(seen->octets.p, seen->octets.len);
		mh_buf_puts(out, "the server sent ");
		mh_printable(out, mh_cur_until(&cur, "\r\n"), 80);
	} else if (seen->alert >= 0) {
		mh_buf_puts(out, "the server answered with the ");
		put_alert(out, seen->alert);
	} else if (seen->our_alert >= 0) {
		mh_buf_puts(out, "what the server sent cannot be used; we answered with the ");
		put_alert(out, seen->our_alert);
	} else if (seen->end == MH_EVENT_EOF) {
		mh_buf_puts(out, "the server closed the connection");
	} else if (seen->end == MH_EVENT_RESET) {
		mh_buf_puts(out, "the server reset the connection");
	} else if (seen->end == MH_EVENT_REFUSED) {
		mh_buf_puts(out, "the connection was refused");
	} else if (seen->end == MH_EVENT_UNREACHABLE) {
		if (mh_str_eq(seen->end_text, MH_STR("forbidden"))) {
			mh_buf_puts(out, "the connection was forbidden");
		} else {
			mh_buf_puts(out, "the ");
			mh_buf_putstr(out, seen->end_text.len > 0 ? seen->end_text : MH_STR("host"));
			mh_buf_puts(out, " was unreachable");
		}
	} else if (seen->end == MH_EVENT_SILENT) {
		mh_buf_puts(out, "nothing came for ");
		put_ms(out, seen->end_us);
	} else if (seen->end == MH_EVENT_SLOW) {
		mh_buf_puts(out, "only ");
		mh_buf_putstr(out, seen->end_text);
		mh_buf_puts(out, " octets came in ");
		put_ms(out, seen->end_us);
	} else if (seen->has_hello) {
		mh_buf_puts(out, "the server chose ");
		put_chosen(out, seen);
	} else {
		mh_buf_puts(out, "the dialogue ended");
	}
}

/* put_where - in which phase */
static void
put_where(struct mh_buf *out, const struct mh_seen *seen)
{
	static const char *const phases[] = { "While connecting, ", "Before any greeting, ", "After EHLO, ",
		"After STARTTLS, ", "In the handshake, ", "After the handshake, " };
	if (seen->phase == MH_SEEN_TLS && !seen->has_hello && seen->alert < 0)
		mh_buf_puts(out, "After our ClientHello, ");
	else if (seen->phase == MH_SEEN_START && seen->is_good)
		mh_buf_puts(out, "After the reply that TLS may begin, ");
	else
		mh_buf_puts(out, phases[seen->phase]);
}

/* add_cause - why nobody gets through encrypted */
static void
add_cause(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	const struct mh_seen *witness = end->witness != NULL ? end->witness : end->looks.first;
	struct mh_buf *out = &teller->detail;
	struct mh_str evidence = witness->octets.len > 0 ? witness->octets : witness->reply;
	bool is_reply = end->cause == MH_F_SMTP_REJECTED_AT_BANNER || end->cause == MH_F_SMTP_RATE_LIMITED ||
	    end->cause == MH_F_SMTP_STARTTLS_454 || end->cause == MH_F_SMTP_STARTTLS_421 ||
	    end->cause == MH_F_SMTP_STARTTLS_REFUSED || end->cause == MH_F_SMTP_STARTTLS_NOT_OFFERED ||
	    end->cause == MH_F_SMTP_REJECTED_AT_EHLO || end->cause == MH_F_SMTP_NO_ESMTP ||
	    end->cause == MH_F_SMTP_EHLO_INSIDE_TLS || end->cause == MH_F_SMTP_NOT_THIS_PROTOCOL ||
	    end->cause == MH_F_SMTP_MALFORMED_REPLY;

	if (end->cause == MH_F_SMTP_STARTTLS_STRIPPED)
		evidence = witness->outside.masked;
	else if (end->cause == MH_F_SMTP_NOT_THIS_PROTOCOL || end->cause == MH_F_SMTP_MALFORMED_REPLY)
		evidence = witness->reply.len > 0 ? witness->reply
		    : witness->octets.len > 0     ? witness->octets
						  : witness->greeting_end;
	if (end->cause == MH_F_SMTP_STARTTLS_STRIPPED) {
		mh_buf_puts(out, "In place of STARTTLS the server offers ");
		mh_printable(out, witness->outside.masked, 100);
	} else if (is_reply && witness->reply.len > 0) {
		mh_buf_puts(out, "The server says: ");
		mh_printable(out, witness->reply, 300);
	} else {
		put_where(out, witness);
		mh_tls_put_end(out, witness);
	}
	mh_buf_putc(out, '.');
	if (end->cause == MH_F_PORT_REFUSED && end->ip.family == 0)
		mh_buf_puts(out, " The socket is not there, or nobody listens at it.");
	if (end->cause == MH_F_TLS_NO_CERTIFICATE && witness->certificate.len > 0)
		mh_buf_puts(out, " Its Certificate message has no certificate in it.");
	else if (end->cause == MH_F_TLS_NO_CERTIFICATE)
		mh_buf_puts(out,
		    end->is_certain
			? " It reads hellos well and refuses each that would need a certificate."
			: " It refuses every hello alike, which a server without a certificate does.");
	if (end->cause == MH_F_TLS_NO_COMMON_CIPHER && witness->has_hello)
		mh_buf_puts(out, " Senders of today offer nothing of the kind.");
	if (end->second_cause != 0) {
		const struct mh_finding_kind *kind = mh_finding_kind_of(end->second_cause);
		mh_buf_puts(out, " Less likely, and looking the same from outside: ");
		mh_buf_puts(out, kind->id);
		mh_buf_puts(out, "; the server's log tells them apart.");
	}
	put_log(teller, end->cause);
	const struct mh_finding_arg args[] = {
		{ "certain", { NULL, 0 }, end->is_certain },
		{ "alert", { NULL, 0 }, witness->alert },
		{ "after_us", { NULL, 0 }, witness->end_us },
	};
	mh_tls_add(teller, end->cause, evidence, 0, args, MH_COUNT(args));
}

/* ------------------------------------------------------------------- dialogue */

/* add_text - what is odd about the dialogue in clear, and inside */
static void
add_text(struct mh_tls_teller *teller)
{
	const struct mh_seen *first = teller->end->looks.first;
	const struct mh_tls_looks *looks = &teller->end->looks;
	struct mh_buf *out = &teller->detail;
	bool is_starttls = teller->end->host->mode != MH_MODE_IMPLICIT;

	if (first->greeting_us > 3000000 && first->greeting.len > 0) {
		mh_buf_puts(out, "The greeting came after ");
		put_ms(out, first->greeting_us);
		mh_buf_putc(out, '.');
		add(teller, MH_F_SMTP_SLOW_BANNER, first->greeting);
	}
	if (first->has_bare_lf)
		add(teller, MH_F_SMTP_BARE_LF, first->greeting);
	if (first->injected.len > 0)
		add(teller, MH_F_SMTP_RESPONSE_INJECTION, first->injected);
	if (looks->injected != NULL && looks->injected->is_injected_inside)
		add(teller, MH_F_SMTP_COMMAND_INJECTION, looks->injected->injected);
	if (is_starttls && first->has_tls && first->outside.is_known && !first->outside.starttls) {
		if (first->outside.masked.len > 0)
			add(teller, MH_F_SMTP_STARTTLS_STRIPPED, first->outside.masked);
		else
			add(teller, MH_F_SMTP_STARTTLS_UNADVERTISED, first->outside.name);
	}
	if (is_starttls && first->inside.starttls)
		add(teller, MH_F_SMTP_STARTTLS_INSIDE_TLS, MH_STR("STARTTLS"));
	if (is_starttls && first->outside.auth.len > 0)
		add(teller, MH_F_SMTP_AUTH_IN_CLEAR, first->outside.auth);
}

/* ------------------------------------------------------------------------ TLS */

/* add_versions - old ones, and the newest alone */
static void
add_versions(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	const uint8_t *v = end->versions;
	struct mh_buf *out = &teller->detail;
	if (v[0] == MH_TRI_YES)
		add(teller, MH_F_TLS_SSLV2, MH_STR("SSL 2"));
	if (v[1] == MH_TRI_YES)
		add(teller, MH_F_TLS_SSLV3, MH_STR("SSL 3"));
	if (v[5] == MH_TRI_YES && v[4] == MH_TRI_NO)
		add(teller, MH_F_TLS_TLS13_ONLY, MH_STR("TLS 1.3"));
	if (v[5] == MH_TRI_NO && v[4] == MH_TRI_YES)
		add(teller, MH_F_TLS_NO_TLS13, MH_STR("TLS 1.2"));
	if (v[2] != MH_TRI_YES && v[3] != MH_TRI_YES)
		return;
	mh_buf_puts(out, "The server takes ");
	mh_buf_puts(out, v[3] == MH_TRI_YES ? "TLS 1.1" : "TLS 1.0");
	mh_buf_puts(out, v[3] == MH_TRI_YES && v[2] == MH_TRI_YES ? " and TLS 1.0." : ".");
	if (v[4] == MH_TRI_NO && v[5] == MH_TRI_NO)
		add(teller, MH_F_TLS_OLD_PROTOCOL_ONLY, MH_STR("TLS 1.0"));
	else
		add(teller, MH_F_TLS_OLD_PROTOCOL_OFFERED,
		    v[3] == MH_TRI_YES ? MH_STR("TLS 1.1") : MH_STR("TLS 1.0"));
}

/* add_suites - weak, narrow, without forward secrecy */
static void
add_suites(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	const struct mh_tls_looks *looks = &end->looks;
	struct mh_buf *out = &teller->detail;
	char room[MH_TLS_NAME_ROOM];
	unsigned weak = 0;
	const struct mh_suite *example = NULL;

	for (unsigned i = 0; i < end->accepted_count; i++) {
		const struct mh_suite *suite = mh_suite_find(end->accepted[i]);
		bool is_bare = suite != NULL && suite->auth == MH_AUTH_ANON && mh_tls_is_demanding(end->host);
		if (suite == NULL || (!mh_suite_is_weak(suite) && !is_bare))
			continue;
		if (weak++ > 0)
			mh_buf_puts(out, ", ");
		mh_buf_puts(out, suite->name);
		example = suite;
	}
	if (example != NULL)
		mh_buf_puts(out, weak > 1 ? " are taken." : " is taken.");
	if (example != NULL)
		add(teller, MH_F_TLS_WEAK_CIPHERS, mh_str_z(example->name));
	if (end->dh_bits > 0 && end->dh_bits < 2048) {
		mh_buf_puts(out, "The prime has ");
		mh_buf_putint(out, end->dh_bits);
		mh_buf_puts(out, " bits.");
		const struct mh_finding_arg bits = { "bits", { NULL, 0 }, end->dh_bits };
		mh_tls_add(teller, MH_F_TLS_WEAK_DH, MH_STR("DHE"), 0, &bits, 1);
	}
	const struct mh_seen *first = looks->first, *narrow = looks->narrow_suite;
	if (narrow != NULL && !narrow->has_hello && first->suite != NULL) {
		if (mh_suite_has_forward_secrecy(first->suite))
			add(teller, MH_F_TLS_NARROW_CIPHERS, mh_str_z(first->suite->name));
		else
			add(teller, MH_F_TLS_NO_FORWARD_SECRECY, mh_str_z(first->suite->name));
	}
	narrow = looks->narrow_group;
	if (narrow != NULL &&
	    (!narrow->has_hello ||
		(narrow->suite != NULL && narrow->suite->kx != MH_KX_ECDHE &&
		    narrow->hello.version != MH_TLS13)))
		add(teller, MH_F_TLS_NARROW_GROUPS,
		    mh_str_z(mh_tls_group_name(first->hello.version == MH_TLS13 ? first->hello.group
										: first->key.group,
			room)));
}

/* add_tolerance - what hellos the server cannot bear */
static void
add_tolerance(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	struct mh_buf *out = &teller->detail;
	if (end->hello_fails == 0)
		return;
	mh_buf_puts(out, "A ClientHello of ");
	if (end->hello_limit > 0) {
		mh_buf_putint(out, end->hello_limit);
		mh_buf_puts(out, " octets is taken, one of ");
	}
	mh_buf_putint(out, end->hello_fails);
	mh_buf_puts(out, " is not: ");
	mh_tls_put_end(out, end->looks.pq);
	mh_buf_putc(out, '.');
	const struct mh_finding_arg args[] = { { "largest_taken", { NULL, 0 }, end->hello_limit },
		{ "smallest_refused", { NULL, 0 }, end->hello_fails } };
	mh_tls_add(teller,
	    end->hello_fails < 1100 ? MH_F_TLS_LARGE_HELLO_INTOLERANT : MH_F_TLS_PQ_HELLO_INTOLERANT,
	    MH_STR(""), 0, args, MH_COUNT(args));
}

/* add_pace - a handshake that was done in the end, and took far longer than the way to the server and back explains */
static void
add_pace(struct mh_tls_teller *teller)
{
	const struct mh_seen *first = teller->end->looks.first;
	if (!first->secured || first->secured_us < SLOW_HANDSHAKE_US ||
	    first->secured_us / 20 < first->hello_us)
		return;
	mh_buf_puts(&teller->detail, "It took ");
	put_ms(&teller->detail, first->secured_us);
	mh_buf_puts(&teller->detail, ", the reply to EHLO ");
	put_ms(&teller->detail, first->hello_us);
	mh_buf_putc(&teller->detail, '.');
	add(teller, MH_F_TLS_SLOW_HANDSHAKE, MH_STR(""));
}

/* add_extensions - what the answer to the first hello lacks or has too much */
static void
add_extensions(struct mh_tls_teller *teller)
{
	const struct mh_seen *first = teller->end->looks.first;
	if (!first->has_hello || first->hello.version < MH_TLS10)
		return;
	if (first->hello.has_compression)
		add(teller, MH_F_TLS_COMPRESSION, MH_STR(""));
	if (first->hello.version < MH_TLS13 && !first->hello.has_renegotiation_info)
		add(teller, MH_F_TLS_NO_SECURE_RENEGOTIATION, MH_STR(""));
	if (first->hello.version < MH_TLS13 && !first->hello.has_ems)
		add(teller, MH_F_TLS_NO_EXTENDED_MASTER_SECRET, MH_STR(""));
	if (first->wants_client_certificate && teller->end->cause == 0)
		add(teller, MH_F_TLS_CLIENT_CERT_REQUESTED, MH_STR(""));
}

/* add_sni - what whoever sends no name gets */
static void
add_sni(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	const struct mh_seen *bare = end->looks.nosni;
	if (bare == NULL || end->host->name.len == 0)
		return;
	if (!bare->has_hello && bare->alert != 70 && (bare->alert == 112 || end->versions[4] == MH_TRI_YES)) {
		mh_tls_put_end(&teller->detail, bare);
		mh_buf_putc(&teller->detail, '.');
		add(teller, MH_F_TLS_SNI_REQUIRED, MH_STR(""));
	}
}

/* add_unknown - what could not be found out, and why */
static void
add_unknown(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	if (end->stopped == MH_STOP_RATE && end->cause != MH_F_SMTP_RATE_LIMITED) {
		mh_buf_puts(&teller->detail, "After ");
		mh_buf_putint(&teller->detail, (int64_t)end->connections - 1);
		mh_buf_puts(&teller->detail, " connections: what else was to be asked is unknown.");
		add(teller, MH_F_SMTP_RATE_LIMITED, end->stop_text);
	}
	if (end->stopped == MH_STOP_RATE || end->stopped == MH_STOP_UNKNOWN) {
		struct mh_finding_more more = { .check = "tls", .is_unknown = true };
		more.detail = end->stopped == MH_STOP_RATE
		    ? MH_STR("The server takes no more connections for now (rate-limited).")
		    : mh_str_z(mh_why_text(end->unknown_why));
		if (mh_report_add_more(teller->report, MH_F_STREAM_UNKNOWN, teller->subject, MH_STR(""), -1,
			-1, &more) != 0)
			teller->is_bad = true;
	}
}

/* add_early_data - what was sent before the handshake is done can be sent again by others */
static void
add_early_data(struct mh_tls_teller *teller)
{
	const struct mh_seen *first = teller->end->looks.first;
	if (first->early_data == 0)
		return;
	mh_buf_puts(&teller->detail, "Its tickets allow ");
	mh_buf_putint(&teller->detail, first->early_data);
	mh_buf_puts(&teller->detail, " octets.");
	add(teller, MH_F_TLS_EARLY_DATA, MH_STR(""));
}

/* add_relay - mail for others is taken from anybody; or it could not be found out, which was asked for */
static void
add_relay(struct mh_tls_teller *teller)
{
	const struct mh_seen *relay = teller->end->looks.relay;
	if (relay == NULL)
		return;
	if (relay->relayed.p != NULL) {
		mh_buf_puts(&teller->detail, "Mail from ");
		mh_printable(&teller->detail, relay->relayed, 300);
		mh_buf_puts(&teller->detail, " to <relay-test@example.com> would have been taken.");
		add(teller, MH_F_SMTP_OPEN_RELAY, relay->relayed);
	} else if (relay->relay_refused == 0) {
		struct mh_finding_more more = { .check = "tls",
			.is_unknown = true,
			.detail =
			    MH_STR("Whether it is an open relay could not be found out: no recipient was "
				   "refused for good.") };
		if (mh_report_add_more(teller->report, MH_F_STREAM_UNKNOWN, teller->subject, relay->reply, -1,
			-1, &more) != 0)
			teller->is_bad = true;
	}
}

/* put_subject - "mx.example.org [192.0.2.25]:25" */
static void
put_subject(struct mh_buf *out, const struct mh_tls_end *end)
{
	char ip[MH_IP_TEXT_MAX];
	struct mh_str name = end->host->name;
	mh_buf_reset(out);
	mh_buf_putstr(out, name);
	if (end->ip.family == 0) {
		mh_buf_puts(out, name.len > 0 ? " " : "");
		mh_buf_putstr(out, end->host->host);
		return;
	}
	mh_ip_print(&end->ip, ip);
	mh_buf_puts(out, name.len > 0 ? " [" : "[");
	mh_buf_puts(out, ip);
	mh_buf_puts(out, "]:");
	mh_buf_putint(out, end->port);
}

static void
tell_end(struct mh_tls_teller *teller, struct mh_buf *subject)
{
	const struct mh_tls_end *end = teller->end;
	put_subject(subject, end);
	teller->subject = mh_buf_str(subject);
	if (end->cause != 0)
		add_cause(teller);
	if (end->looks.first != NULL && (end->cause == 0 || end->looks.first->secured)) {
		mh_tls_identity_add(teller);
		add_relay(teller);
		bool is_dead = end->cause != 0 && end->cause != MH_F_TLS_TLS13_INTOLERANT;
		add_text(teller);
		if (!is_dead) {
			add_versions(teller);
			add_suites(teller);
			add_tolerance(teller);
			add_pace(teller);
			add_early_data(teller);
			add_extensions(teller);
			add_sni(teller);
			mh_tls_add_certificates(teller);
		}
	} else if (end->looks.first != NULL && end->looks.first->injected.len > 0) {
		add(teller, MH_F_SMTP_RESPONSE_INJECTION, end->looks.first->injected);
	}
	add_unknown(teller);
}

/* is_alike - whether two addresses of a host answer alike, as far as both are known */
static bool
is_alike(const struct mh_tls_end *a, const struct mh_tls_end *b)
{
	if (a->stopped == MH_STOP_UNKNOWN || b->stopped == MH_STOP_UNKNOWN)
		return true;
	if (a->cause != b->cause)
		return false;
	for (unsigned i = 0; i < a->chains_count && i < b->chains_count; i++) {
		const struct mh_cert *x = mh_certs_at(a->chains[i].chain, 0),
				     *y = mh_certs_at(b->chains[i].chain, 0);
		if (x != NULL && y != NULL && a->chains[i].key == b->chains[i].key &&
		    !mh_str_eq(x->der, y->der))
			return false;
	}
	return true;
}

/* add_differences - of one host's addresses, each held against the first */
static void
add_differences(struct mh_tls_teller *teller, const struct mh_tls_host *host)
{
	char ip[MH_IP_TEXT_MAX];
	for (int i = 1; i < host->count; i++) {
		const struct mh_tls_end *a = &host->ends[0], *b = &host->ends[i];
		if (is_alike(a, b))
			continue;
		teller->end = b;
		teller->subject = host->name;
		mh_ip_print(&a->ip, ip);
		mh_buf_puts(&teller->detail, ip);
		mh_buf_puts(&teller->detail, " and ");
		mh_ip_print(&b->ip, ip);
		mh_buf_puts(&teller->detail, ip);
		mh_buf_puts(&teller->detail,
		    a->cause != b->cause
			? ": one takes encrypted mail where the other does not, or fails for another reason."
			: " show different certificates.");
		add(teller, MH_F_TLS_ADDRESSES_DIFFER, mh_str_z(ip));
	}
}

/* add_about - a finding about a name and no connection; why: MH_WHY_* of what is unknown, NONE: it is so */
static void
add_about(struct mh_tls_teller *teller, int number, struct mh_str subject, int why, const char *detail)
{
	struct mh_finding_more more = { .check = "tls", .is_unknown = why != MH_WHY_NONE };
	more.detail = why != MH_WHY_NONE ? mh_str_z(mh_why_text(why)) : mh_str_z(detail);
	if (mh_report_add_more(teller->report, why != MH_WHY_NONE ? MH_F_DNS_UNKNOWN : number, subject,
		MH_STR(""), -1, -1, &more) != 0)
		teller->is_bad = true;
}

/* add_no_address - of a host, once for all of its services */
static void
add_no_address(struct mh_tls_teller *teller, const struct mh_tls_host *host, bool is_first)
{
	if (is_first)
		add_about(teller, host->preference >= 0 ? MH_F_MX_NO_ADDRESS : MH_F_PORT_UNREACHABLE,
		    host->host, host->why, "The name has neither an A nor an AAAA record.");
}

/* add_mx - what the MX records of the domain say of where its mail goes */
static void
add_mx(struct mh_tls_teller *teller, const struct mh_tls_check *check, const struct mh_tls_hosts *hosts)
{
	if (!hosts->is_by_mx)
		return;
	if (hosts->state == MH_FACT_UNKNOWN)
		add_about(teller, MH_F_DNS_UNKNOWN, check->domain, hosts->why, "");
	else if (hosts->state == MH_FACT_NXDOMAIN)
		add_about(teller, MH_F_MX_NO_DOMAIN, check->domain, MH_WHY_NONE, "");
	else if (hosts->is_null)
		add_about(teller, hosts->count > 0 ? MH_F_MX_NULL_WITH_OTHERS : MH_F_MX_NULL, check->domain,
		    MH_WHY_NONE, "");
	else if (hosts->is_implicit)
		add_about(teller, MH_F_MX_NONE, check->domain, MH_WHY_NONE, "");
}

/* tell_host - all addresses of one service of a host */
static void
tell_host(struct mh_tls_teller *teller, const struct mh_tls_hosts *hosts, unsigned h,
    const struct mh_tls_sts *sts, struct mh_buf *subject)
{
	const struct mh_tls_host *host = &hosts->list[h];
	bool is_first = h == 0 || !mh_str_eq(hosts->list[h - 1].host, host->host);
	teller->tlsa = host->tlsa;
	for (int i = 0; i < host->count; i++) {
		teller->end = &host->ends[i];
		tell_end(teller, subject);
		/* Policies are for what comes from other servers (RFC 8461 1). */
		if (host->mode == MH_MODE_SMTP)
			mh_tls_sts_add_end(teller, sts);
	}
	add_differences(teller, host);
	if (host->count == 0)
		add_no_address(teller, host, is_first);
	mh_tls_add_dane(teller, host);
}

struct mh_report *
mh_tls_report(const struct mh_tls_check *check, struct mh_pass *view, const struct mh_tls_result *result)
{
	struct mh_buf subject;
	struct mh_tls_teller teller = { .report = mh_report_make(&check->mem) };
	if (teller.report == NULL)
		return NULL;
	mh_buf_init(&subject, &check->mem, 1024);
	mh_buf_init(&teller.detail, &check->mem, 4096);
	add_mx(&teller, check, result->hosts);
	for (unsigned h = 0; h < result->hosts->count; h++)
		tell_host(&teller, result->hosts, h, &result->sts, &subject);
	mh_tls_sts_add(&teller, check, view, &result->sts);
	mh_buf_free(&subject);
	mh_buf_free(&teller.detail);
	if (teller.is_bad || mh_report_finish(teller.report) != 0) {
		mh_report_unref(teller.report);
		return NULL;
	}
	return teller.report;
}
