/* layers.h - a stack of rulesets that several threads may use
 *
 * Immutable and counted: a reply handle holds a reference while it uses one,
 * so that a swap never pulls rules away from under a parse.
 */
#ifndef MH_LAYERS_H
#define MH_LAYERS_H

#include <stdatomic.h>

#include "ruleset.h"

struct mh_rulebook {
	atomic_int references;
	struct mh_mem mem;
	struct mh_layers layers;
	size_t size[MH_LAYERS_MAX]; /* of the sets that are ours to free; 0: not ours */
	uint64_t version;
};

/* mh_rulebook_new - a book of the built-in set alone; one reference, NULL without memory */
struct mh_rulebook *mh_rulebook_new(const struct mh_mem *mem, const struct mh_ruleset *builtin);
/* mh_rulebook_push - another set on top of a book that nobody else has yet; the book frees it, size octets */
void mh_rulebook_push(struct mh_rulebook *book, const struct mh_ruleset *set, size_t size);
struct mh_rulebook *mh_rulebook_ref(struct mh_rulebook *book);
void mh_rulebook_unref(struct mh_rulebook *book);

#endif
