/* marks.c - where words stand in a text */
#include "marks.h"

/* clang-format off */
enum { PASS, WORD, STOP, COLON };
#define P4 PASS, PASS, PASS, PASS
#define W4 WORD, WORD, WORD, WORD
#define S4 STOP, STOP, STOP, STOP
#define S16 S4, S4, S4, S4
static const unsigned char mark_of[256] = {
	/* 00 */ S4, S4, STOP, PASS, STOP, STOP, S4, S16,
	/* 20 */ P4, P4, P4, P4, W4, W4, WORD, WORD, COLON, PASS, P4,
	/* 40 */ PASS, WORD, WORD, WORD, W4, W4, W4, W4, W4, WORD, WORD, WORD, PASS, P4,
	/* 60 */ PASS, WORD, WORD, WORD, W4, W4, W4, W4, W4, WORD, WORD, WORD, PASS, PASS, PASS, PASS, STOP,
	/* 80 */ S16, S16, S16, S16, S16, S16, S16, S16,
};
/* clang-format on */

unsigned
mh_marks_make_plain(struct mh_marks *marks, const char *text, size_t len)
{
	unsigned all = 0, coded = 0;
	for (size_t block = 0; block <= len / 64; block++) {
		uint64_t word = 0, stop = 0, colon = 0;
		for (size_t i = 0; i < 64; i++) {
			unsigned char c = (unsigned char)text[block * 64 + i];
			unsigned mark = mark_of[c];
			all |= c;
			coded |= c == '\x1b' || c == '=' || c == '$';
			word |= (uint64_t)(mark == WORD) << i;
			stop |= (uint64_t)(mark == STOP) << i;
			colon |= (uint64_t)(mark == COLON) << i;
		}
		marks->word[block] = word;
		/* the colon that ends a block may have another behind it */
		marks->stop[block] = word | stop | (colon & (colon >> 1 | UINT64_C(1) << 63));
	}
	return (all >= 0x80 ? MH_MARKS_HIGH : 0) | (coded ? MH_MARKS_CODED : 0);
}

#ifdef MH_VECTORS
unsigned
mh_marks_make(struct mh_marks *marks, const char *text, size_t len)
{
	mh_vec all = mh_vec_none(), coded = mh_vec_none();
	for (size_t block = 0; block <= len / 64; block++) {
		uint64_t word = 0, stop = 0, colon = 0;
		size_t left = len - block * 64, some = left < 64 ? left : 64, i = 0;
		for (; i < some; i += 16) {
			mh_vec v = mh_vec_load(text + block * 64 + i);
			mh_vec letter =
			    mh_vec_or(mh_vec_in(mh_vec_lower(v), 'a', 'z'), mh_vec_in(v, '0', '9'));
			mh_vec other = mh_vec_or(mh_vec_without(mh_vec_below(v, ' '), mh_vec_is(v, '\t')),
			    mh_vec_is(v, 0x7f));
			all = mh_vec_or(all, v);
			coded = mh_vec_or(coded, mh_vec_is(v, '\x1b'));
			coded = mh_vec_or(coded, mh_vec_or(mh_vec_is(v, '='), mh_vec_is(v, '$')));
			word |= (uint64_t)mh_vec_bits(letter) << i;
			stop |= (uint64_t)mh_vec_bits(mh_vec_or(letter, other)) << i;
			colon |= (uint64_t)mh_vec_bits(mh_vec_is(v, ':')) << i;
		}
		if (i < 64)
			stop |= UINT64_MAX << i; /* behind the text */
		marks->word[block] = word;
		marks->stop[block] = stop | (colon & (colon >> 1 | UINT64_C(1) << 63));
	}
	return (mh_vec_bits(all) != 0 ? MH_MARKS_HIGH : 0) | (mh_vec_bits(coded) != 0 ? MH_MARKS_CODED : 0);
}
#else
unsigned
mh_marks_make(struct mh_marks *marks, const char *text, size_t len)
{
	return mh_marks_make_plain(marks, text, len);
}
#endif
