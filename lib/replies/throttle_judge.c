/* throttle_judge.c - whether windows of a length explain what a receiver took and put off
 *
 * See throttle.c for what is believed and why.  No floating point: the same log
 * gives the same answer everywhere.
 */
#include "port.h"
#include "throttle_run.h"

enum { COUNT_MIN = 5 }; /* no limit below this is told */

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

/* weight - how much a verdict explains.  Few receivers count by ten minutes; where the log hardly tells
 * that from a minute or an hour, it is one of those. */
static int
weight(const struct verdict *verdict)
{
	return verdict->confidence - (verdict->per_s == 600 ? 60 : 0);
}

/* better - whether a explains more than b
 *
 * Windows are tried from short to long, so the shorter explanation stands where a longer one explains no
 * more.  Under constant pressure any longer sliding window holds a constant number as well, many times that
 * of the true one: it only follows from the shorter. */
static bool
better(const struct verdict *a, const struct verdict *b)
{
	bool follows =
	    a->sliding && b->confidence >= TOLD && a->per_s > b->per_s && a->accepted / 2 >= b->accepted;
	return weight(a) > weight(b) + (follows ? 300 : 0);
}

void
mh_throttle_weigh(const struct tally *tally, uint32_t per_s, struct verdict *best)
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
	/* a limit is reached by accepting: what is deferred long after met something else */
	if (glide->touched * UINT64_C(2) < (uint64_t)agreed * glide->stride || under * 4 > held ||
	    over * 10 > held || near > held)
		return false;
	verdict->accepted = (uint32_t)limit;
	verdict->windows = agreed * glide->stride;
	verdict->days = days;
	verdict->sliding = true;
	/* the clock was not ruled out as the cause: never as sure as with an onset */
	verdict->confidence = (int)(800 * held / (held + under + 2 * over + near / 2));
	return true;
}

void
mh_throttle_weigh_glide(const struct glide *glide, uint32_t per_s, struct verdict *best)
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

void
mh_throttle_say(const struct verdict *verdict, char *p, size_t cap)
{
	struct sentence sentence = { p, 0, cap }, *to = &sentence;
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
