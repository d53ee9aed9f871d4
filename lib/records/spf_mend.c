/* spf_mend.c - what a text was probably meant to be that is nearly an SPF record
 *
 * Signs of word processors become what they look like, quotes go, terms that ran
 * together or fell apart are put right, slips of the pen corrected
 * (spf_typo.c).  What comes out is given only if it reads without an error, so
 * that one correction mends the whole record.  Two records in one text become
 * one with the terms of both.
 *
 * Does not: guess at what cannot be read at all.
 *
 * RFC 7208 3.1, 3.3, 12
 */
#include "alabel.h"
#include "error.h"
#include "nearly.h"
#include "port.h"
#include "spf_lint_own.h"

#define TEXT_MAX 4096 /* octets of a text that is mended */
#define DEPTH_MAX 64 /* terms that ran together */

/* behind_version - what follows "v=spf1" or what was meant as that; p NULL: nothing like it is there */
static struct mh_str
behind_version(struct mh_str text)
{
	static const char *const slips[] = { "v=spf1", "spf1", "v=spf ", "v=sfp1", "v=psf1", "v=spf-1",
		"vspf1", "spf=1", "spf=v1" };
	struct mh_str nothing = { NULL, 0 };
	size_t at = 0;

	text = mh_str_trim(text);
	while (at < text.len && at < 6 && memchr("'(v=:- ", mh_lower(text.p[at]), 7) != NULL)
		at++;
	struct mh_str inner = mh_str_n(text.p + at, text.len - at);
	if (!mh_str_istarts(inner, MH_STR("spf1")))
		inner = text;
	for (size_t i = 0; i < MH_COUNT(slips); i++) {
		struct mh_str slip = mh_str_z(slips[i]);
		if (!mh_str_istarts(inner, slip))
			continue;
		inner = mh_str_n(inner.p + slip.len, inner.len - slip.len);
		while (inner.len > 0 && memchr(",;.: ", inner.p[0], 5) != NULL)
			inner = mh_str_n(inner.p + 1, inner.len - 1);
		return inner;
	}
	return nothing;
}

/* -------------------------------------------------------------------- terms */

/* A record under construction. */
struct mend {
	struct mh_lint *lint;
	struct mh_buf text;
	bool has_redirect, has_exp;
	bool is_joined; /* another record was put behind the first */
};

/* read_term - a term by itself; NULL: it cannot be read, or it is no term that SPF knows */
static const struct mh_spf_term *
read_term(struct mh_lint *lint, struct mh_str text)
{
	char room[TEXT_MAX + 8] = "v=spf1 ";
	if (text.len == 0 || text.len > TEXT_MAX)
		return NULL;
	memcpy(room + 7, text.p, text.len);
	char *copy = mh_arena_alloc(lint->pass->arena, text.len + 7);
	if (copy == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	memcpy(copy, room, text.len + 7);
	const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, mh_str_n(copy, text.len + 7));
	return record != NULL && record->error_count == 0 && record->count == 1 ? &record->terms[0] : NULL;
}

/* begins_term - whether a term that takes something begins here, or an "all" that is the end */
static bool
begins_term(struct mh_str text)
{
	static const char *const begins[] = { "include:", "ip4:", "ip6:", "exists:", "redirect=", "mx:",
		"v=spf1" };
	static const char *const ends[] = { "-all", "~all", "?all", "+all" };
	for (size_t i = 0; i < MH_COUNT(begins); i++)
		if (mh_str_istarts(text, mh_str_z(begins[i])))
			return true;
	for (size_t i = 0; i < MH_COUNT(ends); i++)
		if (mh_str_ieq(text, mh_str_z(ends[i])))
			return true;
	return false;
}

size_t
mh_lint_glued(struct mh_lint *lint, struct mh_str term)
{
	int tries = 0;
	for (size_t i = 1; i < term.len && tries < 16; i++) {
		if (!begins_term(mh_str_n(term.p + i, term.len - i)))
			continue;
		tries++;
		struct mh_str first = { term.p, i };
		while (first.len > 1 && memchr(",;\"'+", first.p[first.len - 1], 5) != NULL)
			first.len--;
		const struct mh_spf_term *read = read_term(lint, first);
		if (read != NULL && read->kind != MH_SPF_MODIFIER)
			return i;
	}
	return 0;
}

/* put_term - one term behind those that are there; a second redirect= or exp= is left out, and nobody is advised
 * to let everybody send */
static void
put_term(struct mend *mend, const struct mh_spf_term *term)
{
	bool *has = term->kind == MH_SPF_REDIRECT ? &mend->has_redirect
	    : term->kind == MH_SPF_EXP            ? &mend->has_exp
						  : NULL;
	if (has != NULL && *has)
		return;
	if (has != NULL)
		*has = true;
	mh_buf_putc(&mend->text, ' ');
	mh_buf_putstr(&mend->text,
	    term->kind == MH_SPF_ALL && term->qualifier == '+' ? MH_STR("~all") : term->text);
}

static bool mend_term(struct mend *mend, struct mh_str text, int depth);

/* mend_list - terms between commas; false: there is no comma, or one of them cannot be read */
static bool
mend_list(struct mend *mend, struct mh_str text, int depth)
{
	size_t n = 0;
	if (memchr(text.p, ',', text.len) == NULL && memchr(text.p, ';', text.len) == NULL)
		return false;
	while (text.len > 0) {
		for (n = 0; n < text.len && text.p[n] != ',' && text.p[n] != ';';)
			n++;
		if (n > 0 && !mend_term(mend, mh_str_n(text.p, n), depth))
			return false;
		n += n < text.len;
		text = mh_str_n(text.p + n, text.len - n);
	}
	return true;
}

/* mend_term - one or more terms that stand without a space between them */
static bool
mend_term(struct mend *mend, struct mh_str text, int depth)
{
	struct mh_lint *lint = mend->lint;
	size_t before = mend->text.len, at;

	if (mh_str_istarts(text, MH_STR("v=spf1"))) {
		mend->is_joined = true;
		text = mh_str_n(text.p + 6, text.len - 6);
	}
	if (text.len == 0)
		return true;
	if (depth >= DEPTH_MAX || lint->pass->error != 0)
		return false;
	at = mh_lint_glued(lint, text);
	if (at > 0 && mend_term(mend, mh_str_n(text.p, at), depth + 1) &&
	    mend_term(mend, mh_str_n(text.p + at, text.len - at), depth + 1))
		return true;
	mend->text.len = before;
	const struct mh_spf_term *term = read_term(lint, text);
	struct mh_str meant = { NULL, 0 };
	if (term == NULL || term->kind == MH_SPF_MODIFIER)
		meant = mh_lint_typo(lint, text);
	if (meant.p != NULL)
		term = read_term(lint, meant);
	if (term != NULL) {
		put_term(mend, term);
		return true;
	}
	if (mend_list(mend, text, depth + 1))
		return true;
	mend->text.len = before;
	return false;
}

/* next_word - up to the next space, which is passed over */
static struct mh_str
next_word(struct mh_str *text)
{
	struct mh_str word = { text->p, 0 };
	while (word.len < text->len && word.p[word.len] != ' ')
		word.len++;
	*text = mh_str_n(text->p + word.len, text->len - word.len);
	while (text->len > 0 && text->p[0] == ' ')
		*text = mh_str_n(text->p + 1, text->len - 1);
	return word;
}

/* wants_next - whether a word is the first part of a term that fell apart: "~ all", "include: x", "ip4 :x" */
static bool
wants_next(struct mh_str word, struct mh_str rest)
{
	if (rest.len == 0 || word.len == 0)
		return false;
	char last = word.p[word.len - 1], next = rest.p[0];
	return (word.len == 1 && memchr("+-~?", last, 4) != NULL) || last == ':' || last == '=' ||
	    next == ':' || next == '=' || next == '/';
}

/* mend_terms - all of them; false: one cannot be read */
static bool
mend_terms(struct mend *mend, struct mh_str rest)
{
	while (rest.len > 0) {
		char room[TEXT_MAX];
		size_t len = 0;
		struct mh_str word = next_word(&rest);
		memcpy(room, word.p, word.len);
		len = word.len;
		while (wants_next(mh_str_n(room, len), rest)) {
			word = next_word(&rest);
			memcpy(room + len, word.p, word.len);
			len += word.len;
		}
		if (!mend_term(mend, mh_str_n(room, len), 0))
			return false;
	}
	return true;
}

/* is_before - whether the same mechanism stands in front of a term */
static bool
is_before(const struct mh_spf_record *record, const struct mh_spf_term *term)
{
	for (const struct mh_spf_term *before = record->terms; before < term; before++)
		if (mh_lint_is_same(before, term))
			return true;
	return false;
}

/* put_alabels - text with international names as A-labels, as the record has to have them (RFC 7208 4.3); false: other letters
 * are left, or there is no memory */
static bool
put_alabels(struct mh_lint *lint, struct mh_buf *out, struct mh_str text)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);

	while (mh_cur_left(&cur) > 0) {
		struct mh_str name = mh_alabel_name(lint->pass->arena, mh_cur_until(&cur, " :=/"));
		for (size_t i = 0; i < name.len; i++)
			if ((unsigned char)name.p[i] >= 0x80)
				return false;
		if (name.p == NULL)
			return false;
		mh_buf_putstr(out, name);
		if (mh_cur_left(&cur) > 0)
			mh_buf_putc(out, (char)mh_cur_u8(&cur));
	}
	return !out->bad;
}

/* gentler - of two ends the one that refuses less; a may be NULL */
static const struct mh_spf_term *
gentler(const struct mh_spf_term *a, const struct mh_spf_term *b)
{
	if (a == NULL || b->qualifier == '?' || (b->qualifier == '~' && a->qualifier == '-'))
		return b;
	return a;
}

/* join - records that stand behind one another as one: their terms once each, then the gentlest end; p NULL
 * without memory */
static struct mh_str
join(struct mh_lint *lint, const struct mh_spf_record *record)
{
	const struct mh_spf_term *end = NULL;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 2 * TEXT_MAX);
	mh_buf_puts(&text, "v=spf1");
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_ALL) {
			end = gentler(end, term);
		} else if (!is_before(record, term)) {
			mh_buf_putc(&text, ' ');
			mh_buf_putstr(&text, term->text);
		}
	}
	if (end != NULL) {
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, end->text);
	}
	return mh_lint_keep(lint, &text);
}

struct mh_str
mh_lint_mend(struct mh_lint *lint, struct mh_str text)
{
	struct mend mend = { .lint = lint };
	struct mh_str nothing = { NULL, 0 };
	struct mh_buf ascii;

	if (text.len > TEXT_MAX)
		return nothing;
	mh_buf_init(&ascii, &lint->pass->work->mem, TEXT_MAX);
	mh_buf_init(&mend.text, &lint->pass->work->mem, 2 * TEXT_MAX);
	mh_buf_puts(&mend.text, "v=spf1");
	bool is_clean = mh_plain_ascii(&ascii, text);
	if (!is_clean) {
		mh_buf_reset(&ascii);
		is_clean = put_alabels(lint, &ascii, text);
	}
	struct mh_str rest = behind_version(mh_buf_str(&ascii));
	bool is_mended = is_clean && rest.p != NULL && mend_terms(&mend, mh_str_trim(rest));
	mh_buf_free(&ascii);
	if (!is_mended || mend.text.len == strlen("v=spf1")) {
		mh_buf_free(&mend.text);
		return nothing;
	}
	struct mh_str out = mh_lint_keep(lint, &mend.text);
	const struct mh_spf_record *record = out.p != NULL ? mh_spf_parse(lint->pass->arena, out) : NULL;
	if (record == NULL || record->error_count > 0)
		return nothing;
	return mend.is_joined ? join(lint, record) : out;
}
