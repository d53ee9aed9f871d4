/* uri.h - one URI in its parts, as records name where reports go and files are (RFC 3986)
 *
 * Reads what is there and says what is wrong with it.  Nothing is copied: spans are in the text given.
 *
 * Does not: resolve references, decode percent signs, or fetch anything.
 */
#ifndef MH_URI_H
#define MH_URI_H

#include <stdbool.h>

#include "str.h"

struct mh_uri {
	struct mh_str text;
	struct mh_str scheme; /* without its colon; "" none */
	struct mh_str userinfo, host, port; /* of an authority; host without the brackets of an address */
	struct mh_str rest; /* path and query; of "mailto:" the addresses and the query */
	bool is_uri; /* it has a scheme, and no octet that a URI cannot have */
	bool has_authority, has_userinfo, has_fragment, is_address; /* is_address: host is one in brackets */
	struct mh_str bad; /* the first octet that it cannot have; len 0: none */
};

/* mh_uri_read - of any octets; linear */
void mh_uri_read(struct mh_str text, struct mh_uri *uri);
/* mh_uri_is - whether the scheme is that one, in any letter case (RFC 3986 3.1) */
bool mh_uri_is(const struct mh_uri *uri, const char *scheme);
/* mh_uri_why_no_uri - a sentence about one that is none; NULL: it is one */
const char *mh_uri_why_no_uri(const struct mh_uri *uri);
/* mh_uri_why_no_https - why nothing can be fetched or sent there by HTTPS, as a sentence; NULL: it can
 * mh_uri_why_no_mailto - why no mail can go there, likewise (RFC 6068 2) */
const char *mh_uri_why_no_https(const struct mh_uri *uri);
const char *mh_uri_why_no_mailto(const struct mh_uri *uri);
/* mh_uri_port - of https: 443 if it names none; -1: it is none */
int mh_uri_port(const struct mh_uri *uri);

#endif
