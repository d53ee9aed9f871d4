/* dane.c - TLSA records against chains: digests of usage 3 compared, the others by OpenSSL's own DANE code */
#include "dane.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "cert_own.h"
#include "port.h"

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
mh_tlsa_of(const struct mh_cert *cert, bool is_own, struct mh_buf *out)
{
	mh_buf_puts(out, is_own ? "3 1 1 " : "2 1 1 ");
	mh_buf_puthex(out, cert->spki_sha256, 32);
}

void
mh_tlsa_print(struct mh_buf *out, const struct mh_tlsa *tlsa, size_t most)
{
	mh_buf_putint(out, tlsa->usage);
	mh_buf_putc(out, ' ');
	mh_buf_putint(out, tlsa->selector);
	mh_buf_putc(out, ' ');
	mh_buf_putint(out, tlsa->matching);
	mh_buf_putc(out, ' ');
	mh_buf_puthex(out, tlsa->data.p, tlsa->data.len < most ? tlsa->data.len : most);
}

const char *
mh_dane_state_name(int state)
{
	static const char *const names[] = { "mismatch", "match", "unusable" };
	return state >= 0 && state < (int)MH_COUNT(names) ? names[state] : "";
}

const char *
mh_dane_why_name(int why)
{
	static const char *const names[] = { "", "usage-0-1", "unknown-kind", "length", "ca-not-sent", "name",
		"dates", "other", "outranked" };
	return why >= 0 && why < (int)MH_COUNT(names) ? names[why] : "";
}

int
mh_tlsa_why_unusable(const struct mh_tlsa *tlsa, bool for_mail)
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
	const struct mh_dane_question *question;
	const struct kept *kept;
	X509_STORE *store;
};

/* ---------------------------------------------------------------- what stays */

/* To make these takes a hundred times as long as to use them.  Nothing in them changes any more, so that any number
 * of threads may. */
struct kept {
	struct mh_ossl_kept head;
	SSL_CTX *ctx;
	X509_STORE *nobody; /* trust anchors of those who have none */
};

static void
forget(struct mh_ossl_kept *head)
{
	struct kept *kept = (struct kept *)head;
	X509_STORE_free(kept->nobody);
	SSL_CTX_free(kept->ctx);
	OPENSSL_free(kept);
}

/* kept_of - made if it is not there; NULL: no memory */
static const struct kept *
kept_of(struct mh_ossl *ossl)
{
	struct kept *kept = (struct kept *)mh_ossl_kept(ossl);
	if (kept != NULL)
		return kept;
	kept = OPENSSL_zalloc(sizeof(*kept));
	if (kept == NULL)
		return NULL;
	kept->head.forget = forget;
	kept->ctx = SSL_CTX_new_ex(ossl->lib, NULL, TLS_client_method());
	kept->nobody = X509_STORE_new();
	if (kept->ctx == NULL || kept->nobody == NULL || SSL_CTX_dane_enable(kept->ctx) <= 0) {
		forget(&kept->head);
		return NULL;
	}
	SSL_CTX_set_security_level(kept->ctx, 0);
	return (struct kept *)mh_ossl_keep(ossl, &kept->head);
}

/* -------------------------------------------------------- digests of usage 3 */

/* is_plain - whether a record that is usable matches by its digest alone (RFC 7671 5.1) */
static bool
is_plain(const struct mh_dane_question *question, const struct mh_tlsa *tlsa)
{
	return tlsa->usage == 3 && (tlsa->matching == 1 || tlsa->matching == 2) &&
	    !question->checks_names_of_ee;
}

/* compare - the verdict on a plain record; false: no memory */
static bool
compare(const struct mh_certs *chain, const struct mh_tlsa *tlsa, struct mh_dane_record *record)
{
	const struct mh_cert *leaf = chain->certs[0];
	unsigned char room[64];
	const unsigned char *digest = tlsa->selector == 0 ? leaf->sha256 : leaf->spki_sha256;
	if (tlsa->matching == 2) {
		if (!mh_digest(chain->ossl, 512, tlsa->selector == 0 ? leaf->der : leaf->spki, room))
			return false;
		digest = room;
	}
	bool is_match = memcmp(tlsa->data.p, digest, tlsa->data.len) == 0;
	record->depth = is_match ? 0 : -1;
	record->error = is_match ? X509_V_OK : X509_V_ERR_DANE_NO_MATCH;
	return true;
}

int
mh_dane_outranks(const struct mh_dane_verdict *verdict, const struct mh_tlsa *records, unsigned i)
{
	if (verdict->records[i].state != MH_DANE_MATCH || records[i].matching != 1)
		return -1;
	for (unsigned k = 0; k < verdict->count; k++)
		if (verdict->records[k].state == MH_DANE_MISMATCH && records[k].usage == records[i].usage &&
		    records[k].selector == records[i].selector && records[k].matching == 2)
			return (int)k;
	return -1;
}

/* ------------------------------------------------------------------ OpenSSL's */

/* set_name - a reference identifier more; one that is too long is cut, and so still a name that nothing matches */
static bool
set_name(SSL *ssl, struct mh_str name, bool is_first)
{
	char room[256];
	/* OpenSSL takes no empty name, and takes one that begins with a dot for all beneath it.  Nobody has this one
	 * (RFC 6761 6.4). */
	if (name.len == 0 || name.p[0] == '.')
		name = MH_STR("nameless.invalid");
	size_t len = name.len < sizeof(room) ? name.len : sizeof(room) - 1;
	if (len > 0)
		memcpy(room, name.p, len);
	room[len] = '\0';
	return is_first ? SSL_dane_enable(ssl, room) > 0 : SSL_add1_host(ssl, room) == 1;
}

/* run - some records against the chain; false: no memory, *added how many OpenSSL can use */
static bool
run(const struct judge *judge, const struct mh_tlsa *records, const bool *leave_out, unsigned count,
    unsigned *added, int *depth, long *error)
{
	const struct mh_dane_question *question = judge->question;
	SSL *ssl = SSL_new(judge->kept->ctx);
	X509_STORE_CTX *ctx = X509_STORE_CTX_new_ex(judge->chain->ossl->lib, NULL);
	bool good = ssl != NULL && ctx != NULL;

	*added = 0;
	if (good)
		good = set_name(ssl, question->names_count > 0 ? question->names[0] : MH_STR(""), true);
	for (unsigned i = 1; good && i < question->names_count; i++)
		good = question->names[i].len == 0 || set_name(ssl, question->names[i], false);
	if (good && !question->checks_names_of_ee)
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
		if (question->at >= 0)
			X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)question->at);
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

/* judge_each - every record by itself; leave_out those that are unusable, *are_plain: none of the others needs
 * OpenSSL.  false: no memory */
static bool
judge_each(const struct judge *judge, struct mh_dane_verdict *verdict, bool *leave_out, bool *are_plain)
{
	const struct mh_tlsa *records = judge->question->records;
	for (unsigned i = 0; i < verdict->count; i++) {
		struct mh_dane_record *record = &verdict->records[i];
		int why = mh_tlsa_why_unusable(&records[i], judge->question->for_mail);
		unsigned added = 1;
		*record =
		    (struct mh_dane_record){ .state = MH_DANE_UNUSABLE, .why = (uint8_t)why, .depth = -1 };
		leave_out[i] = why != MH_DANE_NO_REASON;
		if (leave_out[i])
			continue;
		bool plain = is_plain(judge->question, &records[i]);
		if (plain ? !compare(judge->chain, &records[i], record)
			  : !run(judge, &records[i], NULL, 1, &added, &record->depth, &record->error))
			return false;
		leave_out[i] = added == 0;
		if (added == 0) {
			record->why = MH_DANE_OTHER;
			continue;
		}
		*are_plain = *are_plain && plain;
		verdict->usable++;
		record->state =
		    record->error == X509_V_OK && record->depth >= 0 ? MH_DANE_MATCH : MH_DANE_MISMATCH;
		verdict->matching += record->state == MH_DANE_MATCH;
		if (record->state != MH_DANE_MATCH)
			record->why = (uint8_t)reason_of(&records[i], record);
	}
	return true;
}

/* join_plain - plain records together: of each selector those with the strongest digest count (RFC 7671 9) */
static void
join_plain(const struct mh_tlsa *records, struct mh_dane_verdict *verdict)
{
	verdict->error = X509_V_ERR_DANE_NO_MATCH;
	for (unsigned i = 0; i < verdict->count; i++) {
		bool counts = verdict->records[i].state == MH_DANE_MATCH;
		for (unsigned k = 0; counts && records[i].matching == 1 && k < verdict->count; k++)
			counts = verdict->records[k].state == MH_DANE_UNUSABLE ||
			    records[k].selector != records[i].selector || records[k].matching != 2;
		if (counts) {
			verdict->depth = 0;
			verdict->error = X509_V_OK;
		}
	}
}

static bool
judge_all(const struct judge *judge, struct mh_dane_verdict *verdict)
{
	const struct mh_tlsa *records = judge->question->records;
	bool leave_out[MH_DANE_RECORDS_MAX], are_plain = true;
	unsigned added;
	if (!judge_each(judge, verdict, leave_out, &are_plain))
		return false;
	if (are_plain) {
		join_plain(records, verdict); /* or there is no usable one */
	} else if (verdict->usable == 1) {
		/* alone is together */
		for (unsigned i = 0; i < verdict->count; i++) {
			if (leave_out[i])
				continue;
			verdict->depth = verdict->records[i].depth;
			verdict->error = verdict->records[i].error;
		}
	} else if (!run(judge, records, leave_out, verdict->count, &added, &verdict->depth,
		       &verdict->error)) {
		return false;
	}
	verdict->is_valid = verdict->error == X509_V_OK && verdict->depth >= 0;
	for (unsigned i = 0; i < verdict->count; i++)
		if (mh_dane_outranks(verdict, records, i) >= 0)
			verdict->records[i].why = MH_DANE_OUTRANKED;
	return true;
}

bool
mh_dane_judge(const struct mh_certs *chain, const struct mh_dane_question *question,
    struct mh_dane_verdict *verdict)
{
	struct mh_ossl_guard guard;
	struct judge judge = { .chain = chain, .question = question };
	*verdict = (struct mh_dane_verdict){ .depth = -1,
		.count = question->count < MH_DANE_RECORDS_MAX ? question->count : MH_DANE_RECORDS_MAX };
	if (chain->count == 0)
		return true;
	mh_ossl_enter(&guard);
	judge.kept = kept_of(chain->ossl);
	if (judge.kept != NULL)
		judge.store =
		    question->anchors != NULL ? mh_anchors_store(question->anchors) : judge.kept->nobody;
	bool good = judge.kept != NULL && judge_all(&judge, verdict);
	mh_ossl_leave(&guard);
	return good;
}
