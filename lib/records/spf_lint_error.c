/* spf_lint_error.c - what of a domain's own record cannot be read, with its correction
 *
 * Every error with its place; beside it, what was probably meant.  Where all of
 * them can be mended, each fix mends them all.  Words that can be read but are
 * never meant, as the name of a page in place of a host, are told of here too.
 *
 * RFC 7208 4.6, 7.1, 12
 */
#include "error.h"
#include "port.h"
#include "spf_lint_own.h"

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

void
mh_lint_correction(struct mh_lint *lint, const struct mh_spf_term *term, int fault,
    const struct mh_lint_fix *fix, struct mh_str meant)
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

bool
mh_lint_is_apart(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_record *record = lint->tree->record;
	if (lint->mended.p == NULL || term < record->terms || term + 1 >= record->terms + record->count ||
	    term->text.len == 0 || term[1].text.len == 0)
		return false;
	if (term[1].kind == MH_SPF_BAD && memchr(":=/", term[1].text.p[0], 3) != NULL)
		return true;
	return term->kind == MH_SPF_BAD && memchr("+-~?:=", term->text.p[term->text.len - 1], 6) != NULL;
}

const struct mh_lint_fix *
mh_lint_correct(struct mh_lint *lint, const struct mh_spf_term *term, struct mh_str *meant, size_t *glued)
{
	*glued = mh_lint_glued(lint, term->text);
	*meant = *glued > 0 ? (struct mh_str){ NULL, 0 } : mh_lint_typo(lint, term->text);
	if (lint->mended.p != NULL)
		return mh_lint_replace(lint, lint->mended);
	return meant->p != NULL ? mh_lint_without(lint, term, *meant) : NULL;
}

void
mh_lint_say_error(struct mh_lint *lint, const struct mh_spf_error *error)
{
	mh_lint_say(lint, error->begin < error->end ? "Octets " : "At octet ");
	mh_lint_say_int(lint, error->begin);
	if (error->begin < error->end) {
		mh_lint_say(lint, " to ");
		mh_lint_say_int(lint, error->end);
	}
	mh_lint_say(lint, ": ");
	mh_lint_say(lint, mh_spf_fault_text(error->fault));
	mh_lint_say(lint, ".");
}

/* is_foreign - whether an octet that cannot be in a record is one of other letters, and not a tab or the like */
static bool
is_foreign(const struct mh_spf_record *record, const struct mh_spf_error *error)
{
	return error->fault == MH_SPF_FAULT_OCTET && (size_t)error->begin < record->text.len &&
	    (unsigned char)record->text.p[error->begin] >= 0x80;
}

/* tell_error - one error of the form, with what goes beside it; a fault that has a kind of its own is that alone */
static void
tell_error(struct mh_lint *lint, const struct mh_spf_error *error)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *term = error->term < record->count ? &record->terms[error->term] : NULL;
	const struct mh_lint_fix *fix = NULL;
	struct mh_str meant = { NULL, 0 };
	size_t glued = 0;

	if (!mh_lint_may(lint, MH_F_SPF_SYNTAX) || is_foreign(record, error))
		return;
	bool is_twice = error->fault == MH_SPF_FAULT_TWICE;
	if (term != NULL && is_twice)
		fix = mh_lint_without(lint, term, MH_STR(""));
	else if (term != NULL)
		fix = mh_lint_correct(lint, term, &meant, &glued);
	else if (lint->mended.p != NULL)
		fix = mh_lint_replace(lint, lint->mended);
	bool is_apart = term != NULL &&
	    (mh_lint_is_apart(lint, term) || (term > record->terms && mh_lint_is_apart(lint, term - 1)));
	bool is_form = term != NULL && error->fault != MH_SPF_FAULT_OCTET && !is_apart;
	/* Commas were put there by somebody who took them for the separator. */
	bool has_comma = is_form && memchr(term->text.p, ',', term->text.len) != NULL;
	bool is_joined = is_form && !is_twice &&
	    ((glued > 0 && !has_comma) || memchr(term->text.p, '"', term->text.len) != NULL);
	mh_lint_say_error(lint, error);
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = is_joined ? MH_F_SPF_UNQUOTED_OR_JOINED
		    : is_twice                          ? MH_F_SPF_DUPLICATE_MODIFIER
							: MH_F_SPF_SYNTAX,
		.severity = is_twice ? MH_SEV_FAIL : 0,
		.evidence = term != NULL ? term->text
					 : mh_str_n(record->text.p + error->begin, error->end - error->begin),
		.begin = error->begin,
		.end = error->end,
		.fix = fix });
	if (is_form && !is_joined && !is_twice && glued == 0)
		mh_lint_correction(lint, term, error->fault, fix, meant);
}

/* tell_apart - terms with a space in them: "~ all", "include: example.net" */
static void
tell_apart(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (!mh_lint_is_apart(lint, term))
			continue;
		struct mh_str both = mh_str_n(record->text.p + term->begin, term[1].end - term->begin);
		mh_lint_say(lint, "There is a space in the middle of a term: ");
		mh_lint_say_str(lint, both);
		mh_lint_say(lint, ".");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_TYPO,
			.evidence = both,
			.begin = term->begin,
			.end = term[1].end,
			.fix = mh_lint_replace(lint, lint->mended) });
	}
}

/* tell_octets - other letters than those of ASCII, once */
static void
tell_octets(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	for (uint32_t i = 0; i < record->error_count; i++) {
		const struct mh_spf_error *error = &record->errors[i];
		if (!is_foreign(record, error))
			continue;
		mh_lint_say(lint, "The first is at octet ");
		mh_lint_say_int(lint, error->begin);
		mh_lint_say(lint, lint->mended.p != NULL ? ". It was probably meant to be: " : ".");
		if (lint->mended.p != NULL)
			mh_lint_say_str(lint, lint->mended);
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_NON_ASCII,
			.severity = MH_SEV_FAIL,
			.evidence = record->text,
			.begin = error->begin,
			.end = error->end,
			.fix = lint->mended.p != NULL ? mh_lint_replace(lint, lint->mended) : NULL });
		return;
	}
}

/* keeps_read - what stands up to all, and exp=, which counts behind it too */
static bool
keeps_read(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	return term <= lint->tree->record->all || term->kind == MH_SPF_EXP;
}

/* tell_trailing - words behind the end that are no terms, all at once; false: that is not what is wrong */
static bool
tell_trailing(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	if (record->all == NULL || record->error_count == 0 || lint->mended.p != NULL)
		return false;
	for (uint32_t i = 0; i < record->error_count; i++) {
		const struct mh_spf_error *error = &record->errors[i];
		if (error->term >= record->count || &record->terms[error->term] < record->all ||
		    record->terms[error->term].kind != MH_SPF_BAD)
			return false;
	}
	uint32_t begin = record->errors[0].begin, end = record->errors[record->error_count - 1].end;
	mh_lint_say(lint, "Behind ");
	mh_lint_say_str(lint, record->all->text);
	mh_lint_say(lint, " stands what cannot be read, and that alone spoils all of the record.");
	const struct mh_lint_fix *fix = mh_lint_cut(lint, keeps_read, MH_STR(""));
	if (fix != NULL) {
		struct mh_str mended = mh_lint_mend(lint, fix->text);
		lint->mended = mended.p != NULL ? mended : fix->text;
	}
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_SYNTAX,
		.evidence = mh_str_n(record->text.p + begin, end - begin),
		.begin = begin,
		.end = end,
		.fix = fix });
	return true;
}

/* tell_urls - names that begin as the address of a page does: they can be read, and nobody has them */
static void
tell_urls(struct mh_lint *lint)
{
	static const char *const begins[] = { "http://", "https://" };
	const struct mh_spf_record *record = lint->tree->record;

	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind > MH_SPF_EXISTS || !mh_lint_may(lint, MH_F_SPF_TYPO))
			continue;
		for (size_t j = 0; j < MH_COUNT(begins); j++) {
			struct mh_str begin = mh_str_z(begins[j]);
			struct mh_buf text;
			if (!mh_str_istarts(term->domain, begin))
				continue;
			size_t before = (size_t)(term->domain.p - term->text.p);
			mh_buf_init(&text, &lint->pass->work->mem, 65535);
			mh_buf_put(&text, term->text.p, before);
			mh_buf_put(&text, term->domain.p + begin.len, term->text.len - before - begin.len);
			struct mh_str meant = mh_lint_keep(lint, &text);
			if (meant.p != NULL)
				mh_lint_correction(lint, term, -1, mh_lint_without(lint, term, meant), meant);
		}
	}
}

void
mh_lint_errors(struct mh_lint *lint)
{
	const struct mh_spf_record *record = lint->tree->record;
	bool wants_mending = record->error_count > 0;

	for (uint32_t i = 0; i < record->count; i++)
		wants_mending |= record->terms[i].kind == MH_SPF_MODIFIER;
	if (wants_mending)
		lint->mended = mh_lint_mend(lint, record->text);
	bool is_told = tell_trailing(lint);
	for (uint32_t i = 0; i < record->error_count && !is_told; i++)
		tell_error(lint, &record->errors[i]);
	tell_apart(lint);
	tell_octets(lint);
	tell_urls(lint);
}
