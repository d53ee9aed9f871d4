/* ctx.c - the context: an allocator and the reply rules in use */
#include "handles.h"

mh_ctx *
mh_ctx_new(mh_alloc_fn alloc, void *ud)
{
	struct mh_mem mem = mh_mem_default();
	if (alloc != NULL)
		mem = (struct mh_mem){ alloc, ud };
	struct mh_ctx *ctx = mh_mem_zalloc(&mem, sizeof(*ctx));
	if (ctx == NULL)
		return NULL;
	ctx->mem = mem;
	atomic_init(&ctx->references, 1);
	atomic_init(&ctx->generation, 1);
	atomic_flag_clear(&ctx->lock);
	ctx->book = mh_rulebook_new(&ctx->mem, &mh_builtin_rules);
	if (ctx->book != NULL)
		return ctx;
	mh_mem_free(&mem, ctx, sizeof(*ctx));
	return NULL;
}

struct mh_ctx *
mh_ctx_ref(struct mh_ctx *ctx)
{
	atomic_fetch_add_explicit(&ctx->references, 1, memory_order_relaxed);
	return ctx;
}

void
mh_ctx_free(mh_ctx *ctx)
{
	if (ctx == NULL || atomic_fetch_sub_explicit(&ctx->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_mem mem = ctx->mem;
	mh_rulebook_unref(ctx->book);
	mh_mem_free(&mem, ctx, sizeof(*ctx));
}

static void
lock(struct mh_ctx *ctx)
{
	while (atomic_flag_test_and_set_explicit(&ctx->lock, memory_order_acquire))
		;
}

static void
unlock(struct mh_ctx *ctx)
{
	atomic_flag_clear_explicit(&ctx->lock, memory_order_release);
}

struct mh_rulebook *
mh_ctx_book(struct mh_ctx *ctx, unsigned *generation)
{
	lock(ctx);
	struct mh_rulebook *book = mh_rulebook_ref(ctx->book);
	*generation = atomic_load_explicit(&ctx->generation, memory_order_relaxed);
	unlock(ctx);
	return book;
}

int
mh_ctx_use_rules(mh_ctx *ctx, mh_rules *rules)
{
	struct mh_rulebook *book;
	if (ctx == NULL)
		return MH_EINVAL;
	if (rules != NULL && rules->book != NULL) {
		book = mh_rulebook_ref(rules->book);
		rules->in_use = true;
	} else {
		book = mh_rulebook_new(&ctx->mem, &mh_builtin_rules);
		if (book == NULL)
			return MH_ENOMEM;
		if (rules != NULL)
			rules->in_use = true;
	}
	lock(ctx);
	struct mh_rulebook *before = ctx->book;
	ctx->book = book;
	atomic_fetch_add_explicit(&ctx->generation, 1, memory_order_release);
	unlock(ctx);
	mh_rulebook_unref(before);
	return MH_OK;
}
