/* psl.h - which part of a domain name somebody registered, by the public suffix list
 *
 * What RFC 7489 3.2 calls the Organizational Domain.  The list is the one that
 * libpsl was built with; nothing is loaded, and nothing is kept.
 *
 * Does not: know the walk of RFC 9989 (dmarc_walk.h), which needs no list.
 */
#ifndef MH_PSL_H
#define MH_PSL_H

#include <stdbool.h>

#include "str.h"

/* mh_psl_registrable - the end of canonical name (A-labels) that is one label more than a public suffix, a name's last
 * label being one if no rule says more; len 0: it is a public suffix itself, or the root */
struct mh_str mh_psl_registrable(struct mh_str name);
/* mh_psl_aligned - whether two canonical names are aligned by RFC 7489 3.1: strictly the same name, or relaxed one whose
 * registrable domain is the same */
bool mh_psl_aligned(struct mh_str a, struct mh_str b, bool is_strict);

#endif
