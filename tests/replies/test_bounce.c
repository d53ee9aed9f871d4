/* test_bounce.c - lib/replies/bounce.c and the files it is made of */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "answering.h"
#include "bounce.h"
#include "text.h"

static struct mh_returned bounce;

static int
setup(void **state)
{
	if (answering_setup(state) != 0)
		return -1;
	mh_returned_init(&bounce, &answering_mem);
	return 0;
}

static int
teardown(void **state)
{
	mh_returned_free(&bounce);
	return answering_teardown(state);
}

static void
read_z(const char *message)
{
	assert_int_equal(mh_returned_read(&bounce, mh_str_z(message)), MH_ERR_OK);
}

/* mail - one of our own messages; the caller frees it */
static char *
mail(const char *name, size_t *len)
{
	char path[512];
	(void)snprintf(path, sizeof(path), "%s/replies/mail/%s.eml", TEST_DATA, name);
	FILE *in = fopen(path, "rb");
	assert_non_null(in);
	char *data = malloc(1u << 16);
	assert_non_null(data);
	*len = fread(data, 1, 1u << 16, in);
	(void)fclose(in);
	return data;
}

/* ------------------------------------------------------------------ whole messages */

static const char *const class_names[] = MH_BC_NAMES;
static const char *const phase_names[] = MH_PHASE_NAMES;

static const struct {
	const char *name;
	size_t count;
	const char *form, *class, *reporting_mta, *message_id, *subject, *sender;
} messages[] = {
	{ "postfix-dsn", 2, "rfc3464", "failed", "mx.kestrel.example", "20231114.1@kestrel.example",
	    "Gr\xc3\xbc\xc3\x9f"
	    "e from the nest",
	    "newsletter@kestrel.example" },
	{ "exim", 2, "exim", "failed", "", "E1qAbC-0001@mail.kestrel.example", "Summer",
	    "dora@kestrel.example" },
	{ "gmail-starttls", 1, "rfc3464", "delayed", "googlemail.com", "CAF1@mail.gmail.example", "Plans",
	    "emil@gmail.example" },
	{ "bt", 1, "rfc3464", "failed", "out.finch.example", "order.77@finch.example", "Your order",
	    "shop@finch.example" },
	{ "outlook-blocklist", 2, "qmail", "failed", "", "20240303.12@wren.example", "Digest 12",
	    "list@wren.example" },
	{ "office365", 1, "rfc3464", "failed", "AB1PR01MB0001.eurprd01.prod.outlook.com", "", "Minutes",
	    "hugo@stork.example" },
	{ "eai", 1, "rfc3464", "failed", "mx.example", "", "", "" },
	{ "arf", 2, "arf", "feedback", "", "o1@lark.example", "Offers", "offers@lark.example" },
	{ "vacation", 1, "", "vacation", "", "", "", "" },
	{ "unknown-mta", 2, "other", "failed", "", "", "", "" },
};

static const struct {
	const char *name;
	size_t i;
	const char *recipient, *orig, *action, *status, *phase, *remote, *text, *reason;
} recipients[] = {
	{ "postfix-dsn", 0, "anna@heron.example", "anna@heron.example", "failed", "5.1.1", "rcpt",
	    "mx1.heron.example", "550 5.1.1 <anna@heron.example>: there is no such mailbox", "user-unknown" },
	{ "postfix-dsn", 1, "ben@heron.example", "team@kestrel.example", "failed", "5.7.1", "eod",
	    "mx1.heron.example", "554-5.7.1 We think this is spam.\n554 5.7.1 See https://heron.example/why",
	    "spam-content" },
	{ "exim", 0, "carla@osprey.example", "friends@kestrel.example", "failed", "", "rcpt",
	    "mx.osprey.example", "550-The account carla has been disabled\n550 since last summer",
	    "user-disabled" },
	{ "exim", 1, "nobody@kestrel.example", "", "failed", "", "", "", "Unrouteable address", NULL },
	{ "gmail-starttls", 0, "post@egret.example", "", "delayed", "4.4.2", "starttls", "mail.egret.example",
	    "TLS Negotiation failed: generic::failed_precondition: starttls error (0): protocol error",
	    "tls-failed" },
	{ "bt", 0, "customer@btinternet.com", "", "failed", "5.0.0", "data", "mx.bt.lon5.cpcloud.co.uk",
	    "554 Message rejected on 2025/02/03 10:00:01 GMT, policy (3.2.1.1) - Your message looks like "
	    "SPAM or "
	    "has been reported as SPAM please check your SPF",
	    "spam-content" },
	{ "outlook-blocklist", 0, "frida@outlook.com", "", "failed", "", "mail", "52.101.73.6",
	    "550 5.7.606 Access denied, banned sending IP [192.0.2.44]. To request removal from this list "
	    "please "
	    "visit https://sender.office.com/ and follow the directions. (AS16012609)",
	    "ip-blocked" },
	{ "outlook-blocklist", 1, "gus@outlook.com", "", "failed", "", "rcpt", NULL,
	    "550 5.7.1 Service unavailable; Client host [192.0.2.44] blocked using Blocklist 1; To request "
	    "removal "
	    "from this list please forward this message to delist@microsoft.com. S3150",
	    "ip-blocklisted" },
	{ "office365", 0, "ida@crane.example", "", "failed", "5.0.350", "", "",
	    "550 5.7.1 Message refused by our local rules", NULL },
	{ "eai", 0, "j\xc3\xb6rg@m\xc3\xbcller.example", "joerg@mueller.example", "failed", "5.1.1", "", "",
	    "550 5.1.1 kein Postfach", "user-unknown" },
	{ "arf", 1, "kim@dove.example", "", "", "", "", "", "", NULL },
	{ "vacation", 0, "lena@robin.example", "", "", "", "", "", NULL, NULL },
	{ "unknown-mta", 0, "olga@teal.example", "", "failed", "", "", "",
	    "452 4.2.2 The box of olga is full", "mailbox-full" },
	{ "unknown-mta", 1, "paul@teal.example", "", "failed", "", "", NULL,
	    "550 5.7.1 Not from your network", NULL },
};

static void
says_what_was_sent(const char *name, size_t i)
{
	test_number(name, bounce.count, messages[i].count);
	test_span(name, mh_str_z(bounce.form), mh_str_z(messages[i].form));
	test_span(name, mh_str_z(class_names[bounce.class]), mh_str_z(messages[i].class));
	test_span(name, bounce.reporting_mta, mh_str_z(messages[i].reporting_mta));
	test_span(name, bounce.message_id, mh_str_z(messages[i].message_id));
	test_span(name, bounce.subject, mh_str_z(messages[i].subject));
	test_span(name, bounce.sender, mh_str_z(messages[i].sender));
}

static void
says_of_recipient(size_t i)
{
	const struct mh_bounced *one = &bounce.recipients[recipients[i].i];
	const char *name = recipients[i].name;
	test_span(name, one->recipient, mh_str_z(recipients[i].recipient));
	test_span(name, one->orig_recipient, mh_str_z(recipients[i].orig));
	test_span(name, one->action, mh_str_z(recipients[i].action));
	test_span(name, one->status, mh_str_z(recipients[i].status));
	test_span(name, mh_str_z(phase_names[one->phase]), mh_str_z(recipients[i].phase));
	if (recipients[i].remote != NULL)
		test_span(name, one->remote_mta, mh_str_z(recipients[i].remote));
	if (recipients[i].text != NULL)
		test_span(name, one->text, mh_str_z(recipients[i].text));
	if (recipients[i].reason == NULL)
		return;
	struct mh_answer_options *options = mh_answer_options(answering);
	*options = (struct mh_answer_options){ .form = MH_FORM_DSN_, .phase = one->phase, .code = one->code };
	assert_true(one->remote_mta.len < sizeof(options->mx));
	memcpy(options->mx, one->remote_mta.p, one->remote_mta.len);
	parse_n(one->text.p, one->text.len);
	says(name, MH_A_REASON, recipients[i].reason);
	*options = (struct mh_answer_options){ 0 };
}

static void
messages_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(messages); i++) {
		size_t len, n = 0;
		char *data = mail(messages[i].name, &len);
		char *crlf = malloc(2 * len);
		for (size_t k = 0; k < len; k++) {
			if (data[k] == '\n')
				crlf[n++] = '\r';
			crlf[n++] = data[k];
		}
		for (int ends = 0; ends < 2; ends++) {
			assert_int_equal(mh_returned_read(&bounce,
					     ends == 0 ? mh_str_n(data, len) : mh_str_n(crlf, n)),
			    MH_ERR_OK);
			says_what_was_sent(messages[i].name, i);
			for (size_t k = 0; k < MH_COUNT(recipients); k++)
				if (strcmp(recipients[k].name, messages[i].name) == 0)
					says_of_recipient(k);
		}
		free(crlf);
		free(data);
	}
}

/* ----------------------------------------------------------------------------- reports */

#define REPORT(fields) \
	"From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nHello.\n--b\n" \
	"Content-Type: message/delivery-status\n\n" fields "\n--b--\n"

static const struct {
	const char *sentence, *message;
	size_t count;
	const char *recipient, *action, *status, *type, *text; /* of the last recipient */
} reports[] = {
	{ "two recipients without an empty line between them",
	    REPORT("Reporting-MTA: dns;a.example\nFinal-Recipient: rfc822;x@b.example\nStatus: 5.1.1\n"
		   "Final-Recipient: rfc822;y@b.example\nStatus: 5.2.2\n"),
	    2, "y@b.example", "failed", "5.2.2", "", NULL },
	{ "an empty line too many",
	    REPORT("Final-Recipient: rfc822;x@b.example\nAction: failed\n\nStatus: 5.1.1\nDiagnostic-Code: "
		   "smtp;550 no\n"),
	    1, "x@b.example", "failed", "5.1.1", "smtp", "550 no" },
	{ "status with words behind it",
	    REPORT("Final-Recipient: rfc822;x@b.example\nStatus: 5.1.1 (no such user)\n"), 1, "x@b.example",
	    "failed", "5.1.1", "", NULL },
	{ "status with the only words",
	    REPORT("Final-Recipient: rfc822;x@b.example\nStatus: 5.4.4 (no such host)\n"), 1, "x@b.example",
	    "failed", "5.4.4", "", "no such host" },
	{ "a diagnostic that is only the first line of what was said",
	    "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\n   ----- "
	    "The following addresses "
	    "had permanent fatal errors -----\n<x@b.example>\n    (reason: 550-5.7.1 One)\n\n   ----- "
	    "Transcript of session "
	    "follows -----\n>>> DATA\n<<< 550-5.7.1 One\n<<< 550 5.7.1 two\n\n--b\nContent-Type: "
	    "message/delivery-status\n\n"
	    "Final-Recipient: rfc822;x@b.example\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: SMTP; "
	    "550-5.7.1 One\n--b--\n",
	    1, "x@b.example", "failed", "5.7.1", "SMTP", "550-5.7.1 One\n550 5.7.1 two" },
	{ "a diagnostic without a type",
	    REPORT("Final-Recipient: rfc822;x@b.example\nAction: failed\nDiagnostic-Code: 550 5.1.1 no; "
		   "really\n"),
	    1, "x@b.example", "failed", "", "", "550 5.1.1 no; really" },
	{ "an address without a type, in brackets", REPORT("Final-Recipient: <x@b.example>\nStatus: 5.0.0\n"),
	    1, "x@b.example", "failed", "5.0.0", "", NULL },
	{ "an address with a comment",
	    REPORT("Final-Recipient: rfc822; x@b.example (Xaver)\nStatus: 5.0.0\n"), 1, "x@b.example",
	    "failed", "5.0.0", "", NULL },
	{ "only the original recipient", REPORT("Original-Recipient: rfc822;x@b.example\nAction: failed\n"),
	    1, "x@b.example", "failed", "", "", NULL },
	{ "an action in other words",
	    REPORT("Final-Recipient: rfc822;x@b.example\nAction: Failure (gave up)\n"), 1, "x@b.example",
	    "failed", "", "", NULL },
	{ "delivered", REPORT("Final-Recipient: rfc822;x@b.example\nAction: delivered\nStatus: 2.1.5\n"), 1,
	    "x@b.example", "delivered", "2.1.5", "", "" },
	{ "relayed", REPORT("Final-Recipient: rfc822;x@b.example\nAction: relayed\nStatus: 2.0.0\n"), 1,
	    "x@b.example", "relayed", "2.0.0", "", "" },
	{ "expanded", REPORT("Final-Recipient: rfc822;x@b.example\nAction: expanded\nStatus: 2.0.0\n"), 1,
	    "x@b.example", "expanded", "2.0.0", "", "" },
	{ "success without an action", REPORT("Final-Recipient: rfc822;x@b.example\nStatus: 2.0.0\n"), 1,
	    "x@b.example", "delivered", "2.0.0", "", "" },
	{ "a reply quoted by the system that bounces",
	    REPORT("Final-Recipient: rfc822;x@b.example\nStatus: 5.1.1\nDiagnostic-Code: smtp; <mx.b.example "
		   "#5.1.1 "
		   "smtp; 550 5.1.1 unknown>\n"),
	    1, "x@b.example", "failed", "5.1.1", "smtp", "550 5.1.1 unknown" },
	{ "a file is told by the address it was made from",
	    "From: MAILER-DAEMON@a.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\n  save to "
	    "/var/x\n"
	    "    generated by x@b.example\n    mailbox is full\n--b\nContent-Type: "
	    "message/delivery-status\n\n"
	    "Final-Recipient: rfc822;/var/x\nStatus: 5.0.0\n--b--\n",
	    1, "x@b.example", "failed", "5.0.0", "", "mailbox is full" },
	{ "a report that is not marked as one",
	    "From: MAILER-DAEMON@a.example\nSubject: Returned mail\n\nReporting-MTA: dns; a.example\n\n"
	    "Final-Recipient: rfc822; x@b.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 "
	    "no\n",
	    1, "x@b.example", "failed", "5.1.1", "smtp", "550 no" },
	{ "a bounce that was forwarded",
	    "From: me@c.example\nSubject: Fwd: help\nContent-Type: multipart/mixed; "
	    "boundary=a\n\n--a\n\nWhat is this?\n"
	    "--a\nContent-Type: message/rfc822\n\n" REPORT(
		"Final-Recipient: rfc822;x@b.example\nAction: failed\nStatus: 5.1.1\n") "--a--\n",
	    1, "x@b.example", "failed", "5.1.1", "", NULL },
	{ "encoded words in a diagnostic",
	    REPORT("Final-Recipient: rfc822;x@b.example\nDiagnostic-Code: smtp; 550 "
		   "=?iso-8859-1?q?gesch=E4ftlich?=\n"),
	    1, "x@b.example", "failed", "", "smtp",
	    "550 gesch\xc3\xa4"
	    "ftlich" },
	{ "an mbox line before it",
	    "From MAILER-DAEMON Thu Jan  1 00:00:00 1970\n" REPORT(
		"Final-Recipient: rfc822;x@b.example\nAction: delayed\nStatus: 4.4.1\n"),
	    1, "x@b.example", "delayed", "4.4.1", "", NULL },
};

static void
reports_are_read_as_they_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(reports); i++) {
		const char *sentence = reports[i].sentence;
		read_z(reports[i].message);
		test_number(sentence, bounce.count, reports[i].count);
		const struct mh_bounced *one = &bounce.recipients[bounce.count - 1];
		test_span(sentence, one->recipient, mh_str_z(reports[i].recipient));
		test_span(sentence, one->action, mh_str_z(reports[i].action));
		test_span(sentence, one->status, mh_str_z(reports[i].status));
		test_span(sentence, one->diagnostic_type, mh_str_z(reports[i].type));
		if (reports[i].text != NULL)
			test_span(sentence, one->text, mh_str_z(reports[i].text));
	}
}

/* -------------------------------------------------------------------------- free forms */

#define BOUNCE "From: MAILER-DAEMON@a.example\nSubject: Undeliverable mail\n\n"

static const struct {
	const char *sentence, *message;
	size_t count;
	const char *recipient, *action, *text; /* of the first recipient */
} texts[] = {
	{ "an address and a reply on one line", BOUNCE "x@b.example: 550 No such user\n", 1, "x@b.example",
	    "failed", "550 No such user" },
	{ "a reply that stands apart",
	    BOUNCE "We could not reach\n\n  x@b.example\n\nThe server said:\n550 5.7.1 Go away\n", 1,
	    "x@b.example", "failed", "550 5.7.1 Go away" },
	{ "a reply before the addresses",
	    BOUNCE "Could not be delivered because of\n\n550 5.1.1 Unknown\n\nRecipients:\n   x@b.example\n  "
		   " y@b.example\n",
	    2, "x@b.example", "failed", "550 5.1.1 Unknown" },
	{ "a transcript: the reply to RCPT",
	    BOUNCE
	    "   ----- Transcript of session follows -----\n>>> RCPT TO:<x@b.example>\n<<< 550 5.1.1 Who?\n",
	    1, "x@b.example", "failed", "550 5.1.1 Who?" },
	{ "a transcript: the reply to DATA is that of who is named next",
	    BOUNCE "   ----- Transcript of session follows -----\n>>> DATA\n<<< 554-One\n<<< 554 Two\n554 "
		   "<x@b.example>... "
		   "Service unavailable\n",
	    1, "x@b.example", "failed", "554-One\n554 Two" },
	{ "a transcript: what the bouncing system knew itself",
	    BOUNCE "   ----- Transcript of session follows -----\n550 b.example (tcp)... 550 Host unknown\n"
		   "554 <x@b.example>... 550 Host unknown (Name server: b.example)\n",
	    1, "x@b.example", "failed", "550 Host unknown (Name server: b.example)" },
	{ "a folded reply that begins with the address",
	    BOUNCE "<x@b.example>: host mx.b.example[192.0.2.1] said: 550\n    <x@b.example>: not here (in "
		   "reply to RCPT TO\n"
		   "    command)\n",
	    1, "x@b.example", "failed", "550 <x@b.example>: not here" },
	{ "a recipient in a sentence",
	    BOUNCE
	    "The server <mx.b.example> rejected recipient <x@b.example>. It said: [550 5.1.1 Unknown]\n",
	    1, "x@b.example", "failed", "550 5.1.1 Unknown" },
	{ "who sent it is no recipient",
	    BOUNCE "A message sent by\n\n  q@a.example\n\ncould not be delivered. This failed:\n\n  "
		   "x@b.example:\n    550 no\n",
	    1, "x@b.example", "failed", "550 no" },
	{ "labels below a reply are not of it",
	    BOUNCE "Delivery failed: x@b.example\n  Error: 550 5.1.1 no\n  Server: mx.b.example\n", 1,
	    "x@b.example", "failed", "550 5.1.1 no" },
	{ "a table",
	    BOUNCE
	    "Recipient Status Detail\nx@b.example   FAILED   550 5.1.1 no\ny@b.example   FAILED   552 full\n",
	    2, "x@b.example", "failed", "550 5.1.1 no" },
	{ "whom to ask is no recipient",
	    BOUNCE "<x@b.example>: 550 no\n\nFor help please send mail to <post@a.example>\n", 1,
	    "x@b.example", "failed", "550 no" },
	{ "words without a reply",
	    BOUNCE "<x@b.example>:\nSorry, I couldn't find any host named b.example. (#5.1.2)\n", 1,
	    "x@b.example", "failed", "Sorry, I couldn't find any host named b.example. (#5.1.2)" },
	{ "the returned message is not read",
	    BOUNCE "<x@b.example>: 550 no\n\n--- Original message follows.\n\n"
		   "Received: x\nTo: y@b.example\n\ny@b.example: 550 yes\n",
	    1, "x@b.example", "failed", "550 no" },
	{ "no heading before the returned message",
	    BOUNCE "<x@b.example>: 550 no\n\nReceived: from q; x\nTo: y@b.example\n\ny@b.example: 550 yes\n",
	    1, "x@b.example", "failed", "550 no" },
	{ "HTML alone",
	    "From: MAILER-DAEMON@a.example\nSubject: Undeliverable mail\nContent-Type: text/html\n\n"
	    "<html><p>Sorry:</p><p>&lt;x@b.example&gt;:<br>550 5.1.1 no</p></html>\n",
	    1, "x@b.example", "failed", "550 5.1.1 no" },
	{ "a warning",
	    "From: MAILER-DAEMON@a.example\nSubject: Warning: message delayed 24 hours\n\n"
	    "The message has not yet been delivered to:\n\n  x@b.example\n    Delay reason: connection "
	    "refused\n",
	    1, "x@b.example", "delayed", "Delay reason: connection refused" },
	{ "who failed is named in the header alone",
	    "X-Failed-Recipients: x@b.example, y@b.example\nFrom: MAILER-DAEMON@a.example\nSubject: "
	    "Oh\n\nSorry: 550 5.1.1 no\n",
	    2, "x@b.example", "failed", "550 5.1.1 no" },
	{ "nobody is named but in the returned message",
	    BOUNCE
	    "Your mail was refused: 550 5.7.1 no\n\n--- Original message follows.\n\nFrom: q@a.example\n"
	    "To: Xaver <x@b.example>\n\n",
	    1, "x@b.example", "failed", "550 5.7.1 no" },
	{ "a status without a code",
	    BOUNCE "The following message to <x@b.example> was undeliverable.\n\n5.1.0 - Unknown address "
		   "error 550-'no box'\n",
	    1, "x@b.example", "failed", "5.1.0 - Unknown address error 550-'no box'" },
	{ "Japanese",
	    "From: MAILER-DAEMON@a.example\nSubject: Undeliverable mail\nContent-Type: text/plain; "
	    "charset=iso-2022-jp"
	    "\n\n\x1b$BF|K\\\x1b(B\n\n<x@b.example>:\n550 no\n",
	    1, "x@b.example", "failed", "550 no" },
};

static void
prose_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(texts); i++) {
		read_z(texts[i].message);
		test_number(texts[i].sentence, bounce.count, texts[i].count);
		test_span(texts[i].sentence, bounce.recipients[0].recipient, mh_str_z(texts[i].recipient));
		test_span(texts[i].sentence, bounce.recipients[0].action, mh_str_z(texts[i].action));
		test_span(texts[i].sentence, bounce.recipients[0].text, mh_str_z(texts[i].text));
	}
}

static void
other_mail_is_told_apart(void **state)
{
	static const struct {
		const char *sentence, *message, *class;
	} cases[] = {
		{ "nothing is no bounce", "", "unknown" },
		{ "a letter is no bounce",
		    "From: a@b.example\nSubject: Lunch\n\nShall we eat at 12? x@b.example comes too.\n",
		    "unknown" },
		{ "a letter about a bounce is none",
		    "From: a@b.example\nSubject: a question\n\nI got 550 5.1.1 for x@b.example. Why?\n",
		    "unknown" },
		{ "an attached letter is none",
		    "From: a@b.example\nSubject: Fwd\nContent-Type: message/rfc822\n\nFrom: "
		    "c@b.example\nSubject: Lunch\n\nHi\n",
		    "unknown" },
		{ "a read receipt is no bounce",
		    "From: a@b.example\nSubject: Read: Lunch\nContent-Type: multipart/report; "
		    "report-type=disposition-notification; boundary=b\n\n--b\n\nIt was read.\n--b\n"
		    "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@b.example\n"
		    "Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
		    "unknown" },
		{ "vacation by RFC 3834",
		    "From: a@b.example\nSubject: Re: Lunch\nAuto-Submitted: auto-replied\n\nBack soon.\n",
		    "vacation" },
		{ "vacation by an old field",
		    "From: a@b.example\nSubject: Re: Lunch\nX-Autoreply: yes\n\nBack soon.\n", "vacation" },
		{ "vacation by precedence",
		    "From: a@b.example\nSubject: Re: Lunch\nPrecedence: auto_reply\n\nBack soon.\n",
		    "vacation" },
		{ "vacation in German",
		    "From: a@b.example\nSubject: Automatische Antwort: Essen\n\nBin weg.\n", "vacation" },
		{ "vacation in Japanese",
		    "From: a@b.example\nSubject: =?utf-8?b?6Ieq5YuV5b+c562U?= Re: x\n\nBack soon.\n",
		    "vacation" },
		{ "a challenge", "From: a@b.example\nSubject: Please confirm your message\n\nClick here.\n",
		    "challenge" },
		{ "an automatic answer of a mail system is a bounce",
		    "From: MAILER-DAEMON@a.example\nAuto-Submitted: auto-replied\nSubject: Mail delivery "
		    "failed\n\nx@b.example: "
		    "550 no\n",
		    "failed" },
		{ "a feedback report without a recipient",
		    "From: a@b.example\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: "
		    "message/feedback-report\n\nFeedback-Type: abuse\nRemoval-Recipient: "
		    "x@b.example\n--b--\n",
		    "feedback" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		read_z(cases[i].message);
		test_span(cases[i].sentence, mh_str_z(class_names[bounce.class]), mh_str_z(cases[i].class));
		test_check(cases[i].sentence, (bounce.count == 0) == (bounce.class == MH_BC_UNKNOWN));
	}
	test_span("the removal recipient of a feedback report", bounce.recipients[0].recipient,
	    MH_STR("x@b.example"));
	test_span("its type", bounce.feedback_type, MH_STR("abuse"));
}

/* ----------------------------------------------------------------------------- mbox */

static void
messages_of_an_mbox_are_found(void **state)
{
	static const char box[] =
	    "From a@b Thu Jan  1 00:00:00 1970\nA: 1\n\nFrom here on I am text.\n\n"
	    "From c@d Fri Jan  2 10:20:30 2026\r\nB: 2\r\n\r\nx\r\n\r\nFrom e@f Sat Jan  3 10:20:30 2026\n";
	size_t second = (size_t)(strstr(box, "From c") - box), third = (size_t)(strstr(box, "From e") - box);
	struct mh_str all = MH_STR(box);
	(void)state;
	test_number("the first is at the begin", mh_returned_next(all, 0), 0);
	test_number("prose that begins with From is none", mh_returned_next(all, 1), second);
	test_number("from where it begins", mh_returned_next(all, second), second);
	test_number("CR LF", mh_returned_next(all, second + 1), third);
	test_number("then no more", mh_returned_next(all, third + 1), all.len);
	test_number("a file that is no mbox is one message",
	    mh_returned_next(MH_STR("A: 1\n\nFrom x@y Fri Jan  2 10:20:30 2026\n"), 0), 0);
	test_number("no empty line before it, but a whole date and a field below",
	    mh_returned_next(MH_STR(
				 "From a@b Thu Jan  1 00:00:00 1970\nA: 1\n\nx\nFrom c@d Fri Jan  2 10:20:30 "
				 "2026\nBcc: 2\n"),
		1),
	    42);
	test_number("all of it", mh_returned_next(MH_STR("A: 1\n\nFrom x"), 1), 12);
	test_number("nothing", mh_returned_next(MH_STR(""), 0), 0);
	test_check("fields make a message",
	    mh_returned_is_message(MH_STR("Return-Path: <>\nReceived: x\n\n")));
	test_check("a reply does not", !mh_returned_is_message(MH_STR("550 5.1.1 a: b\nTo: c\n")));
	test_check("a log line does not",
	    !mh_returned_is_message(MH_STR("Jan  1 00:00:00 mx postfix/smtp[1]: A1: to=<x@y>\n")));
}

/* --------------------------------------------------------------------------- hostile */

static void
check_span(struct mh_str s)
{
	assert_non_null(s.p);
	assert_int_equal(mh_utf8_prefix(s), s.len);
}

static void
look_at_anything(struct mh_str s, void *arg)
{
	(void)arg;
	assert_int_equal(mh_returned_read(&bounce, s), MH_ERR_OK);
	assert_true((bounce.count == 0) == (bounce.class == MH_BC_UNKNOWN));
	check_span(bounce.subject);
	check_span(bounce.sender);
	check_span(bounce.message_id);
	for (size_t i = 0; i < bounce.count; i++) {
		const struct mh_bounced *one = &bounce.recipients[i];
		check_span(one->recipient);
		check_span(one->orig_recipient);
		check_span(one->text);
		assert_true(one->text.len <= MH_RETURNED_TEXT);
		if (one->text_at != SIZE_MAX) {
			assert_true(one->text_at + one->text.len <= s.len);
			assert_memory_equal(s.p + one->text_at, one->text.p, one->text.len);
		}
	}
}

static void
broken_messages_are_read(void **state)
{
	static const char *const names[] = { "exim", "eai", "unknown-mta", "vacation" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		size_t len;
		char *data = mail(names[i], &len);
		test_mangled(mh_str_n(data, len), look_at_anything, NULL);
		free(data);
	}
}

static void
random_lines_are_read(void **state)
{
	static const char *const pieces[] = { "\n", "\n", "\n\n", "<x@b.example>", "x@b.example", ": ",
		"550 ", "5.1.1 ", "<<< ", ">>> RCPT TO:<x@b.example>", "-----", "    ", "... ",
		"said: ", "(expanded from <y@b.example>)", "\r", "\xff", "[", "'", "-> 550", "smtp;",
		"Final-Recipient: rfc822;", "Status: 5.1.1", "--b", "Content-Type: ", "To: ", "Received: x",
		"\x1b$BF|", "554-", "#", "generated by ", "host mx.b.example", "in reply to" };
	struct test_random random = { 7 };
	char text[4096];
	(void)state;
	for (int round = 0; round < 3000; round++) {
		size_t n = 0;
		memcpy(text, BOUNCE, sizeof(BOUNCE) - 1);
		n = sizeof(BOUNCE) - 1;
		for (size_t k = test_random_below(&random, 80); k > 0; k--) {
			const char *piece = pieces[test_random_below(&random, MH_COUNT(pieces))];
			memcpy(text + n, piece, strlen(piece));
			n += strlen(piece);
		}
		char *copy = guard_copy(text, n);
		look_at_anything(mh_str_n(copy, n), NULL);
		guard_free(copy, n);
	}
}

static void
many_recipients_are_bounded(void **state)
{
	struct mh_buf buf;
	struct mh_mem mem = mh_mem_default();
	(void)state;
	mh_buf_init(&buf, &mem, 64u << 20);
	for (int form = 0; form < 2; form++) {
		mh_buf_reset(&buf);
		mh_buf_puts(&buf,
		    form == 0
			? BOUNCE
			: "From: MAILER-DAEMON@a\nContent-Type: message/delivery-status\n\nReporting-MTA: "
			  "dns;a\n\n");
		for (int i = 0; i < 5000; i++) {
			mh_buf_puts(&buf, form == 0 ? "<u" : "Final-Recipient: rfc822;u");
			mh_buf_putint(&buf, i);
			mh_buf_puts(&buf,
			    form == 0 ? "@b.example>: 550 no\n" : "@b.example\nStatus: 5.1.1\n\n");
		}
		assert_int_equal(mh_returned_read(&bounce, mh_str_n(buf.p, buf.len)), MH_ERR_OK);
		test_number("recipients kept", bounce.count, MH_RETURNED_RECIPIENTS);
		test_number("recipients left out", bounce.left_out, 5000 - MH_RETURNED_RECIPIENTS);
		test_span("the last one kept", bounce.recipients[MH_RETURNED_RECIPIENTS - 1].recipient,
		    MH_STR("u4095@b.example"));
	}
	mh_buf_free(&buf);
}

static void
endless_messages_end(void **state)
{
	static const char *const units[] = { "x", " ", "\n", "\r", "<", "5", "550 ", "<a@b.example>\n", "a@",
		"<<< 550-\n", "--b\n", ">>> RCPT TO:<a@b.example>\n<<< 550 x\n", "=?utf-8?q?a?= ", "\xc3\xa4",
		"Final-Recipient: rfc822;a\n\n", "Status: 5\n", "    (expanded from <a@b.example>)\n",
		"host ", "\"", "(" };
	size_t max = 600u << 10;
	char *text = malloc(max);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(units); i++) {
		for (int head = 0; head < 3; head++) {
			const char *start = head == 0 ? BOUNCE "x@c.example: 550 "
			    : head == 1               ? BOUNCE "x@c.example\n"
						      : "Subject: ";
			size_t n = strlen(start), len = strlen(units[i]);
			memcpy(text, start, n);
			for (; n + len <= max; n += len)
				memcpy(text + n, units[i], len);
			look_at_anything(mh_str_n(text, n), NULL);
		}
	}
	free(text);
}

static void
warm_messages_need_no_memory(void **state)
{
	(void)state;
	for (int round = 0; round < 3; round++) {
		size_t before = answering_alloc.calls;
		for (size_t i = 0; i < MH_COUNT(messages); i++) {
			size_t len;
			char *data = mail(messages[i].name, &len);
			assert_int_equal(mh_returned_read(&bounce, mh_str_n(data, len)), MH_ERR_OK);
			free(data);
		}
		if (round == 2)
			test_number("a warm reader allocates nothing", answering_alloc.calls, before);
	}
}

static bool
read_without_memory(struct mh_mem given, void *arg)
{
	struct mh_returned one;
	mh_returned_init(&one, &given);
	bool good = mh_returned_read(&one, *(struct mh_str *)arg) == MH_ERR_OK;
	if (!good)
		test_number("without memory there are no recipients", one.count, 0);
	good = good && mh_returned_read(&one, *(struct mh_str *)arg) == MH_ERR_OK;
	mh_returned_free(&one);
	return good;
}

static void
no_memory_is_an_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(messages); i++) {
		size_t len;
		char *data = mail(messages[i].name, &len);
		struct mh_str message = mh_str_n(data, len);
		(void)test_failing_allocs(read_without_memory, &message, true);
		free(data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_are_read),
		cmocka_unit_test(reports_are_read_as_they_come),
		cmocka_unit_test(prose_is_read),
		cmocka_unit_test(other_mail_is_told_apart),
		cmocka_unit_test(messages_of_an_mbox_are_found),
		cmocka_unit_test(broken_messages_are_read),
		cmocka_unit_test(random_lines_are_read),
		cmocka_unit_test(many_recipients_are_bounded),
		cmocka_unit_test(endless_messages_end),
		cmocka_unit_test(warm_messages_need_no_memory),
		cmocka_unit_test(no_memory_is_an_answer),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
