/* dom_host.h - what the sections "host" and "lists" share: whose addresses are looked at, and what lists say of them */
#ifndef MH_DOM_HOST_H
#define MH_DOM_HOST_H

#include "domain.h"

#define MH_HOST_ADDRESSES_MAX 8

/* mh_dom_host_addresses - the address that was given, or those of the host that was named, as far as they are known;
 * how many */
unsigned mh_dom_host_addresses(struct mh_look *look, struct mh_ip out[MH_HOST_ADDRESSES_MAX]);
/* mh_dom_lists_json - the elements of "lists": what lists say of an address (family 0: of none), and, if so asked, of
 * the domain */
void mh_dom_lists_json(struct mh_look *look, const struct mh_ip *ip, bool with_domain);

#endif
