/* spf_lint.h - what is wrong, weak or wasteful about a domain's SPF, and the cheaper record
 *
 * Works on the surveyed tree of spf_eval.h and a few facts of its own; every
 * finding has a place in the record, and a fix (the exact new record) where
 * one can be known.  A finding never rests on an unknown fact: that is
 * dns.unknown.
 *
 * RFC 7208; RECORDS rows 1 to 19 and 38 to 44
 */
#ifndef MH_SPF_LINT_H
#define MH_SPF_LINT_H

#include "find.h"
#include "ipset.h"
#include "spf_eval.h"

/* What the tree authorises: addresses whose result is pass, and what cannot be known.  Who comes to a record that
 * is missing or cannot be read gets permerror and is not among them; the limits of RFC 7208 4.6.4 are not counted. */
struct mh_spf_addresses {
	struct mh_ipset pass;
	bool is_all; /* every IPv4 address, as with +all */
	bool is_partial; /* a fact is unknown, or the survey was cut */
	uint32_t dynamic; /* terms that depend on the message: exists:, ptr, macros */
};
void mh_spf_addresses(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_addresses *out);

/* mh_spf_cheaper - a record for the tree's domain that authorises exactly the same addresses with fewer
 * lookups or terms, proved by comparing address sets for every qualifier; len 0: none is known.  why
 * (one line) says what was changed. */
struct mh_str mh_spf_cheaper(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_str *why);

/* mh_spf_lint - findings about the tree, with fixes, into report.  May want facts (type 99, TXT where
 * a record could have been put by mistake, MX of a parked domain): call it in passes until none is
 * missing, with report NULL in all but the last.  verdict: of the address given, or NULL.
 * Gives the one record to publish that has all fixes of warnings and failures in it but those that change who may
 * send (spf_combine.c); p NULL: nothing is to be changed, or it cannot be known. */
struct mh_str mh_spf_lint(struct mh_pass *pass, const struct mh_spf_question *question,
    const struct mh_spf_node *tree, const struct mh_spf_verdict *verdict, struct mh_report *report);

#endif
