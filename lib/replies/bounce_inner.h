/* bounce_inner.h - shared by the files that read bounces
 *
 * bounce.c puts together, bounce_status.c reads the fields of reports,
 * bounce_kind.c tells what kind of message one is.
 */
#ifndef MH_BOUNCE_INNER_H
#define MH_BOUNCE_INNER_H

#include "bounce.h"
#include "bounce_text.h"

/* What a message's own header says. */
struct mh_envelope {
	struct mh_str subject; /* decoded */
	struct mh_str from, to, message_id, return_path; /* addresses; return_path "<>" where it is null */
	struct mh_str failed; /* X-Failed-Recipients, raw */
	bool has_return_path;
	bool is_auto_replied; /* RFC 3834 5, and what came before it */
	bool is_auto_generated;
	bool is_mailer; /* from a mail system's own address */
};

/* mh_envelope_read - false without memory */
bool mh_envelope_read(struct mh_envelope *envelope, struct mh_mime *mime, struct mh_str head);

/* mh_bounce_add - one more recipient, all its strings ""; MH_OK, MH_ENOMEM; *out NULL beyond the limit */
int mh_bounce_add(struct mh_returned *bounce, struct mh_bounced **out);

/* mh_status_report - the fields of RFC 3464: recipients are added with their diagnostic as text; MH_OK or MH_ENOMEM */
int mh_status_report(struct mh_returned *bounce, struct mh_str fields);
/* mh_feedback_report - the fields of RFC 5965; MH_OK or MH_ENOMEM */
int mh_feedback_report(struct mh_returned *bounce, struct mh_str fields);

/* mh_answer_kind - whether a message is a mailbox's automatic answer or asks for a proof: MH_BC_VACATION,
 * MH_BC_CHALLENGE, MH_BC_UNKNOWN */
uint8_t mh_answer_kind(const struct mh_phrases *phrases, const struct mh_envelope *envelope,
    struct mh_str text);
/* mh_is_bounce - whether header and text are those of a message about undelivered mail */
bool mh_is_bounce(const struct mh_phrases *phrases, const struct mh_envelope *envelope,
    const struct mh_speech *speech);
/* mh_action_class - enum mh_bounce_class of an action, lower case; MH_BC_UNKNOWN */
uint8_t mh_action_class(struct mh_str action);

#endif
