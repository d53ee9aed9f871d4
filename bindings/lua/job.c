/* job.c - checks as jobs of Lua: their options and what came out
 *
 * How they are stepped is in pump.c, how they are answered in answer.c.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

#define JOB_TEXTS(X) \
	X(RESULT, "result") \
	X(EXPLANATION, "explanation") \
	X(MATCHED, "matched") \
	X(MATCHED_DOMAIN, "matched_domain") \
	X(MATCHED_TERM, "matched_term") \
	X(PROBLEM, "problem") \
	X(HEALTH, "health") \
	X(DOMAIN, "domain") \
	X(SENDER, "sender") \
	X(RECEIVED_SPF, "received_spf") \
	X(AUTHRES, "authres") \
	X(IP, "ip") \
	X(HELO, "helo") \
	X(RECEIVER, "receiver") \
	X(POLICY, "policy") \
	X(DISPOSITION, "disposition") \
	X(RECORD_AT, "record_at") \
	X(RECORD, "record") \
	X(ORG_DOMAIN, "org_domain") \
	X(ALIGNED_DKIM, "aligned_dkim") \
	X(ALIGNED_SPF, "aligned_spf") \
	X(FROM_STATE, "from_state") \
	X(REPORT_NAME, "report_name")

#define JOB_NUMBERS(X) \
	X(LOOKUPS, "lookups") \
	X(VOIDS, "voids") \
	X(QUERIES, "queries") \
	X(ROUNDS, "rounds") \
	X(ELAPSED_MS, "elapsed_ms") \
	X(CONNECTIONS, "connections")

#define ASK_TEXTS(X) \
	X(NAME, "name") \
	X(TYPE_NAME, "type") \
	X(STATE_NAME, "state") \
	X(WHY, "why") \
	X(SERVER, "server") \
	X(EDE_TEXT, "ede_text") \
	X(SECURE, "secure")

#define ASK_NUMBERS(X) \
	X(TTL, "ttl") \
	X(RTT_US, "rtt_us") \
	X(RCODE, "rcode") \
	X(EDE, "ede")

#define VOIDS(X) \
	X(PER_TERM, "per-term") \
	X(PER_QUERY, "per-query") \
	X(BOTH_FAMILIES, "both-families")

#define ROW(number, name) { name, MH_JOB_##number },
TABLE(job_texts, JOB_TEXTS);
TABLE(job_numbers, JOB_NUMBERS);
#undef ROW
#define ROW(number, name) { name, MH_ASK_##number },
TABLE(ask_texts, ASK_TEXTS);
TABLE(ask_numbers, ASK_NUMBERS);
#undef ROW
#define ROW(number, name) { name, MH_VOIDS_##number },
TABLE(voids, VOIDS);
#undef ROW

const struct mh_lua_option mh_lua_job_options[] = {
	{ "ip", MH_OPT_IP, MH_LUA_TEXT, NULL },
	{ "sender", MH_OPT_SENDER, MH_LUA_TEXT, NULL },
	{ "helo", MH_OPT_HELO, MH_LUA_TEXT, NULL },
	{ "domain", MH_OPT_DOMAIN, MH_LUA_TEXT, NULL },
	{ "receiver", MH_OPT_RECEIVER, MH_LUA_TEXT, NULL },
	{ "rules", MH_OPT_RULES, MH_LUA_TEXT, NULL },
	{ "profiles", MH_OPT_PROFILES, MH_LUA_TEXTS, NULL },
	{ "lint", MH_OPT_LINT, MH_LUA_FLAG, NULL },
	{ "explain", MH_OPT_EXPLAIN, MH_LUA_FLAG, NULL },
	{ "now", MH_OPT_NOW, MH_LUA_TIME, NULL },
	{ "term_limit", MH_OPT_TERM_LIMIT, MH_LUA_NUMBER, NULL },
	{ "void_limit", MH_OPT_VOID_LIMIT, MH_LUA_NUMBER, NULL },
	{ "voids", MH_OPT_VOIDS, MH_LUA_WORD, voids },
	{ "asks", MH_OPT_ASKS, MH_LUA_NUMBER, NULL },
	{ "timeout", MH_OPT_TIME_LIMIT_MS, MH_LUA_SECONDS, NULL },
	{ "host", MH_OPT_HOST, MH_LUA_TEXT, NULL },
	{ "name", MH_OPT_NAME, MH_LUA_TEXT, NULL },
	{ "mode", MH_OPT_MODE, MH_LUA_TEXT, NULL },
	{ "port", MH_OPT_PORT, MH_LUA_NUMBER, NULL },
	{ "tlsa", MH_OPT_TLSA, MH_LUA_TEXT, NULL },
	{ "certificate", MH_OPT_CERTIFICATE, MH_LUA_TEXT, NULL },
	{ "policy", MH_OPT_POLICY, MH_LUA_TEXT, NULL },
	{ "https_port", MH_OPT_HTTPS_PORT, MH_LUA_NUMBER, NULL },
	{ "allow_private", MH_OPT_ALLOW_PRIVATE, MH_LUA_FLAG, NULL },
	{ "max_connections", MH_OPT_MAX_CONNECTIONS, MH_LUA_NUMBER, NULL },
	{ "full", MH_OPT_FULL, MH_LUA_FLAG, NULL },
	{ "inject", MH_OPT_INJECT, MH_LUA_FLAG, NULL },
	{ "resumes", MH_OPT_RESUMES, MH_LUA_NUMBER, NULL },
	{ "relay", MH_OPT_RELAY, MH_LUA_FLAG, NULL },
	{ "look_up_names", MH_OPT_LOOK_UP_NAMES, MH_LUA_FLAG, NULL },
	{ "look_up_tlsa", MH_OPT_LOOK_UP_TLSA, MH_LUA_FLAG, NULL },
	{ "check", 0, MH_LUA_OBJECT, NULL },
	{ "from", MH_OPT_FROM, MH_LUA_EACH, NULL },
	{ "report_domain", MH_OPT_REPORT_DOMAIN, MH_LUA_TEXT, NULL },
	{ "selector", MH_OPT_SELECTOR, MH_LUA_EACH, NULL },
	{ "private_key", MH_OPT_PRIVATE_KEY, MH_LUA_TEXT, NULL },
	{ "sts_id_before", MH_OPT_STS_ID_BEFORE, MH_LUA_TEXT, NULL },
	{ "policy_before", MH_OPT_POLICY_BEFORE, MH_LUA_TEXT, NULL },
	{ "list_key", MH_OPT_LIST_KEY, MH_LUA_TEXT, NULL },
	{ "receivers", MH_OPT_RECEIVERS, MH_LUA_TEXTS, NULL },
	{ "lists", MH_OPT_LISTS, MH_LUA_FLAG, NULL },
	{ "guess", MH_OPT_GUESS, MH_LUA_FLAG, NULL },
	{ "fetch", MH_OPT_FETCH, MH_LUA_FLAG, NULL },
	{ NULL, 0, MH_LUA_TEXT, NULL },
};

struct mh_lua_job *
mh_lua_check_job_box(lua_State *L, int arg)
{
	struct mh_lua_job *box = luaL_checkudata(L, arg, MH_LUA_JOB);
	if (box->job == NULL)
		mh_lua_raise_closed(L, MH_LUA_JOB);
	return box;
}

mh_job *
mh_lua_check_job(lua_State *L, int arg)
{
	return mh_lua_check_job_box(L, arg)->job;
}

/* mh_lua_keep - the value on top of the stack, which is taken off, goes with the job in place */
void
mh_lua_keep(lua_State *L, int place, int what)
{
	mh_lua_push_value(L, place);
	lua_insert(L, -2);
	lua_rawseti(L, -2, what);
	lua_pop(L, 1);
}

/* mh_lua_milliseconds - of argument arg, in seconds; math.huge: -1; fallback if there is none */
int64_t
mh_lua_milliseconds(lua_State *L, int arg, int64_t fallback)
{
	if (lua_isnoneornil(L, arg))
		return fallback;
	lua_Number seconds = luaL_checknumber(L, arg);
	if (seconds == (lua_Number)HUGE_VAL)
		return -1;
	luaL_argcheck(L, seconds >= 0 && seconds < 9e12, arg, "no time");
	return (int64_t)(seconds * 1000);
}

/* job:close() - cancels it, and nothing of it is called any more */
static int
job_close(lua_State *L)
{
	struct mh_lua_job *box = luaL_checkudata(L, 1, MH_LUA_JOB);
	if (box->job == NULL)
		return 0;
	mh_job *job = box->job;
	box->job = NULL;
	mh_lua_push_value(L, 1);
	lua_rawgeti(L, -1, MH_LUA_JOB_LOOP);
	if (!lua_isnil(L, -1))
		mh_lua_loop_forget(L, lua_gettop(L), job);
	lua_pop(L, 1);
	for (int what = MH_LUA_JOB_LOOP; what <= MH_LUA_JOB_DONE; what++) {
		lua_pushnil(L);
		lua_rawseti(L, -2, what);
	}
	mh_job_free(job);
	return 0;
}

static int
set_int(void *handle, int option, int64_t value)
{
	return mh_job_set_int(handle, option, value);
}

static int
set_str(void *handle, int option, const char *value)
{
	return mh_job_set_str(handle, option, value);
}

static const struct mh_lua_word checks[] = {
	{ "spf", MH_CHECK_SPF },
	{ "tls", MH_CHECK_TLS },
	{ "dmarc", MH_CHECK_DMARC },
	{ "domain", MH_CHECK_DOMAIN },
	{ "host", MH_CHECK_HOST },
	{ NULL, 0 },
};

/* check_of - the one that is named; otherwise who names a host asks for its TLS */
static int
check_of(lua_State *L, int options)
{
	if (!lua_istable(L, options))
		return MH_CHECK_SPF;
	lua_getfield(L, options, "check");
	if (!lua_isnil(L, -1)) {
		const char *name = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
		const struct mh_lua_word *word = mh_lua_find_word(checks, name);
		if (word == NULL)
			return luaL_error(L, "option 'check' is one of spf, tls, dmarc, domain, host");
		lua_pop(L, 1);
		return word->number;
	}
	lua_pop(L, 1);
	lua_getfield(L, options, "host");
	int check = lua_isnil(L, -1) ? MH_CHECK_SPF : MH_CHECK_TLS;
	lua_pop(L, 1);
	return check;
}

/* mh_lua_push_job - a job with the options of the table in place options, those in others (NULL: none) left
 * alone; what it leaves on the stack: 1 the job, or more, nil, message, name */
int
mh_lua_push_job(lua_State *L, mh_ctx *ctx, int options, const struct mh_lua_option *others)
{
	struct mh_lua_job *box = mh_lua_push_box(L, MH_LUA_JOB, sizeof(*box));
	lua_newtable(L);
	mh_lua_set_value(L);
	box->job = ctx != NULL ? mh_job_new(ctx, check_of(L, options)) : NULL;
	if (box->job == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	const struct mh_lua_target target = { set_int, set_str, box->job };
	int failed = mh_lua_set_options(L, options, mh_lua_job_options, others, &target);
	return failed > 0 ? failed : 1;
}

/* job([options]) -> job | nil, message, name */
static int
new_job(lua_State *L)
{
	lua_settop(L, 1);
	return mh_lua_push_job(L, mh_lua_default_context(L), 1, NULL);
}

/* context:job([options]) -> the same */
static int
context_job(lua_State *L)
{
	lua_settop(L, 2);
	return mh_lua_push_job(L, mh_lua_check_context(L, 1), 2, NULL);
}

/* job:use_world(world) -> job | nil, message, name: options and times are those of the recording */
static int
job_use_world(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	return mh_lua_changed(L, mh_job_use_world(job, mh_lua_check_world(L, 2)));
}

/* job:reset() -> job | nil, message, name: before the first step again */
static int
job_reset(lua_State *L)
{
	return mh_lua_changed(L, mh_job_reset(mh_lua_check_job(L, 1)));
}

/* job:add_opinion(by, result [, why]) -> job | nil, message, name */
static int
job_add_opinion(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	const char *by = mh_lua_check_name(L, 2);
	const char *result = mh_lua_check_name(L, 3);
	return mh_lua_changed(L,
	    mh_job_add_opinion(job, by, result, lua_isnoneornil(L, 4) ? "" : mh_lua_check_name(L, 4)));
}

/* job:add_result(kind, domain, result) -> job | nil, message, name: what SPF or DKIM came to, of "dmarc" */
static int
job_add_result(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	const char *kind = mh_lua_check_name(L, 2);
	const char *domain = mh_lua_check_name(L, 3);
	return mh_lua_changed(L, mh_job_add_result(job, kind, domain, mh_lua_check_name(L, 4)));
}

/* ----------------------------------------------------------- what came out */

/* job:result(), job:health(), ... */
static int
job_text(lua_State *L)
{
	lua_pushstring(L, mh_job_str(mh_lua_check_job(L, 1), (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* job:lookups(), job:queries(), ... */
static int
job_number(lua_State *L)
{
	mh_lua_push_known(L, mh_job_int(mh_lua_check_job(L, 1), (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* job:findings() - what is wrong, worst first; nothing until it is done */
static int
job_findings(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_job_report(job);
	if (box->report != NULL)
		return mh_lua_give_findings(L, box);
	return mh_lua_fail(L, *mh_job_str(job, MH_JOB_HEALTH) == '\0' ? MH_ESTATE : MH_ENOMEM);
}

/* job:json() - all of it | nil, message, name */
static int
job_json(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	const char *json = mh_job_json(job);
	if (*json == '\0')
		return mh_lua_fail(L, *mh_job_str(job, MH_JOB_HEALTH) == '\0' ? MH_ESTATE : MH_ENOMEM);
	lua_pushstring(L, json);
	return 1;
}

/* job:world() - options, questions and answers as text that replays */
static int
job_world(lua_State *L)
{
	const char *text = mh_job_world(mh_lua_check_job(L, 1));
	if (*text == '\0')
		return mh_lua_fail(L, MH_ENOMEM);
	lua_pushstring(L, text);
	return 1;
}

static void
push_answer(lua_State *L, mh_job *job, int ask)
{
	lua_newtable(L);
	for (const struct mh_lua_word *text = ask_texts; text->name != NULL; text++) {
		lua_pushstring(L, mh_job_ask_str(job, ask, text->number));
		lua_setfield(L, -2, text->name);
	}
	for (const struct mh_lua_word *number = ask_numbers; number->name != NULL; number++) {
		mh_lua_push_known(L, mh_job_ask_int(job, ask, number->number));
		lua_setfield(L, -2, number->name);
	}
	lua_newtable(L);
	int64_t count = mh_job_ask_int(job, ask, MH_ASK_RECORDS);
	for (int i = 0; i < count; i++) {
		lua_pushstring(L, mh_job_ask_text(job, ask, (size_t)i));
		lua_rawseti(L, -2, i + 1);
	}
	lua_setfield(L, -2, "records");
}

/* job:answers() - all questions and what is known of them */
static int
job_answers(lua_State *L)
{
	mh_job *job = mh_lua_check_job(L, 1);
	int count = mh_job_ask_count(job);
	lua_newtable(L);
	for (int ask = 1; ask <= count; ask++) {
		push_answer(L, job, ask);
		lua_rawseti(L, -2, ask);
	}
	return 1;
}

static int
job_tostring(lua_State *L)
{
	struct mh_lua_job *box = luaL_checkudata(L, 1, MH_LUA_JOB);
	const char *state = "closed";
	if (box->job != NULL) {
		/* a survey has no result of its own, but a health */
		state = mh_job_str(box->job, MH_JOB_RESULT);
		if (*state == '\0')
			state = mh_job_str(box->job, MH_JOB_HEALTH);
		if (*state == '\0')
			state = "not done";
	}
	lua_pushfstring(L, MH_LUA_JOB " (%s)", state);
	return 1;
}

/* profiles() - receivers whose rules differ, {name, who} each; the first is the RFC's */
static int
profiles(lua_State *L)
{
	lua_newtable(L);
	for (int i = 0; *mh_profile_str((size_t)i, MH_PROFILE_NAME) != '\0'; i++) {
		lua_newtable(L);
		lua_pushstring(L, mh_profile_str((size_t)i, MH_PROFILE_NAME));
		lua_setfield(L, -2, "name");
		lua_pushstring(L, mh_profile_str((size_t)i, MH_PROFILE_WHO));
		lua_setfield(L, -2, "who");
		lua_rawseti(L, -2, i + 1);
	}
	return 1;
}

/* ------------------------------------------------------------------- module */

static const luaL_Reg job_methods[] = {
	{ "use_world", job_use_world },
	{ "reset", job_reset },
	{ "add_opinion", job_add_opinion },
	{ "add_result", job_add_result },
	{ "findings", job_findings },
	{ "json", job_json },
	{ "world", job_world },
	{ "answers", job_answers },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, MH_LUA_JOB, job_methods, job_close);
	mh_lua_set_functions(L, mh_lua_pump_methods);
	mh_lua_set_functions(L, mh_lua_answer_methods);
	mh_lua_set_functions(L, mh_lua_dialogue_methods);
	for (const struct mh_lua_word *field = job_texts; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, job_text, field->number);
	for (const struct mh_lua_word *field = job_numbers; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, job_number, field->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, job_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "job", new_job },
	{ "profiles", profiles },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "job", context_job },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_job_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
