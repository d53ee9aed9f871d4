/* rules_emit.c - a ruleset as C source
 *
 * Every array becomes a static const array of its own type, written field by
 * field, so that the source means the same on every machine it is compiled for.
 */
#include "rules_emit.h"

#include <inttypes.h>

static void
begin(FILE *out, const char *type, const char *name)
{
	(void)fprintf(out, "static const %s %s[] = {", type, name);
}

static void
end(FILE *out)
{
	(void)fputs("\n};\n", out);
}

static void
comma(FILE *out, uint32_t i, uint32_t per_line)
{
	(void)fputs(i % per_line == 0 ? "\n\t" : " ", out);
}

#define NUMBERS(array, array_count, type) \
	if (set->array_count > 0) { \
		begin(out, #type, #array); \
		for (uint32_t i = 0; i < set->array_count; i++) { \
			comma(out, i, 16); \
			(void)fprintf(out, "%" PRIu64 "u,", (uint64_t)set->array[i]); \
		} \
		end(out); \
	}

#define ROWS(array, array_count, type, ...) \
	if (set->array_count > 0) { \
		begin(out, #type, #array); \
		for (uint32_t i = 0; i < set->array_count; i++) { \
			const type *row = &set->array[i]; \
			comma(out, i, 6); \
			const int64_t fields[] = { __VA_ARGS__ }; \
			(void)fputs("{", out); \
			for (size_t k = 0; k < sizeof(fields) / sizeof(fields[0]); k++) \
				(void)fprintf(out, k > 0 ? ",%" PRId64 : "%" PRId64, fields[k]); \
			(void)fputs("},", out); \
		} \
		end(out); \
	}

/* "{1,2,3}," of one field of a bucket */
#define LIST(field, places) \
	for (size_t k = 0; k < (places); k++) \
		(void)fprintf(out, k > 0 ? ",%" PRIu32 : "{%" PRIu32, (uint32_t)row->field[k]); \
	(void)fputs("},", out);

#define BUCKETS(array, array_count, type, lists) \
	if (set->array_count > 0) { \
		(void)fprintf(out, "static const _Alignas(64) %s %s[] = {", #type, #array); \
		for (uint32_t i = 0; i < set->array_count; i++) { \
			const type *row = &set->array[i]; \
			(void)fputs("\n\t{", out); \
			lists; \
			(void)fputs("},", out); \
		} \
		end(out); \
	}

static void
emit_text(FILE *out, const char *name, const char *text, uint32_t size)
{
	begin(out, "char", name);
	for (uint32_t i = 0; i < size; i++) {
		comma(out, i, 24);
		(void)fprintf(out, "%d,", text[i]);
	}
	end(out);
}

bool
mh_rules_emit(FILE *out, const struct mh_ruleset *set)
{
	(void)fputs("/* Made by mhrules from the rule files; do not edit. */\n#include \"ruleset.h\"\n\n"
		    "extern const struct mh_ruleset mh_builtin_rules;\n\n",
	    out);
	NUMBERS(state_accepts, state_count, uint16_t)
	NUMBERS(accepts, accept_count, uint16_t)
	NUMBERS(class_bits, class_bit_count, uint32_t)
	NUMBERS(phrase_classes, often_end, uint32_t)
	NUMBERS(keyed_at, phrase_count, uint16_t)
	NUMBERS(codes, code_count, uint16_t)
	NUMBERS(advice_refs, advice_ref_count, uint16_t)
	NUMBERS(zones, zone_count, uint32_t)
	NUMBERS(stem_lengths, stem_count, uint64_t)
	BUCKETS(words, word_count, struct mh_word_bucket,
	    LIST(tag, MH_WORD_PLACES) LIST(class, MH_WORD_PLACES))
	BUCKETS(edges, edge_count, struct mh_edge_bucket,
	    LIST(tag, MH_EDGE_PLACES) LIST(next, MH_EDGE_PLACES))
	ROWS(classes, class_count, struct mh_class, row->next, row->keys, row->bits)
	ROWS(word_keys, word_key_count, struct mh_word_key, row->row, row->promise)
	ROWS(keyed, keyed_count, struct mh_keyed, row->pattern, row->need, row->promise)
	ROWS(segments, segment_count, struct mh_segment, row->phrase, row->shape)
	ROWS(patterns, pattern_count, struct mh_pattern, row->owner, row->segment, row->segment_count,
	    row->clause, row->weight, row->around)
	ROWS(rules, rule_count, struct mh_rule, row->id, row->meaning, row->ref, row->reason, row->provider,
	    row->only, row->codes, row->statuses, row->phases, row->advice, row->patterns, row->pattern_count,
	    row->code_count, row->status_count, row->advice_count, row->rank, row->and_groups, row->flags,
	    row->retry, row->scope)
	ROWS(bare, bare_count, struct mh_bare, row->subject, row->low, row->high, row->rule)
	ROWS(statuses, status_count, struct mh_status_range, row->class, row->subject, row->low, row->high)
	ROWS(advice, advice_count, struct mh_advice, row->id, row->text, row->url)
	ROWS(providers, provider_count, struct mh_provider, row->id, row->name, row->contact, row->page)
	ROWS(lists, list_count, struct mh_list, row->id, row->name, row->delist, row->note, row->zone,
	    row->zone_count, row->kind, row->state)
	ROWS(suffixes, suffix_count, struct mh_suffix, row->hash, row->name, row->provider, row->list)
	ROWS(reasons, reason_count, struct mh_reason, row->id, row->text, row->actor, row->advice, row->next,
	    row->advice_count, row->scope, row->retry)
	ROWS(status_rows, status_row_count, struct mh_status_row, row->text, row->spec, row->subject,
	    row->detail, row->reason, row->class, row->weight)
	ROWS(pairs, pair_count, struct mh_pair, row->first, row->second)
	emit_text(out, "pool", set->pool, set->pool_size);
	emit_text(out, "prose", set->prose, set->prose_size);
	(void)fputs("\nconst struct mh_ruleset mh_builtin_rules = {\n", out);
#define NAME(array, array_count, type) \
	if (set->array_count > 0) \
		(void)fprintf(out, "\t." #array " = " #array ",\n");
	MH_RULESET_ARRAYS(NAME)
#undef NAME
#define COUNT(name) (void)fprintf(out, "\t." #name " = %" PRIu32 ",\n", set->name);
	MH_RULESET_COUNTS(COUNT)
#undef COUNT
	(void)fprintf(out, "\t.bare_exact = %" PRIu32 ",\n\t.version = UINT64_C(%" PRIu64 "),\n};\n",
	    set->bare_exact, set->version);
	return ferror(out) == 0;
}
