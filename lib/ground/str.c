/* str.c - spans, growing buffers, and the cursor
 *
 * The only file with index arithmetic on octets from outside: parsers go
 * through the cursor.  A bad cursor has nothing left, so that loops over what
 * is left end.
 *
 * Does not: know any charset but ASCII (see text.h).
 */
#include "port.h"
#include "str.h"

#define BUF_FIRST 256

int
mh_hex(int c)
{
	if (mh_is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* ieq - whether len octets are equal, ASCII case folded */
static bool
ieq(const char *a, const char *b, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (mh_lower(a[i]) != mh_lower(b[i]))
			return false;
	return true;
}

bool
mh_str_eq(struct mh_str a, struct mh_str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
mh_str_ieq(struct mh_str a, struct mh_str b)
{
	return a.len == b.len && ieq(a.p, b.p, a.len);
}

/* mh_str_istarts - whether s begins with prefix, ASCII case folded */
bool
mh_str_istarts(struct mh_str s, struct mh_str prefix)
{
	return s.len >= prefix.len && ieq(s.p, prefix.p, prefix.len);
}

/* mh_str_iends - whether s ends with suffix, ASCII case folded */
bool
mh_str_iends(struct mh_str s, struct mh_str suffix)
{
	if (suffix.len == 0)
		return true;
	return s.len >= suffix.len && ieq(s.p + (s.len - suffix.len), suffix.p, suffix.len);
}

struct mh_str
mh_str_trim(struct mh_str s)
{
	while (s.len > 0 && mh_is_space(s.p[0])) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && mh_is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

int64_t
mh_str_int(struct mh_str s, int64_t max)
{
	int64_t value = 0;

	if (s.len == 0 || max < 0)
		return -1;
	for (size_t i = 0; i < s.len; i++) {
		if (!mh_is_digit(s.p[i]))
			return -1;
		int digit = s.p[i] - '0';
		if (value > max / 10 || value * 10 > max - digit)
			return -1;
		value = value * 10 + digit;
	}
	return value;
}

/* ------------------------------------------------------------------ buffers */

/* mh_buf_init - an empty buffer; mem must outlive it */
void
mh_buf_init(struct mh_buf *buf, const struct mh_mem *mem, size_t max)
{
	*buf = (struct mh_buf){ .mem = mem, .max = max < SIZE_MAX ? max : SIZE_MAX - 1 };
}

void
mh_buf_reset(struct mh_buf *buf)
{
	buf->len = 0;
	buf->bad = false;
	if (buf->p != NULL)
		buf->p[0] = '\0';
}

/* mh_buf_free - gives the memory back; the buffer is empty, good and usable */
void
mh_buf_free(struct mh_buf *buf)
{
	mh_mem_free(buf->mem, buf->p, buf->cap);
	mh_buf_init(buf, buf->mem, buf->max);
}

/* grow - makes cap at least need, the NUL counted; false: no memory.  need <= max + 1 */
static MH_NOINLINE bool
grow(struct mh_buf *buf, size_t need)
{
	size_t ceiling = buf->max + 1;
	size_t cap = buf->cap > 0 ? buf->cap : BUF_FIRST;

	while (cap < need && cap <= ceiling / 2)
		cap *= 2;
	if (cap < need || cap > ceiling)
		cap = ceiling;
	char *p = mh_mem_resize(buf->mem, buf->p, buf->cap, cap);
	if (p == NULL)
		return false;
	buf->p = p;
	buf->cap = cap;
	return true;
}

char *
mh_buf_reserve(struct mh_buf *buf, size_t len)
{
	if (MH_UNLIKELY(buf->bad))
		return NULL;
	if (MH_UNLIKELY(len > buf->max - buf->len) ||
	    (MH_UNLIKELY(buf->cap - buf->len <= len) && !grow(buf, buf->len + len + 1))) {
		buf->bad = true;
		return NULL;
	}
	buf->p[buf->len] = '\0';
	buf->p[buf->len + len] = '\0';
	return buf->p + buf->len;
}

/* mh_buf_put - appends len octets, all of them or none; p must not lie in the buffer */
void
mh_buf_put(struct mh_buf *buf, const void *p, size_t len)
{
	if (len == 0)
		return;
	char *to = mh_buf_reserve(buf, len);
	if (to == NULL)
		return;
	memcpy(to, p, len);
	buf->len += len;
}

void
mh_buf_putc(struct mh_buf *buf, char c)
{
	if (MH_UNLIKELY(buf->bad || buf->len >= buf->max || buf->cap - buf->len < 2)) {
		mh_buf_put(buf, &c, 1);
		return;
	}
	buf->p[buf->len++] = c;
	buf->p[buf->len] = '\0';
}

void
mh_buf_puts(struct mh_buf *buf, const char *z)
{
	mh_buf_put(buf, z, strlen(z));
}

void
mh_buf_putstr(struct mh_buf *buf, struct mh_str s)
{
	mh_buf_put(buf, s.p, s.len);
}

/* mh_buf_putint - appends value as a decimal number */
void
mh_buf_puthex(struct mh_buf *buf, const void *p, size_t len)
{
	const unsigned char *octets = p;
	for (size_t i = 0; i < len; i++) {
		mh_buf_putc(buf, "0123456789abcdef"[octets[i] >> 4]);
		mh_buf_putc(buf, "0123456789abcdef"[octets[i] & 15]);
	}
}

void
mh_buf_putint(struct mh_buf *buf, int64_t value)
{
	char text[20]; /* "-9223372036854775808" */
	size_t at = sizeof(text);
	/* As unsigned, because the least int64_t has no positive twin. */
	uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	do {
		text[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		text[--at] = '-';
	mh_buf_put(buf, text + at, sizeof(text) - at);
}

const char *
mh_buf_z(const struct mh_buf *buf)
{
	return buf->p != NULL && !buf->bad ? buf->p : "";
}

struct mh_str
mh_buf_str(const struct mh_buf *buf)
{
	return buf->bad || buf->p == NULL ? MH_STR("") : mh_str_n(buf->p, buf->len);
}

/* ------------------------------------------------------------------- cursor */

/* mh_cur_of - a cursor over len octets; p may be NULL if there are none */
struct mh_cur
mh_cur_of(const void *p, size_t len)
{
	const unsigned char *start = len > 0 ? p : (const unsigned char *)"";
	return (struct mh_cur){ .p = start, .end = start + len };
}

/* read_octets - len octets, or NULL and the cursor is bad and empty */
static const unsigned char *
read_octets(struct mh_cur *cur, size_t len)
{
	const unsigned char *p = cur->p;

	if (MH_UNLIKELY(cur->bad || mh_cur_left(cur) < len)) {
		cur->bad = true;
		cur->end = cur->p;
		return NULL;
	}
	cur->p += len;
	return p;
}

uint8_t
mh_cur_u8(struct mh_cur *cur)
{
	const unsigned char *p = read_octets(cur, 1);
	return p != NULL ? p[0] : 0;
}

uint16_t
mh_cur_u16(struct mh_cur *cur)
{
	const unsigned char *p = read_octets(cur, 2);
	if (p == NULL)
		return 0;
	unsigned int value = (unsigned int)p[0] << 8 | p[1];
	return (uint16_t)value;
}

uint32_t
mh_cur_u32(struct mh_cur *cur)
{
	const unsigned char *p = read_octets(cur, 4);
	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* mh_cur_take - the next len octets; bad if there are fewer */
struct mh_str
mh_cur_take(struct mh_cur *cur, size_t len)
{
	const unsigned char *p = read_octets(cur, len);
	return p != NULL ? mh_str_n((const char *)p, len) : MH_STR("");
}

/* mh_cur_rest - all that is left */
struct mh_str
mh_cur_rest(struct mh_cur *cur)
{
	return cur->bad ? MH_STR("") : mh_cur_take(cur, mh_cur_left(cur));
}

struct mh_str
mh_cur_line(struct mh_cur *cur, int *end)
{
	*end = 0;
	if (mh_cur_left(cur) == 0)
		return mh_cur_rest(cur);
	const unsigned char *lf = memchr(cur->p, '\n', mh_cur_left(cur));
	if (lf == NULL)
		return mh_cur_rest(cur);
	struct mh_str line = mh_cur_take(cur, (size_t)(lf - cur->p));
	cur->p++;
	*end = 1;
	if (line.len > 0 && line.p[line.len - 1] == '\r') {
		line.len--;
		*end = 2;
	}
	return line;
}

struct mh_str
mh_cur_until(struct mh_cur *cur, const char *set)
{
	uint64_t stop[2] = { 0, 0 }; /* bit n of 128: octet n ends it */
	const unsigned char *p = cur->p;

	for (; *set != '\0'; set++)
		stop[(*set & 0x40) != 0] |= (uint64_t)1 << (*set & 0x3f);
	while (p < cur->end && (*p >= 0x80 || (stop[*p >> 6] >> (*p & 0x3f) & 1) == 0))
		p++;
	return cur->bad ? MH_STR("") : mh_cur_take(cur, (size_t)(p - cur->p));
}

bool
mh_cur_skip(struct mh_cur *cur, struct mh_str prefix)
{
	struct mh_str left = { (const char *)cur->p, mh_cur_left(cur) };
	if (cur->bad || !mh_str_istarts(left, prefix))
		return false;
	cur->p += prefix.len;
	return true;
}

/* mh_cur_spaces - reads the spaces (mh_is_space) that come next, if any */
void
mh_cur_spaces(struct mh_cur *cur)
{
	while (cur->p < cur->end && mh_is_space(*cur->p))
		cur->p++;
}

uint32_t
mh_cur_digits(struct mh_cur *cur, int max_digits)
{
	uint32_t value = 0;
	int n = 0;

	for (; n < max_digits && cur->p < cur->end && mh_is_digit(*cur->p); n++) {
		uint32_t digit = (uint32_t)(*cur->p++ - '0');
		bool fits = value < UINT32_MAX / 10 || (value == UINT32_MAX / 10 && digit <= UINT32_MAX % 10);
		value = fits ? value * 10 + digit : UINT32_MAX;
	}
	if (n == 0)
		(void)read_octets(cur, mh_cur_left(cur) + 1);
	return value;
}
