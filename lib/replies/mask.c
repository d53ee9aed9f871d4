/* mask.c - what is data in a reply, taken out of it
 *
 * Who masks for people masks too much rather than too little; who masks for
 * the memory of the classifier masks too little rather than too much.
 */
#include "mask.h"

#include "map.h"
#include "port.h"
#include "text.h"

/* ------------------------------------------------------------------- for the memory */

#define TOKEN_HIGH 1u
#define TOKEN_LETTER 2u
#define TOKEN_DIGIT 4u
#define TOKEN_AT 8u
#define TOKEN_DOT 16u
#define TOKEN_COLON 32u
#define TOKEN_JOIN 64u

/* kind_of - what an octet of a token is; 0: it parts tokens */
static inline unsigned
kind_of(unsigned char c)
{
	static const uint8_t kinds[128] = { ['0'] = 4,
		4,
		4,
		4,
		4,
		4,
		4,
		4,
		4,
		4,
		['A'] = 2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		['a'] = 2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		2,
		['@'] = 8,
		['.'] = 16,
		[':'] = 32,
		['-'] = 64,
		['_'] = 64,
		['+'] = 64 };
	return c < 0x80 ? kinds[c] : TOKEN_HIGH;
}

/* last_label_is_number - "…b.12": no host name ends so */
static bool
last_label_is_number(struct mh_str token)
{
	size_t i = token.len;
	while (i > 0 && mh_is_digit(token.p[i - 1]))
		i--;
	return i < token.len && i > 0 && token.p[i - 1] == '.';
}

/* is_quad - four numbers one of which has two digits: an address, and no policy's number */
static bool
is_quad(struct mh_str token)
{
	int parts = 1, digits = 0, longest = 0;
	for (size_t i = 0; i < token.len; i++) {
		if (token.p[i] == '.') {
			parts++;
			digits = 0;
		} else if (++digits > longest) {
			longest = digits;
		}
	}
	return parts == 4 && longest > 1;
}

static bool
is_data(struct mh_str token, unsigned kinds)
{
	if (token.len < 6 || (kinds & (TOKEN_DIGIT | TOKEN_AT)) == 0)
		return false;
	if ((kinds & TOKEN_AT) != 0)
		return true;
	if (kinds == TOKEN_DIGIT)
		return true;
	if (kinds == (TOKEN_DIGIT | TOKEN_DOT))
		return is_quad(token);
	if ((kinds & TOKEN_COLON) != 0 && (kinds & (TOKEN_DOT | TOKEN_JOIN)) == 0)
		return true; /* an IPv6 address, a time */
	return token.len >= 10 && ((kinds & TOKEN_DOT) == 0 || last_label_is_number(token));
}

uint64_t
mh_mask_hash(struct mh_str text, uint64_t seed)
{
	uint64_t hash = seed;
	size_t plain = 0; /* where what is not masked begins */
	for (size_t i = 0; i < text.len;) {
		unsigned kinds = 0, kind = 0;
		size_t begin = i;
		while (i < text.len && (kind = kind_of((unsigned char)text.p[i])) != 0) {
			kinds |= kind;
			i++;
		}
		size_t end = i;
		while (end > begin && (text.p[end - 1] == '.' || text.p[end - 1] == ':'))
			end--; /* the end of a sentence, and no part of the token */
		if (is_data(mh_str_n(text.p + begin, end - begin), kinds)) {
			hash = mh_hash(mh_str_n(text.p + plain, begin - plain), hash);
			plain = end;
		}
		while (i < text.len && kind_of((unsigned char)text.p[i]) == 0)
			i++;
	}
	return mh_hash(mh_str_n(text.p + plain, text.len - plain), hash);
}

/* ----------------------------------------------------------------------- for people */

static struct mh_str
stand_in(const struct mh_entity *entity, struct mh_str original)
{
	switch (entity->kind) {
	case MH_ENTITY_IP:
		return memchr(original.p, ':', original.len) != NULL ? MH_STR("2001:db8::1")
								     : MH_STR("192.0.2.1");
	case MH_ENTITY_EMAIL:
		return MH_STR("user@example.com");
	case MH_ENTITY_URL:
		/* whose page it is tells who refuses: a known one stays */
		return entity->owner.provider != 0 || entity->owner.list != 0
		    ? original
		    : MH_STR("https://host.example/");
	case MH_ENTITY_HOST:
		return entity->owner.provider != 0 || entity->owner.list != 0 ? original
									      : MH_STR("host.example");
	default:
		return original;
	}
}

static bool
has_digit(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (mh_is_digit(s.p[i]))
			return true;
	return false;
}

static bool
is_ascii(struct mh_str s)
{
	return mh_ascii_prefix(s) == s.len;
}

/* put_word - a word, its digits and letters blotted out if it is an id */
static void
put_word(struct mh_buf *out, struct mh_str word, struct mh_str local)
{
	if (local.len > 1 && mh_str_ieq(word, local)) {
		mh_buf_puts(out, "user");
		return;
	}
	if (word.len < 6 || !has_digit(word)) {
		mh_buf_putstr(out, word);
		return;
	}
	for (size_t i = 0; i < word.len; i++)
		mh_buf_putc(out, mh_is_digit(word.p[i]) ? '0' : mh_is_alpha(word.p[i]) ? 'x' : word.p[i]);
}

void
mh_mask_sample(struct mh_str text, const struct mh_scan *scan, struct mh_str recipient, struct mh_buf *out)
{
	uint32_t entity = 0;
	struct mh_str local = recipient;
	for (local.len = 0; local.len < recipient.len && recipient.p[local.len] != '@'; local.len++)
		;
	for (size_t i = 0; i < text.len;) {
		while (entity < scan->entity_count && scan->entities[entity].end <= i)
			entity++;
		const struct mh_entity *at = entity < scan->entity_count ? &scan->entities[entity] : NULL;
		if (at != NULL && at->begin <= i && at->kind != MH_ENTITY_NUMBER) {
			mh_buf_putstr(out, stand_in(at, mh_str_n(text.p + at->begin, at->end - at->begin)));
			i = at->end;
			continue;
		}
		size_t end = i;
		while (end < text.len && (mh_is_alnum(text.p[end]) || text.p[end] == '_') &&
		    !(at != NULL && at->kind != MH_ENTITY_NUMBER && end >= at->begin))
			end++;
		if (end == i) {
			char c = text.p[i++];
			mh_buf_putc(out, c == '\r' || c == '\n' || c == '\t' ? ' ' : c);
			continue;
		}
		put_word(out, mh_str_n(text.p + i, end - i), local);
		i = end;
	}
}

/* put_quoted - text as a string of the rule grammar; line ends are spaces there already */
static void
put_quoted(struct mh_buf *out, struct mh_str text)
{
	mh_buf_putc(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '"' || text.p[i] == '\\')
			mh_buf_putc(out, '\\');
		if ((unsigned char)text.p[i] >= ' ' && text.p[i] != 0x7f)
			mh_buf_putc(out, text.p[i]);
	}
	mh_buf_putc(out, '"');
}

#define DRAFT_WORDS 10

void
mh_mask_rule(struct mh_str text, const struct mh_scan *scan, struct mh_str sample, const char *template,
    struct mh_buf *out)
{
	/* The longest run of plain words: no data, no digits, no other writing system's letters either, since how
	 * those are folded is the reader's business. */
	size_t best_begin = 0, best_end = 0, best = 0;
	size_t begin = 0, end = 0, words = 0;
	uint32_t entity = 0;
	for (size_t i = 0; i < text.len;) {
		while (entity < scan->entity_count && scan->entities[entity].end <= i)
			entity++;
		bool data = entity < scan->entity_count && scan->entities[entity].begin <= i;
		size_t from = i;
		while (i < text.len && (mh_is_alnum(text.p[i]) || (unsigned char)text.p[i] >= 0x80))
			i++;
		struct mh_str word = mh_str_n(text.p + from, i - from);
		bool plain = !data && !has_digit(word) && is_ascii(word);
		if (word.len > 0 && plain && words < DRAFT_WORDS) {
			begin = words++ == 0 ? from : begin;
			end = i;
		} else if (word.len > 0) {
			words = 0;
		}
		if (words > best) {
			best = words;
			best_begin = begin;
			best_end = end;
		}
		if (i < text.len && word.len == 0) {
			if (text.p[i] != ' ' && text.p[i] != ',' && text.p[i] != '.' && text.p[i] != '\'')
				words = 0;
			i++;
		}
	}
	if (best < 2)
		return; /* nothing to know it by */
	mh_buf_puts(out, "rule site.");
	mh_buf_putc(out, 't'); /* an id begins with a letter */
	mh_buf_puts(out, template);
	mh_buf_puts(out, " {\n\treason policy-rejected  # fill in what it means\n\ttext   \"");
	for (size_t i = best_begin; i < best_end; i++) {
		char c = text.p[i];
		if (c == '\'') /* an apostrophe joins: "don't" is one word */
			continue;
		mh_buf_putc(out, mh_is_alnum(c) ? mh_lower(c) : ' ');
	}
	mh_buf_puts(out, "\"\n\tsample ");
	put_quoted(out, sample);
	mh_buf_puts(out, "\n}\n");
}
