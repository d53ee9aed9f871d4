/* domain_screen.h - a domain or a sending host for a person */
#ifndef DOMAIN_SCREEN_H
#define DOMAIN_SCREEN_H

#include "cli.h"
#include "json_read.h"

/* domain_screen - what the checks "domain" and "host" found; the exit status
 * domain_put - the same as a part of a screen, of the check's JSON; false: no memory */
int domain_screen(mh_job *job, bool verbose);
bool domain_put(struct screen *screen, const struct json *object, bool verbose);
/* domain_put_findings - what is wrong, of the same, and nothing else (verbose: what is worth knowing, too); false: no memory */
bool domain_put_findings(struct screen *screen, const struct json *object, bool verbose);

#endif
