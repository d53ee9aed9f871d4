/* ruleset.h - compiled rules: constant tables that a reply is run through
 *
 * A ruleset is what rules_build makes of rule files: a table that gives
 * every word of a text its class, an automaton over classes that finds all phrases
 * of all patterns in one pass, and the tables of what the phrases mean.  The
 * built-in one is emitted as C by mhrules and is constant data; those loaded
 * at run time are one block of memory.  Nothing in here ever changes.
 *
 * Layers stack rulesets: built-in, site, user.  Providers, lists, advice and
 * rules are numbered through all layers from below (base + local number);
 * reasons and statuses exist in the lowest layer only.
 *
 * Why words and not octets: an Aho-Corasick automaton over octets for the same
 * patterns has ten times the states, and cannot skip what lies between words.
 */
#ifndef MH_RULESET_H
#define MH_RULESET_H

#include <stdbool.h>
#include <stdint.h>

#include "port.h"
#include "str.h"

#define MH_LAYERS_MAX 3
#define MH_WORD_MAX 63 /* octets of a word that can be known */
#define MH_PHRASE_MAX 31 /* words of a phrase */
#define MH_GAP_WORDS 12 /* words that ".." spans at most */

/* clang-format off */
enum mh_retry { MH_RETRY_NONE, MH_RETRY_NO, MH_RETRY_SLOW, MH_RETRY_SOON, MH_RETRY_FIX, MH_RETRY_EDIT };
#define MH_RETRY_NAMES { "", "no", "slow", "soon", "fix", "edit" }

#define MH_SCOPE_NAMES { "message", "recipient", "sender-ip", "sender-domain", "connection", "server" }
#define MH_SCOPE_COUNT 6

#define MH_NEXT_NAMES { "spf", "dkim", "dmarc", "domain", "host", "tls", "dnsbl", "mx", "forwarding" }
#define MH_NEXT_COUNT 9

enum mh_phase {
	MH_PHASE_NONE,
	MH_PHASE_CONNECT,
	MH_PHASE_HELO,
	MH_PHASE_STARTTLS,
	MH_PHASE_AUTH,
	MH_PHASE_MAIL,
	MH_PHASE_RCPT,
	MH_PHASE_DATA,
	MH_PHASE_EOD,
	MH_PHASE_QUIT,
	MH_PHASE_COUNT
};
#define MH_PHASE_NAMES { "", "connect", "helo", "starttls", "auth", "mail", "rcpt", "data", "eod", "quit" }

enum mh_list_kind { MH_LIST_KIND_IP, MH_LIST_KIND_DOMAIN, MH_LIST_KIND_URI };
#define MH_LIST_KIND_NAMES { "ip", "domain", "uri" }

enum mh_list_state { MH_LIST_OPEN, MH_LIST_CLOSED };
#define MH_LIST_STATE_NAMES { "open", "closed" }

/* Things in a text that are no words. */
enum mh_entity_kind {
	MH_ENTITY_NONE,
	MH_ENTITY_IP,
	MH_ENTITY_HOST,
	MH_ENTITY_EMAIL,
	MH_ENTITY_URL,
	MH_ENTITY_LIST, /* in patterns only: a host or URL of a known blocklist */
	MH_ENTITY_NUMBER
};
#define MH_ENTITY_NAMES { "", "ip", "host", "email", "url", "list", "number" }

/* clang-format on */

#define MH_NO_REASON 0xffff

/* Strings are offsets; 0 is "".  Ids, zones and names that are compared stand in the pool as they
 * are; all that is only shown stands in the prose, which may be packed: see mh_prose_read. */
struct mh_reason {
	uint32_t id; /* pool; the other strings of all these rows are prose */
	uint32_t text, actor;
	uint16_t advice; /* first of advice_count in advice_refs */
	uint16_t next; /* bits of MH_NEXT_NAMES */
	uint8_t advice_count, scope, retry;
};

struct mh_status_row {
	uint32_t text, spec;
	uint16_t subject, detail;
	uint16_t reason; /* or MH_NO_REASON */
	uint8_t class; /* 2, 4, 5; 0: any */
	uint8_t weight; /* rank that it decides with */
};

struct mh_advice {
	uint32_t id, text, url;
};

struct mh_provider {
	uint32_t id, name, contact, page;
};

struct mh_list {
	uint32_t id, name, delist, note;
	uint16_t zone; /* first of zone_count in zones */
	uint8_t zone_count, kind, state;
};

/* A status in a rule's condition: class 0 any, subject and details 0xffff any. */
struct mh_status_range {
	uint8_t class;
	uint16_t subject, low, high;
};

/* A code in a rule's condition: 550, or 5 for 5xx. */

#define MH_RULE_TEXT 1 /* has text lines: decided by its patterns */
#define MH_RULE_CLAUSES 2 /* has and or not lines */

struct mh_rule {
	uint32_t id, meaning, ref;
	uint16_t reason;
	uint16_t provider, only; /* number + 1; 0 none */
	uint16_t codes, statuses; /* first of ..._count */
	uint16_t phases; /* bit per mh_phase; 0 any */
	uint16_t advice;
	uint16_t patterns, pattern_count; /* all of its patterns, in the order of the file */
	uint8_t code_count, status_count, advice_count;
	uint8_t rank, and_groups, flags, retry, scope;
};

/* A status that a rule without text decides by; 0xffff any. */
struct mh_bare {
	uint16_t subject, low, high;
	uint16_t rule; /* local number */
};

/* What a pattern is for. */
enum mh_clause { MH_CLAUSE_TEXT, MH_CLAUSE_AND, MH_CLAUSE_NOT, MH_CLAUSE_PROVIDER, MH_CLAUSE_LIST };

#define MH_PATTERN_AND_MAX 8 /* and lines of a rule */
#define MH_PATTERN_SECOND 0x08 /* with around: of two segments the key is the second one */
#define MH_PATTERN_BEFORE(around) ((around)&7)
#define MH_PATTERN_BEHIND(around) ((around) >> 4)

struct mh_pattern {
	uint16_t owner; /* local number of the rule, provider or list */
	uint16_t segment; /* first of segment_count */
	uint8_t segment_count;
	uint8_t clause; /* mh_clause; behind MH_CLAUSE_AND which line: clause | line << 4 */
	uint8_t weight; /* how telling it is */
	uint8_t around; /* mh_entity_kind that must stand before the first segment, | << 4 behind the last */
};

/* A run of words of a pattern without a gap: a phrase, which other patterns may share. */
#define MH_SEGMENT_GAP 0x03 /* before it: 0 first segment, 1 "..", 2 "..." */
#define MH_SEGMENT_SINGLE 0x04 /* its phrase may be one word: see class_bits */
#define MH_SEGMENT_ENTITY 4 /* shift: mh_entity_kind that must stand in the gap before it */

struct mh_segment {
	uint16_t phrase;
	uint8_t shape;
};

#define MH_ACCEPT_LAST 0x8000 /* of a state's accepts */
#define MH_ACCEPT_KEY 0x4000 /* some pattern's key */
#define MH_ACCEPT_PHRASE 0x3fff

/* Where a class leads from a state, for all states in one table: a bucket holds 8 edges, and an edge
 * stands in one of two.  next is a state, or, with MH_NEXT_END, the accepts of one that nothing leads on
 * from.  A place whose next is 0 is empty.
 *
 * State and class make a number of edge_bits bits, which is multiplied modulo 2 ^ edge_bits, so that no
 * two become one; its upper bits choose the first bucket, and the lower 15, with that bucket known, stand
 * for all of it.  The second bucket follows from the first and these 15 bits: so 16 bits tell an edge from
 * every other, for certain. */
#define MH_NEXT_END 0x8000
#define MH_EDGE_PLACES 8
#define MH_EDGE_TAG_BITS 15
#define MH_EDGE_SECOND 0x8000 /* of a tag: it stands in its second bucket */

struct mh_edge_bucket {
	uint16_t tag[MH_EDGE_PLACES], next[MH_EDGE_PLACES];
};

/* The phrases that a word of a class is alone, 16 to an entry: which ones, << 16, and a sixteenth of the number
 * of the first.  Phrases are numbered so that those of one class stand together, and behind the others those
 * from often_first to often_end, which stand in so many replies that nobody gains by asking whether they do:
 * they are always taken to be there.  MH_CLASS_BITS_LAST is in the last entry before them, or in the first of
 * all, and MH_CLASS_BITS_END in the last of all. */
#define MH_CLASS_BITS_LAST 0x8000u
#define MH_CLASS_BITS_END 0x4000u
#define MH_CLASS_BITS_PLACE 0x3fffu

/* The keys that a word is alone: the first pattern of each in keyed, and what it promises.  The last entry of a
 * list has MH_WORD_KEY_LAST with its row. */
#define MH_WORD_KEY_LAST 0x8000u
#define MH_WORD_KEY_ROW 0x7fffu

struct mh_word_key {
	uint16_t row;
	int16_t promise;
};

/* What a word of a class does. */
struct mh_class {
	uint16_t next; /* the state of a walk that begins with it; 0: none does */
	uint16_t keys; /* first of its list in word_keys; 0: none */
	uint16_t bits; /* the same in class_bits */
};

/* Words that patterns name, by hash: 4 in a bucket, each in one of two.  class 0: empty. */
#define MH_WORD_PLACES 4

struct mh_word_bucket {
	uint32_t tag[MH_WORD_PLACES];
	/* The class of the word itself, and << 16 that of longer words that begin so, where it is a stem. */
	uint32_t class[MH_WORD_PLACES];
};

/* Stems are looked for only in lengths that stems with the same first three octets have. */
#define MH_STEM_MAX 63
#define MH_STEM_LENGTHS 1024

/* A pattern under its key, with one more thing that must be there before it is looked at, and the most
 * that its rule can score by it.  Those of a key stand together: marks of providers and lists, which
 * have no score, and then the most promising first. */
#define MH_KEYED_LAST 0x8000 /* with the pattern: no other has this key */
#define MH_KEYED_PATTERN 0x7fff

struct mh_keyed {
	uint16_t pattern;
	uint16_t need; /* a phrase; phrase_count: nothing */
	int16_t promise; /* see mh_promise */
};

/* Scores: layer, then rank, then weight, so that they compare as one number; a weight with the 64 is
 * never below 0 nor above 511. */
#define MH_BONUS_STATUS 24
#define MH_BONUS_PROVIDER 32

static inline int32_t
mh_score(size_t layer, int32_t rank, int32_t weight)
{
	return (int32_t)layer * (1 << 20) + rank * 1024 + 64 + weight;
}

/* A promise is a score within 16 bits, a quarter as fine: two of them tell which score may be the larger.
 * Marks promise more than any score. */
#define MH_PROMISE_LAYER 12800 /* ranks are below 100 */
#define MH_PROMISE_MARK INT16_MAX
#define MH_PROMISE_NOTHING (-0x7f80) /* both its octets are 0x80 */

static inline int32_t
mh_promise(int32_t score, bool at_most)
{
	return ((score >> 20) - 1) * MH_PROMISE_LAYER + (score >> 10 & 1023) * 128 +
	    ((score & 1023) + (at_most ? 3 : 0)) / 4;
}

/* mh_rule_bonus - what a rule's conditions add to its weight when they hold; named: the status is one of its */
static inline int32_t
mh_rule_bonus(const struct mh_rule *rule, bool named)
{
	return (named && rule->status_count > 0 ? MH_BONUS_STATUS : 0) + (rule->code_count > 0 ? 8 : 0) +
	    (rule->only != 0 ? 16 : 0) + rule->and_groups * 8;
}

/* Host names and zones by hash of the name read from its end. */
struct mh_suffix {
	uint32_t hash;
	uint32_t name;
	uint16_t provider, list; /* number + 1 */
};

/* Packed prose (byte pair encoding): octets 0x01-0x1f and 0x80-0xff stand for two others each, which
 * may again be codes; MH_PROSE_LITERAL stands before an octet that means itself.  The words that people
 * read are a fifth of all rules, and so half of that. */
#define MH_PROSE_LITERAL 0x7f

struct mh_pair {
	uint8_t first, second;
};

static inline bool
mh_prose_is_code(unsigned char octet)
{
	return octet < 0x20 || octet >= 0x80;
}

struct mh_ruleset {
	const struct mh_word_bucket *words; /* see mh_ruleset_word */
	const uint64_t *stem_lengths; /* by mh_stem_place: bit n for stems of n octets */
	/* phrases: a walk begins at every word with its class's state and ends where no edge leads on */
	const struct mh_class *classes;
	const struct mh_word_key *word_keys;
	const uint16_t *state_accepts; /* first of a state's list; 0: none.  State 0: nowhere */
	const struct mh_edge_bucket *edges; /* see mh_ruleset_edge */
	const uint16_t *accepts; /* phrases that end in a state, keys first, the last one marked */
	const uint32_t *class_bits;
	const uint32_t
	    *phrase_classes; /* of the phrases that are asked for: bit class % 32 of each of its words */
	/* text, mark: a pattern is looked at when its key, the rarest of its phrases, was seen */
	const uint16_t *keyed_at; /* first of a phrase that is a key */
	const struct mh_keyed *keyed;
	const struct mh_segment *segments;
	const struct mh_pattern *patterns;
	const struct mh_rule *rules;
	const struct mh_bare *bare; /* rules without text: single statuses in order, then the others */
	const uint16_t *codes;
	const struct mh_status_range *statuses;
	const uint16_t *advice_refs;
	const struct mh_advice *advice;
	const struct mh_provider *providers;
	const struct mh_list *lists;
	const uint32_t *zones;
	const struct mh_suffix *suffixes; /* open addressing, see mh_suffix_place */
	const struct mh_reason *reasons;
	const struct mh_status_row *status_rows; /* by subject, detail, class */
	const uint8_t *disabled; /* of the rules below: 1 switched off; NULL none */
	const char *pool;
	const char *prose;
	const struct mh_pair *pairs; /* of prose: codes and what they stand for; NULL: it is not packed */
	uint32_t word_count, stem_count, class_count, state_count, edge_count, accept_count;
	uint32_t class_bit_count, word_key_count;
	uint32_t edge_bits, often_first, often_end;
	uint32_t phrase_count, keyed_count, segment_count, pattern_count;
	uint32_t rule_count, bare_count, bare_exact, code_count, status_count, advice_ref_count, advice_count;
	uint32_t provider_count, list_count, zone_count, suffix_count, reason_count, status_row_count;
	uint32_t disabled_count, pool_size, prose_size, pair_count;
	uint32_t rule_base, provider_base, list_base, advice_base; /* numbers below this layer */
	uint64_t version; /* of the rules it was made of */
};

/* clang-format off */
/* The arrays above with the field that counts them: for whoever copies, emits or sizes a set. */
#define MH_RULESET_ARRAYS(X) \
	X(words, word_count, struct mh_word_bucket) \
	X(stem_lengths, stem_count, uint64_t) \
	X(classes, class_count, struct mh_class) \
	X(word_keys, word_key_count, struct mh_word_key) \
	X(state_accepts, state_count, uint16_t) \
	X(edges, edge_count, struct mh_edge_bucket) \
	X(accepts, accept_count, uint16_t) \
	X(class_bits, class_bit_count, uint32_t) \
	X(phrase_classes, often_end, uint32_t) \
	X(keyed_at, phrase_count, uint16_t) \
	X(keyed, keyed_count, struct mh_keyed) \
	X(segments, segment_count, struct mh_segment) \
	X(patterns, pattern_count, struct mh_pattern) \
	X(rules, rule_count, struct mh_rule) \
	X(bare, bare_count, struct mh_bare) \
	X(codes, code_count, uint16_t) \
	X(statuses, status_count, struct mh_status_range) \
	X(advice_refs, advice_ref_count, uint16_t) \
	X(advice, advice_count, struct mh_advice) \
	X(providers, provider_count, struct mh_provider) \
	X(lists, list_count, struct mh_list) \
	X(zones, zone_count, uint32_t) \
	X(suffixes, suffix_count, struct mh_suffix) \
	X(reasons, reason_count, struct mh_reason) \
	X(status_rows, status_row_count, struct mh_status_row) \
	X(disabled, disabled_count, uint8_t) \
	X(pool, pool_size, char) \
	X(prose, prose_size, char) \
	X(pairs, pair_count, struct mh_pair)

/* Each count once: some count several arrays. */
#define MH_RULESET_COUNTS(X) \
	X(word_count) X(stem_count) X(class_count) X(state_count) X(edge_count) X(edge_bits) X(often_first) X(often_end) X(accept_count) X(class_bit_count) X(word_key_count) \
	X(phrase_count) X(keyed_count) X(segment_count) \
	X(pattern_count) X(rule_count) X(bare_count) X(code_count) X(status_count) X(advice_ref_count) X(advice_count) \
	X(provider_count) X(list_count) X(zone_count) X(suffix_count) X(reason_count) X(status_row_count) \
	X(disabled_count) X(pool_size) X(prose_size) X(pair_count)

/* clang-format on */

struct mh_layers {
	size_t count;
	const struct mh_ruleset *set[MH_LAYERS_MAX];
};

static inline const char *
mh_pool(const struct mh_ruleset *set, uint32_t offset)
{
	return set->pool + offset;
}

/* mh_prose_read - appends a string of the prose to out, unpacked */
void mh_prose_read(const struct mh_ruleset *set, uint32_t offset, struct mh_buf *out);

/* These take numbers through all layers. */
const struct mh_ruleset *mh_layers_provider(const struct mh_layers *layers, uint32_t number,
    const struct mh_provider **provider);
const struct mh_ruleset *mh_layers_list(const struct mh_layers *layers, uint32_t number,
    const struct mh_list **list);
const struct mh_ruleset *mh_layers_advice(const struct mh_layers *layers, uint32_t number,
    const struct mh_advice **advice);

/* Numbers by id, -1 where there is none. */
int mh_layers_find_provider(const struct mh_layers *layers, struct mh_str id);
int mh_layers_find_advice(const struct mh_layers *layers, struct mh_str id);
int mh_layers_find_reason(const struct mh_layers *layers, struct mh_str id);

/* mh_layers_suffix - the provider and list (number + 1, 0 none) that own a host name, by their
 * longest matching suffix, upper layers first */
struct mh_owner {
	uint16_t provider, list;
	uint8_t list_length; /* octets of the zone that matched */
};
struct mh_owner mh_layers_suffix(const struct mh_layers *layers, struct mh_str host);

/* mh_suffix_hash - adds one octet of a name, read from its end; start with 0.  Upper and lower case are one, and
 * so may be other octets: names are compared in the end. */
static inline uint32_t
mh_suffix_hash(uint32_t hash, char octet)
{
	return (hash ^ ((unsigned char)octet | 0x20u)) * 0x01000193u + 0x9e37u;
}

/* mh_suffix_place - where a name is looked for first */
static inline uint32_t
mh_suffix_place(uint32_t hash, uint32_t count)
{
	return (uint32_t)((uint64_t)(hash * 0x9e3779b1u) * count >> 32);
}

/* mh_word_window - which octets of 16 are among the first n, as two numbers of mh_load64 */
static MH_INLINE void
mh_word_window(size_t n, uint64_t window[2])
{
	static const unsigned char octets[32] = { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255, 255, 255, 255 };
	window[0] = mh_load64(octets + 16 - n);
	window[1] = mh_load64(octets + 24 - n);
}

/* mh_word_hash - of len octets at p, at least 1; fold: octets to be or-ed in, which make ASCII letters lower
 * case and leave digits as they are, or 0.  Reads up to the next multiple of 16 octets. */
#define MH_FOLD UINT64_C(0x2020202020202020)

static MH_INLINE uint64_t
mh_word_mix(uint64_t hash, uint64_t low, uint64_t high)
{
	high *= UINT64_C(0xc2b2ae3d27d4eb4f);
	hash = (low ^ hash ^ (high >> 32 | high << 32)) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 32;
}

static MH_INLINE uint64_t
mh_word_hash(const void *p, size_t len, uint64_t fold)
{
	const unsigned char *at = p, *end = at + len;
	uint64_t hash = 0, window[2];
	do {
		mh_word_window((size_t)(end - at) < 16 ? (size_t)(end - at) : 16, window);
		hash = mh_word_mix(hash, (mh_load64(at) | fold) & window[0],
		    (mh_load64(at + 8) | fold) & window[1]);
		at += 16;
	} while (at < end);
	return hash;
}

/* mh_stem_place - by the first three octets of a word */
static inline uint32_t
mh_stem_place(uint32_t octets)
{
	return (octets & 0xffffff) * 0x9e3779b1u >> 22;
}

/* mh_word_buckets - the two buckets of a word; its tag is the lower half of the hash */
static inline void
mh_word_buckets(uint64_t hash, uint32_t count, uint32_t bucket[2])
{
	bucket[0] = (uint32_t)((hash >> 32) * count >> 32);
	bucket[1] = (uint32_t)((uint64_t)((uint32_t)hash * 0x9e3779b1u) * count >> 32);
}

/* mh_ruleset_word - the class of a word by its hash, and << 16 that of its stem; 0: not known */
static MH_INLINE uint32_t
mh_ruleset_word(const struct mh_ruleset *set, uint64_t hash)
{
	uint32_t bucket[2], tag = (uint32_t)hash;
	mh_word_buckets(hash, set->word_count, bucket);
	uint32_t found = mh_vec_find32(set->words[bucket[0]].tag, tag) |
	    mh_vec_find32(set->words[bucket[1]].tag, tag) << 16;
	if (found == 0)
		return 0;
	uint32_t place = mh_lowest(found) / 4;
	return set->words[bucket[place / MH_WORD_PLACES]].class[place % MH_WORD_PLACES];
}

/* mh_edge_buckets - the two buckets of a state's edge; its tag in the first one */
static MH_INLINE uint32_t
mh_edge_buckets(uint32_t state, uint32_t class, uint32_t classes, uint32_t bits, uint32_t count,
    uint32_t bucket[2])
{
	uint32_t key = (state * classes + class) * 0x9e3779b1u & ((1u << bits) - 1);
	uint32_t tag = key & ((1u << MH_EDGE_TAG_BITS) - 1);
	uint32_t other = (tag * 0x9e3779b1u >> 16) * count >> 16;
	bucket[0] = (uint32_t)((uint64_t)key * count >> bits);
	bucket[1] = other >= bucket[0] ? other - bucket[0] : other + count - bucket[0];
	return tag;
}

/* mh_ruleset_edge - where a class leads from a state; 0: nowhere */
static MH_INLINE uint32_t
mh_ruleset_edge(const struct mh_ruleset *set, uint32_t state, uint32_t class)
{
	uint32_t bucket[2],
	    tag = mh_edge_buckets(state, class, set->class_count, set->edge_bits, set->edge_count, bucket);
	uint32_t found = mh_vec_find16(set->edges[bucket[0]].tag, (uint16_t)tag) |
	    mh_vec_find16(set->edges[bucket[1]].tag, (uint16_t)(tag | MH_EDGE_SECOND)) << 16;
	/* whether it is there is as good as chance: no branch.  If it is not, the last place is read for nothing. */
	uint32_t place = mh_lowest(found | 0x80000000u) / 2;
	uint32_t next = set->edges[bucket[place / MH_EDGE_PLACES]].next[place % MH_EDGE_PLACES];
	return next & (0u - (uint32_t)(found != 0));
}

/* mh_ruleset_status - what the registry says of an enhanced status code, or NULL */
const struct mh_status_row *mh_ruleset_status(const struct mh_ruleset *set, int class, int subject,
    int detail);

#endif
