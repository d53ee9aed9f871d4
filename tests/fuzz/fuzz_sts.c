/* fuzz_sts.c - any octets as a record, a policy and names of MX hosts: lib/records/sts.c and its kin */
#include "fuzz.h"

#include "error.h"
#include "sts.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	struct mh_str all = { (const char *)data, size }, texts[8];
	size_t count = 0;
	bool is_refused;

	/* A blank line parts records, policy and names from each other. */
	for (const char *p = all.p, *end = all.p + size; p < end && count < 8;) {
		const char *stop = p;
		while (stop < end && (*stop != '\n' || stop + 1 == end || stop[1] != '\n'))
			stop++;
		texts[count++] = mh_str_n(p, (size_t)(stop - p));
		p = stop < end ? stop + 2 : end;
		if (p > end)
			p = end;
	}
	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(report != NULL);
	struct mh_sts_notes notes = { report, count > 0 ? texts[count - 1] : all };
	fuzz_check(mh_sts_record_read(&arena, texts, count, &notes, &record) == MH_ERR_OK);
	fuzz_check(!record.is_valid || (record.count == 1 && record.id.len > 0 && record.id.len <= 32));
	for (size_t i = 0; i <= count; i++) {
		struct mh_str text = i < count ? texts[i] : all;
		fuzz_check(mh_sts_policy_read(&arena, text, &notes, &policy) == MH_ERR_OK);
		fuzz_check(!policy.is_valid || (policy.mode != MH_STS_NO_MODE && policy.max_age >= 0));
		for (size_t k = 0; k < policy.mx_count; k++)
			fuzz_check(policy.mx[k].is_good || !policy.is_valid);
		fuzz_check(mh_sts_lint(&arena, &policy, texts, count, &notes) == MH_ERR_OK);
		if (count > 0 &&
		    mh_sts_apply(&policy, texts[0], MH_STS_SUCCESS, &is_refused) == MH_STS_SUCCESS)
			fuzz_check(!is_refused);
	}
	fuzz_check(mh_report_finish(report) == MH_ERR_OK);
	fuzz_check(fuzz_utf8(mh_report_text(report), strlen(mh_report_text(report))));
	mh_report_unref(report);
	mh_arena_free(&arena);
	return 0;
}
