/* test_dmarc.c - lib/face/job_dmarc.c, lib/checks/dmarc_check.c: the check "dmarc" as a job, and names alone */
#include "support.h"

#include "mailhealth.h"

static const char zone_text[] =
    "example.org. 300 IN TXT \"v=spf1 -all\"\n"
    "_dmarc.example.org. 300 IN TXT \"v=DMARC1; p=reject; sp=quarantine; t=y; pct=50\"\n"
    "_dmarc.broken.example. 300 IN TXT \"v=DMARC1; p=some\"\n"
    "example.org._report._dmarc.example.net. 300 IN TXT \"v=DMARC1;\"\n"
    "com. 300 IN TXT \"x\"\n";

static mh_zone *
zone_of(mh_ctx *ctx)
{
	mh_zone *zone = mh_zone_new(ctx);
	if (zone != NULL && mh_zone_add(zone, "zone", ".", zone_text, sizeof(zone_text) - 1) == MH_OK)
		return zone;
	mh_zone_free(zone);
	return NULL;
}

/* drive - by the zone, which is all of DNS, but for one name that fails */
static int
drive(mh_job *job, mh_zone *zone)
{
	int ask, result;
	while ((result = mh_job_step(job, 1000)) == MH_WAIT) {
		while ((ask = mh_job_next_ask(job)) > 0) {
			if (strstr(mh_job_ask_str(job, ask, MH_ASK_NAME), "slow.example") != NULL &&
			    (result = mh_job_answer_end(job, ask, 2, 0)) != MH_OK)
				return result;
		}
		if ((result = mh_zone_answer(zone, job, 0)) < 0)
			return result;
	}
	return result;
}

static const struct {
	const char *sentence, *from, *domain, *results, *rules, *report_domain;
	const char *result, *policy, *disposition, *at, *dkim, *problem;
} cases[] = {
	{ "a signature of a subdomain passes", "Joe <joe@Example.org>", "", "dkim|mail.example.org|pass", "",
	    "", "pass", "reject", "none", "example.org", "mail.example.org", "" },
	{ "nothing passes, in a test", "joe@example.org", "", "spf|example.net|pass", "", "", "fail",
	    "reject", "quarantine", "example.org", "", "" },
	{ "the older rules know no test", "joe@example.org", "", "spf|example.net|pass", "rfc7489", "",
	    "fail", "reject", "reject", "example.org", "", "" },
	{ "a domain in place of a field", "", "a.example.org", "", "", "", "fail", "quarantine", "none",
	    "example.org", "", "" },
	{ "two authors", "a@example.org, b@example.net", "", "dkim|example.org|pass", "", "", "none", "",
	    "none", "", "", "" },
	{ "DNS fails", "", "slow.example", "", "", "", "temperror", "", "", "", "", "dns.unknown" },
	{ "a record that says nothing", "", "broken.example", "", "", "", "none", "", "none",
	    "broken.example", "", "dmarc.invalid-policy" },
	{ "a domain that there cannot be is never aligned", "", "example.org", "dkim|exa mple..org|pass", "",
	    "", "fail", "reject", "quarantine", "example.org", "", "" },
	{ "reports are taken", "", "example.org", "", "", "example.net", "pass", "", "", "", "", "" },
	{ "reports are not taken", "", "example.org", "", "", "example.com", "fail", "", "", "", "", "" },
};

/* job_of - NULL without memory */
static mh_job *
job_of(mh_ctx *ctx, size_t i)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_DMARC);
	char kind[5] = "", domain[40] = "", result[12] = "";
	if (job == NULL || mh_job_set_str(job, MH_OPT_FROM, cases[i].from) != MH_OK ||
	    mh_job_set_str(job, MH_OPT_DOMAIN, cases[i].domain) != MH_OK ||
	    mh_job_set_str(job, MH_OPT_RULES, cases[i].rules) != MH_OK ||
	    mh_job_set_str(job, MH_OPT_REPORT_DOMAIN, cases[i].report_domain) != MH_OK) {
		mh_job_free(job);
		return NULL;
	}
	const char *p = cases[i].results, *bar = strchr(p, '|');
	if (bar == NULL)
		return job;
	memcpy(kind, p, (size_t)(bar - p));
	p = bar + 1;
	bar = strchr(p, '|');
	memcpy(domain, p, (size_t)(bar - p));
	memcpy(result, bar + 1, strlen(bar + 1));
	if (mh_job_add_result(job, kind, domain, result) == MH_OK)
		return job;
	mh_job_free(job);
	return NULL;
}

static void
messages_are_judged(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_zone *zone = zone_of(ctx);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_job *job = job_of(ctx, i);
		assert_non_null(job);
		test_number(cases[i].sentence, drive(job, zone), MH_DONE);
		assert_string_equal(mh_job_str(job, MH_JOB_RESULT), cases[i].result);
		assert_string_equal(mh_job_str(job, MH_JOB_POLICY), cases[i].policy);
		assert_string_equal(mh_job_str(job, MH_JOB_DISPOSITION), cases[i].disposition);
		assert_string_equal(mh_job_str(job, MH_JOB_RECORD_AT), cases[i].at);
		assert_string_equal(mh_job_str(job, MH_JOB_ALIGNED_DKIM), cases[i].dkim);
		assert_string_equal(mh_job_str(job, MH_JOB_PROBLEM), cases[i].problem);
		test_check(cases[i].sentence, test_is_json(mh_job_json(job)));
		test_check("few rounds", mh_job_int(job, MH_JOB_ROUNDS) <= 2);
		/* and the recording comes to the same */
		mh_world *world = mh_world_new(ctx);
		const char *text = mh_job_world(job);
		assert_int_equal(mh_world_add(world, "w", text, strlen(text)), MH_OK);
		mh_job *again = mh_job_new(ctx, MH_CHECK_DMARC);
		assert_int_equal(mh_job_use_world(again, world), MH_OK);
		assert_int_equal(mh_job_step(again, 0), MH_DONE);
		assert_string_equal(mh_job_json(again), mh_job_json(job));
		mh_job_free(again);
		mh_world_free(world);
		mh_job_free(job);
	}
	mh_zone_free(zone);
	mh_ctx_free(ctx);
}

static void
what_cannot_be(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_DMARC), *spf = mh_job_new(ctx, MH_CHECK_SPF);
	(void)state;
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL); /* nobody is named */
	assert_int_equal(mh_job_set_str(job, MH_OPT_RULES, "rfc1"), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_LINT, 1), MH_EINVAL);
	assert_int_equal(mh_job_add_result(job, "arc", "a.org", "pass"), MH_EINVAL);
	assert_int_equal(mh_job_add_result(job, "spf", "a.org", "maybe"), MH_EINVAL);
	assert_int_equal(mh_job_add_result(job, "spf", NULL, "pass"), MH_EINVAL);
	assert_int_equal(mh_job_add_result(spf, "spf", "a.org", "pass"), MH_EINVAL);
	assert_int_equal(mh_job_add_result(NULL, "spf", "a.org", "pass"), MH_EINVAL);
	for (int i = 0; i < 64; i++)
		assert_int_equal(mh_job_add_result(job, "dkim", "a.org", "Fail"), MH_OK);
	assert_int_equal(mh_job_add_result(job, "dkim", "a.org", "pass"), MH_ESTATE);
	for (int i = 0; i < 16; i++)
		assert_int_equal(mh_job_set_str(job, MH_OPT_FROM, "a@a.org"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_FROM, "a@a.org"), MH_EINVAL);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "");
	assert_int_equal(mh_job_step(job, 0), MH_WAIT);
	assert_int_equal(mh_job_add_result(job, "dkim", "a.org", "pass"), MH_EFROZEN);
	/* the next message */
	assert_int_equal(mh_job_reset(job), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	assert_int_equal(mh_job_add_result(job, "dkim", "a.org", "pass"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "1.2.3.4"), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	mh_job_free(job);
	mh_job_free(spf);
	mh_ctx_free(ctx);
}

static void
names_alone(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	char out[256];
	(void)state;
	assert_int_equal(mh_registrable(ctx, "WWW.Example.CO.UK.", out, sizeof(out)), 13);
	assert_string_equal(out, "example.co.uk");
	assert_int_equal(mh_registrable(ctx, "co.uk", out, sizeof(out)), 0);
	assert_string_equal(out, "");
	assert_int_equal(mh_registrable(ctx, "", out, sizeof(out)), 0);
	assert_int_equal(mh_registrable(ctx, ".", out, sizeof(out)), 0);
	assert_int_equal(mh_registrable(ctx, "a..b", out, sizeof(out)), 0);
	assert_int_equal(mh_registrable(ctx, "a.org", out, 5), MH_EINVAL);
	assert_int_equal(mh_registrable(ctx, "a.org", out, 6), 5);
	assert_int_equal(mh_registrable(ctx, "a.org", out, 0), MH_EINVAL);
	assert_int_equal(mh_registrable(ctx, NULL, out, sizeof(out)), MH_EINVAL);
	assert_int_equal(mh_registrable(NULL, "a.org", out, sizeof(out)), MH_EINVAL);
	assert_int_equal(mh_aligned(ctx, "a.Example.org", "example.ORG", 0), 1);
	assert_int_equal(mh_aligned(ctx, "a.example.org", "example.org", 1), 0);
	assert_int_equal(mh_aligned(ctx,
			     "b\xc3\xbc"
			     "cher.example",
			     "xn--bcher-kva.example", 1),
	    1);
	assert_int_equal(mh_aligned(ctx, "", "", 1), 0);
	assert_int_equal(mh_aligned(ctx, NULL, "", 1), MH_EINVAL);
	assert_int_equal(mh_from_domain(ctx, "J <j@Example.org>", 17, out, sizeof(out)), 11);
	assert_string_equal(out, "example.org");
	assert_int_equal(mh_from_domain(ctx, NULL, 0, out, sizeof(out)), 0);
	assert_int_equal(mh_from_domain(ctx, NULL, 1, out, sizeof(out)), MH_EINVAL);
	mh_ctx_free(ctx);
}

static bool
without_memory(struct mh_mem m, void *arg)
{
	size_t i = (size_t)(uintptr_t)arg;
	char out[64];
	mh_ctx *ctx = mh_ctx_new(m.fn, m.ud);
	if (ctx == NULL)
		return false;
	mh_zone *zone = zone_of(ctx);
	mh_job *job = zone != NULL ? job_of(ctx, i) : NULL;
	bool good = job != NULL && drive(job, zone) == MH_DONE &&
	    strcmp(mh_job_str(job, MH_JOB_RESULT), cases[i].result) == 0 && *mh_job_json(job) != '\0' &&
	    mh_registrable(ctx, "a.b.org", out, sizeof(out)) == 5 &&
	    mh_aligned(ctx, "a.org", "b.a.org", 0) == 1 &&
	    mh_from_domain(ctx, "a@b.org", 7, out, sizeof(out)) == 5;
	mh_job_free(job);
	mh_zone_free(zone);
	mh_ctx_free(ctx);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i += 4)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)i, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_judged),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(names_alone),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
