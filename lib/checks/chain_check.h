/* chain_check.h - certificates judged before any server shows them: for names, at a time, with TLSA records and a staple
 *
 * The same verdicts and the same words as of the check "tls", without a
 * connection.  What is judged is kept; judging again with other options reads
 * nothing anew.
 */
#ifndef MH_CHAIN_CHECK_H
#define MH_CHAIN_CHECK_H

#include "chain_report.h"

#define MH_CHAIN_NAMES_MAX 32
#define MH_CHAIN_STAPLE_MAX 65536

struct mh_chain_tlsa {
	struct mh_str text; /* as it is printed */
	bool is_bad; /* no record at all */
};

struct mh_chain_check {
	struct mh_mem mem;
	/* options */
	struct mh_arena names_keep, tlsa_keep;
	struct mh_str names[MH_CHAIN_NAMES_MAX];
	unsigned names_count;
	struct mh_tlsa records[MH_DANE_RECORDS_MAX];
	struct mh_chain_tlsa tlsa[MH_DANE_RECORDS_MAX];
	unsigned tlsa_count;
	struct mh_buf staple;
	int64_t now; /* -1: not given */
	bool for_mail, checks_names_of_ee;
	/* read */
	struct mh_certs *certs; /* NULL: none */
	/* what came out; good while report is there */
	int64_t at;
	struct mh_judgement judgement;
	struct mh_dane_verdict dane;
	struct mh_report *report; /* finished; NULL: not judged */
};

void mh_chain_check_init(struct mh_chain_check *check, const struct mh_mem *mem);
void mh_chain_check_free(struct mh_chain_check *check);
/* mh_chain_check_forget - what came out */
void mh_chain_check_forget(struct mh_chain_check *check);
/* Options, in order of adding; "" drops all.  MH_OK, MH_ENOMEM, MH_EINVAL: there are too many. */
int mh_chain_check_add_name(struct mh_chain_check *check, struct mh_str name);
int mh_chain_check_add_tlsa(struct mh_chain_check *check, struct mh_str text);
int mh_chain_check_add_rdata(struct mh_chain_check *check, struct mh_str rdata);
/* mh_chain_check_judge - certs are there; anchors NULL: trust is not known; false: no memory */
bool mh_chain_check_judge(struct mh_chain_check *check, struct mh_anchors *anchors, int64_t at);
/* Of one that is judged. */
const char *mh_chain_check_pkix(const struct mh_chain_check *check); /* pass, fail, unknown */
const char *mh_chain_check_dane(const struct mh_chain_check *check); /* none, pass, fail, unusable */
const char *mh_chain_check_result(const struct mh_chain_check *check); /* RFC 8460 4.3; "" */
const char *mh_chain_check_tlsa_why(const struct mh_chain_check *check, unsigned i);
struct mh_str mh_chain_check_subject(const struct mh_chain_check *check);
void mh_chain_check_json(const struct mh_chain_check *check, struct mh_json *json);

#endif
