/* rules_build.h - from statements to a ruleset
 *
 * Checks every statement, resolves names, cuts patterns into phrases and makes
 * the word table and the automaton.  The result is one block of memory.
 */
#ifndef MH_RULES_BUILD_H
#define MH_RULES_BUILD_H

#include "rules_read.h"
#include "ruleset.h"

/* A reply that must be won by a rule, or must not. */
struct mh_sample {
	struct mh_sample *next;
	struct mh_str rule; /* id */
	struct mh_str provider; /* the rule's, "" if it is for all */
	struct mh_str text;
	struct mh_place place;
	bool unlike;
};

/* mh_rules_build - a ruleset on top of the layers below (none: the built-in layer, which alone may
 * hold reasons and statuses).  *set is freed with mh_mem_free(mem, *set, *size).  The samples stay in
 * the arena.  MH_OK, MH_ENOMEM, or MH_ERULES with *error filled. */
int mh_rules_build(const struct mh_mem *mem, struct mh_arena *arena, const struct mh_layers *below,
    const struct mh_statement *statements, struct mh_ruleset **set, size_t *size, struct mh_sample **samples,
    struct mh_rules_error *error);

#endif
