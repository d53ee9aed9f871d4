/* domain_check.c - the checks "domain" and "host": parts, passes, report and JSON
 *
 * Each section is a part of its own, so that an answer runs again only what asked
 * for it.
 */
#include "domain.h"

#include "alabel.h"
#include "error.h"

#define ASKS_MAX 1000 /* questions, if nothing else is said */

void
mh_domain_check_init(struct mh_domain_check *check, const struct mh_mem *mem)
{
	*check = (struct mh_domain_check){ .mem = *mem,
		.given = MH_STR(""),
		.domain = MH_STR(""),
		.helo = MH_STR(""),
		.private_key = MH_STR(""),
		.list_key = MH_STR(""),
		.asks_lists = true,
		.fetches = true,
		.now = -1 };
	mh_arena_init(&check->keep, &check->mem, 0);
	mh_spf_check_init(&check->spf, mem);
	mh_tls_check_init(&check->tls, mem);
}

void
mh_domain_check_free(struct mh_domain_check *check)
{
	mh_spf_check_free(&check->spf);
	mh_tls_check_free(&check->tls);
	mh_arena_free(&check->keep);
}

/* set_domain - the domain as DNS has it; MH_ERR_EINVAL: it is none */
static int
set_domain(struct mh_domain_check *check)
{
	char canonical[MH_DNAME_TEXT_MAX];
	struct mh_str given = mh_str_trim(check->given);
	struct mh_ip ip;

	if (!mh_name_valid(given) || mh_ip_parse(given, &ip))
		return MH_ERR_EINVAL;
	struct mh_str name = mh_alabel_name(&check->keep, given);
	if (name.p == NULL)
		return MH_ERR_ENOMEM;
	size_t len = mh_dname_canonical(name, canonical);
	if (len == 0 || len > MH_NAME_MAX || mh_dname_labels(mh_str_n(canonical, len)) < 1)
		return MH_ERR_EINVAL;
	char *kept = mh_arena_alloc(&check->keep, len + 1);
	if (kept == NULL)
		return MH_ERR_ENOMEM;
	memcpy(kept, canonical, len);
	kept[len] = '\0';
	check->domain = mh_str_n(kept, len);
	return MH_ERR_OK;
}

/* lend_to_spf - the check "spf" looks at the same */
static int
lend_to_spf(struct mh_domain_check *check)
{
	static const struct mh_str postmaster = MH_STR_INIT("postmaster@");
	struct mh_spf_question *question = &check->spf.question;
	char *sender = mh_arena_alloc(&check->keep, postmaster.len + check->domain.len);

	if (sender == NULL)
		return MH_ERR_ENOMEM;
	memcpy(sender, postmaster.p, postmaster.len);
	memcpy(sender + postmaster.len, check->domain.p, check->domain.len);
	question->domain = check->domain;
	question->sender = mh_str_n(sender, postmaster.len + check->domain.len);
	question->helo = check->helo;
	question->ip = check->ip;
	question->now = check->now;
	check->spf.wants_lint = true;
	for (uint32_t i = 1; mh_spf_rules_at(i) != NULL; i++)
		check->spf.profiles |= UINT32_C(1) << i;
	return MH_ERR_OK;
}

int
mh_domain_check_start(struct mh_domain_check *check, struct mh_work *work)
{
	int error = MH_ERR_OK;

	if (!check->is_host) {
		error = set_domain(check);
		if (error == MH_ERR_OK)
			error = lend_to_spf(check);
	} else if (check->ip.family == 0) {
		error = mh_ip_parse(check->given, &check->ip) ? MH_ERR_OK : set_domain(check);
	}
	if (error != MH_ERR_OK)
		return error;
	check->tls.domain = check->domain;
	check->tls.now = check->now;
	if (!check->guesses_given)
		check->guesses_selectors = check->selectors_count == 0;
	if (work->asks_max == MH_WORK_ASKS_DEFAULT)
		work->asks_max = ASKS_MAX;
	work->parts = 0;
	work->dirty = 0;
	for (unsigned i = 0; mh_section_at(check, i) != NULL; i++)
		if (mh_work_add_part(work) < 0)
			return MH_ERR_EINVAL;
	return MH_ERR_OK;
}

void
mh_domain_check_pass(struct mh_domain_check *check, struct mh_pass *pass)
{
	struct mh_look look = { .check = check, .pass = pass };
	const struct mh_section *section = mh_section_at(check, pass->part);

	if (section != NULL)
		section->look(&look);
}

struct mh_report *
mh_domain_check_report(struct mh_domain_check *check, struct mh_pass *view, struct mh_domain_row **rows)
{
	struct mh_report *report = mh_report_make(&check->mem);
	struct mh_look look = { .check = check, .pass = view, .report = report };

	look.last = &look.rows;
	for (unsigned i = 0; report != NULL && mh_section_at(check, i) != NULL; i++)
		mh_section_at(check, i)->look(&look);
	*rows = look.rows;
	if (report != NULL && view->error == MH_ERR_OK && mh_report_finish(report) == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}

struct mh_str
mh_domain_subject(const struct mh_domain_check *check, char room[MH_IP_TEXT_MAX])
{
	if (check->domain.len > 0)
		return check->domain;
	return check->ip.family != 0 ? mh_str_n(room, mh_ip_print(&check->ip, room)) : check->given;
}

/* --------------------------------------------------------------------- JSON */

/* is_of - whether a finding belongs to a row: it has the row's check, and is about its name or, where no row of that
 * check has its name, the first one */
static bool
is_of(const struct mh_finding *finding, const struct mh_domain_row *rows, const struct mh_domain_row *row)
{
	const struct mh_domain_row *first = NULL;
	struct mh_str subject = mh_str_z(finding->subject);
	struct mh_cur cur = mh_cur_of(subject.p, subject.len);
	struct mh_str name = mh_cur_until(&cur, " ");

	if (strcmp(finding->check, row->id) != 0)
		return false;
	for (const struct mh_domain_row *other = rows; other != NULL; other = other->next) {
		if (strcmp(other->id, row->id) != 0)
			continue;
		if (first == NULL)
			first = other;
		if (mh_str_eq(other->name, name))
			return other == row;
	}
	return first == row;
}

const char *
mh_domain_row_health(const struct mh_report *report, const struct mh_domain_row *rows,
    const struct mh_domain_row *row)
{
	static const char *const words[] = { "pass", "info", "warn", "fail" };
	int worst = 0;
	bool is_unknown = false;

	if (row->is_skipped)
		return "skipped";
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		if (!is_of(finding, rows, row))
			continue;
		is_unknown |= finding->is_unknown;
		if (!finding->is_unknown && finding->severity > worst)
			worst = finding->severity;
	}
	return worst <= MH_SEV_INFO && is_unknown ? "unknown" : words[worst];
}

/* write_current - the records that stand there */
static void
write_current(struct mh_json *json, const struct mh_domain_row *row, struct mh_pass *view)
{
	mh_json_key(json, "current");
	mh_json_open(json, '[');
	for (size_t i = 0; row->fact != NULL && i < row->fact->count; i++) {
		bool is_text = row->type == MH_RR_TXT;
		struct mh_str text = is_text ? mh_rr_text(row->fact, i, view->arena)
					     : mh_rr_printed(view->arena, row->fact, i);
		if (text.p == NULL && text.len == 0)
			view->error = MH_ERR_ENOMEM;
		if (text.p != NULL && (row->is_shown == NULL || !is_text || row->is_shown(text)))
			mh_json_str(json, text);
	}
	mh_json_close(json, ']');
}

static void
write_row(struct mh_json *json, const struct mh_domain_row *rows, const struct mh_domain_row *row,
    const struct mh_report *report, struct mh_pass *view)
{
	char name[MH_DNAME_TEXT_MAX + 1], room[MH_RR_TYPE_ROOM];
	size_t len = row->name.len < MH_DNAME_TEXT_MAX ? row->name.len : 0;

	memcpy(name, row->name.p, len);
	if (len > 0 && name[len - 1] != '.')
		name[len++] = '.';
	mh_json_open(json, '{');
	mh_json_put_strz(json, "id", row->id);
	mh_json_put_strz(json, "health", mh_domain_row_health(report, rows, row));
	mh_json_put_str(json, "name", mh_str_n(name, len));
	mh_json_put_strz(json, "type", mh_rr_type_name(row->type, room));
	write_current(json, row, view);
	mh_json_key(json, "expected");
	mh_json_open(json, '[');
	if (row->expected.p != NULL)
		mh_json_str(json, row->expected);
	mh_json_close(json, ']');
	mh_json_key(json, "findings");
	mh_json_open(json, '[');
	for (size_t i = 0; i < mh_report_size(report); i++)
		if (is_of(mh_report_at(report, i), rows, row))
			mh_json_strz(json, mh_report_at(report, i)->kind->id);
	mh_json_close(json, ']');
	mh_json_put_int(json, "ttl",
	    row->fact != NULL && row->fact->state != MH_FACT_UNKNOWN ? (int64_t)row->fact->ttl : -1);
	mh_json_close(json, '}');
}

bool
mh_domain_check_json(struct mh_domain_check *check, struct mh_pass *view, struct mh_report *report,
    const struct mh_domain_row *rows, struct mh_json *json)
{
	struct mh_look look = { .check = check, .pass = view, .report = report, .json = json };

	look.last = &look.rows;
	mh_json_key(json, "checks");
	mh_json_open(json, '[');
	for (const struct mh_domain_row *row = rows; row != NULL; row = row->next)
		write_row(json, rows, row, report, view);
	mh_json_close(json, ']');
	mh_json_key(json, "results");
	mh_json_open(json, '{');
	for (unsigned i = 0; mh_section_at(check, i) != NULL; i++)
		if (mh_section_at(check, i)->json != NULL)
			mh_section_at(check, i)->json(&look);
	mh_json_close(json, '}');
	return view->error == MH_ERR_OK;
}
