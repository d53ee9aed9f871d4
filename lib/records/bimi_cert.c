/* bimi_cert.c - whether a file is the certificate of a logo; see bimi_cert.h */
#include "bimi_cert.h"

#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "cert_own.h"
#include "port.h"

#define OID_BIMI_USAGE "1.3.6.1.5.5.7.3.31" /* id-kp-BrandIndicatorforMessageIdentification */
#define OID_LOGOTYPE "1.3.6.1.5.5.7.1.12" /* RFC 9399 4.1 */
#define OID_MARK_TYPE "1.3.6.1.4.1.53087.1.13"
#define OID_ROOM 80

static void
fault(struct mh_bimi_cert *cert, const char *why)
{
	if (cert->faults_count < MH_BIMI_CERT_FAULTS_MAX)
		cert->faults[cert->faults_count++] = why;
}

static bool
is_oid(const ASN1_OBJECT *object, const char *oid)
{
	char text[OID_ROOM];
	int len = OBJ_obj2txt(text, sizeof(text), object, 1);
	return len > 0 && len < (int)sizeof(text) && strcmp(text, oid) == 0;
}

static bool
has_usage(X509 *x509)
{
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
	bool has = false;
	for (int i = 0; i < sk_ASN1_OBJECT_num(usage); i++)
		has |= is_oid(sk_ASN1_OBJECT_value(usage, i), OID_BIMI_USAGE);
	EXTENDED_KEY_USAGE_free(usage);
	return has;
}

static bool
has_logo(X509 *x509)
{
	for (int i = 0; i < X509_get_ext_count(x509); i++)
		if (is_oid(X509_EXTENSION_get_object(X509_get_ext(x509, i)), OID_LOGOTYPE))
			return true;
	return false;
}

/* read_mark - what kind of mark the authority has verified, if the subject says so */
static void
read_mark(struct mh_bimi_cert *cert, X509 *x509)
{
	const X509_NAME *subject = X509_get_subject_name(x509);
	for (int i = 0; i < X509_NAME_entry_count(subject); i++) {
		const X509_NAME_ENTRY *entry = X509_NAME_get_entry(subject, i);
		const ASN1_STRING *value = X509_NAME_ENTRY_get_data(entry);
		int len = ASN1_STRING_length(value);
		if (!is_oid(X509_NAME_ENTRY_get_object(entry), OID_MARK_TYPE) || len < 0 ||
		    len >= (int)sizeof(cert->mark))
			continue;
		memcpy(cert->mark, ASN1_STRING_get0_data(value), (size_t)len);
		cert->mark[len] = '\0';
	}
}

const char *
mh_bimi_cert_kind(const struct mh_bimi_cert *cert)
{
	static const struct {
		const char *mark, *kind;
	} kinds[] = {
		{ "Registered Mark", "vmc" },
		{ "Government Mark", "vmc" },
		{ "Prior Use Mark", "cmc" },
		{ "Modified Registered Mark", "cmc" },
	};
	for (size_t i = 0; i < MH_COUNT(kinds); i++)
		if (mh_str_ieq(mh_str_z(cert->mark), mh_str_z(kinds[i].mark)))
			return kinds[i].kind;
	return "";
}

/* is_for - whether one of the names is among those of the certificate, as it is */
static bool
is_for(const struct mh_cert *leaf, const struct mh_str *names, unsigned count)
{
	for (unsigned i = 0; i < leaf->names_count; i++)
		for (unsigned k = 0; k < count; k++)
			if (mh_str_ieq(leaf->names[i], names[k]))
				return true;
	return false;
}

/* judge_dates - of the logo's certificate, and of those that came with it */
static void
judge_dates(struct mh_bimi_cert *cert, int64_t at)
{
	if (at < 0)
		return;
	cert->is_expired = cert->leaf->not_after < at;
	cert->is_early = cert->leaf->not_before > at;
	if (cert->is_expired)
		fault(cert, "It has expired.");
	if (cert->is_early)
		fault(cert, "Its first day is still to come.");
	for (unsigned i = 1; i < mh_certs_count(cert->chain); i++) {
		if (mh_certs_at(cert->chain, i)->not_after >= at)
			continue;
		fault(cert, "The certificate of its authority has expired.");
		return;
	}
}

/* judge_issuer - that the next certificate is its issuer's */
static void
judge_issuer(struct mh_bimi_cert *cert, STACK_OF(X509) * stack)
{
	X509 *x509 = sk_X509_value(stack, 0);

	if (cert->leaf->is_self_signed)
		fault(cert, "It is signed by itself, and by no authority.");
	else if (sk_X509_num(stack) < 2)
		fault(cert,
		    "The certificate of the authority that issued it is not in the file; it comes behind "
		    "it.");
	else if (X509_check_issued(sk_X509_value(stack, 1), x509) != X509_V_OK)
		fault(cert,
		    "The certificate that follows in the file is not that of the authority that issued it.");
}

static void
judge(struct mh_bimi_cert *cert, const struct mh_str *names, unsigned count, int64_t at)
{
	STACK_OF(X509) *stack = mh_certs_stack(cert->chain);
	X509 *x509 = sk_X509_value(stack, 0);

	if (cert->leaf->is_ca && mh_certs_count(cert->chain) > 1)
		fault(cert,
		    "The first certificate in the file is that of an authority; the one for the logo comes "
		    "first.");
	if (!has_usage(x509))
		fault(cert,
		    "It is no certificate for logos: the key usage of BIMI (" OID_BIMI_USAGE ") is missing.");
	if (!has_logo(x509))
		fault(cert, "There is no logo in it: the extension logotype (" OID_LOGOTYPE ") is missing.");
	if (!is_for(cert->leaf, names, count))
		fault(cert, "It is not for this domain.");
	judge_dates(cert, at);
	judge_issuer(cert, stack);
	read_mark(cert, x509);
}

/* is_pem - whether certificates in PEM are in it at all */
static bool
is_pem(struct mh_str s)
{
	static const struct mh_str begin = MH_STR_INIT("-----BEGIN CERTIFICATE-----");
	for (size_t i = 0; i + begin.len <= s.len; i++)
		if (memcmp(s.p + i, begin.p, begin.len) == 0)
			return true;
	return false;
}

bool
mh_bimi_cert_read(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str octets,
    const struct mh_str *names, unsigned count, int64_t at, struct mh_bimi_cert *cert)
{
	struct mh_ossl_guard guard;
	bool has_pem = is_pem(octets);

	*cert = (struct mh_bimi_cert){ .faults_count = 0 };
	if (!has_pem && mh_str_istarts(mh_str_trim(octets), MH_STR("<"))) {
		fault(cert, "It is a page or an image, and no certificate.");
		return true;
	}
	cert->chain = has_pem ? mh_certs_read_pem(ossl, mem, octets) : mh_certs_read_any(ossl, mem, octets);
	if (cert->chain == NULL)
		return false;
	cert->leaf = mh_certs_at(cert->chain, 0);
	if (cert->leaf == NULL || mh_certs_unreadable(cert->chain) > 0)
		fault(cert, "It has no certificate in it that can be read, or one that cannot.");
	else if (!has_pem)
		fault(cert,
		    "It is in DER, the form without \"-----BEGIN CERTIFICATE-----\"; receivers read PEM.");
	if (cert->leaf == NULL)
		return true;
	mh_ossl_enter(&guard);
	judge(cert, names, count, at);
	mh_ossl_leave(&guard);
	return true;
}

void
mh_bimi_cert_free(struct mh_bimi_cert *cert)
{
	mh_certs_free(cert->chain);
	cert->chain = NULL;
	cert->leaf = NULL;
}
