/* map.c - hashes, and a map from a 64-bit key to a small number
 *
 * The hash takes eight octets at a time through a multiplication and folds the
 * high half of the product back in.  It is made for speed over logs and stays
 * inside one process: nothing is stored by it.
 */
#include "map.h"

#include "port.h"

#define FIRST 0x9e3779b97f4a7c15u
#define SECOND 0xd6e8feb86659fd93u

static inline uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * SECOND;
	return hash ^ hash >> 32;
}

/* last_of - the octets that are left, fewer than eight */
static inline uint64_t
last_of(const char *p, size_t len)
{
	uint64_t word = 0;
	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return word;
}

static inline uint64_t
ended(uint64_t hash)
{
	hash = mix(hash * FIRST, hash >> 29);
	return hash != 0 ? hash : 1;
}

uint64_t
mh_hash(struct mh_str s, uint64_t seed)
{
	uint64_t hash = mix(seed ^ FIRST, s.len);
	size_t i = 0;
	for (; i + 8 <= s.len; i += 8)
		hash = mix(hash, mh_load64(s.p + i));
	return ended(mix(hash, last_of(s.p + i, s.len - i)));
}

uint64_t
mh_hash_lower(struct mh_str s, uint64_t seed)
{
	char lower[255];
	size_t len = s.len < sizeof(lower) ? s.len : sizeof(lower);
	for (size_t i = 0; i < len; i++)
		lower[i] = mh_lower(s.p[i]);
	return mh_hash(mh_str_n(lower, len), seed);
}

uint64_t
mh_hash_number(uint64_t number, uint64_t seed)
{
	return ended(mix(seed ^ FIRST, number));
}

struct mh_map_slot {
	uint64_t key; /* 0: empty */
	uint32_t value;
};

void
mh_map_init(struct mh_map *map, const struct mh_mem *mem)
{
	*map = (struct mh_map){ .mem = *mem };
}

void
mh_map_free(struct mh_map *map)
{
	if (map->slots != NULL)
		mh_mem_free(&map->mem, map->slots, map->cap * sizeof(*map->slots));
	map->slots = NULL;
	map->cap = map->count = 0;
}

/* place_of - where key stands or would stand; there is always an empty slot */
static uint32_t
place_of(const struct mh_map *map, uint64_t key)
{
	uint32_t i = (uint32_t)(key >> 32) & (map->cap - 1);
	while (map->slots[i].key != 0 && map->slots[i].key != key)
		i = (i + 1) & (map->cap - 1);
	return i;
}

uint32_t
mh_map_get(const struct mh_map *map, uint64_t key)
{
	if (map->cap == 0)
		return MH_MAP_NONE;
	const struct mh_map_slot *slot = &map->slots[place_of(map, key)];
	return slot->key == key ? slot->value : MH_MAP_NONE;
}

static bool
grow(struct mh_map *map)
{
	struct mh_map bigger = *map;
	bigger.cap = map->cap == 0 ? 64 : map->cap * 2;
	if (bigger.cap < map->cap)
		return false;
	bigger.slots = mh_mem_zalloc(&map->mem, bigger.cap * sizeof(*bigger.slots));
	if (bigger.slots == NULL)
		return false;
	for (uint32_t i = 0; i < map->cap; i++)
		if (map->slots[i].key != 0)
			bigger.slots[place_of(&bigger, map->slots[i].key)] = map->slots[i];
	mh_map_free(map);
	*map = bigger;
	return true;
}

bool
mh_map_put(struct mh_map *map, uint64_t key, uint32_t value)
{
	if (map->count >= map->cap / 4 * 3 && !grow(map))
		return false;
	map->slots[place_of(map, key)] = (struct mh_map_slot){ key, value };
	map->count++;
	return true;
}
