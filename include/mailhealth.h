/* mailhealth.h - the public interface of libmailhealth
 *
 * Why does mail not arrive, and what is to be changed?  A host links this
 * library, asks it, and gets an answer that names the cause, who has to act,
 * and what to do.  This release explains what mail servers say: SMTP replies
 * (RFC 5321 4.2), lines of mail logs, bounce messages (RFC 3464), and what a
 * whole log shows.  And it checks what they look up: SPF (RFC 7208), by jobs
 * that never wait; see "checks" below.  Later ones add to it and take nothing
 * away.
 *
 * The shortest use, blocking or inside an event loop alike, since nothing
 * here waits for anything:
 *
 *	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
 *	mh_reply *reply = mh_reply_new(ctx);
 *	if (mh_reply_parse(reply, text, len) == MH_OK) {
 *		puts(mh_reply_str(reply, MH_REPLY_REASON));      // "auth-dmarc"
 *		puts(mh_reply_item_str(reply, MH_LIST_ADVICE, 0, MH_ITEM_TEXT));
 *	}
 *	mh_reply_free(reply);
 *	mh_ctx_free(ctx);
 *
 * Keep the mh_reply and parse the next text into it: after a few replies have
 * warmed it up it allocates nothing more.
 *
 * Four rules hold for everything below.
 *
 * ABI.  Only int, int64_t, size_t, pointers and const char * cross it.  There
 * are no public structs, no enums in signatures, no variadic functions and no
 * callbacks, but for the one optional allocator.  Numbers never change their
 * meaning, and functions and numbers are only ever added.
 *
 * Three words.  An *error* is ours: a negative int, listed below, never an
 * errno.  A *finding* is about what was looked at and never an error.  A
 * *verdict* is a word that an RFC defines.  A hostile or senseless reply is
 * an ordinary input: it parses, and findings say what was odd.
 *
 * Ownership.  Every handle is freed by its own _free function; NULL is fine,
 * and so is any order, because handles hold references to what they need.
 * Strings and octets that are given in are copied.  Returned strings belong
 * to their handle, are NUL-terminated UTF-8, and are never NULL: unknown is
 * "".  Unknown numbers are MH_UNKNOWN, never 0.
 *
 * Threads.  The library has no threads, no global state, no locks to
 * initialise, and touches neither signals, environment, locale nor output.
 * A context may be used from any number of threads at once.  Any other handle
 * may move between threads but serves one at a time; a report is immutable
 * and serves any number.
 */
#ifndef MAILHEALTH_H
#define MAILHEALTH_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__) || defined(__clang__)
#define MH_API __attribute__((visibility("default")))
#else
#define MH_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ version */

/* The version this header belongs to: major * 10000 + minor * 100 + patch. */
#define MH_VERSION_NUMBER 100
#define MH_VERSION "0.1.0"

/* The version of the library that is loaded, in the same forms. */
MH_API int mh_version_number(void);
MH_API const char *mh_version(void);

/* ------------------------------------------------------------------- errors */

#define MH_OK 0
#define MH_ENOMEM (-1) /* out of memory; the handle stays valid */
#define MH_EINVAL (-2) /* an argument cannot be right; nothing was changed */
#define MH_ESTATE (-3) /* the right call at the wrong moment */
#define MH_EFROZEN (-4) /* the handle is in use and can no longer change */
#define MH_ERULES (-5) /* a rule file was rejected; mh_rules_str says why */
#define MH_EIO (-6) /* a file could not be opened or read */
#define MH_ENOENT (-7) /* there is no such entry */

/* What integer accessors give where the value is not known or not there. */
#define MH_UNKNOWN (-1)

/* mh_strerror - one sentence for an error number; "unknown error" for others.
 * mh_errname - its name, such as "MH_ENOMEM"; "" for others.
 * Both strings are constant and live for ever. */
MH_API const char *mh_strerror(int error);
MH_API const char *mh_errname(int error);

/* ------------------------------------------------------------------ context */

typedef struct mh_ctx mh_ctx; /* settings and reply rules, shared by handles */
typedef struct mh_rules mh_rules; /* reply rules on top of the built-in ones */
typedef struct mh_reply mh_reply; /* one parsed reply; made once, used often */
typedef struct mh_report mh_report; /* findings; immutable */
typedef struct mh_log mh_log; /* one line of a mail log; made once, used often */
typedef struct mh_bounce mh_bounce; /* one bounce message; made once, used often */
typedef struct mh_summary mh_summary; /* whole logs, summed up */
typedef struct mh_job mh_job; /* a check: what is asked, what was answered, what came out */
typedef struct mh_dialogue mh_dialogue; /* one dialogue with a server, over a connection of the caller's */
typedef struct mh_loop mh_loop; /* the built-in driver: answers jobs by DNS */
typedef struct mh_zone mh_zone; /* zone files that answer instead of DNS */
typedef struct mh_world mh_world; /* a recording that answers instead of DNS */
typedef struct mh_sts mh_sts; /* MTA-STS of a domain, from texts; made once, used often */
typedef struct mh_record mh_record; /* one authentication record, from a text; made once, used often */
typedef struct mh_chain mh_chain; /* certificates, judged without a connection; made once, used often */
typedef struct mh_stamp mh_stamp; /* what a receiver wrote into a header field; made once, used often */

/* An allocator: (ud, NULL, 0, n) allocates n octets, (ud, p, old, n) changes
 * the size, (ud, p, old, 0) frees and returns NULL.  It returns NULL when it
 * cannot, and may be called from any thread that uses the library. */
typedef void *(*mh_alloc_fn)(void *ud, void *ptr, size_t old_size, size_t new_size);

/* mh_ctx_new - a context, or NULL when there is no memory.  alloc may be NULL
 * (then malloc is used).  It reads nothing and starts nothing. */
MH_API mh_ctx *mh_ctx_new(mh_alloc_fn alloc, void *ud);
MH_API void mh_ctx_free(mh_ctx *ctx);
/* Trust anchors, for checks that judge certificates; without any, trust is unknown.  Before the first such job: MH_EFROZEN
 * afterwards.  Not while another thread uses ctx.
 * mh_ctx_add_anchors - certificates in PEM; how many, 0 or more, or MH_EINVAL, MH_ENOMEM.
 * mh_ctx_add_anchors_file - the same from a file; MH_EIO.
 * mh_ctx_use_system_anchors - those where OpenSSL looks on this machine (some 20 ms at the first use); MH_OK, MH_EIO. */
MH_API int mh_ctx_add_anchors(mh_ctx *ctx, const void *pem, size_t len);
MH_API int mh_ctx_add_anchors_file(mh_ctx *ctx, const char *path);
MH_API int mh_ctx_use_system_anchors(mh_ctx *ctx);

/* ------------------------------------------------------------- SMTP replies */

/* mh_reply_new - a handle for parsing replies, or NULL when there is no memory
 * or ctx is NULL.  It holds a reference to ctx. */
MH_API mh_reply *mh_reply_new(mh_ctx *ctx);
MH_API void mh_reply_free(mh_reply *reply);

/* Options.  They hold for the parses that follow, until changed; "" or 0
 * takes one back. */
#define MH_OPT_FORM 1 /* int: one of MH_FORM_*; default MH_FORM_AUTO */
#define MH_OPT_PHASE 2 /* str: connect, helo, starttls, auth, mail, rcpt, data, eod, quit */
#define MH_OPT_PROVIDER 3 /* str: who answered: a provider id, "google", or one of its domains, "gmail.com" */
#define MH_OPT_MX 4 /* str: name of the host that answered */
#define MH_OPT_CODE 5 /* int: reply code known from elsewhere, if the text has none */
#define MH_OPT_STATUS 6 /* str: status known from elsewhere (DSN Status, dsn=) */
#define MH_OPT_LINE_NUMBER 7 /* int: "n" of the JSON object; default 1 */
/* Of log lines and summaries; see there. */
#define MH_OPT_NOW 8 /* int: seconds since the epoch, for times without a year; 0: not known */
#define MH_OPT_UTC_OFFSET 9 /* int: seconds east of UTC, for times without a zone; default 0 */
#define MH_OPT_GROUPS 10 /* int: the most groups that a summary keeps apart, 16 to 1000000; default 10000 */
/* Of checks and loops; see there. */
#define MH_OPT_IP 11 /* str: address of the client that sends, IPv4 or IPv6 */
#define MH_OPT_SENDER 12 /* str: MAIL FROM without <>; "": the null sender */
#define MH_OPT_HELO 13 /* str: what the client says in HELO or EHLO */
#define MH_OPT_DOMAIN 14 /* str: the domain to look at, where it is not the sender's */
#define MH_OPT_RECEIVER 15 /* str: name of the host that checks, for %{r} and header fields */
#define MH_OPT_RULES 16 /* str: whose rules give the verdict, "rfc7208" (default) or another profile */
#define MH_OPT_PROFILES 17 /* str: profiles to judge by as well, separated by spaces; "all"; "" none */
#define MH_OPT_LINT 18 /* int: 1 looks for faults in the whole tree, 0 (default) for the verdict alone */
#define MH_OPT_EXPLAIN 19 /* int: 1 (default) fetches the explanation of a fail */
#define MH_OPT_TERM_LIMIT 20 /* int: terms that may cause DNS lookups; default 10 (RFC 7208 4.6.4) */
#define MH_OPT_VOID_LIMIT 21 /* int: lookups that may find nothing; default 2, -1 none */
#define MH_OPT_VOIDS 22 /* int: one of MH_VOIDS_*: how such lookups are counted */
#define MH_OPT_ASKS 23 /* int: the most questions of a check, 1 to 100000; default 400 */
#define MH_OPT_TIME_LIMIT_MS 24 /* int: for the whole check; default 20000, of TLS 60000; -1 none */
#define MH_OPT_RESOLVER 25 /* str: servers, "192.0.2.1 [2001:db8::1]:5353"; "": those of /etc/resolv.conf */
#define MH_OPT_TRUST_AD 26 /* int: AD bit believed of all servers 1, none 0, those on loopback -1 (default) */
#define MH_OPT_TRY_MS 27 /* int: wait for one server; default 2000 */
#define MH_OPT_TRIES 28 /* int: tries for one question, all servers together; default 4 */
#define MH_OPT_CACHE_OCTETS 29 /* int: memory of the cache; 0 none; default 16 MiB */
#define MH_OPT_IN_FLIGHT 30 /* int: questions on their way at once, at the most; default 4000 */
#define MH_OPT_OFFLINE 31 /* int: 1 asks no server, only zones and worlds */
#define MH_OPT_HOST 32 /* str: a server's name, address, or "unix:/path"; none: MX hosts of MH_OPT_DOMAIN */
#define MH_OPT_NAME 33 /* str: name to send and to verify, where it is not MH_OPT_HOST */
#define MH_OPT_MODE 34 /* str: smtp (default), submission, implicit, lmtp, imap, pop3, sieve; or several */
#define MH_OPT_PORT 35 /* int: of the only mode; 0 (default) its own */
#define MH_OPT_MAX_CONNECTIONS 36 /* int: to one address, 1 to 1000; default 9 */
#define MH_OPT_FULL 37 /* int: 1 finds every version, cipher suite and group */
#define MH_OPT_INJECT 38 /* int: 1 also tries to smuggle a command in before TLS */
#define MH_OPT_TLSA 39 /* str: a TLSA record, "3 1 1 01...", in place of DNS; one more a call, "" drops all */
#define MH_OPT_CERTIFICATE 40 /* str: a chain in PEM, judged in place of the server's */
#define MH_OPT_LOOK_UP_TLSA 41 /* int: 1 (default) asks DNS for TLSA records */
#define MH_OPT_STREAMS 42 /* int: connections open at once; default 400 */
#define MH_OPT_MIN_INTERVAL_MS 43 /* int: between connections to one address; default 0 */
#define MH_OPT_POLICY 46 /* str: an MTA-STS policy, judged in place of the domain's */
#define MH_OPT_HTTPS_PORT 47 /* int: of MTA-STS policy hosts; 0 (default): 443 */
#define MH_OPT_ALLOW_PRIVATE 48 /* int: 1 also fetches policies from addresses that are not public */
#define MH_OPT_LOOK_UP_NAMES 49 /* int: 1 (default) holds the name that a server greets with against DNS */
#define MH_OPT_RELAY 50 /* int: 1 also tries, up to RCPT, whether anybody may send through it to others */
#define MH_OPT_RESUMES 51 /* int: how often a server that had enough is asked again; default 0 */
/* Of DMARC; see "checks".  MH_OPT_RULES there: "rfc9989" (default) or "rfc7489". */
#define MH_OPT_FROM 60 /* str: value of a From field; one more a call, at most 16, "" drops all */
#define MH_OPT_REPORT_DOMAIN 61 /* str: asks alone whether this domain takes reports of MH_OPT_DOMAIN */
/* Of domains and sending hosts; see "checks". */
#define MH_OPT_SELECTOR 70 /* str: of DKIM; one more a call, "" drops all */
#define MH_OPT_PRIVATE_KEY 71 /* str: PEM, held against the published keys */
#define MH_OPT_LISTS 72 /* int: 1 (default) asks blocklists and allow-lists */
#define MH_OPT_GUESS 73 /* int: 1 tries selectors that providers use; default: if no selector is given */
#define MH_OPT_FETCH 74 /* int: 1 (default) fetches policy and logo by HTTPS */
#define MH_OPT_LIST_KEY 75 /* str: key for lists that want one (Spamhaus DQS); "" none */
#define MH_OPT_RECEIVERS 76 /* str: receiver profiles to judge by, separated by spaces; "": all */
#define MH_OPT_STS_ID_BEFORE 77 /* str: id of the MTA-STS record when it was last looked at; "" not known */
#define MH_OPT_POLICY_BEFORE 78 /* str: and the policy then; another one under the same id is a finding */
/* Of certificates; see there. */
#define MH_OPT_FOR_MAIL 44 /* int: 1 (default) the rules of DANE for mail (RFC 7672), 0 those of RFC 7671 */
#define MH_OPT_EE_NAMES 45 /* int: 1 wants a name for TLSA usage 3 too; 0 (default) does not (RFC 7671 5.1) */

#define MH_FORM_AUTO 0 /* recognise the form */
#define MH_FORM_WIRE 1 /* as received: lines with CRLF or LF */
#define MH_FORM_JOINED 2 /* several lines run together into one, codes inside */
#define MH_FORM_DSN 3 /* a Diagnostic-Code: "smtp; 550 5.1.1 ..." (RFC 3464 2.3.6) */
#define MH_FORM_FRAGMENT 4 /* a piece of a reply, perhaps without its code */

/* mh_reply_set_int, mh_reply_set_str - set an option; MH_EINVAL for an unknown
 * option or a value it does not take (an unknown provider id is taken: it may
 * be one of your own rules'). */
MH_API int mh_reply_set_int(mh_reply *reply, int option, int64_t value);
MH_API int mh_reply_set_str(mh_reply *reply, int option, const char *value);

/* mh_reply_parse - read and classify one reply.
 *
 * text is any octets, in any form: a reply as received, a log's rendering of
 * one, a DSN's Diagnostic-Code, a fragment.  It is copied.  Every string that
 * this handle has given out before is gone.
 *
 * At most MH_REPLY_MAX_OCTETS octets and MH_REPLY_MAX_LINES lines are read;
 * what lies beyond is counted, and the finding reply.too-long says so.  Time
 * is linear in what is read.
 *
 * Returns MH_OK whatever the text means; MH_EINVAL (no handle, or text NULL
 * with len > 0) or MH_ENOMEM, and then the handle holds no reply.
 * Sources: RFC 5321 4.2, RFC 3463, RFC 2034, RFC 3464 2.3.6. */
#define MH_REPLY_MAX_OCTETS 32768
#define MH_REPLY_MAX_LINES 1024
MH_API int mh_reply_parse(mh_reply *reply, const void *text, size_t len);

/* What one reply has of text: mh_reply_str(reply, one of these). */
#define MH_REPLY_STATUS 1 /* enhanced status code, "5.7.26"; "" where there is none */
#define MH_REPLY_REASON 2 /* what failed: a reason id, see mailhealth-rules(5) */
#define MH_REPLY_REASON_TEXT 3 /* the reason in one sentence */
#define MH_REPLY_RULE 4 /* id of the rule that decided, "status.5.1.1", "code.550" */
#define MH_REPLY_MEANING 5 /* what this provider means by it, where that is known */
#define MH_REPLY_PERMANENCE 6 /* permanent, temporary, success, unknown: said by the code */
#define MH_REPLY_CLASS 7 /* failed, delayed, delivered, unknown */
#define MH_REPLY_RETRY 8 /* no, slow, soon, fix, edit; "" where it makes no sense */
#define MH_REPLY_ACTOR 9 /* who must act */
#define MH_REPLY_PROVIDER 10 /* id of who answered, "google"; "" unknown */
#define MH_REPLY_PROVIDER_NAME 11 /* the same for people, "Gmail and Google Workspace" */
#define MH_REPLY_CONTACT 12 /* where its postmasters can be asked: URL or mail address */
#define MH_REPLY_DRAFT 13 /* words to send them, ready to be completed */
#define MH_REPLY_TEMPLATE 14 /* 16 hex digits: equal for replies that differ in data only */
#define MH_REPLY_PHASE 15 /* phase of the dialogue, as given or as the text says */
#define MH_REPLY_STATUS_TEXT 16 /* what the registry says of the status (RFC 3463, 5248) */
#define MH_REPLY_TEXT 17 /* all lines' text joined by spaces, decoded to UTF-8 */
#define MH_REPLY_REFERENCE 18 /* where the deciding rule's meaning is published */
#define MH_REPLY_FORM 19 /* wire, joined, dsn, fragment */
MH_API const char *mh_reply_str(mh_reply *reply, int field);

/* What one reply has of numbers: mh_reply_int(reply, one of these). */
#define MH_REPLY_CODE 1 /* reply code 200 to 599 */
#define MH_REPLY_CONFIDENCE 2 /* 0 to 1000: how sure the reason is */
#define MH_REPLY_SPAN_BEGIN 3 /* octets of the input that decided: half-open range */
#define MH_REPLY_SPAN_END 4
#define MH_REPLY_RETRY_AFTER_S 5 /* seconds to wait, as the text asks */
#define MH_REPLY_LENGTH 6 /* octets given in */
MH_API int64_t mh_reply_int(mh_reply *reply, int field);

/* Lists: how many entries, and a field of entry i (from 0). */
#define MH_LIST_LINE 1 /* CODE, STATUS, TEXT; SPAN_BEGIN, SPAN_END */
#define MH_LIST_ALTERNATIVE 2 /* ID: other reasons with evidence, best first */
#define MH_LIST_SCOPE 3 /* ID: message, recipient, sender-ip, sender-domain, connection, server */
#define MH_LIST_ADVICE 4 /* ID, TEXT, URL: what to do, in this order */
#define MH_LIST_DISAGREEMENT 5 /* ID: code-vs-status, code-vs-text, ... */
#define MH_LIST_NEXT 6 /* ID: checks that would explain it: spf, dkim, dmarc, host, tls, ... */
#define MH_LIST_IP 7 /* TEXT; SPAN_*: addresses, canonical (RFC 5952), but for the answering server's */
#define MH_LIST_DOMAIN 8 /* TEXT; SPAN_* */
#define MH_LIST_EMAIL 9 /* TEXT; SPAN_* */
#define MH_LIST_URL 10 /* TEXT; SPAN_* */
#define MH_LIST_ID 11 /* TEXT; SPAN_*: ticket, queue and reason ids a postmaster can look up */
#define MH_LIST_BLOCKLIST 12 /* ID, NAME, ZONE, KIND, DELIST, TEXT (a note); SPAN_* */
#define MH_LIST_LIMIT 13 /* COUNT, PER_S, WHAT */
MH_API size_t mh_reply_count(mh_reply *reply, int list);

/* Fields of list entries. */
#define MH_ITEM_ID 1 /* str */
#define MH_ITEM_TEXT 2 /* str */
#define MH_ITEM_URL 3 /* str */
#define MH_ITEM_STATUS 4 /* str */
#define MH_ITEM_NAME 5 /* str */
#define MH_ITEM_ZONE 6 /* str: domain that DNS queries for this list go to */
#define MH_ITEM_KIND 7 /* str: ip, domain, uri */
#define MH_ITEM_DELIST 8 /* str: page where removal is asked */
#define MH_ITEM_WHAT 9 /* str: ip, sender, recipient, domain, connection */
#define MH_ITEM_CODE 10 /* int */
#define MH_ITEM_COUNT 11 /* int: how many */
#define MH_ITEM_PER_S 12 /* int: in how many seconds */
#define MH_ITEM_SPAN_BEGIN 13 /* int: octet offsets into the input, half-open */
#define MH_ITEM_SPAN_END 14
MH_API const char *mh_reply_item_str(mh_reply *reply, int list, size_t i, int field);
MH_API int64_t mh_reply_item_int(mh_reply *reply, int list, size_t i, int field);

/* mh_reply_json - all of it as one JSON object of schema 1, without a line
 * end; "" before the first parse or when there is no memory.  Valid UTF-8.
 * The string is the handle's. */
MH_API const char *mh_reply_json(mh_reply *reply);

/* mh_reply_report - what was odd about the reply, as findings; a new reference
 * that outlives the handle.  NULL before the first parse or without memory. */
MH_API mh_report *mh_reply_report(mh_reply *reply);

/* ---------------------------------------------------------------- mail logs */

/* What kind of text this is: "reply", "log" (a line of a mail log) or "bounce"
 * (a mail message, an mbox included), as its first lines show; "reply" where
 * nothing is to be seen.  The string is constant. */
MH_API const char *mh_recognise(const void *text, size_t len);

/* mh_log_new - a handle for reading log lines, or NULL when there is no memory
 * or ctx is NULL.  It holds a reference to ctx. */
MH_API mh_log *mh_log_new(mh_ctx *ctx);
MH_API void mh_log_free(mh_log *log);

/* mh_log_set_int - MH_OPT_NOW, MH_OPT_UTC_OFFSET or MH_OPT_LINE_NUMBER, for the
 * lines that follow; MH_EINVAL for others.  Times without a year are taken to
 * be the latest that are not after now, or unknown if now is. */
MH_API int mh_log_set_int(mh_log *log, int option, int64_t value);

/* mh_log_parse - read one line of a log of Postfix, Sendmail, Exim, OpenSMTPD or
 * qmail, as syslog, journald, rsyslog or the MTA itself wrote it, with or
 * without time and host.  A line end at its end is left out.  Every string that
 * this handle has given out before is gone, and so is what its reply said.
 *
 * Returns MH_OK whatever the line says, and MH_LOG_EVENT is "" if that is
 * nothing about mail; MH_EINVAL (no handle, or line NULL with len > 0) or
 * MH_ENOMEM, and then the handle holds no line.  Lines are read up to
 * MH_LOG_MAX_OCTETS octets; time is linear in them.
 * Sources: RFC 3164 4.1, RFC 5424 6, RFC 3339 5.6. */
#define MH_LOG_MAX_OCTETS 65536
MH_API int mh_log_parse(mh_log *log, const void *line, size_t len);

/* What a line has of text: mh_log_str(log, one of these). */
#define MH_LOG_MTA 1 /* postfix, sendmail, exim, opensmtpd, qmail */
/* MH_LOG_EVENT - delivery: what became of one recipient; attempt: one try at one host failed; reject: we
 * refused a client; tls; message: an envelope sender; start, notice: other; "": nothing about mail */
#define MH_LOG_EVENT 2
#define MH_LOG_QUEUE_ID 3 /* what the MTA calls the delivery: queue id, evpid, delivery number */
#define MH_LOG_TIME 4 /* RFC 3339 in UTC; "" unknown */
#define MH_LOG_RELAY 5 /* host that was spoken to, without brackets, port or trailing dot */
#define MH_LOG_RELAY_IP 6 /* its address, or a socket's path */
#define MH_LOG_RESULT 7 /* sent, deferred, bounced, expired; "" */
#define MH_LOG_DSN 8 /* the MTA's status code, "5.7.1" */
#define MH_LOG_RECIPIENT 9
#define MH_LOG_ORIG_RECIPIENT 10 /* the address before it was rewritten or forwarded */
#define MH_LOG_SENDER 11 /* envelope sender, where the line has it */
#define MH_LOG_PHASE 12 /* as MH_REPLY_PHASE */
#define MH_LOG_CAUSE 13 /* finding that a TLS fault names, "tls.no-certificate"; see the catalogue */
#define MH_LOG_TEXT 14 /* what was said: by the other side, or by this server's software; on one line */
#define MH_LOG_HOST 15 /* that logged */
#define MH_LOG_PROGRAM 16 /* that logged, "postfix/smtp" */
#define MH_LOG_CLASS 17 /* failed, delayed, delivered, unknown: by the result, else as MH_REPLY_CLASS */
MH_API const char *mh_log_str(mh_log *log, int field);

/* What a line has of numbers: mh_log_int(log, one of these). */
#define MH_LOG_RELAY_PORT 1
#define MH_LOG_DELAY_MS 2 /* from arrival to this try */
#define MH_LOG_UNIX_TIME 3 /* seconds since the epoch */
#define MH_LOG_TEXT_BEGIN 4 /* octets of the line that are MH_LOG_TEXT: half-open range */
#define MH_LOG_TEXT_END 5
#define MH_LOG_REMOTE 6 /* 1: the other side said it; 0: this server's software did */
#define MH_LOG_INBOUND 7 /* 1: relay is a client's that came to us; 0: a host that we went to */
MH_API int64_t mh_log_int(mh_log *log, int field);

/* mh_log_reply - what MH_LOG_TEXT means, for all mh_reply_ accessors; spans
 * count octets of the line.  It is the log's and not to be freed or parsed
 * into; NULL before the first parse, without memory, or if the line says
 * nothing.  It is worked out when first asked for: who needs only the fields
 * above does not pay for it. */
MH_API mh_reply *mh_log_reply(mh_log *log);
/* mh_log_json - as mh_reply_json, with "kind":"log" and its fields in "log" */
MH_API const char *mh_log_json(mh_log *log);

/* ---------------------------------------------------------- bounce messages */

/* mh_bounce_new - a handle for reading bounce messages, or NULL when there is
 * no memory or ctx is NULL.  It holds a reference to ctx. */
MH_API mh_bounce *mh_bounce_new(mh_ctx *ctx);
MH_API void mh_bounce_free(mh_bounce *bounce);

/* mh_bounce_set_int - MH_OPT_LINE_NUMBER: "n" of the first recipient's JSON
 * object (later ones count on); MH_EINVAL for others. */
MH_API int mh_bounce_set_int(mh_bounce *bounce, int option, int64_t value);

/* mh_bounce_parse - read one message: a delivery status notification, the free
 * form of an older MTA or provider, a feedback report, or anything else a
 * mailbox holds.  CRLF or LF; a "From " line of an mbox in front is left out.
 * It is copied as far as it is kept.  What the handle has given out is gone.
 *
 * Returns MH_OK whatever the message is: mh_bounce_count says of how many
 * recipients it reports (0 for an ordinary message), findings what was odd.
 * MH_EINVAL or MH_ENOMEM as mh_reply_parse.
 * Sources: RFC 3464, RFC 6533, RFC 5965, RFC 3834, RFC 2045 to 2047. */
MH_API int mh_bounce_parse(mh_bounce *bounce, const void *message, size_t len);
#define MH_BOUNCE_MAX_RECIPIENTS 4096 /* more are counted by a finding only */
MH_API size_t mh_bounce_count(mh_bounce *bounce);

/* mh_bounce_str - of recipient i (from 0); fields of the message are the same
 * for every i, and given also if count is 0. */
/* MH_BOUNCE_CLASS - failed, delayed, delivered, expanded, relayed, vacation, feedback, challenge, unknown */
#define MH_BOUNCE_CLASS 1
#define MH_BOUNCE_ACTION 2 /* failed, delayed, delivered, relayed, expanded (RFC 3464 2.3.3); "" */
#define MH_BOUNCE_RECIPIENT 3
#define MH_BOUNCE_ORIG_RECIPIENT 4
#define MH_BOUNCE_STATUS 5 /* of the report; the reply's own is MH_REPLY_STATUS */
#define MH_BOUNCE_REMOTE_MTA 6
#define MH_BOUNCE_DIAGNOSTIC_TYPE 7 /* "smtp" */
#define MH_BOUNCE_TEXT 8 /* what was said about this recipient, on one line */
#define MH_BOUNCE_REPORTING_MTA 9 /* from here on: of the message */
#define MH_BOUNCE_MESSAGE_ID 10 /* of the message that was sent, and so on */
#define MH_BOUNCE_SUBJECT 11
#define MH_BOUNCE_SENDER 12
#define MH_BOUNCE_FEEDBACK_TYPE 13 /* "abuse" (RFC 5965 7.3) */
#define MH_BOUNCE_FORM 14 /* who writes so: "rfc3464", "arf", "exim", "qmail", ... */
#define MH_BOUNCE_CAUSE 15 /* finding that a TLS fault names, as MH_LOG_CAUSE; of the recipient */
MH_API const char *mh_bounce_str(mh_bounce *bounce, size_t i, int field);

/* mh_bounce_reply - what MH_BOUNCE_TEXT of recipient i means.  It is the
 * bounce's, and good until it is asked for another i; NULL past the end or
 * without memory.  Spans are MH_UNKNOWN unless the text stands in the message
 * octet for octet. */
MH_API mh_reply *mh_bounce_reply(mh_bounce *bounce, size_t i);
/* mh_bounce_json - as mh_reply_json, until another recipient is asked for, with "kind":"bounce" and the fields above
 * in "bounce"; "" past the end.  If count is 0, i = 0 gives an object of class
 * unknown, vacation or challenge without recipient. */
MH_API const char *mh_bounce_json(mh_bounce *bounce, size_t i);
/* mh_bounce_report - what was odd about the message; a new reference */
MH_API mh_report *mh_bounce_report(mh_bounce *bounce);

/* mh_mbox_next - where, at or behind from, the next message of an mbox begins
 * (RFC 4155), or len.  mh_mbox_next(box, len, 0) is not 0 if it is no mbox. */
MH_API size_t mh_mbox_next(const void *box, size_t len, size_t from);

/* -------------------------------------------------------- the log as a whole */

/* A summary is fed whole logs, of any size, in pieces of any size, and tells
 * what goes wrong, at whom, how much of it, since when, and what to do first.
 * Its memory is bounded by the groups it finds, not by the lines it is fed. */

/* mh_summary_new - an empty summary, or NULL when there is no memory or ctx is
 * NULL.  It holds a reference to ctx and keeps the rules it began with. */
MH_API mh_summary *mh_summary_new(mh_ctx *ctx);
MH_API void mh_summary_free(mh_summary *summary);
/* mh_summary_set_int - MH_OPT_NOW, MH_OPT_UTC_OFFSET, MH_OPT_GROUPS; MH_ESTATE
 * after the first octets. */
MH_API int mh_summary_set_int(mh_summary *summary, int option, int64_t value);

/* mh_summary_feed - the next octets of a file: text, or gzip (RFC 1952), which
 * its first octets show; journald's export and JSON forms likewise.  A line may
 * be cut anywhere; of one longer than MH_LOG_MAX_OCTETS the beginning is read.
 * mh_summary_end - the file ends here; the next octets begin another, which
 * should be later in time.
 *
 * Both give MH_OK, MH_EINVAL or MH_ENOMEM; then the summary holds all lines
 * before and can be fed on.  MH_EIO: the gzip data is damaged or, from
 * mh_summary_end, cut short; what could be read is counted, and the rest of
 * the file is ignored. */
MH_API int mh_summary_feed(mh_summary *summary, const void *octets, size_t len);
MH_API int mh_summary_end(mh_summary *summary);

#define MH_SUMMARY_LINES 1 /* int */
#define MH_SUMMARY_DELIVERIES 2 /* int: of them, those that tell what became of a recipient */
#define MH_SUMMARY_FROM 3 /* int: seconds since the epoch, of the first and the last line with a time */
#define MH_SUMMARY_TO 4
#define MH_SUMMARY_SENT 5 /* int: deliveries by result */
#define MH_SUMMARY_DEFERRED 6
#define MH_SUMMARY_BOUNCED 7
#define MH_SUMMARY_EXPIRED 8
#define MH_SUMMARY_REJECTED 9 /* int: commands of clients that this server refused */
#define MH_SUMMARY_LEFT_OUT 10 /* int: failed deliveries in no group: there are too many groups */
#define MH_SUMMARY_OCTETS 11 /* int: read, unpacked */
MH_API int64_t mh_summary_int(mh_summary *summary, int field);

/* Lists, each worst first; they may be asked for at any time, and an entry's
 * place and its strings hold until the next octets. */
#define MH_SUMMARY_GROUP 1 /* failed deliveries by receiver, reason and permanence */
#define MH_SUMMARY_THROTTLE 2 /* limits that receivers keep to themselves, inferred */
#define MH_SUMMARY_FORWARDING 3 /* forwardings whose mail the next server did not want */
#define MH_SUMMARY_UNKNOWN 4 /* replies that no rule knows, by template, personal data masked */
#define MH_SUMMARY_TLS 5 /* TLS faults by cause */
MH_API size_t mh_summary_count(mh_summary *summary, int list);

/* Fields of entries; those that a list does not have are "" or MH_UNKNOWN. */
#define MH_SUM_PROVIDER 1 /* str, group, throttle: id; "" unknown */
#define MH_SUM_PROVIDER_NAME 2 /* str: for people; the domain of its hosts where the provider is unknown */
#define MH_SUM_REASON 3 /* str, group, forwarding */
#define MH_SUM_PERMANENCE 4 /* str, group: permanent, temporary */
#define MH_SUM_TEMPLATE 5 /* str, group, unknown: of the sample; 16 hex digits */
#define MH_SUM_SAMPLE 6 /* str, group, unknown, tls: what was said */
#define MH_SUM_RELAY 7 /* str, group, throttle, tls: a host that it was said by or to */
#define MH_SUM_RECIPIENT 8 /* str, group: the first; forwarding: where to */
#define MH_SUM_ORIG_RECIPIENT 9 /* str, forwarding: the address that is forwarded */
#define MH_SUM_WHAT 10 /* str, throttle: ip, connection */
#define MH_SUM_EVIDENCE 11 /* str, throttle, forwarding: one sentence */
#define MH_SUM_RULE 12 /* str, unknown: a draft for mailhealth-rules(5), reason to be filled in */
#define MH_SUM_CAUSE 13 /* str, tls: id of the finding */
#define MH_SUM_COUNT 1 /* int: deliveries; tls: lines; throttle: those put off for the limit */
#define MH_SUM_SHARE 2 /* int, group: thousandths of all failed deliveries */
#define MH_SUM_RECIPIENTS 3 /* int, group: different ones; beyond 256 an estimate, good to some 3 % */
#define MH_SUM_FIRST 4 /* int, group, forwarding, tls: seconds since the epoch */
#define MH_SUM_LAST 5
#define MH_SUM_ACCEPTED 6 /* int, throttle: how many are taken */
#define MH_SUM_PER_S 7 /* int, throttle: in how many seconds */
#define MH_SUM_CONFIDENCE 8 /* int, throttle: 0 to 1000 */
#define MH_SUM_INBOUND 9 /* int, tls: 1 clients that came to us, 0 hosts that we went to */
#define MH_SUM_FORWARDED 10 /* int, group: how many of them were of mail that is forwarded */
MH_API const char *mh_summary_item_str(mh_summary *summary, int list, size_t i, int field);
MH_API int64_t mh_summary_item_int(mh_summary *summary, int list, size_t i, int field);

/* mh_summary_reply - what the sample of an entry means, with advice: of lists
 * group, forwarding and unknown; NULL for others.  It is the summary's, and good
 * until the next call with it. */
MH_API mh_reply *mh_summary_reply(mh_summary *summary, int list, size_t i);
/* mh_summary_json - all of it as one JSON object of schema 1, kind
 * "log-summary"; "" when there is no memory.  The string is the handle's. */
MH_API const char *mh_summary_json(mh_summary *summary);

/* ------------------------------------------------------------------- checks */

/* A check is a job.  It never waits: it says what it wants to know (asks), is
 * told (answers), and is stepped again, until it is done.  Three ways to run:
 *
 *	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
 *	mh_job_set_str(job, MH_OPT_IP, "192.0.2.1");
 *	mh_job_set_str(job, MH_OPT_SENDER, "a@example.org");
 *
 *	mh_job_run(job, 20000);                          // 1. wait for it
 *
 *	mh_loop_add(loop, job);                          // 2. in an event loop,
 *	... poll mh_loop_fd for mh_loop_timeout ...      //    with our resolver
 *	mh_loop_step(loop);
 *	while ((job = mh_loop_next_done(loop)) != NULL) ...
 *
 *	while (mh_job_step(job, now_ms) == MH_WAIT)      // 3. with a resolver of
 *		while ((ask = mh_job_next_ask(job)) > 0) //    your own
 *			... mh_job_answer_rr, mh_job_answer_end ...
 *
 *	puts(mh_job_str(job, MH_JOB_RESULT));            // "softfail"
 *
 * An answer is present, absent (NXDOMAIN, NODATA) or unknown.  What could not
 * be asked is never taken for absent. */
#define MH_CHECK_SPF 1 /* check_host() of RFC 7208, and what is wrong with the records */
#define MH_CHECK_TLS 2 /* a mail server's TLS: can others send to it encrypted, and if not, why */
#define MH_CHECK_DMARC 3 /* does a message pass DMARC, by what SPF and DKIM came to (RFC 9989, RFC 7489) */
#define MH_CHECK_DOMAIN 4 /* every record of a domain and its sending host: will receivers take its mail */
#define MH_CHECK_HOST 5 /* a sending host: its names, and the lists it is on */

/* mh_job_new - a check that has not begun, or NULL without memory or for an
 * unknown check.  Holds a reference to ctx.
 * mh_job_free - also cancels, and takes it out of its loop. */
MH_API mh_job *mh_job_new(mh_ctx *ctx, int check);
MH_API void mh_job_free(mh_job *job);
/* mh_job_set_int, mh_job_set_str - options; MH_EINVAL for unknown ones and values that cannot be,
 * MH_EFROZEN once the job has been stepped.  SPF takes MH_OPT_IP, _SENDER, _HELO, _DOMAIN, _RECEIVER,
 * _RULES, _PROFILES; _NOW, _LINT, _EXPLAIN, _TERM_LIMIT, _VOID_LIMIT, _VOIDS, _ASKS, _TIME_LIMIT_MS.
 * TLS takes MH_OPT_HOST, _NAME, _HELO, _MODE, _TLSA, _CERTIFICATE, _DOMAIN (whose mail the host takes: its MTA-STS
 * is looked at), _POLICY; _PORT, _MAX_CONNECTIONS, _FULL, _INJECT, _RELAY, _RESUMES,
 * _LOOK_UP_TLSA, _LOOK_UP_NAMES, _HTTPS_PORT,
 * _ALLOW_PRIVATE, _NOW, _ASKS, _TIME_LIMIT_MS.
 * DMARC takes the Author Domain from MH_OPT_FROM or as MH_OPT_DOMAIN; _RULES, _REPORT_DOMAIN; _NOW, _ASKS, _TIME_LIMIT_MS;
 * and what SPF and DKIM came to by mh_job_add_result.  mh_job_reset drops the From values and those results.
 * DOMAIN takes MH_OPT_DOMAIN; of the host that sends for it _IP and _HELO; _SELECTOR (at most 32), _PRIVATE_KEY, _GUESS,
 * _LISTS, _LIST_KEY, _FETCH, _HTTPS_PORT, _ALLOW_PRIVATE, _STS_ID_BEFORE, _POLICY_BEFORE, _RECEIVER, _RECEIVERS, _NOW,
 * _ASKS (default here 1000), _TIME_LIMIT_MS (default here 30000).  HOST takes MH_OPT_HOST, a name or an address, _HELO, _LISTS, _LIST_KEY and the
 * last three.  Private keys do not get into recordings and JSON, and keys of lists (of 8 to 63 characters; Spamhaus DQS, or
 * "abusix:KEY") only as "list-key". */
MH_API int mh_job_set_int(mh_job *job, int option, int64_t value);
MH_API int mh_job_set_str(mh_job *job, int option, const char *value);
#define MH_VOIDS_PER_TERM 0 /* a term is one void lookup if all that it looked up was empty; the default */
#define MH_VOIDS_PER_QUERY 1 /* every empty answer counts (the words of RFC 7208 4.6.4) */
#define MH_VOIDS_BOTH_FAMILIES 2 /* per term, and only if there is neither A nor AAAA */
/* mh_job_reset - before the first step again: what was answered is forgotten, options and memory stay */
MH_API int mh_job_reset(mh_job *job);

#define MH_WAIT 1 /* answers are missing */
#define MH_DONE 2
/* mh_job_step - goes on as far as it can: MH_WAIT, MH_DONE or an error, after which it can be stepped
 * again.  The first step gives MH_EINVAL if there is nothing to look at: neither MH_OPT_IP nor a domain
 * that can be.  now_ms: milliseconds of any clock that does not go back.  MH_ESTATE while a loop has it.
 * mh_job_timeout - milliseconds until it wants to be stepped though no answer came; -1: never. */
MH_API int mh_job_step(mh_job *job, int64_t now_ms);
MH_API int64_t mh_job_timeout(mh_job *job, int64_t now_ms);
/* mh_job_run - waits until it is done, by the built-in driver with its default settings: MH_DONE, or
 * an error.  timeout_ms (-1: the job's own limit) makes unknown what has not come by then. */
MH_API int mh_job_run(mh_job *job, int64_t timeout_ms);

/* mh_job_next_ask - the number (from 1) of a question that nobody has been given yet, or 0.
 * mh_job_ask_count - how many there are; all of 1 to that can be read, before and after their answers.
 * mh_job_want - one more question, for the caller; its number, or MH_EINVAL, MH_ENOMEM, MH_ESTATE
 * (the job has as many as it may). */
MH_API int mh_job_next_ask(mh_job *job);
MH_API int mh_job_ask_count(mh_job *job);
MH_API int mh_job_want(mh_job *job, const char *name, int type);

#define MH_ASK_KIND 1 /* int: MH_ASK_DNS, MH_ASK_STREAM */
#define MH_ASK_TYPE 2 /* int: number of the RR type: 16 is TXT */
#define MH_ASK_STATE 3 /* int: one of MH_STATE_* */
#define MH_ASK_RCODE 4 /* int: 0 to 4095; MH_UNKNOWN */
#define MH_ASK_EDE 5 /* int: RFC 8914 INFO-CODE; MH_UNKNOWN */
#define MH_ASK_TTL 6 /* int: seconds; MH_UNKNOWN */
#define MH_ASK_RTT_US 7 /* int: microseconds; MH_UNKNOWN */
#define MH_ASK_RECORDS 8 /* int: how many */
#define MH_ASK_NAME 1 /* str: without a dot at the end, escaped as RFC 1035 5.1 has it */
#define MH_ASK_TYPE_NAME 2 /* str: "TXT" */
#define MH_ASK_WHY 3 /* str: timeout, servfail, refused, ...: why it is unknown */
#define MH_ASK_WHY_TEXT 4 /* str: the same in words */
#define MH_ASK_SERVER 5 /* str: who answered */
#define MH_ASK_EDE_TEXT 6 /* str */
#define MH_ASK_CANONICAL 7 /* str: where CNAME records lead */
#define MH_ASK_SECURE 8 /* str: yes, no, bogus, unknown (DNSSEC) */
#define MH_ASK_STATE_NAME 9 /* str: present, nodata, nxdomain, unknown; "" missing */
#define MH_ASK_DNS 1
#define MH_ASK_STREAM 2 /* a dialogue with a server: the built-in driver has it, or mh_job_dialogue */
#define MH_STATE_MISSING 0
#define MH_STATE_PRESENT 1
#define MH_STATE_NODATA 2
#define MH_STATE_NXDOMAIN 3
#define MH_STATE_UNKNOWN 4
/* Strings of asks are good until the next call with this job. */
MH_API int64_t mh_job_ask_int(mh_job *job, int ask, int field);
MH_API const char *mh_job_ask_str(mh_job *job, int ask, int field);
/* mh_job_ask_rr - rdata of record i in wire form, names uncompressed, NULL past the end;
 * mh_job_ask_text - the same in presentation form (RFC 1035 5.1), good until the next call */
MH_API const void *mh_job_ask_rr(mh_job *job, int ask, size_t i, size_t *len);
MH_API const char *mh_job_ask_text(mh_job *job, int ask, size_t i);

/* Answers, at three levels.  Each record by _rr (rdata in wire form) or _text (as most resolvers hand
 * it over: TXT as its joined text, MX as "10 mx.example.org", others in presentation form), then _end;
 * or the whole DNS message by _wire, which needs no _end.  CNAME records are the resolver's business:
 * the records are those at the end of the chain.
 *
 * Late, double and foreign answers change nothing: MH_ESTATE if it is answered or the job is done,
 * MH_ENOENT if there is no such question, MH_EINVAL if the data cannot be what was asked for (then
 * the question is still open).  A question that is never answered ends with the job's time limit. */
MH_API int mh_job_answer_text(mh_job *job, int ask, const void *text, size_t len);
MH_API int mh_job_answer_rr(mh_job *job, int ask, const void *rdata, size_t len);
/* mh_job_answer_int - MH_ASK_TTL, _RTT_US, _EDE; mh_job_answer_str - MH_ASK_SERVER, _EDE_TEXT,
 * _CANONICAL: what else is known, before _end */
MH_API int mh_job_answer_int(mh_job *job, int ask, int field, int64_t value);
MH_API int mh_job_answer_str(mh_job *job, int ask, int field, const char *value);
/* mh_job_answer_end - rcode: that of DNS (0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED), MH_UNKNOWN if
 * there was none; flags: none, or why there is no answer */
#define MH_ANSWER_SECURE 1 /* validated by DNSSEC */
#define MH_ANSWER_INSECURE 2 /* known to be unsigned */
#define MH_ANSWER_BOGUS 4 /* validation failed */
#define MH_ANSWER_TIMEOUT 8
#define MH_ANSWER_TRUNCATED 16 /* cut short: what came is not all */
#define MH_ANSWER_CANNOT_ASK 32 /* this host cannot ask for that type */
#define MH_ANSWER_NETWORK 64 /* the server cannot be reached */
#define MH_ANSWER_FAILED 128 /* anything else */
MH_API int mh_job_answer_end(mh_job *job, int ask, int rcode, int flags);
/* mh_job_answer_wire - message is the server's; flags as above, of which SECURE, INSECURE and BOGUS count.
 * An error reply may lack its question; the id is not compared. */
MH_API int mh_job_answer_wire(mh_job *job, int ask, const void *message, size_t len, int flags);

/* A question of kind MH_ASK_STREAM is answered by a dialogue, which has no socket and no clock: whoever has
 * the connection tells it what happens, and sends what it gives out.
 *
 *	mh_dialogue *dialogue = mh_job_dialogue(job, ask);
 *	int fd = ... connected to MH_DIALOGUE_ADDRESS and MH_DIALOGUE_PORT, how you like ...
 *	mh_dialogue_run(dialogue, fd, -1);                // waits; or, in an event loop:
 *
 *	mh_dialogue_connected(dialogue, now_us);
 *	for (;;) {
 *		... send mh_dialogue_output, tell by mh_dialogue_sent ...
 *		if (mh_dialogue_int(dialogue, MH_DIALOGUE_IS_DONE)) break;
 *		... wait, mh_dialogue_timeout at most; mh_dialogue_feed, _eof, _fail or _tick ...
 *	}
 *	mh_job_answer_dialogue(job, ask, dialogue);
 *	mh_dialogue_free(dialogue);
 *
 * now_us: microseconds of any clock that does not go back; the first that it is told is when connecting began.
 * Functions that give an int: MH_OK, MH_EINVAL for NULL and what cannot be, MH_ENOMEM, after which it is of no
 * use.  What comes late, after the end or before the connection, changes nothing.  It belongs to one thread at a
 * time, holds a reference to the context, and needs the job only to be made and to answer it. */

/* mh_job_dialogue - for this question, before or after it was given out; NULL: it is none of that kind, it is
 * answered, or no memory.  mh_dialogue_free - at any time; NULL is fine. */
MH_API mh_dialogue *mh_job_dialogue(mh_job *job, int ask);
MH_API void mh_dialogue_free(mh_dialogue *dialogue);
#define MH_DIALOGUE_NAME 1 /* str: the question, as MH_ASK_NAME has it */
#define MH_DIALOGUE_ADDRESS 2 /* str: to connect to: "192.0.2.25"; "" a socket of this machine */
#define MH_DIALOGUE_PATH 3 /* str: that socket's path; "" an address */
#define MH_DIALOGUE_STATE 4 /* str: what it waits for: connecting, greeting, handshake, ..., done */
#define MH_DIALOGUE_PORT 1 /* int: 0 for a socket of this machine */
#define MH_DIALOGUE_IS_DONE 2 /* int: 1 nothing more will happen: send what can be sent at once, hang up */
MH_API const char *mh_dialogue_str(const mh_dialogue *dialogue, int field);
MH_API int64_t mh_dialogue_int(const mh_dialogue *dialogue, int field);
/* mh_dialogue_connected - TCP's handshake, or its like, is done.  mh_dialogue_feed - what the server sent.
 * mh_dialogue_eof - the server closed.  mh_dialogue_fail - there is no connection, or none any more: */
#define MH_FAIL_REFUSED 1 /* nobody listens there */
#define MH_FAIL_RESET 2
#define MH_FAIL_NETWORK 3 /* no way to that network, or no address of that family here */
#define MH_FAIL_HOST 4 /* no way to that host */
#define MH_FAIL_FORBIDDEN 5 /* this machine does not let us */
#define MH_FAIL_TIMEOUT 6 /* given up waiting */
MH_API int mh_dialogue_connected(mh_dialogue *dialogue, int64_t now_us);
MH_API int mh_dialogue_feed(mh_dialogue *dialogue, const void *octets, size_t len, int64_t now_us);
MH_API int mh_dialogue_eof(mh_dialogue *dialogue, int64_t now_us);
MH_API int mh_dialogue_fail(mh_dialogue *dialogue, int reason, int64_t now_us);
/* mh_dialogue_output - what is to be sent, good until the next call; mh_dialogue_sent - so many octets of it were */
MH_API const void *mh_dialogue_output(mh_dialogue *dialogue, size_t *len);
MH_API int mh_dialogue_sent(mh_dialogue *dialogue, size_t len);
/* mh_dialogue_timeout - milliseconds until mh_dialogue_tick is wanted though nothing came; -1: never, it is done */
MH_API int64_t mh_dialogue_timeout(mh_dialogue *dialogue, int64_t now_us);
MH_API int mh_dialogue_tick(mh_dialogue *dialogue, int64_t now_us);
/* mh_dialogue_run - all of it over fd, a connected stream socket, blocking or not, which stays the caller's and
 * as it is: MH_DONE; MH_WAIT if timeout_ms (-1: its own limits) were over first, and it may be called again;
 * MH_EIO: fd is none; MH_ENOMEM.  Not after mh_dialogue_connected: it has its own clock. */
MH_API int mh_dialogue_run(mh_dialogue *dialogue, int fd, int64_t timeout_ms);
/* mh_job_answer_dialogue - errors as of the others; MH_EINVAL: it is another question's; MH_ESTATE: it is not
 * done (mh_dialogue_fail ends it) */
MH_API int mh_job_answer_dialogue(mh_job *job, int ask, mh_dialogue *dialogue);

/* mh_job_answer_http - a question whose name begins with "https:", an MTA-STS policy, a BIMI logo or its certificate,
 * fetched by the caller's own client: from the host in "sni=" and the path in "target=", with the certificate verified for that host (RFC 8461
 * 3.3), redirects not followed, 64 KiB at the most.  status: of the answer, 100 to 999, or why there is none:
 * content_type, location: of the header, "" none.  Errors as of the others. */
#define MH_HTTP_BAD_CERTIFICATE (-1) /* it is not valid for that host */
#define MH_HTTP_UNREACHABLE (-2) /* nobody answers, or not in HTTP over TLS */
MH_API int mh_job_answer_http(mh_job *job, int ask, int status, const char *content_type,
    const char *location, const void *body, size_t len);

/* What came out: "" and MH_UNKNOWN until the job is done. */
#define MH_JOB_RESULT 1 /* str: none, neutral, pass, fail, softfail, temperror, permerror (RFC 7208 2.6) */
#define MH_JOB_EXPLANATION 2 /* str: RFC 7208 6.2; "" if there is none */
#define MH_JOB_MATCHED 3 /* str: the term of the domain's own record that decided */
#define MH_JOB_MATCHED_DOMAIN 4 /* str: whose record has the term that names the address */
#define MH_JOB_MATCHED_TERM 5 /* str: that term, "ip4:192.0.2.0/24" */
#define MH_JOB_PROBLEM 6 /* str: id of the finding behind temperror or permerror */
#define MH_JOB_HEALTH 7 /* str: pass, info, warn, fail, unknown */
#define MH_JOB_DOMAIN 8 /* str: that was looked at */
#define MH_JOB_SENDER 9 /* str: as used; postmaster@helo for the null sender */
#define MH_JOB_RECEIVED_SPF 10 /* str: a header field, RFC 7208 9.1 */
#define MH_JOB_AUTHRES 11 /* str: "spf=pass smtp.mailfrom=..." for Authentication-Results (RFC 8601) */
#define MH_JOB_IP 12 /* str: as it was given, at any time, and so on */
#define MH_JOB_HELO 13
#define MH_JOB_RECEIVER 14
/* Of DMARC, whose MH_JOB_RESULT is none, pass, fail, temperror or permerror (with MH_OPT_REPORT_DOMAIN pass, fail or
 * temperror), and whose MH_JOB_DOMAIN is the Author Domain, A-labels, "" if there is not one. */
#define MH_JOB_POLICY 20 /* str: none, quarantine, reject: p=, sp= or np= of the record; "" nothing */
#define MH_JOB_DISPOSITION 21 /* str: what is asked for, t= minded; none if it passed; "" not known */
#define MH_JOB_RECORD_AT 22 /* str: whose record it is; "" there is none */
#define MH_JOB_ORG_DOMAIN 23 /* str: the Organizational Domain; "" not known */
#define MH_JOB_ALIGNED_DKIM 24 /* str: a domain that passed and is aligned; "" none */
#define MH_JOB_ALIGNED_SPF 25
#define MH_JOB_RECORD 26 /* str: the record */
#define MH_JOB_FROM_STATE 27 /* str: of MH_OPT_FROM: one, none, several (domains), unreadable */
#define MH_JOB_REPORT_NAME 28 /* str: where the domain that takes reports says so */
#define MH_JOB_LOOKUPS 1 /* int: terms counted (RFC 7208 4.6.4) */
#define MH_JOB_VOIDS 2 /* int: lookups that found nothing */
#define MH_JOB_QUERIES 3 /* int: questions asked */
#define MH_JOB_ROUNDS 4 /* int: how many of them had to wait for another, at the most, and one */
#define MH_JOB_PASSES 5 /* int: runs of parts */
#define MH_JOB_ELAPSED_MS 6 /* int */
#define MH_JOB_CONNECTIONS 7 /* int: made to servers, by TLS */
MH_API const char *mh_job_str(mh_job *job, int field);
MH_API int64_t mh_job_int(mh_job *job, int field);
/* mh_job_json - all of it as one JSON object of schema 1; "" until it is done or without memory.
 * mh_job_report - the findings; a new reference, NULL until it is done or without memory.
 * mh_job_world - options, questions and answers as text that mh_world_add takes and that replays bit
 * for bit; at any time; "" without memory. */
MH_API const char *mh_job_json(mh_job *job);
MH_API mh_report *mh_job_report(mh_job *job);
MH_API const char *mh_job_world(mh_job *job);
/* mh_job_add_opinion - what somebody else makes of the same question, for JSON and findings: by
 * ("libspf2"), result (a word of RFC 7208 2.6, "" unknown), why.  At most 8; a second one by the same
 * replaces the first. */
MH_API int mh_job_add_opinion(mh_job *job, const char *by, const char *result, const char *why);
/* mh_job_add_result - of DMARC: kind "spf" or "dkim", the domain that passed or did not (MAIL FROM or HELO; d=), and the
 * result, a word of RFC 8601 2.7.1 or 2.7.2.  At most 64 (MH_ESTATE), before the first step (MH_EFROZEN).  A domain that
 * there cannot be is taken, and never aligned.  MH_EINVAL for other words. */
MH_API int mh_job_add_result(mh_job *job, const char *kind, const char *domain, const char *result);
/* mh_job_use_world - options, times and answers are those of the recording; before the first step.  A probe of TLS
 * that a server had enough of goes on so, later: with MH_OPT_RESUMES one more than it was (resume.resumes of the
 * JSON), and MH_OPT_NOW, what is known stays and the rest is asked. */
MH_API int mh_job_use_world(mh_job *job, mh_world *world);

/* mh_profile_str - the profiles that MH_OPT_RULES and MH_OPT_PROFILES know: name, or who decides so; "" past the end */
#define MH_PROFILE_NAME 1
#define MH_PROFILE_WHO 2
MH_API const char *mh_profile_str(size_t i, int field);

/* ------------------------------------------------------------------ domains */

/* About names alone; nothing is asked.  U-labels and A-labels are taken alike.  They use ctx for its memory only, and any
 * number of threads may call them at once.  out is the caller's, with room for size octets, NUL included: 254 do for
 * A-labels; MH_EINVAL if it is too small.
 *
 * mh_registrable - what of a domain was registered, by the public suffix list: its end, in small letters, U-labels as
 * they were given; its length, 0 if it is a public suffix itself or no name
 * mh_aligned - 1 if two domains are aligned by RFC 7489 3.1, strictly (the same) or relaxed (the same registrable
 * domain), else 0
 * mh_from_domain - the Author Domain of the value of a From field (RFC 9989 5.3.1), A-labels; its length, 0 if there is
 * none, more than one, or it cannot be read
 * All: MH_EINVAL, MH_ENOMEM. */
MH_API int mh_registrable(mh_ctx *ctx, const char *domain, char *out, size_t size);
MH_API int mh_aligned(mh_ctx *ctx, const char *a, const char *b, int is_strict);
MH_API int mh_from_domain(mh_ctx *ctx, const void *value, size_t len, char *out, size_t size);

/* ----------------------------------------------------------- built-in driver */

/* mh_loop_new - opens nothing and reads nothing until it gets its first job; NULL without memory.
 * mh_loop_free - its jobs are the caller's again, as far as they came. */
MH_API mh_loop *mh_loop_new(mh_ctx *ctx);
MH_API void mh_loop_free(mh_loop *loop);
/* MH_OPT_RESOLVER; MH_OPT_TRUST_AD, _TRY_MS, _TRIES, _CACHE_OCTETS, _IN_FLIGHT, _OFFLINE, _STREAMS, _MIN_INTERVAL_MS.
 * MH_EINVAL, or MH_EFROZEN after the first job. */
MH_API int mh_loop_set_int(mh_loop *loop, int option, int64_t value);
MH_API int mh_loop_set_str(mh_loop *loop, int option, const char *value);
/* mh_loop_use_zone, mh_loop_use_world - they are asked before DNS, in the order of these calls; a
 * reference is kept.  Names outside all zones are unknown, or DNS is asked for them if each is_overlay.
 * A world answers everything, so zones come before it. */
MH_API int mh_loop_use_zone(mh_loop *loop, mh_zone *zone, int is_overlay);
MH_API int mh_loop_use_world(mh_loop *loop, mh_world *world);
/* mh_loop_add - the loop asks and steps the job until it is done; MH_OK, MH_ESTATE (it is in a loop or
 * done), MH_EINVAL (as of mh_job_step), MH_EIO (no sockets), MH_ENOMEM.  mh_loop_remove - takes it out, as far as it came. */
MH_API int mh_loop_add(mh_loop *loop, mh_job *job);
MH_API int mh_loop_remove(mh_loop *loop, mh_job *job);
/* mh_loop_fd - readable when there is something to do; the same for the loop's life, MH_EIO if it cannot
 * be opened.  mh_loop_timeout - milliseconds until there is, whatever comes; -1: never.
 * mh_loop_step - does it and never waits.  mh_loop_wait - waits for it, timeout_ms at most (-1: no limit). */
MH_API int mh_loop_fd(mh_loop *loop);
MH_API int64_t mh_loop_timeout(mh_loop *loop);
MH_API int mh_loop_step(mh_loop *loop);
MH_API int mh_loop_wait(mh_loop *loop, int64_t timeout_ms);
/* mh_loop_next_done - a job that is done and no longer in the loop; NULL: none.  It is the caller's. */
MH_API mh_job *mh_loop_next_done(mh_loop *loop);
/* mh_loop_run - as mh_job_run by this loop, whose other jobs go on as well */
MH_API int mh_loop_run(mh_loop *loop, mh_job *job, int64_t timeout_ms);
#define MH_LOOP_JOBS 1 /* int: in the loop */
#define MH_LOOP_SENT 2 /* int: messages to servers */
#define MH_LOOP_RECEIVED 3 /* int: messages taken for answers */
#define MH_LOOP_FOREIGN 4 /* int: messages that were not: wrong id, question or source */
#define MH_LOOP_CACHED 5 /* int: questions that the cache answered */
#define MH_LOOP_COALESCED 6 /* int: questions that shared a message */
#define MH_LOOP_TIMEOUTS 7 /* int: messages without an answer in time */
#define MH_LOOP_TCP 8 /* int: questions asked by TCP */
MH_API int64_t mh_loop_int(mh_loop *loop, int field);

/* ----------------------------------------------------------- zones and worlds */

/* A zone answers as a resolver that knows these zone files would (RFC 1034 4.3.2, RFC 4592).
 * mh_zone_add - text is a master file (RFC 1035 5); name is for messages; origin is where relative
 * names hang, "" for none.  MH_OK whatever stands in it: bad lines are left out, and findings zone.*
 * of mh_zone_report; a type of which a name has bad lines alone is unknown.  $INCLUDE is not followed.
 * MH_ESTATE once a loop uses it.
 * mh_zone_add_file - the same from a file; MH_EIO. */
MH_API mh_zone *mh_zone_new(mh_ctx *ctx);
MH_API void mh_zone_free(mh_zone *zone);
MH_API int mh_zone_add(mh_zone *zone, const char *name, const char *origin, const void *text, size_t len);
MH_API int mh_zone_add_file(mh_zone *zone, const char *path, const char *origin);
MH_API size_t mh_zone_count(mh_zone *zone); /* records */
/* mh_zone_name - a name that the files have, those between others and their zone's apex too; i counts from 0, and the
 * order is that of reading; without a dot at its end; "" past the end.
 * mh_zone_is_for_mail - 1: mail may be sent from it or to it, so it is to be looked at as a domain: a zone begins there,
 * or it has MX, an SPF record, or a DMARC record below it */
MH_API const char *mh_zone_name(mh_zone *zone, size_t i);
MH_API int mh_zone_is_for_mail(mh_zone *zone, size_t i);
MH_API mh_report *mh_zone_report(mh_zone *zone); /* a new reference */
/* mh_zone_answer - answers the questions of a job that it can; how many, or an error */
MH_API int mh_zone_answer(mh_zone *zone, mh_job *job, int is_overlay);

/* A world answers from what mh_job_world wrote (mailhealth-world(5)); the rest is unknown. */
MH_API mh_world *mh_world_new(mh_ctx *ctx);
MH_API void mh_world_free(mh_world *world);
MH_API int mh_world_add(mh_world *world, const char *name, const void *text, size_t len);
MH_API int mh_world_add_file(mh_world *world, const char *path);
MH_API mh_report *mh_world_report(mh_world *world);
MH_API int mh_world_answer(mh_world *world, mh_job *job);
/* mh_world_str - an option that the recording has, by its name: "ip", "sender", "helo", "domain",
 * "check", ...; "" if it has none */
MH_API const char *mh_world_str(mh_world *world, const char *option);

/* ------------------------------------------------------- what receivers wrote */

/* mh_stamp_parse - reads the value of a Received-SPF field (RFC 7208 9.1), or the spf part of an
 * Authentication-Results field (RFC 8601 2.2), whichever it is; the name and colon may stand in front.
 * MH_OK, MH_ENOENT (it is neither, or has no spf part), MH_EINVAL, MH_ENOMEM. */
MH_API mh_stamp *mh_stamp_new(mh_ctx *ctx);
MH_API void mh_stamp_free(mh_stamp *stamp);
MH_API int mh_stamp_parse(mh_stamp *stamp, const void *text, size_t len);
#define MH_STAMP_RESULT 1 /* a word of RFC 7208 2.6; "" if another stands there */
#define MH_STAMP_COMMENT 2
#define MH_STAMP_CLIENT_IP 3
#define MH_STAMP_ENVELOPE_FROM 4
#define MH_STAMP_HELO 5
#define MH_STAMP_RECEIVER 6
#define MH_STAMP_IDENTITY 7 /* mailfrom, helo */
#define MH_STAMP_MECHANISM 8
#define MH_STAMP_PROBLEM 9
#define MH_STAMP_REASON 10
#define MH_STAMP_AUTHSERV_ID 11 /* of Authentication-Results */
MH_API const char *mh_stamp_str(mh_stamp *stamp, int field);

/* ------------------------------------------------------- MTA-STS, from texts */

/* What is wrong with an MTA-STS record and policy (RFC 8461), and how they go with the MX hosts.  Nothing is asked
 * or fetched: the texts are given, in any order, and each of them may be left out. */
MH_API mh_sts *mh_sts_new(mh_ctx *ctx);
MH_API void mh_sts_free(mh_sts *sts);
/* mh_sts_reset - forgets all that was given, the domain included */
MH_API void mh_sts_reset(mh_sts *sts);
/* mh_sts_set_str - MH_OPT_DOMAIN: for findings and the records that they propose; "" unknown */
MH_API int mh_sts_set_str(mh_sts *sts, int option, const char *value);
/* mh_sts_add_record - a TXT record of _mta-sts.DOMAIN, its strings joined; each call adds one, at most 64 (MH_ESTATE).
 * NULL and 0: DNS was asked and has none.
 * mh_sts_set_policy - the policy as it was fetched, in place of one given before.
 * mh_sts_add_mx - the name of an MX host; at most 100 (MH_ESTATE). */
MH_API int mh_sts_add_record(mh_sts *sts, const void *text, size_t len);
MH_API int mh_sts_set_policy(mh_sts *sts, const void *text, size_t len);
MH_API int mh_sts_add_mx(mh_sts *sts, const char *name);

/* What was read; strings hold until something is given or forgotten. */
#define MH_STS_ID 1 /* str: of the record; "" none that can be used */
#define MH_STS_MODE 2 /* str: enforce, testing, none; "" none that can be read */
#define MH_STS_RECORD 3 /* str: the record that counts */
#define MH_STS_DOMAIN 4 /* str: as it was given */
#define MH_STS_RECORD_VALID 1 /* int: 1, or 0: senders go on as if there were none; MH_UNKNOWN: not given */
#define MH_STS_POLICY_VALID 2 /* int: 1, or 0: senders cannot use it; MH_UNKNOWN: not given */
#define MH_STS_MAX_AGE 3 /* int: seconds */
#define MH_STS_RECORD_COUNT 4 /* int: TXT records that begin as an MTA-STS record */
MH_API const char *mh_sts_str(mh_sts *sts, int field);
MH_API int64_t mh_sts_int(mh_sts *sts, int field);
/* Lists in the order of the text: mx patterns, whose VALUE is the pattern, and fields that nobody knows. */
#define MH_STS_MX 1
#define MH_STS_RECORD_FIELD 2
#define MH_STS_POLICY_FIELD 3
#define MH_STS_NAME 1
#define MH_STS_VALUE 2
MH_API size_t mh_sts_count(mh_sts *sts, int list);
MH_API const char *mh_sts_item_str(mh_sts *sts, int list, size_t i, int field);
/* mh_sts_matches - 1 if the policy has a pattern for that MX host (RFC 8461 4.1), 0 if not or if it is not valid;
 * MH_ESTATE: no policy was given */
MH_API int mh_sts_matches(mh_sts *sts, const char *name);
/* mh_sts_report - the findings; a new reference, NULL without memory.  Ranges are places in the record or the policy.
 * mh_sts_json - all of it as one JSON object of schema 1, kind mta-sts; "" without memory */
MH_API mh_report *mh_sts_report(mh_sts *sts);
MH_API const char *mh_sts_json(mh_sts *sts);

/* ------------------------------------------------------ one record, from its text */

/* What one TXT record says to a receiver that follows the standard, and what is wrong with it; nothing is asked. */
MH_API mh_record *mh_record_new(mh_ctx *ctx);
MH_API void mh_record_free(mh_record *record);
/* mh_record_set_str - MH_OPT_DOMAIN: whose record is read next, for findings and the records that they propose; ""
 * unknown.  Of a DKIM key it is the name of the key, SELECTOR._domainkey.DOMAIN. */
MH_API int mh_record_set_str(mh_record *record, int option, const char *value);
/* mh_record_read - a text of at most 65535 octets, the strings of the TXT record joined, in place of what was read
 * before.  MH_EINVAL also for a kind that there is not; after MH_ENOMEM nothing is read. */
#define MH_RECORD_DMARC 1 /* RFC 9989 */
#define MH_RECORD_DKIM_KEY 2 /* RFC 6376 */
#define MH_RECORD_TLSRPT 3 /* RFC 8460 */
#define MH_RECORD_BIMI 4
MH_API int mh_record_read(mh_record *record, int kind, const void *text, size_t len);
#define MH_RECORD_VALID 1 /* int: 1, or 0: receivers do not use it; MH_UNKNOWN: nothing was read */
#define MH_RECORD_KIND 2 /* int: which kind was read; MH_UNKNOWN: nothing */
MH_API int64_t mh_record_int(mh_record *record, int field);
/* What it says, after defaults and what the standard makes of faults; nothing if it is not valid.  Of a list each
 * entry is a field of its own, under the same name.  Strings hold until the next read.
 * mh_record_value - entry i (from 0) of the tag of that name; "" past the end.
 * mh_record_count, mh_record_item_str - all fields in their order. */
#define MH_RECORD_NAME 1 /* of the tag, "rua" */
#define MH_RECORD_TEXT 2 /* its value */
MH_API const char *mh_record_value(mh_record *record, const char *name, size_t i);
MH_API size_t mh_record_count(mh_record *record);
MH_API const char *mh_record_item_str(mh_record *record, size_t i, int field);
/* mh_record_report - the findings; a new reference, NULL if nothing was read.  Ranges are places in the text.
 * mh_record_json - all of it as one JSON object of schema 1, kind record; "" if nothing was read, or without memory */
MH_API mh_report *mh_record_report(mh_record *record);
MH_API const char *mh_record_json(mh_record *record);
/* --------------------------------------------------------------- certificates */

/* Will this certificate do, for these names, with these TLSA records, in a fortnight?  Nothing is asked of anybody:
 *
 *	mh_chain *chain = mh_chain_new(ctx);             // ctx has its trust anchors
 *	mh_chain_read(chain, pem, len);
 *	mh_chain_set_str(chain, MH_OPT_NAME, "mx.example.org");
 *	mh_chain_set_str(chain, MH_OPT_TLSA, "3 1 1 8cb0...");
 *	mh_chain_set_int(chain, MH_OPT_NOW, time(NULL) + 14 * 86400);
 *	if (mh_chain_judge(chain) == MH_OK) {
 *		puts(mh_chain_str(chain, MH_CHAIN_PKIX));                      // "pass"
 *		puts(mh_chain_item_str(chain, MH_CHAIN_TLSA, 0, MH_TLSA_STATE)); // "match"
 *		puts(mh_chain_item_str(chain, MH_CHAIN_CERT, 0, MH_CERT_TLSA));  // "3 1 1 8cb0...": to be published
 *	}
 *
 * RFC 5280, RFC 9525, RFC 6698, RFC 7671, RFC 7672, RFC 6960. */

/* mh_chain_new - without certificates; NULL without memory.  Holds a reference to ctx, and uses the trust anchors that
 * it has at the first mh_chain_judge of any handle; from then on they are frozen. */
MH_API mh_chain *mh_chain_new(mh_ctx *ctx);
MH_API void mh_chain_free(mh_chain *chain);
/* mh_chain_read - certificates in PEM, of which blocks of another kind are left out, or in DER, one behind the other;
 * the server's own first.  They take the place of those before; options stay.  MH_OK, MH_ENOENT (there is none in it,
 * nor one that cannot be read), MH_EINVAL, MH_ENOMEM; then there are none.  Those behind the 16th are left out. */
MH_API int mh_chain_read(mh_chain *chain, const void *octets, size_t len);
/* Options: MH_OPT_NAME, a name of the server that a sender would accept, its own first, one more a call, "" drops all:
 * one has to match (RFC 9525 6.1, RFC 7672 3.2.2), and what each does is in MH_CHAIN_NAME.  MH_OPT_TLSA likewise; one
 * that cannot be read is a record that cannot be used.  MH_OPT_NOW (0, the default: the clock's time), MH_OPT_FOR_MAIL,
 * MH_OPT_EE_NAMES.  MH_EINVAL for others, and for the 33rd name and the 65th record.
 * mh_chain_add_tlsa - MH_OPT_TLSA as rdata.
 * mh_chain_set_staple - an OCSP response as a server staples it, DER; len 0: none. */
MH_API int mh_chain_set_int(mh_chain *chain, int option, int64_t value);
MH_API int mh_chain_set_str(mh_chain *chain, int option, const char *value);
MH_API int mh_chain_add_tlsa(mh_chain *chain, const void *rdata, size_t len);
MH_API int mh_chain_set_staple(mh_chain *chain, const void *response, size_t len);
/* mh_chain_judge - MH_OK whatever comes out; MH_ESTATE without certificates, MH_ENOMEM.  Options and certificates that
 * change afterwards take the results back: "" and MH_UNKNOWN until it is judged again. */
MH_API int mh_chain_judge(mh_chain *chain);

#define MH_CHAIN_HEALTH 1 /* str: pass, info, warn, fail: by the findings */
/* MH_CHAIN_PKIX - pass, fail, unknown: path, names, dates and staple; unknown without anchors or without names
 * MH_CHAIN_RESULT - RFC 8460 4.3, "certificate-expired", "tlsa-invalid", ...; "" if nothing fails: by the TLSA records
 * where one can be used, else by PKIX */
#define MH_CHAIN_PKIX 2 /* str */
#define MH_CHAIN_DANE 3 /* str: pass, fail, unusable (no record can be used), none (there is no record) */
#define MH_CHAIN_RESULT 4 /* str */
#define MH_CHAIN_ERROR 5 /* str: what OpenSSL says of the path; "ok" */
#define MH_CHAIN_STAPLE 6 /* str: none, good, revoked, bad, unproven (its issuer is not there) */
#define MH_CHAIN_STAPLE_WHY 7 /* str: "expired", "signature", "responder", ...: why it is bad */
#define MH_CHAIN_DAYS_LEFT 1 /* int: whole days; MH_UNKNOWN also once it has expired */
#define MH_CHAIN_UNREADABLE 2 /* int: certificates that could not be read */
#define MH_CHAIN_DANE_ERROR 3 /* int: X509_V_* of OpenSSL, all TLSA records together; 0 none */
#define MH_CHAIN_DANE_DEPTH 4 /* int: which certificate they match, 0 the server's own */
MH_API const char *mh_chain_str(mh_chain *chain, int field);
MH_API int64_t mh_chain_int(mh_chain *chain, int field);

/* Lists: certificates as they were read, names and TLSA records as they were set, the latter judged. */
#define MH_CHAIN_CERT 1
#define MH_CHAIN_NAME 2
#define MH_CHAIN_TLSA 3
#define MH_CERT_SUBJECT 1 /* str: "CN=mx.example.org", the last part first */
#define MH_CERT_ISSUER 2 /* str */
#define MH_CERT_NAMES 3 /* str: DNS names of subjectAltName, separated by spaces */
#define MH_CERT_KEY 4 /* str: rsa, ecdsa, ed25519, ed448, rsa-pss, dsa, other */
#define MH_CERT_SIGNATURE 5 /* str: "RSA-SHA256" */
#define MH_CERT_SHA256 6 /* str: of the certificate, 64 hex digits */
#define MH_CERT_SPKI_SHA256 7 /* str: of its public key */
#define MH_CERT_TLSA 8 /* str: the record to publish: "3 1 1 ..." for the first, "2 1 1 ..." for others */
#define MH_CERT_BITS 9 /* int: of the key */
#define MH_CERT_NOT_BEFORE 10 /* int: seconds since the epoch */
#define MH_CERT_NOT_AFTER 11 /* int */
#define MH_CERT_CA 12 /* int: 1 it may sign others */
#define MH_NAME_TEXT 1 /* str: of MH_CHAIN_NAME */
#define MH_NAME_MATCHES 2 /* int: 1 the first certificate is for it, 0 it is not */
#define MH_TLSA_TEXT 1 /* str: of MH_CHAIN_TLSA: "3 1 1 01..." */
#define MH_TLSA_STATE 2 /* str: match, mismatch, unusable: this record alone */
/* MH_TLSA_WHY - usage-0-1, unknown-kind, length, syntax, ca-not-sent, name, dates, other; outranked: it matches, and
 * is not looked at, as there is one with a stronger digest (RFC 7671 9); "" no reason */
#define MH_TLSA_WHY 3 /* str */
#define MH_TLSA_DEPTH 4 /* int: which certificate it matches */
MH_API size_t mh_chain_count(mh_chain *chain, int list);
MH_API const char *mh_chain_item_str(mh_chain *chain, int list, size_t i, int field);
MH_API int64_t mh_chain_item_int(mh_chain *chain, int list, size_t i, int field);
/* mh_chain_json - all of it as one JSON object of schema 1, kind "chain"; "" until it is judged or without memory.
 * mh_chain_report - the findings; a new reference, NULL until it is judged. */
MH_API const char *mh_chain_json(mh_chain *chain);
MH_API mh_report *mh_chain_report(mh_chain *chain);

/* -------------------------------------------------- findings and the report */

#define MH_SEVERITY_INFO 1
#define MH_SEVERITY_WARN 2
#define MH_SEVERITY_FAIL 3

#define MH_FINDING_NUMBER 1 /* int: stable for ever */
#define MH_FINDING_SEVERITY 2 /* int: MH_SEVERITY_* */
#define MH_FINDING_RANGE_BEGIN 3 /* int: octets of the input meant; MH_UNKNOWN: all */
#define MH_FINDING_RANGE_END 4

#define MH_FINDING_ID 1 /* str: stable for ever, "reply.code-vs-status" */
#define MH_FINDING_TITLE 2 /* str */
#define MH_FINDING_SUBJECT 3 /* str: what it is about */
#define MH_FINDING_EVIDENCE 4 /* str: the octets seen, escaped where they do not print */
#define MH_FINDING_REASON 5 /* str: one sentence */
#define MH_FINDING_REMEDY 6 /* str: one sentence */
#define MH_FINDING_SPEC 7 /* str: "RFC 5321 4.2.1" */
#define MH_FINDING_SINCE 8 /* str: the release that first had it */
#define MH_FINDING_STATE 9 /* str: present, or unknown: it could not be found out */
#define MH_FINDING_CHECK 10 /* str: the check that it belongs to, "spf"; "" */
#define MH_FINDING_DETAIL 11 /* str: one sentence about this case, with its numbers and names; "" */
#define MH_FINDING_FIX 12 /* str: JSON array of {name, type, ttl, remove, add}; "" not known */
#define MH_FINDING_AFFECTS 13 /* str: ids of receivers, separated by spaces; "" */

/* A report: findings in order, worst first.  i counts from 0. */
MH_API size_t mh_report_count(const mh_report *report);
MH_API int64_t mh_report_int(const mh_report *report, size_t i, int field);
MH_API const char *mh_report_str(const mh_report *report, size_t i, int field);
MH_API const char *mh_report_json(const mh_report *report);
MH_API void mh_report_free(mh_report *report);

/* The catalogue of all findings that this library knows, ordered by number.
 * SUBJECT and EVIDENCE are "", RANGE_* are MH_UNKNOWN.  mh_catalogue_find
 * gives the place of an id, or MH_ENOENT. */
MH_API size_t mh_catalogue_count(void);
MH_API int64_t mh_catalogue_int(size_t i, int field);
MH_API const char *mh_catalogue_str(size_t i, int field);
MH_API int mh_catalogue_find(const char *id);

/* -------------------------------------------------------------- reply rules */

/* Rules of your own go on top of the built-in ones, in two layers: site rules
 * decide over built-in rules, user rules over both.  The grammar is that of
 * mailhealth-rules(5).  A set is filled, then put to use, and from then on can
 * no longer change; make a new one and swap it in. */
#define MH_LAYER_SITE 1
#define MH_LAYER_USER 2

/* mh_rules_new - an empty set, or NULL without memory.  Holds a reference to
 * ctx. */
MH_API mh_rules *mh_rules_new(mh_ctx *ctx);
MH_API void mh_rules_free(mh_rules *rules);

/* mh_rules_add - read rules from memory; name is used in messages only.
 * mh_rules_add_file - the same from a file.
 *
 * A text is taken whole or not at all: MH_ERULES when anything in it is wrong,
 * a sample that its own rule does not win included; then the set is as it was
 * before, and MH_RULES_ERROR, _NAME, _LINE and _COLUMN tell what and where.
 * Others: MH_EIO, MH_ENOMEM, MH_EINVAL, MH_EFROZEN (the set is in use). */
MH_API int mh_rules_add(mh_rules *rules, int layer, const char *name, const void *text, size_t len);
MH_API int mh_rules_add_file(mh_rules *rules, int layer, const char *path);

#define MH_RULES_ERROR 1 /* str: what was wrong, one sentence; "" if nothing */
#define MH_RULES_NAME 2 /* str: in which text */
#define MH_RULES_VERSION 3 /* str: 16 hex digits, equal for equal rules, built-in ones included */
#define MH_RULES_LINE 1 /* int: from 1 */
#define MH_RULES_COLUMN 2 /* int: in octets, from 1 */
#define MH_RULES_COUNT 3 /* int: rules in this set */
#define MH_RULES_BUILTIN 4 /* int: rules built in */
MH_API const char *mh_rules_str(const mh_rules *rules, int field);
MH_API int64_t mh_rules_int(const mh_rules *rules, int field);

/* mh_ctx_use_rules - from now on every parse begun on this context uses this
 * set; NULL goes back to the built-in rules alone.  The swap is atomic: a
 * parse under way in another thread ends with the set it began with.  The
 * context takes a reference; the caller keeps his and may free it. */
MH_API int mh_ctx_use_rules(mh_ctx *ctx, mh_rules *rules);

#ifdef __cplusplus
}
#endif

#endif
