/* spf_eval.c - decide whether an address may send for a domain
 *
 * check_host() of RFC 7208 4 over facts.  What comes of a record is a set of
 * results that are still possible: exactly one as long as no fact is missing.
 * Where one is, the term may match or not; the walk takes it for no match, is
 * open from there on, and goes on as long as "not" is among what may come of
 * the terms it meets.  So it names what could be needed, and ends where every
 * walk would end: at a matching network, at "all", at an error, at a limit.
 *
 * In an open walk nothing is asked that is for one message only: exists:, ptr
 * and names with %{p}.
 *
 * Does not: fetch anything, look at what the walk does not reach (spf_survey.c).
 */
#include "spf_eval.h"

#include "error.h"
#include "find.h"
#include "port.h"
#include "spf_walk.h"

#define BIT(result) (1u << (result))
#define ANY_RESULT (BIT(MH_SPF_PERMERROR + 1) - 1)

static unsigned check_host(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_node **node);

/* look_below - check_host of the record that an include or redirect= names; no results: *may says why */
static unsigned
look_below(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, unsigned *may)
{
	bool is_redirect = term->kind == MH_SPF_REDIRECT;
	int missing = is_redirect ? MH_F_SPF_REDIRECT_MISSING : MH_F_SPF_INCLUDE_MISSING;
	struct mh_spf_frame below = { .above = frame,
		.depth = frame->depth + 1,
		.is_own = frame->is_own && is_redirect };
	int expansion = mh_spf_expand_target(walk, frame, term, step, &below.domain);
	*may = 0;
	if (expansion == MH_SPF_NO_NAME)
		*may = mh_spf_blame_term(walk, frame, term, missing);
	else if (expansion == MH_SPF_NEVER)
		*may = MAY_MISS;
	else if (expansion != MH_SPF_EXPANDED)
		*may = MAY_ALL;
	if (*may != 0)
		return 0;
	if (mh_spf_is_above(frame, below.domain.canonical)) {
		/* The same walk with the same facts, again and again until a limit: RFC 7208 4.6.4. */
		*may = mh_spf_blame_term(walk, frame, term, MH_F_SPF_INCLUDE_LOOP);
		MH_SPF_SAY(walk->env.pass, step, MH_STR("leads back to "), below.domain.canonical);
		if (step != NULL) {
			step->child = mh_spf_node_make(walk->env.pass, below.domain.canonical);
			if (step->child != NULL)
				step->child->is_loop = true;
		}
		return 0;
	}
	if (below.depth > MH_SPF_DEPTH_MAX) {
		*may = mh_spf_blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_LOOKUPS);
		return 0;
	}
	unsigned results = check_host(walk, &below, step != NULL ? &step->child : NULL);
	if (results == BIT(MH_SPF_NONE)) {
		(void)mh_spf_blame_term(walk, frame, term, missing);
		MH_SPF_SAY(walk->env.pass, step, below.domain.canonical, MH_STR(" has no SPF record"));
	} else if (!walk->is_open) {
		MH_SPF_SAY(walk->env.pass, step, MH_STR("the result of "), below.domain.canonical,
		    MH_STR(" is "), mh_str_z(mh_spf_result_name((int)mh_lowest(results))));
	}
	return results;
}

/* look_at_include - RFC 7208 5.2 */
static unsigned
look_at_include(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	unsigned may, results = look_below(walk, frame, term, step, &may);
	if (results & BIT(MH_SPF_PASS))
		may |= MAY_MATCH;
	if (results & (BIT(MH_SPF_FAIL) | BIT(MH_SPF_SOFTFAIL) | BIT(MH_SPF_NEUTRAL)))
		may |= MAY_MISS;
	if (results & BIT(MH_SPF_TEMPERROR))
		may |= MAY_TEMPERROR;
	if (results & (BIT(MH_SPF_PERMERROR) | BIT(MH_SPF_NONE)))
		may |= MAY_PERMERROR;
	return may;
}

/* follow_redirect - RFC 7208 6.1: the results in place of neutral */
static unsigned
follow_redirect(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	unsigned may;
	if (step != NULL) {
		step->state = MH_SPF_STEP_REACHED;
		step->why = "";
	}
	if (!mh_spf_count_term(walk, frame, term, step))
		return BIT(MH_SPF_PERMERROR);
	unsigned results = look_below(walk, frame, term, step, &may);
	if (may == MAY_MISS) /* by RFC 8616 4: as if it were not there */
		return BIT(MH_SPF_NEUTRAL);
	if (may == MAY_PERMERROR)
		return BIT(MH_SPF_PERMERROR);
	if (results == 0)
		return ANY_RESULT;
	if (results & BIT(MH_SPF_NONE)) /* RFC 7208 6.1 */
		results = (results & ~BIT(MH_SPF_NONE)) | BIT(MH_SPF_PERMERROR);
	return results;
}

/* ------------------------------------------------------------------- check_host */

/* result_of - what a match means (RFC 7208 4.6.2) */
static int
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return MH_SPF_FAIL;
	case '~':
		return MH_SPF_SOFTFAIL;
	case '?':
		return MH_SPF_NEUTRAL;
	default:
		return MH_SPF_PASS;
	}
}

/* note_match - a term decided what its record says */
static void
note_match(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	if (term->kind != MH_SPF_INCLUDE && term->kind != MH_SPF_REDIRECT) {
		verdict->matched_domain = frame->domain.canonical;
		verdict->matched_term = term->text;
	}
	if (frame->above == NULL)
		verdict->matched = term->text;
	if (frame->is_own && term->kind != MH_SPF_REDIRECT) {
		walk->explained = result_of(term->qualifier) == MH_SPF_FAIL ? frame->record : NULL;
		walk->explained_domain = frame->domain;
	}
}

/* forget_match - nothing matched, whatever records below may have said */
static void
forget_match(struct mh_spf_walk *walk)
{
	walk->verdict->matched = walk->verdict->matched_domain = walk->verdict->matched_term = MH_STR("");
}

/* end_walk - what stands behind term i of a record is not looked at */
static void
end_walk(struct mh_spf_frame *frame, uint32_t i, unsigned may)
{
	if (frame->node == NULL)
		return;
	struct mh_spf_step *step = &frame->node->steps[i];
	step->is_matched = may == MAY_MATCH;
	step->failed = may == MAY_TEMPERROR ? MH_SPF_TEMPERROR : may == MAY_PERMERROR ? MH_SPF_PERMERROR : 0;
	mh_spf_node_stop(frame->node, i,
	    may == MAY_MATCH ? "not looked at: a term before it matched"
			     : "not looked at: the check had ended before it");
}

/* default_result - no mechanism matched: redirect=, or neutral (RFC 7208 4.7) */
static unsigned
default_result(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	const struct mh_spf_term *redirect = frame->record->redirect;
	if (redirect == NULL || frame->record->all != NULL || walk->env.pass->error != 0) {
		if (!walk->is_open)
			forget_match(walk);
		return BIT(MH_SPF_NEUTRAL);
	}
	struct mh_spf_step *step =
	    frame->node != NULL ? &frame->node->steps[redirect - frame->record->terms] : NULL;
	unsigned results = follow_redirect(walk, frame, redirect, step);
	if (walk->is_open)
		return results;
	if (walk->verdict->matched_term.len > 0)
		note_match(walk, frame, redirect);
	if (step != NULL) {
		int result = (int)mh_lowest(results);
		step->is_matched = result != MH_SPF_TEMPERROR && result != MH_SPF_PERMERROR;
		step->failed = (uint8_t)(step->is_matched ? 0 : result);
	}
	return results;
}

/* is_mechanism - whether the walk stops at a term of this kind */
static inline bool
is_mechanism(int kind)
{
	return kind <= MH_SPF_EXISTS || kind == MH_SPF_BAD;
}

/* walk_terms - the mechanisms of a record in order (RFC 7208 4.6) */
static unsigned
walk_terms(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	const struct mh_spf_record *record = frame->record;
	unsigned results = 0;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		struct mh_spf_step *step = frame->node != NULL ? &frame->node->steps[i] : NULL;
		if (!is_mechanism(term->kind))
			continue;
		if (step != NULL) {
			step->state = MH_SPF_STEP_REACHED;
			step->why = "";
		}
		unsigned may = MAY_PERMERROR;
		if (!mh_spf_kind_costs(term->kind) || mh_spf_count_term(walk, frame, term, step))
			may = term->kind == MH_SPF_INCLUDE ? look_at_include(walk, frame, term, step)
							   : mh_spf_look(walk, frame, term, step);
		if (walk->env.pass->error != 0)
			return ANY_RESULT;
		if (may & MAY_MATCH)
			results |= BIT(result_of(term->qualifier));
		if (may & MAY_TEMPERROR)
			results |= BIT(MH_SPF_TEMPERROR);
		if (may & MAY_PERMERROR)
			results |= BIT(MH_SPF_PERMERROR);
		if (may & MAY_MISS)
			continue;
		if (!walk->is_open && may == MAY_MATCH)
			note_match(walk, frame, term);
		end_walk(frame, i, may);
		return results;
	}
	return results | default_result(walk, frame);
}

/* check_syntax - errors anywhere end it before it begins (RFC 7208 4.6) */
static bool
check_syntax(struct mh_spf_walk *walk, const struct mh_spf_frame *frame)
{
	const struct mh_spf_record *record = frame->record;
	if (record->error_count == 0 || walk->rules->is_lax)
		return true;
	const struct mh_spf_error *error = &record->errors[0];
	struct mh_str evidence = error->term < record->count
	    ? record->terms[error->term].text
	    : mh_str_n(record->text.p + error->begin, error->end - error->begin);
	mh_spf_blame(walk,
	    &(struct mh_spf_blame){ MH_F_SPF_SYNTAX, frame->domain.canonical, evidence, error->begin,
		error->end, NULL });
	if (frame->node != NULL && record->count > 0) {
		if (error->term < record->count)
			frame->node->steps[error->term].failed = MH_SPF_PERMERROR;
		mh_spf_node_stop(frame->node, UINT32_MAX, "not looked at: the record has an error of syntax");
	}
	return false;
}

/* select_record - the one SPF record of an answer into frame (RFC 7208 4.5); 0, or the results without */
static unsigned
select_record(struct mh_spf_walk *walk, struct mh_spf_frame *frame, const struct mh_fact *fact)
{
	struct mh_spf_found found = { 0 };
	if (mh_fact_is_present(fact) && !mh_spf_find_records(walk->env.pass, fact, &found))
		return ANY_RESULT;
	if (frame->node != NULL) {
		frame->node->records = (uint16_t)found.count;
		frame->node->text = found.text;
	}
	if (found.count == 0)
		return BIT(MH_SPF_NONE);
	if (found.count > 1) {
		mh_spf_blame(walk,
		    &(struct mh_spf_blame){ MH_F_SPF_MULTIPLE_RECORDS, frame->domain.canonical, found.text,
			-1, -1, NULL });
		return BIT(MH_SPF_PERMERROR);
	}
	frame->record = mh_spf_parse(walk->env.pass->arena, found.text);
	if (frame->record == NULL) {
		walk->env.pass->error = MH_ERR_ENOMEM;
		return ANY_RESULT;
	}
	if (frame->node != NULL && !mh_spf_node_fill(walk->env.pass, frame->node, frame->record))
		return ANY_RESULT;
	return 0;
}

/* check_host - the results that frame's domain can have */
static unsigned
check_host(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_node **node)
{
	struct mh_str name = frame->domain.canonical;
	if (node != NULL) {
		*node = frame->node = mh_spf_node_make(walk->env.pass, name);
		if (frame->node == NULL)
			return ANY_RESULT;
	}
	if (memchr(name.p, '.', name.len) == NULL) /* RFC 7208 4.3: no multi-label name */
		return BIT(MH_SPF_NONE);
	const struct mh_fact *fact = mh_want(walk->env.pass, name, MH_RR_TXT);
	if (frame->node != NULL)
		frame->node->fact = fact;
	if (fact == NULL) {
		walk->is_open = true;
		return ANY_RESULT;
	}
	if (fact->state == MH_FACT_UNKNOWN) {
		(void)mh_spf_blame_fact(walk, name, NULL, fact, NULL);
		return BIT(MH_SPF_TEMPERROR);
	}
	unsigned results = select_record(walk, frame, fact);
	if (results != 0)
		return results;
	return check_syntax(walk, frame) ? walk_terms(walk, frame) : BIT(MH_SPF_PERMERROR);
}

/* conclude - the verdict, if no fact was missing */
static void
conclude(struct mh_spf_walk *walk, unsigned results)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	int result = (int)mh_lowest(results);
	if (result == MH_SPF_TEMPERROR || result == MH_SPF_PERMERROR || result == MH_SPF_NONE)
		forget_match(walk);
	if (result == MH_SPF_FAIL)
		mh_spf_explain(walk);
	verdict->lookups = walk->lookups;
	verdict->voids = walk->voids;
	verdict->result = result;
}

void
mh_spf_eval(struct mh_pass *pass, const struct mh_spf_question *question, struct mh_spf_verdict *verdict,
    struct mh_spf_node **tree, bool survey)
{
	struct mh_spf_walk walk;
	struct mh_spf_frame frame = { .is_own = true };
	struct mh_spf_node *root = NULL;
	unsigned missing = pass->missing;
	mh_spf_begin(&walk, pass, question, verdict);
	if (tree != NULL) {
		*tree = NULL;
		(void)mh_ip_print(&walk.env.ip, walk.ip_text);
	}
	if (!mh_spf_first_domain(&walk, &frame.domain)) {
		verdict->result = pass->error == 0 ? MH_SPF_NONE : MH_SPF_NO_RESULT;
		return;
	}
	if (walk.has_client) {
		unsigned results = check_host(&walk, &frame, tree != NULL ? &root : NULL);
		if (!walk.is_open && pass->error == 0)
			conclude(&walk, results);
	}
	if (tree != NULL && survey)
		mh_spf_survey(&walk, &root, &frame.domain);
	if (tree != NULL)
		*tree = root;
	if (pass->missing > missing || pass->error != 0)
		verdict->result = MH_SPF_NO_RESULT;
}
