/* test_bimi_files.c - lib/checks/bimi_files.c and fetch.c, in the section that uses them */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "capture.h"
#include "error.h"
#include "one_section.h"
#include "records/logos.h"
#include "records/mark_certs.h"

#define DMARC "_dmarc.example.org TXT v=DMARC1; p=reject\n"
#define WWW "www.example.org A 198.18.0.1\n" DMARC
#define PUBLIC "www.example.org A 8.8.8.8\n" DMARC
#define LOGO "default._bimi.example.org TXT v=BIMI1; l=https://www.example.org/l.svg?v=1\n"
#define BOTH \
	"default._bimi.example.org TXT v=BIMI1; l=https://www.example.org/l.svg?v=1; " \
	"a=https://www.example.org:8443/c.pem\n"
#define L "https://8.8.8.8:443/get?sni=www.example.org&target=/l.svg?v=1&"
#define C "https://8.8.8.8:8443/get?sni=www.example.org&target=/c.pem&"

/* What a web server says. */
enum said { NOTHING, BODY, STATUS_404, MOVED, CUT, NOBODY, HANGS_UP, UNTRUSTED, NO_NETWORK, UNTRIED };

struct page {
	const char *begins; /* the question's name */
	enum said said;
	const char *body; /* "good", "expired": a certificate made here */
};

static const struct {
	const char *name, *rows;
	struct page pages[2];
	const char *findings, *detail; /* detail: a part of the first finding's */
	const char *json; /* a part of it; NULL: whatever it is */
} cases[] = {
	{ "all is well", PUBLIC BOTH, { { L, BODY, SVG_GOOD }, { C, BODY, "good" } }, "", "",
	    "\"state\":\"fetched\",\"failed_at\":\"\",\"status\":200" },
	{ "the logo's title is read", PUBLIC BOTH, { { L, BODY, SVG_GOOD }, { C, BODY, "good" } }, "", "",
	    "\"title\":\"Example\"" },
	{ "so is the kind of mark", PUBLIC BOTH, { { L, BODY, SVG_GOOD }, { C, BODY, "good" } }, "", "",
	    "\"kind\":\"vmc\",\"mark\":\"Registered Mark\",\"subject\":" },
	{ "a logo alone", PUBLIC LOGO, { { L, BODY, SVG_GOOD } }, "bimi.certificate:info", "no certificate",
	    NULL },
	{ "a logo that is not square", PUBLIC BOTH,
	    { { L, BODY, "<svg " SVG_PS " viewBox=\"0 0 2 1\">" SVG_TITLE "</svg>" }, { C, BODY, "good" } },
	    "bimi.logo:warn", "It is not square", NULL },
	{ "each fault is a finding", PUBLIC BOTH,
	    { { L, BODY, SVG_OPEN "<script/></svg>" }, { C, BODY, "good" } }, "bimi.logo:warn bimi.logo:warn",
	    "", NULL },
	{ "a certificate that has expired", PUBLIC BOTH, { { L, BODY, SVG_GOOD }, { C, BODY, "expired" } },
	    "bimi.certificate:warn", "It has expired. It is for example.org, from 2026-09-11 to 2026-09-20.",
	    NULL },
	{ "a page in place of it", PUBLIC BOTH, { { L, BODY, SVG_GOOD }, { C, BODY, "<html>" } },
	    "bimi.certificate:warn", "no certificate", "\"kind\":\"\"" },
	{ "neither is there", PUBLIC BOTH, { { L, STATUS_404, "" }, { C, STATUS_404, "" } },
	    "bimi.logo:warn bimi.certificate:warn",
	    "It cannot be fetched. The server answers with status 404.",
	    "\"failed_at\":\"status\",\"status\":404" },
	{ "a redirect", PUBLIC BOTH, { { L, MOVED, "" }, { C, BODY, "good" } }, "bimi.logo:warn",
	    "Status 301 leads to https://example.net/", "\"failed_at\":\"redirect\"" },
	{ "an answer that is cut", PUBLIC BOTH, { { L, CUT, "<svg" }, { C, BODY, "good" } }, "bimi.logo:warn",
	    "before the end of the answer", "\"failed_at\":\"http\"" },
	{ "nobody listens", PUBLIC BOTH, { { L, NOBODY, "" }, { C, BODY, "good" } }, "bimi.logo:warn",
	    "8.8.8.8", "\"failed_at\":\"connect\"" },
	{ "no TLS", PUBLIC BOTH, { { L, HANGS_UP, "" }, { C, BODY, "good" } }, "bimi.logo:warn", "8.8.8.8",
	    "\"failed_at\":\"handshake\"" },
	{ "a web server that is not trusted", PUBLIC BOTH, { { L, UNTRUSTED, "" }, { C, BODY, "good" } },
	    "bimi.logo:warn",
	    "The certificate of the web server is not good: ", "\"failed_at\":\"certificate\"" },
	{ "no way from here", PUBLIC BOTH, { { L, NO_NETWORK, "" }, { C, BODY, "good" } }, "https.unknown:?",
	    "", "\"state\":\"unknown\"" },
	{ "not tried", PUBLIC BOTH, { { L, UNTRIED, "" }, { C, BODY, "good" } }, "https.unknown:?", "",
	    NULL },
	{ "the host has no address", DMARC BOTH, { { L, NOTHING, "" } },
	    "bimi.logo:warn bimi.certificate:warn", "neither an A nor an AAAA record",
	    "\"failed_at\":\"dns\"" },
	{ "the host is not known", "www.example.org ERR TIMEOUT *\n" DMARC LOGO, { { L, NOTHING, "" } },
	    "bimi.certificate:info dns.unknown:?", "", NULL },
	{ "a private address is not gone to", "www.example.org A 10.0.0.1\n" DMARC LOGO,
	    { { L, NOTHING, "" } }, "bimi.logo:warn bimi.certificate:info",
	    "private or local, and receivers cannot reach them", "\"failed_at\":\"private-address\"" },
	{ "behind an address of an example is nobody, which is no fault",
	    "www.example.org A 192.0.2.80\nwww.example.org AAAA 2001:db8::80\n" DMARC LOGO,
	    { { L, NOTHING, "" } }, "bimi.certificate:info https.unknown:?", "", "\"state\":\"unknown\"" },
	{ "nor is one of another kind", WWW LOGO, { { L, NOTHING, "" } },
	    "bimi.logo:warn bimi.certificate:info", "private or local", NULL },
	{ "what cannot be fetched is not",
	    PUBLIC "default._bimi.example.org TXT v=BIMI1; l=http://www.example.org/l.svg\n",
	    { { L, NOTHING, "" } }, "bimi.logo:warn", "not https", NULL },
	{ "a logo that is declined", PUBLIC "default._bimi.example.org TXT v=BIMI1; l=; a=;\n",
	    { { L, NOTHING, "" } }, "", "", "\"declined\":true" },
};

struct web {
	struct mh_mem mem;
	const struct page *pages;
	const char *certs[2]; /* good, expired */
	size_t certs_len[2];
};

static void
put_body(struct web *web, struct mh_fact_draft *draft, const char *body)
{
	bool is_good = strcmp(body, "good") == 0;
	if (is_good || strcmp(body, "expired") == 0)
		mh_event_put(draft, MH_EVENT_BODY, 0,
		    mh_str_n(web->certs[!is_good], web->certs_len[!is_good]));
	else
		mh_event_put(draft, MH_EVENT_BODY, 0, mh_str_z(body));
}

/* say - the events of one dialogue */
static void
say(struct web *web, struct mh_fact_draft *draft, const struct page *page)
{
	if (page->said == NOBODY)
		mh_event_put(draft, MH_EVENT_REFUSED, 0, MH_STR(""));
	if (page->said == NO_NETWORK)
		mh_event_put(draft, MH_EVENT_UNREACHABLE, 0, MH_STR("network"));
	if (page->said == UNTRIED)
		mh_fact_draft_fail(draft, MH_WHY_BUDGET);
	if (page->said == NOBODY || page->said == NO_NETWORK || page->said == UNTRIED)
		return;
	mh_event_put(draft, MH_EVENT_CONNECTED, 0, MH_STR(""));
	if (page->said == HANGS_UP)
		mh_event_put(draft, MH_EVENT_EOF, 0, MH_STR(""));
	if (page->said == UNTRUSTED)
		mh_event_put(draft, MH_EVENT_GARBLED, 0, MH_STR("certificate"));
	if (page->said == HANGS_UP || page->said == UNTRUSTED)
		return;
	mh_event_put(draft, MH_EVENT_SECURED, 0, MH_STR("by another client"));
	mh_event_put(draft, MH_EVENT_LINE, 0,
	    page->said == STATUS_404  ? MH_STR("HTTP 404")
		: page->said == MOVED ? MH_STR("HTTP 301")
				      : MH_STR("HTTP 200"));
	if (page->said == MOVED)
		mh_event_put(draft, MH_EVENT_LINE, 0, MH_STR("location: https://example.net/"));
	put_body(web, draft, page->body);
	if (page->said == CUT)
		mh_event_put(draft, MH_EVENT_GARBLED, 0, MH_STR("cut"));
	else
		mh_event_put(draft, MH_EVENT_DONE, 0, MH_STR(""));
}

static struct mh_fact *
answer(void *self, struct mh_str name, int type, int *error)
{
	struct web *web = self;
	struct mh_fact_draft draft;

	if (type != MH_RR_STREAM)
		return NULL;
	mh_fact_draft_init(&draft, &web->mem);
	mh_fact_draft_begin(&draft, name, type);
	for (int i = 0; i < 2; i++)
		if (web->pages[i].begins != NULL && mh_str_istarts(name, mh_str_z(web->pages[i].begins)))
			say(web, &draft, &web->pages[i]);
	struct mh_fact *fact = mh_fact_make(&web->mem, &draft);
	mh_fact_draft_free(&draft);
	if (fact == NULL)
		*error = MH_ERR_ENOMEM;
	return fact;
}

static struct mh_ossl *ossl;
static struct web internet;

static int
set_up(void **state)
{
	static const struct mark marks[2] = { { .names = NULL }, { .to_days = -1 } };
	(void)state;
	internet.mem = mh_mem_default();
	ossl = mh_ossl_make(&internet.mem);
	for (int i = 0; i < 2; i++)
		internet.certs[i] = mark_make(&marks[i], &internet.certs_len[i]);
	return ossl == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		free((char *)(uintptr_t)internet.certs[i]);
	mh_ossl_unref(ossl);
	return 0;
}

static bool
run(struct one_section *one, struct rows *rows, const struct mh_mem *mem, size_t i)
{
	rows_init(rows);
	rows_add(rows, cases[i].rows, strlen(cases[i].rows));
	test_check(cases[i].name, rows->bad == NULL);
	internet.pages = cases[i].pages;
	one_section_init(one, mem, mh_dom_bimi, mh_dom_bimi_json);
	one->check.domain = MH_STR("example.org");
	one->check.tls.ossl = ossl;
	one->check.now = one->check.tls.now = MARK_NOW;
	one->web = (struct mh_source){ answer, &internet, false };
	return one_section_run(one, rows);
}

static void
findings(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	char ids[512];

	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		test_check(cases[i].name, run(&one, &rows, &mem, i));
		one_section_ids(&one, ids, sizeof(ids));
		test_span(cases[i].name, mh_str_z(ids), mh_str_z(cases[i].findings));
		const struct mh_finding *first = mh_report_at(one.report, 0);
		if (first != NULL && strstr(first->detail, cases[i].detail) == NULL)
			test_span(cases[i].name, mh_str_z(first->detail), mh_str_z(cases[i].detail));
		test_check(cases[i].name, test_is_json(mh_buf_z(&one.json)));
		if (cases[i].json != NULL && strstr(mh_buf_z(&one.json), cases[i].json) == NULL)
			test_span(cases[i].name, mh_str_z(mh_buf_z(&one.json)), mh_str_z(cases[i].json));
		test_check(cases[i].name, one.rounds <= 3);
		one_section_free(&one);
		rows_free(&rows);
	}
}

/* a_long_uri - is not asked for, and is nobody's lack of memory */
static void
a_long_uri(void **state)
{
	static char zone[4096] =
	    PUBLIC "default._bimi.example.org TXT v=BIMI1; a=; l=https://www.example.org/";
	struct mh_mem mem = mh_mem_default();
	struct one_section one;
	struct rows rows;
	char ids[512];

	(void)state;
	size_t n = strlen(zone);
	memset(zone + n, 'x', 960);
	strcat(zone, "|");
	n = strlen(zone);
	memset(zone + n, '&', 900);
	strcat(zone, "\n");
	rows_init(&rows);
	rows_add(&rows, zone, strlen(zone));
	assert_null(rows.bad);
	one_section_init(&one, &mem, mh_dom_bimi, mh_dom_bimi_json);
	one.check.domain = MH_STR("example.org");
	assert_true(one_section_run(&one, &rows));
	one_section_ids(&one, ids, sizeof(ids));
	test_span("what is longer than is asked for is unknown", mh_str_z(ids),
	    MH_STR("bimi.certificate:info https.unknown:?"));
	one_section_free(&one);
	rows_free(&rows);
}

static bool
scenario(struct mh_mem mem, void *arg)
{
	struct one_section one;
	struct rows rows;
	bool is_good = run(&one, &rows, &mem, *(size_t *)arg);
	one_section_free(&one);
	rows_free(&rows);
	return is_good;
}

static void
failing(void **state)
{
	(void)state;
	/* An arena that is reset may lose memory that it kept for speed alone. */
	for (size_t i = 0; i < MH_COUNT(cases); i += 4)
		assert_true(test_failing_allocs(scenario, &i, true) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings),
		cmocka_unit_test(a_long_uri),
		cmocka_unit_test(failing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
