/* target.h - the host that an MX, SRV or NS record leads to, and whether anybody can be reached there
 *
 * A target is a name whose own records are addresses: RFC 2181 10.3 forbids aliases,
 * RFC 5321 5.1 says what mail servers make of the rest.
 *
 * Does not: decide how bad it is, or know what the records are for.
 */
#ifndef MH_TARGET_H
#define MH_TARGET_H

#include "work.h"

enum mh_target_state {
	MH_TARGET_UNKNOWN, /* a fact that would decide is missing or unknown */
	MH_TARGET_GOOD, /* it has addresses, and all are of the Internet */
	MH_TARGET_ROOT, /* ".": there is nobody */
	MH_TARGET_LITERAL, /* an address in the place of a name */
	MH_TARGET_SELF, /* whoever goes there comes to his own machine: localhost, 127.0.0.1, 0.0.0.0 */
	MH_TARGET_MISSING, /* there is no such name */
	MH_TARGET_NO_ADDRESS, /* the name is there, and has neither A nor AAAA */
	MH_TARGET_PRIVATE, /* some or all of its addresses are none of the Internet */
};

struct mh_target {
	struct mh_str name; /* canonical */
	const struct mh_fact *a, *aaaa; /* NULL: missing, or not asked */
	struct mh_ip literal; /* family 0: it is no address */
	uint8_t state; /* MH_TARGET_* */
	bool is_alias; /* RFC 2181 10.3; it is known where to: */
	struct mh_str canonical;
	unsigned publics, strays; /* addresses that are of the Internet, and that are not */
};

/* mh_target_begin - of a canonical name, before anything is asked */
void mh_target_begin(struct mh_target *target, struct mh_str name);
/* mh_target_want - asks for its addresses, if it is a name that has some, and judges */
void mh_target_want(struct mh_pass *pass, struct mh_target *target);
/* mh_target_judge - by the facts in it */
void mh_target_judge(struct mh_target *target);
/* mh_target_is_stray - whether an address is none of the Internet; documentation counts as public */
bool mh_target_is_stray(const struct mh_ip *ip);
/* mh_target_is_known - whether all of its addresses are known */
bool mh_target_is_known(const struct mh_target *target);
/* mh_target_is_same - whether both have the same addresses, all of them known, and at least one */
bool mh_target_is_same(const struct mh_target *a, const struct mh_target *b);
/* mh_target_has - whether an address is among those of the target */
bool mh_target_has(const struct mh_target *target, const struct mh_ip *ip);

/* mh_name_literal - whether a canonical name is an address, in brackets or not */
bool mh_name_literal(struct mh_str name, struct mh_ip *ip);
/* mh_name_lacks_dot - whether a canonical name that does not exist may be another, whose dot at the end was forgotten in
 * the domain's zone file: "ns.example.net.example.org" */
bool mh_name_lacks_dot(struct mh_str name, struct mh_str domain);
/* mh_name_absolute - a canonical name with its dot at the end; p NULL: no memory
 * mh_name_kept - a copy with a NUL behind it; p NULL: no memory */
struct mh_str mh_name_absolute(struct mh_arena *arena, struct mh_str name);
struct mh_str mh_name_kept(struct mh_arena *arena, const char *text, size_t len);

#endif
