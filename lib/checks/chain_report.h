/* chain_report.h - what is found of certificates, in the words of findings and of JSON
 *
 * The same for certificates that a server showed (the check "tls") and for those
 * that are judged without one (chain_check.h).
 */
#ifndef MH_CHAIN_REPORT_H
#define MH_CHAIN_REPORT_H

#include "dane.h"
#include "find.h"
#include "json.h"

struct mh_chain_teller {
	const struct mh_certs *chain; /* with at least one certificate */
	const struct mh_judgement *judgement;
	const struct mh_str *names; /* reference identifiers */
	unsigned names_count;
	bool has_two; /* it is one of two */
	bool is_moot; /* TLSA records vouch for it, so nobody on port 25 looks at the rest */
	struct mh_buf *detail; /* of the next finding; empty when add is done */
	/* add - one finding; severity 0: the kind's own */
	void (*add)(void *arg, int number, struct mh_str evidence, int severity,
	    const struct mh_finding_arg *args, size_t args_count);
	void *arg;
};

/* mh_chain_tell - all that is wrong with a chain */
void mh_chain_tell(const struct mh_chain_teller *teller);

/* Where findings about TLSA records go: base is the name that they stand at, "" not known. */
struct mh_dane_teller {
	struct mh_report *report;
	const struct mh_mem *mem;
	struct mh_str subject, base;
};
/* mh_dane_tell_mismatch - none matches: with the record that would.  mh_dane_tell_outranked - one does, and record
 * number by of these hides it (RFC 7671 9).  false: no memory */
bool mh_dane_tell_mismatch(const struct mh_dane_teller *teller, int number, const struct mh_cert *leaf);
bool mh_dane_tell_outranked(const struct mh_dane_teller *teller, const struct mh_tlsa *records, int by);

/* mh_checks_json - the member "checks": what was looked at under these ids, and its findings; name: about whom */
void mh_checks_json(struct mh_json *json, const struct mh_report *report, const char *const *ids,
    size_t count, struct mh_str name);
/* mh_put_date - the day, in UTC: "2026-11-27" */
void mh_put_date(struct mh_buf *out, int64_t when);
/* mh_json_time - a member with seconds since the epoch as RFC 3339 has it */
void mh_json_time(struct mh_json *json, const char *key, int64_t when, const struct mh_mem *mem);
/* mh_json_hex - a member with octets, at most 64 of them */
void mh_json_hex(struct mh_json *json, const char *key, const void *octets, size_t len,
    const struct mh_mem *mem);
/* mh_cert_json - the members of one certificate; days_left: NULL, left out */
void mh_cert_json(struct mh_json *json, const struct mh_cert *cert, const int64_t *days_left,
    const struct mh_mem *mem);
/* mh_chain_word - "ok", "incomplete", "untrusted", ... */
const char *mh_chain_word(const struct mh_judgement *judgement);

#endif
