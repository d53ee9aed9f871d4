/* ipset.c - to be written */
#include "ipset.h"
void
mh_ipset_count_text(const struct mh_ipset *set, int family, struct mh_buf *out)
{
	(void)set;
	(void)family;
	mh_buf_puts(out, "0");
}
struct mh_ip_net *
mh_ipset_cidr(const struct mh_ipset *set, struct mh_arena *arena, size_t max, size_t *count)
{
	(void)set;
	(void)arena;
	(void)max;
	*count = 0;
	return NULL;
}
