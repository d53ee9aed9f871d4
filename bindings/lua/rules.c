/* rules.c - rule files in Lua, and the context that takes them into use */
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define RULES "mailhealth.rules"

struct rules_box {
	mh_rules *rules;
};

#define LAYERS(X) \
	X(SITE, "site") \
	X(USER, "user")

#define ROW(number, name) { name, MH_LAYER_##number },
TABLE(layers, LAYERS);
#undef ROW

static mh_rules *
check_rules(lua_State *L, int arg)
{
	struct rules_box *box = luaL_checkudata(L, arg, RULES);
	if (box->rules == NULL)
		mh_lua_raise_closed(L, RULES);
	return box->rules;
}

static int
rules_close(lua_State *L)
{
	struct rules_box *box = luaL_checkudata(L, 1, RULES);
	mh_rules_free(box->rules);
	box->rules = NULL;
	return 0;
}

static int
push_rules(lua_State *L, mh_ctx *ctx)
{
	struct rules_box *box = mh_lua_push_box(L, RULES, sizeof(*box));
	box->rules = mh_rules_new(ctx);
	return box->rules != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* context:rules() -> rules | nil, message, name */
static int
context_rules(lua_State *L)
{
	return push_rules(L, mh_lua_check_context(L, 1));
}

/* rules([context]) -> the same; without a context they can be checked only */
static int
new_rules(lua_State *L)
{
	return push_rules(L, mh_lua_given_context(L, 1));
}

/* context:use_rules(rules | nil) -> context | nil, message, name */
static int
context_use_rules(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	luaL_checkany(L, 2);
	return mh_lua_changed(L, mh_ctx_use_rules(ctx, lua_isnil(L, 2) ? NULL : check_rules(L, 2)));
}

/* rules_added - what add and add_file return: the rules themselves, or nil, message,
 * name, and for MH_ERULES also line and column, as far as they are known */
static int
rules_added(lua_State *L, mh_rules *rules, int error)
{
	if (error == MH_OK) {
		lua_settop(L, 1);
		return 1;
	}
	if (error != MH_ERULES)
		return mh_lua_fail(L, error);
	lua_pushnil(L);
	int64_t line = mh_rules_int(rules, MH_RULES_LINE);
	int64_t column = mh_rules_int(rules, MH_RULES_COLUMN);
	if (line == MH_UNKNOWN || column == MH_UNKNOWN)
		lua_pushfstring(L, "%s: %s", mh_rules_str(rules, MH_RULES_NAME),
		    mh_rules_str(rules, MH_RULES_ERROR));
	else
		lua_pushfstring(L, "%s:%d:%d: %s", mh_rules_str(rules, MH_RULES_NAME), (int)line, (int)column,
		    mh_rules_str(rules, MH_RULES_ERROR));
	lua_pushstring(L, mh_errname(error));
	mh_lua_push_known(L, line);
	mh_lua_push_known(L, column);
	return 5;
}

/* layer_number - the layer in argument 2; 0, which the library refuses, for others */
static int
layer_number(lua_State *L)
{
	const struct mh_lua_word *layer = mh_lua_find_word(layers, luaL_checkstring(L, 2));
	return layer != NULL ? layer->number : 0;
}

/* rules:add(layer, name, text) -> rules | nil, message, name [, line, column] */
static int
rules_add(lua_State *L)
{
	mh_rules *rules = check_rules(L, 1);
	int layer = layer_number(L);
	const char *name = mh_lua_check_name(L, 3);
	size_t len;
	const char *text = luaL_checklstring(L, 4, &len);
	return rules_added(L, rules, mh_rules_add(rules, layer, name, text, len));
}

/* rules:add_file(layer, path) -> the same */
static int
rules_add_file(lua_State *L)
{
	mh_rules *rules = check_rules(L, 1);
	int layer = layer_number(L);
	return rules_added(L, rules, mh_rules_add_file(rules, layer, mh_lua_check_name(L, 3)));
}

static int
rules_version(lua_State *L)
{
	lua_pushstring(L, mh_rules_str(check_rules(L, 1), MH_RULES_VERSION));
	return 1;
}

static int
rules_count(lua_State *L)
{
	mh_lua_push_known(L, mh_rules_int(check_rules(L, 1), MH_RULES_COUNT));
	return 1;
}

static int
rules_builtin(lua_State *L)
{
	mh_lua_push_known(L, mh_rules_int(check_rules(L, 1), MH_RULES_BUILTIN));
	return 1;
}

static const luaL_Reg rules_methods[] = {
	{ "add", rules_add },
	{ "add_file", rules_add_file },
	{ "version", rules_version },
	{ "count", rules_count },
	{ "builtin", rules_builtin },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, RULES, rules_methods, rules_close);
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "rules", new_rules },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "rules", context_rules },
	{ "use_rules", context_use_rules },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_rules_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
