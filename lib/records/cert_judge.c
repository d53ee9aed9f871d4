/* cert_judge.c - what is wrong with a chain: dates, names, path, keys; the staple is staple.c's
 *
 * Each fault is looked for by itself, so that one does not hide another; the path
 * is built by OpenSSL at security level 0 and without a name.
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "cert_own.h"
#include "port.h"

#define DAY 86400
#define SOON (14 * DAY)
#define SHORT_LIVED \
	(28 * DAY) /* certificates that live shorter are renewed when half of it is over, or later */
#define SOON_SHORT (7 * DAY / 2)
#define RSA_BITS_LEAST 2048 /* RFC 9325 4.5 */
#define EC_BITS_LEAST 224

/* ------------------------------------------------------------------ anchors */

struct mh_anchors {
	struct mh_mem mem;
	atomic_int references;
	struct mh_ossl *ossl;
	X509_STORE *store;
};

struct mh_anchors *
mh_anchors_make(struct mh_ossl *ossl)
{
	struct mh_ossl_guard guard;
	struct mh_anchors *anchors = mh_mem_zalloc(&ossl->mem, sizeof(*anchors));
	if (anchors == NULL)
		return NULL;
	anchors->mem = ossl->mem;
	atomic_init(&anchors->references, 1);
	anchors->ossl = mh_ossl_ref(ossl);
	mh_ossl_enter(&guard);
	anchors->store = X509_STORE_new();
	mh_ossl_leave(&guard);
	if (anchors->store != NULL)
		return anchors;
	mh_anchors_unref(anchors);
	return NULL;
}

struct mh_anchors *
mh_anchors_ref(struct mh_anchors *anchors)
{
	atomic_fetch_add_explicit(&anchors->references, 1, memory_order_relaxed);
	return anchors;
}

void
mh_anchors_unref(struct mh_anchors *anchors)
{
	struct mh_ossl_guard guard;
	if (anchors == NULL || atomic_fetch_sub_explicit(&anchors->references, 1, memory_order_acq_rel) != 1)
		return;
	mh_ossl_enter(&guard);
	X509_STORE_free(anchors->store);
	mh_ossl_leave(&guard);
	mh_ossl_unref(anchors->ossl);
	struct mh_mem mem = anchors->mem;
	mh_mem_free(&mem, anchors, sizeof(*anchors));
}

int
mh_anchors_add(struct mh_anchors *anchors, struct mh_str pem)
{
	struct mh_ossl_guard guard;
	int count = 0;
	mh_ossl_enter(&guard);
	BIO *bio = BIO_new_mem_buf(pem.p, pem.len < INT32_MAX ? (int)pem.len : INT32_MAX);
	while (bio != NULL && count >= 0) {
		X509 *x509 = X509_new_ex(anchors->ossl->lib, NULL);
		if (x509 == NULL || PEM_read_bio_X509(bio, &x509, NULL, NULL) == NULL) {
			X509_free(x509);
			break;
		}
		count = X509_STORE_add_cert(anchors->store, x509) == 1 ? count + 1 : -1;
		X509_free(x509);
	}
	if (bio == NULL)
		count = -1;
	BIO_free(bio);
	mh_ossl_leave(&guard);
	return count;
}

bool
mh_anchors_add_system(struct mh_anchors *anchors)
{
	struct mh_ossl_guard guard;
	mh_ossl_enter(&guard);
	int good = X509_STORE_set_default_paths_ex(anchors->store, anchors->ossl->lib, NULL);
	mh_ossl_leave(&guard);
	return good == 1;
}

X509_STORE *
mh_anchors_store(struct mh_anchors *anchors)
{
	return anchors->store;
}

/* -------------------------------------------------------------------- names */

bool
mh_cert_name_matches(struct mh_str pattern, struct mh_str name)
{
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (pattern.len > 0 && pattern.p[pattern.len - 1] == '.')
		pattern.len--;
	if (pattern.len == 0 || name.len == 0)
		return false;
	if (pattern.len < 3 || pattern.p[0] != '*' || pattern.p[1] != '.')
		return mh_str_ieq(pattern, name);
	const char *dot = memchr(name.p, '.', name.len);
	if (dot == NULL || dot == name.p)
		return false;
	struct mh_str rest = mh_str_n(dot, (size_t)(name.p + name.len - dot));
	struct mh_str base = mh_str_n(pattern.p + 1, pattern.len - 1);
	/* "*.org" would name the half of the world. */
	return memchr(base.p + 1, '.', base.len - 1) != NULL && mh_str_ieq(base, rest);
}

bool
mh_cert_is_for(const struct mh_cert *cert, struct mh_str name)
{
	for (unsigned i = 0; i < cert->names_count; i++)
		if (mh_cert_name_matches(cert->names[i], name))
			return true;
	return cert->names_count == 0 && mh_cert_name_matches(cert->common_name, name);
}

static void
judge_names(const struct mh_cert *leaf, const struct mh_str *names, unsigned count,
    struct mh_judgement *judgement)
{
	for (unsigned i = 0; i < count; i++) {
		judgement->has_name |= names[i].len > 0;
		judgement->name_matches |= mh_cert_is_for(leaf, names[i]);
	}
	judgement->by_common_name = judgement->name_matches && leaf->names_count == 0;
}

/* --------------------------------------------------------------------- dates */

static void
judge_dates(const struct mh_certs *chain, int64_t at, struct mh_judgement *judgement)
{
	const struct mh_cert *leaf = chain->certs[0];
	int64_t lives = leaf->not_after - leaf->not_before, left = leaf->not_after - at;
	judgement->is_early = at < leaf->not_before;
	judgement->is_expired = at > leaf->not_after;
	judgement->days_left = left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
	int64_t soon = lives > SHORT_LIVED ? SOON : lives / 2 > SOON_SHORT ? lives / 2 : SOON_SHORT;
	judgement->expires_soon = !judgement->is_expired && left < soon;
	for (unsigned i = 1; i < chain->count && judgement->expired_intermediate < 0; i++)
		if (!chain->certs[i]->is_self_signed && at > chain->certs[i]->not_after)
			judgement->expired_intermediate = (int)i;
}

/* ---------------------------------------------------------------------- keys */

static bool
is_weak_key(const struct mh_cert *cert)
{
	switch (cert->key) {
	case MH_CERT_KEY_RSA:
	case MH_CERT_KEY_RSA_PSS:
		return cert->bits < RSA_BITS_LEAST;
	case MH_CERT_KEY_ECDSA:
		return cert->bits < EC_BITS_LEAST;
	case MH_CERT_KEY_DSA:
		return true;
	default:
		return false;
	}
}

static void
judge_keys(const struct mh_certs *chain, struct mh_judgement *judgement)
{
	const struct mh_cert *leaf = chain->certs[0];
	for (unsigned i = 0; i < chain->count; i++) {
		const struct mh_cert *cert = chain->certs[i];
		if (judgement->weak_key < 0 && is_weak_key(cert))
			judgement->weak_key = (int)i;
		/* A root's own signature is not looked at by anybody. */
		if (judgement->weak_signature < 0 && cert->has_weak_signature &&
		    !(cert->is_self_signed && i > 0))
			judgement->weak_signature = (int)i;
	}
	judgement->key_is_uncommon =
	    leaf->key != MH_CERT_KEY_RSA && !(leaf->key == MH_CERT_KEY_ECDSA && leaf->has_common_curve);
	judgement->wrong_purpose = !leaf->is_for_servers;
}

/* ---------------------------------------------------------------------- order */

/* issuer_of - place of the certificate that signed number i, or -1 */
static int
issuer_of(const struct mh_certs *chain, unsigned i)
{
	X509 *cert = sk_X509_value(chain->stack, (int)i);
	for (unsigned k = 0; k < chain->count; k++)
		if (k != i && X509_check_issued(sk_X509_value(chain->stack, (int)k), cert) == X509_V_OK)
			return (int)k;
	return -1;
}

static void
judge_order(const struct mh_certs *chain, struct mh_judgement *judgement)
{
	bool used[MH_CERTS_MAX] = { true };
	unsigned at = 0, last = 0;
	bool in_order = true;

	for (unsigned steps = 0; steps < chain->count; steps++) {
		if (chain->certs[at]->is_self_signed)
			break;
		int issuer = issuer_of(chain, at);
		if (issuer < 0 || used[issuer])
			break;
		in_order = in_order && issuer == (int)at + 1;
		at = (unsigned)issuer;
		used[at] = true;
	}
	last = at;
	for (unsigned i = 0; i < chain->count && judgement->unrelated < 0; i++)
		if (!used[i])
			judgement->unrelated = (int)i;
	judgement->root_is_sent = last > 0 && chain->certs[last]->is_self_signed;
	judgement->is_out_of_order = !in_order;
	judgement->missing_issuer =
	    chain->certs[last]->is_self_signed ? MH_STR("") : chain->certs[last]->issuer;
	judgement->missing_url =
	    chain->certs[last]->is_self_signed ? MH_STR("") : chain->certs[last]->issuer_url;
}

/* ----------------------------------------------------------------------- path */

/* verify - X509_V_* of the path from the leaf at that time, names left out; -1 without memory */
static int
verify(const struct mh_certs *chain, X509_STORE *store, int64_t at)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(chain->ossl->lib, NULL);
	int error = -1;
	if (ctx != NULL &&
	    X509_STORE_CTX_init(ctx, store, sk_X509_value(chain->stack, 0), chain->stack) == 1) {
		X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
		X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_VERIFY_PARAM_set_auth_level(param, 0);
		X509_VERIFY_PARAM_set_time(param, (time_t)at);
		error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
	}
	X509_STORE_CTX_free(ctx);
	return error;
}

static bool
judge_path(const struct mh_certs *chain, struct mh_anchors *anchors, int64_t at,
    struct mh_judgement *judgement)
{
	const struct mh_cert *leaf = chain->certs[0];
	judgement->is_self_signed = leaf->is_self_signed;
	judgement->error_text = "";
	if (anchors == NULL)
		return true;
	judgement->is_trust_known = true;
	/* Whether there is a path at all is asked for a time when the leaf was good. */
	int64_t good = at < leaf->not_before ? leaf->not_before : at > leaf->not_after ? leaf->not_after : at;
	int error = verify(chain, mh_anchors_store(anchors), at);
	int path = good == at ? error : verify(chain, mh_anchors_store(anchors), good);
	if (error < 0 || path < 0)
		return false;
	judgement->error = error;
	judgement->error_text = X509_verify_cert_error_string(error);
	judgement->is_trusted = error == X509_V_OK;
	if (leaf->is_self_signed)
		judgement->is_self_signed = path != X509_V_OK; /* one that is an anchor itself is trusted */
	else if (path == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	    path == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	    path == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE)
		judgement->is_incomplete = true;
	else if (path == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN)
		judgement->is_untrusted = true;
	return true;
}

bool
mh_certs_judge(const struct mh_certs *chain, struct mh_anchors *anchors, struct mh_str name, int64_t at,
    struct mh_str staple, struct mh_judgement *judgement)
{
	return mh_certs_judge_for(chain, anchors, &name, 1, at, staple, judgement);
}

bool
mh_certs_judge_for(const struct mh_certs *chain, struct mh_anchors *anchors, const struct mh_str *names,
    unsigned count, int64_t at, struct mh_str staple, struct mh_judgement *judgement)
{
	struct mh_ossl_guard guard;
	*judgement = (struct mh_judgement){ .is_readable = chain->count > 0 && chain->unreadable == 0,
		.expired_intermediate = -1,
		.weak_key = -1,
		.weak_signature = -1,
		.unrelated = -1,
		.missing_issuer = MH_STR(""),
		.missing_url = MH_STR(""),
		.error_text = "",
		.result = "" };
	if (chain->count == 0)
		return true;
	mh_ossl_enter(&guard);
	judge_names(chain->certs[0], names, count, judgement);
	judge_dates(chain, at, judgement);
	judge_keys(chain, judgement);
	judge_order(chain, judgement);
	mh_staple_judge(chain, anchors, staple, at, judgement);
	bool good = judge_path(chain, anchors, at, judgement);
	mh_ossl_leave(&guard);
	/* RFC 8460 4.3.1 */
	if (judgement->is_expired || judgement->is_early)
		judgement->result = "certificate-expired";
	else if (judgement->has_name && !judgement->name_matches)
		judgement->result = "certificate-host-mismatch";
	else if (judgement->is_trust_known && !judgement->is_trusted)
		judgement->result = "certificate-not-trusted";
	return good;
}
