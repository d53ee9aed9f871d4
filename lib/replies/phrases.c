/* phrases.c - from words to phrases: walks through the automaton, and where phrases stand
 *
 * Words come in the order of the text, looked up already (scan.c), some dozens
 * at a time: while a table is asked for one word the processor goes on to the
 * next, which it could not if what follows from a word were worked out at once.
 */
#include "scan_run.h"

#define ENDS_FEW 12 /* so many are looked through one by one */

/* add_event - a word is a key, or a walk has come to a state that ends phrases; its number, or MH_SCAN_EVENTS without room */
static inline uint32_t
add_event(struct mh_scan *scan, size_t layer, uint32_t list, bool alone, mh_walk walk, uint32_t last,
    size_t end)
{
	uint32_t number = scan->event_count;
	if (MH_UNLIKELY(number == MH_SCAN_EVENTS)) {
		mh_scan_odd(scan, MH_ODD_LINES, end);
		return number;
	}
	struct mh_event *event = &scan->events[number];
	event->list = (uint16_t)list;
	event->first = (uint16_t)(walk >> 16);
	event->last = (uint16_t)last;
	event->layer = (uint8_t)layer;
	event->alone = alone;
	event->begin = (uint32_t)(walk >> 32);
	event->end = (uint32_t)end;
	scan->event_count = number + 1;
	return number;
}

/* add_key - a key of some patterns: the first of them, and what it promises; how many keys there are now */
static inline uint32_t
add_key(struct mh_scan *scan, uint32_t count, uint32_t event, uint32_t row, int16_t promise)
{
	if (MH_UNLIKELY(count == MH_SCAN_KEYS)) {
		mh_scan_odd(scan, MH_ODD_LINES, scan->events[event].end);
		return count;
	}
	scan->key_promises[count] = promise;
	scan->keys[count] = event << 16 | row;
	return count + 1;
}

/* add_word_keys - those of a list of word_keys */
static inline uint32_t
add_word_keys(struct mh_scan *scan, uint32_t count, uint32_t event, const struct mh_word_key *key)
{
	bool last;
	do {
		last = (key->row & MH_WORD_KEY_LAST) != 0;
		count = add_key(scan, count, event, key->row & MH_WORD_KEY_ROW, key->promise);
		key++;
	} while (!last);
	return count;
}

void
mh_scan_end_keys(struct mh_scan *scan)
{
	/* MH_PROMISE_NOTHING, 32 times */
	memset(scan->key_promises + scan->key_count, 0x80, 32 * sizeof(scan->key_promises[0]));
}

void
mh_scan_keys(struct mh_scan *scan)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < scan->event_count; i++) {
		const struct mh_event *event = &scan->events[i];
		const struct mh_ruleset *set = scan->layers->set[event->layer];
		const uint16_t *accept = &set->accepts[event->list];
		if (event->alone) {
			count = add_word_keys(scan, count, i, &set->word_keys[event->list]);
			continue;
		}
		do {
			uint32_t row = set->keyed_at[*accept & MH_ACCEPT_PHRASE];
			if ((*accept & MH_ACCEPT_KEY) != 0)
				count = add_key(scan, count, i, row, set->keyed[row].promise);
		} while ((*accept++ & MH_ACCEPT_LAST) == 0);
	}
	scan->key_count = count;
	mh_scan_end_keys(scan);
}

/* phrase_ends - phrases of several words are noted all */
static inline void
phrase_ends(struct mh_scan *scan, const struct mh_ruleset *set, size_t layer, uint32_t accepts, mh_walk walk,
    uint32_t last, size_t end)
{
	const uint16_t *accept = &set->accepts[accepts];
	uint16_t *seen = scan->seen[layer];
	uint32_t number = add_event(scan, layer, accepts, false, walk, last, end), place = scan->end_count;
	uint32_t count = scan->key_count;
	if (MH_UNLIKELY(number == MH_SCAN_EVENTS))
		return;
	do {
		uint32_t phrase = *accept & MH_ACCEPT_PHRASE;
		seen[phrase / 16] |= (uint16_t)(1u << phrase % 16);
		if ((*accept & MH_ACCEPT_KEY) != 0) {
			uint32_t row = set->keyed_at[phrase];
			count = add_key(scan, count, number, row, set->keyed[row].promise);
		}
		if (MH_UNLIKELY(place == MH_SCAN_ENDS))
			continue;
		scan->ends[place].phrase = (uint16_t)phrase;
		scan->ends[place++].event = (uint16_t)number;
	} while ((*accept++ & MH_ACCEPT_LAST) == 0);
	scan->end_count = place;
	scan->key_count = count;
}

/* mh_chain_ends - where there are many, they are found by their phrases */
void
mh_chain_ends(struct mh_scan *scan)
{
	if (scan->end_count <= ENDS_FEW)
		return;
	memset(scan->end_first, 0, sizeof(scan->end_first));
	for (uint32_t i = scan->end_count; i-- > 0;) {
		uint16_t *first = &scan->end_first[scan->ends[i].phrase % MH_SCAN_BUCKETS];
		scan->ends[i].next = *first;
		*first = (uint16_t)(i + 1);
	}
}

/* find_end - the first end of a phrase behind end number before, which is 0 at first: its number + 1, or 0 */
static inline uint32_t
find_end(const struct mh_scan *scan, uint32_t phrase, uint32_t before)
{
	if (scan->end_count <= ENDS_FEW) {
		while (before < scan->end_count && scan->ends[before].phrase != phrase)
			before++;
		return before < scan->end_count ? before + 1 : 0;
	}
	uint32_t i = before == 0 ? scan->end_first[phrase % MH_SCAN_BUCKETS] : scan->ends[before - 1].next;
	while (i != 0 && scan->ends[i - 1].phrase != phrase)
		i = scan->ends[i - 1].next;
	return i;
}

/* see_word - notes the phrases that a word of this class is alone */
static MH_INLINE void
see_word(uint16_t *seen, const uint32_t *entry)
{
	uint32_t some;
	do {
		some = *entry++;
		seen[some & MH_CLASS_BITS_PLACE] |= (uint16_t)(some >> 16);
	} while ((some & MH_CLASS_BITS_LAST) == 0);
}

/* is_among - whether a word of this class is a phrase by itself */
static bool
is_among(const struct mh_ruleset *set, uint32_t phrase, uint32_t class)
{
	const uint32_t *entry = &set->class_bits[set->classes[class].bits];
	while ((*entry & MH_CLASS_BITS_END) == 0 && (*entry & MH_CLASS_BITS_PLACE) < phrase / 16)
		entry++;
	return (*entry & MH_CLASS_BITS_PLACE) == phrase / 16 && (*entry >> 16 >> phrase % 16 & 1) != 0;
}

/* first_behind - the first word whose index is larger than after: they stand in that order */
static uint32_t
first_behind(const struct mh_scan *scan, int after)
{
	uint32_t low = 0, high = scan->word_count;
	if (after < 0)
		return 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (scan->words[middle].index <= after)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint32_t
mh_scan_places(const struct mh_scan *scan, size_t layer, const struct mh_segment *segment, int after,
    int before, struct mh_place_seen *places, uint32_t max)
{
	const struct mh_ruleset *set = scan->layers->set[layer];
	bool single = (segment->shape & MH_SEGMENT_SINGLE) != 0 && segment->phrase < set->often_end;
	uint32_t word = single ? first_behind(scan, after) : scan->word_count, count = 0;
	uint32_t some = single ? set->phrase_classes[segment->phrase] : 0;
	uint64_t likely = 0; /* of the first 64 words */
	for (uint32_t bits = word < 64 ? some : 0; bits != 0; bits &= bits - 1)
		likely |= scan->words_by_class[layer][mh_lowest(bits)];
	for (; word < scan->word_count && count < max; word++) {
		if (word < 64) {
			likely = likely >> word << word;
			word = likely != 0 ? mh_lowest(likely) : 64;
			if (word >= scan->word_count)
				break;
		}
		const struct mh_seen_word *seen = &scan->words[word];
		if (seen->index >= before)
			break;
		if ((some >> seen->class[layer] % 32 & 1) != 0 &&
		    is_among(set, segment->phrase, seen->class[layer]))
			places[count++] =
			    (struct mh_place_seen){ seen->index, seen->index, seen->begin, seen->end };
	}
	for (uint32_t i = 0; count < max && (i = find_end(scan, segment->phrase, i)) != 0;) {
		const struct mh_event *event = &scan->events[scan->ends[i - 1].event];
		if (event->layer == layer && event->first > after && event->first < before)
			places[count++] =
			    (struct mh_place_seen){ event->first, event->last, event->begin, event->end };
	}
	return count;
}

/* step - a known word moves every walk on, or ends it, and begins another */
static MH_INLINE void
step(struct mh_scan *scan, struct stream *stream, const struct mh_ruleset *set, size_t layer, uint32_t class,
    size_t begin, size_t end, uint32_t index)
{
	mh_walk *walks = stream->walks[layer];
	uint32_t kept = 0, count = stream->count[layer];
	for (uint32_t i = 0; i < count; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): walks below count have been begun */
		uint32_t next = mh_ruleset_edge(set, (uint16_t)walks[i], class);
		uint32_t ends = next >> 15; /* MH_NEXT_END */
		mh_walk walk = (walks[i] & ~(mh_walk)0xffff) | next;
		/* without a branch; state 0 is nowhere, and ends nothing */
		uint32_t accepts =
		    set->state_accepts[next & (ends - 1)] | (next & (MH_NEXT_END - 1) & (0 - ends));
		if (accepts != 0)
			phrase_ends(scan, set, layer, accepts, walk, index, end);
		walks[kept] = walk;
		kept += (next != 0) & (ends ^ 1);
	}
	const struct mh_class *row = &set->classes[class];
	mh_walk walk = mh_walk_from(row->next, index, (uint32_t)begin);
	if (row->keys != 0) {
		uint32_t number = add_event(scan, layer, row->keys, true, walk, index, end);
		if (MH_LIKELY(number != MH_SCAN_EVENTS))
			scan->key_count =
			    add_word_keys(scan, scan->key_count, number, &set->word_keys[row->keys]);
	}
	walks[kept] = walk;
	stream->count[layer] = kept + (row->next != 0);
}

/* note_class - the class of a word, by its place among all */
static inline void
note_class(struct mh_scan *scan, size_t layer, uint32_t class, uint32_t place)
{
	if (MH_LIKELY(place < 64))
		scan->words_by_class[layer][class % 32] |= UINT64_C(1) << place;
}

/* keep_word - notes a word for phrases that are looked for later */
static inline void
keep_word(struct mh_scan *scan, const uint16_t *class, size_t layers, size_t begin, size_t end,
    uint32_t index)
{
	if (scan->word_count == MH_SCAN_WORDS)
		return;
	struct mh_seen_word *word = &scan->words[scan->word_count++];
	word->begin = (uint32_t)begin;
	word->end = (uint32_t)end;
	word->index = (uint16_t)index;
	for (size_t i = 0; i < layers; i++) {
		const struct mh_ruleset *set = scan->layers->set[i];
		word->class[i] = class[i];
		note_class(scan, i, class[i], (uint32_t)(word - scan->words));
		see_word(scan->seen[i], &set->class_bits[set->classes[class[i]].bits]);
	}
}

/* stream_of - the words of the text, or of the name with this number, begun anew if it is another one */
static MH_INLINE struct stream *
stream_of(struct run *run, uint16_t side)
{
	struct stream *stream = &run->streams[side != 0];
	if (MH_UNLIKELY(side > run->side_begun)) {
		run->side_begun = side;
		memset(stream->count, 0, sizeof(stream->count));
	}
	return stream;
}

void
mh_put_word(struct run *run, uint16_t side, const struct mh_word *word, size_t begin, size_t end)
{
	uint16_t class[MH_LAYERS_MAX] = { 0 };
	bool visible = !word->has_digit;
	mh_take_tokens(run); /* those before it */
	for (size_t i = 0; i < run->layers->count; i++) {
		class[i] = mh_word_class(run->layers->set[i], word);
		visible |= class[i] != 0;
	}
	if (!visible)
		return;
	struct stream *stream = stream_of(run, side);
	uint32_t index = run->index;
	keep_word(run->scan, class, run->layers->count, begin, end, index);
	for (size_t i = 0; i < run->layers->count; i++) {
		if (class[i] != 0)
			step(run->scan, stream, run->layers->set[i], i, class[i], begin, end, index);
		else if (!word->has_digit)
			stream->count[i] = 0;
	}
	run->index += side == 0;
}

/* mh_take_tokens - the words that were looked up take their steps, for the lowest layer alone */
void
mh_take_tokens(struct run *run)
{
	const struct mh_ruleset *set = run->layers->set[0];
	struct mh_scan *scan = run->scan;
	for (uint32_t i = 0; i < run->token_count; i++) {
		const struct token *token = &run->tokens[i];
		struct stream *stream = stream_of(run, token->side);
		uint32_t class = token->known & 0xffff, count = scan->word_count;
		if (MH_UNLIKELY(token->known == 0))
			class =
			    mh_word_stem(set, run->text + token->begin, token->end - token->begin, MH_FOLD);
		if (class == 0) {
			stream->count[0] = 0;
			continue;
		}
		if (MH_LIKELY(count < MH_SCAN_WORDS)) {
			struct mh_seen_word *word = &scan->words[count];
			word->begin = token->begin;
			word->end = token->end;
			word->index = token->index;
			word->class[0] = (uint16_t) class;
			note_class(scan, 0, class, count);
			scan->word_count = count + 1;
			see_word(scan->seen[0], &set->class_bits[set->classes[class].bits]);
		}
		step(scan, stream, set, 0, class, token->begin, token->end, token->index);
	}
	run->token_count = 0;
}
