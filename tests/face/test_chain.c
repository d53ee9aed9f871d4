/* test_chain.c - lib/face/chains.c and lib/checks/chain_check.c, with certificates made here */
#include "support.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "mailhealth.h"

#define NOW 1790000000 /* in September 2026 */
#define DAY 86400

static EVP_PKEY *key;
static X509 *root, *leaf;
static char *chain_pem, *root_pem;
static unsigned char *leaf_der;
static size_t leaf_len;

static void
extend(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(extension);
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
}

static X509 *
make(const char *name, X509 *issuer, int64_t days)
{
	X509 *x509 = X509_new();
	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), issuer != NULL ? 2 : 1);
	ASN1_TIME_set(X509_getm_notBefore(x509), NOW - 10 * DAY);
	ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(NOW + days * DAY));
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(issuer != NULL ? issuer : x509));
	X509_set_pubkey(x509, key);
	X509 *by = issuer != NULL ? issuer : x509;
	extend(x509, by, NID_basic_constraints, issuer != NULL ? "critical,CA:FALSE" : "critical,CA:TRUE");
	if (issuer != NULL)
		extend(x509, by, NID_subject_alt_name, "DNS:mx.example.org,DNS:*.example.net");
	assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
	return x509;
}

/* pem_of - certificates, and between them a key, which is left out */
static char *
pem_of(X509 *const *certificates, int count, bool with_key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *p;
	for (int i = 0; i < count; i++) {
		PEM_write_bio_X509(bio, certificates[i]);
		if (with_key)
			PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	}
	long len = BIO_get_mem_data(bio, &p);
	char *copy = malloc((size_t)len + 1);
	assert_non_null(copy);
	memcpy(copy, p, (size_t)len);
	copy[len] = '\0';
	BIO_free(bio);
	return copy;
}

static int
set_up(void **state)
{
	(void)state;
	key = EVP_EC_gen("P-256");
	root = make("Root", NULL, 1000);
	leaf = make("mx.example.org", root, 60);
	X509 *both[] = { leaf, root };
	chain_pem = pem_of(both, 2, true);
	root_pem = pem_of(&root, 1, false);
	int len = i2d_X509(leaf, &leaf_der);
	leaf_len = (size_t)len;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free(chain_pem);
	free(root_pem);
	OPENSSL_free(leaf_der);
	X509_free(leaf);
	X509_free(root);
	EVP_PKEY_free(key);
	return 0;
}

static mh_ctx *
context(void)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	assert_int_equal(mh_ctx_add_anchors(ctx, root_pem, strlen(root_pem)), 1);
	return ctx;
}

/* chain_of - the chain, for its name, at a good time */
static mh_chain *
chain_of(mh_ctx *ctx)
{
	mh_chain *chain = mh_chain_new(ctx);
	assert_int_equal(mh_chain_read(chain, chain_pem, strlen(chain_pem)), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.org."), MH_OK);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_NOW, NOW), MH_OK);
	return chain;
}

static bool
has(mh_chain *chain, const char *id)
{
	mh_report *report = mh_chain_report(chain);
	bool found = false;
	for (size_t i = 0; i < mh_report_count(report); i++)
		found = found || strcmp(mh_report_str(report, i, MH_FINDING_ID), id) == 0;
	mh_report_free(report);
	return found;
}

#define CERT(i, field) mh_chain_item_str(chain, MH_CHAIN_CERT, (i), MH_CERT_##field)
#define TLSA(i, field) mh_chain_item_str(chain, MH_CHAIN_TLSA, (i), MH_TLSA_##field)

static void
certificates_are_read(void **state)
{
	mh_ctx *ctx = context();
	mh_chain *chain = chain_of(ctx);
	(void)state;
	test_number("both, and no key", mh_chain_count(chain, MH_CHAIN_CERT), 2);
	assert_string_equal(CERT(0, SUBJECT), "CN=mx.example.org");
	assert_string_equal(CERT(0, ISSUER), "CN=Root");
	assert_string_equal(CERT(0, NAMES), "mx.example.org *.example.net");
	assert_string_equal(CERT(0, KEY), "ecdsa");
	assert_string_equal(CERT(0, SIGNATURE), "ecdsa-with-SHA256");
	assert_int_equal(strlen(CERT(0, SHA256)), 64);
	assert_string_equal(CERT(1, NAMES), "");
	assert_true(strncmp(CERT(0, TLSA), "3 1 1 ", 6) == 0 && strncmp(CERT(1, TLSA), "2 1 1 ", 6) == 0);
	assert_string_equal(CERT(0, TLSA) + 6, CERT(0, SPKI_SHA256));
	assert_string_equal(mh_chain_item_str(chain, MH_CHAIN_CERT, 0, 99), "");
	assert_string_equal(CERT(2, SUBJECT), "");
	test_number("bits", mh_chain_item_int(chain, MH_CHAIN_CERT, 0, MH_CERT_BITS), 256);
	test_number("first second", mh_chain_item_int(chain, MH_CHAIN_CERT, 0, MH_CERT_NOT_BEFORE),
	    NOW - 10 * DAY);
	test_number("last second", mh_chain_item_int(chain, MH_CHAIN_CERT, 0, MH_CERT_NOT_AFTER),
	    NOW + 60 * DAY);
	test_number("no CA", mh_chain_item_int(chain, MH_CHAIN_CERT, 0, MH_CERT_CA), 0);
	test_number("a CA", mh_chain_item_int(chain, MH_CHAIN_CERT, 1, MH_CERT_CA), 1);
	/* DER, twice the same */
	unsigned char *two = malloc(2 * leaf_len);
	assert_non_null(two);
	memcpy(two, leaf_der, leaf_len);
	memcpy(two + leaf_len, leaf_der, leaf_len);
	assert_int_equal(mh_chain_read(chain, two, leaf_len), MH_OK);
	test_number("DER", mh_chain_count(chain, MH_CHAIN_CERT), 1);
	assert_int_equal(mh_chain_read(chain, two, 2 * leaf_len), MH_OK);
	test_number("two of them", mh_chain_count(chain, MH_CHAIN_CERT), 2);
	assert_int_equal(mh_chain_read(chain, two, 2 * leaf_len - 1), MH_OK);
	test_number("the second is cut off", mh_chain_count(chain, MH_CHAIN_CERT), 1);
	free(two);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	test_number("and counted", mh_chain_int(chain, MH_CHAIN_UNREADABLE), 1);
	assert_true(has(chain, "cert.unreadable"));
	assert_int_equal(mh_chain_read(chain, "nothing", 7), MH_ENOENT);
	assert_int_equal(mh_chain_judge(chain), MH_ESTATE);
	static const char bad[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
	assert_int_equal(mh_chain_read(chain, bad, strlen(bad)), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, CERT(0, TLSA)), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "fail");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_RESULT), "validation-failure");
	assert_true(test_is_json(mh_chain_json(chain)));
	mh_chain_free(chain);
	mh_ctx_free(ctx);
}

static void
judged_for_names_at_a_time(void **state)
{
	mh_ctx *ctx = context();
	mh_chain *chain = chain_of(ctx);
	(void)state;
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "");
	assert_string_equal(mh_chain_json(chain), "");
	assert_null(mh_chain_report(chain));
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "pass");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_DANE), "none");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_RESULT), "");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_ERROR), "ok");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "none");
	test_number("days", mh_chain_int(chain, MH_CHAIN_DAYS_LEFT), 60);
	assert_true(test_is_json(mh_chain_json(chain)));
	assert_int_equal(mh_ctx_add_anchors(ctx, root_pem, strlen(root_pem)), MH_EFROZEN);
	/* any name does, and each is told */
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.com"), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "a.example.net"), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "pass");
	test_number("names", mh_chain_count(chain, MH_CHAIN_NAME), 3);
	static const int matches[] = { 1, 0, 1 };
	for (size_t i = 0; i < 3; i++)
		test_number("each name", mh_chain_item_int(chain, MH_CHAIN_NAME, i, MH_NAME_MATCHES),
		    matches[i]);
	assert_string_equal(mh_chain_item_str(chain, MH_CHAIN_NAME, 0, MH_NAME_TEXT), "mx.example.org");
	/* none */
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, ""), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.com"), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "fail");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_RESULT), "certificate-host-mismatch");
	assert_true(has(chain, "cert.name-mismatch"));
	/* later */
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, ""), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.org"), MH_OK);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_NOW, NOW + 61 * DAY), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_RESULT), "certificate-expired");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_HEALTH), "warn");
	assert_true(has(chain, "cert.expired"));
	test_number("no days", mh_chain_int(chain, MH_CHAIN_DAYS_LEFT), MH_UNKNOWN);
	mh_chain_free(chain);
	mh_ctx_free(ctx);
	/* without anchors */
	ctx = mh_ctx_new(NULL, NULL);
	chain = chain_of(ctx);
	mh_ctx_free(ctx);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "unknown");
	/* by the clock: in any case some time */
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_NOW, 0), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	mh_chain_free(chain);
}

static void
each_record_has_its_verdict(void **state)
{
	static const struct {
		const char *tlsa, *state, *why, *id;
	} cases[] = {
		{ "@", "match", "", "dane.no-rollover" },
		{ "3 1 1 0000000000000000000000000000000000000000000000000000000000000000", "mismatch", "",
		    "dane.mismatch" },
		{ "2 1 1 0000000000000000000000000000000000000000000000000000000000000000", "mismatch",
		    "ca-not-sent", "dane.ta-not-sent" },
		{ "1 1 1 0000000000000000000000000000000000000000000000000000000000000000", "unusable",
		    "usage-0-1", "dane.usage-0-1" },
		{ "3 1 1 00", "unusable", "length", "dane.syntax" },
		{ "3 2 1 00", "unusable", "unknown-kind", "dane.unusable-only" },
		{ "3 1 one", "unusable", "syntax", "dane.syntax" },
	};
	mh_ctx *ctx = context();
	mh_chain *chain = chain_of(ctx);
	char own[128];
	(void)state;
	(void)snprintf(own, sizeof(own), "%s", CERT(0, TLSA));
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const char *text = cases[i].tlsa[0] == '@' ? own : cases[i].tlsa;
		assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, ""), MH_OK);
		assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, text), MH_OK);
		assert_string_equal(TLSA(0, STATE), "");
		assert_int_equal(mh_chain_judge(chain), MH_OK);
		assert_string_equal(TLSA(0, TEXT), text);
		assert_string_equal(TLSA(0, STATE), cases[i].state);
		assert_string_equal(TLSA(0, WHY), cases[i].why);
		test_check(cases[i].id, has(chain, cases[i].id));
		assert_true(test_is_json(mh_chain_json(chain)));
	}
	/* a weaker digest hidden by a stronger one */
	char strong[160] = "3 1 2 ";
	memset(strong + 6, '0', 128);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, ""), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, own), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, strong), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(TLSA(0, STATE), "match");
	assert_string_equal(TLSA(0, WHY), "outranked");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_DANE), "fail");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_RESULT), "tlsa-invalid");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_PKIX), "pass");
	mh_report *report = mh_chain_report(chain);
	assert_string_equal(mh_report_str(report, 0, MH_FINDING_ID), "dane.mismatch");
	assert_non_null(strstr(mh_report_str(report, 0, MH_FINDING_FIX), "_25._tcp.mx.example.org"));
	mh_report_free(report);
	/* rdata; one that matches beside one that does not */
	unsigned char rdata[35] = { 3, 1, 1 };
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, ""), MH_OK);
	assert_int_equal(mh_chain_add_tlsa(chain, rdata, sizeof(rdata)), MH_OK);
	assert_int_equal(mh_chain_add_tlsa(chain, rdata, 3), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, CERT(1, TLSA)), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(TLSA(0, STATE), "mismatch");
	assert_string_equal(TLSA(1, TEXT), "\\# 3 030101");
	assert_string_equal(TLSA(1, WHY), "syntax");
	assert_string_equal(TLSA(2, STATE), "match");
	test_number("depth", mh_chain_item_int(chain, MH_CHAIN_TLSA, 2, MH_TLSA_DEPTH), 1);
	test_number("depth of all", mh_chain_int(chain, MH_CHAIN_DANE_DEPTH), 1);
	test_number("error of all", mh_chain_int(chain, MH_CHAIN_DANE_ERROR), 0);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_DANE), "pass");
	assert_true(has(chain, "dane.stale-record"));
	/* usage 1 counts where it is not mail */
	(void)snprintf(strong, sizeof(strong), "1%s", own + 1);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, ""), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, strong), MH_OK);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_FOR_MAIL, 0), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(TLSA(0, STATE), "match");
	mh_chain_free(chain);
	mh_ctx_free(ctx);
}

static void
staples_are_judged(void **state)
{
	mh_ctx *ctx = context();
	mh_chain *chain = chain_of(ctx);
	unsigned char *der = NULL;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *begin = ASN1_TIME_set(NULL, NOW - DAY), *end = ASN1_TIME_set(NULL, NOW + DAY);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), leaf, root);
	(void)state;
	assert_non_null(OCSP_basic_add1_status(basic, id, V_OCSP_CERTSTATUS_GOOD, 0, begin, begin, end));
	assert_true(OCSP_basic_sign(basic, root, key, EVP_sha256(), NULL, 0));
	OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	int len = i2d_OCSP_RESPONSE(response, &der);
	assert_int_equal(mh_chain_set_staple(chain, der, (size_t)len), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "good");
	/* the issuer is an anchor, and not in the chain */
	assert_int_equal(mh_chain_read(chain, leaf_der, leaf_len), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "good");
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_NOW, NOW + 2 * DAY), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "bad");
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE_WHY), "expired");
	assert_true(has(chain, "cert.staple-bad"));
	assert_int_equal(mh_chain_set_staple(chain, NULL, 0), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "none");
	mh_chain_free(chain);
	mh_ctx_free(ctx);
	/* nobody knows the issuer */
	ctx = mh_ctx_new(NULL, NULL);
	chain = chain_of(ctx);
	assert_int_equal(mh_chain_read(chain, leaf_der, leaf_len), MH_OK);
	assert_int_equal(mh_chain_set_staple(chain, der, (size_t)len), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	assert_string_equal(mh_chain_str(chain, MH_CHAIN_STAPLE), "unproven");
	mh_chain_free(chain);
	mh_ctx_free(ctx);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
}

static void
arguments_are_checked(void **state)
{
	mh_ctx *ctx = context();
	mh_chain *chain = mh_chain_new(ctx);
	(void)state;
	mh_chain_free(NULL);
	assert_null(mh_chain_new(NULL));
	assert_int_equal(mh_chain_judge(NULL), MH_EINVAL);
	assert_int_equal(mh_chain_judge(chain), MH_ESTATE);
	assert_int_equal(mh_chain_read(chain, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_chain_read(chain, NULL, 0), MH_ENOENT);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_PORT, 25), MH_EINVAL);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_NOW, -1), MH_EINVAL);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_FOR_MAIL, 2), MH_EINVAL);
	assert_int_equal(mh_chain_set_int(chain, MH_OPT_EE_NAMES, 1), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_HOST, "a"), MH_EINVAL);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, NULL), MH_EINVAL);
	assert_int_equal(mh_chain_add_tlsa(chain, NULL, 1), MH_EINVAL);
	assert_int_equal(mh_chain_set_staple(chain, NULL, 1), MH_EINVAL);
	for (int i = 0; i < 32; i++)
		assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "a.example"), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_NAME, "a.example"), MH_EINVAL);
	for (int i = 0; i < 64; i++)
		assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, "3 1 1 00"), MH_OK);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, "3 1 1 00"), MH_EINVAL);
	assert_int_equal(mh_chain_add_tlsa(chain, "\3\1\1\0", 4), MH_EINVAL);
	test_number("no such list", mh_chain_count(chain, 9), 0);
	assert_string_equal(mh_chain_str(NULL, MH_CHAIN_PKIX), "");
	test_number("no handle", mh_chain_int(NULL, MH_CHAIN_DAYS_LEFT), MH_UNKNOWN);
	assert_string_equal(mh_chain_json(NULL), "");
	mh_ctx_free(ctx);
	mh_chain_free(chain);
}

static void
the_hosts_errors_are_kept(void **state)
{
	mh_ctx *ctx = context();
	(void)state;
	ERR_clear_error();
	ERR_raise_data(ERR_LIB_USER, 7, "of the host");
	mh_chain *chain = chain_of(ctx);
	assert_int_equal(mh_chain_set_str(chain, MH_OPT_TLSA, "2 0 0 00"), MH_OK);
	assert_int_equal(mh_chain_judge(chain), MH_OK);
	mh_chain_free(chain);
	mh_ctx_free(ctx);
	assert_int_equal(ERR_GET_REASON(ERR_get_error()), 7);
	assert_int_equal(ERR_get_error(), 0);
}

enum { ROUNDS = 50 };

static void *
judge_often(void *arg)
{
	uintptr_t good = 0;
	mh_chain *chain = mh_chain_new(arg);
	for (int i = 0; i < ROUNDS; i++) {
		int result = mh_chain_read(chain, chain_pem, strlen(chain_pem));
		(void)mh_chain_set_int(chain, MH_OPT_NOW, NOW);
		(void)mh_chain_set_str(chain, MH_OPT_NAME, "");
		(void)mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.org");
		(void)mh_chain_set_str(chain, MH_OPT_TLSA, "");
		(void)mh_chain_set_str(chain, MH_OPT_TLSA, CERT(0, TLSA));
		(void)mh_chain_set_str(chain, MH_OPT_TLSA, CERT(1, TLSA));
		good += result == MH_OK && mh_chain_judge(chain) == MH_OK &&
		    strcmp(mh_chain_str(chain, MH_CHAIN_DANE), "pass") == 0 &&
		    strcmp(mh_chain_str(chain, MH_CHAIN_PKIX), "pass") == 0;
	}
	mh_chain_free(chain);
	return (void *)good;
}

static void
two_threads_share_a_context(void **state)
{
	mh_ctx *ctx = context();
	pthread_t threads[2];
	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, judge_often, ctx), 0);
	for (int i = 0; i < 2; i++) {
		void *good = NULL;
		assert_int_equal(pthread_join(threads[i], &good), 0);
		assert_int_equal((uintptr_t)good, ROUNDS);
	}
	mh_ctx_free(ctx);
}

static bool
whole_use(struct mh_mem mem, void *arg)
{
	bool good = false;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_chain *chain = ctx != NULL ? mh_chain_new(ctx) : NULL;
	(void)arg;
	if (chain != NULL && mh_chain_read(chain, chain_pem, strlen(chain_pem)) == MH_OK &&
	    mh_chain_set_int(chain, MH_OPT_NOW, NOW) == MH_OK &&
	    mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.org") == MH_OK &&
	    mh_chain_set_str(chain, MH_OPT_TLSA, "3 1 1 00") == MH_OK &&
	    mh_chain_set_str(chain, MH_OPT_TLSA,
		"3 1 1 0000000000000000000000000000000000000000000000000000000000000000") == MH_OK &&
	    mh_chain_add_tlsa(chain, "\3\1", 2) == MH_OK && mh_chain_set_staple(chain, "no", 2) == MH_OK &&
	    mh_chain_judge(chain) == MH_OK) {
		mh_report *report = mh_chain_report(chain);
		good = mh_chain_json(chain)[0] == '{' && report != NULL && CERT(0, SUBJECT)[0] != '\0' &&
		    TLSA(0, TEXT)[0] != '\0';
		mh_report_free(report);
	}
	mh_chain_free(chain);
	mh_ctx_free(ctx);
	return good;
}

static void
memory_fails(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(whole_use, NULL, false) > 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(certificates_are_read),
		cmocka_unit_test(judged_for_names_at_a_time),
		cmocka_unit_test(each_record_has_its_verdict),
		cmocka_unit_test(staples_are_judged),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(the_hosts_errors_are_kept),
		cmocka_unit_test(two_threads_share_a_context),
		cmocka_unit_test(memory_fails),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
