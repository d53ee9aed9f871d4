/* test_records.c - lib/face/records.c */
#include "support.h"

#include "mailhealth.h"

#define RECORD "v=DMARC1; p=reject; t=y; rua=mailto:a@example.org,mailto:b@example.net!5m"

static mh_ctx *ctx;

static int
read_text(mh_record *record, const char *text)
{
	return mh_record_read(record, MH_RECORD_DMARC, text, strlen(text));
}

static void
texts_are_read(void **state)
{
	mh_record *record = mh_record_new(ctx);
	(void)state;
	assert_non_null(record);
	assert_int_equal(mh_record_set_str(record, MH_OPT_DOMAIN, "Example.ORG."), MH_OK);
	assert_int_equal(read_text(record, RECORD), MH_OK);
	assert_int_equal(mh_record_int(record, MH_RECORD_VALID), 1);
	assert_int_equal(mh_record_int(record, MH_RECORD_KIND), MH_RECORD_DMARC);
	assert_int_equal(mh_record_int(record, 99), MH_UNKNOWN);
	assert_string_equal(mh_record_value(record, "p", 0), "reject");
	assert_string_equal(mh_record_value(record, "sp", 0), "reject");
	assert_string_equal(mh_record_value(record, "t", 0), "y");
	assert_string_equal(mh_record_value(record, "t", 1), "");
	assert_string_equal(mh_record_value(record, "rua", 1), "mailto:b@example.net");
	assert_string_equal(mh_record_value(record, "rua", 2), "");
	assert_string_equal(mh_record_value(record, "ruf", 0), "");
	assert_string_equal(mh_record_value(record, "", 0), "");
	assert_int_equal(mh_record_count(record), 9);
	assert_string_equal(mh_record_item_str(record, 7, MH_RECORD_NAME), "rua");
	assert_string_equal(mh_record_item_str(record, 7, MH_RECORD_TEXT), "mailto:a@example.org");
	assert_ptr_equal(mh_record_item_str(record, 7, MH_RECORD_TEXT),
	    mh_record_item_str(record, 7, MH_RECORD_TEXT));
	assert_string_equal(mh_record_item_str(record, 7, 3), "");
	assert_string_equal(mh_record_item_str(record, 9, MH_RECORD_TEXT), "");

	mh_report *report = mh_record_report(record);
	assert_int_equal(mh_report_count(report), 2);
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), "dmarc.testing");
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_SUBJECT), "_dmarc.example.org");
	assert_string_equal(mh_report_str(report, 1, MH_FINDING_ID), "dmarc.uri-size");
	assert_non_null(strstr(mh_report_str(report, 1, MH_FINDING_FIX), "\"name\":\"_dmarc.example.org.\""));
	const char *json = mh_record_json(record);
	assert_true(test_is_json(json));
	assert_ptr_equal(json, mh_record_json(record));
	assert_non_null(strstr(json,
	    "{\"schema\":1,\"kind\":\"record\",\"record\":\"dmarc\",\"subject\":\"example.org\",\"health\":"
	    "\"warn\","
	    "\"text\":\"" RECORD "\",\"valid\":true,\"fields\":[{\"name\":\"p\",\"value\":\"reject\"},"));

	/* The next text takes the place of the first, whose report stays. */
	assert_int_equal(read_text(record, "v=DMARC1; p=foo"), MH_OK);
	assert_int_equal(mh_record_int(record, MH_RECORD_VALID), 0);
	assert_int_equal(mh_record_count(record), 0);
	assert_string_equal(mh_record_value(record, "p", 0), "");
	assert_non_null(strstr(mh_record_json(record), "\"valid\":false,\"fields\":[],\"findings\":[{"));
	mh_record_free(record);
	assert_int_equal(mh_report_count(report), 2);
	mh_report_free(report);
}

static void
before_the_first_text(void **state)
{
	mh_record *record = mh_record_new(ctx);
	(void)state;
	assert_int_equal(mh_record_int(record, MH_RECORD_VALID), MH_UNKNOWN);
	assert_int_equal(mh_record_int(record, MH_RECORD_KIND), MH_UNKNOWN);
	assert_string_equal(mh_record_value(record, "p", 0), "");
	assert_int_equal(mh_record_count(record), 0);
	assert_string_equal(mh_record_item_str(record, 0, MH_RECORD_NAME), "");
	assert_null(mh_record_report(record));
	assert_string_equal(mh_record_json(record), "");
	mh_record_free(record);
}

static void
odd_arguments(void **state)
{
	static char large[70000];
	mh_record *record = mh_record_new(ctx);
	(void)state;
	assert_null(mh_record_new(NULL));
	mh_record_free(NULL);
	assert_int_equal(mh_record_set_str(NULL, MH_OPT_DOMAIN, "a"), MH_EINVAL);
	assert_int_equal(mh_record_set_str(record, MH_OPT_DOMAIN, NULL), MH_EINVAL);
	assert_int_equal(mh_record_set_str(record, MH_OPT_DOMAIN, "a b"), MH_EINVAL);
	assert_int_equal(mh_record_set_str(record, MH_OPT_IP, "a"), MH_EINVAL);
	assert_int_equal(mh_record_set_str(record, MH_OPT_DOMAIN, ""), MH_OK);
	assert_int_equal(read_text(record, RECORD), MH_OK);
	/* what cannot be right changes nothing */
	assert_int_equal(mh_record_read(NULL, MH_RECORD_DMARC, "", 0), MH_EINVAL);
	assert_int_equal(mh_record_read(record, MH_RECORD_DMARC, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_record_read(record, 0, "", 0), MH_EINVAL);
	assert_int_equal(mh_record_read(record, 99, "", 0), MH_EINVAL);
	assert_int_equal(mh_record_read(record, MH_RECORD_DMARC, large, 65536), MH_EINVAL);
	assert_string_equal(mh_record_value(record, "p", 0), "reject");
	assert_int_equal(mh_record_read(record, MH_RECORD_DMARC, large, 65535), MH_OK);
	assert_int_equal(mh_record_int(record, MH_RECORD_VALID), 0);
	assert_int_equal(mh_record_read(record, MH_RECORD_DMARC, NULL, 0), MH_OK);
	assert_int_equal(mh_record_int(record, MH_RECORD_VALID), 0);
	assert_int_equal(mh_record_int(NULL, MH_RECORD_VALID), MH_UNKNOWN);
	assert_int_equal(mh_record_count(NULL), 0);
	assert_string_equal(mh_record_value(NULL, "p", 0), "");
	assert_string_equal(mh_record_value(record, NULL, 0), "");
	assert_string_equal(mh_record_item_str(NULL, 0, MH_RECORD_NAME), "");
	assert_null(mh_record_report(NULL));
	assert_string_equal(mh_record_json(NULL), "");
	mh_record_free(record);
}

static bool
all_of_it(struct mh_mem m, void *arg)
{
	bool good = false;
	(void)arg;
	mh_ctx *own = mh_ctx_new(m.fn, m.ud);
	mh_record *record = mh_record_new(own);
	if (record != NULL) {
		good = mh_record_set_str(record, MH_OPT_DOMAIN, "example.org") == MH_OK;
		good = read_text(record, RECORD "; x=1") == MH_OK && good;
		good = mh_record_value(record, "rua", 1)[0] != '\0' && good;
		mh_report *report = mh_record_report(record);
		good = report != NULL && good;
		mh_report_free(report);
		good = mh_record_json(record)[0] != '\0' && good;
	}
	mh_ctx_free(own);
	mh_record_free(record);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(all_of_it, NULL, false) > 10);
}

static void
look(struct mh_str s, void *arg)
{
	mh_record *record = arg;
	for (int kind = MH_RECORD_DMARC; kind <= MH_RECORD_BIMI; kind++) {
		if (mh_record_read(record, kind, s.p, s.len) != MH_OK)
			continue;
		assert_true(test_is_json(mh_record_json(record)));
		for (size_t i = 0; i < mh_record_count(record); i++)
			assert_true(mh_record_item_str(record, i, MH_RECORD_NAME)[0] != '\0');
		/* Of a policy that receivers do not use there is nothing that it comes to. */
		assert_true(kind != MH_RECORD_DMARC || mh_record_int(record, MH_RECORD_VALID) == 1 ||
		    mh_record_count(record) == 0);
	}
}

static void
broken_texts(void **state)
{
	mh_record *record = mh_record_new(ctx);
	(void)state;
	test_mangled(MH_STR(RECORD), look, record);
	mh_record_free(record);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(before_the_first_text),
		cmocka_unit_test(odd_arguments),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(broken_texts),
	};
	ctx = mh_ctx_new(NULL, NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mh_ctx_free(ctx);
	return failed;
}
