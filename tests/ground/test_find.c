/* test_find.c - lib/ground/find.c, and the promises of findings.def */
#include "support.h"

#include "error.h"
#include "fact.h"
#include "find.h"
#include "text.h"

/* ---------------------------------------------------------------- catalogue */

static void
numbers_ascend_and_ids_are_unique(void **state)
{
	(void)state;
	assert_true(mh_finding_kind_count() > 0);
	for (size_t i = 0; i < mh_finding_kind_count(); i++) {
		const struct mh_finding_kind *kind = mh_finding_kind_at(i);
		if (i > 0)
			test_check(kind->id, kind->number > mh_finding_kind_at(i - 1)->number);
		test_number(kind->id, mh_finding_kind_find(mh_str_z(kind->id)), i);
		test_check(kind->id, mh_finding_kind_of(kind->number) == kind);
	}
	assert_null(mh_finding_kind_at(mh_finding_kind_count()));
	assert_null(mh_finding_kind_at(SIZE_MAX));
}

/* is_sentence - printable ASCII that starts with a capital and ends with one full stop */
static bool
is_sentence(const char *z)
{
	size_t len = strlen(z);
	for (size_t i = 0; i < len; i++)
		if (z[i] < ' ' || z[i] > '~')
			return false;
	return len > 10 && z[0] >= 'A' && z[0] <= 'Z' && z[len - 1] == '.' && z[len - 2] != '.';
}

static void
every_finding_is_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < mh_finding_kind_count(); i++) {
		const struct mh_finding_kind *kind = mh_finding_kind_at(i);
		size_t len = strlen(kind->id);
		test_check(kind->id, kind->severity >= MH_SEV_INFO && kind->severity <= MH_SEV_FAIL);
		test_check(kind->id, strspn(kind->id, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len);
		test_check(kind->id, strchr(kind->id, '.') != NULL);
		/* BIMI has no RFC yet. */
		test_check(kind->id,
		    strncmp(kind->spec, "RFC ", 4) == 0 ||
			(strncmp(kind->id, "bimi.", 5) == 0 && strncmp(kind->spec, "BIMI draft ", 11) == 0));
		test_check(kind->id, strchr(kind->since, '.') != NULL);
		test_check(kind->id, strlen(kind->title) > 3);
		test_check(kind->id, kind->title[strlen(kind->title) - 1] != '.');
		test_check(kind->id, is_sentence(kind->reason));
		test_check(kind->id, is_sentence(kind->remedy));
	}
}

static void
known_findings_are_found(void **state)
{
	(void)state;
	assert_int_equal(MH_F_REPLY_TOO_LONG, 101);
	assert_string_equal(mh_finding_kind_of(101)->id, "reply.too-long");
	assert_int_equal(mh_finding_kind_of(109)->severity, MH_SEV_WARN);
	assert_null(mh_finding_kind_of(0));
	assert_null(mh_finding_kind_of(100));
	assert_null(mh_finding_kind_of(-1));
	assert_null(mh_finding_kind_of(INT32_MAX));
	assert_null(mh_finding_kind_of(INT32_MIN));
	assert_int_equal(mh_finding_kind_find(MH_STR("reply.too-lon")), -1);
	assert_int_equal(mh_finding_kind_find(MH_STR("reply.too-longer")), -1);
	assert_int_equal(mh_finding_kind_find(MH_STR("Reply.too-long")), -1);
	assert_int_equal(mh_finding_kind_find(MH_STR("")), -1);
}

/* ------------------------------------------------------------------ reports */

/* What a finding says of what it was not given. */
#define NOTHING_MORE \
	",\"state\":\"present\",\"check\":\"\",\"detail\":\"\",\"fix\":[],\"affects\":[],\"args\":{}}"

/* add - a finding that there is memory for */
static void
add(struct mh_report *report, int number, struct mh_str subject, struct mh_str evidence, int64_t begin,
    int64_t end)
{
	assert_int_equal(mh_report_add(report, number, subject, evidence, begin, end), MH_ERR_OK);
}

static void
empty_report(void **state)
{
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	(void)state;
	struct mh_report *report = mh_report_make(&mem);
	assert_non_null(report);
	assert_int_equal(mh_report_size(report), 0);
	assert_string_equal(mh_report_text(report), "");
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	assert_int_equal(mh_report_size(report), 0);
	assert_null(mh_report_at(report, 0));
	assert_string_equal(mh_report_text(report), "[]");
	mh_report_unref(report);
	mh_report_unref(NULL);
	test_alloc_done(&alloc);
}

/* put_words - what the catalogue says of a finding, which may be made clearer at any time */
static void
put_words(struct mh_buf *out, int number)
{
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);
	mh_buf_puts(out, "\"reason\":\"");
	mh_buf_puts(out, kind->reason);
	mh_buf_puts(out, "\",\"remedy\":\"");
	mh_buf_puts(out, kind->remedy);
	mh_buf_puts(out, "\",\"spec\":\"");
	mh_buf_puts(out, kind->spec);
	mh_buf_puts(out, "\"");
}

static void
report_as_json(void **state)
{
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc), libc = mh_mem_default();
	struct mh_buf want;
	(void)state;
	struct mh_report *report = mh_report_make(&mem);
	char *subject = guard_copy("mx.example", 10), *evidence = guard_copy("5\"\x00\xff\xc3\xa9", 6);
	add(report, MH_F_REPLY_NUL, mh_str_n(subject, 10), mh_str_n(evidence, 6), 3, 4);
	guard_free(subject, 10);
	guard_free(evidence, 6);
	add(report, MH_F_REPLY_CODE_STATUS, MH_STR(""), mh_str_z(NULL), -1, -1);
	assert_int_equal(mh_report_size(report), 2);
	assert_int_equal(mh_report_at(report, 0)->kind->number, MH_F_REPLY_NUL);
	assert_null(mh_report_at(report, 2));
	assert_string_equal(mh_report_text(report), "");
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);

	const struct mh_finding *first = mh_report_at(report, 0), *second = mh_report_at(report, 1);
	assert_int_equal(first->kind->number, MH_F_REPLY_CODE_STATUS);
	assert_string_equal(first->subject, "");
	assert_string_equal(first->evidence, "");
	assert_int_equal(first->begin, -1);
	assert_int_equal(first->end, -1);
	assert_string_equal(second->subject, "mx.example");
	assert_string_equal(second->evidence, "5\"\\x00\\xff\xc3\xa9");
	assert_int_equal(second->begin, 3);
	assert_int_equal(second->end, 4);
	assert_null(mh_report_at(report, 2));
	mh_buf_init(&want, &libc, 10000);
	mh_buf_puts(&want,
	    "[{\"id\":\"reply.code-vs-status\",\"number\":109,\"severity\":\"warn\","
	    "\"subject\":\"\",\"evidence\":\"\",\"range\":null,");
	put_words(&want, 109);
	mh_buf_puts(&want, NOTHING_MORE);
	mh_buf_puts(&want,
	    ",{\"id\":\"reply.nul-octet\",\"number\":102,\"severity\":\"info\","
	    "\"subject\":\"mx.example\",\"evidence\":\"5\\\"\\\\x00\\\\xff\xc3\xa9\","
	    "\"range\":[3,4],");
	put_words(&want, 102);
	mh_buf_puts(&want, NOTHING_MORE "]");
	test_span("the JSON", mh_str_z(mh_report_text(report)), mh_str_z(mh_buf_z(&want)));
	mh_buf_free(&want);
	mh_report_unref(report);
	test_alloc_done(&alloc);
}

static bool
say_more(struct mh_mem mem, void *arg)
{
	const struct mh_fix fixes[] = {
		{ MH_STR("example.org"), MH_RR_TXT, 300, { MH_STR("\"v=spf1\"") },
		    { MH_STR("\"v=spf1 -all\"") } },
		{ MH_STR("a.example.org"), MH_RR_A, 0, { { NULL, 0 } },
		    { MH_STR("192.0.2.1"), MH_STR("192.0.2.2") } },
	};
	const struct mh_finding_arg args[] = { { "lookups", { NULL, 0 }, 12 },
		{ "name", MH_STR_INIT("a\nb"), 0 } };
	const struct mh_finding_more more = { "spf", MH_STR("Twelve."), fixes, 2, args, 2, "gmail  bt", false,
		0 };
	const struct mh_finding_more unknown = { .check = "spf", .is_unknown = true };
	struct mh_report *report = mh_report_make(&mem), *copy = NULL;
	bool good = report != NULL;
	(void)arg;
	good = good &&
	    mh_report_add_more(report, MH_F_SPF_MISSING, MH_STR("b"), MH_STR(""), -1, -1, &unknown) ==
		MH_ERR_OK;
	good = good &&
	    mh_report_add_more(report, MH_F_SPF_NEAR_LIMIT, MH_STR("a"), MH_STR(""), 1, 2, &more) ==
		MH_ERR_OK;
	if (good) {
		assert_true(mh_report_has(report, MH_F_SPF_MISSING));
		assert_false(mh_report_has(report, MH_F_SPF_SYNTAX));
		assert_string_equal(mh_report_health(report, "spf"), "warn");
		assert_string_equal(mh_report_health(report, "dkim"), "pass");
		copy = mh_report_copy(report);
	}
	good = copy != NULL && mh_report_finish(copy) == MH_ERR_OK;
	if (good) {
		assert_int_equal(mh_report_at(copy, 0)->kind->number, MH_F_SPF_NEAR_LIMIT);
		const char *json = mh_report_text(copy);
		assert_true(test_is_json(json));
		assert_non_null(strstr(json,
		    "\"fix\":[{\"name\":\"example.org.\",\"type\":\"TXT\",\"ttl\":300,"
		    "\"remove\":[\"\\\"v=spf1\\\"\"],\"add\":[\"\\\"v=spf1 -all\\\"\"]},"
		    "{\"name\":\"a.example.org.\",\"type\":\"A\",\"ttl\":3600,\"remove\":[],"
		    "\"add\":[\"192.0.2.1\",\"192.0.2.2\"]}]"));
		assert_non_null(strstr(json,
		    "\"affects\":[\"gmail\",\"bt\"],\"args\":{\"lookups\":12,\"name\":\"a\\nb\"}"));
		assert_non_null(strstr(json, "\"severity\":\"info\",\"subject\":\"b\""));
	}
	mh_report_unref(copy);
	mh_report_unref(report);
	return good;
}

static void
findings_say_more(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(say_more, NULL, false) > 5);
}

static void
what_is_unknown_shows_in_health(void **state)
{
	const struct mh_finding_more unknown = { .check = "spf", .is_unknown = true };
	struct mh_mem mem = mh_mem_default();
	struct mh_report *report = mh_report_make(&mem);
	(void)state;
	assert_string_equal(mh_report_health(report, ""), "pass");
	mh_report_add_more(report, MH_F_DNS_UNKNOWN, MH_STR(""), MH_STR(""), -1, -1, &unknown);
	assert_string_equal(mh_report_health(report, ""), "unknown");
	add(report, MH_F_SPF_SOFTFAIL_ALL, MH_STR(""), MH_STR(""), -1, -1);
	assert_string_equal(mh_report_health(report, ""), "unknown");
	add(report, MH_F_SPF_MISSING, MH_STR(""), MH_STR(""), -1, -1);
	assert_string_equal(mh_report_health(report, ""), "fail");
	mh_report_unref(report);
}

/* weigh - findings whose severity is not their kind's, in a report and in a copy of it */
static bool
weigh(struct mh_mem mem, void *arg)
{
	const struct mh_finding_more lighter = { .check = "a", .severity = MH_SEV_INFO },
				     graver = { .check = "b", .severity = MH_SEV_FAIL },
				     unknown = { .check = "c", .severity = MH_SEV_FAIL, .is_unknown = true };
	struct mh_report *report = mh_report_make(&mem), *copy = NULL;
	bool good = report != NULL;
	(void)arg;
	assert_int_equal(mh_finding_kind_of(MH_F_SPF_MISSING)->severity, MH_SEV_FAIL);
	assert_int_equal(mh_finding_kind_of(MH_F_SPF_NEAR_LIMIT)->severity, MH_SEV_WARN);
	const struct {
		int number;
		const struct mh_finding_more *more;
	} findings[] = { { MH_F_SPF_MISSING, &lighter }, { MH_F_SPF_MISSING, &unknown },
		{ MH_F_SPF_NEAR_LIMIT, NULL }, { MH_F_SPF_NEAR_LIMIT, &graver } };
	for (size_t i = 0; good && i < MH_COUNT(findings); i++)
		good = mh_report_add_more(report, findings[i].number, MH_STR("s"), MH_STR(""), -1, -1,
			   findings[i].more) == MH_ERR_OK;
	if (good)
		copy = mh_report_copy(report);
	good = copy != NULL && mh_report_finish(report) == MH_ERR_OK && mh_report_finish(copy) == MH_ERR_OK;
	if (good) {
		static const int severities[] = { MH_SEV_FAIL, MH_SEV_WARN, MH_SEV_INFO, MH_SEV_INFO };
		static const char *const checks[] = { "b", "", "a", "c" };
		for (size_t i = 0; i < MH_COUNT(severities); i++) {
			assert_int_equal(mh_report_at(copy, i)->severity, severities[i]);
			assert_string_equal(mh_report_at(copy, i)->check, checks[i]);
		}
		assert_string_equal(mh_report_text(copy), mh_report_text(report));
		assert_non_null(strstr(mh_report_text(copy), "\"spf.near-limit\",\"number\""));
		assert_non_null(strstr(mh_report_text(copy), "\"severity\":\"fail\",\"subject\":\"s\""));
		assert_string_equal(mh_report_health(copy, "a"), "info");
		assert_string_equal(mh_report_health(copy, "b"), "fail");
		assert_string_equal(mh_report_health(copy, "c"), "unknown");
		assert_string_equal(mh_report_health(copy, ""), "fail");
	}
	mh_report_unref(report);
	mh_report_unref(copy);
	return good;
}

static void
a_finding_may_weigh_otherwise(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(weigh, NULL, false) > 4);
}

static void
finished_reports_do_not_change(void **state)
{
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	(void)state;
	struct mh_report *report = mh_report_make(&mem);
	assert_int_equal(mh_report_add(report, 100, MH_STR("a"), MH_STR("b"), 0, 1), MH_ERR_EINVAL);
	add(report, 101, MH_STR("a"), MH_STR("b"), 0, 1);
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	const char *text = mh_report_text(report);
	size_t calls = alloc.calls;
	assert_int_equal(mh_report_add(report, 101, MH_STR("a"), MH_STR("b"), 0, 1), MH_ERR_ESTATE);
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	assert_ptr_equal(mh_report_text(report), text);
	assert_int_equal(mh_report_size(report), 1);
	assert_string_equal(mh_report_at(report, 0)->subject, "a");
	assert_string_equal(mh_report_at(report, 0)->evidence, "b");
	assert_int_equal(alloc.calls, calls);
	mh_report_unref(report);
	test_alloc_done(&alloc);
}

static void
references_are_counted(void **state)
{
	struct test_alloc alloc = { 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	(void)state;
	struct mh_report *report = mh_report_make(&mem);
	mh_report_add(report, 101, MH_STR("subject"), MH_STR("evidence"), 0, 1);
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(mh_report_ref(report), report);
	for (int i = 0; i < 3; i++) {
		mh_report_unref(report);
		assert_string_equal(mh_report_at(report, 0)->subject, "subject");
	}
	assert_true(alloc.live > 0);
	mh_report_unref(report);
	test_alloc_done(&alloc);
}

/* The order: worst first, then by number, then by range; what is equal in all that stays in the
 * order it came in, which the subjects tell here; what a domain may do without comes last. */
static bool
is_without(const struct mh_finding_kind *kind)
{
	return strcmp(kind->id, "tlsrpt.missing") == 0 || strcmp(kind->id, "sts.missing") == 0 ||
	    strcmp(kind->id, "dane.missing") == 0 || strcmp(kind->id, "bimi.missing") == 0 ||
	    strcmp(kind->id, "dnssec.insecure") == 0;
}

static void
order_is_stable(void **state)
{
	struct test_random random = { 4 };
	(void)state;
	for (size_t count = 0; count < 300; count += 1 + count / 4) {
		struct test_alloc alloc = { 0 };
		struct mh_mem mem = test_alloc_mem(&alloc);
		struct mh_report *report = mh_report_make(&mem);
		for (size_t i = 0; i < count; i++) {
			char subject[2] = { (char)('0' + i / 90), (char)('!' + i % 90) };
			const struct mh_finding_kind *kind =
			    mh_finding_kind_at(test_random_below(&random, mh_finding_kind_count()));
			int64_t begin = (int64_t)test_random_below(&random, 3) - 1;
			int64_t end = begin + (int64_t)test_random_below(&random, 2);
			add(report, kind->number, mh_str_n(subject, 2), MH_STR("e"), begin, end);
		}
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		assert_int_equal(mh_report_size(report), count);
		bool seen[300] = { false };
		for (size_t i = 0; i < count; i++) {
			const struct mh_finding *b = mh_report_at(report, i);
			size_t came = (size_t)(b->subject[0] - '0') * 90 + (size_t)(b->subject[1] - '!');
			assert_false(seen[came]);
			seen[came] = true;
			if (i == 0)
				continue;
			const struct mh_finding *a = mh_report_at(report, i - 1);
			int64_t order = b->kind->severity - a->kind->severity;
			order = order != 0 ? order : is_without(a->kind) - is_without(b->kind);
			if (order == 0 && is_without(a->kind) && a->kind != b->kind)
				continue;
			order = order != 0 ? order : a->kind->number - b->kind->number;
			order = order != 0 ? order : a->begin - b->begin;
			order = order != 0 ? order : a->end - b->end;
			order = order != 0 ? order : strcmp(a->subject, b->subject);
			assert_true(order < 0);
		}
		mh_report_unref(report);
		test_alloc_done(&alloc);
	}
}

static void
texts_of_every_length(void **state)
{
	struct mh_mem mem = mh_mem_default();
	char octets[80];
	(void)state;
	memset(octets, 'o', sizeof(octets));
	struct mh_report *report = mh_report_make(&mem);
	for (size_t len = 0; len < sizeof(octets); len++)
		add(report, 101, mh_str_n(octets, len), mh_str_n(octets, sizeof(octets) - len), 0,
		    (int64_t)len);
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	for (size_t len = 0; len < sizeof(octets); len++) {
		const struct mh_finding *finding = mh_report_at(report, len);
		test_span("the subject", mh_str_z(finding->subject), mh_str_n(octets, len));
		test_span("the evidence", mh_str_z(finding->evidence),
		    mh_str_n(octets, sizeof(octets) - len));
	}
	mh_report_unref(report);
}

static const struct range_case {
	const char *name;
	int64_t begin, end;
	const char *want;
} range_cases[] = {
	{ "an empty range at the start", 0, 0, "\"range\":[0,0]" },
	{ "a range", 7, 65536, "\"range\":[7,65536]" },
	{ "no range", -1, -1, "\"range\":null" },
	{ "no end", 3, -1, "\"range\":null" },
	{ "no begin", -1, 3, "\"range\":null" },
};

static void
ranges_are_pairs_or_null(void **state)
{
	struct mh_mem mem = mh_mem_default();
	(void)state;
	for (size_t i = 0; i < MH_COUNT(range_cases); i++) {
		const struct range_case *c = &range_cases[i];
		struct mh_report *report = mh_report_make(&mem);
		add(report, 101, MH_STR(""), MH_STR(""), c->begin, c->end);
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		test_check(c->name, strstr(mh_report_text(report), c->want) != NULL);
		mh_report_unref(report);
	}
}

static void
long_evidence_is_cut(void **state)
{
	struct mh_mem mem = mh_mem_default();
	char octets[5000];
	(void)state;
	memset(octets, 'a', sizeof(octets));
	struct mh_report *report = mh_report_make(&mem);
	add(report, 101, mh_str_n(octets, 5000), mh_str_n(octets, 5000), 0, 5000);
	const struct mh_finding *finding = mh_report_at(report, 0);
	assert_int_equal(strlen(finding->subject), 512 + 3);
	assert_int_equal(strlen(finding->evidence), 1024 + 3);
	assert_string_equal(finding->evidence + 1023, "a...");
	mh_report_unref(report);
}

/* look_evidence - whatever the octets, the JSON is UTF-8 on one line */
static void
look_evidence(struct mh_str s, void *arg)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_report *report = mh_report_make(&mem);
	(void)arg;
	add(report, 104, s, s, 0, (int64_t)s.len);
	assert_int_equal(mh_report_finish(report), MH_ERR_OK);
	struct mh_str text = mh_str_z(mh_report_text(report));
	assert_true(text.len > 100);
	assert_int_equal(mh_utf8_prefix(text), text.len);
	for (size_t i = 0; i < text.len; i++)
		assert_true((unsigned char)text.p[i] >= ' ');
	mh_report_unref(report);
}

static void
broken_evidence(void **state)
{
	(void)state;
	test_mangled(MH_STR("550 5.7.1 \"caf\xc3\xa9\" \xe2\x80\xa8\r\n\x00"), look_evidence, NULL);
}

static bool
report_scenario(struct mh_mem mem, void *arg)
{
	char octets[600];
	bool well = true;
	(void)arg;
	memset(octets, 'x', sizeof(octets));
	struct mh_report *report = mh_report_make(&mem);
	if (report == NULL)
		return false;
	for (int i = 0; i < 20; i++) {
		size_t before = mh_report_size(report);
		int r = mh_report_add(report, MH_F_REPLY_NUL, MH_STR("mx.example"),
		    mh_str_n(octets, sizeof(octets)), i, i + 1);
		assert_true(r == MH_ERR_OK || r == MH_ERR_ENOMEM);
		assert_int_equal(mh_report_size(report), before + (r == MH_ERR_OK));
		well = well && r == MH_ERR_OK;
	}
	size_t count = mh_report_size(report);
	int r = mh_report_finish(report);
	if (r != MH_ERR_OK) {
		/* The report stands as it was and can be finished once there is memory. */
		assert_int_equal(r, MH_ERR_ENOMEM);
		assert_string_equal(mh_report_text(report), "");
		assert_int_equal(mh_report_size(report), count);
		well = false;
		r = mh_report_finish(report);
	}
	if (r == MH_ERR_OK) {
		size_t found = 0;
		for (const char *p = mh_report_text(report); (p = strstr(p, "reply.nul")) != NULL; p++)
			found++;
		assert_int_equal(found, count);
		assert_int_equal(mh_report_size(report), count);
		for (size_t i = 1; i < count; i++)
			assert_true(mh_report_at(report, i - 1)->begin < mh_report_at(report, i)->begin);
	}
	mh_report_unref(report);
	return well;
}

static void
reports_without_memory(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(report_scenario, NULL, false) > 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_ascend_and_ids_are_unique),
		cmocka_unit_test(every_finding_is_complete),
		cmocka_unit_test(known_findings_are_found),
		cmocka_unit_test(empty_report),
		cmocka_unit_test(report_as_json),
		cmocka_unit_test(findings_say_more),
		cmocka_unit_test(what_is_unknown_shows_in_health),
		cmocka_unit_test(a_finding_may_weigh_otherwise),
		cmocka_unit_test(finished_reports_do_not_change),
		cmocka_unit_test(references_are_counted),
		cmocka_unit_test(order_is_stable),
		cmocka_unit_test(texts_of_every_length),
		cmocka_unit_test(ranges_are_pairs_or_null),
		cmocka_unit_test(long_evidence_is_cut),
		cmocka_unit_test(broken_evidence),
		cmocka_unit_test(reports_without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
