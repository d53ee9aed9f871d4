/* spf_walk.c - what all parts of a walk need: who is to blame, and what has been counted
 *
 * Limits are those of RFC 7208 4.6.4, as the receiver's rules have them.
 */
#include "spf_walk.h"

#include "error.h"
#include "find.h"

/* mh_spf_alloc - see spf_walk.h */
void *
mh_spf_alloc(struct mh_pass *pass, size_t size)
{
	void *p = mh_arena_alloc(pass->arena, size);
	if (p == NULL)
		pass->error = MH_ERR_ENOMEM;
	return p;
}

/* mh_spf_find_records - see spf_walk.h */
bool
mh_spf_find_records(struct mh_pass *pass, const struct mh_fact *fact, struct mh_spf_found *found)
{
	found->count = 0;
	found->text = MH_STR("");
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, pass->arena);
		if (text.p == NULL && text.len == 0) {
			pass->error = MH_ERR_ENOMEM;
			return false;
		}
		if (text.p == NULL || !mh_spf_is_record(text))
			continue;
		if (found->count++ == 0)
			found->text = text;
	}
	return true;
}

/* mh_spf_is_above - see spf_walk.h */
bool
mh_spf_is_above(const struct mh_spf_frame *frame, struct mh_str domain)
{
	for (; frame != NULL; frame = frame->above) {
		if (mh_str_eq(frame->domain.canonical, domain))
			return true;
	}
	return false;
}

/* ------------------------------------------------------------------- errors */

/* mh_spf_blame - the first fault of a walk that misses nothing is the verdict's */
void
mh_spf_blame(struct mh_spf_walk *walk, const struct mh_spf_blame *fault)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	if (walk->is_open || verdict->finding != 0)
		return;
	verdict->finding = fault->finding;
	verdict->subject = fault->subject;
	verdict->evidence = fault->evidence;
	verdict->begin = fault->begin;
	verdict->end = fault->end;
	verdict->fact = fault->fact;
}

/* mh_spf_blame_term - the same for a term of a record; MAY_PERMERROR always */
unsigned
mh_spf_blame_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    int finding)
{
	mh_spf_blame(walk,
	    &(struct mh_spf_blame){ finding, frame->domain.canonical, term->text, term->begin, term->end,
		NULL });
	return MAY_PERMERROR;
}

/* mh_spf_blame_fact - the same for an answer that is unknown; MAY_TEMPERROR always */
unsigned
mh_spf_blame_fact(struct mh_spf_walk *walk, struct mh_str name, const struct mh_spf_term *term,
    const struct mh_fact *fact, struct mh_spf_step *step)
{
	mh_spf_blame(walk,
	    &(struct mh_spf_blame){ MH_F_DNS_UNKNOWN, name, term != NULL ? term->text : MH_STR(""), -1, -1,
		fact });
	MH_SPF_SAY(walk->env.pass, step, MH_STR("nothing is known of "), name, MH_STR(": "),
	    mh_str_z(mh_why_text(fact->why)));
	return MAY_TEMPERROR;
}

/* ------------------------------------------------------------------- counting */

/* mh_spf_count_term - false if this is one too many (RFC 7208 4.6.4) */
bool
mh_spf_count_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	if (walk->lookups <= walk->rules->term_limit)
		walk->lookups++;
	if (walk->lookups <= walk->rules->term_limit)
		return true;
	(void)mh_spf_blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_LOOKUPS);
	MH_SPF_SAY(walk->env.pass, step, MH_STR("one more term that asks DNS than may be looked at"));
	return false;
}

/* mh_spf_count_voids - counts empty answers; MAY_MISS, or MAY_PERMERROR if they are too many (RFC 7208 4.6.4) */
unsigned
mh_spf_count_voids(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, unsigned voids)
{
	if (voids == 0)
		return MAY_MISS;
	walk->voids += (int)voids;
	if (step != NULL)
		step->is_void = true;
	if (walk->rules->void_limit < 0 || walk->voids <= walk->rules->void_limit)
		return MAY_MISS;
	MH_SPF_SAY(walk->env.pass, step,
	    MH_STR("nothing was found, as for other terms before it, and that may not happen so often"));
	return mh_spf_blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_VOIDS);
}

/* ---------------------------------------------------------------------- names */

/* mh_spf_expand_target - the name that a term is about; an enum mh_spf_expansion */
int
mh_spf_expand_target(struct mh_spf_walk *walk, const struct mh_spf_frame *frame,
    const struct mh_spf_term *term, struct mh_spf_step *step, struct mh_spf_name *target)
{
	walk->env.may_ask = !walk->is_open;
	int result = mh_spf_target(&walk->env, &frame->domain, term->domain, target);
	if (result == MH_SPF_NOT_YET || result == MH_SPF_NO_MEMORY)
		walk->is_open = true;
	if (step == NULL)
		return result;
	if (result == MH_SPF_EXPANDED)
		step->target = target->canonical;
	else if (result == MH_SPF_NO_NAME)
		step->why = "what it asks for is no valid domain name";
	else if (result == MH_SPF_NEVER)
		step->why = "the sender's local part is not ASCII and cannot be part of a domain name";
	return result;
}

/* mh_spf_say_absent - that a name has nothing of a type */
void
mh_spf_say_absent(struct mh_spf_walk *walk, struct mh_spf_step *step, struct mh_str name,
    const struct mh_fact *fact)
{
	char room[MH_RR_TYPE_ROOM];
	if (step == NULL)
		return;
	if (fact->state == MH_FACT_NXDOMAIN)
		MH_SPF_SAY(walk->env.pass, step, name, MH_STR(" does not exist"));
	else
		MH_SPF_SAY(walk->env.pass, step, name, MH_STR(" has no "),
		    mh_str_z(mh_rr_type_name(fact->type, room)), MH_STR(" records"));
}
