/* timers.h - what is due next: a heap of timers that live in what they are for */
#ifndef MH_TIMERS_H
#define MH_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"

struct mh_timer {
	int64_t at_ms;
	uint32_t place; /* in the heap, from 1; 0: not in it */
	int kind; /* of what it is part of */
};

struct mh_timers {
	struct mh_mem mem;
	struct mh_timer **heap; /* heap[0] is due first */
	uint32_t count, cap, promised;
};

void mh_timers_init(struct mh_timers *timers, const struct mh_mem *mem);
void mh_timers_free(struct mh_timers *timers);
/* mh_timers_promise - room for one timer more, so that setting it never fails; false without memory
 * mh_timers_release - that timer will not be set any more */
bool mh_timers_promise(struct mh_timers *timers);
void mh_timers_release(struct mh_timers *timers);
void mh_timers_set(struct mh_timers *timers, struct mh_timer *timer, int64_t at_ms); /* again is fine */
void mh_timers_drop(struct mh_timers *timers, struct mh_timer *timer); /* not set is fine */
struct mh_timer *mh_timers_first(const struct mh_timers *timers); /* NULL: none */

#endif
