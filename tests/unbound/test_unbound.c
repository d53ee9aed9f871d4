/* test_unbound.c - lib/unbound: jobs answered by libunbound from a signed zone
 *
 * The zones are written and signed here.  libunbound has them once as files of
 * its own (auth-zone), and once from NSD on a loopback port, where there is one.
 */
#include "support.h"

#include <arpa/inet.h>
#include <ldns/ldns.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mailhealth-unbound.h"

#define JOBS 60

/* What the tests share: files, the anchor, the server. */
static char dir[] = "/tmp/mailhealth-unbound-XXXXXX";
static char anchor[1000];
static pid_t server = -1;
static int server_port;

/* bad.secure.example is changed after it has been signed; sub.secure.example is delegated without a DS. */
static const char secure_text[] = "$TTL 300\n"
				  "@ SOA ns.secure.example. root.secure.example. 1 3600 600 86400 300\n"
				  "@ NS ns.secure.example.\n"
				  "ns A 127.0.0.1\n"
				  "d TXT \"v=spf1 a:h.secure.example -all\"\n"
				  "h A 192.0.2.1\n"
				  "alias CNAME d\n"
				  "bad TXT \"v=spf1 ip4:192.0.2.9 -all\"\n"
				  "sub NS ns.sub.secure.example.\n"
				  "ns.sub A 127.0.0.1\n";
static const char sub_text[] = "$TTL 300\n"
			       "@ SOA ns root 1 3600 600 86400 300\n"
			       "@ NS ns\n"
			       "ns A 127.0.0.1\n"
			       "d TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";

static const struct {
	const char *name, *sender, *result, *secure;
	int64_t ede;
} cases[] = {
	{ "a signed name", "u@d.secure.example", "pass", "yes", MH_UNKNOWN },
	{ "an alias of a signed name", "u@alias.secure.example", "pass", "yes", MH_UNKNOWN },
	{ "a name that is proven not to be", "u@nothing.secure.example", "none", "yes", MH_UNKNOWN },
	{ "a record that was changed after it was signed", "u@bad.secure.example", "temperror", "bogus", 6 },
	{ "a delegation that is proven to be unsigned", "u@d.sub.secure.example", "pass", "no", MH_UNKNOWN },
	{ "a zone without an anchor", "u@d.plain.example", "pass", "no", MH_UNKNOWN },
};

/* ------------------------------------------------------------------- zones */

static FILE *
open_file(const char *name, const char *mode)
{
	char path[200];
	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	FILE *file = fopen(path, mode);
	assert_non_null(file);
	return file;
}

static void
write_file(const char *name, const char *text)
{
	FILE *file = open_file(name, "w");
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* add_key - a key of the zone, in the list and as its DNSKEY record */
static ldns_rr *
add_key(ldns_dnssec_zone *zone, ldns_key_list *keys, uint16_t flags)
{
	ldns_key *key = ldns_key_new_frm_algorithm(LDNS_SIGN_ECDSAP256SHA256, 256);
	assert_non_null(key);
	ldns_key_set_pubkey_owner(key, ldns_dname_new_frm_str("secure.example."));
	ldns_key_set_flags(key, flags);
	ldns_key_set_inception(key, (uint32_t)time(NULL) - 3600);
	ldns_key_set_expiration(key, (uint32_t)time(NULL) + 86400);
	ldns_key_set_origttl(key, 300);
	ldns_rr *rr = ldns_key2rr(key);
	ldns_rr_set_ttl(rr, 300);
	ldns_key_set_keytag(key, ldns_calc_keytag(rr));
	assert_true(ldns_key_list_push_key(keys, key));
	assert_int_equal(ldns_dnssec_zone_add_rr(zone, rr), LDNS_STATUS_OK);
	return rr;
}

/* sign - the file "secure", signed in place; its key becomes the anchor */
static void
sign(void)
{
	ldns_zone *zone = NULL;
	ldns_rdf *origin = ldns_dname_new_frm_str("secure.example.");
	FILE *file = open_file("secure", "r");
	assert_int_equal(ldns_zone_new_frm_fp(&zone, file, origin, 300, LDNS_RR_CLASS_IN), LDNS_STATUS_OK);
	assert_int_equal(fclose(file), 0);

	ldns_dnssec_zone *signing = ldns_dnssec_zone_new();
	ldns_rr_list *added = ldns_rr_list_new(), *rrs = ldns_zone_rrs(zone);
	ldns_key_list *keys = ldns_key_list_new();
	assert_int_equal(ldns_dnssec_zone_add_rr(signing, ldns_zone_soa(zone)), LDNS_STATUS_OK);
	for (size_t i = 0; i < ldns_rr_list_rr_count(rrs); i++)
		assert_int_equal(ldns_dnssec_zone_add_rr(signing, ldns_rr_list_rr(rrs, i)), LDNS_STATUS_OK);
	(void)add_key(signing, keys, 256);
	ldns_rr *ds = ldns_key_rr2ds(add_key(signing, keys, 257), LDNS_SHA256);
	char *text = ldns_rr2str(ds);
	(void)snprintf(anchor, sizeof(anchor), "%s", text);
	free(text);
	ldns_rr_free(ds);
	assert_int_equal(ldns_dnssec_zone_mark_glue(signing), LDNS_STATUS_OK);
	assert_int_equal(ldns_dnssec_zone_sign(signing, added, keys, ldns_dnssec_default_replace_signatures,
			     NULL),
	    LDNS_STATUS_OK);
	file = open_file("secure", "w");
	ldns_dnssec_zone_print(file, signing);
	assert_int_equal(fclose(file), 0);
	ldns_rr_list_free(added);
	ldns_key_list_free(keys);
	ldns_dnssec_zone_deep_free(signing);
	ldns_zone_free(zone);
	ldns_rdf_deep_free(origin);
}

/* spoil - one octet of a record that is signed */
static void
spoil(void)
{
	static char text[65536];
	FILE *file = open_file("secure", "r");
	size_t len = fread(text, 1, sizeof(text) - 1, file);
	assert_int_equal(fclose(file), 0);
	text[len] = '\0';
	char *at = strstr(text, "192.0.2.9");
	assert_non_null(at);
	at[8] = '1';
	write_file("secure", text);
}

/* ------------------------------------------------------------------ servers */

/* free_port - a port of UDP that nothing listens to just now; *fd keeps it, if given */
static int
free_port(int *keep)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	if (keep != NULL)
		*keep = fd;
	else
		close(fd);
	return ntohs(at.sin_port);
}

static const char *const zone_names[] = { "secure", "sub", "plain" };
static const char *const zone_origins[] = { "secure.example", "sub.secure.example", "plain.example" };

static void
start_nsd(void)
{
	char conf[4000], path[200], *p = conf;
	server_port = free_port(NULL);
	p += sprintf(p,
	    "server:\n server-count: 1\n ip-address: 127.0.0.1@%d\n username: \"\"\n zonesdir: \"%s\"\n"
	    " pidfile: \"\"\n database: \"\"\n xfrdfile: \"\"\n zonelistfile: \"%s/list\"\n xfrdir: \"%s\"\n"
	    " hide-version: yes\nremote-control:\n control-enable: no\n",
	    server_port, dir, dir, dir);
	for (size_t i = 0; i < MH_COUNT(zone_names); i++)
		p += sprintf(p, "zone:\n name: %s\n zonefile: %s\n", zone_origins[i], zone_names[i]);
	write_file("nsd.conf", conf);
	(void)snprintf(path, sizeof(path), "%s/nsd.conf", dir);
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		if (freopen("/dev/null", "w", stderr) != NULL)
			execl(NSD, NSD, "-d", "-c", path, (char *)NULL);
		_exit(127);
	}
}

static int
set_up(void **state)
{
	char conf[4000], *p = conf;
	(void)state;
	assert_non_null(mkdtemp(dir));
	write_file("secure", secure_text);
	write_file("sub", sub_text);
	write_file("plain", sub_text);
	sign();
	spoil();
	p += sprintf(p, "server:\n directory: \"%s\"\n chroot: \"\"\n", dir);
	for (size_t i = 0; i < MH_COUNT(zone_names); i++)
		p += sprintf(p,
		    "auth-zone:\n name: \"%s\"\n zonefile: \"%s/%s\"\n for-downstream: no\n"
		    " for-upstream: yes\n fallback-enabled: no\n",
		    zone_origins[i], dir, zone_names[i]);
	write_file("unbound.conf", conf);
	if (NSD[0] != '\0')
		start_nsd();
	return 0;
}

static int
clean_up(void **state)
{
	static const char *const files[] = { "secure", "sub", "plain", "unbound.conf", "nsd.conf", "list" };
	char path[200];
	(void)state;
	if (server > 0) {
		kill(server, SIGTERM);
		waitpid(server, NULL, 0);
	}
	for (size_t i = 0; i < MH_COUNT(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i]);
		unlink(path);
	}
	return rmdir(dir);
}

/* ------------------------------------------------------------------ resolver */

static mh_unbound *
with_files(void)
{
	char path[200];
	mh_unbound *unbound = mh_unbound_new();
	assert_non_null(unbound);
	(void)snprintf(path, sizeof(path), "%s/unbound.conf", dir);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_CONFIG_FILE, path), MH_OK);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_ANCHOR, anchor), MH_OK);
	return unbound;
}

static mh_unbound *
with_nsd(void)
{
	char stub[200];
	mh_unbound *unbound = mh_unbound_new();
	assert_non_null(unbound);
	for (size_t i = 0; i < MH_COUNT(zone_origins); i++) {
		(void)snprintf(stub, sizeof(stub), "%s 127.0.0.1@%d", zone_origins[i], server_port);
		assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_STUB, stub), MH_OK);
	}
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_ANCHOR, anchor), MH_OK);
	return unbound;
}

static mh_job *
job_of(mh_ctx *ctx, const char *sender)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	assert_non_null(job);
	assert_int_equal(mh_job_set_str(job, MH_OPT_IP, "192.0.2.1"), MH_OK);
	assert_int_equal(mh_job_set_str(job, MH_OPT_SENDER, sender), MH_OK);
	return job;
}

/* check_case - the result, and what is known of its first question */
static void
check_case(size_t i, mh_job *job)
{
	if (strcmp(mh_job_str(job, MH_JOB_RESULT), cases[i].result) != 0)
		fail_msg("%s: %s", cases[i].name, mh_job_json(job));
	test_span(cases[i].name, mh_str_z(mh_job_ask_str(job, 1, MH_ASK_SECURE)), mh_str_z(cases[i].secure));
	test_number(cases[i].name, mh_job_ask_int(job, 1, MH_ASK_EDE), cases[i].ede);
	test_check(cases[i].name, strcmp(mh_job_ask_str(job, 1, MH_ASK_SERVER), "libunbound") == 0);
	if (cases[i].ede == 6)
		test_check("it says what is wrong",
		    strstr(mh_job_ask_str(job, 1, MH_ASK_EDE_TEXT), "bad.secure.example") != NULL);
}

static void
one_after_the_other(mh_unbound *unbound)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_job *job = job_of(ctx, cases[i].sender);
		test_number(cases[i].name, mh_unbound_run(unbound, job, 15000), MH_DONE);
		check_case(i, job);
		mh_job_free(job);
	}
	mh_unbound_free(unbound);
	mh_ctx_free(ctx);
}

static void
test_files(void **state)
{
	(void)state;
	one_after_the_other(with_files());
}

static void
test_nsd(void **state)
{
	(void)state;
	if (NSD[0] == '\0')
		skip();
	one_after_the_other(with_nsd());
}

/* ---------------------------------------------------------------- event loop */

static int64_t
clock_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* turn - one round of an event loop */
static void
turn(mh_unbound *unbound)
{
	int64_t timeout = mh_unbound_timeout(unbound, clock_ms());
	struct pollfd poll_fd = { .fd = mh_unbound_fd(unbound), .events = POLLIN };
	(void)poll(&poll_fd, 1, timeout < 0 || timeout > 1000 ? 1000 : (int)timeout);
	assert_int_equal(mh_unbound_step(unbound, clock_ms()), MH_OK);
}

/* Many at once, of which every third is taken out and freed on its way. */
static void
test_many(void **state)
{
	mh_job *jobs[JOBS], *job;
	size_t done = 0, removed = 0;
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_unbound *unbound = with_files();
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i] = job_of(ctx, cases[i % MH_COUNT(cases)].sender);
		assert_int_equal(mh_unbound_add(unbound, jobs[i]), MH_OK);
	}
	assert_int_equal(mh_unbound_add(unbound, jobs[7]), MH_ESTATE);
	test_number("they have to begin", mh_unbound_timeout(unbound, clock_ms()), 0);
	assert_int_equal(mh_unbound_step(unbound, clock_ms()), MH_OK);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_ANCHOR, anchor), MH_EFROZEN);
	for (size_t i = 0; i < JOBS; i += 3) {
		assert_int_equal(mh_unbound_remove(unbound, jobs[i]), MH_OK);
		assert_int_equal(mh_unbound_remove(unbound, jobs[i]), MH_ENOENT);
		mh_job_free(jobs[i]);
		jobs[i] = NULL;
		removed++;
	}
	for (int64_t end = clock_ms() + 20000; done + removed < JOBS && clock_ms() < end;) {
		turn(unbound);
		while ((job = mh_unbound_next_done(unbound)) != NULL) {
			size_t i = 0;
			while (i < JOBS && jobs[i] != job)
				i++;
			test_check("it is one of those that are left", i < JOBS);
			check_case(i % MH_COUNT(cases), job);
			mh_job_free(job);
			jobs[i] = NULL;
			done++;
		}
	}
	test_number("all are done", (int64_t)(done + removed), JOBS);
	test_number("nothing is left to do", mh_unbound_timeout(unbound, clock_ms()), -1);
	mh_unbound_free(unbound);
	mh_ctx_free(ctx);
}

/* A resolver that says nothing: what has not come is unknown, and everything can be freed on its way. */
static void
test_silence(void **state)
{
	char forward[64];
	int silent;
	(void)state;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_unbound *unbound = mh_unbound_new();
	(void)snprintf(forward, sizeof(forward), "127.0.0.1@%d", free_port(&silent));
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_FORWARD, forward), MH_OK);
	mh_job *job = job_of(ctx, "u@d.plain.example"), *other = job_of(ctx, "u@e.plain.example");
	assert_int_equal(mh_unbound_add(unbound, other), MH_OK);
	assert_int_equal(mh_unbound_run(unbound, job, 200), MH_DONE);
	assert_string_equal(mh_job_str(job, MH_JOB_RESULT), "temperror");
	assert_string_equal(mh_job_ask_str(job, 1, MH_ASK_WHY), "timeout");
	mh_job_free(job);
	mh_unbound_free(unbound);
	assert_int_equal(mh_job_ask_count(other), 1);
	assert_int_equal(mh_job_ask_int(other, 1, MH_ASK_STATE), MH_STATE_MISSING);
	mh_job_free(other);
	mh_ctx_free(ctx);
	close(silent);
}

static void
test_settings(void **state)
{
	(void)state;
	mh_unbound *unbound = mh_unbound_new();
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = job_of(ctx, "u@d.plain.example");
	assert_int_equal(mh_unbound_set_str(NULL, MH_UNBOUND_FORWARD, "127.0.0.1"), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_FORWARD, NULL), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, 0, "127.0.0.1"), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, 8, "127.0.0.1"), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_FORWARD, "no address"), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_STUB, "example.org"), MH_EINVAL);
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_STUB, "example.org nowhere"), MH_EINVAL);
	for (int option = MH_UNBOUND_RESOLV_CONF; option <= MH_UNBOUND_CONFIG_FILE; option++)
		if (option != MH_UNBOUND_STUB && option != MH_UNBOUND_ANCHOR)
			assert_int_equal(mh_unbound_set_str(unbound, option, "/nowhere/at-all"), MH_EIO);
	assert_int_equal(mh_unbound_add(unbound, NULL), MH_EINVAL);
	assert_int_equal(mh_unbound_remove(unbound, job), MH_ENOENT);
	assert_null(mh_unbound_next_done(unbound));
	assert_null(mh_unbound_next_done(NULL));
	assert_int_equal(mh_unbound_timeout(NULL, 0), -1);
	assert_int_equal(mh_unbound_fd(NULL), MH_EINVAL);
	assert_int_equal(mh_unbound_step(NULL, 0), MH_EINVAL);
	/* Only seen when the first question goes out. */
	assert_int_equal(mh_unbound_set_str(unbound, MH_UNBOUND_ANCHOR, "no anchor"), MH_OK);
	assert_int_equal(mh_unbound_run(unbound, job, 5000), MH_EIO);
	assert_int_equal(mh_job_ask_int(job, 1, MH_ASK_STATE), MH_STATE_UNKNOWN);
	mh_unbound_free(NULL);
	mh_unbound_free(unbound);
	mh_job_free(job);
	mh_ctx_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_nsd),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_settings),
	};
	return cmocka_run_group_tests(tests, set_up, clean_up);
}
