/* spf.c - a check in one call of Lua, which waits: check_host() of RFC 7208 if nothing else is named */
#include <stdbool.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

/* by_function - runs the job in place 2 by the resolver, a function of the caller's, in place 3:
 * resolver(name, type) -> records [, extra], or nil, why [, extra] */
static int
by_function(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 2);
	int code;
	while ((code = mh_job_step(box->job, mh_lua_now_ms())) == MH_WAIT) {
		int ask = mh_job_next_ask(box->job);
		if (ask <= 0)
			return MH_ESTATE; /* it was answered by nothing that comes from here */
		for (; ask > 0; ask = mh_job_next_ask(box->job)) {
			lua_pushvalue(L, 3);
			lua_pushstring(L, mh_job_ask_str(box->job, ask, MH_ASK_NAME));
			lua_pushstring(L, mh_job_ask_str(box->job, ask, MH_ASK_TYPE_NAME));
			lua_call(L, 2, 3);
			mh_lua_check_job_box(L, 2);
			if (lua_toboolean(L, 4)) {
				lua_remove(L, 6); /* records, extra */
				mh_lua_answer(L, box, ask, 4);
			} else {
				mh_lua_fail_ask(L, box, ask, 5);
			}
			/* An answer that was none must not leave it waiting. */
			mh_job_answer_end(box->job, ask, MH_UNKNOWN, MH_ANSWER_FAILED);
			lua_settop(L, 3);
		}
	}
	return code;
}

/* by_loop - runs the job in place 2 by the loop in place 3 */
static int
by_loop(lua_State *L)
{
	return mh_loop_run(mh_lua_check_loop(L, 3), mh_lua_check_job(L, 2), -1);
}

/* use_world - a recording gives the options, too */
static int
use_world(lua_State *L, mh_job *job)
{
	lua_getfield(L, 1, "world");
	int error = lua_isnil(L, -1) ? MH_OK : mh_job_use_world(job, mh_lua_check_world(L, lua_gettop(L)));
	lua_pop(L, 1);
	return error;
}

/* run_check - with the options in place 1, where nothing else is on the stack */
static int
run_check(lua_State *L, mh_ctx *ctx)
{
	luaL_checktype(L, 1, LUA_TTABLE);
	int pushed = mh_lua_push_job(L, ctx, 1, mh_lua_loop_options);
	if (pushed > 1)
		return pushed;
	int code = use_world(L, mh_lua_check_job(L, 2));
	if (code != MH_OK)
		return mh_lua_fail(L, code);
	lua_getfield(L, 1, "zone");
	lua_getfield(L, 1, "resolver");
	if (!lua_isnil(L, 3) && (lua_isfunction(L, 4) || lua_isuserdata(L, 4)))
		return luaL_error(L, "option 'zone' is for the built-in resolver, not for one of your own");
	lua_remove(L, 3);
	if (lua_isfunction(L, 3)) {
		code = by_function(L);
	} else if (lua_isuserdata(L, 3)) {
		code = by_loop(L);
	} else {
		lua_pop(L, 1);
		pushed = mh_lua_push_loop(L, ctx, 1, mh_lua_job_options);
		if (pushed > 1)
			return pushed;
		code = by_loop(L);
		lua_getfield(L, 3, "close"); /* its sockets are not left to the collector */
		lua_pushvalue(L, 3);
		lua_call(L, 1, 0);
	}
	if (code < 0)
		return mh_lua_fail(L, code);
	lua_settop(L, 2);
	return 1;
}

/* check(options), check_spf(options) -> job, which is done | nil, message, name */
static int
module_check(lua_State *L)
{
	lua_settop(L, 1);
	return run_check(L, mh_lua_default_context(L));
}

/* context:check(options), context:check_spf(options) -> the same */
static int
context_check(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_settop(L, 2);
	lua_remove(L, 1);
	return run_check(L, ctx);
}

static const luaL_Reg functions[] = {
	{ "check", module_check },
	{ "check_spf", module_check },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "check", context_check },
	{ "check_spf", context_check },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_spf_part = {
	.make_types = NULL,
	.functions = functions,
	.context_methods = context_methods,
};
