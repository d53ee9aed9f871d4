/* test_logline.c - lib/replies/logline.c, log_*.c and tls_cause.c */
#include "support.h"

#include "logline.h"

/* clang-format off */
struct want {
	const char *name, *line;
	enum mh_log_mta mta;
	enum mh_log_event event;
	enum mh_log_result result;
	enum mh_phase phase;
	const char *id, *to, *orig, *from, *relay, *ip, *dsn, *text, *cause, *stamp, *host, *program; /* NULL: empty; stamp, host, program: not looked at */
	bool remote, inbound;
	int port, delay; /* 0: none; delay in milliseconds */
};

#define SENT .event = MH_EVENT_DELIVERY, .result = MH_RESULT_SENT
#define DEFERRED .event = MH_EVENT_DELIVERY, .result = MH_RESULT_DEFERRED
#define BOUNCED .event = MH_EVENT_DELIVERY, .result = MH_RESULT_BOUNCED
#define EXPIRED .event = MH_EVENT_DELIVERY, .result = MH_RESULT_EXPIRED
#define ATTEMPT .event = MH_EVENT_ATTEMPT
#define REJECT .event = MH_EVENT_REJECT, .inbound = true
#define TLS .event = MH_EVENT_TLS, .phase = MH_PHASE_STARTTLS
#define MESSAGE .event = MH_EVENT_MESSAGE
#define NOTICE .event = MH_EVENT_NOTICE
#define RCPT .phase = MH_PHASE_RCPT
#define REMOTE .remote = true

#define SYSLOG "Nov 20 08:15:10 mail "
#define PF SYSLOG "postfix/smtp[123]: "
#define PFD SYSLOG "postfix/smtpd[124]: "
#define POSTFIX .mta = MH_MTA_POSTFIX
#define SM SYSLOG "sm-mta[2034]: "
#define SENDMAIL .mta = MH_MTA_SENDMAIL
#define EX "2026-11-20 08:15:10 "
#define OLD "1tDabc-0004Xy-7Q"
#define NEW "1tDabc-000000004Xy-7Qrs"
#define EXIM .mta = MH_MTA_EXIM
#define OS SYSLOG "smtpd[4711]: 8f4864084ecc48f4 "
#define OPENSMTPD .mta = MH_MTA_OPENSMTPD
#define TAI "@4000000065f1a2b30a1b2c3d "
#define QMAIL .mta = MH_MTA_QMAIL

static const struct want wanted[] = {
	/* ------------------------------------------------------------ leads */
	{ "syslog's lead", "Nov 20 08:15:10 mail postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, delay=1, dsn=4.4.1, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .dsn = "4.4.1", .text = "x", .delay = 1000,
	  .stamp = "Nov 20 08:15:10", .host = "mail", .program = "postfix/smtp" },
	{ "a single space before the day", "Nov 2 08:15:10 mail postfix/error[1]: 4ABC123: to=<u@example.net>, relay=none, delay=1, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .delay = 1000, .stamp = "Nov 2 08:15:10", .host = "mail", .program = "postfix/error" },
	{ "a year in syslog's time", "Nov 20 2026 08:15:10 mail postfix/error[1]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "Nov 20 2026 08:15:10", .host = "mail", .program = "postfix/error" },
	{ "ISO time, another instance", "2026-11-20T08:15:10.123456+01:00 mx1 postfix-out/smtp[9]: 4Rxyz12KlMz7: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4Rxyz12KlMz7", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "2026-11-20T08:15:10.123456+01:00", .host = "mx1", .program = "postfix-out/smtp" },
	{ "RFC 5424", "<22>1 2026-11-20T08:15:10.123+01:00 mx1 postfix/smtp 123 - - 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "2026-11-20T08:15:10.123+01:00", .host = "mx1", .program = "postfix/smtp" },
	{ "RFC 5424 with data and a mark", "<22>1 2026-11-20T08:15:10Z mx1 postfix/smtp 123 ID7 [a@1 b=\"c\\]\"][d e=\"f\"] \xef\xbb\xbf" "4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .host = "mx1", .program = "postfix/smtp" },
	{ "a priority", "<22>Nov 20 08:15:10 mail postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "Nov 20 08:15:10", .host = "mail", .program = "postfix/smtp" },
	{ "a month of another language", "M\xc3\xa4r 03 08:15:10 mail postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "M\xc3\xa4r 03 08:15:10", .host = "mail" },
	{ "no host", "Nov 20 08:15:10 postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .host = "", .program = "postfix/smtp" },
	{ "neither time nor host", "postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .stamp = "", .host = "", .program = "postfix/smtp" },
	{ "the message alone", "4ABC123: to=<u@example.net>, relay=none, delay=1, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .delay = 1000, .stamp = "", .host = "", .program = "" },
	{ "Solaris", SYSLOG "postfix/smtp[123]: [ID 197553 mail.info] 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x" },
	{ "a time of journald's and two spaces", "2026-11-20T07:15:10.123Z host  postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .host = "host" },
	{ "a date and a clock before a program", "2026-11-20 08:15:10 mail postfix/smtp[123]: 4ABC123: to=<u@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x", .host = "mail", .program = "postfix/smtp" },
	{ "an Exim that logs to syslog", SYSLOG "exim[77]: " OLD " => u@example.net R=r T=t H=mx.example.net [192.0.2.1]",
	  EXIM, SENT, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .program = "exim" },
	{ "an Exim that logs its time to syslog", SYSLOG "exim4[77]: " EX OLD " => u@example.net R=r T=t H=mx.example.net [192.0.2.1]",
	  EXIM, SENT, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .program = "exim4", .stamp = "Nov 20 08:15:10" },
	{ "an Exim with zone, milliseconds and process", "2026-11-20 08:15:10.123 +0100 [1234] " NEW " => u@example.net R=r T=t",
	  EXIM, SENT, .id = NEW, .to = "u@example.net", .stamp = "2026-11-20 08:15:10.123 +0100", .host = "", .program = "" },
	{ "qmail through syslog", SYSLOG "qmail: 1795159200.123456 delivery 7: deferral: x/",
	  QMAIL, DEFERRED, .id = "7", .text = "x/", .host = "mail" },
	{ "qmail with the epoch's seconds", "1795159200.123456 delivery 7: deferral: x/", QMAIL, DEFERRED, .id = "7", .text = "x/", .stamp = "1795159200.123456" },
	/* ---------------------------------------------------------- Postfix */
	{ "Postfix: sent", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, conn_use=2, delay=0.51, delays=0.44/0.01/0.05/0.01, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4XYZ)",
	  POSTFIX, SENT, REMOTE, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "2.0.0", .text = "250 2.0.0 Ok: queued as 4XYZ", .delay = 510 },
	{ "Postfix: no queue id", PF "to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, dsn=5.0.0, status=bounced (host mx.example.net[192.0.2.1] said: 554 no)",
	  POSTFIX, BOUNCED, REMOTE, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "5.0.0", .delay = 1000, .text = "554 no" },
	{ "Postfix: a word in the place of the queue id", PF "<id>: to=<u@example.net>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx.example.net[192.0.2.1]:25: Connection timed out)",
	  POSTFIX, DEFERRED, .phase = MH_PHASE_CONNECT, .to = "u@example.net", .relay = "none", .dsn = "4.4.1", .delay = 1000, .text = "connect to mx.example.net[192.0.2.1]:25: Connection timed out" },
	{ "Postfix: BT's policy", PF "4ABC123: to=<u@btinternet.example>, relay=mx.bt.example[192.0.2.7]:25, delay=1.2, delays=0.1/0/0.6/0.5, dsn=5.0.0, status=bounced (host mx.bt.example[192.0.2.7] said: 554 Message rejected on 2026/11/20 08:15:10 GMT, policy (3.2.1.1) - please see help pages (in reply to end of DATA command))",
	  POSTFIX, BOUNCED, REMOTE, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@btinternet.example", .relay = "mx.bt.example", .ip = "192.0.2.7", .port = 25, .dsn = "5.0.0", .delay = 1200,
	  .text = "554 Message rejected on 2026/11/20 08:15:10 GMT, policy (3.2.1.1) - please see help pages" },
	{ "Postfix: Outlook's blocklist", PF "4ABC123: to=<u@hotmail.example>, relay=hotmail-com.olc.example[192.0.2.8]:25, delay=1, dsn=5.7.1, status=bounced (host hotmail-com.olc.example[192.0.2.8] said: 550 5.7.1 Service unavailable, Client host [198.51.100.2] blocked using Blocklist 1; see https://sendersupport.example (in reply to MAIL FROM command))",
	  POSTFIX, BOUNCED, REMOTE, .phase = MH_PHASE_MAIL, .id = "4ABC123", .to = "u@hotmail.example", .relay = "hotmail-com.olc.example", .ip = "192.0.2.8", .port = 25, .dsn = "5.7.1", .delay = 1000,
	  .text = "550 5.7.1 Service unavailable, Client host [198.51.100.2] blocked using Blocklist 1; see https://sendersupport.example" },
	{ "Postfix: Gmail, flattened", PF "4ABC123: to=<u@gmail.example>, orig_to=<info@example.org>, relay=gmail-smtp-in.example[2001:db8::1b]:25, delay=1, dsn=5.7.26, status=bounced (host gmail-smtp-in.example[2001:db8::1b] said: 550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires SPF or DKIM. 550 5.7.26 ab12 - gsmtp (in reply to end of DATA command))",
	  POSTFIX, BOUNCED, REMOTE, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@gmail.example", .orig = "info@example.org", .relay = "gmail-smtp-in.example", .ip = "2001:db8::1b", .port = 25, .dsn = "5.7.26", .delay = 1000,
	  .text = "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires SPF or DKIM. 550 5.7.26 ab12 - gsmtp" },
	{ "Postfix: refused to talk", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=9, dsn=4.0.0, status=deferred (host mx.example.net[192.0.2.1] refused to talk to me: 421 4.7.0 try later)",
	  POSTFIX, DEFERRED, REMOTE, .phase = MH_PHASE_CONNECT, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "4.0.0", .text = "421 4.7.0 try later", .delay = 9000 },
	{ "Postfix: lost connection", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=9, dsn=4.4.2, status=deferred (lost connection with mx.example.net[192.0.2.1] while receiving the initial server greeting)",
	  POSTFIX, DEFERRED, .phase = MH_PHASE_CONNECT, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "4.4.2", .delay = 9000,
	  .text = "lost connection with mx.example.net[192.0.2.1] while receiving the initial server greeting" },
	{ "Postfix: timed out", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=9, dsn=4.4.2, status=deferred (conversation with mx.example.net[192.0.2.1] timed out while sending end of data -- message may be sent more than once)",
	  POSTFIX, DEFERRED, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "4.4.2", .delay = 9000,
	  .text = "conversation with mx.example.net[192.0.2.1] timed out while sending end of data -- message may be sent more than once" },
	{ "Postfix: suspended, and what was said before", SYSLOG "postfix/error[1]: 4ABC123: to=<u@example.net>, relay=none, delay=9, dsn=4.7.0, status=deferred (delivery temporarily suspended: host mx.example.net[192.0.2.1] said: 421 4.7.0 slow down (in reply to RCPT TO command))",
	  POSTFIX, DEFERRED, RCPT, REMOTE, .id = "4ABC123", .to = "u@example.net", .relay = "none", .dsn = "4.7.0", .text = "421 4.7.0 slow down", .delay = 9000 },
	{ "Postfix: suspended, connection refused", SYSLOG "postfix/retry[1]: 4ABC123: to=<u@example.net>, relay=none, delay=9, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx.example.net[192.0.2.1]:25: Connection refused)",
	  POSTFIX, DEFERRED, .phase = MH_PHASE_CONNECT, .id = "4ABC123", .to = "u@example.net", .relay = "none", .dsn = "4.4.1", .text = "delivery temporarily suspended: connect to mx.example.net[192.0.2.1]:25: Connection refused", .delay = 9000 },
	{ "Postfix: no such domain", PF "4ABC123: to=<u@example.invalid>, relay=none, delay=0.1, dsn=5.4.4, status=bounced (Host or domain name not found. Name service error for name=example.invalid type=A: Host not found)",
	  POSTFIX, BOUNCED, .id = "4ABC123", .to = "u@example.invalid", .relay = "none", .dsn = "5.4.4", .delay = 100, .text = "Host or domain name not found. Name service error for name=example.invalid type=A: Host not found" },
	{ "Postfix: loops back", PF "4ABC123: to=<u@example.net>, relay=none, delay=0, dsn=5.4.6, status=bounced (mail for example.net loops back to myself)",
	  POSTFIX, BOUNCED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .dsn = "5.4.6", .text = "mail for example.net loops back to myself" },
	{ "Postfix: lmtp over a socket", SYSLOG "postfix/lmtp[9]: 4ABC123: to=<u@example.org>, relay=mail.example.org[private/dovecot-lmtp], delay=0.15, dsn=5.2.2, status=bounced (host mail.example.org[private/dovecot-lmtp] said: 552 5.2.2 <u@example.org> Quota exceeded (in reply to end of DATA command))",
	  POSTFIX, BOUNCED, REMOTE, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@example.org", .relay = "mail.example.org", .ip = "private/dovecot-lmtp", .dsn = "5.2.2", .text = "552 5.2.2 <u@example.org> Quota exceeded", .delay = 150 },
	{ "Postfix: pipe", SYSLOG "postfix/pipe[9]: 4ABC123: to=<u@example.org>, relay=dovecot, delay=4, dsn=2.0.0, status=sent (delivered via dovecot service)",
	  POSTFIX, SENT, .id = "4ABC123", .to = "u@example.org", .relay = "dovecot", .dsn = "2.0.0", .text = "delivered via dovecot service", .delay = 4000 },
	{ "Postfix: local", SYSLOG "postfix/local[9]: 4ABC123: to=<u@example.org>, orig_to=<u>, relay=local, delay=4, dsn=5.1.1, status=bounced (unknown user: \"u\")",
	  POSTFIX, BOUNCED, .id = "4ABC123", .to = "u@example.org", .orig = "u", .relay = "local", .dsn = "5.1.1", .text = "unknown user: \"u\"", .delay = 4000 },
	{ "Postfix: an address with an angle bracket", PF "4ABC123: to=<\"a>b\"@example.net>, relay=none, status=deferred (x)",
	  POSTFIX, DEFERRED, .id = "4ABC123", .to = "\"a>b\"@example.net", .relay = "none", .text = "x" },
	{ "Postfix: a dsn that is none", PF "4ABC123: to=<u@example.net>, relay=none, dsn=5.1, status=bounced (x)",
	  POSTFIX, BOUNCED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .text = "x" },
	{ "Postfix: an address probe is no delivery", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=1, dsn=5.1.1, status=undeliverable (host mx.example.net[192.0.2.1] said: 550 5.1.1 no (in reply to RCPT TO command))",
	  POSTFIX, NOTICE, RCPT, REMOTE, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "5.1.1", .text = "550 5.1.1 no", .delay = 1000 },
	{ "Postfix: a line that was cut within the words", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, dsn=5.1.1, status=bounced (host mx.example.net[192.0.2.1] said: 550 5.1.1 no su",
	  POSTFIX, BOUNCED, REMOTE, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "5.1.1", .text = "550 5.1.1 no su" },
	{ "Postfix: one host", PF "4ABC123: host mx.example.net[192.0.2.1] said: 451 4.3.2 no (in reply to MAIL FROM command)",
	  POSTFIX, ATTEMPT, REMOTE, .phase = MH_PHASE_MAIL, .id = "4ABC123", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "451 4.3.2 no" },
	{ "Postfix: one host refused", PF "4ABC123: host mx.example.net[192.0.2.1] refused to talk to me: 554 no",
	  POSTFIX, ATTEMPT, REMOTE, .phase = MH_PHASE_CONNECT, .id = "4ABC123", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "554 no" },
	{ "Postfix: connect to", PF "connect to mx.example.net[2001:db8::1]:25: Network is unreachable",
	  POSTFIX, ATTEMPT, .phase = MH_PHASE_CONNECT, .relay = "mx.example.net", .ip = "2001:db8::1", .port = 25, .text = "connect to mx.example.net[2001:db8::1]:25: Network is unreachable" },
	{ "Postfix: lost connection with one host", PF "4ABC123: lost connection with mx.example.net[192.0.2.1] while sending RCPT TO",
	  POSTFIX, ATTEMPT, RCPT, .id = "4ABC123", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "lost connection with mx.example.net[192.0.2.1] while sending RCPT TO" },
	{ "Postfix: TLS, established", PF "Trusted TLS connection established to mx.example.net[192.0.2.1]:25: TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)",
	  POSTFIX, TLS, .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .text = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)" },
	{ "Postfix: TLS, established with a client", PFD "Anonymous TLS connection established from a.example.com[192.0.2.9]: TLSv1.3 with cipher X",
	  POSTFIX, TLS, .inbound = true, .relay = "a.example.com", .ip = "192.0.2.9", .text = "TLSv1.3 with cipher X" },
	{ "Postfix: no certificate of ours", PFD "warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:../ssl/statem/statem_srvr.c:2220:",
	  POSTFIX, TLS, .inbound = true, .text = "error:0A0000C1:SSL routines::no shared cipher:../ssl/statem/statem_srvr.c:2220:", .cause = "tls.no-certificate" },
	{ "Postfix: SSL_accept", PFD "SSL_accept error from unknown[192.0.2.9]: lost connection",
	  POSTFIX, TLS, .inbound = true, .relay = "unknown", .ip = "192.0.2.9", .text = "SSL_accept error from unknown[192.0.2.9]: lost connection", .cause = "tls.closed-in-handshake" },
	{ "Postfix: a key that cannot be read", PFD "warning: cannot get RSA private key from file \"/etc/key.pem\": disabling TLS support",
	  POSTFIX, TLS, .inbound = true, .text = "cannot get RSA private key from file \"/etc/key.pem\": disabling TLS support", .cause = "smtp.starttls-454" },
	{ "Postfix: SSL_connect", PF "SSL_connect error to mx.example.net[192.0.2.1]:25: Connection timed out",
	  POSTFIX, TLS, .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .text = "SSL_connect error to mx.example.net[192.0.2.1]:25: Connection timed out", .cause = "tls.timeout-in-handshake" },
	{ "Postfix: the peer's alert", PF "warning: TLS library problem: error:0A000410:SSL routines::sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1599:SSL alert number 40:",
	  POSTFIX, TLS, .text = "error:0A000410:SSL routines::sslv3 alert handshake failure:../ssl/record/rec_layer_s3.c:1599:SSL alert number 40:", .cause = "tls.alert-handshake-failure" },
	{ "Postfix: the peer's chain", PF "certificate verification failed for mx.example.net[192.0.2.1]:25: untrusted issuer /C=XX/CN=Some CA",
	  POSTFIX, TLS, .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .text = "certificate verification failed for mx.example.net[192.0.2.1]:25: untrusted issuer /C=XX/CN=Some CA", .cause = "cert.chain-incomplete" },
	{ "Postfix: an expired certificate", PF "server certificate verification failed for mx.example.net[192.0.2.1]:25: certificate has expired",
	  POSTFIX, TLS, .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .text = "server certificate verification failed for mx.example.net[192.0.2.1]:25: certificate has expired", .cause = "cert.expired" },
	{ "Postfix: Cannot start TLS", PF "4ABC123: Cannot start TLS: handshake failure", POSTFIX, TLS, .id = "4ABC123", .text = "Cannot start TLS: handshake failure" },
	{ "Postfix: TLS is not offered", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, dsn=4.7.4, status=deferred (TLS is required, but was not offered by host mx.example.net[192.0.2.1])",
	  POSTFIX, DEFERRED, .phase = MH_PHASE_STARTTLS, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "4.7.4", .text = "TLS is required, but was not offered by host mx.example.net[192.0.2.1]", .cause = "smtp.starttls-not-offered" },
	{ "Postfix: 454", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, dsn=4.7.5, status=deferred (TLS is required, but host mx.example.net[192.0.2.1] refused to start TLS: 454 4.7.0 TLS not available due to local problem)",
	  POSTFIX, DEFERRED, REMOTE, .phase = MH_PHASE_STARTTLS, .id = "4ABC123", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .dsn = "4.7.5", .text = "454 4.7.0 TLS not available due to local problem", .cause = "smtp.starttls-454" },
	{ "Postfix: a soft bounce", PF "4ABC123: to=<u@example.net>, relay=none, dsn=5.1.1, status=SOFTBOUNCE (x)", POSTFIX, DEFERRED, .id = "4ABC123", .to = "u@example.net", .relay = "none", .dsn = "5.1.1", .text = "x" },
	{ "Postfix: a mirror", PF "warning: host mx.example.net[192.0.2.1]:25 greeted me with my own hostname mail.example.org", POSTFIX, NOTICE, .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25,
	  .text = "host mx.example.net[192.0.2.1]:25 greeted me with my own hostname mail.example.org" },
	{ "Postfix: a workaround", PF "4ABC123: enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.example.net[192.0.2.1]:25",
	  POSTFIX, NOTICE, .id = "4ABC123", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 25, .text = "enabling PIX workarounds: disable_esmtp delay_dotcrlf for mx.example.net[192.0.2.1]:25" },
	{ "Postfix: a bounce", SYSLOG "postfix/bounce[1]: 4ABC123: sender non-delivery notification: 4XYZ123", POSTFIX, NOTICE, .id = "4ABC123", .text = "sender non-delivery notification: 4XYZ123" },
	{ "Postfix: a sender", SYSLOG "postfix/qmgr[1]: 4ABC123: from=<a@example.org>, size=1234, nrcpt=1 (queue active)", POSTFIX, MESSAGE, .id = "4ABC123", .from = "a@example.org" },
	{ "Postfix: the null sender", SYSLOG "postfix/qmgr[1]: 4ABC123: from=<>, size=1234, nrcpt=1 (queue active)", POSTFIX, MESSAGE, .id = "4ABC123" },
	{ "Postfix: expired", SYSLOG "postfix/qmgr[1]: 4ABC123: from=<a@example.org>, status=expired, returned to sender", POSTFIX, EXPIRED, .id = "4ABC123", .from = "a@example.org", .text = "returned to sender" },
	{ "Postfix: forced to expire", SYSLOG "postfix/qmgr[1]: 4ABC123: from=<a@example.org>, status=force-expired, returned to sender", POSTFIX, EXPIRED, .id = "4ABC123", .from = "a@example.org", .text = "returned to sender" },
	{ "Postfix: a refusal", PFD "NOQUEUE: reject: RCPT from a.example.com[192.0.2.9]: 554 5.7.1 <u@example.net>: Relay access denied; from=<b@example.com> to=<u@example.net> proto=ESMTP helo=<a.example.com>",
	  POSTFIX, REJECT, RCPT, .to = "u@example.net", .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "554 5.7.1 <u@example.net>: Relay access denied" },
	{ "Postfix: a refusal in the queue", PFD "4ABC123: reject: RCPT from unknown[2001:db8::9]: 450 4.1.1 <u@example.org>: Recipient address rejected; from=<> to=<u@example.org> proto=SMTP helo=<x>",
	  POSTFIX, REJECT, RCPT, .id = "4ABC123", .to = "u@example.org", .relay = "unknown", .ip = "2001:db8::9", .text = "450 4.1.1 <u@example.org>: Recipient address rejected" },
	{ "Postfix: a refusal of postscreen's", SYSLOG "postfix/postscreen[5]: NOQUEUE: reject: RCPT from [192.0.2.9]:50123: 550 5.7.1 Service unavailable; client [192.0.2.9] blocked using zen.example; from=<b@example.com>, to=<u@example.org>, proto=ESMTP, helo=<x>",
	  POSTFIX, REJECT, RCPT, .to = "u@example.org", .from = "b@example.com", .ip = "192.0.2.9", .port = 50123, .text = "550 5.7.1 Service unavailable; client [192.0.2.9] blocked using zen.example" },
	{ "Postfix: a milter's refusal", SYSLOG "postfix/cleanup[5]: 4ABC123: milter-reject: END-OF-MESSAGE from a.example.com[192.0.2.9]: 5.7.1 Spam message rejected; from=<b@example.com> to=<u@example.org> proto=ESMTP helo=<x>",
	  POSTFIX, REJECT, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@example.org", .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "5.7.1 Spam message rejected" },
	{ "Postfix: a header", SYSLOG "postfix/cleanup[5]: 4ABC123: reject: header Subject: win: now from a.example.com[192.0.2.9]; from=<b@example.com> to=<u@example.org> proto=ESMTP helo=<x>: 5.7.1 no lottery here",
	  POSTFIX, REJECT, .phase = MH_PHASE_EOD, .id = "4ABC123", .to = "u@example.org", .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "5.7.1 no lottery here" },
	{ "Postfix: submission has a name of its own", SYSLOG "postfix/submission/smtpd[5]: NOQUEUE: reject: RCPT from a.example.com[192.0.2.9]: 554 5.7.1 no; from=<b@example.com> to=<u@example.net> proto=ESMTP helo=<x>",
	  POSTFIX, REJECT, RCPT, .to = "u@example.net", .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "554 5.7.1 no", .program = "postfix/submission/smtpd" },
	/* --------------------------------------------------------- Sendmail */
	{ "Sendmail: sent", SM "5AK7Fabc012345: to=<u@example.net>,<v@example.net>, ctladdr=<a@example.org> (1000/1000), delay=00:00:02, xdelay=00:00:01, mailer=esmtp, pri=151, relay=mx.example.net. [192.0.2.1], dsn=2.0.0, stat=Sent (2.0.0 Ok: queued)",
	  SENDMAIL, SENT, REMOTE, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .dsn = "2.0.0", .text = "2.0.0 Ok: queued", .delay = 2000 },
	{ "Sendmail: BT's limit", SM "5AK7Fabc012345: to=<u@btinternet.example>, delay=1+01:00:02, xdelay=00:00:01, mailer=esmtp, pri=151, relay=mx.bt.example. [192.0.2.7], dsn=4.0.0, stat=Deferred: 421 Too many messages (1.5.2.1) from 192.0.2.25",
	  SENDMAIL, DEFERRED, REMOTE, .id = "5AK7Fabc012345", .to = "u@btinternet.example", .relay = "mx.bt.example", .ip = "192.0.2.7", .dsn = "4.0.0", .text = "421 Too many messages (1.5.2.1) from 192.0.2.25", .delay = 90002000 },
	{ "Sendmail: no shared cipher", SM "STARTTLS=server, error: accept failed=-1, reason=no shared cipher, SSL_error=1, errno=0, retry=-1, relay=mail-a.example.com [192.0.2.9]",
	  SENDMAIL, TLS, .inbound = true, .relay = "mail-a.example.com", .ip = "192.0.2.9", .text = "no shared cipher", .cause = "tls.no-certificate" },
	{ "Sendmail: no shared cipher, as the library says it", SM "STARTTLS=server: 2034:error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher:s3_srvr.c:1417:",
	  SENDMAIL, TLS, .inbound = true, .text = "2034:error:1408A0C1:SSL routines:ssl3_get_client_hello:no shared cipher:s3_srvr.c:1417:", .cause = "tls.no-certificate" },
	{ "Sendmail: TLS as a client", SM "STARTTLS=client, relay=mx.example.net., version=TLSv1.3, verify=FAIL, cipher=TLS_AES_256_GCM_SHA384, bits=256/256",
	  SENDMAIL, TLS, .relay = "mx.example.net", .text = "relay=mx.example.net., version=TLSv1.3, verify=FAIL, cipher=TLS_AES_256_GCM_SHA384, bits=256/256" },
	{ "Sendmail: TLS failed as a client", SM "STARTTLS=client, error: connect failed=-1, reason=wrong version number, SSL_error=1, errno=0, retry=-1",
	  SENDMAIL, TLS, .text = "wrong version number", .cause = "tls.plaintext-in-tls" },
	{ "Sendmail: its own key", SM "STARTTLS=server, error: SSL_CTX_check_private_key failed(/etc/mail/key.pem): 0",
	  SENDMAIL, TLS, .inbound = true, .text = "error: SSL_CTX_check_private_key failed(/etc/mail/key.pem): 0", .cause = "smtp.starttls-454" },
	{ "Sendmail: its own key as a client", SM "STARTTLS=client, error: SSL_CTX_check_private_key failed(/etc/mail/key.pem): 0",
	  SENDMAIL, TLS, .text = "error: SSL_CTX_check_private_key failed(/etc/mail/key.pem): 0" },
	{ "Sendmail: connection refused", SM "5AK7Fabc012345: to=<u@example.net>, delay=00:10:00, xdelay=00:00:55, mailer=esmtp, pri=3, relay=mx.example.net. [192.0.2.1], dsn=4.0.0, stat=Deferred: Connection refused by mx.example.net.",
	  SENDMAIL, DEFERRED, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .dsn = "4.0.0", .text = "Deferred: Connection refused by mx.example.net.", .delay = 600000 },
	{ "Sendmail: unknown user", SYSLOG "sendmail[1]: 5AK7Fabc012345: to=u, delay=00:00:00, mailer=local, pri=30, relay=local, dsn=5.1.1, stat=User unknown",
	  SENDMAIL, BOUNCED, .id = "5AK7Fabc012345", .to = "u", .relay = "local", .dsn = "5.1.1", .text = "User unknown" },
	{ "Sendmail: the reply beside the word", SM "5AK7Fabc012345: to=<u@example.net>, delay=00:00:01, mailer=esmtp, relay=mx.example.net. [192.0.2.1], dsn=5.1.1, reply=550 5.1.1 <u@example.net>, no such user, stat=User unknown",
	  SENDMAIL, BOUNCED, REMOTE, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .dsn = "5.1.1", .text = "550 5.1.1 <u@example.net>, no such user", .delay = 1000 },
	{ "Sendmail: an address in brackets alone", SYSLOG "sm-msp-queue[1]: 5AK7Fabc012345: to=postmaster, delay=00:00:00, mailer=relay, pri=30, relay=[127.0.0.1] [127.0.0.1], dsn=4.0.0, stat=Deferred: Connection refused by [127.0.0.1]",
	  SENDMAIL, DEFERRED, .id = "5AK7Fabc012345", .to = "postmaster", .relay = "127.0.0.1", .ip = "127.0.0.1", .dsn = "4.0.0", .text = "Deferred: Connection refused by [127.0.0.1]" },
	{ "Sendmail: no to= before the address", SYSLOG "sendmail[1]: 5AK7Fabc012345: u@example.net, ctladdr=a (500/500), delay=00:00:00, mailer=relay, relay=mx.example.net [192.0.2.1], dsn=5.7.1, stat=Service unavailable",
	  SENDMAIL, BOUNCED, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .dsn = "5.7.1", .text = "Service unavailable" },
	{ "Sendmail: a temporary word", SM "5AK7Fabc012345: to=<u@example.net>, relay=mx.example.net. [192.0.2.1], dsn=4.5.0, stat=Remote protocol error",
	  SENDMAIL, DEFERRED, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .dsn = "4.5.0", .text = "Remote protocol error" },
	{ "Sendmail: a refusal", SM "5AK7Fabc012345: ruleset=check_rcpt, arg1=<u@example.net>, relay=a.example.com [192.0.2.9] (may be forged), reject=550 5.7.1 <u@example.net>... Relaying denied",
	  SENDMAIL, REJECT, RCPT, .id = "5AK7Fabc012345", .to = "u@example.net", .relay = "a.example.com", .ip = "192.0.2.9", .text = "550 5.7.1 <u@example.net>... Relaying denied" },
	{ "Sendmail: a refusal of a client", SM "ruleset=check_relay, arg1=[192.0.2.9], arg2=192.0.2.9, relay=[192.0.2.9], reject=550 5.7.1 no",
	  SENDMAIL, REJECT, .phase = MH_PHASE_CONNECT, .relay = "192.0.2.9", .ip = "192.0.2.9", .text = "550 5.7.1 no" },
	{ "Sendmail: a milter's refusal", SM "5AK7Fabc012345: Milter: data, reject=550 5.7.1 spam", SENDMAIL, REJECT, .phase = MH_PHASE_EOD, .id = "5AK7Fabc012345", .text = "550 5.7.1 spam" },
	{ "Sendmail: TLS demanded of a server", SM "ruleset=tls_server, arg1=SOFTWARE, relay=mx.example.net, reject=403 4.7.0 TLS handshake failed.",
	  SENDMAIL, TLS, .relay = "mx.example.net", .text = "403 4.7.0 TLS handshake failed." },
	{ "Sendmail: a sender", SM "5AK7Fabc012345: from=<a@example.org>, size=1234, class=0, nrcpts=1, msgid=<x@example.org>, proto=ESMTP, daemon=MTA, relay=a.example.com [192.0.2.9]",
	  SENDMAIL, MESSAGE, .inbound = true, .id = "5AK7Fabc012345", .from = "a@example.org", .relay = "a.example.com", .ip = "192.0.2.9" },
	{ "Sendmail: a notice", SM "5AK7Fabc012345: 5AK7Fabd012345: DSN: User unknown", SENDMAIL, NOTICE, .id = "5AK7Fabc012345", .text = "User unknown" },
	{ "Sendmail: given up", SM "5AK7Fabc012345: 5AK7Fabd012345: return to sender: Cannot send message for 5 days", SENDMAIL, EXPIRED, .id = "5AK7Fabc012345", .text = "Cannot send message for 5 days" },
	{ "Sendmail: timeout of a peer", SM "5AK7Fabc012345: timeout waiting for input from mx.example.net. during client greeting",
	  SENDMAIL, ATTEMPT, .phase = MH_PHASE_CONNECT, .id = "5AK7Fabc012345", .relay = "mx.example.net", .text = "timeout waiting for input from mx.example.net. during client greeting" },
	{ "Sendmail: a client that went away", SM "5AK7Fabc012345: lost input channel from a.example.com [192.0.2.9] to MTA after rcpt",
	  SENDMAIL, NOTICE, .inbound = true, .id = "5AK7Fabc012345", .relay = "a.example.com", .ip = "192.0.2.9", .text = "lost input channel from a.example.com [192.0.2.9] to MTA after rcpt" },
	/* ------------------------------------------------------------- Exim */
	{ "Exim: bounced", EX OLD " ** u@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1] X=TLS1.3:X:256 CV=yes: SMTP error from remote mail server after RCPT TO:<u@example.net>: 550 5.1.1 no such user",
	  EXIM, BOUNCED, RCPT, REMOTE, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "550 5.1.1 no such user" },
	{ "Exim: the host behind the words", EX OLD " ** u@example.net R=dnslookup T=remote_smtp: SMTP error from remote mail server after MAIL FROM:<a@example.org> SIZE=99: host mx.example.net [192.0.2.1]: 550-5.7.1 one\\n550 5.7.1 two",
	  EXIM, BOUNCED, REMOTE, .phase = MH_PHASE_MAIL, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "550-5.7.1 one\\n550 5.7.1 two" },
	{ "Exim: deferred", EX NEW " == u@example.net R=dnslookup T=remote_smtp defer (-44) H=mx.example.net [192.0.2.1]:26 DT=1s: SMTP error from remote mail server after pipelined end of data: 451 4.7.1 greylisted",
	  EXIM, DEFERRED, REMOTE, .phase = MH_PHASE_EOD, .id = NEW, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .port = 26, .text = "451 4.7.1 greylisted" },
	{ "Exim: deferred with an errno", EX OLD " == u@example.net R=dnslookup T=remote_smtp defer (110): Connection timed out H=mx.example.net [192.0.2.1]: SMTP timeout after initial connection",
	  EXIM, DEFERRED, .phase = MH_PHASE_CONNECT, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "SMTP timeout after initial connection" },
	{ "Exim: no host was tried", EX OLD " == u@example.net R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host for 'example.net'",
	  EXIM, DEFERRED, .id = OLD, .to = "u@example.net", .text = "retry time not reached for any host for 'example.net'" },
	{ "Exim: refused connection", EX OLD " == u@example.net R=dnslookup T=remote_smtp defer (111): Connection refused", EXIM, DEFERRED, .id = OLD, .to = "u@example.net", .text = "Connection refused" },
	{ "Exim: routing", EX OLD " == u@example.net routing defer (-51): retry time not reached", EXIM, DEFERRED, .id = OLD, .to = "u@example.net", .text = "retry time not reached" },
	{ "Exim: given up", EX OLD " ** u@example.net: retry timeout exceeded", EXIM, BOUNCED, .id = OLD, .to = "u@example.net", .text = "retry timeout exceeded" },
	{ "Exim: unroutable", EX OLD " ** u@example.net <info@example.org>: Unrouteable address", EXIM, BOUNCED, .id = OLD, .to = "u@example.net", .orig = "info@example.org", .text = "Unrouteable address" },
	{ "Exim: sent", EX OLD " => u@example.net <info@example.org> F=<a@example.org> P=<a@example.org> R=dnslookup T=remote_smtp S=1234 H=mx.example.net [2001:db8::1] X=TLS1.3:X:256 CV=yes DN=\"CN=mx.example.net\" C=\"250 2.0.0 Ok: queued as \\\"x\\\" y\" QT=1m2s DT=0.5s",
	  EXIM, SENT, REMOTE, .id = OLD, .to = "u@example.net", .orig = "info@example.org", .from = "a@example.org", .relay = "mx.example.net", .ip = "2001:db8::1", .text = "250 2.0.0 Ok: queued as \\\"x\\\" y", .delay = 62000 },
	{ "Exim: another address of the same delivery", EX OLD " -> v@example.net R=dnslookup T=remote_smtp H=mx.example.net [192.0.2.1] C=\"250 OK\"", EXIM, SENT, REMOTE, .id = OLD, .to = "v@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "250 OK" },
	{ "Exim: cutthrough", EX OLD " >> u@example.net R=r T=t H=mx.example.net [192.0.2.1] C=\"250 OK\"", EXIM, SENT, REMOTE, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "250 OK" },
	{ "Exim: a pipe", EX OLD " => |/usr/bin/filter <u@example.org> R=r T=pipe", EXIM, SENT, .id = OLD, .to = "|/usr/bin/filter", .orig = "u@example.org" },
	{ "Exim: a pipe with arguments", EX OLD " ** |/bin/sh -c x <u@example.org> R=r T=pipe: Child process returned 1", EXIM, BOUNCED, .id = OLD, .to = "|/bin/sh -c x", .orig = "u@example.org", .text = "Child process returned 1" },
	{ "Exim: as if", EX OLD " *> u@example.net R=r T=t H=mx.example.net [192.0.2.1]", EXIM, NOTICE, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1" },
	{ "Exim: a quoted local part", EX OLD " => \"a b\"@example.net R=r T=t", EXIM, SENT, .id = OLD, .to = "\"a b\"@example.net" },
	{ "Exim: lmtp", EX OLD " ** u@example.org R=r T=lmtp: LMTP error after end of data: 552 5.2.2 full", EXIM, BOUNCED, REMOTE, .phase = MH_PHASE_EOD, .id = OLD, .to = "u@example.org", .text = "552 5.2.2 full" },
	{ "Exim: an old word", EX OLD " ** u@example.net R=r T=t: SMTP error from remote mailer after RCPT TO:<u@example.net>: host mx.example.net [192.0.2.1]: 550 no", EXIM, BOUNCED, RCPT, REMOTE, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "550 no" },
	{ "Exim: TLS is required", EX OLD " == u@example.net R=r T=t defer (-38) H=mx.example.net [192.0.2.1]: a TLS session is required, but the server did not offer TLS support",
	  EXIM, DEFERRED, .phase = MH_PHASE_STARTTLS, .id = OLD, .to = "u@example.net", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "a TLS session is required, but the server did not offer TLS support", .cause = "smtp.starttls-not-offered" },
	{ "Exim: a message", EX OLD " <= a@example.org H=a.example.com (helo) [192.0.2.9]:4321 P=esmtps X=TLS1.3:X:256 CV=no S=1234 id=x@example.org", EXIM, MESSAGE, .inbound = true, .id = OLD, .from = "a@example.org", .relay = "a.example.com", .ip = "192.0.2.9", .port = 4321 },
	{ "Exim: a bounce's message", EX OLD " <= <> R=1tDabb-0004Xy-7Q U=exim P=local S=1234", EXIM, MESSAGE, .id = OLD },
	{ "Exim: one host, message known", EX OLD " H=mx.example.net [192.0.2.1]: SMTP error from remote mail server after RCPT TO:<u@example.net>: 451 4.7.1 later", EXIM, ATTEMPT, RCPT, REMOTE, .id = OLD, .relay = "mx.example.net", .ip = "192.0.2.1", .text = "451 4.7.1 later" },
	{ "Exim: one host did not answer", EX OLD " H=mx.example.net [192.0.2.1] Connection timed out", EXIM, ATTEMPT, .phase = MH_PHASE_CONNECT, .id = OLD, .relay = "mx.example.net", .ip = "192.0.2.1", .text = "Connection timed out" },
	{ "Exim: the same, long ago", EX OLD " mx.example.net [192.0.2.1] Connection refused", EXIM, ATTEMPT, .phase = MH_PHASE_CONNECT, .id = OLD, .relay = "mx.example.net", .ip = "192.0.2.1", .text = "Connection refused" },
	{ "Exim: a refusal", EX "H=a.example.com (helo) [192.0.2.9]:4321 F=<b@example.com> rejected RCPT <u@example.net>: relay not permitted", EXIM, REJECT, RCPT, .to = "u@example.net", .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .port = 4321, .text = "relay not permitted" },
	{ "Exim: a refusal for now", EX "H=(helo) [192.0.2.9] F=<b@example.com> temporarily rejected RCPT <u@example.org>: greylisted", EXIM, REJECT, RCPT, .to = "u@example.org", .from = "b@example.com", .ip = "192.0.2.9", .text = "greylisted" },
	{ "Exim: a refusal of the message", EX OLD " H=a.example.com [192.0.2.9] F=<b@example.com> rejected after DATA: spam: yes", EXIM, REJECT, .phase = MH_PHASE_EOD, .id = OLD, .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "spam: yes" },
	{ "Exim: a refusal of a greeting", EX "H=a.example.com [192.0.2.9] rejected EHLO or HELO x: no", EXIM, REJECT, .phase = MH_PHASE_HELO, .relay = "a.example.com", .ip = "192.0.2.9", .text = "no" },
	{ "Exim: TLS with a client, OpenSSL", EX "TLS error on connection from a.example.com (helo) [192.0.2.9] (SSL_accept): error:0A0000C1:SSL routines::no shared cipher", EXIM, TLS, .inbound = true, .relay = "a.example.com", .ip = "192.0.2.9", .text = "(SSL_accept): error:0A0000C1:SSL routines::no shared cipher", .cause = "tls.no-certificate" },
	{ "Exim: TLS with a client, GnuTLS", EX "TLS error on connection from [192.0.2.9]:4321 (gnutls_handshake): A TLS packet with unexpected length was received.", EXIM, TLS, .inbound = true, .ip = "192.0.2.9", .port = 4321, .text = "(gnutls_handshake): A TLS packet with unexpected length was received.", .cause = "tls.closed-in-handshake" },
	{ "Exim: TLS with a host", EX OLD " H=mx.example.net [192.0.2.1]: TLS session: (SSL_connect): error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed: unable to get local issuer certificate", EXIM, TLS, .id = OLD, .relay = "mx.example.net", .ip = "192.0.2.1", .cause = "cert.chain-incomplete",
	  .text = "TLS session: (SSL_connect): error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed: unable to get local issuer certificate" },
	/* -------------------------------------------------------- OpenSMTPD */
	{ "OpenSMTPD: bounced", OS "mta delivery evpid=7077717e797a776e from=<a@example.org> to=<u@example.net> rcpt=<info@example.org> source=\"198.51.100.2\" relay=\"192.0.2.1 (mx.example.net)\" delay=1m5s result=\"PermFail\" stat=\"550 5.1.1 \"u\" is unknown\"",
	  OPENSMTPD, BOUNCED, REMOTE, .id = "7077717e797a776e", .to = "u@example.net", .orig = "info@example.org", .from = "a@example.org", .relay = "mx.example.net", .ip = "192.0.2.1", .text = "550 5.1.1 \"u\" is unknown", .delay = 65000 },
	{ "OpenSMTPD: an older form", OS "mta event=delivery evpid=7077717e797a776e from=<a@example.org> to=<u@example.net> rcpt=<-> source=\"198.51.100.2\" relay=\"192.0.2.1 (192.0.2.1)\" delay=1s result=\"TempFail\" stat=\"421 4.7.0 later\"",
	  OPENSMTPD, DEFERRED, REMOTE, .id = "7077717e797a776e", .to = "u@example.net", .from = "a@example.org", .relay = "192.0.2.1", .ip = "192.0.2.1", .text = "421 4.7.0 later", .delay = 1000 },
	{ "OpenSMTPD: a still older form", SYSLOG "smtpd[4711]: relay: TempFail for 7077717e797a776e: session=8f4864084ecc48f4, from=<a@example.org>, to=<u@example.net>, rcpt=<->, source=198.51.100.2, relay=192.0.2.1 (mx.example.net), delay=1s, stat=421 4.7.0 later, please",
	  OPENSMTPD, DEFERRED, REMOTE, .id = "7077717e797a776e", .to = "u@example.net", .from = "a@example.org", .ip = "192.0.2.1", .text = "421 4.7.0 later, please", .delay = 1000 },
	{ "OpenSMTPD: its own words", SYSLOG "smtpd[4711]: 0000000000000000 mta delivery evpid=7077717e797a776e from=<a@example.org> to=<u@example.net> rcpt=<-> source=\"-\" relay=\"example.net\" delay=1s result=\"TempFail\" stat=\"Network error on destination MXs\"",
	  OPENSMTPD, DEFERRED, .id = "7077717e797a776e", .to = "u@example.net", .from = "a@example.org", .relay = "example.net", .text = "Network error on destination MXs", .delay = 1000 },
	{ "OpenSMTPD: a loop", OS "mta delivery evpid=7077717e797a776e from=<> to=<u@example.net> rcpt=<-> source=\"-\" relay=\"-\" delay=1s result=\"LoopDetected\" stat=\"Loop detected\"",
	  OPENSMTPD, BOUNCED, .id = "7077717e797a776e", .to = "u@example.net", .text = "Loop detected", .delay = 1000 },
	{ "OpenSMTPD: local", OS "mda delivery evpid=7077717e797a776e from=<a@example.org> to=<u@example.org> rcpt=<u@example.org> user=u delay=0s result=Ok stat=Delivered",
	  OPENSMTPD, SENT, .id = "7077717e797a776e", .to = "u@example.org", .orig = "u@example.org", .from = "a@example.org", .text = "Delivered" },
	{ "OpenSMTPD: expired", OS "mta delivery evpid=7077717e797a776e from=<a@example.org> to=<u@example.net> result=\"Expire\" stat=\"Envelope expired\"",
	  OPENSMTPD, EXPIRED, .id = "7077717e797a776e", .to = "u@example.net", .from = "a@example.org", .text = "Envelope expired" },
	{ "OpenSMTPD: a refusal", OS "smtp failed-command command=\"RCPT TO:<u@example.net>\" result=\"550 Invalid recipient: <u@example.net>\"", OPENSMTPD, REJECT, RCPT, .to = "u@example.net", .text = "550 Invalid recipient: <u@example.net>" },
	{ "OpenSMTPD: a refusal, older", OS "smtp event=failed-command address=192.0.2.9 host=a.example.com command=\"MAIL FROM:<b@example.com>\" result=\"550 no\"", OPENSMTPD, REJECT, .phase = MH_PHASE_MAIL, .from = "b@example.com", .relay = "a.example.com", .ip = "192.0.2.9", .text = "550 no" },
	{ "OpenSMTPD: a refusal at once", OS "smtp failed-command command=\"\" result=\"550 no rDNS\"", OPENSMTPD, REJECT, .phase = MH_PHASE_CONNECT, .text = "550 no rDNS" },
	{ "OpenSMTPD: no TLS", OS "mta error reason=TLS required but not supported by remote host", OPENSMTPD, TLS, .text = "TLS required but not supported by remote host", .cause = "smtp.starttls-not-offered" },
	{ "OpenSMTPD: an error", OS "mta error reason=Connection timeout", OPENSMTPD, ATTEMPT, .text = "Connection timeout" },
	{ "OpenSMTPD: an error of TLS", OS "mta error reason=IO Error: SSL routines:ssl3_read_bytes:sslv3 alert handshake failure", OPENSMTPD, TLS, .text = "IO Error: SSL routines:ssl3_read_bytes:sslv3 alert handshake failure", .cause = "tls.alert-handshake-failure" },
	{ "OpenSMTPD: TLS", OS "mta tls ciphers=TLSv1.3:TLS_AES_256_GCM_SHA384:256", OPENSMTPD, TLS, .text = "TLSv1.3:TLS_AES_256_GCM_SHA384:256" },
	/* ------------------------------------------------------------ qmail */
	{ "qmail: success", TAI "delivery 8: success: 192.0.2.1_accepted_message./Remote_host_said:_250_2.0.0_Ok:_queued_as_4ABC/", QMAIL, SENT, REMOTE, .id = "8", .ip = "192.0.2.1", .text = "250_2.0.0_Ok:_queued_as_4ABC" },
	{ "qmail: local", TAI "delivery 8: success: did_0+0+1/", QMAIL, SENT, .id = "8", .text = "did_0+0+1/" },
	{ "qmail: failure", TAI "delivery 8: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_550-5.1.1_one/550_5.1.1_two/Giving_up_on_192.0.2.1./", QMAIL, BOUNCED, RCPT, REMOTE, .id = "8", .ip = "192.0.2.1", .text = "550-5.1.1_one/550_5.1.1_two" },
	{ "qmail: the sender", TAI "delivery 8: failure: Connected_to_192.0.2.1_but_sender_was_rejected./Remote_host_said:_550_no/", QMAIL, BOUNCED, REMOTE, .phase = MH_PHASE_MAIL, .id = "8", .ip = "192.0.2.1", .text = "550_no" },
	{ "qmail: the greeting", TAI "delivery 8: deferral: Connected_to_192.0.2.1_but_greeting_failed./Remote_host_said:_421_busy/", QMAIL, DEFERRED, REMOTE, .phase = MH_PHASE_CONNECT, .id = "8", .ip = "192.0.2.1", .text = "421_busy" },
	{ "qmail: the name", TAI "delivery 8: failure: Connected_to_192.0.2.1_but_my_name_was_rejected./Remote_host_said:_501_no/", QMAIL, BOUNCED, REMOTE, .phase = MH_PHASE_HELO, .id = "8", .ip = "192.0.2.1", .text = "501_no" },
	{ "qmail: DATA", TAI "delivery 8: deferral: 192.0.2.1_failed_on_DATA_command./Remote_host_said:_451_no/Giving_up_on_192.0.2.1./", QMAIL, DEFERRED, REMOTE, .phase = MH_PHASE_DATA, .id = "8", .ip = "192.0.2.1", .text = "451_no" },
	{ "qmail: the message", TAI "delivery 8: failure: 192.0.2.1_failed_after_I_sent_the_message./Remote_host_said:_554_see_https://example.net/why?x/", QMAIL, BOUNCED, REMOTE, .phase = MH_PHASE_EOD, .id = "8", .ip = "192.0.2.1", .text = "554_see_https://example.net/why?x" },
	{ "qmail: its own words", TAI "delivery 8: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/", QMAIL, DEFERRED, .id = "8", .dsn = "4.4.1", .text = "Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/" },
	{ "qmail: the connection died", TAI "delivery 8: deferral: Connected_to_192.0.2.1_but_connection_died._(#4.4.2)/", QMAIL, DEFERRED, .id = "8", .ip = "192.0.2.1", .dsn = "4.4.2", .text = "Connected_to_192.0.2.1_but_connection_died._(#4.4.2)/" },
	{ "qmail: given up", TAI "delivery 8: failure: 192.0.2.1_does_not_like_recipient./Remote_host_said:_450_later/Giving_up_on_192.0.2.1./I'm_not_going_to_try_again;_this_message_has_been_in_the_queue_too_long./", QMAIL, EXPIRED, RCPT, REMOTE, .id = "8", .ip = "192.0.2.1", .text = "450_later" },
	{ "qmail: a start", TAI "starting delivery 8: msg 93869 to remote u@example.net", QMAIL, .event = MH_EVENT_START, .id = "8", .to = "u@example.net", .text = "93869" },
	{ "qmail: a message", TAI "info msg 93869: bytes 2343 from <a@example.org> qp 18695 uid 49491", QMAIL, MESSAGE, .id = "93869", .from = "a@example.org" },
	{ "qmail: a bounce", TAI "bounce msg 93869 qp 18700", QMAIL, NOTICE, .id = "93869", .text = "bounce msg 93869 qp 18700" },
};

/* Lines that are nothing to us. */
static const char *const nothing[] = {
	"", " ", "x", "-- MARK --", "Nov 20 08:15:10", "Nov 20 08:15:10 ", "Nov 20 08:15:10 mail", "Nov 20 08:15:10 mail postfix/smtp[123]",
	SYSLOG "last message repeated 2 times", PF "4ABC123: to=<u@example.net>, relay=mx.example.net[192.0.2.1]:25, delay=0.51",
	SYSLOG "postfix/qmgr[1]: 4ABC123: removed", SYSLOG "postfix/qmgr[1]: 4ABC123: skipped, still being delivered",
	PFD "connect from a.example.com[192.0.2.9]", PFD "disconnect from a.example.com[192.0.2.9] ehlo=1 quit=1 commands=2",
	PFD "4ABC123: client=a.example.com[192.0.2.9]", PFD "lost connection after AUTH from unknown[192.0.2.9]",
	PFD "warning: unknown[192.0.2.9]: SASL LOGIN authentication failed: UGFzc3dvcmQ6",
	PFD "warning: hostname a.example.com does not resolve to address 192.0.2.9",
	SYSLOG "postfix/cleanup[1]: 4ABC123: message-id=<x@example.org>", SYSLOG "postfix/anvil[1]: statistics: max cache size 2 at Nov 20 08:10:00",
	SYSLOG "postfix/pickup[1]: 4ABC123: uid=0 from=<root>", SYSLOG "postfix/scache[1]: statistics: start interval Nov 20 08:10:00",
	SYSLOG "postfix/master[1]: daemon started -- version 3.7.11, configuration /etc/postfix",
	SYSLOG "postfix/tlsproxy[1]: CONNECT from [192.0.2.9]:1234", SYSLOG "postfix/postscreen[1]: PASS NEW [192.0.2.9]:1234",
	SYSLOG "dovecot: imap-login: Login: user=<u>, method=PLAIN, rip=192.0.2.9", SYSLOG "sshd[1]: Failed password for root from 192.0.2.9",
	SYSLOG "opendkim[1]: 4ABC123: DKIM-Signature field added", SYSLOG "kernel: [1.234] x", SYSLOG "smtpd[4711]: info: OpenSMTPD starting",
	OS "smtp connected address=192.0.2.9 host=a.example.com", OS "smtp disconnected reason=quit", OS "mta connecting address=smtp://192.0.2.1:25 host=mx.example.net",
	OS "mta connected", OS "mta disconnected reason=quit messages=1",
	SM "starting daemon (8.17.1): SMTP+queueing@00:10:00", SM "5AK7Fabc012345: to=<u@example.net>, mailer=esmtp, pri=151, stat=queued",
	SM "5AK7Fabc012345: Milter insert (1): header: X: y", SM "AUTH=server, relay=a.example.com [192.0.2.9], authid=u, mech=PLAIN, bits=0",
	EX OLD " Completed", EX "Start queue run: pid=1234", EX "no host name found for IP address 192.0.2.9",
	EX "SMTP connection from [192.0.2.9]:1234 (TCP/IP connection count = 1)", EX "H=a.example.com [192.0.2.9] Warning: x", EX "exim 4.96 daemon started: pid=1, -q30m",
	TAI "status: local 0/10 remote 1/20", TAI "new msg 93869", TAI "end msg 93869", TAI "delivery 8: perhaps: x", TAI "delivery x: success: y",
	"8f4864084ecc48f4", "<22>", "<22>1 ", "<22>1 2026-11-20T08:15:10Z a b c", "[1234] x", "@", "postfix/smtp[", "::::::::", "4ABC123: x",
};

static const char *const causes[][2] = {
	{ "no shared cipher", "tls.no-certificate" }, { "error:1417A0C1:SSL routines:tls_post_process_client_hello:no shared cipher", "tls.no-certificate" },
	{ "No Shared Cipher", "tls.no-certificate" }, { "no shared cipher; server certificate type RSA", "tls.no-common-cipher" },
	{ "error:0A000076:SSL routines::no suitable signature algorithm", "tls.no-common-cipher" }, { "Could not negotiate a supported cipher suite.", "tls.no-common-cipher" },
	{ "error:0A000102:SSL routines::unsupported protocol", "tls.old-protocol-only" }, { "tlsv1 alert protocol version", "tls.old-protocol-only" },
	{ "A packet with illegal or unsupported version was received: unsupported version packet", "tls.old-protocol-only" },
	{ "error:0A00018A:SSL routines::dh key too small", "tls.weak-dh" }, { "The Diffie-Hellman prime sent by the server is not acceptable (not long enough)", "tls.weak-dh" },
	{ "error:0A00010B:SSL routines::wrong version number", "tls.plaintext-in-tls" }, { "An unexpected TLS packet was received.", "tls.plaintext-in-tls" },
	{ "sslv3 alert certificate expired", "cert.expired" }, { "certificate has expired", "cert.expired" }, { "self-signed certificate", "cert.self-signed" },
	{ "self signed certificate in certificate chain", "cert.chain-incomplete" }, { "tlsv1 alert unknown ca", "cert.chain-incomplete" },
	{ "hostname mismatch", "cert.name-mismatch" }, { "EE certificate key too weak", "cert.weak-key" }, { "ee key too small", "cert.weak-key" }, { "CA md too weak", "cert.weak-signature" },
	{ "peer did not return a certificate", "tls.client-cert-required" }, { "tlsv13 alert certificate required", "tls.client-cert-required" },
	{ "tlsv1 unrecognized name", "tls.sni-intolerant" }, { "sslv3 alert handshake failure", "tls.alert-handshake-failure" }, { "tlsv1 alert internal error", "tls.alert-internal-error" },
	{ "TLS Negotiation failed: generic::failed_precondition: starttls error (0): protocol error", "tls.alert-handshake-failure" },
	{ "unexpected eof while reading", "tls.closed-in-handshake" }, { "The TLS connection was non-properly terminated.", "tls.closed-in-handshake" },
	{ "Connection timed out", "tls.timeout-in-handshake" }, { "454 4.7.0 TLS not available due to local problem", "smtp.starttls-454" },
	{ "x509 certificate routines:X509_check_private_key:key values mismatch", "smtp.starttls-454" }, { "Cannot start TLS: handshake failure", "" }, { "", "" }, { "-1", "" },
};

static const struct {
	enum mh_log_coding coding;
	const char *text, *decoded;
} codings[] = {
	{ MH_CODING_NONE, "a_b/c\\nd", "a_b/c\\nd" },
	{ MH_CODING_QMAIL, "550-a_b/550_c", "550-a b\n550 c" },
	{ MH_CODING_QMAIL, "550_see_http://example.net/550/x/", "550 see http://example.net/550/x\n" },
	{ MH_CODING_QMAIL, "a./Remote_host_said:_b/Giving_up_on_c./", "a.\nRemote host said: b\nGiving up on c.\n" },
	{ MH_CODING_EXIM, "550-a_b\\n550 c\\", "550-a_b\r\n550 c\\" },
	{ MH_CODING_EXIM, "\\n", "\r\n" },
};
/* clang-format on */

static const char *
or_empty(const char *z)
{
	return z != NULL ? z : "";
}

/* inside - a span is of the line */
static void
inside(struct mh_str span, struct mh_str line)
{
	assert_non_null(span.p);
	if (span.len > 0)
		assert_true(span.p >= line.p && span.p + span.len <= line.p + line.len);
}

static void
all_inside(const struct mh_logline *out, struct mh_str line)
{
	const struct mh_str spans[] = { out->stamp, out->host, out->program, out->queue_id, out->recipient,
		out->orig_recipient, out->sender, out->relay, out->relay_ip, out->dsn, out->text };
	for (size_t i = 0; i < MH_COUNT(spans); i++)
		inside(spans[i], line);
	assert_true(out->mta > MH_MTA_NONE && out->mta <= MH_MTA_QMAIL);
	assert_true(out->event > MH_EVENT_NONE && out->event <= MH_EVENT_NOTICE);
	assert_true(out->result <= MH_RESULT_EXPIRED && out->phase < MH_PHASE_COUNT);
	assert_true((out->result != MH_RESULT_NONE) == (out->event == MH_EVENT_DELIVERY));
	assert_true(out->relay_port >= -1 && out->relay_port <= 65535);
	assert_true(out->delay_ms >= -1);
	assert_non_null(out->cause);
}

static void
lines_are_taken_to_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(wanted); i++) {
		const struct want *want = &wanted[i];
		const char *name = want->name;
		struct mh_logline got;
		size_t len = strlen(want->line);
		char *copy = guard_copy(want->line, len);
		struct mh_str line = mh_str_n(copy, len);
		test_check(name, mh_logline_read(line, &got));
		all_inside(&got, line);
		test_number(name, got.mta, want->mta);
		test_number(name, got.event, want->event);
		test_number(name, got.result, want->result);
		test_number(name, got.phase, want->phase);
		test_number(name, got.remote, want->remote);
		test_number(name, got.inbound, want->inbound);
		test_number(name, got.relay_port, want->port != 0 ? want->port : -1);
		test_number(name, got.delay_ms < 0 ? 0 : got.delay_ms, want->delay);
		test_span(name, got.queue_id, mh_str_z(or_empty(want->id)));
		test_span(name, got.recipient, mh_str_z(or_empty(want->to)));
		test_span(name, got.orig_recipient, mh_str_z(or_empty(want->orig)));
		test_span(name, got.sender, mh_str_z(or_empty(want->from)));
		test_span(name, got.relay, mh_str_z(or_empty(want->relay)));
		test_span(name, got.relay_ip, mh_str_z(or_empty(want->ip)));
		test_span(name, got.dsn, mh_str_z(or_empty(want->dsn)));
		test_span(name, got.text, mh_str_z(or_empty(want->text)));
		test_span(name, mh_str_z(got.cause), mh_str_z(or_empty(want->cause)));
		if (want->stamp != NULL)
			test_span(name, got.stamp, mh_str_z(want->stamp));
		if (want->host != NULL)
			test_span(name, got.host, mh_str_z(want->host));
		if (want->program != NULL)
			test_span(name, got.program, mh_str_z(want->program));
		guard_free(copy, len);
	}
}

static void
other_lines_are_nothing(void **state)
{
	struct mh_logline got;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(nothing); i++) {
		size_t len = strlen(nothing[i]);
		char *copy = guard_copy(nothing[i], len);
		test_check(nothing[i], !mh_logline_read(mh_str_n(copy, len), &got));
		guard_free(copy, len);
	}
}

static void
causes_are_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(causes); i++) {
		size_t len = strlen(causes[i][0]);
		char *copy = guard_copy(causes[i][0], len);
		test_span(causes[i][0], mh_str_z(mh_tls_cause(mh_str_n(copy, len))), mh_str_z(causes[i][1]));
		guard_free(copy, len);
	}
}

static void
texts_are_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(codings); i++) {
		struct mh_logline line = { .coding = (uint8_t)codings[i].coding,
			.text = mh_str_z(codings[i].text) };
		char to[256];
		memset(to, '#', sizeof(to));
		mh_logline_decode(&line, to);
		test_span(codings[i].text, mh_str_n(to, line.text.len), mh_str_z(codings[i].decoded));
		assert_int_equal(to[line.text.len], '#');
	}
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_logline got;
	char text[2048];
	(void)arg;
	if (!mh_logline_read(s, &got))
		return;
	all_inside(&got, s);
	assert_true(got.text.len <= sizeof(text));
	mh_logline_decode(&got, text);
}

static void
mangled_lines_are_harmless(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(wanted); i++)
		test_mangled(mh_str_z(wanted[i].line), look, NULL);
	for (size_t i = 0; i < MH_COUNT(nothing); i++)
		test_mangled(mh_str_z(nothing[i]), look, NULL);
}

static void
pieces_of_lines_in_any_order_are_harmless(void **state)
{
	struct test_random random = { 7 };
	static char line[4096];
	(void)state;
	for (int round = 0; round < 200000; round++) {
		size_t len = 0;
		for (int piece = 0; piece < 4; piece++) {
			const char *from = wanted[test_random_below(&random, MH_COUNT(wanted))].line;
			size_t all = strlen(from), begin = test_random_below(&random, all);
			size_t count = test_random_below(&random, all - begin) + 1;
			if (piece == 0)
				begin = 0;
			memcpy(line + len, from + begin, count);
			len += count;
		}
		look(mh_str_n(line, len), NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_taken_to_pieces),
		cmocka_unit_test(other_lines_are_nothing),
		cmocka_unit_test(causes_are_named),
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(mangled_lines_are_harmless),
		cmocka_unit_test(pieces_of_lines_in_any_order_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
