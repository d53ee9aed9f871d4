/* dname.h - domain names as DNS has them, in the one text form used as a key
 *
 * Canonical text: labels joined by dots, no dot at the end (the root is "."),
 * letters in lower case (RFC 4343), and every octet that is a dot within a
 * label, a backslash, or outside 0x21 to 0x7e escaped as RFC 1035 5.1 has it
 * (\. \\ \DDD).  Two names are the same name if and only if their canonical
 * texts are the same octets.
 *
 * Does not: know what a host name may contain (net.h), or touch DNS.
 */
#ifndef MH_DNAME_H
#define MH_DNAME_H

#include <stddef.h>

#include "net.h"
#include "str.h"

#define MH_DNAME_WIRE_MAX 255 /* RFC 1035 2.3.4 */
#define MH_DNAME_TEXT_MAX 1016 /* canonical text with its NUL: 253 octets as \DDD */

/* mh_dname_canonical - text as people and zone files write it (escapes, a dot at the end or not) as
 * canonical text, NUL-terminated; its length, or 0 if it is no name (empty, a label of none or more
 * than 63 octets, more than 255 in all, a bad escape) */
size_t mh_dname_canonical(struct mh_str text, char out[MH_DNAME_TEXT_MAX]);
/* mh_dname_from_raw - the same of octets in which dots separate labels and nothing is escaped, as a
 * <target-name> of RFC 7208 4.8 is put together; one dot at the end is no label */
size_t mh_dname_from_raw(struct mh_str raw, char out[MH_DNAME_TEXT_MAX]);
/* mh_dname_to_wire - presentation text (as mh_dname_canonical takes it) in wire form with letters as
 * they are; octets, or 0 if it is no name */
size_t mh_dname_to_wire(struct mh_str text, unsigned char out[MH_DNAME_WIRE_MAX]);
/* mh_dname_from_wire - the uncompressed name at the start of wire as canonical text, NUL-terminated;
 * its length, or 0 if there is none, with *used (NULL is fine) the octets it takes in wire form */
size_t mh_dname_from_wire(const void *wire, size_t len, char out[MH_DNAME_TEXT_MAX], size_t *used);
/* mh_dname_is_under - whether canonical name is canonical domain or below it; all are below "." */
bool mh_dname_is_under(struct mh_str name, struct mh_str domain);
/* mh_dname_parent - canonical name without its first label; "." for one label, "" (len 0) for the root */
struct mh_str mh_dname_parent(struct mh_str name);
/* mh_dname_labels - how many labels a canonical name has; 0 for the root */
unsigned mh_dname_labels(struct mh_str name);
/* mh_dname_reverse - in-addr.arpa (RFC 1035 3.5) or ip6.arpa (RFC 3596 2.5) name of an address; its length */
size_t mh_dname_reverse(const struct mh_ip *ip, char out[MH_DNAME_TEXT_MAX]);

#endif
