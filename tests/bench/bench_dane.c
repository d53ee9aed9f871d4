/* bench_dane.c - verdicts on TLSA records on one core, beside the bare digest and the way without anything kept
 *
 *	bench_dane [SECONDS]
 *
 * A chain of two made here: reading it, and a verdict for "3 1 1", for "2 1 1" and for both with a stale one.  Beside
 * them in the same run: SHA2-256 of the key, which nobody can do without, and the verdict as it is if an SSL_CTX is
 * made for it.  Five rounds of each, alternating; the medians count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "dane.h"
#include "port.h"

enum { ROUNDS = 5, BATCH = 16 };

static struct mh_mem mem;
static struct mh_ossl *ossl;
static struct mh_certs *chain;
static struct mh_str ders[2];
static struct mh_tlsa records[3];
static volatile unsigned sink;

static double
now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static X509 *
make(const char *name, bool is_ca, EVP_PKEY *key, X509 *issuer, EVP_PKEY *by, struct mh_str *der)
{
	X509 *x509 = X509_new();
	X509V3_CTX ctx;
	unsigned char *octets = NULL;
	X509_set_version(x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), is_ca ? 1 : 2);
	X509_gmtime_adj(X509_getm_notBefore(x509), -86400);
	X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x509, X509_get_subject_name(issuer != NULL ? issuer : x509));
	X509_set_pubkey(x509, key);
	X509V3_set_ctx(&ctx, issuer != NULL ? issuer : x509, x509, NULL, NULL, 0);
	X509_EXTENSION *extension = is_ca
	    ? X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints, "critical,CA:TRUE")
	    : X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, "DNS:mx.example.org");
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	X509_sign(x509, by, EVP_sha256());
	int len = i2d_X509(x509, &octets);
	*der = mh_str_n((const char *)octets, (size_t)len);
	return x509;
}

static void
judge(unsigned from, unsigned count)
{
	const struct mh_str name = MH_STR("mx.example.org");
	const struct mh_dane_question question = { .records = records + from,
		.count = count,
		.names = &name,
		.names_count = 1,
		.for_mail = true,
		.at = -1 };
	struct mh_dane_verdict verdict;
	if (!mh_dane_judge(chain, &question, &verdict) || !verdict.is_valid)
		exit(1);
	sink += verdict.matching;
}

/* ------------------------------------------------------------- what is timed */

static void
bare_digest(void)
{
	unsigned char out[64];
	sink += mh_digest(ossl, 256, mh_certs_at(chain, 0)->spki, out);
}

static void
read_chain(void)
{
	struct mh_certs *read = mh_certs_read(ossl, &mem, ders, 2);
	sink += mh_certs_count(read);
	mh_certs_free(read);
}

static void
judge_key(void)
{
	judge(0, 1);
}

static void
judge_ca(void)
{
	judge(1, 1);
}

static void
judge_three(void)
{
	judge(0, 3);
}

/* old_way - "3 1 1" by OpenSSL, with an SSL_CTX made for it, once for the record and once for all together */
static void
old_way(void)
{
	SSL_CTX *ctx = SSL_CTX_new_ex(ossl->lib, NULL, TLS_client_method());
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *stack = mh_certs_stack(chain);
	SSL_CTX_dane_enable(ctx);
	SSL_CTX_set_security_level(ctx, 0);
	for (int i = 0; i < 2; i++) {
		SSL *ssl = SSL_new(ctx);
		X509_STORE_CTX *verify = X509_STORE_CTX_new_ex(ossl->lib, NULL);
		SSL_dane_enable(ssl, "mx.example.org");
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
		SSL_dane_tlsa_add(ssl, 3, 1, 1, (const unsigned char *)records[0].data.p, 32);
		X509_STORE_CTX_init(verify, store, sk_X509_value(stack, 0), stack);
		X509_STORE_CTX_set0_dane(verify, SSL_get0_dane(ssl));
		X509_STORE_CTX_set_default(verify, "ssl_server");
		X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(verify), SSL_get0_param(ssl));
		sink += (unsigned)X509_verify_cert(verify);
		X509_STORE_CTX_free(verify);
		SSL_free(ssl);
	}
	X509_STORE_free(store);
	SSL_CTX_free(ctx);
}

static const struct {
	const char *name;
	void (*run)(void);
} timed[] = {
	{ "SHA2-256 of the key alone", bare_digest },
	{ "verdict, 3 1 1", judge_key },
	{ "verdict, 2 1 1", judge_ca },
	{ "verdict, three records", judge_three },
	{ "reading the chain", read_chain },
	{ "3 1 1 with nothing kept", old_way },
};

enum { TIMED = sizeof(timed) / sizeof(timed[0]) };

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

int
main(int argc, char **argv)
{
	static const unsigned char other[32] = { 1 };
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 2, times[TIMED][ROUNDS];
	mem = mh_mem_default();
	ossl = mh_ossl_make(&mem);
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = make("CA", true, ca_key, NULL, ca_key, &ders[1]);
	X509 *leaf = make("mx.example.org", false, key, ca, ca_key, &ders[0]);
	chain = mh_certs_read(ossl, &mem, ders, 2);
	records[0] =
	    (struct mh_tlsa){ 3, 1, 1, mh_str_n((const char *)mh_certs_at(chain, 0)->spki_sha256, 32) };
	records[1] =
	    (struct mh_tlsa){ 2, 1, 1, mh_str_n((const char *)mh_certs_at(chain, 1)->spki_sha256, 32) };
	records[2] = (struct mh_tlsa){ 3, 1, 1, mh_str_n((const char *)other, 32) };
	for (int round = 0; round < ROUNDS; round++) {
		for (size_t i = 0; i < TIMED; i++) {
			unsigned long count = 0;
			double from = now_s(), until = from + seconds / (ROUNDS * TIMED), now;
			do {
				for (int k = 0; k < BATCH; k++)
					timed[i].run();
				count += BATCH;
				now = now_s();
			} while (now < until);
			times[i][round] = (now - from) / (double)count;
		}
	}
	for (size_t i = 0; i < TIMED; i++) {
		qsort(times[i], ROUNDS, sizeof(double), by_size);
		printf("DANE, %s: %.2f us\n", timed[i].name, times[i][ROUNDS / 2] * 1e6);
	}
	mh_certs_free(chain);
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(key);
	EVP_PKEY_free(ca_key);
	OPENSSL_free((void *)(uintptr_t)ders[0].p);
	OPENSSL_free((void *)(uintptr_t)ders[1].p);
	mh_ossl_unref(ossl);
	return 0;
}
