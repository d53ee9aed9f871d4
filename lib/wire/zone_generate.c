/* zone_generate.c - makes the lines that a $GENERATE directive stands for
 *
 * The lines are text again, and go the way of all lines.
 *
 * Does not: bound the octets of all directives together; the reader does.
 */
#include "zone_generate.h"

#define NUMBER_MAX INT32_MAX
#define WIDTH_MAX 255

static bool
refuse(struct mh_zones_fault *fault, const struct mh_zones_token *token, const char *what)
{
	*fault = (struct mh_zones_fault){ what, token->raw.p };
	return false;
}

/* split - what stands before the first c in *s, and *s behind it; all of it if there is none */
static struct mh_str
split(struct mh_str *s, char c)
{
	const char *at = s->len > 0 ? memchr(s->p, c, s->len) : NULL;
	size_t len = at != NULL ? (size_t)(at - s->p) : s->len;
	struct mh_str part = mh_str_n(s->p, len);
	size_t used = at != NULL ? len + 1 : len;
	*s = mh_str_n(s->p + used, s->len - used);
	return part;
}

bool
mh_zones_generate_begin(struct mh_zones_generate *generate, const struct mh_zones_line *line,
    struct mh_zones_fault *fault)
{
	if (line->count < 5)
		return refuse(fault, &line->tokens[0],
		    "$GENERATE has a range, an owner, a type and data behind it");
	struct mh_str range = line->tokens[1].raw;
	struct mh_str step = range;
	range = split(&step, '/');
	int64_t by = step.len > 0 ? mh_str_int(step, NUMBER_MAX) : 1;
	struct mh_str stop = range;
	int64_t first = mh_str_int(split(&stop, '-'), NUMBER_MAX), last = mh_str_int(stop, NUMBER_MAX);
	if (first < 0 || last < first || by < 1)
		return refuse(fault, &line->tokens[1], "this is no range as 1-254 or 0-100/2");
	if ((last - first) / by >= MH_ZONE_GENERATE_MAX)
		return refuse(fault, &line->tokens[1], "the range has more numbers than are read");
	*generate = (struct mh_zones_generate){ line, first, last, by };
	return true;
}

/* put_number - in the given base, filled with zeros up to width */
static void
put_number(struct mh_buf *out, int64_t value, int64_t width, char base)
{
	const char *digits = base == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	int64_t divisor = base == 'd' ? 10 : base == 'o' ? 8 : 16;
	char text[WIDTH_MAX + 1];
	size_t at = sizeof(text);
	do {
		text[--at] = digits[value % divisor];
		value /= divisor;
		width--;
	} while (value > 0 || width > 0);
	mh_buf_put(out, text + at, sizeof(text) - at);
}

/* put_nibbles - hexadecimal digits, the last one first, with dots between them, which count for the width */
static void
put_nibbles(struct mh_buf *out, int64_t value, int64_t width, char base)
{
	const char *digits = base == 'N' ? "0123456789ABCDEF" : "0123456789abcdef";
	for (;;) {
		mh_buf_putc(out, digits[value & 15]);
		value >>= 4;
		width -= 2;
		if (value == 0 && width <= 0)
			break;
		mh_buf_putc(out, '.');
	}
}

/* put_form - the number as {OFFSET,WIDTH,BASE} says */
static bool
put_form(struct mh_buf *out, struct mh_str form, int64_t number)
{
	struct mh_str offset = split(&form, ','), width = split(&form, ',');
	bool is_negative = offset.len > 0 && offset.p[0] == '-';
	if (is_negative)
		offset = mh_str_n(offset.p + 1, offset.len - 1);
	int64_t by = mh_str_int(offset, NUMBER_MAX);
	int64_t places = width.len > 0 ? mh_str_int(width, WIDTH_MAX) : 0;
	char base = form.len == 0 ? 'd' : form.p[0];
	int64_t value = is_negative ? number - by : number + by;

	if (by < 0 || places < 0 || value < 0 || form.len > 1)
		return false;
	if (base == 'n' || base == 'N')
		put_nibbles(out, value, places, base);
	else if (base == 'd' || base == 'o' || base == 'x' || base == 'X')
		put_number(out, value, places, base);
	else
		return false;
	return true;
}

/* put_dollar - what the dollar sign at s.p[0] stands for; the octets that it takes, 0: it is not well formed */
static size_t
put_dollar(struct mh_buf *out, struct mh_str s, int64_t number)
{
	if (s.len > 1 && s.p[1] == '$') {
		mh_buf_putc(out, '$');
		return 2;
	}
	if (s.len < 2 || s.p[1] != '{') {
		mh_buf_putint(out, number);
		return 1;
	}
	const char *end = memchr(s.p, '}', s.len);
	if (end == NULL || !put_form(out, mh_str_n(s.p + 2, (size_t)(end - s.p) - 2), number))
		return 0;
	return (size_t)(end - s.p) + 1;
}

/* put_word - one token with the number put in */
static bool
put_word(struct mh_buf *out, struct mh_str s, int64_t number)
{
	while (s.len > 0) {
		size_t used = 1;
		if (s.p[0] == '$') {
			used = put_dollar(out, s, number);
			if (used == 0)
				return false;
		} else if (s.p[0] == '\\' && s.len > 1) {
			used = 2;
			mh_buf_putstr(out, s.p[1] == '$' ? MH_STR("$") : mh_str_n(s.p, 2));
		} else {
			mh_buf_putc(out, s.p[0]);
		}
		s = mh_str_n(s.p + used, s.len - used);
	}
	return true;
}

bool
mh_zones_generate_next(struct mh_zones_generate *generate, struct mh_buf *out, struct mh_zones_fault *fault)
{
	const struct mh_zones_line *line = generate->line;
	if (generate->now > generate->stop)
		return false;
	for (size_t i = 2; i < line->count; i++) {
		const struct mh_zones_token *token = &line->tokens[i];
		if (i > 2 && !token->is_glued)
			mh_buf_putc(out, ' ');
		if (token->is_quoted)
			mh_buf_putc(out, '"');
		if (!put_word(out, token->raw, generate->now))
			return refuse(fault, token, "this is no number of the form ${OFFSET,WIDTH,BASE}");
		if (token->is_quoted)
			mh_buf_putc(out, '"');
	}
	generate->now += generate->step;
	return true;
}
