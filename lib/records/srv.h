/* srv.h - SRV records by which mail programs find servers
 *
 * RFC 2782, RFC 6186, RFC 8314 5.1
 */
#ifndef MH_SRV_H
#define MH_SRV_H

#include "target.h"

struct mh_srv_service {
	const char *label; /* "_imaps._tcp" */
	const char *what; /* for people */
	uint16_t port; /* that is usual */
};

/* mh_srv_service_at - those that are asked for, in order; NULL past the end */
const struct mh_srv_service *mh_srv_service_at(unsigned i);

struct mh_srv {
	uint16_t priority, weight, port;
	struct mh_str name; /* of the target, canonical, with a NUL behind it */
};

/* mh_srv_read - one record; false: it is not well formed, or no memory (*is_bad, if so) */
bool mh_srv_read(struct mh_arena *arena, const struct mh_fact *fact, size_t i, struct mh_srv *srv,
    bool *is_bad);

/* What can be wrong with a record. */
enum mh_srv_fault {
	MH_SRV_FINE = 0,
	MH_SRV_AMONG_OTHERS =
	    1, /* "." means that there is no such service, and other records that there is */
	MH_SRV_PORT_ZERO = 2,
	MH_SRV_PORT_OTHER = 4, /* the port of another of these services */
	MH_SRV_LITERAL = 8,
	MH_SRV_SELF = 16,
	MH_SRV_MISSING = 32,
	MH_SRV_NO_ADDRESS = 64,
	MH_SRV_ALIAS = 128, /* RFC 2782 */
	MH_SRV_PRIVATE = 256, /* none of its addresses is of the Internet */
};

/* mh_srv_judge - bits of a record among count of them, whose target has been looked at */
unsigned mh_srv_judge(const struct mh_srv_service *service, const struct mh_srv *srv,
    const struct mh_target *target, size_t count);
/* mh_srv_print - "0 1 993 mail.example.org."; p NULL: no memory */
struct mh_str mh_srv_print(struct mh_arena *arena, const struct mh_srv *srv);

#endif
