/* tls_seen.h - one dialogue with a server, as plain facts
 *
 * Read out of a capture: how far it came, how it ended, what was said, what was
 * chosen.  Spans point into the fact.  Nothing is judged here.
 */
#ifndef MH_TLS_SEEN_H
#define MH_TLS_SEEN_H

#include "capture.h"
#include "flight.h"
#include "stream_spec.h"

/* How far it came. */
enum mh_seen_phase {
	MH_SEEN_CONNECT,
	MH_SEEN_GREETING,
	MH_SEEN_HELLO,
	MH_SEEN_START,
	MH_SEEN_TLS,
	MH_SEEN_INSIDE
};

/* What a server says it can (RFC 5321 4.1.1.1 and the like of other protocols). */
struct mh_capabilities {
	struct mh_str name; /* of SMTP: as which the server greets in EHLO */
	struct mh_str masked; /* a line that a middlebox has overwritten */
	struct mh_str auth; /* the line that offers AUTH or LOGIN */
	bool is_known, starttls, pipelining, eightbitmime, smtputf8, requiretls, dsn, chunking, enhanced;
	bool has_size;
	int64_t size; /* of SIZE; 0: no limit told */
};

struct mh_seen {
	const struct mh_fact *fact;
	uint8_t phase;
	int end; /* the last event */
	struct mh_str end_text;
	/* text */
	struct mh_str greeting, greeting_end; /* first and last line, without their ends */
	struct mh_str reply; /* the last line of the last reply */
	struct mh_str octets; /* that were neither */
	int code; /* of the last reply of SMTP; 0 */
	uint8_t replied; /* phase of that reply */
	bool is_good; /* that reply */
	bool used_helo, has_bare_lf;
	struct mh_capabilities outside, inside;
	struct mh_str relayed; /* a sender whose mail for others was taken; p NULL: none */
	unsigned relay_tries,
	    relay_refused; /* commands RCPT that were answered, and those for good refused */
	struct mh_str
	    injected; /* text behind the reply that begins TLS; or said inside without being asked */
	bool is_injected_inside;
	uint32_t connected_us, greeting_us, hello_us, first_us, secured_us,
	    end_us; /* first_us: from our hello to the first message */
	/* TLS */
	bool has_tls; /* our hello went out */
	int hello_size;
	bool has_hello; /* the server's */
	struct mh_server_hello hello;
	const struct mh_suite *suite;
	struct mh_key_exchange key;
	struct mh_str certificate; /* the message; len 0: none */
	uint16_t signature; /* that the server made: of CertificateVerify or ServerKeyExchange; 0 */
	struct mh_str staple;
	bool wants_client_certificate, has_ticket;
	uint32_t ticket_lifetime, early_data; /* seconds, and octets of 0-RTT (RFC 8446 4.6.1, 4.2.10); 0 */
	uint8_t resumed; /* MH_TRI_*: a session that was offered was taken; UNKNOWN: none was */
	int alert, our_alert; /* descriptions; -1: none */
	bool secured;
};

void mh_seen_read(const struct mh_fact *fact, const struct mh_stream_spec *spec, struct mh_seen *seen);
/* mh_seen_key - what kind of key the server has shown: one of mh_tls_auth, MH_AUTH_ANY if none or another */
int mh_seen_key(const struct mh_seen *seen);
/* mh_seen_is_our_network - there is no way from this machine, whoever is at the other end */
bool mh_seen_is_our_network(const struct mh_seen *seen);
/* mh_seen_is_rate_limited - it says that there were too many */
bool mh_seen_is_rate_limited(const struct mh_seen *seen);

#endif
