/* test_tls_words.c - lib/checks/tls_words.c and tls_senders.c */
#include "support.h"

#include <stdio.h>

#include "find.h"
#include "log_mta.h"
#include "tls_senders.h"
#include "tls_words.h"

/* Where the log says less than the probe, the causes that it leads to; else it is the finding itself. */
static const struct {
	int number;
	const char *ids[2];
} kin[] = {
	{ MH_F_TLS_NO_CERTIFICATE_ANON, { "tls.no-certificate" } },
	{ MH_F_TLS_NO_COMMON_CIPHER, { "tls.no-common-cipher", "tls.no-certificate" } },
	{ MH_F_TLS_ALERT_HANDSHAKE_FAILURE, { "tls.no-common-cipher", "tls.no-certificate" } },
	{ MH_F_CERT_KEY_TYPE_UNCOMMON, { "tls.no-common-cipher", "tls.no-certificate" } },
	{ MH_F_SMTP_STARTTLS_NOT_OFFERED, { "smtp.starttls-454", "tls.no-certificate" } },
	{ MH_F_TLS_SSLV3_ONLY, { "tls.old-protocol-only" } },
	{ MH_F_TLS_SSLV2, { "tls.old-protocol-only" } },
	{ MH_F_CERT_SELF_SIGNED, { "cert.chain-incomplete" } },
	{ MH_F_CERT_UNTRUSTED_ISSUER, { "cert.chain-incomplete" } },
	{ MH_F_CERT_WRONG_PURPOSE, { "cert.chain-incomplete" } },
	{ MH_F_CERT_NOT_YET_VALID, { "cert.chain-incomplete" } },
	{ MH_F_CERT_NAME_MISMATCH, { "cert.chain-incomplete" } },
	{ MH_F_CERT_NO_ALTERNATIVE_NAME, { "cert.chain-incomplete" } },
	{ MH_F_CERT_INTERMEDIATE_EXPIRED, { "cert.expired" } },
	{ MH_F_TLS_CLOSED_AFTER_STARTTLS, { "tls.closed-in-handshake" } },
	{ MH_F_TLS_RESET_AFTER_STARTTLS, { "tls.closed-in-handshake" } },
	{ MH_F_TLS_RESET_IN_HANDSHAKE, { "tls.closed-in-handshake" } },
	{ MH_F_TLS_CLOSED_AFTER_HANDSHAKE, { "tls.closed-in-handshake" } },
	{ MH_F_PORT_PLAIN_ON_IMPLICIT_PORT, { "tls.plaintext-in-tls" } },
	{ MH_F_PORT_IS_IMPLICIT_TLS, { "tls.plaintext-in-tls" } },
};

static bool
is_kin(const struct mh_finding_kind *kind, const char *cause)
{
	bool has_others = false;
	for (size_t i = 0; i < MH_COUNT(kin); i++) {
		for (size_t k = 0; k < 2 && kin[i].number == kind->number && kin[i].ids[k] != NULL; k++) {
			has_others = true;
			if (strcmp(kin[i].ids[k], cause) == 0)
				return true;
		}
	}
	return !has_others && strcmp(kind->id, cause) == 0;
}

/* How a line of each begins in the log; none: explain does not read that server's log. */
static const struct {
	const char *mta, *lead;
} leads[] = {
	{ "postfix", "Nov 27 08:15:10 mail postfix/smtpd[124]: " },
	{ "exim-openssl", "2026-11-27 08:15:10 " },
	{ "exim-gnutls", "2026-11-27 08:15:10 " },
	{ "sendmail", "Nov 27 08:15:10 mail sm-mta[2034]: " },
	{ "opensmtpd", "Nov 27 08:15:10 mail smtpd[4711]: 8f4864084ecc48f4 " },
	{ "dovecot", NULL },
};

/* What each server's log has about a finding leads back to it, or to the one that cannot be told from it there: its
 * words alone, and as a line of the log. */
static void
logs_lead_back(void **state)
{
	size_t told = 0;
	(void)state;
	for (size_t i = 0; i < mh_finding_kind_count(); i++) {
		const struct mh_finding_kind *kind = mh_finding_kind_at(i);
		const struct mh_tls_words *words = mh_tls_words(kind->number);
		for (const struct mh_tls_log *log = words != NULL ? words->logs : NULL;
		     log != NULL && log->mta != NULL; log++, told++) {
			const char *lead = NULL, *cause = mh_tls_cause(mh_str_z(log->log));
			struct mh_logline got;
			char line[1024];
			test_check(log->log, is_kin(kind, cause));
			for (size_t k = 0; k < MH_COUNT(leads); k++)
				lead = strcmp(leads[k].mta, log->mta) == 0 ? leads[k].lead : lead;
			/* The master of Postfix says that a process died; its lines are not read. */
			if (lead == NULL || strstr(log->log, "killed by signal") != NULL)
				continue;
			assert_true(snprintf(line, sizeof(line), "%s%s", lead, log->log) < (int)sizeof(line));
			test_check(line, mh_logline_read(mh_str_z(line), &got));
			test_check(line, got.event == MH_EVENT_TLS && got.inbound);
			test_check(line, is_kin(kind, got.cause));
		}
	}
	assert_true(told > 90);
}

static void
every_finding_has_its_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < mh_finding_kind_count(); i++) {
		const struct mh_tls_words *words = mh_tls_words(mh_finding_kind_at(i)->number);
		if (words == NULL)
			continue;
		assert_non_null(words->logs);
		assert_true(words->result[0] != '\0' && words->opportunistic[0] != '\0' &&
		    words->dane[0] != '\0' && words->mta_sts[0] != '\0' && words->requiretls[0] != '\0');
		for (const struct mh_tls_log *log = words->logs; log->mta != NULL; log++) {
			bool is_known = false;
			for (size_t k = 0; k < MH_COUNT(leads); k++)
				is_known = is_known || strcmp(leads[k].mta, log->mta) == 0;
			test_check(log->mta, is_known);
		}
	}
}

static void
servers_tell_their_name(void **state)
{
	(void)state;
	assert_true(mh_tls_mta_greets("postfix", MH_STR("220 mx.example ESMTP Postfix (Debian/GNU)")));
	assert_true(mh_tls_mta_greets("exim-gnutls", MH_STR("220 mx.example ESMTP Exim 4.96 Fri, 27 Nov")));
	assert_true(mh_tls_mta_greets("exim-openssl", MH_STR("220 mx.example ESMTP Exim 4.96 Fri, 27 Nov")));
	assert_true(mh_tls_mta_greets("dovecot", MH_STR("* OK [CAPABILITY IMAP4rev1] Dovecot ready.")));
	assert_false(mh_tls_mta_greets("exim-gnutls", MH_STR("220 mx.example ESMTP Postfix")));
	assert_true(mh_tls_mta_greets("", MH_STR("220 mx.example ESMTP Sendmail 8.17.1/8.17.1")));
	assert_false(mh_tls_mta_greets("", MH_STR("220 mx.example ESMTP")));
	assert_false(mh_tls_mta_greets("", MH_STR("")));
}

#define YES MH_TRI_YES
#define NO MH_TRI_NO

static void
senders(void **state)
{
	static const struct {
		const char *sentence, *sender, *verdict;
		struct mh_tls_offer offer;
	} cases[] = {
		{ "a good server", "gmail", "delivers",
		    { { NO, NO, NO, NO, YES, YES }, .tls = YES, .starttls = YES } },
		{ "nothing is known", "gmail", "unknown", { { 0 }, .tls = 0 } },
		{ "no STARTTLS", "postfix", "plaintext", { { 0 }, .starttls = NO } },
		{ "no STARTTLS, with TLSA", "postfix-dane", "defers",
		    { { 0 }, .starttls = NO, .has_dane = YES } },
		{ "no handshake", "postfix", "plaintext", { { 0 }, .starttls = YES, .tls = NO } },
		{ "no handshake", "gmail", "defers", { { 0 }, .starttls = YES, .tls = NO } },
		{ "TLS 1.3 alone", "java-8", "defers",
		    { { NO, NO, NO, NO, NO, YES }, .starttls = YES, .tls = YES } },
		{ "1.2 not known", "java-8", "unknown",
		    { { NO, NO, NO, NO, MH_TRI_UNKNOWN, YES }, .starttls = YES, .tls = YES } },
		{ "large hellos fail", "openssl-3.5", "plaintext",
		    { { NO, NO, NO, NO, YES, YES }, .starttls = YES, .tls = YES, .hello_fails = 700 } },
		{ "large hellos fail", "postfix", "delivers",
		    { { NO, NO, NO, NO, YES, YES }, .starttls = YES, .tls = YES, .hello_fails = 700 } },
		{ "a name is wanted", "postfix", "plaintext",
		    { { NO, NO, NO, NO, YES, YES }, .starttls = YES, .tls = YES, .needs_sni = YES } },
		{ "TLSA does not match", "postfix-dane", "defers",
		    { { NO, NO, NO, NO, YES, YES }, .starttls = YES, .tls = YES, .has_dane = YES,
			.dane = NO } },
		{ "TLSA does not match", "gmail", "delivers",
		    { { NO, NO, NO, NO, YES, YES }, .starttls = YES, .tls = YES, .has_dane = YES,
			.dane = NO } },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const struct mh_tls_sender *sender = NULL;
		const char *why;
		for (size_t k = 0; mh_tls_sender_at(k) != NULL; k++)
			if (strcmp(mh_tls_sender_at(k)->name, cases[i].sender) == 0)
				sender = mh_tls_sender_at(k);
		assert_non_null(sender);
		test_span(cases[i].sentence, mh_str_z(mh_tls_sender_judge(sender, &cases[i].offer, &why)),
		    mh_str_z(cases[i].verdict));
		assert_true(sender->as_of[0] != '\0' && sender->source[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_lead_back),
		cmocka_unit_test(every_finding_has_its_place),
		cmocka_unit_test(servers_tell_their_name),
		cmocka_unit_test(senders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
