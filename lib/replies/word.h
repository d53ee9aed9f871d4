/* word.h - single words, as rules and replies are compared by them
 *
 * A word is a run of letters and digits, folded: lower case, Latin letters
 * without diacritics.  Characters of scripts that are written without spaces
 * are a word each.  See mailhealth-rules(5).
 */
#ifndef MH_WORD_H
#define MH_WORD_H

#include "ruleset.h"

struct mh_status {
	uint8_t class; /* 2, 4, 5; 0: none */
	uint16_t subject, detail;
};

/* mh_status_read - octets of an enhanced status code at p (RFC 3463 2), or 0.  classes: the
 * digits that may come first. */
size_t mh_status_read(const char *p, const char *end, struct mh_status *status);

/* One word as rules spell it: letters and digits folded as mailhealth-rules(5) says. */
struct mh_word {
	unsigned char octets[MH_WORD_MAX + 1]; /* the rest is 0 */
	size_t len;
	bool has_digit;
	bool too_long;
};
/* mh_word_next - the next word at or after *at, which moves behind it; false at the end */
bool mh_word_next(struct mh_str text, size_t *at, struct mh_word *word, size_t *begin);

/* mh_word_class - the class of a word in a set, 0 unknown */
uint16_t mh_word_class(const struct mh_ruleset *set, const struct mh_word *word);

/* mh_word_stem - the class that a word of len octets has from the longest stem it begins with, 0 none */
uint32_t mh_word_stem(const struct mh_ruleset *set, const void *octets, size_t len, uint64_t fold);

#endif
