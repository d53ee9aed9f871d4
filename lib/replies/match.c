/* match.c - which rule a scanned reply belongs to
 *
 * All rules whose conditions hold are candidates, and so are the status
 * registry and a small table of reply codes, which decide only where no words
 * do: a bare code names the right cause in less than a third of all replies.
 * The order is layer, rank, specificity, place in the files; it is the
 * documented order of mailhealth-rules(5).
 */
#include "match.h"

#include <limits.h>

#include "error.h"
#include "port.h"

/* What a code says by itself (RFC 5321 4.2.3, RFC 4954 6, RFC 3207 4, RFC 7504): the reason's id. */
#define CODE_RANK 10
#define VENDOR_RANK 85 /* from here on a rule's text alone tells the provider */
/* clang-format off */
static const struct {
	int code;
	const char *reason;
} code_reasons[] = {
	{ 421, "server-unavailable" }, { 432, "login-required" }, { 450, "server-unavailable" },
	{ 451, "server-error" }, { 452, "server-error" }, { 454, "server-error" }, { 455, "protocol-error" },
	{ 500, "protocol-error" }, { 501, "protocol-error" }, { 502, "protocol-error" }, { 503, "protocol-error" },
	{ 504, "protocol-error" }, { 521, "domain-no-mail" }, { 523, "message-too-big" }, { 525, "user-disabled" },
	{ 530, "login-required" }, { 534, "login-required" }, { 535, "login-required" }, { 538, "tls-required" },
	{ 551, "user-moved" }, { 552, "mailbox-full" }, { 553, "address-syntax" }, { 555, "protocol-error" },
	{ 556, "domain-no-mail" },
};
/* clang-format on */

void
mh_match_init(struct mh_match *match)
{
	memset(match, 0, sizeof(*match));
}

void
mh_match_free(struct mh_match *match, const struct mh_mem *mem)
{
	for (size_t i = 0; i < MH_LAYERS_MAX; i++) {
		mh_mem_free(mem, match->states[i], match->state_count[i] * sizeof(struct mh_rule_state));
		match->states[i] = NULL;
		match->state_count[i] = 0;
	}
}

int
mh_match_use(struct mh_match *match, const struct mh_mem *mem, const struct mh_layers *layers)
{
	mh_match_free(match, mem);
	match->count = 0;
	match->accepted = mh_layers_find_reason(layers, MH_STR("accepted"));
	for (size_t i = 0; i < MH_COUNT(match->code_reasons); i++)
		match->code_reasons[i] = -1;
	for (size_t i = 0; i < MH_COUNT(code_reasons); i++)
		match->code_reasons[code_reasons[i].code - 400] =
		    (int16_t)mh_layers_find_reason(layers, mh_str_z(code_reasons[i].reason));
	for (size_t i = 0; i < layers->count; i++) {
		uint32_t count = layers->set[i]->rule_count;
		if (count == 0)
			continue;
		match->states[i] = mh_mem_zalloc(mem, count * sizeof(struct mh_rule_state));
		if (match->states[i] == NULL) {
			mh_match_free(match, mem);
			return MH_ERR_ENOMEM;
		}
		match->state_count[i] = count;
	}
	return MH_ERR_OK;
}

/* ------------------------------------------------------------------- what was found */

struct work {
	struct mh_match *match;
	struct mh_scan *scan;
	const struct mh_layers *layers;
	bool layered; /* there is more than one */
};

/* stands_between - whether a thing of this kind stands between two indexes, these not counted */
static bool
stands_between(const struct mh_scan *scan, int kind, int after, int before)
{
	for (uint32_t i = 0; i < scan->entity_count; i++) {
		const struct mh_entity *entity = &scan->entities[i];
		if (entity->index <= after || entity->index >= before)
			continue;
		if (entity->kind == kind || (kind == MH_ENTITY_LIST && entity->owner.list != 0))
			return true;
	}
	return false;
}

/* A place of a pattern's first segments, up to one that was just found. */
struct reached {
	uint32_t begin, end;
	uint16_t first, last;
};

/* has_neighbours - whether what must stand before and behind a pattern is there */
static bool
has_neighbours(const struct mh_scan *scan, const struct mh_pattern *pattern, const struct reached *at)
{
	int before = MH_PATTERN_BEFORE(pattern->around), after = MH_PATTERN_BEHIND(pattern->around);
	return (before == 0 || stands_between(scan, before, at->first - MH_GAP_WORDS - 2, at->first)) &&
	    (after == 0 || stands_between(scan, after, at->last, at->last + MH_GAP_WORDS + 2));
}

#define PLACES_MAX 16 /* of one phrase that are tried */

/* may_stand - whether all segments of a pattern are somewhere: the cheap test */
static inline bool
may_stand(const struct mh_scan *scan, const struct mh_ruleset *set, size_t layer,
    const struct mh_pattern *pattern)
{
	for (uint32_t k = 0; k < pattern->segment_count; k++)
		if (!mh_scan_has(scan, layer, set->segments[pattern->segment + k].phrase))
			return false;
	return true;
}

/* find_pattern - where all segments of a pattern, which may stand there, are in their order and distance:
 * the first such place, or false */
static bool
find_pattern(const struct mh_scan *scan, const struct mh_ruleset *set, size_t layer,
    const struct mh_pattern *pattern, struct reached *found)
{
	struct reached ways[2][PLACES_MAX];
	uint32_t count = 0, now = 0;
	const struct mh_segment *segments = &set->segments[pattern->segment];
	for (uint32_t k = 0; k < pattern->segment_count; k++, now ^= 1) {
		struct mh_place_seen places[PLACES_MAX];
		unsigned gap = segments[k].shape & MH_SEGMENT_GAP;
		int after = -1, before = INT_MAX;
		for (uint32_t i = 0; i < count; i++) { /* within reach of some way so far */
			int last = ways[now ^ 1][i].last;
			after = i == 0 || last < after ? last : after;
			before = i == 0 || last > before ? last : before;
		}
		before = count > 0 && gap == 1 ? before + MH_GAP_WORDS + 2 : INT_MAX;
		uint32_t reached = 0,
			 place_count =
			     mh_scan_places(scan, layer, &segments[k], after, before, places, PLACES_MAX);
		int entity = segments[k].shape >> MH_SEGMENT_ENTITY;
		for (uint32_t n = 0; n < place_count; n++) {
			const struct mh_place_seen *place = &places[n];
			if (k == 0) {
				ways[0][reached++] =
				    (struct reached){ place->begin, place->end, place->first, place->last };
				continue;
			}
			for (uint32_t i = 0; i < count; i++) {
				const struct reached *way = &ways[now ^ 1][i];
				int between = place->first - way->last - 1;
				if (between < 0 || (gap == 1 && between > MH_GAP_WORDS))
					continue;
				if (entity != MH_ENTITY_NONE &&
				    !stands_between(scan, entity, way->last, place->first))
					continue;
				ways[now][reached++] =
				    (struct reached){ way->begin, place->end, way->first, place->last };
				break;
			}
		}
		if (reached == 0)
			return false;
		count = reached;
	}
	for (uint32_t i = 0; i < count; i++) {
		*found = ways[now ^ 1][i];
		if (has_neighbours(scan, pattern, found))
			return true;
	}
	return false;
}

static void
add_list(struct mh_match *match, uint32_t list, uint32_t begin, uint32_t end)
{
	for (uint32_t i = 0; i < match->list_count; i++)
		if (match->lists[i].list == list)
			return;
	if (match->list_count == MH_MATCH_LISTS)
		return;
	match->lists[match->list_count].list = (uint16_t)list;
	match->lists[match->list_count].begin = begin;
	match->lists[match->list_count++].end = end;
}

/* take_mark - a mark of a provider or a list was found */
static void
take_mark(struct work *work, size_t layer, const struct mh_pattern *pattern, const struct reached *hit)
{
	struct mh_match *match = work->match;
	const struct mh_ruleset *set = work->layers->set[layer];
	int clause = pattern->clause & 15;
	if (clause == MH_CLAUSE_PROVIDER) {
		if (match->provider < 0)
			match->provider = (int)(set->provider_base + pattern->owner);
		return;
	}
	if (clause == MH_CLAUSE_LIST)
		add_list(match, set->list_base + pattern->owner, hit->begin, hit->end);
}

/* find_other - the other half of a pattern of two segments, the one of which was found; widens the hit */
static bool
find_other(const struct mh_scan *scan, size_t layer, const struct mh_segment *segments, bool second,
    struct reached *hit)
{
	int reach = (segments[1].shape & MH_SEGMENT_GAP) == 1 ? MH_GAP_WORDS + 1 : INT16_MAX;
	struct mh_place_seen other;
	if (!second &&
	    mh_scan_places(scan, layer, &segments[1], hit->last, hit->last + reach + 1, &other, 1) > 0) {
		hit->end = other.end;
		hit->last = other.last;
		return true;
	}
	if (!second && segments[0].phrase != segments[1].phrase)
		return false;
	int after = hit->first - reach - 1;
	/* what comes before may be as long as a phrase can be: only its end must be near */
	while (mh_scan_places(scan, layer, &segments[0], after - MH_PHRASE_MAX, hit->first, &other, 1) > 0) {
		if (hit->first - other.last <= reach) {
			hit->begin = other.begin;
			hit->first = other.first;
			return true;
		}
		after = other.first + MH_PHRASE_MAX;
	}
	return false;
}

/* find_keyed - a pattern whose key was seen: whether the rest of it stands there too */
static bool
find_keyed(const struct work *work, const struct mh_event *event, const struct mh_keyed *row,
    struct reached *hit)
{
	const struct mh_ruleset *set = work->layers->set[event->layer];
	const struct mh_pattern *pattern = &set->patterns[row->pattern & MH_KEYED_PATTERN];
	const struct mh_segment *segments = &set->segments[pattern->segment];
	bool second = (pattern->around & MH_PATTERN_SECOND) != 0,
	     lone = (pattern->around & ~MH_PATTERN_SECOND) == 0;
	*hit = (struct reached){ event->begin, event->end, event->first, event->last };
	if (pattern->segment_count == 1) /* its only phrase is the key, and stands here */
		return lone || has_neighbours(work->scan, pattern, hit);
	if (lone && pattern->segment_count == 2 && segments[1].shape >> MH_SEGMENT_ENTITY == 0)
		return mh_scan_has(work->scan, event->layer, segments[!second].phrase) &&
		    find_other(work->scan, event->layer, segments, second, hit);
	return may_stand(work->scan, set, event->layer, pattern) &&
	    find_pattern(work->scan, set, event->layer, pattern, hit);
}

/* drop_umbrellas - "Spamhaus" is not told beside "Spamhaus XBL", whose zone is under its own */
static void
drop_umbrellas(struct work *work)
{
	struct mh_match *match = work->match;
	uint32_t kept = 0;
	for (uint32_t i = 0; i < match->list_count; i++) {
		const struct mh_list *list, *other;
		const struct mh_ruleset *set = mh_layers_list(work->layers, match->lists[i].list, &list);
		bool umbrella = false;
		for (uint32_t k = 0; set != NULL && k < match->list_count && !umbrella; k++) {
			const struct mh_ruleset *other_set =
			    mh_layers_list(work->layers, match->lists[k].list, &other);
			if (k == i || other_set == NULL)
				continue;
			for (uint32_t a = 0; a < list->zone_count && !umbrella; a++)
				for (uint32_t z = 0; z < other->zone_count && !umbrella; z++) {
					struct mh_str high =
					    mh_str_z(mh_pool(set, set->zones[list->zone + a]));
					struct mh_str low =
					    mh_str_z(mh_pool(other_set, other_set->zones[other->zone + z]));
					umbrella = low.len > high.len + 1 && mh_str_iends(low, high) &&
					    low.p[low.len - high.len - 1] == '.';
				}
		}
		if (!umbrella)
			match->lists[kept++] = match->lists[i];
	}
	match->list_count = kept;
}

/* take_hosts - providers and lists by the names of hosts and URLs */
static void
take_hosts(struct work *work)
{
	struct mh_match *match = work->match;
	for (uint32_t i = 0; i < work->scan->entity_count; i++) {
		const struct mh_entity *entity = &work->scan->entities[i];
		if (entity->owner.list != 0)
			add_list(match, (uint32_t)entity->owner.list - 1, entity->begin, entity->end);
		if (entity->owner.provider != 0 && match->provider < 0)
			match->provider = entity->owner.provider - 1;
	}
}

/* ----------------------------------------------------------------------- candidates */

/* clauses_stand - every and line of a rule has one of its patterns, and no not line has any */
static bool
clauses_stand(const struct work *work, size_t layer, const struct mh_rule *rule)
{
	const struct mh_ruleset *set = work->layers->set[layer];
	unsigned groups = 0, all = (1u << rule->and_groups) - 1;
	struct reached hit;
	for (uint32_t i = rule->patterns; i < (uint32_t)rule->patterns + rule->pattern_count; i++) {
		const struct mh_pattern *pattern = &set->patterns[i];
		int clause = pattern->clause & 15;
		unsigned group = 1u << (pattern->clause >> 4);
		if (clause == MH_CLAUSE_TEXT || (clause == MH_CLAUSE_AND && (groups & group) != 0) ||
		    !may_stand(work->scan, set, layer, pattern) ||
		    !find_pattern(work->scan, set, layer, pattern, &hit))
			continue;
		if (clause == MH_CLAUSE_NOT)
			return false;
		groups |= group;
	}
	return groups == all;
}

static bool
is_better(const struct mh_candidate *x, const struct mh_candidate *y)
{
	return x->score != y->score ? x->score > y->score : x->tie > y->tie;
}

/* is_wanted - whether add_candidate would keep it */
static bool
is_wanted(const struct mh_match *match, const struct mh_candidate *candidate)
{
	for (uint32_t i = 0; i < match->count; i++)
		if (match->best[i].reason == candidate->reason)
			return is_better(candidate, &match->best[i]);
	return match->count < MH_MATCH_REASONS || is_better(candidate, &match->best[match->count - 1]);
}

/* add_candidate - keeps the best candidate of each reason, in order */
static void
add_candidate(struct mh_match *match, const struct mh_candidate *candidate)
{
	uint32_t at = match->count;
	for (uint32_t i = 0; i < match->count; i++) {
		if (match->best[i].reason != candidate->reason)
			continue;
		if (!is_better(candidate, &match->best[i]))
			return;
		at = i;
		break;
	}
	if (at == match->count) {
		if (match->count < MH_MATCH_REASONS)
			match->count++;
		else if (!is_better(candidate, &match->best[--at]))
			return;
	}
	for (; at > 0 && is_better(candidate, &match->best[at - 1]); at--)
		match->best[at] = match->best[at - 1];
	match->best[at] = *candidate;
}

/* status_fits - written without branches: which of it holds is anybody's guess */
static inline bool
status_fits(const struct mh_status_range *range, struct mh_status status)
{
	bool class = (range->class == 0) | (range->class == status.class);
	bool subject = (range->subject == 0xffff) | (range->subject == status.subject);
	bool detail =
	    (range->low == 0xffff) | ((status.detail >= range->low) & (status.detail <= range->high));
	return class & subject & detail;
}

/* conditions - 1 all hold, 2 and the status is one that the rule names, 0 otherwise */
static inline int
conditions(const struct work *work, const struct mh_ruleset *set, const struct mh_rule *rule)
{
	const struct mh_match *match = work->match;
	int result = 1;
	if (rule->code_count > 0 && match->code != 0) {
		bool fits = false;
		for (uint32_t i = rule->codes, end = i + rule->code_count; i < end; i++)
			fits |= (set->codes[i] == match->code) | (set->codes[i] == match->code / 100);
		if (!fits)
			return 0;
	}
	if (rule->status_count > 0) {
		if (match->status.class != 0) {
			bool fits = false;
			for (uint32_t i = rule->statuses, end = i + rule->status_count; i < end; i++)
				fits |= status_fits(&set->statuses[i], match->status);
			if (!fits)
				return 0;
			result = 2;
		} else if ((rule->flags & MH_RULE_TEXT) == 0) {
			return 0;
		}
	}
	if (rule->phases != 0 && match->phase != MH_PHASE_NONE && (rule->phases & 1u << match->phase) == 0)
		return 0;
	if (rule->only != 0 && match->provider != rule->only - 1)
		return 0;
	return result;
}

static bool
is_disabled(const struct work *work, size_t layer, uint32_t rule)
{
	uint32_t number = work->layers->set[layer]->rule_base + rule;
	for (size_t i = layer + 1; i < work->layers->count; i++)
		if (work->layers->set[i]->disabled != NULL && work->layers->set[i]->disabled[number] != 0)
			return true;
	return false;
}

/* clauses_hold - the same as clauses_stand, asked once a reply; a rule that a layer above disables never holds */
static bool
clauses_hold(struct work *work, size_t layer, uint32_t number)
{
	const struct mh_rule *rule = &work->layers->set[layer]->rules[number];
	struct mh_rule_state *state = &work->match->states[layer][number];
	if (state->epoch != work->match->epoch)
		*state = (struct mh_rule_state){ work->match->epoch,
			!is_disabled(work, layer, number) &&
			    ((rule->flags & MH_RULE_CLAUSES) == 0 || clauses_stand(work, layer, rule)) };
	return state->holds;
}

/* weigh - a rule as a candidate, its conditions asked and its clauses not; false if they do not hold */
static bool
weigh(const struct work *work, size_t layer, uint32_t number, int32_t weight, struct mh_candidate *candidate)
{
	const struct mh_ruleset *set = work->layers->set[layer];
	const struct mh_rule *rule = &set->rules[number];
	int fit = conditions(work, set, rule);
	if (fit == 0)
		return false;
	int32_t rank = rule->rank;
	weight += mh_rule_bonus(rule, fit == 2);
	if (rule->provider != 0 && work->match->provider == rule->provider - 1)
		weight += MH_BONUS_PROVIDER;
	else if (rule->provider != 0 && work->match->provider >= 0)
		rank = rank > 15 ? rank - 15 : 1;
	else if (rule->provider != 0 && rank < VENDOR_RANK)
		weight -= 40; /* nobody said that it is this provider: a rule for all comes first */
	*candidate = (struct mh_candidate){
		.score = mh_score(layer, rank, weight),
		.reason = rule->reason,
		.rule = (uint16_t)number,
		.by = MH_BY_RULE,
		.layer = (uint8_t)layer,
		.rank = (uint8_t)rank,
		.tie = UINT64_MAX,
	};
	return true;
}

/* look_at - one of the patterns that wait; all: also if it cannot win */
static void
look_at(struct work *work, const struct mh_event *event, const struct mh_keyed *row, bool all)
{
	struct mh_match *match = work->match;
	const struct mh_ruleset *set = work->layers->set[event->layer];
	uint32_t number = row->pattern & MH_KEYED_PATTERN;
	const struct mh_pattern *pattern = &set->patterns[number];
	struct mh_candidate candidate;
	struct reached hit;
	if (!find_keyed(work, event, row, &hit))
		return;
	if (row->promise == MH_PROMISE_MARK) {
		take_mark(work, event->layer, pattern, &hit);
		return;
	}
	if (!weigh(work, event->layer, pattern->owner, pattern->weight, &candidate))
		return;
	candidate.begin = hit.begin;
	candidate.end = hit.end;
	candidate.tie = (uint64_t)set->rules[pattern->owner].rank << 40 | (uint64_t)pattern->weight << 32 |
	    (uint64_t)(0xffff - (event - work->scan->events)) << 16 | (0xffff - number);
	bool wins = match->count == 0 || is_better(&candidate, &match->best[0]);
	if ((wins || (all && is_wanted(match, &candidate))) &&
	    clauses_hold(work, event->layer, pattern->owner))
		add_candidate(match, &candidate);
}

/* How patterns are looked at: not at all, for the winner alone, or for the others too. */
enum look { PASS_BY, WINNER, ALL };

/* look_through - the patterns of a key that waits, while they promise as much as the first one */
static inline void
look_through(struct work *work, uint32_t at, enum look look)
{
	struct mh_scan *scan = work->scan;
	uint32_t what = scan->keys[at];
	int32_t promise = scan->key_promises[at], next = MH_PROMISE_NOTHING;
	const struct mh_event *event = &scan->events[what >> 16];
	uint32_t layer = work->layered ? event->layer : 0; /* the event itself is seldom looked at */
	const struct mh_keyed *row = &work->layers->set[layer]->keyed[what & 0xffff];
	for (;; row++, what++) {
		if (mh_scan_has(scan, layer, row->need)) {
			next = row->promise;
			if (next < promise)
				break;
			if (look != PASS_BY)
				look_at(work, event, row, look == ALL);
		}
		next = MH_PROMISE_NOTHING;
		if ((row->pattern & MH_KEYED_LAST) != 0)
			break;
	}
	mh_vec_put16(scan->key_promises, at, (int16_t)next);
	scan->keys[at] = what;
}

/* take_marks - those of providers and lists, in the order of the text */
static void
take_marks(struct work *work, enum look look)
{
	const int16_t *promises = work->scan->key_promises;
	uint32_t count = work->scan->key_count;
	if (count == 0 || promises[mh_vec_most(promises, count)] != MH_PROMISE_MARK)
		return;
	for (uint32_t i = 0; i < count; i++)
		if (promises[i] == MH_PROMISE_MARK)
			look_through(work, i, look);
}

/* settle - looks at the rules' patterns that wait, the most promising first */
static void
settle(struct work *work, enum look look)
{
	struct mh_match *match = work->match;
	const int16_t *promises = work->scan->key_promises;
	while (work->scan->key_count > 0) {
		uint32_t top = mh_vec_most(promises, work->scan->key_count);
		if (promises[top] == MH_PROMISE_NOTHING ||
		    (look == WINNER && match->count > 0 &&
			promises[top] < mh_promise(match->best[0].score, false)))
			return;
		look_through(work, top, look);
	}
}

static void
try_bare(struct work *work, size_t layer, uint32_t number)
{
	struct mh_candidate candidate;
	if (weigh(work, layer, number, 0, &candidate) && is_wanted(work->match, &candidate) &&
	    clauses_hold(work, layer, number))
		add_candidate(work->match, &candidate);
}

/* try_bare_rules - rules without text, by the status */
static void
try_bare_rules(struct work *work)
{
	for (size_t layer = 0; layer < work->layers->count; layer++) {
		const struct mh_ruleset *set = work->layers->set[layer];
		uint32_t low = 0, high = set->bare_exact, i;
		uint32_t key = (uint32_t)work->match->status.subject << 16 | work->match->status.detail;
		while (low < high) {
			uint32_t middle = low + (high - low) / 2;
			if (((uint32_t)set->bare[middle].subject << 16 | set->bare[middle].low) < key)
				low = middle + 1;
			else
				high = middle;
		}
		for (i = low; i < set->bare_exact && set->bare[i].subject == work->match->status.subject &&
		     set->bare[i].low == work->match->status.detail;
		     i++)
			try_bare(work, layer, set->bare[i].rule);
		for (i = set->bare_exact; i < set->bare_count; i++) {
			const struct mh_bare *bare = &set->bare[i];
			if (status_fits(&(struct mh_status_range){ 0, bare->subject, bare->low, bare->high },
				work->match->status))
				try_bare(work, layer, bare->rule);
		}
	}
}

static void
try_status(struct work *work)
{
	const struct mh_status_row *row = mh_ruleset_status(work->layers->set[0], work->match->status.class,
	    work->match->status.subject, work->match->status.detail);
	if (row == NULL || row->reason == MH_NO_REASON)
		return;
	add_candidate(work->match,
	    &(struct mh_candidate){ .score = row->weight * 1024,
		.reason = row->reason,
		.by = MH_BY_STATUS,
		.rank = row->weight,
		.tie = UINT64_MAX });
}

static void
try_code(struct work *work, int number)
{
	if (number >= 0)
		add_candidate(work->match,
		    &(struct mh_candidate){ .score = CODE_RANK * 1024,
			.reason = (uint16_t)number,
			.by = MH_BY_CODE,
			.rank = CODE_RANK,
			.tie = UINT64_MAX });
}

/* judge_confidence - how often a decision of this kind is right, less where others come near.
 * The figures are those that tests/score measures for each rank. */
static void
judge_confidence(struct mh_match *match)
{
	const struct mh_candidate *best = &match->best[0];
	static const struct {
		int rank, sure;
	} steps[] = { { 85, 980 }, { 45, 930 }, { 28, 750 }, { 20, 500 }, { 12, 450 }, { 0, 400 } };
	int sure = 0;
	for (size_t i = 0; i < MH_COUNT(steps) && sure == 0; i++)
		if (best->rank >= steps[i].rank)
			sure = steps[i].sure;
	if (match->count > 1) {
		int32_t margin = best->score - match->best[1].score;
		if (margin < 1024)
			sure -= 120 - (int)(margin * 60 / 1024);
		else if (margin < 16 * 1024)
			sure -= 30;
	}
	match->confidence = sure;
}

void
mh_match_run(struct mh_match *match, struct mh_scan *scan, int code, struct mh_status status,
    const struct mh_given *given)
{
	struct work work = { match, scan, scan->layers, scan->layers->count > 1 };
	match->count = match->list_count = 0;
	match->provider = match->provider_before = given->provider;
	match->code = code;
	match->status = status;
	match->phase = given->phase;
	match->confidence = 0;
	if (++match->epoch == 0) {
		for (size_t i = 0; i < MH_LAYERS_MAX; i++)
			if (match->states[i] != NULL)
				memset(match->states[i], 0,
				    match->state_count[i] * sizeof(struct mh_rule_state));
		match->epoch = 1;
	}
	bool accepted = code / 100 == 2 || code / 100 == 3;
	take_marks(&work, ALL);
	take_hosts(&work);
	match->provider_before = match->provider;
	if (match->list_count > 1)
		drop_umbrellas(&work);
	if (accepted) {
		/* RFC 5321 4.2.1: the first digit alone says that the command was accepted */
		match->count = 0;
		try_code(&work, match->accepted);
		return;
	}
	if (status.class != 0) {
		try_bare_rules(&work);
		try_status(&work);
	}
	if (code >= 400 && code < 400 + MH_MATCH_CODES)
		try_code(&work, match->code_reasons[code - 400]);
	settle(&work, WINNER);
	const struct mh_candidate *best = &match->best[0];
	if (match->count > 0 && best->by == MH_BY_RULE && match->provider < 0) {
		const struct mh_rule *rule = &scan->layers->set[best->layer]->rules[best->rule];
		if (rule->provider != 0 && best->rank >= VENDOR_RANK)
			match->provider = rule->provider - 1;
	}
}

void
mh_match_others(struct mh_match *match, struct mh_scan *scan)
{
	struct work work = { match, scan, scan->layers, scan->layers->count > 1 };
	int provider = match->provider;
	if (match->count == 0 || match->confidence > 0)
		return;
	/* all of them anew: what was seen to lose was not kept */
	match->provider = match->provider_before;
	if (match->code / 100 != 2 && match->code / 100 != 3) {
		mh_scan_keys(scan);
		take_marks(&work, PASS_BY); /* they are known */
		settle(&work, ALL);
	}
	match->provider = provider;
	if (match->code / 100 == 2 || match->code / 100 == 3)
		match->confidence = 990;
	else
		judge_confidence(match);
}
