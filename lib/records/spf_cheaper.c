/* spf_cheaper.c - a record that lets the same addresses send and asks less of DNS
 *
 * Only for records that are known as a whole and whose mechanisms in front of
 * "all" only allow: then the record is a union, and a union may be written
 * anew.  Includes that stand for few networks are replaced by these, those of
 * the fewest first, and terms that add nothing are dropped.  What comes out is
 * held against what went in as sets of addresses, and given only if they are
 * the same.
 *
 * RFC 7208 4.6.4, 10.1.2
 */
#include "spf_sets.h"

#define INLINE_MAX 12 /* networks that an include may stand for to be replaced */
#define TEXT_MAX 450 /* octets of the new record (RFC 7208 3.4) */
#define PRESSING 9 /* lookups from which on includes are replaced at all */

struct part {
	const struct mh_spf_step *step;
	struct mh_ipset set;
	size_t networks;
	bool is_dynamic, is_dropped, is_inlined;
};

struct cheaper {
	struct mh_arena *arena;
	const struct mh_spf_node *tree;
	struct part *parts;
	uint32_t count;
	unsigned dropped, inlined;
	int cost;
};

/* read_parts - the mechanisms in front of "all"; false: the record is not of the kind that can be written anew */
static bool
read_parts(struct cheaper *cheaper)
{
	const struct mh_spf_node *tree = cheaper->tree;
	const struct mh_spf_record *record = tree->record;

	if (record->all == NULL || record->error_count > 0 || tree->is_cut)
		return false;
	cheaper->parts = mh_arena_alloc(cheaper->arena, (tree->count + 1) * sizeof(*cheaper->parts));
	if (cheaper->parts == NULL)
		return false;
	for (uint32_t i = 0; i < tree->count && tree->steps[i].term != record->all; i++) {
		const struct mh_spf_step *step = &tree->steps[i];
		struct part *part = &cheaper->parts[cheaper->count];
		if (step->term->kind > MH_SPF_EXISTS)
			continue;
		if (step->term->qualifier != '+')
			return false;
		*part = (struct part){ .step = step };
		part->is_dynamic =
		    step->is_dynamic || step->term->kind == MH_SPF_PTR || step->term->kind == MH_SPF_EXISTS;
		mh_spf_term_set(cheaper->arena, step, &part->set);
		if (part->set.bad)
			return false;
		if (mh_ipset_cidr(&part->set, cheaper->arena, INLINE_MAX + 1, &part->networks) == NULL)
			return false;
		cheaper->count++;
	}
	return true;
}

/* others - what all parts but one that are kept let send */
static void
others(const struct cheaper *cheaper, const struct part *but, struct mh_ipset *set)
{
	mh_ipset_init(set, cheaper->arena);
	for (uint32_t i = 0; i < cheaper->count; i++)
		if (&cheaper->parts[i] != but && !cheaper->parts[i].is_dropped &&
		    !cheaper->parts[i].is_dynamic)
			mh_ipset_add_set(set, &cheaper->parts[i].set);
}

/* drop_parts - those that cost something and add nothing, the last first */
static void
drop_parts(struct cheaper *cheaper)
{
	for (uint32_t i = cheaper->count; i-- > 0;) {
		struct part *part = &cheaper->parts[i];
		struct mh_ipset rest;
		if (part->is_dynamic || part->step->cost == 0)
			continue;
		others(cheaper, part, &rest);
		if (rest.bad || !mh_ipset_has_all(&rest, &part->set))
			continue;
		part->is_dropped = true;
		cheaper->cost -= part->step->cost;
		cheaper->dropped++;
	}
}

/* inline_parts - includes become networks, those of the fewest first, until the limit does not press */
static void
inline_parts(struct cheaper *cheaper)
{
	while (cheaper->cost >= PRESSING) {
		struct part *best = NULL;
		for (uint32_t i = 0; i < cheaper->count; i++) {
			struct part *part = &cheaper->parts[i];
			if (part->is_dynamic || part->is_dropped || part->is_inlined ||
			    part->step->cost == 0 || part->networks > INLINE_MAX)
				continue;
			if (best == NULL || part->networks < best->networks)
				best = part;
		}
		if (best == NULL)
			return;
		best->is_inlined = true;
		cheaper->cost -= best->step->cost;
		cheaper->inlined++;
	}
}

/* write_record - parts as they are now; len 0 without memory, or it is too long */
static struct mh_str
write_record(struct cheaper *cheaper)
{
	const struct mh_spf_record *record = cheaper->tree->record;
	struct mh_mem mem = cheaper->arena->mem;
	struct mh_str out = { NULL, 0 };
	struct mh_buf text;

	mh_buf_init(&text, &mem, TEXT_MAX);
	mh_buf_puts(&text, "v=spf1");
	for (uint32_t i = 0; i < cheaper->count; i++) {
		const struct part *part = &cheaper->parts[i];
		size_t count = 0;
		if (part->is_dropped)
			continue;
		if (!part->is_inlined) {
			mh_buf_putc(&text, ' ');
			mh_buf_putstr(&text, part->step->term->text);
			continue;
		}
		const struct mh_ip_net *nets = mh_ipset_cidr(&part->set, cheaper->arena, INLINE_MAX, &count);
		for (size_t j = 0; nets != NULL && j < count; j++) {
			char ip[MH_IP_TEXT_MAX];
			bool is_ip6 = nets[j].ip.family == 6;
			mh_buf_puts(&text, is_ip6 ? " ip6:" : " ip4:");
			mh_buf_put(&text, ip, mh_ip_print(&nets[j].ip, ip));
			if (nets[j].prefix != (is_ip6 ? 128 : 32)) {
				mh_buf_putc(&text, '/');
				mh_buf_putint(&text, nets[j].prefix);
			}
		}
	}
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term != record->all && (term->kind <= MH_SPF_EXISTS || term->kind == MH_SPF_REDIRECT))
			continue;
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, term->text);
	}
	char *copy = text.bad ? NULL : mh_arena_alloc(cheaper->arena, text.len + 1);
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(&text), text.len + 1);
		out = mh_str_n(copy, text.len);
	}
	mh_buf_free(&text);
	return out;
}

/* is_proved - whether text, read anew, lets the same addresses send as the tree: networks by what they say,
 * terms that are kept by what they lead to today */
static bool
is_proved(struct cheaper *cheaper, struct mh_str text, const struct mh_ipset *wanted)
{
	const struct mh_spf_record *record = mh_spf_parse(cheaper->arena, text);
	struct mh_ipset set;

	if (record == NULL || record->error_count > 0 || record->all == NULL ||
	    record->all->qualifier != cheaper->tree->record->all->qualifier)
		return false;
	mh_ipset_init(&set, cheaper->arena);
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6) {
			int prefix = term->kind == MH_SPF_IP6 ? term->prefix6 : term->prefix4;
			mh_ipset_add(&set, &term->ip,
			    prefix >= 0                    ? prefix
				: term->kind == MH_SPF_IP6 ? 128
							   : 32);
			continue;
		}
		for (uint32_t j = 0; j < cheaper->count; j++) {
			const struct part *part = &cheaper->parts[j];
			if (mh_str_eq(part->step->term->text, term->text) && !part->is_dynamic)
				mh_ipset_add_set(&set, &part->set);
		}
	}
	return mh_ipset_equal(&set, wanted);
}

struct mh_str
mh_spf_cheaper(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_str *why)
{
	struct cheaper cheaper = { .arena = arena, .tree = tree, .cost = tree->cost };
	struct mh_str nothing = { NULL, 0 };
	struct mh_spf_sets sets;

	*why = MH_STR("");
	if (tree->record == NULL || !read_parts(&cheaper))
		return nothing;
	mh_spf_sets(arena, tree, &sets);
	if (sets.is_partial || sets.pass.bad || tree->record->all->qualifier == '+')
		return nothing;
	drop_parts(&cheaper);
	inline_parts(&cheaper);
	if (cheaper.dropped + cheaper.inlined == 0)
		return nothing;
	struct mh_str text = write_record(&cheaper);
	if (text.len == 0 || !is_proved(&cheaper, text, &sets.pass))
		return nothing;
	*why = cheaper.inlined > 0 ? MH_STR("Includes that stand for few networks are written as these, as "
					    "they are today; when their owners change "
					    "them, the record must follow.")
				   : MH_STR("Terms that add no address are left out.");
	return text;
}
