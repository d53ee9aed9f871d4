/* spf_addresses.c - the addresses that a tree of SPF records authorises
 *
 * Each term takes from the addresses that no term before it has taken: what
 * matches is its qualifier's.  An include takes what passes below; redirect=
 * goes on with what is left.  Where a record is missing, double or cannot be
 * read, whoever comes to it gets permerror.
 *
 * An IPv4-mapped address in a record, or in an AAAA of a host, is nobody's: a
 * client with one is read as an IPv4 client, to whom IPv6 says nothing.
 *
 * Does not: count lookups.  Over the limits receivers refuse whoever comes
 * that far; the sets are what the record says.
 *
 * RFC 7208 4.6.2, 5, 6.1
 */
#include "spf_sets.h"

#define MX_HOSTS 10 /* RFC 7208 4.6.4 */

/* A tree being walked. */
struct walk {
	struct mh_arena *arena;
	bool is_partial;
	uint32_t dynamic;
};

static void visit(struct walk *walk, const struct mh_spf_node *node, struct mh_spf_sets *sets);

/* net_of - the network that an address is in, prefix -1: itself alone; false: there are no such clients */
static bool
net_of(const struct mh_ip *ip, int prefix, struct mh_ip_net *net)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	int full = ip->family == 6 ? 128 : 32;

	*net = (struct mh_ip_net){ *ip, prefix >= 0 ? prefix : full };
	return ip->family != 6 || net->prefix < 96 || memcmp(ip->octets, mapped, sizeof(mapped)) != 0;
}

bool
mh_spf_net(const struct mh_spf_term *term, struct mh_ip_net *net)
{
	return net_of(&term->ip, term->kind == MH_SPF_IP6 ? term->prefix6 : term->prefix4, net);
}

/* add_hosts - the networks of all addresses of an answer */
static void
add_hosts(struct mh_ipset *set, const struct mh_fact *fact, const struct mh_spf_term *term)
{
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_ip ip;
		struct mh_ip_net net;
		if (mh_rr_ip(fact, i, &ip) &&
		    net_of(&ip, ip.family == 6 ? term->prefix6 : term->prefix4, &net))
			mh_ipset_add(set, &net.ip, net.prefix);
	}
}

/* note_unknown - that something could not be learnt */
static void
note_unknown(struct walk *walk, const struct mh_fact *fact)
{
	if (fact == NULL || fact->state == MH_FACT_UNKNOWN)
		walk->is_partial = true;
}

/* add_named - addresses that a or mx lead to */
static void
add_named(struct walk *walk, const struct mh_spf_step *step, struct mh_ipset *set)
{
	note_unknown(walk, step->fact);
	if (step->term->kind == MH_SPF_A)
		add_hosts(set, step->fact, step->term);
	for (uint16_t i = 0; i < step->hosts_count; i++) {
		if (step->hosts[i] != NULL)
			note_unknown(walk, step->hosts[i]);
		add_hosts(set, step->hosts[i], step->term);
	}
}

/* matched_by - addresses that a term matches, and those that it leads to permerror, whatever came before it */
static void
matched_by(struct walk *walk, const struct mh_spf_step *step, struct mh_ipset *set, struct mh_ipset *error)
{
	const struct mh_spf_term *term = step->term;
	struct mh_spf_sets below;
	struct mh_ip_net net;

	switch (term->kind) {
	case MH_SPF_ALL:
		mh_ipset_add_all(set);
		break;
	case MH_SPF_IP4:
	case MH_SPF_IP6:
		if (mh_spf_net(term, &net))
			mh_ipset_add(set, &net.ip, net.prefix);
		break;
	case MH_SPF_A:
	case MH_SPF_MX:
		if (step->is_dynamic)
			walk->dynamic++;
		else if (term->kind == MH_SPF_MX && step->fact != NULL && step->fact->count > MX_HOSTS)
			mh_ipset_add_all(error);
		else
			add_named(walk, step, set);
		break;
	case MH_SPF_INCLUDE:
		if (step->is_dynamic) {
			walk->dynamic++;
		} else if (step->child != NULL) {
			visit(walk, step->child, &below);
			mh_ipset_add_set(set, &below.pass);
			mh_ipset_add_set(error, &below.error);
		} else {
			walk->is_partial = true;
		}
		break;
	default:
		walk->dynamic++;
		break;
	}
}

#define IN_ERROR '!' /* beside the qualifiers */

/* set_of - where addresses go that a qualifier decides about */
static struct mh_ipset *
set_of(struct mh_spf_sets *sets, char qualifier)
{
	switch (qualifier) {
	case '-':
		return &sets->fail;
	case '~':
		return &sets->softfail;
	case '?':
		return &sets->neutral;
	case IN_ERROR:
		return &sets->error;
	default:
		return &sets->pass;
	}
}

/* take - what a term matches of what is left goes to its qualifier */
static void
take(struct mh_spf_sets *sets, struct mh_ipset *matched, char qualifier)
{
	mh_ipset_keep_set(matched, &sets->left);
	mh_ipset_remove_set(&sets->left, matched);
	mh_ipset_add_set(set_of(sets, qualifier), matched);
}

/* is_network - whether a term is ip4 or ip6 */
static bool
is_network(const struct mh_spf_term *term)
{
	return term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6;
}

/* take_networks - of networks in a row with one qualifier, at once; the number of the last */
static uint32_t
take_networks(struct walk *walk, const struct mh_spf_node *node, uint32_t i, struct mh_spf_sets *sets)
{
	char qualifier = node->steps[i].term->qualifier;
	uint32_t end = i;
	size_t count = 0;
	struct mh_ipset matched;

	while (end < node->count && is_network(node->steps[end].term) &&
	    node->steps[end].term->qualifier == qualifier)
		end++;
	struct mh_ip_net *nets = mh_arena_alloc(walk->arena, (end - i) * sizeof(*nets));
	mh_ipset_init(&matched, walk->arena);
	matched.bad = nets == NULL;
	for (uint32_t j = i; nets != NULL && j < end; j++)
		if (mh_spf_net(node->steps[j].term, &nets[count]))
			count++;
	if (nets != NULL)
		mh_ipset_add_nets(&matched, nets, count);
	take(sets, &matched, qualifier);
	return end - 1;
}

/* visit_steps - the mechanisms of a record in order */
static void
visit_steps(struct walk *walk, const struct mh_spf_node *node, struct mh_spf_sets *sets)
{
	for (uint32_t i = 0; i < node->count; i++) {
		const struct mh_spf_step *step = &node->steps[i];
		struct mh_ipset matched, error;
		if (step->term->kind > MH_SPF_EXISTS)
			continue;
		if (is_network(step->term)) {
			i = take_networks(walk, node, i, sets);
			continue;
		}
		mh_ipset_init(&matched, walk->arena);
		mh_ipset_init(&error, walk->arena);
		matched_by(walk, step, &matched, &error);
		take(sets, &matched, step->term->qualifier);
		if (error.bad || !mh_ipset_is_empty(&error))
			take(sets, &error, IN_ERROR);
		if (step->term->kind == MH_SPF_ALL)
			return;
	}
}

/* take_redirect - what is left goes by another record */
static void
take_redirect(struct walk *walk, const struct mh_spf_step *step, struct mh_spf_sets *sets)
{
	struct mh_spf_sets below;
	if (step->is_dynamic || step->child == NULL) {
		walk->dynamic += step->is_dynamic;
		walk->is_partial |= !step->is_dynamic;
		return;
	}
	visit(walk, step->child, &below);
	for (int i = 0; i < 5; i++) {
		char qualifier = "+-~?!"[i];
		struct mh_ipset *part = set_of(&below, qualifier);
		mh_ipset_keep_set(part, &sets->left);
		mh_ipset_add_set(set_of(sets, qualifier), part);
	}
	mh_ipset_init(&sets->left, walk->arena); /* the other record decides about all of it */
}

/* is_broken - whether nobody can use a record that is looked for: it is missing, double, full of errors or a loop */
static bool
is_broken(const struct mh_spf_node *node)
{
	if (node->is_loop)
		return true;
	if (node->record != NULL)
		return node->record->error_count > 0;
	return node->fact != NULL && node->fact->state != MH_FACT_UNKNOWN;
}

/* visit - what each qualifier of a record has; left is what no term decides */
static void
visit(struct walk *walk, const struct mh_spf_node *node, struct mh_spf_sets *sets)
{
	mh_ipset_init(&sets->pass, walk->arena);
	mh_ipset_init(&sets->fail, walk->arena);
	mh_ipset_init(&sets->softfail, walk->arena);
	mh_ipset_init(&sets->neutral, walk->arena);
	mh_ipset_init(&sets->left, walk->arena);
	mh_ipset_init(&sets->error, walk->arena);
	walk->is_partial |= node->is_cut;
	if (is_broken(node)) {
		mh_ipset_add_all(&sets->error);
		return;
	}
	mh_ipset_add_all(&sets->left);
	note_unknown(walk, node->fact);
	if (node->record == NULL)
		return;
	visit_steps(walk, node, sets);
	if (node->record->redirect != NULL && node->record->all == NULL)
		take_redirect(walk, &node->steps[node->record->redirect - node->record->terms], sets);
	mh_ipset_add_set(&sets->neutral, &sets->left); /* RFC 7208 4.7 */
}

void
mh_spf_sets(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_sets *sets)
{
	struct walk walk = { .arena = arena };
	visit(&walk, tree, sets);
	sets->is_partial = walk.is_partial;
	sets->dynamic = walk.dynamic;
}

void
mh_spf_addresses(struct mh_arena *arena, const struct mh_spf_node *tree, struct mh_spf_addresses *out)
{
	struct mh_spf_sets sets;
	mh_spf_sets(arena, tree, &sets);
	*out = (struct mh_spf_addresses){ .pass = sets.pass,
		.is_partial = sets.is_partial || sets.pass.bad,
		.dynamic = sets.dynamic };
	out->is_all = mh_ipset_size(&out->pass, 4) >= 4294967296.0;
}

bool
mh_spf_term_set(struct mh_arena *arena, const struct mh_spf_step *step, struct mh_ipset *set)
{
	struct walk walk = { .arena = arena };
	struct mh_ipset error;
	mh_ipset_init(set, arena);
	mh_ipset_init(&error, arena);
	matched_by(&walk, step, set, &error);
	return !set->bad && !error.bad && walk.dynamic == 0 && !walk.is_partial && mh_ipset_is_empty(&error);
}
