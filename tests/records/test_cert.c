/* test_cert.c - lib/records/cert.c, cert_judge.c, staple.c and dane.c, with certificates made here */
#include "support.h"

#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>

#include "cert.h"
#include "dane.h"

#define NOW 1790000000 /* in September 2026 */
#define DAY 86400

static struct mh_mem mem;
static struct mh_ossl *ossl;

/* What a certificate is made of. */
struct recipe {
	const char *name, *names; /* subjectAltName, or NULL */
	int64_t begin, end;
	bool is_ca;
	const char *usage, *feature;
};

struct made {
	X509 *x509;
	EVP_PKEY *key;
	struct mh_str der;
};

static void
add_extension(X509 *x509, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	assert_non_null(extension);
	X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
}

static struct made
make(const struct recipe *recipe, const struct made *issuer, EVP_PKEY *key, const EVP_MD *digest)
{
	static long serial;
	struct made made = { .x509 = X509_new(), .key = key };
	unsigned char *der = NULL;
	X509_set_version(made.x509, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(made.x509), ++serial);
	ASN1_TIME_set(X509_getm_notBefore(made.x509), (time_t)recipe->begin);
	ASN1_TIME_set(X509_getm_notAfter(made.x509), (time_t)recipe->end);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(made.x509), "CN", MBSTRING_UTF8,
	    (const unsigned char *)recipe->name, -1, -1, 0);
	X509 *by = issuer != NULL ? issuer->x509 : made.x509;
	X509_set_issuer_name(made.x509, X509_get_subject_name(by));
	X509_set_pubkey(made.x509, key);
	add_extension(made.x509, by, NID_basic_constraints,
	    recipe->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
	if (recipe->names != NULL)
		add_extension(made.x509, by, NID_subject_alt_name, recipe->names);
	if (recipe->usage != NULL)
		add_extension(made.x509, by, NID_ext_key_usage, recipe->usage);
	if (recipe->feature != NULL)
		add_extension(made.x509, by, NID_tlsfeature, recipe->feature);
	assert_true(X509_sign(made.x509, issuer != NULL ? issuer->key : key, digest) > 0);
	int len = i2d_X509(made.x509, &der);
	made.der = mh_str_n((const char *)der, (size_t)len);
	return made;
}

static void
forget(struct made *made)
{
	OPENSSL_free((void *)(uintptr_t)made->der.p);
	X509_free(made->x509);
}

static EVP_PKEY *rsa, *small, *ec, *ed;
static struct made root, middle, leaf;
static struct mh_anchors *anchors;

static const struct recipe good = { "mx.example.org", "DNS:mx.example.org", NOW - 30 * DAY, NOW + 60 * DAY,
	false, "serverAuth", NULL };

static int
set_up(void **state)
{
	static const struct recipe root_recipe = { "Root", NULL, NOW - 1000 * DAY, NOW + 1000 * DAY, true,
		NULL, NULL };
	static const struct recipe middle_recipe = { "Middle", NULL, NOW - 500 * DAY, NOW + 500 * DAY, true,
		NULL, NULL };
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem;
	(void)state;
	mem = mh_mem_default();
	ossl = mh_ossl_make(&mem);
	rsa = EVP_RSA_gen(2048);
	small = EVP_RSA_gen(1024);
	ec = EVP_EC_gen("P-256");
	ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	root = make(&root_recipe, NULL, ec, EVP_sha256());
	middle = make(&middle_recipe, &root, rsa, EVP_sha256());
	leaf = make(&good, &middle, ec, EVP_sha256());
	anchors = mh_anchors_make(ossl);
	PEM_write_bio_X509(bio, root.x509);
	long len = BIO_get_mem_data(bio, &pem);
	assert_int_equal(mh_anchors_add(anchors, mh_str_n(pem, (size_t)len)), 1);
	assert_int_equal(mh_anchors_add(anchors, MH_STR("nothing of the kind")), 0);
	BIO_free(bio);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	forget(&root);
	forget(&middle);
	forget(&leaf);
	mh_anchors_unref(anchors);
	mh_ossl_unref(ossl);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(small);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(ed);
	return 0;
}

static void
judge(const struct mh_str *ders, unsigned count, const char *name, int64_t at, struct mh_judgement *judgement)
{
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, count);
	assert_non_null(chain);
	assert_true(mh_certs_judge(chain, anchors, mh_str_z(name), at, MH_STR(""), judgement));
	/* Spans of it end with the chain: the tests look at flags. */
	mh_certs_free(chain);
}

static void
a_good_chain_has_no_fault(void **state)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_judgement j;
	(void)state;
	judge(ders, 2, "mx.example.org", NOW, &j);
	assert_true(j.is_readable && j.is_trusted && j.name_matches && j.is_trust_known);
	assert_false(j.is_expired || j.is_early || j.expires_soon || j.is_self_signed || j.is_incomplete ||
	    j.is_untrusted);
	assert_false(
	    j.is_out_of_order || j.root_is_sent || j.wrong_purpose || j.key_is_uncommon || j.lacks_staple);
	assert_true(j.expired_intermediate < 0 && j.weak_key < 0 && j.weak_signature < 0 && j.unrelated < 0);
	assert_int_equal(j.days_left, 60);
	assert_string_equal(j.result, "");
}

static void
each_fault_by_itself(void **state)
{
	struct mh_judgement j;
	struct mh_str ders[4] = { leaf.der, middle.der };
	struct recipe recipe = good;
	(void)state;
	judge(ders, 2, "mx.example.org", NOW + 61 * DAY, &j);
	test_check("expired", j.is_expired && j.days_left == -1 && !j.is_incomplete);
	assert_string_equal(j.result, "certificate-expired");
	judge(ders, 2, "mx.example.org", NOW - 31 * DAY, &j);
	test_check("not yet valid", j.is_early && !j.is_incomplete && !j.is_untrusted);
	judge(ders, 2, "mx.example.org", NOW + 50 * DAY, &j);
	test_check("soon", j.expires_soon);
	judge(ders, 2, "mx.example.net", NOW, &j);
	test_check("another name", !j.name_matches && j.is_trusted);
	assert_string_equal(j.result, "certificate-host-mismatch");
	judge(ders, 1, "mx.example.org", NOW, &j);
	test_check("without its issuer", j.is_incomplete && !j.is_untrusted);
	assert_string_equal(j.result, "certificate-not-trusted");
	ders[1] = root.der;
	ders[2] = middle.der;
	judge(ders, 3, "mx.example.org", NOW, &j);
	test_check("in disorder", j.is_out_of_order && j.root_is_sent && j.is_trusted);
	ders[1] = middle.der;
	ders[2] = leaf.der;
	judge(ders, 3, "mx.example.org", NOW, &j);
	test_check("one too many", j.unrelated == 2 && !j.is_out_of_order);
	recipe.usage = "clientAuth";
	struct made made = make(&recipe, &middle, ec, EVP_sha256());
	ders[0] = made.der;
	judge(ders, 2, "mx.example.org", NOW, &j);
	test_check("for clients", j.wrong_purpose);
	forget(&made);
	recipe = good;
	recipe.feature = "status_request";
	made = make(&recipe, &middle, ec, EVP_sha256());
	ders[0] = made.der;
	judge(ders, 2, "mx.example.org", NOW, &j);
	test_check("must staple", j.lacks_staple);
	forget(&made);
	recipe = good;
	recipe.names = NULL;
	made = make(&recipe, &middle, ec, EVP_sha256());
	ders[0] = made.der;
	judge(ders, 2, "mx.example.org", NOW, &j);
	test_check("a common name alone", j.name_matches && j.by_common_name);
	forget(&made);
	made = make(&good, &middle, small, EVP_sha1());
	ders[0] = made.der;
	judge(ders, 2, "mx.example.org", NOW, &j);
	test_check("weak key and signature", j.weak_key == 0 && j.weak_signature == 0 && j.is_trusted);
	forget(&made);
	made = make(&good, &middle, ed, EVP_sha256());
	ders[0] = made.der;
	judge(ders, 2, "mx.example.org", NOW, &j);
	test_check("an uncommon key", j.key_is_uncommon);
	forget(&made);
	made = make(&good, NULL, ec, EVP_sha256());
	judge(&made.der, 1, "mx.example.org", NOW, &j);
	test_check("self-signed", j.is_self_signed && !j.is_incomplete && !j.is_untrusted);
	forget(&made);
}

struct response {
	const struct made *about, *issuer, *signer;
	int status, key_id; /* key_id: the responder is named by its key */
	int64_t begin, end; /* days from NOW */
};

/* staple - a response of that kind */
static struct mh_str
staple(const struct response *response)
{
	unsigned char *der = NULL;
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	ASN1_TIME *begin = ASN1_TIME_set(NULL, NOW + response->begin * DAY),
		  *end = ASN1_TIME_set(NULL, NOW + response->end * DAY);
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), response->about->x509, response->issuer->x509);
	assert_non_null(OCSP_basic_add1_status(basic, id, response->status, 0, begin, begin, end));
	assert_true(OCSP_basic_sign(basic, response->signer->x509, response->signer->key, EVP_sha256(), NULL,
	    response->key_id ? OCSP_RESPID_KEY : 0));
	OCSP_RESPONSE *whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	int len = i2d_OCSP_RESPONSE(whole, &der);
	OCSP_RESPONSE_free(whole);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	return mh_str_n((const char *)der, (size_t)len);
}

/* judge_staple - the leaf with so many of its issuers, and that staple */
static void
judge_staple(struct mh_str octets, unsigned count, struct mh_judgement *j)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, count);
	assert_true(mh_certs_judge(chain, anchors, MH_STR("mx.example.org"), NOW, octets, j));
	mh_certs_free(chain);
}

static void
each_staple_by_itself(void **state)
{
	enum { GOOD = V_OCSP_CERTSTATUS_GOOD, REVOKED = V_OCSP_CERTSTATUS_REVOKED };
	struct recipe recipe = good;
	recipe.usage = "OCSPSigning";
	struct made other = make(&good, &middle, ec, EVP_sha256());
	struct made delegate = make(&recipe, &middle, ec, EVP_sha256());
	struct made foreign = make(&recipe, &root, ec, EVP_sha256());
	recipe.end = NOW - DAY;
	struct made stale = make(&recipe, &middle, ec, EVP_sha256());
	const struct made liar = { .x509 = middle.x509, .key = ec },
			  plain = { .x509 = other.x509, .key = ec };
	const struct {
		const char *sentence;
		struct response response;
		unsigned certificates;
		int staple, why;
		bool is_revoked;
	} cases[] = {
		{ "good", { &leaf, &middle, &middle, GOOD, 0, -1, 1 }, 2, MH_STAPLE_GOOD, 0, false },
		{ "good, responder by key", { &leaf, &middle, &middle, GOOD, 1, -1, 1 }, 2, MH_STAPLE_GOOD, 0,
		    false },
		{ "revoked", { &leaf, &middle, &middle, REVOKED, 0, -1, 1 }, 2, MH_STAPLE_REVOKED, 0, true },
		{ "of a delegate", { &leaf, &middle, &delegate, GOOD, 0, -1, 1 }, 2, MH_STAPLE_GOOD, 0,
		    false },
		{ "of a delegate, by key", { &leaf, &middle, &delegate, GOOD, 1, -1, 1 }, 2, MH_STAPLE_GOOD,
		    0, false },
		{ "a delegate of another", { &leaf, &middle, &foreign, GOOD, 0, -1, 1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_RESPONDER, false },
		{ "a delegate whose time is over", { &leaf, &middle, &stale, GOOD, 0, -1, 1 }, 2,
		    MH_STAPLE_BAD, MH_STAPLE_RESPONDER, false },
		{ "one without the purpose", { &leaf, &middle, &plain, REVOKED, 0, -1, 1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_RESPONDER, false },
		{ "in the issuer's name", { &leaf, &middle, &liar, REVOKED, 0, -1, 1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_SIGNATURE, false },
		{ "of yesterday", { &leaf, &middle, &middle, REVOKED, 0, -3, -1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_LATE, true },
		{ "of tomorrow", { &leaf, &middle, &middle, GOOD, 0, 1, 2 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_EARLY, false },
		{ "about another", { &other, &middle, &middle, REVOKED, 0, -1, 1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_OTHER, false },
		{ "about another issuer's", { &leaf, &root, &middle, GOOD, 0, -1, 1 }, 2, MH_STAPLE_BAD,
		    MH_STAPLE_OTHER, false },
		{ "unknown there", { &leaf, &middle, &middle, V_OCSP_CERTSTATUS_UNKNOWN, 0, -1, 1 }, 2,
		    MH_STAPLE_BAD, MH_STAPLE_STATUS, false },
		{ "without the issuer", { &leaf, &middle, &middle, GOOD, 0, -1, 1 }, 1, MH_STAPLE_UNPROVEN, 0,
		    false },
		{ "without the issuer, revoked", { &leaf, &middle, &middle, REVOKED, 0, -1, 1 }, 1,
		    MH_STAPLE_UNPROVEN, 0, true },
	};
	struct mh_judgement j;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct response response = cases[i].response;
		struct mh_str octets;
		/* OpenSSL does not sign with a key that is not the certificate's. */
		if (response.signer == &liar) {
			response.signer = &middle;
			octets = staple(&response);
			/* the last octet of the signature, before the certificates */
			size_t at = 0;
			for (size_t k = 0; k + middle.der.len <= octets.len; k++)
				if (memcmp(octets.p + k, middle.der.p, middle.der.len) == 0)
					at = k;
			assert_true(at > 16);
			((unsigned char *)(uintptr_t)octets.p)[at - 16] ^= 1;
		} else {
			octets = staple(&response);
		}
		judge_staple(octets, cases[i].certificates, &j);
		test_number(cases[i].sentence, j.staple, cases[i].staple);
		test_number(cases[i].sentence, j.staple_why, cases[i].why);
		test_check(cases[i].sentence,
		    j.is_revoked == cases[i].is_revoked && j.staple_is_bad == (j.staple == MH_STAPLE_BAD));
		OPENSSL_free((void *)(uintptr_t)octets.p);
	}
	judge_staple(MH_STR("nothing of the kind"), 2, &j);
	test_number("malformed", j.staple_why, MH_STAPLE_MALFORMED);
	judge_staple(MH_STR("\x30\x03\x0a\x01\x03"), 2, &j);
	test_number("try later", j.staple_why, MH_STAPLE_REFUSED);
	judge_staple(MH_STR(""), 2, &j);
	test_check("none", j.staple == MH_STAPLE_NONE && !j.staple_is_bad && !j.is_revoked);
	forget(&other);
	forget(&delegate);
	forget(&foreign);
	forget(&stale);
}

static void
look_at_staple(struct mh_str s, void *arg)
{
	struct mh_judgement j;
	assert_true(mh_certs_judge(arg, NULL, MH_STR("mx.example.org"), NOW, s, &j));
}

static void
broken_staples(void **state)
{
	const struct response response = { &leaf, &middle, &middle, V_OCSP_CERTSTATUS_GOOD, 0, -1, 1 };
	struct mh_str octets = staple(&response), ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	(void)state;
	test_mangled(octets, look_at_staple, chain);
	mh_certs_free(chain);
	OPENSSL_free((void *)(uintptr_t)octets.p);
}

/* ask - TLSA records by the rules of mail */
static bool
ask(const struct mh_certs *chain, const struct mh_tlsa *records, unsigned count, struct mh_str name,
    int64_t at, struct mh_dane_verdict *verdict)
{
	const struct mh_dane_question question = { .records = records,
		.count = count,
		.names = &name,
		.names_count = 1,
		.for_mail = true,
		.at = at };
	return mh_dane_judge(chain, &question, verdict);
}

/* RFC 7671 5.2: usage 2 asks for the name, and one that cannot be is none that matches. */
static void
names_that_cannot_be_match_nothing(void **state)
{
	char name[600];
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	struct mh_dane_verdict verdict;
	const struct mh_tlsa record = { 2, 1, 1,
		mh_str_n((const char *)mh_certs_at(chain, 1)->spki_sha256, 32) };
	(void)state;
	memset(name, 'a', sizeof(name));
	assert_true(ask(chain, &record, 1, mh_str_n(name, sizeof(name)), NOW, &verdict));
	assert_false(verdict.is_valid);
	mh_certs_free(chain);
}

static void
names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool matches;
	} cases[] = {
		{ "mx.example.org", "MX.example.org", true },
		{ "mx.example.org", "mx.example.org.", true },
		{ "*.example.org", "mx.example.org", true },
		{ "*.example.org", "a.mx.example.org", false },
		{ "*.example.org", "example.org", false },
		{ "m*.example.org", "mx.example.org", false },
		{ "*", "mx", false },
		{ "*.org", "example.org", false },
		{ "", "", false },
		{ "mx.example.org", "mx.example.or", false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_check(cases[i].pattern,
		    mh_cert_name_matches(mh_str_z(cases[i].pattern), mh_str_z(cases[i].name)) ==
			cases[i].matches);
}

static void
tlsa_records(void **state)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	struct mh_dane_verdict verdict;
	struct mh_tlsa records[6];
	const struct mh_cert *own = mh_certs_at(chain, 0), *ca = mh_certs_at(chain, 1);
	struct mh_str spki = mh_str_n((const char *)own->spki_sha256, 32),
		      full = mh_str_n((const char *)own->sha256, 32);
	unsigned char other[32] = { 1 };
	(void)state;
	records[0] = (struct mh_tlsa){ 3, 1, 1, spki };
	records[1] = (struct mh_tlsa){ 3, 0, 1, full };
	records[2] = (struct mh_tlsa){ 2, 1, 1, mh_str_n((const char *)ca->spki_sha256, 32) };
	records[3] = (struct mh_tlsa){ 3, 1, 1, mh_str_n((const char *)other, 32) };
	records[4] = (struct mh_tlsa){ 1, 1, 1, spki };
	records[5] = (struct mh_tlsa){ 3, 1, 2, spki };
	assert_true(ask(chain, records, 6, MH_STR("mx.example.org"), NOW, &verdict));
	test_number("usage 3, key", verdict.records[0].state, MH_DANE_MATCH);
	test_number("usage 3, certificate", verdict.records[1].state, MH_DANE_MATCH);
	test_number("usage 2", verdict.records[2].state, MH_DANE_MATCH);
	test_number("usage 2, where", verdict.records[2].depth, 1);
	test_number("another key", verdict.records[3].state, MH_DANE_MISMATCH);
	test_number("usage 1", verdict.records[4].why, MH_DANE_USAGE);
	test_number("length", verdict.records[5].why, MH_DANE_LENGTH);
	test_check("all together", verdict.is_valid && verdict.usable == 4 && verdict.matching == 3);
	/* RFC 7671 5.1: neither name nor date counts for usage 3; both do for usage 2. */
	assert_true(ask(chain, records, 3, MH_STR("other.example"), NOW + 100 * DAY, &verdict));
	test_number("usage 3, expired", verdict.records[0].state, MH_DANE_MATCH);
	test_number("usage 2, another name or expired", verdict.records[2].state, MH_DANE_MISMATCH);
	mh_certs_free(chain);
	/* A CA that is not sent. */
	chain = mh_certs_read(ossl, &mem, ders, 1);
	records[0] = (struct mh_tlsa){ 2, 1, 1, mh_str_n((const char *)other, 32) };
	assert_true(ask(chain, records, 1, MH_STR("mx.example.org"), NOW, &verdict));
	test_number("usage 2, not sent", verdict.records[0].why, MH_DANE_NOT_SENT);
	mh_certs_free(chain);
}

/* Digests of usage 3 are compared here.  The same records with a full one beside them, which matches nothing, go
 * through OpenSSL: both say the same. */
static void
digests_are_compared_as_openssl_does(void **state)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	const struct mh_cert *own = mh_certs_at(chain, 0), *ca = mh_certs_at(chain, 1);
	unsigned char digests[2][64];
	static const unsigned char other[64] = { 1 };
	(void)state;
	assert_true(
	    mh_digest(ossl, 512, own->der, digests[0]) && mh_digest(ossl, 512, own->spki, digests[1]));
	const struct mh_tlsa kinds[] = {
		{ 3, 0, 1, mh_str_n((const char *)own->sha256, 32) },
		{ 3, 1, 1, mh_str_n((const char *)own->spki_sha256, 32) },
		{ 3, 0, 2, mh_str_n((const char *)digests[0], 64) },
		{ 3, 1, 2, mh_str_n((const char *)digests[1], 64) },
		{ 3, 0, 1, mh_str_n((const char *)other, 32) },
		{ 3, 1, 1, mh_str_n((const char *)other, 32) },
		{ 3, 0, 2, mh_str_n((const char *)other, 64) },
		{ 3, 1, 2, mh_str_n((const char *)other, 64) },
	};
	for (unsigned set = 1; set < 1U << MH_COUNT(kinds); set++) {
		struct mh_tlsa records[MH_COUNT(kinds) + 1];
		struct mh_dane_verdict ours, theirs;
		unsigned count = 0;
		for (unsigned i = 0; i < MH_COUNT(kinds); i++)
			if ((set >> i & 1) != 0)
				records[count++] = kinds[i];
		assert_true(ask(chain, records, count, MH_STR("mx.example.org"), NOW, &ours));
		records[count] = (struct mh_tlsa){ 3, 0, 0, ca->der };
		assert_true(ask(chain, records, count + 1, MH_STR("mx.example.org"), NOW, &theirs));
		test_number("valid", ours.is_valid, theirs.is_valid);
		test_number("depth", ours.depth, theirs.depth);
		test_number("error", ours.error, theirs.error);
		test_number("usable", ours.usable + 1, theirs.usable);
		test_number("matching", ours.matching, theirs.matching);
		for (unsigned i = 0; i < count; i++) {
			/* by OpenSSL, which is asked when names of usage 3 count as well */
			struct mh_dane_verdict one;
			const struct mh_str name = MH_STR("mx.example.org");
			const struct mh_dane_question question = { .records = &records[i],
				.count = 1,
				.names = &name,
				.names_count = 1,
				.checks_names_of_ee = true,
				.at = NOW };
			assert_true(mh_dane_judge(chain, &question, &one));
			test_number("alone", ours.records[i].state, one.records[0].state);
			test_number("alone, error", ours.records[i].error, one.records[0].error);
			test_number("alone, depth", ours.records[i].depth, one.records[0].depth);
		}
	}
	mh_certs_free(chain);
}

static void
a_stronger_digest_hides_a_weaker_one(void **state)
{
	struct mh_certs *chain = mh_certs_read(ossl, &mem, &leaf.der, 1);
	const struct mh_cert *own = mh_certs_at(chain, 0);
	static const unsigned char other[64] = { 1 };
	const struct mh_tlsa records[] = {
		{ 3, 1, 1, mh_str_n((const char *)own->spki_sha256, 32) },
		{ 3, 1, 2, mh_str_n((const char *)other, 64) },
		{ 3, 0, 1, mh_str_n((const char *)own->sha256, 32) },
	};
	struct mh_dane_verdict verdict;
	(void)state;
	assert_true(ask(chain, records, 2, MH_STR("mx.example.org"), NOW, &verdict));
	test_check("not valid", !verdict.is_valid && verdict.matching == 1);
	test_number("why", verdict.records[0].why, MH_DANE_OUTRANKED);
	test_number("by which", mh_dane_outranks(&verdict, records, 0), 1);
	assert_true(ask(chain, records, 3, MH_STR("mx.example.org"), NOW, &verdict));
	test_check("another selector is not hidden", verdict.is_valid);
	mh_certs_free(chain);
}

/* RFC 7672 3.2.2: the name of the server, or that of the next hop. */
static void
any_reference_name_does(void **state)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	const struct mh_tlsa record = { 2, 1, 1,
		mh_str_n((const char *)mh_certs_at(chain, 1)->spki_sha256, 32) };
	const struct mh_str names[] = { MH_STR("example.net"), MH_STR("mx.example.org") };
	struct mh_dane_question question = { .records = &record,
		.count = 1,
		.names = names,
		.names_count = 2,
		.for_mail = true,
		.at = NOW };
	struct mh_dane_verdict verdict;
	(void)state;
	assert_true(mh_dane_judge(chain, &question, &verdict));
	test_check("the second", verdict.is_valid);
	question.names_count = 1;
	assert_true(mh_dane_judge(chain, &question, &verdict));
	test_check("none", !verdict.is_valid && verdict.records[0].why == MH_DANE_NAME);
	const struct mh_str above = MH_STR(".example.org");
	question.names = &above;
	assert_true(mh_dane_judge(chain, &question, &verdict));
	test_check("no name at all", !verdict.is_valid && verdict.records[0].why == MH_DANE_NAME);
	question.names_count = 0;
	assert_true(mh_dane_judge(chain, &question, &verdict));
	test_check("without a name", !verdict.is_valid && verdict.records[0].why == MH_DANE_NAME);
	question.count = 0;
	assert_true(mh_dane_judge(chain, &question, &verdict));
	test_check("without a record", !verdict.is_valid && verdict.usable == 0);
	mh_certs_free(chain);
}

enum { ROUNDS = 200 };

/* judge_often - a chain of its own, OpenSSL's things shared */
static void *
judge_often(void *arg)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	struct mh_ossl *shared = arg;
	uintptr_t done = 0;
	for (int i = 0; i < ROUNDS; i++) {
		struct mh_certs *chain = mh_certs_read(shared, &mem, ders, 2);
		const struct mh_tlsa records[] = {
			{ 3, 1, 1, mh_str_n((const char *)mh_certs_at(chain, 0)->spki_sha256, 32) },
			{ 2, 1, 1, mh_str_n((const char *)mh_certs_at(chain, 1)->spki_sha256, 32) },
		};
		struct mh_dane_verdict verdict;
		done += ask(chain, records, 2, MH_STR("mx.example.org"), NOW, &verdict) && verdict.is_valid &&
		    verdict.matching == 2;
		mh_certs_free(chain);
	}
	return (void *)done;
}

static void
two_threads_judge_at_once(void **state)
{
	struct mh_ossl *shared = mh_ossl_make(&mem);
	pthread_t threads[2];
	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, judge_often, shared), 0);
	for (int i = 0; i < 2; i++) {
		void *done = NULL;
		assert_int_equal(pthread_join(threads[i], &done), 0);
		assert_int_equal((uintptr_t)done, ROUNDS);
	}
	mh_ossl_unref(shared);
}

static void
tlsa_text(void **state)
{
	static const char *const bad[] = { "", "3", "3 1 1", "3 1 1 0", "3 1 1 zz", "256 1 1 00",
		"a 1 1 00" };
	struct mh_arena arena;
	struct mh_tlsa tlsa;
	(void)state;
	mh_arena_init(&arena, &mem, 4096);
	assert_true(mh_tlsa_parse(MH_STR("3 1 1 01 AB\tcd"), &arena, &tlsa));
	assert_true(tlsa.usage == 3 && tlsa.selector == 1 && tlsa.matching == 1);
	test_span("data", tlsa.data, MH_STR("\x01\xab\xcd"));
	for (size_t i = 0; i < MH_COUNT(bad); i++)
		test_check(bad[i], !mh_tlsa_parse(mh_str_z(bad[i]), &arena, &tlsa));
	assert_false(mh_tlsa_read(MH_STR("\x03\x01\x01"), &tlsa));
	assert_true(mh_tlsa_read(MH_STR("\x03\x01\x01\x05"), &tlsa));
	mh_arena_free(&arena);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_judgement judgement;
	struct mh_str ders[] = { s, middle.der };
	(void)arg;
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, 2);
	assert_non_null(chain);
	assert_int_equal(mh_certs_count(chain) + mh_certs_unreadable(chain), 2);
	assert_true(mh_certs_judge(chain, anchors, MH_STR("mx.example.org"), NOW, s, &judgement));
	mh_certs_free(chain);
}

static void
broken_certificates(void **state)
{
	(void)state;
	test_mangled(leaf.der, look, NULL);
}

static bool
scenario(struct mh_mem m, void *arg)
{
	struct mh_str ders[] = { leaf.der, middle.der };
	(void)arg;
	struct mh_certs *chain = mh_certs_read(ossl, &m, ders, 2);
	bool good_chain = chain != NULL;
	mh_certs_free(chain);
	return good_chain;
}

static void
memory_fails(void **state)
{
	(void)state;
	test_failing_allocs(scenario, NULL, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_chain_has_no_fault),
		cmocka_unit_test(each_fault_by_itself),
		cmocka_unit_test(each_staple_by_itself),
		cmocka_unit_test(broken_staples),
		cmocka_unit_test(names_that_cannot_be_match_nothing),
		cmocka_unit_test(names),
		cmocka_unit_test(tlsa_records),
		cmocka_unit_test(digests_are_compared_as_openssl_does),
		cmocka_unit_test(a_stronger_digest_hides_a_weaker_one),
		cmocka_unit_test(any_reference_name_does),
		cmocka_unit_test(two_threads_judge_at_once),
		cmocka_unit_test(tlsa_text),
		cmocka_unit_test(broken_certificates),
		cmocka_unit_test(memory_fails),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
