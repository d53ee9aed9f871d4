/* test_zone_nsd.c - the same zones in NSD and in lib/wire/zone.c give the same answers
 *
 * Zones are made up at random from few labels, so that wildcards, names without
 * records, aliases, DNAME and delegations meet in all ways.  NSD serves them on
 * a loopback port; it is ended by its process id.  Skipped where there is no NSD.
 *
 * Not compared: where the zones end (we say unknown; NSD must then not claim
 * authority), and circles of aliases.
 */
#include "support.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dns_msg.h"
#include "error.h"
#include "zone.h"

#define ZONES 60
#define QUESTIONS 250

/* The server and its folder, for whoever ends it. */
static pid_t server = -1;
static char dir[] = "/tmp/mailhealth-nsd-XXXXXX";

/* The first word that a name can begin with is the rarest. */
static const char *const labels[] = { "*", "a", "b", "c", "d" };

/* put_name - up to three labels under the zone, or the apex */
static void
put_name(struct mh_buf *out, struct test_random *random)
{
	size_t n = test_random_below(random, 4);
	if (n == 0)
		mh_buf_putc(out, '@');
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			mh_buf_putc(out, '.');
		mh_buf_puts(out, labels[test_random_below(random, MH_COUNT(labels))]);
	}
}

/* has_line - whether an owner has a record already, or one that suffers no other */
static bool
has_line(const struct mh_buf *text, size_t begin, bool any)
{
	char start[64];
	size_t len = text->len - begin;
	memcpy(start, "\n", 2);
	memcpy(start + 1, text->p + begin, len);
	start[1 + len] = ' ';
	start[2 + len] = '\0';
	const char *line = text->p;
	while ((line = strstr(line, start)) != NULL) {
		line += strlen(start);
		if (any || strncmp(line, "CNAME", 5) == 0 || strncmp(line, "DNAME", 5) == 0 ||
		    strncmp(line, "NS", 2) == 0)
			return true;
	}
	return false;
}

/* make_zone - a zone that NSD loads: nothing beside a CNAME, and no second one */
static void
make_zone(struct mh_buf *out, struct test_random *random)
{
	size_t lines = 4 + test_random_below(random, 12);
	mh_buf_reset(out);
	mh_buf_puts(out, "$TTL 60\n@ SOA a b 1 2 3 4 5\n@ NS ns.elsewhere.\n");
	while (lines-- > 0) {
		size_t begin = out->len;
		size_t kind = test_random_below(random, 12);
		put_name(out, random);
		bool is_apex = out->p[begin] == '@', is_star = out->p[begin] == '*';
		bool is_alone = kind < 3 && !is_apex;
		if ((kind < 2 && (is_apex || is_star)) || has_line(out, begin, is_alone)) {
			out->len = begin;
			out->p[begin] = '\0';
			continue;
		}
		mh_buf_putc(out, ' ');
		if (kind == 0) {
			mh_buf_puts(out, "DNAME ");
			put_name(out, random);
		} else if (kind == 1) {
			mh_buf_puts(out, "NS ns.elsewhere.");
		} else if (kind < 5 && !is_apex && is_alone) {
			mh_buf_puts(out, "CNAME ");
			put_name(out, random);
		} else if (kind < 8) {
			mh_buf_puts(out, "A 192.0.2.");
			mh_buf_putint(out, (int64_t)test_random_below(random, 256));
		} else {
			mh_buf_puts(out, "TXT \"x\\;y\" ");
			mh_buf_putint(out, (int64_t)test_random_below(random, 256));
		}
		mh_buf_putc(out, '\n');
	}
}

static void
write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* is_free - whether nobody has the port on loopback, by TCP and by UDP */
static bool
is_free(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	bool is = true;
	for (int i = 0; i < 2; i++) {
		int fd = socket(AF_INET, i == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);
		is = is && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
		close(fd);
	}
	return is;
}

/* free_port - a port that nobody has, below those that connections of other tests get from the system */
static int
free_port(void)
{
	int port = 12000 + (int)(getpid() * 37 % 20000);
	while (!is_free(port))
		port = port < 32000 ? port + 1 : 12000;
	return port;
}

static int
connected(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct timeval patience = { .tv_usec = 300000 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
	return fd;
}

/* ask_nsd - the answer into draft; false: none came.  *is_authority: its AA bit */
static bool
ask_nsd(int fd, const char *name, int type, struct mh_fact_draft *draft, bool *is_authority)
{
	unsigned char wire[MH_DNAME_WIRE_MAX], query[MH_DNS_QUERY_MAX], reply[4096];
	struct mh_dns_question question = { .name = wire,
		.name_len = mh_dname_to_wire(mh_str_z(name), wire),
		.id = 7,
		.type = (uint16_t)type };
	size_t len = mh_dns_write(&question, query);
	if (send(fd, query, len, 0) != (ssize_t)len)
		return false;
	ssize_t got = recv(fd, reply, sizeof(reply), 0);
	if (got < 12)
		return false;
	*is_authority = (reply[2] & 4) != 0;
	mh_fact_draft_begin(draft, mh_str_z(name), type);
	return mh_dns_read(reply, (size_t)got, &question, MH_DNS_CHECK_ID, draft) == MH_DNS_ANSWER;
}

/* print_fact - state, alias, TTL and records of a fact as a text */
static void
print_fact(struct mh_buf *out, const struct mh_fact *fact)
{
	mh_buf_reset(out);
	mh_buf_putint(out, fact->state);
	mh_buf_putc(out, ' ');
	mh_buf_putstr(out, fact->canonical);
	mh_buf_putc(out, ' ');
	mh_buf_putint(out, fact->ttl);
	mh_buf_putc(out, ' ');
	mh_buf_puts(out, mh_why_word(fact->why));
	for (int first = 0; first < 256; first++)
		for (size_t i = 0; i < fact->count; i++) {
			/* The last octet of an A or TXT record tells it from the others well enough to sort by. */
			if (fact->rr[i].p[fact->rr[i].len - 1] != first)
				continue;
			mh_buf_putc(out, ' ');
			mh_rr_print(out, fact->type, &fact->rr[i]);
		}
}

/* compare - one question to both */
static void
compare(int fd, struct mh_source source, const char *name, int type, const char *zone, size_t *compared)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_fact_draft draft;
	struct mh_buf ours, theirs;
	bool is_authority = false;
	int error = 0;

	mh_fact_draft_init(&draft, &mem);
	mh_buf_init(&ours, &mem, 1 << 20);
	mh_buf_init(&theirs, &mem, 1 << 20);
	struct mh_fact *fact = source.answer(source.self, mh_str_z(name), type, &error);
	assert_non_null(fact);
	test_check(name, ask_nsd(fd, name, type, &draft, &is_authority));
	struct mh_fact *other = mh_fact_make(&mem, &draft);
	assert_non_null(other);
	if (fact->state == MH_FACT_UNKNOWN && fact->why == MH_WHY_NOT_IN_ZONE && !fact->is_alias) {
		test_check(zone, !is_authority);
	} else if (fact->state != MH_FACT_UNKNOWN) {
		print_fact(&ours, fact);
		print_fact(&theirs, other);
		if (strcmp(mh_buf_z(&ours), mh_buf_z(&theirs)) != 0)
			print_error("%s\n%s type %d\n", zone, name, type);
		test_span("both answer the same", mh_str_z(mh_buf_z(&ours)), mh_str_z(mh_buf_z(&theirs)));
		++*compared;
	}
	mh_fact_unref(fact);
	mh_fact_unref(other);
	mh_buf_free(&ours);
	mh_buf_free(&theirs);
	mh_fact_draft_free(&draft);
}

/* start - NSD with the given zones */
static void
start(int port, char texts[ZONES][4096])
{
	char path[200], conf[20000], *p = conf;
	p += sprintf(p,
	    "server:\n server-count: 1\n ip-address: 127.0.0.1@%d\n username: \"\"\n zonesdir: \"%s\"\n"
	    " pidfile: \"\"\n database: \"\"\n xfrdfile: \"\"\n zonelistfile: \"%s/list\"\n xfrdir: \"%s\"\n"
	    " minimal-responses: no\n hide-version: yes\nremote-control:\n control-enable: no\n",
	    port, dir, dir, dir);
	for (int i = 0; i < ZONES; i++) {
		p += sprintf(p, "zone:\n name: z%d.test\n zonefile: z%d\n", i, i);
		sprintf(path, "%s/z%d", dir, i);
		write_file(path, texts[i]);
	}
	sprintf(path, "%s/nsd.conf", dir);
	write_file(path, conf);
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		if (freopen("/dev/null", "w", stderr) != NULL)
			execl(NSD, NSD, "-d", "-c", path, (char *)NULL);
		_exit(127);
	}
}

/* stop - ends the server and removes what it was given */
static int
stop(void **state)
{
	char path[200];
	(void)state;
	if (server <= 0)
		return 0;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	for (int i = 0; i < ZONES; i++) {
		sprintf(path, "%s/z%d", dir, i);
		unlink(path);
	}
	sprintf(path, "%s/nsd.conf", dir);
	unlink(path);
	sprintf(path, "%s/list", dir);
	unlink(path);
	return rmdir(dir);
}

static void
nsd_answers_the_same(void **state)
{
	static char texts[ZONES][4096];
	static const int types[] = { MH_RR_A, MH_RR_TXT, MH_RR_CNAME, MH_RR_MX, MH_RR_SOA, MH_RR_DS,
		MH_RR_DNAME };
	struct mh_mem mem = mh_mem_default();
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	struct test_random random = { 4 };
	struct mh_fact_draft draft;
	struct mh_buf text;
	size_t compared = 0, loaded = 0;
	bool is_up = false, is_authority;
	(void)state;

	if (NSD[0] == '\0') {
		mh_zonefile_free(zones);
		skip();
	}
	assert_non_null(mkdtemp(dir));
	mh_buf_init(&text, &mem, sizeof(texts[0]) - 1);
	for (int i = 0; i < ZONES; i++) {
		char origin[30];
		make_zone(&text, &random);
		assert_false(text.bad);
		memcpy(texts[i], text.p, text.len + 1);
		sprintf(origin, "z%d.test", i);
		assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), mh_str_z(origin), mh_str_z(texts[i]),
				     NULL),
		    MH_ERR_OK);
	}
	int port = free_port();
	start(port, texts);
	int fd = connected(port);
	mh_fact_draft_init(&draft, &mem);
	for (int tries = 0; tries < 50 && !is_up; tries++) {
		is_up = ask_nsd(fd, "z0.test", MH_RR_SOA, &draft, &is_authority);
		if (!is_up)
			nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	}
	for (int i = 0; i < ZONES && is_up; i++) {
		char apex[30];
		sprintf(apex, "z%d.test", i);
		/* NSD refuses zones that have names below a DNAME. */
		if (!ask_nsd(fd, apex, MH_RR_SOA, &draft, &is_authority) || draft.head.why == MH_WHY_SERVFAIL)
			continue;
		loaded++;
		for (int k = 0; k < QUESTIONS; k++) {
			char name[200];
			mh_buf_reset(&text);
			put_name(&text, &random);
			sprintf(name, "%s%sz%d.test", text.p[0] == '@' ? "" : text.p,
			    text.p[0] == '@' ? "" : ".", i);
			compare(fd, mh_zonefile_source(zones, true), name,
			    types[test_random_below(&random, MH_COUNT(types))], texts[i], &compared);
		}
	}
	mh_fact_draft_free(&draft);
	close(fd);
	mh_buf_free(&text);
	mh_zonefile_free(zones);
	assert_true(is_up);
	assert_true(loaded > ZONES / 2);
	assert_true(compared > loaded * QUESTIONS / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(nsd_answers_the_same, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
