/* alabel.h - international domain names as DNS has them (RFC 5890 2.3.2.1)
 *
 * Does not: map or check what is written.  A U-label is in lower case and
 * normal form already; what is none becomes a name that nobody has.
 */
#ifndef MH_ALABEL_H
#define MH_ALABEL_H

#include "mem.h"
#include "str.h"

/* mh_alabel_name - name with every label that is not ASCII as an A-label; name itself if all are, if it is
 * longer than a name can be, or if it is not UTF-8.  In arena; p NULL: no memory. */
struct mh_str mh_alabel_name(struct mh_arena *arena, struct mh_str name);
/* mh_alabel_canonical - a domain as people write it, as the canonical name of DNS (dname.h); in arena, with a NUL
 * behind it; len 0: it is none (an address, say, or "a..b"); p NULL: no memory */
struct mh_str mh_alabel_canonical(struct mh_arena *arena, struct mh_str text);

#endif
