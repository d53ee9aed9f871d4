/* tls_server.c - see tls_server.h
 *
 * One process, one epoll, connections that never wait.
 */
#define _GNU_SOURCE
#include "tls_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define EVENTS 256
#define FIRST_MAX 4096 /* octets of what a server says to a ClientHello */

struct talk {
	struct talk *next; /* of those that are to be greeted, in order */
	int fd;
	bool is_held, is_gone, awaits_hello; /* is_held: it is in the list */
	int64_t greet_ms;
	SSL *ssl;
	size_t len;
	char in[1024]; /* a line that is not complete, or a hello */
};

struct state {
	const struct tls_server *server;
	int listener, poll;
	SSL_CTX *ctx;
	struct talk *held, *last;
	unsigned char first[FIRST_MAX]; /* canned */
	int first_len;
};

static int64_t
now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* make_ctx - with a key and a certificate of its own; NULL: OpenSSL cannot */
static SSL_CTX *
make_ctx(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = X509_new();
	X509_EXTENSION *names = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:" TLS_SERVER_NAME);
	bool good = ctx != NULL && key != NULL && cert != NULL && names != NULL &&
	    X509_set_version(cert, 2) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(cert), 1) == 1 &&
	    X509_gmtime_adj(X509_getm_notBefore(cert), -86400) != NULL &&
	    X509_gmtime_adj(X509_getm_notAfter(cert), 90 * 86400) != NULL &&
	    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
		(const unsigned char *)TLS_SERVER_NAME, -1, -1, 0) == 1 &&
	    X509_set_issuer_name(cert, X509_get_subject_name(cert)) == 1 && X509_set_pubkey(cert, key) == 1 &&
	    X509_add_ext(cert, names, -1) == 1 && X509_sign(cert, key, EVP_sha256()) > 0 &&
	    SSL_CTX_use_certificate(ctx, cert) == 1 && SSL_CTX_use_PrivateKey(ctx, key) == 1;
	if (good)
		SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
	X509_EXTENSION_free(names);
	X509_free(cert);
	EVP_PKEY_free(key);
	if (!good) {
		SSL_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

/* ---------------------------------------------------------------- the server */

static void
say(struct talk *talk, const char *text)
{
	size_t len = strlen(text);
	if (talk->ssl != NULL)
		(void)SSL_write(talk->ssl, text, (int)len);
	else
		(void)send(talk->fd, text, len, MSG_NOSIGNAL);
}

/* take_line - answers a command */
static void
take_line(struct state *state, struct talk *talk, const char *line)
{
	if (strncmp(line, "EHLO", 4) == 0) {
		say(talk,
		    talk->ssl != NULL ? "250-mx.test\r\n250 SIZE 10240000\r\n"
				      : "250-mx.test\r\n250-SIZE 10240000\r\n250 STARTTLS\r\n");
	} else if (strncmp(line, "STARTTLS", 8) == 0) {
		say(talk, "220 2.0.0 Ready\r\n");
		if (state->server->is_canned && state->first_len > 0) {
			talk->awaits_hello = true;
			return;
		}
		talk->ssl = SSL_new(state->ctx);
		talk->awaits_hello = state->server->is_canned;
		if (talk->ssl == NULL || SSL_set_fd(talk->ssl, talk->fd) != 1)
			talk->is_gone = true;
		else
			SSL_set_accept_state(talk->ssl);
	} else if (strncmp(line, "QUIT", 4) == 0) {
		say(talk, "221 2.0.0 Bye\r\n");
		talk->is_gone = true;
	} else {
		say(talk, "502 5.5.1 No\r\n");
	}
}

/* take_octets - lines of what was read; there may be more than one */
static void
take_octets(struct state *state, struct talk *talk)
{
	char *end;
	while (!talk->is_gone && (end = memchr(talk->in, '\n', talk->len)) != NULL) {
		size_t used = (size_t)(end - talk->in) + 1;
		*end = '\0';
		take_line(state, talk, talk->in);
		memmove(talk->in, talk->in + used, talk->len - used);
		talk->len -= used;
	}
	if (talk->len == sizeof(talk->in))
		talk->is_gone = true;
}

/* can_first - what OpenSSL says to the first ClientHello is kept for all that follow */
static void
can_first(struct state *state, struct talk *talk)
{
	SSL *ssl = SSL_new(state->ctx);
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	SSL_free(talk->ssl);
	talk->ssl = NULL;
	SSL_set_bio(ssl, in, out);
	SSL_set_accept_state(ssl);
	(void)BIO_write(in, talk->in, (int)talk->len);
	(void)SSL_do_handshake(ssl);
	state->first_len = BIO_read(out, state->first, FIRST_MAX);
	SSL_free(ssl);
}

/* take_hello - of one that is answered out of the can */
static void
take_hello(struct state *state, struct talk *talk)
{
	ssize_t n = recv(talk->fd, talk->in + talk->len, sizeof(talk->in) - talk->len, 0);
	if (n <= 0) {
		talk->is_gone = n == 0 || errno != EAGAIN;
		return;
	}
	talk->len += (size_t)n;
	if (talk->len < 5 ||
	    talk->len < 5u + (((size_t)(unsigned char)talk->in[3] << 8) | (unsigned char)talk->in[4]))
		return;
	if (state->first_len <= 0)
		can_first(state, talk);
	(void)send(talk->fd, state->first, (size_t)state->first_len, MSG_NOSIGNAL);
	talk->len = 0;
	talk->awaits_hello = false;
}

static void
serve(struct state *state, struct talk *talk)
{
	if (talk->awaits_hello) {
		take_hello(state, talk);
		return;
	}
	for (;;) {
		char *room = talk->in + talk->len;
		size_t left = sizeof(talk->in) - talk->len;
		ssize_t n;
		if (talk->ssl != NULL && !talk->awaits_hello) {
			n = SSL_read(talk->ssl, room, (int)left);
			int error = n > 0 ? SSL_ERROR_NONE : SSL_get_error(talk->ssl, (int)n);
			if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
				return;
		} else {
			n = recv(talk->fd, room, left, 0);
			if (n < 0 && errno == EAGAIN)
				return;
		}
		if (n <= 0) {
			talk->is_gone = true;
			return;
		}
		talk->len += (size_t)n;
		take_octets(state, talk);
		if (talk->is_gone || talk->awaits_hello)
			return;
	}
}

static void
end_talk(struct talk *talk)
{
	SSL_free(talk->ssl);
	(void)close(talk->fd);
	free(talk);
}

static void
accept_all(struct state *state)
{
	int fd, one = 1;
	while ((fd = accept4(state->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct talk *talk = calloc(1, sizeof(*talk));
		struct epoll_event event = { .events = EPOLLIN, .data.ptr = talk };
		if (talk == NULL || epoll_ctl(state->poll, EPOLL_CTL_ADD, fd, &event) != 0) {
			(void)close(fd);
			free(talk);
			continue;
		}
		talk->fd = fd;
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		talk->greet_ms = now_ms() + state->server->hold_ms;
		talk->is_held = true;
		if (state->held == NULL)
			state->held = talk;
		else
			state->last->next = talk;
		state->last = talk;
	}
}

/* greet - those whose time has come; milliseconds until the next one, -1: none */
static int
greet(struct state *state)
{
	int64_t now = now_ms();
	while (state->held != NULL && state->held->greet_ms <= now) {
		struct talk *talk = state->held;
		state->held = talk->next;
		talk->is_held = false;
		if (talk->is_gone)
			end_talk(talk);
		else
			say(talk, "220 mx.test ESMTP\r\n");
	}
	return state->held != NULL ? (int)(state->held->greet_ms - now) : -1;
}

static void
run(struct state *state)
{
	struct epoll_event events[EVENTS];
	for (;;) {
		int count = epoll_wait(state->poll, events, EVENTS, greet(state));
		for (int i = 0; i < count; i++) {
			struct talk *talk = events[i].data.ptr;
			if (talk == NULL) {
				accept_all(state);
				continue;
			}
			if (!talk->is_held) {
				serve(state, talk);
			} else {
				/* It does not wait for the greeting, which is when its end is looked at. */
				(void)epoll_ctl(state->poll, EPOLL_CTL_DEL, talk->fd, NULL);
				talk->is_gone = true;
			}
			if (talk->is_gone && !talk->is_held)
				end_talk(talk);
		}
	}
}

/* pin - this process to one CPU */
static void
pin(int cpu)
{
	cpu_set_t set;
	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	(void)sched_setaffinity(0, sizeof(set), &set);
}

bool
tls_server_begin(struct tls_server *server)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t len = sizeof(address);
	struct state state = { .server = server };

	server->pid = -1;
	state.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
	if (state.listener < 0 || bind(state.listener, (struct sockaddr *)&address, len) != 0 ||
	    listen(state.listener, 4096) != 0 ||
	    getsockname(state.listener, (struct sockaddr *)&address, &len) != 0) {
		(void)close(state.listener);
		return false;
	}
	server->port = ntohs(address.sin_port);
	pid_t parent = getpid();
	server->pid = fork();
	if (server->pid == 0) {
		struct epoll_event event = { .events = EPOLLIN };
		/* It must not outlive a test that is killed. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGPIPE, SIG_IGN);
		if (getppid() != parent)
			_exit(0);
		pin(server->cpu);
		state.poll = epoll_create1(EPOLL_CLOEXEC);
		state.ctx = make_ctx();
		if (state.ctx == NULL || epoll_ctl(state.poll, EPOLL_CTL_ADD, state.listener, &event) != 0)
			_exit(1);
		run(&state);
	}
	(void)close(state.listener);
	return server->pid > 0;
}

void
tls_server_end(struct tls_server *server)
{
	if (server->pid <= 0)
		return;
	(void)kill(server->pid, SIGKILL);
	(void)waitpid(server->pid, NULL, 0);
	server->pid = -1;
}
