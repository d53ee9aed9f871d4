/* spf_combine.c - the one record that has the fixes of several findings in it
 *
 * Each fix is a whole record that mends one fault of the record that is there.
 * Here they are put together: what differs between the record and each fix is
 * taken as words that go and words that come, and all of them go and come at
 * once, without what stands there twice or behind the end.  What comes out is
 * offered only if it reads without an error.
 *
 * Left out are fixes that are a choice: those that are for information, the
 * address that was given (it may be a stranger's), the removal of ptr (somebody
 * may send by it), and a cheaper record that is not needed yet.
 */
#include "error.h"
#include "port.h"
#include "spf_lint_own.h"

#define WORDS_MAX 1000 /* of a record; others are not combined */
#define COMING_MAX 64 /* words that come */
#define CHANGED_MAX 127 /* words between the first and the last that a fix changes */

struct words {
	struct mh_str word[WORDS_MAX];
	size_t count;
	bool has_end; /* one of them is all */
};

/* The record that is there, with what happens to its words. */
struct combination {
	struct words old;
	bool goes[WORDS_MAX];
	struct {
		struct mh_str word;
		size_t at; /* in front of this word of old */
	} coming[COMING_MAX];
	size_t coming_count;
	uint8_t common[CHANGED_MAX + 1][CHANGED_MAX + 1]; /* of add_common */
};

/* split - the words of a text; false: there are too many */
static bool
split(struct mh_str text, struct words *words)
{
	words->count = 0;
	for (size_t i = 0; i < text.len;) {
		size_t end = i;
		while (end < text.len && text.p[end] != ' ')
			end++;
		if (end > i && words->count == WORDS_MAX)
			return false;
		if (end > i)
			words->word[words->count++] = mh_str_n(text.p + i, end - i);
		i = end + 1;
	}
	return true;
}

/* is_all - whether a word is the mechanism all */
static bool
is_all(struct mh_str word)
{
	if (word.len == 4 && memchr("+-~?", word.p[0], 4) != NULL)
		word = mh_str_n(word.p + 1, 3);
	return mh_str_ieq(word, MH_STR("all"));
}

/* add_coming - one word more that comes, if it does not come already, and but one end, which protects somebody; false:
 * there are too many */
static bool
add_coming(struct combination *all, struct mh_str word, size_t at)
{
	for (size_t i = 0; i < all->coming_count; i++) {
		struct mh_str *other = &all->coming[i].word;
		if (is_all(word) && is_all(*other) && (other->p[0] == '?' || other->len == 3))
			*other = word;
		if (mh_str_ieq(*other, word) || (is_all(word) && is_all(*other)))
			return true;
	}
	if (all->coming_count == COMING_MAX)
		return false;
	all->coming[all->coming_count].word = word;
	all->coming[all->coming_count++].at = at;
	return true;
}

/* add_common - of n words of old from head on, and m of the fix, which stay: most of those that both have in the same
 * order */
static bool
add_common(struct combination *all, const struct words *fix, size_t head, size_t n, size_t m)
{
	const struct mh_str *old = all->old.word + head, *new = fix->word + head;
	size_t i = 0, j = 0;

	if (n > CHANGED_MAX || m > CHANGED_MAX)
		return false;
	/* common[i][j]: how many words the rests of both, from i and j on, have in common */
	memset(all->common[n], 0, sizeof(all->common[n]));
	for (size_t k = n; k-- > 0;) {
		all->common[k][m] = 0;
		for (size_t l = m; l-- > 0;) {
			uint8_t skip_old = all->common[k + 1][l], skip_new = all->common[k][l + 1];
			all->common[k][l] = mh_str_eq(old[k], new[l])
			    ? (uint8_t)(all->common[k + 1][l + 1] + 1)
			    : skip_old > skip_new ? skip_old
						  : skip_new;
		}
	}
	while (i < n || j < m) {
		if (i < n && j < m && mh_str_eq(old[i], new[j])) {
			i++;
			j++;
		} else if (i < n && (j == m || all->common[i + 1][j] >= all->common[i][j + 1])) {
			all->goes[head + i++] = true;
		} else if (!add_coming(all, new[j++], head + i)) {
			return false;
		}
	}
	return true;
}

/* add_fix - what a fix changes; false: too much */
static bool
add_fix(struct combination *all, const struct words *fix)
{
	const struct words *old = &all->old;
	size_t most = old->count < fix->count ? old->count : fix->count, head = 0, tail = 0;

	while (head < most && mh_str_eq(old->word[head], fix->word[head]))
		head++;
	while (tail < most - head &&
	    mh_str_eq(old->word[old->count - 1 - tail], fix->word[fix->count - 1 - tail]))
		tail++;
	return add_common(all, fix, head, old->count - tail - head, fix->count - tail - head);
}

/* add_fixes - what all fixes change; false: too much.  Where a term lets everybody send, the cheaper record may be
 * that term alone, which goes. */
static bool
add_fixes(struct mh_lint *lint, struct combination *all, struct words *fix)
{
	bool is_open = mh_report_has(lint->report, MH_F_SPF_PLUS_ALL);
	for (size_t i = 0; i < lint->offers_count; i++) {
		const struct mh_lint_offer *offer = &lint->offers[i];
		if (!(is_open && offer->is_cheaper) && !(split(offer->text, fix) && add_fix(all, fix)))
			return false;
	}
	return true;
}

/* has_end - whether a record ends in all or redirect=; of one with an error that is told of only when it is mended */
static bool
has_end(struct mh_lint *lint, struct mh_str text)
{
	const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, text);
	if (record == NULL)
		lint->pass->error = MH_ERR_ENOMEM;
	return record == NULL || record->all != NULL || record->redirect != NULL;
}

/* put_word - one word more, unless it stands there already or is a mechanism behind the end */
static void
put_word(struct words *made, struct mh_str word)
{
	if ((made->has_end && memchr(word.p, '=', word.len) == NULL) || made->count == WORDS_MAX)
		return;
	for (size_t i = 0; i < made->count; i++)
		if (mh_str_eq(made->word[i], word))
			return;
	made->has_end |= is_all(word);
	made->word[made->count++] = word;
}

/* written - the record with all changes */
static struct mh_str
written(struct mh_lint *lint, const struct combination *all, struct words *made)
{
	struct mh_buf text;

	*made = (struct words){ .count = 0 };
	for (size_t i = 0; i <= all->old.count; i++) {
		for (size_t j = 0; j < all->coming_count; j++)
			if (all->coming[j].at == i)
				put_word(made, all->coming[j].word);
		if (i < all->old.count && !all->goes[i])
			put_word(made, all->old.word[i]);
	}
	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	for (size_t i = 0; i < made->count; i++)
		mh_lint_put(&text, made->word[i]);
	if (!has_end(lint, mh_buf_str(&text)))
		mh_lint_put(&text, MH_STR("~all"));
	struct mh_str kept = mh_lint_keep(lint, &text);
	return kept.p != NULL ? mh_lint_soften(lint, kept) : kept;
}

/* is_sound - whether a record can be read, and has nothing behind its end */
static bool
is_sound(struct mh_lint *lint, struct mh_str text)
{
	if (!mh_spf_is_record(text))
		return false;
	const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, text);
	if (record == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return false;
	}
	if (record->error_count > 0 || (record->all != NULL && record->redirect != NULL))
		return false;
	for (uint32_t i = 0; i < record->count; i++)
		if (record->all != NULL && &record->terms[i] > record->all &&
		    record->terms[i].kind <= MH_SPF_EXISTS)
			return false;
	return true;
}

void
mh_lint_add_offer(struct mh_lint *lint, int number, struct mh_str text)
{
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);
	if (kind == NULL || kind->severity < MH_SEV_WARN || number == MH_F_SPF_NOT_AUTHORISED ||
	    number == MH_F_SPF_PTR || number == MH_F_SPF_NEAR_LIMIT)
		return;
	for (size_t i = 0; i < lint->offers_count; i++)
		if (mh_str_eq(lint->offers[i].text, text))
			return;
	if (lint->offers_count == MH_COUNT(lint->offers))
		return;
	lint->offers[lint->offers_count].is_cheaper = number == MH_F_SPF_TOO_MANY_LOOKUPS;
	lint->offers[lint->offers_count++].text = text;
}

struct mh_str
mh_lint_combined(struct mh_lint *lint)
{
	struct mh_str nothing = { NULL, 0 };
	struct mh_str old = lint->tree->records == 1 ? lint->tree->text : nothing;

	if (lint->offers_count == 0)
		return nothing;
	if (old.p == NULL)
		return is_sound(lint, lint->offers[0].text) ? lint->offers[0].text : nothing;
	struct combination *all = mh_arena_alloc(lint->pass->arena, sizeof(*all));
	struct words *fix = mh_arena_alloc(lint->pass->arena, sizeof(*fix));
	if (all == NULL || fix == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return nothing;
	}
	*all = (struct combination){ .coming_count = 0 };
	bool is_good = split(old, &all->old) && add_fixes(lint, all, fix);
	struct mh_str text = is_good ? written(lint, all, fix) : nothing;
	return text.p != NULL && is_sound(lint, text) && !mh_str_eq(text, old) ? text : nothing;
}
