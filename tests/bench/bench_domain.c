/* bench_domain.c - what a whole domain costs from answered facts: CPU of one check, and memory at its peak
 *
 *	bench_domain ZONE DOMAIN IP HELO [SELECTOR...] [--judge]
 *
 * The zone is that of tests/zones/reference.py.  Answers come from it at once, and what that takes is part of the
 * time: a job from its making to its JSON.  Memory is all that the context's allocator has given out above what it
 * had before the job, with nothing fetched and the lists asked.  --judge: exit 1 for more than 1 ms or 4 MiB.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mailhealth.h"

enum { WARM_UP = 20, RUNS = 200, ROUNDS = 5 };

#define MS_MAX 1.0
#define OCTETS_MAX ((size_t)4 << 20)

struct meter {
	size_t now, most;
	unsigned long calls;
};

static void *
metered(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	struct meter *meter = ud;
	void *block = NULL;

	if (new_size == 0)
		free(ptr);
	else if ((block = realloc(ptr, new_size)) == NULL)
		return NULL;
	meter->calls++;
	meter->now += new_size;
	meter->now -= ptr != NULL ? old_size : 0;
	if (meter->now > meter->most)
		meter->most = meter->now;
	return block;
}

static double
now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void
must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "bench_domain: %s: %s\n", what, mh_strerror(result));
	exit(2);
}

/* check - one whole job; *json_ms: how much of its time report and JSON took */
static double
check(mh_ctx *ctx, mh_zone *zone, char **words, double *json_ms, int64_t *questions)
{
	double begin = now_ms();
	mh_job *job = mh_job_new(ctx, MH_CHECK_DOMAIN);

	if (job == NULL)
		must(MH_ENOMEM, "job");
	must(mh_job_set_str(job, MH_OPT_DOMAIN, words[0]), "domain");
	must(mh_job_set_str(job, MH_OPT_IP, words[1]), "ip");
	must(mh_job_set_str(job, MH_OPT_HELO, words[2]), "helo");
	must(mh_job_set_int(job, MH_OPT_FETCH, 0), "fetch");
	for (char **word = words + 3; *word != NULL; word++)
		must(mh_job_set_str(job, MH_OPT_SELECTOR, *word), "selector");
	for (int state = MH_WAIT; state != MH_DONE;) {
		state = mh_job_step(job, 0);
		must(state, "step");
		if (state == MH_WAIT)
			must(mh_zone_answer(zone, job, 0), "answers");
	}
	double judged = now_ms();
	if (mh_job_json(job)[0] == '\0')
		must(MH_ENOMEM, "JSON");
	*questions = mh_job_int(job, MH_JOB_QUERIES);
	mh_job_free(job);
	*json_ms = now_ms() - judged;
	return now_ms() - begin;
}

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	struct meter meter = { 0, 0, 0 };
	double ms[ROUNDS], json_ms = 0, all_json_ms = 0;
	int64_t questions = 0;
	int is_judged = argc > 1 && strcmp(argv[argc - 1], "--judge") == 0;

	if (is_judged)
		argv[--argc] = NULL;
	if (argc < 5) {
		fprintf(stderr, "usage: bench_domain ZONE DOMAIN IP HELO [SELECTOR...] [--judge]\n");
		return 64;
	}
	mh_ctx *ctx = mh_ctx_new(metered, &meter);
	mh_zone *zone = ctx != NULL ? mh_zone_new(ctx) : NULL;
	if (zone == NULL)
		must(MH_ENOMEM, "context");
	must(mh_zone_add_file(zone, argv[1], ""), argv[1]);
	for (int i = 0; i < WARM_UP; i++)
		check(ctx, zone, argv + 2, &json_ms, &questions);
	size_t before = meter.now;
	unsigned long calls = meter.calls;
	meter.most = meter.now;
	for (int round = 0; round < ROUNDS; round++) {
		double all = 0;
		for (int i = 0; i < RUNS / ROUNDS; i++) {
			all += check(ctx, zone, argv + 2, &json_ms, &questions);
			all_json_ms += json_ms;
		}
		ms[round] = all / (RUNS / ROUNDS);
	}
	qsort(ms, ROUNDS, sizeof(ms[0]), by_size);
	size_t peak = meter.most - before;
	printf("domain from answered facts: %.3f ms of CPU (report and JSON %.3f of it), %d questions; peak "
	       "%zu KiB, "
	       "%lu allocations, %zu octets left\n",
	    ms[ROUNDS / 2], all_json_ms / RUNS, (int)questions, peak / 1024, (meter.calls - calls) / RUNS,
	    meter.now - before);
	mh_zone_free(zone);
	mh_ctx_free(ctx);
	return is_judged && (ms[0] > MS_MAX || peak > OCTETS_MAX);
}
