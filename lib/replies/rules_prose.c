/* rules_prose.c - packs the words that people read
 *
 * Byte pair encoding: again and again the pair of octets that stands most
 * often becomes one octet, while there are octets left.
 */
#include "builder.h"

#include "error.h"
#include "port.h"

/* ------------------------------------------------------------------------- the prose */

#define PAIRS 256

/* most_frequent - the pair of octets that stands most often in the text; how often */
static uint32_t
most_frequent(const unsigned char *text, uint32_t len, uint32_t *counts, struct mh_pair *pair)
{
	uint32_t most = 0;
	memset(counts, 0, PAIRS * PAIRS * sizeof(uint32_t));
	for (uint32_t i = 0; i + 1 < len; i++) {
		if (text[i] == MH_PROSE_LITERAL) {
			i++;
			continue;
		}
		if (text[i] == 0 || text[i + 1] == 0 || text[i + 1] == MH_PROSE_LITERAL)
			continue;
		uint32_t key = (uint32_t)text[i] * PAIRS + text[i + 1];
		if (++counts[key] > most) {
			most = counts[key];
			*pair = (struct mh_pair){ text[i], text[i + 1] };
		}
	}
	return most;
}

/* replace - every pair by its code; the new length */
static uint32_t
replace(unsigned char *text, uint32_t len, struct mh_pair pair, unsigned char code)
{
	uint32_t to = 0;
	for (uint32_t i = 0; i < len;) {
		if (text[i] == MH_PROSE_LITERAL) {
			text[to++] = text[i++];
			text[to++] = text[i++];
		} else if (i + 1 < len && text[i] == pair.first && text[i + 1] == pair.second) {
			text[to++] = code;
			i += 2;
		} else {
			text[to++] = text[i++];
		}
	}
	return to;
}

/* moved - the new offset of a string that was the nth of the prose */
static uint32_t
moved(const struct build *b, const uint32_t *starts, uint32_t offset)
{
	for (uint32_t i = 0; i < b->prose.strings.count; i++)
		if (VEC_AT(&b->prose.strings, struct shared, i)->at == offset)
			return starts[i];
	return 0;
}

/* mh_build_prose - packs the prose of the built-in rules; those loaded at run time are small and stay as they are */
int
mh_build_prose(struct build *b)
{
	uint32_t size = b->prose.text.count, len = 0, strings = b->prose.strings.count, n = 0;
	unsigned char *text = mh_arena_alloc(b->arena, (size_t)size * 2 + 2);
	uint32_t *counts = mh_arena_alloc(b->arena, PAIRS * PAIRS * sizeof(uint32_t));
	uint32_t *starts = mh_arena_alloc(b->arena, (strings + 1) * sizeof(uint32_t));
	if (text == NULL || counts == NULL || starts == NULL)
		return MH_ERR_ENOMEM;
	for (uint32_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)*VEC_AT(&b->prose.text, char, i);
		if (c != 0 && (mh_prose_is_code(c) || c == MH_PROSE_LITERAL))
			text[len++] = MH_PROSE_LITERAL;
		text[len++] = c;
	}
	for (uint32_t i = 0; i < PAIRS; i++)
		if (VEC_ADD(b, &b->pairs, struct mh_pair) == NULL)
			return MH_ERR_ENOMEM;
	for (uint32_t code = 1; code < PAIRS; code++) {
		struct mh_pair pair = { 0, 0 };
		if (!mh_prose_is_code((unsigned char)code))
			continue;
		if (most_frequent(text, len, counts, &pair) < 4)
			break;
		len = replace(text, len, pair, (unsigned char)code);
		*VEC_AT(&b->pairs, struct mh_pair, code) = pair;
	}
	starts[0] = 0;
	for (uint32_t i = 0; i < len && n < strings; i++) {
		if (text[i] == MH_PROSE_LITERAL)
			i++;
		else if (text[i] == 0)
			starts[++n] = i + 1;
	}
#define MOVE(vec, type, field) \
	for (uint32_t i = 0; i < b->vec.count; i++) \
	VEC_AT(&b->vec, type, i)->field = moved(b, starts, VEC_AT(&b->vec, type, i)->field)
	MOVE(reasons, struct mh_reason, text);
	MOVE(reasons, struct mh_reason, actor);
	MOVE(status_rows, struct mh_status_row, text);
	MOVE(status_rows, struct mh_status_row, spec);
	MOVE(advice, struct mh_advice, text);
	MOVE(advice, struct mh_advice, url);
	MOVE(providers, struct mh_provider, name);
	MOVE(providers, struct mh_provider, contact);
	MOVE(providers, struct mh_provider, page);
	MOVE(lists, struct mh_list, name);
	MOVE(lists, struct mh_list, delist);
	MOVE(lists, struct mh_list, note);
	MOVE(rules, struct mh_rule, meaning);
	MOVE(rules, struct mh_rule, ref);
#undef MOVE
	b->prose.text.items = text;
	b->prose.text.count = len;
	return MH_ERR_OK;
}
