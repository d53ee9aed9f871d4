/* tls_senders.c - profiles of senders, dated, with where they are from
 *
 * Computed from what is known already, with no connection of its own.  What is
 * not known, of the server or of the sender, is "unknown", never a guess: a
 * sender whose lists are not whole may offer more than is listed, so it can be
 * said to deliver and cannot be said to fail over a suite.
 *
 * A version is agreed on first; then suite, group and certificate must fit in
 * it, for there is no way back to a lower version (RFC 8446 4.1.3).
 *
 * Yahoo is missing: nothing is published of what it offers.
 */
#include "tls_senders.h"

#include "port.h"

enum { TLS12 = 4, TLS13 = 5 };

/* OpenSSL's own: what programs offer that say nothing else. */
#define OPENSSL_SUITES \
	0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8, 0xccaa, 0xc02b, 0xc02f, 0x009e, \
	    0xc024, 0xc028, 0x006b, 0xc023, 0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009, 0xc013, 0x0033, \
	    0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f

static const uint16_t openssl_suites[] = { OPENSSL_SUITES, 0 };
static const uint16_t openssl_groups[] = { 0x001d, 0x0017, 0x001e, 0x0019, 0x0018, 0x0100, 0x0101, 0x0102,
	0x0103, 0x0104, 0 };
static const uint16_t openssl_35_groups[] = { 0x11ec, 0x001d, 0x0017, 0x001e, 0x0018, 0x0019, 0x0100, 0x0101,
	0 };

/* All of these, anonymous ones too, which are left out where the server must be known. */
static const uint16_t postfix_suites[] = { OPENSSL_SUITES, 0x00a7, 0x006d, 0x00c5, 0xc019, 0x003a, 0x0089,
	0x00a3, 0xc0af, 0xc0ad, 0xc0a3, 0xc09f, 0xc05d, 0xc061, 0xc057, 0xc053, 0x006a, 0xc073, 0xc077,
	0x00c4, 0x00c3, 0x0038, 0x0088, 0x0087, 0xc0a1, 0xc09d, 0xc051, 0x00c0, 0x0084, 0x00a6, 0x006c,
	0x00bf, 0xc018, 0x0034, 0x0046, 0x00a2, 0xc0ae, 0xc0ac, 0xc0a2, 0xc09e, 0xc05c, 0xc060, 0xc056,
	0xc052, 0x0040, 0xc072, 0xc076, 0x00be, 0x00bd, 0x0032, 0x0045, 0x0044, 0xc0a0, 0xc09c, 0xc050,
	0x00ba, 0x0041, 0 };
static const uint16_t postfix_groups[] = { 0x001d, 0x001e, 0x0017, 0x0019, 0x0018, 0 };

static const uint16_t gnutls_suites[] = { 0x1302, 0x1303, 0x1301, 0x1304, 0xc02c, 0xcca9, 0xc0ad, 0xc00a,
	0xc02b, 0xc0ac, 0xc009, 0xc030, 0xcca8, 0xc014, 0xc02f, 0xc013, 0x009d, 0xc09d, 0x0035, 0x009c,
	0xc09c, 0x002f, 0x009f, 0xccaa, 0xc09f, 0x0039, 0x009e, 0xc09e, 0x0033, 0 };
static const uint16_t gnutls_groups[] = { 0x0017, 0x0018, 0x0019, 0x001d, 0x001e, 0x0100, 0x0101, 0x0102,
	0x0103, 0x0104, 0 };

static const uint16_t gmail_suites[] = { 0x1301, 0x1302, 0x1303, 0xc009, 0xc02b, 0xc00a, 0xc02c, 0xc013,
	0xc02f, 0xc014, 0xc030, 0x002f, 0x009c, 0x0035, 0x009d, 0 };
static const uint16_t microsoft_suites[] = { 0x1301, 0x1302, 0xc02b, 0xc02c, 0xc02f, 0xc030, 0 };
static const uint16_t common_groups[] = { 0x001d, 0x0017, 0x0018, 0 };

static const uint16_t java_suites[] = { 0xc02c, 0xc02b, 0xc030, 0x009d, 0xc02e, 0xc032, 0x009f, 0x00a3,
	0xc02f, 0x009c, 0xc02d, 0xc031, 0x009e, 0x00a2, 0xc024, 0xc028, 0x003d, 0xc026, 0xc02a, 0x006b,
	0x006a, 0xc00a, 0xc014, 0x0035, 0xc005, 0xc00f, 0x0039, 0x0038, 0xc023, 0xc027, 0x003c, 0xc025,
	0xc029, 0x0067, 0x0040, 0xc009, 0xc013, 0x002f, 0xc004, 0xc00e, 0x0033, 0x0032, 0 };
static const uint16_t java_groups[] = { 0x0017, 0x0018, 0x0019, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0 };

#define YES MH_TRI_YES
#define NO MH_TRI_NO
#define FROM_TLS10 \
	{ \
		NO, NO, YES, YES, YES, YES \
	}
#define FROM_TLS12 \
	{ \
		NO, NO, NO, NO, YES, YES \
	}
#define ALL_KEYS \
	{ \
		true, true, true \
	}
#define OLD_KEYS \
	{ \
		true, true, false \
	}

static const struct mh_tls_sender senders[] = {
	{ .name = "gmail",
	    .as_of = "2026-11-27",
	    .source = "support.google.com/a/answer/9795993 (versions, ciphers as of 2023-03) and 9261504 "
		      "(MTA-STS); "
		      "its bounces (a handshake that fails is tried again); groups of BoringSSL",
	    .versions = FROM_TLS10,
	    .suites = gmail_suites,
	    .groups = common_groups,
	    .keys = OLD_KEYS,
	    .fate = MH_FATE_WAITS,
	    .follows_sts = true },
	{ .name = "microsoft",
	    .as_of = "2026-11-27",
	    .source =
		"learn.microsoft.com, Exchange Online (TLS 1.2 and newer, cipher suites, DANE and MTA-STS "
		"outbound); what becomes of mail whose handshake fails is not told",
	    .versions = FROM_TLS12,
	    .suites = microsoft_suites,
	    .groups = common_groups,
	    .keys = OLD_KEYS,
	    .follows_dane = true,
	    .follows_sts = true },
	{ .name = "postfix",
	    .as_of = "2026-11-27",
	    .source = "its hello, seen: Postfix 3.7.11 with OpenSSL 3.0.19, smtp_tls_security_level=may; "
		      "postconf(5)",
	    .versions = FROM_TLS10,
	    .suites = postfix_suites,
	    .groups = postfix_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .hello_octets = 517,
	    .sni = MH_SNI_NEVER,
	    .fate = MH_FATE_CLEAR },
	{ .name = "postfix-dane",
	    .as_of = "2026-11-27",
	    .source = "its hello, seen: Postfix 3.7.11 with OpenSSL 3.0.19; smtp_tls_security_level=dane, "
		      "postconf(5)",
	    .versions = FROM_TLS10,
	    .suites = postfix_suites,
	    .groups = postfix_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .hello_octets = 517,
	    .sni = MH_SNI_WITH_DANE,
	    .fate = MH_FATE_CLEAR,
	    .follows_dane = true },
	{ .name = "exim-openssl",
	    .as_of = "2026-11-27",
	    .source = "the hello of OpenSSL 3.0.19, seen, which Exim 4.96 leaves as it is; its defaults "
		      "(hosts_try_dane, tls_tempfail_tryclear)",
	    .versions = FROM_TLS10,
	    .suites = openssl_suites,
	    .groups = openssl_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .refuses_sha1 = true,
	    .hello_octets = 300,
	    .sni = MH_SNI_WITH_DANE,
	    .fate = MH_FATE_CLEAR,
	    .follows_dane = true },
	{ .name = "exim-gnutls",
	    .as_of = "2026-11-27",
	    .source = "its hello and its fall-back, seen: Exim 4.96 with GnuTLS 3.7.9; its defaults "
		      "(hosts_try_dane)",
	    .versions = FROM_TLS10,
	    .suites = gnutls_suites,
	    .groups = gnutls_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .hello_octets = 380,
	    .sni = MH_SNI_WITH_DANE,
	    .fate = MH_FATE_CLEAR,
	    .follows_dane = true },
	{ .name = "sendmail",
	    .as_of = "2026-11-27",
	    .source =
		"its hello and its deferral, seen: sendmail 8.17.1.9 with OpenSSL 3.0.19, without DANE and "
		"TLSFallbacktoClear, as is the default",
	    .versions = FROM_TLS10,
	    .suites = openssl_suites,
	    .groups = openssl_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .refuses_sha1 = true,
	    .hello_octets = 293,
	    .sni = MH_SNI_NEVER,
	    .fate = MH_FATE_WAITS },
	{ .name = "openssl-3.5-pq",
	    .as_of = "2026-11-27",
	    .source = "the defaults of OpenSSL 3.5 (X25519MLKEM768 key share), in a program that does not "
		      "fall back; "
		      "github.com/openssl/openssl/issues/27557",
	    .versions = FROM_TLS12,
	    .suites = openssl_suites,
	    .groups = openssl_35_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = ALL_KEYS,
	    .hello_octets = 1560,
	    .fate = MH_FATE_WAITS },
	{ .name = "java-8",
	    .as_of = "2026-11-27",
	    .source = "release notes of JDK 8u171 (no 3DES) to 8u291 (TLS 1.2 alone by default); JavaMail, "
		      "which has "
		      "no queue and does not fall back",
	    .versions = { NO, NO, NO, NO, YES, NO },
	    .suites = java_suites,
	    .groups = java_groups,
	    .suites_whole = true,
	    .groups_whole = true,
	    .keys_whole = true,
	    .keys = OLD_KEYS,
	    .hello_octets = 330,
	    .sni = MH_SNI_ALWAYS,
	    .fate = MH_FATE_FAILS },
};
#undef YES
#undef NO

const struct mh_tls_sender *
mh_tls_sender_at(size_t i)
{
	return i < MH_COUNT(senders) ? &senders[i] : NULL;
}

/* ------------------------------------------------------- what is in common */

/* has - whether a list has it: MH_TRI_*, by whether the list is all there is */
static int
has(const uint16_t *list, bool is_whole, uint16_t number)
{
	for (; *list != 0; list++)
		if (*list == number)
			return MH_TRI_YES;
	return is_whole ? MH_TRI_NO : MH_TRI_UNKNOWN;
}

static int
common_group(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, int version)
{
	int any = MH_TRI_NO;
	for (size_t i = 0; i < MH_OFFER_GROUPS_MAX && mh_tls_groups[i] != 0; i++)
		any = mh_tri_or(any,
		    mh_tri_and(has(sender->groups, sender->groups_whole, mh_tls_groups[i]),
			offer->groups[version == TLS13][i]));
	return any;
}

/* common_key - whether there is a certificate with a key that the suite can be used with, and the sender */
static int
common_key(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, int version, int auth)
{
	int any = MH_TRI_NO;
	if (auth == MH_AUTH_ANON)
		return MH_TRI_YES;
	for (int key = 0; key < MH_OFFER_KEYS; key++) {
		/* Suites of ECDSA are for Ed25519 too (RFC 8422 2); those of TLS 1.3 are for all. */
		bool fits =
		    version == TLS13 || (key == MH_OFFER_RSA ? auth == MH_AUTH_RSA : auth == MH_AUTH_ECDSA);
		int takes = sender->keys[key] ? MH_TRI_YES : sender->keys_whole ? MH_TRI_NO : MH_TRI_UNKNOWN;
		if (fits)
			any = mh_tri_or(any, mh_tri_and(takes, offer->keys[version == TLS13][key]));
	}
	return any;
}

/* is_usable - whether a suite can be used at all in a version, by this sender */
static bool
is_usable(const struct mh_tls_sender *sender, const struct mh_suite *suite, int version, bool is_bound)
{
	if ((suite->since == 0x13) != (version == TLS13) || (suite->since == 0x12 && version < TLS12))
		return false;
	if (suite->auth == MH_AUTH_DSS)
		return false;
	/* Nobody offers these unasked, so they are in no list that is not whole. */
	if (suite->auth == MH_AUTH_ANON &&
	    (is_bound || has(sender->suites, sender->suites_whole, suite->number) != MH_TRI_YES))
		return false;
	return version >= TLS12 || !sender->refuses_sha1 || suite->kx == MH_KX_RSA;
}

/* What of a handshake fits, in the order in which the reason is told. */
struct fit {
	int suite, key, group, all;
};

/* fits - whether one version will do */
static struct fit
fits(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, int version, bool is_bound)
{
	struct fit any = { MH_TRI_NO, MH_TRI_NO, MH_TRI_NO, MH_TRI_NO };
	int group = common_group(sender, offer, version);
	for (size_t i = 0; i < mh_suite_count() && i < MH_OFFER_SUITES_MAX; i++) {
		const struct mh_suite *suite = mh_suite_at(i);
		if (!is_usable(sender, suite, version, is_bound))
			continue;
		int taken = mh_tri_and(has(sender->suites, sender->suites_whole, suite->number),
		    offer->suites[version][i]);
		if (taken == MH_TRI_NO)
			continue;
		int key = common_key(sender, offer, version, suite->auth);
		int by_group = suite->kx == MH_KX_ECDHE || version == TLS13 ? group : MH_TRI_YES;
		any.suite = mh_tri_or(any.suite, taken);
		any.key = mh_tri_or(any.key, key);
		any.group = mh_tri_or(any.group, by_group);
		any.all = mh_tri_or(any.all, mh_tri_and(taken, mh_tri_and(key, by_group)));
	}
	return any;
}

/* misfit - what does not fit, or is not known to */
static const char *
misfit(const struct fit *fit)
{
	if (fit->all == MH_TRI_YES)
		return "";
	if (fit->suite == MH_TRI_NO)
		return "the server takes none of its cipher suites";
	if (fit->key == MH_TRI_NO)
		return "the server has no certificate with a key of a type that it takes";
	if (fit->group == MH_TRI_NO)
		return "the server takes none of its groups for the key exchange";
	if (fit->all == MH_TRI_NO)
		return "no cipher suite that both take fits the server's certificates and groups";
	if (fit->suite != MH_TRI_YES)
		return "whether the server takes one of its cipher suites is not known";
	if (fit->key != MH_TRI_YES)
		return "whether the server has a certificate that it takes is not known";
	return "whether the server takes one of its groups, in this version of TLS, is not known";
}

/* agrees - whether there is a version, and all else in it, by MH_TRI_*: the highest in common counts, and each that
 * may be it */
static int
agrees(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, bool is_bound, const char **why)
{
	bool is_first = true;
	int all = MH_TRI_UNKNOWN;
	for (int version = TLS13; version >= -1; version--) {
		int known = version < 0 ? MH_TRI_YES
					: mh_tri_and(sender->versions[version], offer->versions[version]);
		int found = MH_TRI_NO;
		const char *reason = "there is no TLS version in common";
		if (known == MH_TRI_NO)
			continue;
		if (version >= 0) {
			struct fit fit = fits(sender, offer, version, is_bound);
			found = fit.all;
			reason = misfit(&fit);
		}
		if (is_first) {
			all = found;
			*why = reason;
		} else if (all != found) {
			all = MH_TRI_UNKNOWN;
			*why = "which version of TLS both have is not known";
		}
		is_first = false;
		if (known == MH_TRI_YES)
			break;
	}
	return all;
}

/* --------------------------------------------------------------- the verdict */

/* bears - whether the server can bear the hello as such, by MH_TRI_* */
static int
bears(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, bool is_bound, const char **why)
{
	int size = sender->hello_octets;
	bool has_name = sender->sni == MH_SNI_ALWAYS || (sender->sni == MH_SNI_WITH_DANE && is_bound);
	if (offer->hello_fails > 0 && size >= offer->hello_fails) {
		*why = "its ClientHello is larger than the server takes";
		return MH_TRI_NO;
	}
	if (offer->tls13_intolerant == MH_TRI_YES && sender->versions[TLS13] == MH_TRI_YES) {
		*why = "it offers TLS 1.3, which the server cannot bear";
		return MH_TRI_NO;
	}
	if ((offer->needs_sni == MH_TRI_YES || offer->hates_sni == MH_TRI_YES) &&
	    sender->sni == MH_SNI_UNKNOWN) {
		*why = "whether it sends a server name is not known, and the server minds";
		return MH_TRI_UNKNOWN;
	}
	if (offer->needs_sni == MH_TRI_YES && !has_name) {
		*why = "it sends no server name, and the server wants one";
		return MH_TRI_NO;
	}
	if (offer->hates_sni == MH_TRI_YES && has_name) {
		*why = "it sends a server name, and the server refuses that";
		return MH_TRI_NO;
	}
	if (offer->hello_fails > 0 && (size == 0 || size > offer->hello_takes)) {
		*why = "whether its ClientHello is too large for the server is not known";
		return MH_TRI_UNKNOWN;
	}
	return MH_TRI_YES;
}

/* shakes_hands - whether its handshake gets through, by MH_TRI_* */
static int
shakes_hands(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, bool is_bound,
    const char **why)
{
	if (offer->tls == MH_TRI_NO) {
		*why = "the handshake of today's senders fails";
		return MH_TRI_NO;
	}
	int borne = bears(sender, offer, is_bound, why);
	if (borne == MH_TRI_NO)
		return MH_TRI_NO;
	const char *reason;
	int agreed = agrees(sender, offer, is_bound, &reason);
	if (agreed == MH_TRI_NO || borne == MH_TRI_YES)
		*why = reason;
	if (agreed == MH_TRI_UNKNOWN && offer->fails_todays)
		*why = "a handshake with what is usual today fails; whether it offers what this server wants "
		       "is not known";
	if (agreed == MH_TRI_YES && borne == MH_TRI_YES && offer->tls == MH_TRI_UNKNOWN)
		*why = "no handshake was seen that was done to its end";
	return mh_tri_and(agreed, mh_tri_and(borne, offer->tls));
}

static const char not_to_be_had[] = "the server offers no encryption, or refuses it";
static const char not_to_be_had_sts[] =
    "the server offers no encryption, or refuses it; under an MTA-STS policy, "
    "of which nothing is known here, the mail would wait";

/* failed - what becomes of the mail */
static const char *
failed(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, const char **why)
{
	if (sender->follows_dane && offer->has_dane == MH_TRI_YES)
		return "defers";
	switch (sender->fate) {
	case MH_FATE_WAITS:
		return "defers";
	case MH_FATE_FAILS:
		return "bounces";
	case MH_FATE_CLEAR:
		/* Where the TLSA records are not known, it waits for them (RFC 7672 2.1.1). */
		return sender->follows_dane && offer->has_dane == MH_TRI_UNKNOWN ? "unknown" : "plaintext";
	default:
		*why = "its handshake fails, and what it does with the mail then is not known";
		return "unknown";
	}
}

const char *
mh_tls_sender_judge(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, const char **why)
{
	bool is_bound = sender->follows_dane && offer->has_dane == MH_TRI_YES;
	bool may_be_bound = sender->follows_dane && offer->has_dane == MH_TRI_UNKNOWN;
	*why = "";
	/* DANE comes first: what it lets through or not is not looked at again (RFC 8461 2). */
	if (sender->follows_sts && !is_bound && offer->sts == MH_TRI_NO) {
		*why = may_be_bound
		    ? "the domain's MTA-STS policy is not passed here, and whether DANE counts in its "
		      "place is not known"
		    : "the domain's MTA-STS policy is not passed here";
		return may_be_bound ? "unknown" : "defers";
	}
	if (offer->starttls == MH_TRI_UNKNOWN) {
		*why = "whether encryption is offered is not known";
		return "unknown";
	}
	if (offer->starttls == MH_TRI_NO) {
		*why = sender->follows_sts && !is_bound && offer->sts == MH_TRI_UNKNOWN ? not_to_be_had_sts
											: not_to_be_had;
		return is_bound ? "defers" : may_be_bound ? "unknown" : "plaintext";
	}
	int shakes = shakes_hands(sender, offer, is_bound, why);
	if (shakes == MH_TRI_UNKNOWN)
		return "unknown";
	if (shakes == MH_TRI_NO)
		return failed(sender, offer, why);
	if (is_bound && offer->dane != MH_TRI_YES) {
		*why = offer->dane == MH_TRI_NO
		    ? "no TLSA record matches"
		    : "whether a TLSA record matches each certificate is not known";
		return offer->dane == MH_TRI_NO ? "defers" : "unknown";
	}
	if (may_be_bound && offer->dane != MH_TRI_YES) {
		*why = "whether there are TLSA records that are secure is not known";
		return "unknown";
	}
	return "delivers";
}
