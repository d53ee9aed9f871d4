/* test_jobs.c - lib/face/jobs.c, job_results.c, asks.c, loops.c, zones.c, worlds.c, stamps.c */
#include "support.h"

#include "mailhealth.h"

static const struct {
	const char *name;
	int type;
	const char *text;
} answers[] = {
	{ "example.org", 16, "v=spf1 ip4:192.0.2.1 include:_spf.example.net exp=why.example.org -all" },
	{ "example.org", 16, "another text" },
	{ "_spf.example.net", 16, "v=spf1 a:out.example.net -all" },
	{ "out.example.net", 1, "198.51.100.7" },
	{ "out.example.net", 1, "198.51.100.8" },
	{ "why.example.org", 16, "%{i} is not ours" },
	{ "mx.example", 16, "v=spf1 mx -all" },
	{ "mx.example", 15, "10 out.example.net" },
};

static const char zone_text[] = "example.org. 300 IN TXT \"v=spf1 ip4:192.0.2.1 include:_spf.example.net "
				"exp=why.example.org -all\"\n"
				"_spf.example.net. 300 IN TXT \"v=spf1 a:out.example.net -all\"\n"
				"out.example.net. 300 IN A 198.51.100.7\n"
				"why.example.org. 300 IN TXT \"%{i} is not ours\"\n";

/* answer_one - what the table says; NXDOMAIN for names that it does not have */
static int
answer_one(mh_job *job, int ask)
{
	bool exists = false;
	const char *name = mh_job_ask_str(job, ask, MH_ASK_NAME);
	for (size_t i = 0; i < MH_COUNT(answers); i++) {
		if (strcmp(name, answers[i].name) != 0)
			continue;
		exists = true;
		if (answers[i].type != mh_job_ask_int(job, ask, MH_ASK_TYPE))
			continue;
		int result = mh_job_answer_text(job, ask, answers[i].text, strlen(answers[i].text));
		if (result != MH_OK)
			return result;
	}
	int result = mh_job_answer_int(job, ask, MH_ASK_TTL, 300);
	if (result == MH_OK)
		result = mh_job_answer_str(job, ask, MH_ASK_SERVER, "the table");
	return result == MH_OK ? mh_job_answer_end(job, ask, exists ? 0 : 3, 0) : result;
}

/* drive - until it is done or something fails */
static int
drive(mh_job *job)
{
	int ask, result;
	while ((result = mh_job_step(job, 1000)) == MH_WAIT)
		while ((ask = mh_job_next_ask(job)) > 0)
			if ((result = answer_one(job, ask)) != MH_OK)
				return result;
	return result;
}

/* spf_job - a job about this mail; NULL without memory */
static mh_job *
spf_job(mh_ctx *ctx, const char *ip, const char *sender)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	if (job != NULL && mh_job_set_str(job, MH_OPT_IP, ip) == MH_OK &&
	    mh_job_set_str(job, MH_OPT_SENDER, sender) == MH_OK &&
	    mh_job_set_str(job, MH_OPT_HELO, "mail.example.org") == MH_OK &&
	    mh_job_set_int(job, MH_OPT_NOW, 1700000000) == MH_OK)
		return job;
	mh_job_free(job);
	return NULL;
}

static const struct {
	const char *what, *ip, *sender, *result, *explanation, *matched;
} mails[] = {
	{ "an address of the record", "192.0.2.1", "a@example.org", "pass", "", "ip4:192.0.2.1" },
	{ "an address of the included record", "198.51.100.8", "a@example.org", "pass", "",
	    "include:_spf.example.net" },
	{ "a stranger", "203.0.113.9", "a@example.org", "fail", "203.0.113.9 is not ours", "-all" },
	{ "IPv4 as IPv6", "::ffff:192.0.2.1", "a@example.org", "pass", "", "ip4:192.0.2.1" },
	{ "an exchange", "198.51.100.7", "a@mx.example", "pass", "", "mx" },
	{ "a domain without a record", "192.0.2.1", "a@nothing.example", "none", "", "" },
};

static void
a_host_answers(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(mails); i++) {
		mh_job *job = spf_job(ctx, mails[i].ip, mails[i].sender);
		test_number(mails[i].what, drive(job), MH_DONE);
		test_span(mails[i].what, mh_str_z(mh_job_str(job, MH_JOB_RESULT)), mh_str_z(mails[i].result));
		test_span(mails[i].what, mh_str_z(mh_job_str(job, MH_JOB_EXPLANATION)),
		    mh_str_z(mails[i].explanation));
		test_span(mails[i].what, mh_str_z(mh_job_str(job, MH_JOB_MATCHED)),
		    mh_str_z(mails[i].matched));
		test_check(mails[i].what, test_is_json(mh_job_json(job)));
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

static void
a_name_that_cannot_be_is_told_of(void **state)
{
	static const struct {
		const char *name, *detail;
		bool is_domain; /* one that could be asked for, though SPF does not */
	} names[] = {
		{ "", "There is neither a sender nor a name in HELO, so there is no domain.", false },
		{ "a..example", "a..example cannot be in DNS: ", false },
		{ ".", ". cannot be in DNS: ", false },
		{ "[192.0.2.1]", "[192.0.2.1] is an address and no name.", false },
		{ "192.0.2.1", "192.0.2.1 is an address and no name.", false },
		{ "a123456789a123456789a123456789a123456789a123456789a123456789a123.example",
		    " cannot be in DNS: ", false },
		{ "localhost", "localhost has one label; the name of a domain has two or more.", true },
		{ "-", "- has one label;", true },
		{ "org.", "org. has one label;", true },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		for (int with = 0; with < 4; with++) {
			bool has_ip = (with & 1) != 0, has_lint = (with & 2) != 0;
			const char *name = names[i].name;
			mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
			assert_int_equal(mh_job_set_str(job, MH_OPT_IP, has_ip ? "192.0.2.1" : ""), MH_OK);
			assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, name), MH_OK);
			assert_int_equal(mh_job_set_int(job, MH_OPT_LINT, has_lint), MH_OK);
			if (!has_ip && !names[i].is_domain) {
				mh_loop *loop = mh_loop_new(ctx);
				test_number(name, mh_job_step(job, 0), MH_EINVAL);
				test_number(name, mh_loop_add(loop, job), MH_EINVAL);
				/* it can be set right */
				test_number(name, mh_job_set_str(job, MH_OPT_DOMAIN, "example.org"), MH_OK);
				test_number(name, drive(job), MH_DONE);
				mh_loop_free(loop);
				mh_job_free(job);
				continue;
			}
			test_number(name, mh_job_step(job, 0), MH_DONE);
			test_number(name, mh_job_int(job, MH_JOB_QUERIES), 0);
			test_span(name, mh_str_z(mh_job_str(job, MH_JOB_RESULT)),
			    has_ip ? MH_STR("none") : MH_STR(""));
			test_span(name, mh_str_z(mh_job_str(job, MH_JOB_HEALTH)),
			    with == 0 ? MH_STR("unknown") : MH_STR("fail"));
			mh_report *report = mh_job_report(job);
			test_number(name, (int64_t)mh_report_count(report), with == 0 ? 0 : 1);
			if (with != 0) {
				test_span(name, mh_str_z(mh_report_str(report, 0, MH_FINDING_ID)),
				    MH_STR("spf.unusable-name"));
				test_span(name, mh_str_z(mh_report_str(report, 0, MH_FINDING_SUBJECT)),
				    mh_str_z(name));
				const char *detail = mh_report_str(report, 0, MH_FINDING_DETAIL);
				if (strstr(detail, names[i].detail) == NULL)
					test_span(name, mh_str_z(detail), mh_str_z(names[i].detail));
			}
			mh_report_free(report);
			mh_job_free(job);
		}
	}
	mh_ctx_free(ctx);
}

static void
what_was_not_looked_at_is_not_well(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	(void)state;
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "example.org"), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_DONE);
	assert_string_equal(mh_job_str(job, MH_JOB_HEALTH), "unknown");
	assert_string_equal(mh_job_str(job, MH_JOB_SENDER), "");
	assert_non_null(strstr(mh_job_json(job), "\"is_helo\":false"));
	assert_non_null(strstr(mh_job_json(job), "\"id\":\"spf\",\"health\":\"skipped\""));
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
what_could_not_be_asked_is_not_absent(void **state)
{
	static const struct {
		const char *what;
		int rcode, flags;
		const char *why, *result;
	} ends[] = {
		{ "NXDOMAIN", 3, 0, "", "none" },
		{ "NODATA", 0, 0, "", "none" },
		{ "no records and no code", MH_UNKNOWN, 0, "", "none" },
		{ "SERVFAIL", 2, 0, "servfail", "temperror" },
		{ "REFUSED", 5, 0, "refused", "temperror" },
		{ "FORMERR", 1, 0, "formerr", "temperror" },
		{ "another code", 9, 0, "rcode", "temperror" },
		{ "silence", MH_UNKNOWN, MH_ANSWER_TIMEOUT, "timeout", "temperror" },
		{ "cut short", 0, MH_ANSWER_TRUNCATED, "truncated", "temperror" },
		{ "bogus", 0, MH_ANSWER_BOGUS, "bogus", "temperror" },
		{ "a type that the host does not know", 0, MH_ANSWER_CANNOT_ASK, "cannot-ask", "temperror" },
		{ "no network", MH_UNKNOWN, MH_ANSWER_NETWORK, "network", "temperror" },
		{ "something", MH_UNKNOWN, MH_ANSWER_FAILED, "failed", "temperror" },
		{ "a failure with its code", 2, MH_ANSWER_FAILED, "servfail", "temperror" },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(ends); i++) {
		mh_job *job = spf_job(ctx, "192.0.2.1", "a@example.org");
		test_number(ends[i].what, mh_job_step(job, 0), MH_WAIT);
		int ask = mh_job_next_ask(job);
		test_span(ends[i].what, mh_str_z(mh_job_ask_str(job, ask, MH_ASK_NAME)),
		    MH_STR("example.org"));
		test_number(ends[i].what, mh_job_answer_end(job, ask, ends[i].rcode, ends[i].flags), MH_OK);
		test_number(ends[i].what, mh_job_step(job, 1), MH_DONE);
		test_span(ends[i].what, mh_str_z(mh_job_ask_str(job, ask, MH_ASK_WHY)),
		    mh_str_z(ends[i].why));
		test_span(ends[i].what, mh_str_z(mh_job_str(job, MH_JOB_RESULT)), mh_str_z(ends[i].result));
		if (ends[i].why[0] != '\0') {
			test_span(ends[i].what, mh_str_z(mh_job_str(job, MH_JOB_PROBLEM)),
			    MH_STR("dns.unknown"));
			test_span(ends[i].what, mh_str_z(mh_job_str(job, MH_JOB_HEALTH)), MH_STR("unknown"));
		}
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

static void
answers_that_do_not_belong_change_nothing(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = spf_job(ctx, "192.0.2.1", "a@example.org");
	(void)state;
	assert_int_equal(mh_job_answer_end(job, 1, 0, 0), MH_ENOENT);
	assert_int_equal(mh_job_step(job, 0), MH_WAIT);
	assert_int_equal(mh_job_next_ask(job), 1);
	assert_int_equal(mh_job_next_ask(job), 0);
	assert_int_equal(mh_job_answer_end(job, 2, 0, 0), MH_ENOENT);
	assert_int_equal(mh_job_answer_end(job, 0, 0, 0), MH_ENOENT);
	assert_int_equal(mh_job_answer_end(job, -1, 0, 0), MH_ENOENT);
	assert_int_equal(mh_job_answer_end(job, 1, -2, 0), MH_EINVAL);
	assert_int_equal(mh_job_answer_end(job, 1, 4096, 0), MH_EINVAL);
	assert_int_equal(mh_job_answer_end(job, 1, 0, 256), MH_EINVAL);
	assert_int_equal(mh_job_answer_wire(job, 1, "short", 5, 0), MH_EINVAL);
	assert_int_equal(mh_job_answer_text(job, 1, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_job_step(job, 0), MH_WAIT);
	assert_int_equal(answer_one(job, 1), MH_OK);
	assert_int_equal(mh_job_answer_end(job, 1, 3, 0), MH_ESTATE);
	assert_int_equal(mh_job_answer_text(job, 1, "x", 1), MH_ESTATE);
	assert_int_equal(mh_job_ask_int(job, 1, MH_ASK_RECORDS), 2);
	assert_int_equal(mh_job_ask_int(job, 1, MH_ASK_TTL), 300);
	assert_string_equal(mh_job_ask_text(job, 1, 1), "\"another text\"");
	size_t len = 0;
	assert_non_null(mh_job_ask_rr(job, 1, 1, &len));
	assert_int_equal(len, 13);
	assert_null(mh_job_ask_rr(job, 1, 2, &len));
	assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_SERVER), "the table");
	assert_int_equal(drive(job), MH_DONE);
	assert_int_equal(mh_job_answer_end(job, 1, 0, 0), MH_ESTATE);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "pass");
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
options_are_checked_and_then_fixed(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = spf_job(ctx, "192.0.2.1", "a@example.org");
	(void)state;
	assert_null(mh_job_new(ctx, 0));
	assert_null(mh_job_new(NULL, MH_CHECK_SPF));
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2"), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_RULES, "nobody"), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_PROFILES, "void-per-query nobody"), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_PROFILES, "all"), MH_OK);
	assert_int_equal(mh_job_set_str(job, 9999, ""), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HELO, NULL), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_LINT, 2), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_ASKS, 0), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_VOIDS, 3), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_FORM, 1), MH_EINVAL);
	assert_string_equal(mh_job_json(job), "");
	assert_null(mh_job_report(job));
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "");
	assert_int_equal(mh_job_int(job, MH_JOB_LOOKUPS), MH_UNKNOWN);
	assert_int_equal(mh_job_step(job, 0), MH_WAIT);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2.2"), MH_EFROZEN);
	assert_int_equal(mh_job_set_int(job, MH_OPT_LINT, 1), MH_EFROZEN);
	assert_int_equal(drive(job), MH_DONE);
	assert_int_equal(mh_job_int(job, MH_JOB_LOOKUPS), 0);
	assert_int_equal(mh_job_reset(job), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "203.0.113.1"), MH_OK);
	assert_int_equal(drive(job), MH_DONE);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "fail");
	assert_int_equal(mh_job_int(job, MH_JOB_LOOKUPS), 2);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
the_time_limit_ends_a_job(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = spf_job(ctx, "192.0.2.1", "a@example.org");
	(void)state;
	assert_int_equal(mh_job_set_int(job, MH_OPT_TIME_LIMIT_MS, 500), MH_OK);
	assert_int_equal(mh_job_step(job, 100), MH_WAIT);
	assert_int_equal(mh_job_timeout(job, 100), 500);
	assert_int_equal(mh_job_step(job, 599), MH_WAIT);
	assert_int_equal(mh_job_step(job, 600), MH_DONE);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "temperror");
	assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_WHY), "deadline");
	assert_int_equal(mh_job_int(job, MH_JOB_ELAPSED_MS), 500);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* A recording replays to the same object, octet for octet. */
static void
a_recording_is_the_same_again(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(mails); i++) {
		mh_job *job = spf_job(ctx, mails[i].ip, mails[i].sender);
		assert_int_equal(mh_job_set_int(job, MH_OPT_LINT, 1), MH_OK);
		assert_int_equal(mh_job_set_str(job, MH_OPT_PROFILES, "all"), MH_OK);
		assert_int_equal(drive(job), MH_DONE);
		assert_int_equal(mh_job_add_opinion(job, "libspf2", "neutral", "it | reads otherwise"),
		    MH_OK);
		assert_int_equal(mh_job_add_opinion(job, "a|b", "neutral", ""), MH_EINVAL);
		assert_int_equal(mh_job_add_opinion(job, "libspf2", "perhaps", ""), MH_EINVAL);
		const char *text = mh_job_world(job);
		mh_world *world = mh_world_new(ctx);
		assert_int_equal(mh_world_add(world, "a.world", text, strlen(text)), MH_OK);
		mh_report *report = mh_world_report(world);
		test_number(text, mh_report_count(report), 0);
		mh_report_free(report);
		mh_job *again = mh_job_new(ctx, MH_CHECK_SPF);
		assert_int_equal(mh_job_use_world(again, world), MH_OK);
		assert_string_equal(mh_world_str(world, "check"), "spf");
		int result;
		while ((result = mh_job_step(again, 5)) == MH_WAIT)
			assert_true(mh_world_answer(world, again) > 0);
		assert_int_equal(result, MH_DONE);
		test_span(mails[i].what, mh_str_z(mh_job_json(again)), mh_str_z(mh_job_json(job)));
		test_span(mails[i].what, mh_str_z(mh_job_world(again)), mh_str_z(mh_job_world(job)));
		/* a loop replays it as well */
		mh_job *third = mh_job_new(ctx, MH_CHECK_SPF);
		mh_loop *loop = mh_loop_new(ctx);
		assert_int_equal(mh_job_use_world(third, world), MH_OK);
		assert_int_equal(mh_loop_use_world(loop, world), MH_OK);
		mh_world_free(world);
		assert_int_equal(mh_loop_run(loop, third, -1), MH_DONE);
		test_span(mails[i].what, mh_str_z(mh_job_json(third)), mh_str_z(mh_job_json(job)));
		mh_loop_free(loop);
		mh_job_free(third);
		mh_job_free(again);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

/* Whatever the order of its lines: rules come before the limits they set, opinions after the question. */
static void
a_recording_by_hand_is_read_in_any_order(void **state)
{
	static const char text[] = "$mailhealth-world 1\n"
				   "$check other\n"
				   "$now 1700000000\n"
				   "$option opinion a|fail|b\n"
				   "$option nobody-knows-this 1\n"
				   "$option void-limit -1\n"
				   "$option asks 7\n"
				   "$option rules rfc7208\n"
				   "$option rules nobody\n"
				   "$option ip 192.0.2.1\n";
	static const char *const written[] = { "$check spf\n", "$now 1700000000\n", "$option ip 192.0.2.1\n",
		"$option rules rfc7208\n", "$option opinion a|fail|b\n", "$option term-limit 10\n",
		"$option void-limit -1\n", "$option asks 7\n$option time-limit-ms 20000\n" };
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_world *world = mh_world_new(ctx);
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	(void)state;
	assert_int_equal(mh_world_add(world, "a.world", text, strlen(text)), MH_OK);
	assert_int_equal(mh_job_use_world(job, world), MH_OK);
	for (size_t i = 0; i < MH_COUNT(written); i++)
		test_check(written[i], strstr(mh_job_world(job), written[i]) != NULL);
	assert_int_equal(mh_world_add(world, "b.world", "$option voids 3\n", 16), MH_OK);
	assert_int_equal(mh_job_use_world(job, world), MH_EINVAL);
	mh_job_free(job);
	mh_world_free(world);
	mh_ctx_free(ctx);
}

/* How often a word stands in what came out. */
static size_t
times_in(const char *text, const char *word)
{
	size_t n = 0;
	while ((text = strstr(text, word)) != NULL) {
		n++;
		text += strlen(word);
	}
	return n;
}

/* A second opinion by the same replaces the first; one that was recorded goes when another question is asked. */
static void
opinions_are_about_one_question(void **state)
{
	static const char by[] = "\"by\":\"libspf2\"";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = spf_job(ctx, mails[0].ip, mails[0].sender);
	mh_world *world = mh_world_new(ctx);
	(void)state;

	assert_int_equal(drive(job), MH_DONE);
	assert_int_equal(mh_job_add_opinion(job, "libspf2", "neutral", "first"), MH_OK);
	assert_int_equal(mh_job_add_opinion(job, "other", "fail", ""), MH_OK);
	assert_int_equal(mh_job_add_opinion(job, "libspf2", "pass", "second"), MH_OK);
	assert_int_equal(times_in(mh_job_json(job), by), 1);
	assert_non_null(strstr(mh_job_json(job), "second"));
	assert_null(strstr(mh_job_json(job), "first"));

	const char *text = mh_job_world(job);
	assert_int_equal(mh_world_add(world, "a.world", text, strlen(text)), MH_OK);
	for (int is_other = 0; is_other < 2; is_other++) {
		mh_job *again = mh_job_new(ctx, MH_CHECK_SPF);
		assert_int_equal(mh_job_use_world(again, world), MH_OK);
		if (is_other)
			assert_int_equal(mh_job_set_str(again, MH_OPT_IP, "203.0.113.1"), MH_OK);
		while (mh_job_step(again, 5) == MH_WAIT)
			assert_true(mh_world_answer(world, again) > 0);
		test_number(is_other ? "another address" : "the same", times_in(mh_job_json(again), by),
		    !is_other);
		mh_job_free(again);
	}
	mh_world_free(world);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
zone_files_answer(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_zone *zone = mh_zone_new(ctx);
	(void)state;
	assert_int_equal(mh_zone_add(zone, "test.zone", ".", zone_text, strlen(zone_text)), MH_OK);
	assert_int_equal(mh_zone_count(zone), 4);
	assert_string_equal(mh_zone_name(zone, 100), "");
	assert_string_equal(mh_zone_name(NULL, 0), "");
	assert_int_equal(mh_zone_is_for_mail(zone, 100), 0);
	assert_int_equal(mh_zone_is_for_mail(NULL, 0), 0);
	assert_int_equal(mh_zone_add_file(zone, "/nonexistent/a.zone", ""), MH_EIO);
	assert_int_equal(mh_zone_add(zone, "test.zone", "..", "", 0), MH_EINVAL);
	mh_loop *loop = mh_loop_new(ctx);
	assert_int_equal(mh_loop_use_zone(loop, zone, 0), MH_OK);
	assert_int_equal(mh_zone_add(zone, "more.zone", ".", zone_text, strlen(zone_text)), MH_ESTATE);
	mh_zone_free(zone);
	for (size_t i = 0; i < 4; i++) {
		mh_job *job = spf_job(ctx, mails[i].ip, mails[i].sender);
		test_number(mails[i].what, mh_loop_run(loop, job, -1), MH_DONE);
		if (i != 1)
			test_span(mails[i].what, mh_str_z(mh_job_str(job, MH_JOB_RESULT)),
			    mh_str_z(mails[i].result));
		test_number(mails[i].what, mh_loop_run(loop, job, -1), MH_DONE);
		mh_job_free(job);
	}
	mh_loop_free(loop);
	mh_ctx_free(ctx);
}

/* What one zone file does not have another may, whatever the order. */
static void
several_zones_answer_together(void **state)
{
	static const char *const texts[] = {
		"a.example. 60 IN SOA a. b. 1 2 3 4 5\na.example. 60 IN TXT \"v=spf1 include:b.example "
		"-all\"\n",
		"b.example. 60 IN SOA a. b. 1 2 3 4 5\nb.example. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n",
	};
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	for (int order = 0; order < 2; order++) {
		for (int overlays = 0; overlays < 3; overlays++) {
			mh_loop *loop = mh_loop_new(ctx);
			for (int i = 0; i < 2; i++) {
				const char *text = texts[i ^ order];
				mh_zone *zone = mh_zone_new(ctx);
				assert_int_equal(mh_zone_add(zone, "test.zone", ".", text, strlen(text)),
				    MH_OK);
				assert_int_equal(mh_loop_use_zone(loop, zone, overlays >> i & 1), MH_OK);
				mh_zone_free(zone);
			}
			mh_job *job = spf_job(ctx, "192.0.2.1", "x@a.example");
			assert_int_equal(mh_loop_run(loop, job, -1), MH_DONE);
			assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "pass");
			mh_job_free(job);
			job = spf_job(ctx, "192.0.2.1", "x@c.example");
			assert_int_equal(mh_loop_run(loop, job, -1), MH_DONE);
			assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "temperror");
			assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_WHY), "not-in-zone");
			assert_int_equal(mh_loop_int(loop, MH_LOOP_SENT), 0);
			mh_job_free(job);
			mh_loop_free(loop);
		}
	}
	mh_ctx_free(ctx);
}

/* From one overlay an alias may lead into another, and from the last of them to DNS. */
static void
aliases_lead_from_overlay_to_overlay(void **state)
{
	static const char *const texts[] = {
		"a.example. 60 IN SOA a. b. 1 2 3 4 5\na.example. 60 IN CNAME x.b.example.\n"
		"c.a.example. 60 IN CNAME c.b.example.\nd.a.example. 60 IN CNAME d.b.example.\n",
		"b.example. 60 IN SOA a. b. 1 2 3 4 5\nx.b.example. 30 IN CNAME y.b.example.\n"
		"y.b.example. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\nc.b.example. 60 IN CNAME "
		"c.a.example.\n"
		"d.b.example. 60 IN CNAME elsewhere.example.\n",
	};
	static const struct {
		const char *sender, *result, *state, *why, *canonical;
	} cases[] = {
		{ "x@a.example", "pass", "present", "", "y.b.example" },
		{ "x@c.a.example", "temperror", "unknown", "alias-loop", "" },
		{ "x@d.a.example", "temperror", "unknown", "no-server", "elsewhere.example" },
		{ "x@e.a.example", "none", "nxdomain", "", "e.a.example" },
	};
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	for (int order = 0; order < 2; order++) {
		mh_loop *loop = mh_loop_new(ctx);
		assert_int_equal(mh_loop_set_int(loop, MH_OPT_OFFLINE, 1), MH_OK);
		for (int i = 0; i < 2; i++) {
			const char *text = texts[i ^ order];
			mh_zone *zone = mh_zone_new(ctx);
			assert_int_equal(mh_zone_add(zone, "test.zone", ".", text, strlen(text)), MH_OK);
			assert_int_equal(mh_loop_use_zone(loop, zone, 1), MH_OK);
			mh_zone_free(zone);
		}
		for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
			mh_job *job = spf_job(ctx, "192.0.2.1", cases[i].sender);
			assert_int_equal(mh_loop_run(loop, job, -1), MH_DONE);
			assert_string_equal(mh_job_str(job, MH_JOB_RESULT), cases[i].result);
			assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_STATE_NAME), cases[i].state);
			assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_WHY), cases[i].why);
			if (*cases[i].canonical != '\0')
				assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_CANONICAL),
				    cases[i].canonical);
			if (i == 0)
				assert_int_equal(mh_job_ask_int(job, 1, MH_ASK_TTL), 30);
			mh_job_free(job);
		}
		mh_loop_free(loop);
	}
	mh_ctx_free(ctx);
}

/* Handles are freed in whatever order a garbage collector comes upon them. */
static void
any_order_of_freeing_is_fine(void **state)
{
	(void)state;
	for (int order = 0; order < 6; order++) {
		mh_ctx *ctx = mh_ctx_new(NULL, NULL);
		mh_loop *loop = mh_loop_new(ctx);
		mh_zone *zone = mh_zone_new(ctx);
		mh_job *a = spf_job(ctx, "192.0.2.1", "a@example.org"),
		       *b = spf_job(ctx, "192.0.2.1", "a@example.net");
		assert_int_equal(mh_zone_add(zone, "z", ".", zone_text, strlen(zone_text)), MH_OK);
		assert_int_equal(mh_loop_use_zone(loop, zone, 0), MH_OK);
		assert_int_equal(mh_loop_add(loop, a), MH_OK);
		assert_int_equal(mh_loop_add(loop, a), MH_ESTATE);
		assert_int_equal(mh_job_reset(a), MH_ESTATE);
		assert_int_equal(mh_loop_add(loop, b), MH_OK);
		if (order % 2 == 0)
			mh_ctx_free(ctx);
		if (order < 2)
			mh_job_free(a);
		if (order >= 4)
			assert_int_equal(mh_loop_step(loop), MH_OK);
		if (order % 3 == 0)
			mh_zone_free(zone);
		mh_loop_free(loop);
		mh_job_free(b);
		if (order >= 2)
			mh_job_free(a);
		if (order % 3 != 0)
			mh_zone_free(zone);
		if (order % 2 != 0)
			mh_ctx_free(ctx);
	}
	mh_job_free(NULL);
	mh_loop_free(NULL);
	mh_zone_free(NULL);
	mh_world_free(NULL);
	mh_stamp_free(NULL);
}

static void
a_done_job_takes_more_questions(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = spf_job(ctx, "192.0.2.1", "a@example.org");
	(void)state;
	assert_int_equal(drive(job), MH_DONE);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "pass");
	int ask = mh_job_want(job, "mx.example.", 15);
	assert_true(ask > 0);
	assert_int_equal(mh_job_want(job, "a..b", 15), MH_EINVAL);
	/* It is not done now, so nothing has come out. */
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "");
	assert_int_equal(mh_job_int(job, MH_JOB_LOOKUPS), MH_UNKNOWN);
	assert_string_equal(mh_job_json(job), "");
	assert_int_equal(mh_job_step(job, 5), MH_WAIT);
	assert_int_equal(drive(job), MH_DONE);
	assert_string_equal(mh_job_ask_text(job, ask, 0), "10 out.example.net.");
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "pass");
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* One whole job by hand, everything asked of it; whatever memory fails, the end is clean. */
static bool
whole_job(struct mh_mem mem, void *arg)
{
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_job *job = ctx != NULL ? spf_job(ctx, arg, "a@example.org") : NULL;
	bool good = job != NULL && mh_job_set_int(job, MH_OPT_LINT, 1) == MH_OK &&
	    mh_job_set_str(job, MH_OPT_PROFILES, "all") == MH_OK;
	int result = good ? drive(job) : MH_ENOMEM;
	assert_true(result == MH_DONE || result == MH_ENOMEM);
	good = result == MH_DONE;
	if (good) {
		mh_report *report = mh_job_report(job);
		good = report != NULL && mh_job_json(job)[0] != '\0' && mh_job_world(job)[0] != '\0' &&
		    mh_job_str(job, MH_JOB_RESULT)[0] != '\0' &&
		    mh_job_str(job, MH_JOB_RECEIVED_SPF)[0] != '\0' &&
		    mh_job_str(job, MH_JOB_AUTHRES)[0] != '\0';
		mh_report_free(report);
	}
	mh_job_free(job);
	mh_ctx_free(ctx);
	return good;
}

static void
memory_may_fail_anywhere(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(whole_job, "203.0.113.9", true) > 10);
}

static void
stamps_are_read(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_stamp *stamp = mh_stamp_new(ctx);
	mh_job *job = spf_job(ctx, "203.0.113.9", "a@example.org");
	(void)state;
	assert_int_equal(drive(job), MH_DONE);
	const char *field = mh_job_str(job, MH_JOB_RECEIVED_SPF);
	assert_int_equal(mh_stamp_parse(stamp, field, strlen(field)), MH_OK);
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_RESULT), "fail");
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_CLIENT_IP), "203.0.113.9");
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_ENVELOPE_FROM), "a@example.org");
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_HELO), "mail.example.org");
	static const char authres[] =
	    "Authentication-Results: mx.example; spf=softfail smtp.mailfrom=a@example.org";
	assert_int_equal(mh_stamp_parse(stamp, authres, strlen(authres)), MH_OK);
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_RESULT), "softfail");
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_AUTHSERV_ID), "mx.example");
	assert_int_equal(mh_stamp_parse(stamp, "mx.example; dkim=pass header.d=a.example", 40), MH_ENOENT);
	assert_string_equal(mh_stamp_str(stamp, MH_STAMP_RESULT), "");
	assert_int_equal(mh_stamp_parse(stamp, NULL, 1), MH_EINVAL);
	mh_stamp_free(stamp);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_answers),
		cmocka_unit_test(a_name_that_cannot_be_is_told_of),
		cmocka_unit_test(what_was_not_looked_at_is_not_well),
		cmocka_unit_test(what_could_not_be_asked_is_not_absent),
		cmocka_unit_test(answers_that_do_not_belong_change_nothing),
		cmocka_unit_test(options_are_checked_and_then_fixed),
		cmocka_unit_test(the_time_limit_ends_a_job),
		cmocka_unit_test(a_recording_is_the_same_again),
		cmocka_unit_test(a_recording_by_hand_is_read_in_any_order),
		cmocka_unit_test(opinions_are_about_one_question),
		cmocka_unit_test(zone_files_answer),
		cmocka_unit_test(several_zones_answer_together),
		cmocka_unit_test(aliases_lead_from_overlay_to_overlay),
		cmocka_unit_test(any_order_of_freeing_is_fine),
		cmocka_unit_test(a_done_job_takes_more_questions),
		cmocka_unit_test(memory_may_fail_anywhere),
		cmocka_unit_test(stamps_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
