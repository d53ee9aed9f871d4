/* dom_dmarc.h - what section "dmarc" of the check "domain" knows: by both RFCs, of the domain and of names below it */
#ifndef MH_DOM_DMARC_H
#define MH_DOM_DMARC_H

#include "dmarc_walk.h"

struct mh_dom_dmarc {
	struct mh_dmarc_walk walk;
	struct mh_dmarc_found rfc9989, rfc7489; /* of the domain */
	/* of a name below the domain that has no record of its own; NULL: none applies */
	const struct mh_dmarc *below, *below_7489;
	bool below_is_known, below_7489_is_known;
};

/* mh_dom_dmarc_read - wants what it needs */
void mh_dom_dmarc_read(struct mh_pass *pass, struct mh_str domain, struct mh_dom_dmarc *dmarc);

#endif
