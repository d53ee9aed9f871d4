/* rows.h - a little DNS for tests of lib/records: rows of text that answer a work's questions
 *
 *	"example.org TXT v=spf1 mx -all\n"
 *	"example.org MX 10 mail.example.org\n"
 *	"mail.example.org A 192.0.2.1\n"
 *	"slow.example.org ERR TIMEOUT *\n"
 *
 * Types: A AAAA MX PTR CNAME TXT SPF NODATA ERR (TIMEOUT, SERVFAIL or BOGUS, and a type or "*"), and others in
 * presentation form.  SECURE (YES or NO): what the resolver says of all answers for names under it.  FAIL and a type:
 * as ERR SERVFAIL, whatever other rows there are.  \xHH is an octet, "|" ends a string of TXT.  Names without rows do
 * not exist, unless there are rows under them.
 */
#ifndef MH_TEST_ROWS_H
#define MH_TEST_ROWS_H

#include "spf_eval.h"
#include "work.h"

struct row {
	char name[MH_DNAME_TEXT_MAX];
	int type; /* -1: NODATA; -2: ERR; -3: SECURE; -4: FAIL */
	int err_type; /* of ERR: which type fails; -1: all */
	int why, secure;
	unsigned char rdata[4096];
	size_t len;
};

struct rows {
	struct row *at;
	size_t count, cap;
	const char *bad; /* a line that cannot be read */
	struct mh_fact_draft draft;
	struct mh_mem mem;
	unsigned asked; /* questions answered */
};

void rows_init(struct rows *rows);
void rows_add(struct rows *rows, const char *text, size_t len);
void rows_clear(struct rows *rows);
void rows_free(struct rows *rows);
struct mh_source rows_source(struct rows *rows);

/* An evaluation from question to verdict; in memory until spf_run_free. */
struct spf_run {
	struct mh_work work;
	struct mh_arena scratch;
	struct mh_mem mem;
	struct mh_spf_question question;
	struct mh_spf_verdict verdict;
	struct mh_spf_node *tree;
	bool wants_tree, wants_survey;
	unsigned steps; /* times that the work waited */
};

void spf_run_init(struct spf_run *run, const struct mh_mem *mem);
/* spf_run_all - answers everything at once until it is done; an error, or MH_WORK_DONE */
int spf_run_all(struct spf_run *run, struct rows *rows);
void spf_run_free(struct spf_run *run);
#endif
