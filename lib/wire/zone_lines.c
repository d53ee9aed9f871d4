/* zone_lines.c - splits the text of a master file into lines and tokens
 *
 * What a mistake may cost decides three things that RFC 1035 5.1 leaves open:
 *
 * A quoted string ends on the line it begins on, as BIND has it (NSD reads
 * over line ends): a quote that somebody forgot then costs one record, and not
 * all up to the next quote.
 *
 * Parentheses do not nest, as NSD has it (BIND counts them).  So a "(" on a
 * later line tells that the one before was never closed; then, and at the end
 * of the text, reading goes on behind the line of that one.  No part of the
 * text is read more than twice so.
 *
 * A quote begins a token, and ends the bare token before it.
 *
 * Does not: undo escapes, or know what the tokens mean.
 */
#include "zone_lines.h"

#include "port.h"

/* What is known while a line is put together. */
struct group {
	const char *open; /* where its "(" stands; NULL: none is open */
	size_t resume_at; /* behind the line of that one */
	uint32_t resume_number;
	size_t resume_count; /* tokens up to there */
	bool is_lost; /* it will not be closed */
};

void
mh_zones_lines_init(struct mh_zones_lines *lines, const struct mh_mem *mem, struct mh_str text)
{
	*lines = (struct mh_zones_lines){ .mem = *mem };
	mh_zones_lines_restart(lines, text);
}

void
mh_zones_lines_restart(struct mh_zones_lines *lines, struct mh_str text)
{
	lines->text = text;
	lines->at = 0;
	lines->number = 1;
	lines->line.count = 0;
	/* Some editors put a byte order mark before the text. */
	if (text.len >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		lines->at = 3;
}

void
mh_zones_lines_free(struct mh_zones_lines *lines)
{
	mh_mem_free(&lines->mem, lines->line.tokens, lines->cap * sizeof(*lines->line.tokens));
	lines->line.tokens = NULL;
	lines->cap = 0;
}

/* fail - the first fault of a line is the one that is told */
static void
fail(struct mh_zones_line *line, const char *at, const char *what)
{
	if (line->fault.what == NULL)
		line->fault = (struct mh_zones_fault){ what, at };
}

/* add - one token more */
static void
add(struct mh_zones_lines *lines, struct mh_zones_token token)
{
	struct mh_zones_line *line = &lines->line;
	if (line->count == MH_ZONE_TOKENS_MAX) {
		fail(line, token.raw.p, "there are more words than are read");
		return;
	}
	if (line->count == lines->cap) {
		size_t cap = lines->cap > 0 ? lines->cap * 2 : 64;
		struct mh_zones_token *tokens = mh_mem_resize(&lines->mem, line->tokens,
		    lines->cap * sizeof(*tokens), cap * sizeof(*tokens));
		if (tokens == NULL) {
			lines->no_memory = true;
			return;
		}
		line->tokens = tokens;
		lines->cap = cap;
	}
	line->tokens[line->count++] = token;
}

/* is_blank - a space between tokens; a carriage return is one too */
static inline bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* ends_bare - whether c ends a token without quotes */
static inline bool
ends_bare(char c)
{
	return is_blank(c) || c == ';' || c == '"' || c == '(' || c == ')';
}

/* quoted - the token whose first quote stands at p; where it ends */
static const char *
quoted(struct mh_zones_lines *lines, const char *p, const char *end, bool is_glued)
{
	const char *start = p + 1;
	for (p = start; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	if (p == end) {
		fail(&lines->line, start - 1, "the quote is not closed on its line");
		return end;
	}
	add(lines, (struct mh_zones_token){ mh_str_n(start, (size_t)(p - start)), true, is_glued });
	return p + 1;
}

/* bare - the token that begins at p; where it ends */
static const char *
bare(struct mh_zones_lines *lines, const char *p, const char *end, bool is_glued)
{
	const char *start = p;
	for (; p < end && !ends_bare(*p); p++) {
		if (*p != '\\')
			continue;
		if (p + 1 == end) {
			fail(&lines->line, p, "a backslash stands at the end of the line");
			return end;
		}
		p++;
	}
	add(lines, (struct mh_zones_token){ mh_str_n(start, (size_t)(p - start)), false, is_glued });
	if (p < end && *p == ';' && lines->line.semicolon == NULL)
		lines->line.semicolon = p;
	return p;
}

/* open_group - a "(" at p, on the line that ends before resume */
static void
open_group(struct mh_zones_lines *lines, struct group *group, const char *p, size_t resume)
{
	if (group->open == NULL) {
		*group = (struct group){ .open = p,
			.resume_at = resume,
			.resume_number = lines->number + 1,
			.resume_count = lines->line.count };
	} else if (group->resume_at == resume) {
		fail(&lines->line, p, "there are parentheses within parentheses");
	} else {
		group->is_lost = true;
	}
}

/* scan - the tokens of one line of the text, from p to end; the next one begins at resume */
static void
scan(struct mh_zones_lines *lines, struct group *group, const char *p, const char *end, size_t resume)
{
	bool is_glued = false;
	while (p < end && !group->is_lost && *p != ';') {
		if (is_blank(*p)) {
			p++;
			is_glued = false;
			continue;
		}
		if (*p == '"') {
			p = quoted(lines, p, end, is_glued);
		} else if (*p == '(') {
			open_group(lines, group, p++, resume);
		} else if (*p == ')') {
			if (group->open == NULL)
				fail(&lines->line, p, "a parenthesis closes that was not opened");
			group->open = NULL;
			p++;
		} else {
			p = bare(lines, p, end, is_glued);
		}
		is_glued = true;
	}
	if (group->open != NULL && group->resume_at == resume)
		group->resume_count = lines->line.count;
}

/* entry - one line with all that parentheses hold together, empty or not */
static void
entry(struct mh_zones_lines *lines)
{
	struct mh_zones_line *line = &lines->line;
	struct group group = { .open = NULL };

	*line = (struct mh_zones_line){ .number = lines->number,
		.begin = lines->at,
		.tokens = line->tokens,
		.is_blank = is_blank(lines->text.p[lines->at]) };
	do {
		const char *p = lines->text.p + lines->at;
		size_t left = lines->text.len - lines->at;
		const char *feed = memchr(p, '\n', left);
		size_t len = feed != NULL ? (size_t)(feed - p) : left;
		size_t resume = lines->at + len + (feed != NULL ? 1 : 0);
		if (len > MH_ZONE_LINE_MAX)
			fail(line, p, "the line is longer than is read");
		else
			scan(lines, &group, p, p + len, resume);
		line->end = lines->at + len;
		lines->at = resume;
		lines->number++;
		if (lines->at == lines->text.len || line->end - line->begin > MH_ZONE_ENTRY_MAX)
			group.is_lost |= group.open != NULL;
	} while (group.open != NULL && !group.is_lost);
	if (group.is_lost) {
		line->fault = (struct mh_zones_fault){ "the parenthesis is not closed", group.open };
		line->count = group.resume_count;
		lines->at = group.resume_at;
		lines->number = group.resume_number;
		line->end = lines->at;
	}
}

bool
mh_zones_lines_next(struct mh_zones_lines *lines)
{
	while (lines->at < lines->text.len && !lines->no_memory) {
		entry(lines);
		if (lines->line.count > 0 || lines->line.fault.what != NULL)
			return !lines->no_memory;
	}
	return false;
}
