/* spf_walk.h - what the evaluator, the tree and the survey share
 *
 * Does not: belong to the contract of SPF (spf_eval.h).
 */
#ifndef MH_SPF_WALK_H
#define MH_SPF_WALK_H

#include "spf_macro.h"

/* A record under evaluation, and how the walk came to it. */
struct mh_spf_frame {
	const struct mh_spf_frame *above;
	struct mh_spf_name domain;
	struct mh_spf_record *record;
	struct mh_spf_node *node; /* NULL: no tree is wanted */
	unsigned depth;
	bool is_own; /* the domain's own record, or the one that redirect= put in its place */
};

struct mh_spf_walk {
	struct mh_spf_env env;
	const struct mh_spf_question *question;
	const struct mh_spf_rules *rules;
	struct mh_spf_verdict *verdict;
	int lookups, voids; /* counted so far */
	bool has_client; /* there is an address */
	bool has_void_ptr; /* the client has no name, and that is counted */
	bool is_open; /* a fact was missing: from here on only to name what could be needed */
	/* Where the explanation is named; record NULL: nowhere. */
	struct mh_spf_record *explained;
	struct mh_spf_name explained_domain;
	/* Of the survey. */
	int surveyed, survey_questions; /* counted terms looked at, and what was asked for them */
	char ip_text[MH_IP_TEXT_MAX];
};

/* What may come of a term. */
enum { MAY_MISS = 1, MAY_MATCH = 2, MAY_TEMPERROR = 4, MAY_PERMERROR = 8, MAY_ALL = 15 };

/* mh_spf_begin - a walk that has gone nowhere yet
 * mh_spf_first_domain - what the check is about; false: it is no domain name (RFC 7208 4.3)
 * mh_spf_explain - fetches the text that a fail has with it (RFC 7208 6.2); whatever goes wrong, there is none */
void mh_spf_begin(struct mh_spf_walk *walk, struct mh_pass *pass, const struct mh_spf_question *question,
    struct mh_spf_verdict *verdict);
bool mh_spf_first_domain(struct mh_spf_walk *walk, struct mh_spf_name *domain);
void mh_spf_explain(struct mh_spf_walk *walk);

/* mh_spf_look - what may come of a mechanism that is no include */
unsigned mh_spf_look(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, struct mh_spf_step *step);

/* What is at fault. */
struct mh_spf_blame {
	int finding;
	struct mh_str subject, evidence;
	int64_t begin, end;
	const struct mh_fact *fact;
};
/* mh_spf_blame - the first fault of a walk that misses nothing is the verdict's
 * mh_spf_blame_term - the same for a term of a record; MAY_PERMERROR always
 * mh_spf_blame_fact - the same for an answer that is unknown; MAY_TEMPERROR always */
void mh_spf_blame(struct mh_spf_walk *walk, const struct mh_spf_blame *fault);
unsigned mh_spf_blame_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, int finding);
unsigned mh_spf_blame_fact(struct mh_spf_walk *walk, struct mh_str name, const struct mh_spf_term *term,
    const struct mh_fact *fact, struct mh_spf_step *step);

/* mh_spf_count_term - false if this is one too many
 * mh_spf_count_voids - counts empty answers; MAY_MISS, or MAY_PERMERROR if they are too many */
bool mh_spf_count_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, struct mh_spf_step *step);
unsigned mh_spf_count_voids(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, struct mh_spf_step *step, unsigned voids);

/* mh_spf_expand_target - the name that a term is about; an enum mh_spf_expansion */
int mh_spf_expand_target(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, struct mh_spf_step *step, struct mh_spf_name *target);

/* The records of a TXT answer that are for SPF. */
struct mh_spf_found {
	unsigned count;
	struct mh_str text; /* the first */
};
/* mh_spf_find_records - RFC 7208 4.5; false without memory */
bool mh_spf_find_records(struct mh_pass *pass, const struct mh_fact *fact, struct mh_spf_found *found);
/* mh_spf_is_above - whether domain is that of frame or of one above it */
bool mh_spf_is_above(const struct mh_spf_frame *frame, struct mh_str domain);
/* mh_spf_alloc - from the pass's arena; NULL: pass->error is set */
void *mh_spf_alloc(struct mh_pass *pass, size_t size);

#define MH_SPF_DEPTH_MAX 64 /* of records within records; the ten terms end it sooner */

/* mh_spf_node_make - a node without a record yet; NULL: pass->error is set
 * mh_spf_node_fill - gives it steps for its record, none of them looked at */
struct mh_spf_node *mh_spf_node_make(struct mh_pass *pass, struct mh_str domain);
bool mh_spf_node_fill(struct mh_pass *pass, struct mh_spf_node *node, struct mh_spf_record *record);
/* mh_spf_node_stop - what stands behind step i was not looked at, and why */
void mh_spf_node_stop(struct mh_spf_node *node, uint32_t i, const char *why);
/* mh_spf_say_absent - that a name has nothing of a type
 * mh_spf_say - the step's sentence, put together; step NULL is fine */
void mh_spf_say_absent(struct mh_spf_walk *walk, struct mh_spf_step *step, struct mh_str name,
    const struct mh_fact *fact);
void mh_spf_say(struct mh_pass *pass, struct mh_spf_step *step, const struct mh_str *parts, size_t count);
#define MH_SPF_SAY(pass, step, ...) \
	((step) != NULL ? mh_spf_say((pass), (step), (const struct mh_str[]){ __VA_ARGS__ }, \
			      sizeof((const struct mh_str[]){ __VA_ARGS__ }) / sizeof(struct mh_str)) \
			: (void)0)
/* mh_spf_survey - looks at what the walk did not, and works out all costs; *root NULL: there was no walk */
void mh_spf_survey(struct mh_spf_walk *walk, struct mh_spf_node **root, const struct mh_spf_name *domain);

#endif
