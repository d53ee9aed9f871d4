/* explain_check.h - the checks that would explain a reply, and which of their findings do */
#ifndef EXPLAIN_CHECK_H
#define EXPLAIN_CHECK_H

#include "checks.h"

#define CHECK_SELECTORS 32

/* What the caller says about the mail besides; NULL: the reply has it, or nobody. */
struct check_facts {
	const char *domain, *ip, *helo;
	const char *selectors[CHECK_SELECTORS];
	size_t selectors_count;
};

/* explain_check_wants - whether an explained reply (its JSON) names checks
 * explain_check - makes them, and shows what they found, what explains the reply first; as JSON, the reply's object with
 * "checked" and "causes" behind its own members.  The exit status. */
bool explain_check_wants(const char *json);
int explain_check(const struct common *common, const struct checks *checks, const struct check_facts *facts,
    const char *json);

#endif
