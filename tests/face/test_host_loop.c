/* test_host_loop.c - probes of TLS inside another program's loop: what the host would notice of them
 *
 * No call of ours gives the CPU away (the kernel counts that, so that a busy machine changes nothing), none raises a
 * signal or changes what the host does with one, and OpenSSL's error queue of the thread stays the host's.
 */
#define _GNU_SOURCE
#include "support.h"

#include <dirent.h>
#include <openssl/err.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../tls_server.h"
#include "mailhealth.h"

#define PROBES 20

static volatile sig_atomic_t signals;

static void
on_signal(int number)
{
	(void)number;
	signals++;
}

/* given_away - how often this thread has waited for something */
static long
given_away(void)
{
	struct rusage usage;
	assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
	return usage.ru_nvcsw;
}

static long waits; /* in calls of ours */

/* CALL - a call of ours, watched */
#define CALL(expression) \
	do { \
		long before_ = given_away(); \
		expression; \
		waits += given_away() - before_; \
		assert_int_equal(ERR_GET_REASON(ERR_peek_last_error()), 42); \
		assert_int_equal(ERR_GET_REASON(ERR_peek_error()), 41); \
	} while (0)

static int
descriptors(void)
{
	int count = 0;
	DIR *dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count;
}

static mh_job *
probe(mh_ctx *ctx, int port)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	assert_non_null(job);
	assert_int_equal(mh_job_set_str(job, MH_OPT_HOST, "127.0.0.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_NAME, TLS_SERVER_NAME), MH_OK);
	assert_int_equal(mh_job_set_int(job, MH_OPT_PORT, port), MH_OK);
	assert_int_equal(mh_job_set_int(job, MH_OPT_LOOK_UP_TLSA, 0), MH_OK);
	return job;
}

/* look - at all that there is of a job that is done */
static void
look(mh_job *job)
{
	const char *json, *health, *world;
	mh_report *report;
	CALL(health = mh_job_str(job, MH_JOB_HEALTH));
	assert_string_equal(health, "warn"); /* it signed itself */
	CALL(report = mh_job_report(job));
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), "cert.self-signed");
	CALL(mh_report_free(report));
	CALL(json = mh_job_json(job));
	assert_true(test_is_json(json));
	CALL(world = mh_job_world(job));
	assert_true(world[0] != '\0');
	test_number("connections", mh_job_int(job, MH_JOB_CONNECTIONS), 9);
}

/* serve - the host's own loop: ours is one descriptor and one timeout in it; how many jobs ended */
static int
serve(mh_loop *loop, int jobs)
{
	int done = 0, fd;
	CALL(fd = mh_loop_fd(loop));
	while (done < jobs) {
		int64_t timeout;
		CALL(timeout = mh_loop_timeout(loop));
		struct pollfd poller = { .fd = fd, .events = POLLIN };
		(void)poll(&poller, 1, (int)timeout);
		int result;
		CALL(result = mh_loop_step(loop));
		assert_int_equal(result, MH_OK);
		for (;;) {
			mh_job *job;
			CALL(job = mh_loop_next_done(loop));
			if (job == NULL)
				break;
			look(job);
			CALL(mh_job_free(job));
			done++;
		}
	}
	return done;
}

static void
in_anothers_loop(void **state)
{
	struct tls_server server = { .cpu = -1 };
	struct sigaction action, was[32];
	sigset_t mask, before_mask;
	(void)state;

	assert_true(tls_server_begin(&server));
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_signal;
	for (int i = 1; i < 32; i++)
		if (i != SIGKILL && i != SIGSTOP && i != SIGCHLD)
			assert_int_equal(sigaction(i, &action, &was[i]), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &before_mask), 0);
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 41, "of the host");
	ERR_raise_data(ERR_LIB_USER, 42, "of the host, too");

	/* Once for what is loaded from disk and made for all: a host does that before it begins to serve. */
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_loop *loop = mh_loop_new(ctx);
	assert_int_equal(mh_loop_set_int(loop, MH_OPT_OFFLINE, 1), MH_OK);
	assert_int_equal(mh_loop_add(loop, probe(ctx, server.port)), MH_OK);
	assert_int_equal(serve(loop, 1), 1);
	int open_before = descriptors();

	waits = 0;
	for (int i = 0; i < PROBES; i++) {
		mh_job *job;
		int result;
		CALL(job = probe(ctx, server.port));
		CALL(result = mh_loop_add(loop, job));
		assert_int_equal(result, MH_OK);
	}
	assert_int_equal(serve(loop, PROBES), PROBES);
	/* One that the host loses interest in half way, and a server that dies under another. */
	mh_job *job = probe(ctx, server.port), *other = probe(ctx, server.port);
	CALL((void)mh_loop_add(loop, job));
	CALL((void)mh_loop_add(loop, other));
	CALL((void)mh_loop_step(loop));
	CALL(mh_job_free(job));
	tls_server_end(&server);
	for (mh_job *ended = NULL; ended == NULL;) {
		CALL((void)mh_loop_step(loop));
		CALL(ended = mh_loop_next_done(loop));
	}
	assert_string_equal(mh_job_str(other, MH_JOB_HEALTH), "fail");
	CALL(mh_job_free(other));
	test_number("calls that gave the CPU away", waits, 0);

	assert_int_equal(descriptors(), open_before);
	CALL(mh_loop_free(loop));
	CALL(mh_ctx_free(ctx));
	test_number("signals", signals, 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, NULL, &mask), 0);
	for (int i = 1; i < 32; i++) {
		assert_int_equal(sigismember(&mask, i), sigismember(&before_mask, i));
		if (i == SIGKILL || i == SIGSTOP || i == SIGCHLD)
			continue;
		assert_int_equal(sigaction(i, &was[i], &action), 0);
		assert_true(action.sa_handler == on_signal);
	}
	assert_int_equal(ERR_GET_REASON(ERR_get_error()), 41);
	assert_int_equal(ERR_GET_REASON(ERR_get_error()), 42);
	assert_int_equal(ERR_get_error(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_anothers_loop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
