/* fuzz_from.c - any octets as the value of a From field: lib/records/from_domain.c, and what was registered of it */
#include "fuzz.h"

#include "dname.h"
#include "error.h"
#include "from_domain.h"
#include "psl.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_from from;
	char name[MH_DNAME_TEXT_MAX];

	mh_arena_init(&arena, &mem, 0);
	mh_from_begin(&from);
	fuzz_check(mh_from_read(&arena, mh_str_n((const char *)data, size), &from) == MH_ERR_OK);
	fuzz_check((from.domain.len > 0) == (from.state == MH_FROM_ONE));
	if (from.state == MH_FROM_ONE) {
		struct mh_str registered = mh_psl_registrable(from.domain);
		fuzz_check(from.mailboxes > 0 && mh_dname_canonical(from.domain, name) == from.domain.len);
		fuzz_check(registered.len == 0 || mh_dname_is_under(from.domain, registered));
		fuzz_check(mh_psl_aligned(from.domain, from.domain, true));
	}
	mh_arena_free(&arena);
	return 0;
}
