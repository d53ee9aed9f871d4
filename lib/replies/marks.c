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

/* pad - the NULs behind a text */
static inline void
pad(char *text, size_t len)
{
	memset(text + len, 0, MH_MARKS_PAD);
}

unsigned
mh_marks_make_plain(struct mh_marks *marks, char *out, const char *in, size_t len)
{
	unsigned all = 0, coded = 0;
	if (out != in && len > 0)
		memcpy(out, in, len);
	pad(out, len);
	for (size_t block = 0; block <= len / 64; block++) {
		uint64_t word = 0, stop = 0, colon = 0;
		for (size_t i = 0; i < 64; i++) {
			unsigned char c = (unsigned char)out[block * 64 + i];
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
/* What is known of up to 64 octets. */
struct block {
	mh_vec all, coded;
	uint64_t word, stop, colon;
};

static MH_INLINE void
take_16(struct block *block, mh_vec v, unsigned at)
{
	mh_vec letter = mh_vec_or(mh_vec_in(mh_vec_lower(v), 'a', 'z'), mh_vec_in(v, '0', '9'));
	mh_vec other =
	    mh_vec_or(mh_vec_without(mh_vec_below(v, ' '), mh_vec_is(v, '\t')), mh_vec_is(v, 0x7f));
	block->all = mh_vec_or(block->all, v);
	block->coded = mh_vec_or(mh_vec_or(block->coded, mh_vec_is(v, '\x1b')),
	    mh_vec_or(mh_vec_is(v, '='), mh_vec_is(v, '$')));
	block->word |= (uint64_t)mh_vec_bits(letter) << at;
	block->stop |= (uint64_t)mh_vec_bits(mh_vec_or(letter, other)) << at;
	block->colon |= (uint64_t)mh_vec_bits(mh_vec_is(v, ':')) << at;
}

static inline void
put_block(struct mh_marks *marks, struct block *block, size_t number)
{
	marks->word[number] = block->word;
	marks->stop[number] = block->stop | (block->colon & (block->colon >> 1 | UINT64_C(1) << 63));
	block->word = block->stop = block->colon = 0;
}

unsigned
mh_marks_make(struct mh_marks *marks, char *out, const char *in, size_t len)
{
	struct block block = { mh_vec_none(), mh_vec_none(), 0, 0, 0 };
	size_t i = 0;
	/* each octet is read once, and not from where it was just written */
	for (; i + 64 <= len; i += 64) {
		for (unsigned k = 0; k < 64; k += 16) {
			mh_vec v = mh_vec_load(in + i + k);
			mh_vec_store(out + i + k, v);
			take_16(&block, v, k);
		}
		put_block(marks, &block, i / 64);
	}
	unsigned at = 0;
	for (; i + 16 <= len; i += 16, at += 16) {
		mh_vec v = mh_vec_load(in + i);
		mh_vec_store(out + i, v);
		take_16(&block, v, at);
	}
	char rest[16] = { 0 };
	for (size_t k = i; k < len; k++)
		rest[k - i] = in[k];
	mh_vec v = mh_vec_load(rest);
	pad(out, len);
	if (i < len) {
		memcpy(out + i, rest, len - i);
		take_16(&block, v, at);
		at += 16;
	}
	if (at < 64)
		block.stop |= UINT64_MAX << at; /* behind the text */
	put_block(marks, &block, len / 64);
	return (mh_vec_bits(block.all) != 0 ? MH_MARKS_HIGH : 0) |
	    (mh_vec_bits(block.coded) != 0 ? MH_MARKS_CODED : 0);
}
#else
unsigned
mh_marks_make(struct mh_marks *marks, char *out, const char *in, size_t len)
{
	return mh_marks_make_plain(marks, out, in, len);
}
#endif
