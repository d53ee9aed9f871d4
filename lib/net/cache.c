/* cache.c - facts for as long as their TTL lets them live
 *
 * A hash table with chains, its entries in a list by last use.  Expired facts
 * are found when they are looked for, or go as the oldest do.
 */
#include "cache.h"

#define BUCKETS_FIRST 256

struct mh_cache_entry {
	struct mh_cache_entry *next; /* in the bucket */
	struct mh_cache_entry *newer, *older;
	struct mh_fact *fact;
	int64_t expires_ms;
};

void
mh_cache_init(struct mh_cache *cache, const struct mh_mem *mem, size_t octets_max)
{
	*cache = (struct mh_cache){ .mem = *mem, .octets_max = octets_max };
}

static struct mh_cache_entry **
bucket(const struct mh_cache *cache, uint64_t hash)
{
	return &cache->buckets[hash & (cache->buckets_count - 1)];
}

static void
unlink_use(struct mh_cache *cache, struct mh_cache_entry *entry)
{
	*(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
	*(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void
link_newest(struct mh_cache *cache, struct mh_cache_entry *entry)
{
	entry->newer = NULL;
	entry->older = cache->newest;
	*(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
	cache->newest = entry;
}

static size_t
octets_of(const struct mh_cache_entry *entry)
{
	return sizeof(*entry) + entry->fact->size;
}

static void
drop(struct mh_cache *cache, struct mh_cache_entry *entry)
{
	struct mh_cache_entry **at = bucket(cache, entry->fact->hash);
	while (*at != entry)
		at = &(*at)->next;
	*at = entry->next;
	unlink_use(cache, entry);
	cache->octets -= octets_of(entry);
	cache->count--;
	mh_fact_unref(entry->fact);
	mh_mem_free(&cache->mem, entry, sizeof(*entry));
}

void
mh_cache_free(struct mh_cache *cache)
{
	while (cache->oldest != NULL)
		drop(cache, cache->oldest);
	mh_mem_free(&cache->mem, cache->buckets, cache->buckets_count * sizeof(*cache->buckets));
	cache->buckets = NULL;
	cache->buckets_count = 0;
}

static struct mh_cache_entry *
find(const struct mh_cache *cache, uint64_t hash, struct mh_str name, int type)
{
	struct mh_cache_entry *entry = cache->buckets_count > 0 ? *bucket(cache, hash) : NULL;
	while (entry != NULL &&
	    (entry->fact->hash != hash || entry->fact->type != type || !mh_str_eq(entry->fact->name, name)))
		entry = entry->next;
	return entry;
}

struct mh_fact *
mh_cache_get(struct mh_cache *cache, uint64_t hash, struct mh_str name, int type, int64_t now_ms)
{
	struct mh_cache_entry *entry = find(cache, hash, name, type);
	if (entry == NULL)
		return NULL;
	if (entry->expires_ms <= now_ms) {
		drop(cache, entry);
		return NULL;
	}
	unlink_use(cache, entry);
	link_newest(cache, entry);
	return mh_fact_ref(entry->fact);
}

/* grow - twice the buckets when chains get long; false if there are none at all */
static bool
grow(struct mh_cache *cache)
{
	if (cache->count < cache->buckets_count)
		return true;
	uint32_t count = cache->buckets_count > 0 ? cache->buckets_count * 2 : BUCKETS_FIRST;
	struct mh_cache_entry **buckets = mh_mem_zalloc(&cache->mem, count * sizeof(*buckets));
	if (buckets == NULL)
		return cache->buckets_count > 0;
	mh_mem_free(&cache->mem, cache->buckets, cache->buckets_count * sizeof(*cache->buckets));
	cache->buckets = buckets;
	cache->buckets_count = count;
	for (struct mh_cache_entry *entry = cache->oldest; entry != NULL; entry = entry->newer) {
		struct mh_cache_entry **at = bucket(cache, entry->fact->hash);
		entry->next = *at;
		*at = entry;
	}
	return true;
}

void
mh_cache_put(struct mh_cache *cache, struct mh_fact *fact, int64_t ttl_ms, int64_t now_ms)
{
	struct mh_cache_entry *entry = find(cache, fact->hash, fact->name, fact->type);
	if (entry != NULL)
		drop(cache, entry);
	if (ttl_ms <= 0 || sizeof(*entry) + fact->size > cache->octets_max || !grow(cache))
		return;
	while (cache->octets + sizeof(*entry) + fact->size > cache->octets_max)
		drop(cache, cache->oldest);
	entry = mh_mem_alloc(&cache->mem, sizeof(*entry));
	if (entry == NULL)
		return;
	struct mh_cache_entry **at = bucket(cache, fact->hash);
	*entry =
	    (struct mh_cache_entry){ .next = *at, .fact = mh_fact_ref(fact), .expires_ms = now_ms + ttl_ms };
	*at = entry;
	link_newest(cache, entry);
	cache->octets += octets_of(entry);
	cache->count++;
}
