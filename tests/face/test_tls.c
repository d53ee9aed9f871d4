/* test_tls.c - lib/face/job_tls.c and lib/checks/tls_*.c, on recordings: nothing is asked of the network */
#include "support.h"

#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailhealth.h"

#define BROKEN TEST_DATA "/../examples/worlds/no-certificate.world"
#define HEALTHY TEST_DATA "/worlds/tls-healthy.world"

/* judge - a recording's job, done; NULL: no memory */
static mh_job *
judge(mh_ctx *ctx, mh_world *world)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	if (job == NULL || mh_job_use_world(job, world) != MH_OK) {
		mh_job_free(job);
		return NULL;
	}
	int result = mh_job_step(job, 0);
	while (result == MH_WAIT) {
		if (mh_world_answer(world, job) < 0)
			break;
		result = mh_job_step(job, 1);
	}
	if (result == MH_DONE)
		return job;
	mh_job_free(job);
	return NULL;
}

static void
recordings_are_judged(void **state)
{
	static const struct {
		const char *path, *health, *first;
		int connections;
	} cases[] = {
		{ BROKEN, "fail", "tls.no-certificate", 8 },
		{ HEALTHY, "fail", "dane.mismatch", 9 }, /* by the TLSA record in it, which is made up */
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_world *world = mh_world_new(ctx);
		assert_int_equal(mh_world_add_file(world, cases[i].path), MH_OK);
		mh_job *job = judge(ctx, world);
		assert_non_null(job);
		assert_string_equal(mh_job_str(job, MH_JOB_HEALTH), cases[i].health);
		test_number(cases[i].path, mh_job_int(job, MH_JOB_CONNECTIONS), cases[i].connections);
		mh_report *report = mh_job_report(job);
		assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), cases[i].first);
		mh_report_free(report);
		assert_true(test_is_json(mh_job_json(job)));
		assert_int_equal(mh_job_ask_int(job, 1, MH_ASK_KIND), MH_ASK_STREAM);
		/* Text of an event is taken as an answer, too. */
		assert_true(strncmp(mh_job_ask_text(job, 1, 0), "connected ", 10) == 0);
		mh_job_free(job);
		mh_world_free(world);
	}
	mh_ctx_free(ctx);
}

/* The program that links us uses OpenSSL in the same thread. */
static void
the_hosts_errors_are_kept(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_world *world = mh_world_new(ctx);
	(void)state;
	assert_int_equal(mh_world_add_file(world, HEALTHY), MH_OK);
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 7, "of the host");
	assert_int_equal(mh_ctx_use_system_anchors(ctx), MH_OK);
	mh_job *job = judge(ctx, world);
	assert_non_null(job);
	assert_true(mh_job_json(job)[0] == '{');
	assert_int_equal(mh_ctx_use_system_anchors(ctx), MH_EFROZEN);
	mh_job_free(job);
	mh_world_free(world);
	mh_ctx_free(ctx);
	assert_int_equal(ERR_GET_REASON(ERR_get_error()), 7);
	assert_int_equal(ERR_get_error(), 0);
}

/* What a policy host is, and what MTA-STS comes to.  NULL: could not be asked; "": there is none. */
static const struct {
	const char *sentence, *a, *aaaa;
	const char *answers[2]; /* events of the GET from the first address, and from the second */
	bool allows_private;
	const char *state, *failed_at, *finding;
} policy_hosts[] = {
	{ "no address at all", "", "", { NULL }, true, "not-fetched", "dns", "sts.policy-unreachable" },
	{ "a private address", "10.0.0.1", "", { NULL }, false, "not-fetched", "private-address",
	    "sts.policy-unreachable" },
	{ "a private address, and the others are not known", NULL, "fd00::1", { NULL }, false, "unknown",
	    "dns", "dns.unknown" },
	{ "refused", "10.0.0.1", "", { "refused 7" }, true, "not-fetched", "connect",
	    "sts.policy-unreachable" },
	{ "refused by both", "10.0.0.1", "fd00::1", { "refused 7", "refused 8" }, true, "not-fetched",
	    "connect", "sts.policy-unreachable" },
	{ "no connection could be made", "10.0.0.1", "", { NULL }, true, "unknown", "", "https.unknown" },
	{ "refused, and the second address could not be tried", "10.0.0.1", "fd00::1", { "refused 7", NULL },
	    true, "unknown", "connect", "https.unknown" },
	{ "the first address could not be tried, and the second refuses", "10.0.0.1", "fd00::1",
	    { NULL, "refused 7" }, true, "unknown", "connect", "https.unknown" },
	{ "refused, and our network has no way to the second", "10.0.0.1", "fd00::1",
	    { "refused 7", "unreachable 8 network" }, true, "unknown", "connect", "https.unknown" },
	{ "our network has no way to the first, and the second refuses", "10.0.0.1", "fd00::1",
	    { "unreachable 7 network", "refused 8" }, true, "unknown", "connect", "https.unknown" },
	{ "refused, and the other addresses are not known", "10.0.0.1", NULL, { "refused 7" }, true,
	    "unknown", "dns", "dns.unknown" },
};

/* answer - with this text; NULL: could not be asked */
static void
answer(mh_job *job, int ask, const char *text)
{
	if (text != NULL && text[0] != '\0')
		assert_int_equal(mh_job_answer_text(job, ask, text, strlen(text)), MH_OK);
	assert_int_equal(mh_job_answer_end(job, ask, text != NULL ? 0 : MH_UNKNOWN,
			     text != NULL ? 0 : MH_ANSWER_TIMEOUT),
	    MH_OK);
}

/* look_at_policy_host - the job of example.org, done; the host itself cannot be asked */
static mh_job *
look_at_policy_host(mh_ctx *ctx, size_t i)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	int looks = 0;
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "example.org"), MH_OK);
	assert_int_equal(mh_job_set_int(job, MH_OPT_ALLOW_PRIVATE, policy_hosts[i].allows_private), MH_OK);
	while (mh_job_step(job, 0) == MH_WAIT) {
		for (int ask = mh_job_next_ask(job); ask > 0; ask = mh_job_next_ask(job)) {
			const char *type = mh_job_ask_str(job, ask, MH_ASK_TYPE_NAME);
			const char *name = mh_job_ask_str(job, ask, MH_ASK_NAME);
			bool is_host = strncmp(name, "mta-sts.", 8) == 0;
			answer(job, ask,
			    strcmp(type, "MX") == 0              ? "10 mx.example.org"
				: strcmp(type, "TXT") == 0       ? "v=STSv1; id=1;"
				: strcmp(type, "A") == 0         ? (is_host ? policy_hosts[i].a : NULL)
				: strcmp(type, "AAAA") == 0      ? (is_host ? policy_hosts[i].aaaa : NULL)
				: strncmp(name, "https", 5) == 0 ? policy_hosts[i].answers[looks++]
								 : NULL);
		}
	}
	return job;
}

static void
policy_hosts_that_cannot_be_had(void **state)
{
	char want[64];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(policy_hosts); i++) {
		const char *sentence = policy_hosts[i].sentence;
		mh_job *job = look_at_policy_host(ctx, i);
		const char *json = strstr(mh_job_json(job), "\"mta_sts\":{");
		test_check(sentence, json != NULL);
		(void)snprintf(want, sizeof(want), "\"state\":\"%s\"", policy_hosts[i].state);
		test_check(sentence, strstr(json, want) != NULL);
		(void)snprintf(want, sizeof(want), "\"failed_at\":\"%s\"", policy_hosts[i].failed_at);
		test_check(sentence, strstr(json, want) != NULL);
		mh_report *report = mh_job_report(job);
		int found = 0;
		for (size_t k = 0; k < mh_report_count(report); k++) {
			if (strcmp(mh_report_str(report, k, MH_FINDING_CHECK), "mta-sts") != 0)
				continue;
			test_span(sentence, mh_str_z(mh_report_str(report, k, MH_FINDING_ID)),
			    mh_str_z(policy_hosts[i].finding));
			found++;
		}
		test_number(sentence, found, 1);
		mh_report_free(report);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

/* Where nothing can be asked, what is not known of MTA-STS is told of the name that was asked. */
static void
an_unknown_record_is_named(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	int found = 0;
	(void)state;
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "Example.org"), MH_OK);
	while (mh_job_step(job, 0) == MH_WAIT)
		for (int ask = mh_job_next_ask(job); ask > 0; ask = mh_job_next_ask(job))
			answer(job, ask, NULL);
	mh_report *report = mh_job_report(job);
	for (size_t k = 0; k < mh_report_count(report); k++) {
		const char *id = mh_report_str(report, k, MH_FINDING_ID);
		const char *subject = mh_report_str(report, k, MH_FINDING_SUBJECT);
		bool is_ours = strcmp(mh_report_str(report, k, MH_FINDING_CHECK), "mta-sts") == 0;
		assert_string_equal(id, "dns.unknown");
		assert_int_equal(strcmp(subject, "_mta-sts.example.org") == 0, is_ours);
		found += is_ours;
	}
	assert_int_equal(found, 1);
	mh_report_free(report);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* Others that stand at the same name, such as those of a wildcard, are no reason not to see it. */
static void
the_last_of_many_records(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	(void)state;
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "example.org"), MH_OK);
	while (mh_job_step(job, 0) == MH_WAIT) {
		for (int ask = mh_job_next_ask(job); ask > 0; ask = mh_job_next_ask(job)) {
			bool is_txt = mh_job_ask_int(job, ask, MH_ASK_TYPE) == 16;
			for (int i = 0; i < 40 && is_txt; i++)
				assert_int_equal(mh_job_answer_text(job, ask, "other=1", 7), MH_OK);
			if (is_txt) /* one that is not well formed: five octets are announced */
				assert_int_equal(mh_job_answer_rr(job, ask, "\5v=", 3), MH_OK);
			answer(job, ask, is_txt ? "v=STSv1; id=1;" : NULL);
		}
	}
	assert_non_null(strstr(mh_job_json(job), "\"record\":\"v=STSv1; id=1;\",\"id\":\"1\""));
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
names_of_the_domain(void **state)
{
#define LABEL "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk"
#define LONG "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefgh"
	static const struct {
		const char *domain, *txt, *mx;
	} cases[] = {
		{ "Example.Org", "_mta-sts.example.org", "example.org" },
		{ "b\xc3\xbc"
		  "cher.example.",
		    "_mta-sts.xn--bcher-kva.example", "xn--bcher-kva.example" },
		/* with more in front it is no name any more */
		{ LABEL "." LABEL "." LABEL "." LONG, "", LABEL "." LABEL "." LABEL "." LONG },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const char *txt = "", *mx = "";
		mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
		assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1"), MH_OK);
		assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, cases[i].domain), MH_OK);
		(void)mh_job_step(job, 0);
		for (int ask = mh_job_next_ask(job); ask > 0; ask = mh_job_next_ask(job)) {
			if (mh_job_ask_int(job, ask, MH_ASK_TYPE) == 16)
				txt = mh_job_ask_str(job, ask, MH_ASK_NAME);
			if (mh_job_ask_int(job, ask, MH_ASK_TYPE) == 15)
				mx = mh_job_ask_str(job, ask, MH_ASK_NAME);
			assert_true(mh_job_ask_str(job, ask, MH_ASK_NAME)[0] != '\0');
		}
		test_span(cases[i].domain, mh_str_z(txt), mh_str_z(cases[i].txt));
		test_span(cases[i].domain, mh_str_z(mx), mh_str_z(cases[i].mx));
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

static void
options_have_their_ranges(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	(void)state;
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_MODE, "telnet"), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_MODE, "imap"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_SENDER, "a@example.org"), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_PORT, 65536), MH_EINVAL);
	assert_int_equal(mh_job_set_int(job, MH_OPT_MAX_CONNECTIONS, 0), MH_EINVAL);
	assert_int_equal(mh_job_add_opinion(job, "a", "pass", ""), MH_EINVAL);
	for (int i = 0; i < 32; i++)
		assert_int_equal(mh_job_set_str(job, MH_OPT_TLSA, "3 1 1 00"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_TLSA, "3 1 1 00"), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_TLSA, ""), MH_OK);
	static char much[2001];
	memset(much, 'a', sizeof(much) - 1);
	memcpy(much, "unix:/", 6);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, much), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HELO, much), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "no host"), MH_OK);
	assert_int_equal(mh_job_step(job, 0), MH_EINVAL);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* answer - all asks that are open: addresses by an alias with these flags, TLSA records at this name alone */
static void
answer_open(mh_job *job, int flags, const char *tlsa_at)
{
	for (int ask; (ask = mh_job_next_ask(job)) > 0;) {
		const char *name = mh_job_ask_str(job, ask, MH_ASK_NAME);
		if (mh_job_ask_int(job, ask, MH_ASK_KIND) == MH_ASK_STREAM) {
			assert_int_equal(mh_job_answer_end(job, ask, MH_UNKNOWN, MH_ANSWER_NETWORK), MH_OK);
		} else if (mh_job_ask_int(job, ask, MH_ASK_TYPE) == 1) {
			assert_int_equal(mh_job_answer_text(job, ask, "192.0.2.25", 10), MH_OK);
			assert_int_equal(mh_job_answer_str(job, ask, MH_ASK_CANONICAL, "real.example.net"),
			    MH_OK);
			assert_int_equal(mh_job_answer_end(job, ask, 0, flags), MH_OK);
		} else if (mh_job_ask_int(job, ask, MH_ASK_TYPE) == 52 && strcmp(name, tlsa_at) == 0) {
			assert_int_equal(mh_job_answer_text(job, ask, "3 1 1 00", 8), MH_OK);
			assert_int_equal(mh_job_answer_end(job, ask, 0, MH_ANSWER_SECURE), MH_OK);
		} else {
			assert_int_equal(mh_job_answer_end(job, ask, 0, flags), MH_OK);
		}
	}
}

/* RFC 7672 2.2: where an alias leads counts first, but only if all of it is signed; without signed addresses nobody
 * looks for TLSA records. */
static void
tlsa_records_are_looked_for_as_senders_do(void **state)
{
	static const char target[] = "_25._tcp.real.example.net", host[] = "_25._tcp.mx.example.org";
	static const struct {
		const char *sentence;
		int flags;
		const char *tlsa_at;
		bool asks_target, is_insecure, has_records;
	} cases[] = {
		{ "a signed alias, and records where it leads", MH_ANSWER_SECURE, target, true, false, true },
		{ "a signed alias, and records at the host's own name", MH_ANSWER_SECURE, host, true, false,
		    true },
		{ "an alias that is not signed, and signed records", MH_ANSWER_INSECURE, host, false, true,
		    true },
		{ "an alias of which nothing is known", 0, host, false, false, true },
		{ "no records at all", MH_ANSWER_SECURE, "", true, false, false },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
		bool asks_target = false;
		assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "mx.example.org"), MH_OK);
		while (mh_job_step(job, 0) == MH_WAIT)
			answer_open(job, cases[i].flags, cases[i].tlsa_at);
		for (int ask = 1; ask <= mh_job_ask_count(job); ask++)
			asks_target =
			    asks_target || strcmp(mh_job_ask_str(job, ask, MH_ASK_NAME), target) == 0;
		test_check(cases[i].sentence, asks_target == cases[i].asks_target);
		const char *json = mh_job_json(job);
		test_check(cases[i].sentence,
		    (strstr(json, "\"dane.insecure\"") != NULL) == cases[i].is_insecure);
		test_check(cases[i].sentence,
		    (strstr(json, "\"record\":\"3 1 1 00\"") != NULL) == cases[i].has_records);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

/* A policy as large as senders read it (RFC 8461 3.3), given, recorded and judged again. */
static void
large_policies(void **state)
{
	static const char first[] = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 604800\nx: ";
	char *policy = malloc(65538);
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	mh_world *world = mh_world_new(ctx);
	(void)state;
	assert_non_null(policy);
	memset(policy, 'y', 65537);
	memcpy(policy, first, sizeof(first) - 1);
	policy[65537] = '\0';
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_POLICY, policy), MH_EINVAL);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HELO, policy), MH_EINVAL);
	policy[65536] = '\0';
	assert_int_equal(mh_job_set_str(job, MH_OPT_POLICY, policy), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HELO, policy), MH_EINVAL);
	while (mh_job_step(job, 0) == MH_WAIT)
		for (int ask = mh_job_next_ask(job); ask > 0; ask = mh_job_next_ask(job))
			answer(job, ask, NULL);
	assert_non_null(strstr(mh_job_json(job), "\"max_age\":604800"));
	/* An address has no name that a policy could list. */
	assert_non_null(strstr(mh_job_json(job), "\"mta_sts\":\"unknown\""));
	assert_null(strstr(mh_job_json(job), "sts.mx-not-listed"));
	mh_job *named = mh_job_new(ctx, MH_CHECK_TLS);
	assert_int_equal(mh_job_set_str(named, MH_OPT_HOST, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(named, MH_OPT_NAME,
			     "mx.b\xc3\xbc"
			     "cher.example"),
	    MH_OK);
	assert_int_equal(mh_job_set_str(named, MH_OPT_POLICY,
			     "version: STSv1\nmode: enforce\nmx: *.xn--bcher-kva.example\nmax_age: 604800"),
	    MH_OK);
	while (mh_job_step(named, 0) == MH_WAIT)
		for (int ask = mh_job_next_ask(named); ask > 0; ask = mh_job_next_ask(named))
			answer(named, ask, NULL);
	assert_non_null(strstr(mh_job_json(named), "\"mta_sts\":\"unknown\""));
	mh_job_free(named);
	const char *text = mh_job_world(job);
	assert_int_equal(mh_world_add(world, "policy", text, strlen(text)), MH_OK);
	mh_job *again = judge(ctx, world);
	assert_non_null(again);
	assert_string_equal(mh_job_json(again), mh_job_json(job));
	mh_job_free(again);
	mh_job_free(job);
	mh_world_free(world);
	mh_ctx_free(ctx);
	free(policy);
}

static bool
whole_job(struct mh_mem mem, void *arg)
{
	bool good = false;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_world *world = ctx != NULL ? mh_world_new(ctx) : NULL;
	mh_job *job = NULL;
	if (world != NULL && mh_world_add_file(world, arg) == MH_OK)
		job = judge(ctx, world);
	if (job != NULL) {
		mh_report *report = mh_job_report(job);
		good = mh_job_json(job)[0] == '{' && report != NULL && mh_job_world(job)[0] != '\0';
		mh_report_free(report);
	}
	mh_job_free(job);
	mh_world_free(world);
	mh_ctx_free(ctx);
	return good;
}

/* whole_sts - a domain whose policy host refuses, and one whose policy is given */
static bool
whole_sts(struct mh_mem mem, void *arg)
{
	bool good = false;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_job *job = ctx != NULL ? mh_job_new(ctx, MH_CHECK_TLS) : NULL;
	int result = MH_ENOMEM;
	if (job != NULL && mh_job_set_str(job, MH_OPT_HOST, "192.0.2.1") == MH_OK &&
	    mh_job_set_str(job, MH_OPT_DOMAIN, "b\xc3\xbc.example") == MH_OK &&
	    mh_job_set_str(job, MH_OPT_POLICY, arg) == MH_OK &&
	    mh_job_set_int(job, MH_OPT_ALLOW_PRIVATE, 1) == MH_OK)
		result = mh_job_step(job, 0);
	while (result == MH_WAIT) {
		for (int ask = mh_job_next_ask(job); ask > 0 && result == MH_WAIT;
		     ask = mh_job_next_ask(job)) {
			const char *type = mh_job_ask_str(job, ask, MH_ASK_TYPE_NAME);
			const char *text = strcmp(type, "MX") == 0 ? "10 mx.example.org"
			    : strcmp(type, "TXT") == 0             ? "v=STSv1; id=1;"
			    : strcmp(type, "A") == 0               ? "10.0.0.1"
								   : "refused 7";
			if (strcmp(type, "AAAA") != 0)
				result = mh_job_answer_text(job, ask, text, strlen(text));
			if (result >= 0)
				result = mh_job_answer_end(job, ask, 0, 0);
			if (result == MH_OK)
				result = MH_WAIT;
		}
		if (result == MH_WAIT)
			result = mh_job_step(job, 1);
	}
	if (result == MH_DONE) {
		mh_report *report = mh_job_report(job);
		good = strstr(mh_job_json(job), "\"mta_sts\":{") != NULL && report != NULL;
		mh_report_free(report);
	}
	mh_job_free(job);
	mh_ctx_free(ctx);
	return good;
}

static void
memory_fails(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(whole_job, BROKEN, true) > 10);
	assert_true(test_failing_allocs(whole_job, HEALTHY, true) > 10);
	assert_true(test_failing_allocs(whole_sts, "", true) > 10);
	assert_true(test_failing_allocs(whole_sts,
			"version: STSv1\nmode: enforce\nmx: *.example\nmax_age: 604800\n", true) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recordings_are_judged),
		cmocka_unit_test(the_hosts_errors_are_kept),
		cmocka_unit_test(policy_hosts_that_cannot_be_had),
		cmocka_unit_test(an_unknown_record_is_named),
		cmocka_unit_test(the_last_of_many_records),
		cmocka_unit_test(names_of_the_domain),
		cmocka_unit_test(options_have_their_ranges),
		cmocka_unit_test(tlsa_records_are_looked_for_as_senders_do),
		cmocka_unit_test(large_policies),
		cmocka_unit_test(memory_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
