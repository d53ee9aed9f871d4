/* digest.c - whole mail logs, summed up: what one line adds
 *
 * A delivery that went through is counted and shown to its receiver's series.
 * One that did not is understood, once for all texts that differ in data only,
 * and added to its group.  Messages are remembered by queue id only where a
 * later line needs it: who was meant before a forward, and what failed last
 * before a message expired.
 */
#include "digest_own.h"

#include "error.h"
#include "mask.h"
#include "port.h"

#define FIRST_LINES 100 /* that are asked when the log begins, if they say nothing else */

/* ------------------------------------------------------------------ birth and death */

static bool
make_tables(struct mh_digest *digest)
{
	digest->memos = mh_mem_zalloc(&digest->mem, DIGEST_MEMO * sizeof(struct memo));
	digest->hosts = mh_mem_zalloc(&digest->mem, DIGEST_HOSTS * sizeof(struct host));
	digest->queue = mh_mem_zalloc(&digest->mem, DIGEST_QUEUE * sizeof(struct queued));
	digest->answer = mh_answer_make(&digest->mem);
	digest->viewer = mh_answer_make(&digest->mem);
	return digest->memos != NULL && digest->hosts != NULL && digest->queue != NULL &&
	    digest->answer != NULL && digest->viewer != NULL &&
	    mh_answer_use(digest->answer, digest->book) == MH_ERR_OK &&
	    mh_answer_use(digest->viewer, digest->book) == MH_ERR_OK &&
	    pile_add(&digest->receivers, &digest->mem) == RECEIVER_OTHERS &&
	    pile_add(&digest->receivers, &digest->mem) == RECEIVER_OWN;
}

struct mh_digest *
mh_digest_make(const struct mh_mem *mem, struct mh_rulebook *book)
{
	struct mh_digest *digest = mh_mem_zalloc(mem, sizeof(*digest));
	if (digest == NULL)
		return NULL;
	digest->mem = *mem;
	digest->book = mh_rulebook_ref(book);
	digest->options.groups = 10000;
	digest->from = digest->to = digest->stamp_time = MH_TIME_UNKNOWN;
	digest->receivers = (struct pile){ .size = sizeof(struct receiver), .ceiling = NONE };
	digest->groups = (struct pile){ .size = sizeof(struct group), .ceiling = NONE };
	digest->forwardings =
	    (struct pile){ .size = sizeof(struct forwarding), .ceiling = DIGEST_FORWARDINGS };
	digest->unknowns = (struct pile){ .size = sizeof(struct unknown), .ceiling = DIGEST_UNKNOWNS };
	digest->faults = (struct pile){ .size = sizeof(struct tls_fault), .ceiling = 256 };
	digest->string_at = (struct pile){ .size = sizeof(const char *), .ceiling = NONE };
	mh_arena_init(&digest->strings, &digest->mem, 1 << 20);
	mh_map_init(&digest->string_map, &digest->mem);
	mh_map_init(&digest->receiver_map, &digest->mem);
	mh_map_init(&digest->group_map, &digest->mem);
	mh_map_init(&digest->forwarding_map, &digest->mem);
	mh_map_init(&digest->unknown_map, &digest->mem);
	mh_buf_init(&digest->scratch, &digest->mem, DIGEST_LINE);
	mh_buf_init(&digest->line, &digest->mem, DIGEST_LINE);
	mh_buf_init(&digest->json, &digest->mem, (size_t)1 << 30);
	mh_buf_init(&digest->text, &digest->mem, 1 << 20);
	digest->accepted_reason = mh_layers_find_reason(&book->layers, MH_STR("accepted"));
	digest->unknown_reason = mh_layers_find_reason(&book->layers, MH_STR("unknown"));
	digest->timeout_reason = mh_layers_find_reason(&book->layers, MH_STR("timeout"));
	if (make_tables(digest))
		return digest;
	mh_digest_free(digest);
	return NULL;
}

static void
free_text(struct mh_digest *digest, char *text)
{
	if (text != NULL)
		mh_mem_free(&digest->mem, text, strlen(text) + 1);
}

static void
free_sample(struct mh_digest *digest, struct sample *sample)
{
	if (sample->text != NULL) /* it may hold NULs and may be shorter than its block */
		mh_mem_free(&digest->mem, sample->text, sample->room);
	sample->text = NULL;
}

static void
free_pile(struct mh_digest *digest, struct pile *pile)
{
	if (pile->at != NULL)
		mh_mem_free(&digest->mem, pile->at, pile->room * pile->size);
}

static void
free_things(struct mh_digest *digest)
{
	for (uint32_t i = 0; i < digest->receivers.count; i++) {
		struct receiver *receiver = pile_at(&digest->receivers, i);
		free_text(digest, receiver->name);
		mh_throttle_free(receiver->series);
	}
	for (uint32_t i = 0; i < digest->groups.count; i++) {
		struct group *group = pile_at(&digest->groups, i);
		mh_distinct_free(&group->recipients, &digest->mem);
		free_sample(digest, &group->sample);
	}
	for (uint32_t i = 0; i < digest->forwardings.count; i++) {
		struct forwarding *forwarding = pile_at(&digest->forwardings, i);
		free_text(digest, forwarding->original);
		free_text(digest, forwarding->recipient);
	}
	for (uint32_t i = 0; i < digest->unknowns.count; i++) {
		struct unknown *unknown = pile_at(&digest->unknowns, i);
		free_text(digest, unknown->masked);
		free_text(digest, unknown->rule);
		free_sample(digest, &unknown->sample);
	}
	for (uint32_t i = 0; i < digest->faults.count; i++)
		free_sample(digest, &((struct tls_fault *)pile_at(&digest->faults, i))->sample);
}

void
mh_digest_free(struct mh_digest *digest)
{
	if (digest == NULL)
		return;
	struct mh_mem mem = digest->mem;
	free_things(digest);
	free_pile(digest, &digest->receivers);
	free_pile(digest, &digest->groups);
	free_pile(digest, &digest->forwardings);
	free_pile(digest, &digest->unknowns);
	free_pile(digest, &digest->faults);
	free_pile(digest, &digest->string_at);
	mh_arena_free(&digest->strings);
	mh_map_free(&digest->string_map);
	mh_map_free(&digest->receiver_map);
	mh_map_free(&digest->group_map);
	mh_map_free(&digest->forwarding_map);
	mh_map_free(&digest->unknown_map);
	if (digest->memos != NULL)
		mh_mem_free(&mem, digest->memos, DIGEST_MEMO * sizeof(struct memo));
	if (digest->hosts != NULL)
		mh_mem_free(&mem, digest->hosts, DIGEST_HOSTS * sizeof(struct host));
	if (digest->queue != NULL)
		mh_mem_free(&mem, digest->queue, DIGEST_QUEUE * sizeof(struct queued));
	for (size_t i = 0; i < MH_COUNT(digest->order); i++)
		if (digest->order[i] != NULL)
			mh_mem_free(&mem, digest->order[i], digest->order_room[i] * sizeof(uint32_t));
	if (digest->throttles != NULL)
		mh_mem_free(&mem, digest->throttles, digest->throttle_room * sizeof(struct mh_throttle));
	mh_answer_free(digest->answer);
	mh_answer_free(digest->viewer);
	mh_gunzip_free(digest->gunzip);
	if (digest->journal != NULL)
		mh_mem_free(&mem, digest->journal, sizeof(*digest->journal));
	mh_buf_free(&digest->scratch);
	mh_buf_free(&digest->line);
	mh_buf_free(&digest->json);
	mh_buf_free(&digest->text);
	mh_rulebook_unref(digest->book);
	mh_mem_free(&mem, digest, sizeof(*digest));
}

struct mh_digest_options *
mh_digest_options(struct mh_digest *digest)
{
	return digest->begun ? NULL : &digest->options;
}

/* --------------------------------------------------------------------------- pieces */

static void
widen(int64_t *first, int64_t *last, int64_t unix_s)
{
	if (unix_s == MH_TIME_UNKNOWN)
		return;
	if (*first == MH_TIME_UNKNOWN || unix_s < *first)
		*first = unix_s;
	if (*last == MH_TIME_UNKNOWN || unix_s > *last)
		*last = unix_s;
}

/* in_same_minute - "Nov 20 08:15:11" after "Nov 20 08:15:10": only the seconds have to be read */
static int64_t
in_same_minute(const struct mh_digest *digest, struct mh_str stamp)
{
	const char *now = stamp.p, *before = digest->stamp;
	if (stamp.len != 15 || digest->stamp_length != 15 || now[12] != ':' || memcmp(now, before, 13) != 0 ||
	    now[13] < '0' || now[13] > '5' || !mh_is_digit(now[14]))
		return MH_TIME_UNKNOWN;
	return digest->stamp_time + (now[13] - before[13]) * 10 + (now[14] - before[14]);
}

/* time_of - when the line was written; lines of one second are read once */
static int64_t
time_of(struct mh_digest *digest, const struct mh_logline *line)
{
	struct mh_logtime time;
	if (line->stamp.len == 0)
		return MH_TIME_UNKNOWN;
	if (line->stamp.len == digest->stamp_length &&
	    memcmp(line->stamp.p, digest->stamp, digest->stamp_length) == 0)
		return digest->stamp_time;
	int64_t unix_s = in_same_minute(digest, line->stamp);
	if (unix_s == MH_TIME_UNKNOWN) {
		if (mh_logtime_read(line->stamp, &time) == 0)
			return MH_TIME_UNKNOWN;
		unix_s = mh_logtime_unix(&time, &digest->options.clock);
	}
	if (unix_s == MH_TIME_UNKNOWN)
		return unix_s;
	digest->stamp_length = 0;
	if (line->stamp.len <= sizeof(digest->stamp)) {
		memcpy(digest->stamp, line->stamp.p, line->stamp.len);
		digest->stamp_length = line->stamp.len;
		digest->stamp_time = unix_s;
	}
	digest->options.clock.last = unix_s;
	widen(&digest->from, &digest->to, unix_s);
	return unix_s;
}

/* digest_see_time - a line that says nothing else still says when it was written */
void
digest_see_time(struct mh_digest *digest, struct mh_str text)
{
	struct mh_logtime time;
	if (mh_logtime_read(text, &time) == 0)
		return;
	int64_t unix_s = mh_logtime_unix(&time, &digest->options.clock);
	widen(&digest->from, &digest->to, unix_s);
}

/* queued_at - what is remembered of the line's message, made anew if make; NULL */
static struct queued *
queued_at(struct mh_digest *digest, struct mh_str queue_id, bool make)
{
	if (queue_id.len == 0)
		return NULL;
	uint64_t key = mh_hash(queue_id, 4);
	struct queued *queued = &digest->queue[key & (DIGEST_QUEUE - 1)];
	if (queued->key == key)
		return queued;
	if (!make)
		return NULL;
	*queued = (struct queued){ .key = key, .group = NONE };
	return queued;
}

static int
watch(struct mh_digest *digest, uint32_t number, int64_t unix_s, int event)
{
	struct receiver *receiver = pile_at(&digest->receivers, number);
	if (number <= RECEIVER_OWN || unix_s == MH_TIME_UNKNOWN)
		return MH_ERR_OK;
	if (receiver->series == NULL)
		receiver->series = mh_throttle_make(&digest->mem);
	if (receiver->series == NULL)
		return MH_ERR_ENOMEM;
	receiver->limited += event == MH_THROTTLE_LIMITED;
	return mh_throttle_add(receiver->series, unix_s, event);
}

/* --------------------------------------------------------------------------- faults */

static int
add_fault(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	struct tls_fault *fault = NULL;
	for (uint32_t i = 0; i < digest->faults.count && fault == NULL; i++) {
		struct tls_fault *known = pile_at(&digest->faults, i);
		if (strcmp(known->cause, line->cause) == 0 && known->inbound == line->inbound)
			fault = known;
	}
	if (fault == NULL) {
		uint32_t number = pile_add(&digest->faults, &digest->mem);
		if (number == NONE)
			return digest->faults.count == digest->faults.ceiling ? MH_ERR_OK : MH_ERR_ENOMEM;
		fault = pile_at(&digest->faults, number);
		fault->cause = line->cause;
		fault->inbound = line->inbound;
		fault->first = fault->last = MH_TIME_UNKNOWN;
		if (!keep_sample(digest, &fault->sample, line_text(digest))) {
			digest->faults.count--;
			return MH_ERR_ENOMEM;
		}
		keep_text(fault->sample.relay, sizeof(fault->sample.relay),
		    line->relay.len > 0 ? line->relay : line->relay_ip);
	}
	fault->count++;
	widen(&fault->first, &fault->last, digest->logged.unix_s);
	return MH_ERR_OK;
}

/* --------------------------------------------------------------------------- groups */

/* find_group - of a receiver, for a reason; NONE beyond the ceiling.  A new one takes the line's sample. */
static int
find_group(struct mh_digest *digest, uint32_t receiver, uint32_t reason, bool permanent, struct mh_str text,
    uint32_t *number)
{
	uint64_t key = mh_hash_number(receiver, mh_hash_number(reason * 2 + permanent, 5));
	*number = mh_map_get(&digest->group_map, key);
	if (*number != NONE)
		return MH_ERR_OK;
	if (digest->groups.count >= digest->options.groups)
		return MH_ERR_OK;
	*number = pile_add(&digest->groups, &digest->mem);
	if (*number == NONE)
		return MH_ERR_ENOMEM;
	struct group *group = pile_at(&digest->groups, *number);
	group->receiver = receiver;
	group->reason = reason;
	group->permanent = permanent;
	group->first = group->last = MH_TIME_UNKNOWN;
	keep_text(group->recipient, sizeof(group->recipient), digest->logged.line.recipient);
	if (keep_sample(digest, &group->sample, text) && mh_map_put(&digest->group_map, key, *number))
		return MH_ERR_OK;
	free_sample(digest, &group->sample);
	digest->groups.count--;
	*number = NONE;
	return MH_ERR_ENOMEM;
}

static char *
copy_z(struct mh_digest *digest, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = mh_mem_alloc(&digest->mem, size);
	if (copy != NULL)
		memcpy(copy, text, size);
	return copy;
}

/* find_unknown - the cluster of a reply that no rule knows */
static int
find_unknown(struct mh_digest *digest, struct mh_str text, uint32_t *number)
{
	struct mh_answer *answer = digest->answer;
	const char *template = mh_answer_str(answer, MH_A_TEMPLATE);
	uint64_t key = mh_hash(mh_str_z(template), 6);
	*number = mh_map_get(&digest->unknown_map, key);
	if (*number != NONE || digest->unknowns.count == digest->unknowns.ceiling)
		return MH_ERR_OK;
	*number = pile_add(&digest->unknowns, &digest->mem);
	if (*number == NONE)
		return MH_ERR_ENOMEM;
	struct unknown *unknown = pile_at(&digest->unknowns, *number);
	memcpy(unknown->template, template, strlen(template) + 1);
	struct mh_buf *out = &digest->text;
	struct mh_str words = mh_str_n(answer->decode.text.p, answer->decode.text.len);
	mh_buf_reset(out);
	mh_mask_sample(words, &answer->scan, digest->logged.line.recipient, out);
	unknown->masked = copy_z(digest, mh_buf_z(out));
	mh_buf_reset(out);
	if (unknown->masked != NULL)
		mh_mask_rule(words, &answer->scan, mh_str_z(unknown->masked), template, out);
	unknown->rule = copy_z(digest, mh_buf_z(out));
	if (unknown->masked != NULL && unknown->rule != NULL && keep_sample(digest, &unknown->sample, text) &&
	    mh_map_put(&digest->unknown_map, key, *number))
		return MH_ERR_OK;
	free_text(digest, unknown->masked);
	free_text(digest, unknown->rule);
	free_sample(digest, &unknown->sample);
	digest->unknowns.count--;
	*number = NONE;
	return MH_ERR_ENOMEM;
}

/* is_about_rate - whether a reason says that slowing down alone would mend it */
static bool
is_about_rate(const char *reason)
{
	return strcmp(reason, "rate-limited") == 0;
}

/* understand - what the text says, as the memory knows it or by reading it */
static int
understand(struct mh_digest *digest, uint32_t receiver, struct memo *memo)
{
	const struct mh_logline *line = &digest->logged.line;
	int result = mh_logged_answer(&digest->logged, digest->answer, &digest->scratch);
	if (result != MH_ERR_OK)
		return result;
	const struct mh_candidate *best = mh_answer_best(digest->answer);
	int provider = digest->answer->match.provider;
	memo->reason = (uint32_t)(best != NULL ? best->reason : digest->unknown_reason);
	/* Words of success beside a failure tell nothing about it. */
	if ((int)memo->reason == digest->accepted_reason)
		memo->reason = (uint32_t)digest->unknown_reason;
	memo->receiver = receiver;
	struct receiver *known = pile_at(&digest->receivers, receiver);
	if (provider >= 0 && receiver != RECEIVER_OWN && known->provider < 0)
		memo->receiver = digest_provider(digest, provider);
	memo->limited = is_about_rate(digest_reason(digest, memo->reason));
	memo->unknown = NONE;
	memo->group[0] = memo->group[1] = NONE;
	if ((int)memo->reason == digest->unknown_reason && line->text.len > 0 && !mh_logged_empty_words(line))
		result = find_unknown(digest, line_text(digest), &memo->unknown);
	return result;
}

/* recall - the memory's place for the line, understood; fresh is used where nothing is to be remembered */
static int
recall(struct mh_digest *digest, uint32_t receiver, struct memo *fresh, struct memo **found)
{
	const struct mh_logline *line = &digest->logged.line;
	uint64_t seed = mh_hash_number(receiver | (uint64_t)line->phase << 32 | (uint64_t)line->result << 40 |
		(uint64_t)line->coding << 48 | (uint64_t)line->remote << 56,
	    mh_hash(line->dsn, 7));
	uint64_t key = mh_mask_hash(line->text, seed);
	struct memo *memo =
	    digest->options.no_memory_of_texts ? fresh : &digest->memos[key & (DIGEST_MEMO - 1)];
	*found = memo;
	if (memo->key == key)
		return MH_ERR_OK;
	memo->key = 0;
	int result = understand(digest, receiver, memo);
	if (result == MH_ERR_OK)
		memo->key = key;
	return result;
}

/* ---------------------------------------------------------------------- forwardings */

static char *
copy_of(struct mh_digest *digest, struct mh_str text)
{
	size_t len = text.len < 320 ? text.len : 320; /* RFC 5321 4.5.3.1: 64 + 1 + 255 */
	char *copy = mh_mem_alloc(&digest->mem, len + 1);
	if (copy == NULL)
		return NULL;
	keep_text(copy, len + 1, mh_str_n(text.p, len));
	/* a block is given back by its string's length */
	if (strlen(copy) != len) {
		mh_mem_free(&digest->mem, copy, len + 1);
		return copy_of(digest, MH_STR("?"));
	}
	return copy;
}

/* add_forwarding - the line's delivery failed, and its mail had been sent to another address first */
static int
add_forwarding(struct mh_digest *digest, struct mh_str original, bool srs, uint32_t group)
{
	const struct mh_logline *line = &digest->logged.line;
	uint64_t key = mh_hash_lower(original, mh_hash_lower(line->recipient, 8));
	uint32_t number = mh_map_get(&digest->forwarding_map, key);
	if (number == NONE) {
		number = pile_add(&digest->forwardings, &digest->mem);
		if (number == NONE)
			return digest->forwardings.count == digest->forwardings.ceiling ? MH_ERR_OK
											: MH_ERR_ENOMEM;
		struct forwarding *forwarding = pile_at(&digest->forwardings, number);
		forwarding->original = copy_of(digest, original);
		forwarding->recipient = copy_of(digest, line->recipient);
		forwarding->first = forwarding->last = MH_TIME_UNKNOWN;
		if (forwarding->original == NULL || forwarding->recipient == NULL ||
		    !mh_map_put(&digest->forwarding_map, key, number)) {
			free_text(digest, forwarding->original);
			free_text(digest, forwarding->recipient);
			digest->forwardings.count--;
			return MH_ERR_ENOMEM;
		}
	}
	struct forwarding *forwarding = pile_at(&digest->forwardings, number);
	forwarding->count++;
	forwarding->group = group;
	forwarding->srs |= srs;
	widen(&forwarding->first, &forwarding->last, digest->logged.unix_s);
	return MH_ERR_OK;
}

/* look_for_forwarding - whether the failed delivery was of forwarded mail: the address before it was rewritten is
 * one of another domain, the message came out of a .forward, or its envelope sender was rewritten */
static int
look_for_forwarding(struct mh_digest *digest, struct group *group, uint32_t number)
{
	const struct mh_logline *line = &digest->logged.line;
	struct queued *queued = queued_at(digest, line->queue_id, false);
	struct mh_str original = line->orig_recipient;
	bool srs = queued != NULL && queued->srs;
	if (original.len == 0 && queued != NULL && queued->forwarded)
		original = mh_str_z(queued->original);
	bool elsewhere = mh_is_forwarded(original, line->recipient);
	if (group->receiver == RECEIVER_OWN || (!elsewhere && !srs))
		return MH_ERR_OK;
	group->forwarded++;
	if (!mh_forwarding_reason(digest_reason(digest, group->reason)))
		return MH_ERR_OK;
	return add_forwarding(digest, original, srs, number);
}

/* ---------------------------------------------------------------------------- lines */

/* add_failure - a delivery that did not go through */
static int
add_failure(struct mh_digest *digest, bool permanent)
{
	const struct mh_logline *line = &digest->logged.line;
	struct memo fresh = { .key = 0 }, *memo;
	int result = recall(digest, digest_receiver(digest, line), &fresh, &memo);
	if (result != MH_ERR_OK)
		return result;
	if (memo->unknown != NONE)
		((struct unknown *)pile_at(&digest->unknowns, memo->unknown))->count++;
	result = watch(digest, memo->receiver, digest->logged.unix_s,
	    memo->limited ? MH_THROTTLE_LIMITED : MH_THROTTLE_OTHER);
	if (result == MH_ERR_OK && memo->group[permanent] == NONE)
		result = find_group(digest, memo->receiver, memo->reason, permanent, line_text(digest),
		    &memo->group[permanent]);
	if (result != MH_ERR_OK)
		return result;
	uint32_t number = memo->group[permanent];
	if (number == NONE) {
		digest->numbers[MH_D_LEFT_OUT]++;
		return MH_ERR_OK;
	}
	struct group *group = pile_at(&digest->groups, number);
	group->count++;
	widen(&group->first, &group->last, digest->logged.unix_s);
	if (line->recipient.len > 0 &&
	    !mh_distinct_add(&group->recipients, &digest->mem, mh_hash_lower(line->recipient, 9)))
		return MH_ERR_ENOMEM;
	struct queued *queued = queued_at(digest, line->queue_id, !permanent);
	if (queued != NULL)
		queued->group = number;
	struct receiver *receiver = pile_at(&digest->receivers, memo->receiver);
	if (receiver->relay[0] == '\0' && !mh_str_ieq(line->relay, MH_STR("none")))
		keep_text(receiver->relay, sizeof(receiver->relay), line->relay);
	return look_for_forwarding(digest, group, number);
}

/* add_expiry - a message was given up: for the reason that put it off last, if that was seen */
static int
add_expiry(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	struct queued *queued = queued_at(digest, line->queue_id, false);
	uint32_t receiver = RECEIVER_OTHERS, reason = (uint32_t)digest->timeout_reason, number;
	if (line->recipient.len > 0)
		return add_failure(digest, true);
	struct mh_str text = MH_STR("");
	if (queued != NULL && queued->group != NONE) {
		const struct group *last = pile_at(&digest->groups, queued->group);
		receiver = last->receiver;
		reason = last->reason;
		text = mh_str_n(last->sample.text, last->sample.length);
	}
	int result = find_group(digest, receiver, reason, true, text, &number);
	if (result != MH_ERR_OK)
		return result;
	if (number == NONE) {
		digest->numbers[MH_D_LEFT_OUT]++;
		return MH_ERR_OK;
	}
	struct group *group = pile_at(&digest->groups, number);
	if (group->count == 0 && text.len > 0) {
		/* said in another line: what surrounded the words there is theirs, not this line's */
		const struct group *last = pile_at(&digest->groups, queued->group);
		struct sample sample = last->sample;
		sample.text = group->sample.text;
		sample.length = group->sample.length;
		sample.room = group->sample.room;
		group->sample = sample;
	}
	group->count++;
	widen(&group->first, &group->last, digest->logged.unix_s);
	return MH_ERR_OK;
}

/* note_forward - "status=sent (forwarded as 4F2A…)": the message with that id is this recipient's mail */
static void
note_forward(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	struct mh_str mark = MH_STR("forwarded as ");
	if (line->mta != MH_MTA_POSTFIX || !mh_str_istarts(line->text, mark))
		return;
	struct queued *queued =
	    queued_at(digest, mh_str_n(line->text.p + mark.len, line->text.len - mark.len), true);
	if (queued == NULL)
		return;
	queued->forwarded = true;
	keep_text(queued->original, sizeof(queued->original), line->recipient);
}

static int
add_delivery(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	static const int numbers[] = { 0, MH_D_SENT, MH_D_DEFERRED, MH_D_BOUNCED, MH_D_EXPIRED };
	digest->numbers[MH_D_DELIVERIES]++;
	if (line->result == MH_RESULT_NONE)
		return MH_ERR_OK;
	digest->numbers[numbers[line->result]]++;
	switch (line->result) {
	case MH_RESULT_SENT:
		note_forward(digest);
		return watch(digest, digest_receiver(digest, line), digest->logged.unix_s,
		    MH_THROTTLE_ACCEPTED);
	case MH_RESULT_EXPIRED:
		return add_expiry(digest);
	default:
		return add_failure(digest, line->result == MH_RESULT_BOUNCED);
	}
}

/* qmail names the recipient where a delivery starts, and only its number where it ends. */
static void
note_start(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	struct queued *queued = queued_at(digest, line->queue_id, true);
	if (queued == NULL)
		return;
	queued->group = NONE;
	queued->forwarded = queued->srs = false;
	keep_text(queued->original, sizeof(queued->original), line->recipient);
}

static void
complete_qmail(struct mh_digest *digest)
{
	struct mh_logline *line = &digest->logged.line;
	if (line->mta != MH_MTA_QMAIL || line->recipient.len > 0)
		return;
	struct queued *queued = queued_at(digest, line->queue_id, false);
	if (queued != NULL)
		line->recipient = mh_str_z(queued->original);
}

int
digest_line(struct mh_digest *digest, struct mh_str text)
{
	struct mh_logline *line = &digest->logged.line;
	digest->numbers[MH_D_LINES]++;
	if (!mh_logline_read(text, line)) {
		if (digest->from == MH_TIME_UNKNOWN && digest->numbers[MH_D_LINES] <= FIRST_LINES)
			digest_see_time(digest, text);
		return MH_ERR_OK;
	}
	static const char *const classes[] = { NULL, "delivered", "delayed", "failed", "failed" };
	digest->sorted = false;
	digest->logged.whole = text;
	digest->logged.class = classes[line->result];
	digest->logged.unix_s = time_of(digest, line);
	if (line->cause[0] != '\0') {
		int result = add_fault(digest);
		if (result != MH_ERR_OK)
			return result;
	}
	switch (line->event) {
	case MH_EVENT_DELIVERY:
		complete_qmail(digest);
		return add_delivery(digest);
	case MH_EVENT_REJECT:
		digest->numbers[MH_D_REJECTED]++;
		return MH_ERR_OK;
	case MH_EVENT_START:
		note_start(digest);
		return MH_ERR_OK;
	case MH_EVENT_MESSAGE:
		if (mh_str_istarts(line->sender, MH_STR("SRS0")) ||
		    mh_str_istarts(line->sender, MH_STR("SRS1"))) {
			struct queued *queued = queued_at(digest, line->queue_id, true);
			if (queued != NULL)
				queued->srs = true;
		}
		return MH_ERR_OK;
	default:
		return MH_ERR_OK;
	}
}
