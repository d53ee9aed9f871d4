/* bench_driver.c - the built-in DNS driver: questions a second, and many works at once
 *
 *	bench_driver rate SERVER NAMES     distinct names n0.bench.test ... from a server, our cache off
 *	bench_driver jobs DELAY JOBS       jobs of ten questions each, all in one driver, and one job alone, against a
 *	                                   server of our own that holds each answer back so many milliseconds
 *
 * Prints one line of words and numbers for tests/bench/run.
 */
#define _DEFAULT_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
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

/* An answer that is held back. */
struct held {
	int64_t due_ms;
	struct sockaddr_in to;
	size_t len;
	unsigned char message[160];
};

#define HELD_MAX 131072

/* serve - answers every question with an address after delay_ms, for ever */
static void
serve(int fd, int64_t delay_ms)
{
	struct held *held = malloc(HELD_MAX * sizeof(*held));
	size_t first = 0, count = 0;

	while (held != NULL) {
		struct pollfd poll_fd = { fd, POLLIN, 0 };
		int64_t now = mh_clock_ms();
		int timeout = count > 0 ? (int)(held[first].due_ms > now ? held[first].due_ms - now : 0) : -1;
		poll(&poll_fd, 1, timeout);
		for (int i = 0; i < 256 && count < HELD_MAX; i++) {
			struct held *one = &held[(first + count) % HELD_MAX];
			socklen_t size = sizeof(one->to);
			ssize_t len =
			    recvfrom(fd, one->message, 100, MSG_DONTWAIT, (struct sockaddr *)&one->to, &size);
			if (len < 17)
				break;
			/* up to the end of the question; an OPT record is left out */
			size_t at = 12;
			while (at < (size_t)len && one->message[at] != 0)
				at += 1u + one->message[at];
			at += 5;
			one->message[2] = 0x81;
			one->message[3] = 0x80;
			one->message[7] = 1;
			one->message[11] = 0;
			memcpy(one->message + at, "\xc0\x0c\0\1\0\1\0\0\1\x2c\0\4\xc0\0\2\1", 16);
			one->len = at + 16;
			one->due_ms = mh_clock_ms() + delay_ms;
			count++;
		}
		for (now = mh_clock_ms(); count > 0 && held[first].due_ms <= now;
		     count--, first = (first + 1) % HELD_MAX)
			sendto(fd, held[first].message, held[first].len, 0,
			    (struct sockaddr *)&held[first].to, sizeof(held[first].to));
	}
	_exit(1);
}

/* start_server - a server of our own in a child; its port */
static int
start_server(int64_t delay_ms, pid_t *child)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	int room = 64 << 20, fd = socket(AF_INET, SOCK_DGRAM, 0);

	/* its own buffer must not lose what comes at once */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		return -1;
	*child = fork();
	if (*child == 0)
		serve(fd, delay_ms);
	close(fd);
	return ntohs(address.sin_port);
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
		char server[32];
		pid_t child = 0;
		int port = start_server(strtol(argv[2], NULL, 10), &child);
		if (port < 0 || child < 0)
			return 2;
		snprintf(server, sizeof(server), "127.0.0.1:%d", port);
		double one = run(server, 1, 10, 8000, &first, &kib);
		double all = run(server, n, 10, 8000, &unknown, &kib);
		kill(child, SIGTERM);
		waitpid(child, NULL, 0);
		printf("%u jobs of 10 questions: %.2f s, one alone %.3f s, %u without an answer, %.1f KiB a "
		       "job\n",
		    n, all, one, unknown, (double)kib / n);
		return 0;
	}
	fprintf(stderr, "usage: bench_driver rate SERVER N | jobs DELAY N\n");
	return 64;
}
