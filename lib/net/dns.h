/* dns.h - the stub client: questions to servers, facts back
 *
 * Who asks is told through one function when the fact is there; one question
 * may have several who asked.
 */
#ifndef MH_DNS_CLIENT_H
#define MH_DNS_CLIENT_H

#include "dns_msg.h"
#include "driver.h"
#include "random.h"
#include "resolvconf.h"
#include "timers.h"
#include "window.h"

#define MH_SOCKETS_MAX 32 /* UDP sockets of a server */
#define MH_SOCKETS_SPREAD 16 /* opened before any is used twice at once */
#define MH_SOCKET_WINDOW 250 /* questions on their way by one socket: its buffer holds the answers */
#define MH_SOCKET_SLOTS 512 /* a power of two, twice the window */
#define MH_SOCKET_USES 2000 /* questions until a socket gets another port */

enum { MH_TIMER_QUERY = 1, MH_TIMER_WORK = 2, MH_TIMER_STREAM = 3 };
enum { MH_WATCH_UDP = 1, MH_WATCH_TCP = 2, MH_WATCH_STREAM = 3 };

struct mh_query;
struct mh_dns_server;

/* What stands behind a descriptor: the first member of what is watched. */
struct mh_watch {
	int kind, fd;
};

struct mh_udp {
	struct mh_watch watch;
	struct mh_dns_server *server;
	struct mh_udp *retired; /* the next that is closed and not freed */
	unsigned in_flight, uses;
	struct mh_query *slots[MH_SOCKET_SLOTS]; /* by id */
};

struct mh_tcp {
	struct mh_watch watch;
	struct mh_query *query;
	struct mh_buf in;
	unsigned char out[2 + MH_DNS_QUERY_MAX];
	size_t out_len, sent;
};

struct mh_dns_server {
	struct mh_server_address address;
	char text[MH_SERVER_TEXT_MAX];
	struct mh_udp *sockets[MH_SOCKETS_MAX];
	unsigned count;
	bool is_trusted; /* its AD bit is believed */
	bool loses_case; /* 0x20 does not come back */
	int32_t srtt_us; /* 0: not known */
	int64_t no_edns_until_ms, bad_until_ms;
};

/* Somebody who waits for a question's answer. */
struct mh_asker {
	struct mh_asker *next; /* of the same question */
	struct mh_asker *before, *after; /* of the same owner */
	void *owner; /* NULL: gone */
	struct mh_fact *alias; /* what it asked for is this, and ends at the name of the question; NULL */
	uint32_t number;
};

struct mh_query {
	struct mh_timer timer;
	struct mh_query *next; /* with the same hash, or of those that wait to be sent again */
	struct mh_asker *askers;
	struct mh_udp *udp; /* on its way by; NULL */
	struct mh_tcp *tcp;
	struct mh_fact *failure; /* what an earlier server said, told if no other does better */
	uint64_t hash;
	int64_t sent_us;
	uint32_t case_bits; /* of the letters */
	uint16_t id, type;
	uint8_t server, tried; /* tried: a bit a server */
	uint8_t silent; /* a bit a server that let an attempt time out */
	uint8_t tries;
	bool has_edns, has_case; /* as it went out */
	bool wants_tcp; /* it was cut short by UDP */
	bool is_plain; /* without 0x20: an answer came back in other letters */
	bool is_waiting; /* for room to send */
	bool is_over; /* nothing more to try */
	uint8_t name_len;
	unsigned char name[]; /* wire form, lower case */
};

struct mh_dns {
	struct mh_mem mem;
	struct mh_random random;
	struct mh_timers *timers;
	struct mh_dns_server servers[MH_SERVERS_MAX];
	unsigned servers_count;
	int poll;
	int64_t now_ms, now_us;
	int64_t try_ms;
	unsigned tries_max;
	struct mh_query **table;
	uint32_t table_size, in_flight;
	uint32_t silenced; /* of those in flight, how many a server has been silent to */
	struct mh_window window; /* of the others; kept by who asks */
	struct mh_udp *retired;
	struct mh_fact_draft draft;
	struct mh_driver_counts *counts;
	/* fact comes with a reference that is the receiver's; NULL: there was no memory for one */
	void (*done)(void *self, struct mh_query *query, struct mh_fact *fact);
	void *self;
};

void mh_dns_init(struct mh_dns *dns, const struct mh_mem *mem, struct mh_timers *timers,
    struct mh_driver_counts *counts);
void mh_dns_free(struct mh_dns *dns);
/* mh_dns_use - the servers, before the first question; trust_ad as MH_DRIVER_TRUST_AD */
void mh_dns_use(struct mh_dns *dns, const struct mh_resolvconf *conf, int64_t trust_ad);
/* mh_dns_find - a question that is on its way already; NULL */
struct mh_query *mh_dns_find(const struct mh_dns *dns, uint64_t hash, struct mh_str name, int type);
/* mh_dns_ask - sends a question that is not on its way yet; NULL: no memory.  It is never done before this
 * returns: what fails at once is told at the next timeout. */
struct mh_query *mh_dns_ask(struct mh_dns *dns, uint64_t hash, struct mh_str name, int type,
    struct mh_asker *asker);
void mh_dns_ready(struct mh_dns *dns, struct mh_watch *watch, bool is_readable, bool is_writable);
/* mh_dns_reap - frees what was closed; not while events are looked at */
void mh_dns_reap(struct mh_dns *dns);
void mh_dns_timeout(struct mh_dns *dns, struct mh_query *query);
int64_t mh_clock_us(void);

#endif
