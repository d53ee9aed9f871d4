/* report.c - the exported functions about reports; mh_report itself is the ground's */
#include "find.h"
#include "mailhealth.h"

size_t
mh_report_count(const mh_report *report)
{
	return report != NULL ? mh_report_size(report) : 0;
}

int64_t
mh_report_int(const mh_report *report, size_t i, int field)
{
	const struct mh_finding *finding = report != NULL ? mh_report_at(report, i) : NULL;
	if (finding == NULL)
		return MH_UNKNOWN;
	switch (field) {
	case MH_FINDING_NUMBER:
		return finding->kind->number;
	case MH_FINDING_SEVERITY:
		return finding->severity;
	case MH_FINDING_RANGE_BEGIN:
		return finding->begin;
	case MH_FINDING_RANGE_END:
		return finding->end;
	default:
		return MH_UNKNOWN;
	}
}

const char *
mh_report_str(const mh_report *report, size_t i, int field)
{
	const struct mh_finding *finding = report != NULL ? mh_report_at(report, i) : NULL;
	if (finding == NULL)
		return "";
	switch (field) {
	case MH_FINDING_SUBJECT:
		return finding->subject;
	case MH_FINDING_EVIDENCE:
		return finding->evidence;
	case MH_FINDING_STATE:
		return finding->is_unknown ? "unknown" : "present";
	case MH_FINDING_CHECK:
		return finding->check;
	case MH_FINDING_DETAIL:
		return finding->detail;
	case MH_FINDING_FIX:
		return finding->fix;
	case MH_FINDING_AFFECTS:
		return finding->affects;
	default:
		return mh_catalogue_str((size_t)mh_finding_kind_find(mh_str_z(finding->kind->id)), field);
	}
}

const char *
mh_report_json(const mh_report *report)
{
	return report != NULL ? mh_report_text(report) : "";
}

void
mh_report_free(mh_report *report)
{
	if (report != NULL)
		mh_report_unref(report);
}
