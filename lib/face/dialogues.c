/* dialogues.c - the exported functions about dialogues over connections of the caller's
 *
 * The machine is wire/stream.c's; here is who it belongs to, and the question
 * that it answers.
 */
#include "handles.h"

#include "capture.h"
#include "error.h"
#include "stream.h"
#include "talk.h"

struct mh_dialogue {
	struct mh_ctx *ctx;
	struct mh_stream *stream;
	uint64_t question; /* mh_fact_hash of it */
	char address[MH_IP_TEXT_MAX];
	bool has_begun;
	struct mh_buf text; /* its name, and behind a NUL the path */
};

mh_dialogue *
mh_job_dialogue(mh_job *job, int ask)
{
	const struct mh_ask *at = job != NULL && ask > 0 ? mh_work_ask(&job->work, (uint32_t)ask) : NULL;
	bool is_bad;

	if (at == NULL || at->type != MH_RR_STREAM || at->fact != NULL ||
	    mh_ctx_prepare_tls(job->ctx) != MH_OK)
		return NULL;
	struct mh_ctx *ctx = job->ctx;
	struct mh_dialogue *dialogue = mh_mem_zalloc(&ctx->mem, sizeof(*dialogue));
	if (dialogue == NULL)
		return NULL;
	dialogue->ctx = mh_ctx_ref(ctx);
	dialogue->question = mh_fact_hash(at->type, at->name);
	mh_buf_init(&dialogue->text, &ctx->mem, 8192);
	dialogue->stream = mh_stream_make(&ctx->mem, ctx->maker, at->name, &is_bad);
	if (dialogue->stream != NULL) {
		const struct mh_stream_spec *spec = mh_stream_spec(dialogue->stream);
		if (spec->ip.family != 0)
			mh_ip_print(&spec->ip, dialogue->address);
		mh_buf_putstr(&dialogue->text, at->name);
		mh_buf_putc(&dialogue->text, '\0');
		mh_buf_putstr(&dialogue->text, spec->path);
	}
	if (dialogue->stream == NULL || dialogue->text.bad) {
		mh_dialogue_free(dialogue);
		return NULL;
	}
	return dialogue;
}

void
mh_dialogue_free(mh_dialogue *dialogue)
{
	if (dialogue == NULL)
		return;
	struct mh_ctx *ctx = dialogue->ctx;
	mh_stream_free(dialogue->stream);
	mh_buf_free(&dialogue->text);
	mh_mem_free(&ctx->mem, dialogue, sizeof(*dialogue));
	mh_ctx_free(ctx);
}

const char *
mh_dialogue_str(const mh_dialogue *dialogue, int field)
{
	if (dialogue == NULL)
		return "";
	switch (field) {
	case MH_DIALOGUE_NAME:
		return dialogue->text.p;
	case MH_DIALOGUE_ADDRESS:
		return dialogue->address;
	case MH_DIALOGUE_PATH:
		return dialogue->text.p + strlen(dialogue->text.p) + 1;
	case MH_DIALOGUE_STATE:
		return mh_stream_state(dialogue->stream);
	default:
		return "";
	}
}

int64_t
mh_dialogue_int(const mh_dialogue *dialogue, int field)
{
	if (dialogue == NULL)
		return MH_UNKNOWN;
	switch (field) {
	case MH_DIALOGUE_PORT:
		return mh_stream_spec(dialogue->stream)->port;
	case MH_DIALOGUE_IS_DONE:
		return mh_stream_is_done(dialogue->stream);
	default:
		return MH_UNKNOWN;
	}
}

/* begin - the first time that it is told is when it began */
static void
begin(struct mh_dialogue *dialogue, int64_t now_us)
{
	if (dialogue->has_begun)
		return;
	dialogue->has_begun = true;
	mh_stream_begin(dialogue->stream, now_us);
}

/* state_of - MH_OK while there is memory */
static int
state_of(const struct mh_dialogue *dialogue)
{
	return mh_stream_is_out_of_memory(dialogue->stream) ? MH_ENOMEM : MH_OK;
}

int
mh_dialogue_connected(mh_dialogue *dialogue, int64_t now_us)
{
	if (dialogue == NULL)
		return MH_EINVAL;
	begin(dialogue, now_us);
	mh_stream_connected(dialogue->stream, now_us);
	return state_of(dialogue);
}

int
mh_dialogue_feed(mh_dialogue *dialogue, const void *octets, size_t len, int64_t now_us)
{
	if (dialogue == NULL || (octets == NULL && len > 0))
		return MH_EINVAL;
	begin(dialogue, now_us);
	mh_stream_feed(dialogue->stream, mh_str_n(octets, len), now_us);
	return state_of(dialogue);
}

int
mh_dialogue_eof(mh_dialogue *dialogue, int64_t now_us)
{
	if (dialogue == NULL)
		return MH_EINVAL;
	begin(dialogue, now_us);
	mh_stream_eof(dialogue->stream, now_us);
	return state_of(dialogue);
}

int
mh_dialogue_fail(mh_dialogue *dialogue, int reason, int64_t now_us)
{
	static const struct {
		int reason, event;
		const char *text;
	} reasons[] = {
		{ MH_FAIL_REFUSED, MH_EVENT_REFUSED, "" },
		{ MH_FAIL_RESET, MH_EVENT_RESET, "" },
		{ MH_FAIL_NETWORK, MH_EVENT_UNREACHABLE, "network" },
		{ MH_FAIL_HOST, MH_EVENT_UNREACHABLE, "host" },
		{ MH_FAIL_FORBIDDEN, MH_EVENT_UNREACHABLE, "forbidden" },
		{ MH_FAIL_TIMEOUT, MH_EVENT_SILENT, "" },
	};
	if (dialogue == NULL)
		return MH_EINVAL;
	for (size_t i = 0; i < MH_COUNT(reasons); i++) {
		if (reasons[i].reason != reason)
			continue;
		begin(dialogue, now_us);
		mh_stream_failed(dialogue->stream, reasons[i].event, mh_str_z(reasons[i].text), now_us);
		return state_of(dialogue);
	}
	return MH_EINVAL;
}

const void *
mh_dialogue_output(mh_dialogue *dialogue, size_t *len)
{
	struct mh_str out = dialogue != NULL ? mh_stream_output(dialogue->stream) : MH_STR("");
	if (len != NULL)
		*len = out.len;
	return out.p;
}

int
mh_dialogue_sent(mh_dialogue *dialogue, size_t len)
{
	if (dialogue == NULL || len > mh_stream_output(dialogue->stream).len)
		return MH_EINVAL;
	mh_stream_sent(dialogue->stream, len);
	return MH_OK;
}

int64_t
mh_dialogue_timeout(mh_dialogue *dialogue, int64_t now_us)
{
	if (dialogue == NULL || mh_stream_is_done(dialogue->stream))
		return -1;
	begin(dialogue, now_us);
	int64_t due_us = mh_stream_due_us(dialogue->stream);
	return due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
}

int
mh_dialogue_tick(mh_dialogue *dialogue, int64_t now_us)
{
	if (dialogue == NULL)
		return MH_EINVAL;
	begin(dialogue, now_us);
	mh_stream_tick(dialogue->stream, now_us);
	return state_of(dialogue);
}

int
mh_dialogue_run(mh_dialogue *dialogue, int fd, int64_t timeout_ms)
{
	if (dialogue == NULL)
		return MH_EINVAL;
	if (!mh_talk(dialogue->stream, &dialogue->has_begun, fd, timeout_ms))
		return MH_EIO;
	if (state_of(dialogue) != MH_OK)
		return MH_ENOMEM;
	return mh_stream_is_done(dialogue->stream) ? MH_DONE : MH_WAIT;
}

int
mh_job_answer_dialogue(mh_job *job, int ask, mh_dialogue *dialogue)
{
	if (job == NULL || dialogue == NULL)
		return MH_EINVAL;
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	const struct mh_ask *at = mh_work_ask(&job->work, (uint32_t)ask);
	if (dialogue->question != mh_fact_hash(at->type, at->name))
		return MH_EINVAL;
	if (!mh_stream_is_done(dialogue->stream))
		return MH_ESTATE;
	struct mh_fact *fact = mh_stream_fact(dialogue->stream, &job->ctx->mem);
	if (fact == NULL)
		return MH_ENOMEM;
	mh_job_forget(job);
	return mh_work_answer(&job->work, (uint32_t)ask, fact);
}

/* ------------------------------------------------ answers of another client */

#define BODY_MAX 65536 /* RFC 8461 3.3 */
#define BODY_PIECE 32768
#define FIELD_MAX 4096

/* put_field - a line of the header, "name: value"; false: it cannot be one, or there is no memory */
static bool
put_field(struct mh_fact_draft *draft, const struct mh_mem *mem, const char *name, const char *value)
{
	struct mh_buf line;
	mh_buf_init(&line, mem, FIELD_MAX);
	mh_buf_puts(&line, name);
	mh_buf_puts(&line, value);
	bool good = !line.bad;
	if (good)
		mh_event_put(draft, MH_EVENT_LINE, 0, mh_buf_str(&line));
	mh_buf_free(&line);
	return good;
}

/* put_answer - what wire/stream.c would have told of the same; false: no memory, or a field that is too long */
static bool
put_answer(struct mh_fact_draft *draft, const struct mh_mem *mem, int status, const char *content_type,
    const char *location, struct mh_str body)
{
	char line[16] = "HTTP 000";
	bool good = true;
	for (int i = 7; i >= 5; i--, status /= 10)
		line[i] = (char)('0' + status % 10);
	mh_event_put(draft, MH_EVENT_CONNECTED, 0, MH_STR(""));
	mh_event_put(draft, MH_EVENT_SECURED, 0, MH_STR("by another client"));
	mh_event_put(draft, MH_EVENT_LINE, 0, mh_str_z(line));
	if (content_type[0] != '\0')
		good = put_field(draft, mem, "content-type: ", content_type);
	if (location[0] != '\0')
		good = put_field(draft, mem, "location: ", location) && good;
	if (body.len > BODY_MAX) {
		mh_event_put(draft, MH_EVENT_GARBLED, 0, MH_STR("too-large"));
		return good;
	}
	while (body.len > 0) {
		size_t n = body.len < BODY_PIECE ? body.len : BODY_PIECE;
		mh_event_put(draft, MH_EVENT_BODY, 0, mh_str_n(body.p, n));
		body = mh_str_n(body.p + n, body.len - n);
	}
	mh_event_put(draft, MH_EVENT_DONE, 0, MH_STR(""));
	return good;
}

int
mh_job_answer_http(mh_job *job, int ask, int status, const char *content_type, const char *location,
    const void *body, size_t len)
{
	struct mh_fact_draft draft;
	if (job == NULL || content_type == NULL || location == NULL || (body == NULL && len > 0) ||
	    ((status < 100 || status > 999) && status != MH_HTTP_BAD_CERTIFICATE &&
		status != MH_HTTP_UNREACHABLE))
		return MH_EINVAL;
	int result = mh_job_can_answer(job, ask);
	if (result != MH_OK)
		return result;
	const struct mh_ask *at = mh_work_ask(&job->work, (uint32_t)ask);
	if (at->type != MH_RR_STREAM || !mh_str_istarts(at->name, MH_STR("https:")) ||
	    strlen(content_type) > FIELD_MAX / 2 || strlen(location) > FIELD_MAX / 2)
		return MH_EINVAL;
	const struct mh_mem *mem = &job->ctx->mem;
	bool good = true;
	mh_fact_draft_init(&draft, mem);
	mh_fact_draft_begin(&draft, at->name, at->type);
	if (status == MH_HTTP_UNREACHABLE) {
		mh_event_put(&draft, MH_EVENT_UNREACHABLE, 0, MH_STR("host"));
	} else if (status == MH_HTTP_BAD_CERTIFICATE) {
		mh_event_put(&draft, MH_EVENT_CONNECTED, 0, MH_STR(""));
		mh_event_put(&draft, MH_EVENT_GARBLED, 0, MH_STR("certificate"));
	} else {
		good = put_answer(&draft, mem, status, content_type, location, mh_str_n(body, len));
	}
	struct mh_fact *fact = good ? mh_fact_make(mem, &draft) : NULL;
	mh_fact_draft_free(&draft);
	if (fact == NULL)
		return MH_ENOMEM;
	mh_job_forget(job);
	return mh_work_answer(&job->work, (uint32_t)ask, fact);
}
