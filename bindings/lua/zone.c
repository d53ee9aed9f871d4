/* zone.c - zone files and recordings in Lua, which answer instead of DNS */
#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

#define ZONE "mailhealth.zone"
#define WORLD "mailhealth.world"

struct zone_box {
	mh_zone *zone;
};

struct world_box {
	mh_world *world;
};

mh_zone *
mh_lua_check_zone(lua_State *L, int arg)
{
	struct zone_box *box = luaL_checkudata(L, arg, ZONE);
	if (box->zone == NULL)
		mh_lua_raise_closed(L, ZONE);
	return box->zone;
}

mh_world *
mh_lua_check_world(lua_State *L, int arg)
{
	struct world_box *box = luaL_checkudata(L, arg, WORLD);
	if (box->world == NULL)
		mh_lua_raise_closed(L, WORLD);
	return box->world;
}

static int
zone_close(lua_State *L)
{
	struct zone_box *box = luaL_checkudata(L, 1, ZONE);
	mh_zone_free(box->zone);
	box->zone = NULL;
	return 0;
}

static int
world_close(lua_State *L)
{
	struct world_box *box = luaL_checkudata(L, 1, WORLD);
	mh_world_free(box->world);
	box->world = NULL;
	return 0;
}

/* told - how many questions were answered, or nil, message, name */
static int
told(lua_State *L, int count)
{
	if (count < 0)
		return mh_lua_fail(L, count);
	lua_pushinteger(L, count);
	return 1;
}

/* opt_name - argument arg, or default if there is none */
static const char *
opt_name(lua_State *L, int arg, const char *fallback)
{
	return lua_isnoneornil(L, arg) ? fallback : mh_lua_check_name(L, arg);
}

/* -------------------------------------------------------------------- zones */

/* zone:add(text [, origin [, name]]) -> zone | nil, message, name */
static int
zone_add(lua_State *L)
{
	mh_zone *zone = mh_lua_check_zone(L, 1);
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	const char *origin = opt_name(L, 3, "");
	return mh_lua_changed(L, mh_zone_add(zone, opt_name(L, 4, "zone"), origin, text, len));
}

/* zone:add_file(path [, origin]) -> the same */
static int
zone_add_file(lua_State *L)
{
	mh_zone *zone = mh_lua_check_zone(L, 1);
	const char *path = mh_lua_check_name(L, 2);
	return mh_lua_changed(L, mh_zone_add_file(zone, path, opt_name(L, 3, "")));
}

static int
push_zone(lua_State *L, mh_ctx *ctx)
{
	struct zone_box *box = mh_lua_push_box(L, ZONE, sizeof(*box));
	box->zone = mh_zone_new(ctx);
	if (box->zone == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	lua_insert(L, 1);
	if (lua_isnoneornil(L, 2))
		return mh_lua_changed(L, MH_OK);
	return zone_add(L);
}

/* zone([text [, origin [, name]]]) -> zone | nil, message, name */
static int
new_zone(lua_State *L)
{
	return push_zone(L, mh_lua_default_context(L));
}

/* context:zone([text [, origin [, name]]]) -> the same */
static int
context_zone(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_remove(L, 1);
	return push_zone(L, ctx);
}

/* zone:count(), #zone - records */
static int
zone_count(lua_State *L)
{
	mh_lua_push_known(L, (int64_t)mh_zone_count(mh_lua_check_zone(L, 1)));
	return 1;
}

/* zone:mail_names() - domains in the files that mail is sent from or to: a table */
static int
zone_mail_names(lua_State *L)
{
	mh_zone *zone = mh_lua_check_zone(L, 1);
	int count = 0;
	lua_newtable(L);
	for (size_t i = 0; mh_zone_name(zone, i)[0] != '\0'; i++) {
		if (!mh_zone_is_for_mail(zone, i))
			continue;
		lua_pushstring(L, mh_zone_name(zone, i));
		lua_rawseti(L, -2, ++count);
	}
	return 1;
}

/* zone:findings() - what is wrong with the files */
static int
zone_findings(lua_State *L)
{
	mh_zone *zone = mh_lua_check_zone(L, 1);
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_zone_report(zone);
	return box->report != NULL ? mh_lua_give_findings(L, box) : mh_lua_fail(L, MH_ENOMEM);
}

/* zone:answer(job [, is_overlay]) -> how many questions | nil, message, name */
static int
zone_answer(lua_State *L)
{
	mh_zone *zone = mh_lua_check_zone(L, 1);
	mh_job *job = mh_lua_check_job(L, 2);
	return told(L, mh_zone_answer(zone, job, lua_toboolean(L, 3)));
}

static int
zone_tostring(lua_State *L)
{
	struct zone_box *box = luaL_checkudata(L, 1, ZONE);
	if (box->zone == NULL)
		lua_pushliteral(L, ZONE " (closed)");
	else
		lua_pushfstring(L, ZONE " (%d records)", (int)mh_zone_count(box->zone));
	return 1;
}

/* --------------------------------------------------------------- recordings */

/* world:add(text [, name]) -> world | nil, message, name */
static int
world_add(lua_State *L)
{
	mh_world *world = mh_lua_check_world(L, 1);
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	return mh_lua_changed(L, mh_world_add(world, opt_name(L, 3, "world"), text, len));
}

/* world:add_file(path) -> the same */
static int
world_add_file(lua_State *L)
{
	mh_world *world = mh_lua_check_world(L, 1);
	return mh_lua_changed(L, mh_world_add_file(world, mh_lua_check_name(L, 2)));
}

static int
push_world(lua_State *L, mh_ctx *ctx)
{
	struct world_box *box = mh_lua_push_box(L, WORLD, sizeof(*box));
	box->world = mh_world_new(ctx);
	if (box->world == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	lua_insert(L, 1);
	if (lua_isnoneornil(L, 2))
		return mh_lua_changed(L, MH_OK);
	return world_add(L);
}

/* world([text [, name]]) -> world | nil, message, name */
static int
new_world(lua_State *L)
{
	return push_world(L, mh_lua_default_context(L));
}

/* context:world([text [, name]]) -> the same */
static int
context_world(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_remove(L, 1);
	return push_world(L, ctx);
}

/* world:option(name) - of the job that was recorded; "" if it had none */
static int
world_option(lua_State *L)
{
	mh_world *world = mh_lua_check_world(L, 1);
	lua_pushstring(L, mh_world_str(world, mh_lua_check_name(L, 2)));
	return 1;
}

/* world:findings() - lines that could not be read */
static int
world_findings(lua_State *L)
{
	mh_world *world = mh_lua_check_world(L, 1);
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_world_report(world);
	return box->report != NULL ? mh_lua_give_findings(L, box) : mh_lua_fail(L, MH_ENOMEM);
}

/* world:answer(job) -> how many questions | nil, message, name */
static int
world_answer(lua_State *L)
{
	mh_world *world = mh_lua_check_world(L, 1);
	return told(L, mh_world_answer(world, mh_lua_check_job(L, 2)));
}

/* ------------------------------------------------------------------- module */

static const luaL_Reg zone_methods[] = {
	{ "add", zone_add },
	{ "add_file", zone_add_file },
	{ "count", zone_count },
	{ "mail_names", zone_mail_names },
	{ "findings", zone_findings },
	{ "answer", zone_answer },
	{ NULL, NULL },
};

static const luaL_Reg world_methods[] = {
	{ "add", world_add },
	{ "add_file", world_add_file },
	{ "option", world_option },
	{ "findings", world_findings },
	{ "answer", world_answer },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, ZONE, zone_methods, zone_close);
	lua_pop(L, 1);
	lua_pushcfunction(L, zone_count);
	lua_setfield(L, -2, "__len");
	lua_pushcfunction(L, zone_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
	mh_lua_make_type(L, WORLD, world_methods, world_close);
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "zone", new_zone },
	{ "world", new_world },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "zone", context_zone },
	{ "world", context_world },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_zone_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
