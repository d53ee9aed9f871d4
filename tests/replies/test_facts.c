/* test_facts.c - lib/replies/facts.c, through replies that are parsed */
#include "answering.h"

/* ------------------------------------------------------------------------- durations */

#define MIN 60
#define HOUR 3600
#define DAY 86400
#define NONE (-1)

/* clang-format off */
static const struct {
	const char *text;
	int64_t want;
} waits[] = {
	{ "450 4.7.1 Greylisted, please try again in 5 minutes", 5 * MIN },
	{ "450 4.2.0 <a@b.example>: Recipient address rejected: greylisted for 60 seconds", 60 },
	{ "450 4.7.1 Greylisted, please try again in 1 hour(s) 25 minute(s)", HOUR + 25 * MIN },
	{ "451 4.7.1 Greylisted, try again in 1 hour and 5 minutes", HOUR + 5 * MIN },
	{ "451 Please wait 2 days 3 hours 4 minutes 5 seconds", 2 * DAY + 3 * HOUR + 4 * MIN + 5 },
	{ "451 4.7.1 Greylisted: wait 300s", 300 },
	{ "451 4.7.1 Greylisted: wait 5m", 5 * MIN },
	{ "451 4.7.1 Greylisted: wait 5m30s", 5 * MIN + 30 },
	{ "451 4.7.1 Greylisted: wait 1h5m30s", HOUR + 5 * MIN + 30 },
	{ "451 4.7.1 retry after 1 day", DAY },
	{ "451 4.7.1 Retry in 90 sec", 90 },
	{ "451 Come back in 15 mins", 15 * MIN },
	{ "450 You are greylisted; 240 seconds remaining", 240 },
	{ "421 too many errors, try again after 30 min.", 30 * MIN },
	{ "451 Please try again in 1,200 seconds", 1200 },
	/* as a clock */
	{ "450 4.7.1 Greylisted, please try again in 00:04:59", 4 * MIN + 59 },
	{ "450 4.7.1 Greylisted for 01:00:00, retry", HOUR },
	/* other languages */
	{ "451 4.7.1 Greylisting in azione, riprovare tra 5 minuti", 5 * MIN },
	{ "451 4.7.1 Riprovare tra 2 ore", 2 * HOUR },
	{ "451 4.7.1 Bitte versuchen Sie es in 10 Minuten erneut", 10 * MIN },
	{ "451 4.7.1 Bitte warten Sie 1 Stunde und 30 Minuten", HOUR + 30 * MIN },
	{ "451 4.7.1 Veuillez r\xc3\xa9" "essayer dans 2 heures et 30 minutes", 2 * HOUR + 30 * MIN },
	{ "451 4.7.1 Por favor, intente de nuevo en 15 minutos", 15 * MIN },
	{ "451 4.7.1 Por favor tente novamente em 20 minutos", 20 * MIN },
	{ "451 4.7.1 Probeer het over 3 minuten opnieuw", 3 * MIN },
	{ "451 4.7.1 Spr\xc3\xb3" "buj ponownie za 5 minut", NONE }, /* not yet: here so that the day it is, someone looks */
	/* no wait at all */
	{ "550 5.1.1 no such user", NONE },
	{ "450 4.7.1 Greylisted, please try again later", NONE },
	{ "452 4.3.1 You exceeded 100 messages within 24 hours", NONE },
	{ "550 5.7.1 Message older than 6 months refused, try again", NONE },
	{ "450 4.7.1 max 50 messages per 1 hour, try again", NONE },
	{ "451 too many messages in the last 10 minutes, try again later", NONE },
	{ "450 4.7.1 try again, policy (3.2.1.1) minutes", NONE },
	{ "450 4.7.1 try again after 12:34:56", NONE }, /* a time of day */
	{ "450 4.7.1 try again at 2026-11-22 12:34:56", NONE },
	{ "450 4.7.1 retry later, version 1.5 hours", NONE },
	{ "552 5.2.2 mailbox has 300 m of mail, retry later", NONE },
	{ "450 4.7.1 wait 99999999999999999999 days", NONE },
};
/* clang-format on */

static void
waits_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(waits); i++) {
		parse(waits[i].text);
		test_number(waits[i].text, mh_answer_int(answering, MH_A_RETRY_AFTER_S), waits[i].want);
	}
}

/* ---------------------------------------------------------------------------- limits */

/* clang-format off */
static const struct {
	const char *text;
	int64_t count, per_s; /* count NONE: no limit is told */
	const char *what;
} limits[] = {
	{ "450 4.7.1 Too many messages, max 50 messages per day per IP", 50, DAY, "ip" },
	{ "450 4.7.1 Limit exceeded: 50/day", NONE, 0, "" }, /* no count of anything, and no "per" */
	{ "450 4.7.1 Limit of 1,000 messages per hour exceeded", 1000, HOUR, "" },
	{ "450 4.7.1 rate limit exceeded: 100 mails in 60 minutes", 100, HOUR, "" },
	{ "450 4.7.1 at most 30 messages every 10 minutes per sender", 30, 10 * MIN, "sender" },
	{ "452 4.5.3 Too many recipients: at most 20 recipients per message", 20, NONE, "connection" },
	{ "421 4.7.0 at most 5 concurrent connections per IP", 5, NONE, "ip" },
	{ "450 4.7.1 maximum of 10 messages per connection", 10, NONE, "connection" },
	{ "450 4.7.1 domain limit: 200 emails per hour per domain", 200, HOUR, "domain" },
	{ "450 4.7.1 Limit: 500 Nachrichten pro Stunde", 500, HOUR, "" },
	{ "452 4.3.1 You exceeded 100 messages within 24 hours", 100, DAY, "" },
	{ "550 5.1.1 no such user", NONE, 0, "" },
	{ "552 5.3.4 Message size 20000000 exceeds limit of 10485760", NONE, 0, "" },
	{ "550 5.7.1 limit reached, policy (3.2.1.1) per day", NONE, 0, "" },
	{ "550 0 messages per day per IP is the limit", NONE, 0, "" },
};
/* clang-format on */

static void
limits_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(limits); i++) {
		parse(limits[i].text);
		test_number(limits[i].text, mh_answer_count(answering, MH_L_LIMIT),
		    limits[i].count == NONE ? 0 : 1);
		if (limits[i].count == NONE)
			continue;
		test_number(limits[i].text, mh_answer_item_int(answering, MH_L_LIMIT, 0, MH_I_COUNT),
		    limits[i].count);
		test_number(limits[i].text, mh_answer_item_int(answering, MH_L_LIMIT, 0, MH_I_PER_S),
		    limits[i].per_s);
		item_says(limits[i].text, MH_L_LIMIT, 0, MH_I_WHAT, limits[i].what);
	}
	parse("450 limits: 10 messages per minute per IP. 100 messages per hour per IP. 500 messages per day "
	      "per IP. "
	      "2000 messages per week per IP. 5000 messages per month per IP");
	test_number("limits are kept up to four", mh_answer_count(answering, MH_L_LIMIT), MH_FACTS_LIMITS);
	test_number("and in order", mh_answer_item_int(answering, MH_L_LIMIT, 3, MH_I_COUNT), 2000);
}

/* ------------------------------------------------------------------------------- ids */

/* clang-format off */
static const struct {
	const char *text, *want; /* separated by blanks */
} ids[] = {
	{ "554 5.7.1 rejected, BT ID 12345-ab", "12345-ab" },
	{ "550-5.7.26 not accepted due to policy. 5-20020a05600c0a4500b003f9b24e1sm1234567wmq.23 - gsmtp",
	    "5-20020a05600c0a4500b003f9b24e1sm1234567wmq.23" },
	{ "550 5.7.1 Messages from [192.0.2.9] weren't sent: part of their network is on our block list (S3150).", "S3150" },
	{ "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred", "TSS04" },
	{ "554 IB508 Mail rejected", "IB508" },
	{ "550 Administrative prohibition - envelope blocked - [aBcDeFgHiJkLmN0pQrStUv.de123]",
	    "aBcDeFgHiJkLmN0pQrStUv.de123" },
	{ "550 refused, see case 4711-0815", "4711-0815" },
	{ "550 refused, ticket: 8812345", "8812345" },
	{ "550 refused, id=1kAbCd-0003xY-22", "1kAbCd-0003xY-22" },
	{ "250 2.0.0 Ok: queued as 4F1A23B7C9", "" }, /* "as" is no cue, and letters and digits alone are none */
	{ "550 OFR_416 refused", "OFR_416" },
	{ "550 5.7.1 refused [TSS04] [TSS04]", "TSS04" },
	/* no ids */
	{ "550 5.1.1 no such user", "" },
	{ "550 Message rejected by policy (3.2.1.1)", "" },
	{ "550 rejected (5.1.1)", "" },
	{ "550 client [192.0.2.1] refused", "" },
	{ "550 client [2001:db8::1] refused", "" },
	{ "550 <user1@example.org> refused", "" },
	{ "550 see http://example.org/?code=S3150", "" },
	{ "550 error code: none", "" },
	{ "550 [refused]", "" },
};
/* clang-format on */

static void
ids_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(ids); i++) {
		parse(ids[i].text);
		test_span(ids[i].text, mh_str_z(listed(MH_L_ID, MH_I_TEXT)), mh_str_z(ids[i].want));
	}
}

static void
ids_are_kept_up_to_twelve(void **state)
{
	(void)state;
	parse("550 [AA01] [AA02] [AA03] [AA04] [AA05] [AA06] [AA07] [AA08] [AA09] [AA10] [AA11] [AA12] "
	      "[AA13] [AA14]");
	test_number("ids are kept up to twelve", mh_answer_count(answering, MH_L_ID), MH_FACTS_IDS);
	item_says("the first ones", MH_L_ID, 11, MH_I_TEXT, "AA12");
}

/* -------------------------------------------------- addresses, names, and their places */

/* clang-format off */
static const struct {
	const char *text;
	int list;
	const char *want;
} things[] = {
	{ "550 client [192.0.2.1] refused", MH_L_IP, "192.0.2.1" },
	{ "550 client 192.0.2.1. Refused", MH_L_IP, "192.0.2.1" },
	{ "550 192.0.2.1 and 192.0.2.2 and 192.0.2.1", MH_L_IP, "192.0.2.1 192.0.2.2" },
	{ "550 [2001:0DB8:0000:0000:0000:0000:0000:0001] refused", MH_L_IP, "2001:db8::1" },
	{ "550 [2001:db8:0:0:1:0:0:1] refused", MH_L_IP, "2001:db8::1:0:0:1" },
	{ "550 [IPv6:2001:db8::1] refused", MH_L_IP, "2001:db8::1" },
	{ "550 client ::1 refused", MH_L_IP, "::1" },
	{ "550 [::ffff:192.0.2.1] refused", MH_L_IP, "::ffff:192.0.2.1" },
	{ "550 2001:db8::1: refused", MH_L_IP, "2001:db8::1" },
	/* no addresses */
	/* the answering server's own address is not the refused one */
	{ "host mx.example.org[192.0.2.9] said: 550 5.7.1 client 192.0.2.1 refused", MH_L_IP, "192.0.2.1" },
	{ "host mx.example.org[192.0.2.9] refused to talk to me: 554 no", MH_L_IP, "" },
	{ "host mx.example.org[2001:db8::9] said: 550 no", MH_L_IP, "" },
	{ "connect to mx.example.org[192.0.2.9]:25: Connection refused", MH_L_IP, "" },
	{ "lost connection with mx.example.org[192.0.2.9] while sending RCPT TO", MH_L_IP, "" },
	{ "SMTP error after end of data: host mx.example.org [192.0.2.9]: 550 192.0.2.1 listed", MH_L_IP, "192.0.2.1" },
	{ "554 5.7.1 Client host mail.example.net[192.0.2.1] blocked", MH_L_IP, "192.0.2.1" },
	{ "554 5.7.1 <mail.example.net[192.0.2.1]>: Client host rejected", MH_L_IP, "192.0.2.1" },
	{ "550 sending host mail.example.net [192.0.2.1]: refused", MH_L_IP, "192.0.2.1" },
	{ "550 [192.0.2.1", MH_L_IP, "192.0.2.1" },
	{ "550 rejected by policy (3.2.1.1)", MH_L_IP, "" },
	{ "550 rejected by policy (1.5.2.1)", MH_L_IP, "" },
	{ "550 version 1.2.3.4 is too old", MH_L_IP, "" },
	{ "550 5.7.1 refused", MH_L_IP, "" },
	{ "550 300.2.3.4 refused", MH_L_IP, "" },
	{ "550 1-2-0-192.dynamic.example.net refused", MH_L_IP, "" },
	{ "550 12:34:56 refused", MH_L_IP, "" },
	/* names */
	{ "550 host mx.example.net refused", MH_L_DOMAIN, "mx.example.net" },
	{ "550 mx.example.net, mx.example.net.", MH_L_DOMAIN, "mx.example.net" },
	{ "550 blocked using zen.spamhaus.org", MH_L_DOMAIN, "" }, /* it is told as a blocklist */
	{ "550 <a.b+c@example.org> unknown", MH_L_EMAIL, "a.b+c@example.org" },
	{ "550 a@[192.0.2.1] unknown", MH_L_EMAIL, "a@[192.0.2.1]" },
	{ "550 j\xc3\xbcrgen@b\xc3\xbc" "cher.example unknown", MH_L_EMAIL, "j\xc3\xbcrgen@b\xc3\xbc" "cher.example" },
	{ "550 @ @@ a@ @b", MH_L_EMAIL, "" },
	{ "550 see https://example.org/a(b)?c=d.", MH_L_URL, "https://example.org/a(b)?c=d" },
	{ "550 (see http://example.org/x)", MH_L_URL, "http://example.org/x" },
	{ "550 see <http://example.org/x>", MH_L_URL, "http://example.org/x" },
	{ "550 see www.example.org/x now", MH_L_URL, "www.example.org/x" },
};
/* clang-format on */

static void
things_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(things); i++) {
		parse(things[i].text);
		test_span(things[i].text, mh_str_z(listed(things[i].list, MH_I_TEXT)),
		    mh_str_z(things[i].want));
	}
}

static void
things_stand_where_they_stand(void **state)
{
	static const struct {
		const char *text;
		int list;
		const char *at; /* what the span is in the input */
	} cases[] = {
		{ "550 [2001:0DB8:0::1] refused", MH_L_IP, "2001:0DB8:0::1" },
		{ "550 \xe9\xe9 192.0.2.1 refused", MH_L_IP, "192.0.2.1" },
		{ "550 =?utf-8?Q?no_192=2E0=2E2=2E1?= x", MH_L_IP, "=?utf-8?Q?no_192=2E0=2E2=2E1?=" },
		{ "550 see http://example.org/x.", MH_L_URL, "http://example.org/x" },
		{ "550 <a@example.org> no", MH_L_EMAIL, "a@example.org" },
		{ "550 no [TSS04]", MH_L_ID, "TSS04" },
		{ "550 mx.example.net no", MH_L_DOMAIN, "mx.example.net" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		parse(cases[i].text);
		int64_t begin = mh_answer_item_int(answering, cases[i].list, 0, MH_I_SPAN_BEGIN);
		int64_t end = mh_answer_item_int(answering, cases[i].list, 0, MH_I_SPAN_END);
		test_check(cases[i].text, begin >= 0 && begin < end && end <= (int64_t)strlen(cases[i].text));
		test_span(cases[i].text, mh_str_n(cases[i].text + begin, (size_t)(end - begin)),
		    mh_str_z(cases[i].at));
	}
}

/* ------------------------------------------------------------------------ blocklists */

static void
the_specific_list_beats_the_umbrella(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "550 5.7.1 [192.0.2.7] blocked using zen.spamhaus.org", "zen.spamhaus.org" },
		{ "550 5.7.1 [192.0.2.7] blocked using xbl.spamhaus.org, Spamhaus", "xbl.spamhaus.org" },
		{ "550 5.7.1 Spamhaus says: [192.0.2.7] listed in sbl.spamhaus.org", "sbl.spamhaus.org" },
		{ "550 5.7.1 shop.example blocked using dbl.spamhaus.org", "dbl.spamhaus.org" },
		{ "550 5.7.1 [192.0.2.7] listed in bl.spamcop.net", "bl.spamcop.net" },
		{ "550 5.1.1 no such user", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		parse(cases[i].text);
		test_span(cases[i].text, mh_str_z(listed(MH_L_BLOCKLIST, MH_I_ZONE)),
		    mh_str_z(cases[i].want));
	}
	parse("550 [192.0.2.7] listed in zen.spamhaus.org and bl.spamcop.net");
	test_number("two lists are two", mh_answer_count(answering, MH_L_BLOCKLIST), 2);
	item_says("what a list lists", MH_L_BLOCKLIST, 0, MH_I_KIND, "ip");
	test_check("a list has a name",
	    mh_answer_item_str(answering, MH_L_BLOCKLIST, 0, MH_I_NAME)[0] != '\0');
}

/* -------------------------------------------------------------------------- templates */

/* Groups of replies that differ in data only, and from those of all other groups in words. */
static const char *const templates[][4] = {
	{ "550 5.1.1 <a@example.org> unknown user", "550 5.1.1 <bob.b@mail.example.net> unknown user",
	    "550 5.1.1  <c@d.example>:  UNKNOWN user.\r\n",
	    "550-5.1.1 <a@example.org>\r\n550 5.1.1 unknown user" },
	{ "550 5.1.2 <a@example.org> unknown user" },
	{ "551 5.1.1 <a@example.org> unknown user" },
	{ "550 5.1.1 <a@example.org> no such user" },
	{ "550 <a@example.org> unknown user" },
	{ "450 client [192.0.2.1] wait 300s", "450 client [2001:db8::1] wait 5s",
	    "450 client [10.0.0.1] wait 1m" },
	{ "450 mx1.example.org: queue id 4F1A2B", "450 mail.test: queue id 77" },
	{ "450 see http://example.org/a", "450 see https://other.example/b?c=d" },
	{ "450 unknown", "450-unknown", "450 Unknown.", "450 \"unknown\"" },
	{ "unknown" },
	{ "" },
	{ "550 bo\xc3\xaete pleine", "550 bo\xeete pleine", "550 =?utf-8?Q?bo=C3=AEte?= pleine" },
};

static void
templates_are_equal_for_equal_words(void **state)
{
	char hashes[MH_COUNT(templates)][17];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(templates); i++) {
		for (size_t k = 0; k < MH_COUNT(templates[i]) && templates[i][k] != NULL; k++) {
			parse(templates[i][k]);
			const char *hash = mh_answer_str(answering, MH_A_TEMPLATE);
			test_number("a template is 16 digits", strlen(hash), 16);
			if (k == 0)
				memcpy(hashes[i], hash, 17);
			test_span(templates[i][k], mh_str_z(hash), mh_str_z(hashes[i]));
		}
		for (size_t k = 0; k < i; k++)
			test_check("other words, another template", strcmp(hashes[k], hashes[i]) != 0);
	}
}

/* Templates are kept in other people's databases: these values hold for ever. */
static void
templates_are_stable(void **state)
{
	static const char *const golden[][2] = {
#include "templates.inc"
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(golden); i++) {
		parse(golden[i][0]);
		says(golden[i][0], MH_A_TEMPLATE, golden[i][1]);
	}
}

/* -------------------------------------------------------------------------- any octets */

static void
check_any(struct mh_str text, void *arg)
{
	(void)arg;
	parse_n(text.p, text.len);
	int64_t wait = mh_answer_int(answering, MH_A_RETRY_AFTER_S);
	test_check("a wait is none or positive", wait >= -1);
	test_check("limits are bounded", mh_answer_count(answering, MH_L_LIMIT) <= MH_FACTS_LIMITS);
	for (size_t i = 0; i < mh_answer_count(answering, MH_L_LIMIT); i++)
		test_check("a limit has a count",
		    mh_answer_item_int(answering, MH_L_LIMIT, i, MH_I_COUNT) > 0);
	test_check("ids are bounded", mh_answer_count(answering, MH_L_ID) <= MH_FACTS_IDS);
	for (size_t i = 0; i < mh_answer_count(answering, MH_L_ID); i++)
		test_check("an id has text", mh_answer_item_str(answering, MH_L_ID, i, MH_I_TEXT)[0] != '\0');
}

static void
any_octets_have_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(waits); i += 7)
		test_mangled(mh_str_z(waits[i].text), check_any, NULL);
	for (size_t i = 0; i < MH_COUNT(limits); i += 5)
		test_mangled(mh_str_z(limits[i].text), check_any, NULL);
	for (size_t i = 0; i < MH_COUNT(ids); i += 6)
		test_mangled(mh_str_z(ids[i].text), check_any, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_are_read),
		cmocka_unit_test(limits_are_read),
		cmocka_unit_test(ids_are_read),
		cmocka_unit_test(ids_are_kept_up_to_twelve),
		cmocka_unit_test(things_are_found),
		cmocka_unit_test(things_stand_where_they_stand),
		cmocka_unit_test(the_specific_list_beats_the_umbrella),
		cmocka_unit_test(templates_are_equal_for_equal_words),
		cmocka_unit_test(templates_are_stable),
		cmocka_unit_test(any_octets_have_facts),
	};
	return cmocka_run_group_tests(tests, answering_setup, answering_teardown);
}
