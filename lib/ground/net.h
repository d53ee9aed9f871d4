/* net.h - addresses and domain names as they are written in text
 *
 * Does not: resolve anything, or touch a socket.
 */
#ifndef MH_NET_H
#define MH_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

struct mh_ip {
	int family; /* 4, 6, or 0: none */
	unsigned char octets[16]; /* network order; the first 4 for IPv4 */
};

/* mh_ip_parse - the whole span as an address: RFC 5321 4.1.3 dotted quad (decimal, no leading
 * zeros), RFC 4291 2.2 text forms.  No brackets, zone ids or prefixes. */
bool mh_ip_parse(struct mh_str s, struct mh_ip *ip);
/* mh_ip_print - canonical text (RFC 5952), NUL-terminated; its length */
#define MH_IP_TEXT_MAX 46
size_t mh_ip_print(const struct mh_ip *ip, char out[MH_IP_TEXT_MAX]);
/* mh_ip_is_public - whether a stranger's name may lead a connection there: an address of the Internet, and none
 * that is private, local, shared, for documentation, multicast or reserved, nor one that carries such an IPv4
 * address in it (mapped, 6to4, NAT64); false for no address */
bool mh_ip_is_public(const struct mh_ip *ip);

/* Domain names in text form (RFC 1035 2.3.1 with RFC 8552 underscores, A-labels and U-labels
 * alike): labels of 1 to 63 octets, 253 in all, an optional trailing dot not counted. */
#define MH_NAME_MAX 253
bool mh_name_valid(struct mh_str s);
/* mh_name_is_host - a valid name of two labels or more, letters, digits and hyphens (or octets
 * >= 0x80), whose last label can be a top-level domain: alphabetic or "xn--", and if it has more
 * than two letters, one of the well-known ones.  For telling names from prose ("blocked.For"). */
bool mh_name_is_host(struct mh_str s);
/* mh_name_under - whether name is domain or below it; ASCII case and a trailing dot ignored; false if
 * either is empty */
bool mh_name_under(struct mh_str name, struct mh_str domain);

#endif
