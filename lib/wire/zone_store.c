/* zone_store.c - names, sets and zones, found by hashes
 *
 * Names between a record's owner and the apex share the owner's text: they are
 * the ends of it.  What a hash finds is compared, so that no name that somebody
 * makes up is taken for another.
 *
 * Does not: judge what stands together (zone_read.c), or answer (zone.c).
 */
#include "zone_store.h"

#include "error.h"
#include "port.h"

struct mh_zonefile *
mh_zonefile_make(const struct mh_mem *mem)
{
	struct mh_zonefile *zones = mh_mem_zalloc(mem, sizeof(*zones));
	if (zones == NULL)
		return NULL;
	zones->mem = *mem;
	mh_arena_init(&zones->arena, &zones->mem, 0);
	mh_map_init(&zones->by_name, &zones->mem);
	mh_map_init(&zones->by_apex, &zones->mem);
	mh_map_init(&zones->by_rdata, &zones->mem);
	return zones;
}

/* forget - drops the fact that was made of a set */
static void
forget(struct mh_zones_set *set)
{
	mh_fact_unref(atomic_load_explicit(&set->fact, memory_order_acquire));
	atomic_store_explicit(&set->fact, NULL, memory_order_relaxed);
}

void
mh_zonefile_free(struct mh_zonefile *zones)
{
	if (zones == NULL)
		return;
	struct mh_mem mem = zones->mem;
	for (uint32_t i = 0; i < zones->sets_count; i++)
		forget(&zones->sets[i]);
	mh_mem_free(&mem, zones->records, zones->records_cap * sizeof(*zones->records));
	mh_mem_free(&mem, zones->sets, zones->sets_cap * sizeof(*zones->sets));
	mh_mem_free(&mem, zones->nodes, zones->nodes_cap * sizeof(*zones->nodes));
	mh_mem_free(&mem, zones->zones, zones->zones_cap * sizeof(*zones->zones));
	mh_map_free(&zones->by_name);
	mh_map_free(&zones->by_apex);
	mh_map_free(&zones->by_rdata);
	mh_arena_free(&zones->arena);
	mh_mem_free(&mem, zones, sizeof(*zones));
}

size_t
mh_zonefile_count(const struct mh_zonefile *zones)
{
	return zones->records_count;
}

bool
mh_zonefile_at(const struct mh_zonefile *zones, size_t i, struct mh_str *name, int *type, uint32_t *ttl,
    struct mh_rr *rr)
{
	if (i >= zones->records_count)
		return false;
	const struct mh_zones_record *record = &zones->records[i];
	*name = zones->nodes[record->node].name;
	*type = record->type;
	*ttl = record->ttl;
	*rr = (struct mh_rr){ record->rdata, record->len };
	return true;
}

void *
mh_zones_keep(struct mh_zonefile *zones, const void *p, size_t len)
{
	char *kept = mh_arena_alloc(&zones->arena, len + 1);
	if (kept == NULL)
		return NULL;
	if (len > 0)
		memcpy(kept, p, len);
	kept[len] = '\0';
	return kept;
}

/* room - the array, moved if need be, with room for one more of size octets; NULL without memory */
static void *
room(const struct mh_mem *mem, void *array, size_t size, uint32_t count, uint32_t *cap)
{
	if (count < *cap)
		return array;
	uint32_t more = *cap > 0 ? *cap * 2 : 16;
	void *moved = mh_mem_resize(mem, array, *cap * size, more * size);
	if (moved != NULL)
		*cap = more;
	return moved;
}

/* more_records, more_sets, more_nodes, more_zones - room for one more of them; false without memory */
#define MORE_OF(what) \
	static bool more_##what(struct mh_zonefile *zones) \
	{ \
		void *moved = room(&zones->mem, zones->what, sizeof(*zones->what), zones->what##_count, \
		    &zones->what##_cap); \
		if (moved != NULL) \
			zones->what = moved; \
		return moved != NULL; \
	}
MORE_OF(records)
MORE_OF(sets)
MORE_OF(nodes)
MORE_OF(zones)

/* -------------------------------------------------------------------- zones */

uint32_t
mh_zones_apex_at(const struct mh_zonefile *zones, struct mh_str name)
{
	uint32_t at = mh_map_get(&zones->by_apex, mh_hash(name, 0));
	while (at != MH_ZONE_NONE && !mh_str_eq(zones->zones[at].name, name))
		at = zones->zones[at].next;
	return at;
}

uint32_t
mh_zones_covering(const struct mh_zonefile *zones, struct mh_str name)
{
	uint32_t at = MH_ZONE_NONE;
	for (; name.len > 0 && at == MH_ZONE_NONE; name = mh_dname_parent(name))
		at = mh_zones_apex_at(zones, name);
	return at;
}

/* -------------------------------------------------------------------- names */

static uint64_t
name_hash(uint32_t zone, struct mh_str name)
{
	return mh_hash(name, (uint64_t)zone + 1);
}

uint32_t
mh_zones_find(const struct mh_zonefile *zones, uint32_t zone, struct mh_str name)
{
	uint32_t at = mh_map_get(&zones->by_name, name_hash(zone, name));
	while (
	    at != MH_ZONE_NONE && (zones->nodes[at].zone != zone || !mh_str_eq(zones->nodes[at].name, name)))
		at = zones->nodes[at].next;
	return at;
}

uint32_t
mh_zones_closest(const struct mh_zonefile *zones, uint32_t zone, struct mh_str name)
{
	uint32_t at = MH_ZONE_NONE;
	for (; name.len > 0 && at == MH_ZONE_NONE; name = mh_dname_parent(name))
		at = mh_zones_find(zones, zone, name);
	return at;
}

/* make_node - a name that is not there yet; MH_ZONE_NONE: no memory */
static uint32_t
make_node(struct mh_zonefile *zones, uint32_t zone, struct mh_str name)
{
	uint64_t hash = name_hash(zone, name);
	uint32_t same = mh_map_get(&zones->by_name, hash), at = zones->nodes_count;

	if (!more_nodes(zones))
		return MH_ZONE_NONE;
	if (same == MH_ZONE_NONE && !mh_map_put(&zones->by_name, hash, at))
		return MH_ZONE_NONE;
	zones->nodes[zones->nodes_count++] = (struct mh_zones_node){ .name = name,
		.next = same != MH_ZONE_NONE ? zones->nodes[same].next : MH_ZONE_NONE,
		.parent = MH_ZONE_NONE,
		.zone = zone,
		.sets = MH_ZONE_NONE };
	if (same != MH_ZONE_NONE)
		zones->nodes[same].next = at;
	return at;
}

/* node_of - a name of the zone, made with all that are between it and the apex; MH_ZONE_NONE: no memory.
 * A name whose parent is missing hangs nowhere until the next call for it; it cannot be the apex. */
static uint32_t
node_of(struct mh_zonefile *zones, uint32_t zone, struct mh_str name)
{
	uint32_t found = mh_zones_find(zones, zone, name), child = found, first = found;

	while (child == MH_ZONE_NONE ||
	    (zones->nodes[child].parent == MH_ZONE_NONE && child != zones->zones[zone].node)) {
		if (child == MH_ZONE_NONE) {
			child = make_node(zones, zone, name);
			if (child == MH_ZONE_NONE)
				return MH_ZONE_NONE;
		}
		first = first == MH_ZONE_NONE ? child : first;
		name = mh_dname_parent(name);
		uint32_t parent = mh_zones_find(zones, zone, name);
		if (parent == MH_ZONE_NONE)
			parent = make_node(zones, zone, name);
		if (parent == MH_ZONE_NONE)
			return MH_ZONE_NONE;
		zones->nodes[child].parent = parent;
		child = parent;
	}
	return first;
}

uint32_t
mh_zones_apex_make(struct mh_zonefile *zones, struct mh_str name, struct mh_str file)
{
	uint64_t hash = mh_hash(name, 0);
	uint32_t at = mh_zones_apex_at(zones, name), same = mh_map_get(&zones->by_apex, hash);

	if (at != MH_ZONE_NONE)
		return at;
	at = zones->zones_count;
	if (!more_zones(zones))
		return MH_ZONE_NONE;
	/* A node that an earlier call left behind is taken up again. */
	uint32_t node = mh_zones_find(zones, at, name);
	if (node == MH_ZONE_NONE)
		node = make_node(zones, at, name);
	if (node == MH_ZONE_NONE || (same == MH_ZONE_NONE && !mh_map_put(&zones->by_apex, hash, at)))
		return MH_ZONE_NONE;
	zones->zones[zones->zones_count++] = (struct mh_zones_apex){ .name = name,
		.file = file,
		.node = node,
		.next = same != MH_ZONE_NONE ? zones->zones[same].next : MH_ZONE_NONE };
	if (same != MH_ZONE_NONE)
		zones->zones[same].next = at;
	return at;
}

/* --------------------------------------------------------------------- sets */

struct mh_zones_set *
mh_zones_set_at(const struct mh_zonefile *zones, uint32_t node, int type)
{
	for (uint32_t at = zones->nodes[node].sets; at != MH_ZONE_NONE; at = zones->sets[at].next)
		if (zones->sets[at].type == type && zones->sets[at].count > 0)
			return &zones->sets[at];
	return NULL;
}

bool
mh_zones_is_bad(const struct mh_zonefile *zones, uint32_t node, int type)
{
	for (uint32_t at = zones->nodes[node].sets; at != MH_ZONE_NONE; at = zones->sets[at].next)
		if (zones->sets[at].type == type)
			return zones->sets[at].count == 0;
	return false;
}

uint32_t
mh_zones_cut(const struct mh_zonefile *zones, uint32_t node, bool ns_counts, bool dname_counts,
    bool *is_dname)
{
	uint32_t cut = MH_ZONE_NONE;

	*is_dname = false;
	for (; node != MH_ZONE_NONE; node = zones->nodes[node].parent, ns_counts = dname_counts = true) {
		bool is_apex = zones->nodes[node].parent == MH_ZONE_NONE;
		if (!is_apex && ns_counts && mh_zones_set_at(zones, node, MH_RR_NS) != NULL) {
			cut = node;
			*is_dname = false;
		} else if (dname_counts && mh_zones_set_at(zones, node, MH_RR_DNAME) != NULL) {
			cut = node;
			*is_dname = true;
		}
	}
	return cut;
}

/* set_of - the set of a type at a name, made if there is none; full or without memory: no set */
static enum mh_zones_added
set_of(struct mh_zonefile *zones, uint32_t node, int type, struct mh_zones_set **set)
{
	uint32_t *last = &zones->nodes[node].sets;
	unsigned types = 0;

	for (; *last != MH_ZONE_NONE; last = &zones->sets[*last].next, types++) {
		*set = &zones->sets[*last];
		if ((*set)->type == type)
			return MH_ZONE_ADDED;
	}
	if (types == MH_ZONE_TYPES_MAX)
		return MH_ZONE_FULL;
	uint32_t at = zones->sets_count;
	ptrdiff_t place = types > 0 ? *set - zones->sets : -1;
	if (!more_sets(zones))
		return MH_ZONE_NO_MEMORY;
	*set = &zones->sets[zones->sets_count++];
	**set = (struct mh_zones_set){ .next = MH_ZONE_NONE,
		.first = MH_ZONE_NONE,
		.last = MH_ZONE_NONE,
		.ttl = UINT32_MAX,
		.type = (uint16_t)type };
	atomic_init(&(*set)->fact, NULL);
	if (place >= 0)
		zones->sets[place].next = at;
	else
		zones->nodes[node].sets = at;
	return MH_ZONE_ADDED;
}

enum mh_zones_added
mh_zones_add_bad(struct mh_zonefile *zones, uint32_t zone, struct mh_str name, int type)
{
	struct mh_zones_set *set = NULL;

	if (zones->nodes_count >= MH_ZONE_NAMES_MAX)
		return MH_ZONE_FULL;
	uint32_t node = node_of(zones, zone, name);
	return node != MH_ZONE_NONE ? set_of(zones, node, type, &set) : MH_ZONE_NO_MEMORY;
}

/* is_there - whether the name has this very record */
static bool
is_there(const struct mh_zonefile *zones, uint64_t hash, uint32_t node, const struct mh_zones_record *record)
{
	uint32_t at = mh_map_get(&zones->by_rdata, hash);
	if (at == MH_MAP_NONE)
		return false;
	const struct mh_zones_record *other = &zones->records[at];
	return other->node == node && other->type == record->type && other->len == record->len &&
	    memcmp(other->rdata, record->rdata, record->len) == 0;
}

/* lower_ttl - the set has changed, and its TTL is ttl at the most */
static void
lower_ttl(struct mh_zones_set *set, uint32_t ttl)
{
	set->ttl = ttl < set->ttl ? ttl : set->ttl;
	forget(set);
}

enum mh_zones_added
mh_zones_add(struct mh_zonefile *zones, uint32_t zone, struct mh_str name,
    const struct mh_zones_record *record, uint32_t *node)
{
	struct mh_zones_set *set = NULL;
	uint32_t at = zones->records_count;

	if (at == MH_ZONE_RECORDS_MAX || zones->nodes_count >= MH_ZONE_NAMES_MAX)
		return MH_ZONE_FULL;
	*node = node_of(zones, zone, name);
	if (*node == MH_ZONE_NONE)
		return MH_ZONE_NO_MEMORY;
	uint64_t hash = mh_hash(mh_str_n((const char *)record->rdata, record->len),
	    mh_hash_number((uint64_t)*node << 16 | record->type, 0));
	if (is_there(zones, hash, *node, record)) {
		lower_ttl(mh_zones_set_at(zones, *node, record->type), record->ttl);
		return MH_ZONE_TWICE;
	}
	if (!more_records(zones))
		return MH_ZONE_NO_MEMORY;
	enum mh_zones_added added = set_of(zones, *node, record->type, &set);
	if (added != MH_ZONE_ADDED)
		return added;
	if (mh_map_get(&zones->by_rdata, hash) == MH_MAP_NONE && !mh_map_put(&zones->by_rdata, hash, at))
		return MH_ZONE_NO_MEMORY;
	zones->records[at] = *record;
	zones->records[at].node = *node;
	zones->records[at].next = MH_ZONE_NONE;
	zones->records_count++;
	if (set->count++ == 0)
		set->first = at;
	else
		zones->records[set->last].next = at;
	set->last = at;
	lower_ttl(set, record->ttl);
	return MH_ZONE_ADDED;
}
