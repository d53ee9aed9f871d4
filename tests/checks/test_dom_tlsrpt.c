/* test_dom_tlsrpt.c - lib/checks/dom_tlsrpt.c and lib/records/tlsrpt_lint.c */
#include "support.h"

#include "section_cases.h"

#define MX "example.org MX 10 mx.example.org\n"
#define T "_smtp._tls.example.org TXT "
#define GOOD "v=TLSRPTv1; rua=mailto:t@example.org\n"

static const struct section_case cases[] = {
	{ "a good record", MX T GOOD, "", NULL },
	{ "and another text", MX T GOOD T "hello\n", "", NULL },
	{ "and one of another version, which is read over", MX T GOOD T "v=TLSRPTv2; rua=x\n", "", NULL },
	{ "no record", MX, "tlsrpt.missing:info",
	    "\"add\":[\"\\\"v=TLSRPTv1; rua=mailto:tls-reports@example.org\\\"\"]" },
	{ "another text alone", MX T "hello\n", "tlsrpt.missing:info", "tls-reports@example.org" },
	{ "an alias", MX "_smtp._tls.example.org CNAME tls.example.net\n", "tlsrpt.missing:info", "" },
	{ "no mail is taken", "example.org MX 0 \n", "", NULL },
	{ "the domain is parked", "example.org TXT v=spf1 -all\n", "", NULL },
	{ "what the domain is for is not known", T GOOD "example.org ERR SERVFAIL *\n", "", NULL },
	{ "the record is not known", MX "_smtp._tls.example.org ERR SERVFAIL *\n", "dns.unknown:?", "" },
	{ "a name where it may stand is not known", MX "_tls.example.org ERR SERVFAIL *\n",
	    "tlsrpt.missing:info", NULL },

	{ "two records", MX T GOOD T "v=TLSRPTv1; rua=mailto:u@example.org\n", "tlsrpt.multiple-records:warn",
	    "\"add\":[\"\\\"v=TLSRPTv1; rua=mailto:t@example.org,mailto:u@example.org\\\"\"]" },
	{ "two that cannot be read", MX T "v=TLSRPTv1; x\n" T "v=TLSRPTv1; rua=\n",
	    "tlsrpt.multiple-records:warn", "tls-reports@example.org" },
	{ "five records",
	    MX T GOOD T "v=TLSRPTv1; 1=1\n" T "v=TLSRPTv1; 2=2\n" T "v=TLSRPTv1; 3=3\n" T "v=TLSRPTv1; 4=4\n",
	    "tlsrpt.multiple-records:warn", "" },

	{ "no semicolon", MX T "v=TLSRPTv1 rua=mailto:t@example.org\n", "tlsrpt.syntax:warn",
	    "v=TLSRPTv1; rua=mailto:t@" },
	{ "another version", MX T "v=TLSRPTv2; rua=mailto:t@example.org\n", "tlsrpt.syntax:warn",
	    "v=TLSRPTv1; rua=mailto:t@" },
	{ "the version in small letters", MX T "v=tlsrptv1; rua=mailto:t@example.org\n", "tlsrpt.syntax:warn",
	    "v=TLSRPTv1; rua=mailto:t@" },
	{ "a space before the semicolon", MX T "v=TLSRPTv1 ; rua=mailto:t@example.org\n",
	    "tlsrpt.syntax:warn", "v=TLSRPTv1; rua=mailto:t@" },
	{ "no rua", MX T "v=TLSRPTv1;\n", "tlsrpt.syntax:warn", "tls-reports@example.org" },
	{ "a colon", MX T "v=TLSRPTv1; rua:mailto:t@example.org\n", "tlsrpt.syntax:warn",
	    "v=TLSRPTv1; rua=mailto:t@" },
	{ "quotes from a zone file", MX T "\"v=TLSRPTv1; rua=mailto:t@example.org\"\n", "tlsrpt.syntax:warn",
	    "v=TLSRPTv1; rua=mailto:t@" },
	{ "no mailto:", MX T "v=TLSRPTv1; rua=t@example.org\n", "tlsrpt.uri:warn",
	    "rua=mailto:t@example.org" },
	{ "http:", MX T "v=TLSRPTv1; rua=http://example.org/tls\n", "tlsrpt.uri:warn",
	    "rua=https://example.org/tls" },
	{ "one of two", MX T "v=TLSRPTv1; rua=mailto:t@example.org,u@example.org\n", "tlsrpt.uri:warn",
	    "rua=mailto:t@example.org,mailto:u@example.org" },
	{ "a size as of DMARC", MX T "v=TLSRPTv1; rua=mailto:t@example.org!10m\n", "tlsrpt.uri:warn",
	    "rua=mailto:t@example.org\\\"" },
	{ "several faults, one fix", MX T "v=TLSRPTv1; rua=t@example.org; x; y=\n",
	    "tlsrpt.syntax:warn tlsrpt.syntax:warn tlsrpt.uri:warn", "rua=mailto:t@example.org" },

	{ "at the domain itself", MX "example.org TXT " GOOD, "tlsrpt.wrong-name:warn",
	    "\"name\":\"example.org.\"" },
	{ "without _smtp", MX "_tls.example.org TXT " GOOD, "tlsrpt.wrong-name:warn",
	    "\"name\":\"_tls.example.org.\"" },
	{ "without _smtp, and with a fault", MX "_tls.example.org TXT v=TLSRPTv1 rua=t@example.org\n",
	    "tlsrpt.wrong-name:warn", "v=TLSRPTv1; rua=mailto:t@example.org" },
	{ "there as well", MX T GOOD "_tls.example.org TXT " GOOD, "", NULL },
};

static void
findings_and_fixes(void **state)
{
	(void)state;
	section_cases(cases, MH_COUNT(cases), mh_dom_tlsrpt, NULL);
}

static void
one_round(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;

	(void)state;
	rows_init(&rows);
	rows_add(&rows, MX, strlen(MX));
	one_section_init(&one, &mem, mh_dom_tlsrpt, NULL);
	one.check.domain = MH_STR("example.org");
	assert_true(one_section_run(&one, &rows));
	test_number("all is asked in one round", one.rounds, 1);
	test_number("and it is two questions beside those of others", one.asked, 4);
	test_span("the entry has the record to be", one.rows->expected,
	    MH_STR("v=TLSRPTv1; rua=mailto:tls-reports@example.org"));
	one_section_free(&one);
	rows_free(&rows);
}

static bool
scenario(struct mh_mem mem, void *arg)
{
	struct one_section one;
	struct rows rows;

	rows_init(&rows);
	rows_add(&rows, arg, strlen(arg));
	one_section_init(&one, &mem, mh_dom_tlsrpt, NULL);
	one.check.domain = MH_STR("example.org");
	bool is_good = one_section_run(&one, &rows);
	one_section_free(&one);
	rows_free(&rows);
	return is_good;
}

static void
failing(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i += 3)
		assert_true(test_failing_allocs(scenario, (void *)(uintptr_t)cases[i].zone, false) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_and_fixes),
		cmocka_unit_test(one_round),
		cmocka_unit_test(failing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
