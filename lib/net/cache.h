/* cache.h - facts for as long as their TTL lets them live, in bounded memory
 *
 * The oldest in use go first.  Facts are shared with the works that have them.
 */
#ifndef MH_CACHE_H
#define MH_CACHE_H

#include "fact.h"

struct mh_cache_entry;
struct mh_cache {
	struct mh_mem mem;
	struct mh_cache_entry **buckets;
	struct mh_cache_entry *newest, *oldest;
	uint32_t buckets_count, count; /* buckets_count: a power of two, or 0 */
	size_t octets, octets_max;
};

void mh_cache_init(struct mh_cache *cache, const struct mh_mem *mem, size_t octets_max);
void mh_cache_free(struct mh_cache *cache);
/* mh_cache_get - a new reference, or NULL: it is not there, or no longer */
struct mh_fact *mh_cache_get(struct mh_cache *cache, uint64_t hash, struct mh_str name, int type,
    int64_t now_ms);
/* mh_cache_put - keeps a reference of its own for ttl_ms; without memory it keeps nothing */
void mh_cache_put(struct mh_cache *cache, struct mh_fact *fact, int64_t ttl_ms, int64_t now_ms);

#endif
