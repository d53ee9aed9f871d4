/* flight.h - what a server sends in answer to a hello, cut into messages and read
 *
 * A flight takes octets as they come and gives items: handshake messages put
 * together from records, alerts, and what is neither.  The readers below make
 * plain facts of messages.  Nothing here decrypts or verifies.
 *
 * RFC 8446 4, 5, 6; RFC 5246 6, 7; RFC 8422 5.4; RFC 6101 5, E.2
 */
#ifndef MH_FLIGHT_H
#define MH_FLIGHT_H

#include "tls_names.h"

#define MH_MESSAGE_MAX 65536 /* of one handshake message */

/* Types of handshake messages, RFC 8446 B.3.  SERVER-HELLO of SSL 2.0 is given as a message of the type below. */
enum {
	MH_MESSAGE_SERVER_HELLO = 2,
	MH_MESSAGE_NEW_SESSION_TICKET = 4,
	MH_MESSAGE_ENCRYPTED_EXTENSIONS = 8,
	MH_MESSAGE_CERTIFICATE = 11,
	MH_MESSAGE_KEY_EXCHANGE = 12,
	MH_MESSAGE_CERTIFICATE_REQUEST = 13,
	MH_MESSAGE_DONE = 14,
	MH_MESSAGE_CERTIFICATE_VERIFY = 15,
	MH_MESSAGE_FINISHED = 20,
	MH_MESSAGE_CERTIFICATE_STATUS = 22,
	MH_MESSAGE_SSL2_HELLO = 0xf2,
};

enum mh_flight_item {
	MH_FLIGHT_MORE, /* octets are missing */
	MH_FLIGHT_MESSAGE, /* type, length, body */
	MH_FLIGHT_ALERT, /* level, description */
	MH_FLIGHT_OTHER, /* a record that says nothing before there are keys */
	MH_FLIGHT_NOT_TLS, /* the octets from here on are something else */
	MH_FLIGHT_BROKEN, /* a record or message that cannot be */
};

struct mh_flight {
	struct mh_buf in, messages; /* octets not yet read; handshake data */
	size_t in_read, messages_read;
	bool may_be_ssl2, no_memory;
};

void mh_flight_init(struct mh_flight *flight, const struct mh_mem *mem, bool may_be_ssl2);
void mh_flight_free(struct mh_flight *flight);
/* mh_flight_feed - false: no memory, or more than a flight can be */
bool mh_flight_feed(struct mh_flight *flight, struct mh_str octets);
/* mh_flight_next - the next item; *octets are the flight's until the next call */
enum mh_flight_item mh_flight_next(struct mh_flight *flight, struct mh_str *octets);

/* ------------------------------------------------------------------ messages, with their heads of 4 octets */

struct mh_server_hello {
	int version; /* chosen */
	uint16_t suite, group; /* group: of key_share; 0 */
	bool is_retry; /* HelloRetryRequest */
	bool has_ems, has_renegotiation_info, has_compression, has_ticket;
};
bool mh_server_hello_read(struct mh_str message, struct mh_server_hello *hello); /* false: malformed */

/* mh_certificate_next - the next certificate (DER) of a Certificate message; *at is 0 at first; p NULL: no more.
 * Entries of TLS 1.3 have extensions, of which *staple (NULL is fine) becomes the OCSP response.
 * *is_bad: what is left cannot be read */
struct mh_str mh_certificate_next(struct mh_str message, bool is_tls13, size_t *at, struct mh_str *staple,
    bool *is_bad);
/* mh_certificate_leaf_length - octets of a message that ends behind its first certificate, as it is kept */
size_t mh_certificate_leaf_length(struct mh_str message, bool is_tls13);

struct mh_key_exchange {
	uint16_t group; /* named; 0 */
	uint16_t signature; /* SignatureScheme, TLS 1.2; 0 */
	struct mh_str prime; /* of DHE */
	unsigned bits; /* of the prime */
};
bool mh_key_exchange_read(struct mh_str message, const struct mh_suite *suite, int version,
    struct mh_key_exchange *key);
/* mh_staple_read - the OCSP response of a CertificateStatus message; p NULL: none */
struct mh_str mh_staple_read(struct mh_str message);

#endif
