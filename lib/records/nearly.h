/* nearly.h - what was nearly written: words with slips of the pen, signs of word processors */
#ifndef MH_NEARLY_H
#define MH_NEARLY_H

#include <stdbool.h>

#include "str.h"

/* mh_nearly - letters to be changed, put in, left out or swapped to make a of b, letter case aside; 3 for a word of
 * more than 15 letters */
unsigned mh_nearly(struct mh_str a, struct mh_str b);
/* mh_plain_ascii - appends text in ASCII, on one line and without quotes and backslashes: signs that look like ASCII
 * become that, white space a space; false: it has something that looks like nothing, or no memory (out->bad) */
bool mh_plain_ascii(struct mh_buf *out, struct mh_str text);

#endif
