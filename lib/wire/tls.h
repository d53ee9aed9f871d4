/* tls.h - whole TLS handshakes by OpenSSL, over memory
 *
 * The only user of SSL_*.  Octets go in and out by buffers; what the server sends
 * is told message by message, alerts of both sides too.  Nothing is verified
 * here: a capture is judged afterwards.  Servers with weak keys and old versions
 * are taken (security level 0), so that they can be described.
 *
 * Every call leaves the error queue of the thread as it was (ossl.h).
 */
#ifndef MH_TLS_H
#define MH_TLS_H

#include "mem.h"
#include "ossl.h"
#include "stream_spec.h"

/* What all handshakes of a context share; any number of threads. */
struct mh_tls_maker;
struct mh_tls_maker *mh_tls_maker_make(const struct mh_mem *mem, struct mh_ossl *ossl); /* NULL: no memory */
struct mh_tls_maker *mh_tls_maker_ref(struct mh_tls_maker *maker);
void mh_tls_maker_unref(struct mh_tls_maker *maker);

enum mh_tls_state { MH_TLS_SHAKING, MH_TLS_SECURED, MH_TLS_CLOSED, MH_TLS_FAILED };

struct mh_tls;
/* tell: an event of capture.h (MESSAGE, ALERT, OUR_ALERT), as it happens */
struct mh_tls *mh_tls_open(struct mh_tls_maker *maker, const struct mh_stream_spec *spec,
    void (*tell)(void *self, int event, struct mh_str octets), void *self);
void mh_tls_free(struct mh_tls *tls);
/* mh_tls_feed - octets of the server
 * mh_tls_run - goes on as far as it can; what is to be sent is appended to out, what came in clear to in */
void mh_tls_feed(struct mh_tls *tls, struct mh_str octets);
enum mh_tls_state mh_tls_run(struct mh_tls *tls, struct mh_buf *out, struct mh_buf *in);
bool mh_tls_say(struct mh_tls *tls, struct mh_str text, struct mh_buf *out); /* once secured */
void mh_tls_close(struct mh_tls *tls, struct mh_buf *out); /* close_notify */
/* mh_tls_describe - "TLS 1.3 AES_256_GCM_SHA384", once secured */
void mh_tls_describe(const struct mh_tls *tls, struct mh_buf *out);

#endif
