/* throttle.h - limits that a receiver does not publish, read from what it took and what it put off
 *
 * "BT: about 49 accepted a day from this address, then 421".  A receiver that
 * counts leaves a mark in the log: in window after window the number of
 * messages accepted before the first "too many" is nearly the same, and after
 * the window is over it accepts again.  What is no limit leaves others: an
 * outage defers at any count, greylisting defers first and accepts then,
 * reputation defers a share.
 *
 * Deliveries to one receiver come in roughly in the order of time: a short
 * queue sorts them, what comes later still counts where it comes.  Memory a
 * series is bounded, whatever the length of the log: 64 KiB at most, and a few
 * hundred octets while there are few deliveries.
 *
 * Does not: know about receivers, texts or logs; who feeds it decides which
 * deferrals speak of rate.  Never says anything from a single day.
 */
#ifndef MH_THROTTLE_H
#define MH_THROTTLE_H

#include "mem.h"
#include "str.h"

enum mh_throttle_event {
	MH_THROTTLE_ACCEPTED, /* a message was taken */
	MH_THROTTLE_LIMITED, /* put off or refused with words about rate or number */
	MH_THROTTLE_OTHER /* put off for another reason */
};

#define MH_THROTTLE_OCTETS_MAX 65536 /* a series never takes more */

struct mh_throttle_series; /* one receiver, as seen from this server */
/* mem is not copied: it outlives the series */
struct mh_throttle_series *mh_throttle_make(const struct mh_mem *mem); /* NULL: no memory */
void mh_throttle_free(struct mh_throttle_series *series);
/* mh_throttle_add - one delivery at a time in seconds since the epoch; MH_OK or MH_ENOMEM.  A delivery for
 * which there was no memory is not counted; the series stays good. */
int mh_throttle_add(struct mh_throttle_series *series, int64_t unix_s, int event);

struct mh_throttle {
	int64_t accepted; /* how many are taken; 0: no limit was seen */
	int64_t per_s; /* in how many seconds: 60, 600, 3600 or 86400 */
	/* 0 to 1000: the share of the windows that say anything and agree, less the chance that so many
	 * counts agree by accident.  Above 900 nothing contradicts; below 660 is never told. */
	int confidence;
	char evidence[200]; /* in ASCII: "4 days: 49, 49, 50, 49 accepted before the first deferral" */
};

/* mh_throttle_infer - the limit that explains the series best; out->accepted is 0 if none does beyond
 * doubt.  offset_s: the zone in which days begin, for windows that follow the calendar; it breaks ties, other
 * hours at which a day may begin are tried as well.  MH_OK or MH_ENOMEM.  What was added before is all taken
 * into account; more may be added after. */
int mh_throttle_infer(struct mh_throttle_series *series, int32_t offset_s, struct mh_throttle *out);

#endif
