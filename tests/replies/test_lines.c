/* test_lines.c - how replies are cut into lines, codes and statuses: lib/replies/scan.c and reply.c,
 * through replies that are parsed */
#include "answering.h"

#include "find.h"

/* ------------------------------------------------------------------- codes and lines */

#define LINES 6

/* clang-format off */
static const struct {
	const char *name, *text;
	int code; /* of the reply; -1: none */
	const char *status, *form;
	struct {
		int code;
		const char *status, *text, *at; /* at: the octets of the input */
	} lines[LINES];
} cases[] = {
	/* as received */
	{ "one line", "550 5.1.1 no such user", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "no such user", "550 5.1.1 no such user" } } },
	{ "one line with its CR LF", "550 5.1.1 no such user\r\n", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "no such user", "550 5.1.1 no such user" } } },
	{ "two lines, CR LF", "550-5.7.1 first\r\n550 5.7.1 second\r\n", 550, "5.7.1", "wire",
	    { { 550, "5.7.1", "first", "550-5.7.1 first" }, { 550, "5.7.1", "second", "550 5.7.1 second" } } },
	{ "two lines, LF", "550-5.7.1 first\n550 5.7.1 second\n", 550, "5.7.1", "wire",
	    { { 550, "5.7.1", "first", "550-5.7.1 first" }, { 550, "5.7.1", "second", "550 5.7.1 second" } } },
	{ "two lines, bare CR", "550-first\r550 second", 550, "", "wire",
	    { { 550, "", "first", "550-first" }, { 550, "", "second", "550 second" } } },
	{ "a line without its code", "550-5.7.1 first\r\nsecond\r\n550 third", 550, "5.7.1", "wire",
	    { { 550, "5.7.1", "first", "550-5.7.1 first" }, { -1, "", "second", "second" }, { 550, "", "third", "550 third" } } },
	{ "the status of another line", "550-first\r\n550 5.1.1 second", 550, "5.1.1", "wire",
	    { { 550, "", "first", "550-first" }, { 550, "5.1.1", "second", "550 5.1.1 second" } } },
	{ "every line has its own status", "550-5.1.1 first\r\n550-5.2.2 second\r\n550 third", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "first", "550-5.1.1 first" }, { 550, "5.2.2", "second", "550-5.2.2 second" },
	      { 550, "", "third", "550 third" } } },
	{ "every line has its own code", "550-5.1.1 first\r\n450 4.2.2 second", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "first", "550-5.1.1 first" }, { 450, "4.2.2", "second", "450 4.2.2 second" } } },
	{ "empty lines between are none", "550-one\r\n\r\n550 two", 550, "", "wire",
	    { { 550, "", "one", "550-one" }, { 550, "", "two", "550 two" } } },
	/* what is said before the reply itself */
	{ "a transcript: the first failure speaks", "220 ready\r\n250 ok\r\n550 5.1.1 no such user\r\n221 bye", 550, "5.1.1",
	    "wire", { { 220, "", "ready", "220 ready" }, { 250, "", "ok", "250 ok" },
	      { 550, "5.1.1", "no such user", "550 5.1.1 no such user" }, { 221, "", "bye", "221 bye" } } },
	{ "a transcript that goes well", "220 ready\r\n250 2.1.0 ok", 220, "", "wire",
	    { { 220, "", "ready", "220 ready" }, { 250, "2.1.0", "ok", "250 2.1.0 ok" } } },
	/* several lines run together */
	{ "as Postfix flattens it", "550-5.7.1 first 550 5.7.1 second", 550, "5.7.1", "joined",
	    { { 550, "5.7.1", "first", "550-5.7.1 first " }, { 550, "5.7.1", "second", "550 5.7.1 second" } } },
	{ "flattened, no statuses", "550-first 550-second 550 third", 550, "", "joined",
	    { { 550, "", "first", "550-first " }, { 550, "", "second", "550-second " }, { 550, "", "third", "550 third" } } },
	{ "as Postfix logs it", "host mx.example.net[192.0.2.1] said: 550-5.7.1 first 550 5.7.1 second (in reply to RCPT TO command)",
	    550, "5.7.1", "joined", { { -1, "", "host mx.example.net[192.0.2.1] said:", "host mx.example.net[192.0.2.1] said: " },
	      { 550, "5.7.1", "first", "550-5.7.1 first " },
	      { 550, "5.7.1", "second (in reply to RCPT TO command)", "550 5.7.1 second (in reply to RCPT TO command)" } } },
	{ "joined transcript of several codes", "450 4.7.1 first 550 5.7.1 second", 450, "4.7.1", "joined",
	    { { 450, "4.7.1", "first", "450 4.7.1 first " }, { 550, "5.7.1", "second", "550 5.7.1 second" } } },
	{ "a number is no code", "550 mailbox has 550 messages", 550, "", "wire",
	    { { 550, "", "mailbox has 550 messages", "550 mailbox has 550 messages" } } },
	{ "a code in an address is none", "550 call 450-4711 or 192.0.2.250", 550, "", "wire",
	    { { 550, "", "call 450-4711 or 192.0.2.250", "550 call 450-4711 or 192.0.2.250" } } },
	/* DSN */
	{ "a DSN's field", "smtp; 550 5.1.1 no such user", 550, "5.1.1", "dsn",
	    { { 550, "5.1.1", "no such user", "smtp; 550 5.1.1 no such user" } } },
	{ "a DSN's field with its name", "Diagnostic-Code: smtp;550 5.2.2 mailbox full", 550, "5.2.2", "dsn",
	    { { 550, "5.2.2", "mailbox full", "Diagnostic-Code: smtp;550 5.2.2 mailbox full" } } },
	{ "a DSN's field, folded", "smtp; 550-5.7.1 first\r\n 550 5.7.1 second", 550, "5.7.1", "dsn",
	    { { 550, "5.7.1", "first", "smtp; 550-5.7.1 first" }, { 550, "5.7.1", "second", " 550 5.7.1 second" } } },
	{ "LMTP", "lmtp; 550 5.1.1 no", 550, "5.1.1", "dsn", { { 550, "5.1.1", "no", "lmtp; 550 5.1.1 no" } } },
	{ "a program's", "x-unix; user unknown", -1, "", "dsn", { { -1, "", "x-unix; user unknown", "x-unix; user unknown" } } },
	{ "a bounce's mark", "<<< 550 5.1.1 no such user", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "no such user", "<<< 550 5.1.1 no such user" } } },
	/* pieces */
	{ "no code", "user unknown", -1, "", "fragment", { { -1, "", "user unknown", "user unknown" } } },
	{ "no code but a status", "5.1.1 user unknown", -1, "5.1.1", "fragment", { { -1, "5.1.1", "user unknown", "5.1.1 user unknown" } } },
	{ "code alone", "550", 550, "", "wire", { { 550, "", "", "550" } } },
	{ "code and blank", "550 ", 550, "", "wire", { { 550, "", "", "550 " } } },
	{ "code and hyphen", "550-", 550, "", "wire", { { 550, "", "", "550-" } } },
	{ "code and status alone", "550 5.1.1", 550, "5.1.1", "wire", { { 550, "5.1.1", "", "550 5.1.1" } } },
	{ "blanks before", "  550 5.1.1 no", 550, "5.1.1", "wire", { { 550, "5.1.1", "no", "  550 5.1.1 no" } } },
	{ "quotes before", "\"550 5.1.1 no\"", 550, "5.1.1", "wire", { { 550, "5.1.1", "no\"", "\"550 5.1.1 no\"" } } },
	{ "a colon behind the code", "550: 5.1.1 no", 550, "5.1.1", "wire", { { 550, "5.1.1", "no", "550: 5.1.1 no" } } },
	{ "a hash before the status", "550 #5.1.1 no", 550, "5.1.1", "wire", { { 550, "5.1.1", "no", "550 #5.1.1 no" } } },
	/* where the status may stand */
	{ "in brackets at the end", "550 no such user (#5.1.1)", 550, "5.1.1", "wire",
	    { { 550, "", "no such user (#5.1.1)", "550 no such user (#5.1.1)" } } },
	{ "behind a hash", "550 no such user #5.1.1", 550, "5.1.1", "wire",
	    { { 550, "", "no such user #5.1.1", "550 no such user #5.1.1" } } },
	{ "in brackets", "550 no such user (5.1.1)", 550, "5.1.1", "wire",
	    { { 550, "", "no such user (5.1.1)", "550 no such user (5.1.1)" } } },
	{ "the line's own comes first", "550 5.1.1 no such user (#5.7.1)", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "no such user (#5.7.1)", "550 5.1.1 no such user (#5.7.1)" } } },
	{ "status of another class than the code", "550 4.2.2 full", 550, "4.2.2", "wire", { { 550, "4.2.2", "full", "550 4.2.2 full" } } },
	{ "three digits in each part", "550 5.700.999 no", 550, "5.700.999", "wire", { { 550, "5.700.999", "no", "550 5.700.999 no" } } },
	/* what is no status */
	{ "BT's numbers", "550 refused by policy (3.2.1.1)", 550, "", "wire", { { 550, "", "refused by policy (3.2.1.1)", "550 refused by policy (3.2.1.1)" } } },
	{ "BT's other numbers", "550 refused by policy (1.5.2.1)", 550, "", "wire", { { 550, "", "refused by policy (1.5.2.1)", "550 refused by policy (1.5.2.1)" } } },
	{ "an address", "550 client 5.1.1.1 refused", 550, "", "wire", { { 550, "", "client 5.1.1.1 refused", "550 client 5.1.1.1 refused" } } },
	{ "a version", "550 mailer/5.1.1b refused", 550, "", "wire", { { 550, "", "mailer/5.1.1b refused", "550 mailer/5.1.1b refused" } } },
	{ "class 7", "550 7.7.1 refused", 550, "", "wire", { { 550, "", "refused", "550 7.7.1 refused" } } },
	{ "four digits in a part", "550 5.1000.1 refused", 550, "", "wire", { { 550, "", "5.1000.1 refused", "550 5.1000.1 refused" } } },
	{ "two parts", "550 5.1 refused", 550, "", "wire", { { 550, "", "5.1 refused", "550 5.1 refused" } } },
	{ "a word at it", "550 5.1.1x refused", 550, "", "wire", { { 550, "", "5.1.1x refused", "550 5.1.1x refused" } } },
	/* what is no code */
	{ "class 1", "150 no", -1, "", "fragment", { { -1, "", "150 no", "150 no" } } },
	{ "class 6", "650 no", -1, "", "fragment", { { -1, "", "650 no", "650 no" } } },
	{ "two digits", "55 no", -1, "", "fragment", { { -1, "", "55 no", "55 no" } } },
	{ "four digits", "5500 no", -1, "", "fragment", { { -1, "", "5500 no", "5500 no" } } },
	{ "letters at it", "550x no", -1, "", "fragment", { { -1, "", "550x no", "550x no" } } },
	/* odd octets */
	{ "encoded words", "=?utf-8?Q?550_5=2E1=2E1_no_such_user?=", 550, "5.1.1", "wire",
	    { { 550, "5.1.1", "no such user", "=?utf-8?Q?550_5=2E1=2E1_no_such_user?=" } } },
	{ "windows-1252", "550-\xe9\xe9\r\n550 5.1.1 no", 550, "5.1.1", "wire",
	    { { 550, "", "\xc3\xa9\xc3\xa9", "550-\xe9\xe9" }, { 550, "5.1.1", "no", "550 5.1.1 no" } } },
	{ "nothing", "", -1, "", "fragment", { { -1, "", "", "" } } },
};
/* clang-format on */

static void
replies_are_cut_into_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const char *name = cases[i].name;
		size_t want = 0;
		while (want < LINES && cases[i].lines[want].text != NULL)
			want++;
		parse(cases[i].text);
		test_number(name, mh_answer_int(answering, MH_A_CODE), cases[i].code);
		says(name, MH_A_STATUS, cases[i].status);
		says(name, MH_A_FORM, cases[i].form);
		test_number(name, mh_answer_count(answering, MH_L_LINE), want);
		for (size_t k = 0; k < want; k++) {
			int64_t begin = mh_answer_item_int(answering, MH_L_LINE, k, MH_I_SPAN_BEGIN);
			int64_t end = mh_answer_item_int(answering, MH_L_LINE, k, MH_I_SPAN_END);
			test_number(name, mh_answer_item_int(answering, MH_L_LINE, k, MH_I_CODE),
			    cases[i].lines[k].code);
			item_says(name, MH_L_LINE, k, MH_I_STATUS, cases[i].lines[k].status);
			item_says(name, MH_L_LINE, k, MH_I_TEXT, cases[i].lines[k].text);
			test_check(name, begin >= 0 && begin <= end && end <= (int64_t)strlen(cases[i].text));
			test_span(name, mh_str_n(cases[i].text + begin, (size_t)(end - begin)),
			    mh_str_z(cases[i].lines[k].at));
		}
	}
}

/* --------------------------------------------------------------------------- findings */

static void
what_is_odd_is_found(void **state)
{
	static const struct {
		const char *text;
		size_t len; /* 0: up to the NUL */
		int finding;
		bool want;
	} odd[] = {
		{ "550 no\0such user", 16, MH_F_REPLY_NUL, true },
		{ "550 no such user", 0, MH_F_REPLY_NUL, false },
		{ "550 no\x01such user", 0, MH_F_REPLY_CONTROL, true },
		{ "550 no\tsuch user", 0, MH_F_REPLY_CONTROL, false },
		{ "550 no\x7fsuch user", 0, MH_F_REPLY_CONTROL, true },
		{ "550 bo\xeete", 0, MH_F_REPLY_NOT_UTF8, true },
		{ "550 bo\xc3\xaete", 0, MH_F_REPLY_NOT_UTF8, false },
		{ "no such user", 0, MH_F_REPLY_NO_CODE, true },
		{ "550", 0, MH_F_REPLY_NO_CODE, false },
		{ "560 no", 0, MH_F_REPLY_CODE_RANGE, true },
		{ "559 no", 0, MH_F_REPLY_CODE_RANGE, false },
		{ "550-no\r\n450 no", 0, MH_F_REPLY_MIXED_CODES, true },
		{ "550-no\r\n550 no", 0, MH_F_REPLY_MIXED_CODES, false },
		{ "550-5.1.1 no\r\n550 5.1.2 no", 0, MH_F_REPLY_MIXED_STATUS, true },
		{ "550-5.1.1 no\r\n550 5.1.1 no", 0, MH_F_REPLY_MIXED_STATUS, false },
		{ "550 4.2.2 full", 0, MH_F_REPLY_CODE_STATUS, true },
		{ "450 4.2.2 full", 0, MH_F_REPLY_CODE_STATUS, false },
		{ "550 greylisted, try again in 5 minutes", 0, MH_F_REPLY_CODE_TEXT, true },
		{ "450 greylisted, try again in 5 minutes", 0, MH_F_REPLY_CODE_TEXT, false },
		{ "450 no such user", 0, MH_F_REPLY_CODE_TEXT, true },
		{ "550 5.1.1 mailbox is full, quota exceeded", 0, MH_F_REPLY_STATUS_TEXT, true },
		{ "550 5.2.2 mailbox is full, quota exceeded", 0, MH_F_REPLY_STATUS_TEXT, false },
		{ "550 no\r\n550 no", 0, MH_F_REPLY_CONTINUATION, true },
		{ "550-no", 0, MH_F_REPLY_CONTINUATION, true },
		{ "550-no\r\n550 no", 0, MH_F_REPLY_CONTINUATION, false },
		{ "550-no\r550 no", 0, MH_F_REPLY_BARE_CR, true },
		{ "550-no\r\n550 no", 0, MH_F_REPLY_BARE_CR, false },
		{ "550 no\r", 0, MH_F_REPLY_BARE_CR, true },
		{ "550 =?utf-8?Q?no?=", 0, MH_F_REPLY_ENCODED, true },
		{ "550 $BF|K\\(B", 0, MH_F_REPLY_ENCODED, true },
		{ "550 no", 0, MH_F_REPLY_ENCODED, false },
		{ "550 =?x-no?Q?no?=", 0, MH_F_REPLY_UNREADABLE, true },
		{ "550 7.7.1 no", 0, MH_F_REPLY_STATUS_MALFORMED, true },
		{ "550 5.7.1 no", 0, MH_F_REPLY_STATUS_MALFORMED, false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(odd); i++) {
		parse_n(odd[i].text, odd[i].len > 0 ? odd[i].len : strlen(odd[i].text));
		test_number(odd[i].text, found(odd[i].finding), odd[i].want);
	}
}

/* Findings that are about one octet tell which, of the input. */
static void
findings_have_their_place(void **state)
{
	static const struct {
		const char *text;
		int finding;
		int64_t begin, end;
	} places[] = {
		{ "550 no\x01such user", MH_F_REPLY_CONTROL, 6, 7 },
		{ "550 \xe9\xe9\x01", MH_F_REPLY_CONTROL, 6, 7 },
		{ "550 a\xe9", MH_F_REPLY_NOT_UTF8, 5, 6 },
		{ "550 a\rb", MH_F_REPLY_BARE_CR, 5, 6 },
		{ "550 7.7.1 no", MH_F_REPLY_STATUS_MALFORMED, 4, 5 },
		{ "no such user", MH_F_REPLY_NO_CODE, -1, -1 },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(places); i++) {
		struct mh_answer_finding findings[MH_ANSWER_FINDINGS];
		parse(places[i].text);
		size_t count = mh_answer_findings(answering, findings), k = 0;
		while (k < count && findings[k].number != places[i].finding)
			k++;
		test_check(places[i].text, k < count);
		test_number(places[i].text, findings[k].begin, places[i].begin);
		test_number(places[i].text, findings[k].end, places[i].end);
	}
}

static void
nul_octets_are_blanks(void **state)
{
	(void)state;
	parse_n("550 5.1.1 no\0such\0user\0", 23);
	says("NULs part words", MH_A_REASON, "user-unknown");
	test_number("the length is that of the input", mh_answer_int(answering, MH_A_LENGTH), 23);
	parse_n("\0\0"
		"550 5.1.1 no such user",
	    24);
	test_check("NULs before the code", found(MH_F_REPLY_NUL));
}

/* ------------------------------------------------------------------------------ phase */

static void
the_phase_is_read(void **state)
{
	static const char *const phases[][2] = {
		{ "450 busy (in reply to RCPT TO command)", "rcpt" },
		{ "450 busy (in reply to MAIL FROM command)", "mail" },
		{ "450 busy (in reply to DATA command)", "data" },
		{ "450 busy (in reply to end of DATA command)", "eod" },
		{ "450 busy (in reply to EHLO command)", "helo" },
		{ "450 busy (in reply to HELO command)", "helo" },
		{ "450 busy (in reply to STARTTLS command)", "starttls" },
		{ "450 busy (in reply to AUTH command)", "auth" },
		{ "450 busy (in reply to QUIT command)", "quit" },
		{ "450 busy (in reply to RCPT TO command)\r\n", "rcpt" },
		{ "450 busy (in reply to initial server greeting)", "connect" },
		{ "450 busy (in reply to RCPT TO command) and more", "" },
		{ "450 busy (in reply to VRFY command)", "" },
		{ "450 busy in reply to RCPT TO command", "" },
		{ "450 busy", "" },
		{ "(in reply to RCPT TO command)", "rcpt" },
		{ "(in reply to )", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(phases); i++) {
		parse(phases[i][0]);
		says(phases[i][0], MH_A_PHASE, phases[i][1]);
	}
	mh_answer_options(answering)->phase = MH_PHASE_MAIL;
	parse("450 busy (in reply to RCPT TO command)");
	says("what is given comes before what the text says", MH_A_PHASE, "mail");
	mh_answer_options(answering)->phase = MH_PHASE_NONE;
}

/* --------------------------------------------------------------------- what was given */

static void
code_and_status_may_be_given(void **state)
{
	struct mh_answer_options *options = mh_answer_options(answering);
	(void)state;
	options->code = 452;
	options->status = (struct mh_status){ 4, 2, 2 };
	parse("no words at all");
	test_number("a given code is used where the text has none", mh_answer_int(answering, MH_A_CODE), 452);
	says("and so is a given status", MH_A_STATUS, "4.2.2");
	says("which decides", MH_A_RULE, "status.4.2.2");
	test_check("and that is no contradiction", !found(MH_F_REPLY_CODE_GIVEN));
	parse("550 5.1.1 no such user");
	test_number("the text's code comes first", mh_answer_int(answering, MH_A_CODE), 550);
	says("and the text's status", MH_A_STATUS, "5.1.1");
	test_check("and the contradiction is told", found(MH_F_REPLY_CODE_GIVEN));
	options->code = 0;
	options->status = (struct mh_status){ 0, 0, 0 };
}

static void
permanence_is_said_by_the_code(void **state)
{
	static const char *const said[][3] = {
		{ "550 no such user", "permanent", "failed" },
		{ "450 no such user", "temporary", "delayed" },
		{ "250 ok", "success", "delivered" },
		{ "354 go ahead", "success", "delivered" },
		{ "5.1.1 no such user", "permanent", "failed" },
		{ "4.1.1 no such user", "temporary", "delayed" },
		{ "450 5.1.1 no such user", "temporary", "delayed" },
		{ "no such user", "unknown", "unknown" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(said); i++) {
		parse(said[i][0]);
		says(said[i][0], MH_A_PERMANENCE, said[i][1]);
		says(said[i][0], MH_A_CLASS, said[i][2]);
	}
}

/* ------------------------------------------------------------------------------- span */

/* What decided is told as octets of the input, also where they were decoded. */
static void
the_span_is_of_the_input(void **state)
{
	static const char *const spans[][3] = {
		/* text, what must lie within the span, and around it */
		{ "550 5.1.1 <a@example.org>: no such user here, sorry", "no such user",
		    "no such user here, sorry" },
		{ "550 \xe9\xe9\xe9\xe9 no such user", "no such user", "no such user" },
		{ "550 =?utf-8?Q?sorry=2C_no_such_user?= bye",
		    "=?utf-8?Q?sorry=2C_no_such_user?=", "=?utf-8?Q?sorry=2C_no_such_user?=" },
		{ "550 5.2.2 xyzzy", "5.2.2", "5.2.2" },
		{ "550 xyzzy (#5.2.2)", "5.2.2", "5.2.2" },
		{ "  552 xyzzy", "552", "552" },
		{ "250 ok", "250", "250" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(spans); i++) {
		const char *text = spans[i][0], *within = strstr(text, spans[i][1]),
			   *around = strstr(text, spans[i][2]);
		parse(text);
		int64_t begin = mh_answer_int(answering, MH_A_SPAN_BEGIN),
			end = mh_answer_int(answering, MH_A_SPAN_END);
		test_check(text, begin >= around - text && begin <= within - text);
		test_check(text, end >= within - text + (int64_t)strlen(spans[i][1]));
		test_check(text, end <= around - text + (int64_t)strlen(spans[i][2]));
	}
	parse("550 xyzzy");
	test_number("nothing decided, no span", mh_answer_int(answering, MH_A_SPAN_BEGIN), -1);
	test_number("nothing decided, no span", mh_answer_int(answering, MH_A_SPAN_END), -1);
}

static void
the_text_is_joined(void **state)
{
	(void)state;
	parse("550-5.7.1 first\r\n550-5.7.1\r\n550 5.7.1  second \r\n");
	says("lines are joined by one blank", MH_A_TEXT, "first second");
	says("and again", MH_A_TEXT, "first second");
	parse("550 a\x01"
	      "b");
	says("what does not print is escaped", MH_A_TEXT, "a\\x01b");
	parse("");
	says("nothing is nothing", MH_A_TEXT, "");
}

/* ------------------------------------------------------------------------ the readers */

static void
statuses_are_read(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		struct mh_status want;
	} statuses[] = {
		{ "5.1.1", 5, { 5, 1, 1 } },
		{ "2.0.0", 5, { 2, 0, 0 } },
		{ "4.999.999", 9, { 4, 999, 999 } },
		{ "5.1.1 x", 5, { 5, 1, 1 } },
		{ "5.1.1.", 5, { 5, 1, 1 } },
		{ "5.1.1,", 5, { 5, 1, 1 } },
		{ "5.01.1", 6, { 5, 1, 1 } },
		{ "3.1.1", 0, { 0, 0, 0 } },
		{ "1.1.1", 0, { 0, 0, 0 } },
		{ "5.1.1.1", 0, { 0, 0, 0 } },
		{ "5.1.1x", 0, { 0, 0, 0 } },
		{ "5.1.1.x", 0, { 0, 0, 0 } },
		{ "5..1", 0, { 0, 0, 0 } },
		{ "5.1.", 0, { 0, 0, 0 } },
		{ "5.1", 0, { 0, 0, 0 } },
		{ "5", 0, { 0, 0, 0 } },
		{ "", 0, { 0, 0, 0 } },
		{ "5.1000.1", 0, { 0, 0, 0 } },
		{ "5.1.1000", 0, { 0, 0, 0 } },
		{ "55.1.1", 0, { 0, 0, 0 } },
		{ "x.1.1", 0, { 0, 0, 0 } },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(statuses); i++) {
		struct mh_status status = { 0, 0, 0 };
		size_t len = strlen(statuses[i].text);
		char *p = guard_copy(statuses[i].text, len);
		test_number(statuses[i].text, mh_status_read(p, p + len, &status), statuses[i].len);
		test_number(statuses[i].text, status.class, statuses[i].want.class);
		test_number(statuses[i].text, status.subject, statuses[i].want.subject);
		test_number(statuses[i].text, status.detail, statuses[i].want.detail);
		guard_free(p, len);
	}
}

static void
words_are_folded(void **state)
{
	static const char *const words[][2] = {
		/* a text, and its words with blanks between */
		{ "User UNKNOWN", "user unknown" },
		{ "doesn't domain's 'quoted' rock'n'roll", "doesnt domains quoted rocknroll" },
		{ "e-mail E-Mails e-mule", "email emails e mule" },
		{ "non-existent under_score STOREDRV.Deliver a:b",
		    "non existent under score storedrv deliver a b" },
		{ "Größe ÉTÉ Żółć straße", "grosse ete zolc strasse" },
		{ "ПОЧТОВЫЙ Ящик", "почтовый ящик" },
		{ "存在しない", "存 在 し な い" },
		{ "mail存在box", "mail 存 在 box" },
		{ "없는", "없 는" },
		{ "s3150 tss04 30", "s3150 tss04 30" },
		{ "", "" },
		{ "...", "" },
		{ "'", "" },
		{ "a'", "a" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(words); i++) {
		char out[256];
		size_t len = strlen(words[i][0]), at = 0, begin = 0, n = 0;
		char *p = guard_copy(words[i][0], len);
		struct mh_word word;
		while (mh_word_next(mh_str_n(p, len), &at, &word, &begin)) {
			if (n > 0)
				out[n++] = ' ';
			memcpy(out + n, word.octets, word.len);
			n += word.len;
			test_check("a word stands before where the next is looked for",
			    begin < at && at <= len);
		}
		guard_free(p, len);
		test_span(words[i][0], mh_str_n(out, n), mh_str_z(words[i][1]));
	}
}

static void
long_words_are_told(void **state)
{
	char text[200];
	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t len = 1; len <= sizeof(text); len++) {
		struct mh_word word;
		size_t at = 0, begin = 7;
		test_check("there is a word", mh_word_next(mh_str_n(text, len), &at, &word, &begin));
		test_number("all of it is read", at, len);
		test_number("it begins where it begins", begin, 0);
		test_number("a word of more than 63 octets is too long", word.too_long, len > MH_WORD_MAX);
		test_check("and kept up to there", word.len == (len < MH_WORD_MAX ? len : MH_WORD_MAX));
	}
}

/* --------------------------------------------------------------------------- any octets */

/* What holds for the lines of any octets. */
static void
check_any(struct mh_str text, void *arg)
{
	int64_t last = 0;
	(void)arg;
	parse_n(text.p, text.len);
	size_t count = mh_answer_count(answering, MH_L_LINE);
	test_check("there is a line", count >= 1 && count <= MH_SCAN_LINES);
	for (size_t i = 0; i < count; i++) {
		int64_t begin = mh_answer_item_int(answering, MH_L_LINE, i, MH_I_SPAN_BEGIN);
		int64_t end = mh_answer_item_int(answering, MH_L_LINE, i, MH_I_SPAN_END);
		int64_t code = mh_answer_item_int(answering, MH_L_LINE, i, MH_I_CODE);
		test_check("lines follow each other",
		    begin >= last && begin <= end && end <= (int64_t)text.len);
		test_check("codes are codes", code == -1 || (code >= 200 && code <= 599));
		last = begin;
	}
	int64_t begin = mh_answer_int(answering, MH_A_SPAN_BEGIN),
		end = mh_answer_int(answering, MH_A_SPAN_END);
	test_check("the span is none, or of the input",
	    (begin == -1 && end == -1) || (begin >= 0 && begin < end && end <= (int64_t)text.len));
	test_number("the length is that of the input", mh_answer_int(answering, MH_A_LENGTH), text.len);
}

static void
any_octets_have_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i += 2)
		test_mangled(mh_str_z(cases[i].text), check_any, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_cut_into_lines),
		cmocka_unit_test(what_is_odd_is_found),
		cmocka_unit_test(findings_have_their_place),
		cmocka_unit_test(nul_octets_are_blanks),
		cmocka_unit_test(the_phase_is_read),
		cmocka_unit_test(code_and_status_may_be_given),
		cmocka_unit_test(permanence_is_said_by_the_code),
		cmocka_unit_test(the_span_is_of_the_input),
		cmocka_unit_test(the_text_is_joined),
		cmocka_unit_test(statuses_are_read),
		cmocka_unit_test(words_are_folded),
		cmocka_unit_test(long_words_are_told),
		cmocka_unit_test(any_octets_have_lines),
	};
	return cmocka_run_group_tests(tests, answering_setup, answering_teardown);
}
