/* tls_offer.c - what a server takes, worked out of what was seen of it
 *
 * What was chosen in an answer is taken.  A hello that was refused says of its
 * suites that they are not taken where it had a group that is, and of its groups
 * where it had a suite that is: else the other may have been what was missing.
 * After an enumeration the rest is not taken either.
 */
#include "tls_check.h"

#include "port.h"

enum { TLS10 = 2, TLS12 = 4, TLS13 = 5 };

int
mh_tri_and(int a, int b)
{
	if (a == MH_TRI_NO || b == MH_TRI_NO)
		return MH_TRI_NO;
	return a == MH_TRI_YES && b == MH_TRI_YES ? MH_TRI_YES : MH_TRI_UNKNOWN;
}

int
mh_tri_or(int a, int b)
{
	if (a == MH_TRI_YES || b == MH_TRI_YES)
		return MH_TRI_YES;
	return a == MH_TRI_NO && b == MH_TRI_NO ? MH_TRI_NO : MH_TRI_UNKNOWN;
}

void
mh_offer_suite(struct mh_tls_offer *offer, int version, uint16_t suite, int tri)
{
	for (size_t i = 0; i < mh_suite_count() && i < MH_OFFER_SUITES_MAX; i++)
		if (mh_suite_at(i)->number == suite)
			offer->suites[version][i] = (uint8_t)tri;
}

void
mh_offer_group(struct mh_tls_offer *offer, bool is_tls13, uint16_t group, int tri)
{
	for (size_t i = 0; i < MH_OFFER_GROUPS_MAX && mh_tls_groups[i] != 0; i++)
		if (mh_tls_groups[i] == group)
			offer->groups[is_tls13][i] = (uint8_t)tri;
}

/* needs_group - whether a suite is of no use without a named group */
static bool
needs_group(const struct mh_suite *suite)
{
	return suite->since == 0x13 || suite->kx == MH_KX_ECDHE;
}

/* version_of - that of a hello that offers one; -1: of those before TLS 1.2, whose refusals tell less */
static int
version_of(const struct mh_hello *hello)
{
	return hello->kind->version == MH_TLS13 ? TLS13 : hello->kind->version == MH_TLS12 ? TLS12 : -1;
}

/* may_judge - whether a refusal is about suites and groups: the version is spoken, and the name was there */
static bool
may_judge(const struct mh_tls_offer *offer, const struct mh_hello *hello, int version)
{
	return version >= 0 && hello->kind->has_sni && offer->versions[version] == MH_TRI_YES;
}

/* has_known_group, has_known_suite - whether a hello offered one that the server takes */
static bool
has_known_group(const struct mh_tls_offer *offer, const struct mh_hello *hello, int version)
{
	for (size_t i = 0; i < MH_OFFER_GROUPS_MAX && mh_tls_groups[i] != 0; i++)
		if (offer->groups[version == TLS13][i] == MH_TRI_YES &&
		    mh_hello_offers_group(hello, mh_tls_groups[i]))
			return true;
	return false;
}

static bool
has_known_suite(const struct mh_tls_offer *offer, const struct mh_hello *hello, int version)
{
	for (size_t i = 0; i < mh_suite_count() && i < MH_OFFER_SUITES_MAX; i++)
		if (offer->suites[version][i] == MH_TRI_YES && needs_group(mh_suite_at(i)) &&
		    mh_hello_offers(hello, mh_suite_at(i)))
			return true;
	return false;
}

/* deny - what a refused hello offered, as far as that was the reason */
static void
deny(struct mh_tls_offer *offer, const struct mh_hello *hello)
{
	int version = version_of(hello);
	if (!may_judge(offer, hello, version))
		return;
	bool has_group = has_known_group(offer, hello, version);
	bool has_suite = has_known_suite(offer, hello, version);
	for (size_t i = 0; i < mh_suite_count() && i < MH_OFFER_SUITES_MAX; i++) {
		uint8_t *known = &offer->suites[version][i];
		if (*known == MH_TRI_UNKNOWN && mh_hello_offers(hello, mh_suite_at(i)) &&
		    (has_group || !needs_group(mh_suite_at(i))))
			*known = MH_TRI_NO;
	}
	for (size_t i = 0; has_suite && i < MH_OFFER_GROUPS_MAX && mh_tls_groups[i] != 0; i++) {
		uint8_t *known = &offer->groups[version == TLS13][i];
		if (*known == MH_TRI_UNKNOWN && mh_hello_offers_group(hello, mh_tls_groups[i]))
			*known = MH_TRI_NO;
	}
}

/* close_lists - after an enumeration nothing is unknown any more */
static void
close_lists(struct mh_tls_offer *offer)
{
	for (int version = TLS10; version <= TLS13; version++)
		for (size_t i = 0; i < MH_OFFER_SUITES_MAX && offer->versions[version] == MH_TRI_YES; i++)
			if (offer->suites[version][i] == MH_TRI_UNKNOWN)
				offer->suites[version][i] = MH_TRI_NO;
	/* Where there is TLS 1.3, groups were enumerated in it alone. */
	int class = offer->versions[TLS13] == MH_TRI_YES;
	for (size_t i = 0; i < MH_OFFER_GROUPS_MAX; i++)
		if (offer->groups[class][i] == MH_TRI_UNKNOWN)
			offer->groups[class][i] = MH_TRI_NO;
}

/* share_curves - the curves are one list for all versions in every library that is known; only what was added for TLS
 * 1.3 (finite fields, post-quantum ones, brainpool anew) is not */
static void
share_curves(struct mh_tls_offer *offer)
{
	static const uint16_t curves[] = { MH_GROUP_X25519, MH_GROUP_P256, MH_GROUP_P384, MH_GROUP_P521,
		0x001e };
	for (size_t i = 0; i < MH_OFFER_GROUPS_MAX && mh_tls_groups[i] != 0; i++) {
		if (offer->groups[0][i] != MH_TRI_YES && offer->groups[1][i] != MH_TRI_YES)
			continue;
		for (size_t k = 0; k < MH_COUNT(curves); k++)
			if (mh_tls_groups[i] == curves[k])
				offer->groups[0][i] = offer->groups[1][i] = MH_TRI_YES;
	}
}

static void
fill_lists(const struct mh_tls_end *end, struct mh_tls_offer *offer)
{
	for (unsigned i = 0; i < end->accepted_count; i++)
		mh_offer_suite(offer, end->accepted_version[i], end->accepted[i], MH_TRI_YES);
	for (unsigned i = 0; i < end->groups_count; i++) {
		if ((end->groups_at[i] & 1) != 0)
			mh_offer_group(offer, false, end->groups[i], MH_TRI_YES);
		if ((end->groups_at[i] & 2) != 0)
			mh_offer_group(offer, true, end->groups[i], MH_TRI_YES);
	}
	share_curves(offer);
	for (unsigned i = 0; i < end->refused_count; i++)
		deny(offer, end->refused[i]);
	if (end->is_enumerated)
		close_lists(offer);
}

/* key_of - one of MH_OFFER_KEYS, or -1 */
static int
key_of(const struct mh_cert *leaf)
{
	switch (leaf != NULL ? leaf->key : MH_CERT_KEY_OTHER) {
	case MH_CERT_KEY_RSA:
		return MH_OFFER_RSA;
	case MH_CERT_KEY_ECDSA:
		return MH_OFFER_ECDSA;
	case MH_CERT_KEY_ED25519:
		return MH_OFFER_ED25519;
	default:
		return -1;
	}
}

static void
fill_keys(const struct mh_tls_end *end, struct mh_tls_offer *offer)
{
	const struct mh_seen *other = end->looks.other;
	bool is_given = end->check->certificate.len > 0; /* it stands in place of all that the server has */
	if (is_given)
		memset(offer->keys, MH_TRI_NO, sizeof(offer->keys));
	/* Whoever shows a certificate in one version has it in all. */
	for (unsigned i = 0; i < end->chains_count; i++) {
		int key = key_of(mh_certs_at(end->chains[i].chain, 0));
		if (key >= 0)
			offer->keys[0][key] = offer->keys[1][key] = MH_TRI_YES;
	}
	if (end->cause == MH_F_TLS_NO_CERTIFICATE_ANON && end->is_certain)
		memset(offer->keys, MH_TRI_NO, sizeof(offer->keys));
	if (is_given || other == NULL || other->has_hello || (other->alert != 40 && other->alert != 71))
		return;
	/* The certificate of the other kind was asked for, in TLS 1.3 where that is all there is. */
	uint8_t *asked = &offer->keys[end->versions[TLS12] ==
	    MH_TRI_NO][mh_seen_key(end->looks.first) == MH_AUTH_RSA ? MH_OFFER_ECDSA : MH_OFFER_RSA];
	if (end->versions[TLS12] != MH_TRI_UNKNOWN && *asked == MH_TRI_UNKNOWN)
		*asked = MH_TRI_NO;
}

static void
fill_dane(const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa, struct mh_tls_offer *offer)
{
	offer->has_dane = tlsa->state == MH_FACT_UNKNOWN ? MH_TRI_UNKNOWN : MH_TRI_NO;
	/* Records that are not known to be secure may be so for others, who follow them then. */
	for (unsigned i = 0; i < tlsa->count && tlsa->secure != MH_SECURE_NO; i++) {
		const struct mh_tlsa *record = &tlsa->records[i];
		/* Usages 0 and 1 are none of SMTP's (RFC 7672 3.1.3). */
		if (!tlsa->is_bad[i] && (record->usage == 2 || record->usage == 3) && record->selector <= 1 &&
		    record->matching <= 2)
			offer->has_dane = tlsa->secure == MH_SECURE_YES ? MH_TRI_YES : MH_TRI_UNKNOWN;
	}
	if (tlsa->count == 0 || offer->has_dane == MH_TRI_NO || end->chains_count == 0 ||
	    !end->chains[0].has_dane)
		return;
	bool any = false, all = true;
	for (unsigned i = 0; i < end->chains_count; i++) {
		any = any || end->chains[i].dane.is_valid;
		all = all && end->chains[i].dane.is_valid;
	}
	offer->dane = all ? MH_TRI_YES : any ? MH_TRI_UNKNOWN : MH_TRI_NO;
	if (end->chains[0].dane.usable == 0)
		offer->has_dane = MH_TRI_NO;
}

/* is_about_hello - whether the cause hits only those whose hello is like ours: others may get through */
static bool
is_about_hello(int cause)
{
	switch (cause) {
	case MH_F_TLS_NO_CERTIFICATE_ANON:
	case MH_F_TLS_NO_COMMON_CIPHER:
	case MH_F_TLS_OLD_PROTOCOL_ONLY:
	case MH_F_TLS_SSLV3_ONLY:
	case MH_F_TLS_SSLV2:
	case MH_F_TLS_TLS13_INTOLERANT:
	case MH_F_TLS_LARGE_HELLO_INTOLERANT:
	case MH_F_TLS_SNI_INTOLERANT:
		return true;
	default:
		return false;
	}
}

/* fill_versions - and what the cause says of those that were refused */
static void
fill_versions(const struct mh_tls_end *end, struct mh_tls_offer *offer)
{
	int newest = TLS13;
	if (end->cause == MH_F_TLS_SSLV2)
		newest = 0;
	else if (end->cause == MH_F_TLS_SSLV3_ONLY)
		newest = 1;
	else if (end->cause == MH_F_TLS_OLD_PROTOCOL_ONLY)
		newest = TLS12 - 1;
	else if (end->cause == MH_F_TLS_NO_CERTIFICATE_ANON)
		newest = TLS12; /* in TLS 1.3 nothing is anonymous */
	memcpy(offer->versions, end->versions, sizeof(offer->versions));
	for (int i = newest + 1; i <= TLS13 && end->is_certain; i++)
		if (offer->versions[i] == MH_TRI_UNKNOWN)
			offer->versions[i] = MH_TRI_NO;
}

void
mh_tls_fill_offer(const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa, struct mh_tls_offer *offer)
{
	const struct mh_seen *first = end->looks.first, *bare = end->looks.nosni;
	*offer = (struct mh_tls_offer){ .hello_takes = end->hello_limit, .hello_fails = end->hello_fails };
	fill_versions(end, offer);
	fill_lists(end, offer);
	if (first != NULL)
		fill_keys(end, offer);
	fill_dane(end, tlsa, offer);
	if (first == NULL || first->phase < MH_SEEN_START)
		return;
	bool offers = first->outside.starttls || end->host->mode == MH_MODE_IMPLICIT;
	bool is_refused = first->phase == MH_SEEN_START;
	offer->starttls = offers && !is_refused ? MH_TRI_YES : MH_TRI_NO;
	if (end->cause == 0)
		offer->tls = first->secured ? MH_TRI_YES : MH_TRI_UNKNOWN;
	else if (is_about_hello(end->cause))
		offer->tls = end->is_certain ? MH_TRI_YES : MH_TRI_UNKNOWN;
	else
		offer->tls = MH_TRI_NO;
	offer->fails_todays = end->cause == MH_F_TLS_NO_COMMON_CIPHER;
	if (end->cause == MH_F_TLS_TLS13_INTOLERANT)
		offer->tls13_intolerant = MH_TRI_YES;
	if (end->cause == MH_F_TLS_SNI_INTOLERANT)
		offer->hates_sni = MH_TRI_YES;
	if (end->cause == MH_F_TLS_LARGE_HELLO_INTOLERANT && end->witness != NULL) {
		offer->hello_takes = end->witness->hello_size;
		offer->hello_fails = first->hello_size;
	}
	if (bare != NULL && !bare->has_hello && bare->alert == 112)
		offer->needs_sni = MH_TRI_YES;
}
