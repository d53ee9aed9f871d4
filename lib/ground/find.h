/* find.h - findings: what can be wrong in the world, and reports of it
 *
 * findings.def is the one source of every finding's number, id, severity and
 * words.  A report collects findings while something is looked at; finished,
 * it is immutable and shared by reference count.
 */
#ifndef MH_FIND_H
#define MH_FIND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"
#include "str.h"

enum mh_severity { MH_SEV_INFO = 1, MH_SEV_WARN = 2, MH_SEV_FAIL = 3 };

/* MH_F_REPLY_TOO_LONG = 101 and so on: the finding's number */
enum mh_finding_number {
#define MH_FINDING(number, name, id, severity, since, spec, title, reason, remedy) MH_F_##name = (number),
#include "findings.def"
#undef MH_FINDING
};

struct mh_finding_kind {
	int number;
	int severity;
	const char *id, *since, *spec, *title, *reason, *remedy;
};

size_t mh_finding_kind_count(void);
const struct mh_finding_kind *mh_finding_kind_at(size_t i); /* ordered by number; NULL past the end */
const struct mh_finding_kind *mh_finding_kind_of(int number); /* NULL: unknown */
int mh_finding_kind_find(struct mh_str id); /* place in the order, or -1 */

struct mh_finding {
	const struct mh_finding_kind *kind;
	const char *subject; /* the report's, NUL-terminated, never NULL */
	const char *evidence; /* printable */
	int64_t begin, end; /* octets of the input; -1: all of it */
	int severity; /* of this one: the kind's, if nothing else was said; info if is_unknown */
	bool is_unknown; /* it could not be found out */
	const char *check, *detail, *fix, *affects,
	    *args; /* "" each; fix is a JSON array, args a JSON object */
};

/* One record set to change: name canonical, records in presentation form (RFC 1035 5.1). */
struct mh_fix {
	struct mh_str name;
	int type;
	uint32_t ttl; /* 0: 3600 */
	struct mh_str remove[4], add[4]; /* len 0 ends them */
};

struct mh_finding_arg {
	const char *name;
	struct mh_str text; /* p NULL: it is a number */
	int64_t number;
};

/* What a finding may say besides; zero is fine for all of it. */
struct mh_finding_more {
	const char *check; /* "spf" */
	struct mh_str detail; /* a sentence about this case */
	const struct mh_fix *fixes;
	size_t fixes_count;
	const struct mh_finding_arg *args;
	size_t args_count;
	const char *affects; /* ids separated by spaces */
	bool is_unknown;
	int severity; /* where this case weighs otherwise than the kind; 0: the kind's own */
};

/* A report.  While it is written: one owner.  Afterwards: any number. */
struct mh_report;
struct mh_report *mh_report_make(const struct mh_mem *mem); /* one reference; NULL: no memory */
/* mh_report_add - copies subject and evidence (escaped by mh_printable); MH_OK or MH_ENOMEM, and
 * then the report is as it was; MH_EINVAL for an unknown number, MH_ESTATE once finished */
int mh_report_add(struct mh_report *report, int number, struct mh_str subject, struct mh_str evidence,
    int64_t begin, int64_t end);
/* mh_report_add_more - the same with more (NULL is fine) */
int mh_report_add_more(struct mh_report *report, int number, struct mh_str subject, struct mh_str evidence,
    int64_t begin, int64_t end, const struct mh_finding_more *more);
/* mh_report_has - whether a finding of this number is in it */
bool mh_report_has(const struct mh_report *report, int number);
/* mh_report_health - "pass", "info", "warn", "fail" by the worst finding of check ("" all); "unknown" if
 * nothing but info is wrong and something could not be found out (CLI.md, promise 5) */
const char *mh_report_health(const struct mh_report *report, const char *check);
/* mh_report_finish - sorts worst first (then by number, then by range) and writes the JSON, an
 * array of findings:
 * [{"id","number","severity","subject","evidence","range":[b,e]|null,"reason","remedy","spec",
 * "state","check","detail","fix":[...],"affects":[...],"args":{...}}],
 * severity being "info", "warn" or "fail".  MH_OK (also when finished already) or MH_ENOMEM */
int mh_report_finish(struct mh_report *report);
size_t mh_report_size(const struct mh_report *report);
/* mh_report_at - NULL past the end; in the order of adding until the report is finished */
const struct mh_finding *mh_report_at(const struct mh_report *report, size_t i);
const char *mh_report_text(const struct mh_report *report); /* the JSON; "" until finished */
/* mh_report_copy - a report with the same findings, not finished; NULL: no memory */
struct mh_report *mh_report_copy(const struct mh_report *report);
struct mh_report *mh_report_ref(struct mh_report *report);
void mh_report_unref(struct mh_report *report);

#endif
