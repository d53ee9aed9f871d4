/* findings.c - reports and the catalogue as tables of Lua */
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include <mailhealth.h>

#include "module.h"

#define FINDING_TEXTS(X) \
	X(ID, "id") \
	X(TITLE, "title") \
	X(SUBJECT, "subject") \
	X(EVIDENCE, "evidence") \
	X(REASON, "reason") \
	X(REMEDY, "remedy") \
	X(SPEC, "spec") \
	X(SINCE, "since") \
	X(STATE, "state") \
	X(CHECK, "check") \
	X(DETAIL, "detail")

#define ROW(number, name) { name, MH_FINDING_##number },
TABLE(finding_texts, FINDING_TEXTS);
#undef ROW

static int
report_close(lua_State *L)
{
	struct mh_lua_report *box = luaL_checkudata(L, 1, MH_LUA_REPORT);
	mh_report_free(box->report);
	box->report = NULL;
	return 0;
}

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

/* push_words - an array of the words of text, which have a space between them */
static void
push_words(lua_State *L, const char *text)
{
	lua_newtable(L);
	for (int i = 1; *text != '\0'; i++) {
		size_t len = strcspn(text, " ");
		lua_pushlstring(L, text, len);
		lua_rawseti(L, -2, i);
		text += len + (text[len] == ' ');
	}
}

/* push_fix - an array of the record sets to change; empty where they are not known */
static void
push_fix(lua_State *L, const char *json)
{
	if (!mh_lua_push_json(L, json, strlen(json))) {
		lua_pop(L, 1);
		lua_newtable(L);
	}
}

static void
push_findings(lua_State *L, const mh_report *report)
{
	size_t count = report != NULL ? mh_report_count(report) : mh_catalogue_count();
	lua_newtable(L);
	for (size_t i = 0; i < count; i++) {
		lua_newtable(L);
		for (const struct mh_lua_word *text = finding_texts; text->name != NULL; text++) {
			lua_pushstring(L, finding_str(report, i, text->number));
			lua_setfield(L, -2, text->name);
		}
		mh_lua_push_known(L, finding_int(report, i, MH_FINDING_NUMBER));
		lua_setfield(L, -2, "number");
		lua_pushstring(L, severity_name(finding_int(report, i, MH_FINDING_SEVERITY)));
		lua_setfield(L, -2, "severity");
		mh_lua_push_range(L, finding_int(report, i, MH_FINDING_RANGE_BEGIN),
		    finding_int(report, i, MH_FINDING_RANGE_END));
		lua_setfield(L, -2, "range");
		push_fix(L, finding_str(report, i, MH_FINDING_FIX));
		lua_setfield(L, -2, "fix");
		push_words(L, finding_str(report, i, MH_FINDING_AFFECTS));
		lua_setfield(L, -2, "affects");
		lua_rawseti(L, -2, (int)i + 1);
	}
}

/* mh_lua_give_findings - what a method returns that gives the findings of a report, which it frees: it is not
 * left to the collector, which sees a few octets only */
int
mh_lua_give_findings(lua_State *L, struct mh_lua_report *box)
{
	push_findings(L, box->report);
	mh_report_free(box->report);
	box->report = NULL;
	return 1;
}

/* findings() - all that the library knows */
static int
catalogue(lua_State *L)
{
	push_findings(L, NULL);
	return 1;
}

static const luaL_Reg no_methods[] = {
	{ NULL, NULL },
};

static void
make_types(lua_State *L)
{
	mh_lua_make_type(L, MH_LUA_REPORT, no_methods, report_close);
	lua_pop(L, 2);
}

static const luaL_Reg functions[] = {
	{ "findings", catalogue },
	{ NULL, NULL },
};

const struct mh_lua_part mh_lua_findings_part = {
	.make_types = make_types,
	.functions = functions,
	.context_methods = NULL,
};
