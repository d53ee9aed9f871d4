/* test_dom_host.c - lib/checks/dom_host.c */
#include "support.h"

#include <stdio.h>

#include "one_section.h"

#define R4 "1.2.0.192.in-addr.arpa"
#define R6 "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"
#define MAIL4 "mail.example.org A 192.0.2.1\n"
#define GOOD R4 " PTR mail.example.org\n" MAIL4
#define PTR_FIX(name, remove, add) \
	"{\"name\":\"" name ".\",\"type\":\"PTR\",\"ttl\":3600,\"remove\":[" remove "],\"add\":[" add "]}"

/* About an address, or a host by name, and what it says in EHLO; what DNS has; the findings; words of the first
 * one's detail, and its fix ("-": not looked at). */
static const struct {
	const char *name, *ip, *host, *helo, *rows, *findings, *detail, *fix;
} cases[] = {
	{ "a host as it should be", "192.0.2.1", "", "mail.example.org", GOOD, "", "", "-" },
	{ "letter case and a mapped address change nothing", "::ffff:192.0.2.1", "", "MAIL.Example.ORG", GOOD,
	    "", "", "-" },
	{ "nothing is said of a greeting that was not given", "192.0.2.1", "", "", GOOD, "", "", "-" },
	{ "without an address there is nothing to say", "", "", "", "", "", "", "-" },

	{ "no reverse name", "192.0.2.1", "", "mail.example.org", MAIL4, "host.ptr-missing:fail",
	    "192.0.2.1 has no PTR record at " R4 ". Only whoever",
	    "[" PTR_FIX(R4, "", "\"mail.example.org.\"") "]" },
	{ "and the name is free for it", "192.0.2.1", "", "mail.example.org",
	    "other.example.org A 192.0.2.9\n", "host.ptr-missing:fail host.helo-invalid:fail", "",
	    "[{\"name\":\"mail.example.org.\",\"type\":\"A\",\"ttl\":3600,\"remove\":[],\"add\":[\"192.0.2."
	    "1\"]}," PTR_FIX(R4, "", "\"mail.example.org.\"") "]" },
	{ "and the name has another use", "192.0.2.1", "", "mail.example.org",
	    "mail.example.org A 192.0.2.9\n", "host.ptr-missing:fail host.helo-mismatch:warn", "", "" },
	{ "and nobody says which name", "192.0.2.1", "", "", MAIL4, "host.ptr-missing:fail", "says in EHLO",
	    "" },
	{ "a reverse zone that is empty there", "192.0.2.1", "", "", R4 " NODATA\n", "host.ptr-missing:fail",
	    "", "" },
	{ "of IPv6 too", "2001:db8::25", "", "mail.example.org", "mail.example.org AAAA 2001:db8::25\n",
	    "host.ptr-missing:fail", "", "[" PTR_FIX(R6, "", "\"mail.example.org.\"") "]" },
	{ "a reverse name that cannot be had", "192.0.2.1", "", "mail.example.org",
	    MAIL4 R4 " ERR SERVFAIL *\n", "dns.unknown:?", "", "-" },

	{ "a name that leads elsewhere", "192.0.2.1", "", "mail.example.org",
	    MAIL4 R4 " PTR www.example.org\nwww.example.org A 192.0.2.80\n", "host.ptr-unconfirmed:fail",
	    "No name of 192.0.2.1 leads back to it: www.example.org leads to 192.0.2.80.",
	    "[" PTR_FIX(R4, "\"www.example.org.\"", "\"mail.example.org.\"") "]" },
	{ "a name that is gone", "192.0.2.1", "", "", R4 " PTR gone.example.org\n",
	    "host.ptr-unconfirmed:fail", "gone.example.org does not exist", "" },
	{ "a name with IPv6 alone", "192.0.2.1", "", "",
	    R4 " PTR mail.example.org\nmail.example.org AAAA 2001:db8::25\n", "host.ptr-unconfirmed:fail",
	    "mail.example.org has no IPv4 address", "" },
	{ "an address as a name", "192.0.2.1", "", "", R4 " PTR 192.0.2.1\n",
	    "host.ptr-unconfirmed:fail host.generic-name:warn", "192.0.2.1 does not exist", "" },
	{ "a name without its dot", "192.0.2.1", "", "", R4 " PTR mail.example.org.2.0.192.in-addr.arpa\n",
	    "host.ptr-unconfirmed:fail host.generic-name:warn",
	    "does not exist. Such a name comes of a dot that is missing", "" },
	{ "two names, and one leads back", "192.0.2.1", "", "mail.example.org",
	    GOOD R4 " PTR www.example.org\nwww.example.org A 192.0.2.80\n", "host.ptr-multiple:warn",
	    "www.example.org. www.example.org does not lead back to the address. Keep mail.example.org.",
	    "[" PTR_FIX(R4, "\"www.example.org.\"", "") "]" },
	{ "the root as a name", "192.0.2.1", "", "", R4 " PTR \n", "host.ptr-unconfirmed:fail", "", "" },
	{ "a name that cannot be followed", "192.0.2.1", "", "",
	    R4 " PTR mail.example.org\nmail.example.org ERR TIMEOUT *\n", "dns.unknown:?", "", "-" },
	{ "one that cannot be followed, and one that leads back", "192.0.2.1", "", "",
	    R4 " PTR slow.example.org\n" R4 " PTR mail.example.org\nslow.example.org ERR TIMEOUT *\n" MAIL4,
	    "host.ptr-multiple:warn", "", "[" PTR_FIX(R4, "\"slow.example.org.\"", "") "]" },
	{ "one that cannot be followed, and one that leads elsewhere", "192.0.2.1", "", "",
	    R4 " PTR slow.example.org\n" R4
	       " PTR www.example.org\nslow.example.org ERR TIMEOUT *\nwww.example.org A 192.0.2.80\n",
	    "host.ptr-multiple:warn dns.unknown:?", "", "" },
	{ "two names that lead back: the one that is said stays", "192.0.2.1", "", "mail.example.org",
	    R4 " PTR a.example.org\na.example.org A 192.0.2.1\n" GOOD, "host.ptr-multiple:warn",
	    "2 reverse names: a.example.org, mail.example.org. Keep mail.example.org.",
	    "[" PTR_FIX(R4, "\"a.example.org.\"", "") "]" },
	{ "a reverse zone that is handed on is changed where it lies", "192.0.2.1", "", "mail.example.org",
	    R4
	    " CNAME 1.0-127.2.0.192.in-addr.arpa\n1.0-127.2.0.192.in-addr.arpa PTR old.example.org\n" MAIL4,
	    "host.ptr-unconfirmed:fail", "",
	    "[{\"name\":\"1.0-127.2.0.192.in-addr.arpa.\",\"type\":\"PTR\",\"ttl\":3600,\"remove\":[\"old."
	    "example.org.\"],"
	    "\"add\":[\"mail.example.org.\"]}]" },

	{ "a generic name", "192.0.2.1", "", "mail.example.org",
	    MAIL4 R4 " PTR 192-0-2-1.dsl.example.net\n192-0-2-1.dsl.example.net A 192.0.2.1\n",
	    "host.generic-name:warn", "192-0-2-1.dsl.example.net: the address is in it (192-0-2-1).",
	    "[" PTR_FIX(R4, "\"192-0-2-1.dsl.example.net.\"", "\"mail.example.org.\"") "]" },
	{ "a generic name in the greeting", "192.0.2.1", "", "192-0-2-1.dsl.example.net",
	    GOOD "192-0-2-1.dsl.example.net A 192.0.2.1\n", "host.helo-mismatch:warn host.generic-name:warn",
	    "Let the server say mail.example.org", "" },

	{ "one word", "192.0.2.1", "", "mail", GOOD, "host.helo-invalid:fail",
	    "mail: it is one word and no full name. Let the server say mail.example.org", "" },
	{ "a private name", "192.0.2.1", "", "mail.local", GOOD, "host.helo-invalid:fail", "", "" },
	{ "an address without brackets", "192.0.2.1", "", "192.0.2.1", GOOD, "host.helo-invalid:fail", "",
	    "" },
	{ "a dot at the end is less", "192.0.2.1", "", "mail.example.org.", GOOD, "host.helo-invalid:warn",
	    "", "" },
	{ "hostile octets", "192.0.2.1", "", "mail\x01\xff.example.org", GOOD, "host.helo-invalid:fail",
	    "mail\\x01\\xff", "" },
	{ "without an address the greeting is judged all the same", "", "", "mail_1.example.org", "",
	    "host.helo-invalid:fail", "", "" },
	{ "and where it leads nowhere", "", "", "mail.example.org", "mail.example.org TXT x\n",
	    "host.helo-invalid:fail", "mail.example.org has neither an address nor an MX record", "" },
	{ "and where mail to it goes elsewhere", "", "", "example.org", "example.org MX 10 mx.example.net\n",
	    "host.helo-mismatch:warn", "example.org has no address at all", "" },
	{ "a name that is there, and leads nowhere", "192.0.2.1", "", "out.example.org",
	    GOOD "out.example.org TXT x\n", "host.helo-invalid:fail",
	    "out.example.org has neither an address nor an MX record. Let the server say mail.example.org",
	    "" },
	{ "a domain that has mail servers and no address", "192.0.2.1", "", "example.org",
	    GOOD "example.org MX 10 mx.example.net\n", "host.helo-mismatch:warn",
	    "example.org has no IPv4 address, and mail comes from 192.0.2.1.", "" },
	{ "and it is not known whether it has", "192.0.2.1", "", "example.org",
	    GOOD "example.org ERR SERVFAIL MX\n", "host.helo-mismatch:warn dns.unknown:?", "", "" },
	{ "a name that is not there", "192.0.2.1", "", "gone.example.org", GOOD, "host.helo-invalid:fail",
	    "gone.example.org does not exist in DNS. Let the server say", "" },
	{ "its own address in brackets", "192.0.2.1", "", "[192.0.2.1]", GOOD, "host.helo-literal:warn",
	    "The server says [192.0.2.1]. Let", "" },
	{ "another address in brackets", "192.0.2.1", "", "[198.51.100.1]", GOOD, "host.helo-literal:warn",
	    "The server says [198.51.100.1], and mail comes from 192.0.2.1. Let", "" },
	{ "one of the other kind", "192.0.2.1", "", "[IPv6:2001:db8::25]", GOOD, "host.helo-literal:warn",
	    "The server says [IPv6:2001:db8::25], and mail comes from 192.0.2.1. Let", "" },
	{ "a greeting that leads elsewhere", "192.0.2.1", "", "www.example.org",
	    GOOD "www.example.org A 192.0.2.80\n", "host.helo-mismatch:warn",
	    "www.example.org leads to 192.0.2.80, and mail comes from 192.0.2.1. Let the server say", "" },
	{ "another name of the same address", "192.0.2.1", "", "mx.example.org",
	    GOOD "mx.example.org A 192.0.2.1\n", "host.helo-mismatch:warn",
	    "The server says mx.example.org, and the reverse name of 192.0.2.1 is", "" },
	{ "a greeting that cannot be followed", "192.0.2.1", "", "slow.example.org",
	    GOOD "slow.example.org ERR TIMEOUT *\n", "dns.unknown:?", "", "-" },
	{ "the greeting's IPv6 address has no name", "192.0.2.1", "", "mail.example.org",
	    GOOD "mail.example.org AAAA 2001:db8::25\n", "host.ipv6-no-ptr:warn",
	    "mail.example.org has the IPv6 address 2001:db8::25 too",
	    "[" PTR_FIX(R6, "", "\"mail.example.org.\"") "]" },
	{ "and that cannot be had", "192.0.2.1", "", "mail.example.org",
	    GOOD "mail.example.org AAAA 2001:db8::25\n" R6 " ERR SERVFAIL *\n", "dns.unknown:?", "", "-" },

	{ "a private address", "10.0.0.1", "", "mail.example.org", GOOD, "host.private-address:fail", "",
	    "" },
	{ "loopback", "::1", "", "", GOOD, "host.private-address:fail", "", "" },

	{ "a host by name", "", "mail.example.org", "",
	    GOOD "mail.example.org AAAA 2001:db8::25\n" R6 " PTR mail.example.org\n", "", "", "-" },
	{ "a host by name, without a name back", "", "mail.example.org", "", MAIL4, "host.ptr-missing:fail",
	    "", "[" PTR_FIX(R4, "", "\"mail.example.org.\"") "]" },
	{ "an IPv6 address without a name back beside an IPv4 address that has one", "", "mail.example.org",
	    "", GOOD "mail.example.org AAAA 2001:db8::25\n", "host.ipv6-no-ptr:warn",
	    "mail.example.org has the IPv6 address 2001:db8::25 too",
	    "[" PTR_FIX(R6, "", "\"mail.example.org.\"") "]" },
	{ "and it is not known whether that has one", "", "mail.example.org", "",
	    MAIL4 R4 " ERR SERVFAIL *\nmail.example.org AAAA 2001:db8::25\n",
	    "host.ipv6-no-ptr:warn dns.unknown:?", "", "-" },
	{ "each of its addresses", "", "mail.example.org", "", MAIL4 "mail.example.org AAAA 2001:db8::25\n",
	    "host.ptr-missing:fail host.ptr-missing:fail", "", "-" },
	{ "a host that does not exist", "", "mail.example.org", "", "", "host.no-address:fail",
	    "mail.example.org does not exist.", "" },
	{ "a host of which one kind of address is silent", "", "mail.example.org", "",
	    "mail.example.org ERR TIMEOUT AAAA\n", "dns.unknown:?", "", "-" },
	{ "a host that cannot be found", "", "slow.example.org", "", "slow.example.org ERR TIMEOUT *\n",
	    "dns.unknown:? dns.unknown:?", "", "-" },
};

static void
set(struct one_section *one, const char *ip, const char *host, const char *helo)
{
	one->check.asks_lists = false;
	one->check.is_host = host[0] != '\0' || ip[0] == '\0';
	one->check.domain = one->check.given = mh_str_z(host);
	one->check.helo = mh_str_z(helo);
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
		one_section_init(&one, &mem, mh_dom_host, mh_dom_host_json);
		set(&one, cases[i].ip, cases[i].host, cases[i].helo);
		test_check(cases[i].name, one_section_run(&one, &rows));
		one_section_ids(&one, ids, sizeof(ids));
		test_span(cases[i].name, mh_str_z(ids), mh_str_z(cases[i].findings));
		test_check(cases[i].name, one.rounds <= 3 && test_is_json(mh_buf_z(&one.json)));
		const struct mh_finding *first = mh_report_at(one.report, 0);
		if (first != NULL) {
			test_check(cases[i].name, strstr(first->detail, cases[i].detail) != NULL);
			if (strcmp(cases[i].fix, "-") != 0)
				test_span(cases[i].name, mh_str_z(first->fix), mh_str_z(cases[i].fix));
		}
		one_section_free(&one);
		rows_free(&rows);
	}
}

/* One name in a hundred, and all of them the same address. */
static void
many_names(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	char line[100], ids[200];
	(void)state;
	rows_init(&rows);
	for (int i = 0; i < 100; i++)
		rows_add(&rows, line, (size_t)snprintf(line, sizeof(line), R4 " PTR n%d.example.org\n", i));
	one_section_init(&one, &mem, mh_dom_host, mh_dom_host_json);
	set(&one, "192.0.2.1", "", "");
	assert_true(one_section_run(&one, &rows));
	one_section_ids(&one, ids, sizeof(ids));
	test_span("many names", mh_str_z(ids), MH_STR("host.ptr-unconfirmed:fail host.ptr-multiple:warn"));
	test_number("only ten are followed", one.asked, 11);
	one_section_free(&one);
	rows_free(&rows);
}

/* Names as long as can be, of octets that are no letters. */
static void
hostile_names(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	char line[2000];
	(void)state;
	rows_init(&rows);
	for (int i = 0; i < 12; i++) {
		size_t n = (size_t)snprintf(line, sizeof(line), R4 " PTR n%d", i);
		for (int k = 0; k < 220; k++)
			n += (size_t)snprintf(line + n, sizeof(line) - n, "%s", k % 50 == 49 ? "." : "\\x01");
		rows_add(&rows, line, n + (size_t)snprintf(line + n, sizeof(line) - n, ".example\n"));
		line[n - 1] = 'x';
		n = (size_t)snprintf(line + n, sizeof(line) - n, ".example A 198.51.100.%d\n", i) + n;
		rows_add(&rows, line + sizeof(R4 " PTR ") - 1, n - (sizeof(R4 " PTR ") - 1));
	}
	assert_null(rows.bad);
	one_section_init(&one, &mem, mh_dom_host, mh_dom_host_json);
	set(&one, "192.0.2.1", "", "mail.example.org");
	assert_true(one_section_run(&one, &rows));
	assert_true(test_is_json(mh_buf_z(&one.json)) && test_is_json(mh_report_text(one.report)));
	assert_non_null(one_section_finding(&one, "host.ptr-unconfirmed"));
	one_section_free(&one);
	rows_free(&rows);
}

static void
rounds(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, GOOD, sizeof(GOOD) - 1);
	one_section_init(&one, &mem, mh_dom_host, mh_dom_host_json);
	set(&one, "192.0.2.1", "", "mail.example.org");
	assert_true(one_section_run(&one, &rows));
	/* The greeting's facts are those of the reverse name, and there already. */
	test_number("rounds", one.rounds, 1);
	test_number("questions", one.asked, 3);
	test_span("results", mh_buf_str(&one.json),
	    MH_STR("{\"host\":{\"ip\":\"192.0.2.1\",\"ptr\":[\"mail.example.org\"],\"confirmed\":true,"
		   "\"helo\":\"mail.example.org\",\"lists\":[]}}"));
	assert_non_null(one.rows);
	assert_string_equal(one.rows->id, "host");
	test_span("row", one.rows->name, MH_STR(R4));
	one_section_free(&one);
	rows_free(&rows);
}

static bool
scenario(struct mh_mem mem, void *arg)
{
	struct one_section one;
	one_section_init(&one, &mem, mh_dom_host, mh_dom_host_json);
	set(&one, "192.0.2.1", "", "mail.example.org");
	bool is_good = one_section_run(&one, arg);
	one_section_free(&one);
	return is_good;
}

static void
out_of_memory(void **state)
{
	static const char text[] =
	    R4 " PTR a.example.org\n" R4 " PTR b.example.org\nmail.example.org AAAA 2001:db8::25\n" MAIL4;
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
		cmocka_unit_test(many_names),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(rounds),
		cmocka_unit_test(out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
