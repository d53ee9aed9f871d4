/* mime.c - a message's parts, where they stand
 *
 * A stack of open parts, and one loop over lines: a line is a boundary of one
 * of them, belongs to the header of the innermost, or to its body.  A part too
 * deep to be gone into is a body without parts, so outer boundaries still end
 * it.  RFC 2046 5.1.2 asks for exactly this: an outer boundary ends inner parts.
 *
 * RFC 2045, RFC 2046 5.1 and 5.2.1, RFC 6532 3.7.
 */
#include "mime.h"

#include "error.h"
#include "port.h"

#define LINE_WINDOW 256 /* octets looked at for a line's end at once */

struct walk {
	struct mh_mime *mime;
	struct mh_str message;
	size_t room; /* of parts */
	uint16_t open[MH_MIME_DEPTH + 2]; /* part numbers, outermost first */
	bool is_marked[MH_MIME_DEPTH + 2]; /* its closing boundary was seen */
	size_t open_count;
	bool in_head; /* lines belong to the header of the innermost */
};

void
mh_mime_init(struct mh_mime *mime, const struct mh_mem *mem, struct mh_arena *arena)
{
	*mime = (struct mh_mime){ .arena = arena };
	mh_buf_init(&mime->raw, mem, 16u << 20);
	mh_buf_init(&mime->text, mem, 16u << 20);
}

void
mh_mime_free(struct mh_mime *mime)
{
	mh_buf_free(&mime->raw);
	mh_buf_free(&mime->text);
}

/* ---------------------------------------------------------------------------- lines */

/* line_end - the first CR or LF, in linear time whichever of the two is missing */
static const char *
line_end(const char *p, const char *end)
{
	while (p < end) {
		size_t n = end - p < LINE_WINDOW ? (size_t)(end - p) : LINE_WINDOW;
		const char *lf = memchr(p, '\n', n);
		const char *cr = memchr(p, '\r', lf != NULL ? (size_t)(lf - p) : n);
		if (cr != NULL)
			return cr;
		if (lf != NULL)
			return lf;
		p += n;
	}
	return end;
}

bool
mh_line_next(struct mh_str *rest, struct mh_str *line)
{
	if (rest->len == 0)
		return false;
	const char *end = rest->p + rest->len, *stop = line_end(rest->p, end), *next = stop;
	if (next < end && *next++ == '\r') {
		if (next + 1 < end && next[0] == '\r' &&
		    next[1] == '\n') /* CR CR LF: sent through a text mode twice */
			next++;
		next += next < end && *next == '\n';
	}
	*line = mh_str_n(rest->p, (size_t)(stop - rest->p));
	*rest = mh_str_n(next, (size_t)(end - next));
	return true;
}

/* ---------------------------------------------------------------------------- parts */

static struct mh_mime_part *
part_add(struct walk *walk, const char *at)
{
	struct mh_mime *mime = walk->mime;
	if (mime->count == walk->room) {
		size_t room = walk->room == 0 ? 8 : walk->room * 4;
		struct mh_mime_part *parts = mh_arena_alloc(mime->arena, room * sizeof(*parts));
		if (parts == NULL)
			return NULL;
		if (mime->count > 0)
			memcpy(parts, mime->parts, mime->count * sizeof(*parts));
		mime->parts = parts;
		walk->room = room;
	}
	struct mh_mime_part *part = &mime->parts[mime->count];
	*part =
	    (struct mh_mime_part){ .head = { at, 0 }, .body = { at, 0 }, .depth = (uint8_t)walk->open_count };
	part->parent = walk->open_count > 0 ? walk->open[walk->open_count - 1] : 0;
	part->type_text = part->charset = part->boundary = part->report_type = MH_STR("");
	walk->is_marked[walk->open_count] = false;
	walk->open[walk->open_count++] = (uint16_t)mime->count++;
	walk->in_head = true;
	return part;
}

static struct mh_mime_part *
innermost(struct walk *walk)
{
	return &walk->mime->parts[walk->open[walk->open_count - 1]];
}

/* close_above - ends the open parts above a level, at an octet */
static void
close_above(struct walk *walk, size_t level, const char *at, bool is_closed)
{
	while (walk->open_count > level + 1) {
		struct mh_mime_part *part = innermost(walk);
		if (walk->in_head) { /* a message in a part that is all header */
			part->type = MH_MIME_PLAIN;
			part->head.len = 0;
			walk->in_head = false;
		}
		part->body.len = at > part->body.p ? (size_t)(at - part->body.p) : 0;
		part->is_closed =
		    is_closed && (part->boundary.len == 0 || walk->is_marked[walk->open_count - 1]);
		walk->open_count--;
	}
}

static enum mh_mime_type
type_of(struct mh_str text)
{
	static const struct mh_str names[] = {
#define X(name, type) MH_STR_INIT(type),
		MH_MIME_TYPES(X)
#undef X
	};
	if (mh_str_istarts(text, names[MH_MIME_MULTIPART]))
		return MH_MIME_MULTIPART;
	for (size_t i = 1; i < MH_COUNT(names); i++)
		if (mh_str_ieq(text, names[i]))
			return (enum mh_mime_type)i;
	return MH_MIME_OTHER;
}

static enum mh_mime_encoding
encoding_of(struct mh_str text)
{
	static const struct mh_str none[] = { MH_STR_INIT("7bit"), MH_STR_INIT("8bit"), MH_STR_INIT("binary"),
		MH_STR_INIT("7-bit"), MH_STR_INIT("8-bit"), MH_STR_INIT("") };
	size_t len = 0;
	while (len < text.len && !mh_is_space(text.p[len]) && text.p[len] != ';' && text.p[len] != '(')
		len++;
	text.len = len;
	if (mh_str_ieq(text, MH_STR("base64")))
		return MH_ENC_BASE64;
	if (mh_str_ieq(text, MH_STR("quoted-printable")))
		return MH_ENC_QP;
	for (size_t i = 0; i < MH_COUNT(none); i++)
		if (mh_str_ieq(text, none[i]))
			return MH_ENC_NONE;
	return MH_ENC_UNKNOWN;
}

/* read_head - what a part's header says about its content; false without memory */
static bool
read_head(struct walk *walk, struct mh_mime_part *part)
{
	struct mh_mime *mime = walk->mime;
	struct mh_str rest = part->head;
	struct mh_field field;
	bool has_type = false, has_encoding = false;
	part->type = MH_MIME_PLAIN;
	while (mh_field_next(&rest, &field)) {
		if (field.name.len < 12 || mh_lower(field.name.p[0]) != 'c')
			continue;
		if (!has_type && mh_str_ieq(field.name, MH_STR("content-type"))) {
			has_type = true;
			size_t len = 0;
			while (len < field.value.len && !mh_is_space(field.value.p[len]) &&
			    field.value.p[len] != ';')
				len++;
			part->type_text = mh_str_n(field.value.p, len);
			if (len > 0)
				part->type = (uint8_t)type_of(part->type_text);
			part->charset = mh_param(mime->arena, field.value, MH_STR("charset"));
			if (part->type == MH_MIME_MULTIPART) {
				part->boundary = mh_param(mime->arena, field.value, MH_STR("boundary"));
				part->report_type = mh_param(mime->arena, field.value, MH_STR("report-type"));
			}
			if (part->charset.p == NULL || part->boundary.p == NULL ||
			    part->report_type.p == NULL)
				return false;
		} else if (!has_encoding && mh_str_ieq(field.name, MH_STR("content-transfer-encoding"))) {
			has_encoding = true;
			part->encoding = (uint8_t)encoding_of(field.value);
		}
	}
	if (!has_type && part->depth > 0 &&
	    mh_str_ieq(mime->parts[part->parent].type_text, MH_STR("multipart/digest")))
		part->type = MH_MIME_MESSAGE;
	return true;
}

/* head_done - a part's header ends before at, its body begins there; false without memory */
static bool
head_done(struct walk *walk, const char *end, const char *at)
{
	struct mh_mime_part *part = innermost(walk);
	part->head.len = (size_t)(end - part->head.p);
	if (part->head.len > MH_MIME_HEAD) {
		part->head.len = MH_MIME_HEAD;
		walk->mime->odd |= MH_BO_LONG;
	}
	part->body = mh_str_n(at, 0);
	walk->in_head = false;
	if (!read_head(walk, part))
		return false;
	bool is_container = part->type == MH_MIME_MULTIPART
	    ? part->boundary.len > 0
	    : (part->type == MH_MIME_MESSAGE || part->type == MH_MIME_GLOBAL) &&
		(part->encoding == MH_ENC_NONE || part->encoding == MH_ENC_UNKNOWN);
	if (!is_container)
		part->boundary.len = 0;
	else if (walk->open_count > MH_MIME_DEPTH || walk->mime->count >= MH_MIME_PARTS) {
		walk->mime->odd |= MH_BO_DEPTH;
		part->boundary.len = 0;
	} else if (part->type != MH_MIME_MULTIPART)
		return part_add(walk, at) != NULL;
	return true;
}

/* is_field_line - whether a line of a header begins or continues a field */
static bool
is_field_line(struct mh_str line, bool is_first)
{
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return !is_first;
	size_t i = 0;
	while (i < line.len && line.p[i] > ' ' && line.p[i] != ':' && line.p[i] != 127)
		i++;
	size_t name = i;
	while (i < line.len && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (i < line.len && line.p[i] == ':' && name > 0)
		return true;
	return mh_str_istarts(line, MH_STR("From ")) || mh_str_istarts(line, MH_STR(">From "));
}

/* boundary_level - which open part's boundary a line is, or open_count; *is_last whether it closes it */
static size_t
boundary_level(struct walk *walk, struct mh_str line, bool *is_last)
{
	struct mh_str text = mh_str_n(line.p + 2, line.len - 2);
	for (size_t level = walk->open_count; level-- > 0;) {
		struct mh_str boundary = walk->mime->parts[walk->open[level]].boundary;
		if (boundary.len == 0 || text.len < boundary.len ||
		    memcmp(text.p, boundary.p, boundary.len) != 0)
			continue;
		struct mh_str rest = mh_str_trim(mh_str_n(text.p + boundary.len, text.len - boundary.len));
		*is_last = mh_str_eq(rest, MH_STR("--"));
		if (rest.len == 0 || *is_last)
			return level;
	}
	return walk->open_count;
}

/* content_end - where the text before a line ends: the line end belongs to the boundary (RFC 2046 5.1.1) */
static const char *
content_end(const char *line, const char *begin)
{
	if (line > begin && line[-1] == '\n')
		line--;
	if (line > begin && line[-1] == '\r')
		line--;
	return line;
}

/* walk_line - one line that stands at line.p, the next at next; false without memory */
static bool
walk_line(struct walk *walk, struct mh_str line, const char *next)
{
	if (line.len > 2 && line.p[0] == '-' && line.p[1] == '-') {
		bool is_last;
		size_t level = boundary_level(walk, line, &is_last);
		if (level < walk->open_count && (is_last || walk->mime->count < MH_MIME_PARTS)) {
			const char *end = content_end(line.p, innermost(walk)->head.p);
			if (walk->in_head && !head_done(walk, end, end)) /* a part that is all header */
				return false;
			close_above(walk, level, content_end(line.p, walk->message.p), true);
			walk->is_marked[level] |= is_last;
			return is_last || part_add(walk, next) != NULL;
		}
		if (level < walk->open_count)
			walk->mime->odd |= MH_BO_DEPTH;
	}
	if (!walk->in_head)
		return true;
	if (line.len == 0)
		return head_done(walk, line.p, next);
	if (!is_field_line(line, line.p == innermost(walk)->head.p)) {
		/* White space alone ends a header too: editors and gateways leave it there. */
		bool is_blank = mh_str_trim(line).len == 0;
		return head_done(walk, line.p, is_blank ? next : line.p);
	}
	return true;
}

int
mh_mime_read(struct mh_mime *mime, struct mh_str message)
{
	struct walk walk = { .mime = mime, .message = message };
	struct mh_str rest = message, line;
	if (rest.p == NULL)
		rest = walk.message = MH_STR("");
	const char *end = rest.p + rest.len;
	mime->parts = NULL;
	mime->count = 0;
	mime->odd = 0;
	if (part_add(&walk, rest.p) == NULL)
		return MH_ERR_ENOMEM;
	while (mh_line_next(&rest, &line))
		if (!walk_line(&walk, line, rest.p))
			return MH_ERR_ENOMEM;
	if (walk.in_head && !head_done(&walk, end, end))
		return MH_ERR_ENOMEM;
	for (size_t i = 0; i < walk.open_count; i++)
		if (mime->parts[walk.open[i]].boundary.len > 0 && !walk.is_marked[i])
			mime->odd |= MH_BO_CUT;
	/* The outermost part is closed like the others, as if something stood around it. */
	bool is_cut = (mime->odd & MH_BO_CUT) != 0;
	close_above(&walk, 0, end, !is_cut);
	mime->parts[0].body.len = (size_t)(end - mime->parts[0].body.p);
	mime->parts[0].is_closed = !is_cut;
	return MH_ERR_OK;
}
