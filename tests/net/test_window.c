/* test_window.c - lib/net/window.c */
#include "support.h"

#include "window.h"

enum { PERIOD_MS = 2000, QUICK_US = 1000, MOST = 5000 };

static void
answered(struct mh_window *window, uint32_t in_flight, bool is_late, int64_t now_ms)
{
	const struct mh_window_answer answer = { .rtt_us = QUICK_US,
		.in_flight = in_flight,
		.is_late = is_late };
	mh_window_answered(window, &answer, now_ms, PERIOD_MS);
}

static void
begins_so_that_a_domain_fits(void **state)
{
	struct mh_window window;
	(void)state;
	mh_window_init(&window, MOST);
	assert_in_range(window.size, 200, 512);
	mh_window_init(&window, 10);
	assert_int_equal(window.size, 10);
}

/* the answers of a round trip double it, while it is used */
static void
grows_while_it_is_used(void **state)
{
	struct mh_window window;
	(void)state;
	mh_window_init(&window, MOST);
	for (uint32_t i = MH_WINDOW_FIRST; i > 0; i--)
		answered(&window, window.size, false, 1);
	assert_int_equal(window.size, 2 * MH_WINDOW_FIRST);
	for (uint32_t i = 0; i < 10000; i++)
		answered(&window, 10, false, 2);
	assert_int_equal(window.size, 2 * MH_WINDOW_FIRST);
	for (uint32_t i = 0; i < 200000; i++)
		answered(&window, window.size, false, 3);
	assert_int_equal(window.size, MOST);
}

/* answers that wait behind others say that more questions bring no more of them */
static void
grows_slowly_where_answers_queue(void **state)
{
	struct mh_window window;
	(void)state;
	mh_window_init(&window, MOST);
	answered(&window, 1, false, 1);
	for (uint32_t i = 0; i < MH_WINDOW_FIRST; i++) {
		const struct mh_window_answer slow = { .rtt_us = 40000, .in_flight = window.size };
		mh_window_answered(&window, &slow, 2, PERIOD_MS);
	}
	assert_int_equal(window.size, MH_WINDOW_FIRST + 1);
	/* a server that is far away is not one that is busy */
	mh_window_init(&window, MOST);
	for (uint32_t i = 0; i < MH_WINDOW_FIRST; i++) {
		const struct mh_window_answer far = { .rtt_us = 200000 + i * 100, .in_flight = window.size };
		mh_window_answered(&window, &far, 2, PERIOD_MS);
	}
	assert_int_equal(window.size, 2 * MH_WINDOW_FIRST);
}

/* answers that came late all at once are one sign; the next period's are the next */
static void
halves_when_a_server_is_late(void **state)
{
	struct mh_window window;
	(void)state;
	mh_window_init(&window, MOST);
	window.size = 4000;
	for (int i = 0; i < 100; i++)
		answered(&window, 100, false, 10);
	for (int i = 0; i < 1000; i++)
		answered(&window, 1000, true, 10);
	assert_int_equal(window.size, 2000);
	for (int i = 0; i < 1000; i++)
		answered(&window, 1000, true, 10 + PERIOD_MS);
	assert_int_equal(window.size, 1000);
	for (int64_t period = 2; period < 20; period++)
		for (int i = 0; i < 1000; i++)
			answered(&window, 1000, true, 10 + period * PERIOD_MS);
	assert_int_equal(window.size, MH_WINDOW_LEAST);
	/* and then it grows by one a window */
	for (int i = 0; i < MH_WINDOW_LEAST - 1; i++)
		answered(&window, MH_WINDOW_LEAST, false, 1000000);
	assert_int_equal(window.size, MH_WINDOW_LEAST);
	answered(&window, MH_WINDOW_LEAST, false, 1000000);
	assert_int_equal(window.size, MH_WINDOW_LEAST + 1);
}

/* names that take long, among many that do not, are no sign of a server that is too busy */
static void
stays_when_few_are_late(void **state)
{
	struct mh_window window;
	(void)state;
	mh_window_init(&window, MOST);
	window.size = 1000;
	for (int i = 0; i < 15; i++)
		answered(&window, 10, true, 10);
	for (int i = 0; i < 10000; i++)
		answered(&window, 10, i % 10 == 0, 10000 + i);
	assert_int_equal(window.size, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_so_that_a_domain_fits),
		cmocka_unit_test(grows_while_it_is_used),
		cmocka_unit_test(grows_slowly_where_answers_queue),
		cmocka_unit_test(halves_when_a_server_is_late),
		cmocka_unit_test(stays_when_few_are_late),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
