/* dom_spf.c - section "spf" of the check "domain": who may send for it, and whether the given host may */
#include "domain.h"

#include "error.h"

/* spf_of - the check "spf" in it; its functions change nothing of it once the work has begun */
static struct mh_spf_check *
spf_of(const struct mh_look *look)
{
	return (struct mh_spf_check *)(uintptr_t)&look->check->spf;
}

void
mh_dom_spf(struct mh_look *look)
{
	struct mh_str expected, domain = look->check->domain;
	int error = mh_spf_check_add(spf_of(look), look->pass, look->report, &expected);
	struct mh_domain_row *row =
	    mh_look_row(look, "spf", domain, MH_RR_TXT, mh_known(look->pass, domain, MH_RR_TXT));

	if (row != NULL) {
		row->is_shown = mh_spf_is_record;
		row->expected = expected;
	}
	if (error != MH_ERR_OK)
		look->pass->error = error;
}

void
mh_dom_spf_json(struct mh_look *look)
{
	if (!mh_spf_check_result(spf_of(look), look->pass, look->json))
		look->pass->error = MH_ERR_ENOMEM;
}
