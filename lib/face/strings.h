/* strings.h - strings of a handle, made NUL-terminated when they are asked for */
#ifndef MH_STRINGS_H
#define MH_STRINGS_H

#include "str.h"

#define MH_STRINGS_MAX 32 /* fields of a handle */

struct mh_strings {
	struct mh_arena arena;
	struct mh_buf scratch;
	const char *at[MH_STRINGS_MAX];
};

void mh_strings_init(struct mh_strings *strings, const struct mh_mem *mem);
void mh_strings_free(struct mh_strings *strings);
/* mh_strings_reset - what was given out is gone */
void mh_strings_reset(struct mh_strings *strings);
/* mh_strings_keep - value as UTF-8 that prints, on one line, "" without memory; kept under the field's number */
const char *mh_strings_keep(struct mh_strings *strings, int field, struct mh_str value);

#endif
