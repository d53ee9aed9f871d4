/* bench_driver.c - the built-in DNS driver: questions a second, and many works at once
 *
 *	bench_driver rate SERVER NAMES     distinct names n0.bench.test ... from a server, our cache off
 *	bench_driver jobs SERVER JOBS      jobs of ten questions each, all in one driver, and one job alone
 *
 * Prints one line of words and numbers for tests/bench/run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "driver.h"
#include "port.h"

#ifndef IN_FLIGHT
#define IN_FLIGHT 200
#endif

/* A work that asks for count names, from first on, all at once. */
struct asker {
	struct mh_work work;
	unsigned first, count, unknown;
};

static void
ask_all(void *check, struct mh_pass *pass)
{
	struct asker *asker = check;
	char name[40];

	asker->unknown = 0;
	for (unsigned i = 0; i < asker->count; i++) {
		int len = snprintf(name, sizeof(name), "n%u.bench.test", asker->first + i);
		const struct mh_fact *fact = mh_want(pass, mh_str_n(name, (size_t)len), MH_RR_A);
		if (fact != NULL && fact->state == MH_FACT_UNKNOWN)
			asker->unknown++;
	}
}

static struct mh_driver *
driver_for(const struct mh_mem *mem, const char *server, int64_t in_flight)
{
	struct mh_driver *driver = mh_driver_make(mem);
	if (driver == NULL || mh_driver_servers(driver, mh_str_z(server)) != 0 ||
	    mh_driver_set(driver, MH_DRIVER_CACHE_OCTETS, 0) != 0 ||
	    mh_driver_set(driver, MH_DRIVER_IN_FLIGHT, in_flight) != 0) {
		fprintf(stderr, "bench_driver: cannot use %s\n", server);
		exit(2);
	}
	return driver;
}

/* resident - of this process, in KiB */
static long
resident(void)
{
	long pages = 0, shared = 0;
	FILE *in = fopen("/proc/self/statm", "r");
	if (in == NULL || fscanf(in, "%ld %ld", &shared, &pages) != 2)
		pages = 0;
	if (in != NULL)
		fclose(in);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* run - works of count questions each until all are done; seconds, with how many answers were not there */
static double
run(const char *server, unsigned works, unsigned count, int64_t in_flight, unsigned *unknown, long *kib)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_driver *driver = driver_for(&mem, server, in_flight);
	struct asker *askers = calloc(works, sizeof(*askers));
	struct mh_work *work;
	unsigned done = 0;
	long before = resident(), most = before;

	*unknown = 0;
	int64_t begin = mh_clock_ms();
	for (unsigned i = 0; i < works; i++) {
		askers[i].first = i * count;
		askers[i].count = count;
		mh_work_init(&askers[i].work, &mem, ask_all, &askers[i]);
		askers[i].work.owner = &askers[i];
		askers[i].work.asks_max = count;
		mh_work_add_part(&askers[i].work);
		if (mh_driver_add(driver, &askers[i].work) != 0) {
			fprintf(stderr, "bench_driver: no descriptors or memory\n");
			exit(2);
		}
	}
	while (done < works) {
		long now = 0;
		if (done % 64 == 0 && (now = resident()) > most)
			most = now;
		while ((work = mh_driver_next_done(driver)) != NULL) {
			struct asker *asker = work->owner;
			*unknown += asker->unknown;
			mh_work_free(work);
			done++;
		}
		if (done < works)
			mh_driver_wait(driver, -1);
	}
	double seconds = (double)(mh_clock_ms() - begin) / 1000;
	struct mh_driver_counts counts;
	mh_driver_counts(driver, &counts);
	if (counts.timeouts > 0 || counts.foreign > 0)
		fprintf(stderr, "timeouts %lu foreign %lu resent %lu\n", (unsigned long)counts.timeouts,
		    (unsigned long)counts.foreign, (unsigned long)counts.resent);
	mh_driver_free(driver);
	free(askers);
	*kib = most - before;
	return seconds;
}

int
main(int argc, char **argv)
{
	unsigned unknown, n = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	long kib;

	if (argc == 4 && n > 0 && strcmp(argv[1], "rate") == 0) {
		double seconds =
		    run(argv[2], n >= 10 ? n / 10 : 1, n < 10 ? n : 10, IN_FLIGHT, &unknown, &kib);
		printf("%.0f questions/s, %u of %u without an answer\n", n / seconds, unknown, n);
		return 0;
	}
	if (argc == 4 && n > 0 && strcmp(argv[1], "jobs") == 0) {
		unsigned first;
		double one = run(argv[2], 1, 10, 8000, &first, &kib);
		double all = run(argv[2], n, 10, 8000, &unknown, &kib);
		printf("%u jobs of 10 questions: %.2f s, one alone %.3f s, %u without an answer, %.1f KiB a "
		       "job\n",
		    n, all, one, unknown, (double)kib / n);
		return 0;
	}
	fprintf(stderr, "usage: bench_driver rate|jobs SERVER N\n");
	return 64;
}
