/* loops.c - the exported functions about the built-in driver */
#include "checks.h"
#include "handles.h"

#include "error.h"

/* A zone or a world that answers before DNS does. */
struct helper {
	struct helper *next;
	struct mh_source source;
	struct mh_zone *zone; /* one of them */
	struct mh_world *world;
};

struct mh_loop {
	struct mh_ctx *ctx;
	struct mh_driver *driver;
	struct helper *helpers;
	struct mh_job *jobs; /* that the driver has */
	struct mh_job *done, **done_tail; /* that are not taken yet */
	size_t count;
	bool has_begun;
	bool is_all; /* the zones answer all questions: one of them is no overlay */
};

mh_loop *
mh_loop_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_loop *loop = mh_mem_zalloc(&ctx->mem, sizeof(*loop));
	if (loop == NULL)
		return NULL;
	loop->driver = mh_driver_make(&ctx->mem);
	if (loop->driver == NULL) {
		mh_mem_free(&ctx->mem, loop, sizeof(*loop));
		return NULL;
	}
	loop->ctx = mh_ctx_ref(ctx);
	loop->done_tail = &loop->done;
	return loop;
}

/* unlink_job - out of the list of those that the driver has */
static void
unlink_job(struct mh_loop *loop, struct mh_job *job)
{
	if (job->before != NULL)
		job->before->next = job->next;
	else
		loop->jobs = job->next;
	if (job->next != NULL)
		job->next->before = job->before;
	job->next = job->before = NULL;
	loop->count--;
}

/* unlink_done - out of the list of those that are done; whether it was there */
static bool
unlink_done(struct mh_loop *loop, struct mh_job *job)
{
	for (struct mh_job **at = &loop->done; *at != NULL; at = &(*at)->next) {
		if (*at != job)
			continue;
		*at = job->next;
		if (loop->done_tail == &job->next)
			loop->done_tail = at;
		job->next = NULL;
		return true;
	}
	return false;
}

void
mh_loop_free(mh_loop *loop)
{
	if (loop == NULL)
		return;
	struct mh_ctx *ctx = loop->ctx;
	while (loop->jobs != NULL)
		mh_loop_forget(loop->jobs);
	while (loop->done != NULL)
		mh_loop_forget(loop->done);
	mh_driver_free(loop->driver);
	while (loop->helpers != NULL) {
		struct helper *helper = loop->helpers;
		loop->helpers = helper->next;
		mh_zone_free(helper->zone);
		mh_world_free(helper->world);
		mh_mem_free(&ctx->mem, helper, sizeof(*helper));
	}
	mh_mem_free(&ctx->mem, loop, sizeof(*loop));
	mh_ctx_free(ctx);
}

int
mh_loop_set_int(mh_loop *loop, int option, int64_t value)
{
	if (loop == NULL)
		return MH_EINVAL;
	if (loop->has_begun)
		return MH_EFROZEN;
	switch (option) {
	case MH_OPT_TRUST_AD:
		return mh_driver_set(loop->driver, MH_DRIVER_TRUST_AD, value);
	case MH_OPT_TRY_MS:
		return mh_driver_set(loop->driver, MH_DRIVER_TRY_MS, value);
	case MH_OPT_TRIES:
		return mh_driver_set(loop->driver, MH_DRIVER_TRIES, value);
	case MH_OPT_CACHE_OCTETS:
		return mh_driver_set(loop->driver, MH_DRIVER_CACHE_OCTETS, value);
	case MH_OPT_IN_FLIGHT:
		return mh_driver_set(loop->driver, MH_DRIVER_IN_FLIGHT, value);
	case MH_OPT_STREAMS:
		return mh_driver_set(loop->driver, MH_DRIVER_STREAMS, value);
	case MH_OPT_MIN_INTERVAL_MS:
		return mh_driver_set(loop->driver, MH_DRIVER_STREAM_INTERVAL_MS, value);
	case MH_OPT_OFFLINE:
		if (value != 1)
			return value == 0 ? MH_OK : MH_EINVAL;
		mh_driver_offline(loop->driver);
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

int
mh_loop_set_str(mh_loop *loop, int option, const char *value)
{
	if (loop == NULL || value == NULL || option != MH_OPT_RESOLVER)
		return MH_EINVAL;
	if (loop->has_begun)
		return MH_EFROZEN;
	return mh_driver_servers(loop->driver, mh_str_z(value));
}

/* add_helper - one more source for the driver; it is the loop's, with the reference that it holds */
static int
add_helper(struct mh_loop *loop, struct helper made)
{
	struct helper *helper = mh_mem_alloc(&loop->ctx->mem, sizeof(*helper));
	if (helper == NULL)
		return MH_ENOMEM;
	*helper = made;
	int result = mh_driver_use(loop->driver, &helper->source);
	if (result != MH_ERR_OK) {
		mh_mem_free(&loop->ctx->mem, helper, sizeof(*helper));
		return result;
	}
	/* What none of several has is for the last of them to say. */
	for (struct helper *earlier = loop->helpers; earlier != NULL; earlier = earlier->next) {
		if (earlier->zone != NULL)
			earlier->source = mh_zonefile_source(earlier->zone->zones, false);
	}
	if (helper->zone != NULL)
		mh_zone_ref(helper->zone)->in_use = true;
	if (helper->world != NULL)
		mh_world_ref(helper->world)->in_use = true;
	helper->next = loop->helpers;
	loop->helpers = helper;
	return MH_OK;
}

int
mh_loop_use_zone(mh_loop *loop, mh_zone *zone, int is_overlay)
{
	if (loop == NULL || zone == NULL)
		return MH_EINVAL;
	if (loop->has_begun)
		return MH_EFROZEN;
	bool is_all = loop->is_all || is_overlay == 0;
	int result = add_helper(loop,
	    (struct helper){ .source = mh_zonefile_source(zone->zones, is_all), .zone = zone });
	if (result == MH_OK)
		loop->is_all = is_all;
	return result;
}

int
mh_loop_use_world(mh_loop *loop, mh_world *world)
{
	if (loop == NULL || world == NULL)
		return MH_EINVAL;
	if (loop->has_begun)
		return MH_EFROZEN;
	return add_helper(loop,
	    (struct helper){ .source = mh_worldfile_source(world->world), .world = world });
}

int
mh_loop_add(mh_loop *loop, mh_job *job)
{
	if (loop == NULL || job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL || job->work.is_done)
		return MH_ESTATE;
	/* Only here a clock is read; a host that answers by itself says what time it is. */
	int64_t *now = job->ops->now(job->check);
	if (!job->has_begun && *now < 0)
		*now = mh_clock_wall_s();
	int result = mh_job_begin(job);
	if (result != MH_OK)
		return result;
	loop->has_begun = true;
	if (job->ctx->maker != NULL)
		mh_driver_use_tls(loop->driver, job->ctx->maker);
	result = mh_driver_add(loop->driver, &job->work);
	if (result != MH_ERR_OK)
		return result;
	job->loop = loop;
	job->before = NULL;
	job->next = loop->jobs;
	if (loop->jobs != NULL)
		loop->jobs->before = job;
	loop->jobs = job;
	loop->count++;
	return MH_OK;
}

void
mh_loop_forget(struct mh_job *job)
{
	struct mh_loop *loop = job->loop;
	if (loop == NULL)
		return;
	if (!unlink_done(loop, job)) {
		mh_driver_remove(loop->driver, &job->work);
		unlink_job(loop, job);
	}
	job->loop = NULL;
}

int
mh_loop_remove(mh_loop *loop, mh_job *job)
{
	if (loop == NULL || job == NULL)
		return MH_EINVAL;
	if (job->loop != loop)
		return MH_ESTATE;
	mh_loop_forget(job);
	return MH_OK;
}

int
mh_loop_fd(mh_loop *loop)
{
	int fd = loop != NULL ? mh_driver_fd(loop->driver) : -1;
	return fd >= 0 ? fd : MH_EIO;
}

int64_t
mh_loop_timeout(mh_loop *loop)
{
	if (loop == NULL)
		return -1;
	return loop->done != NULL ? 0 : mh_driver_timeout_ms(loop->driver);
}

/* collect - those that the driver is done with, into the loop's own list */
static void
collect(struct mh_loop *loop)
{
	struct mh_work *work;
	int64_t now_ms = mh_clock_ms();

	while ((work = mh_driver_next_done(loop->driver)) != NULL) {
		struct mh_job *job = work->owner;
		unlink_job(loop, job);
		if (work->is_done)
			mh_job_done(job, now_ms);
		*loop->done_tail = job;
		loop->done_tail = &job->next;
	}
}

int
mh_loop_step(mh_loop *loop)
{
	if (loop == NULL)
		return MH_EINVAL;
	int result = mh_driver_step(loop->driver);
	collect(loop);
	return result;
}

int
mh_loop_wait(mh_loop *loop, int64_t timeout_ms)
{
	if (loop == NULL)
		return MH_EINVAL;
	collect(loop);
	if (loop->done != NULL)
		timeout_ms = 0;
	int result = mh_driver_wait(loop->driver, timeout_ms);
	collect(loop);
	return result;
}

/* take - the job leaves the loop */
static struct mh_job *
take(struct mh_loop *loop, struct mh_job *job)
{
	if (job != NULL) {
		unlink_done(loop, job);
		job->loop = NULL;
	}
	return job;
}

mh_job *
mh_loop_next_done(mh_loop *loop)
{
	if (loop == NULL)
		return NULL;
	if (loop->done == NULL)
		collect(loop);
	return take(loop, loop->done);
}

/* is_done - whether the job is in the list of those that are */
static bool
is_in_done(const struct mh_loop *loop, const struct mh_job *job)
{
	for (const struct mh_job *at = loop->done; at != NULL; at = at->next)
		if (at == job)
			return true;
	return false;
}

int
mh_loop_run(mh_loop *loop, mh_job *job, int64_t timeout_ms)
{
	if (loop == NULL || job == NULL || timeout_ms < -1)
		return MH_EINVAL;
	if (job->loop != NULL)
		return MH_ESTATE;
	if (job->work.is_done)
		return MH_DONE;
	struct mh_work *work = &job->work;
	if (work->started_ms < 0) {
		if (timeout_ms >= 0 && (work->limit_ms < 0 || timeout_ms < work->limit_ms))
			work->limit_ms = timeout_ms;
	} else if (timeout_ms >= 0) {
		int64_t end = mh_clock_ms() + timeout_ms;
		if (work->deadline_ms < 0 || end < work->deadline_ms)
			work->deadline_ms = end;
	}
	int result = mh_loop_add(loop, job);
	if (result != MH_OK)
		return result;
	collect(loop);
	while (result == MH_OK && !is_in_done(loop, job)) {
		result = mh_driver_wait(loop->driver, -1);
		collect(loop);
	}
	if (!is_in_done(loop, job)) {
		mh_loop_forget(job);
		return result;
	}
	take(loop, job);
	return work->is_done ? MH_DONE : MH_ENOMEM;
}

int64_t
mh_loop_int(mh_loop *loop, int field)
{
	struct mh_driver_counts counts;
	if (loop == NULL)
		return MH_UNKNOWN;
	mh_driver_counts(loop->driver, &counts);
	switch (field) {
	case MH_LOOP_JOBS:
		return (int64_t)loop->count;
	case MH_LOOP_SENT:
		return (int64_t)counts.sent;
	case MH_LOOP_RECEIVED:
		return (int64_t)counts.received;
	case MH_LOOP_FOREIGN:
		return (int64_t)counts.foreign;
	case MH_LOOP_CACHED:
		return (int64_t)counts.cached;
	case MH_LOOP_COALESCED:
		return (int64_t)counts.coalesced;
	case MH_LOOP_TIMEOUTS:
		return (int64_t)counts.timeouts;
	case MH_LOOP_TCP:
		return (int64_t)counts.tcp;
	default:
		return MH_UNKNOWN;
	}
}
