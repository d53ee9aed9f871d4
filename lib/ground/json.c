/* json.c - a JSON writer, and octets made printable
 *
 * Errors are the buffer's: a writer looks at out->bad at the end.
 *
 * Does not: check that keys differ or that brackets match.
 */
#include "json.h"
#include "port.h"
#include "text.h"

#define MAX_DEPTH 64

void
mh_json_init(struct mh_json *json, struct mh_buf *out)
{
	*json = (struct mh_json){ .out = out };
}

/* member - the comma before a member, unless it is the first or a key's value */
static void
member(struct mh_json *json)
{
	if (json->after_key) {
		json->after_key = false;
		return;
	}
	if (json->depth == 0)
		return;
	uint64_t bit = (uint64_t)1 << (json->depth - 1);
	if ((json->started & bit) != 0)
		mh_buf_putc(json->out, ',');
	json->started |= bit;
}

void
mh_json_open(struct mh_json *json, char bracket)
{
	member(json);
	if (json->depth == MAX_DEPTH) {
		json->out->bad = true; /* deeper than promised: rather nothing than nonsense */
		return;
	}
	mh_buf_putc(json->out, bracket);
	json->started &= ~((uint64_t)1 << json->depth);
	json->depth++;
}

void
mh_json_close(struct mh_json *json, char bracket)
{
	mh_buf_putc(json->out, bracket);
	json->after_key = false;
	if (json->depth > 0)
		json->depth--;
}

void
mh_json_key(struct mh_json *json, const char *key)
{
	member(json);
	mh_buf_putc(json->out, '"');
	mh_buf_puts(json->out, key);
	mh_buf_puts(json->out, "\":");
	json->after_key = true;
}

/* put_hex - value in lower case, n digits */
static void
put_hex(struct mh_buf *out, uint32_t value, int n)
{
	while (n-- > 0)
		mh_buf_putc(out, "0123456789abcdef"[value >> (4 * n) & 15]);
}

/* put_octets - each octet as the text \xHH, with slashes backslashes before it */
static void
put_octets(struct mh_buf *out, const char *p, size_t len, const char *slashes)
{
	for (size_t i = 0; i < len; i++) {
		mh_buf_puts(out, slashes);
		mh_buf_putc(out, 'x');
		put_hex(out, (unsigned char)p[i], 2);
	}
}

/* is_plain - whether c is ASCII that stands for itself in a JSON string */
static inline bool
is_plain(char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* must_escape - whether cp would end a line in some reader, or not stand in a JSON string */
static bool
must_escape(uint32_t cp)
{
	return cp < 0x20 || cp == '"' || cp == '\\' || cp == 0x85 || cp == 0x2028 || cp == 0x2029;
}

/* are_plain - the same for 8 octets at once: in each the highest bit tells, and only of the lowest octet that is not
 * plain for certain, which is enough */
static bool
are_plain(uint64_t octets)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t quote = octets ^ (ones * '"'), slash = octets ^ (ones * '\\');
	uint64_t odd = octets | ((octets - ones * 0x20) & ~octets) | ((quote - ones) & ~quote) |
	    ((slash - ones) & ~slash);
	return (odd & high) == 0;
}

static void
put_escape(struct mh_buf *out, uint32_t cp)
{
	static const char octets[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
	const char *found = cp > 0 && cp < 0x80 ? strchr(octets, (char)cp) : NULL;

	mh_buf_putc(out, '\\');
	if (found != NULL) {
		mh_buf_putc(out, letters[found - octets]);
	} else {
		mh_buf_putc(out, 'u');
		put_hex(out, cp, 4);
	}
}

void
mh_json_str(struct mh_json *json, struct mh_str value)
{
	struct mh_buf *out = json->out;
	size_t run = 0; /* where what can be copied as it is begins */
	size_t at = 0;

	member(json);
	mh_buf_putc(out, '"');
	while (at < value.len) {
		uint32_t cp = 0;
		if (value.len - at >= 8 && are_plain(mh_load64(value.p + at))) {
			at += 8;
			continue;
		}
		if (is_plain(value.p[at])) {
			at++;
			continue;
		}
		size_t n = (size_t)mh_utf8_get(value.p + at, value.len - at, &cp);
		if (n > 0 && !must_escape(cp)) {
			at += n;
			continue;
		}
		mh_buf_put(out, value.p + run, at - run);
		if (n > 0)
			put_escape(out, cp);
		else
			put_octets(out, value.p + at, 1, "\\\\");
		at += n > 0 ? n : 1;
		run = at;
	}
	mh_buf_put(out, value.len > 0 ? value.p + run : "", at - run);
	mh_buf_putc(out, '"');
}

void
mh_json_strz(struct mh_json *json, const char *value)
{
	mh_json_str(json, mh_str_z(value));
}

void
mh_json_int(struct mh_json *json, int64_t value)
{
	member(json);
	mh_buf_putint(json->out, value);
}

void
mh_json_int_or_null(struct mh_json *json, int64_t value)
{
	if (value < 0)
		mh_json_null(json);
	else
		mh_json_int(json, value);
}

/* mh_json_milli - thousandths, as short as can be: 970 is 0.97, 1000 is 1 */
void
mh_json_milli(struct mh_json *json, int64_t value)
{
	uint64_t thousandths = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
	uint64_t rest = thousandths % 1000;

	member(json);
	if (value < 0)
		mh_buf_putc(json->out, '-');
	mh_buf_putint(json->out, (int64_t)(thousandths / 1000));
	if (rest == 0)
		return;
	mh_buf_putc(json->out, '.');
	for (; rest > 0; rest = rest % 100 * 10)
		mh_buf_putc(json->out, (char)('0' + rest / 100));
}

void
mh_json_null(struct mh_json *json)
{
	member(json);
	mh_buf_puts(json->out, "null");
}

void
mh_json_bool(struct mh_json *json, bool value)
{
	member(json);
	mh_buf_puts(json->out, value ? "true" : "false");
}

void
mh_json_raw(struct mh_json *json, const char *text)
{
	member(json);
	mh_buf_puts(json->out, text);
}

void
mh_json_put_str(struct mh_json *json, const char *key, struct mh_str value)
{
	mh_json_key(json, key);
	mh_json_str(json, value);
}

void
mh_json_put_strz(struct mh_json *json, const char *key, const char *value)
{
	mh_json_key(json, key);
	mh_json_strz(json, value);
}

void
mh_json_put_int(struct mh_json *json, const char *key, int64_t value)
{
	mh_json_key(json, key);
	mh_json_int_or_null(json, value);
}

void
mh_json_put_bool(struct mh_json *json, const char *key, bool value)
{
	mh_json_key(json, key);
	mh_json_bool(json, value);
}

/* is_printable - whether cp shows and stays on its line: no C0, C1, DEL, line or paragraph
 * separator */
static bool
is_printable(uint32_t cp)
{
	return cp >= 0x20 && !(cp >= 0x7f && cp < 0xa0) && cp != 0x2028 && cp != 0x2029;
}

void
mh_printable(struct mh_buf *out, struct mh_str s, size_t max)
{
	size_t at = 0;

	while (at < s.len) {
		uint32_t cp = 0;
		size_t n = (size_t)mh_utf8_get(s.p + at, s.len - at, &cp);
		size_t octets = n > 0 ? n : 1;
		if (octets > max - at) {
			mh_buf_puts(out, "...");
			return;
		}
		if (n > 0 && is_printable(cp))
			mh_buf_put(out, s.p + at, n);
		else
			put_octets(out, s.p + at, octets, "\\");
		at += octets;
	}
}

void
mh_printable_line(struct mh_buf *out, struct mh_str s)
{
	size_t begin = out->len;
	while (s.len > 0) {
		size_t len = 0;
		while (len < s.len && s.p[len] != '\r' && s.p[len] != '\n')
			len++;
		struct mh_str line = mh_str_trim(mh_str_n(s.p, len));
		if (line.len > 0 && out->len > begin)
			mh_buf_putc(out, ' ');
		mh_printable(out, line, SIZE_MAX);
		s = mh_str_n(s.p + len, s.len - len);
		while (s.len > 0 && (s.p[0] == '\r' || s.p[0] == '\n'))
			s = mh_str_n(s.p + 1, s.len - 1);
	}
}
