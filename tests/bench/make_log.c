/* make_log.c - mail logs of any size, the same for the same seed
 *
 * See usage below.  Time runs with the octets written, some 64 messages are
 * always on their way and their lines are mixed, one line in six or seven is a
 * delivery.  With --limit the deliveries of a world of
 * tests/replies/throttle_world.h stand among the rest.
 *
 * Hosts are those that receivers have; their addresses, and all mail
 * addresses, are of documentation networks and example domains.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../replies/throttle_world.h"

static const char usage[] =
    "mailhealth-make-log --octets N [options] - writes a mail log of about N octets to stdout\n"
    "\n"
    "  --mta NAME          postfix (default), sendmail, exim, opensmtpd, qmail, mixed\n"
    "  --octets N          how much; k, M and G may follow the number\n"
    "  --seed S            the same number gives the same log (default 1)\n"
    "  --days D            days that the log covers (default 7)\n"
    "  --time syslog|iso   how Postfix, Sendmail and OpenSMTPD lines begin (default syslog, without a year)\n"
    "\n"
    "A receiver that counts, or one that defers for other reasons:\n"
    "\n"
    "  --limit N           so many messages are taken; 0: a receiver without a limit that defers now and "
    "then\n"
    "  --per day|hour|SECONDS   in this time (default day)\n"
    "  --limited-at NAME   bt (default), microsoft, yahoo, google, orange, t-online\n"
    "  --noise K           per mille of the usual disturbances (default 1000; 0: a clean world)\n"
    "  --tell              what the world is, on stderr\n"
    "\n"
    "The first day is 1 November 2026, with --limit one that the seed draws.\n";

enum mta { POSTFIX, SENDMAIL, EXIM, OPENSMTPD, QMAIL, MTAS };
enum result { SENT, DEFERRED, BOUNCED };
enum { FLYING = 64, BUFFER = 1 << 20, LINES_MAX = 8192, PEOPLE = 200000 };

/* clang-format off */
static const struct receiver {
	const char *name, *domain, *mx, *ip, *queued; /* the reply to a message taken, a number in the middle */
	const char *too_many;
} receivers[] = {
	{ "google", "gmail.example", "gmail-smtp-in.l.google.com", "192.0.2.26", "250 2.0.0 OK  1764230400 # - gsmtp",
	    "421 4.7.28 Unusual rate of mail from 192.0.2.25. To protect our users, mail from your IP address has been temporarily rate limited. - gsmtp" },
	{ "microsoft", "outlook.example", "outlook-com.olc.protection.outlook.com", "192.0.2.33", "250 2.6.0 <#@example.org> Queued mail for delivery",
	    "451 4.7.650 The mail server [192.0.2.25] has been temporarily rate limited due to IP reputation. (S775)" },
	{ "yahoo", "yahoo.example", "mta5.am0.yahoodns.net", "192.0.2.77", "250 ok dirdel #",
	    "421 4.7.0 [TSS04] Messages from 192.0.2.25 temporarily deferred due to unexpected volume - 4.16.55.1" },
	{ "bt", "btinternet.example", "mx.bt.lon5.cpcloud.co.uk", "192.0.2.88", "250 #-1 Message accepted for delivery",
	    "421 Too many messages (1.5.2.1) from 192.0.2.25" },
	{ "orange", "orange.example", "smtp-in.orange.fr", "198.51.100.12", "250 2.0.0 # mail accepted for delivery",
	    "421 4.7.0 opmta1mti38nd1 Trop de messages recus de 192.0.2.25, veuillez reessayer plus tard. OFR_104 [104]" },
	{ "t-online", "t-online.example", "mx03.t-online.de", "198.51.100.40", "250 2.0.0 # Message accepted.",
	    "421 4.7.0 IP=192.0.2.25 - Too many messages, please try again later. (TOM)" },
	{ "", "firma.example", "mx1.firma.example", "203.0.113.5", "250 2.0.0 Ok: queued as #", NULL },
	{ "", "shop.example", "mail.shop.example", "203.0.113.17", "250 OK id=1tF#-000000-1z", NULL },
	{ "", "verein.example", "mx.verein.example", "203.0.113.80", "250 2.0.0 # Message accepted for delivery", NULL },
	{ "", "school.example", "mx0.school.example", "203.0.113.121", "250 ok # qp 4711", NULL },
};

static const struct {
	int result;
	const char *status, *text; /* "%": the recipient */
} refusals[] = {
	{ BOUNCED, "5.1.1", "550 5.1.1 The email account that you tried to reach does not exist. Please check the address - gsmtp" },
	{ BOUNCED, "5.1.1", "550 5.1.1 <%>: Recipient address rejected: User unknown in virtual mailbox table" },
	{ BOUNCED, "5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient % not found by SMTP address lookup" },
	{ BOUNCED, "5.7.26", "550 5.7.26 This mail has been blocked because the sender is unauthenticated. SPF [example.net] with ip: [192.0.2.25] = did not pass - gsmtp" },
	{ BOUNCED, "5.7.1", "550 5.7.1 Unfortunately, messages from [192.0.2.25] weren't sent. Part of their network is on our block list (S3150)." },
	{ BOUNCED, "5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.25] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.25" },
	{ BOUNCED, "5.0.0", "554 Transaction failed, message content refused (#5.3.0)" },
	{ BOUNCED, "5.2.2", "552 5.2.2 <%>: mailbox is full" },
	{ BOUNCED, "5.7.9", "554 5.7.9 Message not accepted for policy reasons." },
	{ BOUNCED, "5.4.1", "550 5.4.1 Recipient address rejected: Access denied." },
	{ BOUNCED, "5.0.0", "550 OFR_506 adresse d au moins un destinataire invalide" },
	{ BOUNCED, "5.7.0", "554 IP=192.0.2.25 - A problem occurred. (Ask your postmaster for help)" },
	{ BOUNCED, "5.3.4", "552 5.3.4 Message size exceeds fixed limit" },
	{ DEFERRED, "4.2.0", "450 4.2.0 <%>: Recipient address rejected: Greylisted, try again in 300 seconds" },
	{ DEFERRED, "4.7.1", "451 4.7.1 Greylisting in action, please come back later" },
	{ DEFERRED, "4.2.2", "452 4.2.2 The recipient's inbox is out of storage space. - gsmtp" },
	{ DEFERRED, "4.3.2", "451 4.3.2 Temporary server error. Please try again later" },
	{ DEFERRED, "4.2.1", "450 4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend later. - gsmtp" },
	{ DEFERRED, "4.3.1", "452 4.3.1 Insufficient system storage" },
	{ DEFERRED, "4.7.0", "421 4.7.0 Try again later, closing connection. - gsmtp" },
	{ DEFERRED, "4.7.5", "454 4.7.5 Certificate validation failure" },
	{ DEFERRED, "4.1.8", "450 4.1.8 <news@example.net>: Sender address rejected: Domain not found" },
	{ DEFERRED, "4.4.1", NULL }, /* the receiver did not answer */
};

static const char *const others[] = {
	"dovecot: imap-login: Login: user=<user@example.org>, method=PLAIN, rip=203.0.113.9, lip=192.0.2.25, mpid=#, TLS, session=<abcd#>",
	"dovecot: imap(user@example.org)<#><abcd>: Disconnected: Logged out in=241 out=1742 deleted=0 expunged=0 trashed=0 hdr_count=0",
	"dovecot: lmtp(user@example.org)<#><x>: sieve: msgid=<a#@example.org>: stored mail into mailbox 'INBOX'",
	"postfix/postscreen[#]: CONNECT from [203.0.113.200]:51123 to [192.0.2.25]:25",
	"postfix/postscreen[#]: PREGREET 11 after 0.05 from [203.0.113.200]:51123: EHLO User\\r\\n",
	"postfix/postscreen[#]: DISCONNECT [203.0.113.200]:51123",
	"postfix/anvil[#]: statistics: max connection rate 2/60s for (smtp:203.0.113.77) at Nov 10 08:00:00",
	"postfix/anvil[#]: statistics: max cache size 4 at Nov 10 08:03:20",
	"postfix/smtpd[#]: NOQUEUE: reject: RCPT from unknown[203.0.113.66]: 554 5.7.1 <spam@example.net>: Relay access denied; from=<x@example.net> to=<y@example.com> proto=ESMTP helo=<ylmf-pc>",
	"postfix/smtpd[#]: warning: hostname dyn.example.net does not resolve to address 203.0.113.66",
	"postfix/smtpd[#]: warning: unknown[203.0.113.99]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
	"postfix/smtps/smtpd[#]: Anonymous TLS connection established from unknown[203.0.113.9]: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
	"opendkim[#]: DKIM-Signature field added (s=mail, d=example.org)",
	"rspamd[#]: <abcd>; proxy; rspamd_task_write_log: id: <a#@example.org>, qid: <4F1A2B>, ip: 203.0.113.9, from: <user@example.org>, (default: F (no action): [-0.10/15.00] [])",
	"systemd[1]: Started Session # of User root.",
	"CRON[#]: (root) CMD (test -x /usr/sbin/anacron || run-parts --report /etc/cron.hourly)",
};
/* clang-format on */

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct message {
	uint64_t id;
	uint32_t person, size;
	int mta, stage, receiver, refusal; /* refusal -1: taken */
	bool forwarded, twice; /* to two people */
};

static struct {
	char *buffer, *at;
	uint64_t written; /* before the buffer's content */
	struct world_random random;
	int64_t now, stamped;
	char syslog[40], iso[48], exim[32], tai[32];
	size_t syslog_len, iso_len, exim_len, tai_len;
	bool use_iso;
	int mta;
} out;

/* --------------------------------------------------------------------------- writing */

static void
flush(void)
{
	const char *from = out.buffer;
	out.written += (uint64_t)(out.at - out.buffer);
	while (from < out.at) {
		ssize_t n = write(STDOUT_FILENO, from, (size_t)(out.at - from));
		if (n <= 0)
			exit(n < 0 ? 74 : 0); /* the reader has gone */
		from += n;
	}
	out.at = out.buffer;
}

static inline void
put_n(const char *p, size_t len)
{
	memcpy(out.at, p, len);
	out.at += len;
}

#define PUT(literal) put_n((literal), sizeof(literal) - 1)

static inline void
put(const char *z)
{
	put_n(z, strlen(z));
}

static inline void
put_number(uint64_t value)
{
	char digits[20];
	size_t at = sizeof(digits);
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	put_n(digits + at, sizeof(digits) - at);
}

static inline void
put_hex(uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
		*out.at++ = "0123456789ABCDEF"[value >> 4 * i & 15];
}

static inline void
put_lower_hex(uint64_t value, int digits)
{
	for (int i = digits - 1; i >= 0; i--)
		*out.at++ = "0123456789abcdef"[value >> 4 * i & 15];
}

/* put_id - the message's queue id as its MTA writes it */
static void
put_id(const struct message *message)
{
	static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	uint64_t id = message->id * UINT64_C(0x9e3779b97f4a7c15);
	switch (message->mta) {
	case POSTFIX:
		put_hex(id >> 24, 10);
		return;
	case SENDMAIL:
		PUT("6B");
		*out.at++ = letters[10 + id % 22];
		put_number(100000000 + (message->id + id % 7 * 100000007) % 899999999);
		return;
	case OPENSMTPD:
		put_lower_hex(id, 16);
		return;
	case QMAIL:
		put_number(1000000 + message->id % 8999999);
		return;
	default:
		PUT("1t");
		for (int i = 0; i < 4; i++, id /= 62)
			*out.at++ = letters[id % 62];
		PUT("-000");
		for (int i = 0; i < 3; i++, id /= 62)
			*out.at++ = letters[id % 62];
		PUT("-");
		*out.at++ = letters[message->id / 62 % 62];
		*out.at++ = letters[message->id % 62];
	}
}

static void
put_person(const struct message *message)
{
	PUT("user");
	put_number(message->person);
	PUT("@");
	put(receivers[message->receiver].domain);
}

/* put_template - '#' becomes a number, '%' the recipient; with blank given, blanks become that */
static void
put_template(const char *text, const struct message *message, uint64_t number, char blank)
{
	char *from = out.at;
	for (;;) {
		size_t len = strcspn(text, "#%");
		put_n(text, len);
		text += len;
		if (*text == '\0')
			break;
		if (*text++ == '#')
			put_number(number);
		else
			put_person(message);
	}
	for (; blank != ' ' && from < out.at; from++)
		if (*from == ' ')
			*from = blank;
}

static void
civil(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

/* stamp - the time at the beginning of a line, and the host */
static void
stamp(int64_t t, int mta)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	if (t != out.stamped) {
		int year, month, day, second = (int)(t % 86400);
		civil(t / 86400, &year, &month, &day);
		out.syslog_len =
		    (size_t)snprintf(out.syslog, sizeof(out.syslog), "%.3s %2d %02d:%02d:%02d mail ",
			months + 3 * (month - 1), day, second / 3600, second / 60 % 60, second % 60);
		out.iso_len = (size_t)snprintf(out.iso, sizeof(out.iso),
		    "%04d-%02d-%02dT%02d:%02d:%02d.%06u+00:00 mail ", year % 10000, month, day, second / 3600,
		    second / 60 % 60, second % 60, (unsigned)(t * 7919 % 1000000));
		out.exim_len = (size_t)snprintf(out.exim, sizeof(out.exim), "%04d-%02d-%02d %02d:%02d:%02d ",
		    year % 10000, month, day, second / 3600, second / 60 % 60, second % 60);
		out.tai_len = (size_t)snprintf(out.tai, sizeof(out.tai), "@%016" PRIx64 "%08x ",
		    (uint64_t)t + (UINT64_C(1) << 62) + 10, (unsigned)(t * 7919 % 1000000000));
		out.stamped = t;
	}
	if (mta == EXIM)
		put_n(out.exim, out.exim_len);
	else if (mta == QMAIL)
		put_n(out.tai, out.tai_len);
	else if (out.use_iso)
		put_n(out.iso, out.iso_len);
	else
		put_n(out.syslog, out.syslog_len);
}

/* ------------------------------------------------------------------------- deliveries */

static void
put_reply(const struct message *message, const char *text, char blank)
{
	if (text != NULL)
		put_template(text, message, message->id % 9999999, blank);
	else if (message->refusal >= 0)
		put_template("Connection timed out", message, 0, blank);
	else
		put_template(receivers[message->receiver].queued, message, message->id % 9999999, blank);
}

/* delivery - the line that tells what became of a recipient; text NULL: taken, or no answer */
static void
delivery(const struct message *message, int result, const char *status, const char *text)
{
	const struct receiver *to = &receivers[message->receiver];
	uint64_t delay = message->id % 900;
	switch (message->mta) {
	case POSTFIX:
		PUT("postfix/smtp[");
		put_number(2000 + message->id % 40);
		PUT("]: ");
		put_id(message);
		PUT(": to=<");
		put_person(message);
		if (message->forwarded) {
			PUT(">, orig_to=<info");
			put_number(message->person % 50);
			PUT("@example.org");
		}
		PUT(">, relay=");
		if (text == NULL && result != SENT) {
			PUT("none");
		} else {
			put(to->mx);
			PUT("[");
			put(to->ip);
			PUT("]:25");
		}
		PUT(", delay=");
		put_number(1 + delay / 100);
		PUT(".");
		put_number(delay % 100);
		PUT(", delays=0.02/0.01/0.");
		put_number(10 + delay % 90);
		PUT("/0.");
		put_number(20 + delay % 70);
		PUT(", dsn=");
		put(status);
		put(result == SENT           ? ", status=sent ("
			: result == DEFERRED ? ", status=deferred ("
					     : ", status=bounced (");
		if (result != SENT && text == NULL) {
			PUT("connect to ");
			put(to->mx);
			PUT("[");
			put(to->ip);
			PUT("]:25: ");
		} else if (result != SENT) {
			PUT("host ");
			put(to->mx);
			PUT("[");
			put(to->ip);
			PUT("] said: ");
		}
		put_reply(message, text, ' ');
		put(result == SENT || text == NULL ? ")" : " (in reply to RCPT TO command))");
		break;
	case SENDMAIL:
		PUT("sendmail[");
		put_number(2000 + message->id % 4000);
		PUT("]: ");
		put_id(message);
		PUT(": to=<");
		put_person(message);
		PUT(">, delay=00:00:0");
		put_number(1 + delay % 9);
		PUT(", xdelay=00:00:01, mailer=esmtp, pri=1");
		put_number(20000 + delay);
		PUT(", relay=");
		put(to->mx);
		PUT(". [");
		put(to->ip);
		PUT("], dsn=");
		put(status);
		if (result == SENT) {
			PUT(", stat=Sent (");
			put_reply(message, text, ' ');
			PUT(")");
		} else if (text == NULL) {
			put(result == DEFERRED ? ", stat=Deferred: " : ", stat=");
			put_reply(message, text, ' ');
		} else {
			PUT(", reply=");
			put_reply(message, text, ' ');
			if (result == DEFERRED) {
				PUT(", stat=Deferred: ");
				put_reply(message, text, ' ');
			} else {
				PUT(", stat=Service unavailable");
			}
		}
		break;
	case EXIM:
		put_id(message);
		put(result == SENT ? " => " : result == DEFERRED ? " == " : " ** ");
		put_person(message);
		PUT(" R=dnslookup T=remote_smtp");
		put(result == DEFERRED ? text == NULL ? " defer (110)" : " defer (-44)" : "");
		PUT(" H=");
		put(to->mx);
		PUT(" [");
		put(to->ip);
		PUT("]");
		if (result == SENT) {
			PUT(" X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=yes C=\"");
			put_reply(message, text, ' ');
			PUT("\"");
		} else if (text == NULL) {
			PUT(": ");
			put_reply(message, text, ' ');
		} else {
			PUT(": SMTP error from remote mail server after RCPT TO:<");
			put_person(message);
			PUT(">: ");
			put_reply(message, text, ' ');
		}
		break;
	case OPENSMTPD:
		PUT("smtpd[811]: ");
		put_id(message);
		PUT(" mta delivery evpid=");
		put_id(message);
		PUT(" from=<news@example.org> to=<");
		put_person(message);
		PUT("> rcpt=<-> source=\"192.0.2.25\" relay=\"");
		put(to->ip);
		PUT(" (");
		put(to->mx);
		PUT(")\" delay=");
		put_number(1 + delay / 100);
		put(result == SENT           ? "s result=\"Ok\" stat=\""
			: result == DEFERRED ? "s result=\"TempFail\" stat=\""
					     : "s result=\"PermFail\" stat=\"");
		put_reply(message, text, ' ');
		PUT("\"");
		break;
	default:
		PUT("delivery ");
		put_number(message->id);
		put(result == SENT ? ": success: " : result == DEFERRED ? ": deferral: " : ": failure: ");
		if (result != SENT && text == NULL) {
			PUT("Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/");
			break;
		}
		put(to->ip);
		put(result == SENT ? "_accepted_message./Remote_host_said:_"
				   : "_does_not_like_recipient./Remote_host_said:_");
		put_reply(message, text, '_');
		put(result == SENT ? "/"
			: result == DEFERRED
			? "/I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./"
			: "/Giving_up_on_");
		if (result == DEFERRED)
			out.at -=
			    sizeof(
				"I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./") -
			    1;
		if (result == BOUNCED) {
			put(to->ip);
			PUT("./");
		}
	}
	PUT("\n");
}

/* ----------------------------------------------------------------- a message's other lines */

static void
postfix_line(const struct message *message)
{
	uint64_t host = message->id * 2654435761u >> 8;
	switch (message->stage) {
	case 0:
		PUT("postfix/smtpd[");
		put_number(3000 + host % 20);
		PUT("]: connect from client");
		put_number(host % 90);
		PUT(".example.net[203.0.113.");
		put_number(host % 90);
		PUT("]");
		break;
	case 1:
		PUT("postfix/smtpd[");
		put_number(3000 + host % 20);
		PUT("]: ");
		put_id(message);
		PUT(": client=client");
		put_number(host % 90);
		PUT(".example.net[203.0.113.");
		put_number(host % 90);
		PUT("], sasl_method=PLAIN, sasl_username=user");
		put_number(host % 300);
		PUT("@example.org");
		break;
	case 2:
		PUT("postfix/cleanup[");
		put_number(3100 + host % 9);
		PUT("]: ");
		put_id(message);
		PUT(": message-id=<");
		put_hex(message->id * UINT64_C(0x2545f4914f6cdd1d), 16);
		PUT(".");
		put_number(message->id);
		PUT("@mail.example.org>");
		break;
	case 3:
		PUT("postfix/qmgr[812]: ");
		put_id(message);
		PUT(": from=<user");
		put_number(host % 300);
		PUT("@example.org>, size=");
		put_number(message->size);
		put(message->twice ? ", nrcpt=2 (queue active)" : ", nrcpt=1 (queue active)");
		break;
	case 4:
		PUT("postfix/smtp[");
		put_number(2000 + message->id % 40);
		PUT("]: Trusted TLS connection established to ");
		put(receivers[message->receiver].mx);
		PUT("[");
		put(receivers[message->receiver].ip);
		PUT("]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)");
		break;
	case 6:
		PUT("postfix/qmgr[812]: ");
		put_id(message);
		PUT(": removed");
		break;
	default:
		PUT("postfix/smtpd[");
		put_number(3000 + host % 20);
		PUT("]: disconnect from client");
		put_number(host % 90);
		PUT(".example.net[203.0.113.");
		put_number(host % 90);
		PUT("] ehlo=2 starttls=1 auth=1 mail=1 rcpt=1 data=1 quit=1 commands=8");
	}
}

static void
sendmail_line(const struct message *message)
{
	PUT("sendmail[");
	put_number(2000 + message->id % 4000);
	PUT("]: ");
	put_id(message);
	if (message->stage < 3) {
		PUT(": from=<user");
		put_number(message->id % 300);
		PUT("@example.org>, size=");
		put_number(message->size);
		PUT(", class=0, nrcpts=1, msgid=<");
		put_number(message->id);
		PUT("@mail.example.org>, proto=ESMTP, daemon=MTA, relay=client.example.net [203.0.113.9]");
	} else if (message->stage == 4) {
		PUT(": STARTTLS=client, relay=");
		put(receivers[message->receiver].mx);
		PUT("., version=TLSv1.3, verify=OK, cipher=TLS_AES_256_GCM_SHA384, bits=256/256");
	} else {
		PUT(": done; delay=00:00:01, ntries=1");
	}
}

static void
exim_line(const struct message *message)
{
	if (message->stage == 0) {
		PUT("SMTP connection from client.example.net [203.0.113.9] (TCP/IP connection count = 2)");
		return;
	}
	put_id(message);
	if (message->stage < 6) {
		PUT(" <= user");
		put_number(message->id % 300);
		PUT("@example.org H=client.example.net [203.0.113.9] P=esmtpsa "
		    "X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__"
		    "AES_256_GCM:256 CV=no A=plain:user S=");
		put_number(message->size);
		PUT(" id=");
		put_number(message->id);
		PUT("@mail.example.org");
	} else {
		PUT(" Completed");
	}
}

static void
opensmtpd_line(const struct message *message)
{
	PUT("smtpd[811]: ");
	put_id(message);
	switch (message->stage) {
	case 0:
		PUT(" smtp connected address=203.0.113.9 host=client.example.net");
		break;
	case 1:
		PUT(" smtp tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256");
		break;
	case 2:
		PUT(" smtp message msgid=");
		put_lower_hex(message->id, 8);
		PUT(" size=");
		put_number(message->size);
		PUT(" nrcpt=1 proto=ESMTP");
		break;
	case 3:
		PUT(" mta connecting address=smtp://");
		put(receivers[message->receiver].ip);
		PUT(":25 host=");
		put(receivers[message->receiver].mx);
		break;
	case 4:
		PUT(" mta connected");
		break;
	case 6:
		PUT(" mta disconnected reason=quit messages=1");
		break;
	default:
		PUT(" smtp disconnected reason=quit");
	}
}

static void
qmail_line(const struct message *message)
{
	switch (message->stage) {
	case 0:
		PUT("new msg ");
		put_id(message);
		break;
	case 1:
	case 2:
		PUT("info msg ");
		put_id(message);
		PUT(": bytes ");
		put_number(message->size);
		PUT(" from <user");
		put_number(message->id % 300);
		PUT("@example.org> qp 4711 uid 89");
		break;
	case 3:
		PUT("starting delivery ");
		put_number(message->id);
		PUT(": msg ");
		put_id(message);
		PUT(" to remote ");
		put_person(message);
		break;
	case 7:
		PUT("end msg ");
		put_id(message);
		break;
	default:
		PUT("status: local 0/10 remote ");
		put_number(1 + message->id % 20);
		PUT("/20");
	}
}

static void
line_of(const struct message *message, int64_t t)
{
	stamp(t, message->mta);
	if (message->stage == 5) {
		if (message->refusal < 0)
			delivery(message, SENT, "2.0.0", NULL);
		else
			delivery(message, refusals[message->refusal].result,
			    refusals[message->refusal].status, refusals[message->refusal].text);
		return;
	}
	switch (message->mta) {
	case POSTFIX:
		postfix_line(message);
		break;
	case SENDMAIL:
		sendmail_line(message);
		break;
	case EXIM:
		exim_line(message);
		break;
	case OPENSMTPD:
		opensmtpd_line(message);
		break;
	default:
		qmail_line(message);
	}
	PUT("\n");
}

/* ------------------------------------------------------------------------------- log */

static int
some_mta(uint64_t id)
{
	return out.mta == MTAS ? (int)((id * 2654435761u >> 16) % MTAS) : out.mta;
}

static void
begin_message(struct message *message, uint64_t id, int not_at)
{
	uint64_t r = world_u64(&out.random);
	*message = (struct message){
		.id = id,
		.person = (uint32_t)(r % PEOPLE),
		.size = 900 + (uint32_t)(r >> 20) % 60000,
		.mta = some_mta(id),
		.refusal = -1,
		.forwarded = r >> 60 == 0,
		.twice = (r >> 56 & 15) < 4 && some_mta(id) != QMAIL,
	};
	/* a person has one address */
	message->receiver = (int)(message->person % COUNT(receivers));
	if (message->receiver == not_at)
		message->receiver = (int)COUNT(receivers) - 1;
	if (world_below(&out.random, message->forwarded ? 5 : 12) == 0)
		message->refusal = (int)world_below(&out.random, COUNT(refusals));
}

/* step - the next line of a message; false: it was the last */
static bool
step(struct message *message, int64_t t)
{
	line_of(message, t);
	if (message->stage == 5 && message->twice) {
		message->person = (message->person + (uint32_t)COUNT(receivers)) % PEOPLE;
		message->twice = false;
		return true;
	}
	message->stage++;
	/* some MTAs say less; TLS is told of now and then; what is deferred stays */
	if (message->mta == SENDMAIL && message->stage < 3)
		message->stage = message->stage == 1 ? 4 : 3;
	if (message->mta == EXIM && message->stage == 2)
		message->stage = 5;
	if (message->mta == POSTFIX && message->stage == 4 && message->id % 4 != 0)
		message->stage = 5;
	if (message->mta == POSTFIX && message->stage == 7 && message->id % 2 != 0)
		message->stage = 8;
	if (message->stage == 6 && message->refusal >= 0 && refusals[message->refusal].result == DEFERRED)
		message->stage = message->mta == POSTFIX ? 7 : 8;
	return message->stage <
	    (message->mta == POSTFIX || message->mta == OPENSMTPD || message->mta == QMAIL ? 8 : 7);
}

/* world_line - a delivery of the receiver that counts, and what a message's first and last try brings */
static void
world_line(const struct world_event *event, int receiver)
{
	struct message message = { .id = (UINT64_C(1) << 40) + event->message,
		.refusal = -1,
		.receiver = receiver };
	message.person = (uint32_t)(message.id * 2654435761u % PEOPLE);
	message.size = 4000 + message.person % 9000;
	message.mta = some_mta(message.id);
	for (int stage = 2; stage < 4; stage++) {
		bool wanted = message.mta == QMAIL ? stage == 3
		    : message.mta == OPENSMTPD     ? false
						   : stage == 3;
		message.stage = message.mta == EXIM || message.mta == SENDMAIL ? 1 : stage;
		if (wanted && (event->attempt == 0 || message.mta == QMAIL || message.mta == POSTFIX))
			line_of(&message, event->t);
	}
	stamp(event->t, message.mta);
	if (event->what == WORLD_ACCEPTED)
		delivery(&message, SENT, "2.0.0", NULL);
	else if (event->what == WORLD_LIMITED)
		delivery(&message, DEFERRED, "4.7.0", receivers[receiver].too_many);
	else
		delivery(&message, DEFERRED, "4.3.0", "451 4.3.0 Temporary lookup failure");
	if (event->what == WORLD_ACCEPTED && (message.mta == POSTFIX || message.mta == EXIM)) {
		message.stage = 6;
		line_of(&message, event->t);
	}
}

static void
write_log(uint64_t octets, int64_t begin, int32_t days, const struct world_event *events, size_t count,
    int receiver)
{
	static struct message flying[FLYING];
	uint64_t next = 1, rest = octets, of_world = 0;
	size_t done = 0;
	/* what the world needs is taken off, so that the days end with the octets */
	uint64_t world_octets = (uint64_t)count * 420;
	rest = octets > world_octets + octets / 10 ? octets - world_octets : octets / 10 + 1;
	double pace = (double)days * 86400 / (double)rest;
	for (size_t i = 0; i < FLYING; i++)
		begin_message(&flying[i], next++, receiver);
	for (;;) {
		uint64_t own = out.written + (uint64_t)(out.at - out.buffer) - of_world;
		if (own >= rest)
			break;
		int64_t now = begin + (int64_t)((double)own * pace);
		char *before = out.at;
		for (; done < count && events[done].t <= now; done++) {
			world_line(&events[done], receiver);
			of_world += (uint64_t)(out.at - before);
			if (out.at - out.buffer > BUFFER)
				flush();
			before = out.at;
		}
		uint32_t r = world_below(&out.random, FLYING * 20);
		if (r < FLYING) {
			stamp(now, POSTFIX);
			put_template(others[world_below(&out.random, COUNT(others))], NULL, 1000 + r, ' ');
			PUT("\n");
		}
		struct message *message = &flying[r % FLYING];
		if (!step(message, now))
			begin_message(message, next++, receiver);
		if (out.at - out.buffer > BUFFER)
			flush();
	}
	for (; done < count; done++) {
		world_line(&events[done], receiver);
		if (out.at - out.buffer > BUFFER)
			flush();
	}
	flush();
}

static uint64_t
number(const char *text)
{
	char *end;
	uint64_t value = strtoull(text, &end, 10);
	return value << (*end == 'G' ? 30 : *end == 'M' ? 20 : *end == 'k' ? 10 : 0);
}

int
main(int argc, char **argv)
{
	static const char *const mtas[] = { "postfix", "sendmail", "exim", "opensmtpd", "qmail", "mixed" };
	uint64_t octets = 0, seed = 1;
	uint32_t limit = 0, per_s = 86400, noise = 1000;
	int32_t days = 7;
	int receiver = -1;
	const char *at = "bt";
	bool world_wanted = false, tell = false;
	for (int i = 1; i < argc; i++) {
		const char *option = argv[i];
		if (strcmp(option, "--help") == 0)
			return fputs(usage, stdout) < 0 ? 74 : 0;
		if (strcmp(option, "--tell") == 0) {
			tell = true;
			continue;
		}
		const char *value = i + 1 < argc ? argv[++i] : NULL;
		bool known = value != NULL;
		if (!known)
			;
		else if (strcmp(option, "--octets") == 0)
			octets = number(value);
		else if (strcmp(option, "--seed") == 0)
			seed = number(value);
		else if (strcmp(option, "--days") == 0)
			days = (int32_t)number(value);
		else if (strcmp(option, "--noise") == 0)
			noise = (uint32_t)number(value);
		else if (strcmp(option, "--limited-at") == 0)
			at = value;
		else if (strcmp(option, "--time") == 0)
			out.use_iso = strcmp(value, "iso") == 0;
		else if (strcmp(option, "--per") == 0)
			per_s = strcmp(value, "day") == 0 ? 86400
			    : strcmp(value, "hour") == 0  ? 3600
							  : (uint32_t)number(value);
		else if (strcmp(option, "--limit") == 0) {
			limit = (uint32_t)number(value);
			world_wanted = true;
		} else if (strcmp(option, "--mta") == 0) {
			for (out.mta = 0; out.mta <= MTAS && strcmp(mtas[out.mta], value) != 0;)
				if (++out.mta > MTAS)
					return fputs(usage, stderr), 64;
		} else
			known = false;
		if (!known)
			return fputs(usage, stderr), 64;
	}
	for (size_t i = 0; i < COUNT(receivers); i++)
		if (receivers[i].too_many != NULL && strcmp(receivers[i].name, at) == 0)
			receiver = (int)i;
	if (octets == 0 || days < 1 || days > 3660 || per_s == 0 || receiver < 0)
		return fputs(usage, stderr), 64;
	out.buffer = out.at = malloc(BUFFER + 2 * LINES_MAX);
	if (out.buffer == NULL)
		return 70;
	out.random.state = seed;
	out.stamped = -1;
	struct world world = { .begin = INT64_C(1793491200), .days = days };
	struct world_event *events = NULL;
	size_t count = 0;
	if (world_wanted && limit > 0)
		world_make_limit(&world, seed, limit, per_s, days, noise);
	else if (world_wanted)
		world_make(&world, seed, false, noise);
	if (world_wanted) {
		char told[400];
		world.days = days;
		events = world_run(&world, &count);
		world_tell(&world, told, sizeof(told));
		if (tell)
			(void)fprintf(stderr, "%s\n", told);
	}
	write_log(octets, world.begin, days, events, count, world_wanted ? receiver : -1);
	free(events);
	free(out.buffer);
	return 0;
}
