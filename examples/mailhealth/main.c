/* main.c - the command `mailhealth`
 *
 * An example of a program that uses libmailhealth, and the tool that most
 * people meet first.  It uses the public header alone.  This file picks the
 * subcommand; see mailhealth(1).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

static const char help[] = //
    "Usage: mailhealth reply [TEXT... | -]      explain an SMTP reply\n"
    "       mailhealth log [FILE... | -]        what a mail log shows: what failed, and what to do\n"
    "       mailhealth bounce [FILE... | -]     explain bounce messages, an mbox or a Maildir\n"
    "       mailhealth explain [FILE | -]       any of the three, recognised by itself\n"
    "       mailhealth domain NAME              is mail from a domain taken, and what is to be mended\n"
    "       mailhealth host NAME|IP             is a sending host in order, and on which lists is it\n"
    "       mailhealth zone FILE                what is wrong in a zone file, before it is published\n"
    "       mailhealth spf --ip IP --from ADDR  may this host send for this sender (SPF), and if not why\n"
    "       mailhealth spf DOMAIN               what is wrong with a domain's SPF records\n"
    "       mailhealth tls HOST[:PORT]          can others send mail there encrypted, and if not why\n"
    "       mailhealth findings [ID]            list the findings, or explain one\n"
    "\n"
    "  mailhealth log /var/log/mail.log\n"
    "  mailhealth bounce returned.eml\n"
    "  mailhealth reply '550 5.7.26 This mail has been blocked because ...'\n"
    "\n"
    "Options of all:\n"
    "      --json     print JSON, for programs\n"
    "  -h, --help     show help; 'mailhealth log --help' shows all options of log\n"
    "  -V, --version  show the version\n"
    "\n"
    "Manual pages: mailhealth(1), mailhealth-reply(1), mailhealth-log(1), mailhealth-bounce(1),\n"
    "mailhealth-explain(1), mailhealth-domain(1), mailhealth-host(1), mailhealth-zone(1),\n"
    "mailhealth-spf(1), mailhealth-tls(1), mailhealth-rules(5), mailhealth-findings(7).\n";

#define NAMES "log, bounce, reply, explain, domain, host, zone, spf, tls"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "reply", cmd_reply },
	{ "log", cmd_log },
	{ "bounce", cmd_bounce },
	{ "explain", cmd_explain },
	{ "spf", cmd_spf },
	{ "domain", cmd_domain },
	{ "host", cmd_host },
	{ "zone", cmd_zone },
	{ "tls", cmd_tls },
	{ "findings", cmd_findings },
};

int
complain(int status, const char *format, ...)
{
	char line[1024];
	char safe[4 * sizeof(line)];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (n < 0)
		line[0] = '\0';
	/* File names and options may hold anything; on a terminal it must not act. */
	size_t len = safe_put(safe, sizeof(safe) - 1, line, strlen(line), false);
	safe[len] = '\0';
	(void)fprintf(stderr, "mailhealth: %s\n", safe);
	return status;
}

int
main(int argc, char **argv)
{
	if (argc < 2)
		return complain(EXIT_USAGE,
		    "say what to do: " NAMES " or findings ('mailhealth --help' tells more)");

	const char *word = argv[1];
	if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
		print_version();
		return out_flush();
	}
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		(void)fputs(help, stdout);
		return out_flush();
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(word, commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	/* The commonest slip: the reply itself, without the word before it. */
	if (word[0] >= '2' && word[0] <= '5')
		return complain(EXIT_USAGE,
		    "there is no command '%.40s'; to explain a reply: mailhealth reply '%.40s...'", word,
		    word);
	if (strncmp(word, "/var/log/", 9) == 0)
		return complain(EXIT_USAGE,
		    "there is no command '%.80s'; to read a log: mailhealth log %.80s", word, word);
	return complain(EXIT_USAGE, "there is no command '%.80s'; there are " NAMES " and findings", word);
}
