/* hello.h - ClientHellos that each ask one question of a server
 *
 * A server answers a hello before it knows who asks, so what it accepts can be
 * found out without any key: versions, suites, groups, certificates.  Each kind
 * of hello here offers just what tells one thing; a list says how far its answer
 * is read and what of it is kept.
 *
 * RFC 8446 4.1.2, RFC 5246 7.4.1.2, RFC 6101 5.6.1.2, E.1; RFC 7685
 */
#ifndef MH_HELLO_H
#define MH_HELLO_H

#include "tls_names.h"

/* How far the answer is read. */
enum { MH_UNTIL_SERVER_HELLO, MH_UNTIL_CERTIFICATE, MH_UNTIL_KEY_EXCHANGE };
/* Which certificates are kept. */
enum { MH_KEEP_NONE, MH_KEEP_LEAF, MH_KEEP_CHAIN };

struct mh_hello_kind {
	const char *name;
	uint16_t version; /* the highest offered */
	uint16_t lowest; /* of TLS 1.3 hellos: the lowest offered */
	uint8_t suites, groups, signatures; /* classes, see hello.c */
	uint8_t extensions; /* 0 none, 1 the few that are needed, 2 all */
	bool has_sni;
	uint8_t until, keep;
	uint16_t size; /* padded to so many octets, record header included; 0: as it is */
};

/* mh_hello_kind_find - NULL: there is none of that name */
const struct mh_hello_kind *mh_hello_kind_find(struct mh_str name);

#define MH_HELLO_LESS_MAX 64
struct mh_hello {
	const struct mh_hello_kind *kind;
	struct mh_str sni; /* "": none */
	uint16_t less[MH_HELLO_LESS_MAX], less_groups[MH_HELLO_LESS_MAX]; /* not offered */
	unsigned less_count, less_groups_count;
	uint16_t size; /* in place of the kind's; 0 */
};

/* mh_hello_write - the record, as it goes on the wire; random: of the job's own seed */
void mh_hello_write(struct mh_buf *out, const struct mh_hello *hello, const unsigned char random[64]);
/* mh_hello_offers, mh_hello_offers_group - whether the suite, or group, is in it */
bool mh_hello_offers(const struct mh_hello *hello, const struct mh_suite *suite);
bool mh_hello_offers_group(const struct mh_hello *hello, uint16_t group);
/* mh_hello_is_empty - nothing is left to offer after what is left out */
bool mh_hello_is_empty(const struct mh_hello *hello);

#endif
