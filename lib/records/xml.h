/* xml.h - a small strict reader of XML, one piece at a time, for files that nobody has to trust
 *
 * Well-formedness is checked as it goes: names, quotes, tags that match, one
 * attribute of a name, characters.  There are no entities but the five of XML and
 * numbers, a document type declaration is passed over and told, and nothing outside
 * the text is ever looked at.  Memory is what the struct has; time is linear.
 *
 * XML 1.0, with names in the looser form of its fifth edition
 */
#ifndef MH_XML_H
#define MH_XML_H

#include <stdbool.h>

#include "str.h"

#define MH_XML_DEPTH_MAX 64
#define MH_XML_ATTRIBUTES_MAX 64

enum mh_xml_kind {
	MH_XML_END, /* of the document, which was well-formed */
	MH_XML_BAD, /* it is not: why, at */
	MH_XML_OPEN, /* a start tag; one that ends itself is followed by CLOSE */
	MH_XML_CLOSE,
	MH_XML_TEXT, /* character data, references in it as they are */
	MH_XML_DOCTYPE,
	MH_XML_ENTITY, /* a reference to an entity that XML does not have; the text goes on */
	MH_XML_INSTRUCTION, /* name is its target */
};

struct mh_xml_attribute {
	struct mh_str name, value; /* value without its quotes, references in it as they are */
};

struct mh_xml {
	struct mh_cur cur;
	const char *start;
	struct mh_str open[MH_XML_DEPTH_MAX]; /* names of the elements that are open */
	unsigned depth; /* elements that are open; of OPEN and CLOSE, those around it */
	bool has_root;
	bool opens, closes; /* the tag that was read opened an element, or ended itself */
	bool is_empty; /* of CLOSE: the tag ended itself */
	/* the piece */
	struct mh_str at; /* all of it */
	struct mh_str name;
	struct mh_xml_attribute attributes[MH_XML_ATTRIBUTES_MAX];
	unsigned attributes_count;
	const char *why; /* of BAD, a sentence */
};

/* mh_xml_begin - text is UTF-8, with or without a byte order mark */
void mh_xml_begin(struct mh_xml *xml, struct mh_str text);
/* mh_xml_next - the next piece: enum mh_xml_kind; after END and BAD always the same */
int mh_xml_next(struct mh_xml *xml);
/* mh_xml_attribute - the value; p NULL: there is none of that name */
struct mh_str mh_xml_attribute(const struct mh_xml *xml, const char *name);

#endif
