/* record.c - one authentication record in Lua, from its text */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define RECORD "mailhealth.record"

struct record_box {
	mh_record *record;
	const struct mh_lua_word *kind;
};

static const struct mh_lua_word kinds[] = {
	{ "dmarc", MH_RECORD_DMARC },
	{ "dkim-key", MH_RECORD_DKIM_KEY },
	{ "tlsrpt", MH_RECORD_TLSRPT },
	{ "bimi", MH_RECORD_BIMI },
	{ NULL, 0 },
};

static struct record_box *
check_record(lua_State *L, int arg)
{
	struct record_box *box = luaL_checkudata(L, arg, RECORD);
	if (box->record == NULL)
		mh_lua_raise_closed(L, RECORD);
	return box;
}

static int
record_close(lua_State *L)
{
	struct record_box *box = luaL_checkudata(L, 1, RECORD);
	mh_record_free(box->record);
	box->record = NULL;
	return 0;
}

static void
check_options(lua_State *L)
{
	static const char *const known[] = { "kind", "text", "domain", NULL };
	luaL_checktype(L, 1, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, 1) != 0; lua_pop(L, 1)) {
		size_t i = 0;
		const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			luaL_error(L, "there is no option '%s'", name);
	}
}

/* give - the options of the table in place 1 */
static int
give(lua_State *L, struct record_box *box)
{
	size_t len;
	lua_getfield(L, 1, "kind");
	const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
	box->kind = mh_lua_find_word(kinds, name);
	if (box->kind == NULL)
		return luaL_error(L, "there is no kind '%s' of records", name);
	lua_getfield(L, 1, "domain");
	const char *domain = lua_isnil(L, -1) ? "" : mh_lua_check_name(L, lua_gettop(L));
	int error = mh_record_set_str(box->record, MH_OPT_DOMAIN, domain);
	lua_getfield(L, 1, "text");
	if (lua_type(L, -1) != LUA_TSTRING)
		return luaL_error(L, "option 'text' takes a string");
	const char *text = lua_tolstring(L, -1, &len);
	if (error == MH_OK)
		error = mh_record_read(box->record, box->kind->number, text, len);
	lua_pop(L, 3);
	return error;
}

static int
push_record(lua_State *L, mh_ctx *ctx)
{
	lua_settop(L, 1);
	check_options(L);
	struct record_box *box = mh_lua_push_box(L, RECORD, sizeof(*box));
	box->record = mh_record_new(ctx);
	int error = box->record != NULL ? give(L, box) : MH_ENOMEM;
	return error == MH_OK ? 1 : mh_lua_fail(L, error);
}

/* record{kind=, text=, domain=} -> record | nil, message, name.  kind: dmarc, dkim-key, tlsrpt, bimi */
static int
new_record(lua_State *L)
{
	return push_record(L, mh_lua_default_context(L));
}

/* context:record(options) -> the same */
static int
context_record(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_remove(L, 1);
	return push_record(L, ctx);
}

/* record:valid() -> whether receivers use it */
static int
record_valid(lua_State *L)
{
	mh_lua_push_flag(L, mh_record_int(check_record(L, 1)->record, MH_RECORD_VALID));
	return 1;
}

/* record:value(name, i) -> entry i (from 1, default 1) of the tag; "" past the end */
static int
record_value(lua_State *L)
{
	mh_record *record = check_record(L, 1)->record;
	const char *name = luaL_checkstring(L, 2);
	lua_Integer i = luaL_optinteger(L, 3, 1);
	lua_pushstring(L, i >= 1 ? mh_record_value(record, name, (size_t)i - 1) : "");
	return 1;
}

/* record:fields() -> an array of {name, value} */
static int
record_fields(lua_State *L)
{
	mh_record *record = check_record(L, 1)->record;
	size_t count = mh_record_count(record);
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		lua_newtable(L);
		lua_pushstring(L, mh_record_item_str(record, i, MH_RECORD_NAME));
		lua_rawseti(L, -2, 1);
		lua_pushstring(L, mh_record_item_str(record, i, MH_RECORD_TEXT));
		lua_rawseti(L, -2, 2);
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* record:findings() -> what is wrong, worst first */
static int
record_findings(lua_State *L)
{
	mh_record *record = check_record(L, 1)->record;
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_record_report(record);
	return box->report != NULL ? mh_lua_give_findings(L, box) : mh_lua_fail(L, MH_ENOMEM);
}

/* record:json() -> all of it as JSON | nil, message, name */
static int
record_json(lua_State *L)
{
	const char *text = mh_record_json(check_record(L, 1)->record);
	if (text[0] == '\0')
		return mh_lua_fail(L, MH_ENOMEM);
	lua_pushstring(L, text);
	return 1;
}

static int
record_tostring(lua_State *L)
{
	struct record_box *box = luaL_checkudata(L, 1, RECORD);
	if (box->record == NULL)
		lua_pushliteral(L, RECORD " (closed)");
	else
		lua_pushfstring(L, RECORD " (%s, %s)", box->kind != NULL ? box->kind->name : "",
		    mh_record_int(box->record, MH_RECORD_VALID) == 1 ? "valid" : "not valid");
	return 1;
}

static const luaL_Reg methods[] = {
	{ "fields", record_fields },
	{ "findings", record_findings },
	{ "json", record_json },
	{ "valid", record_valid },
	{ "value", record_value },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, RECORD, methods, record_close);
	lua_pushcfunction(L, record_tostring);
	lua_setfield(L, -3, "__tostring");
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "record", new_record },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "record", context_record },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_record_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
