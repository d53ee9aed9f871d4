/* test_sts.c - lib/records/sts.c, sts_record.c and sts_policy.c */
#include "support.h"

#include <stdio.h>

#include "error.h"
#include "sts.h"

static struct mh_mem mem;
static struct mh_arena arena;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	mh_arena_init(&arena, &mem, 1u << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mh_arena_free(&arena);
	return 0;
}

/* list - the ids of a report's findings without "sts.", in the order of adding */
static void
list(const struct mh_report *report, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(report) && n < size; i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "", finding->kind->id + 4);
	}
}

/* ----------------------------------------------------------------------- records */

#define LONG32 "a1234567890123456789012345678901"

/* Up to three TXT records; the id that is read, the findings, and unknown fields. */
static const struct {
	const char *texts[3], *id, *findings, *extensions;
	bool is_valid;
} records[] = {
	{ { "v=STSv1; id=20160831085700Z;" }, "20160831085700Z", "", "", true },
	{ { "v=STSv1;id=a" }, "a", "", "", true },
	{ { "v=STSv1; id=a ; " }, "a", "", "", true },
	{ { "v=STSv1;\t id=a\t;\t" }, "a", "", "", true },
	{ { "v=STSv1; id=" LONG32 ";" }, LONG32, "", "", true },
	{ { "v=STSv1 ; id=a" }, "a", "record-odd", "", true },
	{ { "v=STSv1; x=1; id=a; y.z-_=2:3/4" }, "a", "unknown-field unknown-field", "x=1;y.z-_=2:3/4;",
	    true },
	{ { "v=STSv1; id=a; id=b;" }, "a", "record-odd", "", true },
	{ { "v=STSv1; id=a; id=-;" }, "a", "record-odd", "", true },
	{ { "v=STSv1; id=a; x=1; x=2" }, "a", "unknown-field record-odd", "x=1;", true },
	{ { "v=STSv1; id=a; " LONG32 "=1" }, "a", "unknown-field", LONG32 "=1;", true },
	{ { "v=spf1 -all", "v=STSv1; id=a;", "hello" }, "a", "", "", true },
	{ { "v=STSv1; id=a;", "v=STSv2; id=b;" }, "a", "", "", true },

	{ { NULL }, "", "missing", "", false },
	{ { "v=spf1 -all" }, "", "missing", "", false },
	{ { "" }, "", "missing", "", false },
	{ { "v=STSv1; id=a;", "v=STSv1; id=a;" }, "a", "multiple-records", "", false },
	{ { "v=STSv1; id=a;", "v=STSv1" }, "a", "", "", true },
	{ { "v=STSv0" }, "", "record-syntax", "", false },
	{ { "v=STSv2; id=a" }, "", "record-syntax", "", false },
	{ { "v=STSv1" }, "", "record-syntax", "", false },
	{ { "v=STSv1 id=a" }, "", "record-syntax", "", false },
	{ { "v=STSv10; id=a" }, "", "record-syntax", "", false },
	{ { "V=STSv1; id=a" }, "", "record-syntax", "", false },
	{ { "v=stsv1; id=a" }, "", "record-syntax", "", false },
	{ { " v=STSv1; id=a" }, "", "record-syntax", "", false },
	{ { "\"v=STSv1; id=a\"" }, "", "record-syntax", "", false },
	{ { "v = STSv1; id=a" }, "", "record-syntax", "", false },
	{ { "id=a; v=STSv1;" }, "", "missing", "", false },
	{ { "v=STSv1;" }, "", "record-syntax", "", false },
	{ { "v=STSv1; x=1" }, "", "unknown-field record-syntax", "x=1;", false },
	{ { "v=STSv1; id=" }, "", "record-syntax", "", false },
	{ { "v=STSv1; id=test-123" }, "", "record-syntax", "", false },
	{ { "v=STSv1; id=2024 01" }, "", "record-syntax", "", false },
	{ { "v=STSv1; id=" LONG32 "2" }, "", "record-syntax", "", false },
	{ { "v=STSv1; ID=a" }, "", "unknown-field record-syntax", "ID=a;", false },
	{ { "v=STSv1; id = a" }, "", "record-syntax", "", false },
	{ { "v=STSv1; id=a; " LONG32 "2=1" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; test==" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; test=" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; _x=1" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; x" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; x=1 2" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a; x=\xc3\xa9" }, "a", "record-syntax", "", false },
	{ { "v=STSv1; id=a;; x=1" }, "a", "record-syntax unknown-field", "x=1;", false },
	{ { "v=STSv1;; id=a" }, "a", "record-syntax", "", false },
};

static void
records_are_read(void **state)
{
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		struct mh_str texts[3];
		size_t count = 0;
		for (; count < 3 && records[i].texts[count] != NULL; count++) {
			size_t len = strlen(records[i].texts[count]);
			texts[count] = mh_str_n(guard_copy(records[i].texts[count], len), len);
		}
		const char *sentence = records[i].texts[0] != NULL ? records[i].texts[0] : "no record";
		struct mh_report *report = mh_report_make(&mem);
		struct mh_sts_notes notes = { report, MH_STR("example.org") };
		struct mh_sts_record record;
		assert_int_equal(mh_sts_record_read(&arena, texts, count, &notes, &record), MH_ERR_OK);
		test_number(sentence, record.is_valid, records[i].is_valid);
		test_span(sentence, record.id, mh_str_z(records[i].id));
		list(report, text, sizeof(text));
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].findings));
		size_t n = 0;
		text[0] = '\0';
		for (size_t k = 0; k < record.extension_count; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s=%.*s;",
			    (int)record.extensions[k].name.len, record.extensions[k].name.p,
			    (int)record.extensions[k].value.len, record.extensions[k].value.p);
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].extensions));
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		test_check(sentence, test_is_json(mh_report_text(report)));
		mh_report_unref(report);
		for (size_t k = 0; k < count; k++)
			guard_free((char *)(uintptr_t)texts[k].p, texts[k].len);
		mh_arena_reset(&arena);
	}
}

/* fix_of - the fix of the first finding about a record of example.org */
static void
fix_of(struct mh_str domain, const char *record_text, char *out, size_t size)
{
	struct mh_report *report = mh_report_make(&mem);
	struct mh_sts_notes notes = { report, domain };
	struct mh_sts_record record;
	struct mh_str text = mh_str_z(record_text);
	assert_int_equal(mh_sts_record_read(&arena, &text, 1, &notes, &record), MH_ERR_OK);
	(void)snprintf(out, size, "%s", mh_report_at(report, 0)->fix);
	mh_report_unref(report);
	mh_arena_reset(&arena);
}

static void
records_that_can_be_mended_are(void **state)
{
	char fix[512];
	(void)state;
	fix_of(MH_STR("Example.ORG."), "v=STSv1; id=2026-11-27T10:15", fix, sizeof(fix));
	assert_non_null(strstr(fix, "_mta-sts.example.org"));
	assert_null(strstr(fix, "org.."));
	assert_non_null(strstr(fix, "v=STSv1; id=20261127T1015;"));
	fix_of(MH_STR("example.org"), "v=stsv1; ID=7", fix, sizeof(fix));
	assert_non_null(strstr(fix, "v=STSv1; id=7;"));
	fix_of(MH_STR("example.org"), "v=STSv1;", fix, sizeof(fix));
	assert_non_null(strstr(fix, "v=STSv1; id=1;"));
	fix_of(MH_STR("example.org"), "v=STSv1; id=--", fix, sizeof(fix));
	assert_non_null(strstr(fix, "v=STSv1; id=1;"));
	fix_of(MH_STR("example.org"), "v=STSv1 id 2026", fix, sizeof(fix));
	assert_non_null(strstr(fix, "v=STSv1; id=2026;"));
	fix_of(MH_STR(""), "v=STSv1; id=a-b", fix, sizeof(fix));
	assert_string_equal(fix, "");
}

/* ---------------------------------------------------------------------- policies */

#define GOOD "version: STSv1\nmode: enforce\nmax_age: 604800\nmx: mail.example.org\n"

static const struct {
	const char *sentence, *text, *findings, *mx, *extensions;
	int mode;
	int64_t max_age;
	bool is_valid;
} policies[] = {
	{ "a good one", GOOD, "", "mail.example.org;", "", MH_STS_ENFORCE, 604800, true },
	{ "CR LF", "version: STSv1\r\nmode: testing\r\nmx: a.example\r\nmx: *.b.example\r\nmax_age: 1\r\n",
	    "", "a.example;*.b.example;", "", MH_STS_TESTING, 1, true },
	{ "both ends of lines, none at the end, any order", "max_age:0\r\nmode:none\nversion:STSv1", "", "",
	    "", MH_STS_NONE, 0, true },
	{ "blanks at the ends", "version: STSv1\nmode: enforce\t\nmx: *.example.com \nmax_age: \t0 \n", "",
	    "*.example.com;", "", MH_STS_ENFORCE, 0, true },
	{ "a label alone", "version: STSv1\nmode: enforce\nmx: mail\nmax_age: 0\n", "", "mail;", "",
	    MH_STS_ENFORCE, 0, true },
	{ "unknown fields in their order", GOOD "b: x y\na.-_: \xc3\xa9=;\n", "unknown-field unknown-field",
	    "mail.example.org;", "b=x y;a.-_=\xc3\xa9=;;", MH_STS_ENFORCE, 604800, true },
	{ "the first of each counts", GOOD "version: STSv9\nmode: bad\nmax_age: x\nb: 1\nb: 2\n",
	    "policy-duplicate policy-duplicate policy-duplicate unknown-field policy-duplicate",
	    "mail.example.org;", "b=1;", MH_STS_ENFORCE, 604800, true },
	{ "the same host twice", GOOD "mx: MAIL.example.org\n", "policy-duplicate",
	    "mail.example.org;MAIL.example.org;", "", MH_STS_ENFORCE, 604800, true },
	{ "ten digits", "version: STSv1\nmode: none\nmax_age: 9999999999", "", "", "", MH_STS_NONE,
	    INT64_C(9999999999), true },

	{ "nothing", "", "policy-syntax policy-syntax policy-syntax", "", "", 0, -1, false },
	{ "no version", "mode: none\nmax_age: 0", "policy-syntax", "", "", MH_STS_NONE, 0, false },
	{ "no mode", "version:STSv1\nmax_age:0\nmx:example.com", "policy-syntax", "example.com;", "", 0, 0,
	    false },
	{ "no max_age", "version: STSv1\nmode: none\n", "policy-syntax", "", "", MH_STS_NONE, -1, false },
	{ "no mx", "version:STSv1\nmax_age:0\nmode:testing", "policy-syntax", "", "", MH_STS_TESTING, 0,
	    false },
	{ "another version", "version:STSv10\nmode:none\nmax_age:0", "policy-syntax", "", "", MH_STS_NONE, 0,
	    false },
	{ "a version in small letters", "version:stsv1\nmode:none\nmax_age:0", "policy-syntax", "", "",
	    MH_STS_NONE, 0, false },
	{ "a bad mode", "version:STSv1\nmode:bad\nmax_age:1", "policy-syntax", "", "", 0, 1, false },
	{ "a mode in capitals", "version:STSv1\nmode:None\nmax_age:1", "policy-syntax", "", "", 0, 1, false },
	{ "eleven digits", "version:STSv1\nmode:none\nmax_age:00000000001", "policy-syntax", "", "",
	    MH_STS_NONE, -1, false },
	{ "a negative age", "version:STSv1\nmode:none\nmax_age:-1", "policy-syntax", "", "", MH_STS_NONE, -1,
	    false },
	{ "an age with its unit", "version:STSv1\nmode:none\nmax_age:7d", "policy-syntax", "", "",
	    MH_STS_NONE, -1, false },
	{ "an empty mx", "version:STSv1\nmode:enforce\nmax_age:0\nmx:", "policy-syntax", ";", "",
	    MH_STS_ENFORCE, 0, false },
	{ "two stars", "version:STSv1\nmode:enforce\nmax_age:0\nmx:**.example", "policy-syntax",
	    "**.example;", "", MH_STS_ENFORCE, 0, false },
	{ "a star within", "version:STSv1\nmode:enforce\nmax_age:0\nmx:a.*.example", "policy-syntax",
	    "a.*.example;", "", MH_STS_ENFORCE, 0, false },
	{ "half a label", "version:STSv1\nmode:enforce\nmax_age:0\nmx:mx*.example", "policy-syntax",
	    "mx*.example;", "", MH_STS_ENFORCE, 0, false },
	{ "a star alone", "version:STSv1\nmode:enforce\nmax_age:0\nmx:*", "policy-syntax", "*;", "",
	    MH_STS_ENFORCE, 0, false },
	{ "a dot before", "version:STSv1\nmode:enforce\nmax_age:0\nmx:.example.org", "policy-syntax",
	    ".example.org;", "", MH_STS_ENFORCE, 0, false },
	{ "a hyphen at the end", "version:STSv1\nmode:enforce\nmax_age:0\nmx:test.example-", "policy-syntax",
	    "test.example-;", "", MH_STS_ENFORCE, 0, false },
	{ "a dot at the end", "version:STSv1\nmode:enforce\nmax_age:0\nmx:test.example.", "policy-syntax",
	    "test.example.;", "", MH_STS_ENFORCE, 0, false },
	{ "two hosts in a line", "version:STSv1\nmode:enforce\nmax_age:0\nmx:a.example, b.example",
	    "policy-syntax", "a.example, b.example;", "", MH_STS_ENFORCE, 0, false },
	{ "a U-label", "version:STSv1\nmode:none\nmax_age:0\nmx: m\xc3\xb8x.example", "policy-syntax",
	    "m\xc3\xb8x.example;", "", MH_STS_NONE, 0, false },
	{ "a name that is too long",
	    "version:STSv1\nmode:none\nmax_age:0\na12345678901234567890123456789012:123", "policy-syntax", "",
	    "", MH_STS_NONE, 0, false },
	{ "no colon", GOOD "hello\n", "policy-syntax", "mail.example.org;", "", MH_STS_ENFORCE, 604800,
	    false },
	{ "a comment", "# mine\n" GOOD, "policy-syntax", "mail.example.org;", "", MH_STS_ENFORCE, 604800,
	    false },
	{ "a blank line", GOOD "\n", "policy-syntax", "mail.example.org;", "", MH_STS_ENFORCE, 604800,
	    false },
	{ "a space before the colon", GOOD "a : b\n", "policy-syntax", "mail.example.org;", "",
	    MH_STS_ENFORCE, 604800, false },
	{ "a space before the name", " " GOOD, "policy-syntax policy-syntax", "mail.example.org;", "",
	    MH_STS_ENFORCE, 604800, false },
	{ "an unknown field without a value", GOOD "a:\n", "policy-syntax", "mail.example.org;", "",
	    MH_STS_ENFORCE, 604800, false },
	{ "octets that are no UTF-8", GOOD "a: \xff\n", "policy-syntax", "mail.example.org;", "",
	    MH_STS_ENFORCE, 604800, false },
	{ "a control character", GOOD "a: b\tc\n", "policy-syntax", "mail.example.org;", "", MH_STS_ENFORCE,
	    604800, false },
	{ "CR alone", "version: STSv1\rmode: none\rmax_age: 0\r", "policy-syntax policy-syntax policy-syntax",
	    "", "", 0, -1, false },
	{ "fields in capitals", "Version: STSv1\nmode: none\nmax_age: 0", "unknown-field policy-syntax", "",
	    "Version=STSv1;", MH_STS_NONE, 0, false },
	{ "max-age", "version: STSv1\nmode: none\nmax-age: 0", "unknown-field policy-syntax", "",
	    "max-age=0;", MH_STS_NONE, -1, false },
	{ "a byte order mark", "\xef\xbb\xbf" GOOD, "policy-syntax", "mail.example.org;", "", MH_STS_ENFORCE,
	    604800, false },
	{ "a web page", "\r\n <!DOCTYPE html>\n<html>mode: none\n</html>", "policy-syntax", "", "", 0, -1,
	    false },
};

static void
fields(const struct mh_sts_field *all, size_t count, bool is_mx, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t k = 0; k < count; k++)
		n += (size_t)snprintf(out + n, size - n, "%.*s%s%.*s;", is_mx ? 0 : (int)all[k].name.len,
		    all[k].name.p, is_mx ? "" : "=", (int)all[k].value.len, all[k].value.p);
}

static void
policies_are_read(void **state)
{
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(policies); i++) {
		const char *sentence = policies[i].sentence;
		size_t len = strlen(policies[i].text);
		char *copy = guard_copy(policies[i].text, len);
		struct mh_report *report = mh_report_make(&mem);
		struct mh_sts_notes notes = { report, MH_STR("example.org") };
		struct mh_sts_policy policy;
		assert_int_equal(mh_sts_policy_read(&arena, mh_str_n(copy, len), &notes, &policy), MH_ERR_OK);
		list(report, text, sizeof(text));
		test_span(sentence, mh_str_z(text), mh_str_z(policies[i].findings));
		test_number(sentence, policy.is_valid, policies[i].is_valid);
		test_number(sentence, policy.mode, policies[i].mode);
		test_number(sentence, policy.max_age, policies[i].max_age);
		fields(policy.mx, policy.mx_count, true, text, sizeof(text));
		test_span(sentence, mh_str_z(text), mh_str_z(policies[i].mx));
		fields(policy.extensions, policy.extension_count, false, text, sizeof(text));
		test_span(sentence, mh_str_z(text), mh_str_z(policies[i].extensions));
		for (size_t k = 0; k < mh_report_size(report); k++) {
			const struct mh_finding *f = mh_report_at(report, k);
			test_check(sentence, f->begin <= f->end && f->end <= (int64_t)len && f->begin >= -1);
		}
		mh_report_unref(report);
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

/* read_policy - without notes */
static struct mh_sts_policy
read_policy(struct mh_str text)
{
	struct mh_sts_notes none = { NULL, MH_STR("") };
	struct mh_sts_policy policy;
	assert_int_equal(mh_sts_policy_read(&arena, text, &none, &policy), MH_ERR_OK);
	return policy;
}

static void
large_policies(void **state)
{
	struct mh_buf text;
	struct mh_report *report = mh_report_make(&mem);
	struct mh_sts_notes notes = { report, MH_STR("") };
	struct mh_sts_policy policy;
	(void)state;
	mh_buf_init(&text, &mem, 100000);
	mh_buf_puts(&text, "version:STSv1\nmode:enforce\nmax_age:1\n");
	while (text.len + 5 <= MH_STS_POLICY_MAX)
		mh_buf_puts(&text, "mx:a\n");
	policy = read_policy(mh_str_n(text.p, text.len));
	assert_true(policy.is_valid && policy.mx_count > 13000);
	assert_true(mh_sts_lists(&policy, MH_STR("a")) && !mh_sts_lists(&policy, MH_STR("b")));
	while (text.len <= MH_STS_POLICY_MAX)
		mh_buf_putc(&text, '\n');
	assert_int_equal(mh_sts_policy_read(&arena, mh_str_n(text.p, text.len), &notes, &policy), MH_ERR_OK);
	assert_true(!policy.is_valid && mh_report_has(report, MH_F_STS_POLICY_SYNTAX));
	/* as many faults as there is room for: not all are told */
	mh_buf_reset(&text);
	while (text.len + 4 <= MH_STS_POLICY_MAX)
		mh_buf_puts(&text, "x:\n\n");
	assert_int_equal(mh_sts_policy_read(&arena, mh_str_n(text.p, text.len), &notes, &policy), MH_ERR_OK);
	assert_in_range(mh_report_size(report), 15, 30);
	mh_report_unref(report);
	/* what makes it fail is told, however much else there is */
	report = mh_report_make(&mem);
	notes.report = report;
	mh_buf_reset(&text);
	for (int i = 0; i < 1000; i++)
		mh_buf_puts(&text, "version:STSv1\n");
	mh_buf_puts(&text, "mode:none\nmax_age:1\nhello\n");
	assert_int_equal(mh_sts_policy_read(&arena, mh_str_n(text.p, text.len), &notes, &policy), MH_ERR_OK);
	assert_true(!policy.is_valid && mh_report_has(report, MH_F_STS_POLICY_SYNTAX));
	assert_in_range(mh_report_size(report), 15, 30);
	/* fields that nobody knows: so many and no more */
	mh_buf_reset(&text);
	mh_buf_puts(&text, "version:STSv1\nmode:none\nmax_age:1\n");
	for (int i = 0; i < 1000; i++) {
		mh_buf_putc(&text, 'a');
		mh_buf_putint(&text, i);
		mh_buf_puts(&text, ":b\n");
	}
	policy = read_policy(mh_str_n(text.p, text.len));
	assert_true(policy.is_valid && policy.extension_count == MH_STS_EXTENSIONS_MAX);
	mh_report_unref(report);
	mh_buf_free(&text);
}

/* ---------------------------------------------------------------------- matching */

static void
patterns_match_names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "mail.example.org", "mail.example.org", true },
		{ "Mail.Example.org", "mAIL.eXAMPLE.ORG", true },
		{ "mail.example.org", "mail.example.org.", true },
		{ "mail.example.org", "xmail.example.org", false },
		{ "mail.example.org", "x.mail.example.org", false },
		{ "mail.example.org", "example.org", false },
		{ "*.example.org", "mail.example.org", true },
		{ "*.example.org", "MAIL.EXAMPLE.ORG.", true },
		{ "*.example.org", "example.org", false },
		{ "*.example.org", ".example.org", false },
		{ "*.example.org", "a.b.example.org", false },
		{ "*.example.org", "mailexample.org", false },
		{ "*.example.org", "*.example.org", false },
		{ "*.org", "example.org", true },
		{ "*.a", "b", false },
		{ "mail.*.org", "mail.example.org", false },
		{ "m*.example.org", "mail.example.org", false },
		{ "*", "mail", false },
		{ "*.", "mail.", false },
		{ "", "", false },
		{ "", ".", false },
		{ "a", "", false },
		{ "mail.example.org.", "mail.example.org", false },
		{ "xn--mx-lka.example", "xn--MX-lka.example", true },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_number(cases[i].pattern,
		    mh_sts_pattern_matches(mh_str_z(cases[i].pattern), mh_str_z(cases[i].name)),
		    cases[i].matches);
}

/* -------------------------------------------------------------------------- lint */

#define HEAD(mode, age) "version: STSv1\nmode: " mode "\nmax_age: " age "\n"

static const struct {
	const char *sentence, *text, *names[4], *findings, *severities;
} lints[] = {
	{ "all is well", HEAD("enforce", "604800") "mx: *.example.org\n",
	    { "a.example.org", "B.example.org." }, "", "" },
	{ "no names were given", HEAD("enforce", "604800") "mx: *.example.org\n", { NULL }, "", "" },
	{ "a host is missing", HEAD("enforce", "604800") "mx: a.example.org\n",
	    { "a.example.org", "b.example.org" }, "mx-not-listed", "3" },
	{ "a host is missing while testing", HEAD("testing", "604800") "mx: a.example.org\n",
	    { "a.example.org", "b.example.org" }, "mode-testing mx-not-listed", "12" },
	{ "a pattern is for nobody", HEAD("enforce", "604800") "mx: a.example.org\nmx: *.example.net\n",
	    { "a.example.org" }, "policy-mx-unused", "2" },
	{ "neither fits the other", HEAD("enforce", "604800") "mx: a.example.org\n", { "a.b.example.org" },
	    "mx-not-listed policy-mx-unused", "32" },
	{ "a domain without mail", HEAD("enforce", "604800") "mx: a.example.org\n", { "." }, "", "" },
	{ "a U-label", HEAD("enforce", "604800") "mx: xn--mller-kva.example\n", { "m\xc3\xbcller.example" },
	    "", "" },
	{ "a short time", HEAD("enforce", "86400") "mx: a.example.org\n", { NULL }, "max-age-short", "1" },
	{ "a very short time", HEAD("enforce", "3600") "mx: a.example.org\n", { NULL }, "max-age-short",
	    "2" },
	{ "a short time while testing", HEAD("testing", "3600") "mx: a.example.org\n", { NULL },
	    "mode-testing", "1" },
	{ "the longest time", HEAD("enforce", "31557600") "mx: a.example.org\n", { NULL }, "", "" },
	{ "a longer time", HEAD("enforce", "31557601") "mx: a.example.org\n", { NULL }, "max-age-long", "2" },
	{ "switched off", HEAD("none", "86400"), { "a.example.org" }, "mode-none", "2" },
	{ "a policy that cannot be read says nothing of hosts", HEAD("enforce", "604800") "mx: b.\n",
	    { "a.example.org" }, "", "" },
};

static void
policies_are_judged(void **state)
{
	char text[1024], severities[16];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(lints); i++) {
		struct mh_report *report = mh_report_make(&mem);
		struct mh_sts_notes notes = { report, MH_STR("example.org") };
		struct mh_sts_policy policy = read_policy(mh_str_z(lints[i].text));
		struct mh_str names[4];
		size_t count = 0;
		for (; count < 4 && lints[i].names[count] != NULL; count++)
			names[count] = mh_str_z(lints[i].names[count]);
		assert_int_equal(mh_sts_lint(&arena, &policy, names, count, &notes), MH_ERR_OK);
		list(report, text, sizeof(text));
		test_span(lints[i].sentence, mh_str_z(text), mh_str_z(lints[i].findings));
		for (count = 0; count < mh_report_size(report); count++)
			severities[count] = (char)('0' + mh_report_at(report, count)->severity);
		test_span(lints[i].sentence, mh_str_n(severities, count), mh_str_z(lints[i].severities));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
}

static void
many_names(void **state)
{
	struct mh_str names[300];
	struct mh_report *report = mh_report_make(&mem);
	struct mh_sts_notes notes = { report, MH_STR("") };
	struct mh_sts_policy policy = read_policy(MH_STR(GOOD "mx: b.example.org\n"));
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++)
		names[i] = MH_STR("mail.example.org");
	names[299] = MH_STR("b.example.org");
	/* Not all are looked at, so nothing is said of patterns. */
	assert_int_equal(mh_sts_lint(&arena, &policy, names, MH_COUNT(names), &notes), MH_ERR_OK);
	assert_int_equal(mh_report_size(report), 0);
	assert_int_equal(mh_sts_lint(&arena, &policy, names, MH_STS_NAMES_MAX, &notes), MH_ERR_OK);
	assert_int_equal(mh_report_size(report), 1);
	mh_report_unref(report);
}

static void
senders_report_and_refuse(void **state)
{
	struct mh_sts_policy enforce = read_policy(MH_STR(GOOD));
	struct mh_sts_policy testing = read_policy(MH_STR(HEAD("testing", "1") "mx: mail.example.org"));
	struct mh_sts_policy off = read_policy(MH_STR(HEAD("none", "1")));
	struct mh_sts_policy bad = read_policy(MH_STR("x"));
	struct mh_str host = MH_STR("mail.example.org"), other = MH_STR("mx.example.org");
	bool is_refused;
	(void)state;
	assert_int_equal(mh_sts_apply(&enforce, host, MH_STS_SUCCESS, &is_refused), MH_STS_SUCCESS);
	assert_false(is_refused);
	assert_int_equal(mh_sts_apply(&enforce, other, MH_STS_SUCCESS, &is_refused),
	    MH_STS_VALIDATION_FAILURE);
	assert_true(is_refused);
	assert_int_equal(mh_sts_apply(&enforce, host, MH_STS_EXPIRED, &is_refused), MH_STS_EXPIRED);
	assert_true(is_refused);
	assert_int_equal(mh_sts_apply(&testing, other, MH_STS_SUCCESS, &is_refused),
	    MH_STS_VALIDATION_FAILURE);
	assert_false(is_refused);
	assert_int_equal(mh_sts_apply(&off, other, MH_STS_SUCCESS, &is_refused), MH_STS_SUCCESS);
	assert_false(is_refused);
	assert_int_equal(mh_sts_apply(&bad, host, MH_STS_SUCCESS, &is_refused), MH_STS_POLICY_INVALID);
	assert_false(is_refused);
	for (int i = MH_STS_SUCCESS; i <= MH_STS_VALIDATION_FAILURE; i++)
		assert_int_equal(mh_sts_result_of(mh_str_z(mh_sts_result_name(i))), i);
	assert_int_equal(mh_sts_result_of(MH_STR("other")), -1);
	assert_string_equal(mh_sts_result_name(MH_STS_FETCH_ERROR), "sts-policy-fetch-error");
	assert_string_equal(mh_sts_result_name(-1), "");
	assert_string_equal(mh_sts_mode_name(99), "");
}

/* ------------------------------------------------------------------ broken inputs */

static void
look(struct mh_str s, void *arg)
{
	struct mh_report *report = mh_report_make(&mem);
	struct mh_sts_notes notes = { report, MH_STR("example.org") };
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	struct mh_str names[2] = { s, MH_STR("mail.example.org") };
	assert_int_equal(mh_sts_record_read(&arena, &s, 1, &notes, &record), MH_ERR_OK);
	assert_int_equal(mh_sts_policy_read(&arena, s, &notes, &policy), MH_ERR_OK);
	assert_int_equal(mh_sts_lint(&arena, &policy, names, 2, &notes), MH_ERR_OK);
	*(size_t *)arg += record.is_valid || policy.is_valid;
	assert_true(!record.is_valid || record.id.len > 0);
	assert_true(!policy.is_valid || (policy.mode != MH_STS_NO_MODE && policy.max_age >= 0));
	/* What is refused is told. */
	if (!policy.is_valid || !record.is_valid)
		assert_true(mh_report_size(report) > 0);
	mh_report_unref(report);
	mh_arena_reset(&arena);
}

static void
broken_texts(void **state)
{
	size_t valid = 0;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++)
		if (records[i].texts[0] != NULL)
			test_mangled(mh_str_z(records[i].texts[0]), look, &valid);
	for (size_t i = 0; i < MH_COUNT(policies); i++)
		test_mangled(mh_str_z(policies[i].text), look, &valid);
	assert_true(valid > 1000);
}

static bool
without_memory(struct mh_mem m, void *arg)
{
	struct mh_arena own;
	struct mh_str s = mh_str_z(arg),
		      names[2] = { MH_STR("m\xc3\xbcller.example"), MH_STR("mail.example.org") };
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	struct mh_report *report = mh_report_make(&m);
	if (report == NULL)
		return false;
	struct mh_sts_notes notes = { report, MH_STR("example.org") };
	mh_arena_init(&own, &m, 4096);
	bool good = mh_sts_record_read(&own, &s, 1, &notes, &record) == MH_ERR_OK;
	good = good && mh_sts_policy_read(&own, s, &notes, &policy) == MH_ERR_OK;
	good = good && mh_sts_lint(&own, &policy, names, 2, &notes) == MH_ERR_OK;
	mh_arena_free(&own);
	mh_report_unref(report);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++)
		if (records[i].texts[0] != NULL)
			(void)test_failing_allocs(without_memory, (void *)(uintptr_t)records[i].texts[0],
			    false);
	for (size_t i = 0; i < MH_COUNT(policies); i++)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)policies[i].text, false);
	for (size_t i = 0; i < MH_COUNT(lints); i++)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)lints[i].text, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(records_that_can_be_mended_are),
		cmocka_unit_test(policies_are_read),
		cmocka_unit_test(large_policies),
		cmocka_unit_test(patterns_match_names),
		cmocka_unit_test(policies_are_judged),
		cmocka_unit_test(many_names),
		cmocka_unit_test(senders_report_and_refuse),
		cmocka_unit_test(broken_texts),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
