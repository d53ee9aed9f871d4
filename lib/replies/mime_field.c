/* mime_field.c - header fields: names, values, parameters, encoded words
 *
 * Also reads the fields of status and feedback parts, which have the same form
 * and are broken in the same ways: space before the colon, lines that are no
 * fields, values without end.
 *
 * RFC 5322 2.2 and 4.5, RFC 2045 5.1, RFC 2231 3 and 4, RFC 2047 2.
 */
#include "charset.h"
#include "mime.h"

#define SECTIONS 64 /* of a continued parameter */

struct mh_str
mh_arena_copy(struct mh_arena *arena, struct mh_str s)
{
	char *p = mh_arena_alloc(arena, s.len);
	if (p == NULL)
		return mh_str_n(NULL, 0);
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	return mh_str_n(p, s.len);
}

/* --------------------------------------------------------------------------- fields */

/* name_length - octets of the field name that a line begins with, its colon at *colon; 0 if it is no field */
static size_t
name_length(struct mh_str line, size_t *colon)
{
	size_t i = 0;
	while (i < line.len && line.p[i] > ' ' && line.p[i] != ':' && line.p[i] != 127)
		i++;
	size_t len = i;
	while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t')) /* RFC 5322 4.5 */
		i++;
	if (i == line.len || line.p[i] != ':')
		return 0;
	*colon = i;
	return len;
}

bool
mh_field_next(struct mh_str *rest, struct mh_field *field)
{
	struct mh_str line;
	size_t len = 0, colon = 0;
	while (len == 0) {
		if (!mh_line_next(rest, &line) || line.len == 0)
			return false;
		len = name_length(line, &colon);
	}
	const char *begin = line.p + colon + 1, *end = line.p + line.len;
	while (rest->len > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t')) {
		struct mh_str ahead = *rest;
		(void)mh_line_next(&ahead, &line);
		if (mh_str_trim(line).len == 0 &&
		    (ahead.len == 0 || (ahead.p[0] != ' ' && ahead.p[0] != '\t')))
			break; /* a line of spaces ends a group as an empty one does */
		*rest = ahead;
		end = line.p + line.len;
	}
	field->name = mh_str_n(begin - colon - 1, len);
	field->value = mh_str_trim(mh_str_n(begin, (size_t)(end - begin)));
	if (field->value.len > MH_MIME_FIELD)
		field->value.len = MH_MIME_FIELD;
	return true;
}

bool
mh_field_find(struct mh_str head, struct mh_str name, struct mh_field *field)
{
	while (mh_field_next(&head, field))
		if (mh_str_ieq(field->name, name))
			return true;
	return false;
}

static bool
is_folded(struct mh_str value)
{
	return memchr(value.p, '\n', value.len) != NULL || memchr(value.p, '\r', value.len) != NULL;
}

struct mh_str
mh_unfold(struct mh_arena *arena, struct mh_str value)
{
	if (value.len == 0 || !is_folded(value))
		return value;
	char *out = mh_arena_alloc(arena, value.len);
	size_t n = 0;
	if (out == NULL)
		return mh_str_n(NULL, 0);
	struct mh_str line;
	while (mh_line_next(&value, &line)) {
		line = mh_str_trim(line);
		if (line.len == 0)
			continue;
		if (n > 0)
			out[n++] = ' ';
		memcpy(out + n, line.p, line.len);
		n += line.len;
	}
	return mh_str_n(out, n);
}

/* has_word - whether something may be an encoded word */
static bool
has_word(struct mh_str s)
{
	const char *p = s.p, *end = s.p + s.len;
	while (p < end && (p = memchr(p, '=', (size_t)(end - p))) != NULL) {
		if (++p < end && *p == '?')
			return true;
	}
	return false;
}

struct mh_str
mh_words_decode(struct mh_mime *mime, struct mh_str value)
{
	struct mh_str flat = mh_unfold(mime->arena, value);
	bool unreadable = false, after_word = false;
	if (flat.p == NULL || flat.len == 0)
		return flat;
	struct mh_buf *out = &mime->text;
	mh_buf_reset(out);
	if (!has_word(flat)) {
		if (mh_charset_put_octets(out, flat))
			return out->bad ? mh_str_n(NULL, 0) : flat;
		return out->bad ? mh_str_n(NULL, 0) : mh_arena_copy(mime->arena, mh_str_n(out->p, out->len));
	}
	for (size_t i = 0; i < flat.len && !out->bad;) {
		struct mh_str rest = mh_str_n(flat.p + i, flat.len - i);
		size_t gap = 0;
		while (after_word && gap < rest.len && mh_is_space(rest.p[gap]))
			gap++;
		size_t word =
		    mh_charset_put_word(out, &mime->raw, mh_str_n(rest.p + gap, rest.len - gap), &unreadable);
		if (word > 0) { /* space between two words is not shown: RFC 2047 6.2 */
			i += gap + word;
			after_word = true;
			continue;
		}
		const char *stop = rest.len > 1 ? memchr(rest.p + 1, '=', rest.len - 1) : NULL;
		size_t plain = stop != NULL ? (size_t)(stop - rest.p) : rest.len;
		(void)mh_charset_put_octets(out, mh_str_n(rest.p, plain));
		after_word = false;
		i += plain;
	}
	if (unreadable)
		mime->odd |= MH_BO_ENCODING;
	return out->bad ? mh_str_n(NULL, 0) : mh_arena_copy(mime->arena, mh_str_n(out->p, out->len));
}

struct mh_str
mh_address_in(struct mh_str value)
{
	const char *end = value.p + value.len, *open = NULL;
	bool quoted = false;
	for (const char *p = value.p; p < end; p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '<' && !quoted)
			open = p + 1;
		else if (*p == '>' && !quoted && open != NULL)
			return mh_str_trim(mh_str_n(open, (size_t)(p - open)));
	}
	const char *at = value.len > 0 ? memchr(value.p, '@', value.len) : NULL;
	if (at == NULL)
		return MH_STR("");
	const char *from = at, *to = at;
	while (from > value.p && !mh_is_space(from[-1]) && memchr("<>,;:\"()", from[-1], 9) == NULL)
		from--;
	while (to < end && !mh_is_space(*to) && memchr("<>,;:\"()", *to, 9) == NULL)
		to++;
	return mh_str_n(from, (size_t)(to - from));
}

/* ----------------------------------------------------------------------- parameters */

struct param {
	struct mh_str name, value; /* value raw; of a quoted one without its quotes */
	bool is_quoted;
};

static void
skip_blank(struct mh_cur *cur)
{
	int depth = 0;
	while (mh_cur_left(cur) > 0) {
		char c = (char)*cur->p;
		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !mh_is_space(c))
			return;
		cur->p++;
	}
}

/* param_next - the next "; name=value"; false at the end */
static bool
param_next(struct mh_cur *cur, struct param *param)
{
	for (;;) {
		(void)mh_cur_until(cur, ";");
		if (mh_cur_left(cur) == 0)
			return false;
		cur->p++;
		skip_blank(cur);
		param->name = mh_str_trim(mh_cur_until(cur, "=;"));
		if (mh_cur_left(cur) == 0 || *cur->p == ';')
			continue;
		cur->p++;
		skip_blank(cur);
		const char *begin = (const char *)cur->p;
		param->is_quoted = mh_cur_left(cur) > 0 && *cur->p == '"';
		if (!param->is_quoted) {
			struct mh_str word = mh_cur_until(cur, "; \t\r\n");
			param->value = mh_str_n(begin, word.len);
			return true;
		}
		cur->p++;
		while (mh_cur_left(cur) > 0 && *cur->p != '"') {
			if (*cur->p == '\\' && mh_cur_left(cur) > 1)
				cur->p++;
			cur->p++;
		}
		param->value = mh_str_n(begin + 1, (size_t)((const char *)cur->p - begin - 1));
		if (mh_cur_left(cur) > 0)
			cur->p++;
		return true;
	}
}

/* put_value - a value with its quoting or its percent signs undone; how many octets */
static size_t
put_value(char *out, const struct param *param, bool is_encoded, bool is_first)
{
	struct mh_str value = param->value;
	size_t n = 0, i = 0;
	if (is_encoded && is_first) { /* charset'language'text */
		for (int marks = 0; i < value.len && marks < 2; i++)
			marks += value.p[i] == '\'';
		if (i == value.len)
			i = 0;
	}
	for (; i < value.len; i++) {
		char c = value.p[i];
		if (c == '\\' && param->is_quoted && i + 1 < value.len)
			c = value.p[++i];
		else if (c == '%' && is_encoded && i + 2 < value.len + 0 && mh_hex(value.p[i + 1]) >= 0 &&
		    mh_hex(value.p[i + 2]) >= 0) {
			c = (char)(mh_hex(value.p[i + 1]) << 4 | mh_hex(value.p[i + 2]));
			i += 2;
		}
		if (c != '\r' && c != '\n')
			out[n++] = c;
	}
	return n;
}

/* section_of - the number behind "name*"; -1 if it is another parameter.  *is_encoded: a "*" ends it */
static int
section_of(struct mh_str given, struct mh_str name, bool *is_encoded)
{
	*is_encoded = false;
	if (!mh_str_istarts(given, name))
		return -1;
	given = mh_str_n(given.p + name.len, given.len - name.len);
	if (given.len == 0)
		return 0;
	if (given.p[0] != '*')
		return -1;
	given = mh_str_n(given.p + 1, given.len - 1);
	if (given.len == 0 || given.p[given.len - 1] == '*') {
		*is_encoded = true;
		given.len -= given.len > 0;
	}
	return given.len == 0 ? 0 : (int)mh_str_int(given, SECTIONS - 1);
}

struct mh_str
mh_param(struct mh_arena *arena, struct mh_str value, struct mh_str name)
{
	struct param found[SECTIONS] = { { .is_quoted = false } }, param;
	bool is_encoded[SECTIONS] = { false }, has[SECTIONS] = { false };
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	size_t total = 0;
	int count = 0;
	while (param_next(&cur, &param)) {
		bool encoded;
		int section = section_of(param.name, name, &encoded);
		if (section < 0 || has[section])
			continue;
		has[section] = true;
		found[section] = param;
		is_encoded[section] = encoded;
		total += param.value.len;
	}
	while (count < SECTIONS && has[count])
		count++;
	if (count == 0)
		return MH_STR("");
	if (count == 1 && !is_encoded[0] &&
	    (!found[0].is_quoted ||
		(memchr(found[0].value.p, '\\', found[0].value.len) == NULL && !is_folded(found[0].value))))
		return found[0].value;
	char *out = mh_arena_alloc(arena, total);
	if (out == NULL)
		return mh_str_n(NULL, 0);
	size_t n = 0;
	for (int i = 0; i < count; i++)
		n += put_value(out + n, &found[i], is_encoded[i], i == 0);
	return mh_str_n(out, n);
}
