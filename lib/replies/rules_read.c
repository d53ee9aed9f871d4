/* rules_read.c - reads rule files into statements
 *
 * One pass with a cursor that knows line and column.  The first thing that is
 * wrong ends the reading and is told with its place.  Memory is bounded by the
 * length of the text.
 */
#include "rules_read.h"

#include "error.h"

struct reader {
	struct mh_arena *arena;
	const char *file, *p, *end, *line_start;
	uint32_t line;
	struct mh_rules_error *error;
};

int
mh_rules_fail(struct mh_rules_error *error, struct mh_place place, const char *text, struct mh_str about)
{
	size_t n = 0;
	for (; *text != '\0' && n + 1 < sizeof(error->text); text++) {
		if (text[0] != '%' || text[1] != 's') {
			error->text[n++] = *text;
			continue;
		}
		text++;
		for (size_t i = 0; i < about.len && n + 1 < sizeof(error->text); i++)
			error->text[n++] = (unsigned char)about.p[i] < ' ' ? '?' : about.p[i];
	}
	error->text[n] = '\0';
	error->place = place;
	return MH_ERR_ERULES;
}

static struct mh_place
here(const struct reader *r)
{
	return (struct mh_place){ r->file, r->line, (uint32_t)(r->p - r->line_start) + 1 };
}

static int
fail(struct reader *r, const char *text)
{
	return mh_rules_fail(r->error, here(r), text, mh_str_n("", 0));
}

/* skip_blanks - spaces and a comment, up to the line end */
static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
	if (r->p < r->end && *r->p == '#')
		while (r->p < r->end && *r->p != '\n')
			r->p++;
}

static bool
at_line_end(const struct reader *r)
{
	return r->p == r->end || *r->p == '\n';
}

/* skip_lines - blanks, comments and line ends */
static void
skip_lines(struct reader *r)
{
	for (;;) {
		skip_blanks(r);
		if (r->p == r->end || *r->p != '\n')
			return;
		r->p++;
		r->line++;
		r->line_start = r->p;
	}
}

static bool
is_word_octet(char c)
{
	return (unsigned char)c > ' ' && c != '"' && c != '{' && c != '}' && c != '|' && c != 0x7f;
}

static struct mh_str
read_word(struct reader *r)
{
	const char *start = r->p;
	while (r->p < r->end && is_word_octet(*r->p) && !(*r->p == '#' && r->p == start))
		r->p++;
	return mh_str_n(start, (size_t)(r->p - start));
}

/* read_quoted - the string at the cursor, unescaped into the arena */
static int
read_quoted(struct reader *r, struct mh_str *out)
{
	const char *close = r->p + 1;
	while (close < r->end && *close != '"' && *close != '\n')
		close += *close == '\\' && close + 1 < r->end && close[1] != '\n' ? 2 : 1;
	if (close >= r->end || *close != '"')
		return fail(r, "string without its closing quote");
	char *text = mh_arena_alloc(r->arena, (size_t)(close - r->p));
	if (text == NULL)
		return MH_ERR_ENOMEM;
	size_t n = 0;
	for (r->p++; r->p < close; r->p++) {
		if (*r->p != '\\') {
			text[n++] = *r->p;
			continue;
		}
		r->p++;
		switch (*r->p) {
		case 'n':
			text[n++] = '\n';
			break;
		case 'r':
			text[n++] = '\r';
			break;
		case 't':
			text[n++] = '\t';
			break;
		case '"':
		case '\\':
			text[n++] = *r->p;
			break;
		case 'x':
			if (close - r->p > 2 && mh_hex(r->p[1]) >= 0 && mh_hex(r->p[2]) >= 0) {
				text[n++] = (char)(mh_hex(r->p[1]) << 4 | mh_hex(r->p[2]));
				r->p += 2;
				break;
			}
			return fail(r, "\\x needs two hexadecimal digits");
		default:
			return fail(r, "unknown escape; there are \\n \\r \\t \\\" \\\\ \\xHH");
		}
	}
	r->p = close + 1;
	*out = mh_str_n(text, n);
	return MH_ERR_OK;
}

/* read_values - what is left of the line */
static int
read_values(struct reader *r, struct mh_value **list)
{
	struct mh_value **tail = list;
	bool bar = false;
	for (;;) {
		skip_blanks(r);
		if (at_line_end(r) || *r->p == '}')
			break;
		if (*r->p == '|') {
			if (bar || tail == list)
				return fail(r, "| stands between two patterns");
			bar = true;
			r->p++;
			continue;
		}
		if (*r->p == '{')
			return fail(r, "{ is out of place here");
		struct mh_value *value = mh_arena_alloc(r->arena, sizeof(*value));
		if (value == NULL)
			return MH_ERR_ENOMEM;
		*value = (struct mh_value){ .place = here(r), .bar = bar, .quoted = *r->p == '"' };
		bar = false;
		if (value->quoted) {
			int error = read_quoted(r, &value->text);
			if (error != MH_ERR_OK)
				return error;
		} else {
			value->text = read_word(r);
			if (value->text.len == 0)
				return fail(r, "character that has no meaning here");
		}
		*tail = value;
		tail = &value->next;
	}
	return bar ? fail(r, "| stands between two patterns") : MH_ERR_OK;
}

static int
read_block(struct reader *r, struct mh_property **list)
{
	struct mh_property **tail = list;
	struct mh_place open = here(r);
	for (r->p++;;) {
		skip_lines(r);
		if (r->p == r->end)
			return mh_rules_fail(r->error, open, "block without its closing }", mh_str_n("", 0));
		if (*r->p == '}') {
			r->p++;
			return MH_ERR_OK;
		}
		struct mh_property *property = mh_arena_alloc(r->arena, sizeof(*property));
		if (property == NULL)
			return MH_ERR_ENOMEM;
		*property = (struct mh_property){ .place = here(r) };
		property->name = read_word(r);
		if (property->name.len == 0)
			return fail(r, "the name of a property is expected");
		int error = read_values(r, &property->values);
		if (error != MH_ERR_OK)
			return error;
		*tail = property;
		tail = &property->next;
	}
}

static int
read_statement(struct reader *r, struct mh_statement *statement)
{
	statement->place = here(r);
	statement->kind = read_word(r);
	if (statement->kind.len == 0)
		return fail(r, "a statement is expected, such as: rule NAME {");
	if (mh_str_eq(statement->kind, MH_STR("disable")))
		return read_values(r, &statement->values);
	skip_blanks(r);
	statement->id = read_word(r);
	if (statement->id.len == 0)
		return fail(r, "a name is expected");
	skip_blanks(r);
	if (mh_str_eq(statement->kind, MH_STR("words"))) {
		if (at_line_end(r) || *r->p != '=')
			return fail(r, "= is expected");
		r->p++;
		return read_values(r, &statement->values);
	}
	if (at_line_end(r) || *r->p != '{')
		return fail(r, "{ is expected");
	return read_block(r, &statement->properties);
}

int
mh_rules_read(struct mh_arena *arena, const char *file, struct mh_str text, struct mh_statement ***tail,
    struct mh_rules_error *error)
{
	struct reader r = { arena, file, text.p, text.p + text.len, text.p, 1, error };
	if (mh_str_istarts(text, MH_STR("\xef\xbb\xbf")))
		r.p += 3;
	for (;;) {
		skip_lines(&r);
		if (r.p == r.end)
			return MH_ERR_OK;
		struct mh_statement *statement = mh_arena_alloc(arena, sizeof(*statement));
		if (statement == NULL)
			return MH_ERR_ENOMEM;
		*statement = (struct mh_statement){ 0 };
		int result = read_statement(&r, statement);
		if (result != MH_ERR_OK)
			return result;
		skip_blanks(&r);
		if (!at_line_end(&r))
			return fail(&r, "something is left over on this line");
		**tail = statement;
		*tail = &statement->next;
	}
}
