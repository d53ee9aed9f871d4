/* spf_suite.c - cases on standard input, verdicts on standard output; spf_suite.py writes and compares them
 *
 *	case NAME / ip ADDRESS / helo TEXT / from TEXT / domain TEXT / receiver TEXT / row ROW / rules NAME / end
 *
 * TEXT and ROW are escaped as rows.h says.  A line "NAME RESULT EXPLANATION" comes out for each case.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rows.h"

static struct rows rows;
static struct mh_arena texts; /* of one case */

/* unhex - TEXT as octets */
static struct mh_str
unhex(const char *text)
{
	char *out = mh_arena_alloc(&texts, strlen(text) + 1);
	size_t n = 0;
	if (out == NULL)
		abort();
	for (const char *p = text; *p != '\0'; n++) {
		if (p[0] == '\\' && p[1] == 'x') {
			out[n] = (char)(mh_hex(p[2]) << 4 | mh_hex(p[3]));
			p += 4;
		} else {
			out[n] = *p++;
		}
	}
	return mh_str_n(out, n);
}

static void
run_case(const char *name, struct mh_spf_question question)
{
	struct mh_mem mem = mh_mem_default();
	struct spf_run run;
	spf_run_init(&run, &mem);
	question.now = 0;
	question.wants_explanation = true;
	run.question = question;
	int r = spf_run_all(&run, &rows);
	printf("%s %s ", name, r == MH_WORK_DONE ? mh_spf_result_name(run.verdict.result) : "unfinished");
	for (size_t i = 0; i < run.verdict.explanation.len; i++)
		printf("%02x", (unsigned char)run.verdict.explanation.p[i]);
	printf("\n");
	spf_run_free(&run);
}

int
main(void)
{
	static char line[131072];
	char name[256] = "";
	struct mh_spf_question question = { .now = 0 };
	struct mh_mem mem = mh_mem_default();
	rows_init(&rows);
	mh_arena_init(&texts, &mem, 65536);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		char *value = strchr(line, ' ');
		if (value != NULL)
			*value++ = '\0';
		else
			value = line + strlen(line);
		if (strcmp(line, "case") == 0) {
			rows_clear(&rows);
			mh_arena_reset(&texts);
			question = (struct mh_spf_question){ .now = 0 };
			(void)snprintf(name, sizeof(name), "%s", value);
		} else if (strcmp(line, "ip") == 0) {
			(void)mh_ip_parse(mh_str_z(value), &question.ip);
		} else if (strcmp(line, "helo") == 0) {
			question.helo = unhex(value);
		} else if (strcmp(line, "from") == 0) {
			question.sender = unhex(value);
		} else if (strcmp(line, "domain") == 0) {
			question.domain = unhex(value);
		} else if (strcmp(line, "receiver") == 0) {
			question.receiver = unhex(value);
		} else if (strcmp(line, "rules") == 0) {
			question.rules = mh_spf_rules_find(mh_str_z(value));
		} else if (strcmp(line, "row") == 0) {
			rows_add(&rows, value, strlen(value));
			if (rows.bad != NULL)
				fprintf(stderr, "%s: bad row: %s\n", name, value);
			rows.bad = NULL;
		} else if (strcmp(line, "end") == 0) {
			run_case(name, question);
		}
	}
	rows_free(&rows);
	mh_arena_free(&texts);
	return 0;
}
