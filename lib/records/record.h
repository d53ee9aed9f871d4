/* record.h - one authentication record from a text, of whatever kind, for those who have no more than the text
 *
 * Each kind's own header has all that is known of it; this is what they have in
 * common: whether a receiver that follows the standard would use the record, and
 * what it says once that receiver has read it.
 */
#ifndef MH_RECORD_H
#define MH_RECORD_H

#include "find.h"
#include "str.h"

struct mh_record_field {
	const char *name; /* of the tag, "rua" */
	struct mh_str value; /* effective: after defaults and what the standard makes of faults */
};

#define MH_RECORD_FIELDS_MAX 128
struct mh_record_fields {
	bool is_valid;
	struct mh_record_field
	    fields[MH_RECORD_FIELDS_MAX]; /* of a list one for each entry, with the same name */
	unsigned count;
};

/* A reader of one kind: text is one TXT record, its strings joined; domain (canonical, "" unknown) is for findings and
 * fixes; report NULL: they are not wanted.  Spans live as long as arena and text.  MH_ERR_OK or MH_ERR_ENOMEM. */
typedef int mh_record_reader(struct mh_arena *arena, struct mh_str text, struct mh_str domain,
    struct mh_report *report, struct mh_record_fields *record);

mh_record_reader mh_dmarc_record; /* dmarc.c */
mh_record_reader mh_dkim_key_record; /* dkim_key.c; domain is that of the key, "s1._domainkey.example.org" */
mh_record_reader mh_tlsrpt_record; /* tlsrpt.c */
mh_record_reader mh_bimi_record; /* bimi.c */

#endif
