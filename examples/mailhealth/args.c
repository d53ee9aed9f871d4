/* args.c - the command line: options, words, and what all subcommands take alike */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

/* find_long - the option whose name is the first len octets of s, or NULL */
static const struct option *
find_long(const struct option *options, const char *s, size_t len)
{
	for (const struct option *o = options; o->name != NULL; o++)
		if (strlen(o->name) == len && memcmp(o->name, s, len) == 0)
			return o;
	return NULL;
}

int
args_next(struct args *args, const struct option *options, const char **value)
{
	*value = "";
	if (args->at >= args->argc)
		return ARG_END;

	const char *arg = args->argv[args->at++];
	if (args->only_words || arg[0] != '-' || arg[1] == '\0' || arg[1] == ' ') {
		*value = arg;
		return ARG_WORD;
	}
	if (strcmp(arg, "--") == 0) {
		args->only_words = true;
		return args_next(args, options, value);
	}

	const struct option *option = NULL;
	const char *equals = NULL;
	if (arg[1] == '-') {
		equals = strchr(arg, '=');
		size_t len = equals != NULL ? (size_t)(equals - arg) - 2 : strlen(arg) - 2;
		option = find_long(options, arg + 2, len);
	} else if (arg[2] == '\0') {
		for (const struct option *o = options; o->name != NULL && option == NULL; o++)
			if (o->letter == arg[1])
				option = o;
	}
	if (option == NULL) {
		complain(EXIT_USAGE, "there is no option %s; put text that begins with a dash after --", arg);
		return ARG_BAD;
	}
	if (!option->takes_value) {
		if (equals == NULL)
			return option->id;
		complain(EXIT_USAGE, "option --%s takes no value", option->name);
		return ARG_BAD;
	}
	if (equals != NULL) {
		*value = equals + 1;
	} else if (args->at < args->argc) {
		*value = args->argv[args->at++];
	} else {
		complain(EXIT_USAGE, "option --%s needs a value", option->name);
		return ARG_BAD;
	}
	return option->id;
}

void
print_version(void)
{
	printf("mailhealth " MH_VERSION " (libmailhealth %s)\n", mh_version());
}

int
args_read(const struct command *command, int argc, char **argv, void *run, bool *done)
{
	struct args args = { .argc = argc, .argv = argv };
	const char *value = "";
	int status = EXIT_FINE;

	for (int id = 0;
	     status == EXIT_FINE && (id = args_next(&args, command->options, &value)) != ARG_END;) {
		if (id == ARG_BAD)
			return EXIT_USAGE;
		if (id == OPT_HELP || id == OPT_VERSION) {
			*done = true;
			if (id == OPT_HELP)
				(void)fputs(command->help, stdout);
			else
				print_version();
			return out_flush();
		}
		status = id == ARG_WORD ? command->word(run, value, args.only_words)
					: command->set(run, id, value);
	}
	return status;
}

int
common_set(struct common *common, int id, const char *value)
{
	switch (id) {
	case OPT_JSON:
		common->json = true;
		return EXIT_FINE;
	case OPT_BATCH:
		common->batch = true;
		return EXIT_FINE;
	case OPT_UNORDERED: /* each input is explained at once, so order costs nothing */
		return EXIT_FINE;
	case OPT_VERBOSE:
		common->verbose = true;
		return EXIT_FINE;
	case OPT_RULES:
		return rules_add(common->ctx, &common->rules, MH_LAYER_USER, value);
	case OPT_SITE_RULES:
		return rules_add(common->ctx, &common->rules, MH_LAYER_SITE, value);
	case OPT_UTC_OFFSET:
		if (clock_set_offset(&common->clock, value))
			return EXIT_FINE;
		return complain(EXIT_USAGE, "--utc-offset takes an offset such as +0100, not '%.80s'", value);
	case OPT_NOW:
		if (clock_set_now(&common->clock, value))
			return EXIT_FINE;
		return complain(EXIT_USAGE, "--now takes seconds since 1970, not '%.80s'", value);
	default:
		return EXIT_USAGE;
	}
}

int
common_init(struct common *common, int argc)
{
	clock_init(&common->clock);
	common->ctx = mh_ctx_new(NULL, NULL);
	common->words = calloc((size_t)argc + 1, sizeof(*common->words));
	if (common->ctx == NULL || common->words == NULL)
		return complain(EXIT_OURS, "out of memory");
	return EXIT_FINE;
}

void
common_free(struct common *common)
{
	free(common->words);
	mh_rules_free(common->rules);
	mh_ctx_free(common->ctx);
}

int
common_word(void *run, const char *value, bool only_words)
{
	struct common *common = run;
	(void)only_words;
	common->words[common->count++] = value;
	return EXIT_FINE;
}
