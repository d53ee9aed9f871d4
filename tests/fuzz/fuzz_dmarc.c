/* fuzz_dmarc.c - any octets as a DMARC record: lib/records/dmarc.c and its kin */
#include "fuzz.h"

#include "dmarc.h"
#include "error.h"
#include "find.h"
#include "record.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_record_fields record;
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_str text = { (const char *)data, size };
	struct mh_dmarc_meant meant;

	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(report != NULL);
	fuzz_check(mh_dmarc_record(&arena, text, MH_STR("example.org"), report, &record) == MH_ERR_OK);
	fuzz_check(record.is_valid == (record.count > 0));
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		fuzz_check(finding->begin >= 0 && finding->end <= (int64_t)size);
		fuzz_check(!record.is_valid || finding->severity < MH_SEV_FAIL ||
		    finding->kind->number == MH_F_DMARC_INVALID_POLICY ||
		    finding->kind->number == MH_F_DMARC_SYNTAX);
	}
	fuzz_check(record.is_valid || mh_report_size(report) > 0);
	fuzz_check(mh_report_finish(report) == MH_ERR_OK);
	fuzz_check(fuzz_utf8(mh_report_text(report), strlen(mh_report_text(report))));
	mh_report_unref(report);

	/* What was meant is a record that all receivers use, and says the same when it is read again. */
	fuzz_check(mh_dmarc_mean(&arena, text, MH_STR("example.org"), &meant));
	struct mh_str mended = mh_dmarc_write(&arena, &meant);
	const struct mh_dmarc *dmarc = mh_dmarc_parse(&arena, mended);
	fuzz_check(dmarc != NULL && dmarc->is_valid && dmarc->is_valid_7489 && !dmarc->is_recovered);
	fuzz_check(mh_dmarc_mean(&arena, mended, MH_STR("example.org"), &meant));
	fuzz_check(mh_str_eq(mh_dmarc_write(&arena, &meant), mended));
	mh_arena_free(&arena);
	return 0;
}
