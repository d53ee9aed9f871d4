/* http.h - one strict GET: what is asked, and a machine that reads the answer
 *
 * No sockets, no TLS, no clock.  The answer may come in any pieces.  Anything
 * that two readers could read in two ways ends it, each with a name of its own.
 * A redirect is an answer like others: Location is kept and nobody follows it
 * (RFC 8461 3.3).
 *
 * Order of states: status line, headers (again after a 1xx), then nothing, a
 * body of known length, chunks with trailers, or a body to the connection's end.
 *
 * RFC 9112, RFC 9110
 */
#ifndef MH_HTTP_H
#define MH_HTTP_H

#include "str.h"

/* Why an answer could not be read: name, word, clause for people. */
#define MH_HTTP_WHYS(X) \
	X(NOTHING_WRONG, "", "") \
	X(NO_ANSWER, "no-answer", "the connection was closed before any answer") \
	X(STATUS_LINE, "status-line", "the first line is no status line of HTTP/1") \
	X(INTERIM, "interim", "too many interim answers, or a change of protocol that nobody asked for") \
	X(HEADER, "header", "a header field is malformed") \
	X(HEADERS_TOO_MANY, "headers-too-many", "there are more header fields than are read") \
	X(HEADERS_TOO_LARGE, "headers-too-large", "the header has more octets than are read") \
	X(LENGTH, "length", "Content-Length is no number, or several that differ") \
	X(LENGTH_CONFLICT, "length-conflict", "both Content-Length and Transfer-Encoding are given") \
	X(TRANSFER_CODING, "transfer-coding", "the transfer coding is not chunked") \
	X(CONTENT_CODING, "content-coding", "the body is compressed, which was not asked for") \
	X(CHUNK, "chunk", "a chunk is malformed") \
	X(TOO_LARGE, "too-large", "the body has more octets than are read") \
	X(CUT, "cut", "the connection was closed before the end of the answer") \
	X(NO_MEMORY, "no-memory", "out of memory")

enum mh_http_why {
#define X(name, word, text) MH_HTTP_##name,
	MH_HTTP_WHYS(X)
#undef X
};

/* State and, for those that read, what comes next. */
enum mh_http_state {
	MH_HTTP_STATUS,
	MH_HTTP_FIELDS,
	MH_HTTP_BODY, /* left octets */
	MH_HTTP_BODY_TO_END,
	MH_HTTP_CHUNK_SIZE,
	MH_HTTP_CHUNK_DATA,
	MH_HTTP_CHUNK_END,
	MH_HTTP_TRAILERS,
	MH_HTTP_DONE,
	MH_HTTP_FAILED,
};

struct mh_http_limits {
	size_t headers; /* fields, trailers included */
	size_t header_octets; /* of all that is no body, ends of lines included; a 1xx counts, too */
	size_t body;
};

/* 100 fields, 16 KiB, 64 KiB. */
extern const struct mh_http_limits mh_http_usual;

struct mh_http {
	enum mh_http_state state;
	enum mh_http_why why; /* of FAILED */
	int status; /* three digits, also of what failed behind it; 0 until it was read */
	struct mh_buf body; /* what came of it, also when it failed */
	struct mh_buf head; /* fields of the final answer: name, NUL, value, NUL */
	struct mh_buf line; /* under the pen */
	struct mh_http_limits limits;
	size_t left; /* octets of the body, or of the chunk */
	size_t headers, header_octets, interims;
	int64_t length; /* Content-Length; -1 none */
	bool has_octets, is_old, is_chunked,
	    is_to_end; /* is_old: HTTP/1.0; is_to_end: only its end ended it */
};

/* mh_http_init - mem outlives it; limits NULL: the usual ones */
void mh_http_init(struct mh_http *http, const struct mh_mem *mem, const struct mh_http_limits *limits);
void mh_http_free(struct mh_http *http);
/* mh_http_feed - the next octets; true as long as more are wanted.  What comes behind the end is not read */
bool mh_http_feed(struct mh_http *http, struct mh_str octets);
/* mh_http_eof - the server has closed: the end of a body without a length, otherwise too early.  Whoever knows
 * that TLS was not ended properly calls mh_http_cut in its place (RFC 9112 9.8) */
void mh_http_eof(struct mh_http *http);
void mh_http_cut(struct mh_http *http);
/* mh_http_header - the first field of that name in the answer, as long as the machine is not freed; "" none */
struct mh_str mh_http_header(const struct mh_http *http, struct mh_str name);
const char *mh_http_word(int why); /* "" for others */
const char *mh_http_text(int why);

/* mh_http_request - a GET of path from host; port 0 or 443 is not written.  False: host, path or agent cannot
 * be sent, and nothing is written */
bool mh_http_request(struct mh_buf *out, struct mh_str host, int port, struct mh_str path,
    struct mh_str accept, struct mh_str agent);

#endif
