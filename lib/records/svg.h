/* svg.h - whether a file is a logo as BIMI has it: SVG Tiny 1.2 in the profile "Portable/Secure"
 *
 * A logo has to be safe to show: nothing in it moves, runs, links or is fetched
 * from elsewhere.  All that is wrong is told, each kind once.
 *
 * draft-svg-tiny-ps-abrotman-12
 */
#ifndef MH_SVG_H
#define MH_SVG_H

#include <stdbool.h>

#include "str.h"

#define MH_SVG_MAX 32768 /* octets of a logo that receivers take */
#define MH_SVG_FAULTS_MAX 16

struct mh_svg_fault {
	struct mh_str at; /* in the text; len 0: all of it */
	const char *why; /* a sentence */
};

struct mh_svg {
	struct mh_svg_fault faults[MH_SVG_FAULTS_MAX];
	unsigned faults_count; /* 0: it is such a logo */
	struct mh_str title; /* "" none */
};

/* mh_svg_read - of any octets; linear */
void mh_svg_read(struct mh_str text, struct mh_svg *svg);

#endif
