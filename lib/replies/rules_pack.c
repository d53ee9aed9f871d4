/* rules_pack.c - the finished tables of a ruleset, in order and in one block */
#include "builder.h"

#include "error.h"

static int
by_status(const struct mh_status_row *x, const struct mh_status_row *y)
{
	if (x->subject != y->subject)
		return x->subject < y->subject ? -1 : 1;
	if (x->detail != y->detail)
		return x->detail < y->detail ? -1 : 1;
	return (int)x->class - (int)y->class;
}

static int
sort_status_rows(struct build *b, const struct mh_statement *statements)
{
	for (uint32_t i = 1; i < b->status_rows.count; i++)
		for (uint32_t k = i; k > 0; k--) {
			struct mh_status_row *x = VEC_AT(&b->status_rows, struct mh_status_row, k - 1);
			int order = by_status(x, x + 1);
			if (order == 0)
				return mh_build_fail(b, statements->place,
				    "an enhanced status code stands there twice%s", mh_str_n("", 0));
			if (order < 0)
				break;
			struct mh_status_row swap = *x;
			*x = x[1];
			x[1] = swap;
		}
	return MH_ERR_OK;
}

/* bare_key - single statuses in order, then ranges and rules for any status */
static uint32_t
bare_key(const struct mh_bare *bare)
{
	return bare->low == bare->high && bare->low != 0xffff ? (uint32_t)bare->subject << 16 | bare->low
							      : NONE;
}

static void
sort_bare(struct build *b)
{
	for (uint32_t i = 1; i < b->bare.count; i++)
		for (uint32_t k = i; k > 0; k--) {
			struct mh_bare *x = VEC_AT(&b->bare, struct mh_bare, k - 1), swap = *x;
			if (bare_key(x) <= bare_key(x + 1))
				break;
			*x = x[1];
			x[1] = swap;
		}
	b->set.bare_exact = 0;
	while (b->set.bare_exact < b->bare.count &&
	    bare_key(VEC_AT(&b->bare, struct mh_bare, b->set.bare_exact)) != NONE)
		b->set.bare_exact++;
}

int
mh_build_order(struct build *b, const struct mh_statement *statements)
{
	sort_bare(b);
	return sort_status_rows(b, statements);
}

/* hash_suffixes - the list of suffixes as a table of open addressing */
static int
hash_suffixes(struct build *b, struct vec *table)
{
	uint32_t size = b->suffixes.count + b->suffixes.count / 2 + 1;
	if (b->suffixes.count == 0)
		return MH_ERR_OK;
	for (uint32_t i = 0; i < size; i++)
		if (VEC_ADD(b, table, struct mh_suffix) == NULL)
			return MH_ERR_ENOMEM;
	for (uint32_t i = 0; i < b->suffixes.count && table->items != NULL; i++) {
		const struct mh_suffix *suffix = VEC_AT(&b->suffixes, struct mh_suffix, i);
		uint32_t at = mh_suffix_place(suffix->hash, size);
		while (VEC_AT(table, struct mh_suffix, at)->name != 0)
			at = at + 1 == size ? 0 : at + 1;
		*VEC_AT(table, struct mh_suffix, at) = *suffix;
	}
	return MH_ERR_OK;
}

static uint64_t
mix(uint64_t hash, struct mh_str s)
{
	for (size_t i = 0; i <= s.len; i++)
		hash = (hash ^ (unsigned char)(i < s.len ? s.p[i] : '\0')) * 1099511628211u;
	return hash;
}

static uint64_t
mix_values(uint64_t hash, const struct mh_value *values)
{
	for (; values != NULL; values = values->next)
		hash = mix(hash, values->text);
	return hash;
}

/* mh_build_version - equal for equal statements: FNV-1a over all their words */
uint64_t
mh_build_version(const struct mh_statement *statements)
{
	uint64_t hash = 14695981039346656037u;
	for (const struct mh_statement *s = statements; s != NULL; s = s->next) {
		hash = mix_values(mix(mix(hash, s->kind), s->id), s->values);
		for (const struct mh_property *p = s->properties; p != NULL; p = p->next)
			hash = mix_values(mix(hash, p->name), p->values);
	}
	return hash;
}

/* mh_build_pack - the finished set in one block: the struct, then its arrays */
int
mh_build_pack(struct build *b, const struct mh_mem *mem, const struct word_tree *tree,
    const struct automaton *a, struct mh_ruleset **out, size_t *out_size)
{
	struct vec suffixes = { NULL, 0, 0 };
	int error = hash_suffixes(b, &suffixes);
	if (error != MH_ERR_OK || b->no_memory)
		return error != MH_ERR_OK ? error : MH_ERR_ENOMEM;
	struct mh_ruleset set = b->set;
	set.words = tree->words;
	set.word_count = tree->word_count;
	set.stem_lengths = tree->stem_lengths;
	set.stem_count = MH_STEM_LENGTHS;
	set.classes = b->classes;
	set.class_count = tree->classes.count;
	set.state_accepts = a->kept_accepts.items;
	set.state_count = a->kept_accepts.count;
	set.edges = a->buckets;
	set.edge_count = a->bucket_count;
	set.edge_bits = a->edge_bits;
	set.accepts = a->accepts.items;
	set.accept_count = a->accepts.count;
	set.suffixes = suffixes.items;
	set.suffix_count = suffixes.count;
#define TAKE(array, array_count, vec) (set.array = b->vec.items, set.array_count = b->vec.count)
	TAKE(class_bits, class_bit_count, class_bits);
	TAKE(word_keys, word_key_count, word_keys);
	TAKE(segments, segment_count, segments);
	TAKE(patterns, pattern_count, patterns);
	TAKE(rules, rule_count, rules);
	TAKE(bare, bare_count, bare);
	TAKE(codes, code_count, codes);
	TAKE(statuses, status_count, statuses);
	TAKE(advice_refs, advice_ref_count, advice_refs);
	TAKE(advice, advice_count, advice);
	TAKE(providers, provider_count, providers);
	TAKE(lists, list_count, lists);
	TAKE(zones, zone_count, zones);
	TAKE(reasons, reason_count, reasons);
	TAKE(status_rows, status_row_count, status_rows);
	TAKE(pool, pool_size, pool.text);
	TAKE(prose, prose_size, prose.text);
	TAKE(pairs, pair_count, pairs);
#undef TAKE
	set.disabled = b->disabled;
	set.disabled_count = b->disabled != NULL ? set.rule_base : 0;
	size_t size = sizeof(set);
#define ROOM(array, array_count, type) size = (size + 15) / 16 * 16 + set.array_count * sizeof(type);
	MH_RULESET_ARRAYS(ROOM)
#undef ROOM
	char *block = mh_mem_alloc(mem, size);
	if (block == NULL)
		return MH_ERR_ENOMEM;
	size_t at = sizeof(set);
#define COPY(array, array_count, type) \
	at = (at + 15) / 16 * 16; \
	if (set.array_count > 0) \
		memcpy(block + at, set.array, set.array_count * sizeof(type)); \
	set.array = set.array_count > 0 ? (const type *)(const void *)(block + at) : NULL; \
	at += set.array_count * sizeof(type);
	MH_RULESET_ARRAYS(COPY)
#undef COPY
	memcpy(block, &set, sizeof(set));
	*out = (struct mh_ruleset *)(void *)block;
	*out_size = size;
	return MH_ERR_OK;
}
