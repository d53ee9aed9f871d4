/* spf_check.c - the check "spf": which parts it has, and what it makes of them
 *
 * Part 0 is the verdict for the address given.  With lint, part 1 surveys the
 * whole tree and asks what the lint wants, whatever the address.  Each
 * receiver profile is one part more: its rules may lead further than ours.
 *
 * Does not: keep anything but what it was given; facts are the work's, and
 * everything else is worked out from them when it is asked for.
 */
#include "spf_check.h"

#include "error.h"
#include "tell.h"

#define KEEP_MAX 4096

enum { PART_VERDICT, PART_SURVEY, PART_PROFILE };

void
mh_spf_check_init(struct mh_spf_check *check, const struct mh_mem *mem)
{
	*check = (struct mh_spf_check){ .mem = *mem, .rules = mh_spf_rfc7208 };
	mh_arena_init(&check->keep, &check->mem, KEEP_MAX);
	check->keep.first_size = 256;
	check->question.now = -1;
	check->question.wants_explanation = true;
}

void
mh_spf_check_free(struct mh_spf_check *check)
{
	mh_arena_free(&check->keep);
}

/* question_by - the question under these rules */
static struct mh_spf_question
question_by(const struct mh_spf_check *check, const struct mh_spf_rules *rules)
{
	struct mh_spf_question question = check->question;
	question.rules = rules;
	return question;
}

static bool
has_client(const struct mh_spf_check *check)
{
	return check->question.ip.family != 0;
}

/* profile_at - which profile part number part judges by; NULL: it is no such part */
static const struct mh_spf_rules *
profile_at(const struct mh_spf_check *check, unsigned part)
{
	if (part < PART_PROFILE)
		return NULL;
	unsigned nth = part - PART_PROFILE;
	for (size_t i = 0; mh_spf_rules_at(i) != NULL; i++) {
		if ((check->profiles >> i & 1) == 0)
			continue;
		if (nth-- == 0)
			return mh_spf_rules_at(i);
	}
	return NULL;
}

/* has_subject - whether there is an address to judge or a domain to look at */
static int
has_subject(struct mh_spf_check *check, struct mh_work *work)
{
	struct mh_spf_verdict verdict;
	struct mh_arena arena;
	struct mh_pass view;

	if (has_client(check))
		return MH_ERR_OK;
	mh_arena_init(&arena, &check->mem, 0);
	arena.first_size = 1024;
	mh_work_view(work, &view, &arena);
	bool has_domain = mh_spf_subject(&view, &check->question, &verdict);
	mh_arena_free(&arena);
	return view.error != MH_ERR_OK ? view.error : has_domain ? MH_ERR_OK : MH_ERR_EINVAL;
}

int
mh_spf_check_start(struct mh_spf_check *check, struct mh_work *work)
{
	int error = has_subject(check, work);
	if (error != MH_ERR_OK)
		return error;
	work->parts = 0;
	work->dirty = 0;
	for (unsigned part = 0; part < PART_PROFILE || profile_at(check, part) != NULL; part++)
		if (mh_work_add_part(work) < 0)
			return MH_ERR_EINVAL;
	return MH_ERR_OK;
}

/* survey - the whole tree, and what the lint asks besides; no verdict without a client */
static struct mh_spf_node *
survey(const struct mh_spf_check *check, struct mh_pass *pass, struct mh_spf_verdict *verdict)
{
	struct mh_spf_question question = question_by(check, &check->rules);
	struct mh_spf_node *tree = NULL;
	mh_spf_eval(pass, &question, verdict, &tree, true);
	return tree;
}

void
mh_spf_check_pass(struct mh_spf_check *check, struct mh_pass *pass)
{
	struct mh_spf_verdict verdict;
	const struct mh_spf_rules *profile = profile_at(check, pass->part);

	if (pass->part == PART_SURVEY) {
		if (!check->wants_lint)
			return;
		struct mh_spf_question question = question_by(check, &check->rules);
		const struct mh_spf_node *tree = survey(check, pass, &verdict);
		if (tree != NULL)
			(void)mh_spf_lint(pass, &question, tree, has_client(check) ? &verdict : NULL, NULL);
	} else if (has_client(check)) {
		struct mh_spf_question question =
		    question_by(check, profile != NULL ? profile : &check->rules);
		/* Explanations are asked for once. */
		question.wants_explanation &= profile == NULL;
		mh_spf_eval(pass, &question, &verdict, NULL, false);
	}
}

bool
mh_spf_check_verdict(struct mh_spf_check *check, struct mh_pass *view, struct mh_spf_verdict *verdict)
{
	struct mh_spf_question question = question_by(check, &check->rules);
	*verdict = (struct mh_spf_verdict){ .result = MH_SPF_NO_RESULT, .begin = -1, .end = -1 };
	if (has_client(check))
		mh_spf_eval(view, &question, verdict, NULL, false);
	else
		(void)mh_spf_subject(view, &question, verdict);
	/* Where nobody sends and nobody was named, there is no null sender either. */
	if (!has_client(check) && question.sender.len == 0 && question.helo.len == 0) {
		verdict->sender = MH_STR("");
		verdict->is_helo = false;
	}
	return view->error == MH_ERR_OK;
}

/* ------------------------------------------------------------ other receivers */

bool
mh_spf_check_opinion(struct mh_spf_check *check, struct mh_pass *view, unsigned i,
    struct mh_spf_opinion *opinion)
{
	const struct mh_spf_rules *profile = profile_at(check, PART_PROFILE + i);
	unsigned profiles = 0;

	if (profile != NULL) {
		struct mh_spf_verdict verdict;
		struct mh_spf_question question = question_by(check, profile);
		question.wants_explanation = false;
		if (!has_client(check))
			return false;
		mh_spf_eval(view, &question, &verdict, NULL, false);
		*opinion = (struct mh_spf_opinion){ .by = mh_str_z(profile->name), .result = verdict.result };
		opinion->why = mh_spf_why_result(view->arena, &verdict, profile);
		return view->error == MH_ERR_OK;
	}
	while (profile_at(check, PART_PROFILE + profiles) != NULL)
		profiles++;
	if (i < profiles || i - profiles >= check->opinions_count)
		return false;
	*opinion = check->opinions[i - profiles];
	return true;
}

/* add_differences - spf.receivers-differ, if somebody comes to another result than the RFC */
static int
add_differences(struct mh_spf_check *check, struct mh_pass *view, const struct mh_spf_verdict *verdict,
    struct mh_report *report)
{
	struct mh_spf_opinion opinion;
	struct mh_buf affects, detail;
	int error = MH_ERR_OK;

	mh_buf_init(&affects, &check->mem, 512);
	mh_buf_init(&detail, &check->mem, 4096);
	for (unsigned i = 0; mh_spf_check_opinion(check, view, i, &opinion); i++) {
		if (opinion.result == verdict->result || opinion.result == MH_SPF_NO_RESULT ||
		    opinion.result == MH_SPF_TEMPERROR || verdict->result == MH_SPF_TEMPERROR)
			continue;
		if (affects.len > 0)
			mh_buf_putc(&affects, ' ');
		mh_buf_putstr(&affects, opinion.by);
		if (detail.len > 0)
			mh_buf_putc(&detail, ' ');
		mh_buf_putstr(&detail, opinion.by);
		mh_buf_puts(&detail, " decides ");
		mh_buf_puts(&detail, mh_spf_result_name(opinion.result));
		mh_buf_puts(&detail, " where RFC 7208 says ");
		mh_buf_puts(&detail, mh_spf_result_name(verdict->result));
		if (opinion.why.len > 0) {
			mh_buf_puts(&detail, ": ");
			mh_buf_putstr(&detail, opinion.why);
		}
		mh_buf_putc(&detail, '.');
	}
	if (affects.len > 0) {
		struct mh_finding_more more = { .check = "spf",
			.detail = mh_str_n(detail.p, detail.len),
			.affects = mh_buf_z(&affects) };
		error = mh_report_add_more(report, MH_F_SPF_RECEIVERS_DIFFER, verdict->domain, MH_STR(""), -1,
		    -1, &more);
	}
	if (affects.bad || detail.bad)
		error = MH_ERR_ENOMEM;
	mh_buf_free(&affects);
	mh_buf_free(&detail);
	return error;
}

/* add_problem - what stands behind temperror or permerror, where the lint has not said so already */
static int
add_problem(const struct mh_spf_check *check, const struct mh_spf_verdict *verdict, struct mh_report *report)
{
	struct mh_finding_more more = { .check = "spf", .is_unknown = verdict->finding == MH_F_DNS_UNKNOWN };
	struct mh_buf detail;

	if (verdict->finding == 0 || mh_report_has(report, verdict->finding))
		return MH_ERR_OK;
	/* Where the form is wrong for a reason that has a kind of its own, that has been said. */
	if (verdict->finding == MH_F_SPF_SYNTAX &&
	    (mh_report_has(report, MH_F_SPF_UNQUOTED_OR_JOINED) ||
		mh_report_has(report, MH_F_SPF_NON_ASCII) ||
		mh_report_has(report, MH_F_SPF_DUPLICATE_MODIFIER)))
		return MH_ERR_OK;
	mh_buf_init(&detail, &check->mem, 1024);
	if (more.is_unknown && verdict->fact != NULL)
		mh_say_why(&detail, verdict->fact);
	more.detail = mh_buf_str(&detail);
	int error = detail.bad ? MH_ERR_ENOMEM
			       : mh_report_add_more(report, verdict->finding, verdict->subject,
				     verdict->evidence, verdict->begin, verdict->end, &more);
	mh_buf_free(&detail);
	return error;
}

/* add_refusal - the address given does not pass, where the lint has not said so already */
static int
add_refusal(const struct mh_spf_verdict *verdict, struct mh_report *report)
{
	struct mh_finding_more more = { .check = "spf" };
	if (verdict->result != MH_SPF_FAIL && verdict->result != MH_SPF_SOFTFAIL &&
	    verdict->result != MH_SPF_NEUTRAL)
		return MH_ERR_OK;
	if (mh_report_has(report, MH_F_SPF_NOT_AUTHORISED))
		return MH_ERR_OK;
	return mh_report_add_more(report, MH_F_SPF_NOT_AUTHORISED, verdict->domain, verdict->matched, -1, -1,
	    &more);
}

/* domain_given - the domain that is looked at, as it was given; len 0: none was */
static struct mh_str
domain_given(const struct mh_spf_question *question)
{
	struct mh_str sender = question->sender;
	size_t at = sender.len;
	if (question->domain.len > 0)
		return question->domain;
	if (sender.len == 0)
		return question->helo;
	while (at > 0 && sender.p[at - 1] != '@')
		at--;
	return mh_str_n(sender.p + at, sender.len - at);
}

/* put_no_name - why a name cannot be checked, as a sentence */
static void
put_no_name(struct mh_buf *out, const struct mh_spf_question *question, struct mh_str name, bool is_name)
{
	struct mh_ip ip;
	if (name.len == 0) {
		mh_buf_puts(out,
		    question->sender.len > 0
			? "The sender has no domain."
			: "There is neither a sender nor a name in HELO, so there is no domain.");
	} else if (name.p[0] == '[' || mh_ip_parse(name, &ip)) {
		mh_printable(out, name, 255);
		mh_buf_puts(out, " is an address and no name.");
	} else if (is_name) {
		mh_printable(out, name, 255);
		mh_buf_puts(out, " has one label; the name of a domain has two or more.");
	} else {
		mh_printable(out, name, 255);
		mh_buf_puts(out,
		    " cannot be in DNS: a part between dots is empty or longer than 63 octets, "
		    "or all of it is longer than 253.");
	}
}

/* add_no_name - that the domain is no name that SPF can check (RFC 7208 4.3), if it is none */
static int
add_no_name(const struct mh_spf_check *check, struct mh_pass *view, struct mh_report *report)
{
	const struct mh_spf_question *question = &check->question;
	struct mh_finding_more more = { .check = "spf" };
	struct mh_spf_verdict subject;
	struct mh_buf detail;

	bool is_name = mh_spf_subject(view, question, &subject);
	if (view->error != MH_ERR_OK || memchr(subject.domain.p, '.', subject.domain.len) != NULL)
		return view->error;
	struct mh_str name = domain_given(question);
	mh_buf_init(&detail, &check->mem, 4096);
	put_no_name(&detail, question, name, is_name);
	more.detail = mh_buf_str(&detail);
	int error = detail.bad
	    ? MH_ERR_ENOMEM
	    : mh_report_add_more(report, MH_F_SPF_UNUSABLE_NAME, name, MH_STR(""), -1, -1, &more);
	mh_buf_free(&detail);
	return error;
}

const char *
mh_spf_check_health(const struct mh_spf_check *check, const struct mh_report *report)
{
	return has_client(check) || check->wants_lint ? mh_report_health(report, "") : "unknown";
}

int
mh_spf_check_add(struct mh_spf_check *check, struct mh_pass *pass, struct mh_report *report,
    struct mh_str *expected)
{
	struct mh_spf_question question = question_by(check, &check->rules);
	struct mh_spf_verdict verdict;
	int error = MH_ERR_OK;

	*expected = (struct mh_str){ NULL, 0 };
	if (check->wants_lint) {
		const struct mh_spf_node *tree = survey(check, pass, &verdict);
		if (tree != NULL)
			*expected =
			    mh_spf_lint(pass, &question, tree, has_client(check) ? &verdict : NULL, report);
	}
	if (report == NULL) {
		/* Rules of others may lead further than ours. */
		for (unsigned part = PART_PROFILE; has_client(check) && profile_at(check, part) != NULL;
		     part++) {
			question.rules = profile_at(check, part);
			question.wants_explanation = false;
			mh_spf_eval(pass, &question, &verdict, NULL, false);
		}
		return pass->error;
	}
	if (has_client(check)) {
		mh_spf_check_verdict(check, pass, &verdict);
		error = add_problem(check, &verdict, report);
		if (error == MH_ERR_OK)
			error = add_refusal(&verdict, report);
		if (error == MH_ERR_OK)
			error = add_differences(check, pass, &verdict, report);
	}
	if (error == MH_ERR_OK && (has_client(check) || check->wants_lint))
		error = add_no_name(check, pass, report);
	return error == MH_ERR_OK ? pass->error : error;
}

struct mh_report *
mh_spf_check_report(struct mh_spf_check *check, struct mh_pass *view, struct mh_str *expected)
{
	struct mh_report *report = mh_report_make(&check->mem);

	if (report == NULL)
		return NULL;
	int error = mh_spf_check_add(check, view, report, expected);
	if (error == MH_ERR_OK)
		error = mh_report_finish(report);
	if (error == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}
