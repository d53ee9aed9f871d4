/* digest.h - whole mail logs, summed up
 *
 * Fed octets of files, a digest reads their lines, understands what failed and
 * adds it up: by receiver, reason and permanence.  Beside that it watches for
 * limits that receivers keep to themselves (throttle.h), for mail that is
 * forwarded and refused for it, for faults of TLS, and for replies that no rule
 * knows.
 *
 * Memory is bounded by what is kept apart: groups, receivers, forwardings,
 * unknown templates, each up to a ceiling; what is beyond is counted.
 *
 * Numbers of fields and lists are those of mailhealth.h.
 */
#ifndef MH_DIGEST_H
#define MH_DIGEST_H

#include "layers.h"
#include "logtime.h"
#include "reply.h"

struct mh_digest;

struct mh_digest_options {
	struct mh_logclock clock;
	uint32_t groups; /* the most that are kept apart */
	bool no_memory_of_texts; /* every text is understood anew: the tests' oracle */
};

struct mh_digest *mh_digest_make(const struct mh_mem *mem, struct mh_rulebook *book); /* NULL: no memory */
void mh_digest_free(struct mh_digest *digest);
/* mh_digest_options - to be changed there and then, before the first octets; NULL after them */
struct mh_digest_options *mh_digest_options(struct mh_digest *digest);
/* mh_digest_feed, mh_digest_end - as mh_summary_feed and mh_summary_end of mailhealth.h */
int mh_digest_feed(struct mh_digest *digest, struct mh_str octets);
int mh_digest_end(struct mh_digest *digest);

enum mh_digest_number {
	MH_D_LINES = 1,
	MH_D_DELIVERIES,
	MH_D_FROM,
	MH_D_TO,
	MH_D_SENT,
	MH_D_DEFERRED,
	MH_D_BOUNCED,
	MH_D_EXPIRED,
	MH_D_REJECTED,
	MH_D_LEFT_OUT,
	MH_D_OCTETS
};

enum mh_digest_list { MH_D_GROUP = 1, MH_D_THROTTLE, MH_D_FORWARDING, MH_D_UNKNOWN, MH_D_TLS, MH_D_LISTS };

enum mh_digest_text {
	MH_S_PROVIDER = 1,
	MH_S_PROVIDER_NAME,
	MH_S_REASON,
	MH_S_PERMANENCE,
	MH_S_TEMPLATE,
	MH_S_SAMPLE,
	MH_S_RELAY,
	MH_S_RECIPIENT,
	MH_S_ORIG_RECIPIENT,
	MH_S_WHAT,
	MH_S_EVIDENCE,
	MH_S_RULE,
	MH_S_CAUSE
};

enum mh_digest_count {
	MH_S_COUNT = 1,
	MH_S_SHARE,
	MH_S_RECIPIENTS,
	MH_S_FIRST,
	MH_S_LAST,
	MH_S_ACCEPTED,
	MH_S_PER_S,
	MH_S_CONFIDENCE,
	MH_S_INBOUND,
	MH_S_FORWARDED
};

/* Unknown numbers are -1, unknown text is "". */
int64_t mh_digest_int(struct mh_digest *digest, int field);
size_t mh_digest_count(struct mh_digest *digest, int list);
const char *mh_digest_item_str(struct mh_digest *digest, int list, size_t i, int field);
int64_t mh_digest_item_int(struct mh_digest *digest, int list, size_t i, int field);
/* mh_digest_answer - the sample of an entry, understood; NULL: there is none, or no memory */
struct mh_answer *mh_digest_answer(struct mh_digest *digest, int list, size_t i);
const char *mh_digest_json(struct mh_digest *digest);

#endif
