/* bounce.c - bounce messages in Lua, and the boxes they come in */
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define BOUNCE "mailhealth.bounce"

struct bounce_box {
	struct mh_lua_owner owner;
	mh_bounce *bounce;
};

#define BOUNCE_TEXTS(X) \
	X(CLASS, "class") \
	X(REPORTING_MTA, "reporting_mta") \
	X(MESSAGE_ID, "message_id") \
	X(SUBJECT, "subject") \
	X(SENDER, "sender") \
	X(FEEDBACK_TYPE, "feedback_type") \
	X(FORM, "form")

#define RECIPIENT_TEXTS(X) \
	X(CLASS, "class") \
	X(ACTION, "action") \
	X(RECIPIENT, "recipient") \
	X(ORIG_RECIPIENT, "orig_recipient") \
	X(STATUS, "status") \
	X(REMOTE_MTA, "remote_mta") \
	X(DIAGNOSTIC_TYPE, "diagnostic_type") \
	X(TEXT, "text") \
	X(CAUSE, "cause")

static const struct mh_lua_option bounce_options[] = {
	{ "line_number", MH_OPT_LINE_NUMBER, MH_LUA_NUMBER, NULL },
	{ NULL, 0, MH_LUA_NUMBER, NULL },
};

#define ROW(number, name) { name, MH_BOUNCE_##number },
TABLE(bounce_texts, BOUNCE_TEXTS);
TABLE(recipient_texts, RECIPIENT_TEXTS);
#undef ROW

static struct bounce_box *
check_bounce(lua_State *L, int arg)
{
	struct bounce_box *box = luaL_checkudata(L, arg, BOUNCE);
	if (box->bounce == NULL)
		mh_lua_raise_closed(L, BOUNCE);
	return box;
}

static int
bounce_close(lua_State *L)
{
	struct bounce_box *box = luaL_checkudata(L, 1, BOUNCE);
	box->owner.generation++;
	mh_bounce_free(box->bounce);
	box->bounce = NULL;
	return 0;
}

static mh_reply *
bounce_quoted(struct mh_lua_owner *owner, int list, size_t place)
{
	(void)list;
	return mh_bounce_reply(((struct bounce_box *)(void *)owner)->bounce, place);
}

static int
set_bounce(void *handle, int option, int64_t value)
{
	return mh_bounce_set_int(handle, option, value);
}

/* set_options - from argument arg, as mh_lua_set_options */
static int
set_options(lua_State *L, struct bounce_box *box, int arg)
{
	const struct mh_lua_target target = { set_bounce, NULL, box->bounce };
	return mh_lua_set_options(L, arg, bounce_options, NULL, &target);
}

static struct bounce_box *
push_bounce(lua_State *L, mh_ctx *ctx)
{
	struct bounce_box *box = mh_lua_push_box(L, BOUNCE, sizeof(*box));
	box->owner.quoted = bounce_quoted;
	box->bounce = mh_bounce_new(ctx);
	return box->bounce != NULL ? box : NULL;
}

/* bounce_reader([context]) -> bounce | nil, message, name */
static int
bounce_reader(lua_State *L)
{
	return push_bounce(L, mh_lua_given_context(L, 1)) != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* context:bounce_reader() -> the same */
static int
context_bounce_reader(lua_State *L)
{
	return push_bounce(L, mh_lua_check_context(L, 1)) != NULL ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* bounce:set(options) -> bounce | nil, message, name: for the messages that follow */
static int
bounce_set(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	int failed = set_options(L, box, 2);
	if (failed > 0)
		return failed;
	lua_settop(L, 1);
	return 1;
}

/* bounce:parse(message) -> bounce | nil, message, name */
static int
bounce_parse(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t len;
	const char *message = luaL_checklstring(L, 2, &len);
	box->owner.generation++;
	return mh_lua_changed(L, mh_bounce_parse(box->bounce, message, len));
}

/* parse_bounce(message [, options]) -> bounce | nil, message, name */
static int
parse_bounce(lua_State *L)
{
	luaL_checkstring(L, 1);
	lua_settop(L, 2);
	struct bounce_box *box = push_bounce(L, mh_lua_default_context(L));
	if (box == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	int failed = set_options(L, box, 2);
	if (failed > 0)
		return failed;
	lua_insert(L, 1);
	return bounce_parse(L);
}

/* Of the message: bounce:class(), bounce:subject(), ... */
static int
bounce_text(lua_State *L)
{
	int field = (int)lua_tointeger(L, lua_upvalueindex(1));
	lua_pushstring(L, mh_bounce_str(check_bounce(L, 1)->bounce, SIZE_MAX, field));
	return 1;
}

/* bounce:count(), #bounce */
static int
bounce_count(lua_State *L)
{
	mh_lua_push_known(L, (int64_t)mh_bounce_count(check_bounce(L, 1)->bounce));
	return 1;
}

static void
push_recipient(lua_State *L, mh_bounce *bounce, size_t i)
{
	lua_newtable(L);
	for (const struct mh_lua_word *text = recipient_texts; text->name != NULL; text++) {
		lua_pushstring(L, mh_bounce_str(bounce, i, text->number));
		lua_setfield(L, -2, text->name);
	}
}

/* bounce:recipient(i) -> table | nil, message, name */
static int
bounce_recipient(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t i = mh_lua_check_place(L, 2);
	if (i >= mh_bounce_count(box->bounce))
		return mh_lua_fail(L, MH_ENOENT);
	push_recipient(L, box->bounce, i);
	return 1;
}

/* bounce:recipients() -> array of tables */
static int
bounce_recipients(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t count = mh_bounce_count(box->bounce);
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		push_recipient(L, box->bounce, i);
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* bounce:reply(i) -> reply | nil, message, name */
static int
bounce_reply(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t i = mh_lua_check_place(L, 2);
	return i < mh_bounce_count(box->bounce) ? mh_lua_push_quoted(L, &box->owner, 0, i)
						: mh_lua_fail(L, MH_ENOENT);
}

/* bounce:json([i]) -> string | nil, message, name; i = 1 also where there is no recipient */
static int
bounce_json(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t i = lua_isnoneornil(L, 2) ? 0 : mh_lua_check_place(L, 2);
	if (i > 0 && i >= mh_bounce_count(box->bounce))
		return mh_lua_fail(L, MH_ENOENT);
	const char *json = mh_bounce_json(box->bounce, i);
	if (*json == '\0')
		return mh_lua_fail_read(L, &box->owner);
	lua_pushstring(L, json);
	return 1;
}

/* bounce:findings() - what was odd about the message, worst first */
static int
bounce_findings(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	struct mh_lua_report *odd = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*odd));
	odd->report = mh_bounce_report(box->bounce);
	if (odd->report == NULL)
		return mh_lua_fail_read(L, &box->owner);
	return mh_lua_give_findings(L, odd);
}

static int
bounce_tostring(lua_State *L)
{
	struct bounce_box *box = luaL_checkudata(L, 1, BOUNCE);
	if (box->bounce == NULL)
		lua_pushstring(L, BOUNCE " (closed)");
	else
		lua_pushfstring(L, BOUNCE " (%s of %d)",
		    mh_bounce_str(box->bounce, SIZE_MAX, MH_BOUNCE_CLASS), (int)mh_bounce_count(box->bounce));
	return 1;
}

/* mbox_next(box [, from]) -> where, at or behind from, the next message of an mbox begins, or nil */
static int
mbox_next(lua_State *L)
{
	size_t len;
	const char *box = luaL_checklstring(L, 1, &len);
	size_t next = mh_mbox_next(box, len, lua_isnoneornil(L, 2) ? 0 : mh_lua_check_place(L, 2));
	mh_lua_push_known(L, next < len ? (int64_t)next + 1 : MH_UNKNOWN);
	return 1;
}

static const luaL_Reg bounce_methods[] = {
	{ "set", bounce_set },
	{ "parse", bounce_parse },
	{ "count", bounce_count },
	{ "recipient", bounce_recipient },
	{ "recipients", bounce_recipients },
	{ "reply", bounce_reply },
	{ "json", bounce_json },
	{ "findings", bounce_findings },
	{ NULL, NULL },
};

static void
make_bounce_type(lua_State *L)
{
	mh_lua_make_type(L, BOUNCE, bounce_methods, bounce_close);
	for (const struct mh_lua_word *field = bounce_texts; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, bounce_text, field->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, bounce_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushcfunction(L, bounce_count);
	lua_setfield(L, -2, "__len");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "parse_bounce", parse_bounce },
	{ "bounce_reader", bounce_reader },
	{ "mbox_next", mbox_next },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "bounce_reader", context_bounce_reader },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_bounce_part = {
	.make_types = make_bounce_type,
	.functions = functions,
	.context_methods = context_methods,
};
