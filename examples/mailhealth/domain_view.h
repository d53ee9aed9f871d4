/* domain_view.h - the JSON of the checks "domain" and "host", put in order for people
 *
 * What is said first, which findings go together, what could not be asked, what is
 * fine, what receivers would do: text on a screen and the HTML page say the same.
 */
#ifndef DOMAIN_VIEW_H
#define DOMAIN_VIEW_H

#include "cli.h"
#include "json_read.h"

#define VIEW_GROUPS 32
#define VIEW_LINES 32
#define VIEW_RECEIVERS 32

/* Findings of one part, "dmarc". */
struct view_group {
	const char *check; /* as the findings have it */
	const char *name; /* "DMARC" */
	size_t fails, warns, infos;
};

/* Something beside its label. */
struct view_line {
	const char *label;
	struct text text;
};

struct view_receiver {
	const char *id, *name,
	    *long_name; /* "gmail-bulk", "Gmail, bulk", "Gmail, from 5,000 messages a day" */
	const char *health, *as_of;
	const struct json *rules;
	bool is_named; /* the verdict names it */
};

struct view {
	const struct json *object, *findings;
	const char *kind, *subject, *health;
	bool verbose;
	struct text verdict, counts; /* what is said first, in two sentences */
	struct text hint; /* why receivers cannot be told; "" */
	struct view_group groups[VIEW_GROUPS]; /* the worst first; those with a fail or a warn come first */
	size_t groups_count, groups_wrong; /* groups_wrong: of them those with a fail or a warn */
	size_t fails, warns, infos;
	struct view_line facts[VIEW_LINES], unknown[VIEW_LINES], fine[VIEW_LINES];
	size_t facts_count, unknown_count, fine_count;
	struct text unused; /* parts of which nothing is there, and that is fine; "" */
	struct text skipped; /* parts that were not looked at; "" */
	struct view_receiver receivers[VIEW_RECEIVERS];
	size_t receivers_count, named_count;
};

/* view_new - of a check's JSON, which has to outlive it; NULL without memory */
struct view *view_new(const struct json *object, bool verbose);
void view_free(struct view *view);
/* view_next - the finding of a group behind finding (NULL: the first), without those that are unknown; severity 0: of
 * any */
const struct json *view_next(const struct view *view, const struct view_group *group,
    const struct json *finding, int severity);
/* view_check_name - "DMARC" for "dmarc" */
const char *view_check_name(const char *check);
/* view_rule_text - a rule of a receiver in a few words */
const char *view_rule_text(const struct json *rule);

#endif
