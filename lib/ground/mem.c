/* mem.c - allocators and arenas
 *
 * A block of no octets is a block of one, so that NULL always and only means
 * that there was no memory.
 *
 * An arena is a list of chunks, each at least twice as large as the one before
 * until CHUNK_GROWTH_MAX is reached.  What is left in a chunk when a larger
 * block does not fit is given up: arenas here live for one reply or one pass.
 *
 * Does not: give back single blocks of an arena, or lock.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "port.h"

#define ALIGN 16 /* as malloc does, whatever the host's allocator does */
#define CHUNK_FIRST 4096
#define CHUNK_GROWTH_MAX ((size_t)1 << 20)

struct mh_arena_chunk {
	struct mh_arena_chunk *next; /* the older one */
	size_t size; /* all of it, as it was allocated */
	unsigned char *free; /* where the next block begins; aligned */
	unsigned char *end;
};

/* The most that a chunk loses to its head and to alignment. */
#define CHUNK_OVERHEAD (sizeof(struct mh_arena_chunk) + ALIGN - 1)

static size_t
at_least_one(size_t size)
{
	return size > 0 ? size : 1;
}

static void *
libc_mem(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	(void)ud;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

struct mh_mem
mh_mem_default(void)
{
	return (struct mh_mem){ .fn = libc_mem };
}

/* mh_mem_alloc - size octets, not cleared; NULL without memory */
void *
mh_mem_alloc(const struct mh_mem *mem, size_t size)
{
	return mem->fn(mem->ud, NULL, 0, at_least_one(size));
}

/* mh_mem_zalloc - size octets of zero; NULL without memory */
void *
mh_mem_zalloc(const struct mh_mem *mem, size_t size)
{
	void *p = mh_mem_alloc(mem, size);
	if (p != NULL)
		memset(p, 0, at_least_one(size));
	return p;
}

void *
mh_mem_resize(const struct mh_mem *mem, void *ptr, size_t old_size, size_t new_size)
{
	if (ptr == NULL)
		return mh_mem_alloc(mem, new_size);
	return mem->fn(mem->ud, ptr, at_least_one(old_size), at_least_one(new_size));
}

/* mh_mem_free - gives back a block of size octets; NULL is fine */
void
mh_mem_free(const struct mh_mem *mem, void *ptr, size_t size)
{
	if (ptr != NULL)
		mem->fn(mem->ud, ptr, at_least_one(size), 0);
}

/* round_up - size as a multiple of ALIGN; the caller has made sure that it fits */
static size_t
round_up(size_t size)
{
	return (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* rewind_chunk - makes all of the chunk free */
static void
rewind_chunk(struct mh_arena_chunk *chunk)
{
	unsigned char *start = (unsigned char *)(chunk + 1);
	size_t off = (size_t)((uintptr_t)start % ALIGN);

	chunk->free = start + (off > 0 ? ALIGN - off : 0);
	chunk->end = (unsigned char *)chunk + chunk->size;
}

/* push_chunk - puts a new chunk of size octets in front; NULL without memory */
static struct mh_arena_chunk *
push_chunk(struct mh_arena *arena, size_t size)
{
	struct mh_arena_chunk *chunk = mh_mem_alloc(&arena->mem, size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->next = arena->head;
	rewind_chunk(chunk);
	arena->head = chunk;
	return chunk;
}

void
mh_arena_init(struct mh_arena *arena, const struct mh_mem *mem, size_t keep_max)
{
	*arena = (struct mh_arena){ .mem = *mem, .keep_max = keep_max };
}

/* next_size - of the chunk that follows the head and has room for one block of need octets */
static size_t
next_size(const struct mh_arena *arena, size_t need)
{
	const struct mh_arena_chunk *head = arena->head;
	size_t size = arena->first_size > 0 ? arena->first_size : CHUNK_FIRST;
	if (head != NULL)
		size = head->size < CHUNK_GROWTH_MAX / 2 ? head->size * 2 : CHUNK_GROWTH_MAX;
	return size >= need + CHUNK_OVERHEAD ? size : need + CHUNK_OVERHEAD;
}

void *
mh_arena_alloc(struct mh_arena *arena, size_t size)
{
	struct mh_arena_chunk *chunk = arena->head;

	if (MH_UNLIKELY(size > SIZE_MAX - CHUNK_OVERHEAD - ALIGN))
		return NULL;
	size = round_up(at_least_one(size));
	if (MH_UNLIKELY(chunk == NULL || (size_t)(chunk->end - chunk->free) < size)) {
		chunk = push_chunk(arena, next_size(arena, size));
		if (chunk == NULL)
			return NULL;
	}
	void *block = chunk->free;
	chunk->free += size;
	arena->used += size;
	return block;
}

/* wanted_size - of the one chunk that would have held all of this round, a power of two so that
 * rounds of much the same length do not each make their own; no more than the ceiling */
static size_t
wanted_size(const struct mh_arena *arena)
{
	size_t size = arena->first_size > 0 ? arena->first_size : CHUNK_FIRST;
	while (size < arena->keep_max && size - CHUNK_OVERHEAD < arena->used)
		size = size <= SIZE_MAX / 2 ? size * 2 : SIZE_MAX;
	return size < arena->keep_max ? size : arena->keep_max;
}

/* mh_arena_reset - every block is gone, the memory stays as far as the ceiling allows */
void
mh_arena_reset(struct mh_arena *arena)
{
	struct mh_arena_chunk *keep = NULL;
	size_t wanted = wanted_size(arena);

	while (arena->head != NULL) {
		struct mh_arena_chunk *chunk = arena->head;
		arena->head = chunk->next;
		bool fits = chunk->size >= wanted && chunk->size <= arena->keep_max;
		if (keep == NULL && fits)
			keep = chunk;
		else
			mh_mem_free(&arena->mem, chunk, chunk->size);
	}
	if (keep != NULL) {
		keep->next = NULL;
		rewind_chunk(keep);
		arena->head = keep;
	} else if (arena->used > 0 && wanted > CHUNK_OVERHEAD &&
	    (arena->first_size > 0 || wanted >= CHUNK_FIRST)) {
		/* Without memory the arena is empty, and the next block tries again. */
		(void)push_chunk(arena, wanted);
	}
	arena->used = 0;
}

/* mh_arena_free - gives everything back; the arena can be used again */
void
mh_arena_free(struct mh_arena *arena)
{
	while (arena->head != NULL) {
		struct mh_arena_chunk *chunk = arena->head;
		arena->head = chunk->next;
		mh_mem_free(&arena->mem, chunk, chunk->size);
	}
	arena->used = 0;
}
