/* staple.c - OCSP responses that servers send along: about this certificate, signed by whom it may be, of today
 *
 * A response counts if the issuer of the certificate signed it, or one whom the
 * issuer named for it by a certificate of his own with the purpose OCSPSigning
 * (RFC 6960 4.2.2.2).  Where the issuer is neither sent nor a trust anchor, who
 * signed it cannot be known, and that is what is said.
 *
 * Does not: ask a responder, look at revocation of the delegate's certificate,
 * or at the nonce, which staples have none of.
 *
 * RFC 6960
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "cert_own.h"
#include "port.h"

#define CLOCKS_DIFFER 300 /* seconds by which a response may be of the future */

const char *
mh_staple_name(int staple)
{
	static const char *const names[] = { "none", "good", "revoked", "bad", "unproven" };
	return staple >= 0 && staple < (int)MH_COUNT(names) ? names[staple] : "";
}

static const struct {
	const char *word, *text;
} whys[] = {
	[MH_STAPLE_NO_WHY] = { "", "" },
	[MH_STAPLE_MALFORMED] = { "malformed", "It cannot be read." },
	[MH_STAPLE_REFUSED] = { "not-successful",
	    "The responder gave no answer, and that is what was stapled." },
	[MH_STAPLE_OTHER] = { "other-certificate", "It is about another certificate." },
	[MH_STAPLE_EARLY] = { "not-yet-valid", "It is of a time to come." },
	[MH_STAPLE_LATE] = { "expired", "Its time is over: there should be a newer one." },
	[MH_STAPLE_STATUS] = { "status-unknown", "The responder does not know this certificate." },
	[MH_STAPLE_RESPONDER] = { "responder",
	    "Who signed it is neither the issuer of the certificate nor named by him for that." },
	[MH_STAPLE_SIGNATURE] = { "signature", "Its signature is wrong." },
};

const char *
mh_staple_why_name(int why)
{
	return why >= 0 && why < (int)MH_COUNT(whys) ? whys[why].word : "";
}

const char *
mh_staple_why_text(int why)
{
	return why >= 0 && why < (int)MH_COUNT(whys) ? whys[why].text : "";
}

struct staple {
	void *lib; /* OSSL_LIB_CTX */
	OCSP_BASICRESP *basic;
	X509 *leaf, *issuer; /* issuer: a reference, or NULL if it is not there */
	int64_t at;
};

/* ------------------------------------------------------------------- digests */

/* is_digest - whether want is the digest, of the kind with that name, of some octets */
static bool
is_digest(const struct staple *staple, const char *kind, const void *p, size_t len,
    const ASN1_OCTET_STRING *want)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	size_t out_len = 0;
	return kind != NULL && EVP_Q_digest(staple->lib, kind, NULL, p, len, out, &out_len) == 1 &&
	    (size_t)ASN1_STRING_length(want) == out_len &&
	    memcmp(ASN1_STRING_get0_data(want), out, out_len) == 0;
}

/* is_key_digest - of the public key of a certificate, without tag and length (RFC 6960 4.1.1) */
static bool
is_key_digest(const struct staple *staple, const char *kind, const X509 *x509, const ASN1_OCTET_STRING *want)
{
	const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x509);
	return key != NULL &&
	    is_digest(staple, kind, ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key), want);
}

/* is_about - whether an entry is about the leaf: serial number, name and key of its issuer */
static bool
is_about(const struct staple *staple, const OCSP_SINGLERESP *single)
{
	ASN1_OCTET_STRING *name = NULL, *key = NULL;
	ASN1_OBJECT *kind = NULL;
	ASN1_INTEGER *serial = NULL;
	unsigned char *der = NULL;
	OCSP_CERTID *id = (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(single);
	if (OCSP_id_get0_info(&name, &kind, &key, &serial, id) != 1 || serial == NULL ||
	    ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(staple->leaf)) != 0)
		return false;
	const char *digest = OBJ_nid2sn(OBJ_obj2nid(kind));
	int len = i2d_X509_NAME(X509_get_issuer_name(staple->leaf), &der);
	bool good = len > 0 && is_digest(staple, digest, der, (size_t)len, name);
	OPENSSL_free(der);
	return good && (staple->issuer == NULL || is_key_digest(staple, digest, staple->issuer, key));
}

/* ------------------------------------------------------------------ signature */

/* is_responder - whether the response says that this one signed it */
static bool
is_responder(const struct staple *staple, const X509 *x509)
{
	const ASN1_OCTET_STRING *key = NULL;
	const X509_NAME *name = NULL;
	if (OCSP_resp_get0_id(staple->basic, &key, &name) != 1)
		return false;
	if (name != NULL)
		return X509_NAME_cmp(name, X509_get_subject_name(x509)) == 0;
	return key != NULL && is_key_digest(staple, "SHA1", x509, key);
}

/* is_delegate - whether the issuer named this one to sign responses (RFC 6960 4.2.2.2) */
static bool
is_delegate(const struct staple *staple, X509 *x509)
{
	time_t when = (time_t)staple->at;
	return X509_check_issued(staple->issuer, x509) == X509_V_OK &&
	    X509_verify(x509, X509_get0_pubkey(staple->issuer)) == 1 &&
	    (X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) != 0 &&
	    (X509_get_extended_key_usage(x509) & XKU_OCSP_SIGN) != 0 &&
	    X509_cmp_time(X509_get0_notBefore(x509), &when) < 0 &&
	    X509_cmp_time(X509_get0_notAfter(x509), &when) > 0;
}

/* copy_of - the same certificate, its keys made with our library context; NULL: none, or no memory */
static X509 *
copy_of(const struct staple *staple, const X509 *x509)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	const unsigned char *p = der;
	X509 *copy = len > 0 ? X509_new_ex(staple->lib, NULL) : NULL;
	/* d2i frees what it was given when it fails. */
	if (copy != NULL && d2i_X509(&copy, &p, len) == NULL)
		copy = NULL;
	OPENSSL_free(der);
	return copy;
}

/* signer_of - who may have signed it, and says so: a reference; NULL: nobody who may */
static X509 *
signer_of(const struct staple *staple)
{
	if (is_responder(staple, staple->issuer)) {
		X509_up_ref(staple->issuer);
		return staple->issuer;
	}
	const STACK_OF(X509) *sent = OCSP_resp_get0_certs(staple->basic);
	for (int i = 0; i < sk_X509_num(sent); i++) {
		X509 *copy = is_responder(staple, sk_X509_value(sent, i))
		    ? copy_of(staple, sk_X509_value(sent, i))
		    : NULL;
		if (copy != NULL && is_delegate(staple, copy))
			return copy;
		X509_free(copy);
	}
	return NULL;
}

static int
judge_signature(const struct staple *staple)
{
	X509 *signer = signer_of(staple);
	if (signer == NULL)
		return MH_STAPLE_RESPONDER;
	EVP_PKEY *key = X509_get0_pubkey(signer);
	bool good = key != NULL &&
	    ASN1_item_verify_ex(ASN1_ITEM_rptr(OCSP_RESPDATA), OCSP_resp_get0_tbs_sigalg(staple->basic),
		OCSP_resp_get0_signature(staple->basic), OCSP_resp_get0_respdata(staple->basic), NULL, key,
		staple->lib, NULL) == 1;
	X509_free(signer);
	return good ? MH_STAPLE_NO_WHY : MH_STAPLE_SIGNATURE;
}

/* --------------------------------------------------------------------- issuer */

static bool
has_signed(X509 *issuer, X509 *x509)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	return key != NULL && X509_check_issued(issuer, x509) == X509_V_OK && X509_verify(x509, key) == 1;
}

/* issuer_of - who signed the leaf, from the chain or the anchors: a reference, or NULL */
static X509 *
issuer_of(const struct mh_certs *chain, struct mh_anchors *anchors)
{
	X509 *leaf = sk_X509_value(chain->stack, 0), *found = NULL;
	for (int i = 0; i < sk_X509_num(chain->stack); i++) {
		found = sk_X509_value(chain->stack, i);
		if ((i > 0 || chain->certs[0]->is_self_signed) && has_signed(found, leaf)) {
			X509_up_ref(found);
			return found;
		}
	}
	found = NULL;
	X509_STORE_CTX *ctx = anchors != NULL ? X509_STORE_CTX_new_ex(chain->ossl->lib, NULL) : NULL;
	if (ctx != NULL && X509_STORE_CTX_init(ctx, mh_anchors_store(anchors), leaf, NULL) == 1 &&
	    X509_STORE_CTX_get1_issuer(&found, ctx, leaf) != 1)
		found = NULL;
	X509_STORE_CTX_free(ctx);
	if (found != NULL && !has_signed(found, leaf)) {
		X509_free(found);
		found = NULL;
	}
	return found;
}

/* -------------------------------------------------------------------- verdict */

/* judge_entry - what is wrong with the entry about the leaf; *is_revoked what it says */
static int
judge_entry(const struct staple *staple, bool *is_revoked)
{
	for (int i = 0; i < OCSP_resp_count(staple->basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(staple->basic, i);
		ASN1_GENERALIZEDTIME *begin = NULL, *end = NULL;
		time_t when = (time_t)staple->at, later = when + CLOCKS_DIFFER;
		int reason;
		if (!is_about(staple, single))
			continue;
		int status = OCSP_single_get0_status(single, &reason, NULL, &begin, &end);
		*is_revoked = status == V_OCSP_CERTSTATUS_REVOKED;
		if (begin != NULL && X509_cmp_time(begin, &later) > 0)
			return MH_STAPLE_EARLY;
		if (end != NULL && X509_cmp_time(end, &when) < 0)
			return MH_STAPLE_LATE;
		return status == V_OCSP_CERTSTATUS_GOOD || *is_revoked ? MH_STAPLE_NO_WHY : MH_STAPLE_STATUS;
	}
	return MH_STAPLE_OTHER;
}

/* judge_basic - the same of the whole response, whose signature comes first */
static int
judge_basic(const struct staple *staple, bool *is_revoked)
{
	int why = staple->issuer != NULL ? judge_signature(staple) : MH_STAPLE_NO_WHY;
	return why != MH_STAPLE_NO_WHY ? why : judge_entry(staple, is_revoked);
}

void
mh_staple_judge(const struct mh_certs *chain, struct mh_anchors *anchors, struct mh_str octets, int64_t at,
    struct mh_judgement *judgement)
{
	judgement->lacks_staple = chain->certs[0]->must_staple && octets.len == 0;
	if (octets.len == 0)
		return;
	struct staple staple = { .lib = chain->ossl->lib, .leaf = sk_X509_value(chain->stack, 0), .at = at };
	const unsigned char *p = (const unsigned char *)octets.p;
	OCSP_RESPONSE *response =
	    octets.len < INT32_MAX ? d2i_OCSP_RESPONSE(NULL, &p, (long)octets.len) : NULL;
	int why = MH_STAPLE_MALFORMED;
	if (response != NULL && OCSP_response_status(response) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		why = MH_STAPLE_REFUSED;
	else if (response != NULL && (staple.basic = OCSP_response_get1_basic(response)) != NULL) {
		staple.issuer = issuer_of(chain, anchors);
		why = judge_basic(&staple, &judgement->is_revoked);
	}
	judgement->staple_why = why;
	judgement->staple_is_bad = why != MH_STAPLE_NO_WHY;
	judgement->staple = judgement->staple_is_bad ? MH_STAPLE_BAD
	    : staple.issuer == NULL                  ? MH_STAPLE_UNPROVEN
	    : judgement->is_revoked                  ? MH_STAPLE_REVOKED
						     : MH_STAPLE_GOOD;
	X509_free(staple.issuer);
	OCSP_BASICRESP_free(staple.basic);
	OCSP_RESPONSE_free(response);
}
