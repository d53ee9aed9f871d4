/* mailhealth-spf2.h - what libspf2 makes of the same question
 *
 * Exim and others decide with libspf2, which differs from RFC 7208 here and
 * there.  This small library asks it for a second opinion on an SPF check, so
 * that its faults stay out of every program that does not ask; it is never the
 * verdict.  It needs nothing but mailhealth.h, and libspf2:
 *
 *	if (mh_job_run(job, 20000) == MH_DONE)
 *		while (mh_spf2_judge(job) == MH_WAIT && mh_job_run(job, 20000) == MH_DONE)
 *			continue;
 *	puts(mh_job_json(job));                          // "opinions", spf.receivers-differ
 *
 * libspf2 never gets at the network: its questions are answered from the job's
 * facts.  It is kept from what is dangerous in it: it sees no text of exp=, no
 * name of more than 253 octets, no record of more than 4096 and no term of more
 * than 511, and gets 50 answers at the most.
 *
 * Its four message handlers are variables of the whole process.  They are ours
 * while it judges, then what they were before; other threads' messages go there
 * meanwhile.  Any number of threads may judge at once.
 */
#ifndef MAILHEALTH_SPF2_H
#define MAILHEALTH_SPF2_H

#include <mailhealth.h>

#ifdef __cplusplus
extern "C" {
#endif

/* mh_spf2_judge - puts libspf2's opinion into a job of MH_CHECK_SPF that is done (mh_job_add_opinion,
 * "libspf2").  The opinion says why it differs from the job's own result, as far as the records show it;
 * its result is "" where libspf2 could not be asked.
 *
 * MH_OK; MH_WAIT: libspf2 wants to know what the job did not ask.  That has been added to the job's
 * questions; run it until it is done again, and call again, a few times at most.
 * MH_ESTATE: the job is not done; MH_EINVAL: no job, or one without an address; MH_ENOMEM. */
MH_API int mh_spf2_judge(mh_job *job);

#ifdef __cplusplus
}
#endif

#endif
