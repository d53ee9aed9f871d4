/* spf_tree.c - nodes and steps: the walk as data, with a sentence for each step
 *
 * Made only where somebody wants to see it; all of it is in the pass's arena.
 */
#include "spf_walk.h"

/* mh_spf_node_make - see spf_walk.h */
struct mh_spf_node *
mh_spf_node_make(struct mh_pass *pass, struct mh_str domain)
{
	struct mh_spf_node *node = mh_spf_alloc(pass, sizeof(*node));
	if (node != NULL)
		*node = (struct mh_spf_node){ .domain = domain, .text = MH_STR("") };
	return node;
}

/* mh_spf_node_fill - see spf_walk.h */
bool
mh_spf_node_fill(struct mh_pass *pass, struct mh_spf_node *node, struct mh_spf_record *record)
{
	node->steps = mh_spf_alloc(pass, record->count * sizeof(*node->steps));
	if (node->steps == NULL)
		return false;
	for (uint32_t i = 0; i < record->count; i++)
		node->steps[i] = (struct mh_spf_step){ .term = &record->terms[i],
			.target = MH_STR(""),
			.is_dynamic = mh_spf_is_dynamic(record->terms[i].domain),
			.why = "" };
	node->record = record;
	node->count = record->count;
	return true;
}

/* mh_spf_node_stop - see spf_walk.h */
void
mh_spf_node_stop(struct mh_spf_node *node, uint32_t i, const char *why)
{
	for (uint32_t j = i + 1; j < node->count; j++) {
		int kind = node->steps[j].term->kind;
		if (kind != MH_SPF_EXP && kind != MH_SPF_MODIFIER)
			node->steps[j].why = why;
	}
}

/* mh_spf_say - see spf_walk.h */
void
mh_spf_say(struct mh_pass *pass, struct mh_spf_step *step, const struct mh_str *parts, size_t count)
{
	size_t len = 0;
	for (size_t i = 0; i < count; i++)
		len += parts[i].len;
	char *text = mh_spf_alloc(pass, len + 1), *p = text;
	if (text == NULL)
		return;
	for (size_t i = 0; i < count; i++) {
		if (parts[i].len > 0)
			memcpy(p, parts[i].p, parts[i].len);
		p += parts[i].len;
	}
	*p = '\0';
	step->why = text;
}
