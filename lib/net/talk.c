/* talk.c - see talk.h */
#include "talk.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include "capture.h"
#include "dns.h"

#define READ_STEP 16384
#define TIMEOUT_MAX INT64_C(1000000000000) /* ms, some 30 years: no limit at all */

void
mh_talk_broke(struct mh_stream *stream, int error, bool is_connected, int64_t now_us)
{
	int event = MH_EVENT_UNREACHABLE;
	struct mh_str text = MH_STR("");
	if (error == ECONNREFUSED || error == ENOENT)
		event = MH_EVENT_REFUSED;
	else if (is_connected)
		event = MH_EVENT_RESET;
	else if (error == ECONNRESET || error == EPIPE)
		event = MH_EVENT_RESET;
	else if (error == ENETUNREACH || error == EAFNOSUPPORT || error == EADDRNOTAVAIL)
		text = MH_STR("network");
	else if (error == EHOSTUNREACH || error == EHOSTDOWN)
		text = MH_STR("host");
	else if (error == EACCES || error == EPERM)
		text = MH_STR("forbidden");
	else if (error == ETIMEDOUT)
		event = MH_EVENT_SILENT;
	mh_stream_failed(stream, event, text, now_us);
}

void
mh_talk_acknowledge(int fd)
{
#ifdef TCP_QUICKACK
	int one = 1;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
#else
	(void)fd;
#endif
}

/* receive - what is there; false: nothing yet */
static bool
receive(struct mh_stream *stream, int fd)
{
	char octets[READ_STEP];
	ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
		if (mh_stream_spec(stream)->how == MH_HOW_HANDSHAKE)
			mh_talk_acknowledge(fd);
		return false;
	}
	if (n < 0)
		mh_talk_broke(stream, errno, true, mh_clock_us());
	else if (n == 0)
		mh_stream_eof(stream, mh_clock_us());
	else
		mh_stream_feed(stream, mh_str_n(octets, (size_t)n), mh_clock_us());
	return true;
}

/* send_out - what the machine wants sent, as far as it goes */
static void
send_out(struct mh_stream *stream, int fd)
{
	struct mh_str out = mh_stream_output(stream);
	while (out.len > 0) {
		ssize_t n = send(fd, out.p, out.len, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n < 0) {
			int error = errno;
			/* What the server said before it closed may still be there. */
			while (!mh_stream_is_done(stream) && receive(stream, fd)) {
			}
			mh_talk_broke(stream, error, true, mh_clock_us());
			return;
		}
		mh_stream_sent(stream, (size_t)n);
		out = mh_stream_output(stream);
	}
}

/* wait_for - until there is something to read or to send, or something is due */
static void
wait_for(struct mh_stream *stream, int fd, int64_t until_us)
{
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	int64_t due_us = mh_stream_due_us(stream), now_us = mh_clock_us();

	if (until_us >= 0 && until_us < due_us)
		due_us = until_us;
	int64_t wait_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
	if (mh_stream_output(stream).len > 0)
		poller.events |= POLLOUT;
	(void)poll(&poller, 1, wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX);
}

/* is_connected - whether fd is what we need */
static bool
is_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer), type_len = sizeof(int);
	int type = 0;
	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 && type == SOCK_STREAM &&
	    getpeername(fd, (struct sockaddr *)&peer, &len) == 0;
}

bool
mh_talk(struct mh_stream *stream, bool *has_begun, int fd, int64_t timeout_ms)
{
	int64_t now_us = mh_clock_us();
	int64_t until_us = timeout_ms >= 0 && timeout_ms < TIMEOUT_MAX ? now_us + timeout_ms * 1000 : -1;

	if (!mh_stream_is_done(stream) && !is_connected(fd))
		return false;
	if (!*has_begun)
		mh_stream_begin(stream, now_us);
	*has_begun = true;
	mh_stream_connected(stream, now_us);
	for (;;) {
		send_out(stream, fd);
		if (mh_stream_is_done(stream) || mh_stream_is_out_of_memory(stream))
			return true;
		/* The clock counts for a server that never stops, and for who calls with no time to wait. */
		bool has_read = receive(stream, fd);
		now_us = mh_clock_us();
		mh_stream_tick(stream, now_us);
		if (mh_stream_is_done(stream))
			continue; /* there may be a goodbye to be sent */
		if (until_us >= 0 && now_us >= until_us)
			return true;
		if (!has_read)
			wait_for(stream, fd, until_us);
	}
}
