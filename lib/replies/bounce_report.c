/* bounce_report.c - what was odd about a bounce message, as findings */
#include "bounce.h"

#include "error.h"
#include "find.h"
#include "port.h"

struct mh_report *
mh_returned_report(const struct mh_returned *message)
{
	static const struct {
		uint32_t bit;
		int number;
	} kinds[] = {
		{ MH_BO_DEPTH, MH_F_BOUNCE_DEPTH },
		{ MH_BO_LONG, MH_F_BOUNCE_LONG },
		{ MH_BO_ENCODING, MH_F_BOUNCE_ENCODING },
		{ MH_BO_CUT, MH_F_BOUNCE_CUT },
	};
	struct mh_report *report = mh_report_make(&message->mem);
	int result = report != NULL ? MH_ERR_OK : MH_ERR_ENOMEM;
	for (size_t i = 0; i < MH_COUNT(kinds) && result == MH_ERR_OK; i++)
		if ((message->odd & kinds[i].bit) != 0)
			result = mh_report_add(report, kinds[i].number, MH_STR("message"), message->subject,
			    -1, -1);
	if (result == MH_ERR_OK && message->left_out > 0)
		result =
		    mh_report_add(report, MH_F_BOUNCE_LEFT_OUT, MH_STR("message"), message->subject, -1, -1);
	if (result == MH_ERR_OK)
		result = mh_report_finish(report);
	if (result == MH_ERR_OK)
		return report;
	if (report != NULL)
		mh_report_unref(report);
	return NULL;
}
