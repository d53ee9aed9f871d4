/* window.c - how many questions a server may be left with at once */
#include "window.h"

#define LATE_LEAST 16 /* fewer are chance */
#define LATE_SHARE 8 /* one late answer in so many is too much */
#define QUEUE_US 20000 /* waiting in a queue, more than which is too much */

void
mh_window_init(struct mh_window *window, uint32_t most)
{
	*window = (struct mh_window){ .size = most < MH_WINDOW_FIRST ? most : MH_WINDOW_FIRST,
		.most = most,
		.threshold = most };
}

static void
begin_period(struct mh_window *window, int64_t until_ms, bool is_settling)
{
	window->prompt = window->late = 0;
	window->until_ms = until_ms;
	window->is_settling = is_settling;
}

static void
halve(struct mh_window *window)
{
	window->size = window->size / 2 > MH_WINDOW_LEAST ? window->size / 2 : MH_WINDOW_LEAST;
	window->threshold = window->size;
	window->grown = 0;
}

/* is_quick - it did not wait behind others for long */
static bool
is_quick(struct mh_window *window, int64_t rtt_us)
{
	if (window->least_us == 0 || rtt_us < window->least_us)
		window->least_us = rtt_us > 0 ? rtt_us : 1;
	return rtt_us - window->least_us <= (window->least_us > QUEUE_US ? window->least_us : QUEUE_US);
}

static void
grow(struct mh_window *window, bool is_quick)
{
	if (window->size >= window->most)
		return;
	if ((!is_quick || window->size >= window->threshold) && ++window->grown < window->size)
		return;
	window->grown = 0;
	window->size++;
}

void
mh_window_answered(struct mh_window *window, const struct mh_window_answer *answer, int64_t now_ms,
    int64_t period_ms)
{
	if (now_ms >= window->until_ms)
		begin_period(window, now_ms + period_ms, false);
	if (!answer->is_late) {
		window->prompt++;
		/* unused room says nothing about how much the server takes (RFC 7661) */
		bool quick = is_quick(window, answer->rtt_us);
		if (answer->in_flight >= window->size / 2)
			grow(window, quick);
		return;
	}
	window->late++;
	if (window->is_settling || window->late < LATE_LEAST ||
	    (uint64_t)window->late * LATE_SHARE < (uint64_t)window->late + window->prompt)
		return;
	halve(window);
	begin_period(window, now_ms + period_ms, true);
}
