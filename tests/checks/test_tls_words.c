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
#define UNKNOWN MH_TRI_UNKNOWN

#define GOOD .starttls = YES, .tls = YES
#define BOTH \
	{ \
		NO, NO, NO, NO, YES, YES \
	}
#define ONLY12 \
	{ \
		NO, NO, NO, NO, YES, NO \
	}
#define ONLY13 \
	{ \
		NO, NO, NO, NO, NO, YES \
	}
#define ONLY10 \
	{ \
		NO, NO, YES, NO, NO, NO \
	}

/* What is told of suites (by version), groups and keys: taken, refused, or nothing. */
struct told {
	uint16_t suite12, suite13, group12, group13;
	uint16_t no_suites12[3], no_groups[3]; /* groups in all versions */
	int keys[MH_OFFER_KEYS];
	bool is_whole; /* what is not told is refused */
};

static void
tell(struct mh_tls_offer *offer, const struct told *told)
{
	int rest = told->is_whole ? MH_TRI_NO : MH_TRI_UNKNOWN;
	memset(offer->suites, rest, sizeof(offer->suites));
	memset(offer->groups, rest, sizeof(offer->groups));
	for (int version = 2; version <= 4; version++)
		mh_offer_suite(offer, version, told->suite12, YES);
	mh_offer_suite(offer, 5, told->suite13, YES);
	mh_offer_group(offer, false, told->group12, YES);
	mh_offer_group(offer, true, told->group13, YES);
	for (size_t i = 0; i < 3; i++) {
		mh_offer_suite(offer, 4, told->no_suites12[i], NO);
		mh_offer_group(offer, false, told->no_groups[i], NO);
		mh_offer_group(offer, true, told->no_groups[i], NO);
	}
	for (size_t i = 0; i < MH_OFFER_KEYS; i++)
		offer->keys[0][i] = offer->keys[1][i] = (uint8_t)told->keys[i];
}

/* A server as most are: ECDHE-RSA-AES256-GCM, AES-256-GCM, x25519, an RSA certificate. */
#define USUAL .suite12 = 0xc030, .suite13 = 0x1302, .group12 = 0x001d, .group13 = 0x001d, .keys = { YES }

static const struct mh_tls_sender *
sender_of(const char *name)
{
	for (size_t i = 0; mh_tls_sender_at(i) != NULL; i++)
		if (strcmp(mh_tls_sender_at(i)->name, name) == 0)
			return mh_tls_sender_at(i);
	return NULL;
}

/* clang-format off */
static const struct {
	const char *sentence, *sender, *verdict, *why; /* why: what is in it; NULL: anything */
	struct mh_tls_offer offer;
	struct told told;
} cases[] = {
	{ "a good server", "gmail", "delivers", "", { BOTH, GOOD, .has_dane = NO }, { USUAL } },
	{ "a good server", "microsoft", "delivers", "", { BOTH, GOOD, .has_dane = NO }, { USUAL } },
	{ "a good server", "sendmail", "delivers", "", { BOTH, GOOD }, { USUAL } },
	{ "a good server", "exim-gnutls", "delivers", "", { BOTH, GOOD, .has_dane = NO }, { USUAL } },
	{ "nothing is known", "gmail", "unknown", "not known", { { 0 }, .tls = 0 }, { 0 } },
	{ "no STARTTLS", "postfix", "plaintext", "no encryption", { { 0 }, .starttls = NO }, { 0 } },
	{ "no STARTTLS", "gmail", "plaintext", "MTA-STS", { { 0 }, .starttls = NO }, { 0 } },
	{ "no STARTTLS, with TLSA", "postfix-dane", "defers", "no encryption", { { 0 }, .starttls = NO, .has_dane = YES }, { 0 } },
	{ "no STARTTLS, TLSA not known", "postfix-dane", "unknown", "no encryption", { { 0 }, .starttls = NO }, { 0 } },
	{ "no handshake", "postfix", "plaintext", "fails", { { 0 }, .starttls = YES, .tls = NO }, { 0 } },
	{ "no handshake", "gmail", "defers", "fails", { { 0 }, .starttls = YES, .tls = NO }, { 0 } },
	{ "no handshake", "sendmail", "defers", "fails", { { 0 }, .starttls = YES, .tls = NO }, { 0 } },
	{ "no handshake", "java-8", "bounces", "fails", { { 0 }, .starttls = YES, .tls = NO }, { 0 } },
	{ "no handshake: what it does then is not known", "microsoft", "unknown", "not known", { { 0 }, .starttls = YES, .tls = NO, .has_dane = NO }, { 0 } },
	{ "no handshake, with TLSA", "microsoft", "defers", "fails", { { 0 }, .starttls = YES, .tls = NO, .has_dane = YES }, { 0 } },
	{ "no handshake, with TLSA", "exim-openssl", "defers", "fails", { { 0 }, .starttls = YES, .tls = NO, .has_dane = YES }, { 0 } },
	{ "a handshake that was not seen to its end", "postfix", "unknown", "to its end", { BOTH, .starttls = YES }, { USUAL } },
	/* versions */
	{ "TLS 1.3 alone", "java-8", "bounces", "no TLS version", { ONLY13, GOOD }, { USUAL } },
	{ "1.2 not known", "java-8", "unknown", NULL, { { NO, NO, NO, NO, UNKNOWN, YES }, GOOD }, { USUAL } },
	{ "1.3 not known, 1.2 fits", "postfix", "unknown", "version", { { NO, NO, NO, NO, YES, UNKNOWN }, GOOD }, { .suite12 = 0xc030, .group12 = 0x001d, .keys = { YES } } },
	{ "1.3 not known, both fit", "postfix", "delivers", "", { { NO, NO, NO, NO, YES, UNKNOWN }, GOOD }, { USUAL, .no_groups = { 0x001e } } },
	{ "TLS 1.0 alone", "gmail", "delivers", "", { ONLY10, GOOD }, { .suite12 = 0xc014, .group12 = 0x0017, .keys = { YES } } },
	{ "TLS 1.0 alone", "postfix", "delivers", "", { ONLY10, GOOD }, { .suite12 = 0xc014, .group12 = 0x0017, .keys = { YES } } },
	{ "TLS 1.0 alone", "microsoft", "unknown", "handshake fails", { ONLY10, GOOD, .has_dane = NO }, { .suite12 = 0xc014, .group12 = 0x0017, .keys = { YES } } },
	{ "TLS 1.0 alone, signed with SHA-1", "sendmail", "defers", "cipher suites", { ONLY10, GOOD }, { .suite12 = 0xc014, .group12 = 0x0017, .keys = { YES }, .is_whole = true } },
	{ "TLS 1.0 alone, RSA key exchange", "sendmail", "delivers", "", { ONLY10, GOOD }, { .suite12 = 0x002f, .keys = { YES }, .is_whole = true } },
	{ "no way back to 1.2 where 1.3 has no suite", "postfix", "plaintext", "cipher suites", { BOTH, GOOD }, { .suite12 = 0xc030, .suite13 = 0x1305, .group12 = 0x001d, .group13 = 0x001d, .keys = { YES }, .is_whole = true } },
	/* suites */
	{ "3DES alone", "postfix", "plaintext", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0x000a, .keys = { YES }, .is_whole = true } },
	{ "3DES alone, and who knows what Gmail offers", "gmail", "unknown", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0x000a, .keys = { YES }, .is_whole = true } },
	{ "ChaCha20 alone", "java-8", "bounces", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0xcca8, .group12 = 0x0017, .keys = { YES }, .is_whole = true } },
	{ "ChaCha20, and who knows what else", "java-8", "unknown", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0xcca8, .group12 = 0x0017, .keys = { YES } } },
	{ "CCM alone", "exim-gnutls", "delivers", "", { ONLY12, GOOD, .has_dane = NO }, { .suite12 = 0xc09e, .keys = { YES }, .is_whole = true } },
	{ "CCM alone", "exim-openssl", "plaintext", "cipher suites", { ONLY12, GOOD, .has_dane = NO }, { .suite12 = 0xc09e, .keys = { YES }, .is_whole = true } },
	{ "anonymous", "postfix", "delivers", "", { ONLY12, GOOD }, { .suite12 = 0x00a7, .is_whole = true } },
	{ "anonymous", "gmail", "defers", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0x00a7, .keys = { NO, NO, NO } , .is_whole = true } },
	{ "no certificate", "gmail", "defers", "certificate", { ONLY12, GOOD }, { .suite12 = 0x00a7, .keys = { NO, NO, NO } } },
	{ "anonymous", "sendmail", "defers", "cipher suites", { ONLY12, GOOD }, { .suite12 = 0x00a7, .is_whole = true } },
	{ "anonymous, with TLSA", "postfix-dane", "defers", "cipher suites", { ONLY12, GOOD, .has_dane = YES }, { .suite12 = 0x00a7, .is_whole = true } },
	/* groups */
	{ "x25519 alone", "java-8", "bounces", "groups", { BOTH, GOOD }, { USUAL, .is_whole = true } },
	{ "x25519, and who knows what else", "java-8", "unknown", "groups", { BOTH, GOOD }, { USUAL } },
	{ "P-384 alone", "java-8", "delivers", "", { ONLY12, GOOD }, { .suite12 = 0xc030, .group12 = 0x0018, .keys = { YES }, .is_whole = true } },
	{ "brainpool alone", "postfix", "plaintext", "groups", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x001f, .keys = { YES }, .is_whole = true } },
	{ "ffdhe2048 alone", "postfix", "plaintext", "groups", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x0100, .keys = { YES }, .is_whole = true } },
	{ "ffdhe2048 alone", "sendmail", "delivers", "", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x0100, .keys = { YES }, .is_whole = true } },
	{ "X25519MLKEM768 alone", "openssl-3.5-pq", "delivers", "", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x11ec, .keys = { YES }, .is_whole = true } },
	{ "X25519MLKEM768 alone", "sendmail", "defers", "groups", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x11ec, .keys = { YES }, .is_whole = true } },
	/* keys */
	{ "Ed25519 alone", "java-8", "bounces", "certificate", { ONLY12, GOOD }, { .suite12 = 0xc02c, .group12 = 0x0017, .keys = { NO, NO, YES }, .is_whole = true } },
	{ "Ed25519, and who knows what else", "java-8", "unknown", "certificate", { ONLY12, GOOD }, { .suite12 = 0xc02c, .group12 = 0x0017, .keys = { NO, UNKNOWN, YES } } },
	{ "Ed25519 alone", "postfix", "delivers", "", { BOTH, GOOD }, { .suite13 = 0x1302, .group13 = 0x001d, .keys = { NO, NO, YES } } },
	{ "no certificate is known", "postfix", "unknown", "certificate", { ONLY13, GOOD }, { .suite13 = 0x1302, .group13 = 0x001d } },
	/* the hello as such */
	{ "large hellos fail", "openssl-3.5-pq", "defers", "larger", { BOTH, GOOD, .hello_fails = 700, .hello_takes = 512 }, { USUAL } },
	{ "large hellos fail", "sendmail", "delivers", "", { BOTH, GOOD, .hello_fails = 700, .hello_takes = 512 }, { USUAL } },
	{ "large hellos fail, between", "postfix", "unknown", "too large", { BOTH, GOOD, .hello_fails = 700, .hello_takes = 512 }, { USUAL } },
	{ "large hellos fail, its own is not known", "gmail", "unknown", "too large", { BOTH, GOOD, .hello_fails = 700, .hello_takes = 512 }, { USUAL } },
	{ "TLS 1.3 is not borne", "sendmail", "defers", "TLS 1.3", { BOTH, GOOD, .tls13_intolerant = YES }, { USUAL } },
	{ "TLS 1.3 is not borne", "java-8", "delivers", "", { ONLY12, GOOD, .tls13_intolerant = YES }, { .suite12 = 0xc030, .group12 = 0x0017, .keys = { YES } } },
	{ "a name is wanted", "postfix", "plaintext", "server name", { BOTH, GOOD, .needs_sni = YES }, { USUAL } },
	{ "a name is wanted", "gmail", "unknown", "server name", { BOTH, GOOD, .needs_sni = YES }, { USUAL } },
	{ "a name is wanted, with TLSA", "postfix-dane", "delivers", "", { BOTH, GOOD, .needs_sni = YES, .has_dane = YES, .dane = YES }, { USUAL } },
	{ "a name is refused", "sendmail", "delivers", "", { BOTH, GOOD, .hates_sni = YES }, { USUAL } },
	{ "a name is refused", "java-8", "bounces", "server name", { BOTH, GOOD, .hates_sni = YES }, { .suite12 = 0xc030, .group12 = 0x0017, .keys = { YES } } },
	/* DANE */
	{ "TLSA does not match", "postfix-dane", "defers", "TLSA", { BOTH, GOOD, .has_dane = YES, .dane = NO }, { USUAL } },
	{ "TLSA does not match", "gmail", "delivers", "", { BOTH, GOOD, .has_dane = YES, .dane = NO }, { USUAL } },
	{ "TLSA matches one certificate", "postfix-dane", "unknown", "TLSA", { BOTH, GOOD, .has_dane = YES }, { USUAL } },
	{ "TLSA not known", "postfix-dane", "unknown", "TLSA", { BOTH, GOOD }, { USUAL } },
	{ "TLSA matches, and whether it is secure is not known", "postfix-dane", "delivers", "", { BOTH, GOOD, .dane = YES }, { USUAL } },
};
/* clang-format on */

static void
senders(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const struct mh_tls_sender *sender = sender_of(cases[i].sender);
		struct mh_tls_offer offer = cases[i].offer;
		const char *why = NULL;
		char name[128];
		assert_non_null(sender);
		if (sender == NULL)
			return;
		(void)snprintf(name, sizeof(name), "%s: %s", cases[i].sender, cases[i].sentence);
		tell(&offer, &cases[i].told);
		test_span(name, mh_str_z(mh_tls_sender_judge(sender, &offer, &why)),
		    mh_str_z(cases[i].verdict));
		if (cases[i].why != NULL && cases[i].why[0] == '\0')
			test_span(name, mh_str_z(why), MH_STR(""));
		else if (cases[i].why != NULL)
			test_check(name, strstr(why, cases[i].why) != NULL);
	}
}

/* More knowledge of a server never turns one certain verdict into another. */
static void
knowledge_is_not_taken_back(void **state)
{
	struct test_random random = { 5 };
	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct mh_tls_offer full = { BOTH, GOOD, .has_dane = NO }, less;
		for (int i = 2; i < 6; i++)
			full.versions[i] = test_random_below(&random, 2) != 0 ? YES : NO;
		for (int version = 2; version < 6; version++)
			for (size_t i = 0; i < mh_suite_count(); i++)
				full.suites[version][i] = test_random_below(&random, 8) == 0 ? YES : NO;
		for (int class = 0; class < 2; class ++) {
			for (size_t i = 0; i < MH_OFFER_GROUPS_MAX; i++)
				full.groups[class][i] = test_random_below(&random, 3) == 0 ? YES : NO;
			for (size_t i = 0; i < MH_OFFER_KEYS; i++)
				full.keys[class][i] = test_random_below(&random, 2) == 0 ? YES : NO;
		}
		less = full;
		uint8_t *octets[] = { less.versions, less.suites[0], less.groups[0], less.keys[0] };
		size_t sizes[] = { sizeof(less.versions), sizeof(less.suites), sizeof(less.groups),
			sizeof(less.keys) };
		for (size_t k = 0; k < MH_COUNT(octets); k++)
			for (size_t i = 0; i < sizes[k]; i++)
				if (test_random_below(&random, 3) == 0)
					octets[k][i] = UNKNOWN;
		for (size_t i = 0; mh_tls_sender_at(i) != NULL; i++) {
			const char *why, *sure = mh_tls_sender_judge(mh_tls_sender_at(i), &full, &why);
			const char *guess = mh_tls_sender_judge(mh_tls_sender_at(i), &less, &why);
			assert_true(strcmp(guess, "unknown") == 0 || strcmp(guess, sure) == 0);
			assert_true(strcmp(guess, "unknown") != 0 || why[0] != '\0');
		}
	}
}

static void
profiles_are_whole(void **state)
{
	size_t groups = 0;
	(void)state;
	assert_true(mh_suite_count() <= MH_OFFER_SUITES_MAX);
	while (mh_tls_groups[groups] != 0)
		groups++;
	assert_true(groups <= MH_OFFER_GROUPS_MAX);
	for (size_t i = 0; mh_tls_sender_at(i) != NULL; i++) {
		const struct mh_tls_sender *sender = mh_tls_sender_at(i);
		test_check(sender->name, sender->as_of[0] != '\0' && sender->source[0] != '\0');
		test_check(sender->name, sender_of(sender->name) == sender);
		for (const uint16_t *suite = sender->suites; *suite != 0; suite++)
			test_check(sender->name, mh_suite_find(*suite) != NULL);
		for (const uint16_t *group = sender->groups; *group != 0; group++) {
			bool is_known = false;
			for (size_t k = 0; k < groups; k++)
				is_known = is_known || mh_tls_groups[k] == *group;
			test_check(sender->name, is_known);
		}
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
		cmocka_unit_test(knowledge_is_not_taken_back),
		cmocka_unit_test(profiles_are_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
