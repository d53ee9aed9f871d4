/* dmarc_external.h - whether another domain takes the DMARC reports about this one (RFC 9990 4, RFC 7489 7.1)
 *
 * Who could make anybody's mailbox a destination could flood it, so a
 * destination in another organisation has to say that it wants them.
 */
#ifndef MH_DMARC_EXTERNAL_H
#define MH_DMARC_EXTERNAL_H

#include "dmarc_walk.h"

enum mh_dmarc_external_state {
	MH_DMARC_EXTERNAL_MISSING,
	MH_DMARC_EXTERNAL_UNKNOWN,
	MH_DMARC_EXTERNAL_OWN, /* it is the same organisation: nobody has to be asked */
	MH_DMARC_EXTERNAL_ACCEPTED,
	MH_DMARC_EXTERNAL_NOT,
};

struct mh_dmarc_external {
	unsigned char state; /* enum mh_dmarc_external_state */
	struct mh_str
	    name; /* "example.org._report._dmarc.example.net", in arena; len 0: longer than a name can be */
	const struct mh_fact *fact; /* of that name, or why it is UNKNOWN; NULL */
};

/* mh_dmarc_external - domain is whose record it is, destination that of the address, both canonical; walk (NULL: none)
 * is domain's.  is_7489: the public suffix list says which organisation is the same. */
void mh_dmarc_external(struct mh_pass *pass, struct mh_str domain, struct mh_str destination,
    const struct mh_dmarc_walk *walk, bool is_7489, struct mh_dmarc_external *external);

#endif
