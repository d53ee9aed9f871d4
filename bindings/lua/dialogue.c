/* dialogue.c - dialogues with servers over connections that the program has: octets in, octets out
 *
 * For hosts whose own sockets are the only ones that fit their loop.
 */
#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

#define DIALOGUE "mailhealth.dialogue"

#define DIALOGUE_TEXTS(X) \
	X(NAME, "name") \
	X(ADDRESS, "address") \
	X(PATH, "path") \
	X(STATE, "state")

#define ROW(number, name) { name, MH_DIALOGUE_##number },
TABLE(dialogue_texts, DIALOGUE_TEXTS);
#undef ROW

static const struct mh_lua_word failures[] = {
	{ "refused", MH_FAIL_REFUSED },
	{ "reset", MH_FAIL_RESET },
	{ "network", MH_FAIL_NETWORK },
	{ "host", MH_FAIL_HOST },
	{ "forbidden", MH_FAIL_FORBIDDEN },
	{ "timeout", MH_FAIL_TIMEOUT },
	{ NULL, 0 },
};

struct dialogue_box {
	mh_dialogue *dialogue; /* NULL: closed */
};

static mh_dialogue *
check_dialogue(lua_State *L, int arg)
{
	struct dialogue_box *box = luaL_checkudata(L, arg, DIALOGUE);
	if (box->dialogue == NULL)
		mh_lua_raise_closed(L, DIALOGUE);
	return box->dialogue;
}

static int
dialogue_close(lua_State *L)
{
	struct dialogue_box *box = luaL_checkudata(L, 1, DIALOGUE);
	mh_dialogue_free(box->dialogue);
	box->dialogue = NULL;
	return 0;
}

/* mh_lua_to_dialogue - that in argument arg; NULL: it is something else, or closed */
mh_dialogue *
mh_lua_to_dialogue(lua_State *L, int arg)
{
	struct dialogue_box *box = lua_touserdata(L, arg);
	if (box == NULL || lua_getmetatable(L, arg) == 0)
		return NULL;
	luaL_getmetatable(L, DIALOGUE);
	bool is_one = lua_rawequal(L, -1, -2) != 0;
	lua_pop(L, 2);
	return is_one ? box->dialogue : NULL;
}

/* mh_lua_push_dialogue - for this question; what it leaves on the stack: it, or nil, message, name */
int
mh_lua_push_dialogue(lua_State *L, mh_job *job, int ask)
{
	struct dialogue_box *box = mh_lua_push_box(L, DIALOGUE, sizeof(*box));
	box->dialogue = mh_job_dialogue(job, ask);
	return box->dialogue != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* check_now - argument arg, seconds of any clock that does not go back; ours by default; in microseconds */
static int64_t
check_now(lua_State *L, int arg)
{
	if (lua_isnoneornil(L, arg))
		return mh_lua_now_ms() * 1000;
	lua_Number seconds = luaL_checknumber(L, arg);
	luaL_argcheck(L, seconds >= 0 && seconds < 9e12, arg, "no time");
	return (int64_t)(seconds * 1000000);
}

/* job:dialogue(ask) -> dialogue | nil, message, name: what a question of type "STREAM" wants to have said;
 * MH_EINVAL: it is none, or is answered */
static int
job_dialogue(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	int ask = (int)luaL_checkinteger(L, 2);
	if (mh_job_ask_int(job, ask, MH_ASK_KIND) != MH_ASK_STREAM ||
	    mh_job_ask_int(job, ask, MH_ASK_STATE) != MH_STATE_MISSING)
		return mh_lua_fail(L, MH_EINVAL);
	return mh_lua_push_dialogue(L, job, ask);
}

/* mh_lua_answer_by - answers with the dialogue; what it leaves on the stack: true, or nil, message, name */
int
mh_lua_answer_by(lua_State *L, struct mh_lua_job *box, int ask, mh_dialogue *dialogue)
{
	int error = mh_job_answer_dialogue(box->job, ask, dialogue);
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	box->answered++;
	lua_pushboolean(L, 1);
	return 1;
}

/* job:answer_dialogue(ask, dialogue) -> true | nil, message, name */
static int
job_answer_dialogue(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	int ask = (int)luaL_checkinteger(L, 2);
	return mh_lua_answer_by(L, box, ask, check_dialogue(L, 3));
}

/* dialogue:name(), :address(), :path(), :state() */
static int
dialogue_text(lua_State *L)
{
	lua_pushstring(L, mh_dialogue_str(check_dialogue(L, 1), (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* dialogue:port() */
static int
dialogue_port(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)mh_dialogue_int(check_dialogue(L, 1), MH_DIALOGUE_PORT));
	return 1;
}

/* dialogue:is_done() - nothing more will happen: send what can be sent at once, and hang up */
static int
dialogue_is_done(lua_State *L)
{
	lua_pushboolean(L, mh_dialogue_int(check_dialogue(L, 1), MH_DIALOGUE_IS_DONE) == 1);
	return 1;
}

/* dialogue:connected([now]) -> dialogue | nil, message, name; so the others that tell what happens */
static int
dialogue_connected(lua_State *L)
{
	mh_dialogue *dialogue = check_dialogue(L, 1);
	return mh_lua_changed(L, mh_dialogue_connected(dialogue, check_now(L, 2)));
}

/* dialogue:feed(octets [, now]) - what the server sent; "": it closed */
static int
dialogue_feed(lua_State *L)
{
	size_t len;
	mh_dialogue *dialogue = check_dialogue(L, 1);
	const char *octets = luaL_checklstring(L, 2, &len);
	int64_t now = check_now(L, 3);
	return mh_lua_changed(L,
	    len > 0 ? mh_dialogue_feed(dialogue, octets, len, now) : mh_dialogue_eof(dialogue, now));
}

/* dialogue:eof([now]) - the server closed */
static int
dialogue_eof(lua_State *L)
{
	mh_dialogue *dialogue = check_dialogue(L, 1);
	return mh_lua_changed(L, mh_dialogue_eof(dialogue, check_now(L, 2)));
}

/* dialogue:fail(why [, now]) - refused, reset, network, host, forbidden, timeout */
static int
dialogue_fail(lua_State *L)
{
	mh_dialogue *dialogue = check_dialogue(L, 1);
	int reason = mh_lua_check_word(L, 2, failures);
	return mh_lua_changed(L, mh_dialogue_fail(dialogue, reason, check_now(L, 3)));
}

/* dialogue:output() - octets to be sent, which are taken for sent; "" nothing */
static int
dialogue_output(lua_State *L)
{
	size_t len;
	mh_dialogue *dialogue = check_dialogue(L, 1);
	const char *octets = mh_dialogue_output(dialogue, &len);
	lua_pushlstring(L, octets, len);
	(void)mh_dialogue_sent(dialogue, len);
	return 1;
}

/* dialogue:timeout([now]) - seconds until tick() is wanted; nil: never, it is done */
static int
dialogue_timeout(lua_State *L)
{
	mh_dialogue *dialogue = check_dialogue(L, 1);
	int64_t ms = mh_dialogue_timeout(dialogue, check_now(L, 2));
	if (ms < 0)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)ms / 1000);
	return 1;
}

/* dialogue:tick([now]) - time has gone by */
static int
dialogue_tick(lua_State *L)
{
	mh_dialogue *dialogue = check_dialogue(L, 1);
	return mh_lua_changed(L, mh_dialogue_tick(dialogue, check_now(L, 2)));
}

static int
dialogue_tostring(lua_State *L)
{
	struct dialogue_box *box = luaL_checkudata(L, 1, DIALOGUE);
	lua_pushfstring(L, DIALOGUE " (%s)",
	    box->dialogue != NULL ? mh_dialogue_str(box->dialogue, MH_DIALOGUE_STATE) : "closed");
	return 1;
}

static const luaL_Reg methods[] = {
	{ "port", dialogue_port },
	{ "is_done", dialogue_is_done },
	{ "connected", dialogue_connected },
	{ "feed", dialogue_feed },
	{ "eof", dialogue_eof },
	{ "fail", dialogue_fail },
	{ "output", dialogue_output },
	{ "timeout", dialogue_timeout },
	{ "tick", dialogue_tick },
	{ NULL, NULL },
};

const luaL_Reg mh_lua_dialogue_methods[] = {
	{ "dialogue", job_dialogue },
	{ "answer_dialogue", job_answer_dialogue },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, DIALOGUE, methods, dialogue_close);
	for (const struct mh_lua_word *field = dialogue_texts; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, dialogue_text, field->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, dialogue_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_dialogue_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = NULL,
};
