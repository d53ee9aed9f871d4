/* spf_addresses.c - to be written */
#include "spf_lint.h"
void
mh_spf_addresses(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_addresses *out)
{
	(void)arena;
	(void)tree;
	memset(out, 0, sizeof(*out));
}
