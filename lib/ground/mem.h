/* mem.h - where memory comes from, and arenas to take it from and forget
 *
 * Every allocation of the library goes through a struct mh_mem, a copy of the
 * host's allocator.  Out of memory is an ordinary return everywhere.
 */
#ifndef MH_MEM_H
#define MH_MEM_H

#include <stddef.h>
#include <stdint.h>

typedef void *(*mh_mem_fn)(void *ud, void *ptr, size_t old_size, size_t new_size);

struct mh_mem {
	mh_mem_fn fn;
	void *ud;
};

/* mh_mem_default - the C library's allocator */
struct mh_mem mh_mem_default(void);

/* The four below: a block of size 0 is a block, so NULL always means that there is no memory. */
void *mh_mem_alloc(const struct mh_mem *mem, size_t size);
void *mh_mem_zalloc(const struct mh_mem *mem, size_t size);
/* mh_mem_resize - like realloc; on NULL the old block is untouched */
void *mh_mem_resize(const struct mh_mem *mem, void *ptr, size_t old_size, size_t new_size);
void mh_mem_free(const struct mh_mem *mem, void *ptr, size_t size);

/* An arena: blocks that are only ever given back together.  mh_arena_reset
 * keeps the memory for the next round, so that a warm arena allocates nothing;
 * after a round that needed several chunks it keeps one that would have held
 * all of it, up to the ceiling given at birth. */
struct mh_arena_chunk;
struct mh_arena {
	struct mh_mem mem;
	struct mh_arena_chunk *head; /* the chunk in use, newest first */
	size_t keep_max; /* octets that survive a reset */
	size_t first_size; /* of the first chunk; 0: what suits most */
	size_t used; /* octets handed out since the last reset */
};

void mh_arena_init(struct mh_arena *arena, const struct mh_mem *mem, size_t keep_max);
/* mh_arena_alloc - size octets aligned for any type, not cleared; NULL without memory */
void *mh_arena_alloc(struct mh_arena *arena, size_t size);
void mh_arena_reset(struct mh_arena *arena);
void mh_arena_free(struct mh_arena *arena);

#endif
