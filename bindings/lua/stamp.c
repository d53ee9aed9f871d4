/* stamp.c - what receivers wrote into header fields about SPF, in Lua */
#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define STAMP "mailhealth.stamp" /* never seen from Lua */

#define STAMP_TEXTS(X) \
	X(RESULT, "result") \
	X(COMMENT, "comment") \
	X(CLIENT_IP, "client_ip") \
	X(ENVELOPE_FROM, "envelope_from") \
	X(HELO, "helo") \
	X(RECEIVER, "receiver") \
	X(IDENTITY, "identity") \
	X(MECHANISM, "mechanism") \
	X(PROBLEM, "problem") \
	X(REASON, "reason") \
	X(AUTHSERV_ID, "authserv_id")

#define ROW(number, name) { name, MH_STAMP_##number },
TABLE(stamp_texts, STAMP_TEXTS);
#undef ROW

struct stamp_box {
	mh_stamp *stamp;
};

static int
stamp_close(lua_State *L)
{
	struct stamp_box *box = luaL_checkudata(L, 1, STAMP);
	mh_stamp_free(box->stamp);
	box->stamp = NULL;
	return 0;
}

/* parse_stamp(field) -> table | nil, message, name: a Received-SPF field (RFC 7208 9.1), or the spf part of
 * Authentication-Results (RFC 8601 2.2); MH_ENOENT: it is neither */
static int
parse_stamp(lua_State *L)
{
	size_t len;
	const char *text = luaL_checklstring(L, 1, &len);
	struct stamp_box *box = mh_lua_push_box(L, STAMP, sizeof(*box));
	box->stamp = mh_stamp_new(mh_lua_default_context(L));
	int error = box->stamp != NULL ? mh_stamp_parse(box->stamp, text, len) : MH_ENOMEM;
	if (error != MH_OK)
		return mh_lua_fail(L, error);
	lua_newtable(L);
	for (const struct mh_lua_word *field = stamp_texts; field->name != NULL; field++) {
		lua_pushstring(L, mh_stamp_str(box->stamp, field->number));
		lua_setfield(L, -2, field->name);
	}
	mh_stamp_free(box->stamp); /* not left to the collector, which sees a few octets only */
	box->stamp = NULL;
	return 1;
}

static const luaL_Reg no_methods[] = {
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, STAMP, no_methods, stamp_close);
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "parse_stamp", parse_stamp },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_stamp_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = NULL,
};
