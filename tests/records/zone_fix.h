/* zone_fix.h - makes the fix of a finding in a zone of rows (rows.h), for tests that look again afterwards */
#ifndef MH_TEST_ZONE_FIX_H
#define MH_TEST_ZONE_FIX_H

#include <stdbool.h>
#include <stddef.h>

/* zone_fix - the zone with TXT records changed as a finding's JSON says, in out; false: what it removes is not there, or
 * there is no room */
bool zone_fix(const char *fix, const char *zone, char *out, size_t size);

#endif
