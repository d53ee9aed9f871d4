/* decode.c - a reply's octets as UTF-8
 *
 * The common case, all ASCII or all UTF-8, is one copy.  Otherwise the text is
 * put together piece by piece, and a map tells for each of its octets where in
 * the input it came from; all octets of a decoded piece come from its begin.
 *
 * Charsets other than the ones we know go through iconv, from a fixed list:
 * what a hostile DSN names must not choose which code is loaded.
 */
#include "decode.h"

#include <iconv.h>

#include "error.h"
#include "port.h"
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

/* --------------------------------------------------------------------------- charsets */

/* What may be named in an encoded word, lower case, and what iconv calls it. */
/* clang-format off */
static const struct {
	const char *name, *iconv;
} charsets[] = {
	{ "iso-8859-2", "ISO-8859-2" }, { "iso-8859-3", "ISO-8859-3" }, { "iso-8859-4", "ISO-8859-4" },
	{ "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" }, { "iso-8859-7", "ISO-8859-7" },
	{ "iso-8859-8", "ISO-8859-8" }, { "iso-8859-9", "ISO-8859-9" }, { "iso-8859-10", "ISO-8859-10" },
	{ "iso-8859-13", "ISO-8859-13" }, { "iso-8859-14", "ISO-8859-14" }, { "iso-8859-15", "ISO-8859-15" },
	{ "iso-8859-16", "ISO-8859-16" }, { "windows-1250", "WINDOWS-1250" }, { "windows-1251", "WINDOWS-1251" },
	{ "windows-1253", "WINDOWS-1253" }, { "windows-1254", "WINDOWS-1254" }, { "windows-1255", "WINDOWS-1255" },
	{ "windows-1256", "WINDOWS-1256" }, { "windows-1257", "WINDOWS-1257" }, { "windows-1258", "WINDOWS-1258" },
	{ "koi8-r", "KOI8-R" }, { "koi8-u", "KOI8-U" }, { "iso-2022-jp", "ISO-2022-JP" },
	{ "shift_jis", "SHIFT_JIS" }, { "euc-jp", "EUC-JP" }, { "euc-kr", "EUC-KR" },
	{ "ks_c_5601-1987", "EUC-KR" }, { "gb18030", "GB18030" }, { "gbk", "GB18030" }, { "gb2312", "GB18030" },
	{ "big5", "BIG5" },
};
/* clang-format on */

/* put_iconv - a piece in a charset that iconv knows; false, and nothing put, if it does not fit */
static bool
put_iconv(struct mh_decode *decode, struct mh_str piece, const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	size_t from = decode->text.len, left = piece.len;
	char out[256], *in = (char *)(uintptr_t)piece.p; /* iconv takes no const and changes nothing */
	bool good = true;
	while (left > 0 && good) {
		char *to = out;
		size_t room = sizeof(out), before = left;
		size_t done = iconv(cd, &in, &left, &to, &room);
		mh_buf_put(&decode->text, out, sizeof(out) - room);
		good = done != (size_t)-1 || left < before;
	}
	(void)iconv_close(cd);
	if (!good && !decode->text.bad)
		decode->text.len = from;
	return good;
}

/* put_octets - a piece that is UTF-8 or windows-1252, octet by octet */
static void
put_octets(struct mh_decode *decode, struct mh_str piece, bool *fell_back)
{
	for (size_t i = 0; i < piece.len;) {
		uint32_t cp;
		int octets = mh_utf8_get(piece.p + i, piece.len - i, &cp);
		char utf8[4];
		if (octets > 0) {
			mh_buf_put(&decode->text, piece.p + i, (size_t)octets);
			i += (size_t)octets;
		} else {
			*fell_back = true;
			octets = mh_utf8_put(mh_windows1252((unsigned char)piece.p[i++]), utf8);
			mh_buf_put(&decode->text, utf8, (size_t)octets);
		}
	}
}

static bool
put_charset(struct mh_decode *decode, struct mh_str piece, struct mh_str charset)
{
	bool fell_back = false;
	static const char *const direct[] = { "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf8",
		"ascii" };
	for (size_t i = 0; i < MH_COUNT(direct); i++) {
		if (mh_str_ieq(charset, mh_str_z(direct[i]))) {
			put_octets(decode, piece, &fell_back);
			return true;
		}
	}
	for (size_t i = 0; i < MH_COUNT(charsets); i++)
		if (mh_str_ieq(charset, mh_str_z(charsets[i].name)))
			return put_iconv(decode, piece, charsets[i].iconv);
	return false;
}

/* ---------------------------------------------------------------------- pieces of text */

/* put_encoded_word - the encoded word at "=?" (RFC 2047 2); its length in the input, or 0 */
static size_t
put_encoded_word(struct mh_decode *decode, struct mh_str in, size_t at)
{
	size_t part[3], count = 0, i = at + 2; /* where charset, encoding and text end */
	size_t limit = at + 512 < in.len ? at + 512 : in.len; /* 75 by the RFC; DSNs write longer ones */
	for (; i < limit && count < 3; i++) {
		if (in.p[i] == '?')
			part[count++] = i;
		else if (mh_is_space(in.p[i]) && count < 2)
			return 0;
	}
	if (count < 3 || part[2] + 1 >= in.len || in.p[part[2] + 1] != '=' || part[1] - part[0] != 2)
		return 0;
	struct mh_str charset = mh_str_n(in.p + at + 2, part[0] - at - 2);
	struct mh_str text = mh_str_n(in.p + part[1] + 1, part[2] - part[1] - 1);
	for (size_t k = 0; k < charset.len; k++) /* RFC 2231 5: "charset*language" */
		if (charset.p[k] == '*')
			charset.len = k;
	struct mh_buf *raw = &decode->raw;
	char encoding = mh_lower(in.p[part[0] + 1]);
	size_t from = decode->text.len;
	bool good = false;
	mh_buf_reset(raw);
	if (encoding == 'b')
		good = mh_base64_decode(text, raw);
	else if (encoding == 'q')
		good = mh_q_decode(text, raw);
	decode->text.bad |= raw->bad; /* no memory: what is encoded is never longer than 512 octets */
	good = good && !raw->bad && put_charset(decode, mh_str_n(raw->p, raw->len), charset);
	if (!good) {
		note(decode, &decode->unreadable, at);
		return 0;
	}
	map_to(decode, from, at, false);
	note(decode, &decode->encoded, at);
	return part[2] + 2 - at;
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
	bool good = !raw->bad && put_iconv(decode, mh_str_n(raw->p, raw->len), "ISO-2022-JP");
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
