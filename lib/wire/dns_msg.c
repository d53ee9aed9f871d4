/* dns_msg.c - DNS messages: questions written by hand, answers read into facts
 *
 * An answer is walked twice.  First by us, over its octets and without
 * following a single pointer: is it ours, is it whole, is it small enough, has
 * it a TSIG (which ldns leaks), what does its OPT record say.  Then by ldns,
 * which unpacks names and rdata; from its records the chain of CNAMEs is
 * followed.
 *
 * Does not: send, receive, wait, or decide which server to trust.
 */
#include "dns_msg.h"

#include <ldns/ldns.h>

#define HEAD 12
#define RECORDS_MAX 512 /* of a whole message */
#define TYPE_OPT 41
#define TYPE_TSIG 250
#define OPTION_EDE 15
#define CLASS_IN 1

enum {
	RCODE_NOERROR,
	RCODE_FORMERR,
	RCODE_SERVFAIL,
	RCODE_NXDOMAIN,
	RCODE_NOTIMP,
	RCODE_REFUSED,
	RCODE_BADVERS = 16
};

/* ---------------------------------------------------------------- questions */

static unsigned char *
put_u16(unsigned char *p, unsigned value)
{
	p[0] = (unsigned char)(value >> 8);
	p[1] = (unsigned char)value;
	return p + 2;
}

size_t
mh_dns_write(const struct mh_dns_question *question, unsigned char out[MH_DNS_QUERY_MAX])
{
	unsigned char *p = out;
	p = put_u16(p, question->id);
	p = put_u16(p, 0x0120); /* RD, AD: RFC 6840 5.7 */
	p = put_u16(p, 1);
	p = put_u16(p, 0);
	p = put_u16(p, 0);
	p = put_u16(p, question->has_edns ? 1 : 0);
	memcpy(p, question->name, question->name_len);
	p += question->name_len;
	p = put_u16(p, question->type);
	p = put_u16(p, CLASS_IN);
	if (question->has_edns) {
		*p++ = 0;
		p = put_u16(p, TYPE_OPT);
		p = put_u16(p, MH_DNS_UDP_SIZE);
		p = put_u16(p, 0);
		p = put_u16(p, question->wants_dnssec ? 0x8000 : 0);
		p = put_u16(p, 0);
	}
	return (size_t)(p - out);
}

/* -------------------------------------------------------------- the pre-scan */

/* What the message says before its records are read. */
struct head {
	unsigned id, flags, questions, records[3];
	int rcode; /* with the upper bits of an OPT record */
	bool is_truncated, is_validated, has_recursion, is_authoritative;
	int ede;
	struct mh_str ede_text;
};

int
mh_dns_id(const void *wire, size_t len)
{
	const unsigned char *p = wire;
	return len >= HEAD ? p[0] << 8 | p[1] : -1;
}

/* read_head - false: this is no response */
static bool
read_head(struct mh_cur *cur, struct head *head)
{
	*head = (struct head){ .ede = -1 };
	head->id = mh_cur_u16(cur);
	head->flags = mh_cur_u16(cur);
	head->questions = mh_cur_u16(cur);
	for (int i = 0; i < 3; i++)
		head->records[i] = mh_cur_u16(cur);
	head->rcode = (int)(head->flags & 15);
	head->is_authoritative = (head->flags & 0x0400) != 0;
	head->is_truncated = (head->flags & 0x0200) != 0;
	head->has_recursion = (head->flags & 0x0080) != 0;
	head->is_validated = (head->flags & 0x0020) != 0;
	return !mh_cur_bad(cur) && (head->flags & 0x8000) != 0 && (head->flags & 0x7800) == 0;
}

/* same_name - two names in wire form, of which lengths are octets that no letter is */
static bool
same_name(const unsigned char *a, const unsigned char *b, size_t len, bool with_case)
{
	if (with_case)
		return memcmp(a, b, len) == 0;
	for (size_t i = 0; i < len; i++)
		if (mh_lower((char)a[i]) != mh_lower((char)b[i]))
			return false;
	return true;
}

/* is_question - whether the one question of the message is ours */
static bool
is_question(struct mh_cur *cur, const struct mh_dns_question *question, bool with_case)
{
	struct mh_str name = mh_cur_take(cur, question->name_len);
	unsigned type = mh_cur_u16(cur), class = mh_cur_u16(cur);
	return !mh_cur_bad(cur) && type == question->type && class == CLASS_IN &&
	    same_name((const unsigned char *)name.p, question->name, name.len, with_case);
}

/* skip_name - over a name, without following a pointer */
static void
skip_name(struct mh_cur *cur)
{
	for (;;) {
		unsigned label = mh_cur_u8(cur);
		if (mh_cur_bad(cur) || label == 0)
			return;
		if (label >= 0xc0) {
			mh_cur_u8(cur);
			return;
		}
		if (label > 63) {
			cur->bad = true;
			return;
		}
		mh_cur_take(cur, label);
	}
}

/* read_options - of an OPT record (RFC 6891 6.1.2): the first extended error (RFC 8914 2) */
static void
read_options(struct mh_str options, struct head *head)
{
	struct mh_cur cur = mh_cur_of(options.p, options.len);
	while (mh_cur_left(&cur) >= 4) {
		unsigned code = mh_cur_u16(&cur);
		struct mh_str data = mh_cur_take(&cur, mh_cur_u16(&cur));
		if (mh_cur_bad(&cur))
			return;
		if (code != OPTION_EDE || data.len < 2 || head->ede >= 0)
			continue;
		head->ede = (unsigned char)data.p[0] << 8 | (unsigned char)data.p[1];
		head->ede_text = mh_str_n(data.p + 2, data.len - 2);
	}
}

/* scan_records - over all records: whether they are whole, and there is nothing that ldns must not see */
static bool
scan_records(struct mh_cur *cur, struct head *head)
{
	bool has_opt = false;
	for (int section = 0; section < 3; section++) {
		for (unsigned i = 0; i < head->records[section]; i++) {
			skip_name(cur);
			unsigned type = mh_cur_u16(cur);
			mh_cur_u16(cur);
			uint32_t ttl = mh_cur_u32(cur);
			struct mh_str rdata = mh_cur_take(cur, mh_cur_u16(cur));
			if (mh_cur_bad(cur) || type == TYPE_TSIG)
				return false;
			if (type != TYPE_OPT)
				continue;
			if (has_opt || section != 2) /* RFC 6891 6.1.1 */
				return false;
			has_opt = true;
			head->rcode |= (int)(ttl >> 24 << 4);
			read_options(rdata, head);
		}
	}
	return true;
}

/* ------------------------------------------------------------------ answers */

/* why_of - the reason that an rcode gives for there being no answer; MH_WHY_NONE: it is one */
static int
why_of(int rcode)
{
	switch (rcode) {
	case RCODE_NOERROR:
	case RCODE_NXDOMAIN:
		return MH_WHY_NONE;
	case RCODE_FORMERR:
		return MH_WHY_FORMERR;
	case RCODE_SERVFAIL:
		return MH_WHY_SERVFAIL;
	case RCODE_NOTIMP:
		return MH_WHY_NOTIMP;
	case RCODE_REFUSED:
		return MH_WHY_REFUSED;
	default:
		return MH_WHY_RCODE;
	}
}

static enum mh_dns_verdict
broken(struct mh_fact_draft *draft, int why)
{
	mh_fact_draft_fail(draft, why);
	return MH_DNS_BROKEN;
}

/* The place in a chain of CNAME records. */
struct chain {
	unsigned char name[MH_DNAME_WIRE_MAX];
	size_t len;
	unsigned hops;
	uint32_t ttl; /* the least so far */
};

/* is_at - whether a record stands at the chain's name */
static bool
is_at(const ldns_rr *rr, const struct chain *chain)
{
	const ldns_rdf *owner = ldns_rr_owner(rr);
	return ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN && owner != NULL &&
	    ldns_rdf_size(owner) == chain->len &&
	    same_name(ldns_rdf_data(owner), chain->name, chain->len, false);
}

/* note_ttl - values with the highest bit are 0 (RFC 2181 8) */
static void
note_ttl(struct chain *chain, uint32_t ttl)
{
	if (ttl > INT32_MAX)
		ttl = 0;
	if (ttl < chain->ttl)
		chain->ttl = ttl;
}

/* take_rdata - a record's rdata into the draft: ldns has each field in wire form, names uncompressed */
static void
take_rdata(const ldns_rr *rr, struct mh_fact_draft *draft, unsigned char *room, size_t size)
{
	size_t len = 0;
	for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
		const ldns_rdf *field = ldns_rr_rdf(rr, i);
		size_t octets = field != NULL ? ldns_rdf_size(field) : 0;
		if (octets > size - len) {
			draft->too_large = true;
			return;
		}
		if (octets > 0)
			memcpy(room + len, ldns_rdf_data(field), octets);
		len += octets;
	}
	mh_fact_draft_rr(draft, room, len);
}

/* take_records - those of the wanted type at the chain's name; how many */
static unsigned
take_records(const ldns_rr_list *answer, struct chain *chain, unsigned type, struct mh_fact_draft *draft)
{
	unsigned char room[MH_DNS_TCP_MAX + 1024];
	unsigned taken = 0;
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		if ((unsigned)ldns_rr_get_type(rr) != type || !is_at(rr, chain))
			continue;
		note_ttl(chain, ldns_rr_ttl(rr));
		take_rdata(rr, draft, room, sizeof(room));
		taken++;
	}
	return taken;
}

/* follow_alias - the chain's name becomes what its CNAME record says; false: it has none */
static bool
follow_alias(const ldns_rr_list *answer, struct chain *chain)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(answer); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(answer, i);
		const ldns_rdf *target = ldns_rr_rd_count(rr) == 1 ? ldns_rr_rdf(rr, 0) : NULL;
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_CNAME || target == NULL || !is_at(rr, chain) ||
		    ldns_rdf_size(target) > sizeof(chain->name))
			continue;
		note_ttl(chain, ldns_rr_ttl(rr));
		chain->len = ldns_rdf_size(target);
		memcpy(chain->name, ldns_rdf_data(target), chain->len);
		chain->hops++;
		return true;
	}
	return false;
}

/* negative_ttl - of the SOA record in the authority section (RFC 2308 5); -1: there is none */
static int64_t
negative_ttl(const ldns_rr_list *authority)
{
	for (size_t i = 0; i < ldns_rr_list_rr_count(authority); i++) {
		const ldns_rr *rr = ldns_rr_list_rr(authority, i);
		if (ldns_rr_get_type(rr) != LDNS_RR_TYPE_SOA || ldns_rr_rd_count(rr) != 7)
			continue;
		uint32_t ttl = ldns_rr_ttl(rr), minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, 6));
		if (minimum < ttl)
			ttl = minimum;
		return ttl <= INT32_MAX ? ttl : 0;
	}
	return -1;
}

/* settle_absence - NODATA or NXDOMAIN; or unknown, if a server that does not look things up for others
 * (RFC 1035 4.1.1: RA is not set) has nothing to say of the last name of the chain */
static void
settle_absence(const ldns_pkt *packet, const struct head *head, struct chain *chain,
    struct mh_fact_draft *draft)
{
	int64_t ttl = negative_ttl(ldns_pkt_authority(packet));
	bool is_elsewhere = ldns_rr_list_rr_count(ldns_pkt_authority(packet)) > 0 || chain->hops > 0;

	if (head->rcode == RCODE_NXDOMAIN)
		draft->head.state = MH_FACT_NXDOMAIN;
	else if (ttl < 0 && !head->has_recursion && is_elsewhere &&
	    (!head->is_authoritative || chain->hops > 0))
		mh_fact_draft_fail(draft, MH_WHY_REFERRAL);
	else
		draft->head.state = MH_FACT_NODATA;
	note_ttl(chain, ttl >= 0 ? (uint32_t)ttl : 0);
}

/* read_packet - what the records amount to */
static enum mh_dns_verdict
read_packet(const ldns_pkt *packet, const struct head *head, const struct mh_dns_question *question,
    struct mh_fact_draft *draft)
{
	struct chain chain = { .len = question->name_len, .ttl = INT32_MAX };
	const ldns_rr_list *answer = ldns_pkt_answer(packet);
	unsigned taken;

	memcpy(chain.name, question->name, question->name_len);
	while ((taken = take_records(answer, &chain, question->type, draft)) == 0) {
		if (question->type == MH_RR_CNAME || !follow_alias(answer, &chain))
			break;
		if (chain.hops > MH_DNS_ALIASES_MAX) {
			mh_fact_draft_fail(draft, MH_WHY_ALIAS_LOOP);
			return MH_DNS_ANSWER;
		}
	}
	if (chain.hops > 0)
		mh_dname_from_wire(chain.name, chain.len, draft->canonical, NULL);
	if (taken == 0)
		settle_absence(packet, head, &chain, draft);
	else if (head->rcode == RCODE_NXDOMAIN)
		return broken(draft, MH_WHY_MALFORMED);
	else
		draft->head.state = MH_FACT_PRESENT;
	draft->head.ttl = chain.ttl;
	return MH_DNS_ANSWER;
}

/* read_whole - by ldns, after the message has been looked at */
static enum mh_dns_verdict
read_whole(const void *wire, size_t len, const struct head *head, const struct mh_dns_question *question,
    struct mh_fact_draft *draft)
{
	ldns_pkt *packet = NULL;
	ldns_status status = ldns_wire2pkt(&packet, wire, len);
	if (status == LDNS_STATUS_MEM_ERR)
		return MH_DNS_NO_MEMORY;
	if (status != LDNS_STATUS_OK || packet == NULL)
		return broken(draft, MH_WHY_MALFORMED);
	enum mh_dns_verdict verdict = read_packet(packet, head, question, draft);
	ldns_pkt_free(packet);
	return verdict;
}

/* is_bare - an error without its question, as hosts and some servers give it */
static bool
is_bare(const struct head *head)
{
	return head->questions == 0 && head->records[0] == 0 && why_of(head->rcode) != MH_WHY_NONE;
}

/* read_scanned - of a message that is ours, by its rcode or its records */
static enum mh_dns_verdict
read_scanned(const void *wire, size_t len, const struct head *head, const struct mh_dns_question *question,
    int how, struct mh_fact_draft *draft)
{
	int why = why_of(head->rcode);

	draft->head.rcode = (int16_t)head->rcode;
	if (head->ede >= 0)
		mh_fact_draft_ede(draft, head->ede, head->ede_text);
	if (why != MH_WHY_NONE) {
		mh_fact_draft_fail(draft, why);
		bool is_edns_fault = head->rcode == RCODE_FORMERR || head->rcode == RCODE_NOTIMP ||
		    head->rcode == RCODE_BADVERS;
		return question->has_edns && is_edns_fault ? MH_DNS_NO_EDNS : MH_DNS_ANSWER;
	}
	enum mh_dns_verdict verdict = read_whole(wire, len, head, question, draft);
	if (verdict == MH_DNS_ANSWER && (how & MH_DNS_TRUST_AD) != 0)
		draft->head.secure = head->is_validated ? MH_SECURE_YES : MH_SECURE_NO;
	return verdict;
}

enum mh_dns_verdict
mh_dns_read(const void *wire, size_t len, const struct mh_dns_question *question, int how,
    struct mh_fact_draft *draft)
{
	struct mh_cur cur = mh_cur_of(wire, len);
	struct head head;

	if (!read_head(&cur, &head) || ((how & MH_DNS_CHECK_ID) != 0 && head.id != question->id))
		return MH_DNS_FOREIGN;
	if (is_bare(&head)) {
		if ((how & MH_DNS_BARE_ERROR) == 0)
			return MH_DNS_FOREIGN;
	} else if (head.questions != 1 || !is_question(&cur, question, (how & MH_DNS_CHECK_CASE) != 0)) {
		return MH_DNS_FOREIGN;
	}
	draft->head.rcode = (int16_t)head.rcode;
	if (head.is_truncated && (how & MH_DNS_OVER_TCP) == 0) {
		mh_fact_draft_fail(draft, MH_WHY_TRUNCATED);
		return MH_DNS_TRUNCATED;
	}
	if (len > MH_DNS_TCP_MAX || head.records[0] + head.records[1] + head.records[2] > RECORDS_MAX)
		return broken(draft, MH_WHY_TOO_LARGE);
	if (!scan_records(&cur, &head) || mh_cur_left(&cur) > 0)
		return broken(draft, MH_WHY_MALFORMED);
	return read_scanned(wire, len, &head, question, how, draft);
}
