/* answer.c - how a resolver of the caller's answers the questions of a job
 *
 * Records as text, as most resolvers hand them over, or rdata, or a whole
 * message; or the word that says why there is none.  Wrong types raise before
 * the job is touched, so that no half an answer stays with it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

/* ----------------------------------------------------- what else is known */

#define SECURE 100 /* no field of the library: it goes into the flags */

static const struct mh_lua_option extra_options[] = {
	{ "ttl", MH_ASK_TTL, MH_LUA_NUMBER, NULL },
	{ "ede", MH_ASK_EDE, MH_LUA_NUMBER, NULL },
	{ "rcode", MH_ASK_RCODE, MH_LUA_NUMBER, NULL },
	{ "secure", SECURE, MH_LUA_FLAG, NULL },
	{ "server", MH_ASK_SERVER, MH_LUA_TEXT, NULL },
	{ "ede_text", MH_ASK_EDE_TEXT, MH_LUA_TEXT, NULL },
	{ "canonical", MH_ASK_CANONICAL, MH_LUA_TEXT, NULL },
	{ NULL, 0, MH_LUA_NUMBER, NULL },
};

struct extra {
	int64_t ttl, ede; /* MH_UNKNOWN; so the strings are NULL */
	const char *server, *ede_text, *canonical;
	int rcode, flags;
};

static int
take_number(void *handle, int option, int64_t value)
{
	struct extra *extra = handle;
	if (option == SECURE)
		extra->flags |= value != 0 ? MH_ANSWER_SECURE : MH_ANSWER_INSECURE;
	else if (value < 0 || value > INT32_MAX)
		return MH_EINVAL;
	else if (option == MH_ASK_TTL)
		extra->ttl = value;
	else if (option == MH_ASK_EDE)
		extra->ede = value;
	else
		extra->rcode = (int)value;
	return MH_OK;
}

static int
take_text(void *handle, int option, const char *value)
{
	struct extra *extra = handle;
	if (option == MH_ASK_SERVER)
		extra->server = value;
	else if (option == MH_ASK_EDE_TEXT)
		extra->ede_text = value;
	else
		extra->canonical = value;
	return MH_OK;
}

/* take_extra - from the table in argument arg, where there is one; as mh_lua_set_options */
static int
take_extra(lua_State *L, int arg, struct extra *extra)
{
	const struct mh_lua_target target = { take_number, take_text, extra };
	return mh_lua_set_options(L, arg, extra_options, NULL, &target);
}

/* tell - what is known beside the records, and that there are no more of them */
static int
tell(mh_job *job, int ask, const struct extra *extra)
{
	const struct {
		int field;
		const char *text;
	} texts[] = {
		{ MH_ASK_SERVER, extra->server },
		{ MH_ASK_EDE_TEXT, extra->ede_text },
		{ MH_ASK_CANONICAL, extra->canonical },
	};
	int error = MH_OK;
	if (extra->ttl != MH_UNKNOWN)
		error = mh_job_answer_int(job, ask, MH_ASK_TTL, extra->ttl);
	if (error == MH_OK && extra->ede != MH_UNKNOWN)
		error = mh_job_answer_int(job, ask, MH_ASK_EDE, extra->ede);
	for (size_t i = 0; error == MH_OK && i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].text != NULL)
			error = mh_job_answer_str(job, ask, texts[i].field, texts[i].text);
	}
	if (error == MH_EINVAL)
		error = MH_OK; /* the records count, though it has no place for that */
	return error == MH_OK ? mh_job_answer_end(job, ask, extra->rcode, extra->flags) : error;
}

/* answered - what functions return that answer: true, or nil, message, name, and nothing has changed */
static int
answered(lua_State *L, struct mh_lua_job *box, int error)
{
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	box->answered++;
	lua_pushboolean(L, 1);
	return 1;
}

/* ------------------------------------------------------------------ records */

/* push_texts - an array of the records in place, each a string; raises where one is none */
static void
push_texts(lua_State *L, int place)
{
	if (lua_type(L, place) == LUA_TSTRING) {
		lua_createtable(L, 1, 0);
		lua_pushvalue(L, place);
		lua_rawseti(L, -2, 1);
		return;
	}
	luaL_checktype(L, place, LUA_TTABLE);
	lua_newtable(L);
	for (int i = 1;; i++) {
		lua_rawgeti(L, place, i);
		if (lua_isnil(L, -1))
			break;
		/* Addresses of other modules know how they are written. */
		if (lua_type(L, -1) != LUA_TSTRING && luaL_callmeta(L, -1, "__tostring"))
			lua_remove(L, -2);
		if (lua_type(L, -1) != LUA_TSTRING)
			luaL_error(L, "record %d is a %s, not a string", i, luaL_typename(L, -1));
		lua_rawseti(L, -2, i);
	}
	lua_pop(L, 1);
}

/* add_records - those of the array on top of the stack */
static int
add_records(lua_State *L, mh_job *job, int ask,
    int (*add)(mh_job *job, int ask, const void *octets, size_t len))
{
	int error = MH_OK;
	for (int i = 1; error == MH_OK; i++) {
		lua_rawgeti(L, -1, i);
		if (lua_isnil(L, -1)) {
			lua_pop(L, 1);
			break;
		}
		size_t len;
		const char *octets = lua_tolstring(L, -1, &len);
		error = add(job, ask, octets, len);
		lua_pop(L, 1);
	}
	return error;
}

static int
answer(lua_State *L, struct mh_lua_job *box, int ask, int first,
    int (*add)(mh_job *job, int ask, const void *octets, size_t len))
{
	struct extra extra = { .ttl = MH_UNKNOWN, .ede = MH_UNKNOWN };
	int failed = take_extra(L, first + 1, &extra);
	if (failed > 0)
		return failed;
	push_texts(L, first);
	int error = add_records(L, box->job, ask, add);
	if (error != MH_EINVAL)
		return answered(L, box, error == MH_OK ? tell(box->job, ask, &extra) : error);
	/* What else there is must not stand for all of it. */
	if (mh_job_answer_end(box->job, ask, 0, MH_ANSWER_FAILED) == MH_OK)
		box->answered++;
	mh_lua_fail(L, error);
	lua_pushliteral(L, "a record is none of that type, so the answer counts as failed");
	lua_replace(L, -3);
	return 3;
}

/* mh_lua_answer - answers with the records in place first, text as resolvers give it, and what else is known in
 * the table behind; what it leaves on the stack: true, or nil, message, name */
int
mh_lua_answer(lua_State *L, struct mh_lua_job *box, int ask, int first)
{
	return answer(L, box, ask, first, mh_job_answer_text);
}

/* ----------------------------------------------------------------- failures */

#define RCODE(code) (-1 - (code)) /* negative: no flag says it, the rcode does */

static const struct mh_lua_word failures[] = {
	{ "nodata", RCODE(0) },
	{ "formerr", RCODE(1) },
	{ "servfail", RCODE(2) },
	{ "nxdomain", RCODE(3) },
	{ "notimp", RCODE(4) },
	{ "refused", RCODE(5) },
	{ "bogus", MH_ANSWER_BOGUS },
	{ "timeout", MH_ANSWER_TIMEOUT },
	{ "truncated", MH_ANSWER_TRUNCATED },
	{ "cannot-ask", MH_ANSWER_CANNOT_ASK },
	{ "network", MH_ANSWER_NETWORK },
	{ "failed", MH_ANSWER_FAILED },
	{ NULL, 0 },
};

/* mh_lua_fail_ask - there are no records, for the reason in place first ("failed" if there is none); the rest as
 * mh_lua_answer */
int
mh_lua_fail_ask(lua_State *L, struct mh_lua_job *box, int ask, int first)
{
	const char *why = lua_isnoneornil(L, first) ? "failed" : luaL_checkstring(L, first);
	const struct mh_lua_word *failure = mh_lua_find_word(failures, why);
	if (failure == NULL)
		return luaL_error(L, "there is no failure '%s'", why);
	struct extra extra = { .ttl = MH_UNKNOWN, .ede = MH_UNKNOWN, .rcode = MH_UNKNOWN };
	int failed = take_extra(L, first + 1, &extra);
	if (failed > 0)
		return failed;
	if (failure->number < 0)
		extra.rcode = RCODE(failure->number);
	else
		extra.flags |= failure->number;
	return answered(L, box, tell(box->job, ask, &extra));
}

/* ------------------------------------------------------------------ methods */

static int
check_ask(lua_State *L)
{
	lua_Number number = luaL_checknumber(L, 2);
	return number >= 1 && number <= INT32_MAX ? (int)number : 0;
}

/* job:answer(ask, records [, extra]) -> true | nil, message, name */
static int
job_answer(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	int ask = check_ask(L);
	lua_settop(L, 4);
	return mh_lua_answer(L, box, ask, 3);
}

/* job:answer_rdata(ask, records [, extra]) -> the same; records in wire form, names uncompressed */
static int
job_answer_rdata(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	int ask = check_ask(L);
	lua_settop(L, 4);
	return answer(L, box, ask, 3, mh_job_answer_rr);
}

/* job:answer_wire(ask, message [, {secure = ...}]) -> the same; a whole DNS message */
static int
job_answer_wire(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	int ask = check_ask(L);
	size_t len;
	const char *message = luaL_checklstring(L, 3, &len);
	struct extra extra = { 0 };
	int failed = take_extra(L, 4, &extra);
	if (failed > 0)
		return failed;
	return answered(L, box, mh_job_answer_wire(box->job, ask, message, len, extra.flags));
}

/* job:fail(ask [, why [, extra]]) -> the same */
static int
job_fail(lua_State *L)
{
	struct mh_lua_job *box = mh_lua_check_job_box(L, 1);
	int ask = check_ask(L);
	lua_settop(L, 4);
	return mh_lua_fail_ask(L, box, ask, 3);
}

const luaL_Reg mh_lua_answer_methods[] = {
	{ "answer", job_answer },
	{ "answer_rdata", job_answer_rdata },
	{ "answer_wire", job_answer_wire },
	{ "fail", job_fail },
	{ NULL, NULL },
};
