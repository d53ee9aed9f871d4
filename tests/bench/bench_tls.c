/* bench_tls.c - probes of TLS: how many a second, how much memory, how many at once
 *
 *	bench_tls [ROUNDS]
 *
 * The server is tests/tls_server.c, on the other CPU where there are two.  What is counted is our own CPU time, so
 * that it does not matter how busy the server is; the floor beside it, a loop of the same dialogue over blocking
 * sockets with one SSL_CTX, is counted the same way, and the two take turns.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include "../tls_server.h"
#include "driver.h"
#include "mailhealth.h"
#include "stream.h"

#define PROBES 1000 /* of a round */
#define IN_FLIGHT 32
#define HELLOS 4000
#define MANY 5000
#define HOLD_MS 4000

static void
fail(const char *what)
{
	fprintf(stderr, "bench_tls: %s\n", what);
	exit(2);
}

static double
seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static double
median(double *values, int count)
{
	qsort(values, (size_t)count, sizeof(*values), compare);
	return count % 2 != 0 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* ------------------------------------------------------------- a bare loop */

static void
hear(int fd)
{
	char octets[1024];
	size_t len = 0;
	while (len == 0 || octets[len - 1] != '\n') {
		ssize_t n = recv(fd, octets + len, sizeof(octets) - len, 0);
		if (n <= 0)
			fail("the server hung up");
		len += (size_t)n;
	}
}

static void
say(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		fail("the server hung up");
}

static void
bare_dialogue(SSL_CTX *ctx, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	char octets[1024];
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("cannot connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	hear(fd);
	say(fd, "EHLO localhost\r\n");
	hear(fd);
	say(fd, "STARTTLS\r\n");
	hear(fd);
	SSL *ssl = SSL_new(ctx);
	if (SSL_set_fd(ssl, fd) != 1 || SSL_set_tlsext_host_name(ssl, TLS_SERVER_NAME) != 1 ||
	    SSL_connect(ssl) != 1)
		fail("no handshake");
	if (SSL_write(ssl, "EHLO localhost\r\n", 16) != 16 || SSL_read(ssl, octets, sizeof(octets)) <= 0 ||
	    SSL_write(ssl, "QUIT\r\n", 6) != 6)
		fail("no dialogue inside");
	(void)SSL_shutdown(ssl);
	SSL_free(ssl);
	(void)close(fd);
}

/* ------------------------------------------------------------------ probes */

static mh_job *
probe(mh_ctx *ctx, int port)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	if (job == NULL || mh_job_set_str(job, MH_OPT_HOST, "127.0.0.1") != MH_OK ||
	    mh_job_set_str(job, MH_OPT_NAME, TLS_SERVER_NAME) != MH_OK ||
	    mh_job_set_int(job, MH_OPT_PORT, port) != MH_OK ||
	    mh_job_set_int(job, MH_OPT_LOOK_UP_TLSA, 0) != MH_OK ||
	    mh_job_set_int(job, MH_OPT_MAX_CONNECTIONS, 1) != MH_OK)
		fail("no job");
	return job;
}

static mh_loop *
loop_for(mh_ctx *ctx)
{
	mh_loop *loop = mh_loop_new(ctx);
	if (loop == NULL || mh_loop_set_int(loop, MH_OPT_OFFLINE, 1) != MH_OK ||
	    mh_loop_set_int(loop, MH_OPT_STREAMS, MANY) != MH_OK ||
	    mh_loop_set_int(loop, MH_OPT_MIN_INTERVAL_MS, 0) != MH_OK)
		fail("no loop");
	return loop;
}

/* take - jobs that are done, their verdicts looked at; how many */
static int
take(mh_loop *loop, bool is_judged)
{
	int count = 0;
	for (mh_job *job; (job = mh_loop_next_done(loop)) != NULL; count++) {
		if (mh_job_int(job, MH_JOB_CONNECTIONS) != 1)
			fail("a probe without its connection");
		if (is_judged && strcmp(mh_job_str(job, MH_JOB_HEALTH), "warn") != 0) /* it signed itself */
			fail(mh_job_json(job));
		mh_job_free(job);
	}
	return count;
}

static void
probes(mh_ctx *ctx, mh_loop *loop, int port, int count, bool is_judged)
{
	int begun = 0, ended = 0;
	while (ended < count) {
		while (begun < count && begun - ended < IN_FLIGHT) {
			if (mh_loop_add(loop, probe(ctx, port)) != MH_OK)
				fail("no probe");
			begun++;
		}
		if (mh_loop_wait(loop, -1) != MH_OK)
			fail("no loop");
		ended += take(loop, is_judged);
	}
}

static void
throughput(int rounds)
{
	struct tls_server server = { .cpu = 1 };
	if (!tls_server_begin(&server))
		fail("no server");
	double bare[64], judged[64], wall[64], probed[64];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_loop *loop = loop_for(ctx);
	SSL_CTX *ssl = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_verify(ssl, SSL_VERIFY_NONE, NULL);

	bare_dialogue(ssl, server.port);
	probes(ctx, loop, server.port, IN_FLIGHT, true);
	for (int i = 0; i < rounds; i++) {
		double begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		for (int n = 0; n < PROBES; n++)
			bare_dialogue(ssl, server.port);
		bare[i] = PROBES / (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
		begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		probes(ctx, loop, server.port, PROBES, false);
		probed[i] = PROBES / (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
		begin = seconds(CLOCK_PROCESS_CPUTIME_ID);
		double wall_begin = seconds(CLOCK_MONOTONIC);
		probes(ctx, loop, server.port, PROBES, true);
		judged[i] = PROBES / (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
		wall[i] = PROBES / (seconds(CLOCK_MONOTONIC) - wall_begin);
	}
	double floor = median(bare, rounds), dialogues = median(probed, rounds),
	       whole = median(judged, rounds);
	printf("probes with a handshake, a second of one core: %.0f, judged as well %.0f (%.0f by the "
	       "clock); "
	       "bare loop %.0f: ratio %.2f, judged as well %.2f\n",
	    dialogues, whole, median(wall, rounds), floor, dialogues / floor, whole / floor);
	mh_loop_free(loop);
	mh_ctx_free(ctx);
	SSL_CTX_free(ssl);
	tls_server_end(&server);
}

/* ------------------------------------------------------------- hellos alone */

/* A work that asks for count dialogues with a hello each, all at once. */
struct asker {
	struct mh_work work;
	int port, first, count, answered;
};

static void
ask_all(void *check, struct mh_pass *pass)
{
	struct asker *asker = check;
	char name[200];
	asker->answered = 0;
	for (int i = 0; i < asker->count; i++) {
		int len = snprintf(name, sizeof(name),
		    "smtp+starttls://127.0.0.1:%d/hello?sni=" TLS_SERVER_NAME
		    "&name=n%d.test&hello=auth12&wait=5000,9000,9000,6000",
		    asker->port, asker->first + i);
		const struct mh_fact *fact = mh_want(pass, mh_str_n(name, (size_t)len), MH_RR_STREAM);
		if (fact != NULL && fact->count > 4)
			asker->answered++;
	}
}

static void
hellos(int rounds)
{
	struct tls_server server = { .cpu = 1, .is_canned = true };
	struct mh_mem mem = mh_mem_default();
	double rates[64], wall[64];
	int next = 0;
	if (!tls_server_begin(&server))
		fail("no server");
	for (int i = 0; i < rounds; i++) {
		struct mh_driver *driver = mh_driver_make(&mem);
		struct asker askers[HELLOS / 20];
		mh_driver_offline(driver);
		double begin = seconds(CLOCK_PROCESS_CPUTIME_ID), wall_begin = seconds(CLOCK_MONOTONIC);
		for (int n = 0; n < HELLOS / 20; n++) {
			struct asker *asker = &askers[n];
			*asker = (struct asker){ .port = server.port, .first = next, .count = 20 };
			next += 20;
			mh_work_init(&asker->work, &mem, ask_all, asker);
			asker->work.owner = asker;
			if (mh_work_add_part(&asker->work) < 0 || mh_driver_add(driver, &asker->work) != 0)
				fail("no work");
		}
		for (int done = 0; done < HELLOS / 20;) {
			mh_driver_wait(driver, -1);
			for (struct mh_work *work; (work = mh_driver_next_done(driver)) != NULL; done++) {
				if (((struct asker *)work->owner)->answered != 20)
					fail("a hello without an answer");
				mh_work_free(work);
			}
		}
		rates[i] = HELLOS / (seconds(CLOCK_PROCESS_CPUTIME_ID) - begin);
		wall[i] = HELLOS / (seconds(CLOCK_MONOTONIC) - wall_begin);
		mh_driver_free(driver);
	}
	printf("hellos alone, a second of one core: %.0f (%.0f by the clock)\n", median(rates, rounds),
	    median(wall, rounds));
	tls_server_end(&server);
}

/* ------------------------------------------------------------------ memory */

static size_t in_use, peak;

/* Blocks know their size, OpenSSL's and ours alike. */
static void *
count_alloc(size_t size)
{
	size_t *block = malloc(size + 16);
	if (block == NULL)
		return NULL;
	*block = size;
	in_use += size;
	if (in_use > peak)
		peak = in_use;
	return (char *)block + 16;
}

static void
count_free(void *p)
{
	if (p == NULL)
		return;
	size_t *block = (size_t *)(void *)((char *)p - 16);
	in_use -= *block;
	free(block);
}

static void *
count_resize(void *p, size_t size)
{
	if (p == NULL)
		return count_alloc(size);
	size_t old = *(size_t *)(void *)((char *)p - 16);
	void *fresh = count_alloc(size);
	if (fresh == NULL)
		return NULL;
	memcpy(fresh, p, old < size ? old : size);
	count_free(p);
	return fresh;
}

static void *
openssl_alloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return count_alloc(size);
}

static void *
openssl_resize(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	if (size == 0) {
		count_free(p);
		return NULL;
	}
	return count_resize(p, size);
}

static void
openssl_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	count_free(p);
}

static void *
our_alloc(void *ud, void *p, size_t old, size_t size)
{
	(void)ud;
	(void)old;
	if (size == 0) {
		count_free(p);
		return NULL;
	}
	return count_resize(p, size);
}

/* memory_of - the most that one dialogue takes, driven to its end over a socket; *at_rest: what is kept of it */
static size_t
memory_of(struct mh_mem *mem, struct mh_tls_maker *maker, int port, const char *what, size_t *at_rest)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	char spec[200], octets[4096];
	bool is_bad;
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		fail("cannot connect");
	size_t before = peak = in_use;
	int len = snprintf(spec, sizeof(spec), "smtp+starttls://127.0.0.1:%d/%s&wait=5000,9000,9000,6000",
	    port, what);
	struct mh_stream *stream = mh_stream_make(mem, maker, mh_str_n(spec, (size_t)len), &is_bad);
	if (stream == NULL)
		fail("no dialogue");
	mh_stream_begin(stream, 0);
	mh_stream_connected(stream, 0);
	for (int64_t now = 1; !mh_stream_is_done(stream); now++) {
		struct mh_str out = mh_stream_output(stream);
		if (out.len > 0) {
			if (send(fd, out.p, out.len, MSG_NOSIGNAL) != (ssize_t)out.len)
				fail("cannot send");
			mh_stream_sent(stream, out.len);
		}
		ssize_t n = recv(fd, octets, sizeof(octets), 0);
		if (n <= 0)
			fail("the server hung up");
		mh_stream_feed(stream, mh_str_n(octets, (size_t)n), now);
	}
	struct mh_fact *fact = mh_stream_fact(stream, mem);
	mh_stream_free(stream);
	*at_rest = in_use - before;
	mh_fact_unref(fact);
	(void)close(fd);
	return peak - before;
}

static void
memory(void)
{
	struct mh_mem mem = { .fn = our_alloc };
	struct tls_server server = { .cpu = 1 };
	size_t kept, shaking = 0, hello = 0;
	if (!tls_server_begin(&server))
		fail("no server");
	struct mh_ossl *ossl = mh_ossl_make(&mem);
	struct mh_tls_maker *maker = ossl != NULL ? mh_tls_maker_make(&mem, ossl) : NULL;
	if (maker == NULL)
		fail("no OpenSSL");
	/* The second time: what OpenSSL keeps for all is there then. */
	for (int i = 0; i < 2; i++) {
		shaking = memory_of(&mem, maker, server.port, "handshake?sni=mx.test&name=a.test", &kept);
		hello =
		    memory_of(&mem, maker, server.port, "hello?sni=mx.test&name=a.test&hello=auth12", &kept);
	}
	printf("memory of a dialogue at the most, OpenSSL's with it: %.1f KiB with a handshake, %.1f KiB "
	       "with a hello; "
	       "kept %.1f KiB\n",
	    (double)shaking / 1024, (double)hello / 1024, (double)kept / 1024);
	mh_tls_maker_unref(maker);
	mh_ossl_unref(ossl);
	tls_server_end(&server);
}

/* ------------------------------------------------------------- many at once */

static long
resident_kib(void)
{
	char text[128], *end = text;
	FILE *file = fopen("/proc/self/statm", "r");
	if (file == NULL || fgets(text, sizeof(text), file) == NULL)
		fail("no /proc");
	(void)fclose(file);
	(void)strtol(text, &end, 10); /* what there might be */
	return strtol(end, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
many(void)
{
	struct tls_server server = { .cpu = 1, .hold_ms = HOLD_MS };
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		fail("no limits");
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max < MANY + 100) {
		printf("%d at once: not measured, there are only %ld descriptors\n", MANY,
		    (long)limit.rlim_max);
		return;
	}
	if (!tls_server_begin(&server))
		fail("no server");
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_loop *loop = loop_for(ctx);
	probes(ctx, loop, server.port, 1, true);
	long before = resident_kib(), most = 0;
	double begin = seconds(CLOCK_MONOTONIC), worst = 0;
	for (int i = 0; i < MANY; i++)
		if (mh_loop_add(loop, probe(ctx, server.port)) != MH_OK)
			fail("no probe");
	long waiting = resident_kib();
	for (int done = 0; done < MANY;) {
		if (mh_loop_wait(loop, -1) != MH_OK)
			fail("no loop");
		double step = seconds(CLOCK_MONOTONIC);
		done += take(loop, true);
		step = seconds(CLOCK_MONOTONIC) - step;
		worst = step > worst ? step : worst;
		long now = resident_kib();
		most = now > most ? now : most;
	}
	printf("%d at once in one loop: all done in %.1f s, of which the server waits %.1f; resident while "
	       "all wait "
	       "%.1f KiB each, at the most %.1f\n",
	    MANY, seconds(CLOCK_MONOTONIC) - begin, HOLD_MS / 1000.0, (double)(waiting - before) / MANY,
	    (double)(most - before) / MANY);
	mh_loop_free(loop);
	mh_ctx_free(ctx);
	tls_server_end(&server);
}

int
main(int argc, char **argv)
{
	cpu_set_t set;
	long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 5;
	if (rounds < 1 || rounds > 64)
		fail("ROUNDS is 1 to 64");
	if (CRYPTO_set_mem_functions(openssl_alloc, openssl_resize, openssl_free) != 1)
		fail("OpenSSL's memory cannot be counted");
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
	throughput((int)rounds);
	hellos((int)rounds);
	memory();
	many();
	return 0;
}
