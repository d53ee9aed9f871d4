/* text.c - UTF-8, folding for comparison, and the transfer encodings
 *
 * Folding answers "is this the same word?" for the languages that servers
 * answer in.  It is neither the case folding of Unicode nor a normalisation:
 * letters that people type without their marks lose them, and everything that
 * is not in a table here stays as it is, combining marks (U+0300) included.
 *
 * The decoders read on behind a mistake, because half a sentence of a reply
 * is better than none.
 *
 * RFC 3629, RFC 2045 6.7 and 6.8, RFC 2047 4.2.
 */
#include "port.h"
#include "text.h"

/* -------------------------------------------------------------------- UTF-8 */

/* is_tail - whether octet i of s is a continuation octet */
static bool
is_tail(const unsigned char *s, size_t len, size_t i)
{
	return i < len && (s[i] & 0xc0) == 0x80;
}

int
mh_utf8_get(const char *p, size_t len, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)p;

	if (len == 0)
		return 0;
	if (s[0] < 0x80) {
		*cp = s[0];
		return 1;
	}
	if (s[0] < 0xc2 || s[0] > 0xf4 || !is_tail(s, len, 1))
		return 0;
	if (s[0] < 0xe0) {
		*cp = (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
		return 2;
	}
	/* The second octet keeps out overlong forms, surrogates and what lies
	 * beyond U+10FFFF: the table of RFC 3629 4. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f) || !is_tail(s, len, 2))
		return 0;
	if (s[0] < 0xf0) {
		*cp = (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
		return 3;
	}
	if (!is_tail(s, len, 3))
		return 0;
	*cp = (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 | (uint32_t)(s[2] & 0x3f) << 6 |
	    (s[3] & 0x3f);
	return 4;
}

int
mh_utf8_put(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		if (cp >= 0xd800 && cp <= 0xdfff)
			return 0;
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	if (cp > 0x10ffff)
		return 0;
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

size_t
mh_utf8_prefix(struct mh_str s)
{
	size_t at = 0;
	int n = 0;
	uint32_t cp;

	do {
		at += (size_t)n;
		at += mh_ascii_prefix(mh_str_n(at < s.len ? s.p + at : "", s.len - at));
		n = at < s.len ? mh_utf8_get(s.p + at, s.len - at, &cp) : 0;
	} while (n > 0);
	return at;
}

struct mh_str
mh_utf8_cut(struct mh_str s, size_t max)
{
	if (s.len <= max)
		return s;
	s.len = max;
	while (s.len > 0 && ((unsigned char)s.p[s.len] & 0xc0) == 0x80)
		s.len--;
	return s;
}

size_t
mh_ascii_prefix(struct mh_str s)
{
	size_t at = 0;

	while (s.len - at >= sizeof(uint64_t)) {
		uint64_t eight;
		memcpy(&eight, s.p + at, sizeof(eight));
		if ((eight & UINT64_C(0x8080808080808080)) != 0)
			break;
		at += sizeof(eight);
	}
	while (at < s.len && (unsigned char)s.p[at] < 0x80)
		at++;
	return at;
}

/* ------------------------------------------------------------------ folding */

/* What letters become, 64 to a line: a small letter stands for itself, a
 * capital for two (see pairs), '-' for a letter that has no ASCII base. */
static const char latin[] = /* U+00C0 to U+024F */
    "aaaaaaAceeeeiiiidnooooo-ouuuuyTSaaaaaaAceeeeiiiidnooooo-ouuuuyTy" /* U+00C0 */
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiiiIIjjkkklllllll" /* U+0100 */
    "lllnnnnnnnnnooooooOOrrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs" /* U+0140 */
    "bbbb---ccdddd----ffg-H-ikkl--nnooo--pp-----ttttuu-vyyzz---------" /* U+0180 */
    "----DDDLLLNNNaaiioouuuuuuuuuu-aaaaAAggggkkoooo--jDDDggH-nnaaAAoo" /* U+01C0 */
    "aaaaeeeeiiiioooorrrruuuusstt--hhndEEzzaaeeooooooooyylntjBQacclts" /* U+0200 */
    "z--bu-eejjqqrryy"; /* U+0240 */

static const char latin_additional[] = /* U+1E00 to U+1EFF */
    "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm" /* U+1E00 */
    "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv" /* U+1E40 */
    "wwwwwwwwwwxxxxyyzzzzzzhtwyasssS-aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee" /* U+1E80 */
    "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyyPPvvyy"; /* U+1EC0 */

_Static_assert(sizeof(latin) == 0x250 - 0xc0 + 1, "a letter for each of U+00C0 to U+024F");
_Static_assert(sizeof(latin_additional) == 0x100 + 1, "a letter for each of U+1E00 to U+1EFF");

static const char pairs[][2] = {
	['A' - 'A'] = { 'a', 'e' },
	['B' - 'A'] = { 'd', 'b' },
	['D' - 'A'] = { 'd', 'z' },
	['E' - 'A'] = { 'o', 'u' },
	['H' - 'A'] = { 'h', 'v' },
	['I' - 'A'] = { 'i', 'j' },
	['L' - 'A'] = { 'l', 'j' },
	['N' - 'A'] = { 'n', 'j' },
	['O' - 'A'] = { 'o', 'e' },
	['P' - 'A'] = { 'l', 'l' },
	['Q' - 'A'] = { 'q', 'p' },
	['S' - 'A'] = { 's', 's' },
	['T' - 'A'] = { 't', 'h' },
};

/* Capitals among the '-' above and the small letters they have. */
/* clang-format off */
static const uint16_t latin_lower[][2] = {
	{ 0x0184, 0x0185 }, { 0x0186, 0x0254 }, { 0x018e, 0x01dd }, { 0x018f, 0x0259 },
	{ 0x0190, 0x025b }, { 0x0194, 0x0263 }, { 0x0196, 0x0269 }, { 0x019c, 0x026f },
	{ 0x01a2, 0x01a3 }, { 0x01a6, 0x0280 }, { 0x01a7, 0x01a8 }, { 0x01a9, 0x0283 },
	{ 0x01b1, 0x028a }, { 0x01b7, 0x0292 }, { 0x01b8, 0x01b9 }, { 0x01bc, 0x01bd },
	{ 0x01ee, 0x01ef }, { 0x01f7, 0x01bf }, { 0x021c, 0x021d }, { 0x0241, 0x0242 },
	{ 0x0245, 0x028c },
};
/* clang-format on */

/* What Greek letters become, 64 to a line, in the ASCII letters of beta code. */
static const char greek[] = /* U+0380 to U+03CF */
    "------a-ehi-o-uwiabgdezhqiklmncopr-stufxywiuaehiuabgdezhqiklmnco" /* U+0380 */
    "prsstufxywiuouw-"; /* U+03C0 */

static const char greek_extended[] = /* U+1F00 to U+1FFF */
    "aaaaaaaaaaaaaaaaeeeeee--eeeeee--hhhhhhhhhhhhhhhhiiiiiiiiiiiiiiii" /* U+1F00 */
    "oooooo--oooooo--uuuuuuuu-u-u-u-uwwwwwwwwwwwwwwwwaaeehhiioouuww--" /* U+1F40 */
    "aaaaaaaaaaaaaaaahhhhhhhhhhhhhhhhwwwwwwwwwwwwwwwwaaaaa-aaaaaaa-i-" /* U+1F80 */
    "--hhh-hheehhh---iiii--iiiiii----uuuurruuuuuur-----www-wwoowww---"; /* U+1FC0 */

_Static_assert(sizeof(greek) == 0x3d0 - 0x380 + 1, "a letter for each of U+0380 to U+03CF");
_Static_assert(sizeof(greek_extended) == 0x100 + 1, "a letter for each of U+1F00 to U+1FFF");

/* The code points of beta code from a to z; it uses neither j nor v. */
static const uint16_t beta_code[26] = { 0x3b1, 0x3b2, 0x3be, 0x3b4, 0x3b5, 0x3c6, 0x3b3, 0x3b7, 0x3b9, 0,
	0x3ba, 0x3bb, 0x3bc, 0x3bd, 0x3bf, 0x3c0, 0x3b8, 0x3c1, 0x3c3, 0x3c4, 0x3c5, 0, 0x3c9, 0x3c7, 0x3c8,
	0x3b6 };

static uint32_t
fold_latin(uint32_t cp, char base, uint32_t *second)
{
	if (base >= 'A' && base <= 'Z') {
		*second = (unsigned char)pairs[base - 'A'][1];
		return (unsigned char)pairs[base - 'A'][0];
	}
	if (base != '-')
		return (unsigned char)base;
	for (size_t i = 0; i < MH_COUNT(latin_lower); i++)
		if (latin_lower[i][0] == cp)
			return latin_lower[i][1];
	return cp;
}

static uint32_t
fold_greek(uint32_t cp, char base)
{
	return base != '-' ? beta_code[base - 'a'] : cp;
}

static uint32_t
fold_cyrillic(uint32_t cp)
{
	/* Russian sets or omits the dots of io at will, so it is ie here. */
	if (cp == 0x401 || cp == 0x451)
		return 0x435;
	if (cp < 0x410)
		return cp + 0x50;
	if (cp < 0x430)
		return cp + 0x20;
	if (cp < 0x460 || (cp >= 0x482 && cp <= 0x489))
		return cp;
	if (cp == 0x4c0)
		return 0x4cf;
	if (cp > 0x4c0 && cp < 0x4cf) /* here capitals are the odd ones */
		return cp + (cp & 1);
	return cp == 0x4cf ? cp : cp | 1;
}

/* fold_punctuation - spaces, hyphens and apostrophes as ASCII has them */
static uint32_t
fold_punctuation(uint32_t cp)
{
	switch (cp) {
	case 0x00a0: /* no-break space */
	case 0x202f: /* the narrow one, French before a colon */
	case 0x3000: /* ideographic space */
		return ' ';
	case 0x02bc: /* modifier letter apostrophe, Ukrainian */
	case 0x2018:
	case 0x2019:
		return '\'';
	default:
		if (cp >= 0x2000 && cp <= 0x200a)
			return ' ';
		return cp >= 0x2010 && cp <= 0x2015 ? '-' : cp;
	}
}

uint32_t
mh_fold(uint32_t cp, uint32_t *second)
{
	*second = 0;
	if (cp < 0x80)
		return (unsigned char)mh_lower((char)cp);
	if (cp >= 0xc0 && cp < 0x250)
		return fold_latin(cp, latin[cp - 0xc0], second);
	if (cp >= 0x1e00 && cp < 0x1f00)
		return fold_latin(cp, latin_additional[cp - 0x1e00], second);
	if (cp >= 0x380 && cp < 0x3d0)
		return fold_greek(cp, greek[cp - 0x380]);
	if (cp >= 0x1f00 && cp < 0x2000)
		return fold_greek(cp, greek_extended[cp - 0x1f00]);
	if (cp >= 0x400 && cp < 0x530)
		return fold_cyrillic(cp);
	if (cp >= 0xff01 && cp <= 0xff5e) /* full-width forms, in the order of ASCII */
		return (unsigned char)mh_lower((char)(cp - 0xff01 + '!'));
	return fold_punctuation(cp);
}

/* ----------------------------------------------------------------- decoders */

/* sextet - the value of a base64 digit, or -1 */
static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (mh_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* is_padding - whether what begins with '=' is the right padding behind n digits, or none of it */
static bool
is_padding(struct mh_str s, size_t n)
{
	size_t pads = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '=')
			pads++;
		else if (!mh_is_space(s.p[i]))
			return false;
	}
	return (n == 2 && pads <= 2) || (n == 3 && pads <= 1);
}

/* mh_base64_decode - line ends and spaces may stand anywhere; missing padding is tolerated */
bool
mh_base64_decode(struct mh_str in, struct mh_buf *out)
{
	bool clean = true;
	uint32_t bits = 0;
	size_t n = 0; /* digits in bits */

	for (size_t i = 0; i < in.len; i++) {
		int value = sextet(in.p[i]);
		if (value >= 0) {
			bits = bits << 6 | (uint32_t)value;
			if (++n < 4)
				continue;
			mh_buf_put(out, (char[3]){ (char)(bits >> 16), (char)(bits >> 8), (char)bits }, 3);
			bits = 0;
			n = 0;
		} else if (in.p[i] == '=') {
			/* RFC 2045 6.8: padding tells that the end of the data is reached. */
			clean = clean && is_padding(mh_str_n(in.p + i, in.len - i), n);
			break;
		} else if (!mh_is_space(in.p[i])) {
			clean = false;
		}
	}
	if (n == 1)
		return false; /* six bits are no octet */
	if (n >= 2)
		mh_buf_putc(out, (char)(n == 2 ? bits >> 4 : bits >> 10));
	if (n == 3)
		mh_buf_putc(out, (char)(bits >> 2));
	return clean;
}

/* hex_octet - the octet of "=XX" at p, or -1 */
static int
hex_octet(const char *p, size_t left)
{
	if (left < 3 || mh_hex(p[1]) < 0 || mh_hex(p[2]) < 0)
		return -1;
	return mh_hex(p[1]) << 4 | mh_hex(p[2]);
}

/* is_text - whether c may stand for itself in either encoding */
static bool
is_text(char c)
{
	return (c >= ' ' && c <= '~') || c == '\t';
}

/* without_tail - the line without spaces and tabs at its end, which RFC 2045 6.7 (3) tells to
 * delete since they were added on the way */
static struct mh_str
without_tail(struct mh_str line)
{
	while (line.len > 0 && (line.p[line.len - 1] == ' ' || line.p[line.len - 1] == '\t'))
		line.len--;
	return line;
}

/* decode_escapes - "=XX" as an octet, '_' as under, all else as it stands; false for what does not
 * belong there */
static bool
decode_escapes(struct mh_str in, char under, struct mh_buf *out)
{
	bool clean = true;

	for (size_t i = 0; i < in.len; i++) {
		int octet = in.p[i] == '=' ? hex_octet(in.p + i, in.len - i) : -1;
		if (octet >= 0) {
			mh_buf_putc(out, (char)octet);
			i += 2;
			continue;
		}
		clean = clean && is_text(in.p[i]) && in.p[i] != '=';
		mh_buf_putc(out, in.p[i] == '_' ? under : in.p[i]);
	}
	return clean;
}

bool
mh_qp_decode(struct mh_str in, struct mh_buf *out)
{
	struct mh_cur cur = mh_cur_of(in.p, in.len);
	bool clean = true;

	while (mh_cur_left(&cur) > 0) {
		int end;
		struct mh_str line = without_tail(mh_cur_line(&cur, &end));
		bool soft = line.len > 0 && line.p[line.len - 1] == '=';
		if (soft)
			line.len--;
		clean = decode_escapes(line, '_', out) && clean;
		if (!soft && end > 0)
			mh_buf_puts(out, end == 2 ? "\r\n" : "\n");
	}
	return clean;
}

bool
mh_q_decode(struct mh_str in, struct mh_buf *out)
{
	return decode_escapes(in, ' ', out);
}

/* ------------------------------------------------------------- windows-1252 */

uint32_t
mh_windows1252(unsigned char octet)
{
	/* The five octets without a character keep their control (U+0081 and so on). */
	static const uint16_t high[32] = {
		0x20ac,
		0x0081,
		0x201a,
		0x0192,
		0x201e,
		0x2026,
		0x2020,
		0x2021,
		0x02c6,
		0x2030,
		0x0160,
		0x2039,
		0x0152,
		0x008d,
		0x017d,
		0x008f,
		0x0090,
		0x2018,
		0x2019,
		0x201c,
		0x201d,
		0x2022,
		0x2013,
		0x2014,
		0x02dc,
		0x2122,
		0x0161,
		0x203a,
		0x0153,
		0x009d,
		0x017e,
		0x0178,
	};
	return octet >= 0x80 && octet < 0xa0 ? high[octet - 0x80] : octet;
}
