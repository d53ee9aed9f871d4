/* dkim_public.h - what is in the p= of a DKIM key record: base64 and DER, read without OpenSSL
 *
 * Everything that people put there instead of a key is told apart, so that they
 * can be told what it is.
 *
 * RFC 6376 3.6.1, RFC 8463 4.2, RFC 4648 4, RFC 5280 4.1, RFC 8017 A.1.1, RFC 8410 1
 */
#ifndef MH_DKIM_PUBLIC_H
#define MH_DKIM_PUBLIC_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"
#include "str.h"

/* ------------------------------------------------------------------- base64 */

enum mh_base64_fault {
	MH_BASE64_FINE,
	MH_BASE64_OCTET, /* one that is neither of the alphabet nor white space; at is that one */
	MH_BASE64_PADDING, /* "=" is missing at the end, or there is too much of it */
	MH_BASE64_COUNT, /* one letter is left over: at least one was lost */
	MH_BASE64_BEHIND, /* something stands behind "="; at is that */
};

struct mh_base64 {
	struct mh_str octets; /* of all letters, whatever is wrong; in arena; p NULL: no memory */
	uint8_t fault;
	struct mh_str at;
	size_t letters;
};

/* mh_base64_read - text with white space anywhere (RFC 6376 2.10); linear */
void mh_base64_read(struct mh_arena *arena, struct mh_str text, struct mh_base64 *out);
/* mh_base64_write - padded, on one line */
void mh_base64_write(struct mh_buf *out, struct mh_str octets);

/* --------------------------------------------------------------------- keys */

enum mh_dkim_content {
	MH_DKIM_NOTHING,
	MH_DKIM_RSA_SPKI, /* SubjectPublicKeyInfo, what verifiers take */
	MH_DKIM_RSA_PKCS1, /* RSAPublicKey, what the words of RFC 6376 3.6.1 say */
	MH_DKIM_ED25519_RAW, /* 32 octets (RFC 8463 4.2) */
	MH_DKIM_ED25519_SPKI, /* the same, wrapped as OpenSSL writes it */
	MH_DKIM_OTHER_SPKI, /* a key of another kind */
	MH_DKIM_PRIVATE_KEY, /* PKCS#1 or PKCS#8: the half that must stay secret */
	MH_DKIM_CERTIFICATE,
	MH_DKIM_SSH_KEY,
	MH_DKIM_FIRST_PART, /* a key that wants more octets than there are */
	MH_DKIM_LAST_PART, /* the end of one */
	MH_DKIM_GARBAGE,
};

struct mh_dkim_public {
	uint8_t content; /* enum mh_dkim_content */
	struct mh_str modulus, exponent; /* of RSA: magnitude, no zeros before it */
	unsigned bits; /* of the modulus; 256 of Ed25519; 0 of others */
	struct mh_str raw; /* of Ed25519 */
	const char *other; /* of OTHER_SPKI: "DSA"; "" nobody knows */
	size_t has, wants; /* octets; wants by the length that the outermost SEQUENCE states, 0: none */
	bool is_odd; /* an INTEGER without the zero that keeps it from being negative, or with too many */
	/* of GARBAGE: where in the octets, what would be there */
	size_t at;
	const char *expected;
};

/* mh_dkim_public_read - spans are in octets */
void mh_dkim_public_read(struct mh_str octets, struct mh_dkim_public *out);
static inline bool
mh_dkim_public_is_rsa(const struct mh_dkim_public *key)
{
	return key->content == MH_DKIM_RSA_SPKI || key->content == MH_DKIM_RSA_PKCS1;
}
static inline bool
mh_dkim_public_is_ed25519(const struct mh_dkim_public *key)
{
	return key->content == MH_DKIM_ED25519_RAW || key->content == MH_DKIM_ED25519_SPKI;
}
/* mh_dkim_public_put - base64 of the key as p= is to have it: SubjectPublicKeyInfo or 32 octets; of RSA
 * and Ed25519 */
void mh_dkim_public_put(struct mh_buf *out, const struct mh_dkim_public *key);
/* mh_dkim_public_same - whether two are the same key, however they are wrapped */
bool mh_dkim_public_same(const struct mh_dkim_public *a, const struct mh_dkim_public *b);

/* ------------------------------------------------------------- private keys */

enum mh_dkim_private_state {
	MH_DKIM_PRIVATE_READ,
	MH_DKIM_PRIVATE_ENCRYPTED,
	MH_DKIM_PRIVATE_IS_PUBLIC, /* it is a public key */
	MH_DKIM_PRIVATE_UNREADABLE, /* or of a kind that DKIM has not */
	MH_DKIM_PRIVATE_NO_MEMORY,
};

struct mh_ossl;
/* mh_dkim_private_read - the public part of a private key: PEM (PKCS#1 or PKCS#8) or bare base64 of the
 * same; in arena,
 * and nothing secret stays there.  ossl works out the public part of Ed25519 (NULL: one is made for that). */
int mh_dkim_private_read(struct mh_arena *arena, struct mh_str pem, struct mh_ossl *ossl,
    struct mh_dkim_public *out);

/* ---------------------------------------------------------------- weak keys */

#define MH_DKIM_MODULUS_MAX 2048 /* octets of a modulus that is looked at: 16384 bits */

/* mh_dkim_small_factor - the least prime below 1000 that divides the modulus; 0: none, or it is too long
 * mh_dkim_is_roca - whether it has the mark of keys from a faulty library of Infineon's (CVE-2017-15361) */
unsigned mh_dkim_small_factor(struct mh_str modulus);
bool mh_dkim_is_roca(struct mh_str modulus);

#endif
