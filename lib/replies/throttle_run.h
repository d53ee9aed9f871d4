/* throttle_run.h - what throttle.c counts, and throttle_judge.c judges */
#ifndef MH_THROTTLE_RUN_H
#define MH_THROTTLE_RUN_H

#include "throttle.h"

enum {
	DAY_S = 86400,
	EPISODES = 32, /* reached windows that are remembered */
	CELLS = 136, /* eight per doubling, up to 2^17 */
	SPAN_MAX = 1 << 24, /* counts stop here */
	TOLD = 660, /* confidence below this is none */
	NEVER = UINT16_MAX
};

/* Some time's deliveries, parted in two: `before` accepted and `early` limited, then the onset and the rest,
 * so that early and what is accepted behind the onset are together as few as can be.  Without an onset,
 * all is before it. */
struct span {
	uint32_t accepted, limited;
	uint32_t before, early;
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
	uint32_t touched; /* moments of deferral in which something had been accepted */
};

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

static inline int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static inline bool
has_onset(const struct span *span)
{
	return span->limited > span->early;
}

/* cell_least - the least count of a cell */
static inline uint32_t
cell_least(uint32_t at)
{
	return at < 16 ? at : (8 + at % 8) << (at / 8 - 1);
}

/* mh_span_add - true if the onset is at this delivery */
bool mh_span_add(struct span *span, bool limited);
/* mh_span_join - b follows a; true if the onset is that of b */
bool mh_span_join(struct span *a, const struct span *b);
void mh_tally_reset(struct tally *tally);
/* mh_tally_take - sorts a window that is over */
void mh_tally_take(struct tally *tally, const struct window *window);
/* mh_glide_take - a part of the time is over: what is in it, and what was in the window's length up to its
 * end; number is that of the length, day its day.  Fewer deferrals than least are strays. */
void mh_glide_take(struct glide *glide, const struct span *span, int64_t number, int32_t day,
    uint64_t accepted, uint64_t limited, uint32_t least);
void mh_glide_close(struct glide *glide); /* the last length is over */

/* mh_throttle_weigh, mh_throttle_weigh_glide - *best becomes what was seen if that explains more; from short
 * windows to long ones */
void mh_throttle_weigh(const struct tally *tally, uint32_t per_s, struct verdict *best);
void mh_throttle_weigh_glide(const struct glide *glide, uint32_t per_s, struct verdict *best);
/* mh_throttle_say - the evidence as a sentence; cap > 0 */
void mh_throttle_say(const struct verdict *verdict, char *to, size_t cap);

#endif
