/* domain_sections.c - which sections the checks "domain" and "host" have, in the order of the report's entries */
#include "domain.h"

#include "port.h"

static const struct mh_section of_domain[] = {
	{ "spf", mh_dom_spf, mh_dom_spf_json },
	{ "dmarc", mh_dom_dmarc, mh_dom_dmarc_json },
	{ "dkim", mh_dom_dkim, mh_dom_dkim_json },
	{ "mx", mh_dom_mx, NULL },
	{ "mta-sts", mh_dom_sts, mh_dom_sts_json },
	{ "tls-rpt", mh_dom_tlsrpt, NULL },
	{ "dane", mh_dom_dane, NULL },
	{ "dnssec", mh_dom_dnssec, mh_dom_dnssec_json },
	{ "caa", mh_dom_caa, NULL },
	{ "srv", mh_dom_srv, NULL },
	{ "ns", mh_dom_ns, NULL },
};

/* of the sending host: behind the others where one was given */
static const struct mh_section of_host[] = {
	{ "host", mh_dom_host, mh_dom_host_json },
	{ "lists", mh_dom_lists, NULL },
};

const struct mh_section *
mh_section_at(const struct mh_domain_check *check, unsigned i)
{
	if (!check->is_host && i < MH_COUNT(of_domain))
		return &of_domain[i];
	if (!check->is_host)
		i -= (unsigned)MH_COUNT(of_domain);
	return i < MH_COUNT(of_host) ? &of_host[i] : NULL;
}
