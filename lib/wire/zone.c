/* zone.c - answers questions as a resolver that knows these zones would
 *
 * RFC 1034 4.3.2 with DNAME (RFC 6672 3.2) and wildcards (RFC 4592), begun anew
 * in the right zone at each alias.  Where the zones end, knowledge ends: a
 * name at or below a delegation whose zone is not given is as unknown as one
 * outside all zones, even if there is glue for it, because glue is a hint and
 * the zone below may say otherwise.  Only the DS records of a delegation are
 * the upper zone's.
 *
 * What a zone may not contain is answered as most servers would that load it
 * all the same: a CNAME goes before other records, the first of several counts.
 *
 * The fact of a set that is asked for by its own name is made once and then
 * handed out.  Any number of threads may ask, as long as nothing is read.
 *
 * Does not: ask DNS for the rest when an alias leaves the zones; such a fact
 * is unknown, and its canonical name tells where it would go on.
 */
#include "zone.h"

#include "dns_msg.h"
#include "error.h"
#include "port.h"
#include "zone_store.h"

#define TYPE_ANY 255
#define RCODE_NXDOMAIN 3
#define RCODE_YXDOMAIN 6

/* One question on its way through the zones. */
struct walk {
	const struct mh_zonefile *zones;
	struct mh_fact_draft *draft;
	struct mh_str name; /* where it has come to */
	int type;
	unsigned aliases;
	uint32_t ttl; /* the least so far */
	char (*room)[MH_DNAME_TEXT_MAX]; /* two of them, for names that had to be put together, in turns */
};

/* The ways a step can end. */
enum step {
	STEP_DONE, /* the draft is filled */
	STEP_ON, /* walk->name is another name */
	STEP_OUTSIDE, /* no zone has this */
};

static void
lower(struct walk *walk, uint32_t ttl)
{
	walk->ttl = ttl < walk->ttl ? ttl : walk->ttl;
}

/* finish - nothing but the state is missing */
static enum step
finish(struct walk *walk, int state, int rcode)
{
	walk->draft->head.state = (uint8_t)state;
	walk->draft->head.rcode = (int16_t)rcode;
	return STEP_DONE;
}

/* absent - with the TTL of RFC 2308 5, 0 if the zone has no SOA */
static enum step
absent(struct walk *walk, uint32_t zone, int state)
{
	const struct mh_zonefile *zones = walk->zones;
	const struct mh_zones_set *soa = mh_zones_set_at(zones, zones->zones[zone].node, MH_RR_SOA);
	uint32_t ttl = 0;
	if (soa != NULL && zones->records[soa->first].len >= 4) {
		const struct mh_zones_record *record = &zones->records[soa->first];
		struct mh_cur cur = mh_cur_of(record->rdata + record->len - 4, 4);
		uint32_t minimum = mh_cur_u32(&cur);
		ttl = minimum < soa->ttl ? minimum : soa->ttl;
	}
	lower(walk, ttl);
	return finish(walk, state, state == MH_FACT_NXDOMAIN ? RCODE_NXDOMAIN : 0);
}

/* follow - to the name that an alias leads to */
static enum step
follow(struct walk *walk, uint32_t ttl, struct mh_str target)
{
	lower(walk, ttl);
	if (++walk->aliases > MH_DNS_ALIASES_MAX) {
		mh_fact_draft_fail(walk->draft, MH_WHY_ALIAS_LOOP);
		return STEP_DONE;
	}
	walk->name = target;
	return STEP_ON;
}

/* is_single - types of which a name has one record (RFC 2181 10.1, RFC 6672 2.4) */
static bool
is_single(int type)
{
	return type == MH_RR_CNAME || type == MH_RR_SOA || type == MH_RR_DNAME;
}

/* present - all records of a set */
static enum step
present(struct walk *walk, const struct mh_zones_set *set)
{
	const struct mh_zonefile *zones = walk->zones;
	for (uint32_t at = set->first; at != MH_ZONE_NONE && !walk->draft->too_large;
	     at = is_single(set->type) ? MH_ZONE_NONE : zones->records[at].next)
		mh_fact_draft_rr(walk->draft, zones->records[at].rdata, zones->records[at].len);
	lower(walk, set->ttl);
	return finish(walk, MH_FACT_PRESENT, 0);
}

/* at_node - the answer of a name that is there, or of the wildcard that stands for it */
static enum step
at_node(struct walk *walk, uint32_t zone, uint32_t node)
{
	const struct mh_zonefile *zones = walk->zones;
	const struct mh_zones_set *alias = mh_zones_set_at(zones, node, MH_RR_CNAME);
	const struct mh_zones_set *set = mh_zones_set_at(zones, node, walk->type);

	if (alias != NULL && walk->type != MH_RR_CNAME && walk->type != TYPE_ANY) {
		const struct mh_zones_record *record = &zones->records[alias->first];
		char *target = walk->room[walk->aliases % 2];
		size_t len = mh_dname_from_wire(record->rdata, record->len, target, NULL);
		return follow(walk, alias->ttl, mh_str_n(target, len));
	}
	if (set != NULL)
		return present(walk, set);
	if (mh_zones_is_bad(zones, node, walk->type) || mh_zones_is_bad(zones, node, MH_RR_CNAME)) {
		mh_fact_draft_fail(walk->draft, MH_WHY_BAD_LINE);
		return STEP_DONE;
	}
	return absent(walk, zone, MH_FACT_NODATA);
}

/* by_dname - the name with its end, the DNAME's owner, replaced (RFC 6672 2.2) */
static enum step
by_dname(struct walk *walk, uint32_t node)
{
	const struct mh_zonefile *zones = walk->zones;
	const struct mh_zones_set *set = mh_zones_set_at(zones, node, MH_RR_DNAME);
	const struct mh_zones_record *record = &zones->records[set->first];
	struct mh_str owner = zones->nodes[node].name;
	unsigned char wire[MH_DNAME_WIRE_MAX];
	char *target = walk->room[walk->aliases % 2];
	size_t prefix = walk->name.len - (mh_str_eq(owner, MH_STR(".")) ? 0 : owner.len + 1);
	size_t len = mh_dname_to_wire(mh_str_n(walk->name.p, prefix), wire);

	if (len == 0 || len - 1 + record->len > MH_DNAME_WIRE_MAX) {
		mh_fact_draft_fail(walk->draft, MH_WHY_RCODE);
		walk->draft->head.rcode = RCODE_YXDOMAIN;
		return STEP_DONE;
	}
	memcpy(wire + len - 1, record->rdata, record->len);
	len = len - 1 + record->len;
	if (walk->type == MH_RR_CNAME) {
		/* The server makes a CNAME record for the name (RFC 6672 3.1). */
		mh_fact_draft_rr(walk->draft, wire, len);
		lower(walk, set->ttl);
		return finish(walk, MH_FACT_PRESENT, 0);
	}
	return follow(walk, set->ttl, mh_str_n(target, mh_dname_from_wire(wire, len, target, NULL)));
}

/* tell_server - "zone FILE", and the name that the zone leaves to another, if any */
static void
tell_server(struct walk *walk, struct mh_str file, struct mh_str cut)
{
	char room[64];
	struct mh_str parts[] = { MH_STR("zone "), file, MH_STR(", which delegates "), cut };
	size_t len = 0;
	for (size_t i = 0; i < (cut.len > 0 ? MH_COUNT(parts) : 2); i++) {
		size_t n = parts[i].len < sizeof(room) - len ? parts[i].len : sizeof(room) - len;
		if (n > 0)
			memcpy(room + len, parts[i].p, n);
		len += n;
	}
	mh_fact_draft_server(walk->draft, mh_str_n(room, len));
}

/* wildcard - the name that stands for names that are not there, directly under node (RFC 4592 3.3.1) */
static uint32_t
wildcard(const struct walk *walk, uint32_t zone, uint32_t node)
{
	struct mh_str name = walk->zones->nodes[node].name;
	char star[MH_DNAME_TEXT_MAX + 2] = "*.";
	if (mh_str_eq(name, MH_STR(".")))
		return mh_zones_find(walk->zones, zone, MH_STR("*"));
	memcpy(star + 2, name.p, name.len);
	return mh_zones_find(walk->zones, zone, mh_str_n(star, name.len + 2));
}

/* zone_for - the zone that answers for a name: the deepest, but for DS the one above if it is given too */
static uint32_t
zone_for(const struct mh_zonefile *zones, struct mh_str name, int type)
{
	uint32_t zone = mh_zones_covering(zones, name);
	if (zone != MH_ZONE_NONE && type == MH_RR_DS && mh_str_eq(zones->zones[zone].name, name)) {
		uint32_t above = mh_zones_covering(zones, mh_dname_parent(name));
		zone = above != MH_ZONE_NONE ? above : zone;
	}
	return zone;
}

/* step - one name */
static enum step
step(struct walk *walk)
{
	const struct mh_zonefile *zones = walk->zones;
	uint32_t zone = zone_for(zones, walk->name, walk->type);
	bool is_dname;

	if (zone == MH_ZONE_NONE)
		return STEP_OUTSIDE;
	struct mh_str file = zones->zones[zone].file;
	uint32_t node = mh_zones_closest(zones, zone, walk->name);
	bool is_exact = mh_str_eq(zones->nodes[node].name, walk->name);
	uint32_t cut = mh_zones_cut(zones, node, !is_exact || walk->type != MH_RR_DS, !is_exact, &is_dname);
	tell_server(walk, file, cut != MH_ZONE_NONE && !is_dname ? zones->nodes[cut].name : MH_STR(""));
	if (cut != MH_ZONE_NONE)
		return is_dname ? by_dname(walk, cut) : STEP_OUTSIDE;
	if (is_exact)
		return at_node(walk, zone, node);
	node = wildcard(walk, zone, node);
	return node != MH_ZONE_NONE ? at_node(walk, zone, node) : absent(walk, zone, MH_FACT_NXDOMAIN);
}

/* own_set - the set that answers for a name itself, without an alias or another zone in the way; NULL:
 * there is none */
static struct mh_zones_set *
own_set(const struct mh_zonefile *zones, struct mh_str name, int type)
{
	uint32_t zone = zone_for(zones, name, type);
	uint32_t node = zone != MH_ZONE_NONE ? mh_zones_find(zones, zone, name) : MH_ZONE_NONE;
	bool is_dname;

	if (node == MH_ZONE_NONE ||
	    mh_zones_cut(zones, node, type != MH_RR_DS, false, &is_dname) != MH_ZONE_NONE)
		return NULL;
	if (type != MH_RR_CNAME && mh_zones_set_at(zones, node, MH_RR_CNAME) != NULL)
		return NULL;
	return mh_zones_set_at(zones, node, type);
}

/* share - keeps a set's fact for those who ask later; who comes second takes what is there */
static struct mh_fact *
share(struct mh_zones_set *set, struct mh_fact *fact)
{
	struct mh_fact *there = NULL;
	mh_fact_ref(fact);
	if (atomic_compare_exchange_strong_explicit(&set->fact, &there, fact, memory_order_acq_rel,
		memory_order_acquire))
		return fact;
	mh_fact_unref(fact);
	mh_fact_unref(fact);
	return mh_fact_ref(there);
}

/* fill - the draft by what the zones say; false: nobody's name, and that is not to be answered */
static bool
fill(struct walk *walk, bool is_all)
{
	enum step end = STEP_ON;
	while (end == STEP_ON)
		end = step(walk);
	if (end == STEP_OUTSIDE) {
		if (walk->aliases == 0 && !is_all)
			return false;
		mh_fact_draft_fail(walk->draft, MH_WHY_NOT_IN_ZONE);
	}
	if (walk->aliases > 0) {
		memcpy(walk->draft->canonical, walk->name.p, walk->name.len);
		walk->draft->canonical[walk->name.len] = '\0';
	}
	walk->draft->head.ttl = walk->ttl != UINT32_MAX ? walk->ttl : 0;
	return true;
}

static struct mh_fact *
answer(const struct mh_zonefile *zones, struct mh_str name, int type, bool is_all, int *error)
{
	struct mh_zones_set *set = own_set(zones, name, type);
	struct mh_fact *fact = set != NULL ? atomic_load_explicit(&set->fact, memory_order_acquire) : NULL;
	struct mh_fact_draft draft;
	char room[2][MH_DNAME_TEXT_MAX];
	struct walk walk = { zones, &draft, name, type, 0, UINT32_MAX, room };

	if (fact != NULL)
		return mh_fact_ref(fact);
	if (type == MH_RR_STREAM)
		return NULL; /* zones know DNS */
	mh_fact_draft_init(&draft, &zones->mem);
	mh_fact_draft_begin(&draft, name, type);
	if (fill(&walk, is_all)) {
		fact = mh_fact_make(&zones->mem, &draft);
		if (fact == NULL)
			*error = MH_ERR_ENOMEM;
		else if (set != NULL)
			fact = share(set, fact);
	}
	mh_fact_draft_free(&draft);
	return fact;
}

static struct mh_fact *
answer_own(void *self, struct mh_str name, int type, int *error)
{
	return answer(self, name, type, false, error);
}

static struct mh_fact *
answer_all(void *self, struct mh_str name, int type, int *error)
{
	return answer(self, name, type, true, error);
}

struct mh_source
mh_zonefile_source(struct mh_zonefile *zones, bool is_all)
{
	return (struct mh_source){ is_all ? answer_all : answer_own, zones, !is_all };
}
