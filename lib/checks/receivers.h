/* receivers.h - what each big receiver would make of the domain: rules that are kept, broken, or not known
 *
 * Works on the finished report and on the same facts; asks nothing.
 *
 * Does not: know what a receiver does about content, volume and complaints, on which most of it rests.
 */
#ifndef MH_RECEIVERS_H
#define MH_RECEIVERS_H

#include "domain.h"

/* mh_receiver_id, mh_receiver_name - of number i; NULL past the end
 * mh_receiver_find - its number; -1 */
const char *mh_receiver_id(size_t i);
const char *mh_receiver_name(size_t i);
int mh_receiver_find(struct mh_str id);

/* mh_receivers_json - the members of "profiles"; false: no memory */
bool mh_receivers_json(const struct mh_domain_check *check, struct mh_pass *view,
    const struct mh_report *report, const struct mh_domain_row *rows, struct mh_json *json);

#endif
