/* job_spf.c - the check "spf" behind a job, and the exported functions that only it has
 *
 * Options as the job hands them over, what a recording has of them, and the
 * fields of its results.  The check itself is in spf_check.h.
 */
#include "checks.h"
#include "handles.h"

#include "error.h"
#include "spf_check.h"

_Static_assert(MH_VOIDS_PER_QUERY == (int)MH_SPF_VOIDS_PER_QUERY &&
	MH_VOIDS_BOTH_FAMILIES == (int)MH_SPF_VOIDS_BOTH_FAMILIES,
    "ways to count have come apart");
_Static_assert(MH_SPF_OPINIONS_MAX == 8, "mailhealth.h says how many opinions there may be");

static void
init(void *check, const struct mh_mem *mem)
{
	mh_spf_check_init(check, mem);
}

static void
release(void *check)
{
	mh_spf_check_free(check);
}

static void
reset(void *check)
{
	struct mh_spf_check *spf = check;
	spf->opinions_count = 0;
}

static int
start(void *check, struct mh_work *work)
{
	return mh_spf_check_start(check, work);
}

static void
run(void *check, struct mh_pass *pass)
{
	mh_spf_check_pass(check, pass);
}

static int64_t *
now(void *check)
{
	struct mh_spf_check *spf = check;
	return &spf->question.now;
}

/* ------------------------------------------------------------------ options */

static int
set_ip(struct mh_spf_check *spf, struct mh_str value)
{
	struct mh_ip ip = { .family = 0 };
	if (value.len > 0 && !mh_ip_parse(value, &ip))
		return MH_EINVAL;
	spf->question.ip = ip;
	return MH_OK;
}

/* set_profiles - names separated by spaces; nothing is changed if one is unknown */
static int
set_profiles(struct mh_spf_check *spf, struct mh_str value)
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
	spf->profiles = profiles;
	return MH_OK;
}

static int
set_rules(struct mh_spf_check *spf, struct mh_str value)
{
	const struct mh_spf_rules *rules = value.len > 0 ? mh_spf_rules_find(value) : &mh_spf_rfc7208;
	if (rules == NULL)
		return MH_EINVAL;
	spf->rules = *rules;
	return MH_OK;
}

static int
set_str(void *check, int option, struct mh_str value)
{
	struct mh_spf_check *spf = check;
	struct mh_str *to = NULL;
	/* What a recording has of opinions is about who and what was asked then. */
	if (option >= MH_OPT_IP && option <= MH_OPT_DOMAIN)
		spf->opinions_count = 0;
	switch (option) {
	case MH_OPT_IP:
		return set_ip(spf, value);
	case MH_OPT_PROFILES:
		return set_profiles(spf, value);
	case MH_OPT_RULES:
		return set_rules(spf, value);
	case MH_OPT_SENDER:
		to = &spf->question.sender;
		break;
	case MH_OPT_HELO:
		to = &spf->question.helo;
		break;
	case MH_OPT_DOMAIN:
		to = &spf->question.domain;
		break;
	case MH_OPT_RECEIVER:
		to = &spf->question.receiver;
		break;
	default:
		return MH_EINVAL;
	}
	return mh_option_text(&spf->keep, value, to);
}

static int
set_int(void *check, int option, int64_t value)
{
	struct mh_spf_check *spf = check;
	int number = 0;
	switch (option) {
	case MH_OPT_LINT:
		return mh_option_bool(&spf->wants_lint, value);
	case MH_OPT_EXPLAIN:
		return mh_option_bool(&spf->question.wants_explanation, value);
	case MH_OPT_TERM_LIMIT:
		return mh_option_limit(&spf->rules.term_limit, value, 0, 1000);
	case MH_OPT_VOID_LIMIT:
		return mh_option_limit(&spf->rules.void_limit, value, -1, 1000);
	case MH_OPT_VOIDS:
		if (mh_option_limit(&number, value, MH_VOIDS_PER_TERM, MH_VOIDS_BOTH_FAMILIES) != MH_OK)
			return MH_EINVAL;
		spf->rules.voids = (uint8_t)number;
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

/* add_opinion - see mh_job_add_opinion */
static int
add_opinion(struct mh_spf_check *spf, const char *by, const char *result, const char *why)
{
	struct mh_spf_opinion opinion = { .result = MH_SPF_NO_RESULT };
	if (by == NULL || result == NULL || why == NULL || by[0] == '\0' || strchr(by, '|') != NULL ||
	    strlen(by) > MH_OPTION_TEXT_MAX || strlen(why) > MH_OPTION_TEXT_MAX)
		return MH_EINVAL;
	if (result[0] != '\0') {
		opinion.result = mh_spf_result_find(mh_str_z(result));
		if (opinion.result < 0)
			return MH_EINVAL;
	}
	unsigned at = 0;
	while (at < spf->opinions_count && !mh_str_eq(spf->opinions[at].by, mh_str_z(by)))
		at++;
	if (at == MH_SPF_OPINIONS_MAX)
		return MH_ESTATE;
	if (mh_option_text(&spf->keep, mh_str_z(by), &opinion.by) != MH_OK ||
	    mh_option_text(&spf->keep, mh_str_z(why), &opinion.why) != MH_OK)
		return MH_ENOMEM;
	spf->opinions[at] = opinion;
	if (at == spf->opinions_count)
		spf->opinions_count++;
	return MH_OK;
}

/* read_opinion - "BY|RESULT|WHY", as write_opinions writes it */
static int
read_opinion(void *check, struct mh_str value)
{
	char text[2 * MH_OPTION_TEXT_MAX + 16];
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
	return add_opinion(check, text, result, why);
}

/* Rules set the limits that other options change; an opinion is about all the rest. */
static const struct mh_check_option options[] = {
	{ .name = "ip", .option = MH_OPT_IP, .is_text = true },
	{ .name = "sender", .option = MH_OPT_SENDER, .is_text = true },
	{ .name = "helo", .option = MH_OPT_HELO, .is_text = true },
	{ .name = "domain", .option = MH_OPT_DOMAIN, .is_text = true },
	{ .name = "receiver", .option = MH_OPT_RECEIVER, .is_text = true },
	{ .name = "rules", .option = MH_OPT_RULES, .is_text = true, .is_first = true },
	{ .name = "profiles", .option = MH_OPT_PROFILES, .is_text = true },
	{ .name = "opinion", .read = read_opinion },
	{ .name = "lint", .option = MH_OPT_LINT },
	{ .name = "explain", .option = MH_OPT_EXPLAIN },
	{ .name = "term-limit", .option = MH_OPT_TERM_LIMIT },
	{ .name = "void-limit", .option = MH_OPT_VOID_LIMIT },
	{ .name = "voids", .option = MH_OPT_VOIDS },
	{ .name = NULL },
};

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
		mh_world_write_option(out, "opinion", mh_buf_str(text));
	}
}

static void
write_options(void *check, struct mh_buf *out, struct mh_buf *text)
{
	const struct mh_spf_check *spf = check;
	char ip[MH_IP_TEXT_MAX];

	mh_option_write_text(out, "ip", mh_str_n(ip, mh_ip_print(&spf->question.ip, ip)));
	mh_option_write_text(out, "sender", spf->question.sender);
	mh_option_write_text(out, "helo", spf->question.helo);
	mh_option_write_text(out, "domain", spf->question.domain);
	mh_option_write_text(out, "receiver", spf->question.receiver);
	mh_option_write_text(out, "rules", mh_str_z(spf->rules.name));
	mh_buf_reset(text);
	for (uint32_t i = 0; mh_spf_rules_at(i) != NULL; i++) {
		if ((spf->profiles >> i & 1) == 0)
			continue;
		if (text->len > 0)
			mh_buf_putc(text, ' ');
		mh_buf_puts(text, mh_spf_rules_at(i)->name);
	}
	mh_option_write_text(out, "profiles", mh_buf_str(text));
	write_opinions(spf, out, text);
	mh_option_write_int(out, "lint", spf->wants_lint);
	mh_option_write_int(out, "explain", spf->question.wants_explanation);
	mh_option_write_int(out, "term-limit", spf->rules.term_limit);
	mh_option_write_int(out, "void-limit", spf->rules.void_limit);
	mh_option_write_int(out, "voids", spf->rules.voids);
}

/* ------------------------------------------------------------------ results */

/* What came out, worked out once. */
struct found {
	struct mh_spf_verdict verdict;
	struct mh_str expected; /* made with the report */
	bool has_verdict;
};

/* found_of - where what came out is kept; NULL while it is not done, or without memory */
static struct found *
found_of(struct mh_job_out *out)
{
	if (!out->work->is_done)
		return NULL;
	if (out->found == NULL) {
		struct found *found = mh_arena_alloc(&out->arena, sizeof(*found));
		if (found != NULL)
			*found = (struct found){ .has_verdict = false };
		out->found = found;
	}
	return out->found;
}

/* verdict_of - NULL while it is not done, or without memory */
static const struct mh_spf_verdict *
verdict_of(struct mh_spf_check *spf, struct mh_job_out *out)
{
	struct found *found = found_of(out);
	if (found == NULL)
		return NULL;
	if (!found->has_verdict) {
		struct mh_pass view;
		mh_work_view(out->work, &view, &out->arena);
		found->has_verdict = mh_spf_check_verdict(spf, &view, &found->verdict);
	}
	return found->has_verdict ? &found->verdict : NULL;
}

/* written - what a writer of header fields writes, kept as the field's string */
static const char *
written(const struct mh_spf_check *spf, struct mh_job_out *out, int field,
    const struct mh_spf_verdict *verdict)
{
	struct mh_spf_question question = spf->question;

	if (verdict->result == MH_SPF_NO_RESULT)
		return "";
	question.rules = &spf->rules;
	mh_buf_reset(&out->text);
	if (field == MH_JOB_RECEIVED_SPF)
		mh_spf_write_received(&out->text, &question, verdict);
	else
		mh_spf_write_authres(&out->text, &question, verdict);
	return mh_strings_keep(&out->strings, field, mh_buf_str(&out->text));
}

/* of_verdict - a field that the verdict has */
static const char *
of_verdict(struct mh_spf_check *spf, struct mh_job_out *out, int field)
{
	const struct mh_spf_verdict *verdict = verdict_of(spf, out);
	if (verdict == NULL)
		return "";
	struct mh_strings *strings = &out->strings;
	const struct mh_finding_kind *problem = mh_finding_kind_of(verdict->finding);
	switch (field) {
	case MH_JOB_RESULT:
		return mh_spf_result_name(verdict->result);
	case MH_JOB_PROBLEM:
		return problem != NULL ? problem->id : "";
	case MH_JOB_EXPLANATION:
		return mh_strings_keep(strings, field, verdict->explanation);
	case MH_JOB_MATCHED:
		return mh_strings_keep(strings, field, verdict->matched);
	case MH_JOB_MATCHED_DOMAIN:
		return mh_strings_keep(strings, field, verdict->matched_domain);
	case MH_JOB_MATCHED_TERM:
		return mh_strings_keep(strings, field, verdict->matched_term);
	case MH_JOB_DOMAIN:
		return mh_strings_keep(strings, field, verdict->domain);
	case MH_JOB_SENDER:
		return mh_strings_keep(strings, field, verdict->sender);
	case MH_JOB_RECEIVED_SPF:
	case MH_JOB_AUTHRES:
		return written(spf, out, field, verdict);
	default:
		return "";
	}
}

static const char *
str_of(void *check, struct mh_job_out *out, int field)
{
	struct mh_spf_check *spf = check;
	char ip[MH_IP_TEXT_MAX];
	switch (field) {
	case MH_JOB_IP:
		return mh_strings_keep(&out->strings, field,
		    mh_str_n(ip, mh_ip_print(&spf->question.ip, ip)));
	case MH_JOB_HELO:
		return mh_strings_keep(&out->strings, field, spf->question.helo);
	case MH_JOB_RECEIVER:
		return mh_strings_keep(&out->strings, field, spf->question.receiver);
	default:
		return of_verdict(spf, out, field);
	}
}

static int64_t
number_of(void *check, struct mh_job_out *out, int field)
{
	if (field != MH_JOB_LOOKUPS && field != MH_JOB_VOIDS)
		return MH_UNKNOWN;
	const struct mh_spf_verdict *verdict = verdict_of(check, out);
	if (verdict == NULL || verdict->result == MH_SPF_NO_RESULT)
		return MH_UNKNOWN;
	return field == MH_JOB_LOOKUPS ? verdict->lookups : verdict->voids;
}

static struct mh_report *
make_report(void *check, struct mh_job_out *out)
{
	struct found *found = found_of(out);
	struct mh_pass view;
	if (found == NULL)
		return NULL;
	mh_work_view(out->work, &view, &out->arena);
	return mh_spf_check_report(check, &view, &found->expected);
}

static const char *
health_of(void *check, const struct mh_report *report)
{
	return mh_spf_check_health(check, report);
}

static bool
subject_of(void *check, struct mh_job_out *out, struct mh_str *domain)
{
	const struct mh_spf_verdict *verdict = verdict_of(check, out);
	if (verdict != NULL)
		*domain = verdict->domain;
	return verdict != NULL;
}

static bool
write_json(void *check, struct mh_job_out *out, struct mh_json *json)
{
	const struct found *found = out->found; /* the report has been made */
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_spf_check_json(check, &view, out->report, found->expected, json);
}

const struct mh_check_ops mh_spf_ops = {
	.name = "spf",
	.size = sizeof(struct mh_spf_check),
	.limit_ms = 20000, /* RFC 7208 4.6.4: at least 20 seconds */
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

/* ------------------------------------------------------ functions of its own */

int
mh_job_add_opinion(mh_job *job, const char *by, const char *result, const char *why)
{
	if (job == NULL || job->ops != &mh_spf_ops)
		return MH_EINVAL;
	int error = add_opinion(job->check, by, result, why);
	if (error == MH_OK)
		mh_job_forget(job);
	return error;
}

const char *
mh_profile_str(size_t i, int field)
{
	const struct mh_spf_rules *rules = mh_spf_rules_at(i);
	if (rules == NULL)
		return "";
	return field == MH_PROFILE_NAME ? rules->name : field == MH_PROFILE_WHO ? rules->who : "";
}
