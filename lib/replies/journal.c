/* journal.c - lines of a log out of what journalctl writes for programs
 *
 * One machine over octets for both forms; which it is, is decided anew at the
 * start of each entry.  Values that nobody wants are passed over with memchr.
 *
 *	export:  START -> NAME -> TEXT -> NAME ...           "NAME=value\n"
 *	               NAME -> SIZE -> BINARY -> NAME ...    "NAME\n" length value "\n"
 *	               NAME -> START, with a line            "\n"
 *	json:    START -> MEMBER -> KEY -> COLON -> VALUE -> MEMBER ...
 *	               VALUE -> STRING (-> ESCAPE, UNIT), WORD, ARRAY (-> STRING), NESTED
 *	               MEMBER -> START, with a line          "}"
 *	both:    what is neither -> SKIP -> START            to the end of the line
 */
#include "journal.h"

#include "logtime.h"

enum state {
	START,
	NAME,
	TEXT,
	SIZE,
	BINARY,
	BINARY_END,
	MEMBER,
	KEY,
	COLON,
	VALUE,
	STRING,
	ESCAPE,
	UNIT,
	WORD,
	ARRAY,
	NESTED,
	NESTED_STRING,
	NESTED_ESCAPE,
	SKIP
};

static const struct {
	const char *name;
	enum mh_journal_field field;
} wanted[] = {
	{ "MESSAGE", MH_JOURNAL_MESSAGE },
	{ "__REALTIME_TIMESTAMP", MH_JOURNAL_TIME },
	{ "_HOSTNAME", MH_JOURNAL_HOST },
	{ "SYSLOG_IDENTIFIER", MH_JOURNAL_IDENTIFIER },
	{ "_COMM", MH_JOURNAL_COMMAND },
	{ "SYSLOG_PID", MH_JOURNAL_SYSLOG_PID },
	{ "_PID", MH_JOURNAL_PID },
};

static void
forget(struct mh_journal *j)
{
	for (int i = 0; i < MH_JOURNAL_FIELDS; i++)
		j->fields[i].len = 0;
	j->message_len = j->name_len = 0;
	j->has_message = j->was_cut = false;
}

void
mh_journal_init(struct mh_journal *j)
{
	j->cut = false;
	j->state = START;
	j->field = MH_JOURNAL_OTHER;
	j->digits = j->array = 0;
	j->unit = j->high = 0;
	j->depth = j->number = 0;
	j->left = 0;
	forget(j);
}

/* ------------------------------------------------------------------- values */

static void
add_name(struct mh_journal *j, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++, j->name_len++)
		if (j->name_len < sizeof(j->name))
			j->name[j->name_len] = p[i];
}

/* choose - the name is complete: where its value goes.  Of a field that comes twice the first counts. */
static void
choose(struct mh_journal *j)
{
	j->field = MH_JOURNAL_OTHER;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (j->name_len < sizeof(j->name) && strlen(wanted[i].name) == j->name_len &&
		    memcmp(wanted[i].name, j->name, j->name_len) == 0)
			j->field = (uint8_t)wanted[i].field;
	if (j->field == MH_JOURNAL_MESSAGE) {
		if (j->has_message)
			j->field = MH_JOURNAL_OTHER;
		j->has_message = true;
	} else if (j->field < MH_JOURNAL_FIELDS && j->fields[j->field].len > 0) {
		j->field = MH_JOURNAL_OTHER;
	}
	j->name_len = 0;
}

static void
add_value(struct mh_journal *j, const char *p, size_t len)
{
	if (j->field == MH_JOURNAL_MESSAGE) {
		size_t room = MH_JOURNAL_MESSAGE_MAX - j->message_len;
		j->was_cut |= len > room;
		len = len < room ? len : room;
		memcpy(j->text + MH_JOURNAL_LEAD_MAX + j->message_len, p, len);
		j->message_len += len;
	} else if (j->field < MH_JOURNAL_FIELDS) {
		size_t room = MH_JOURNAL_FIELD_MAX - j->fields[j->field].len;
		len = len < room ? len : room;
		memcpy(j->fields[j->field].p + j->fields[j->field].len, p, len);
		j->fields[j->field].len += len;
	}
}

static void
add_codepoint(struct mh_journal *j, uint32_t c)
{
	char out[4];
	size_t len = 0;
	if (c < 0x80) {
		out[len++] = (char)c;
	} else if (c < 0x800) {
		out[len++] = (char)(0xc0 | c >> 6);
		out[len++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		out[len++] = (char)(0xe0 | c >> 12);
		out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[len++] = (char)(0x80 | (c & 0x3f));
	} else {
		out[len++] = (char)(0xf0 | c >> 18);
		out[len++] = (char)(0x80 | (c >> 12 & 0x3f));
		out[len++] = (char)(0x80 | (c >> 6 & 0x3f));
		out[len++] = (char)(0x80 | (c & 0x3f));
	}
	add_value(j, out, len);
}

/* add_unit - a unit of UTF-16 of a \u escape; a surrogate without its other half is U+FFFD */
static void
add_unit(struct mh_journal *j, uint16_t unit)
{
	uint16_t high = j->high;
	j->high = 0;
	if (high != 0 && unit >= 0xdc00 && unit <= 0xdfff) {
		add_codepoint(j, 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (uint32_t)(unit - 0xdc00));
		return;
	}
	if (high != 0)
		add_codepoint(j, 0xfffd);
	if (unit >= 0xd800 && unit <= 0xdbff)
		j->high = unit;
	else
		add_codepoint(j, unit >= 0xdc00 && unit <= 0xdfff ? 0xfffd : unit);
}

static void
end_surrogate(struct mh_journal *j)
{
	if (j->high != 0)
		add_codepoint(j, 0xfffd);
	j->high = 0;
}

/* -------------------------------------------------------------------- lines */

struct lead {
	char p[MH_JOURNAL_LEAD_MAX];
	size_t len;
};

static void
put(struct lead *lead, const char *p, size_t len)
{
	if (len <= sizeof(lead->p) - lead->len) {
		memcpy(lead->p + lead->len, p, len);
		lead->len += len;
	}
}

/* put_word - nothing in it that would end the word it becomes */
static void
put_word(struct lead *lead, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool ends = (unsigned char)p[i] <= ' ' || p[i] == '[' || p[i] == ']' || p[i] == ':';
		put(lead, ends ? "_" : p + i, 1);
	}
}

static void
put_time(struct lead *lead, const char *p, size_t len)
{
	char text[MH_LOGTIME_TEXT];
	int64_t us = mh_str_int(mh_str_n(p, len), INT64_MAX);
	if (us < 0)
		return;
	mh_logtime_print(us / 1000000, text);
	size_t to = strlen(text);
	if (to == 0)
		return;
	int ms = (int)(us / 1000 % 1000);
	char fraction[] = { '.', (char)('0' + ms / 100), (char)('0' + ms / 10 % 10), (char)('0' + ms % 10),
		'Z', ' ' };
	put(lead, text, to - 1);
	put(lead, fraction, sizeof(fraction));
}

/* finish - the entry is complete: its line, if it has a message */
static bool
finish(struct mh_journal *j, struct mh_str *line)
{
	struct lead lead = { .len = 0 };
	int name = j->fields[MH_JOURNAL_IDENTIFIER].len > 0 ? MH_JOURNAL_IDENTIFIER : MH_JOURNAL_COMMAND;
	int pid = j->fields[MH_JOURNAL_SYSLOG_PID].len > 0 ? MH_JOURNAL_SYSLOG_PID : MH_JOURNAL_PID;
	size_t len = j->message_len;
	char *message = j->text + MH_JOURNAL_LEAD_MAX;
	j->state = START;
	if (len == 0) {
		forget(j);
		return false;
	}
	put_time(&lead, j->fields[MH_JOURNAL_TIME].p, j->fields[MH_JOURNAL_TIME].len);
	if (lead.len > 0 && j->fields[name].len > 0 && j->fields[MH_JOURNAL_HOST].len > 0) {
		put_word(&lead, j->fields[MH_JOURNAL_HOST].p,
		    j->fields[MH_JOURNAL_HOST].len < 128 ? j->fields[MH_JOURNAL_HOST].len : 128);
		put(&lead, " ", 1);
	}
	if (j->fields[name].len > 0) {
		put_word(&lead, j->fields[name].p, j->fields[name].len < 128 ? j->fields[name].len : 128);
		if (j->fields[pid].len > 0) {
			put(&lead, "[", 1);
			put_word(&lead, j->fields[pid].p, j->fields[pid].len < 20 ? j->fields[pid].len : 20);
			put(&lead, "]", 1);
		}
		put(&lead, ": ", 2);
	}
	for (char *p = message; (p = memchr(p, '\n', (size_t)(message + len - p))) != NULL;)
		*p = ' ';
	for (char *p = message; (p = memchr(p, '\r', (size_t)(message + len - p))) != NULL;)
		*p = ' ';
	memcpy(message - lead.len, lead.p, lead.len);
	*line = mh_str_n(message - lead.len, lead.len + len);
	j->cut = j->was_cut;
	forget(j);
	return true;
}

/* ------------------------------------------------------------------ machine */

/* start - the first octet of an entry; not taken where it is part of a name */
static size_t
start(struct mh_journal *j, char c)
{
	if (c == '{') {
		j->state = MEMBER;
		return 1;
	}
	if (c == '\n' || c == '\r' || c == ' ' || c == '\x1e')
		return 1;
	j->state = c == '_' || mh_is_alnum(c) ? NAME : SKIP;
	return 0;
}

static void
value(struct mh_journal *j, char c)
{
	j->array = 0;
	j->number = 0;
	if (c == '"') {
		j->state = STRING;
	} else if (c == '[') {
		j->state = ARRAY;
		j->array = 1;
	} else if (c == '{') {
		j->state = NESTED;
		j->depth = 1;
	} else if (mh_is_digit(c)) {
		j->state = WORD;
		add_value(j, &c, 1);
	} else if (mh_is_alpha(c) || c == '-') { /* null, true, -1: nothing that is wanted */
		j->field = MH_JOURNAL_OTHER;
		j->state = WORD;
	} else if (!mh_is_space(c)) {
		j->state = SKIP;
	}
}

/* array - octets of a message that is not UTF-8, or the values of a field that came more than once, of which
 * the first is taken */
static void
array(struct mh_journal *j, char c)
{
	if (mh_is_digit(c)) {
		j->number = j->number < 1000 ? j->number * 10 + (uint32_t)(c - '0') : j->number;
		j->digits = 1;
	} else if (c == ',' || c == ']') {
		if (j->digits > 0) {
			char octet = (char)(unsigned char)j->number;
			add_value(j, &octet, 1);
		}
		j->digits = 0;
		j->number = 0;
		if (c == ']')
			j->state = MEMBER;
	} else if (c == '"') {
		j->state = STRING;
	} else if (c == '[' || c == '{') { /* several values that are octets */
		j->field = MH_JOURNAL_OTHER;
		j->state = NESTED;
		j->depth = 2;
	}
}

static void
nested(struct mh_journal *j, char c)
{
	if (c == '"') {
		j->state = NESTED_STRING;
	} else if (c == '{' || c == '[') {
		j->depth += j->depth < UINT32_MAX;
	} else if ((c == '}' || c == ']') && --j->depth == 0) {
		j->state = MEMBER;
	}
}

static void
escape(struct mh_journal *j, char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	j->state = STRING;
	if (c == 'u') {
		j->state = UNIT;
		j->digits = 0;
		j->unit = 0;
		return;
	}
	end_surrogate(j);
	const char *at = memchr(from, c, sizeof(from) - 1);
	if (at != NULL)
		add_value(j, to + (at - from), 1);
	else
		j->state = SKIP;
}

static void
unit(struct mh_journal *j, char c)
{
	int digit = mh_hex(c);
	if (digit < 0) {
		j->state = SKIP;
		return;
	}
	j->unit = (uint16_t)(j->unit << 4 | digit);
	if (++j->digits == 4) {
		j->digits = 0;
		add_unit(j, j->unit);
		j->state = STRING;
	}
}

/* run - octets of s before any of the two, or all */
static size_t
run(struct mh_str s, char a, char b)
{
	size_t i = 0;
	while (i < s.len && s.p[i] != a && s.p[i] != b)
		i++;
	return i;
}

/* take - some octets of s, at least one if the state does not change; how many.  *done: an entry is complete */
static size_t
take(struct mh_journal *j, struct mh_str s, bool *done)
{
	char c = s.p[0];
	size_t len;
	const char *end;
	switch ((enum state)j->state) {
	case START:
		return start(j, c);
	case NAME:
		len = run(s, '=', '\n');
		add_name(j, s.p, len);
		if (len == s.len)
			return len;
		if (s.p[len] == '\n' && j->name_len == 0) {
			*done = true;
			return len + 1;
		}
		choose(j);
		j->state = s.p[len] == '=' ? TEXT : SIZE;
		j->left = 0;
		j->digits = 0;
		return len + 1;
	case TEXT:
		end = memchr(s.p, '\n', s.len);
		len = end != NULL ? (size_t)(end - s.p) : s.len;
		add_value(j, s.p, len);
		j->state = end != NULL ? NAME : TEXT;
		return len + (end != NULL);
	case SIZE:
		j->left |= (uint64_t)(unsigned char)c << 8 * j->digits;
		if (++j->digits == 8) {
			j->digits = 0;
			j->state = j->left > 0 ? BINARY : BINARY_END;
		}
		return 1;
	case BINARY:
		len = s.len < j->left ? s.len : (size_t)j->left;
		add_value(j, s.p, len);
		j->left -= len;
		j->state = j->left > 0 ? BINARY : BINARY_END;
		return len;
	case BINARY_END:
		j->state = c == '\n' ? NAME : SKIP;
		return 1;
	case MEMBER:
		if (c == '"') {
			j->name_len = 0;
			j->state = KEY;
		} else if (c == '}') {
			*done = true;
		} else if (c != ',' && !mh_is_space(c)) {
			j->state = SKIP;
		}
		return 1;
	case KEY:
		len = run(s, '"', '\\');
		add_name(j, s.p, len);
		if (len == s.len)
			return len;
		/* No name of a field needs an escape. */
		j->state = s.p[len] == '"' ? COLON : SKIP;
		return len + 1;
	case COLON:
		if (c == ':') {
			choose(j);
			j->state = VALUE;
		} else if (!mh_is_space(c)) {
			j->state = SKIP;
		}
		return 1;
	case VALUE:
		value(j, c);
		return 1;
	case STRING:
		len = run(s, '"', '\\');
		if (len > 0) {
			end_surrogate(j);
			add_value(j, s.p, len);
		}
		if (len == s.len)
			return len;
		if (s.p[len] == '\\') {
			j->state = ESCAPE;
			return len + 1;
		}
		end_surrogate(j);
		if (j->array > 0)
			j->field = MH_JOURNAL_OTHER;
		j->state = j->array > 0 ? ARRAY : MEMBER;
		return len + 1;
	case ESCAPE:
		escape(j, c);
		return 1;
	case UNIT:
		unit(j, c);
		return 1;
	case WORD:
		if (c == ',' || c == '}' || mh_is_space(c)) {
			j->state = MEMBER;
			return 0;
		}
		add_value(j, &c, 1);
		return 1;
	case ARRAY:
		array(j, c);
		return 1;
	case NESTED:
		nested(j, c);
		return 1;
	case NESTED_STRING:
		len = run(s, '"', '\\');
		if (len == s.len)
			return len;
		j->state = s.p[len] == '"' ? NESTED : NESTED_ESCAPE;
		return len + 1;
	case NESTED_ESCAPE:
		j->state = NESTED_STRING;
		return 1;
	case SKIP:
	default:
		end = memchr(s.p, '\n', s.len);
		if (end == NULL)
			return s.len;
		forget(j);
		j->high = 0;
		j->state = START;
		return (size_t)(end - s.p) + 1;
	}
}

bool
mh_journal_next(struct mh_journal *j, struct mh_str *octets, struct mh_str *line)
{
	while (octets->len > 0) {
		bool done = false;
		size_t len = take(j, *octets, &done);
		*octets = mh_str_n(octets->p + len, octets->len - len);
		if (done && finish(j, line))
			return true;
	}
	return false;
}

bool
mh_journal_end(struct mh_journal *j, struct mh_str *line)
{
	/* An export may end without the empty line; an object that is not closed is half an entry. */
	bool whole = j->state == NAME || j->state == TEXT || j->state == BINARY_END;
	bool found = whole && finish(j, line);
	bool cut = j->cut;
	mh_journal_init(j);
	j->cut = found && cut;
	return found;
}

bool
mh_journal_is(struct mh_str begin)
{
	static const char export[] = "__CURSOR=", cursor[] = "\"__CURSOR\"", message[] = "\"MESSAGE\"";
	while (begin.len > 0 && (mh_is_space(begin.p[0]) || begin.p[0] == '\x1e'))
		begin = mh_str_n(begin.p + 1, begin.len - 1);
	if (begin.len >= sizeof(export) - 1 && memcmp(begin.p, export, sizeof(export) - 1) == 0)
		return true;
	if (begin.len == 0 || begin.p[0] != '{')
		return false;
	size_t most = begin.len < 65536 ? begin.len : 65536;
	for (size_t i = 0; i + sizeof(message) - 1 <= most; i++) {
		if (begin.p[i] != '"')
			continue;
		if (memcmp(begin.p + i, message, sizeof(message) - 1) == 0 ||
		    (i + sizeof(cursor) - 1 <= most && memcmp(begin.p + i, cursor, sizeof(cursor) - 1) == 0))
			return true;
	}
	return false;
}
