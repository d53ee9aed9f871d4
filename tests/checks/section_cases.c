/* section_cases.c - zones, and what one section finds in them; see section_cases.h */
#include "support.h"

#include "records/zone_fix.h"
#include "section_cases.h"

#define ZONE_MAX 65536

static void
run(struct one_section *one, struct rows *rows, const char *zone, const char *domain,
    void (*look)(struct mh_look *), void (*json)(struct mh_look *))
{
	struct mh_mem mem = mh_mem_default();

	rows_init(rows);
	rows_add(rows, zone, strlen(zone));
	test_check(zone, rows->bad == NULL);
	one_section_init(one, &mem, look, json);
	one->check.domain = one->check.given = mh_str_z(domain);
	one->check.fetches = false;
	test_check(zone, one_section_run(one, rows));
}

static void
end(struct one_section *one, struct rows *rows)
{
	one_section_free(one);
	rows_free(rows);
}

/* count - findings of one kind about one subject */
static unsigned
count_of(const struct mh_report *report, const struct mh_finding *finding)
{
	unsigned count = 0;
	for (size_t i = 0; i < mh_report_size(report); i++)
		count += mh_report_at(report, i)->kind == finding->kind &&
		    strcmp(mh_report_at(report, i)->subject, finding->subject) == 0;
	return count;
}

static void
check_fix(const char *name, const char *zone, const char *domain, const struct mh_report *before,
    const struct mh_finding *finding, void (*look)(struct mh_look *))
{
	static char changed[ZONE_MAX];
	struct one_section one;
	struct rows rows;

	test_check(name, zone_fix(finding->fix, zone, changed, sizeof(changed)));
	run(&one, &rows, changed, domain, look, NULL);
	if (count_of(one.report, finding) > 0)
		test_span(name, mh_str_z(finding->fix), MH_STR("a fix that helps"));
	for (size_t i = 0; i < mh_report_size(one.report); i++) {
		const struct mh_finding *after = mh_report_at(one.report, i);
		if (after->severity >= finding->severity && after->severity > MH_SEV_INFO &&
		    count_of(before, after) == 0)
			test_span(name, mh_str_z(after->kind->id), MH_STR("nothing that is new"));
	}
	end(&one, &rows);
}

void
section_case_run(const struct section_case *c, const char *domain, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *))
{
	struct one_section one;
	struct rows rows;
	char ids[512];

	domain = domain != NULL ? domain : "example.org";
	run(&one, &rows, c->zone, domain, look, json);
	one_section_ids(&one, ids, sizeof(ids));
	test_span(c->name, mh_str_z(ids), mh_str_z(c->findings));
	test_check(c->name, test_is_json(mh_report_text(one.report)));
	if (json != NULL)
		test_check(c->name, test_is_json(mh_buf_z(&one.json)));
	const struct mh_finding *first = mh_report_at(one.report, 0);
	if (c->fix != NULL &&
	    (first == NULL ||
		(c->fix[0] == '\0' ? first->fix[0] != '\0' : strstr(first->fix, c->fix) == NULL)))
		test_span(c->name, mh_str_z(first != NULL ? first->fix : ""), mh_str_z(c->fix));
	for (size_t i = 0; i < mh_report_size(one.report); i++)
		if (mh_report_at(one.report, i)->fix[0] != '\0')
			check_fix(c->name, c->zone, domain, one.report, mh_report_at(one.report, i), look);
	end(&one, &rows);
}

void
section_cases(const struct section_case *cases, size_t count, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *))
{
	for (size_t i = 0; i < count; i++)
		section_case_run(&cases[i], NULL, look, json);
}
