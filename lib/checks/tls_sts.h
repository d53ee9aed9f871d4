/* tls_sts.h - the MTA-STS of the domain whose mail goes to a host: record, policy, and what it makes of the host
 *
 * RFC 8461 3.1 to 4.2, RFC 8460 4.3
 */
#ifndef MH_TLS_STS_H
#define MH_TLS_STS_H

#include "fetch.h"
#include "json.h"
#include "sts.h"
#include "work.h"

struct mh_tls_check;
struct mh_tls_end;
struct mh_tls_teller;

enum mh_tls_sts_state {
	MH_TLS_STS_OFF, /* nobody has asked for it */
	MH_TLS_STS_UNKNOWN, /* could not be asked */
	MH_TLS_STS_NONE, /* there is no record */
	MH_TLS_STS_BAD_RECORD,
	MH_TLS_STS_NOT_FETCHED,
	MH_TLS_STS_BAD_POLICY,
	MH_TLS_STS_POLICY,
};

struct mh_tls_sts {
	uint8_t state;
	int why; /* MH_WHY_*, of UNKNOWN */
	struct mh_str domain;
	struct mh_str *txt; /* of _mta-sts */
	unsigned txt_count;
	struct mh_str mx[MH_STS_NAMES_MAX];
	unsigned mx_count;
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	struct mh_fetch fetch; /* of the policy, from its host; body: also one that was given */
};

/* mh_tls_sts_read - as far as facts go; false: wait, or no memory (pass->error).  Findings about record and policy
 * are not made here. */
bool mh_tls_sts_read(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts);
void mh_tls_sts_free(struct mh_tls_sts *sts);
/* mh_tls_sts_of - what a sender reports of one endpoint (RFC 8460 4.3): "" success; "unknown".  *is_refused: it does
 * not deliver there; *is_listed: the policy has the host's name */
const char *mh_tls_sts_of(const struct mh_tls_sts *sts, const struct mh_tls_end *end, bool *is_refused,
    bool *is_listed);
/* mh_tls_sts_lets - whether senders who follow the policy, if there is one, deliver to this endpoint: MH_TRI_* */
uint8_t mh_tls_sts_lets(const struct mh_tls_sts *sts, const struct mh_tls_end *end);
/* mh_tls_sts_add - findings: of record, fetching and policy, once; mh_tls_sts_add_end - of teller->end */
void mh_tls_sts_add(struct mh_tls_teller *teller, const struct mh_tls_check *check, struct mh_pass *view,
    const struct mh_tls_sts *sts);
void mh_tls_sts_add_end(struct mh_tls_teller *teller, const struct mh_tls_sts *sts);
/* mh_tls_sts_json - the member "mta_sts" of results; null if nobody asked */
void mh_tls_sts_json(struct mh_json *json, const struct mh_tls_sts *sts);

#endif
