/* score_throttle.c - how often a limit is inferred rightly from generated deliveries
 *
 *	score_throttle [--sets N] [--seed S] [--noise PER_MILLE] [--misses]
 *
 * A set is 40 worlds with a limit and 40 without.  Right: within 10 percent of
 * the limit, and in the right time.  False: anything for a world without a
 * limit.  --misses tells of each that is not right.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../replies/throttle_world.h"
#include "error.h"
#include "throttle.h"

enum { WORLDS = 40 };

static void *
measured(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	size_t *now = ud;
	now[0] += new_size - old_size;
	now[1] = now[0] > now[1] ? now[0] : now[1];
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

static bool
infer(const struct world *world, struct mh_throttle *out, size_t *octets, size_t *events)
{
	size_t use[2] = { 0, 0 };
	struct mh_mem mem = { measured, use };
	struct world_event *list = world_run(world, events);
	struct mh_throttle_series *series = mh_throttle_make(&mem);
	if (series == NULL)
		return false;
	for (size_t i = 0; i < *events; i++)
		if (mh_throttle_add(series, list[i].t, list[i].what) != MH_ERR_OK)
			return false;
	bool good = mh_throttle_infer(series, 0, out) == MH_ERR_OK;
	mh_throttle_free(series);
	free(list);
	*octets = use[1] > *octets ? use[1] : *octets;
	return good;
}

int
main(int argc, char **argv)
{
	uint64_t seed = 1, sets = 1, right_all = 0, wrong_all = 0, false_all = 0, most_events = 0;
	uint32_t noise = 1000;
	size_t octets = 0;
	bool misses = false;
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;
		if (strcmp(argv[i], "--misses") == 0)
			misses = true;
		else if (strcmp(argv[i], "--sets") == 0 && more)
			sets = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--seed") == 0 && more)
			seed = strtoull(argv[++i], NULL, 10);
		else if (strcmp(argv[i], "--noise") == 0 && more)
			noise = (uint32_t)strtoul(argv[++i], NULL, 10);
		else
			return fputs("score_throttle [--sets N] [--seed S] [--noise PER_MILLE] [--misses]\n",
				   stderr),
			       64;
	}
	unsigned worst = WORLDS;
	for (uint64_t set = 0; set < sets; set++) {
		unsigned right = 0, wrong = 0, untrue = 0;
		for (uint64_t k = 0; k < 2 * (uint64_t)WORLDS; k++) {
			struct world world;
			struct mh_throttle out;
			size_t events;
			char told[400];
			uint64_t of = (seed + set) * 1000 + k;
			world_make(&world, of, k < WORLDS, noise);
			if (!infer(&world, &out, &octets, &events))
				return fputs("out of memory\n", stderr), 70;
			most_events = events > most_events ? events : most_events;
			bool good = world.limited ? out.per_s == world.per_s &&
				llabs(out.accepted - world.limit) * 10 <= world.limit
						  : out.accepted == 0;
			if (world.limited) {
				right += good;
				wrong += !good && out.accepted != 0;
			} else {
				untrue += !good;
			}
			if (good || !misses)
				continue;
			world_tell(&world, told, sizeof(told));
			printf("%s %" PRIu64 ": %s (%zu events)\n\tsaid %" PRId64 " per %" PRId64
			       " (%d) %s\n",
			    !world.limited          ? "false"
				: out.accepted == 0 ? "miss"
						    : "wrong",
			    of, told, events, out.accepted, out.per_s, out.confidence, out.evidence);
		}
		worst = right < worst ? right : worst;
		right_all += right;
		wrong_all += wrong;
		false_all += untrue;
		if (sets <= 10)
			printf("%u of %d right, %u wrong, %u false of %d\n", right, WORLDS, wrong, untrue,
			    WORLDS);
	}
	printf("%" PRIu64 " sets: %.1f of %d right (worst %u), %" PRIu64 " wrong of %" PRIu64 ", %" PRIu64
	       " false of %" PRIu64 "; at most %zu octets a series, %" PRIu64 " deliveries\n",
	    sets, (double)right_all / (double)sets, WORLDS, worst, wrong_all, sets * WORLDS, false_all,
	    sets * WORLDS, octets, most_events);
	return 0;
}
