/* test_sts_texts.c - lib/face/sts_texts.c */
#include "support.h"

#include "mailhealth.h"

#define RECORD "v=STSv1; id=20261127; x=1"
#define POLICY \
	"version: STSv1\r\nmode: enforce\r\nmax_age: 604800\r\nmx: mail.example.org\r\nmx: " \
	"*.example.net\r\n" \
	"note: caf\xc3\xa9\r\n"

static mh_ctx *ctx;

static void
texts_are_read(void **state)
{
	mh_sts *sts = mh_sts_new(ctx);
	(void)state;
	assert_non_null(sts);
	assert_int_equal(mh_sts_set_str(sts, MH_OPT_DOMAIN, "example.org"), MH_OK);
	assert_int_equal(mh_sts_add_record(sts, "v=spf1 -all", 11), MH_OK);
	assert_int_equal(mh_sts_add_record(sts, RECORD, strlen(RECORD)), MH_OK);
	assert_int_equal(mh_sts_set_policy(sts, POLICY, strlen(POLICY)), MH_OK);
	assert_int_equal(mh_sts_add_mx(sts, "mail.example.org"), MH_OK);
	assert_int_equal(mh_sts_add_mx(sts, "mx.example.org."), MH_OK);
	assert_string_equal(mh_sts_str(sts, MH_STS_ID), "20261127");
	assert_string_equal(mh_sts_str(sts, MH_STS_MODE), "enforce");
	assert_string_equal(mh_sts_str(sts, MH_STS_RECORD), RECORD);
	assert_string_equal(mh_sts_str(sts, MH_STS_DOMAIN), "example.org");
	assert_string_equal(mh_sts_str(sts, 0), "");
	assert_string_equal(mh_sts_str(sts, 99), "");
	assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_VALID), 1);
	assert_int_equal(mh_sts_int(sts, MH_STS_POLICY_VALID), 1);
	assert_int_equal(mh_sts_int(sts, MH_STS_MAX_AGE), 604800);
	assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_COUNT), 1);
	assert_int_equal(mh_sts_int(sts, 99), MH_UNKNOWN);
	assert_int_equal(mh_sts_count(sts, MH_STS_MX), 2);
	assert_string_equal(mh_sts_item_str(sts, MH_STS_MX, 0, MH_STS_VALUE), "mail.example.org");
	const char *second = mh_sts_item_str(sts, MH_STS_MX, 1, MH_STS_VALUE);
	assert_string_equal(second, "*.example.net");
	assert_ptr_equal(second, mh_sts_item_str(sts, MH_STS_MX, 1, MH_STS_VALUE));
	assert_string_equal(mh_sts_item_str(sts, MH_STS_MX, 2, MH_STS_VALUE), "");
	assert_string_equal(mh_sts_item_str(sts, MH_STS_MX, 0, 3), "");
	assert_int_equal(mh_sts_count(sts, MH_STS_RECORD_FIELD), 1);
	assert_string_equal(mh_sts_item_str(sts, MH_STS_RECORD_FIELD, 0, MH_STS_NAME), "x");
	assert_string_equal(mh_sts_item_str(sts, MH_STS_RECORD_FIELD, 0, MH_STS_VALUE), "1");
	assert_string_equal(mh_sts_item_str(sts, MH_STS_POLICY_FIELD, 0, MH_STS_NAME), "note");
	assert_string_equal(mh_sts_item_str(sts, MH_STS_POLICY_FIELD, 0, MH_STS_VALUE), "caf\xc3\xa9");
	assert_int_equal(mh_sts_count(sts, 0), 0);
	assert_int_equal(mh_sts_count(sts, 4), 0);

	assert_int_equal(mh_sts_matches(sts, "MAIL.example.org."), 1);
	assert_int_equal(mh_sts_matches(sts, "a.example.net"), 1);
	assert_int_equal(mh_sts_matches(sts, "a.b.example.net"), 0);
	assert_int_equal(mh_sts_matches(sts, ""), 0);

	mh_report *report = mh_sts_report(sts);
	assert_non_null(report);
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), "sts.mx-not-listed");
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_CHECK), "mta-sts");
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_DETAIL),
	    "The line that is missing: mx: mx.example.org");
	assert_string_equal(mh_report_str(report, 1, MH_FINDING_ID), "sts.policy-mx-unused");
	const char *json = mh_sts_json(sts);
	assert_true(test_is_json(json));
	assert_ptr_equal(json, mh_sts_json(sts));
	assert_non_null(strstr(json,
	    "{\"schema\":1,\"kind\":\"mta-sts\",\"subject\":\"example.org\",\"health\":\"fail\","));
	assert_non_null(strstr(json,
	    "\"hosts\":[{\"name\":\"mail.example.org\",\"listed\":true,\"rfc8460\":\"\"},"
	    "{\"name\":\"mx.example.org.\",\"listed\":false,\"rfc8460\":\"validation-failure\"}]"));
	/* What is given later changes what is read, and not the report that was given out. */
	size_t count = mh_report_count(report);
	assert_int_equal(mh_sts_set_policy(sts, "version: STSv1\nmode: none\nmax_age: 1\n", 37), MH_OK);
	assert_string_equal(mh_sts_str(sts, MH_STS_MODE), "none");
	assert_int_equal(mh_sts_count(sts, MH_STS_MX), 0);
	mh_sts_free(sts);
	assert_int_equal(mh_report_count(report), count);
	mh_report_free(report);
}

static void
what_was_not_given_is_unknown(void **state)
{
	mh_sts *sts = mh_sts_new(ctx);
	(void)state;
	for (int round = 0; round < 2; round++) {
		assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_VALID), MH_UNKNOWN);
		assert_int_equal(mh_sts_int(sts, MH_STS_POLICY_VALID), MH_UNKNOWN);
		assert_int_equal(mh_sts_int(sts, MH_STS_MAX_AGE), MH_UNKNOWN);
		assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_COUNT), MH_UNKNOWN);
		assert_int_equal(mh_sts_matches(sts, "mail.example.org"), MH_ESTATE);
		mh_report *report = mh_sts_report(sts);
		assert_int_equal(mh_report_count(report), 0);
		mh_report_free(report);
		assert_non_null(
		    strstr(mh_sts_json(sts), "\"record\":null,\"policy\":null,\"hosts\":[],\"findings\":[]"));
		assert_true(test_is_json(mh_sts_json(sts)));

		assert_int_equal(mh_sts_add_record(sts, NULL, 0), MH_OK);
		assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_VALID), 0);
		assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_COUNT), 0);
		report = mh_sts_report(sts);
		assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), "sts.missing");
		mh_report_free(report);
		assert_int_equal(mh_sts_set_policy(sts, NULL, 0), MH_OK);
		assert_int_equal(mh_sts_int(sts, MH_STS_POLICY_VALID), 0);
		assert_int_equal(mh_sts_matches(sts, "mail.example.org"), 0);
		mh_sts_reset(sts);
	}
	mh_sts_free(sts);
}

static void
odd_arguments(void **state)
{
	static char large[70000];
	mh_sts *sts = mh_sts_new(ctx);
	(void)state;
	assert_null(mh_sts_new(NULL));
	mh_sts_free(NULL);
	mh_sts_reset(NULL);
	assert_int_equal(mh_sts_set_str(NULL, MH_OPT_DOMAIN, "a"), MH_EINVAL);
	assert_int_equal(mh_sts_set_str(sts, MH_OPT_DOMAIN, NULL), MH_EINVAL);
	assert_int_equal(mh_sts_set_str(sts, MH_OPT_DOMAIN, "a b"), MH_EINVAL);
	assert_int_equal(mh_sts_set_str(sts, MH_OPT_IP, "a"), MH_EINVAL);
	assert_int_equal(mh_sts_set_str(sts, MH_OPT_DOMAIN, ""), MH_OK);
	assert_int_equal(mh_sts_add_record(sts, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_sts_set_policy(sts, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_sts_add_mx(sts, NULL), MH_EINVAL);
	assert_int_equal(mh_sts_add_mx(sts, ""), MH_EINVAL);
	assert_int_equal(mh_sts_add_mx(sts, "a..b"), MH_EINVAL);
	assert_int_equal(mh_sts_add_mx(sts, "."), MH_OK);
	assert_non_null(strstr(mh_sts_json(sts), "\"hosts\":[]"));
	assert_int_equal(mh_sts_matches(sts, NULL), MH_EINVAL);
	assert_int_equal(mh_sts_matches(NULL, "a"), MH_EINVAL);
	assert_string_equal(mh_sts_str(NULL, MH_STS_ID), "");
	assert_int_equal(mh_sts_int(NULL, MH_STS_MAX_AGE), MH_UNKNOWN);
	assert_int_equal(mh_sts_count(NULL, MH_STS_MX), 0);
	assert_string_equal(mh_sts_item_str(NULL, MH_STS_MX, 0, MH_STS_VALUE), "");
	assert_null(mh_sts_report(NULL));
	assert_string_equal(mh_sts_json(NULL), "");

	memset(large, 'a', sizeof(large));
	memcpy(large, "v=STSv1;", 8);
	assert_int_equal(mh_sts_add_record(sts, large, sizeof(large)), MH_OK);
	assert_int_equal(mh_sts_int(sts, MH_STS_RECORD_VALID), 0);
	assert_int_equal(mh_sts_set_policy(sts, large, sizeof(large)), MH_OK);
	assert_int_equal(mh_sts_int(sts, MH_STS_POLICY_VALID), 0);
	assert_true(test_is_json(mh_sts_json(sts)));
	for (int i = 1; i < 64; i++)
		assert_int_equal(mh_sts_add_record(sts, "", 0), MH_OK);
	assert_int_equal(mh_sts_add_record(sts, "", 0), MH_ESTATE);
	for (int i = 1; i < 100; i++)
		assert_int_equal(mh_sts_add_mx(sts, "a.example"), MH_OK);
	assert_int_equal(mh_sts_add_mx(sts, "a.example"), MH_ESTATE);
	mh_sts_free(sts);
}

static bool
all_of_it(struct mh_mem m, void *arg)
{
	bool good = false;
	(void)arg;
	mh_ctx *own = mh_ctx_new(m.fn, m.ud);
	mh_sts *sts = mh_sts_new(own);
	if (sts != NULL) {
		good = mh_sts_set_str(sts, MH_OPT_DOMAIN, "example.org") == MH_OK;
		good = mh_sts_add_record(sts, "v=STSv1; id=a-b", 15) == MH_OK && good;
		good = mh_sts_set_policy(sts, POLICY, strlen(POLICY)) == MH_OK && good;
		good = mh_sts_add_mx(sts, "m\xc3\xbcller.example") == MH_OK && good;
		good = mh_sts_str(sts, MH_STS_RECORD)[0] != '\0' && good;
		good = mh_sts_item_str(sts, MH_STS_MX, 0, MH_STS_VALUE)[0] != '\0' && good;
		good = mh_sts_matches(sts, "m\xc3\xbcller.example") == 0 && good;
		mh_report *report = mh_sts_report(sts);
		good = report != NULL && good;
		mh_report_free(report);
		good = mh_sts_json(sts)[0] != '\0' && good;
	}
	mh_ctx_free(own);
	mh_sts_free(sts);
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
	mh_sts *sts = arg;
	mh_sts_reset(sts);
	assert_int_equal(mh_sts_add_record(sts, s.p, s.len), MH_OK);
	assert_int_equal(mh_sts_set_policy(sts, s.p, s.len), MH_OK);
	assert_int_equal(mh_sts_add_mx(sts, "mail.example.org"), MH_OK);
	assert_true(test_is_json(mh_sts_json(sts)));
	for (int list = MH_STS_MX; list <= MH_STS_POLICY_FIELD; list++)
		for (size_t i = 0; i < mh_sts_count(sts, list); i++)
			(void)mh_sts_item_str(sts, list, i, MH_STS_VALUE);
}

static void
broken_texts(void **state)
{
	mh_sts *sts = mh_sts_new(ctx);
	(void)state;
	test_mangled(MH_STR(RECORD), look, sts);
	test_mangled(MH_STR(POLICY), look, sts);
	mh_sts_free(sts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(what_was_not_given_is_unknown),
		cmocka_unit_test(odd_arguments),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(broken_texts),
	};
	ctx = mh_ctx_new(NULL, NULL);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	mh_ctx_free(ctx);
	return failed;
}
