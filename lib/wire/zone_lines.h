/* zone_lines.h - the text of a master file as lines of tokens
 *
 * A line is what RFC 1035 5.1 calls an entry: one line of the text, or several
 * that parentheses hold together, without comments.  Tokens point into the
 * text and keep their escapes.
 */
#ifndef MH_ZONE_LINES_H
#define MH_ZONE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"
#include "str.h"

#define MH_ZONE_LINE_MAX 65536 /* octets between two line feeds */
#define MH_ZONE_ENTRY_MAX ((size_t)1 << 20) /* octets of a line that parentheses hold together */
#define MH_ZONE_TOKENS_MAX 70000 /* a TXT record of 65535 octets has room for 65535 strings */

struct mh_zones_token {
	struct mh_str raw; /* without its quotes */
	bool is_quoted;
	bool is_glued; /* nothing stands between it and the token before */
};

/* What is wrong, and where: NULL is nothing and nowhere. */
struct mh_zones_fault {
	const char *what; /* a sentence, or its end, that follows no words of ours */
	const char *at; /* within the text */
};

struct mh_zones_line {
	uint32_t number; /* of the line of the text that it begins on, from 1 */
	size_t begin, end; /* octets of the text, the line feed not counted */
	bool is_blank; /* it begins with a space: the owner is the one before */
	const char *semicolon; /* the first one that a bare token ran into; NULL: none */
	struct mh_zones_fault fault;
	struct mh_zones_token *tokens;
	size_t count;
};

/* A reader of lines.  After a fault it goes on with the next line of the text. */
struct mh_zones_lines {
	struct mh_mem mem;
	struct mh_str text;
	size_t at;
	uint32_t number;
	size_t cap; /* of line.tokens */
	bool no_memory;
	struct mh_zones_line line;
};

void mh_zones_lines_init(struct mh_zones_lines *lines, const struct mh_mem *mem, struct mh_str text);
void mh_zones_lines_free(struct mh_zones_lines *lines);
/* mh_zones_lines_restart - another text, with the memory of the one before */
void mh_zones_lines_restart(struct mh_zones_lines *lines, struct mh_str text);
/* mh_zones_lines_next - the next line that is not empty, in lines->line (with a fault: the tokens before
 * it); false at the end or if there is no memory */
bool mh_zones_lines_next(struct mh_zones_lines *lines);

#endif
