/* mailhealth-spf2.h - what libspf2 makes of a check of SPF
 *
 * Exim and others decide with libspf2, which reads some records otherwise than
 * RFC 7208 does.  This small library asks it over the answers of a job and puts
 * its opinion beside the job's own verdict; it never replaces that.  It is a
 * library of its own, so that libspf2 comes into no process that does not ask
 * for it.
 *
 *	mh_job_run(job, 20000);
 *	while (mh_spf2_judge(job) == MH_WAIT)
 *		mh_job_run(job, 20000);
 *
 * libspf2 gets its DNS answers from the job alone, never from the network, no
 * explanations (exp=), and no names beyond 253 octets.
 */
#ifndef MAILHEALTH_SPF2_H
#define MAILHEALTH_SPF2_H

#include "mailhealth.h"

#ifdef __cplusplus
extern "C" {
#endif

/* mh_spf2_judge - of a job of MH_CHECK_SPF that is done.
 *
 * MH_OK: the opinion "libspf2" has been added (mh_job_add_opinion), with a
 * sentence about why it differs where that is known.  MH_WAIT: libspf2 asks for
 * something that the job has no answer to; it is one of the job's questions
 * now, so run the job on and call again.  It stops asking after 50 lookups.
 * MH_EINVAL: no job, or it has no client address; MH_ESTATE: it is not done;
 * MH_ENOMEM.  One job at a time in one thread, as for all calls with it. */
MH_API int mh_spf2_judge(mh_job *job);

#ifdef __cplusplus
}
#endif

#endif
