/* test_bimi.c - lib/records/bimi.c, bimi_mend.c and bimi_lint.c: one text */
#include "support.h"

#include <stdio.h>

#include "bimi.h"
#include "error.h"
#include "record.h"

#define L "l=https://example.org/l.svg"
#define A "a=https://example.org/c.pem"

/* Text; l, a, lps and avp with a bar behind each, "" it is not valid; findings; the record to be, "" unknown. */
static const struct {
	const char *text, *fields, *findings, *mended;
} records[] = {
	{ "v=BIMI1; " L "; " A, "https://example.org/l.svg|https://example.org/c.pem||brand|", "", NULL },
	{ "v=BIMI1;" L ";", "https://example.org/l.svg|||brand|", "", NULL },
	{ "v = BIMI1 ; l = https://example.org/l.svg ; a = ", "https://example.org/l.svg|||brand|", "",
	    NULL },
	{ "v=BIMI1; l=; a=;", "|||brand|", "", NULL },
	{ "v=BIMI1; l=", "|||brand|", "", NULL },
	{ "v=BIMI1; " A "; " L "; avp=personal; lps=news, Sales-Team,1; x=y",
	    "https://example.org/l.svg|https://example.org/c.pem|news, Sales-Team,1|personal|", "", NULL },
	{ "v=BIMI1; " L "; lps=true", "https://example.org/l.svg||true|brand|", "", NULL },
	{ "v=BIMI1; l=https://example.org:8443/l.svg?v=2", "https://example.org:8443/l.svg?v=2|||brand|", "",
	    NULL },
	/* l= has to be there, though preferences alone are read */
	{ "v=BIMI1; lps=news,billing", "||news,billing|brand|", "syntax",
	    "v=BIMI1; l=; a=; lps=news,billing;" },
	{ "v=BIMI1; avp=brand", "|||brand|", "syntax", "" },
	{ "v=BIMI1; " A, "", "syntax", "" },
	{ "v=BIMI1", "", "syntax", "" },
	{ "v=BIMI1;", "", "syntax", "" },

	{ "", "", "syntax", "" },
	{ "v=BIMI2; " L, "", "syntax", "v=BIMI1; " L ";" },
	{ "v=bimi1; " L, "", "syntax", "v=BIMI1; " L ";" },
	{ "V=BIMI1; " L, "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1 " L, "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1, " L ", " A, "", "syntax", "v=BIMI1; " L "; " A ";" },
	{ "v=BIMI1 garbage", "", "syntax", "" },
	{ L "; v=BIMI1", "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; L=https://example.org/l.svg", "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; l:https://example.org/l.svg", "", "syntax syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; https://example.org/l.svg; https://example.org/c.pem", "", "syntax syntax syntax",
	    "v=BIMI1; " L "; " A ";" },
	{ "\"v=BIMI1; " L "\"", "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; " L ";;" A, "", "syntax", "v=BIMI1; " L "; " A ";" },
	{ "v=BIMI1; " L "; " L, "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; " L "; x=\xc3\xa4", "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; " L "; avp=bogus", "", "syntax", "v=BIMI1; " L ";" },
	{ "v=BIMI1; " L "; avp=Personal", "", "syntax", "v=BIMI1; " L "; avp=personal;" },
	{ "v=BIMI1; " L "; lps=info.support", "", "syntax", "" },
	{ "v=BIMI1; " L "; lps=a,", "", "syntax", "v=BIMI1; " L "; lps=a;" },
	{ "v=BIMI1; l=; avp=bogus", "", "syntax", "v=BIMI1; l=; a=;" },

	{ "v=BIMI1; l=http://example.org/l.svg; a=;", "", "logo", "v=BIMI1; " L "; a=;" },
	{ "v=BIMI1; l=example.org/l.svg", "", "logo", "v=BIMI1; " L ";" },
	{ "v=BIMI1; l=//example.org/l.svg", "", "logo", "v=BIMI1; " L ";" },
	{ "v=BIMI1; l=https://example.org/l.svg,https://example.org/m.svg", "", "logo", "v=BIMI1; " L ";" },
	{ "v=BIMI1; l=https://example/l.svg", "", "logo", "" },
	{ "v=BIMI1; l=https://192.0.2.1/l.svg", "", "logo", "" },
	{ "v=BIMI1; l=https://u@example.org/l.svg", "", "logo", "" },
	{ "v=BIMI1; l=data:image/svg+xml,x", "", "logo", "" },
	{ "v=BIMI1; l=https://example.org/l.png", "https://example.org/l.png|||brand|", "logo", NULL },
	{ "v=BIMI1; l=https://example.org/l.JPG?x", "https://example.org/l.JPG?x|||brand|", "logo", NULL },
	{ "v=BIMI1; " L "; a=http://example.org/c.pem", "", "certificate", "v=BIMI1; " L "; " A ";" },
	{ "v=BIMI1; l=x; a=y", "", "logo certificate", "" },
};

static void
list(const struct mh_report *report, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(report) && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", i > 0 ? " " : "",
		    mh_report_at(report, i)->kind->id + 5);
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
		assert_int_equal(mh_bimi_record(&arena, mh_str_z(sentence), MH_STR("example.org"), report,
				     &record),
		    MH_ERR_OK);
		text[0] = '\0';
		for (unsigned k = 0; k < record.count; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%.*s|",
			    (int)record.fields[k].value.len, record.fields[k].value.p);
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].fields));
		test_number(sentence, record.is_valid, records[i].fields[0] != '\0');
		list(report, text, sizeof(text));
		test_span(sentence, mh_str_z(text), mh_str_z(records[i].findings));
		if (records[i].mended != NULL) {
			test_span(sentence, mh_bimi_mend(&arena, mh_str_z(sentence)),
			    mh_str_z(records[i].mended));
			for (size_t k = 0; k < mh_report_size(report); k++)
				test_number(sentence, mh_report_at(report, k)->fix[0] != '\0',
				    records[i].mended[0] != '\0');
		}
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		test_check(sentence, test_is_json(mh_report_text(report)));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
	mh_arena_free(&arena);
}

static void
look(struct mh_str s, void *arg)
{
	static struct mh_record_fields record;
	struct mh_arena *arena = arg;

	assert_int_equal(mh_bimi_record(arena, s, MH_STR(""), NULL, &record), MH_ERR_OK);
	(void)mh_bimi_is_like(s);
	struct mh_str mended = mh_bimi_mend(arena, s);
	assert_non_null(mended.p);
	assert_true(mended.len == 0 || mh_bimi_parse(arena, mended)->is_valid);
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

static bool
scenario(struct mh_mem mem, void *arg)
{
	static struct mh_record_fields record;
	struct mh_arena arena;
	bool is_good = false;

	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	if (report != NULL)
		is_good = mh_bimi_record(&arena, mh_str_z(arg), MH_STR("example.org"), report, &record) ==
		    MH_ERR_OK;
	mh_report_unref(report);
	mh_arena_free(&arena);
	return is_good;
}

static void
failing(void **state)
{
	static char text[] = "v=BIMI1; l=http://example.org/l.svg; lps=a_; x";
	(void)state;
	assert_true(test_failing_allocs(scenario, text, false) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(mangled),
		cmocka_unit_test(failing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
