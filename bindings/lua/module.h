/* module.h - what the files of the Lua module share
 *
 * Each file makes the types of one noun and says in its mh_lua_part which
 * functions it adds to the module and to contexts.  None is exported.
 */
#ifndef MH_LUA_MODULE_H
#define MH_LUA_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

struct mh_lua_part {
	void (*make_types)(lua_State *L); /* NULL: it has none */
	const luaL_Reg *functions; /* of the module; all have the default context's box as upvalue 1 */
	const luaL_Reg *context_methods; /* NULL: none */
};

extern const struct mh_lua_part mh_lua_findings_part, mh_lua_reply_part, mh_lua_rules_part, mh_lua_log_part,
    mh_lua_bounce_part, mh_lua_summary_part, mh_lua_job_part, mh_lua_dialogue_part, mh_lua_loop_part,
    mh_lua_zone_part, mh_lua_spf_part, mh_lua_dmarc_part, mh_lua_stamp_part, mh_lua_sts_part,
    mh_lua_record_part, mh_lua_chain_part, mh_lua_json_part;

/* ------------------------------------------------------------------- values */

/* A name and the library's number for it; tables of them end with a NULL. */
struct mh_lua_word {
	const char *name;
	int number;
};

#define TABLE(name, LIST) static const struct mh_lua_word name[] = { LIST(ROW){ NULL, 0 } }

const struct mh_lua_word *mh_lua_find_word(const struct mh_lua_word *table, const char *name);
int mh_lua_check_word(lua_State *L, int arg, const struct mh_lua_word *table);
const char *mh_lua_check_name(lua_State *L, int arg);
size_t mh_lua_check_place(lua_State *L, int arg);

int mh_lua_fail(lua_State *L, int error);
int mh_lua_changed(lua_State *L, int error);
void mh_lua_push_known(lua_State *L, int64_t value);
void mh_lua_push_flag(lua_State *L, int64_t value);
void mh_lua_push_milli(lua_State *L, int64_t value);
void mh_lua_push_range(lua_State *L, int64_t begin, int64_t end);

/* Options, which come in a table; tables of them end with a NULL. */
struct mh_lua_option {
	const char *name;
	int number;
	enum {
		MH_LUA_TEXT,
		MH_LUA_TEXTS, /* also an array of strings, joined by spaces */
		MH_LUA_EACH, /* the same, set one after another */
		MH_LUA_WORD, /* one of words */
		MH_LUA_NUMBER, /* whole */
		MH_LUA_TIME, /* seconds, of which a fraction is left out */
		MH_LUA_SECONDS, /* a span of time, in milliseconds for the library; math.huge: -1 */
		MH_LUA_FLAG,
		MH_LUA_OBJECT, /* not for the library */
	} kind;
	const struct mh_lua_word *words;
};

/* What takes them; a setter that no option needs may be NULL. */
struct mh_lua_target {
	int (*set_int)(void *handle, int option, int64_t value);
	int (*set_str)(void *handle, int option, const char *value);
	void *handle;
};

int mh_lua_set_options(lua_State *L, int arg, const struct mh_lua_option *table,
    const struct mh_lua_option *others, const struct mh_lua_target *target);

/* -------------------------------------------------------------------- types */

/* Closing functions are __gc, __close and close(), and may be called again.  The collector may run
 * those of objects that belong together in any order, so none looks at another's box. */

void *mh_lua_push_box(lua_State *L, const char *type, size_t size);
int mh_lua_raise_closed(lua_State *L, const char *type);
void mh_lua_set_value(lua_State *L);
void mh_lua_push_value(lua_State *L, int place);
void mh_lua_set_functions(lua_State *L, const luaL_Reg *list);
void mh_lua_set_numbered(lua_State *L, const char *name, lua_CFunction function, int number);
void mh_lua_make_type(lua_State *L, const char *type, const luaL_Reg *methods, lua_CFunction close);

/* ----------------------------------------------------------------- contexts */

mh_ctx *mh_lua_check_context(lua_State *L, int arg);
mh_ctx *mh_lua_default_context(lua_State *L);
mh_ctx *mh_lua_given_context(lua_State *L, int arg);

/* ----------------------------------------------------------------- findings */

#define MH_LUA_REPORT "mailhealth.report" /* never seen from Lua */

struct mh_lua_report {
	mh_report *report;
};

int mh_lua_give_findings(lua_State *L, struct mh_lua_report *box);
bool mh_lua_push_json(lua_State *L, const char *text, size_t len);

/* ------------------------------------------------------------------ replies */

/* What gives out replies that stay its own: a log line, a bounce, a summary.  It is the first
 * member of their boxes, and no Lua object is moved, so a pointer to it is good while the object
 * lives. */
struct mh_lua_owner {
	/* quoted - the reply of one part; NULL: no memory */
	mh_reply *(*quoted)(struct mh_lua_owner *owner, int list, size_t place);
	uint64_t generation; /* counts what was read; a reply of an earlier one is gone */
};

int mh_lua_push_quoted(lua_State *L, struct mh_lua_owner *owner, int list, size_t place);
int mh_lua_fail_read(lua_State *L, const struct mh_lua_owner *owner);

#endif
