/* dns.c - the stub client: questions to servers, facts back
 *
 * A question goes to one server after another, the fastest first, until one
 * answers it.  SERVFAIL, REFUSED and the like are answers of that server alone:
 * the next is asked, and if none does better the first such answer is told,
 * with its server and extended error.  Silence is told only if nobody said
 * anything.
 *
 * A UDP socket is connected and has a port of its own, so that answers from
 * elsewhere never reach us; what does reach us must have the id, the question
 * and the letters that went out (0x20).  Errors that ICMP brings count for all
 * that is on its way by that socket.
 *
 * Does not: cache, or know who asks.
 *
 * RFC 5452, RFC 6891 6.2.2, RFC 7766
 */
#include "dns.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "events.h"
#include "port.h"

#define TABLE_FIRST 1024
#define READ_MAX 4096 /* octets of a UDP answer: we ask for less */
#define READS_AT_ONCE 64 /* of one socket, before others have their turn */
#define NO_EDNS_MS 600000 /* how long a server is taken not to know EDNS */
#define BAD_MS 5000 /* how long a server that was silent is asked last */
#define RETRY_MS 20 /* when there was no room to send */
#define TCP_WAITS 2 /* times the wait of UDP */

int64_t
mh_clock_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
mh_dns_init(struct mh_dns *dns, const struct mh_mem *mem, struct mh_timers *timers,
    struct mh_driver_counts *counts)
{
	*dns = (struct mh_dns){ .mem = *mem, .timers = timers, .counts = counts, .poll = -1 };
	mh_fact_draft_init(&dns->draft, &dns->mem);
}

/* is_loopback - RFC 1122 3.2.1.3, RFC 4291 2.5.3 */
static bool
is_loopback(const struct mh_ip *ip)
{
	static const unsigned char one[16] = { [15] = 1 };
	return ip->family == 4 ? ip->octets[0] == 127 : memcmp(ip->octets, one, 16) == 0;
}

void
mh_dns_use(struct mh_dns *dns, const struct mh_resolvconf *conf, int64_t trust_ad)
{
	dns->servers_count = conf->count;
	for (unsigned i = 0; i < conf->count; i++) {
		struct mh_dns_server *server = &dns->servers[i];
		*server = (struct mh_dns_server){ .address = conf->servers[i] };
		mh_server_print(&server->address, server->text);
		server->is_trusted =
		    trust_ad > 0 || (trust_ad < 0 && (conf->trusts_ad || is_loopback(&server->address.ip)));
	}
}

/* ------------------------------------------------------------------ sockets */

/* close_fd - leaves errno as it was */
static void
close_fd(struct mh_dns *dns, int fd)
{
	int saved = errno;
	mh_poll_drop(dns->poll, fd);
	(void)close(fd);
	errno = saved;
}

/* address_of - as sockets want it; its length */
static socklen_t
address_of(const struct mh_server_address *server, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (server->ip.family == 6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
		in6->sin6_family = AF_INET6;
		in6->sin6_port = htons(server->port);
		in6->sin6_scope_id = server->scope[0] != '\0' ? if_nametoindex(server->scope) : 0;
		memcpy(&in6->sin6_addr, server->ip.octets, 16);
		return sizeof(*in6);
	}
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	in->sin_family = AF_INET;
	in->sin_port = htons(server->port);
	memcpy(&in->sin_addr, server->ip.octets, 4);
	return sizeof(*in);
}

/* open_socket - connected or connecting, not blocking; -1 */
static int
open_socket(const struct mh_server_address *server, int type)
{
	struct sockaddr_storage address;
	socklen_t len = address_of(server, &address);
	int saved = errno;
	int fd = socket(address.ss_family, type, 0);
	if (fd >= 0) {
		bool good = fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 &&
		    (connect(fd, (const struct sockaddr *)&address, len) == 0 ||
			(type == SOCK_STREAM && errno == EINPROGRESS));
		if (!good) {
			(void)close(fd);
			fd = -1;
		}
	}
	errno = saved;
	return fd;
}

/* open_udp - one more socket of a server; NULL if there can be none */
static struct mh_udp *
open_udp(struct mh_dns *dns, struct mh_dns_server *server)
{
	struct mh_udp *udp = mh_mem_zalloc(&dns->mem, sizeof(*udp));
	if (udp == NULL)
		return NULL;
	udp->server = server;
	udp->watch = (struct mh_watch){ MH_WATCH_UDP, open_socket(&server->address, SOCK_DGRAM) };
	if (udp->watch.fd >= 0 && mh_poll_add(dns->poll, udp->watch.fd, false, udp)) {
		server->sockets[server->count++] = udp;
		return udp;
	}
	if (udp->watch.fd >= 0)
		close_fd(dns, udp->watch.fd);
	mh_mem_free(&dns->mem, udp, sizeof(*udp));
	return NULL;
}

/* retire_udp - the socket is closed; its memory goes at the next step, for events of it may be under way */
static void
retire_udp(struct mh_dns *dns, struct mh_udp *udp)
{
	struct mh_dns_server *server = udp->server;
	for (unsigned i = 0; i < server->count; i++)
		if (server->sockets[i] == udp)
			server->sockets[i--] = server->sockets[--server->count];
	close_fd(dns, udp->watch.fd);
	udp->watch.fd = -1;
	udp->retired = dns->retired;
	dns->retired = udp;
}

void
mh_dns_reap(struct mh_dns *dns)
{
	while (dns->retired != NULL) {
		struct mh_udp *udp = dns->retired;
		dns->retired = udp->retired;
		mh_mem_free(&dns->mem, udp, sizeof(*udp));
	}
}

/* renewed - a socket that has been used often gives way to one with another port, if nothing is on its way by it */
static struct mh_udp *
renewed(struct mh_dns *dns, struct mh_udp *udp)
{
	struct mh_dns_server *server = udp->server;
	if (udp->uses < MH_SOCKET_USES || udp->in_flight > 0)
		return udp;
	retire_udp(dns, udp);
	return open_udp(dns, server);
}

/* choose_udp - a socket of the server with room for one question more; NULL: there is none */
static struct mh_udp *
choose_udp(struct mh_dns *dns, struct mh_dns_server *server)
{
	if (server->count < MH_SOCKETS_SPREAD) {
		struct mh_udp *udp = open_udp(dns, server);
		if (udp != NULL)
			return udp;
	}
	if (server->count == 0)
		return NULL;
	unsigned start = mh_random_below(&dns->random, server->count);
	for (unsigned i = 0; i < server->count; i++) {
		struct mh_udp *udp = server->sockets[(start + i) % server->count];
		/* One that is worn runs dry, and is renewed then. */
		bool is_worn = udp->uses >= 2 * MH_SOCKET_USES && udp->in_flight > 0;
		if (udp->in_flight < MH_SOCKET_WINDOW && !is_worn)
			return renewed(dns, udp);
	}
	if (server->count < MH_SOCKETS_MAX)
		return open_udp(dns, server);
	return NULL;
}

/* ---------------------------------------------------------- ids on a socket */

static unsigned
slot_of(unsigned id)
{
	return id & (MH_SOCKET_SLOTS - 1);
}

/* find_id - who waits for this id at a socket; NULL: nobody */
static struct mh_query *
find_id(const struct mh_udp *udp, unsigned id)
{
	for (unsigned i = slot_of(id); udp->slots[i] != NULL; i = slot_of(i + 1))
		if (udp->slots[i]->id == id)
			return udp->slots[i];
	return NULL;
}

static void
put_id(struct mh_udp *udp, struct mh_query *query)
{
	unsigned i = slot_of(query->id);
	while (udp->slots[i] != NULL)
		i = slot_of(i + 1);
	udp->slots[i] = query;
	udp->in_flight++;
	udp->uses++;
	query->udp = udp;
}

/* drop_id - the question is no longer on its way by its socket */
static void
drop_id(struct mh_query *query)
{
	struct mh_udp *udp = query->udp;
	unsigned i = slot_of(query->id);
	if (udp == NULL)
		return;
	while (udp->slots[i] != query)
		i = slot_of(i + 1);
	udp->slots[i] = NULL;
	udp->in_flight--;
	query->udp = NULL;
	/* Those behind it may have wanted this place. */
	for (i = slot_of(i + 1); udp->slots[i] != NULL; i = slot_of(i + 1)) {
		struct mh_query *other = udp->slots[i];
		unsigned j = slot_of(other->id);
		udp->slots[i] = NULL;
		while (udp->slots[j] != NULL)
			j = slot_of(j + 1);
		udp->slots[j] = other;
	}
}

/* --------------------------------------------------------- questions known */

struct mh_query *
mh_dns_find(const struct mh_dns *dns, uint64_t hash, struct mh_str name, int type)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	struct mh_query *query = dns->table_size > 0 ? dns->table[hash & (dns->table_size - 1)] : NULL;
	size_t len = 0;

	for (; query != NULL; query = query->next) {
		if (query->hash != hash || query->type != type)
			continue;
		if (len == 0)
			len = mh_dname_to_wire(name, wire);
		if (query->name_len == len && memcmp(query->name, wire, len) == 0)
			return query;
	}
	return NULL;
}

/* grow - twice the table when it is full; false if there is none at all */
static bool
grow(struct mh_dns *dns)
{
	if (dns->in_flight < dns->table_size)
		return true;
	uint32_t size = dns->table_size > 0 ? dns->table_size * 2 : TABLE_FIRST;
	struct mh_query **table = mh_mem_zalloc(&dns->mem, size * sizeof(*table));
	if (table == NULL)
		return dns->table_size > 0;
	for (uint32_t i = 0; i < dns->table_size; i++) {
		for (struct mh_query *query = dns->table[i], *next; query != NULL; query = next) {
			next = query->next;
			query->next = table[query->hash & (size - 1)];
			table[query->hash & (size - 1)] = query;
		}
	}
	mh_mem_free(&dns->mem, dns->table, dns->table_size * sizeof(*table));
	dns->table = table;
	dns->table_size = size;
	return true;
}

static void
close_tcp(struct mh_dns *dns, struct mh_query *query)
{
	struct mh_tcp *tcp = query->tcp;
	if (tcp == NULL)
		return;
	if (tcp->watch.fd >= 0)
		close_fd(dns, tcp->watch.fd);
	mh_buf_free(&tcp->in);
	mh_mem_free(&dns->mem, tcp, sizeof(*tcp));
	query->tcp = NULL;
}

/* forget - takes a question out of everything and frees it; its askers are the caller's business */
static void
forget(struct mh_dns *dns, struct mh_query *query)
{
	struct mh_query **at = &dns->table[query->hash & (dns->table_size - 1)];
	while (*at != query)
		at = &(*at)->next;
	*at = query->next;
	dns->in_flight--;
	if (query->silent != 0)
		dns->silenced--;
	drop_id(query);
	close_tcp(dns, query);
	mh_timers_drop(dns->timers, &query->timer);
	mh_timers_release(dns->timers);
	mh_fact_unref(query->failure);
	mh_mem_free(&dns->mem, query, sizeof(*query) + query->name_len);
}

/* finish - tells the askers, and forgets the question */
static void
finish(struct mh_dns *dns, struct mh_query *query, struct mh_fact *fact)
{
	drop_id(query);
	close_tcp(dns, query);
	mh_timers_drop(dns->timers, &query->timer);
	dns->done(dns->self, query, fact);
	forget(dns, query);
}

void
mh_dns_free(struct mh_dns *dns)
{
	for (uint32_t i = 0; i < dns->table_size; i++)
		while (dns->table[i] != NULL)
			finish(dns, dns->table[i], NULL);
	for (unsigned i = 0; i < dns->servers_count; i++)
		while (dns->servers[i].count > 0)
			retire_udp(dns, dns->servers[i].sockets[0]);
	mh_dns_reap(dns);
	mh_mem_free(&dns->mem, dns->table, dns->table_size * sizeof(*dns->table));
	mh_fact_draft_free(&dns->draft);
	dns->table = NULL;
	dns->table_size = 0;
}

/* ------------------------------------------------------------------ sending */

/* write_name - the name as it goes out: with capitals where the bits say so */
static void
write_name(const struct mh_query *query, unsigned char out[MH_DNAME_WIRE_MAX])
{
	uint32_t bits = query->has_case ? query->case_bits : 0;
	memcpy(out, query->name, query->name_len);
	for (unsigned i = 0; i < query->name_len && bits != 0; i++) {
		/* a length is at most 63, and no letter */
		if (out[i] < 'a' || out[i] > 'z')
			continue;
		if ((bits & 1) != 0)
			out[i] = (unsigned char)(out[i] - 'a' + 'A');
		bits >>= 1;
	}
}

static struct mh_dns_question
question_of(const struct mh_query *query, unsigned char name[MH_DNAME_WIRE_MAX])
{
	write_name(query, name);
	return (struct mh_dns_question){ .name = name,
		.name_len = query->name_len,
		.id = query->id,
		.type = query->type,
		.has_edns = query->has_edns };
}

static struct mh_dns_server *
server_of(struct mh_dns *dns, const struct mh_query *query)
{
	return &dns->servers[query->server];
}

/* choose_server - into query: not tried before, not bad, the fastest; false: all have been tried */
static bool
choose_server(struct mh_dns *dns, struct mh_query *query)
{
	int64_t best = INT64_MAX;
	for (unsigned i = 0; i < dns->servers_count; i++) {
		const struct mh_dns_server *server = &dns->servers[i];
		if ((query->tried & 1u << i) != 0)
			continue;
		/* Those that nobody has asked yet come in their order, before slow ones. */
		int64_t score = server->srtt_us > 0 ? server->srtt_us : 2000 + (int64_t)i;
		if (server->bad_until_ms > dns->now_ms)
			score += INT64_C(1) << 40;
		if (score < best) {
			best = score;
			query->server = (uint8_t)i;
		}
	}
	return best < INT64_MAX;
}

/* fail_with - what an attempt came to, kept unless something more telling was said before */
static void
fail_with(struct mh_dns *dns, struct mh_query *query, int why)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t len = mh_dname_from_wire(query->name, query->name_len, name, NULL);

	if (query->failure != NULL && query->failure->why != MH_WHY_TIMEOUT &&
	    query->failure->why != MH_WHY_NETWORK)
		return;
	mh_fact_draft_begin(&dns->draft, mh_str_n(name, len), query->type);
	mh_fact_draft_fail(&dns->draft, why);
	if (dns->servers_count > 0)
		mh_fact_draft_server(&dns->draft, mh_str_z(server_of(dns, query)->text));
	struct mh_fact *fact = mh_fact_make(&dns->mem, &dns->draft);
	if (fact == NULL)
		return; /* then it is told without memory in the end */
	mh_fact_unref(query->failure);
	query->failure = fact;
}

/* send_udp - 1: on its way; 0: try again soon; -1: not by this server */
static int
send_udp(struct mh_dns *dns, struct mh_query *query)
{
	unsigned char name[MH_DNAME_WIRE_MAX], message[MH_DNS_QUERY_MAX];
	struct mh_dns_server *server = server_of(dns, query);
	struct mh_udp *udp = choose_udp(dns, server);

	if (udp == NULL)
		return server->count > 0 ? 0 : -1;
	query->has_edns = server->no_edns_until_ms <= dns->now_ms;
	query->has_case = !server->loses_case && !query->is_plain;
	query->case_bits = mh_random_u32(&dns->random);
	do
		query->id = (uint16_t)mh_random_u32(&dns->random);
	while (find_id(udp, query->id) != NULL);
	struct mh_dns_question question = question_of(query, name);
	size_t len = mh_dns_write(&question, message);
	int saved = errno;
	ssize_t sent = send(udp->watch.fd, message, len, MSG_NOSIGNAL);
	int result = sent == (ssize_t)len                                 ? 1
	    : errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? 0
									  : -1;
	errno = saved;
	if (result <= 0)
		return result;
	put_id(udp, query);
	query->sent_us = dns->now_us;
	dns->counts->sent++;
	mh_timers_set(dns->timers, &query->timer, dns->now_ms + dns->try_ms);
	return 1;
}

/* send_tcp - as send_udp */
static int
send_tcp(struct mh_dns *dns, struct mh_query *query)
{
	unsigned char name[MH_DNAME_WIRE_MAX];
	struct mh_tcp *tcp = mh_mem_zalloc(&dns->mem, sizeof(*tcp));

	if (tcp == NULL)
		return -1;
	query->tcp = tcp;
	tcp->query = query;
	mh_buf_init(&tcp->in, &dns->mem, 2 + 65535);
	query->has_edns = server_of(dns, query)->no_edns_until_ms <= dns->now_ms;
	query->has_case = false;
	query->id = (uint16_t)mh_random_u32(&dns->random);
	struct mh_dns_question question = question_of(query, name);
	size_t len = mh_dns_write(&question, tcp->out + 2);
	tcp->out[0] = (unsigned char)(len >> 8);
	tcp->out[1] = (unsigned char)len;
	tcp->out_len = len + 2;
	tcp->watch =
	    (struct mh_watch){ MH_WATCH_TCP, open_socket(&server_of(dns, query)->address, SOCK_STREAM) };
	if (tcp->watch.fd < 0 || !mh_poll_add(dns->poll, tcp->watch.fd, true, tcp)) {
		close_tcp(dns, query);
		return -1;
	}
	query->sent_us = dns->now_us;
	dns->counts->sent++;
	dns->counts->tcp++;
	mh_timers_set(dns->timers, &query->timer, dns->now_ms + TCP_WAITS * dns->try_ms);
	return 1;
}

/* end_soon - nothing more can be tried: it is told at the next timeout, which is now */
static void
end_soon(struct mh_dns *dns, struct mh_query *query)
{
	query->is_over = true;
	mh_timers_set(dns->timers, &query->timer, dns->now_ms);
}

/* send_to - to the server that is chosen; false: not by this one */
static bool
send_to(struct mh_dns *dns, struct mh_query *query)
{
	int result = query->wants_tcp ? send_tcp(dns, query) : send_udp(dns, query);
	query->is_waiting = result == 0;
	if (query->is_waiting)
		mh_timers_set(dns->timers, &query->timer, dns->now_ms + RETRY_MS);
	return result >= 0;
}

/* try_next - the next server, and the next, until one takes the question */
static void
try_next(struct mh_dns *dns, struct mh_query *query)
{
	while (query->tries < dns->tries_max) {
		if (!choose_server(dns, query)) {
			/* Silence may be a lost packet: all are asked again.  What was said is not asked for twice. */
			if (query->failure == NULL || query->failure->why != MH_WHY_TIMEOUT)
				break;
			query->tried = 0;
			continue;
		}
		query->tries++;
		query->tried |= (uint8_t)(1u << query->server);
		if (query->tries > 1)
			dns->counts->resent++;
		if (send_to(dns, query))
			return;
		server_of(dns, query)->bad_until_ms = dns->now_ms + BAD_MS;
		fail_with(dns, query, MH_WHY_NETWORK);
	}
	end_soon(dns, query);
}

/* try_same - the same server again, in another way */
static void
try_same(struct mh_dns *dns, struct mh_query *query)
{
	if (query->tries < dns->tries_max + 3) {
		query->tries++;
		dns->counts->resent++;
		if (send_to(dns, query))
			return;
		fail_with(dns, query, MH_WHY_NETWORK);
	}
	try_next(dns, query);
}

struct mh_query *
mh_dns_ask(struct mh_dns *dns, uint64_t hash, struct mh_str name, int type, struct mh_asker *asker)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	size_t len = mh_dname_to_wire(name, wire);
	struct mh_query *query = mh_mem_zalloc(&dns->mem, sizeof(*query) + len);

	if (query == NULL)
		return NULL;
	if (!grow(dns) || !mh_timers_promise(dns->timers)) {
		mh_mem_free(&dns->mem, query, sizeof(*query) + len);
		return NULL;
	}
	query->timer.kind = MH_TIMER_QUERY;
	query->hash = hash;
	query->type = (uint16_t)type;
	query->name_len = (uint8_t)len;
	memcpy(query->name, wire, len);
	for (size_t i = 0; i < len; i++)
		query->name[i] = (unsigned char)mh_lower((char)query->name[i]);
	query->next = dns->table[hash & (dns->table_size - 1)];
	dns->table[hash & (dns->table_size - 1)] = query;
	query->askers = asker;
	dns->in_flight++;
	if (len == 0) {
		fail_with(dns, query, MH_WHY_BAD_NAME);
		end_soon(dns, query);
	} else if (dns->servers_count == 0) {
		fail_with(dns, query, MH_WHY_NO_SERVER);
		end_soon(dns, query);
	} else {
		try_next(dns, query);
	}
	return query;
}

/* ---------------------------------------------------------------- receiving */

/* note_time - a server's time, smoothed as RFC 6298 2 has it */
static void
note_time(struct mh_dns_server *server, int64_t rtt_us)
{
	int32_t rtt = rtt_us < 1 ? 1 : rtt_us > INT32_MAX ? INT32_MAX : (int32_t)rtt_us;
	server->srtt_us = server->srtt_us == 0 ? rtt : server->srtt_us + (rtt - server->srtt_us) / 8;
	server->bad_until_ms = 0;
}

/* made - the draft as a fact that names its server and time; NULL: no memory */
static struct mh_fact *
made(struct mh_dns *dns, const struct mh_query *query)
{
	int64_t rtt_us = dns->now_us - query->sent_us;
	dns->draft.head.rtt_us = rtt_us > INT32_MAX ? INT32_MAX : (int32_t)rtt_us;
	mh_fact_draft_server(&dns->draft, mh_str_z(dns->servers[query->server].text));
	return mh_fact_make(&dns->mem, &dns->draft);
}

/* keep_failure - what this server said, if none before said more */
static void
keep_failure(struct mh_dns *dns, struct mh_query *query)
{
	const struct mh_fact *before = query->failure;
	bool is_better = before == NULL || before->why == MH_WHY_TIMEOUT || before->why == MH_WHY_NETWORK;
	struct mh_fact *fact = is_better ? made(dns, query) : NULL;
	if (fact == NULL)
		return;
	mh_fact_unref(query->failure);
	query->failure = fact;
}

/* take_verdict - goes on with a question as its answer wants */
static void
take_verdict(struct mh_dns *dns, struct mh_query *query, enum mh_dns_verdict verdict)
{
	struct mh_dns_server *server = server_of(dns, query);

	drop_id(query);
	close_tcp(dns, query);
	note_time(server, dns->now_us - query->sent_us);
	const struct mh_window_answer answer = { .rtt_us = dns->now_us - query->sent_us,
		.in_flight = dns->in_flight - dns->silenced,
		.is_late = (query->silent & 1u << query->server) != 0 };
	mh_window_answered(&dns->window, &answer, dns->now_ms, dns->try_ms);
	switch (verdict) {
	case MH_DNS_ANSWER:
		if (dns->draft.head.state != MH_FACT_UNKNOWN || dns->draft.head.why == MH_WHY_ALIAS_LOOP) {
			finish(dns, query, made(dns, query));
			return;
		}
		keep_failure(dns, query);
		try_next(dns, query);
		return;
	case MH_DNS_TRUNCATED:
		query->wants_tcp = true;
		try_same(dns, query);
		return;
	case MH_DNS_NO_EDNS:
		keep_failure(dns, query);
		server->no_edns_until_ms = dns->now_ms + NO_EDNS_MS;
		dns->counts->no_edns++;
		try_same(dns, query);
		return;
	case MH_DNS_NO_MEMORY:
		finish(dns, query, NULL);
		return;
	default:
		dns->counts->broken++;
		keep_failure(dns, query);
		try_next(dns, query);
		return;
	}
}

/* begin_draft - for the answer to a question */
static void
begin_draft(struct mh_dns *dns, const struct mh_query *query)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t len = mh_dname_from_wire(query->name, query->name_len, name, NULL);
	mh_fact_draft_begin(&dns->draft, mh_str_n(name, len), query->type);
}

/* take_udp - one message */
static void
take_udp(struct mh_dns *dns, struct mh_udp *udp, const unsigned char *message, size_t len)
{
	unsigned char name[MH_DNAME_WIRE_MAX];
	int id = mh_dns_id(message, len);
	struct mh_query *query = id >= 0 ? find_id(udp, (unsigned)id) : NULL;
	int how = MH_DNS_CHECK_ID | MH_DNS_BARE_ERROR | (udp->server->is_trusted ? MH_DNS_TRUST_AD : 0);

	if (query == NULL) {
		dns->counts->foreign++;
		return;
	}
	struct mh_dns_question question = question_of(query, name);
	begin_draft(dns, query);
	enum mh_dns_verdict verdict = mh_dns_read(message, len, &question,
	    how | (query->has_case ? MH_DNS_CHECK_CASE : 0), &dns->draft);
	if (verdict == MH_DNS_FOREIGN) {
		dns->counts->foreign++;
		if (!query->has_case ||
		    mh_dns_read(message, len, &question, how, &dns->draft) == MH_DNS_FOREIGN)
			return;
		/* The right answer in other letters: a server that does not keep them, or a guess.  It is asked
		 * once more without, and another id has to be guessed. */
		dns->counts->no_case++;
		udp->server->loses_case = true;
		query->is_plain = true;
		drop_id(query);
		try_same(dns, query);
		return;
	}
	dns->counts->received++;
	take_verdict(dns, query, verdict);
}

/* fail_all - what is on its way by a socket whose server cannot be reached */
static void
fail_all(struct mh_dns *dns, struct mh_udp *udp)
{
	udp->server->bad_until_ms = dns->now_ms + BAD_MS;
	for (unsigned i = 0; i < MH_SOCKET_SLOTS; i++) {
		struct mh_query *query = udp->slots[i];
		if (query == NULL)
			continue;
		drop_id(query);
		fail_with(dns, query, MH_WHY_NETWORK);
		/* another socket, or another server */
		mh_timers_set(dns->timers, &query->timer, dns->now_ms);
		i = UINT32_MAX; /* taking one out moves others: from the beginning */
	}
}

/* read_udp - what has come by a socket */
static void
read_udp(struct mh_dns *dns, struct mh_udp *udp)
{
	unsigned char message[READ_MAX + 1];
	for (int i = 0; i < READS_AT_ONCE; i++) {
		int saved = errno;
		ssize_t len = recv(udp->watch.fd, message, sizeof(message), 0);
		int error = errno;
		errno = saved;
		if (len >= 0) {
			take_udp(dns, udp, message, (size_t)len);
			continue;
		}
		if (error == EINTR)
			continue;
		if (error != EAGAIN && error != EWOULDBLOCK)
			fail_all(dns, udp);
		return;
	}
}

/* lose_tcp - the connection is of no use */
static void
lose_tcp(struct mh_dns *dns, struct mh_query *query, int why)
{
	close_tcp(dns, query);
	fail_with(dns, query, why);
	try_next(dns, query);
}

/* write_tcp - as much as can be sent; false: the connection is lost, and the question goes on without */
static bool
write_tcp(struct mh_dns *dns, struct mh_tcp *tcp)
{
	int saved = errno;
	ssize_t n = send(tcp->watch.fd, tcp->out + tcp->sent, tcp->out_len - tcp->sent, MSG_NOSIGNAL);
	int error = errno;
	errno = saved;
	if (n < 0) {
		if (error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOTCONN)
			return true;
		lose_tcp(dns, tcp->query, MH_WHY_NETWORK);
		return false;
	}
	tcp->sent += (size_t)n;
	if (tcp->sent == tcp->out_len)
		(void)mh_poll_change(dns->poll, tcp->watch.fd, false, tcp);
	return true;
}

/* take_tcp - a whole message */
static void
take_tcp(struct mh_dns *dns, struct mh_query *query, const unsigned char *message, size_t len)
{
	unsigned char name[MH_DNAME_WIRE_MAX];
	struct mh_dns_question question = question_of(query, name);
	int how = MH_DNS_CHECK_ID | MH_DNS_BARE_ERROR | MH_DNS_OVER_TCP |
	    (server_of(dns, query)->is_trusted ? MH_DNS_TRUST_AD : 0);

	begin_draft(dns, query);
	enum mh_dns_verdict verdict = mh_dns_read(message, len, &question, how, &dns->draft);
	if (verdict == MH_DNS_FOREIGN) {
		dns->counts->foreign++;
		lose_tcp(dns, query, MH_WHY_MALFORMED);
		return;
	}
	dns->counts->received++;
	take_verdict(dns, query, verdict);
}

/* read_tcp - what has come by a connection */
static void
read_tcp(struct mh_dns *dns, struct mh_tcp *tcp)
{
	unsigned char octets[READ_MAX];
	int saved = errno;
	ssize_t n = recv(tcp->watch.fd, octets, sizeof(octets), 0);
	int error = errno;
	errno = saved;
	if (n < 0 && (error == EAGAIN || error == EWOULDBLOCK || error == EINTR))
		return;
	if (n <= 0) {
		lose_tcp(dns, tcp->query, tcp->in.len > 0 ? MH_WHY_TRUNCATED : MH_WHY_NETWORK);
		return;
	}
	mh_buf_put(&tcp->in, octets, (size_t)n);
	if (tcp->in.bad) {
		lose_tcp(dns, tcp->query, MH_WHY_TOO_LARGE);
		return;
	}
	if (tcp->in.len < 2)
		return;
	const unsigned char *in = (const unsigned char *)tcp->in.p;
	size_t len = (size_t)in[0] << 8 | in[1];
	if (len > MH_DNS_TCP_MAX)
		lose_tcp(dns, tcp->query, MH_WHY_TOO_LARGE);
	else if (tcp->in.len >= 2 + len)
		take_tcp(dns, tcp->query, in + 2, len);
}

void
mh_dns_ready(struct mh_dns *dns, struct mh_watch *watch, bool is_readable, bool is_writable)
{
	if (watch->fd < 0)
		return;
	if (watch->kind == MH_WATCH_UDP) {
		read_udp(dns, (struct mh_udp *)watch);
		return;
	}
	struct mh_tcp *tcp = (struct mh_tcp *)watch;
	if (is_writable && tcp->sent < tcp->out_len && !write_tcp(dns, tcp))
		return;
	if (is_readable)
		read_tcp(dns, tcp);
}

void
mh_dns_timeout(struct mh_dns *dns, struct mh_query *query)
{
	bool was_on_its_way = query->udp != NULL || query->tcp != NULL;

	if (query->is_over) {
		struct mh_fact *failure = query->failure;
		query->failure = NULL;
		finish(dns, query, failure);
		return;
	}
	if (query->is_waiting && send_to(dns, query))
		return;
	if (was_on_its_way) {
		struct mh_dns_server *server = server_of(dns, query);
		dns->counts->timeouts++;
		server->bad_until_ms = dns->now_ms + BAD_MS;
		if (query->silent == 0)
			dns->silenced++;
		query->silent |= (uint8_t)(1u << query->server);
		drop_id(query);
		close_tcp(dns, query);
		fail_with(dns, query, MH_WHY_TIMEOUT);
	}
	try_next(dns, query);
}
