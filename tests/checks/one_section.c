/* one_section.c - one section of the check "domain" over a little DNS; see one_section.h */
#include "one_section.h"

#include <stdio.h>

#include "error.h"

static void
run_pass(void *self, struct mh_pass *pass)
{
	struct one_section *one = self;
	struct mh_look look = { .check = &one->check, .pass = pass };
	one->section.look(&look);
}

void
one_section_init(struct one_section *one, const struct mh_mem *mem, void (*look)(struct mh_look *),
    void (*json)(struct mh_look *))
{
	*one = (struct one_section){ .section = { "", look, json } };
	mh_domain_check_init(&one->check, mem);
	mh_work_init(&one->work, mem, run_pass, one);
	one->work.asks_max = 1000;
	mh_arena_init(&one->arena, &one->check.mem, 1u << 18);
	mh_buf_init(&one->json, &one->check.mem, 1u << 20);
}

bool
one_section_run(struct one_section *one, struct rows *rows)
{
	struct mh_source source = rows_source(rows);
	struct mh_json json;
	struct mh_pass view;
	int r;

	if (mh_work_add_part(&one->work) < 0)
		return false;
	while ((r = mh_work_step(&one->work, 0, &one->arena)) == MH_WORK_WAIT) {
		int fetched =
		    one->web.answer != NULL ? mh_work_answer_from(&one->work, &one->web) : MH_ERR_OK;
		int n = mh_work_answer_from(&one->work, &source);
		if (n < 0 || fetched < 0)
			return false;
		n += fetched;
		one->rounds++;
		one->asked += (unsigned)n;
	}
	if (r != MH_WORK_DONE)
		return false;
	mh_arena_reset(&one->arena);
	mh_work_view(&one->work, &view, &one->arena);
	one->report = mh_report_make(&one->check.mem);
	struct mh_look look = { .check = &one->check, .pass = &view, .report = one->report };
	look.last = &look.rows;
	if (one->report == NULL)
		return false;
	one->section.look(&look);
	one->rows = look.rows;
	if (view.error != MH_ERR_OK || mh_report_finish(one->report) != MH_ERR_OK)
		return false;
	if (one->section.json == NULL)
		return true;
	look = (struct mh_look){ .check = &one->check, .pass = &view, .report = one->report, .json = &json };
	look.last = &look.rows;
	mh_json_init(&json, &one->json);
	mh_json_open(&json, '{');
	one->section.json(&look);
	mh_json_close(&json, '}');
	return view.error == MH_ERR_OK && !one->json.bad;
}

void
one_section_free(struct one_section *one)
{
	mh_report_unref(one->report);
	mh_buf_free(&one->json);
	mh_work_free(&one->work);
	mh_arena_free(&one->arena);
	mh_domain_check_free(&one->check);
}

void
one_section_ids(const struct one_section *one, char *out, size_t size)
{
	static const char *const words[] = { "", "info", "warn", "fail" };
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(one->report) && n < size; i++) {
		const struct mh_finding *finding = mh_report_at(one->report, i);
		n += (size_t)snprintf(out + n, size - n, "%s%s:%s", i > 0 ? " " : "", finding->kind->id,
		    finding->is_unknown ? "?" : words[finding->severity]);
	}
}

bool
one_section_has(const struct one_section *one, const char *name, int type)
{
	for (uint32_t i = 1; i <= one->work.asks_count; i++) {
		const struct mh_ask *ask = mh_work_ask(&one->work, i);
		if (ask->type == type && mh_str_eq(ask->name, mh_str_z(name)))
			return true;
	}
	return false;
}

const struct mh_finding *
one_section_finding(const struct one_section *one, const char *id)
{
	for (size_t i = 0; i < mh_report_size(one->report); i++)
		if (strcmp(mh_report_at(one->report, i)->kind->id, id) == 0)
			return mh_report_at(one->report, i);
	return NULL;
}
