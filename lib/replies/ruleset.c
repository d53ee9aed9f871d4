/* ruleset.c - look-ups in compiled rules
 *
 * Plain searches over constant tables; see ruleset.h for what they hold.
 */
#include "ruleset.h"

void
mh_prose_read(const struct mh_ruleset *set, uint32_t offset, struct mh_buf *out)
{
	unsigned char waiting[256]; /* codes nest as deep as there are codes at most */
	char text[256]; /* on its way */
	size_t len = 0;
	for (const char *p = set->prose + offset; offset != 0 && *p != '\0'; p++) {
		bool literal = set->pairs != NULL && *p == MH_PROSE_LITERAL;
		size_t depth = 0;
		waiting[depth++] = (unsigned char)(literal ? *++p : *p);
		while (depth > 0) {
			unsigned char octet = waiting[--depth];
			for (; set->pairs != NULL && !literal && mh_prose_is_code(octet) &&
			     depth < sizeof(waiting);
			     octet = set->pairs[octet].first)
				waiting[depth++] = set->pairs[octet].second;
			text[len++] = (char)octet;
			if (len == sizeof(text)) {
				mh_buf_put(out, text, len);
				len = 0;
			}
		}
	}
	mh_buf_put(out, text, len);
}

#define LAYERED_LOOKUP(function, kind, array, array_count, base) \
	const struct mh_ruleset *function(const struct mh_layers *layers, uint32_t number, \
	    const struct kind **entry) \
	{ \
		for (size_t i = layers->count; i-- > 0;) { \
			const struct mh_ruleset *set = layers->set[i]; \
			if (number >= set->base && number - set->base < set->array_count) { \
				*entry = &set->array[number - set->base]; \
				return set; \
			} \
		} \
		*entry = NULL; \
		return NULL; \
	}

LAYERED_LOOKUP(mh_layers_provider, mh_provider, providers, provider_count, provider_base)
LAYERED_LOOKUP(mh_layers_list, mh_list, lists, list_count, list_base)
LAYERED_LOOKUP(mh_layers_advice, mh_advice, advice, advice_count, advice_base)

#define LAYERED_FIND(function, array, array_count, base) \
	int function(const struct mh_layers *layers, struct mh_str id) \
	{ \
		for (size_t i = layers->count; i-- > 0;) { \
			const struct mh_ruleset *set = layers->set[i]; \
			for (uint32_t k = 0; k < set->array_count; k++) \
				if (mh_str_eq(mh_str_z(mh_pool(set, set->array[k].id)), id)) \
					return (int)((base) + k); \
		} \
		return -1; \
	}

LAYERED_FIND(mh_layers_find_provider, providers, provider_count, set->provider_base)
LAYERED_FIND(mh_layers_find_advice, advice, advice_count, set->advice_base)
LAYERED_FIND(mh_layers_find_reason, reasons, reason_count, 0)

/* suffix_find - the entry of one set for a suffix with this hash, or NULL */
static const struct mh_suffix *
suffix_find(const struct mh_ruleset *set, uint32_t hash, struct mh_str name)
{
	if (set->suffix_count == 0)
		return NULL;
	for (uint32_t i = mh_suffix_place(hash, set->suffix_count); set->suffixes[i].name != 0;
	     i = i + 1 == set->suffix_count ? 0 : i + 1)
		if (set->suffixes[i].hash == hash &&
		    mh_str_ieq(mh_str_z(mh_pool(set, set->suffixes[i].name)), name))
			return &set->suffixes[i];
	return NULL;
}

struct mh_owner
mh_layers_suffix(const struct mh_layers *layers, struct mh_str host)
{
	struct mh_owner owner = { 0, 0, 0 };
	while (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	if (host.len > 253)
		return owner;
	uint32_t hash = 0;
	for (size_t at = host.len; at > 0;) {
		do
			hash = mh_suffix_hash(hash, host.p[--at]);
		while (at > 0 && host.p[at - 1] != '.');
		/* Longer suffixes come later and replace shorter ones; upper layers go last. */
		struct mh_str name = mh_str_n(host.p + at, host.len - at);
		for (size_t i = 0; i < layers->count; i++) {
			const struct mh_suffix *found = suffix_find(layers->set[i], hash, name);
			if (found == NULL)
				continue;
			if (found->provider != 0)
				owner.provider = found->provider;
			if (found->list != 0) {
				owner.list = found->list;
				owner.list_length = (uint8_t)name.len;
			}
		}
	}
	return owner;
}

const struct mh_status_row *
mh_ruleset_status(const struct mh_ruleset *set, int class, int subject, int detail)
{
	uint32_t low = 0, high = set->status_row_count;
	uint32_t key = (uint32_t)subject << 16 | (uint32_t)detail;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct mh_status_row *row = &set->status_rows[middle];
		if (((uint32_t)row->subject << 16 | row->detail) < key)
			low = middle + 1;
		else
			high = middle;
	}
	const struct mh_status_row *any = NULL;
	for (; low < set->status_row_count; low++) {
		const struct mh_status_row *row = &set->status_rows[low];
		if (row->subject != subject || row->detail != detail)
			break;
		if (row->class == class)
			return row;
		if (row->class == 0)
			any = row;
	}
	return any;
}
