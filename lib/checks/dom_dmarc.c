/* dom_dmarc.c - section "dmarc" of the check "domain": the record that counts, by both RFCs, and where its reports go
 *
 * What is wrong with a record is told by dmarc_lint.c; here is what needs more
 * than the record: the names above, the organisation, and other domains.
 *
 * RFC 9989, RFC 9990, RFC 7489
 */
#include "dom_dmarc.h"

#include "dmarc_external.h"
#include "domain.h"

#define DESTINATIONS_MAX 10 /* domains of addresses for reports that are asked about */

/* A domain that reports go to. */
struct destination {
	struct mh_str domain, uri; /* uri: the first there */
	struct mh_dmarc_external external;
	const struct mh_fact *mx, *a, *aaaa;
};

struct destinations {
	struct destination at[DESTINATIONS_MAX];
	unsigned count;
};

/* fact_of - the fact of a name of the walk; NULL: missing, or another's name */
static const struct mh_fact *
fact_of(const struct mh_dmarc_walk *walk, struct mh_str domain)
{
	for (unsigned i = 0; i < walk->count; i++)
		if (mh_str_eq(walk->steps[i].domain, domain))
			return walk->steps[i].fact;
	return NULL;
}

/* is_used - whether the record found is one that receivers follow, and one that the domain's people can change */
static bool
is_used(const struct mh_dmarc_found *found)
{
	return found->state == MH_DMARC_FIND_FOUND && found->policy != MH_DMARC_NO_POLICY &&
	    !(found->is_psd && found->is_inherited);
}

/* -------------------------------------------------------------- destinations */

/* add_destination - asks about one more domain */
static void
add_destination(struct mh_pass *pass, const struct mh_dom_dmarc *dmarc, const struct mh_dmarc_uri *uri,
    struct destinations *all)
{
	struct mh_str at = dmarc->rfc9989.at;

	if (!uri->is_good || all->count == DESTINATIONS_MAX)
		return;
	for (unsigned i = 0; i < all->count; i++)
		if (mh_str_eq(all->at[i].domain, uri->domain))
			return;
	struct destination *to = &all->at[all->count++];
	*to = (struct destination){ .domain = uri->domain, .uri = uri->text };
	mh_dmarc_external(pass, at, to->domain, mh_str_eq(at, dmarc->walk.domain) ? &dmarc->walk : NULL,
	    false, &to->external);
	to->mx = mh_want(pass, to->domain, MH_RR_MX);
	to->a = mh_want(pass, to->domain, MH_RR_A);
	to->aaaa = mh_want(pass, to->domain, MH_RR_AAAA);
}

static void
find_destinations(struct mh_pass *pass, const struct mh_dom_dmarc *dmarc, struct destinations *all)
{
	const struct mh_dmarc *record = dmarc->rfc9989.dmarc;

	all->count = 0;
	if (!is_used(&dmarc->rfc9989))
		return;
	for (unsigned i = 0; i < record->rua_count; i++)
		add_destination(pass, dmarc, &record->rua[i], all);
	for (unsigned i = 0; i < record->ruf_count; i++)
		add_destination(pass, dmarc, &record->ruf[i], all);
}

/* tell_unauthorised - the record that the other domain lacks, in words: it is not for us to change */
static void
tell_unauthorised(struct mh_tell *tell, const struct mh_dom_dmarc *dmarc, const struct destination *to)
{
	struct mh_str name = to->external.name;

	if (name.len == 0) {
		mh_say(tell, "The name at which ");
		mh_say_str(tell, to->domain);
		mh_say(tell, " would have to say so is longer than a name can be.");
	} else {
		mh_say_str(tell, to->domain);
		mh_say(tell, " has to publish, in its DNS, a TXT record at ");
		mh_say_str(tell, name);
		mh_say(tell, " with the text v=DMARC1; (or at *._report._dmarc.");
		mh_say_str(tell, to->domain);
		mh_say(tell, ", if it takes reports about everybody).");
		/* Only a name below the domain's own is its people's to change. */
		if (mh_dname_is_under(to->domain, dmarc->walk.domain))
			mh_tell_fix_txt(tell, name, to->external.fact, -1, MH_STR("v=DMARC1;"));
	}
	mh_tell_arg_str(tell, "domain", to->domain);
	mh_tell_arg_str(tell, "name", name);
	mh_tell(tell, MH_F_DMARC_REPORT_NOT_AUTHORISED, to->uri);
}

/* has_null_mx - RFC 7505: it takes no mail at all */
static bool
has_null_mx(const struct mh_fact *mx)
{
	char name[MH_DNAME_TEXT_MAX];
	return mx->count == 1 && mh_rr_name(mx, 0, name, NULL) == 1 && name[0] == '.';
}

/* tell_mailbox - whether mail can go there: to an MX host, or without one to an address (RFC 5321 5.1) */
static void
tell_mailbox(struct mh_tell *tell, const struct destination *to)
{
	bool is_null = has_null_mx(to->mx);

	if (to->mx->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(tell, to->mx);
		return;
	}
	if (to->mx->count > 0 && !is_null)
		return;
	if (!is_null && (to->a->count > 0 || to->aaaa->count > 0))
		return;
	if (!is_null && (to->a->state == MH_FACT_UNKNOWN || to->aaaa->state == MH_FACT_UNKNOWN)) {
		mh_tell_unknown(tell, to->a->state == MH_FACT_UNKNOWN ? to->a : to->aaaa);
		return;
	}
	mh_say_str(tell, to->domain);
	mh_say(tell,
	    is_null                                 ? " says by a null MX that it takes no mail."
		: to->mx->state == MH_FACT_NXDOMAIN ? " does not exist."
						    : " has neither MX records nor an address.");
	mh_tell_arg_str(tell, "domain", to->domain);
	mh_tell(tell, MH_F_DMARC_REPORT_NO_MX, to->uri);
}

static void
tell_destinations(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct destinations *all)
{
	const struct mh_fact *fact = fact_of(&dmarc->walk, dmarc->rfc9989.at);
	struct mh_tell tell;

	if (fact == NULL)
		return;
	mh_look_tell(look, &tell, "dmarc", fact->name);
	for (unsigned i = 0; i < all->count; i++) {
		const struct destination *to = &all->at[i];
		if (to->mx == NULL || to->a == NULL || to->aaaa == NULL)
			continue; /* no memory */
		tell.text = dmarc->rfc9989.dmarc->text;
		if (to->external.state == MH_DMARC_EXTERNAL_UNKNOWN && to->external.fact != NULL)
			mh_tell_unknown(&tell, to->external.fact);
		if (to->external.state == MH_DMARC_EXTERNAL_NOT)
			tell_unauthorised(&tell, dmarc, to);
		tell_mailbox(&tell, to);
	}
	mh_look_told(look, &tell);
}

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

/* has_fix - whether a finding about that name has one already; two would take each other's record away */
static bool
has_fix(const struct mh_report *report, struct mh_str name)
{
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		if (finding->fix[0] != '\0' && strcmp(finding->check, "dmarc") == 0 &&
		    mh_str_eq(mh_str_z(finding->subject), name))
			return true;
	}
	return false;
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
	const struct mh_fact *fact = fact_of(&dmarc->walk, org_domain);

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
	const struct mh_fact *at = fact_of(&dmarc->walk, !says_nothing(new) ? new->at : old->at);
	mh_look_tell(look, &tell, "dmarc", fact->name);
	mh_say(&tell, "Receivers by RFC 9989 ");
	say_outcome(&tell, new, false);
	mh_say(&tell, "; those by RFC 7489 ");
	say_outcome(&tell, old, true);
	say_cause(&tell, dmarc);
	mh_say(&tell, ".");
	if (old->is_malformed && old->dmarc == new->dmarc &&at != NULL && !has_fix(look->report, at->name))
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

/* lint - what is wrong with the domain's own record, or the lack of one, and with the one that is inherited */
static void
lint(struct mh_look *look, const struct mh_dom_dmarc *dmarc, const struct mh_fact *own)
{
	const struct mh_dmarc_found *found = &dmarc->rfc9989;

	(void)mh_dmarc_lint(look->pass, own, dmarc->walk.domain, found->state == MH_DMARC_FIND_NONE,
	    look->report);
	if (!is_used(found) || !found->is_inherited)
		return;
	const struct mh_fact *above = fact_of(&dmarc->walk, found->at);
	if (above == NULL)
		return;
	add_row(look, above);
	(void)mh_dmarc_lint(look->pass, above, found->at, false, look->report);
}

void
mh_dom_dmarc(struct mh_look *look)
{
	struct mh_dom_dmarc dmarc;
	struct destinations destinations;

	mh_dom_dmarc_read(look->pass, look->check->domain, &dmarc);
	find_destinations(look->pass, &dmarc, &destinations);
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
	tell_destinations(look, &dmarc, &destinations);
}
