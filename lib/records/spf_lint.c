/* spf_lint.c - to be written */
#include "spf_lint.h"
void
mh_spf_lint(struct mh_pass *pass, const struct mh_spf_question *question, const struct mh_spf_node *tree,
    const struct mh_spf_verdict *verdict, struct mh_report *report)
{
	(void)pass;
	(void)question;
	(void)tree;
	(void)verdict;
	(void)report;
}
