/* fuzz_tlsrpt.c - any octets as a TLS reporting record: lib/records/tlsrpt*.c, uri.c */
#include "fuzz.h"

#include "error.h"
#include "record.h"
#include "tlsrpt.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_record_fields record;
	static struct mh_tlsrpt read;
	struct mh_mem mem = mh_mem_default();
	struct mh_str text = { (const char *)data, size };
	struct mh_arena arena;

	mh_arena_init(&arena, &mem, 0);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(report != NULL);
	fuzz_check(mh_tlsrpt_record(&arena, text, MH_STR("example.org"), report, &record) == MH_ERR_OK);
	fuzz_check(record.is_valid == (record.count > 0));
	fuzz_check(record.is_valid || mh_report_size(report) > 0);
	for (unsigned i = 0; i < record.count; i++)
		fuzz_check(memchr(record.fields[i].value.p, '!', record.fields[i].value.len) == NULL);
	struct mh_str mended = mh_tlsrpt_mend(&arena, &text, 1, MH_STR("example.org"));
	fuzz_check(mended.p != NULL);
	mh_tlsrpt_read(mended, &read);
	fuzz_check(read.is_valid || mended.len == 0);
	fuzz_check(mh_report_finish(report) == MH_ERR_OK);
	fuzz_check(fuzz_utf8(mh_report_text(report), strlen(mh_report_text(report))));
	mh_report_unref(report);
	mh_arena_free(&arena);
	return 0;
}
