/* dane.c - TLSA records against chains, by OpenSSL's own DANE code */
#include "dane.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "cert_own.h"

bool
mh_tlsa_read(struct mh_str rdata, struct mh_tlsa *tlsa)
{
	struct mh_cur cur = mh_cur_of(rdata.p, rdata.len);
	tlsa->usage = mh_cur_u8(&cur);
	tlsa->selector = mh_cur_u8(&cur);
	tlsa->matching = mh_cur_u8(&cur);
	tlsa->data = mh_cur_rest(&cur);
	return !mh_cur_bad(&cur) && tlsa->data.len > 0;
}

bool
mh_tlsa_parse(struct mh_str text, struct mh_arena *arena, struct mh_tlsa *tlsa)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	uint8_t *fields[] = { &tlsa->usage, &tlsa->selector, &tlsa->matching };
	for (int i = 0; i < 3; i++) {
		mh_cur_spaces(&cur);
		uint32_t value = mh_cur_digits(&cur, 3);
		if (mh_cur_bad(&cur) || value > 255)
			return false;
		*fields[i] = (uint8_t)value;
	}
	unsigned char *data = mh_arena_alloc(arena, mh_cur_left(&cur) / 2 + 1);
	size_t n = 0;
	while (data != NULL && mh_cur_left(&cur) > 0) {
		mh_cur_spaces(&cur);
		if (mh_cur_left(&cur) == 0)
			break;
		int high = mh_hex(mh_cur_u8(&cur)), low = mh_hex(mh_cur_u8(&cur));
		if (high < 0 || low < 0 || mh_cur_bad(&cur))
			return false;
		data[n++] = (unsigned char)(high << 4 | low);
	}
	tlsa->data = mh_str_n((const char *)data, n);
	return n > 0;
}

void
mh_tlsa_of(const struct mh_cert *cert, struct mh_buf *out)
{
	mh_buf_puts(out, "3 1 1 ");
	mh_buf_puthex(out, cert->spki_sha256, 32);
}

/* why_unusable - before OpenSSL is asked */
static int
why_unusable(const struct mh_tlsa *tlsa, bool for_mail)
{
	if (tlsa->usage > 3 || tlsa->selector > 1 || tlsa->matching > 2)
		return MH_DANE_UNKNOWN_KIND;
	if (for_mail && tlsa->usage < 2)
		return MH_DANE_USAGE;
	if ((tlsa->matching == 1 && tlsa->data.len != 32) || (tlsa->matching == 2 && tlsa->data.len != 64) ||
	    tlsa->data.len == 0)
		return MH_DANE_LENGTH;
	return MH_DANE_NO_REASON;
}

struct judge {
	const struct mh_certs *chain;
	SSL_CTX *ctx;
	X509_STORE *store;
	struct mh_str name;
	bool checks_names_of_ee;
	int64_t at;
};

/* run - some records against the chain; false: no memory, *added how many OpenSSL can use */
static bool
run(const struct judge *judge, const struct mh_tlsa *records, const bool *leave_out, unsigned count,
    unsigned *added, int *depth, long *error)
{
	char name[256];
	/* One that is too long is cut, and so still a name that nothing matches; none would be none. */
	size_t len = judge->name.len < sizeof(name) ? judge->name.len : sizeof(name) - 1;
	SSL *ssl = SSL_new(judge->ctx);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(judge->chain->ossl->lib, NULL);
	bool good = ssl != NULL && ctx != NULL;

	memcpy(name, judge->name.p, len);
	name[len] = '\0';
	*added = 0;
	if (good)
		good = SSL_dane_enable(ssl, name) > 0;
	if (good && !judge->checks_names_of_ee)
		SSL_dane_set_flags(ssl, DANE_FLAG_NO_DANE_EE_NAMECHECKS);
	for (unsigned i = 0; good && i < count; i++)
		if (leave_out == NULL || !leave_out[i])
			*added +=
			    SSL_dane_tlsa_add(ssl, records[i].usage, records[i].selector, records[i].matching,
				(const unsigned char *)records[i].data.p, records[i].data.len) > 0;
	if (good)
		good = X509_STORE_CTX_init(ctx, judge->store, sk_X509_value(judge->chain->stack, 0),
			   judge->chain->stack) == 1;
	if (good) {
		X509_STORE_CTX_set0_dane(ctx, SSL_get0_dane(ssl));
		X509_STORE_CTX_set_default(ctx, "ssl_server");
		X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(ctx), SSL_get0_param(ssl));
		if (judge->at >= 0)
			X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)judge->at);
		*error = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
		*depth = SSL_get0_dane_authority(ssl, NULL, NULL);
	}
	X509_STORE_CTX_free(ctx);
	SSL_free(ssl);
	ERR_clear_error();
	return good;
}

/* reason_of - why a record that OpenSSL used did not do */
static int
reason_of(const struct mh_tlsa *tlsa, const struct mh_dane_record *record)
{
	if (record->error == X509_V_ERR_HOSTNAME_MISMATCH)
		return MH_DANE_NAME;
	if (record->error == X509_V_ERR_CERT_HAS_EXPIRED || record->error == X509_V_ERR_CERT_NOT_YET_VALID)
		return MH_DANE_DATES;
	if (tlsa->usage == 2 && record->depth < 0)
		return MH_DANE_NOT_SENT;
	return record->depth < 0 ? MH_DANE_NO_REASON : MH_DANE_OTHER;
}

static bool
judge_all(const struct judge *judge, const struct mh_tlsa *records, bool for_mail,
    struct mh_dane_verdict *verdict)
{
	bool leave_out[MH_DANE_RECORDS_MAX];
	unsigned added;
	for (unsigned i = 0; i < verdict->count; i++) {
		struct mh_dane_record *record = &verdict->records[i];
		int why = why_unusable(&records[i], for_mail);
		*record =
		    (struct mh_dane_record){ .state = MH_DANE_UNUSABLE, .why = (uint8_t)why, .depth = -1 };
		leave_out[i] = why != MH_DANE_NO_REASON;
		if (leave_out[i])
			continue;
		if (!run(judge, &records[i], NULL, 1, &added, &record->depth, &record->error))
			return false;
		leave_out[i] = added == 0;
		if (added == 0) {
			record->why = MH_DANE_OTHER;
			continue;
		}
		verdict->usable++;
		record->state =
		    record->error == X509_V_OK && record->depth >= 0 ? MH_DANE_MATCH : MH_DANE_MISMATCH;
		verdict->matching += record->state == MH_DANE_MATCH;
		if (record->state != MH_DANE_MATCH)
			record->why = (uint8_t)reason_of(&records[i], record);
	}
	if (!run(judge, records, leave_out, verdict->count, &added, &verdict->depth, &verdict->error))
		return false;
	verdict->is_valid = verdict->error == X509_V_OK && verdict->depth >= 0;
	return true;
}

bool
mh_dane_judge(const struct mh_certs *chain, const struct mh_tlsa *records, unsigned count, struct mh_str name,
    struct mh_anchors *anchors, bool for_mail, bool checks_names_of_ee, int64_t at,
    struct mh_dane_verdict *verdict)
{
	struct mh_ossl_guard guard;
	struct judge judge = { .chain = chain,
		.name = name,
		.checks_names_of_ee = checks_names_of_ee,
		.at = at };
	*verdict = (struct mh_dane_verdict){ .depth = -1,
		.count = count < MH_DANE_RECORDS_MAX ? count : MH_DANE_RECORDS_MAX };
	if (chain->count == 0)
		return true;
	mh_ossl_enter(&guard);
	judge.ctx = SSL_CTX_new_ex(chain->ossl->lib, NULL, TLS_client_method());
	judge.store = anchors != NULL ? mh_anchors_store(anchors) : X509_STORE_new();
	bool good = judge.ctx != NULL && judge.store != NULL && SSL_CTX_dane_enable(judge.ctx) > 0;
	if (good) {
		SSL_CTX_set_security_level(judge.ctx, 0);
		good = judge_all(&judge, records, for_mail, verdict);
	}
	if (anchors == NULL)
		X509_STORE_free(judge.store);
	SSL_CTX_free(judge.ctx);
	mh_ossl_leave(&guard);
	return good;
}
