/* zone_store.h - what is known of zones: names, sets of records, and where zones begin
 *
 * Every zone has its own names, so that what a zone above says at or below a
 * delegation does not mix with the data of the zone below.  A name is there
 * with all names between it and its zone's apex (RFC 8020).
 */
#ifndef MH_ZONE_STORE_H
#define MH_ZONE_STORE_H

#include <stdatomic.h>

#include "fact.h"
#include "map.h"
#include "zone.h"

#define MH_ZONE_NONE UINT32_MAX
#define MH_ZONE_RECORDS_MAX 2000000
#define MH_ZONE_NAMES_MAX 8000000 /* those between are counted too */
#define MH_ZONE_TYPES_MAX 128 /* at one name */
#define MH_ZONE_OCTETS_MAX ((size_t)512 << 20) /* names and data of records */

struct mh_zones_record {
	const unsigned char *rdata;
	uint32_t node, next; /* next: of the same set */
	uint32_t ttl;
	uint16_t type, len;
};

/* All records of one name and type; none if all of them are on lines that cannot be read. */
struct mh_zones_set {
	uint32_t next; /* set of the same name */
	uint32_t first, last, count; /* records */
	uint32_t ttl; /* the least of theirs (RFC 2181 5.2) */
	uint16_t type;
	_Atomic(struct mh_fact *) fact; /* made once, for the name itself; NULL until then */
};

struct mh_zones_node {
	struct mh_str name; /* canonical */
	uint32_t next; /* another name of the same hash */
	uint32_t parent; /* MH_ZONE_NONE at the apex */
	uint32_t zone;
	uint32_t sets; /* the first; MH_ZONE_NONE: nothing but names below it */
};

struct mh_zones_apex {
	struct mh_str name; /* canonical */
	struct mh_str file;
	uint32_t node, next; /* next: another apex of the same hash */
};

struct mh_zonefile {
	struct mh_mem mem;
	struct mh_arena arena; /* names and data of records */
	struct mh_zones_record *records;
	struct mh_zones_set *sets;
	struct mh_zones_node *nodes;
	struct mh_zones_apex *zones;
	uint32_t records_count, records_cap, sets_count, sets_cap, nodes_count, nodes_cap, zones_count,
	    zones_cap;
	struct mh_map by_name, by_apex; /* nodes and zones */
	struct mh_map by_rdata; /* records, to know those that are there already */
};

/* mh_zones_keep - octets in the zones' memory; NULL without memory */
void *mh_zones_keep(struct mh_zonefile *zones, const void *p, size_t len);
/* mh_zones_apex_at - the zone whose apex is this canonical name, or MH_ZONE_NONE */
uint32_t mh_zones_apex_at(const struct mh_zonefile *zones, struct mh_str name);
/* mh_zones_apex_make - the same, made if there is none; name and file are kept by the caller.
 * MH_ZONE_NONE: no memory */
uint32_t mh_zones_apex_make(struct mh_zonefile *zones, struct mh_str name, struct mh_str file);
/* mh_zones_covering - the deepest zone that name is in, or MH_ZONE_NONE */
uint32_t mh_zones_covering(const struct mh_zonefile *zones, struct mh_str name);
/* mh_zones_find - the name in a zone, or MH_ZONE_NONE */
uint32_t mh_zones_find(const struct mh_zonefile *zones, uint32_t zone, struct mh_str name);
/* mh_zones_closest - the name itself or the nearest one above it that is there (the closest encloser of
 * RFC 4592 3.3.1), name being in the zone */
uint32_t mh_zones_closest(const struct mh_zonefile *zones, uint32_t zone, struct mh_str name);
/* mh_zones_set_at - the set of a type at a name, with a record at least, or NULL */
struct mh_zones_set *mh_zones_set_at(const struct mh_zonefile *zones, uint32_t node, int type);
/* mh_zones_is_bad - whether the name has records of the type, but none that can be read */
bool mh_zones_is_bad(const struct mh_zonefile *zones, uint32_t node, int type);
/* mh_zones_cut - the topmost name from node up to the apex that ends what the zone says: another zone begins
 * there (NS, not at the apex), or another name takes over for all below (DNAME); *is_dname tells which.
 * MH_ZONE_NONE: there is none.  ns_counts and dname_counts: whether such records at node itself count. */
uint32_t mh_zones_cut(const struct mh_zonefile *zones, uint32_t node, bool ns_counts, bool dname_counts,
    bool *is_dname);

enum mh_zones_added {
	MH_ZONE_ADDED,
	MH_ZONE_TWICE, /* the same record is there */
	MH_ZONE_FULL, /* more than is kept */
	MH_ZONE_NO_MEMORY,
};
/* mh_zones_add_bad - at this name of the zone there is a record of this type that cannot be read */
enum mh_zones_added mh_zones_add_bad(struct mh_zonefile *zones, uint32_t zone, struct mh_str name, int type);
/* mh_zones_add - one record at a name of the zone; name and rdata are kept by the caller */
enum mh_zones_added mh_zones_add(struct mh_zonefile *zones, uint32_t zone, struct mh_str name,
    const struct mh_zones_record *record, uint32_t *node);

#endif
