/* dmarc_find.c - the DMARC record that counts for a domain, and the policy in it that applies */
#include "dmarc_walk.h"

#include "error.h"
#include "psl.h"
#include "tell.h"

int
mh_dmarc_existence(struct mh_pass *pass, struct mh_str domain, const struct mh_fact **fact)
{
	/* Asked for CNAME, a name answers for itself: an alias that leads nowhere exists.  Who cannot ask that asks for
	 * addresses, and has to know that there was an alias. */
	const struct mh_fact *own = mh_want(pass, domain, MH_RR_CNAME);

	if (own != NULL && own->state == MH_FACT_UNKNOWN)
		own = mh_want(pass, domain, MH_RR_A);
	if (fact != NULL)
		*fact = own;
	if (own == NULL)
		return MH_DMARC_EXISTS_MISSING;
	if (own->state == MH_FACT_UNKNOWN)
		return MH_DMARC_EXISTS_UNKNOWN;
	return own->state == MH_FACT_NXDOMAIN && !own->is_alias ? MH_DMARC_EXISTS_NOT : MH_DMARC_EXISTS;
}

/* is_there - a step whose record counts.  One that says nothing that can be followed counts for its own domain, and
 * ends DMARC there (RFC 9989 4.10.1); for others it is none. */
static bool
is_there(const struct mh_dmarc_step *step, bool is_own)
{
	return step != NULL && step->dmarc != NULL && (step->dmarc->is_valid || is_own);
}

/* apply - which policy of the record applies to the walk's domain */
static void
apply(struct mh_pass *pass, struct mh_str domain, struct mh_dmarc_found *found)
{
	const struct mh_dmarc *dmarc = found->dmarc;

	found->policy = found->is_inherited ? dmarc->sp : dmarc->p;
	if (found->is_inherited && dmarc->np != dmarc->sp) {
		const struct mh_fact *fact;
		int existence = mh_dmarc_existence(pass, domain, &fact);
		if (existence == MH_DMARC_EXISTS_MISSING)
			found->state = MH_DMARC_FIND_MISSING;
		if (existence == MH_DMARC_EXISTS_UNKNOWN) {
			found->state = MH_DMARC_FIND_UNKNOWN;
			found->unknown = fact;
		}
		found->is_nonexistent = existence == MH_DMARC_EXISTS_NOT;
		if (found->is_nonexistent)
			found->policy = dmarc->np;
	}
	found->effective = mh_dmarc_effective(dmarc, found->policy);
}

void
mh_dmarc_find(struct mh_pass *pass, const struct mh_dmarc_walk *walk, struct mh_dmarc_found *found)
{
	const struct mh_dmarc_step *own = walk->count > 0 ? &walk->steps[0] : NULL;

	*found = (struct mh_dmarc_found){ .org_domain = MH_STR(""), .at = MH_STR("") };
	if (own == NULL || walk->is_missing)
		return;
	found->unknown = walk->unknown;
	if (walk->unknown == NULL)
		found->org_domain = walk->org_domain;
	const struct mh_dmarc_step *step = is_there(own, true) ? own
	    : is_there(walk->org, false)                       ? walk->org
							       : walk->psd;
	if (step != own && walk->unknown != NULL) {
		found->state = MH_DMARC_FIND_UNKNOWN;
		return;
	}
	if (step == NULL) {
		found->state = MH_DMARC_FIND_NONE;
		return;
	}
	found->state = MH_DMARC_FIND_FOUND;
	found->at = step->domain;
	found->dmarc = step->dmarc;
	found->is_inherited = step != own;
	found->is_psd = step->dmarc->psd == 'y';
	apply(pass, walk->domain, found);
}

/* ------------------------------------------------------------- RFC 7489 6.6.3 */

/* one_name - as another walk has it, or read here */
static void
one_name(struct mh_pass *pass, struct mh_str domain, const struct mh_dmarc_walk *walk,
    struct mh_dmarc_step *step)
{
	for (unsigned i = 0; walk != NULL && i < walk->end; i++)
		if (mh_str_eq(walk->steps[i].domain, domain)) {
			*step = walk->steps[i];
			return;
		}
	mh_dmarc_step(pass, domain, step);
}

/* apply_7489 - step 6 */
static void
apply_7489(struct mh_dmarc_found *found)
{
	const struct mh_dmarc *dmarc = found->dmarc;

	found->policy = found->is_inherited ? dmarc->sp_7489 : dmarc->p_7489;
	found->effective = found->policy;
	if (dmarc->pct == 0 && found->policy > MH_DMARC_NONE)
		found->effective--;
	/* It has policies that can be read, and is no record all the same: p= is not where it has to be. */
	found->is_malformed = !dmarc->is_valid_7489 && dmarc->written_p != MH_DMARC_NO_POLICY &&
	    (dmarc->written_sp != MH_DMARC_NO_POLICY || mh_dmarc_tag(dmarc, "sp") == NULL);
}

void
mh_dmarc_find_7489(struct mh_pass *pass, struct mh_str domain, const struct mh_dmarc_walk *walk,
    struct mh_dmarc_found *found)
{
	struct mh_str org_domain = mh_psl_registrable(domain);
	struct mh_dmarc_step steps[2];
	unsigned count = org_domain.len > 0 && !mh_str_eq(org_domain, domain) ? 2 : 1;

	*found = (struct mh_dmarc_found){ .org_domain = org_domain, .at = MH_STR("") };
	one_name(pass, domain, walk, &steps[0]);
	if (count == 2)
		one_name(pass, org_domain, walk, &steps[1]);
	found->state = MH_DMARC_FIND_NONE;
	for (unsigned i = 0; i < count; i++) {
		const struct mh_dmarc_step *step = &steps[i];
		if (step->fact == NULL && step->name.len > 0) {
			found->state = MH_DMARC_FIND_MISSING;
			return;
		}
		if (step->fact != NULL && step->fact->state == MH_FACT_UNKNOWN) {
			found->state = MH_DMARC_FIND_UNKNOWN;
			found->unknown = step->fact;
			return;
		}
		/* Several end it; only where there is none the organisation's is asked (steps 3 and 5). */
		if (step->records > 0) {
			found->state = step->dmarc != NULL ? MH_DMARC_FIND_FOUND : MH_DMARC_FIND_NONE;
			found->at = step->domain;
			found->dmarc = step->dmarc;
			found->is_inherited = i == 1;
			found->is_malformed = step->dmarc == NULL && step->records == 1;
			if (step->dmarc != NULL)
				apply_7489(found);
			return;
		}
	}
}
