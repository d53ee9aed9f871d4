/* handles.h - what the opaque handles of mailhealth.h are
 *
 * The face checks arguments and counts references; everything else is done
 * beneath it.  A context outlives its last user: replies and rules hold
 * references to it, so that handles may be freed in any order.
 */
#ifndef MH_HANDLES_H
#define MH_HANDLES_H

#include <stdatomic.h>

#include "cert.h"
#include "driver.h"
#include "logtime.h"
#include "mailhealth.h"
#include "reply.h"
#include "samples.h"
#include "strings.h"
#include "tls.h"
#include "work.h"
#include "world.h"
#include "zone.h"

struct mh_check_ops; /* checks.h */

extern const struct mh_ruleset mh_builtin_rules;

struct mh_ctx {
	struct mh_mem mem;
	atomic_int references;
	atomic_flag lock; /* held for a few instructions while the book is taken or swapped */
	atomic_uint generation; /* counts swaps: a reply looks for new rules only when it has changed */
	struct mh_rulebook *book;
	/* Of checks that use TLS: made once, by whoever needs them first, and then the same for ever. */
	struct mh_ossl *ossl;
	struct mh_anchors *anchors; /* NULL: none were given */
	struct mh_tls_maker *maker;
	bool is_frozen; /* a job has begun to use the anchors */
};

struct mh_reply {
	struct mh_ctx *ctx;
	struct mh_answer *answer;
	unsigned generation;
	bool has_rules;
};

struct mh_rules {
	struct mh_ctx *ctx;
	struct mh_rule_text *texts, **tail;
	struct mh_rulebook *book; /* the built-in rules and these; NULL while there are none */
	struct mh_rules_error error;
	char error_name[256];
	char version[17];
	bool in_use;
};

/* What a job's answers and results are told with: made when the first of it is asked for. */
struct mh_job_out {
	struct mh_arena arena; /* what the view of the work was read into */
	struct mh_strings strings; /* of MH_JOB_* */
	struct mh_buf json, world, text; /* text: of the last ask */
	struct mh_work *work; /* the job's */
	struct mh_report *report;
	void *found; /* the check's own, in arena: what it worked out; NULL */
	bool has_json;
	char type_name[MH_RR_TYPE_ROOM];
};

/* An answer that has begun and has not ended. */
struct mh_answer_draft {
	struct mh_answer_draft *next;
	uint32_t ask; /* 0: free */
	struct mh_fact_draft draft;
};

struct mh_job {
	struct mh_ctx *ctx;
	struct mh_loop *loop; /* that has it; NULL */
	struct mh_job *next, *before; /* of the loop's jobs, or next of those that are done */
	struct mh_work work;
	const struct mh_check_ops *ops;
	void *check; /* ops->size octets */
	struct mh_arena scratch; /* of passes, while it is in no loop */
	struct mh_job_out *out;
	struct mh_answer_draft *answers;
	unsigned char *rdata; /* room for one record given as text */
	int64_t ended_ms, elapsed_ms; /* elapsed_ms: of a recording; -1 */
	bool has_begun;
};

struct mh_zone {
	struct mh_ctx *ctx;
	atomic_int references;
	struct mh_zonefile *zones;
	struct mh_report *report; /* never finished: copies of it are given out */
	bool in_use;
};

struct mh_world {
	struct mh_ctx *ctx;
	atomic_int references;
	struct mh_worldfile *world;
	struct mh_report *report;
	struct mh_strings strings;
	bool in_use;
};

/* mh_job_begin - the parts are made, and options can no longer change */
int mh_job_begin(struct mh_job *job);
/* mh_job_done - the job has been stepped to its end, at now_ms */
void mh_job_done(struct mh_job *job, int64_t now_ms);
/* mh_job_forget - results that were worked out are gone: facts have come or go */
void mh_job_forget(struct mh_job *job);
/* mh_job_room - where results go; NULL without memory */
struct mh_job_out *mh_job_room(struct mh_job *job);
void mh_job_drop_answers(struct mh_job *job);
/* mh_job_can_answer - MH_OK, or why an answer to ask changes nothing */
int mh_job_can_answer(const struct mh_job *job, int ask);
/* mh_loop_forget - takes a job out of its loop */
void mh_loop_forget(struct mh_job *job);
struct mh_zone *mh_zone_ref(struct mh_zone *zone);
struct mh_world *mh_world_ref(struct mh_world *world);

struct mh_ctx *mh_ctx_ref(struct mh_ctx *ctx);
/* mh_ctx_prepare_tls - OpenSSL and what makes handshakes are there; from now on the anchors stay as they are */
int mh_ctx_prepare_tls(struct mh_ctx *ctx);
/* mh_ctx_ossl - OpenSSL's library context, made if it is not there; NULL: no memory */
struct mh_ossl *mh_ctx_ossl(struct mh_ctx *ctx);
/* mh_ctx_prepare_certificates - as mh_ctx_prepare_tls, of OpenSSL alone */
int mh_ctx_prepare_certificates(struct mh_ctx *ctx);
/* mh_ctx_book - a new reference to the rules in use, and which generation they are */
struct mh_rulebook *mh_ctx_book(struct mh_ctx *ctx, unsigned *generation);
/* mh_reply_prepare - the rules in use now are those of the next parse; MH_OK or MH_ENOMEM */
int mh_reply_prepare(struct mh_reply *reply);
/* mh_clock_set - MH_OPT_NOW and MH_OPT_UTC_OFFSET; MH_EINVAL for others and for values that cannot be */
int mh_clock_set(struct mh_logclock *clock, int option, int64_t value);

#endif
