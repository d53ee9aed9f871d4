/* section_cases.h - zones, and what one section of the check "domain" finds in them about example.org
 *
 * Each fix of each finding is made, too, and the zone looked at again: the finding is
 * gone, and no failure is new.
 */
#ifndef MH_TEST_SECTION_CASES_H
#define MH_TEST_SECTION_CASES_H

#include "one_section.h"

struct section_case {
	const char *name, *zone;
	const char *findings; /* as one_section_ids has them */
	const char *fix; /* a part of the first finding's; "": it has none; NULL: whatever it is */
};

void section_cases(const struct section_case *cases, size_t count, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *));
/* section_case_run - one of them; domain NULL: example.org */
void section_case_run(const struct section_case *one, const char *domain, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *));

#endif
