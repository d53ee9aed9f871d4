/* map.h - hashes, and a map from a 64-bit key to a small number
 *
 * A key is a hash of what it stands for, and taken for it: two things of one
 * key are one thing to the map.  Among a million things that happens by chance
 * once in 40 million maps.
 */
#ifndef MH_MAP_H
#define MH_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"
#include "str.h"

/* mh_hash - of octets; the same on every machine.  seed: another hash, to go on from it; never gives 0 */
uint64_t mh_hash(struct mh_str s, uint64_t seed);
/* mh_hash_lower - the same for all ways to write ASCII letters; s is cut at 255 octets */
uint64_t mh_hash_lower(struct mh_str s, uint64_t seed);
/* mh_hash_number - a number mixed into another hash */
uint64_t mh_hash_number(uint64_t number, uint64_t seed);

struct mh_map_slot;
struct mh_map {
	struct mh_mem mem;
	struct mh_map_slot *slots;
	uint32_t cap, count; /* cap: a power of two, or 0 */
};

#define MH_MAP_NONE UINT32_MAX

void mh_map_init(struct mh_map *map, const struct mh_mem *mem);
void mh_map_free(struct mh_map *map);
/* mh_map_get - the number that stands at key, or MH_MAP_NONE; key is not 0 */
uint32_t mh_map_get(const struct mh_map *map, uint64_t key);
/* mh_map_put - key is not there yet; false without memory, and then the map is as it was */
bool mh_map_put(struct mh_map *map, uint64_t key, uint32_t value);

#endif
