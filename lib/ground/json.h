/* json.h - writes JSON (RFC 8259) into a buffer, commas and escapes included
 *
 * The writer nests at most 64 deep (deeper makes the buffer bad) and checks
 * nothing else: calls come in an order that makes sense.  Strings may hold any
 * octets: what is not UTF-8 appears as the text \xhh, and U+0000-001F, U+0085,
 * U+2028, U+2029 are escaped, so that an object is one line in every reader.
 */
#ifndef MH_JSON_H
#define MH_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "str.h"

struct mh_json {
	struct mh_buf *out;
	uint64_t started; /* bit n: depth n has a member already */
	int depth;
	bool after_key;
};

void mh_json_init(struct mh_json *json, struct mh_buf *out);
void mh_json_open(struct mh_json *json, char bracket); /* '{' or '[' */
void mh_json_close(struct mh_json *json, char bracket); /* '}' or ']' */
void mh_json_key(struct mh_json *json, const char *key); /* keys are ours: printable ASCII */
void mh_json_str(struct mh_json *json, struct mh_str value);
void mh_json_strz(struct mh_json *json, const char *value);
void mh_json_int(struct mh_json *json, int64_t value);
void mh_json_int_or_null(struct mh_json *json, int64_t value); /* negative: null */
void mh_json_milli(struct mh_json *json, int64_t value); /* 970 -> 0.97 */
void mh_json_null(struct mh_json *json);
void mh_json_bool(struct mh_json *json, bool value);
void mh_json_raw(struct mh_json *json, const char *text); /* a value that is JSON already */
/* mh_json_put_str and so on - a member: key and value; mh_json_put_int - negative: null */
void mh_json_put_str(struct mh_json *json, const char *key, struct mh_str value);
void mh_json_put_strz(struct mh_json *json, const char *key, const char *value);
void mh_json_put_int(struct mh_json *json, const char *key, int64_t value);
void mh_json_put_bool(struct mh_json *json, const char *key, bool value);

/* mh_printable - appends octets as UTF-8 that prints on one line: controls (C1 and DEL too) and
 * octets that are not UTF-8 as \xhh, and nothing else changed; at most max octets of input, no
 * sequence cut in two, then "..." if any are left */
void mh_printable(struct mh_buf *out, struct mh_str s, size_t max);
/* mh_printable_line - the same of all of s, line ends and the white space around them a space */
void mh_printable_line(struct mh_buf *out, struct mh_str s);

#endif
