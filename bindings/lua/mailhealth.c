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
#define LOG "mailhealth.log"
#define BOUNCE "mailhealth.bounce"
#define SUMMARY "mailhealth.summary"
#define REPORT "mailhealth.report" /* never seen from Lua */

struct context_box {
	mh_ctx *ctx; /* NULL: closed; so in all boxes */
};

/* What gives out replies that stay its own: a log line, a bounce, a summary.  It is the first
 * member of their boxes, and no Lua object is moved, so a pointer to it is good while the object
 * lives. */
struct owner {
	/* quoted - the reply of one part; NULL: no memory */
	mh_reply *(*quoted)(struct owner *owner, int list, size_t place);
	uint64_t generation; /* counts what was read; a reply of an earlier one is gone */
};

struct reply_box {
	mh_reply *reply;
	unsigned given; /* bit n: option n is set and not yet taken back */
	/* not NULL: the reply is this one's.  The box keeps it alive by its user value, and asks it for
	 * the reply each time, since an owner of many has the handle for one of them at a time. */
	struct owner *owner;
	uint64_t generation;
	int list;
	size_t place;
};

struct log_box {
	struct owner owner;
	mh_log *log;
};

struct bounce_box {
	struct owner owner;
	mh_bounce *bounce;
};

struct summary_box {
	struct owner owner;
	mh_summary *summary;
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

#define LOG_OPTIONS(X) \
	X(NOW, "now") \
	X(UTC_OFFSET, "utc_offset") \
	X(LINE_NUMBER, "line_number")

#define BOUNCE_OPTIONS(X) X(LINE_NUMBER, "line_number")

#define SUMMARY_OPTIONS(X) \
	X(NOW, "now") \
	X(UTC_OFFSET, "utc_offset") \
	X(GROUPS, "groups")

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
TABLE(log_options, LOG_OPTIONS);
TABLE(bounce_options, BOUNCE_OPTIONS);
TABLE(summary_options, SUMMARY_OPTIONS);
#undef ROW
#define ROW(number, name) { name, MH_LOG_##number },
TABLE(log_texts, LOG_TEXTS);
TABLE(log_numbers, LOG_NUMBERS);
#undef ROW
#define ROW(number, name) { name, MH_BOUNCE_##number },
TABLE(bounce_texts, BOUNCE_TEXTS);
TABLE(recipient_texts, RECIPIENT_TEXTS);
#undef ROW
#define ROW(number, name) { name, MH_SUMMARY_##number },
TABLE(summary_numbers, SUMMARY_NUMBERS);
TABLE(summary_lists, SUMMARY_LISTS);
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
	if (box->owner != NULL) {
		if (box->owner->generation != box->generation)
			luaL_error(L, "this %s is gone: what gave it has read on or is closed", REPLY);
		box->reply = box->owner->quoted(box->owner, box->list, box->place);
		if (box->reply == NULL)
			luaL_error(L, "%s", mh_strerror(MH_ENOMEM));
	}
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

static struct log_box *
check_log(lua_State *L, int arg)
{
	struct log_box *box = luaL_checkudata(L, arg, LOG);
	if (box->log == NULL)
		raise_closed(L, LOG);
	return box;
}

static struct bounce_box *
check_bounce(lua_State *L, int arg)
{
	struct bounce_box *box = luaL_checkudata(L, arg, BOUNCE);
	if (box->bounce == NULL)
		raise_closed(L, BOUNCE);
	return box;
}

static struct summary_box *
check_summary(lua_State *L, int arg)
{
	struct summary_box *box = luaL_checkudata(L, arg, SUMMARY);
	if (box->summary == NULL)
		raise_closed(L, SUMMARY);
	return box;
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

/* given_context - the context in argument arg, or the default one if there is none */
static mh_ctx *
given_context(lua_State *L, int arg)
{
	return lua_isnoneornil(L, arg) ? default_context(L) : check_context(L, arg);
}

/* All of them are __gc, __close and close(), and may be called again.  The collector may run those
 * of an owner and of its replies in any order, so none looks at another's box. */

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
	if (box->owner == NULL)
		mh_reply_free(box->reply);
	box->reply = NULL;
	box->owner = NULL;
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
log_close(lua_State *L)
{
	struct log_box *box = luaL_checkudata(L, 1, LOG);
	box->owner.generation++;
	mh_log_free(box->log);
	box->log = NULL;
	return 0;
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

static int
summary_close(lua_State *L)
{
	struct summary_box *box = luaL_checkudata(L, 1, SUMMARY);
	box->owner.generation++;
	mh_summary_free(box->summary);
	box->summary = NULL;
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

/* fail_option - what a function returns when an option's value was refused */
static int
fail_option(lua_State *L, const struct word *option, int error)
{
	fail(L, error);
	lua_pushfstring(L, "option '%s': %s", option->name, mh_strerror(error));
	lua_replace(L, -3);
	return 3;
}

/* option_row - the row in table of the option whose name is below the top of the stack; raises if
 * there is none */
static const struct word *
option_row(lua_State *L, const struct word *table)
{
	/* Only strings are asked for their text: it would turn a number into one, and lua_next would
	 * then lose its way. */
	bool is_string = lua_type(L, -2) == LUA_TSTRING;
	const char *name = is_string ? lua_tostring(L, -2) : luaL_typename(L, -2);
	const struct word *option = is_string ? find_word(table, name) : NULL;
	if (option == NULL)
		luaL_error(L, "there is no option '%s'", name);
	return option;
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
	if (box->owner != NULL)
		return luaL_error(L, "this %s is another's, and reads nothing", REPLY);
	size_t len;
	const char *text = luaL_checklstring(L, 2, &len);
	take_back(box);
	if (!lua_isnoneornil(L, 3)) {
		luaL_checktype(L, 3, LUA_TTABLE);
		for (lua_pushnil(L); lua_next(L, 3) != 0; lua_pop(L, 1)) {
			const struct word *option = option_row(L, options);
			int error = set_option(L, box, option);
			if (error != MH_OK)
				return fail_option(L, option, error);
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
	return push_rules(L, given_context(L, 1));
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

/* ------------------------------------------------- log lines, bounces, summaries */

/* push_quoted - a reply that stays the owner's, which is argument 1 */
static int
push_quoted(lua_State *L, struct owner *owner, int list, size_t place)
{
	struct reply_box *box = push_box(L, REPLY, sizeof(*box));
	lua_createtable(L, 1, 0);
	lua_pushvalue(L, 1);
	lua_rawseti(L, -2, 1);
#if LUA_VERSION_NUM < 502
	lua_setfenv(L, -2);
#else
	lua_setuservalue(L, -2);
#endif
	box->list = list;
	box->place = place;
	box->generation = owner->generation;
	box->owner = owner; /* last, when it is kept alive */
	check_reply(L, -1); /* no memory: now rather than later */
	return 1;
}

/* set_numbers - sets options from the table in argument arg, where there is one.  Gives 0, or how
 * many values of a failure it left on the stack; raises where a type is wrong. */
static int
set_numbers(lua_State *L, int arg, const struct word *table,
    int (*set)(void *handle, int option, int64_t value), void *handle)
{
	if (lua_isnoneornil(L, arg))
		return 0;
	luaL_checktype(L, arg, LUA_TTABLE);
	for (lua_pushnil(L); lua_next(L, arg) != 0; lua_pop(L, 1)) {
		const struct word *option = option_row(L, table);
		if (lua_type(L, -1) != LUA_TNUMBER)
			return luaL_error(L, "option '%s' must be a number", option->name);
		lua_Number number = lua_tonumber(L, -1);
		int error = MH_EINVAL;
		/* Beyond this no option goes; NaN fails as well.  Of the time of day a fraction is left
		 * out. */
		if (number > -9e15 && number < 9e15 &&
		    (option->number == MH_OPT_NOW || number == (lua_Number)(int64_t)number))
			error = set(handle, option->number, (int64_t)number);
		if (error != MH_OK)
			return fail_option(L, option, error);
	}
	return 0;
}

/* push_flag - true or false, or nil where it is unknown */
static void
push_flag(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushboolean(L, value == 1);
}

/* push_milli - thousandths as a number of wholes, or nil where it is unknown */
static void
push_milli(lua_State *L, int64_t value)
{
	if (value == MH_UNKNOWN)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (lua_Number)value / 1000);
}

/* check_place - the place from 0 of argument arg, which counts from 1; SIZE_MAX, where nothing is,
 * for what is no place */
static size_t
check_place(lua_State *L, int arg)
{
	lua_Number number = luaL_checknumber(L, arg);
	if (number >= 1 && number < 9e15 && number <= (lua_Number)PTRDIFF_MAX &&
	    number == (lua_Number)(int64_t)number)
		return (size_t)number - 1;
	return SIZE_MAX;
}

/* fail_read - nil, message, name of a handle that had nothing to give: it has read nothing yet, or
 * there is no memory */
static int
fail_read(lua_State *L, const struct owner *owner)
{
	return fail(L, owner->generation == 0 ? MH_ESTATE : MH_ENOMEM);
}

/* --- log lines */

static mh_reply *
log_quoted(struct owner *owner, int list, size_t place)
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

static struct log_box *
push_log(lua_State *L, mh_ctx *ctx)
{
	struct log_box *box = push_box(L, LOG, sizeof(*box));
	box->owner.quoted = log_quoted;
	box->log = mh_log_new(ctx);
	return box->log != NULL ? box : NULL;
}

/* log_reader([context]) -> log | nil, message, name */
static int
log_reader(lua_State *L)
{
	return push_log(L, given_context(L, 1)) != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* context:log_reader() -> the same */
static int
context_log_reader(lua_State *L)
{
	return push_log(L, check_context(L, 1)) != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* log:set(options) -> log | nil, message, name: for the lines that follow */
static int
log_set(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	int failed = set_numbers(L, 2, log_options, set_log, box->log);
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
	int error = mh_log_parse(box->log, line, len);
	if (error != MH_OK)
		return fail(L, error);
	lua_settop(L, 1);
	return 1;
}

/* parse_log_line(line [, options]) -> log | nil, message, name */
static int
parse_log_line(lua_State *L)
{
	luaL_checkstring(L, 1);
	lua_settop(L, 2);
	struct log_box *box = push_log(L, default_context(L));
	if (box == NULL)
		return fail(L, MH_ENOMEM);
	int failed = set_numbers(L, 2, log_options, set_log, box->log);
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
	push_known(L, mh_log_int(check_log(L, 1)->log, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
log_flag(lua_State *L)
{
	push_flag(L, mh_log_int(check_log(L, 1)->log, (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
log_str(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	lua_pushstring(L, mh_log_str(box->log, check_word(L, 2, log_texts)));
	return 1;
}

static int
log_int(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	push_known(L, mh_log_int(box->log, check_word(L, 2, log_numbers)));
	return 1;
}

/* log:delay() - in seconds */
static int
log_delay(lua_State *L)
{
	push_milli(L, mh_log_int(check_log(L, 1)->log, MH_LOG_DELAY_MS));
	return 1;
}

static int
log_span(lua_State *L)
{
	mh_log *log = check_log(L, 1)->log;
	push_range(L, mh_log_int(log, MH_LOG_TEXT_BEGIN), mh_log_int(log, MH_LOG_TEXT_END));
	return 1;
}

/* log:reply() -> reply | nil, message, name; MH_ENOENT where the line says nothing about mail */
static int
log_reply(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	if (mh_log_str(box->log, MH_LOG_EVENT)[0] == '\0')
		return fail(L, MH_ENOENT);
	return push_quoted(L, &box->owner, 0, 0);
}

static int
log_json(lua_State *L)
{
	struct log_box *box = check_log(L, 1);
	const char *json = mh_log_json(box->log);
	if (*json == '\0')
		return fail_read(L, &box->owner);
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

/* --- bounces */

static mh_reply *
bounce_quoted(struct owner *owner, int list, size_t place)
{
	(void)list;
	return mh_bounce_reply(((struct bounce_box *)(void *)owner)->bounce, place);
}

static int
set_bounce(void *handle, int option, int64_t value)
{
	return mh_bounce_set_int(handle, option, value);
}

static struct bounce_box *
push_bounce(lua_State *L, mh_ctx *ctx)
{
	struct bounce_box *box = push_box(L, BOUNCE, sizeof(*box));
	box->owner.quoted = bounce_quoted;
	box->bounce = mh_bounce_new(ctx);
	return box->bounce != NULL ? box : NULL;
}

/* bounce_reader([context]) -> bounce | nil, message, name */
static int
bounce_reader(lua_State *L)
{
	return push_bounce(L, given_context(L, 1)) != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* context:bounce_reader() -> the same */
static int
context_bounce_reader(lua_State *L)
{
	return push_bounce(L, check_context(L, 1)) != NULL ? 1 : fail(L, MH_ENOMEM);
}

/* bounce:set(options) -> bounce | nil, message, name: for the messages that follow */
static int
bounce_set(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	luaL_checktype(L, 2, LUA_TTABLE);
	int failed = set_numbers(L, 2, bounce_options, set_bounce, box->bounce);
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
	int error = mh_bounce_parse(box->bounce, message, len);
	if (error != MH_OK)
		return fail(L, error);
	lua_settop(L, 1);
	return 1;
}

/* parse_bounce(message [, options]) -> bounce | nil, message, name */
static int
parse_bounce(lua_State *L)
{
	luaL_checkstring(L, 1);
	lua_settop(L, 2);
	struct bounce_box *box = push_bounce(L, default_context(L));
	if (box == NULL)
		return fail(L, MH_ENOMEM);
	int failed = set_numbers(L, 2, bounce_options, set_bounce, box->bounce);
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
	push_known(L, (int64_t)mh_bounce_count(check_bounce(L, 1)->bounce));
	return 1;
}

static void
push_recipient(lua_State *L, mh_bounce *bounce, size_t i)
{
	lua_newtable(L);
	for (const struct word *text = recipient_texts; text->name != NULL; text++) {
		lua_pushstring(L, mh_bounce_str(bounce, i, text->number));
		lua_setfield(L, -2, text->name);
	}
}

/* bounce:recipient(i) -> table | nil, message, name */
static int
bounce_recipient(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t i = check_place(L, 2);
	if (i >= mh_bounce_count(box->bounce))
		return fail(L, MH_ENOENT);
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
	size_t i = check_place(L, 2);
	return i < mh_bounce_count(box->bounce) ? push_quoted(L, &box->owner, 0, i) : fail(L, MH_ENOENT);
}

/* bounce:json([i]) -> string | nil, message, name; i = 1 also where there is no recipient */
static int
bounce_json(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	size_t i = lua_isnoneornil(L, 2) ? 0 : check_place(L, 2);
	if (i > 0 && i >= mh_bounce_count(box->bounce))
		return fail(L, MH_ENOENT);
	const char *json = mh_bounce_json(box->bounce, i);
	if (*json == '\0')
		return fail_read(L, &box->owner);
	lua_pushstring(L, json);
	return 1;
}

/* bounce:findings() - what was odd about the message, worst first */
static int
bounce_findings(lua_State *L)
{
	struct bounce_box *box = check_bounce(L, 1);
	struct report_box *odd = push_box(L, REPORT, sizeof(*odd));
	odd->report = mh_bounce_report(box->bounce);
	if (odd->report == NULL)
		return fail_read(L, &box->owner);
	push_findings(L, odd->report);
	mh_report_free(odd->report);
	odd->report = NULL;
	return 1;
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
	size_t next = mh_mbox_next(box, len, lua_isnoneornil(L, 2) ? 0 : check_place(L, 2));
	push_known(L, next < len ? (int64_t)next + 1 : MH_UNKNOWN);
	return 1;
}

/* recognise(text) -> "reply", "log" or "bounce" */
static int
recognise(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	lua_pushstring(L, mh_recognise(text, len));
	return 1;
}

/* --- summaries */

static mh_reply *
summary_quoted(struct owner *owner, int list, size_t place)
{
	return mh_summary_reply(((struct summary_box *)(void *)owner)->summary, list, place);
}

static int
set_summary(void *handle, int option, int64_t value)
{
	return mh_summary_set_int(handle, option, value);
}

static int
push_summary(lua_State *L, mh_ctx *ctx, int arg)
{
	struct summary_box *box = push_box(L, SUMMARY, sizeof(*box));
	box->owner.quoted = summary_quoted;
	box->summary = mh_summary_new(ctx);
	if (box->summary == NULL)
		return fail(L, MH_ENOMEM);
	int failed = set_numbers(L, arg, summary_options, set_summary, box->summary);
	return failed > 0 ? failed : 1;
}

/* summary([options]) -> summary | nil, message, name */
static int
new_summary(lua_State *L)
{
	lua_settop(L, 1);
	return push_summary(L, default_context(L), 1);
}

/* context:summary([options]) -> the same */
static int
context_summary(lua_State *L)
{
	lua_settop(L, 2);
	return push_summary(L, check_context(L, 1), 2);
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
	if (error != MH_OK)
		return fail(L, error);
	lua_settop(L, 1);
	return 1;
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
	push_known(L, mh_summary_int(summary, (int)lua_tointeger(L, lua_upvalueindex(1))));
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
		push_milli(L, value);
	else if (column->kind == COLUMN_BOOL)
		push_flag(L, value);
	else
		push_known(L, value);
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
	const struct word *list = find_word(summary_lists, name);
	if (list == NULL)
		return luaL_error(L, "there is no list '%s'", name);
	if (list->number == MH_SUMMARY_THROTTLE || list->number == MH_SUMMARY_TLS)
		return luaL_error(L, "entries of '%s' have no reply", name);
	size_t i = check_place(L, 3);
	if (i >= mh_summary_count(box->summary, list->number))
		return fail(L, MH_ENOENT);
	return push_quoted(L, &box->owner, list->number, i);
}

static int
summary_json(lua_State *L)
{
	const char *json = mh_summary_json(check_summary(L, 1)->summary);
	if (*json == '\0')
		return fail(L, MH_ENOMEM);
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
	push_known(L, mh_summary_int(box->summary, MH_SUMMARY_LINES));
	lua_pushfstring(L, SUMMARY " (%s lines)", lua_tostring(L, -1));
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
	{ "log_reader", context_log_reader },
	{ "bounce_reader", context_bounce_reader },
	{ "summary", context_summary },
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

static const luaL_Reg summary_methods[] = {
	{ "feed", summary_feed },
	{ "finish", summary_finish },
	{ "reply", summary_reply },
	{ "json", summary_json },
	{ NULL, NULL },
};

static const luaL_Reg no_methods[] = {
	{ NULL, NULL },
};

static const luaL_Reg functions[] = {
	{ "version", version },
	{ "context", new_context },
	{ "findings", catalogue },
	{ "recognise", recognise },
	{ "mbox_next", mbox_next },
	{ NULL, NULL },
};

/* Those that have the default context as their upvalue. */
static const luaL_Reg context_functions[] = {
	{ "parse_reply", parse_reply },
	{ "rules", new_rules },
	{ "parse_log_line", parse_log_line },
	{ "log_reader", log_reader },
	{ "parse_bounce", parse_bounce },
	{ "bounce_reader", bounce_reader },
	{ "summary", new_summary },
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

static void
make_log_type(lua_State *L)
{
	make_type(L, LOG, log_methods, log_close);
	for (const struct word *field = log_texts; field->name != NULL; field++)
		set_numbered(L, field->name, log_text, field->number);
	for (const struct word *field = log_numbers; field->name != NULL; field++)
		set_numbered(L, field->name, log_number, field->number);
	set_numbered(L, "remote", log_flag, MH_LOG_REMOTE);
	set_numbered(L, "inbound", log_flag, MH_LOG_INBOUND);
	lua_pop(L, 1);
	lua_pushcfunction(L, log_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pop(L, 1);
}

static void
make_bounce_type(lua_State *L)
{
	make_type(L, BOUNCE, bounce_methods, bounce_close);
	for (const struct word *field = bounce_texts; field->name != NULL; field++)
		set_numbered(L, field->name, bounce_text, field->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, bounce_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushcfunction(L, bounce_count);
	lua_setfield(L, -2, "__len");
	lua_pop(L, 1);
}

static void
make_summary_type(lua_State *L)
{
	make_type(L, SUMMARY, summary_methods, summary_close);
	for (const struct word *field = summary_numbers; field->name != NULL; field++)
		set_numbered(L, field->name, summary_number, field->number);
	for (const struct word *list = summary_lists; list->name != NULL; list++)
		set_numbered(L, list->name, summary_list, list->number);
	lua_pop(L, 1);
	lua_pushcfunction(L, summary_tostring);
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
	make_log_type(L);
	make_bounce_type(L);
	make_summary_type(L);
	make_type(L, REPORT, no_methods, report_close);
	lua_pop(L, 2);

	lua_newtable(L);
	set_functions(L, functions);
	push_box(L, CONTEXT, sizeof(struct context_box)); /* the default one */
	for (const luaL_Reg *each = context_functions; each->name != NULL; each++) {
		lua_pushvalue(L, -1);
		lua_pushcclosure(L, each->func, 1);
		lua_setfield(L, -3, each->name);
	}
	lua_pop(L, 1);
	return 1;
}
