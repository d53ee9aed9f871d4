/* test_spf_lint.c - lib/records/spf_lint*.c: what is said, where, and that nothing breaks it
 *
 * Which findings there are for which record, and that every fix does what it
 * promises, is in tests/bindings/test_spf_lint.py.
 */
#include <stdio.h>

#include "rows.h"
#include "support.h"

#include "error.h"
#include "find.h"
#include "spf_lint.h"

/* A lint from question to report. */
struct lint {
	struct mh_work work;
	struct mh_arena scratch;
	struct mh_mem mem;
	struct mh_spf_question question;
	struct mh_report *report; /* NULL: no memory */
	struct mh_str expected; /* the record to publish */
};

static void
run_pass(void *check, struct mh_pass *pass)
{
	struct lint *lint = check;
	struct mh_spf_verdict verdict;
	struct mh_spf_node *tree = NULL;
	mh_spf_eval(pass, &lint->question, &verdict, &tree, true);
	if (tree != NULL)
		(void)mh_spf_lint(pass, &lint->question, tree,
		    lint->question.ip.family != 0 ? &verdict : NULL, NULL);
}

/* write_report - the last pass, with a report */
static void
write_report(struct lint *lint)
{
	struct mh_spf_verdict verdict;
	struct mh_spf_node *tree = NULL;
	struct mh_pass view;

	lint->report = mh_report_make(&lint->mem);
	if (lint->report == NULL)
		return;
	mh_work_view(&lint->work, &view, &lint->scratch);
	mh_spf_eval(&view, &lint->question, &verdict, &tree, true);
	if (tree != NULL)
		lint->expected = mh_spf_lint(&view, &lint->question, tree,
		    lint->question.ip.family != 0 ? &verdict : NULL, lint->report);
	assert_true(view.error == MH_ERR_OK || view.error == MH_ERR_ENOMEM);
	if (view.error == MH_ERR_OK && tree != NULL && mh_report_finish(lint->report) == MH_ERR_OK)
		return;
	mh_report_unref(lint->report);
	lint->report = NULL;
}

/* run_lint - lints example.org among rows; free_lint frees it */
static void
run_lint(struct lint *lint, const struct mh_mem *mem, struct rows *rows, const char *ip)
{
	struct mh_source source = rows_source(rows);
	int r;

	*lint = (struct lint){ .mem = *mem };
	mh_work_init(&lint->work, &lint->mem, run_pass, lint);
	mh_arena_init(&lint->scratch, &lint->mem, 1u << 18);
	(void)mh_work_add_part(&lint->work);
	lint->question = (struct mh_spf_question){ .domain = MH_STR("example.org"),
		.sender = MH_STR("a@example.org"),
		.now = -1,
		.rules = &mh_spf_rfc7208 };
	if (ip != NULL)
		assert_true(mh_ip_parse(mh_str_z(ip), &lint->question.ip));
	while ((r = mh_work_step(&lint->work, 0, &lint->scratch)) == MH_WORK_WAIT)
		if ((r = mh_work_answer_from(&lint->work, &source)) <= 0)
			break;
	if (r == MH_WORK_DONE)
		write_report(lint);
}

static void
free_lint(struct lint *lint)
{
	if (lint->report != NULL)
		mh_report_unref(lint->report);
	mh_work_free(&lint->work);
	mh_arena_free(&lint->scratch);
}

/* find - the nth finding of an id, or NULL */
static const struct mh_finding *
find(const struct lint *lint, const char *id, unsigned nth)
{
	const struct mh_finding *finding;
	for (size_t i = 0; (finding = mh_report_at(lint->report, i)) != NULL; i++)
		if (strcmp(finding->kind->id, id) == 0 && nth-- == 0)
			return finding;
	return NULL;
}

/* ------------------------------------------------------------------ what is said */

#define TEN \
	"include:c0.example.net include:c1.example.net include:c2.example.net include:c3.example.net " \
	"include:c4.example.net include:c5.example.net include:c6.example.net include:c7.example.net " \
	"include:c8.example.net"
#define C(i, what) "c" #i ".example.net TXT v=spf1 " what " -all\n"

static const struct {
	const char *name, *rows, *ip;
	const char *id, *subject, *evidence;
	int begin, end;
	const char *detail; /* words that are in it */
	const char *fix; /* likewise */
} cases[] = {
	{ "an error has its place", "example.org TXT v=spf1 ip4:192.0.2.0/33 -all\n", NULL, "spf.syntax",
	    "example.org", "ip4:192.0.2.0/33", 20, 23, "Octets 20 to 23: an IPv4 prefix is a number", "[]" },
	{ "a slip has its correction", "example.org TXT v=spf1 ipv4:192.0.2.1 -all\n", NULL, "spf.typo",
	    "example.org", "ipv4:192.0.2.1", 7, 21, "was probably meant to be ip4:192.0.2.1.",
	    "\"v=spf1 ip4:192.0.2.1 -all\\\"\"" },
	{ "one fix mends all errors", "example.org TXT v=spf1 ipv4:192.0.2.1 incude:c0.example.net ~ all\n",
	    NULL, "spf.syntax", "example.org", "ipv4:192.0.2.1", 7, 11, "no such mechanism",
	    "v=spf1 ip4:192.0.2.1 include:c0.example.net ~all" },
	{ "costs are told with what costs most",
	    "example.org TXT v=spf1 include:d.example.net " TEN " -all\n"
	    "d.example.net TXT v=spf1 a:h.example.net mx:h.example.net exists:h.example.net -all\n"
	    "h.example.net A 192.0.2.1\nh.example.net MX 1 h.example.net\n" C(0, "ip4:192.0.2.2")
		C(1, "ip4:192.0.2.2") C(2, "ip4:192.0.2.2") C(3, "ip4:192.0.2.2") C(4, "ip4:192.0.2.2")
		    C(5, "ip4:192.0.2.2") C(6, "ip4:192.0.2.2") C(7, "ip4:192.0.2.2") C(8, "ip4:192.0.2.2"),
	    NULL, "spf.too-many-lookups", "example.org", NULL, -1, -1,
	    "13 terms ask DNS where 10 are allowed: include:d.example.net costs 4, include:c0.example.net "
	    "costs 1",
	    "v=spf1 include:d.example.net include:c0.example.net -all" },
	{ "a fault far down is told with the way that leads there",
	    "example.org TXT v=spf1 include:c0.example.net -all\n" C(0, "include:c1.example.net")
		C(1, "include:none.example.net"),
	    NULL, "spf.include-missing", "c1.example.net", "include:none.example.net", 7, 31,
	    "example.org leads to c0.example.net, which leads to c1.example.net. none.example.net does not "
	    "exist.",
	    "[]" },
	{ "an error far down too", "example.org TXT v=spf1 include:c0.example.net -all\n" C(0, "ip4:x"), NULL,
	    "spf.syntax", "c0.example.net", "x", 11, 12, "this is no IPv4 address", "[]" },
	{ "the address that is refused is offered in front of all",
	    "example.org TXT v=spf1 ip4:192.0.2.1 -all exp=e.example.org\n", "2001:db8::7",
	    "spf.not-authorised", "example.org", "-all", -1, -1,
	    "2001:db8::7 gets fail by -all. If the address is yours",
	    "v=spf1 ip4:192.0.2.1 ip6:2001:db8::7 -all exp=e.example.org" },
	{ "or in front of what refuses it", "example.org TXT v=spf1 ?ip4:192.0.2.0/24 mx -all\n", "192.0.2.9",
	    "spf.not-authorised", "example.org", "?ip4:192.0.2.0/24", -1, -1, "gets neutral",
	    "v=spf1 ip4:192.0.2.9 ?ip4:192.0.2.0/24 mx -all" },
	{ "or at the end of a record without one", "example.org TXT v=spf1 ip4:192.0.2.1\n", "192.0.2.9",
	    "spf.not-authorised", "example.org", "", -1, -1, "gets neutral",
	    "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9" },
	{ "what cannot be asked has its reason",
	    "example.org TXT v=spf1 a:s.example.net -all\ns.example.net ERR TIMEOUT *\n", NULL, "dns.unknown",
	    "s.example.net A", "", -1, -1, "No server answered in time.", "[]" },
	{ "no SPF record can be told of if it is unknown", "example.org ERR SERVFAIL *\n", NULL,
	    "dns.unknown", "example.org TXT", "", -1, -1, "SERVFAIL", "[]" },
	{ "a large answer has its size",
	    "example.org TXT v=spf1 ip4:192.0.2.1 -all\nexample.org TXT "
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "0123456789012345678901234567890123456789012345678901234567890123456789"
	    "01234567890123456789\n",
	    NULL, "spf.record-too-long", "example.org", "", -1, -1,
	    "The answer has 521 octets, of which the SPF record has 25.", "[]" },
	{ "a domain that could be registered is named",
	    "example.org TXT v=spf1 include:spf.nobody.example -all\n", NULL, "spf.dangling-include",
	    "example.org", "include:spf.nobody.example", 7, 33,
	    "nobody.example does not exist; whoever registers it decides about include:spf.nobody.example.",
	    "\"v=spf1 ~all\\\"\"" },
	{ "who lets everybody send is named",
	    "example.org TXT v=spf1 include:c0.example.net -all\n" C(0, "+all"), NULL, "spf.plus-all",
	    "example.org", "include:c0.example.net", 7, 29, "include:c0.example.net lets everybody send.",
	    "\"v=spf1 ~all\\\"\"" },
	{ "voids are counted, and those that can be left out are",
	    "example.org TXT v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org ip4:192.0.2.1 -all\n",
	    NULL, "spf.too-many-voids", "example.org", NULL, -1, -1,
	    "3 terms find nothing where 2 are allowed.", "v=spf1 ip4:192.0.2.1 -all" },
	{ "terms with macros that find nothing are counted and kept",
	    "example.org TXT v=spf1 exists:%{i}.l.example.org exists:%{s}.l.example.org a:v1.example.org "
	    "-all\n"
	    "l.example.org A 127.0.0.2\n",
	    "192.0.2.9", "spf.too-many-voids", "example.org", NULL, -1, -1,
	    "3 terms find nothing where 2 are allowed. Of these, 2 ask by macros",
	    "v=spf1 exists:%{i}.l.example.org exists:%{s}.l.example.org -all" },
	{ "a list that an address is not on is no fault",
	    "example.org TXT v=spf1 exists:%{i}.l.example.org -all\nl.example.org A 127.0.0.2\n", "192.0.2.9",
	    "spf.macro-used", "example.org", NULL, -2, -2,
	    "192.0.2.9.l.example.org has no records. That is as it should be", "[]" },
	{ "words behind the end are told of at once",
	    "example.org TXT v=spf1 ip4:192.0.2.1 -all please do not edit\n", NULL, "spf.syntax",
	    "example.org", "please do not edit", 26, 44, "Behind -all stands what cannot be read",
	    "v=spf1 ip4:192.0.2.1 -all\\\"" },
	{ "an mx without exchanges is no address",
	    "example.org TXT v=spf1 mx -all\nexample.org A 192.0.2.1\n", NULL, "spf.void-lookup",
	    "example.org", "mx", 7, 9,
	    "example.org has no MX record; the address of that name itself is meant by a, not by mx.",
	    "v=spf1 -all" },
	{ "what is nearly a record is quoted", "example.org TXT v=spf1; mx -all\n", NULL, "spf.syntax",
	    "example.org", "v=spf1; mx -all", -1, -1, "this one begins with \"v=spf1; mx -\" and counts",
	    "v=spf1 mx -all" },
	{ "what is missing is left out of a record that can be read then",
	    "example.org TXT v=spf1 foo:bar a:v1.example.org -all\n", NULL, "spf.void-lookup", "example.org",
	    "a:v1.example.org", 15, 31, "does not exist.", "[]" },
	{ "a record behind another is put together with it",
	    "example.org TXT v=spf1 ip4:192.0.2.1 -all v=spf1 ip4:192.0.2.9 ~all\n", NULL,
	    "spf.unquoted-or-joined", "example.org", "v=spf1", 26, 32, "A second record begins here",
	    "v=spf1 ip4:192.0.2.1 ip4:192.0.2.9 ~all" },
	{ "an IPv4 address in the form of IPv6 is written as IPv4",
	    "example.org TXT v=spf1 -ip6:2001:db8::1 ip6:::ffff:192.0.2.0/120 -all\n", NULL,
	    "spf.wrong-family", "example.org", "ip6:::ffff:192.0.2.0/120", 24, 48,
	    "matches nobody: an IPv4 address in the form of IPv6 is read as IPv4. Write ip4:192.0.2.0/24.",
	    "v=spf1 -ip6:2001:db8::1 ip4:192.0.2.0/24 -all" },
	{ "all of them are left out", "example.org TXT v=spf1 ip4:192.0.2.1 ip6:::ffff:0:0/96 -all\n", NULL,
	    "spf.wrong-family", "example.org", "ip6:::ffff:0:0/96", 21, 38, "matches nobody",
	    "v=spf1 ip4:192.0.2.1 -all" },
	{ "octets that are not ASCII are mended",
	    "example.org TXT v=spf1\\xc2\\xa0ip4:192.0.2.1 \\xe2\\x80\\x93all\n", NULL, "spf.non-ascii",
	    "example.org", NULL, 6, 7, "It was probably meant to be: v=spf1 ip4:192.0.2.1 -all",
	    "v=spf1 ip4:192.0.2.1 -all" },
	{ "a long record is split where it must be",
	    "example.org TXT v=spf1 include:a.very.long.name.of.some.host.example.net "
	    "include:another.very.long.name.of.some.host.example.net "
	    "include:a.third.very.long.name.of.some.host.example.net "
	    "include:the.fourth.very.long.name.of.some.host.example.net ip4:192.0.2.1 ip4:192.0.2.2 +all\n",
	    NULL, "spf.plus-all", "example.org", "+all", -2, -2, "", "ip4:192.0.2.2\\\" \\\" ~all" },
};

static void
findings_say_what_where_and_how(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	(void)state;

	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct lint lint;
		const char *name = cases[i].name;
		rows_clear(&rows);
		rows_add(&rows, cases[i].rows, strlen(cases[i].rows));
		assert_null(rows.bad);
		run_lint(&lint, &mem, &rows, cases[i].ip);
		test_check(name, lint.report != NULL && test_is_json(mh_report_text(lint.report)));
		const struct mh_finding *finding = find(&lint, cases[i].id, 0);
		test_check(name, finding != NULL);
		test_span(name, mh_str_z(finding->subject), mh_str_z(cases[i].subject));
		if (cases[i].evidence != NULL)
			test_span(name, mh_str_z(finding->evidence), mh_str_z(cases[i].evidence));
		if (cases[i].begin != -2) {
			test_number(name, finding->begin, cases[i].begin);
			test_number(name, finding->end, cases[i].end);
		}
		if (strstr(finding->detail, cases[i].detail) == NULL)
			test_span(name, mh_str_z(finding->detail), mh_str_z(cases[i].detail));
		if (strcmp(cases[i].fix, "[]") == 0)
			test_span(name, mh_str_z(finding->fix), MH_STR(""));
		else if (strstr(finding->fix, cases[i].fix) == NULL)
			test_span(name, mh_str_z(finding->fix), mh_str_z(cases[i].fix));
		test_number(name, finding->is_unknown, strcmp(cases[i].id, "dns.unknown") == 0);
		free_lint(&lint);
	}
	rows_free(&rows);
}

/* ----------------------------------------------------------------------- bounds */

static void
many_slips_are_told_of_twenty_times(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;
	struct lint lint;
	char text[4096] = "example.org TXT v=spf1";
	(void)state;

	for (unsigned i = 0; i < 25; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    " ip4:10.0.0.%u foo%u:x m%u=x", i, i, i);
	(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), " -all\n");
	rows_init(&rows);
	rows_add(&rows, text, strlen(text));
	run_lint(&lint, &mem, &rows, NULL);
	assert_non_null(lint.report);
	for (unsigned i = 0; i < 3; i++) {
		const char *id =
		    (const char *const[]){ "spf.syntax", "spf.private-address", "spf.unknown-modifier" }[i];
		const struct mh_finding *last = find(&lint, id, 19);
		test_check(id, last != NULL && find(&lint, id, 20) == NULL);
		bool is_told = false;
		for (unsigned j = 0; j < 20; j++)
			is_told |=
			    strstr(find(&lint, id, j)->detail, "Others of this kind are not listed.") != NULL;
		test_check(id, is_told);
	}
	free_lint(&lint);
	rows_free(&rows);
}

/* look - any text as the record; arg: rows that are used again */
static void
look(struct mh_str s, void *arg)
{
	struct mh_mem mem = mh_mem_default();
	struct rows *rows = arg;
	struct lint lint;
	char line[4096] = "example.org TXT ";
	size_t n = strlen(line);

	for (size_t i = 0; i < s.len; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "\\x%02x", (unsigned char)s.p[i]);
	line[n++] = '\n';
	rows_clear(rows);
	rows_add(rows, line, n);
	rows_add(rows, "i.example.net TXT v=spf1 ip4:192.0.2.0/24 -all\n", 47);
	run_lint(&lint, &mem, rows, NULL);
	assert_non_null(lint.report);
	assert_true(test_is_json(mh_report_text(lint.report)));
	free_lint(&lint);
}

static void
any_octets_get_a_report(void **state)
{
	struct rows rows;
	(void)state;
	rows_init(&rows);
	test_mangled(MH_STR("v=spf1 ip4:192.0.2.1,ip6:2001:db8::1 include:i.example.net ~ all"), look, &rows);
	test_mangled(MH_STR("\"v=spf1include:i.example.net-all"), look, &rows);
	test_mangled(MH_STR("v=spf1 ipv4=10.0.0.0/255.0.0.0 mx:1.* redirect:i.example.net"), look, &rows);
	rows_free(&rows);
}

/* ----------------------------------------------------------------------- memory */

static bool
lints(struct mh_mem mem, void *arg)
{
	struct lint lint;
	run_lint(&lint, &mem, arg, "192.0.2.200");
	bool is_good = lint.report != NULL;
	if (is_good)
		assert_true(test_is_json(mh_report_text(lint.report)));
	free_lint(&lint);
	return is_good;
}

static void
without_memory_there_is_no_report(void **state)
{
	static const char *const zones[] = {
		"example.org TXT v=spf1 ipv4:192.0.2.1 include: c0.example.net moo=x ptr ip4:10.0.0.1 ~ "
		"all\n",
		"example.org TXT v=spf1 a:v.example.org include:c0.example.net ip4:192.0.2.0/25 "
		"ip4:192.0.2.128/26 ?all\n" C(0, "ip4:192.0.2.1"),
		"example.org TXT v=spf1 mx -all\nexample.org TXT v=spf1 a ~all\n",
		"example.org TXT \\xe2\\x80\\x9cv=spf1 ip4:192.0.2.1 -all\n",
		"example.org MX 1 example.org\n",
		"example.org TXT v=spf1 ip6:::ffff:192.0.2.1 mx -all v=spf1 mx ~all\n",
		"example.org TXT v=spf1 " TEN " include:c9.example.net -all\n" C(0, "ip4:192.0.2.2")
		    C(1, "ip4:192.0.2.2"),
	};
	struct rows rows;
	(void)state;

	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(zones); i++) {
		rows_clear(&rows);
		rows_add(&rows, zones[i], strlen(zones[i]));
		assert_true(test_failing_allocs(lints, &rows, true) > 5);
	}
	rows_free(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_say_what_where_and_how),
		cmocka_unit_test(many_slips_are_told_of_twenty_times),
		cmocka_unit_test(any_octets_get_a_report),
		cmocka_unit_test(without_memory_there_is_no_report),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
