/* rules_words.c - from words to classes, and from classes to keys
 *
 * A class is a set of pattern words that some word of a text matches at once:
 * "blacklisted" is in the class of `blacklist*`, and of `blacklisted` if some
 * pattern has that too.  So every word has exactly one class, found by its
 * hash or, if it only begins like a stem, by the stem's.
 *
 * The rarest phrase of a pattern, by the words of all samples, is its key: the
 * pattern is looked at only in texts that have it.
 */
#include "builder.h"

#include "error.h"
#include "port.h"

/* -------------------------------------------------------------------- the word table */

static uint32_t
letter_child(struct build *b, struct word_tree *tree, uint32_t parent, unsigned char code)
{
	uint32_t *link = &VEC_AT(&tree->letters, struct letter, parent)->first_child;
	while (*link != NONE && VEC_AT(&tree->letters, struct letter, *link)->code < code)
		link = &VEC_AT(&tree->letters, struct letter, *link)->next_sibling;
	if (*link != NONE && VEC_AT(&tree->letters, struct letter, *link)->code == code)
		return *link;
	uint32_t number = tree->letters.count, before = *link;
	*link = number; /* the vector may move below: the link is written first */
	struct letter *added = VEC_ADD(b, &tree->letters, struct letter);
	if (added == NULL)
		return NONE;
	*added = (struct letter){ .code = code,
		.first_child = NONE,
		.next_sibling = before,
		.exact = NONE,
		.stem = NONE };
	return number;
}

static uint32_t
intern_class(struct build *b, struct word_tree *tree, const struct class *class)
{
	for (uint32_t i = 0; i < tree->classes.count; i++) {
		const struct class *known = VEC_AT(&tree->classes, struct class, i);
		if (known->count == class->count &&
		    memcmp(known->words, class->words, class->count * sizeof(uint32_t)) == 0)
			return i;
	}
	struct class *added = VEC_ADD(b, &tree->classes, struct class);
	if (added != NULL)
		*added = *class;
	return tree->classes.count - 1;
}

/* give_classes - walks the letters depth first with the stems met so far */
static int
give_classes(struct build *b, struct word_tree *tree, uint32_t number, const struct class *above)
{
	struct class stems = *above;
	struct letter *letter = VEC_AT(&tree->letters, struct letter, number);
	if (letter->stem != NONE) {
		if (stems.count == MH_COUNT(stems.words) - 1)
			return mh_build_full(b, "more than 7 stems that begin each other");
		stems.words[stems.count++] = letter->stem;
	}
	letter->stems_class = intern_class(b, tree, &stems);
	letter->end_class = letter->stems_class;
	if (letter->exact != NONE) {
		struct class end = stems;
		end.words[end.count++] = letter->exact;
		letter->end_class = intern_class(b, tree, &end);
	}
	int error = b->no_memory ? MH_ERR_ENOMEM : MH_ERR_OK;
	for (uint32_t child = letter->first_child; child != NONE && error == MH_ERR_OK;
	     child = VEC_AT(&tree->letters, struct letter, child)->next_sibling)
		error = give_classes(b, tree, child, &stems);
	return error;
}

/* list_words - the letters' words with their classes, depth first */
static int
list_words(struct build *b, struct word_tree *tree, uint32_t number, unsigned char *octets, uint32_t depth)
{
	const struct letter *letter = VEC_AT(&tree->letters, struct letter, number);
	bool stem = letter->stem != NONE;
	if (stem && depth > MH_STEM_MAX)
		return mh_build_full(b, "stems have at most 63 octets");
	if (stem)
		tree->stem_lengths[mh_stem_place((uint32_t)mh_load64(octets))] |= UINT64_C(1) << depth;
	uint16_t class = (uint16_t)letter->end_class, longer = (uint16_t)(stem ? letter->stems_class : 0);
	if (class != 0 || longer != 0) {
		struct known_word *word = VEC_ADD(b, &tree->known, struct known_word);
		if (word == NULL)
			return MH_ERR_ENOMEM;
		*word = (struct known_word){ mh_word_hash(octets, depth, 0), class, longer };
	}
	int error = MH_ERR_OK;
	for (uint32_t c = letter->first_child; c != NONE && error == MH_ERR_OK;
	     c = VEC_AT(&tree->letters, struct letter, c)->next_sibling) {
		octets[depth] = VEC_AT(&tree->letters, struct letter, c)->code;
		error = list_words(b, tree, c, octets, depth + 1);
		octets[depth] = 0;
	}
	return error;
}

static int
build_tree(struct build *b, struct word_tree *tree)
{
	struct letter *root = VEC_ADD(b, &tree->letters, struct letter);
	struct class none = { .count = 0 };
	if (root == NULL)
		return MH_ERR_ENOMEM;
	*root = (struct letter){ .first_child = NONE, .next_sibling = NONE, .exact = NONE, .stem = NONE };
	for (uint32_t i = 0; i < b->words.count; i++) {
		const struct pattern_word word = *VEC_AT(&b->words, struct pattern_word, i);
		uint32_t at = 0;
		for (uint32_t k = 0; k < word.len && at != NONE; k++)
			at = letter_child(b, tree, at, word.octets[k]);
		if (at == NONE)
			return MH_ERR_ENOMEM;
		if (word.stem)
			VEC_AT(&tree->letters, struct letter, at)->stem = i;
		else
			VEC_AT(&tree->letters, struct letter, at)->exact = i;
	}
	(void)intern_class(b, tree, &none); /* class 0 */
	int error = give_classes(b, tree, 0, &none);
	if (error != MH_ERR_OK)
		return error;
	return MH_ERR_OK;
}

/* class_of - the class of a word, as the finished table will give it */
static uint32_t
class_of(const struct word_tree *tree, const struct mh_word *word)
{
	uint32_t at = 0;
	for (size_t i = 0; i < word->len; i++) {
		uint32_t child = VEC_AT(&tree->letters, struct letter, at)->first_child;
		while (child != NONE && VEC_AT(&tree->letters, struct letter, child)->code != word->octets[i])
			child = VEC_AT(&tree->letters, struct letter, child)->next_sibling;
		if (child == NONE)
			return VEC_AT(&tree->letters, struct letter, at)->stems_class;
		at = child;
	}
	return VEC_AT(&tree->letters, struct letter, at)->end_class;
}

static int
label_classes(struct build *b, const struct word_tree *tree)
{
	/* from word to the classes that hold it, then united for each label */
	struct vec *of_word = mh_arena_alloc(b->arena, (b->words.count + 1) * sizeof(struct vec));
	uint8_t *marked = mh_arena_alloc(b->arena, tree->classes.count);
	if (of_word == NULL || marked == NULL)
		return MH_ERR_ENOMEM;
	memset(of_word, 0, (b->words.count + 1) * sizeof(struct vec));
	for (uint32_t i = 0; i < tree->classes.count; i++) {
		const struct class *class = VEC_AT(&tree->classes, struct class, i);
		for (uint32_t k = 0; k < class->count; k++) {
			uint16_t *added = VEC_ADD(b, &of_word[class->words[k]], uint16_t);
			if (added == NULL)
				return MH_ERR_ENOMEM;
			*added = (uint16_t)i;
		}
	}
	for (uint32_t i = 0; i < b->labels.count; i++) {
		struct label *label = VEC_AT(&b->labels, struct label, i);
		memset(marked, 0, tree->classes.count);
		for (uint32_t k = 0; k < label->count; k++)
			for (uint32_t n = 0; n < of_word[label->words[k]].count; n++)
				marked[*VEC_AT(&of_word[label->words[k]], uint16_t, n)] = 1;
		for (uint32_t n = 0; n < tree->classes.count; n++) {
			uint16_t *added = marked[n] ? VEC_ADD(b, &label->classes, uint16_t) : NULL;
			if (added != NULL)
				*added = (uint16_t)n;
			else if (marked[n])
				return MH_ERR_ENOMEM;
		}
	}
	return MH_ERR_OK;
}

/* ------------------------------------------------------------------------------ keys */

/* count_words - in how many samples a word of each class stands */
static int
count_words(struct build *b, struct word_tree *tree, const struct mh_sample *samples, uint32_t *frequency)
{
	uint32_t *last_in = mh_arena_alloc(b->arena, tree->classes.count * sizeof(uint32_t)), n = 0;
	if (last_in == NULL)
		return MH_ERR_ENOMEM;
	memset(last_in, 0, tree->classes.count * sizeof(uint32_t));
	memset(frequency, 0, tree->classes.count * sizeof(uint32_t));
	for (const struct mh_sample *sample = samples; sample != NULL; sample = sample->next) {
		struct mh_word word;
		size_t at = 0, begin;
		n++;
		while (mh_word_next(sample->text, &at, &word, &begin)) {
			uint32_t class = class_of(tree, &word);
			if (last_in[class] != n)
				frequency[class]++;
			last_in[class] = n;
		}
	}
	return MH_ERR_OK;
}

static uint32_t
label_frequency(const struct build *b, uint32_t label, const uint32_t *frequency)
{
	const struct vec *classes = &VEC_AT(&b->labels, struct label, label)->classes;
	uint32_t sum = 0;
	for (uint32_t i = 0; i < classes->count; i++)
		sum += frequency[*VEC_AT(classes, uint16_t, i)];
	return sum;
}

/* estimate - how often a phrase is seen: its rarest word, and half of that for each further one */
static void
estimate(struct build *b, const uint32_t *frequency)
{
	for (uint32_t i = 0; i < b->phrases.count; i++) {
		struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, i);
		uint32_t rarest = NONE, words = 0;
		bool choice = false;
		for (uint32_t k = 0; k < phrase->length; k++) {
			uint32_t label = phrase->spelling[k];
			choice |= label == NONE; /* what follows is an alternative: not looked into */
			if (choice)
				break;
			uint32_t often = label_frequency(b, label, frequency);
			rarest = often < rarest ? often : rarest;
			words++;
		}
		if (rarest == NONE)
			rarest = 256;
		phrase->frequency = rarest * 16 >> (words > 1 || choice ? (words > 4 ? 4 : words) : 0);
	}
}

static bool
is_condition(const struct mh_pattern *pattern)
{
	return (pattern->clause & 15) == MH_CLAUSE_AND || (pattern->clause & 15) == MH_CLAUSE_NOT;
}

/* need_of - what to ask for beside a pattern's key: the rarest of its other phrases */
static uint16_t
need_of(const struct build *b, const struct mh_pattern *pattern, uint32_t key)
{
	uint32_t fewest = NONE, need = b->phrases.count;
	for (uint32_t k = 0; k < pattern->segment_count; k++) {
		uint16_t other = VEC_AT(&b->segments, struct mh_segment, pattern->segment + k)->phrase;
		uint32_t often = VEC_AT(&b->phrases, struct phrase, other)->frequency;
		if (other == key || often >= fewest)
			continue;
		fewest = often;
		need = other;
	}
	return (uint16_t)need;
}

/* promise_of - the most that a rule of this layer scores by a pattern */
static int16_t
promise_of(const struct build *b, const struct mh_pattern *pattern)
{
	if ((pattern->clause & 15) != MH_CLAUSE_TEXT)
		return MH_PROMISE_MARK;
	const struct mh_rule *rule = VEC_AT(&b->rules, struct mh_rule, pattern->owner);
	int32_t weight =
	    pattern->weight + mh_rule_bonus(rule, true) + (rule->provider != 0 ? MH_BONUS_PROVIDER : 0);
	return (int16_t)mh_promise(mh_score(b->below->count, rule->rank, weight), true);
}

/* choose_keys - the rarest phrase of every pattern that is looked for by itself */
static uint32_t *
choose_keys(struct build *b)
{
	uint32_t *key = mh_arena_alloc(b->arena, (b->patterns.count + 1) * sizeof(uint32_t));
	for (uint32_t i = 0; key != NULL && i < b->patterns.count; i++) {
		struct mh_pattern *pattern = VEC_AT(&b->patterns, struct mh_pattern, i);
		uint32_t fewest = NONE;
		key[i] = NONE;
		if (is_condition(pattern))
			continue; /* looked at when the rest of its rule holds */
		for (uint32_t k = 0; k < pattern->segment_count; k++) {
			uint16_t phrase =
			    VEC_AT(&b->segments, struct mh_segment, pattern->segment + k)->phrase;
			uint32_t often = VEC_AT(&b->phrases, struct phrase, phrase)->frequency;
			if (often < fewest) {
				fewest = often;
				key[i] = phrase;
			}
		}
		if (pattern->segment_count == 2 &&
		    VEC_AT(&b->segments, struct mh_segment, pattern->segment)->phrase != key[i])
			pattern->around |= MH_PATTERN_SECOND;
		VEC_AT(&b->phrases, struct phrase, key[i])->key = true;
	}
	return key;
}

/* key_patterns - lists every pattern under its key */
static int
key_patterns(struct build *b, const uint32_t *key)
{
	uint32_t phrases = b->phrases.count, patterns = b->patterns.count;
	uint16_t *first = mh_arena_alloc(b->arena, (phrases + 2) * sizeof(uint16_t));
	uint16_t *fill = mh_arena_alloc(b->arena, (phrases + 2) * sizeof(uint16_t));
	struct mh_keyed *keyed = mh_arena_alloc(b->arena, (patterns + 1) * sizeof(struct mh_keyed));
	if (first == NULL || fill == NULL || keyed == NULL)
		return MH_ERR_ENOMEM;
	memset(first, 0, (phrases + 2) * sizeof(uint16_t));
	for (uint32_t i = 0; i < patterns; i++)
		if (key[i] != NONE)
			first[key[i] + 1]++;
	for (uint32_t i = 0; i < phrases; i++)
		first[i + 1] = (uint16_t)(first[i + 1] + first[i]);
	memcpy(fill, first, (phrases + 2) * sizeof(uint16_t));
	for (uint32_t i = 0; i < patterns; i++) {
		if (key[i] == NONE)
			continue;
		const struct mh_pattern *pattern = VEC_AT(&b->patterns, struct mh_pattern, i);
		struct mh_keyed row = { (uint16_t)i, need_of(b, pattern, key[i]), promise_of(b, pattern) };
		uint32_t at = fill[key[i]]++;
		for (; at > first[key[i]] && row.promise > keyed[at - 1].promise; at--)
			keyed[at] = keyed[at - 1];
		keyed[at] = row;
	}
	for (uint32_t i = 0; i < phrases; i++)
		if (first[i + 1] > first[i])
			keyed[first[i + 1] - 1].pattern |= MH_KEYED_LAST;
	for (uint32_t i = 0; i < b->segments.count; i++) {
		struct mh_segment *segment = VEC_AT(&b->segments, struct mh_segment, i);
		if (VEC_AT(&b->phrases, struct phrase, segment->phrase)->word != NONE)
			segment->shape |= MH_SEGMENT_SINGLE;
	}
	b->set.keyed_at = first;
	b->set.keyed = keyed;
	b->set.keyed_count = first[phrases];
	return MH_ERR_OK;
}

/* ------------------------------------------------------- phrases of one word, by class */

#define MANY_SAMPLES 256 /* fewer tell nothing of how often a word is */
#define OFTEN 6 /* one sample in so many */

/* tell_often - marks the phrases of one word that are nothing special */
static void
tell_often(struct build *b, const struct mh_sample *samples, const uint32_t *frequency)
{
	uint32_t count = 0;
	for (; samples != NULL; samples = samples->next)
		count++;
	for (uint32_t i = 0; count >= MANY_SAMPLES && i < b->phrases.count; i++) {
		struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, i);
		phrase->often =
		    phrase->word != NONE && label_frequency(b, phrase->word, frequency) * OFTEN >= count;
	}
}

/* wants_all_places - whether a pattern is looked for from its first segment on, and not from its key */
static bool
wants_all_places(const struct build *b, const struct mh_pattern *pattern)
{
	const struct mh_segment *segments = VEC_AT(&b->segments, struct mh_segment, pattern->segment);
	return pattern->segment_count > 2 ||
	    (pattern->segment_count == 2 &&
		((pattern->around & ~MH_PATTERN_SECOND) != 0 || segments[1].shape >> MH_SEGMENT_ENTITY != 0));
}

/* ask_phrases - marks the phrases for which somebody asks whether they stand there */
static void
ask_phrases(struct build *b, const uint32_t *key)
{
	for (uint32_t i = 0; i < b->patterns.count; i++) {
		const struct mh_pattern *pattern = VEC_AT(&b->patterns, struct mh_pattern, i);
		for (uint32_t k = 0; k < pattern->segment_count; k++) {
			const struct mh_segment *segment =
			    VEC_AT(&b->segments, struct mh_segment, pattern->segment + k);
			struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, segment->phrase);
			phrase->asked |= phrase->word != NONE &&
			    (segment->phrase != key[i] || wants_all_places(b, pattern));
		}
	}
}

/* A phrase with its classes, the most frequent first. */
struct ranked {
	uint32_t phrase, count;
	uint32_t *ranks;
	bool often;
};

static bool
goes_before(const struct ranked *x, const struct ranked *y)
{
	if (x->often != y->often)
		return y->often;
	for (uint32_t i = 0; i < x->count && i < y->count; i++)
		if (x->ranks[i] != y->ranks[i])
			return x->ranks[i] < y->ranks[i];
	return x->count != y->count ? x->count < y->count : x->phrase < y->phrase;
}

static void
sort_ranked(struct ranked *at, uint32_t count)
{
	for (uint32_t gap = count / 2; gap > 0; gap /= 2)
		for (uint32_t i = gap; i < count; i++)
			for (uint32_t k = i; k >= gap && goes_before(&at[k], &at[k - gap]); k -= gap) {
				struct ranked swap = at[k];
				at[k] = at[k - gap];
				at[k - gap] = swap;
			}
}

/* rank_classes - a place for each class, the most frequent first */
static uint32_t *
rank_classes(struct build *b, const struct word_tree *tree, const uint32_t *frequency)
{
	uint32_t count = tree->classes.count, most = 0, next = 0;
	uint32_t *rank = mh_arena_alloc(b->arena, count * sizeof(uint32_t));
	for (uint32_t i = 0; i < count; i++)
		most = frequency[i] > most ? frequency[i] : most;
	uint32_t *many = mh_arena_alloc(b->arena, (most + 2) * sizeof(uint32_t));
	if (rank == NULL || many == NULL)
		return NULL;
	memset(many, 0, (most + 2) * sizeof(uint32_t));
	for (uint32_t i = 0; i < count; i++)
		many[frequency[i]]++;
	for (uint32_t n = most + 1; n-- > 0;) {
		uint32_t some = many[n];
		many[n] = next;
		next += some;
	}
	for (uint32_t i = 0; i < count; i++)
		rank[i] = many[frequency[i]]++;
	return rank;
}

/* number_phrases - those that are asked for come first, in an order that brings together what the same
 * words are: so a word sets a few groups of bits and not many bits */
static int
number_phrases(struct build *b, const struct word_tree *tree, const uint32_t *frequency, uint32_t *key)
{
	uint32_t count = b->phrases.count, asked = 0, next;
	uint32_t *rank = rank_classes(b, tree, frequency);
	struct ranked *ranked = mh_arena_alloc(b->arena, (count + 1) * sizeof(struct ranked));
	struct phrase *renumbered = mh_arena_alloc(b->arena, (count + 1) * sizeof(struct phrase));
	uint16_t *number = mh_arena_alloc(b->arena, (count + 1) * sizeof(uint16_t));
	if (rank == NULL || ranked == NULL || renumbered == NULL || number == NULL)
		return MH_ERR_ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		const struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, i);
		if (!phrase->asked)
			continue;
		const struct vec *classes = &VEC_AT(&b->labels, struct label, phrase->word)->classes;
		uint32_t *ranks = mh_arena_alloc(b->arena, (classes->count + 1) * sizeof(uint32_t));
		if (ranks == NULL)
			return MH_ERR_ENOMEM;
		for (uint32_t k = 0; k < classes->count; k++) {
			uint32_t own = rank[*VEC_AT(classes, uint16_t, k)], at = k;
			for (; at > 0 && ranks[at - 1] > own; at--)
				ranks[at] = ranks[at - 1];
			ranks[at] = own;
		}
		ranked[asked++] = (struct ranked){ i, classes->count, ranks, phrase->often };
	}
	sort_ranked(ranked, asked);
	b->set.often_end = asked;
	for (next = 0; next < asked && !ranked[next].often; next++)
		number[ranked[next].phrase] = (uint16_t)next;
	b->set.often_first = next;
	for (; next < asked; next++)
		number[ranked[next].phrase] = (uint16_t)next;
	for (uint32_t i = 0; i < count; i++)
		if (!VEC_AT(&b->phrases, struct phrase, i)->asked)
			number[i] = (uint16_t)next++;
	for (uint32_t i = 0; i < count; i++)
		renumbered[number[i]] = *VEC_AT(&b->phrases, struct phrase, i);
	if (count > 0)
		memcpy(b->phrases.items, renumbered, count * sizeof(struct phrase));
	for (uint32_t i = 0; i < b->segments.count; i++) {
		struct mh_segment *segment = VEC_AT(&b->segments, struct mh_segment, i);
		segment->phrase = number[segment->phrase];
	}
	for (uint32_t i = 0; i < b->patterns.count; i++)
		key[i] = key[i] != NONE ? number[key[i]] : NONE;
	for (uint32_t i = 0; i < b->nodes.count; i++) {
		const struct vec *accepts = &VEC_AT(&b->nodes, struct node, i)->accepts;
		for (uint32_t k = 0; k < accepts->count; k++)
			*VEC_AT(accepts, uint16_t, k) = number[*VEC_AT(accepts, uint16_t, k)];
	}
	return MH_ERR_OK;
}

/* list_class_bits - by class the phrases that are asked for and that a word of it is alone */
static int
list_class_bits(struct build *b, const struct word_tree *tree)
{
	uint32_t classes = tree->classes.count;
	struct vec *of_class = mh_arena_alloc(b->arena, classes * sizeof(struct vec));
	uint32_t *nothing = VEC_ADD(b, &b->class_bits, uint32_t);
	uint32_t *of_phrase = mh_arena_alloc(b->arena, (b->set.often_end + 1) * sizeof(uint32_t));
	b->classes = mh_arena_alloc(b->arena, classes * sizeof(struct mh_class));
	if (of_phrase == NULL || b->classes == NULL || of_class == NULL || nothing == NULL)
		return MH_ERR_ENOMEM;
	*nothing = MH_CLASS_BITS_LAST | MH_CLASS_BITS_END;
	memset(of_class, 0, classes * sizeof(struct vec));
	for (uint32_t i = 0; i < b->phrases.count && VEC_AT(&b->phrases, struct phrase, i)->asked; i++) {
		const struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, i);
		const struct vec *label = &VEC_AT(&b->labels, struct label, phrase->word)->classes;
		of_phrase[i] = 0;
		for (uint32_t k = 0; k < label->count; k++) {
			of_phrase[i] |= 1u << *VEC_AT(label, uint16_t, k) % 32;
			struct vec *bits = &of_class[*VEC_AT(label, uint16_t, k)];
			uint32_t *last = bits->count > 0 ? VEC_AT(bits, uint32_t, bits->count - 1) : NULL;
			if (last == NULL || (*last & MH_CLASS_BITS_PLACE) != i / 16) {
				last = VEC_ADD(b, bits, uint32_t);
				if (last == NULL)
					return MH_ERR_ENOMEM;
				*last = i / 16;
			}
			*last |= 1u << (16 + i % 16);
		}
	}
	for (uint32_t class = 0; class < classes; class ++) {
		b->classes[class] =
		    (struct mh_class){ .bits =
					   of_class[class].count > 0 ? (uint16_t)b->class_bits.count : 0 };
		for (uint32_t k = 0; k < of_class[class].count; k++) {
			uint32_t *added = VEC_ADD(b, &b->class_bits, uint32_t);
			if (added == NULL)
				return MH_ERR_ENOMEM;
			uint32_t entry = *VEC_AT(&of_class[class], uint32_t, k);
			bool end = k + 1 == of_class[class].count;
			/* an entry that is half of one kind counts as one that must be set */
			bool last = end ||
			    (*VEC_AT(&of_class[class], uint32_t, k + 1) & MH_CLASS_BITS_PLACE) * 16 >=
				b->set.often_first;
			*added = entry | (last ? MH_CLASS_BITS_LAST : 0) | (end ? MH_CLASS_BITS_END : 0);
		}
		if (b->class_bits.count > 0xffff)
			return mh_build_full(b, "the rules make too many phrases");
	}
	b->set.phrase_classes = of_phrase;
	b->set.phrase_count = b->phrases.count;
	return MH_ERR_OK;
}

static void
word_home(const void *ud, uint32_t item, uint32_t count, uint32_t bucket[2])
{
	const struct word_tree *tree = ud;
	mh_word_buckets(VEC_AT(&tree->known, struct known_word, item)->hash, count, bucket);
}

/* place_words - the table of all words, with the classes that they have in the end */
static int
place_words(struct build *b, struct word_tree *tree)
{
	unsigned char octets[MH_WORD_MAX + 17] = { 0 };
	struct buckets buckets = { .places = MH_WORD_PLACES, .home = word_home, .ud = tree };
	tree->stem_lengths = mh_arena_alloc(b->arena, MH_STEM_LENGTHS * sizeof(uint64_t));
	if (tree->stem_lengths == NULL)
		return MH_ERR_ENOMEM;
	memset(tree->stem_lengths, 0, MH_STEM_LENGTHS * sizeof(uint64_t));
	int error = list_words(b, tree, 0, octets, 0);
	if (error == MH_ERR_OK)
		error = mh_build_buckets(b, &buckets, tree->known.count, 1);
	if (error != MH_ERR_OK)
		return error;
	tree->word_count = buckets.count;
	tree->words = mh_arena_alloc(b->arena, buckets.count * sizeof(*tree->words));
	if (tree->words == NULL)
		return MH_ERR_ENOMEM;
	memset(tree->words, 0, buckets.count * sizeof(*tree->words));
	for (uint32_t i = 0; i < buckets.count * MH_WORD_PLACES; i++) {
		struct mh_word_bucket *bucket = &tree->words[i / MH_WORD_PLACES];
		if (buckets.owner[i] == NONE)
			continue;
		const struct known_word *word = VEC_AT(&tree->known, struct known_word, buckets.owner[i]);
		bucket->tag[i % MH_WORD_PLACES] = (uint32_t)word->hash;
		bucket->class[i % MH_WORD_PLACES] = word->class | (uint32_t)word->stem << 16;
	}
	/* every word is found as itself: two with one hash are told here, and not in the field */
	struct mh_ruleset table = { .words = tree->words, .word_count = tree->word_count };
	for (uint32_t i = 0; i < tree->known.count; i++) {
		const struct known_word *word = VEC_AT(&tree->known, struct known_word, i);
		if (mh_ruleset_word(&table, word->hash) != (word->class | (uint32_t)word->stem << 16))
			return mh_build_full(b, "two words have one hash");
	}
	return MH_ERR_OK;
}

/* merge_classes - words that stand in the same labels need not be told apart: synonyms that are only
 * ever named together become one class, and so one edge instead of twenty */
static int
merge_classes(struct build *b, struct word_tree *tree)
{
	uint32_t count = tree->classes.count, kept = 1;
	uint64_t *signature = mh_arena_alloc(b->arena, count * sizeof(uint64_t));
	uint16_t *number = mh_arena_alloc(b->arena, count * sizeof(uint16_t));
	if (signature == NULL || number == NULL)
		return MH_ERR_ENOMEM;
	memset(signature, 0, count * sizeof(uint64_t));
	for (uint32_t i = 0; i < b->labels.count; i++) { /* labels ascend, so equal sets give equal hashes */
		const struct label *label = VEC_AT(&b->labels, struct label, i);
		for (uint32_t k = 0; k < label->classes.count; k++) {
			uint64_t *hash = &signature[*VEC_AT(&label->classes, uint16_t, k)];
			*hash = (*hash + i + 1) * UINT64_C(0x9e3779b97f4a7c15) ^ *hash >> 29;
		}
	}
	number[0] = 0;
	for (uint32_t i = 1; i < count; i++) {
		uint32_t same = 1;
		while (same < i && signature[same] != signature[i])
			same++;
		number[i] = signature[i] == 0 ? 0 : same < i ? number[same] : (uint16_t)kept++;
	}
	for (uint32_t i = 0; i < b->labels.count; i++) {
		struct vec *classes = &VEC_AT(&b->labels, struct label, i)->classes;
		uint32_t different = 0;
		for (uint32_t k = 0; k < classes->count; k++) {
			uint16_t class = number[*VEC_AT(classes, uint16_t, k)];
			uint32_t at = different;
			while (at > 0 && *VEC_AT(classes, uint16_t, at - 1) > class)
				at--;
			if (at > 0 && *VEC_AT(classes, uint16_t, at - 1) == class)
				continue;
			memmove(VEC_AT(classes, uint16_t, at) + 1, VEC_AT(classes, uint16_t, at),
			    (different - at) * sizeof(uint16_t));
			*VEC_AT(classes, uint16_t, at) = class;
			different++;
		}
		classes->count = different;
	}
	for (uint32_t i = 0; i < tree->letters.count; i++) {
		struct letter *letter = VEC_AT(&tree->letters, struct letter, i);
		letter->end_class = number[letter->end_class];
		letter->stems_class = number[letter->stems_class];
	}
	tree->classes.count = kept;
	return MH_ERR_OK;
}

int
mh_build_words(struct build *b, struct word_tree *tree, const struct mh_sample *samples)
{
	uint32_t *frequency = NULL;
	int error = build_tree(b, tree);
	if (error == MH_ERR_OK)
		error = label_classes(b, tree);
	if (error == MH_ERR_OK)
		error = merge_classes(b, tree);
	if (error == MH_ERR_OK)
		error = place_words(b, tree);
	if (error == MH_ERR_OK) {
		frequency = mh_arena_alloc(b->arena, tree->classes.count * sizeof(uint32_t));
		error = frequency != NULL ? count_words(b, tree, samples, frequency) : MH_ERR_ENOMEM;
	}
	if (error != MH_ERR_OK)
		return error;
	estimate(b, frequency);
	tell_often(b, samples, frequency);
	uint32_t *key = choose_keys(b);
	if (key == NULL)
		return MH_ERR_ENOMEM;
	ask_phrases(b, key);
	error = number_phrases(b, tree, frequency, key);
	if (error == MH_ERR_OK)
		error = key_patterns(b, key);
	return error == MH_ERR_OK ? list_class_bits(b, tree) : error;
}
