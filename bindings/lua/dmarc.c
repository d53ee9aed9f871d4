/* dmarc.c - what of a domain was registered, whether two are aligned, and whose From field it is: names alone
 *
 * The check of a message is a job, {check = "dmarc", from = ..., domain = ...}, to
 * which job:add_result gives what SPF and DKIM came to.
 */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "check.h"
#include "module.h"

#define NAME_ROOM 2048 /* more than any name that can be */

/* push_name - what a function gave: a name; "" there is none */
static int
push_name(lua_State *L, int result, const char *name)
{
	if (result < 0)
		return mh_lua_fail(L, result);
	lua_pushstring(L, name);
	return 1;
}

/* registrable(domain) -> name, "" if it is a public suffix or no name | nil, message, name */
static int
registrable(lua_State *L)
{
	char name[NAME_ROOM];
	const char *domain = mh_lua_check_name(L, 1);
	mh_ctx *ctx = mh_lua_default_context(L);
	return push_name(L, ctx != NULL ? mh_registrable(ctx, domain, name, sizeof(name)) : MH_ENOMEM, name);
}

/* aligned(a, b [, strict]) -> boolean | nil, message, name */
static int
aligned(lua_State *L)
{
	const char *a = mh_lua_check_name(L, 1), *b = mh_lua_check_name(L, 2);
	bool is_strict = lua_toboolean(L, 3) != 0;
	mh_ctx *ctx = mh_lua_default_context(L);
	int result = ctx != NULL ? mh_aligned(ctx, a, b, is_strict) : MH_ENOMEM;
	if (result < 0)
		return mh_lua_fail(L, result);
	lua_pushboolean(L, result);
	return 1;
}

/* from_domain(value) -> name, "" if there is not exactly one Author Domain | nil, message, name */
static int
from_domain(lua_State *L)
{
	char name[NAME_ROOM];
	size_t len;
	const char *value = luaL_checklstring(L, 1, &len);
	mh_ctx *ctx = mh_lua_default_context(L);
	return push_name(L, ctx != NULL ? mh_from_domain(ctx, value, len, name, sizeof(name)) : MH_ENOMEM,
	    name);
}

static const luaL_Reg functions[] = {
	{ "registrable", registrable },
	{ "aligned", aligned },
	{ "from_domain", from_domain },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_dmarc_part = {
	.functions = functions,
};
