/* word.c - single words
 *
 * The general road, for any UTF-8; the scan has a shorter one of its own for
 * ASCII, which must give the same.
 */
#include "word.h"

#include "text.h"

/* is_lone - letters of scripts that are written without spaces: each is a word of its own */
static bool
is_lone(uint32_t cp)
{
	return (cp >= 0x0e00 && cp < 0x0e80) || (cp >= 0x3040 && cp < 0x3100) ||
	    (cp >= 0x31f0 && cp < 0x3200) || (cp >= 0x3400 && cp < 0xa000) || (cp >= 0xac00 && cp < 0xd7a4) ||
	    (cp >= 0xf900 && cp < 0xfb00) || (cp >= 0xff66 && cp < 0xffa0) || (cp >= 0x20000 && cp < 0x40000);
}

static bool
is_letter(uint32_t cp)
{
	if (cp < 0xc0 || cp == 0xd7 || cp == 0xf7)
		return false;
	return !((cp >= 0x2000 && cp < 0x2c00) || (cp >= 0x3000 && cp < 0x3040) ||
	    (cp >= 0xe000 && cp < 0xf900) || (cp >= 0xfe00 && cp < 0xfe70) ||
	    (cp >= 0xff00 && cp < 0x10000) || (cp >= 0x1f000 && cp < 0x20000) || cp == 0x060c ||
	    cp == 0x061b || cp == 0x061f || cp == 0x06d4 || cp == 0x0964);
}

static void
word_put(struct mh_word *word, unsigned char octet)
{
	if (word->len == MH_WORD_MAX) {
		word->too_long = true;
		return;
	}
	word->octets[word->len++] = octet;
	word->has_digit |= mh_is_digit(octet);
}

bool
mh_word_next(struct mh_str text, size_t *at, struct mh_word *word, size_t *begin)
{
	size_t i = *at;
	*word = (struct mh_word){ .len = 0 };
	while (i < text.len) {
		unsigned char c = (unsigned char)text.p[i];
		size_t step = 1;
		uint32_t cp = c, second = 0;
		if (c >= 0x80) {
			int octets = mh_utf8_get(text.p + i, text.len - i, &cp);
			step = octets > 0 ? (size_t)octets : 1;
			cp = octets > 0 ? mh_fold(cp, &second) : ' ';
			if (cp >= 0x300 && cp < 0x370) { /* combining marks: their letter stands alone */
				i += step;
				continue;
			}
		}
		if (cp < 0x80 && mh_is_alnum((int)cp)) {
			if (word->len == 0)
				*begin = i;
			word_put(word, (unsigned char)mh_lower((char)cp));
			if (second != 0)
				word_put(word, (unsigned char)second);
		} else if (is_lone(cp) || (cp >= 0x80 && is_letter(cp))) {
			if (is_lone(cp) && word->len > 0)
				break;
			if (word->len == 0)
				*begin = i;
			char utf8[4];
			int octets = mh_utf8_put(cp, utf8);
			for (int k = 0; k < octets; k++)
				word_put(word, (unsigned char)utf8[k]);
			if (is_lone(cp)) {
				i += step;
				break;
			}
		} else if (word->len > 0) {
			size_t next = i + step;
			bool goes_on = next < text.len &&
			    (mh_is_alpha(text.p[next]) || (unsigned char)text.p[next] >= 0xc0);
			bool e_mail = cp == '-' && word->len == 1 && word->octets[0] == 'e' &&
			    mh_str_istarts(mh_str_n(text.p + next, text.len - next), MH_STR("mail"));
			if (!(cp == '\'' && goes_on) && !e_mail)
				break;
		}
		i += step;
	}
	*at = i;
	return word->len > 0;
}

uint32_t
mh_word_stem(const struct mh_ruleset *set, const void *octets, size_t len, uint64_t fold)
{
	if (len <= 3)
		return 0; /* stems are longer than nothing and at least three octets */
	uint64_t lengths = set->stem_lengths[mh_stem_place((uint32_t)(mh_load64(octets) | fold))];
	if (len <= MH_STEM_MAX)
		lengths &= (UINT64_C(1) << len) - 1;
	for (size_t n = len <= MH_STEM_MAX ? len - 1 : MH_STEM_MAX; lengths != 0 && n > 0; n--) {
		if ((lengths >> n & 1) == 0)
			continue;
		uint32_t stem = mh_ruleset_word(set, mh_word_hash(octets, n, fold)) >> 16;
		if (stem != 0)
			return stem;
		lengths &= (UINT64_C(1) << n) - 1;
	}
	return 0;
}

uint16_t
mh_word_class(const struct mh_ruleset *set, const struct mh_word *word)
{
	uint32_t known = word->too_long ? 0 : mh_ruleset_word(set, mh_word_hash(word->octets, word->len, 0));
	return (uint16_t)(known != 0 ? known : mh_word_stem(set, word->octets, word->len, 0));
}

size_t
mh_status_read(const char *p, const char *end, struct mh_status *status)
{
	const char *at = p;
	uint16_t part[2] = { 0, 0 };
	if (end - p < 5 || (p[0] != '2' && p[0] != '4' && p[0] != '5') || p[1] != '.')
		return 0;
	at = p + 2;
	for (int i = 0; i < 2; i++) {
		int digits = 0;
		for (; at < end && mh_is_digit(*at) && digits < 4; at++, digits++)
			part[i] = (uint16_t)(part[i] * 10 + (*at - '0'));
		if (digits == 0 || digits > 3 || (i == 0 && (at == end || *at++ != '.')))
			return 0;
	}
	if (at < end && (mh_is_alnum(*at) || (*at == '.' && at + 1 < end && mh_is_alnum(at[1]))))
		return 0;
	*status = (struct mh_status){ (uint8_t)(p[0] - '0'), part[0], part[1] };
	return (size_t)(at - p);
}
