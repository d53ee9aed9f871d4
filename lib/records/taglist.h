/* taglist.h - tag=value lists with their places (RFC 6376 3.2), as DMARC, DKIM, BIMI and TLS-RPT have them
 *
 * Reads everything that is there, whatever is wrong with it: what the grammar
 * does not allow is an oddity of the tag or of the list, and whoever asked
 * decides what it means.  Nothing is copied: spans are in the text given.
 */
#ifndef MH_TAGLIST_H
#define MH_TAGLIST_H

#include <stdbool.h>

#include "mem.h"
#include "str.h"

#define MH_TAGS_MAX 64 /* tags that are kept; is_cut says that there were more */
#define MH_TAGLIST_MAX 16384 /* octets that are read; likewise */

enum mh_tag_fault {
	MH_TAG_FINE,
	MH_TAG_NO_EQUALS, /* name is all of it */
	MH_TAG_NO_NAME,
	MH_TAG_BAD_NAME, /* not ALPHA *(ALPHA / DIGIT / "_") */
	MH_TAG_BAD_VALUE, /* an octet that is no VALCHAR or white space: control, not ASCII, or a blank line */
	MH_TAG_TWICE, /* the name stands before it (letter case counts, RFC 6376 3.2) */
	MH_TAG_EMPTY, /* nothing between two semicolons, or before the first */
};

struct mh_tag {
	struct mh_str text; /* name, "=", value; white space around them gone */
	struct mh_str name, value; /* the same; both may be empty */
	unsigned char fault; /* MH_TAG_*: the first that is wrong */
	struct mh_str at; /* of BAD_VALUE: the octet */
};

struct mh_taglist {
	struct mh_str text;
	struct mh_tag tags[MH_TAGS_MAX];
	unsigned count;
	bool is_good; /* it is in the grammar: no tag has a fault */
	bool is_cut;
	bool has_end; /* a semicolon ends it */
};

/* mh_taglist_read - of any octets; linear */
void mh_taglist_read(struct mh_taglist *list, struct mh_str text);
/* mh_taglist_find - the first tag of that name, letter case as given; NULL: none.  _ifind: any letter case */
const struct mh_tag *mh_taglist_find(const struct mh_taglist *list, const char *name);
const struct mh_tag *mh_taglist_ifind(const struct mh_taglist *list, const char *name);
/* mh_tag_is_blank - space, tab, CR or LF: FWS of RFC 6376 2.8 */
static inline bool
mh_tag_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
struct mh_str mh_tag_trim(struct mh_str s); /* without such at both ends */

#endif
