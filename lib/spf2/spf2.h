/* spf2.h - the parts of libmailhealth-spf2, each in its file
 *
 * hooks.c keeps libspf2 from printing and from ending the process, answers.c is
 * the DNS that it sees, reason.c says why it differs, judge.c is the call.
 */
#ifndef MH_SPF2_H
#define MH_SPF2_H

#include <stdbool.h>
#include <stddef.h>

/* What libspf2's own headers want to be there. */
#include <netinet/in.h>
#include <sys/types.h>

#include <arpa/nameser.h>
#include <netdb.h>
#include <spf2/spf.h>

#include "mailhealth-spf2.h"

#define SPF2_NAME_MAX 253 /* octets of a name that libspf2 may see */
#define SPF2_RECORD_MAX 4096 /* octets of a record */
#define SPF2_TERM_MAX 511 /* octets of a term: what its compiler has room for without overflow */
#define SPF2_LOOKUPS_MAX 50
#define SPF2_WHY_MAX 512

/* ------------------------------------------------------------------- hooks */

/* spf2_guarded - runs run(ud) with libspf2's messages unheard; false if libspf2 wanted to end the
 * process instead.  What libspf2 had allocated until then is lost. */
bool spf2_guarded(void (*run)(void *ud), void *ud);
/* spf2_give_up - ends run, which is then false; only beneath spf2_guarded */
_Noreturn void spf2_give_up(void);

/* ----------------------------------------------------------------- answers */

/* A record that libspf2 was shown. */
struct spf2_record {
	char domain[SPF2_NAME_MAX + 1];
	char *text;
};

/* The DNS that libspf2 sees: the job's facts. */
struct spf2_answers {
	SPF_dns_server_t server;
	mh_job *job;
	int lookups;
	bool is_missing; /* facts that were not there have been asked for */
	bool is_refused; /* the job may not ask any more */
	bool has_too_many; /* more than SPF2_LOOKUPS_MAX */
	bool has_unfit; /* a record or term that is too long */
	struct spf2_record records[SPF2_LOOKUPS_MAX];
	size_t records_count;
};

void spf2_answers_init(struct spf2_answers *answers, mh_job *job);
void spf2_answers_free(struct spf2_answers *answers);

/* ------------------------------------------------------------------ reason */

/* What came out on both sides. */
struct spf2_outcome {
	const char *ours, *theirs; /* words of RFC 7208 2.6 */
	const char *problem; /* the finding behind ours, "" */
	SPF_errcode_t error; /* of libspf2, the first that it noted */
	bool is_invalid; /* libspf2 gave no result, but an error */
};

/* spf2_reason - why libspf2 differs, as far as it can be told; "" where it does not */
void spf2_reason(SPF_server_t *server, const struct spf2_answers *answers, const struct spf2_outcome *outcome,
    char why[SPF2_WHY_MAX]);

#endif
