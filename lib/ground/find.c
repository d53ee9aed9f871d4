/* find.c - the catalogue of findings, and reports
 *
 * A report owns all its memory: an arena for the findings, one buffer that
 * first serves to escape subjects and evidence and in the end holds the JSON.
 * After mh_report_finish nothing in it changes but the reference count, so
 * any thread may read it.
 *
 * Does not: decide what is worth a finding, or drop later, vaguer ones; who
 * adds them does.
 */
#include "error.h"
#include "fact.h"
#include "find.h"
#include "json.h"
#include "port.h"

/* What a finding shows of its subject and evidence, in octets of input. */
#define SUBJECT_MAX 512
#define EVIDENCE_MAX 1024
#define JSON_MAX ((size_t)64 << 20)
#define ARENA_KEEP 0 /* a report is never reset */

static const struct mh_finding_kind kinds[] = {
#define MH_FINDING(number, name, id, severity, since, spec, title, reason, remedy) \
	{ (number), MH_SEV_##severity, (id), (since), (spec), (title), (reason), (remedy) },
#include "findings.def"
#undef MH_FINDING
};

/* While a report is written its findings are a list in the order of their
 * coming; finished, they are an array besides. */
struct node {
	struct mh_finding finding;
	struct node *next;
};

struct mh_report {
	struct mh_mem mem;
	struct mh_arena arena;
	struct mh_buf text; /* scratch, then the JSON */
	struct node *first, **last;
	struct mh_finding *sorted; /* NULL until finished, or empty */
	size_t count;
	bool finished;
	atomic_size_t references;
};

/* ---------------------------------------------------------------- catalogue */

size_t
mh_finding_kind_count(void)
{
	return MH_COUNT(kinds);
}

const struct mh_finding_kind *
mh_finding_kind_at(size_t i)
{
	return i < MH_COUNT(kinds) ? &kinds[i] : NULL;
}

const struct mh_finding_kind *
mh_finding_kind_of(int number)
{
	size_t low = 0, high = MH_COUNT(kinds);

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (kinds[middle].number == number)
			return &kinds[middle];
		if (kinds[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

int
mh_finding_kind_find(struct mh_str id)
{
	for (size_t i = 0; i < MH_COUNT(kinds); i++)
		if (mh_str_eq(id, mh_str_z(kinds[i].id)))
			return (int)i;
	return -1;
}

/* ------------------------------------------------------------------ reports */

static const char *
severity_name(int severity)
{
	switch (severity) {
	case MH_SEV_FAIL:
		return "fail";
	case MH_SEV_WARN:
		return "warn";
	default:
		return "info";
	}
}

struct mh_report *
mh_report_make(const struct mh_mem *mem)
{
	struct mh_report *report = mh_mem_zalloc(mem, sizeof(*report));
	if (report == NULL)
		return NULL;
	report->mem = *mem;
	mh_arena_init(&report->arena, &report->mem, ARENA_KEEP);
	mh_buf_init(&report->text, &report->mem, JSON_MAX);
	report->last = &report->first;
	atomic_init(&report->references, 1);
	return report;
}

/* keep_text - what stands in the scratch buffer, in the report's memory; NULL without memory */
static const char *
keep_text(struct mh_report *report)
{
	char *kept = mh_arena_alloc(&report->arena, report->text.len + 1);
	if (kept != NULL)
		memcpy(kept, mh_buf_z(&report->text), report->text.len + 1);
	return kept;
}

/* keep_printable - s escaped, NUL-terminated, in the report's memory; NULL without memory */
static const char *
keep_printable(struct mh_report *report, struct mh_str s, size_t max)
{
	struct mh_buf *text = &report->text;

	if (s.len == 0)
		return "";
	mh_buf_reset(text);
	mh_printable(text, s, max);
	if (text->bad)
		return NULL;
	return keep_text(report);
}

/* write_records - an array of presentation forms, up to the first that is empty */
static void
write_records(struct mh_json *json, const char *key, const struct mh_str records[4])
{
	mh_json_key(json, key);
	mh_json_open(json, '[');
	for (int i = 0; i < 4 && records[i].len > 0; i++)
		mh_json_str(json, records[i]);
	mh_json_close(json, ']');
}

/* keep_fixes - the fixes as a JSON array, "" if there are none; NULL without memory */
static const char *
keep_fixes(struct mh_report *report, const struct mh_finding_more *more)
{
	struct mh_json json;
	char room[MH_RR_TYPE_ROOM];

	if (more->fixes_count == 0)
		return "";
	mh_buf_reset(&report->text);
	mh_json_init(&json, &report->text);
	mh_json_open(&json, '[');
	for (size_t i = 0; i < more->fixes_count; i++) {
		const struct mh_fix *fix = &more->fixes[i];
		char name[MH_DNAME_TEXT_MAX + 1];
		size_t len = fix->name.len < MH_DNAME_TEXT_MAX ? fix->name.len : 0;
		memcpy(name, fix->name.p, len);
		if (len > 0 && name[len - 1] != '.')
			name[len++] = '.';
		mh_json_open(&json, '{');
		mh_json_key(&json, "name");
		mh_json_str(&json, mh_str_n(name, len));
		mh_json_key(&json, "type");
		mh_json_strz(&json, mh_rr_type_name(fix->type, room));
		mh_json_key(&json, "ttl");
		mh_json_int(&json, fix->ttl != 0 ? fix->ttl : 3600);
		write_records(&json, "remove", fix->remove);
		write_records(&json, "add", fix->add);
		mh_json_close(&json, '}');
	}
	mh_json_close(&json, ']');
	return report->text.bad ? NULL : keep_text(report);
}

/* keep_args - numbers and names of a finding as a JSON object, "" if there are none; NULL without memory */
static const char *
keep_args(struct mh_report *report, const struct mh_finding_more *more)
{
	struct mh_json json;

	if (more->args_count == 0)
		return "";
	mh_buf_reset(&report->text);
	mh_json_init(&json, &report->text);
	mh_json_open(&json, '{');
	for (size_t i = 0; i < more->args_count; i++) {
		mh_json_key(&json, more->args[i].name);
		if (more->args[i].text.p != NULL)
			mh_json_str(&json, more->args[i].text);
		else
			mh_json_int(&json, more->args[i].number);
	}
	mh_json_close(&json, '}');
	return report->text.bad ? NULL : keep_text(report);
}

int
mh_report_add_more(struct mh_report *report, int number, struct mh_str subject, struct mh_str evidence,
    int64_t begin, int64_t end, const struct mh_finding_more *more)
{
	static const struct mh_finding_more nothing = { .check = NULL };
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);

	if (kind == NULL)
		return MH_ERR_EINVAL;
	if (report->finished)
		return MH_ERR_ESTATE;
	if (more == NULL)
		more = &nothing;
	struct node *node = mh_arena_alloc(&report->arena, sizeof(*node));
	if (node == NULL)
		return MH_ERR_ENOMEM;
	node->finding = (struct mh_finding){
		.kind = kind,
		.subject = keep_printable(report, subject, SUBJECT_MAX),
		.evidence = keep_printable(report, evidence, EVIDENCE_MAX),
		.begin = begin,
		.end = end,
		.severity = more->is_unknown ? MH_SEV_INFO
		    : more->severity != 0    ? more->severity
					     : kind->severity,
		.is_unknown = more->is_unknown,
		.check = keep_printable(report, mh_str_z(more->check), SUBJECT_MAX),
		.detail = keep_printable(report, more->detail, EVIDENCE_MAX),
		.fix = keep_fixes(report, more),
		.affects = keep_printable(report, mh_str_z(more->affects), SUBJECT_MAX),
		.args = keep_args(report, more),
	};
	const struct mh_finding *made = &node->finding;
	if (made->subject == NULL || made->evidence == NULL || made->check == NULL || made->detail == NULL ||
	    made->fix == NULL || made->affects == NULL || made->args == NULL)
		return MH_ERR_ENOMEM;
	node->next = NULL;
	*report->last = node;
	report->last = &node->next;
	report->count++;
	return MH_ERR_OK;
}

int
mh_report_add(struct mh_report *report, int number, struct mh_str subject, struct mh_str evidence,
    int64_t begin, int64_t end)
{
	return mh_report_add_more(report, number, subject, evidence, begin, end, NULL);
}

bool
mh_report_has(const struct mh_report *report, int number)
{
	const struct node *node = report->first;
	for (size_t i = 0; i < report->count; i++, node = node->next)
		if (node->finding.kind->number == number)
			return true;
	return false;
}

const char *
mh_report_health(const struct mh_report *report, const char *check)
{
	int worst = 0;
	bool is_unknown = false;
	const struct node *node = report->first;

	for (size_t i = 0; i < report->count; i++, node = node->next) {
		const struct mh_finding *finding = &node->finding;
		if (check[0] != '\0' && strcmp(finding->check, check) != 0)
			continue;
		is_unknown |= finding->is_unknown;
		if (!finding->is_unknown && finding->severity > worst)
			worst = finding->severity;
	}
	if (worst >= MH_SEV_WARN)
		return severity_name(worst);
	if (is_unknown)
		return "unknown";
	return worst == MH_SEV_INFO ? "info" : "pass";
}

/* place_of - among findings of one severity: what is there, then what could not be learnt, then what a domain may well do
 * without */
static int
place_of(const struct mh_finding *finding)
{
	static const int without[] = { MH_F_TLSRPT_MISSING, MH_F_STS_MISSING, MH_F_DANE_MISSING,
		MH_F_BIMI_MISSING, MH_F_DNSSEC_INSECURE };
	for (int i = 0; finding->severity == MH_SEV_INFO && i < (int)MH_COUNT(without); i++)
		if (finding->kind->number == without[i])
			return 2 + i;
	return finding->is_unknown ? 1 : 0;
}

/* comes_after - whether a belongs behind b; false for equals, so that the sort is stable */
static bool
comes_after(const struct mh_finding *a, const struct mh_finding *b)
{
	int place_a = place_of(a), place_b = place_of(b);
	if (a->severity != b->severity)
		return a->severity < b->severity;
	if (place_a != place_b)
		return place_a > place_b;
	if (a->kind->number != b->kind->number)
		return a->kind->number > b->kind->number;
	if (a->begin != b->begin)
		return a->begin > b->begin;
	return a->end > b->end;
}

/* merge - two sorted lists as one; of equals, those of a come first */
static struct node *
merge(struct node *a, struct node *b)
{
	struct node *first = NULL, **last = &first;

	while (a != NULL && b != NULL) {
		struct node **from = comes_after(&a->finding, &b->finding) ? &b : &a;
		*last = *from;
		last = &(*from)->next;
		*from = (*from)->next;
	}
	*last = a != NULL ? a : b;
	return first;
}

/* sort - the list in order.  runs[i] is a sorted list of 2^i findings or NULL, older findings in
 * higher places, as the digits of a binary counter */
static struct node *
sort(struct node *list)
{
	struct node *runs[64] = { NULL };
	struct node *sorted = NULL;

	while (list != NULL) {
		struct node *run = list;
		size_t i = 0;
		list = list->next;
		run->next = NULL;
		for (; runs[i] != NULL; i++) {
			run = merge(runs[i], run);
			runs[i] = NULL;
		}
		runs[i] = run;
	}
	for (size_t i = 0; i < MH_COUNT(runs); i++)
		sorted = merge(runs[i], sorted);
	return sorted;
}

static void
write_range(struct mh_json *json, int64_t begin, int64_t end)
{
	if (begin < 0 || end < 0) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '[');
	mh_json_int(json, begin);
	mh_json_int(json, end);
	mh_json_close(json, ']');
}

/* write_words - words separated by spaces as an array of strings */
static void
write_words(struct mh_json *json, const char *words)
{
	mh_json_open(json, '[');
	while (*words != '\0') {
		size_t len = strcspn(words, " ");
		if (len > 0)
			mh_json_str(json, mh_str_n(words, len));
		words += len + (words[len] == ' ' ? 1 : 0);
	}
	mh_json_close(json, ']');
}

static void
write_finding(struct mh_json *json, const struct mh_finding *finding)
{
	mh_json_open(json, '{');
	mh_json_key(json, "id");
	mh_json_strz(json, finding->kind->id);
	mh_json_key(json, "number");
	mh_json_int(json, finding->kind->number);
	mh_json_key(json, "severity");
	mh_json_strz(json, severity_name(finding->severity));
	mh_json_key(json, "subject");
	mh_json_strz(json, finding->subject);
	mh_json_key(json, "evidence");
	mh_json_strz(json, finding->evidence);
	mh_json_key(json, "range");
	write_range(json, finding->begin, finding->end);
	mh_json_key(json, "reason");
	mh_json_strz(json, finding->kind->reason);
	mh_json_key(json, "remedy");
	mh_json_strz(json, finding->kind->remedy);
	mh_json_key(json, "spec");
	mh_json_strz(json, finding->kind->spec);
	mh_json_key(json, "state");
	mh_json_strz(json, finding->is_unknown ? "unknown" : "present");
	mh_json_key(json, "check");
	mh_json_strz(json, finding->check);
	mh_json_key(json, "detail");
	mh_json_strz(json, finding->detail);
	mh_json_key(json, "fix");
	mh_json_raw(json, finding->fix[0] != '\0' ? finding->fix : "[]");
	mh_json_key(json, "affects");
	write_words(json, finding->affects);
	mh_json_key(json, "args");
	mh_json_raw(json, finding->args[0] != '\0' ? finding->args : "{}");
	mh_json_close(json, '}');
}

/* mh_report_finish - MH_ENOMEM leaves the report unfinished, to be tried again or dropped */
int
mh_report_finish(struct mh_report *report)
{
	struct mh_finding *sorted = NULL;
	struct mh_json json;
	size_t count = report->count, n = 0;

	if (report->finished)
		return MH_ERR_OK;
	report->first = sort(report->first);
	report->last = &report->first;
	while (*report->last != NULL)
		report->last = &(*report->last)->next;

	if (count > 0) {
		/* No overflow: each of them has a node already, which is larger. */
		sorted = mh_arena_alloc(&report->arena, count * sizeof(*sorted));
		if (sorted == NULL)
			return MH_ERR_ENOMEM;
	}
	mh_buf_reset(&report->text);
	mh_json_init(&json, &report->text);
	mh_json_open(&json, '[');
	for (const struct node *node = report->first; n < count; node = node->next) {
		sorted[n++] = node->finding;
		write_finding(&json, &node->finding);
	}
	mh_json_close(&json, ']');
	if (report->text.bad)
		return MH_ERR_ENOMEM;
	report->sorted = sorted;
	report->finished = true;
	return MH_ERR_OK;
}

/* mh_report_size - findings in the report, finished or not */
size_t
mh_report_size(const struct mh_report *report)
{
	return report->count;
}

const struct mh_finding *
mh_report_at(const struct mh_report *report, size_t i)
{
	if (i >= report->count)
		return NULL;
	if (report->finished)
		return &report->sorted[i];
	const struct node *node = report->first;
	while (i-- > 0)
		node = node->next;
	return &node->finding;
}

const char *
mh_report_text(const struct mh_report *report)
{
	return report->finished ? mh_buf_z(&report->text) : "";
}

/* keep_z - a copy of a string that is printable already; NULL without memory */
static const char *
keep_z(struct mh_report *report, const char *z)
{
	size_t len = strlen(z);
	if (len == 0)
		return "";
	char *copy = mh_arena_alloc(&report->arena, len + 1);
	if (copy != NULL)
		memcpy(copy, z, len + 1);
	return copy;
}

/* copy_node - one finding more for a report; false without memory */
static bool
copy_node(struct mh_report *report, const struct mh_finding *finding)
{
	struct node *node = mh_arena_alloc(&report->arena, sizeof(*node));
	if (node == NULL)
		return false;
	node->finding = *finding;
	node->next = NULL;
	const char **strings[] = { &node->finding.subject, &node->finding.evidence, &node->finding.check,
		&node->finding.detail, &node->finding.fix, &node->finding.affects, &node->finding.args };
	for (size_t i = 0; i < MH_COUNT(strings); i++) {
		*strings[i] = keep_z(report, *strings[i]);
		if (*strings[i] == NULL)
			return false;
	}
	*report->last = node;
	report->last = &node->next;
	report->count++;
	return true;
}

struct mh_report *
mh_report_copy(const struct mh_report *report)
{
	struct mh_report *copy = mh_report_make(&report->mem);
	const struct node *node = report->first;
	for (size_t i = 0; copy != NULL && i < report->count; i++, node = node->next) {
		if (copy_node(copy, &node->finding))
			continue;
		mh_report_unref(copy);
		copy = NULL;
	}
	return copy;
}

struct mh_report *
mh_report_ref(struct mh_report *report)
{
	atomic_fetch_add_explicit(&report->references, 1, memory_order_relaxed);
	return report;
}

/* mh_report_unref - gives one reference back, and with the last one the report; NULL is fine */
void
mh_report_unref(struct mh_report *report)
{
	if (report == NULL || atomic_fetch_sub_explicit(&report->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_mem mem = report->mem;
	mh_arena_free(&report->arena);
	mh_buf_free(&report->text);
	mh_mem_free(&mem, report, sizeof(*report));
}
