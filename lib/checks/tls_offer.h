/* tls_offer.h - what a server takes, as far as it is known: what senders are held against */
#ifndef MH_TLS_OFFER_H
#define MH_TLS_OFFER_H

#include <stdint.h>

enum { MH_TRI_UNKNOWN, MH_TRI_YES, MH_TRI_NO };

struct mh_tls_offer {
	uint8_t versions[6]; /* MH_TRI_*: SSL 2, SSL 3, TLS 1.0, 1.1, 1.2, 1.3 */
	uint8_t
	    tls; /* whether a handshake of today's senders is done to its end, and the dialogue goes on inside */
	uint8_t starttls; /* whether encryption is offered at all */
	uint8_t needs_sni, tls13_intolerant;
	int hello_fails; /* the smallest hello that is not taken; 0: none */
	uint8_t has_dane, dane; /* there are usable, secure TLSA records; they match */
};

#endif
