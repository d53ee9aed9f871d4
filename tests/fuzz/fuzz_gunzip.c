/* fuzz_gunzip.c - any octets through lib/replies/gunzip.c, in pieces of the first octet's size */
#include "fuzz.h"

#include "error.h"
#include "gunzip.h"

static size_t seen;

static int
take(void *arg, struct mh_str piece)
{
	(void)arg;
	fuzz_check(piece.len > 0 && piece.len <= 65536);
	seen += piece.len;
	return seen < (1u << 24) ? MH_ERR_OK : MH_ERR_ENOMEM;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_mem mem = mh_mem_default();
	if (size < 1)
		return 0;
	struct mh_gunzip *gunzip = mh_gunzip_make(&mem);
	fuzz_check(gunzip != NULL);
	size_t step = (size_t)data[0] + 1;
	int result = MH_ERR_OK;
	seen = 0;
	for (size_t i = 1; i < size && result == MH_ERR_OK; i += step)
		result = mh_gunzip_feed(gunzip,
		    mh_str_n((const char *)data + i, size - i < step ? size - i : step), take, NULL);
	fuzz_check(result == MH_ERR_OK || result == MH_ERR_EIO || result == MH_ERR_ENOMEM);
	(void)mh_gunzip_end(gunzip);
	mh_gunzip_free(gunzip);
	return 0;
}
