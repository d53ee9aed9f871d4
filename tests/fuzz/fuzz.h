/* fuzz.h - what the fuzz targets share
 *
 * A target has LLVMFuzzerTestOneInput.  libFuzzer calls it with what it makes
 * up; replay.c calls it with files, so that the corpus runs everywhere.
 */
#ifndef MH_FUZZ_H
#define MH_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_check - ends the run, loudly, unless the condition holds */
#define fuzz_check(condition) \
	((condition) ? (void)0 \
		     : (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition), abort()))

/* fuzz_utf8 - whether a text is UTF-8 (RFC 3629) */
static inline int
fuzz_utf8(const char *text, size_t len)
{
	for (size_t at = 0, step; at < len; at += step) {
		unsigned char c = (unsigned char)text[at];
		step = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
		if (step == 0 || step > len - at)
			return 0;
		for (size_t k = 1; k < step; k++)
			if ((text[at + k] & 0xc0) != 0x80)
				return 0;
	}
	return 1;
}

#endif
