/* fuzz_http.c - any octets as what a web server says, whole and in pieces: lib/wire/http.c */
#include "fuzz.h"

#include "http.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mh_http_limits small = { .headers = 3, .header_octets = 100, .body = 20 };
	struct mh_mem mem = mh_mem_default();
	struct mh_http whole, pieces;
	if (size == 0)
		return 0;
	size_t step = (data[0] & 0x7fu) + 1;
	const struct mh_http_limits *limits = data[0] < 0x80 ? NULL : &small;
	struct mh_str s = { (const char *)data + 1, size - 1 };
	mh_http_init(&whole, &mem, limits);
	mh_http_init(&pieces, &mem, limits);
	(void)mh_http_feed(&whole, s);
	for (size_t at = 0; at < s.len; at += step)
		(void)mh_http_feed(&pieces, mh_str_n(s.p + at, step < s.len - at ? step : s.len - at));
	mh_http_eof(&whole);
	mh_http_eof(&pieces);
	fuzz_check(whole.state >= MH_HTTP_DONE && whole.state == pieces.state && whole.why == pieces.why);
	fuzz_check(whole.status == pieces.status && whole.body.len == pieces.body.len);
	fuzz_check(
	    whole.body.len <= whole.limits.body && (whole.state == MH_HTTP_FAILED) == (whole.why != 0));
	fuzz_check(whole.state == MH_HTTP_FAILED || whole.status >= 200);
	struct mh_str location = mh_http_header(&whole, MH_STR("location"));
	fuzz_check(memchr(location.p, '\n', location.len) == NULL);
	mh_http_free(&whole);
	mh_http_free(&pieces);
	return 0;
}
