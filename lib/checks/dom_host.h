/* dom_host.h - what the files of the section "host", and the section "lists", share: whose addresses are
 * looked at, what was asked, and what lists say */
#ifndef MH_DOM_HOST_H
#define MH_DOM_HOST_H

#include "domain.h"
#include "hostname.h"

#define MH_HOST_ADDRESSES_MAX 8
#define MH_HOST_NAMES_MAX 10 /* reverse names that are followed, as many as SPF does (RFC 7208 5.5) */
#define MH_HOST_HELO6_MAX 2 /* IPv6 addresses of the EHLO name whose reverse names are looked at */

enum mh_host_tri { MH_HOST_NO, MH_HOST_YES, MH_HOST_UNKNOWN };

/* A name and its addresses; NULL: missing, or not asked. */
struct mh_host_named {
	struct mh_str name;
	const struct mh_fact *a, *aaaa;
};

/* What the host says in EHLO. */
struct mh_host_greeting {
	struct mh_helo helo;
	struct mh_host_named named; /* of a name that can be looked up; len 0 */
	const struct mh_fact
	    *mx; /* of a name that is there and has no address; NULL: missing, or not asked */
	struct mh_ip ips6[MH_HOST_HELO6_MAX]; /* its IPv6 addresses, where the sending address is none */
	struct mh_str reverse6[MH_HOST_HELO6_MAX];
	const struct mh_fact *ptr6[MH_HOST_HELO6_MAX];
	unsigned count6;
};

/* One sending address. */
struct mh_host {
	struct mh_ip ip;
	struct mh_str text, reverse;
	bool is_public;
	const struct mh_fact *ptr; /* NULL: missing */
	struct mh_host_named names[MH_HOST_NAMES_MAX]; /* only the facts of the address's family */
	unsigned count;
	enum mh_host_tri confirmed; /* whether one of the names leads back */
};

/* All that is looked at. */
struct mh_host_all {
	struct mh_ip ips[MH_HOST_ADDRESSES_MAX];
	struct mh_host *hosts;
	unsigned count;
	struct mh_host_greeting greeting;
};

/* mh_host_leads_to - whether an address is among a fact's; UNKNOWN: it is missing or could not be had
 * mh_host_of_family - a name's fact of the address's family
 * mh_host_is_bare - whether it is known that a name is there and has no address
 * mh_host_keep - text in the pass's arena; len 0: no memory */
enum mh_host_tri mh_host_leads_to(const struct mh_fact *fact, const struct mh_ip *ip);
const struct mh_fact *mh_host_of_family(const struct mh_host_named *named, const struct mh_ip *ip);
bool mh_host_is_bare(const struct mh_host_named *named);
struct mh_str mh_host_keep(struct mh_pass *pass, const char *text, size_t len);

/* mh_host_tell - all findings of the section; every fact is there */
void mh_host_tell(struct mh_look *look, const struct mh_host_all *all);

/* mh_dom_host_addresses - the address that was given, or those of the host that was named, as far as they are
 * known; how many */
unsigned mh_dom_host_addresses(struct mh_look *look, struct mh_ip out[MH_HOST_ADDRESSES_MAX]);
/* mh_dom_lists_json - the elements of "lists": what lists say of an address (family 0: of none), and, if so
 * asked, of the domain */
void mh_dom_lists_json(struct mh_look *look, const struct mh_ip *ip, bool with_domain);

#endif
