/* fuzz_decode.c - any octets through lib/replies/decode.c */
#include "fuzz.h"

#include "decode.h"
#include "error.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_decode decode;
	static struct mh_mem mem;
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_decode_init(&decode, &mem);
	}
	if (size > 32768)
		size = 32768;
	fuzz_check(mh_decode_run(&decode, mh_str_n((const char *)data, size)) == MH_ERR_OK);
	fuzz_check(decode.text.len <= 65535);
	fuzz_check(fuzz_utf8(decode.text.p, decode.text.len));
	for (size_t i = 0; i < MH_DECODE_PAD; i++)
		fuzz_check(decode.text.p[decode.text.len + i] == '\0');
	uint32_t last = 0;
	for (uint32_t i = 0; i < decode.text.len; i++) {
		uint32_t begin = mh_decode_begin(&decode, i);
		fuzz_check(begin >= last && begin < size);
		last = begin;
		if (i % 64 == 0) { /* an end may look far ahead */
			uint32_t end = mh_decode_end(&decode, i + 1);
			fuzz_check(end > begin && end <= size);
		}
	}
	if (!decode.encoded && !decode.not_utf8 && !decode.cut)
		fuzz_check(decode.text.len == size && (size == 0 || memcmp(decode.text.p, data, size) == 0));
	return 0;
}
