/* json_read.c - reading the library's JSON
 *
 * Values stand in one array in the order of the text, each with the number of
 * the next one on its level, so that nothing has to be freed but that array
 * and one copy of the text, in which strings are unescaped in place.
 */
#include <stdlib.h>
#include <string.h>

#include "json_read.h"

#define DEPTH_MAX 200

struct json {
	char kind; /* '{' '[' '"' '0' 't' 'f' 'n' */
	const char *key, *text; /* NUL-terminated */
	struct json *next, *first;
	char *copy; /* of the first value: the text */
};

struct reader {
	char *p;
	struct json *values;
	size_t count, cap;
};

static void
skip_space(struct reader *r)
{
	while (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r')
		r->p++;
}

/* hex4 - four hexadecimal digits, or -1 */
static long
hex4(const char *p)
{
	long value = 0;
	for (int i = 0; i < 4; i++) {
		const char *digits = "0123456789abcdef", *at;
		char c = (char)(p[i] >= 'A' && p[i] <= 'F' ? p[i] + 32 : p[i]);
		if (c == '\0' || (at = strchr(digits, c)) == NULL)
			return -1;
		value = value * 16 + (at - digits);
	}
	return value;
}

/* put_utf8 - a code point; where it ends */
static char *
put_utf8(char *out, unsigned long cp)
{
	if (cp < 0x80) {
		*out++ = (char)cp;
	} else if (cp < 0x800) {
		*out++ = (char)(0xc0 | cp >> 6);
		*out++ = (char)(0x80 | (cp & 0x3f));
	} else if (cp < 0x10000) {
		*out++ = (char)(0xe0 | cp >> 12);
		*out++ = (char)(0x80 | (cp >> 6 & 0x3f));
		*out++ = (char)(0x80 | (cp & 0x3f));
	} else {
		*out++ = (char)(0xf0 | cp >> 18);
		*out++ = (char)(0x80 | (cp >> 12 & 0x3f));
		*out++ = (char)(0x80 | (cp >> 6 & 0x3f));
		*out++ = (char)(0x80 | (cp & 0x3f));
	}
	return out;
}

/* read_escape - what stands behind a backslash, into *out; false: nothing that there is.  U+0000 ends no string
 * of ours early: it becomes U+FFFD */
static bool
read_escape(struct reader *r, char **out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = *r->p != '\0' ? strchr(from, *r->p) : NULL;
	if (at != NULL) {
		*(*out)++ = to[at - from];
		r->p++;
		return true;
	}
	if (*r->p != 'u')
		return false;
	long high = hex4(r->p + 1), low = -1;
	if (high < 0)
		return false;
	r->p += 5;
	if (high >= 0xd800 && high < 0xdc00 && r->p[0] == '\\' && r->p[1] == 'u')
		low = hex4(r->p + 2);
	if (low >= 0xdc00 && low < 0xe000) {
		r->p += 6;
		*out = put_utf8(*out, (unsigned long)(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
	} else {
		*out = put_utf8(*out,
		    (high >= 0xd800 && high < 0xe000) || high == 0 ? 0xfffd : (unsigned long)high);
	}
	return true;
}

/* read_string - behind its first quote; NULL: it is none.  It is unescaped where it stands. */
static const char *
read_string(struct reader *r)
{
	char *begin = r->p, *out = r->p;
	while (*r->p != '"') {
		if ((unsigned char)*r->p < 0x20)
			return NULL;
		if (*r->p != '\\') {
			*out++ = *r->p++;
			continue;
		}
		r->p++;
		if (!read_escape(r, &out))
			return NULL;
	}
	r->p++;
	*out = '\0';
	return begin;
}

/* skip_number - over a number; false: it is none */
static bool
skip_number(struct reader *r)
{
	const char *begin = r->p;
	if (*r->p == '-')
		r->p++;
	r->p += strspn(r->p, "0123456789");
	if (*r->p == '.')
		r->p += 1 + strspn(r->p + 1, "0123456789");
	if (*r->p == 'e' || *r->p == 'E') {
		r->p++;
		if (*r->p == '+' || *r->p == '-')
			r->p++;
		r->p += strspn(r->p, "0123456789");
	}
	return r->p > begin && r->p[-1] >= '0' && r->p[-1] <= '9';
}

static struct json *read_value(struct reader *r, int depth);

/* read_members - of an object or array, up to its bracket */
static bool
read_members(struct reader *r, struct json *parent, char end, int depth)
{
	struct json **last = &parent->first;
	skip_space(r);
	if (*r->p == end) {
		r->p++;
		return true;
	}
	for (;;) {
		const char *key = "";
		skip_space(r);
		if (end == '}') {
			if (*r->p++ != '"' || (key = read_string(r)) == NULL)
				return false;
			skip_space(r);
			if (*r->p++ != ':')
				return false;
		}
		struct json *member = read_value(r, depth + 1);
		if (member == NULL)
			return false;
		member->key = key;
		*last = member;
		last = &member->next;
		skip_space(r);
		char c = *r->p++;
		if (c == end)
			return true;
		if (c != ',')
			return false;
	}
}

static struct json *
read_value(struct reader *r, int depth)
{
	skip_space(r);
	if (depth > DEPTH_MAX || r->count == r->cap)
		return NULL;
	struct json *value = &r->values[r->count++];
	*value = (struct json){ .kind = *r->p, .key = "", .text = "" };
	switch (*r->p) {
	case '{':
	case '[':
		r->p++;
		return read_members(r, value, value->kind == '{' ? '}' : ']', depth) ? value : NULL;
	case '"':
		r->p++;
		value->text = read_string(r);
		return value->text != NULL ? value : NULL;
	case 't':
	case 'f':
	case 'n': {
		const char *word = *r->p == 't' ? "true" : *r->p == 'f' ? "false" : "null";
		if (strncmp(r->p, word, strlen(word)) != 0)
			return NULL;
		r->p += strlen(word);
		return value;
	}
	default:
		value->kind = '0';
		value->text = r->p;
		return skip_number(r) ? value : NULL;
	}
}

struct json *
json_read(const char *text)
{
	size_t len = strlen(text);
	struct reader r = { .cap = 1 };
	/* Each value but the first stands behind one of these. */
	for (size_t i = 0; i < len; i++)
		r.cap += text[i] == ',' || text[i] == '[' || text[i] == '{' ? 1 : 0;
	char *copy = malloc(len + 1);
	r.values = calloc(r.cap, sizeof(*r.values));
	if (copy != NULL && r.values != NULL) {
		memcpy(copy, text, len + 1);
		r.p = copy;
		struct json *value = read_value(&r, 0);
		if (value != NULL) {
			skip_space(&r);
			value->copy = copy;
			if (*r.p == '\0')
				return value;
		}
	}
	free(copy);
	free(r.values);
	return NULL;
}

void
json_free(struct json *value)
{
	if (value == NULL)
		return;
	free(value->copy);
	free(value);
}

const struct json *
json_get(const struct json *object, const char *key)
{
	if (object == NULL || object->kind != '{')
		return NULL;
	const struct json *member = object->first;
	while (member != NULL && strcmp(member->key, key) != 0)
		member = member->next;
	return member;
}

const struct json *
json_at(const struct json *array, size_t i)
{
	if (array == NULL || array->kind != '[')
		return NULL;
	const struct json *member = array->first;
	while (member != NULL && i-- > 0)
		member = member->next;
	return member;
}

const struct json *
json_first(const struct json *array)
{
	return array != NULL ? array->first : NULL;
}

const struct json *
json_next(const struct json *value)
{
	return value != NULL ? value->next : NULL;
}

const char *
json_key(const struct json *value)
{
	return value != NULL ? value->key : "";
}

size_t
json_length(const struct json *array)
{
	size_t n = 0;
	for (const struct json *member = array != NULL && array->kind == '[' ? array->first : NULL;
	     member != NULL; member = member->next)
		n++;
	return n;
}

const char *
json_text(const struct json *value)
{
	return value != NULL && value->kind == '"' ? value->text : "";
}

int64_t
json_number(const struct json *value)
{
	if (value == NULL || value->kind != '0')
		return -1;
	return strtoll(value->text, NULL, 10);
}

bool
json_is_true(const struct json *value)
{
	return value != NULL && value->kind == 't';
}

bool
json_is_false(const struct json *value)
{
	return value != NULL && value->kind == 'f';
}
