/* chains.c - the exported functions about certificates that no server has shown yet */
#include "handles.h"

#include "chain_check.h"

#define TEXT_MAX 65536 /* octets of an option */

struct mh_chain {
	struct mh_ctx *ctx;
	struct mh_chain_check check;
	struct mh_arena arena; /* of strings that were given out */
	struct mh_buf scratch, json;
	/* given out already; NULL: not yet */
	const char *certs[MH_CERTS_MAX][MH_CERT_TLSA + 1], *names[MH_CHAIN_NAMES_MAX],
	    *tlsa[MH_DANE_RECORDS_MAX];
};

mh_chain *
mh_chain_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_chain *chain = mh_mem_zalloc(&ctx->mem, sizeof(*chain));
	if (chain == NULL)
		return NULL;
	chain->ctx = mh_ctx_ref(ctx);
	mh_chain_check_init(&chain->check, &chain->ctx->mem);
	mh_arena_init(&chain->arena, &chain->ctx->mem, TEXT_MAX);
	mh_buf_init(&chain->scratch, &chain->ctx->mem, SIZE_MAX / 2);
	mh_buf_init(&chain->json, &chain->ctx->mem, SIZE_MAX / 2);
	return chain;
}

void
mh_chain_free(mh_chain *chain)
{
	if (chain == NULL)
		return;
	struct mh_ctx *ctx = chain->ctx;
	mh_chain_check_free(&chain->check);
	mh_arena_free(&chain->arena);
	mh_buf_free(&chain->scratch);
	mh_buf_free(&chain->json);
	mh_mem_free(&ctx->mem, chain, sizeof(*chain));
	mh_ctx_free(ctx);
}

/* forget - what came out, and the strings that were given out */
static void
forget(struct mh_chain *chain)
{
	mh_chain_check_forget(&chain->check);
	mh_arena_reset(&chain->arena);
	mh_buf_reset(&chain->json);
	memset(chain->certs, 0, sizeof(chain->certs));
	memset(chain->names, 0, sizeof(chain->names));
	memset(chain->tlsa, 0, sizeof(chain->tlsa));
}

int
mh_chain_read(mh_chain *chain, const void *octets, size_t len)
{
	if (chain == NULL || (octets == NULL && len > 0))
		return MH_EINVAL;
	forget(chain);
	mh_certs_free(chain->check.certs);
	chain->check.certs = NULL;
	struct mh_ossl *ossl = mh_ctx_ossl(chain->ctx);
	struct mh_certs *certs =
	    ossl != NULL ? mh_certs_read_any(ossl, &chain->ctx->mem, mh_str_n(octets, len)) : NULL;
	if (certs == NULL)
		return MH_ENOMEM;
	if (mh_certs_count(certs) == 0 && mh_certs_unreadable(certs) == 0) {
		mh_certs_free(certs);
		return MH_ENOENT;
	}
	chain->check.certs = certs;
	return MH_OK;
}

/* ------------------------------------------------------------------- options */

int
mh_chain_set_int(mh_chain *chain, int option, int64_t value)
{
	if (chain == NULL)
		return MH_EINVAL;
	struct mh_chain_check *check = &chain->check;
	bool is_flag = value == 0 || value == 1;
	switch (option) {
	case MH_OPT_NOW:
		if (value < 0)
			return MH_EINVAL;
		check->now = value > 0 ? value : -1;
		break;
	case MH_OPT_FOR_MAIL:
		if (!is_flag)
			return MH_EINVAL;
		check->for_mail = value == 1;
		break;
	case MH_OPT_EE_NAMES:
		if (!is_flag)
			return MH_EINVAL;
		check->checks_names_of_ee = value == 1;
		break;
	default:
		return MH_EINVAL;
	}
	forget(chain);
	return MH_OK;
}

int
mh_chain_set_str(mh_chain *chain, int option, const char *value)
{
	if (chain == NULL || value == NULL || (option != MH_OPT_NAME && option != MH_OPT_TLSA))
		return MH_EINVAL;
	struct mh_str text = mh_str_z(value);
	if (text.len > TEXT_MAX)
		return MH_EINVAL;
	forget(chain);
	return option == MH_OPT_NAME ? mh_chain_check_add_name(&chain->check, text)
				     : mh_chain_check_add_tlsa(&chain->check, text);
}

int
mh_chain_add_tlsa(mh_chain *chain, const void *rdata, size_t len)
{
	if (chain == NULL || (rdata == NULL && len > 0))
		return MH_EINVAL;
	forget(chain);
	return mh_chain_check_add_rdata(&chain->check, mh_str_n(rdata, len));
}

int
mh_chain_set_staple(mh_chain *chain, const void *response, size_t len)
{
	if (chain == NULL || (response == NULL && len > 0) || len > MH_CHAIN_STAPLE_MAX)
		return MH_EINVAL;
	forget(chain);
	mh_buf_reset(&chain->check.staple);
	if (len > 0)
		mh_buf_put(&chain->check.staple, response, len);
	if (!chain->check.staple.bad)
		return MH_OK;
	mh_buf_reset(&chain->check.staple);
	return MH_ENOMEM;
}

int
mh_chain_judge(mh_chain *chain)
{
	if (chain == NULL)
		return MH_EINVAL;
	if (chain->check.certs == NULL)
		return MH_ESTATE;
	forget(chain);
	int error = mh_ctx_prepare_certificates(chain->ctx);
	if (error != MH_OK)
		return error;
	int64_t at = chain->check.now >= 0 ? chain->check.now : mh_clock_wall_s();
	return mh_chain_check_judge(&chain->check, chain->ctx->anchors, at) ? MH_OK : MH_ENOMEM;
}

/* ------------------------------------------------------------------- results */

static bool
is_judged(const struct mh_chain *chain)
{
	return chain != NULL && chain->check.report != NULL;
}

const char *
mh_chain_str(mh_chain *chain, int field)
{
	if (!is_judged(chain))
		return "";
	const struct mh_chain_check *check = &chain->check;
	switch (field) {
	case MH_CHAIN_HEALTH:
		return mh_report_health(check->report, "");
	case MH_CHAIN_PKIX:
		return mh_chain_check_pkix(check);
	case MH_CHAIN_DANE:
		return mh_chain_check_dane(check);
	case MH_CHAIN_RESULT:
		return mh_chain_check_result(check);
	case MH_CHAIN_ERROR:
		return check->judgement.error_text;
	case MH_CHAIN_STAPLE:
		return mh_staple_name(check->judgement.staple);
	case MH_CHAIN_STAPLE_WHY:
		return mh_staple_why_name(check->judgement.staple_why);
	default:
		return "";
	}
}

int64_t
mh_chain_int(mh_chain *chain, int field)
{
	if (!is_judged(chain))
		return MH_UNKNOWN;
	const struct mh_chain_check *check = &chain->check;
	bool has_any = mh_certs_count(check->certs) > 0;
	switch (field) {
	case MH_CHAIN_DAYS_LEFT:
		return has_any && check->judgement.days_left >= 0 ? check->judgement.days_left : MH_UNKNOWN;
	case MH_CHAIN_UNREADABLE:
		return mh_certs_unreadable(check->certs);
	case MH_CHAIN_DANE_ERROR:
		return check->tlsa_count > 0 && has_any ? check->dane.error : MH_UNKNOWN;
	case MH_CHAIN_DANE_DEPTH:
		return check->dane.depth >= 0 ? check->dane.depth : MH_UNKNOWN;
	default:
		return MH_UNKNOWN;
	}
}

/* --------------------------------------------------------------------- lists */

size_t
mh_chain_count(mh_chain *chain, int list)
{
	if (chain == NULL)
		return 0;
	switch (list) {
	case MH_CHAIN_CERT:
		return chain->check.certs != NULL ? mh_certs_count(chain->check.certs) : 0;
	case MH_CHAIN_NAME:
		return chain->check.names_count;
	case MH_CHAIN_TLSA:
		return chain->check.tlsa_count;
	default:
		return 0;
	}
}

/* give - what stands in scratch, as text that prints; kept in *at.  "" without memory */
static const char *
give(struct mh_chain *chain, const char **at)
{
	struct mh_buf text;
	mh_buf_init(&text, &chain->ctx->mem, SIZE_MAX / 2);
	mh_printable_line(&text, mh_buf_str(&chain->scratch));
	char *copy = chain->scratch.bad || text.bad ? NULL : mh_arena_alloc(&chain->arena, text.len + 1);
	if (copy != NULL)
		memcpy(copy, mh_buf_z(&text), text.len + 1);
	mh_buf_free(&text);
	*at = copy;
	return copy != NULL ? copy : "";
}

/* cert_text - a field of a certificate, into scratch */
static void
cert_text(struct mh_chain *chain, const struct mh_cert *cert, bool is_own, int field)
{
	struct mh_buf *out = &chain->scratch;
	mh_buf_reset(out);
	switch (field) {
	case MH_CERT_SUBJECT:
		mh_buf_putstr(out, cert->subject);
		break;
	case MH_CERT_ISSUER:
		mh_buf_putstr(out, cert->issuer);
		break;
	case MH_CERT_NAMES:
		for (unsigned k = 0; k < cert->names_count; k++) {
			mh_buf_puts(out, k > 0 ? " " : "");
			mh_buf_putstr(out, cert->names[k]);
		}
		break;
	case MH_CERT_KEY:
		mh_buf_puts(out, mh_cert_key_name(cert->key));
		break;
	case MH_CERT_SIGNATURE:
		mh_buf_putstr(out, cert->signature);
		break;
	case MH_CERT_SHA256:
		mh_buf_puthex(out, cert->sha256, 32);
		break;
	case MH_CERT_SPKI_SHA256:
		mh_buf_puthex(out, cert->spki_sha256, 32);
		break;
	case MH_CERT_TLSA:
		mh_tlsa_of(cert, is_own, out);
		break;
	default:
		break;
	}
}

/* set_scratch - a text that is there already */
static void
set_scratch(struct mh_chain *chain, struct mh_str text)
{
	mh_buf_reset(&chain->scratch);
	mh_buf_putstr(&chain->scratch, text);
}

static const char *
cert_str(struct mh_chain *chain, size_t i, int field)
{
	if (field < 0 || field > MH_CERT_TLSA)
		return "";
	const char **at = &chain->certs[i][field];
	if (*at != NULL)
		return *at;
	cert_text(chain, mh_certs_at(chain->check.certs, (unsigned)i), i == 0, field);
	return give(chain, at);
}

static const char *
tlsa_str(struct mh_chain *chain, size_t i, int field)
{
	const struct mh_chain_check *check = &chain->check;
	switch (field) {
	case MH_TLSA_TEXT:
		if (chain->tlsa[i] != NULL)
			return chain->tlsa[i];
		set_scratch(chain, check->tlsa[i].text);
		return give(chain, &chain->tlsa[i]);
	case MH_TLSA_STATE:
		return is_judged(chain) && i < check->dane.count
		    ? mh_dane_state_name(check->dane.records[i].state)
		    : "";
	case MH_TLSA_WHY:
		return is_judged(chain) ? mh_chain_check_tlsa_why(check, (unsigned)i) : "";
	default:
		return "";
	}
}

const char *
mh_chain_item_str(mh_chain *chain, int list, size_t i, int field)
{
	if (i >= mh_chain_count(chain, list))
		return "";
	switch (list) {
	case MH_CHAIN_CERT:
		return cert_str(chain, i, field);
	case MH_CHAIN_TLSA:
		return tlsa_str(chain, i, field);
	default:
		if (field != MH_NAME_TEXT)
			return "";
		if (chain->names[i] != NULL)
			return chain->names[i];
		set_scratch(chain, chain->check.names[i]);
		return give(chain, &chain->names[i]);
	}
}

static int64_t
cert_int(const struct mh_cert *cert, int field)
{
	switch (field) {
	case MH_CERT_BITS:
		return cert->bits > 0 ? cert->bits : MH_UNKNOWN;
	case MH_CERT_NOT_BEFORE:
		return cert->not_before;
	case MH_CERT_NOT_AFTER:
		return cert->not_after;
	case MH_CERT_CA:
		return cert->is_ca;
	default:
		return MH_UNKNOWN;
	}
}

int64_t
mh_chain_item_int(mh_chain *chain, int list, size_t i, int field)
{
	if (i >= mh_chain_count(chain, list))
		return MH_UNKNOWN;
	const struct mh_chain_check *check = &chain->check;
	const struct mh_cert *leaf = check->certs != NULL ? mh_certs_at(check->certs, 0) : NULL;
	switch (list) {
	case MH_CHAIN_CERT:
		return cert_int(mh_certs_at(check->certs, (unsigned)i), field);
	case MH_CHAIN_TLSA:
		return field == MH_TLSA_DEPTH && is_judged(chain) && i < check->dane.count &&
			check->dane.records[i].depth >= 0
		    ? check->dane.records[i].depth
		    : MH_UNKNOWN;
	default:
		return field == MH_NAME_MATCHES && leaf != NULL ? mh_cert_is_for(leaf, check->names[i])
								: MH_UNKNOWN;
	}
}

const char *
mh_chain_json(mh_chain *chain)
{
	struct mh_json json;
	if (!is_judged(chain))
		return "";
	if (chain->json.len > 0)
		return mh_buf_z(&chain->json);
	mh_json_init(&json, &chain->json);
	mh_chain_check_json(&chain->check, &json);
	if (!chain->json.bad)
		return mh_buf_z(&chain->json);
	mh_buf_reset(&chain->json);
	return "";
}

mh_report *
mh_chain_report(mh_chain *chain)
{
	return is_judged(chain) ? mh_report_ref(chain->check.report) : NULL;
}
