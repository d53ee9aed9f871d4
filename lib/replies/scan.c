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

static bool
has_digit(const char *text, size_t begin, size_t end)
{
	while (begin < end && !mh_is_digit(text[begin]))
		begin++;
	return begin < end;
}

/* add_token - a word that was looked up */
static MH_INLINE void
add_token(struct run *run, uint16_t side, size_t begin, size_t end, uint32_t known)
{
	MH_PREFETCH(&run->set->classes[known & 0xffff]);
	if (MH_UNLIKELY(run->token_count == MH_TOKENS))
		mh_take_tokens(run);
	struct token *token = &run->tokens[run->token_count++];
	token->begin = (uint32_t)begin;
	token->end = (uint32_t)end;
	token->known = known;
	token->index = (uint16_t)run->index;
	token->side = side;
	run->index += side == 0;
}

/* put_odd_word - a word that is long, or has a digit and is not known as it stands: known is what it is known as */
static MH_NOINLINE void
put_odd_word(struct run *run, uint16_t side, size_t begin, size_t end, uint32_t known)
{
	if (end - begin > 16)
		known = mh_ruleset_word(run->set, mh_word_hash(run->text + begin, end - begin, MH_FOLD));
	if (known == 0)
		known = mh_word_stem(run->set, run->text + begin, end - begin, MH_FOLD);
	if (known != 0 || !has_digit(run->text, begin, end))
		add_token(run, side, begin, end, known);
}

/* put_ascii - looks the letters and digits from begin to end up as a word, for the lowest layer alone.  A token
 * with a digit counts only if it is known. */
static MH_INLINE void
put_ascii(struct run *run, uint16_t side, size_t begin, size_t end)
{
	const uint64_t letter =
	    UINT64_C(0x4040404040404040); /* a bit that letters have and digits have not */
	uint64_t window[2], low = mh_load64(run->text + begin), high = mh_load64(run->text + begin + 8);
	mh_word_window(end - begin <= 16 ? end - begin : 16, window);
	uint64_t digits = ((~low & window[0]) | (~high & window[1])) & letter;
	uint32_t known = mh_ruleset_word(run->set,
	    mh_word_mix(0, (low | MH_FOLD) & window[0], (high | MH_FOLD) & window[1]));
	if (MH_UNLIKELY((digits != 0 && known == 0) || end - begin > 16))
		put_odd_word(run, side, begin, end, known);
	else
		add_token(run, side, begin, end, known);
}

/* mh_put_words_within - the words inside a host name or URL, on the side */
void
mh_put_words_within(struct run *run, size_t begin, size_t end)
{
	struct mh_word word;
	run->side++; /* a text has fewer of them than octets */
	for (size_t at = begin, word_begin = begin; (at = mh_marks_next(run->marks, at)) < end;) {
		unsigned kind = kind_of[(unsigned char)run->text[at]];
		if (kind != ALPHA && kind != DIGIT && kind != HIGH) {
			at++;
		} else if (kind == HIGH || run->general) {
			if (!mh_word_next(mh_str_n(run->text, end), &at, &word, &word_begin))
				return;
			mh_put_word(run, run->side, &word, word_begin, at);
		} else {
			size_t stop = mh_marks_end(run->marks, at);
			stop = stop < end ? stop : end;
			put_ascii(run, run->side, at, stop);
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
		mh_scan_odd(scan, MH_ODD_LINES, begin);
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
		mh_scan_odd(scan, MH_ODD_STATUS, i);
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
	return !run->general && end > begin && end - begin <= MH_WORD_MAX && (unsigned char)next < 0x80 &&
	    !(next == '\'' && (mh_is_alpha(after) || (unsigned char)after >= 0xc0)) &&
	    !(next == '-' && end - begin == 1 && mh_lower(run->text[begin]) == 'e');
}

/* take_word - the word at i, whose ASCII letters and digits end at word_end; where it ends */
static size_t
take_word(struct run *run, size_t i, size_t word_end)
{
	if (is_ascii_word(run, i, word_end)) {
		put_ascii(run, 0, i, word_end);
		return word_end;
	}
	struct mh_word word;
	size_t begin = i, end = i;
	if (mh_word_next(mh_str_n(run->text, run->len), &end, &word, &begin))
		mh_put_word(run, 0, &word, begin, end);
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
	if (!run->general && !is_name_octet(run->text[end]) && run->text[end] != ':' && end < run->len &&
	    is_number(run->text, i, end)) {
		put_ascii(run, 0, i, end);
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
	if (MH_UNLIKELY(run->general || end - i > MH_WORD_MAX)) {
		struct mh_word word;
		size_t begin = i;
		(void)mh_word_next(mh_str_n(run->text, run->len), &i, &word, &begin);
		mh_put_word(run, 0, &word, begin, i);
		return i;
	}
	put_ascii(run, 0, i, end);
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
		mh_scan_odd(run->scan, MH_ODD_BARE_CR, at);
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
		memset(scan->words_by_class[i], 0, sizeof(scan->words_by_class[i]));
		memcpy(scan->seen[i], scan->seen_first[i], scan->seen_count[i] * sizeof(uint16_t));
	}
}

int
mh_scan_run(struct mh_scan *scan, const char *text, size_t len, const struct mh_marks *marks)
{
	struct run run;
	run.scan = scan;
	run.layers = scan->layers;
	run.set = scan->layers->set[0];
	run.general = scan->layers->count > 1;
	run.marks = marks;
	run.text = text;
	run.len = len;
	run.index = 0;
	run.side = run.side_begun = 0;
	run.token_count = 0;
	memset(run.streams[0].count, 0, sizeof(run.streams[0].count)); /* the walks need no clearing */
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
			mh_scan_odd(scan, c == '\0' ? MH_ODD_NUL : MH_ODD_CONTROL, i);
			i++;
		}
	}
	if (i == SIZE_MAX)
		return MH_ERR_ENOMEM;
	mh_take_tokens(&run);
	mh_chain_ends(scan);
	mh_scan_end_keys(scan);
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
		scan->seen[i] = scan->seen_first[i] = NULL;
		scan->seen_count[i] = 0;
	}
}

static void
free_bits(struct mh_scan *scan)
{
	for (size_t i = 0; i < MH_LAYERS_MAX; i++) {
		mh_mem_free(&scan->mem, scan->seen[i], 2 * scan->seen_count[i] * sizeof(uint16_t));
		scan->seen[i] = scan->seen_first[i] = NULL;
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
		const struct mh_ruleset *set = layers->set[i];
		uint32_t count = set->phrase_count / 16 + 1;
		scan->seen[i] = mh_mem_zalloc(&scan->mem, 2 * count * sizeof(uint16_t));
		if (scan->seen[i] == NULL) {
			free_bits(scan);
			return MH_ERR_ENOMEM;
		}
		scan->seen_first[i] = scan->seen[i] + count;
		scan->seen_count[i] = count;
		for (uint32_t k = set->often_first; k < set->often_end; k++)
			scan->seen_first[i][k / 16] |= (uint16_t)(1u << k % 16);
		/* what a pattern needs that needs nothing */
		scan->seen_first[i][set->phrase_count / 16] |= (uint16_t)(1u << set->phrase_count % 16);
	}
	return MH_ERR_OK;
}
