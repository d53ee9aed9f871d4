/* test_face.c - the exported functions of lib/face: arguments, states, and JSON that agrees with the
 * accessors */
#include "support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailhealth.h"

static const char text[] =
    "550-5.7.26 <a@example.org>: [192.0.2.1] not accepted due to the DMARC policy of shop.example\r\n"
    "550 4.7.26 see http://example.org/x ticket: 4711, zen.spamhaus.org, max 50 messages per day per IP\r\n";

/* Numbers that name nothing. */
static const int wrong[] = { 0, -1, -7, 20, 21, 99, 1000, INT_MAX, INT_MIN };

/* --------------------------------------------------------------------- version, errors */

static void
versions_agree(void **state)
{
	char number[32];
	(void)state;
	int major = MH_VERSION_NUMBER / 10000, minor = MH_VERSION_NUMBER / 100 % 100,
	    patch = MH_VERSION_NUMBER % 100;
	(void)snprintf(number, sizeof(number), "%d.%d.%d", major, minor, patch);
	test_span("the header's two forms agree", MH_STR(MH_VERSION), mh_str_z(number));
	test_number("the library is the header's", mh_version_number(), MH_VERSION_NUMBER);
	test_span("the library is the header's", mh_str_z(mh_version()), MH_STR(MH_VERSION));
}

static void
errors_have_names(void **state)
{
	static const struct {
		int error, number;
		const char *name;
	} errors[] = { { MH_OK, 0, "MH_OK" }, { MH_ENOMEM, -1, "MH_ENOMEM" }, { MH_EINVAL, -2, "MH_EINVAL" },
		{ MH_ESTATE, -3, "MH_ESTATE" }, { MH_EFROZEN, -4, "MH_EFROZEN" },
		{ MH_ERULES, -5, "MH_ERULES" }, { MH_EIO, -6, "MH_EIO" }, { MH_ENOENT, -7, "MH_ENOENT" } };
	static const int none[] = { 1, -8, -100, INT_MAX, INT_MIN };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(errors); i++) {
		test_number("numbers never change", errors[i].error, errors[i].number);
		test_span("a name", mh_str_z(mh_errname(errors[i].error)), mh_str_z(errors[i].name));
		test_check("a sentence",
		    strlen(mh_strerror(errors[i].error)) > 5 || errors[i].error == MH_OK);
		test_check("of its own", strcmp(mh_strerror(errors[i].error), "unknown error") != 0);
		for (size_t k = 0; k < i; k++)
			test_check("of its own",
			    strcmp(mh_strerror(errors[i].error), mh_strerror(errors[k].error)) != 0);
	}
	for (size_t i = 0; i < MH_COUNT(none); i++) {
		test_span("no name", mh_str_z(mh_errname(none[i])), MH_STR(""));
		test_span("unknown", mh_str_z(mh_strerror(none[i])), MH_STR("unknown error"));
	}
}

/* -------------------------------------------------------------------------------- NULL */

static void
null_is_an_argument(void **state)
{
	(void)state;
	mh_ctx_free(NULL);
	mh_reply_free(NULL);
	mh_rules_free(NULL);
	mh_report_free(NULL);
	assert_null(mh_reply_new(NULL));
	assert_null(mh_rules_new(NULL));
	assert_int_equal(mh_reply_set_int(NULL, MH_OPT_FORM, 0), MH_EINVAL);
	assert_int_equal(mh_reply_set_str(NULL, MH_OPT_MX, ""), MH_EINVAL);
	assert_int_equal(mh_reply_parse(NULL, "", 0), MH_EINVAL);
	assert_string_equal(mh_reply_str(NULL, MH_REPLY_REASON), "");
	assert_int_equal(mh_reply_int(NULL, MH_REPLY_CODE), MH_UNKNOWN);
	assert_int_equal(mh_reply_count(NULL, MH_LIST_LINE), 0);
	assert_string_equal(mh_reply_item_str(NULL, MH_LIST_LINE, 0, MH_ITEM_TEXT), "");
	assert_int_equal(mh_reply_item_int(NULL, MH_LIST_LINE, 0, MH_ITEM_CODE), MH_UNKNOWN);
	assert_string_equal(mh_reply_json(NULL), "");
	assert_null(mh_reply_report(NULL));
	assert_int_equal(mh_report_count(NULL), 0);
	assert_int_equal(mh_report_int(NULL, 0, MH_FINDING_NUMBER), MH_UNKNOWN);
	assert_string_equal(mh_report_str(NULL, 0, MH_FINDING_ID), "");
	assert_string_equal(mh_report_json(NULL), "");
	assert_int_equal(mh_catalogue_find(NULL), MH_ENOENT);
	assert_int_equal(mh_rules_add(NULL, MH_LAYER_USER, "t", "", 0), MH_EINVAL);
	assert_int_equal(mh_rules_add_file(NULL, MH_LAYER_USER, "x"), MH_EINVAL);
	assert_string_equal(mh_rules_str(NULL, MH_RULES_ERROR), "");
	assert_int_equal(mh_rules_int(NULL, MH_RULES_LINE), MH_UNKNOWN);
	assert_int_equal(mh_ctx_use_rules(NULL, NULL), MH_EINVAL);

	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_rules *rules = mh_rules_new(ctx);
	mh_reply *reply = mh_reply_new(ctx);
	assert_int_equal(mh_rules_add(rules, MH_LAYER_USER, NULL, "", 0), MH_EINVAL);
	assert_int_equal(mh_rules_add(rules, MH_LAYER_USER, "t", NULL, 1), MH_EINVAL);
	assert_int_equal(mh_rules_add(rules, MH_LAYER_USER, "t", NULL, 0), MH_OK);
	assert_int_equal(mh_rules_add_file(rules, MH_LAYER_USER, NULL), MH_EINVAL);
	for (size_t i = 0; i < MH_COUNT(wrong); i++) {
		if (wrong[i] == MH_LAYER_SITE || wrong[i] == MH_LAYER_USER)
			continue;
		assert_int_equal(mh_rules_add(rules, wrong[i], "t", "", 0), MH_EINVAL);
		assert_int_equal(mh_rules_add_file(rules, wrong[i], TEST_DATA "/fuzz/corpus/rules/rule"),
		    MH_EINVAL);
		assert_string_equal(mh_rules_str(rules, wrong[i]), "");
		assert_int_equal(mh_rules_int(rules, wrong[i]), MH_UNKNOWN);
	}
	assert_int_equal(mh_reply_set_str(reply, MH_OPT_MX, NULL), MH_EINVAL);
	assert_int_equal(mh_reply_parse(reply, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_reply_parse(reply, NULL, 0), MH_OK);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "unknown");
	mh_reply_free(reply);
	mh_rules_free(rules);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------------------- states */

static void
check_empty(mh_reply *reply)
{
	for (int field = -3; field < 40; field++) {
		assert_string_equal(mh_reply_str(reply, field), "");
		assert_int_equal(mh_reply_int(reply, field), MH_UNKNOWN);
	}
	for (int list = -3; list < 40; list++) {
		assert_int_equal(mh_reply_count(reply, list), 0);
		for (int field = -3; field < 40; field++) {
			assert_string_equal(mh_reply_item_str(reply, list, 0, field), "");
			assert_int_equal(mh_reply_item_int(reply, list, 0, field), MH_UNKNOWN);
		}
	}
	assert_string_equal(mh_reply_json(reply), "");
	assert_null(mh_reply_report(reply));
}

static void
there_is_nothing_before_a_parse(void **state)
{
	struct test_alloc alloc = { 0 };
	mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	check_empty(reply);
	assert_int_equal(mh_reply_parse(reply, text, sizeof(text) - 1), MH_OK);
	assert_int_equal(mh_reply_parse(reply, NULL, 5), MH_EINVAL);
	check_empty(reply); /* "and then the handle holds no reply" */
	assert_int_equal(mh_reply_parse(reply, text, sizeof(text) - 1), MH_OK);
	alloc.fail_at = alloc.calls + 1;
	alloc.stay_failing = true;
	char *large = calloc(1, MH_REPLY_MAX_OCTETS);
	assert_int_equal(mh_reply_parse(reply, large, MH_REPLY_MAX_OCTETS), MH_ENOMEM);
	free(large);
	check_empty(reply);
	alloc.fail_at = 0;
	assert_int_equal(mh_reply_parse(reply, text, sizeof(text) - 1), MH_OK);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "auth-dmarc");
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	test_alloc_done(&alloc);
}

static void
numbers_that_name_nothing_give_nothing(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	assert_int_equal(mh_reply_parse(reply, text, sizeof(text) - 1), MH_OK);
	mh_report *report = mh_reply_report(reply);
	size_t findings = mh_report_count(report);
	assert_true(findings > 0);
	for (size_t i = 0; i < MH_COUNT(wrong); i++) {
		assert_string_equal(mh_reply_str(reply, wrong[i]), "");
		assert_int_equal(mh_reply_int(reply, wrong[i]), MH_UNKNOWN);
		assert_int_equal(mh_reply_count(reply, wrong[i]), 0);
		assert_string_equal(mh_reply_item_str(reply, wrong[i], 0, MH_ITEM_TEXT), "");
		assert_string_equal(mh_report_str(report, 0, wrong[i]), "");
		assert_int_equal(mh_report_int(report, 0, wrong[i]), MH_UNKNOWN);
		assert_string_equal(mh_catalogue_str(0, wrong[i]), "");
		assert_int_equal(mh_catalogue_int(0, wrong[i]), MH_UNKNOWN);
		for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++) {
			assert_string_equal(mh_reply_item_str(reply, list, 0, wrong[i]), "");
			assert_int_equal(mh_reply_item_int(reply, list, 0, wrong[i]), MH_UNKNOWN);
		}
	}
	for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++) {
		size_t count = mh_reply_count(reply, list);
		const size_t beyond[] = { count, count + 1, SIZE_MAX / 2, SIZE_MAX };
		for (size_t i = 0; i < MH_COUNT(beyond); i++) {
			assert_string_equal(mh_reply_item_str(reply, list, beyond[i], MH_ITEM_TEXT), "");
			assert_int_equal(mh_reply_item_int(reply, list, beyond[i], MH_ITEM_SPAN_BEGIN),
			    MH_UNKNOWN);
		}
	}
	assert_string_equal(mh_report_str(report, findings, MH_FINDING_ID), "");
	assert_int_equal(mh_report_int(report, SIZE_MAX, MH_FINDING_NUMBER), MH_UNKNOWN);
	assert_string_equal(mh_catalogue_str(mh_catalogue_count(), MH_FINDING_ID), "");
	assert_int_equal(mh_catalogue_int(SIZE_MAX, MH_FINDING_NUMBER), MH_UNKNOWN);
	mh_report_free(report);
	mh_reply_free(reply);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------------------ options */

static void
options_take_what_they_say(void **state)
{
	static const struct {
		int option;
		int64_t value;
		int result;
	} ints[] = {
		{ MH_OPT_FORM, MH_FORM_AUTO, MH_OK },
		{ MH_OPT_FORM, MH_FORM_FRAGMENT, MH_OK },
		{ MH_OPT_FORM, 5, MH_EINVAL },
		{ MH_OPT_FORM, -1, MH_EINVAL },
		{ MH_OPT_FORM, INT64_MAX, MH_EINVAL },
		{ MH_OPT_FORM, (int64_t)1 << 32, MH_EINVAL },
		{ MH_OPT_CODE, 200, MH_OK },
		{ MH_OPT_CODE, 599, MH_OK },
		{ MH_OPT_CODE, 0, MH_OK },
		{ MH_OPT_CODE, 199, MH_EINVAL },
		{ MH_OPT_CODE, 600, MH_EINVAL },
		{ MH_OPT_CODE, -550, MH_EINVAL },
		{ MH_OPT_CODE, INT64_MIN, MH_EINVAL },
		{ MH_OPT_LINE_NUMBER, 1, MH_OK },
		{ MH_OPT_LINE_NUMBER, 0, MH_OK },
		{ MH_OPT_LINE_NUMBER, INT64_MAX, MH_OK },
		{ MH_OPT_LINE_NUMBER, -1, MH_EINVAL },
		{ MH_OPT_PHASE, 1, MH_EINVAL },
		{ MH_OPT_MX, 0, MH_EINVAL },
		{ 0, 0, MH_EINVAL },
		{ 8, 0, MH_EINVAL },
		{ -1, 0, MH_EINVAL },
	};
	static const char *const phases[] = { "connect", "helo", "starttls", "auth", "mail", "rcpt", "data",
		"eod", "quit", "" };
	static const char *const no_phases[] = { "RCPT", "lunch", " rcpt", "rcpt " };
	static const char *const statuses[] = { "5.1.1", "2.0.0", "4.999.999", "" };
	static const char *const no_statuses[] = { "5", "5.1", "x.1.1", "5.1.1 ", " 5.1.1", "5.1.1.1",
		"7.1.1", "5.1000.1" };
	static const char *const no_names[] = { "a b", "a\tb", "a\n", "\x7f" };
	char longest[300];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(ints); i++)
		assert_int_equal(mh_reply_set_int(reply, ints[i].option, ints[i].value), ints[i].result);
	for (size_t i = 0; i < MH_COUNT(phases); i++) {
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_PHASE, phases[i]), MH_OK);
		assert_int_equal(mh_reply_parse(reply, "550 no", 6), MH_OK);
		assert_string_equal(mh_reply_str(reply, MH_REPLY_PHASE), phases[i]);
	}
	for (size_t i = 0; i < MH_COUNT(no_phases); i++)
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_PHASE, no_phases[i]), MH_EINVAL);
	for (size_t i = 0; i < MH_COUNT(statuses); i++)
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_STATUS, statuses[i]), MH_OK);
	for (size_t i = 0; i < MH_COUNT(no_statuses); i++)
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_STATUS, no_statuses[i]), MH_EINVAL);
	for (size_t i = 0; i < MH_COUNT(no_names); i++) {
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_PROVIDER, no_names[i]), MH_EINVAL);
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_MX, no_names[i]), MH_EINVAL);
	}
	memset(longest, 'a', sizeof(longest));
	for (size_t len = 50; len < sizeof(longest); len++) {
		longest[len] = '\0';
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_PROVIDER, longest),
		    len < 64 ? MH_OK : MH_EINVAL);
		assert_int_equal(mh_reply_set_str(reply, MH_OPT_MX, longest), len < 256 ? MH_OK : MH_EINVAL);
		longest[len] = 'a';
	}
	assert_int_equal(mh_reply_set_str(reply, MH_OPT_FORM, "wire"), MH_EINVAL);
	assert_int_equal(mh_reply_set_str(reply, MH_OPT_LINE_NUMBER, "1"), MH_EINVAL);
	assert_int_equal(mh_reply_set_str(reply, 0, ""), MH_EINVAL);
	mh_reply_free(reply);
	mh_ctx_free(ctx);
}

static void
options_hold_until_they_are_taken_back(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_CODE, 552), MH_OK);
	assert_int_equal(mh_reply_set_str(reply, MH_OPT_STATUS, "5.2.2"), MH_OK);
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_FORM, MH_FORM_DSN), MH_OK);
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_LINE_NUMBER, 77), MH_OK);
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_CODE, 600), MH_EINVAL); /* changes nothing */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(mh_reply_parse(reply, "no", 2), MH_OK);
		assert_int_equal(mh_reply_int(reply, MH_REPLY_CODE), 552);
		assert_string_equal(mh_reply_str(reply, MH_REPLY_STATUS), "5.2.2");
		assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "mailbox-full");
		assert_string_equal(mh_reply_str(reply, MH_REPLY_FORM), "dsn");
		assert_non_null(strstr(mh_reply_json(reply), "\"n\":77,"));
	}
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_CODE, 0), MH_OK);
	assert_int_equal(mh_reply_set_str(reply, MH_OPT_STATUS, ""), MH_OK);
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_FORM, 0), MH_OK);
	assert_int_equal(mh_reply_set_int(reply, MH_OPT_LINE_NUMBER, 0), MH_OK);
	assert_int_equal(mh_reply_parse(reply, "no", 2), MH_OK);
	assert_int_equal(mh_reply_int(reply, MH_REPLY_CODE), MH_UNKNOWN);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_STATUS), "");
	assert_string_equal(mh_reply_str(reply, MH_REPLY_FORM), "fragment");
	assert_non_null(strstr(mh_reply_json(reply), "\"n\":1,"));
	mh_reply_free(reply);
	mh_ctx_free(ctx);
}

/* --------------------------------------------------------------------------------- JSON */

static void
the_checker_checks(void **state)
{
	static const char *const good[] = { "{}", "[]", "0", "-1", "1.5", "\"\"",
		"{\"a\":[1,null,\"b\\n\\u00e9\"],\"c\":true}" };
	static const char *const bad[] = { "", "{", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "\"\n\"",
		"\"\\x\"", "\"\\u12\"", "[1 2]", "{\"a\":1,}", "nul", "[] ", "{}{}", "-" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(good); i++)
		test_check(good[i], test_is_json(good[i]));
	for (size_t i = 0; i < MH_COUNT(bad); i++)
		test_check(bad[i], !test_is_json(bad[i]));
}

/* member - the value of a key of the outermost object, as it is written */
static struct mh_str
member(const char *json, const char *key)
{
	const char *p = json + 1;
	while (*p == '"') {
		const char *key_end = test_json_string(p), *end = test_json_value(key_end + 1);
		if ((size_t)(key_end - p) == strlen(key) + 2 && memcmp(p + 1, key, strlen(key)) == 0)
			return mh_str_n(key_end + 1, (size_t)(end - key_end - 1));
		p = *end == ',' ? end + 1 : end;
	}
	return mh_str_n("", 0);
}

/* quoted - a string as JSON writes it */
static struct mh_str
quoted(const char *z)
{
	static char out[8192];
	size_t n = 0;
	out[n++] = '"';
	for (; *z != '\0' && n + 8 < sizeof(out); z++) {
		if (*z == '"' || *z == '\\')
			out[n++] = '\\';
		out[n++] = *z;
	}
	out[n++] = '"';
	return mh_str_n(out, n);
}

static size_t
elements(struct mh_str array)
{
	size_t count = 0;
	if (array.len < 2 || array.p[0] != '[' || array.p[1] == ']')
		return 0;
	for (const char *p = array.p + 1;; p++) {
		p = test_json_value(p);
		count++;
		if (*p == ']')
			return count;
	}
}

static struct mh_str
number_or_null(int64_t value)
{
	static char out[32];
	if (value < 0)
		return MH_STR("null");
	return mh_str_n(out, (size_t)snprintf(out, sizeof(out), "%lld", (long long)value));
}

static void
json_agrees_with_the_accessors(void **state)
{
	static const struct {
		const char *key;
		int field;
	} strings[] = { { "status", MH_REPLY_STATUS }, { "status_text", MH_REPLY_STATUS_TEXT },
		{ "reason", MH_REPLY_REASON }, { "reason_text", MH_REPLY_REASON_TEXT },
		{ "rule", MH_REPLY_RULE }, { "meaning", MH_REPLY_MEANING },
		{ "reference", MH_REPLY_REFERENCE }, { "permanence", MH_REPLY_PERMANENCE },
		{ "class", MH_REPLY_CLASS }, { "retry", MH_REPLY_RETRY }, { "actor", MH_REPLY_ACTOR },
		{ "provider", MH_REPLY_PROVIDER }, { "provider_name", MH_REPLY_PROVIDER_NAME },
		{ "contact", MH_REPLY_CONTACT }, { "phase", MH_REPLY_PHASE }, { "form", MH_REPLY_FORM },
		{ "template", MH_REPLY_TEMPLATE } };
	static const struct {
		const char *key;
		int list;
	} lists[] = { { "lines", MH_LIST_LINE }, { "alternatives", MH_LIST_ALTERNATIVE },
		{ "scope", MH_LIST_SCOPE }, { "advice", MH_LIST_ADVICE },
		{ "disagreements", MH_LIST_DISAGREEMENT }, { "next", MH_LIST_NEXT } };
	static const struct {
		const char *key;
		int list;
	} facts[] = { { "ip", MH_LIST_IP }, { "domain", MH_LIST_DOMAIN }, { "email", MH_LIST_EMAIL },
		{ "url", MH_LIST_URL }, { "id", MH_LIST_ID }, { "blocklist", MH_LIST_BLOCKLIST },
		{ "limit", MH_LIST_LIMIT } };
	static const char *const replies[] = { text, "", "550", "550 xyzzy", "250 ok",
		"450 4.2.0 greylisted, wait 5 minutes",
		"550 \"quotes\" \\ and \x01 and \xe9 and \xe4\xb8\x8d", "421-4.7.0 [TSS04] a\r\n421 4.7.0 b",
		"smtp; 550 5.1.1 no such user",
		"554 5.7.1 [192.0.2.1] blocked using zen.spamhaus.org and bl.spamcop.net" };
	char facts_text[8192];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(replies); i++) {
		assert_int_equal(mh_reply_parse(reply, replies[i], strlen(replies[i])), MH_OK);
		const char *json = mh_reply_json(reply);
		test_check("it is JSON", test_is_json(json));
		test_span("of schema 1", member(json, "schema"), MH_STR("1"));
		test_span("about a reply", member(json, "kind"), MH_STR("\"reply\""));
		test_span("not a log line", member(json, "log"), MH_STR("null"));
		test_span("not a bounce", member(json, "bounce"), MH_STR("null"));
		for (size_t k = 0; k < MH_COUNT(strings); k++)
			test_span(strings[k].key, member(json, strings[k].key),
			    quoted(mh_reply_str(reply, strings[k].field)));
		test_span("code", member(json, "code"), number_or_null(mh_reply_int(reply, MH_REPLY_CODE)));
		test_span("retry_after_s", member(json, "retry_after_s"),
		    number_or_null(mh_reply_int(reply, MH_REPLY_RETRY_AFTER_S)));
		test_number("span", member(json, "span").p[0] == '[',
		    mh_reply_int(reply, MH_REPLY_SPAN_BEGIN) >= 0);
		test_number("confidence", (int64_t)(atof(member(json, "confidence").p) * 1000 + 0.5),
		    mh_reply_int(reply, MH_REPLY_CONFIDENCE));
		for (size_t k = 0; k < MH_COUNT(lists); k++)
			test_number(lists[k].key, elements(member(json, lists[k].key)),
			    mh_reply_count(reply, lists[k].list));
		struct mh_str object = member(json, "facts");
		assert_true(object.len > 0 && object.len < sizeof(facts_text));
		memcpy(facts_text, object.p, object.len);
		facts_text[object.len] = '\0';
		for (size_t k = 0; k < MH_COUNT(facts); k++)
			test_number(facts[k].key, elements(member(facts_text, facts[k].key)),
			    mh_reply_count(reply, facts[k].list));
		mh_report *report = mh_reply_report(reply);
		test_number("findings", elements(member(json, "findings")), mh_report_count(report));
		test_check("a report is JSON", test_is_json(mh_report_json(report)));
		test_number("of all of it", elements(mh_str_z(mh_report_json(report))),
		    mh_report_count(report));
		mh_report_free(report);
		test_span("asked again it is the same", mh_str_z(mh_reply_json(reply)), mh_str_z(json));
	}
	mh_reply_free(reply);
	mh_ctx_free(ctx);
}

/* --------------------------------------------------------------- report and catalogue */

static void
reports_outlive_their_reply(void **state)
{
	struct test_alloc alloc = { 0 };
	mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
	mh_reply *reply = mh_reply_new(ctx);
	(void)state;
	assert_int_equal(mh_reply_parse(reply, "550-4.2.2 a\x01\r\n450 \xe9", 18), MH_OK);
	mh_report *report = mh_reply_report(reply), *again = mh_reply_report(reply);
	test_span("two reports of one reply are equal", mh_str_z(mh_report_json(report)),
	    mh_str_z(mh_report_json(again)));
	mh_report_free(again);
	assert_int_equal(mh_reply_parse(reply, "550 no", 6), MH_OK);
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	size_t count = mh_report_count(report);
	assert_true(count >= 3);
	int64_t last = MH_SEVERITY_FAIL;
	for (size_t i = 0; i < count; i++) {
		const char *id = mh_report_str(report, i, MH_FINDING_ID);
		int at = mh_catalogue_find(id);
		test_check("a finding is in the catalogue", at >= 0);
		test_check("worst first", mh_report_int(report, i, MH_FINDING_SEVERITY) <= last);
		last = mh_report_int(report, i, MH_FINDING_SEVERITY);
		assert_int_equal(mh_report_int(report, i, MH_FINDING_NUMBER),
		    mh_catalogue_int((size_t)at, MH_FINDING_NUMBER));
		static const int same[] = { MH_FINDING_TITLE, MH_FINDING_REASON, MH_FINDING_REMEDY,
			MH_FINDING_SPEC, MH_FINDING_SINCE };
		for (size_t k = 0; k < MH_COUNT(same); k++)
			assert_string_equal(mh_report_str(report, i, same[k]),
			    mh_catalogue_str((size_t)at, same[k]));
		assert_string_equal(mh_report_str(report, i, MH_FINDING_SUBJECT), "reply");
		assert_true(mh_report_str(report, i, MH_FINDING_EVIDENCE)[0] != '\0');
	}
	mh_report_free(report);
	test_alloc_done(&alloc);
}

static void
the_catalogue_is_whole(void **state)
{
	static const int fields[] = { MH_FINDING_ID, MH_FINDING_TITLE, MH_FINDING_REASON, MH_FINDING_REMEDY,
		MH_FINDING_SPEC, MH_FINDING_SINCE };
	int64_t last = 0;
	(void)state;
	assert_true(mh_catalogue_count() >= 17);
	for (size_t i = 0; i < mh_catalogue_count(); i++) {
		int64_t number = mh_catalogue_int(i, MH_FINDING_NUMBER),
			severity = mh_catalogue_int(i, MH_FINDING_SEVERITY);
		test_check("ordered by number", number > last);
		test_check("a severity", severity >= MH_SEVERITY_INFO && severity <= MH_SEVERITY_FAIL);
		last = number;
		for (size_t k = 0; k < MH_COUNT(fields); k++)
			test_check("every field is there", mh_catalogue_str(i, fields[k])[0] != '\0');
		assert_string_equal(mh_catalogue_str(i, MH_FINDING_SUBJECT), "");
		assert_string_equal(mh_catalogue_str(i, MH_FINDING_EVIDENCE), "");
		assert_int_equal(mh_catalogue_int(i, MH_FINDING_RANGE_BEGIN), MH_UNKNOWN);
		assert_int_equal(mh_catalogue_int(i, MH_FINDING_RANGE_END), MH_UNKNOWN);
		assert_int_equal(mh_catalogue_find(mh_catalogue_str(i, MH_FINDING_ID)), i);
	}
	assert_int_equal(mh_catalogue_find(""), MH_ENOENT);
	assert_int_equal(mh_catalogue_find("reply.no-such-finding"), MH_ENOENT);
	assert_int_equal(mh_catalogue_find("REPLY.NO-CODE"), MH_ENOENT);
	/* stable for ever */
	assert_int_equal(mh_catalogue_int((size_t)mh_catalogue_find("reply.too-long"), MH_FINDING_NUMBER),
	    101);
	assert_int_equal(mh_catalogue_int((size_t)mh_catalogue_find("reply.code-vs-status"),
			     MH_FINDING_NUMBER),
	    109);
	assert_int_equal(mh_catalogue_int((size_t)mh_catalogue_find("reply.malformed-status"),
			     MH_FINDING_NUMBER),
	    117);
}

static void
the_readme_s_example_works(void **state)
{
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	assert_int_equal(mh_reply_parse(reply, text, sizeof(text) - 1), MH_OK);
	assert_string_equal(mh_reply_str(reply, MH_REPLY_REASON), "auth-dmarc");
	assert_true(mh_reply_item_str(reply, MH_LIST_ADVICE, 0, MH_ITEM_TEXT)[0] != '\0');
	mh_ctx_free(ctx); /* any order */
	mh_reply_free(reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_agree),
		cmocka_unit_test(errors_have_names),
		cmocka_unit_test(null_is_an_argument),
		cmocka_unit_test(there_is_nothing_before_a_parse),
		cmocka_unit_test(numbers_that_name_nothing_give_nothing),
		cmocka_unit_test(options_take_what_they_say),
		cmocka_unit_test(options_hold_until_they_are_taken_back),
		cmocka_unit_test(the_checker_checks),
		cmocka_unit_test(json_agrees_with_the_accessors),
		cmocka_unit_test(reports_outlive_their_reply),
		cmocka_unit_test(the_catalogue_is_whole),
		cmocka_unit_test(the_readme_s_example_works),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
