/* strings.c - strings of a handle, made NUL-terminated when they are asked for */
#include "strings.h"

#include "json.h"

#define KEEP 65536

void
mh_strings_init(struct mh_strings *strings, const struct mh_mem *mem)
{
	*strings = (struct mh_strings){ .at = { NULL } };
	mh_arena_init(&strings->arena, mem, KEEP);
	mh_buf_init(&strings->scratch, mem, SIZE_MAX / 2);
}

void
mh_strings_free(struct mh_strings *strings)
{
	mh_arena_free(&strings->arena);
	mh_buf_free(&strings->scratch);
}

void
mh_strings_reset(struct mh_strings *strings)
{
	mh_arena_reset(&strings->arena);
	memset(strings->at, 0, sizeof(strings->at));
}

const char *
mh_strings_keep(struct mh_strings *strings, int field, struct mh_str value)
{
	if (value.len == 0 || field < 0 || field >= MH_STRINGS_MAX)
		return "";
	if (strings->at[field] != NULL)
		return strings->at[field];
	mh_buf_reset(&strings->scratch);
	mh_printable_line(&strings->scratch, value);
	char *copy = mh_arena_alloc(&strings->arena, strings->scratch.len + 1);
	if (copy == NULL || strings->scratch.bad)
		return "";
	memcpy(copy, mh_buf_z(&strings->scratch), strings->scratch.len + 1);
	strings->at[field] = copy;
	return copy;
}
