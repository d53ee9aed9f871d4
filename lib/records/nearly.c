/* nearly.c - what was nearly written: words with slips of the pen, signs of word processors */
#include "nearly.h"

#include "port.h"

/* What stands for ASCII in texts from elsewhere: UTF-8, and single octets of Windows. */
static const struct {
	const char *from;
	char to; /* 0: nothing */
} signs[] = {
	{ "\xc2\xa0", ' ' },
	{ "\xe2\x80\xaf", ' ' },
	{ "\xe3\x80\x80", ' ' },
	{ "\xc2\xad", 0 },
	{ "\xe2\x81\xa0", 0 },
	{ "\xef\xbb\xbf", 0 },
	{ "\xc2\xab", 0 },
	{ "\xc2\xbb", 0 },
	{ "\xe2\x88\x92", '-' },
	{ "\xcb\x9c", '~' },
	{ "\xe2\x88\xbc", '~' },
	{ "\xa0", ' ' },
	{ "\x91", 0 },
	{ "\x92", 0 },
	{ "\x93", 0 },
	{ "\x94", 0 },
	{ "\x96", '-' },
	{ "\x97", '-' },
};

/* punctuation - the same of U+2002 to U+201F, by the last octet; -1: it has no likeness */
static int
punctuation(unsigned char last)
{
	if (last >= 0x82 && last <= 0x8a)
		return ' ';
	if (last >= 0x90 && last <= 0x95)
		return '-';
	return (last >= 0x8b && last <= 0x8f) || (last >= 0x98 && last <= 0x9f) ? 0 : -1;
}

/* likeness - the ASCII sign that text begins with something like, 0: with nothing, -1: neither; *len: its octets */
static int
likeness(struct mh_str text, size_t *len)
{
	const unsigned char *p = (const unsigned char *)text.p;

	for (size_t i = 0; i < MH_COUNT(signs); i++) {
		*len = strlen(signs[i].from);
		if (text.len >= *len && memcmp(p, signs[i].from, *len) == 0)
			return signs[i].to;
	}
	*len = 3;
	if (text.len < 3)
		return -1;
	if (p[0] == 0xe2 && p[1] == 0x80)
		return punctuation(p[2]);
	/* U+FF01 to U+FF5E, the wide ones */
	if (p[0] == 0xef && p[1] == 0xbc && p[2] >= 0x81)
		return p[2] - 0x81 + '!';
	return p[0] == 0xef && p[1] == 0xbd && p[2] <= 0x9e ? p[2] - 0x80 + '`' : -1;
}

bool
mh_plain_ascii(struct mh_buf *out, struct mh_str text)
{
	while (text.len > 0) {
		unsigned char c = (unsigned char)text.p[0];
		size_t len = 1;
		int sign = c;
		if (c >= 0x80)
			sign = likeness(text, &len);
		else if (mh_is_space(c))
			sign = ' ';
		else if (c < 0x20 || c == 0x7f || c == '"' || c == '\\')
			sign = 0;
		if (sign < 0)
			return false;
		if (sign > 0)
			mh_buf_putc(out, (char)sign);
		text = mh_str_n(text.p + len, text.len - len);
	}
	return !out->bad;
}

unsigned
mh_nearly(struct mh_str a, struct mh_str b)
{
	unsigned rows[3][16];
	if (a.len > 15 || b.len > 15)
		return 3;
	for (unsigned j = 0; j <= b.len; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.len; i++) {
		unsigned *row = rows[i % 3], *above = rows[(i + 2) % 3], *two = rows[(i + 1) % 3];
		row[0] = i;
		for (unsigned j = 1; j <= b.len; j++) {
			bool same = mh_lower(a.p[i - 1]) == mh_lower(b.p[j - 1]);
			unsigned best = above[j - 1] + (same ? 0 : 1);
			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && mh_lower(a.p[i - 1]) == mh_lower(b.p[j - 2]) &&
			    mh_lower(a.p[i - 2]) == mh_lower(b.p[j - 1]) && two[j - 2] + 1 < best)
				best = two[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[a.len % 3][b.len];
}
