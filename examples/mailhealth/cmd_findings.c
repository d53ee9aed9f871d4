/* cmd_findings.c - mailhealth findings: the catalogue, or one entry of it */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

static const char help[] = //
    "Usage: mailhealth findings [--json] [ID]\n"
    "\n"
    "Lists all findings that this version knows, or explains one: what it says, what\n"
    "to do about it, and where it is written.  ID is an id or a number from the list.\n"
    "\n"
    "      --json     print one JSON object\n"
    "  -h, --help     show this\n"
    "  -V, --version  show the version\n";

static const struct option options[] = {
	{ "json", 0, false, OPT_JSON },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

static const char *
severity_word(size_t i)
{
	switch (mh_catalogue_int(i, MH_FINDING_SEVERITY)) {
	case MH_SEVERITY_FAIL:
		return "fail";
	case MH_SEVERITY_WARN:
		return "warn";
	default:
		return "info";
	}
}

static void
json_member(const char *key, const char *value)
{
	printf(",\"%s\":", key);
	json_put(value);
}

static int
print_json(size_t first, size_t end)
{
	(void)fputs("{\"schema\":1,\"kind\":\"findings\",\"findings\":[", stdout);
	for (size_t i = first; i < end; i++) {
		printf("%s{\"id\":", i > first ? "," : "");
		json_put(mh_catalogue_str(i, MH_FINDING_ID));
		printf(",\"number\":%d", (int)mh_catalogue_int(i, MH_FINDING_NUMBER));
		json_member("severity", severity_word(i));
		json_member("title", mh_catalogue_str(i, MH_FINDING_TITLE));
		json_member("reason", mh_catalogue_str(i, MH_FINDING_REASON));
		json_member("remedy", mh_catalogue_str(i, MH_FINDING_REMEDY));
		json_member("spec", mh_catalogue_str(i, MH_FINDING_SPEC));
		json_member("since", mh_catalogue_str(i, MH_FINDING_SINCE));
		(void)fputs("}", stdout);
	}
	(void)fputs("]}\n", stdout);
	return out_flush();
}

static int
print_list(void)
{
	struct screen screen;
	screen_init(&screen);
	for (size_t i = 0; i < mh_catalogue_count(); i++) {
		char line[200];
		int len = snprintf(line, sizeof(line), "%4d  %-4s  %-28s  %s",
		    (int)mh_catalogue_int(i, MH_FINDING_NUMBER), severity_word(i),
		    mh_catalogue_str(i, MH_FINDING_ID), mh_catalogue_str(i, MH_FINDING_TITLE));
		if (len > 0)
			screen_raw(&screen, line, strlen(line));
	}
	return screen_end(&screen);
}

static int
print_entry(size_t i)
{
	struct screen screen;
	char line[200];

	screen_init(&screen);
	(void)snprintf(line, sizeof(line), "%s (%s): %s", mh_catalogue_str(i, MH_FINDING_ID),
	    severity_word(i), mh_catalogue_str(i, MH_FINDING_TITLE));
	screen_text(&screen, STYLE_BOLD, 0, line);
	screen_line(&screen);
	screen_field(&screen, "It means", mh_catalogue_str(i, MH_FINDING_REASON));
	screen_field(&screen, "What to do", mh_catalogue_str(i, MH_FINDING_REMEDY));
	screen_field(&screen, "Written in", mh_catalogue_str(i, MH_FINDING_SPEC));
	(void)snprintf(line, sizeof(line), "%d, since %s", (int)mh_catalogue_int(i, MH_FINDING_NUMBER),
	    mh_catalogue_str(i, MH_FINDING_SINCE));
	screen_field(&screen, "Number", line);
	return screen_end(&screen);
}

/* find - place of an id or a number in the catalogue, or -1 */
static int
find(const char *id)
{
	int at = mh_catalogue_find(id);
	if (at >= 0)
		return at;
	size_t len = strlen(id);
	if (len == 0 || len > 6 || strspn(id, "0123456789") != len)
		return -1;
	long number = strtol(id, NULL, 10);
	for (size_t i = 0; i < mh_catalogue_count(); i++)
		if (mh_catalogue_int(i, MH_FINDING_NUMBER) == number)
			return (int)i;
	return -1;
}

int
cmd_findings(int argc, char **argv)
{
	struct args args = { .argc = argc, .argv = argv };
	const char *value = "", *id = NULL;
	bool json = false;

	for (int option = 0; (option = args_next(&args, options, &value)) != ARG_END;) {
		switch (option) {
		case OPT_JSON:
			json = true;
			break;
		case OPT_HELP:
			(void)fputs(help, stdout);
			return out_flush();
		case OPT_VERSION:
			print_version();
			return out_flush();
		case ARG_WORD:
			if (id != NULL)
				return complain(EXIT_USAGE, "findings explains one id at a time");
			id = value;
			break;
		default:
			return EXIT_USAGE;
		}
	}
	if (id == NULL)
		return json ? print_json(0, mh_catalogue_count()) : print_list();

	int at = find(id);
	if (at < 0)
		return complain(EXIT_USAGE, "there is no finding '%.80s'; 'mailhealth findings' lists all",
		    id);
	return json ? print_json((size_t)at, (size_t)at + 1) : print_entry((size_t)at);
}
