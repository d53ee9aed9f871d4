/* sts_own.h - what sts.c, sts_record.c and sts_policy.c share */
#ifndef MH_STS_OWN_H
#define MH_STS_OWN_H

#include "sts.h"

#define MH_STS_TOLD_MAX 20 /* findings about one text that make it fail, and as many others */
#define MH_STS_SHOWN_MAX 200 /* octets of a line that are shown */

/* Where findings go while a text is read; say and say_str put the sentence together, tell ends it. */
struct mh_sts_teller {
	struct mh_arena *arena;
	const struct mh_sts_notes *notes;
	const char *start; /* of the text that places are counted in */
	struct mh_buf detail;
	const struct mh_fix *fix;
	unsigned told[2]; /* others; those that fail, which no number of others may hide */
	bool bad; /* no memory */
};

void mh_sts_begin(struct mh_sts_teller *teller, struct mh_arena *arena, const struct mh_sts_notes *notes,
    const char *start);
int mh_sts_end(struct mh_sts_teller *teller); /* MH_OK or MH_ENOMEM */
void mh_sts_say(struct mh_sts_teller *teller, const char *text);
void mh_sts_say_str(struct mh_sts_teller *teller, struct mh_str text);
/* mh_sts_tell - a finding about evidence, which is in the text unless it is about no place; severity 0: the kind's */
void mh_sts_tell(struct mh_sts_teller *teller, int number, struct mh_str evidence, bool has_place,
    int severity);

static inline bool
mh_sts_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* mh_sts_without_blanks - s without spaces and tabs at both ends */
struct mh_str mh_sts_without_blanks(struct mh_str s);
/* mh_sts_is_field_name - letter or digit, then up to 31 of those, "_", "-" and "." */
bool mh_sts_is_field_name(struct mh_str s);
/* mh_sts_find_field - the field of that name among those kept, or NULL */
const struct mh_sts_field *mh_sts_find_field(const struct mh_sts_field *fields, size_t count,
    struct mh_str name);
/* mh_sts_is_pattern - whether an mx field can have it; mh_sts_why_no_pattern - a sentence about one that is none */
bool mh_sts_is_pattern(struct mh_str s);
const char *mh_sts_why_no_pattern(struct mh_str s);

#endif
