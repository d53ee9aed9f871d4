/* zone_sanity.h - whether what a zone says of itself makes sense: its SOA record, and its name servers
 *
 * RFC 1912 2.2 and 2.8, RFC 2308 4
 */
#ifndef MH_ZONE_SANITY_H
#define MH_ZONE_SANITY_H

#include "target.h"

struct mh_soa {
	struct mh_str mname, rname; /* canonical, each with a NUL behind it */
	uint32_t serial, refresh, retry, expire, minimum;
};

/* What is odd about one: the enumerator, whether it does harm (or is only unusual), and what is said of it. */
#define MH_SOA_ODDS(X) \
	X(MNAME, true, "the name of the primary server is no name of a host") \
	X(RNAME, true, "the mail address of who keeps the zone is none: it is written with dots, without @") \
	X(SERIAL, true, "the serial number is 0, which some servers take for none") \
	X(REFRESH_SHORT, false, "secondary servers ask for changes more often than every 20 minutes") \
	X(REFRESH_LONG, true, "secondary servers ask for changes less often than every two days") \
	X(RETRY_NONE, true, "secondary servers that failed try again without a pause") \
	X(RETRY_LONG, true, \
	    "secondary servers that failed wait longer than the refresh time before they try again") \
	X(RETRY_SAME, false, \
	    "secondary servers that failed wait as long as the refresh time before they try again") \
	X(EXPIRE_AT_ONCE, true, \
	    "secondary servers forget the zone before they have tried twice to refresh it") \
	X(EXPIRE_SHORT, true, "secondary servers forget the zone within two days if the primary is down") \
	X(EXPIRE_LONG, false, "secondary servers go on for more than half a year after the primary is gone") \
	X(MINIMUM_LONG, true, "that a name is not there stays in caches for more than a day")

enum mh_soa_odd {
#define X(name, is_harm, text) MH_SOA_ODD_##name,
	MH_SOA_ODDS(X)
#undef X
	    MH_SOA_ODD_COUNT
};

const char *mh_soa_odd_text(enum mh_soa_odd odd);
bool mh_soa_odd_is_harm(enum mh_soa_odd odd);

/* mh_soa_read - the first record; false: it is not well formed, or no memory (*is_bad, if so) */
bool mh_soa_read(struct mh_arena *arena, const struct mh_fact *fact, struct mh_soa *soa, bool *is_bad);
/* mh_soa_judge - a bit for each that is odd */
unsigned mh_soa_judge(const struct mh_soa *soa);
/* mh_soa_mend - the same without oddities, where that can be: primary is the name of a name server, "" not known */
void mh_soa_mend(struct mh_arena *arena, struct mh_soa *soa, struct mh_str primary);
/* mh_soa_print - in presentation form; p NULL: no memory */
struct mh_str mh_soa_print(struct mh_arena *arena, const struct mh_soa *soa);

/* Whether all name servers stand in one place, by their IPv4 addresses. */
enum mh_ns_place {
	MH_NS_SPREAD, /* or it is not known */
	MH_NS_ONE_NETWORK, /* one /24 */
	MH_NS_ONE_ADDRESS,
};
enum mh_ns_place mh_ns_place(const struct mh_target *targets, unsigned count);

#endif
