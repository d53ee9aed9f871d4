/* scan.c - one pass over a reply
 *
 * The hot loop hashes ASCII words while it looks for their end, and looks them
 * up in the lowest layer; words with other letters, and upper layers, take the
 * general road through struct mh_word.  Everything that is no plain word is
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

#define A_TO_Z 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26
/* Codes of ASCII letters and digits, 0 for everything else. */
static const unsigned char code_of[256] = {
	['0'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36,
	['A'] = A_TO_Z,
	['a'] = A_TO_Z,
};
/* clang-format on */

/* ascii_word - the class of the run of ASCII letters and digits at begin, which ends in *end */
static inline uint32_t
ascii_word(const struct mh_ruleset *set, const char *text, size_t begin, size_t *end, uint32_t *digits)
{
	uint64_t hash[MH_STEM_MAX + 1], whole = 0;
	size_t i = begin, n = 0;
	*digits = 0;
	for (unsigned char code; (code = code_of[(unsigned char)text[i]]) != 0; i++) {
		*digits |= code > 26;
		whole = mh_word_hash(whole, code);
		n += n < MH_STEM_MAX;
		hash[n] = whole;
	}
	*end = i;
	const struct mh_word_slot *slot = mh_ruleset_word(set, whole);
	if (slot != NULL)
		return slot->class;
	if (i - begin < 3)
		return 0;
	uint64_t lengths = set->stem_lengths[mh_stem_place(code_of[(unsigned char)text[begin]],
	    code_of[(unsigned char)text[begin + 1]])];
	return lengths != 0 ? mh_word_stem(set, hash, lengths, i - begin) : 0;
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

/* phrase_ends - a walk has come to a state that ends phrases */
static inline void
phrase_ends(struct run *run, size_t layer, uint32_t accepts, const struct walk *walk, bool alone,
    uint32_t last, size_t end)
{
	struct mh_scan *scan = run->scan;
	const struct mh_ruleset *set = run->layers->set[layer];
	if (scan->event_count == MH_SCAN_EVENTS) {
		odd(scan, MH_ODD_LINES, end);
		return;
	}
	uint32_t number = scan->event_count++;
	scan->events[number] = (struct mh_event){ (uint16_t)accepts, walk->first, (uint16_t)last,
		(uint8_t)layer, walk->begin, (uint32_t)end };
	if (alone)
		return; /* single words are known by their classes */
	const uint16_t *accept = &set->accepts[accepts];
	do {
		uint32_t phrase = *accept & MH_ACCEPT_PHRASE;
		uint32_t bucket = phrase % MH_SCAN_BUCKETS, place = scan->end_count;
		scan->phrases[layer][phrase / 64] |= UINT64_C(1) << phrase % 64;
		if (place == MH_SCAN_ENDS)
			continue;
		scan->end_count++;
		scan->ends[place].phrase = (uint16_t)phrase;
		scan->ends[place].event = (uint16_t)number;
		scan->ends[place].next = 0;
		if (scan->end_first[bucket] == 0)
			scan->end_first[bucket] = (uint16_t)(place + 1);
		else
			scan->ends[scan->end_last[bucket]].next = (uint16_t)(place + 1);
		scan->end_last[bucket] = (uint16_t)place;
	} while ((*accept++ & MH_ACCEPT_LAST) == 0);
}

/* is_among - whether a class is one of the single words that a phrase may be: their list ascends */
static bool
is_among(const struct mh_ruleset *set, uint32_t phrase, uint32_t class)
{
	const uint16_t *single = &set->singles[set->single_at[phrase]];
	while ((*single & MH_ACCEPT_LAST) == 0 && *single < class)
		single++;
	return (*single & ~(unsigned)MH_ACCEPT_LAST) == class;
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
	if ((scan->phrases[layer][segment->phrase / 64] >> segment->phrase % 64 & 1) == 0)
		return false;
	for (uint32_t i = scan->end_first[segment->phrase % MH_SCAN_BUCKETS]; i != 0;
	     i = scan->ends[i - 1].next) {
		const struct mh_event *event = &scan->events[scan->ends[i - 1].event];
		if (scan->ends[i - 1].phrase == segment->phrase && event->layer == layer &&
		    event->first > after && event->first < before) {
			*place =
			    (struct mh_place_seen){ event->first, event->last, event->begin, event->end };
			return true;
		}
	}
	return false;
}

/* places_of_word - where a phrase of one word stands; classes that are not in the reply cost a look at a bit */
static uint32_t
places_of_word(const struct mh_scan *scan, size_t layer, uint32_t phrase, struct mh_place_seen *places,
    uint32_t max)
{
	const struct mh_ruleset *set = scan->layers->set[layer];
	uint16_t found[8];
	uint32_t found_count = 0, count = 0;
	for (const uint16_t *single = &set->singles[set->single_at[phrase]];; single++) {
		uint32_t class = *single & ~(unsigned)MH_ACCEPT_LAST;
		if ((scan->classes[layer][class / 64] >> class % 64 & 1) != 0)
			found[found_count++] = (uint16_t) class;
		if ((*single & MH_ACCEPT_LAST) != 0 || found_count == MH_COUNT(found))
			break;
	}
	for (uint32_t i = 0; i < scan->word_count && count < max; i++) {
		const struct mh_seen_word *word = &scan->words[i];
		for (uint32_t k = 0; k < found_count; k++)
			if (word->class[layer] == found[k]) {
				places[count++] = (struct mh_place_seen){ word->index, word->index,
					word->begin, word->end };
				break;
			}
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
	for (uint32_t i = scan->end_first[segment->phrase % MH_SCAN_BUCKETS]; i != 0 && count < max;
	     i = scan->ends[i - 1].next) {
		const struct mh_event *event = &scan->events[scan->ends[i - 1].event];
		if (scan->ends[i - 1].phrase == segment->phrase && event->layer == layer)
			places[count++] =
			    (struct mh_place_seen){ event->first, event->last, event->begin, event->end };
	}
	return count;
}

/* edge - where a class leads from a state; 0: nowhere */
static inline uint32_t
edge(const struct mh_ruleset *set, uint32_t number, uint32_t class)
{
	const struct mh_state *state = &set->states[number];
	const struct mh_edge *row = &set->edges[state->edges];
	uint32_t count = state->count;
	if (count <= MH_ROW_PLAIN) {
		for (uint32_t i = 0; i < count; i++)
			if (row[i].class == class)
				return row[i].next;
		return 0;
	}
	for (uint32_t at = mh_row_hash(class, count);; at = at + 1 == count ? 0 : at + 1)
		if (row[at].class == class || row[at].next == 0)
			return row[at].next;
}

/* move - a walk goes on to next; whether it may go further */
static inline bool
move(struct run *run, size_t layer, struct walk *walk, uint32_t next, bool alone, uint32_t last, size_t end)
{
	bool ends = (next & MH_NEXT_END) != 0;
	uint32_t accepts =
	    ends ? next & ~(unsigned)MH_NEXT_END : run->layers->set[layer]->states[next].accepts;
	walk->state = (uint16_t)next;
	if (accepts != 0)
		phrase_ends(run, layer, accepts, walk, alone, last, end);
	return !ends;
}

/* step - a known word moves every walk on, or ends it, and begins another */
static inline void
step(struct run *run, struct stream *stream, size_t layer, uint32_t class, size_t begin, size_t end,
    uint32_t index)
{
	const struct mh_ruleset *set = run->layers->set[layer];
	struct walk *walks = stream->walks[layer];
	uint32_t kept = 0;
	for (uint32_t i = 0; i < stream->count[layer]; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): walks below count have been begun */
		uint32_t next = edge(set, walks[i].state, class);
		if (next == 0)
			continue;
		walks[kept] = walks[i];
		kept += move(run, layer, &walks[kept], next, false, index, end);
	}
	uint32_t next = set->root_next[class];
	if (next != 0) {
		walks[kept] = (struct walk){ (uint16_t)next, (uint16_t)index, (uint32_t)begin };
		kept += move(run, layer, &walks[kept], next, true, index, end);
	}
	stream->count[layer] = kept;
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
		scan->classes[i][class[i] / 64] |= UINT64_C(1) << class[i] % 64;
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
			step(run, stream, i, class[i], begin, end, index);
		else if (!word->has_digit)
			stream->count[i] = 0;
	}
	if (stream == &run->words)
		run->index = index + 1;
}

/* put_known - a word of the lowest layer, when that is the only one */
static inline void
put_known(struct run *run, struct stream *stream, uint32_t class, size_t begin, size_t end, uint32_t index)
{
	uint16_t classes[1] = { (uint16_t) class };
	if (class == 0) {
		stream->count[0] = 0;
		return;
	}
	keep_word(run->scan, classes, 1, begin, end, index);
	step(run, stream, 0, class, begin, end, index);
}

/* mh_put_words_within - the words inside a host name or URL, on the side */
void
mh_put_words_within(struct run *run, size_t begin, size_t end)
{
	struct stream side;
	struct mh_word word;
	size_t at = begin, word_begin = begin;
	memset(side.count, 0, sizeof(side.count));
	while (at < end) {
		unsigned kind = kind_of[(unsigned char)run->text[at]];
		size_t word_end;
		uint32_t digits;
		if (kind != ALPHA && kind != DIGIT && kind != HIGH) {
			at++;
		} else if (kind == HIGH || run->layers->count > 1) {
			if (!mh_word_next(mh_str_n(run->text, end), &at, &word, &word_begin))
				return;
			put_word(run, &side, &word, word_begin, at, run->index);
		} else {
			uint32_t class = ascii_word(run->layers->set[0], run->text, at, &word_end, &digits);
			if (class != 0 || digits == 0)
				put_known(run, &side, class, at, word_end, run->index);
			at = word_end;
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

/* take_digits - a token that begins with a digit; where it ends.  SIZE_MAX: no memory */
static size_t
take_digits(struct run *run, size_t i)
{
	struct mh_scan *scan = run->scan;
	if (is_joined_line(run, i)) {
		scan->joined = true;
		return open_line(run, i, i);
	}
	size_t end = i;
	while (mh_is_digit(run->text[end]))
		end++;
	if (run->layers->count == 1 && !is_name_octet(run->text[end]) && run->text[end] != ':' &&
	    end < run->len) { /* a number and nothing more */
		uint32_t digits, class = ascii_word(run->layers->set[0], run->text, i, &end, &digits);
		if (class != 0) {
			put_known(run, &run->words, class, i, end, run->index);
			run->index++;
		}
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
	struct mh_word word;
	size_t begin = i;
	end = i;
	(void)mh_word_next(mh_str_n(run->text, run->len), &end, &word, &begin);
	put_word(run, &run->words, &word, begin, end, run->index);
	bool number = true;
	for (size_t k = 0; k < word.len; k++)
		number &= word.octets[k] >= mh_word_code('0') && word.octets[k] <= mh_word_code('9');
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
	struct mh_word word;
	size_t begin = i;
	end = i;
	if (mh_word_next(mh_str_n(p, run->len), &end, &word, &begin))
		put_word(run, &run->words, &word, begin, end, run->index);
	return end > i ? end : i + 1;
}

/* needs_look - whether the octet after an ASCII word, and the one behind it, may make the word part
 * of something else */
static inline bool
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

int
mh_scan_run(struct mh_scan *scan, const char *text, size_t len)
{
	struct run run;
	run.scan = scan;
	run.layers = scan->layers;
	run.text = text;
	run.len = len;
	run.index = 0;
	memset(run.words.count, 0, sizeof(run.words.count)); /* the walks need no clearing */
	const struct mh_ruleset *set = scan->layers->set[0];
	scan->line_count = scan->entity_count = scan->event_count = scan->end_count = scan->word_count = 0;
	memset(scan->end_first, 0, sizeof(scan->end_first));
	scan->odd = 0;
	scan->joined = false;
	scan->loose_status = (struct mh_status){ 0, 0, 0 };
	for (size_t i = 0; i < scan->layers->count; i++) {
		memset(scan->classes[i], 0, scan->class_words[i] * sizeof(uint64_t));
		memset(scan->phrases[i], 0, scan->phrase_words[i] * sizeof(uint64_t));
		memset(scan->asked[i], 0, scan->phrase_words[i] * sizeof(uint64_t));
	}
	size_t email_end = 0, email = mh_find_email(&run, 0, &email_end);
	size_t start = 0;
	while (start < len && (text[start] == '\r' || text[start] == '\n'))
		start++;
	size_t lead = lead_in(&run);
	size_t i = open_line(&run, start, lead > start ? lead : start);
	while (i < len) {
		unsigned char c = (unsigned char)text[i];
		unsigned kind = kind_of[c];
		if (kind == SEPARATOR) {
			i++;
			continue;
		}
		if (MH_UNLIKELY(i >= email)) {
			if (i < email_end) {
				mh_add_entity(&run, MH_ENTITY_EMAIL, email, email_end, mh_nobody);
				i = email_end;
			}
			email = mh_find_email(&run, i, &email_end);
			continue;
		}
		if (MH_LIKELY(kind == ALPHA)) {
			uint32_t digits;
			size_t end;
			uint32_t class = ascii_word(set, text, i, &end, &digits);
			if (MH_UNLIKELY(needs_look(text[end], text[end + 1]))) {
				i = take_other(&run, i, end);
				continue;
			}
			if (MH_UNLIKELY(run.layers->count > 1 || end - i > MH_WORD_MAX)) {
				struct mh_word word;
				size_t begin = i;
				(void)mh_word_next(mh_str_n(text, len), &i, &word, &begin);
				put_word(&run, &run.words, &word, begin, i, run.index);
				continue;
			}
			if (class != 0 || digits == 0) {
				put_known(&run, &run.words, class, i, end, run.index);
				run.index++;
			}
			i = end;
		} else if (kind == DIGIT) {
			i = take_digits(&run, i);
		} else if (kind == HIGH) {
			i = take_other(&run, i, i);
		} else if (kind == COLON) {
			size_t end = text[i + 1] == ':' ? mh_take_ip6(&run, i) : 0;
			i = end > 0 ? end : i + 1;
		} else if (kind == LINE_END) {
			size_t at = i++;
			if (c == '\r' && i < len && text[i] == '\n')
				i++;
			else if (c == '\r')
				odd(scan, MH_ODD_BARE_CR, at);
			close_line(scan, at);
			size_t next = i;
			while (next < len && (text[next] == ' ' || text[next] == '\t'))
				next++;
			if (next < len && text[next] != '\r' && text[next] != '\n')
				i = open_line(&run, i, next);
		} else {
			odd(scan, c == '\0' ? MH_ODD_NUL : MH_ODD_CONTROL, i);
			i++;
		}
	}
	if (i == SIZE_MAX)
		return MH_ERR_ENOMEM;
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
		scan->classes[i] = scan->phrases[i] = scan->asked[i] = NULL;
		scan->class_words[i] = scan->phrase_words[i] = scan->asked_words[i] = 0;
	}
}

static void
free_bits(struct mh_scan *scan)
{
	for (size_t i = 0; i < MH_LAYERS_MAX; i++) {
		mh_mem_free(&scan->mem, scan->classes[i], scan->class_words[i] * sizeof(uint64_t));
		mh_mem_free(&scan->mem, scan->phrases[i], scan->phrase_words[i] * sizeof(uint64_t));
		mh_mem_free(&scan->mem, scan->asked[i], scan->asked_words[i] * sizeof(uint64_t));
		scan->classes[i] = scan->phrases[i] = scan->asked[i] = NULL;
		scan->class_words[i] = scan->phrase_words[i] = scan->asked_words[i] = 0;
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

/* make_bits - room for count bits; how many 64s in *words, 0 without memory */
static uint64_t *
make_bits(const struct mh_mem *mem, uint32_t count, uint32_t *words)
{
	*words = count / 64 + 1;
	uint64_t *bits = mh_mem_zalloc(mem, *words * sizeof(uint64_t));
	*words = bits != NULL ? *words : 0;
	return bits;
}

int
mh_scan_use(struct mh_scan *scan, const struct mh_layers *layers)
{
	free_bits(scan);
	scan->layers = layers;
	for (size_t i = 0; i < layers->count; i++) {
		scan->classes[i] = make_bits(&scan->mem, layers->set[i]->class_count, &scan->class_words[i]);
		scan->phrases[i] =
		    make_bits(&scan->mem, layers->set[i]->phrase_at_count, &scan->phrase_words[i]);
		scan->asked[i] =
		    make_bits(&scan->mem, layers->set[i]->phrase_at_count, &scan->asked_words[i]);
		if (scan->classes[i] == NULL || scan->phrases[i] == NULL || scan->asked[i] == NULL) {
			free_bits(scan);
			return MH_ERR_ENOMEM;
		}
	}
	return MH_ERR_OK;
}
