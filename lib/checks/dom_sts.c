/* dom_sts.c - section "mta-sts" of the check "domain": record, policy, and how it goes with the MX hosts
 *
 * What is read and told is that of the check "tls" (tls_sts.h).  Without fetching
 * the record alone is looked at.
 *
 * RFC 8461
 */
#include "domain.h"

#include "error.h"
#include "tls_report.h"

/* is_record - whether a TXT record is, or means to be, one of MTA-STS */
static bool
is_record(struct mh_str text)
{
	return mh_str_istarts(mh_str_trim(text), MH_STR("v=sts"));
}

/* tell_record - of the record alone */
static void
tell_record(struct mh_look *look, struct mh_str name, const struct mh_fact *fact)
{
	const struct mh_sts_notes notes = { look->report, look->check->domain };
	struct mh_arena *arena = look->pass->arena;
	struct mh_sts_record record;
	struct mh_tell tell;

	if (fact->state == MH_FACT_UNKNOWN) {
		mh_look_tell(look, &tell, "mta-sts", name);
		mh_tell_unknown(&tell, fact);
		mh_look_told(look, &tell);
		return;
	}
	struct mh_str *texts = mh_arena_alloc(arena, (fact->count + (size_t)1) * sizeof(*texts));
	size_t count = 0;
	for (size_t i = 0; texts != NULL && i < fact->count; i++) {
		texts[count] = mh_rr_text(fact, i, arena);
		count += texts[count].p != NULL;
	}
	if (texts == NULL || mh_sts_record_read(arena, texts, count, &notes, &record) != MH_ERR_OK)
		look->pass->error = MH_ERR_ENOMEM;
}

/* tell_all - as the check "tls" tells it */
static void
tell_all(struct mh_look *look, const struct mh_tls_sts *sts)
{
	struct mh_tls_teller teller = { .report = look->report };

	mh_buf_init(&teller.detail, &look->check->mem, 4096);
	mh_tls_sts_add(&teller, &look->check->tls, look->pass, sts);
	if (teller.is_bad)
		look->pass->error = MH_ERR_ENOMEM;
	mh_buf_free(&teller.detail);
}

/* next_id - another id than this one: a number at its end is one more (RFC 8461 3.1: 1 to 32 letters and digits) */
static struct mh_str
next_id(struct mh_arena *arena, struct mh_str id)
{
	char *text = mh_arena_alloc(arena, id.len + 2);
	size_t i = id.len;

	if (text == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(text, id.p, id.len);
	for (; i > 0 && text[i - 1] == '9'; i--)
		text[i - 1] = '0';
	if (i > 0 && text[i - 1] >= '0' && text[i - 1] <= '8') {
		text[i - 1]++;
		return mh_str_n(text, id.len);
	}
	memcpy(text, id.p, id.len);
	text[id.len < 32 ? id.len : id.len - 1] = '1';
	return mh_str_n(text, id.len < 32 ? id.len + 1 : id.len);
}

/* tell_unchanged - the policy is another than when it was last looked at, and the id is not */
static void
tell_unchanged(struct mh_look *look, const struct mh_tls_sts *sts, struct mh_str name,
    const struct mh_fact *fact)
{
	static const struct mh_sts_notes none = { NULL, { "", 0 } };
	const struct mh_domain_check *check = look->check;
	struct mh_arena *arena = look->pass->arena;
	struct mh_sts_policy before;
	struct mh_tell tell;
	int at = 0;

	if (check->policy_before.len == 0 || sts->state != MH_TLS_STS_POLICY ||
	    !mh_str_eq(sts->record.id, check->sts_id_before))
		return;
	if (mh_sts_policy_read(arena, check->policy_before, &none, &before) != MH_ERR_OK) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	/* What could not be used is in nobody's memory. */
	if (!before.is_valid || mh_sts_policy_same(&before, &sts->policy))
		return;
	struct mh_str id = next_id(arena, sts->record.id);
	struct mh_buf text;
	mh_buf_init(&text, &check->mem, 4096);
	mh_buf_puts(&text, "v=STSv1; id=");
	mh_buf_putstr(&text, id);
	mh_buf_putc(&text, ';');
	struct mh_str better = mh_buf_keep(arena, &text);
	if (id.p == NULL || better.p == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str one = mh_rr_text(fact, i, arena);
		if (one.p != NULL && is_record(one))
			at = (int)i;
	}
	mh_look_tell(look, &tell, "mta-sts", name);
	mh_tell_fix_txt(&tell, name, fact, at, better);
	mh_tell(&tell, MH_F_STS_ID_UNCHANGED, sts->record.text);
	mh_look_told(look, &tell);
}

/* look_without - whether there is a policy where no record says so; whoever cannot be asked is no matter, as nothing
 * was promised, and with mode none a domain leaves MTA-STS (RFC 8461 8.3) */
static void
look_without(struct mh_look *look, struct mh_str name)
{
	static const struct mh_sts_notes none = { NULL, { "", 0 } };
	struct mh_arena *arena = look->pass->arena;
	struct mh_str host = mh_name_below(arena, MH_STR("mta-sts"), look->check->domain);
	struct mh_sts_policy policy;
	struct mh_fetch fetch;
	struct mh_tell tell;

	mh_fetch_init(&fetch, host, MH_STR(MH_STS_PATH));
	if (host.len > 0 && mh_fetch_run(&fetch, &look->check->tls, look->pass) &&
	    fetch.state == MH_FETCH_DONE) {
		if (mh_sts_policy_read(arena, fetch.body, &none, &policy) != MH_ERR_OK)
			look->pass->error = MH_ERR_ENOMEM;
		else if (policy.is_valid && policy.mode != MH_STS_NONE) {
			mh_look_tell(look, &tell, "mta-sts", look->check->domain);
			mh_tell_fix_txt(&tell, name, NULL, -1, MH_STR("v=STSv1; id=1;"));
			mh_tell(&tell, MH_F_STS_POLICY_WITHOUT_RECORD, host);
			mh_look_told(look, &tell);
		}
	}
	mh_fetch_free(&fetch);
}

void
mh_dom_sts(struct mh_look *look)
{
	struct mh_str name = mh_name_below(look->pass->arena, MH_STR("_mta-sts"), look->check->domain);
	const struct mh_fact *fact = name.len > 0 ? mh_want(look->pass, name, MH_RR_TXT) : NULL;
	struct mh_tls_sts sts;

	if (name.len == 0)
		return; /* too long: no such name can be */
	if (look->check->fetches) {
		bool is_read = mh_tls_sts_read(&look->check->tls, look->pass, &sts);
		if (is_read && look->report != NULL)
			tell_all(look, &sts);
		if (is_read && look->report != NULL)
			tell_unchanged(look, &sts, name, fact);
		if (is_read && sts.state == MH_TLS_STS_NONE)
			look_without(look, name);
		mh_tls_sts_free(&sts);
	} else if (fact != NULL && look->report != NULL) {
		tell_record(look, name, fact);
	}
	struct mh_domain_row *row = mh_look_row(look, "mta-sts", name, MH_RR_TXT, fact);
	if (row != NULL)
		row->is_shown = is_record;
}

void
mh_dom_sts_json(struct mh_look *look)
{
	struct mh_tls_sts sts;

	if (!look->check->fetches)
		return;
	if (mh_tls_sts_read(&look->check->tls, look->pass, &sts))
		mh_tls_sts_json(look->json, &sts);
	mh_tls_sts_free(&sts);
}
