/* scan.c - one pass over a reply
 *
 * The hot loop goes from mark to mark (marks.h) and looks ASCII words up in the
 * lowest layer; words with other letters, and upper layers, take the general
 * road through struct mh_word.  Everything that is no plain word is
 * the business of things.c, and what begins a line is found on the way, also
 * where lines were run together.
 */
#include "scan_run.h"

#include "error.h"
#include "port.h"

enum { SEPARATOR, ALPHA, DIGIT, HIGH, COLON, LINE_END, CONTROL };

/* clang-format off */
static const unsigned char kind_of[256] = {
	/* 00 */ CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL, CONTROL,
	/* 09 */ SEPARATOR, LINE_END, CONTROL, CONTROL, LINE_END,
	/* 0e */ R16(CONTROL), CONTROL, CONTROL,
	/* 20 */ R16(SEPARATOR),
	/* 30 */ R10(DIGIT), COLON, SEPARATOR, SEPARATOR, SEPARATOR, SEPARATOR, SEPARATOR,
	/* 40 */ SEPARATOR, R26(ALPHA), SEPARATOR, SEPARATOR, SEPARATOR, SEPARATOR, SEPARATOR,
	/* 60 */ SEPARATOR, R26(ALPHA), SEPARATOR, SEPARATOR, SEPARATOR, SEPARATOR, CONTROL,
	/* 80 */ R16(HIGH), R16(HIGH), R16(HIGH), R16(HIGH), R16(HIGH), R16(HIGH), R16(HIGH), R16(HIGH),
};
/* clang-format on */

/* ascii_word - the class of the ASCII letters and digits from begin to end; 0: not known */
static MH_INLINE uint32_t
ascii_word(const struct mh_ruleset *set, const char *text, size_t begin, size_t end)
{
	uint32_t known = mh_ruleset_word(set, mh_word_hash(text + begin, end - begin, MH_FOLD));
	return MH_LIKELY(known != 0) ? known & 0xffff : mh_word_stem(set, text + begin, end - begin, MH_FOLD);
}

static bool
has_digit(const char *text, size_t begin, size_t end)
{
	while (begin < end && !mh_is_digit(text[begin]))
		begin++;
	return begin < end;
}

/* ------------------------------------------------------------------- automaton */

static void
odd(struct mh_scan *scan, uint32_t bit, size_t at)
{
	if ((scan->odd & bit) == 0) {
		int n = 0;
		while ((1u << n) != bit)
			n++;
		scan->odd |= bit;
		scan->odd_at[n] = (uint32_t)at;
	}
}

#define ENDS_FEW 32 /* so many are looked through one by one */

/* add_event - a walk has come to a state that ends phrases; its number, or MH_SCAN_EVENTS without room */
static inline uint32_t
add_event(struct mh_scan *scan, size_t layer, uint32_t accepts, struct walk walk, uint32_t last, size_t end)
{
	uint32_t number = scan->event_count;
	if (MH_UNLIKELY(number == MH_SCAN_EVENTS)) {
		odd(scan, MH_ODD_LINES, end);
		return number;
	}
	struct mh_event *event = &scan->events[number];
	event->accepts = (uint16_t)accepts;
	event->first = walk.first;
	event->last = (uint16_t)last;
	event->layer = (uint8_t)layer;
	event->begin = walk.begin;
	event->end = (uint32_t)end;
	scan->event_count = number + 1;
	return number;
}

/* add_key - one of the phrases of an event is some patterns' key; how many keys there are now */
static inline uint32_t
add_key(struct mh_scan *scan, const struct mh_ruleset *set, uint32_t count, uint32_t phrase, uint32_t event)
{
	uint32_t row = set->keyed_at[phrase];
	if (MH_UNLIKELY(count == MH_SCAN_KEYS)) {
		odd(scan, MH_ODD_LINES, scan->events[event].end);
		return count;
	}
	scan->key_promises[count] = set->keyed[row].promise;
	scan->keys[count] = event << 16 | row;
	return count + 1;
}

static inline void
end_keys(struct mh_scan *scan)
{
	for (uint32_t k = 0; k < 8; k++)
		scan->key_promises[scan->key_count + k] = MH_PROMISE_NOTHING;
}

void
mh_scan_keys(struct mh_scan *scan)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < scan->event_count; i++) {
		const struct mh_ruleset *set = scan->layers->set[scan->events[i].layer];
		const uint16_t *accept = &set->accepts[scan->events[i].accepts];
		do
			if ((*accept & MH_ACCEPT_KEY) != 0)
				count = add_key(scan, set, count, *accept & MH_ACCEPT_PHRASE, i);
		while ((*accept++ & MH_ACCEPT_LAST) == 0);
	}
	scan->key_count = count;
	end_keys(scan);
}

/* word_ends - phrases of one word, which are known by its class, are noted where they are keys */
static inline void
word_ends(struct mh_scan *scan, const struct mh_ruleset *set, size_t layer, uint32_t accepts,
    struct walk walk, uint32_t last, size_t end)
{
	const uint16_t *accept = &set->accepts[accepts];
	uint32_t number = add_event(scan, layer, accepts, walk, last, end), count = scan->key_count;
	if (MH_UNLIKELY(number == MH_SCAN_EVENTS))
		return;
	do
		count = add_key(scan, set, count, *accept & MH_ACCEPT_PHRASE, number);
	while ((*accept++ & MH_ACCEPT_LAST) == 0);
	scan->key_count = count;
}

/* phrase_ends - phrases of several words are noted all */
static inline void
phrase_ends(struct mh_scan *scan, const struct mh_ruleset *set, size_t layer, uint32_t accepts,
    struct walk walk, uint32_t last, size_t end)
{
	const uint16_t *accept = &set->accepts[accepts];
	uint16_t *seen = scan->seen[layer];
	uint32_t number = add_event(scan, layer, accepts, walk, last, end), place = scan->end_count;
	uint32_t count = scan->key_count;
	if (MH_UNLIKELY(number == MH_SCAN_EVENTS))
		return;
	do {
		uint32_t phrase = *accept & MH_ACCEPT_PHRASE;
		seen[phrase / 16] |= (uint16_t)(1u << phrase % 16);
		if ((*accept & MH_ACCEPT_KEY) != 0)
			count = add_key(scan, set, count, phrase, number);
		if (MH_UNLIKELY(place == MH_SCAN_ENDS))
			continue;
		scan->ends[place].phrase = (uint16_t)phrase;
		scan->ends[place++].event = (uint16_t)number;
	} while ((*accept++ & MH_ACCEPT_LAST) == 0);
	scan->end_count = place;
	scan->key_count = count;
}

/* chain_ends - where there are many, they are found by their phrases */
static void
chain_ends(struct mh_scan *scan)
{
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
see_word(uint16_t *seen, const struct mh_ruleset *set, uint32_t class)
{
	const uint32_t *entry = &set->class_bits[set->class_bits_at[class]];
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
	const uint32_t *entry = &set->class_bits[set->class_bits_at[class]];
	while ((*entry & MH_CLASS_BITS_LAST) == 0 && (*entry & MH_CLASS_BITS_PLACE) < phrase / 16)
		entry++;
	return (*entry & MH_CLASS_BITS_PLACE) == phrase / 16 && (*entry >> 16 >> phrase % 16 & 1) != 0;
}

bool
mh_scan_near(const struct mh_scan *scan, size_t layer, const struct mh_segment *segment, int after,
    int before, struct mh_place_seen *place)
{
	const struct mh_ruleset *set = scan->layers->set[layer];
	if ((segment->shape & MH_SEGMENT_SINGLE) != 0) {
		/* words stand in the order of their indexes: the first in the window by bisection */
		uint32_t low = 0, high = scan->word_count;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (scan->words[middle].index <= after)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < scan->word_count && scan->words[low].index < before; low++) {
			const struct mh_seen_word *word = &scan->words[low];
			if (is_among(set, segment->phrase, word->class[layer])) {
				*place = (struct mh_place_seen){ word->index, word->index, word->begin,
					word->end };
				return true;
			}
		}
	}
	for (uint32_t i = 0; (i = find_end(scan, segment->phrase, i)) != 0;) {
		const struct mh_event *event = &scan->events[scan->ends[i - 1].event];
		if (event->layer == layer && event->first > after && event->first < before) {
			*place =
			    (struct mh_place_seen){ event->first, event->last, event->begin, event->end };
			return true;
		}
	}
	return false;
}

/* places_of_word - where a phrase of one word stands */
static uint32_t
places_of_word(const struct mh_scan *scan, size_t layer, uint32_t phrase, struct mh_place_seen *places,
    uint32_t max)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < scan->word_count && count < max; i++) {
		const struct mh_seen_word *word = &scan->words[i];
		if (is_among(scan->layers->set[layer], phrase, word->class[layer]))
			places[count++] =
			    (struct mh_place_seen){ word->index, word->index, word->begin, word->end };
	}
	return count;
}

uint32_t
mh_scan_places(const struct mh_scan *scan, size_t layer, const struct mh_segment *segment,
    struct mh_place_seen *places, uint32_t max)
{
	uint32_t count = 0;
	if ((segment->shape & MH_SEGMENT_SINGLE) != 0)
		count = places_of_word(scan, layer, segment->phrase, places, max);
	for (uint32_t i = 0; count < max && (i = find_end(scan, segment->phrase, i)) != 0;) {
		const struct mh_event *event = &scan->events[scan->ends[i - 1].event];
		if (event->layer == layer)
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
	struct walk *walks = stream->walks[layer];
	uint32_t kept = 0, count = stream->count[layer];
	for (uint32_t i = 0; i < count; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): walks below count have been begun */
		uint32_t next = mh_ruleset_edge(set, walks[i].state, class);
		bool ends = (next & MH_NEXT_END) != 0;
		struct walk walk = { (uint16_t)next, walks[i].first, walks[i].begin };
		/* state 0 is nowhere, and ends nothing */
		uint32_t accepts = ends ? next & ~(unsigned)MH_NEXT_END : set->state_accepts[next];
		if (accepts != 0)
			phrase_ends(scan, set, layer, accepts, walk, index, end);
		walks[kept] = walk;
		kept += (next != 0) & !ends;
	}
	uint32_t next = set->root_next[class];
	bool ends = (next & MH_NEXT_END) != 0;
	struct walk walk = { (uint16_t)next, (uint16_t)index, (uint32_t)begin };
	uint32_t accepts = ends ? next & ~(unsigned)MH_NEXT_END : set->state_accepts[next];
	if (accepts != 0)
		word_ends(scan, set, layer, accepts, walk, index, end);
	walks[kept] = walk;
	stream->count[layer] = kept + ((next != 0) & !ends);
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
		word->class[i] = class[i];
		see_word(scan->seen[i], scan->layers->set[i], class[i]);
	}
}

/* put_word - a word as trie codes, into every layer; a token with a digit counts only where a
 * layer knows it */
static void
put_word(struct run *run, struct stream *stream, const struct mh_word *word, size_t begin, size_t end,
    uint32_t index)
{
	uint16_t class[MH_LAYERS_MAX] = { 0 };
	bool visible = !word->has_digit;
	for (size_t i = 0; i < run->layers->count; i++) {
		class[i] = mh_word_class(run->layers->set[i], word);
		visible |= class[i] != 0;
	}
	if (!visible)
		return;
	keep_word(run->scan, class, run->layers->count, begin, end, index);
	for (size_t i = 0; i < run->layers->count; i++) {
		if (class[i] != 0)
			step(run->scan, stream, run->layers->set[i], i, class[i], begin, end, index);
		else if (!word->has_digit)
			stream->count[i] = 0;
	}
	if (stream == &run->words)
		run->index = index + 1;
}

/* put_ascii - the letters and digits from begin to end as a word, for the lowest layer alone.  A token with a
 * digit counts only if it is known. */
static MH_NOINLINE void
put_ascii(struct run *run, struct stream *stream, size_t begin, size_t end)
{
	const struct mh_ruleset *set = run->layers->set[0];
	struct mh_scan *scan = run->scan;
	uint32_t class = ascii_word(set, run->text, begin, end), index = run->index, count = scan->word_count;
	if (class == 0 && has_digit(run->text, begin, end))
		return;
	run->index = index + (stream == &run->words);
	if (MH_UNLIKELY(class == 0)) {
		stream->count[0] = 0;
		return;
	}
	if (MH_LIKELY(count < MH_SCAN_WORDS)) {
		struct mh_seen_word *word = &scan->words[count];
		word->begin = (uint32_t)begin;
		word->end = (uint32_t)end;
		word->index = (uint16_t)index;
		word->class[0] = (uint16_t) class;
		scan->word_count = count + 1;
		see_word(scan->seen[0], set, class);
	}
	step(scan, stream, set, 0, class, begin, end, index);
}

/* mh_put_words_within - the words inside a host name or URL, on the side */
void
mh_put_words_within(struct run *run, size_t begin, size_t end)
{
	struct stream side;
	struct mh_word word;
	memset(side.count, 0, sizeof(side.count));
	for (size_t at = begin, word_begin = begin; (at = mh_marks_next(run->marks, at)) < end;) {
		unsigned kind = kind_of[(unsigned char)run->text[at]];
		if (kind != ALPHA && kind != DIGIT && kind != HIGH) {
			at++;
		} else if (kind == HIGH || run->layers->count > 1) {
			if (!mh_word_next(mh_str_n(run->text, end), &at, &word, &word_begin))
				return;
			put_word(run, &side, &word, word_begin, at, run->index);
		} else {
			size_t stop = mh_marks_end(run->marks, at);
			stop = stop < end ? stop : end;
			put_ascii(run, &side, at, stop);
			at = stop;
		}
	}
}

void
mh_add_entity(struct run *run, int kind, size_t begin, size_t end, struct mh_owner owner)
{
	struct mh_scan *scan = run->scan;
	if (scan->entity_count < MH_SCAN_ENTITIES)
		scan->entities[scan->entity_count++] = (struct mh_entity){ (uint8_t)kind,
			(uint16_t)run->index, (uint32_t)begin, (uint32_t)end, owner };
	run->index++;
}

/* ------------------------------------------------------------------------ lines */

/* code_at - the three digits of a reply code at i, not part of a longer token; 0 if there is none */
static int
code_at(const struct run *run, size_t i)
{
	const char *p = run->text + i; /* the text is padded */
	if (p[0] < '2' || p[0] > '5' || !mh_is_digit(p[1]) || !mh_is_digit(p[2]) || mh_is_alnum(p[3]))
		return 0;
	return (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
}

static struct mh_line *
add_line(struct mh_scan *scan, size_t begin)
{
	if (scan->line_count == MH_SCAN_LINES) {
		odd(scan, MH_ODD_LINES, begin);
		return NULL;
	}
	if (scan->line_count == scan->line_room) {
		uint32_t room = scan->line_room == 0 ? 16 : scan->line_room * 4;
		struct mh_line *lines = mh_mem_resize(&scan->mem, scan->lines,
		    scan->line_room * sizeof(*lines), room * sizeof(*lines));
		if (lines == NULL)
			return NULL;
		scan->lines = lines;
		scan->line_room = room;
	}
	struct mh_line *line = &scan->lines[scan->line_count++];
	*line = (struct mh_line){ .begin = (uint32_t)begin, .text = (uint32_t)begin, .end = (uint32_t)begin };
	return line;
}

/* close_line - the last line's words end here, unless they have ended before */
static void
close_line(struct mh_scan *scan, size_t end)
{
	if (scan->line_count == 0)
		return;
	struct mh_line *line = &scan->lines[scan->line_count - 1];
	if (line->end == line->begin)
		line->end = (uint32_t)end;
}

/* open_line - a line that begins at begin with what stands at i: code, separator, status, in
 * whatever part is there.  Gives where its words begin, or SIZE_MAX without memory. */
static size_t
open_line(struct run *run, size_t begin, size_t i)
{
	struct mh_scan *scan = run->scan;
	close_line(scan, begin);
	struct mh_line *line = add_line(scan, begin);
	struct mh_line spare;
	if (line == NULL) {
		if (scan->line_count < MH_SCAN_LINES)
			return SIZE_MAX;
		spare = (struct mh_line){ .begin = (uint32_t)begin }; /* lines beyond the limit: words only */
		line = &spare;
	}
	int code = code_at(run, i);
	if (code != 0) {
		line->code = (int16_t)code;
		i += 3;
		if (i < run->len && (run->text[i] == '-' || run->text[i] == ' '))
			line->separator = run->text[i];
		while (i < run->len &&
		    (run->text[i] == ' ' || run->text[i] == '\t' || run->text[i] == '-' ||
			run->text[i] == ':' || run->text[i] == '#'))
			i++;
	}
	struct mh_status status;
	size_t octets = mh_status_read(run->text + i, run->text + run->len, &status);
	if (octets > 0) {
		line->status = status;
		line->status_at = (uint32_t)i;
		i += octets;
		if (run->text[i] == ',' || run->text[i] == ':' || run->text[i] == ';')
			i++;
	} else if (code != 0 && mh_is_digit(run->text[i]) && run->text[i + 1] == '.' &&
	    mh_is_digit(run->text[i + 2]) && run->text[i + 3] == '.' && mh_is_digit(run->text[i + 4]) &&
	    run->text[i + 5] == ' ') {
		odd(scan, MH_ODD_STATUS, i);
		i += 5;
	}
	line->text = (uint32_t)i;
	return i;
}

/* is_quoted_here - whether what stands before i, blanks and brackets aside, ends in a mark of speech to come */
static bool
is_quoted_here(const struct run *run, size_t i)
{
	while (i > 0 &&
	    (run->text[i - 1] == ' ' || run->text[i - 1] == '(' || run->text[i - 1] == '[' ||
		run->text[i - 1] == '\'' || run->text[i - 1] == '"'))
		i--;
	return i == 0 || run->text[i - 1] == ':' || run->text[i - 1] == '<' || run->text[i - 1] == ';' ||
	    run->text[i - 1] == '>';
}

/* is_joined_line - whether the digits at i, in the midst of a line, begin another line of the reply:
 * Postfix and others write "550-5.7.1 first 550 5.7.1 second" */
static bool
is_joined_line(const struct run *run, size_t i)
{
	const struct mh_scan *scan = run->scan;
	int code = code_at(run, i);
	if (code == 0 || (run->text[i + 3] != ' ' && run->text[i + 3] != '-'))
		return false;
	if (i > 0 && run->text[i - 1] != ' ' && run->text[i - 1] != '\t' && !is_quoted_here(run, i))
		return false;
	size_t at = i + 4;
	while (at < run->len && run->text[at] == ' ')
		at++;
	struct mh_status status;
	bool has_status = mh_status_read(run->text + at, run->text + run->len, &status) > 0;
	const struct mh_line *first = &scan->lines[0];
	if (first->code == 0) /* prose before the reply itself */
		return code >= 400 && (has_status || is_quoted_here(run, i));
	if (code == first->code)
		return has_status || run->text[i + 3] == '-' || first->separator == '-';
	return has_status && status.class == code / 100;
}

/* lead_in - where the reply begins behind what logs and DSNs write before it */
static size_t
lead_in(const struct run *run)
{
	size_t i = 0;
	static const char *const leads[] = { "diagnostic-code:", "smtp;", "lmtp;", "x-unix;", "<<<",
		"smtp error:" };
	for (bool again = true; again;) {
		again = false;
		while (i < run->len &&
		    (mh_is_space(run->text[i]) || run->text[i] == '#' || run->text[i] == '"' ||
			run->text[i] == '\'' || run->text[i] == '(' || run->text[i] == '['))
			i++;
		if (mh_is_digit(run->text[i]))
			break; /* nothing leads in here */
		for (size_t k = 0; k < MH_COUNT(leads) && !again; k++) {
			struct mh_str lead = mh_str_z(leads[k]);
			if (mh_str_istarts(mh_str_n(run->text + i, run->len - i), lead)) {
				i += lead.len;
				again = true;
			}
		}
	}
	return code_at(run, i) != 0 || mh_is_digit(run->text[i]) ? i : 0;
}

/* ---------------------------------------------------------------------- the pass */

static bool
is_number(const char *text, size_t begin, size_t end)
{
	while (begin < end && mh_is_digit(text[begin]))
		begin++;
	return begin == end;
}

/* is_ascii_word - whether a word that begins with the ASCII letters and digits up to end is these, and no more:
 * see mh_word_next */
static bool
is_ascii_word(const struct run *run, size_t begin, size_t end)
{
	char next = run->text[end], after = run->text[end + 1];
	return run->layers->count == 1 && end > begin && end - begin <= MH_WORD_MAX &&
	    (unsigned char)next < 0x80 &&
	    !(next == '\'' && (mh_is_alpha(after) || (unsigned char)after >= 0xc0)) &&
	    !(next == '-' && end - begin == 1 && mh_lower(run->text[begin]) == 'e');
}

/* take_word - the word at i, whose ASCII letters and digits end at word_end; where it ends */
static size_t
take_word(struct run *run, size_t i, size_t word_end)
{
	if (is_ascii_word(run, i, word_end)) {
		put_ascii(run, &run->words, i, word_end);
		return word_end;
	}
	struct mh_word word;
	size_t begin = i, end = i;
	if (mh_word_next(mh_str_n(run->text, run->len), &end, &word, &begin))
		put_word(run, &run->words, &word, begin, end, run->index);
	return end > i ? end : i + 1;
}

/* take_digits - a token that begins with a digit; where it ends.  SIZE_MAX: no memory */
static size_t
take_digits(struct run *run, size_t i)
{
	struct mh_scan *scan = run->scan;
	if (is_joined_line(run, i)) {
		scan->joined = true;
		return open_line(run, i, i);
	}
	size_t end = mh_marks_end(run->marks, i);
	if (run->layers->count == 1 && !is_name_octet(run->text[end]) && run->text[end] != ':' &&
	    end < run->len && is_number(run->text, i, end)) {
		put_ascii(run, &run->words, i, end);
		if (scan->entity_count < MH_SCAN_ENTITIES / 2)
			mh_add_entity(run, MH_ENTITY_NUMBER, i, end, mh_nobody);
		return end;
	}
	end = mh_take_ip4(run, i);
	if (end > 0)
		return end;
	struct mh_status status;
	size_t octets = mh_status_read(run->text + i, run->text + run->len, &status);
	if (octets > 0 && (i == 0 || !mh_is_alnum(run->text[i - 1]))) {
		const struct mh_line *line = scan->line_count > 0 ? &scan->lines[scan->line_count - 1] : NULL;
		bool marked =
		    i > 0 && (run->text[i - 1] == '#' || run->text[i - 1] == '(' || run->text[i - 1] == '=');
		bool fits = line != NULL && line->code / 100 == status.class;
		if (scan->loose_status.class == 0 && (marked || fits || is_quoted_here(run, i))) {
			scan->loose_status = status;
			scan->status_begin = (uint32_t)i;
			scan->status_end = (uint32_t)(i + octets);
		}
		return i + octets;
	}
	end = mh_take_ip6(run, i);
	if (end == 0)
		end = mh_take_name(run, i);
	if (end > 0)
		return end;
	size_t word_end = mh_marks_end(run->marks, i);
	bool number = is_number(run->text, i, word_end) && (unsigned char)run->text[word_end] < 0x80 &&
	    !(run->text[word_end] == '\'' && mh_is_alpha(run->text[word_end + 1]));
	end = take_word(run, i, word_end);
	if (number && scan->entity_count < MH_SCAN_ENTITIES / 2)
		mh_add_entity(run, MH_ENTITY_NUMBER, i, end, mh_nobody);
	return end;
}

/* take_other - a token that begins with a letter and is no plain ASCII word; where it ends */
static size_t
take_other(struct run *run, size_t i, size_t word_end)
{
	const char *p = run->text;
	size_t end = 0;
	if (p[word_end] == ':' && p[word_end + 1] == '/' && p[word_end + 2] == '/') {
		size_t host = word_end + 3;
		while (host < run->len && p[host] == ' ') /* "http:// antispam.example" is seen in the wild */
			host++;
		if (host < run->len && mh_is_alnum(p[host]))
			return mh_take_url(run, i, host);
	}
	if (p[word_end] == ':' && word_end - i <= 4 && (end = mh_take_ip6(run, i)) > 0)
		return end;
	if ((end = mh_take_name(run, i)) > 0)
		return end;
	return take_word(run, i, word_end);
}

/* may_link - whether an octet behind a word may make it part of something else */
static inline bool
may_link(char c)
{
	static const unsigned char links[256] = {
		['.'] = 1,
		['-'] = 1,
		['_'] = 1,
		[':'] = 1,
		['\''] = 1,
		[0x80] = R16(1),
		R16(1),
		R16(1),
		R16(1),
		R16(1),
		R16(1),
		R16(1),
		R16(1),
	};
	return links[(unsigned char)c] != 0;
}

/* needs_look - whether such an octet, with the one behind it, makes the word part of something else */
static bool
needs_look(char next, char after)
{
	switch (next) {
	case '.':
	case '-':
	case '_':
		return mh_is_alnum(after) || (unsigned char)after >= 0x80;
	case ':':
		return after == '/' || after == ':' || mh_is_alnum(after);
	case '\'':
		return mh_is_alpha(after);
	default:
		return (unsigned char)next >= 0x80;
	}
}

/* take_letters - a token that begins with an ASCII letter; where it ends */
static MH_INLINE size_t
take_letters(struct run *run, size_t i)
{
	size_t end = mh_marks_end(run->marks, i);
	if (MH_UNLIKELY(may_link(run->text[end]) && needs_look(run->text[end], run->text[end + 1])))
		return take_other(run, i, end);
	if (MH_UNLIKELY(run->layers->count > 1 || end - i > MH_WORD_MAX)) {
		struct mh_word word;
		size_t begin = i;
		(void)mh_word_next(mh_str_n(run->text, run->len), &i, &word, &begin);
		put_word(run, &run->words, &word, begin, i, run->index);
		return i;
	}
	put_ascii(run, &run->words, i, end);
	return end;
}

/* take_line_end - what ends a line at i, and what begins the next one; where its words begin.  SIZE_MAX: no memory */
static size_t
take_line_end(struct run *run, size_t i)
{
	const char *text = run->text;
	size_t at = i++;
	if (text[at] == '\r' && i < run->len && text[i] == '\n')
		i++;
	else if (text[at] == '\r')
		odd(run->scan, MH_ODD_BARE_CR, at);
	close_line(run->scan, at);
	size_t next = i;
	while (next < run->len && (text[next] == ' ' || text[next] == '\t'))
		next++;
	return next < run->len && text[next] != '\r' && text[next] != '\n' ? open_line(run, i, next) : i;
}

static void
clear(struct mh_scan *scan)
{
	scan->line_count = scan->entity_count = scan->event_count = scan->end_count = scan->word_count = 0;
	scan->key_count = 0;
	scan->odd = 0;
	scan->joined = false;
	scan->loose_status = (struct mh_status){ 0, 0, 0 };
	for (size_t i = 0; i < scan->layers->count; i++) {
		uint32_t nothing = scan->layers->set[i]->phrase_count;
		memset(scan->seen[i], 0, scan->seen_count[i] * sizeof(uint16_t));
		scan->seen[i][nothing / 16] = (uint16_t)(1u << nothing % 16);
	}
}

int
mh_scan_run(struct mh_scan *scan, const char *text, size_t len, const struct mh_marks *marks)
{
	struct run run;
	run.scan = scan;
	run.layers = scan->layers;
	run.marks = marks;
	run.text = text;
	run.len = len;
	run.index = 0;
	memset(run.words.count, 0, sizeof(run.words.count)); /* the walks need no clearing */
	clear(scan);
	size_t email_end = 0, email = mh_find_email(&run, 0, &email_end), start = 0;
	while (start < len && (text[start] == '\r' || text[start] == '\n'))
		start++;
	size_t lead = lead_in(&run);
	size_t i = open_line(&run, start, lead > start ? lead : start);
	while (i < len && (i = mh_marks_next(marks, i)) < len) {
		unsigned char c = (unsigned char)text[i];
		unsigned kind = kind_of[c];
		if (MH_UNLIKELY(i >= email)) {
			if (i < email_end) {
				mh_add_entity(&run, MH_ENTITY_EMAIL, email, email_end, mh_nobody);
				i = email_end;
			}
			email = mh_find_email(&run, i, &email_end);
		} else if (MH_LIKELY(kind == ALPHA)) {
			i = take_letters(&run, i);
		} else if (kind == DIGIT) {
			i = take_digits(&run, i);
		} else if (kind == HIGH) {
			i = take_other(&run, i, i);
		} else if (kind == LINE_END) {
			i = take_line_end(&run, i);
		} else if (kind == COLON) {
			size_t end = text[i + 1] == ':' ? mh_take_ip6(&run, i) : 0;
			i = end > 0 ? end : i + 1;
		} else {
			odd(scan, c == '\0' ? MH_ODD_NUL : MH_ODD_CONTROL, i);
			i++;
		}
	}
	if (i == SIZE_MAX)
		return MH_ERR_ENOMEM;
	if (scan->end_count > ENDS_FEW)
		chain_ends(scan);
	end_keys(scan);
	scan->place_count = run.index;
	close_line(scan, len);
	return MH_ERR_OK;
}

/* ------------------------------------------------------------------------ handle */

void
mh_scan_init(struct mh_scan *scan, const struct mh_mem *mem)
{
	scan->mem = *mem;
	scan->layers = NULL;
	scan->lines = NULL;
	scan->line_room = 0;
	for (size_t i = 0; i < MH_LAYERS_MAX; i++) {
		scan->seen[i] = NULL;
		scan->seen_count[i] = 0;
	}
}

static void
free_bits(struct mh_scan *scan)
{
	for (size_t i = 0; i < MH_LAYERS_MAX; i++) {
		mh_mem_free(&scan->mem, scan->seen[i], scan->seen_count[i] * sizeof(uint16_t));
		scan->seen[i] = NULL;
		scan->seen_count[i] = 0;
	}
}

void
mh_scan_free(struct mh_scan *scan)
{
	free_bits(scan);
	mh_mem_free(&scan->mem, scan->lines, scan->line_room * sizeof(*scan->lines));
	scan->lines = NULL;
	scan->line_room = 0;
}

int
mh_scan_use(struct mh_scan *scan, const struct mh_layers *layers)
{
	free_bits(scan);
	scan->layers = layers;
	for (size_t i = 0; i < layers->count; i++) {
		uint32_t count = layers->set[i]->phrase_count / 16 + 1;
		scan->seen[i] = mh_mem_alloc(&scan->mem, count * sizeof(uint16_t));
		if (scan->seen[i] == NULL) {
			free_bits(scan);
			return MH_ERR_ENOMEM;
		}
		scan->seen_count[i] = count;
	}
	return MH_ERR_OK;
}
