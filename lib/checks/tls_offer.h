/* tls_offer.h - what a server takes, as far as it is known: what senders are held against
 *
 * Yes is what the server was seen to choose, no what it was seen to refuse; all
 * else is unknown: what could not be asked is never taken for absent.
 */
#ifndef MH_TLS_OFFER_H
#define MH_TLS_OFFER_H

#include "tls_names.h"

enum { MH_TRI_UNKNOWN, MH_TRI_YES, MH_TRI_NO };
int mh_tri_and(int a, int b);
int mh_tri_or(int a, int b);

enum { MH_OFFER_RSA, MH_OFFER_ECDSA, MH_OFFER_ED25519, MH_OFFER_KEYS };

#define MH_OFFER_SUITES_MAX 192 /* no less than mh_suite_count() */
#define MH_OFFER_GROUPS_MAX 32 /* no less than there are in mh_tls_groups */

struct mh_tls_offer {
	uint8_t versions[6]; /* MH_TRI_*: SSL 2, SSL 3, TLS 1.0, 1.1, 1.2, 1.3 */
	uint8_t suites[6][MH_OFFER_SUITES_MAX]; /* by version; as in mh_suite_at */
	/* of these, [0] up to TLS 1.2, [1] in TLS 1.3 */
	uint8_t groups[2][MH_OFFER_GROUPS_MAX]; /* as in mh_tls_groups */
	uint8_t keys[2][MH_OFFER_KEYS]; /* kinds of certificates */
	/* whether a handshake that finds something in common is done to its end, and the dialogue goes on inside */
	uint8_t tls;
	uint8_t starttls; /* whether encryption is offered at all */
	bool fails_todays; /* a handshake with all that is usual today found nothing in common */
	uint8_t needs_sni, hates_sni, tls13_intolerant;
	int hello_takes, hello_fails; /* the largest hello that passed, the smallest that did not; 0: none */
	uint8_t
	    sts; /* the domain's MTA-STS policy lets senders deliver here, or there is none; UNKNOWN also: not looked at */
	uint8_t has_dane, dane; /* there are usable, secure TLSA records; those that there are match */
};

/* mh_offer_suite, mh_offer_group - notes what is known of one; a number that is not in the tables is nothing */
void mh_offer_suite(struct mh_tls_offer *offer, int version, uint16_t suite, int tri);
void mh_offer_group(struct mh_tls_offer *offer, bool is_tls13, uint16_t group, int tri);

#endif
