/* check.h - what the files about checks share: jobs, and what answers them */
#ifndef MH_LUA_CHECK_H
#define MH_LUA_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include <mailhealth.h>

#include "module.h"

/* --------------------------------------------------------------------- jobs */

#define MH_LUA_JOB "mailhealth.job"

/* What a job keeps alive, in the table that goes with it. */
enum {
	MH_LUA_JOB_LOOP = 1, /* the loop that has it */
	MH_LUA_JOB_RESOLVE, /* functions of job:start */
	MH_LUA_JOB_DONE,
};

struct mh_lua_job {
	mh_job *job; /* NULL: closed */
	bool is_pumping;
	unsigned answered; /* counts, so that a pump sees that there is news */
};

extern const struct mh_lua_option mh_lua_job_options[];

struct mh_lua_job *mh_lua_check_job_box(lua_State *L, int arg);
mh_job *mh_lua_check_job(lua_State *L, int arg);
int mh_lua_push_job(lua_State *L, mh_ctx *ctx, int options, const struct mh_lua_option *others);
void mh_lua_keep(lua_State *L, int place, int what);
int64_t mh_lua_milliseconds(lua_State *L, int arg, int64_t fallback);

/* ------------------------------------------------------- answers (answer.c) */

int mh_lua_answer(lua_State *L, struct mh_lua_job *box, int ask, int first);
int mh_lua_fail_ask(lua_State *L, struct mh_lua_job *box, int ask, int first);
extern const luaL_Reg mh_lua_answer_methods[];

/* ------------------------------------------------- dialogues (dialogue.c) */

extern const luaL_Reg mh_lua_dialogue_methods[];
int mh_lua_push_dialogue(lua_State *L, mh_job *job, int ask);
int mh_lua_answer_by(lua_State *L, struct mh_lua_job *box, int ask, mh_dialogue *dialogue);
mh_dialogue *mh_lua_to_dialogue(lua_State *L, int arg);

/* ------------------------------------------------------------ pump (pump.c) */

extern const luaL_Reg mh_lua_pump_methods[];
int64_t mh_lua_now_ms(void);

/* --------------------------------------------------- loops, zones, recordings */

extern const struct mh_lua_option mh_lua_loop_options[];

int mh_lua_push_loop(lua_State *L, mh_ctx *ctx, int options, const struct mh_lua_option *others);
mh_loop *mh_lua_check_loop(lua_State *L, int arg);
void mh_lua_loop_forget(lua_State *L, int loop, const mh_job *job);
mh_zone *mh_lua_check_zone(lua_State *L, int arg);
mh_world *mh_lua_check_world(lua_State *L, int arg);

#endif
