/* spf_check.h - the check "spf": verdict, lint, receivers' other rules, and its JSON
 *
 * Parts: the verdict alone, or also the survey with lint, and one for each
 * receiver profile.  Nothing is kept but inputs and facts: report, tree and
 * JSON are worked out when asked for.
 */
#ifndef MH_SPF_CHECK_H
#define MH_SPF_CHECK_H

#include "find.h"
#include "json.h"
#include "spf_lint.h"

#define MH_SPF_OPINIONS_MAX 8

struct mh_spf_opinion {
	struct mh_str by, why;
	int result;
};

struct mh_spf_check {
	struct mh_mem mem;
	struct mh_arena keep; /* copies of what was given */
	struct mh_spf_question question;
	struct mh_spf_rules rules; /* the profile's, with options changed */
	bool wants_lint;
	uint32_t profiles; /* a bit for each of mh_spf_rules_at: judged as well */
	struct mh_spf_opinion opinions[MH_SPF_OPINIONS_MAX]; /* given from outside */
	unsigned opinions_count;
};

void mh_spf_check_init(struct mh_spf_check *check, const struct mh_mem *mem);
void mh_spf_check_free(struct mh_spf_check *check);
/* mh_spf_check_start - parts into work, as the options want them; MH_ERR_EINVAL: neither an address nor a domain
 * that can be was given, so that there is nothing to look at */
int mh_spf_check_start(struct mh_spf_check *check, struct mh_work *work);
void mh_spf_check_pass(struct mh_spf_check *check, struct mh_pass *pass);
/* Of a work that is done.  All write into what they are given; false or NULL: no memory. */
bool mh_spf_check_verdict(struct mh_spf_check *check, struct mh_pass *view, struct mh_spf_verdict *verdict);
/* mh_spf_check_health - of all findings; "unknown" where nothing was looked for */
const char *mh_spf_check_health(const struct mh_spf_check *check, const struct mh_report *report);
/* mh_spf_check_opinion - what profile or outsider number i makes of it; false past the end */
bool mh_spf_check_opinion(struct mh_spf_check *check, struct mh_pass *view, unsigned i,
    struct mh_spf_opinion *opinion);
/* mh_spf_check_report - *expected: the record to publish in place of what is there, in view's arena; p NULL: none */
struct mh_report *mh_spf_check_report(struct mh_spf_check *check, struct mh_pass *view,
    struct mh_str *expected);
/* mh_spf_check_add - the same findings into a report that has others too; report NULL: a pass, in which what they rest on
 * is asked for; MH_ERR_OK or MH_ERR_ENOMEM */
int mh_spf_check_add(struct mh_spf_check *check, struct mh_pass *pass, struct mh_report *report,
    struct mh_str *expected);
/* mh_spf_check_result - the member "spf" of "results" */
bool mh_spf_check_result(struct mh_spf_check *check, struct mh_pass *view, struct mh_json *json);
/* mh_spf_check_json - the objects "checks" and "results" of the JSON, members of an open object */
bool mh_spf_check_json(struct mh_spf_check *check, struct mh_pass *view, struct mh_report *report,
    struct mh_str expected, struct mh_json *json);

#endif
