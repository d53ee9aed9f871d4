/* tls_report.h - findings of the check "tls", while they are put together */
#ifndef MH_TLS_REPORT_H
#define MH_TLS_REPORT_H

#include "chain_report.h"
#include "tls_check.h"

struct mh_tls_teller {
	struct mh_report *report;
	const struct mh_tls_end *end;
	const struct mh_tls_tlsa *tlsa;
	struct mh_str subject;
	struct mh_buf detail; /* of the next finding; empty afterwards */
	bool is_bad; /* no memory */
};

/* mh_tls_add - a finding with the detail that stands ready; severity 0: the kind's own, or that of the port */
void mh_tls_add(struct mh_tls_teller *teller, int number, struct mh_str evidence, int severity,
    const struct mh_finding_arg *args, size_t args_count);
/* mh_tls_put_end - how a connection ended, as a clause */
void mh_tls_put_end(struct mh_buf *out, const struct mh_seen *seen);
void mh_tls_add_certificates(struct mh_tls_teller *teller);
void mh_tls_add_dane(struct mh_tls_teller *teller, const struct mh_tls_host *host);
/* mh_tls_report - all of it, finished; NULL: no memory */
struct mh_report *mh_tls_report(const struct mh_tls_check *check, struct mh_pass *view,
    const struct mh_tls_result *result);

#endif
