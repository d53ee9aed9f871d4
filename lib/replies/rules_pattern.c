/* rules_pattern.c - patterns as phrases
 *
 * A pattern is cut at its gaps into phrases.  A phrase is a list of items, and
 * all its variants go into one tree of labels; patterns that have the same
 * phrase share it.
 */
#include "builder.h"

#include "error.h"
#include "port.h"

/* ------------------------------------------------------------------ words and labels */

static uint32_t
intern_word(struct build *b, const struct mh_word *word, bool stem)
{
	for (uint32_t i = 0; i < b->words.count; i++) {
		const struct pattern_word *known = VEC_AT(&b->words, struct pattern_word, i);
		if (known->len == word->len && known->stem == stem &&
		    memcmp(known->octets, word->octets, word->len) == 0)
			return i;
	}
	struct pattern_word *added = VEC_ADD(b, &b->words, struct pattern_word);
	if (added == NULL)
		return NONE;
	memcpy(added->octets, word->octets, word->len);
	added->len = (uint8_t)word->len;
	added->stem = stem;
	return b->words.count - 1;
}

/* One place of a phrase while it is read: the words it takes. */
struct place_words {
	uint32_t word[512];
	uint32_t count;
};

/* place_add - one more word that a place takes */
static int
place_add(struct build *b, struct mh_place at, struct place_words *place, uint32_t word)
{
	uint32_t i = place->count;
	if (word == NONE)
		return MH_ERR_ENOMEM;
	for (uint32_t k = 0; k < i; k++)
		if (place->word[k] == word)
			return MH_ERR_OK;
	if (i == MH_COUNT(place->word))
		return mh_build_fail(b, at, "more than 512 words for one place", mh_str_n("", 0));
	for (; i > 0 && place->word[i - 1] > word; i--)
		place->word[i] = place->word[i - 1];
	place->word[i] = word;
	place->count++;
	return MH_ERR_OK;
}

/* word_weight - how telling a word is: short ones are mostly grammar */
static uint8_t
word_weight(const struct pattern_word *word)
{
	return (uint8_t)(word->len <= 3 ? 3 : 6 + (word->len < 12 ? word->len : 12));
}

static uint32_t
intern_label(struct build *b, const struct place_words *place)
{
	uint32_t hash = mh_build_hash(place->word, place->count * sizeof(uint32_t));
	for (uint32_t i = 0; i < b->labels.count; i++) {
		const struct label *known = VEC_AT(&b->labels, struct label, i);
		if (known->hash == hash && known->count == place->count &&
		    memcmp(known->words, place->word, place->count * sizeof(uint32_t)) == 0)
			return i;
	}
	uint32_t *words = mh_arena_alloc(b->arena, place->count * sizeof(uint32_t));
	struct label *added = words != NULL ? VEC_ADD(b, &b->labels, struct label) : NULL;
	if (added == NULL) {
		b->no_memory = true;
		return NONE;
	}
	memcpy(words, place->word, place->count * sizeof(uint32_t));
	added->words = words;
	added->count = place->count;
	added->hash = hash;
	added->weight = 255;
	for (uint32_t i = 0; i < place->count; i++) {
		uint8_t weight = word_weight(VEC_AT(&b->words, struct pattern_word, words[i]));
		if (weight < added->weight)
			added->weight = weight;
	}
	return b->labels.count - 1;
}

/* -------------------------------------------------------------------------- patterns */

/* A pattern is first a list of items.  An alternative of several words, or an empty one, makes
 * variants; single words and sets make one item that takes any of them. */
enum item_kind { ITEM_LABEL, ITEM_GAP, ITEM_ENTITY, ITEM_CHOICE };

struct item {
	enum item_kind kind;
	uint32_t value; /* label; 1 "..", 2 "..."; entity kind */
	struct choice {
		uint32_t *labels;
		uint32_t count;
	} * choices;
	uint32_t choice_count;
};

#define ITEMS_MAX 48
#define CHOICES_MAX 96
#define VARIANTS_MAX 512

/* read_set - adds the words of a $set to a place */
static int
read_set(struct build *b, struct mh_place at, struct mh_str name, struct place_words *place)
{
	for (uint32_t i = 0; i < b->named.count; i++) {
		const struct word_set *set = VEC_AT(&b->named, struct word_set, i);
		if (!mh_str_eq(set->name, name))
			continue;
		for (const struct mh_value *value = set->values; value != NULL; value = value->next) {
			struct mh_word word;
			size_t end = 0, begin;
			if (!mh_word_next(value->text, &end, &word, &begin) || word.too_long)
				return mh_build_fail(b, value->place, "\"%s\" is no word", value->text);
			bool stem = end < value->text.len && value->text.p[end] == '*';
			if (end + stem != value->text.len)
				return mh_build_fail(b, value->place, "\"%s\" is more than one word",
				    value->text);
			if (stem && word.len < 3)
				return mh_build_fail(b, value->place,
				    "\"%s\": at least 3 letters before the *", value->text);
			int error = place_add(b, value->place, place, intern_word(b, &word, stem));
			if (error != MH_ERR_OK)
				return error;
		}
		return MH_ERR_OK;
	}
	return mh_build_fail(b, at, "there is no set of words $%s", name);
}

/* read_one - one word, stem or $set at text[*i]; none if only punctuation stands there */
static int
read_one(struct build *b, struct mh_place at, struct mh_str text, size_t *i, struct place_words *place)
{
	place->count = 0;
	if (text.p[*i] == '$') {
		size_t begin = ++*i;
		while (*i < text.len && (mh_is_alnum(text.p[*i]) || text.p[*i] == '-' || text.p[*i] == '_'))
			++*i;
		return read_set(b, at, mh_str_n(text.p + begin, *i - begin), place);
	}
	size_t stop = *i;
	while (stop < text.len && memchr("$|(){}* ", text.p[stop], 8) == NULL &&
	    !(text.p[stop] == '.' && stop + 1 < text.len && text.p[stop + 1] == '.'))
		stop++;
	struct mh_word word;
	size_t begin;
	if (!mh_word_next(mh_str_n(text.p, stop), i, &word, &begin)) {
		*i = stop;
		return MH_ERR_OK; /* punctuation only: nothing */
	}
	if (word.too_long)
		return mh_build_fail(b, at, "a word of this pattern is too long: %s", text);
	bool stem = *i == stop && stop < text.len && text.p[stop] == '*';
	if (stem) {
		if (word.len < 3)
			return mh_build_fail(b, at, "at least 3 letters before the * in: %s", text);
		++*i;
	}
	return place_add(b, at, place, intern_word(b, &word, stem));
}

/* A choice with the words of one more place, or of another choice, behind it. */
static int
append(struct build *b, struct mh_place at, struct mh_str text, struct choice *choice, const uint32_t *labels,
    uint32_t count)
{
	uint32_t all = choice->count + count;
	if (all > MH_PHRASE_MAX)
		return mh_build_fail(b, at, "too many words in an alternative of: %s", text);
	uint32_t *copy = mh_arena_alloc(b->arena, (all + 1) * sizeof(uint32_t));
	if (copy == NULL)
		return MH_ERR_ENOMEM;
	if (choice->count > 0)
		memcpy(copy, choice->labels, choice->count * sizeof(uint32_t));
	if (count > 0)
		memcpy(copy + choice->count, labels, count * sizeof(uint32_t));
	*choice = (struct choice){ copy, all };
	return MH_ERR_OK;
}

/* merge_single - all alternatives of one word become one label: fewer variants, fewer states */
static int
merge_single(struct build *b, struct mh_place at, struct choice *choices, uint32_t *count)
{
	struct place_words single = { .count = 0 };
	uint32_t kept = 0, label;
	for (uint32_t i = 0; i < *count; i++) {
		if (choices[i].count != 1) {
			choices[kept++] = choices[i];
			continue;
		}
		const struct label *one = VEC_AT(&b->labels, struct label, choices[i].labels[0]);
		for (uint32_t k = 0; k < one->count; k++) {
			int error = place_add(b, at, &single, one->words[k]);
			if (error != MH_ERR_OK)
				return error;
		}
	}
	*count = kept;
	if (single.count == 0)
		return MH_ERR_OK;
	label = intern_label(b, &single);
	uint32_t *labels = mh_arena_alloc(b->arena, sizeof(uint32_t));
	if (label == NONE || labels == NULL)
		return MH_ERR_ENOMEM;
	labels[0] = label;
	choices[(*count)++] = (struct choice){ labels, 1 };
	return MH_ERR_OK;
}

/* read_group - "(a|b c|(d|e) f|)" behind its parenthesis, as the choices it leaves */
static int
read_group(struct build *b, struct mh_place at, struct mh_str text, size_t *i, int depth,
    struct choice *choices, uint32_t *choice_count)
{
	struct choice
	    open[CHOICES_MAX]; /* the alternative being read: several where a group within multiplies it */
	uint32_t open_count = 1;
	open[0] = (struct choice){ NULL, 0 };
	*choice_count = 0;
	if (depth > 3)
		return mh_build_fail(b, at, "parentheses too deep in: %s", text);
	for (;;) {
		if (*i >= text.len)
			return mh_build_fail(b, at, "( without ) in: %s", text);
		char c = text.p[*i];
		int error = MH_ERR_OK;
		if (c == ' ') {
			++*i;
		} else if (c == '|' || c == ')') {
			++*i;
			if (*choice_count + open_count > CHOICES_MAX)
				return mh_build_fail(b, at, "too many alternatives in: %s", text);
			memcpy(choices + *choice_count, open, open_count * sizeof(open[0]));
			*choice_count += open_count;
			open[0] = (struct choice){ NULL, 0 };
			open_count = 1;
			if (c == ')')
				return merge_single(b, at, choices, choice_count);
		} else if (c == '(') {
			struct choice inner[CHOICES_MAX], product[CHOICES_MAX];
			uint32_t inner_count, n = 0;
			++*i;
			error = read_group(b, at, text, i, depth + 1, inner, &inner_count);
			if (error == MH_ERR_OK && inner_count * open_count > CHOICES_MAX)
				error = mh_build_fail(b, at, "too many alternatives in: %s", text);
			for (uint32_t k = 0; k < open_count && error == MH_ERR_OK; k++)
				for (uint32_t m = 0; m < inner_count && error == MH_ERR_OK; m++) {
					product[n] = open[k];
					error = append(b, at, text, &product[n++], inner[m].labels,
					    inner[m].count);
				}
			if (error == MH_ERR_OK) {
				memcpy(open, product, n * sizeof(open[0]));
				open_count = n;
			}
		} else if (c == '{' || c == '}' || c == '*') {
			error = mh_build_fail(b, at, "alternatives hold words only: %s", text);
		} else {
			struct place_words place;
			size_t before = *i;
			error = read_one(b, at, text, i, &place);
			uint32_t label =
			    error == MH_ERR_OK && place.count > 0 ? intern_label(b, &place) : NONE;
			if (error == MH_ERR_OK && place.count > 0 && label == NONE)
				error = MH_ERR_ENOMEM;
			for (uint32_t k = 0; k < open_count && error == MH_ERR_OK && label != NONE; k++)
				error = append(b, at, text, &open[k], &label, 1);
			if (error == MH_ERR_OK && *i == before)
				++*i;
		}
		if (error != MH_ERR_OK)
			return error;
	}
}

/* read_choice - a group as an item */
static int
read_choice(struct build *b, struct mh_place at, struct mh_str text, size_t *i, struct item *item)
{
	struct choice choices[CHOICES_MAX];
	uint32_t count;
	int error = read_group(b, at, text, i, 0, choices, &count);
	if (error != MH_ERR_OK)
		return error;
	if (count == 1 && choices[0].count == 1) {
		*item = (struct item){ .kind = ITEM_LABEL, .value = choices[0].labels[0] };
		return MH_ERR_OK;
	}
	item->kind = ITEM_CHOICE;
	item->choices = mh_arena_alloc(b->arena, (count + 1) * sizeof(struct choice));
	if (item->choices == NULL)
		return MH_ERR_ENOMEM;
	memcpy(item->choices, choices, count * sizeof(struct choice));
	item->choice_count = count;
	return MH_ERR_OK;
}

static int
read_items(struct build *b, struct mh_place at, struct mh_str text, struct item *items, uint32_t *count)
{
	static const char *const entities[] = MH_ENTITY_NAMES;
	struct place_words place;
	*count = 0;
	for (size_t i = 0; i < text.len;) {
		struct item *item = &items[*count];
		if (*count == ITEMS_MAX)
			return mh_build_fail(b, at, "pattern too long: %s", text);
		*item = (struct item){ .kind = ITEM_LABEL };
		char c = text.p[i];
		if (c == ' ') {
			i++;
			continue;
		}
		if (c == '.' && i + 1 < text.len && text.p[i + 1] == '.') {
			item->kind = ITEM_GAP;
			for (item->value = 0; i < text.len && text.p[i] == '.'; i++)
				item->value++;
			if (item->value > 3)
				return mh_build_fail(b, at, "gaps are .. or ... in: %s", text);
			item->value--;
		} else if (c == '{') {
			size_t begin = ++i;
			while (i < text.len && text.p[i] != '}')
				i++;
			int kind =
			    mh_build_name(entities, MH_COUNT(entities), mh_str_n(text.p + begin, i - begin));
			if (i == text.len || kind <= 0)
				return mh_build_fail(b, at,
				    "there are {ip} {host} {email} {url} {list} {number}, not so in: %s",
				    text);
			i++;
			item->kind = ITEM_ENTITY;
			item->value = (uint32_t)kind;
		} else if (c == '(') {
			i++;
			int error = read_choice(b, at, text, &i, item);
			if (error != MH_ERR_OK)
				return error;
		} else if (c == ')' || c == '|' || c == '}' || c == '*') {
			return mh_build_fail(b, at, "a mark is out of place in: %s", text);
		} else {
			size_t before = i;
			int error = read_one(b, at, text, &i, &place);
			if (error != MH_ERR_OK)
				return error;
			if (i == before)
				i++;
			if (place.count == 0)
				continue;
			item->value = intern_label(b, &place);
			if (item->value == NONE)
				return MH_ERR_ENOMEM;
		}
		++*count;
	}
	return MH_ERR_OK;
}

static uint32_t
tree_child(struct build *b, uint32_t parent, uint32_t label)
{
	uint32_t child = VEC_AT(&b->nodes, struct node, parent)->first_child;
	for (; child != NONE; child = VEC_AT(&b->nodes, struct node, child)->next_sibling)
		if (VEC_AT(&b->nodes, struct node, child)->label == label)
			return child;
	struct node *added = VEC_ADD(b, &b->nodes, struct node);
	if (added == NULL)
		return NONE;
	child = b->nodes.count - 1;
	struct node *up = VEC_AT(&b->nodes, struct node, parent);
	*added = (struct node){ .parent = parent,
		.label = label,
		.first_child = NONE,
		.next_sibling = up->first_child };
	up->first_child = child;
	return child;
}

/* spell - a run of items as numbers that are equal for equal runs; how many, or 0 if there are too many */
static uint32_t
spell(const struct item *items, uint32_t count, uint32_t out[1024])
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		bool choice = items[i].kind == ITEM_CHOICE;
		if (n + 2 > 1024)
			return 0;
		out[n++] = choice ? NONE : items[i].value;
		for (uint32_t k = 0; choice && k < items[i].choice_count; k++) {
			if (n + items[i].choices[k].count + 2 > 1024)
				return 0;
			for (uint32_t m = 0; m < items[i].choices[k].count; m++)
				out[n++] = items[i].choices[k].labels[m];
			out[n++] = NONE - 1;
		}
	}
	return n;
}

/* add_variants - all variants of a run of items into the tree, each ending in the phrase */
static int
add_variants(struct build *b, struct mh_place at, struct mh_str text, const struct item *items,
    uint32_t count, uint32_t phrase, uint32_t *weight)
{
	uint32_t pick[ITEMS_MAX] = { 0 };
	uint32_t variants = 1;
	*weight = NONE;
	for (uint32_t i = 0; i < count; i++) {
		if (items[i].kind != ITEM_CHOICE)
			continue;
		variants *= items[i].choice_count;
		if (variants > VARIANTS_MAX)
			return mh_build_fail(b, at, "more than 512 variants in: %s", text);
	}
	for (uint32_t n = 0; n < variants; n++) {
		uint32_t node = 0, words = 0, telling = 0;
		for (uint32_t i = 0; i < count; i++) {
			const uint32_t *labels = &items[i].value;
			uint32_t some = 1;
			if (items[i].kind == ITEM_CHOICE) {
				labels = items[i].choices[pick[i]].labels;
				some = items[i].choices[pick[i]].count;
			}
			for (uint32_t k = 0; k < some; k++) {
				if (++words > MH_PHRASE_MAX)
					return mh_build_fail(b, at, "more than 31 words without a gap in: %s",
					    text);
				telling += VEC_AT(&b->labels, struct label, labels[k])->weight;
				node = tree_child(b, node, labels[k]);
				if (node == NONE)
					return MH_ERR_ENOMEM;
			}
		}
		if (words == 0)
			return mh_build_fail(b, at, "a part of this pattern may have no word at all: %s",
			    text);
		struct node *end = VEC_AT(&b->nodes, struct node, node);
		bool known = false;
		for (uint32_t i = 0; i < end->accepts.count; i++)
			known |= *VEC_AT(&end->accepts, uint16_t, i) == phrase;
		uint16_t *accept = known ? NULL : VEC_ADD(b, &end->accepts, uint16_t);
		if (accept != NULL)
			*accept = (uint16_t)phrase;
		else if (b->no_memory)
			return MH_ERR_ENOMEM;
		if (telling < *weight)
			*weight = telling;
		for (uint32_t i = 0; i < count; i++) { /* the next combination */
			if (items[i].kind != ITEM_CHOICE)
				continue;
			if (++pick[i] < items[i].choice_count)
				break;
			pick[i] = 0;
		}
	}
	return MH_ERR_OK;
}

/* one_word - the label that a run of items may be alone; NONE if it is always more than one word */
static uint32_t
one_word(const struct item *items, uint32_t count)
{
	uint32_t label = NONE, labels = 0;
	for (uint32_t i = 0; i < count; i++) {
		bool optional = false;
		if (items[i].kind == ITEM_LABEL) {
			label = items[i].value;
			labels++;
			continue;
		}
		uint32_t single = NONE;
		for (uint32_t k = 0; k < items[i].choice_count; k++) {
			optional |= items[i].choices[k].count == 0;
			if (items[i].choices[k].count == 1)
				single = items[i].choices[k].labels[0];
		}
		if (optional)
			continue; /* what it may be beside nothing cannot stand alone with a word that must be there */
		label = single;
		labels++;
	}
	return labels == 1 ? label : NONE;
}

/* intern_phrase - the number of a run of items, in the tree from now on */
static int
intern_phrase(struct build *b, struct mh_place at, struct mh_str text, const struct item *items,
    uint32_t count, uint32_t *number)
{
	uint32_t spelling[1024], length = spell(items, count, spelling);
	if (length == 0)
		return mh_build_fail(b, at, "too many alternatives in: %s", text);
	uint32_t hash = mh_build_hash(spelling, length * sizeof(uint32_t));
	for (*number = 0; *number < b->phrases.count; ++*number) {
		const struct phrase *known = VEC_AT(&b->phrases, struct phrase, *number);
		if (known->hash == hash && known->length == length &&
		    memcmp(known->spelling, spelling, length * sizeof(uint32_t)) == 0)
			return MH_ERR_OK;
	}
	uint32_t *copy = mh_arena_alloc(b->arena, length * sizeof(uint32_t)), weight;
	struct phrase *added = copy != NULL ? VEC_ADD(b, &b->phrases, struct phrase) : NULL;
	if (added == NULL)
		return MH_ERR_ENOMEM;
	if (b->phrases.count > MH_ACCEPT_PHRASE)
		return mh_build_fail(b, at, "too many phrases: %s", text);
	memcpy(copy, spelling, length * sizeof(uint32_t));
	*added = (struct phrase){ .spelling = copy,
		.length = length,
		.hash = hash,
		.word = one_word(items, count) };
	int error = add_variants(b, at, text, items, count, *number, &weight);
	VEC_AT(&b->phrases, struct phrase, *number)->weight = weight;
	return error;
}

int
mh_build_pattern(struct build *b, const struct mh_value *value, uint32_t owner, enum mh_clause clause,
    uint32_t group)
{
	struct item items[ITEMS_MAX];
	uint32_t count;
	if (!value->quoted)
		return mh_build_fail(b, value->place, "patterns stand in quotes: \"%s\"", value->text);
	int error = read_items(b, value->place, value->text, items, &count);
	if (error != MH_ERR_OK)
		return error;
	uint32_t weight = 0, place = 0, gap = 0, entity = 0, before = 0, begin = 0, first = b->segments.count;
	if (b->patterns.count > MH_KEYED_PATTERN || first >= 0xfff0)
		return mh_build_fail(b, value->place, "too many patterns: %s", value->text);
	for (uint32_t i = 0; i <= count; i++) {
		bool is_word = i < count && (items[i].kind == ITEM_LABEL || items[i].kind == ITEM_CHOICE);
		if (is_word)
			continue;
		if (i > begin) { /* the words from begin to here are a segment */
			uint32_t phrase = 0;
			error =
			    intern_phrase(b, value->place, value->text, items + begin, i - begin, &phrase);
			struct mh_segment *segment =
			    error == MH_ERR_OK ? VEC_ADD(b, &b->segments, struct mh_segment) : NULL;
			if (segment == NULL)
				return error != MH_ERR_OK ? error : MH_ERR_ENOMEM;
			*segment = (struct mh_segment){ .phrase = (uint16_t)phrase };
			if (place > 0)
				segment->shape = (uint8_t)(gap | entity << MH_SEGMENT_ENTITY);
			else
				before = entity;
			weight += VEC_AT(&b->phrases, struct phrase, phrase)->weight;
			place++;
			gap = entity = 0;
		}
		if (i < count && items[i].kind == ITEM_GAP) {
			gap = items[i].value > gap ? items[i].value : gap;
		} else if (i < count) {
			if (entity != 0)
				return mh_build_fail(b, value->place, "one {thing} a gap: %s", value->text);
			entity = items[i].value;
			gap = gap > 1 ? gap : 1;
		}
		begin = i + 1;
	}
	if (place == 0)
		return mh_build_fail(b, value->place, "a pattern needs a word: \"%s\"", value->text);
	struct mh_pattern *pattern = VEC_ADD(b, &b->patterns, struct mh_pattern);
	if (pattern == NULL)
		return MH_ERR_ENOMEM;
	*pattern = (struct mh_pattern){
		.owner = (uint16_t)owner,
		.segment = (uint16_t)first,
		.segment_count = (uint8_t)place,
		.clause = (uint8_t)(clause | group << 4),
		.weight = (uint8_t)(weight < 255 ? weight : 255),
		.around = (uint8_t)(before | entity << 4),
	};
	return MH_ERR_OK;
}
