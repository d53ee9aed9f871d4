/* timers.c - a binary heap */
#include "timers.h"

void
mh_timers_init(struct mh_timers *timers, const struct mh_mem *mem)
{
	*timers = (struct mh_timers){ .mem = *mem };
}

void
mh_timers_free(struct mh_timers *timers)
{
	mh_mem_free(&timers->mem, timers->heap, timers->cap * sizeof(struct mh_timer *));
	timers->heap = NULL;
	timers->count = timers->cap = 0;
}

bool
mh_timers_promise(struct mh_timers *timers)
{
	if (timers->promised == timers->cap) {
		uint32_t cap = timers->cap > 0 ? timers->cap * 2 : 64;
		struct mh_timer **heap = mh_mem_resize(&timers->mem, timers->heap,
		    timers->cap * sizeof(struct mh_timer *), cap * sizeof(struct mh_timer *));
		if (heap == NULL)
			return false;
		timers->heap = heap;
		timers->cap = cap;
	}
	timers->promised++;
	return true;
}

void
mh_timers_release(struct mh_timers *timers)
{
	timers->promised--;
}

static void
put(struct mh_timers *timers, uint32_t i, struct mh_timer *timer)
{
	timers->heap[i] = timer;
	timer->place = i + 1;
}

/* rise - towards the top from place i */
static void
rise(struct mh_timers *timers, uint32_t i, struct mh_timer *timer)
{
	while (i > 0 && timers->heap[(i - 1) / 2]->at_ms > timer->at_ms) {
		put(timers, i, timers->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(timers, i, timer);
}

/* sink - away from the top from place i */
static void
sink(struct mh_timers *timers, uint32_t i, struct mh_timer *timer)
{
	for (;;) {
		uint32_t child = 2 * i + 1;
		if (child >= timers->count)
			break;
		if (child + 1 < timers->count && timers->heap[child + 1]->at_ms < timers->heap[child]->at_ms)
			child++;
		if (timers->heap[child]->at_ms >= timer->at_ms)
			break;
		put(timers, i, timers->heap[child]);
		i = child;
	}
	put(timers, i, timer);
}

void
mh_timers_drop(struct mh_timers *timers, struct mh_timer *timer)
{
	if (timer->place == 0)
		return;
	uint32_t i = timer->place - 1;
	struct mh_timer *last = timers->heap[--timers->count];
	timer->place = 0;
	if (last == timer)
		return;
	if (last->at_ms < timer->at_ms)
		rise(timers, i, last);
	else
		sink(timers, i, last);
}

void
mh_timers_set(struct mh_timers *timers, struct mh_timer *timer, int64_t at_ms)
{
	mh_timers_drop(timers, timer);
	timer->at_ms = at_ms;
	rise(timers, timers->count++, timer);
}

struct mh_timer *
mh_timers_first(const struct mh_timers *timers)
{
	return timers->count > 0 ? timers->heap[0] : NULL;
}
