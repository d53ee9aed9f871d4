/* zone_generate.h - $GENERATE, BIND's directive for many records of one form
 *
 *	$GENERATE START-STOP[/STEP] OWNER [TTL] [CLASS] TYPE DATA
 *
 * In owner and data $ is the number, ${OFFSET,WIDTH,BASE} the number and more
 * (base d, o, x, X, or n and N for hexadecimal digits with dots between them,
 * the last one first), $$ and \$ a dollar sign.  NSD does not know it.
 */
#ifndef MH_ZONE_GENERATE_H
#define MH_ZONE_GENERATE_H

#include "zone_lines.h"

#define MH_ZONE_GENERATE_MAX 65536 /* records of one directive */

struct mh_zones_generate {
	const struct mh_zones_line *line;
	int64_t now, stop, step;
};

/* mh_zones_generate_begin - line is the directive's; false with *fault: it is not well formed */
bool mh_zones_generate_begin(struct mh_zones_generate *generate, const struct mh_zones_line *line,
    struct mh_zones_fault *fault);
/* mh_zones_generate_next - appends the next line to out (memory shows there); false: no more of them, or
 * with *fault */
bool mh_zones_generate_next(struct mh_zones_generate *generate, struct mh_buf *out,
    struct mh_zones_fault *fault);

#endif
