/* when.c - points in time, in words
 *
 * Times are shown as the clock on the wall of the log's server shows them: with
 * the offset that the caller gave, or the local zone's present one.  A log
 * seldom tells its zone, so a change of summer time within it is not followed.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

static const char *const months[] = { "January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December" };
static const char *const days[] = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday" };

/* wall - the calendar as the clock on the wall shows it */
static struct tm
wall(const struct clock *clock, int64_t unix_s)
{
	struct tm tm = { .tm_mday = 1 };
	time_t shown = (time_t)(unix_s + clock->offset_s);
	(void)gmtime_r(&shown, &tm);
	return tm;
}

void
clock_init(struct clock *clock)
{
	time_t now = time(NULL);
	struct tm local = { 0 }, utc = { 0 };

	*clock = (struct clock){ .now_s = now };
	tzset();
	if (localtime_r(&now, &local) == NULL || gmtime_r(&now, &utc) == NULL)
		return;
	/* of neighbouring days the years may differ */
	int day = local.tm_year != utc.tm_year ? (local.tm_year > utc.tm_year ? 1 : -1)
					       : local.tm_yday - utc.tm_yday;
	clock->offset_s = ((day * 24 + local.tm_hour - utc.tm_hour) * 60 + local.tm_min - utc.tm_min) * 60 +
	    local.tm_sec - utc.tm_sec;
}

bool
clock_set_now(struct clock *clock, const char *value)
{
	size_t len = strlen(value);
	if (len == 0 || len > 12 || strspn(value, "0123456789") != len)
		return false;
	clock->now_s = strtoll(value, NULL, 10);
	return clock->now_s > 0;
}

bool
clock_set_offset(struct clock *clock, const char *value)
{
	if (strcmp(value, "Z") == 0 || strcmp(value, "UTC") == 0) {
		clock->offset_s = 0;
		return true;
	}
	char digits[5] = "";
	size_t len = strlen(value);
	if ((value[0] != '+' && value[0] != '-') || (len != 5 && !(len == 6 && value[3] == ':')))
		return false;
	memcpy(digits, value + 1, 2);
	memcpy(digits + 2, value + len - 2, 2);
	if (strspn(digits, "0123456789") != 4)
		return false;
	int hours = (digits[0] - '0') * 10 + digits[1] - '0',
	    minutes = (digits[2] - '0') * 10 + digits[3] - '0';
	if (hours > 14 || minutes > 59)
		return false;
	clock->offset_s = (hours * 60 + minutes) * 60 * (value[0] == '-' ? -1 : 1);
	return true;
}

/* add_year - where it is not the present one */
static void
add_year(struct text *text, const struct clock *clock, const struct tm *tm)
{
	if (wall(clock, clock->now_s).tm_year == tm->tm_year)
		return;
	text_add(text, " ");
	text_add_int(text, tm->tm_year + 1900);
}

static void
add_day(struct text *text, const struct tm *tm, bool with_month)
{
	text_add_int(text, tm->tm_mday);
	if (with_month) {
		text_add(text, " ");
		text_add(text, months[tm->tm_mon]);
	}
}

static void
add_hour(struct text *text, const struct tm *tm)
{
	char hour[16];
	(void)snprintf(hour, sizeof(hour), "%02u:%02u", (unsigned)tm->tm_hour % 24,
	    (unsigned)tm->tm_min % 60);
	text_add(text, hour);
}

void
text_add_time(struct text *text, const struct clock *clock, int64_t unix_s)
{
	struct tm tm = wall(clock, unix_s);
	text_add(text, days[tm.tm_wday]);
	text_add(text, " ");
	add_day(text, &tm, true);
	add_year(text, clock, &tm);
	text_add(text, " ");
	add_hour(text, &tm);
}

void
text_add_times(struct text *text, const struct clock *clock, int64_t from_s, int64_t to_s)
{
	struct tm from = wall(clock, from_s), to = wall(clock, to_s);
	bool same_day = from.tm_year == to.tm_year && from.tm_yday == to.tm_yday;
	bool same_minute = same_day && from.tm_hour == to.tm_hour && from.tm_min == to.tm_min;

	text_add(text, same_minute ? "on " : "from ");
	text_add_time(text, clock, from_s);
	if (same_minute)
		return;
	text_add(text, " to ");
	if (same_day)
		add_hour(text, &to);
	else
		text_add_time(text, clock, to_s);
}

void
text_add_days(struct text *text, const struct clock *clock, int64_t from_s, int64_t to_s)
{
	struct tm from = wall(clock, from_s), to = wall(clock, to_s);
	bool same_year = from.tm_year == to.tm_year;

	if (same_year && from.tm_yday == to.tm_yday) {
		text_add(text, "on ");
		text_add(text, days[from.tm_wday]);
		text_add(text, " ");
		add_day(text, &from, true);
	} else {
		text_add(text, "from ");
		add_day(text, &from, !same_year || from.tm_mon != to.tm_mon);
		if (!same_year)
			add_year(text, clock, &from);
		text_add(text, " to ");
		add_day(text, &to, true);
	}
	add_year(text, clock, &to);
}

void
text_add_stamp(struct text *text, const struct clock *clock, int64_t unix_s)
{
	char stamp[48];
	struct tm tm = wall(clock, unix_s);
	(void)snprintf(stamp, sizeof(stamp), "%2u %.3s %02u:%02u:%02u", (unsigned)tm.tm_mday % 32,
	    months[tm.tm_mon], (unsigned)tm.tm_hour % 24, (unsigned)tm.tm_min % 60, (unsigned)tm.tm_sec % 61);
	text_add(text, stamp);
}
