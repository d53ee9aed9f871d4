/* one_section.h - one section of the check "domain" over a little DNS (tests/records/rows.h) */
#ifndef MH_TEST_ONE_SECTION_H
#define MH_TEST_ONE_SECTION_H

#include "domain.h"
#include "records/rows.h"

struct one_section {
	struct mh_domain_check check; /* set what it is about before the run */
	struct mh_section section;
	struct mh_source web; /* what answers dialogues; set before the run, answer NULL: nobody does */
	struct mh_work work;
	struct mh_arena arena;
	struct mh_report *report; /* finished */
	struct mh_domain_row *rows;
	struct mh_buf json; /* {members of "results"} */
	unsigned rounds, asked; /* questions */
};

void one_section_init(struct one_section *one, const struct mh_mem *mem, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *));
/* one_section_run - to the report; false without memory */
bool one_section_run(struct one_section *one, struct rows *rows);
void one_section_free(struct one_section *one);
/* one_section_ids - ids of the findings as "host.listed:fail dns.unknown:?", worst first */
void one_section_ids(const struct one_section *one, char *out, size_t size);
/* one_section_has - whether the question was asked */
bool one_section_has(const struct one_section *one, const char *name, int type);
/* one_section_finding - the first finding of that id, or NULL */
const struct mh_finding *one_section_finding(const struct one_section *one, const char *id);

#endif
