/* cert.c - chains read into plain facts */
#include "cert.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "cert_own.h"
#include "json.h"
#include "port.h"

#define TEXT_MAX 512 /* octets of a name */
#define DER_MAX 65536
#define NID_OF_TLS_FEATURE NID_tlsfeature

const char *
mh_cert_key_name(int key)
{
	static const char *const names[] = { "other", "rsa", "ecdsa", "ed25519", "ed448", "rsa-pss", "dsa" };
	return key >= 0 && key < (int)MH_COUNT(names) ? names[key] : "";
}

/* ------------------------------------------------------------------ reading */

/* keep - printable text in the chain's arena */
static struct mh_str
keep(struct mh_certs *chain, const char *p, size_t len)
{
	struct mh_buf out;
	mh_buf_init(&out, &chain->mem, 4 * TEXT_MAX + 16);
	mh_printable(&out, mh_str_n(p, len), TEXT_MAX);
	char *copy = out.bad ? NULL : mh_arena_alloc(&chain->arena, out.len + 1);
	if (copy == NULL) {
		chain->is_bad = true;
		mh_buf_free(&out);
		return MH_STR("");
	}
	memcpy(copy, mh_buf_z(&out), out.len + 1);
	struct mh_str kept = mh_str_n(copy, out.len);
	mh_buf_free(&out);
	return kept;
}

static struct mh_str
keep_name(struct mh_certs *chain, const X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct mh_str kept = MH_STR("");
	char *p;
	if (bio == NULL) {
		chain->is_bad = true;
		return kept;
	}
	if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
		long len = BIO_get_mem_data(bio, &p);
		kept = keep(chain, p, len > 0 ? (size_t)len : 0);
	}
	BIO_free(bio);
	return kept;
}

static struct mh_str
keep_common_name(struct mh_certs *chain, const X509_NAME *name)
{
	int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	if (at < 0)
		return MH_STR("");
	const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, value);
	struct mh_str kept = len > 0 ? keep(chain, (const char *)utf8, (size_t)len) : MH_STR("");
	OPENSSL_free(utf8);
	return kept;
}

/* read_names - DNS names, in lower case */
static void
read_names(struct mh_certs *chain, struct mh_cert *cert, X509 *x509)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && cert->names_count < MH_CERT_NAMES_MAX; i++) {
		const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
		if (name->type != GEN_DNS)
			continue;
		struct mh_str text = keep(chain, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
		    (size_t)ASN1_STRING_length(name->d.dNSName));
		/* kept is the arena's, and ours to fold */
		for (size_t k = 0; k < text.len; k++)
			((char *)(uintptr_t)text.p)[k] = mh_lower(text.p[k]);
		cert->names[cert->names_count++] = text;
	}
	GENERAL_NAMES_free(names);
}

static int64_t
seconds(const ASN1_TIME *time)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, rest = 0;
	int64_t value = 0;
	if (epoch != NULL && ASN1_TIME_diff(&days, &rest, epoch, time) == 1)
		value = (int64_t)days * 86400 + rest;
	ASN1_TIME_free(epoch);
	return value;
}

static void
read_key(struct mh_cert *cert, X509 *x509)
{
	char curve[64];
	size_t len = 0;
	EVP_PKEY *key = X509_get0_pubkey(x509);
	if (key == NULL)
		return;
	cert->bits = EVP_PKEY_get_bits(key);
	if (EVP_PKEY_is_a(key, "RSA"))
		cert->key = MH_CERT_KEY_RSA;
	else if (EVP_PKEY_is_a(key, "RSA-PSS"))
		cert->key = MH_CERT_KEY_RSA_PSS;
	else if (EVP_PKEY_is_a(key, "EC"))
		cert->key = MH_CERT_KEY_ECDSA;
	else if (EVP_PKEY_is_a(key, "ED25519"))
		cert->key = MH_CERT_KEY_ED25519;
	else if (EVP_PKEY_is_a(key, "ED448"))
		cert->key = MH_CERT_KEY_ED448;
	else if (EVP_PKEY_is_a(key, "DSA"))
		cert->key = MH_CERT_KEY_DSA;
	if (cert->key == MH_CERT_KEY_ECDSA && EVP_PKEY_get_group_name(key, curve, sizeof(curve), &len) == 1) {
		struct mh_str name = mh_str_z(curve);
		cert->has_common_curve = mh_str_eq(name, MH_STR("prime256v1")) ||
		    mh_str_eq(name, MH_STR("secp384r1")) || mh_str_eq(name, MH_STR("secp521r1"));
	}
}

/* read_issuer_url - where the issuer's certificate can be had (RFC 5280 4.2.2.1) */
static void
read_issuer_url(struct mh_certs *chain, struct mh_cert *cert, X509 *x509)
{
	AUTHORITY_INFO_ACCESS *info = X509_get_ext_d2i(x509, NID_info_access, NULL, NULL);
	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(info); i++) {
		const ACCESS_DESCRIPTION *access = sk_ACCESS_DESCRIPTION_value(info, i);
		if (OBJ_obj2nid(access->method) == NID_ad_ca_issuers && access->location->type == GEN_URI &&
		    cert->issuer_url.len == 0)
			cert->issuer_url = keep(chain,
			    (const char *)ASN1_STRING_get0_data(
				access->location->d.uniformResourceIdentifier),
			    (size_t)ASN1_STRING_length(access->location->d.uniformResourceIdentifier));
	}
	AUTHORITY_INFO_ACCESS_free(info);
}

/* read_feature - must-staple: status_request in the TLS features (RFC 7633 4.2.3) */
static bool
read_feature(X509 *x509)
{
	TLS_FEATURE *feature = X509_get_ext_d2i(x509, NID_OF_TLS_FEATURE, NULL, NULL);
	bool has = false;
	for (int i = 0; i < sk_ASN1_INTEGER_num(feature); i++) {
		long value = ASN1_INTEGER_get(sk_ASN1_INTEGER_value(feature, i));
		has = has || value == 5 || value == 17;
	}
	TLS_FEATURE_free(feature);
	return has;
}

/* read_digests - of the certificate and of its key */
static void
read_digests(struct mh_certs *chain, struct mh_cert *cert, X509 *x509)
{
	unsigned char out[64], *spki = NULL;
	bool good = mh_digest(chain->ossl, 256, cert->der, out);
	if (good)
		memcpy(cert->sha256, out, 32);
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
	char *copy = len > 0 ? mh_arena_alloc(&chain->arena, (size_t)len) : NULL;
	if (copy != NULL) {
		memcpy(copy, spki, (size_t)len);
		cert->spki = mh_str_n(copy, (size_t)len);
	}
	good = good && copy != NULL && mh_digest(chain->ossl, 256, cert->spki, out);
	if (good)
		memcpy(cert->spki_sha256, out, 32);
	else
		chain->is_bad = true; /* a digest of zeros would match nothing, and be believed */
	OPENSSL_free(spki);
}

static void
read_cert(struct mh_certs *chain, struct mh_cert *cert, X509 *x509)
{
	int digest = NID_undef, key = NID_undef, bits = 0;
	uint32_t flags = 0;

	cert->subject = keep_name(chain, X509_get_subject_name(x509));
	cert->issuer = keep_name(chain, X509_get_issuer_name(x509));
	cert->common_name = keep_common_name(chain, X509_get_subject_name(x509));
	read_names(chain, cert, x509);
	cert->not_before = seconds(X509_get0_notBefore(x509));
	cert->not_after = seconds(X509_get0_notAfter(x509));
	read_key(cert, x509);
	const char *name = OBJ_nid2sn(X509_get_signature_nid(x509));
	cert->signature = mh_str_z(name != NULL ? name : "");
	if (X509_get_signature_info(x509, &digest, &key, &bits, &flags) == 1)
		cert->has_weak_signature = digest == NID_sha1 || digest == NID_md5 || digest == NID_md4 ||
		    digest == NID_md5_sha1 || digest == NID_md2;
	cert->is_ca = X509_check_ca(x509) == 1;
	cert->is_self_signed = X509_self_signed(x509, 1) == 1;
	cert->must_staple = read_feature(x509);
	cert->is_for_servers = X509_check_purpose(x509, X509_PURPOSE_SSL_SERVER, 0) == 1;
	read_issuer_url(chain, cert, x509);
	read_digests(chain, cert, x509);
}

/* begin - an empty chain; NULL: no memory */
static struct mh_certs *
begin(struct mh_ossl *ossl, const struct mh_mem *mem)
{
	struct mh_certs *chain = mh_mem_zalloc(mem, sizeof(*chain));
	if (chain == NULL)
		return NULL;
	chain->mem = *mem;
	chain->ossl = mh_ossl_ref(ossl);
	mh_arena_init(&chain->arena, &chain->mem, 0);
	chain->stack = sk_X509_new_null();
	chain->is_bad = chain->stack == NULL;
	return chain;
}

/* add_x509 - takes the reference */
static void
add_x509(struct mh_certs *chain, X509 *x509)
{
	unsigned char *der = NULL;
	struct mh_cert *cert = mh_arena_alloc(&chain->arena, sizeof(*cert));
	int len = i2d_X509(x509, &der);
	char *copy = len > 0 && cert != NULL ? mh_arena_alloc(&chain->arena, (size_t)len) : NULL;
	if (copy == NULL || sk_X509_push(chain->stack, x509) <= 0) {
		OPENSSL_free(der);
		X509_free(x509);
		chain->is_bad = true;
		return;
	}
	memcpy(copy, der, (size_t)len);
	OPENSSL_free(der);
	*cert = (struct mh_cert){ .der = mh_str_n(copy, (size_t)len),
		.spki = MH_STR(""),
		.signature = MH_STR(""),
		.issuer_url = MH_STR("") };
	chain->certs[chain->count++] = cert;
	read_cert(chain, cert, x509);
}

static struct mh_certs *
complete(struct mh_certs *chain)
{
	if (chain == NULL || !chain->is_bad)
		return chain;
	mh_certs_free(chain);
	return NULL;
}

struct mh_certs *
mh_certs_read(struct mh_ossl *ossl, const struct mh_mem *mem, const struct mh_str *ders, unsigned count)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	struct mh_certs *chain = begin(ossl, mem);
	for (unsigned i = 0; chain != NULL && !chain->is_bad && i < count && chain->count < MH_CERTS_MAX;
	     i++) {
		const unsigned char *p = (const unsigned char *)ders[i].p;
		X509 *x509 = X509_new_ex(ossl->lib, NULL);
		X509 *read = ders[i].len <= DER_MAX ? d2i_X509(&x509, &p, (long)ders[i].len) : NULL;
		if (read == NULL || p != (const unsigned char *)ders[i].p + ders[i].len) {
			chain->unreadable++;
			/* d2i frees what it was given when it fails. */
			if (read != NULL)
				X509_free(read);
			continue;
		}
		add_x509(chain, read);
	}
	chain = complete(chain);
	mh_ossl_leave(&guard);
	return chain;
}

/* read_block - the next block of PEM; one that is no certificate, a private key above all, is left out.  false: there
 * is none any more */
static bool
read_block(struct mh_certs *chain, BIO *bio)
{
	char *name = NULL, *header = NULL;
	unsigned char *der = NULL;
	long len = 0;
	if (PEM_read_bio(bio, &name, &header, &der, &len) != 1) {
		bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
		ERR_clear_error();
		chain->unreadable += !is_end;
		return !is_end && !BIO_eof(bio);
	}
	if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0) {
		const unsigned char *p = der;
		X509 *x509 = X509_new_ex(chain->ossl->lib, NULL);
		/* d2i frees what it was given when it fails. */
		if (x509 != NULL && d2i_X509(&x509, &p, len) == NULL)
			chain->unreadable++;
		else if (x509 == NULL)
			chain->is_bad = true;
		else
			add_x509(chain, x509);
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)len);
	return true;
}

struct mh_certs *
mh_certs_read_pem(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str pem)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	struct mh_certs *chain = begin(ossl, mem);
	BIO *bio =
	    chain != NULL ? BIO_new_mem_buf(pem.p, pem.len < INT32_MAX ? (int)pem.len : INT32_MAX) : NULL;
	while (bio != NULL && !chain->is_bad && chain->count < MH_CERTS_MAX && read_block(chain, bio))
		;
	BIO_free(bio);
	chain = complete(chain);
	mh_ossl_leave(&guard);
	return chain;
}

/* der_length - of the first element in octets; all of them if they begin with none */
static size_t
der_length(struct mh_str octets)
{
	struct mh_cur cur = mh_cur_of(octets.p, octets.len);
	bool is_sequence = mh_cur_u8(&cur) == 0x30;
	size_t len = mh_cur_u8(&cur), head = 2;
	if (len > 0x80 && len <= 0x84) {
		head += len & 0x7f;
		len = 0;
		for (size_t i = 2; i < head; i++)
			len = len << 8 | mh_cur_u8(&cur);
	} else if (len >= 0x80) {
		is_sequence = false;
	}
	return is_sequence && !mh_cur_bad(&cur) && len <= octets.len - head ? head + len : octets.len;
}

struct mh_certs *
mh_certs_read_any(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str octets)
{
	struct mh_str ders[MH_CERTS_MAX];
	unsigned count = 0;
	if (octets.len == 0 || octets.p[0] != 0x30)
		return mh_certs_read_pem(ossl, mem, octets);
	while (octets.len > 0 && count < MH_CERTS_MAX) {
		ders[count] = mh_str_n(octets.p, der_length(octets));
		octets = mh_str_n(octets.p + ders[count].len, octets.len - ders[count].len);
		count++;
	}
	return mh_certs_read(ossl, mem, ders, count);
}

void
mh_certs_free(struct mh_certs *chain)
{
	struct mh_ossl_guard guard;
	if (chain == NULL)
		return;
	mh_ossl_enter(&guard);
	sk_X509_pop_free(chain->stack, X509_free);
	mh_ossl_leave(&guard);
	mh_arena_free(&chain->arena);
	mh_ossl_unref(chain->ossl);
	mh_mem_free(&chain->mem, chain, sizeof(*chain));
}

unsigned
mh_certs_count(const struct mh_certs *chain)
{
	return chain->count;
}

unsigned
mh_certs_unreadable(const struct mh_certs *chain)
{
	return chain->unreadable;
}

const struct mh_cert *
mh_certs_at(const struct mh_certs *chain, unsigned i)
{
	return i < chain->count ? chain->certs[i] : NULL;
}

void *
mh_certs_stack(const struct mh_certs *chain)
{
	return chain->stack;
}

struct mh_ossl *
mh_certs_ossl(const struct mh_certs *chain)
{
	return chain->ossl;
}
