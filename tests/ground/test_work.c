/* test_work.c - lib/ground/work.c: a check that adds up what it is told */
#include "support.h"

#include "error.h"
#include "work.h"

/* The check: each part walks a chain of names, one asking for the next.  Answer: the last octet of the A
 * record tells where to go, 0 ends the chain.  Part 1 wants two names at once. */
struct walk {
	int steps[3], wide;
	bool ended[3];
	bool has_error;
};

static struct mh_str
name_of(char room[8], unsigned n)
{
	room[0] = 'n';
	room[1] = (char)('a' + n / 26);
	room[2] = (char)('a' + n % 26);
	return mh_str_n(room, 3);
}

static void
walk_pass(void *check, struct mh_pass *pass)
{
	struct walk *walk = check;
	char room[8];
	unsigned n = pass->part * 100 + 1;

	walk->steps[pass->part] = 0;
	walk->ended[pass->part] = false;
	if (pass->part == 1) {
		const struct mh_fact *a = mh_want(pass, MH_STR("wide-a"), MH_RR_TXT);
		const struct mh_fact *b = mh_want(pass, MH_STR("wide-b"), MH_RR_TXT);
		walk->wide = a != NULL && b != NULL;
		walk->ended[1] = walk->wide;
		return;
	}
	for (int i = 0; i < 20; i++) {
		const struct mh_fact *fact = mh_want(pass, name_of(room, n), MH_RR_A);
		if (fact == NULL)
			return;
		if (fact->state == MH_FACT_UNKNOWN) {
			walk->has_error = true;
			walk->ended[pass->part] = true;
			return;
		}
		walk->steps[pass->part]++;
		if (fact->count == 0 || fact->rr[0].p[3] == 0)
			break;
		n = pass->part * 100 + fact->rr[0].p[3];
	}
	walk->ended[pass->part] = true;
}

struct scene {
	struct mh_mem mem;
	struct mh_work work;
	struct mh_arena scratch;
	struct walk walk;
};

static void
scene_open(struct scene *scene, struct mh_mem mem, int parts)
{
	scene->mem = mem;
	scene->walk = (struct walk){ .wide = 0 };
	mh_arena_init(&scene->scratch, &scene->mem, 4096);
	mh_work_init(&scene->work, &scene->mem, walk_pass, &scene->walk);
	for (int i = 0; i < parts; i++)
		assert_int_equal(mh_work_add_part(&scene->work), i);
}

static void
scene_close(struct scene *scene)
{
	mh_work_free(&scene->work);
	mh_arena_free(&scene->scratch);
}

/* fact_for - an answer whose last octet is n; NULL without memory */
static struct mh_fact *
fact_for(const struct mh_mem *mem, struct mh_str name, int type, unsigned char n)
{
	struct mh_fact_draft draft;
	unsigned char octets[4] = { 192, 0, 2, n };
	mh_fact_draft_init(&draft, mem);
	mh_fact_draft_begin(&draft, name, type);
	mh_fact_draft_rr(&draft, octets, 4);
	struct mh_fact *fact = mh_fact_make(mem, &draft);
	mh_fact_draft_free(&draft);
	return fact;
}

/* answer - one ask by the rule that name n leads to n + 1, up to 4 */
static int
answer(struct scene *scene, uint32_t number)
{
	const struct mh_ask *ask = mh_work_ask(&scene->work, number);
	unsigned n =
	    ask->name.len == 3 ? (unsigned)(ask->name.p[1] - 'a') * 26 + (unsigned)(ask->name.p[2] - 'a') : 0;
	unsigned char next = n % 100 > 0 && n % 100 < 4 ? (unsigned char)(n % 100 + 1) : 0;
	struct mh_fact *fact = fact_for(&scene->mem, ask->name, ask->type, next);
	return fact != NULL ? mh_work_answer(&scene->work, number, fact) : MH_ERR_ENOMEM;
}

static void
parts_run_until_nothing_is_missing(void **state)
{
	struct scene scene;
	uint32_t number;
	int asked = 0;
	(void)state;
	scene_open(&scene, mh_mem_default(), 3);
	while (mh_work_step(&scene.work, 10, &scene.scratch) == MH_WORK_WAIT)
		while ((number = mh_work_next_ask(&scene.work)) != 0) {
			assert_int_equal(answer(&scene, number), MH_ERR_OK);
			asked++;
		}
	assert_true(scene.work.is_done);
	assert_int_equal(asked, 4 + 2 + 4);
	assert_int_equal(scene.walk.steps[0], 4);
	assert_int_equal(scene.walk.steps[2], 4);
	assert_true(scene.walk.wide);
	assert_int_equal(scene.work.rounds, 4);
	/* A part runs once at first and once for each answer that it waited for; part 1 had two at once. */
	assert_int_equal(scene.work.passes, 5 + 2 + 5);
	assert_int_equal(mh_work_step(&scene.work, 11, &scene.scratch), MH_WORK_DONE);
	assert_int_equal(mh_work_timeout(&scene.work, 11), -1);
	scene_close(&scene);
}

static void
late_double_and_foreign_answers_change_nothing(void **state)
{
	struct scene scene;
	(void)state;
	scene_open(&scene, mh_mem_default(), 2);
	assert_int_equal(mh_work_step(&scene.work, 0, &scene.scratch), MH_WORK_WAIT);
	assert_int_equal(mh_work_answer(&scene.work, 99, fact_for(&scene.mem, MH_STR("x"), MH_RR_A, 0)),
	    MH_ERR_ENOENT);
	assert_int_equal(mh_work_answer(&scene.work, 0, fact_for(&scene.mem, MH_STR("x"), MH_RR_A, 0)),
	    MH_ERR_ENOENT);
	assert_int_equal(mh_work_answer(&scene.work, 1, fact_for(&scene.mem, MH_STR("x"), MH_RR_A, 0)),
	    MH_ERR_EINVAL);
	struct mh_str name = mh_work_ask(&scene.work, 1)->name;
	assert_int_equal(mh_work_answer(&scene.work, 1, fact_for(&scene.mem, name, MH_RR_TXT, 0)),
	    MH_ERR_EINVAL);
	assert_int_equal(answer(&scene, 1), MH_ERR_OK);
	const struct mh_fact *fact = mh_work_ask(&scene.work, 1)->fact;
	assert_int_equal(answer(&scene, 1), MH_ERR_ESTATE);
	assert_int_equal(mh_work_fail(&scene.work, 1, MH_WHY_TIMEOUT), MH_ERR_ESTATE);
	assert_ptr_equal(mh_work_ask(&scene.work, 1)->fact, fact);
	scene_close(&scene);
}

static void
the_deadline_makes_unknown_what_is_missing(void **state)
{
	struct scene scene;
	(void)state;
	scene_open(&scene, mh_mem_default(), 3);
	scene.work.limit_ms = 100;
	assert_int_equal(mh_work_step(&scene.work, 1000, &scene.scratch), MH_WORK_WAIT);
	assert_int_equal(mh_work_timeout(&scene.work, 1040), 60);
	assert_int_equal(mh_work_step(&scene.work, 1099, &scene.scratch), MH_WORK_WAIT);
	assert_int_equal(mh_work_timeout(&scene.work, 1100), 0);
	assert_int_equal(mh_work_step(&scene.work, 1100, &scene.scratch), MH_WORK_DONE);
	assert_true(scene.walk.has_error);
	for (uint32_t i = 1; i <= scene.work.asks_count; i++)
		assert_int_equal(mh_work_ask(&scene.work, i)->fact->why, MH_WHY_DEADLINE);
	assert_int_equal(answer(&scene, 1), MH_ERR_ESTATE);
	scene_close(&scene);
}

static void
the_budget_makes_unknown_what_it_does_not_allow(void **state)
{
	struct scene scene;
	uint32_t number;
	(void)state;
	scene_open(&scene, mh_mem_default(), 1);
	scene.work.asks_max = 2;
	while (mh_work_step(&scene.work, 0, &scene.scratch) == MH_WORK_WAIT)
		while ((number = mh_work_next_ask(&scene.work)) != 0)
			answer(&scene, number);
	assert_int_equal(scene.work.asks_count, 2);
	assert_true(scene.walk.has_error);
	assert_true(scene.work.refused > 0);
	scene_close(&scene);
}

static void
a_work_that_is_wanted_for_more_is_not_done(void **state)
{
	struct scene scene;
	uint32_t number;
	(void)state;
	scene_open(&scene, mh_mem_default(), 1);
	while (mh_work_step(&scene.work, 0, &scene.scratch) == MH_WORK_WAIT)
		while ((number = mh_work_next_ask(&scene.work)) != 0)
			answer(&scene, number);
	number = mh_work_want(&scene.work, MH_STR("extra"), MH_RR_MX);
	assert_true(number > 0);
	assert_int_equal(mh_work_want(&scene.work, MH_STR("extra"), MH_RR_MX), number);
	assert_int_equal(mh_work_step(&scene.work, 0, &scene.scratch), MH_WORK_WAIT);
	assert_int_equal(mh_work_next_ask(&scene.work), number);
	assert_int_equal(answer(&scene, number), MH_ERR_OK);
	assert_int_equal(mh_work_step(&scene.work, 0, &scene.scratch), MH_WORK_DONE);
	mh_work_reset(&scene.work);
	assert_int_equal(mh_work_step(&scene.work, 0, &scene.scratch), MH_WORK_WAIT);
	assert_int_equal(scene.work.asks_count, 1);
	scene_close(&scene);
}

/* A source that knows everything but "wide-b". */
static struct mh_fact *
source_answer(void *self, struct mh_str name, int type, int *error)
{
	struct mh_fact *fact;
	if (mh_str_eq(name, MH_STR("wide-b")))
		return NULL;
	fact = fact_for(self, name, type, 0);
	if (fact == NULL)
		*error = MH_ERR_ENOMEM;
	return fact;
}

static bool
run_with_source(struct mh_mem mem, void *arg)
{
	struct scene scene;
	int result;
	(void)arg;
	scene_open(&scene, mem, 2);
	struct mh_source source = { source_answer, &scene.mem, false };
	result = mh_work_step(&scene.work, 0, &scene.scratch);
	if (result == MH_WORK_WAIT)
		result = mh_work_answer_from(&scene.work, &source);
	if (result == 2) {
		const struct mh_ask *ask = mh_work_ask(&scene.work, 3);
		assert_true(ask->fact == NULL && mh_str_eq(ask->name, MH_STR("wide-b")));
		result = mh_work_fail(&scene.work, 3, MH_WHY_REFUSED);
		if (result == MH_ERR_OK)
			result = mh_work_step(&scene.work, 0, &scene.scratch);
	}
	assert_true(result == MH_WORK_DONE || result == MH_ERR_ENOMEM);
	scene_close(&scene);
	return result == MH_WORK_DONE;
}

static void
sources_answer_and_memory_may_fail(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(run_with_source, NULL, false) > 5);
}

static void
many_asks_are_found_again(void **state)
{
	struct scene scene;
	char room[8];
	(void)state;
	scene_open(&scene, mh_mem_default(), 0);
	for (unsigned n = 0; n < 300; n++)
		assert_int_equal(mh_work_want(&scene.work, name_of(room, n), MH_RR_A), n + 1);
	for (unsigned n = 0; n < 300; n++)
		assert_int_equal(mh_work_want(&scene.work, name_of(room, n), MH_RR_A), n + 1);
	assert_int_equal(mh_work_want(&scene.work, name_of(room, 7), MH_RR_AAAA), 301);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_run_until_nothing_is_missing),
		cmocka_unit_test(late_double_and_foreign_answers_change_nothing),
		cmocka_unit_test(the_deadline_makes_unknown_what_is_missing),
		cmocka_unit_test(the_budget_makes_unknown_what_it_does_not_allow),
		cmocka_unit_test(a_work_that_is_wanted_for_more_is_not_done),
		cmocka_unit_test(sources_answer_and_memory_may_fail),
		cmocka_unit_test(many_asks_are_found_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
