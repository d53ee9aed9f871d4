/* mask.h - what is data in a reply, taken out of it
 *
 * Two ways.  mh_mask_hash is quick and knows octets only: equal for replies
 * that differ in nothing a rule could see.  mh_mask_sample is for people: the
 * reply with personal data replaced, and a rule of it to be completed.
 */
#ifndef MH_MASK_H
#define MH_MASK_H

#include "scan.h"

/* mh_mask_hash - of text without mail addresses, IP addresses, long numbers and ids; what may tell one
 * reason from another (names of hosts and lists, codes, policy numbers such as 3.2.1.1) stays */
uint64_t mh_mask_hash(struct mh_str text, uint64_t seed);

/* mh_mask_sample - text as it was scanned, but mail addresses are user@example.com, IP addresses 192.0.2.1
 * and 2001:db8::1, host names host.example, URLs those of host.example, ids and numbers of six digits and
 * more 0s and xs; and so is the local part of recipient where it stands alone */
void mh_mask_sample(struct mh_str text, const struct mh_scan *scan, struct mh_str recipient,
    struct mh_buf *out);
/* mh_mask_rule - a draft for mailhealth-rules(5): a rule of the most telling words, with the masked sample;
 * template names it, and its reason is to be filled in */
void mh_mask_rule(struct mh_str text, const struct mh_scan *scan, struct mh_str sample, const char *template,
    struct mh_buf *out);

#endif
