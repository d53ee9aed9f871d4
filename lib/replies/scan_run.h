/* scan_run.h - one pass under way, shared by scan.c, phrases.c and things.c */
#ifndef MH_SCAN_RUN_H
#define MH_SCAN_RUN_H

#include "scan.h"

/* For tables by octet. */
/* clang-format off */
#define R26(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
#define R10(v) v, v, v, v, v, v, v, v, v, v
#define R16(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
/* clang-format on */

/* A walk through the automaton that began at a word and has not ended: its state, the index of its first word
 * << 16, and where that begins << 32.  One number, since a struct of small parts is put together in memory and
 * waits there to be read. */
typedef uint64_t mh_walk;

static inline mh_walk
mh_walk_from(uint32_t state, uint32_t first, uint32_t begin)
{
	return state | (uint64_t)(uint16_t)first << 16 | (uint64_t)begin << 32;
}

/* The words of a text in order, or those inside one host name or URL. */
struct stream {
	mh_walk walks[MH_LAYERS_MAX][MH_PHRASE_MAX + 1];
	uint32_t count[MH_LAYERS_MAX];
};

/* A word that was looked up and has not taken its steps yet. */
struct token {
	uint32_t begin, end;
	uint32_t known; /* as mh_ruleset_word tells */
	uint16_t index;
	uint16_t side; /* 0, or the number of the name it is within */
};

#define MH_TOKENS 64

struct run {
	struct mh_scan *scan;
	const struct mh_layers *layers;
	const struct mh_ruleset *set; /* the lowest of them */
	bool general; /* there are more: every word takes the general road */
	const struct mh_marks *marks;
	const char *text;
	size_t len;
	uint32_t index; /* of the next word or entity */
	uint16_t side; /* names so far */
	uint16_t side_begun; /* the one that the second stream is about */
	struct stream streams[2]; /* of the text, and of the name last met */
	struct token tokens[MH_TOKENS];
	uint32_t token_count;
};

/* Octets of names, of local parts (RFC 5322 3.2.3 without the rarest) and of URLs. */
enum { NAME_OCTET = 1, LOCAL_OCTET = 2, URL_OCTET = 4 };
extern const unsigned char mh_part_of[256];

static inline bool
is_name_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & NAME_OCTET) != 0;
}

static inline bool
is_local_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & LOCAL_OCTET) != 0;
}

static inline bool
is_url_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & URL_OCTET) != 0;
}

static const struct mh_owner mh_nobody = { 0, 0, 0 };

/* mh_scan_odd - notes something odd where it is first seen */
static inline void
mh_scan_odd(struct mh_scan *scan, uint32_t bit, size_t at)
{
	if ((scan->odd & bit) == 0) {
		scan->odd |= bit;
		scan->odd_at[mh_lowest(bit)] = (uint32_t)at;
	}
}

/* phrases.c: mh_put_word - a word of any letters, in every layer; a token with a digit counts only where a layer
 * knows it.  side: 0, or the number of the name it is within. */
void mh_put_word(struct run *run, uint16_t side, const struct mh_word *word, size_t begin, size_t end);
void mh_take_tokens(struct run *run);
void mh_chain_ends(struct mh_scan *scan);
void mh_scan_end_keys(struct mh_scan *scan);

/* scan.c: mh_put_words_within - the words of a host name or URL, on the side; mh_add_entity - notes a
 * thing, which takes a place among the words */
void mh_put_words_within(struct run *run, size_t begin, size_t end);
void mh_add_entity(struct run *run, int kind, size_t begin, size_t end, struct mh_owner owner);

/* things.c: each takes the thing that begins at begin and gives its end, or 0 if it is none */
size_t mh_take_ip4(struct run *run, size_t begin);
size_t mh_take_ip6(struct run *run, size_t begin);
size_t mh_take_name(struct run *run, size_t begin);
size_t mh_take_url(struct run *run, size_t begin, size_t host);
/* mh_find_email - the next address at or after from: its limits, or SIZE_MAX */
size_t mh_find_email(const struct run *run, size_t from, size_t *end);

#endif
