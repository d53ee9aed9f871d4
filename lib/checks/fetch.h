/* fetch.h - one file by HTTPS, as a check sees it: "GET https://host/path, at most 64 KiB"
 *
 * The host may have several addresses; the next one is tried only while there is no
 * connection.  Addresses where a stranger's name must not lead (mh_ip_is_public) are
 * not connected to, unless the job says so; of those that only examples have, nothing
 * is known (MH_WHY_EXAMPLE).  A redirect is the end (RFC 8461 3.3).
 *
 * Does not: judge what was fetched.
 */
#ifndef MH_FETCH_H
#define MH_FETCH_H

#include "cert.h"
#include "tls_seen.h"
#include "work.h"

struct mh_tls_check;

/* Where fetching ended: name, word. */
#define MH_FETCH_STEPS(X) \
	X(DNS, "dns") /* no address of the host */ \
	X(PRIVATE, "private-address") /* none where a stranger's name may lead */ \
	X(CONNECT, "connect") \
	X(HANDSHAKE, "handshake") \
	X(CERTIFICATE, "certificate") \
	X(HTTP, "http") /* no answer that can be read; how: word of http.h */ \
	X(REDIRECT, "redirect") \
	X(STATUS, "status") \
	X(FETCHED, "")

enum mh_fetch_step {
#define X(name, word) MH_FETCH_AT_##name,
	MH_FETCH_STEPS(X)
#undef X
};

enum mh_fetch_state {
	MH_FETCH_NOT, /* nobody has asked for it */
	MH_FETCH_UNKNOWN, /* could not be asked: why */
	MH_FETCH_FAILED, /* at step */
	MH_FETCH_DONE,
};

struct mh_fetch {
	/* what is fetched */
	struct mh_str host; /* its name, A-labels, canonical */
	struct mh_str target; /* path and query */
	int port;
	/* what came of it */
	uint8_t state, step;
	int why; /* MH_WHY_*, of UNKNOWN */
	struct mh_ip ip; /* of the last connection */
	bool has_seen;
	struct mh_seen seen;
	int status; /* 0: none came */
	struct mh_str content_type, location, body;
	const char *http; /* word of http.h; "" */
	struct mh_certs *chain; /* the host's; its owner's to free, by mh_fetch_free */
	struct mh_judgement judgement;
};

/* mh_fetch_init - of "https://host/target"; both live longer */
void mh_fetch_init(struct mh_fetch *fetch, struct mh_str host, struct mh_str target);
/* mh_fetch_is_short - whether that can be fetched at all: it fits into the name of a question */
bool mh_fetch_is_short(struct mh_str host, struct mh_str target);
/* mh_fetch_run - as far as facts go; false: wait, or no memory (pass->error) */
bool mh_fetch_run(struct mh_fetch *fetch, const struct mh_tls_check *check, struct mh_pass *pass);
void mh_fetch_free(struct mh_fetch *fetch);
const char *mh_fetch_step_word(int step);
/* mh_fetch_put_why - how it failed, as a sentence; who: those who fetch such files, "senders"
 * mh_fetch_put_certificate - what is wrong with the certificate, likewise */
void mh_fetch_put_why(struct mh_buf *out, const struct mh_fetch *fetch, const char *who);
void mh_fetch_put_certificate(struct mh_buf *out, const struct mh_fetch *fetch);

#endif
