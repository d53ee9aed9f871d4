/* fuzz_dkim_key.c - any octets as the TXT records of a selector, one a line, and as a private key: lib/records/dkim_*.c
 *
 * What a text is mended to is a record that can be used, and is mended no further.
 */
#include "fuzz.h"

#include "dkim_key.h"
#include "error.h"
#include "ossl.h"
#include "record.h"

/* one - one record by itself */
static void
one(struct mh_arena *arena, struct mh_str text)
{
	struct mh_record_fields fields;
	const struct mh_dkim_key *key = mh_dkim_key_parse(arena, text);

	fuzz_check(key != NULL);
	fuzz_check(!key->is_usable || (key->is_valid && !key->is_revoked && key->key.bits > 0));
	fuzz_check(mh_dkim_key_record(arena, text, MH_STR("a.example"), NULL, &fields) == MH_ERR_OK);
	fuzz_check(fields.is_valid == key->is_valid);
	for (int i = 0; i < 2; i++) {
		struct mh_str mended = mh_dkim_key_mend(arena, text, i == 1);
		fuzz_check(mended.p != NULL);
		if (mended.len == 0)
			continue;
		key = mh_dkim_key_parse(arena, mended);
		fuzz_check(key != NULL && key->is_usable && (i == 0 || !key->is_testing));
		struct mh_str again = mh_dkim_key_mend(arena, mended, i == 1);
		fuzz_check(mh_str_eq(again, mended));
	}
	if (mh_dkim_public_is_rsa(&key->key)) {
		(void)mh_dkim_small_factor(key->key.modulus);
		(void)mh_dkim_is_roca(key->key.modulus);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_ossl *ossl;
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_fact_draft draft;
	struct mh_dkim_public own;
	struct mh_tell tell;
	struct mh_cur cur = mh_cur_of(data, size);
	int end;

	if (ossl == NULL)
		ossl = mh_ossl_make(&mem);
	mh_arena_init(&arena, &mem, 0);
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("s._domainkey.example"), MH_RR_TXT);
	while (mh_cur_left(&cur) > 0) {
		struct mh_str line = mh_cur_line(&cur, &end);
		unsigned char rdata[4200];
		size_t n = 0;
		one(&arena, line);
		for (size_t i = 0; i < line.len && i < 4096; i += 255) {
			size_t part = line.len - i < 255 ? line.len - i : 255;
			rdata[n++] = (unsigned char)part;
			memcpy(rdata + n, line.p + i, part);
			n += part;
		}
		mh_fact_draft_rr(&draft, rdata, n);
	}
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(fact != NULL && report != NULL);
	mh_tell_begin(&tell, &arena, report, "dkim", MH_STR("s._domainkey.example"));
	if (mh_fact_is_present(fact))
		(void)mh_dkim_key_lint(&tell, fact);
	fuzz_check(mh_tell_end(&tell) == MH_ERR_OK);
	fuzz_check(mh_report_finish(report) == MH_ERR_OK);
	fuzz_check(fuzz_utf8(mh_report_text(report), strlen(mh_report_text(report))));
	int state = mh_dkim_private_read(&arena, mh_str_n((const char *)data, size), ossl, &own);
	fuzz_check(state != MH_DKIM_PRIVATE_NO_MEMORY);
	fuzz_check((state == MH_DKIM_PRIVATE_READ) == (own.content != MH_DKIM_NOTHING));
	mh_report_unref(report);
	mh_fact_unref(fact);
	mh_fact_draft_free(&draft);
	mh_arena_free(&arena);
	return 0;
}
