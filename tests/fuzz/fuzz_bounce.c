/* fuzz_bounce.c - any octets through lib/replies/bounce.c */
#include "fuzz.h"

#include "bounce.h"
#include "error.h"

static void
check(struct mh_str s)
{
	fuzz_check(s.p != NULL && fuzz_utf8(s.p, s.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_mem mem;
	static struct mh_returned bounce;
	struct mh_str message = mh_str_n((const char *)data, size);
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_returned_init(&bounce, &mem);
	}
	fuzz_check(mh_returned_read(&bounce, message) == MH_ERR_OK);
	fuzz_check(bounce.count <= MH_RETURNED_RECIPIENTS && bounce.class <= MH_BC_CHALLENGE);
	fuzz_check((bounce.count == 0) == (bounce.class == MH_BC_UNKNOWN));
	check(bounce.subject);
	check(bounce.sender);
	check(bounce.message_id);
	check(bounce.reporting_mta);
	check(bounce.feedback_type);
	for (size_t i = 0; i < bounce.count; i++) {
		const struct mh_bounced *one = &bounce.recipients[i];
		check(one->recipient);
		check(one->orig_recipient);
		check(one->action);
		check(one->status);
		check(one->diagnostic_type);
		check(one->remote_mta);
		check(one->text);
		fuzz_check(one->text.len <= MH_RETURNED_TEXT && one->phase < MH_PHASE_COUNT);
		fuzz_check(one->code == 0 || (one->code >= 400 && one->code <= 599));
		if (one->text_at != SIZE_MAX) {
			fuzz_check(one->text_at + one->text.len <= size);
			fuzz_check(memcmp(data + one->text_at, one->text.p, one->text.len) == 0);
		}
	}
	(void)mh_returned_is_message(message);
	size_t at = mh_returned_next(message, 0), n = 0;
	while (at < size && n++ < 100000) {
		size_t next = mh_returned_next(message, at + 1);
		fuzz_check(next > at && next <= size);
		at = next;
	}
	return 0;
}
