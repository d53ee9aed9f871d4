/* values.c - what goes between Lua and the library
 *
 * Names and numbers of fields, options, unknown values, errors, and how the
 * types of this module are made.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

/* mh_lua_find_word - the row of table that has this name, or NULL */
const struct mh_lua_word *
mh_lua_find_word(const struct mh_lua_word *table, const char *name)
{
	for (; table->name != NULL; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

/* mh_lua_check_word - the number of argument arg in table; raises if it has none */
int
mh_lua_check_word(lua_State *L, int arg, const struct mh_lua_word *table)
{
	const char *name = luaL_checkstring(L, arg);
	const struct mh_lua_word *word = mh_lua_find_word(table, name);
	if (word == NULL)
		return luaL_error(L, "there is no field '%s'", name);
	return word->number;
}

/* mh_lua_fail - what a function returns when the library could not: nil, message, name */
int
mh_lua_fail(lua_State *L, int error)
{
	lua_pushnil(L);
	lua_pushstring(L, mh_strerror(error));
	lua_pushstring(L, mh_errname(error));
	return 3;
}

/* mh_lua_changed - what methods return that change the object in argument 1: that, or nil, message, name */
int
mh_lua_changed(lua_State *L, int error)
{
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	lua_settop(L, 1);
	return 1;
}

/* mh_lua_push_known - a number, or nil where it is unknown */
void
mh_lua_push_known(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
#if LUA_VERSION_NUM < 503
		lua_pushnumber(L, (lua_Number)value); /* lua_Integer may have 32 bits */
#else
		lua_pushinteger(L, (lua_Integer)value);
#endif
}

/* mh_lua_push_flag - true or false, or nil where it is unknown */
void
mh_lua_push_flag(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushboolean(L, value == 1);
}

/* mh_lua_push_milli - thousandths as a number of wholes, or nil where it is unknown */
void
mh_lua_push_milli(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)value / 1000);
}

/* mh_lua_push_range - {begin, end}, or nil where it is unknown */
void
mh_lua_push_range(lua_State *L, int64_t begin, int64_t end)
{
	if (begin == MH_UNKNOWN) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, 2, 0);
	mh_lua_push_known(L, begin);
	lua_rawseti(L, -2, 1);
	mh_lua_push_known(L, end);
	lua_rawseti(L, -2, 2);
}

/* mh_lua_push_box - an empty userdata of a type, its __gc in place */
void *
mh_lua_push_box(lua_State *L, const char *type, size_t size)
{
	void *box = lua_newuserdata(L, size);
	memset(box, 0, size);
	luaL_getmetatable(L, type);
	lua_setmetatable(L, -2);
	return box;
}

int
mh_lua_raise_closed(lua_State *L, const char *type)
{
	return luaL_error(L, "this %s is closed", type);
}

/* mh_lua_set_value - the value on top of the stack goes with the userdata below it, and lives as long */
void
mh_lua_set_value(lua_State *L)
{
#if LUA_VERSION_NUM < 502
	lua_setfenv(L, -2);
#else
	lua_setuservalue(L, -2);
#endif
}

/* mh_lua_push_value - that value of the userdata in this place, which has one */
void
mh_lua_push_value(lua_State *L, int place)
{
#if LUA_VERSION_NUM < 502
	lua_getfenv(L, place);
#else
	lua_getuservalue(L, place);
#endif
}

/* mh_lua_check_name - a string argument that C can take whole */
const char *
mh_lua_check_name(lua_State *L, int arg)
{
	size_t len;
	const char *name = luaL_checklstring(L, arg, &len);
	luaL_argcheck(L, strlen(name) == len, arg, "NUL inside");
	return name;
}

/* mh_lua_check_place - the place from 0 of argument arg, which counts from 1; SIZE_MAX, where nothing is,
 * for what is no place */
size_t
mh_lua_check_place(lua_State *L, int arg)
{
	lua_Number number = luaL_checknumber(L, arg);
	if (number >= 1 && number < 9e15 && number <= (lua_Number)PTRDIFF_MAX &&
	    number == (lua_Number)(int64_t)number)
		return (size_t)number - 1;
	return SIZE_MAX;
}

/* option_row - the row in table of the option whose name is below the top of the stack; NULL if it is one of
 * others; raises if it is none at all */
static const struct mh_lua_option *
option_row(lua_State *L, const struct mh_lua_option *table, const struct mh_lua_option *others)
{
	/* Only strings are asked for their text: it would turn a number into one, and lua_next would
	 * then lose its way. */
	bool is_string = lua_type(L, -2) == LUA_TSTRING;
	const char *name = is_string ? lua_tostring(L, -2) : luaL_typename(L, -2);
	for (; is_string && table->name != NULL; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	for (; is_string && others != NULL && others->name != NULL; others++) {
		if (strcmp(others->name, name) == 0)
			return NULL;
	}
	luaL_error(L, "there is no option '%s'", name);
	return NULL;
}

static void
want_type(lua_State *L, const struct mh_lua_option *option, int type)
{
	if (lua_type(L, -1) != type)
		luaL_error(L, "option '%s' must be a %s", option->name, lua_typename(L, type));
}

/* whole_number - the number on top of the stack, of which a fraction may be left out; false if it is none
 * that any option can be, NaN among them */
static bool
whole_number(lua_State *L, lua_Number times, bool is_rounded, int64_t *out)
{
	lua_Number number = lua_tonumber(L, -1) * times;
	if (!(number > -9e15 && number < 9e15))
		return false;
	*out = (int64_t)number;
	return is_rounded || number == (lua_Number)*out;
}

/* push_joined - the strings of the array on top of the stack, a space between them */
static void
push_joined(lua_State *L, const struct mh_lua_option *option)
{
	int array = lua_gettop(L);
	lua_pushliteral(L, "");
	for (int i = 1;; i++) {
		lua_rawgeti(L, array, i);
		if (lua_isnil(L, -1))
			break;
		want_type(L, option, LUA_TSTRING);
		lua_pushliteral(L, " ");
		lua_insert(L, -2);
		lua_concat(L, 3);
	}
	lua_pop(L, 1);
}

static int
set_text(lua_State *L, const struct mh_lua_option *option, const struct mh_lua_target *target)
{
	bool is_array = option->kind == MH_LUA_TEXTS && lua_istable(L, -1);
	if (is_array)
		push_joined(L, option);
	else
		want_type(L, option, LUA_TSTRING);
	size_t len;
	const char *text = lua_tolstring(L, -1, &len);
	int error = MH_EINVAL;
	if (strlen(text) != len)
		error = MH_EINVAL; /* a NUL inside */
	else if (option->kind != MH_LUA_WORD)
		error = target->set_str(target->handle, option->number, text);
	else {
		const struct mh_lua_word *word = mh_lua_find_word(option->words, text);
		if (word != NULL)
			error = target->set_int(target->handle, option->number, word->number);
	}
	if (is_array)
		lua_pop(L, 1);
	return error;
}

/* set_each - a string, or an array of strings, which are set in their order */
static int
set_each(lua_State *L, const struct mh_lua_option *option, const struct mh_lua_target *target)
{
	int error = MH_OK;
	if (!lua_istable(L, -1))
		return set_text(L, option, target);
	for (int i = 1; error == MH_OK; i++) {
		lua_rawgeti(L, -1, i);
		bool is_end = lua_isnil(L, -1);
		if (!is_end)
			error = set_text(L, option, target);
		lua_pop(L, 1);
		if (is_end)
			break;
	}
	return error;
}

/* set_value - sets one option to the value on top of the stack; raises where the type is wrong */
static int
set_value(lua_State *L, const struct mh_lua_option *option, const struct mh_lua_target *target)
{
	int64_t value = 0;
	bool is_good = true;
	switch (option->kind) {
	case MH_LUA_NUMBER:
	case MH_LUA_TIME:
		want_type(L, option, LUA_TNUMBER);
		is_good = whole_number(L, 1, option->kind == MH_LUA_TIME, &value);
		break;
	case MH_LUA_SECONDS:
		want_type(L, option, LUA_TNUMBER);
		if (lua_tonumber(L, -1) == (lua_Number)HUGE_VAL)
			value = -1;
		else
			is_good = whole_number(L, 1000, true, &value) && value >= 0;
		break;
	case MH_LUA_FLAG:
		want_type(L, option, LUA_TBOOLEAN);
		value = lua_toboolean(L, -1);
		break;
	case MH_LUA_OBJECT:
		return MH_OK; /* the caller's */
	case MH_LUA_EACH:
		return set_each(L, option, target);
	default:
		return set_text(L, option, target);
	}
	return is_good ? target->set_int(target->handle, option->number, value) : MH_EINVAL;
}

/* fail_option - what a function returns when an option's value was refused */
static int
fail_option(lua_State *L, const struct mh_lua_option *option, int error)
{
	mh_lua_fail(L, error);
	lua_pushfstring(L, "option '%s': %s", option->name, mh_strerror(error));
	lua_replace(L, -3);
	return 3;
}

/* mh_lua_set_options - sets options from the table in argument arg, where there is one, and leaves those in
 * others (NULL: none) alone.  Gives 0, or how many values of a failure it left on the stack; raises where
 * a type is wrong. */
int
mh_lua_set_options(lua_State *L, int arg, const struct mh_lua_option *table,
    const struct mh_lua_option *others, const struct mh_lua_target *target)
{
	if (lua_isnoneornil(L, arg))
		return 0;
	luaL_checktype(L, arg, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
		const struct mh_lua_option *option = option_row(L, table, others);
		int error = option != NULL ? set_value(L, option, target) : MH_OK;
		if (error != MH_OK)
			return fail_option(L, option, error);
	}
	return 0;
}

/* mh_lua_set_functions - luaL_setfuncs, which Lua 5.1 does not have */
void
mh_lua_set_functions(lua_State *L, const luaL_Reg *list)
{
	for (; list->name != NULL; list++) {
		lua_pushcfunction(L, list->func);
		lua_setfield(L, -2, list->name);
	}
}

/* mh_lua_set_numbered - the method name, which is function with number as its upvalue */
void
mh_lua_set_numbered(lua_State *L, const char *name, lua_CFunction function, int number)
{
	lua_pushinteger(L, number);
	lua_pushcclosure(L, function, 1);
	lua_setfield(L, -2, name);
}

/* mh_lua_make_type - registers a type; leaves its metatable and above it its methods */
void
mh_lua_make_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close)
{
	luaL_newmetatable(L, type);
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__gc");
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__close");
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__index");
	mh_lua_set_functions(L, methods);
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "close");
}
