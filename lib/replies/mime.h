/* mime.h - a message's fields and parts, where they stand
 *
 * One pass over the lines, no recursion: a message of many nested parts costs
 * what a flat one of its length costs.  Lines end with CR LF, LF or CR.  Parts
 * are listed in the order of their beginnings, messages within messages (RFC
 * 2046 5.2.1) included; nothing is copied or decoded until it is asked for.
 *
 * Does not: decode HTML, or look for boundaries in what is encoded.
 */
#ifndef MH_MIME_H
#define MH_MIME_H

#include "str.h"

#define MH_MIME_PARTS 512 /* that are told apart; what follows belongs to the last */
#define MH_MIME_DEPTH 24 /* parts in parts that are gone into */
#define MH_MIME_HEAD (256u * 1024) /* octets of a header that are read */
#define MH_MIME_FIELD 16384u /* octets of one field's value that are read */

/* Kinds of content that matter to who reads a bounce; by RFC 2045 5.1 everything else is "other". */
/* clang-format off */
#define MH_MIME_TYPES(X) \
	X(OTHER, "") X(PLAIN, "text/plain") X(HTML, "text/html") X(MULTIPART, "multipart/") \
	X(MESSAGE, "message/rfc822") X(GLOBAL, "message/global") \
	X(HEADERS, "text/rfc822-headers") X(GLOBAL_HEADERS, "message/global-headers") \
	X(STATUS, "message/delivery-status") X(GLOBAL_STATUS, "message/global-delivery-status") \
	X(FEEDBACK, "message/feedback-report") \
	X(DISPOSITION, "message/disposition-notification") \
	X(GLOBAL_DISPOSITION, "message/global-disposition-notification")
/* clang-format on */
enum mh_mime_type {
#define X(name, text) MH_MIME_##name,
	MH_MIME_TYPES(X)
#undef X
};

enum mh_mime_encoding { MH_ENC_NONE, MH_ENC_BASE64, MH_ENC_QP, MH_ENC_UNKNOWN };

struct mh_mime_part {
	uint8_t type; /* enum mh_mime_type */
	uint8_t encoding; /* enum mh_mime_encoding */
	uint8_t depth; /* 0: the message */
	bool is_closed; /* its end was marked, or it ends with the message that has no parts */
	uint16_t parent; /* number of the part it stands in; its own for the first */
	struct mh_str type_text; /* "multipart/report"; "" if there is none: then it is plain text */
	struct mh_str charset, boundary,
	    report_type; /* parameters, as written; boundary perhaps in the arena */
	struct mh_str head, body; /* body of a multipart: with all its parts */
};

/* What was odd about a message. */
#define MH_BO_DEPTH 1u /* parts nested deeper, or more of them, than are read */
#define MH_BO_LONG 2u /* headers, parts or texts longer than are read */
#define MH_BO_ENCODING 4u /* an encoding or charset that could not be read */
#define MH_BO_CUT 8u /* the message ends where it should not */

/* Made once and used for message after message; what it gives lives until the arena's reset. */
struct mh_mime {
	struct mh_arena *arena;
	struct mh_mime_part *parts; /* in the arena */
	size_t count;
	uint32_t odd; /* MH_BO_* */
	struct mh_buf raw, text; /* for what is being decoded */
};

void mh_mime_init(struct mh_mime *mime, const struct mh_mem *mem, struct mh_arena *arena);
void mh_mime_free(struct mh_mime *mime);
/* mh_mime_read - the parts of a message, at least one; MH_OK or MH_ENOMEM.  Spans point into the
 * message or into the arena. */
int mh_mime_read(struct mh_mime *mime, struct mh_str message);

/* Lines of a text: mh_line_next gives one without its end, and moves on; false at the end. */
bool mh_line_next(struct mh_str *rest, struct mh_str *line);

/* Fields of a header or of a status part. */
struct mh_field {
	struct mh_str name; /* without the colon and what stands before it */
	struct mh_str value; /* raw, folded as it came, without space at its ends */
};
/* mh_field_next - the next field, and moves on behind it; false at the end or at an empty line, which
 * is then read too.  Lines that are no fields are passed over. */
bool mh_field_next(struct mh_str *rest, struct mh_field *field);
/* mh_field_find - the first field of that name; false if there is none */
bool mh_field_find(struct mh_str head, struct mh_str name, struct mh_field *field);

/* mh_unfold - a value on one line: line ends and the space about them are one space; the value itself
 * if it has none.  p is NULL without memory. */
struct mh_str mh_unfold(struct mh_arena *arena, struct mh_str value);
/* mh_words_decode - unfolded, its encoded words (RFC 2047) decoded, UTF-8 */
struct mh_str mh_words_decode(struct mh_mime *mime, struct mh_str value);
/* mh_param - a parameter of a value ("charset"), quotes, comments, continuations and RFC 2231
 * percent signs undone; "" if there is none.  p is NULL without memory. */
struct mh_str mh_param(struct mh_arena *arena, struct mh_str value, struct mh_str name);
/* mh_address_in - the address in a From field: in its angle brackets, else its first word with "@" */
struct mh_str mh_address_in(struct mh_str value);

/* mh_arena_copy - s in the arena; p is NULL without memory */
struct mh_str mh_arena_copy(struct mh_arena *arena, struct mh_str s);

/* mh_mime_text - a part's body as UTF-8, max octets of it at most; the body itself where nothing needs
 * decoding.  Sets odd bits.  p is NULL without memory. */
struct mh_str mh_mime_text(struct mh_mime *mime, const struct mh_mime_part *part, size_t max);

/* mh_html_text - what HTML shows, as lines of text; p is NULL without memory */
struct mh_str mh_html_text(struct mh_arena *arena, struct mh_str html);

#endif
