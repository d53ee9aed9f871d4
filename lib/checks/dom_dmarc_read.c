/* dom_dmarc_read.c - a domain's DMARC by both RFCs, and that of names below it, as JSON too */
#include "dom_dmarc.h"

#include "domain.h"
#include "error.h"
#include "psl.h"

/* find_below - RFC 9989 4.10.1 for a name below the walk's start: the organisation's record or its public suffix's, not
 * just the next one above */
static void
find_below(struct mh_dom_dmarc *dmarc)
{
	const struct mh_dmarc_walk *walk = &dmarc->walk;
	struct mh_str last = MH_STR("");

	dmarc->below_is_known = !walk->is_missing && walk->unknown == NULL;
	for (unsigned i = 0; dmarc->below_is_known && i < walk->end; i++) {
		const struct mh_dmarc_step *step = &walk->steps[i];
		if (step->dmarc == NULL || !step->dmarc->is_valid)
			continue;
		/* One label below psd=y is the organisation, and its record counts before that of the suffix. */
		if (step->dmarc->psd == 'y' && last.len > 0 && mh_str_eq(mh_dname_parent(last), step->domain))
			break;
		dmarc->below = step->dmarc;
		last = step->domain;
	}
}

/* find_below_7489 - the record of what was registered; below a public suffix everybody has their own */
static void
find_below_7489(struct mh_pass *pass, struct mh_str domain, struct mh_dom_dmarc *dmarc)
{
	struct mh_str org_domain = mh_psl_registrable(domain);
	struct mh_dmarc_found found = dmarc->rfc7489;

	dmarc->below_7489_is_known = true;
	if (org_domain.len == 0)
		return;
	if (!mh_str_eq(org_domain, domain))
		mh_dmarc_find_7489(pass, org_domain, &dmarc->walk, &found);
	dmarc->below_7489_is_known = found.state == MH_DMARC_FIND_FOUND || found.state == MH_DMARC_FIND_NONE;
	if (found.state == MH_DMARC_FIND_FOUND)
		dmarc->below_7489 = found.dmarc;
}

void
mh_dom_dmarc_read(struct mh_pass *pass, struct mh_str domain, struct mh_dom_dmarc *dmarc)
{
	*dmarc = (struct mh_dom_dmarc){ .below = NULL };
	mh_dmarc_walk(pass, domain, NULL, &dmarc->walk);
	mh_dmarc_find(pass, &dmarc->walk, &dmarc->rfc9989);
	mh_dmarc_find_7489(pass, domain, &dmarc->walk, &dmarc->rfc7489);
	find_below(dmarc);
	find_below_7489(pass, domain, dmarc);
}

const struct mh_fact *
mh_dom_dmarc_fact(const struct mh_dmarc_walk *walk, struct mh_str domain)
{
	for (unsigned i = 0; i < walk->count; i++)
		if (mh_str_eq(walk->steps[i].domain, domain))
			return walk->steps[i].fact;
	return NULL;
}

bool
mh_dom_dmarc_is_used(const struct mh_dmarc_found *found)
{
	return found->state == MH_DMARC_FIND_FOUND && found->policy != MH_DMARC_NO_POLICY &&
	    !(found->is_psd && found->is_inherited);
}

bool
mh_dom_dmarc_has_fix(const struct mh_report *report, struct mh_str name)
{
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		if (finding->fix[0] != '\0' && strcmp(finding->check, "dmarc") == 0 &&
		    mh_str_eq(mh_str_z(finding->subject), name))
			return true;
	}
	return false;
}

/* --------------------------------------------------------------------- JSON */

/* write_found - what one RFC's receivers do; what is not known is "" */
static void
write_found(struct mh_json *json, const struct mh_dmarc_found *found, bool is_7489)
{
	bool is_found = found->state == MH_DMARC_FIND_FOUND;

	mh_json_open(json, '{');
	mh_json_put_str(json, "policy_domain", is_found ? found->at : MH_STR(""));
	mh_json_put_str(json, "org_domain", found->org_domain);
	mh_json_put_strz(json, "policy", is_found ? mh_dmarc_policy_name(found->policy) : "");
	mh_json_put_strz(json, "effective", is_found ? mh_dmarc_policy_name(found->effective) : "");
	if (is_7489)
		mh_json_put_int(json, "pct", is_found ? found->dmarc->pct : -1);
	else
		mh_json_put_bool(json, "testing", is_found && found->dmarc->is_testing);
	mh_json_close(json, '}');
}

/* tag_of - which tag a policy is written in: "np" falls back to "sp", that to "p" */
static const char *
tag_of(const struct mh_dmarc *dmarc, bool has_np, bool has_sp)
{
	if (dmarc == NULL || dmarc->is_recovered)
		return "";
	if (has_np && mh_dmarc_tag(dmarc, "np") != NULL)
		return "np";
	return has_sp && mh_dmarc_tag(dmarc, "sp") != NULL ? "sp" : "p";
}

/* write_class - what applies to one class of names; policies NO_POLICY: none does, or it is not known */
static void
write_class(struct mh_json *json, const char *names, const char *tag, const struct mh_dmarc *dmarc,
    uint8_t policy, uint8_t policy_7489)
{
	mh_json_open(json, '{');
	mh_json_put_strz(json, "names", names);
	mh_json_put_strz(json, "tag", tag);
	mh_json_put_strz(json, "policy", mh_dmarc_policy_name(policy));
	mh_json_put_strz(json, "effective",
	    dmarc != NULL ? mh_dmarc_policy_name(mh_dmarc_effective(dmarc, policy)) : "");
	mh_json_put_strz(json, "rfc7489", mh_dmarc_policy_name(policy_7489));
	mh_json_close(json, '}');
}

/* write_matrix - what p, sp, np and t come to, for the domain and for names below it without a record of their own */
static void
write_matrix(struct mh_json *json, const struct mh_dom_dmarc *dmarc)
{
	const struct mh_dmarc_found *found = &dmarc->rfc9989, *old = &dmarc->rfc7489;
	const struct mh_dmarc *here = found->state == MH_DMARC_FIND_FOUND ? found->dmarc : NULL;
	const struct mh_dmarc *below = dmarc->below, *below_old = dmarc->below_7489;
	uint8_t of_old = below_old != NULL ? below_old->sp_7489 : MH_DMARC_NO_POLICY;

	mh_json_key(json, "subdomains");
	mh_json_open(json, '[');
	write_class(json, "domain", tag_of(here, found->is_nonexistent, found->is_inherited), here,
	    here != NULL ? found->policy : MH_DMARC_NO_POLICY,
	    old->state == MH_DMARC_FIND_FOUND ? old->policy : MH_DMARC_NO_POLICY);
	write_class(json, "existing", tag_of(below, false, true), below,
	    below != NULL ? below->sp : MH_DMARC_NO_POLICY, of_old);
	write_class(json, "nonexistent", tag_of(below, true, true), below,
	    below != NULL ? below->np : MH_DMARC_NO_POLICY, of_old);
	mh_json_close(json, ']');
}

void
mh_dom_dmarc_json(struct mh_look *look)
{
	struct mh_json *json = look->json;
	struct mh_dom_dmarc dmarc;

	mh_dom_dmarc_read(look->pass, look->check->domain, &dmarc);
	mh_json_key(json, "dmarc");
	mh_json_open(json, '{');
	mh_json_key(json, "rfc9989");
	write_found(json, &dmarc.rfc9989, false);
	mh_json_key(json, "rfc7489");
	write_found(json, &dmarc.rfc7489, true);
	mh_json_key(json, "walk");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < dmarc.walk.count; i++)
		if (dmarc.walk.steps[i].name.len > 0)
			mh_json_str(json, dmarc.walk.steps[i].name);
	mh_json_close(json, ']');
	write_matrix(json, &dmarc);
	mh_json_close(json, '}');
}
