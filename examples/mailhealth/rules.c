/* rules.c - rules of the caller's own: --rules and --site-rules */
#include <mailhealth.h>

#include "cli.h"

int
rules_add(mh_ctx *ctx, mh_rules **rules, int layer, const char *path)
{
	if (*rules == NULL)
		*rules = mh_rules_new(ctx);
	if (*rules == NULL)
		return complain(EXIT_OURS, "out of memory");

	int error = mh_rules_add_file(*rules, layer, path);
	if (error == MH_ERULES)
		return complain(EXIT_INPUT, "%s:%d:%d: %s", mh_rules_str(*rules, MH_RULES_NAME),
		    (int)mh_rules_int(*rules, MH_RULES_LINE), (int)mh_rules_int(*rules, MH_RULES_COLUMN),
		    mh_rules_str(*rules, MH_RULES_ERROR));
	if (error != MH_OK)
		return complain(error == MH_ENOMEM ? EXIT_OURS : EXIT_INPUT, "%s: %s", path,
		    mh_strerror(error));
	return EXIT_FINE;
}

int
rules_use(mh_ctx *ctx, mh_rules *rules)
{
	int error = rules != NULL ? mh_ctx_use_rules(ctx, rules) : MH_OK;
	return error == MH_OK ? EXIT_FINE : complain(EXIT_OURS, "%s", mh_strerror(error));
}
