/* digest_view.c - what a digest shows: lists in order, and samples understood anew
 *
 * Worst first.  What touches all mail of this server (its address, its domain,
 * its connections) weighs four times what touches one recipient; what was lost
 * weighs twice what is tried again.
 */
#include "digest_own.h"

#include "error.h"
#include "find.h"
#include "json.h"
#include "port.h"

const char *
digest_reason(const struct mh_digest *digest, uint32_t reason)
{
	const struct mh_ruleset *lowest = digest->book->layers.set[0];
	return mh_pool(lowest, lowest->reasons[reason].id);
}

#define WIDE_SCOPES 0x1cu /* sender-ip, sender-domain, connection: see MH_SCOPE_NAMES */

static int64_t
weight(const struct mh_digest *digest, const struct group *group)
{
	const struct mh_ruleset *lowest = digest->book->layers.set[0];
	bool wide = (lowest->reasons[group->reason].scope & WIDE_SCOPES) != 0;
	return group->count * (wide ? 4 : 1) * (group->permanent ? 2 : 1);
}

static int64_t
weight_of(const struct mh_digest *digest, int list, uint32_t i)
{
	switch (list) {
	case MH_D_GROUP:
		return weight(digest, pile_at(&digest->groups, i));
	case MH_D_FORWARDING:
		return ((const struct forwarding *)pile_at(&digest->forwardings, i))->count;
	case MH_D_UNKNOWN:
		return ((const struct unknown *)pile_at(&digest->unknowns, i))->count;
	case MH_D_TLS:
		return ((const struct tls_fault *)pile_at(&digest->faults, i))->count;
	default: /* the most limited first */
		return (int64_t)((const struct receiver *)pile_at(&digest->receivers, i))->limited;
	}
}

/* sift - a heap of places, the lightest on top; of equal weight the later one is lighter */
static bool
is_lighter(const struct mh_digest *digest, int list, uint32_t a, uint32_t b)
{
	int64_t first = weight_of(digest, list, a), second = weight_of(digest, list, b);
	return first != second ? first < second : a > b;
}

static void
sift(const struct mh_digest *digest, int list, uint32_t *heap, size_t count, size_t at)
{
	for (;;) {
		size_t child = at * 2 + 1, least = at;
		for (size_t i = child; i < child + 2 && i < count; i++)
			if (is_lighter(digest, list, heap[i], heap[least]))
				least = i;
		if (least == at)
			return;
		uint32_t other = heap[at];
		heap[at] = heap[least];
		heap[least] = other;
		at = least;
	}
}

/* sort - the heaviest first; in place, and n log n whatever the order */
static void
sort(const struct mh_digest *digest, int list, uint32_t *heap, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(digest, list, heap, count, i);
	for (size_t left = count; left > 1; left--) {
		uint32_t lightest = heap[0];
		heap[0] = heap[left - 1];
		heap[left - 1] = lightest;
		sift(digest, list, heap, left - 1, 0);
	}
}

static bool
make_room(struct mh_digest *digest, int list, uint32_t count)
{
	if (count <= digest->order_room[list])
		return true;
	uint32_t *order = mh_mem_resize(&digest->mem, digest->order[list],
	    digest->order_room[list] * sizeof(uint32_t), count * sizeof(uint32_t));
	if (order == NULL)
		return false;
	digest->order[list] = order;
	digest->order_room[list] = count;
	return true;
}

/* infer - the receivers whose limits can be told, and what they are */
static bool
infer(struct mh_digest *digest)
{
	uint32_t candidates = 0;
	for (uint32_t i = 0; i < digest->receivers.count; i++) {
		const struct receiver *receiver = pile_at(&digest->receivers, i);
		candidates += receiver->limited > 0;
	}
	if (!make_room(digest, MH_D_THROTTLE, candidates))
		return false;
	if (candidates > digest->throttle_room) {
		struct mh_throttle *throttles = mh_mem_resize(&digest->mem, digest->throttles,
		    digest->throttle_room * sizeof(*throttles), candidates * sizeof(*throttles));
		if (throttles == NULL)
			return false;
		digest->throttles = throttles;
		digest->throttle_room = candidates;
	}
	size_t found = 0;
	for (uint32_t i = 0; i < digest->receivers.count; i++) {
		const struct receiver *receiver = pile_at(&digest->receivers, i);
		struct mh_throttle throttle;
		if (receiver->limited == 0)
			continue;
		if (mh_throttle_infer(receiver->series, digest->options.clock.offset_s, &throttle) !=
		    MH_ERR_OK)
			return false;
		if (throttle.accepted > 0)
			digest->order[MH_D_THROTTLE][found++] = i;
	}
	digest->shown[MH_D_THROTTLE] = found;
	sort(digest, MH_D_THROTTLE, digest->order[MH_D_THROTTLE], found);
	for (size_t i = 0; i < found; i++) {
		const struct receiver *receiver =
		    pile_at(&digest->receivers, digest->order[MH_D_THROTTLE][i]);
		if (mh_throttle_infer(receiver->series, digest->options.clock.offset_s,
			&digest->throttles[i]) != MH_ERR_OK)
			return false;
	}
	return true;
}

/* put_in_order - all lists, once after octets came; without memory they are empty */
static void
put_in_order(struct mh_digest *digest)
{
	const struct pile *piles[] = { NULL, &digest->groups, NULL, &digest->forwardings, &digest->unknowns,
		&digest->faults };
	if (digest->sorted)
		return;
	memset(digest->shown, 0, sizeof(digest->shown));
	mh_buf_reset(&digest->json);
	mh_arena_reset(&digest->strings);
	mh_map_free(&digest->string_map);
	digest->string_at.count = 0;
	for (int list = MH_D_GROUP; list < MH_D_LISTS; list++) {
		if (piles[list] == NULL)
			continue;
		if (!make_room(digest, list, piles[list]->count))
			return;
		for (uint32_t i = 0; i < piles[list]->count; i++)
			digest->order[list][i] = i;
		digest->shown[list] = piles[list]->count;
		sort(digest, list, digest->order[list], piles[list]->count);
	}
	digest->sorted = infer(digest);
}

size_t
mh_digest_count(struct mh_digest *digest, int list)
{
	if (list < MH_D_GROUP || list >= MH_D_LISTS)
		return 0;
	put_in_order(digest);
	return digest->shown[list];
}

int64_t
mh_digest_int(struct mh_digest *digest, int field)
{
	if (field < MH_D_LINES || field > MH_D_OCTETS)
		return -1;
	if (field == MH_D_FROM || field == MH_D_TO) {
		int64_t time = field == MH_D_FROM ? digest->from : digest->to;
		return time == MH_TIME_UNKNOWN ? -1 : time;
	}
	return digest->numbers[field];
}

/* ------------------------------------------------------------------------- entries */

/* shown_text - as it prints: it lives until the next call */
static const char *
shown_text(struct mh_digest *digest, const char *text, size_t len)
{
	mh_buf_reset(&digest->text);
	mh_printable_line(&digest->text, mh_str_n(text, len));
	return mh_buf_z(&digest->text);
}

static const char *
shown_z(struct mh_digest *digest, const char *text)
{
	return text != NULL ? shown_text(digest, text, strlen(text)) : "";
}

static const char *
receiver_text(struct mh_digest *digest, uint32_t number, int field)
{
	const struct receiver *receiver = pile_at(&digest->receivers, number);
	const struct mh_provider *row = NULL;
	if (field == MH_S_PROVIDER)
		return receiver->provider >= 0 && receiver->name != NULL ? receiver->name : "";
	if (number == RECEIVER_OWN)
		return "this server itself";
	if (receiver->name == NULL)
		return "other servers";
	if (receiver->provider < 0)
		return shown_z(digest, receiver->name);
	const struct mh_ruleset *set =
	    mh_layers_provider(&digest->book->layers, (uint32_t)receiver->provider, &row);
	if (set == NULL || row->name == 0)
		return receiver->name;
	mh_buf_reset(&digest->text);
	if (set->pairs == NULL)
		mh_buf_puts(&digest->text, set->prose + row->name);
	else
		mh_prose_read(set, row->name, &digest->text);
	return mh_buf_z(&digest->text);
}

static const char *
group_text(struct mh_digest *digest, const struct group *group, size_t i, int field)
{
	const struct receiver *receiver = pile_at(&digest->receivers, group->receiver);
	struct mh_answer *answer;
	switch (field) {
	case MH_S_PROVIDER:
	case MH_S_PROVIDER_NAME:
		return receiver_text(digest, group->receiver, field);
	case MH_S_REASON:
		return digest_reason(digest, group->reason);
	case MH_S_PERMANENCE:
		return group->permanent ? "permanent" : "temporary";
	case MH_S_SAMPLE:
		return shown_text(digest, group->sample.text, group->sample.length);
	case MH_S_TEMPLATE:
		answer = mh_digest_answer(digest, MH_D_GROUP, i);
		return answer != NULL ? mh_answer_str(answer, MH_A_TEMPLATE) : "";
	case MH_S_RELAY:
		return shown_z(digest,
		    group->sample.relay[0] != '\0' ? group->sample.relay : receiver->relay);
	case MH_S_RECIPIENT:
		return shown_z(digest, group->recipient);
	default:
		return "";
	}
}

static const char *
forwarding_text(struct mh_digest *digest, const struct forwarding *forwarding, int field)
{
	const struct group *group = pile_at(&digest->groups, forwarding->group);
	switch (field) {
	case MH_S_ORIG_RECIPIENT:
		return shown_z(digest, forwarding->original);
	case MH_S_RECIPIENT:
		return shown_z(digest, forwarding->recipient);
	case MH_S_REASON:
		return digest_reason(digest, group->reason);
	case MH_S_PROVIDER:
	case MH_S_PROVIDER_NAME:
		return receiver_text(digest, group->receiver, field);
	case MH_S_EVIDENCE:
		if (forwarding->original[0] == '\0')
			return "The envelope sender of this mail was rewritten by SRS, as forwarders do.";
		return forwarding->srs
		    ? "The log names the address that it was sent to first, and its sender was rewritten by "
		      "SRS."
		    : "The log names the address that it was sent to first, which is in another domain.";
	default:
		return "";
	}
}

static const char *
fault_text(struct mh_digest *digest, const struct tls_fault *fault, int field)
{
	switch (field) {
	case MH_S_CAUSE:
		return fault->cause;
	case MH_S_SAMPLE:
		return shown_text(digest, fault->sample.text, fault->sample.length);
	case MH_S_RELAY:
		return shown_z(digest, fault->sample.relay);
	default:
		return "";
	}
}

static const char *
unknown_text(const struct unknown *unknown, int field)
{
	return field == MH_S_TEMPLATE ? unknown->template
	    : field == MH_S_SAMPLE    ? unknown->masked
	    : field == MH_S_RULE      ? unknown->rule
				      : "";
}

/* entry_text - a field, in memory of its own or for a moment */
static const char *
entry_text(struct mh_digest *digest, int list, size_t i, int field)
{
	uint32_t number = digest->order[list][i];
	switch (list) {
	case MH_D_GROUP:
		return group_text(digest, pile_at(&digest->groups, number), i, field);
	case MH_D_FORWARDING:
		return forwarding_text(digest, pile_at(&digest->forwardings, number), field);
	case MH_D_UNKNOWN:
		return unknown_text(pile_at(&digest->unknowns, number), field);
	case MH_D_TLS:
		return fault_text(digest, pile_at(&digest->faults, number), field);
	default:
		if (field == MH_S_EVIDENCE)
			return digest->throttles[i].evidence;
		if (field == MH_S_WHAT)
			return "ip";
		if (field == MH_S_RELAY)
			return shown_z(digest,
			    ((const struct receiver *)pile_at(&digest->receivers, number))->relay);
		return field == MH_S_PROVIDER || field == MH_S_PROVIDER_NAME
		    ? receiver_text(digest, number, field)
		    : "";
	}
}

const char *
mh_digest_item_str(struct mh_digest *digest, int list, size_t i, int field)
{
	if (i >= mh_digest_count(digest, list) || field < 0 || field > 255)
		return "";
	uint64_t key = mh_hash_number((uint64_t)i << 16 | (uint64_t)list << 8 | (uint64_t)field, 10);
	uint32_t known = mh_map_get(&digest->string_map, key);
	if (known != MH_MAP_NONE)
		return *(const char **)pile_at(&digest->string_at, known);
	const char *text = entry_text(digest, list, i, field);
	size_t size = strlen(text) + 1;
	if (size == 1)
		return "";
	char *copy = mh_arena_alloc(&digest->strings, size);
	uint32_t number = copy != NULL ? pile_add(&digest->string_at, &digest->mem) : NONE;
	if (number == NONE || !mh_map_put(&digest->string_map, key, number))
		return "";
	memcpy(copy, text, size);
	*(const char **)pile_at(&digest->string_at, number) = copy;
	return copy;
}

static int64_t
known_time(int64_t time)
{
	return time == MH_TIME_UNKNOWN ? -1 : time;
}

static int64_t
group_int(const struct mh_digest *digest, const struct group *group, int field)
{
	int64_t failed =
	    digest->numbers[MH_D_DEFERRED] + digest->numbers[MH_D_BOUNCED] + digest->numbers[MH_D_EXPIRED];
	int64_t recipients;
	switch (field) {
	case MH_S_COUNT:
		return group->count;
	case MH_S_SHARE:
		return failed > 0 ? (group->count * 1000 + failed / 2) / failed : -1;
	case MH_S_RECIPIENTS:
		recipients = mh_distinct_count(&group->recipients);
		return recipients < group->count ? recipients : group->count; /* an estimate may be higher */
	case MH_S_FIRST:
		return known_time(group->first);
	case MH_S_LAST:
		return known_time(group->last);
	case MH_S_FORWARDED:
		return group->forwarded;
	default:
		return -1;
	}
}

int64_t
mh_digest_item_int(struct mh_digest *digest, int list, size_t i, int field)
{
	if (i >= mh_digest_count(digest, list))
		return -1;
	uint32_t number = digest->order[list][i];
	if (list == MH_D_GROUP)
		return group_int(digest, pile_at(&digest->groups, number), field);
	if (list == MH_D_THROTTLE)
		return field == MH_S_ACCEPTED  ? digest->throttles[i].accepted
		    : field == MH_S_PER_S      ? digest->throttles[i].per_s
		    : field == MH_S_CONFIDENCE ? digest->throttles[i].confidence
		    : field == MH_S_COUNT
		    ? (int64_t)((const struct receiver *)pile_at(&digest->receivers, number))->limited
		    : -1;
	if (field == MH_S_COUNT)
		return weight_of(digest, list, number);
	if (list == MH_D_FORWARDING && (field == MH_S_FIRST || field == MH_S_LAST)) {
		const struct forwarding *forwarding = pile_at(&digest->forwardings, number);
		return known_time(field == MH_S_FIRST ? forwarding->first : forwarding->last);
	}
	if (list == MH_D_TLS) {
		const struct tls_fault *fault = pile_at(&digest->faults, number);
		return field == MH_S_FIRST  ? known_time(fault->first)
		    : field == MH_S_LAST    ? known_time(fault->last)
		    : field == MH_S_INBOUND ? fault->inbound
					    : -1;
	}
	return -1;
}

/* --------------------------------------------------------------------------- samples */

static const struct sample *
sample_of(struct mh_digest *digest, int list, uint32_t number)
{
	switch (list) {
	case MH_D_GROUP:
		return &((const struct group *)pile_at(&digest->groups, number))->sample;
	case MH_D_FORWARDING:
		number = ((const struct forwarding *)pile_at(&digest->forwardings, number))->group;
		return &((const struct group *)pile_at(&digest->groups, number))->sample;
	case MH_D_UNKNOWN:
		return &((const struct unknown *)pile_at(&digest->unknowns, number))->sample;
	default: /* a fault of TLS is told by its finding */
		return NULL;
	}
}

struct mh_answer *
mh_digest_answer(struct mh_digest *digest, int list, size_t i)
{
	if (i >= mh_digest_count(digest, list))
		return NULL;
	const struct sample *sample = sample_of(digest, list, digest->order[list][i]);
	if (sample == NULL)
		return NULL;
	struct mh_frame frame = { .fate = sample->fate,
		.own_words = sample->own_words,
		.empty_words = sample->empty_words,
		.advice = sample->empty_words ? "read-the-bounce" : NULL };
	frame.forwarded = list == MH_D_FORWARDING;
	int cause = mh_finding_kind_find(mh_str_z(sample->cause));
	if (cause >= 0)
		frame.cause = mh_finding_kind_at((size_t)cause)->number;
	mh_answer_surround(digest->viewer, &frame);
	struct mh_answer_options *options = mh_answer_options(digest->viewer);
	options->phase = sample->phase;
	options->status = sample->status;
	memcpy(options->mx, sample->relay, sizeof(sample->relay));
	return mh_answer_parse(digest->viewer, mh_str_n(sample->text, sample->length)) == MH_ERR_OK
	    ? digest->viewer
	    : NULL;
}
