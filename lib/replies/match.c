/* match.c - which rule a scanned reply belongs to
 *
 * All rules whose conditions hold are candidates, and so are the status
 * registry and a small table of reply codes, which decide only where no words
 * do: a bare code names the right cause in less than a third of all replies.
 * The order is layer, rank, specificity, place in the files; it is the
 * documented order of mailhealth-rules(5).
 */
#include "match.h"

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

_Static_assert(MH_COUNT(code_reasons) == MH_MATCH_CODES, "as many as match.h says");

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
	match->count = match->waiting_count = 0; /* they pointed into other layers */
	match->accepted = mh_layers_find_reason(layers, MH_STR("accepted"));
	for (size_t i = 0; i < MH_COUNT(code_reasons); i++)
		match->code_reasons[i] = mh_layers_find_reason(layers, mh_str_z(code_reasons[i].reason));
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
	const struct mh_scan *scan;
	const struct mh_layers *layers;
	uint32_t late; /* the first event with a rule for which there was no room, event_count: none */
	bool has_marks; /* the provider is as known as marks and names make it */
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
	int before = pattern->around & 15, after = pattern->around >> 4;
	return (before == 0 || stands_between(scan, before, at->first - MH_GAP_WORDS - 2, at->first)) &&
	    (after == 0 || stands_between(scan, after, at->last, at->last + MH_GAP_WORDS + 2));
}

#define PLACES_MAX 16 /* of one phrase that are tried */

/* find_pattern - where all segments of a pattern stand in their order and distance: the first such
 * place, or false.  seen tells for its key only that it is worth looking. */
static bool
find_pattern(const struct mh_scan *scan, const struct mh_ruleset *set, size_t layer,
    const struct mh_pattern *pattern, struct reached *found)
{
	struct reached ways[2][PLACES_MAX];
	uint32_t count = 0, now = 0;
	const struct mh_segment *segments = &set->segments[pattern->segment];
	for (uint32_t k = 0; k < pattern->segment_count; k++) /* the cheap test first */
		if (!mh_scan_has(scan, layer, &segments[k]))
			return false;
	for (uint32_t k = 0; k < pattern->segment_count; k++, now ^= 1) {
		struct mh_place_seen places[PLACES_MAX];
		uint32_t reached = 0,
			 place_count = mh_scan_places(scan, layer, &segments[k], places, PLACES_MAX);
		unsigned gap = segments[k].shape & MH_SEGMENT_GAP;
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
find_other(const struct mh_scan *scan, const struct mh_ruleset *set, size_t layer,
    const struct mh_pattern *pattern, uint32_t key, struct reached *hit)
{
	const struct mh_segment *segments = &set->segments[pattern->segment];
	int reach = (segments[1].shape & MH_SEGMENT_GAP) == 1 ? MH_GAP_WORDS + 1 : INT16_MAX;
	struct mh_place_seen other;
	if (!mh_scan_has(scan, layer, &segments[segments[0].phrase == key]))
		return false;
	if (segments[0].phrase == key &&
	    mh_scan_near(scan, layer, &segments[1], hit->last, hit->last + reach + 1, &other)) {
		hit->end = other.end;
		hit->last = other.last;
		return true;
	}
	int after = hit->first - reach - 1;
	/* what comes before may be as long as a phrase can be: only its end must be near */
	while (segments[1].phrase == key &&
	    mh_scan_near(scan, layer, &segments[0], after - MH_PHRASE_MAX, hit->first, &other)) {
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
find_keyed(const struct work *work, const struct mh_pattern *pattern, const struct mh_event *event,
    uint32_t key, struct reached *hit)
{
	const struct mh_ruleset *set = work->layers->set[event->layer];
	*hit = (struct reached){ event->begin, event->end, event->first, event->last };
	if (pattern->segment_count == 1) /* its only phrase is the key, and stands here */
		return pattern->around == 0 || has_neighbours(work->scan, pattern, hit);
	if (pattern->around == 0 && pattern->segment_count == 2 &&
	    set->segments[pattern->segment + 1].shape >> MH_SEGMENT_ENTITY == 0)
		return find_other(work->scan, set, event->layer, pattern, key, hit);
	return find_pattern(work->scan, set, event->layer, pattern, hit);
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

/* clauses_hold - every and line of a rule has one of its patterns, and no not line has any */
static bool
clauses_hold(const struct work *work, size_t layer, const struct mh_rule *rule)
{
	const struct mh_ruleset *set = work->layers->set[layer];
	unsigned groups = 0, all = (1u << rule->and_groups) - 1;
	struct reached hit;
	for (uint32_t i = rule->patterns; i < (uint32_t)rule->patterns + rule->pattern_count; i++) {
		const struct mh_pattern *pattern = &set->patterns[i];
		int clause = pattern->clause & 15;
		unsigned group = 1u << (pattern->clause >> 4);
		if (clause == MH_CLAUSE_NOT && find_pattern(work->scan, set, layer, pattern, &hit))
			return false;
		if (clause == MH_CLAUSE_AND && (groups & group) == 0 &&
		    find_pattern(work->scan, set, layer, pattern, &hit))
			groups |= group;
	}
	return groups == all;
}

/* is_wanted - whether add_candidate would keep it */
static bool
is_wanted(const struct mh_match *match, const struct mh_candidate *candidate)
{
	for (uint32_t i = 0; i < match->count; i++)
		if (match->best[i].reason == candidate->reason)
			return match->best[i].score < candidate->score;
	return match->count < MH_MATCH_REASONS || match->best[match->count - 1].score < candidate->score;
}

/* add_candidate - keeps the best candidate of each reason, in order */
static void
add_candidate(struct mh_match *match, const struct mh_candidate *candidate)
{
	uint32_t at = match->count;
	for (uint32_t i = 0; i < match->count; i++) {
		if (match->best[i].reason != candidate->reason)
			continue;
		if (match->best[i].score >= candidate->score)
			return;
		at = i;
		break;
	}
	if (at == match->count) {
		if (match->count < MH_MATCH_REASONS)
			match->count++;
		else if (match->best[--at].score >= candidate->score)
			return;
	}
	for (; at > 0 && match->best[at - 1].score < candidate->score; at--)
		match->best[at] = match->best[at - 1];
	match->best[at] = *candidate;
}

static bool
status_fits(const struct mh_status_range *range, struct mh_status status)
{
	return (range->class == 0 || range->class == status.class) &&
	    (range->subject == 0xffff || range->subject == status.subject) &&
	    (range->low == 0xffff || (status.detail >= range->low && status.detail <= range->high));
}

/* conditions - 1 all hold, 2 and the status is one that the rule names, 0 otherwise */
static int
conditions(const struct work *work, const struct mh_ruleset *set, const struct mh_rule *rule)
{
	if (rule->code_count > 0 && work->match->code != 0) {
		bool fits = false;
		for (uint32_t i = 0; i < rule->code_count; i++) {
			int code = set->codes[rule->codes + i];
			fits |= code < 10 ? work->match->code / 100 == code : work->match->code == code;
		}
		if (!fits)
			return 0;
	}
	int result = 1;
	if (rule->status_count > 0) {
		if (work->match->status.class != 0) {
			bool fits = false;
			for (uint32_t i = 0; i < rule->status_count && !fits; i++)
				fits = status_fits(&set->statuses[rule->statuses + i], work->match->status);
			if (!fits)
				return 0;
			result = 2;
		} else if ((rule->flags & MH_RULE_TEXT) == 0) {
			return 0;
		}
	}
	if (rule->phases != 0 && work->match->phase != MH_PHASE_NONE &&
	    (rule->phases & 1u << work->match->phase) == 0)
		return 0;
	if (rule->only != 0 && work->match->provider != rule->only - 1)
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

/* What conditions that hold may add to a rule's score. */
#define BONUS_MAX (24 + 8 + 16 + MH_PATTERN_AND_MAX * 8 + 32)

/* score_of - without what conditions add */
static int32_t
score_of(size_t layer, int32_t rank, int32_t weight)
{
	return (int32_t)layer * (1 << 20) + rank * 1024 + 64 + weight;
}

/* rule_holds - conditions and clauses of a rule, asked once a reply: 0 no, else as conditions says */
static int
rule_holds(struct work *work, size_t layer, uint32_t number)
{
	const struct mh_ruleset *set = work->layers->set[layer];
	const struct mh_rule *rule = &set->rules[number];
	struct mh_rule_state *state = &work->match->states[layer][number];
	if (state->epoch == work->match->epoch)
		return state->holds;
	int fit = conditions(work, set, rule);
	if (fit != 0 &&
	    (is_disabled(work, layer, number) ||
		(rule->pattern_count > 0 && !clauses_hold(work, layer, rule))))
		fit = 0;
	*state = (struct mh_rule_state){ work->match->epoch, (uint8_t)fit };
	return fit;
}

/* try_rule - a rule as a candidate; weight, begin and end are those of its text, 0 without */
static void
try_rule(struct work *work, size_t layer, uint32_t number, int32_t weight, uint32_t begin, uint32_t end)
{
	const struct mh_rule *rule = &work->layers->set[layer]->rules[number];
	int fit = rule_holds(work, layer, number);
	if (fit == 0)
		return;
	int32_t rank = rule->rank;
	weight += (fit == 2 ? 24 : 0) + (rule->code_count > 0 ? 8 : 0) + (rule->only != 0 ? 16 : 0) +
	    rule->and_groups * 8;
	if (rule->provider != 0 && work->match->provider == rule->provider - 1)
		weight += 32;
	else if (rule->provider != 0 && work->match->provider >= 0)
		rank = rank > 15 ? rank - 15 : 1;
	else if (rule->provider != 0 && rank < VENDOR_RANK)
		weight -= 40; /* nobody said that it is this provider: a rule for all comes first */
	add_candidate(work->match,
	    &(struct mh_candidate){
		.score = score_of(layer, rank, weight),
		.reason = rule->reason,
		.rule = (uint16_t)number,
		.by = MH_BY_RULE,
		.layer = (uint8_t)layer,
		.rank = (uint8_t)rank,
		.begin = begin,
		.end = end,
	    });
}

/* look_at - one of the patterns that wait, unless it can change nothing any more */
static void
look_at(struct work *work, const struct mh_waiting *waiting)
{
	const struct mh_event *event = &work->scan->events[waiting->event];
	const struct mh_pattern *pattern = waiting->pattern;
	const struct mh_rule *rule = &work->layers->set[event->layer]->rules[pattern->owner];
	struct mh_candidate at_most = { .score = waiting->bound, .reason = rule->reason };
	struct reached hit;
	if (is_wanted(work->match, &at_most) && find_keyed(work, pattern, event, waiting->key, &hit))
		try_rule(work, event->layer, pattern->owner, pattern->weight, hit.begin, hit.end);
}

/* settle - looks at what waits, the most promising first; all: also at what can no longer win */
static void
settle(struct work *work, bool all)
{
	struct mh_match *match = work->match;
	while (match->waiting_count > 0) {
		uint32_t top = 0;
		for (uint32_t i = 1; i < match->waiting_count; i++) {
			const struct mh_waiting *x = &match->waiting[i], *y = &match->waiting[top];
			/* equal ones in the order of the text, then of the files */
			if (x->bound > y->bound ||
			    (x->bound == y->bound &&
				(x->event < y->event || (x->event == y->event && x->pattern < y->pattern))))
				top = i;
		}
		struct mh_waiting next = match->waiting[top];
		if (!all && match->count > 0 && next.bound < match->best[0].score)
			return;
		match->waiting[top] = match->waiting[--match->waiting_count];
		look_at(work, &next);
	}
}

/* take_key - the patterns of one key: marks are looked at, rules wait */
static void
take_key(struct work *work, uint32_t number, uint32_t key)
{
	struct mh_match *match = work->match;
	const struct mh_scan *scan = work->scan;
	const struct mh_event *event = &scan->events[number];
	const struct mh_ruleset *set = work->layers->set[event->layer];
	for (uint32_t k = set->keyed_at[key]; k < set->keyed_at[key + 1]; k++) {
		uint32_t need = set->keyed[k].need, bit = need & ~(unsigned)MH_NEED_PHRASE;
		const uint64_t *bits =
		    (need & MH_NEED_PHRASE) != 0 ? scan->phrases[event->layer] : scan->classes[event->layer];
		if (need != 0 && (bits[bit / 64] >> bit % 64 & 1) == 0)
			continue;
		const struct mh_pattern *pattern = &set->patterns[set->keyed[k].pattern];
		struct reached hit;
		if ((pattern->clause & 15) != MH_CLAUSE_TEXT) {
			if (find_keyed(work, pattern, event, key, &hit))
				take_mark(work, event->layer, pattern, &hit);
			continue;
		}
		if (match->waiting_count == MH_MATCH_WAITING) {
			if (!work->has_marks) {
				work->late = number < work->late ? number : work->late;
				continue;
			}
			settle(work, true); /* a reply with this much in it loses nothing but time */
		}
		int32_t rank = set->rules[pattern->owner].rank;
		match->waiting[match->waiting_count++] =
		    (struct mh_waiting){ pattern, score_of(event->layer, rank, pattern->weight + BONUS_MAX),
			    (uint16_t)number, (uint16_t)key };
	}
}

/* take_keys - looks at the patterns whose keys were seen, from an event on */
static void
take_keys(struct work *work, uint32_t from)
{
	for (uint32_t i = from; i < work->scan->event_count; i++) {
		const struct mh_event *event = &work->scan->events[i];
		const uint16_t *accept = &work->layers->set[event->layer]->accepts[event->accepts];
		for (bool more = true; more && (*accept & MH_ACCEPT_KEY) != 0; accept++) {
			more = (*accept & MH_ACCEPT_LAST) == 0;
			take_key(work, i, *accept & MH_ACCEPT_PHRASE);
		}
	}
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
			try_rule(work, layer, set->bare[i].rule, 0, 0, 0);
		for (i = set->bare_exact; i < set->bare_count; i++)
			try_rule(work, layer, set->bare[i].rule, 0, 0, 0);
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
		.rank = row->weight });
}

static void
try_code(struct work *work, int number)
{
	if (number >= 0)
		add_candidate(work->match,
		    &(struct mh_candidate){ .score = CODE_RANK * 1024,
			.reason = (uint16_t)number,
			.by = MH_BY_CODE,
			.rank = CODE_RANK });
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
mh_match_run(struct mh_match *match, const struct mh_scan *scan, int code, struct mh_status status,
    const struct mh_given *given)
{
	struct work work = { match, scan, scan->layers, scan->event_count, false };
	match->count = match->list_count = match->waiting_count = 0;
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
	take_keys(&work, 0);
	take_hosts(&work);
	match->provider_before = match->provider;
	work.has_marks = true;
	take_keys(&work, work.late);
	if (match->list_count > 1)
		drop_umbrellas(&work);
	if (accepted) {
		/* RFC 5321 4.2.1: the first digit alone says that the command was accepted */
		match->count = match->waiting_count = 0;
		try_code(&work, match->accepted);
		return;
	}
	if (status.class != 0) {
		try_bare_rules(&work);
		try_status(&work);
	}
	for (size_t i = 0; i < MH_COUNT(code_reasons); i++)
		if (code_reasons[i].code == code)
			try_code(&work, match->code_reasons[i]);
	settle(&work, false);
	const struct mh_candidate *best = &match->best[0];
	if (match->count > 0 && best->by == MH_BY_RULE && match->provider < 0) {
		const struct mh_rule *rule = &scan->layers->set[best->layer]->rules[best->rule];
		if (rule->provider != 0 && best->rank >= VENDOR_RANK)
			match->provider = rule->provider - 1;
	}
}

void
mh_match_others(struct mh_match *match, const struct mh_scan *scan)
{
	struct work work = { match, scan, scan->layers, scan->event_count, true };
	int provider = match->provider;
	if (match->count == 0 || match->confidence > 0)
		return;
	match->provider = match->provider_before;
	settle(&work, true);
	match->provider = provider;
	if (match->code / 100 == 2 || match->code / 100 == 3)
		match->confidence = 990;
	else
		judge_confidence(match);
}
