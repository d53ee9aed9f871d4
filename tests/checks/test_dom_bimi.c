/* test_dom_bimi.c - lib/checks/dom_bimi.c, lib/records/bimi_lint.c and bimi_dmarc.c, without fetching */
#include "support.h"

#include "section_cases.h"

#define MX "example.org MX 10 mx.example.org\n"
#define D "_dmarc.example.org TXT "
#define REJECT D "v=DMARC1; p=reject; rua=mailto:d@example.org\n"
#define B "default._bimi.example.org TXT "
#define L "v=BIMI1; l=https://example.org/l.svg; a=https://example.org/c.pem;\n"

static const struct section_case cases[] = {
	{ "a good record", MX REJECT B L, "", NULL },
	{ "and another text", MX REJECT B L B "hello\n", "", NULL },
	{ "no record", MX REJECT, "bimi.missing:info", "" },
	{ "no mail is sent", "example.org TXT v=spf1 -all\n" REJECT, "", NULL },
	{ "no logo is wanted, whatever DMARC says", MX B "v=BIMI1; l=; a=;\n", "", NULL },
	{ "the record is not known", MX REJECT "default._bimi.example.org ERR SERVFAIL *\n", "dns.unknown:?",
	    "" },
	{ "DMARC is not known", MX B L "_dmarc.example.org ERR SERVFAIL *\n", "", NULL },

	{ "another version", MX REJECT B "v=BIMI2; l=https://example.org/l.svg; a=\n", "bimi.syntax:warn",
	    "v=BIMI1; l=https://example.org/l.svg; a=;" },
	{ "the version at the end", MX REJECT B "l=https://example.org/l.svg; a=; v=BIMI1;\n",
	    "bimi.syntax:warn", "v=BIMI1; l=https://example.org/l.svg; a=;" },
	{ "no l=", MX REJECT B "v=BIMI1; a=https://example.org/c.pem\n", "bimi.syntax:warn", "" },
	{ "two records", MX REJECT B L B "v=BIMI1; l=x\n", "bimi.syntax:warn",
	    "\"remove\":[\"\\\"v=BIMI1; l=x\\\"\"],\"add\":[]" },
	{ "http:", MX REJECT B "v=BIMI1; l=http://example.org/l.svg; a=;\n", "bimi.logo:warn",
	    "v=BIMI1; l=https://example.org/l.svg; a=;" },
	{ "a certificate by http:",
	    MX REJECT B "v=BIMI1; l=https://example.org/l.svg; a=http://example.org/c.pem;\n",
	    "bimi.certificate:warn", "a=https://example.org/c.pem" },
	{ "no certificate", MX REJECT B "v=BIMI1; l=https://example.org/l.svg; a=;\n",
	    "bimi.certificate:info", "" },

	{ "no DMARC", MX B L, "bimi.dmarc-too-weak:warn", "" },
	{ "p=none", MX D "v=DMARC1; p=none\n" B L, "bimi.dmarc-too-weak:warn", "v=DMARC1; p=quarantine\\\"" },
	{ "p=none, whatever is above it", MX D "v=DMARC1; p=none\n_dmarc.org ERR SERVFAIL *\n" B L,
	    "bimi.dmarc-too-weak:warn", "v=DMARC1; p=quarantine\\\"" },
	{ "p=quarantine", MX D "v=DMARC1; p=quarantine\n" B L, "", NULL },
	{ "p=quarantine, pct=100", MX D "v=DMARC1; p=quarantine; pct=100\n" B L, "", NULL },
	{ "quarantine for a part alone", MX D "v=DMARC1; p=quarantine; pct=50\n" B L,
	    "bimi.dmarc-too-weak:warn", "v=DMARC1; p=quarantine\\\"" },
	{ "reject for a part alone", MX D "v=DMARC1; p=reject; pct=50\n" B L, "", NULL },
	{ "quarantine in test mode", MX D "v=DMARC1; p=quarantine; t=y\n" B L, "bimi.dmarc-too-weak:warn",
	    "v=DMARC1; p=quarantine\\\"" },
	{ "subdomains are left out", MX D "v=DMARC1; p=reject; sp=none\n" B L, "bimi.dmarc-too-weak:warn",
	    "v=DMARC1; p=reject\\\"" },
	{ "subdomains are quarantined", MX D "v=DMARC1; p=reject; sp=quarantine\n" B L, "", NULL },
};

#define NB "default._bimi.news.example.org TXT "
#define ND "_dmarc.news.example.org TXT "

static const struct section_case below[] = {
	{ "a record of its own, the organisation's DMARC", REJECT NB L, "", NULL },
	{ "the organisation's record", REJECT B L, "", NULL },
	{ "its own, though the organisation has one",
	    REJECT B L NB "v=BIMI1; l=http://example.org/l.svg; a=;\n", "bimi.logo:warn", NULL },
	{ "declined below", REJECT B L NB "v=BIMI1; l=; a=;\n", "", NULL },
	{ "none anywhere", REJECT, "bimi.missing:info", "" },
	{ "the organisation's is not known", REJECT "default._bimi.example.org ERR TIMEOUT *\n",
	    "dns.unknown:?", "" },
	{ "its own is not known", REJECT B L "default._bimi.news.example.org ERR TIMEOUT *\n",
	    "dns.unknown:?", "" },
	{ "sp=none", D "v=DMARC1; p=reject; sp=none\n" NB L, "bimi.dmarc-too-weak:warn",
	    "v=DMARC1; p=reject\\\"" },
	{ "a weak policy of its own", REJECT ND "v=DMARC1; p=none\n" NB L, "bimi.dmarc-too-weak:warn",
	    "\"name\":\"_dmarc.news.example.org.\"" },
	{ "the organisation's is weak", D "v=DMARC1; p=none\n" ND "v=DMARC1; p=reject\n" NB L,
	    "bimi.dmarc-too-weak:warn", "\"name\":\"_dmarc.example.org.\"" },
};

static void
findings_and_fixes(void **state)
{
	(void)state;
	section_cases(cases, MH_COUNT(cases), mh_dom_bimi, mh_dom_bimi_json);
	for (size_t i = 0; i < MH_COUNT(below); i++)
		section_case_run(&below[i], "news.example.org", mh_dom_bimi, mh_dom_bimi_json);
}

static void
one_round(void **state)
{
	static const char zone[] = REJECT B L;
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;

	(void)state;
	rows_init(&rows);
	rows_add(&rows, zone, strlen(zone));
	one_section_init(&one, &mem, mh_dom_bimi, mh_dom_bimi_json);
	one.check.domain = MH_STR("news.example.org");
	one.check.fetches = false;
	assert_true(one_section_run(&one, &rows));
	test_number("all is asked in one round", one.rounds, 1);
	test_check("of the organisation as well",
	    one_section_has(&one, "default._bimi.example.org", MH_RR_TXT));
	test_span("the entry is the record's", one.rows->name, MH_STR("default._bimi.example.org"));
	test_check("results say so",
	    strstr(mh_buf_z(&one.json), "\"name\":\"default._bimi.example.org\"") != NULL);
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
	one_section_init(&one, &mem, mh_dom_bimi, mh_dom_bimi_json);
	one.check.domain = MH_STR("example.org");
	one.check.fetches = false;
	bool is_good = one_section_run(&one, &rows);
	one_section_free(&one);
	rows_free(&rows);
	return is_good;
}

static void
failing(void **state)
{
	(void)state;
	/* An arena that is reset may lose memory that it kept for speed alone. */
	for (size_t i = 0; i < MH_COUNT(cases); i += 3)
		assert_true(test_failing_allocs(scenario, (void *)(uintptr_t)cases[i].zone, true) > 5);
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
