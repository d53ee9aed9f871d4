/* fuzz_spf_record.c - any octets as an SPF record: read, evaluated and surveyed, by lib/records/spf_*.c
 *
 * The octets are the record of a.org and of every domain that it names; the first of them says what else there is:
 * addresses, MX hosts or nothing.
 */
#include "fuzz.h"

#include "error.h"
#include "spf_eval.h"

static struct mh_mem mem;
static struct mh_fact_draft draft;
static struct mh_spf_question question;
static struct mh_spf_verdict verdict;
static struct mh_spf_node *tree;
static struct mh_str record_text;
static unsigned mode;

static struct mh_fact *
answer(void *self, struct mh_str name, int type, int *error)
{
	(void)self;
	mh_fact_draft_begin(&draft, name, type);
	if (type == MH_RR_TXT) {
		unsigned char rdata[65536];
		size_t n = 0;
		for (size_t at = 0; at < record_text.len && n < 60000; at += 255) {
			size_t part = record_text.len - at < 255 ? record_text.len - at : 255;
			rdata[n++] = (unsigned char)part;
			memcpy(rdata + n, record_text.p + at, part);
			n += part;
		}
		mh_fact_draft_rr(&draft, rdata, n);
	} else if (type == MH_RR_A && (mode & 1) != 0) {
		mh_fact_draft_rr(&draft, "\xc0\x00\x02\x01", 4);
	} else if (type == MH_RR_MX && (mode & 2) != 0) {
		mh_fact_draft_rr(&draft, "\x00\x01\x01m\x01x\x00", 7);
	} else if (type == MH_RR_PTR && (mode & 4) != 0) {
		mh_fact_draft_rr(&draft,
		    "\x01p\x01"
		    "a\x03org\x00",
		    9);
	} else {
		draft.head.state = (mode & 8) != 0 ? MH_FACT_NXDOMAIN : MH_FACT_NODATA;
	}
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	*error = fact == NULL ? MH_ERR_ENOMEM : MH_ERR_OK;
	return fact;
}

static void
pass_once(void *check, struct mh_pass *pass)
{
	(void)check;
	mh_spf_eval(pass, &question, &verdict, &tree, (mode & 16) != 0);
}

static void
check_record(struct mh_arena *arena, struct mh_str s)
{
	struct mh_spf_record *record = mh_spf_parse(arena, s);
	fuzz_check(record != NULL && record->count <= MH_SPF_TERMS_MAX);
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		fuzz_check(term->begin < term->end && term->end <= s.len);
		fuzz_check(term->prefix4 <= 32 && term->prefix6 <= 128);
		fuzz_check(term->kind != MH_SPF_BAD || record->error_count > 0);
	}
	for (uint32_t i = 0; i < record->error_count; i++)
		fuzz_check(
		    record->errors[i].begin <= record->errors[i].end && record->errors[i].end <= s.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_arena arena;
	struct mh_source source = { answer, NULL, false };
	struct mh_work work;
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_arena_init(&arena, &mem, 1u << 20);
		mh_fact_draft_init(&draft, &mem);
		question = (struct mh_spf_question){ .sender = MH_STR("some.body@a.org"),
			.helo = MH_STR("h.a.org"),
			.now = 1 };
		question.wants_explanation = true;
	}
	if (size == 0)
		return 0;
	mode = data[0];
	record_text = mh_str_n((const char *)data + 1, size - 1);
	(void)mh_ip_parse((mode & 32) != 0 ? MH_STR("2001:db8::1") : MH_STR("192.0.2.1"), &question.ip);
	question.rules = mh_spf_rules_at(mode >> 6);
	mh_arena_reset(&arena);
	check_record(&arena, record_text);

	mh_work_init(&work, &mem, pass_once, NULL);
	fuzz_check(mh_work_add_part(&work) == 0);
	int r;
	unsigned rounds = 0;
	while ((r = mh_work_step(&work, 0, &arena)) == MH_WORK_WAIT) {
		fuzz_check(mh_work_answer_from(&work, &source) > 0);
		fuzz_check(++rounds < 2000);
	}
	fuzz_check(r == MH_WORK_DONE && verdict.result >= MH_SPF_NONE && verdict.result <= MH_SPF_PERMERROR);
	for (size_t i = 0; i < verdict.explanation.len; i++)
		fuzz_check(verdict.explanation.p[i] >= 0x20 && verdict.explanation.p[i] <= 0x7e);
	mh_work_free(&work);
	return 0;
}
