/* random_tree.c - see random_tree.h */
#include <stdio.h>

#include "random_tree.h"

#define RECORDS 5 /* r0.example.net and so on, each of which includes only later ones */
#define HOSTS 6

/* add - more text behind what is there */
static void
add(char *text, size_t size, const char *more)
{
	size_t n = strlen(text);
	assert_true(n + strlen(more) < size);
	memcpy(text + n, more, strlen(more) + 1);
}

static size_t
below(struct test_random *random, size_t n)
{
	return test_random_below(random, n);
}

/* put_network - an ip4 or ip6 of the little networks */
static void
put_network(char *out, size_t size, struct test_random *random)
{
	if (below(random, 16) == 0)
		(void)snprintf(out, size, "ip6:::ffff:192.0.2.%zu/%zu", below(random, 32),
		    123 + below(random, 6));
	else if (below(random, 3) > 0)
		(void)snprintf(out, size, "ip4:192.0.2.%zu/%zu", below(random, 32), 27 + below(random, 6));
	else
		(void)snprintf(out, size, "ip6:2001:db8::%zx/%zu", below(random, 16), 124 + below(random, 5));
}

/* put_term - a term of record number level */
static void
put_term(char *out, size_t size, struct test_random *random, size_t level, int may)
{
	size_t kind = below(random, 12);
	if (kind < 6)
		put_network(out, size, random);
	else if (kind < 7)
		(void)snprintf(out, size, "a:h%zu.example.net/%zu", below(random, HOSTS),
		    28 + below(random, 5));
	else if (kind < 8)
		(void)snprintf(out, size, "mx:h%zu.example.net//%zu", below(random, HOSTS),
		    124 + below(random, 5));
	else if (kind < 9 && (may & TREE_DYNAMIC) != 0)
		(void)snprintf(out, size, "exists:%%{i}.x.example.net");
	else if (level < RECORDS)
		(void)snprintf(out, size, "include:r%zu.example.net", level + below(random, RECORDS - level));
	else
		put_network(out, size, random);
	if ((may & TREE_BROKEN) == 0)
		return;
	if (below(random, 24) == 0)
		(void)snprintf(out, size, "include:nothing.example.net");
	else if (below(random, 24) == 0)
		(void)snprintf(out, size, "include:example.org");
	else if (level > 0 && below(random, 40) == 0)
		(void)snprintf(out, size, "ip4:none");
}

/* put_record - the record number level */
static void
put_record(char *out, size_t size, struct test_random *random, size_t level, int may)
{
	char term[64];
	size_t count = 1 + below(random, 5);
	out[0] = '\0';
	add(out, size, "v=spf1");
	for (size_t i = 0; i < count; i++) {
		put_term(term, sizeof(term), random, level, may);
		add(out, size, " ");
		if ((may & TREE_MIXED) != 0 && below(random, 4) == 0)
			add(out, size, (const char *const[]){ "-", "~", "?" }[below(random, 3)]);
		add(out, size, term);
	}
	if ((may & TREE_MIXED) != 0 && level < RECORDS && below(random, 4) == 0) {
		(void)snprintf(term, sizeof(term), " redirect=r%zu.example.net",
		    level + below(random, RECORDS - level));
		add(out, size, term);
	} else {
		add(out, size, (const char *const[]){ " -all", " ~all", " ?all" }[below(random, 3)]);
	}
}

void
random_tree_make(struct random_tree *tree, struct test_random *random, int may)
{
	char line[1200], record[1024];

	tree->text[0] = '\0';
	put_record(tree->record, sizeof(tree->record), random, 0, may);
	for (size_t i = 0; i < RECORDS; i++) {
		put_record(record, sizeof(record), random, i + 1, may);
		(void)snprintf(line, sizeof(line), "r%zu.example.net TXT %s\n", i, record);
		add(tree->text, sizeof(tree->text), line);
	}
	for (size_t i = 0; i < HOSTS; i++) {
		(void)snprintf(line, sizeof(line),
		    "h%zu.example.net A 192.0.2.%zu\nh%zu.example.net AAAA 2001:db8::%zx\n"
		    "h%zu.example.net MX 1 h%zu.example.net\n",
		    i, below(random, 32), i, below(random, 16), i, below(random, HOSTS));
		add(tree->text, sizeof(tree->text), line);
	}
	for (size_t i = 0; i < 8; i++) {
		(void)snprintf(line, sizeof(line), "192.0.2.%zu.x.example.net A 127.0.0.2\n",
		    below(random, 32));
		add(tree->text, sizeof(tree->text), line);
	}
}

void
random_tree_load(const struct random_tree *tree, const char *record, struct rows *rows)
{
	char line[2048];
	int n = snprintf(line, sizeof(line), "example.org TXT %s\n", record);
	rows_clear(rows);
	rows_add(rows, tree->text, strlen(tree->text));
	rows_add(rows, line, (size_t)n);
	assert_null(rows->bad);
}

struct mh_ip
random_tree_ip(unsigned i)
{
	char text[64];
	struct mh_ip ip;
	if (i < 31)
		(void)snprintf(text, sizeof(text), "192.0.2.%u", i);
	else if (i < 46)
		(void)snprintf(text, sizeof(text), "2001:db8::%x", i - 31);
	else
		(void)snprintf(text, sizeof(text), i == 46 ? "203.0.113.5" : "2001:db8:1::1");
	assert_true(mh_ip_parse(mh_str_z(text), &ip));
	return ip;
}

int
random_tree_result(struct rows *rows, unsigned i)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_spf_rules rules = mh_spf_rfc7208;
	struct spf_run run;

	rules.term_limit = 500;
	rules.void_limit = -1;
	spf_run_init(&run, &mem);
	run.question.ip = random_tree_ip(i);
	run.question.domain = MH_STR("example.org");
	run.question.sender = MH_STR("a@example.org");
	run.question.rules = &rules;
	run.question.wants_explanation = false;
	assert_int_equal(spf_run_all(&run, rows), MH_WORK_DONE);
	int result = run.verdict.result;
	spf_run_free(&run);
	return result;
}

void
random_tree_survey(struct spf_run *run, struct rows *rows)
{
	struct mh_mem mem = mh_mem_default();
	spf_run_init(run, &mem);
	run->question.domain = MH_STR("example.org");
	run->question.sender = MH_STR("a@example.org");
	run->question.rules = &mh_spf_rfc7208;
	run->wants_tree = run->wants_survey = true;
	assert_int_equal(spf_run_all(run, rows), MH_WORK_DONE);
	assert_non_null(run->tree);
}
