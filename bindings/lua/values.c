/* values.c - what goes between Lua and the library
 *
 * Names and numbers of fields, options, unknown values, errors, and how the
 * types of this module are made.
 */
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

/* mh_lua_option_row - the row in table of the option whose name is below the top of the stack; raises if
 * there is none */
const struct mh_lua_word *
mh_lua_option_row(lua_State *L, const struct mh_lua_word *table)
{
	/* Only strings are asked for their text: it would turn a number into one, and lua_next would
	 * then lose its way. */
	bool is_string = lua_type(L, -2) == LUA_TSTRING;
	const char *name = is_string ? lua_tostring(L, -2) : luaL_typename(L, -2);
	const struct mh_lua_word *option = is_string ? mh_lua_find_word(table, name) : NULL;
	if (option == NULL)
		luaL_error(L, "there is no option '%s'", name);
	return option;
}

/* mh_lua_fail_option - what a function returns when an option's value was refused */
int
mh_lua_fail_option(lua_State *L, const struct mh_lua_word *option, int error)
{
	mh_lua_fail(L, error);
	lua_pushfstring(L, "option '%s': %s", option->name, mh_strerror(error));
	lua_replace(L, -3);
	return 3;
}

/* mh_lua_set_numbers - sets options from the table in argument arg, where there is one.  Gives 0, or how
 * many values of a failure it left on the stack; raises where a type is wrong. */
int
mh_lua_set_numbers(lua_State *L, int arg, const struct mh_lua_word *table,
    int (*set)(void *handle, int option, int64_t value), void *handle)
{
	if (lua_isnoneornil(L, arg))
		return 0;
	luaL_checktype(L, arg, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
		const struct mh_lua_word *option = mh_lua_option_row(L, table);
		if (lua_type(L, -1) != LUA_TNUMBER)
			return luaL_error(L, "option '%s' must be a number", option->name);
		lua_Number number = lua_tonumber(L, -1);
		int error = MH_EINVAL;
		/* Beyond this no option goes; NaN fails as well.  Of the time of day a fraction is left
		 * out. */
		if (number > -9e15 && number < 9e15 &&
		    (option->number == MH_OPT_NOW || number == (lua_Number)(int64_t)number))
			error = set(handle, option->number, (int64_t)number);
		if (error != MH_OK)
			return mh_lua_fail_option(L, option, error);
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
