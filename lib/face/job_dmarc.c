/* job_dmarc.c - the check "dmarc" behind a job, the exported function that only it has, and those about names alone
 *
 * The check itself is in dmarc_check.h.
 */
#include "checks.h"
#include "handles.h"

#include "alabel.h"
#include "dmarc_check.h"
#include "error.h"
#include "psl.h"

_Static_assert(MH_DMARC_IDS_MAX == 64 && MH_DMARC_FROMS_MAX == 16, "mailhealth.h says how many there may be");

static void
init(void *check, const struct mh_mem *mem)
{
	mh_dmarc_check_init(check, mem);
}

static void
release(void *check)
{
	mh_dmarc_check_free(check);
}

static void
reset(void *check)
{
	mh_dmarc_check_reset(check);
}

static int
start(void *check, struct mh_work *work)
{
	return mh_dmarc_check_start(check, work);
}

static void
run(void *check, struct mh_pass *pass)
{
	mh_dmarc_check_pass(check, pass);
}

static int64_t *
now(void *check)
{
	struct mh_dmarc_check *dmarc = check;
	return &dmarc->now;
}

/* ------------------------------------------------------------------ options */

/* add_from - one more value; "" none any more */
static int
add_from(struct mh_dmarc_check *dmarc, struct mh_str value)
{
	if (value.len == 0) {
		dmarc->froms_count = 0;
		return MH_OK;
	}
	if (dmarc->froms_count == MH_DMARC_FROMS_MAX)
		return MH_EINVAL;
	int result = mh_option_text(&dmarc->message, value, &dmarc->froms[dmarc->froms_count]);
	if (result == MH_OK)
		dmarc->froms_count++;
	return result;
}

static int
set_rules(struct mh_dmarc_check *dmarc, struct mh_str value)
{
	bool is_7489 = mh_str_eq(value, MH_STR("rfc7489"));
	if (!is_7489 && value.len > 0 && !mh_str_eq(value, MH_STR("rfc9989")))
		return MH_EINVAL;
	dmarc->is_7489 = is_7489;
	return MH_OK;
}

static int
set_str(void *check, int option, struct mh_str value)
{
	struct mh_dmarc_check *dmarc = check;
	switch (option) {
	case MH_OPT_FROM:
		return add_from(dmarc, value);
	case MH_OPT_DOMAIN:
		return mh_option_text(&dmarc->keep, value, &dmarc->given);
	case MH_OPT_REPORT_DOMAIN:
		return mh_option_text(&dmarc->keep, value, &dmarc->report_given);
	case MH_OPT_RULES:
		return set_rules(dmarc, value);
	default:
		return MH_EINVAL;
	}
}

static int
set_int(void *check, int option, int64_t value)
{
	(void)check;
	(void)option;
	(void)value;
	return MH_EINVAL;
}

/* add_result - see mh_job_add_result */
static int
add_result(struct mh_dmarc_check *dmarc, struct mh_str kind, struct mh_str domain, struct mh_str result)
{
	struct mh_dmarc_id id = { .is_dkim = mh_str_eq(kind, MH_STR("dkim")) };
	int meaning = mh_dmarc_id_result(result);

	if ((!id.is_dkim && !mh_str_eq(kind, MH_STR("spf"))) || meaning < 0)
		return MH_EINVAL;
	if (dmarc->ids_count == MH_DMARC_IDS_MAX)
		return MH_ESTATE;
	id.result = (unsigned char)meaning;
	id.domain = mh_alabel_canonical(&dmarc->message, mh_str_trim(domain));
	if (id.domain.p == NULL || mh_option_text(&dmarc->message, result, &id.word) != MH_OK)
		return MH_ENOMEM;
	dmarc->ids[dmarc->ids_count++] = id;
	return MH_OK;
}

/* read_result - "dkim|pass|example.org", as write_options writes it */
static int
read_result(void *check, struct mh_str value)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	struct mh_str kind = mh_cur_until(&cur, "|");
	mh_cur_skip(&cur, MH_STR("|"));
	struct mh_str result = mh_cur_until(&cur, "|");
	mh_cur_skip(&cur, MH_STR("|"));
	return add_result(check, kind, mh_cur_rest(&cur), result);
}

static const struct mh_check_option options[] = {
	{ .name = "from", .option = MH_OPT_FROM, .is_text = true, .is_file = true },
	{ .name = "domain", .option = MH_OPT_DOMAIN, .is_text = true },
	{ .name = "report-domain", .option = MH_OPT_REPORT_DOMAIN, .is_text = true },
	{ .name = "rules", .option = MH_OPT_RULES, .is_text = true },
	{ .name = "result", .read = read_result },
	{ .name = NULL },
};

static void
write_options(void *check, struct mh_buf *out, struct mh_buf *text)
{
	const struct mh_dmarc_check *dmarc = check;

	for (unsigned i = 0; i < dmarc->froms_count; i++)
		mh_option_write_text(out, "from", dmarc->froms[i]);
	mh_option_write_text(out, "domain", dmarc->given);
	mh_option_write_text(out, "report-domain", dmarc->report_given);
	if (dmarc->is_7489)
		mh_option_write_text(out, "rules", MH_STR("rfc7489"));
	for (unsigned i = 0; i < dmarc->ids_count; i++) {
		mh_buf_reset(text);
		mh_buf_puts(text, dmarc->ids[i].is_dkim ? "dkim|" : "spf|");
		mh_buf_putstr(text, dmarc->ids[i].word);
		mh_buf_putc(text, '|');
		mh_buf_putstr(text, dmarc->ids[i].domain);
		mh_option_write_text(out, "result", mh_buf_str(text));
	}
}

/* ------------------------------------------------------------------ results */

/* outcome_of - worked out once; NULL while it is not done, or without memory */
static const struct mh_dmarc_outcome *
outcome_of(const struct mh_dmarc_check *dmarc, struct mh_job_out *out)
{
	struct mh_pass view;

	if (!out->work->is_done)
		return NULL;
	if (out->found != NULL)
		return out->found;
	struct mh_dmarc_outcome *outcome = mh_arena_alloc(&out->arena, sizeof(*outcome));
	mh_work_view(out->work, &view, &out->arena);
	if (outcome == NULL || !mh_dmarc_check_outcome(dmarc, &view, outcome))
		return NULL;
	out->found = outcome;
	return outcome;
}

/* id_of - the domain of an identifier that passed; "" none */
static struct mh_str
id_of(const struct mh_dmarc_check *dmarc, int number)
{
	return number >= 0 ? dmarc->ids[number].domain : MH_STR("");
}

static const char *
str_of(void *check, struct mh_job_out *out, int field)
{
	const struct mh_dmarc_check *dmarc = check;
	struct mh_strings *strings = &out->strings;
	const struct mh_dmarc_outcome *outcome = outcome_of(dmarc, out);

	if (field == MH_JOB_DOMAIN)
		return mh_strings_keep(strings, field, outcome != NULL ? dmarc->domain : dmarc->given);
	if (outcome == NULL)
		return "";
	const struct mh_dmarc_verdict *verdict = &outcome->verdict;
	const struct mh_dmarc_found *found = &verdict->found;
	const struct mh_dmarc *record = found->state == MH_DMARC_FIND_FOUND ? found->dmarc : NULL;
	const struct mh_finding_kind *problem = mh_finding_kind_of(mh_dmarc_check_problem(outcome));
	switch (field) {
	case MH_JOB_RESULT:
		return mh_dmarc_check_result(dmarc, outcome);
	case MH_JOB_PROBLEM:
		return problem != NULL ? problem->id : "";
	case MH_JOB_POLICY:
		return record != NULL ? mh_dmarc_policy_name(found->policy) : "";
	case MH_JOB_DISPOSITION:
		return mh_dmarc_policy_name(verdict->disposition);
	case MH_JOB_RECORD_AT:
		return mh_strings_keep(strings, field, found->at);
	case MH_JOB_RECORD:
		return mh_strings_keep(strings, field, record != NULL ? record->text : MH_STR(""));
	case MH_JOB_ORG_DOMAIN:
		return mh_strings_keep(strings, field, found->org_domain);
	case MH_JOB_ALIGNED_DKIM:
		return mh_strings_keep(strings, field, id_of(dmarc, verdict->dkim));
	case MH_JOB_ALIGNED_SPF:
		return mh_strings_keep(strings, field, id_of(dmarc, verdict->spf));
	case MH_JOB_FROM_STATE:
		return dmarc->froms_count > 0 ? mh_dmarc_from_name(dmarc->from.state) : "";
	case MH_JOB_REPORT_NAME:
		return mh_strings_keep(strings, field, outcome->external.name);
	default:
		return "";
	}
}

static int64_t
number_of(void *check, struct mh_job_out *out, int field)
{
	(void)check;
	(void)out;
	(void)field;
	return MH_UNKNOWN;
}

static struct mh_report *
make_report(void *check, struct mh_job_out *out)
{
	const struct mh_dmarc_outcome *outcome = outcome_of(check, out);
	struct mh_pass view;
	if (outcome == NULL)
		return NULL;
	mh_work_view(out->work, &view, &out->arena);
	return mh_dmarc_check_report(check, &view, outcome);
}

static const char *
health_of(void *check, const struct mh_report *report)
{
	(void)check;
	return mh_report_health(report, "");
}

static bool
subject_of(void *check, struct mh_job_out *out, struct mh_str *subject)
{
	const struct mh_dmarc_check *dmarc = check;
	(void)out;
	*subject = dmarc->domain;
	return true;
}

static bool
write_json(void *check, struct mh_job_out *out, struct mh_json *json)
{
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_dmarc_check_json(check, &view, out->found, out->report, json);
}

const struct mh_check_ops mh_dmarc_ops = {
	.name = "dmarc",
	.size = sizeof(struct mh_dmarc_check),
	.limit_ms = 20000,
	.options = options,
	.init = init,
	.free = release,
	.reset = reset,
	.start = start,
	.pass = run,
	.now = now,
	.set_str = set_str,
	.set_int = set_int,
	.write_options = write_options,
	.str = str_of,
	.number = number_of,
	.report = make_report,
	.health = health_of,
	.subject = subject_of,
	.json = write_json,
};

int
mh_job_add_result(mh_job *job, const char *kind, const char *domain, const char *result)
{
	if (job == NULL || job->ops != &mh_dmarc_ops || kind == NULL || domain == NULL || result == NULL ||
	    strlen(domain) > MH_OPTION_TEXT_MAX)
		return MH_EINVAL;
	if (job->has_begun)
		return MH_EFROZEN;
	return add_result(job->check, mh_str_z(kind), mh_str_z(domain), mh_str_z(result));
}

/* -------------------------------------------------------------- names alone */

/* give - a text to a caller's room; its length */
static int
give(struct mh_str text, char *out, size_t size)
{
	if (text.len >= size)
		return MH_EINVAL;
	memcpy(out, text.p, text.len);
	out[text.len] = '\0';
	return (int)text.len;
}

/* last_labels - so many labels of a name as it is written */
static struct mh_str
last_labels(struct mh_str name, unsigned labels)
{
	size_t at = name.len;
	for (; at > 0; at--)
		if (name.p[at - 1] == '.' && --labels == 0)
			break;
	return mh_str_n(name.p + at, name.len - at);
}

int
mh_registrable(mh_ctx *ctx, const char *domain, char *out, size_t size)
{
	struct mh_arena arena;

	if (ctx == NULL || domain == NULL || out == NULL || size == 0)
		return MH_EINVAL;
	out[0] = '\0';
	struct mh_str name = mh_str_z(domain);
	mh_arena_init(&arena, &ctx->mem, 0);
	struct mh_str canonical = mh_alabel_canonical(&arena, name);
	unsigned labels = mh_dname_labels(mh_psl_registrable(canonical));
	int result = canonical.p == NULL ? MH_ENOMEM : 0;
	if (labels > 0) {
		if (name.p[name.len - 1] == '.')
			name.len--;
		result = give(last_labels(name, labels), out, size);
		for (int i = 0; i < result; i++)
			out[i] = mh_lower(out[i]);
	}
	mh_arena_free(&arena);
	return result;
}

int
mh_aligned(mh_ctx *ctx, const char *a, const char *b, int is_strict)
{
	struct mh_arena arena;

	if (ctx == NULL || a == NULL || b == NULL)
		return MH_EINVAL;
	mh_arena_init(&arena, &ctx->mem, 0);
	struct mh_str name_a = mh_alabel_canonical(&arena, mh_str_z(a));
	struct mh_str name_b = mh_alabel_canonical(&arena, mh_str_z(b));
	int result =
	    name_a.p == NULL || name_b.p == NULL ? MH_ENOMEM : mh_psl_aligned(name_a, name_b, is_strict != 0);
	mh_arena_free(&arena);
	return result;
}

int
mh_from_domain(mh_ctx *ctx, const void *value, size_t len, char *out, size_t size)
{
	struct mh_arena arena;
	struct mh_from from;

	if (ctx == NULL || (value == NULL && len > 0) || out == NULL || size == 0)
		return MH_EINVAL;
	out[0] = '\0';
	mh_arena_init(&arena, &ctx->mem, 0);
	mh_from_begin(&from);
	int result = mh_from_read(&arena, mh_str_n(value != NULL ? value : "", len), &from);
	if (result == MH_ERR_OK)
		result = give(from.domain, out, size);
	mh_arena_free(&arena);
	return result;
}
