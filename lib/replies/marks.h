/* marks.h - where words stand in a text, told by one pass over its octets
 *
 * A bit an octet, 64 to a number, so that whoever reads the text goes from
 * word to word and looks at nothing in between.  On machines with vectors the
 * pass takes 16 octets at once; the plain way is the oracle of its test.
 */
#ifndef MH_MARKS_H
#define MH_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

#define MH_MARKS_TEXT 65535 /* octets of a text at most */
#define MH_MARKS_PAD 80 /* NUL octets that must follow it */

/* What mh_marks_make tells of the text as a whole. */
#define MH_MARKS_HIGH 1u /* octets from 0x80 */
#define MH_MARKS_CODED 2u /* ESC, "=" or "$": something may be encoded */

struct mh_marks {
	uint64_t word[MH_MARKS_TEXT / 64 + 1]; /* ASCII letters and digits */
	/* These, and whatever else is not passed over: octets from 0x80, controls but for TAB, the colon before a
	 * colon.  Octets behind the text are set, so that a search ends. */
	uint64_t stop[MH_MARKS_TEXT / 64 + 1];
};

/* mh_marks_make - copies a text of len octets from in, which is not padded, to out, pads and marks it; in and out
 * are the same or do not overlap.  What it tells: MH_MARKS_HIGH, MH_MARKS_CODED. */
unsigned mh_marks_make(struct mh_marks *marks, char *out, const char *in, size_t len);
unsigned mh_marks_make_plain(struct mh_marks *marks, char *out, const char *in, size_t len);

/* mh_marks_next - the first octet at or behind i to stop at; past the text if there is none */
static MH_INLINE size_t
mh_marks_next(const struct mh_marks *marks, size_t i)
{
	size_t block = i / 64;
	uint64_t bits = marks->stop[block] >> i % 64;
	if (MH_LIKELY(bits != 0))
		return i + mh_lowest(bits);
	do
		bits = marks->stop[++block];
	while (bits == 0);
	return block * 64 + mh_lowest(bits);
}

/* mh_marks_end - where the letters and digits that stand at i end */
static MH_INLINE size_t
mh_marks_end(const struct mh_marks *marks, size_t i)
{
	size_t block = i / 64;
	uint64_t bits = ~marks->word[block] >> i % 64;
	if (MH_LIKELY(bits != 0))
		return i + mh_lowest(bits);
	do
		bits = ~marks->word[++block];
	while (bits == 0);
	return block * 64 + mh_lowest(bits);
}

#endif
