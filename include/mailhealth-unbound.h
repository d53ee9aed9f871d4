/* mailhealth-unbound.h - checks answered by a validating resolver of our own
 *
 * The driver that is built in believes a resolver's AD bit or has no opinion.
 * Where the local resolver does not validate, or one's own recursion is wanted
 * (blocklists count who asks), this small library answers jobs by libunbound:
 * each fact is then secure, insecure or bogus by DNSSEC (RFC 4035).  It needs
 * nothing but mailhealth.h, and libunbound, which runs a thread of its own.
 *
 *	mh_unbound *unbound = mh_unbound_new();
 *	mh_unbound_set_str(unbound, MH_UNBOUND_ROOT_KEY_FILE, "/var/lib/unbound/root.key");
 *
 *	mh_unbound_run(unbound, job, 20000);             // 1. wait for it
 *
 *	mh_unbound_add(unbound, job);                    // 2. in an event loop
 *	... poll mh_unbound_fd for mh_unbound_timeout(unbound, now_ms) ...
 *	mh_unbound_step(unbound, now_ms);
 *	while ((job = mh_unbound_next_done(unbound)) != NULL) ...
 *
 * The four rules of mailhealth.h hold here too, but for one thing: a job does
 * not know that it is in an mh_unbound.  Take it out by mh_unbound_remove
 * before it is freed, stepped, or given to a loop.
 */
#ifndef MAILHEALTH_UNBOUND_H
#define MAILHEALTH_UNBOUND_H

#include <mailhealth.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mh_unbound mh_unbound; /* a resolver, and the jobs that it answers */

/* mh_unbound_new - asks from the root on, without a trust anchor, unless told otherwise; NULL without
 * memory.  Nothing is opened and no thread begins before the first question.
 * mh_unbound_free - ends the thread; the jobs are the caller's, as far as they came. */
MH_API mh_unbound *mh_unbound_new(void);
MH_API void mh_unbound_free(mh_unbound *unbound);

/* Each may be given several times and adds to what was given.  Addresses are libunbound's,
 * "192.0.2.1@5353"; the port may be left out. */
#define MH_UNBOUND_FORWARD 1 /* address of a resolver to ask instead of the root */
#define MH_UNBOUND_RESOLV_CONF 2 /* file whose resolvers are asked so */
#define MH_UNBOUND_STUB 3 /* "example.org 192.0.2.1@53": a zone and a server that has it */
#define MH_UNBOUND_ANCHOR 4 /* a trust anchor, one DS or DNSKEY record as in a zone file */
#define MH_UNBOUND_ANCHOR_FILE 5 /* file of such records */
#define MH_UNBOUND_ROOT_KEY_FILE 6 /* file of anchors that libunbound keeps up to date (RFC 5011) */
#define MH_UNBOUND_CONFIG_FILE 7 /* file of settings, unbound.conf(5) */
/* mh_unbound_set_str - MH_OK; MH_EINVAL: unknown option, or libunbound does not take the value; MH_EIO: a
 * file that cannot be read; MH_EFROZEN after the first question; MH_ENOMEM.  What stands in anchors is
 * only looked at when the first question goes out: if one is bad, every question is unknown, and steps say MH_EIO. */
MH_API int mh_unbound_set_str(mh_unbound *unbound, int option, const char *value);

/* mh_unbound_add - the resolver answers the job and steps it until it is done; MH_OK, MH_ESTATE (it is
 * here already), MH_EIO (libunbound cannot begin), MH_ENOMEM.
 * mh_unbound_remove - takes it out, as far as it came; its questions are called off.  MH_ENOENT. */
MH_API int mh_unbound_add(mh_unbound *unbound, mh_job *job);
MH_API int mh_unbound_remove(mh_unbound *unbound, mh_job *job);
/* mh_unbound_fd - readable when there are answers; MH_EIO.
 * mh_unbound_timeout - milliseconds until there is something to do, whatever comes; -1: never.
 * mh_unbound_step - does it and never waits.  now_ms: milliseconds of any clock that does not go back. */
MH_API int mh_unbound_fd(mh_unbound *unbound);
MH_API int64_t mh_unbound_timeout(mh_unbound *unbound, int64_t now_ms);
MH_API int mh_unbound_step(mh_unbound *unbound, int64_t now_ms);
/* mh_unbound_next_done - a job that is done and no longer here; NULL: none */
MH_API mh_job *mh_unbound_next_done(mh_unbound *unbound);
/* mh_unbound_run - waits until the job is done, as mh_job_run; other jobs go on as well.  timeout_ms (-1: the
 * job's own limit) makes unknown what has not come by then. */
MH_API int mh_unbound_run(mh_unbound *unbound, mh_job *job, int64_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
