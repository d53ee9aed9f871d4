/* window.h - how many questions a server may be left with at once
 *
 * A resolver that gets more than it can hold drops them, and says nothing.  So
 * the window begins small and grows with each answer, as long as it is used and
 * answers come as quickly as they can: where they begin to queue, more questions
 * bring no more answers (RFC 6817 does the like).  It is halved when many
 * answers come only to questions that had to be repeated; from there it grows by
 * one a window (RFC 5681 3.1).  A name that nobody answers for is no sign of
 * either: its question is not answered when it is repeated.
 */
#ifndef MH_WINDOW_H
#define MH_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#define MH_WINDOW_FIRST 256 /* a whole domain's questions fit */
#define MH_WINDOW_LEAST 64

struct mh_window {
	uint32_t size, most; /* questions */
	uint32_t threshold; /* above it, growth is slow */
	uint32_t grown; /* answers since it last grew slowly */
	uint32_t prompt, late; /* answers of this period, by whether the question had to be repeated */
	int64_t least_us; /* the quickest answer; 0: none yet */
	int64_t until_ms; /* end of the period */
	bool
	    is_settling; /* halved: what was sent before is answered late for a period, and is no other sign */
};

void mh_window_init(struct mh_window *window, uint32_t most);
struct mh_window_answer {
	int64_t rtt_us;
	uint32_t in_flight; /* questions on their way as it came */
	bool is_late; /* the server that gives it was silent to the same question before */
};
/* mh_window_answered - period_ms: how long silence is waited for */
void mh_window_answered(struct mh_window *window, const struct mh_window_answer *answer, int64_t now_ms,
    int64_t period_ms);

#endif
