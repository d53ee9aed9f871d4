/* unbound.c - jobs that libunbound answers
 *
 * A job is stepped when it has been answered, or when its own time says so; its
 * questions wait while libunbound has as many as it may have.
 */
#include "own.h"

#include <poll.h>
#include <stdlib.h>
#include <time.h>

static void
unlink_member(struct member *member)
{
	*member->before = member->next;
	if (member->next != NULL)
		member->next->before = member->before;
}

static struct member *
find(const struct mh_unbound *unbound, const mh_job *job)
{
	struct member *member = unbound->members;
	while (member != NULL && member->job != job)
		member = member->next;
	return member;
}

void
mh_unbound_free(mh_unbound *unbound)
{
	if (unbound == NULL)
		return;
	for (struct member *member = unbound->members, *next; member != NULL; member = next) {
		next = member->next;
		queries_drop(member);
		free(member);
	}
	while (mh_unbound_next_done(unbound) != NULL)
		continue;
	if (unbound->ub != NULL)
		ub_ctx_delete(unbound->ub);
	free(unbound);
}

int
mh_unbound_add(mh_unbound *unbound, mh_job *job)
{
	if (unbound == NULL || job == NULL)
		return MH_EINVAL;
	if (find(unbound, job) != NULL)
		return MH_ESTATE;
	if (ub_fd(unbound->ub) < 0)
		return MH_EIO;
	struct member *member = calloc(1, sizeof(*member));
	if (member == NULL)
		return MH_ENOMEM;
	member->unbound = unbound;
	member->job = job;
	member->is_due = true;
	member->before = &unbound->members;
	member->next = unbound->members;
	if (member->next != NULL)
		member->next->before = &member->next;
	unbound->members = member;
	return MH_OK;
}

/* remove_done - a job that waits to be handed out; false: it is not there */
static bool
remove_done(struct mh_unbound *unbound, const mh_job *job)
{
	for (struct member **at = &unbound->done; *at != NULL; at = &(*at)->next) {
		struct member *member = *at;
		if (member->job != job)
			continue;
		*at = member->next;
		if (unbound->done_tail == &member->next)
			unbound->done_tail = at;
		free(member);
		return true;
	}
	return false;
}

int
mh_unbound_remove(mh_unbound *unbound, mh_job *job)
{
	if (unbound == NULL || job == NULL)
		return MH_EINVAL;
	struct member *member = find(unbound, job);
	if (member == NULL)
		return remove_done(unbound, job) ? MH_OK : MH_ENOENT;
	queries_drop(member);
	unlink_member(member);
	free(member);
	return MH_OK;
}

mh_job *
mh_unbound_next_done(mh_unbound *unbound)
{
	struct member *member = unbound != NULL ? unbound->done : NULL;
	if (member == NULL)
		return NULL;
	unbound->done = member->next;
	if (unbound->done == NULL)
		unbound->done_tail = &unbound->done;
	mh_job *job = member->job;
	free(member);
	return job;
}

int
mh_unbound_fd(mh_unbound *unbound)
{
	if (unbound == NULL)
		return MH_EINVAL;
	int fd = ub_fd(unbound->ub);
	return fd >= 0 ? fd : MH_EIO;
}

int64_t
mh_unbound_timeout(mh_unbound *unbound, int64_t now_ms)
{
	int64_t least = -1;
	if (unbound == NULL)
		return -1;
	if (unbound->done != NULL)
		return 0;
	for (const struct member *member = unbound->members; member != NULL; member = member->next) {
		if (member->is_due || (member->is_hungry && unbound->in_flight < IN_FLIGHT_MAX))
			return 0;
		int64_t timeout = mh_job_timeout(member->job, now_ms);
		if (timeout >= 0 && (least < 0 || timeout < least))
			least = timeout;
	}
	return least;
}

/* step_member - steps its job and asks what it wants; a job that is done is put among the others that are */
static void
step_member(struct member *member, int64_t now_ms)
{
	struct mh_unbound *unbound = member->unbound;
	int result = MH_WAIT;

	if (member->is_due || mh_job_timeout(member->job, now_ms) == 0) {
		member->is_due = false;
		result = mh_job_step(member->job, now_ms);
		member->is_hungry = true;
	}
	if (result == MH_DONE) {
		queries_drop(member);
		unlink_member(member);
		member->next = NULL;
		*unbound->done_tail = member;
		unbound->done_tail = &member->next;
	} else if (result != MH_WAIT) {
		member->is_due = true;
		if (unbound->error == MH_OK)
			unbound->error = result;
	} else if (member->is_hungry) {
		queries_ask(member);
	}
}

int
mh_unbound_step(mh_unbound *unbound, int64_t now_ms)
{
	if (unbound == NULL)
		return MH_EINVAL;
	unbound->error = MH_OK;
	int error = ub_process(unbound->ub);
	for (struct member *member = unbound->members, *next; member != NULL; member = next) {
		next = member->next;
		step_member(member, now_ms);
	}
	return unbound->error != MH_OK ? unbound->error : error_of(error);
}

/* ------------------------------------------------------------------ waiting */

static int64_t
clock_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* wait_once - until something comes or until end_ms (-1: never), and does it */
static int
wait_once(struct mh_unbound *unbound, int64_t end_ms)
{
	int64_t now_ms = clock_ms(), timeout = mh_unbound_timeout(unbound, now_ms);
	struct pollfd poll_fd = { .fd = ub_fd(unbound->ub), .events = POLLIN };

	if (end_ms >= 0 && (timeout < 0 || timeout > end_ms - now_ms))
		timeout = end_ms > now_ms ? end_ms - now_ms : 0;
	if (timeout > INT32_MAX)
		timeout = INT32_MAX;
	if (timeout != 0)
		(void)poll(&poll_fd, 1, (int)timeout);
	return mh_unbound_step(unbound, clock_ms());
}

/* give_up - makes unknown what has not come, until the job is done with that */
static int
give_up(mh_job *job)
{
	int result;
	while ((result = mh_job_step(job, clock_ms())) == MH_WAIT)
		for (int ask = mh_job_ask_count(job); ask > 0; ask--) {
			if (mh_job_ask_int(job, ask, MH_ASK_STATE) != MH_STATE_MISSING)
				continue;
			result = mh_job_answer_end(job, ask, MH_UNKNOWN, MH_ANSWER_TIMEOUT);
			if (result != MH_OK)
				return result;
		}
	return result;
}

int
mh_unbound_run(mh_unbound *unbound, mh_job *job, int64_t timeout_ms)
{
	int result = mh_unbound_add(unbound, job);
	if (result != MH_OK)
		return result;
	int64_t end_ms = timeout_ms >= 0 ? clock_ms() + timeout_ms : -1;
	while (find(unbound, job) != NULL) {
		result = wait_once(unbound, end_ms);
		if (result != MH_OK || (end_ms >= 0 && clock_ms() >= end_ms))
			break;
	}
	bool is_open = find(unbound, job) != NULL;
	(void)mh_unbound_remove(unbound, job);
	if (!is_open)
		return MH_DONE;
	return result == MH_OK ? give_up(job) : result;
}
