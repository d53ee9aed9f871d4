/* samples.h - stacks of rules made from text, each rule proved by its samples */
#ifndef MH_SAMPLES_H
#define MH_SAMPLES_H

#include "layers.h"
#include "rules_build.h"

/* One text of rules, kept so that a layer can be built anew with another added. */
struct mh_rule_text {
	struct mh_rule_text *next;
	int layer; /* 1 site, 2 user */
	const char *name;
	struct mh_str text;
};

/* mh_rulebook_make - the built-in set and what the texts add; one reference.  Every sample is
 * tried.  NULL with *result MH_ERULES (and *error filled) or MH_ENOMEM. */
struct mh_rulebook *mh_rulebook_make(const struct mh_mem *mem, const struct mh_ruleset *builtin,
    const struct mh_rule_text *texts, int *result, struct mh_rules_error *error);
/* mh_samples_check - parses every sample; MH_OK, MH_ENOMEM, or MH_ERULES with the first that is won
 * by a rule it should not be won by.  told: if not NULL, is called for each such sample, and all are tried. */
typedef void (*mh_sample_fn)(void *ud, const struct mh_sample *sample, const char *winner);
int mh_samples_check(const struct mh_mem *mem, struct mh_rulebook *book, const struct mh_sample *samples,
    mh_sample_fn told, void *ud, struct mh_rules_error *error);

#endif
