/* mark_certs.c - certificates of logos, made for tests */
#include "mark_certs.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

static void
add(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (extension == NULL || X509_add_ext(x509, extension, -1) != 1)
		abort();
	X509_EXTENSION_free(extension);
}

/* add_logo - a logotype extension, whose value nobody looks into */
static void
add_logo(X509 *x509)
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.5.5.7.1.12", 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING_set(value, (const unsigned char *)"\x30\x00", 2);
	X509_EXTENSION *extension = X509_EXTENSION_create_by_OBJ(NULL, oid, 0, value);
	if (extension == NULL || X509_add_ext(x509, extension, -1) != 1)
		abort();
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(oid);
}

static X509 *
begin(const char *name, int from_days, int to_days, EVP_PKEY *key)
{
	static long serial;
	X509 *x509 = X509_new();

	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(MARK_NOW + (long)from_days * MARK_DAY));
	ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(MARK_NOW + (long)to_days * MARK_DAY));
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "O", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_pubkey(x509, key);
	return x509;
}

static void
put(BIO *out, X509 *x509, bool is_der)
{
	if (is_der)
		i2d_X509_bio(out, x509);
	else
		PEM_write_bio_X509(out, x509);
}

char *
mark_make(const struct mark *mark, size_t *len)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *authority = begin("Authority", -1000, mark->has_old_authority ? -1 : 1000, key);
	X509 *leaf = begin("Example", mark->from_days != 0 ? mark->from_days : -10,
	    mark->to_days != 0 ? mark->to_days : 300, key);
	const char *names = mark->names != NULL ? mark->names : "DNS:example.org";
	const char *usage = mark->usage != NULL ? mark->usage : "1.3.6.1.5.5.7.3.31";
	const char *mark_type = mark->mark_type != NULL ? mark->mark_type : "Registered Mark";
	BIO *out = BIO_new(BIO_s_mem());
	char *octets;

	X509_set_issuer_name(authority, X509_get_subject_name(authority));
	add(authority, authority, NID_basic_constraints, "critical,CA:TRUE");
	X509_sign(authority, key, EVP_sha256());
	if (mark_type[0] != '\0') {
		ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.53087.1.13", 1);
		X509_NAME_add_entry_by_OBJ(X509_get_subject_name(leaf), oid, MBSTRING_UTF8,
		    (const unsigned char *)mark_type, -1, -1, 0);
		ASN1_OBJECT_free(oid);
	}
	X509 *issuer = mark->is_self_signed ? leaf : authority;
	X509_set_issuer_name(leaf, X509_get_subject_name(issuer));
	add(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE");
	if (names[0] != '\0')
		add(leaf, issuer, NID_subject_alt_name, names);
	if (usage[0] != '\0')
		add(leaf, issuer, NID_ext_key_usage, usage);
	if (!mark->lacks_logo)
		add_logo(leaf);
	X509_sign(leaf, key, EVP_sha256());
	if (mark->is_behind)
		put(out, authority, mark->is_der);
	put(out, leaf, mark->is_der);
	if (!mark->is_alone && !mark->is_behind)
		put(out, authority, mark->is_der);
	*len = (size_t)BIO_get_mem_data(out, &octets);
	char *copy = malloc(*len + 1);
	if (copy == NULL)
		abort();
	memcpy(copy, octets, *len);
	BIO_free(out);
	X509_free(leaf);
	X509_free(authority);
	EVP_PKEY_free(key);
	return copy;
}
