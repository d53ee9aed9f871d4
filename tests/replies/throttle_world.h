/* throttle_world.h - a sender, a receiver that may count, and what passes between them
 *
 * A world is made of a seed: who sends how much and when, how deferred mail is
 * tried again, how the receiver counts (or what else makes it defer), and what
 * the log loses.  Running it gives the deliveries as a log would show them.
 * The same seed gives the same world everywhere.
 */
#ifndef THROTTLE_WORLD_H
#define THROTTLE_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world_random {
	uint64_t state;
};

/* splitmix64 */
static inline uint64_t
world_u64(struct world_random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* world_below - from 0 to n - 1 */
static inline uint32_t
world_below(struct world_random *random, uint32_t n)
{
	return n == 0 ? 0 : (uint32_t)((world_u64(random) >> 32) * n >> 32);
}

static inline int64_t
world_between(struct world_random *random, int64_t least, int64_t most)
{
	return least + (int64_t)(world_u64(random) % (uint64_t)(most - least + 1));
}

/* world_chance - true so many times in 1000 */
static inline bool
world_chance(struct world_random *random, uint32_t per_mille)
{
	return world_below(random, 1000) < per_mille;
}

/* clang-format off */
#define WORLD_COUNTERS(X) X(CALENDAR, "calendar") X(FIRST, "from the first") X(SLIDING, "sliding")
#define WORLD_FREE(X) \
	X(CALM, "calm") X(OUTAGES, "outages") X(GREYLIST, "greylisting") X(SHARE, "a share") \
	X(SHARE_BY_DAY, "a share by day") X(BUSY_HOURS, "busy hours") X(BAD_DAY, "a bad day") \
	X(BURSTS, "bursts of connections") X(LAST_ONE, "the last one of a day") \
	X(UNTIL_MIDNIGHT, "until midnight") X(BLOCKED_DAYS, "blocks of hours")
#define WORLD_FLOWS(X) \
	X(OFFICE, "office hours") X(ROUND_THE_CLOCK, "round the clock") X(BATCHES, "newsletters") X(MIXED, "mixed") \
	X(CONSTANT, "the same every day") X(EVEN, "evenly")
#define WORLD_RETRIES(X) X(POSTFIX, "postfix") X(EXIM, "exim") X(SENDMAIL, "sendmail")
#define X(name, text) WORLD_##name,
enum world_counter { WORLD_COUNTERS(X) WORLD_COUNTER_COUNT };
enum world_free { WORLD_FREE(X) WORLD_FREE_COUNT };
enum world_flow { WORLD_FLOWS(X) WORLD_FLOW_COUNT };
enum world_retry { WORLD_RETRIES(X) WORLD_RETRY_COUNT };
#undef X
/* clang-format on */

struct world {
	uint64_t seed; /* of what is drawn while it runs */
	int64_t begin; /* midnight UTC */
	int32_t days;
	/* sender */
	int flow; /* enum world_flow */
	int retry; /* enum world_retry */
	uint32_t volume; /* messages on a usual day */
	uint32_t vary; /* per mille by which days differ */
	uint32_t batch; /* messages of a newsletter */
	uint32_t batch_pace; /* per minute */
	uint32_t growth; /* per mille and day */
	bool weekends; /* are quiet */
	/* receiver */
	bool limited;
	int counter; /* enum world_counter, if limited */
	uint32_t limit, per_s;
	int32_t phase_s; /* where calendar windows begin */
	int free; /* enum world_free, if not */
	uint32_t share; /* per mille: what free asks for */
	int32_t from_s, to_s; /* of the day: busy hours */
	/* noise, per mille */
	uint32_t strays; /* deferred for no reason */
	uint32_t leaks; /* accepted over the limit, of the limit and in each window */
	uint32_t others; /* windows in which others use the address */
	uint32_t resets; /* windows in which the counter is reset once */
	uint32_t disorder; /* deliveries logged late, by up to 30 seconds */
	int32_t lost_days; /* days the log has lost */
	int32_t lost_hours; /* at its beginning */
};

enum { WORLD_ACCEPTED, WORLD_LIMITED, WORLD_OTHER };

struct world_event {
	int64_t t;
	uint32_t message; /* from 0 */
	uint16_t attempt; /* from 0 */
	uint16_t what;
};

/* world_make - a world of a kind that the seed draws; noise: per mille of the usual */
void world_make(struct world *world, uint64_t seed, bool limited, uint32_t noise);
/* world_make_limit - a world with this limit; days 0: drawn */
void world_make_limit(struct world *world, uint64_t seed, uint32_t limit, uint32_t per_s, int32_t days,
    uint32_t noise);
/* world_run - the deliveries as the log has them; free() the list; exits without memory */
struct world_event *world_run(const struct world *world, size_t *count);
/* world_tell - one line about a world for who looks for misses */
void world_tell(const struct world *world, char *to, size_t cap);

#endif
