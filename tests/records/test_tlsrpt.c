/* test_tlsrpt.c - lib/records/tlsrpt.c and tlsrpt_mend.c: one text */
#include "support.h"

#include <stdio.h>

#include "error.h"
#include "record.h"
#include "tlsrpt.h"

#define V "v=TLSRPTv1; "
#define NAME32 "a1234567890123456789012345678901"

/* Text; addresses that reports go to, with a comma behind each; "is valid"; findings by kind: s(yntax), u(ri). */
static const struct {
	const char *text, *rua, *findings;
	bool is_valid;
} records[] = {
	{ V "rua=mailto:tls@example.org", "mailto:tls@example.org,", "", true },
	{ V "rua=https://example.org/tls?a=b", "https://example.org/tls?a=b,", "", true },
	{ "v=TLSRPTv1;rua=mailto:tls@example.org;", "mailto:tls@example.org,", "", true },
	{ V "rua=mailto:a@example.org , \t https://example.org/tls  ",
	    "mailto:a@example.org,https://example.org/tls,", "", true },
	{ V "rua=mailto:a@example.org; rua=mailto:b@example.org",
	    "mailto:a@example.org,mailto:b@example.org,", "", true },
	{ V "rua=MAILTO:a@example.org,HTTPS://EXAMPLE.ORG", "MAILTO:a@example.org,HTTPS://EXAMPLE.ORG,", "",
	    true },
	{ V "x=1; rua=mailto:a@example.org; " NAME32 "=y.z:/", "mailto:a@example.org,", "", true },
	{ V "rua=mailto:a%21b%2Cc%3Bd@example.org", "mailto:a%21b%2Cc%3Bd@example.org,", "", true },
	{ V "rua=mailto:a@example.org?subject=x", "mailto:a@example.org?subject=x,", "", true },
	{ V "rua=mailto:a@example.org,ftp://example.org/x", "mailto:a@example.org,", "u", true },

	/* the version */
	{ "v=TLSRPTv1 ; rua=mailto:a@example.org", "mailto:a@example.org,", "s", true },
	{ "", "", "s", false },
	{ "v=TLSRPTv1", "", "s", false },
	{ "v=TLSRPTv1 rua=mailto:a@example.org", "", "s", false },
	{ "v=TLSRPTv2; rua=mailto:a@example.org", "", "s", false },
	{ "v=TLSRPTv10; rua=mailto:a@example.org", "", "s", false },
	{ "v=tlsrptv1; rua=mailto:a@example.org", "", "s", false },
	{ "V=TLSRPTv1; rua=mailto:a@example.org", "", "s", false },
	{ "v = TLSRPTv1; rua=mailto:a@example.org", "", "s", false },
	{ " v=TLSRPTv1; rua=mailto:a@example.org", "", "s", false },
	{ "rua=mailto:a@example.org; v=TLSRPTv1;", "", "s", false },

	/* fields */
	{ V, "", "s", false },
	{ V ";", "", "s", false },
	{ V "rua=", "", "s", false },
	{ V "rua=,, ,", "", "s", false },
	{ V "rua=mailto:a@example.org,", "", "s", false },
	{ V "rua", "", "s", false },
	{ V "rua:mailto:a@example.org", "", "s", false },
	{ V "rua =mailto:a@example.org", "", "s", false },
	{ V "rua= mailto:a@example.org", "mailto:a@example.org,", "", true },
	{ V "RUA=mailto:a@example.org", "", "s", false },
	{ V "xyz=foo", "", "s", false },
	{ V "rua=mailto:a@example.org;; x=1", "", "s", false },
	{ V "rua=mailto:a@example.org; " NAME32 "2=1", "", "s", false },
	{ V "rua=mailto:a@example.org; _x=1", "", "s", false },
	{ V "rua=mailto:a@example.org; x=", "", "s", false },
	{ V "rua=mailto:a@example.org; x==", "", "s", false },
	{ V "rua=mailto:a@example.org; x=a b", "", "s", false },
	{ V "rua=mailto:a@example.org; x=\xc3\xa4", "", "s", false },

	/* addresses */
	{ V "rua=a@example.org", "", "u", false },
	{ V "rua=http://example.org/tls", "", "u", false },
	{ V "rua=mailto:a@example.org other", "", "u", false },
	{ V "rua=mailto:a@example.org!10m", "", "u", false },
	{ V "rua=mailto:a@example.org,b@example.org", "", "u", false },
	{ V "rua=mailto:", "", "u", false },
	{ V "rua=mailto:a", "", "u", false },
	{ V "rua=mailto:@example.org", "", "u", false },
	{ V "rua=mailto:a@localhost", "", "u", false },
	{ V "rua=mailto:a@192.0.2.1", "", "u", false },
	{ V "rua=mailto:a@b@example.org", "", "u", false },
	{ V "rua=mailto://a@example.org", "", "u", false },
	{ V "rua=mailto:a.@example.org", "", "u", false },
	{ V "rua=mailto:a@ex\xc3\xa4mple.org", "", "u", false },
	{ V "rua=https:", "", "u", false },
	{ V "rua=https:///tls", "", "u", false },
	{ V "rua=https://example/tls", "", "u", false },
	{ V "rua=https://192.0.2.1/tls", "", "u", false },
	{ V "rua=https://[2001:db8::1]/tls", "", "u", false },
	{ V "rua=https://a:b@example.org/tls", "", "u", false },
	{ V "rua=https://example.org:99999/tls", "", "u", false },
	{ V "rua=https://example.org:0/tls", "", "u", false },
	{ V "rua=https://example.org/%zz", "", "u", false },
	{ V "rua=https://example.org/%2", "", "u", false },
	{ V "rua=https://example.org/<x>", "", "u", false },
};

/* kinds - s and u for the findings, each once */
static void
kinds(const struct mh_report *report, char out[3])
{
	bool has[2] = { false, false };
	for (size_t i = 0; i < mh_report_size(report); i++)
		has[mh_report_at(report, i)->kind->number == MH_F_TLSRPT_URI] = true;
	(void)snprintf(out, 3, "%s%s", has[0] ? "s" : "", has[1] ? "u" : "");
}

static void
reading(void **state)
{
	struct mh_mem mem = mh_mem_default();
	static struct mh_record_fields record;
	struct mh_arena arena;
	char text[2048];

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 20);
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		const char *sentence = records[i].text;
		struct mh_report *report = mh_report_make(&mem);
		size_t n = 0;
		assert_int_equal(mh_tlsrpt_record(&arena, mh_str_z(sentence), MH_STR("example.org"), report,
				     &record),
		    MH_ERR_OK);
		test_number(sentence, record.is_valid, records[i].is_valid);
		text[0] = '\0';
		for (unsigned k = 0; k < record.count; k++) {
			test_span(sentence, mh_str_z(record.fields[k].name), MH_STR("rua"));
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s,",
			    (int)record.fields[k].value.len, record.fields[k].value.p);
		}
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].rua));
		kinds(report, text);
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].findings));
		for (size_t k = 0; k < mh_report_size(report); k++)
			test_check(sentence, strstr(mh_report_at(report, k)->fix, "\"add\":[\"") != NULL);
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		test_check(sentence, test_is_json(mh_report_text(report)));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
	mh_arena_free(&arena);
}

/* What a text was meant to be; domain example.org. */
static const struct {
	const char *text, *mended;
} mends[] = {
	{ "", V "rua=mailto:tls-reports@example.org" },
	{ V "rua=", V "rua=mailto:tls-reports@example.org" },
	{ V "rua=a@example.net", V "rua=mailto:a@example.net" },
	{ V "rua:a@example.net", V "rua=mailto:a@example.net" },
	{ V "rua=mailto//a@example.net", V "rua=mailto:a@example.net" },
	{ V "rua=<a@example.net>", V "rua=mailto:a@example.net" },
	{ V "rua=mailto:a@example.net!10m", V "rua=mailto:a@example.net" },
	{ V "rua=mailto:a!b@example.net", V "rua=mailto:a%21b@example.net" },
	{ V "rua=mailto:x=y@example.net x@", V "rua=mailto:x=y@example.net" },
	{ V "rua=http://example.net/tls", V "rua=https://example.net/tls" },
	{ V "rua=a@example.net;a@example.net, b@example.net.",
	    V "rua=mailto:a@example.net,mailto:b@example.net" },
	{ "v=TLSRPTv1 rua=mailto:a@example.net", V "rua=mailto:a@example.net" },
	{ "v=TLSRPTv1, rua=mailto:a@example.net", V "rua=mailto:a@example.net" },
	{ "\"v=TLSRPTv1\\; rua=mailto:a@example.net\"", V "rua=mailto:a@example.net" },
	{ "\xe2\x80\x9cv=TLSRPTv1; rua=mailto:a@example.net\xe2\x80\x9d", V "rua=mailto:a@example.net" },
	{ V "rua=a@example.net; x=1", V "rua=mailto:a@example.net; x=1" },
};

static void
mending(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	static struct mh_tlsrpt record;

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 20);
	for (size_t i = 0; i < MH_COUNT(mends); i++) {
		struct mh_str text = mh_str_z(mends[i].text);
		struct mh_str mended = mh_tlsrpt_mend(&arena, &text, 1, MH_STR("example.org"));
		test_span(mends[i].text, mended, mh_str_z(mends[i].mended));
		mh_tlsrpt_read(mended, &record);
		test_check(mends[i].text, record.is_valid);
		mh_arena_reset(&arena);
	}
	struct mh_str none = MH_STR("hello");
	test_number("nothing is made of nothing", mh_tlsrpt_mend(&arena, &none, 1, MH_STR("")).len, 0);
	mh_arena_free(&arena);
}

/* look - whatever the octets are, what is read of them lies in them, and what is mended is a record */
static void
look(struct mh_str s, void *arg)
{
	struct mh_arena *arena = arg;
	static struct mh_tlsrpt record;
	struct mh_str mended;

	mh_tlsrpt_read(s, &record);
	for (unsigned i = 0; i < record.rua_count; i++)
		assert_true(record.rua[i].text.p >= s.p &&
		    record.rua[i].text.p + record.rua[i].text.len <= s.p + s.len);
	for (unsigned i = 0; i < record.faults_count; i++)
		assert_true(record.faults[i].at.p >= s.p &&
		    record.faults[i].at.p + record.faults[i].at.len <= s.p + s.len);
	assert_true(!record.is_valid || (record.is_tlsrpt && record.faults_count == 0));
	(void)mh_tlsrpt_is_like(s);
	mended = mh_tlsrpt_mend(arena, &s, 1, MH_STR("example.org"));
	assert_non_null(mended.p);
	mh_tlsrpt_read(mended, &record);
	assert_true(record.is_valid);
	mh_arena_reset(arena);
}

static void
mangled(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 20);
	for (size_t i = 0; i < MH_COUNT(records); i++)
		test_mangled(mh_str_z(records[i].text), look, &arena);
	mh_arena_free(&arena);
}

static void
limits(void **state)
{
	static char text[2 * MH_TLSRPT_MAX];
	static struct mh_tlsrpt record;
	size_t n = (size_t)snprintf(text, sizeof(text), V "rua=");

	(void)state;
	for (int i = 0; i < 33; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%smailto:a@example.org", i > 0 ? "," : "");
	mh_tlsrpt_read(mh_str_n(text, n), &record);
	test_number("32 addresses are read", record.rua_count, 32);
	test_number("and 33 are too many", record.is_valid, false);
	memset(text + n, ' ', sizeof(text) - n);
	mh_tlsrpt_read(mh_str_n(text, sizeof(text)), &record);
	test_number("what is too long is not read", record.rua_count, 0);
	test_number("and is no record", record.is_valid, false);
}

static bool
scenario(struct mh_mem mem, void *arg)
{
	static struct mh_record_fields record;
	struct mh_arena arena;
	bool is_good = false;

	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	if (report != NULL)
		is_good = mh_tlsrpt_record(&arena, mh_str_z(arg), MH_STR("example.org"), report, &record) ==
		    MH_ERR_OK;
	mh_report_unref(report);
	mh_arena_free(&arena);
	return is_good;
}

static void
failing(void **state)
{
	static char text[] = V "rua=a@example.org, http://example.org/; x=1; y";
	(void)state;
	assert_true(test_failing_allocs(scenario, text, false) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(mending),
		cmocka_unit_test(mangled),
		cmocka_unit_test(limits),
		cmocka_unit_test(failing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
