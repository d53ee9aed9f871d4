/* test_spf2.c - lib/spf2: libspf2's opinion on checks that zones answer */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "mailhealth.h"
#include "spf2.h"

/* One question: our result, libspf2's, and a piece of what is said of the difference. */
struct question {
	const char *name, *ip, *sender, *zone, *ours, *theirs, *why;
};

#define TEN_A \
	"a:1.x.org a:2.x.org a:3.x.org a:4.x.org a:5.x.org a:6.x.org a:7.x.org a:8.x.org a:9.x.org " \
	"a:10.x.org"

/* clang-format off */
static const struct question questions[] = {
	{ "both say pass", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", "pass", "pass", "" },
	{ "both say fail, and no explanation is fetched", "192.0.2.9", "u@d.org",
	  "d.org. TXT \"v=spf1 ip4:192.0.2.1 exp=why.d.org -all\"\n"
	  "why.d.org. TXT \"%{s} is %{p}\"\n", "fail", "fail", "" },
	{ "both say softfail of IPv6", "2001:db8::9", "u@d.org",
	  "d.org. TXT \"v=spf1 ip6:2001:db8:1::/48 mx ~all\"\n"
	  "d.org. MX 10 m.d.org.\n"
	  "m.d.org. AAAA 2001:db8::8\n", "softfail", "softfail", "" },
	{ "both find no record", "192.0.2.1", "u@d.org", "d.org. TXT \"some text\"\n", "none", "none", "" },
	{ "both find no name", "192.0.2.1", "u@nothing.org", "d.org. TXT \"some text\"\n", "none", "none", "" },
	{ "both refuse two records", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 -all\"\n"
	  "d.org. TXT \"v=spf1 +all\"\n", "permerror", "permerror", "" },
	{ "both refuse a mechanism that nobody knows", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 foo -all\"\n", "permerror", "permerror", "" },
	{ "both expand macros", "192.0.2.3", "strong-bad@d.org",
	  "d.org. TXT \"v=spf1 exists:%{ir}.%{l1r-}.%{d} -all\"\n"
	  "3.2.0.192.strong.d.org. A 127.0.0.2\n", "pass", "pass", "" },
	{ "a macro that asks for as many parts as there are", "192.0.2.3", "u@d.org",
	  "d.org. TXT \"v=spf1 exists:%{ir}.%{d2} -all\"\n"
	  "3.2.0.192.d.org. A 127.0.0.2\n", "pass", "fail", "too much" },
	{ "the null sender is judged by its HELO", "192.0.2.1", "",
	  "mail.example.net. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", "pass", "pass", "" },
	{ "names of the client, from PTR", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 ptr -all\"\n"
	  "1.2.0.192.in-addr.arpa. PTR w.d.org.\n"
	  "w.d.org. A 192.0.2.1\n", "pass", "pass", "" },
	{ "the prefix length /0", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 ip4:0.0.0.0/0 -all\"\n", "pass", "permerror", "/0" },
	{ "redirect= is not last", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 redirect=e.org ip4:192.0.2.1\"\n"
	  "e.org. TXT \"v=spf1 -all\"\n", "pass", "fail", "follows redirect= where it stands in the record of d.org" },
	{ "limits start anew in every include", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 include:i.org include:j.org ip4:192.0.2.1 -all\"\n"
	  "i.org. TXT \"v=spf1 a:1.x.org a:2.x.org a:3.x.org a:4.x.org a:5.x.org -all\"\n"
	  "j.org. TXT \"v=spf1 a:1.x.org a:2.x.org a:3.x.org a:4.x.org a:5.x.org -all\"\n"
	  "1.x.org. A 198.51.100.1\n2.x.org. A 198.51.100.1\n3.x.org. A 198.51.100.1\n"
	  "4.x.org. A 198.51.100.1\n5.x.org. A 198.51.100.1\n", "permerror", "pass", "every include from zero" },
	{ "lookups that find nothing", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 a:1.x.org a:2.x.org a:3.x.org ip4:192.0.2.1 -all\"\n"
	  "y.x.org. A 192.0.2.1\n", "permerror", "pass", "no limit for lookups that find nothing" },
	{ "a sign that stands for nothing", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 a:%x.org ip4:192.0.2.1 -all\"\n", "permerror", "pass", "lets pass" },
	{ "clients on loopback stand for another", "127.0.0.53", "u@d.org",
	  "d.org. TXT \"v=spf1 -all\"\n", "fail", "fail", "" },
	{ "clients on loopback that the record names", "::1", "u@d.org",
	  "d.org. TXT \"v=spf1 ip6:::1 -all\"\n", "pass", "fail", "loopback" },
	{ "IPv4 in IPv6 is IPv4", "::ffff:192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n", "pass", "pass", "" },
	{ "more lookups than it may have", "192.0.2.1", "u@d.org",
	  "d.org. TXT \"v=spf1 include:a.org include:b.org include:c.org include:e.org include:f.org -all\"\n"
	  "a.org. TXT \"v=spf1 " TEN_A " -all\"\n"
	  "b.org. TXT \"v=spf1 " TEN_A " -all\"\n"
	  "c.org. TXT \"v=spf1 " TEN_A " -all\"\n"
	  "e.org. TXT \"v=spf1 " TEN_A " -all\"\n"
	  "f.org. TXT \"v=spf1 " TEN_A " -all\"\n", "permerror", "", "more than 50 lookups" },
};
/* clang-format on */

/* drive - until it is done, everything answered by the zone */
static void
drive(mh_job *job, mh_zone *zone)
{
	while (mh_job_step(job, 1000) == MH_WAIT)
		test_check("the zone knows something", mh_zone_answer(zone, job, 0) > 0);
}

/* has_opinion - the job's JSON has this of libspf2; why: a piece of what it says, or "" for nothing */
static bool
has_opinion(mh_job *job, const char *result, const char *why)
{
	char begin[128];
	(void)snprintf(begin, sizeof(begin), "{\"by\":\"libspf2\",\"result\":\"%s\",\"why\":\"", result);
	const char *at = strstr(mh_job_json(job), begin);
	if (at == NULL)
		return false;
	at += strlen(begin);
	const char *end = strstr(at, "\"}"), *said = strstr(at, why);
	return why[0] == '\0' ? end == at : said != NULL && end != NULL && said < end;
}

/* judged - a job of this question with libspf2's opinion in it; the number of its rounds */
static mh_job *
judged(mh_ctx *ctx, const struct question *question, int *rounds)
{
	int result;
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	mh_zone *zone = mh_zone_new(ctx);

	assert_int_equal(mh_zone_add(zone, "test", ".", question->zone, strlen(question->zone)), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, question->ip), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_SENDER, question->sender), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HELO, "mail.example.net"), MH_OK);
	assert_int_equal(mh_job_set_int(job, MH_OPT_EXPLAIN, 0), MH_OK);
	drive(job, zone);
	if (strcmp(mh_job_str(job, MH_JOB_RESULT), question->ours) != 0)
		fail_msg("%s: ours is %s", question->name, mh_job_str(job, MH_JOB_RESULT));
	for (*rounds = 0; (result = mh_spf2_judge(job)) == MH_WAIT; ++*rounds) {
		test_check("a few rounds are enough", *rounds < 20);
		assert_int_equal(mh_spf2_judge(job), MH_ESTATE);
		drive(job, zone);
	}
	test_number(question->name, result, MH_OK);
	mh_zone_free(zone);
	return job;
}

static void
test_opinions(void **state)
{
	int rounds;
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	for (size_t i = 0; i < MH_COUNT(questions); i++) {
		mh_job *job = judged(ctx, &questions[i], &rounds);
		if (!has_opinion(job, questions[i].theirs, questions[i].why))
			fail_msg("%s: %s", questions[i].name, strstr(mh_job_json(job), "\"opinions\""));
		for (int ask = mh_job_ask_count(job); ask > 0; ask--)
			test_check("exp= is not looked up",
			    strcmp(mh_job_ask_str(job, ask, MH_ASK_NAME), "why.d.org") != 0);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

/* zone_with - "d.org. TXT" of one record made of a term, so often; in strings of 200 octets */
static char *
zone_with(const char *term, unsigned times, const char *last)
{
	size_t size = (strlen(term) + 32) * times + strlen(last) + 4096, n = 0;
	char *record = malloc(size), *zone = malloc(2 * size);
	assert_non_null(record);
	assert_non_null(zone);
	n += (size_t)snprintf(record + n, size - n, "v=spf1");
	for (unsigned i = 0; i < times; i++)
		n += (size_t)snprintf(record + n, size - n, " %s", term);
	n += (size_t)snprintf(record + n, size - n, " %s", last);
	size_t out = (size_t)sprintf(zone, "d.org. TXT (");
	for (size_t at = 0; at < n; at += 200)
		out += (size_t)sprintf(zone + out, " \"%.200s\"", record + at);
	(void)sprintf(zone + out, " )\n");
	free(record);
	return zone;
}

static void
test_sizes(void **state)
{
	int rounds;
	char term[700];
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	struct question question = { "70 times ip4", "192.0.2.1", "u@d.org", NULL, "fail", "", "" };
	char *zone = zone_with("ip4:10.0.0.1", 70, "-all");
	question.zone = zone;
	mh_job *job = judged(ctx, &question, &rounds);
	test_check("terms that libspf2 drops", has_opinion(job, "neutral", "keeps 64 of the 71 terms"));
	test_number("nothing more was asked", rounds, 0);
	mh_job_free(job);
	free(zone);

	question.name = "a record that is too long";
	question.zone = zone = zone_with("ip4:10.0.0.1", 400, "-all");
	job = judged(ctx, &question, &rounds);
	test_check("it is kept back", has_opinion(job, "", "not safe with"));
	mh_job_free(job);
	free(zone);

	memset(term, 'a', sizeof(term));
	memcpy(term, "foo=", 4);
	term[SPF2_TERM_MAX] = '\0';
	question.name = "a term as long as it may be";
	question.zone = zone = zone_with(term, 1, "-all");
	job = judged(ctx, &question, &rounds);
	test_check("it is given to libspf2", !has_opinion(job, "", "not safe with"));
	mh_job_free(job);
	free(zone);

	term[SPF2_TERM_MAX] = 'a';
	term[SPF2_TERM_MAX + 1] = '\0';
	question.name = "a term that is too long";
	question.zone = zone = zone_with(term, 1, "-all");
	job = judged(ctx, &question, &rounds);
	test_check("it is kept back", has_opinion(job, "", "not safe with"));
	mh_job_free(job);
	free(zone);

	memset(term, 'a', sizeof(term));
	memcpy(term + 300, "@d.org", sizeof("@d.org"));
	question = (struct question){ "a long sender", "192.0.2.1", term, "d.org. TXT \"v=spf1 -all\"\n",
		"fail", "", "" };
	job = judged(ctx, &question, &rounds);
	test_check("it is kept back", has_opinion(job, "", "long names"));
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
test_failed_lookup(void **state)
{
	static const char record[] = "v=spf1 ptr ip4:192.0.2.1 -all";
	int ask;
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_SENDER, "u@d.org"), MH_OK);
	while (mh_job_step(job, 0) == MH_WAIT)
		while ((ask = mh_job_next_ask(job)) > 0) {
			bool is_txt = mh_job_ask_int(job, ask, MH_ASK_TYPE) == 16;
			if (is_txt)
				assert_int_equal(mh_job_answer_text(job, ask, record, sizeof(record) - 1),
				    MH_OK);
			assert_int_equal(mh_job_answer_end(job, ask, is_txt ? 0 : 2, 0), MH_OK);
		}
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "pass");
	assert_int_equal(mh_spf2_judge(job), MH_OK);
	test_check("a failed PTR ends it", has_opinion(job, "temperror", "a lookup that failed"));
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
test_wrong_moment(void **state)
{
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	assert_int_equal(mh_spf2_judge(NULL), MH_EINVAL);
	test_check("a job without an address", mh_spf2_judge(job) == MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "d.org"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2.1"), MH_OK);
	test_check("it has not begun", mh_spf2_judge(job) == MH_ESTATE);
	assert_int_equal(mh_job_step(job, 0), MH_WAIT);
	test_check("it waits", mh_spf2_judge(job) == MH_ESTATE);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* A job that may ask no more. */
static void
test_refused(void **state)
{
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	mh_zone *zone = mh_zone_new(ctx);
	static const char text[] = "d.org. TXT \"v=spf1 redirect=e.org ip4:192.0.2.1\"\n";
	assert_int_equal(mh_zone_add(zone, "test", ".", text, sizeof(text) - 1), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_SENDER, "u@d.org"), MH_OK);
	assert_int_equal(mh_job_set_int(job, MH_OPT_ASKS, 1), MH_OK);
	drive(job, zone);
	assert_int_equal(mh_spf2_judge(job), MH_OK);
	test_check("it says so", has_opinion(job, "", "more than this check may ask"));
	mh_zone_free(zone);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* ------------------------------------------------------------------- hooks */

static void
break_it(void *ud)
{
	*(int *)ud = 1;
	SPF_info("info");
	SPF_warning("warning");
	SPF_debug("debug");
	SPF_error("libspf2 is broken");
}

static void
test_hooks(void **state)
{
	int reached = 0;
	(void)state;
	void (*before)(const char *, int, const char *) = SPF_info_handler;
	FILE *heard = tmpfile();
	assert_non_null(heard);
	int out = dup(1), err = dup(2);
	(void)fflush(stdout);
	(void)dup2(fileno(heard), 1);
	(void)dup2(fileno(heard), 2);
	bool is_whole = spf2_guarded(break_it, &reached);
	(void)fflush(stdout);
	(void)fflush(stderr);
	(void)dup2(out, 1);
	(void)dup2(err, 2);
	(void)close(out);
	(void)close(err);
	test_check("an error ends what runs, not the process", !is_whole && reached == 1);
	test_check("nothing is printed", fseek(heard, 0, SEEK_END) == 0 && ftell(heard) == 0);
	test_check("the handlers are what they were", SPF_info_handler == before);
	(void)fclose(heard);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opinions),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_failed_lookup),
		cmocka_unit_test(test_wrong_moment),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hooks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
