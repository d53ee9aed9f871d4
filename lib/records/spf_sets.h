/* spf_sets.h - address sets of a surveyed tree, for each result */
#ifndef MH_SPF_SETS_H
#define MH_SPF_SETS_H

#include "spf_lint.h"

struct mh_spf_sets {
	struct mh_ipset pass, fail, softfail, neutral, left; /* left: that no term decides; in neutral too */
	bool is_partial; /* a fact is unknown or missing, or the survey was cut */
	uint32_t dynamic; /* terms that depend on the message, which match nobody here */
};

void mh_spf_sets(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_sets *sets);
/* mh_spf_term_set - what one term matches, whatever stands before it */
void mh_spf_term_set(struct mh_arena *arena, const struct mh_spf_step *step, struct mh_ipset *set);

#endif
