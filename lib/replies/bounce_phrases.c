/* bounce_phrases.c - turns of phrase by which a bounce is understood
 *
 * The phrases of bounce_phrases.def, looked for at the beginning of every word
 * by its first two octets.
 */
#include "bounce_phrases.h"

#include "port.h"
#include "ruleset.h"

/* Texts in one block and offsets into it: pointers would each need a relocation when the library is loaded. */
#define NAME_(prefix, line) prefix##line
#define NAME(prefix, line) NAME_(prefix, line)
static const struct pool {
#define MH_PHRASE(text, kind, value) char NAME(phrase_, __LINE__)[sizeof(text)];
#include "bounce_phrases.def"
#undef MH_PHRASE
} pool = {
#define MH_PHRASE(text, kind, value) text,
#include "bounce_phrases.def"
#undef MH_PHRASE
};

static const struct {
	uint16_t at; /* of the pool */
	uint8_t kind, value;
} table[] = {
#define MH_PHRASE(text, kind, value) { offsetof(struct pool, NAME(phrase_, __LINE__)), MH_PH_##kind, value },
#include "bounce_phrases.def"
#undef MH_PHRASE
};

_Static_assert(MH_COUNT(table) <= MH_PHRASES_MAX, "make room for the phrases");
_Static_assert(sizeof(pool) <= UINT16_MAX, "offsets have 16 bits");

/* bucket_of - for two octets of a phrase or, lower case, of a text */
static uint32_t
bucket_of(unsigned char first, unsigned char second)
{
	if (mh_is_space(second) || second == '\0')
		second = ' ';
	else if (second == 0xe2) /* a typographic apostrophe */
		second = '\'';
	return (first * 37u ^ second * 5u) % MH_PHRASE_BUCKETS;
}

static const char *
text_of(size_t i)
{
	return (const char *)&pool + table[i].at;
}

static uint32_t
bucket_of_phrase(size_t i)
{
	return bucket_of((unsigned char)text_of(i)[0], (unsigned char)text_of(i)[1]);
}

void
mh_phrases_init(struct mh_phrases *phrases)
{
	uint16_t next[MH_PHRASE_BUCKETS + 1] = { 0 };
	memset(phrases, 0, sizeof(*phrases));
	for (size_t i = 0; i < MH_COUNT(table); i++)
		next[bucket_of_phrase(i) + 1]++;
	for (size_t c = 0; c < MH_PHRASE_BUCKETS; c++)
		next[c + 1] = (uint16_t)(next[c + 1] + next[c]);
	memcpy(phrases->first, next, sizeof(next));
	for (size_t i = 0; i < MH_COUNT(table); i++) {
		phrases->order[next[bucket_of_phrase(i)]++] = (uint16_t)i;
		phrases->kinds[bucket_of_phrase(i)] |= 1u << table[i].kind;
	}
	for (int c = 0; c < 256; c++)
		phrases->lead[c] = (uint8_t)(c >= 0xc0 ? c
			: c < 0x80 && mh_is_alnum(c)   ? mh_lower((char)c)
						       : 0);
}

/* match_end - where a phrase that begins at at ends; 0 if it does not stand there */
static size_t
match_end(struct mh_str text, size_t at, const char *phrase)
{
	for (; *phrase != '\0'; phrase++) {
		if (at == text.len)
			return 0;
		char c = text.p[at];
		if (*phrase == ' ') {
			if (!mh_is_space(c))
				return 0;
			while (at < text.len && mh_is_space(text.p[at]))
				at++;
		} else if (mh_lower(c) == *phrase)
			at++;
		else if (*phrase == '\'' && at + 2 < text.len && memcmp(text.p + at, "\xe2\x80\x99", 3) == 0)
			at += 3; /* a typographic apostrophe */
		else
			return 0;
	}
	return at;
}

bool
mh_phrase_at(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds, size_t i,
    struct mh_phrase_hit *hit)
{
	if (i >= text.len || phrases->lead[(unsigned char)text.p[i]] == 0)
		return false;
	unsigned char second = i + 1 < text.len ? (unsigned char)mh_lower(text.p[i + 1]) : ' ';
	if (second < 0x80 && !mh_is_alnum(second) && second != '\'' && second != '-' && second != '_')
		second = ' '; /* a phrase of one letter ends there */
	uint32_t bucket = bucket_of(phrases->lead[(unsigned char)text.p[i]], second);
	if ((phrases->kinds[bucket] & kinds) == 0)
		return false;
	size_t best = 0, best_end = 0;
	for (size_t k = phrases->first[bucket]; k < phrases->first[bucket + 1]; k++) {
		size_t number = phrases->order[k];
		if ((kinds >> table[number].kind & 1) == 0)
			continue;
		size_t end = match_end(text, i, text_of(number));
		if (end <= best_end)
			continue;
		if (end == text.len || !mh_is_alpha(text.p[end]) || !mh_is_alpha(text.p[end - 1]) ||
		    end - i > 5) {
			best = number;
			best_end = end;
		}
	}
	if (best_end == 0)
		return false;
	*hit = (struct mh_phrase_hit){ i, best_end, table[best].kind, table[best].value };
	return true;
}

bool
mh_phrase_next(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds, size_t *at,
    struct mh_phrase_hit *hit)
{
	size_t i = *at;
	bool is_inside =
	    i > 0 && i < text.len && (unsigned char)text.p[i - 1] < 0x80 && mh_is_alnum(text.p[i - 1]);
	while (i < text.len) {
		unsigned char c = (unsigned char)text.p[i];
		if (phrases->lead[c] == 0) {
			is_inside = false;
			i++;
			continue;
		}
		if ((c >= 0x80 || !is_inside) && mh_phrase_at(phrases, text, kinds, i, hit)) {
			*at = hit->end;
			return true;
		}
		is_inside = c < 0x80;
		i++;
	}
	*at = text.len;
	return false;
}

bool
mh_phrase_has(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds)
{
	struct mh_phrase_hit hit;
	size_t at = 0;
	return mh_phrase_next(phrases, text, kinds, &at, &hit);
}
