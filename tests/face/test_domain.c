/* test_domain.c - lib/face/job_domain.c, lib/checks/domain_check.c: the checks "domain" and "host" as jobs */
#include "support.h"

#include "mailhealth.h"

/* A domain where all is in order, and its sending host. */
static const char zone_text[] =
    "example.org. 3600 IN SOA ns1.example.org. hostmaster.example.org. 2026112601 7200 3600 1209600 3600\n"
    "example.org. 3600 IN NS ns1.example.org.\n"
    "example.org. 3600 IN NS ns2.example.org.\n"
    "ns1.example.org. 3600 IN A 192.0.2.53\n"
    "ns2.example.org. 3600 IN A 198.51.100.53\n"
    "example.org. 3600 IN MX 10 mx1.example.org.\n"
    "example.org. 3600 IN MX 20 mx2.example.org.\n"
    "mx1.example.org. 3600 IN A 192.0.2.25\n"
    "mx1.example.org. 3600 IN AAAA 2001:db8::25\n"
    "mx2.example.org. 3600 IN A 198.51.100.25\n"
    "mx2.example.org. 3600 IN AAAA 2001:db8:1::25\n"
    "example.org. 3600 IN TXT \"v=spf1 mx include:_spf.example.org -all\"\n"
    "_spf.example.org. 3600 IN TXT \"v=spf1 ip4:203.0.113.0/28 ?all\"\n"
    "_dmarc.example.org. 3600 IN TXT \"v=DMARC1; p=reject; rua=mailto:reports@example.org\"\n"
    "s1._domainkey.example.org. 3600 IN TXT \"v=DKIM1; k=ed25519; "
    "p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"\n"
    "_smtp._tls.example.org. 3600 IN TXT \"v=TLSRPTv1; rua=mailto:reports@example.org\"\n"
    "192.0.2.25.example.org. 3600 IN TXT \"not a reverse name\"\n"
    "25.2.0.192.in-addr.arpa. 3600 IN PTR mx1.example.org.\n"
    "2.0.192.in-addr.arpa. 3600 IN SOA ns1.example.org. hostmaster.example.org. 1 7200 3600 1209600 3600\n";

/* domain_job - a job about it; NULL without memory */
static mh_job *
domain_job(mh_ctx *ctx, const char *domain)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_DOMAIN);
	if (job != NULL && mh_job_set_str(job, MH_OPT_DOMAIN, domain) == MH_OK &&
	    mh_job_set_str(job, MH_OPT_IP, "192.0.2.25") == MH_OK &&
	    mh_job_set_str(job, MH_OPT_HELO, "mx1.example.org") == MH_OK &&
	    mh_job_set_str(job, MH_OPT_SELECTOR, "s1") == MH_OK &&
	    mh_job_set_int(job, MH_OPT_FETCH, 0) == MH_OK && mh_job_set_int(job, MH_OPT_LISTS, 0) == MH_OK &&
	    mh_job_set_int(job, MH_OPT_NOW, 1700000000) == MH_OK)
		return job;
	mh_job_free(job);
	return NULL;
}

/* drive - by the zone alone; what it does not have is unknown */
static int
drive(mh_job *job, mh_zone *zone)
{
	int ask, result;
	while ((result = mh_job_step(job, 1000)) == MH_WAIT) {
		if ((result = mh_zone_answer(zone, job, 0)) < 0)
			return result;
		while ((ask = mh_job_next_ask(job)) > 0)
			if ((result = mh_job_answer_end(job, ask, MH_UNKNOWN, MH_ANSWER_TIMEOUT)) != MH_OK &&
			    result != MH_ESTATE)
				return result;
	}
	return result;
}

static mh_zone *
zone_of(mh_ctx *ctx)
{
	mh_zone *zone = mh_zone_new(ctx);
	if (zone != NULL && mh_zone_add(zone, "zone", "", zone_text, sizeof(zone_text) - 1) == MH_OK)
		return zone;
	mh_zone_free(zone);
	return NULL;
}

static void
a_domain_in_order_has_no_warning(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_zone *zone = zone_of(ctx);
	mh_job *job = domain_job(ctx, "Example.ORG.");
	(void)state;
	test_number("it ends", drive(job, zone), MH_DONE);
	mh_report *report = mh_job_report(job);
	for (size_t i = 0; i < mh_report_count(report); i++) {
		/* The only key is Ed25519, which is a warning of its own. */
		const char *id = mh_report_str(report, i, MH_FINDING_ID);
		test_check(id,
		    mh_report_int(report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_INFO ||
			strcmp(id, "dkim.ed25519-only") == 0);
	}
	mh_report_free(report);
	test_check("its JSON is JSON", test_is_json(mh_job_json(job)));
	test_check("with the canonical name",
	    strstr(mh_job_json(job), "\"kind\":\"domain\",\"subject\":\"example.org\"") != NULL);
	test_check("and an entry for SPF", strstr(mh_job_json(job), "{\"id\":\"spf\",\"health\":\"") != NULL);
	mh_job_free(job);
	mh_zone_free(zone);
	mh_ctx_free(ctx);
}

static void
a_recording_gives_the_same_again(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_zone *zone = zone_of(ctx);
	mh_job *job = domain_job(ctx, "example.org"), *again = mh_job_new(ctx, MH_CHECK_DOMAIN);
	mh_world *world = mh_world_new(ctx);
	(void)state;
	test_number("it ends", drive(job, zone), MH_DONE);
	const char *text = mh_job_world(job);
	test_check("no secret is in it", strstr(text, "PRIVATE") == NULL);
	test_number("it is read", mh_world_add(world, "world", text, strlen(text)), MH_OK);
	test_number("it is used", mh_job_use_world(again, world), MH_OK);
	int result;
	while ((result = mh_job_step(again, 0)) == MH_WAIT)
		test_check("all is in it", mh_world_answer(world, again) >= 0 && mh_job_next_ask(again) == 0);
	test_number("the replay ends", result, MH_DONE);
	test_span("bit for bit", mh_str_z(mh_job_json(again)), mh_str_z(mh_job_json(job)));
	mh_job_free(job);
	mh_job_free(again);
	mh_world_free(world);
	mh_zone_free(zone);
	mh_ctx_free(ctx);
}

static void
what_could_not_be_asked_is_no_fault(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = domain_job(ctx, "example.org");
	int ask;
	(void)state;
	mh_job_set_int(job, MH_OPT_LISTS, 1);
	while (mh_job_step(job, 1000) == MH_WAIT)
		while ((ask = mh_job_next_ask(job)) > 0)
			test_number("answered", mh_job_answer_end(job, ask, 2, 0), MH_OK);
	mh_report *report = mh_job_report(job);
	test_check("there is something to say", mh_report_count(report) > 0);
	for (size_t i = 0; i < mh_report_count(report); i++) {
		test_span(mh_report_str(report, i, MH_FINDING_ID),
		    mh_str_z(mh_report_str(report, i, MH_FINDING_STATE)), MH_STR("unknown"));
	}
	test_span("and its health is unknown", mh_str_z(mh_job_str(job, MH_JOB_HEALTH)), MH_STR("unknown"));
	mh_report_free(report);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
names_that_cannot_be_are_refused(void **state)
{
	static const char *const names[] = { "", ".", "a..example", "192.0.2.1", "2001:db8::1",
		"exa mple.org", "a123456789a123456789a123456789a123456789a123456789a123456789a123.example",
		"\n" };
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		mh_job *job = mh_job_new(ctx, MH_CHECK_DOMAIN);
		mh_job_set_str(job, MH_OPT_DOMAIN, names[i]);
		test_number(names[i], mh_job_step(job, 0), MH_EINVAL);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

static void
options_are_judged_when_they_are_set(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_DOMAIN), *host = mh_job_new(ctx, MH_CHECK_HOST);
	(void)state;
	test_number("no address", mh_job_set_str(job, MH_OPT_IP, "192.0.2.256"), MH_EINVAL);
	test_number("a selector of two labels", mh_job_set_str(job, MH_OPT_SELECTOR, "a.b"), MH_OK);
	test_number("none", mh_job_set_str(job, MH_OPT_SELECTOR, "a b"), MH_EINVAL);
	for (int i = 1; i < 32; i++)
		test_number("32 of them", mh_job_set_str(job, MH_OPT_SELECTOR, "s"), MH_OK);
	test_number("and no more", mh_job_set_str(job, MH_OPT_SELECTOR, "s"), MH_EINVAL);
	test_number("until they are dropped", mh_job_set_str(job, MH_OPT_SELECTOR, ""), MH_OK);
	test_number("neither yes nor no", mh_job_set_int(job, MH_OPT_FETCH, 2), MH_EINVAL);
	test_number("a domain has no host", mh_job_set_str(job, MH_OPT_HOST, "mx.example.org"), MH_EINVAL);
	test_number("and a host no domain", mh_job_set_str(host, MH_OPT_DOMAIN, "example.org"), MH_EINVAL);
	test_number("a host has a name", mh_job_set_str(host, MH_OPT_HOST, "mx.example.org"), MH_OK);
	mh_job_free(job);
	mh_job_free(host);
	mh_ctx_free(ctx);
}

/* scenario - all of it with memory that fails */
static bool
scenario(struct mh_mem mem, void *arg)
{
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_zone *zone = ctx != NULL ? zone_of(ctx) : NULL;
	mh_job *job = zone != NULL ? domain_job(ctx, "example.org") : NULL;
	(void)arg;
	bool good = job != NULL && drive(job, zone) == MH_DONE && mh_job_json(job)[0] != '\0';
	mh_job_free(job);
	mh_zone_free(zone);
	mh_ctx_free(ctx);
	return good;
}

static void
memory_may_fail_anywhere(void **state)
{
	(void)state;
	/* Sets of addresses that find no memory are told as incomplete. */
	test_failing_allocs(scenario, NULL, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_domain_in_order_has_no_warning),
		cmocka_unit_test(a_recording_gives_the_same_again),
		cmocka_unit_test(what_could_not_be_asked_is_no_fault),
		cmocka_unit_test(names_that_cannot_be_are_refused),
		cmocka_unit_test(options_are_judged_when_they_are_set),
		cmocka_unit_test(memory_may_fail_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
