/* chain.c - certificates judged before any server shows them, in Lua */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define CHAIN "mailhealth.chain"

#define CHAIN_TEXTS(X) \
	X(HEALTH, "health") \
	X(PKIX, "pkix") \
	X(DANE, "dane") \
	X(RESULT, "result") \
	X(ERROR, "error") \
	X(STAPLE, "staple") \
	X(STAPLE_WHY, "staple_why")
#define CHAIN_NUMBERS(X) \
	X(DAYS_LEFT, "days_left") \
	X(UNREADABLE, "unreadable") \
	X(DANE_ERROR, "dane_error") \
	X(DANE_DEPTH, "dane_depth")
#define CERT_TEXTS(X) \
	X(SUBJECT, "subject") \
	X(ISSUER, "issuer") \
	X(KEY, "key") \
	X(SIGNATURE, "signature") \
	X(SHA256, "sha256") \
	X(SPKI_SHA256, "spki_sha256") \
	X(TLSA, "tlsa")
#define CERT_NUMBERS(X) \
	X(BITS, "bits") \
	X(NOT_BEFORE, "not_before") \
	X(NOT_AFTER, "not_after")

#define ROW(number, name) { name, MH_CHAIN_##number },
TABLE(chain_texts, CHAIN_TEXTS);
TABLE(chain_numbers, CHAIN_NUMBERS);
#undef ROW
#define ROW(number, name) { name, MH_CERT_##number },
TABLE(cert_texts, CERT_TEXTS);
TABLE(cert_numbers, CERT_NUMBERS);
#undef ROW

static const struct mh_lua_option options[] = {
	{ "now", MH_OPT_NOW, MH_LUA_TIME, NULL },
	{ "mail", MH_OPT_FOR_MAIL, MH_LUA_FLAG, NULL },
	{ "ee_names", MH_OPT_EE_NAMES, MH_LUA_FLAG, NULL },
	{ NULL, 0, MH_LUA_TEXT, NULL },
};

/* Strings, or arrays of them; see set_texts. */
static const struct mh_lua_option others[] = {
	{ "names", MH_OPT_NAME, MH_LUA_OBJECT, NULL },
	{ "tlsa", MH_OPT_TLSA, MH_LUA_OBJECT, NULL },
	{ "tlsa_rdata", 0, MH_LUA_OBJECT, NULL },
	{ "staple", 0, MH_LUA_OBJECT, NULL },
	{ NULL, 0, MH_LUA_TEXT, NULL },
};

struct chain_box {
	mh_chain *chain;
};

static mh_chain *
check_chain(lua_State *L, int arg)
{
	struct chain_box *box = luaL_checkudata(L, arg, CHAIN);
	if (box->chain == NULL)
		mh_lua_raise_closed(L, CHAIN);
	return box->chain;
}

static int
chain_close(lua_State *L)
{
	struct chain_box *box = luaL_checkudata(L, 1, CHAIN);
	mh_chain_free(box->chain);
	box->chain = NULL;
	return 0;
}

/* ------------------------------------------------------------------- options */

static int
set_int(void *handle, int option, int64_t value)
{
	return mh_chain_set_int(handle, option, value);
}

/* set_text - one string, on top of the stack; option 0: rdata */
static int
set_text(lua_State *L, mh_chain *chain, int option, const char *name)
{
	size_t len;
	if (lua_type(L, -1) != LUA_TSTRING)
		luaL_error(L, "option '%s' must be a string or an array of strings", name);
	const char *text = lua_tolstring(L, -1, &len);
	if (option == 0)
		return mh_chain_add_tlsa(chain, text, len);
	/* "" would drop those before */
	return strlen(text) == len && len > 0 ? mh_chain_set_str(chain, option, text) : MH_EINVAL;
}

/* set_texts - the option of that name in table arg, a string or an array of them */
static int
set_texts(lua_State *L, mh_chain *chain, int arg, int option, const char *name)
{
	int error = MH_OK;
	lua_getfield(L, arg, name);
	if (lua_istable(L, -1)) {
		for (int i = 1; error == MH_OK; i++) {
			lua_rawgeti(L, -1, i);
			if (lua_isnil(L, -1)) {
				lua_pop(L, 1);
				break;
			}
			error = set_text(L, chain, option, name);
			lua_pop(L, 1);
		}
	} else if (!lua_isnil(L, -1)) {
		error = set_text(L, chain, option, name);
	}
	lua_pop(L, 1);
	return error;
}

/* has - whether table arg has that option */
static bool
has(lua_State *L, int arg, const char *name)
{
	lua_getfield(L, arg, name);
	bool is_there = !lua_isnil(L, -1);
	lua_pop(L, 1);
	return is_there;
}

static int
set_staple(lua_State *L, mh_chain *chain, int arg)
{
	size_t len;
	lua_getfield(L, arg, "staple");
	int error = MH_OK;
	if (lua_type(L, -1) == LUA_TSTRING) {
		const char *octets = lua_tolstring(L, -1, &len);
		error = mh_chain_set_staple(chain, octets, len);
	} else if (!lua_isnil(L, -1)) {
		luaL_error(L, "option 'staple' must be a string");
	}
	lua_pop(L, 1);
	return error;
}

/* judge - with the options of the table in place arg, if there is one; what it leaves on the stack: 0, or nil,
 * message, name */
static int
judge(lua_State *L, mh_chain *chain, int arg)
{
	const struct mh_lua_target target = { set_int, NULL, chain };
	int failed = mh_lua_set_options(L, arg, options, others, &target), error = MH_OK;
	if (failed > 0)
		return failed;
	if (!lua_isnoneornil(L, arg)) {
		if (has(L, arg, "names"))
			error = mh_chain_set_str(chain, MH_OPT_NAME, "");
		if (error == MH_OK && (has(L, arg, "tlsa") || has(L, arg, "tlsa_rdata")))
			error = mh_chain_set_str(chain, MH_OPT_TLSA, "");
		if (error == MH_OK)
			error = set_texts(L, chain, arg, MH_OPT_NAME, "names");
		if (error == MH_OK)
			error = set_texts(L, chain, arg, MH_OPT_TLSA, "tlsa");
		if (error == MH_OK)
			error = set_texts(L, chain, arg, 0, "tlsa_rdata");
		if (error == MH_OK)
			error = set_staple(L, chain, arg);
	}
	if (error == MH_OK)
		error = mh_chain_judge(chain);
	return error == MH_OK ? 0 : mh_lua_fail(L, error);
}

static int
push_chain(lua_State *L, mh_ctx *ctx)
{
	size_t len;
	const char *octets = luaL_checklstring(L, 1, &len);
	lua_settop(L, 2);
	struct chain_box *box = mh_lua_push_box(L, CHAIN, sizeof(*box));
	box->chain = ctx != NULL ? mh_chain_new(ctx) : NULL;
	int error = box->chain != NULL ? mh_chain_read(box->chain, octets, len) : MH_ENOMEM;
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	int failed = judge(L, box->chain, 2);
	return failed > 0 ? failed : 1;
}

/* chain(octets [, options]) -> chain, judged | nil, message, name; MH_ENOENT: there is no certificate in it.  Options:
 * names, tlsa, tlsa_rdata (a string or an array of them), staple, now, mail, ee_names */
static int
new_chain(lua_State *L)
{
	return push_chain(L, mh_lua_default_context(L));
}

/* context:chain(octets [, options]) -> the same, with the context's trust anchors */
static int
context_chain(lua_State *L)
{
	mh_ctx *ctx = mh_lua_check_context(L, 1);
	lua_remove(L, 1);
	return push_chain(L, ctx);
}

/* chain:judge([options]) -> chain, judged again | nil, message, name; what is not given stays */
static int
chain_judge(lua_State *L)
{
	mh_chain *chain = check_chain(L, 1);
	lua_settop(L, 2);
	int failed = judge(L, chain, 2);
	if (failed > 0)
		return failed;
	lua_settop(L, 1);
	return 1;
}

/* ------------------------------------------------------------------- results */

/* chain:health(), chain:pkix() and so on */
static int
chain_text(lua_State *L)
{
	lua_pushstring(L, mh_chain_str(check_chain(L, 1), (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

static int
chain_number(lua_State *L)
{
	mh_lua_push_known(L, mh_chain_int(check_chain(L, 1), (int)lua_tointeger(L, lua_upvalueindex(1))));
	return 1;
}

/* push_names - an array of the DNS names of certificate i */
static void
push_names(lua_State *L, const char *text)
{
	lua_newtable(L);
	for (int i = 1; *text != '\0'; i++) {
		size_t len = strcspn(text, " ");
		lua_pushlstring(L, text, len);
		lua_rawseti(L, -2, i);
		text += len + (text[len] == ' ');
	}
}

/* chain:certificates() - an array of tables: subject, issuer, names, key, bits, signature, sha256, spki_sha256, tlsa
 * (the record to publish), not_before, not_after, ca */
static int
chain_certificates(lua_State *L)
{
	mh_chain *chain = check_chain(L, 1);
	lua_newtable(L);
	for (size_t i = 0; i < mh_chain_count(chain, MH_CHAIN_CERT); i++) {
		lua_newtable(L);
		for (const struct mh_lua_word *field = cert_texts; field->name != NULL; field++) {
			lua_pushstring(L, mh_chain_item_str(chain, MH_CHAIN_CERT, i, field->number));
			lua_setfield(L, -2, field->name);
		}
		for (const struct mh_lua_word *field = cert_numbers; field->name != NULL; field++) {
			mh_lua_push_known(L, mh_chain_item_int(chain, MH_CHAIN_CERT, i, field->number));
			lua_setfield(L, -2, field->name);
		}
		push_names(L, mh_chain_item_str(chain, MH_CHAIN_CERT, i, MH_CERT_NAMES));
		lua_setfield(L, -2, "names");
		mh_lua_push_flag(L, mh_chain_item_int(chain, MH_CHAIN_CERT, i, MH_CERT_CA));
		lua_setfield(L, -2, "ca");
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* chain:names() - an array of tables: name, matches */
static int
chain_names(lua_State *L)
{
	mh_chain *chain = check_chain(L, 1);
	lua_newtable(L);
	for (size_t i = 0; i < mh_chain_count(chain, MH_CHAIN_NAME); i++) {
		lua_newtable(L);
		lua_pushstring(L, mh_chain_item_str(chain, MH_CHAIN_NAME, i, MH_NAME_TEXT));
		lua_setfield(L, -2, "name");
		mh_lua_push_flag(L, mh_chain_item_int(chain, MH_CHAIN_NAME, i, MH_NAME_MATCHES));
		lua_setfield(L, -2, "matches");
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* chain:tlsa() - an array of tables: record, state, why, depth */
static int
chain_tlsa(lua_State *L)
{
	mh_chain *chain = check_chain(L, 1);
	lua_newtable(L);
	for (size_t i = 0; i < mh_chain_count(chain, MH_CHAIN_TLSA); i++) {
		lua_newtable(L);
		lua_pushstring(L, mh_chain_item_str(chain, MH_CHAIN_TLSA, i, MH_TLSA_TEXT));
		lua_setfield(L, -2, "record");
		lua_pushstring(L, mh_chain_item_str(chain, MH_CHAIN_TLSA, i, MH_TLSA_STATE));
		lua_setfield(L, -2, "state");
		lua_pushstring(L, mh_chain_item_str(chain, MH_CHAIN_TLSA, i, MH_TLSA_WHY));
		lua_setfield(L, -2, "why");
		mh_lua_push_known(L, mh_chain_item_int(chain, MH_CHAIN_TLSA, i, MH_TLSA_DEPTH));
		lua_setfield(L, -2, "depth");
		lua_rawseti(L, -2, (int)i + 1);
	}
	return 1;
}

/* chain:findings() - what is wrong, worst first */
static int
chain_findings(lua_State *L)
{
	mh_chain *chain = check_chain(L, 1);
	struct mh_lua_report *box = mh_lua_push_box(L, MH_LUA_REPORT, sizeof(*box));
	box->report = mh_chain_report(chain);
	return box->report != NULL ? mh_lua_give_findings(L, box) : mh_lua_fail(L, MH_ESTATE);
}

/* chain:json() -> text | nil, message, name */
static int
chain_json(lua_State *L)
{
	const char *text = mh_chain_json(check_chain(L, 1));
	if (text[0] == '\0')
		return mh_lua_fail(L, MH_ENOMEM);
	lua_pushstring(L, text);
	return 1;
}

/* ------------------------------------------------------------------- module */

static const luaL_Reg methods[] = {
	{ "judge", chain_judge },
	{ "certificates", chain_certificates },
	{ "names", chain_names },
	{ "tlsa", chain_tlsa },
	{ "findings", chain_findings },
	{ "json", chain_json },
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, CHAIN, methods, chain_close);
	for (const struct mh_lua_word *field = chain_texts; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, chain_text, field->number);
	for (const struct mh_lua_word *field = chain_numbers; field->name != NULL; field++)
		mh_lua_set_numbered(L, field->name, chain_number, field->number);
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "chain", new_chain },
	{ NULL, NULL },
};

static const luaL_Reg context_methods[] = {
	{ "chain", context_chain },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_chain_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = context_methods,
};
