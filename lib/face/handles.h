/* handles.h - what the opaque handles of mailhealth.h are
 *
 * The face checks arguments and counts references; everything else is done
 * beneath it.  A context outlives its last user: replies and rules hold
 * references to it, so that handles may be freed in any order.
 */
#ifndef MH_HANDLES_H
#define MH_HANDLES_H

#include <stdatomic.h>

#include "logtime.h"
#include "mailhealth.h"
#include "reply.h"
#include "samples.h"
#include "strings.h"

extern const struct mh_ruleset mh_builtin_rules;

struct mh_ctx {
	struct mh_mem mem;
	atomic_int references;
	atomic_flag lock; /* held for a few instructions while the book is taken or swapped */
	atomic_uint generation; /* counts swaps: a reply looks for new rules only when it has changed */
	struct mh_rulebook *book;
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

struct mh_ctx *mh_ctx_ref(struct mh_ctx *ctx);
/* mh_ctx_book - a new reference to the rules in use, and which generation they are */
struct mh_rulebook *mh_ctx_book(struct mh_ctx *ctx, unsigned *generation);
/* mh_reply_prepare - the rules in use now are those of the next parse; MH_OK or MH_ENOMEM */
int mh_reply_prepare(struct mh_reply *reply);
/* mh_clock_set - MH_OPT_NOW and MH_OPT_UTC_OFFSET; MH_EINVAL for others and for values that cannot be */
int mh_clock_set(struct mh_logclock *clock, int option, int64_t value);

#endif
