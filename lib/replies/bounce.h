/* bounce.h - a message that says what became of others
 *
 * Delivery status notifications (RFC 3464, RFC 6533), the older free forms of
 * MTAs and providers, feedback reports (RFC 5965), and what is no failure at
 * all: delay warnings, vacation answers, challenges.  One entry a recipient.
 *
 * Input is a whole message, any octets, CRLF or LF, with or without an mbox
 * "From " line, or a piece of one.  Time is linear and memory bounded by the
 * limits below; what lies beyond is counted and said.
 *
 * Does not: classify what was said (reply.h), or read files.
 */
#ifndef MH_BOUNCE_H
#define MH_BOUNCE_H

#include "bounce_phrases.h"
#include "mime.h"
#include "ruleset.h"
#include "str.h"

#define MH_RETURNED_RECIPIENTS 4096 /* kept of one message */
#define MH_RETURNED_TEXT 32768 /* octets kept of what was said about one of them */

/* clang-format off */
enum mh_bounce_class {
	MH_BC_UNKNOWN, /* no report about another message */
	MH_BC_FAILED, MH_BC_DELAYED, MH_BC_DELIVERED, MH_BC_EXPANDED, MH_BC_RELAYED,
	MH_BC_VACATION, /* automatic answer of a person's mailbox (RFC 3834) */
	MH_BC_FEEDBACK, /* abuse or other feedback report (RFC 5965) */
	MH_BC_CHALLENGE /* "confirm that you are human" */
};
#define MH_BC_NAMES { "unknown", "failed", "delayed", "delivered", "expanded", "relayed", "vacation", "feedback", \
	"challenge" }
/* clang-format on */

/* Spans are of the message or of the bounce's arena: they live as long as the message stays where it is and the
 * bounce is not read anew. */
struct mh_bounced {
	uint8_t class; /* enum mh_bounce_class, of this recipient */
	uint8_t phase; /* enum mh_phase: the command that was answered */
	int16_t code; /* reply code known apart from text; 0 */
	struct mh_str recipient, orig_recipient; /* without <> and address type */
	struct mh_str action; /* as written, lower case: failed, delayed, delivered, relayed, expanded; "" */
	struct mh_str status; /* Status: field or what the form gives, "5.1.1"; empty */
	struct mh_str diagnostic_type; /* "smtp", "x-unix"; empty */
	struct mh_str remote_mta; /* without its type */
	struct mh_str text; /* what was said about it, as one would put it to mh_answer_parse */
	size_t
	    text_at; /* where text stands in the message, octet for octet; SIZE_MAX: it does not (decoded, unfolded) */
};

struct mh_returned {
	struct mh_mem mem;
	struct mh_arena arena;
	struct mh_mime mime;
	struct mh_phrases phrases;
	size_t room; /* of recipients */
	const char *form; /* "rfc3464", "arf", "exim", "qmail", … ; "" */
	uint8_t class; /* of the message as a whole */
	struct mh_str reporting_mta, message_id /* of the message that was sent, without <> */;
	struct mh_str subject,
	    sender; /* of the message that was sent: its Subject and From or Return-Path address */
	struct mh_str feedback_type; /* "abuse" */
	struct mh_bounced *recipients;
	size_t count;
	size_t left_out; /* recipients beyond MH_RETURNED_RECIPIENTS */
	uint32_t odd; /* MH_BO_*, see mime.h */
};

void mh_returned_init(struct mh_returned *bounce, const struct mh_mem *mem);
void mh_returned_free(struct mh_returned *bounce);
/* mh_returned_read - MH_OK whatever the message is (then count may be 0) or MH_ENOMEM */
int mh_returned_read(struct mh_returned *bounce, struct mh_str message);

/* mh_returned_report - what was odd about the message, as a finished report; NULL without memory */
struct mh_report *mh_returned_report(const struct mh_returned *bounce);

/* mh_returned_is_message - whether octets look like a mail message: header fields at the start */
bool mh_returned_is_message(struct mh_str text);
/* mh_returned_next - where, at or behind from, the next message of an mbox begins (its "From " line, RFC 4155);
 * box.len if there is none.  A file that does not begin with "From " is one message. */
size_t mh_returned_next(struct mh_str box, size_t from);

#endif
