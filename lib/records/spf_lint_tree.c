/* spf_lint_tree.c - what a record leads to: costs, empty answers, records that are missing or broken
 *
 * Faults of included records are told with the record they stand in as subject
 * and how it is reached in the sentence.  Terms behind "all" cost nothing and
 * are not looked at.
 *
 * RFC 7208 4.6.4, 5.2, 5.4, 6.1
 */
#include "error.h"
#include "spf_lint_own.h"

#define LOOKUPS 10
#define VOIDS 2
#define MX_HOSTS 10
#define NEAR 9
#define TOLD_MAX 64 /* unknown answers that are told of */
#define DEPTH_MAX 64
#define OWNERS_MAX 4 /* names that are asked for, to see whether somebody could register them */

struct path {
	const struct path *above;
	const struct mh_spf_node *node;
	int depth;
};

struct told {
	const struct mh_fact *facts[TOLD_MAX];
	unsigned count;
};

/* say_path - "example.org leads to a.example, which leads to b.example"; nothing for the domain's own record */
static void
say_path(struct mh_lint *lint, const struct path *path)
{
	const struct path *ways[DEPTH_MAX];
	int n = 0;
	if (path->above == NULL)
		return;
	for (; path != NULL && n < DEPTH_MAX; path = path->above)
		ways[n++] = path;
	mh_lint_say_str(lint, ways[n - 1]->node->domain);
	for (int i = n - 2; i >= 0; i--) {
		mh_lint_say(lint, i == n - 2 ? " leads to " : ", which leads to ");
		mh_lint_say_str(lint, ways[i]->node->domain);
	}
	mh_lint_say(lint, ". ");
}

/* tell_at - a finding about one term of a record of the tree; fix only where the record is the domain's own */
static void
tell_at(struct mh_lint *lint, int number, const struct path *path, const struct mh_spf_term *term,
    const struct mh_lint_fix *fix)
{
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = number,
		.subject = path->node->domain,
		.evidence = term->text,
		.begin = term->begin,
		.end = term->end,
		.fix = path->above == NULL ? fix : NULL });
}

static bool
keeps_but_redirect(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	(void)lint;
	return term->kind != MH_SPF_REDIRECT;
}

/* without - the domain's record without a term, where it stands in that; in the place of redirect= an end */
static const struct mh_lint_fix *
without(struct mh_lint *lint, const struct path *path, const struct mh_spf_term *term)
{
	if (path->above != NULL)
		return NULL;
	return term->kind == MH_SPF_REDIRECT ? mh_lint_cut(lint, keeps_but_redirect, MH_STR("~all"))
					     : mh_lint_drop(lint, term);
}

/* note_unknown - each answer that is unknown once */
static void
note_unknown(struct mh_lint *lint, struct told *told, const struct mh_fact *fact, struct mh_str name,
    int type)
{
	if (fact == NULL || fact->state != MH_FACT_UNKNOWN || told->count == TOLD_MAX)
		return;
	for (unsigned i = 0; i < told->count; i++)
		if (told->facts[i] == fact)
			return;
	told->facts[told->count++] = fact;
	mh_lint_unknown(lint, fact, fact->name.len > 0 ? fact->name : name,
	    fact->name.len > 0 ? fact->type : type);
}

/* ------------------------------------------------------------------- owners */

/* owner_of - the part of a name that somebody could register, as far as it can be told by its look: two labels, or
 * three under something like co.uk */
static struct mh_str
owner_of(struct mh_str name)
{
	size_t at[3], n = 0, wanted = 2;
	for (size_t i = name.len; i-- > 0 && n < 3;)
		if (name.p[i] == '.' || i == 0)
			at[n++] = name.p[i] == '.' ? i + 1 : i;
	if (n == 3 && name.len - at[0] == 2 && at[0] - at[1] - 1 <= 3)
		wanted = 3;
	return n < wanted ? name : mh_str_n(name.p + at[wanted - 1], name.len - at[wanted - 1]);
}

/* is_registrable - whether a name is one of a kind that can be had: letters, digits and hyphens, of two labels and
 * more */
static bool
is_registrable(struct mh_str name)
{
	bool has_dot = false;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		has_dot |= c == '.';
		if (c != '.' && c != '-' && !mh_is_digit(c) && !(mh_lower(c) >= 'a' && mh_lower(c) <= 'z'))
			return false;
	}
	return has_dot;
}

/* missing_name - the name that a term asks for and that does not exist; len 0: it does, or that is not known */
static struct mh_str
missing_name(const struct mh_spf_step *step)
{
	const struct mh_fact *fact = step->child != NULL ? step->child->fact : step->fact;
	struct mh_str nothing = { "", 0 };
	if (fact == NULL || fact->state != MH_FACT_NXDOMAIN || fact->is_alias)
		return nothing;
	return step->child != NULL ? step->child->domain : step->target;
}

/* is_paid - whether a term is ever looked at */
static bool
is_paid(const struct mh_spf_node *node, const struct mh_spf_step *step)
{
	const struct mh_spf_term *all = node->record->all;
	if (!mh_spf_kind_costs(step->term->kind))
		return false;
	return all == NULL || (step->term < all && step->term->kind != MH_SPF_REDIRECT);
}

/* want_owners - asks whether the domains exist that missing names belong to */
static void
want_owners(struct mh_lint *lint, const struct mh_spf_node *node, int depth, unsigned *asked)
{
	for (uint32_t i = 0; i < node->count && *asked < OWNERS_MAX; i++) {
		const struct mh_spf_step *step = &node->steps[i];
		if (!is_paid(node, step))
			continue;
		struct mh_str name = missing_name(step);
		struct mh_str owner = owner_of(name);
		if (name.len > owner.len) {
			(void)mh_want(lint->pass, owner, MH_RR_TXT);
			++*asked;
		}
		if (step->child != NULL && step->child->record != NULL && depth < DEPTH_MAX)
			want_owners(lint, step->child, depth + 1, asked);
	}
}

void
mh_lint_tree_wants(struct mh_lint *lint)
{
	unsigned asked = 0;
	if (!lint->is_parked)
		want_owners(lint, lint->tree, 0, &asked);
}

/* tell_dangling - a term whose name belongs to nobody */
static void
tell_dangling(struct mh_lint *lint, const struct path *path, const struct mh_spf_step *step)
{
	struct mh_str name = missing_name(step), owner = owner_of(name);
	if (name.len == 0 || !is_registrable(owner))
		return;
	if (owner.len < name.len) {
		const struct mh_fact *fact = mh_known(lint->pass, owner, MH_RR_TXT);
		if (fact == NULL || fact->state != MH_FACT_NXDOMAIN)
			return;
	}
	say_path(lint, path);
	mh_lint_say_str(lint, owner);
	mh_lint_say(lint, " does not exist; whoever registers it decides about ");
	mh_lint_say_str(lint, step->term->text);
	mh_lint_say(lint, ".");
	tell_at(lint, MH_F_SPF_DANGLING_INCLUDE, path, step->term, without(lint, path, step->term));
}

/* ---------------------------------------------------------------- children */

/* tell_child_form - an included record that makes a permerror */
static void
tell_child_form(struct mh_lint *lint, const struct path *path, const struct mh_spf_node *child)
{
	struct path below = { path, child, path->depth + 1 };
	if (child->records > 1) {
		say_path(lint, &below);
		mh_lint_say(lint, "It has several records.");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_MULTIPLE_RECORDS,
			.subject = child->domain,
			.evidence = child->text,
			.begin = -1,
			.end = -1 });
	} else if (child->record != NULL && child->record->error_count > 0) {
		const struct mh_spf_error *error = &child->record->errors[0];
		say_path(lint, &below);
		mh_lint_say_error(lint, error);
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_SYNTAX,
			.subject = child->domain,
			.evidence = mh_str_n(child->record->text.p + error->begin, error->end - error->begin),
			.begin = error->begin,
			.end = error->end });
	}
}

/* tell_child - what include or redirect= leads to */
static void
tell_child(struct mh_lint *lint, const struct path *path, const struct mh_spf_step *step, struct told *told)
{
	const struct mh_spf_node *child = step->child;
	bool is_include = step->term->kind == MH_SPF_INCLUDE;

	if (child->is_loop) {
		say_path(lint, path);
		mh_lint_say_str(lint, step->term->text);
		mh_lint_say(lint, " leads back to ");
		mh_lint_say_str(lint, child->domain);
		mh_lint_say(lint, ".");
		tell_at(lint, MH_F_SPF_INCLUDE_LOOP, path, step->term, without(lint, path, step->term));
		return;
	}
	note_unknown(lint, told, child->fact, child->domain, MH_RR_TXT);
	if (child->fact == NULL || child->fact->state == MH_FACT_UNKNOWN)
		return;
	if (child->records == 0) {
		say_path(lint, path);
		mh_lint_say_str(lint, child->domain);
		mh_lint_say(lint,
		    child->fact->state == MH_FACT_NXDOMAIN ? " does not exist." : " has no SPF record.");
		tell_at(lint, is_include ? MH_F_SPF_INCLUDE_MISSING : MH_F_SPF_REDIRECT_MISSING, path,
		    step->term, without(lint, path, step->term));
		tell_dangling(lint, path, step);
		return;
	}
	tell_child_form(lint, path, child);
}

/* tell_void - a term that finds nothing.  One whose name depends on the message is no fault: like a list of
 * addresses, it finds nothing for most; it only counts (tell_costs). */
static void
tell_void(struct mh_lint *lint, const struct path *path, const struct mh_spf_step *step)
{
	char room[MH_RR_TYPE_ROOM];
	if (step->is_dynamic)
		return;
	say_path(lint, path);
	mh_lint_say_str(lint, step->target);
	if (step->fact != NULL && step->fact->state == MH_FACT_NXDOMAIN) {
		mh_lint_say(lint, " does not exist.");
	} else if (step->term->kind == MH_SPF_MX && step->fact != NULL && mh_fact_is_absent(step->fact)) {
		mh_lint_say(lint,
		    " has no MX record; the address of that name itself is meant by a, not by mx.");
	} else {
		mh_lint_say(lint, " has no ");
		mh_lint_say(lint,
		    step->term->kind == MH_SPF_A
			? "addresses"
			: mh_rr_type_name(step->fact != NULL ? step->fact->type : 0, room));
		mh_lint_say(lint, step->term->kind == MH_SPF_A ? "." : " records that lead to an address.");
	}
	tell_at(lint, MH_F_SPF_VOID, path, step->term, without(lint, path, step->term));
}

static void visit(struct mh_lint *lint, const struct path *path, struct told *told);

/* visit_step - one term that is paid for */
static void
visit_step(struct mh_lint *lint, const struct path *path, const struct mh_spf_step *step, struct told *told)
{
	const struct mh_spf_term *term = step->term;

	if (step->target.len > 0)
		note_unknown(lint, told, step->fact, step->target,
		    term->kind == MH_SPF_MX ? MH_RR_MX : MH_RR_A);
	for (uint16_t i = 0; i < step->hosts_count; i++)
		note_unknown(lint, told, step->hosts[i], step->target, MH_RR_A);
	if (term->kind == MH_SPF_MX && step->fact != NULL && step->fact->count > MX_HOSTS) {
		say_path(lint, path);
		mh_lint_say_str(lint, step->target);
		mh_lint_say(lint, " has ");
		mh_lint_say_int(lint, step->fact->count);
		mh_lint_say(lint, " MX hosts.");
		tell_at(lint, MH_F_SPF_MX_LIMIT, path, term, NULL);
	}
	if (step->is_void && term->kind != MH_SPF_INCLUDE && term->kind != MH_SPF_REDIRECT &&
	    term->kind != MH_SPF_PTR) {
		tell_void(lint, path, step);
		tell_dangling(lint, path, step);
	}
	if (step->child == NULL)
		return;
	tell_child(lint, path, step, told);
	if (step->child->record != NULL && !step->child->is_loop && path->depth < DEPTH_MAX) {
		struct path below = { path, step->child, path->depth + 1 };
		visit(lint, &below, told);
	}
}

static void
visit(struct mh_lint *lint, const struct path *path, struct told *told)
{
	const struct mh_spf_node *node = path->node;
	for (uint32_t i = 0; i < node->count; i++)
		if (is_paid(node, &node->steps[i]))
			visit_step(lint, path, &node->steps[i], told);
}

/* ---------------------------------------------------------------------- costs */

/* say_costs - the terms that cost most, dearest first */
static void
say_costs(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	unsigned below = UINT16_MAX + 1u, said = 0;

	while (said < 4) {
		unsigned most = 0;
		for (uint32_t i = 0; i < tree->count; i++)
			if (is_paid(tree, &tree->steps[i]) && tree->steps[i].cost > most &&
			    tree->steps[i].cost < below)
				most = tree->steps[i].cost;
		if (most == 0)
			break;
		for (uint32_t i = 0; i < tree->count && said < 4; i++) {
			if (tree->steps[i].cost != most || !is_paid(tree, &tree->steps[i]))
				continue;
			mh_lint_say(lint, said == 0 ? ": " : ", ");
			mh_lint_say_str(lint, tree->steps[i].term->text);
			mh_lint_say(lint, " costs ");
			mh_lint_say_int(lint, most);
			said++;
		}
		below = most;
	}
	mh_lint_say(lint, ".");
}

/* keeps_found - all terms but those that find nothing whatever the message */
static bool
keeps_found(const struct mh_lint *lint, const struct mh_spf_term *term)
{
	const struct mh_spf_step *step = &lint->tree->steps[term - lint->tree->record->terms];
	return !step->is_void || step->is_dynamic || step->term->kind == MH_SPF_REDIRECT;
}

/* dynamic_voids - how many terms at and below a node find nothing for this message, and might for another */
static unsigned
dynamic_voids(const struct mh_spf_node *node, int depth)
{
	unsigned count = 0;
	for (uint32_t i = 0; i < node->count && node->record != NULL; i++) {
		const struct mh_spf_step *step = &node->steps[i];
		if (!is_paid(node, step))
			continue;
		count += step->is_void && step->is_dynamic;
		if (step->child != NULL && !step->child->is_loop && depth < DEPTH_MAX)
			count += dynamic_voids(step->child, depth + 1);
	}
	return count;
}

/* without_voids - the record without terms that find nothing, if that is enough */
static const struct mh_lint_fix *
without_voids(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	int left = tree->voids;
	for (uint32_t i = 0; i < tree->count; i++)
		if (!keeps_found(lint, tree->steps[i].term) && is_paid(tree, &tree->steps[i]))
			left--;
	/* of a survey that was cut, terms that were not asked for may find nothing either */
	return left <= VOIDS && !tree->is_cut ? mh_lint_cut(lint, keeps_found, MH_STR("")) : NULL;
}

/* tell_costs - lookups and empty answers against their limits */
static void
tell_costs(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	const struct mh_finding_arg lookups[] = { { "lookups", { NULL, 0 }, tree->cost },
		{ "limit", { NULL, 0 }, LOOKUPS } };
	const struct mh_finding_arg voids[] = { { "voids", { NULL, 0 }, tree->voids },
		{ "limit", { NULL, 0 }, VOIDS } };

	if (tree->cost >= NEAR) {
		struct mh_str why, text = mh_spf_cheaper(lint->pass->arena, tree, &why);
		mh_lint_say_int(lint, tree->cost);
		mh_lint_say(lint,
		    tree->cost > LOOKUPS ? " terms ask DNS where 10 are allowed" : " of 10 lookups are used");
		say_costs(lint);
		if (text.len > 0) {
			mh_lint_say(lint, " The record offered takes fewer. ");
			mh_lint_say(lint, why.p);
		}
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = tree->cost > LOOKUPS ? MH_F_SPF_TOO_MANY_LOOKUPS
									   : MH_F_SPF_NEAR_LIMIT,
			.evidence = tree->text,
			.begin = -1,
			.end = -1,
			.fix = text.len > 0 ? mh_lint_replace(lint, text) : NULL,
			.args = lookups,
			.args_count = 2 });
	}
	if (tree->voids > VOIDS) {
		unsigned dynamic = dynamic_voids(tree, 0);
		mh_lint_say_int(lint, tree->voids);
		mh_lint_say(lint, " terms find nothing where 2 are allowed.");
		if (dynamic > 0) {
			mh_lint_say(lint, " Of these, ");
			mh_lint_say_int(lint, dynamic);
			mh_lint_say(lint,
			    dynamic == 1 ? " asks by macros and finds nothing for this message."
					 : " ask by macros and find nothing for this message.");
		}
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_TOO_MANY_VOIDS,
			.evidence = tree->text,
			.begin = -1,
			.end = -1,
			.fix = without_voids(lint),
			.args = voids,
			.args_count = 2 });
	}
}

/* tell_far_end - how the record ends that redirect= leads to */
static void
tell_far_end(struct mh_lint *lint)
{
	struct path ways[DEPTH_MAX];
	int depth = 0;

	ways[0] = (struct path){ NULL, lint->tree, 0 };
	while (depth + 1 < DEPTH_MAX) {
		const struct mh_spf_record *record = ways[depth].node->record;
		if (record->all != NULL || record->redirect == NULL)
			break;
		const struct mh_spf_node *next =
		    ways[depth].node->steps[record->redirect - record->terms].child;
		if (next == NULL || next->record == NULL || next->is_loop || next->record->error_count > 0)
			return;
		ways[depth + 1] = (struct path){ &ways[depth], next, depth + 1 };
		depth++;
	}
	const struct mh_spf_node *last = ways[depth].node;
	if (depth == 0 || depth + 1 == DEPTH_MAX)
		return;
	if (last->record->all == NULL) {
		say_path(lint, &ways[depth]);
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_NO_ALL,
			.subject = last->domain,
			.evidence = last->text,
			.begin = -1,
			.end = -1 });
	} else if (last->record->all->qualifier == '?') {
		say_path(lint, &ways[depth]);
		tell_at(lint, MH_F_SPF_NEUTRAL_ALL, &ways[depth], last->record->all, NULL);
	} else if (last->record->all->qualifier == '~') {
		say_path(lint, &ways[depth]);
		tell_at(lint, MH_F_SPF_SOFTFAIL_ALL, &ways[depth], last->record->all, NULL);
	}
}

void
mh_lint_tree(struct mh_lint *lint)
{
	struct told told = { .count = 0 };
	struct path path = { NULL, lint->tree, 0 };

	if (lint->is_parked)
		return;
	tell_costs(lint);
	tell_far_end(lint);
	visit(lint, &path, &told);
}
