/* ipset.h - sets of addresses as sorted intervals
 *
 * IPv4 and IPv6 apart; an IPv4-mapped IPv6 address is an IPv4 one.  All
 * operations keep the intervals sorted, disjoint and not touching, so that two
 * sets are equal if and only if their intervals are.
 *
 * Does not: know where an address comes from.
 */
#ifndef MH_IPSET_H
#define MH_IPSET_H

#include "mem.h"
#include "net.h"
#include "str.h"

struct mh_ip_range {
	unsigned char first[16], last[16]; /* of IPv4: the first 4, rest 0; both ends belong to it */
};

struct mh_ipset_family {
	struct mh_ip_range *at;
	size_t count, cap;
};

struct mh_ipset {
	struct mh_arena *arena; /* ranges live there */
	struct mh_ipset_family ip4, ip6;
	bool bad; /* memory failed: the set counts for nothing */
};

#define MH_IPSET_MAX 65536 /* ranges of a family; more make it bad */
#define MH_IPSET_ARENA_MAX \
	((size_t)32 << 20) /* octets of an arena from which no more is done: the set is bad */

void mh_ipset_init(struct mh_ipset *set, struct mh_arena *arena);
void mh_ipset_add(struct mh_ipset *set, const struct mh_ip *ip, int prefix); /* the network that ip is in */
/* mh_ipset_add_nets - many at once, in the time that it takes to sort them */
struct mh_ip_net {
	struct mh_ip ip;
	int prefix;
};
void mh_ipset_add_nets(struct mh_ipset *set, const struct mh_ip_net *nets, size_t count);
void mh_ipset_add_all(struct mh_ipset *set); /* every address there is */
void mh_ipset_add_set(struct mh_ipset *set, const struct mh_ipset *other);
void mh_ipset_remove_set(struct mh_ipset *set, const struct mh_ipset *other);
void mh_ipset_keep_set(struct mh_ipset *set, const struct mh_ipset *other); /* the intersection */
bool mh_ipset_has(const struct mh_ipset *set, const struct mh_ip *ip);
bool mh_ipset_has_all(const struct mh_ipset *set, const struct mh_ipset *other); /* other is a subset */
bool mh_ipset_equal(const struct mh_ipset *a, const struct mh_ipset *b);
bool mh_ipset_is_empty(const struct mh_ipset *set);
/* mh_ipset_count - addresses of a family (4, 6): exact in decimal where it fits 64 bits, else as "4.7e21" */
void mh_ipset_count_text(const struct mh_ipset *set, int family, struct mh_buf *out);
double mh_ipset_size(const struct mh_ipset *set, int family);
/* mh_ipset_cidr - the fewest networks that are the set, in order: calls nobody, writes into arena;
 * each is an ip4 or ip6 network; *count: how many were written, max if there are more;
 * NULL without memory */
struct mh_ip_net *mh_ipset_cidr(const struct mh_ipset *set, struct mh_arena *arena, size_t max,
    size_t *count);

#endif
