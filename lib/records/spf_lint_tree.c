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

struct path {
	const struct path *above;
	const struct mh_spf_node *node;
	int depth;
};

struct told {
	const struct mh_fact *facts[TOLD_MAX];
	unsigned count;
};

/* say_path - "example.org includes a.example, which includes b.example"; nothing for the domain's own record */
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
		mh_lint_say(lint, i == n - 2 ? " includes " : ", which includes ");
		mh_lint_say_str(lint, ways[i]->node->domain);
	}
	mh_lint_say(lint, ". ");
}

/* tell_at - a finding about one term of a record of the tree; fix only where the record is the domain's own */
static void
tell_at(struct mh_lint *lint, int number, const struct path *path, const struct mh_spf_term *term,
    const struct mh_fix *fix)
{
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = number,
		.subject = path->node->domain,
		.evidence = term->text,
		.begin = term->begin,
		.end = term->end,
		.fix = path->above == NULL ? fix : NULL });
}

/* without - the domain's record without a term, where it stands in that */
static const struct mh_fix *
without(struct mh_lint *lint, const struct path *path, const struct mh_spf_term *term)
{
	return path->above == NULL ? mh_lint_without(lint, term, MH_STR("")) : NULL;
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
		mh_lint_say(lint, mh_spf_fault_text(error->fault));
		mh_lint_say(lint, ".");
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
		if (child->fact->state == MH_FACT_NXDOMAIN) {
			mh_lint_say_str(lint, child->domain);
			mh_lint_say(lint, " does not exist.");
			tell_at(lint, MH_F_SPF_DANGLING_INCLUDE, path, step->term,
			    without(lint, path, step->term));
		}
		return;
	}
	tell_child_form(lint, path, child);
}

/* tell_void - a term that finds nothing */
static void
tell_void(struct mh_lint *lint, const struct path *path, const struct mh_spf_step *step)
{
	char room[MH_RR_TYPE_ROOM];
	say_path(lint, path);
	mh_lint_say_str(lint, step->target);
	if (step->fact != NULL && step->fact->state == MH_FACT_NXDOMAIN) {
		mh_lint_say(lint, " does not exist.");
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
	    term->kind != MH_SPF_PTR)
		tell_void(lint, path, step);
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
	const struct mh_spf_term *all = node->record->all;

	for (uint32_t i = 0; i < node->count; i++) {
		const struct mh_spf_step *step = &node->steps[i];
		bool is_paid = mh_spf_kind_costs(step->term->kind) &&
		    (all == NULL || (step->term < all && step->term->kind != MH_SPF_REDIRECT));
		if (is_paid)
			visit_step(lint, path, step, told);
	}
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
			if (tree->steps[i].cost > most && tree->steps[i].cost < below)
				most = tree->steps[i].cost;
		if (most == 0)
			break;
		for (uint32_t i = 0; i < tree->count && said < 4; i++) {
			if (tree->steps[i].cost != most)
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
		mh_lint_say_int(lint, tree->voids);
		mh_lint_say(lint, " terms find nothing where 2 are allowed.");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_TOO_MANY_VOIDS,
			.evidence = tree->text,
			.begin = -1,
			.end = -1,
			.args = voids,
			.args_count = 2 });
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
	visit(lint, &path, &told);
}
