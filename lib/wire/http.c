/* http.c - the machine behind http.h
 *
 * Lines are gathered in a buffer until their end has come, so that it does not
 * matter where the octets were cut; bodies go straight to theirs.  One function
 * ends the reading with a reason, and the first reason stays.
 *
 * A line of the header may end in LF alone (RFC 9112 2.2); lines of chunks may
 * not, since there a reader that is more lenient than the next is dangerous.
 */
#include "http.h"

#include "net.h"
#include "port.h"

#define INTERIMS_MAX 10
#define CHUNK_LINE_MAX 1024
#define CHUNK_DIGITS_MAX 8

const struct mh_http_limits mh_http_usual = { .headers = 100, .header_octets = 16384, .body = 65536 };

static const struct {
	const char *word, *text;
} whys[] = {
#define X(name, word, text) [MH_HTTP_##name] = { (word), (text) },
	MH_HTTP_WHYS(X)
#undef X
};

const char *
mh_http_word(int why)
{
	return why >= 0 && (size_t)why < MH_COUNT(whys) ? whys[why].word : "";
}

const char *
mh_http_text(int why)
{
	return why >= 0 && (size_t)why < MH_COUNT(whys) ? whys[why].text : "";
}

/* --------------------------------------------------------------- make, free */

void
mh_http_init(struct mh_http *http, const struct mh_mem *mem, const struct mh_http_limits *limits)
{
	*http = (struct mh_http){ .limits = limits != NULL ? *limits : mh_http_usual, .length = -1 };
	mh_buf_init(&http->body, mem, http->limits.body);
	mh_buf_init(&http->head, mem, 2 * http->limits.header_octets + 2);
	mh_buf_init(&http->line, mem, http->limits.header_octets + CHUNK_LINE_MAX);
}

void
mh_http_free(struct mh_http *http)
{
	mh_buf_free(&http->body);
	mh_buf_free(&http->head);
	mh_buf_free(&http->line);
}

/* fail - ends the reading; false always */
static bool
fail(struct mh_http *http, enum mh_http_why why)
{
	if (http->state != MH_HTTP_DONE && http->state != MH_HTTP_FAILED) {
		http->state = MH_HTTP_FAILED;
		http->why = why;
	}
	return false;
}

/* -------------------------------------------------------------- status line */

/* read_status - HTTP/1.x SP three digits, and then nothing or a space and anything printable (RFC 9112 4; the
 * space is often left out where there is no reason) */
static void
read_status(struct mh_http *http, struct mh_str line)
{
	bool is_good = line.len >= 12 && memcmp(line.p, "HTTP/1.", 7) == 0 && mh_is_digit(line.p[7]) &&
	    line.p[8] == ' ' && line.p[9] >= '1' && line.p[9] <= '9' && mh_is_digit(line.p[10]) &&
	    mh_is_digit(line.p[11]) && (line.len == 12 || line.p[12] == ' ');
	for (size_t i = 12; i < line.len && is_good; i++)
		is_good = (unsigned char)line.p[i] >= ' ' || line.p[i] == '\t';
	if (!is_good) {
		(void)fail(http, MH_HTTP_STATUS_LINE);
		return;
	}
	http->is_old = line.p[7] == '0';
	http->status = (line.p[9] - '0') * 100 + (line.p[10] - '0') * 10 + (line.p[11] - '0');
	http->state = MH_HTTP_FIELDS;
}

/* ------------------------------------------------------------------ headers */

/* is_token - the characters of a field's name (RFC 9110 5.6.2) */
static bool
is_token(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && (s.p[i] == '\0' || strchr("!#$%&'*+-.^_`|~", s.p[i]) == NULL))
			return false;
	return s.len > 0;
}

/* is_field_value - no controls but tabs (RFC 9110 5.5) */
static bool
is_field_value(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (((unsigned char)s.p[i] < ' ' && s.p[i] != '\t') || s.p[i] == 0x7f)
			return false;
	return true;
}

static struct mh_str
without_blanks(struct mh_str s)
{
	while (s.len > 0 && (s.p[s.len - 1] == ' ' || s.p[s.len - 1] == '\t'))
		s.len--;
	for (; s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t'); s.len--)
		s.p++;
	return s;
}

/* split_field - name and value of a line; a line that goes on (RFC 9112 5.2), or a space before the colon (5.1),
 * is none */
static bool
split_field(struct mh_http *http, struct mh_str line, struct mh_str *name, struct mh_str *value)
{
	const char *colon = memchr(line.p, ':', line.len);
	if (++http->headers > http->limits.headers)
		return fail(http, MH_HTTP_HEADERS_TOO_MANY);
	if (colon == NULL)
		return fail(http, MH_HTTP_HEADER);
	*name = mh_str_n(line.p, (size_t)(colon - line.p));
	*value = without_blanks(mh_str_n(colon + 1, line.len - name->len - 1));
	return (is_token(*name) && is_field_value(*value)) || fail(http, MH_HTTP_HEADER);
}

/* read_length - Content-Length: a number, or a list of one and the same (RFC 9110 8.6) */
static void
read_length(struct mh_http *http, struct mh_str value)
{
	do {
		const char *comma = value.len > 0 ? memchr(value.p, ',', value.len) : NULL;
		struct mh_str one = { value.p, comma != NULL ? (size_t)(comma - value.p) : value.len };
		value = comma != NULL ? mh_str_n(comma + 1, value.len - one.len - 1) : mh_str_n(NULL, 0);
		one = without_blanks(one);
		bool is_number = one.len > 0 && one.len <= 18;
		for (size_t i = 0; i < one.len && is_number; i++)
			is_number = mh_is_digit(one.p[i]);
		int64_t length = is_number ? mh_str_int(one, INT64_C(999999999999999999)) : -1;
		if (length < 0 || (http->length >= 0 && http->length != length) ||
		    (comma != NULL && value.len == 0)) {
			(void)fail(http, MH_HTTP_LENGTH);
			return;
		}
		http->length = length;
	} while (value.len > 0);
}

/* keep_field - what decides about the body, and the field itself */
static void
keep_field(struct mh_http *http, struct mh_str line)
{
	struct mh_str name = { NULL, 0 }, value = { NULL, 0 };
	if (!split_field(http, line, &name, &value))
		return;
	mh_buf_putstr(&http->head, name);
	mh_buf_putc(&http->head, '\0');
	mh_buf_putstr(&http->head, value);
	mh_buf_putc(&http->head, '\0');
	if (http->head.bad)
		(void)fail(http, MH_HTTP_NO_MEMORY);
	else if (http->status < 200)
		return;
	else if (mh_str_ieq(name, MH_STR("content-length")))
		read_length(http, value);
	else if (mh_str_ieq(name, MH_STR("transfer-encoding"))) {
		if (http->is_old || http->is_chunked || !mh_str_ieq(value, MH_STR("chunked")))
			(void)fail(http, MH_HTTP_TRANSFER_CODING);
		http->is_chunked = true;
	} else if (mh_str_ieq(name, MH_STR("content-encoding")) && value.len > 0 &&
	    !mh_str_ieq(value, MH_STR("identity"))) {
		(void)fail(http, MH_HTTP_CONTENT_CODING);
	}
}

/* end_fields - the blank line behind the header: how the body ends (RFC 9112 6.3) */
static void
end_fields(struct mh_http *http)
{
	if (http->status < 200) { /* RFC 9110 15.2 */
		if (http->status == 101 || ++http->interims > INTERIMS_MAX)
			(void)fail(http, MH_HTTP_INTERIM);
		else
			http->state = MH_HTTP_STATUS;
		mh_buf_reset(&http->head);
		http->status = 0;
	} else if (http->is_chunked && http->length >= 0) {
		(void)fail(http, MH_HTTP_LENGTH_CONFLICT);
	} else if (http->status == 204 || http->status == 304 || http->length == 0) {
		http->state = MH_HTTP_DONE;
	} else if (http->is_chunked) {
		http->state = MH_HTTP_CHUNK_SIZE;
	} else if (http->length < 0) {
		http->state = MH_HTTP_BODY_TO_END;
		http->is_to_end = true;
	} else if ((uint64_t)http->length > http->limits.body) {
		(void)fail(http, MH_HTTP_TOO_LARGE);
	} else {
		http->left = (size_t)http->length;
		http->state = MH_HTTP_BODY;
	}
}

/* ------------------------------------------------------------------- chunks */

/* read_chunk_size - hexadecimal digits, then nothing or extensions, which nobody wants (RFC 9112 7.1) */
static void
read_chunk_size(struct mh_http *http, struct mh_str line)
{
	size_t i = 0, size = 0;
	for (; i < line.len && mh_hex((unsigned char)line.p[i]) >= 0; i++)
		if (i < CHUNK_DIGITS_MAX)
			size = size << 4 | (size_t)mh_hex((unsigned char)line.p[i]);
	struct mh_str rest = without_blanks(mh_str_n(line.p + i, line.len - i));
	if (i == 0 || i > CHUNK_DIGITS_MAX || (rest.len > 0 && rest.p[0] != ';') || !is_field_value(rest)) {
		(void)fail(http, MH_HTTP_CHUNK);
		return;
	}
	http->header_octets += rest.len;
	if (http->header_octets > http->limits.header_octets)
		(void)fail(http, MH_HTTP_HEADERS_TOO_LARGE);
	else if (size > http->limits.body - http->body.len)
		(void)fail(http, MH_HTTP_TOO_LARGE);
	else
		http->state = size > 0 ? MH_HTTP_CHUNK_DATA : MH_HTTP_TRAILERS;
	http->left = size;
}

/* ---------------------------------------------------------------- the reader */

static bool
is_of_chunk(const struct mh_http *http)
{
	return http->state == MH_HTTP_CHUNK_SIZE || http->state == MH_HTTP_CHUNK_END;
}

static void
read_line(struct mh_http *http, struct mh_str line)
{
	struct mh_str name, value;
	switch (http->state) {
	case MH_HTTP_STATUS:
		read_status(http, line);
		break;
	case MH_HTTP_FIELDS:
		if (line.len == 0)
			end_fields(http);
		else
			keep_field(http, line);
		break;
	case MH_HTTP_CHUNK_SIZE:
		read_chunk_size(http, line);
		break;
	case MH_HTTP_CHUNK_END:
		if (line.len > 0)
			(void)fail(http, MH_HTTP_CHUNK);
		else
			http->state = MH_HTTP_CHUNK_SIZE;
		break;
	default: /* trailers are looked at and forgotten */
		if (line.len == 0)
			http->state = MH_HTTP_DONE;
		else
			(void)split_field(http, line, &name, &value);
		break;
	}
}

/* line_max - octets that the line under the pen may have, its end included */
static size_t
line_max(const struct mh_http *http)
{
	return is_of_chunk(http) ? CHUNK_LINE_MAX : http->limits.header_octets - http->header_octets;
}

/* may_be_status - whether the line under the pen and what follows it begin as a status line, as far as they go */
static bool
may_be_status(const struct mh_http *http, struct mh_str more)
{
	static const char start[] = "HTTP/1.";
	for (size_t i = 0; i < sizeof(start) - 1 && i < http->line.len + more.len; i++)
		if ((i < http->line.len ? http->line.p[i] : more.p[i - http->line.len]) != start[i])
			return false;
	return true;
}

/* take_line - octets up to the end of a line, which is then read; how many were taken */
static size_t
take_line(struct mh_http *http, struct mh_str octets)
{
	const char *lf = memchr(octets.p, '\n', octets.len);
	size_t n = lf != NULL ? (size_t)(lf - octets.p) + 1 : octets.len;

	/* What is no HTTP at all is told at once: the end of its line may never come. */
	if (http->state == MH_HTTP_STATUS && !may_be_status(http, octets)) {
		(void)fail(http, MH_HTTP_STATUS_LINE);
		return n;
	}
	if (n > line_max(http) - http->line.len) {
		(void)fail(http, is_of_chunk(http) ? MH_HTTP_CHUNK : MH_HTTP_HEADERS_TOO_LARGE);
		return n;
	}
	mh_buf_put(&http->line, octets.p, n);
	if (http->line.bad) {
		(void)fail(http, MH_HTTP_NO_MEMORY);
		return n;
	}
	if (lf == NULL)
		return n;
	struct mh_str line = { http->line.p, http->line.len - 1 };
	bool has_cr = line.len > 0 && line.p[line.len - 1] == '\r';
	line.len -= has_cr;
	if (is_of_chunk(http) && !has_cr)
		(void)fail(http, MH_HTTP_CHUNK);
	else if (!is_of_chunk(http))
		http->header_octets += http->line.len;
	if (http->state != MH_HTTP_FAILED)
		read_line(http, line);
	mh_buf_reset(&http->line);
	return n;
}

/* take_body - octets of the body, at most those that are left of it or of its chunk */
static size_t
take_body(struct mh_http *http, struct mh_str octets)
{
	size_t n = octets.len;
	if (http->state == MH_HTTP_BODY_TO_END) {
		if (n > http->limits.body - http->body.len) {
			n = http->limits.body - http->body.len;
			(void)fail(http, MH_HTTP_TOO_LARGE);
		}
	} else {
		n = n < http->left ? n : http->left;
		http->left -= n;
	}
	mh_buf_put(&http->body, octets.p, n);
	if (http->body.bad)
		(void)fail(http, MH_HTTP_NO_MEMORY);
	else if (http->left == 0 && http->state == MH_HTTP_BODY)
		http->state = MH_HTTP_DONE;
	else if (http->left == 0 && http->state == MH_HTTP_CHUNK_DATA)
		http->state = MH_HTTP_CHUNK_END;
	return n;
}

bool
mh_http_feed(struct mh_http *http, struct mh_str octets)
{
	while (octets.len > 0 && http->state < MH_HTTP_DONE) {
		bool is_body = http->state == MH_HTTP_BODY || http->state == MH_HTTP_BODY_TO_END ||
		    http->state == MH_HTTP_CHUNK_DATA;
		http->has_octets = true;
		size_t n = is_body ? take_body(http, octets) : take_line(http, octets);
		octets = mh_str_n(octets.p + n, octets.len - n);
	}
	return http->state < MH_HTTP_DONE;
}

void
mh_http_eof(struct mh_http *http)
{
	if (http->state == MH_HTTP_BODY_TO_END)
		http->state = MH_HTTP_DONE;
	else
		(void)fail(http, http->has_octets ? MH_HTTP_CUT : MH_HTTP_NO_ANSWER);
}

void
mh_http_cut(struct mh_http *http)
{
	(void)fail(http, http->has_octets ? MH_HTTP_CUT : MH_HTTP_NO_ANSWER);
}

struct mh_str
mh_http_header(const struct mh_http *http, struct mh_str name)
{
	for (size_t at = 0; at < http->head.len;) {
		struct mh_str key = mh_str_z(http->head.p + at);
		struct mh_str value = mh_str_z(http->head.p + at + key.len + 1);
		if (mh_str_ieq(key, name))
			return value;
		at += key.len + value.len + 2;
	}
	return MH_STR("");
}

/* ------------------------------------------------------------------ request */

/* is_line - printable ASCII, with spaces or without */
static bool
is_line(struct mh_str s, bool with_spaces)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] < (with_spaces ? ' ' : '!') || s.p[i] > '~')
			return false;
	return s.len > 0;
}

bool
mh_http_request(struct mh_buf *out, struct mh_str host, int port, struct mh_str path, struct mh_str accept,
    struct mh_str agent)
{
	if (!mh_name_valid(host) || !is_line(host, false) || !is_line(path, false) || path.p[0] != '/' ||
	    !is_line(accept, true) || !is_line(agent, true) || port < 0 || port > 65535)
		return false;
	mh_buf_puts(out, "GET ");
	mh_buf_putstr(out, path);
	mh_buf_puts(out, " HTTP/1.1\r\nHost: ");
	mh_buf_putstr(out, host);
	if (port != 0 && port != 443) {
		mh_buf_putc(out, ':');
		mh_buf_putint(out, port);
	}
	mh_buf_puts(out, "\r\nUser-Agent: ");
	mh_buf_putstr(out, agent);
	mh_buf_puts(out, "\r\nAccept: ");
	mh_buf_putstr(out, accept);
	mh_buf_puts(out, "\r\nConnection: close\r\n\r\n");
	return !out->bad;
}
