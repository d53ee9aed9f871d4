/* dom_dmarc.c - section "dmarc" of the check "domain": the record that counts, by both RFCs
 *
 * What is wrong with a record is told by dmarc_lint.c; here is what needs more
 * than the record: the names above, and the organisation.  Where its reports go
 * is in dom_dmarc_reports.c.
 *
 * RFC 9989, RFC 7489
 */
#include "dom_dmarc.h"

#include "domain.h"

/* -------------------------------------------------------------- both RFCs */

/* says_nothing - neither RFC's receivers have a policy to go by */
static bool
says_nothing(const struct mh_dmarc_found *found)
{
	return found->state == MH_DMARC_FIND_NONE ||
	    (found->state == MH_DMARC_FIND_FOUND && found->policy == MH_DMARC_NO_POLICY);
}

/* say_outcome - "go by the record of example.org and treat mail that fails as reject" */
static void
say_outcome(struct mh_tell *tell, const struct mh_dmarc_found *found, bool is_7489)
{
	if (says_nothing(found)) {
		mh_say(tell,
		    found->is_malformed                ? "cannot read the record and apply no policy"
			: found->at.len > 0 && is_7489 ? "discard what is there and apply no policy"
						       : "find no policy");
		return;
	}
	mh_say(tell, "go by the record of ");
	mh_say_str(tell, found->at);
	mh_say(tell, " with the policy ");
	mh_say(tell, mh_dmarc_policy_name(found->effective));
	if (is_7489 && found->dmarc->pct > 0 && found->dmarc->pct < 100 && found->policy > MH_DMARC_NONE) {
		mh_say(tell, " for ");
		mh_say_int(tell, found->dmarc->pct);
		mh_say(tell, " percent of the mail");
	}
	if (found->org_domain.len > 0) {
		mh_say(tell, ", and take ");
		mh_say_str(tell, found->org_domain);
		mh_say(tell, " and names below it for one organisation");
	}
}

/* say_cause - which part of the record, or which record, it is */
static void
say_cause(struct mh_tell *tell, const struct mh_dom_dmarc *dmarc)
{
	const struct mh_dmarc_found *new = &dmarc->rfc9989, *old = &dmarc->rfc7489;
	const struct mh_dmarc *record = new->dmarc;

	if (old->is_malformed && record != NULL && old->dmarc == record) {
		mh_say(tell, "; to these p= has to follow v=DMARC1 at once");
	} else if (!mh_str_eq(new->org_domain, old->org_domain) && old->org_domain.len > 0) {
		mh_say(tell,
		    "; the former look at the records on the way up, the latter at a list of "
		    "public suffixes");
	} else if (record != NULL && old->dmarc == record && record->is_testing) {
		mh_say(tell, "; only the former know t=y");
	} else if (record != NULL && old->dmarc == record && record->pct < 100) {
		mh_say(tell, "; only the latter know pct=");
	}
}

/* differs - whether mail of the domain is treated otherwise by the two */
static bool
differs(const struct mh_dmarc_found *new, const struct mh_dmarc_found *old)
{
	bool is_sampled = !says_nothing(old) && old->dmarc->pct < 100 && old->policy > MH_DMARC_NONE;

	if (says_nothing(new) || says_nothing(old))
		return says_nothing(new) != says_nothing(old);
	return new->effective != old->effective || is_sampled || !mh_str_eq(new->at, old->at) ||
	    (new->org_domain.len > 0 && old->org_domain.len > 0 &&
		!mh_str_eq(new->org_domain, old->org_domain));
}

/* fix_order - the record with p= behind its version */
static void
fix_order(struct mh_tell *tell, const struct mh_dom_dmarc *dmarc, const struct mh_fact *fact)
{
	struct mh_dmarc_meant meant;

	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, tell->arena);
		if (text.p == NULL || !mh_str_eq(text, dmarc->rfc9989.dmarc->text))
			continue;
		struct mh_str better = { NULL, 0 };
		if (mh_dmarc_mean(tell->arena, text, dmarc->rfc9989.at, &meant))
			better = mh_dmarc_write(tell->arena, &meant);
		if (better.p != NULL)
			mh_tell_fix_txt(tell, fact->name, fact, (int)i, better);
		else
			tell->bad = true;
		return;
	}
}

/* fix_above - a record for the domain that was registered, so that both find the same organisation */
static void
fix_above(struct mh_look *look, struct mh_tell *tell, const struct mh_dom_dmarc *dmarc)
{
	struct mh_str org_domain = dmarc->rfc7489.org_domain;
	const struct mh_fact *fact = mh_dom_dmarc_fact(&dmarc->walk, org_domain);

	if (fact == NULL || !mh_fact_is_absent(fact) || mh_str_eq(org_domain, dmarc->walk.domain))
		return;
	mh_say(tell, " A record at ");
	mh_say_str(tell, fact->name);
	mh_say(tell, " would make them agree.");
	struct mh_str text = mh_dmarc_start(look->pass->arena, org_domain);
	if (text.p != NULL)
		mh_tell_fix_txt(tell, fact->name, fact, -1, text);
	else
		tell->bad = true;
}

static void
tell_differences(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct mh_fact *fact)
{
	const struct mh_dmarc_found *new = &dmarc->rfc9989, *old = &dmarc->rfc7489;
	struct mh_tell tell;

	if (new->state == MH_DMARC_FIND_UNKNOWN || old->state == MH_DMARC_FIND_UNKNOWN || !differs(new, old))
		return;
	const struct mh_dmarc *record = !says_nothing(new) ? new->dmarc : old->dmarc;
	const struct mh_fact *at = mh_dom_dmarc_fact(&dmarc->walk, !says_nothing(new) ? new->at : old->at);
	mh_look_tell(look, &tell, "dmarc", fact->name);
	mh_say(&tell, "Receivers by RFC 9989 ");
	say_outcome(&tell, new, false);
	mh_say(&tell, "; those by RFC 7489 ");
	say_outcome(&tell, old, true);
	say_cause(&tell, dmarc);
	mh_say(&tell, ".");
	if (old->is_malformed && old->dmarc == new->dmarc &&at != NULL &&
	    !mh_dom_dmarc_has_fix(look->report, at->name))
		fix_order(&tell, dmarc, at);
	else if (!says_nothing(new) && !mh_str_eq(new->org_domain, old->org_domain))
		fix_above(look, &tell, dmarc);
	tell.text = record->text;
	mh_tell(&tell, MH_F_DMARC_RULES_DIFFER, record->text);
	mh_look_told(look, &tell);
}

/* ------------------------------------------------------------------ the record */

static void
tell_inherited(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct mh_fact *fact)
{
	const struct mh_dmarc_found *found = &dmarc->rfc9989;
	struct mh_tell tell;

	mh_look_tell(look, &tell, "dmarc", fact->name);
	mh_say(&tell, "The record of ");
	mh_say_str(&tell, found->at);
	mh_say(&tell,
	    found->is_psd ? ", a public suffix, applies with the policy " : " applies with the policy ");
	mh_say(&tell, mh_dmarc_policy_name(found->effective));
	mh_say(&tell, found->is_nonexistent ? ", as the domain does not exist in DNS." : ".");
	mh_tell_arg_str(&tell, "policy_domain", found->at);
	mh_tell_arg_str(&tell, "policy", mh_str_z(mh_dmarc_policy_name(found->effective)));
	mh_tell(&tell, MH_F_DMARC_INHERITED, found->dmarc->text);
	mh_look_told(look, &tell);
}

/* tell_walk - what could not be had of the names above, where it matters; the domain's own name is the lint's */
static void
tell_walk(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct mh_fact *own)
{
	const struct mh_fact *facts[] = { dmarc->walk.unknown, dmarc->rfc9989.unknown,
		dmarc->rfc7489.unknown };
	struct mh_tell tell;

	mh_look_tell(look, &tell, "dmarc", own->name);
	for (unsigned i = 0; i < 3; i++) {
		bool is_told = facts[i] == NULL || facts[i] == own;
		for (unsigned k = 0; k < i; k++)
			is_told |= facts[i] == facts[k];
		if (!is_told)
			mh_tell_unknown(&tell, facts[i]);
	}
	mh_look_told(look, &tell);
}

static void
add_row(struct mh_look *look, const struct mh_fact *fact)
{
	struct mh_domain_row *row = mh_look_row(look, "dmarc", fact->name, MH_RR_TXT, fact);
	if (row != NULL)
		row->is_shown = mh_dmarc_is_record;
}

/* is_missing - whether the domain's people have no record: what a registry says for them, if it could not be asked,
 * makes theirs no less missing */
static bool
is_missing(const struct mh_dom_dmarc *dmarc)
{
	struct mh_str registered = dmarc->rfc7489.org_domain;

	if (dmarc->rfc9989.state != MH_DMARC_FIND_UNKNOWN)
		return dmarc->rfc9989.state == MH_DMARC_FIND_NONE;
	for (unsigned i = 0; i < dmarc->walk.count; i++) {
		const struct mh_fact *fact = dmarc->walk.steps[i].fact;
		if (registered.len == 0 || !mh_dname_is_under(dmarc->walk.steps[i].domain, registered))
			continue;
		if (fact == NULL || fact->state == MH_FACT_UNKNOWN)
			return false;
	}
	return registered.len > 0 && dmarc->rfc7489.state == MH_DMARC_FIND_NONE;
}

/* lint - what is wrong with the domain's own record, or the lack of one, and with the one that is inherited */
static void
lint(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct mh_fact *own)
{
	const struct mh_dmarc_found *found = &dmarc->rfc9989;

	(void)mh_dmarc_lint(look->pass, own, dmarc->walk.domain, is_missing(dmarc), look->report);
	if (!mh_dom_dmarc_is_used(found) || !found->is_inherited)
		return;
	const struct mh_fact *above = mh_dom_dmarc_fact(&dmarc->walk, found->at);
	if (above == NULL)
		return;
	add_row(look, above);
	(void)mh_dmarc_lint(look->pass, above, found->at, false, look->report);
}

void
mh_dom_dmarc(struct mh_look *look)
{
	struct mh_dom_dmarc dmarc;
	struct mh_dom_reports reports;

	mh_dom_dmarc_read(look->pass, look->check->domain, &dmarc);
	mh_dom_dmarc_reports(look->pass, &dmarc, &reports);
	const struct mh_fact *own = dmarc.walk.steps[0].fact;
	if (own == NULL)
		return; /* missing, or a name that there cannot be */
	if (look->report != NULL)
		add_row(look, own);
	lint(look, &dmarc, own);
	if (look->report == NULL)
		return;
	tell_walk(look, &dmarc, own);
	if (dmarc.rfc9989.state == MH_DMARC_FIND_FOUND && dmarc.rfc9989.is_inherited)
		tell_inherited(look, &dmarc, own);
	tell_differences(look, &dmarc, own);
	mh_dom_dmarc_tell_reports(look, &dmarc, &reports);
}
