/* charset.c - text in other charsets as UTF-8
 *
 * What we know ourselves is decoded here; the rest goes through iconv, by the
 * names of a table that nobody outside can add to.
 */
#include "charset.h"

#include <iconv.h>

#include "port.h"
#include "text.h"

/* What may be named, lower case, and what iconv calls it. */
/* clang-format off */
static const struct {
	const char *name, *iconv;
} charsets[] = {
	{ "iso-2022-jp", "ISO-2022-JP" }, { "iso-8859-2", "ISO-8859-2" }, { "iso-8859-3", "ISO-8859-3" },
	{ "iso-8859-4", "ISO-8859-4" }, { "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" },
	{ "iso-8859-7", "ISO-8859-7" }, { "iso-8859-8", "ISO-8859-8" }, { "iso-8859-9", "ISO-8859-9" },
	{ "iso-8859-10", "ISO-8859-10" }, { "iso-8859-13", "ISO-8859-13" }, { "iso-8859-14", "ISO-8859-14" },
	{ "iso-8859-15", "ISO-8859-15" }, { "iso-8859-16", "ISO-8859-16" }, { "windows-1250", "WINDOWS-1250" },
	{ "windows-1251", "WINDOWS-1251" }, { "cp1251", "WINDOWS-1251" }, { "windows-1253", "WINDOWS-1253" },
	{ "windows-1254", "WINDOWS-1254" }, { "windows-1255", "WINDOWS-1255" }, { "windows-1256", "WINDOWS-1256" },
	{ "windows-1257", "WINDOWS-1257" }, { "windows-1258", "WINDOWS-1258" }, { "koi8-r", "KOI8-R" },
	{ "koi8-u", "KOI8-U" }, { "shift_jis", "SHIFT_JIS" }, { "shift-jis", "SHIFT_JIS" },
	{ "x-sjis", "SHIFT_JIS" }, { "euc-jp", "EUC-JP" }, { "x-euc-jp", "EUC-JP" },
	{ "euc-kr", "EUC-KR" }, { "ks_c_5601-1987", "EUC-KR" }, { "gb18030", "GB18030" }, { "gbk", "GB18030" },
	{ "gb2312", "GB18030" }, { "big5", "BIG5" },
};
static const char *const direct[] = { "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf8", "ascii",
	"unicode-1-1-utf-8", "cp1252", "ansi_x3.4-1968", "latin1" };
/* clang-format on */

static bool
put_iconv(struct mh_buf *out, struct mh_str octets, const char *charset)
{
	iconv_t cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	size_t from = out->len, left = octets.len;
	char piece[256], *in = (char *)(uintptr_t)octets.p; /* iconv takes no const and changes nothing */
	bool good = true;
	while (left > 0 && good) {
		char *to = piece;
		size_t room = sizeof(piece), before = left;
		size_t done = iconv(cd, &in, &left, &to, &room);
		mh_buf_put(out, piece, sizeof(piece) - room);
		good = done != (size_t)-1 || left < before;
	}
	(void)iconv_close(cd);
	if (!good && !out->bad)
		out->len = from;
	return good;
}

bool
mh_charset_put_octets(struct mh_buf *out, struct mh_str octets)
{
	bool all = true;
	for (size_t i = 0; i < octets.len;) {
		struct mh_str rest = mh_str_n(octets.p + i, octets.len - i);
		size_t good = mh_ascii_prefix(rest);
		good += mh_utf8_prefix(mh_str_n(rest.p + good, rest.len - good));
		mh_buf_put(out, rest.p, good);
		i += good;
		if (i < octets.len) {
			char utf8[4];
			int n = mh_utf8_put(mh_windows1252((unsigned char)octets.p[i++]), utf8);
			mh_buf_put(out, utf8, (size_t)n);
			all = false;
		}
	}
	return all;
}

bool
mh_charset_is_direct(struct mh_str charset)
{
	for (size_t i = 0; i < MH_COUNT(direct); i++)
		if (mh_str_ieq(charset, mh_str_z(direct[i])))
			return true;
	return false;
}

bool
mh_charset_put(struct mh_buf *out, struct mh_str octets, struct mh_str charset)
{
	if (mh_charset_is_direct(charset)) {
		(void)mh_charset_put_octets(out, octets);
		return true;
	}
	/* Japanese gateways write EUC or Shift_JIS under the name of the charset they were to translate to,
	 * which has no octets from 0x80. */
	if (mh_str_ieq(charset, MH_STR("iso-2022-jp")) && mh_ascii_prefix(octets) < octets.len)
		return put_iconv(out, octets, "EUC-JP") || put_iconv(out, octets, "SHIFT_JIS");
	for (size_t i = 0; i < MH_COUNT(charsets); i++)
		if (mh_str_ieq(charset, mh_str_z(charsets[i].name)))
			return put_iconv(out, octets, charsets[i].iconv);
	return false;
}

size_t
mh_charset_put_word(struct mh_buf *out, struct mh_buf *raw, struct mh_str s, bool *unreadable)
{
	size_t part[3] = { 0 }, count = 0, i = 2; /* where charset, encoding and text end */
	size_t limit = s.len < 512 ? s.len : 512; /* 75 by the RFC; DSNs write longer ones */
	if (s.len < 2 || s.p[0] != '=' || s.p[1] != '?')
		return 0;
	for (; i < limit && count < 3; i++) {
		if (s.p[i] == '?')
			part[count++] = i;
		else if (mh_is_space(s.p[i]) && count < 2)
			return 0;
	}
	if (count < 3 || part[2] + 1 >= s.len || s.p[part[2] + 1] != '=' || part[1] - part[0] != 2)
		return 0;
	struct mh_str charset = mh_str_n(s.p + 2, part[0] - 2);
	struct mh_str text = mh_str_n(s.p + part[1] + 1, part[2] - part[1] - 1);
	for (size_t k = 0; k < charset.len; k++) /* RFC 2231 5: "charset*language" */
		if (charset.p[k] == '*')
			charset.len = k;
	char encoding = mh_lower(s.p[part[0] + 1]);
	bool good = false;
	mh_buf_reset(raw);
	if (encoding == 'b')
		good = mh_base64_decode(text, raw);
	else if (encoding == 'q')
		good = mh_q_decode(text, raw);
	out->bad |= raw->bad; /* no memory: what is encoded is never longer than 512 octets */
	if (!good || raw->bad || !mh_charset_put(out, mh_str_n(raw->p, raw->len), charset)) {
		*unreadable = true;
		return 0;
	}
	return part[2] + 2;
}
