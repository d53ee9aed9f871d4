/* dom_tlsrpt.c - section "tls-rpt" of the check "domain": where reports of failed TLS go
 *
 * A domain that takes no mail needs no such record.
 *
 * RFC 8460
 */
#include "domain.h"

#include "error.h"
#include "tlsrpt.h"

void
mh_dom_tlsrpt(struct mh_look *look)
{
	struct mh_str domain = look->check->domain;
	struct mh_str name = mh_name_below(look->pass->arena, MH_STR("_smtp._tls"), domain);
	struct mh_domain_role role = mh_domain_role(look->pass, domain);
	bool takes_nothing = role.is_known && (role.has_null_mx || role.is_parked);

	if (name.p == NULL)
		look->pass->error = MH_ERR_ENOMEM;
	if (name.len == 0)
		return; /* too long: no such name can be */
	const struct mh_fact *fact = mh_tlsrpt_want(look->pass, domain);
	struct mh_str expected = { NULL, 0 };
	if (fact != NULL && look->report != NULL)
		expected = mh_tlsrpt_lint(look->pass, fact, domain, !takes_nothing, look->report);
	struct mh_domain_row *row = mh_look_row(look, "tls-rpt", name, MH_RR_TXT, fact);
	if (row != NULL) {
		row->is_shown = mh_tlsrpt_is_like;
		row->expected = expected;
	}
}
