/* json_read.h - reading the library's JSON: what has no accessor of its own is taken from there
 *
 * Strict (RFC 8259), for texts that the library wrote.  A value that is not there is NULL, and all accessors
 * take NULL: text "", number -1, length 0.
 */
#ifndef JSON_READ_H
#define JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json;

/* json_read - the value that all of text is; NULL: it is none, or there is no memory */
struct json *json_read(const char *text);
void json_free(struct json *value); /* of json_read; NULL is fine */

const struct json *json_get(const struct json *object, const char *key);
const struct json *json_at(const struct json *array, size_t i); /* in arrays; NULL past the end */
const struct json *json_first(const struct json *array); /* of an array or object; NULL: it is empty */
const struct json *json_next(const struct json *value); /* behind it in the same one; NULL: it is the last */
const char *json_key(const struct json *value); /* its name, of a member of an object */
size_t json_length(const struct json *array);
const char *json_text(const struct json *value); /* of a string; of a number as it is written */
int64_t json_number(const struct json *value); /* a whole number; -1: it is none */
bool json_is_true(const struct json *value);
bool json_is_false(const struct json *value);

#endif
