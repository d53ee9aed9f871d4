/* fuzz_rdata.c - any octets as MX, SRV, CAA and SOA records: lib/records/mx.c, srv.c, caa.c, zone_sanity.c
 *
 * The first octet says which type; then come records, each behind an octet of length.
 * What is printed of a record reads as the same record.
 */
#include "fuzz.h"

#include "caa.h"
#include "mx.h"
#include "srv.h"
#include "zone_sanity.h"

/* fact_of - the records as a fact */
static struct mh_fact *
fact_of(const struct mh_mem *mem, int type, struct mh_cur *cur)
{
	struct mh_fact_draft draft;

	mh_fact_draft_init(&draft, mem);
	mh_fact_draft_begin(&draft, MH_STR("example.org"), type);
	while (mh_cur_left(cur) > 0) {
		size_t len = mh_cur_u8(cur);
		size_t left = mh_cur_left(cur);
		struct mh_str rdata = mh_cur_take(cur, len < left ? len : left);
		mh_fact_draft_rr(&draft, rdata.p, rdata.len);
	}
	struct mh_fact *fact = mh_fact_make(mem, &draft);
	mh_fact_draft_free(&draft);
	fuzz_check(fact != NULL);
	return fact;
}

/* twice - whether text is the record itself, printed */
static void
twice(struct mh_str text, int type, const struct mh_rr *rr)
{
	static unsigned char again[65535];
	int len = mh_rr_read(text, type, false, again);

	fuzz_check(text.p != NULL && len >= 0);
	fuzz_check(rr == NULL || ((size_t)len == rr->len && len >= 6 && memcmp(again, rr->p, 6) == 0));
}

static void
look_at_mx(struct mh_arena *arena, const struct mh_fact *fact)
{
	struct mh_mx_list list;
	char meant[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;

	fuzz_check(mh_mx_read(arena, fact, &list));
	fuzz_check(list.count + list.left_out + list.broken == fact->count);
	for (unsigned i = 0; i < list.count; i++) {
		struct mh_mx *mx = &list.at[i];
		fuzz_check(i == 0 || mx[-1].preference <= mx->preference);
		twice(mh_mx_print(arena, mx->preference, mx->name), MH_RR_MX, NULL);
		size_t len = mh_mx_meant(mx->name, MH_STR("example.org"), meant);
		fuzz_check(len == 0 || len == strlen(meant));
		(void)mh_mx_literal(mx->name, MH_STR("example.org"), &ip);
	}
}

static void
look_at_srv(struct mh_arena *arena, const struct mh_fact *fact)
{
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_srv srv;
		struct mh_target target;
		bool is_bad;
		if (!mh_srv_read(arena, fact, i, &srv, &is_bad)) {
			fuzz_check(!is_bad);
			continue;
		}
		mh_target_begin(&target, srv.name);
		(void)mh_srv_judge(mh_srv_service_at(0), &srv, &target, fact->count);
		twice(mh_srv_print(arena, &srv), MH_RR_SRV, &fact->rr[i]);
	}
}

static void
look_at_caa(const struct mh_fact *fact)
{
	struct mh_caa_verdict verdict;

	mh_caa_judge(fact, &verdict);
	fuzz_check(
	    verdict.count <= MH_CAA_ISSUERS_MAX && (verdict.state != MH_CAA_SOME || verdict.count > 0));
	fuzz_check(verdict.record < fact->count || (fact->count == 0 && verdict.record == 0));
}

static void
look_at_soa(struct mh_arena *arena, const struct mh_fact *fact)
{
	struct mh_soa soa;
	bool is_bad;

	if (!mh_soa_read(arena, fact, &soa, &is_bad)) {
		fuzz_check(!is_bad);
		return;
	}
	mh_soa_mend(arena, &soa, MH_STR("ns1.example.org"));
	/* Where nobody knows the mail address nothing else is left. */
	fuzz_check((mh_soa_judge(&soa) & ~(1u << MH_SOA_ODD_RNAME)) == 0);
	twice(mh_soa_print(arena, &soa), MH_RR_SOA, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int types[] = { MH_RR_MX, MH_RR_SRV, MH_RR_CAA, MH_RR_SOA };
	struct mh_mem mem = mh_mem_default();
	struct mh_cur cur = mh_cur_of(data, size);
	int type = types[mh_cur_u8(&cur) % 4];
	struct mh_fact *fact = fact_of(&mem, type, &cur);
	struct mh_arena arena;

	mh_arena_init(&arena, &mem, 0);
	if (type == MH_RR_MX)
		look_at_mx(&arena, fact);
	else if (type == MH_RR_SRV)
		look_at_srv(&arena, fact);
	else if (type == MH_RR_CAA)
		look_at_caa(fact);
	else
		look_at_soa(&arena, fact);
	mh_arena_free(&arena);
	mh_fact_unref(fact);
	return 0;
}
