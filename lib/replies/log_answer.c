/* log_answer.c - what a log line quotes, understood as a reply, and the line as JSON
 *
 * The line tells more than the words that it quotes: who spoke, in which phase,
 * what the MTA made of it.  All that sharpens the answer.
 */
#include "log_answer.h"

#include "error.h"
#include "find.h"
#include "json.h"

bool
mh_logged_empty_words(const struct mh_logline *line)
{
	return line->mta == MH_MTA_SENDMAIL && !line->remote && line->result == MH_RESULT_BOUNCED &&
	    mh_str_ieq(line->text, MH_STR("Service unavailable"));
}

bool
mh_logged_read(struct mh_logged *logged, struct mh_str line, const struct mh_logclock *clock)
{
	static const char *const classes[] = { NULL, "delivered", "delayed", "failed", "failed" };
	logged->whole = line;
	logged->unix_s = MH_TIME_UNKNOWN;
	logged->class = NULL;
	if (!mh_logline_read(line, &logged->line)) {
		logged->line = (struct mh_logline){ .relay_port = -1, .delay_ms = -1, .cause = "" };
		return false;
	}
	if (logged->line.stamp.len > 0 && mh_logtime_read(logged->line.stamp, &logged->line.time) > 0)
		logged->unix_s = mh_logtime_unix(&logged->line.time, clock);
	logged->class = classes[logged->line.result];
	return true;
}

static struct mh_str
domain_of(struct mh_str address)
{
	for (size_t i = address.len; i > 0; i--)
		if (address.p[i - 1] == '@')
			return mh_str_n(address.p + i, address.len - i);
	return mh_str_n(address.p, 0);
}

bool
mh_is_forwarded(struct mh_str original, struct mh_str recipient)
{
	struct mh_str from = domain_of(original), to = domain_of(recipient);
	return from.len > 0 && to.len > 0 && !mh_str_ieq(from, to);
}

int
mh_logged_answer(struct mh_logged *logged, struct mh_answer *answer, struct mh_buf *scratch)
{
	static const int fates[] = { 0, 2, 4, 5, 5 };
	const struct mh_logline *line = &logged->line;
	struct mh_frame frame = {
		.kind = "log",
		.class = logged->class,
		.fate = fates[line->result],
		.own_words = !line->remote,
		.empty_words = mh_logged_empty_words(line),
		.write = mh_logged_write,
		.arg = logged,
	};
	/* An envelope's sender, a delivery's start, or nothing about mail at all. */
	frame.no_failure = line->text.len == 0 && line->result == MH_RESULT_NONE && line->cause[0] == '\0';
	int cause = mh_finding_kind_find(mh_str_z(line->cause));
	if (cause >= 0)
		frame.cause = mh_finding_kind_at((size_t)cause)->number;
	frame.advice = frame.empty_words ? "read-the-bounce" : NULL;
	frame.forwarded = mh_is_forwarded(line->orig_recipient, line->recipient);
	if (line->inbound && line->cause[0] != '\0')
		frame.advice = strcmp(line->cause, "tls.no-certificate") == 0 ? "install-certificate"
		    : memcmp(line->cause, "cert.", 5) == 0                    ? "fix-certificate"
									      : NULL;
	struct mh_str text = line->text;
	if (text.len > 0)
		frame.origin = (size_t)(text.p - logged->whole.p);
	if (line->coding != MH_CODING_NONE && text.len > 0) {
		mh_buf_reset(scratch);
		char *to = mh_buf_reserve(scratch, text.len);
		if (to == NULL)
			return MH_ERR_ENOMEM;
		mh_logline_decode(line, to);
		text.p = to;
	}
	mh_answer_surround(answer, &frame);
	/* A client that was refused is no provider that answered. */
	mh_answer_quoted(answer, line->phase, 0, line->dsn, line->inbound ? MH_STR("") : line->relay);
	return mh_answer_parse(answer, text.len > 0 ? text : MH_STR(""));
}

static void
put(struct mh_json *json, const char *key, struct mh_str value)
{
	mh_json_key(json, key);
	mh_json_str(json, value.len > 0 ? value : MH_STR(""));
}

void
mh_logged_write(struct mh_json *json, void *arg)
{
	static const char *const mtas[] = MH_MTA_NAMES, *const events[] = MH_EVENT_NAMES,
				 *const results[] = MH_RESULT_NAMES, *const phases[] = MH_PHASE_NAMES;
	const struct mh_logged *logged = arg;
	const struct mh_logline *line = &logged->line;
	char time[MH_LOGTIME_TEXT];
	mh_logtime_print(logged->unix_s, time);
	mh_json_open(json, '{');
	put(json, "mta", mh_str_z(mtas[line->mta]));
	put(json, "event", mh_str_z(events[line->event]));
	put(json, "queue_id", line->queue_id);
	put(json, "time", mh_str_z(time));
	put(json, "relay", line->relay);
	put(json, "relay_ip", line->relay_ip);
	mh_json_key(json, "relay_port");
	mh_json_int_or_null(json, line->relay_port);
	mh_json_key(json, "delay_s");
	if (line->delay_ms < 0)
		mh_json_null(json);
	else
		mh_json_milli(json, line->delay_ms);
	put(json, "result", mh_str_z(results[line->result]));
	put(json, "dsn", line->dsn);
	put(json, "recipient", line->recipient);
	put(json, "orig_recipient", line->orig_recipient);
	put(json, "sender", line->sender);
	put(json, "phase", mh_str_z(phases[line->phase]));
	put(json, "cause", mh_str_z(line->cause));
	mh_json_key(json, "inbound");
	mh_json_bool(json, line->inbound);
	put(json, "host", line->host);
	put(json, "program", line->program);
	mh_json_close(json, '}');
}
