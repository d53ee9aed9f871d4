/* logs.c - the exported functions about lines of mail logs */
#include "handles.h"

#include "error.h"
#include "json.h"
#include "log_answer.h"

#define LINE_MAX_ (65536 + 1)

struct mh_log {
	struct mh_ctx *ctx;
	struct mh_reply *reply;
	struct mh_logclock clock;
	struct mh_buf line, scratch;
	struct mh_logged logged;
	bool parsed, answered;
	struct mh_strings strings;
};

_Static_assert(MH_LOG_MAX_OCTETS == LINE_MAX_ - 1, "what is read of a line has come apart");

mh_log *
mh_log_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_log *log = mh_mem_zalloc(&ctx->mem, sizeof(*log));
	struct mh_reply *reply = mh_reply_new(ctx);
	if (log == NULL || reply == NULL) {
		if (log != NULL)
			mh_mem_free(&ctx->mem, log, sizeof(*log));
		mh_reply_free(reply);
		return NULL;
	}
	log->ctx = mh_ctx_ref(ctx);
	log->reply = reply;
	mh_buf_init(&log->line, &log->ctx->mem, LINE_MAX_);
	mh_buf_init(&log->scratch, &log->ctx->mem, LINE_MAX_);
	mh_strings_init(&log->strings, &log->ctx->mem);
	return log;
}

void
mh_log_free(mh_log *log)
{
	if (log == NULL)
		return;
	struct mh_ctx *ctx = log->ctx;
	mh_buf_free(&log->line);
	mh_buf_free(&log->scratch);
	mh_strings_free(&log->strings);
	mh_reply_free(log->reply);
	mh_mem_free(&ctx->mem, log, sizeof(*log));
	mh_ctx_free(ctx);
}

int
mh_log_set_int(mh_log *log, int option, int64_t value)
{
	return log == NULL                 ? MH_EINVAL
	    : option == MH_OPT_LINE_NUMBER ? mh_reply_set_int(log->reply, option, value)
					   : mh_clock_set(&log->clock, option, value);
}

int
mh_log_parse(mh_log *log, const void *line, size_t len)
{
	if (log == NULL)
		return MH_EINVAL;
	log->parsed = log->answered = false;
	mh_answer_forget(log->reply->answer);
	mh_strings_reset(&log->strings);
	if (line == NULL && len > 0)
		return MH_EINVAL;
	struct mh_str text =
	    mh_str_n(line != NULL ? line : "", len < MH_LOG_MAX_OCTETS ? len : MH_LOG_MAX_OCTETS);
	while (text.len > 0 && (text.p[text.len - 1] == '\n' || text.p[text.len - 1] == '\r'))
		text.len--;
	mh_buf_reset(&log->line);
	mh_buf_putstr(&log->line, text);
	if (log->line.bad)
		return MH_ENOMEM;
	(void)mh_logged_read(&log->logged, mh_str_n(mh_buf_z(&log->line), text.len), &log->clock);
	log->parsed = true;
	return MH_OK;
}

/* answered - the reply, of an empty text where the line says nothing; NULL before the first parse or
 * without memory */
static mh_reply *
answered(mh_log *log)
{
	if (log == NULL || !log->parsed)
		return NULL;
	if (!log->answered) {
		if (mh_reply_prepare(log->reply) != MH_OK ||
		    mh_logged_answer(&log->logged, log->reply->answer, &log->scratch) != MH_OK)
			return NULL;
		log->answered = true;
	}
	return log->reply;
}

mh_reply *
mh_log_reply(mh_log *log)
{
	bool says = log != NULL && log->parsed && log->logged.line.event != MH_EVENT_NONE;
	return says ? answered(log) : NULL;
}

const char *
mh_log_json(mh_log *log)
{
	return mh_reply_json(answered(log));
}

const char *
mh_log_str(mh_log *log, int field)
{
	static const char *const mtas[] = MH_MTA_NAMES, *const events[] = MH_EVENT_NAMES,
				 *const results[] = MH_RESULT_NAMES, *const phases[] = MH_PHASE_NAMES;
	char time[MH_LOGTIME_TEXT];
	if (log == NULL || !log->parsed)
		return "";
	const struct mh_logline *line = &log->logged.line;
	struct mh_str text = line->text;
	switch (field) {
	case MH_LOG_MTA:
		return mtas[line->mta];
	case MH_LOG_EVENT:
		return events[line->event];
	case MH_LOG_RESULT:
		return results[line->result];
	case MH_LOG_PHASE:
		return phases[line->phase];
	case MH_LOG_CAUSE:
		return line->cause;
	case MH_LOG_CLASS:
		return log->logged.class != NULL ? log->logged.class
						 : mh_reply_str(answered(log), MH_REPLY_CLASS);
	case MH_LOG_TIME:
		mh_logtime_print(log->logged.unix_s, time);
		return mh_strings_keep(&log->strings, field, mh_str_z(time));
	case MH_LOG_QUEUE_ID:
		return mh_strings_keep(&log->strings, field, line->queue_id);
	case MH_LOG_RELAY:
		return mh_strings_keep(&log->strings, field, line->relay);
	case MH_LOG_RELAY_IP:
		return mh_strings_keep(&log->strings, field, line->relay_ip);
	case MH_LOG_DSN:
		return mh_strings_keep(&log->strings, field, line->dsn);
	case MH_LOG_RECIPIENT:
		return mh_strings_keep(&log->strings, field, line->recipient);
	case MH_LOG_ORIG_RECIPIENT:
		return mh_strings_keep(&log->strings, field, line->orig_recipient);
	case MH_LOG_SENDER:
		return mh_strings_keep(&log->strings, field, line->sender);
	case MH_LOG_HOST:
		return mh_strings_keep(&log->strings, field, line->host);
	case MH_LOG_PROGRAM:
		return mh_strings_keep(&log->strings, field, line->program);
	case MH_LOG_TEXT:
		if (line->coding != MH_CODING_NONE && text.len > 0) {
			mh_buf_reset(&log->scratch);
			char *to = mh_buf_reserve(&log->scratch, text.len);
			if (to == NULL)
				return "";
			mh_logline_decode(line, to);
			text.p = to;
		}
		return mh_strings_keep(&log->strings, field, text);
	default:
		return "";
	}
}

int64_t
mh_log_int(mh_log *log, int field)
{
	if (log == NULL || !log->parsed)
		return MH_UNKNOWN;
	const struct mh_logline *line = &log->logged.line;
	bool nothing = line->event == MH_EVENT_NONE;
	switch (field) {
	case MH_LOG_RELAY_PORT:
		return line->relay_port;
	case MH_LOG_DELAY_MS:
		return line->delay_ms;
	case MH_LOG_UNIX_TIME:
		return log->logged.unix_s != MH_TIME_UNKNOWN ? log->logged.unix_s : MH_UNKNOWN;
	case MH_LOG_TEXT_BEGIN:
		return line->text.len > 0 ? (int64_t)(line->text.p - log->logged.whole.p) : MH_UNKNOWN;
	case MH_LOG_TEXT_END:
		return line->text.len > 0
		    ? (int64_t)(line->text.p - log->logged.whole.p) + (int64_t)line->text.len
		    : MH_UNKNOWN;
	case MH_LOG_REMOTE:
		return nothing ? MH_UNKNOWN : line->remote;
	case MH_LOG_INBOUND:
		return nothing ? MH_UNKNOWN : line->inbound;
	default:
		return MH_UNKNOWN;
	}
}
