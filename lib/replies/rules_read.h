/* rules_read.h - rule files as a tree of statements, nothing interpreted yet
 *
 * The grammar of mailhealth-rules(5) is lines of words: a statement is a kind,
 * an id and a block of properties, or a line on its own (words, disable).
 * What kinds and properties there are is the business of rules_build.
 */
#ifndef MH_RULES_READ_H
#define MH_RULES_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

/* Where something stands in a rule file. */
struct mh_place {
	const char *file;
	uint32_t line, column; /* from 1, columns in octets */
};

/* What was wrong first, and where. */
struct mh_rules_error {
	struct mh_place place;
	char text[256];
};

struct mh_value {
	struct mh_value *next;
	struct mh_str text; /* unescaped */
	struct mh_place place;
	bool quoted;
	bool bar; /* stands after a | */
};

struct mh_property {
	struct mh_property *next;
	struct mh_str name;
	struct mh_place place;
	struct mh_value *values;
};

struct mh_statement {
	struct mh_statement *next;
	struct mh_str kind;
	struct mh_str id; /* "" if it has none */
	struct mh_place place;
	struct mh_value *values; /* words and disable: what follows on the line */
	struct mh_property *properties;
};

/* mh_rules_read - appends the statements of a text to the list that *tail ends; MH_OK,
 * MH_ERULES with *error filled, or MH_ENOMEM.  text and file must live as long as the arena. */
int mh_rules_read(struct mh_arena *arena, const char *file, struct mh_str text, struct mh_statement ***tail,
    struct mh_rules_error *error);

/* mh_rules_fail - fills error (text may hold one %s) and gives MH_ERULES */
int mh_rules_fail(struct mh_rules_error *error, struct mh_place place, const char *text, struct mh_str about);

#endif
