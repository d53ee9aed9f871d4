/* events.c - waiting for many descriptors behind one
 *
 * The one place that knows epoll and kqueue.  errno is left as it was.
 */
#if defined(__FreeBSD__) || defined(__OpenBSD__) || defined(__NetBSD__) || defined(__DragonFly__) || \
    defined(__APPLE__)
#undef _POSIX_C_SOURCE
#define MH_KQUEUE 1
#endif
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "events.h"

#define EVENTS_MAX 256

#ifndef MH_KQUEUE
#include <sys/epoll.h>

int
mh_poll_open(void)
{
	int saved = errno;
	int fd = epoll_create1(EPOLL_CLOEXEC);
	errno = saved;
	return fd;
}

/* control - add or change */
static bool
control(int poll, int op, int fd, bool wants_write, void *data)
{
	struct epoll_event event = { .events = EPOLLIN | (wants_write ? (uint32_t)EPOLLOUT : 0),
		.data.ptr = data };
	int saved = errno;
	int result = epoll_ctl(poll, op, fd, &event);
	errno = saved;
	return result == 0;
}

bool
mh_poll_add(int poll, int fd, bool wants_write, void *data)
{
	return control(poll, EPOLL_CTL_ADD, fd, wants_write, data);
}

bool
mh_poll_change(int poll, int fd, bool wants_write, void *data)
{
	return control(poll, EPOLL_CTL_MOD, fd, wants_write, data);
}

void
mh_poll_drop(int poll, int fd)
{
	(void)control(poll, EPOLL_CTL_DEL, fd, false, NULL);
}

int
mh_poll_wait(int poll, struct mh_poll_event *events, int max, int64_t timeout_ms)
{
	struct epoll_event got[EVENTS_MAX];
	int saved = errno;
	int timeout = timeout_ms < 0 ? -1 : timeout_ms > INT_MAX ? INT_MAX : (int)timeout_ms;
	int n = epoll_wait(poll, got, max < EVENTS_MAX ? max : EVENTS_MAX, timeout);
	errno = saved;
	for (int i = 0; i < n; i++) {
		bool has_failed = (got[i].events & (EPOLLERR | EPOLLHUP)) != 0;
		events[i] = (struct mh_poll_event){ .data = got[i].data.ptr,
			.is_readable = has_failed || (got[i].events & EPOLLIN) != 0,
			.is_writable = has_failed || (got[i].events & EPOLLOUT) != 0 };
	}
	return n > 0 ? n : 0;
}

#else
#include <sys/types.h>

#include <sys/event.h>
#include <sys/time.h>

int
mh_poll_open(void)
{
	int saved = errno;
	int fd = kqueue();
	errno = saved;
	return fd;
}

static bool
control(int poll, int fd, bool wants_write, void *data)
{
	struct kevent changes[2];
	int saved = errno;
	EV_SET(&changes[0], fd, EVFILT_READ, EV_ADD, 0, 0, data);
	EV_SET(&changes[1], fd, EVFILT_WRITE, wants_write ? EV_ADD : EV_DELETE, 0, 0, data);
	int result = kevent(poll, &changes[0], 1, NULL, 0, NULL);
	/* There may be nothing to delete. */
	if (kevent(poll, &changes[1], 1, NULL, 0, NULL) < 0 && wants_write)
		result = -1;
	errno = saved;
	return result >= 0;
}

bool
mh_poll_add(int poll, int fd, bool wants_write, void *data)
{
	return control(poll, fd, wants_write, data);
}

bool
mh_poll_change(int poll, int fd, bool wants_write, void *data)
{
	return control(poll, fd, wants_write, data);
}

void
mh_poll_drop(int poll, int fd)
{
	(void)poll; /* closing it is enough */
	(void)fd;
}

int
mh_poll_wait(int poll, struct mh_poll_event *events, int max, int64_t timeout_ms)
{
	struct kevent got[EVENTS_MAX];
	struct timespec timeout = { .tv_sec = (time_t)(timeout_ms / 1000),
		.tv_nsec = (long)(timeout_ms % 1000) * 1000000 };
	int saved = errno;
	int n =
	    kevent(poll, NULL, 0, got, max < EVENTS_MAX ? max : EVENTS_MAX, timeout_ms < 0 ? NULL : &timeout);
	errno = saved;
	for (int i = 0; i < n; i++) {
		bool has_failed = (got[i].flags & (EV_ERROR | EV_EOF)) != 0;
		events[i] = (struct mh_poll_event){ .data = got[i].udata,
			.is_readable = has_failed || got[i].filter == EVFILT_READ,
			.is_writable = has_failed || got[i].filter == EVFILT_WRITE };
	}
	return n > 0 ? n : 0;
}
#endif
