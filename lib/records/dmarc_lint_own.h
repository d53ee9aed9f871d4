/* dmarc_lint_own.h - what the files of the DMARC lint share */
#ifndef MH_DMARC_LINT_OWN_H
#define MH_DMARC_LINT_OWN_H

#include "dmarc.h"
#include "tell.h"

/* Of one record or of what means to be one. */
struct mh_dmarc_lint {
	struct mh_tell tell;
	const struct mh_fact *fact; /* of the _dmarc name; NULL: there is a text alone */
	size_t at; /* which record of it */
	struct mh_str name, domain; /* "_dmarc.example.org" and "example.org", canonical; "" unknown */
	const struct mh_dmarc *dmarc; /* the record; NULL: it is none */
	struct mh_dmarc_meant meant; /* of it */
	struct mh_str mended; /* the same as text */
	bool is_mended; /* a finding had that as its fix, and another fix would contradict it */
	bool explains_policy; /* an error of syntax is told that the policy suffers from, */
	bool explains_rua; /* or rua= */
};

/* mh_dmarc_mend - makes out what a text is meant to be, for fixes; false: no memory */
bool mh_dmarc_mend(struct mh_dmarc_lint *lint, struct mh_str text);
/* mh_dmarc_tell - a finding whose fix is the mended record.  All such findings of one record have the same fix. */
void mh_dmarc_tell(struct mh_dmarc_lint *lint, int number, struct mh_str evidence);
/* mh_dmarc_fix - the next finding's fix: text in place of the record */
void mh_dmarc_fix(struct mh_dmarc_lint *lint, struct mh_str text);

void mh_dmarc_lint_like(struct mh_dmarc_lint *lint,
    struct mh_str text); /* dmarc_lint_form.c: it is no record */
void mh_dmarc_lint_form(struct mh_dmarc_lint *lint);
void mh_dmarc_lint_tags(struct mh_dmarc_lint *lint); /* dmarc_lint_tags.c */

#endif
