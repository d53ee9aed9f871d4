/* str.h - spans, ASCII, growing buffers, and the cursor that reads octets
 *
 * Strings inside the library are spans: pointer and length, nothing owned,
 * not NUL-terminated.  Strings become NUL-terminated only at the face.
 */
#ifndef MH_STR_H
#define MH_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "mem.h"

struct mh_str {
	const char *p;
	size_t len;
};

#define MH_STR(literal) ((struct mh_str){ (literal), sizeof(literal) - 1 })
/* The same for the initialisers of static tables. */
#define MH_STR_INIT(literal) \
	{ \
		"" literal, sizeof(literal) - 1 \
	}

static inline struct mh_str
mh_str_n(const char *p, size_t len)
{
	return (struct mh_str){ p, len };
}

static inline struct mh_str
mh_str_z(const char *z)
{
	return (struct mh_str){ z, z != NULL ? strlen(z) : 0 };
}

/* ASCII only, whatever the locale says (RFC 5321 2.4 speaks of ASCII). */
static inline bool
mh_is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static inline bool
mh_is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
mh_is_alnum(int c)
{
	return mh_is_digit(c) || mh_is_alpha(c);
}

static inline bool
mh_is_space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline char
mh_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* mh_hex - the value of a hexadecimal digit, or -1 */
int mh_hex(int c);

bool mh_str_eq(struct mh_str a, struct mh_str b);
bool mh_str_ieq(struct mh_str a, struct mh_str b); /* ASCII case folded */
bool mh_str_istarts(struct mh_str s, struct mh_str prefix);
bool mh_str_iends(struct mh_str s, struct mh_str suffix);
struct mh_str mh_str_trim(struct mh_str s); /* without spaces at both ends */

/* mh_str_int - the whole span as a decimal number; -1 if it is none or exceeds max */
int64_t mh_str_int(struct mh_str s, int64_t max);

/* A growing buffer with a ceiling.  A write that does not fit or finds no
 * memory sets `bad` and all later writes do nothing, so that a writer looks at
 * the end.  The content is always followed by a NUL that len does not count. */
struct mh_buf {
	const struct mh_mem *mem; /* not a copy: it outlives the buffer */
	char *p; /* NULL until the first write */
	size_t len;
	size_t cap;
	size_t max; /* ceiling, the NUL not counted */
	bool bad;
};

void mh_buf_init(struct mh_buf *buf, const struct mh_mem *mem, size_t max);
void mh_buf_reset(struct mh_buf *buf); /* empty and good again; keeps its memory */
void mh_buf_free(struct mh_buf *buf);
void mh_buf_put(struct mh_buf *buf, const void *p, size_t len);
void mh_buf_putc(struct mh_buf *buf, char c);
void mh_buf_puts(struct mh_buf *buf, const char *z);
void mh_buf_putstr(struct mh_buf *buf, struct mh_str s);
void mh_buf_putint(struct mh_buf *buf, int64_t value);
void mh_buf_puthex(struct mh_buf *buf, const void *p, size_t len); /* lower case */
/* mh_buf_reserve - room for len more octets at buf->p + buf->len, or NULL (and bad).  The caller
 * adds to len what he wrote; NULs stand before and behind the room, so only who writes less than
 * he reserved puts one himself. */
char *mh_buf_reserve(struct mh_buf *buf, size_t len);
/* mh_buf_z - the content as a C string; "" while nothing was written or when bad */
const char *mh_buf_z(const struct mh_buf *buf);
/* mh_buf_str - the content; nothing while nothing was written or when bad, with a NUL behind it in any case */
struct mh_str mh_buf_str(const struct mh_buf *buf);

/* The cursor: reads octets from a span and never beyond.  The first read that
 * finds too little makes it bad; from then on every read gives 0 or an empty
 * span and moves nothing, and nothing is left, so that loops end.  Read what
 * you expect, look at mh_cur_bad once. */
struct mh_cur {
	const unsigned char *p;
	const unsigned char *end;
	bool bad;
};

struct mh_cur mh_cur_of(const void *p, size_t len);
static inline bool
mh_cur_bad(const struct mh_cur *cur)
{
	return cur->bad;
}
static inline size_t
mh_cur_left(const struct mh_cur *cur)
{
	return (size_t)(cur->end - cur->p);
}
uint8_t mh_cur_u8(struct mh_cur *cur);
uint16_t mh_cur_u16(struct mh_cur *cur); /* network order */
uint32_t mh_cur_u32(struct mh_cur *cur);
struct mh_str mh_cur_take(struct mh_cur *cur, size_t len);
struct mh_str mh_cur_rest(struct mh_cur *cur);
/* mh_cur_line - up to LF, which is read too; CR LF counts as one end.  *end says which
 * octets ended it: 0 none (end of span), 1 LF, 2 CR LF.  Not bad at the end: look at left. */
struct mh_str mh_cur_line(struct mh_cur *cur, int *end);
/* mh_cur_until - octets before any of the ASCII octets in set (not read), or the rest */
struct mh_str mh_cur_until(struct mh_cur *cur, const char *set);
/* mh_cur_skip - true and read if the next octets are prefix, letter case ignored */
bool mh_cur_skip(struct mh_cur *cur, struct mh_str prefix);
void mh_cur_spaces(struct mh_cur *cur);
/* mh_cur_digits - 1 to max_digits decimal digits as a number, UINT32_MAX if it is larger; bad if
 * there is none */
uint32_t mh_cur_digits(struct mh_cur *cur, int max_digits);

#endif
