/* builder.h - what the parts of rules_build share
 *
 * rules_build reads statements into tables, rules_pattern cuts patterns into
 * phrases, rules_words gives every word its class and every pattern its key,
 * rules_automaton makes the states, rules_buckets the tables that are asked for
 * words and edges, rules_prose packs what people read, and rules_pack brings all
 * into one block.  Until then it lives in the caller's arena.
 */
#ifndef MH_BUILDER_H
#define MH_BUILDER_H

#include "rules_build.h"
#include "scan.h"

#define NONE 0xffffffffu

/* A growing array in the arena.  Growing leaves the old one behind: the arena goes soon. */
struct vec {
	void *items;
	uint32_t count, room;
};

/* A string of the pool or of the prose. */
struct shared {
	uint32_t hash, at;
};

/* A pool of strings, each kept once; its offset 0 is "". */
struct pool {
	struct vec text; /* char */
	struct vec strings; /* struct shared */
};

struct build {
	struct mh_arena *arena;
	const struct mh_layers *below;
	struct mh_rules_error *error;
	struct mh_ruleset set; /* counts and bases as they come to be known */
	struct pool pool, prose;
	struct vec rules, bare, codes, statuses, advice_refs, advice, providers, lists, zones, reasons,
	    status_rows;
	struct vec patterns, segments, suffixes;
	struct vec phrases; /* struct phrase */
	struct vec class_bits; /* uint32_t */
	struct vec word_keys; /* struct mh_word_key */
	struct mh_class *classes;
	struct vec pairs; /* struct mh_pair, by code */
	struct vec named; /* struct word_set */
	struct vec words; /* struct pattern_word, all that patterns name */
	struct vec labels; /* struct label */
	struct vec nodes; /* struct node: the tree of phrases */
	uint8_t *disabled;
	struct mh_sample **sample_tail;
	bool no_memory;
};

struct pattern_word {
	unsigned char octets[MH_WORD_MAX + 1];
	uint8_t len;
	bool stem; /* matches every word that begins so */
};

/* What one place of a phrase takes: any of some words. */
struct label {
	uint32_t *words; /* sorted */
	uint32_t count;
	uint32_t hash;
	struct vec classes; /* uint16_t, ascending: filled when classes are known */
	uint8_t weight;
};

struct word_set {
	struct mh_str name;
	struct mh_value *values;
	struct mh_place place;
};

/* A phrase, once for all patterns that have it. */
struct phrase {
	uint32_t *spelling, length, hash; /* its items, as numbers */
	uint32_t weight;
	uint32_t frequency; /* about how many samples have it */
	uint32_t word; /* label of its variants of one word, or NONE */
	bool key; /* of some pattern */
	bool asked; /* for whether it stands there, beside being a key */
	bool often; /* in so many replies that the answer tells nothing */
};

struct node {
	uint32_t parent, label;
	uint32_t first_child, next_sibling;
	struct vec accepts; /* uint16_t: phrases that end here */
};

/* The letters of all words as a tree, and the classes that the words have. */
struct letter {
	unsigned char code;
	uint32_t first_child, next_sibling;
	uint32_t exact, stem; /* pattern words that end here, or NONE */
	uint32_t stems_class, end_class;
};

struct class
{
	uint32_t words[8]; /* a word can match one exact word and the stems of its beginning */
	uint32_t count;
};

struct word_tree {
	struct vec letters; /* struct letter; 0 is the root */
	struct vec classes; /* struct class; 0 is "unknown" */
	struct vec known; /* struct known_word: what the table of words is to have */
	struct mh_word_bucket *words;
	uint32_t word_count;
	uint64_t *stem_lengths;
};

struct known_word {
	uint64_t hash;
	uint16_t class, stem;
};

/* The states before they are packed. */
struct state {
	uint32_t *nodes; /* of the phrase tree, sorted */
	uint32_t count, hash;
	uint32_t first_edge, end_edge, first_accept, accept_count;
};

struct edge {
	uint16_t class, next;
};

struct automaton {
	struct vec states, edges, accepts; /* struct state, struct edge, uint16_t */
	struct vec table; /* uint32_t: states by hash, open addressing */
	struct vec kept_accepts; /* uint16_t, by state: as it is packed */
	struct mh_edge_bucket *buckets;
	uint32_t bucket_count, edge_bits;
	uint16_t *root_next;
	uint32_t root_count;
};

/* A table of buckets: owner[bucket * places + place] is the item there, or NONE. */
struct buckets {
	uint32_t places; /* of a bucket */
	void (*home)(const void *ud, uint32_t item, uint32_t count, uint32_t bucket[2]);
	const void *ud;
	uint32_t count; /* of buckets, as it came out */
	uint32_t *owner;
};

/* vec_add - room for one more item, cleared; NULL without memory, which no_memory keeps */
void *mh_vec_add(struct build *b, struct vec *vec, size_t size);
#define VEC_ADD(b, vec, type) ((type *)mh_vec_add((b), (vec), sizeof(type)))
#define VEC_AT(vec, type, i) (&((type *)(vec)->items)[i])

int mh_build_fail(struct build *b, struct mh_place place, const char *text, struct mh_str about);
/* mh_build_full - the same for what has no place: some table is full */
int mh_build_full(struct build *b, const char *text);
uint32_t mh_build_hash(const void *p, size_t len);
/* mh_build_name - place of a name in a list, or -1 */
int mh_build_name(const char *const *names, size_t count, struct mh_str name);

/* These give MH_OK, MH_ERULES or MH_ENOMEM. */
int mh_build_pattern(struct build *b, const struct mh_value *value, uint32_t owner, enum mh_clause clause,
    uint32_t group);
int mh_build_words(struct build *b, struct word_tree *tree, const struct mh_sample *samples);
int mh_build_automaton(struct build *b, const struct word_tree *tree, struct automaton *a);
int mh_build_prose(struct build *b);
int mh_build_order(struct build *b,
    const struct mh_statement *statements); /* what is looked for by bisection */
int mh_build_pack(struct build *b, const struct mh_mem *mem, const struct word_tree *tree,
    const struct automaton *a, struct mh_ruleset **out, size_t *out_size);
uint64_t mh_build_version(const struct mh_statement *statements);
/* mh_build_buckets - finds a place for every item in one of its two buckets, of which there are at least least */
int mh_build_buckets(struct build *b, struct buckets *buckets, uint32_t items, uint32_t least);

#endif
