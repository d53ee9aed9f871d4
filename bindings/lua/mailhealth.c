/* mailhealth.c - the Lua module "mailhealth", for Lua 5.1 to 5.4 and LuaJIT
 *
 * Handles of libmailhealth as userdata with methods.  Three promises:
 *
 *   A wrong type, an unknown name and a closed object are programming errors
 *   and raise.  What can go wrong at run time gives nil, message, name.
 *
 *   Every handle sits in a userdata whose metatable was set while it was still
 *   empty, so an error that Lua raises half-way (no memory, mostly) leaks
 *   nothing: the collector finds it.
 *
 *   Nothing here is global.  Each Lua state has its own default context, made
 *   when it is first needed, in an upvalue.
 *
 * Names follow the JSON of the library, which the README shows; unknown numbers
 * are nil, unknown text is "".
 */
#include <stddef.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define CONTEXT "mailhealth.context"

struct context_box {
	mh_ctx *ctx; /* NULL: closed; so in all boxes of this module */
};

mh_ctx *
mh_lua_check_context(lua_State *L, int arg)
{
	struct context_box *box = luaL_checkudata(L, arg, CONTEXT);
	if (box->ctx == NULL)
		mh_lua_raise_closed(L, CONTEXT);
	return box->ctx;
}

/* mh_lua_default_context - the context in upvalue 1, made now if it is needed first;
 * NULL: no memory */
mh_ctx *
mh_lua_default_context(lua_State *L)
{
	struct context_box *box = lua_touserdata(L, lua_upvalueindex(1));
	if (box->ctx == NULL)
		box->ctx = mh_ctx_new(NULL, NULL);
	return box->ctx;
}

/* mh_lua_given_context - the context in argument arg, or the default one if there is none */
mh_ctx *
mh_lua_given_context(lua_State *L, int arg)
{
	return lua_isnoneornil(L, arg) ? mh_lua_default_context(L) : mh_lua_check_context(L, arg);
}

static int
context_close(lua_State *L)
{
	struct context_box *box = luaL_checkudata(L, 1, CONTEXT);
	mh_ctx_free(box->ctx);
	box->ctx = NULL;
	return 0;
}

/* context() -> context | nil, message, name */
static int
new_context(lua_State *L)
{
	struct context_box *box = mh_lua_push_box(L, CONTEXT, sizeof(*box));
	box->ctx = mh_ctx_new(NULL, NULL);
	return box->ctx != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* context:add_anchors(pem) -> how many | nil, message, name: trust anchors for checks of TLS */
static int
context_add_anchors(lua_State *L)
{
	size_t len;
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	const char *pem = luaL_checklstring(L, 2, &len);
	int count = mh_ctx_add_anchors(ctx, pem, len);
	if (count < 0)
		return mh_lua_fail(L, count);
	lua_pushinteger(L, count);
	return 1;
}

/* context:use_system_anchors() -> context | nil, message, name */
static int
context_use_system_anchors(lua_State *L)
{
	return mh_lua_changed(L, mh_ctx_use_system_anchors(mh_lua_check_context(L, 1)));
}

/* recognise(text) -> "reply", "log" or "bounce" */
static int
recognise(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_pushstring(L, mh_recognise(text, len));
	return 1;
}

static const luaL_Reg context_methods[] = {
	{ "add_anchors", context_add_anchors },
	{ "use_system_anchors", context_use_system_anchors },
	{ NULL, NULL },
};

static int
version(lua_State *L)
{
	lua_pushstring(L, mh_version());
	return 1;
}

static const luaL_Reg functions[] = {
	{ "version", version },
	{ "context", new_context },
	{ "recognise", recognise },
	{ NULL, NULL },
};

MH_API int luaopen_mailhealth(lua_State *L);

/* add_functions - list, each with the default context, in place 3, as its upvalue, goes into the table in place */
static void
add_functions(lua_State *L, int place, const luaL_Reg *list)
{
	for (; list != NULL && list->name != NULL; list++) {
		lua_pushvalue(L, 3);
		lua_pushcclosure(L, list->func, 1);
		lua_setfield(L, place, list->name);
	}
}

int
luaopen_mailhealth(lua_State *L)
{
	static const struct mh_lua_part *const parts[] = {
		&mh_lua_findings_part,
		&mh_lua_reply_part,
		&mh_lua_rules_part,
		&mh_lua_log_part,
		&mh_lua_bounce_part,
		&mh_lua_summary_part,
		&mh_lua_job_part,
		&mh_lua_dialogue_part,
		&mh_lua_loop_part,
		&mh_lua_zone_part,
		&mh_lua_spf_part,
		&mh_lua_dmarc_part,
		&mh_lua_stamp_part,
		&mh_lua_sts_part,
		&mh_lua_record_part,
		&mh_lua_chain_part,
		&mh_lua_json_part,
	};

	/* The library may be newer than the header we were made with, never older. */
	if (mh_version_number() / 10000 != MH_VERSION_NUMBER / 10000 ||
	    mh_version_number() / 100 < MH_VERSION_NUMBER / 100)
		return luaL_error(L, "mailhealth: libmailhealth %s was loaded, %s or later is needed",
		    mh_version(), MH_VERSION);

	lua_settop(L, 0);
	lua_newtable(L);
	mh_lua_make_type(L, CONTEXT, context_methods, context_close);
	lua_remove(L, 2);
	mh_lua_push_box(L, CONTEXT, sizeof(struct context_box)); /* the default one */
	add_functions(L, 1, functions);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (parts[i]->make_types != NULL)
			parts[i]->make_types(L);
		add_functions(L, 1, parts[i]->functions);
		add_functions(L, 2, parts[i]->context_methods);
	}
	lua_settop(L, 1);
	return 1;
}
