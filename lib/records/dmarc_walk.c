/* dmarc_walk.c - the walk through the names above a domain, and which of them is the organisation's
 *
 * Everything is asked before anything is read, so that a walk takes one round.
 */
#include "dmarc_walk.h"

#include "error.h"
#include "tell.h"

#define JUMP_LABELS 8 /* a name of as many or more goes on with one of seven (RFC 9989 4.10, step 4) */

/* next_domain - where the walk goes from there; len 0: it has ended */
static struct mh_str
next_domain(struct mh_str domain)
{
	unsigned labels = mh_dname_labels(domain);
	if (labels <= 1)
		return MH_STR("");
	domain = mh_dname_parent(domain);
	for (labels--; labels >= JUMP_LABELS; labels--)
		domain = mh_dname_parent(domain);
	return domain;
}

/* ask_step - its name and fact */
static void
ask_step(struct mh_pass *pass, struct mh_str domain, struct mh_dmarc_step *step)
{
	*step = (struct mh_dmarc_step){ .domain = domain };
	step->name = mh_name_below(pass->arena, MH_STR("_dmarc"), domain);
	if (step->name.p == NULL)
		pass->error = MH_ERR_ENOMEM;
	else if (step->name.len > 0)
		step->fact = mh_want(pass, step->name, MH_RR_TXT);
}

/* read_step - which DMARC records are there; only one alone is read */
static void
read_step(struct mh_pass *pass, struct mh_dmarc_step *step)
{
	struct mh_str only = MH_STR("");

	for (size_t i = 0; step->fact != NULL && i < step->fact->count; i++) {
		struct mh_str text = mh_rr_text(step->fact, i, pass->arena);
		if (text.p == NULL && text.len == 0) {
			pass->error = MH_ERR_ENOMEM;
			return;
		}
		if (text.p == NULL || !mh_dmarc_is_record(text))
			continue;
		step->records++;
		only = text;
	}
	if (step->records != 1)
		return;
	step->dmarc = mh_dmarc_parse(pass->arena, only);
	if (step->dmarc == NULL)
		pass->error = MH_ERR_ENOMEM;
	else if (step->dmarc->is_twice)
		/* Such a list is none at all (RFC 6376 3.2). */
		step->dmarc = NULL;
}

/* lend_step - what another walk has read already; false: it has no such step */
static bool
lend_step(const struct mh_dmarc_walk *other, struct mh_dmarc_step *step)
{
	for (unsigned i = 0; other != NULL && i < other->end; i++) {
		if (!mh_str_eq(other->steps[i].domain, step->domain))
			continue;
		step->records = other->steps[i].records;
		step->dmarc = other->steps[i].dmarc;
		return true;
	}
	return false;
}

static bool
stops(const struct mh_dmarc_step *step)
{
	return step->dmarc != NULL && step->dmarc->psd != 'u';
}

/* below - the domain one label below a step's, on the way from the walk's start; the start itself of the first step */
static struct mh_str
below(const struct mh_dmarc_walk *walk, const struct mh_dmarc_step *step)
{
	struct mh_str at = walk->domain;
	for (struct mh_str up = mh_dname_parent(at); up.len >= step->domain.len && at.len > step->domain.len;
	     up = mh_dname_parent(up)) {
		if (mh_str_eq(up, step->domain))
			return at;
		at = up;
	}
	return at;
}

/* select_org - RFC 9989 4.10.2 */
static void
select_org(struct mh_dmarc_walk *walk)
{
	const struct mh_dmarc_step *shortest = NULL;

	walk->org_domain = walk->domain;
	for (unsigned i = 0; i < walk->end; i++) {
		const struct mh_dmarc_step *step = &walk->steps[i];
		if (step->dmarc == NULL || !step->dmarc->is_valid)
			continue;
		if (step->dmarc->psd == 'y' && i > 0) {
			walk->psd = step;
			walk->org_domain = below(walk, step);
			break;
		}
		shortest = step;
		walk->org_domain = step->domain;
	}
	if (shortest != NULL && mh_str_eq(shortest->domain, walk->org_domain))
		walk->org = shortest;
}

void
mh_dmarc_step(struct mh_pass *pass, struct mh_str domain, struct mh_dmarc_step *step)
{
	ask_step(pass, domain, step);
	read_step(pass, step);
}

void
mh_dmarc_walk_want(struct mh_pass *pass, struct mh_str domain)
{
	struct mh_dmarc_step step;
	for (; domain.len > 0; domain = next_domain(domain))
		ask_step(pass, domain, &step);
}

void
mh_dmarc_walk(struct mh_pass *pass, struct mh_str domain, const struct mh_dmarc_walk *other,
    struct mh_dmarc_walk *walk)
{
	*walk = (struct mh_dmarc_walk){ .domain = domain, .org_domain = domain };
	for (struct mh_str at = domain; at.len > 0 && walk->count < MH_DMARC_STEPS_MAX; at = next_domain(at))
		ask_step(pass, at, &walk->steps[walk->count++]);
	for (; walk->end < walk->count && (walk->end == 0 || !stops(&walk->steps[walk->end - 1]));
	     walk->end++) {
		struct mh_dmarc_step *step = &walk->steps[walk->end];
		if (!lend_step(other, step))
			read_step(pass, step);
		if (step->fact == NULL)
			walk->is_missing |= step->name.len > 0;
		else if (step->fact->state == MH_FACT_UNKNOWN && walk->unknown == NULL)
			walk->unknown = step->fact;
	}
	select_org(walk);
}

/* put_org - one more, unless it is there */
static unsigned
put_org(struct mh_str orgs[MH_DMARC_ORGS_MAX], unsigned count, struct mh_str org)
{
	for (unsigned i = 0; i < count; i++)
		if (mh_str_eq(orgs[i], org))
			return count;
	orgs[count] = org;
	return count + 1;
}

unsigned
mh_dmarc_orgs(const struct mh_dmarc_walk *walk, struct mh_str orgs[MH_DMARC_ORGS_MAX])
{
	unsigned count = put_org(orgs, 0, walk->org_domain);

	/* A record that could not be had is the organisation's, its public suffix's, or changes nothing. */
	for (unsigned i = 0; i < walk->end; i++) {
		const struct mh_dmarc_step *step = &walk->steps[i];
		if (step->fact == NULL || step->fact->state != MH_FACT_UNKNOWN)
			continue;
		count = put_org(orgs, count, step->domain);
		count = put_org(orgs, count, below(walk, step));
	}
	return count;
}

int
mh_dmarc_orgs_aligned(const struct mh_dmarc_walk *a, const struct mh_dmarc_walk *b)
{
	struct mh_str of_a[MH_DMARC_ORGS_MAX], of_b[MH_DMARC_ORGS_MAX];
	unsigned count_a = mh_dmarc_orgs(a, of_a), count_b = mh_dmarc_orgs(b, of_b);
	bool is_common = false;

	if (mh_str_eq(a->domain, b->domain))
		return MH_DMARC_ALIGNED;
	for (unsigned i = 0; i < count_a; i++)
		for (unsigned k = 0; k < count_b; k++)
			is_common |= mh_str_eq(of_a[i], of_b[k]);
	if (!is_common)
		return MH_DMARC_APART;
	return count_a == 1 && count_b == 1 ? MH_DMARC_ALIGNED : MH_DMARC_PERHAPS;
}
