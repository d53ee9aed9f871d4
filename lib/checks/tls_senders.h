/* tls_senders.h - who can still deliver: senders of the world held against what a server takes */
#ifndef MH_TLS_SENDERS_H
#define MH_TLS_SENDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "tls_offer.h"

struct mh_tls_sender {
	const char *name, *as_of, *source;
	int lowest, highest; /* index of versions in tls_offer.h */
	int hello_octets; /* about as large as its hello */
	unsigned char sends_sni, follows_dane, follows_sts;
	unsigned char falls_back; /* to clear text, where the handshake fails */
};

const struct mh_tls_sender *mh_tls_sender_at(size_t i); /* NULL past the end */
/* mh_tls_sender_judge - "delivers", "plaintext", "defers" or "unknown"; *why: in words, "" nothing to say */
const char *mh_tls_sender_judge(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer,
    const char **why);

#endif
