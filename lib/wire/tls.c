/* tls.c - OpenSSL on memory BIOs
 *
 * The suites are those that senders of today offer, so that what refuses them is
 * found out; what else a server takes is asked by hellos of our own.
 */
#include "tls.h"

#include <stdatomic.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "capture.h"
#include "flight.h"

#define READ_STEP 4096
#define SEND_MAX 4096 /* octets of a record of ours; a ClientHello fits in */
#define PLAIN_MAX 65536 /* octets in clear that are taken at one go */

#define SUITES \
	"ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:" \
	"ECDHE-RSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
	"DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-CHACHA20-POLY1305:" \
	"ECDHE-ECDSA-AES256-SHA384:ECDHE-RSA-AES256-SHA384:ECDHE-ECDSA-AES128-SHA256:ECDHE-RSA-AES128-" \
	"SHA256:" \
	"ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA:ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:" \
	"DHE-RSA-AES256-SHA256:DHE-RSA-AES128-SHA256:DHE-RSA-AES256-SHA:DHE-RSA-AES128-SHA:" \
	"AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-SHA256:AES128-SHA256:AES256-SHA:AES128-SHA:@SECLEVEL=0"

#define KEPT_MAX 64 /* sessions of other servers, the oldest of which is forgotten */

struct mh_tls_maker {
	struct mh_mem mem;
	atomic_flag lock; /* held for a few instructions: sessions are kept by any thread */
	struct kept {
		uint64_t server; /* hash of address, port and name */
		SSL_SESSION *session; /* NULL: none */
	} kept[KEPT_MAX];
	unsigned next;
	atomic_int references;
	struct mh_ossl *ossl;
	SSL_CTX *ctx;
};

struct mh_tls {
	struct mh_tls_maker *maker;
	uint64_t server;
	bool keeps, has_offered; /* sessions */
	SSL *ssl;
	BIO *in, *out; /* the SSL's */
	void (*tell)(void *self, int event, struct mh_str octets);
	void *self;
	enum mh_tls_state state;
};

/* ----------------------------------------------------------------- sessions */

static uint64_t
server_of(const struct mh_stream_spec *spec)
{
	uint64_t hash = mh_fact_hash(spec->port, spec->sni);
	return hash ^
	    mh_fact_hash(spec->ip.family, mh_str_n((const char *)spec->ip.octets, sizeof(spec->ip.octets)));
}

static void
lock(struct mh_tls_maker *maker)
{
	while (atomic_flag_test_and_set_explicit(&maker->lock, memory_order_acquire)) {
	}
}

static void
unlock(struct mh_tls_maker *maker)
{
	atomic_flag_clear_explicit(&maker->lock, memory_order_release);
}

/* keep_session - in the place of the server's, or of the oldest; what was there is given back */
static SSL_SESSION *
keep_session(struct mh_tls_maker *maker, uint64_t server, SSL_SESSION *session)
{
	lock(maker);
	unsigned at = 0;
	while (at < KEPT_MAX && (maker->kept[at].session == NULL || maker->kept[at].server != server))
		at++;
	if (at == KEPT_MAX) {
		at = maker->next;
		maker->next = (maker->next + 1) % KEPT_MAX;
	}
	SSL_SESSION *old = maker->kept[at].session;
	maker->kept[at] = (struct kept){ server, session };
	unlock(maker);
	return old;
}

/* take_session - that of the server, which is used once, so that nobody can tell by it that two connections are of one client; NULL: none */
static SSL_SESSION *
take_session(struct mh_tls_maker *maker, uint64_t server)
{
	SSL_SESSION *session = NULL;
	lock(maker);
	for (unsigned i = 0; i < KEPT_MAX && session == NULL; i++) {
		if (maker->kept[i].session == NULL || maker->kept[i].server != server)
			continue;
		session = maker->kept[i].session;
		maker->kept[i].session = NULL;
	}
	unlock(maker);
	return session;
}

/* on_session - OpenSSL has one that may be offered again; 1: it is ours now */
static int
on_session(SSL *ssl, SSL_SESSION *session)
{
	struct mh_tls *tls = SSL_get_app_data(ssl);
	if (tls == NULL || !tls->keeps || !SSL_SESSION_is_resumable(session))
		return 0;
	SSL_SESSION_free(keep_session(tls->maker, tls->server, session));
	return 1;
}

struct mh_tls_maker *
mh_tls_maker_make(const struct mh_mem *mem, struct mh_ossl *ossl)
{
	struct mh_ossl_guard guard;
	struct mh_tls_maker *maker = mh_mem_zalloc(mem, sizeof(*maker));
	if (maker == NULL)
		return NULL;
	maker->mem = *mem;
	atomic_init(&maker->references, 1);
	atomic_flag_clear(&maker->lock);
	maker->ossl = mh_ossl_ref(ossl);
	mh_ossl_enter(&guard);
	maker->ctx = SSL_CTX_new_ex(ossl->lib, NULL, TLS_client_method());
	bool good = maker->ctx != NULL;
	if (good) {
		SSL_CTX_set_security_level(maker->ctx, 0);
		good = SSL_CTX_set_min_proto_version(maker->ctx, TLS1_VERSION) == 1 &&
		    SSL_CTX_set_cipher_list(maker->ctx, SUITES) == 1 &&
		    SSL_CTX_set1_groups_list(maker->ctx, "X25519:P-256:P-384:P-521") == 1;
		SSL_CTX_set_options(maker->ctx,
		    SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
		/* What we say is short: with room for whole records, a handshake takes 12 KiB more. */
		SSL_CTX_set_max_send_fragment(maker->ctx, SEND_MAX);
		SSL_CTX_set_mode(maker->ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
		SSL_CTX_set_session_cache_mode(maker->ctx,
		    SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
		SSL_CTX_sess_set_new_cb(maker->ctx, on_session);
		SSL_CTX_set_verify(maker->ctx, SSL_VERIFY_NONE, NULL);
	}
	mh_ossl_leave(&guard);
	if (!good) {
		mh_tls_maker_unref(maker);
		return NULL;
	}
	return maker;
}

struct mh_tls_maker *
mh_tls_maker_ref(struct mh_tls_maker *maker)
{
	atomic_fetch_add_explicit(&maker->references, 1, memory_order_relaxed);
	return maker;
}

void
mh_tls_maker_unref(struct mh_tls_maker *maker)
{
	struct mh_ossl_guard guard;
	if (maker == NULL || atomic_fetch_sub_explicit(&maker->references, 1, memory_order_acq_rel) != 1)
		return;
	mh_ossl_enter(&guard);
	for (unsigned i = 0; i < KEPT_MAX; i++)
		SSL_SESSION_free(maker->kept[i].session);
	SSL_CTX_free(maker->ctx);
	mh_ossl_leave(&guard);
	mh_ossl_unref(maker->ossl);
	struct mh_mem mem = maker->mem;
	mh_mem_free(&mem, maker, sizeof(*maker));
}

/* on_message - OpenSSL tells of every message and alert, both ways */
static void
on_message(int is_ours, int version, int content, const void *octets, size_t len, SSL *ssl, void *arg)
{
	struct mh_tls *tls = arg;
	struct mh_str s = mh_str_n(octets, len);
	(void)version;
	(void)ssl;
	if (content == SSL3_RT_ALERT && len == 2)
		tls->tell(tls->self, is_ours ? MH_EVENT_OUR_ALERT : MH_EVENT_ALERT, s);
	else if (content == SSL3_RT_HANDSHAKE && !is_ours && len >= 4 && s.p[0] != MH_MESSAGE_FINISHED)
		tls->tell(tls->self, MH_EVENT_MESSAGE, s);
}

/* prepare - the SSL as the spec wants it; false without memory */
static bool
prepare(struct mh_tls *tls, const struct mh_stream_spec *spec)
{
	char sni[256];
	tls->ssl = SSL_new(tls->maker->ctx);
	tls->in = BIO_new(BIO_s_mem());
	tls->out = BIO_new(BIO_s_mem());
	if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
		BIO_free(tls->in);
		BIO_free(tls->out);
		return false;
	}
	BIO_set_mem_eof_return(tls->in, -1);
	BIO_set_mem_eof_return(tls->out, -1);
	SSL_set_bio(tls->ssl, tls->in, tls->out);
	SSL_set_connect_state(tls->ssl);
	SSL_set_msg_callback(tls->ssl, on_message);
	SSL_set_msg_callback_arg(tls->ssl, tls);
	SSL_set_app_data(tls->ssl, tls);
	SSL_SESSION *session = spec->session == MH_SESSION_USE ? take_session(tls->maker, tls->server) : NULL;
	if (session != NULL) {
		tls->has_offered = SSL_set_session(tls->ssl, session) == 1;
		SSL_SESSION_free(session);
	}
	if (spec->max_version != 0 && SSL_set_max_proto_version(tls->ssl, spec->max_version) != 1)
		return false;
	if (spec->key == MH_KEY_RSA &&
	    SSL_set1_sigalgs_list(tls->ssl,
		"rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:RSA+SHA256:RSA+SHA384:RSA+"
		"SHA512") != 1)
		return false;
	if (spec->key == MH_KEY_ECDSA &&
	    SSL_set1_sigalgs_list(tls->ssl, "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512") != 1)
		return false;
	SSL_set_tlsext_status_type(tls->ssl, TLSEXT_STATUSTYPE_ocsp);
	if (spec->sni.len == 0 || spec->sni.len >= sizeof(sni))
		return true;
	memcpy(sni, spec->sni.p, spec->sni.len);
	sni[spec->sni.len] = '\0';
	return SSL_set_tlsext_host_name(tls->ssl, sni) == 1;
}

struct mh_tls *
mh_tls_open(struct mh_tls_maker *maker, const struct mh_stream_spec *spec,
    void (*tell)(void *self, int event, struct mh_str octets), void *self)
{
	struct mh_ossl_guard guard;
	struct mh_tls *tls = mh_mem_zalloc(&maker->mem, sizeof(*tls));
	if (tls == NULL)
		return NULL;
	tls->maker = mh_tls_maker_ref(maker);
	tls->tell = tell;
	tls->self = self;
	tls->server = server_of(spec);
	tls->keeps = spec->session == MH_SESSION_KEEP;
	mh_ossl_enter(&guard);
	bool good = prepare(tls, spec);
	mh_ossl_leave(&guard);
	if (!good) {
		mh_tls_free(tls);
		return NULL;
	}
	return tls;
}

void
mh_tls_free(struct mh_tls *tls)
{
	struct mh_ossl_guard guard;
	if (tls == NULL)
		return;
	struct mh_mem mem = tls->maker->mem;
	mh_ossl_enter(&guard);
	SSL_free(tls->ssl);
	mh_ossl_leave(&guard);
	mh_tls_maker_unref(tls->maker);
	mh_mem_free(&mem, tls, sizeof(*tls));
}

void
mh_tls_feed(struct mh_tls *tls, struct mh_str octets)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	while (octets.len > 0) {
		int n = BIO_write(tls->in, octets.p, octets.len < 65536 ? (int)octets.len : 65536);
		if (n <= 0) {
			tls->state = MH_TLS_FAILED;
			break;
		}
		octets = mh_str_n(octets.p + n, octets.len - (size_t)n);
	}
	mh_ossl_leave(&guard);
}

/* drain - what OpenSSL wants sent */
static void
drain(struct mh_tls *tls, struct mh_buf *out)
{
	char *p;
	long n = BIO_get_mem_data(tls->out, &p);
	if (n > 0) {
		mh_buf_put(out, p, (size_t)n);
		(void)BIO_reset(tls->out);
	}
}

/* settle - the state after a call that gave result */
static void
settle(struct mh_tls *tls, int result)
{
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		break;
	case SSL_ERROR_ZERO_RETURN:
		tls->state = MH_TLS_CLOSED;
		break;
	default:
		tls->state = MH_TLS_FAILED;
		break;
	}
}

enum mh_tls_state
mh_tls_run(struct mh_tls *tls, struct mh_buf *out, struct mh_buf *in)
{
	struct mh_ossl_guard guard;
	size_t taken = 0;
	mh_ossl_enter(&guard);
	if (tls->state == MH_TLS_SHAKING) {
		int result = SSL_do_handshake(tls->ssl);
		if (result == 1)
			tls->state = MH_TLS_SECURED;
		else
			settle(tls, result);
	}
	while (tls->state == MH_TLS_SECURED && in != NULL && taken < PLAIN_MAX) {
		char *room = mh_buf_reserve(in, READ_STEP);
		if (room == NULL)
			break;
		int n = SSL_read(tls->ssl, room, READ_STEP);
		if (n <= 0) {
			room[0] = '\0';
			settle(tls, n);
			break;
		}
		in->len += (size_t)n;
		in->p[in->len] = '\0';
		taken += (size_t)n;
	}
	drain(tls, out);
	ERR_clear_error();
	mh_ossl_leave(&guard);
	return tls->state;
}

bool
mh_tls_say(struct mh_tls *tls, struct mh_str text, struct mh_buf *out)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	int n = SSL_write(tls->ssl, text.p, (int)text.len);
	drain(tls, out);
	mh_ossl_leave(&guard);
	return n == (int)text.len;
}

void
mh_tls_close(struct mh_tls *tls, struct mh_buf *out)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	SSL_shutdown(tls->ssl);
	drain(tls, out);
	mh_ossl_leave(&guard);
}

void
mh_tls_describe(const struct mh_tls *tls, struct mh_buf *out)
{
	char room[MH_TLS_NAME_ROOM];
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	const SSL_CIPHER *cipher = SSL_get_current_cipher(tls->ssl);
	mh_buf_puts(out, mh_tls_version_name(SSL_version(tls->ssl)));
	mh_buf_putc(out, ' ');
	mh_buf_puts(out, cipher != NULL ? mh_tls_suite_name(SSL_CIPHER_get_protocol_id(cipher), room) : "");
	if (tls->has_offered)
		mh_buf_puts(out, SSL_session_reused(tls->ssl) == 1 ? " resumed" : " new");
	mh_ossl_leave(&guard);
}
