/* capture.h - what happened in a dialogue with a server: the records of a STREAM fact
 *
 * A capture is a list of events with their times, as few and as plain as judging
 * needs: lines as they were said, TLS handshake messages as they came (those that
 * were encrypted as they were after decryption), alerts, and how it ended.  A
 * dialogue that was tried is always a fact that is present, even if nobody was
 * there: only what was not tried is unknown.
 */
#ifndef MH_CAPTURE_H
#define MH_CAPTURE_H

#include "fact.h"

/* Name, the word for it, and whether its octets are text (else they are written as hexadecimal digits). */
#define MH_EVENTS(X) \
	X(CONNECTED, "connected", true) /* text: the peer, if it is known */ \
	X(REFUSED, "refused", true) /* nobody listens */ \
	X(UNREACHABLE, "unreachable", true) /* text: of what kind */ \
	X(LINE, "line", true) /* a line of the server, its end as it came */ \
	X(SAID, "said", true) /* a line of ours, without its end */ \
	X(TLS, "tls", true) /* our first TLS octets are on their way; text: how many */ \
	X(MESSAGE, "message", \
	    false) /* a handshake message of the server: type, length, body (RFC 8446 4) */ \
	X(ALERT, "alert", false) /* of the server: level and description */ \
	X(OUR_ALERT, "our-alert", false) /* of ours */ \
	X(SECURED, "secured", \
	    true) /* the handshake is done; text: version, suite, and "resumed" or "new" if one was offered */ \
	X(OCTETS, "octets", true) /* what is neither TLS nor was due */ \
	X(INJECTED, "injected", true) /* text behind the reply that begins TLS */ \
	X(EOF, "eof", true) /* closed by the server */ \
	X(RESET, "reset", true) /* the same, not in order */ \
	X(SILENT, "silent", true) /* nothing came for as long as we wait */ \
	X(SLOW, "slow", true) /* too little came; text: octets */ \
	X(TOO_MUCH, "too-much", true) /* of it, and we hung up */ \
	X(GARBLED, "garbled", true) /* a message that cannot be read; text: what is wrong */ \
	X(DONE, "done", true) /* all that was wanted came */ \
	X(BODY, "body", true) /* octets of what was fetched; more than one, if there are many */

enum mh_event_kind {
#define X(name, word, is_text) MH_EVENT_##name,
	MH_EVENTS(X)
#undef X
	    MH_EVENT_COUNT
};

struct mh_stream_event {
	int kind;
	uint32_t at_us; /* since the dialogue began */
	struct mh_str octets;
};

const char *mh_event_word(int kind);
/* mh_event_at - event number i of a fact; false past the end, or if it is none */
bool mh_event_at(const struct mh_fact *fact, size_t i, struct mh_stream_event *event);
/* mh_event_put - one more into a draft; octets beyond 60,000 are cut off */
void mh_event_put(struct mh_fact_draft *draft, int kind, uint32_t at_us, struct mh_str octets);
/* mh_event_print, mh_event_read - one record as text: WORD MICROSECONDS OCTETS; out has 65535 octets; how many
 * there are, or -1 */
void mh_event_print(struct mh_buf *out, const struct mh_rr *rr);
int mh_event_read(struct mh_str text, unsigned char *out);

#endif
