/* bimi.h - BIMI: the record that says which logo stands beside a domain's mail, and what it takes to be shown
 *
 * bimi.c reads one text; bimi_lint.c says what is wrong about the TXT records of
 * default._bimi, bimi_dmarc.c whether the domain's DMARC policy is strict enough.
 * The logo itself is svg.h's matter, its certificate bimi_cert.h's.
 *
 * draft-brand-indicators-for-message-identification-10 and -14, here "the BIMI draft"
 */
#ifndef MH_BIMI_H
#define MH_BIMI_H

#include "dmarc_walk.h"
#include "find.h"
#include "taglist.h"
#include "tell.h"
#include "uri.h"
#include "work.h"

/* A place that a record names. */
struct mh_bimi_place {
	struct mh_str text; /* the tag's value; "": it has none */
	struct mh_uri uri;
	const char
	    *why; /* why nothing can be fetched from there, as a sentence; NULL: it can, or text is "" */
	bool is_there; /* the tag */
};

struct mh_bimi {
	struct mh_str text;
	struct mh_taglist tags; /* as written */
	bool is_bimi; /* it begins as such a record does: "v=BIMI1" is its first tag; others are read over */
	bool is_valid; /* receivers use it */
	bool is_declined; /* the domain wants no logo: l= and a= have no value (4.3.1) */
	struct mh_bimi_place logo, evidence; /* l=, a= */
	struct mh_str avatar; /* avp=: "brand" unless it says "personal" */
	struct mh_str selectors; /* lps=; "" none */
	const char *why_selectors,
	    *why_avatar; /* what is wrong with that value, as a sentence; NULL: nothing */
};

/* mh_bimi_parse - one TXT record, strings joined; in arena, NULL: no memory
 * mh_bimi_is_like - whether a text is such a record, or means to be one
 * mh_bimi_mend - the record that was probably meant; len 0: nobody can tell; p NULL: no memory */
struct mh_bimi *mh_bimi_parse(struct mh_arena *arena, struct mh_str text);
bool mh_bimi_is_like(struct mh_str text);
struct mh_str mh_bimi_mend(struct mh_arena *arena, struct mh_str text);

/* mh_bimi_used - of the TXT records of a name, "default._bimi.example.org", the one that receivers use;
 * NULL: none, or no memory (pass->error)
 * mh_bimi_lint - findings about them, whose fact is there (present, absent or unknown); gives the text that
 * should be there, p NULL: it is as it should be, nobody knows, or no memory (pass->error).  bimi.missing is
 * not told here. */
const struct mh_bimi *mh_bimi_used(struct mh_pass *pass, const struct mh_fact *fact);
struct mh_str mh_bimi_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_report *report);
/* mh_bimi_lint_text - the same about one text, of domain ("" unknown); MH_ERR_OK or MH_ERR_ENOMEM */
int mh_bimi_lint_text(struct mh_arena *arena, const struct mh_bimi *bimi, struct mh_str domain,
    struct mh_report *report);

/* mh_bimi_lint_dmarc - whether the policy that was found, and that of the organisation, are such that
 * receivers show logos (7.1); nothing is told of what is unknown */
void mh_bimi_lint_dmarc(struct mh_tell *tell, const struct mh_dmarc_walk *walk,
    const struct mh_dmarc_found *found);

#endif
