/* log.c - lines of mail logs in Lua */
#include <stdbool.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define LOG "mailhealth.log"

struct log_box {
	struct mh_lua_owner owner;
	mh_log *log;
};

#define LOG_TEXTS(X) \
	X(MTA, "mta") \
	X(EVENT, "event") \
	X(QUEUE_ID, "queue_id") \
	X(TIME, "time") \
	X(RELAY, "relay") \
	X(RELAY_IP, "relay_ip") \
	X(RESULT, "result") \
	X(CLASS, "class") \
	X(DSN, "dsn") \
	X(RECIPIENT, "recipient") \
	X(ORIG_RECIPIENT, "orig_recipient") \
	X(SENDER, "sender") \
	X(PHASE, "phase") \
	X(CAUSE, "cause") \
	X(TEXT, "text") \
	X(HOST, "host") \
	X(PROGRAM, "program")

#define LOG_NUMBERS(X) \
	X(RELAY_PORT, "relay_port") \
	X(DELAY_MS, "delay_ms") \
	X(UNIX_TIME, "unix_time") \
	X(TEXT_BEGIN, "text_begin") \
	X(TEXT_END, "text_end")

static const struct mh_lua_option log_options[] = {
	{ "now", MH_OPT_NOW, MH_LUA_TIME, NULL },
	{ "utc_offset", MH_OPT_UTC_OFFSET, MH_LUA_NUMBER, NULL },
	{ "line_number", MH_OPT_LINE_NUMBER, MH_LUA_NUMBER, NULL },
	{ NULL, 0, MH_LUA_NUMBER, NULL },
};

#define ROW(number, name) { name, MH_LOG_##number },
TABLE(log_texts, LOG_TEXTS);
TABLE(log_numbers, LOG_NUMBERS);
#undef ROW

static struct log_box *
check_log(lua_State *L, int arg)
{
	struct log_box *box = luaL_checkudata(L, arg, LOG);
	if (box->log == NULL)
		mh_lua_raise_closed(L, LOG);
	return box;
}

static int
log_close(lua_State *L)
{
	struct log_box *box = luaL_checkudata(L, 1, LOG);
	box->owner.generation++;
	mh_log_free(box->log);
	box->log = NULL;
	return 0;
}

static mh_reply *
log_quoted(struct mh_lua_owner *owner, int list, size_t place)
{
	(void)list;
	(void)place;
	return mh_log_reply(((struct log_box *)(void *)owner)->log);
}

static int
set_log(void *handle, int option, int64_t value)
{
	return mh_log_set_int(handle, option, value);
}

/* set_options - from argument arg, as mh_lua_set_options */
static int
set_options(lua_State *L, struct log_box *box, int arg)
{
	const struct mh_lua_target target = { set_log, NULL, box->log };
	return mh_lua_set_options(L, arg, log_options, NULL, &target);
}

static struct log_box *
push_log(lua_State *L, mh_ctx *ctx)
{
	struct log_box *box = mh_lua_push_box(L, LOG, sizeof(*box));
	box->owner.quoted = log_quoted;
	box->log = mh_log_new(ctx);
	return box->log != NULL ? box : NULL;
}

/* log_reader([context]) -> log | nil, message, name */
static int
log_reader(lua_State *L)
{
	return push_log(L, mh_lua_given_context(L, 1)) != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* context:log_reader() -> the same */
static int
context_log_reader(lua_State *L)
{
	return push_log(L, mh_lua_check_context(L, 1)) != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* log:set(options) -> log | nil, message, name: for the lines that follow */
static int
log_set(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	int failed = set_options(L, box, 2);
	if (failed > 0)
		return failed;
	lua_settop(L, 1);
	return 1;
}

/* log:parse(line) -> log | nil, message, name */
static int
log_parse(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	size_t len;
	const char *line = luaL_checklstring(L, 2, &len);
	box->owner.generation++;
	return mh_lua_changed(L, mh_log_parse(box->log, line, len));
}

/* parse_log_line(line [, options]) -> log | nil, message, name */
static int
parse_log_line(lua_State *L)
{
	luaL_checkstring(L, 1);
	lua_settop(L, 2);
	struct log_box *box = push_log(L, mh_lua_default_context(L));
	if (box == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	int failed = set_options(L, box, 2);
	if (failed > 0)
		return failed;
	lua_insert(L, 1);
	return log_parse(L);
}

static int
log_text(lua_State *L)
{
	lua_pushstring(L, mh_log_str(check_log(L, 1)->log, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
log_number(lua_State *L)
{
	mh_lua_push_known(L, mh_log_int(check_log(L, 1)->log, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
log_flag(lua_State *L)
{
	mh_lua_push_flag(L, mh_log_int(check_log(L, 1)->log, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
log_str(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	lua_pushstring(L, mh_log_str(box->log, mh_lua_check_word(L, 2, log_texts)));
	return 1;
}

static int
log_int(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	mh_lua_push_known(L, mh_log_int(box->log, mh_lua_check_word(L, 2, log_numbers)));
	return 1;
}

/* log:delay() - in seconds */
static int
log_delay(lua_State *L)
{
	mh_lua_push_milli(L, mh_log_int(check_log(L, 1)->log, MH_LOG_DELAY_MS));
	return 1;
}

static int
log_span(lua_State *L)
{
	mh_log *log = check_log(L, 1)->log;
	mh_lua_push_range(L, mh_log_int(log, MH_LOG_TEXT_BEGIN), mh_log_int(log, MH_LOG_TEXT_END));
	return 1;
}

/* log:reply() -> reply | nil, message, name; MH_ENOENT where the line says nothing about mail */
static int
log_reply(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	if (mh_log_str(box->log, MH_LOG_EVENT)[0] == '\0')
		return mh_lua_fail(L, MH_ENOENT);
	return mh_lua_push_quoted(L, &box->owner, 0, 0);
}

static int
log_json(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	const char *json = mh_log_json(box->log);
	if (*json == '\0')
		return mh_lua_fail_read(L, &box->owner);
	lua_pushstring(L, json);
	return 1;
}

static int
log_tostring(lua_State *L)
{
	struct log_box *box = luaL_checkudata(L, 1, LOG);
	if (box->log == NULL)
		lua_pushstring(L, LOG " (closed)");
	else
		lua_pushfstring(L, LOG " (%s %s)", mh_log_str(box->log, MH_LOG_MTA),
		    mh_log_str(box->log, MH_LOG_EVENT));
	return 1;
}

static const luaL_Reg log_methods[] = {
	{ "set", log_set },
	{ "parse", log_parse },
	{ "str", log_str },
	{ "int", log_int },
	{ "delay", log_delay },
	{ "text_span", log_span },
	{ "reply", log_reply },
	{ "json", log_json },
	{ NULL, NULL },
};

static void
make_log_type(lua_State *L)
{
	mh_lua_make_type(L, LOG, log_methods, log_close);
	for (const struct mh_lua_word *field = log_texts; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, log_text, field->number);
	for (const struct mh_lua_word *field = log_numbers; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, log_number, field->number);
	mh_lua_set_numbered(L, "remote", log_flag, MH_LOG_REMOTE);
	mh_lua_set_numbered(L, "inbound", log_flag, MH_LOG_INBOUND);
	lua_pop(L, 1);
	lua_pushcfunction(L, log_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "parse_log_line", parse_log_line },
	{ "log_reader", log_reader },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "log_reader", context_log_reader },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_log_part = {
	.make_types = make_log_type,
	.functions = functions,
	.context_methods = context_methods,
};
