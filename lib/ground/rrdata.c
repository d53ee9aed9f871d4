/* rrdata.c - the data of resource records: read, printed, and read back
 *
 * Types are described by a string, one letter a field, so that printing and
 * reading cannot come apart.  What has no description, or is not as described,
 * is printed and read by RFC 3597 5.
 *
 * RFC 1035 3.3, 5.1; RFC 3596; RFC 2782; RFC 3597; RFC 6698; RFC 8659
 */
#include "capture.h"
#include "port.h"

/* n name, s character-strings to the end, 1 2 4 numbers of so many octets, a IPv4, q IPv6 address, x
 * hexadecimal to the end, c one character-string, v a quoted value to the end */
static const char *
form_of(int type)
{
	switch (type) {
	case MH_RR_A:
		return "a";
	case MH_RR_AAAA:
		return "q";
	case MH_RR_NS:
	case MH_RR_CNAME:
	case MH_RR_PTR:
	case MH_RR_DNAME:
		return "n";
	case MH_RR_MX:
		return "2n";
	case MH_RR_SRV:
		return "222n";
	case MH_RR_SOA:
		return "nn44444";
	case MH_RR_TXT:
	case MH_RR_SPF:
		return "s";
	case MH_RR_TLSA:
		return "111x";
	case MH_RR_DS:
		return "211x";
	case MH_RR_CAA:
		return "1cv";
	default:
		return "";
	}
}

/* -------------------------------------------------------------------- facts */

bool
mh_rr_ip(const struct mh_fact *fact, size_t i, struct mh_ip *ip)
{
	size_t want = fact->type == MH_RR_A ? 4 : fact->type == MH_RR_AAAA ? 16 : 0;
	*ip = (struct mh_ip){ .family = 0 };
	if (i >= fact->count || want == 0 || fact->rr[i].len != want)
		return false;
	ip->family = want == 4 ? 4 : 6;
	memcpy(ip->octets, fact->rr[i].p, want);
	return true;
}

size_t
mh_rr_name(const struct mh_fact *fact, size_t i, char out[MH_DNAME_TEXT_MAX], int *number)
{
	size_t skip = fact->type == MH_RR_MX ? 2 : fact->type == MH_RR_SRV ? 6 : 0;
	size_t used;
	out[0] = '\0';
	if (i >= fact->count || fact->rr[i].len <= skip)
		return 0;
	const unsigned char *p = fact->rr[i].p;
	if (number != NULL)
		*number = skip > 0 ? p[0] << 8 | p[1] : 0;
	size_t len = mh_dname_from_wire(p + skip, fact->rr[i].len - skip, out, &used);
	return len > 0 && used == fact->rr[i].len - skip ? len : 0;
}

size_t
mh_rr_strings(const struct mh_fact *fact, size_t i)
{
	size_t n = 0;
	if (i >= fact->count)
		return 0;
	for (size_t at = 0; at < fact->rr[i].len; n++)
		at += (size_t)1 + fact->rr[i].p[at];
	return n;
}

/* joined - octets of the strings together, or SIZE_MAX if the last is cut */
static size_t
joined(const struct mh_rr *rr)
{
	size_t total = 0, at = 0;
	while (at < rr->len) {
		total += rr->p[at];
		at += (size_t)1 + rr->p[at];
	}
	return at == rr->len ? total : SIZE_MAX;
}

struct mh_str
mh_rr_text(const struct mh_fact *fact, size_t i, struct mh_arena *arena)
{
	struct mh_str none = { NULL, 0 };
	if (i >= fact->count)
		return none;
	const struct mh_rr *rr = &fact->rr[i];
	if (rr->len > 0 && (size_t)rr->p[0] + 1 == rr->len)
		return mh_str_n((const char *)rr->p + 1, rr->p[0]);
	size_t total = joined(rr);
	if (total == SIZE_MAX)
		return (struct mh_str){ NULL, 1 };
	char *text = mh_arena_alloc(arena, total + 1);
	if (text == NULL)
		return none;
	char *p = text;
	for (size_t at = 0; at < rr->len; at += (size_t)1 + rr->p[at]) {
		memcpy(p, rr->p + at + 1, rr->p[at]);
		p += rr->p[at];
	}
	return mh_str_n(text, total);
}

/* ----------------------------------------------------------------- printing */

/* print_string - octets in quotes, escaped as RFC 1035 5.1 has it */
static void
print_string(struct mh_buf *out, struct mh_str s)
{
	mh_buf_putc(out, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c < 0x20 || c >= 0x7f) {
			mh_buf_putc(out, '\\');
			mh_buf_putc(out, (char)('0' + c / 100));
			mh_buf_putc(out, (char)('0' + c / 10 % 10));
			mh_buf_putc(out, (char)('0' + c % 10));
		} else {
			if (c == '"' || c == '\\')
				mh_buf_putc(out, '\\');
			mh_buf_putc(out, (char)c);
		}
	}
	mh_buf_putc(out, '"');
}

/* print_name - with its dot; the letter case is lost, as in every canonical name */
static void
print_name(struct mh_buf *out, struct mh_cur *cur)
{
	char text[MH_DNAME_TEXT_MAX];
	size_t used;
	size_t len = mh_dname_from_wire(cur->p, mh_cur_left(cur), text, &used);
	if (len == 0) {
		cur->bad = true;
		return;
	}
	mh_cur_take(cur, used);
	mh_buf_put(out, text, len);
	if (len != 1 || text[0] != '.')
		mh_buf_putc(out, '.');
}

static void
print_ip(struct mh_buf *out, struct mh_cur *cur, int family)
{
	char text[MH_IP_TEXT_MAX];
	struct mh_ip ip = { .family = family };
	size_t len = family == 4 ? 4 : 16;
	struct mh_str octets = mh_cur_take(cur, len);
	if (mh_cur_bad(cur))
		return;
	memcpy(ip.octets, octets.p, len);
	mh_buf_put(out, text, mh_ip_print(&ip, text));
}

/* print_field - one field; the cursor is bad if it is not there */
static void
print_field(struct mh_buf *out, struct mh_cur *cur, char field)
{
	struct mh_str rest;
	switch (field) {
	case 'a':
	case 'q':
		print_ip(out, cur, field == 'a' ? 4 : 6);
		break;
	case 'n':
		print_name(out, cur);
		break;
	case '1':
		mh_buf_putint(out, mh_cur_u8(cur));
		break;
	case '2':
		mh_buf_putint(out, mh_cur_u16(cur));
		break;
	case '4':
		mh_buf_putint(out, mh_cur_u32(cur));
		break;
	case 's':
		do {
			print_string(out, mh_cur_take(cur, mh_cur_u8(cur)));
			if (mh_cur_left(cur) > 0)
				mh_buf_putc(out, ' ');
		} while (mh_cur_left(cur) > 0);
		break;
	case 'c': {
		struct mh_str tag = mh_cur_take(cur, mh_cur_u8(cur));
		for (size_t i = 0; i < tag.len; i++)
			if (!mh_is_alnum(tag.p[i]))
				cur->bad = true;
		if (tag.len == 0)
			cur->bad = true;
		mh_buf_putstr(out, tag);
		break;
	}
	case 'v':
		print_string(out, mh_cur_rest(cur));
		break;
	default:
		if (mh_cur_left(cur) == 0)
			cur->bad = true;
		rest = mh_cur_rest(cur);
		mh_buf_puthex(out, rest.p, rest.len);
		break;
	}
}

void
mh_rr_print(struct mh_buf *out, int type, const struct mh_rr *rr)
{
	struct mh_cur cur = mh_cur_of(rr->p, rr->len);
	size_t before = out->len;
	const char *form = form_of(type);

	if (type == MH_RR_STREAM) {
		mh_event_print(out, rr);
		return;
	}
	for (const char *f = form; *f != '\0'; f++) {
		if (f != form)
			mh_buf_putc(out, ' ');
		print_field(out, &cur, *f);
	}
	if (*form != '\0' && !mh_cur_bad(&cur) && mh_cur_left(&cur) == 0)
		return;
	if (!out->bad && out->p != NULL) {
		out->len = before;
		out->p[before] = '\0';
	}
	mh_buf_puts(out, "\\# ");
	mh_buf_putint(out, rr->len);
	if (rr->len > 0)
		mh_buf_putc(out, ' ');
	mh_buf_puthex(out, rr->p, rr->len);
}

/* ------------------------------------------------------------------ reading */

/* Where rdata is written to. */
struct sink {
	unsigned char *p;
	size_t len;
	bool is_bad;
};

static void
sink_put(struct sink *sink, const void *p, size_t len)
{
	if (len > 65535 - sink->len) {
		sink->is_bad = true;
		return;
	}
	memcpy(sink->p + sink->len, p, len);
	sink->len += len;
}

static void
sink_number(struct sink *sink, int64_t value, int octets)
{
	for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
		unsigned char c = (unsigned char)(value >> shift);
		sink_put(sink, &c, 1);
	}
}

/* next_word - up to a space */
static struct mh_str
next_word(struct mh_cur *cur)
{
	mh_cur_spaces(cur);
	return mh_cur_until(cur, " \t\r\n");
}

/* unescape - one octet of a string, as RFC 1035 5.1 writes it; -1: none */
static int
unescape(struct mh_cur *cur)
{
	int c = mh_cur_u8(cur);
	if (c != '\\')
		return mh_cur_bad(cur) ? -1 : c;
	c = mh_cur_u8(cur);
	if (mh_cur_bad(cur))
		return -1;
	if (!mh_is_digit(c))
		return c;
	int second = mh_cur_u8(cur), third = mh_cur_u8(cur);
	if (mh_cur_bad(cur) || !mh_is_digit(second) || !mh_is_digit(third))
		return -1;
	int value = (c - '0') * 100 + (second - '0') * 10 + (third - '0');
	return value <= 255 ? value : -1;
}

/* read_string - a quoted or bare string's octets into the sink; false: none, or its quote is not closed */
static bool
read_string(struct mh_cur *cur, struct sink *sink)
{
	mh_cur_spaces(cur);
	if (mh_cur_left(cur) == 0)
		return false;
	bool is_quoted = mh_cur_skip(cur, MH_STR("\""));
	while (mh_cur_left(cur) > 0) {
		if (is_quoted ? *cur->p == '"' : mh_is_space(*cur->p))
			break;
		int octet = unescape(cur);
		unsigned char c = (unsigned char)octet;
		if (octet < 0)
			return false;
		sink_put(sink, &c, 1);
	}
	return !sink->is_bad && (!is_quoted || mh_cur_skip(cur, MH_STR("\"")));
}

/* read_strings - of a TXT record, one at least, each behind its length */
static bool
read_strings(struct mh_cur *cur, struct sink *sink)
{
	do {
		size_t at = sink->len;
		unsigned char zero = 0;
		sink_put(sink, &zero, 1);
		if (sink->is_bad || !read_string(cur, sink) || sink->len - at - 1 > 255)
			return false;
		sink->p[at] = (unsigned char)(sink->len - at - 1);
		mh_cur_spaces(cur);
	} while (mh_cur_left(cur) > 0);
	return true;
}

/* put_text - text as it is, in strings of 255 octets */
static void
put_text(struct sink *sink, struct mh_str text)
{
	do {
		unsigned char len = (unsigned char)(text.len < 255 ? text.len : 255);
		sink_put(sink, &len, 1);
		sink_put(sink, text.p, len);
		text = mh_str_n(text.p + len, text.len - len);
	} while (text.len > 0 && !sink->is_bad);
}

/* read_hex - pairs of digits to the end, spaces among them */
static bool
read_hex(struct mh_cur *cur, struct sink *sink)
{
	int high = -1;
	for (mh_cur_spaces(cur); mh_cur_left(cur) > 0; mh_cur_spaces(cur)) {
		int digit = mh_hex(mh_cur_u8(cur));
		if (digit < 0)
			return false;
		if (high < 0) {
			high = digit;
			continue;
		}
		unsigned char c = (unsigned char)(high << 4 | digit);
		sink_put(sink, &c, 1);
		high = -1;
	}
	return high < 0;
}

static bool
read_number(struct mh_cur *cur, struct sink *sink, int octets)
{
	int64_t value = mh_str_int(next_word(cur), ((int64_t)1 << (8 * octets)) - 1);
	sink_number(sink, value, octets);
	return value >= 0;
}

static bool
read_ip(struct mh_cur *cur, struct sink *sink, int family)
{
	struct mh_ip ip;
	if (!mh_ip_parse(next_word(cur), &ip) || ip.family != family)
		return false;
	sink_put(sink, ip.octets, family == 4 ? 4 : 16);
	return true;
}

static bool
read_name(struct mh_cur *cur, struct sink *sink, bool loose)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	struct mh_str word = next_word(cur);
	/* A name without its dot is a relative one (RFC 1035 5.1), and here is nothing to be relative to. */
	if (!loose && (word.len == 0 || word.p[word.len - 1] != '.'))
		return false;
	if (loose && word.len == 0)
		word = MH_STR(".");
	size_t len = mh_dname_to_wire(word, wire);
	sink_put(sink, wire, len);
	return len > 0;
}

static bool
read_tag(struct mh_cur *cur, struct sink *sink)
{
	struct mh_str word = next_word(cur);
	unsigned char len = (unsigned char)word.len;
	if (word.len == 0 || word.len > 255)
		return false;
	sink_put(sink, &len, 1);
	sink_put(sink, word.p, word.len);
	return true;
}

static bool
read_field(struct mh_cur *cur, struct sink *sink, char field, bool loose)
{
	switch (field) {
	case 'a':
	case 'q':
		return read_ip(cur, sink, field == 'a' ? 4 : 6);
	case 'n':
		return read_name(cur, sink, loose);
	case '1':
	case '2':
	case '4':
		return read_number(cur, sink, field - '0');
	case 's':
		return read_strings(cur, sink);
	case 'c':
		return read_tag(cur, sink);
	case 'v':
		return read_string(cur, sink);
	default:
		return read_hex(cur, sink);
	}
}

/* read_generic - \# LENGTH HEX (RFC 3597 5) */
static bool
read_generic(struct mh_cur *cur, struct sink *sink)
{
	int64_t len = mh_str_int(next_word(cur), 65535);
	return len >= 0 && read_hex(cur, sink) && sink->len == (size_t)len;
}

int
mh_rr_read(struct mh_str text, int type, bool loose, unsigned char *out)
{
	struct sink sink = { .p = out };
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	const char *form = form_of(type);

	if (type == MH_RR_STREAM)
		return mh_event_read(text, out);
	if (loose && form[0] == 's') {
		put_text(&sink, text);
		return sink.is_bad ? -1 : (int)sink.len;
	}
	mh_cur_spaces(&cur);
	if (mh_cur_skip(&cur, MH_STR("\\#"))) {
		if (!read_generic(&cur, &sink))
			return -1;
		form = "";
	} else if (*form == '\0') {
		return -1;
	}
	for (; *form != '\0'; form++)
		if (!read_field(&cur, &sink, *form, loose))
			return -1;
	mh_cur_spaces(&cur);
	return sink.is_bad || mh_cur_left(&cur) > 0 ? -1 : (int)sink.len;
}
