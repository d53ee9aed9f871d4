/* sts.c - MTA-STS records and policies in Lua, from texts */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define STS "mailhealth.sts"

struct sts_box {
	mh_sts *sts;
};

static struct sts_box *
check_sts(lua_State *L, int arg)
{
	struct sts_box *box = luaL_checkudata(L, arg, STS);
	if (box->sts == NULL)
		mh_lua_raise_closed(L, STS);
	return box;
}

static int
sts_close(lua_State *L)
{
	struct sts_box *box = luaL_checkudata(L, 1, STS);
	mh_sts_free(box->sts);
	box->sts = NULL;
	return 0;
}

/* ------------------------------------------------------------------ options */

/* add_value - the string on top of the stack, which is taken off; is_host: an MX host, else a TXT record */
static int
add_value(lua_State *L, mh_sts *sts, bool is_host, const char *option)
{
	size_t len;
	if (lua_type(L, -1) != LUA_TSTRING)
		return luaL_error(L, "option '%s' takes strings", option);
	const char *text = lua_tolstring(L, -1, &len);
	int error;
	if (!is_host)
		error = mh_sts_add_record(sts, text, len);
	else
		error = strlen(text) == len ? mh_sts_add_mx(sts, text) : MH_EINVAL;
	lua_pop(L, 1);
	return error;
}

/* add_values - option name of the table in place 1: nil, a string, or an array of them */
static int
add_values(lua_State *L, mh_sts *sts, const char *name, bool is_host)
{
	int error = MH_OK;
	lua_getfield(L, 1, name);
	if (lua_istable(L, -1)) {
		if (!is_host)
			error = mh_sts_add_record(sts, NULL, 0);
		for (int i = 1; error == MH_OK; i++) {
			lua_rawgeti(L, -1, i);
			if (lua_isnil(L, -1)) {
				lua_pop(L, 1);
				break;
			}
			error = add_value(L, sts, is_host, name);
		}
	} else if (!lua_isnil(L, -1)) {
		return add_value(L, sts, is_host, name);
	}
	lua_pop(L, 1);
	return error;
}

/* give - the options of the table in place 1 */
static int
give(lua_State *L, mh_sts *sts)
{
	size_t len;
	lua_getfield(L, 1, "domain");
	const char *text = lua_isnil(L, -1) ? "" : mh_lua_check_name(L, lua_gettop(L));
	int error = mh_sts_set_str(sts, MH_OPT_DOMAIN, text);
	lua_pop(L, 1);
	if (error == MH_OK)
		error = add_values(L, sts, "record", false);
	if (error == MH_OK)
		error = add_values(L, sts, "hosts", true);
	lua_getfield(L, 1, "policy");
	if (error == MH_OK && !lua_isnil(L, -1)) {
		if (lua_type(L, -1) != LUA_TSTRING)
			return luaL_error(L, "option 'policy' takes a string");
		text = lua_tolstring(L, -1, &len);
		error = mh_sts_set_policy(sts, text, len);
	}
	lua_pop(L, 1);
	return error;
}

static void
check_options(lua_State *L)
{
	static const char *const known[] = { "domain", "hosts", "policy", "record", NULL };
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

static int
push_sts(lua_State *L, mh_ctx *ctx)
{
	lua_settop(L, 1);
	check_options(L);
	struct sts_box *box = mh_lua_push_box(L, STS, sizeof(*box));
	box->sts = mh_sts_new(ctx);
	int error = box->sts != NULL ? give(L, box->sts) : MH_ENOMEM;
	return error == MH_OK ? 1 : mh_lua_fail(L, error);
}

/* sts{record=, policy=, hosts=, domain=} -> sts | nil, message, name.  record: the TXT record of _mta-sts, or an array
 * of all its TXT records */
static int
new_sts(lua_State *L)
{
	return push_sts(L, mh_lua_default_context(L));
}

/* context:sts(options) -> the same */
static int
context_sts(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_remove(L, 1);
	return push_sts(L, ctx);
}

/* ------------------------------------------------------------------ reading */

static int
push_text(lua_State *L, int field)
{
	lua_pushstring(L, mh_sts_str(check_sts(L, 1)->sts, field));
	return 1;
}

static int
push_flag(lua_State *L, int field)
{
	mh_lua_push_flag(L, mh_sts_int(check_sts(L, 1)->sts, field));
	return 1;
}

static int
push_number(lua_State *L, int field)
{
	mh_lua_push_known(L, mh_sts_int(check_sts(L, 1)->sts, field));
	return 1;
}

/* push_items - an array of strings, or of {name, value} */
static int
push_items(lua_State *L, int list)
{
	mh_sts *sts = check_sts(L, 1)->sts;
	size_t count = mh_sts_count(sts, list);
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		if (list != MH_STS_MX) {
			lua_newtable(L);
			lua_pushstring(L, mh_sts_item_str(sts, list, i, MH_STS_NAME));
			lua_rawseti(L, -2, 1);
		}
		lua_pushstring(L, mh_sts_item_str(sts, list, i, MH_STS_VALUE));
		if (list != MH_STS_MX)
			lua_rawseti(L, -2, 2);
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

#define METHOD(name, push, field) \
	static int sts_##name(lua_State *L) \
	{ \
		return push(L, field); \
	}
METHOD(record, push_text, MH_STS_RECORD)
METHOD(id, push_text, MH_STS_ID)
METHOD(mode, push_text, MH_STS_MODE)
METHOD(max_age, push_number, MH_STS_MAX_AGE)
METHOD(record_count, push_number, MH_STS_RECORD_COUNT)
METHOD(record_valid, push_flag, MH_STS_RECORD_VALID)
METHOD(policy_valid, push_flag, MH_STS_POLICY_VALID)
METHOD(mx, push_items, MH_STS_MX)
METHOD(record_fields, push_items, MH_STS_RECORD_FIELD)
METHOD(policy_fields, push_items, MH_STS_POLICY_FIELD)
#undef METHOD

/* sts:matches(name) -> whether the policy has a pattern for that MX host | nil, message, name */
static int
sts_matches(lua_State *L)
{
	int code = mh_sts_matches(check_sts(L, 1)->sts, mh_lua_check_name(L, 2));
	if (code < 0)
		return mh_lua_fail(L, code);
	lua_pushboolean(L, code);
	return 1;
}

/* sts:findings() -> what is wrong, worst first */
static int
sts_findings(lua_State *L)
{
	mh_sts *sts = check_sts(L, 1)->sts;
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_sts_report(sts);
	return box->report != NULL ? mh_lua_give_findings(L, box) : mh_lua_fail(L, MH_ENOMEM);
}

/* sts:json() -> all of it as JSON | nil, message, name */
static int
sts_json(lua_State *L)
{
	const char *text = mh_sts_json(check_sts(L, 1)->sts);
	if (text[0] == '\0')
		return mh_lua_fail(L, MH_ENOMEM);
	lua_pushstring(L, text);
	return 1;
}

static int
sts_tostring(lua_State *L)
{
	struct sts_box *box = luaL_checkudata(L, 1, STS);
	if (box->sts == NULL)
		lua_pushliteral(L, STS " (closed)");
	else
		lua_pushfstring(L, STS " (id %s, mode %s)", mh_sts_str(box->sts, MH_STS_ID),
		    mh_sts_str(box->sts, MH_STS_MODE));
	return 1;
}

static const luaL_Reg methods[] = {
	{ "findings", sts_findings },
	{ "id", sts_id },
	{ "json", sts_json },
	{ "matches", sts_matches },
	{ "max_age", sts_max_age },
	{ "mode", sts_mode },
	{ "mx", sts_mx },
	{ "policy_fields", sts_policy_fields },
	{ "policy_valid", sts_policy_valid },
	{ "record", sts_record },
	{ "record_count", sts_record_count },
	{ "record_fields", sts_record_fields },
	{ "record_valid", sts_record_valid },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, STS, methods, sts_close);
	lua_pushcfunction(L, sts_tostring);
	lua_setfield(L, -3, "__tostring");
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "sts", new_sts },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "sts", context_sts },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_sts_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
