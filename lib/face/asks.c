/* asks.c - the exported functions about what a job wants to know and is told
 *
 * An answer by text or rdata is put together in a draft of its own, so that
 * several may be under way at once; a whole message is read in one go.
 */
#include "handles.h"

#include "dns_msg.h"
#include "error.h"
#include "json.h"

#define RDATA_MAX 65535

static const char *const state_names[] = { "", "present", "nodata", "nxdomain", "unknown" };
static const char *const secure_names[] = { "unknown", "yes", "no", "bogus" };

_Static_assert(MH_STATE_PRESENT == (int)MH_FACT_PRESENT && MH_STATE_NODATA == (int)MH_FACT_NODATA &&
	MH_STATE_NXDOMAIN == (int)MH_FACT_NXDOMAIN && MH_STATE_UNKNOWN == (int)MH_FACT_UNKNOWN,
    "states have come apart");

/* ask_of - NULL: there is no such ask */
static const struct mh_ask *
ask_of(const struct mh_job *job, int ask)
{
	return job != NULL && ask > 0 ? mh_work_ask(&job->work, (uint32_t)ask) : NULL;
}

int
mh_job_next_ask(mh_job *job)
{
	return job != NULL && job->loop == NULL ? (int)mh_work_next_ask(&job->work) : 0;
}

int
mh_job_ask_count(mh_job *job)
{
	return job != NULL ? (int)job->work.asks_count : 0;
}

int
mh_job_want(mh_job *job, const char *name, int type)
{
	char canonical[MH_DNAME_TEXT_MAX];
	if (job == NULL || name == NULL || type < 0 || type > 65535)
		return MH_EINVAL;
	size_t len = mh_dname_canonical(mh_str_z(name), canonical);
	if (len == 0)
		return MH_EINVAL;
	if (job->loop != NULL)
		return MH_ESTATE;
	uint32_t number = mh_work_want(&job->work, mh_str_n(canonical, len), type);
	if (number == 0)
		return job->work.is_late || job->work.asks_count >= job->work.asks_max ? MH_ESTATE
										       : MH_ENOMEM;
	return (int)number;
}

int64_t
mh_job_ask_int(mh_job *job, int ask, int field)
{
	const struct mh_ask *at = ask_of(job, ask);
	if (at == NULL)
		return MH_UNKNOWN;
	const struct mh_fact *fact = at->fact;
	switch (field) {
	case MH_ASK_KIND:
		return at->type == MH_RR_STREAM ? MH_ASK_STREAM : MH_ASK_DNS;
	case MH_ASK_TYPE:
		return at->type;
	case MH_ASK_STATE:
		return fact != NULL ? fact->state : MH_STATE_MISSING;
	case MH_ASK_RCODE:
		return fact != NULL ? fact->rcode : MH_UNKNOWN;
	case MH_ASK_EDE:
		return fact != NULL ? fact->ede : MH_UNKNOWN;
	case MH_ASK_TTL:
		return fact != NULL && fact->state != MH_FACT_UNKNOWN ? (int64_t)fact->ttl : MH_UNKNOWN;
	case MH_ASK_RTT_US:
		return fact != NULL ? fact->rtt_us : MH_UNKNOWN;
	case MH_ASK_RECORDS:
		return fact != NULL ? fact->count : 0;
	default:
		return MH_UNKNOWN;
	}
}

/* printable - octets of a stranger, made fit to be shown */
static const char *
printable(struct mh_job *job, struct mh_str value)
{
	struct mh_job_out *out = mh_job_room(job);
	if (out == NULL)
		return "";
	mh_buf_reset(&out->text);
	mh_printable_line(&out->text, value);
	return mh_buf_z(&out->text);
}

const char *
mh_job_ask_str(mh_job *job, int ask, int field)
{
	const struct mh_ask *at = ask_of(job, ask);
	struct mh_job_out *out = at != NULL ? mh_job_room(job) : NULL;
	if (out == NULL)
		return "";
	const struct mh_fact *fact = at->fact;
	switch (field) {
	case MH_ASK_NAME:
		return at->name.p;
	case MH_ASK_TYPE_NAME:
		return mh_rr_type_name(at->type, out->type_name);
	case MH_ASK_WHY:
		return fact != NULL ? mh_why_word(fact->why) : "";
	case MH_ASK_WHY_TEXT:
		return fact != NULL ? mh_why_text(fact->why) : "";
	case MH_ASK_SERVER:
		return fact != NULL ? printable(job, fact->server) : "";
	case MH_ASK_EDE_TEXT:
		return fact != NULL ? printable(job, fact->ede_text) : "";
	case MH_ASK_CANONICAL:
		return fact != NULL ? fact->canonical.p : "";
	case MH_ASK_SECURE:
		return secure_names[fact != NULL ? fact->secure : MH_SECURE_UNKNOWN];
	case MH_ASK_STATE_NAME:
		return state_names[fact != NULL ? fact->state : MH_FACT_MISSING];
	default:
		return "";
	}
}

/* record - number i of an answer; NULL: there is none */
static const struct mh_rr *
record(const struct mh_ask *ask, size_t i)
{
	return ask != NULL && ask->fact != NULL && i < ask->fact->count ? &ask->fact->rr[i] : NULL;
}

const void *
mh_job_ask_rr(mh_job *job, int ask, size_t i, size_t *len)
{
	const struct mh_rr *rr = record(ask_of(job, ask), i);
	if (len != NULL)
		*len = rr != NULL ? rr->len : 0;
	return rr != NULL ? rr->p : NULL;
}

const char *
mh_job_ask_text(mh_job *job, int ask, size_t i)
{
	const struct mh_ask *at = ask_of(job, ask);
	const struct mh_rr *rr = record(at, i);
	struct mh_job_out *out = rr != NULL ? mh_job_room(job) : NULL;
	if (out == NULL)
		return "";
	mh_buf_reset(&out->text);
	mh_rr_print(&out->text, at->type, rr);
	return mh_buf_z(&out->text);
}

/* ------------------------------------------------------------------ answers */

void
mh_job_drop_answers(struct mh_job *job)
{
	while (job->answers != NULL) {
		struct mh_answer_draft *answer = job->answers;
		job->answers = answer->next;
		mh_fact_draft_free(&answer->draft);
		mh_mem_free(&job->ctx->mem, answer, sizeof(*answer));
	}
}

int
mh_job_can_answer(const struct mh_job *job, int ask)
{
	const struct mh_ask *at = ask_of(job, ask);
	if (job == NULL)
		return MH_EINVAL;
	if (at == NULL)
		return MH_ENOENT;
	return at->fact != NULL || job->work.is_done || job->loop != NULL ? MH_ESTATE : MH_OK;
}

/* answer_of - the draft of the answer to ask, begun if it is not; NULL without memory */
static struct mh_answer_draft *
answer_of(struct mh_job *job, int ask)
{
	struct mh_answer_draft *spare = NULL;
	const struct mh_ask *at = ask_of(job, ask);

	for (struct mh_answer_draft *answer = job->answers; answer != NULL; answer = answer->next) {
		if (answer->ask == (uint32_t)ask)
			return answer;
		if (answer->ask == 0)
			spare = answer;
	}
	if (spare == NULL) {
		spare = mh_mem_alloc(&job->ctx->mem, sizeof(*spare));
		if (spare == NULL)
			return NULL;
		mh_fact_draft_init(&spare->draft, &job->ctx->mem);
		spare->next = job->answers;
		job->answers = spare;
	}
	spare->ask = (uint32_t)ask;
	mh_fact_draft_begin(&spare->draft, at->name, at->type);
	return spare;
}

/* commit - the draft becomes the answer and is free again */
static int
commit(struct mh_job *job, struct mh_answer_draft *answer)
{
	struct mh_fact *fact = mh_fact_make(&job->ctx->mem, &answer->draft);
	if (fact == NULL)
		return MH_ENOMEM;
	uint32_t ask = answer->ask;
	answer->ask = 0;
	mh_job_forget(job);
	return mh_work_answer(&job->work, ask, fact);
}

int
mh_job_answer_rr(mh_job *job, int ask, const void *rdata, size_t len)
{
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if ((rdata == NULL && len > 0) || len > RDATA_MAX)
		return MH_EINVAL;
	struct mh_answer_draft *answer = answer_of(job, ask);
	if (answer == NULL)
		return MH_ENOMEM;
	mh_fact_draft_rr(&answer->draft, rdata, len);
	return answer->draft.octets.bad ? MH_ENOMEM : MH_OK;
}

int
mh_job_answer_text(mh_job *job, int ask, const void *text, size_t len)
{
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if (text == NULL && len > 0)
		return MH_EINVAL;
	if (job->rdata == NULL)
		job->rdata = mh_mem_alloc(&job->ctx->mem, RDATA_MAX);
	if (job->rdata == NULL)
		return MH_ENOMEM;
	int octets = mh_rr_read(mh_str_n(text, len), ask_of(job, ask)->type, true, job->rdata);
	return octets < 0 ? MH_EINVAL : mh_job_answer_rr(job, ask, job->rdata, (size_t)octets);
}

int
mh_job_answer_int(mh_job *job, int ask, int field, int64_t value)
{
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if (value < 0 || value > UINT32_MAX || (field != MH_ASK_TTL && value > INT32_MAX) ||
	    (field == MH_ASK_EDE && value > INT16_MAX))
		return MH_EINVAL;
	struct mh_answer_draft *answer = answer_of(job, ask);
	if (answer == NULL)
		return MH_ENOMEM;
	switch (field) {
	case MH_ASK_TTL:
		answer->draft.head.ttl = (uint32_t)value;
		return MH_OK;
	case MH_ASK_RTT_US:
		answer->draft.head.rtt_us = (int32_t)value;
		return MH_OK;
	case MH_ASK_EDE:
		answer->draft.head.ede = (int16_t)value;
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

int
mh_job_answer_str(mh_job *job, int ask, int field, const char *value)
{
	char name[MH_DNAME_TEXT_MAX];
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if (value == NULL)
		return MH_EINVAL;
	struct mh_answer_draft *answer = answer_of(job, ask);
	if (answer == NULL)
		return MH_ENOMEM;
	switch (field) {
	case MH_ASK_SERVER:
		mh_fact_draft_server(&answer->draft, mh_str_z(value));
		return MH_OK;
	case MH_ASK_EDE_TEXT:
		mh_fact_draft_ede(&answer->draft, answer->draft.head.ede, mh_str_z(value));
		return MH_OK;
	case MH_ASK_CANONICAL: {
		size_t len = mh_dname_canonical(mh_str_z(value), name);
		if (len == 0)
			return MH_EINVAL;
		memcpy(answer->draft.canonical, name, len + 1);
		return MH_OK;
	}
	default:
		return MH_EINVAL;
	}
}

/* why_of_flags - the reason that flags give for there being no answer; MH_WHY_NONE: none */
static int
why_of_flags(int flags)
{
	static const struct {
		int flag, why;
	} reasons[] = {
		{ MH_ANSWER_BOGUS, MH_WHY_BOGUS },
		{ MH_ANSWER_TIMEOUT, MH_WHY_TIMEOUT },
		{ MH_ANSWER_TRUNCATED, MH_WHY_TRUNCATED },
		{ MH_ANSWER_CANNOT_ASK, MH_WHY_CANNOT_ASK },
		{ MH_ANSWER_NETWORK, MH_WHY_NETWORK },
		{ MH_ANSWER_FAILED, MH_WHY_FAILED },
	};
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if ((flags & reasons[i].flag) != 0)
			return reasons[i].why;
	return MH_WHY_NONE;
}

/* why_of_rcode - MH_WHY_NONE: it is an answer */
static int
why_of_rcode(int rcode)
{
	switch (rcode) {
	case MH_UNKNOWN:
	case 0:
	case 3:
		return MH_WHY_NONE;
	case 1:
		return MH_WHY_FORMERR;
	case 2:
		return MH_WHY_SERVFAIL;
	case 4:
		return MH_WHY_NOTIMP;
	case 5:
		return MH_WHY_REFUSED;
	default:
		return MH_WHY_RCODE;
	}
}

/* set_secure - what flags say of DNSSEC */
static void
set_secure(struct mh_fact_draft *draft, int flags)
{
	if ((flags & MH_ANSWER_BOGUS) != 0)
		draft->head.secure = MH_SECURE_BOGUS;
	else if ((flags & MH_ANSWER_SECURE) != 0)
		draft->head.secure = MH_SECURE_YES;
	else if ((flags & MH_ANSWER_INSECURE) != 0)
		draft->head.secure = MH_SECURE_NO;
}

int
mh_job_answer_end(mh_job *job, int ask, int rcode, int flags)
{
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if (rcode < MH_UNKNOWN || rcode > 4095 || flags < 0 || flags > 255)
		return MH_EINVAL;
	struct mh_answer_draft *answer = answer_of(job, ask);
	if (answer == NULL)
		return MH_ENOMEM;
	struct mh_fact_draft *draft = &answer->draft;
	/* What an rcode says is more than that there was no answer. */
	int why = (flags & ~MH_ANSWER_FAILED) != 0 ? why_of_flags(flags) : MH_WHY_NONE;
	if (why == MH_WHY_NONE)
		why = why_of_rcode(rcode);
	if (why == MH_WHY_NONE)
		why = why_of_flags(flags);
	draft->head.rcode = (int16_t)rcode;
	set_secure(draft, flags);
	if (why != MH_WHY_NONE)
		mh_fact_draft_fail(draft, why);
	else if (rcode == 3)
		draft->head.state = MH_FACT_NXDOMAIN;
	return commit(job, answer);
}

/* read_message - a server's message into the draft; MH_OK, or MH_EINVAL if it answers another question */
static int
read_message(const struct mh_ask *ask, const unsigned char *message, size_t len, struct mh_fact_draft *draft)
{
	unsigned char name[MH_DNAME_WIRE_MAX];
	struct mh_dns_question question = { .name = name, .type = ask->type };
	/* How it came is the host's business; only what is marked as cut short is. */
	bool is_cut = len > 2 && (message[2] & 2) != 0;

	question.name_len = mh_dname_to_wire(ask->name, name);
	switch (
	    mh_dns_read(message, len, &question, MH_DNS_BARE_ERROR | (is_cut ? 0 : MH_DNS_OVER_TCP), draft)) {
	case MH_DNS_FOREIGN:
		return MH_EINVAL;
	case MH_DNS_NO_MEMORY:
		return MH_ENOMEM;
	case MH_DNS_NO_EDNS:
		mh_fact_draft_fail(draft, MH_WHY_FORMERR);
		return MH_OK;
	default:
		return MH_OK;
	}
}

int
mh_job_answer_wire(mh_job *job, int ask, const void *message, size_t len, int flags)
{
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	if ((message == NULL && len > 0) || flags < 0 || flags > 255)
		return MH_EINVAL;
	struct mh_answer_draft *answer = answer_of(job, ask);
	if (answer == NULL)
		return MH_ENOMEM;
	const struct mh_ask *at = ask_of(job, ask);
	/* What was said of it before stays, records do not. */
	struct mh_fact_draft *draft = &answer->draft;
	struct mh_fact before = draft->head;
	char server[sizeof(draft->server)];
	memcpy(server, draft->server, sizeof(server));
	mh_fact_draft_begin(draft, at->name, at->type);
	result = read_message(at, message, len, draft);
	if (result != MH_OK) {
		answer->ask = 0;
		return result;
	}
	memcpy(draft->server, server, sizeof(server));
	draft->head.rtt_us = before.rtt_us;
	if ((flags & (MH_ANSWER_SECURE | MH_ANSWER_INSECURE | MH_ANSWER_BOGUS)) != 0)
		set_secure(draft, flags);
	if ((flags & MH_ANSWER_BOGUS) != 0)
		mh_fact_draft_fail(draft, MH_WHY_BOGUS);
	return commit(job, answer);
}
