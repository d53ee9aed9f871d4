/* cert.h - certificate chains as servers send them: read, and judged without any connection
 *
 * A chain is kept as it came.  Judging is a function of chain, names, time and
 * trust anchors, and says all that is wrong, not only the first.  Weak keys and
 * signatures are described, so they do not keep a path from being built.
 *
 * RFC 5280, RFC 9525, RFC 7633, RFC 6960
 */
#ifndef MH_CERT_H
#define MH_CERT_H

#include "mem.h"
#include "ossl.h"
#include "str.h"

/* ------------------------------------------------------------------ anchors */

/* Trust anchors, parsed once; shared by reference, any number of threads once they are complete. */
struct mh_anchors;
struct mh_anchors *mh_anchors_make(struct mh_ossl *ossl); /* NULL: no memory */
struct mh_anchors *mh_anchors_ref(struct mh_anchors *anchors);
void mh_anchors_unref(struct mh_anchors *anchors); /* NULL is fine */
/* mh_anchors_add - certificates in PEM; how many, -1 without memory.  mh_anchors_add_system - OpenSSL's own places */
int mh_anchors_add(struct mh_anchors *anchors, struct mh_str pem);
bool mh_anchors_add_system(struct mh_anchors *anchors);

/* -------------------------------------------------------------------- chains */

#define MH_CERTS_MAX 16 /* certificates */
#define MH_CERT_NAMES_MAX 100

enum mh_cert_key {
	MH_CERT_KEY_OTHER,
	MH_CERT_KEY_RSA,
	MH_CERT_KEY_ECDSA,
	MH_CERT_KEY_ED25519,
	MH_CERT_KEY_ED448,
	MH_CERT_KEY_RSA_PSS,
	MH_CERT_KEY_DSA
};

struct mh_cert {
	struct mh_str subject, issuer,
	    common_name; /* printable; of names the parts, last first: "CN=a, O=b" */
	struct mh_str names[MH_CERT_NAMES_MAX]; /* DNS names of subjectAltName, lower case */
	unsigned names_count;
	int64_t not_before, not_after; /* seconds since the epoch */
	int key; /* MH_CERT_KEY_* */
	int bits;
	bool has_common_curve; /* P-256, P-384 or P-521 */
	struct mh_str signature; /* "RSA-SHA256" */
	bool has_weak_signature; /* MD5, SHA-1 */
	bool is_ca, is_self_signed, must_staple, is_for_servers;
	struct mh_str issuer_url; /* AIA caIssuers */
	unsigned char sha256[32], spki_sha256[32];
	struct mh_str der, spki;
};

struct mh_certs;
/* mh_certs_read - certificates as DER, the server's first; NULL: no memory.  One that cannot be read is left out,
 * and counted.  They are copied. */
struct mh_certs *mh_certs_read(struct mh_ossl *ossl, const struct mh_mem *mem, const struct mh_str *ders,
    unsigned count);
/* mh_certs_read_pem - the same from PEM text */
struct mh_certs *mh_certs_read_pem(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str pem);
/* mh_certs_read_any - the same from either: DER is one certificate behind the other */
struct mh_certs *mh_certs_read_any(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str octets);
void mh_certs_free(struct mh_certs *chain); /* NULL is fine */
unsigned mh_certs_count(const struct mh_certs *chain);
unsigned mh_certs_unreadable(const struct mh_certs *chain);
const struct mh_cert *mh_certs_at(const struct mh_certs *chain, unsigned i); /* NULL past the end */
const char *mh_cert_key_name(int key); /* "rsa" */

/* What an OCSP response that is sent along comes to; see staple.c. */
enum mh_staple {
	MH_STAPLE_NONE,
	MH_STAPLE_GOOD,
	MH_STAPLE_REVOKED,
	MH_STAPLE_BAD,
	MH_STAPLE_UNPROVEN /* the issuer is not there, so that nobody knows who signed it */
};
enum mh_staple_why {
	MH_STAPLE_NO_WHY,
	MH_STAPLE_MALFORMED,
	MH_STAPLE_REFUSED,
	MH_STAPLE_OTHER,
	MH_STAPLE_EARLY,
	MH_STAPLE_LATE,
	MH_STAPLE_STATUS,
	MH_STAPLE_RESPONDER,
	MH_STAPLE_SIGNATURE
};
const char *mh_staple_name(int staple); /* "good" */
const char *mh_staple_why_name(int why); /* "expired"; "" nothing is wrong */
const char *mh_staple_why_text(int why); /* the same as a sentence */

/* What is wrong with a chain; indexes are -1 if nothing is. */
struct mh_judgement {
	bool is_readable;
	bool is_expired, is_early, expires_soon, is_self_signed, name_matches, has_name, by_common_name;
	bool is_incomplete, is_untrusted, is_trust_known, is_trusted, is_out_of_order, root_is_sent;
	bool wrong_purpose, key_is_uncommon, lacks_staple;
	bool is_revoked; /* as the staple says, even if it is old or unproven */
	bool staple_is_bad;
	int staple, staple_why; /* MH_STAPLE_* */
	int64_t days_left; /* of the leaf; negative: since it expired */
	int expired_intermediate, weak_key, weak_signature, unrelated;
	struct mh_str missing_issuer, missing_url;
	long error; /* X509_V_*, of the path with names left out */
	const char *error_text;
	const char *result; /* RFC 8460 4.3: "certificate-expired"; "" none */
};
/* mh_certs_judge - name: the reference identifier, "" none; at: seconds since the epoch; anchors: NULL, trust is
 * not known; false: no memory */
bool mh_certs_judge(const struct mh_certs *chain, struct mh_anchors *anchors, struct mh_str name, int64_t at,
    struct mh_str staple, struct mh_judgement *judgement);
/* mh_certs_judge_for - the same with several reference identifiers, of which one has to match (RFC 9525 6.1) */
bool mh_certs_judge_for(const struct mh_certs *chain, struct mh_anchors *anchors, const struct mh_str *names,
    unsigned count, int64_t at, struct mh_str staple, struct mh_judgement *judgement);
/* mh_cert_is_for - whether a certificate is for that name, by subjectAltName, or without any by the common name */
bool mh_cert_is_for(const struct mh_cert *cert, struct mh_str name);
/* mh_cert_name_matches - RFC 9525 6.3: pattern may have "*" as its first label, for one label */
bool mh_cert_name_matches(struct mh_str pattern, struct mh_str name);

/* For dane.c: OpenSSL's own objects, as long as the chain lives. */
void *mh_certs_stack(const struct mh_certs *chain); /* STACK_OF(X509) */
struct mh_ossl *mh_certs_ossl(const struct mh_certs *chain);

#endif
