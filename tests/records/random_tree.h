/* random_tree.h - little trees of SPF records among few addresses, for tests that compare with check_host() */
#ifndef MH_TEST_RANDOM_TREE_H
#define MH_TEST_RANDOM_TREE_H

#include "rows.h"
#include "support.h"

struct random_tree {
	char text[16384]; /* rows for all names but the records of example.org */
	char record[1024]; /* of example.org */
};

/* What may be in a tree. */
enum {
	TREE_MIXED = 1, /* qualifiers other than + */
	TREE_BROKEN = 2, /* includes of nothing, loops, records with errors */
	TREE_DYNAMIC = 4, /* terms that depend on the client */
};

#define TREE_ADDRESSES 48 /* of 192.0.2.0/27 and 2001:db8::/124, and one far away of each */

void random_tree_make(struct random_tree *tree, struct test_random *random, int may);
/* random_tree_load - the rows of a tree with this record at example.org */
void random_tree_load(const struct random_tree *tree, const char *record, struct rows *rows);
struct mh_ip random_tree_ip(unsigned i);
/* random_tree_result - check_host() of address i, with limits that nothing reaches */
int random_tree_result(struct rows *rows, unsigned i);
/* random_tree_survey - a run of the survey, to be freed */
void random_tree_survey(struct spf_run *run, struct rows *rows);

#endif
