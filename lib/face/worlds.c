/* worlds.c - the exported functions about recordings */
#include "handles.h"

#include "error.h"
#include "files.h"

#define FILE_MAX ((size_t)64 << 20)

mh_world *
mh_world_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_world *world = mh_mem_zalloc(&ctx->mem, sizeof(*world));
	if (world == NULL)
		return NULL;
	world->ctx = mh_ctx_ref(ctx);
	atomic_init(&world->references, 1);
	mh_strings_init(&world->strings, &ctx->mem);
	world->world = mh_worldfile_make(&ctx->mem);
	world->report = mh_report_make(&ctx->mem);
	if (world->world != NULL && world->report != NULL)
		return world;
	mh_world_free(world);
	return NULL;
}

struct mh_world *
mh_world_ref(struct mh_world *world)
{
	atomic_fetch_add_explicit(&world->references, 1, memory_order_relaxed);
	return world;
}

void
mh_world_free(mh_world *world)
{
	if (world == NULL || atomic_fetch_sub_explicit(&world->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_ctx *ctx = world->ctx;
	if (world->world != NULL)
		mh_worldfile_free(world->world);
	mh_report_unref(world->report);
	mh_strings_free(&world->strings);
	mh_mem_free(&ctx->mem, world, sizeof(*world));
	mh_ctx_free(ctx);
}

int
mh_world_add(mh_world *world, const char *name, const void *text, size_t len)
{
	if (world == NULL || name == NULL || (text == NULL && len > 0))
		return MH_EINVAL;
	if (world->in_use)
		return MH_ESTATE;
	return mh_worldfile_read(world->world, mh_str_z(name), mh_str_n(text, len), world->report);
}

int
mh_world_add_file(mh_world *world, const char *path)
{
	struct mh_buf text;
	if (world == NULL || path == NULL)
		return MH_EINVAL;
	mh_buf_init(&text, &world->ctx->mem, FILE_MAX);
	int result = mh_file_read(path, &text);
	if (result == MH_OK)
		result = mh_world_add(world, path, mh_buf_z(&text), text.len);
	mh_buf_free(&text);
	return result;
}

mh_report *
mh_world_report(mh_world *world)
{
	struct mh_report *report = world != NULL ? mh_report_copy(world->report) : NULL;
	if (report == NULL || mh_report_finish(report) == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}

int
mh_world_answer(mh_world *world, mh_job *job)
{
	if (world == NULL || job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL || job->work.is_done)
		return MH_ESTATE;
	struct mh_source source = mh_worldfile_source(world->world);
	world->in_use = true;
	return mh_work_answer_from(&job->work, &source);
}

const char *
mh_world_str(mh_world *world, const char *option)
{
	if (world == NULL || option == NULL)
		return "";
	struct mh_str value = strcmp(option, "check") == 0 ? mh_worldfile_head(world->world)->check
							   : mh_worldfile_option(world->world, option);
	/* One string at a time: there are as many options as somebody wrote. */
	mh_strings_reset(&world->strings);
	return mh_strings_keep(&world->strings, 1, value);
}
