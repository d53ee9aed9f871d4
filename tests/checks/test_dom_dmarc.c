/* test_dom_dmarc.c - lib/checks/dom_dmarc.c and dom_dmarc_read.c: section "dmarc" of the check "domain" */
#include "support.h"

#include <stdio.h>

#include "domain.h"
#include "error.h"
#include "records/rows.h"

static struct rows rows;
static struct mh_mem mem;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	rows_init(&rows);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_free(&rows);
	return 0;
}

/* The section alone, from question to report. */
struct run {
	struct mh_work work;
	struct mh_arena scratch, kept;
	struct mh_mem mem;
	struct mh_domain_check check;
	struct mh_report *report;
	struct mh_buf json;
	unsigned rounds, rows;
};

static void
look_once(void *check, struct mh_pass *pass)
{
	struct run *run = check;
	struct mh_look look = { .check = &run->check, .pass = pass };
	mh_dom_dmarc(&look);
}

static void
run_init(struct run *run, const struct mh_mem *m, const char *domain)
{
	*run = (struct run){ .mem = *m };
	mh_domain_check_init(&run->check, &run->mem);
	run->check.domain = mh_str_z(domain);
	mh_work_init(&run->work, &run->mem, look_once, run);
	(void)mh_work_add_part(&run->work);
	mh_arena_init(&run->scratch, &run->mem, 1u << 18);
	mh_arena_init(&run->kept, &run->mem, 0);
	mh_buf_init(&run->json, &run->mem, 1u << 20);
}

/* run_all - whether it came to a report and its JSON */
static bool
run_all(struct run *run)
{
	struct mh_source source = rows_source(&rows);
	struct mh_pass view;
	struct mh_json json;
	int r;
	while ((r = mh_work_step(&run->work, 0, &run->scratch)) == MH_WORK_WAIT) {
		run->rounds++;
		if (mh_work_answer_from(&run->work, &source) <= 0)
			return false;
	}
	run->report = r == MH_WORK_DONE ? mh_report_make(&run->mem) : NULL;
	if (run->report == NULL)
		return false;
	mh_work_view(&run->work, &view, &run->kept);
	struct mh_look look = { .check = &run->check, .pass = &view, .report = run->report, .json = &json };
	look.last = &look.rows;
	mh_dom_dmarc(&look);
	for (const struct mh_domain_row *row = look.rows; row != NULL; row = row->next)
		run->rows++;
	mh_json_init(&json, &run->json);
	mh_json_open(&json, '{');
	mh_dom_dmarc_json(&look);
	mh_json_close(&json, '}');
	return view.error == MH_ERR_OK && !run->json.bad && mh_report_finish(run->report) == MH_ERR_OK;
}

static void
run_free(struct run *run)
{
	mh_report_unref(run->report);
	mh_buf_free(&run->json);
	mh_domain_check_free(&run->check);
	mh_work_free(&run->work);
	mh_arena_free(&run->scratch);
	mh_arena_free(&run->kept);
}

/* ids - of all findings */
static void
ids(const struct mh_report *report, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(report) && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? " " : "",
		    mh_report_at(report, i)->kind->id);
}

static const struct mh_finding *
finding_of(const struct mh_report *report, int number)
{
	for (size_t i = 0; i < mh_report_size(report); i++)
		if (mh_report_at(report, i)->kind->number == number)
			return mh_report_at(report, i);
	return NULL;
}

#define MX_OF(name) name " MX 10 mx.example\n"
#define GOOD "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@a.org\n" MX_OF("a.org")

static const struct dmarc_case {
	const char *sentence, *rows, *domain, *ids;
	int about; /* a finding whose detail and fix are compared */
	const char *detail, *fix; /* parts of them; NULL: not compared, "": none */
} cases[] = {
	{ "a good record", GOOD, "a.org", "", 0, NULL, NULL },
	{ "a record above, of the same organisation", GOOD "x.a.org A 192.0.2.1\n", "x.a.org",
	    "dmarc.inherited", MH_F_DMARC_INHERITED, "The record of a.org applies with the policy reject.",
	    "" },
	{ "of a domain that does not exist",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; sp=reject; np=quarantine; rua=mailto:d@a.org\n" MX_OF(
		"a.org"),
	    "x.a.org", "dmarc.np-weaker dmarc.rules-differ dmarc.inherited", MH_F_DMARC_INHERITED,
	    "applies with the policy quarantine, as the domain does not exist in DNS.", "" },
	{ "a record of a public suffix", "_dmarc.org TXT v=DMARC1; p=reject; psd=y\n", "a.org",
	    "dmarc.rules-differ dmarc.inherited", MH_F_DMARC_INHERITED,
	    "The record of org, a public suffix, applies", "" },
	{ "no record anywhere", "a.org MX 10 mx.example\na.org TXT v=spf1 mx -all\n", "a.org",
	    "dmarc.missing", MH_F_DMARC_MISSING, NULL, "_dmarc.a.org" },
	{ "a name above cannot be asked", GOOD "_dmarc.org ERR TIMEOUT TXT\n", "a.org", "dns.unknown", 0,
	    NULL, NULL },
	{ "the own name cannot be asked", "_dmarc.a.org ERR TIMEOUT TXT\n", "a.org", "dns.unknown", 0, NULL,
	    NULL },

	{ "p= does not follow the version",
	    "_dmarc.a.org TXT v=DMARC1; sp=reject; p=reject; rua=mailto:d@a.org\n" MX_OF("a.org"), "a.org",
	    "dmarc.rules-differ", MH_F_DMARC_RULES_DIFFER, "to these p= has to follow v=DMARC1 at once",
	    "v=DMARC1; p=reject; sp=reject" },
	{ "t=y", "_dmarc.a.org TXT v=DMARC1; p=reject; t=y; rua=mailto:d@a.org\n" MX_OF("a.org"), "a.org",
	    "dmarc.testing dmarc.rules-differ", MH_F_DMARC_RULES_DIFFER, "only the former know t=y", "" },
	{ "pct=", "_dmarc.a.org TXT v=DMARC1; p=reject; pct=20; rua=mailto:d@a.org\n" MX_OF("a.org"), "a.org",
	    "dmarc.rules-differ dmarc.removed-tag", MH_F_DMARC_RULES_DIFFER,
	    "with the policy reject for 20 percent of the mail", "" },
	{ "pct=100 is no difference",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; pct=100; rua=mailto:d@a.org\n" MX_OF("a.org"), "a.org",
	    "dmarc.removed-tag", 0, NULL, NULL },
	{ "an own record, and none where the list ends",
	    "_dmarc.x.a.org TXT v=DMARC1; p=reject; rua=mailto:d@x.a.org\n" MX_OF("x.a.org"), "x.a.org",
	    "dmarc.rules-differ", MH_F_DMARC_RULES_DIFFER,
	    "take a.org and names below it for one organisation; the former look at the records on the way "
	    "up",
	    "_dmarc.a.org" },
	{ "an organisation of its own",
	    GOOD "_dmarc.x.a.org TXT v=DMARC1; p=reject; psd=n; rua=mailto:d@x.a.org\n" MX_OF("x.a.org"),
	    "x.a.org", "dmarc.rules-differ dmarc.psd", MH_F_DMARC_RULES_DIFFER, NULL, "" },

	{ "reports to one that says nothing",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net\n" MX_OF("b.net"), "a.org",
	    "dmarc.report-not-authorised", MH_F_DMARC_REPORT_NOT_AUTHORISED,
	    "b.net has to publish, in its DNS, a TXT record at a.org._report._dmarc.b.net with the text "
	    "v=DMARC1;",
	    "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "a mailbox of the domain's own stands in, where it takes mail",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net; ruf=mailto:e@b.net; fo=1\n" MX_OF(
		"b.net") MX_OF("a.org"),
	    "a.org", "dmarc.report-not-authorised", MH_F_DMARC_REPORT_NOT_AUTHORISED,
	    "dmarc-reports@a.org, a mailbox to be made first.",
	    "v=DMARC1; p=reject; rua=mailto:dmarc-reports@a.org; fo=1\\\"" },
	{ "the other addresses stay",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net, mailto:d@a.org,mailto:d@c.net\n" MX_OF(
		"b.net") MX_OF("a.org"),
	    "a.org", "dmarc.report-not-authorised dmarc.report-not-authorised dmarc.report-no-mx",
	    MH_F_DMARC_REPORT_NO_MX, "c.net does not exist.", "v=DMARC1; p=reject; rua=mailto:d@a.org\\\"" },
	{ "reports to one that says so",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net\n" MX_OF(
		"b.net") "a.org._report._dmarc.b.net TXT v=DMARC1\n",
	    "a.org", "", 0, NULL, NULL },
	{ "a failed question is no answer",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net\n" MX_OF(
		"b.net") "a.org._report._dmarc.b.net ERR TIMEOUT TXT\n",
	    "a.org", "dns.unknown", 0, NULL, NULL },
	{ "reports to an organisation of its own below",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@x.a.org\n" MX_OF(
		"x.a.org") "_dmarc.x.a.org TXT v=DMARC1; p=none; psd=n\n",
	    "a.org", "dmarc.report-not-authorised", MH_F_DMARC_REPORT_NOT_AUTHORISED, NULL,
	    "a.org._report._dmarc.x.a.org" },
	{ "the record of the domain above is the one that is named",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net\nx.a.org A 192.0.2.1\n" MX_OF("b.net"),
	    "x.a.org", "dmarc.report-not-authorised dmarc.inherited", MH_F_DMARC_REPORT_NOT_AUTHORISED,
	    "a.org._report._dmarc.b.net", "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "a mailbox without a server",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@a.org\na.org TXT x\n", "a.org",
	    "dmarc.report-no-mx", MH_F_DMARC_REPORT_NO_MX, "a.org has neither MX records nor an address.",
	    "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "a mailbox in no domain",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net\na.org._report._dmarc.b.net TXT "
	    "v=DMARC1\n"
	    "b.net NODATA\n_x.a.org NODATA\n",
	    "a.org", "dmarc.report-no-mx", MH_F_DMARC_REPORT_NO_MX, NULL,
	    "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "a null MX",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@a.org\na.org MX 0 .\na.org A 192.0.2.1\n",
	    "a.org", "dmarc.report-no-mx", MH_F_DMARC_REPORT_NO_MX, "says by a null MX that it takes no mail",
	    "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "an address is enough",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@a.org\na.org AAAA 2001:db8::1\n", "a.org", "",
	    0, NULL, NULL },
	{ "whether there is one could not be asked",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@a.org\na.org ERR TIMEOUT A\n", "a.org",
	    "dns.unknown", 0, NULL, NULL },
	{ "each domain once",
	    "_dmarc.a.org TXT v=DMARC1; p=reject; rua=mailto:d@b.net,mailto:e@b.net; "
	    "ruf=mailto:f@b.net\n" MX_OF("b.net"),
	    "a.org", "dmarc.report-not-authorised", 0, NULL, NULL },
};

static void
domains_are_judged(void **state)
{
	char found[800];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const struct dmarc_case *c = &cases[i];
		struct run run;
		rows_clear(&rows);
		rows_add(&rows, c->rows, strlen(c->rows));
		test_check(c->sentence, rows.bad == NULL);
		run_init(&run, &mem, c->domain);
		test_check(c->sentence, run_all(&run));
		ids(run.report, found, sizeof(found));
		test_span(c->sentence, mh_str_z(found), mh_str_z(c->ids));
		test_check("JSON", test_is_json(mh_buf_z(&run.json)));
		test_check("an entry of checks", run.rows > 0);
		test_check("few rounds", run.rounds <= 4);
		const struct mh_finding *finding = c->about != 0 ? finding_of(run.report, c->about) : NULL;
		if (finding != NULL) {
			if (c->detail != NULL && strstr(finding->detail, c->detail) == NULL)
				test_span(c->sentence, mh_str_z(finding->detail), mh_str_z(c->detail));
			if (c->fix != NULL && (c->fix[0] == '\0' || strstr(finding->fix, c->fix) == NULL))
				test_span(c->sentence, mh_str_z(finding->fix), mh_str_z(c->fix));
		}
		run_free(&run);
	}
}

#define FOUND(at, org, policy, effective, more) \
	"{\"policy_domain\":\"" at "\",\"org_domain\":\"" org "\",\"policy\":\"" policy \
	"\",\"effective\":\"" effective "\"," more "}"
#define CLASS(names, tag, policy, effective, old) \
	"{\"names\":\"" names "\",\"tag\":\"" tag "\",\"policy\":\"" policy "\",\"effective\":\"" effective \
	"\",\"rfc7489\":\"" old "\"}"

static const struct {
	const char *sentence, *rows, *domain, *json;
} results[] = {
	{ "all tags", "_dmarc.a.org TXT v=DMARC1; p=reject; sp=quarantine; np=none; t=y; pct=50\n", "a.org",
	    "{\"dmarc\":{\"rfc9989\":" FOUND("a.org", "a.org", "reject", "quarantine",
		"\"testing\":true") ",\"rfc7489\":" FOUND("a.org", "a.org", "reject", "reject",
		"\"pct\":50") ",\"walk\":[\"_dmarc.a.org\",\"_dmarc.org\"],\"subdomains\":[" CLASS("domain",
		"p", "reject", "quarantine", "reject") "," CLASS("existing", "sp", "quarantine", "none",
		"quarantine") "," CLASS("nonexistent", "np", "none", "none", "quarantine") "]}}" },
	{ "a subdomain with its own record, whose subdomains go by the one above",
	    "_dmarc.x.a.org TXT v=DMARC1; p=none\n_dmarc.a.org TXT v=DMARC1; p=reject\n", "x.a.org",
	    "{\"dmarc\":{\"rfc9989\":" FOUND("x.a.org", "a.org", "none", "none",
		"\"testing\":false") ",\"rfc7489\":" FOUND("x.a.org", "a.org", "none", "none",
		"\"pct\":100") ",\"walk\":[\"_dmarc.x.a.org\",\"_dmarc.a.org\",\"_dmarc.org\"],"
			       "\"subdomains\":[" CLASS("domain", "p", "none", "none",
				   "none") "," CLASS("existing", "p", "reject", "reject",
				   "reject") "," CLASS("nonexistent", "p", "reject", "reject",
				   "reject") "]}}" },
	{ "a public suffix's record is for the domains below it",
	    "_dmarc.org TXT v=DMARC1; p=none; np=reject; psd=y\na.org A 192.0.2.1\n", "a.org",
	    "{\"dmarc\":{\"rfc9989\":" FOUND("org", "a.org", "none", "none",
		"\"testing\":false") ",\"rfc7489\":" FOUND("", "a.org", "", "",
		"\"pct\":null") ",\"walk\":[\"_dmarc.a.org\",\"_dmarc.org\"],\"subdomains\":[" CLASS("domain",
		"p", "none", "none", "") "," CLASS("existing", "p", "none", "none",
		"") "," CLASS("nonexistent", "np", "reject", "reject", "") "]}}" },
	{ "nothing is known", "_dmarc.a.org ERR SERVFAIL TXT\n", "a.org",
	    "{\"dmarc\":{\"rfc9989\":" FOUND("", "", "", "", "\"testing\":false") ",\"rfc7489\":" FOUND("",
		"a.org", "", "",
		"\"pct\":null") ",\"walk\":[\"_dmarc.a.org\",\"_dmarc.org\"],\"subdomains\":[" CLASS("domain",
		"", "", "",
		"") "," CLASS("existing", "", "", "", "") "," CLASS("nonexistent", "", "", "", "") "]}}" },
};

static void
results_are_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(results); i++) {
		struct run run;
		rows_clear(&rows);
		rows_add(&rows, results[i].rows, strlen(results[i].rows));
		assert_null(rows.bad);
		run_init(&run, &mem, results[i].domain);
		test_check(results[i].sentence, run_all(&run));
		test_span(results[i].sentence, mh_str_z(mh_buf_z(&run.json)), mh_str_z(results[i].json));
		run_free(&run);
	}
}

/* What goes well without some memory comes to the same. */
static bool
without_memory(struct mh_mem m, void *arg)
{
	const struct dmarc_case *c = arg;
	struct run run;
	rows_clear(&rows);
	rows_add(&rows, c->rows, strlen(c->rows));
	run_init(&run, &m, c->domain);
	bool good = run_all(&run);
	char found[800];
	if (good) {
		ids(run.report, found, sizeof(found));
		test_span(c->sentence, mh_str_z(found), mh_str_z(c->ids));
	}
	run_free(&run);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)&cases[i], true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_are_judged),
		cmocka_unit_test(results_are_written),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
