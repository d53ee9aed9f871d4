/* test_spf_cheaper.c - lib/records/spf_cheaper.c: the new record, against check_host() by the old one */
#include <stdio.h>

#include "random_tree.h"
#include "spf_lint.h"

/* Many includes of the same kind, to press against the limit. */
#define INCLUDES(n) "example.org TXT v=spf1 " n " -all\n"
#define I8 \
	"include:r0.example.net include:r1.example.net include:r2.example.net include:r3.example.net " \
	"include:r4.example.net include:r5.example.net include:r6.example.net include:r7.example.net"
#define R(i, what) "r" #i ".example.net TXT v=spf1 " what " -all\n"
#define RECORDS \
	R(0, "ip4:198.51.100.0/25") \
	R(1, "ip4:198.51.100.128/25") \
	R(2, "ip4:203.0.113.2") \
	R(3, "ip4:203.0.113.3") \
	R(4, "ip6:2001:db8::4") \
	R(5, "ip4:203.0.113.5") \
	R(6, "ip4:203.0.113.6") \
	R(7, "ip4:203.0.113.7")

static const struct {
	const char *name, *rows, *record; /* "": none is known */
	const char *why; /* words that are in it */
} cases[] = {
	{ "a record that cannot be cheaper",
	    "example.org TXT v=spf1 ip4:192.0.2.1 a:h.example.net -all\n"
	    "h.example.net A 192.0.2.2\n",
	    "", "" },
	{ "an include that adds nothing is left out",
	    "example.org TXT v=spf1 ip4:198.51.100.0/24 include:r0.example.net -all\n" RECORDS,
	    "v=spf1 ip4:198.51.100.0/24 -all",
	    "Left out, because they add no address: include:r0.example.net." },
	{ "an a that an include has is left out",
	    "example.org TXT v=spf1 a:h.example.net include:r2.example.net ~all\nh.example.net A "
	    "203.0.113.2\n" RECORDS,
	    "v=spf1 a:h.example.net ~all", "include:r2.example.net" },
	{ "an include with a macro in it is never left out",
	    "example.org TXT v=spf1 ip4:192.0.2.0/24 include:m.example.net -all\n"
	    "m.example.net TXT v=spf1 ip4:192.0.2.1 exists:%{i}.x.example.net -all\n",
	    "", "" },
	{ "nothing is left out on the strength of terms that depend on the message",
	    "example.org TXT v=spf1 include:m.example.net a:h.example.net -all\nh.example.net A 192.0.2.1\n"
	    "m.example.net TXT v=spf1 -exists:%{i}.x.example.net ip4:192.0.2.1 -all\n",
	    "", "" },
	{ "of nine lookups one include becomes its network",
	    INCLUDES("a:h.example.net " I8) "h.example.net A 192.0.2.9\n" RECORDS,
	    "v=spf1 a:h.example.net ip4:198.51.100.0/25 include:r1.example.net include:r2.example.net "
	    "include:r3.example.net include:r4.example.net include:r5.example.net include:r6.example.net "
	    "include:r7.example.net -all",
	    "include:r0.example.net; when these change" },
	{ "of eleven lookups three do, as the fewest networks; macros stay",
	    INCLUDES(
		"exists:%{i}.x.example.net a:h.example.net mx:h.example.net " I8) "h.example.net A "
										  "192.0.2.9\nh.example.net "
										  "MX 1 "
										  "h.example.net\n" RECORDS,
	    "v=spf1 exists:%{i}.x.example.net a:h.example.net ip4:198.51.100.0/24 include:r2.example.net "
	    "include:r3.example.net include:r4.example.net include:r5.example.net include:r6.example.net "
	    "include:r7.example.net -all",
	    "Left out, because they add no address: mx:h.example.net. Written" },
	{ "eight lookups do not press", INCLUDES(I8) RECORDS, "", "" },
	{ "an answer that is unknown: nothing is proved",
	    "example.org TXT v=spf1 ip4:198.51.100.0/24 include:r0.example.net a:s.example.net -all\n"
	    "s.example.net ERR TIMEOUT *\n" RECORDS,
	    "", "" },
	{ "an include of nothing: that is no matter of costs",
	    "example.org TXT v=spf1 ip4:198.51.100.0/24 include:n.example.net -all\n", "", "" },
	{ "a record that also refuses is left alone",
	    "example.org TXT v=spf1 ip4:198.51.100.0/24 -include:r0.example.net ~all\n" RECORDS, "", "" },
	{ "modifiers stay",
	    "example.org TXT v=spf1 ip4:198.51.100.0/24 include:r0.example.net -all "
	    "exp=e.example.net\n" RECORDS,
	    "v=spf1 ip4:198.51.100.0/24 -all exp=e.example.net", "" },
	{ "+all has no cheaper record", "example.org TXT v=spf1 include:r0.example.net +all\n" RECORDS, "",
	    "" },
	{ "no record, no cheaper one", "example.org A 192.0.2.1\n", "", "" },
};

static void
cheaper_records_are_known(void **state)
{
	struct rows rows;
	(void)state;

	rows_init(&rows);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct spf_run run;
		struct mh_str why;
		rows_clear(&rows);
		rows_add(&rows, cases[i].rows, strlen(cases[i].rows));
		random_tree_survey(&run, &rows);
		struct mh_str text = mh_spf_cheaper(&run.scratch, run.tree, &why);
		test_span(cases[i].name, text, mh_str_z(cases[i].record));
		test_check(cases[i].name, strstr(why.p, cases[i].why) != NULL);
		test_number(cases[i].name, why.len > 0, text.len > 0);
		spf_run_free(&run);
	}
	rows_free(&rows);
}

/* cost_of - lookups of the tree that rows lead to */
static unsigned
cost_of(struct rows *rows)
{
	struct spf_run run;
	random_tree_survey(&run, rows);
	unsigned cost = run.tree->cost;
	spf_run_free(&run);
	return cost;
}

static void
cheaper_records_say_the_same_for_every_address(void **state)
{
	struct test_random random = { 4408 };
	static struct random_tree tree;
	struct rows old, new;
	unsigned found = 0;
	(void)state;

	rows_init(&old);
	rows_init(&new);
	for (unsigned round = 0; round < 1500; round++) {
		char record[1024];
		struct spf_run run;
		struct mh_str why;
		random_tree_make(&tree, &random,
		    (round % 3 == 0 ? TREE_DYNAMIC : 0) | (round % 7 == 0 ? TREE_BROKEN : 0) |
			(round % 5 == 0 ? TREE_MIXED : 0));
		random_tree_load(&tree, tree.record, &old);
		random_tree_survey(&run, &old);
		struct mh_str text = mh_spf_cheaper(&run.scratch, run.tree, &why);
		(void)snprintf(record, sizeof(record), "%.*s", (int)text.len, text.p != NULL ? text.p : "");
		unsigned cost = run.tree->cost;
		spf_run_free(&run);
		if (record[0] == '\0')
			continue;
		random_tree_load(&tree, record, &new);
		test_check(tree.record, cost_of(&new) < cost);
		for (unsigned i = 0; i < TREE_ADDRESSES; i++)
			if (random_tree_result(&old, i) != random_tree_result(&new, i)) {
				print_message("%s\n%s\naddress %u\n%s", tree.record, record, i, tree.text);
				test_check("the same result", false);
			}
		found++;
	}
	rows_free(&old);
	rows_free(&new);
	assert_true(found > 100);
}

/* A survey whose arena fails from now on. */
static bool
asks_for_one(struct mh_mem mem, void *arg)
{
	const struct mh_spf_node *tree = arg;
	struct mh_arena arena;
	struct mh_str why;
	mh_arena_init(&arena, &mem, 0);
	struct mh_str text = mh_spf_cheaper(&arena, tree, &why);
	bool is_right = mh_str_eq(text, MH_STR("v=spf1 ip4:198.51.100.0/24 -all"));
	assert_true(is_right || text.len == 0);
	mh_arena_free(&arena);
	return is_right;
}

static void
without_memory_there_is_none(void **state)
{
	struct rows rows;
	struct spf_run run;
	(void)state;
	rows_init(&rows);
	rows_add(&rows, cases[1].rows, strlen(cases[1].rows));
	random_tree_survey(&run, &rows);
	(void)test_failing_allocs(asks_for_one, run.tree, true);
	spf_run_free(&run);
	rows_free(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cheaper_records_are_known),
		cmocka_unit_test(cheaper_records_say_the_same_for_every_address),
		cmocka_unit_test(without_memory_there_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
