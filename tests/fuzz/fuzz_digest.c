/* fuzz_digest.c - any octets as a log file through lib/replies/digest*.c: whole and in pieces it is the same */
#include "fuzz.h"

#include "digest.h"
#include "error.h"

extern const struct mh_ruleset mh_builtin_rules;

static char *
read_in(struct mh_rulebook *book, const uint8_t *data, size_t size, size_t step)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_digest *digest = mh_digest_make(&mem, book);
	int result = MH_ERR_OK;
	fuzz_check(digest != NULL);
	mh_digest_options(digest)->clock.now = 1795737600;
	for (size_t i = 0; i < size && result == MH_ERR_OK; i += step)
		result = mh_digest_feed(digest,
		    mh_str_n((const char *)data + i, size - i < step ? size - i : step));
	fuzz_check(result == MH_ERR_OK || result == MH_ERR_EIO);
	result = mh_digest_end(digest);
	fuzz_check(result == MH_ERR_OK || result == MH_ERR_EIO);
	for (int list = MH_D_GROUP; list < MH_D_LISTS; list++)
		for (size_t i = 0; i < mh_digest_count(digest, list); i++)
			for (int field = 0; field < 15; field++) {
				const char *text = mh_digest_item_str(digest, list, i, field);
				fuzz_check(fuzz_utf8(text, strlen(text)));
				(void)mh_digest_item_int(digest, list, i, field);
			}
	const char *json = mh_digest_json(digest);
	fuzz_check(json[0] == '{' && fuzz_utf8(json, strlen(json)));
	char *copy = strdup(json);
	mh_digest_free(digest);
	return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_rulebook *book;
	if (book == NULL) {
		struct mh_mem mem = mh_mem_default();
		book = mh_rulebook_new(&mem, &mh_builtin_rules);
		fuzz_check(book != NULL);
	}
	char *whole = read_in(book, data, size, size > 0 ? size : 1);
	char *pieces = read_in(book, data, size, size % 13 + 1);
	fuzz_check(strcmp(whole, pieces) == 0);
	free(whole);
	free(pieces);
	return 0;
}
