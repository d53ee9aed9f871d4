/* rules_buckets.c - things into buckets, each into one of its two
 *
 * Cuckoo hashing: who finds both buckets full puts somebody out, who then goes
 * to his other one.  So a look-up never looks further than two places, however
 * full the table is; at 19 of 20 places taken it still works out.
 */
#include "builder.h"

#include "error.h"

#define KICKS 2000

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

/* settle_in - item, and whoever it puts out, into some bucket; false if it does not work out */
static bool
settle_in(const struct buckets *buckets, uint32_t item, uint32_t *owner, uint32_t *seed)
{
	uint32_t places = buckets->places, home[2], from = NONE;
	for (uint32_t kick = 0; kick < KICKS; kick++) {
		buckets->home(buckets->ud, item, buckets->count, home);
		for (uint32_t i = 0; i < 2 * places; i++) {
			uint32_t at = home[i / places] * places + i % places;
			if (owner[at] == NONE) {
				owner[at] = item;
				return true;
			}
		}
		uint32_t bucket = home[home[0] == from];
		uint32_t at = bucket * places + next_random(seed) % places;
		uint32_t out = owner[at];
		owner[at] = item;
		item = out;
		from = bucket;
	}
	return false;
}

int
mh_build_buckets(struct build *b, struct buckets *buckets, uint32_t items, uint32_t least)
{
	buckets->count = items / buckets->places * 20 / 19 + 1;
	if (buckets->count < least)
		buckets->count = least;
	/* Things that share both buckets whatever their number never fit: words made to have one hash. */
	uint32_t most = buckets->count * 4 + 64;
	for (; buckets->count < most; buckets->count += buckets->count / 50 + 1) {
		uint32_t seed = 1, room = buckets->count * buckets->places, done = 0;
		buckets->owner = mh_arena_alloc(b->arena, room * sizeof(uint32_t));
		if (buckets->owner == NULL)
			return MH_ERR_ENOMEM;
		memset(buckets->owner, 0xff, room * sizeof(uint32_t));
		while (done < items && settle_in(buckets, done, buckets->owner, &seed))
			done++;
		if (done == items)
			return MH_ERR_OK;
	}
	return mh_build_full(b, "two words have one hash");
}
