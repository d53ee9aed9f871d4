/* bounce_box.c - where messages begin: in a file of many, or at all
 *
 * RFC 4155: a message of an mbox begins with a line "From ", which stands at
 * the begin of the file or behind an empty line.  Where that empty line is
 * missing, as some programs leave it out, the line must have a whole date and
 * a header field below it.
 */
#include "bounce.h"

#define LOOK_LINES 12 /* of a text that are looked at for fields */

/* is_from_line - whether what stands at p begins a message: "From somebody date" with a time of day in it */
static bool
is_from_line(const char *p, const char *end, bool is_behind_empty)
{
	struct mh_str rest = mh_str_n(p, (size_t)(end - p) < 512 ? (size_t)(end - p) : 512), line, below;
	if (memcmp(p, "From ", 5) != 0 || !mh_line_next(&rest, &line))
		return false;
	int colons = 0, digits = 0;
	for (size_t i = 5; i < line.len; i++) {
		colons += line.p[i] == ':' && mh_is_digit(line.p[i - 1]);
		digits += mh_is_digit(line.p[i]);
	}
	if (is_behind_empty)
		return colons >= 1 && digits >= 6;
	if (colons < 2 || digits < 10 || !mh_line_next(&rest, &below))
		return false;
	size_t name = 0;
	while (name < below.len && (mh_is_alnum(below.p[name]) || below.p[name] == '-'))
		name++;
	return name > 1 && name + 1 < below.len && below.p[name] == ':' && below.p[name + 1] == ' ';
}

size_t
mh_returned_next(struct mh_str box, size_t from)
{
	if (box.len < 5 || memcmp(box.p, "From ", 5) != 0)
		return from == 0 ? 0 : box.len;
	if (from == 0)
		return 0;
	const char *end = box.p + box.len, *p = box.p + (from < box.len ? from : box.len);
	p -= p > box.p && p < end && p[-1] == '\n';
	while (p < end && (p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		const char *line = ++p;
		const char *before = line - 1; /* the LF that ends the line before, which must be empty */
		before -= before > box.p && before[-1] == '\r';
		bool is_empty = before > box.p && before[-1] == '\n';
		if (end - line > 5 && *line == 'F' && (size_t)(line - box.p) >= from &&
		    is_from_line(line, end, is_empty))
			return (size_t)(line - box.p);
	}
	return box.len;
}

bool
mh_returned_is_message(struct mh_str text)
{
	static const struct mh_str names[] = { MH_STR_INIT("received"), MH_STR_INIT("from"),
		MH_STR_INIT("to"), MH_STR_INIT("subject"), MH_STR_INIT("date"), MH_STR_INIT("message-id"),
		MH_STR_INIT("return-path"), MH_STR_INIT("mime-version"), MH_STR_INIT("content-type"),
		MH_STR_INIT("delivered-to"), MH_STR_INIT("x-failed-recipients"),
		MH_STR_INIT("auto-submitted"), MH_STR_INIT("dkim-signature") };
	struct mh_field field;
	int known = 0;
	for (int i = 0; i < LOOK_LINES; i++) {
		const char *before = text.p;
		if (!mh_field_next(&text, &field)) {
			if (i > 0 || text.p == before)
				break;
			continue; /* an empty line before the header */
		}
		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			known += mh_str_ieq(field.name, names[k]);
	}
	return known >= 2;
}
