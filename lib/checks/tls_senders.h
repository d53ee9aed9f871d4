/* tls_senders.h - who can still deliver: senders of the world held against what a server takes */
#ifndef MH_TLS_SENDERS_H
#define MH_TLS_SENDERS_H

#include <stddef.h>

#include "tls_offer.h"

enum mh_tls_sni {
	MH_SNI_UNKNOWN,
	MH_SNI_ALWAYS,
	MH_SNI_NEVER,
	MH_SNI_WITH_DANE, /* only where there are TLSA records that it follows */
};
/* What becomes of mail whose handshake fails, where nothing demands TLS. */
enum mh_tls_fate {
	MH_FATE_UNKNOWN,
	MH_FATE_CLEAR, /* sent in clear, at once or at the next try */
	MH_FATE_WAITS,
	MH_FATE_FAILS, /* there is no queue */
};

struct mh_tls_sender {
	const char *name, *as_of, *source;
	uint8_t versions[6]; /* MH_TRI_*, as in tls_offer.h */
	const uint16_t *suites, *groups; /* that it is known to offer; each ends with 0 */
	bool suites_whole, groups_whole, keys_whole; /* whether these are all that it offers */
	bool keys[MH_OFFER_KEYS]; /* kinds of certificates that it takes */
	bool refuses_sha1; /* so before TLS 1.2 only RSA key exchange, which has no signature, works */
	int hello_octets; /* about as large as its hello, with the record's head; 0 not known */
	uint8_t sni, fate;
	bool follows_dane, follows_sts;
};

const struct mh_tls_sender *mh_tls_sender_at(size_t i); /* NULL past the end */
/* mh_tls_sender_judge - "delivers", "plaintext", "defers", "bounces" or "unknown"; *why: in words, "" nothing to say */
const char *mh_tls_sender_judge(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer,
    const char **why);

#endif
