/* tell.h - how a finding about a record is put together
 *
 * Say the sentence, add the fix, tell: the finding goes into the report with all
 * of it, and the next one begins.  Without a report everything is allowed and
 * nothing happens, so that one piece of code asks and tells.
 *
 *	mh_say(&tell, "The key has ");
 *	mh_say_int(&tell, bits);
 *	mh_say(&tell, " bits.");
 *	mh_tell_fix_txt(&tell, name, fact, i, better);
 *	mh_tell(&tell, MH_F_DKIM_KEY_SHORT, tag.value);
 */
#ifndef MH_TELL_H
#define MH_TELL_H

#include "find.h"
#include "work.h"

#define MH_TELL_MAX 20 /* findings of one number in one telling */

struct mh_tell {
	struct mh_arena *arena;
	struct mh_report *report; /* NULL: findings are not wanted */
	const char *check; /* "dmarc": of the findings, and of the entry in "checks" */
	struct mh_str subject; /* what they are about: canonical name, "" unknown */
	struct mh_str text; /* that evidence is a part of; places are counted in it */
	/* of the next finding; gone once it is told */
	struct mh_buf detail;
	struct mh_fix fixes[4];
	unsigned fixes_count;
	struct mh_finding_arg args[6];
	unsigned args_count;
	const char *affects;
	int severity; /* 0: the kind's */
	bool drops_fix; /* a fix cannot be made: none is told */
	/* so far */
	struct {
		int number;
		unsigned count;
	} told[24];
	bool bad; /* no memory */
};

void mh_tell_begin(struct mh_tell *tell, struct mh_arena *arena, struct mh_report *report, const char *check,
    struct mh_str subject);
int mh_tell_end(struct mh_tell *tell); /* MH_ERR_OK or MH_ERR_ENOMEM */

/* mh_say - more of the sentence; mh_say_str shows hostile octets escaped and cut to 200 */
void mh_say(struct mh_tell *tell, const char *text);
void mh_say_str(struct mh_tell *tell, struct mh_str text);
void mh_say_int(struct mh_tell *tell, int64_t number);
void mh_tell_arg_int(struct mh_tell *tell, const char *name, int64_t number);
void mh_tell_arg_str(struct mh_tell *tell, const char *name, struct mh_str text); /* kept as it is */

/* mh_tell - the finding; evidence, where it lies in tell->text, is also its range */
void mh_tell(struct mh_tell *tell, int number, struct mh_str evidence);
/* mh_tell_about - the same about another name than tell->subject, without a range */
void mh_tell_about(struct mh_tell *tell, int number, struct mh_str subject, struct mh_str evidence);
/* mh_tell_unknown - dns.unknown (or stream.unknown) of a fact that could not be had */
void mh_tell_unknown(struct mh_tell *tell, const struct mh_fact *fact);
bool mh_tell_has(const struct mh_tell *tell, int number); /* whether it was told in this telling */

/* Fixes of the next finding, each a record set that changes.
 * mh_tell_fix - begins one: of name and type; the TTL is the fact's, if it is there (NULL is fine); NULL: no more room
 * mh_fix_remove - record i of the fact goes; mh_fix_add - presentation form comes; mh_fix_add_txt - a text comes
 * mh_tell_fix_txt - all three: text in place of record i of fact (fact NULL or i < 0: of none)
 * An alias is not where a record can be changed: then the finding has no fix at all. */
struct mh_fix *mh_tell_fix(struct mh_tell *tell, struct mh_str name, int type, const struct mh_fact *fact);
void mh_fix_remove(struct mh_tell *tell, struct mh_fix *fix, const struct mh_fact *fact, size_t i);
void mh_fix_add(struct mh_tell *tell, struct mh_fix *fix, struct mh_str presentation);
void mh_fix_add_txt(struct mh_tell *tell, struct mh_fix *fix, struct mh_str text);
void mh_tell_fix_txt(struct mh_tell *tell, struct mh_str name, const struct mh_fact *fact, int i,
    struct mh_str text);

/* mh_txt_quote - a text in presentation form, strings of at most 255 octets; p NULL: no memory
 * mh_rr_printed - record i in presentation form; p NULL: no memory
 * mh_buf_keep - what is in the buffer, in arena with a NUL behind it, and the buffer freed; p NULL: no memory
 * mh_name_below - prefix and canonical name in arena ("_dmarc", "example.org"); len 0: there can be none
 * mh_say_why - why a fact is unknown, as a sentence with its full stop */
struct mh_str mh_txt_quote(struct mh_arena *arena, struct mh_str text);
struct mh_str mh_rr_printed(struct mh_arena *arena, const struct mh_fact *fact, size_t i);
struct mh_str mh_buf_keep(struct mh_arena *arena, struct mh_buf *text);
struct mh_str mh_name_below(struct mh_arena *arena, struct mh_str prefix, struct mh_str name);
void mh_say_why(struct mh_buf *out, const struct mh_fact *fact);

#endif
