/* dmarc_eval.h - whether a message passes DMARC, given what SPF and DKIM came to (RFC 9989 5.3, RFC 7489 6.6)
 *
 * Does not: check SPF or DKIM, or apply a receiver's own policy.
 */
#ifndef MH_DMARC_EVAL_H
#define MH_DMARC_EVAL_H

#include "dmarc_walk.h"

#define MH_DMARC_IDS_MAX 64 /* results of SPF and DKIM */
#define MH_DMARC_WALKS_MAX \
	10 /* identifiers for whose organisation is asked (RFC 9989 4.10 has no limit: a message could have any number) */

enum mh_dmarc_id_result {
	MH_DMARC_ID_OTHER, /* none, fail, softfail, neutral, policy, permerror: it can never align */
	MH_DMARC_ID_PASS,
	MH_DMARC_ID_TEMPERROR, /* later it may pass */
};

/* A domain that SPF or DKIM looked at. */
struct mh_dmarc_id {
	struct mh_str domain; /* canonical; "" none */
	struct mh_str word; /* the result, as it was given */
	bool is_dkim;
	unsigned char result; /* enum mh_dmarc_id_result */
};

struct mh_dmarc_question {
	struct mh_str domain; /* the Author Domain, canonical; "" there is none */
	const struct mh_dmarc_id *ids;
	unsigned count; /* at most MH_DMARC_IDS_MAX */
	bool is_7489; /* by the rules of RFC 7489 */
};

enum mh_dmarc_result {
	MH_DMARC_RESULT_MISSING, /* facts are missing */
	MH_DMARC_RESULT_NONE,
	MH_DMARC_RESULT_PASS,
	MH_DMARC_RESULT_FAIL,
	MH_DMARC_RESULT_TEMPERROR,
	MH_DMARC_RESULT_PERMERROR,
};
const char *mh_dmarc_result_name(int result); /* "pass"; "" for MISSING */

struct mh_dmarc_verdict {
	unsigned char result; /* enum mh_dmarc_result */
	struct mh_dmarc_found found;
	uint8_t
	    disposition; /* what the domain owner asks for: NONE on pass and without a record; NO_POLICY: not known */
	/* enum mh_dmarc_aligned of each identifier that passed or may do so; of others APART */
	unsigned char aligned[MH_DMARC_IDS_MAX];
	int dkim, spf; /* number of an identifier that passed and is aligned; -1: none */
	unsigned walks; /* of identifiers */
	bool is_capped; /* more were needed than may be */
	const struct mh_fact *unknown; /* of TEMPERROR, if it is for DNS: what could not be had */
};

/* mh_dmarc_eval - memory shows in pass->error */
void mh_dmarc_eval(struct mh_pass *pass, const struct mh_dmarc_question *question,
    struct mh_dmarc_verdict *verdict);
/* mh_dmarc_id_result - of a word of RFC 8601 2.7.1 or 2.7.2, in any letter case; -1: it is none */
int mh_dmarc_id_result(struct mh_str word);

#endif
