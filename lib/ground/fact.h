/* fact.h - what is known of the world: one answer to one question, for ever
 *
 * A fact is tri-state: present, absent (NXDOMAIN and NODATA apart), or unknown
 * with the reason why nothing could be learnt.  "Could not ask" is never "not
 * there".  A fact is one block of memory, immutable and counted by references,
 * so that a cache and thousands of jobs share it, from any thread.
 *
 * A draft is where a fact is put together; it is reused and keeps its memory.
 */
#ifndef MH_FACT_H
#define MH_FACT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "dname.h"
#include "mem.h"
#include "net.h"
#include "str.h"

enum mh_fact_state {
	MH_FACT_MISSING, /* not asked, or not answered yet */
	MH_FACT_PRESENT, /* there are records */
	MH_FACT_NODATA, /* the name is there, the type is not */
	MH_FACT_NXDOMAIN, /* there is no such name */
	MH_FACT_UNKNOWN, /* see why */
};

/* Why a fact is unknown: name, the word for it, and what happened. */
#define MH_WHYS(X) \
	X(NONE, "", "") \
	X(TIMEOUT, "timeout", "no server answered in time") \
	X(SERVFAIL, "servfail", "the server said that it failed (SERVFAIL)") \
	X(REFUSED, "refused", "the server refused to answer (REFUSED)") \
	X(FORMERR, "formerr", "the server did not understand the question (FORMERR)") \
	X(NOTIMP, "notimp", "the server does not implement this kind of question (NOTIMP)") \
	X(RCODE, "rcode", "the server answered with an error code of another kind") \
	X(TRUNCATED, "truncated", "the answer was cut short, and TCP did not bring all of it") \
	X(MALFORMED, "malformed", "the answer cannot be read") \
	X(TOO_LARGE, "too-large", "the answer is larger than is read") \
	X(ALIAS_LOOP, "alias-loop", "the CNAME records run in a circle, or there are too many in a row") \
	X(BOGUS, "bogus", "the answer failed DNSSEC validation") \
	X(CANNOT_ASK, "cannot-ask", "this program's resolver cannot ask for that type") \
	X(NETWORK, "network", "the server cannot be reached") \
	X(EXAMPLE, "example", "its address is one that only examples have (RFC 5737, RFC 3849)") \
	X(NO_SERVER, "no-server", "there is no DNS server to ask") \
	X(BAD_NAME, "bad-name", "this is no name that DNS can be asked for") \
	X(BUDGET, "budget", "the check may not ask that many questions") \
	X(DEADLINE, "deadline", "the time for the whole check was over") \
	X(NOT_IN_ZONE, "not-in-zone", "the zone files given do not have this part of DNS") \
	X(BAD_LINE, "bad-line", "the line of the zone file that may have it cannot be read") \
	X(NOT_IN_WORLD, "not-in-world", "the recording does not have this question") \
	X(REFERRAL, "referral", \
	    "the server only points to other servers: it does not look names up for others") \
	X(FAILED, "failed", "the program that asked gave no reason")

enum mh_why {
#define X(name, word, text) MH_WHY_##name,
	MH_WHYS(X)
#undef X
	    MH_WHY_COUNT
};

const char *mh_why_word(int why); /* "" for others */
const char *mh_why_text(int why);
int mh_why_find(struct mh_str word); /* -1: none */

enum mh_secure { MH_SECURE_UNKNOWN, MH_SECURE_YES, MH_SECURE_NO, MH_SECURE_BOGUS };

/* What is asked for: types of resource records that are known by name, and STREAM, a dialogue with a
 * server, whose name says with which and about what (stream_spec.h) and whose records are what happened
 * (capture.h).  It has the number that RFC 6895 3.1 keeps from DNS for ever. */
#define MH_RR_TYPES(X) \
	X(STREAM, 0) \
	X(A, 1) \
	X(NS, 2) \
	X(CNAME, 5) \
	X(SOA, 6) \
	X(PTR, 12) \
	X(MX, 15) \
	X(TXT, 16) \
	X(AAAA, 28) \
	X(SRV, 33) \
	X(DNAME, 39) \
	X(DS, 43) \
	X(RRSIG, 46) \
	X(DNSKEY, 48) \
	X(TLSA, 52) \
	X(SPF, 99) \
	X(CAA, 257)

enum mh_rr_type {
#define X(name, number) MH_RR_##name = (number),
	MH_RR_TYPES(X)
#undef X
};

/* mh_rr_type_name - "TXT", or "TYPE65534" (RFC 3597 5) written into room */
#define MH_RR_TYPE_ROOM 12
const char *mh_rr_type_name(int type, char room[MH_RR_TYPE_ROOM]);
int mh_rr_type_find(struct mh_str name); /* any letter case, TYPEn too; -1: none */

/* One record's rdata in wire form, the names in it uncompressed. */
struct mh_rr {
	const unsigned char *p;
	uint16_t len;
};

struct mh_fact {
	struct mh_mem mem;
	atomic_int references;
	uint32_t size; /* of the block */
	uint64_t hash; /* mh_fact_hash of type and name */
	uint16_t type;
	uint8_t state, why, secure;
	bool is_alias; /* name is a CNAME, and canonical another name */
	uint8_t round; /* in which round of questions it came; 0: not known */
	int16_t rcode; /* -1: none came */
	int16_t ede; /* RFC 8914 INFO-CODE; -1: none */
	uint16_t count; /* records */
	uint32_t ttl; /* seconds, the least of the chain; of an absence: RFC 2308 5 */
	int32_t rtt_us; /* microseconds from question to answer; -1: not known */
	struct mh_str name; /* canonical text, NUL-terminated as all of these */
	struct mh_str canonical; /* where the CNAME records lead; name itself if there are none */
	struct mh_str server; /* "192.0.2.53:53", "zone example.zone", "" */
	struct mh_str ede_text; /* printable or not: as the server sent it */
	const struct mh_rr *rr; /* count of them */
};

uint64_t mh_fact_hash(int type, struct mh_str canonical_name);
struct mh_fact *mh_fact_ref(struct mh_fact *fact);
void mh_fact_unref(struct mh_fact *fact); /* NULL is fine */

static inline bool
mh_fact_is_present(const struct mh_fact *fact)
{
	return fact->state == MH_FACT_PRESENT;
}

static inline bool
mh_fact_is_absent(const struct mh_fact *fact)
{
	return fact->state == MH_FACT_NODATA || fact->state == MH_FACT_NXDOMAIN;
}

#define MH_FACT_RR_MAX 1024 /* records of one fact; more: too-large */
#define MH_FACT_OCTETS_MAX 65535 /* rdata of one fact, */
#define MH_FACT_STREAM_MAX 163840 /* and of a dialogue */

/* A draft: begin, set the fields, add records, make. */
struct mh_fact_draft {
	struct mh_fact head; /* state, why, rcode and so on are set here; of its strings only name counts */
	char name[MH_DNAME_TEXT_MAX], canonical[MH_DNAME_TEXT_MAX];
	char server[64];
	char ede_text[128];
	struct mh_buf octets; /* rdata one after another, each behind two octets of length */
	bool too_large;
};

void mh_fact_draft_init(struct mh_fact_draft *draft, const struct mh_mem *mem);
void mh_fact_draft_free(struct mh_fact_draft *draft);
/* mh_fact_draft_begin - empties it: a question of kind DNS for canonical name and type; state is
 * MISSING, why NONE, rcode, ede and rtt_us -1, secure UNKNOWN, strings empty */
void mh_fact_draft_begin(struct mh_fact_draft *draft, struct mh_str name, int type);
/* mh_fact_draft_rr - one record more; memory shows when the fact is made */
void mh_fact_draft_rr(struct mh_fact_draft *draft, const void *rdata, size_t len);
/* mh_fact_draft_rr_parts - the same of octets in two parts */
void mh_fact_draft_rr_parts(struct mh_fact_draft *draft, const void *head, size_t head_len,
    struct mh_str rest);
/* mh_fact_draft_server, mh_fact_draft_ede - text is cut to what there is room for */
void mh_fact_draft_server(struct mh_fact_draft *draft, struct mh_str server);
void mh_fact_draft_ede(struct mh_fact_draft *draft, int code, struct mh_str text);
/* mh_fact_draft_fail - it is unknown, and why; records are dropped */
void mh_fact_draft_fail(struct mh_fact_draft *draft, int why);
/* mh_fact_make - the fact, one reference; NULL without memory.  A draft without a state becomes
 * present or, without records, NODATA; one that is not present loses its records. */
struct mh_fact *mh_fact_make(const struct mh_mem *mem, struct mh_fact_draft *draft);

/* mh_fact_behind - what is known of an alias's name, whose chain ends at target's; a new fact, NULL without
 * memory.  Not secure: the alias came from elsewhere. */
struct mh_fact *mh_fact_behind(const struct mh_mem *mem, const struct mh_fact *alias,
    const struct mh_fact *target);

/* Readers of rdata, all strict; false, 0 or -1: it is not well formed. */
bool mh_rr_ip(const struct mh_fact *fact, size_t i, struct mh_ip *ip); /* A, AAAA */
/* mh_rr_name - of CNAME, PTR, NS, DNAME, MX, SRV: canonical text, its length; *number (NULL is fine)
 * the preference or priority */
size_t mh_rr_name(const struct mh_fact *fact, size_t i, char out[MH_DNAME_TEXT_MAX], int *number);
/* mh_rr_text - of TXT and SPF: the strings joined (RFC 7208 3.3), in place if there is one, else in
 * arena; *strings (NULL is fine) how many there are, *longest the longest; p is NULL without memory
 * or if it is not well formed, and len then 0 or 1 */
struct mh_str mh_rr_text(const struct mh_fact *fact, size_t i, struct mh_arena *arena);
size_t mh_rr_strings(const struct mh_fact *fact, size_t i); /* character-strings of a TXT record */
/* mh_rr_print - rdata in presentation form (RFC 1035 5.1; types not known by name by RFC 3597 5) */
void mh_rr_print(struct mh_buf *out, int type, const struct mh_rr *rr);
/* mh_rr_read - presentation form of one record, as mh_rr_print writes it, into out[65535]; octets, or
 * -1.  If loose, TXT is the joined text as it is, without quotes, and a relative name is absolute:
 * as resolvers of other programs hand records over. */
int mh_rr_read(struct mh_str text, int type, bool loose, unsigned char *out);

#endif
