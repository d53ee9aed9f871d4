/* json.c - JSON as tables of Lua
 *
 * For what the library writes, whose json() is text for programs in other
 * languages too.  Strict (RFC 8259), with a bound on depth.
 *
 * Does not: write JSON; keep null, which is nil; tell an empty array from an
 * empty object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define DEPTH_MAX 100

struct reader {
	lua_State *L;
	const char *at, *end;
	int depth;
};

static bool push_value(struct reader *reader);

static void
skip_space(struct reader *reader)
{
	while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) != NULL && *reader->at != '\0')
		reader->at++;
}

/* take - whether the next octet is c; it is read */
static bool
take(struct reader *reader, char c)
{
	skip_space(reader);
	if (reader->at == reader->end || *reader->at != c)
		return false;
	reader->at++;
	return true;
}

static bool
take_word(struct reader *reader, const char *word)
{
	size_t len = strlen(word);
	if ((size_t)(reader->end - reader->at) < len || memcmp(reader->at, word, len) != 0)
		return false;
	reader->at += len;
	return true;
}

/* hex4 - the four hexadecimal digits that come next, or -1 */
static int32_t
hex4(struct reader *reader)
{
	if (reader->end - reader->at < 4)
		return -1;
	int32_t value = 0;
	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef0123456789ABCDEF";
		const char *digit = memchr(digits, *reader->at++, sizeof(digits) - 1);
		if (digit == NULL)
			return -1;
		value = value << 4 | (int32_t)((digit - digits) & 15);
	}
	return value;
}

static void
add_utf8(luaL_Buffer *text, int32_t c)
{
	if (c < 0x80) {
		luaL_addchar(text, (char)c);
		return;
	}
	if (c < 0x800) {
		luaL_addchar(text, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			luaL_addchar(text, (char)(0xe0 | c >> 12));
		} else {
			luaL_addchar(text, (char)(0xf0 | c >> 18));
			luaL_addchar(text, (char)(0x80 | (c >> 12 & 63)));
		}
		luaL_addchar(text, (char)(0x80 | (c >> 6 & 63)));
	}
	luaL_addchar(text, (char)(0x80 | (c & 63)));
}

/* add_escaped - what stands behind a backslash; false if nothing may */
static bool
add_escaped(struct reader *reader, luaL_Buffer *text)
{
	static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
	if (reader->at == reader->end)
		return false;
	char name = *reader->at++;
	const char *plain = memchr(names, name, sizeof(names) - 1);
	if (plain != NULL) {
		luaL_addchar(text, values[plain - names]);
		return true;
	}
	int32_t c = name == 'u' ? hex4(reader) : -1;
	if (c >= 0xd800 && c < 0xdc00 && take_word(reader, "\\u")) {
		int32_t low = hex4(reader);
		c = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : -1;
	}
	if (c < 0 || (c >= 0xd800 && c < 0xe000))
		return false;
	add_utf8(text, c);
	return true;
}

/* push_string - its opening quote is read; on failure something may have been pushed, as by all that follow */
static bool
push_string(struct reader *reader)
{
	luaL_Buffer text;
	luaL_buffinit(reader->L, &text);
	bool is_good = true, is_open = true;
	while (is_good && is_open) {
		if (reader->at == reader->end || (unsigned char)*reader->at < ' ') {
			is_good = false;
			break;
		}
		char c = *reader->at++;
		if (c == '\\')
			is_good = add_escaped(reader, &text);
		else if (c == '"')
			is_open = false;
		else
			luaL_addchar(&text, c);
	}
	luaL_pushresult(&text);
	return is_good;
}

static size_t
skip_digits(struct reader *reader)
{
	const char *begin = reader->at;
	while (reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9')
		reader->at++;
	return (size_t)(reader->at - begin);
}

static bool
push_number(struct reader *reader)
{
	const char *begin = reader->at;
	bool is_whole = true;
	take_word(reader, "-");
	const char *digits = reader->at;
	size_t len = skip_digits(reader);
	if (len == 0 || (*digits == '0' && len > 1))
		return false;
	if (take_word(reader, ".")) {
		is_whole = false;
		if (skip_digits(reader) == 0)
			return false;
	}
	if (take_word(reader, "e") || take_word(reader, "E")) {
		is_whole = false;
		if (!take_word(reader, "-"))
			take_word(reader, "+");
		if (skip_digits(reader) == 0)
			return false;
	}
	if (is_whole && len < 16) {
		int64_t value = 0;
		for (size_t i = 0; i < len; i++)
			value = value * 10 + (digits[i] - '0');
		mh_lua_push_known(reader->L, *begin == '-' ? -value : value);
		return true;
	}
	lua_pushlstring(reader->L, begin, (size_t)(reader->at - begin));
	lua_pushnumber(reader->L, lua_tonumber(reader->L, -1));
	lua_remove(reader->L, -2);
	return true;
}

static bool
push_array(struct reader *reader)
{
	lua_newtable(reader->L);
	if (take(reader, ']'))
		return true;
	for (int i = 1;; i++) {
		if (!push_value(reader))
			return false;
		lua_rawseti(reader->L, -2, i);
		if (take(reader, ']'))
			return true;
		if (!take(reader, ','))
			return false;
	}
}

static bool
push_object(struct reader *reader)
{
	lua_newtable(reader->L);
	if (take(reader, '}'))
		return true;
	for (;;) {
		if (!take(reader, '"') || !push_string(reader) || !take(reader, ':') || !push_value(reader))
			return false;
		lua_rawset(reader->L, -3);
		if (take(reader, '}'))
			return true;
		if (!take(reader, ','))
			return false;
	}
}

static bool
push_value(struct reader *reader)
{
	if (reader->depth == DEPTH_MAX || !lua_checkstack(reader->L, 20))
		return false;
	reader->depth++;
	bool is_good;
	if (take(reader, '{')) {
		is_good = push_object(reader);
	} else if (take(reader, '[')) {
		is_good = push_array(reader);
	} else if (take(reader, '"')) {
		is_good = push_string(reader);
	} else if (take_word(reader, "null")) {
		lua_pushnil(reader->L);
		is_good = true;
	} else if (take_word(reader, "true") || take_word(reader, "false")) {
		lua_pushboolean(reader->L, reader->at[-2] == 'u');
		is_good = true;
	} else {
		is_good = push_number(reader);
	}
	reader->depth--;
	return is_good;
}

/* mh_lua_push_json - the value of a JSON text, or nil and false if it is none */
bool
mh_lua_push_json(lua_State *L, const char *text, size_t len)
{
	struct reader reader = { L, text, text + len, 0 };
	int top = lua_gettop(L);
	bool is_good = push_value(&reader);
	if (is_good) {
		skip_space(&reader);
		is_good = reader.at == reader.end;
	}
	if (!is_good) {
		lua_settop(L, top);
		lua_pushnil(L);
	}
	return is_good;
}

/* decode(json) -> value | nil, message, name: what json() of anything gave, as tables */
static int
decode(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	if (mh_lua_push_json(L, text, len))
		return 1;
	mh_lua_fail(L, MH_EINVAL);
	lua_pushliteral(L, "this is not JSON");
	lua_replace(L, -3);
	return 3;
}

static const luaL_Reg functions[] = {
	{ "decode", decode },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_json_part = {
	.make_types = NULL,
	.functions = functions,
	.context_methods = NULL,
};
