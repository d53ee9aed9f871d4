/* jobs.c - the exported functions that make, set and run jobs
 *
 * Results are in job_results.c, asks and answers in asks.c, loops in loops.c.
 */
#include "handles.h"

#include "error.h"

#define SCRATCH_KEEP 65536
#define TIME_LIMIT_MS 20000 /* RFC 7208 4.6.4: at least 20 seconds */
#define LAST_TIME 253402300799 /* the end of the year 9999 */
#define TEXT_MAX 4096 /* octets of an option */

_Static_assert(MH_WAIT == MH_WORK_WAIT && MH_DONE == MH_WORK_DONE, "steps have come apart");
_Static_assert(MH_VOIDS_PER_QUERY == (int)MH_SPF_VOIDS_PER_QUERY &&
	MH_VOIDS_BOTH_FAMILIES == (int)MH_SPF_VOIDS_BOTH_FAMILIES,
    "ways to count have come apart");
_Static_assert(MH_SPF_OPINIONS_MAX == 8, "mailhealth.h says how many opinions there may be");

static void
run_part(void *check, struct mh_pass *pass)
{
	mh_spf_check_pass(check, pass);
}

mh_job *
mh_job_new(mh_ctx *ctx, int check)
{
	if (ctx == NULL || check != MH_CHECK_SPF)
		return NULL;
	struct mh_job *job = mh_mem_zalloc(&ctx->mem, sizeof(*job));
	if (job == NULL)
		return NULL;
	job->ctx = mh_ctx_ref(ctx);
	job->check = check;
	job->ended_ms = job->elapsed_ms = -1;
	mh_work_init(&job->work, &ctx->mem, run_part, &job->spf);
	job->work.owner = job;
	job->work.limit_ms = TIME_LIMIT_MS;
	mh_spf_check_init(&job->spf, &ctx->mem);
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
	mh_spf_check_free(&job->spf);
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
	out->has_verdict = out->has_json = false;
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
	job->spf.opinions_count = 0;
	job->ended_ms = -1;
	job->has_begun = false;
	return MH_OK;
}

/* ------------------------------------------------------------------ options */

/* keep_text - a copy of a string among the check's inputs; false without memory */
static bool
keep_text(struct mh_job *job, struct mh_str value, struct mh_str *to)
{
	char *copy = mh_arena_alloc(&job->spf.keep, value.len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, value.p, value.len);
	copy[value.len] = '\0';
	*to = mh_str_n(copy, value.len);
	return true;
}

static int
set_ip(struct mh_job *job, struct mh_str value)
{
	struct mh_ip ip = { .family = 0 };
	if (value.len > 0 && !mh_ip_parse(value, &ip))
		return MH_EINVAL;
	job->spf.question.ip = ip;
	return MH_OK;
}

/* set_profiles - names separated by spaces; nothing is changed if one is unknown */
static int
set_profiles(struct mh_job *job, struct mh_str value)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	uint32_t profiles = 0;

	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		struct mh_str name = mh_cur_until(&cur, " ,\t");
		bool is_all = mh_str_eq(name, MH_STR("all")), is_known = is_all;
		for (uint32_t i = 0; mh_spf_rules_at(i) != NULL; i++) {
			bool is_it = mh_str_eq(name, mh_str_z(mh_spf_rules_at(i)->name));
			is_known |= is_it;
			/* The first is the RFC's, which is not another's opinion. */
			if (is_it || (is_all && i > 0))
				profiles |= (uint32_t)1 << i;
		}
		if (!is_known)
			return MH_EINVAL;
		mh_cur_skip(&cur, MH_STR(","));
	}
	job->spf.profiles = profiles;
	return MH_OK;
}

static int
set_rules(struct mh_job *job, struct mh_str value)
{
	const struct mh_spf_rules *rules = value.len > 0 ? mh_spf_rules_find(value) : &mh_spf_rfc7208;
	if (rules == NULL)
		return MH_EINVAL;
	job->spf.rules = *rules;
	return MH_OK;
}

int
mh_job_set_str(mh_job *job, int option, const char *value)
{
	if (job == NULL || value == NULL)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	struct mh_str text = mh_str_z(value);
	struct mh_str *to = NULL;
	if (text.len > TEXT_MAX)
		return MH_EINVAL;
	/* What a recording has of opinions is about who and what was asked then. */
	if (option >= MH_OPT_IP && option <= MH_OPT_DOMAIN)
		job->spf.opinions_count = 0;
	switch (option) {
	case MH_OPT_IP:
		return set_ip(job, text);
	case MH_OPT_PROFILES:
		return set_profiles(job, text);
	case MH_OPT_RULES:
		return set_rules(job, text);
	case MH_OPT_SENDER:
		to = &job->spf.question.sender;
		break;
	case MH_OPT_HELO:
		to = &job->spf.question.helo;
		break;
	case MH_OPT_DOMAIN:
		to = &job->spf.question.domain;
		break;
	case MH_OPT_RECEIVER:
		to = &job->spf.question.receiver;
		break;
	default:
		return MH_EINVAL;
	}
	return keep_text(job, text, to) ? MH_OK : MH_ENOMEM;
}

/* set_limit - a number in its range, else MH_EINVAL */
static int
set_limit(int *to, int64_t value, int64_t least, int64_t most)
{
	if (value < least || value > most)
		return MH_EINVAL;
	*to = (int)value;
	return MH_OK;
}

static int
set_bool(bool *to, int64_t value)
{
	if (value != 0 && value != 1)
		return MH_EINVAL;
	*to = value == 1;
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
		job->spf.question.now = value;
		return MH_OK;
	case MH_OPT_LINT:
		return set_bool(&job->spf.wants_lint, value);
	case MH_OPT_EXPLAIN:
		return set_bool(&job->spf.question.wants_explanation, value);
	case MH_OPT_TERM_LIMIT:
		return set_limit(&job->spf.rules.term_limit, value, 0, 1000);
	case MH_OPT_VOID_LIMIT:
		return set_limit(&job->spf.rules.void_limit, value, -1, 1000);
	case MH_OPT_VOIDS:
		if (set_limit(&number, value, MH_VOIDS_PER_TERM, MH_VOIDS_BOTH_FAMILIES) != MH_OK)
			return MH_EINVAL;
		job->spf.rules.voids = (uint8_t)number;
		return MH_OK;
	case MH_OPT_ASKS:
		if (set_limit(&number, value, 1, MH_WORK_ASKS_MAX) != MH_OK)
			return MH_EINVAL;
		job->work.asks_max = (uint32_t)number;
		return MH_OK;
	case MH_OPT_TIME_LIMIT_MS:
		if (value < -1 || value > INT32_MAX)
			return MH_EINVAL;
		job->work.limit_ms = value;
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

/* Options as a recording has them: name, what kind of value, number. */
static const struct {
	const char *name;
	bool is_text;
	int option;
} recorded[] = {
	{ "ip", true, MH_OPT_IP },
	{ "sender", true, MH_OPT_SENDER },
	{ "helo", true, MH_OPT_HELO },
	{ "domain", true, MH_OPT_DOMAIN },
	{ "receiver", true, MH_OPT_RECEIVER },
	{ "rules", true, MH_OPT_RULES },
	{ "profiles", true, MH_OPT_PROFILES },
	{ "lint", false, MH_OPT_LINT },
	{ "explain", false, MH_OPT_EXPLAIN },
	{ "term-limit", false, MH_OPT_TERM_LIMIT },
	{ "void-limit", false, MH_OPT_VOID_LIMIT },
	{ "voids", false, MH_OPT_VOIDS },
	{ "asks", false, MH_OPT_ASKS },
	{ "time-limit-ms", false, MH_OPT_TIME_LIMIT_MS },
};

/* set_opinion - "BY|RESULT|WHY", as write_opinions writes it */
static int
set_opinion(struct mh_job *job, struct mh_str value)
{
	char text[2 * TEXT_MAX + 16];
	if (value.len >= sizeof(text))
		return MH_EINVAL;
	memcpy(text, value.p, value.len);
	text[value.len] = '\0';
	char *result = strchr(text, '|');
	char *why = result != NULL ? strchr(result + 1, '|') : NULL;
	if (why == NULL)
		return MH_EINVAL;
	*result++ = '\0';
	*why++ = '\0';
	return mh_job_add_opinion(job, text, result, why);
}

/* set_recorded - one option of a recording; those that are unknown are left out */
static int
set_recorded(struct mh_job *job, struct mh_str name, struct mh_str value)
{
	if (mh_str_eq(name, MH_STR("opinion")))
		return set_opinion(job, value);
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		if (!mh_str_eq(name, mh_str_z(recorded[i].name)))
			continue;
		if (recorded[i].is_text) {
			char text[TEXT_MAX + 1];
			if (value.len > TEXT_MAX)
				return MH_EINVAL;
			memcpy(text, value.p, value.len);
			text[value.len] = '\0';
			return mh_job_set_str(job, recorded[i].option, text);
		}
		bool is_minus = value.len > 0 && value.p[0] == '-';
		int64_t number = mh_str_int(mh_str_n(value.p + is_minus, value.len - is_minus), INT32_MAX);
		if (number < 0)
			return MH_EINVAL;
		return mh_job_set_int(job, recorded[i].option, is_minus ? -number : number);
	}
	return MH_OK;
}

int
mh_job_use_world(mh_job *job, mh_world *world)
{
	struct mh_str name, value;
	if (job == NULL || world == NULL)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	/* Rules first: they set the limits that other options change.  Opinions last: they are about the rest. */
	value = mh_worldfile_option(world->world, "rules");
	int result = value.len > 0 ? set_recorded(job, MH_STR("rules"), value) : MH_OK;
	for (size_t i = 0; result == MH_OK && mh_worldfile_option_at(world->world, i, &name, &value); i++)
		if (!mh_str_eq(name, MH_STR("rules")) && !mh_str_eq(name, MH_STR("opinion")))
			result = set_recorded(job, name, value);
	for (size_t i = 0; result == MH_OK && mh_worldfile_option_at(world->world, i, &name, &value); i++)
		if (mh_str_eq(name, MH_STR("opinion")))
			result = set_recorded(job, name, value);
	const struct mh_world_head *head = mh_worldfile_head(world->world);
	if (head->now >= 0)
		job->spf.question.now = head->now;
	job->elapsed_ms = head->elapsed_ms;
	return result == MH_OK ? mh_worldfile_seed(world->world, &job->work) : result;
}

/* write_number - an option that is not a text */
static void
write_number(struct mh_buf *out, const char *name, int64_t value)
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

/* write_text - an option that is one, if it was given */
static void
write_text(struct mh_buf *out, const char *name, struct mh_str value)
{
	if (value.len > 0)
		mh_world_write_option(out, name, value);
}

static void
write_opinions(const struct mh_spf_check *spf, struct mh_buf *out, struct mh_buf *text)
{
	for (unsigned i = 0; i < spf->opinions_count; i++) {
		const struct mh_spf_opinion *opinion = &spf->opinions[i];
		mh_buf_reset(text);
		mh_buf_putstr(text, opinion->by);
		mh_buf_putc(text, '|');
		mh_buf_puts(text, mh_spf_result_name(opinion->result));
		mh_buf_putc(text, '|');
		mh_buf_putstr(text, opinion->why);
		mh_world_write_option(out, "opinion", mh_str_n(mh_buf_z(text), text->len));
	}
}

/* write_options - all that mh_job_use_world reads */
static void
write_options(struct mh_job *job, struct mh_buf *out, struct mh_buf *text)
{
	const struct mh_spf_check *spf = &job->spf;
	char ip[MH_IP_TEXT_MAX];

	write_text(out, "ip", mh_str_n(ip, mh_ip_print(&spf->question.ip, ip)));
	write_text(out, "sender", spf->question.sender);
	write_text(out, "helo", spf->question.helo);
	write_text(out, "domain", spf->question.domain);
	write_text(out, "receiver", spf->question.receiver);
	write_text(out, "rules", mh_str_z(spf->rules.name));
	mh_buf_reset(text);
	for (uint32_t i = 0; mh_spf_rules_at(i) != NULL; i++) {
		if ((spf->profiles >> i & 1) == 0)
			continue;
		if (text->len > 0)
			mh_buf_putc(text, ' ');
		mh_buf_puts(text, mh_spf_rules_at(i)->name);
	}
	write_text(out, "profiles", mh_str_n(mh_buf_z(text), text->len));
	write_opinions(spf, out, text);
	write_number(out, "lint", spf->wants_lint);
	write_number(out, "explain", spf->question.wants_explanation);
	write_number(out, "term-limit", spf->rules.term_limit);
	write_number(out, "void-limit", spf->rules.void_limit);
	write_number(out, "voids", spf->rules.voids);
	write_number(out, "asks", job->work.asks_max);
	write_number(out, "time-limit-ms", job->work.limit_ms);
}

const char *
mh_job_world(mh_job *job)
{
	struct mh_job_out *out = job != NULL ? mh_job_room(job) : NULL;
	if (out == NULL)
		return "";
	struct mh_world_head head = { .check = MH_STR("spf"),
		.now = job->spf.question.now,
		.elapsed_ms = mh_job_int(job, MH_JOB_ELAPSED_MS) };
	mh_buf_reset(&out->world);
	mh_world_write_head(&out->world, &head);
	write_options(job, &out->world, &out->text);
	mh_world_write_facts(&out->world, &job->work);
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
	int error = mh_spf_check_start(&job->spf, &job->work);
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

int
mh_job_add_opinion(mh_job *job, const char *by, const char *result, const char *why)
{
	struct mh_spf_opinion opinion = { .result = MH_SPF_NO_RESULT };
	if (job == NULL || by == NULL || result == NULL || why == NULL || by[0] == '\0' ||
	    strchr(by, '|') != NULL || strlen(by) > TEXT_MAX || strlen(why) > TEXT_MAX)
		return MH_EINVAL;
	if (result[0] != '\0') {
		opinion.result = mh_spf_result_find(mh_str_z(result));
		if (opinion.result < 0)
			return MH_EINVAL;
	}
	unsigned at = 0;
	while (at < job->spf.opinions_count && !mh_str_eq(job->spf.opinions[at].by, mh_str_z(by)))
		at++;
	if (at == MH_SPF_OPINIONS_MAX)
		return MH_ESTATE;
	if (!keep_text(job, mh_str_z(by), &opinion.by) || !keep_text(job, mh_str_z(why), &opinion.why))
		return MH_ENOMEM;
	job->spf.opinions[at] = opinion;
	if (at == job->spf.opinions_count)
		job->spf.opinions_count++;
	mh_job_forget(job);
	return MH_OK;
}
