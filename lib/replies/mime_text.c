/* mime_text.c - what a part says, as UTF-8
 *
 * Bodies that are ASCII or UTF-8 and not encoded are given as they stand in
 * the message.  The others are decoded, as far as asked for, and copied into
 * the arena.
 *
 * RFC 2045 6.7 and 6.8.
 */
#include "charset.h"
#include "mime.h"
#include "text.h"

#define TAG_MAX 4096 /* octets of a tag: a "<" without end is not looked for in all that follows */

/* is_plain - whether octets in that charset are UTF-8 as they stand */
static bool
is_plain(struct mh_str octets, struct mh_str charset)
{
	size_t ascii = mh_ascii_prefix(octets);
	if (ascii == octets.len && (octets.len == 0 || memchr(octets.p, '\x1b', octets.len) == NULL))
		return true;
	if (charset.len > 0 && !mh_charset_is_direct(charset))
		return false;
	return ascii + mh_utf8_prefix(mh_str_n(octets.p + ascii, octets.len - ascii)) == octets.len &&
	    memchr(octets.p, '\x1b', octets.len) == NULL;
}

struct mh_str
mh_mime_text(struct mh_mime *mime, const struct mh_mime_part *part, size_t max)
{
	struct mh_str octets = part->body, charset = part->charset;
	bool is_encoded = part->encoding == MH_ENC_BASE64 || part->encoding == MH_ENC_QP;
	size_t raw_max = is_encoded ? max * 3 : max;
	if (octets.len > raw_max) {
		octets = is_encoded ? mh_str_n(octets.p, raw_max) : mh_utf8_cut(octets, raw_max);
		mime->odd |= MH_BO_LONG;
	}
	if (part->encoding == MH_ENC_UNKNOWN)
		mime->odd |= MH_BO_ENCODING;
	if (is_encoded) {
		mh_buf_reset(&mime->raw);
		bool good = part->encoding == MH_ENC_BASE64 ? mh_base64_decode(octets, &mime->raw)
							    : mh_qp_decode(octets, &mime->raw);
		if (mime->raw.bad)
			return mh_str_n(NULL, 0);
		if (!good)
			mime->odd |= MH_BO_ENCODING;
		octets = mh_buf_str(&mime->raw);
	}
	if (charset.len == 0 && memchr(octets.p, '\x1b', octets.len) != NULL)
		charset = MH_STR("iso-2022-jp"); /* the only one of its kind that is sent without a name */
	if (is_plain(octets, charset))
		return is_encoded ? mh_arena_copy(mime->arena, octets) : octets;
	mh_buf_reset(&mime->text);
	if (!mh_charset_put(&mime->text, octets, charset.len > 0 ? charset : MH_STR("utf-8"))) {
		mime->odd |= MH_BO_ENCODING;
		(void)mh_charset_put_octets(&mime->text, octets);
	}
	if (mime->text.bad)
		return mh_str_n(NULL, 0);
	return mh_arena_copy(mime->arena, mh_buf_str(&mime->text));
}

/* ----------------------------------------------------------------------------- HTML */

/* put_entity - what "&...;" at the begin of s stands for; how many octets of s it has, 0 if it is none */
static size_t
put_entity(struct mh_str s, char *out, size_t *n)
{
	static const struct {
		struct mh_str name;
		char c;
	} names[] = { { MH_STR_INIT("&lt;"), '<' }, { MH_STR_INIT("&gt;"), '>' },
		{ MH_STR_INIT("&amp;"), '&' }, { MH_STR_INIT("&quot;"), '"' }, { MH_STR_INIT("&nbsp;"), ' ' },
		{ MH_STR_INIT("&apos;"), '\'' } };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (mh_str_istarts(s, names[i].name)) {
			out[(*n)++] = names[i].c;
			return names[i].name.len;
		}
	}
	if (s.len < 4 || s.p[1] != '#')
		return 0;
	size_t i = 2 + (mh_lower(s.p[2]) == 'x');
	uint32_t cp = 0, base = i == 3 ? 16 : 10;
	for (; i < s.len && i < 10; i++) {
		int digit = mh_hex(s.p[i]);
		if (digit < 0 || (uint32_t)digit >= base)
			break;
		cp = cp * base + (uint32_t)digit;
	}
	char utf8[4];
	int len = i < s.len && s.p[i] == ';' && cp >= 32 ? mh_utf8_put(cp, utf8) : 0;
	if (len == 0 || (size_t)len > i)
		return 0;
	memcpy(out + *n, utf8, (size_t)len);
	*n += (size_t)len;
	return i + 1;
}

static bool
starts_block(struct mh_str tag)
{
	static const struct mh_str blocks[] = { MH_STR_INIT("br"), MH_STR_INIT("p"), MH_STR_INIT("/p"),
		MH_STR_INIT("div"), MH_STR_INIT("/div"), MH_STR_INIT("tr"), MH_STR_INIT("/tr"),
		MH_STR_INIT("/td"), MH_STR_INIT("li"), MH_STR_INIT("h1"), MH_STR_INIT("h2"),
		MH_STR_INIT("pre"), MH_STR_INIT("/pre"), MH_STR_INIT("hr"), MH_STR_INIT("table"),
		MH_STR_INIT("/h1"), MH_STR_INIT("/h2") };
	size_t len = 0;
	while (len < tag.len && (mh_is_alnum(tag.p[len]) || (len == 0 && tag.p[0] == '/')))
		len++;
	tag.len = len;
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (mh_str_ieq(tag, blocks[i]))
			return true;
	return false;
}

/* skip_tag - from the "<" at i to behind the tag, and behind what style and script hide; i if it is no tag */
static size_t
skip_tag(struct mh_str html, size_t i, char *out, size_t *n)
{
	struct mh_str rest = mh_str_n(html.p + i + 1, html.len - i - 1);
	const char *stop = rest.len > 0 ? memchr(rest.p, '>', rest.len < TAG_MAX ? rest.len : TAG_MAX) : NULL;
	if (stop == NULL || !(mh_is_alpha(rest.p[0]) || rest.p[0] == '/' || rest.p[0] == '!'))
		return i;
	struct mh_str tag = mh_str_n(rest.p, (size_t)(stop - rest.p));
	if (tag.len > 2 && tag.len < 254 && memchr(tag.p, '@', tag.len) != NULL &&
	    memchr(tag.p, ' ', tag.len) == NULL) /* <user@example.org>, not escaped */
		return i;
	size_t next = i + 2 + tag.len;
	if (starts_block(tag))
		out[(*n)++] = '\n';
	if (mh_str_istarts(tag, MH_STR("style")) || mh_str_istarts(tag, MH_STR("script"))) {
		const char *p = html.p + next, *end = html.p + html.len;
		while (p < end && (p = memchr(p, '<', (size_t)(end - p))) != NULL) {
			if (p + 2 < end && p[1] == '/' && mh_lower(p[2]) == 's')
				return (size_t)(p - html.p);
			p++;
		}
		return html.len;
	}
	return next;
}

struct mh_str
mh_html_text(struct mh_arena *arena, struct mh_str html)
{
	char *out = mh_arena_alloc(arena, html.len);
	size_t n = 0, i = 0;
	bool has_gap = false;
	if (out == NULL)
		return mh_str_n(NULL, 0);
	while (i < html.len) {
		char c = html.p[i];
		size_t entity = 0;
		size_t behind = c == '<' ? skip_tag(html, i, out, &n) : i;
		if (behind > i) {
			i = behind;
			continue;
		}
		if (mh_is_space(c)) {
			has_gap = true;
			i++;
			continue;
		}
		if (has_gap && n > 0 && out[n - 1] != '\n')
			out[n++] = ' ';
		has_gap = false;
		if (c == '&')
			entity = put_entity(mh_str_n(html.p + i, html.len - i), out, &n);
		if (entity == 0)
			out[n++] = c;
		i += entity > 0 ? entity : 1;
	}
	return mh_str_n(out, n);
}
