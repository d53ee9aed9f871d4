/* logline.h - one line of a mail log, told apart and taken to pieces
 *
 * Postfix, Sendmail, Exim, OpenSMTPD and qmail; after a syslog or ISO time, as
 * journald exports it, or without any lead.  Stateless: a line is read by
 * itself, without allocation, in linear time, and all that is found are spans
 * of it.
 *
 * A line that says nothing about a message or a peer is told apart first and
 * cheaply: a log is mostly made of those.
 *
 * Does not: classify what was said (reply.h), know about other lines
 * (summary.h), or read a clock.
 */
#ifndef MH_LOGLINE_H
#define MH_LOGLINE_H

#include "logtime.h"
#include "ruleset.h"
#include "str.h"

/* clang-format off */
enum mh_log_mta { MH_MTA_NONE, MH_MTA_POSTFIX, MH_MTA_SENDMAIL, MH_MTA_EXIM, MH_MTA_OPENSMTPD, MH_MTA_QMAIL };
#define MH_MTA_NAMES { "", "postfix", "sendmail", "exim", "opensmtpd", "qmail" }

enum mh_log_event {
	MH_EVENT_NONE,
	MH_EVENT_DELIVERY, /* what became of one recipient, for now or for good */
	MH_EVENT_ATTEMPT, /* one try at one host failed; the result for the recipient stands in another line */
	MH_EVENT_REJECT, /* this server refused what a client wanted */
	MH_EVENT_TLS, /* TLS with a peer failed or was established */
	MH_EVENT_MESSAGE, /* a message's envelope sender (Postfix qmgr from=, Sendmail from=, Exim <=, qmail info msg) */
	MH_EVENT_START, /* qmail's "starting delivery": which recipient, and which message (text), a delivery number stands for */
	MH_EVENT_NOTICE /* anything else that an MTA says about one of its messages or peers */
};
#define MH_EVENT_NAMES { "", "delivery", "attempt", "reject", "tls", "message", "start", "notice" }

enum mh_log_result { MH_RESULT_NONE, MH_RESULT_SENT, MH_RESULT_DEFERRED, MH_RESULT_BOUNCED, MH_RESULT_EXPIRED };
#define MH_RESULT_NAMES { "", "sent", "deferred", "bounced", "expired" }

/* How text stands in the line. */
enum mh_log_coding {
	MH_CODING_NONE, /* as it is */
	MH_CODING_QMAIL, /* '_' for a space, '/' for a line end where a line can begin */
	MH_CODING_EXIM /* the two octets "\n" for a line end, CR LF when decoded */
};
/* clang-format on */

/* Spans of the line; an empty one says that the line does not tell. */
struct mh_logline {
	uint8_t mta, event, result, phase, coding;
	bool remote; /* text is what the other side said, not what this server's software says */
	bool inbound; /* relay and relay_ip are a client's that came to us */
	int32_t relay_port; /* -1: not said */
	int64_t delay_ms; /* -1: not said */
	struct mh_logtime time; /* not read by mh_logline_read: see below */
	struct mh_str stamp; /* the time as it stands, empty if there is none */
	struct mh_str host, program; /* that logged: "mail", "postfix/smtp" */
	struct mh_str queue_id, recipient, orig_recipient, sender; /* addresses without <> */
	struct mh_str relay, relay_ip; /* no brackets, port or trailing dot; the latter may be a path */
	struct mh_str dsn; /* dsn=, as written; empty unless an RFC 3463 code */
	struct mh_str text; /* what was said, phase and host taken off: a reply where remote */
	const char *cause; /* id of the finding that a TLS fault names; "" */
};

/* mh_logline_read - false, cheaply, for a line that is nothing to us (*out is then undefined); else true and
 * *out is filled but for out->time (mh_logtime_read(out->stamp) does it, for who wants it).  line has no line end. */
bool mh_logline_read(struct mh_str line, struct mh_logline *out);

/* mh_logline_decode - text as it was said: copies it, decoded, into to, which has room for text.len octets;
 * the length never changes, so offsets into text stay what they are */
void mh_logline_decode(const struct mh_logline *line, char *to);

/* mh_tls_cause - id of the finding behind what a TLS library or an MTA says of a failure, "" if it names
 * none: "no shared cipher" and so on.  The fault is that of the side that is the server: ours where the line is
 * inbound, else the peer's.  Looks at the first 1024 octets. */
const char *mh_tls_cause(struct mh_str text);

#endif
