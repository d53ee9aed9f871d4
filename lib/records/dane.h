/* dane.h - TLSA records: read, and judged against a chain, each by itself
 *
 * OpenSSL decides, without a connection: the chain is verified with the records
 * one at a time, so that each gets its own verdict, and once with all of them.
 * Digests of usage 3, which ask for nothing else, are compared here: that is
 * what nearly all records are, and it takes a hundredth of the time.
 * For mail, usages 0 and 1 are unusable (RFC 7672 3.1.3), and usage 3 asks for
 * neither name nor date (RFC 7671 5.1).
 *
 * RFC 6698, RFC 7671, RFC 7672
 */
#ifndef MH_DANE_H
#define MH_DANE_H

#include "cert.h"

struct mh_tlsa {
	uint8_t usage, selector, matching;
	struct mh_str data;
};

/* mh_tlsa_read - rdata (RFC 6698 2.1); false: it is too short.  mh_tlsa_parse - "3 1 1 0123..."; data in arena */
bool mh_tlsa_read(struct mh_str rdata, struct mh_tlsa *tlsa);
bool mh_tlsa_parse(struct mh_str text, struct mh_arena *arena, struct mh_tlsa *tlsa);

enum mh_dane_state { MH_DANE_MISMATCH, MH_DANE_MATCH, MH_DANE_UNUSABLE };
/* Why a record is unusable, or does not match. */
enum mh_dane_why {
	MH_DANE_NO_REASON,
	MH_DANE_USAGE, /* 0 or 1 */
	MH_DANE_UNKNOWN_KIND, /* usage, selector or matching type that nobody knows */
	MH_DANE_LENGTH, /* digest of another length, or no data */
	MH_DANE_NOT_SENT, /* usage 2: the server does not send that CA */
	MH_DANE_NAME, /* it matches, and the name does not */
	MH_DANE_DATES, /* it matches, and the certificate is not valid now */
	MH_DANE_OTHER,
	MH_DANE_OUTRANKED, /* it matches, and is not looked at: there is a stronger digest (RFC 7671 9) */
};
const char *mh_dane_state_name(int state); /* "match" */
const char *mh_dane_why_name(int why); /* "usage-0-1"; "" no reason */

#define MH_DANE_RECORDS_MAX 64
#define MH_TLSA_SHORT 64 /* octets of data that a reader wants to see */

struct mh_dane_record {
	uint8_t state, why;
	int depth; /* of the certificate that it matches; -1 */
	long error; /* X509_V_* */
};

struct mh_dane_verdict {
	struct mh_dane_record records[MH_DANE_RECORDS_MAX];
	unsigned count, usable, matching;
	bool is_valid; /* all of them together */
	int depth;
	long error;
};

/* What is asked of a chain. */
struct mh_dane_question {
	const struct mh_tlsa *records;
	unsigned count;
	/* reference identifiers, of which one has to match: the TLSA base domain, or the MX's, and the next-hop domain
	 * (RFC 7672 3.2.2).  Without any, no name matches. */
	const struct mh_str *names;
	unsigned names_count;
	/* for usages 0 and 1, NULL none; and for mail NULL: a CA that only the verifier has must not count for usage 2
	 * (RFC 7671 5.2.2) */
	struct mh_anchors *anchors;
	bool for_mail; /* the rules above */
	bool checks_names_of_ee;
	int64_t at; /* seconds since the epoch; < 0: the clock's */
};

/* mh_tlsa_why_unusable - enum mh_dane_why of a record that no sender can use, whatever the certificate; NO_REASON: they
 * can.  for_mail: usages 0 and 1 are not used (RFC 7672 3.1.3) */
int mh_tlsa_why_unusable(const struct mh_tlsa *tlsa, bool for_mail);
/* mh_dane_judge - false: no memory */
bool mh_dane_judge(const struct mh_certs *chain, const struct mh_dane_question *question,
    struct mh_dane_verdict *verdict);
/* mh_dane_outranks - the record that hides number i, which matches, by a stronger digest that does not; or -1 */
int mh_dane_outranks(const struct mh_dane_verdict *verdict, const struct mh_tlsa *records, unsigned i);
/* mh_tlsa_of - the record to publish for a certificate, into out: "3 1 1 ...", or "2 1 1 ..." for the one of a CA that
 * is not the server's own */
void mh_tlsa_of(const struct mh_cert *cert, bool is_own, struct mh_buf *out);
/* mh_tlsa_print - "3 1 1 0123...", at most so many octets of its data, into out */
void mh_tlsa_print(struct mh_buf *out, const struct mh_tlsa *tlsa, size_t most);

#endif
