/* rules_automaton.c - from phrases to states
 *
 * The subset construction over the tree of all phrases: a state is a set of
 * its nodes, and a class leads on to all children whose label has it.  There
 * are no failure edges: a walk is begun at every word, and most end at the
 * next.  With them (Aho-Corasick) the same rules had 837,000 edges instead of
 * 48,000, because every set of synonyms multiplied with all phrases that could
 * begin at it.
 */
#include "builder.h"

#include "error.h"
#include "port.h"

/* --------------------------------------------------------------- the phrase automaton */

/* intern_state - the state for a sorted set of nodes, new ones at the end of the list */
static uint32_t
intern_state(struct build *b, struct automaton *a, const uint32_t *nodes, uint32_t count)
{
	uint32_t hash = mh_build_hash(nodes, count * sizeof(uint32_t));
	if (a->table.count < 4 * (a->states.count + 1)) { /* also makes the first table */
		struct vec bigger = { NULL, 0, 0 };
		uint32_t size = a->table.count == 0 ? 256 : a->table.count * 4;
		bigger.items = mh_arena_alloc(b->arena, size * sizeof(uint32_t));
		if (bigger.items == NULL)
			return NONE;
		memset(bigger.items, 0xff, size * sizeof(uint32_t));
		bigger.count = bigger.room = size;
		for (uint32_t i = 0; i < a->states.count; i++) {
			uint32_t at = VEC_AT(&a->states, struct state, i)->hash & (size - 1);
			while (*VEC_AT(&bigger, uint32_t, at) != NONE)
				at = (at + 1) & (size - 1);
			*VEC_AT(&bigger, uint32_t, at) = i;
		}
		a->table = bigger;
	}
	uint32_t at = hash & (a->table.count - 1);
	for (; *VEC_AT(&a->table, uint32_t, at) != NONE; at = (at + 1) & (a->table.count - 1)) {
		uint32_t i = *VEC_AT(&a->table, uint32_t, at);
		const struct state *known = VEC_AT(&a->states, struct state, i);
		if (known->hash == hash && known->count == count &&
		    (count == 0 || memcmp(known->nodes, nodes, count * sizeof(uint32_t)) == 0))
			return i;
	}
	uint32_t *copy = mh_arena_alloc(b->arena, (count + 1) * sizeof(uint32_t));
	struct state *added = copy != NULL ? VEC_ADD(b, &a->states, struct state) : NULL;
	if (added == NULL)
		return NONE;
	if (count > 0)
		memcpy(copy, nodes, count * sizeof(uint32_t));
	*added = (struct state){ .nodes = copy, .count = count, .hash = hash };
	*VEC_AT(&a->table, uint32_t, at) = a->states.count - 1;
	return a->states.count - 1;
}

/* Where each class leads from a set of nodes, gathered class by class. */
struct gather {
	struct vec *targets; /* by class: uint32_t nodes */
	struct vec touched; /* uint16_t classes */
	uint32_t class_count;
};

static int
gather_children(struct build *b, struct gather *gather, uint32_t node)
{
	uint32_t child = VEC_AT(&b->nodes, struct node, node)->first_child;
	for (; child != NONE; child = VEC_AT(&b->nodes, struct node, child)->next_sibling) {
		uint32_t number = VEC_AT(&b->nodes, struct node, child)->label;
		const struct label *label = VEC_AT(&b->labels, struct label, number);
		for (uint32_t i = 0; i < label->classes.count; i++) {
			uint16_t class = *VEC_AT(&label->classes, uint16_t, i);
			if (gather->targets[class].count == 0) {
				uint16_t *touched = VEC_ADD(b, &gather->touched, uint16_t);
				if (touched == NULL)
					return MH_ERR_ENOMEM;
				*touched = class;
			}
			uint32_t *target = VEC_ADD(b, &gather->targets[class], uint32_t);
			if (target == NULL)
				return MH_ERR_ENOMEM;
			*target = child;
		}
	}
	return MH_ERR_OK;
}

static void
sort_numbers(uint32_t *numbers, uint32_t count)
{
	for (uint32_t gap = count / 2; gap > 0; gap /= 2)
		for (uint32_t i = gap; i < count; i++)
			for (uint32_t k = i; k >= gap && numbers[k - gap] > numbers[k]; k -= gap) {
				uint32_t swap = numbers[k];
				numbers[k] = numbers[k - gap];
				numbers[k - gap] = swap;
			}
}

/* add_edges - the edges of state number, by class, whose targets may be new states */
static int
add_edges(struct build *b, struct automaton *a, struct gather *gather, uint32_t number)
{
	gather->touched.count = 0;
	for (uint32_t i = 0; i < VEC_AT(&a->states, struct state, number)->count; i++) {
		int error = gather_children(b, gather, VEC_AT(&a->states, struct state, number)->nodes[i]);
		if (error != MH_ERR_OK)
			return error;
	}
	VEC_AT(&a->states, struct state, number)->first_edge = a->edges.count;
	for (uint32_t class = 0; gather->touched.count > 0 && class < gather->class_count; class ++) {
		struct vec *target = &gather->targets[class];
		if (target->count == 0)
			continue;
		sort_numbers(target->items, target->count);
		uint32_t next = intern_state(b, a, target->items, target->count);
		struct edge *edge = next != NONE ? VEC_ADD(b, &a->edges, struct edge) : NULL;
		if (edge == NULL)
			return MH_ERR_ENOMEM;
		*edge = (struct edge){ (uint16_t) class, (uint16_t)next };
		target->count = 0;
	}
	return MH_ERR_OK;
}

/* take_accepts - the phrases that end in a node, if they are keys or are not, as asked */
static int
take_accepts(struct build *b, struct automaton *a, uint32_t node, bool keys)
{
	const struct vec *accepts = &VEC_AT(&b->nodes, struct node, node)->accepts;
	for (uint32_t n = 0; n < accepts->count; n++) {
		uint16_t number = *VEC_AT(accepts, uint16_t, n);
		const struct phrase *phrase = VEC_AT(&b->phrases, struct phrase, number);
		bool alone =
		    VEC_AT(&b->nodes, struct node, node)->parent == 0; /* known by the word's class */
		if (phrase->key != keys || (alone && !keys))
			continue;
		uint16_t *added = VEC_ADD(b, &a->accepts, uint16_t);
		if (added == NULL)
			return MH_ERR_ENOMEM;
		*added = (uint16_t)(number | (keys ? MH_ACCEPT_KEY : 0));
	}
	return MH_ERR_OK;
}

/* add_accepts - what ends in state number; equal lists are kept once */
static int
add_accepts(struct build *b, struct automaton *a, uint32_t number)
{
	struct state *state = VEC_AT(&a->states, struct state, number);
	uint32_t begin = a->accepts.count;
	state->first_accept = 0;
	for (uint32_t pass = 0; pass < 2; pass++) /* keys first */
		for (uint32_t k = 0; k < state->count; k++) {
			int error = take_accepts(b, a, state->nodes[k], pass == 0);
			if (error != MH_ERR_OK)
				return error;
		}
	uint32_t count = a->accepts.count - begin;
	if (count == 0)
		return MH_ERR_OK;
	*VEC_AT(&a->accepts, uint16_t, a->accepts.count - 1) |= MH_ACCEPT_LAST;
	const uint16_t *list = VEC_AT(&a->accepts, uint16_t, begin);
	for (uint32_t i = 0; i < number; i++) {
		const struct state *other = VEC_AT(&a->states, struct state, i);
		if (other->accept_count != count ||
		    memcmp(VEC_AT(&a->accepts, uint16_t, other->first_accept), list,
			count * sizeof(uint16_t)) != 0)
			continue;
		a->accepts.count = begin;
		begin = other->first_accept;
		break;
	}
	state->first_accept = begin;
	state->accept_count = count;
	return begin < 0xffff ? MH_ERR_OK : mh_build_full(b, "the rules make too many phrases");
}

/* same_state - whether two states end the same phrases and lead to the same states */
static bool
same_state(const struct automaton *a, uint32_t x, uint32_t y)
{
	const struct state *p = VEC_AT(&a->states, struct state, x), *q = VEC_AT(&a->states, struct state, y);
	uint32_t count = p->end_edge - p->first_edge;
	return p->first_accept == q->first_accept && count == q->end_edge - q->first_edge &&
	    (count == 0 ||
		memcmp(VEC_AT(&a->edges, struct edge, p->first_edge),
		    VEC_AT(&a->edges, struct edge, q->first_edge), count * sizeof(struct edge)) == 0);
}

/* minimise - merges states from which the same follows.  Edges lead to later states only, so one
 * pass from the end finds all; the survivors then move together. */
static int
minimise(struct build *b, struct automaton *a)
{
	uint32_t states = a->states.count, size = 256, kept = 0, edges = 0;
	while (size < states * 2)
		size *= 2;
	uint32_t *same_as = mh_arena_alloc(b->arena, states * sizeof(uint32_t));
	uint32_t *number = mh_arena_alloc(b->arena, states * sizeof(uint32_t));
	uint32_t *table = mh_arena_alloc(b->arena, size * sizeof(uint32_t));
	if (same_as == NULL || number == NULL || table == NULL)
		return MH_ERR_ENOMEM;
	memset(table, 0xff, size * sizeof(uint32_t));
	for (uint32_t i = 0; i < states; i++)
		VEC_AT(&a->states, struct state, i)->end_edge =
		    i + 1 < states ? VEC_AT(&a->states, struct state, i + 1)->first_edge : a->edges.count;
	for (uint32_t i = states; i-- > 1;) {
		struct state *state = VEC_AT(&a->states, struct state, i);
		uint32_t count = state->end_edge - state->first_edge;
		struct edge *row = count > 0 ? VEC_AT(&a->edges, struct edge, state->first_edge) : NULL;
		for (uint32_t k = 0; k < count; k++)
			row[k].next = (uint16_t)same_as[row[k].next];
		uint32_t at =
		    (mh_build_hash(row, count * sizeof(*row)) * 31 + state->first_accept) & (size - 1);
		while (table[at] != NONE && !same_state(a, table[at], i))
			at = (at + 1) & (size - 1);
		if (table[at] == NONE)
			table[at] = i;
		same_as[i] = table[at];
	}
	same_as[0] = 0;
	for (uint32_t i = 0; i < states; i++)
		if (same_as[i] == i)
			number[i] = kept++;
	kept = 0;
	for (uint32_t i = 0; i < states; i++) {
		struct state state = *VEC_AT(&a->states, struct state, i);
		if (same_as[i] != i)
			continue;
		uint32_t first = edges;
		for (uint32_t k = state.first_edge; k < state.end_edge; k++) {
			struct edge edge = *VEC_AT(&a->edges, struct edge, k);
			edge.next = (uint16_t)number[edge.next];
			*VEC_AT(&a->edges, struct edge, edges++) = edge;
		}
		state.first_edge = first;
		*VEC_AT(&a->states, struct state, kept++) = state;
	}
	a->states.count = kept;
	a->edges.count = edges;
	for (uint32_t i = 0; i < a->root_count; i++)
		a->root_next[i] = (uint16_t)number[same_as[a->root_next[i]]];
	return MH_ERR_OK;
}

/* row_count - edges of a state */
static uint32_t
row_count(const struct automaton *a, uint32_t number)
{
	uint32_t first = VEC_AT(&a->states, struct state, number)->first_edge;
	return (number + 1 < a->states.count ? VEC_AT(&a->states, struct state, number + 1)->first_edge
					     : a->edges.count) -
	    first;
}

/* next_of - how edges name a state: its number among those that lead on, or what ends there */
static uint16_t
next_of(const struct automaton *a, const uint32_t *numbers, uint32_t state)
{
	if (state != 0 && row_count(a, state) == 0)
		return (uint16_t)(MH_NEXT_END | VEC_AT(&a->states, struct state, state)->first_accept);
	return (uint16_t)numbers[state];
}

/* The edges of states that lead on, as they go into the table. */
struct placed_edge {
	uint16_t state, class, next;
};

struct placed_edges {
	const struct placed_edge *at;
	uint32_t classes, bits;
};

static void
edge_home(const void *ud, uint32_t item, uint32_t count, uint32_t bucket[2])
{
	const struct placed_edges *edges = ud;
	(void)mh_edge_buckets(edges->at[item].state, edges->at[item].class, edges->classes, edges->bits,
	    count, bucket);
}

/* fill_edges - the table of mh_ruleset_edge */
static int
fill_edges(struct build *b, struct automaton *a, const struct placed_edges *edges, uint32_t count)
{
	struct buckets buckets = { .places = MH_EDGE_PLACES, .home = edge_home, .ud = edges };
	int error = mh_build_buckets(b, &buckets, count,
	    edges->bits > MH_EDGE_TAG_BITS ? 1u << (edges->bits - MH_EDGE_TAG_BITS) : 1);
	if (error != MH_ERR_OK)
		return error;
	if (buckets.count > 0xffff)
		return mh_build_full(b, "the rules make too many edges");
	a->buckets = mh_arena_alloc(b->arena, buckets.count * sizeof(*a->buckets));
	if (a->buckets == NULL)
		return MH_ERR_ENOMEM;
	memset(a->buckets, 0, buckets.count * sizeof(*a->buckets));
	for (uint32_t i = 0; i < buckets.count * MH_EDGE_PLACES; i++) {
		uint32_t item = buckets.owner[i], number = i / MH_EDGE_PLACES, place = i % MH_EDGE_PLACES;
		uint32_t bucket[2];
		if (item == NONE)
			continue;
		uint32_t tag = mh_edge_buckets(edges->at[item].state, edges->at[item].class, edges->classes,
		    edges->bits, buckets.count, bucket);
		a->buckets[number].tag[place] = (uint16_t)(tag | (bucket[0] == number ? 0 : MH_EDGE_SECOND));
		a->buckets[number].next[place] = edges->at[item].next;
	}
	a->bucket_count = buckets.count;
	a->edge_bits = edges->bits;
	return MH_ERR_OK;
}

/* list_word_keys - for every class the keys that one word of it is; equal lists are kept once */
static int
list_word_keys(struct build *b, const struct automaton *a)
{
	uint16_t *list = mh_arena_alloc(b->arena, a->accepts.count * sizeof(uint16_t));
	struct mh_word_key *nothing = VEC_ADD(b, &b->word_keys, struct mh_word_key);
	if (list == NULL || nothing == NULL)
		return MH_ERR_ENOMEM;
	*nothing = (struct mh_word_key){ MH_WORD_KEY_LAST, MH_PROMISE_NOTHING };
	memset(list, 0, a->accepts.count * sizeof(uint16_t));
	for (uint32_t i = 0; i < a->root_count; i++) {
		uint32_t first = VEC_AT(&a->states, struct state, a->root_next[i])->first_accept;
		bool last = first == 0 || list[first] != 0;
		if (!last)
			list[first] = (uint16_t)b->word_keys.count;
		for (uint32_t k = first; !last; k++) {
			uint16_t accept = *VEC_AT(&a->accepts, uint16_t, k);
			uint16_t row = b->set.keyed_at[accept & MH_ACCEPT_PHRASE];
			struct mh_word_key *key = VEC_ADD(b, &b->word_keys, struct mh_word_key);
			if (key == NULL)
				return MH_ERR_ENOMEM;
			last = (accept & MH_ACCEPT_LAST) != 0;
			*key = (struct mh_word_key){ (uint16_t)(row | (last ? MH_WORD_KEY_LAST : 0)),
				b->set.keyed[row].promise };
		}
		b->classes[i].keys = list[first];
	}
	return b->word_keys.count <= 0xffff ? MH_ERR_OK : mh_build_full(b, "the rules make too many phrases");
}

/* put_edges - the automaton as ruleset.h says: states that nothing leads on from are not kept */
static int
put_edges(struct build *b, struct automaton *a)
{
	uint32_t *numbers = mh_arena_alloc(b->arena, a->states.count * sizeof(uint32_t));
	struct placed_edge *placed =
	    mh_arena_alloc(b->arena, (a->edges.count + 1) * sizeof(struct placed_edge));
	struct placed_edges edges = { .at = placed, .classes = a->root_count, .bits = 1 };
	uint32_t kept = 0, count = 0;
	if (numbers == NULL || placed == NULL)
		return MH_ERR_ENOMEM;
	for (uint32_t i = 0; i < a->states.count; i++)
		numbers[i] = i == 0 || row_count(a, i) > 0 ? kept++ : 0;
	if (kept >= MH_NEXT_END || a->accepts.count >= MH_NEXT_END)
		return mh_build_full(b, "the rules make too many states");
	while ((uint64_t)kept * edges.classes >= UINT64_C(1) << edges.bits)
		edges.bits++;
	if (edges.bits > 30)
		return mh_build_full(b, "the rules make too many states");
	for (uint32_t i = 0; i < a->states.count; i++) {
		const struct state *state = VEC_AT(&a->states, struct state, i);
		if (i > 0 && row_count(a, i) == 0)
			continue;
		uint16_t *accepts = VEC_ADD(b, &a->kept_accepts, uint16_t);
		if (accepts == NULL)
			return MH_ERR_ENOMEM;
		*accepts = (uint16_t)state->first_accept;
		for (uint32_t k = 0; k < row_count(a, i); k++) {
			const struct edge *edge = VEC_AT(&a->edges, struct edge, state->first_edge + k);
			placed[count++] = (struct placed_edge){ (uint16_t)numbers[i], edge->class,
				next_of(a, numbers, edge->next) };
		}
	}
	int error = list_word_keys(b, a);
	for (uint32_t i = 0; i < a->root_count; i++)
		b->classes[i].next = (uint16_t)numbers[a->root_next[i]];
	return error == MH_ERR_OK ? fill_edges(b, a, &edges, count) : error;
}

int
mh_build_automaton(struct build *b, const struct word_tree *tree, struct automaton *a)
{
	uint32_t classes = tree->classes.count;
	struct gather gather = { mh_arena_alloc(b->arena, classes * sizeof(struct vec)), { NULL, 0, 0 },
		classes };
	a->root_next = mh_arena_alloc(b->arena, classes * sizeof(uint16_t));
	uint16_t *nothing = VEC_ADD(b, &a->accepts, uint16_t); /* place 0 says: none */
	uint32_t root = 0;
	if (gather.targets == NULL || a->root_next == NULL || nothing == NULL)
		return MH_ERR_ENOMEM;
	memset(gather.targets, 0, classes * sizeof(struct vec));
	memset(a->root_next, 0, classes * sizeof(uint16_t));
	if (intern_state(b, a, NULL, 0) != 0) /* state 0: the walk has ended */
		return MH_ERR_ENOMEM;
	int error = gather_children(b, &gather, root);
	for (uint32_t class = 0; class < classes && error == MH_ERR_OK; class ++) {
		struct vec *target = &gather.targets[class];
		if (target->count == 0)
			continue;
		sort_numbers(target->items, target->count);
		uint32_t next = intern_state(b, a, target->items, target->count);
		if (next == NONE)
			return MH_ERR_ENOMEM;
		a->root_next[class] = (uint16_t)next;
		target->count = 0;
	}
	for (uint32_t i = 1; i < a->states.count && error == MH_ERR_OK; i++) {
		error = add_edges(b, a, &gather, i);
		if (error == MH_ERR_OK && a->states.count > 0xfff0)
			error = mh_build_full(b, "the rules make too many states");
	}
	for (uint32_t i = 0; i < a->states.count && error == MH_ERR_OK; i++)
		error = add_accepts(b, a, i);
	a->root_count = classes;
	if (error == MH_ERR_OK)
		error = minimise(b, a);
	return error == MH_ERR_OK ? put_edges(b, a) : error;
}
