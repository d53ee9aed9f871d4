/* driver.h - the built-in driver: who answers asks by DNS, for thousands of works
 *
 * A driver holds a stub resolver of ours, its cache and its sockets behind one
 * pollable descriptor and one timeout.  Works are given to it; it takes their
 * asks, answers them, steps them, and gives them back when they are done.
 *
 * Stub resolver: connected UDP sockets on random ports (each with a window of
 * questions), random id, 0x20 with one fall-back, EDNS 1232 with AD asked and
 * a fall-back per server, TC by TCP, fail-over between servers by their times,
 * deadlines, coalescing, cache with TTL and RFC 2308 negatives.  Every fact
 * says rcode, EDE, server, time, TTL and AD.
 *
 * Belongs to one thread at a time, as its works do while it has them.  The
 * clock is read here and nowhere else.
 *
 * RFC 1035, 2308, 5452, 6891, 7766, 8914
 */
#ifndef MH_DRIVER_H
#define MH_DRIVER_H

#include "work.h"

struct mh_driver;
struct mh_driver *mh_driver_make(const struct mh_mem *mem); /* NULL: no memory; opens nothing yet */
void mh_driver_free(struct mh_driver *driver); /* its works are left as they are */

/* Settings, before the first work: MH_ERR_ESTATE afterwards, MH_ERR_EINVAL for what cannot be. */
/* mh_driver_servers - "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53", several by commas or spaces; ""
 * (the default): those of /etc/resolv.conf, 127.0.0.1 if it names none (resolver(5)) */
int mh_driver_servers(struct mh_driver *driver, struct mh_str servers);
enum mh_driver_setting {
	MH_DRIVER_TRUST_AD, /* 0 never, 1 always, -1 (default) only of servers on loopback */
	MH_DRIVER_TRY_MS, /* wait for one server; default 2000 */
	MH_DRIVER_TRIES, /* questions to all servers together for one ask; default 4 */
	MH_DRIVER_CACHE_OCTETS, /* the most memory of the cache; 0: none; default 16 MiB */
	MH_DRIVER_CACHE_TTL_MAX, /* seconds; default 86400 */
	MH_DRIVER_IN_FLIGHT, /* questions on their way at once, at the most; default 4000 (see window.h) */
	MH_DRIVER_STREAMS, /* connections open at once; default 400 */
	MH_DRIVER_STREAM_INTERVAL_MS, /* between the beginnings of connections to one address; default 0 */
	MH_DRIVER_STEP_LATER, /* 1: works are not stepped, only answered (benchmarks); default 0 */
};
/* mh_driver_use_tls - for whole handshakes; a reference is kept, of the first that is given */
struct mh_tls_maker;
void mh_driver_use_tls(struct mh_driver *driver, struct mh_tls_maker *maker);
int mh_driver_set(struct mh_driver *driver, enum mh_driver_setting setting, int64_t value);
/* mh_driver_use - a source is asked before DNS, in the order of using; it must outlive the driver */
int mh_driver_use(struct mh_driver *driver, const struct mh_source *source);
/* mh_driver_offline - nobody is asked but sources: all else is unknown, no-server */
void mh_driver_offline(struct mh_driver *driver);

/* mh_driver_add - steps the work for the first time and takes its asks, until it is done or removed.
 * MH_ERR_OK, MH_ERR_ESTATE (it has a driver), MH_ERR_ENOMEM, MH_ERR_EIO (no descriptors) */
int mh_driver_add(struct mh_driver *driver, struct mh_work *work);
void mh_driver_remove(struct mh_driver *driver, struct mh_work *work); /* answers to it are dropped */

int mh_driver_fd(struct mh_driver *driver); /* readable when mh_driver_step has work; -1: not open */
int64_t mh_driver_timeout_ms(struct mh_driver *driver); /* until mh_driver_step is wanted; -1: never */
/* mh_driver_step - reads what came, sends what is due; never waits.  MH_ERR_OK or MH_ERR_ENOMEM */
int mh_driver_step(struct mh_driver *driver);
/* mh_driver_wait - waits on the descriptor, timeout_ms at the most (-1: for ever), and steps */
int mh_driver_wait(struct mh_driver *driver, int64_t timeout_ms);
/* mh_driver_next_done - a work that is done (or failed: mh_work.is_done false) and no longer the driver's; NULL: none */
struct mh_work *mh_driver_next_done(struct mh_driver *driver);
size_t mh_driver_count(
    const struct mh_driver *driver); /* works that it has, done ones not yet taken included */

int64_t mh_clock_ms(void); /* monotonic */
int64_t mh_clock_wall_s(void); /* seconds since the epoch */

/* What happened, for figures and tests. */
struct mh_driver_counts {
	uint64_t asked, cached, coalesced; /* asks by how they were answered */
	uint64_t sent, received, foreign, broken, resent, tcp, no_edns, no_case, timeouts;
	size_t cache_octets;
};
void mh_driver_counts(const struct mh_driver *driver, struct mh_driver_counts *counts);

#endif
