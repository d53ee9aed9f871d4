/* score_log.c - how much of labelled log lines the reader finds
 *
 *	score_log FILE.tsv [--misses] [--at-least PERCENT]
 *
 * One row a line, tab separated: id, source, mta, line, queue_id, to,
 * relay_host, relay_ip, relay_port, dsn, status, reply_code, enhanced_code,
 * phase, label, and what else may follow.  An empty cell makes no claim.  What
 * stands in the line is counted by cell; the reason of what was said, which is
 * the rules' affair, beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "layers.h"
#include "logline.h"
#include "reply.h"

enum {
	ID,
	SOURCE,
	MTA,
	LINE,
	QUEUE_ID,
	TO,
	RELAY_HOST,
	RELAY_IP,
	RELAY_PORT,
	DSN,
	RESULT,
	CODE,
	STATUS,
	PHASE,
	LABEL,
	COLUMNS
};

static const char *const names[COLUMNS] = { "id", "source", "mta", "line", "queue_id", "to", "relay_host",
	"relay_ip", "relay_port", "dsn", "status", "reply_code", "enhanced_code", "phase", "label" };

extern const struct mh_ruleset mh_builtin_rules;

static unsigned claims[COLUMNS], right[COLUMNS];
static bool misses;

static size_t
split(char *line, char *column[COLUMNS])
{
	size_t count = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *p = line; p != NULL && count < COLUMNS; count++) {
		column[count] = p;
		p = strchr(p, '\t');
		if (p != NULL)
			*p++ = '\0';
	}
	return count;
}

/* phase_of - the phase as we call it, of a command as the table does */
static const char *
phase_of(const char *words)
{
	static const char *const table[][2] = { { "RCPT TO", "rcpt" }, { "MAIL FROM", "mail" },
		{ "DATA command", "data" }, { "DATA", "data" }, { "data block", "data" },
		{ "end of ", "eod" }, { "greeting", "connect" }, { "initial connection", "connect" },
		{ "HELO", "helo" }, { "EHLO", "helo" }, { "STARTTLS", "starttls" }, { "AUTH", "auth" },
		{ "QUIT", "quit" } };
	if (strncmp(words, "pipelined ", 10) == 0)
		words += 10;
	if (strncmp(words, "sending ", 8) == 0)
		words += 8;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strncmp(words, table[i][0], strlen(table[i][0])) == 0)
			return table[i][1];
	return words;
}

static void
compare(char *const cells[COLUMNS], int column, const char *line, const char *want, struct mh_str got)
{
	if (want[0] == '\0')
		return;
	claims[column]++;
	if (mh_str_eq(mh_str_z(want), got)) {
		right[column]++;
		return;
	}
	if (misses)
		printf("%s %s %s: \"%.*s\", not \"%s\": %.300s\n", column == LABEL ? "reason" : "MISS",
		    cells[ID], names[column], (int)got.len, got.p, want, line);
}

static void
read_row(struct mh_answer *answer, char *const cells[COLUMNS])
{
	static const char *const results[] = MH_RESULT_NAMES, *const phases[] = MH_PHASE_NAMES;
	struct mh_logline line;
	char number[16] = "", code[16] = "";
	static char text[65536];
	if (!mh_logline_read(mh_str_z(cells[LINE]), &line)) {
		line = (struct mh_logline){ .cause = "", .relay_port = -1 };
		if (misses)
			printf("NONE %s: %.300s\n", cells[ID], cells[LINE]);
	}
	struct mh_str said = mh_str_n(text, line.text.len);
	mh_logline_decode(&line, text);
	struct mh_answer_options *options = mh_answer_options(answer);
	*options = (struct mh_answer_options){ .phase = line.phase };
	if (line.relay.len < sizeof(options->mx) && line.relay.len > 0)
		memcpy(options->mx, line.relay.p, line.relay.len);
	if (mh_answer_parse(answer, said) != MH_ERR_OK)
		exit(70);
	if (line.relay_port >= 0)
		(void)snprintf(number, sizeof(number), "%d", (int)line.relay_port);
	if (mh_answer_int(answer, MH_A_CODE) > 0 && line.remote)
		(void)snprintf(code, sizeof(code), "%d", (int)mh_answer_int(answer, MH_A_CODE));
	const char *l = cells[LINE];
	compare(cells, QUEUE_ID, l, cells[QUEUE_ID], line.queue_id);
	compare(cells, TO, l, cells[TO], line.recipient);
	compare(cells, RELAY_HOST, l, cells[RELAY_HOST], line.relay);
	compare(cells, RELAY_IP, l, cells[RELAY_IP], line.relay_ip);
	compare(cells, RELAY_PORT, l, cells[RELAY_PORT], mh_str_z(number));
	compare(cells, DSN, l, cells[DSN], line.dsn);
	compare(cells, RESULT, l, cells[RESULT], mh_str_z(results[line.result]));
	compare(cells, CODE, l, cells[CODE], mh_str_z(code));
	compare(cells, STATUS, l, cells[STATUS], mh_str_z(mh_answer_str(answer, MH_A_STATUS)));
	compare(cells, PHASE, l, phase_of(cells[PHASE]), mh_str_z(phases[line.phase]));
	compare(cells, LABEL, l, cells[LABEL], mh_str_z(mh_answer_str(answer, MH_A_REASON)));
}

int
main(int argc, char **argv)
{
	static char line[131072];
	const char *path = NULL;
	double least = 0;
	unsigned all = 0, good = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--misses") == 0)
			misses = true;
		else if (strcmp(argv[i], "--at-least") == 0 && i + 1 < argc)
			least = atof(argv[++i]);
		else
			path = argv[i];
	}
	struct mh_mem mem = mh_mem_default();
	struct mh_rulebook *book = mh_rulebook_new(&mem, &mh_builtin_rules);
	struct mh_answer *answer = mh_answer_make(&mem);
	FILE *in = path != NULL ? fopen(path, "r") : NULL;
	if (in == NULL || book == NULL || answer == NULL || mh_answer_use(answer, book) != MH_ERR_OK) {
		fputs("usage: score_log FILE.tsv [--misses] [--at-least PERCENT]\n", stderr);
		return 66;
	}
	for (bool first = true; fgets(line, sizeof(line), in) != NULL; first = false) {
		char *cells[COLUMNS];
		if (!first && split(line, cells) == COLUMNS)
			read_row(answer, cells);
	}
	(void)fclose(in);
	for (int i = QUEUE_ID; i < COLUMNS; i++) {
		printf("%-14s %4u claims  %5.1f %%\n", names[i], claims[i],
		    claims[i] > 0 ? 100.0 * right[i] / claims[i] : 0);
		all += i != LABEL ? claims[i] : 0;
		good += i != LABEL ? right[i] : 0;
	}
	double overall = all > 0 ? 100.0 * good / all : 0;
	printf("%-14s %4u claims  %5.1f %%\n", "all but label", all, overall);
	mh_answer_free(answer);
	mh_rulebook_unref(book);
	return overall >= least && all > 0 ? 0 : 1;
}
