/* spf_cheaper.c - a record that lets the same addresses send and asks less of DNS
 *
 * Only for records that are known as a whole, that lead to no permerror, and
 * whose mechanisms in front of "all" only allow: then the record is a union,
 * and a union may be written anew.  Terms that cost a lookup and add nothing
 * are dropped.  If the limit presses, includes are replaced by the networks
 * that they stand for, those first that free most lookups for a network, and
 * a and mx only if that is not enough, since these are the domain's own names.
 * Networks are then written as the fewest.  Terms that depend on the message
 * stay as they are.  What comes out is held against what went in as sets of
 * addresses, and given only if they are the same.
 *
 * RFC 7208 4.6.4, 10.1.2
 */
#include "spf_sets.h"

#define INLINE_MAX 12 /* networks that a term may stand for to be replaced */
#define NETWORKS_MAX 64 /* networks that are written */
#define TEXT_MAX 450 /* octets of the new record (RFC 7208 3.4) */
#define WHY_MAX 1500
#define PRESSING 9 /* lookups from which on terms are replaced at all */

struct part {
	const struct mh_spf_step *step;
	struct mh_ipset set; /* not of networks */
	size_t networks;
	bool is_network, is_dynamic, is_dropped, is_inlined;
};

struct cheaper {
	struct mh_arena *arena;
	const struct mh_spf_node *tree;
	struct part *parts;
	uint32_t count;
	struct mh_ipset networks; /* of the record's ip4 and ip6, and of what is written as such */
	size_t networks_written; /* terms of the old record */
	unsigned dropped, inlined;
	int cost;
};

/* read_part - one mechanism in front of "all"; false: it is not of a kind that can be written anew */
static bool
read_part(struct cheaper *cheaper, struct part *part, const struct mh_spf_step *step, struct mh_ip_net *nets)
{
	*part = (struct part){ .step = step };
	if (step->term->qualifier != '+')
		return false;
	if (step->term->kind == MH_SPF_IP4 || step->term->kind == MH_SPF_IP6) {
		part->is_network = true;
		if (mh_spf_net(step->term, &nets[cheaper->networks_written]))
			cheaper->networks_written++;
		return true;
	}
	part->is_dynamic = !mh_spf_term_set(cheaper->arena, step, &part->set);
	return !part->set.bad &&
	    mh_ipset_cidr(&part->set, cheaper->arena, INLINE_MAX + 1, &part->networks) != NULL;
}

/* read_parts - the mechanisms in front of "all"; false: the record cannot be written anew */
static bool
read_parts(struct cheaper *cheaper)
{
	const struct mh_spf_node *tree = cheaper->tree;
	const struct mh_spf_record *record = tree->record;

	if (record->all == NULL || record->error_count > 0 || tree->is_cut)
		return false;
	cheaper->parts = mh_arena_alloc(cheaper->arena, (tree->count + 1) * sizeof(*cheaper->parts));
	struct mh_ip_net *nets = mh_arena_alloc(cheaper->arena, (tree->count + 1) * sizeof(*nets));
	if (cheaper->parts == NULL || nets == NULL)
		return false;
	for (uint32_t i = 0; i < tree->count && tree->steps[i].term != record->all; i++) {
		if (tree->steps[i].term->kind > MH_SPF_EXISTS)
			continue;
		if (!read_part(cheaper, &cheaper->parts[cheaper->count], &tree->steps[i], nets))
			return false;
		cheaper->count++;
	}
	mh_ipset_init(&cheaper->networks, cheaper->arena);
	mh_ipset_add_nets(&cheaper->networks, nets, cheaper->networks_written);
	return !cheaper->networks.bad;
}

/* ------------------------------------------------------------------- choosing */

/* others - what is certain to be allowed by all parts but one that are kept */
static void
others(const struct cheaper *cheaper, const struct part *but, struct mh_ipset *set)
{
	mh_ipset_init(set, cheaper->arena);
	mh_ipset_add_set(set, &cheaper->networks);
	for (uint32_t i = 0; i < cheaper->count; i++) {
		const struct part *part = &cheaper->parts[i];
		if (part != but && !part->is_dropped && !part->is_dynamic && !part->is_network)
			mh_ipset_add_set(set, &part->set);
	}
}

/* drop_parts - those that cost something and add nothing, the last first */
static void
drop_parts(struct cheaper *cheaper)
{
	for (uint32_t i = cheaper->count; i-- > 0;) {
		struct part *part = &cheaper->parts[i];
		struct mh_ipset rest;
		if (part->is_dynamic || part->is_network)
			continue;
		others(cheaper, part, &rest);
		if (rest.bad || !mh_ipset_has_all(&rest, &part->set))
			continue;
		part->is_dropped = true;
		cheaper->cost -= part->step->cost;
		cheaper->dropped++;
	}
}

/* best_of - the part of this kind (an include, or not) that frees most lookups for a network; NULL: there is none */
static struct part *
best_of(struct cheaper *cheaper, bool is_include)
{
	struct part *best = NULL;
	for (uint32_t i = 0; i < cheaper->count; i++) {
		struct part *part = &cheaper->parts[i];
		if (part->is_network || part->is_dynamic || part->is_dropped || part->is_inlined ||
		    part->networks > INLINE_MAX || (part->step->term->kind == MH_SPF_INCLUDE) != is_include)
			continue;
		if (best == NULL || part->step->cost * best->networks > best->step->cost * part->networks)
			best = part;
	}
	return best;
}

/* inline_parts - terms become networks until the limit does not press */
static void
inline_parts(struct cheaper *cheaper)
{
	while (cheaper->cost >= PRESSING) {
		struct part *best = best_of(cheaper, true);
		if (best == NULL)
			best = best_of(cheaper, false);
		if (best == NULL)
			return;
		best->is_inlined = true;
		mh_ipset_add_set(&cheaper->networks, &best->set);
		cheaper->cost -= best->step->cost;
		cheaper->inlined++;
	}
}

/* -------------------------------------------------------------------- writing */

/* kept - the buffer's text in the arena, and the buffer gone; len 0 without memory, or it is too long */
static struct mh_str
kept(struct cheaper *cheaper, struct mh_buf *text)
{
	struct mh_str out = { "", 0 };
	char *copy = text->bad ? NULL : mh_arena_alloc(cheaper->arena, text->len + 1);
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(text), text->len + 1);
		out = mh_str_n(copy, text->len);
	}
	mh_buf_free(text);
	return out;
}

/* put_networks - all networks, as the fewest */
static void
put_networks(struct cheaper *cheaper, struct mh_buf *text)
{
	size_t count = 0;
	const struct mh_ip_net *nets =
	    mh_ipset_cidr(&cheaper->networks, cheaper->arena, NETWORKS_MAX + 1, &count);
	if (nets == NULL || count > NETWORKS_MAX) {
		text->bad = true;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		char ip[MH_IP_TEXT_MAX];
		bool is_ip6 = nets[i].ip.family == 6;
		mh_buf_puts(text, is_ip6 ? " ip6:" : " ip4:");
		mh_buf_put(text, ip, mh_ip_print(&nets[i].ip, ip));
		if (nets[i].prefix != (is_ip6 ? 128 : 32)) {
			mh_buf_putc(text, '/');
			mh_buf_putint(text, nets[i].prefix);
		}
	}
}

/* is_merging - whether the networks are to be written anew: there are others, or fewer */
static bool
is_merging(struct cheaper *cheaper)
{
	size_t count = 0;
	if (cheaper->inlined > 0)
		return true;
	return mh_ipset_cidr(&cheaper->networks, cheaper->arena, cheaper->networks_written + 1, &count) !=
	    NULL &&
	    count < cheaper->networks_written;
}

/* write_record - parts as they are now; len 0 without memory, or it is too long */
static struct mh_str
write_record(struct cheaper *cheaper)
{
	const struct mh_spf_record *record = cheaper->tree->record;
	struct mh_mem mem = cheaper->arena->mem;
	bool merges = is_merging(cheaper), is_put = false;
	struct mh_buf text;

	mh_buf_init(&text, &mem, TEXT_MAX);
	mh_buf_puts(&text, "v=spf1");
	for (uint32_t i = 0; i < cheaper->count; i++) {
		const struct part *part = &cheaper->parts[i];
		if (part->is_dropped)
			continue;
		if (merges && (part->is_network || part->is_inlined)) {
			if (!is_put)
				put_networks(cheaper, &text);
			is_put = true;
			continue;
		}
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, part->step->term->text);
	}
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term != record->all && (term->kind <= MH_SPF_EXISTS || term->kind == MH_SPF_REDIRECT))
			continue;
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, term->text);
	}
	return kept(cheaper, &text);
}

/* write_list - the terms that were dropped, or that became networks */
static void
write_list(const struct cheaper *cheaper, struct mh_buf *text, bool is_dropped)
{
	bool is_first = true;
	for (uint32_t i = 0; i < cheaper->count; i++) {
		const struct part *part = &cheaper->parts[i];
		if (is_dropped ? !part->is_dropped : !part->is_inlined)
			continue;
		if (!is_first)
			mh_buf_puts(text, ", ");
		is_first = false;
		mh_buf_putstr(text, part->step->term->text);
	}
}

/* write_why - what was changed, in one line */
static struct mh_str
write_why(struct cheaper *cheaper)
{
	struct mh_mem mem = cheaper->arena->mem;
	struct mh_buf text;

	mh_buf_init(&text, &mem, WHY_MAX);
	if (cheaper->dropped > 0) {
		mh_buf_puts(&text, "Left out, because they add no address: ");
		write_list(cheaper, &text, true);
		mh_buf_putc(&text, '.');
	}
	if (cheaper->inlined > 0) {
		mh_buf_puts(&text,
		    cheaper->dropped > 0 ? " Written as the networks that they stand for today: "
					 : "Written as the networks that they stand for today: ");
		write_list(cheaper, &text, false);
		mh_buf_puts(&text, "; when these change, the record must follow.");
	}
	struct mh_str why = kept(cheaper, &text);
	return why.len > 0 ? why : MH_STR("The same addresses are allowed with fewer lookups.");
}

/* ------------------------------------------------------------------- the proof */

/* add_kept - what a term of the new record that stood in the old one leads to today */
static void
add_kept(const struct cheaper *cheaper, const struct mh_spf_term *term, struct mh_ipset *set)
{
	for (uint32_t i = 0; i < cheaper->count; i++) {
		const struct part *part = &cheaper->parts[i];
		if (!part->is_network && mh_str_eq(part->step->term->text, term->text)) {
			mh_ipset_add_set(set, &part->set);
			return;
		}
	}
	set->bad = true;
}

/* is_proved - whether text, read anew, lets the same addresses send as the tree: networks by what they say,
 * terms that are kept by what they lead to today.  All else is what "all" says in both, whose qualifiers must
 * be the same. */
static bool
is_proved(struct cheaper *cheaper, struct mh_str text, const struct mh_ipset *wanted)
{
	const struct mh_spf_record *record = mh_spf_parse(cheaper->arena, text);
	struct mh_ipset set;
	size_t count = 0;

	if (record == NULL || record->error_count > 0 || record->all == NULL ||
	    record->all->qualifier != cheaper->tree->record->all->qualifier)
		return false;
	struct mh_ip_net *nets = mh_arena_alloc(cheaper->arena, (record->count + 1) * sizeof(*nets));
	if (nets == NULL)
		return false;
	mh_ipset_init(&set, cheaper->arena);
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6)
			count += mh_spf_net(term, &nets[count]) ? 1 : 0;
		else if (term->kind <= MH_SPF_EXISTS)
			add_kept(cheaper, term, &set);
	}
	mh_ipset_add_nets(&set, nets, count);
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
	if (sets.is_partial || sets.pass.bad || sets.error.bad || !mh_ipset_is_empty(&sets.error) ||
	    tree->record->all->qualifier == '+')
		return nothing;
	drop_parts(&cheaper);
	inline_parts(&cheaper);
	if (cheaper.dropped + cheaper.inlined == 0)
		return nothing;
	struct mh_str text = write_record(&cheaper);
	if (text.len == 0 || !is_proved(&cheaper, text, &sets.pass))
		return nothing;
	*why = write_why(&cheaper);
	return text;
}
