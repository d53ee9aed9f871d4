/* dns_msg.h - DNS messages: questions written by hand, answers read into facts
 *
 * The answer is looked at in our own code before ldns sees it: whether it is
 * ours (id, question), how large it is, how many records it has, that it
 * carries no TSIG.  Then ldns reads it, and the CNAME chain is followed within
 * it.  This file and wire/zone.c are all that knows ldns.
 *
 * Does not: send, receive, wait, or trust the AD bit; who knows the server
 * does that.
 *
 * RFC 1035, 2308, 3597, 4343, 6891, 8914
 */
#ifndef MH_DNS_MSG_H
#define MH_DNS_MSG_H

#include "fact.h"

#define MH_DNS_QUERY_MAX 512
#define MH_DNS_UDP_SIZE 1232 /* RFC 9715 */
#define MH_DNS_TCP_MAX 16384 /* octets of an answer that are read */
#define MH_DNS_ALIASES_MAX 16 /* CNAME records in a row */

struct mh_dns_question {
	const unsigned char *name; /* wire form, letter case as it went out */
	size_t name_len;
	uint16_t id, type;
	bool has_edns; /* an OPT record asks for MH_DNS_UDP_SIZE and EDE; the AD bit is set in either case */
	bool wants_dnssec; /* DO bit; off for us, for validators on */
};

/* mh_dns_write - the message (RD and AD set); octets */
size_t mh_dns_write(const struct mh_dns_question *question, unsigned char out[MH_DNS_QUERY_MAX]);

enum mh_dns_verdict {
	MH_DNS_ANSWER, /* the draft is filled: present, absent, or unknown by rcode and the like */
	MH_DNS_FOREIGN, /* not an answer to this question: wrong id or question, a question itself; go on waiting */
	MH_DNS_TRUNCATED, /* ask again by TCP; the draft says unknown, truncated */
	MH_DNS_NO_EDNS, /* FORMERR, NOTIMP or BADVERS to a question with EDNS: ask again without it */
	MH_DNS_BROKEN, /* ours by its head, and cannot be read; the draft says unknown, malformed or too-large */
	MH_DNS_NO_MEMORY,
};

/* What the reader is told about the answer's way. */
#define MH_DNS_CHECK_ID 1 /* id must be the question's: where the socket is ours */
#define MH_DNS_CHECK_CASE 2 /* and the letter case of the name (0x20) */
#define MH_DNS_BARE_ERROR 4 /* an error without a question is taken (SERVFAIL, REFUSED, FORMERR, NOTIMP) */
#define MH_DNS_OVER_TCP 8 /* TC means nothing, and up to MH_DNS_TCP_MAX octets are read */
#define MH_DNS_TRUST_AD 16 /* AD is believed: secure is YES or NO; else it stays UNKNOWN */

/* mh_dns_id - of a message, -1 if it is too short for a head */
int mh_dns_id(const void *wire, size_t len);
/* mh_dns_read - reads an answer into draft, which has been begun with the question's canonical name
 * and type (this sets state, why, rcode, ttl, ede, secure, canonical, records; not server and rtt_us).
 * A question for CNAME is answered by the CNAME record itself.  Records of other names, types and
 * classes are left out.  The TTL of an absence is the lesser of SOA's TTL and its MINIMUM, 0 without SOA. */
enum mh_dns_verdict mh_dns_read(const void *wire, size_t len, const struct mh_dns_question *question, int how,
    struct mh_fact_draft *draft);

#endif
