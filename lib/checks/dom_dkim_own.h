/* dom_dkim_own.h - what the files of the section "dkim" share: dom_dkim.c asks, dom_dkim_tell.c tells */
#ifndef MH_DOM_DKIM_OWN_H
#define MH_DOM_DKIM_OWN_H

#include "domain.h"

#include "dkim_key.h"
#include "dkim_providers.h"

/* A selector and what was asked about it. */
struct mh_dom_selector {
	struct mh_str selector, name;
	const struct mh_fact *fact; /* NULL: missing */
	bool is_given;
	bool is_found; /* a key, or the beginning of one, is there */
	const struct mh_dkim_key *key; /* that counts */
};

struct mh_dom_dkim {
	struct mh_look *look;
	struct mh_str domain, apex, probe; /* the names of the two questions */
	const struct mh_fact *at_apex, *at_probe; /* NULL: missing */
	struct mh_dom_selector at[MH_DOMAIN_SELECTORS_MAX + MH_DKIM_GUESSES_MAX + 1];
	unsigned count, given, found;
	const struct mh_fact *unknown; /* a guess that could not be asked; NULL: none */
	unsigned unknown_count;
	bool is_missing; /* a fact is */
};

/* mh_dom_dkim_no_memory - notes it
 * mh_dom_dkim_text - text of TXT record i; "" if it cannot be read
 * mh_dom_dkim_key - the key that counts of an answer; NULL: there is none
 * mh_dom_dkim_is_wildcard - whether a name has no more than what every name has */
void mh_dom_dkim_no_memory(struct mh_dom_dkim *dkim);
struct mh_str mh_dom_dkim_text(struct mh_dom_dkim *dkim, const struct mh_fact *fact, size_t i);
const struct mh_dkim_key *mh_dom_dkim_key(struct mh_dom_dkim *dkim, const struct mh_fact *fact,
    struct mh_str name);
bool mh_dom_dkim_is_wildcard(const struct mh_dom_dkim *dkim, const struct mh_fact *fact);

/* dom_dkim_tell.c
 * mh_dom_dkim_want_elsewhere - asks where keys end up that were entered wrongly, of given selectors that
 * have none
 * mh_dom_dkim_may_send - whether the domain does anything with mail by which it might sign: an MX, SPF
 * that lets
 * somebody send, or a host that was given as its sender; false too if that is not known
 * mh_dom_dkim_tell - all findings and entries */
void mh_dom_dkim_want_elsewhere(struct mh_dom_dkim *dkim);
bool mh_dom_dkim_may_send(struct mh_dom_dkim *dkim);
void mh_dom_dkim_tell(struct mh_dom_dkim *dkim);

#endif
