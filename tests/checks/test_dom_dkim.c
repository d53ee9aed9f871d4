/* test_dom_dkim.c - lib/checks/dom_dkim.c and dom_dkim_tell.c */
#include "support.h"

#include <stdio.h>

#include "one_section.h"
#include "records/dkim_keys.h"

#define D "example.org"
#define K "._domainkey." D " "
#define RSA "v=DKIM1; k=rsa; p=" SPKI_2048
#define ED "v=DKIM1; k=ed25519; p=" ED25519_RAW
#define SENDS D " MX 10 mx." D "\n" D " TXT v=spf1 mx -all\n"
#define PROBE "mailhealth-no-such-selector"

/* Selectors that are given (with spaces between), what DNS has, a private key; the findings, words of the first
 * one's detail, and a part of its fix ("": it has none, "-": not looked at). */
static const struct {
	const char *sentence, *selectors, *rows, *pem, *findings, *detail, *fix;
} cases[] = {
	{ "a key as it should be", "s1", "s1" K "TXT " RSA "\n", "", "", "", "-" },
	{ "a selector as a whole name", "S1._domainkey.Example.org.", "s1" K "TXT " RSA "\n", "", "", "",
	    "-" },
	{ "two labels", "a.b", "a.b" K "TXT " RSA "\n", "", "", "", "-" },
	{ "a selector with a U-label", "sch\xc3\xb6n", "xn--schn-7qa" K "TXT " RSA "\n", "", "", "", "-" },

	{ "no key at all", "s1", SENDS, "", "dkim.key-missing:fail",
	    "There is nothing below _domainkey." D " at all: no selector has a key.", "" },
	{ "no key at this one", "s1", "s2" K "TXT " RSA "\n", "", "dkim.key-missing:fail",
	    "There is no TXT record.", "" },
	{ "another text", "s1", "s1" K "TXT hello\n", "", "dkim.key-missing:fail",
	    "The TXT record that stands there is no DKIM key.", "" },
	{ "an alias that leads nowhere", "s1", "s1" K "CNAME s1.example.net\n", "", "dkim.key-missing:fail",
	    "The name is an alias of s1.example.net, and there is no TXT record.", "" },
	{ "the domain twice", "s1", "s1._domainkey." D "." D " TXT " ED "\n", "", "dkim.key-missing:fail",
	    "A key stands at s1._domainkey." D "." D ", where nobody looks: panels",
	    "[{\"name\":\"s1._domainkey." D "." D ".\",\"type\":\"TXT\",\"ttl\":3600,\"remove\":[\"\\\"" ED
	    "\\\"\"],\"add\":[]},{\"name\":\"s1._domainkey." D
	    ".\",\"type\":\"TXT\",\"ttl\":3600,\"remove\":[]"
	    ",\"add\":[\"\\\"" ED "\\\"\"]}]" },
	{ "no _domainkey in the name", "s1", "s1." D " TXT " ED "\n", "", "dkim.key-missing:fail",
	    "_domainkey is missing in the name", "-" },
	{ "one that cannot be asked for", "s1", "s1" K "ERR SERVFAIL *\n", "", "dns.unknown:?", "", "" },
	{ "one of two that cannot", "s1 s2", "s1" K "ERR TIMEOUT *\ns2" K "TXT " ED "\n", "", "dns.unknown:?",
	    "", "" },
	{ "a revoked key", "s1", "s1" K "TXT v=DKIM1; p=\n", "", "dkim.key-revoked:fail", "", "" },
	{ "a short key of somebody else's", "s1",
	    "s1" K "CNAME s1." D ".dkim.fmhosted.com\ns1." D ".dkim.fmhosted.com TXT v=DKIM1; p=" SPKI_1024
	    "\n",
	    "", "dkim.key-short:warn dkim.delegated:info", "", "" },
	{ "a broken key of somebody else's has no fix here", "s1",
	    "s1" K "CNAME k.example.net\nk.example.net TXT v=DKIM1\\; p=" SPKI_2048 "\n", "",
	    "dkim.escaped-semicolon:fail dkim.delegated:info", "", "" },
	{ "a key of long ago", "x-20190102", "x-20190102" K "TXT " RSA "\n", "", "dkim.key-old:info",
	    "The selector has the year 2019 in its name.", "" },
	{ "a key of last year", "2025a", "2025a" K "TXT " RSA "\n", "", "", "", "-" },
	{ "a number that is no year", "s42582019", "s42582019" K "TXT " RSA "\n", "", "", "", "-" },
	{ "only Ed25519", "s1", "s1" K "TXT " ED "\n", "", "dkim.ed25519-only:warn", "", "" },
	{ "Ed25519 beside RSA", "s1 s2", "s1" K "TXT " ED "\ns2" K "TXT " RSA "\n", "", "", "", "-" },
	{ "Ed25519, and a name that has nothing", "s1 s2", "s1" K "TXT " ED "\n", "",
	    "dkim.key-missing:fail dkim.ed25519-only:warn", "There is no TXT record. There are keys at: s1.",
	    "" },

	{ "a wildcard with a key", "s1", "*" K "TXT " RSA "\n" PROBE K "TXT " RSA "\ns1" K "TXT " RSA "\n",
	    "", "dkim.wildcard:warn", "", "" },
	{ "a wildcard with something else", "s1", PROBE K "TXT v=spf1 -all\ns1" K "TXT v=spf1 -all\n", "",
	    "dkim.key-missing:fail dkim.wildcard:info",
	    "What stands there is the answer of a wildcard record, and no DKIM key.", "" },
	{ "a wildcard that revokes all others", "s1", PROBE K "TXT v=DKIM1; p=\ns1" K "TXT " RSA "\n", "", "",
	    "", "-" },

	{ "the private key of the published one", "s1", "s1" K "TXT v=DKIM1; p=" SPKI_1024 "\n", PEM_PKCS1,
	    "dkim.key-short:warn", "", "" },
	{ "the private key of one of several", "s1 s2",
	    "s2" K "TXT v=DKIM1; p=" SPKI_1024 "\ns1" K "TXT " RSA "\n", PEM_PKCS8, "dkim.key-short:warn", "",
	    "" },
	{ "the private key of Ed25519", "s1 s2", "s1" K "TXT " ED "\ns2" K "TXT " RSA "\n", PEM_ED25519, "",
	    "", "-" },
	{ "another private key", "s1", "s1" K "TXT " RSA "\n", PEM_ED25519, "dkim.key-mismatch:fail",
	    "The private key is an Ed25519 key of 256 bits, the published one RSA of 2048 bits.",
	    "\"add\":[\"\\\"" ED "\\\"\"]}]" },
	{ "another private key, and a selector that is unknown", "s1 s2",
	    "s1" K "TXT " RSA "\ns2" K "ERR SERVFAIL *\n", PEM_ED25519, "dns.unknown:?", "", "" },
	{ "a private key whose public one is not published", "s1", "", PEM_ED25519, "dkim.key-missing:fail",
	    "",
	    "[{\"name\":\"s1._domainkey." D
	    ".\",\"type\":\"TXT\",\"ttl\":3600,\"remove\":[],\"add\":[\"\\\"" ED "\\\"\"]}]" },
	{ "a private key that cannot be read", "s1", "s1" K "TXT " RSA "\n", PEM_EC,
	    "dkim.private-key-unread:info", "It is no RSA or Ed25519 key in PEM.", "" },

	{ "nothing by guessing", "", SENDS, "", "dkim.none-found:warn",
	    "There is nothing below this name, so no selector has a key.", "" },
	{ "something that was not guessed", "", SENDS "x77" K "TXT " RSA "\n", "", "dkim.none-found:info",
	    "There is at least one selector below this name that is not among those that were tried.", "" },
	{ "a server that answers NODATA for everything", "",
	    SENDS PROBE K "NODATA\n_domainkey." D " NODATA\n", "", "dkim.none-found:warn",
	    "There may be selectors that are not among those that were tried.", "" },
	{ "a usual selector", "", SENDS "mail" K "TXT " RSA "\n", "", "", "", "-" },
	{ "several", "", SENDS "mail" K "TXT " RSA "\ngoogle" K "TXT v=DKIM1; p=" SPKI_512 "\n", "",
	    "dkim.key-too-short:fail", "", "" },
	{ "an old one that is revoked hurts nobody", "",
	    SENDS "mail" K "TXT " RSA "\ngoogle" K "TXT v=DKIM1; p=\n", "", "dkim.key-revoked:info", "", "" },
	{ "an old one that is revoked, and no other", "", SENDS "google" K "TXT v=DKIM1; p=\n", "",
	    "dkim.key-revoked:warn", "No other key was found", "" },
	{ "what MX hints at", "",
	    D " MX 10 mxext1.mailbox.org\nmbo0001" K "CNAME mbo0001._domainkey.mailbox.org\n"
	      "mbo0001._domainkey.mailbox.org TXT " RSA "\n",
	    "", "dkim.delegated:info",
	    "It is an alias of mbo0001._domainkey.mailbox.org, which belongs to mailbox.org.", "" },
	{ "what SPF hints at", "",
	    D " TXT v=spf1 include:_spf.hostinger.com ~all\nhostingermail-a" K "TXT " RSA "\n", "", "", "",
	    "-" },
	{ "a wildcard of something else is no key", "",
	    SENDS PROBE K "TXT v=spf1 -all\nmail" K "TXT v=spf1 -all\n", "",
	    "dkim.none-found:warn dkim.wildcard:info", "", "" },
	{ "a wildcard with a key is found once", "", SENDS PROBE K "TXT " ED "\nmail" K "TXT " ED "\n", "",
	    "dkim.ed25519-only:warn dkim.wildcard:warn", "", "" },
	{ "a domain that sends nothing", "", D " TXT v=spf1 -all\n" D " MX 0 \n", "", "", "", "-" },
	{ "a domain that only receives", "", D " TXT v=spf1 -all\n" D " MX 0 mx." D "\n", "", "", "", "-" },
	{ "a domain of a web site", "", D " A 192.0.2.1\n", "", "", "", "-" },
	{ "a domain that only sends", "", D " TXT v=spf1 ip4:192.0.2.1 -all\n", "", "dkim.none-found:warn",
	    "", "" },
	{ "what the domain does is not known", "", D " ERR SERVFAIL TXT\n", "", "", "", "-" },
	{ "guesses that cannot be asked", "", SENDS "mail" K "ERR TIMEOUT *\ndkim" K "ERR TIMEOUT *\n", "",
	    "dns.unknown:?", "So it was with 2 of the usual selectors.", "" },
	{ "guesses that cannot be asked beside a key", "",
	    SENDS "mail" K "ERR TIMEOUT *\ndefault" K "TXT " ED "\n", "", "", "", "-" },
};

/* run_case - one of them to its end; false: no memory */
static bool
run_case(struct one_section *one, struct rows *rows, const struct mh_mem *mem, size_t i)
{
	const char *p = cases[i].selectors;

	rows_clear(rows);
	rows_add(rows, cases[i].rows, strlen(cases[i].rows));
	assert_null(rows->bad);
	one_section_init(one, mem, mh_dom_dkim, mh_dom_dkim_json);
	one->check.domain = MH_STR(D);
	one->check.private_key = mh_str_z(cases[i].pem);
	one->check.now = INT64_C(1795000000); /* 2026-11 */
	while (*p != '\0') {
		size_t len = strcspn(p, " ");
		one->check.selectors[one->check.selectors_count++] = mh_str_n(p, len);
		p += len + (p[len] == ' ');
	}
	one->check.guesses_selectors = one->check.selectors_count == 0;
	return one_section_run(one, rows);
}

/* check_case - whether the report is what it should be */
static void
check_case(const struct one_section *one, size_t i)
{
	const char *sentence = cases[i].sentence;
	char ids[512];

	one_section_ids(one, ids, sizeof(ids));
	test_span(sentence, mh_str_z(ids), mh_str_z(cases[i].findings));
	const struct mh_finding *first = mh_report_at(one->report, 0);
	if (cases[i].detail[0] != '\0')
		test_check(sentence, strstr(first->detail, cases[i].detail) != NULL);
	if (strcmp(cases[i].fix, "-") != 0 && cases[i].fix[0] == '\0')
		test_span(sentence, mh_str_z(first->fix), MH_STR(""));
	else if (strcmp(cases[i].fix, "-") != 0)
		test_check(sentence, strstr(first->fix, cases[i].fix) != NULL);
	test_check(sentence, test_is_json(mh_buf_z(&one->json)));
	test_check(sentence, one->rounds <= 2);
}

static void
keys_are_looked_at(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	(void)state;
	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct one_section one;
		test_check(cases[i].sentence, run_case(&one, &rows, &mem, i));
		check_case(&one, i);
		one_section_free(&one);
	}
	rows_free(&rows);
}

static void
guessing_asks_few_questions_at_once(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	struct one_section one;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, SENDS, strlen(SENDS));
	one_section_init(&one, &mem, mh_dom_dkim, NULL);
	one.check.domain = MH_STR(D);
	one.check.guesses_selectors = true;
	one.check.now = INT64_C(1764201600);
	test_check("it runs", one_section_run(&one, &rows));
	test_number("in one round", one.rounds, 1);
	test_check("of at most forty questions, and MX and TXT of the domain", one.asked <= 42);
	test_check("among them this year", one_section_has(&one, "2025._domainkey." D, MH_RR_TXT));
	one_section_free(&one);
	rows_clear(&rows);
	static const char hints[] =
	    D " MX 0 mx01.ionos.de\n" D " TXT v=spf1 include:mailbox.org include:spf.purelymail.com "
	      "include:hostinger.com include:amazonses.com -all\n";
	rows_add(&rows, hints, sizeof(hints) - 1);
	one_section_init(&one, &mem, mh_dom_dkim, NULL);
	one.check.domain = MH_STR(D);
	one.check.guesses_selectors = true;
	test_check("it runs", one_section_run(&one, &rows));
	test_number("hints take one round more", one.rounds, 2);
	test_check("but no more questions", one.asked <= 42);
	test_check("it asks what the first of them uses",
	    one_section_has(&one, "s1-ionos._domainkey." D, MH_RR_TXT));
	one_section_free(&one);
	rows_free(&rows);
}

static void
results_say_what_is_there(void **state)
{
	static const struct {
		const char *sentence, *part;
	} wanted[] = {
		{ "an RSA key",
		    "{\"selector\":\"s1\",\"domain\":\"" D
		    "\",\"state\":\"present\",\"key\":\"rsa\",\"bits\":1024,\"provider\":\"fastmail\"" },
		{ "its lists", "\"hashes\":[\"sha256\"],\"flags\":[\"y\",\"s\"],\"services\":[\"email\"]" },
		{ "a missing one",
		    "{\"selector\":\"s2\",\"domain\":\"" D
		    "\",\"state\":\"absent\",\"key\":\"\",\"bits\":null,\"provider\":\"\"" },
		{ "an unknown one", "{\"selector\":\"s3\",\"domain\":\"" D "\",\"state\":\"unknown\"" },
	};
	static const char text[] =
	    "s1" K "CNAME s1.dkim.fmhosted.com\n"
	    "s1.dkim.fmhosted.com TXT v=DKIM1; h=sha256; s=email; t=y:s; p=" SPKI_1024 "\n"
	    "s3" K "ERR SERVFAIL *\n";
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	struct one_section one;
	unsigned count = 0;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, text, sizeof(text) - 1);
	one_section_init(&one, &mem, mh_dom_dkim, mh_dom_dkim_json);
	one.check.domain = MH_STR(D);
	one.check.selectors[0] = MH_STR("s1");
	one.check.selectors[1] = MH_STR("s2");
	one.check.selectors[2] = MH_STR("s3");
	one.check.selectors[3] = MH_STR("S2"); /* once more */
	one.check.selectors_count = 4;
	test_check("it runs", one_section_run(&one, &rows));
	for (size_t i = 0; i < MH_COUNT(wanted); i++)
		test_check(wanted[i].sentence, strstr(mh_buf_z(&one.json), wanted[i].part) != NULL);
	for (const struct mh_domain_row *row = one.rows; row != NULL; row = row->next)
		count++;
	test_number("an entry for each", count, 3);
	one_section_free(&one);
	rows_free(&rows);
}

static void
names_that_are_too_long_are_not_asked(void **state)
{
	static char domain[250];
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	struct one_section one;
	(void)state;
	for (size_t i = 0; i < sizeof(domain); i++)
		domain[i] = i % 60 == 59 ? '.' : 'a';
	rows_init(&rows);
	one_section_init(&one, &mem, mh_dom_dkim, mh_dom_dkim_json);
	one.check.domain = mh_str_n(domain, sizeof(domain));
	one.check.selectors[one.check.selectors_count++] = MH_STR("s1");
	test_check("it runs", one_section_run(&one, &rows));
	test_number("asks nothing", one.asked, 0);
	one_section_free(&one);
	rows_free(&rows);
}

static bool
without_memory(struct mh_mem mem, void *arg)
{
	const size_t *i = arg;
	struct one_section one;
	struct rows rows;

	rows_init(&rows);
	bool is_good = run_case(&one, &rows, &mem, *i);
	/* Memory that is only kept for speed may fail; what is said is all there then. */
	if (is_good)
		check_case(&one, *i);
	one_section_free(&one);
	rows_free(&rows);
	return is_good;
}

static void
memory_may_fail(void **state)
{
	static const char *const sentences[] = { "the domain twice", "another private key", "two labels",
		"what MX hints at", "a wildcard with a key is found once", "guesses that cannot be asked" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		for (size_t k = 0; k < MH_COUNT(sentences); k++)
			if (strcmp(cases[i].sentence, sentences[k]) == 0)
				assert_true(test_failing_allocs(without_memory, &i, true) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_looked_at),
		cmocka_unit_test(guessing_asks_few_questions_at_once),
		cmocka_unit_test(results_say_what_is_there),
		cmocka_unit_test(names_that_are_too_long_are_not_asked),
		cmocka_unit_test(memory_may_fail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
