/* test_tls_words.c - lib/checks/tls_words.c and tls_senders.c */
#include "support.h"

#include "find.h"
#include "log_mta.h"
#include "tls_senders.h"
#include "tls_words.h"

/* What the server's log has about a finding leads back to it, or to the one that cannot be told from it there. */
static void
logs_lead_back(void **state)
{
	static const struct {
		int number;
		const char *id; /* where the log says less than the probe */
	} less[] = {
		{ MH_F_TLS_NO_CERTIFICATE_ANON, "tls.no-certificate" },
		{ MH_F_TLS_NO_COMMON_CIPHER, "tls.no-certificate" },
		{ MH_F_CERT_KEY_TYPE_UNCOMMON, "tls.no-certificate" },
		{ MH_F_TLS_SSLV3_ONLY, "tls.old-protocol-only" },
		{ MH_F_TLS_SSLV2, "tls.old-protocol-only" },
		{ MH_F_CERT_SELF_SIGNED, "cert.chain-incomplete" },
		{ MH_F_CERT_UNTRUSTED_ISSUER, "cert.chain-incomplete" },
	};
	size_t told = 0;
	(void)state;
	for (size_t i = 0; i < mh_finding_kind_count(); i++) {
		const struct mh_finding_kind *kind = mh_finding_kind_at(i);
		const struct mh_tls_words *words = mh_tls_words(kind->number);
		const char *want = kind->id;
		if (words == NULL || words->log[0] == '\0')
			continue;
		for (size_t k = 0; k < MH_COUNT(less); k++)
			if (less[k].number == kind->number)
				want = less[k].id;
		test_span(kind->id, mh_str_z(mh_tls_cause(mh_str_z(words->log))), mh_str_z(want));
		told++;
	}
	assert_true(told > 10);
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
		cmocka_unit_test(senders),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
