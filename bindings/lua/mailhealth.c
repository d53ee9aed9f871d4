/* mailhealth.c - the Lua module "mailhealth", for Lua 5.1 to 5.4 and LuaJIT
 *
 * Handles of libmailhealth as userdata with methods.  Three promises:
 *
 *   A wrong type, an unknown name and a closed object are programming errors
 *   and raise.  What can go wrong at run time gives nil, message, name.
 *
 *   Every handle sits in a userdata whose metatable was set while it was still
 *   empty, so an error that Lua raises half-way (no memory, mostly) leaks
 *   nothing: the collector finds it.
 *
 *   Nothing here is global.  Each Lua state has its own default context, made
 *   when it is first needed, in an upvalue.
 *
 * Names follow the JSON of the library, which the README shows; unknown numbers
 * are nil, unknown text is "".
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#define CONTEXT "mailhealth.context"
#define REPLY "mailhealth.reply"
#define RULES "mailhealth.rules"
#define REPORT "mailhealth.report" /* never seen from Lua */

struct context_box {
	mh_ctx *ctx; /* NULL: closed; so in all boxes */
};

struct reply_box {
	mh_reply *reply;
	unsigned given; /* bit n: option n is set and not yet taken back */
};

struct rules_box {
	mh_rules *rules;
};

struct report_box {
	mh_report *report;
};

/* ------------------------------------------------------------------- names */

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

#define OPTIONS(X) \
	X(FORM, "form") \
	X(PHASE, "phase") \
	X(PROVIDER, "provider") \
	X(MX, "mx") \
	X(CODE, "code") \
	X(STATUS, "status") \
	X(LINE_NUMBER, "line_number")

#define FORMS(X) \
	X(AUTO, "auto") \
	X(WIRE, "wire") \
	X(JOINED, "joined") \
	X(DSN, "dsn") \
	X(FRAGMENT, "fragment")

#define LAYERS(X) \
	X(SITE, "site") \
	X(USER, "user")

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

#define FINDING_TEXTS(X) \
	X(ID, "id") \
	X(TITLE, "title") \
	X(SUBJECT, "subject") \
	X(EVIDENCE, "evidence") \
	X(REASON, "reason") \
	X(REMEDY, "remedy") \
	X(SPEC, "spec") \
	X(SINCE, "since")

struct word {
	const char *name; /* NULL ends a table */
	int number;
};

#define TABLE(name, LIST) static const struct word name[] = { LIST(ROW){ NULL, 0 } }
#define ROW(number, name) { name, MH_REPLY_##number },
TABLE(text_fields, TEXT_FIELDS);
TABLE(number_fields, NUMBER_FIELDS);
#undef ROW
#define ROW(number, name) { name, MH_OPT_##number },
TABLE(options, OPTIONS);
#undef ROW
#define ROW(number, name) { name, MH_FORM_##number },
TABLE(forms, FORMS);
#undef ROW
#define ROW(number, name) { name, MH_LAYER_##number },
TABLE(layers, LAYERS);
#undef ROW
#define ROW(number, name) { name, MH_ITEM_##number },
TABLE(item_texts, ITEM_TEXTS);
TABLE(item_numbers, ITEM_NUMBERS);
#undef ROW
#define ROW(number, name) { name, MH_FINDING_##number },
TABLE(finding_texts, FINDING_TEXTS);
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

/* find_word - the row of table that has this name, or NULL */
static const struct word *
find_word(const struct word *table, const char *name)
{
	for (; table->name != NULL; table++) {
		if (strcmp(table->name, name) == 0)
			return table;
	}
	return NULL;
}

/* check_word - the number of argument arg in table; raises if it has none */
static int
check_word(lua_State *L, int arg, const struct word *table)
{
	const char *name = luaL_checkstring(L, arg);
	const struct word *word = find_word(table, name);
	if (word == NULL)
		return luaL_error(L, "there is no field '%s'", name);
	return word->number;
}

/* ------------------------------------------------------------ Lua and handles */

/* fail - what a function returns when the library could not: nil, message, name */
static int
fail(lua_State *L, int error)
{
	lua_pushnil(L);
	lua_pushstring(L, mh_strerror(error));
	lua_pushstring(L, mh_errname(error));
	return 3;
}

/* push_known - a number, or nil where it is unknown */
static void
push_known(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
#if LUA_VERSION_NUM < 503
		lua_pushnumber(L, (lua_Number)value); /* lua_Integer may have 32 bits */
#else
		lua_pushinteger(L, (lua_Integer)value);
#endif
}

/* push_box - an empty userdata of a type, its __gc in place */
static void *
push_box(lua_State *L, const char *type, size_t size)
{
	void *box = lua_newuserdata(L, size);
	memset(box, 0, size);
	luaL_getmetatable(L, type);
	lua_setmetatable(L, -2);
	return box;
}

static int
raise_closed(lua_State *L, const char *type)
{
	return luaL_error(L, "this %s is closed", type);
}

static mh_ctx *
check_context(lua_State *L, int arg)
{
	struct context_box *box = luaL_checkudata(L, arg, CONTEXT);
	if (box->ctx == NULL)
		raise_closed(L, CONTEXT);
	return box->ctx;
}

static struct reply_box *
check_reply(lua_State *L, int arg)
{
	struct reply_box *box = luaL_checkudata(L, arg, REPLY);
	if (box->reply == NULL)
		raise_closed(L, REPLY);
	return box;
}

static mh_rules *
check_rules(lua_State *L, int arg)
{
	struct rules_box *box = luaL_checkudata(L, arg, RULES);
	if (box->rules == NULL)
		raise_closed(L, RULES);
	return box->rules;
}

/* default_context - the context in upvalue 1, made now if it is needed first;
 * NULL: no memory */
static mh_ctx *
default_context(lua_State *L)
{
	struct context_box *box = lua_touserdata(L, lua_upvalueindex(1));
	if (box->ctx == NULL)
		box->ctx = mh_ctx_new(NULL, NULL);
	return box->ctx;
}

/* The four of them are __gc, __close and close(), and may be called again. */

static int
context_close(lua_State *L)
{
	struct context_box *box = luaL_checkudata(L, 1, CONTEXT);
	mh_ctx_free(box->ctx);
	box->ctx = NULL;
	return 0;
}

static int
reply_close(lua_State *L)
{
	struct reply_box *box = luaL_checkudata(L, 1, REPLY);
	mh_reply_free(box->reply);
	box->reply = NULL;
	return 0;
}

static int
rules_close(lua_State *L)
{
	struct rules_box *box = luaL_checkudata(L, 1, RULES);
	mh_rules_free(box->rules);
	box->rules = NULL;
	return 0;
}

static int
report_close(lua_State *L)
{
	struct report_box *box = luaL_checkudata(L, 1, REPORT);
	mh_report_free(box->report);
	box->report = NULL;
	return 0;
}

/* ----------------------------------------------------------------- parsing */

/* set_option - sets one option from the Lua value on top of the stack; MH_OK or
 * MH_EINVAL, and raises where the type is wrong */
static int
set_option(lua_State *L, struct reply_box *box, const struct word *option)
{
	int error = MH_EINVAL;
	if (option->number == MH_OPT_CODE || option->number == MH_OPT_LINE_NUMBER) {
		if (lua_type(L, -1) != LUA_TNUMBER)
			return luaL_error(L, "option '%s' must be a number", option->name);
		/* All numbers that these take are small; NaN fails as well. */
		lua_Number number = lua_tonumber(L, -1);
		if (number >= 0 && number <= INT32_MAX && number == (lua_Number)(int64_t)number)
			error = mh_reply_set_int(box->reply, option->number, (int64_t)number);
	} else {
		if (lua_type(L, -1) != LUA_TSTRING)
			return luaL_error(L, "option '%s' must be a string", option->name);
		size_t len;
		const char *text = lua_tolstring(L, -1, &len);
		if (strlen(text) != len) {
			error = MH_EINVAL; /* a NUL inside */
		} else if (option->number == MH_OPT_FORM) {
			const struct word *form = find_word(forms, text);
			if (form != NULL)
				error = mh_reply_set_int(box->reply, MH_OPT_FORM, form->number);
		} else {
			error = mh_reply_set_str(box->reply, option->number, text);
		}
	}
	if (error == MH_OK)
		box->given |= 1u << option->number;
	return error;
}

/* take_back - undoes the options of the parse before */
static void
take_back(struct reply_box *box)
{
	for (const struct word *option = options; option->name != NULL; option++) {
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
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	take_back(box);
	if (!lua_isnoneornil(L, 3)) {
		luaL_checktype(L, 3, LUA_TTABLE);
		for (lua_pushnil(L); lua_next(L, 3) != 0; lua_pop(L, 1)) {
			/* Only strings are asked for their text: it would turn a number into one,
			 * and lua_next would then lose its way. */
			bool is_string = lua_type(L, -2) == LUA_TSTRING;
			const char *name = is_string ? lua_tostring(L, -2) : luaL_typename(L, -2);
			const struct word *option = is_string ? find_word(options, name) : NULL;
			if (option == NULL)
				return luaL_error(L, "there is no option '%s'", name);
			int error = set_option(L, box, option);
			if (error != MH_OK) {
				fail(L, error);
				lua_pushfstring(L, "option '%s': %s", option->name, mh_strerror(error));
				lua_replace(L, -3);
				return 3;
			}
		}
	}
	int error = mh_reply_parse(box->reply, text, len);
	if (error != MH_OK)
		return fail(L, error);
	lua_settop(L, 1);
	return 1;
}

/* push_reply - a new reply on ctx; false: no memory, and nil takes its place */
static bool
push_reply(lua_State *L, mh_ctx *ctx)
{
	struct reply_box *box = push_box(L, REPLY, sizeof(*box));
	box->reply = mh_reply_new(ctx);
	return box->reply != NULL;
}

/* parse_reply(text [, options]) -> reply | nil, message, name */
static int
parse_reply(lua_State *L)
{
	lua_settop(L, 2);
	if (!push_reply(L, default_context(L)))
		return fail(L, MH_ENOMEM);
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
	push_known(L, mh_reply_int(box->reply, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* reply:str(name), reply:int(name) - the same by name, numbers as C has them */

static int
reply_str(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	lua_pushstring(L, mh_reply_str(box->reply, check_word(L, 2, text_fields)));
	return 1;
}

static int
reply_int(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	push_known(L, mh_reply_int(box->reply, check_word(L, 2, number_fields)));
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

/* push_range - {begin, end}, or nil where it is unknown */
static void
push_range(lua_State *L, int64_t begin, int64_t end)
{
	if (begin == MH_UNKNOWN) {
		lua_pushnil(L);
		return;
	}
	lua_createtable(L, 2, 0);
	push_known(L, begin);
	lua_rawseti(L, -2, 1);
	push_known(L, end);
	lua_rawseti(L, -2, 2);
}

static int
reply_span(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	push_range(L, mh_reply_int(box->reply, MH_REPLY_SPAN_BEGIN),
	    mh_reply_int(box->reply, MH_REPLY_SPAN_END));
	return 1;
}

/* push_entry - entry i of a list as a table of its fields */
static void
push_entry(lua_State *L, mh_reply *reply, const struct list *list, size_t i)
{
	lua_newtable(L);
	for (const struct word *item = item_texts; item->name != NULL; item++) {
		if ((list->fields & 1u << item->number) != 0) {
			lua_pushstring(L, mh_reply_item_str(reply, list->number, i, item->number));
			lua_setfield(L, -2, item->name);
		}
	}
	for (const struct word *item = item_numbers; item->name != NULL; item++) {
		if ((list->fields & 1u << item->number) != 0) {
			push_known(L, mh_reply_item_int(reply, list->number, i, item->number));
			lua_setfield(L, -2, item->name);
		}
	}
	if ((list->fields & SPAN) != 0) {
		push_range(L, mh_reply_item_int(reply, list->number, i, MH_ITEM_SPAN_BEGIN),
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
	return fail(L, mh_reply_int(reply, MH_REPLY_LENGTH) == MH_UNKNOWN ? MH_ESTATE : MH_ENOMEM);
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
	if (box->reply == NULL) {
		lua_pushstring(L, REPLY " (closed)");
		return 1;
	}
	int64_t code = mh_reply_int(box->reply, MH_REPLY_CODE);
	const char *reason = mh_reply_str(box->reply, MH_REPLY_REASON);
	if (code == MH_UNKNOWN)
		lua_pushfstring(L, REPLY " (%s)", reason);
	else
		lua_pushfstring(L, REPLY " (%d %s)", (int)code, reason);
	return 1;
}

/* ---------------------------------------------------------------- findings */

/* Findings of a report, or of the catalogue where report is NULL. */

static const char *
finding_str(const mh_report *report, size_t i, int field)
{
	return report != NULL ? mh_report_str(report, i, field) : mh_catalogue_str(i, field);
}

static int64_t
finding_int(const mh_report *report, size_t i, int field)
{
	return report != NULL ? mh_report_int(report, i, field) : mh_catalogue_int(i, field);
}

static const char *
severity_name(int64_t severity)
{
	switch (severity) {
	case MH_SEVERITY_INFO:
		return "info";
	case MH_SEVERITY_WARN:
		return "warn";
	case MH_SEVERITY_FAIL:
		return "fail";
	default:
		return "";
	}
}

static void
push_findings(lua_State *L, const mh_report *report)
{
	size_t count = report != NULL ? mh_report_count(report) : mh_catalogue_count();
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		lua_newtable(L);
		for (const struct word *text = finding_texts; text->name != NULL; text++) {
			lua_pushstring(L, finding_str(report, i, text->number));
			lua_setfield(L, -2, text->name);
		}
		push_known(L, finding_int(report, i, MH_FINDING_NUMBER));
		lua_setfield(L, -2, "number");
		lua_pushstring(L, severity_name(finding_int(report, i, MH_FINDING_SEVERITY)));
		lua_setfield(L, -2, "severity");
		push_range(L, finding_int(report, i, MH_FINDING_RANGE_BEGIN),
		    finding_int(report, i, MH_FINDING_RANGE_END));
		lua_setfield(L, -2, "range");
		lua_rawseti(L, -2, (int)i + 1);
	}
}

/* reply:findings() - what was odd about the reply, worst first */
static int
reply_findings(lua_State *L)
{
	struct reply_box *box = check_reply(L, 1);
	struct report_box *odd = push_box(L, REPORT, sizeof(*odd));
	odd->report = mh_reply_report(box->reply);
	if (odd->report == NULL)
		return fail_empty(L, box->reply);
	push_findings(L, odd->report);
	mh_report_free(odd->report); /* not left to the collector, which sees a few octets only */
	odd->report = NULL;
	return 1;
}

static int
catalogue(lua_State *L)
{
	push_findings(L, NULL);
	return 1;
}

/* ------------------------------------------------------- contexts and rules */

/* context() -> context | nil, message, name */
static int
new_context(lua_State *L)
{
	struct context_box *box = push_box(L, CONTEXT, sizeof(*box));
	box->ctx = mh_ctx_new(NULL, NULL);
	return box->ctx != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* context:reply() -> reply | nil, message, name */
static int
context_reply(lua_State *L)
{
	return push_reply(L, check_context(L, 1)) ? 1 : fail(L, MH_ENOMEM);
}

/* context:use_rules(rules | nil) -> context | nil, message, name */
static int
context_use_rules(lua_State *L)
{
	mh_ctx *ctx = check_context(L, 1);
	luaL_checkany(L, 2);
	int error = mh_ctx_use_rules(ctx, lua_isnil(L, 2) ? NULL : check_rules(L, 2));
	if (error != MH_OK)
		return fail(L, error);
	lua_settop(L, 1);
	return 1;
}

static int
push_rules(lua_State *L, mh_ctx *ctx)
{
	struct rules_box *box = push_box(L, RULES, sizeof(*box));
	box->rules = mh_rules_new(ctx);
	return box->rules != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* context:rules() -> rules | nil, message, name */
static int
context_rules(lua_State *L)
{
	return push_rules(L, check_context(L, 1));
}

/* rules([context]) -> the same; without a context they can be checked only */
static int
new_rules(lua_State *L)
{
	return push_rules(L, lua_isnoneornil(L, 1) ? default_context(L) : check_context(L, 1));
}

/* rules_added - what add and add_file return: the rules themselves, or nil, message,
 * name, and for MH_ERULES also line and column, as far as they are known */
static int
rules_added(lua_State *L, mh_rules *rules, int error)
{
	if (error == MH_OK) {
		lua_settop(L, 1);
		return 1;
	}
	if (error != MH_ERULES)
		return fail(L, error);
	lua_pushnil(L);
	int64_t line = mh_rules_int(rules, MH_RULES_LINE);
	int64_t column = mh_rules_int(rules, MH_RULES_COLUMN);
	if (line == MH_UNKNOWN || column == MH_UNKNOWN)
		lua_pushfstring(L, "%s: %s", mh_rules_str(rules, MH_RULES_NAME),
		    mh_rules_str(rules, MH_RULES_ERROR));
	else
		lua_pushfstring(L, "%s:%d:%d: %s", mh_rules_str(rules, MH_RULES_NAME), (int)line, (int)column,
		    mh_rules_str(rules, MH_RULES_ERROR));
	lua_pushstring(L, mh_errname(error));
	push_known(L, line);
	push_known(L, column);
	return 5;
}

/* layer_number - the layer in argument 2; 0, which the library refuses, for others */
static int
layer_number(lua_State *L)
{
	const struct word *layer = find_word(layers, luaL_checkstring(L, 2));
	return layer != NULL ? layer->number : 0;
}

/* check_name - a string argument that C can take whole */
static const char *
check_name(lua_State *L, int arg)
{
	size_t len;
	const char *name = luaL_checklstring(L, arg, &len);
	luaL_argcheck(L, strlen(name) == len, arg, "NUL inside");
	return name;
}

/* rules:add(layer, name, text) -> rules | nil, message, name [, line, column] */
static int
rules_add(lua_State *L)
{
	mh_rules *rules = check_rules(L, 1);
	int layer = layer_number(L);
	const char *name = check_name(L, 3);
	size_t len;
	const char *text = luaL_checklstring(L, 4, &len);
	return rules_added(L, rules, mh_rules_add(rules, layer, name, text, len));
}

/* rules:add_file(layer, path) -> the same */
static int
rules_add_file(lua_State *L)
{
	mh_rules *rules = check_rules(L, 1);
	int layer = layer_number(L);
	return rules_added(L, rules, mh_rules_add_file(rules, layer, check_name(L, 3)));
}

static int
rules_version(lua_State *L)
{
	lua_pushstring(L, mh_rules_str(check_rules(L, 1), MH_RULES_VERSION));
	return 1;
}

static int
rules_count(lua_State *L)
{
	push_known(L, mh_rules_int(check_rules(L, 1), MH_RULES_COUNT));
	return 1;
}

static int
rules_builtin(lua_State *L)
{
	push_known(L, mh_rules_int(check_rules(L, 1), MH_RULES_BUILTIN));
	return 1;
}

/* ------------------------------------------------------------------ module */

static int
version(lua_State *L)
{
	lua_pushstring(L, mh_version());
	return 1;
}

static const luaL_Reg context_methods[] = {
	{ "reply", context_reply },
	{ "rules", context_rules },
	{ "use_rules", context_use_rules },
	{ NULL, NULL },
};

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

static const luaL_Reg rules_methods[] = {
	{ "add", rules_add },
	{ "add_file", rules_add_file },
	{ "version", rules_version },
	{ "count", rules_count },
	{ "builtin", rules_builtin },
	{ NULL, NULL },
};

static const luaL_Reg no_methods[] = {
	{ NULL, NULL },
};

/* Without parse_reply and rules, which have an upvalue: see luaopen_mailhealth. */
static const luaL_Reg functions[] = {
	{ "version", version },
	{ "context", new_context },
	{ "findings", catalogue },
	{ NULL, NULL },
};

/* set_functions - luaL_setfuncs, which Lua 5.1 does not have */
static void
set_functions(lua_State *L, const luaL_Reg *list)
{
	for (; list->name != NULL; list++) {
		lua_pushcfunction(L, list->func);
		lua_setfield(L, -2, list->name);
	}
}

/* set_numbered - the method name, which is function with number as its upvalue */
static void
set_numbered(lua_State *L, const char *name, lua_CFunction function, int number)
{
	lua_pushinteger(L, number);
	lua_pushcclosure(L, function, 1);
	lua_setfield(L, -2, name);
}

/* make_type - registers a type; leaves its metatable and above it its methods */
static void
make_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close)
{
	luaL_newmetatable(L, type);
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__gc");
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "__close");
	lua_newtable(L);
	lua_pushvalue(L, -1);
	lua_setfield(L, -3, "__index");
	set_functions(L, methods);
	lua_pushcfunction(L, close);
	lua_setfield(L, -2, "close");
}

static void
make_reply_type(lua_State *L)
{
	make_type(L, REPLY, reply_methods, reply_close);
	for (const struct word *field = text_fields; field->name != NULL; field++)
		set_numbered(L, field->name, reply_text, field->number);
	for (const struct word *field = number_fields; field->name != NULL; field++)
		set_numbered(L, field->name, reply_number, field->number);
	for (int i = 0; lists[i].name != NULL; i++) {
		if (!lists[i].is_fact)
			set_numbered(L, lists[i].name, reply_list, i);
	}
	lua_pushcfunction(L, reply_confidence); /* not in thousandths */
	lua_setfield(L, -2, "confidence");
	lua_pop(L, 1);
	lua_pushcfunction(L, reply_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

MH_API int luaopen_mailhealth(lua_State *L);

int
luaopen_mailhealth(lua_State *L)
{
	/* The library may be newer than the header we were made with, never older. */
	if (mh_version_number() / 10000 != MH_VERSION_NUMBER / 10000 ||
	    mh_version_number() / 100 < MH_VERSION_NUMBER / 100)
		return luaL_error(L, "mailhealth: libmailhealth %s was loaded, %s or later is needed",
		    mh_version(), MH_VERSION);

	make_type(L, CONTEXT, context_methods, context_close);
	lua_pop(L, 2);
	make_reply_type(L);
	make_type(L, RULES, rules_methods, rules_close);
	lua_pop(L, 2);
	make_type(L, REPORT, no_methods, report_close);
	lua_pop(L, 2);

	lua_newtable(L);
	set_functions(L, functions);
	push_box(L, CONTEXT, sizeof(struct context_box)); /* the default one */
	lua_pushvalue(L, -1);
	lua_pushcclosure(L, parse_reply, 1);
	lua_setfield(L, -3, "parse_reply");
	lua_pushcclosure(L, new_rules, 1);
	lua_setfield(L, -2, "rules");
	return 1;
}
