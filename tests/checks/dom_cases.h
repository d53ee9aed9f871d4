/* dom_cases.h - tables of what one section of the check "domain" makes of a little DNS */
#ifndef MH_TEST_DOM_CASES_H
#define MH_TEST_DOM_CASES_H

#include "one_section.h"

struct dom_case {
	const char *name; /* the sentence that fails */
	const char *rows; /* of DNS (tests/records/rows.h), besides those that all cases have */
	const char *findings; /* ids with severities, worst first, as one_section_ids gives them */
	const char *detail; /* words of the first one's detail */
	const char *fix; /* of the first one; "-": not looked at */
	const char *ip; /* of the sending host; NULL: nobody asked about sending */
};

struct dom_section {
	void (*look)(struct mh_look *);
	void (*json)(struct mh_look *);
	const char *common; /* rows that all cases have */
	unsigned rounds; /* that it takes at most */
	unsigned asks; /* questions that it takes at most */
};

/* dom_cases_run - each case about example.org */
void dom_cases_run(const struct dom_section *section, const struct dom_case *cases, size_t count);
/* dom_cases_begin - one run of the section; false: without memory.  Free it by one_section_free. */
bool dom_cases_begin(struct one_section *one, struct rows *rows, const struct dom_section *section,
    const struct mh_mem *mem, const char *text, const char *ip);
/* dom_cases_unknown - whatever one question cannot be had of each case, there are no warnings or faults that were not
 * there with it, and what is unknown is dns.unknown */
void dom_cases_unknown(const struct dom_section *section, const struct dom_case *cases, size_t count);
/* dom_cases_memory - each case with allocations that fail */
void dom_cases_memory(const struct dom_section *section, const struct dom_case *cases, size_t count);

#endif
