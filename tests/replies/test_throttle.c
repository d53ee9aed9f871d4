/* test_throttle.c - lib/replies/throttle.c */
#include "support.h"

#include <stdlib.h>

#include "error.h"
#include "throttle.h"
#include "throttle_world.h"

#define DAY INT64_C(86400)
#define HOUR INT64_C(3600)
#define BEGIN (INT64_C(20500) * DAY) /* midnight UTC */

static struct test_alloc alloc;
static struct mh_mem mem;
static struct mh_throttle_series *series;
static struct test_random dice;
static bool enough; /* memory, so far */

static void
add(int64_t t, int event)
{
	enough = mh_throttle_add(series, t, event) == MH_ERR_OK && enough;
}

/* ------------------------------------------------------------------------ scenarios
 *
 * All but a few are made of days: so many messages, from an hour on, so many
 * seconds apart, of which a receiver takes so many. */

/* some_day - sent messages from t on; the first `taken` are accepted, the rest is deferred and tried again
 * each hour until midnight; returns how many are left */
static int
some_day(int64_t t, int sent, int64_t apart, int taken)
{
	int64_t midnight = (t / DAY + 1) * DAY;
	for (int i = 0; i < sent; i++)
		add(t + i * apart, i < taken ? MH_THROTTLE_ACCEPTED : MH_THROTTLE_LIMITED);
	for (int64_t again = t + sent * apart + HOUR; sent > taken && again < midnight; again += HOUR)
		for (int i = taken; i < sent; i++)
			add(again + i, MH_THROTTLE_LIMITED);
	return sent > taken ? sent - taken : 0;
}

static int64_t
some_morning(int day)
{
	return BEGIN + day * DAY + 7 * HOUR + (int64_t)test_random_below(&dice, 5400);
}

static void
days_of_49(int days)
{
	int left = 0;
	for (int day = 0; day < days; day++) {
		for (int i = 0; i < left; i++)
			add(BEGIN + day * DAY + 60 + i, MH_THROTTLE_ACCEPTED);
		left = some_day(some_morning(day), 60 + (int)test_random_below(&dice, 9), 20, 49 - left);
	}
}

static void
one_day(void)
{
	days_of_49(1);
}

static void
two_days(void)
{
	days_of_49(2);
}

static void
four_days(void)
{
	days_of_49(4);
}

static void
ten_days_with_idle_ones(void)
{
	for (int day = 0; day < 10; day++)
		(void)some_day(some_morning(day), day % 3 == 0 ? 9 : 150 + day * 7, 11, 100);
}

/* bursts - of `times` the limit, thrice a day, each new window takes the limit */
static void
bursts(int64_t length, int limit, int times)
{
	for (int day = 0; day < 6; day++) {
		for (int burst = 0; burst < 3; burst++) {
			int64_t t = BEGIN + day * DAY + (7 + 4 * burst) * HOUR +
			    (int64_t)test_random_below(&dice, 600);
			t -= t % length;
			for (int window = 0; window < times; window++, t += length) {
				int64_t pace = 30 + (int64_t)test_random_below(&dice, 60);
				for (int i = 0; i < limit; i++)
					add(t + i * length * pace / (limit * 200), MH_THROTTLE_ACCEPTED);
				for (int i = 0; window + 1 < times && i < 40; i++)
					add(t + length * pace / 200 + i * length / 80, MH_THROTTLE_LIMITED);
			}
		}
	}
}

static void
an_hour(void)
{
	bursts(HOUR, 20, 4);
}

static void
ten_minutes(void)
{
	bursts(600, 200, 3);
}

static void
a_minute(void)
{
	bursts(60, 30, 8);
}

static void
sliding(void)
{
	/* office hours' mail, 120 to 200 a day; 100 in any 24 hours; what is deferred comes again each 20 minutes */
	static int64_t taken[100];
	int waiting = 0;
	size_t count = 0;
	for (int64_t minute = 0; minute < 12 * 24 * 60; minute++) {
		int64_t t = BEGIN + minute * 60, hour = minute / 60 % 24;
		int tries = minute % 20 == 0 ? waiting : 0;
		if (hour >= 8 && hour < 18 &&
		    test_random_below(&dice, 100) < 20 + (size_t)(minute / 1440 % 4) * 4)
			tries++, waiting++;
		for (int i = 0; i < tries; i++) {
			bool yes = count < 100 || taken[count % 100] <= t + i - DAY;
			add(t + i, yes ? MH_THROTTLE_ACCEPTED : MH_THROTTLE_LIMITED);
			if (yes) {
				taken[count++ % 100] = t + i;
				waiting--;
			}
		}
	}
}

static void
outages(void)
{
	for (int day = 0; day < 12; day++) {
		int64_t t = some_morning(day);
		int n = 30 + (int)test_random_below(&dice, 70), from = (int)test_random_below(&dice, 60);
		for (int i = 0; i < n; i++) {
			bool out = day % 3 == 0 && i >= from && i < from + 20;
			add(t + i * 200, out ? MH_THROTTLE_LIMITED : MH_THROTTLE_ACCEPTED);
		}
	}
}

static void
greylisting(void)
{
	for (int day = 0; day < 12; day++) {
		int64_t t = some_morning(day);
		for (int i = 0; i < 50; i++)
			add(t + i, MH_THROTTLE_LIMITED);
		for (int i = 0; i < 50; i++)
			add(t + 400 + i, MH_THROTTLE_ACCEPTED);
	}
}

static void
a_third(void)
{
	for (int64_t i = 0; i < 9000; i++)
		add(BEGIN + i * 97,
		    test_random_below(&dice, 3) == 0 ? MH_THROTTLE_LIMITED : MH_THROTTLE_ACCEPTED);
}

static void
busy_hours(void)
{
	for (int day = 0; day < 20; day++)
		for (int64_t s = 0; s < DAY; s += 300 + (int64_t)test_random_below(&dice, 60))
			add(BEGIN + day * DAY + s,
			    s >= 9 * HOUR && s < 12 * HOUR ? MH_THROTTLE_LIMITED : MH_THROTTLE_ACCEPTED);
}

static void
newsletters_of_50(void)
{
	for (int day = 0; day < 20; day++)
		(void)some_day(some_morning(day), 50, 2, 50);
}

static void
newsletters_of_50_and_one_greylisted(void)
{
	for (int day = 0; day < 20; day++) {
		int64_t t = some_morning(day);
		(void)some_day(t, 50, 2, 50);
		for (int64_t again = 102; again < 3000; again += 300)
			add(t + again, MH_THROTTLE_LIMITED);
		add(t + 3300, MH_THROTTLE_ACCEPTED);
	}
}

static void
a_bad_day(void)
{
	for (int day = 0; day < 14; day++)
		(void)some_day(some_morning(day), 80 + day, 15, day == 6 ? 33 : 1000);
}

static void
growth(void)
{
	for (int day = 0; day < 20; day++)
		(void)some_day(some_morning(day), 20 + day * 12, 15, 1000);
}

static void
another_reason(void)
{
	for (int day = 0; day < 10; day++)
		for (int i = 0; i < 90; i++)
			add(BEGIN + day * DAY + i * 60, i < 40 ? MH_THROTTLE_ACCEPTED : MH_THROTTLE_OTHER);
}

static void
nothing(void)
{
}

static void
the_ends_of_time(void)
{
	static const int64_t times[] = { INT64_MIN, INT64_MAX, 0, -1, INT64_MIN + 1, INT64_MAX - 1,
		INT64_C(1) << 40, -(INT64_C(1) << 40) };
	for (int i = 0; i < 3000; i++)
		add(times[i % 8] + (times[i % 8] == 0 ? i : 0),
		    i % 3 == 0 ? MH_THROTTLE_LIMITED : MH_THROTTLE_ACCEPTED);
}

/* clang-format off */
static const struct scenario {
	const char *sentence;
	void (*fill)(void);
	int64_t accepted, per_s;
	const char *evidence;
} scenarios[] = {
	{ "nothing is said of nothing", nothing, 0, 0, "" },
	{ "nothing is said from one day", one_day, 0, 0, "" },
	{ "nothing is said from two days", two_days, 0, 0, "" },
	{ "four days show a daily limit", four_days, 49, DAY, "4 days: 49, 49, 49, 49 accepted before the first deferral" },
	{ "idle days do not hide a daily limit", ten_days_with_idle_ones, 100, DAY,
	    "6 days: 100, 100, 100, 100, 100, 100 accepted before the first deferral" },
	{ "an hourly limit is one", an_hour, 20, HOUR, NULL },
	{ "a limit in ten minutes is one", ten_minutes, 200, 600, NULL },
	{ "a limit in a minute is one", a_minute, 30, 60, NULL },
	{ "a sliding day is a day", sliding, 100, DAY, NULL },
	{ "outages are no limit", outages, 0, 0, "" },
	{ "greylisting is no limit", greylisting, 0, 0, "" },
	{ "a share is no limit", a_third, 0, 0, "" },
	{ "busy hours are no limit", busy_hours, 0, 0, "" },
	{ "a constant volume is no limit", newsletters_of_50, 0, 0, "" },
	{ "nor with one deferred behind it", newsletters_of_50_and_one_greylisted, 0, 0, "" },
	{ "a bad day is no limit", a_bad_day, 0, 0, "" },
	{ "growth is no limit", growth, 0, 0, "" },
	{ "what is put off for another reason says nothing", another_reason, 0, 0, "" },
	{ "any time is a time", the_ends_of_time, 0, 0, "" },
};
/* clang-format on */

static void
begin(void)
{
	alloc = (struct test_alloc){ 0 };
	mem = test_alloc_mem(&alloc);
	dice = (struct test_random){ 0 };
	enough = true;
	series = mh_throttle_make(&mem);
	test_check("there is memory", series != NULL);
}

static void
end(void)
{
	mh_throttle_free(series);
	test_alloc_done(&alloc);
}

static void
scenarios_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(scenarios); i++) {
		const struct scenario *scenario = &scenarios[i];
		struct mh_throttle out, again;
		begin();
		scenario->fill();
		test_check("there is memory", enough);
		test_number("it is asked", mh_throttle_infer(series, 0, &out), MH_ERR_OK);
		test_number(scenario->sentence, out.accepted, scenario->accepted);
		test_number(scenario->sentence, out.per_s, scenario->per_s);
		test_check(scenario->sentence, (out.confidence >= 600) == (scenario->accepted > 0));
		test_check("confidence has an end", out.confidence >= 0 && out.confidence <= 1000);
		if (scenario->evidence != NULL)
			test_span(scenario->sentence, mh_str_z(out.evidence), mh_str_z(scenario->evidence));
		test_number("it is asked again", mh_throttle_infer(series, 0, &again), MH_ERR_OK);
		test_check("the answer stays", memcmp(&out, &again, sizeof(out)) == 0);
		end();
	}
}

static void
days_begin_in_any_zone(void **state)
{
	(void)state;
	for (int32_t zone = -14 * 3600; zone <= 14 * 3600; zone += 900) {
		struct mh_throttle out;
		begin();
		four_days();
		test_number("it is asked", mh_throttle_infer(series, zone, &out), MH_ERR_OK);
		test_number("the zone only breaks ties", out.accepted, 49);
		end();
	}
	begin();
	struct mh_throttle out;
	four_days();
	test_number("a zone that is none", mh_throttle_infer(series, INT32_MIN, &out), MH_ERR_OK);
	test_number("does no harm", out.accepted, 49);
	end();
}

static void
disorder_is_sorted(void **state)
{
	int64_t times[40];
	int events[40];
	struct mh_throttle out;
	(void)state;
	begin();
	/* blocks of 40 come backwards */
	for (int day = 0; day < 5; day++) {
		int64_t t = some_morning(day);
		for (int i = 0; i < 120; i++) {
			times[i % 40] = t + i * 3;
			events[i % 40] = i < 70 ? MH_THROTTLE_ACCEPTED : MH_THROTTLE_LIMITED;
			for (int k = 39; i % 40 == 39 && k >= 0; k--)
				add(times[k], events[k]);
		}
		for (int i = 0; i < 200; i++)
			add(t + HOUR + i * 60, MH_THROTTLE_LIMITED);
	}
	test_number("it is asked", mh_throttle_infer(series, 0, &out), MH_ERR_OK);
	test_number("disorder within the queue changes nothing", out.accepted, 70);
	end();
}

static bool
with_memory(struct mh_mem given, void *arg)
{
	struct mh_throttle out;
	const struct scenario *scenario = arg;
	dice = (struct test_random){ 0 };
	enough = true;
	series = mh_throttle_make(&given);
	if (series == NULL)
		return false;
	scenario->fill();
	bool good = mh_throttle_infer(series, 0, &out) == MH_ERR_OK && enough;
	mh_throttle_free(series);
	return good;
}

static void
memory_may_fail(void **state)
{
	(void)state;
	for (size_t i = 3; i < 6; i++)
		(void)test_failing_allocs(with_memory, (void *)(uintptr_t)&scenarios[i], false);
}

static void
memory_is_bounded(void **state)
{
	struct mh_throttle out;
	size_t most = 0;
	(void)state;
	begin();
	test_check("a new series is small", alloc.live_octets <= 64);
	for (int i = 0; i < 16; i++)
		add(BEGIN + i * 1000, MH_THROTTLE_ACCEPTED);
	test_check("a few deliveries take little", alloc.live_octets <= 256);
	for (int i = 0; i < 10000000; i++) {
		/* three years, with half of the time jumps back and forth */
		int64_t t = BEGIN + i * INT64_C(9) + (i & 64 ? (int64_t)test_random_below(&dice, 100000) : 0);
		add(t, test_random_below(&dice, 10) == 0 ? MH_THROTTLE_LIMITED : MH_THROTTLE_ACCEPTED);
		most = alloc.live_octets > most ? alloc.live_octets : most;
	}
	test_check("there is memory", enough);
	test_check("ten million deliveries take no more than is promised", most <= MH_THROTTLE_OCTETS_MAX);
	test_number("it is asked", mh_throttle_infer(series, 0, &out), MH_ERR_OK);
	test_number("there is no limit", out.accepted, 0);
	end();
}

/* 40 worlds with a limit, 40 without: see tests/score/score_throttle.c for many more. */
static void
worlds_are_judged(void **state)
{
	unsigned right = 0;
	(void)state;
	for (uint64_t seed = 1000; seed < 1080; seed++) {
		struct world world;
		struct mh_throttle out;
		char told[400];
		size_t count;
		world_make(&world, seed, seed < 1040, 1000);
		world_tell(&world, told, sizeof(told));
		struct world_event *list = world_run(&world, &count);
		begin();
		for (size_t i = 0; i < count; i++)
			add(list[i].t, list[i].what);
		test_number("it is asked", mh_throttle_infer(series, 0, &out), MH_ERR_OK);
		if (world.limited)
			right += out.per_s == world.per_s &&
			    llabs(out.accepted - (int64_t)world.limit) * 10 <= (int64_t)world.limit;
		else
			test_number(told, out.accepted, 0);
		end();
		free(list);
	}
	test_check("36 of 40 limits are right within 10 percent", right >= 36);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scenarios_are_judged),
		cmocka_unit_test(days_begin_in_any_zone),
		cmocka_unit_test(disorder_is_sorted),
		cmocka_unit_test(memory_may_fail),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(worlds_are_judged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
