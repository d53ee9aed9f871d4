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
 *	  and not as the retries of one message do.
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
#include "throttle.h"

enum {
	SLOT_S = 1800, /* a day is judged by half hours: zones begin at those */
	DAY_S = 86400,
	DAY_SLOTS = DAY_S / SLOT_S,
	SLOTS_MAX = 1584, /* 33 days without a pause */
	RECENT_MAX = 256, /* deliveries in the queue that sorts */
	EPISODES = 32, /* reached windows that are remembered */
	CELLS = 136, /* eight per doubling, up to 2^17 */
	SPAN_MAX = 1 << 24, /* counts stop here */
	COUNT_MIN = 5, /* no limit below this is told */
	TOLD = 600, /* confidence below this is none */
	NEVER = UINT16_MAX
};

#define TIME_MAX (INT64_C(1) << 40) /* some 35,000 years */

/* Some time's deliveries, parted in two: `before` accepted and `early` limited, then the onset and the rest,
 * so that early and what is accepted behind the onset are together as few as can be.  Without an onset,
 * all is before it. */
struct span {
	uint32_t accepted, limited;
	uint32_t before, early;
};

/* Half an hour.  Seconds count from its beginning. */
struct slot {
	int32_t number;
	struct span span;
	uint16_t first; /* first delivery */
	uint16_t onset;
	uint16_t third; /* from the onset to the third limited one */
};

struct window {
	struct span span;
	int64_t start, first, onset, last; /* first delivery, last deferral */
	uint32_t third; /* as in struct slot */
	uint32_t per_hour; /* accepted, at the onset */
	uint32_t prior; /* accepted in the window just before, if it was so near */
	bool cut; /* the log may know only a part of it */
};

/* A window in which the limit may have been reached. */
struct episode {
	int32_t day; /* on which it began */
	uint32_t count; /* accepted before the onset */
	uint32_t tau; /* from the window's beginning to the onset, in seconds */
	uint32_t per_hour;
	uint32_t tested; /* from the first delivery to the last deferral, in seconds */
	uint16_t third;
	bool fresh; /* after a quiet time */
	bool cut;
};

/* What was seen of one kind of window.  [1]: of those after a quiet time, or without a limited one. */
struct tally {
	struct episode episodes[EPISODES];
	uint32_t count, seen, stride; /* every stride-th reached window is remembered */
	uint32_t mixed[2], starved[2];
	uint16_t peaks[2][CELLS]; /* calm windows by what they accepted */
};

/* One kind of short window, followed as deliveries come. */
struct meter {
	struct window now;
	bool open;
	int64_t last_accepted, last_start, last_starved;
	uint32_t last_count;
	struct tally tally;
};

/* The most that was taken, in a window's length, before a deferral; and what was wanted. */
struct peak {
	uint32_t accepted, wanted;
	int32_t day;
};

/* What was seen of a sliding window. */
struct glide {
	struct peak now;
	bool open;
	int64_t number; /* of the window's length that now is of */
	struct peak peaks[EPISODES];
	uint32_t count, seen, stride;
	/* by what was taken in the time before: moments of deferral, and of acceptance alone */
	uint16_t held[CELLS], calm[CELLS];
};

enum { PARTS = 60 };

/* The last window's length in parts. */
struct ring {
	uint32_t accepted[PARTS], limited[PARTS];
	uint64_t accepted_sum, limited_sum;
	struct span span; /* of the part that is going on */
	int64_t number; /* its number */
	struct glide glide;
};

static const uint32_t lengths[] = { 60, 600, 3600 };
enum { SHORTS = MH_COUNT(lengths), BY_CALENDAR = 0, FROM_FIRST = 1, KINDS = 2 };

struct engine {
	struct meter meters[SHORTS][KINDS];
	struct ring rings[SHORTS];
	bool forgot; /* slots are missing at the beginning */
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

/* ---------------------------------------------------------------------------- spans */

static bool
has_onset(const struct span *span)
{
	return span->limited > span->early;
}

/* wrong - how many are on the wrong side of the onset */
static uint32_t
wrong(const struct span *span)
{
	return span->early + span->accepted - span->before;
}

/* span_add - true if the onset is at this delivery */
static bool
span_add(struct span *span, bool limited)
{
	if (span->accepted + span->limited >= SPAN_MAX)
		return false;
	if (limited) {
		span->limited++;
		return span->limited - span->early == 1;
	}
	span->accepted++;
	/* a lone deferral between acceptances is no onset */
	if (!has_onset(span) || span->limited <= wrong(span)) {
		span->before = span->accepted;
		span->early = span->limited;
	}
	return false;
}

/* span_join - b follows a; true if the onset is that of b */
static bool
span_join(struct span *a, const struct span *b)
{
	uint32_t kept = wrong(a) + b->accepted, moved = a->limited + wrong(b);
	bool moves = moved <= kept;
	if (moves) {
		a->before = a->accepted + b->before;
		a->early = a->limited + b->early;
	}
	a->accepted += b->accepted;
	a->limited += b->limited;
	return moves && has_onset(b);
}

/* -------------------------------------------------------------------------- tallies */

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* cell - where a count stands among the peaks: at most an eighth above the cell's least */
static uint32_t
cell(uint32_t count)
{
	uint32_t octave = 0;
	while (count >> octave >= 16)
		octave++;
	uint32_t at = octave * 8 + (count >> octave);
	return at < CELLS ? at : CELLS - 1;
}

/* cell_least - the least count of a cell */
static uint32_t
cell_least(uint32_t at)
{
	return at < 16 ? at : (8 + at % 8) << (at / 8 - 1);
}

static void
tally_reset(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	tally->stride = 1;
}

static void
tally_remember(struct tally *tally, const struct episode *episode)
{
	if (tally->seen++ % tally->stride != 0)
		return;
	if (tally->count == EPISODES) {
		for (uint32_t i = 0; i < EPISODES / 2; i++)
			tally->episodes[i] = tally->episodes[2 * i];
		tally->count = EPISODES / 2;
		tally->stride *= 2;
		if ((tally->seen - 1) % tally->stride != 0)
			return;
	}
	tally->episodes[tally->count++] = *episode;
}

/* tally_take - sorts a window that is over */
static void
tally_take(struct tally *tally, const struct window *window)
{
	const struct span *span = &window->span;
	bool fresh = window->prior <= span->accepted / 16;
	uint32_t after = span->limited - span->early, late = span->accepted - span->before;
	if (span->before >= 3 && after >= 2 && span->early <= after / 4 && late <= 1 + span->before / 8) {
		int64_t tau = window->onset - window->start;
		tally_remember(tally,
		    &(struct episode){
			.day = (int32_t)floor_div(window->start, DAY_S),
			.count = span->before,
			.tau = tau < 0 ? 0 : (uint32_t)tau,
			.per_hour = window->per_hour,
			.tested = window->last > window->first ? (uint32_t)(window->last - window->first) : 0,
			.third = window->third < NEVER ? (uint16_t)window->third : NEVER,
			.fresh = fresh,
			.cut = window->cut,
		    });
		return;
	}
	if (span->limited <= 2 || span->limited <= span->accepted / 16) {
		if (span->accepted > 0) {
			uint16_t *peak = &tally->peaks[fresh][cell(span->accepted)];
			*peak = (uint16_t)(*peak + (*peak < UINT16_MAX));
		} else if (!window->cut) {
			tally->starved[fresh]++;
		}
	} else if (!window->cut) {
		(span->accepted < 3 ? tally->starved : tally->mixed)[fresh]++;
	}
}

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
	tally_take(&meter->tally, now);
	meter->last_start = now->start;
	meter->last_count = now->span.accepted;
	meter->open = false;
}

static void
meter_add(struct meter *meter, int kind, int64_t length, int64_t t, bool limited)
{
	struct window *now = &meter->now;
	int64_t start = kind == BY_CALENDAR ? floor_div(t, length) * length : t;
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
	if (span_add(&now->span, limited)) {
		now->onset = t;
		now->third = NEVER;
	} else if (limited && now->span.limited - now->span.early == 3) {
		now->third = t > now->onset ? (uint32_t)(t - now->onset) : 0;
	}
}

static void
glide_close(struct glide *glide)
{
	if (glide->open && glide->seen++ % glide->stride == 0) {
		if (glide->count == EPISODES) {
			for (uint32_t i = 0; i < EPISODES / 2; i++)
				glide->peaks[i] = glide->peaks[2 * i];
			glide->count = EPISODES / 2;
			glide->stride *= 2;
		}
		glide->peaks[glide->count++] = glide->now;
	}
	glide->open = false;
}

static void
count_up(uint16_t *cells, uint64_t count)
{
	uint16_t *at = &cells[cell(count < UINT32_MAX ? (uint32_t)count : UINT32_MAX)];
	*at = (uint16_t)(*at + (*at < UINT16_MAX));
}

/* glide_take - a part of the time is over: what is in it, and what was in the window's length up to its end.
 * Fewer deferrals than least are strays. */
static void
glide_take(struct glide *glide, const struct span *span, int64_t number, int32_t day, uint64_t accepted,
    uint64_t limited, uint32_t least)
{
	uint32_t after = span->limited - span->early, late = span->accepted - span->before;
	if (span->limited == 0 && span->accepted > 0)
		count_up(glide->calm, accepted);
	if (after < least || late > after / 4)
		return;
	count_up(glide->held, accepted);
	if (limited < accepted)
		return;
	if (glide->open && glide->number != number)
		glide_close(glide);
	if (!glide->open)
		glide->now.accepted = 0;
	glide->open = true;
	glide->number = number;
	if (accepted >= glide->now.accepted)
		glide->now = (struct peak){ (uint32_t)accepted, (uint32_t)(accepted + limited), day };
}

static void
ring_add(struct ring *ring, int64_t length, int64_t t, bool limited)
{
	int64_t number = floor_div(t, length / PARTS);
	if (number > ring->number || number < ring->number - 2 * PARTS) {
		int64_t begins = ring->number * (length / PARTS);
		glide_take(&ring->glide, &ring->span, floor_div(begins, length),
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
		ring->span = (struct span){ 0 };
	}
	size_t at = (size_t)(ring->number - floor_div(ring->number, PARTS) * PARTS);
	if ((limited ? ring->limited : ring->accepted)[at] >= SPAN_MAX)
		return;
	(limited ? ring->limited : ring->accepted)[at]++;
	*(limited ? &ring->limited_sum : &ring->accepted_sum) += 1;
	(void)span_add(&ring->span, limited);
}

/* ----------------------------------------------------------------------- half hours */

/* slot_at - the half hour of that number, made if there is none; NULL without memory */
static struct slot *
slot_at(struct engine *engine, const struct mh_mem *mem, int32_t number)
{
	uint32_t low = 0, high = engine->slot_count;
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
		engine->forgot = true;
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
	if (span_add(&slot->span, limited)) {
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
	bool moves = span_join(&window->span, &slot->span);
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
	tally_reset(tally);
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];
		int64_t of = floor_div((int64_t)slot->number - phase, DAY_SLOTS);
		if (i == 0 || of != day) {
			if (i > 0)
				tally_take(tally, &window);
			day = of;
			window = (struct window){ .start = (day * DAY_SLOTS + phase) * SLOT_S };
			window.cut = i == 0 && slot->number > day * DAY_SLOTS + phase;
		}
		window_join(&window, slot, i > 0 ? slot - 1 : NULL);
	}
	if (engine->slot_count > 0)
		tally_take(tally, &window);
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
	tally_reset(tally);
	for (uint32_t i = 0; i < engine->slot_count; i++) {
		const struct slot *slot = &engine->slots[i];
		if (open && slot->number >= start + DAY_SLOTS) {
			tally_take(tally, &window);
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
		tally_take(tally, &window);
}

/* ---------------------------------------------------------------------------- judge */

/* log2_256 - 256 times the binary logarithm, rounded down */
static int32_t
log2_256(uint64_t value)
{
	int32_t result = 0;
	if (value == 0)
		return 0;
	while (value >= UINT64_C(1) << 32) {
		value >>= 1;
		result += 256;
	}
	uint32_t whole = 0;
	while (value >> whole > 1)
		whole++;
	result += (int32_t)whole * 256;
	uint64_t fraction = value << (31 - whole); /* 1 is 2^31 */
	for (int32_t bit = 128; bit > 0; bit /= 2) {
		fraction = fraction * fraction >> 31;
		if (fraction >= UINT64_C(1) << 32) {
			fraction >>= 1;
			result += bit;
		}
	}
	return result;
}

/* What was found, and how sure it is. */
struct verdict {
	int32_t bits; /* 256 times; the logarithm of the odds against chance */
	uint32_t per_s;
	uint32_t accepted;
	int confidence;
	uint32_t windows, days;
	uint32_t least, most; /* counts that agree */
	uint32_t shown[6], shown_count;
	bool sliding; /* the counts are those of the 24 hours before a deferral */
};

static void
sort_numbers(uint32_t *numbers, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		uint32_t number = numbers[i], k = i;
		for (; k > 0 && numbers[k - 1] > number; k--)
			numbers[k] = numbers[k - 1];
		numbers[k] = number;
	}
}

/* spread - the sum of the distances from the median; sorts */
static uint64_t
spread(uint32_t *numbers, uint32_t count)
{
	uint64_t sum = 0;
	sort_numbers(numbers, count);
	for (uint32_t i = 0; i < count; i++)
		sum += numbers[i] > numbers[count / 2] ? numbers[i] - numbers[count / 2]
						       : numbers[count / 2] - numbers[i];
	return sum;
}

/* agreeing - the range of counts that chance explains worst: bits, least and most of *verdict; false if
 * none is worth it */
static bool
agreeing(const uint32_t *sorted, uint32_t count, uint32_t windows, struct verdict *verdict)
{
	verdict->bits = 0;
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t k = i + 2; k < count; k++) {
			uint32_t width = sorted[k] - sorted[i] + 1, agree = k - i + 1;
			uint32_t others = windows > agree ? windows - agree : 0;
			if (sorted[i] < COUNT_MIN || width > 2 + sorted[k] / 10)
				continue;
			/* each count could as well be anywhere from half to twice it */
			int32_t each = log2_256((uint64_t)sorted[k] * 3 / 2) - log2_256(width);
			int32_t bits = each * (int32_t)(agree - 1) - (int32_t)others * log2_256(windows + 1);
			if (bits > verdict->bits) {
				verdict->bits = bits;
				verdict->least = sorted[i];
				verdict->most = sorted[k];
			}
		}
	}
	return verdict->bits > 0;
}

/* by_number - whether it is the count at the onset that is constant, and not the time of the onset */
static bool
by_number(const struct episode *const *agree, uint32_t count)
{
	uint32_t counts[EPISODES], taus[EPISODES], moved[EPISODES], dense = 0;
	uint64_t jitter = 0;
	for (uint32_t i = 0; i < count; i++) {
		counts[i] = agree[i]->count * 16;
		taus[i] = agree[i]->tau;
	}
	uint64_t seen = spread(counts, count);
	sort_numbers(taus, count);
	int64_t tau = taus[count / 2];
	for (uint32_t i = 0; i < count; i++) {
		/* what the count had been, had deferral begun at the same time in all windows */
		int64_t more = (int64_t)agree[i]->per_hour * (tau - (int64_t)agree[i]->tau) * 16 / 3600;
		int64_t most = (int64_t)agree[i]->count * 32;
		int64_t there = (int64_t)agree[i]->count * 16 + (more > most ? most : more);
		moved[i] = there < 0 ? 0 : (uint32_t)there;
		jitter += (uint64_t)agree[i]->per_hour * 5 * 16 / 3600; /* no clock is nearer */
		dense += (uint64_t)agree[i]->third * agree[i]->per_hour <=
		    UINT64_C(30) * 3600 + agree[i]->per_hour;
	}
	uint64_t expected = spread(moved, count);
	if (expected < jitter)
		expected = jitter;
	return expected >= 2 * seen + 8 * (uint64_t)count && dense * 2 > count;
}

/* judge - whether windows of that length explain the series; fresh: only those after a quiet time */
static bool
judge(const struct tally *tally, bool fresh, uint32_t per_s, struct verdict *verdict)
{
	const struct episode *agree[EPISODES];
	uint32_t counts[EPISODES], count = 0, windows = 0, agreed = 0, tested = 0;
	for (uint32_t i = 0; i < tally->count; i++) {
		if (fresh && !tally->episodes[i].fresh)
			continue;
		counts[count++] = tally->episodes[i].count;
		windows += !tally->episodes[i].cut;
	}
	if (count < 3)
		return false;
	sort_numbers(counts, count);
	verdict->per_s = per_s;
	if (!agreeing(counts, count, windows, verdict) || verdict->bits < (per_s == DAY_S ? 10 : 14) * 256)
		return false;

	uint32_t outside = 0, day = 0, days = 0;
	for (uint32_t i = 0; i < tally->count; i++) {
		const struct episode *episode = &tally->episodes[i];
		if (episode->count > verdict->most + verdict->most / 8 + 2) {
			outside += 4;
		} else if (fresh && !episode->fresh) {
			continue;
		} else if (episode->count < verdict->least || episode->count > verdict->most) {
			outside += !episode->cut;
		} else {
			if (agreed == 0 || (uint32_t)episode->day != day)
				days++;
			day = (uint32_t)episode->day;
			tested += episode->tested >= per_s / 16;
			agree[agreed] = episode;
			counts[agreed++] = episode->count;
		}
	}
	/* where deferral is over in a moment, the time to wait is not known, and certainly not so long */
	if (days < (per_s == DAY_S ? 3u : 2u) || tested * 2 < agreed)
		return false;
	for (uint32_t i = 0; i < agreed && i < MH_COUNT(verdict->shown); i++)
		verdict->shown[verdict->shown_count++] = counts[i];
	sort_numbers(counts, agreed);
	verdict->accepted = counts[agreed / 2];
	verdict->windows = agreed * tally->stride;
	verdict->days = days;

	/* what calm windows say */
	uint64_t above = 0, near = 0;
	for (uint32_t i = 0; i < CELLS; i++) {
		uint32_t all = (fresh ? 0u : tally->peaks[0][i]) + tally->peaks[1][i];
		if (cell_least(i) > verdict->most + verdict->most / 8 + 1)
			above += (uint64_t)tally->peaks[0][i] + tally->peaks[1][i];
		else if (i + 1 < CELLS && cell_least(i + 1) > verdict->least - verdict->least / 10)
			near += all;
	}
	uint64_t bad = (fresh ? 0u : (uint64_t)tally->mixed[0] + tally->starved[0]) + tally->mixed[1] +
	    tally->starved[1];
	uint64_t good = verdict->windows;
	/* fewer than the limit is what others who use the address leave: half a contradiction */
	bad += (uint64_t)outside * tally->stride / 2 + 2 * above + near / 2;
	if (above * 6 > good || near * 2 > good || bad * 10 > good * 7 || !by_number(agree, agreed))
		return false;
	int64_t few = 1000;
	for (int32_t bits = verdict->bits / 256; bits > 0 && few > 0; bits--)
		few = few * 84 / 100; /* halves every four bits */
	verdict->confidence = (int)((int64_t)(1000 * good / (good + bad)) * (1000 - few) / 1000);
	return true;
}

/* better - whether a explains more than b.  The shorter explanation has the benefit of the doubt: a longer
 * window explains as much where nothing was tried after the shorter one was over. */
static bool
better(const struct verdict *a, const struct verdict *b)
{
	return a->confidence > b->confidence + (b->confidence >= TOLD && a->per_s > b->per_s ? 150 : 0);
}

static void
consider(const struct tally *tally, uint32_t per_s, struct verdict *best)
{
	for (int fresh = 0; fresh < 2; fresh++) {
		struct verdict verdict = { 0 };
		if (judge(tally, fresh, per_s, &verdict) && better(&verdict, best))
			*best = verdict;
	}
}

/* -------------------------------------------------------------------- sliding windows */

/* judge_glide - whether a sliding window of that length explains the series
 *
 * Under pressure a sliding window has no onset: a place gets free, and is taken at once.  But whenever such
 * a receiver defers, what it took in the time before is the limit, and when it takes what comes, it is less. */
static bool
judge_glide(const struct glide *glide, uint32_t per_s, struct verdict *verdict)
{
	uint32_t taken[EPISODES], wanted[EPISODES], agreed = 0, days = 0;
	int32_t day = 0;
	if (glide->count < 3)
		return false;
	for (uint32_t i = 0; i < glide->count; i++)
		taken[i] = glide->peaks[i].accepted;
	sort_numbers(taken, glide->count);
	verdict->per_s = per_s;
	if (!agreeing(taken, glide->count, glide->count, verdict) || verdict->bits < 14 * 256)
		return false;
	for (uint32_t i = 0; i < glide->count; i++) {
		const struct peak *peak = &glide->peaks[i];
		if (peak->accepted < verdict->least || peak->accepted > verdict->most)
			continue;
		if (agreed < MH_COUNT(verdict->shown))
			verdict->shown[verdict->shown_count++] = peak->accepted;
		days += agreed == 0 || peak->day != day;
		day = peak->day;
		taken[agreed] = peak->accepted;
		wanted[agreed++] = peak->wanted;
	}
	if (days < (per_s == DAY_S ? 3u : 2u) || agreed * 10 < glide->count * 6)
		return false;
	/* what is taken is steadier than chance makes it, and than what is wanted */
	uint64_t taken_spread = spread(taken, agreed), wanted_spread = spread(wanted, agreed);
	uint64_t limit = taken[agreed / 2], middle = wanted[agreed / 2];
	uint64_t steady = taken_spread * 20 / agreed;
	if (steady * steady > limit * 16 && taken_spread * 100 > limit * agreed)
		return false;
	if (wanted_spread * limit < 4 * taken_spread * middle || wanted_spread * 20 < middle * agreed)
		return false;
	uint64_t held = 0, under = 0, over = 0, near = 0;
	for (uint32_t i = 0; i < CELLS; i++) {
		uint32_t least = cell_least(i);
		if (least > limit + limit / 8 + 1)
			over += (uint64_t)glide->held[i] + glide->calm[i];
		else if (cell_least(i + 1) + limit / 8 < limit)
			under += glide->held[i];
		else
			held += glide->held[i];
		if (least >= limit - limit / 16 && least <= limit + limit / 8 + 1)
			near += glide->calm[i];
	}
	if (under * 4 > held || over * 10 > held || near > held)
		return false;
	verdict->accepted = (uint32_t)limit;
	verdict->windows = agreed * glide->stride;
	verdict->days = days;
	verdict->sliding = true;
	verdict->confidence = (int)(1000 * held / (held + under + 2 * over + near / 2) * 9 / 10);
	return true;
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
			glide_take(glide, &slots[i].span, floor_div(slots[i].number, DAY_SLOTS),
			    (int32_t)floor_div(slots[i].number, DAY_SLOTS), accepted, limited, 2);
	}
	glide_close(glide);
}

static void
consider_glide(const struct glide *glide, uint32_t per_s, struct verdict *best)
{
	struct verdict verdict = { 0 };
	if (judge_glide(glide, per_s, &verdict) && better(&verdict, best))
		*best = verdict;
}

/* ------------------------------------------------------------------------- evidence */

struct sentence {
	char *p;
	size_t len, cap;
};

static void
say(struct sentence *to, const char *text)
{
	for (; *text != '\0' && to->len + 1 < to->cap; text++)
		to->p[to->len++] = *text;
	to->p[to->len] = '\0';
}

static void
say_number(struct sentence *to, uint32_t number)
{
	char digits[11];
	size_t at = sizeof(digits) - 1;
	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	say(to, digits + at);
}

static void
say_evidence(const struct verdict *verdict, struct sentence *to)
{
	say_number(to, verdict->windows);
	say(to,
	    verdict->per_s == DAY_S      ? " days"
		: verdict->per_s == 3600 ? " hours"
		: verdict->per_s == 600  ? " windows of ten minutes"
					 : " minutes");
	if (verdict->per_s != DAY_S) {
		say(to, " on ");
		say_number(to, verdict->days);
		say(to, " days");
	}
	say(to, ": ");
	for (uint32_t i = 0; i < verdict->shown_count; i++) {
		say(to, i > 0 ? ", " : "");
		say_number(to, verdict->shown[i]);
	}
	if (verdict->windows > verdict->shown_count)
		say(to, " and so on");
	if (verdict->windows > verdict->shown_count && verdict->least < verdict->most) {
		say(to, " (");
		say_number(to, verdict->least);
		say(to, " to ");
		say_number(to, verdict->most);
		say(to, ")");
	}
	say(to,
	    verdict->sliding ? " accepted in as long before a deferral"
			     : " accepted before the first deferral");
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
			tally_reset(&meter->tally);
			meter->last_accepted = meter->last_start = meter->last_starved = -4 * TIME_MAX;
		}
		engine->rings[i].number = -4 * TIME_MAX;
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
				tally_take(&tally, &now);
			}
			consider(&tally, lengths[i], &best);
		}
		glide = series->engine->rings[i].glide;
		glide_close(&glide);
		consider_glide(&glide, lengths[i], &best);
	}
	int32_t zone = (int32_t)floor_div(-(int64_t)offset_s, SLOT_S);
	for (int32_t i = 0; i < DAY_SLOTS; i++) {
		days_by_calendar(series->engine, (zone + i) % DAY_SLOTS, &tally);
		consider(&tally, DAY_S, &best);
	}
	days_from_first(series->engine, &tally);
	consider(&tally, DAY_S, &best);
	glide_days(series->engine, &glide);
	consider_glide(&glide, DAY_S, &best);
	if (best.confidence < TOLD)
		return MH_ERR_OK;
	out->accepted = best.accepted;
	out->per_s = best.per_s;
	out->confidence = best.confidence;
	say_evidence(&best, &(struct sentence){ out->evidence, 0, sizeof(out->evidence) });
	return MH_ERR_OK;
}
