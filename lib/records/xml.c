/* xml.c - a small strict reader of XML; see xml.h */
#include "xml.h"

#include "text.h"

static bool
is_blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
is_name_start(unsigned char c)
{
	return mh_is_alpha(c) || c == '_' || c == ':' || c >= 0x80;
}

static bool
is_name_char(unsigned char c)
{
	return is_name_start(c) || mh_is_digit(c) || c == '-' || c == '.';
}

/* fails, bad - the document is not well-formed */
static bool
fails(struct mh_xml *xml, const char *why)
{
	xml->why = why;
	return false;
}

static int
bad(struct mh_xml *xml, const char *why)
{
	xml->why = why;
	return MH_XML_BAD;
}

/* peek - the next octet; -1: none */
static int
peek(const struct mh_xml *xml)
{
	return mh_cur_left(&xml->cur) > 0 ? *xml->cur.p : -1;
}

static bool
skip(struct mh_xml *xml, const char *word)
{
	size_t len = strlen(word);
	if (mh_cur_left(&xml->cur) < len || memcmp(xml->cur.p, word, len) != 0)
		return false;
	mh_cur_take(&xml->cur, len);
	return true;
}

static void
skip_blanks(struct mh_xml *xml)
{
	while (is_blank(peek(xml)))
		mh_cur_u8(&xml->cur);
}

/* until - what stands before word, which is read too; false: it does not come */
static bool
until(struct mh_xml *xml, const char *word, struct mh_str *before)
{
	size_t len = strlen(word);
	const unsigned char *from = xml->cur.p;
	for (const unsigned char *p = from; (size_t)(xml->cur.end - p) >= len; p++)
		if (memcmp(p, word, len) == 0) {
			*before = mh_cur_take(&xml->cur, (size_t)(p - from));
			mh_cur_take(&xml->cur, len);
			return true;
		}
	return false;
}

/* read_name - len 0: there is none */
static struct mh_str
read_name(struct mh_xml *xml)
{
	const unsigned char *p = xml->cur.p;
	if (p < xml->cur.end && is_name_start(*p))
		while (p < xml->cur.end && is_name_char(*p))
			p++;
	return mh_cur_take(&xml->cur, (size_t)(p - xml->cur.p));
}

/* -------------------------------------------------------------------- references */

enum reference { NO_REFERENCE, GOOD_REFERENCE, UNKNOWN_ENTITY };

/* read_reference - of a text that begins with "&"; *len its octets */
static enum reference
read_reference(struct mh_str s, size_t *len)
{
	static const char *const known[] = { "amp", "lt", "gt", "quot", "apos" };
	size_t n = 1;
	bool is_number = s.len > 1 && s.p[1] == '#', is_hex = s.len > 2 && is_number && s.p[2] == 'x';

	n += is_number + is_hex;
	size_t from = n;
	while (n < s.len &&
	    (is_hex             ? mh_hex(s.p[n]) >= 0
		    : is_number ? mh_is_digit(s.p[n])
				: is_name_char((unsigned char)s.p[n])))
		n++;
	if (n == from || n == s.len || s.p[n] != ';')
		return NO_REFERENCE;
	*len = n + 1;
	struct mh_str name = { s.p + from, n - from };
	if (is_number)
		return name.len <= 7 ? GOOD_REFERENCE : NO_REFERENCE;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (mh_str_eq(name, mh_str_z(known[i])))
			return GOOD_REFERENCE;
	return is_name_start((unsigned char)name.p[0]) ? UNKNOWN_ENTITY : NO_REFERENCE;
}

/* -------------------------------------------------------------------------- tags */

/* read_value - in quotes; false: it is none (xml->why) */
static bool
read_value(struct mh_xml *xml, struct mh_str *value)
{
	int quote = peek(xml);
	size_t len = 0;

	if (quote != '"' && quote != '\'')
		return fails(xml, "The value of an attribute stands in quotes.");
	mh_cur_u8(&xml->cur);
	if (!until(xml, quote == '"' ? "\"" : "'", value))
		return fails(xml, "The quotes around a value do not end.");
	for (size_t i = 0; i < value->len; i++) {
		struct mh_str rest = { value->p + i, value->len - i };
		if (rest.p[0] == '<')
			return fails(xml, "There is \"<\" in the value of an attribute.");
		if (rest.p[0] != '&')
			continue;
		enum reference reference = read_reference(rest, &len);
		if (reference == NO_REFERENCE)
			return fails(xml, "There is \"&\" that begins no reference; it is written &amp;.");
		if (reference == UNKNOWN_ENTITY)
			return fails(xml, "It uses an entity that XML itself does not have.");
	}
	return true;
}

/* read_attribute - one; false: it is none */
static bool
read_attribute(struct mh_xml *xml)
{
	struct mh_xml_attribute attribute = { .name = read_name(xml) };

	if (attribute.name.len == 0)
		return fails(xml, "A tag has something in it that is no attribute.");
	skip_blanks(xml);
	if (!skip(xml, "="))
		return fails(xml, "An attribute has no value.");
	skip_blanks(xml);
	if (!read_value(xml, &attribute.value))
		return false;
	for (unsigned i = 0; i < xml->attributes_count; i++)
		if (mh_str_eq(xml->attributes[i].name, attribute.name))
			return fails(xml, "An attribute is there twice.");
	if (xml->attributes_count == MH_XML_ATTRIBUTES_MAX)
		return fails(xml, "An element has more attributes than are read.");
	xml->attributes[xml->attributes_count++] = attribute;
	return true;
}

/* read_open - a start tag, behind its "<" */
static int
read_open(struct mh_xml *xml)
{
	xml->name = read_name(xml);
	xml->attributes_count = 0;
	if (xml->name.len == 0)
		return bad(xml, "There is \"<\" that begins no tag; it is written &lt;.");
	if (xml->depth == 0 && xml->has_root)
		return bad(xml, "There is more than one element outermost.");
	for (;;) {
		bool is_apart = is_blank(peek(xml));
		skip_blanks(xml);
		xml->closes = skip(xml, "/>");
		xml->opens = !xml->closes && skip(xml, ">");
		if (xml->closes || xml->opens)
			break;
		if (peek(xml) < 0)
			return bad(xml, "A tag does not end.");
		if (!is_apart)
			return bad(xml, "There is no space before an attribute.");
		if (!read_attribute(xml))
			return MH_XML_BAD;
	}
	if (xml->depth == MH_XML_DEPTH_MAX)
		return bad(xml, "Elements are nested deeper than is read.");
	xml->has_root = true;
	xml->open[xml->depth] = xml->name;
	return MH_XML_OPEN;
}

/* read_close - an end tag, behind its "</" */
static int
read_close(struct mh_xml *xml)
{
	xml->name = read_name(xml);
	skip_blanks(xml);
	if (!skip(xml, ">"))
		return bad(xml, "An end tag does not end.");
	if (xml->depth == 0 || !mh_str_eq(xml->open[xml->depth - 1], xml->name))
		return bad(xml, "An end tag does not fit the element that is open.");
	xml->depth--;
	return MH_XML_CLOSE;
}

/* ------------------------------------------------------------------ other pieces */

static int
read_doctype(struct mh_xml *xml)
{
	int brackets = 0, quote = 0;

	while (mh_cur_left(&xml->cur) > 0) {
		int c = mh_cur_u8(&xml->cur);
		if (quote != 0)
			quote = c == quote ? 0 : quote;
		else if (c == '"' || c == '\'')
			quote = c;
		else if (c == '[')
			brackets++;
		else if (c == ']')
			brackets--;
		else if (c == '>' && brackets <= 0)
			return MH_XML_DOCTYPE;
	}
	return bad(xml, "The document type declaration does not end.");
}

static int
read_instruction(struct mh_xml *xml, bool is_first)
{
	struct mh_str rest;

	xml->name = read_name(xml);
	if (xml->name.len == 0 || !until(xml, "?>", &rest))
		return bad(xml, "A processing instruction does not end.");
	if (mh_str_ieq(xml->name, MH_STR("xml")) && !is_first)
		return bad(xml, "Something stands before the XML declaration, <?xml.");
	return MH_XML_INSTRUCTION;
}

/* read_text - up to the next tag or reference that is none of XML's */
static int
read_text(struct mh_xml *xml)
{
	struct mh_str s = { (const char *)xml->cur.p, mh_cur_left(&xml->cur) };
	size_t n = 0, len = 0;

	while (n < s.len && s.p[n] != '<') {
		enum reference reference =
		    s.p[n] == '&' ? read_reference(mh_str_n(s.p + n, s.len - n), &len) : GOOD_REFERENCE;
		if (s.p[n] == '&' && reference == NO_REFERENCE)
			return bad(xml, "There is \"&\" that begins no reference; it is written &amp;.");
		if (reference == UNKNOWN_ENTITY && n == 0) {
			xml->name = mh_str_n(s.p + 1, len - 2);
			mh_cur_take(&xml->cur, len);
			return MH_XML_ENTITY;
		}
		if (reference == UNKNOWN_ENTITY)
			break;
		if (xml->depth == 0 && !is_blank((unsigned char)s.p[n]))
			return bad(xml, "There is text outside the outermost element.");
		n++;
	}
	mh_cur_take(&xml->cur, n);
	return MH_XML_TEXT;
}

/* pass_comment - behind its "<!--"; false: it is none */
static bool
pass_comment(struct mh_xml *xml)
{
	struct mh_str text;
	if (!until(xml, "--", &text))
		return fails(xml, "A comment does not end.");
	if (!skip(xml, ">"))
		return fails(xml, "There are two hyphens in a comment.");
	return true;
}

/* first_bad_character - of the whole text: what XML does not have; len 0: all is well */
static struct mh_str
first_bad_character(struct mh_str s)
{
	size_t good = mh_utf8_prefix(s);
	for (size_t i = 0; i < good; i++)
		if ((unsigned char)s.p[i] < ' ' && !is_blank((unsigned char)s.p[i]))
			return mh_str_n(s.p + i, 1);
	return mh_str_n(s.p + good, good < s.len ? 1 : 0);
}

void
mh_xml_begin(struct mh_xml *xml, struct mh_str text)
{
	*xml = (struct mh_xml){ .start = text.p };
	xml->at = first_bad_character(text);
	if (xml->at.len > 0)
		xml->why = "It has an octet that is no character of XML in UTF-8.";
	xml->cur = mh_cur_of(text.p, text.len);
	if (skip(xml, "\xef\xbb\xbf"))
		xml->start = (const char *)xml->cur.p;
}

/* next - the next piece, comments aside */
static int
next(struct mh_xml *xml)
{
	struct mh_str text;

	for (;;) {
		bool is_first = (const char *)xml->cur.p == xml->start;
		xml->at = mh_str_n((const char *)xml->cur.p, 0);
		if (mh_cur_left(&xml->cur) == 0) {
			if (xml->depth > 0)
				return bad(xml, "It ends before its last element does.");
			return xml->has_root ? MH_XML_END : bad(xml, "There is no element in it.");
		}
		if (peek(xml) != '<')
			return read_text(xml);
		if (skip(xml, "<!--")) {
			if (!pass_comment(xml))
				return MH_XML_BAD;
			continue;
		}
		if (skip(xml, "<![CDATA[")) {
			if (xml->depth == 0 || !until(xml, "]]>", &text))
				return bad(xml,
				    "A CDATA section does not end, or stands outside of all elements.");
			return MH_XML_TEXT;
		}
		if (skip(xml, "<!DOCTYPE"))
			return xml->has_root ? bad(xml, "A document type declaration stands behind elements.")
					     : read_doctype(xml);
		if (skip(xml, "<?"))
			return read_instruction(xml, is_first);
		if (skip(xml, "</"))
			return read_close(xml);
		skip(xml, "<");
		return read_open(xml);
	}
}

int
mh_xml_next(struct mh_xml *xml)
{
	if (xml->why != NULL)
		return MH_XML_BAD;
	xml->is_empty = xml->closes;
	xml->closes = false;
	if (xml->is_empty)
		return MH_XML_CLOSE;
	xml->depth += xml->opens;
	xml->opens = false;
	int kind = next(xml);
	if (xml->at.p != NULL)
		xml->at.len = (size_t)((const char *)xml->cur.p - xml->at.p);
	return kind;
}

struct mh_str
mh_xml_attribute(const struct mh_xml *xml, const char *name)
{
	for (unsigned i = 0; i < xml->attributes_count; i++)
		if (mh_str_eq(xml->attributes[i].name, mh_str_z(name)))
			return xml->attributes[i].value;
	return (struct mh_str){ NULL, 0 };
}
