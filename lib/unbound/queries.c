/* queries.c - questions of jobs, asked by libunbound, and its answers
 *
 * Decides what an answer's DNSSEC state is: secure and bogus as libunbound says;
 * insecure only where there is a trust anchor, or nothing was looked at.
 *
 * Does not: follow CNAME (the job reads the message and does).
 */
#include "own.h"

#include <stdlib.h>
#include <string.h>

#define EDE_BOGUS 6 /* RFC 8914 4.7 */
#define EDE_TEXT_MAX 200

static void
unlink_query(struct query *query)
{
	struct query **at = &query->member->queries;
	while (*at != query)
		at = &(*at)->next;
	*at = query->next;
	query->member->unbound->in_flight--;
	free(query);
}

/* answer_bogus - with libunbound's reason, which names the record and what is wrong with it */
static int
answer_bogus(mh_job *job, int ask, const char *why)
{
	char text[EDE_TEXT_MAX + 1];
	size_t len = why != NULL ? strlen(why) : 0;
	if (len > EDE_TEXT_MAX)
		len = EDE_TEXT_MAX;
	if (len > 0)
		memcpy(text, why, len);
	text[len] = '\0';
	int result = mh_job_answer_int(job, ask, MH_ASK_EDE, EDE_BOGUS);
	if (result == MH_OK)
		result = mh_job_answer_str(job, ask, MH_ASK_EDE_TEXT, text);
	return result == MH_OK ? mh_job_answer_end(job, ask, 2, MH_ANSWER_BOGUS) : result;
}

/* answer - what libunbound says; result NULL: it says nothing */
static int
answer(struct mh_unbound *unbound, mh_job *job, int ask, const struct ub_result *result)
{
	int flags = unbound->has_anchor ? MH_ANSWER_INSECURE : 0, done = MH_EINVAL;

	if (result == NULL)
		return mh_job_answer_end(job, ask, MH_UNKNOWN, MH_ANSWER_FAILED);
	if (result->bogus)
		return answer_bogus(job, ask, result->why_bogus);
	if (result->secure)
		flags = MH_ANSWER_SECURE;
	if (result->answer_packet != NULL && result->answer_len > 0)
		done = mh_job_answer_wire(job, ask, result->answer_packet, (size_t)result->answer_len, flags);
	if (done != MH_EINVAL)
		return done;
	/* No message, or none that can be read. */
	return mh_job_answer_end(job, ask, result->rcode > 0 ? result->rcode : MH_UNKNOWN,
	    result->rcode > 0 ? 0 : MH_ANSWER_FAILED);
}

/* on_result - libunbound's callback, out of ub_process and in its caller's thread */
static void
on_result(void *ud, int error, struct ub_result *result)
{
	struct query *query = ud;
	struct member *member = query->member;
	struct mh_unbound *unbound = member->unbound;

	(void)mh_job_answer_str(member->job, query->ask, MH_ASK_SERVER, "libunbound");
	int done = answer(unbound, member->job, query->ask, error == UB_NOERROR ? result : NULL);
	/* Answered by somebody else or too late: that is harmless. */
	if (done == MH_ENOMEM && unbound->error == MH_OK)
		unbound->error = done;
	ub_resolve_free(result);
	unlink_query(query);
	member->is_due = true;
}

/* hand_over - gives libunbound a question; MH_OK or why it did not take it */
static int
hand_over(struct member *member, int ask)
{
	struct mh_unbound *unbound = member->unbound;
	const char *name = mh_job_ask_str(member->job, ask, MH_ASK_NAME);
	int type = (int)mh_job_ask_int(member->job, ask, MH_ASK_TYPE);
	struct query *query = calloc(1, sizeof(*query));

	if (query == NULL)
		return MH_ENOMEM;
	query->member = member;
	query->ask = ask;
	unbound->has_begun = true;
	int error = ub_resolve_async(unbound->ub, name[0] != '\0' ? name : ".", type, 1, query, on_result,
	    &query->id);
	if (error != UB_NOERROR) {
		free(query);
		return error_of(error);
	}
	query->next = member->queries;
	member->queries = query;
	unbound->in_flight++;
	return MH_OK;
}

/* ask_one - one question; what libunbound does not take is unknown, and the step tells of it */
static void
ask_one(struct member *member, int ask)
{
	struct mh_unbound *unbound = member->unbound;
	int error = hand_over(member, ask);
	if (error == MH_OK)
		return;
	if (unbound->error == MH_OK)
		unbound->error = error;
	(void)mh_job_answer_end(member->job, ask, MH_UNKNOWN, MH_ANSWER_FAILED);
	member->is_due = true;
}

void
queries_ask(struct member *member)
{
	int ask = 0;
	while (member->unbound->in_flight < IN_FLIGHT_MAX && (ask = mh_job_next_ask(member->job)) > 0)
		ask_one(member, ask);
	member->is_hungry = member->unbound->in_flight == IN_FLIGHT_MAX;
}

void
queries_drop(struct member *member)
{
	for (struct query *query = member->queries, *next; query != NULL; query = next) {
		next = query->next;
		(void)ub_cancel(member->unbound->ub, query->id);
		member->unbound->in_flight--;
		free(query);
	}
	member->queries = NULL;
}
