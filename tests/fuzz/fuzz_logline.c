/* fuzz_logline.c - any octets as a line of a log */
#include "fuzz.h"

#include "logline.h"

static void
inside(struct mh_str span, struct mh_str line)
{
	fuzz_check(span.p != NULL);
	fuzz_check(span.len == 0 || (span.p >= line.p && span.p + span.len <= line.p + line.len));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[65536];
	struct mh_str line = mh_str_n((const char *)data, size < sizeof(text) ? size : sizeof(text));
	struct mh_logline got;
	struct mh_logtime time;
	const struct mh_logclock clock = { 1795680000, 3600, 1795000000 };
	char printed[MH_LOGTIME_TEXT];
	fuzz_check(mh_tls_cause(line) != NULL);
	fuzz_check(mh_logtime_read(line, &time) <= line.len);
	mh_logtime_print(mh_logtime_unix(&time, &clock), printed);
	if (!mh_logline_read(line, &got))
		return 0;
	const struct mh_str spans[] = { got.stamp, got.host, got.program, got.queue_id, got.recipient,
		got.orig_recipient, got.sender, got.relay, got.relay_ip, got.dsn, got.text };
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		inside(spans[i], line);
	fuzz_check(got.event != MH_EVENT_NONE && got.mta != MH_MTA_NONE && got.cause != NULL);
	fuzz_check((got.result != MH_RESULT_NONE) == (got.event == MH_EVENT_DELIVERY));
	fuzz_check(got.relay_port >= -1 && got.relay_port <= 65535 && got.delay_ms >= -1);
	mh_logline_decode(&got, text);
	return 0;
}
