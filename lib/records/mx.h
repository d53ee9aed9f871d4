/* mx.h - the MX records of a domain in the order in which senders try them (RFC 5321 5.1)
 *
 * Does not: look at the hosts that they name (target.h).
 */
#ifndef MH_MX_H
#define MH_MX_H

#include "fact.h"

#define MH_MX_MAX 100 /* records that are looked at */

struct mh_mx {
	struct mh_str name; /* canonical, with a NUL behind it; ".": RFC 7505 */
	int preference;
	size_t record; /* its number in the fact */
	bool is_null;
	bool is_again; /* the same name has a record before it */
};

struct mh_mx_list {
	struct mh_mx *at; /* in arena, by preference, then as they came */
	unsigned count;
	unsigned nulls; /* of them */
	unsigned left_out; /* beyond MH_MX_MAX */
	unsigned broken; /* that cannot be read; they are not in it */
	size_t first_broken; /* number in the fact of the first of these */
};

/* mh_mx_read - of a fact of type MX; one that is not present has none; false: no memory */
bool mh_mx_read(struct mh_arena *arena, const struct mh_fact *fact, struct mh_mx_list *list);
/* mh_mx_has - whether a record names it */
bool mh_mx_has(const struct mh_mx_list *list, struct mh_str name);
/* mh_mx_print - "10 mx.example.org."; p NULL: no memory */
struct mh_str mh_mx_print(struct mh_arena *arena, int preference, struct mh_str name);
/* mh_mx_meant - the name that was meant where the target of an MX record of domain does not exist: its dot was
 * forgotten ("mx.example.org.example.org"), or was put behind half a name ("mx"); len 0: nobody knows.  With out
 * for what it writes. */
size_t mh_mx_meant(struct mh_str name, struct mh_str domain, char out[MH_DNAME_TEXT_MAX]);
/* mh_mx_literal - whether a target is an address, also one that became a name as its dot was forgotten
 * ("192.0.2.1.example.org") */
bool mh_mx_literal(struct mh_str name, struct mh_str domain, struct mh_ip *ip);

#endif
