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
		    finding->is_unknown                   ? "?"
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
check_fix(const char *sentence, const char *zone, const struct mh_report *before, size_t which, bool is_needed)
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
	{ D "v=DMARC1;p=quarantine;sp=reject;np=reject;adkim=s;aspf=R;fo=1:d:s;t=n;psd=u;ruf=mailto:e@example.net" R,
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
	{ D "v=spf1 mx -all\n*.example.org TXT v=spf1 mx -all\n", "spf-record-there!", "\"remove\":[],\"add\"" },

	/* other names */
	{ "example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "\"name\":\"example.org.\"" },
	{ "example.org TXT v=spf1 mx -all\nexample.org TXT v=DMARC1 p=reject" R, "wrong-name!",
	    "v=DMARC1; p=reject" },
	{ "dmarc.example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "dmarc.example.org" },
	{ "_dmarc.example.org.example.org TXT v=DMARC1; p=reject" R, "wrong-name!", "example.org.example.org" },
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
	{ D "v=DMARC1\\; p=reject\\" R, "syntax!", "v=DMARC1; p=reject; rua=" },
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
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org ruf=mailto:e@example.org\n", "syntax",
	    "rua=mailto:d@example.org; ruf=mailto:e@example.org" },
	{ D "v=DMARC1; p=\"reject\"" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject\\" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; P=reject" R, "syntax!", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; RUA=mailto:d@example.org\n", "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject;" R, "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; rua=mailto:d@example.org; mailto:e@example.org\n", "syntax",
	    "rua=mailto:d@example.org,mailto:e@example.org" },
	{ D "v=DMARC1; p=reject; hello" R, "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=reject; =s" R, "syntax", "v=DMARC1; p=reject; rua=" },
	{ D "v=DMARC1; p=r\\xc3\\xa9ject" R, "syntax!", NULL },
	{ D "v=DMARC1; p=reject; rua=mailto:d@ex\\xc3\\xa4mple.org\n", "syntax", NULL },
	{ D "v=DMARC1; p=reject; rua=\\xe2\\x80\\x9cmailto:d@example.org\\xe2\\x80\\x9d\n", "syntax",
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
	{ D "v=DMARC1; p=reject; rf=afrf; ri=86400" R, "removed-tag removed-tag", "v=DMARC1; p=reject; rua=" },
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
		if (cases[i].fix != NULL && (first == NULL || strstr(first->fix, cases[i].fix) == NULL ||
						(cases[i].fix[0] == '\0' && first->fix[0] != '\0')))
			test_span(cases[i].zone, mh_str_z(first != NULL ? first->fix : ""),
			    mh_str_z(cases[i].fix));
		for (size_t k = 0; k < mh_report_size(lint.report); k++)
			check_fix(cases[i].zone, cases[i].zone, lint.report, k, true);
		free_lint(&lint);
	}
	rows_free(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_and_fixes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
