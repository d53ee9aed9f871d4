/* dom_bimi.c - section "bimi" of the check "domain": the logo beside the domain's mail
 *
 * Receivers look at default._bimi of the domain, and where there is no record, at
 * that of the organisation, by the public suffix list.  Both are asked at once, with
 * the DMARC records that decide whether a logo is shown at all.
 *
 * the BIMI draft, 7.1 to 7.3
 */
#include "dom_bimi.h"

#include "error.h"
#include "psl.h"

struct bimi_look {
	struct mh_str name,
	    org_name; /* "default._bimi.example.org"; org_name: "" the same, or there can be none */
	const struct mh_fact *fact, *org_fact; /* NULL: missing, or not asked */
	struct mh_dmarc_walk walk;
	struct mh_dmarc_found found;
	struct mh_domain_role role;
};

/* want_record - of default._bimi under a domain */
static const struct mh_fact *
want_record(struct mh_pass *pass, struct mh_str domain, struct mh_str *name)
{
	*name = mh_name_below(pass->arena, MH_STR("default._bimi"), domain);
	if (name->p == NULL)
		pass->error = MH_ERR_ENOMEM;
	return name->len > 0 ? mh_want(pass, *name, MH_RR_TXT) : NULL;
}

/* want_all - whatever can be named */
static void
want_all(struct mh_look *look, struct bimi_look *bimi)
{
	struct mh_str domain = look->check->domain, org = mh_psl_registrable(domain);

	bimi->org_name = MH_STR("");
	bimi->fact = want_record(look->pass, domain, &bimi->name);
	bimi->org_fact = NULL;
	if (org.len > 0 && org.len < domain.len)
		bimi->org_fact = want_record(look->pass, org, &bimi->org_name);
	bimi->role = mh_domain_role(look->pass, domain);
	mh_dmarc_walk(look->pass, domain, NULL, &bimi->walk);
	mh_dmarc_find(look->pass, &bimi->walk, &bimi->found);
}

/* has_record - whether a TXT record there is, or means to be, one */
static bool
has_record(struct mh_pass *pass, const struct mh_fact *fact)
{
	for (size_t i = 0; mh_fact_is_present(fact) && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, pass->arena);
		if (text.p == NULL && text.len == 0)
			pass->error = MH_ERR_ENOMEM;
		if (text.p != NULL && mh_bimi_is_like(text))
			return true;
	}
	return false;
}

/* which - the fact of the name whose record counts; is_there: there is one */
static const struct mh_fact *
which(struct mh_look *look, const struct bimi_look *bimi, bool *is_there)
{
	*is_there = has_record(look->pass, bimi->fact);
	if (*is_there || bimi->fact->state == MH_FACT_UNKNOWN || bimi->org_fact == NULL)
		return bimi->fact;
	*is_there = has_record(look->pass, bimi->org_fact);
	return *is_there || bimi->org_fact->state == MH_FACT_UNKNOWN ? bimi->org_fact : bimi->fact;
}

/* tell - what is not in the record itself */
static void
tell(struct mh_look *look, const struct bimi_look *bimi, const struct mh_fact *fact,
    const struct mh_bimi *record, bool is_there)
{
	struct mh_tell tell;

	mh_look_tell(look, &tell, "bimi", fact->name);
	if (!is_there && fact->state != MH_FACT_UNKNOWN && !(bimi->role.is_known && bimi->role.sends_nothing))
		mh_tell(&tell, MH_F_BIMI_MISSING, MH_STR(""));
	if (record != NULL && !record->is_declined)
		mh_bimi_lint_dmarc(&tell, &bimi->walk, &bimi->found);
	if (record != NULL && record->logo.text.len > 0 && record->evidence.text.len == 0) {
		mh_say(&tell,
		    "The record names no certificate, and Gmail and Apple show a logo only with one; others "
		    "may show it without.");
		tell.severity = MH_SEV_INFO;
		tell.text = record->text;
		mh_tell(&tell, MH_F_BIMI_CERTIFICATE, record->text);
	}
	mh_look_told(look, &tell);
}

void
mh_dom_bimi(struct mh_look *look)
{
	struct bimi_look bimi;
	bool is_there;

	want_all(look, &bimi);
	if (bimi.fact == NULL || (bimi.org_name.len > 0 && bimi.org_fact == NULL))
		return;
	const struct mh_fact *fact = which(look, &bimi, &is_there);
	const struct mh_bimi *record = mh_bimi_used(look->pass, fact);
	mh_dom_bimi_files(look, record, fact->name);
	if (look->report == NULL)
		return;
	struct mh_str expected = mh_bimi_lint(look->pass, fact, look->report);
	tell(look, &bimi, fact, record, is_there);
	struct mh_domain_row *row = mh_look_row(look, "bimi", fact->name, MH_RR_TXT, fact);
	if (row != NULL) {
		row->is_shown = mh_bimi_is_like;
		row->expected = expected;
	}
}

void
mh_dom_bimi_json(struct mh_look *look)
{
	struct bimi_look bimi;
	bool is_there = false;
	const struct mh_bimi *record = NULL;
	const struct mh_fact *fact = NULL;

	want_all(look, &bimi);
	if (bimi.fact != NULL) {
		fact = which(look, &bimi, &is_there);
		record = mh_bimi_used(look->pass, fact);
	}
	mh_json_key(look->json, "bimi");
	mh_json_open(look->json, '{');
	mh_json_put_str(look->json, "name", is_there ? fact->name : MH_STR(""));
	mh_json_put_bool(look->json, "declined", record != NULL && record->is_declined);
	mh_json_put_str(look->json, "logo", record != NULL ? record->logo.text : MH_STR(""));
	mh_json_put_str(look->json, "certificate", record != NULL ? record->evidence.text : MH_STR(""));
	mh_json_put_str(look->json, "preference", record != NULL ? record->avatar : MH_STR(""));
	mh_json_put_str(look->json, "selectors", record != NULL ? record->selectors : MH_STR(""));
	mh_json_close(look->json, '}');
}
