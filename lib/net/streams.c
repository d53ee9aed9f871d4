/* streams.c - non-blocking connections, each with its machine */
#include "streams.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "capture.h"
#include "events.h"
#include "talk.h"

#define READ_STEP 16384
#define READS_MAX 8 /* of one connection before others have their turn */
#define PACES_MAX 4096

struct mh_link {
	struct mh_watch watch; /* first: what stands behind a descriptor */
	struct mh_timer timer;
	struct mh_link *before, *after; /* of those that are open, or in line (after) */
	struct mh_stream *stream;
	void *owner;
	uint32_t number;
	bool is_connected, wants_write, is_waiting;
};

void
mh_streams_init(struct mh_streams *streams, const struct mh_mem *mem, struct mh_timers *timers)
{
	*streams =
	    (struct mh_streams){ .mem = *mem, .timers = timers, .poll = -1, .count_max = MH_STREAMS_DEFAULT };
	streams->last = &streams->waiting;
}

static struct mh_link *
link_of(struct mh_timer *timer)
{
	return (struct mh_link *)(void *)((char *)timer - offsetof(struct mh_link, timer));
}

static void
free_link(struct mh_streams *streams, struct mh_link *link)
{
	if (link->watch.fd >= 0) {
		mh_poll_drop(streams->poll, link->watch.fd);
		(void)close(link->watch.fd);
	}
	if (!link->is_waiting) {
		*(link->before != NULL ? &link->before->after : &streams->links) = link->after;
		if (link->after != NULL)
			link->after->before = link->before;
		streams->count--;
	}
	mh_timers_drop(streams->timers, &link->timer);
	mh_timers_release(streams->timers);
	mh_stream_free(link->stream);
	mh_mem_free(&streams->mem, link, sizeof(*link));
}

/* unline - out of the line; at: what points to it there */
static void
unline(struct mh_streams *streams, struct mh_link **at)
{
	struct mh_link *link = *at;
	*at = link->after;
	if (streams->last == &link->after)
		streams->last = at;
	link->after = NULL;
}

void
mh_streams_forget(struct mh_streams *streams, void *owner)
{
	for (struct mh_link **at = &streams->waiting; *at != NULL;) {
		struct mh_link *link = *at;
		if (link->owner != owner) {
			at = &link->after;
			continue;
		}
		unline(streams, at);
		free_link(streams, link);
	}
	for (struct mh_link *link = streams->links, *next; link != NULL; link = next) {
		next = link->after;
		if (link->owner == owner)
			free_link(streams, link);
	}
}

void
mh_streams_free(struct mh_streams *streams)
{
	while (streams->waiting != NULL)
		mh_streams_forget(streams, streams->waiting->owner);
	while (streams->links != NULL)
		free_link(streams, streams->links);
	mh_mem_free(&streams->mem, streams->paces, PACES_MAX * sizeof(*streams->paces));
	mh_tls_maker_unref(streams->maker);
}

/* -------------------------------------------------------------- opening */

/* address_of - where a dialogue goes; its length, 0: nowhere */
static socklen_t
address_of(const struct mh_stream_spec *spec, struct sockaddr_storage *address)
{
	memset(address, 0, sizeof(*address));
	if (spec->ip.family == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)(void *)address;
		in->sin_family = AF_INET;
		in->sin_port = htons((uint16_t)spec->port);
		memcpy(&in->sin_addr, spec->ip.octets, 4);
		return sizeof(*in);
	}
	if (spec->ip.family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)address;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons((uint16_t)spec->port);
		memcpy(&in6->sin6_addr, spec->ip.octets, 16);
		return sizeof(*in6);
	}
	struct sockaddr_un *un = (struct sockaddr_un *)(void *)address;
	if (spec->path.len == 0 || spec->path.len >= sizeof(un->sun_path))
		return 0;
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, spec->path.p, spec->path.len);
	return sizeof(*un);
}

/* fail - the connection did not come about, or broke */
static void
fail(struct mh_streams *streams, struct mh_link *link, int error)
{
	mh_talk_broke(link->stream, error, link->is_connected, streams->now_us);
}

/* connect_link - false: there are no descriptors */
static bool
connect_link(struct mh_streams *streams, struct mh_link *link)
{
	const struct mh_stream_spec *spec = mh_stream_spec(link->stream);
	struct sockaddr_storage address;
	int one = 1;
	socklen_t len = address_of(spec, &address);

	mh_stream_begin(link->stream, streams->now_us);
	if (len == 0) {
		fail(streams, link, EINVAL);
		return true;
	}
	int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE))
		return false;
	if (fd < 0) {
		fail(streams, link, errno);
		return true;
	}
	link->watch.fd = fd;
	streams->opened++;
	if (spec->ip.family != 0)
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	int result = connect(fd, (struct sockaddr *)&address, len);
	if (result != 0 && errno != EINPROGRESS && errno != EAGAIN) {
		link->watch.fd = -1;
		int error = errno;
		(void)close(fd);
		fail(streams, link, error);
		return true;
	}
	link->wants_write = true;
	if (!mh_poll_add(streams->poll, fd, true, link)) {
		link->watch.fd = -1;
		(void)close(fd);
		return false;
	}
	return true;
}

/* pace_ms - when a connection to this address may begin; now_ms if at once */
static int64_t
pace_ms(struct mh_streams *streams, const struct mh_ip *ip, int64_t now_ms)
{
	if (streams->interval_ms <= 0 || ip->family == 0)
		return now_ms;
	if (streams->paces == NULL)
		streams->paces = mh_mem_alloc(&streams->mem, PACES_MAX * sizeof(*streams->paces));
	if (streams->paces == NULL)
		return now_ms;
	struct mh_pace *pace = NULL;
	for (unsigned i = 0; i < streams->paces_count && pace == NULL; i++)
		if (streams->paces[i].ip.family == ip->family &&
		    memcmp(streams->paces[i].ip.octets, ip->octets, sizeof(ip->octets)) == 0)
			pace = &streams->paces[i];
	if (pace == NULL) {
		if (streams->paces_count == PACES_MAX)
			streams->paces_count = 0; /* the oldest are long past */
		pace = &streams->paces[streams->paces_count++];
		*pace = (struct mh_pace){ *ip, now_ms };
	}
	if (pace->next_ms > now_ms)
		return pace->next_ms;
	pace->next_ms = now_ms + streams->interval_ms;
	return now_ms;
}

static void arm(struct mh_streams *streams, struct mh_link *link);

/* stand_in_line - until a timer calls */
static void
stand_in_line(struct mh_streams *streams, struct mh_link *link, int64_t until_ms)
{
	link->is_waiting = true;
	link->after = NULL;
	*streams->last = link;
	streams->last = &link->after;
	mh_timers_set(streams->timers, &link->timer, until_ms);
}

/* begin - connects, or waits for its turn */
static void
begin(struct mh_streams *streams, struct mh_link *link)
{
	int64_t now_ms = streams->now_us / 1000;
	int64_t at_ms = streams->count < streams->count_max
	    ? pace_ms(streams, &mh_stream_spec(link->stream)->ip, now_ms)
	    : now_ms + 20;
	if (at_ms > now_ms) {
		stand_in_line(streams, link, at_ms);
		return;
	}
	if (!connect_link(streams, link)) {
		stand_in_line(streams, link, now_ms + 50);
		return;
	}
	link->is_waiting = false;
	link->before = NULL;
	link->after = streams->links;
	if (streams->links != NULL)
		streams->links->before = link;
	streams->links = link;
	streams->count++;
	arm(streams, link);
}

bool
mh_streams_ask(struct mh_streams *streams, void *owner, uint32_t number, struct mh_str spec)
{
	bool is_bad;
	struct mh_link *link = mh_mem_zalloc(&streams->mem, sizeof(*link));
	if (link == NULL || !mh_timers_promise(streams->timers)) {
		mh_mem_free(&streams->mem, link, sizeof(*link));
		return false;
	}
	link->watch = (struct mh_watch){ MH_WATCH_STREAM, -1 };
	link->timer.kind = MH_TIMER_STREAM;
	link->owner = owner;
	link->number = number;
	link->stream = mh_stream_make(&streams->mem, streams->maker, spec, &is_bad);
	if (link->stream == NULL) {
		mh_timers_release(streams->timers);
		mh_mem_free(&streams->mem, link, sizeof(*link));
		return false;
	}
	begin(streams, link);
	return true;
}

/* -------------------------------------------------------------------- going on */

/* send_out - what the machine wants sent; false: the connection is broken */
static bool
send_out(struct mh_streams *streams, struct mh_link *link)
{
	struct mh_str out = mh_stream_output(link->stream);
	while (out.len > 0 && link->watch.fd >= 0) {
		ssize_t n = send(link->watch.fd, out.p, out.len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (n < 0)
			return false;
		mh_stream_sent(link->stream, (size_t)n);
		out = mh_stream_output(link->stream);
	}
	bool wants_write = out.len > 0;
	if (link->watch.fd >= 0 && wants_write != link->wants_write) {
		link->wants_write = wants_write;
		(void)mh_poll_change(streams->poll, link->watch.fd, wants_write, link);
	}
	return true;
}

/* take_in - what came */
static void
take_in(struct mh_streams *streams, struct mh_link *link)
{
	char octets[READ_STEP];
	for (int i = 0; i < READS_MAX && !mh_stream_is_done(link->stream); i++) {
		ssize_t n = recv(link->watch.fd, octets, sizeof(octets), 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			if (mh_stream_spec(link->stream)->how == MH_HOW_HANDSHAKE)
				mh_talk_acknowledge(link->watch.fd);
			return;
		}
		if (n < 0)
			fail(streams, link, errno);
		else if (n == 0)
			mh_stream_eof(link->stream, streams->now_us);
		else
			mh_stream_feed(link->stream, mh_str_n(octets, (size_t)n), streams->now_us);
	}
}

/* settle - sends, and ends or goes on waiting */
static void
settle(struct mh_streams *streams, struct mh_link *link)
{
	if (!send_out(streams, link) && !mh_stream_is_done(link->stream)) {
		/* What the server said before it closed may still be there. */
		take_in(streams, link);
		if (!mh_stream_is_done(link->stream))
			fail(streams, link, ECONNRESET);
	}
	if (!mh_stream_is_done(link->stream) && !mh_stream_is_out_of_memory(link->stream)) {
		int64_t due_us = mh_stream_due_us(link->stream);
		mh_timers_set(streams->timers, &link->timer, (due_us + 999) / 1000);
		return;
	}
	struct mh_fact *fact = mh_stream_fact(link->stream, &streams->mem);
	void *owner = link->owner;
	uint32_t number = link->number;
	free_link(streams, link);
	streams->done(streams->self, owner, number, fact);
}

/* arm - of one that has begun: what failed at once is told at the next timeout */
static void
arm(struct mh_streams *streams, struct mh_link *link)
{
	int64_t due_us = mh_stream_due_us(link->stream);
	mh_timers_set(streams->timers, &link->timer,
	    due_us >= 0 ? (due_us + 999) / 1000 : streams->now_us / 1000);
}

void
mh_streams_ready(struct mh_streams *streams, struct mh_watch *watch, bool is_readable, bool is_writable)
{
	struct mh_link *link = (struct mh_link *)watch;
	if (!link->is_connected && is_writable) {
		int error = 0;
		socklen_t len = sizeof(error);
		(void)getsockopt(watch->fd, SOL_SOCKET, SO_ERROR, &error, &len);
		if (error != 0) {
			fail(streams, link, error);
		} else {
			link->is_connected = true;
			mh_stream_connected(link->stream, streams->now_us);
		}
	}
	if (is_readable && link->is_connected && !mh_stream_is_done(link->stream))
		take_in(streams, link);
	settle(streams, link);
}

void
mh_streams_timeout(struct mh_streams *streams, struct mh_timer *timer)
{
	struct mh_link *link = link_of(timer);
	if (link->is_waiting) {
		struct mh_link **at = &streams->waiting;
		while (*at != link)
			at = &(*at)->after;
		unline(streams, at);
		begin(streams, link);
		return;
	}
	mh_stream_tick(link->stream, streams->now_us);
	settle(streams, link);
}
