/* dname.c - domain names as DNS has them, in the one text form used as a key
 *
 * Text, raw octets and wire form all go through a builder that counts octets
 * of the wire form and writes canonical text as it goes, so that limits are
 * those of RFC 1035 2.3.4 wherever a name comes from.
 */
#include "dname.h"

/* Both forms of a name while it is put together. */
struct builder {
	char *text; /* NULL: not wanted */
	unsigned char *wire; /* NULL: not wanted */
	size_t text_len, wire_len; /* wire_len counts the length octet of the label under way */
	size_t label; /* where its length octet stands */
	bool is_bad;
};

static void
start_label(struct builder *b)
{
	b->label = b->wire_len;
	if (b->wire != NULL && b->wire_len < MH_DNAME_WIRE_MAX)
		b->wire[b->wire_len] = 0;
	b->wire_len++;
}

static void
put_text(struct builder *b, char c)
{
	b->text[b->text_len++] = c;
}

/* needs_escape - whether an octet of a label stands for itself in canonical text */
static inline bool
needs_escape(unsigned char c)
{
	return c <= 0x20 || c >= 0x7f || c == '.' || c == '\\';
}

/* put_octet - one octet of a label; the text has room for every name that is not bad */
static void
put_octet(struct builder *b, unsigned char c)
{
	if (b->wire_len - b->label > 63 || b->wire_len >= MH_DNAME_WIRE_MAX - 1) {
		b->is_bad = true;
		return;
	}
	if (b->wire != NULL)
		b->wire[b->wire_len] = c;
	b->wire_len++;
	if (b->text == NULL)
		return;
	if (c == '.' || c == '\\') {
		put_text(b, '\\');
		put_text(b, (char)c);
	} else if (needs_escape(c)) {
		put_text(b, '\\');
		put_text(b, (char)('0' + c / 100));
		put_text(b, (char)('0' + c / 10 % 10));
		put_text(b, (char)('0' + c % 10));
	} else {
		put_text(b, mh_lower((char)c));
	}
}

/* end_label - false if it was empty */
static bool
end_label(struct builder *b)
{
	size_t len = b->wire_len - b->label - 1;
	if (len == 0 || b->is_bad)
		return false;
	if (b->wire != NULL)
		b->wire[b->label] = (unsigned char)len;
	return true;
}

static struct builder
builder_of(char *text, unsigned char *wire)
{
	return (struct builder){ .text = text, .wire = wire };
}

/* finish - the length of the form that is wanted; 0 if the name is bad */
static size_t
finish(struct builder *b)
{
	if (b->is_bad || b->wire_len >= MH_DNAME_WIRE_MAX)
		return 0;
	if (b->wire != NULL) {
		b->wire[b->wire_len] = 0;
		return b->wire_len + 1;
	}
	if (b->text == NULL)
		return 0;
	if (b->text_len == 0)
		put_text(b, '.');
	b->text[b->text_len] = '\0';
	return b->text_len;
}

/* read_escape - the octet that \DDD or \X at s.p[*i] stands for, with *i behind it; -1: none */
static int
read_escape(struct mh_str s, size_t *i)
{
	size_t left = s.len - *i - 1;
	const char *p = s.p + *i + 1;
	if (left == 0)
		return -1;
	if (!mh_is_digit(p[0])) {
		*i += 2;
		return (unsigned char)p[0];
	}
	if (left < 3 || !mh_is_digit(p[1]) || !mh_is_digit(p[2]))
		return -1;
	int value = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	*i += 4;
	return value <= 255 ? value : -1;
}

/* read_labels - octets with dots between labels, escaped or raw, into the builder; false: no name */
static bool
read_labels(struct builder *b, struct mh_str s, bool is_escaped)
{
	if (s.len == 0)
		return false;
	if (s.len == 1 && s.p[0] == '.')
		return true;
	start_label(b);
	for (size_t i = 0; i < s.len && !b->is_bad;) {
		if (s.p[i] == '.') {
			if (!end_label(b))
				return false;
			if (++i == s.len)
				return true;
			if (b->text != NULL)
				put_text(b, '.');
			start_label(b);
		} else if (is_escaped && s.p[i] == '\\') {
			int octet = read_escape(s, &i);
			if (octet < 0)
				return false;
			put_octet(b, (unsigned char)octet);
		} else {
			put_octet(b, (unsigned char)s.p[i++]);
		}
	}
	return end_label(b);
}

/* plain - the commonest case in one pass: nothing to escape; the length, or 0: take the long way */
static size_t
plain(struct mh_str s, char out[MH_DNAME_TEXT_MAX])
{
	size_t label = 0;
	if (s.len > 0 && s.p[s.len - 1] == '.')
		s.len--;
	if (s.len == 0 || s.len > MH_NAME_MAX)
		return 0;
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '.') {
			if (label == 0 || label > 63)
				return 0;
			label = 0;
		} else {
			if (needs_escape(c))
				return 0;
			label++;
		}
		out[i] = mh_lower((char)c);
	}
	if (label == 0 || label > 63)
		return 0;
	out[s.len] = '\0';
	return s.len;
}

size_t
mh_dname_canonical(struct mh_str text, char out[MH_DNAME_TEXT_MAX])
{
	size_t len = plain(text, out);
	if (len > 0)
		return len;
	struct builder b = builder_of(out, NULL);
	return read_labels(&b, text, true) ? finish(&b) : 0;
}

size_t
mh_dname_from_raw(struct mh_str raw, char out[MH_DNAME_TEXT_MAX])
{
	size_t len = plain(raw, out);
	if (len > 0)
		return len;
	struct builder b = builder_of(out, NULL);
	return read_labels(&b, raw, false) ? finish(&b) : 0;
}

size_t
mh_dname_to_wire(struct mh_str text, unsigned char out[MH_DNAME_WIRE_MAX])
{
	struct builder b = builder_of(NULL, out);
	return read_labels(&b, text, true) ? finish(&b) : 0;
}

size_t
mh_dname_from_wire(const void *wire, size_t len, char out[MH_DNAME_TEXT_MAX], size_t *used)
{
	const unsigned char *p = wire;
	struct builder b = builder_of(out, NULL);
	size_t at = 0;

	for (;;) {
		if (at >= len || p[at] > 63 || len - at - 1 < p[at])
			return 0;
		size_t label = p[at++];
		if (label == 0)
			break;
		if (b.text_len > 0)
			put_text(&b, '.');
		start_label(&b);
		for (; label > 0 && !b.is_bad; label--)
			put_octet(&b, p[at++]);
		if (b.is_bad)
			return 0;
	}
	if (used != NULL)
		*used = at;
	return finish(&b);
}

bool
mh_dname_is_under(struct mh_str name, struct mh_str domain)
{
	if (mh_str_eq(domain, MH_STR(".")))
		return true;
	if (name.len < domain.len || memcmp(name.p + name.len - domain.len, domain.p, domain.len) != 0)
		return false;
	if (name.len == domain.len)
		return true;
	/* The dot before it must be one between labels: an even number of backslashes in front. */
	size_t at = name.len - domain.len, slashes = 0;
	if (name.p[at - 1] != '.')
		return false;
	while (slashes + 1 < at && name.p[at - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 0;
}

struct mh_str
mh_dname_parent(struct mh_str name)
{
	if (name.len == 0 || mh_str_eq(name, MH_STR(".")))
		return MH_STR("");
	for (size_t i = 0; i < name.len; i++) {
		if (name.p[i] == '\\')
			i++;
		else if (name.p[i] == '.')
			return mh_str_n(name.p + i + 1, name.len - i - 1);
	}
	return MH_STR(".");
}

unsigned
mh_dname_labels(struct mh_str name)
{
	unsigned labels = 0;
	while (name.len > 0 && !mh_str_eq(name, MH_STR("."))) {
		labels++;
		name = mh_dname_parent(name);
	}
	return labels;
}

/* put_number - a decimal number below 256; where it ends */
static char *
put_number(char *out, unsigned value)
{
	if (value >= 100)
		*out++ = (char)('0' + value / 100);
	if (value >= 10)
		*out++ = (char)('0' + value / 10 % 10);
	*out++ = (char)('0' + value % 10);
	return out;
}

size_t
mh_dname_reverse(const struct mh_ip *ip, char out[MH_DNAME_TEXT_MAX])
{
	char *p = out;
	const char *suffix = ip->family == 6 ? "ip6.arpa" : "in-addr.arpa";

	if (ip->family == 0) {
		*out = '\0';
		return 0;
	}
	if (ip->family == 6) {
		for (int i = 15; i >= 0; i--) {
			*p++ = "0123456789abcdef"[ip->octets[i] & 15];
			*p++ = '.';
			*p++ = "0123456789abcdef"[ip->octets[i] >> 4];
			*p++ = '.';
		}
	} else {
		for (int i = 3; i >= 0; i--) {
			p = put_number(p, ip->octets[i]);
			*p++ = '.';
		}
	}
	memcpy(p, suffix, strlen(suffix) + 1);
	return (size_t)(p - out) + strlen(suffix);
}
