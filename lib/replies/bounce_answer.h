/* bounce_answer.h - what a bounce says about one recipient, understood as a reply, and as JSON */
#ifndef MH_BOUNCE_ANSWER_H
#define MH_BOUNCE_ANSWER_H

#include "bounce.h"
#include "reply.h"

/* One recipient of a read bounce; all of it lives as long as the bounce is not read anew. */
struct mh_bounce_place {
	const struct mh_returned *bounce;
	const struct mh_bounced *one; /* NULL: the message reports of nobody */
	const char *cause; /* id of a finding, "" */
};

/* mh_bounce_answer - parses what was said about recipient i, or nothing if there is none.  MH_OK or
 * MH_ENOMEM.  place must live as long as answer's JSON is asked for. */
int mh_bounce_answer(struct mh_bounce_place *place, const struct mh_returned *bounce, size_t i,
    struct mh_answer *answer);
/* mh_bounce_cause - id of the finding behind a fault of TLS that a recipient's text names; "" */
const char *mh_bounce_cause(const struct mh_bounced *one);

#endif
