/* spf_lint_own.h - what the parts of the lint share */
#ifndef MH_SPF_LINT_OWN_H
#define MH_SPF_LINT_OWN_H

#include "json.h"
#include "spf_sets.h"

/* A fix, and what its new record says; text.p NULL: it has none. */
struct mh_lint_fix {
	struct mh_fix fix;
	struct mh_str text;
};

/* A record that the fix of some finding would publish. */
struct mh_lint_offer {
	struct mh_str text;
	bool is_cheaper; /* because the present one costs too much */
};

/* One lint under way.  Without a report it only names what it wants to know. */
struct mh_lint {
	struct mh_pass *pass;
	const struct mh_spf_question *question;
	const struct mh_spf_node *tree;
	const struct mh_spf_verdict *verdict; /* of a client; NULL: there is none */
	struct mh_report *report;
	struct mh_buf detail; /* the sentence about the next finding */
	bool is_parked; /* the record says that nobody sends */
	struct mh_str
	    mended; /* the whole record with all errors corrected; p NULL: there are none, or no idea */
	struct mh_str also[2]; /* texts that a fix removes besides the SPF records */
	uint8_t told[64]; /* findings of number 1001 and so on */
	struct mh_lint_offer offers[32];
	size_t offers_count;
};

/* A finding; zero is fine for what it does not have, but not for begin and end. */
struct mh_lint_note {
	int number;
	struct mh_str subject; /* len 0: the domain */
	struct mh_str evidence;
	int64_t begin, end; /* octets of the domain's own record, or of the subject's; -1 */
	const struct mh_lint_fix *fix;
	const struct mh_finding_arg *args;
	size_t args_count;
	int severity; /* MH_SEV_*; 0: the kind's */
	bool is_unknown;
};

/* mh_lint_say, _str, _int - more of the sentence; mh_lint_tell - the finding with it */
void mh_lint_say(struct mh_lint *lint, const char *text);
void mh_lint_say_str(struct mh_lint *lint, struct mh_str text);
void mh_lint_say_int(struct mh_lint *lint, int64_t number);
void mh_lint_tell(struct mh_lint *lint, const struct mh_lint_note *note);
/* mh_lint_may - whether one more finding of this number is told: a record of a thousand slips is not */
#define MH_LINT_TOLD_MAX 20
bool mh_lint_may(const struct mh_lint *lint, int number);
/* mh_lint_term - about a term of the domain's own record */
void mh_lint_term(struct mh_lint *lint, int number, const struct mh_spf_term *term,
    const struct mh_lint_fix *fix);
void mh_lint_unknown(struct mh_lint *lint, const struct mh_fact *fact, struct mh_str name, int type);

/* mh_lint_keep - what is in the buffer, in the pass's arena, and the buffer gone; p NULL: no memory */
struct mh_str mh_lint_keep(struct mh_lint *lint, struct mh_buf *text);
/* mh_lint_text - record i of an answer as text; len 0: it is none */
struct mh_str mh_lint_text(struct mh_lint *lint, const struct mh_fact *fact, size_t i);

/* mh_lint_is_same - whether two terms are the same words; in macros capitals mean something (RFC 7208 7.3) */
bool mh_lint_is_same(const struct mh_spf_term *a, const struct mh_spf_term *b);

/* mh_lint_put - text behind what is there; a space between */
void mh_lint_put(struct mh_buf *out, struct mh_str text);

/* mh_lint_soften - a new record; with ~all for -all if it names nobody while the present one leaves that to another
 * record, or names everybody: who mends a name does not mean to refuse all of his own mail */
struct mh_str mh_lint_soften(struct mh_lint *lint, struct mh_str text);

/* Fixes, each the whole new record.  NULL: it cannot be changed here, or no memory.
 * mh_lint_replace - this text in place of all SPF records that are there
 * mh_lint_without - the record with another text in the place of a term, or nothing
 * mh_lint_drop - the record without a term, wherever it stands in the same words
 * mh_lint_cut - of its terms those that keeps wants, and last behind them */
const struct mh_lint_fix *mh_lint_replace(struct mh_lint *lint, struct mh_str text);
const struct mh_lint_fix *mh_lint_without(struct mh_lint *lint, const struct mh_spf_term *term,
    struct mh_str instead);
const struct mh_lint_fix *mh_lint_drop(struct mh_lint *lint, const struct mh_spf_term *term);
const struct mh_lint_fix *mh_lint_cut(struct mh_lint *lint,
    bool (*keeps)(const struct mh_lint *lint, const struct mh_spf_term *term), struct mh_str last);

/* spf_combine.c: mh_lint_add_offer - a fix that was told; mh_lint_combined - one record with all of them in it that are
 * no matter of choice, p NULL: there is none, or no memory */
void mh_lint_add_offer(struct mh_lint *lint, int number, struct mh_str text);
struct mh_str mh_lint_combined(struct mh_lint *lint);

void mh_lint_record(struct mh_lint *lint); /* spf_lint_record.c: is there one record */
void mh_lint_form(struct mh_lint *lint); /* spf_lint_form.c: the record's own form */
void mh_lint_errors(struct mh_lint *lint); /* spf_lint_error.c: what of it cannot be read */
/* mh_lint_say_error - where in a record, and what: "Octets 32 to 43: this is no IPv4 address." */
void mh_lint_say_error(struct mh_lint *lint, const struct mh_spf_error *error);
/* mh_lint_is_apart - whether a term and the next are one with a space in it
 * mh_lint_correct - the record with one term mended, and what was meant by it; with all of them mended where that is
 * known.  glued: where in the term another one begins, 0: nowhere
 * mh_lint_correction - tells what was probably meant by a term; fault: why it cannot be read, -1: it can */
bool mh_lint_is_apart(const struct mh_lint *lint, const struct mh_spf_term *term);
const struct mh_lint_fix *mh_lint_correct(struct mh_lint *lint, const struct mh_spf_term *term,
    struct mh_str *meant, size_t *glued);
void mh_lint_correction(struct mh_lint *lint, const struct mh_spf_term *term, int fault,
    const struct mh_lint_fix *fix, struct mh_str meant);
void mh_lint_private(struct mh_lint *lint); /* spf_lint_private.c: addresses that are not public */
void mh_lint_tree(struct mh_lint *lint); /* spf_lint_tree.c: what it leads to */
void mh_lint_tree_wants(struct mh_lint *lint); /* what that asks besides */
void mh_lint_addresses(struct mh_lint *lint); /* spf_lint_addresses.c: whom it lets send */
/* mh_lint_fix_removed - a fix that takes away record i of an answer and puts nothing in its place */
const struct mh_lint_fix *mh_lint_fix_removed(struct mh_lint *lint, const struct mh_fact *fact, size_t i);

/* mh_lint_typo - (spf_typo.c) what a term was probably meant to be, in the pass's arena; p NULL: no idea
 * mh_lint_glued - where in a term another one begins, 0: nowhere
 * mh_lint_mend - what a text was probably meant to be that is nearly an SPF record; p NULL: no idea */
struct mh_str mh_lint_typo(struct mh_lint *lint, struct mh_str term);
size_t mh_lint_glued(struct mh_lint *lint, struct mh_str term);
struct mh_str mh_lint_mend(struct mh_lint *lint, struct mh_str text);

#endif
