/* dmarc_check.c - the check "dmarc": whether a message passes, or whether a domain takes reports about another */
#include "dmarc_check.h"

#include "alabel.h"
#include "error.h"
#include "port.h"
#include "tell.h"

static const char *const from_names[] = { "none", "one", "several", "unreadable" };

const char *
mh_dmarc_from_name(int state)
{
	return state >= 0 && state < (int)MH_COUNT(from_names) ? from_names[state] : "";
}

void
mh_dmarc_check_init(struct mh_dmarc_check *check, const struct mh_mem *mem)
{
	*check = (struct mh_dmarc_check){ .mem = *mem,
		.given = MH_STR(""),
		.report_given = MH_STR(""),
		.domain = MH_STR(""),
		.destination = MH_STR(""),
		.now = -1 };
	mh_arena_init(&check->keep, &check->mem, 0);
	mh_arena_init(&check->message, &check->mem, 16384);
	mh_from_begin(&check->from);
}

void
mh_dmarc_check_free(struct mh_dmarc_check *check)
{
	mh_arena_free(&check->keep);
	mh_arena_free(&check->message);
}

void
mh_dmarc_check_reset(struct mh_dmarc_check *check)
{
	check->froms_count = check->ids_count = 0;
	check->domain = check->destination = MH_STR("");
	mh_arena_reset(&check->message);
}

/* set_name - a domain as DNS has it; MH_ERR_EINVAL: it is none */
static int
set_name(struct mh_dmarc_check *check, struct mh_str given, struct mh_str *name)
{
	*name = MH_STR("");
	if (given.len == 0)
		return MH_ERR_OK;
	struct mh_str canonical = mh_alabel_canonical(&check->message, mh_str_trim(given));
	if (canonical.p == NULL)
		return MH_ERR_ENOMEM;
	if (canonical.len == 0)
		return MH_ERR_EINVAL;
	*name = canonical;
	return MH_ERR_OK;
}

int
mh_dmarc_check_start(struct mh_dmarc_check *check, struct mh_work *work)
{
	mh_from_begin(&check->from);
	int error = set_name(check, check->report_given, &check->destination);
	if (error == MH_ERR_OK)
		error = set_name(check, check->given, &check->domain);
	for (unsigned i = 0; error == MH_ERR_OK && i < check->froms_count; i++)
		error = mh_from_read(&check->message, check->froms[i], &check->from);
	if (error != MH_ERR_OK)
		return error;
	if (check->given.len == 0)
		check->domain = check->from.domain;
	if (check->given.len == 0 && (check->froms_count == 0 || check->destination.len > 0))
		return MH_ERR_EINVAL;
	work->parts = 0;
	work->dirty = 0;
	return mh_work_add_part(work) < 0 ? MH_ERR_EINVAL : MH_ERR_OK;
}

/* look - everything, once */
static void
look(const struct mh_dmarc_check *check, struct mh_pass *pass, struct mh_dmarc_outcome *outcome)
{
	const struct mh_dmarc_question question = { .domain = check->domain,
		.ids = check->ids,
		.count = check->ids_count,
		.is_7489 = check->is_7489 };

	*outcome = (struct mh_dmarc_outcome){ .external = { .name = MH_STR("") } };
	if (check->destination.len > 0) {
		outcome->verdict = (struct mh_dmarc_verdict){ .dkim = -1, .spf = -1 };
		outcome->verdict.found.at = outcome->verdict.found.org_domain = MH_STR("");
		mh_dmarc_external(pass, check->domain, check->destination, NULL, check->is_7489,
		    &outcome->external);
	} else {
		mh_dmarc_eval(pass, &question, &outcome->verdict);
	}
}

void
mh_dmarc_check_pass(const struct mh_dmarc_check *check, struct mh_pass *pass)
{
	struct mh_dmarc_outcome outcome;
	look(check, pass, &outcome);
}

bool
mh_dmarc_check_outcome(const struct mh_dmarc_check *check, struct mh_pass *view,
    struct mh_dmarc_outcome *outcome)
{
	look(check, view, outcome);
	return view->error == MH_ERR_OK;
}

const char *
mh_dmarc_check_result(const struct mh_dmarc_check *check, const struct mh_dmarc_outcome *outcome)
{
	if (check->destination.len == 0)
		return mh_dmarc_result_name(outcome->verdict.result);
	switch (outcome->external.state) {
	case MH_DMARC_EXTERNAL_OWN:
	case MH_DMARC_EXTERNAL_ACCEPTED:
		return "pass";
	case MH_DMARC_EXTERNAL_NOT:
		return "fail";
	case MH_DMARC_EXTERNAL_UNKNOWN:
		return "temperror";
	default:
		return "";
	}
}

int
mh_dmarc_check_problem(const struct mh_dmarc_outcome *outcome)
{
	const struct mh_dmarc_verdict *verdict = &outcome->verdict;

	if (outcome->external.state == MH_DMARC_EXTERNAL_UNKNOWN || verdict->unknown != NULL)
		return MH_F_DNS_UNKNOWN;
	if (verdict->found.is_malformed)
		return MH_F_DMARC_SYNTAX;
	if (verdict->found.state == MH_DMARC_FIND_FOUND && verdict->found.policy == MH_DMARC_NO_POLICY)
		return MH_F_DMARC_INVALID_POLICY;
	return 0;
}

/* ------------------------------------------------------------------ findings */

/* tell_destination - the record that another domain lacks */
static void
tell_destination(const struct mh_dmarc_check *check, const struct mh_dmarc_external *external,
    struct mh_tell *tell)
{
	if (external->state == MH_DMARC_EXTERNAL_UNKNOWN && external->fact != NULL)
		mh_tell_unknown(tell, external->fact);
	if (external->state != MH_DMARC_EXTERNAL_NOT)
		return;
	mh_say_str(tell, check->destination);
	if (external->name.len > 0) {
		mh_say(tell, " has to publish, in its DNS, a TXT record at ");
		mh_say_str(tell, external->name);
		mh_say(tell, " with the text v=DMARC1;.");
	} else {
		mh_say(tell, " cannot say so: the name would be longer than a name can be.");
	}
	mh_tell(tell, MH_F_DMARC_REPORT_NOT_AUTHORISED, check->destination);
}

struct mh_report *
mh_dmarc_check_report(const struct mh_dmarc_check *check, struct mh_pass *view,
    const struct mh_dmarc_outcome *outcome)
{
	const struct mh_dmarc_found *found = &outcome->verdict.found;
	struct mh_report *report = mh_report_make(&check->mem);
	int problem = mh_dmarc_check_problem(outcome);
	struct mh_tell tell;

	if (report == NULL)
		return NULL;
	struct mh_str name =
	    found->at.len > 0 ? mh_name_below(view->arena, MH_STR("_dmarc"), found->at) : check->domain;
	mh_tell_begin(&tell, view->arena, report, "dmarc", name);
	tell.bad = name.p == NULL;
	if (check->destination.len > 0) {
		tell_destination(check, &outcome->external, &tell);
	} else if (outcome->verdict.unknown != NULL) {
		mh_tell_unknown(&tell, outcome->verdict.unknown);
	} else if (problem != 0) {
		tell.text = found->dmarc != NULL ? found->dmarc->text : MH_STR("");
		mh_tell(&tell, problem, tell.text);
	}
	if (mh_tell_end(&tell) == MH_ERR_OK && mh_report_finish(report) == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}

/* --------------------------------------------------------------------- JSON */

/* write_ids - each identifier, and whether it is aligned */
static void
write_ids(struct mh_json *json, const struct mh_dmarc_check *check, const struct mh_dmarc_verdict *verdict)
{
	static const char *const aligned[] = { "no", "unknown", "yes" };

	mh_json_key(json, "identifiers");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < check->ids_count; i++) {
		const struct mh_dmarc_id *id = &check->ids[i];
		mh_json_open(json, '{');
		mh_json_put_strz(json, "kind", id->is_dkim ? "dkim" : "spf");
		mh_json_put_str(json, "domain", id->domain);
		mh_json_put_str(json, "result", id->word);
		mh_json_put_strz(json, "aligned", aligned[verdict->aligned[i]]);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

/* write_message - what came of a message */
static void
write_message(struct mh_json *json, const struct mh_dmarc_check *check,
    const struct mh_dmarc_verdict *verdict)
{
	const struct mh_dmarc_found *found = &verdict->found;
	const struct mh_dmarc *dmarc = found->state == MH_DMARC_FIND_FOUND ? found->dmarc : NULL;

	mh_json_put_strz(json, "policy", dmarc != NULL ? mh_dmarc_policy_name(found->policy) : "");
	mh_json_put_strz(json, "disposition", mh_dmarc_policy_name(verdict->disposition));
	mh_json_put_str(json, "record_at", found->at);
	mh_json_put_str(json, "record", dmarc != NULL ? dmarc->text : MH_STR(""));
	mh_json_put_str(json, "org_domain", found->org_domain);
	mh_json_put_bool(json, "testing", dmarc != NULL && dmarc->is_testing && !check->is_7489);
	mh_json_put_int(json, "pct", dmarc != NULL && check->is_7489 ? dmarc->pct : -1);
	mh_json_put_str(json, "aligned_dkim",
	    verdict->dkim >= 0 ? check->ids[verdict->dkim].domain : MH_STR(""));
	mh_json_put_str(json, "aligned_spf",
	    verdict->spf >= 0 ? check->ids[verdict->spf].domain : MH_STR(""));
	mh_json_key(json, "from");
	mh_json_open(json, '{');
	mh_json_put_strz(json, "state",
	    check->given.len > 0 ? "given" : mh_dmarc_from_name(check->from.state));
	mh_json_put_int(json, "mailboxes", check->given.len > 0 ? -1 : (int64_t)check->from.mailboxes);
	mh_json_close(json, '}');
	write_ids(json, check, verdict);
}

/* write_check - the one entry of "checks": the name whose record decided */
static void
write_check(struct mh_json *json, const struct mh_report *report, const char *health, struct mh_str name,
    const struct mh_fact *fact, struct mh_pass *view)
{
	char text[MH_DNAME_TEXT_MAX + 1];
	size_t len = name.len < MH_DNAME_TEXT_MAX ? name.len : 0;

	memcpy(text, name.p, len);
	if (len > 0)
		text[len++] = '.';
	mh_json_open(json, '{');
	mh_json_put_strz(json, "id", "dmarc");
	mh_json_put_strz(json, "health", health);
	mh_json_put_str(json, "name", mh_str_n(text, len));
	mh_json_put_strz(json, "type", "TXT");
	mh_json_key(json, "current");
	mh_json_open(json, '[');
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str record = mh_rr_text(fact, i, view->arena);
		if (record.p == NULL && record.len == 0)
			view->error = MH_ERR_ENOMEM;
		if (record.p != NULL && mh_dmarc_is_record(record))
			mh_json_str(json, record);
	}
	mh_json_close(json, ']');
	mh_json_key(json, "expected");
	mh_json_open(json, '[');
	mh_json_close(json, ']');
	mh_json_key(json, "findings");
	mh_json_open(json, '[');
	for (size_t i = 0; i < mh_report_size(report); i++)
		mh_json_strz(json, mh_report_at(report, i)->kind->id);
	mh_json_close(json, ']');
	mh_json_put_int(json, "ttl",
	    fact != NULL && fact->state != MH_FACT_UNKNOWN ? (int64_t)fact->ttl : -1);
	mh_json_close(json, '}');
}

bool
mh_dmarc_check_json(const struct mh_dmarc_check *check, struct mh_pass *view,
    const struct mh_dmarc_outcome *outcome, const struct mh_report *report, struct mh_json *json)
{
	bool is_message = check->destination.len == 0;
	struct mh_str at = outcome->verdict.found.at.len > 0 ? outcome->verdict.found.at : check->domain;
	struct mh_str name = outcome->external.name;

	if (is_message && at.len > 0)
		name = mh_name_below(view->arena, MH_STR("_dmarc"), at);
	if (name.p == NULL)
		return false;
	mh_json_key(json, "checks");
	mh_json_open(json, '[');
	if (name.len > 0)
		write_check(json, report, mh_report_health(report, ""), name, mh_known(view, name, MH_RR_TXT),
		    view);
	mh_json_close(json, ']');
	mh_json_key(json, "results");
	mh_json_open(json, '{');
	mh_json_key(json, "dmarc");
	mh_json_open(json, '{');
	mh_json_put_strz(json, "result", mh_dmarc_check_result(check, outcome));
	mh_json_put_strz(json, "rules", check->is_7489 ? "rfc7489" : "rfc9989");
	mh_json_put_str(json, "domain", check->domain);
	if (is_message) {
		write_message(json, check, &outcome->verdict);
	} else {
		mh_json_put_str(json, "report_domain", check->destination);
		mh_json_put_str(json, "report_name", outcome->external.name);
		mh_json_put_bool(json, "same_organisation", outcome->external.state == MH_DMARC_EXTERNAL_OWN);
	}
	mh_json_close(json, '}');
	mh_json_close(json, '}');
	return view->error == MH_ERR_OK;
}
