/* bimi_dmarc.c - whether a DMARC policy is strict enough for a logo (the BIMI draft, 7.1)
 *
 * The policy of the domain and that of its organisation have to quarantine or
 * reject, and no subdomain may be left out.  Receivers that know pct= want all of
 * the mail to be quarantined; t=y is what RFC 9989 has in its place.
 */
#include "bimi.h"

#include "error.h"

/* why_weak - of one record, as a clause; NULL: it is strict enough.  policy: what applies to the domain */
static const char *
why_weak(const struct mh_dmarc *dmarc, uint8_t policy)
{
	if (mh_dmarc_effective(dmarc, policy) < MH_DMARC_QUARANTINE)
		return policy >= MH_DMARC_QUARANTINE ? "t=y asks receivers for nothing"
						     : "the policy asks receivers for nothing";
	if (policy == MH_DMARC_QUARANTINE && dmarc->pct < 100)
		return "pct= leaves a part of the mail out";
	return dmarc->sp < MH_DMARC_QUARANTINE ? "sp=none leaves subdomains out" : NULL;
}

/* stricter - the record that would be strict enough; p NULL: no memory */
static struct mh_str
stricter(struct mh_tell *tell, const struct mh_dmarc *dmarc, struct mh_str domain)
{
	struct mh_dmarc_meant meant;
	struct mh_str *p = &meant.value[MH_DMARC_TAG_P];

	if (!mh_dmarc_mean(tell->arena, dmarc->text, domain, &meant))
		return (struct mh_str){ NULL, 0 };
	if (mh_dmarc_policy(*p) < MH_DMARC_QUARANTINE)
		*p = MH_STR("quarantine");
	if (mh_dmarc_policy(meant.value[MH_DMARC_TAG_SP]) < MH_DMARC_QUARANTINE)
		meant.value[MH_DMARC_TAG_SP].len = 0;
	meant.value[MH_DMARC_TAG_PCT].len = 0;
	if (mh_str_ieq(meant.value[MH_DMARC_TAG_T], MH_STR("y")))
		meant.value[MH_DMARC_TAG_T].len = 0;
	return mh_dmarc_write(tell->arena, &meant);
}

/* step_at - the walk's step of that domain, NULL: it has none */
static const struct mh_dmarc_step *
step_at(const struct mh_dmarc_walk *walk, struct mh_str domain)
{
	for (unsigned i = 0; i < walk->count; i++)
		if (mh_str_eq(walk->steps[i].domain, domain))
			return &walk->steps[i];
	return NULL;
}

/* fix - the stricter record in place of the one that is there */
static void
fix(struct mh_tell *tell, const struct mh_dmarc_step *step)
{
	const struct mh_fact *fact = step != NULL ? step->fact : NULL;

	for (size_t i = 0; fact != NULL && tell->report != NULL && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, tell->arena);
		tell->bad |= text.p == NULL && text.len == 0;
		if (text.p == NULL || !mh_str_eq(text, step->dmarc->text))
			continue;
		struct mh_str better = stricter(tell, step->dmarc, step->domain);
		tell->bad |= better.p == NULL;
		if (better.len > 0)
			mh_tell_fix_txt(tell, step->name, fact, (int)i, better);
		return;
	}
}

/* tell_weak - of the record of one name */
static void
tell_weak(struct mh_tell *tell, const struct mh_dmarc_walk *walk, struct mh_str at,
    const struct mh_dmarc *dmarc, const char *why)
{
	const struct mh_dmarc_step *step = step_at(walk, at);

	mh_say(tell, "At _dmarc.");
	mh_say_str(tell, at);
	mh_say(tell, ", ");
	mh_say(tell, why);
	mh_say(tell, ".");
	if (step != NULL && step->dmarc != NULL)
		fix(tell, step);
	mh_tell(tell, MH_F_BIMI_DMARC_TOO_WEAK, dmarc->text);
}

void
mh_bimi_lint_dmarc(struct mh_tell *tell, const struct mh_dmarc_walk *walk, const struct mh_dmarc_found *found)
{
	const struct mh_dmarc_step *org = walk->org;
	const char *why;

	if (walk->is_missing || found->state == MH_DMARC_FIND_MISSING ||
	    found->state == MH_DMARC_FIND_UNKNOWN)
		return;
	if (found->state == MH_DMARC_FIND_NONE) {
		mh_say(tell, "There is no DMARC record that receivers use.");
		mh_tell(tell, MH_F_BIMI_DMARC_TOO_WEAK, MH_STR(""));
		return;
	}
	why = why_weak(found->dmarc, found->policy);
	if (why != NULL) {
		tell_weak(tell, walk, found->at, found->dmarc, why);
		return;
	}
	/* What could not be asked above the record decides which organisation it is, and nothing else. */
	why = walk->unknown == NULL && org != NULL && org->dmarc != NULL && !mh_str_eq(org->domain, found->at)
	    ? why_weak(org->dmarc, org->dmarc->p)
	    : NULL;
	if (why != NULL)
		tell_weak(tell, walk, org->domain, org->dmarc, why);
}
