/* test_logs.c - the exported functions about log lines, bounces and whole logs: arguments, states,
 * ownership, and what happens without memory */
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailhealth.h"

/* Written by us in the forms that the programs use; names and addresses are documentation's. */
static const char bounced[] =
    "Nov 21 10:00:00 mail postfix/smtp[123]: 4F1234567: to=<jane@b.example>, orig_to=<info@a.example>, "
    "relay=mx.b.example[192.0.2.1]:25, delay=1.5, delays=0.1/0/1/0.4, dsn=5.1.1, status=bounced (host "
    "mx.b.example[192.0.2.1] said: 550 5.1.1 <jane@b.example>: User unknown (in reply to RCPT TO command))";
static const char sent[] =
    "Nov 21 10:00:05 mail postfix/smtp[124]: 4F1234568: to=<joe@b.example>, "
    "relay=mx.b.example[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, status=sent (250 2.0.0 "
    "Ok: queued as 77)";
static const char dragons[] =
    "Nov 21 10:00:07 mail postfix/smtp[123]: 4F1234569: to=<jane@b.example>, "
    "relay=mx.b.example[192.0.2.1]:25, delay=1.5, delays=0.1/0/1/0.4, dsn=5.0.0, status=bounced (host "
    "mx.b.example[192.0.2.1] said: 550 Here be dragons (in reply to RCPT TO command))";
static const char nothing[] = "Nov 21 10:00:06 mail cron[99]: (root) CMD (true)";
static const char message[] =
    "From: Mail Delivery System <MAILER-DAEMON@mail.a.example>\n"
    "To: joe@a.example\n"
    "Subject: Undelivered Mail Returned to Sender\n"
    "MIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=\"x\"\n\n"
    "--x\nContent-Type: text/plain\n\nIt could not be delivered.\n\n"
    "--x\nContent-Type: message/delivery-status\n\n"
    "Reporting-MTA: dns; mail.a.example\n\n"
    "Final-Recipient: rfc822; jane@b.example\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <jane@b.example>: User unknown\n\n"
    "Final-Recipient: rfc822; max@c.example\nAction: delayed\nStatus: 4.2.2\n"
    "Diagnostic-Code: smtp; 452 4.2.2 The mailbox is over quota\n\n"
    "--x--\n";
static const char ordinary[] = "From: joe@a.example\nTo: jane@b.example\nSubject: Lunch\n\nAt noon?\n";
static const char rule[] =
    "rule test.dragons {\n\treason policy-rejected\n\ttext \"here be dragons\"\n\tsample \"550 Here be "
    "dragons\"\n}\n";

#define NOW 1795680000 /* 2026-11-26 */
#define AT 1795255200 /* 2026-11-21T10:00:00Z */

/* Numbers that name nothing. */
static const int wrong[] = { 0, -1, -7, 24, 25, 99, 1000, INT_MAX, INT_MIN };

static int
parse(mh_log *log, const char *line)
{
	return mh_log_parse(log, line, strlen(line));
}

static int
feed(mh_summary *summary, const char *line)
{
	int error = mh_summary_feed(summary, line, strlen(line));
	return error == MH_OK ? mh_summary_feed(summary, "\n", 1) : error;
}

static void
use_dragons(mh_ctx *ctx)
{
	mh_rules *rules = mh_rules_new(ctx);
	assert_int_equal(mh_rules_add(rules, MH_LAYER_USER, "t", rule, sizeof(rule) - 1), MH_OK);
	assert_int_equal(mh_ctx_use_rules(ctx, rules), MH_OK);
	mh_rules_free(rules);
}

/* -------------------------------------------------------------------------------- NULL */

static void
null_is_an_argument(void **state)
{
	(void)state;
	mh_log_free(NULL);
	mh_bounce_free(NULL);
	mh_summary_free(NULL);
	assert_null(mh_log_new(NULL));
	assert_null(mh_bounce_new(NULL));
	assert_null(mh_summary_new(NULL));
	assert_int_equal(mh_log_set_int(NULL, MH_OPT_NOW, 0), MH_EINVAL);
	assert_int_equal(mh_bounce_set_int(NULL, MH_OPT_LINE_NUMBER, 0), MH_EINVAL);
	assert_int_equal(mh_summary_set_int(NULL, MH_OPT_NOW, 0), MH_EINVAL);
	assert_int_equal(mh_log_parse(NULL, "", 0), MH_EINVAL);
	assert_int_equal(mh_bounce_parse(NULL, "", 0), MH_EINVAL);
	assert_int_equal(mh_summary_feed(NULL, "", 0), MH_EINVAL);
	assert_int_equal(mh_summary_end(NULL), MH_EINVAL);
	assert_string_equal(mh_log_str(NULL, MH_LOG_EVENT), "");
	assert_int_equal(mh_log_int(NULL, MH_LOG_UNIX_TIME), MH_UNKNOWN);
	assert_null(mh_log_reply(NULL));
	assert_string_equal(mh_log_json(NULL), "");
	assert_int_equal(mh_bounce_count(NULL), 0);
	assert_string_equal(mh_bounce_str(NULL, 0, MH_BOUNCE_CLASS), "");
	assert_null(mh_bounce_reply(NULL, 0));
	assert_string_equal(mh_bounce_json(NULL, 0), "");
	assert_null(mh_bounce_report(NULL));
	assert_int_equal(mh_summary_int(NULL, MH_SUMMARY_LINES), MH_UNKNOWN);
	assert_int_equal(mh_summary_count(NULL, MH_SUMMARY_GROUP), 0);
	assert_string_equal(mh_summary_item_str(NULL, MH_SUMMARY_GROUP, 0, MH_SUM_REASON), "");
	assert_int_equal(mh_summary_item_int(NULL, MH_SUMMARY_GROUP, 0, MH_SUM_COUNT), MH_UNKNOWN);
	assert_null(mh_summary_reply(NULL, MH_SUMMARY_GROUP, 0));
	assert_string_equal(mh_summary_json(NULL), "");
	assert_string_equal(mh_recognise(NULL, 0), "reply");
	assert_string_equal(mh_recognise(NULL, 5), "reply");
	assert_int_equal(mh_mbox_next(NULL, 0, 0), 0);
	assert_int_equal(mh_mbox_next(NULL, 7, 3), 7);

	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	mh_summary *summary = mh_summary_new(ctx);
	assert_int_equal(parse(log, bounced), MH_OK);
	assert_int_equal(mh_log_parse(log, NULL, 1), MH_EINVAL);
	assert_string_equal(mh_log_str(log, MH_LOG_EVENT), ""); /* "and then the handle holds no line" */
	assert_string_equal(mh_log_json(log), "");
	assert_int_equal(mh_log_parse(log, NULL, 0), MH_OK);
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
	assert_int_equal(mh_bounce_parse(bounce, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_bounce_count(bounce), 0);
	assert_string_equal(mh_bounce_json(bounce, 0), "");
	assert_int_equal(mh_bounce_parse(bounce, NULL, 0), MH_OK);
	assert_int_equal(mh_summary_feed(summary, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_summary_feed(summary, NULL, 0), MH_OK);
	assert_int_equal(mh_summary_set_int(summary, MH_OPT_NOW, NOW), MH_OK); /* no octets yet */
	mh_summary_free(summary);
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------------------- states */

static void
there_is_nothing_before_a_parse(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	mh_summary *summary = mh_summary_new(ctx);
	(void)state;
	assert_null(mh_log_reply(log));
	assert_string_equal(mh_log_json(log), "");
	assert_int_equal(mh_bounce_count(bounce), 0);
	assert_null(mh_bounce_reply(bounce, 0));
	assert_string_equal(mh_bounce_json(bounce, 0), "");
	assert_null(mh_bounce_report(bounce));
	for (int field = -3; field < 40; field++) {
		assert_string_equal(mh_log_str(log, field), "");
		assert_int_equal(mh_log_int(log, field), MH_UNKNOWN);
		assert_string_equal(mh_bounce_str(bounce, 0, field), "");
		assert_string_equal(mh_bounce_str(bounce, SIZE_MAX, field), "");
		assert_int_equal(mh_summary_count(summary, field), 0);
		assert_null(mh_summary_reply(summary, field, 0));
	}
	for (int field = MH_SUMMARY_LINES; field <= MH_SUMMARY_OCTETS; field++)
		assert_int_equal(mh_summary_int(summary, field),
		    field == MH_SUMMARY_FROM || field == MH_SUMMARY_TO ? MH_UNKNOWN : 0);
	assert_true(test_is_json(mh_summary_json(summary)));
	assert_int_equal(mh_summary_end(summary), MH_OK);
	mh_summary_free(summary);
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

static void
numbers_that_name_nothing_give_nothing(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	mh_summary *summary = mh_summary_new(ctx);
	(void)state;
	assert_int_equal(parse(log, bounced), MH_OK);
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
	assert_int_equal(feed(summary, bounced), MH_OK);
	for (size_t i = 0; i < MH_COUNT(wrong); i++) {
		assert_string_equal(mh_log_str(log, wrong[i]), "");
		assert_int_equal(mh_log_int(log, wrong[i]), MH_UNKNOWN);
		assert_string_equal(mh_bounce_str(bounce, 0, wrong[i]), "");
		assert_int_equal(mh_summary_int(summary, wrong[i]), MH_UNKNOWN);
		assert_int_equal(mh_summary_count(summary, wrong[i]), 0);
		assert_null(mh_summary_reply(summary, wrong[i], 0));
		assert_string_equal(mh_summary_item_str(summary, wrong[i], 0, MH_SUM_REASON), "");
		assert_int_equal(mh_summary_item_int(summary, wrong[i], 0, MH_SUM_COUNT), MH_UNKNOWN);
		for (int list = MH_SUMMARY_GROUP; list <= MH_SUMMARY_TLS; list++) {
			assert_string_equal(mh_summary_item_str(summary, list, 0, wrong[i]), "");
			assert_int_equal(mh_summary_item_int(summary, list, 0, wrong[i]), MH_UNKNOWN);
		}
	}
	static const size_t beyond[] = { 2, 3, SIZE_MAX / 2, SIZE_MAX };
	for (size_t i = 0; i < MH_COUNT(beyond); i++) {
		assert_string_equal(mh_bounce_str(bounce, beyond[i], MH_BOUNCE_RECIPIENT), "");
		assert_string_equal(mh_bounce_str(bounce, beyond[i], MH_BOUNCE_REPORTING_MTA),
		    "mail.a.example");
		assert_null(mh_bounce_reply(bounce, beyond[i]));
		assert_string_equal(mh_bounce_json(bounce, beyond[i]), "");
		for (int list = MH_SUMMARY_GROUP; list <= MH_SUMMARY_TLS; list++) {
			assert_string_equal(mh_summary_item_str(summary, list, beyond[i], MH_SUM_REASON), "");
			assert_int_equal(mh_summary_item_int(summary, list, beyond[i], MH_SUM_COUNT),
			    MH_UNKNOWN);
			assert_null(mh_summary_reply(summary, list, beyond[i]));
		}
	}
	mh_summary_free(summary);
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------------------ options */

static void
options_take_what_they_say(void **state)
{
	enum { LOG = 1, BOUNCE = 2, SUMMARY = 4 };
	static const struct {
		int option;
		int64_t value;
		unsigned takes; /* who does */
	} cases[] = {
		{ MH_OPT_NOW, 0, LOG | SUMMARY },
		{ MH_OPT_NOW, NOW, LOG | SUMMARY },
		{ MH_OPT_NOW, 253402300799, LOG | SUMMARY }, /* the end of the year 9999 */
		{ MH_OPT_NOW, 253402300800, 0 },
		{ MH_OPT_NOW, -1, 0 },
		{ MH_OPT_NOW, INT64_MAX, 0 },
		{ MH_OPT_UTC_OFFSET, 86400, LOG | SUMMARY },
		{ MH_OPT_UTC_OFFSET, -86400, LOG | SUMMARY },
		{ MH_OPT_UTC_OFFSET, 86401, 0 },
		{ MH_OPT_UTC_OFFSET, -86401, 0 },
		{ MH_OPT_UTC_OFFSET, (int64_t)1 << 32, 0 },
		{ MH_OPT_LINE_NUMBER, 0, LOG | BOUNCE },
		{ MH_OPT_LINE_NUMBER, 1, LOG | BOUNCE },
		{ MH_OPT_LINE_NUMBER, -1, 0 },
		{ MH_OPT_LINE_NUMBER, INT64_MAX - MH_BOUNCE_MAX_RECIPIENTS, LOG | BOUNCE },
		{ MH_OPT_LINE_NUMBER, INT64_MAX, LOG },
		{ MH_OPT_GROUPS, 16, SUMMARY },
		{ MH_OPT_GROUPS, 1000000, SUMMARY },
		{ MH_OPT_GROUPS, 15, 0 },
		{ MH_OPT_GROUPS, 1000001, 0 },
		{ MH_OPT_GROUPS, ((int64_t)1 << 32) + 16, 0 },
		{ MH_OPT_CODE, 550, 0 },
		{ MH_OPT_FORM, MH_FORM_WIRE, 0 },
		{ 0, 0, 0 },
		{ 11, 0, 0 },
		{ INT_MIN, 0, 0 },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	mh_summary *summary = mh_summary_new(ctx);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		int option = cases[i].option;
		int64_t value = cases[i].value;
		test_number("a log", mh_log_set_int(log, option, value),
		    (cases[i].takes & LOG) != 0 ? MH_OK : MH_EINVAL);
		test_number("a bounce", mh_bounce_set_int(bounce, option, value),
		    (cases[i].takes & BOUNCE) != 0 ? MH_OK : MH_EINVAL);
		test_number("a summary", mh_summary_set_int(summary, option, value),
		    (cases[i].takes & SUMMARY) != 0 ? MH_OK : MH_EINVAL);
	}
	assert_int_equal(mh_summary_feed(summary, "x", 1), MH_OK);
	assert_int_equal(mh_summary_set_int(summary, MH_OPT_NOW, NOW), MH_ESTATE);
	mh_summary_free(summary);
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

static void
options_hold_until_they_are_changed(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	assert_int_equal(parse(log, bounced), MH_OK);
	assert_int_equal(mh_log_int(log, MH_LOG_UNIX_TIME), MH_UNKNOWN);
	assert_string_equal(mh_log_str(log, MH_LOG_TIME), "");
	assert_int_equal(mh_log_set_int(log, MH_OPT_NOW, NOW), MH_OK);
	assert_int_equal(mh_log_set_int(log, MH_OPT_UTC_OFFSET, 3600), MH_OK);
	assert_int_equal(mh_log_set_int(log, MH_OPT_LINE_NUMBER, 77), MH_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(parse(log, bounced), MH_OK);
		assert_int_equal(mh_log_int(log, MH_LOG_UNIX_TIME), AT - 3600);
		assert_string_equal(mh_log_str(log, MH_LOG_TIME), "2026-11-21T09:00:00Z");
		assert_non_null(strstr(mh_log_json(log), "\"n\":77,"));
	}
	assert_int_equal(mh_bounce_set_int(bounce, MH_OPT_LINE_NUMBER, 7), MH_OK);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
		assert_non_null(strstr(mh_bounce_json(bounce, 1), "\"n\":8,"));
		assert_non_null(strstr(mh_bounce_json(bounce, 0), "\"n\":7,"));
	}
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

/* ----------------------------------------------------------------------------- log lines */

static void
a_line_says_what_it_says(void **state)
{
	static const struct {
		int field;
		const char *value;
	} strings[] = { { MH_LOG_MTA, "postfix" }, { MH_LOG_EVENT, "delivery" },
		{ MH_LOG_QUEUE_ID, "4F1234567" }, { MH_LOG_TIME, "2026-11-21T10:00:00Z" },
		{ MH_LOG_RELAY, "mx.b.example" }, { MH_LOG_RELAY_IP, "192.0.2.1" },
		{ MH_LOG_RESULT, "bounced" }, { MH_LOG_DSN, "5.1.1" }, { MH_LOG_RECIPIENT, "jane@b.example" },
		{ MH_LOG_ORIG_RECIPIENT, "info@a.example" }, { MH_LOG_SENDER, "" }, { MH_LOG_PHASE, "rcpt" },
		{ MH_LOG_CAUSE, "" }, { MH_LOG_HOST, "mail" }, { MH_LOG_PROGRAM, "postfix/smtp" },
		{ MH_LOG_CLASS, "failed" } };
	static const struct {
		int field;
		int64_t value;
	} numbers[] = { { MH_LOG_RELAY_PORT, 25 }, { MH_LOG_DELAY_MS, 1500 }, { MH_LOG_UNIX_TIME, AT },
		{ MH_LOG_REMOTE, 1 }, { MH_LOG_INBOUND, 0 } };
	static const char *const ends[] = { "", "\n", "\r\n", "\r\n\n" };
	char line[sizeof(bounced) + 8];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	(void)state;
	assert_int_equal(mh_log_set_int(log, MH_OPT_NOW, NOW), MH_OK);
	for (size_t k = 0; k < MH_COUNT(ends); k++) {
		(void)snprintf(line, sizeof(line), "%s%s", bounced, ends[k]);
		assert_int_equal(parse(log, line), MH_OK);
		for (size_t i = 0; i < MH_COUNT(strings); i++)
			test_span("a text", mh_str_z(mh_log_str(log, strings[i].field)),
			    mh_str_z(strings[i].value));
		for (size_t i = 0; i < MH_COUNT(numbers); i++)
			test_number("a number", mh_log_int(log, numbers[i].field), numbers[i].value);
		int64_t begin = mh_log_int(log, MH_LOG_TEXT_BEGIN), end = mh_log_int(log, MH_LOG_TEXT_END);
		test_span("the text is where it says", mh_str_z(mh_log_str(log, MH_LOG_TEXT)),
		    mh_str_n(bounced + begin, (size_t)(end - begin)));
		mh_reply *reply = mh_log_reply(log);
		assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "user-unknown");
		assert_ptr_equal(mh_log_reply(log), reply);
		begin = mh_reply_item_int(reply, MH_LIST_EMAIL, 0, MH_ITEM_SPAN_BEGIN);
		test_span("spans count octets of the line", mh_str_n(bounced + begin, 14),
		    MH_STR("jane@b.example"));
		assert_true(test_is_json(mh_log_json(log)));
		assert_string_equal(mh_reply_json(reply), mh_log_json(log));
		assert_non_null(strstr(mh_log_json(log), "\"kind\":\"log\""));
	}
	mh_log_free(log);
	mh_ctx_free(ctx);
}

static void
a_line_may_say_nothing(void **state)
{
	static const char *const lines[] = { nothing, "", "\n", "550 5.1.1 User unknown", "Nov 21 10:00:00",
		"Nov 21 10:00:00 mail", "\xff\xfe", "[[[[", "to=<", "status=bounced (" };
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(lines); i++) {
		assert_int_equal(parse(log, bounced), MH_OK);
		assert_non_null(mh_log_reply(log));
		assert_int_equal(parse(log, lines[i]), MH_OK);
		assert_string_equal(mh_log_str(log, MH_LOG_EVENT), "");
		assert_string_equal(mh_log_str(log, MH_LOG_RECIPIENT), "");
		assert_int_equal(mh_log_int(log, MH_LOG_REMOTE), MH_UNKNOWN);
		assert_int_equal(mh_log_int(log, MH_LOG_INBOUND), MH_UNKNOWN);
		assert_int_equal(mh_log_int(log, MH_LOG_TEXT_BEGIN), MH_UNKNOWN);
		assert_null(mh_log_reply(log));
		assert_string_equal(mh_log_str(log, MH_LOG_CLASS), "unknown");
		assert_true(test_is_json(mh_log_json(log)));
	}
	mh_log_free(log);
	mh_ctx_free(ctx);
}

static void
look_at_line(struct mh_str s, void *arg)
{
	mh_log *log = arg;
	assert_int_equal(mh_log_parse(log, s.p, s.len), MH_OK);
	for (int field = MH_LOG_MTA; field <= MH_LOG_CLASS; field++)
		assert_non_null(mh_log_str(log, field));
	assert_true(test_is_json(mh_log_json(log)));
}

static void
any_line_will_do(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	char *large = malloc((size_t)MH_LOG_MAX_OCTETS * 2);
	(void)state;
	test_mangled(mh_str_z(sent), look_at_line, log);
	assert_non_null(large);
	memset(large, 'a', (size_t)MH_LOG_MAX_OCTETS * 2);
	memcpy(large, bounced, sizeof(bounced) - 1);
	assert_int_equal(mh_log_parse(log, large, (size_t)MH_LOG_MAX_OCTETS * 2), MH_OK);
	assert_true(mh_log_int(log, MH_LOG_TEXT_END) <= MH_LOG_MAX_OCTETS);
	assert_true(test_is_json(mh_log_json(log)));
	free(large);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------------------- bounces */

static void
a_bounce_says_of_whom_it_reports(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
	assert_int_equal(mh_bounce_count(bounce), 2);
	for (int again = 0; again < 2; again++) { /* in turns: the one reply serves both */
		assert_string_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_RECIPIENT), "jane@b.example");
		assert_string_equal(mh_bounce_str(bounce, 1, MH_BOUNCE_RECIPIENT), "max@c.example");
		assert_string_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_CLASS), "failed");
		assert_string_equal(mh_bounce_str(bounce, 1, MH_BOUNCE_CLASS), "delayed");
		assert_string_equal(mh_reply_str(mh_bounce_reply(bounce, 0), MH_REPLY_REASON),
		    "user-unknown");
		assert_string_equal(mh_reply_str(mh_bounce_reply(bounce, 1), MH_REPLY_REASON),
		    "mailbox-full");
		for (size_t i = 0; i < 2; i++) {
			assert_true(test_is_json(mh_bounce_json(bounce, i)));
			assert_non_null(strstr(mh_bounce_json(bounce, i), "\"kind\":\"bounce\""));
		}
	}
	const char *kept = mh_bounce_str(bounce, 0, MH_BOUNCE_RECIPIENT);
	for (int field = MH_BOUNCE_CLASS; field <= MH_BOUNCE_CAUSE; field++)
		(void)mh_bounce_str(bounce, 1, field);
	test_span("strings stay until the next message", mh_str_z(kept), MH_STR("jane@b.example"));
	assert_ptr_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_RECIPIENT), kept);
	mh_report *report = mh_bounce_report(bounce);
	assert_non_null(report);
	assert_int_equal(mh_bounce_parse(bounce, ordinary, sizeof(ordinary) - 1), MH_OK);
	assert_int_equal(mh_bounce_count(bounce), 0);
	assert_string_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_RECIPIENT), "");
	assert_string_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_CLASS), "unknown");
	assert_null(mh_bounce_reply(bounce, 0));
	assert_true(test_is_json(mh_bounce_json(bounce, 0)));
	assert_string_equal(mh_bounce_json(bounce, 1), "");
	mh_bounce_free(bounce);
	mh_ctx_free(ctx);
	assert_true(test_is_json(mh_report_json(report))); /* it outlives both */
	mh_report_free(report);
}

static void
what_is_given_in_may_go(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	char *line = guard_copy(bounced, sizeof(bounced) - 1),
	     *mail = guard_copy(message, sizeof(message) - 1);
	assert_int_equal(mh_log_parse(log, line, sizeof(bounced) - 1), MH_OK);
	assert_int_equal(mh_bounce_parse(bounce, mail, sizeof(message) - 1), MH_OK);
	guard_free(line, sizeof(bounced) - 1);
	guard_free(mail, sizeof(message) - 1);
	assert_string_equal(mh_log_str(log, MH_LOG_RECIPIENT), "jane@b.example");
	assert_string_equal(mh_reply_str(mh_log_reply(log), MH_REPLY_REASON), "user-unknown");
	for (size_t i = 0; i < mh_bounce_count(bounce); i++) {
		for (int field = MH_BOUNCE_CLASS; field <= MH_BOUNCE_CAUSE; field++)
			assert_non_null(mh_bounce_str(bounce, i, field));
		assert_true(test_is_json(mh_bounce_json(bounce, i)));
	}
	assert_string_equal(mh_bounce_str(bounce, 1, MH_BOUNCE_RECIPIENT), "max@c.example");
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

static void
look_at_message(struct mh_str s, void *arg)
{
	mh_bounce *bounce = arg;
	assert_int_equal(mh_bounce_parse(bounce, s.p, s.len), MH_OK);
	for (size_t i = 0; i == 0 || i < mh_bounce_count(bounce); i++) {
		for (int field = MH_BOUNCE_CLASS; field <= MH_BOUNCE_CAUSE; field++)
			assert_non_null(mh_bounce_str(bounce, i, field));
		assert_true(mh_bounce_json(bounce, i)[0] == '{');
	}
	mh_report_free(mh_bounce_report(bounce));
	(void)mh_mbox_next(s.p, s.len, 0);
	(void)mh_mbox_next(s.p, s.len, 1);
}

static void
any_message_will_do(void **state)
{
	static const char short_one[] =
	    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\n"
	    "Final-Recipient: rfc822; b@c.example\nAction: failed\nStatus: 5.1.1\n";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	test_mangled(mh_str_z(short_one), look_at_message, bounce);
	mh_bounce_free(bounce);
	mh_ctx_free(ctx);
}

static void
an_mbox_is_cut_into_messages(void **state)
{
	static const char from[] = "From MAILER-DAEMON Sat Nov 21 10:00:00 2026\n";
	char box[2 * sizeof(from) + 2 * sizeof(ordinary)];
	(void)state;
	size_t second = sizeof(from) + sizeof(ordinary) - 1;
	size_t len = (size_t)snprintf(box, sizeof(box), "%s%s\n%s%s", from, ordinary, from, ordinary);
	assert_int_equal(mh_mbox_next(box, len, 0), 0);
	assert_int_equal(mh_mbox_next(box, len, 1), second);
	assert_int_equal(mh_mbox_next(box, len, second), second);
	assert_int_equal(mh_mbox_next(box, len, second + 1), len);
	assert_int_equal(mh_mbox_next(box, len, len), len);
	assert_int_equal(mh_mbox_next(box, len, SIZE_MAX), len);
	assert_int_equal(mh_mbox_next(box, 0, 0), 0);
	assert_int_equal(mh_mbox_next(ordinary, sizeof(ordinary) - 1, 0), sizeof(ordinary) - 1);
	assert_int_equal(mh_mbox_next("From", 4, 0), 4);
}

static void
texts_are_recognised(void **state)
{
	static const struct {
		const char *text, *kind;
	} cases[] = { { "", "reply" }, { "550 5.1.1 User unknown", "reply" }, { "\n\n", "reply" },
		{ bounced, "log" }, { sent, "log" }, { nothing, "log" }, { message, "bounce" },
		{ ordinary, "bounce" },
		{ "From x Sat Nov 21 10:00:00 2026\nFrom: a@b.example\nTo: c@d.example\n", "bounce" } };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_span("a kind", mh_str_z(mh_recognise(cases[i].text, strlen(cases[i].text))),
		    mh_str_z(cases[i].kind));
}

/* ----------------------------------------------------------------------------- summaries */

static void
a_summary_counts_and_tells(void **state)
{
	static const struct {
		int field;
		int64_t value;
	} numbers[] = { { MH_SUMMARY_LINES, 9 }, { MH_SUMMARY_DELIVERIES, 6 }, { MH_SUMMARY_FROM, AT },
		{ MH_SUMMARY_TO, AT + 6 }, { MH_SUMMARY_SENT, 3 }, { MH_SUMMARY_DEFERRED, 0 },
		{ MH_SUMMARY_BOUNCED, 3 }, { MH_SUMMARY_EXPIRED, 0 }, { MH_SUMMARY_REJECTED, 0 },
		{ MH_SUMMARY_LEFT_OUT, 0 } };
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_summary *summary = mh_summary_new(ctx);
	(void)state;
	assert_int_equal(mh_summary_set_int(summary, MH_OPT_NOW, NOW), MH_OK);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(feed(summary, bounced), MH_OK);
		assert_int_equal(feed(summary, sent), MH_OK);
		assert_int_equal(feed(summary, nothing), MH_OK);
	}
	assert_int_equal(mh_summary_end(summary), MH_OK);
	for (size_t i = 0; i < MH_COUNT(numbers); i++)
		test_number("a number", mh_summary_int(summary, numbers[i].field), numbers[i].value);
	test_number("octets", mh_summary_int(summary, MH_SUMMARY_OCTETS),
	    3 * (sizeof(bounced) + sizeof(sent) + sizeof(nothing)));
	assert_int_equal(mh_summary_count(summary, MH_SUMMARY_GROUP), 1);
	assert_string_equal(mh_summary_item_str(summary, MH_SUMMARY_GROUP, 0, MH_SUM_REASON), "user-unknown");
	assert_string_equal(mh_summary_item_str(summary, MH_SUMMARY_GROUP, 0, MH_SUM_PROVIDER_NAME),
	    "b.example");
	assert_int_equal(mh_summary_item_int(summary, MH_SUMMARY_GROUP, 0, MH_SUM_COUNT), 3);
	assert_int_equal(mh_summary_item_int(summary, MH_SUMMARY_GROUP, 0, MH_SUM_SHARE), 1000);
	assert_int_equal(mh_summary_item_int(summary, MH_SUMMARY_GROUP, 0, MH_SUM_RECIPIENTS), 1);
	mh_reply *reply = mh_summary_reply(summary, MH_SUMMARY_GROUP, 0);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "user-unknown");
	assert_true(mh_reply_count(reply, MH_LIST_ADVICE) > 0);
	assert_null(mh_summary_reply(summary, MH_SUMMARY_THROTTLE, 0));
	const char *json = mh_summary_json(summary);
	assert_true(test_is_json(json));
	assert_non_null(strstr(json, "\"kind\":\"log-summary\""));
	assert_string_equal(mh_summary_json(summary), json);
	assert_int_equal(feed(summary, bounced), MH_OK); /* it may be asked in between */
	assert_int_equal(mh_summary_item_int(summary, MH_SUMMARY_GROUP, 0, MH_SUM_COUNT), 4);
	mh_summary_free(summary);
	mh_ctx_free(ctx);
}

static void
damaged_gzip_is_told(void **state)
{
	static const char head[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	char damaged[100];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_summary *summary = mh_summary_new(ctx);
	(void)state;
	memset(damaged, 0xff, sizeof(damaged));
	memcpy(damaged, head, sizeof(head) - 1);
	int fed = mh_summary_feed(summary, damaged, sizeof(damaged)), ended = mh_summary_end(summary);
	assert_true(fed == MH_EIO || ended == MH_EIO);
	assert_int_equal(mh_summary_feed(summary, head, sizeof(head) - 1), MH_OK);
	assert_int_equal(mh_summary_end(summary), MH_EIO);
	assert_int_equal(feed(summary, bounced), MH_OK); /* the next file */
	assert_int_equal(mh_summary_end(summary), MH_OK);
	assert_int_equal(mh_summary_int(summary, MH_SUMMARY_BOUNCED), 1);
	mh_summary_free(summary);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------- ownership and rules */

static void
handles_go_in_any_order(void **state)
{
	(void)state;
	for (int order = 0; order < 24; order++) {
		struct test_alloc alloc = { 0 };
		mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
		mh_log *log = mh_log_new(ctx);
		mh_bounce *bounce = mh_bounce_new(ctx);
		mh_summary *summary = mh_summary_new(ctx);
		assert_int_equal(parse(log, bounced), MH_OK);
		assert_non_null(mh_log_reply(log));
		assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
		assert_non_null(mh_bounce_reply(bounce, 1));
		assert_int_equal(feed(summary, bounced), MH_OK);
		assert_non_null(mh_summary_reply(summary, MH_SUMMARY_GROUP, 0));
		bool gone[4] = { false };
		for (int left = 4, rest = order; left > 0; left--) {
			int pick = rest % left;
			rest /= left;
			int which = 0;
			while (gone[which] || pick-- > 0)
				which++;
			gone[which] = true;
			if (which == 0)
				mh_ctx_free(ctx);
			else if (which == 1)
				mh_log_free(log);
			else if (which == 2)
				mh_bounce_free(bounce);
			else
				mh_summary_free(summary);
			if (!gone[1])
				assert_int_equal(parse(log, sent), MH_OK);
			if (!gone[2])
				assert_string_equal(mh_bounce_str(bounce, 0, MH_BOUNCE_STATUS), "5.1.1");
			if (!gone[3])
				assert_int_equal(feed(summary, sent), MH_OK);
		}
		test_alloc_done(&alloc);
	}
}

static void
rules_are_swapped_under_handles(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	mh_summary *before = mh_summary_new(ctx);
	char own[sizeof(message) + 64];
	(void)state;
	const char *at = strstr(message, "550 5.1.1");
	(void)snprintf(own, sizeof(own), "%.*s550 Here be dragons\n\n--x--\n", (int)(at - message), message);
	assert_int_equal(parse(log, dragons), MH_OK);
	assert_string_not_equal(mh_reply_str(mh_log_reply(log), MH_REPLY_RULE), "test.dragons");
	assert_int_equal(mh_bounce_parse(bounce, own, strlen(own)), MH_OK);
	assert_string_not_equal(mh_reply_str(mh_bounce_reply(bounce, 0), MH_REPLY_RULE), "test.dragons");
	use_dragons(ctx);
	mh_summary *after = mh_summary_new(ctx);
	for (int used = 1; used >= 0; used--) {
		assert_int_equal(parse(log, dragons), MH_OK);
		assert_int_equal(mh_bounce_parse(bounce, own, strlen(own)), MH_OK);
		const char *of_log = mh_reply_str(mh_log_reply(log), MH_REPLY_RULE),
			   *of_bounce = mh_reply_str(mh_bounce_reply(bounce, 0), MH_REPLY_RULE);
		test_number("a log uses the rules of now", strcmp(of_log, "test.dragons") == 0, used);
		test_number("so does a bounce", strcmp(of_bounce, "test.dragons") == 0, used);
		assert_int_equal(mh_ctx_use_rules(ctx, NULL), MH_OK);
	}
	assert_int_equal(feed(before, dragons), MH_OK);
	assert_int_equal(feed(after, dragons), MH_OK);
	assert_string_not_equal(mh_reply_str(mh_summary_reply(before, MH_SUMMARY_GROUP, 0), MH_REPLY_RULE),
	    "test.dragons");
	assert_string_equal(mh_reply_str(mh_summary_reply(after, MH_SUMMARY_GROUP, 0), MH_REPLY_RULE),
	    "test.dragons");
	mh_ctx_free(ctx);
	mh_summary_free(after);
	mh_summary_free(before);
	mh_bounce_free(bounce);
	mh_log_free(log);
}

static void
a_borrowed_reply_is_emptied_by_the_next_parse(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	assert_int_equal(parse(log, bounced), MH_OK);
	mh_reply *reply = mh_log_reply(log);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "user-unknown");
	assert_int_equal(parse(log, sent), MH_OK);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "");
	assert_string_equal(mh_reply_json(reply), "");
	assert_string_equal(mh_reply_str(mh_log_reply(log), MH_REPLY_CLASS), "delivered");
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
	reply = mh_bounce_reply(bounce, 0);
	assert_int_equal(mh_bounce_parse(bounce, ordinary, sizeof(ordinary) - 1), MH_OK);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "");
	assert_null(mh_reply_report(reply));
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
}

/* -------------------------------------------------------------------------------- memory */

static bool
read_line(struct mh_mem mem, void *arg)
{
	(void)arg;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_log *log = mh_log_new(ctx);
	bool well = log != NULL && parse(log, bounced) == MH_OK &&
	    mh_log_str(log, MH_LOG_RECIPIENT)[0] != '\0' && mh_log_reply(log) != NULL &&
	    mh_reply_str(mh_log_reply(log), MH_REPLY_REASON)[0] != '\0' && mh_log_json(log)[0] != '\0';
	mh_ctx_free(ctx);
	mh_log_free(log);
	return well;
}

static bool
read_message(struct mh_mem mem, void *arg)
{
	(void)arg;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_bounce *bounce = mh_bounce_new(ctx);
	bool well = bounce != NULL && mh_bounce_parse(bounce, message, sizeof(message) - 1) == MH_OK &&
	    mh_bounce_str(bounce, 1, MH_BOUNCE_RECIPIENT)[0] != '\0' && mh_bounce_reply(bounce, 0) != NULL &&
	    mh_bounce_reply(bounce, 1) != NULL && mh_bounce_json(bounce, 1)[0] != '\0';
	mh_report *report = mh_bounce_report(bounce);
	well = well && report != NULL;
	mh_report_free(report);
	mh_ctx_free(ctx);
	mh_bounce_free(bounce);
	return well;
}

static bool
read_log(struct mh_mem mem, void *arg)
{
	(void)arg;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_summary *summary = mh_summary_new(ctx);
	bool well = summary != NULL && feed(summary, bounced) == MH_OK && feed(summary, dragons) == MH_OK &&
	    feed(summary, sent) == MH_OK && mh_summary_end(summary) == MH_OK;
	if (well)
		well = mh_summary_count(summary, MH_SUMMARY_GROUP) > 0 &&
		    mh_summary_reply(summary, MH_SUMMARY_GROUP, 0) != NULL &&
		    mh_summary_item_str(summary, MH_SUMMARY_GROUP, 0, MH_SUM_SAMPLE)[0] != '\0' &&
		    mh_summary_json(summary)[0] != '\0';
	mh_ctx_free(ctx);
	mh_summary_free(summary);
	return well;
}

static void
out_of_memory_is_an_ordinary_answer(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(read_line, NULL, true) > 3);
	assert_true(test_failing_allocs(read_message, NULL, true) > 3);
	assert_true(test_failing_allocs(read_log, NULL, true) > 3);
}

static void
handles_go_on_when_memory_is_back(void **state)
{
	struct test_alloc alloc = { 0 };
	mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
	mh_log *log = mh_log_new(ctx);
	mh_bounce *bounce = mh_bounce_new(ctx);
	(void)state;
	alloc.fail_at = alloc.calls + 1;
	alloc.stay_failing = true;
	assert_int_equal(parse(log, bounced), MH_ENOMEM);
	assert_string_equal(mh_log_str(log, MH_LOG_EVENT), "");
	assert_string_equal(mh_log_json(log), "");
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_ENOMEM);
	assert_int_equal(mh_bounce_count(bounce), 0);
	alloc.fail_at = 0;
	assert_int_equal(parse(log, bounced), MH_OK);
	alloc.fail_at = alloc.calls + 1;
	assert_null(mh_log_reply(log));
	assert_string_equal(mh_log_json(log), "");
	alloc.fail_at = 0;
	assert_string_equal(mh_reply_str(mh_log_reply(log), MH_REPLY_REASON), "user-unknown");
	assert_int_equal(mh_bounce_parse(bounce, message, sizeof(message) - 1), MH_OK);
	alloc.fail_at = alloc.calls + 1;
	assert_null(mh_bounce_reply(bounce, 0));
	alloc.fail_at = 0;
	assert_string_equal(mh_reply_str(mh_bounce_reply(bounce, 0), MH_REPLY_REASON), "user-unknown");
	mh_bounce_free(bounce);
	mh_log_free(log);
	mh_ctx_free(ctx);
	test_alloc_done(&alloc);
}

static void
lines_cost_no_allocation_after_some(void **state)
{
	struct test_alloc alloc = { 0 };
	mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
	mh_log *log = mh_log_new(ctx);
	size_t calls = 0;
	(void)state;
	for (int i = 0; i < 10; i++) {
		if (i == 5)
			calls = alloc.calls;
		assert_int_equal(parse(log, i % 2 == 0 ? bounced : sent), MH_OK);
		for (int field = MH_LOG_MTA; field <= MH_LOG_CLASS; field++)
			(void)mh_log_str(log, field);
		assert_non_null(mh_log_reply(log));
	}
	test_number("a warm handle allocates nothing", alloc.calls, calls);
	mh_log_free(log);
	mh_ctx_free(ctx);
	test_alloc_done(&alloc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_is_an_argument),
		cmocka_unit_test(there_is_nothing_before_a_parse),
		cmocka_unit_test(numbers_that_name_nothing_give_nothing),
		cmocka_unit_test(options_take_what_they_say),
		cmocka_unit_test(options_hold_until_they_are_changed),
		cmocka_unit_test(a_line_says_what_it_says),
		cmocka_unit_test(a_line_may_say_nothing),
		cmocka_unit_test(any_line_will_do),
		cmocka_unit_test(a_bounce_says_of_whom_it_reports),
		cmocka_unit_test(what_is_given_in_may_go),
		cmocka_unit_test(any_message_will_do),
		cmocka_unit_test(an_mbox_is_cut_into_messages),
		cmocka_unit_test(texts_are_recognised),
		cmocka_unit_test(a_summary_counts_and_tells),
		cmocka_unit_test(damaged_gzip_is_told),
		cmocka_unit_test(handles_go_in_any_order),
		cmocka_unit_test(rules_are_swapped_under_handles),
		cmocka_unit_test(a_borrowed_reply_is_emptied_by_the_next_parse),
		cmocka_unit_test(out_of_memory_is_an_ordinary_answer),
		cmocka_unit_test(handles_go_on_when_memory_is_back),
		cmocka_unit_test(lines_cost_no_allocation_after_some),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
