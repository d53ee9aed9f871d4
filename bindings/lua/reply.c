/* reply.c - SMTP replies in Lua
 *
 * Also those that a log line, a bounce or a summary gives: they are read from
 * what gave them, and gone when it reads on.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define REPLY "mailhealth.reply"

struct reply_box {
	mh_reply *reply;
	unsigned given; /* bit n: option n is set and not yet taken back */
	/* not NULL: the reply is this one's.  The box keeps it alive by its user value, and asks it for
	 * the reply each time, since an owner of many has the handle for one of them at a time. */
	struct mh_lua_owner *owner;
	uint64_t generation;
	int list;
	size_t place;
};

#define TEXT_FIELDS(X) \
	X(STATUS, "status") \
	X(REASON, "reason") \
	X(REASON_TEXT, "reason_text") \
	X(RULE, "rule") \
	X(MEANING, "meaning") \
	X(PERMANENCE, "permanence") \
	X(CLASS, "class") \
	X(RETRY, "retry") \
	X(ACTOR, "actor") \
	X(PROVIDER, "provider") \
	X(PROVIDER_NAME, "provider_name") \
	X(CONTACT, "contact") \
	X(DRAFT, "draft") \
	X(TEMPLATE, "template") \
	X(PHASE, "phase") \
	X(STATUS_TEXT, "status_text") \
	X(TEXT, "text") \
	X(REFERENCE, "reference") \
	X(FORM, "form")

#define NUMBER_FIELDS(X) \
	X(CODE, "code") \
	X(CONFIDENCE, "confidence") \
	X(SPAN_BEGIN, "span_begin") \
	X(SPAN_END, "span_end") \
	X(RETRY_AFTER_S, "retry_after") \
	X(LENGTH, "length")

#define FORMS(X) \
	X(AUTO, "auto") \
	X(WIRE, "wire") \
	X(JOINED, "joined") \
	X(DSN, "dsn") \
	X(FRAGMENT, "fragment")

#define ITEM_TEXTS(X) \
	X(ID, "id") \
	X(TEXT, "text") \
	X(URL, "url") \
	X(STATUS, "status") \
	X(NAME, "name") \
	X(ZONE, "zone") \
	X(KIND, "kind") \
	X(DELIST, "delist") \
	X(WHAT, "what")

#define ITEM_NUMBERS(X) \
	X(CODE, "code") \
	X(COUNT, "count") \
	X(PER_S, "per_s")

#define ROW(number, name) { name, MH_REPLY_##number },
TABLE(text_fields, TEXT_FIELDS);
TABLE(number_fields, NUMBER_FIELDS);
#undef ROW

#define ROW(number, name) { name, MH_FORM_##number },
TABLE(forms, FORMS);
#undef ROW

static const struct mh_lua_option options[] = {
	{ "form", MH_OPT_FORM, MH_LUA_WORD, forms },
	{ "phase", MH_OPT_PHASE, MH_LUA_TEXT, NULL },
	{ "provider", MH_OPT_PROVIDER, MH_LUA_TEXT, NULL },
	{ "mx", MH_OPT_MX, MH_LUA_TEXT, NULL },
	{ "code", MH_OPT_CODE, MH_LUA_NUMBER, NULL },
	{ "status", MH_OPT_STATUS, MH_LUA_TEXT, NULL },
	{ "line_number", MH_OPT_LINE_NUMBER, MH_LUA_NUMBER, NULL },
	{ NULL, 0, MH_LUA_TEXT, NULL },
};

#define ROW(number, name) { name, MH_ITEM_##number },
TABLE(item_texts, ITEM_TEXTS);
TABLE(item_numbers, ITEM_NUMBERS);
#undef ROW

/* Lists: the fields their entries have, and whether it is a fact or a method. */
#define HAS(item) (1u << MH_ITEM_##item)
#define SPAN HAS(SPAN_BEGIN)
#define PLAIN_ID HAS(ID)
#define PLAIN_TEXT (HAS(TEXT) | SPAN)

#define LISTS(X) \
	X(LINE, "lines", false, HAS(CODE) | HAS(STATUS) | HAS(TEXT) | SPAN) \
	X(ALTERNATIVE, "alternatives", false, PLAIN_ID) \
	X(SCOPE, "scope", false, PLAIN_ID) \
	X(ADVICE, "advice", false, HAS(ID) | HAS(TEXT) | HAS(URL)) \
	X(DISAGREEMENT, "disagreements", false, PLAIN_ID) \
	X(NEXT, "next", false, PLAIN_ID) \
	X(IP, "ip", true, PLAIN_TEXT) \
	X(DOMAIN, "domain", true, PLAIN_TEXT) \
	X(EMAIL, "email", true, PLAIN_TEXT) \
	X(URL, "url", true, PLAIN_TEXT) \
	X(ID, "id", true, PLAIN_TEXT) \
	X(BLOCKLIST, "blocklist", true, \
	    HAS(ID) | HAS(NAME) | HAS(ZONE) | HAS(KIND) | HAS(DELIST) | HAS(TEXT) | SPAN) \
	X(LIMIT, "limit", true, HAS(COUNT) | HAS(PER_S) | HAS(WHAT))

static const struct list {
	const char *name;
	int number;
	bool is_fact;
	unsigned fields;
} lists[] = {
#define ROW(number, name, is_fact, fields) { name, MH_LIST_##number, is_fact, fields },
	LISTS(ROW)
#undef ROW
	    { NULL, 0, false, 0 },
};

static struct reply_box *
check_reply(lua_State *L, int arg)
{
	struct reply_box *box = luaL_checkudata(L, arg, REPLY);
	if (box->owner != NULL) {
		if (box->owner->generation != box->generation)
			luaL_error(L, "this %s is gone: what gave it has read on or is closed", REPLY);
		box->reply = box->owner->quoted(box->owner, box->list, box->place);
		if (box->reply == NULL)
			luaL_error(L, "%s", mh_strerror(MH_ENOMEM));
	}
	if (box->reply == NULL)
		mh_lua_raise_closed(L, REPLY);
	return box;
}

static int
reply_close(lua_State *L)
{
	struct reply_box *box = luaL_checkudata(L, 1, REPLY);
	if (box->owner == NULL)
		mh_reply_free(box->reply);
	box->reply = NULL;
	box->owner = NULL;
	return 0;
}

/* ----------------------------------------------------------------- parsing */

static int
set_int(void *handle, int option, int64_t value)
{
	struct reply_box *box = handle;
	int error = mh_reply_set_int(box->reply, option, value);
	if (error == MH_OK)
		box->given |= 1u << option;
	return error;
}

static int
set_str(void *handle, int option, const char *value)
{
	struct reply_box *box = handle;
	int error = mh_reply_set_str(box->reply, option, value);
	if (error == MH_OK)
		box->given |= 1u << option;
	return error;
}

/* take_back - undoes the options of the parse before */
static void
take_back(struct reply_box *box)
{
	for (const struct mh_lua_option *option = options; option->name != NULL; option++) {
		if ((box->given & 1u << option->number) == 0)
			continue;
		/* Whether it is a string or a number, one of the two calls is right. */
		if (mh_reply_set_str(box->reply, option->number, "") != MH_OK)
			mh_reply_set_int(box->reply, option->number, 0);
	}
	box->given = 0;
}

/* parse(reply, text [, options]) -> reply | nil, message, name */
static int
reply_parse(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	if (box->owner != NULL)
		return luaL_error(L, "this %s is another's, and reads nothing", REPLY);
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	take_back(box);
	const struct mh_lua_target target = { set_int, set_str, box };
	int failed = mh_lua_set_options(L, 3, options, NULL, &target);
	if (failed > 0)
		return failed;
	int error = mh_reply_parse(box->reply, text, len);
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	lua_settop(L, 1);
	return 1;
}

/* push_reply - a new reply on ctx; false: no memory, and nil takes its place */
static bool
push_reply(lua_State *L, mh_ctx *ctx)
{
	struct reply_box *box = mh_lua_push_box(L, REPLY, sizeof(*box));
	box->reply = mh_reply_new(ctx);
	return box->reply != NULL;
}

/* parse_reply(text [, options]) -> reply | nil, message, name */
static int
parse_reply(lua_State *L)
{
	lua_settop(L, 2);
	if (!push_reply(L, mh_lua_default_context(L)))
		return mh_lua_fail(L, MH_ENOMEM);
	lua_insert(L, 1);
	return reply_parse(L);
}

/* ------------------------------------------------------------ what it means */

/* Methods that differ in a field only are one function with that field as an
 * upvalue: reply:reason(), reply:code(), ... */

static int
reply_text(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	lua_pushstring(L, mh_reply_str(box->reply, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
reply_number(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	mh_lua_push_known(L, mh_reply_int(box->reply, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* reply:str(name), reply:int(name) - the same by name, numbers as C has them */

static int
reply_str(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	lua_pushstring(L, mh_reply_str(box->reply, mh_lua_check_word(L, 2, text_fields)));
	return 1;
}

static int
reply_int(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	mh_lua_push_known(L, mh_reply_int(box->reply, mh_lua_check_word(L, 2, number_fields)));
	return 1;
}

/* reply:confidence() - 0 to 1, as the JSON has it */
static int
reply_confidence(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	int64_t thousandths = mh_reply_int(box->reply, MH_REPLY_CONFIDENCE);
	if (thousandths == MH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)thousandths / 1000);
	return 1;
}

static int
reply_span(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	mh_lua_push_range(L, mh_reply_int(box->reply, MH_REPLY_SPAN_BEGIN),
	    mh_reply_int(box->reply, MH_REPLY_SPAN_END));
	return 1;
}

/* push_entry - entry i of a list as a table of its fields */
static void
push_entry(lua_State *L, mh_reply *reply, const struct list *list, size_t i)
{
	lua_newtable(L);
	for (const struct mh_lua_word *item = item_texts; item->name != NULL; item++) {
		if ((list->fields & 1u << item->number) != 0) {
			lua_pushstring(L, mh_reply_item_str(reply, list->number, i, item->number));
			lua_setfield(L, -2, item->name);
		}
	}
	for (const struct mh_lua_word *item = item_numbers; item->name != NULL; item++) {
		if ((list->fields & 1u << item->number) != 0) {
			mh_lua_push_known(L, mh_reply_item_int(reply, list->number, i, item->number));
			lua_setfield(L, -2, item->name);
		}
	}
	if ((list->fields & SPAN) != 0) {
		mh_lua_push_range(L, mh_reply_item_int(reply, list->number, i, MH_ITEM_SPAN_BEGIN),
		    mh_reply_item_int(reply, list->number, i, MH_ITEM_SPAN_END));
		lua_setfield(L, -2, "span");
	}
}

/* push_list - all entries as tables, or as strings where one field says it all and
 * nobody asked for the whole */
static void
push_list(lua_State *L, mh_reply *reply, const struct list *list, bool is_whole)
{
	size_t count = mh_reply_count(reply, list->number);
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		if (!is_whole && list->fields == PLAIN_ID)
			lua_pushstring(L, mh_reply_item_str(reply, list->number, i, MH_ITEM_ID));
		else if (!is_whole && list->fields == PLAIN_TEXT)
			lua_pushstring(L, mh_reply_item_str(reply, list->number, i, MH_ITEM_TEXT));
		else
			push_entry(L, reply, list, i);
		lua_rawseti(L, -2, (int)i + 1);
	}
}

/* reply:advice(), reply:lines(), ...: upvalue 1 is the place in lists */
static int
reply_list(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	push_list(L, box->reply, &lists[lua_tointeger(L, lua_upvalueindex(1))], false);
	return 1;
}

/* reply:entries(name) - any list, facts included, with all that is known */
static int
reply_entries(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	const char *name = luaL_checkstring(L, 2);
	for (const struct list *list = lists; list->name != NULL; list++) {
		if (strcmp(list->name, name) == 0) {
			push_list(L, box->reply, list, true);
			return 1;
		}
	}
	return luaL_error(L, "there is no list '%s'", name);
}

static int
reply_facts(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	lua_newtable(L);
	for (const struct list *list = lists; list->name != NULL; list++) {
		if (list->is_fact) {
			push_list(L, box->reply, list, false);
			lua_setfield(L, -2, list->name);
		}
	}
	return 1;
}

/* fail_empty - nil, message, name of a reply that had nothing to give: no text has
 * been parsed yet, or there is no memory */
static int
fail_empty(lua_State *L, mh_reply *reply)
{
	return mh_lua_fail(L, mh_reply_int(reply, MH_REPLY_LENGTH) == MH_UNKNOWN ? MH_ESTATE : MH_ENOMEM);
}

static int
reply_json(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	const char *json = mh_reply_json(box->reply);
	if (*json == '\0')
		return fail_empty(L, box->reply);
	lua_pushstring(L, json);
	return 1;
}

static int
reply_tostring(lua_State *L)
{
	struct reply_box *box = luaL_checkudata(L, 1, REPLY);
	bool is_gone = box->owner != NULL && box->owner->generation != box->generation;
	if (is_gone || box->reply == NULL) {
		lua_pushstring(L, is_gone ? REPLY " (gone)" : REPLY " (closed)");
		return 1;
	}
	check_reply(L, 1);
	int64_t code = mh_reply_int(box->reply, MH_REPLY_CODE);
	const char *reason = mh_reply_str(box->reply, MH_REPLY_REASON);
	if (code == MH_UNKNOWN)
		lua_pushfstring(L, REPLY " (%s)", reason);
	else
		lua_pushfstring(L, REPLY " (%d %s)", (int)code, reason);
	return 1;
}

/* reply:findings() - what was odd about the reply, worst first */
static int
reply_findings(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	struct mh_lua_report *odd = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*odd));
	odd->report = mh_reply_report(box->reply);
	if (odd->report == NULL)
		return fail_empty(L, box->reply);
	return mh_lua_give_findings(L, odd);
}

/* context:reply() -> reply | nil, message, name */
static int
context_reply(lua_State *L)
{
	return push_reply(L, mh_lua_check_context(L, 1)) ? 1 : mh_lua_fail(L, MH_ENOMEM);
}

/* ------------------------------------------------------ replies of others */

/* mh_lua_push_quoted - a reply that stays the owner's, which is argument 1 */
int
mh_lua_push_quoted(lua_State *L, struct mh_lua_owner *owner, int list, size_t place)
{
	struct reply_box *box = mh_lua_push_box(L, REPLY, sizeof(*box));
	lua_createtable(L, 1, 0);
	lua_pushvalue(L, 1);
	lua_rawseti(L, -2, 1);
	mh_lua_set_value(L);
	box->list = list;
	box->place = place;
	box->generation = owner->generation;
	box->owner = owner; /* last, when it is kept alive */
	check_reply(L, -1); /* no memory: now rather than later */
	return 1;
}

/* mh_lua_fail_read - nil, message, name of a handle that had nothing to give: it has read nothing yet, or
 * there is no memory */
int
mh_lua_fail_read(lua_State *L, const struct mh_lua_owner *owner)
{
	return mh_lua_fail(L, owner->generation == 0 ? MH_ESTATE : MH_ENOMEM);
}

/* ------------------------------------------------------------------ module */

static const luaL_Reg reply_methods[] = {
	{ "parse", reply_parse },
	{ "str", reply_str },
	{ "int", reply_int },
	{ "span", reply_span },
	{ "entries", reply_entries },
	{ "facts", reply_facts },
	{ "json", reply_json },
	{ "findings", reply_findings },
	{ NULL, NULL },
};

static void
make_reply_type(lua_State *L)
{
	mh_lua_make_type(L, REPLY, reply_methods, reply_close);
	for (const struct mh_lua_word *field = text_fields; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, reply_text, field->number);
	for (const struct mh_lua_word *field = number_fields; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, reply_number, field->number);
	for (int i = 0; lists[i].name != NULL; i++) {
		if (!lists[i].is_fact)
			mh_lua_set_numbered(L, lists[i].name, reply_list, i);
	}
	lua_pushcfunction(L, reply_confidence); /* not in thousandths */
	lua_setfield(L, -2, "confidence");
	lua_pop(L, 1);
	lua_pushcfunction(L, reply_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static const luaL_Reg functions[] = {
	{ "parse_reply", parse_reply },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "reply", context_reply },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_reply_part = {
	.make_types = make_reply_type,
	.functions = functions,
	.context_methods = context_methods,
};
