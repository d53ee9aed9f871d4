/* rules_build.c - from statements to a ruleset
 *
 * Statements are declared first, so that they may refer to later ones, then
 * read into tables; patterns, words, automaton and prose are made by the files
 * of those names (see builder.h), and all of it is packed into one block.
 */
#include "builder.h"

#include "error.h"
#include "port.h"

void *
mh_vec_add(struct build *b, struct vec *vec, size_t size)
{
	if (vec->count == vec->room) {
		uint32_t room = vec->room == 0 ? 64 : vec->room * 2;
		void *items = mh_arena_alloc(b->arena, room * size);
		if (items == NULL) {
			b->no_memory = true;
			return NULL;
		}
		if (vec->count > 0)
			memcpy(items, vec->items, vec->count * size);
		vec->items = items;
		vec->room = room;
	}
	void *item = (char *)vec->items + vec->count++ * size;
	memset(item, 0, size);
	return item;
}

int
mh_build_fail(struct build *b, struct mh_place place, const char *text, struct mh_str about)
{
	return mh_rules_fail(b->error, place, text, about);
}

int
mh_build_full(struct build *b, const char *text)
{
	return mh_rules_fail(b->error, (struct mh_place){ "", 0, 0 }, text, mh_str_n("", 0));
}

uint32_t
mh_build_hash(const void *p, size_t len)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ ((const unsigned char *)p)[i]) * 16777619u;
	return hash;
}

/* pool_put - offset of a string in a pool, where equal strings are kept once */
static uint32_t
pool_put(struct build *b, struct pool *pool, struct mh_str s)
{
	uint32_t hash = mh_build_hash(s.p, s.len);
	for (uint32_t i = 0; i < pool->strings.count; i++) {
		const struct shared *other = VEC_AT(&pool->strings, struct shared, i);
		if (other->hash == hash && mh_str_eq(mh_str_z(VEC_AT(&pool->text, char, other->at)), s))
			return other->at;
	}
	uint32_t at = pool->text.count;
	struct shared *added = VEC_ADD(b, &pool->strings, struct shared);
	if (added == NULL)
		return 0;
	*added = (struct shared){ hash, at };
	for (size_t i = 0; i <= s.len; i++) {
		char *c = VEC_ADD(b, &pool->text, char);
		if (c == NULL)
			return 0;
		*c = i < s.len ? s.p[i] : '\0';
	}
	return at;
}

/* ------------------------------------------------------------- names in statements */

int
mh_build_name(const char *const *names, size_t count, struct mh_str name)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_eq(mh_str_z(names[i]), name))
			return (int)i;
	return -1;
}

static bool
is_id(struct mh_str id)
{
	for (size_t i = 0; i < id.len; i++)
		if (!mh_is_digit(id.p[i]) && !(id.p[i] >= 'a' && id.p[i] <= 'z') && id.p[i] != '-' &&
		    id.p[i] != '.' && id.p[i] != '_')
			return false;
	return id.len > 0 && id.len < 64;
}

static bool
is_kind(const struct mh_statement *statement, const char *kind)
{
	return mh_str_eq(statement->kind, mh_str_z(kind));
}

/* find_id - place of an id in a table of this set whose rows begin with the id's offset */
static int
find_id(const struct build *b, const struct vec *table, size_t size, struct mh_str id)
{
	for (uint32_t i = 0; i < table->count; i++) {
		uint32_t offset;
		memcpy(&offset, (const char *)table->items + i * size, sizeof(offset));
		if (mh_str_eq(mh_str_z(VEC_AT(&b->pool.text, char, offset)), id))
			return (int)i;
	}
	return -1;
}

static int
resolve_provider(const struct build *b, struct mh_str id)
{
	int found = find_id(b, &b->providers, sizeof(struct mh_provider), id);
	return found >= 0 ? found + (int)b->set.provider_base : mh_layers_find_provider(b->below, id);
}

static int
resolve_advice(const struct build *b, struct mh_str id)
{
	int found = find_id(b, &b->advice, sizeof(struct mh_advice), id);
	return found >= 0 ? found + (int)b->set.advice_base : mh_layers_find_advice(b->below, id);
}

static int
resolve_reason(const struct build *b, struct mh_str id)
{
	int found = find_id(b, &b->reasons, sizeof(struct mh_reason), id);
	return found >= 0 ? found : mh_layers_find_reason(b->below, id);
}

/* ------------------------------------------------------------------------ statements */

static int
one_value(struct build *b, const struct mh_property *property, struct mh_str *text)
{
	if (property->values == NULL || property->values->next != NULL)
		return mh_build_fail(b, property->place, "%s takes one value", property->name);
	*text = property->values->text;
	return MH_ERR_OK;
}

static int
one_string(struct build *b, const struct mh_property *property, uint32_t *offset)
{
	struct mh_str text = { NULL, 0 };
	int error = one_value(b, property, &text);
	if (error == MH_ERR_OK)
		*offset = pool_put(b, &b->prose, text);
	return error;
}

static int
one_name(struct build *b, const struct mh_property *property, const char *const *names, size_t count,
    uint8_t *out)
{
	struct mh_str text = { NULL, 0 };
	int error = one_value(b, property, &text);
	if (error != MH_ERR_OK)
		return error;
	int found = mh_str_eq(text, MH_STR("-")) ? 0 : mh_build_name(names, count, text);
	if (found < 0)
		return mh_build_fail(b, property->values->place, "\"%s\" is not known here", text);
	*out = (uint8_t)found;
	return MH_ERR_OK;
}

/* bits - a list of names as a set of bits */
static int
bits(struct build *b, const struct mh_property *property, const char *const *names, size_t count,
    uint32_t *out)
{
	for (const struct mh_value *value = property->values; value != NULL; value = value->next) {
		int found = mh_build_name(names, count, value->text);
		if (mh_str_eq(value->text, MH_STR("-")))
			continue;
		if (found < 0)
			return mh_build_fail(b, value->place, "\"%s\" is not known here", value->text);
		*out |= 1u << found;
	}
	return MH_ERR_OK;
}

static int
too_many(struct build *b, struct mh_place at)
{
	return mh_build_fail(b, at, "more than 255 of these", mh_str_n("", 0));
}

static int
advice_list(struct build *b, const struct mh_property *property, uint16_t *first, uint8_t *count)
{
	*first = (uint16_t)b->advice_refs.count;
	*count = 0;
	for (const struct mh_value *value = property->values; value != NULL; value = value->next) {
		int found = resolve_advice(b, value->text);
		if (*count == UINT8_MAX)
			return too_many(b, value->place);
		if (mh_str_eq(value->text, MH_STR("-")))
			continue;
		if (found < 0)
			return mh_build_fail(b, value->place, "there is no advice \"%s\"", value->text);
		uint16_t *ref = VEC_ADD(b, &b->advice_refs, uint16_t);
		if (ref == NULL)
			return MH_ERR_ENOMEM;
		*ref = (uint16_t)found;
		++*count;
	}
	return MH_ERR_OK;
}

static int
scope_bits(struct build *b, const struct mh_property *property, uint8_t *out)
{
	static const char *const names[] = MH_SCOPE_NAMES;
	uint32_t set = 0;
	int error = bits(b, property, names, MH_COUNT(names), &set);
	*out = (uint8_t)set;
	return error;
}

static const char *const retry_names[] = MH_RETRY_NAMES;

static int
unknown_property(struct build *b, const struct mh_property *property)
{
	return mh_build_fail(b, property->place, "\"%s\" is no property here", property->name);
}

static int
add_suffix(struct build *b, const struct mh_value *value, uint16_t provider, uint16_t list, uint32_t *name)
{
	uint32_t hash = 0;
	for (size_t i = value->text.len; i-- > 0;)
		hash = mh_suffix_hash(hash, value->text.p[i]);
	*name = pool_put(b, &b->pool, value->text);
	for (uint32_t i = 0; i < b->suffixes.count; i++) {
		struct mh_suffix *known = VEC_AT(&b->suffixes, struct mh_suffix, i);
		if (known->hash != hash ||
		    !mh_str_ieq(mh_str_z(VEC_AT(&b->pool.text, char, known->name)), value->text))
			continue;
		if ((provider != 0 && known->provider != 0) || (list != 0 && known->list != 0))
			return mh_build_fail(b, value->place, "\"%s\" belongs to another one already",
			    value->text);
		known->provider = provider != 0 ? provider : known->provider;
		known->list = list != 0 ? list : known->list;
		return MH_ERR_OK;
	}
	struct mh_suffix *added = VEC_ADD(b, &b->suffixes, struct mh_suffix);
	if (added == NULL)
		return MH_ERR_ENOMEM;
	*added = (struct mh_suffix){ hash, *name, provider, list };
	return MH_ERR_OK;
}

static int
read_provider(struct build *b, const struct mh_statement *statement)
{
	int number = find_id(b, &b->providers, sizeof(struct mh_provider), statement->id);
	uint32_t name, offset = 0;
	int error = MH_ERR_OK;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		if (mh_str_eq(p->name, MH_STR("name"))) {
			error = one_string(b, p, &offset);
			VEC_AT(&b->providers, struct mh_provider, number)->name = offset;
		} else if (mh_str_eq(p->name, MH_STR("contact"))) {
			error = one_string(b, p, &offset);
			VEC_AT(&b->providers, struct mh_provider, number)->contact = offset;
		} else if (mh_str_eq(p->name, MH_STR("page"))) {
			error = one_string(b, p, &offset);
			VEC_AT(&b->providers, struct mh_provider, number)->page = offset;
		} else if (mh_str_eq(p->name, MH_STR("host"))) {
			for (const struct mh_value *v = p->values; v != NULL && error == MH_ERR_OK;
			     v = v->next)
				error = add_suffix(b, v,
				    (uint16_t)((uint32_t)number + b->set.provider_base + 1), 0, &name);
		} else if (mh_str_eq(p->name, MH_STR("mark"))) {
			for (const struct mh_value *v = p->values; v != NULL && error == MH_ERR_OK;
			     v = v->next)
				error = mh_build_pattern(b, v, (uint32_t)number, MH_CLAUSE_PROVIDER, 0);
		} else {
			error = unknown_property(b, p);
		}
	}
	return error;
}

static int
read_list(struct build *b, const struct mh_statement *statement)
{
	static const char *const kinds[] = MH_LIST_KIND_NAMES;
	static const char *const states[] = MH_LIST_STATE_NAMES;
	int number = find_id(b, &b->lists, sizeof(struct mh_list), statement->id);
	struct mh_list list = *VEC_AT(&b->lists, struct mh_list, number);
	int error = MH_ERR_OK;
	list.zone = (uint16_t)b->zones.count;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		if (mh_str_eq(p->name, MH_STR("name"))) {
			error = one_string(b, p, &list.name);
		} else if (mh_str_eq(p->name, MH_STR("delist"))) {
			error = one_string(b, p, &list.delist);
		} else if (mh_str_eq(p->name, MH_STR("note"))) {
			error = one_string(b, p, &list.note);
		} else if (mh_str_eq(p->name, MH_STR("kind"))) {
			error = one_name(b, p, kinds, MH_COUNT(kinds), &list.kind);
		} else if (mh_str_eq(p->name, MH_STR("state"))) {
			error = one_name(b, p, states, MH_COUNT(states), &list.state);
		} else if (mh_str_eq(p->name, MH_STR("zone"))) {
			for (const struct mh_value *v = p->values; v != NULL && error == MH_ERR_OK;
			     v = v->next) {
				uint32_t *zone = VEC_ADD(b, &b->zones, uint32_t);
				if (zone == NULL)
					return MH_ERR_ENOMEM;
				if (list.zone_count++ == UINT8_MAX)
					return too_many(b, v->place);
				uint32_t offset;
				error = add_suffix(b, v, 0,
				    (uint16_t)((uint32_t)number + b->set.list_base + 1), &offset);
				*VEC_AT(&b->zones, uint32_t, b->zones.count - 1) = offset;
			}
		} else if (mh_str_eq(p->name, MH_STR("mark"))) {
			for (const struct mh_value *v = p->values; v != NULL && error == MH_ERR_OK;
			     v = v->next)
				error = mh_build_pattern(b, v, (uint32_t)number, MH_CLAUSE_LIST, 0);
		} else {
			error = unknown_property(b, p);
		}
	}
	*VEC_AT(&b->lists, struct mh_list, number) = list;
	return error;
}

static int
read_advice(struct build *b, const struct mh_statement *statement)
{
	int number = find_id(b, &b->advice, sizeof(struct mh_advice), statement->id);
	struct mh_advice advice = *VEC_AT(&b->advice, struct mh_advice, number);
	int error = MH_ERR_OK;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		if (mh_str_eq(p->name, MH_STR("text")))
			error = one_string(b, p, &advice.text);
		else if (mh_str_eq(p->name, MH_STR("url")))
			error = one_string(b, p, &advice.url);
		else
			error = unknown_property(b, p);
	}
	*VEC_AT(&b->advice, struct mh_advice, number) = advice;
	if (error == MH_ERR_OK && advice.text == 0)
		return mh_build_fail(b, statement->place, "advice %s has no text", statement->id);
	return error;
}

static int
read_reason(struct build *b, const struct mh_statement *statement)
{
	static const char *const next_names[] = MH_NEXT_NAMES;
	int number = find_id(b, &b->reasons, sizeof(struct mh_reason), statement->id);
	struct mh_reason reason = *VEC_AT(&b->reasons, struct mh_reason, number);
	int error = MH_ERR_OK;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		if (mh_str_eq(p->name, MH_STR("text"))) {
			error = one_string(b, p, &reason.text);
		} else if (mh_str_eq(p->name, MH_STR("actor"))) {
			error = one_string(b, p, &reason.actor);
		} else if (mh_str_eq(p->name, MH_STR("scope"))) {
			error = scope_bits(b, p, &reason.scope);
		} else if (mh_str_eq(p->name, MH_STR("retry"))) {
			error = one_name(b, p, retry_names, MH_COUNT(retry_names), &reason.retry);
		} else if (mh_str_eq(p->name, MH_STR("advice"))) {
			error = advice_list(b, p, &reason.advice, &reason.advice_count);
		} else if (mh_str_eq(p->name, MH_STR("next"))) {
			uint32_t set = 0;
			error = bits(b, p, next_names, MH_COUNT(next_names), &set);
			reason.next = (uint16_t)set;
		} else {
			error = unknown_property(b, p);
		}
	}
	*VEC_AT(&b->reasons, struct mh_reason, number) = reason;
	return error;
}

/* status_part - one part of "x.7.500-699": a number, a range, or x and * for any */
static bool
status_part(struct mh_str text, uint16_t *low, uint16_t *high)
{
	if (mh_str_eq(text, MH_STR("*")) || mh_str_eq(text, MH_STR("x"))) {
		*low = *high = 0xffff;
		return true;
	}
	size_t dash = 0;
	while (dash < text.len && text.p[dash] != '-')
		dash++;
	int64_t from = mh_str_int(mh_str_n(text.p, dash), 999);
	int64_t to =
	    dash < text.len ? mh_str_int(mh_str_n(text.p + dash + 1, text.len - dash - 1), 999) : from;
	*low = (uint16_t)from;
	*high = (uint16_t)to;
	return from >= 0 && to >= from;
}

static bool
status_range(struct mh_str text, struct mh_status_range *out)
{
	struct mh_str part[3];
	uint16_t low = 0, high = 0;
	int count = 0;
	size_t begin = 0;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.p[i] != '.')
			continue;
		if (count == 3)
			return false;
		part[count++] = mh_str_n(text.p + begin, i - begin);
		begin = i + 1;
	}
	if (count != 3 || !status_part(part[0], &low, &high) || low != high)
		return false;
	if (low != 0xffff && low != 2 && low != 4 && low != 5)
		return false;
	out->class = low == 0xffff ? 0 : (uint8_t)low;
	if (!status_part(part[1], &low, &high) || low != high)
		return false;
	out->subject = low;
	return status_part(part[2], &out->low, &out->high);
}

static int
read_status(struct build *b, const struct mh_statement *statement)
{
	static const char *const weights[] = { "weak", "fair", "strong" };
	static const uint8_t ranks[] = { 15, 25, 45 };
	struct mh_status_range range;
	struct mh_status_row row = { .reason = MH_NO_REASON, .weight = 15 };
	if (!status_range(statement->id, &range) || range.low != range.high || range.low == 0xffff ||
	    range.subject == 0xffff)
		return mh_build_fail(b, statement->place, "\"%s\" is no enhanced status code", statement->id);
	row.class = range.class;
	row.subject = range.subject;
	row.detail = range.low;
	int error = MH_ERR_OK;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		struct mh_str text = { NULL, 0 };
		uint8_t weight = 0;
		if (mh_str_eq(p->name, MH_STR("text"))) {
			error = one_string(b, p, &row.text);
		} else if (mh_str_eq(p->name, MH_STR("spec"))) {
			error = one_string(b, p, &row.spec);
		} else if (mh_str_eq(p->name, MH_STR("weight"))) {
			error = one_name(b, p, weights, MH_COUNT(weights), &weight);
			row.weight = ranks[weight];
		} else if (mh_str_eq(p->name, MH_STR("reason"))) {
			error = one_value(b, p, &text);
			if (error == MH_ERR_OK && !mh_str_eq(text, MH_STR("-"))) {
				int reason = resolve_reason(b, text);
				if (reason < 0)
					return mh_build_fail(b, p->place, "there is no reason \"%s\"", text);
				row.reason = (uint16_t)reason;
			}
		} else {
			error = unknown_property(b, p);
		}
	}
	struct mh_status_row *added =
	    error == MH_ERR_OK ? VEC_ADD(b, &b->status_rows, struct mh_status_row) : NULL;
	if (added != NULL)
		*added = row;
	return error;
}

static int
read_codes(struct build *b, const struct mh_property *property, struct mh_rule *rule)
{
	rule->codes = (uint16_t)b->codes.count;
	for (const struct mh_value *value = property->values; value != NULL; value = value->next) {
		int64_t code = mh_str_int(value->text, 599);
		if (value->text.len == 3 && mh_str_eq(mh_str_n(value->text.p + 1, 2), MH_STR("xx")))
			code = value->text.p[0] - '0';
		uint16_t *added = VEC_ADD(b, &b->codes, uint16_t);
		if (added == NULL)
			return MH_ERR_ENOMEM;
		if (value->text.len != 3 || code < 2 || (code > 5 && code < 200))
			return mh_build_fail(b, value->place, "\"%s\" is no reply code", value->text);
		*added = (uint16_t)code;
		if (rule->code_count++ == UINT8_MAX)
			return too_many(b, value->place);
	}
	return MH_ERR_OK;
}

static int
read_statuses(struct build *b, const struct mh_property *property, struct mh_rule *rule)
{
	rule->statuses = (uint16_t)b->statuses.count;
	for (const struct mh_value *value = property->values; value != NULL; value = value->next) {
		struct mh_status_range *range = VEC_ADD(b, &b->statuses, struct mh_status_range);
		if (range == NULL)
			return MH_ERR_ENOMEM;
		if (!status_range(value->text, range))
			return mh_build_fail(b, value->place, "\"%s\" is no enhanced status code",
			    value->text);
		if (rule->status_count++ == UINT8_MAX)
			return too_many(b, value->place);
	}
	return MH_ERR_OK;
}

static int
read_rank(struct build *b, const struct mh_property *property, uint8_t *rank)
{
	static const char *const names[] = { "broad", "effect", "cause", "vendor" };
	static const uint8_t ranks[] = { 30, 50, 70, 90 };
	struct mh_str text = { NULL, 0 };
	int error = one_value(b, property, &text);
	if (error != MH_ERR_OK)
		return error;
	int found = mh_build_name(names, MH_COUNT(names), text);
	int64_t number = mh_str_int(text, 99);
	if (found < 0 && number < 1)
		return mh_build_fail(b, property->values->place, "\"%s\" is no rank", text);
	*rank = found >= 0 ? ranks[found] : (uint8_t)number;
	return MH_ERR_OK;
}

static int
one_provider(struct build *b, const struct mh_property *property, uint16_t *out)
{
	struct mh_str text = { NULL, 0 };
	int error = one_value(b, property, &text);
	if (error != MH_ERR_OK)
		return error;
	int found = resolve_provider(b, text);
	if (found < 0)
		return mh_build_fail(b, property->values->place, "there is no provider \"%s\"", text);
	*out = (uint16_t)(found + 1);
	return MH_ERR_OK;
}

/* provider_of - the provider that a rule names, or "" */
static struct mh_str
provider_of(const struct mh_statement *statement)
{
	for (const struct mh_property *p = statement->properties; p != NULL; p = p->next)
		if ((mh_str_eq(p->name, MH_STR("provider")) || mh_str_eq(p->name, MH_STR("only"))) &&
		    p->values != NULL)
			return p->values->text;
	return mh_str_n("", 0);
}

static int
add_sample(struct build *b, const struct mh_statement *statement, const struct mh_property *property,
    bool unlike)
{
	struct mh_str text = { NULL, 0 };
	int error = one_value(b, property, &text);
	if (error != MH_ERR_OK)
		return error;
	struct mh_str rule = statement->id;
	struct mh_sample *sample = mh_arena_alloc(b->arena, sizeof(*sample));
	if (sample == NULL)
		return MH_ERR_ENOMEM;
	*sample =
	    (struct mh_sample){ NULL, rule, provider_of(statement), text, property->values->place, unlike };
	*b->sample_tail = sample;
	b->sample_tail = &sample->next;
	return MH_ERR_OK;
}

static int
read_patterns(struct build *b, const struct mh_property *p, uint32_t number, enum mh_clause clause,
    uint32_t group)
{
	int error = p->values == NULL ? mh_build_fail(b, p->place, "%s needs a pattern", p->name) : MH_ERR_OK;
	for (const struct mh_value *v = p->values; v != NULL && error == MH_ERR_OK; v = v->next) {
		if (v != p->values && !v->bar)
			return mh_build_fail(b, v->place, "patterns are parted by |", mh_str_n("", 0));
		error = mh_build_pattern(b, v, number, clause, group);
	}
	return error;
}

static int
read_rule(struct build *b, const struct mh_statement *statement)
{
	static const char *const phases[] = MH_PHASE_NAMES;
	uint32_t number = (uint32_t)find_id(b, &b->rules, sizeof(struct mh_rule), statement->id), mask = 0;
	struct mh_rule rule = *VEC_AT(&b->rules, struct mh_rule, number);
	bool has_reason = false, has_sample = false;
	int error = MH_ERR_OK;
	rule.rank = 70;
	rule.patterns = (uint16_t)b->patterns.count;
	for (const struct mh_property *p = statement->properties; p != NULL && error == MH_ERR_OK;
	     p = p->next) {
		struct mh_str text = { NULL, 0 };
		if (mh_str_eq(p->name, MH_STR("reason"))) {
			error = one_value(b, p, &text);
			if (error != MH_ERR_OK)
				break;
			int reason = resolve_reason(b, text);
			if (reason < 0)
				return mh_build_fail(b, p->values->place, "there is no reason \"%s\"", text);
			rule.reason = (uint16_t)reason;
			has_reason = true;
		} else if (mh_str_eq(p->name, MH_STR("rank"))) {
			error = read_rank(b, p, &rule.rank);
		} else if (mh_str_eq(p->name, MH_STR("provider"))) {
			error = one_provider(b, p, &rule.provider);
		} else if (mh_str_eq(p->name, MH_STR("only"))) {
			error = one_provider(b, p, &rule.only);
		} else if (mh_str_eq(p->name, MH_STR("code"))) {
			error = read_codes(b, p, &rule);
		} else if (mh_str_eq(p->name, MH_STR("status"))) {
			error = read_statuses(b, p, &rule);
		} else if (mh_str_eq(p->name, MH_STR("phase"))) {
			error = bits(b, p, phases, MH_COUNT(phases), &mask);
			rule.phases = (uint16_t)mask;
		} else if (mh_str_eq(p->name, MH_STR("text"))) {
			rule.flags |= MH_RULE_TEXT;
			error = read_patterns(b, p, number, MH_CLAUSE_TEXT, 0);
		} else if (mh_str_eq(p->name, MH_STR("and"))) {
			if (rule.and_groups == MH_PATTERN_AND_MAX)
				return mh_build_fail(b, p->place, "at most 8 and lines in %s", statement->id);
			rule.flags |= MH_RULE_CLAUSES;
			error = read_patterns(b, p, number, MH_CLAUSE_AND, rule.and_groups++);
		} else if (mh_str_eq(p->name, MH_STR("not"))) {
			rule.flags |= MH_RULE_CLAUSES;
			error = read_patterns(b, p, number, MH_CLAUSE_NOT, 0);
		} else if (mh_str_eq(p->name, MH_STR("meaning"))) {
			error = one_string(b, p, &rule.meaning);
		} else if (mh_str_eq(p->name, MH_STR("ref"))) {
			error = one_string(b, p, &rule.ref);
		} else if (mh_str_eq(p->name, MH_STR("since"))) {
			error = one_value(b, p, &text); /* for readers of the file */
		} else if (mh_str_eq(p->name, MH_STR("advice"))) {
			error = advice_list(b, p, &rule.advice, &rule.advice_count);
		} else if (mh_str_eq(p->name, MH_STR("retry"))) {
			error = one_name(b, p, retry_names, MH_COUNT(retry_names), &rule.retry);
		} else if (mh_str_eq(p->name, MH_STR("scope"))) {
			error = scope_bits(b, p, &rule.scope);
		} else if (mh_str_eq(p->name, MH_STR("sample")) || mh_str_eq(p->name, MH_STR("unlike"))) {
			bool unlike = mh_str_eq(p->name, MH_STR("unlike"));
			has_sample |= !unlike;
			error = add_sample(b, statement, p, unlike);
		} else {
			error = unknown_property(b, p);
		}
	}
	if (error != MH_ERR_OK)
		return error;
	rule.pattern_count = (uint16_t)(b->patterns.count - rule.patterns);
	if (!has_reason)
		return mh_build_fail(b, statement->place, "rule %s has no reason", statement->id);
	if (!has_sample)
		return mh_build_fail(b, statement->place, "rule %s has no sample", statement->id);
	if ((rule.flags & MH_RULE_TEXT) == 0 && rule.status_count == 0 && rule.code_count == 0)
		return mh_build_fail(b, statement->place, "rule %s has neither text nor status nor code",
		    statement->id);
	*VEC_AT(&b->rules, struct mh_rule, number) = rule;
	if ((rule.flags & MH_RULE_TEXT) == 0) {
		for (uint32_t i = 0; i < (rule.status_count > 0 ? rule.status_count : 1); i++) {
			struct mh_status_range any = { 0, 0xffff, 0xffff, 0xffff };
			if (rule.status_count > 0)
				any = *VEC_AT(&b->statuses, struct mh_status_range, rule.statuses + i);
			struct mh_bare *bare = VEC_ADD(b, &b->bare, struct mh_bare);
			if (bare == NULL)
				return MH_ERR_ENOMEM;
			*bare = (struct mh_bare){ any.subject, any.low, any.high, (uint16_t)number };
		}
	}
	return MH_ERR_OK;
}

/* read_disable - marks rules of the layers below */
static int
read_disable(struct build *b, const struct mh_statement *statement)
{
	if (statement->values == NULL)
		return mh_build_fail(b, statement->place, "disable needs the id of a rule%s",
		    mh_str_n("", 0));
	for (const struct mh_value *value = statement->values; value != NULL; value = value->next) {
		struct mh_str id = value->text;
		bool family = id.len > 2 && mh_str_iends(id, MH_STR(".*")), found = false;
		if (family)
			id.len--;
		for (size_t i = 0; i < b->below->count; i++) {
			const struct mh_ruleset *set = b->below->set[i];
			for (uint32_t k = 0; k < set->rule_count; k++) {
				struct mh_str known = mh_str_z(mh_pool(set, set->rules[k].id));
				if (family ? mh_str_istarts(known, id) : mh_str_eq(known, id)) {
					b->disabled[set->rule_base + k] = 1;
					found = true;
				}
			}
		}
		if (!found)
			return mh_build_fail(b, value->place, "there is no rule \"%s\" below", value->text);
	}
	return MH_ERR_OK;
}

/* ------------------------------------------------------------------ two passes over all */

struct kind {
	const char *name;
	size_t table; /* offset of the vec in struct build */
	size_t row;
	int (*read)(struct build *, const struct mh_statement *);
};

#define TABLE(member) offsetof(struct build, member)
static const struct kind kinds[] = {
	{ "provider", TABLE(providers), sizeof(struct mh_provider), read_provider },
	{ "list", TABLE(lists), sizeof(struct mh_list), read_list },
	{ "advice", TABLE(advice), sizeof(struct mh_advice), read_advice },
	{ "reason", TABLE(reasons), sizeof(struct mh_reason), read_reason },
	{ "rule", TABLE(rules), sizeof(struct mh_rule), read_rule },
};

/* declare - gives a statement's id its number, so that statements may refer to later ones */
static int
declare(struct build *b, const struct mh_statement *statement)
{
	if (is_kind(statement, "words")) {
		for (uint32_t i = 0; i < b->named.count; i++)
			if (mh_str_eq(VEC_AT(&b->named, struct word_set, i)->name, statement->id))
				return mh_build_fail(b, statement->place,
				    "there is a set of words %s already", statement->id);
		struct word_set *set = VEC_ADD(b, &b->named, struct word_set);
		if (set == NULL)
			return MH_ERR_ENOMEM;
		*set = (struct word_set){ statement->id, statement->values, statement->place };
		return MH_ERR_OK;
	}
	bool builtin = b->below->count == 0;
	if (!builtin && (is_kind(statement, "reason") || is_kind(statement, "status")))
		return mh_build_fail(b, statement->place, "%s belongs to the built-in rules alone",
		    statement->kind);
	if (builtin && is_kind(statement, "disable"))
		return mh_build_fail(b, statement->place, "there is nothing below to disable%s",
		    mh_str_n("", 0));
	if (is_kind(statement, "disable") || is_kind(statement, "status"))
		return MH_ERR_OK;
	for (size_t i = 0; i < MH_COUNT(kinds); i++) {
		if (!is_kind(statement, kinds[i].name))
			continue;
		struct vec *table = (struct vec *)(void *)((char *)b + kinds[i].table);
		if (!is_id(statement->id))
			return mh_build_fail(b, statement->place, "\"%s\" is no id: a-z 0-9 . - _",
			    statement->id);
		if (find_id(b, table, kinds[i].row, statement->id) >= 0)
			return mh_build_fail(b, statement->place, "\"%s\" is there already", statement->id);
		if (table->count >= 0x7fff)
			return mh_build_fail(b, statement->place, "too many statements at %s", statement->id);
		uint32_t offset = pool_put(b, &b->pool, statement->id);
		void *row = mh_vec_add(b, table, kinds[i].row);
		if (row == NULL || b->no_memory)
			return MH_ERR_ENOMEM;
		memcpy(row, &offset, sizeof(offset));
		return MH_ERR_OK;
	}
	return mh_build_fail(b, statement->place, "unknown statement \"%s\"", statement->kind);
}

static int
read_all(struct build *b, const struct mh_statement *statements)
{
	int error = MH_ERR_OK;
	for (const struct mh_statement *s = statements; s != NULL && error == MH_ERR_OK; s = s->next)
		error = declare(b, s);
	for (const struct mh_statement *s = statements; s != NULL && error == MH_ERR_OK; s = s->next) {
		if (is_kind(s, "disable"))
			error = read_disable(b, s);
		else if (is_kind(s, "status"))
			error = read_status(b, s);
		for (size_t i = 0; i < MH_COUNT(kinds) && error == MH_ERR_OK; i++)
			if (is_kind(s, kinds[i].name))
				error = kinds[i].read(b, s);
		if (error == MH_ERR_OK && b->no_memory)
			error = MH_ERR_ENOMEM;
	}
	return error;
}

int
mh_rules_build(const struct mh_mem *mem, struct mh_arena *arena, const struct mh_layers *below,
    const struct mh_statement *statements, struct mh_ruleset **set, size_t *size, struct mh_sample **samples,
    struct mh_rules_error *error)
{
	struct build *b = mh_arena_alloc(arena, sizeof(*b));
	struct word_tree tree = { .words = NULL };
	struct automaton automaton = { .root_next = NULL };
	if (b == NULL)
		return MH_ERR_ENOMEM;
	*b = (struct build){ .arena = arena, .below = below, .error = error, .sample_tail = samples };
	*samples = NULL;
	for (size_t i = 0; i < below->count; i++) {
		b->set.rule_base += below->set[i]->rule_count;
		b->set.provider_base += below->set[i]->provider_count;
		b->set.list_base += below->set[i]->list_count;
		b->set.advice_base += below->set[i]->advice_count;
	}
	if (b->set.rule_base > 0) {
		b->disabled = mh_arena_alloc(arena, b->set.rule_base);
		if (b->disabled == NULL)
			return MH_ERR_ENOMEM;
		memset(b->disabled, 0, b->set.rule_base);
	}
	b->set.version = mh_build_version(statements);
	(void)pool_put(b, &b->pool, mh_str_n("", 0));
	(void)pool_put(b, &b->prose, mh_str_n("", 0));
	struct node *root = VEC_ADD(b, &b->nodes, struct node);
	if (b->no_memory || root == NULL)
		return MH_ERR_ENOMEM;
	*root = (struct node){ .first_child = NONE, .next_sibling = NONE };
	int result = read_all(b, statements);
	if (result == MH_ERR_OK)
		result = mh_build_order(b, statements);
	if (result == MH_ERR_OK)
		result = mh_build_words(b, &tree, *samples);
	if (result == MH_ERR_OK)
		result = mh_build_automaton(b, &tree, &automaton);
	if (result == MH_ERR_OK && below->count == 0)
		result = mh_build_prose(b);
	return result == MH_ERR_OK ? mh_build_pack(b, mem, &tree, &automaton, set, size) : result;
}
