/* hostname.h - what the name of a sending host looks like to a receiver
 *
 * Whether a reverse name is one that a provider gave out by the thousand, and
 * whether what a host says in EHLO is what RFC 5321 wants.  Pure functions of text.
 *
 * Does not: ask DNS whether a name leads anywhere.
 */
#ifndef MH_HOSTNAME_H
#define MH_HOSTNAME_H

#include <stdbool.h>

#include "net.h"
#include "str.h"

/* Why a name looks generic: the enumerator, and what is said of it. */
#define MH_GENERICS(X) \
	X(NO, "") \
	X(REVERSE, "it is a name of the reverse tree itself") \
	X(ADDRESS, "the address is in it") \
	X(REVERSED, "the address is in it, backwards") \
	X(HEX, "the address is in it, in hexadecimal") \
	X(NUMBER, "the address is in it, as one number") \
	X(PROVIDER, "the provider gives such names to all addresses") \
	X(LINE, "it says that this is an end user's line") \
	X(POOL, "it says that the address is one of many that are given out")

enum mh_generic {
#define X(name, text) MH_GENERIC_##name,
	MH_GENERICS(X)
#undef X
	    MH_GENERIC_COUNT
};

const char *mh_generic_text(enum mh_generic generic); /* "" for others */
/* mh_host_generic - of a canonical name and the address that has it (family 0: not known); *part (NULL is
 * fine) is what shows it, within name */
enum mh_generic mh_host_generic(struct mh_str name, const struct mh_ip *ip, struct mh_str *part);

/* What a host says in EHLO: the enumerator, and what is said of it. */
#define MH_HELOS(X) \
	X(NAME, "") \
	X(LITERAL, "") \
	X(EMPTY, "it is empty") \
	X(BAD_LITERAL, "what stands in brackets is no address") \
	X(BARE_ADDRESS, "it is an address without brackets") \
	X(LOCALHOST, "it is the name that every machine has for itself") \
	X(SINGLE_LABEL, "it is one word and no full name") \
	X(PRIVATE, "it ends in a name that the Internet's DNS does not have") \
	X(REVERSE, "it is a name of the reverse tree") \
	X(UNDERSCORE, "it has an underscore, which host names may not have") \
	X(NOT_ASCII, "it has octets that are not ASCII") \
	X(CHARACTER, "it has a character that host names may not have") \
	X(LABEL, "a label is empty, longer than 63 characters, or begins or ends with a hyphen") \
	X(LONG, "it is longer than 253 characters") \
	X(NUMBER, "its last label is a number") \
	X(FINAL_DOT, "it ends with a dot, which has no place there")

enum mh_helo_kind {
#define X(name, text) MH_HELO_##name,
	MH_HELOS(X)
#undef X
	    MH_HELO_COUNT
};

struct mh_helo {
	enum mh_helo_kind kind;
	struct mh_str text; /* as it was given, blanks around it gone */
	struct mh_ip ip; /* of LITERAL and BARE_ADDRESS */
	struct mh_str part; /* what is wrong, within text */
};

const char *mh_helo_text(enum mh_helo_kind kind);
/* mh_helo_read - RFC 5321 2.3.5, 4.1.2, 4.1.3; any octets */
void mh_helo_read(struct mh_helo *helo, struct mh_str text);

/* mh_host_ip_plain - an IPv4-mapped address as the IPv4 address that it is */
struct mh_ip mh_host_ip_plain(const struct mh_ip *ip);
/* mh_host_ip_is_public - as mh_ip_is_public, but addresses of documentation count as public: they stand for
 * real ones in every example */
bool mh_host_ip_is_public(const struct mh_ip *ip);

#endif
