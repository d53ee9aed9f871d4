/* bench_spf.c - SPF evaluations a second from memory on one core, beside libspf2 on the same zones
 *
 *	bench_spf [SECONDS]
 *
 * Ten zones of different kinds.  Both sides have all answers in memory and read every record anew each time:
 * ours as facts of a work that is done, libspf2 in its own zone of memory.  Results are compared first.  Five
 * rounds of each, alternating; the medians count.  Last: our allocations after warm-up.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <netinet/in.h>
#include <sys/types.h>

#include <arpa/nameser.h>
#include <netdb.h>
#include <spf2/spf.h>
#include <spf2/spf_dns_zone.h>

#include "../records/rows.h"

enum { ROUNDS = 5 };

struct zone {
	const char *name, *ip, *sender, *rows;
};

/* clang-format off */
static const struct zone zones[] = {
	{ "one ip4", "192.0.2.1", "user@one.example.org", "one.example.org TXT v=spf1 ip4:192.0.2.0/24 -all\n" },
	{ "a and mx", "192.0.2.20", "user@two.example.org",
	  "two.example.org TXT v=spf1 a mx -all\n"
	  "two.example.org A 192.0.2.10\n"
	  "two.example.org MX 10 mx1.example.org\n"
	  "two.example.org MX 20 mx2.example.org\n"
	  "mx1.example.org A 192.0.2.19\n"
	  "mx2.example.org A 192.0.2.20\n" },
	{ "includes three deep", "203.0.113.77", "user@three.example.org",
	  "three.example.org TXT v=spf1 include:_spf.three.example.org ~all\n"
	  "_spf.three.example.org TXT v=spf1 ip4:198.51.100.0/24 include:_a.three.example.org include:_b.three.example.org ~all\n"
	  "_a.three.example.org TXT v=spf1 ip4:198.51.101.0/24 ip4:198.51.102.0/24 ip6:2001:db8::/32 ~all\n"
	  "_b.three.example.org TXT v=spf1 ip4:198.51.103.0/24 ip4:203.0.113.0/24 ~all\n" },
	{ "exists with macros", "192.0.2.44", "user@four.example.org",
	  "four.example.org TXT v=spf1 exists:%{ir}._ip.%{d} -all\n"
	  "44.2.0.192._ip.four.example.org A 127.0.0.2\n" },
	{ "redirect", "192.0.2.5", "user@five.example.org",
	  "five.example.org TXT v=spf1 redirect=_spf.five.example.org\n"
	  "_spf.five.example.org TXT v=spf1 ip4:192.0.2.0/28 ?all\n" },
	{ "a long list, no match", "192.0.2.1", "user@six.example.org",
	  "six.example.org TXT v=spf1 ip4:198.51.100.1 ip4:198.51.100.2 ip4:198.51.100.3 ip4:198.51.100.4 "
	  "ip4:198.51.100.5 ip4:198.51.100.6 ip4:198.51.100.7 ip4:198.51.100.8 ip4:198.51.100.16/28 "
	  "ip4:203.0.113.0/25 -all\n" },
	{ "fail with a and include", "203.0.113.9", "user@seven.example.org",
	  "seven.example.org TXT v=spf1 a:www.seven.example.org include:_spf.seven.example.org -all\n"
	  "www.seven.example.org A 192.0.2.7\n"
	  "_spf.seven.example.org TXT v=spf1 ip4:192.0.2.128/25 a:out.seven.example.org -all\n"
	  "out.seven.example.org A 192.0.2.8\n" },
	{ "IPv6", "2001:db8:0:1::25", "user@eight.example.org",
	  "eight.example.org TXT v=spf1 ip4:192.0.2.0/24 ip6:2001:db8:1::/48 ip6:2001:db8::/48 -all\n" },
	{ "three providers", "198.51.100.200", "user@nine.example.org",
	  "nine.example.org TXT v=spf1 include:_spf.p1.example.net include:_spf.p2.example.net include:_spf.p3.example.net mx -all\n"
	  "_spf.p1.example.net TXT v=spf1 ip4:192.0.2.0/26 ip4:192.0.2.64/26 ip4:192.0.2.128/26 ~all\n"
	  "_spf.p2.example.net TXT v=spf1 ip4:203.0.113.0/26 ip4:203.0.113.64/26 ip6:2001:db8:2::/48 -all\n"
	  "_spf.p3.example.net TXT v=spf1 ip4:198.51.100.0/25 ip4:198.51.100.192/26 -all\n" },
	{ "softfail at the end", "192.0.2.99", "user@ten.example.org",
	  "ten.example.org TXT v=spf1 mx a:a.ten.example.org a:b.ten.example.org ~all\n"
	  "ten.example.org MX 10 a.ten.example.org\n"
	  "a.ten.example.org A 192.0.2.1\n"
	  "b.ten.example.org A 192.0.2.2\n" },
};
/* clang-format on */

enum { ZONES = sizeof(zones) / sizeof(zones[0]) };

static unsigned long allocations;
static volatile unsigned sink;

static void *
counting(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	(void)ud;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	allocations++;
	return realloc(ptr, new_size);
}

static double
now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* One zone on both sides. */
struct side {
	struct spf_run run;
	SPF_server_t *server;
	struct in6_addr ip6;
};

static struct side sides[ZONES];

/* ours - one evaluation; its result */
static int
ours(struct side *side)
{
	struct mh_pass view;
	struct mh_spf_verdict verdict;
	mh_arena_reset(&side->run.scratch);
	mh_work_view(&side->run.work, &view, &side->run.scratch);
	mh_spf_eval(&view, &side->run.question, &verdict, NULL, false);
	return verdict.result;
}

/* theirs - the same by libspf2 */
static int
theirs(const struct zone *zone, struct side *side)
{
	SPF_response_t *response = NULL;
	SPF_request_t *request = SPF_request_new(side->server);
	if (strchr(zone->ip, ':') != NULL)
		(void)SPF_request_set_ipv6_str(request, zone->ip);
	else
		(void)SPF_request_set_ipv4_str(request, zone->ip);
	(void)SPF_request_set_helo_dom(request, "mail.example.org");
	(void)SPF_request_set_env_from(request, zone->sender);
	(void)SPF_request_query_mailfrom(request, &response);
	int result = (int)SPF_response_result(response);
	SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

static void
add_their_row(SPF_dns_server_t *dns, char *line)
{
	char *type = strchr(line, ' ');
	*type++ = '\0';
	char *data = strchr(type, ' ');
	*data++ = '\0';
	ns_type number = strcmp(type, "TXT") == 0 ? ns_t_txt : strcmp(type, "A") == 0 ? ns_t_a : ns_t_mx;
	if (number == ns_t_mx)
		data = strchr(data, ' ') + 1;
	(void)SPF_dns_zone_add_str(dns, line, number, NETDB_SUCCESS, data);
}

static void
set_up(const struct zone *zone, struct side *side, struct rows *rows, const struct mh_mem *mem)
{
	char text[4096];
	rows_clear(rows);
	rows_add(rows, zone->rows, strlen(zone->rows));
	spf_run_init(&side->run, mem);
	side->run.question.sender = mh_str_z(zone->sender);
	side->run.question.helo = MH_STR("mail.example.org");
	(void)mh_ip_parse(mh_str_z(zone->ip), &side->run.question.ip);
	if (rows->bad != NULL || spf_run_all(&side->run, rows) != MH_WORK_DONE)
		exit(1);

	SPF_dns_server_t *dns = SPF_dns_zone_new(NULL, "bench", 0);
	(void)snprintf(text, sizeof(text), "%s", zone->rows);
	for (char *line = text; *line != '\0';) {
		char *end = strchr(line, '\n');
		*end = '\0';
		add_their_row(dns, line);
		line = end + 1;
	}
	side->server = SPF_server_new_dns(dns, 0);
	(void)SPF_server_set_rec_dom(side->server, "mx.example.net");
}

/* rate - evaluations a second of one zone within seconds */
static double
rate(size_t i, bool is_ours, double seconds)
{
	double start = now_s(), spent;
	unsigned long done = 0;
	do {
		for (int k = 0; k < 1000; k++)
			sink += (unsigned)(is_ours ? ours(&sides[i]) : theirs(&zones[i], &sides[i]));
		done += 1000;
	} while ((spent = now_s() - start) < seconds);
	return (double)done / spent;
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
	double seconds = argc > 1 ? atof(argv[1]) : 2, mine_us = 0, theirs_us = 0;
	struct mh_mem mem = { counting, NULL };
	struct rows rows;
	rows_init(&rows);
	for (size_t i = 0; i < ZONES; i++) {
		set_up(&zones[i], &sides[i], &rows, &mem);
		int result = ours(&sides[i]), other = theirs(&zones[i], &sides[i]);
		if (strcmp(mh_spf_result_name(result), SPF_strresult((SPF_result_t)other)) != 0)
			printf("%s: %s here, %s there\n", zones[i].name, mh_spf_result_name(result),
			    SPF_strresult((SPF_result_t)other));
	}
	unsigned long before = allocations;
	for (size_t i = 0; i < ZONES; i++) {
		double mine[ROUNDS], other[ROUNDS];
		for (int round = 0; round < ROUNDS; round++) {
			mine[round] = rate(i, true, seconds / ROUNDS / 2);
			other[round] = rate(i, false, seconds / ROUNDS / 2);
		}
		qsort(mine, ROUNDS, sizeof(mine[0]), by_size);
		qsort(other, ROUNDS, sizeof(other[0]), by_size);
		mine_us += 1e6 / mine[ROUNDS / 2];
		theirs_us += 1e6 / other[ROUNDS / 2];
		printf("%-26s %6.2f us  libspf2 %6.2f us  %5.1f times\n", zones[i].name,
		    1e6 / mine[ROUNDS / 2], 1e6 / other[ROUNDS / 2], mine[ROUNDS / 2] / other[ROUNDS / 2]);
	}
	printf("%-26s %6.2f us  libspf2 %6.2f us  %5.1f times\n", "all ten, mean", mine_us / ZONES,
	    theirs_us / ZONES, theirs_us / mine_us);
	printf("%lu allocations after warm-up\n", allocations - before);
	for (size_t i = 0; i < ZONES; i++) {
		spf_run_free(&sides[i].run);
		SPF_server_free(sides[i].server);
	}
	rows_free(&rows);
	return 0;
}
