/* work.c - facts, asks, parts and passes
 *
 * Asks are an array in the order of asking, found by a hash table of their
 * numbers.  A part is run again only if one of the facts that it missed has
 * come; the table's entries remember which parts want them.
 *
 * Does not: know what a check is about, read a clock, or ask anybody.
 */
#include "work.h"

#include "error.h"
#include "port.h"

#define KEEP_MAX 16384 /* memory that survives a reset */
#define ASKS_FIRST 8

/* What is given for questions that must not be asked any more: they have no place in the table. */
#define NOT_ASKED(reason) \
	{ \
		.type = MH_RR_A, .state = MH_FACT_UNKNOWN, .why = (reason), .rcode = -1, .ede = -1, \
		.rtt_us = -1, .name = MH_STR_INIT(""), .canonical = MH_STR_INIT(""), \
		.server = MH_STR_INIT(""), .ede_text = MH_STR_INIT("") \
	}
static const struct mh_fact no_budget = NOT_ASKED(MH_WHY_BUDGET);
static const struct mh_fact no_time = NOT_ASKED(MH_WHY_DEADLINE);

void
mh_work_init(struct mh_work *work, const struct mh_mem *mem, void (*run)(void *check, struct mh_pass *pass),
    void *check)
{
	*work = (struct mh_work){ .mem = *mem,
		.asks_max = MH_WORK_ASKS_DEFAULT,
		.run = run,
		.check = check,
		.started_ms = -1,
		.deadline_ms = -1,
		.limit_ms = -1 };
	mh_arena_init(&work->keep, &work->mem, KEEP_MAX);
	work->keep.first_size = 512;
}

static void
drop_facts(struct mh_work *work)
{
	for (uint32_t i = 0; i < work->asks_count; i++)
		mh_fact_unref(work->asks[i].fact);
}

void
mh_work_free(struct mh_work *work)
{
	drop_facts(work);
	mh_mem_free(&work->mem, work->asks, work->asks_cap * sizeof(*work->asks));
	mh_mem_free(&work->mem, work->slots, work->slots_cap * sizeof(*work->slots));
	mh_arena_free(&work->keep);
	work->asks = NULL;
	work->slots = NULL;
	work->asks_count = work->asks_cap = work->slots_cap = 0;
}

/* all_parts - a bit for each */
static uint64_t
all_parts(const struct mh_work *work)
{
	return work->parts >= 64 ? UINT64_MAX : ((uint64_t)1 << work->parts) - 1;
}

void
mh_work_reset(struct mh_work *work)
{
	drop_facts(work);
	mh_arena_reset(&work->keep);
	if (work->slots != NULL)
		memset(work->slots, 0, work->slots_cap * sizeof(*work->slots));
	work->asks_count = work->next = work->open = work->wanted = 0;
	work->dirty = all_parts(work);
	work->waiting = 0;
	work->started_ms = work->deadline_ms = -1;
	work->passes = work->rounds = work->refused = 0;
	work->is_late = work->is_done = false;
}

int
mh_work_add_part(struct mh_work *work)
{
	if (work->parts == MH_WORK_PARTS_MAX)
		return -1;
	work->dirty |= (uint64_t)1 << work->parts;
	return (int)work->parts++;
}

/* --------------------------------------------------------------- the table */

/* find - the ask for a question, or NULL */
static struct mh_ask *
find(const struct mh_work *work, uint64_t hash, struct mh_str name, int type)
{
	if (work->slots_cap == 0)
		return NULL;
	for (uint32_t i = (uint32_t)hash & (work->slots_cap - 1); work->slots[i] != 0;
	     i = (i + 1) & (work->slots_cap - 1)) {
		struct mh_ask *ask = &work->asks[work->slots[i] - 1];
		if (ask->hash == hash && ask->type == type && ask->name.len == name.len &&
		    memcmp(ask->name.p, name.p, name.len) == 0)
			return ask;
	}
	return NULL;
}

static void
put_slot(struct mh_work *work, uint64_t hash, uint32_t number)
{
	uint32_t i = (uint32_t)hash & (work->slots_cap - 1);
	while (work->slots[i] != 0)
		i = (i + 1) & (work->slots_cap - 1);
	work->slots[i] = number;
}

/* grow - room for one ask more; false without memory, and then nothing has changed */
static bool
grow(struct mh_work *work)
{
	if (work->asks_count < work->asks_cap)
		return true;
	uint32_t cap = work->asks_cap > 0 ? work->asks_cap * 2 : ASKS_FIRST;
	uint32_t *slots = mh_mem_zalloc(&work->mem, 2 * cap * sizeof(*slots));
	if (slots == NULL)
		return false;
	struct mh_ask *asks =
	    mh_mem_resize(&work->mem, work->asks, work->asks_cap * sizeof(*asks), cap * sizeof(*asks));
	if (asks == NULL) {
		mh_mem_free(&work->mem, slots, 2 * cap * sizeof(*slots));
		return false;
	}
	mh_mem_free(&work->mem, work->slots, work->slots_cap * sizeof(*slots));
	work->asks = asks;
	work->asks_cap = cap;
	work->slots = slots;
	work->slots_cap = 2 * cap;
	for (uint32_t i = 0; i < work->asks_count; i++)
		put_slot(work, asks[i].hash, i + 1);
	return true;
}

/* add_ask - a new one; NULL without memory */
static struct mh_ask *
add_ask(struct mh_work *work, uint64_t hash, struct mh_str name, int type)
{
	char *copy = mh_arena_alloc(&work->keep, name.len + 1);
	if (copy == NULL || !grow(work))
		return NULL;
	if (name.len > 0)
		memcpy(copy, name.p, name.len);
	copy[name.len] = '\0';
	struct mh_ask *ask = &work->asks[work->asks_count++];
	*ask = (struct mh_ask){ .name = mh_str_n(copy, name.len), .hash = hash, .type = (uint16_t)type };
	put_slot(work, hash, work->asks_count);
	work->open++;
	return ask;
}

/* -------------------------------------------------------------- for checks */

/* read_fact - what a pass has read, with the round it came in */
static const struct mh_fact *
read_fact(struct mh_pass *pass, const struct mh_ask *ask)
{
	if (ask->round > pass->round)
		pass->round = ask->round;
	return ask->fact;
}

/* is_idle - whether a question was only seeded, and nobody wants its answer */
static bool
is_idle(const struct mh_ask *ask)
{
	return ask->parts == 0 && !ask->is_wanted;
}

/* take_up - a question that was only seeded is wanted now: it is handed out even if its turn has passed */
static void
take_up(struct mh_work *work, const struct mh_ask *ask)
{
	uint32_t number = (uint32_t)(ask - work->asks);
	if (is_idle(ask) && ask->state == MH_ASK_NEW && number < work->next)
		work->next = number;
}

const struct mh_fact *
mh_want(struct mh_pass *pass, struct mh_str name, int type)
{
	struct mh_work *work = pass->work;
	uint64_t hash = mh_fact_hash(type, name);
	struct mh_ask *ask = find(work, hash, name, type);

	if (ask != NULL && ask->fact != NULL)
		return read_fact(pass, ask);
	if (ask == NULL) {
		if (work->is_late || work->is_done)
			return &no_time;
		if (work->asks_count >= work->asks_max) {
			work->refused++;
			return &no_budget;
		}
		ask = add_ask(work, hash, name, type);
		if (ask == NULL) {
			pass->error = MH_ERR_ENOMEM;
			pass->missing++;
			return NULL;
		}
		ask->round = (uint8_t)(pass->round < 254 ? pass->round + 1 : 255);
	}
	take_up(work, ask);
	ask->parts |= (uint64_t)1 << pass->part;
	pass->missing++;
	return NULL;
}

const struct mh_fact *
mh_known(const struct mh_pass *pass, struct mh_str name, int type)
{
	const struct mh_ask *ask = find(pass->work, mh_fact_hash(type, name), name, type);
	return ask != NULL ? ask->fact : NULL;
}

/* ----------------------------------------------------------------- stepping */

/* give_up - everything that is still open is unknown, and nothing more is asked */
static void
give_up(struct mh_work *work)
{
	work->is_late = true;
	for (uint32_t i = 0; i < work->asks_count; i++) {
		struct mh_ask *ask = &work->asks[i];
		if (ask->fact != NULL)
			continue;
		if (mh_work_fail(work, i + 1, MH_WHY_DEADLINE) == MH_ERR_ENOMEM)
			return;
	}
}

/* run_part - one pass of one part; an error of memory */
static int
run_part(struct mh_work *work, unsigned part, struct mh_arena *scratch)
{
	struct mh_pass pass = { .work = work, .arena = scratch, .part = part };
	uint64_t bit = (uint64_t)1 << part;

	mh_arena_reset(scratch);
	work->passes++;
	work->dirty &= ~bit;
	work->run(work->check, &pass);
	if (pass.error != 0) {
		work->dirty |= bit;
		return pass.error;
	}
	if (pass.missing > 0)
		work->waiting |= bit;
	else
		work->waiting &= ~bit;
	return MH_ERR_OK;
}

/* run_parts - until no part can run */
static int
run_parts(struct mh_work *work, struct mh_arena *scratch)
{
	while (work->dirty != 0) {
		int error = run_part(work, mh_lowest(work->dirty), scratch);
		if (error != MH_ERR_OK)
			return error;
	}
	return MH_ERR_OK;
}

int
mh_work_step(struct mh_work *work, int64_t now_ms, struct mh_arena *scratch)
{
	work->now_ms = now_ms;
	if (work->is_done)
		return MH_WORK_DONE;
	if (work->started_ms < 0) {
		work->started_ms = now_ms;
		if (work->limit_ms >= 0)
			work->deadline_ms = now_ms + work->limit_ms;
	}
	int error = run_parts(work, scratch);
	while (
	    error == MH_ERR_OK && work->open > 0 && work->deadline_ms >= 0 && now_ms >= work->deadline_ms) {
		give_up(work);
		error = work->open > 0 ? MH_ERR_ENOMEM : run_parts(work, scratch);
	}
	if (error != MH_ERR_OK)
		return error;
	if (work->waiting != 0 || work->wanted > 0)
		return MH_WORK_WAIT;
	for (uint32_t i = 0; i < work->asks_count; i++)
		if (work->asks[i].round > work->rounds)
			work->rounds = work->asks[i].round;
	work->is_done = true;
	return MH_WORK_DONE;
}

int64_t
mh_work_timeout(const struct mh_work *work, int64_t now_ms)
{
	if (work->is_done)
		return -1;
	if (work->started_ms < 0 || work->dirty != 0)
		return 0;
	if (work->deadline_ms < 0)
		return -1;
	return work->deadline_ms > now_ms ? work->deadline_ms - now_ms : 0;
}

void
mh_work_view(struct mh_work *work, struct mh_pass *view, struct mh_arena *arena)
{
	*view = (struct mh_pass){ .work = work, .arena = arena };
}

/* --------------------------------------------------------------------- asks */

uint32_t
mh_work_next_ask(struct mh_work *work)
{
	while (work->next < work->asks_count) {
		struct mh_ask *ask = &work->asks[work->next++];
		if (ask->state != MH_ASK_NEW || is_idle(ask))
			continue;
		ask->state = MH_ASK_OUT;
		ask->asked_ms = work->now_ms;
		return work->next;
	}
	return 0;
}

const struct mh_ask *
mh_work_ask(const struct mh_work *work, uint32_t number)
{
	return number >= 1 && number <= work->asks_count ? &work->asks[number - 1] : NULL;
}

uint32_t
mh_work_want(struct mh_work *work, struct mh_str name, int type)
{
	uint64_t hash = mh_fact_hash(type, name);
	struct mh_ask *ask = find(work, hash, name, type);
	if (ask == NULL) {
		if (work->is_late || work->asks_count >= work->asks_max)
			return 0;
		ask = add_ask(work, hash, name, type);
		if (ask == NULL)
			return 0;
		ask->round = 1;
	}
	if (ask->fact == NULL && !ask->is_wanted) {
		take_up(work, ask);
		ask->is_wanted = true;
		work->wanted++;
		work->is_done = false;
	}
	return (uint32_t)(ask - work->asks) + 1;
}

int
mh_work_seed(struct mh_work *work, struct mh_str name, int type, unsigned round, struct mh_fact *fact)
{
	uint64_t hash = mh_fact_hash(type, name);
	struct mh_ask *ask = NULL;
	int error = MH_ERR_OK;

	if (find(work, hash, name, type) != NULL || work->asks_count >= work->asks_max)
		error = MH_ERR_ESTATE;
	else if ((ask = add_ask(work, hash, name, type)) == NULL)
		error = MH_ERR_ENOMEM;
	if (error != MH_ERR_OK) {
		mh_fact_unref(fact);
		return error;
	}
	ask->round = (uint8_t)(round < 255 ? round : 255);
	return fact != NULL ? mh_work_answer(work, work->asks_count, fact) : MH_ERR_OK;
}

int
mh_work_answer(struct mh_work *work, uint32_t number, struct mh_fact *fact)
{
	int error = MH_ERR_OK;
	struct mh_ask *ask = number >= 1 && number <= work->asks_count ? &work->asks[number - 1] : NULL;

	if (ask == NULL)
		error = MH_ERR_ENOENT;
	else if (ask->fact != NULL || work->is_done)
		error = MH_ERR_ESTATE;
	else if (fact->hash != ask->hash || fact->type != ask->type || !mh_str_eq(fact->name, ask->name))
		error = MH_ERR_EINVAL;
	if (error != MH_ERR_OK) {
		mh_fact_unref(fact);
		return error;
	}
	ask->fact = fact;
	ask->state = MH_ASK_ANSWERED;
	if (fact->round > 0)
		ask->round = fact->round;
	if (ask->is_wanted)
		work->wanted--;
	work->open--;
	work->dirty |= ask->parts;
	return MH_ERR_OK;
}

int
mh_work_fail(struct mh_work *work, uint32_t number, int why)
{
	const struct mh_ask *ask = mh_work_ask(work, number);
	struct mh_fact_draft draft;

	if (ask == NULL)
		return MH_ERR_ENOENT;
	mh_fact_draft_init(&draft, &work->mem);
	mh_fact_draft_begin(&draft, ask->name, ask->type);
	mh_fact_draft_fail(&draft, why);
	struct mh_fact *fact = mh_fact_make(&work->mem, &draft);
	mh_fact_draft_free(&draft);
	return fact != NULL ? mh_work_answer(work, number, fact) : MH_ERR_ENOMEM;
}

int
mh_work_answer_from(struct mh_work *work, const struct mh_source *source)
{
	int answered = 0;
	for (uint32_t i = 0; i < work->asks_count && work->open > 0; i++) {
		int error = MH_ERR_OK;
		if (work->asks[i].fact != NULL)
			continue;
		struct mh_fact *fact =
		    source->answer(source->self, work->asks[i].name, work->asks[i].type, &error);
		if (fact == NULL && error != MH_ERR_OK)
			return error;
		if (fact == NULL)
			continue;
		error = mh_work_answer(work, i + 1, fact);
		if (error != MH_ERR_OK)
			return error;
		answered++;
	}
	return answered;
}
