/* tls_identity.h - as whom a server of SMTP greets, and whether DNS agrees
 *
 * Names in the greeting and in the reply to EHLO, and the PTR record of the
 * address.  Only names are asked for; an address literal or localhost is told as
 * what it is.
 *
 * RFC 5321 2.3.5, 4.2 and 4.3.1; RFC 1912 2.1
 */
#ifndef MH_TLS_IDENTITY_H
#define MH_TLS_IDENTITY_H

#include "json.h"
#include "net.h"

struct mh_tls_end;
struct mh_tls_teller;

struct mh_tls_identity {
	struct mh_str greeting, hello; /* the words where the names stand; "" none was seen */
	struct mh_str name; /* the one that was asked for; "" it is none */
	struct mh_str ptr; /* the first name that the address leads to; "" none, or not known */
	uint8_t forward; /* MH_TRI_*: name leads to the address */
	uint8_t reverse; /* there is a PTR record */
	uint8_t confirmed; /* a name of the PTR records leads back to the address */
	bool is_seen; /* the server greeted */
};

/* mh_tls_identity_read - as far as facts go; false: wait, or no memory */
bool mh_tls_identity_read(const struct mh_tls_end *end, struct mh_tls_identity *identity);
void mh_tls_identity_add(struct mh_tls_teller *teller);
/* mh_tls_identity_json - the member "identity"; null if nothing was seen, or nobody asked */
void mh_tls_identity_json(struct mh_json *json, const struct mh_tls_end *end);

#endif
