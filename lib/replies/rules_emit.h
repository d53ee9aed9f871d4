/* rules_emit.h - a ruleset as C source (host tool only) */
#ifndef MH_RULES_EMIT_H
#define MH_RULES_EMIT_H

#include <stdio.h>

#include "ruleset.h"

/* mh_rules_emit - writes the definition of const struct mh_ruleset mh_builtin_rules; false if
 * writing failed */
bool mh_rules_emit(FILE *out, const struct mh_ruleset *set);

#endif
