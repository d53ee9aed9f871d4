/* fuzz_spf_lint.c - any texts as SPF records, by lib/records/spf_lint*.c, spf_mend.c, spf_typo.c, spf_cheaper.c
 *
 * The first line of the octets is the TXT record of a.org, and the last of it as well if it begins with "!".  Other
 * lines are the records of other names, each of which has the same one always; some names do not exist, and some
 * answers are unknown.
 */
#include "fuzz.h"

#include "error.h"
#include "find.h"
#include "spf_lint.h"

static struct mh_mem mem;
static struct mh_fact_draft draft;
static struct mh_spf_question question;
static struct mh_str lines[8];
static size_t lines_count;

static void
put_text(struct mh_str text)
{
	static unsigned char rdata[65536];
	size_t n = 0;
	for (size_t at = 0; (at < text.len || at == 0) && n < 60000; at += 255) {
		size_t part = text.len - at < 255 ? text.len - at : 255;
		rdata[n++] = (unsigned char)part;
		if (part > 0)
			memcpy(rdata + n, text.p + at, part);
		n += part;
	}
	mh_fact_draft_rr(&draft, rdata, n);
}

static struct mh_fact *
answer(void *self, struct mh_str name, int type, int *error)
{
	(void)self;
	uint64_t hash = mh_fact_hash(type, name) % 11;
	mh_fact_draft_begin(&draft, name, type);
	bool is_root = mh_str_eq(name, MH_STR("a.org"));
	if (type == MH_RR_TXT && is_root && lines_count > 0) {
		put_text(lines[0]);
		if (lines_count > 1 && lines[lines_count - 1].len > 0 && lines[lines_count - 1].p[0] == '!')
			put_text(mh_str_n(lines[lines_count - 1].p + 1, lines[lines_count - 1].len - 1));
	} else if (type == MH_RR_TXT && !is_root && hash < lines_count) {
		put_text(lines[hash]);
	} else if (type == MH_RR_A && hash < 6) {
		const unsigned char ip[4] = { hash < 3 ? 192 : 10, 0, 2, (unsigned char)hash };
		mh_fact_draft_rr(&draft, ip, 4);
	} else if (type == MH_RR_MX && hash < 6) {
		mh_fact_draft_rr(&draft, "\x00\x01\x01m\x01x\x00", 7);
	} else if (hash == 10) {
		mh_fact_draft_fail(&draft, MH_WHY_TIMEOUT);
	} else {
		draft.head.state = hash % 2 == 0 ? MH_FACT_NXDOMAIN : MH_FACT_NODATA;
	}
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	*error = fact == NULL ? MH_ERR_ENOMEM : MH_ERR_OK;
	return fact;
}

/* lint_once - one pass, into report in the last */
static void
lint_once(struct mh_pass *pass, struct mh_report *report)
{
	struct mh_spf_verdict verdict;
	struct mh_spf_node *tree = NULL;
	mh_spf_eval(pass, &question, &verdict, &tree, true);
	if (tree != NULL)
		(void)mh_spf_lint(pass, &question, tree, question.ip.family != 0 ? &verdict : NULL, report);
}

static void
pass_once(void *check, struct mh_pass *pass)
{
	(void)check;
	lint_once(pass, NULL);
}

/* split - the octets as lines */
static void
split(const uint8_t *data, size_t size)
{
	struct mh_cur cur = mh_cur_of(data, size);
	int end;
	lines_count = 0;
	while (mh_cur_left(&cur) > 0 && lines_count < 8)
		lines[lines_count++] = mh_cur_line(&cur, &end);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_arena arena;
	struct mh_source source = { answer, NULL, false };
	struct mh_work work;
	struct mh_pass view;

	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_arena_init(&arena, &mem, 1u << 20);
		mh_fact_draft_init(&draft, &mem);
		question = (struct mh_spf_question){ .domain = MH_STR("a.org"),
			.sender = MH_STR("b@a.org"),
			.now = 1 };
		question.rules = &mh_spf_rfc7208;
	}
	split(data, size);
	question.ip.family = 0;
	if (size % 2 == 1)
		(void)mh_ip_parse(MH_STR("198.51.100.7"), &question.ip);
	mh_work_init(&work, &mem, pass_once, NULL);
	fuzz_check(mh_work_add_part(&work) == 0);
	int r;
	while ((r = mh_work_step(&work, 0, &arena)) == MH_WORK_WAIT)
		fuzz_check(mh_work_answer_from(&work, &source) > 0);
	fuzz_check(r == MH_WORK_DONE);
	struct mh_report *report = mh_report_make(&mem);
	fuzz_check(report != NULL);
	mh_arena_reset(&arena);
	mh_work_view(&work, &view, &arena);
	lint_once(&view, report);
	fuzz_check(view.error == MH_ERR_OK && mh_report_finish(report) == MH_ERR_OK);
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		fuzz_check(finding->begin <= finding->end && (finding->begin >= 0 || finding->end == -1));
	}
	mh_report_unref(report);
	mh_work_free(&work);
	return 0;
}
