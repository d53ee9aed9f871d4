/* test_dialogues.c - lib/face/dialogues.c and lib/net/talk.c: dialogues over connections of our own */
#include "support.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mailhealth.h"

/* probe - a job about this host that has been stepped once; its first question is a dialogue */
static mh_job *
probe(mh_ctx *ctx, const char *host)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	if (job == NULL)
		return NULL;
	if (mh_job_set_str(job, MH_OPT_HOST, host) == MH_OK &&
	    mh_job_set_str(job, MH_OPT_NAME, "mx.example.org") == MH_OK &&
	    mh_job_set_str(job, MH_OPT_HELO, "probe.example") == MH_OK &&
	    mh_job_set_int(job, MH_OPT_LOOK_UP_TLSA, 0) == MH_OK && mh_job_step(job, 0) == MH_WAIT)
		return job;
	mh_job_free(job);
	return NULL;
}

static int
feed(mh_dialogue *dialogue, const char *text, int64_t now_us)
{
	return mh_dialogue_feed(dialogue, text, strlen(text), now_us);
}

/* said - what it wants sent is this, which is taken off */
static void
said(mh_dialogue *dialogue, const char *text)
{
	size_t len;
	const void *out = mh_dialogue_output(dialogue, &len);
	assert_int_equal(len, strlen(text));
	assert_memory_equal(out, text, len);
	assert_int_equal(mh_dialogue_sent(dialogue, len + 1), MH_EINVAL);
	assert_int_equal(mh_dialogue_sent(dialogue, len), MH_OK);
	(void)mh_dialogue_output(dialogue, &len);
	assert_int_equal(len, 0);
}

static void
a_host_has_the_connection(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = probe(ctx, "192.0.2.25");
	(void)state;
	assert_non_null(job);
	int ask = mh_job_next_ask(job);
	assert_int_equal(mh_job_ask_int(job, ask, MH_ASK_KIND), MH_ASK_STREAM);
	mh_dialogue *dialogue = mh_job_dialogue(job, ask);
	assert_non_null(dialogue);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_NAME),
	    mh_job_ask_str(job, ask, MH_ASK_NAME));
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_ADDRESS), "192.0.2.25");
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_PATH), "");
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "connecting");
	assert_string_equal(mh_dialogue_str(dialogue, 99), "");
	assert_int_equal(mh_dialogue_int(dialogue, MH_DIALOGUE_PORT), 25);
	assert_int_equal(mh_dialogue_int(dialogue, 99), MH_UNKNOWN);

	/* before the connection: nothing */
	assert_int_equal(feed(dialogue, "220 early\r\n", 1000), MH_OK);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "connecting");
	assert_int_equal(mh_dialogue_eof(dialogue, 1000), MH_OK);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "connecting");
	assert_true(mh_dialogue_timeout(dialogue, 1000) > 100);
	assert_int_equal(mh_dialogue_connected(dialogue, 2000), MH_OK);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "greeting");
	assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_ESTATE);
	assert_int_equal(feed(dialogue, "220 mx.exam", 3000), MH_OK);
	assert_int_equal(feed(dialogue, "ple.org ESMTP\r\n", 3500), MH_OK);
	said(dialogue, "EHLO probe.example\r\n");
	assert_int_equal(feed(dialogue, "250-mx.example.org\r\n250 SIZE 1000\r\n", 4000), MH_OK);
	said(dialogue, "STARTTLS\r\n");
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "start");
	assert_int_equal(mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE), 0);
	assert_int_equal(feed(dialogue, "502 no\r\n", 5000), MH_OK);
	said(dialogue, "QUIT\r\n");
	assert_int_equal(mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE), 1);
	assert_int_equal(mh_dialogue_timeout(dialogue, 5000), -1);
	assert_int_equal(feed(dialogue, "late\r\n", 6000), MH_OK);
	assert_int_equal(mh_dialogue_fail(dialogue, MH_FAIL_RESET, 6000), MH_OK);
	assert_int_equal(mh_dialogue_run(dialogue, -1, 0), MH_DONE);

	assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_OK);
	assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_ESTATE);
	assert_int_equal(mh_job_answer_dialogue(job, 99, dialogue), MH_ENOENT);
	assert_null(mh_job_dialogue(job, ask));
	assert_string_equal(mh_job_ask_text(job, ask, 1), "line 2500 220 mx.example.org ESMTP\\013\\010");
	mh_job_free(job);
	mh_ctx_free(ctx);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_STATE), "done");
	mh_dialogue_free(dialogue);
}

static void
connections_that_never_are(void **state)
{
	static const struct {
		int reason;
		const char *first;
	} cases[] = {
		{ MH_FAIL_REFUSED, "refused 7" },
		{ MH_FAIL_RESET, "reset 7" },
		{ MH_FAIL_NETWORK, "unreachable 7 network" },
		{ MH_FAIL_HOST, "unreachable 7 host" },
		{ MH_FAIL_FORBIDDEN, "unreachable 7 forbidden" },
		{ MH_FAIL_TIMEOUT, "silent 7" },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_job *job = probe(ctx, "2001:db8::25");
		int ask = mh_job_next_ask(job);
		mh_dialogue *dialogue = mh_job_dialogue(job, ask);
		assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_ADDRESS), "2001:db8::25");
		assert_true(mh_dialogue_timeout(dialogue, 100) > 0); /* it begins here */
		assert_int_equal(mh_dialogue_fail(dialogue, 99, 107), MH_EINVAL);
		assert_int_equal(mh_dialogue_fail(dialogue, cases[i].reason, 107), MH_OK);
		assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_OK);
		assert_string_equal(mh_job_ask_text(job, ask, 0), cases[i].first);
		mh_dialogue_free(dialogue);
		mh_job_free(job);
	}
	/* nobody says anything at all */
	mh_job *job = probe(ctx, "unix:/run/lmtp");
	int ask = mh_job_next_ask(job);
	mh_dialogue *dialogue = mh_job_dialogue(job, ask);
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_PATH), "/run/lmtp");
	assert_string_equal(mh_dialogue_str(dialogue, MH_DIALOGUE_ADDRESS), "");
	int64_t now_us = 0;
	assert_int_equal(mh_dialogue_connected(dialogue, now_us), MH_OK);
	now_us += mh_dialogue_timeout(dialogue, now_us) * 1000;
	assert_int_equal(mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE), 0);
	assert_int_equal(mh_dialogue_tick(dialogue, now_us), MH_OK);
	assert_int_equal(mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE), 1);

	/* of another question, and of none */
	mh_job *other = probe(ctx, "192.0.2.26");
	assert_int_equal(mh_job_answer_dialogue(other, mh_job_next_ask(other), dialogue), MH_EINVAL);
	int dns = mh_job_want(other, "example.org", 16);
	assert_true(dns > 0);
	assert_null(mh_job_dialogue(other, dns));
	assert_null(mh_job_dialogue(other, 99));
	assert_null(mh_job_dialogue(NULL, 1));
	mh_job_free(other);
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

static void
over_a_descriptor(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	int pair[2], pipes[2];
	static const char words[] = "220 mx\r\n250 mx\r\n454 4.7.0 TLS not available\r\n";
	char sent[256];
	(void)state;

	mh_job *job = probe(ctx, "192.0.2.25");
	int ask = mh_job_next_ask(job);
	mh_dialogue *dialogue = mh_job_dialogue(job, ask);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(mh_dialogue_run(dialogue, pipes[0], -1), MH_EIO);
	assert_int_equal(mh_dialogue_run(dialogue, -1, -1), MH_EIO);
	int lonely = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(mh_dialogue_run(dialogue, lonely, -1), MH_EIO);
	(void)close(lonely);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(mh_dialogue_run(dialogue, pair[0], 5), MH_WAIT);
	assert_int_equal(write(pair[1], words, sizeof(words) - 1), sizeof(words) - 1);
	assert_int_equal(mh_dialogue_run(dialogue, pair[0], -1), MH_DONE);
	ssize_t n = read(pair[1], sent, sizeof(sent) - 1);
	assert_true(n > 0);
	sent[n] = '\0';
	assert_string_equal(sent, "EHLO probe.example\r\nSTARTTLS\r\nQUIT\r\n");
	assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_OK);
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	(void)close(pair[0]);
	(void)close(pair[1]);

	/* one that hangs up before anything can be sent: no signal */
	job = probe(ctx, "192.0.2.25");
	ask = mh_job_next_ask(job);
	dialogue = mh_job_dialogue(job, ask);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(write(pair[1], "220 mx\r\n", 8), 8);
	(void)close(pair[1]);
	assert_int_equal(mh_dialogue_run(dialogue, pair[0], -1), MH_DONE);
	assert_int_equal(mh_job_answer_dialogue(job, ask, dialogue), MH_OK);
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	(void)close(pair[0]);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	mh_ctx_free(ctx);
}

/* Who looks in now and then has the machine's own limits, too; and no time is too long. */
static void
limits_hold_without_waiting(void **state)
{
	static const char *const questions[] = {
		"smtp://192.0.2.25:25/talk?name=me&wait=20,20,20,20",
		"smtp+tls://192.0.2.25:465/hello?name=me&hello=todays12&wait=20,20,20,20",
	};
	static const char records[] = "\x14\x03\x03\x00\x01\x01\x14\x03\x03\x00\x01\x01";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = probe(ctx, "192.0.2.25");
	int type = (int)mh_job_ask_int(job, mh_job_next_ask(job), MH_ASK_TYPE), pair[2];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(questions); i++) {
		mh_dialogue *dialogue = mh_job_dialogue(job, mh_job_want(job, questions[i], type));
		assert_non_null(dialogue);
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
		int result = mh_dialogue_run(dialogue, pair[0], 0);
		for (int k = 0; k < 400 && result == MH_WAIT; k++) {
			if (i == 1) /* something always comes, and nothing that is wanted */
				assert_true(write(pair[1], records, sizeof(records) - 1) > 0);
			(void)poll(NULL, 0, 5);
			result = mh_dialogue_run(dialogue, pair[0], 0);
		}
		assert_int_equal(result, MH_DONE);
		mh_dialogue_free(dialogue);

		dialogue = mh_job_dialogue(job, mh_job_want(job, questions[i], type));
		assert_int_equal(mh_dialogue_run(dialogue, pair[0], INT64_MAX), MH_DONE);
		mh_dialogue_free(dialogue);
		(void)close(pair[0]);
		(void)close(pair[1]);
	}
	mh_job_free(job);
	mh_ctx_free(ctx);
}

/* What another client fetched counts as what ours does. */
static void
policies_by_another_client(void **state)
{
	static const char policy[] = "version: STSv1\nmode: enforce\nmx: mx.example.org\nmax_age: 1209600\n";
	static char large[65537];
	static const struct {
		const char *sentence;
		int status;
		const char *type, *location, *body;
		size_t len;
		const char *has; /* in JSON */
	} cases[] = {
		{ "a policy", 200, "text/plain", "", policy, sizeof(policy) - 1, "\"mode\":\"enforce\"" },
		{ "of a type that it should not have", 200, "text/html", "", policy, sizeof(policy) - 1,
		    "\"sts.policy-content-type\"" },
		{ "a redirect", 301, "", "https://www.example.org/", "", 0, "\"sts.policy-redirect\"" },
		{ "nothing there", 404, "text/html", "", "<html>", 6, "\"sts.policy-unreachable\"" },
		{ "a certificate that is not valid", MH_HTTP_BAD_CERTIFICATE, "", "", NULL, 0,
		    "\"sts.policy-certificate\"" },
		{ "nobody there", MH_HTTP_UNREACHABLE, "", "", NULL, 0, "\"failed_at\":\"connect\"" },
		{ "more than is read", 200, "text/plain", "", large, sizeof(large),
		    "\"http\":\"too-large\"" },
	};
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
		int fetched = 0;
		assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "192.0.2.25"), MH_OK);
		assert_int_equal(mh_job_set_str(job, MH_OPT_DOMAIN, "example.org"), MH_OK);
		while (mh_job_step(job, 0) == MH_WAIT)
			for (int ask; (ask = mh_job_next_ask(job)) > 0;) {
				const char *name = mh_job_ask_str(job, ask, MH_ASK_NAME);
				int type = (int)mh_job_ask_int(job, ask, MH_ASK_TYPE);
				if (strncmp(name, "https:", 6) == 0) {
					fetched++;
					assert_non_null(strstr(name, "sni=mta-sts.example.org&"));
					assert_int_equal(mh_job_answer_http(job, ask, 99, "", "", NULL, 0),
					    MH_EINVAL);
					assert_int_equal(mh_job_answer_http(job, ask, 200, NULL, "", NULL, 0),
					    MH_EINVAL);
					assert_int_equal(mh_job_answer_http(job, ask, cases[i].status,
							     cases[i].type, cases[i].location, cases[i].body,
							     cases[i].len),
					    MH_OK);
					assert_int_equal(mh_job_answer_http(job, ask, 200, "", "", NULL, 0),
					    MH_ESTATE);
					continue;
				}
				assert_int_equal(mh_job_answer_http(job, ask, 200, "", "", NULL, 0),
				    MH_EINVAL);
				if (type == 16)
					assert_int_equal(mh_job_answer_text(job, ask, "v=STSv1; id=1;", 14),
					    MH_OK);
				else if (type == 1)
					assert_int_equal(mh_job_answer_text(job, ask, "203.0.114.1", 11),
					    MH_OK);
				assert_int_equal(mh_job_answer_end(job, ask, type == 0 ? MH_UNKNOWN : 0,
						     type == 0 ? MH_ANSWER_NETWORK : 0),
				    MH_OK);
			}
		test_number(cases[i].sentence, fetched, 1);
		test_check(cases[i].sentence, strstr(mh_job_json(job), cases[i].has) != NULL);
		/* a recording of it is judged alike */
		mh_world *world = mh_world_new(ctx);
		const char *text = mh_job_world(job);
		assert_int_equal(mh_world_add(world, "test", text, strlen(text)), MH_OK);
		mh_job *again = mh_job_new(ctx, MH_CHECK_TLS);
		assert_int_equal(mh_job_use_world(again, world), MH_OK);
		assert_int_equal(mh_job_step(again, 0), MH_DONE);
		assert_string_equal(mh_job_json(again), mh_job_json(job));
		mh_job_free(again);
		mh_world_free(world);
		mh_job_free(job);
	}
	mh_ctx_free(ctx);
}

static void
nothing_is_taken_for_nothing(void **state)
{
	size_t len = 1;
	(void)state;
	mh_dialogue_free(NULL);
	assert_string_equal(mh_dialogue_str(NULL, MH_DIALOGUE_NAME), "");
	assert_int_equal(mh_dialogue_int(NULL, MH_DIALOGUE_PORT), MH_UNKNOWN);
	assert_int_equal(mh_dialogue_connected(NULL, 0), MH_EINVAL);
	assert_int_equal(mh_dialogue_feed(NULL, "", 0, 0), MH_EINVAL);
	assert_int_equal(mh_dialogue_eof(NULL, 0), MH_EINVAL);
	assert_int_equal(mh_dialogue_fail(NULL, MH_FAIL_RESET, 0), MH_EINVAL);
	assert_non_null(mh_dialogue_output(NULL, &len));
	assert_int_equal(len, 0);
	assert_int_equal(mh_dialogue_sent(NULL, 0), MH_EINVAL);
	assert_int_equal(mh_dialogue_timeout(NULL, 0), -1);
	assert_int_equal(mh_dialogue_tick(NULL, 0), MH_EINVAL);
	assert_int_equal(mh_dialogue_run(NULL, 0, 0), MH_EINVAL);
	assert_int_equal(mh_job_answer_dialogue(NULL, 1, NULL), MH_EINVAL);
}

/* whole - a dialogue up to our ClientHello, and its end */
static bool
whole(struct mh_mem mem, void *arg)
{
	size_t len;
	bool good = false;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_job *job = ctx != NULL ? probe(ctx, arg) : NULL;
	mh_dialogue *dialogue = job != NULL ? mh_job_dialogue(job, 1) : NULL;
	if (dialogue != NULL && mh_dialogue_connected(dialogue, 0) == MH_OK &&
	    feed(dialogue, "220 mx\r\n", 1) == MH_OK && feed(dialogue, "250 STARTTLS\r\n", 2) == MH_OK &&
	    feed(dialogue, "220 go\r\n", 3) == MH_OK) {
		(void)mh_dialogue_output(dialogue, &len);
		good = len > 100 && mh_dialogue_eof(dialogue, 4) == MH_OK &&
		    mh_job_answer_dialogue(job, 1, dialogue) == MH_OK &&
		    mh_job_ask_text(job, 1, 0)[0] != '\0';
	}
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	mh_ctx_free(ctx);
	return good;
}

/* server - of HTTPS, in this process */
static SSL_CTX *
server(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	SSL_CTX *made = SSL_CTX_new(TLS_server_method());
	assert_true(key != NULL && cert != NULL && made != NULL);
	(void)X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	(void)X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
	assert_true(X509_set_pubkey(cert, key) == 1 && X509_sign(cert, key, EVP_sha256()) > 0);
	assert_true(SSL_CTX_use_certificate(made, cert) == 1 && SSL_CTX_use_PrivateKey(made, key) == 1);
	X509_free(cert);
	EVP_PKEY_free(key);
	return made;
}

/* get - a GET whose answer comes in one piece.  Where there is no memory it goes on all the same, as a program that
 * looks at no results does */
static bool
get(struct mh_mem mem, void *arg)
{
	static const char question[] =
	    "https://192.0.2.80:443/get?sni=mta-sts.example.org&target=/a&wait=1000,1000,1000,1000";
	static const char head[] = "HTTP/1.1 200 OK\r\nContent-Length: 65000\r\nX: ";
	static char answer[80000], octets[100000];
	bool good = true, has_answered = false;
	memset(answer, 'x', sizeof(answer));
	memcpy(answer, head, sizeof(head) - 1);
	memcpy(answer + 9000, "\r\n\r\n", 4);
	SSL *ssl = SSL_new(arg);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL_set_bio(ssl, in, out);
	SSL_set_accept_state(ssl);

	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_job *job = ctx != NULL ? probe(ctx, "192.0.2.25") : NULL;
	int ask = job != NULL ? mh_job_want(job, question, 0) : 0;
	mh_dialogue *dialogue = ask > 0 ? mh_job_dialogue(job, ask) : NULL;
	good = dialogue != NULL && mh_dialogue_connected(dialogue, 0) == MH_OK;
	for (int i = 0; i < 10 && dialogue != NULL && mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE) == 0;
	     i++) {
		size_t len;
		const void *said = mh_dialogue_output(dialogue, &len);
		if (len > 0)
			(void)BIO_write(in, said, (int)len);
		(void)mh_dialogue_sent(dialogue, len);
		if (!has_answered && SSL_read(ssl, octets, sizeof(octets)) > 0) {
			(void)SSL_write(ssl, answer, 9004 + 65000);
			has_answered = true;
		}
		int n = BIO_read(out, octets, sizeof(octets));
		if (n > 0)
			good = mh_dialogue_feed(dialogue, octets, (size_t)n, 0) == MH_OK && good;
	}
	good = good && mh_job_answer_dialogue(job, ask, dialogue) == MH_OK &&
	    mh_job_ask_text(job, ask, 0)[0] != '\0' && mh_job_world(job)[0] != '\0';
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	mh_ctx_free(ctx);
	SSL_free(ssl);
	ERR_clear_error();
	return good;
}

static void
memory_fails(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(whole, "192.0.2.25", true) > 10);
	SSL_CTX *https = server();
	assert_true(test_failing_allocs(get, https, true) > 10);
	SSL_CTX_free(https);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_has_the_connection),
		cmocka_unit_test(connections_that_never_are),
		cmocka_unit_test(over_a_descriptor),
		cmocka_unit_test(limits_hold_without_waiting),
		cmocka_unit_test(policies_by_another_client),
		cmocka_unit_test(nothing_is_taken_for_nothing),
		cmocka_unit_test(memory_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
