/* layers.c - sharing stacks of rulesets */
#include "layers.h"

struct mh_rulebook *
mh_rulebook_ref(struct mh_rulebook *book)
{
	atomic_fetch_add_explicit(&book->references, 1, memory_order_relaxed);
	return book;
}

void
mh_rulebook_unref(struct mh_rulebook *book)
{
	if (book == NULL || atomic_fetch_sub_explicit(&book->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_mem mem = book->mem;
	for (size_t i = 0; i < book->layers.count; i++)
		if (book->size[i] > 0)
			mh_mem_free(&mem, (void *)(uintptr_t)book->layers.set[i], book->size[i]);
	mh_mem_free(&mem, book, sizeof(*book));
}

struct mh_rulebook *
mh_rulebook_new(const struct mh_mem *mem, const struct mh_ruleset *builtin)
{
	struct mh_rulebook *book = mh_mem_zalloc(mem, sizeof(*book));
	if (book == NULL)
		return NULL;
	atomic_init(&book->references, 1);
	book->mem = *mem;
	book->layers.set[0] = builtin;
	book->layers.count = 1;
	book->version = builtin->version;
	return book;
}

void
mh_rulebook_push(struct mh_rulebook *book, const struct mh_ruleset *set, size_t size)
{
	size_t n = book->layers.count++;
	book->layers.set[n] = set;
	book->size[n] = size;
	book->version = (book->version ^ set->version) * 1099511628211u;
}
