/* fuzz_reply.c - any octets as a reply, and everything there is to ask of it
 *
 * The first octet sets options; the rest is the reply.
 */
#include "fuzz.h"

#include "mailhealth.h"

static mh_reply *reply;

static void
check_str(const char *text)
{
	fuzz_check(text != NULL);
	fuzz_check(fuzz_utf8(text, strlen(text)));
}

static void
check_span(int64_t begin, int64_t end, size_t size)
{
	fuzz_check((begin == MH_UNKNOWN && end == MH_UNKNOWN) ||
	    (begin >= 0 && begin <= end && end <= (int64_t)size));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const phases[] = { "", "rcpt", "eod", "connect" };
	static const char *const hosts[] = { "", "mx.google.com", "x.mail.protection.outlook.com", "..." };
	uint8_t options = 0;
	if (reply == NULL) {
		mh_ctx *ctx = mh_ctx_new(NULL, NULL);
		reply = mh_reply_new(ctx);
		mh_ctx_free(ctx);
		fuzz_check(reply != NULL);
	}
	if (size > 0) {
		options = *data++;
		size--;
	}
	fuzz_check(mh_reply_set_int(reply, MH_OPT_FORM, options % 5) == MH_OK);
	fuzz_check(mh_reply_set_str(reply, MH_OPT_PHASE, phases[options >> 4 & 3]) == MH_OK);
	fuzz_check(mh_reply_set_str(reply, MH_OPT_MX, hosts[options >> 6]) == MH_OK);
	fuzz_check(mh_reply_parse(reply, data, size) == MH_OK);
	for (int field = 0; field <= MH_REPLY_FORM + 1; field++)
		check_str(mh_reply_str(reply, field));
	fuzz_check(mh_reply_str(reply, MH_REPLY_REASON)[0] != '\0');
	fuzz_check(mh_reply_int(reply, MH_REPLY_LENGTH) == (int64_t)size);
	fuzz_check(mh_reply_int(reply, MH_REPLY_RETRY_AFTER_S) >= -1);
	check_span(mh_reply_int(reply, MH_REPLY_SPAN_BEGIN), mh_reply_int(reply, MH_REPLY_SPAN_END), size);
	for (int list = 0; list <= MH_LIST_LIMIT + 1; list++) {
		size_t count = mh_reply_count(reply, list);
		fuzz_check(count <= MH_REPLY_MAX_LINES);
		for (size_t i = 0; i < count; i++) {
			for (int field = MH_ITEM_ID; field <= MH_ITEM_WHAT; field++)
				check_str(mh_reply_item_str(reply, list, i, field));
			check_span(mh_reply_item_int(reply, list, i, MH_ITEM_SPAN_BEGIN),
			    mh_reply_item_int(reply, list, i, MH_ITEM_SPAN_END), size);
		}
	}
	const char *json = mh_reply_json(reply);
	check_str(json);
	fuzz_check(json[0] == '{');
	mh_report *report = mh_reply_report(reply);
	fuzz_check(report != NULL);
	for (size_t i = 0; i < mh_report_count(report); i++) {
		check_str(mh_report_str(report, i, MH_FINDING_EVIDENCE));
		check_span(mh_report_int(report, i, MH_FINDING_RANGE_BEGIN),
		    mh_report_int(report, i, MH_FINDING_RANGE_END), size);
	}
	mh_report_free(report);
	return 0;
}
