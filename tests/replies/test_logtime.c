/* test_logtime.c - lib/replies/logtime.c */
#include "support.h"

#include "logtime.h"

#define NONE MH_TIME_UNKNOWN

/* clang-format off */
static const struct {
	const char *name, *text;
	size_t taken;
	const char *utc; /* with 2026-11-26 08:00:00 UTC for now, and no zone for ours */
	int millisecond;
} forms[] = {
	{ "syslog, two spaces", "Mar  3 08:15:10 mail", 16, "2026-03-03T08:15:10Z", 0 },
	{ "syslog, one space", "Mar 3 08:15:10 mail", 15, "2026-03-03T08:15:10Z", 0 },
	{ "syslog, a day with a zero", "Mar 03 08:15:10 mail", 16, "2026-03-03T08:15:10Z", 0 },
	{ "syslog, two digits", "Nov 20 08:15:10 mail", 16, "2026-11-20T08:15:10Z", 0 },
	{ "syslog with its year", "Nov 20 2024 08:15:10 mail", 21, "2024-11-20T08:15:10Z", 0 },
	{ "syslog with a fraction", "Nov 20 08:15:10.25 mail", 19, "2026-11-20T08:15:10Z", 250 },
	{ "journalctl in German", "M\xc3\xa4r 03 08:15:10 mail", 17, "2026-03-03T08:15:10Z", 0 },
	{ "journalctl in French", "f\xc3\xa9vr. 03 08:15:10 mail", 19, "2026-02-03T08:15:10Z", 0 },
	{ "journalctl in Spanish", "ene 03 08:15:10 mail", 16, "2026-01-03T08:15:10Z", 0 },
	{ "syslog and nothing more", "Nov 20 08:15:10", 15, "2026-11-20T08:15:10Z", 0 },
	{ "syslog with a priority", "<22>Nov 20 08:15:10 mail", 20, "2026-11-20T08:15:10Z", 0 },
	{ "syslog, later than now: last year", "Dec 20 08:15:10 mail", 16, "2025-12-20T08:15:10Z", 0 },
	{ "syslog, within a day after now", "Nov 27 07:15:10 mail", 16, "2026-11-27T07:15:10Z", 0 },
	{ "29 February is in the last year that has one", "Feb 29 08:15:10 mail", 16, "2024-02-29T08:15:10Z", 0 },
	{ "a leap second", "Dec 31 23:59:60 mail", 16, "2026-01-01T00:00:00Z", 0 },
	{ "RFC 3339 in UTC", "2026-11-20T07:15:10Z mail", 21, "2026-11-20T07:15:10Z", 0 },
	{ "RFC 3339, microseconds and zone", "2026-11-20T08:15:10.123456+01:00 mail", 33, "2026-11-20T07:15:10Z", 123 },
	{ "RFC 3339, west", "2026-11-20T01:15:10-06:00 mail", 26, "2026-11-20T07:15:10Z", 0 },
	{ "ISO, zone without a colon", "2026-11-20T08:15:10+0100 mail", 25, "2026-11-20T07:15:10Z", 0 },
	{ "ISO, half an hour", "2026-11-20T12:45:10+05:30 x", 26, "2026-11-20T07:15:10Z", 0 },
	{ "ISO without zone", "2026-11-20T08:15:10 mail", 20, "2026-11-20T08:15:10Z", 0 },
	{ "Exim", "2026-11-20 08:15:10 1r079E", 20, "2026-11-20T08:15:10Z", 0 },
	{ "Exim with zone", "2026-11-20 08:15:10 +0100 1r079E", 26, "2026-11-20T07:15:10Z", 0 },
	{ "Exim with milliseconds and zone", "2026-11-20 08:15:10.042 -0500 1r", 30, "2026-11-20T13:15:10Z", 42 },
	{ "Exim, a word that begins like a zone", "2026-11-20 08:15:10 +01x", 20, "2026-11-20T08:15:10Z", 0 },
	{ "a comma before the fraction", "2026-11-20 08:15:10,5 x", 22, "2026-11-20T08:15:10Z", 500 },
	{ "RFC 5424", "<22>1 2026-11-20T08:15:10.123+01:00 host", 36, "2026-11-20T07:15:10Z", 123 },
	{ "a leap day", "2024-02-29T00:00:00Z", 20, "2024-02-29T00:00:00Z", 0 },
	{ "a leap day of a century that has one", "2000-02-29T00:00:00Z", 20, "2000-02-29T00:00:00Z", 0 },
	{ "TAI64N", "@4000000065f1a2b30a1b2c3d delivery", 26, "2024-03-13T12:57:13Z", 169 },
	{ "TAI64 without nanoseconds", "@4000000065f1a2b3 delivery", 18, "2024-03-13T12:57:13Z", 0 },
	{ "TAI64N at the epoch", "@400000000000000a00000000 x", 26, "1970-01-01T00:00:00Z", 0 },
	{ "TAI64N with more nanoseconds than there are", "@4000000065f1a2b3ffffffff x", 26, "2024-03-13T12:57:13Z", 999 },
	{ "the epoch's seconds", "1795159200 delivery", 11, "2026-11-20T07:20:00Z", 0 },
	{ "the epoch's seconds with a fraction", "1795159200.123456 delivery", 18, "2026-11-20T07:20:00Z", 123 },
	/* none */
	{ "nothing", "", 0, "", 0 },
	{ "a word", "delivery 1: success", 0, "", 0 },
	{ "a month that is none", "Nox 20 08:15:10 mail", 0, "", 0 },
	{ "a day that is none", "Nov 31 08:15:10 mail", 0, "", 0 },
	{ "day 0", "Nov  0 08:15:10 mail", 0, "", 0 },
	{ "30 February", "Feb 30 08:15:10 mail", 0, "", 0 },
	{ "29 February of a year without", "2025-02-29T08:15:10Z", 0, "", 0 },
	{ "29 February of a century without", "1900-02-29T08:15:10Z", 0, "", 0 },
	{ "syslog's 29 February with a year without", "Feb 29 2025 08:15:10 x", 0, "", 0 },
	{ "month 13", "2026-13-01T08:15:10Z", 0, "", 0 },
	{ "hour 24", "2026-11-20T24:00:00Z", 0, "", 0 },
	{ "minute 60", "2026-11-20T23:60:00Z", 0, "", 0 },
	{ "second 61", "2026-11-20T23:59:61Z", 0, "", 0 },
	{ "year 0", "0000-11-20T23:59:59Z", 0, "", 0 },
	{ "a number that goes on", "2026-11-20T08:15:101", 0, "", 0 },
	{ "a queue id of digits", "1234567890: to=<a@example.org>", 0, "", 0 },
	{ "few digits", "12345678 x", 0, "", 0 },
	{ "many digits", "123456789012 x", 0, "", 0 },
	{ "TAI64N cut", "@4000000065f1a2b30a1b x", 0, "", 0 },
	{ "TAI64N before 1970", "@3fffffffffffffff00000000 x", 0, "", 0 },
	{ "an e-mail address", "@example.org", 0, "", 0 },
};

static const struct {
	const char *name, *text;
	int64_t now, last;
	int32_t offset_s;
	const char *utc;
} years[] = {
	{ "nothing known", "Nov 20 08:15:10", 0, 0, 0, "" },
	{ "goes on in the year of the line before", "Nov 20 08:15:10", 0, 1795000000, 0, "2026-11-20T08:15:10Z" },
	{ "a new year", "Jan  1 00:00:01", 0, 1798761599, 0, "2027-01-01T00:00:01Z" },
	{ "an old year behind a new one", "Dec 31 23:59:59", 0, 1798761601, 0, "2026-12-31T23:59:59Z" },
	{ "a new year that comes before now", "Jan  2 03:04:05", 1800000000, 1798761599, 0, "2027-01-02T03:04:05Z" },
	{ "not later than a day after now", "Jan  2 03:04:05", 1798761600, 1798761599, 0, "2026-01-02T03:04:05Z" },
	{ "a little back is the same year", "Oct 20 08:15:10", 0, 1795000000, 0, "2026-10-20T08:15:10Z" },
	{ "far ahead is the same year", "Nov 20 08:15:10", 0, 1770000000, 0, "2026-11-20T08:15:10Z" },
	{ "our zone decides when the year ends", "Jan  1 00:30:00", 0, 1798759800, 3600, "2026-12-31T23:30:00Z" },
	{ "our zone holds for times without one", "2026-11-20 08:15:10", 0, 0, 3600, "2026-11-20T07:15:10Z" },
	{ "a zone of its own counts more", "2026-11-20 08:15:10 +0200", 0, 0, 3600, "2026-11-20T06:15:10Z" },
	{ "29 February goes on in a leap year", "Feb 29 12:00:00", 0, 1709000000, 0, "2024-02-29T12:00:00Z" },
	{ "now in a leap year", "Feb 29 12:00:00", 1709210000, 0, 0, "2024-02-29T12:00:00Z" },
};
/* clang-format on */

static void
forms_are_read(void **state)
{
	const struct mh_logclock clock = { .now = 1795680000 };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(forms); i++) {
		struct mh_logtime time;
		char text[MH_LOGTIME_TEXT];
		size_t len = strlen(forms[i].text);
		char *copy = guard_copy(forms[i].text, len);
		test_number(forms[i].name, mh_logtime_read(mh_str_n(copy, len), &time), forms[i].taken);
		mh_logtime_print(mh_logtime_unix(&time, &clock), text);
		test_span(forms[i].name, mh_str_z(text), mh_str_z(forms[i].utc));
		test_number(forms[i].name, time.millisecond, forms[i].millisecond);
		guard_free(copy, len);
	}
}

static void
years_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(years); i++) {
		struct mh_logtime time;
		struct mh_logclock clock = { years[i].now, years[i].offset_s, years[i].last };
		char text[MH_LOGTIME_TEXT];
		test_check(years[i].name, mh_logtime_read(mh_str_z(years[i].text), &time) > 0);
		mh_logtime_print(mh_logtime_unix(&time, &clock), text);
		test_span(years[i].name, mh_str_z(text), mh_str_z(years[i].utc));
		test_number(years[i].name, clock.last, years[i].last);
	}
}

static void
every_day_of_four_centuries_comes_back(void **state)
{
	char text[MH_LOGTIME_TEXT], again[MH_LOGTIME_TEXT];
	struct mh_logtime time;
	struct mh_logclock clock = { 0 };
	(void)state;
	for (int64_t day = -135140; day < 146097 - 135140; day++) {
		int64_t seconds = day * 86400 + (day & 0xffff);
		mh_logtime_print(seconds, text);
		assert_int_equal(mh_logtime_read(mh_str_z(text), &time), 20);
		assert_int_equal(mh_logtime_unix(&time, &clock), seconds);
		mh_logtime_print(mh_logtime_unix(&time, &clock), again);
		assert_string_equal(text, again);
	}
}

static void
years_beyond_four_digits_are_not_printed(void **state)
{
	char text[MH_LOGTIME_TEXT];
	(void)state;
	mh_logtime_print(253402300799, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	mh_logtime_print(253402300800, text);
	assert_string_equal(text, "");
	mh_logtime_print(-62167219200, text);
	assert_string_equal(text, "0000-01-01T00:00:00Z");
	mh_logtime_print(-62167219201, text);
	assert_string_equal(text, "");
	mh_logtime_print(MH_TIME_UNKNOWN, text);
	assert_string_equal(text, "");
	mh_logtime_print(INT64_MAX, text);
	assert_string_equal(text, "");
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_logtime time;
	const struct mh_logclock *clock = arg;
	char text[MH_LOGTIME_TEXT];
	size_t len = mh_logtime_read(s, &time);
	assert_true(len <= s.len);
	assert_int_equal(len == 0, time.month == 0 && time.unix_s == MH_TIME_UNKNOWN);
	mh_logtime_print(mh_logtime_unix(&time, clock), text);
	assert_true(strlen(text) == 0 || strlen(text) == 20);
}

static void
mangled_times_are_harmless(void **state)
{
	struct mh_logclock clock = { 1795680000, -3600, 1795000000 };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(forms); i++)
		test_mangled(mh_str_z(forms[i].text), look, &clock);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms_are_read),
		cmocka_unit_test(years_are_found),
		cmocka_unit_test(every_day_of_four_centuries_comes_back),
		cmocka_unit_test(years_beyond_four_digits_are_not_printed),
		cmocka_unit_test(mangled_times_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
