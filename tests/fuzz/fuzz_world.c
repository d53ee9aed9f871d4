/* fuzz_world.c - any octets as a recording, by lib/ground/world_read.c; what was read is written and read again */
#include "fuzz.h"

#include "error.h"
#include "world.h"

static void
no_pass(void *check, struct mh_pass *pass)
{
	(void)check;
	(void)pass;
}

/* written - all questions of a recording as text again */
static void
written(const struct mh_mem *mem, struct mh_worldfile *world, struct mh_buf *out)
{
	struct mh_work work;
	mh_work_init(&work, mem, no_pass, NULL);
	work.asks_max = MH_WORK_ASKS_MAX;
	fuzz_check(mh_worldfile_seed(world, &work) == MH_ERR_OK);
	mh_world_write_facts(out, &work);
	mh_work_free(&work);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_report *report = mh_report_make(&mem), *none = mh_report_make(&mem);
	struct mh_worldfile *world = mh_worldfile_make(&mem), *again = mh_worldfile_make(&mem);
	struct mh_buf first, second;
	mh_buf_init(&first, &mem, 1u << 26);
	mh_buf_init(&second, &mem, 1u << 26);
	fuzz_check(
	    mh_worldfile_read(world, MH_STR("x"), mh_str_n((const char *)data, size), report) == MH_ERR_OK);
	written(&mem, world, &first);
	fuzz_check(mh_worldfile_read(again, MH_STR("y"), mh_str_n(first.p, first.len), none) == MH_ERR_OK);
	fuzz_check(mh_report_size(none) == 0);
	written(&mem, again, &second);
	fuzz_check(first.len == second.len && (first.len == 0 || memcmp(first.p, second.p, first.len) == 0));
	mh_buf_free(&first);
	mh_buf_free(&second);
	mh_worldfile_free(world);
	mh_worldfile_free(again);
	mh_report_unref(report);
	mh_report_unref(none);
	return 0;
}
