/* dom_bimi.c - section "bimi" of the check "domain": the logo beside the domain's mail
 *
 * Receivers look at default._bimi of the domain, and where there is no record, at
 * that of the organisation, by the public suffix list.  Both are asked at once, with
 * the DMARC records that decide whether a logo is shown at all.  Then, if that may be
 * done, the files that the record names, also both at once.
 *
 * the BIMI draft, 7.1 to 7.3
 */
#include "bimi_files.h"
#include "error.h"
#include "psl.h"

struct bimi_look {
	struct mh_str org; /* the organisation's domain; "" it is not known */
	struct mh_str name,
	    org_name; /* "default._bimi.example.org"; org_name: "" the same, or there can be none */
	const struct mh_fact *fact, *org_fact; /* NULL: missing, or not asked */
	struct mh_dmarc_walk walk;
	struct mh_dmarc_found found;
	struct mh_domain_role role;
	/* once the facts above are there */
	const struct mh_fact *used; /* of the name whose record counts */
	bool is_there; /* it has one */
	const struct mh_bimi *record; /* that receivers use; NULL: none */
	struct mh_bimi_files files; /* that it names, as far as they were fetched */
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

/* want_names - whatever can be named from the start */
static void
want_names(struct mh_look *look, struct bimi_look *bimi)
{
	struct mh_str domain = look->check->domain;

	*bimi = (struct bimi_look){ .org = mh_psl_registrable(domain), .org_name = MH_STR("") };
	bimi->fact = want_record(look->pass, domain, &bimi->name);
	if (bimi->org.len > 0 && bimi->org.len < domain.len)
		bimi->org_fact = want_record(look->pass, bimi->org, &bimi->org_name);
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

/* which - the fact of the name whose record counts; NULL: a fact is missing */
static const struct mh_fact *
which(struct mh_pass *pass, struct bimi_look *bimi)
{
	if (bimi->fact == NULL)
		return NULL;
	bimi->is_there = has_record(pass, bimi->fact);
	if (bimi->is_there || bimi->fact->state == MH_FACT_UNKNOWN || bimi->org_name.len == 0)
		return bimi->fact;
	if (bimi->org_fact == NULL)
		return NULL;
	bimi->is_there = has_record(pass, bimi->org_fact);
	return bimi->is_there || bimi->org_fact->state == MH_FACT_UNKNOWN ? bimi->org_fact : bimi->fact;
}

/* look_at - all of it, as far as facts go; to be given back by mh_bimi_files_free */
static void
look_at(struct mh_look *look, struct bimi_look *bimi)
{
	want_names(look, bimi);
	bimi->used = which(look->pass, bimi);
	if (bimi->used != NULL)
		bimi->record = mh_bimi_used(look->pass, bimi->used);
	if (bimi->record != NULL && look->check->fetches)
		mh_bimi_files_want(look->check, look->pass, bimi->record, &bimi->files);
}

/* judge - the files; nothing of them counts without memory */
static bool
judge(struct mh_look *look, struct bimi_look *bimi)
{
	struct mh_str org = bimi->org.len > 0 ? bimi->org : look->check->domain;
	if (bimi->record == NULL || !look->check->fetches)
		return true;
	if (mh_bimi_files_judge(look->check, look->pass, org, &bimi->files))
		return true;
	look->pass->error = MH_ERR_ENOMEM;
	return false;
}

/* tell - what is not in the record itself */
static void
tell(struct mh_look *look, const struct bimi_look *bimi)
{
	const struct mh_bimi *record = bimi->record;
	struct mh_tell tell;

	mh_look_tell(look, &tell, "bimi", bimi->used->name);
	if (!bimi->is_there && bimi->used->state != MH_FACT_UNKNOWN &&
	    !(bimi->role.is_known && bimi->role.sends_nothing))
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
		tell.text = (struct mh_str){ NULL, 0 };
	}
	if (record != NULL && look->check->fetches)
		mh_bimi_files_tell(&tell, &bimi->files);
	mh_look_told(look, &tell);
}

/* report - findings, and the entry */
static void
report(struct mh_look *look, struct bimi_look *bimi)
{
	struct mh_str expected = mh_bimi_lint(look->pass, bimi->used, look->report);

	if (judge(look, bimi))
		tell(look, bimi);
	struct mh_domain_row *row = mh_look_row(look, "bimi", bimi->used->name, MH_RR_TXT, bimi->used);
	if (row != NULL) {
		row->is_shown = mh_bimi_is_like;
		row->expected = expected;
	}
}

void
mh_dom_bimi(struct mh_look *look)
{
	struct bimi_look bimi;

	look_at(look, &bimi);
	if (look->report != NULL && bimi.used != NULL)
		report(look, &bimi);
	mh_bimi_files_free(&bimi.files);
}

void
mh_dom_bimi_json(struct mh_look *look)
{
	struct mh_json *json = look->json;
	struct bimi_look bimi;

	look_at(look, &bimi);
	const struct mh_bimi *record = bimi.record;
	if (record != NULL && !look->check->fetches) {
		bimi.files.logo.place = &record->logo;
		bimi.files.evidence.place = &record->evidence;
	}
	(void)judge(look, &bimi);
	mh_json_key(json, "bimi");
	mh_json_open(json, '{');
	mh_json_put_str(json, "name", bimi.is_there ? bimi.used->name : MH_STR(""));
	mh_json_put_bool(json, "declined", record != NULL && record->is_declined);
	mh_json_put_str(json, "preference", record != NULL ? record->avatar : MH_STR(""));
	mh_json_put_str(json, "selectors", record != NULL ? record->selectors : MH_STR(""));
	mh_bimi_files_json(json, &bimi.files);
	mh_json_close(json, '}');
	mh_bimi_files_free(&bimi.files);
}
