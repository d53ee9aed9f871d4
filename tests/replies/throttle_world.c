/* throttle_world.c - a sender, a receiver that may count, and what passes between them */
#include "throttle_world.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR_S = 3600, DAY_S = 86400, EVENTS_MAX = 3000000 };

/* ----------------------------------------------------------------------------- queue */

struct message {
	int64_t t; /* of the next try */
	int64_t born;
	uint32_t id;
	uint16_t attempt;
};

struct queue {
	struct message *heap;
	size_t count, cap;
};

static void *
must(void *p)
{
	if (p == NULL)
		exit(70);
	return p;
}

static bool
before(const struct message *a, const struct message *b)
{
	return a->t != b->t ? a->t < b->t : a->id < b->id;
}

static void
push(struct queue *queue, struct message message)
{
	if (queue->count == queue->cap) {
		queue->cap = queue->cap == 0 ? 1024 : queue->cap * 2;
		queue->heap = must(realloc(queue->heap, queue->cap * sizeof(queue->heap[0])));
	}
	size_t at = queue->count++;
	for (; at > 0 && before(&message, &queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
		queue->heap[at] = queue->heap[(at - 1) / 2];
	queue->heap[at] = message;
}

static struct message
pop(struct queue *queue)
{
	struct message top = queue->heap[0], last = queue->heap[--queue->count];
	size_t at = 0;
	for (;;) {
		size_t child = at * 2 + 1;
		if (child >= queue->count)
			break;
		if (child + 1 < queue->count && before(&queue->heap[child + 1], &queue->heap[child]))
			child++;
		if (!before(&queue->heap[child], &last))
			break;
		queue->heap[at] = queue->heap[child];
		at = child;
	}
	queue->heap[at] = last;
	return top;
}

/* ---------------------------------------------------------------------------- sender */

struct run {
	const struct world *world;
	struct world_random random;
	struct queue queue;
	uint32_t messages;
	/* receiver */
	int64_t window; /* its number, or where it began */
	uint32_t counted;
	uint32_t hidden; /* what others take in this window */
	uint32_t leaked; /* taken over the limit */
	uint32_t reset_at; /* the count at which the counter is reset once; 0: never */
	int64_t *taken; /* times of the last `limit` accepted */
	size_t taken_count;
	int64_t burst_t;
	uint32_t burst;
	int64_t day; /* of day_share and onset */
	uint32_t day_share;
	int64_t onset, end;
	struct world_event *events;
	size_t count, cap;
};

static void
born(struct run *run, int64_t t)
{
	push(&run->queue, (struct message){ .t = t, .born = t, .id = run->messages++ });
}

static int64_t
office_time(struct run *run)
{
	/* two humps, at eleven and at three */
	int64_t middle = world_chance(&run->random, 550) ? 11 * HOUR_S : 15 * HOUR_S;
	int64_t sum = 0;
	for (int i = 0; i < 4; i++)
		sum += world_below(&run->random, 4 * HOUR_S);
	return middle - 8 * HOUR_S / 4 * 4 / 2 + sum / 2;
}

static void
send_day(struct run *run, int64_t day)
{
	const struct world *world = run->world;
	struct world_random *random = &run->random;
	int64_t start = world->begin + day * DAY_S;
	int64_t weekday = (start / DAY_S + 4) % 7; /* 0 is a Sunday */
	uint64_t volume = world->volume;
	volume = volume * (1000 - world->vary + world_below(random, 2 * world->vary + 1)) / 1000;
	for (int64_t i = 0; i < day && world->growth > 0; i++)
		volume += volume * world->growth / 1000;
	if (world->weekends && (weekday == 0 || weekday == 6))
		volume = volume / 8;
	int flow = world->flow;
	uint64_t batched = flow == WORLD_BATCHES ? volume : flow == WORLD_MIXED ? volume / 2 : 0;
	if (flow == WORLD_CONSTANT) {
		/* the same number at the same time, give or take a minute */
		int64_t t = start + 8 * HOUR_S + world_below(random, 60);
		for (uint32_t i = 0; i < world->volume; i++)
			born(run, t + (int64_t)i * 60 / world->batch_pace);
		return;
	}
	if (flow == WORLD_EVEN) {
		for (uint64_t i = 0; i < volume; i++)
			born(run, start + (int64_t)(i * DAY_S / volume));
		return;
	}
	while (batched > 0) {
		uint64_t size = world->batch * (700 + world_below(random, 600)) / 1000 + 1;
		size = size < batched ? size : batched;
		int64_t t = start + world_between(random, 6 * HOUR_S, 21 * HOUR_S);
		for (uint64_t i = 0; i < size; i++)
			born(run, t + (int64_t)(i * 60 / world->batch_pace));
		batched -= size;
		volume -= size;
	}
	for (uint64_t i = 0; i < volume; i++)
		born(run,
		    start + (flow == WORLD_ROUND_THE_CLOCK ? world_below(random, DAY_S) : office_time(run)));
}

/* again - when a deferred message is tried again */
static int64_t
again(struct run *run, const struct message *message)
{
	int64_t age = message->t - message->born, wait = 0;
	switch (run->world->retry) {
	case WORLD_POSTFIX: /* the age, at least 300 and at most 4000 seconds, at the next queue run */
		wait = age < 300 ? 300 : age > 4000 ? 4000 : age;
		wait += world_below(&run->random, 300);
		break;
	case WORLD_EXIM: /* F,2h,15m; G,16h,1h,1.5; F,4d,6h */
		wait = age < 2 * HOUR_S ? 900 : age < 16 * HOUR_S ? HOUR_S + age / 3 : 6 * HOUR_S;
		wait += world_below(&run->random, 900);
		break;
	default: /* all that waits, twice an hour */
		wait = 1800 - (message->t + message->id % 7) % 1800 + world_below(&run->random, 60);
	}
	/* a large queue is not tried all at once */
	return message->t + wait * (1 + (int64_t)run->queue.count / 4000);
}

/* -------------------------------------------------------------------------- receiver */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static void
new_window(struct run *run, int64_t window)
{
	const struct world *world = run->world;
	run->window = window;
	run->counted = run->leaked = 0;
	run->hidden = 0;
	run->reset_at = 0;
	if (world_chance(&run->random, world->others))
		run->hidden = world_below(&run->random, world->limit / 2 + 1);
	if (world_chance(&run->random, world->resets))
		run->reset_at = world_below(&run->random, world->limit) + 1;
}

/* over - whether the receiver's counter says no */
static bool
over(struct run *run, int64_t t)
{
	const struct world *world = run->world;
	if (world->counter == WORLD_SLIDING) {
		int64_t window = floor_div(t, world->per_s);
		if (window != run->window) {
			run->window = window;
			run->leaked = 0;
		}
		if (run->taken_count < world->limit)
			return false;
		return run->taken[run->taken_count % world->limit] > t - (int64_t)world->per_s;
	}
	if (world->counter == WORLD_CALENDAR) {
		int64_t window = floor_div(t - world->phase_s, world->per_s);
		if (window != run->window)
			new_window(run, window);
	} else if (t >= run->window + (int64_t)world->per_s) {
		new_window(run, t);
	}
	if (run->reset_at > 0 && run->counted >= run->reset_at) {
		run->counted = 0;
		run->reset_at = 0;
	}
	return run->counted + run->hidden >= world->limit;
}

static void
take(struct run *run, int64_t t)
{
	run->counted++;
	if (run->taken != NULL)
		run->taken[run->taken_count++ % run->world->limit] = t;
}

/* deferred - whether a receiver without a limit defers this one */
static bool
deferred(struct run *run, const struct message *message, int64_t day, bool last)
{
	const struct world *world = run->world;
	struct world_random *random = &run->random;
	int64_t second = message->t - world->begin - day * DAY_S;
	if (day != run->day) {
		run->day = day;
		run->day_share = world_below(random, world->share * 2 + 1);
		run->onset =
		    world_chance(random, 600) ? world_between(random, 7 * HOUR_S, 20 * HOUR_S) : DAY_S;
		run->end = run->onset + world_between(random, HOUR_S / 2, 14 * HOUR_S);
	}
	switch (world->free) {
	case WORLD_OUTAGES: {
		/* drawn from the seed alone: at most two days of seven, half an hour to twenty hours */
		struct world_random outage = { world->seed + (uint64_t)(day / 4) };
		int64_t from = day / 4 * 4 * DAY_S + world_between(&outage, 0, 3 * DAY_S);
		int64_t to = from + world_between(&outage, 1800, 20 * HOUR_S);
		int64_t t = message->t - world->begin;
		return t >= from && t < to;
	}
	case WORLD_GREYLIST:
		return message->attempt == 0 ? message->id * 2654435761u % 1000 < world->share
					     : message->t - message->born < world->from_s / 60;
	case WORLD_SHARE:
		return world_chance(random, world->share);
	case WORLD_SHARE_BY_DAY:
		return world_chance(random, run->day_share);
	case WORLD_BUSY_HOURS:
		return second >= world->from_s && second < world->to_s && world_chance(random, world->share);
	case WORLD_BAD_DAY:
		return day == world->days / 2 && second > world->from_s;
	case WORLD_BURSTS:
		if (message->t / 4 != run->burst_t) {
			run->burst_t = message->t / 4;
			run->burst = 0;
		}
		return ++run->burst > 4 + world->share / 40 + world_below(random, 6);
	case WORLD_LAST_ONE:
		return last && message->attempt <= world->share / 200;
	case WORLD_UNTIL_MIDNIGHT:
		return second >= run->onset;
	case WORLD_BLOCKED_DAYS:
		return second >= run->onset && second < run->end;
	default:
		return false;
	}
}

static int
answer(struct run *run, const struct message *message, bool last)
{
	const struct world *world = run->world;
	struct world_random *random = &run->random;
	int64_t day = floor_div(message->t - world->begin, DAY_S);
	bool no = world->limited ? over(run, message->t) : deferred(run, message, day, last);
	if (no && world->limited && world->leaks > 0 && run->leaked < world->limit * world->leaks / 1000 &&
	    world_chance(random, 50)) {
		run->leaked++;
		return WORLD_ACCEPTED; /* another host took it */
	}
	if (no)
		return WORLD_LIMITED;
	if (world_chance(random, world->strays))
		return world_chance(random, 500) ? WORLD_LIMITED : WORLD_OTHER;
	if (world->limited)
		take(run, message->t);
	return WORLD_ACCEPTED;
}

/* ------------------------------------------------------------------------------- log */

static int
by_time(const void *a, const void *b)
{
	const struct world_event *x = a, *y = b;
	return x->t < y->t ? -1 : x->t > y->t;
}

static void
record(struct run *run, const struct message *message, int what)
{
	if (run->count == run->cap) {
		run->cap = run->cap == 0 ? 4096 : run->cap * 2;
		run->events = must(realloc(run->events, run->cap * sizeof(run->events[0])));
	}
	run->events[run->count++] = (struct world_event){
		.t = message->t,
		.message = message->id,
		.attempt = message->attempt,
		.what = (uint16_t)what,
	};
}

static void
lose(struct run *run)
{
	const struct world *world = run->world;
	int64_t gone[3] = { -1, -1, -1 };
	size_t kept = 0;
	for (int i = 0; i < world->lost_days && i < 3; i++)
		gone[i] = world_between(&run->random, 1, world->days - 1);
	for (size_t i = 0; i < run->count; i++) {
		int64_t since = run->events[i].t - world->begin, day = since / DAY_S;
		if (since < (int64_t)world->lost_hours * HOUR_S || day == gone[0] || day == gone[1] ||
		    day == gone[2])
			continue;
		run->events[kept++] = run->events[i];
	}
	run->count = kept;
	/* what is late comes late: the order is wrong, the times are right */
	for (size_t i = 0; i + 1 < run->count; i++) {
		if (!world_chance(&run->random, world->disorder))
			continue;
		for (size_t k = i;
		     k + 1 < run->count && run->events[k + 1].t - run->events[k].t < 30 && k < i + 5; k++) {
			struct world_event swap = run->events[k];
			run->events[k] = run->events[k + 1];
			run->events[k + 1] = swap;
		}
	}
}

struct world_event *
world_run(const struct world *world, size_t *count)
{
	struct run run = { .world = world,
		.random = { world->seed },
		.window = INT64_MIN / 2,
		.day = INT64_MIN };
	int64_t end = world->begin + (int64_t)world->days * DAY_S;
	if (world->limited && world->counter == WORLD_SLIDING)
		run.taken = must(calloc(world->limit, sizeof(run.taken[0])));
	for (int64_t day = 0; day < world->days; day++)
		send_day(&run, day);
	int64_t last_day = -1;
	bool waiting = false;
	while (run.queue.count > 0 && run.count < EVENTS_MAX) {
		struct message message = pop(&run.queue);
		if (message.t >= end)
			break;
		int64_t day = (message.t - world->begin) / DAY_S;
		if (day != last_day) {
			last_day = day;
			waiting = true;
		}
		/* the last of the day's first tries, if it is the day of a newsletter */
		bool last = message.attempt > 0;
		if (message.attempt == 0 && waiting && world->free == WORLD_LAST_ONE &&
		    message.id + 1 == (uint32_t)(day + 1) * world->volume) {
			last = true;
			waiting = false;
		}
		int what = answer(&run, &message, last);
		record(&run, &message, what);
		if (what != WORLD_ACCEPTED && message.t - message.born < 5 * DAY_S) {
			message.t = again(&run, &message);
			message.attempt++;
			push(&run.queue, message);
		}
	}
	free(run.queue.heap);
	free(run.taken);
	if (run.count > 0)
		qsort(run.events, run.count, sizeof(run.events[0]), by_time);
	lose(&run);
	*count = run.count;
	return run.events;
}

/* ------------------------------------------------------------------------ what is drawn */

static uint32_t
some(struct world_random *random, uint32_t most, uint32_t noise)
{
	uint64_t value = world_chance(random, 500) ? world_below(random, most + 1) : 0;
	return (uint32_t)(value * noise / 1000);
}

static void
make_any(struct world *world, struct world_random *random, int32_t days, uint32_t noise)
{
	*world = (struct world){ 0 };
	world->begin = INT64_C(1767225600) + (int64_t)world_below(random, 300) * DAY_S;
	world->days = days != 0 ? days : (int32_t)world_between(random, 3, 30);
	world->retry = (int)world_below(random, WORLD_RETRY_COUNT);
	world->flow = (int)world_below(random, WORLD_MIXED + 1);
	world->weekends = world_chance(random, 500);
	world->vary = 200 + world_below(random, 500);
	world->strays = some(random, 8, noise);
	world->leaks = some(random, 30, noise);
	world->others = some(random, 250, noise);
	world->resets = some(random, 60, noise);
	world->disorder = some(random, 100, noise);
	if (world->days > 6)
		world->lost_days = (int32_t)some(random, 2, noise);
	if (world->days > 4)
		world->lost_hours = (int32_t)some(random, 20, noise);
}

void
world_make_limit(struct world *world, uint64_t seed, uint32_t limit, uint32_t per_s, int32_t days,
    uint32_t noise)
{
	struct world_random random = { seed * 2 + 1 };
	make_any(world, &random, days, noise);
	world->limited = true;
	world->limit = limit;
	world->per_s = per_s;
	uint32_t counter = world_below(&random, 10);
	world->counter = counter < 5 ? WORLD_CALENDAR : counter < 7 ? WORLD_FIRST : WORLD_SLIDING;
	if (days == 0 && per_s == DAY_S && world->days < 5)
		world->days = 5;
	if (per_s == DAY_S)
		world->phase_s =
		    (int32_t)(world_chance(&random, 400) ? 0 : world_between(&random, -10, 10) * HOUR_S);
	/* a day's mail for a day's limit; for shorter windows a peak is above the limit, now and then */
	uint32_t times = (uint32_t)world_between(&random, 1000, 2000);
	uint64_t volume = (uint64_t)limit * times / 1000;
	if (per_s < DAY_S) {
		if (world->flow != WORLD_BATCHES)
			world->flow = WORLD_MIXED;
		world->batch =
		    (uint32_t)((uint64_t)limit * (uint64_t)world_between(&random, 1500, 5000) / 1000) + 2;
		volume = (uint64_t)world->batch * (uint64_t)world_between(&random, 2, 6);
		world->batch_pace = (uint32_t)(world->batch * 60ull * 2 / per_s) + 1;
		world->batch_pace *= (uint32_t)world_between(&random, 1, 6);
	} else {
		if (world->limit > 3000 && world->days > 12)
			world->days = 12;
		world->batch = (uint32_t)(volume / (uint64_t)world_between(&random, 1, 4)) + 1;
		world->batch_pace = (uint32_t)world_between(&random, 20, 600);
	}
	world->volume = (uint32_t)(volume < 60000 ? volume : 60000);
	world->seed = world_u64(&random);
}

static uint32_t
drawn_size(struct world_random *random, uint32_t doublings)
{
	uint32_t octave = world_below(random, doublings);
	return (10u << octave) + world_below(random, 10u << octave);
}

void
world_make(struct world *world, uint64_t seed, bool limited, uint32_t noise)
{
	struct world_random random = { seed * 2 };
	if (limited) {
		uint32_t kind = world_below(&random, 10);
		uint32_t per_s = kind < 5 ? DAY_S : kind < 8 ? HOUR_S : kind < 9 ? 600 : 60;
		uint32_t limit = drawn_size(&random, per_s == DAY_S ? 11 : per_s == HOUR_S ? 8 : 5);
		world_make_limit(world, world_u64(&random), limit, per_s, 0, noise);
		return;
	}
	make_any(world, &random, 0, noise);
	world->free = (int)world_below(&random, WORLD_FREE_COUNT);
	world->flow = (int)world_below(&random, WORLD_FLOW_COUNT);
	world->volume = drawn_size(&random, 9);
	world->batch = world->volume / (uint32_t)world_between(&random, 1, 4) + 1;
	world->batch_pace = (uint32_t)world_between(&random, 5, 600);
	world->share = 30 + world_below(&random, 700);
	world->vary = world_below(&random, 600);
	world->from_s = (int32_t)world_between(&random, 6, 14) * HOUR_S;
	world->to_s = world->from_s + (int32_t)world_between(&random, 1, 6) * HOUR_S;
	if (world->free == WORLD_BUSY_HOURS && world_chance(&random, 600))
		world->share = 1000;
	if (world->free == WORLD_LAST_ONE)
		world->flow = WORLD_CONSTANT;
	if (world->free == WORLD_CALM && world_chance(&random, 400))
		world->growth = 30 + world_below(&random, 60);
	world->seed = world_u64(&random);
}

void
world_tell(const struct world *world, char *to, size_t cap)
{
#define X(name, text) text,
	static const char *const counters[] = { WORLD_COUNTERS(X) }, *const frees[] = { WORLD_FREE(X) },
				 *const flows[] = { WORLD_FLOWS(X) }, *const retries[] = { WORLD_RETRIES(X) };
#undef X
	if (world->limited)
		(void)snprintf(to, cap,
		    "%u per %u %s phase %d, %d days, %s, %s, volume %u batch %u at %u a minute, strays %u "
		    "leaks %u "
		    "others %u resets %u disorder %u, lost %d days %d hours%s",
		    world->limit, world->per_s, counters[world->counter], world->phase_s / HOUR_S,
		    world->days, flows[world->flow], retries[world->retry], world->volume, world->batch,
		    world->batch_pace, world->strays, world->leaks, world->others, world->resets,
		    world->disorder, world->lost_days, world->lost_hours,
		    world->weekends ? ", weekends" : "");
	else
		(void)snprintf(to, cap,
		    "no limit, %s, %d days, %s, %s, volume %u vary %u batch %u at %u a minute, share %u, "
		    "hours %d to %d, "
		    "strays %u%s",
		    frees[world->free], world->days, flows[world->flow], retries[world->retry], world->volume,
		    world->vary, world->batch, world->batch_pace, world->share, world->from_s / HOUR_S,
		    world->to_s / HOUR_S, world->strays, world->weekends ? ", weekends" : "");
}
