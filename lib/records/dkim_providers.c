/* dkim_providers.c - which selectors to try, and whose keys aliases lead to */
#include "dkim_providers.h"

#include "dname.h"
#include "port.h"

static const struct mh_dkim_provider providers[] = {
#define MH_DKIM_PROVIDER(name, title, selectors, targets, hints, order, as_of, source) \
	{ name, title, selectors, targets, hints, order, as_of, source },
#include "dkim_providers.def"
#undef MH_DKIM_PROVIDER
};

const struct mh_dkim_provider *
mh_dkim_provider_at(unsigned i)
{
	return i < MH_COUNT(providers) ? &providers[i] : NULL;
}

/* next_word - of a list with spaces; false: no more */
static bool
next_word(struct mh_cur *list, struct mh_str *word)
{
	mh_cur_spaces(list);
	*word = mh_cur_until(list, " ");
	return word->len > 0;
}

/* is_under_any - whether canonical name is one of the names of a list, or below one */
static bool
is_under_any(struct mh_str name, const char *names)
{
	struct mh_cur list = mh_cur_of(names, strlen(names));
	struct mh_str word;

	while (next_word(&list, &word))
		if (mh_dname_is_under(name, word))
			return true;
	return false;
}

const struct mh_dkim_provider *
mh_dkim_provider_of(struct mh_str target)
{
	for (size_t i = 0; i < MH_COUNT(providers); i++)
		if (is_under_any(target, providers[i].targets))
			return &providers[i];
	return NULL;
}

int
mh_dkim_provider_hinted(struct mh_str name)
{
	for (size_t i = 0; i < MH_COUNT(providers); i++)
		if (is_under_any(name, providers[i].hints))
			return (int)i;
	return -1;
}

/* ------------------------------------------------------------------ guesses */

/* year_of - of a time; 0: not known */
static int64_t
year_of(int64_t now)
{
	/* The mean year is good enough but for the hours around New Year. */
	return now >= 0 && now < INT64_C(250000000000) ? 1970 + now / 31556952 : 0;
}

/* fill_in - a selector with its year, in lower case as names are; len 0: the year is not known */
static struct mh_str
fill_in(struct mh_arena *arena, struct mh_str word, int64_t year)
{
	size_t n = 0;
	char *out = mh_arena_alloc(arena, word.len + 5);

	for (size_t i = 0; out != NULL && i < word.len; i++) {
		if (word.p[i] != '%' || i + 1 == word.len) {
			out[n++] = mh_lower(word.p[i]);
			continue;
		}
		int64_t shown = word.p[++i] == 'y' ? year - 1 : year;
		if (year == 0 || shown > 9999)
			return mh_str_n(out, 0);
		for (int64_t unit = 1000; unit > 0; unit /= 10)
			out[n++] = (char)('0' + shown / unit % 10);
	}
	return mh_str_n(out, n);
}

bool
mh_dkim_guesses_of(struct mh_arena *arena, unsigned provider, int64_t now, unsigned max,
    struct mh_dkim_guesses *guesses)
{
	const char *selectors = providers[provider].selectors;
	struct mh_cur list = mh_cur_of(selectors, strlen(selectors));
	struct mh_str word;

	if (max > MH_DKIM_GUESSES_MAX)
		max = MH_DKIM_GUESSES_MAX;
	while (guesses->count < max && next_word(&list, &word)) {
		struct mh_str selector = fill_in(arena, word, year_of(now));
		bool is_new = selector.len > 0;
		if (selector.p == NULL)
			return false;
		for (unsigned i = 0; i < guesses->count; i++)
			is_new &= !mh_str_eq(guesses->selectors[i], selector);
		if (is_new)
			guesses->selectors[guesses->count++] = selector;
	}
	return true;
}

bool
mh_dkim_guesses_usual(struct mh_arena *arena, int64_t now, unsigned max, struct mh_dkim_guesses *guesses)
{
	guesses->count = 0;
	for (int order = 1; order <= 2; order++)
		for (unsigned i = 0; i < MH_COUNT(providers); i++)
			if (providers[i].order == order && !mh_dkim_guesses_of(arena, i, now, max, guesses))
				return false;
	return true;
}
