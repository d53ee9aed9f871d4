/* domain_sections.c - which sections the checks "domain" and "host" have, in the order of the report's entries */
#include "domain.h"

#include "port.h"

static const struct mh_section of_domain[] = {
	{ "spf", mh_dom_spf, mh_dom_spf_json },
	{ "dkim", mh_dom_dkim, mh_dom_dkim_json },
	{ "mta-sts", mh_dom_sts, mh_dom_sts_json },
	{ "dane", mh_dom_dane, NULL },
};

const struct mh_section *
mh_section_at(const struct mh_domain_check *check, unsigned i)
{
	(void)check;
	return i < MH_COUNT(of_domain) ? &of_domain[i] : NULL;
}
