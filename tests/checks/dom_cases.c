/* dom_cases.c - tables of what one section of the check "domain" makes of a little DNS; see dom_cases.h */
#include "support.h"

#include <stdio.h>

#include "dom_cases.h"

#define IDS_MAX 1000

/* set - the domain of all cases */
static void
set(struct one_section *one, const char *ip)
{
	one->check.domain = one->check.given = MH_STR("example.org");
	if (ip != NULL)
		(void)mh_ip_parse(mh_str_z(ip), &one->check.ip);
}

bool
dom_cases_begin(struct one_section *one, struct rows *rows, const struct dom_section *section,
    const struct mh_mem *mem, const char *text, const char *ip)
{
	rows_clear(rows);
	rows_add(rows, section->common, strlen(section->common));
	rows_add(rows, text, strlen(text));
	test_check(text, rows->bad == NULL);
	one_section_init(one, mem, section->look, section->json);
	set(one, ip);
	return one_section_run(one, rows);
}

static void
run_case(const struct dom_section *section, const struct dom_case *c, struct rows *rows,
    const struct mh_mem *mem)
{
	struct one_section one;
	char ids[IDS_MAX];

	test_check(c->name, dom_cases_begin(&one, rows, section, mem, c->rows, c->ip));
	one_section_ids(&one, ids, sizeof(ids));
	test_span(c->name, mh_str_z(ids), mh_str_z(c->findings));
	test_check(c->name, test_is_json(mh_report_text(one.report)));
	test_check(c->name, section->json == NULL || test_is_json(mh_buf_z(&one.json)));
	test_check(c->name, one.rounds <= section->rounds);
	test_check(c->name, one.asked <= section->asks);
	const struct mh_finding *first = mh_report_at(one.report, 0);
	if (first != NULL) {
		if (strstr(first->detail, c->detail) == NULL)
			test_span(c->name, mh_str_z(first->detail), mh_str_z(c->detail));
		if (strcmp(c->fix, "-") != 0)
			test_span(c->name, mh_str_z(first->fix), mh_str_z(c->fix));
	}
	one_section_free(&one);
}

void
dom_cases_run(const struct dom_section *section, const struct dom_case *cases, size_t count)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;

	rows_init(&rows);
	for (size_t i = 0; i < count; i++)
		run_case(section, &cases[i], &rows, &mem);
	rows_free(&rows);
}

/* is_among - whether the same finding about the same was told before */
static bool
is_among(const struct mh_finding *finding, const struct mh_report *report)
{
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *other = mh_report_at(report, i);
		if (other->kind == finding->kind && other->severity >= finding->severity &&
		    strcmp(other->subject, finding->subject) == 0)
			return true;
	}
	return false;
}

void
dom_cases_unknown(const struct dom_section *section, const struct dom_case *cases, size_t count)
{
	struct mh_mem mem = mh_mem_default();
	struct rows rows;

	rows_init(&rows);
	for (size_t i = 0; i < count; i++) {
		struct one_section whole;
		test_check(cases[i].name,
		    dom_cases_begin(&whole, &rows, section, &mem, cases[i].rows, cases[i].ip));
		for (uint32_t n = 1; n <= whole.work.asks_count; n++) {
			struct one_section less;
			char text[4096], room[MH_RR_TYPE_ROOM];
			const struct mh_ask *ask = mh_work_ask(&whole.work, n);
			(void)snprintf(text, sizeof(text), "%s%s FAIL %s\n", cases[i].rows, ask->name.p,
			    mh_rr_type_name(ask->type, room));
			test_check(cases[i].name,
			    dom_cases_begin(&less, &rows, section, &mem, text, cases[i].ip));
			for (size_t k = 0; k < mh_report_size(less.report); k++) {
				const struct mh_finding *finding = mh_report_at(less.report, k);
				if (finding->is_unknown)
					test_span(text, mh_str_z(finding->kind->id), MH_STR("dns.unknown"));
				else if (finding->severity > MH_SEV_INFO && !is_among(finding, whole.report))
					test_span(text, mh_str_z(finding->kind->id), MH_STR("nothing new"));
			}
			one_section_free(&less);
		}
		one_section_free(&whole);
	}
	rows_free(&rows);
}

/* What the scenario below is about. */
struct memory {
	const struct dom_section *section;
	const struct dom_case *c;
	struct rows rows;
};

static bool
scenario(struct mh_mem mem, void *arg)
{
	struct memory *memory = arg;
	struct one_section one;
	bool is_good =
	    dom_cases_begin(&one, &memory->rows, memory->section, &mem, memory->c->rows, memory->c->ip);

	one_section_free(&one);
	return is_good;
}

void
dom_cases_memory(const struct dom_section *section, const struct dom_case *cases, size_t count)
{
	struct memory memory = { .section = section };

	rows_init(&memory.rows);
	for (size_t i = 0; i < count; i++) {
		memory.c = &cases[i];
		test_failing_allocs(scenario, &memory, false);
	}
	rows_free(&memory.rows);
}
