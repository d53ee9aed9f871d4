/* logtime.h - the times that mail logs write
 *
 * Forms: syslog's "Mar  3 08:15:10" (RFC 3164 4.1.2: no zone and mostly no
 * year), RFC 3339 5.6 and ISO 8601 with T or a space, with or without fraction
 * and zone (also Exim's "2026-11-20 08:15:10 +0100"), TAI64N labels ("@4000…",
 * qmail), and seconds since the epoch as multilog and journald write them.  A
 * priority, "<22>" or "<22>1 " of RFC 5424 6.2, may stand in front.
 *
 * Does not: read a clock.  What a line leaves out (year, zone) comes from the
 * caller's clock settings, and a year that turns over between two lines is
 * seen from their order.
 */
#ifndef MH_LOGTIME_H
#define MH_LOGTIME_H

#include "str.h"

#define MH_TIME_UNKNOWN INT64_MIN

struct mh_logtime {
	int year; /* 0: not said */
	int month, day, hour, minute, second; /* month and day from 1; month 0: no time at all */
	int millisecond;
	int offset_s; /* east of UTC, if has_zone */
	bool has_zone;
	int64_t unix_s; /* of forms that say it outright (TAI64N, epoch); else MH_TIME_UNKNOWN */
};

/* What lines leave out.  Zeroed: nothing is known, and times without a year stay unknown. */
struct mh_logclock {
	int64_t now; /* seconds since the epoch; 0: not known.  No line is later than a day after it. */
	int32_t offset_s; /* east of UTC, for times without zone */
	int64_t last; /* 0 or the time of the line before: the year of the next is such that it goes on */
};

/* mh_logtime_read - the time at the start of s; how many octets it takes (what parts it from the rest
 * included), or 0 if there is none */
size_t mh_logtime_read(struct mh_str s, struct mh_logtime *time);
/* mh_logtime_unix - seconds since the epoch, or MH_TIME_UNKNOWN; clock->last is not changed.
 * Without a year: that of clock->last, or the next one if December comes before January (more than half a
 * year back is a new year), or the one before if January comes before December by a few days, as lines of
 * several processes may; without last, the latest year that is not after now and a day.  29 February is in the
 * next year, or the latest, that has one. */
int64_t mh_logtime_unix(const struct mh_logtime *time, const struct mh_logclock *clock);
/* mh_logtime_print - RFC 3339 5.6 in UTC, "2026-11-20T07:15:10Z", NUL-terminated; "" for MH_TIME_UNKNOWN or a
 * year beyond 0000 to 9999 */
#define MH_LOGTIME_TEXT 24
void mh_logtime_print(int64_t unix_s, char out[MH_LOGTIME_TEXT]);

#endif
