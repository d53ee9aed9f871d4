/* spf_look.c - what may come of a mechanism: of addresses, names and networks
 *
 * Each function gives the set of what may come of its term, one thing only if
 * no fact is missing, and asks for all that its term needs at once.  Names are
 * asked for in the client's family alone (RFC 7208 5).
 *
 * Does not: go into other records; that is spf_eval.c.
 */
#include "error.h"
#include "find.h"
#include "spf_walk.h"

/* find_target - the same for a mechanism that matches nothing without a name (RFC 7208 4.8,
 * RFC 8616 4); 0, or what comes of it */
static unsigned
find_target(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, struct mh_spf_name *target)
{
	int result = mh_spf_expand_target(walk, frame, term, step, target);
	if (result == MH_SPF_EXPANDED)
		return 0;
	return result == MH_SPF_NO_NAME || result == MH_SPF_NEVER ? MAY_MISS : MAY_ALL;
}

/* The addresses of one host against the client's. */
struct host {
	const struct mh_fact *fact; /* NULL: missing */
	unsigned may;
	bool is_empty;
};

/* look_at_host - asks for the addresses of name in the client's family, and compares */
static struct host
look_at_host(struct mh_spf_walk *walk, struct mh_str name, const struct mh_spf_term *term)
{
	bool is_ip6 = walk->env.ip.family == 6;
	int prefix = is_ip6 ? term->prefix6 : term->prefix4;
	struct host host = { .fact = mh_want(walk->env.pass, name, is_ip6 ? MH_RR_AAAA : MH_RR_A) };
	if (host.fact == NULL) {
		walk->is_open = true;
		host.may = MAY_ALL;
	} else if (host.fact->state == MH_FACT_UNKNOWN) {
		host.may = MAY_TEMPERROR;
	} else if (mh_fact_is_absent(host.fact)) {
		host.may = MAY_MISS;
		host.is_empty = true;
	} else {
		if (prefix < 0)
			prefix = is_ip6 ? 128 : 32;
		host.may = mh_spf_has_address(host.fact, &walk->env.ip, prefix) ? MAY_MATCH : MAY_MISS;
	}
	return host;
}

/* has_other_family - for rules by which a term is void only without any address: 1 if name has some in the
 * family that is not the client's, 0 if not, -1: missing */
static int
has_other_family(struct mh_spf_walk *walk, struct mh_str name)
{
	if (walk->rules->voids != MH_SPF_VOIDS_BOTH_FAMILIES)
		return 0;
	const struct mh_fact *fact =
	    mh_want(walk->env.pass, name, walk->env.ip.family == 6 ? MH_RR_A : MH_RR_AAAA);
	if (fact == NULL)
		walk->is_open = true;
	return fact == NULL ? -1 : !mh_fact_is_absent(fact);
}

/* look_at_a - RFC 7208 5.3 */
static unsigned
look_at_a(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	struct mh_spf_name target;
	unsigned may = find_target(walk, frame, term, step, &target);
	if (may != 0)
		return may;
	struct host host = look_at_host(walk, target.canonical, term);
	if (step != NULL) {
		step->fact = host.fact;
		if (host.may == MAY_MATCH || (host.may == MAY_MISS && !host.is_empty))
			MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
			    host.may == MAY_MATCH ? MH_STR(" is") : MH_STR(" is not"),
			    term->prefix4 >= 0 || term->prefix6 >= 0
				? MH_STR(" in the network of an address of ")
				: MH_STR(" an address of "),
			    target.canonical);
	}
	if (host.may == MAY_TEMPERROR)
		return mh_spf_blame_fact(walk, target.canonical, term, host.fact, step);
	if (!host.is_empty)
		return host.may;
	mh_spf_say_absent(walk, step, target.canonical, host.fact);
	int other = has_other_family(walk, target.canonical);
	return other < 0 ? MAY_MISS | MAY_PERMERROR : mh_spf_count_voids(walk, frame, term, step, other == 0);
}

/* The hosts of an mx in the order of preference. */
#define MX_MAX 64
struct exchange {
	struct mh_str name; /* len 0: "." or not well formed */
	int preference;
};

/* read_exchanges - at most limit of them, sorted; false without memory */
static bool
read_exchanges(struct mh_spf_walk *walk, const struct mh_fact *fact, struct exchange *exchanges, size_t limit)
{
	char name[MH_DNAME_TEXT_MAX];
	for (size_t i = 0; i < fact->count && i < limit; i++) {
		struct exchange exchange = { { NULL, 0 }, 0 };
		size_t len = mh_rr_name(fact, i, name, &exchange.preference), at = i;
		if (len > 0 && !(len == 1 && name[0] == '.')) { /* RFC 7505 3: "." is no host */
			char *copy = mh_spf_alloc(walk->env.pass, len);
			if (copy == NULL)
				return false;
			memcpy(copy, name, len);
			exchange.name = mh_str_n(copy, len);
		}
		for (; at > 0 && exchanges[at - 1].preference > exchange.preference; at--)
			exchanges[at] = exchanges[at - 1];
		exchanges[at] = exchange;
	}
	return true;
}

/* look_at_exchanges - RFC 7208 5.4: all addresses are asked for at once, but the order decides */
static unsigned
look_at_exchanges(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, const struct exchange *exchanges, size_t count)
{
	unsigned may = 0, asked = 0, empty = 0, others = 0;
	for (size_t i = 0; i < count; i++) {
		struct mh_str name = exchanges[i].name;
		if (name.len == 0)
			continue;
		asked++;
		struct host host = look_at_host(walk, name, term);
		if (step != NULL && step->hosts != NULL)
			step->hosts[i] = host.fact;
		if (host.may == MAY_TEMPERROR)
			return may | mh_spf_blame_fact(walk, name, term, host.fact, step);
		if (host.may == MAY_MATCH) {
			MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
			    term->prefix4 >= 0 || term->prefix6 >= 0
				? MH_STR(" is in the network of the MX host ")
				: MH_STR(" is an address of the MX host "),
			    name);
			return may | MAY_MATCH;
		}
		if (host.may == MAY_ALL)
			may |= MAY_MATCH | MAY_TEMPERROR | MAY_PERMERROR;
		if (!host.is_empty)
			continue;
		int other = has_other_family(walk, name);
		others += other != 0;
		empty++;
		if (walk->rules->voids == MH_SPF_VOIDS_PER_QUERY &&
		    mh_spf_count_voids(walk, frame, term, step, 1) == MAY_PERMERROR)
			return may | MAY_PERMERROR;
	}
	MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
	    MH_STR(" is no address of an MX host of this name"));
	if (asked == 0 || empty < asked || others > 0 || walk->rules->voids == MH_SPF_VOIDS_PER_QUERY)
		return may | MAY_MISS;
	MH_SPF_SAY(walk->env.pass, step, MH_STR("no MX host has an address"));
	return may | mh_spf_count_voids(walk, frame, term, step, 1);
}

/* look_at_mx - RFC 7208 5.4 and 4.6.4 */
static unsigned
look_at_mx(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	struct mh_spf_name target;
	struct exchange exchanges[MX_MAX];
	size_t limit = walk->rules->mx_limit < MX_MAX ? (size_t)walk->rules->mx_limit : MX_MAX;
	unsigned may = find_target(walk, frame, term, step, &target);
	if (may != 0)
		return may;
	const struct mh_fact *fact = mh_want(walk->env.pass, target.canonical, MH_RR_MX);
	if (step != NULL)
		step->fact = fact;
	if (fact == NULL) {
		walk->is_open = true;
		return MAY_ALL;
	}
	if (fact->state == MH_FACT_UNKNOWN)
		return mh_spf_blame_fact(walk, target.canonical, term, fact, step);
	if (mh_fact_is_absent(fact)) {
		mh_spf_say_absent(walk, step, target.canonical, fact);
		return mh_spf_count_voids(walk, frame, term, step, 1);
	}
	if (fact->count > limit) {
		MH_SPF_SAY(walk->env.pass, step, target.canonical, MH_STR(" has too many MX hosts"));
		return mh_spf_blame_term(walk, frame, term, MH_F_SPF_MX_LIMIT);
	}
	if (step != NULL) {
		step->hosts = mh_spf_alloc(walk->env.pass, fact->count * sizeof(struct mh_fact *));
		step->hosts_count = step->hosts != NULL ? fact->count : 0;
		for (uint16_t i = 0; i < step->hosts_count; i++)
			step->hosts[i] = NULL;
	}
	memset(exchanges, 0, fact->count * sizeof(*exchanges));
	if (!read_exchanges(walk, fact, exchanges, limit))
		return MAY_ALL;
	return look_at_exchanges(walk, frame, term, step, exchanges, fact->count);
}

/* look_at_exists - RFC 7208 5.7: type A, whatever the client's family */
static unsigned
look_at_exists(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	struct mh_spf_name target;
	if (walk->is_open)
		return MAY_ALL;
	unsigned may = find_target(walk, frame, term, step, &target);
	if (may != 0)
		return may;
	const struct mh_fact *fact = mh_want(walk->env.pass, target.canonical, MH_RR_A);
	if (step != NULL)
		step->fact = fact;
	if (fact == NULL) {
		walk->is_open = true;
		return MAY_ALL;
	}
	if (fact->state == MH_FACT_UNKNOWN)
		return mh_spf_blame_fact(walk, target.canonical, term, fact, step);
	if (mh_fact_is_present(fact)) {
		MH_SPF_SAY(walk->env.pass, step, target.canonical, MH_STR(" has an A record"));
		return MAY_MATCH;
	}
	mh_spf_say_absent(walk, step, target.canonical, fact);
	return mh_spf_count_voids(walk, frame, term, step, 1);
}

/* look_at_ptr - RFC 7208 5.5; what fails is no match */
static unsigned
look_at_ptr(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	struct mh_spf_name target;
	struct mh_spf_names names;
	if (walk->is_open)
		return MAY_ALL;
	unsigned may = find_target(walk, frame, term, step, &target);
	if (may != 0)
		return may;
	/* A name outside of the domain decides nothing; those who count queries have asked for it all the same. */
	bool is_per_query = walk->rules->voids == MH_SPF_VOIDS_PER_QUERY;
	mh_spf_validated_names(&walk->env, is_per_query ? MH_STR("") : target.canonical, &names);
	if (step != NULL)
		step->fact = names.fact;
	if (names.is_open) {
		walk->is_open = true;
		return MAY_ALL;
	}
	unsigned i = 0;
	while (i < names.count && !mh_dname_is_under(names.at[i], target.canonical))
		i++;
	if (i < names.count) {
		MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text), MH_STR(" is named "), names.at[i],
		    MH_STR(", and that name has this address"));
		return MAY_MATCH;
	}
	MH_SPF_SAY(walk->env.pass, step, MH_STR("no name of "), mh_str_z(walk->ip_text),
	    MH_STR(" that has this address is under "), target.canonical);
	if (is_per_query)
		return mh_spf_count_voids(walk, frame, term, step, names.empty);
	/* All ptr terms ask the same first question: if nothing is found, they are void together. */
	unsigned voids = mh_fact_is_absent(names.fact) && !walk->has_void_ptr;
	walk->has_void_ptr = walk->has_void_ptr || voids > 0;
	return mh_spf_count_voids(walk, frame, term, step, voids);
}

/* look_at_network - ip4 and ip6 (RFC 7208 5.6) */
static unsigned
look_at_network(struct mh_spf_walk *walk, const struct mh_spf_term *term, struct mh_spf_step *step)
{
	int prefix = term->ip.family == 6 ? term->prefix6 : term->prefix4;
	if (prefix < 0)
		prefix = term->ip.family == 6 ? 128 : 32;
	if (term->ip.family != walk->env.ip.family) {
		MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
		    term->ip.family == 6 ? MH_STR(" is no IPv6 address") : MH_STR(" is no IPv4 address"));
		return MAY_MISS;
	}
	bool is_in = mh_spf_in_network(&walk->env.ip, term->ip.octets, prefix);
	if (step != NULL) {
		const char *colon = memchr(term->text.p, ':', term->text.len);
		size_t skip = colon != NULL ? (size_t)(colon + 1 - term->text.p) : 0;
		MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
		    is_in ? MH_STR(" is in ") : MH_STR(" is not in "),
		    mh_str_n(term->text.p + skip, term->text.len - skip));
	}
	return is_in ? MAY_MATCH : MAY_MISS;
}

/* mh_spf_look - see spf_walk.h */
unsigned
mh_spf_look(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	switch (term->kind) {
	case MH_SPF_ALL:
		MH_SPF_SAY(walk->env.pass, step, MH_STR("matches everybody"));
		return MAY_MATCH;
	case MH_SPF_A:
		return look_at_a(walk, frame, term, step);
	case MH_SPF_MX:
		return look_at_mx(walk, frame, term, step);
	case MH_SPF_PTR:
		return look_at_ptr(walk, frame, term, step);
	case MH_SPF_EXISTS:
		return look_at_exists(walk, frame, term, step);
	case MH_SPF_BAD: /* only lax receivers come here; what they make of "ipv4:" is an address */
		return term->ip.family != 0 ? look_at_network(walk, term, step) : MAY_MISS;
	default:
		return look_at_network(walk, term, step);
	}
}
