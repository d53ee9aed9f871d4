/* spf_eval.c - decide whether an address may send for a domain
 *
 * check_host() of RFC 7208 4 over facts.  What comes of a record is a set of
 * results that are still possible: exactly one as long as no fact is missing.
 * Where one is, the term may match or not; the walk takes it for no match, is
 * open from there on, and goes on as long as "not" is among what may come of
 * the terms it meets.  So it names what could be needed, and ends where every
 * walk would end: at a matching network, at "all", at an error, at a limit.
 *
 * In an open walk nothing is asked that is for one message only: exists:, ptr
 * and names with %{p}.
 *
 * Does not: fetch anything, look at what the walk does not reach (spf_survey.c).
 */
#include "spf_eval.h"

#include "error.h"
#include "find.h"
#include "port.h"
#include "spf_walk.h"

#define BIT(result) (1u << (result))
#define ANY_RESULT (BIT(MH_SPF_PERMERROR + 1) - 1)

/* What may come of a term. */
enum { MAY_MISS = 1, MAY_MATCH = 2, MAY_TEMPERROR = 4, MAY_PERMERROR = 8, MAY_ALL = 15 };

/* ------------------------------------------------------------------- errors */

/* What is at fault. */
struct fault {
	int finding;
	struct mh_str subject, evidence;
	int64_t begin, end;
	const struct mh_fact *fact;
};

/* blame - the first fault of a walk that misses nothing is the verdict's */
static void
blame(struct mh_spf_walk *walk, const struct fault *fault)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	if (walk->is_open || verdict->finding != 0)
		return;
	verdict->finding = fault->finding;
	verdict->subject = fault->subject;
	verdict->evidence = fault->evidence;
	verdict->begin = fault->begin;
	verdict->end = fault->end;
	verdict->fact = fault->fact;
}

/* blame_term - the same for a term of a record; MAY_PERMERROR always */
static unsigned
blame_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    int finding)
{
	blame(walk,
	    &(struct fault){ finding, frame->domain.canonical, term->text, term->begin, term->end, NULL });
	return MAY_PERMERROR;
}

/* blame_fact - the same for an answer that is unknown; MAY_TEMPERROR always */
static unsigned
blame_fact(struct mh_spf_walk *walk, struct mh_str name, const struct mh_spf_term *term,
    const struct mh_fact *fact, struct mh_spf_step *step)
{
	blame(walk,
	    &(struct fault){ MH_F_DNS_UNKNOWN, name, term != NULL ? term->text : MH_STR(""), -1, -1, fact });
	MH_SPF_SAY(walk->env.pass, step, MH_STR("nothing is known of "), name, MH_STR(": "),
	    mh_str_z(mh_why_text(fact->why)));
	return MAY_TEMPERROR;
}

/* ------------------------------------------------------------------- counting */

/* count_term - false if this is one too many (RFC 7208 4.6.4) */
static bool
count_term(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	if (walk->lookups <= walk->rules->term_limit)
		walk->lookups++;
	if (walk->lookups <= walk->rules->term_limit)
		return true;
	(void)blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_LOOKUPS);
	MH_SPF_SAY(walk->env.pass, step, MH_STR("one more term that asks DNS than may be looked at"));
	return false;
}

/* count_voids - counts empty answers; MAY_MISS, or MAY_PERMERROR if they are too many (RFC 7208 4.6.4) */
static unsigned
count_voids(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, unsigned voids)
{
	if (voids == 0)
		return MAY_MISS;
	walk->voids += (int)voids;
	if (step != NULL)
		step->is_void = true;
	if (walk->rules->void_limit < 0 || walk->voids <= walk->rules->void_limit)
		return MAY_MISS;
	MH_SPF_SAY(walk->env.pass, step,
	    MH_STR("nothing was found, as for other terms before it, and that may not happen so often"));
	return blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_VOIDS);
}

/* ---------------------------------------------------------------------- names */

/* expand_target - the name that a term is about; an enum mh_spf_expansion */
static int
expand_target(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, struct mh_spf_name *target)
{
	walk->env.may_ask = !walk->is_open;
	int result = mh_spf_target(&walk->env, &frame->domain, term->domain, target);
	if (result == MH_SPF_NOT_YET || result == MH_SPF_NO_MEMORY)
		walk->is_open = true;
	if (step == NULL)
		return result;
	if (result == MH_SPF_EXPANDED)
		step->target = target->canonical;
	else if (result == MH_SPF_NO_NAME)
		step->why = "what it asks for is no valid domain name";
	else if (result == MH_SPF_NEVER)
		step->why = "the sender's local part is not ASCII and cannot be part of a domain name";
	return result;
}

/* find_target - the same for a mechanism that matches nothing without a name (RFC 7208 4.8,
 * RFC 8616 4); 0, or what comes of it */
static unsigned
find_target(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, struct mh_spf_name *target)
{
	int result = expand_target(walk, frame, term, step, target);
	if (result == MH_SPF_EXPANDED)
		return 0;
	return result == MH_SPF_NO_NAME || result == MH_SPF_NEVER ? MAY_MISS : MAY_ALL;
}

/* say_absent - that a name has nothing of a type */
static void
say_absent(struct mh_spf_walk *walk, struct mh_spf_step *step, struct mh_str name, const struct mh_fact *fact)
{
	char room[MH_RR_TYPE_ROOM];
	if (step == NULL)
		return;
	if (fact->state == MH_FACT_NXDOMAIN)
		MH_SPF_SAY(walk->env.pass, step, name, MH_STR(" does not exist"));
	else
		MH_SPF_SAY(walk->env.pass, step, name, MH_STR(" has no "),
		    mh_str_z(mh_rr_type_name(fact->type, room)), MH_STR(" records"));
}

/* ------------------------------------------------------------------ mechanisms */

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
		return blame_fact(walk, target.canonical, term, host.fact, step);
	if (!host.is_empty)
		return host.may;
	say_absent(walk, step, target.canonical, host.fact);
	int other = has_other_family(walk, target.canonical);
	return other < 0 ? MAY_MISS | MAY_PERMERROR : count_voids(walk, frame, term, step, other == 0);
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
			return may | blame_fact(walk, name, term, host.fact, step);
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
		    count_voids(walk, frame, term, step, 1) == MAY_PERMERROR)
			return may | MAY_PERMERROR;
	}
	MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text),
	    MH_STR(" is no address of an MX host of this name"));
	if (asked == 0 || empty < asked || others > 0 || walk->rules->voids == MH_SPF_VOIDS_PER_QUERY)
		return may | MAY_MISS;
	MH_SPF_SAY(walk->env.pass, step, MH_STR("no MX host has an address"));
	return may | count_voids(walk, frame, term, step, 1);
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
		return blame_fact(walk, target.canonical, term, fact, step);
	if (mh_fact_is_absent(fact)) {
		say_absent(walk, step, target.canonical, fact);
		return count_voids(walk, frame, term, step, 1);
	}
	if (fact->count > limit) {
		MH_SPF_SAY(walk->env.pass, step, target.canonical, MH_STR(" has too many MX hosts"));
		return blame_term(walk, frame, term, MH_F_SPF_MX_LIMIT);
	}
	if (step != NULL) {
		step->hosts = mh_spf_alloc(walk->env.pass, fact->count * sizeof(struct mh_fact *));
		step->hosts_count = step->hosts != NULL ? fact->count : 0;
		for (uint16_t i = 0; i < step->hosts_count; i++)
			step->hosts[i] = NULL;
	}
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
		return blame_fact(walk, target.canonical, term, fact, step);
	if (mh_fact_is_present(fact)) {
		MH_SPF_SAY(walk->env.pass, step, target.canonical, MH_STR(" has an A record"));
		return MAY_MATCH;
	}
	say_absent(walk, step, target.canonical, fact);
	return count_voids(walk, frame, term, step, 1);
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
	mh_spf_validated_names(&walk->env, target.canonical, &names);
	if (step != NULL)
		step->fact = names.fact;
	if (names.is_open) {
		walk->is_open = true;
		return MAY_ALL;
	}
	if (names.count > 0) {
		MH_SPF_SAY(walk->env.pass, step, mh_str_z(walk->ip_text), MH_STR(" is named "), names.at[0],
		    MH_STR(", and that name has this address"));
		return MAY_MATCH;
	}
	MH_SPF_SAY(walk->env.pass, step, MH_STR("no name of "), mh_str_z(walk->ip_text),
	    MH_STR(" that has this address is under "), target.canonical);
	/* All ptr terms ask the same first question: it is one lookup, and is counted once. */
	unsigned voids = walk->rules->voids == MH_SPF_VOIDS_PER_QUERY ? names.empty : 0;
	if (mh_fact_is_absent(names.fact)) {
		voids = !walk->has_void_ptr;
		walk->has_void_ptr = true;
	}
	return count_voids(walk, frame, term, step, voids);
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

static unsigned check_host(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_node **node);

/* look_below - check_host of the record that an include or redirect= names; no results: *may says why */
static unsigned
look_below(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step, unsigned *may)
{
	bool is_redirect = term->kind == MH_SPF_REDIRECT;
	int missing = is_redirect ? MH_F_SPF_REDIRECT_MISSING : MH_F_SPF_INCLUDE_MISSING;
	struct mh_spf_frame below = { .above = frame,
		.depth = frame->depth + 1,
		.is_own = frame->is_own && is_redirect };
	int expansion = expand_target(walk, frame, term, step, &below.domain);
	*may = 0;
	if (expansion == MH_SPF_NO_NAME)
		*may = blame_term(walk, frame, term, missing);
	else if (expansion == MH_SPF_NEVER)
		*may = MAY_MISS;
	else if (expansion != MH_SPF_EXPANDED)
		*may = MAY_ALL;
	if (*may != 0)
		return 0;
	if (mh_spf_is_above(frame, below.domain.canonical)) {
		/* The same walk with the same facts, again and again until a limit: RFC 7208 4.6.4. */
		*may = blame_term(walk, frame, term, MH_F_SPF_INCLUDE_LOOP);
		MH_SPF_SAY(walk->env.pass, step, MH_STR("leads back to "), below.domain.canonical);
		if (step != NULL) {
			step->child = mh_spf_node_make(walk->env.pass, below.domain.canonical);
			if (step->child != NULL)
				step->child->is_loop = true;
		}
		return 0;
	}
	if (below.depth > MH_SPF_DEPTH_MAX) {
		*may = blame_term(walk, frame, term, MH_F_SPF_TOO_MANY_LOOKUPS);
		return 0;
	}
	unsigned results = check_host(walk, &below, step != NULL ? &step->child : NULL);
	if (results == BIT(MH_SPF_NONE)) {
		(void)blame_term(walk, frame, term, missing);
		MH_SPF_SAY(walk->env.pass, step, below.domain.canonical, MH_STR(" has no SPF record"));
	} else if (!walk->is_open) {
		MH_SPF_SAY(walk->env.pass, step, MH_STR("the result of "), below.domain.canonical,
		    MH_STR(" is "), mh_str_z(mh_spf_result_name((int)mh_lowest(results))));
	}
	return results;
}

/* look_at_include - RFC 7208 5.2 */
static unsigned
look_at_include(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	unsigned may, results = look_below(walk, frame, term, step, &may);
	if (results & BIT(MH_SPF_PASS))
		may |= MAY_MATCH;
	if (results & (BIT(MH_SPF_FAIL) | BIT(MH_SPF_SOFTFAIL) | BIT(MH_SPF_NEUTRAL)))
		may |= MAY_MISS;
	if (results & BIT(MH_SPF_TEMPERROR))
		may |= MAY_TEMPERROR;
	if (results & (BIT(MH_SPF_PERMERROR) | BIT(MH_SPF_NONE)))
		may |= MAY_PERMERROR;
	return may;
}

/* follow_redirect - RFC 7208 6.1: the results in place of neutral */
static unsigned
follow_redirect(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	unsigned may;
	if (step != NULL) {
		step->state = MH_SPF_STEP_REACHED;
		step->why = "";
	}
	if (!count_term(walk, frame, term, step))
		return BIT(MH_SPF_PERMERROR);
	unsigned results = look_below(walk, frame, term, step, &may);
	if (may == MAY_MISS) /* by RFC 8616 4: as if it were not there */
		return BIT(MH_SPF_NEUTRAL);
	if (may == MAY_PERMERROR)
		return BIT(MH_SPF_PERMERROR);
	if (results == 0)
		return ANY_RESULT;
	if (results & BIT(MH_SPF_NONE)) /* RFC 7208 6.1 */
		results = (results & ~BIT(MH_SPF_NONE)) | BIT(MH_SPF_PERMERROR);
	return results;
}

/* look_at - what may come of a mechanism */
static unsigned
look_at(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term,
    struct mh_spf_step *step)
{
	if (mh_spf_kind_costs(term->kind) && !count_term(walk, frame, term, step))
		return MAY_PERMERROR;
	switch (term->kind) {
	case MH_SPF_ALL:
		MH_SPF_SAY(walk->env.pass, step, MH_STR("matches everybody"));
		return MAY_MATCH;
	case MH_SPF_INCLUDE:
		return look_at_include(walk, frame, term, step);
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

/* ------------------------------------------------------------------- check_host */

/* result_of - what a match means (RFC 7208 4.6.2) */
static int
result_of(char qualifier)
{
	switch (qualifier) {
	case '-':
		return MH_SPF_FAIL;
	case '~':
		return MH_SPF_SOFTFAIL;
	case '?':
		return MH_SPF_NEUTRAL;
	default:
		return MH_SPF_PASS;
	}
}

/* note_match - a term decided what its record says */
static void
note_match(struct mh_spf_walk *walk, const struct mh_spf_frame *frame, const struct mh_spf_term *term)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	if (term->kind != MH_SPF_INCLUDE && term->kind != MH_SPF_REDIRECT) {
		verdict->matched_domain = frame->domain.canonical;
		verdict->matched_term = term->text;
	}
	if (frame->above == NULL)
		verdict->matched = term->text;
	if (frame->is_own && term->kind != MH_SPF_REDIRECT) {
		walk->explained = result_of(term->qualifier) == MH_SPF_FAIL ? frame->record : NULL;
		walk->explained_domain = frame->domain;
	}
}

/* forget_match - nothing matched, whatever records below may have said */
static void
forget_match(struct mh_spf_walk *walk)
{
	walk->verdict->matched = walk->verdict->matched_domain = walk->verdict->matched_term = MH_STR("");
}

/* end_walk - what stands behind term i of a record is not looked at */
static void
end_walk(struct mh_spf_frame *frame, uint32_t i, unsigned may)
{
	if (frame->node == NULL)
		return;
	struct mh_spf_step *step = &frame->node->steps[i];
	step->is_matched = may == MAY_MATCH;
	step->failed = may == MAY_TEMPERROR ? MH_SPF_TEMPERROR : may == MAY_PERMERROR ? MH_SPF_PERMERROR : 0;
	mh_spf_node_stop(frame->node, i,
	    may == MAY_MATCH ? "not looked at: a term before it matched"
			     : "not looked at: the check had ended before it");
}

/* default_result - no mechanism matched: redirect=, or neutral (RFC 7208 4.7) */
static unsigned
default_result(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	const struct mh_spf_term *redirect = frame->record->redirect;
	if (redirect == NULL || frame->record->all != NULL || walk->env.pass->error != 0) {
		if (!walk->is_open)
			forget_match(walk);
		return BIT(MH_SPF_NEUTRAL);
	}
	struct mh_spf_step *step =
	    frame->node != NULL ? &frame->node->steps[redirect - frame->record->terms] : NULL;
	unsigned results = follow_redirect(walk, frame, redirect, step);
	if (walk->is_open)
		return results;
	if (walk->verdict->matched_term.len > 0)
		note_match(walk, frame, redirect);
	if (step != NULL) {
		int result = (int)mh_lowest(results);
		step->is_matched = result != MH_SPF_TEMPERROR && result != MH_SPF_PERMERROR;
		step->failed = (uint8_t)(step->is_matched ? 0 : result);
	}
	return results;
}

/* is_mechanism - whether the walk stops at a term of this kind */
static inline bool
is_mechanism(int kind)
{
	return kind <= MH_SPF_EXISTS || kind == MH_SPF_BAD;
}

/* walk_terms - the mechanisms of a record in order (RFC 7208 4.6) */
static unsigned
walk_terms(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	const struct mh_spf_record *record = frame->record;
	unsigned results = 0;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		struct mh_spf_step *step = frame->node != NULL ? &frame->node->steps[i] : NULL;
		if (!is_mechanism(term->kind))
			continue;
		if (step != NULL) {
			step->state = MH_SPF_STEP_REACHED;
			step->why = "";
		}
		unsigned may = look_at(walk, frame, term, step);
		if (walk->env.pass->error != 0)
			return ANY_RESULT;
		if (may & MAY_MATCH)
			results |= BIT(result_of(term->qualifier));
		if (may & MAY_TEMPERROR)
			results |= BIT(MH_SPF_TEMPERROR);
		if (may & MAY_PERMERROR)
			results |= BIT(MH_SPF_PERMERROR);
		if (may & MAY_MISS)
			continue;
		if (!walk->is_open && may == MAY_MATCH)
			note_match(walk, frame, term);
		end_walk(frame, i, may);
		return results;
	}
	return results | default_result(walk, frame);
}

/* check_syntax - errors anywhere end it before it begins (RFC 7208 4.6) */
static bool
check_syntax(struct mh_spf_walk *walk, const struct mh_spf_frame *frame)
{
	const struct mh_spf_record *record = frame->record;
	if (record->error_count == 0 || walk->rules->is_lax)
		return true;
	const struct mh_spf_error *error = &record->errors[0];
	struct mh_str evidence = error->term < record->count
	    ? record->terms[error->term].text
	    : mh_str_n(record->text.p + error->begin, error->end - error->begin);
	blame(walk,
	    &(struct fault){ MH_F_SPF_SYNTAX, frame->domain.canonical, evidence, error->begin, error->end,
		NULL });
	if (frame->node != NULL && record->count > 0) {
		if (error->term < record->count)
			frame->node->steps[error->term].failed = MH_SPF_PERMERROR;
		mh_spf_node_stop(frame->node, UINT32_MAX, "not looked at: the record has an error of syntax");
	}
	return false;
}

/* select_record - the one SPF record of an answer into frame (RFC 7208 4.5); 0, or the results without */
static unsigned
select_record(struct mh_spf_walk *walk, struct mh_spf_frame *frame, const struct mh_fact *fact)
{
	struct mh_spf_found found = { 0 };
	if (mh_fact_is_present(fact) && !mh_spf_find_records(walk->env.pass, fact, &found))
		return ANY_RESULT;
	if (frame->node != NULL) {
		frame->node->records = (uint16_t)found.count;
		frame->node->text = found.text;
	}
	if (found.count == 0)
		return BIT(MH_SPF_NONE);
	if (found.count > 1) {
		blame(walk,
		    &(struct fault){ MH_F_SPF_MULTIPLE_RECORDS, frame->domain.canonical, found.text, -1, -1,
			NULL });
		return BIT(MH_SPF_PERMERROR);
	}
	frame->record = mh_spf_parse(walk->env.pass->arena, found.text);
	if (frame->record == NULL) {
		walk->env.pass->error = MH_ERR_ENOMEM;
		return ANY_RESULT;
	}
	if (frame->node != NULL && !mh_spf_node_fill(walk->env.pass, frame->node, frame->record))
		return ANY_RESULT;
	return 0;
}

/* check_host - the results that frame's domain can have */
static unsigned
check_host(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_node **node)
{
	struct mh_str name = frame->domain.canonical;
	if (node != NULL) {
		*node = frame->node = mh_spf_node_make(walk->env.pass, name);
		if (frame->node == NULL)
			return ANY_RESULT;
	}
	if (memchr(name.p, '.', name.len) == NULL) /* RFC 7208 4.3: no multi-label name */
		return BIT(MH_SPF_NONE);
	const struct mh_fact *fact = mh_want(walk->env.pass, name, MH_RR_TXT);
	if (frame->node != NULL)
		frame->node->fact = fact;
	if (fact == NULL) {
		walk->is_open = true;
		return ANY_RESULT;
	}
	if (fact->state == MH_FACT_UNKNOWN) {
		(void)blame_fact(walk, name, NULL, fact, NULL);
		return BIT(MH_SPF_TEMPERROR);
	}
	unsigned results = select_record(walk, frame, fact);
	if (results != 0)
		return results;
	return check_syntax(walk, frame) ? walk_terms(walk, frame) : BIT(MH_SPF_PERMERROR);
}

/* ------------------------------------------------------------------ explanation */

/* explain - the text that a fail has with it (RFC 7208 6.2); whatever goes wrong, there is none */
static void
explain(struct mh_spf_walk *walk)
{
	struct mh_spf_name target;
	struct mh_str text;
	const struct mh_spf_term *exp = walk->explained != NULL ? walk->explained->exp : NULL;
	if (exp == NULL || !walk->question->wants_explanation)
		return;
	walk->env.may_ask = true;
	int result = mh_spf_target(&walk->env, &walk->explained_domain, exp->domain, &target);
	if (result != MH_SPF_EXPANDED)
		return;
	const struct mh_fact *fact = mh_want(walk->env.pass, target.canonical, MH_RR_TXT);
	if (fact == NULL || !mh_fact_is_present(fact) || fact->count != 1)
		return;
	text = mh_rr_text(fact, 0, walk->env.pass->arena);
	if (text.p == NULL) {
		if (text.len == 0)
			walk->env.pass->error = MH_ERR_ENOMEM;
		return;
	}
	(void)mh_spf_explain(&walk->env, &walk->explained_domain, text, &walk->verdict->explanation);
}

/* ------------------------------------------------------------------- beginning */

/* unmap - an IPv4-mapped IPv6 address is an IPv4 address (RFC 7208 5) */
static struct mh_ip
unmap(const struct mh_ip *ip)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct mh_ip out = *ip;
	if (ip->family == 6 && memcmp(ip->octets, mapped, sizeof(mapped)) == 0) {
		out = (struct mh_ip){ .family = 4 };
		memcpy(out.octets, ip->octets + 12, 4);
	}
	return out;
}

/* is_ascii - whether all octets are below 0x80 */
static bool
is_ascii(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	}
	return true;
}

/* with_postmaster - "postmaster@domain" in the arena (RFC 7208 2.4 and 4.3) */
static struct mh_str
with_postmaster(struct mh_pass *pass, struct mh_str domain)
{
	static const char local[] = "postmaster@";
	char *p = mh_spf_alloc(pass, sizeof(local) - 1 + domain.len);
	if (p == NULL)
		return MH_STR("");
	memcpy(p, local, sizeof(local) - 1);
	if (domain.len > 0)
		memcpy(p + sizeof(local) - 1, domain.p, domain.len);
	return mh_str_n(p, sizeof(local) - 1 + domain.len);
}

/* read_sender - sender, local part and domain of the sender (RFC 7208 2.4 and 4.3) */
static void
read_sender(struct mh_spf_walk *walk)
{
	const struct mh_spf_question *question = walk->question;
	struct mh_spf_env *env = &walk->env;
	struct mh_str sender = question->sender;
	size_t at = sender.len;
	env->helo = question->helo;
	env->receiver = question->receiver.len > 0 ? question->receiver : MH_STR("unknown");
	while (at > 0 && sender.p[at - 1] != '@')
		at--;
	if (at > 1) {
		env->sender = sender;
		env->local_part = mh_str_n(sender.p, at - 1);
		env->sender_domain = mh_str_n(sender.p + at, sender.len - at);
	} else {
		env->sender_domain =
		    sender.len > 0 ? mh_str_n(sender.p + at, sender.len - at) : question->helo;
		env->sender = with_postmaster(env->pass, env->sender_domain);
		env->local_part = MH_STR("postmaster");
	}
	env->is_eai = !is_ascii(env->local_part);
	walk->verdict->is_helo = sender.len == 0;
	walk->verdict->sender = env->sender;
	walk->verdict->local_part = env->local_part;
}

/* first_domain - what the check is about; false: it is no domain name (RFC 7208 4.3) */
static bool
first_domain(struct mh_spf_walk *walk, struct mh_spf_name *domain)
{
	struct mh_ip ip;
	struct mh_str name =
	    walk->question->domain.len > 0 ? walk->question->domain : walk->env.sender_domain;
	struct mh_str whole = name;
	if (whole.len > 0 && whole.p[whole.len - 1] == '.')
		whole.len--;
	walk->verdict->domain = MH_STR("");
	/* Nothing is cut off here: a name that is too long is none.  Neither is an address. */
	if (whole.len > MH_NAME_MAX || (whole.len > 0 && whole.p[0] == '[') || mh_ip_parse(whole, &ip) ||
	    mh_spf_name_of(walk->env.pass, name, domain) != MH_SPF_EXPANDED)
		return false;
	walk->verdict->domain = domain->canonical;
	return true;
}

/* begin - a walk that has gone nowhere yet */
static void
begin(struct mh_spf_walk *walk, struct mh_pass *pass, const struct mh_spf_question *question,
    struct mh_spf_verdict *verdict)
{
	*verdict = (struct mh_spf_verdict){ .begin = -1, .end = -1 };
	walk->env.pass = pass;
	walk->env.ip = unmap(&question->ip);
	walk->env.now = question->now;
	walk->question = question;
	walk->rules = question->rules != NULL ? question->rules : &mh_spf_rfc7208;
	walk->env.ptr_limit = walk->rules->ptr_limit;
	walk->verdict = verdict;
	walk->lookups = walk->voids = walk->surveyed = 0;
	walk->has_client = walk->env.ip.family != 0;
	walk->is_open = walk->has_void_ptr = false;
	walk->explained = NULL;
	read_sender(walk);
}

/* conclude - the verdict, if no fact was missing */
static void
conclude(struct mh_spf_walk *walk, unsigned results)
{
	struct mh_spf_verdict *verdict = walk->verdict;
	int result = (int)mh_lowest(results);
	if (result == MH_SPF_TEMPERROR || result == MH_SPF_PERMERROR || result == MH_SPF_NONE)
		forget_match(walk);
	if (result == MH_SPF_FAIL)
		explain(walk);
	verdict->lookups = walk->lookups;
	verdict->voids = walk->voids;
	verdict->result = result;
}

void
mh_spf_eval(struct mh_pass *pass, const struct mh_spf_question *question, struct mh_spf_verdict *verdict,
    struct mh_spf_node **tree, bool survey)
{
	struct mh_spf_walk walk;
	struct mh_spf_frame frame = { .is_own = true };
	struct mh_spf_node *root = NULL;
	unsigned missing = pass->missing;
	begin(&walk, pass, question, verdict);
	if (tree != NULL) {
		*tree = NULL;
		(void)mh_ip_print(&walk.env.ip, walk.ip_text);
	}
	if (!first_domain(&walk, &frame.domain)) {
		verdict->result = pass->error == 0 ? MH_SPF_NONE : MH_SPF_NO_RESULT;
		return;
	}
	if (walk.has_client) {
		unsigned results = check_host(&walk, &frame, tree != NULL ? &root : NULL);
		if (!walk.is_open && pass->error == 0)
			conclude(&walk, results);
	}
	if (tree != NULL && survey)
		mh_spf_survey(&walk, &root, &frame.domain);
	if (tree != NULL)
		*tree = root;
	if (pass->missing > missing || pass->error != 0)
		verdict->result = MH_SPF_NO_RESULT;
}
