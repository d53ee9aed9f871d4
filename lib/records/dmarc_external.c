/* dmarc_external.c - whether another domain takes the DMARC reports about this one
 *
 * The destination's record stands at DOMAIN._report._dmarc.DESTINATION; where it
 * takes reports about everybody it is a wildcard there, which its own server
 * makes an answer of.
 */
#include "dmarc_external.h"

#include "error.h"
#include "psl.h"
#include "tell.h"

/* is_near - whether the destination is at or below a domain that can be the organisation's */
static bool
is_near(const struct mh_dmarc_walk *own, struct mh_str destination)
{
	struct mh_str orgs[MH_DMARC_ORGS_MAX];
	bool is_so = false;
	for (unsigned i = 0, count = mh_dmarc_orgs(own, orgs); i < count; i++)
		is_so |= mh_dname_is_under(destination, orgs[i]);
	return is_so;
}

/* is_own - whether both are one organisation: enum mh_dmarc_aligned, or -1: facts are missing; *unknown */
static int
is_own(struct mh_pass *pass, struct mh_str domain, struct mh_str destination,
    const struct mh_dmarc_walk *walk, const struct mh_fact **unknown)
{
	struct mh_dmarc_walk own, other;

	if (mh_str_eq(domain, destination))
		return MH_DMARC_ALIGNED;
	if (walk == NULL) {
		mh_dmarc_walk(pass, domain, NULL, &own);
		walk = &own;
	}
	if (walk->is_missing && mh_psl_aligned(domain, destination, false))
		mh_dmarc_walk_want(pass, destination);
	if (walk->is_missing)
		return -1;
	if (!is_near(walk, destination))
		return MH_DMARC_APART;
	mh_dmarc_walk(pass, destination, walk, &other);
	if (other.is_missing)
		return -1;
	*unknown = walk->unknown != NULL ? walk->unknown : other.unknown;
	return mh_dmarc_orgs_aligned(walk, &other);
}

/* has_record - RFC 9990 4: one that begins as a DMARC record does is enough, whatever else is there */
static bool
has_record(struct mh_pass *pass, const struct mh_fact *fact)
{
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, pass->arena);
		if (text.p == NULL && text.len == 0)
			pass->error = MH_ERR_ENOMEM;
		if (text.p != NULL && mh_dmarc_is_record(text))
			return true;
	}
	return false;
}

void
mh_dmarc_external(struct mh_pass *pass, struct mh_str domain, struct mh_str destination,
    const struct mh_dmarc_walk *walk, bool is_7489, struct mh_dmarc_external *external)
{
	struct mh_str prefix = mh_name_below(pass->arena, domain, MH_STR("_report._dmarc"));
	const struct mh_fact *unknown = NULL;

	*external = (struct mh_dmarc_external){ .name = MH_STR("") };
	if (prefix.len > 0)
		external->name = mh_name_below(pass->arena, prefix, destination);
	if (prefix.p == NULL || external->name.p == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	int own = is_7489 ? (mh_psl_aligned(domain, destination, false) ? MH_DMARC_ALIGNED : MH_DMARC_APART)
			  : is_own(pass, domain, destination, walk, &unknown);
	if (own == MH_DMARC_ALIGNED) {
		external->state = MH_DMARC_EXTERNAL_OWN;
		return;
	}
	if (external->name.len == 0) {
		external->state = MH_DMARC_EXTERNAL_NOT;
		return;
	}
	external->fact = mh_want(pass, external->name, MH_RR_TXT);
	if (own < 0 || external->fact == NULL)
		return;
	if (external->fact->state == MH_FACT_UNKNOWN)
		external->state = MH_DMARC_EXTERNAL_UNKNOWN;
	else if (has_record(pass, external->fact))
		external->state = MH_DMARC_EXTERNAL_ACCEPTED;
	else
		external->state = own == MH_DMARC_PERHAPS ? MH_DMARC_EXTERNAL_UNKNOWN : MH_DMARC_EXTERNAL_NOT;
	if (own == MH_DMARC_PERHAPS && external->state == MH_DMARC_EXTERNAL_UNKNOWN)
		external->fact = unknown;
}
