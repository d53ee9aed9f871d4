/* logtime.c - the times that mail logs write
 *
 * Each form has a reader that gives back how many octets it takes, or 0; the
 * first octet says which to try.  A form whose numbers make no date is none.
 *
 * Syslog: RFC 3164 4.1.2, with what the field writes besides: one space or two
 * before the day, a year behind it, a fraction.  Others: RFC 5424 6.2.3 and
 * RFC 3339 5.6; TAI64N labels as multilog prints them.
 */
#include "logtime.h"

#include "port.h"

#define DAY 86400
#define TAI_BASE ((uint64_t)1 << 62)
#define TAI_AHEAD 10 /* seconds that a label of qmail's is ahead of UTC, leap seconds never counted */
#define YEARS_BACK 8 /* as far as the next 29 February can be */

static const struct mh_logtime nothing = { .unix_s = MH_TIME_UNKNOWN };

static bool
digits(struct mh_str s, size_t at, size_t count, int *value)
{
	int sum = 0;
	if (s.len < at || s.len - at < count)
		return false;
	for (size_t i = at; i < at + count; i++) {
		if (!mh_is_digit(s.p[i]))
			return false;
		sum = sum * 10 + (s.p[i] - '0');
	}
	*value = sum;
	return true;
}

static bool
is_at(struct mh_str s, size_t at, char c)
{
	return at < s.len && s.p[at] == c;
}

/* is_end - the time may end here: what follows is no part of a longer number or word */
static bool
is_end(struct mh_str s, size_t at)
{
	return at >= s.len || !mh_is_alnum(s.p[at]);
}

/* part - where the next thing begins: behind the spaces at this place */
static size_t
part(struct mh_str s, size_t at)
{
	while (at < s.len && (s.p[at] == ' ' || s.p[at] == '\t'))
		at++;
	return at;
}

static bool
is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
month_days(int64_t year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* is_date - year 0, not said, has a 29 February */
static bool
is_date(const struct mh_logtime *time)
{
	return time->month >= 1 && time->month <= 12 && time->day >= 1 &&
	    time->day <= month_days(time->year, time->month);
}

/* read_fraction - behind a second: "." or "," and digits, to the millisecond */
static size_t
read_fraction(struct mh_str s, size_t at, struct mh_logtime *time)
{
	int worth = 100;
	if (at + 1 >= s.len || (s.p[at] != '.' && s.p[at] != ',') || !mh_is_digit(s.p[at + 1]))
		return at;
	for (at++; at < s.len && mh_is_digit(s.p[at]); at++) {
		time->millisecond += (s.p[at] - '0') * worth;
		worth /= 10;
	}
	return at;
}

/* read_clock - "08:15:10" with or without fraction; where it ends, or 0 */
static size_t
read_clock(struct mh_str s, size_t at, struct mh_logtime *time)
{
	if (!digits(s, at, 2, &time->hour) || !is_at(s, at + 2, ':') ||
	    !digits(s, at + 3, 2, &time->minute) || !is_at(s, at + 5, ':') ||
	    !digits(s, at + 6, 2, &time->second) || time->hour > 23 || time->minute > 59 || time->second > 60)
		return 0;
	return read_fraction(s, at + 8, time);
}

/* read_zone - Z, +hh:mm, +hhmm; where it ends: at itself if there is none */
static size_t
read_zone(struct mh_str s, size_t at, struct mh_logtime *time)
{
	int hours, minutes;
	size_t end = at + 3;
	if (is_at(s, at, 'Z') || is_at(s, at, 'z')) {
		time->has_zone = is_end(s, at + 1);
		return time->has_zone ? at + 1 : at;
	}
	if ((!is_at(s, at, '+') && !is_at(s, at, '-')) || !digits(s, at + 1, 2, &hours))
		return at;
	end += is_at(s, end, ':');
	if (!digits(s, end, 2, &minutes) || !is_end(s, end + 2) || hours > 23 || minutes > 59)
		return at;
	time->has_zone = true;
	time->offset_s = (hours * 60 + minutes) * 60 * (s.p[at] == '-' ? -1 : 1);
	return end + 2;
}

/* read_iso - "2026-11-20T08:15:10.123+01:00", "2026-11-20 08:15:10 +0100" */
static size_t
read_iso(struct mh_str s, struct mh_logtime *time)
{
	if (!digits(s, 0, 4, &time->year) || !is_at(s, 4, '-') || !digits(s, 5, 2, &time->month) ||
	    !is_at(s, 7, '-') || !digits(s, 8, 2, &time->day) || time->year == 0 || !is_date(time) ||
	    (!is_at(s, 10, 'T') && !is_at(s, 10, ' ') && !is_at(s, 10, 't')))
		return 0;
	size_t at = read_clock(s, 11, time);
	if (at == 0)
		return 0;
	size_t end = read_zone(s, at, time);
	if (end == at && is_at(s, at, ' ') && !is_at(s, at + 1, 'Z')) {
		end = read_zone(s, at + 1, time);
		end = time->has_zone ? end : at;
	}
	return is_end(s, end) ? end : 0;
}

/* Names of months that journalctl writes in other languages, as far as they are not the English ones. */
static const struct {
	const char *name;
	int month;
} months[] = { { "Ene", 1 }, { "ene", 1 }, { "Gen", 1 }, { "gen", 1 }, { "jan", 1 }, { "Fév", 2 },
	{ "fév", 2 }, { "févr.", 2 }, { "fev", 2 }, { "feb", 2 }, { "Mär", 3 }, { "März", 3 }, { "Mrz", 3 },
	{ "mrt", 3 }, { "mar", 3 }, { "mars", 3 }, { "avr.", 4 }, { "avril", 4 }, { "abr", 4 }, { "apr", 4 },
	{ "Mai", 5 }, { "mai", 5 }, { "mag", 5 }, { "mei", 5 }, { "may", 5 }, { "maj", 5 }, { "Juni", 6 },
	{ "juin", 6 }, { "giu", 6 }, { "jun", 6 }, { "Juli", 7 }, { "juil.", 7 }, { "lug", 7 }, { "jul", 7 },
	{ "août", 8 }, { "ago", 8 }, { "aug", 8 }, { "Sept", 9 }, { "sept.", 9 }, { "set", 9 }, { "sep", 9 },
	{ "Okt", 10 }, { "okt", 10 }, { "oct.", 10 }, { "oct", 10 }, { "ott", 10 }, { "out", 10 },
	{ "nov.", 11 }, { "nov", 11 }, { "Dez", 12 }, { "dez", 12 }, { "déc.", 12 }, { "dic", 12 },
	{ "dec", 12 }, { "janv.", 1 } };

/* read_month - 1 to 12 and its octets, or 0 */
static int
read_month(struct mh_str s, size_t *len)
{
	static const char english[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	*len = 3;
	if (is_at(s, 3, ' '))
		for (size_t i = 0; i < 12; i++)
			if (memcmp(s.p, english + 3 * i, 3) == 0)
				return (int)i + 1;
	while (*len < 6 && !is_at(s, *len, ' '))
		(*len)++;
	for (size_t i = 0; i < MH_COUNT(months) && is_at(s, *len, ' '); i++)
		if (strlen(months[i].name) == *len && memcmp(s.p, months[i].name, *len) == 0)
			return months[i].month;
	return 0;
}

/* read_syslog - "Mar  3 08:15:10", "Mar 3 2026 08:15:10" */
static size_t
read_syslog(struct mh_str s, struct mh_logtime *time)
{
	int year;
	size_t at;
	time->month = read_month(s, &at);
	if (time->month == 0)
		return 0;
	at++;
	at += is_at(s, at, ' ');
	if (digits(s, at, 2, &time->day))
		at += 2;
	else if (digits(s, at, 1, &time->day))
		at += 1;
	else
		return 0;
	if (!is_at(s, at, ' '))
		return 0;
	at++;
	if (digits(s, at, 4, &year) && is_at(s, at + 4, ' ') && year != 0) {
		time->year = year;
		at += 5;
	}
	at = is_date(time) ? read_clock(s, at, time) : 0;
	return at != 0 && is_end(s, at) ? at : 0;
}

/* read_tai - "@4000000065f1a2b30a1b2c3d" */
static size_t
read_tai(struct mh_str s, struct mh_logtime *time)
{
	uint64_t seconds = 0, nano = 0;
	size_t at = 1;
	for (; at < s.len && at < 17 && mh_hex(s.p[at]) >= 0; at++)
		seconds = seconds << 4 | (uint64_t)mh_hex(s.p[at]);
	if (at < 17 || seconds < TAI_BASE || seconds - TAI_BASE > (uint64_t)1 << 40)
		return 0;
	for (; at < s.len && at < 25 && mh_hex(s.p[at]) >= 0; at++)
		nano = nano << 4 | (uint64_t)mh_hex(s.p[at]);
	if ((at != 17 && at != 25) || !is_end(s, at))
		return 0;
	time->unix_s = (int64_t)(seconds - TAI_BASE) - TAI_AHEAD;
	time->millisecond = nano < 1000000000 ? (int)(nano / 1000000) : 999;
	return at;
}

/* read_epoch - "1795159200.123456", alone: nine to eleven digits before the point */
static size_t
read_epoch(struct mh_str s, struct mh_logtime *time)
{
	int64_t seconds = 0;
	size_t at = 0;
	for (; at < s.len && at < 12 && mh_is_digit(s.p[at]); at++)
		seconds = seconds * 10 + (s.p[at] - '0');
	if (at < 9 || at > 11)
		return 0;
	at = read_fraction(s, at, time);
	if (at < s.len && s.p[at] != ' ' && s.p[at] != '\t')
		return 0;
	time->unix_s = seconds;
	return at;
}

/* priority - octets of a "<22>" at the start, with the version of RFC 5424 6.2 behind it */
static size_t
priority(struct mh_str s)
{
	size_t at = 1;
	if (!is_at(s, 0, '<'))
		return 0;
	while (at < s.len && at < 4 && mh_is_digit(s.p[at]))
		at++;
	if (at == 1 || !is_at(s, at, '>'))
		return 0;
	at++;
	return is_at(s, at, '1') && is_at(s, at + 1, ' ') ? at + 2 : at;
}

size_t
mh_logtime_read(struct mh_str s, struct mh_logtime *time)
{
	size_t before = priority(s), len;
	struct mh_logtime found = nothing;
	s = mh_str_n(s.p + before, s.len - before);
	*time = nothing;
	if (s.len == 0)
		return 0;
	if (s.p[0] == '@') {
		len = read_tai(s, &found);
	} else if (!mh_is_digit(s.p[0])) {
		len = read_syslog(s, &found);
	} else {
		len = read_iso(s, &found);
		if (len == 0) {
			found = nothing;
			len = read_epoch(s, &found);
		}
	}
	if (len == 0)
		return 0;
	*time = found;
	return before + part(s, len);
}

/* days_from - days since 1970-01-01 of a date of the Gregorian calendar */
static int64_t
days_from(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct date {
	int64_t year;
	int month, day;
};

static struct date
date_of(int64_t days)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;
	struct date date = { year + era * 400, (int)(month < 10 ? month + 3 : month - 9),
		(int)(of_year - (153 * month + 2) / 5 + 1) };
	date.year += date.month <= 2;
	return date;
}

static int64_t
floor_days(int64_t seconds)
{
	return seconds / DAY - (seconds % DAY < 0);
}

/* in_year - the time if its year is this one, or MH_TIME_UNKNOWN if that year has no such day */
static int64_t
in_year(const struct mh_logtime *time, int64_t year, int64_t offset_s)
{
	if (time->day > month_days(year, time->month))
		return MH_TIME_UNKNOWN;
	return days_from(year, time->month, time->day) * DAY + time->hour * 3600 + time->minute * 60 +
	    time->second - offset_s;
}

/* latest - the last time of that name that is not after limit */
static int64_t
latest(const struct mh_logtime *time, int64_t offset_s, int64_t limit)
{
	int64_t year = date_of(floor_days(limit + offset_s)).year + 1;
	for (int i = 0; i <= YEARS_BACK + 1; i++) {
		int64_t found = in_year(time, year - i, offset_s);
		if (found != MH_TIME_UNKNOWN && found <= limit)
			return found;
	}
	return MH_TIME_UNKNOWN;
}

/* going_on - the time that a line has whose predecessor was written at last */
static int64_t
going_on(const struct mh_logtime *time, int64_t offset_s, int64_t last)
{
	int64_t year = date_of(floor_days(last + offset_s)).year, found = MH_TIME_UNKNOWN;
	for (int i = 0; i <= YEARS_BACK && found == MH_TIME_UNKNOWN; i++) {
		found = in_year(time, year + i, offset_s);
		if (found != MH_TIME_UNKNOWN && found < last - (int64_t)183 * DAY)
			found = MH_TIME_UNKNOWN;
	}
	/* Lines of several processes are not quite in order: one of December may stand behind one of January. */
	if (found != MH_TIME_UNKNOWN && found - last > (int64_t)330 * DAY) {
		int64_t before = latest(time, offset_s, last);
		if (before != MH_TIME_UNKNOWN && last - before < (int64_t)35 * DAY)
			found = before;
	}
	return found;
}

int64_t
mh_logtime_unix(const struct mh_logtime *time, const struct mh_logclock *clock)
{
	int64_t offset_s = time->has_zone ? time->offset_s : clock->offset_s;
	if (time->unix_s != MH_TIME_UNKNOWN)
		return time->unix_s;
	if (time->month == 0)
		return MH_TIME_UNKNOWN;
	if (time->year != 0)
		return in_year(time, time->year, offset_s);
	int64_t limit = clock->now != 0 ? clock->now + DAY : INT64_MAX, found = MH_TIME_UNKNOWN;
	if (clock->last != 0)
		found = going_on(time, offset_s, clock->last);
	if (clock->now != 0 && (found == MH_TIME_UNKNOWN || found > limit))
		found = latest(time, offset_s, limit);
	return found;
}

static void
put(char *to, int64_t value, int count)
{
	while (count-- > 0) {
		to[count] = (char)('0' + value % 10);
		value /= 10;
	}
}

void
mh_logtime_print(int64_t unix_s, char out[MH_LOGTIME_TEXT])
{
	out[0] = '\0';
	if (unix_s == MH_TIME_UNKNOWN || unix_s < -62167219200 || unix_s > 253402300799)
		return;
	int64_t days = floor_days(unix_s), rest = unix_s - days * DAY;
	struct date date = date_of(days);
	memcpy(out, "0000-00-00T00:00:00Z", 21);
	put(out, date.year, 4);
	put(out + 5, date.month, 2);
	put(out + 8, date.day, 2);
	put(out + 11, rest / 3600, 2);
	put(out + 14, rest / 60 % 60, 2);
	put(out + 17, rest % 60, 2);
}
