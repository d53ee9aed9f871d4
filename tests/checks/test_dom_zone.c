/* test_dom_zone.c - lib/checks/dom_dnssec.c, dom_srv.c, dom_caa.c and dom_ns.c */
#include "support.h"

#include <stdio.h>

#include "dom_cases.h"

#define FIX(name, type, remove, add) \
	"[{\"name\":\"" name ".\",\"type\":\"" type "\",\"ttl\":3600,\"remove\":[" remove "],\"add\":[" add \
	"]}]"

/* ------------------------------------------------------------------- DNSSEC */

#define SOA "example.org SOA ns1.example.org. hostmaster.example.org. 1 7200 3600 1209600 3600\n"
#define DS "example.org DS 12345 13 2 8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1\n"
#define HOSTS "example.org MX 10 mx.example.net\nmx.example.net A 192.0.2.25\n"

static const struct {
	struct dom_case c;
	const char *json;
} dnssec[] = {
	{ { "nothing is claimed of a resolver that is not trusted", DS, "", "", "-", NULL },
	    "{\"state\":\"unknown\",\"ds\":\"present\",\"why\":\"there is a DS record, so" },
	{ { "nor that a domain without DS record is not signed", "", "", "", "-", NULL },
	    "{\"state\":\"unknown\",\"ds\":\"absent\",\"why\":\"the resolver does not say" },
	{ { "a signed domain", DS "org SECURE YES\n", "", "", "-", NULL },
	    "{\"state\":\"secure\",\"ds\":\"present\",\"why\":\"the resolver validated" },
	{ { "a domain that is not", "example.org SECURE NO\n", "dnssec.insecure:info",
	      "there is no DS record in the parent zone.", "", NULL },
	    "{\"state\":\"insecure\",\"ds\":\"absent\"" },
	{ { "a DS record that the resolver did not validate says that it does not",
	      DS "example.org SECURE NO\n", "", "", "-", NULL },
	    "{\"state\":\"unknown\",\"ds\":\"present\",\"why\":\"there is a DS record, and the resolver does "
	    "not" },
	{ { "a domain whose signatures do not hold", "example.org ERR BOGUS MX\norg SECURE YES\n",
	      "dnssec.bogus:fail",
	      "The MX records of example.org could not be validated (extended error 7: signature "
	      "expired).",
	      "", NULL },
	    "{\"state\":\"bogus\",\"ds\":\"absent\"" },
	{ { "a DS record that cannot be had", "example.org ERR SERVFAIL DS\nexample.org SECURE NO\n",
	      "dns.unknown:?", "", "-", NULL },
	    "{\"state\":\"unknown\",\"ds\":\"unknown\"" },
};

static const struct dom_section dnssec_section = { mh_dom_dnssec, mh_dom_dnssec_json, SOA, 1, 4 };

static void
dnssec_states(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	(void)state;
	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(dnssec); i++) {
		struct one_section one;
		dom_cases_run(&dnssec_section, &dnssec[i].c, 1);
		dom_cases_unknown(&dnssec_section, &dnssec[i].c, 1);
		dom_cases_memory(&dnssec_section, &dnssec[i].c, 1);
		assert_true(dom_cases_begin(&one, &rows, &dnssec_section, &mem, dnssec[i].c.rows, NULL));
		if (strstr(mh_buf_z(&one.json), dnssec[i].json) == NULL)
			test_span(dnssec[i].c.name, mh_buf_str(&one.json), mh_str_z(dnssec[i].json));
		one_section_free(&one);
	}
	rows_free(&rows);
}

/* The addresses of hosts are asked for by the section "mx". */
static void
dnssec_and_mx(struct mh_look *look)
{
	struct mh_domain_row *first = NULL, **last = &first;
	struct mh_report *report = look->report;
	look->report = NULL;
	mh_dom_mx(look);
	look->report = report;
	look->rows = first;
	look->last = report != NULL ? &look->rows : last;
	mh_dom_dnssec(look);
}

static void
dnssec_of_hosts(void **state)
{
	static const struct dom_section section = { dnssec_and_mx, NULL, SOA HOSTS, 2, 10 };
	static const struct dom_case hosts[] = {
		{ "a host in a zone that is not signed", DS "example.org SECURE YES\nexample.net SECURE NO\n",
		    "dnssec.insecure:info", "DANE is not possible there", "", NULL },
		{ "a host whose signatures do not hold",
		    DS "example.org SECURE YES\nexample.org MX 20 b.example.net\nb.example.net ERR BOGUS *\n",
		    "dnssec.bogus:fail", "The A records of b.example.net", "", NULL },
		{ "all signed", DS "example.org SECURE YES\nexample.net SECURE YES\n", "", "", "-", NULL },
	};
	(void)state;
	dom_cases_run(&section, hosts, MH_COUNT(hosts));
}

/* ---------------------------------------------------------------------- SRV */

#define MAIL "mail.example.org A 192.0.2.10\n"
#define IMAPS "_imaps._tcp.example.org SRV 0 1 993 mail.example.org.\n"

static const struct dom_case srv[] = {
	{ "no records are no fault", "example.org TXT x\n", "", "", "-", NULL },
	{ "a good one", IMAPS, "", "", "-", NULL },
	{ "a service that is not there", "_imap._tcp.example.org SRV 0 0 0 .\n", "", "", "-", NULL },
	{ "a port of one's own", "_imaps._tcp.example.org SRV 0 1 10993 mail.example.org.\n", "", "", "-",
	    NULL },
	{ "a host that does not exist", "_submission._tcp.example.org SRV 0 1 587 gone.example.org.\n",
	    "srv.syntax:warn", "gone.example.org does not exist.",
	    FIX("_submission._tcp.example.org", "SRV", "\"0 1 587 gone.example.org.\"", ""), NULL },
	{ "a host whose dot was forgotten",
	    "_submission._tcp.example.org SRV 0 1 587 mail.example.org.example.org.\n", "srv.syntax:warn",
	    "mail.example.org.example.org does not exist. Look for a missing dot", "-", NULL },
	{ "a host without an address",
	    "_submission._tcp.example.org SRV 0 1 587 t.example.org.\nt.example.org TXT x\n",
	    "srv.syntax:warn", "t.example.org has no address.", "-", NULL },
	{ "an alias",
	    "_imaps._tcp.example.org SRV 0 1 993 a.example.org.\na.example.org CNAME mail.example.org\n",
	    "srv.syntax:warn", "a.example.org is an alias (CNAME)",
	    FIX("_imaps._tcp.example.org", "SRV", "\"0 1 993 a.example.org.\"",
		"\"0 1 993 mail.example.org.\""),
	    NULL },
	{ "port 0", "_imaps._tcp.example.org SRV 0 1 0 mail.example.org.\n", "srv.syntax:warn",
	    "Port 0 is none; IMAP with TLS from the start is at port 993.",
	    FIX("_imaps._tcp.example.org", "SRV", "\"0 1 0 mail.example.org.\"",
		"\"0 1 993 mail.example.org.\""),
	    NULL },
	{ "the port of the other way", "_submissions._tcp.example.org SRV 5 6 587 mail.example.org.\n",
	    "srv.syntax:warn", "Port 587 is that of another service",
	    FIX("_submissions._tcp.example.org", "SRV", "\"5 6 587 mail.example.org.\"",
		"\"5 6 465 mail.example.org.\""),
	    NULL },
	{ "POP3, and the port of the other way", "_pop3._tcp.example.org SRV 0 1 995 mail.example.org.\n",
	    "srv.syntax:warn", "Port 995 is that of another service; POP3 with STLS is at port 110.",
	    FIX("_pop3._tcp.example.org", "SRV", "\"0 1 995 mail.example.org.\"",
		"\"0 1 110 mail.example.org.\""),
	    NULL },
	{ "a host with an address that nobody reaches",
	    "_imaps._tcp.example.org SRV 0 1 993 p.example.org.\np.example.org A 10.0.0.3\n",
	    "srv.syntax:warn",
	    "p.example.org has an address that is private or reserved, and nobody on the Internet gets "
	    "there.",
	    FIX("_imaps._tcp.example.org", "SRV", "\"0 1 993 p.example.org.\"", ""), NULL },
	{ "and one that everybody reaches beside it",
	    "_imaps._tcp.example.org SRV 0 1 993 p.example.org.\np.example.org A 10.0.0.3\np.example.org A "
	    "192.0.2.10\n",
	    "", "", "-", NULL },
	{ "port and alias at once",
	    "_imaps._tcp.example.org SRV 0 1 143 a.example.org.\na.example.org CNAME mail.example.org\n",
	    "srv.syntax:warn", "is an alias",
	    FIX("_imaps._tcp.example.org", "SRV", "\"0 1 143 a.example.org.\"",
		"\"0 1 993 mail.example.org.\""),
	    NULL },
	{ "an address as a name", "_imaps._tcp.example.org SRV 0 1 993 192.0.2.10.\n", "srv.syntax:warn",
	    "192.0.2.10 is an address", "-", NULL },
	{ "localhost", "_imaps._tcp.example.org SRV 0 1 993 localhost.\n", "srv.syntax:warn",
	    "its own machine", "-", NULL },
	{ "a dot among others", IMAPS "_imaps._tcp.example.org SRV 0 0 0 .\n", "srv.syntax:warn",
	    "no such service", FIX("_imaps._tcp.example.org", "SRV", "\"0 0 0 .\"", ""), NULL },
	{ "settings at a name that is gone", "autodiscover.example.org CNAME gone.example.net\n",
	    "srv.syntax:warn", "autodiscover.example.org is an alias of gone.example.net", "", NULL },
	{ "settings at a provider", "autoconfig.example.org CNAME mail.example.org\n", "", "", "-", NULL },
	{ "what cannot be had",
	    "_imaps._tcp.example.org ERR SERVFAIL SRV\nautoconfig.example.org ERR TIMEOUT A\n",
	    "dns.unknown:? dns.unknown:?", "", "-", NULL },
	{ "a host that cannot be had",
	    "_imaps._tcp.example.org SRV 0 1 993 s.example.org.\ns.example.org ERR TIMEOUT *\n",
	    "dns.unknown:? dns.unknown:?", "", "-", NULL },
};

static const struct dom_section srv_section = { mh_dom_srv, NULL, MAIL, 2, 11 };

static void
srv_records(void **state)
{
	(void)state;
	dom_cases_run(&srv_section, srv, MH_COUNT(srv));
	dom_cases_unknown(&srv_section, srv, MH_COUNT(srv));
	dom_cases_memory(&srv_section, srv, MH_COUNT(srv));
}

/* Nine questions where there is nothing, and not many more whatever there is. */
static void
srv_questions(void **state)
{
	static const char *const labels[] = { "_submission", "_submissions", "_imap", "_imaps", "_pop3",
		"_pop3s", "_autodiscover" };
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	static char text[100 * 100];
	size_t n = 0;

	(void)state;
	rows_init(&rows);
	assert_true(dom_cases_begin(&one, &rows, &srv_section, &mem, "example.org TXT x\n", NULL));
	test_number("questions", one.asked, 9);
	test_number("rounds", one.rounds, 1);
	one_section_free(&one);
	for (size_t i = 0; i < MH_COUNT(labels); i++)
		for (int k = 0; k < 16; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s._tcp.example.org SRV 0 0 0 h%d.example.org.\n", labels[i], (int)i * 16 + k);
	assert_true(dom_cases_begin(&one, &rows, &srv_section, &mem, text, NULL));
	test_number("questions, of many records", one.asked, 9 + 2 * 8);
	one_section_free(&one);
	rows_free(&rows);
}

/* ---------------------------------------------------------------------- CAA */

#define MXS "example.org MX 10 mx1.example.org\nexample.org MX 20 mx2.example.org\n"
#define CAA "example.org CAA 0 "

static const struct dom_case caa[] = {
	{ "no records", "", "", "", "-", NULL },
	{ "an authority", CAA "issue \"letsencrypt.org\"\n", "", "", "-", NULL },
	{ "nobody", CAA "issue \";\"\n", "caa.forbids:warn",
	    "For mx1.example.org, mx2.example.org the CAA records of example.org count, and they name no "
	    "authority.",
	    "", NULL },
	{ "nobody, and an authority", CAA "issue \";\"\n" CAA "issue \"letsencrypt.org\"\n", "", "", "-",
	    NULL },
	{ "what is nearer counts", CAA "issue \";\"\nmx1.example.org CAA 0 issue \"letsencrypt.org\"\n",
	    "caa.forbids:warn", "For mx2.example.org the CAA records of example.org count", "", NULL },
	{ "nobody for wildcards alone", CAA "issuewild \";\"\n", "", "", "-", NULL },
	{ "a critical property that nobody knows",
	    CAA "issue \"letsencrypt.org\"\nexample.org CAA 128 tbs \"x\"\n", "caa.forbids:warn",
	    "is critical", "", NULL },
	{ "one that nobody knows and nobody has to", "example.org CAA 0 tbs \"x\"\n", "", "", "-", NULL },
	{ "a value that cannot be read", CAA "issue \"lets encrypt.org\"\n", "caa.forbids:warn",
	    "cannot be read", "", NULL },
	{ "what cannot be had", "example.org ERR SERVFAIL CAA\n", "dns.unknown:?", "", "-", NULL },
	{ "what cannot be had and does not matter",
	    "example.org ERR SERVFAIL CAA\nmx1.example.org CAA 0 issue \"a.example\"\n"
	    "mx2.example.org CAA 0 issue \"a.example\"\n",
	    "", "", "-", NULL },
};

static const struct dom_section caa_section = { mh_dom_caa, NULL, MXS, 2, 4 };

static void
caa_records(void **state)
{
	(void)state;
	dom_cases_run(&caa_section, caa, MH_COUNT(caa));
	dom_cases_unknown(&caa_section, caa, MH_COUNT(caa));
	dom_cases_memory(&caa_section, caa, MH_COUNT(caa));
}

static void
caa_questions(void **state)
{
	static const struct dom_section section = { mh_dom_caa, NULL, "", 2, 9 };
	static const struct dom_case deep[] = {
		{ "hosts at many places",
		    "example.org MX 1 a.b.c.d.example.com\nexample.org MX 2 a.b.c.d.example.net\nexample.org "
		    "MX 3 "
		    "x.example.edu\n",
		    "", "", "-", NULL },
		{ "the null MX", "example.org MX 0 \n", "", "", "-", NULL },
	};
	(void)state;
	dom_cases_run(&section, deep, MH_COUNT(deep));
}

/* --------------------------------------------------------------- NS and SOA */

#define NS1 "example.org NS ns1.example.org.\nns1.example.org A 192.0.2.53\n"
#define NS2 "example.org NS ns2.example.net.\nns2.example.net A 198.51.100.53\n"
#define SOA_IS(mname, rname, numbers) "example.org SOA " mname " " rname " " numbers "\n"
#define SOA_OF(numbers) SOA_IS("ns1.example.org.", "hostmaster.example.org.", numbers)
#define SOA_FIX(from, to) \
	FIX("example.org", "SOA", "\"ns1.example.org. hostmaster.example.org. " from "\"", \
	    "\"ns1.example.org. hostmaster.example.org. " to "\"")

static const struct dom_case ns[] = {
	{ "two name servers", NS1 NS2 SOA, "", "", "-", NULL },
	{ "a name that has no zone of its own", "example.org TXT x\n", "", "", "-", NULL },
	{ "a domain that does not exist", "", "", "", "-", NULL },
	{ "an alias", "example.org CNAME other.example.net\nother.example.net NS ns1.example.net.\n", "", "",
	    "-", NULL },
	{ "one name server", NS1 SOA, "ns.single:warn", "ns1.example.org is the only one.", "", NULL },
	{ "two of one address", NS1 "example.org NS ns2.example.org.\nns2.example.org A 192.0.2.53\n" SOA,
	    "ns.single:warn", "the same IPv4 address", "", NULL },
	{ "two in one network", NS1 "example.org NS ns2.example.org.\nns2.example.org A 192.0.2.54\n" SOA,
	    "ns.single:info", "same network", "", NULL },
	{ "IPv6 alone is asked for in its turn",
	    NS1 "example.org NS ns2.example.org.\nns2.example.org AAAA 2001:db8::53\n" SOA, "", "", "-",
	    NULL },
	{ "a name server that does not exist", NS1 NS2 "example.org NS gone.example.org.\n" SOA,
	    "ns.lame:warn", "gone.example.org does not exist.",
	    FIX("example.org", "NS", "\"gone.example.org.\"", ""), NULL },
	{ "one without an address", NS1 NS2 "example.org NS t.example.org.\nt.example.org TXT x\n" SOA,
	    "ns.lame:warn", "t.example.org has no address.",
	    FIX("example.org", "NS", "\"t.example.org.\"", ""), NULL },
	{ "one with a private address",
	    NS1 NS2 "example.org NS p.example.org.\np.example.org A 10.0.0.1\n" SOA, "ns.lame:warn",
	    "nobody on the Internet reaches", "-", NULL },
	{ "one that is an alias",
	    NS1 "example.org NS a.example.org.\na.example.org CNAME ns2.example.net\nns2.example.net A "
		"198.51.100.53\n" SOA,
	    "ns.lame:warn", "a.example.org is an alias",
	    FIX("example.org", "NS", "\"a.example.org.\"", "\"ns2.example.net.\""), NULL },
	{ "one whose dot was forgotten", NS1 NS2 "example.org NS ns3.example.net.example.org.\n" SOA,
	    "ns.lame:warn", "ns3.example.net.example.org does not exist. Look for a missing dot",
	    FIX("example.org", "NS", "\"ns3.example.net.example.org.\"", ""), NULL },
	{ "the only one does not exist", "example.org NS gone.example.org.\n" SOA,
	    "ns.single:warn ns.lame:warn", "", "", NULL },
	{ "expires at once", NS1 NS2 SOA_OF("1 7200 3600 3600 3600"), "soa.odd:warn",
	    "secondary servers forget the zone before they have tried twice",
	    SOA_FIX("1 7200 3600 3600 3600", "2 7200 3600 1209600 3600"), NULL },
	{ "a refresh of a year", NS1 NS2 SOA_OF("1 31536000 3600 1209600 3600"), "soa.odd:warn",
	    "less often than every two days",
	    SOA_FIX("1 31536000 3600 1209600 3600", "2 7200 3600 1209600 3600"), NULL },
	{ "a retry as long as the refresh", NS1 NS2 SOA_OF("1 7200 7200 1209600 3600"), "soa.odd:info", "",
	    SOA_FIX("1 7200 7200 1209600 3600", "2 7200 3600 1209600 3600"), NULL },
	{ "a retry that is longer", NS1 NS2 SOA_OF("1 7200 10800 1209600 3600"), "soa.odd:warn", "",
	    SOA_FIX("1 7200 10800 1209600 3600", "2 7200 3600 1209600 3600"), NULL },
	{ "a minimum of a week", NS1 NS2 SOA_OF("4294967295 7200 3600 1209600 604800"), "soa.odd:warn",
	    "more than a day", SOA_FIX("4294967295 7200 3600 1209600 604800", "1 7200 3600 1209600 3600"),
	    NULL },
	{ "serial number 0", NS1 NS2 SOA_OF("0 7200 3600 1209600 3600"), "soa.odd:warn", "serial number is 0",
	    SOA_FIX("0 7200 3600 1209600 3600", "1 7200 3600 1209600 3600"), NULL },
	{ "a mail address as people write it",
	    NS1 NS2 SOA_IS("ns1.example.org.", "hostmaster@example.org.", "1 7200 3600 1209600 3600"),
	    "soa.odd:warn", "without @",
	    FIX("example.org", "SOA", "\"ns1.example.org. hostmaster@example.org. 1 7200 3600 1209600 3600\"",
		"\"ns1.example.org. hostmaster.example.org. 2 7200 3600 1209600 3600\""),
	    NULL },
	{ "no mail address", NS1 NS2 SOA_IS("ns1.example.org.", ".", "1 7200 3600 1209600 3600"),
	    "soa.odd:warn", "", "", NULL },
	{ "no primary server", NS1 NS2 SOA_IS(".", "hostmaster.example.org.", "1 7200 3600 1209600 3600"),
	    "soa.odd:warn", "primary server",
	    FIX("example.org", "SOA", "\". hostmaster.example.org. 1 7200 3600 1209600 3600\"",
		"\"ns1.example.org. hostmaster.example.org. 2 7200 3600 1209600 3600\""),
	    NULL },
	{ "values of large providers", NS1 NS2 SOA_OF("1 21600 3600 259200 300"), "", "", "-", NULL },
	{ "values that RIPE advises, but one", NS1 NS2 SOA_OF("1 86400 7200 3600000 3600"), "", "", "-",
	    NULL },
	{ "NS records that cannot be had", "example.org ERR SERVFAIL NS\n" SOA, "dns.unknown:?", "", "-",
	    NULL },
	{ "an SOA record that cannot be had", NS1 "example.org ERR SERVFAIL SOA\n", "dns.unknown:?", "", "-",
	    NULL },
	{ "a name server that cannot be had",
	    NS1 "example.org NS s.example.org.\ns.example.org ERR TIMEOUT *\n" SOA, "dns.unknown:?", "", "-",
	    NULL },
};

static const struct dom_section ns_section = { mh_dom_ns, NULL, "", 3, 10 };

static void
ns_records(void **state)
{
	(void)state;
	dom_cases_run(&ns_section, ns, MH_COUNT(ns));
	dom_cases_unknown(&ns_section, ns, MH_COUNT(ns));
	dom_cases_memory(&ns_section, ns, MH_COUNT(ns));
}

static void
ns_questions(void **state)
{
	struct mh_mem mem = mh_mem_default();
	static char text[20 * 60 + sizeof(SOA)];
	struct one_section one;
	struct rows rows;
	size_t n = 0;

	(void)state;
	rows_init(&rows);
	for (int i = 0; i < 20; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "example.org NS ns%d.example.org.\n", i);
	(void)snprintf(text + n, sizeof(text) - n, "%s", SOA);
	assert_true(dom_cases_begin(&one, &rows, &ns_section, &mem, text, NULL));
	test_number("questions, of many name servers", one.asked, 2 + 2 * 4);
	one_section_free(&one);
	rows_free(&rows);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(dnssec_states),
		cmocka_unit_test(dnssec_of_hosts),
		cmocka_unit_test(srv_records),
		cmocka_unit_test(srv_questions),
		cmocka_unit_test(caa_records),
		cmocka_unit_test(caa_questions),
		cmocka_unit_test(ns_records),
		cmocka_unit_test(ns_questions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
