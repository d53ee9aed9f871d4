/* fuzz_tlsa.c - any octets as TLSA records, as text and as rdata: lib/records/dane.c, lib/checks/chain_check.c
 *
 * A line is a record as text, and the same octets are one as rdata.  A text that is taken is printed so that it reads
 * as the same record.
 */
#include "fuzz.h"

#include "chain_check.h"

/* twice - a record printed reads as the same */
static void
twice(const struct mh_tlsa *tlsa, struct mh_arena *arena, const struct mh_mem *mem)
{
	struct mh_tlsa again;
	struct mh_buf text;
	mh_buf_init(&text, mem, SIZE_MAX / 2);
	mh_tlsa_print(&text, tlsa, SIZE_MAX);
	fuzz_check(!text.bad);
	fuzz_check(mh_tlsa_parse(mh_str_n(mh_buf_z(&text), text.len), arena, &again));
	fuzz_check(again.usage == tlsa->usage && again.selector == tlsa->selector &&
	    again.matching == tlsa->matching && mh_str_eq(again.data, tlsa->data));
	mh_buf_free(&text);
}

/* judge - all of them against the certificate that comes first, if any does */
static void
judge(struct mh_chain_check *check, struct mh_ossl *ossl, struct mh_anchors *anchors, struct mh_str octets)
{
	struct mh_buf text;
	struct mh_json json;
	check->certs = mh_certs_read_any(ossl, &check->mem, octets);
	fuzz_check(check->certs != NULL);
	fuzz_check(mh_chain_check_judge(check, anchors, 1790000000));
	mh_buf_init(&text, &check->mem, SIZE_MAX / 2);
	mh_json_init(&json, &text);
	mh_chain_check_json(check, &json);
	fuzz_check(!text.bad && fuzz_utf8(mh_buf_z(&text), text.len));
	mh_buf_free(&text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_ossl *ossl;
	static struct mh_anchors *anchors;
	struct mh_mem mem = mh_mem_default();
	struct mh_chain_check check;
	struct mh_arena arena;
	struct mh_cur cur = mh_cur_of(data, size);

	if (ossl == NULL) {
		ossl = mh_ossl_make(&mem);
		anchors = mh_anchors_make(ossl);
	}
	mh_arena_init(&arena, &mem, 4096);
	mh_chain_check_init(&check, &mem);
	check.for_mail = size % 2 == 0;
	check.checks_names_of_ee = size % 3 == 0;
	(void)mh_chain_check_add_name(&check, MH_STR("mx.example.org"));
	while (mh_cur_left(&cur) > 0) {
		struct mh_tlsa tlsa;
		int end;
		struct mh_str line = mh_cur_line(&cur, &end);
		if (mh_tlsa_parse(line, &arena, &tlsa))
			twice(&tlsa, &arena, &mem);
		if (mh_tlsa_read(line, &tlsa))
			twice(&tlsa, &arena, &mem);
		if (line.len > 0)
			(void)mh_chain_check_add_tlsa(&check, line);
		(void)mh_chain_check_add_rdata(&check, line);
	}
	judge(&check, ossl, anchors, mh_str_n((const char *)data, size));
	mh_chain_check_free(&check);
	mh_arena_free(&arena);
	return 0;
}
