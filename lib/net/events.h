/* events.h - waiting for many descriptors behind one: epoll, or kqueue on the BSDs */
#ifndef MH_EVENTS_H
#define MH_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mh_poll_event {
	void *data; /* as given to mh_poll_add */
	bool is_readable, is_writable; /* both if the descriptor has failed */
};

int mh_poll_open(void); /* a descriptor that is readable when one of its own is ready; -1 */
/* mh_poll_add - watches fd for reading, and for writing too if wants_write; false if it cannot
 * mh_poll_change - another wish for writing */
bool mh_poll_add(int poll, int fd, bool wants_write, void *data);
bool mh_poll_change(int poll, int fd, bool wants_write, void *data);
void mh_poll_drop(int poll, int fd); /* before fd is closed */
/* mh_poll_wait - the events that are there, or come within timeout_ms (0: no wait, -1: for ever); 0 or more */
int mh_poll_wait(int poll, struct mh_poll_event *events, int max, int64_t timeout_ms);

#endif
