/* bounce_text.c - what a bounce's prose says of each recipient
 *
 * Line by line.  A line that begins with an address opens an entry, and the
 * lines below belong to it until a blank line, a heading or the next address
 * (blank lines right behind the address, and what is indented deeper, do not
 * end it).  ">>>" and "<<<" are a transcript: a reply belongs to the address
 * it names, else to the RCPT before it, else to the address whose line
 * follows ("554 <a@b>... Service unavailable").  A reply that stands apart
 * belongs to all who have none.
 *
 * What did not work: a pattern for each MTA.  Thirty of them read the same
 * handful of shapes, and none reads the thirty-first.
 */
#include "bounce_text.h"

#include "mime.h"
#include "ruleset.h"

#define NOBODY UINT32_MAX
#define COMMON (UINT32_MAX - 1)
#define PENDING (UINT32_MAX - 2)
#define NAME_HIGH 24 /* octets of a name that are not ASCII: eight characters of Japanese */
#define SENTENCE 400 /* octets of a line that are looked at for phrases */

struct reader {
	struct mh_speech *speech;
	const char *end; /* of the text */
	uint32_t open; /* the entry that lines belong to */
	uint32_t grows; /* whose transcript reply the next "<<<" line continues */
	struct mh_str pending; /* a transcript's reply that nobody has claimed */
	struct mh_str rcpt; /* the address of the last RCPT */
	size_t indent; /* of the open entry's address */
	uint8_t phase; /* of the last command */
	bool is_blank; /* the line before was */
	bool ended_colon; /* the last line that was not blank ended with a colon */
	bool ended_word; /* and so it ended with a letter or a comma: its sentence goes on */
	bool names_other; /* and it announced an address that is no recipient's */
	bool names_next; /* this line does */
	bool has_rest; /* the open entry's words stand on the line of its address */
	bool follows_entry; /* and so it was an address */
	bool no_memory;
};

/* --------------------------------------------------------------------------- entries */

static uint32_t
bucket_of(struct mh_str address)
{
	uint32_t hash = 2166136261u;
	for (size_t i = 0; i < address.len; i++)
		hash = (hash ^ (unsigned char)mh_lower(address.p[i])) * 16777619u;
	return (hash ^ hash >> 16) % MH_SPEECH_BUCKETS;
}

struct mh_spoken *
mh_speech_find(struct mh_speech *speech, struct mh_str address)
{
	for (uint16_t at = speech->bucket[bucket_of(address)]; at != 0 && speech->list != NULL;
	     at = speech->list[at - 1].next)
		if (mh_str_ieq(speech->list[at - 1].address, address))
			return &speech->list[at - 1];
	return NULL;
}

/* entry_of - the number of an address's entry, made if need be; NOBODY if there is no room */
static uint32_t
entry_of(struct reader *reader, struct mh_str address, bool is_weak)
{
	struct mh_speech *speech = reader->speech;
	struct mh_spoken *known = mh_speech_find(speech, address);
	if (known != NULL) {
		known->is_weak &= is_weak;
		return (uint32_t)(known - speech->list);
	}
	if (speech->count == MH_SPOKEN_MAX) {
		speech->left_out++;
		return NOBODY;
	}
	if (speech->count == speech->room) {
		size_t room = speech->room == 0 ? 8 : speech->room * 4;
		struct mh_spoken *list = mh_arena_alloc(speech->arena, room * sizeof(*list));
		if (list == NULL) {
			reader->no_memory = true;
			return NOBODY;
		}
		if (speech->count > 0)
			memcpy(list, speech->list, speech->count * sizeof(*list));
		speech->list = list;
		speech->room = room;
	}
	uint32_t number = (uint32_t)speech->count++, bucket = bucket_of(address);
	speech->list[number] = (struct mh_spoken){ .address = address,
		.orig = MH_STR(""),
		.text = MH_STR(""),
		.reply = MH_STR(""),
		.headline = MH_STR(""),
		.host = MH_STR(""),
		.is_weak = is_weak,
		.next = speech->bucket[bucket] };
	speech->bucket[bucket] = (uint16_t)(number + 1);
	return number;
}

/* extend - a span over lines grows to the end of this one, or begins with it */
static void
extend(struct mh_str *span, struct mh_str line)
{
	if (span->len == 0)
		*span = line;
	else
		span->len = (size_t)(line.p + line.len - span->p);
}

static struct mh_str
skip_decoration(struct mh_str line)
{
	size_t i = 0;
	while (i < line.len) {
		if (line.len - i >= 3 && memcmp(line.p + i, "\xe2\x80\xa2", 3) == 0) /* a bullet */
			i += 3;
		else if (mh_is_space(line.p[i]) ||
		    (line.p[i] != '\0' && strchr("*->=_~+|", line.p[i]) != NULL))
			i++;
		else
			break;
	}
	return mh_str_n(line.p + i, line.len - i);
}

/* skip_expanded - behind "(expanded from <a@b>)" at the begin of s, with a@b in *orig */
static struct mh_str
skip_expanded(const struct mh_phrases *phrases, struct mh_str s, struct mh_str *orig)
{
	struct mh_phrase_hit hit;
	struct mh_str address;
	size_t lead = 0;
	while (lead < s.len && (mh_is_space(s.p[lead]) || s.p[lead] == '('))
		lead++;
	if (!mh_phrase_at(phrases, s, 1u << MH_PH_EXPANDED, lead, &hit))
		return s;
	size_t i = hit.end;
	while (i < s.len && (mh_is_space(s.p[i]) || s.p[i] == ':'))
		i++;
	size_t len = mh_address_at(mh_str_n(s.p + i, s.len - i), &address);
	if (len == 0)
		return s;
	*orig = address;
	i += len;
	while (i < s.len && (s.p[i] == ')' || mh_is_space(s.p[i])))
		i++;
	return mh_str_n(s.p + i, s.len - i);
}

/* ------------------------------------------------------------------------ transcripts */

/* command_phase - which command a transcript's line is; MH_PHASE_NONE if it is none */
static uint8_t
command_phase(struct mh_str s)
{
	static const struct {
		struct mh_str verb;
		uint8_t phase;
	} verbs[] = { { MH_STR_INIT("rcpt"), MH_PHASE_RCPT }, { MH_STR_INIT("mail"), MH_PHASE_MAIL },
		{ MH_STR_INIT("data"), MH_PHASE_DATA }, { MH_STR_INIT("bdat"), MH_PHASE_EOD },
		{ MH_STR_INIT("ehlo"), MH_PHASE_HELO }, { MH_STR_INIT("helo"), MH_PHASE_HELO },
		{ MH_STR_INIT("lhlo"), MH_PHASE_HELO }, { MH_STR_INIT("starttls"), MH_PHASE_STARTTLS },
		{ MH_STR_INIT("auth"), MH_PHASE_AUTH }, { MH_STR_INIT("quit"), MH_PHASE_QUIT },
		{ MH_STR_INIT("rset"), MH_PHASE_QUIT } };
	if (mh_str_eq(s, MH_STR(".")))
		return MH_PHASE_EOD;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		size_t len = verbs[i].verb.len;
		if (mh_str_istarts(s, verbs[i].verb) &&
		    (s.len == len || mh_is_space(s.p[len]) || s.p[len] == ':'))
			return verbs[i].phase;
	}
	return MH_PHASE_NONE;
}

/* known_in - the first entry whose address stands in a line, or NOBODY */
static uint32_t
known_in(struct mh_speech *speech, struct mh_str line)
{
	struct mh_str address;
	size_t max = line.len < SENTENCE ? line.len : SENTENCE;
	for (size_t i = 0; i < max; i++) {
		if (i > 0 && !mh_is_space(line.p[i - 1]) && line.p[i] != '<' && line.p[i - 1] != '(')
			continue;
		size_t len = mh_address_at(mh_str_n(line.p + i, line.len - i), &address);
		struct mh_spoken *known = len > 0 ? mh_speech_find(speech, address) : NULL;
		if (known != NULL)
			return (uint32_t)(known - speech->list);
		i += len;
	}
	return NOBODY;
}

static void
give_reply(struct reader *reader, uint32_t entry, struct mh_str reply)
{
	struct mh_spoken *spoken = &reader->speech->list[entry];
	spoken->reply = reply;
	spoken->phase = reader->phase;
	spoken->host = reader->speech->host;
	reader->grows = entry;
}

/* read_answer - a "<<<" line of a transcript */
static void
read_answer(struct reader *reader, struct mh_str line, struct mh_str content)
{
	struct mh_speech *speech = reader->speech;
	int code = mh_code_at(content);
	bool continues = content.len > 3 && content.p[3] == '-';
	if (reader->grows != NOBODY) {
		struct mh_str *grows = reader->grows == COMMON ? &speech->common
		    : reader->grows == PENDING                 ? &reader->pending
							       : &speech->list[reader->grows].reply;
		extend(grows, line);
		if (reader->grows == COMMON && reader->pending.len > 0)
			reader->pending = speech->common;
		if (!continues)
			reader->grows = NOBODY;
		return;
	}
	if (code == 0 || reader->phase == MH_PHASE_QUIT)
		return;
	uint32_t entry = known_in(speech, content);
	if (entry == NOBODY && reader->phase == MH_PHASE_RCPT && reader->rcpt.len > 0)
		entry = entry_of(reader, reader->rcpt, false);
	if (entry != NOBODY) {
		give_reply(reader, entry, line);
	} else {
		reader->pending = line;
		reader->grows = PENDING;
		/* "503 need RCPT" only follows from what was said before. */
		if (code != 503 || speech->count == 0) {
			speech->common = line;
			speech->phase = reader->phase;
			reader->grows = COMMON;
		}
	}
	if (!continues)
		reader->grows = NOBODY;
}

/* read_transcript - whether a line was one of a transcript */
static bool
read_transcript(struct reader *reader, struct mh_str line)
{
	size_t i = 0;
	static const struct mh_str speakers[] = { MH_STR_INIT("sent "), MH_STR_INIT("received ") };
	for (size_t k = 0; k < 2; k++)
		if (mh_str_istarts(line, speakers[k]))
			i = speakers[k].len;
	size_t mark = i;
	while (i < line.len && (line.p[i] == '<' || line.p[i] == '>'))
		i++;
	if (i - mark != 3)
		return false;
	struct mh_str content = mh_str_trim(mh_str_n(line.p + i, line.len - i));
	uint8_t phase = command_phase(content);
	if (phase != MH_PHASE_NONE && (line.p[mark] == '>' || mark > 0)) {
		reader->grows = NOBODY;
		reader->phase = phase;
		reader->open = NOBODY;
		if (phase == MH_PHASE_RCPT)
			reader->rcpt = mh_address_in(content);
		return true;
	}
	if (mh_code_at(content) == 0 && !(content.len > 2 && mh_is_digit(content.p[0])) &&
	    reader->grows == NOBODY)
		return line.p[mark] == '<';
	reader->open = NOBODY;
	read_answer(reader, line, content);
	return true;
}

/* read_headline - "550 5.1.1 <a@b>... User unknown": what the bouncing system made of it */
static bool
read_headline(struct reader *reader, struct mh_str line)
{
	struct mh_str address;
	if (mh_code_at(line) == 0)
		return false;
	size_t i = 3;
	while (i < line.len && (mh_is_space(line.p[i]) || mh_is_digit(line.p[i]) || line.p[i] == '.'))
		i++;
	size_t len = i < line.len ? mh_address_at(mh_str_n(line.p + i, line.len - i), &address) : 0;
	struct mh_str rest = mh_str_n(line.p + i + len, line.len - i - len);
	if (len == 0 || !mh_str_istarts(rest, MH_STR("...")))
		return false;
	uint32_t entry = entry_of(reader, address, false);
	if (entry == NOBODY)
		return true;
	struct mh_spoken *spoken = &reader->speech->list[entry];
	/* "554 <a@b>... 550 Host unknown": the code within is the cause's. */
	struct mh_str within = mh_str_trim(mh_str_n(rest.p + 3, rest.len - 3));
	if (spoken->headline.len == 0)
		spoken->headline = mh_code_at(within) != 0 ? within : line;
	if (spoken->reply.len == 0 && reader->pending.len > 0)
		give_reply(reader, entry, reader->pending);
	reader->pending.len = 0;
	reader->grows = NOBODY;
	return true;
}

/* --------------------------------------------------------------------------- addresses */

/* is_name - whether the words before an address are somebody's name */
static bool
is_name(const struct mh_phrases *phrases, struct mh_str s)
{
	int words = 1;
	size_t high = 0;
	for (size_t i = 0; i < s.len; i++) {
		words += s.p[i] == ' ';
		high += (unsigned char)s.p[i] >= 0x80;
		if (s.p[i] == ':')
			return false;
	}
	return words <= 4 && high <= NAME_HIGH &&
	    !mh_phrase_has(phrases, s, 1u << MH_PH_NOT | 1u << MH_PH_FAIL);
}

/* opens_at - behind the address that a line begins with, or that follows a short name; 0 */
static size_t
opens_at(const struct mh_phrases *phrases, struct mh_str line, struct mh_str *address)
{
	size_t len = mh_address_at(line, address);
	if (len > 0)
		return len;
	const char *open = line.len > 0 ? memchr(line.p, '<', line.len < 60 ? line.len : 60) : NULL;
	size_t at = open != NULL ? (size_t)(open - line.p) : 0;
	if (open == NULL || !is_name(phrases, mh_str_n(line.p, at)))
		return 0;
	len = mh_address_at(mh_str_n(open, line.len - at), address);
	struct mh_str rest = mh_str_trim(mh_str_n(open + len, line.len - at - len));
	return len > 0 && (rest.len == 0 || rest.p[0] == '(') ? at + len : 0;
}

/* open_entry - an address at the begin of a line; false if the line is prose that happens to begin with it */
static bool
open_entry(struct reader *reader, struct mh_str line)
{
	struct mh_speech *speech = reader->speech;
	struct mh_str address, again, orig = MH_STR("");
	size_t len = opens_at(speech->phrases, line, &address);
	if (len == 0)
		return false;
	struct mh_str rest = mh_str_n(line.p + len, line.len - len);
	size_t twice = mh_address_at(mh_str_trim(rest), &again);
	if (twice > 0 && mh_str_ieq(again, address)) /* a@b<mailto:a@b> */
		rest = mh_str_n(mh_str_trim(rest).p + twice,
		    (size_t)(line.p + line.len - mh_str_trim(rest).p) - twice);
	bool is_apart = reader->is_blank || reader->ended_colon || reader->follows_entry;
	struct mh_str trimmed = mh_str_trim(rest);
	if (trimmed.len == 0 && reader->names_other && !mh_speech_find(speech, address))
		return false; /* "A message sent by" */
	if (trimmed.len == 0 && !is_apart && reader->ended_word && !mh_speech_find(speech, address))
		return false; /* the end of a sentence that was folded */
	if (trimmed.len > 0 && !is_apart && strchr(":([<;,.-", trimmed.p[0]) == NULL &&
	    mh_reply_at(trimmed) == trimmed.len)
		return false;
	if (mh_str_eq(trimmed, MH_STR(",")) || mh_str_eq(trimmed, MH_STR(".")))
		trimmed.len = 0;
	rest = skip_expanded(speech->phrases, trimmed, &orig);
	uint32_t entry = entry_of(reader, address, false);
	reader->open = entry;
	reader->has_rest = rest.len > 0;
	if (entry == NOBODY)
		return true;
	struct mh_spoken *spoken = &speech->list[entry];
	if (orig.len > 0)
		spoken->orig = orig;
	size_t skip = 0;
	if (mh_str_istarts(rest, MH_STR("..."))) /* Sendmail's: the line says it all */
		reader->open = NOBODY;
	while (skip < rest.len && (rest.p[skip] == ':' || rest.p[skip] == '.' || mh_is_space(rest.p[skip])))
		skip++;
	rest = mh_str_n(rest.p + skip, rest.len - skip);
	/* Named a second time it is spoken of anew, unless it has its reply ("To: a@b" in a list). */
	if (spoken->text.len == 0 || mh_reply_at(spoken->text) == spoken->text.len)
		spoken->text = rest.len > 0 ? rest : MH_STR("");
	else
		reader->open = NOBODY;
	return true;
}

/* open_weak - an address in a sentence that says it is a recipient's */
static bool
open_weak(struct reader *reader, struct mh_str line)
{
	struct mh_speech *speech = reader->speech;
	struct mh_str address, head;
	struct mh_phrase_hit hit;
	const char *sign =
	    line.len > 4 ? memchr(line.p, '@', line.len < SENTENCE ? line.len : SENTENCE) : NULL;
	if (sign == NULL)
		return false;
	size_t begin = (size_t)(sign - line.p);
	while (begin > 0 && !mh_is_space(line.p[begin - 1]) && line.p[begin - 1] != '<' &&
	    line.p[begin - 1] != '(' && line.p[begin - 1] != ':' && line.p[begin - 1] != '"' &&
	    line.p[begin - 1] != '\'')
		begin--;
	size_t len = mh_address_at(mh_str_n(line.p + begin, line.len - begin), &address);
	head = mh_str_n(line.p, begin);
	if (len == 0 || mh_phrase_has(speech->phrases, head, 1u << MH_PH_NOT))
		return false;
	size_t at = 0, last = 0;
	bool is_label = false;
	while (mh_phrase_next(speech->phrases, head, 1u << MH_PH_TO, &at, &hit)) {
		last = hit.end;
		is_label |= hit.at == 0 && hit.end < head.len && head.p[hit.end] == ':';
	}
	if (last == 0)
		return false;
	for (size_t i = last; i < head.len && !is_label; i++)
		if (mh_is_alnum(head.p[i]))
			return false;
	bool is_field = mh_str_istarts(line, MH_STR("to:")), is_new = mh_speech_find(speech, address) == NULL;
	uint32_t entry = entry_of(reader, address, true);
	if (entry != NOBODY)
		speech->list[entry].is_field = is_field && (is_new || speech->list[entry].is_field);
	if (is_field)
		return true;
	reader->open = entry;
	reader->has_rest = true;
	if (entry != NOBODY && speech->list[entry].text.len == 0)
		speech->list[entry].text = line;
	return true;
}

/* --------------------------------------------------------------------------- headings */

/* is_end - whether a line is the heading of the returned message */
static bool
is_end(const struct mh_phrases *phrases, struct mh_str line)
{
	struct mh_str text = skip_decoration(line);
	struct mh_phrase_hit hit;
	if (text.len < 12)
		return false;
	if (line.p == text.p &&
	    (mh_str_istarts(text, MH_STR("Received: ")) || mh_str_istarts(text, MH_STR("Return-Path: "))))
		return true;
	struct mh_str head = mh_str_n(text.p, text.len < 60 ? text.len : 60);
	size_t at = 0;
	while (at <= 10 &&
	    ((at > 0 && mh_is_alnum(text.p[at - 1])) ||
		!mh_phrase_at(phrases, head, 1u << MH_PH_END, at, &hit)))
		at++;
	if (at > 10)
		return false;
	bool is_decorated = text.p != line.p &&
	    (line.p[0] == '-' || line.p[0] == '*' || line.p[0] == '=' || line.p[0] == '_');
	char last = line.p[line.len - 1];
	if (hit.at > 0 && !is_decorated)
		return false;
	return hit.value == 0
	    ? is_decorated || last == ':' || last == '.' || last == '-' || hit.end == head.len
	    : is_decorated || (last == ':' && hit.end >= head.len);
}

static bool
is_rule_line(struct mh_str line)
{
	return line.len >= 3 && strchr("-=*_#~", line.p[0]) != NULL && line.p[1] == line.p[0] &&
	    line.p[2] == line.p[0];
}

/* -------------------------------------------------------------------------------- text */

static void
note_phrases(struct reader *reader, struct mh_str line)
{
	struct mh_speech *speech = reader->speech;
	struct mh_phrase_hit hit;
	size_t at = 0, other = 0;
	if (line.len > SENTENCE)
		line.len = SENTENCE;
	while (mh_phrase_next(speech->phrases, line,
	    1u << MH_PH_DELAY | 1u << MH_PH_FAIL | 1u << MH_PH_DELIVERED | 1u << MH_PH_HOST |
		1u << MH_PH_FORM | 1u << MH_PH_PHASE | 1u << MH_PH_NOT,
	    &at, &hit)) {
		if (hit.kind == MH_PH_NOT)
			other = hit.end;
		if (hit.kind == MH_PH_PHASE && hit.value != MH_PHASE_NONE && speech->common.len == 0) {
			speech->phase = hit.value;
			struct mh_str host = mh_said_first_host(line);
			speech->host = host.len > 0 ? host : speech->host;
		}
		speech->is_delay |= hit.kind == MH_PH_DELAY;
		speech->is_fail |= hit.kind == MH_PH_FAIL || hit.kind == MH_PH_FORM;
		if (hit.kind == MH_PH_FORM && speech->form == MH_FORM_OF_NONE)
			speech->form = hit.value;
		speech->is_delivered |= hit.kind == MH_PH_DELIVERED;
		if (hit.kind == MH_PH_HOST) {
			struct mh_str from = mh_str_n(line.p + hit.at, line.len - hit.at);
			struct mh_str host = mh_said_host(speech->phrases, from);
			if (host.len > 0) {
				speech->host = host;
				reader->pending.len = 0; /* another session */
			}
		}
	}
	reader->names_next = other > 0 && other + 1 >= line.len;
}

/* apart_line - a line that belongs to no address */
static void
apart_line(struct reader *reader, struct mh_str line)
{
	struct mh_speech *speech = reader->speech;
	struct mh_str text = skip_decoration(line);
	uint8_t phase = text.len == line.len ? command_phase(text) : MH_PHASE_NONE;
	if (phase != MH_PHASE_NONE && text.len == 4)
		speech->phase = phase;
	if (reader->grows == COMMON && !reader->is_blank) {
		extend(&speech->common, line);
		return;
	}
	reader->grows = NOBODY;
	size_t at = mh_reply_at(text);
	if (at == text.len || (at > 0 && mh_code_at(mh_str_n(text.p + at, text.len - at)) == 0))
		return;
	uint32_t entry = at < 8 ? known_in(speech, text) : NOBODY;
	if (entry != NOBODY && speech->list[entry].reply.len == 0) {
		speech->list[entry].reply = text;
		return;
	}
	if (speech->common.len > 0 && mh_code_at(speech->common) != 0)
		return;
	speech->common = text;
	reader->grows = COMMON;
}

static size_t
indent_of(struct mh_str line)
{
	size_t i = 0, columns = 0;
	for (; i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'); i++)
		columns += line.p[i] == '\t' ? 8 - columns % 8 : 1;
	return columns;
}

static void
note_end(struct reader *reader, struct mh_str line)
{
	char last = line.p[line.len - 1];
	reader->ended_colon = last == ':';
	reader->ended_word = mh_is_alpha(last) || last == ',';
}

/* read_line - one line; false where the returned message begins */
static bool
read_line(struct reader *reader, struct mh_str raw)
{
	struct mh_speech *speech = reader->speech;
	struct mh_str line = mh_str_trim(raw), orig = MH_STR("");
	size_t indent = indent_of(raw);
	if (line.len == 0) {
		reader->is_blank = true;
		return true;
	}
	if (is_end(speech->phrases, line))
		return false;
	reader->names_other = reader->names_next;
	note_phrases(reader, line);
	if (read_transcript(reader, line))
		goto done;
	if (reader->grows != COMMON)
		reader->grows = NOBODY;
	if (is_rule_line(line)) {
		reader->open = reader->grows = NOBODY;
		struct mh_str text = skip_decoration(line);
		if (text.len == 0 || is_rule_line(mh_str_n(line.p + line.len - 3, 3)) ||
		    (!mh_is_digit(text.p[0]) && mh_address_at(text, &orig) == 0)) {
			reader->follows_entry = reader->is_blank = false;
			reader->ended_colon = true; /* a heading */
			reader->ended_word = false;
			return true;
		}
	}
	if (read_headline(reader, line))
		goto done;
	if (reader->open != NOBODY && reader->is_blank && speech->list[reader->open].text.len > 0 &&
	    (indent <= reader->indent || reader->has_rest))
		reader->open = NOBODY;
	orig = MH_STR("");
	if (skip_expanded(speech->phrases, line, &orig).len < line.len && orig.len > 0) {
		if (reader->open != NOBODY)
			speech->list[reader->open].orig = orig;
		else
			reader->open = entry_of(reader, orig, true);
		goto done;
	}
	bool continues = reader->open != NOBODY && !reader->is_blank && indent > reader->indent &&
	    speech->list[reader->open].text.len > 0;
	if (!continues && open_entry(reader, skip_decoration(line))) {
		reader->indent = indent;
		reader->follows_entry = true;
		reader->is_blank = false;
		reader->grows = NOBODY;
		return true;
	}
	if (reader->open != NOBODY) {
		extend(&speech->list[reader->open].text, line);
		reader->follows_entry = true; /* its words: another address may follow without a blank line */
		reader->is_blank = false;
		note_end(reader, line);
		return true;
	}
	if ((reader->grows != COMMON || reader->is_blank) && mh_code_at(line) == 0 && open_weak(reader, line))
		reader->indent = indent;
	else
		apart_line(reader, line);
done:
	reader->follows_entry = false;
	reader->is_blank = false;
	note_end(reader, line);
	return true;
}

bool
mh_speech_read(struct mh_speech *speech, struct mh_arena *arena, const struct mh_phrases *phrases,
    struct mh_str text)
{
	struct reader reader = { .speech = speech, .open = NOBODY, .grows = NOBODY, .is_blank = true };
	struct mh_str line, rest = text;
	speech->arena = arena;
	speech->phrases = phrases;
	speech->list = NULL;
	speech->count = speech->room = speech->left_out = 0;
	memset(speech->bucket, 0, sizeof(speech->bucket));
	speech->all = text;
	speech->original = speech->common = speech->host = MH_STR("");
	speech->phase = MH_PHASE_NONE;
	speech->is_delay = speech->is_fail = speech->is_delivered = false;
	speech->has_common_said = speech->has_all_said = false;
	speech->form = MH_FORM_OF_NONE;
	while (mh_line_next(&rest, &line)) {
		if (read_line(&reader, line) && !reader.no_memory)
			continue;
		speech->all.len = (size_t)(line.p - text.p);
		speech->original = rest;
		if (mh_str_istarts(line, MH_STR("Re"))) /* Received, Return-Path: it has no heading */
			speech->original = mh_str_n(line.p, (size_t)(text.p + text.len - line.p));
		while (speech->original.len > 0 && mh_is_space(speech->original.p[0]))
			speech->original = mh_str_n(speech->original.p + 1, speech->original.len - 1);
		break;
	}
	return !reader.no_memory;
}
