/* dom_bimi.h - what the files of section "bimi" share */
#ifndef MH_DOM_BIMI_H
#define MH_DOM_BIMI_H

#include "bimi.h"
#include "domain.h"

/* mh_dom_bimi_files - asks for the files that the record of that name (NULL: none) has, and tells of them once there is a
 * report */
void mh_dom_bimi_files(struct mh_look *look, const struct mh_bimi *record, struct mh_str name);

#endif
