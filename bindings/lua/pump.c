/* pump.c - how a job is stepped from Lua
 *
 * By hand (step, asks), waiting (run), or callback style (start): a function of
 * the caller's gets each question and a second function to answer it with, now
 * or later, and a third function is called when the job is done.  No coroutines,
 * which hosts like Rspamd do not bear.
 */
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

/* mh_lua_now_ms - the clock that jobs are stepped by where the caller gives none */
int64_t
mh_lua_now_ms(void)
{
	struct timespec now = { 0, 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* given_now - argument arg in milliseconds, or what the clock says */
static int64_t
given_now(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return mh_lua_now_ms();
	lua_Number now = luaL_checknumber(L, arg);
	luaL_argcheck(L, now >= 0 && now < 9e15, arg, "no time");
	return (int64_t)now;
}

/* ------------------------------------------------------------------ by hand */

/* job:step([now_ms]) -> "wait" or "done" | nil, message, name */
static int
job_step(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	int code = mh_job_step(job, given_now(L, 2));
	if (code < 0)
		return mh_lua_fail(L, code);
	lua_pushstring(L, code == MH_DONE ? "done" : "wait");
	return 1;
}

/* job:timeout([now_ms]) -> seconds until step is wanted though nothing was answered; nil: never */
static int
job_timeout(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	int64_t timeout = mh_job_timeout(job, given_now(L, 2));
	mh_lua_push_milli(L, timeout < 0 ? MH_UNKNOWN : timeout);
	return 1;
}

/* push_ask - name and type of a question */
static void
push_ask(lua_State *L, mh_job *job, int ask)
{
	lua_pushstring(L, mh_job_ask_str(job, ask, MH_ASK_NAME));
	lua_pushstring(L, mh_job_ask_str(job, ask, MH_ASK_TYPE_NAME));
}

static int
next_ask(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, lua_upvalueindex(1));
	int ask = mh_job_next_ask(job);
	if (ask <= 0)
		return 0;
	lua_pushinteger(L, ask);
	push_ask(L, job, ask);
	return 3;
}

/* for ask, name, type in job:asks() do - questions that nobody was given yet */
static int
job_asks(lua_State *L)
{
	mh_lua_check_job(L, 1);
	lua_pushvalue(L, 1);
	lua_pushcclosure(L, next_ask, 1);
	return 1;
}

/* job:want(name, type) -> number of the question | nil, message, name */
static int
job_want(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	const char *name = mh_lua_check_name(L, 2);
	int ask = mh_job_want(job, name, (int)luaL_checkinteger(L, 3));
	if (ask < 0)
		return mh_lua_fail(L, ask);
	lua_pushinteger(L, ask);
	return 1;
}

/* job:run([timeout]) -> job | nil, message, name: waits until it is done, by the built-in resolver; timeout in
 * seconds */
static int
job_run(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	int code = mh_job_run(job, mh_lua_milliseconds(L, 2, -1));
	if (code < 0)
		return mh_lua_fail(L, code);
	lua_settop(L, 1);
	return 1;
}

/* ----------------------------------------------------------- callback style */

static int job_pump(lua_State *L);

/* reply(records [, extra]), reply(nil, why [, extra]) or reply(dialogue) -> true | nil, message, name: what the
 * caller's function gets for one question; upvalues: the job, the question */
static int
reply(lua_State *L)
{
	struct mh_lua_job *box = luaL_checkudata(L, lua_upvalueindex(1), MH_LUA_JOB);
	int ask = (int)lua_tointeger(L, lua_upvalueindex(2));
	lua_settop(L, 3);
	if (box->job == NULL)
		return mh_lua_fail(L, MH_ESTATE); /* cancelled: late, and harmless as all late answers */
	bool is_failure = lua_isnil(L, 1) || (lua_isboolean(L, 1) && !lua_toboolean(L, 1));
	mh_dialogue *dialogue = mh_lua_to_dialogue(L, 1);
	int given = is_failure ? mh_lua_fail_ask(L, box, ask, 2)
	    : dialogue != NULL ? mh_lua_answer_by(L, box, ask, dialogue)
			       : mh_lua_answer(L, box, ask, 1);
	if (!box->is_pumping) {
		lua_pushcfunction(L, job_pump);
		lua_pushvalue(L, lua_upvalueindex(1));
		lua_call(L, 1, 0);
	}
	return given;
}

/* hand_over - calls the caller's function, which is in place, for one question; false: it has raised, and the
 * error is on top of the stack */
static bool
hand_over(lua_State *L, struct mh_lua_job *box, int resolve, int ask)
{
	lua_pushvalue(L, resolve);
	push_ask(L, box->job, ask);
	lua_pushvalue(L, 1);
	lua_pushinteger(L, ask);
	lua_pushcclosure(L, reply, 2);
	int arguments = 3;
	if (mh_job_ask_int(box->job, ask, MH_ASK_KIND) == MH_ASK_STREAM) {
		/* nil where there is no memory, and only one value in either case */
		int top = lua_gettop(L);
		if (mh_lua_push_dialogue(L, box->job, ask) > 1) {
			lua_settop(L, top);
			lua_pushnil(L);
		}
		arguments++;
	}
	bool is_good = lua_pcall(L, arguments, 1, 0) == 0;
	/* false: it could not be sent.  An answer that was given counts, whatever comes after it. */
	bool is_refused = !is_good || (lua_isboolean(L, -1) && !lua_toboolean(L, -1));
	if (is_refused && box->job != NULL &&
	    mh_job_answer_end(box->job, ask, MH_UNKNOWN, MH_ANSWER_FAILED) == MH_OK)
		box->answered++;
	if (is_good)
		lua_pop(L, 1);
	return is_good;
}

/* hand_out - all questions that nobody was given yet; the first error of the caller's function goes to place
 * error, if nothing is there yet */
static void
hand_out(lua_State *L, struct mh_lua_job *box, int resolve, int error)
{
	int ask;
	while (box->job != NULL && (ask = mh_job_next_ask(box->job)) > 0) {
		if (hand_over(L, box, resolve, ask))
			continue;
		if (lua_isnil(L, error))
			lua_replace(L, error);
		else
			lua_pop(L, 1);
	}
}

/* finish - calls the function of job:start for the end: done(job), or done(nil, message, name).  Both functions
 * are let go first. */
static void
finish(lua_State *L, int code)
{
	mh_lua_push_value(L, 1);
	lua_rawgeti(L, -1, MH_LUA_JOB_DONE);
	lua_remove(L, -2);
	lua_pushnil(L);
	mh_lua_keep(L, 1, MH_LUA_JOB_RESOLVE);
	lua_pushnil(L);
	mh_lua_keep(L, 1, MH_LUA_JOB_DONE);
	if (lua_isnil(L, -1)) {
		lua_pop(L, 1);
		return;
	}
	int arguments = 1;
	if (code == MH_DONE)
		lua_pushvalue(L, 1);
	else
		arguments = mh_lua_fail(L, code);
	lua_call(L, arguments, 0);
}

/* job:pump() -> "wait" or "done" | nil, message, name: goes on as far as it can, by the functions of start; for
 * timers, since answers do it by themselves */
static int
job_pump(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	lua_settop(L, 2);
	lua_pushnil(L);
	lua_replace(L, 2); /* an error of the caller's function */
	if (box->is_pumping) {
		lua_pushliteral(L, "wait");
		return 1;
	}
	mh_lua_push_value(L, 1);
	lua_rawgeti(L, 3, MH_LUA_JOB_RESOLVE);
	lua_replace(L, 3);
	if (lua_isnil(L, 3))
		return mh_lua_fail(L, MH_ESTATE); /* not started, or done */
	luaL_checkstack(L, 20, NULL);
	int code;
	unsigned answered;
	box->is_pumping = true;
	do {
		answered = box->answered;
		code = mh_job_step(box->job, mh_lua_now_ms());
		if (code == MH_WAIT)
			hand_out(L, box, 3, 2);
	} while (code == MH_WAIT && box->job != NULL && answered != box->answered);
	box->is_pumping = false;
	if (box->job == NULL)
		code = MH_ESTATE; /* closed by the caller's function, which knows */
	else if (code != MH_WAIT)
		finish(L, code);
	if (!lua_isnil(L, 2)) {
		lua_pushvalue(L, 2);
		return lua_error(L);
	}
	if (code < 0)
		return mh_lua_fail(L, code);
	lua_pushstring(L, code == MH_DONE ? "done" : "wait");
	return 1;
}

/* job:start(resolve, done) -> as pump.  resolve(name, type, reply) is called for each question and answers by
 * reply, at once or later; false from it says that it could not be sent.  Where type is "STREAM" there is a
 * fourth argument, the dialogue that is to be had, with which it answers.  done(job), or
 * done(nil, message, name), is called once, at the end. */
static int
job_start(lua_State *L)
{
	mh_lua_check_job(L, 1);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	if (!lua_isnoneornil(L, 3))
		luaL_checktype(L, 3, LUA_TFUNCTION);
	lua_settop(L, 3);
	mh_lua_keep(L, 1, MH_LUA_JOB_DONE);
	mh_lua_keep(L, 1, MH_LUA_JOB_RESOLVE);
	return job_pump(L);
}

const luaL_Reg mh_lua_pump_methods[] = {
	{ "step", job_step },
	{ "timeout", job_timeout },
	{ "asks", job_asks },
	{ "want", job_want },
	{ "run", job_run },
	{ "start", job_start },
	{ "pump", job_pump },
	{ NULL, NULL },
};
