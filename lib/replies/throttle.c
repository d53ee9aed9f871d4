/* throttle.c - limits that a receiver does not publish, read from what it took and what it put off
 *
 * A limit by number says: before the onset of deferrals the count is N, whatever
 * the hour and the volume; after it nothing is taken until the window is over.
 * So every kind of window that receivers use is tried: of a minute, ten minutes,
 * an hour and a day; by the calendar (days at any half hour, the zone of the
 * receiver is unknown), and from the first message on.  A sliding window and a
 * bucket of tokens look like the latter after a quiet time, so windows after a
 * quiet time are also judged alone.
 *
 * In each window the onset is the place that parts accepted from deferred with
 * the fewest on the wrong side (struct span; can be joined without loss).  A
 * window is calm (no onset), reached (a clean one), starved (nothing taken,
 * something deferred) or mixed.  A window length is believed if
 *
 *	- the counts at the onset of most reached windows are nearly equal, so
 *	  nearly that chance is out of the question (this wants more windows
 *	  for 10 than for 1,000, and never less than three on different days);
 *	- hardly a window took more, and calm windows do not end at just that
 *	  count: else the volume is constant, and not the limit;
 *	- starved and mixed windows are few: else the true window is longer or
 *	  shorter, or there is no limit;
 *	- it is the count that is constant and not the hour: had deferral begun
 *	  by the clock, the counts would differ more than they do;
 *	- deferrals follow the onset as densely as acceptances came before it,
 *	  and not as the retries of one message do;
 *	- deferral went on for a good part of the window: a burst that is put off
 *	  for two seconds does not tell of an hour.
 *
 * A sliding window under pressure has no onset.  It is known by what was taken
 * in the window's length before each moment of deferral: always the same,
 * however much was wanted, and never more (struct glide).
 *
 * Where nothing was tried between the end of a shorter window and that of a
 * longer one, the log does not tell the two apart, and the shorter is told.
 *
 * Memory: a short queue that sorts, then for short windows what is open and a
 * thinned list of those reached, and for days all half hours, the oldest
 * forgotten.  No floating point: the same log gives the same answer everywhere.
 *
 * Does not: tell a limit that is the sum of several hosts' from one that is one
 * host's, or find one that changes within the log.
 */
#include "error.h"
#include "port.h"
#include "throttle_run.h"

enum {
	SLOT_S = 1800, /* a day is judged by half hours: zones begin at those */
	DAY_SLOTS = DAY_S / SLOT_S,
	SLOTS_MAX = 1584, /* 33 days without a pause */
	RECENT_MAX = 256 /* deliveries in the queue that sorts */
};

#define TIME_MAX (INT64_C(1) << 40) /* some 35,000 years */

/* Half an hour.  Seconds count from its beginning. */
struct slot {
	int32_t number;
	struct span span;
	uint16_t first; /* first delivery */
	uint16_t onset;
	uint16_t third; /* from the onset to the third limited one */
};

/* One kind of short window, followed as deliveries come. */
struct meter {
	struct window now;
	bool open;
	int64_t last_accepted, last_start, last_starved;
	uint32_t last_count;
	struct tally tally;
};

enum { PARTS = 60 };

/* The last window's length in parts. */
struct ring {
	uint32_t accepted[PARTS], limited[PARTS];
	uint64_t accepted_sum, limited_sum;
	struct span span; /* of the part that is going on */
	int64_t number, begins; /* its number, and when it begins */
	size_t at; /* its place */
	struct glide glide;
};

static const uint32_t lengths[] = { 60, 600, 3600 };
enum { SHORTS = MH_COUNT(lengths), BY_CALENDAR = 0, FROM_FIRST = 1, KINDS = 2 };

struct engine {
	struct meter meters[SHORTS][KINDS];
	struct ring rings[SHORTS];
	struct slot *slots;
	uint32_t slot_count, slot_cap;
};

struct mh_throttle_series {
	const struct mh_mem *mem;
	int64_t *recent; /* twice the time, and 1 for a limited one; sorted */
	uint32_t recent_count, recent_cap;
	uint64_t limited;
	struct engine *engine; /* once there is more than the queue holds, or a question */
};

_Static_assert(sizeof(struct mh_throttle_series) + sizeof(struct engine) + RECENT_MAX * sizeof(int64_t) +
	    SLOTS_MAX * sizeof(struct slot) <=
	MH_THROTTLE_OCTETS_MAX,
    "a series is as large as is promised");

/* -------------------------------------------------------------------- short windows */

static uint32_t
per_hour(uint64_t accepted, int64_t seconds)
{
	uint64_t rate = accepted * 3600 / (uint64_t)(seconds > 0 ? seconds : 1);
	return rate < UINT32_MAX ? (uint32_t)rate : UINT32_MAX;
}

static void
meter_close(struct meter *meter)
{
	struct window *now = &meter->now;
	if (!meter->open)
		return;
	now->per_hour = per_hour(now->span.before, now->onset - now->first);
	mh_tally_take(&meter->tally, now);
	meter->last_start = now->start;
	meter->last_count = now->span.accepted;
	meter->open = false;
}

static void
meter_add(struct meter *meter, int kind, int64_t length, int64_t t, bool limited)
{
	struct window *now = &meter->now;
	/* a delivery that comes late counts in the open window, unless clocks went back */
	if (meter->open && (t >= now->start + length || t < now->start - length))
		meter_close(meter);
	if (!meter->open) {
		if (kind == FROM_FIRST && limited) {
			int64_t number = floor_div(t, length);
			if (number != meter->last_starved)
				meter->tally.starved[t - meter->last_accepted >= length]++;
			meter->last_starved = number;
			return;
		}
		int64_t start = kind == BY_CALENDAR ? floor_div(t, length) * length : t;
		memset(now, 0, sizeof(*now));
		now->start = start;
		now->first = now->last = t;
		if (start - meter->last_start < 2 * length)
			now->prior = meter->last_count;
		meter->open = true;
	}
	if (!limited)
		meter->last_accepted = t;
	else if (now->last < t)
		now->last = t;
	if (mh_span_add(&now->span, limited)) {
		now->onset = t;
		now->third = NEVER;
	} else if (limited && now->span.limited - now->span.early == 3) {
		now->third = t > now->onset ? (uint32_t)(t - now->onset) : 0;
	}
}

static void
ring_add(struct ring *ring, int64_t length, int64_t t, bool limited)
{
	int64_t part = length / PARTS;
	/* most deliveries fall into the part that is going on: no division for them */
	int64_t number = t >= ring->begins && t < ring->begins + part ? ring->number : floor_div(t, part);
	if (number > ring->number || number < ring->number - 2 * PARTS) {
		int64_t begins = ring->number * part;
		mh_glide_take(&ring->glide, &ring->span, floor_div(begins, length),
		    (int32_t)floor_div(begins, DAY_S), ring->accepted_sum, ring->limited_sum, 1);
		int64_t parts = number - ring->number;
		for (int64_t i = parts < 0 || parts > PARTS ? number - PARTS + 1 : ring->number + 1;
		     i <= number; i++) {
			size_t at = (size_t)(i - floor_div(i, PARTS) * PARTS);
			ring->accepted_sum -= ring->accepted[at];
			ring->limited_sum -= ring->limited[at];
			ring->accepted[at] = ring->limited[at] = 0;
		}
		ring->number = number;
		ring->begins = number * part;
		ring->at = (size_t)(number - floor_div(number, PARTS) * PARTS);
		ring->span = (struct span){ 0 };
	}
	size_t at = ring->at;
	if ((limited ? ring->limited : ring->accepted)[at] >= SPAN_MAX)
		return;
	(limited ? ring->limited : ring->accepted)[at]++;
	*(limited ? &ring->limited_sum : &ring->accepted_sum) += 1;
	(void)mh_span_add(&ring->span, limited);
}

/* ----------------------------------------------------------------------- half hours */

/* slot_at - the half hour of that number, made if there is none; NULL without memory */
static struct slot *
slot_at(struct engine *engine, const struct mh_mem *mem, int32_t number)
{
	uint32_t low = 0, high = engine->slot_count;
	if (high > 0 && engine->slots[high - 1].number == number)
		return &engine->slots[high - 1];
	if (high > 0 && engine->slots[high - 1].number < number)
		low = high;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (engine->slots[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < engine->slot_count && engine->slots[low].number == number)
		return &engine->slots[low];
	if (engine->slot_count == SLOTS_MAX) {
		uint32_t drop = SLOTS_MAX / 4;
		engine->slot_count -= drop;
		memmove(engine->slots, engine->slots + drop, engine->slot_count * sizeof(engine->slots[0]));
		low = low > drop ? low - drop : 0;
	}
	if (engine->slot_count == engine->slot_cap) {
		uint32_t cap = engine->slot_cap == 0 ? 16 : engine->slot_cap * 2;
		cap = cap < SLOTS_MAX ? cap : SLOTS_MAX;
		struct slot *slots = mh_mem_resize(mem, engine->slots, engine->slot_cap * sizeof(slots[0]),
		    cap * sizeof(slots[0]));
		if (slots == NULL)
			return NULL;
		engine->slots = slots;
		engine->slot_cap = cap;
	}
	struct slot *slot = &engine->slots[low];
	memmove(slot + 1, slot, (engine->slot_count - low) * sizeof(*slot));
	engine->slot_count++;
	*slot = (struct slot){ .number = number, .first = NEVER };
	return slot;
}

static void
slot_add(struct slot *slot, uint16_t second, bool limited)
{
	if (slot->first > second)
		slot->first = second;
	if (mh_span_add(&slot->span, limited)) {
		slot->onset = second;
		slot->third = NEVER;
	} else if (limited && slot->span.limited - slot->span.early == 3) {
		slot->third = second > slot->onset ? (uint16_t)(second - slot->onset) : 0;
	}
}

/* window_join - a window grows by a half hour; last is the one before it, or NULL */
static void
window_join(struct window *window, const struct slot *slot, const struct slot *last)
{
	int64_t begins = (int64_t)slot->number * SLOT_S;
	bool had_onset = has_onset(&window->span);
	if (window->span.accepted + window->span.limited == 0)
		window->first = window->last = begins + slot->first;
	if (slot->span.limited > 0)
		window->last = begins + slot->first;
	uint32_t had = window->span.limited - window->span.early;
	bool moves = mh_span_join(&window->span, &slot->span);
	if (!moves && !had_onset && has_onset(&window->span)) {
		/* the onset lies between the two */
		window->onset = begins;
		window->third = NEVER;
		window->per_hour = last != NULL ? per_hour(last->span.accepted, SLOT_S) : 0;
	} else if (moves) {
		window->onset = begins + slot->onset;
		window->third = slot->third;
		if (slot->span.before >= 2)
			window->per_hour = per_hour(slot->span.before, (int64_t)slot->onset - slot->first);
		else
			window->per_hour = per_hour(slot->span.before +
				(last != NULL && last->number == slot->number - 1 ? last->span.accepted : 0),
			    SLOT_S + (int64_t)slot->onset);
	} else if (has_onset(&window->span) && had < 3 && window->span.limited - window->span.early >= 3 &&
	    window->third == NEVER) {
		int64_t third = begins + SLOT_S / 2 - window->onset;
		window->third = third < NEVER ? (uint32_t)third : NEVER;
	}
}

/* days_by_calendar - days that begin at a half hour of UTC */
static void
days_by_calendar(const struct engine *engine, int32_t phase, struct tally *tally)
{
	struct window window = { 0 };
	int64_t day = 0;
	mh_tally_reset(tally);
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];
		int64_t of = floor_div((int64_t)slot->number - phase, DAY_SLOTS);
		if (i == 0 || of != day) {
			if (i > 0)
				mh_tally_take(tally, &window);
			day = of;
			window = (struct window){ .start = (day * DAY_SLOTS + phase) * SLOT_S };
			window.cut = i == 0 && slot->number > day * DAY_SLOTS + phase;
		}
		window_join(&window, slot, i > 0 ? slot - 1 : NULL);
	}
	if (engine->slot_count > 0)
		mh_tally_take(tally, &window);
}

/* resumes - whether acceptance begins again in b after it ended in a */
static bool
resumes(const struct span *a, const struct span *b)
{
	uint32_t late = a->accepted - a->before + b->before;
	return a->limited - a->early >= 2 && b->before >= 2 && late > 1 + a->before / 8 &&
	    b->before >= (late + 1) / 2;
}

/* days_from_first - days that begin with the first message accepted */
static void
days_from_first(const struct engine *engine, struct tally *tally)
{
	struct window window = { 0 };
	int64_t start = 0, last_start = INT32_MIN, last_accepted = INT32_MIN, last_starved = INT32_MIN;
	uint32_t last_count = 0;
	bool open = false, any = false;
	mh_tally_reset(tally);
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];
		if (open && slot->number >= start + DAY_SLOTS) {
			mh_tally_take(tally, &window);
			last_start = start;
			last_count = window.span.accepted;
			open = false;
		}
		if (!open && slot->span.accepted == 0) {
			int64_t day = floor_div(slot->number, DAY_SLOTS);
			if (day != last_starved && any)
				tally->starved[slot->number - last_accepted >= DAY_SLOTS]++;
			last_starved = day;
			continue;
		}
		if (open && resumes(&window.span, &slot->span)) {
			/* The receiver began a new window and we had not: it was open before the log
			 * began, or the log lost something.  Follow it; the half window counts as mixed. */
			if (!window.cut)
				tally->mixed[0]++;
			last_start = start;
			last_count = window.span.accepted;
			open = false;
		}
		if (!open) {
			start = slot->number;
			window = (struct window){ .start = start * SLOT_S + slot->first, .cut = !any };
			if (start - last_start < 2 * DAY_SLOTS)
				window.prior = last_count;
			open = any = true;
		}
		if (slot->span.accepted > 0)
			last_accepted = slot->number;
		window_join(&window, slot, i > 0 ? slot - 1 : NULL);
	}
	if (open)
		mh_tally_take(tally, &window);
}

/* glide_days - what the half hours say of a sliding day */
static void
glide_days(const struct engine *engine, struct glide *glide)
{
	const struct slot *slots = engine->slots;
	uint64_t accepted = 0, limited = 0;
	memset(glide, 0, sizeof(*glide));
	glide->stride = 1;
	for (uint32_t i = 0, first = 0; i < engine->slot_count; i++) {
		accepted += slots[i].span.accepted;
		limited += slots[i].span.limited;
		for (; slots[first].number <= slots[i].number - DAY_SLOTS; first++) {
			accepted -= slots[first].span.accepted;
			limited -= slots[first].span.limited;
		}
		if (slots[i].number - slots[0].number >= DAY_SLOTS)
			mh_glide_take(glide, &slots[i].span, floor_div(slots[i].number, DAY_SLOTS),
			    (int32_t)floor_div(slots[i].number, DAY_SLOTS), accepted, limited, 2);
	}
	mh_glide_close(glide);
}

/* --------------------------------------------------------------------------- series */

struct mh_throttle_series *
mh_throttle_make(const struct mh_mem *mem)
{
	struct mh_throttle_series *series = mh_mem_zalloc(mem, sizeof(*series));
	if (series != NULL)
		series->mem = mem;
	return series;
}

void
mh_throttle_free(struct mh_throttle_series *series)
{
	if (series == NULL)
		return;
	if (series->engine != NULL) {
		mh_mem_free(series->mem, series->engine->slots,
		    series->engine->slot_cap * sizeof(series->engine->slots[0]));
		mh_mem_free(series->mem, series->engine, sizeof(*series->engine));
	}
	mh_mem_free(series->mem, series->recent, series->recent_cap * sizeof(series->recent[0]));
	mh_mem_free(series->mem, series, sizeof(*series));
}

static bool
engine_make(struct mh_throttle_series *series)
{
	struct engine *engine = mh_mem_zalloc(series->mem, sizeof(*engine));
	if (engine == NULL)
		return false;
	for (size_t i = 0; i < SHORTS; i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			struct meter *meter = &engine->meters[i][kind];
			mh_tally_reset(&meter->tally);
			meter->last_accepted = meter->last_start = meter->last_starved = -4 * TIME_MAX;
		}
		engine->rings[i].number = -4 * TIME_MAX;
		engine->rings[i].begins = INT64_MAX - lengths[i]; /* no part is going on */
		engine->rings[i].glide.stride = 1;
	}
	series->engine = engine;
	return true;
}

static int
engine_add(struct mh_throttle_series *series, int64_t t, bool limited)
{
	int32_t number = (int32_t)floor_div(t, SLOT_S);
	struct slot *slot = slot_at(series->engine, series->mem, number);
	if (slot == NULL)
		return MH_ERR_ENOMEM;
	slot_add(slot, (uint16_t)(t - (int64_t)number * SLOT_S), limited);
	for (size_t i = 0; i < SHORTS; i++) {
		ring_add(&series->engine->rings[i], lengths[i], t, limited);
		for (int kind = 0; kind < KINDS; kind++)
			meter_add(&series->engine->meters[i][kind], kind, lengths[i], t, limited);
	}
	return MH_ERR_OK;
}

/* drain - hands the oldest of the queue on until only keep are left */
static int
drain(struct mh_throttle_series *series, uint32_t keep)
{
	uint32_t done = 0;
	int r = MH_ERR_OK;
	if (series->recent_count <= keep)
		return MH_ERR_OK;
	if (series->engine == NULL && !engine_make(series))
		return MH_ERR_ENOMEM;
	while (series->recent_count - done > keep) {
		int64_t event = series->recent[done];
		r = engine_add(series, floor_div(event, 2), event & 1);
		if (r != MH_ERR_OK)
			break;
		done++;
	}
	series->recent_count -= done;
	memmove(series->recent, series->recent + done, series->recent_count * sizeof(series->recent[0]));
	return r;
}

int
mh_throttle_add(struct mh_throttle_series *series, int64_t unix_s, int event)
{
	if (event != MH_THROTTLE_ACCEPTED && event != MH_THROTTLE_LIMITED)
		return MH_ERR_OK;
	if (series->recent_count == RECENT_MAX) {
		int r = drain(series, RECENT_MAX / 2);
		if (r != MH_ERR_OK)
			return r;
	}
	if (series->recent_count == series->recent_cap) {
		uint32_t cap = series->recent_cap == 0 ? 8 : series->recent_cap * 2;
		int64_t *recent = mh_mem_resize(series->mem, series->recent,
		    series->recent_cap * sizeof(recent[0]), cap * sizeof(recent[0]));
		if (recent == NULL)
			return MH_ERR_ENOMEM;
		series->recent = recent;
		series->recent_cap = cap;
	}
	int64_t t = unix_s > TIME_MAX ? TIME_MAX : unix_s < -TIME_MAX ? -TIME_MAX : unix_s;
	int64_t entry = t * 2 + (event == MH_THROTTLE_LIMITED);
	/* of deliveries in the same second the order in which they came is kept */
	uint32_t at = series->recent_count;
	while (at > 0 && floor_div(series->recent[at - 1], 2) > t)
		at--;
	memmove(series->recent + at + 1, series->recent + at,
	    (series->recent_count - at) * sizeof(series->recent[0]));
	series->recent[at] = entry;
	series->recent_count++;
	series->limited += event == MH_THROTTLE_LIMITED;
	return MH_ERR_OK;
}

int
mh_throttle_infer(struct mh_throttle_series *series, int32_t offset_s, struct mh_throttle *out)
{
	struct verdict best = { 0 };
	struct tally tally;
	struct glide glide;
	*out = (struct mh_throttle){ 0 };
	/* three windows of a count worth telling, each with two deferrals */
	if (series->limited < 6)
		return MH_ERR_OK;
	int r = drain(series, 0);
	if (r != MH_ERR_OK)
		return r;
	for (size_t i = 0; i < SHORTS; i++) {
		for (int kind = 0; kind < KINDS; kind++) {
			const struct meter *meter = &series->engine->meters[i][kind];
			/* what is open is not over yet: it is judged as it stands and left open */
			struct window now = meter->now;
			tally = meter->tally;
			if (meter->open) {
				now.per_hour = per_hour(now.span.before, now.onset - now.first);
				mh_tally_take(&tally, &now);
			}
			mh_throttle_weigh(&tally, lengths[i], &best);
		}
		glide = series->engine->rings[i].glide;
		mh_glide_close(&glide);
		mh_throttle_weigh_glide(&glide, lengths[i], &best);
	}
	int32_t zone = (int32_t)floor_div(-(int64_t)offset_s, SLOT_S);
	for (int32_t i = 0; i < DAY_SLOTS; i++) {
		days_by_calendar(series->engine, (zone + i) % DAY_SLOTS, &tally);
		mh_throttle_weigh(&tally, DAY_S, &best);
	}
	days_from_first(series->engine, &tally);
	mh_throttle_weigh(&tally, DAY_S, &best);
	glide_days(series->engine, &glide);
	mh_throttle_weigh_glide(&glide, DAY_S, &best);
	if (best.confidence < TOLD)
		return MH_ERR_OK;
	out->accepted = best.accepted;
	out->per_s = best.per_s;
	out->confidence = best.confidence;
	mh_throttle_say(&best, out->evidence, sizeof(out->evidence));
	return MH_ERR_OK;
}
