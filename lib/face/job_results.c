/* job_results.c - what came out of a job: strings, numbers, report, JSON
 *
 * Everything is worked out from the facts when it is first asked for, and kept
 * until facts come or go.
 */
#include "checks.h"
#include "handles.h"

#include "error.h"

/* report_of - the job's own reference to its report; NULL if it is not done, or without memory */
static struct mh_report *
report_of(struct mh_job *job)
{
	struct mh_job_out *out = job->work.is_done ? mh_job_room(job) : NULL;
	if (out == NULL)
		return NULL;
	if (out->report == NULL)
		out->report = job->ops->report(job->check, out);
	return out->report;
}

mh_report *
mh_job_report(mh_job *job)
{
	struct mh_report *report = job != NULL ? report_of(job) : NULL;
	return report != NULL ? mh_report_ref(report) : NULL;
}

const char *
mh_job_str(mh_job *job, int field)
{
	struct mh_job_out *out = job != NULL ? mh_job_room(job) : NULL;
	if (out == NULL)
		return "";
	if (field != MH_JOB_HEALTH)
		return job->ops->str(job->check, out, field);
	struct mh_report *report = report_of(job);
	return report != NULL ? job->ops->health(job->check, report) : "";
}

int64_t
mh_job_int(mh_job *job, int field)
{
	struct mh_job_out *out;
	if (job == NULL)
		return MH_UNKNOWN;
	switch (field) {
	case MH_JOB_QUERIES:
		return job->work.asks_count;
	case MH_JOB_ROUNDS:
		return job->work.is_done ? (int64_t)job->work.rounds : MH_UNKNOWN;
	case MH_JOB_PASSES:
		return job->work.passes;
	case MH_JOB_ELAPSED_MS:
		if (job->elapsed_ms >= 0)
			return job->elapsed_ms;
		return job->ended_ms >= 0 ? job->ended_ms - job->work.started_ms : MH_UNKNOWN;
	default:
		out = mh_job_room(job);
		return out != NULL ? job->ops->number(job->check, out, field) : MH_UNKNOWN;
	}
}

/* --------------------------------------------------------------------- JSON */

static const char *const state_names[] = { "", "present", "nodata", "nxdomain", "unknown" };
static const char *const secure_names[] = { "unknown", "yes", "no", "bogus" };

static void
write_ask(struct mh_json *json, const struct mh_ask *ask)
{
	char room[MH_RR_TYPE_ROOM], name[MH_DNAME_TEXT_MAX + 1];
	const struct mh_fact *fact = ask->fact;
	size_t len = ask->name.len < MH_DNAME_TEXT_MAX ? ask->name.len : 0;
	bool is_stream = ask->type == MH_RR_STREAM;

	memcpy(name, ask->name.p, len);
	if (!is_stream && len > 0 && !(len == 1 && name[0] == '.'))
		name[len++] = '.';
	mh_json_open(json, '{');
	mh_json_key(json, "kind");
	mh_json_strz(json, is_stream ? "stream" : "dns");
	mh_json_key(json, "name");
	mh_json_str(json, mh_str_n(name, len));
	mh_json_key(json, "type");
	mh_json_strz(json, mh_rr_type_name(ask->type, room));
	mh_json_key(json, "state");
	mh_json_strz(json, fact != NULL ? state_names[fact->state] : "unknown");
	mh_json_key(json, "why");
	mh_json_strz(json, fact != NULL ? mh_why_word(fact->why) : "");
	mh_json_key(json, "secure");
	mh_json_strz(json, secure_names[fact != NULL ? fact->secure : MH_SECURE_UNKNOWN]);
	mh_json_key(json, "ttl");
	mh_json_int_or_null(json, fact != NULL && fact->state != MH_FACT_UNKNOWN ? (int64_t)fact->ttl : -1);
	mh_json_key(json, "rtt_ms");
	mh_json_int_or_null(json, fact != NULL && fact->rtt_us >= 0 ? (fact->rtt_us + 500) / 1000 : -1);
	mh_json_key(json, "server");
	mh_json_str(json, fact != NULL ? fact->server : MH_STR(""));
	mh_json_key(json, "rcode");
	mh_json_int_or_null(json, fact != NULL ? fact->rcode : -1);
	mh_json_key(json, "ede");
	mh_json_int_or_null(json, fact != NULL ? fact->ede : -1);
	mh_json_key(json, "ede_text");
	mh_json_str(json, fact != NULL ? fact->ede_text : MH_STR(""));
	mh_json_key(json, "round");
	mh_json_int(json, ask->round);
	mh_json_close(json, '}');
}

static void
write_asks(struct mh_json *json, const struct mh_work *work)
{
	mh_json_key(json, "asks");
	mh_json_open(json, '[');
	for (uint32_t i = 1; i <= work->asks_count; i++)
		write_ask(json, mh_work_ask(work, i));
	mh_json_close(json, ']');
}

/* put_digits - a number of at least so many digits */
static void
put_digits(struct mh_buf *out, int64_t value, int digits)
{
	char text[24];
	size_t n = sizeof(text);
	for (; digits > 0 || value > 0; digits--, value /= 10)
		text[--n] = (char)('0' + value % 10);
	mh_buf_put(out, text + n, sizeof(text) - n);
}

/* write_time - seconds since the epoch as RFC 3339 has it, null if unknown */
static void
write_time(struct mh_json *json, int64_t now, struct mh_buf *room)
{
	mh_json_key(json, "checked_at");
	if (now < 0) {
		mh_json_null(json);
		return;
	}
	/* civil date from days, counted from 1 March of the year 0 (the Gregorian calendar repeats after 400 years) */
	int64_t days = now / 86400 + 719468, second = now % 86400;
	int64_t era = days / 146097, of_era = days % 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * of_year + 2) / 153; /* months from March */
	int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
	int64_t fields[] = { year_of_era + era * 400 + (month <= 2 ? 1 : 0), month,
		of_year - (153 * shifted + 2) / 5 + 1, second / 3600, second / 60 % 60, second % 60 };

	mh_buf_reset(room);
	for (int i = 0; i < 6; i++) {
		put_digits(room, fields[i], i == 0 ? 4 : 2);
		mh_buf_putc(room, "--T::Z"[i]);
	}
	mh_json_str(json, mh_buf_str(room));
}

/* mask_one - one word, in any letter case */
static void
mask_one(struct mh_buf *text, struct mh_str secret)
{
	static const struct mh_str mask = MH_STR_INIT(MH_SECRET_MASK);
	struct mh_buf out;
	size_t from = 0, i = 0;

	if (secret.len < MH_SECRET_MIN || mh_str_eq(secret, mask) || text->bad)
		return;
	mh_buf_init(&out, text->mem, text->max);
	while (i + secret.len <= text->len) {
		if (!mh_str_ieq(mh_str_n(text->p + i, secret.len), secret)) {
			i++;
			continue;
		}
		mh_buf_put(&out, text->p + from, i - from);
		mh_buf_putstr(&out, mask);
		from = i += secret.len;
	}
	if (from > 0) {
		mh_buf_put(&out, text->p + from, text->len - from);
		mh_buf_reset(text);
		mh_buf_putstr(text, mh_buf_str(&out));
		text->bad |= out.bad;
	}
	mh_buf_free(&out);
}

void
mh_mask_secrets(struct mh_buf *text, struct mh_str secrets)
{
	struct mh_cur cur = mh_cur_of(secrets.p, secrets.len);

	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		struct mh_str word = mh_cur_until(&cur, " ");
		const char *colon = memchr(word.p, ':', word.len);
		size_t skipped = colon != NULL ? (size_t)(colon - word.p) + 1 : 0;
		mask_one(text, mh_str_n(word.p + skipped, word.len - skipped));
	}
}

/* write_json - the envelope that all checks share, and the check's own members */
static bool
write_json(struct mh_job *job, struct mh_report *report)
{
	struct mh_job_out *out = job->out;
	const struct mh_check_ops *ops = job->ops;
	struct mh_json json;
	struct mh_str subject;

	if (!ops->subject(job->check, out, &subject))
		return false;
	mh_buf_reset(&out->json);
	mh_json_init(&json, &out->json);
	mh_json_open(&json, '{');
	mh_json_key(&json, "schema");
	mh_json_int(&json, 1);
	mh_json_key(&json, "kind");
	mh_json_strz(&json, ops->name);
	mh_json_key(&json, "subject");
	mh_json_str(&json, subject);
	mh_json_key(&json, "health");
	mh_json_strz(&json, ops->health(job->check, report));
	write_time(&json, *ops->now(job->check), &out->text);
	mh_json_key(&json, "elapsed_ms");
	mh_json_int_or_null(&json, mh_job_int(job, MH_JOB_ELAPSED_MS));
	mh_json_key(&json, "queries");
	mh_json_int(&json, job->work.asks_count);
	mh_json_key(&json, "rounds");
	mh_json_int(&json, job->work.rounds);
	bool good = ops->json(job->check, out, &json);
	mh_json_key(&json, "findings");
	mh_json_raw(&json, mh_report_text(report));
	mh_json_key(&json, "profiles");
	mh_json_open(&json, '{');
	if (ops->profiles != NULL)
		good &= ops->profiles(job->check, out, &json);
	mh_json_close(&json, '}');
	write_asks(&json, &job->work);
	mh_json_close(&json, '}');
	if (ops->secrets != NULL)
		mh_mask_secrets(&out->json, ops->secrets(job->check));
	return good && !out->json.bad;
}

const char *
mh_job_json(mh_job *job)
{
	struct mh_report *report = job != NULL ? report_of(job) : NULL;
	if (report == NULL)
		return "";
	if (!job->out->has_json && !write_json(job, report))
		return "";
	job->out->has_json = true;
	return mh_buf_z(&job->out->json);
}
