/* spf_lint.c - what is wrong, weak or wasteful about a domain's SPF
 *
 * Looks at the surveyed tree from four sides: is there one record at all
 * (spf_lint_record.c), the form of the record (spf_lint_form.c, _error.c), what it
 * leads to (spf_lint_tree.c), and whom it lets send (spf_lint_addresses.c).  Here is
 * what they share: how a finding and its fix are put together.  Nothing is said
 * about what is unknown but that it is.
 *
 * Does not: decide for one client; that is the verdict, which is given in.
 */
#include "spf_lint_own.h"

#include "error.h"
#include "port.h"
#include "tell.h"

/* ------------------------------------------------------------------ findings */

/* told_of - how often a finding of this number was told; NULL: that is not counted */
static const uint8_t *
told_of(const struct mh_lint *lint, int number)
{
	int i = number - MH_F_SPF_MISSING;
	return i >= 0 && i < (int)MH_COUNT(lint->told) ? &lint->told[i] : NULL;
}

bool
mh_lint_may(const struct mh_lint *lint, int number)
{
	const uint8_t *told = told_of(lint, number);
	return lint->report != NULL && lint->pass->error == 0 && (told == NULL || *told < MH_LINT_TOLD_MAX);
}

void
mh_lint_tell(struct mh_lint *lint, const struct mh_lint_note *note)
{
	const uint8_t *told = told_of(lint, note->number);
	if (!mh_lint_may(lint, note->number)) {
		mh_buf_reset(&lint->detail);
		return;
	}
	if (told != NULL && ++lint->told[told - lint->told] == MH_LINT_TOLD_MAX)
		mh_lint_say(lint,
		    lint->detail.len > 0 ? " Others of this kind are not listed."
					 : "Others of this kind are not listed.");
	struct mh_finding_more more = { .check = "spf",
		.detail = mh_buf_str(&lint->detail),
		.fixes = note->fix != NULL ? &note->fix->fix : NULL,
		.fixes_count = note->fix != NULL ? 1 : 0,
		.args = note->args,
		.args_count = note->args_count,
		.severity = note->severity,
		.is_unknown = note->is_unknown };
	int result = lint->detail.bad ? MH_ERR_ENOMEM
				      : mh_report_add_more(lint->report, note->number,
					    note->subject.len > 0 ? note->subject : lint->tree->domain,
					    note->evidence, note->begin, note->end, &more);
	if (result != MH_ERR_OK)
		lint->pass->error = result;
	else if (note->fix != NULL && note->fix->text.p != NULL)
		mh_lint_add_offer(lint, note->number, note->fix->text);
	mh_buf_reset(&lint->detail);
}

void
mh_lint_say(struct mh_lint *lint, const char *text)
{
	mh_buf_puts(&lint->detail, text);
}

void
mh_lint_say_str(struct mh_lint *lint, struct mh_str text)
{
	mh_printable(&lint->detail, text, 200);
}

void
mh_lint_say_int(struct mh_lint *lint, int64_t number)
{
	mh_buf_putint(&lint->detail, number);
}

void
mh_lint_term(struct mh_lint *lint, int number, const struct mh_spf_term *term, const struct mh_lint_fix *fix)
{
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = number,
		.evidence = term->text,
		.begin = term->begin,
		.end = term->end,
		.fix = fix });
}

bool
mh_lint_is_same(const struct mh_spf_term *a, const struct mh_spf_term *b)
{
	return a->has_macro || b->has_macro ? mh_str_eq(a->text, b->text) : mh_str_ieq(a->text, b->text);
}

/* --------------------------------------------------------------------- fixes */

/* quoted - a record's text in presentation form; p NULL without memory */
static struct mh_str
quoted(struct mh_lint *lint, struct mh_str text)
{
	struct mh_str out = mh_txt_quote(lint->pass->arena, text);
	if (out.p == NULL)
		lint->pass->error = MH_ERR_ENOMEM;
	return out;
}

struct mh_str
mh_lint_keep(struct mh_lint *lint, struct mh_buf *text)
{
	struct mh_str out = mh_buf_keep(lint->pass->arena, text);
	if (out.p == NULL)
		lint->pass->error = MH_ERR_ENOMEM;
	return out;
}

struct mh_str
mh_lint_text(struct mh_lint *lint, const struct mh_fact *fact, size_t i)
{
	struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);
	return text.p != NULL ? text : MH_STR("");
}

/* printed - record i of an answer as it stands there */
static struct mh_str
printed(struct mh_lint *lint, const struct mh_fact *fact, size_t i)
{
	struct mh_str out = mh_rr_printed(lint->pass->arena, fact, i);
	if (out.p == NULL)
		lint->pass->error = MH_ERR_ENOMEM;
	return out;
}

/* make_fix - nothing removed and added yet */
static struct mh_lint_fix *
make_fix(struct mh_lint *lint, const struct mh_fact *fact, int type)
{
	struct mh_lint_fix *fix = mh_arena_alloc(lint->pass->arena, sizeof(*fix));
	if (fix == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	*fix = (struct mh_lint_fix){ .fix = { .name = lint->tree->domain, .type = type } };
	if (fact != NULL && mh_fact_is_present(fact))
		fix->fix.ttl = fact->ttl;
	return fix;
}

const struct mh_lint_fix *
mh_lint_fix_removed(struct mh_lint *lint, const struct mh_fact *fact, size_t i)
{
	/* An alias is not where a record can be changed. */
	struct mh_lint_fix *fix = fact->is_alias ? NULL : make_fix(lint, fact, fact->type);
	if (fix != NULL)
		fix->fix.remove[0] = printed(lint, fact, i);
	return fix;
}

/* is_removed - whether a text makes place for a new record */
static bool
is_removed(const struct mh_lint *lint, struct mh_str text)
{
	for (size_t i = 0; i < MH_COUNT(lint->also); i++)
		if (lint->also[i].len > 0 && mh_str_eq(lint->also[i], text))
			return true;
	return mh_spf_is_record(text);
}

/* names_others - whether a record has a term in front of its end that may stand for hosts which are not seen in it */
static bool
names_others(const struct mh_spf_record *record)
{
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		bool is_everybody = (term->kind == MH_SPF_IP4 && term->prefix4 == 0) ||
		    (term->kind == MH_SPF_IP6 && term->prefix6 == 0);
		if (term->kind == MH_SPF_INCLUDE || term->kind == MH_SPF_REDIRECT || is_everybody)
			return true;
	}
	return false;
}

/* names_nobody - whether a record has no mechanism in front of its end */
static bool
names_nobody(const struct mh_spf_record *record)
{
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++)
		if (record->terms[i].kind <= MH_SPF_EXISTS || record->terms[i].kind == MH_SPF_REDIRECT)
			return false;
	return true;
}

struct mh_str
mh_lint_soften(struct mh_lint *lint, struct mh_str text)
{
	const struct mh_spf_record *old = lint->tree->record;
	struct mh_buf soft;

	if (old == NULL || !names_others(old))
		return text;
	const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, text);
	if (record == NULL)
		lint->pass->error = MH_ERR_ENOMEM;
	if (record == NULL || record->all == NULL || record->all->qualifier != '-' || !names_nobody(record))
		return text;
	mh_buf_init(&soft, &lint->pass->work->mem, 65535);
	mh_buf_put(&soft, text.p, record->all->begin);
	mh_buf_putc(&soft, '~');
	mh_buf_put(&soft, text.p + record->all->begin + 1, text.len - record->all->begin - 1);
	return mh_lint_keep(lint, &soft);
}

const struct mh_lint_fix *
mh_lint_replace(struct mh_lint *lint, struct mh_str text)
{
	const struct mh_fact *fact = lint->tree->fact;
	size_t removed = 0;

	if (fact != NULL && fact->is_alias)
		return NULL;
	struct mh_lint_fix *fix = make_fix(lint, fact, MH_RR_TXT);
	if (fix == NULL)
		return NULL;
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		if (!is_removed(lint, mh_lint_text(lint, fact, i)))
			continue;
		if (removed == MH_COUNT(fix->fix.remove))
			return NULL;
		fix->fix.remove[removed++] = printed(lint, fact, i);
	}
	fix->text = text;
	fix->fix.add[0] = quoted(lint, text);
	return fix;
}

void
mh_lint_put(struct mh_buf *out, struct mh_str text)
{
	if (out->len > 0)
		mh_buf_putc(out, ' ');
	mh_buf_putstr(out, text);
}

/* changed - a fix that makes the record this text (p NULL: no memory); NULL also where that still has an error which
 * nobody knows how to mend: to publish it would be in vain */
static const struct mh_lint_fix *
changed(struct mh_lint *lint, struct mh_str text)
{
	if (text.p == NULL)
		return NULL;
	if (lint->tree->record->error_count > 0 && lint->mended.p == NULL) {
		const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, text);
		if (record == NULL)
			lint->pass->error = MH_ERR_ENOMEM;
		if (record == NULL || record->error_count > 0)
			return NULL;
	}
	return mh_lint_replace(lint, mh_lint_soften(lint, text));
}

const struct mh_lint_fix *
mh_lint_without(struct mh_lint *lint, const struct mh_spf_term *term, struct mh_str instead)
{
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	mh_lint_put(&text, MH_STR("v=spf1"));
	for (uint32_t i = 0; i < record->count; i++) {
		if (&record->terms[i] != term)
			mh_lint_put(&text, record->terms[i].text);
		else if (instead.len > 0)
			mh_lint_put(&text, instead);
	}
	return changed(lint, mh_lint_keep(lint, &text));
}

const struct mh_lint_fix *
mh_lint_drop(struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	mh_lint_put(&text, MH_STR("v=spf1"));
	for (uint32_t i = 0; i < record->count; i++)
		if (!mh_lint_is_same(&record->terms[i], term))
			mh_lint_put(&text, record->terms[i].text);
	return changed(lint, mh_lint_keep(lint, &text));
}

const struct mh_lint_fix *
mh_lint_cut(struct mh_lint *lint, bool (*keeps)(const struct mh_lint *lint, const struct mh_spf_term *term),
    struct mh_str last)
{
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	mh_lint_put(&text, MH_STR("v=spf1"));
	for (uint32_t i = 0; i < record->count; i++)
		if (keeps(lint, &record->terms[i]))
			mh_lint_put(&text, record->terms[i].text);
	if (last.len > 0)
		mh_lint_put(&text, last);
	return changed(lint, mh_lint_keep(lint, &text));
}

/* ----------------------------------------------------------------- unknown */

void
mh_lint_unknown(struct mh_lint *lint, const struct mh_fact *fact, struct mh_str name, int type)
{
	char room[MH_RR_TYPE_ROOM];
	struct mh_buf subject;

	if (lint->report == NULL)
		return;
	mh_buf_init(&subject, &lint->pass->work->mem, 2048);
	mh_buf_putstr(&subject, name);
	mh_buf_putc(&subject, ' ');
	mh_buf_puts(&subject, mh_rr_type_name(type, room));
	mh_say_why(&lint->detail, fact);
	if (subject.bad)
		lint->pass->error = MH_ERR_ENOMEM;
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_DNS_UNKNOWN,
		.subject = mh_buf_str(&subject),
		.begin = -1,
		.end = -1,
		.is_unknown = true });
	mh_buf_free(&subject);
}

/* is_parked - nothing stands before -all, not even something that was meant as a term */
static bool
is_parked(const struct mh_spf_record *record)
{
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_EXP || term->kind == MH_SPF_REDIRECT)
			continue;
		return term->kind == MH_SPF_ALL && term->qualifier == '-';
	}
	return false;
}

struct mh_str
mh_spf_lint(struct mh_pass *pass, const struct mh_spf_question *question, const struct mh_spf_node *tree,
    const struct mh_spf_verdict *verdict, struct mh_report *report)
{
	struct mh_lint lint = { .pass = pass,
		.question = question,
		.tree = tree,
		.verdict = verdict,
		.report = report };

	mh_buf_init(&lint.detail, &pass->work->mem, 8000);
	lint.is_parked = tree->record != NULL && is_parked(tree->record);
	mh_lint_record(&lint);
	if (tree->record != NULL && tree->records == 1) {
		mh_lint_tree_wants(&lint);
		if (report != NULL) {
			mh_lint_form(&lint);
			mh_lint_tree(&lint);
			if (tree->record->error_count == 0)
				mh_lint_addresses(&lint);
		}
	}
	mh_buf_free(&lint.detail);
	return mh_lint_combined(&lint);
}
