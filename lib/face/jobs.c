/* jobs.c - the exported functions that make, set and run jobs
 *
 * Results are in job_results.c, asks and answers in asks.c, loops in loops.c.
 */
#include "checks.h"
#include "handles.h"

#include "error.h"

#define SCRATCH_KEEP 65536
#define LAST_TIME 253402300799 /* the end of the year 9999 */

_Static_assert(MH_WAIT == MH_WORK_WAIT && MH_DONE == MH_WORK_DONE, "steps have come apart");

/* One line for each check: MH_CHECK_*, and how it is done. */
static const struct {
	int check;
	const struct mh_check_ops *ops;
} checks[] = {
	{ MH_CHECK_SPF, &mh_spf_ops },
	{ MH_CHECK_TLS, &mh_tls_ops },
	{ MH_CHECK_DMARC, &mh_dmarc_ops },
	{ MH_CHECK_DOMAIN, &mh_domain_ops },
	{ MH_CHECK_HOST, &mh_host_ops },
};

/* ops_of - NULL: there is no such check */
static const struct mh_check_ops *
ops_of(int check)
{
	for (size_t i = 0; i < MH_COUNT(checks); i++)
		if (checks[i].check == check)
			return checks[i].ops;
	return NULL;
}

mh_job *
mh_job_new(mh_ctx *ctx, int check)
{
	const struct mh_check_ops *ops = ops_of(check);
	if (ctx == NULL || ops == NULL)
		return NULL;
	struct mh_job *job = mh_mem_zalloc(&ctx->mem, sizeof(*job));
	if (job == NULL)
		return NULL;
	job->check = mh_mem_zalloc(&ctx->mem, ops->size);
	if (job->check == NULL) {
		mh_mem_free(&ctx->mem, job, sizeof(*job));
		return NULL;
	}
	job->ctx = mh_ctx_ref(ctx);
	job->ops = ops;
	job->ended_ms = job->elapsed_ms = -1;
	mh_work_init(&job->work, &ctx->mem, ops->pass, job->check);
	job->work.owner = job;
	job->work.limit_ms = job->ops->limit_ms;
	ops->init(job->check, &ctx->mem);
	mh_arena_init(&job->scratch, &ctx->mem, SCRATCH_KEEP);
	return job;
}

/* free_out - results and the room for them */
static void
free_out(struct mh_job *job)
{
	struct mh_job_out *out = job->out;
	if (out == NULL)
		return;
	mh_report_unref(out->report);
	mh_arena_free(&out->arena);
	mh_strings_free(&out->strings);
	mh_buf_free(&out->json);
	mh_buf_free(&out->world);
	mh_buf_free(&out->text);
	mh_mem_free(&job->ctx->mem, out, sizeof(*out));
	job->out = NULL;
}

void
mh_job_free(mh_job *job)
{
	if (job == NULL)
		return;
	struct mh_ctx *ctx = job->ctx;
	mh_loop_forget(job);
	free_out(job);
	mh_job_drop_answers(job);
	mh_mem_free(&ctx->mem, job->rdata, 65535);
	mh_work_free(&job->work);
	job->ops->free(job->check);
	mh_mem_free(&ctx->mem, job->check, job->ops->size);
	mh_arena_free(&job->scratch);
	mh_mem_free(&ctx->mem, job, sizeof(*job));
	mh_ctx_free(ctx);
}

struct mh_job_out *
mh_job_room(struct mh_job *job)
{
	const struct mh_mem *mem = &job->ctx->mem;
	if (job->out != NULL)
		return job->out;
	struct mh_job_out *out = mh_mem_zalloc(mem, sizeof(*out));
	if (out == NULL)
		return NULL;
	mh_arena_init(&out->arena, mem, SCRATCH_KEEP);
	mh_strings_init(&out->strings, mem);
	mh_buf_init(&out->json, mem, (size_t)64 << 20);
	mh_buf_init(&out->world, mem, (size_t)64 << 20);
	mh_buf_init(&out->text, mem, (size_t)1 << 20);
	out->work = &job->work;
	job->out = out;
	return out;
}

void
mh_job_forget(struct mh_job *job)
{
	struct mh_job_out *out = job->out;
	if (out == NULL)
		return;
	mh_report_unref(out->report);
	out->report = NULL;
	out->found = NULL;
	out->has_json = false;
	mh_arena_reset(&out->arena);
	mh_strings_reset(&out->strings);
}

int
mh_job_reset(mh_job *job)
{
	if (job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL)
		return MH_ESTATE;
	mh_job_forget(job);
	mh_job_drop_answers(job);
	mh_work_reset(&job->work);
	job->ops->reset(job->check);
	job->ended_ms = -1;
	job->has_begun = false;
	return MH_OK;
}

/* ------------------------------------------------------------------ options */

/* text_max - octets that an option may have */
static size_t
text_max(const struct mh_job *job, int number)
{
	for (const struct mh_check_option *option = job->ops->options; option->name != NULL; option++)
		if (option->is_file && option->option == number)
			return MH_OPTION_FILE_MAX;
	return MH_OPTION_TEXT_MAX;
}

int
mh_job_set_str(mh_job *job, int option, const char *value)
{
	if (job == NULL || value == NULL)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	struct mh_str text = mh_str_z(value);
	return text.len <= text_max(job, option) ? job->ops->set_str(job->check, option, text) : MH_EINVAL;
}

int
mh_option_limit(int *to, int64_t value, int64_t least, int64_t most)
{
	if (value < least || value > most)
		return MH_EINVAL;
	*to = (int)value;
	return MH_OK;
}

int
mh_option_bool(bool *to, int64_t value)
{
	if (value != 0 && value != 1)
		return MH_EINVAL;
	*to = value == 1;
	return MH_OK;
}

int
mh_option_text(struct mh_arena *arena, struct mh_str value, struct mh_str *to)
{
	char *copy = mh_arena_alloc(arena, value.len + 1);
	if (copy == NULL)
		return MH_ENOMEM;
	memcpy(copy, value.p, value.len);
	copy[value.len] = '\0';
	*to = mh_str_n(copy, value.len);
	return MH_OK;
}

int
mh_job_set_int(mh_job *job, int option, int64_t value)
{
	int number = 0;
	if (job == NULL)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	switch (option) {
	case MH_OPT_NOW:
		if (value < 0 || value > LAST_TIME)
			return MH_EINVAL;
		*job->ops->now(job->check) = value;
		return MH_OK;
	case MH_OPT_ASKS:
		if (mh_option_limit(&number, value, 1, MH_WORK_ASKS_MAX) != MH_OK)
			return MH_EINVAL;
		job->work.asks_max = (uint32_t)number;
		return MH_OK;
	case MH_OPT_TIME_LIMIT_MS:
		if (value < -1 || value > INT32_MAX)
			return MH_EINVAL;
		job->work.limit_ms = value;
		return MH_OK;
	default:
		return job->ops->set_int(job->check, option, value);
	}
}

/* Options that every check has, as a recording has them. */
static const struct mh_check_option common[] = {
	{ .name = "asks", .option = MH_OPT_ASKS },
	{ .name = "time-limit-ms", .option = MH_OPT_TIME_LIMIT_MS },
	{ .name = NULL },
};

/* option_of - the option that a recording calls so; NULL: this check has none */
static const struct mh_check_option *
option_of(const struct mh_job *job, struct mh_str name)
{
	const struct mh_check_option *tables[] = { job->ops->options, common };
	for (size_t i = 0; i < MH_COUNT(tables); i++)
		for (const struct mh_check_option *option = tables[i]; option->name != NULL; option++)
			if (mh_str_eq(name, mh_str_z(option->name)))
				return option;
	return NULL;
}

/* set_recorded - an option, as the recording has its value */
static int
set_recorded(struct mh_job *job, const struct mh_check_option *option, struct mh_str value)
{
	if (option->read != NULL)
		return option->read(job->check, value);
	if (option->is_text) {
		char *text = mh_mem_alloc(&job->ctx->mem, value.len + 1);
		if (text == NULL)
			return MH_ENOMEM;
		memcpy(text, value.p, value.len);
		text[value.len] = '\0';
		int result = mh_job_set_str(job, option->option, text);
		mh_mem_free(&job->ctx->mem, text, value.len + 1);
		return result;
	}
	bool is_minus = value.len > 0 && value.p[0] == '-';
	int64_t number = mh_str_int(mh_str_n(value.p + is_minus, value.len - is_minus), INT32_MAX);
	if (number < 0)
		return MH_EINVAL;
	return mh_job_set_int(job, option->option, is_minus ? -number : number);
}

/* set_first - options that set what others change */
static int
set_first(struct mh_job *job, const struct mh_worldfile *world)
{
	for (const struct mh_check_option *option = job->ops->options; option->name != NULL; option++) {
		struct mh_str value = mh_worldfile_option(world, option->name);
		if (!option->is_first || value.len == 0)
			continue;
		int result = set_recorded(job, option, value);
		if (result != MH_OK)
			return result;
	}
	return MH_OK;
}

/* set_others - those that have a reader of their own, or those that have none; unknown ones are left out */
static int
set_others(struct mh_job *job, const struct mh_worldfile *world, bool has_reader)
{
	struct mh_str name, value;
	for (size_t i = 0; mh_worldfile_option_at(world, i, &name, &value); i++) {
		const struct mh_check_option *option = option_of(job, name);
		if (option == NULL || option->is_first || (option->read != NULL) != has_reader)
			continue;
		int result = set_recorded(job, option, value);
		if (result != MH_OK)
			return result;
	}
	return MH_OK;
}

int
mh_job_use_world(mh_job *job, mh_world *world)
{
	if (job == NULL || world == NULL)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	int result = set_first(job, world->world);
	if (result == MH_OK)
		result = set_others(job, world->world, false);
	if (result == MH_OK)
		result = set_others(job, world->world, true);
	const struct mh_world_head *head = mh_worldfile_head(world->world);
	if (head->now >= 0)
		*job->ops->now(job->check) = head->now;
	job->elapsed_ms = head->elapsed_ms;
	return result == MH_OK ? mh_worldfile_seed(world->world, &job->work) : result;
}

void
mh_option_write_int(struct mh_buf *out, const char *name, int64_t value)
{
	char digits[24];
	size_t n = sizeof(digits);
	uint64_t left = value < 0 ? (uint64_t)0 - (uint64_t)value : (uint64_t)value;
	do
		digits[--n] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		digits[--n] = '-';
	mh_world_write_option(out, name, mh_str_n(digits + n, sizeof(digits) - n));
}

void
mh_option_write_text(struct mh_buf *out, const char *name, struct mh_str value)
{
	if (value.len > 0)
		mh_world_write_option(out, name, value);
}

const char *
mh_job_world(mh_job *job)
{
	struct mh_job_out *out = job != NULL ? mh_job_room(job) : NULL;
	if (out == NULL)
		return "";
	struct mh_world_head head = { .check = mh_str_z(job->ops->name),
		.now = *job->ops->now(job->check),
		.elapsed_ms = mh_job_int(job, MH_JOB_ELAPSED_MS) };
	mh_buf_reset(&out->world);
	mh_world_write_head(&out->world, &head);
	job->ops->write_options(job->check, &out->world, &out->text);
	mh_option_write_int(&out->world, "asks", job->work.asks_max);
	mh_option_write_int(&out->world, "time-limit-ms", job->work.limit_ms);
	mh_world_write_facts(&out->world, &job->work);
	if (job->ops->secrets != NULL)
		mh_mask_secrets(&out->world, job->ops->secrets(job->check));
	return mh_buf_z(&out->world);
}

/* ------------------------------------------------------------------ running */

void
mh_job_done(struct mh_job *job, int64_t now_ms)
{
	job->ended_ms = now_ms;
	mh_job_forget(job);
}

int
mh_job_begin(struct mh_job *job)
{
	if (job->has_begun)
		return MH_OK;
	int error = job->ops->lend != NULL ? job->ops->lend(job->check, job->ctx) : MH_ERR_OK;
	if (error == MH_ERR_OK)
		error = job->ops->start(job->check, &job->work);
	if (error == MH_ERR_OK)
		job->has_begun = true;
	return error;
}

int
mh_job_step(mh_job *job, int64_t now_ms)
{
	if (job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL)
		return MH_ESTATE;
	int result = mh_job_begin(job);
	if (result != MH_OK)
		return result;
	if (job->work.is_done)
		return MH_DONE;
	result = mh_work_step(&job->work, now_ms, &job->scratch);
	if (result == MH_DONE)
		mh_job_done(job, now_ms);
	return result;
}

int64_t
mh_job_timeout(mh_job *job, int64_t now_ms)
{
	return job != NULL ? mh_work_timeout(&job->work, now_ms) : -1;
}

int
mh_job_run(mh_job *job, int64_t timeout_ms)
{
	if (job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL)
		return MH_ESTATE;
	mh_loop *loop = mh_loop_new(job->ctx);
	if (loop == NULL)
		return MH_ENOMEM;
	int result = mh_loop_run(loop, job, timeout_ms);
	mh_loop_free(loop);
	return result;
}
