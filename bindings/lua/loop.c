/* loop.c - the built-in resolver in Lua, for any number of jobs at once
 *
 * A loop keeps its jobs alive, and finds the object of Lua again by the handle
 * that the library gives back.
 */
#include <stddef.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

#define LOOP "mailhealth.loop"

#define LOOP_COUNTS(X) \
	X(JOBS, "jobs") \
	X(SENT, "sent") \
	X(RECEIVED, "received") \
	X(FOREIGN, "foreign") \
	X(CACHED, "cached") \
	X(COALESCED, "coalesced") \
	X(TIMEOUTS, "timeouts") \
	X(TCP, "tcp")

#define ROW(number, name) { name, MH_LOOP_##number },
TABLE(loop_counts, LOOP_COUNTS);
#undef ROW

const struct mh_lua_option mh_lua_loop_options[] = {
	{ "resolver", MH_OPT_RESOLVER, MH_LUA_TEXT, NULL },
	{ "trust_ad", MH_OPT_TRUST_AD, MH_LUA_FLAG, NULL },
	{ "try_ms", MH_OPT_TRY_MS, MH_LUA_NUMBER, NULL },
	{ "tries", MH_OPT_TRIES, MH_LUA_NUMBER, NULL },
	{ "cache_octets", MH_OPT_CACHE_OCTETS, MH_LUA_NUMBER, NULL },
	{ "in_flight", MH_OPT_IN_FLIGHT, MH_LUA_NUMBER, NULL },
	{ "offline", MH_OPT_OFFLINE, MH_LUA_FLAG, NULL },
	{ "zone", 0, MH_LUA_OBJECT, NULL },
	{ "overlay", 0, MH_LUA_OBJECT, NULL },
	{ "world", 0, MH_LUA_OBJECT, NULL },
	{ NULL, 0, MH_LUA_TEXT, NULL },
};

struct loop_box {
	mh_loop *loop;
};

mh_loop *
mh_lua_check_loop(lua_State *L, int arg)
{
	struct loop_box *box = luaL_checkudata(L, arg, LOOP);
	if (box->loop == NULL)
		mh_lua_raise_closed(L, LOOP);
	return box->loop;
}

static int
loop_close(lua_State *L)
{
	struct loop_box *box = luaL_checkudata(L, 1, LOOP);
	if (box->loop == NULL)
		return 0;
	mh_loop_free(box->loop); /* its jobs are the caller's again */
	box->loop = NULL;
	lua_settop(L, 1);
	lua_newtable(L);
	mh_lua_set_value(L);
	return 0;
}

/* ----------------------------------------------------------- jobs of a loop */

/* push_key - what stands for a handle in the table of jobs.  Not a light userdata: LuaJIT knows 47 bits of
 * them on some machines. */
static void
push_key(lua_State *L, const mh_job *job)
{
	lua_pushlstring(L, (const char *)&job, sizeof(job));
}

/* remember - that the loop in place 1 has the job in place 2 */
static void
remember(lua_State *L, const mh_job *job)
{
	mh_lua_push_value(L, 1);
	push_key(L, job);
	lua_pushvalue(L, 2);
	lua_rawset(L, -3);
	lua_pop(L, 1);
	lua_pushvalue(L, 1);
	mh_lua_keep(L, 2, MH_LUA_JOB_LOOP);
}

/* mh_lua_loop_forget - the loop in place no longer has this job */
void
mh_lua_loop_forget(lua_State *L, int loop, const mh_job *job)
{
	mh_lua_push_value(L, loop);
	push_key(L, job);
	lua_pushnil(L);
	lua_rawset(L, -3);
	lua_pop(L, 1);
}

/* let_go - the loop in place 1 no longer has the job in place, nor the job its loop */
static void
let_go(lua_State *L, int place, const mh_job *job)
{
	mh_lua_loop_forget(L, 1, job);
	lua_pushnil(L);
	mh_lua_keep(L, place, MH_LUA_JOB_LOOP);
}

/* loop:add(job) -> loop | nil, message, name */
static int
loop_add(lua_State *L)
{
	mh_loop *loop = mh_lua_check_loop(L, 1);
	mh_job *job = mh_lua_check_job(L, 2);
	/* All that may raise comes before the loop has it. */
	mh_lua_push_value(L, 2);
	lua_rawgeti(L, -1, MH_LUA_JOB_LOOP);
	const struct loop_box *other = lua_touserdata(L, -1);
	if (other != NULL && other->loop != NULL)
		return mh_lua_fail(L, MH_ESTATE);
	lua_settop(L, 2);
	remember(L, job);
	int error = mh_loop_add(loop, job);
	if (error != MH_OK) {
		let_go(L, 2, job);
		return mh_lua_fail(L, error);
	}
	lua_settop(L, 1);
	return 1;
}

/* loop:remove(job) -> loop | nil, message, name: takes it out, as far as it came */
static int
loop_remove(lua_State *L)
{
	mh_loop *loop = mh_lua_check_loop(L, 1);
	mh_job *job = mh_lua_check_job(L, 2);
	int error = mh_loop_remove(loop, job);
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	let_go(L, 2, job);
	lua_settop(L, 1);
	return 1;
}

/* next_done - the next job that is done, or nil; the loop is upvalue 1 */
static int
next_done(lua_State *L)
{
	lua_settop(L, 0);
	lua_pushvalue(L, lua_upvalueindex(1));
	mh_job *job = mh_loop_next_done(mh_lua_check_loop(L, 1));
	if (job == NULL)
		return 0;
	mh_lua_push_value(L, 1);
	push_key(L, job);
	lua_rawget(L, -2);
	let_go(L, 3, job);
	return 1;
}

/* for job in loop:done() do - jobs that are done and no longer the loop's */
static int
loop_done(lua_State *L)
{
	mh_lua_check_loop(L, 1);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, next_done, 1);
	return 1;
}

/* loop:run(job [, timeout]) -> job | nil, message, name: waits for one; the others go on */
static int
loop_run(lua_State *L)
{
	mh_loop *loop = mh_lua_check_loop(L, 1);
	mh_job *job = mh_lua_check_job(L, 2);
	int code = mh_loop_run(loop, job, mh_lua_milliseconds(L, 3, -1));
	if (code < 0)
		return mh_lua_fail(L, code);
	let_go(L, 2, job);
	lua_settop(L, 2);
	return 1;
}

/* ------------------------------------------------------------ in event loops */

/* loop:fd() -> a descriptor that is readable when step has something to do | nil, message, name */
static int
loop_fd(lua_State *L)
{
	int fd = mh_loop_fd(mh_lua_check_loop(L, 1));
	if (fd < 0)
		return mh_lua_fail(L, fd);
	lua_pushinteger(L, fd);
	return 1;
}

/* loop:timeout() -> seconds until step is wanted whatever comes; nil: never */
static int
loop_timeout(lua_State *L)
{
	int64_t timeout = mh_loop_timeout(mh_lua_check_loop(L, 1));
	mh_lua_push_milli(L, timeout < 0 ? MH_UNKNOWN : timeout);
	return 1;
}

/* loop:step() -> loop | nil, message, name: does what there is to do, and never waits */
static int
loop_step(lua_State *L)
{
	return mh_lua_changed(L, mh_loop_step(mh_lua_check_loop(L, 1)));
}

/* loop:wait([timeout]) -> the same: waits for something to do, timeout seconds at most, and does it */
static int
loop_wait(lua_State *L)
{
	mh_loop *loop = mh_lua_check_loop(L, 1);
	return mh_lua_changed(L, mh_loop_wait(loop, mh_lua_milliseconds(L, 2, -1)));
}

/* loop:count(what) - jobs, sent, received, foreign, cached, coalesced, timeouts, tcp */
static int
loop_count(lua_State *L)
{
	mh_loop *loop = mh_lua_check_loop(L, 1);
	mh_lua_push_known(L, mh_loop_int(loop, mh_lua_check_word(L, 2, loop_counts)));
	return 1;
}

static int
loop_tostring(lua_State *L)
{
	struct loop_box *box = luaL_checkudata(L, 1, LOOP);
	if (box->loop == NULL)
		lua_pushliteral(L, LOOP " (closed)");
	else
		lua_pushfstring(L, LOOP " (%d jobs)", (int)mh_loop_int(box->loop, MH_LOOP_JOBS));
	return 1;
}

/* ------------------------------------------------------------ making of one */

static int
set_int(void *handle, int option, int64_t value)
{
	return mh_loop_set_int(handle, option, value);
}

static int
set_str(void *handle, int option, const char *value)
{
	return mh_loop_set_str(handle, option, value);
}

/* use_zones - those of the option zone, one or an array, in the table in place options */
static int
use_zones(lua_State *L, mh_loop *loop, int options)
{
	lua_getfield(L, options, "overlay");
	int is_overlay = lua_toboolean(L, -1);
	lua_getfield(L, options, "zone");
	int error = MH_OK;
	if (lua_istable(L, -1)) {
		for (int i = 1; error == MH_OK; i++) {
			lua_rawgeti(L, -1, i);
			if (lua_isnil(L, -1))
				break;
			error = mh_loop_use_zone(loop, mh_lua_check_zone(L, lua_gettop(L)), is_overlay);
			lua_pop(L, 1);
		}
	} else if (!lua_isnil(L, -1)) {
		error = mh_loop_use_zone(loop, mh_lua_check_zone(L, lua_gettop(L)), is_overlay);
	}
	return error;
}

static int
use_world(lua_State *L, mh_loop *loop, int options)
{
	lua_getfield(L, options, "world");
	int error = MH_OK;
	if (!lua_isnil(L, -1))
		error = mh_loop_use_world(loop, mh_lua_check_world(L, lua_gettop(L)));
	return error;
}

/* mh_lua_push_loop - as mh_lua_push_job */
int
mh_lua_push_loop(lua_State *L, mh_ctx *ctx, int options, const struct mh_lua_option *others)
{
	struct loop_box *box = mh_lua_push_box(L, LOOP, sizeof(*box));
	int place = lua_gettop(L);
	lua_newtable(L);
	mh_lua_set_value(L);
	box->loop = ctx != NULL ? mh_loop_new(ctx) : NULL;
	if (box->loop == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	if (lua_isnoneornil(L, options))
		return 1;
	const struct mh_lua_target target = { set_int, set_str, box->loop };
	int failed = mh_lua_set_options(L, options, mh_lua_loop_options, others, &target);
	if (failed > 0)
		return failed;
	int error = use_zones(L, box->loop, options);
	if (error == MH_OK)
		error = use_world(L, box->loop, options);
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	lua_settop(L, place);
	return 1;
}

/* loop([options]) -> loop | nil, message, name */
static int
new_loop(lua_State *L)
{
	lua_settop(L, 1);
	return mh_lua_push_loop(L, mh_lua_default_context(L), 1, NULL);
}

/* context:loop([options]) -> the same */
static int
context_loop(lua_State *L)
{
	lua_settop(L, 2);
	return mh_lua_push_loop(L, mh_lua_check_context(L, 1), 2, NULL);
}

static const luaL_Reg loop_methods[] = {
	{ "add", loop_add },
	{ "remove", loop_remove },
	{ "done", loop_done },
	{ "run", loop_run },
	{ "fd", loop_fd },
	{ "timeout", loop_timeout },
	{ "step", loop_step },
	{ "wait", loop_wait },
	{ "count", loop_count },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, LOOP, loop_methods, loop_close);
	lua_pop(L, 1);
	lua_pushcfunction(L, loop_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "loop", new_loop },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "loop", context_loop },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_loop_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
