/* fuzz_bimi.c - any octets as a BIMI record: lib/records/bimi.c, bimi_mend.c, bimi_lint.c, uri.c */
#include "fuzz.h"

#include "bimi.h"
#include "error.h"
#include "record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_record_fields record;
	struct mh_mem mem = mh_mem_default();
	struct mh_str text = { (const char *)data, size };
	struct mh_arena arena;

	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(report != NULL);
	fuzz_check(mh_bimi_record(&arena, text, MH_STR("example.org"), report, &record) == MH_ERR_OK);
	fuzz_check(record.is_valid == (record.count > 0));
	fuzz_check(record.is_valid || mh_report_size(report) > 0);
	const struct mh_bimi *bimi = mh_bimi_parse(&arena, text);
	fuzz_check(bimi != NULL && bimi->is_valid == record.is_valid);
	fuzz_check(
	    !bimi->is_valid || (bimi->is_bimi && bimi->logo.why == NULL && bimi->evidence.why == NULL));
	struct mh_str mended = mh_bimi_mend(&arena, text);
	fuzz_check(mended.p != NULL);
	bimi = mh_bimi_parse(&arena, mended);
	fuzz_check(bimi != NULL && (bimi->is_valid || mended.len == 0));
	fuzz_check(mh_report_finish(report) == MH_ERR_OK);
	fuzz_check(fuzz_utf8(mh_report_text(report), strlen(mh_report_text(report))));
	mh_report_unref(report);
	mh_arena_free(&arena);
	return 0;
}
