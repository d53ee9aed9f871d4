/* spf_survey.c - the whole tree of a domain's records, and what it costs
 *
 * Where the walk of one client ends, the survey goes on: all terms that can be
 * known without a client are looked at, everything at once.  Costs are those
 * of a client that matches nothing but "all", so terms behind an "all" cost
 * nothing, and neither does the redirect= of a record that has one.
 *
 * Bounded by a number of counted terms, and one of questions, so that it cannot
 * take from the verdict what a check may ask.  A record that is above itself is
 * not entered again.
 *
 * Does not: decide anything, or say what is wrong (spf_lint.h).
 */
#include "error.h"
#include "spf_walk.h"

#define QUESTIONS_MAX 240 /* of one survey, those that were asked before included */

static void survey_record(struct mh_spf_walk *walk, struct mh_spf_frame *frame);

/* add - costs are counted up to what there is room for */
static void
add(uint16_t *sum, unsigned more)
{
	*sum = (uint16_t)(*sum + more < UINT16_MAX ? *sum + more : UINT16_MAX);
}

/* address_types - of addresses, the client's family first */
static void
address_types(const struct mh_spf_walk *walk, int types[2])
{
	types[0] = walk->env.ip.family == 6 ? MH_RR_AAAA : MH_RR_A;
	types[1] = walk->env.ip.family == 6 ? MH_RR_A : MH_RR_AAAA;
}

/* are_absent - whether the client (or, without one, everybody) finds nothing among count hosts' addresses */
static bool
are_absent(const struct mh_spf_walk *walk, const struct mh_fact *const *hosts, size_t count)
{
	int types[2];
	bool any = false;
	address_types(walk, types);
	bool needs_both = !walk->has_client || walk->rules->voids == MH_SPF_VOIDS_BOTH_FAMILIES;
	for (size_t i = 0; i < count; i++) {
		if (hosts[i] == NULL || (hosts[i]->type != types[0] && !needs_both))
			continue;
		if (!mh_fact_is_absent(hosts[i]))
			return false;
		any = true;
	}
	return any;
}

/* make_hosts - room for n facts; false without memory */
static bool
make_hosts(struct mh_spf_walk *walk, struct mh_spf_step *step, size_t n)
{
	step->hosts = mh_spf_alloc(walk->env.pass, n * sizeof(struct mh_fact *));
	step->hosts_count = (uint16_t)(step->hosts != NULL ? n : 0);
	for (size_t i = 0; i < step->hosts_count; i++)
		step->hosts[i] = NULL;
	return step->hosts != NULL;
}

/* survey_a - whether it is void */
static bool
survey_a(struct mh_spf_walk *walk, struct mh_spf_step *step)
{
	int types[2];
	address_types(walk, types);
	if (!make_hosts(walk, step, 1))
		return false;
	step->fact = mh_want(walk->env.pass, step->target, types[0]);
	step->hosts[0] = mh_want(walk->env.pass, step->target, types[1]);
	const struct mh_fact *both[2] = { step->fact, step->hosts[0] };
	return are_absent(walk, both, 2);
}

/* survey_mx - whether it is void */
static bool
survey_mx(struct mh_spf_walk *walk, struct mh_spf_step *step)
{
	char name[MH_DNAME_TEXT_MAX];
	step->fact = mh_want(walk->env.pass, step->target, MH_RR_MX);
	if (step->fact == NULL || !mh_fact_is_present(step->fact))
		return step->fact != NULL && mh_fact_is_absent(step->fact);
	size_t n = step->fact->count;
	if ((int)n > walk->rules->mx_limit || !make_hosts(walk, step, 2 * n))
		return false;
	walk->survey_questions += 2 * (int)n;
	for (size_t i = 0; i < n; i++) {
		size_t len = mh_rr_name(step->fact, i, name, NULL);
		if (len == 0 || (len == 1 && name[0] == '.'))
			continue;
		step->hosts[i] = mh_want(walk->env.pass, mh_str_n(name, len), MH_RR_A);
		step->hosts[n + i] = mh_want(walk->env.pass, mh_str_n(name, len), MH_RR_AAAA);
	}
	return are_absent(walk, step->hosts, 2 * n);
}

/* open_node - the node of a record that the walk did not come to */
static struct mh_spf_node *
open_node(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	struct mh_pass *pass = walk->env.pass;
	struct mh_spf_found found;
	struct mh_spf_node *node = mh_spf_node_make(pass, frame->domain.canonical);
	if (node == NULL || mh_spf_is_above(frame->above, node->domain)) {
		if (node != NULL)
			node->is_loop = true;
		return node;
	}
	if (memchr(node->domain.p, '.', node->domain.len) == NULL)
		return node;
	node->fact = mh_want(pass, node->domain, MH_RR_TXT);
	if (node->fact == NULL || !mh_fact_is_present(node->fact) ||
	    !mh_spf_find_records(pass, node->fact, &found))
		return node;
	node->records = (uint16_t)found.count;
	node->text = found.text;
	if (found.count != 1)
		return node;
	struct mh_spf_record *record = mh_spf_parse(pass->arena, found.text);
	if (record == NULL)
		pass->error = MH_ERR_ENOMEM;
	else
		(void)mh_spf_node_fill(pass, node, record);
	return node;
}

/* survey_below - an include's or redirect='s record and all that is under it */
static void
survey_below(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_step *step,
    const struct mh_spf_name *target)
{
	struct mh_spf_frame below = { .above = frame, .domain = *target, .depth = frame->depth + 1 };
	if (step->child == NULL)
		step->child = open_node(walk, &below);
	if (step->child == NULL || step->child->is_loop || step->child->record == NULL)
		return;
	below.node = step->child;
	below.record = step->child->record;
	survey_record(walk, &below);
	add(&step->cost, step->child->cost);
	add(&step->voids, step->child->voids);
}

/* survey_term - one term that counts */
static void
survey_term(struct mh_spf_walk *walk, struct mh_spf_frame *frame, struct mh_spf_step *step)
{
	const struct mh_spf_term *term = step->term;
	struct mh_spf_name target;
	bool was_reached = step->state == MH_SPF_STEP_REACHED, is_void = false;
	if (term->kind == MH_SPF_PTR || (step->is_dynamic && !was_reached))
		return;
	walk->env.may_ask = was_reached && !walk->is_open; /* then it is known already */
	if (step->target.len > 0)
		target.canonical = target.raw = step->target;
	if ((step->target.len == 0 || term->kind == MH_SPF_INCLUDE || term->kind == MH_SPF_REDIRECT) &&
	    mh_spf_target(&walk->env, &frame->domain, term->domain, &target) != MH_SPF_EXPANDED)
		return;
	step->target = target.canonical;
	if (term->kind == MH_SPF_A) {
		is_void = survey_a(walk, step);
	} else if (term->kind == MH_SPF_MX) {
		is_void = survey_mx(walk, step);
	} else if (term->kind == MH_SPF_EXISTS) {
		step->fact = mh_want(walk->env.pass, step->target, MH_RR_A);
		is_void = step->fact != NULL && mh_fact_is_absent(step->fact);
	} else {
		survey_below(walk, frame, step, &target);
	}
	step->is_void = was_reached ? step->is_void : is_void;
}

/* survey_record - all terms of frame's record */
static void
survey_record(struct mh_spf_walk *walk, struct mh_spf_frame *frame)
{
	struct mh_spf_node *node = frame->node;
	const struct mh_spf_term *all = frame->record->all;
	node->cost = node->voids = 0;
	for (uint32_t i = 0; i < node->count && walk->env.pass->error == 0; i++) {
		struct mh_spf_step *step = &node->steps[i];
		int kind = step->term->kind;
		if (step->state == MH_SPF_STEP_NOT_LOOKED_AT && kind != MH_SPF_EXP &&
		    kind != MH_SPF_MODIFIER && kind != MH_SPF_BAD) {
			step->state = MH_SPF_STEP_SURVEYED;
			step->why = walk->has_client ? "the check had ended before it" : "";
		}
		if (!mh_spf_kind_costs(kind))
			continue;
		step->cost = 1;
		step->voids = 0;
		if (walk->surveyed < MH_SPF_SURVEY_TERMS && walk->survey_questions < QUESTIONS_MAX) {
			walk->surveyed++;
			walk->survey_questions += kind == MH_SPF_A ? 2 : 1;
			survey_term(walk, frame, step);
		} else {
			node->is_cut = true;
		}
		add(&step->voids, step->is_void);
		bool is_paid = kind == MH_SPF_REDIRECT ? all == NULL : all == NULL || step->term < all;
		if (is_paid) {
			add(&node->cost, step->cost);
			add(&node->voids, step->voids);
		}
	}
}

/* mh_spf_survey - see spf_walk.h */
void
mh_spf_survey(struct mh_spf_walk *walk, struct mh_spf_node **root, const struct mh_spf_name *domain)
{
	struct mh_spf_frame frame = { .domain = *domain };
	if (*root == NULL)
		*root = open_node(walk, &frame);
	if (*root == NULL || (*root)->record == NULL)
		return;
	frame.node = *root;
	frame.record = (*root)->record;
	survey_record(walk, &frame);
}
