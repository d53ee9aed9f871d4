/* test_mem.c - lib/ground/mem.c */
#include "support.h"

#include "mem.h"

static void
default_allocator(void **state)
{
	(void)state;
	struct mh_mem mem = mh_mem_default();
	char *p = mh_mem_zalloc(&mem, 100);
	assert_non_null(p);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	memset(p, 'x', 100);
	p = mh_mem_resize(&mem, p, 100, 5000);
	assert_non_null(p);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 'x');
	mh_mem_free(&mem, p, 5000);
	mh_mem_free(&mem, NULL, 0);
	p = mh_mem_alloc(&mem, 1);
	assert_non_null(p);
	mh_mem_free(&mem, p, 1);
}

static void
zalloc_clears(void **state)
{
	(void)state;
	struct test_alloc alloc = { .fail_at = 2 };
	struct mh_mem mem = test_alloc_mem(&alloc); /* its blocks come full of 0xa5 */
	unsigned char *p = mh_mem_zalloc(&mem, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
	assert_null(mh_mem_zalloc(&mem, 100));
	mh_mem_free(&mem, p, 100);
	test_alloc_done(&alloc);
}

static void
size_zero_is_a_block(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	void *p = mh_mem_alloc(&mem, 0);
	void *q = mh_mem_zalloc(&mem, 0);
	assert_non_null(p);
	assert_non_null(q);
	assert_ptr_not_equal(p, q);
	p = mh_mem_resize(&mem, p, 0, 10);
	assert_non_null(p);
	p = mh_mem_resize(&mem, p, 10, 0);
	assert_non_null(p);
	mh_mem_free(&mem, p, 0);
	mh_mem_free(&mem, q, 0);
	p = mh_mem_resize(&mem, NULL, 0, 7);
	assert_non_null(p);
	mh_mem_free(&mem, p, 7);
	test_alloc_done(&alloc);
}

static void
failed_resize_leaves_the_block(void **state)
{
	(void)state;
	struct test_alloc alloc = { .fail_at = 2 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	char *p = mh_mem_alloc(&mem, 3);
	memcpy(p, "abc", 3);
	assert_null(mh_mem_resize(&mem, p, 3, 4000));
	assert_memory_equal(p, "abc", 3);
	mh_mem_free(&mem, p, 3);
	test_alloc_done(&alloc);
}

/* The allocator of the tests itself: it must see what it is there to see. */
static void
test_alloc_sees_faults(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	void *p = mh_mem_alloc(&mem, 8);
	assert_int_equal(alloc.live, 1);
	assert_int_equal(alloc.live_octets, 8);
	mh_mem_free(&mem, p, 9);
	assert_non_null(alloc.fault);
	assert_int_equal(alloc.live, 0);
	assert_int_equal(alloc.live_octets, 0);
	assert_null(mh_mem_alloc(&mem, SIZE_MAX - 100));
	assert_int_equal(alloc.failed, 1);
}

/* An allocator whose blocks are as badly aligned as the host may have them. */
static void *
odd_mem(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	size_t shift = *(size_t *)ud;
	struct mh_mem libc = mh_mem_default();

	assert_null(new_size > 0 ? ptr : NULL); /* arenas resize nothing */
	if (new_size == 0) {
		mh_mem_free(&libc, (char *)ptr - shift, old_size + shift);
		return NULL;
	}
	char *p = mh_mem_alloc(&libc, new_size + shift);
	return p + shift;
}

static void
arena_blocks_are_aligned_and_apart(void **state)
{
	(void)state;
	for (size_t shift = 0; shift <= 8; shift += 8) {
		struct mh_mem mem = { .fn = odd_mem, .ud = &shift };
		struct mh_arena arena;
		unsigned char *block[600];
		mh_arena_init(&arena, &mem, 0);
		for (size_t i = 0; i < 600; i++) {
			block[i] = mh_arena_alloc(&arena, i);
			assert_non_null(block[i]);
			assert_int_equal((uintptr_t)block[i] % 16, 0);
			memset(block[i], (int)(i & 0xff), i);
		}
		assert_ptr_not_equal(block[0], block[1]);
		for (size_t i = 0; i < 600; i++)
			for (size_t k = 0; k < i; k++)
				assert_int_equal(block[i][k], i & 0xff);
		mh_arena_free(&arena);
	}
}

static void
arena_chunks_grow(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_arena arena;
	mh_arena_init(&arena, &mem, 0);
	assert_int_equal(alloc.calls, 0);
	size_t want = 4096;
	for (size_t chunk = 1; chunk <= 5; chunk++, want *= 2) {
		while (alloc.calls < chunk)
			assert_non_null(mh_arena_alloc(&arena, 64));
		assert_int_equal(alloc.last_size, want);
	}
	size_t used = arena.used;
	assert_non_null(mh_arena_alloc(&arena, 16));
	assert_int_equal(arena.used, used + 16);
	assert_non_null(mh_arena_alloc(&arena, 17));
	assert_int_equal(arena.used, used + 48);
	assert_non_null(mh_arena_alloc(&arena, 3000000));
	assert_true(alloc.last_size >= 3000000 && alloc.last_size < 3000200);
	mh_arena_free(&arena);
	assert_int_equal(arena.used, 0);
	test_alloc_done(&alloc);
}

static void
arena_refuses_sizes_that_overflow(void **state)
{
	(void)state;
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_arena arena;
	mh_arena_init(&arena, &mem, 1 << 20);
	assert_non_null(mh_arena_alloc(&arena, 1));
	for (size_t less = 0; less < 200; less++)
		assert_null(mh_arena_alloc(&arena, SIZE_MAX - less));
	assert_null(mh_arena_alloc(&arena, SIZE_MAX / 2));
	assert_int_equal(arena.used, 16);
	mh_arena_free(&arena);
	test_alloc_done(&alloc);
}

/* fill - one round: n blocks of size octets */
static bool
fill(struct mh_arena *arena, size_t n, size_t size)
{
	for (size_t i = 0; i < n; i++) {
		void *p = mh_arena_alloc(arena, size);
		if (p == NULL)
			return false;
		memset(p, 1, size);
	}
	return true;
}

static const struct reset_case {
	const char *name;
	size_t keep_max, blocks, size;
	size_t live_max; /* octets alive after the reset, at most */
	bool warm; /* the second round allocates nothing */
} reset_cases[] = {
	{ "a round that fits the first chunk keeps it", 65536, 10, 100, 4096, true },
	{ "a round of several chunks leaves one that holds it all", 65536, 100, 200, 32768, true },
	{ "a round just above a power of two", 65536, 1, 8180, 16384, true },
	{ "a round above the ceiling keeps the ceiling", 16384, 1000, 100, 16384, false },
	{ "a ceiling of zero keeps nothing", 0, 10, 100, 0, false },
	{ "a ceiling below one chunk keeps nothing", 4095, 10, 100, 0, false },
	{ "a ceiling of exactly one chunk keeps it", 4096, 10, 100, 4096, true },
	{ "a round without blocks keeps nothing it does not have", 65536, 0, 0, 0, true },
	{ "no ceiling", SIZE_MAX, 1000, 1000, 1 << 21, true },
};

static void
arena_reset_keeps_one_chunk(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(reset_cases); i++) {
		const struct reset_case *c = &reset_cases[i];
		struct test_alloc alloc = { 0 };
		struct mh_mem mem = test_alloc_mem(&alloc);
		struct mh_arena arena;
		mh_arena_init(&arena, &mem, c->keep_max);
		assert_true(fill(&arena, c->blocks, c->size));
		mh_arena_reset(&arena);
		test_number(c->name, arena.used, 0);
		test_check(c->name, alloc.live <= 1);
		test_check(c->name, alloc.live_octets <= c->live_max);
		size_t calls = alloc.calls;
		assert_true(fill(&arena, c->blocks, c->size));
		test_check(c->name, (alloc.calls == calls) == c->warm);
		mh_arena_reset(&arena);
		mh_arena_reset(&arena);
		if (c->warm)
			test_number(c->name, alloc.calls, calls);
		mh_arena_free(&arena);
		test_alloc_done(&alloc);
	}
}

static bool
arena_round_trip(struct mh_mem mem, void *arg)
{
	struct mh_arena arena;
	(void)arg;
	mh_arena_init(&arena, &mem, 1 << 16);
	bool well = fill(&arena, 50, 300);
	mh_arena_reset(&arena);
	well = fill(&arena, 50, 300) && well;
	mh_arena_free(&arena);
	return well;
}

static void
arena_without_memory(void **state)
{
	(void)state;
	/* The chunk that a reset makes for speed may be missing unnoticed. */
	assert_true(test_failing_allocs(arena_round_trip, NULL, true) >= 3);

	struct test_alloc alloc = { .fail_at = 1, .stay_failing = true };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_arena arena;
	mh_arena_init(&arena, &mem, 1 << 16);
	assert_null(mh_arena_alloc(&arena, 1));
	assert_int_equal(arena.used, 0);
	alloc.fail_at = 0;
	assert_non_null(mh_arena_alloc(&arena, 1));
	mh_arena_free(&arena);
	test_alloc_done(&alloc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_allocator),
		cmocka_unit_test(zalloc_clears),
		cmocka_unit_test(size_zero_is_a_block),
		cmocka_unit_test(failed_resize_leaves_the_block),
		cmocka_unit_test(test_alloc_sees_faults),
		cmocka_unit_test(arena_blocks_are_aligned_and_apart),
		cmocka_unit_test(arena_chunks_grow),
		cmocka_unit_test(arena_refuses_sizes_that_overflow),
		cmocka_unit_test(arena_reset_keeps_one_chunk),
		cmocka_unit_test(arena_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
