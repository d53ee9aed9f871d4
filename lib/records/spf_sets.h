/* spf_sets.h - address sets of a surveyed tree, for each result */
#ifndef MH_SPF_SETS_H
#define MH_SPF_SETS_H

#include "spf_lint.h"

struct mh_spf_sets {
	struct mh_ipset pass, fail, softfail, neutral, left; /* left: that no term decides; in neutral too */
	struct mh_ipset
	    error; /* permerror, whatever the limits say: they come to a record that cannot be used */
	bool is_partial; /* a fact is unknown or missing, or the survey was cut */
	uint32_t dynamic; /* terms that depend on the message, which match nobody here */
};

/* mh_spf_net - the network of an ip4 or ip6, or false: no client is ever in it.  A client with an IPv4-mapped
 * address is an IPv4 one (RFC 7208 5), so that such a network behind ip6: matches nobody. */
bool mh_spf_net(const struct mh_spf_term *term, struct mh_ip_net *net);

void mh_spf_sets(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_sets *sets);
/* mh_spf_term_set - what one term matches, whatever stands before it; false: not all of it can be known (it
 * depends on the message, an answer is unknown, or it leads to a permerror) */
bool mh_spf_term_set(struct mh_arena *arena, const struct mh_spf_step *step, struct mh_ipset *set);

#endif
