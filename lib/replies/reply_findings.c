/* reply_findings.c - what was odd about a reply */
#include "answer.h"

#include "error.h"
#include "port.h"

static size_t
find(struct mh_answer_finding *out, size_t count, bool found, int number, int64_t begin, int64_t end)
{
	if (!found || count == MH_ANSWER_FINDINGS)
		return count;
	out[count] = (struct mh_answer_finding){ number, begin, end };
	return count + 1;
}

static bool
disagrees(struct mh_answer *answer, const char *id)
{
	mh_answer_work_out(answer);
	for (size_t i = 0; i < answer->lists[MH_L_DISAGREEMENT].count; i++)
		if (strcmp(answer->lists[MH_L_DISAGREEMENT].at[i].id, id) == 0)
			return true;
	return false;
}

size_t
mh_answer_findings(struct mh_answer *answer, struct mh_answer_finding out[MH_ANSWER_FINDINGS])
{
	const struct mh_scan *scan = &answer->scan;
	const struct mh_decode *decode = &answer->decode;
	static const struct {
		uint32_t bit;
		int number;
	} odd[] = {
		{ MH_ODD_NUL, MH_F_REPLY_NUL }, { MH_ODD_CONTROL, MH_F_REPLY_CONTROL },
	}, late[] = { { MH_ODD_BARE_CR, MH_F_REPLY_BARE_CR } };
	size_t n = 0;
	if (!answer->parsed)
		return 0;
#define PLACE(at) mh_decode_begin(decode, (at)), mh_decode_end(decode, (at) + 1)
	bool long_one = answer->cut || decode->cut || (scan->odd & MH_ODD_LINES) != 0;
	n = find(out, n, long_one, MH_F_REPLY_TOO_LONG, -1, -1);
	for (size_t i = 0; i < MH_COUNT(odd); i++)
		n = find(out, n, (scan->odd & odd[i].bit) != 0, odd[i].number, PLACE(scan->odd_at[i]));
	n = find(out, n, decode->not_utf8, MH_F_REPLY_NOT_UTF8, decode->odd_at, decode->odd_at + 1);
	n = find(out, n, answer->code == 0 && !answer->frame.own_words, MH_F_REPLY_NO_CODE, -1, -1);
	bool bad_continuation = false, bad_code = answer->code != 0 && answer->code % 100 / 10 > 5;
	bool wire = mh_answer_form(answer) == MH_FORM_WIRE_;
	for (uint32_t i = 0; i < scan->line_count && wire; i++) {
		bool last = i + 1 == scan->line_count;
		if (scan->lines[i].code != 0)
			bad_continuation |= (scan->lines[i].separator == '-') == last;
	}
	n = find(out, n, bad_code, MH_F_REPLY_CODE_RANGE, PLACE(answer->code_at));
	n = find(out, n, disagrees(answer, "line-codes"), MH_F_REPLY_MIXED_CODES, -1, -1);
	n = find(out, n, disagrees(answer, "line-statuses"), MH_F_REPLY_MIXED_STATUS, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-status"), MH_F_REPLY_CODE_STATUS, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-text"), MH_F_REPLY_CODE_TEXT, -1, -1);
	n = find(out, n, disagrees(answer, "status-vs-text"), MH_F_REPLY_STATUS_TEXT, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-given") || disagrees(answer, "status-vs-given"),
	    MH_F_REPLY_CODE_GIVEN, -1, -1);
	n = find(out, n, bad_continuation, MH_F_REPLY_CONTINUATION, -1, -1);
	n = find(out, n, (scan->odd & late[0].bit) != 0, late[0].number, PLACE(scan->odd_at[2]));
	n = find(out, n, decode->encoded, MH_F_REPLY_ENCODED, -1, -1);
	n = find(out, n, decode->unreadable, MH_F_REPLY_UNREADABLE, -1, -1);
	n = find(out, n, (scan->odd & MH_ODD_STATUS) != 0, MH_F_REPLY_STATUS_MALFORMED,
	    PLACE(scan->odd_at[4]));
#undef PLACE
	for (size_t i = 0; i < n; i++) {
		if (out[i].begin < 0)
			continue;
		out[i].begin = answer->frame.no_place ? -1 : out[i].begin + (int64_t)answer->frame.origin;
		out[i].end = answer->frame.no_place ? -1 : out[i].end + (int64_t)answer->frame.origin;
	}
	return find(out, n, answer->frame.cause != 0, answer->frame.cause, -1, -1);
}

struct mh_report *
mh_answer_report(struct mh_answer *answer)
{
	struct mh_answer_finding found[MH_ANSWER_FINDINGS];
	if (!answer->parsed)
		return NULL;
	struct mh_report *report = mh_report_make(&answer->mem);
	if (report == NULL)
		return NULL;
	size_t count = mh_answer_findings(answer, found);
	if (!answer->has_lists) {
		mh_report_unref(report);
		return NULL;
	}
	struct mh_str all = mh_str_n(answer->decode.text.p, answer->decode.text.len);
	if (all.len > 256)
		all.len = 256;
	int result = MH_ERR_OK;
	for (size_t i = 0; i < count && result == MH_ERR_OK; i++)
		result = mh_report_add(report, found[i].number, MH_STR("reply"), all, found[i].begin,
		    found[i].end);
	if (result == MH_ERR_OK)
		result = mh_report_finish(report);
	if (result == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}
