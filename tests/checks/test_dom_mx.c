/* test_dom_mx.c - lib/checks/dom_mx.c */
#include "support.h"

#include <stdio.h>

#include "dom_cases.h"

#define ASKED "192.0.2.10"
#define TWO \
	"example.org MX 10 mx1.example.org\nexample.org MX 20 mx2.example.org\n" HOST1 \
	"mx2.example.org A 198.51.100.25\nmx2.example.org AAAA 2001:db8:1::25\n"
#define ONE "example.org MX 10 mx1.example.org\n" HOST1
#define HOST1 "mx1.example.org A 192.0.2.25\nmx1.example.org AAAA 2001:db8::25\n"
#define FIX(name, type, remove, add) \
	"{\"name\":\"" name ".\",\"type\":\"" type "\",\"ttl\":3600,\"remove\":[" remove "],\"add\":[" add \
	"]}"
#define MX(remove, add) FIX("example.org", "MX", remove, add)

static const struct dom_case cases[] = {
	{ "two hosts with both kinds of addresses", TWO, "", "", "-", ASKED },
	{ "letter case does not matter",
	    "example.org MX 10 MX1.Example.ORG\nexample.org MX 20 mx1.example.org\n" HOST1,
	    "mx.duplicate:warn mx.single-point:info", "mx1.example.org has 2 MX records",
	    "[" MX("\"20 mx1.example.org.\"", "") "]", ASKED },

	{ "a host that does not exist", ONE "example.org MX 20 gone.example.org\n", "mx.missing-target:fail",
	    "gone.example.org does not exist.", "[" MX("\"20 gone.example.org.\"", "") "]", NULL },
	{ "the only host does not exist", "example.org MX 10 gone.example.org\n", "mx.missing-target:fail",
	    "", "", NULL },
	{ "a dot that was forgotten",
	    TWO "example.org MX 30 mx3.example.org.example.org\nmx3.example.org A 203.0.113.5\n",
	    "mx.missing-target:fail", "It seems that mx3.example.org is meant",
	    "[" MX("\"30 mx3.example.org.example.org.\"", "\"30 mx3.example.org.\"") "]", NULL },
	{ "a dot that was forgotten of a host that has a record",
	    TWO "example.org MX 30 mx2.example.org.example.org\n", "mx.missing-target:fail",
	    "It seems that mx2.example.org is meant", "[" MX("\"30 mx2.example.org.example.org.\"", "") "]",
	    NULL },
	{ "a dot that was forgotten of a host of others",
	    TWO "example.org MX 30 mx.example.net.example.org\n", "mx.missing-target:fail", "does not exist.",
	    "[" MX("\"30 mx.example.net.example.org.\"", "") "]", NULL },
	{ "a dot behind half a name", "example.org MX 10 mx1\n" HOST1, "mx.missing-target:fail",
	    "It seems that mx1.example.org is meant", "[" MX("\"10 mx1.\"", "\"10 mx1.example.org.\"") "]",
	    NULL },
	{ "two records of the host that does not exist",
	    ONE "example.org MX 20 gone.example.org\nexample.org MX 30 gone.example.org\n",
	    "mx.missing-target:fail mx.duplicate:warn", "",
	    "[" MX("\"20 gone.example.org.\",\"30 gone.example.org.\"", "") "]", NULL },
	{ "an alias that leads nowhere",
	    ONE "example.org MX 20 alias.example.org\nalias.example.org CNAME gone.example.net\n",
	    "mx.missing-target:fail",
	    "alias.example.org is an alias of gone.example.net, which does not exist.",
	    "[" MX("\"20 alias.example.org.\"", "") "]", NULL },

	{ "an alias", "example.org MX 10 alias.example.org\nalias.example.org CNAME mx1.example.org\n" HOST1,
	    "mx.cname:fail mx.single-point:info",
	    "alias.example.org is an alias (CNAME) of mx1.example.org; name that",
	    "[" MX("\"10 alias.example.org.\"", "\"10 mx1.example.org.\"") "]", NULL },
	{ "an alias of a host that has a record",
	    TWO "example.org MX 30 alias.example.org\nalias.example.org CNAME mx2.example.org\n",
	    "mx.cname:fail", "", "[" MX("\"30 alias.example.org.\"", "") "]", NULL },
	{ "a chain of aliases ends at its end",
	    TWO "example.org MX 30 a.example.org\na.example.org CNAME b.example.org\nb.example.org CNAME "
		"mx3.example.net\nmx3.example.net A 203.0.113.1\n",
	    "mx.cname:fail", "", "[" MX("\"30 a.example.org.\"", "\"30 mx3.example.net.\"") "]", NULL },
	{ "aliases in a circle are unknown",
	    TWO "example.org MX 30 a.example.org\na.example.org CNAME a.example.org\n",
	    "dns.unknown:? dns.unknown:?", "", "-", NULL },

	{ "an address in place of a name, and a name that is free for it",
	    ONE "example.org MX 20 203.0.113.25\n", "mx.address-literal:fail",
	    "203.0.113.25, which mail servers look up as a name",
	    "[" FIX("mail.example.org", "A", "", "\"203.0.113.25\"") "," MX("\"20 203.0.113.25.\"",
		"\"20 mail.example.org.\"") "]",
	    NULL },
	{ "and a name that has it", "example.org MX 10 192.0.2.25\nmail.example.org A 192.0.2.25\n",
	    "mx.address-literal:fail", "", "[" MX("\"10 192.0.2.25.\"", "\"10 mail.example.org.\"") "]",
	    NULL },
	{ "and a name that has another use", "example.org MX 10 192.0.2.25\nmail.example.org A 192.0.2.26\n",
	    "mx.address-literal:fail", "", "", NULL },
	{ "and a host that has it", TWO "example.org MX 30 192.0.2.25\n", "mx.address-literal:fail", "",
	    "[" MX("\"30 192.0.2.25.\"", "") "]", NULL },
	{ "an address in brackets", ONE "example.org MX 20 [203.0.113.25]\n", "mx.address-literal:fail", "",
	    "-", NULL },
	{ "an IPv6 address", ONE "example.org MX 20 2001:db8::26\nmail.example.org A 192.0.2.10\n",
	    "mx.address-literal:fail", "", "[" MX("\"20 2001:db8::26.\"", "") "]", NULL },
	{ "an address to which the name of the zone was added",
	    ONE "example.org MX 20 203.0.113.25.example.org\n", "mx.address-literal:fail", "",
	    "[" FIX("mail.example.org", "A", "",
		"\"203.0.113.25\"") "," MX("\"20 203.0.113.25.example.org.\"",
		"\"20 mail.example.org.\"") "]",
	    NULL },
	{ "a private address in place of a name", "example.org MX 10 10.0.0.1\n", "mx.address-literal:fail",
	    "", "", NULL },

	{ "a private address", ONE "example.org MX 20 mx2.example.org\nmx2.example.org A 10.0.0.25\n",
	    "mx.private-address:fail", "mx2.example.org has the address 10.0.0.25.",
	    "[" MX("\"20 mx2.example.org.\"", "") "]", NULL },
	{ "the only host has a private address",
	    "example.org MX 10 mx2.example.org\nmx2.example.org A 10.0.0.25\n", "mx.private-address:fail", "",
	    "", NULL },
	{ "a private address beside a public one", TWO "mx2.example.org A 192.168.1.25\n",
	    "mx.private-address:fail", "192.168.1.25 beside public ones.",
	    "[" FIX("mx2.example.org", "A", "\"192.168.1.25\"", "") "]", NULL },
	{ "of a host of others it is not ours to change",
	    ONE "example.org MX 20 mx.example.net\nmx.example.net A 192.168.1.25\nmx.example.net A "
		"203.0.113.25\n",
	    "mx.private-address:fail", "", "[" MX("\"20 mx.example.net.\"", "") "]", NULL },
	{ "a unique local address", TWO "mx2.example.org AAAA fd00::25\n", "mx.private-address:fail",
	    "fd00::25", "[" FIX("mx2.example.org", "AAAA", "\"fd00::25\"", "") "]", NULL },
	{ "an address shared by a provider's customers",
	    ONE "example.org MX 20 m.example.org\nm.example.org A 100.64.0.1\n", "mx.private-address:fail",
	    "", "-", NULL },

	{ "127.0.0.1", ONE "example.org MX 20 loop.example.org\nloop.example.org A 127.0.0.1\n",
	    "mx.self-loop:fail", "loop.example.org has the address 127.0.0.1: a sender",
	    "[" MX("\"20 loop.example.org.\"", "") "]", NULL },
	{ "0.0.0.0", ONE "example.org MX 20 loop.example.org\nloop.example.org A 0.0.0.0\n",
	    "mx.self-loop:fail", "", "-", NULL },
	{ "::1", TWO "mx2.example.org AAAA ::1\n", "mx.self-loop:fail", "::1 beside public ones: a sender",
	    "[" FIX("mx2.example.org", "AAAA", "\"::1\"", "") "]", NULL },
	{ "a mapped 127.0.0.1", TWO "mx2.example.org AAAA ::ffff:127.0.0.1\n", "mx.self-loop:fail", "", "-",
	    NULL },
	{ "localhost is not even asked for", ONE "example.org MX 20 localhost\nlocalhost ERR TIMEOUT *\n",
	    "mx.self-loop:fail", "localhost is what every machine calls itself",
	    "[" MX("\"20 localhost.\"", "") "]", NULL },
	{ "127.0.0.1 in place of a name", "example.org MX 10 127.0.0.1\n", "mx.self-loop:fail", "", "",
	    NULL },

	{ "the null MX", "example.org MX 0 \n", "mx.null:info", "", "", NULL },
	{ "the null MX of a domain that sends nothing", "example.org MX 0 \nexample.org TXT v=spf1 -all\n",
	    "mx.null:info", "", "", NULL },
	{ "the null MX of one that sends", "example.org MX 0 \nexample.org TXT v=spf1 ip4:192.0.2.10 -all\n",
	    "mx.null:info", "Receivers may refuse", "", ASKED },
	{ "the null MX with a preference", "example.org MX 10 \n", "mx.null:info", "with 0 in front", "",
	    NULL },
	{ "the null MX beside a host", ONE "example.org MX 0 \n",
	    "mx.null-with-others:fail mx.single-point:info", "", "[" MX("\"0 .\"", "") "]", NULL },

	{ "a host without an address", ONE "example.org MX 20 t.example.org\nt.example.org TXT x\n",
	    "mx.no-address:fail", "t.example.org exists, and has neither",
	    "[" MX("\"20 t.example.org.\"", "") "]", NULL },
	{ "the only host has none", "example.org MX 10 t.example.org\nt.example.org TXT x\n",
	    "mx.no-address:fail", "", "", NULL },

	{ "no MX record, and somebody asked about sending", "example.org A 192.0.2.80\n", "mx.none:warn",
	    "Senders go to the domain's own address.", "[" MX("", "\"10 example.org.\"") "]", ASKED },
	{ "no MX record, and the domain lets somebody send",
	    "example.org A 192.0.2.80\nexample.org TXT v=spf1 ip4:192.0.2.10 -all\n", "mx.none:warn", "",
	    "[" MX("", "\"10 example.org.\"") "]", NULL },
	{ "a domain for a web site alone", "example.org A 192.0.2.80\nexample.org TXT hello\n",
	    "mx.none:info", "", "", NULL },
	{ "a parked domain without the null MX", "example.org A 192.0.2.80\nexample.org TXT v=spf1 -all\n",
	    "mx.none:info", "", "[" MX("", "\"0 .\"") "]", NULL },
	{ "neither MX record nor address", "example.org TXT x\n", "mx.none:warn", "It has no address either",
	    "", ASKED },
	{ "no MX record and a private address", "example.org A 10.0.0.1\n", "mx.none:warn",
	    "none of the Internet", "", ASKED },
	{ "no MX record, and what it is for is not known",
	    "example.org A 192.0.2.80\nexample.org ERR SERVFAIL TXT\n", "mx.none:info", "", "", NULL },
	{ "an alias has none of its own",
	    "example.org CNAME other.example.net\nother.example.net A 192.0.2.80\n", "mx.none:warn", "", "",
	    ASKED },
	{ "a domain that does not exist", "", "mx.no-domain:fail", "", "", NULL },

	{ "two names of one address",
	    "example.org MX 10 mx1.example.org\nexample.org MX 20 mx2.example.org\n" HOST1
	    "mx2.example.org A 192.0.2.25\nmx2.example.org AAAA 2001:db8::25\n",
	    "mx.duplicate:warn", "mx1.example.org and mx2.example.org have the same addresses",
	    "[" MX("\"20 mx2.example.org.\"", "") "]", NULL },
	{ "two names of several addresses are only strange",
	    "example.org MX 10 mx1.example.org\nexample.org MX 20 mx2.example.org\n" HOST1
	    "mx1.example.org A 192.0.2.26\nmx2.example.org A 192.0.2.26\nmx2.example.org A 192.0.2.25\n"
	    "mx2.example.org AAAA 2001:db8::25\n",
	    "mx.duplicate:info", "", "-", NULL },
	{ "one host", ONE, "mx.single-point:info", "All mail goes to mx1.example.org.", "", NULL },
	{ "one host of many addresses is more than one", ONE "mx1.example.org A 192.0.2.26\n", "", "", "-",
	    NULL },
	{ "no IPv6",
	    "example.org MX 10 mx1.example.org\nexample.org MX 20 mx2.example.org\nmx1.example.org A "
	    "192.0.2.25\n"
	    "mx2.example.org A 192.0.2.26\n",
	    "mx.no-ipv6:info", "", "", NULL },

	{ "MX records that cannot be had", "example.org ERR SERVFAIL MX\n", "dns.unknown:?", "", "-", ASKED },
	{ "an address that cannot be had",
	    "example.org MX 10 mx1.example.org\nmx1.example.org AAAA 2001:db8::25\n"
	    "mx1.example.org ERR TIMEOUT A\n",
	    "dns.unknown:?", "", "-", ASKED },
	{ "neither address can be had", "example.org MX 10 mx1.example.org\nmx1.example.org ERR TIMEOUT *\n",
	    "dns.unknown:? dns.unknown:?", "", "-", ASKED },
};

static const struct dom_section section = { mh_dom_mx, NULL, "", 3, 24 };

static void
findings_and_fixes(void **state)
{
	(void)state;
	dom_cases_run(&section, cases, MH_COUNT(cases));
}

static void
nothing_rests_on_what_is_unknown(void **state)
{
	(void)state;
	dom_cases_unknown(&section, cases, MH_COUNT(cases));
}

static void
out_of_memory(void **state)
{
	(void)state;
	dom_cases_memory(&section, cases, MH_COUNT(cases));
}

/* As many records as there can be, and no more than sixteen hosts are asked for. */
static void
many_records(void **state)
{
	struct mh_mem mem = mh_mem_default();
	static char text[300 * 80];
	struct one_section one;
	struct rows rows;
	size_t n = 0;
	unsigned skipped = 0;

	(void)state;
	rows_init(&rows);
	for (int i = 0; i < 300; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "example.org MX %d m%d.example.org\nm%d.example.org A 10.0.0.%d\n", 300 - i, i, i,
		    i % 250);
	assert_true(dom_cases_begin(&one, &rows, &section, &mem, text, NULL));
	test_number("questions", one.asked, 2 + 2 * 16);
	for (const struct mh_domain_row *row = one.rows; row != NULL; row = row->next)
		skipped += row->is_skipped;
	test_number("those that are not looked at are shown as such", skipped, 100 - 16);
	test_check("it is told", one_section_finding(&one, "mx.private-address") != NULL);
	one_section_free(&one);
	rows_free(&rows);
}

static void
rounds_and_rows(void **state)
{
	static const char *const want[] = { "example.org", "mx1.example.org", "mx1.example.org",
		"mx2.example.org", "mx2.example.org" };
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	size_t i = 0;

	(void)state;
	rows_init(&rows);
	assert_true(dom_cases_begin(&one, &rows, &section, &mem, TWO, ASKED));
	test_number("rounds", one.rounds, 2);
	test_number("questions", one.asked, 6);
	for (const struct mh_domain_row *row = one.rows; row != NULL; row = row->next, i++) {
		assert_true(i < MH_COUNT(want));
		test_span("an entry", row->name, mh_str_z(want[i]));
		test_span("its id", mh_str_z(row->id), MH_STR("mx"));
	}
	test_number("entries", (int64_t)i, MH_COUNT(want));
	one_section_free(&one);
	rows_free(&rows);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_and_fixes),
		cmocka_unit_test(nothing_rests_on_what_is_unknown),
		cmocka_unit_test(many_records),
		cmocka_unit_test(rounds_and_rows),
		cmocka_unit_test(out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
