/* svg.c - whether a file is a logo as BIMI has it; see svg.h */
#include "svg.h"

#include "port.h"
#include "xml.h"

#define NAMESPACE "http://www.w3.org/2000/svg"
#define TITLE_MAX 64

/* What the profile has. */
static const char *const elements[] = { "svg", "title", "desc", "metadata", "defs", "g", "use", "switch",
	"path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "textArea", "tspan",
	"tbreak", "linearGradient", "radialGradient", "stop", "solidColor", "font", "font-face",
	"font-face-src", "font-face-name", "glyph", "missing-glyph", "hkern" };

/* What it leaves out of SVG, and why. */
static const struct {
	const char *name, *why;
} banned[] = {
	{ "script", "There is a script in it." },
	{ "handler", "There is a script in it." },
	{ "listener", "There is a script in it." },
	{ "foreignObject", "Something that is not SVG is embedded in it (foreignObject)." },
	{ "iframe", "Something that is not SVG is embedded in it (foreignObject)." },
	{ "image",
	    "There is an image of pixels in it, or one from elsewhere (image); a logo is drawn with shapes "
	    "alone." },
	{ "video", "There is film or sound in it." },
	{ "audio", "There is film or sound in it." },
	{ "animation", "There is an animation in it." },
	{ "animate", "There is an animation in it." },
	{ "animateColor", "There is an animation in it." },
	{ "animateMotion", "There is an animation in it." },
	{ "animateTransform", "There is an animation in it." },
	{ "mpath", "There is an animation in it." },
	{ "set", "There is an animation in it." },
	{ "discard", "There is an animation in it." },
	{ "a", "There is a link in it." },
	{ "style",
	    "There is a style sheet in it (style); colours and strokes are attributes of the shapes." },
};

struct reader {
	struct mh_xml xml;
	struct mh_svg *svg;
	unsigned metadata; /* depth of the element metadata, in which anything stands; 0: not in one */
	bool is_in_title, has_title;
	const char *title_from;
};

/* fault - one more, unless this kind was told */
static void
fault(struct mh_svg *svg, struct mh_str at, const char *why)
{
	for (unsigned i = 0; i < svg->faults_count; i++)
		if (svg->faults[i].why == why || strcmp(svg->faults[i].why, why) == 0)
			return;
	if (svg->faults_count < MH_SVG_FAULTS_MAX)
		svg->faults[svg->faults_count++] = (struct mh_svg_fault){ at, why };
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct mh_str
trim(struct mh_str s)
{
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	for (; s.len > 0 && is_blank(s.p[0]); s.len--)
		s.p++;
	return s;
}

/* ---------------------------------------------------------------------- numbers */

/* read_number - one of a viewBox, which is behind it then; false: there is none */
static bool
read_number(struct mh_str *s, double *value)
{
	double scale = 1, sign = 1;
	size_t n = 0, digits = 0;
	bool is_behind_dot = false;

	while (n < s->len && (is_blank(s->p[n]) || s->p[n] == ','))
		n++;
	if (n < s->len && (s->p[n] == '-' || s->p[n] == '+'))
		sign = s->p[n++] == '-' ? -1 : 1;
	for (*value = 0; n < s->len && (mh_is_digit(s->p[n]) || (s->p[n] == '.' && !is_behind_dot)); n++) {
		if (s->p[n] == '.') {
			is_behind_dot = true;
			continue;
		}
		if (++digits > 15)
			return false;
		*value = *value * 10 + (s->p[n] - '0');
		scale = is_behind_dot ? scale * 10 : scale;
	}
	*value *= sign / scale;
	s->p += n;
	s->len -= n;
	return digits > 0;
}

static void
judge_view_box(struct reader *reader, struct mh_str value)
{
	double numbers[4];
	struct mh_str rest = value;

	for (int i = 0; i < 4; i++)
		if (!read_number(&rest, &numbers[i])) {
			fault(reader->svg, value, "viewBox is not four numbers.");
			return;
		}
	if (trim(rest).len > 0 || numbers[2] <= 0 || numbers[3] <= 0)
		fault(reader->svg, value,
		    "viewBox is not four numbers, of which the last two are width and height.");
	else if (numbers[2] - numbers[3] > 1e-6 * numbers[2] || numbers[3] - numbers[2] > 1e-6 * numbers[3])
		fault(reader->svg, value, "It is not square: width and height in viewBox differ.");
}

/* ------------------------------------------------------------------- attributes */

/* judge_reference - a value that may lead elsewhere; within the file it begins with "#" */
static void
judge_reference(struct reader *reader, struct mh_str value)
{
	value = trim(value);
	if (mh_str_istarts(value, MH_STR("javascript:")))
		fault(reader->svg, value, "There is a script in it.");
	else if (value.len == 0 || value.p[0] != '#')
		fault(reader->svg, value, "It refers to something outside of the file.");
}

/* judge_urls - url(...) in a value */
static void
judge_urls(struct reader *reader, struct mh_str value)
{
	for (size_t i = 0; i + 4 <= value.len; i++) {
		struct mh_str rest = { value.p + i, value.len - i };
		if (!mh_str_istarts(rest, MH_STR("url(")))
			continue;
		rest = trim(mh_str_n(rest.p + 4, rest.len - 4));
		while (rest.len > 0 && (rest.p[0] == '"' || rest.p[0] == '\'' || is_blank(rest.p[0])))
			rest = mh_str_n(rest.p + 1, rest.len - 1);
		if (rest.len == 0 || rest.p[0] != '#')
			fault(reader->svg, value, "It refers to something outside of the file.");
	}
}

/* prefix_of - what stands before the colon; "" none */
static struct mh_str
prefix_of(struct mh_str name)
{
	const char *colon = memchr(name.p, ':', name.len);
	return mh_str_n(name.p, colon != NULL ? (size_t)(colon - name.p) : 0);
}

static void
judge_attribute(struct reader *reader, const struct mh_xml_attribute *attribute)
{
	struct mh_str name = attribute->name, prefix = prefix_of(name);

	if (mh_str_eq(name, MH_STR("xmlns")) || mh_str_eq(prefix, MH_STR("xmlns")))
		return;
	if (mh_str_istarts(name, MH_STR("on")))
		fault(reader->svg, name, "There is a script in it.");
	else if (mh_str_eq(name, MH_STR("href")) || mh_str_eq(name, MH_STR("xlink:href")))
		judge_reference(reader, attribute->value);
	else if (mh_str_eq(name, MH_STR("xml:base")))
		fault(reader->svg, name, "It refers to something outside of the file.");
	else if (mh_str_eq(name, MH_STR("style")))
		fault(reader->svg, name,
		    "There are attributes style=, which the profile does not have; colours and strokes are "
		    "attributes of the shapes.");
	else if (prefix.len > 0 && !mh_str_eq(prefix, MH_STR("xml")) && !mh_str_eq(prefix, MH_STR("xlink")))
		fault(reader->svg, name,
		    "There are attributes of a drawing program in it; save it as plain SVG, not as that "
		    "program's own.");
	judge_urls(reader, attribute->value);
}

/* --------------------------------------------------------------------- elements */

/* wants - an attribute of the outermost element with that value */
static void
wants(struct reader *reader, const char *name, const char *value, const char *why)
{
	struct mh_str found = mh_xml_attribute(&reader->xml, name);
	if (found.p == NULL || !mh_str_eq(trim(found), mh_str_z(value)))
		fault(reader->svg, found.p != NULL ? found : mh_str_n(reader->xml.at.p, 0), why);
}

/* judge_root - false: it is no SVG, and nothing else about it matters */
static bool
judge_root(struct reader *reader)
{
	const struct mh_xml *xml = &reader->xml;

	if (!mh_str_eq(xml->name, MH_STR("svg"))) {
		fault(reader->svg, xml->name,
		    mh_str_ieq(xml->name, MH_STR("html"))
			? "It is a web page, and no SVG file."
			: "It is no SVG file: its outermost element is not svg.");
		return false;
	}
	wants(reader, "xmlns", NAMESPACE, "The element svg does not say xmlns=\"" NAMESPACE "\".");
	wants(reader, "version", "1.2", "The element svg does not say version=\"1.2\".");
	wants(reader, "baseProfile", "tiny-ps", "The element svg does not say baseProfile=\"tiny-ps\".");
	if (mh_xml_attribute(xml, "x").p != NULL || mh_xml_attribute(xml, "y").p != NULL)
		fault(reader->svg, xml->name,
		    "The element svg has an attribute x= or y=, which it must not have.");
	struct mh_str box = mh_xml_attribute(xml, "viewBox");
	if (box.p == NULL)
		fault(reader->svg, xml->name,
		    "The element svg has no viewBox, which tells that the logo is square.");
	else
		judge_view_box(reader, box);
	return true;
}

static void
judge_element(struct reader *reader)
{
	struct mh_str name = reader->xml.name;

	for (size_t i = 0; i < MH_COUNT(banned); i++)
		if (mh_str_eq(name, mh_str_z(banned[i].name))) {
			fault(reader->svg, name, banned[i].why);
			return;
		}
	for (size_t i = 0; i < MH_COUNT(elements); i++)
		if (mh_str_eq(name, mh_str_z(elements[i])))
			return;
	if (reader->metadata == 0)
		fault(reader->svg, name,
		    prefix_of(name).len > 0 ? "There are elements of a drawing program in it; save it as "
					      "plain SVG, not as that program's own."
					    : "There is an element in it that the profile does not have.");
}

/* open - a start tag; false: the rest does not matter */
static bool
open_element(struct reader *reader)
{
	const struct mh_xml *xml = &reader->xml;

	if (xml->depth == 0 && !judge_root(reader))
		return false;
	if (xml->depth > 0)
		judge_element(reader);
	for (unsigned i = 0; i < xml->attributes_count && reader->metadata == 0; i++)
		judge_attribute(reader, &xml->attributes[i]);
	if (reader->metadata == 0 && mh_str_eq(xml->name, MH_STR("metadata")))
		reader->metadata = xml->depth + 1;
	if (xml->depth == 1 && mh_str_eq(xml->name, MH_STR("title")) && !reader->has_title) {
		reader->is_in_title = reader->has_title = true;
		reader->title_from = xml->at.p + xml->at.len;
	}
	return true;
}

/* characters - of text in UTF-8 */
static size_t
characters(struct mh_str s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.len; i++)
		count += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return count;
}

static void
close_element(struct reader *reader)
{
	const struct mh_xml *xml = &reader->xml;

	if (reader->metadata == xml->depth + 1)
		reader->metadata = 0;
	if (!reader->is_in_title || xml->depth != 1)
		return;
	reader->is_in_title = false;
	if (!xml->is_empty)
		reader->svg->title =
		    trim(mh_str_n(reader->title_from, (size_t)(xml->at.p - reader->title_from)));
	if (reader->svg->title.len == 0)
		fault(reader->svg, xml->name, "Its title is empty.");
	else if (characters(reader->svg->title) > TITLE_MAX)
		fault(reader->svg, reader->svg->title, "Its title is longer than 64 characters.");
}

/* --------------------------------------------------------------------- the file */

/* is_readable - false: it is something else than a file of text, which was told */
static bool
is_readable(struct mh_svg *svg, struct mh_str text)
{
	struct mh_str start = trim(text);

	if (text.len > MH_SVG_MAX)
		fault(svg, mh_str_n(text.p, 0), "It has more than 32 KiB, which many receivers do not take.");
	if (start.len == 0)
		fault(svg, mh_str_n(text.p, 0), "The file is empty.");
	else if (mh_str_istarts(text, MH_STR("\x1f\x8b")))
		fault(svg, mh_str_n(text.p, 0),
		    "It is compressed (SVGZ), which many receivers do not take; publish it as plain SVG.");
	else if (mh_str_istarts(text, MH_STR("\x89PNG")) || mh_str_istarts(text, MH_STR("\xff\xd8\xff")) ||
	    mh_str_istarts(text, MH_STR("GIF8")) || mh_str_istarts(text, MH_STR("RIFF")))
		fault(svg, mh_str_n(text.p, 0),
		    "It is an image of pixels (PNG, JPEG or such), and no SVG file.");
	else if (mh_str_istarts(text, MH_STR("\xff\xfe")) || mh_str_istarts(text, MH_STR("\xfe\xff")))
		fault(svg, mh_str_n(text.p, 0), "It is written in UTF-16; logos are read as UTF-8.");
	else if (mh_str_istarts(start, MH_STR("<!doctype html")))
		fault(svg, mh_str_n(text.p, 0), "It is a web page, and no SVG file.");
	else
		return true;
	return false;
}

/* read_piece - false: it was the last */
static bool
read_piece(struct reader *reader)
{
	struct mh_xml *xml = &reader->xml;

	switch (mh_xml_next(xml)) {
	case MH_XML_END:
		if (!reader->has_title)
			fault(reader->svg, mh_str_n(xml->start, 0),
			    "It has no title: an element <title> right inside of svg.");
		return false;
	case MH_XML_BAD:
		fault(reader->svg, xml->at, xml->why);
		return false;
	case MH_XML_OPEN:
		return open_element(reader);
	case MH_XML_CLOSE:
		close_element(reader);
		return true;
	case MH_XML_DOCTYPE:
		fault(reader->svg, xml->at,
		    "It has a document type declaration (<!DOCTYPE), which the profile does not allow.");
		return true;
	case MH_XML_ENTITY:
		fault(reader->svg, xml->at, "It uses an entity that XML itself does not have.");
		return true;
	case MH_XML_INSTRUCTION:
		if (mh_str_eq(xml->name, MH_STR("xml-stylesheet")))
			fault(reader->svg, xml->at, "It refers to something outside of the file.");
		return true;
	default:
		return true;
	}
}

void
mh_svg_read(struct mh_str text, struct mh_svg *svg)
{
	struct reader reader = { .svg = svg };

	*svg = (struct mh_svg){ .title = MH_STR("") };
	if (!is_readable(svg, text))
		return;
	mh_xml_begin(&reader.xml, text);
	while (read_piece(&reader))
		;
}
