/* domain_look.c - what sections of the check "domain" have in common: entries of "checks", telling, and what the
 * domain is for
 */
#include "domain.h"

#include "error.h"

struct mh_domain_row *
mh_look_row(struct mh_look *look, const char *id, struct mh_str name, int type, const struct mh_fact *fact)
{
	if (look->report == NULL)
		return NULL;
	struct mh_domain_row *row = mh_arena_alloc(look->pass->arena, sizeof(*row));
	if (row == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	*row = (struct mh_domain_row){ .id = id, .name = name, .type = type, .fact = fact };
	*look->last = row;
	look->last = &row->next;
	return row;
}

void
mh_look_tell(struct mh_look *look, struct mh_tell *tell, const char *id, struct mh_str name)
{
	mh_tell_begin(tell, look->pass->arena, look->report, id, name);
}

void
mh_look_told(struct mh_look *look, struct mh_tell *tell)
{
	if (mh_tell_end(tell) != MH_ERR_OK)
		look->pass->error = MH_ERR_ENOMEM;
}

/* sends_nothing - whether the domain's one SPF record is "v=spf1 -all", modifiers aside (RFC 7208 10.1.2) */
static bool
sends_nothing(struct mh_pass *pass, const struct mh_fact *txt)
{
	bool is_so = false;
	unsigned records = 0;
	for (size_t i = 0; i < txt->count; i++) {
		struct mh_str text = mh_rr_text(txt, i, pass->arena);
		if (text.p == NULL || !mh_spf_is_record(text))
			continue;
		const struct mh_spf_record *record = mh_spf_parse(pass->arena, text);
		if (record == NULL) {
			pass->error = MH_ERR_ENOMEM;
			return false;
		}
		records++;
		is_so = record->error_count == 0 && record->all != NULL && record->all->qualifier == '-';
		for (uint32_t k = 0; k < record->count && &record->terms[k] != record->all; k++)
			is_so = is_so && record->terms[k].kind == MH_SPF_EXP;
	}
	return is_so && records == 1;
}

struct mh_domain_role
mh_domain_role(struct mh_pass *pass, struct mh_str domain)
{
	struct mh_domain_role role = { .is_known = false };
	const struct mh_fact *txt = mh_want(pass, domain, MH_RR_TXT);
	const struct mh_fact *mx = mh_want(pass, domain, MH_RR_MX);
	char name[MH_DNAME_TEXT_MAX];

	if (txt == NULL || mx == NULL || txt->state == MH_FACT_UNKNOWN || mx->state == MH_FACT_UNKNOWN)
		return role;
	for (size_t i = 0; i < mx->count; i++) {
		size_t len = mh_rr_name(mx, i, name, NULL);
		bool is_null = len == 1 && name[0] == '.';
		role.has_null_mx |= is_null;
		role.has_mx |= len > 0 && !is_null;
	}
	role.sends_nothing = sends_nothing(pass, txt);
	role.is_parked = role.sends_nothing && !role.has_mx;
	role.is_known = pass->error == MH_ERR_OK;
	return role;
}
