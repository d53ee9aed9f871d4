/* dkim_providers.h - which selectors to try, and whose keys aliases lead to (dkim_providers.def)
 *
 * Selectors cannot be listed; a signature names its own (RFC 6376 3.1).
 */
#ifndef MH_DKIM_PROVIDERS_H
#define MH_DKIM_PROVIDERS_H

#include "mem.h"
#include "str.h"

struct mh_dkim_provider {
	const char *name, *title; /* title "": not one provider */
	const char *selectors, *targets, *hints; /* separated by spaces */
	int order;
	const char *as_of, *source;
};

/* mh_dkim_provider_at - NULL past the end
 * mh_dkim_provider_of - of the canonical name that an alias leads to; NULL: not known
 * mh_dkim_provider_hinted - number of the provider that the canonical name of an MX host or of an include:
 * belongs to;
 * -1: none */
const struct mh_dkim_provider *mh_dkim_provider_at(unsigned i);
const struct mh_dkim_provider *mh_dkim_provider_of(struct mh_str target);
int mh_dkim_provider_hinted(struct mh_str name);

#define MH_DKIM_GUESSES_MAX 40

/* Selectors to try, in canonical text. */
struct mh_dkim_guesses {
	struct mh_str selectors[MH_DKIM_GUESSES_MAX];
	unsigned count;
};

/* mh_dkim_guesses_usual - up to max of those that are usual; now: seconds since the epoch, -1 not known
 * mh_dkim_guesses_of - those of a provider (by its number) as well, up to max in all
 * In arena; false: no memory */
bool mh_dkim_guesses_usual(struct mh_arena *arena, int64_t now, unsigned max,
    struct mh_dkim_guesses *guesses);
bool mh_dkim_guesses_of(struct mh_arena *arena, unsigned provider, int64_t now, unsigned max,
    struct mh_dkim_guesses *guesses);

#endif
