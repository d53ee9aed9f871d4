/* decode.c - a reply's octets as UTF-8
 *
 * The common case, all ASCII or all UTF-8, is one copy.  Otherwise the text is
 * put together piece by piece, and a map tells for each of its octets where in
 * the input it came from; all octets of a decoded piece come from its begin.
 */
#include "decode.h"

#include "charset.h"
#include "error.h"
#include "text.h"

#define TEXT_MAX (65536u * 3 + 64)
#define TEXT_END 65535u /* what later steps take: cut there, on a whole character */

void
mh_decode_init(struct mh_decode *decode, const struct mh_mem *mem)
{
	*decode = (struct mh_decode){ .mem = mem };
	mh_buf_init(&decode->text, mem, TEXT_MAX);
	mh_buf_init(&decode->raw, mem, TEXT_MAX);
}

void
mh_decode_free(struct mh_decode *decode)
{
	mh_buf_free(&decode->text);
	mh_buf_free(&decode->raw);
	mh_mem_free(decode->mem, decode->map, decode->map_room * sizeof(uint32_t));
	decode->map = NULL;
	decode->map_room = 0;
}

/* map_to - the octets of text written since its length was from stand at input octet at */
static void
map_to(struct mh_decode *decode, size_t from, size_t at, bool advance)
{
	size_t need = decode->text.len + 1;
	if (decode->text.bad)
		return;
	if (need > decode->map_room) {
		size_t room = need < 1024 ? 1024 : need * 2;
		uint32_t *map = mh_mem_resize(decode->mem, decode->map, decode->map_room * sizeof(uint32_t),
		    room * sizeof(uint32_t));
		if (map == NULL) {
			decode->text.bad = true;
			return;
		}
		decode->map = map;
		decode->map_room = room;
	}
	for (size_t i = from; i < decode->text.len; i++)
		decode->map[i] = (uint32_t)(advance ? at + (i - from) : at);
}

static void
put_plain(struct mh_decode *decode, struct mh_str in, size_t at, size_t len)
{
	size_t from = decode->text.len;
	mh_buf_put(&decode->text, in.p + at, len);
	map_to(decode, from, at, true);
}

static void
note(struct mh_decode *decode, bool *flag, size_t at)
{
	if (!decode->not_utf8 && !decode->encoded && !decode->unreadable)
		decode->odd_at = (uint32_t)at;
	*flag = true;
}

/* ---------------------------------------------------------------------- pieces of text */

/* put_encoded_word - the encoded word at "=?" (RFC 2047 2); its length in the input, or 0 */
static size_t
put_encoded_word(struct mh_decode *decode, struct mh_str in, size_t at)
{
	size_t from = decode->text.len;
	bool unreadable = false;
	size_t len =
	    mh_charset_put_word(&decode->text, &decode->raw, mh_str_n(in.p + at, in.len - at), &unreadable);
	if (unreadable)
		note(decode, &decode->unreadable, at);
	if (len > 0) {
		map_to(decode, from, at, false);
		note(decode, &decode->encoded, at);
	}
	return len;
}

/* put_iso2022jp - Japanese between ESC $ B and ESC ( B (RFC 1468), the ESCs perhaps lost on the way;
 * its length in the input, or 0 */
static size_t
put_iso2022jp(struct mh_decode *decode, struct mh_str in, size_t at)
{
	bool escaped = in.p[at] == '\x1b';
	size_t i = at + escaped;
	if (i + 2 >= in.len || in.p[i] != '$' || (in.p[i + 1] != 'B' && in.p[i + 1] != '@'))
		return 0;
	size_t begin = i + 2, end = begin;
	while (end + 1 < in.len && in.p[end] >= 0x21 && in.p[end] <= 0x7e && in.p[end + 1] >= 0x21 &&
	    !(in.p[end] == '(' && (in.p[end + 1] == 'B' || in.p[end + 1] == 'J') && !escaped))
		end += 2;
	size_t stop = end + escaped;
	if (stop + 1 >= in.len || (escaped && in.p[end] != '\x1b') || in.p[stop] != '(' ||
	    (in.p[stop + 1] != 'B' && in.p[stop + 1] != 'J') || end == begin)
		return 0;
	size_t from = decode->text.len;
	struct mh_buf *raw = &decode->raw;
	mh_buf_reset(raw);
	mh_buf_puts(raw, "\x1b$B");
	mh_buf_put(raw, in.p + begin, end - begin);
	mh_buf_puts(raw, "\x1b(B");
	bool good =
	    !raw->bad && mh_charset_put(&decode->text, mh_str_n(raw->p, raw->len), MH_STR("iso-2022-jp"));
	decode->text.bad |= raw->bad;
	if (!good)
		return 0;
	map_to(decode, from, at, false);
	note(decode, &decode->encoded, at);
	return stop + 2 - at;
}

/* needs_pieces - whether a text that is ASCII has something encoded in it */
static bool
needs_pieces(struct mh_str in)
{
	if (memchr(in.p, '\x1b', in.len) != NULL)
		return true;
	for (const char *p = in.p, *end = in.p + in.len; (p = memchr(p, '=', (size_t)(end - p))) != NULL; p++)
		if (p + 1 < end && p[1] == '?')
			return true;
	for (const char *p = in.p, *end = in.p + in.len; (p = memchr(p, '$', (size_t)(end - p))) != NULL; p++)
		if (end - p > 4 && (p[1] == 'B' || p[1] == '@'))
			return true;
	return false;
}

static void
put_pieces(struct mh_decode *decode, struct mh_str in)
{
	decode->mapped = true;
	for (size_t i = 0; i < in.len && !decode->text.bad;) {
		unsigned char c = (unsigned char)in.p[i];
		size_t taken = 0;
		if (c == '=' && i + 1 < in.len && in.p[i + 1] == '?')
			taken = put_encoded_word(decode, in, i);
		else if (c == '\x1b' || c == '$')
			taken = put_iso2022jp(decode, in, i);
		if (taken > 0) {
			i += taken;
			continue;
		}
		if (c < 0x80) {
			put_plain(decode, in, i++, 1);
			continue;
		}
		uint32_t cp;
		int octets = mh_utf8_get(in.p + i, in.len - i, &cp);
		if (octets > 0) {
			put_plain(decode, in, i, (size_t)octets);
			i += (size_t)octets;
			continue;
		}
		size_t from = decode->text.len;
		char utf8[4];
		octets = mh_utf8_put(mh_windows1252(c), utf8);
		mh_buf_put(&decode->text, utf8, (size_t)octets);
		map_to(decode, from, i, false);
		note(decode, &decode->not_utf8, i);
		i++;
	}
	if (!decode->text.bad && decode->map_room > decode->text.len)
		decode->map[decode->text.len] = (uint32_t)in.len;
}

/* is_plain - whether a text of which this was seen is what it shows: valid UTF-8 with nothing encoded in it */
static bool
is_plain(struct mh_str in, unsigned seen)
{
	if ((seen & MH_MARKS_HIGH) != 0) {
		size_t ascii = mh_ascii_prefix(in);
		if (ascii + mh_utf8_prefix(mh_str_n(in.p + ascii, in.len - ascii)) < in.len)
			return false;
	}
	return (seen & MH_MARKS_CODED) == 0 || !needs_pieces(in);
}

int
mh_decode_run(struct mh_decode *decode, struct mh_str in)
{
	mh_buf_reset(&decode->text);
	decode->mapped = decode->not_utf8 = decode->encoded = decode->unreadable = decode->cut = false;
	char *text = mh_buf_reserve(&decode->text, in.len + MH_DECODE_PAD);
	if (text == NULL)
		return MH_ERR_ENOMEM;
	unsigned seen = mh_marks_make(&decode->marks, text, in.p, in.len);
	decode->text.len = in.len;
	if (seen == 0 || is_plain(in, seen))
		return MH_ERR_OK;
	decode->text.len = 0;
	put_pieces(decode, in);
	size_t len = decode->text.len;
	if (len > TEXT_END) {
		decode->cut = true;
		len = TEXT_END;
		while (((unsigned char)decode->text.p[len] & 0xc0) == 0x80)
			len--;
	}
	decode->text.len = len;
	if (mh_buf_reserve(&decode->text, MH_DECODE_PAD) == NULL)
		return MH_ERR_ENOMEM;
	(void)mh_marks_make(&decode->marks, decode->text.p, decode->text.p, len);
	return MH_ERR_OK;
}

uint32_t
mh_decode_begin(const struct mh_decode *decode, uint32_t at)
{
	return decode->mapped && at < decode->text.len ? decode->map[at] : at;
}

uint32_t
mh_decode_end(const struct mh_decode *decode, uint32_t at)
{
	if (!decode->mapped || at == 0)
		return at;
	/* the end is where the next octet that came from elsewhere begins */
	uint32_t last = decode->map[at - 1];
	while (at < decode->text.len && decode->map[at] == last)
		at++;
	return decode->map[at];
}
