/* fuzz_spf_stamp.c - any octets through lib/records/spf_stamp.c: read as a header field, and written as a sender */
#include "fuzz.h"

#include "spf_eval.h"

static void
check_written(struct mh_buf *out, struct mh_str said)
{
	struct mh_spf_question question = { .helo = said, .receiver = said };
	struct mh_spf_verdict verdict = { .result = MH_SPF_FAIL, .sender = said, .matched = said };
	mh_buf_reset(out);
	mh_spf_write_received(out, &question, &verdict);
	mh_spf_write_authres(out, &question, &verdict);
	verdict.is_helo = true;
	mh_spf_write_authres(out, &question, &verdict);
	fuzz_check(!out->bad);
	for (size_t i = 0; i < out->len; i++)
		fuzz_check((unsigned char)out->p[i] >= 0x20 && out->p[i] != 0x7f);
}

static void
check_read(struct mh_arena *arena, struct mh_buf *out, struct mh_str said)
{
	struct mh_spf_question question = { .helo = said, .receiver = said };
	struct mh_spf_verdict verdict = { .result = MH_SPF_FAIL, .sender = said };
	struct mh_spf_stamp stamp;
	mh_buf_reset(out);
	mh_spf_write_received(out, &question, &verdict);
	fuzz_check(mh_spf_read_received(arena, mh_str_n(out->p, out->len), &stamp));
	fuzz_check(stamp.result == MH_SPF_FAIL && mh_str_eq(stamp.identity, MH_STR("mailfrom")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_mem mem;
	static struct mh_arena arena;
	static struct mh_buf out;
	struct mh_spf_stamp stamp;
	struct mh_str s = { (const char *)data, size };
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_arena_init(&arena, &mem, 1u << 20);
		mh_buf_init(&out, &mem, 1u << 16);
	}
	mh_arena_reset(&arena);
	if (mh_spf_read_received(&arena, s, &stamp))
		fuzz_check(
		    stamp.result != MH_SPF_NO_RESULT && stamp.helo.p != NULL && stamp.helo.len <= size);
	if (mh_spf_read_authres(&arena, s, &stamp))
		fuzz_check(stamp.authserv_id.p != NULL && stamp.comment.len <= size);
	check_written(&out, s);
	check_read(&arena, &out, s);
	return 0;
}
