/* dmarc_check.h - the check "dmarc": whether a message passes, or whether a domain takes reports about another
 *
 * Results of SPF and DKIM are given; the From field's values, or the Author
 * Domain itself.
 *
 * Does not: lint records; that is the check "domain".
 */
#ifndef MH_DMARC_CHECK_H
#define MH_DMARC_CHECK_H

#include "dmarc_eval.h"
#include "dmarc_external.h"
#include "find.h"
#include "from_domain.h"
#include "json.h"

#define MH_DMARC_FROMS_MAX 16 /* values of From fields */

struct mh_dmarc_check {
	struct mh_mem mem;
	struct mh_arena keep; /* copies of options */
	struct mh_arena message; /* and of what is one message's */
	/* Options. */
	struct mh_str given; /* the Author Domain; "" not given */
	struct mh_str report_given; /* the domain that reports go to; "" a message is judged */
	struct mh_str froms[MH_DMARC_FROMS_MAX];
	unsigned froms_count;
	struct mh_dmarc_id ids[MH_DMARC_IDS_MAX];
	unsigned ids_count;
	bool is_7489;
	int64_t now;
	/* Made of them when it starts. */
	struct mh_from from; /* begun only */
	struct mh_str domain; /* canonical; "" there is none */
	struct mh_str destination; /* the same of report_given */
};

/* What came out. */
struct mh_dmarc_outcome {
	struct mh_dmarc_verdict verdict;
	struct mh_dmarc_external external; /* of a destination */
};

void mh_dmarc_check_init(struct mh_dmarc_check *check, const struct mh_mem *mem);
void mh_dmarc_check_free(struct mh_dmarc_check *check);
/* mh_dmarc_check_reset - forgets the message: From values and results */
void mh_dmarc_check_reset(struct mh_dmarc_check *check);
/* mh_dmarc_check_start - one part; MH_ERR_EINVAL: neither a domain that can be nor a From value */
int mh_dmarc_check_start(struct mh_dmarc_check *check, struct mh_work *work);
void mh_dmarc_check_pass(const struct mh_dmarc_check *check, struct mh_pass *pass);

/* Of a work that is done.
 * mh_dmarc_check_outcome - false: no memory
 * mh_dmarc_check_result - "pass"; of a destination pass, fail or temperror
 * mh_dmarc_check_problem - number of the finding behind a result that is neither pass nor fail; 0: none
 * mh_dmarc_check_report - finished; NULL: no memory
 * mh_dmarc_check_json - the members "checks" and "results"; false: no memory */
bool mh_dmarc_check_outcome(const struct mh_dmarc_check *check, struct mh_pass *view,
    struct mh_dmarc_outcome *outcome);
const char *mh_dmarc_check_result(const struct mh_dmarc_check *check, const struct mh_dmarc_outcome *outcome);
int mh_dmarc_check_problem(const struct mh_dmarc_outcome *outcome);
struct mh_report *mh_dmarc_check_report(const struct mh_dmarc_check *check, struct mh_pass *view,
    const struct mh_dmarc_outcome *outcome);
bool mh_dmarc_check_json(const struct mh_dmarc_check *check, struct mh_pass *view,
    const struct mh_dmarc_outcome *outcome, const struct mh_report *report, struct mh_json *json);
const char *mh_dmarc_from_name(int state); /* "one" */

#endif
