/* summary.c - whole mail logs in Lua */
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define SUMMARY "mailhealth.summary"

struct summary_box {
	struct mh_lua_owner owner;
	mh_summary *summary;
};

#define SUMMARY_NUMBERS(X) \
	X(LINES, "lines") \
	X(DELIVERIES, "deliveries") \
	X(FROM, "first") \
	X(TO, "last") \
	X(SENT, "sent") \
	X(DEFERRED, "deferred") \
	X(BOUNCED, "bounced") \
	X(EXPIRED, "expired") \
	X(REJECTED, "rejected") \
	X(LEFT_OUT, "left_out") \
	X(OCTETS, "octets")

#define SUMMARY_LISTS(X) \
	X(GROUP, "groups") \
	X(THROTTLE, "throttles") \
	X(FORWARDING, "forwarding") \
	X(UNKNOWN, "unknown") \
	X(TLS, "tls")

static const struct mh_lua_option summary_options[] = {
	{ "now", MH_OPT_NOW, MH_LUA_TIME, NULL },
	{ "utc_offset", MH_OPT_UTC_OFFSET, MH_LUA_NUMBER, NULL },
	{ "groups", MH_OPT_GROUPS, MH_LUA_NUMBER, NULL },
	{ NULL, 0, MH_LUA_NUMBER, NULL },
};

#define ROW(number, name) { name, MH_SUMMARY_##number },
TABLE(summary_numbers, SUMMARY_NUMBERS);
TABLE(summary_lists, SUMMARY_LISTS);
#undef ROW

/* What entries of a summary's lists have, under the names of the JSON. */
static const struct column {
	const char *name; /* NULL ends the table */
	int list, field;
	enum { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_MILLI, COLUMN_BOOL } kind;
} columns[] = {
#define COLUMN(list, name, kind, field) \
	{ \
		name, MH_SUMMARY_##list, MH_SUM_##field, COLUMN_##kind \
	}
	COLUMN(GROUP, "provider", TEXT, PROVIDER),
	COLUMN(GROUP, "provider_name", TEXT, PROVIDER_NAME),
	COLUMN(GROUP, "reason", TEXT, REASON),
	COLUMN(GROUP, "permanence", TEXT, PERMANENCE),
	COLUMN(GROUP, "count", NUMBER, COUNT),
	COLUMN(GROUP, "share", MILLI, SHARE),
	COLUMN(GROUP, "recipients", NUMBER, RECIPIENTS),
	COLUMN(GROUP, "forwarded", NUMBER, FORWARDED),
	COLUMN(GROUP, "first", NUMBER, FIRST),
	COLUMN(GROUP, "last", NUMBER, LAST),
	COLUMN(GROUP, "relay", TEXT, RELAY),
	COLUMN(GROUP, "recipient", TEXT, RECIPIENT),
	COLUMN(GROUP, "template", TEXT, TEMPLATE),
	COLUMN(GROUP, "sample", TEXT, SAMPLE),
	COLUMN(THROTTLE, "provider", TEXT, PROVIDER),
	COLUMN(THROTTLE, "provider_name", TEXT, PROVIDER_NAME),
	COLUMN(THROTTLE, "relay", TEXT, RELAY),
	COLUMN(THROTTLE, "what", TEXT, WHAT),
	COLUMN(THROTTLE, "accepted", NUMBER, ACCEPTED),
	COLUMN(THROTTLE, "per_s", NUMBER, PER_S),
	COLUMN(THROTTLE, "limited", NUMBER, COUNT),
	COLUMN(THROTTLE, "confidence", MILLI, CONFIDENCE),
	COLUMN(THROTTLE, "evidence", TEXT, EVIDENCE),
	COLUMN(FORWARDING, "orig_recipient", TEXT, ORIG_RECIPIENT),
	COLUMN(FORWARDING, "recipient", TEXT, RECIPIENT),
	COLUMN(FORWARDING, "bounced", NUMBER, COUNT),
	COLUMN(FORWARDING, "provider", TEXT, PROVIDER),
	COLUMN(FORWARDING, "reason", TEXT, REASON),
	COLUMN(FORWARDING, "first", NUMBER, FIRST),
	COLUMN(FORWARDING, "last", NUMBER, LAST),
	COLUMN(FORWARDING, "evidence", TEXT, EVIDENCE),
	COLUMN(UNKNOWN, "template", TEXT, TEMPLATE),
	COLUMN(UNKNOWN, "count", NUMBER, COUNT),
	COLUMN(UNKNOWN, "sample", TEXT, SAMPLE),
	COLUMN(UNKNOWN, "rule", TEXT, RULE),
	COLUMN(TLS, "cause", TEXT, CAUSE),
	COLUMN(TLS, "count", NUMBER, COUNT),
	COLUMN(TLS, "first", NUMBER, FIRST),
	COLUMN(TLS, "last", NUMBER, LAST),
	COLUMN(TLS, "relay", TEXT, RELAY),
	COLUMN(TLS, "sample", TEXT, SAMPLE),
	COLUMN(TLS, "inbound", BOOL, INBOUND),
#undef COLUMN
	{ NULL, 0, 0, COLUMN_TEXT },
};

static struct summary_box *
check_summary(lua_State *L, int arg)
{
	struct summary_box *box = luaL_checkudata(L, arg, SUMMARY);
	if (box->summary == NULL)
		mh_lua_raise_closed(L, SUMMARY);
	return box;
}

static int
summary_close(lua_State *L)
{
	struct summary_box *box = luaL_checkudata(L, 1, SUMMARY);
	box->owner.generation++;
	mh_summary_free(box->summary);
	box->summary = NULL;
	return 0;
}

static mh_reply *
summary_quoted(struct mh_lua_owner *owner, int list, size_t place)
{
	return mh_summary_reply(((struct summary_box *)(void *)owner)->summary, list, place);
}

static int
set_summary(void *handle, int option, int64_t value)
{
	return mh_summary_set_int(handle, option, value);
}

/* set_options - from argument arg, as mh_lua_set_options */
static int
set_options(lua_State *L, struct summary_box *box, int arg)
{
	const struct mh_lua_target target = { set_summary, NULL, box->summary };
	return mh_lua_set_options(L, arg, summary_options, NULL, &target);
}

static int
push_summary(lua_State *L, mh_ctx *ctx, int arg)
{
	struct summary_box *box = mh_lua_push_box(L, SUMMARY, sizeof(*box));
	box->owner.quoted = summary_quoted;
	box->summary = mh_summary_new(ctx);
	if (box->summary == NULL)
		return mh_lua_fail(L, MH_ENOMEM);
	int failed = set_options(L, box, arg);
	return failed > 0 ? failed : 1;
}

/* summary([options]) -> summary | nil, message, name */
static int
new_summary(lua_State *L)
{
	lua_settop(L, 1);
	return push_summary(L, mh_lua_default_context(L), 1);
}

/* context:summary([options]) -> the same */
static int
context_summary(lua_State *L)
{
	lua_settop(L, 2);
	return push_summary(L, mh_lua_check_context(L, 1), 2);
}

/* summary_fed - what feed and finish return: the summary itself, or nil, message, name */
static int
summary_fed(lua_State *L, int error)
{
	if (error == MH_EIO) {
		lua_pushnil(L);
		lua_pushstring(L, "the gzip data is damaged or cut short");
		lua_pushstring(L, mh_errname(error));
		return 3;
	}
	return mh_lua_changed(L, error);
}

/* summary:feed(octets) -> summary | nil, message, name */
static int
summary_feed(lua_State *L)
{
	struct summary_box *box = check_summary(L, 1);
	size_t len;
	const char *octets = luaL_checklstring(L, 2, &len);
	box->owner.generation++;
	return summary_fed(L, mh_summary_feed(box->summary, octets, len));
}

/* summary:finish() -> the same: a file ends here */
static int
summary_finish(lua_State *L)
{
	struct summary_box *box = check_summary(L, 1);
	box->owner.generation++;
	return summary_fed(L, mh_summary_end(box->summary));
}

static int
summary_number(lua_State *L)
{
	mh_summary *summary = check_summary(L, 1)->summary;
	mh_lua_push_known(L, mh_summary_int(summary, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static void
push_column(lua_State *L, mh_summary *summary, size_t i, const struct column *column)
{
	if (column->kind == COLUMN_TEXT) {
		lua_pushstring(L, mh_summary_item_str(summary, column->list, i, column->field));
		return;
	}
	int64_t value = mh_summary_item_int(summary, column->list, i, column->field);
	if (column->kind == COLUMN_MILLI)
		mh_lua_push_milli(L, value);
	else if (column->kind == COLUMN_BOOL)
		mh_lua_push_flag(L, value);
	else
		mh_lua_push_known(L, value);
}

/* summary:groups(), summary:throttles(), ...: arrays of tables */
static int
summary_list(lua_State *L)
{
	mh_summary *summary = check_summary(L, 1)->summary;
	int list = (int)lua_tointeger(L, lua_upvalueindex(1));
	size_t count = mh_summary_count(summary, list);
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		lua_newtable(L);
		for (const struct column *column = columns; column->name != NULL; column++) {
			if (column->list == list) {
				push_column(L, summary, i, column);
				lua_setfield(L, -2, column->name);
			}
		}
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* summary:reply(list, i) -> reply | nil, message, name: what the sample of an entry means */
static int
summary_reply(lua_State *L)
{
	struct summary_box *box = check_summary(L, 1);
	const char *name = luaL_checkstring(L, 2);
	const struct mh_lua_word *list = mh_lua_find_word(summary_lists, name);
	if (list == NULL)
		return luaL_error(L, "there is no list '%s'", name);
	if (list->number == MH_SUMMARY_THROTTLE || list->number == MH_SUMMARY_TLS)
		return luaL_error(L, "entries of '%s' have no reply", name);
	size_t i = mh_lua_check_place(L, 3);
	if (i >= mh_summary_count(box->summary, list->number))
		return mh_lua_fail(L, MH_ENOENT);
	return mh_lua_push_quoted(L, &box->owner, list->number, i);
}

static int
summary_json(lua_State *L)
{
	const char *json = mh_summary_json(check_summary(L, 1)->summary);
	if (*json == '\0')
		return mh_lua_fail(L, MH_ENOMEM);
	lua_pushstring(L, json);
	return 1;
}

static int
summary_tostring(lua_State *L)
{
	struct summary_box *box = luaL_checkudata(L, 1, SUMMARY);
	if (box->summary == NULL) {
		lua_pushstring(L, SUMMARY " (closed)");
		return 1;
	}
	mh_lua_push_known(L, mh_summary_int(box->summary, MH_SUMMARY_LINES));
	lua_pushfstring(L, SUMMARY " (%s lines)", lua_tostring(L, -1));
	return 1;
}

static const luaL_Reg summary_methods[] = {
	{ "feed", summary_feed },
	{ "finish", summary_finish },
	{ "reply", summary_reply },
	{ "json", summary_json },
	{ NULL, NULL },
};

static void
make_summary_type(lua_State *L)
{
	mh_lua_make_type(L, SUMMARY, summary_methods, summary_close);
	for (const struct mh_lua_word *field = summary_numbers; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, summary_number, field->number);
	for (const struct mh_lua_word *list = summary_lists; list->name != NULL; list++)
		mh_lua_set_numbered(L, list->name, summary_list, list->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, summary_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "summary", new_summary },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "summary", context_summary },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_summary_part = {
	.make_types = make_summary_type,
	.functions = functions,
	.context_methods = context_methods,
};
