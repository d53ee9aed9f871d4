/* spf.h - SPF records: what RFC 7208 5, 6 and 12 say of their form
 *
 * The parser reads every term of a record and gives every error in it with
 * its place, so that a person can mend all at once and a strict reader refuse
 * it.  A term that cannot be read is in the record as MH_SPF_BAD.
 *
 * Does not: look anything up (spf_eval.h), or judge what is legal but unwise
 * (spf_lint.h).
 */
#ifndef MH_SPF_H
#define MH_SPF_H

#include "fact.h"
#include "mem.h"
#include "net.h"
#include "str.h"

/* kind: name in the record; costs: counts towards the ten terms of RFC 7208 4.6.4 */
#define MH_SPF_KINDS(X) \
	X(ALL, "all", 0) \
	X(INCLUDE, "include", 1) \
	X(A, "a", 1) \
	X(MX, "mx", 1) \
	X(PTR, "ptr", 1) \
	X(IP4, "ip4", 0) \
	X(IP6, "ip6", 0) \
	X(EXISTS, "exists", 1) \
	X(REDIRECT, "redirect", 1) \
	X(EXP, "exp", 0) \
	X(MODIFIER, "", 0) /* any other name=value; RFC 6652 ra, rp, rr among them */ \
	X(BAD, "", 0)

enum mh_spf_kind {
#define X(name, text, costs) MH_SPF_##name,
	MH_SPF_KINDS(X)
#undef X
};

const char *mh_spf_kind_name(int kind);
bool mh_spf_kind_costs(int kind);

struct mh_spf_term {
	uint8_t kind;
	char qualifier; /* '+', '-', '~', '?'; '+' where none is written, 0 for modifiers */
	bool has_qualifier; /* it is written */
	int16_t prefix4, prefix6; /* -1: not given */
	uint32_t begin, end; /* octets of the record, half-open */
	struct mh_str text; /* the whole term */
	struct mh_str domain; /* <domain-spec> or <target-name>, macros in it; len 0: none given */
	struct mh_str name, value; /* of modifiers */
	struct mh_ip ip; /* of ip4, ip6 */
	bool has_macro; /* domain, or value of an exp, has a macro other than %% %_ %- */
};

/* What can be wrong with the form of a record. */
#define MH_SPF_FAULTS(X) \
	X(VERSION, "the record does not begin with \"v=spf1\" and a space") \
	X(OCTET, "an octet that is not printable ASCII") \
	X(UNKNOWN_MECHANISM, "no such mechanism") \
	X(TERM, "this is neither a mechanism nor a modifier") \
	X(QUALIFIER, "a modifier takes no qualifier") \
	X(DOMAIN_MISSING, "a domain must follow") \
	X(DOMAIN_EXTRA, "\"all\" takes nothing behind it") \
	X(DOMAIN_SPEC, "this cannot be a domain: its last label must be a name, or it must end in a macro") \
	X(MACRO, "a macro that does not exist or is not closed") \
	X(MACRO_EXP, "%{c}, %{r} and %{t} are for explanations only") \
	X(IP4, "this is no IPv4 address") \
	X(IP6, "this is no IPv6 address") \
	X(PREFIX4, "an IPv4 prefix is a number from 0 to 32, without leading zeros") \
	X(PREFIX6, "an IPv6 prefix is a number from 0 to 128, without leading zeros") \
	X(PREFIX_NONE, "this mechanism takes no prefix length") \
	X(TWICE, "this modifier may appear only once") \
	X(TOO_MANY, "the record has more terms than are read")

enum mh_spf_fault {
#define X(name, text) MH_SPF_FAULT_##name,
	MH_SPF_FAULTS(X)
#undef X
};

struct mh_spf_error {
	int fault; /* enum mh_spf_fault */
	uint32_t begin, end; /* octets of the record */
	uint32_t term; /* number of the term, or UINT32_MAX */
};

const char *mh_spf_fault_text(int fault);

#define MH_SPF_TERMS_MAX 1024
#define MH_SPF_ERRORS_MAX 64 /* more are not kept */

struct mh_spf_record {
	struct mh_str text;
	struct mh_spf_term *terms;
	uint32_t count;
	struct mh_spf_error *errors; /* in the order of their places */
	uint32_t error_count;
	const struct mh_spf_term *redirect, *exp, *all; /* the first of each; NULL: none */
};

/* mh_spf_is_record - RFC 7208 4.5: "v=spf1", any letter case, and then a space or the end */
bool mh_spf_is_record(struct mh_str text);
/* mh_spf_parse - text lives as long as the record, which is in arena; NULL: no memory.  Linear in text. */
struct mh_spf_record *mh_spf_parse(struct mh_arena *arena, struct mh_str text);

#endif
