/* ctx.c - the context: an allocator and the reply rules in use */
#include "handles.h"

#include "files.h"

#define ANCHORS_MAX ((size_t)8 << 20) /* octets of a file of them */

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
	mh_tls_maker_unref(ctx->maker);
	mh_anchors_unref(ctx->anchors);
	mh_ossl_unref(ctx->ossl);
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

/* ------------------------------------------------------------------------ TLS */

struct mh_ossl *
mh_ctx_ossl(struct mh_ctx *ctx)
{
	lock(ctx);
	struct mh_ossl *ossl = ctx->ossl;
	unlock(ctx);
	if (ossl != NULL)
		return ossl;
	/* Made outside the lock: it takes a while.  Of two threads one throws its own away. */
	struct mh_ossl *made = mh_ossl_make(&ctx->mem);
	lock(ctx);
	if (ctx->ossl == NULL) {
		ctx->ossl = made;
		made = NULL;
	}
	ossl = ctx->ossl;
	unlock(ctx);
	mh_ossl_unref(made);
	return ossl;
}

int
mh_ctx_prepare_certificates(struct mh_ctx *ctx)
{
	if (mh_ctx_ossl(ctx) == NULL)
		return MH_ENOMEM;
	lock(ctx);
	ctx->is_frozen = true;
	unlock(ctx);
	return MH_OK;
}

int
mh_ctx_prepare_tls(struct mh_ctx *ctx)
{
	if (mh_ctx_prepare_certificates(ctx) != MH_OK)
		return MH_ENOMEM;
	struct mh_ossl *ossl = ctx->ossl;
	lock(ctx);
	struct mh_tls_maker *maker = ctx->maker;
	unlock(ctx);
	if (maker != NULL)
		return MH_OK;
	maker = mh_tls_maker_make(&ctx->mem, ossl);
	if (maker == NULL)
		return MH_ENOMEM;
	lock(ctx);
	if (ctx->maker == NULL) {
		ctx->maker = maker;
		maker = NULL;
	}
	unlock(ctx);
	mh_tls_maker_unref(maker);
	return MH_OK;
}

/* anchors_of - those of the context, made if there are none yet; NULL: no memory */
static struct mh_anchors *
anchors_of(struct mh_ctx *ctx)
{
	struct mh_ossl *ossl = mh_ctx_ossl(ctx);
	if (ctx->anchors == NULL && ossl != NULL)
		ctx->anchors = mh_anchors_make(ossl);
	return ctx->anchors;
}

int
mh_ctx_add_anchors(mh_ctx *ctx, const void *pem, size_t len)
{
	if (ctx == NULL || (pem == NULL && len > 0))
		return MH_EINVAL;
	if (ctx->is_frozen)
		return MH_EFROZEN;
	struct mh_anchors *anchors = anchors_of(ctx);
	int count = anchors != NULL ? mh_anchors_add(anchors, mh_str_n(pem, len)) : -1;
	return count < 0 ? MH_ENOMEM : count;
}

int
mh_ctx_add_anchors_file(mh_ctx *ctx, const char *path)
{
	struct mh_buf text;
	if (ctx == NULL || path == NULL)
		return MH_EINVAL;
	mh_buf_init(&text, &ctx->mem, ANCHORS_MAX);
	int result = mh_file_read(path, &text);
	if (result == MH_OK)
		result = mh_ctx_add_anchors(ctx, mh_buf_z(&text), text.len);
	mh_buf_free(&text);
	return result;
}

int
mh_ctx_use_system_anchors(mh_ctx *ctx)
{
	if (ctx == NULL)
		return MH_EINVAL;
	if (ctx->is_frozen)
		return MH_EFROZEN;
	struct mh_anchors *anchors = anchors_of(ctx);
	if (anchors == NULL)
		return MH_ENOMEM;
	return mh_anchors_add_system(anchors) ? MH_OK : MH_EIO;
}
