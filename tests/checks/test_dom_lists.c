/* test_dom_lists.c - lib/checks/dom_lists.c */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "lists.h"
#include "one_section.h"

#define ZEN ".zen.spamhaus.org"
#define ZEN_TEST "2.0.0.127.zen.spamhaus.org A 127.0.0.2\n"
#define N6 "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"
#define T6 "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"

static const struct {
	const char *name, *ip, *domain, *rows, *findings, *detail;
	unsigned more; /* questions beside one a list */
} cases[] = {
	{ "no list has it", "192.0.2.1", "example.org", "", "", "", 0 },
	{ "only the domain is known", "", "example.org", "", "", "", 0 },
	{ "only the address is known", "192.0.2.1", "", "", "", "", 0 },
	{ "a private address is asked nobody about", "10.0.0.1", "", "", "", "", 0 },
	{ "Spamhaus has it", "192.0.2.1", "", "1.2.0.192" ZEN " A 127.0.0.4\n" ZEN_TEST, "host.listed:fail",
	    "192.0.2.1 is listed at Spamhaus ZEN (zen.spamhaus.org, code 127.0.0.4): XBL: ", 2 },
	{ "several codes are one finding", "192.0.2.1", "",
	    "1.2.0.192" ZEN " A 127.0.0.4\n1.2.0.192" ZEN " A 127.0.0.11\n" ZEN_TEST, "host.listed:fail",
	    ". Also code 127.0.0.11: PBL: ", 2 },
	{ "Spamhaus does not answer this resolver", "192.0.2.1", "", "1.2.0.192" ZEN " A 127.255.255.254\n",
	    "host.list-refused:info",
	    "Spamhaus ZEN (zen.spamhaus.org, 127.255.255.254): it does not answer public and open resolvers",
	    0 },
	{ "all refusals are one finding", "192.0.2.1", "example.org",
	    "1.2.0.192" ZEN " A 127.255.255.254\nexample.org.dbl.spamhaus.org A 127.255.255.254\n"
	    "example.org.multi.uribl.com A 127.0.0.1\nexample.org.multi.surbl.org A 127.0.0.1\n"
	    "1.2.0.192.list.dnswl.org A 127.0.0.255\n",
	    "host.list-refused:info", "URIBL (multi.uribl.com, 127.0.0.1)", 0 },
	{ "a dead list that answers everything", "192.0.2.1", "",
	    "1.2.0.192.psbl.surriel.com A 127.0.0.2\n2.0.0.127.psbl.surriel.com A 127.0.0.2\n"
	    "1.0.0.127.psbl.surriel.com A 127.0.0.2\n",
	    "host.list-broken:info", "it lists everything", 2 },
	{ "a name that was sold", "192.0.2.1", "", "1.2.0.192.psbl.surriel.com A 198.51.100.1\n",
	    "host.list-broken:info", "an address outside 127.0.0.0/8", 0 },
	{ "a list that has lost its test entry", "192.0.2.1", "", "1.2.0.192.psbl.surriel.com A 127.0.0.2\n",
	    "host.list-broken:info", "the entry that it keeps for tests", 2 },
	{ "a list that keeps none", "192.0.2.1", "", "1.2.0.192.truncate.gbudb.net A 127.0.0.2\n",
	    "host.listed:warn", "", 1 },
	{ "a list that nobody uses is a note", "192.0.2.1", "",
	    "1.2.0.192.dnsbl-3.uceprotect.net A 127.0.0.2\n2.0.0.127.dnsbl-3.uceprotect.net A 127.0.0.2\n",
	    "host.listed:info", "Hardly any receiver", 2 },
	{ "an allow list", "192.0.2.1", "", "1.2.0.192.list.dnswl.org A 127.0.5.2\n",
	    "host.allow-listed:info", "trust medium", 1 },
	{ "an allow list of everybody", "192.0.2.1", "",
	    "1.2.0.192.list.dnswl.org A 127.0.5.2\n1.0.0.127.list.dnswl.org A 127.0.5.2\n",
	    "host.list-broken:info", "", 1 },
	{ "a colour that says nothing", "192.0.2.1", "",
	    "1.2.0.192.hostkarma.junkemailfilter.com A 127.0.0.3\n", "", "", 0 },
	{ "a list that is closed is not asked", "192.0.2.1", "", "1.2.0.192.dnsbl.sorbs.net A 127.0.0.6\n",
	    "", "", 0 },
	{ "nor one for those who pay", "192.0.2.1", "", "1.2.0.192.sip.invaluement.com A 127.0.0.2\n", "", "",
	    0 },
	{ "IPv6", "2001:db8::25", "", N6 ZEN " A 127.0.0.3\n" T6 ZEN " A 127.0.0.2\n", "host.listed:fail",
	    "2001:db8::25 is listed", 2 },
	{ "IPv6, with the test entry of IPv4 alone", "2001:db8::25", "", N6 ZEN " A 127.0.0.3\n" ZEN_TEST,
	    "host.listed:fail", "", 3 },
	{ "IPv6, without any", "2001:db8::25", "", N6 ZEN " A 127.0.0.3\n", "host.list-broken:info", "", 3 },
	{ "a domain that is listed", "", "example.org",
	    "example.org.dbl.spamhaus.org A 127.0.1.104\ndbltest.com.dbl.spamhaus.org A 127.0.1.2\n",
	    "host.listed:fail", "example.org is listed at Spamhaus DBL", 2 },
	{ "a domain list of everybody", "", "example.org",
	    "example.org.dbl.spamhaus.org A 127.0.1.2\ndbltest.com.dbl.spamhaus.org A 127.0.1.2\n"
	    "invalid.dbl.spamhaus.org A 127.0.1.2\n",
	    "host.list-broken:info", "", 2 },
	{ "a list that matters is silent", "192.0.2.1", "",
	    "1.2.0.192" ZEN " ERR TIMEOUT *\n1.2.0.192.psbl.surriel.com ERR TIMEOUT *\n", "dns.unknown:?",
	    "2 lists did not answer: zen.spamhaus.org, psbl.surriel.com.", 0 },
	{ "a small list is silent", "192.0.2.1", "", "1.2.0.192.psbl.surriel.com ERR TIMEOUT *\n", "", "",
	    0 },
	{ "silence of the tests unsays nothing", "192.0.2.1", "",
	    "1.2.0.192" ZEN " A 127.0.0.4\n2.0.0.127" ZEN " ERR SERVFAIL *\n1.0.0.127" ZEN
	    " ERR SERVFAIL *\n",
	    "host.listed:fail", "", 2 },
};

/* usable - how many lists are asked about an address or a domain */
static unsigned
usable(const char *ip_text, const char *domain, const char *key)
{
	struct mh_ip ip = { .family = 0 };
	unsigned count = 0;
	char out[MH_DNAME_TEXT_MAX];
	(void)mh_ip_parse(mh_str_z(ip_text), &ip);
	if (ip.family == 4 && ip.octets[0] == 10)
		ip.family = 0;
	for (size_t i = 0; mh_list_at(i) != NULL; i++)
		if (mh_list_is_usable(mh_list_at(i), mh_str_z(key))) {
			size_t by_ip = mh_list_name_ip(mh_list_at(i), mh_str_z(key), &ip, out);
			size_t by_domain =
			    mh_list_name_domain(mh_list_at(i), mh_str_z(key), mh_str_z(domain), out);
			count += (by_ip > 0 ? 1u : 0u) + (by_domain > 0 ? 1u : 0u);
		}
	return count;
}

static void
begin(struct one_section *one, const struct mh_mem *mem, const char *ip, const char *domain)
{
	one_section_init(one, mem, mh_dom_lists, mh_dom_host_json);
	one->check.domain = one->check.given = mh_str_z(domain);
	(void)mh_ip_parse(mh_str_z(ip), &one->check.ip);
}

static void
findings(void **state)
{
	struct mh_mem mem = mh_mem_default();
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct one_section one;
		struct rows rows;
		char ids[400];
		rows_init(&rows);
		rows_add(&rows, cases[i].rows, strlen(cases[i].rows));
		test_check(cases[i].name, rows.bad == NULL);
		begin(&one, &mem, cases[i].ip, cases[i].domain);
		one.section.json = NULL;
		test_check(cases[i].name, one_section_run(&one, &rows));
		one_section_ids(&one, ids, sizeof(ids));
		test_span(cases[i].name, mh_str_z(ids), mh_str_z(cases[i].findings));
		test_number(cases[i].name, one.asked,
		    usable(cases[i].ip, cases[i].domain, "") + cases[i].more);
		test_check(cases[i].name,
		    one.rounds <= (cases[i].more > 2          ? 3u
					  : cases[i].more > 0 ? 2u
							      : 1u));
		const struct mh_finding *first = mh_report_at(one.report, 0);
		if (first != NULL)
			test_check(cases[i].name, strstr(first->detail, cases[i].detail) != NULL);
		one_section_free(&one);
		rows_free(&rows);
	}
}

static void
json(void **state)
{
	static const char text[] =
	    "1.2.0.192" ZEN " A 127.0.0.4\n" ZEN_TEST "1.2.0.192.psbl.surriel.com ERR TIMEOUT *\n";
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, text, sizeof(text) - 1);
	begin(&one, &mem, "192.0.2.1", "example.org");
	assert_true(one_section_run(&one, &rows));
	const char *out = mh_buf_z(&one.json);
	assert_true(test_is_json(out));
	assert_non_null(strstr(out,
	    "{\"zone\":\"zen.spamhaus.org\",\"name\":\"Spamhaus "
	    "ZEN\",\"kind\":\"ip\",\"about\":\"192.0.2.1\","
	    "\"state\":\"listed\",\"code\":\"127.0.0.4\",\"meaning\":\"XBL: signs of malware, a proxy or a "
	    "hacked "
	    "machine\",\"delist\":\"https://check.spamhaus.org/\"}"));
	assert_non_null(strstr(out, "\"zone\":\"psbl.surriel.com\""));
	assert_non_null(strstr(out, "\"state\":\"unknown\",\"code\":\"\""));
	assert_non_null(strstr(out, "\"kind\":\"domain\",\"about\":\"example.org\",\"state\":\"clear\""));
	one_section_free(&one);
	rows_free(&rows);
}

static void
not_asked(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	(void)state;
	rows_init(&rows);
	begin(&one, &mem, "192.0.2.1", "example.org");
	one.section.json = NULL;
	one.check.asks_lists = false;
	assert_true(one_section_run(&one, &rows));
	test_number("nothing is asked", one.asked, 0);
	assert_true(one.rows != NULL && one.rows->is_skipped);
	one_section_free(&one);
	rows_free(&rows);
}

/* A key goes into questions and nowhere else. */
static void
key(void **state)
{
	static const char secret[] = "s3cr3tk3y",
			  text[] = "1.2.0.192.s3cr3tk3y.zen.dq.spamhaus.net A "
				   "127.0.0.4\n2.0.0.127.s3cr3tk3y.zen.dq.spamhaus.net A 127.0.0.2\n"
				   "example.org.s3cr3tk3y.dbl.dq.spamhaus.net ERR TIMEOUT *\n";
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	char ids[200];
	(void)state;
	rows_init(&rows);
	rows_add(&rows, text, sizeof(text) - 1);
	begin(&one, &mem, "192.0.2.1", "example.org");
	one.check.list_key = mh_str_z(secret);
	assert_true(one_section_run(&one, &rows));
	assert_true(one_section_has(&one, "1.2.0.192.s3cr3tk3y.zen.dq.spamhaus.net", MH_RR_A));
	assert_false(one_section_has(&one, "1.2.0.192.zen.spamhaus.org", MH_RR_A));
	assert_false(one_section_has(&one, "example.org.dbl.spamhaus.org", MH_RR_A));
	one_section_ids(&one, ids, sizeof(ids));
	test_span("with a key", mh_str_z(ids), MH_STR("host.listed:fail dns.unknown:?"));
	assert_null(strstr(mh_report_text(one.report), secret));
	assert_null(strstr(mh_buf_z(&one.json), secret));
	for (const struct mh_domain_row *row = one.rows; row != NULL; row = row->next)
		for (size_t i = 0; i + sizeof(secret) - 1 <= row->name.len; i++)
			assert_true(memcmp(row->name.p + i, secret, sizeof(secret) - 1) != 0);
	one_section_free(&one);
	rows_free(&rows);
}

/* Every list says something: all of it fits. */
static void
everything(void **state)
{
	static const char *const codes[] = { "127.0.0.2", "127.255.255.254", "198.51.100.1" };
	struct mh_mem mem = mh_mem_default();
	(void)state;
	for (size_t k = 0; k < MH_COUNT(codes); k++) {
		struct one_section one;
		struct rows rows;
		char line[300];
		rows_init(&rows);
		for (size_t i = 0; mh_list_at(i) != NULL; i++) {
			rows_add(&rows, line,
			    (size_t)snprintf(line, sizeof(line), "1.2.0.192.%s A %s\n", mh_list_at(i)->zone,
				codes[k]));
			rows_add(&rows, line,
			    (size_t)snprintf(line, sizeof(line), "2.0.0.127.%s A 127.0.0.2\n",
				mh_list_at(i)->zone));
		}
		begin(&one, &mem, "192.0.2.1", "");
		assert_true(one_section_run(&one, &rows));
		assert_true(mh_report_size(one.report) > 0 && mh_report_size(one.report) <= 60);
		assert_true(test_is_json(mh_report_text(one.report)));
		one_section_free(&one);
		rows_free(&rows);
	}
}

static bool
scenario(struct mh_mem mem, void *arg)
{
	struct one_section one;
	begin(&one, &mem, "192.0.2.1", "example.org");
	bool is_good = one_section_run(&one, arg);
	one_section_free(&one);
	return is_good;
}

static void
out_of_memory(void **state)
{
	static const char text[] =
	    "1.2.0.192" ZEN " A 127.0.0.4\n" ZEN_TEST
	    "1.2.0.192.psbl.surriel.com ERR TIMEOUT *\nexample.org.multi.uribl.com A 127.0.0.1\n";
	struct rows rows;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, text, sizeof(text) - 1);
	test_failing_allocs(scenario, &rows, false);
	rows_free(&rows);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings),
		cmocka_unit_test(json),
		cmocka_unit_test(not_asked),
		cmocka_unit_test(key),
		cmocka_unit_test(everything),
		cmocka_unit_test(out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
