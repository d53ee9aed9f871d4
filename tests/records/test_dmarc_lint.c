/* test_dmarc_lint.c - lib/records/dmarc_lint.c, dmarc_lint_form.c, dmarc_lint_tags.c and dmarc_mend.c
 *
 * Which findings there are for which record, and that every fix does what it
 * says: it is made, the zone is looked at again, and the finding has to be gone
 * and no failure new.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "dmarc.h"
#include "error.h"
#include "record.h"
#include "rows.h"

#define ZONE_MAX 65536

struct lint {
	struct mh_work work;
	struct mh_arena scratch;
	struct mh_mem mem;
	struct mh_report *report; /* NULL: no memory */
	bool is_needed, is_found; /* a record that counts was found */
	unsigned rounds;
};

static void
look(struct mh_pass *pass, struct lint *lint, struct mh_report *report)
{
	const struct mh_fact *fact = mh_want(pass, MH_STR("_dmarc.example.org"), MH_RR_TXT);
	if (fact != NULL)
		lint->is_found =
		    mh_dmarc_lint(pass, fact, MH_STR("example.org"), lint->is_needed, report) != NULL;
}

static void
run_pass(void *check, struct mh_pass *pass)
{
	look(pass, check, NULL);
}

static void
run_lint(struct lint *lint, const struct mh_mem *mem, struct rows *rows, bool is_needed)
{
	struct mh_source source = rows_source(rows);
	struct mh_pass view;
	int r;

	*lint = (struct lint){ .mem = *mem, .is_needed = is_needed };
	mh_work_init(&lint->work, &lint->mem, run_pass, lint);
	mh_arena_init(&lint->scratch, &lint->mem, 1u << 18);
	(void)mh_work_add_part(&lint->work);
	while ((r = mh_work_step(&lint->work, 0, &lint->scratch)) == MH_WORK_WAIT) {
		lint->rounds++;
		if ((r = mh_work_answer_from(&lint->work, &source)) <= 0)
			break;
	}
	if (r != MH_WORK_DONE)
		return;
	lint->report = mh_report_make(&lint->mem);
	if (lint->report == NULL)
		return;
	mh_work_view(&lint->work, &view, &lint->scratch);
	look(&view, lint, lint->report);
	assert_true(view.missing == 0);
	if (view.error == MH_ERR_OK && mh_report_finish(lint->report) == MH_ERR_OK)
		return;
	mh_report_unref(lint->report);
	lint->report = NULL;
}

static void
free_lint(struct lint *lint)
{
	if (lint->report != NULL)
		mh_report_unref(lint->report);
	mh_work_free(&lint->work);
	mh_arena_free(&lint->scratch);
}

static void
lint_zone(struct lint *lint, struct rows *rows, const char *zone, bool is_needed)
{
	struct mh_mem mem = mh_mem_default();
	rows_clear(rows);
	rows_add(rows, zone, strlen(zone));
	assert_null(rows->bad);
	run_lint(lint, &mem, rows, is_needed);
	assert_non_null(lint->report);
}

/* list - ids without "dmarc.", worst first; "!" behind a failure, "?" behind what is unknown */
static void
list(const struct mh_report *report, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(report) && n < size; i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		const char *id = finding->kind->id;
		n += (size_t)snprintf(out + n, size - n, "%s%s%s", i > 0 ? " " : "",
		    strncmp(id, "dmarc.", 6) == 0 ? id + 6 : id,
		    finding->is_unknown                    ? "?"
			: finding->severity == MH_SEV_FAIL ? "!"
							   : "");
	}
}

/* --------------------------------------------------------------------- fixes */

/* json_string - the string at p, its quotes included, read into out; behind it */
static const char *
json_string(const char *p, char *out)
{
	assert_true(*p == '"');
	for (p++; *p != '"'; p++) {
		if (*p == '\\')
			p++;
		*out++ = *p;
	}
	*out = '\0';
	return p + 1;
}

/* put_row - a record of presentation form as a line of rows */
static void
put_row(char *out, const char *name, const char *presentation)
{
	out += sprintf(out, "%.*s TXT ", (int)strlen(name) - 1, name);
	for (const char *p = presentation; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '"' || (c == ' ' && p[-1] == '"' && p[1] == '"'))
			continue; /* strings are joined: nobody minds where they end */
		if (c == '\\' && mh_is_digit(p[1])) {
			c = (unsigned char)atoi((char[]){ p[1], p[2], p[3], 0 });
			p += 3;
		} else if (c == '\\')
			c = (unsigned char)*++p;
		if (c > ' ' && c < 0x7f && c != '\\' && c != '|')
			*out++ = (char)c;
		else
			out += sprintf(out, "\\x%02x", c);
	}
	(void)sprintf(out, "\n");
}

/* plain_zone - the zone in the form in which put_row writes */
static void
plain_zone(const char *zone, char *out)
{
	const char *text = NULL;
	for (; *zone != '\0'; zone++) {
		if (strncmp(zone, " TXT ", 5) == 0 && text == NULL)
			text = zone + 5;
		if (*zone == '\n')
			text = NULL;
		if (*zone == ' ' && text != NULL && zone >= text)
			out += sprintf(out, "\\x20");
		else
			*out++ = *zone;
	}
	*out = '\0';
}

/* make_fix - changes the zone as the fix says; false: what it removes is not there */
static bool
make_fix(const char *fix, char *zone)
{
	static char name[2048], record[ZONE_MAX], row[ZONE_MAX];
	bool is_removing = false;

	for (const char *p = fix; *p != '\0';) {
		if (strncmp(p, "\"name\":", 7) == 0) {
			p = json_string(p + 7, name);
		} else if (strncmp(p, "\"remove\":", 9) == 0 || strncmp(p, "\"add\":", 6) == 0) {
			is_removing = p[1] == 'r';
			p = strchr(p, '[') + 1;
			while (*p == '"' || *p == ',') {
				if (*p == ',') {
					p++;
					continue;
				}
				p = json_string(p, record);
				put_row(row, name, record);
				char *at = strstr(zone, row);
				if (!is_removing && at == NULL)
					strcat(zone, row);
				if (is_removing && at == NULL)
					return false;
				if (is_removing)
					memmove(at, at + strlen(row), strlen(at + strlen(row)) + 1);
			}
		} else {
			p++;
		}
	}
	return true;
}

static bool
has(const struct mh_report *report, const struct mh_finding *finding)
{
	for (size_t i = 0; i < mh_report_size(report); i++)
		if (mh_report_at(report, i)->kind == finding->kind)
			return true;
	return false;
}

/* check_fix - that it does away with the finding and brings no failure that was not there */
static void
check_fix(const char *sentence, const char *zone, const struct mh_report *before, size_t which,
    bool is_needed)
{
	static char changed[ZONE_MAX];
	const struct mh_finding *finding = mh_report_at(before, which);
	struct rows rows;
	struct lint lint;

	if (finding->fix[0] == '\0')
		return;
	plain_zone(zone, changed);
	test_check(sentence, make_fix(finding->fix, changed));
	rows_init(&rows);
	lint_zone(&lint, &rows, changed, is_needed);
	if (has(lint.report, finding))
		test_span(sentence, mh_str_z(finding->fix), mh_str_z("a fix that helps"));
	for (size_t i = 0; i < mh_report_size(lint.report); i++) {
		const struct mh_finding *after = mh_report_at(lint.report, i);
		if (after->severity == MH_SEV_FAIL && !has(before, after))
			test_span(sentence, mh_str_z(after->kind->id), mh_str_z("no failure that is new"));
	}
	free_lint(&lint);
	rows_free(&rows);
}

/* --------------------------------------------------------------------- findings */

#define D "_dmarc.example.org TXT "
#define R "; rua=mailto:d@example.org\n"

static const struct {
	const char *zone, *findings, *fix; /* fix: a part of the first finding's; "": it has none */
} cases[] = {
	{ D "v=DMARC1; p=reject" R, "", NULL },
	{ D "v=DMARC1;p=quarantine;sp=reject;np=reject;adkim=s;aspf=R;fo=1:d:s;t=n;psd=u;ruf=mailto:e@"
	    "example.net" R,
	    "", NULL },
	{ D "v = DMARC1 ; p = Reject ; rua = mailto:d@example.org , mailto:e@example.org ;\n", "", NULL },
	{ D "v=DMARC1; p=reject" R D "hello\n", "", NULL },

	/* no record */
	{ "", "missing!", "v=DMARC1; p=none; rua=mailto:dmarc-reports@example.org" },
	{ D "hello\n", "missing!", "p=none" },
	{ "_dmarc.example.org CNAME other.example.net\n", "missing!", "" },
	{ "example.org TXT v=spf1 -all\n", "missing!", "\"add\":[\"\\\"v=DMARC1; p=reject\\\"\"]" },
	{ "_dmarc.example.org ERR SERVFAIL *\n", "dns.unknown?", "" },
	{ D "v=DMARC1; p=none" R D "v=DMARC1; p=reject" R, "multiple-records!",
	    "\"remove\":[\"\\\"v=DMARC1; p=none; rua=mailto:d@example.org\\\"\"],\"add\":[]" },
	{ D "v=DMARC1\n" D "v=DMARC1; p=foo\n", "multiple-records!", "\"add\":[\"\\\"v=DMARC1; p=none" },
	{ D "v=DMARC1; p=a" R D "v=DMARC1; p=b" R D "v=DMARC1; p=c" R D "v=DMARC1; p=d" R D
	    "v=DMARC1; p=e" R D "v=DMARC1; p=f" R,
	    "multiple-records!", "p=none" },
	{ D "v=spf1 -all\n", "spf-record-there!", "dmarc-reports@example.org" },
	{ D "v=spf1 mx -all\n*.example.org TXT v=spf1 mx -all\n", "spf-record-there!",
	    "\"remove\":[],\"add\"" },

	/* other names */
	{ "example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "\"name\":\"example.org.\"" },
	{ "example.org TXT v=spf1 mx -all\nexample.org TXT v=DMARC1 p=reject" R, "wrong-name!",
	    "v=DMARC1; p=reject" },
	{ "dmarc.example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "dmarc.example.org" },
	{ "_dmarc.example.org.example.org TXT v=DMARC1; p=reject" R, "wrong-name!",
	    "example.org.example.org" },
	{ "_dmarc._dmarc.example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "_dmarc._dmarc" },

	/* nearly a record */
	{ D " v=DMARC1; p=reject" R, "leading-space!", "v=DMARC1; p=reject" },
	{ D "\\x09v=DMARC1; p=reject" R, "leading-space!", "v=DMARC1; p=reject" },
	{ D "v=DMARC1 p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=mailto:d@example.org" },
	{ D "v=DMARC1, p=reject, rua=mailto:d@example.org\n", "syntax!",
	    "v=DMARC1; p=reject; rua=mailto:d@example.org" },
	{ D "v=DMARC1: p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC2; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1.0; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=dmarc1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "V=DMARC1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v:DMARC1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "DMARC1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMRAC1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "p=reject; v=DMARC1" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "\"v=DMARC1; p=reject; rua=mailto:d@example.org\"\n", "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1\\x5c; p=reject\\x5c" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "\\xe2\\x80\\x9cv=DMARC1; p=reject; rua=mailto:d@example.org\\xe2\\x80\\x9d\n", "syntax!",
	    "v=DMARC1; p=reject; rua=" },
	{ D "\\xef\\xbb\\xbfv=DMARC1; p=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "_dmarc.example.org. IN TXT \"v=DMARC1; p=reject; rua=mailto:d@example.org\"\n", "syntax!",
	    "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject" R D "v=DMARC1 p=none\n", "syntax", "v=DMARC1 p=none" },

	/* how it is written */
	{ D "v=DMARC1; p:reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject rua=mailto:d@example.org\n", "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject, rua=mailto:d@example.org\n", "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; sp=reject adkim=s" R, "syntax!", "sp=reject; adkim=s" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org ruf=mailto:e@example.org\n", "syntax!",
	    "rua=mailto:d@example.org; ruf=mailto:e@example.org" },
	{ D "v=DMARC1; p=\"reject\"" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject\\x5c" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; P=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; RUA=mailto:d@example.org\n", "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject;" R, "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org; mailto:e@example.org\n", "syntax!",
	    "rua=mailto:d@example.org,mailto:e@example.org" },
	{ D "v=DMARC1; p=reject; rua\n", "syntax!", "v=DMARC1; p=reject; rua=mailto:dmarc-reports" },
	{ D "v=DMARC1; p=reject; rua=mailto:rua=a@example.org,mailto:b+p=x@example.org\n", "", NULL },
	{ D "v=DMARC1; p=reject\\x09rua=mailto:a@example.org\n", "syntax!",
	    "v=DMARC1; p=reject; rua=mailto:a" },
	{ D "v=DMARC1; p=reject; hello" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; =s" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=r\\xc3\\xa9ject" R, "syntax!", NULL },
	{ D "v=DMARC1; p=reject; rua=mailto:d@ex\\xc3\\xa4mple.org\n", "syntax!", NULL },
	{ D "v=DMARC1; p=reject; rua=\\xe2\\x80\\x9cmailto:d@example.org\\xe2\\x80\\x9d\n", "syntax!",
	    "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; p=none" R, "duplicate-tag!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; rua=mailto:e@example.org" R, "duplicate-tag!",
	    "rua=mailto:e@example.org,mailto:d@example.org" },
	{ D "v=DMARC1; v=DMARC1; p=reject" R, "duplicate-tag!", "v=DMARC1; p=reject; rua=" },

	/* what it says */
	{ D "v=DMARC1; p=quarantaine" R, "invalid-policy!", "p=quarantine" },
	{ D "v=DMARC1; p=rejected\n", "invalid-policy!", "p=reject" },
	{ D "v=DMARC1; p=xyzzy\n", "invalid-policy!", "p=none" },
	{ D "v=DMARC1; p=" R, "invalid-policy!", "p=none" },
	{ D "v=DMARC1" R, "invalid-policy!", "p=none" },
	{ D "v=DMARC1\n", "invalid-policy!", "p=none" },
	{ D "v=DMARC1; p=reject; sp=foo" R, "invalid-policy!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; np=quarentine\n", "invalid-policy!", "np=quarantine" },
	{ D "v=DMARC1; pol=reject" R, "invalid-policy! unknown-tag", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=none" R, "policy-none", "p=quarantine" },
	{ D "v=DMARC1; p=none\n", "no-rua policy-none", "p=none; rua=mailto:dmarc-reports@example.org" },
	{ D "v=DMARC1; p=reject\n", "no-rua", "p=reject; rua=mailto:dmarc-reports@example.org" },
	{ D "v=DMARC1; p=reject; t=y" R, "testing", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; sp=none" R, "subdomain-weaker", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; sp=quarantine; np=none" R, "subdomain-weaker np-weaker",
	    "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; np=none" R, "np-weaker", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; rua=d@example.org\n", "report-uri", "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; rua=https://example.org/dmarc\n", "report-uri",
	    "rua=mailto:dmarc-reports@example.org" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org,\n", "report-uri", "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org mailto:e@example.org\n", "report-uri",
	    "rua=mailto:d@example.org,mailto:e@example.org" },
	{ D "v=DMARC1; p=reject; rua=mailto:\n", "report-uri", "dmarc-reports" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@localhost\n", "report-uri", "dmarc-reports" },
	{ D "v=DMARC1; p=reject; ruf=e@example.org" R, "report-uri", "ruf=mailto:e@example.org" },
	{ D "v=DMARC1; p=reject; rua=\n", "report-uri", "dmarc-reports" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org!10x\n", "report-uri", "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org!10m\n", "uri-size", "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; adkim=x" R, "invalid-tag-value", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; aspf=strict" R, "invalid-tag-value", "aspf=s" },
	{ D "v=DMARC1; p=reject; t=yes" R, "invalid-tag-value", "t=y" },
	{ D "v=DMARC1; p=reject; psd=x" R, "invalid-tag-value", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; fo=2" R, "invalid-tag-value", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; pct=200" R, "invalid-tag-value removed-tag", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; pct=100" R, "removed-tag", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; pct=20" R, "removed-tag", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; pct=0" R, "removed-tag", "t=y" },
	{ D "v=DMARC1; p=reject; pct=20; x=1" R, "removed-tag unknown-tag", NULL },
	{ D "v=DMARC1; p=reject; rf=afrf; ri=86400" R, "removed-tag removed-tag",
	    "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; x=1" R, "unknown-tag", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; ruo=mailto:d@example.org\n", "unknown-tag", "rua=mailto:d@example.org" },
	{ D "v=DMARC1; p=reject; spf=s" R, "unknown-tag", "aspf=s" },
	{ D "v=DMARC1; p=reject; psd=y" R, "psd", "" },
	{ D "v=DMARC1; p=reject; psd=n" R, "psd", "" },
};

static void
findings_and_fixes(void **state)
{
	char got[512];
	struct rows rows;
	struct lint lint;

	(void)state;
	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		lint_zone(&lint, &rows, cases[i].zone, true);
		list(lint.report, got, sizeof(got));
		test_span(cases[i].zone, mh_str_z(got), mh_str_z(cases[i].findings));
		test_check(cases[i].zone, lint.rounds <= 2);
		const struct mh_finding *first = mh_report_at(lint.report, 0);
		if (cases[i].fix != NULL &&
		    (first == NULL || strstr(first->fix, cases[i].fix) == NULL ||
			(cases[i].fix[0] == '\0' && first->fix[0] != '\0')))
			test_span(cases[i].zone, mh_str_z(first != NULL ? first->fix : ""),
			    mh_str_z(cases[i].fix));
		for (size_t k = 0; k < mh_report_size(lint.report); k++)
			check_fix(cases[i].zone, cases[i].zone, lint.report, k, true);
		free_lint(&lint);
	}
	rows_free(&rows);
}

static void
a_domain_that_needs_none(void **state)
{
	struct rows rows;
	struct lint lint;
	char got[128];

	(void)state;
	rows_init(&rows);
	lint_zone(&lint, &rows, "", false);
	list(lint.report, got, sizeof(got));
	test_span("no record is needed", mh_str_z(got), MH_STR(""));
	free_lint(&lint);
	lint_zone(&lint, &rows, "dmarc.example.org TXT v=DMARC1; p=reject" R, false);
	list(lint.report, got, sizeof(got));
	test_span("and one at another name is a slip all the same", mh_str_z(got), MH_STR("wrong-name!"));
	free_lint(&lint);
	rows_free(&rows);
}

/* Where it is, and what is said about it. */
static const struct {
	const char *text, *id, *evidence, *detail;
	int64_t begin, end;
} places[] = {
	{ "v=DMARC1; p=quarantaine", "invalid-policy", "p=quarantaine", "Probably quarantine was meant.", 10,
	    23 },
	{ "v=DMARC1; p=foo; rua=mailto:a@example.org", "invalid-policy", "p=foo", "as if p=none", 10, 15 },
	{ "v=DMARC1", "invalid-policy", "v=DMARC1", "There is no p=", 0, 8 },
	{ "v=DMARC1; pol=none", "invalid-policy", "v=DMARC1", "meant by pol=none", 0, 8 },
	{ "v=DMARC1; p:none", "syntax", "p:none", "not a colon: p=none.", 10, 16 },
	{ "v=DMARC1; none", "syntax", "none", "p=none", 10, 14 },
	{ "v=DMARC1; p=none rua=mailto:a@example.org", "syntax", "p=none rua=mailto:a@example.org",
	    "semicolon is missing before rua=", 10, 41 },
	{ "v=DMARC1 p=none", "syntax", "v=DMARC1 p=n", "semicolon has to follow", 0, 12 },
	{ "v=DMARC1,p=none", "syntax", "v=DMARC1,p=n", "there is \",\"", 0, 12 },
	{ "v=dmarc1; p=none", "syntax", "v=dmarc1", "in exactly these letters", 0, 8 },
	{ "v=DMARC3; p=none", "syntax", "v=DMARC3", "there is no other", 0, 8 },
	{ "p=none; v=DMARC1", "syntax", "v=DMARC1", "has to come first", 8, 16 },
	{ "p=none", "syntax", "p=none", "this one begins with \"p=none\"", 0, 6 },
	{ "\"v=DMARC1; p=none\"", "syntax", "\"", "quotes of the zone file", 0, 1 },
	{ "v=DMARC1\\; p=none", "syntax", "\\", "backslash of a zone file", 8, 9 },
	{ "\xe2\x80\x9cv=DMARC1; p=none", "syntax", "\\xe2", "not ASCII", 0, 1 },
	{ "v=DMARC1; p=none; p=none", "duplicate-tag", "p=none", "p= is there before", 18, 24 },
	{ "  v=DMARC1; p=none", "leading-space", "  ", "begin with v=DMARC1", 0, 2 },
	{ "hello", "syntax", "hello", "has to begin with v=DMARC1", 0, 5 },
	{ "", "syntax", "", "has to begin with v=DMARC1", 0, 0 },
	{ "v=spf1 -all", "spf-record-there", "v=spf1 -all", "", 0, 11 },
	{ "v=DMARC1; p=reject; rua=a@example.org", "report-uri", "a@example.org", "mailto:a@example.org", 24,
	    37 },
	{ "v=DMARC1; p=reject; rua=mailto:a@example.org!5k", "uri-size", "!5k", "", 44, 47 },
	{ "v=DMARC1; p=reject; rua=mailto:a!b@example.org", "report-uri", "mailto:a!b@example.org", "%21", 24,
	    46 },
	{ "v=DMARC1; p=quarantine; t=y; rua=mailto:a@example.org", "testing", "t=y", "p= is none", 24, 27 },
	{ "v=DMARC1; p=reject; rau=mailto:a@example.org", "unknown-tag", "rau=mailto:a@example.org",
	    "meant as rua=", 20, 44 },
};

static void
places_and_words(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	static struct mh_record_fields record;

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 18);
	for (size_t i = 0; i < MH_COUNT(places); i++) {
		struct mh_report *report = mh_report_make(&mem);
		assert_int_equal(mh_dmarc_record(&arena, mh_str_z(places[i].text), MH_STR(""), report,
				     &record),
		    MH_ERR_OK);
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		const struct mh_finding *first = mh_report_at(report, 0);
		test_check(places[i].text, first != NULL);
		test_span(places[i].text, mh_str_z(first->kind->id + 6), mh_str_z(places[i].id));
		test_span(places[i].text, mh_str_z(first->evidence), mh_str_z(places[i].evidence));
		test_number(places[i].text, first->begin, places[i].begin);
		test_number(places[i].text, first->end, places[i].end);
		if (strstr(first->detail, places[i].detail) == NULL)
			test_span(places[i].text, mh_str_z(first->detail), mh_str_z(places[i].detail));
		test_span(places[i].text, mh_str_z(first->fix), MH_STR(""));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
	mh_arena_free(&arena);
}

/* What comes out of a text is a record that can be used, whatever goes in. */
static void
mend(struct mh_str text, void *arg)
{
	struct mh_arena *arena = arg;
	struct mh_dmarc_meant meant;
	struct mh_report *report = mh_report_make(&arena->mem);
	static struct mh_record_fields record;

	assert_true(mh_dmarc_mean(arena, text, MH_STR("example.org"), &meant));
	struct mh_str mended = mh_dmarc_write(arena, &meant);
	const struct mh_dmarc *dmarc = mh_dmarc_parse(arena, mended);
	assert_true(dmarc != NULL && dmarc->is_valid && dmarc->is_valid_7489 && !dmarc->is_recovered);
	assert_int_equal(mh_dmarc_record(arena, text, MH_STR("example.org"), report, &record), MH_ERR_OK);
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *f = mh_report_at(report, i);
		assert_true(f->begin >= 0 && f->begin <= f->end && f->end <= (int64_t)text.len);
	}
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	assert_true(test_is_json(mh_report_text(report)));
	mh_report_unref(report);
	mh_arena_reset(arena);
}

static void
broken_texts(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 20);
	test_mangled(MH_STR("v=DMARC1; p=none; sp=reject; rua=mailto:a@example.org!5m,mailto:b@example.net; "
			    "fo=1:d"),
	    mend, &arena);
	test_mangled(MH_STR("\"v=DMARC1\\; p:reject ruo=a@example.org, pct=20; x; =; ;"), mend, &arena);
	mh_arena_free(&arena);
}

static void
large_texts(void **state)
{
	static const char *const parts[] = { ";", "p=none;", "a", "rua=mailto:a@example.org;",
		"mailto:a@b.c,", "p=none ", "v=", "p", "a@b ", "rua", "!", "\\", " " };
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_buf text;

	(void)state;
	mh_arena_init(&arena, &mem, 1u << 20);
	mh_buf_init(&text, &mem, 70000);
	for (size_t i = 0; i < MH_COUNT(parts); i++) {
		mh_buf_reset(&text);
		mh_buf_puts(&text, "v=DMARC1;");
		while (text.len < 65000)
			mh_buf_puts(&text, parts[i]);
		mend(mh_buf_str(&text), &arena);
	}
	mh_buf_free(&text);
	mh_arena_free(&arena);
}

static bool
all_of_it(struct mh_mem mem, void *arg)
{
	struct rows *rows = arg;
	struct lint lint;
	run_lint(&lint, &mem, rows, true);
	bool good = lint.report != NULL;
	free_lint(&lint);
	return good;
}

static void
no_memory(void **state)
{
	static const char *const zones[] = { D "v=DMARC1; p=none; rua=x,mailto:a@example.org; q=1" R,
		D "v=DMARC1; p=none" R D "v=DMARC1; p=reject" R, "example.org TXT v=DMARC1; p=foo\n",
		"example.org TXT a|b\n", D "v=spf1 |-all\n", D "v=DMARC1| p=reject\n" };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(zones); i++) {
		rows_clear(&rows);
		rows_add(&rows, zones[i], strlen(zones[i]));
		assert_true(test_failing_allocs(all_of_it, &rows, false) > 5);
	}
	rows_free(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_and_fixes),
		cmocka_unit_test(a_domain_that_needs_none),
		cmocka_unit_test(places_and_words),
		cmocka_unit_test(broken_texts),
		cmocka_unit_test(large_texts),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
