/* spf_lint_form.c - the form of a domain's own record
 *
 * Terms that do nothing, ends that protect nobody, networks that are too large,
 * and sizes.  Errors are in spf_lint_error.c.
 *
 * RFC 7208 3, 4.6, 5, 6, 12
 */
#include "error.h"
#include "port.h"
#include "spf_lint_own.h"

#define UDP_MAX 512 /* RFC 7208 3.4 */

/* is_mechanism - whether a term is one that can be read */
static bool
is_mechanism(const struct mh_spf_term *term)
{
	return term->kind <= MH_SPF_EXISTS;
}

/* --------------------------------------------------------------------- terms */

static bool
keeps_until_all(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_term *all = lint->tree->record->all;
	return term <= all || (!is_mechanism(term) && term->kind != MH_SPF_REDIRECT);
}

static bool
keeps_but_redirect(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	(void)lint;
	return term->kind != MH_SPF_REDIRECT;
}

/* keeps_first - all but mechanisms that stood there before */
static bool
keeps_first(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (const struct mh_spf_term *before = record->terms; before < term; before++)
		if (is_mechanism(term) && mh_lint_is_same(before, term))
			return false;
	return true;
}

static bool
keeps_but_ptr(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	(void)lint;
	return term->kind != MH_SPF_PTR;
}

/* is_needless - whether a term is not the only kind of mechanism in front of the end, so that somebody is left
 * without those of its kind */
static bool
is_needless(const struct mh_spf_record *record, const struct mh_spf_term *term)
{
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		int kind = record->terms[i].kind;
		if (kind != term->kind && (kind <= MH_SPF_EXISTS || kind == MH_SPF_REDIRECT))
			return true;
	}
	return false;
}

static bool
keeps_but_all(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	return keeps_until_all(lint, term) && term->kind != MH_SPF_ALL;
}

static bool
keeps_every(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	(void)lint;
	(void)term;
	return true;
}

/* is_second - whether a term is the version of another record that was put behind the first */
static bool
is_second(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_term *all = lint->tree->record->all;
	return all != NULL && term > all && term->kind == MH_SPF_MODIFIER && lint->mended.p != NULL &&
	    mh_str_ieq(term->text, MH_STR("v=spf1"));
}

/* has_second - whether any is */
static bool
has_second(const struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->count; i++)
		if (is_second(lint, &record->terms[i]))
			return true;
	return false;
}

/* tell_behind_all - what is never looked at */
static void
tell_behind_all(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	if (record->all == NULL)
		return;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term <= record->all || !is_mechanism(term))
			continue;
		mh_lint_say_str(lint, term->text);
		mh_lint_say(lint, " stands behind ");
		mh_lint_say_str(lint, record->all->text);
		mh_lint_say(lint, " and is never looked at.");
		mh_lint_term(lint, MH_F_SPF_TERMS_AFTER_ALL, term,
		    has_second(lint) ? mh_lint_replace(lint, lint->mended)
				     : mh_lint_cut(lint, keeps_until_all, MH_STR("")));
		break;
	}
	if (record->redirect != NULL)
		mh_lint_term(lint, MH_F_SPF_REDIRECT_WITH_ALL, record->redirect,
		    mh_lint_cut(lint, keeps_but_redirect, MH_STR("")));
}

/* is_full - whether record i of the answer is one string that is full, while the record has no end: the rest of it was
 * cut off (RFC 1035 3.3) */
static bool
is_full(const struct mh_lint *lint, size_t i)
{
	const struct mh_fact *fact = lint->tree->fact;
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);

	return text.p != NULL && text.len == 255 && mh_spf_is_record(text) && mh_rr_strings(fact, i) == 1 &&
	    record->all == NULL && record->redirect == NULL;
}

static bool
is_any_full(const struct mh_lint *lint)
{
	for (size_t i = 0; i < lint->tree->fact->count; i++)
		if (is_full(lint, i))
			return true;
	return false;
}

/* tell_end - how the record ends */
static void
tell_end(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *all = record->all;

	if (all == NULL) {
		/* what cannot be read may have been the end, or what was cut off */
		if (record->redirect == NULL && record->error_count == 0 && !is_any_full(lint))
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_NO_ALL,
				.evidence = record->text,
				.begin = -1,
				.end = -1,
				.fix = mh_lint_cut(lint, keeps_every, MH_STR("~all")) });
		return;
	}
	/* "~ all" is told of as what it is */
	if (all > record->terms && mh_lint_is_apart(lint, all - 1))
		return;
	if (lint->is_parked)
		mh_lint_term(lint, MH_F_SPF_PARKED, all, NULL);
	else if (all->qualifier == '+')
		mh_lint_term(lint, MH_F_SPF_PLUS_ALL, all, mh_lint_cut(lint, keeps_but_all, MH_STR("~all")));
	else if (all->qualifier == '?')
		mh_lint_term(lint, MH_F_SPF_NEUTRAL_ALL, all,
		    mh_lint_cut(lint, keeps_but_all, MH_STR("~all")));
	else if (all->qualifier == '~')
		mh_lint_term(lint, MH_F_SPF_SOFTFAIL_ALL, all, NULL);
}

/* tell_modifier - of a modifier that no standard has: "include=" is one by the grammar, and never meant as one */
static void
tell_modifier(struct mh_lint *lint, const struct mh_spf_term *term)
{
	struct mh_str meant;
	size_t glued;

	if (mh_str_ieq(term->name, MH_STR("ra")) || mh_str_ieq(term->name, MH_STR("rp")) ||
	    mh_str_ieq(term->name, MH_STR("rr")))
		return; /* RFC 6652 */
	if (is_second(lint, term)) {
		mh_lint_say(lint, "A second record begins here, and nothing of it counts.");
		mh_lint_term(lint, MH_F_SPF_UNQUOTED_OR_JOINED, term, mh_lint_replace(lint, lint->mended));
		return;
	}
	const struct mh_lint_fix *fix = mh_lint_correct(lint, term, &meant, &glued);
	if (meant.p != NULL)
		mh_lint_correction(lint, term, -1, fix, meant);
	else
		mh_lint_term(lint, MH_F_SPF_UNKNOWN_MODIFIER, term, mh_lint_without(lint, term, MH_STR("")));
}

/* tell_glued - a name that can be read and has another term in it, or the end of a record that has none */
static void
tell_glued(struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_record *record = lint->tree->record;
	bool is_end = record->all == NULL && mh_str_iends(term->domain, MH_STR("all"));
	size_t at = 0;

	if (is_end || (term->domain.len > 0 && memchr(term->domain.p, ':', term->domain.len) != NULL))
		at = mh_lint_glued(lint, term->text);
	if (at == 0)
		return;
	char *text = mh_arena_alloc(lint->pass->arena, term->text.len + 1);
	if (text == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return;
	}
	memcpy(text, term->text.p, at);
	text[at] = ' ';
	memcpy(text + at + 1, term->text.p + at, term->text.len - at);
	mh_lint_say(lint, "A space seems to be missing: ");
	mh_lint_say_str(lint, mh_str_n(text, term->text.len + 1));
	mh_lint_term(lint, MH_F_SPF_UNQUOTED_OR_JOINED, term,
	    mh_lint_without(lint, term, mh_str_n(text, term->text.len + 1)));
}

/* tell_terms - of each term by itself */
static void
tell_terms(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *ptr = NULL, *macro = NULL;

	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_PTR && ptr == NULL)
			ptr = term;
		if (term->has_macro && term->kind != MH_SPF_EXP && macro == NULL)
			macro = term;
		if (term->kind == MH_SPF_MODIFIER && mh_lint_may(lint, MH_F_SPF_UNKNOWN_MODIFIER) &&
		    mh_lint_may(lint, MH_F_SPF_TYPO))
			tell_modifier(lint, term);
		if (term->kind <= MH_SPF_EXISTS && mh_lint_may(lint, MH_F_SPF_UNQUOTED_OR_JOINED))
			tell_glued(lint, term);
		if (is_mechanism(term) && mh_lint_may(lint, MH_F_SPF_DUPLICATE_TERM) &&
		    !keeps_first(lint, term))
			mh_lint_term(lint, MH_F_SPF_DUPLICATE_TERM, term,
			    mh_lint_cut(lint, keeps_first, MH_STR("")));
	}
	if (ptr != NULL)
		mh_lint_term(lint, MH_F_SPF_PTR, ptr,
		    is_needless(record, ptr) ? mh_lint_cut(lint, keeps_but_ptr, MH_STR("")) : NULL);
	if (macro != NULL) {
		const struct mh_spf_step *step = &lint->tree->steps[macro - record->terms];
		if (step->is_void && step->is_dynamic) {
			mh_lint_say_str(lint, step->target);
			mh_lint_say(lint,
			    " has no records. That is as it should be if it is a list that this sender "
			    "is not on, but it counts as one of the two lookups that may find nothing.");
		}
		mh_lint_term(lint, MH_F_SPF_MACRO, macro, NULL);
	}
}

/* ------------------------------------------------------------------ addresses */

/* tell_networks - of ip4, ip6, a and mx: too large.  What one operator has is rarely larger than a /16 of IPv4 (a
 * whole /16 has 65,536 addresses, as the largest senders publish them) or a /32 of IPv6, which is what a provider
 * gets to begin with. */
static void
tell_networks(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->count && (record->all == NULL || &record->terms[i] < record->all);
	     i++) {
		const struct mh_spf_term *term = &record->terms[i];
		bool is_huge4 = term->prefix4 >= 0 && term->prefix4 < 16;
		bool is_huge6 = term->prefix6 >= 0 && term->prefix6 < 32;
		bool is_one = term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6;
		if (term->qualifier != '+' || (!is_huge4 && !is_huge6))
			continue;
		if (is_one && (term->kind == MH_SPF_IP6 ? term->prefix6 : term->prefix4) == 0) {
			mh_lint_say_str(lint, term->text);
			mh_lint_say(lint, " is every address there is.");
			mh_lint_term(lint, MH_F_SPF_PLUS_ALL, term, mh_lint_drop(lint, term));
		} else if (mh_lint_may(lint, MH_F_SPF_HUGE_RANGE)) {
			mh_lint_say_str(lint, term->text);
			mh_lint_say(lint, is_huge4 ? " is larger than a /16." : " is larger than a /32.");
			mh_lint_term(lint, MH_F_SPF_HUGE_RANGE, term, NULL);
		}
	}
}

/* ---------------------------------------------------------------------- sizes */

/* answer_size - octets of a UDP answer with all TXT records of the name */
static size_t
answer_size(const struct mh_fact *fact)
{
	size_t size = 12 + fact->name.len + 2 + 4;
	for (size_t i = 0; i < fact->count; i++)
		size += 12 + fact->rr[i].len;
	return size;
}

/* tell_sizes - strings that look cut, answers that get lost */
static void
tell_sizes(struct mh_lint *lint)
{
	const struct mh_fact *fact = lint->tree->fact;
	const struct mh_spf_record *record = lint->tree->record;
	size_t size = answer_size(fact);

	for (size_t i = 0; i < fact->count; i++) {
		if (is_full(lint, i))
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_STRING_TOO_LONG,
				.evidence = mh_rr_text(fact, i, lint->pass->arena),
				.begin = 0,
				.end = 255 });
	}
	if (size <= UDP_MAX)
		return;
	const struct mh_finding_arg args[] = { { "octets", { NULL, 0 }, (int64_t)size } };
	mh_lint_say(lint, "The answer has ");
	mh_lint_say_int(lint, (int64_t)size);
	mh_lint_say(lint, " octets, of which the SPF record has ");
	mh_lint_say_int(lint, (int64_t)record->text.len);
	mh_lint_say(lint, ".");
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_RECORD_TOO_LONG,
		.begin = -1,
		.end = -1,
		.args = args,
		.args_count = 1 });
}

void
mh_lint_form(struct mh_lint *lint)
{
	mh_lint_errors(lint);
	tell_behind_all(lint);
	tell_end(lint);
	if (lint->is_parked)
		return;
	tell_terms(lint);
	tell_networks(lint);
	mh_lint_private(lint);
	tell_sizes(lint);
}
