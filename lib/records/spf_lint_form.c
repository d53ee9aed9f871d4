/* spf_lint_form.c - the form of a domain's own record
 *
 * Errors with their corrections, terms that do nothing, ends that protect
 * nobody, and addresses that no mail comes from.
 *
 * RFC 7208 3, 4.6, 5, 6, 12
 */
#include "error.h"
#include "port.h"
#include "spf_lint_own.h"

#define UDP_MAX 512 /* RFC 7208 3.4 */

static bool
is_mechanism(const struct mh_spf_term *term)
{
	return term->kind <= MH_SPF_EXISTS;
}

/* -------------------------------------------------------------------- errors */

/* glued - where in a term that cannot be read another one begins; 0: nowhere */
static size_t
glued(struct mh_str text)
{
	static const char *const begins[] = { "include:", "ip4:", "ip6:", "exists:", "redirect=", "mx:",
		"-all", "~all", "?all", "+all", "v=spf1" };
	for (size_t i = 1; i < text.len; i++)
		for (size_t j = 0; j < MH_COUNT(begins); j++)
			if (mh_str_istarts(mh_str_n(text.p + i, text.len - i), mh_str_z(begins[j])))
				return i;
	return 0;
}

/* is_family_fault - whether the address behind ip4: or ip6: is one of the other kind */
static bool
is_family_fault(const struct mh_spf_term *term, int fault)
{
	const char *colon = memchr(term->text.p, ':', term->text.len);
	struct mh_ip ip;
	if ((fault != MH_SPF_FAULT_IP4 && fault != MH_SPF_FAULT_IP6) || colon == NULL)
		return false;
	struct mh_str address = mh_str_n(colon + 1, (size_t)(term->text.p + term->text.len - colon - 1));
	const char *slash = address.len > 0 ? memchr(address.p, '/', address.len) : NULL;
	if (slash != NULL)
		address.len = (size_t)(slash - address.p);
	return mh_ip_parse(address, &ip) && ip.family == (fault == MH_SPF_FAULT_IP4 ? 6 : 4);
}

/* tell_correction - beside an error: what was probably meant */
static void
tell_correction(struct mh_lint *lint, const struct mh_spf_term *term, int fault, const struct mh_fix *fix,
    struct mh_str meant)
{
	if (is_family_fault(term, fault)) {
		mh_lint_say(lint, "Write ");
		mh_lint_say_str(lint, meant);
		mh_lint_say(lint, ".");
		mh_lint_term(lint, MH_F_SPF_WRONG_FAMILY, term, fix);
	} else if (meant.p != NULL) {
		mh_lint_say_str(lint, term->text);
		mh_lint_say(lint, " was probably meant to be ");
		mh_lint_say_str(lint, meant);
		mh_lint_say(lint, ".");
		mh_lint_term(lint, MH_F_SPF_TYPO, term, fix);
	}
}

/* split - the record with a space where two terms ran together */
static const struct mh_fix *
split(struct mh_lint *lint, const struct mh_spf_term *term, size_t at)
{
	char *text = mh_arena_alloc(lint->pass->arena, term->text.len + 2);
	if (text == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	memcpy(text, term->text.p, at);
	text[at] = ' ';
	memcpy(text + at + 1, term->text.p + at, term->text.len - at);
	return mh_lint_without(lint, term, mh_str_n(text, term->text.len + 1));
}

/* tell_error - one error of the form, with what goes beside it */
static void
tell_error(struct mh_lint *lint, const struct mh_spf_error *error)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *term = error->term < record->count ? &record->terms[error->term] : NULL;
	const struct mh_fix *fix = NULL;
	struct mh_str meant = { NULL, 0 };
	size_t at = 0;

	if (term != NULL && error->fault == MH_SPF_FAULT_TWICE)
		fix = mh_lint_without(lint, term, MH_STR(""));
	else if (term != NULL && error->fault != MH_SPF_FAULT_OCTET)
		at = glued(term->text);
	if (at > 0) {
		fix = split(lint, term, at);
	} else if (term != NULL && fix == NULL && error->fault != MH_SPF_FAULT_OCTET) {
		meant = mh_lint_typo(lint, term);
		if (meant.p != NULL)
			fix = mh_lint_without(lint, term, meant);
	}
	mh_lint_say(lint, "Octets ");
	mh_lint_say_int(lint, error->begin);
	mh_lint_say(lint, " to ");
	mh_lint_say_int(lint, error->end);
	mh_lint_say(lint, ": ");
	mh_lint_say(lint, mh_spf_fault_text(error->fault));
	mh_lint_say(lint, ".");
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_SYNTAX,
		.evidence = term != NULL ? term->text
					 : mh_str_n(record->text.p + error->begin, error->end - error->begin),
		.begin = error->begin,
		.end = error->end,
		.fix = fix });
	if (term == NULL)
		return;
	if (error->fault == MH_SPF_FAULT_TWICE)
		mh_lint_term(lint, MH_F_SPF_DUPLICATE_MODIFIER, term, fix);
	else if (at > 0)
		mh_lint_term(lint, MH_F_SPF_UNQUOTED_OR_JOINED, term, fix);
	else if (memchr(term->text.p, '"', term->text.len) != NULL)
		mh_lint_term(lint, MH_F_SPF_UNQUOTED_OR_JOINED, term, fix);
	else
		tell_correction(lint, term, error->fault, fix, meant);
}

/* tell_octets - what is not printable ASCII, once */
static void
tell_octets(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->error_count; i++) {
		const struct mh_spf_error *error = &record->errors[i];
		if (error->fault != MH_SPF_FAULT_OCTET)
			continue;
		mh_lint_say(lint, "The first is at octet ");
		mh_lint_say_int(lint, error->begin);
		mh_lint_say(lint, ".");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_NON_ASCII,
			.evidence = record->text,
			.begin = error->begin,
			.end = error->end });
		return;
	}
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
		if (is_mechanism(term) && mh_str_ieq(before->text, term->text))
			return false;
	return true;
}

static bool
keeps_but_ptr(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	(void)lint;
	return term->kind != MH_SPF_PTR;
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
		    mh_lint_cut(lint, keeps_until_all, MH_STR("")));
		break;
	}
	if (record->redirect != NULL)
		mh_lint_term(lint, MH_F_SPF_REDIRECT_WITH_ALL, record->redirect,
		    mh_lint_cut(lint, keeps_but_redirect, MH_STR("")));
}

/* tell_end - how the record ends */
static void
tell_end(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *all = record->all;

	if (all == NULL) {
		/* what cannot be read may have been the end */
		if (record->redirect == NULL && record->error_count == 0)
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_NO_ALL,
				.evidence = record->text,
				.begin = -1,
				.end = -1,
				.fix = mh_lint_cut(lint, keeps_every, MH_STR("~all")) });
		return;
	}
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
		if (term->kind == MH_SPF_MODIFIER && !mh_str_ieq(term->name, MH_STR("ra")) &&
		    !mh_str_ieq(term->name, MH_STR("rp")) && !mh_str_ieq(term->name, MH_STR("rr"))) {
			/* "include=" is a modifier by the grammar, and never meant as one */
			struct mh_str meant = mh_lint_typo(lint, term);
			if (meant.p != NULL)
				tell_correction(lint, term, -1, mh_lint_without(lint, term, meant), meant);
			else
				mh_lint_term(lint, MH_F_SPF_UNKNOWN_MODIFIER, term, NULL);
		}
		if (is_mechanism(term) && !keeps_first(lint, term))
			mh_lint_term(lint, MH_F_SPF_DUPLICATE_TERM, term,
			    mh_lint_cut(lint, keeps_first, MH_STR("")));
	}
	if (ptr != NULL)
		mh_lint_term(lint, MH_F_SPF_PTR, ptr, mh_lint_cut(lint, keeps_but_ptr, MH_STR("")));
	if (macro != NULL)
		mh_lint_term(lint, MH_F_SPF_MACRO, macro, NULL);
}

/* ------------------------------------------------------------------ addresses */

/* Networks that no mail on the Internet comes from (RFC 6890 and its registry), but for those of
 * documentation, which stand for real ones in every example. */
static const struct {
	const char *network;
	int prefix;
	const char *what;
} special[] = {
	{ "0.0.0.0", 8, "this host" },
	{ "10.0.0.0", 8, "private" },
	{ "100.64.0.0", 10, "shared by carriers" },
	{ "127.0.0.0", 8, "loopback" },
	{ "169.254.0.0", 16, "link-local" },
	{ "172.16.0.0", 12, "private" },
	{ "192.168.0.0", 16, "private" },
	{ "198.18.0.0", 15, "for benchmarks" },
	{ "224.0.0.0", 4, "multicast" },
	{ "240.0.0.0", 4, "reserved" },
	{ "::1", 128, "loopback" },
	{ "fc00::", 7, "private" },
	{ "fe80::", 10, "link-local" },
	{ "ff00::", 8, "multicast" },
};

/* tell_special - a network of the record that is none of the Internet's */
static void
tell_special(struct mh_lint *lint, const struct mh_spf_term *term, int prefix)
{
	for (size_t i = 0; i < MH_COUNT(special); i++) {
		struct mh_ip ip;
		struct mh_ipset set, own;
		mh_ip_parse(mh_str_z(special[i].network), &ip);
		if (ip.family != term->ip.family || prefix < special[i].prefix)
			continue;
		mh_ipset_init(&set, lint->pass->arena);
		mh_ipset_init(&own, lint->pass->arena);
		mh_ipset_add(&set, &ip, special[i].prefix);
		mh_ipset_add(&own, &term->ip, prefix);
		if (!mh_ipset_has_all(&set, &own))
			continue;
		mh_lint_say_str(lint, term->text);
		mh_lint_say(lint, " is ");
		mh_lint_say(lint, special[i].what);
		mh_lint_say(lint, ".");
		mh_lint_term(lint, MH_F_SPF_PRIVATE_ADDRESS, term, mh_lint_without(lint, term, MH_STR("")));
		return;
	}
}

/* tell_networks - of ip4 and ip6: too large, or not of the Internet.  What one operator has is rarely larger
 * than a /16 or a /32. */
static void
tell_networks(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind != MH_SPF_IP4 && term->kind != MH_SPF_IP6)
			continue;
		int prefix = term->kind == MH_SPF_IP6 ? term->prefix6 : term->prefix4;
		if (prefix < 0)
			prefix = term->kind == MH_SPF_IP6 ? 128 : 32;
		if (prefix == 0 && term->qualifier == '+') {
			mh_lint_say_str(lint, term->text);
			mh_lint_say(lint, " is every address there is.");
			mh_lint_term(lint, MH_F_SPF_PLUS_ALL, term, mh_lint_without(lint, term, MH_STR("")));
		} else if (prefix < (term->kind == MH_SPF_IP6 ? 32 : 16) && term->qualifier == '+') {
			mh_lint_say_str(lint, term->text);
			mh_lint_say(lint,
			    term->kind == MH_SPF_IP6 ? " is larger than a /32." : " is larger than a /16.");
			mh_lint_term(lint, MH_F_SPF_HUGE_RANGE, term, NULL);
		}
		tell_special(lint, term, prefix);
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
		struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);
		if (text.p == NULL || !mh_spf_is_record(text))
			continue;
		/* the one string is full, and the record has no end */
		if (text.len == 255 && mh_rr_strings(fact, i) == 1 && record->all == NULL &&
		    record->redirect == NULL)
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_STRING_TOO_LONG,
				.evidence = text,
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
	const struct mh_spf_record *record = lint->tree->record;

	for (uint32_t i = 0; i < record->error_count; i++)
		tell_error(lint, &record->errors[i]);
	tell_octets(lint);
	tell_behind_all(lint);
	tell_end(lint);
	if (!lint->is_parked) {
		tell_terms(lint);
		tell_networks(lint);
	}
	tell_sizes(lint);
}
