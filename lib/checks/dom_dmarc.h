/* dom_dmarc.h - what section "dmarc" of the check "domain" knows: by both RFCs, of the domain and of names below it */
#ifndef MH_DOM_DMARC_H
#define MH_DOM_DMARC_H

#include "dmarc_external.h"
#include "dmarc_walk.h"
#include "domain.h"

struct mh_dom_dmarc {
	struct mh_dmarc_walk walk;
	struct mh_dmarc_found rfc9989, rfc7489; /* of the domain */
	/* of a name below the domain that has no record of its own; NULL: none applies */
	const struct mh_dmarc *below, *below_7489;
	bool below_is_known, below_7489_is_known;
};

/* mh_dom_dmarc_read - wants what it needs */
void mh_dom_dmarc_read(struct mh_pass *pass, struct mh_str domain, struct mh_dom_dmarc *dmarc);

/* mh_dom_dmarc_fact - the fact of a domain's name of the walk; NULL: missing, or no such name
 * mh_dom_dmarc_is_used - whether the record found is one that receivers follow and the domain's people can change
 * mh_dom_dmarc_has_fix - whether a finding about that name has one already; two would take each other's record away */
const struct mh_fact *mh_dom_dmarc_fact(const struct mh_dmarc_walk *walk, struct mh_str domain);
bool mh_dom_dmarc_is_used(const struct mh_dmarc_found *found);
bool mh_dom_dmarc_has_fix(const struct mh_report *report, struct mh_str name);

/* Where the reports of the record that counts go. */
#define MH_DOM_REPORTS_MAX 10 /* domains of addresses that are asked about */

struct mh_dom_report {
	struct mh_str domain, uri; /* uri: the first there */
	struct mh_dmarc_external external;
	const struct mh_fact *mx, *a, *aaaa; /* NULL: missing */
};

struct mh_dom_reports {
	struct mh_dom_report at[MH_DOM_REPORTS_MAX];
	unsigned count;
	const struct mh_fact *own_mx; /* of whose record it is; NULL */
};

/* mh_dom_dmarc_reports - wants what it needs
 * mh_dom_dmarc_tell_reports - who did not say that he takes them, and which mailboxes get no mail */
void mh_dom_dmarc_reports(struct mh_pass *pass, const struct mh_dom_dmarc *dmarc,
    struct mh_dom_reports *reports);
void mh_dom_dmarc_tell_reports(struct mh_look *look, const struct mh_dom_dmarc *dmarc,
    const struct mh_dom_reports *reports);

#endif
