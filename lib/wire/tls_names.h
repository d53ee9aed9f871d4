/* tls_names.h - numbers of TLS and what they are called: versions, suites, groups, signatures, alerts
 *
 * RFC 8446 4.2, 6.2, B.4; RFC 8422 5.1.1; RFC 7919 2
 */
#ifndef MH_TLS_NAMES_H
#define MH_TLS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

#define MH_SSL2 0x0002
#define MH_SSL3 0x0300
#define MH_TLS10 0x0301
#define MH_TLS11 0x0302
#define MH_TLS12 0x0303
#define MH_TLS13 0x0304

enum mh_tls_kx { MH_KX_ANY, MH_KX_RSA, MH_KX_DHE, MH_KX_ECDHE, MH_KX_DH, MH_KX_ECDH };
enum mh_tls_auth { MH_AUTH_ANY, MH_AUTH_RSA, MH_AUTH_ECDSA, MH_AUTH_DSS, MH_AUTH_ANON };
/* What protects the data, weakest first. */
enum mh_tls_cipher {
	MH_CIPHER_NULL,
	MH_CIPHER_EXPORT,
	MH_CIPHER_RC4,
	MH_CIPHER_DES,
	MH_CIPHER_TDES,
	MH_CIPHER_OLD, /* IDEA, SEED, RC2 */
	MH_CIPHER_CBC,
	MH_CIPHER_AEAD,
};

struct mh_suite {
	uint16_t number;
	uint8_t kx, auth, cipher;
	uint8_t since; /* 0x00 SSL 3.0, 0x10 TLS 1.0 and later, 0x12 TLS 1.2, 0x13 TLS 1.3 alone */
	const char *name; /* IANA's, without "TLS_" */
};

size_t mh_suite_count(void);
const struct mh_suite *mh_suite_at(size_t i); /* by number */
const struct mh_suite *mh_suite_find(uint16_t number); /* NULL: not known */
/* mh_suite_is_weak - no encryption, or one that is broken; without authentication is another matter */
bool mh_suite_is_weak(const struct mh_suite *suite);
/* mh_suite_is_todays - what senders of today offer: AES and ChaCha20, with RSA, DHE and ECDHE */
bool mh_suite_is_todays(const struct mh_suite *suite);
bool mh_suite_has_forward_secrecy(const struct mh_suite *suite);

/* Names of numbers; those that are not known as "0x11EC" in room. */
#define MH_TLS_NAME_ROOM 8
const char *mh_tls_suite_name(uint16_t number, char room[MH_TLS_NAME_ROOM]); /* without "TLS_" */
const char *mh_tls_group_name(uint16_t number, char room[MH_TLS_NAME_ROOM]); /* "x25519" */
const char *mh_tls_version_name(int version); /* "TLS 1.2"; "" not known */
const char *mh_tls_alert_name(int description); /* "handshake_failure"; "" not known */

#define MH_GROUP_P256 0x0017
#define MH_GROUP_P384 0x0018
#define MH_GROUP_P521 0x0019
#define MH_GROUP_X25519 0x001d
#define MH_GROUP_X25519MLKEM768 0x11ec
extern const uint16_t mh_tls_groups[]; /* all that are asked for, today's first; ends with 0 */
extern const unsigned mh_tls_groups_todays; /* how many of them are today's */

#endif
