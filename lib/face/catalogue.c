/* catalogue.c - all findings that the library knows */
#include "find.h"
#include "mailhealth.h"

size_t
mh_catalogue_count(void)
{
	return mh_finding_kind_count();
}

int64_t
mh_catalogue_int(size_t i, int field)
{
	const struct mh_finding_kind *kind = mh_finding_kind_at(i);
	if (kind == NULL)
		return MH_UNKNOWN;
	return field == MH_FINDING_NUMBER  ? kind->number
	    : field == MH_FINDING_SEVERITY ? kind->severity
					   : MH_UNKNOWN;
}

const char *
mh_catalogue_str(size_t i, int field)
{
	const struct mh_finding_kind *kind = mh_finding_kind_at(i);
	if (kind == NULL)
		return "";
	switch (field) {
	case MH_FINDING_ID:
		return kind->id;
	case MH_FINDING_TITLE:
		return kind->title;
	case MH_FINDING_REASON:
		return kind->reason;
	case MH_FINDING_REMEDY:
		return kind->remedy;
	case MH_FINDING_SPEC:
		return kind->spec;
	case MH_FINDING_SINCE:
		return kind->since;
	default:
		return "";
	}
}

int
mh_catalogue_find(const char *id)
{
	int found = id != NULL ? mh_finding_kind_find(mh_str_z(id)) : -1;
	return found >= 0 ? found : MH_ENOENT;
}
