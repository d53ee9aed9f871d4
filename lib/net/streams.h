/* streams.h - sockets for the dialogues that works ask for
 *
 * Each dialogue is a machine (wire/stream.h) and a connection that never waits.
 * At most so many are open at once, and a new one to an address begins no sooner
 * than the interval after the one before; what has to wait stands in line.
 * Nothing here raises a signal.
 */
#ifndef MH_STREAMS_H
#define MH_STREAMS_H

#include "dns.h"
#include "stream.h"

#define MH_STREAMS_DEFAULT 400 /* open at once; descriptors are few */
#define MH_STREAMS_MAX 20000

struct mh_link;

struct mh_streams {
	struct mh_mem mem;
	struct mh_timers *timers;
	struct mh_tls_maker *maker; /* NULL: no whole handshakes can be had */
	struct mh_link *links; /* open ones */
	struct mh_link *waiting, **last; /* in line */
	int poll;
	int64_t now_us;
	int64_t count, count_max, interval_ms;
	struct mh_pace {
		struct mh_ip ip;
		int64_t next_ms;
	} * paces; /* of addresses, while there is an interval */
	unsigned paces_count;
	uint64_t opened; /* connections that were begun */
	/* fact comes with a reference that is the receiver's; NULL: no memory */
	void (*done)(void *self, void *owner, uint32_t number, struct mh_fact *fact);
	void *self;
};

void mh_streams_init(struct mh_streams *streams, const struct mh_mem *mem, struct mh_timers *timers);
void mh_streams_free(struct mh_streams *streams);
/* mh_streams_ask - a dialogue for owner's question number; false: no memory.  Never done before it returns. */
bool mh_streams_ask(struct mh_streams *streams, void *owner, uint32_t number, struct mh_str spec);
/* mh_streams_forget - owner wants none of its dialogues any more */
void mh_streams_forget(struct mh_streams *streams, void *owner);
void mh_streams_ready(struct mh_streams *streams, struct mh_watch *watch, bool is_readable, bool is_writable);
/* mh_streams_timeout - a timer of kind MH_TIMER_STREAM is due */
void mh_streams_timeout(struct mh_streams *streams, struct mh_timer *timer);

#endif
