/* test_digest.c - lib/replies/digest*.c: what a whole log shows */
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "answering.h"

#include "digest.h"

#define NOW 1795737600 /* 2026-11-27T00:00:00Z */

static struct mh_digest *
make(struct mh_mem mem)
{
	struct mh_digest *digest = mh_digest_make(&mem, answering_book);
	if (digest != NULL)
		mh_digest_options(digest)->clock.now = NOW;
	return digest;
}

static void
feed(struct mh_digest *digest, const char *text)
{
	assert_int_equal(mh_digest_feed(digest, mh_str_z(text)), MH_ERR_OK);
}

/* digest_of - a whole log in one piece */
static struct mh_digest *
digest_of(const char *text)
{
	struct mh_digest *digest = make(answering_mem);
	assert_non_null(digest);
	feed(digest, text);
	assert_int_equal(mh_digest_end(digest), MH_ERR_OK);
	return digest;
}

#define tells(sentence, digest, list, i, field, want) \
	test_span((sentence), mh_str_z(mh_digest_item_str((digest), (list), (i), (field))), mh_str_z(want))
#define counts(sentence, digest, list, i, field, want) \
	test_number((sentence), mh_digest_item_int((digest), (list), (i), (field)), (want))

#define SMTP "mail postfix/smtp[811]: "
#define AT(host) ", relay=" host "[198.51.100.7]:25, delay=1.2, delays=0.1/0/0.5/0.6, "

static const char small_log[] =
    "Nov 20 08:15:10 mail postfix/smtpd[700]: connect from client.example.org[192.0.2.77]\n"
    "Nov 20 08:15:11 " SMTP "4F1A2B3C4D: to=<one@gmail.example>" AT(
	"gmail-smtp-in.l.google.com") "dsn=2.0.0, status=sent (250 2.0.0 OK  1732090511 abc.12 "
				      "- gsmtp)\n"
				      "Nov 20 08:15:12 " SMTP "4F1A2B3C4E: to=<two@btinternet.example>" AT(
					  "mx.bt.lon5.cpcloud.co.uk") "dsn=4.0.0, "
								      "status=deferred (host "
								      "mx.bt.lon5.cpcloud.co."
								      "uk[198.51.100.7] said: "
								      "421 Too many messages "
								      "(1.5.2.1) from "
								      "192.0.2.25 (in reply to "
								      "MAIL FROM command))\n"
								      "Nov 20 09:15:12 " SMTP "4F1A2B3C4F: "
								      "to=<three@btinternet."
								      "example>" AT("mx.bt.lon5.cpcloud."
										    "co.uk") "dsn=4.0.0, "
											     "status="
											     "deferred "
											     "(host "
											     "mx.bt.lon5."
											     "cpcloud.co."
											     "uk[198.51."
											     "100.7] "
											     "said: 421 "
											     "Too many "
											     "messages "
											     "(1.5.2.1) "
											     "from "
											     "192.0.2.25 "
											     "(in reply "
											     "to MAIL "
											     "FROM "
											     "command))\n"
											     "Nov 21 "
											     "10:00:"
											     "00 " SMTP
											     "4F1A2B3C50:"
											     " to=<"
											     "nobody@"
											     "shop."
											     "example"
											     ">" AT("mx."
												    "shop."
												    "exampl"
												    "e") "ds"
													 "n="
													 "5."
													 "1."
													 "1,"
													 " s"
													 "ta"
													 "tu"
													 "s="
													 "bo"
													 "un"
													 "ce"
													 "d "
													 "(h"
													 "os"
													 "t "
													 "mx"
													 ".s"
													 "ho"
													 "p."
													 "ex"
													 "am"
													 "pl"
													 "e["
													 "19"
													 "8."
													 "51"
													 ".1"
													 "00"
													 ".7"
													 "] "
													 "sa"
													 "id"
													 ": "
													 "55"
													 "0 "
													 "5."
													 "1."
													 "1 "
													 "<n"
													 "ob"
													 "od"
													 "y@"
													 "sh"
													 "op"
													 ".e"
													 "xa"
													 "mp"
													 "le"
													 ">:"
													 " "
													 "Re"
													 "ci"
													 "pi"
													 "en"
													 "t "
													 "ad"
													 "dr"
													 "es"
													 "s "
													 "re"
													 "je"
													 "ct"
													 "ed"
													 ": "
													 "Us"
													 "er"
													 " u"
													 "nk"
													 "no"
													 "wn"
													 " ("
													 "in"
													 " r"
													 "ep"
													 "ly"
													 " t"
													 "o "
													 "RC"
													 "PT"
													 " T"
													 "O "
													 "co"
													 "mm"
													 "an"
													 "d)"
													 ")"
													 "\n"
													 "No"
													 "v "
													 "21"
													 " 1"
													 "0:"
													 "00"
													 ":0"
													 "1 "
													 "ma"
													 "il"
													 " p"
													 "os"
													 "tf"
													 "ix"
													 "/q"
													 "mg"
													 "r["
													 "60"
													 "0]"
													 ": "
													 "4F"
													 "1A"
													 "2B"
													 "3C"
													 "50"
													 ": "
													 "re"
													 "mo"
													 "ve"
													 "d"
													 "\n"
													 "No"
													 "v "
													 "21"
													 " 1"
													 "0:"
													 "00"
													 ":0"
													 "2 "
													 "ma"
													 "il"
													 " p"
													 "os"
													 "tf"
													 "ix"
													 "/s"
													 "mt"
													 "pd"
													 "[7"
													 "00"
													 "]:"
													 " N"
													 "OQ"
													 "UE"
													 "UE"
													 ": "
													 "re"
													 "je"
													 "ct"
													 ": "
													 "RC"
													 "PT"
													 " f"
													 "ro"
													 "m "
													 "un"
													 "kn"
													 "ow"
													 "n["
													 "19"
													 "2."
													 "0."
													 "2."
													 "66"
													 "]:"
													 " 5"
													 "54"
													 " 5"
													 ".7"
													 ".1"
													 " "
													 "<x"
													 "@y"
													 ".e"
													 "xa"
													 "mp"
													 "le"
													 ">:"
													 " R"
													 "el"
													 "ay"
													 " a"
													 "cc"
													 "es"
													 "s "
													 "de"
													 "ni"
													 "ed"
													 "; "
													 "fr"
													 "om"
													 "=<"
													 "a@"
													 "b."
													 "ex"
													 "am"
													 "pl"
													 "e>"
													 " t"
													 "o="
													 "<x"
													 "@y"
													 ".e"
													 "xa"
													 "mp"
													 "le"
													 "> "
													 "pr"
													 "ot"
													 "o="
													 "ES"
													 "MT"
													 "P "
													 "he"
													 "lo"
													 "=<"
													 "h>"
													 "\n";

static void
groups(void **state)
{
	(void)state;
	struct mh_digest *digest = digest_of(small_log);
	test_number("lines", mh_digest_int(digest, MH_D_LINES), 7);
	test_number("deliveries", mh_digest_int(digest, MH_D_DELIVERIES), 4);
	test_number("sent", mh_digest_int(digest, MH_D_SENT), 1);
	test_number("deferred", mh_digest_int(digest, MH_D_DEFERRED), 2);
	test_number("bounced", mh_digest_int(digest, MH_D_BOUNCED), 1);
	test_number("rejected", mh_digest_int(digest, MH_D_REJECTED), 1);
	test_number("from", mh_digest_int(digest, MH_D_FROM), 1795162510);
	test_number("octets", mh_digest_int(digest, MH_D_OCTETS), (int64_t)strlen(small_log));
	test_number("two groups", (int64_t)mh_digest_count(digest, MH_D_GROUP), 2);
	tells("a limit of all mail comes before one recipient", digest, MH_D_GROUP, 0, MH_S_PROVIDER, "bt");
	tells("its reason", digest, MH_D_GROUP, 0, MH_S_REASON, "rate-limited");
	tells("it passes", digest, MH_D_GROUP, 0, MH_S_PERMANENCE, "temporary");
	tells("what was said", digest, MH_D_GROUP, 0, MH_S_SAMPLE,
	    "421 Too many messages (1.5.2.1) from 192.0.2.25");
	tells("by whom", digest, MH_D_GROUP, 0, MH_S_RELAY, "mx.bt.lon5.cpcloud.co.uk");
	counts("how often", digest, MH_D_GROUP, 0, MH_S_COUNT, 2);
	counts("of all failures", digest, MH_D_GROUP, 0, MH_S_SHARE, 667);
	counts("to how many", digest, MH_D_GROUP, 0, MH_S_RECIPIENTS, 2);
	counts("since", digest, MH_D_GROUP, 0, MH_S_FIRST, 1795162512);
	counts("until", digest, MH_D_GROUP, 0, MH_S_LAST, 1795166112);
	tells("one without a provider is told by its domain", digest, MH_D_GROUP, 1, MH_S_PROVIDER_NAME,
	    "shop.example");
	tells("whose id is unknown", digest, MH_D_GROUP, 1, MH_S_PROVIDER, "");
	tells("its reason", digest, MH_D_GROUP, 1, MH_S_REASON, "user-unknown");
	tells("it is final", digest, MH_D_GROUP, 1, MH_S_PERMANENCE, "permanent");
	struct mh_answer *answer = mh_digest_answer(digest, MH_D_GROUP, 0);
	assert_non_null(answer);
	test_check("there is advice", mh_answer_count(answer, MH_L_ADVICE) > 0);
	test_span("the sample is understood as the line was", mh_str_z(mh_answer_str(answer, MH_A_PROVIDER)),
	    MH_STR("bt"));
	test_number("nothing unknown", (int64_t)mh_digest_count(digest, MH_D_UNKNOWN), 0);
	test_number("no limit from a single day", (int64_t)mh_digest_count(digest, MH_D_THROTTLE), 0);
	mh_digest_free(digest);
}

static void
wrong_places(void **state)
{
	(void)state;
	struct mh_digest *digest = digest_of(small_log);
	for (int list = -1; list < 8; list++)
		for (int field = -1; field < 20; field++) {
			(void)mh_digest_item_str(digest, list, 0, field);
			(void)mh_digest_item_int(digest, list, 0, field);
			tells("past the end there is nothing", digest, list, 99, field, "");
			counts("past the end there is nothing", digest, list, 99, field, -1);
		}
	test_number("no such number", mh_digest_int(digest, 99), -1);
	test_check("past the end there is no answer", mh_digest_answer(digest, MH_D_GROUP, 99) == NULL);
	test_check("of a limit there is no answer", mh_digest_answer(digest, MH_D_THROTTLE, 0) == NULL);
	test_check("options are closed", mh_digest_options(digest) == NULL);
	mh_digest_free(digest);
}

/* --------------------------------------------------------------------- forwarding */

static void
forwarding(void **state)
{
	(void)state;
	struct mh_digest *digest = digest_of(
	    "Nov 20 08:00:00 " SMTP "AAAA1111: to=<friend@gmail.example>, orig_to=<info@club.example>" AT(
		"gmail-smtp-in.l.google.com") "dsn=5.7.26, status=bounced (host "
					      "gmail-smtp-in.l.google.com[198.51.100.7] said: 550-5.7.26 "
					      "Your email has been blocked because the "
					      "sender is unauthenticated. 550-5.7.26 Gmail requires all "
					      "senders to authenticate with either SPF or "
					      "DKIM. 550 5.7.26 - gsmtp (in reply to end of DATA command))\n"
					      "Nov 20 08:00:01 " SMTP
					      "AAAA2222: to=<a@shop.example>, orig_to=<b@shop.example>" AT(
						  "mx.shop.example") "dsn=5.7.23, status=bounced (host "
								     "mx.shop.example[198.51.100.7] said: "
								     "550 5.7.23 "
								     "SPF validation failed (in reply to "
								     "MAIL FROM command))\n"
								     "Nov 20 08:00:02 mail "
								     "postfix/qmgr[600]: AAAA3333: "
								     "from=<SRS0=ab=cd=far.example=x@club."
								     "example>, "
								     "size=2000, nrcpt=1 (queue active)\n"
								     "Nov 20 08:00:03 " SMTP
								     "AAAA3333: to=<other@shop.example>" AT(
									 "mx.shop.example") "dsn=5.7.1, "
											    "status=bounced "
											    "(host "
											    "mx.shop.example["
											    "198.51.100.7] "
											    "said: 550 5.7.1 "
											    "Message "
											    "refused, SPF "
											    "fail (in reply "
											    "to MAIL FROM "
											    "command))\n"
											    "Nov 20 08:00:04 "
											    "mail "
											    "postfix/"
											    "local[9]: "
											    "AAAA4444: "
											    "to=<root@club."
											    "example>, "
											    "relay=local, "
											    "delay=0.1, "
											    "delays=0/0/0/"
											    "0.1, dsn=2.0.0, "
											    "status=sent "
											    "(forwarded as "
											    "AAAA5555)\n"
											    "Nov 20 "
											    "08:00:05 " SMTP
											    "AAAA5555: "
											    "to=<admin@shop."
											    "example>" AT(
												"mx.shop."
												"example") "d"
													   "s"
													   "n"
													   "="
													   "5"
													   "."
													   "7"
													   "."
													   "2"
													   "3"
													   ","
													   " "
													   "s"
													   "t"
													   "a"
													   "t"
													   "u"
													   "s"
													   "="
													   "b"
													   "o"
													   "u"
													   "n"
													   "c"
													   "e"
													   "d"
													   " "
													   "("
													   "h"
													   "o"
													   "s"
													   "t"
													   " "
													   "m"
													   "x"
													   "."
													   "s"
													   "h"
													   "o"
													   "p"
													   "."
													   "e"
													   "x"
													   "a"
													   "m"
													   "p"
													   "l"
													   "e"
													   "["
													   "1"
													   "9"
													   "8"
													   "."
													   "5"
													   "1"
													   "."
													   "1"
													   "0"
													   "0"
													   "."
													   "7"
													   "]"
													   " "
													   "s"
													   "a"
													   "i"
													   "d"
													   ":"
													   " "
													   "5"
													   "5"
													   "0"
													   " "
													   "5"
													   "."
													   "7"
													   "."
													   "2"
													   "3"
													   " "
													   "S"
													   "P"
													   "F"
													   " "
													   "v"
													   "a"
													   "l"
													   "i"
													   "d"
													   "a"
													   "t"
													   "i"
													   "o"
													   "n"
													   " "
													   "f"
													   "a"
													   "i"
													   "l"
													   "e"
													   "d"
													   " "
													   "("
													   "i"
													   "n"
													   " "
													   "r"
													   "e"
													   "p"
													   "l"
													   "y"
													   " "
													   "t"
													   "o"
													   " "
													   "M"
													   "A"
													   "I"
													   "L"
													   " "
													   "F"
													   "R"
													   "O"
													   "M"
													   " "
													   "c"
													   "o"
													   "m"
													   "m"
													   "a"
													   "n"
													   "d"
													   ")"
													   ")"
													   "\n"
													   "N"
													   "o"
													   "v"
													   " "
													   "2"
													   "0"
													   " "
													   "0"
													   "8"
													   ":"
													   "0"
													   "0"
													   ":"
													   "0"
													   "6"
													   " " SMTP
													   "A"
													   "A"
													   "A"
													   "A"
													   "6"
													   "6"
													   "6"
													   "6"
													   ":"
													   " "
													   "t"
													   "o"
													   "="
													   "<"
													   "g"
													   "o"
													   "n"
													   "e"
													   "@"
													   "m"
													   "a"
													   "i"
													   "l"
													   "."
													   "e"
													   "x"
													   "a"
													   "m"
													   "p"
													   "l"
													   "e"
													   ">"
													   ","
													   " "
													   "o"
													   "r"
													   "i"
													   "g"
													   "_"
													   "t"
													   "o"
													   "="
													   "<"
													   "i"
													   "n"
													   "f"
													   "o"
													   "@"
													   "c"
													   "l"
													   "u"
													   "b"
													   "."
													   "e"
													   "x"
													   "a"
													   "m"
													   "p"
													   "l"
													   "e"
													   ">" AT(
													       "mx.mail.example") "dsn=5.1.1, status=bounced (host mx.mail.example[198.51.100.7] said: 550 5.1.1 "
																  "User unknown (in reply to RCPT TO command))\n");
	test_number("three were refused for being forwarded",
	    (int64_t)mh_digest_count(digest, MH_D_FORWARDING), 3);
	bool seen[3] = { false, false, false };
	for (size_t i = 0; i < 3; i++) {
		const char *original = mh_digest_item_str(digest, MH_D_FORWARDING, i, MH_S_ORIG_RECIPIENT);
		int which = strcmp(original, "info@club.example") == 0 ? 0
		    : strcmp(original, "root@club.example") == 0       ? 1
								       : 2;
		seen[which] = true;
		counts("once", digest, MH_D_FORWARDING, i, MH_S_COUNT, 1);
		if (which == 0)
			tells("orig_to", digest, MH_D_FORWARDING, i, MH_S_RECIPIENT, "friend@gmail.example");
		if (which == 1)
			tells("forwarded as", digest, MH_D_FORWARDING, i, MH_S_RECIPIENT,
			    "admin@shop.example");
		if (which == 2)
			tells("SRS", digest, MH_D_FORWARDING, i, MH_S_RECIPIENT, "other@shop.example");
		test_check("each has evidence",
		    mh_digest_item_str(digest, MH_D_FORWARDING, i, MH_S_EVIDENCE)[0] != '\0');
		test_check("and an answer", mh_digest_answer(digest, MH_D_FORWARDING, i) != NULL);
	}
	test_check("all three ways are seen", seen[0] && seen[1] && seen[2]);
	mh_digest_free(digest);
}

/* -------------------------------------------------------------------- other events */

static void
expiry(void **state)
{
	(void)state;
	struct mh_digest *digest = digest_of("Nov 20 08:00:00 " SMTP "BBBB1111: to=<a@shop.example>" AT(
	    "mx.shop.example") "dsn=4.2.2, status=deferred (host mx.shop.example[198.51.100.7] said: 452 "
			       "4.2.2 Mailbox full (in reply to "
			       "RCPT TO command))\n"
			       "Nov 25 08:00:00 mail postfix/qmgr[600]: BBBB1111: from=<me@club.example>, "
			       "status=expired, returned to "
			       "sender\n"
			       "Nov 25 08:00:00 mail postfix/qmgr[600]: BBBB9999: from=<me@club.example>, "
			       "status=expired, returned to "
			       "sender\n");
	test_number("two expired", mh_digest_int(digest, MH_D_EXPIRED), 2);
	test_number("three groups", (int64_t)mh_digest_count(digest, MH_D_GROUP), 3);
	bool kept = false, lost = false;
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(mh_digest_item_str(digest, MH_D_GROUP, i, MH_S_PERMANENCE), "permanent") != 0)
			continue;
		if (strcmp(mh_digest_item_str(digest, MH_D_GROUP, i, MH_S_REASON), "mailbox-full") == 0) {
			kept = true;
			tells("it was said by the host that put it off", digest, MH_D_GROUP, i, MH_S_RELAY,
			    "mx.shop.example");
		}
		lost |= strcmp(mh_digest_item_str(digest, MH_D_GROUP, i, MH_S_REASON), "timeout") == 0;
	}
	test_check("one expired for what put it off last, the other for reasons that were not seen",
	    kept && lost);
	mh_digest_free(digest);
}

static void
unknown(void **state)
{
	(void)state;
	struct mh_digest *digest =
	    digest_of("Nov 20 08:00:00 " SMTP "CCCC1111: to=<jane.roe@shop.example>" AT(
		"mx.shop.example") "dsn=5.0.0, status=bounced (host mx.shop.example[198.51.100.7] said: 550 "
				   "<jane.roe@shop.example> wibble "
				   "quux frobnicated the flux [192.0.2.25] (in reply to RCPT TO command))\n"
				   "Nov 20 08:00:01 " SMTP "CCCC2222: to=<john@shop.example>" AT(
				       "mx.shop.example") "dsn=5.0.0, status=bounced (host "
							  "mx.shop.example[198.51.100.7] said: 550 "
							  "<john@shop.example> wibble quux "
							  "frobnicated the flux [192.0.2.26] (in reply to "
							  "RCPT TO command))\n");
	test_number("one template", (int64_t)mh_digest_count(digest, MH_D_UNKNOWN), 1);
	counts("seen twice", digest, MH_D_UNKNOWN, 0, MH_S_COUNT, 2);
	tells("no personal data", digest, MH_D_UNKNOWN, 0, MH_S_SAMPLE,
	    "550 <user@example.com> wibble quux frobnicated the flux [192.0.2.1]");
	const char *rule = mh_digest_item_str(digest, MH_D_UNKNOWN, 0, MH_S_RULE);
	test_check("a draft of its words", strstr(rule, "\"wibble quux frobnicated the flux\"") != NULL);
	mh_digest_free(digest);
}

static void
tls_faults(void **state)
{
	(void)state;
	struct mh_digest *digest =
	    digest_of("Nov 20 08:00:00 mail sm-mta[18283]: STARTTLS=server, error: accept failed=-1, "
		      "reason=no shared cipher, "
		      "SSL_error=1, errno=0, retry=-1, relay=mail-wr1-f41.google.com [209.85.221.41]\n"
		      "Nov 20 08:05:00 mail sm-mta[18284]: STARTTLS=server, error: accept failed=-1, "
		      "reason=no shared cipher, "
		      "SSL_error=1, errno=0, retry=-1, relay=mail-wr1-f42.google.com [209.85.221.42]\n");
	test_number("one fault", (int64_t)mh_digest_count(digest, MH_D_TLS), 1);
	tells("its cause", digest, MH_D_TLS, 0, MH_S_CAUSE, "tls.no-certificate");
	counts("twice", digest, MH_D_TLS, 0, MH_S_COUNT, 2);
	counts("clients that came to us", digest, MH_D_TLS, 0, MH_S_INBOUND, 1);
	counts("since", digest, MH_D_TLS, 0, MH_S_FIRST, 1795161600);
	test_check("the JSON has the remedy", strstr(mh_digest_json(digest), "\"remedy\":\"\"") == NULL);
	mh_digest_free(digest);
}

static void
years(void **state)
{
	(void)state;
	struct mh_digest *digest = digest_of("Dec 31 23:59:59 " SMTP "DDDD1111: to=<a@shop.example>" AT(
	    "mx.shop.example") "dsn=2.0.0, status=sent (250 ok)\n"
			       "Jan  1 00:00:01 " SMTP "DDDD1112: to=<a@shop.example>" AT(
				   "mx.shop.example") "dsn=2.0.0, status=sent (250 ok)\n");
	test_number("two seconds apart", mh_digest_int(digest, MH_D_TO) - mh_digest_int(digest, MH_D_FROM),
	    2);
	test_number("the last new year", mh_digest_int(digest, MH_D_TO), 1767225601);
	mh_digest_free(digest);
}

static void
ceilings(void **state)
{
	(void)state;
	struct mh_digest *digest = make(answering_mem);
	char line[512];
	mh_digest_options(digest)->groups = 16;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(line, sizeof(line),
		    "Nov 20 08:00:00 " SMTP
		    "EEEE%04d: to=<a@shop%d.example>, relay=mx.shop%d.example[198.51.100.7]:25, "
		    "delay=1, dsn=5.1.1, status=bounced (host mx.shop%d.example[198.51.100.7] said: 550 "
		    "5.1.1 User "
		    "unknown (in reply to RCPT TO command))\n",
		    i, i, i, i);
		feed(digest, line);
	}
	test_number("as many groups as allowed", (int64_t)mh_digest_count(digest, MH_D_GROUP), 16);
	test_number("the others are counted", mh_digest_int(digest, MH_D_LEFT_OUT), 84);
	mh_digest_free(digest);
}

/* --------------------------------------------------------------------------- input */

static char *
json_of(const char *octets, size_t len, size_t step, int want)
{
	struct mh_digest *digest = make(answering_mem);
	int result = MH_ERR_OK;
	for (size_t i = 0; i < len && result == MH_ERR_OK; i += step)
		result = mh_digest_feed(digest, mh_str_n(octets + i, len - i < step ? len - i : step));
	int end = mh_digest_end(digest);
	test_number("what reading gives", result != MH_ERR_OK ? result : end, want);
	char *json = strdup(mh_digest_json(digest));
	mh_digest_free(digest);
	return json;
}

static void
input(void **state)
{
	(void)state;
	size_t len = strlen(small_log);
	char *whole = json_of(small_log, len, len, MH_ERR_OK), *other;
	static const size_t steps[] = { 1, 2, 3, 15, 16, 17, 100, 1000 };
	for (size_t i = 0; i < MH_COUNT(steps); i++) {
		other = json_of(small_log, len, steps[i], MH_ERR_OK);
		test_span("cut anywhere it is the same", mh_str_z(other), mh_str_z(whole));
		free(other);
	}
	other = json_of(small_log, len - 1, len, MH_ERR_OK);
	test_span("the last line needs no end", mh_str_z(other), mh_str_z(whole));
	free(other);
	char crlf[2 * sizeof(small_log)];
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (small_log[i] == '\n')
			crlf[n++] = '\r';
		crlf[n++] = small_log[i];
	}
	other = json_of(crlf, n, 7, MH_ERR_OK);
	test_span("CR LF ends lines as well", mh_str_z(other), mh_str_z(whole));
	free(other);

	unsigned char packed[8192];
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)small_log, .avail_in = (uInt)len };
	stream.next_out = packed;
	stream.avail_out = sizeof(packed);
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size_t size = sizeof(packed) - stream.avail_out;
	assert_int_equal(deflateEnd(&stream), Z_OK);
	for (size_t i = 0; i < MH_COUNT(steps); i++) {
		other = json_of((char *)packed, size, steps[i], MH_ERR_OK);
		test_span("gzip is the same", mh_str_z(other), mh_str_z(whole));
		free(other);
	}
	free(json_of((char *)packed, size - 20, 100, MH_ERR_EIO));
	packed[size / 2] ^= 0xff;
	free(json_of((char *)packed, size, 100, MH_ERR_EIO));
	free(whole);
}

static void
long_lines(void **state)
{
	(void)state;
	struct mh_digest *digest = make(answering_mem);
	char *block = malloc(1 << 20);
	assert_non_null(block);
	memset(block, 'x', 1 << 20);
	for (int i = 0; i < 64; i++)
		assert_int_equal(mh_digest_feed(digest, mh_str_n(block, 1 << 20)), MH_ERR_OK);
	feed(digest, "\n");
	feed(digest, small_log);
	block[(1 << 20) - 1] = '\n';
	assert_int_equal(mh_digest_feed(digest, mh_str_n(block, 1 << 20)), MH_ERR_OK);
	test_number("a line of 64 MiB is a line", mh_digest_int(digest, MH_D_LINES), 9);
	test_number("and what follows is read", mh_digest_int(digest, MH_D_DELIVERIES), 4);
	free(block);
	mh_digest_free(digest);
}

/* Many lines that differ in data only, and some that do not. */
static char *
varied_log(size_t lines)
{
	static const char *const said[] = {
		"550 5.1.1 <u%u@shop.example>: Recipient address rejected: User unknown",
		"451 4.7.1 Greylisted, try again in %u minutes",
		"554 5.7.1 Service unavailable; Client host [192.0.2.%u] blocked using zen.spamhaus.org",
		"554 5.7.1 Service unavailable; Client host [192.0.2.%u] blocked using bl.spamcop.net",
		"421 Too many messages (1.5.2.1) from 192.0.2.%u",
		"554 Message rejected on 2026/11/02 22:34:07 GMT, policy (3.2.1.1) ID (5F1A22C30B7E%04u)",
		"550 5.7.1 Unfortunately, messages from [192.0.2.%u] weren't sent. Please contact your "
		"Internet "
		"service provider since part of their network is on our block list (S3150).",
		"550 wibble%u quux",
	};
	static const char *const hosts[] = { "mx.bt.lon5.cpcloud.co.uk", "mx1.shop.example",
		"shop-example.mail.protection.outlook.com", "mta7.am0.yahoodns.net" };
	struct test_random random = { 11 };
	char *log = malloc(lines * 512), *p = log;
	assert_non_null(log);
	for (size_t i = 0; i < lines; i++) {
		char reply[256];
		unsigned kind = (unsigned)test_random_below(&random, MH_COUNT(said));
		const char *host = hosts[test_random_below(&random, MH_COUNT(hosts))];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(reply, sizeof(reply), said[kind], (unsigned)test_random_below(&random, 250));
#pragma GCC diagnostic pop
		p += snprintf(p, 512,
		    "Nov %02u %02u:%02u:00 " SMTP
		    "%010zX: to=<u%u@shop%u.example>, relay=%s[198.51.100.7]:25, delay=1, "
		    "dsn=%c.0.0, status=%s (host %s[198.51.100.7] said: %s (in reply to %s command))\n",
		    (unsigned)(10 + i * 10 / lines), (unsigned)(i * 240 / lines % 24), (unsigned)(i % 60), i,
		    (unsigned)test_random_below(&random, 1000), (unsigned)test_random_below(&random, 9), host,
		    reply[0], reply[0] == '4' ? "deferred" : "bounced", host, reply,
		    test_random_below(&random, 2) != 0 ? "RCPT TO" : "end of DATA");
	}
	return log;
}

static void
memory_of_texts(void **state)
{
	(void)state;
	char *log = varied_log(20000), *json[2];
	for (int i = 0; i < 2; i++) {
		struct mh_digest *digest = make(answering_mem);
		mh_digest_options(digest)->no_memory_of_texts = i == 1;
		feed(digest, log);
		json[i] = strdup(mh_digest_json(digest));
		mh_digest_free(digest);
	}
	test_span("texts that are taken for one are one", mh_str_z(json[0]), mh_str_z(json[1]));
	free(json[0]);
	free(json[1]);
	free(log);
}

static void
bounded(void **state)
{
	(void)state;
	char *log = varied_log(20000);
	struct mh_digest *digest = make(answering_mem);
	feed(digest, log);
	feed(digest, log);
	size_t before = answering_alloc.live_octets;
	for (int i = 0; i < 10; i++)
		feed(digest, log);
	test_check("the same again ten times takes no more memory than some for limits",
	    answering_alloc.live_octets < before + (1u << 20));
	mh_digest_free(digest);
	free(log);
}

static bool
run(struct mh_mem mem, void *arg)
{
	const char *log = arg;
	struct mh_digest *digest = make(mem);
	if (digest == NULL)
		return false;
	bool good = mh_digest_feed(digest, mh_str_z(log)) == MH_ERR_OK;
	good &= mh_digest_end(digest) == MH_ERR_OK;
	good &= mh_digest_json(digest)[0] != '\0';
	mh_digest_free(digest);
	return good;
}

static void
failing_memory(void **state)
{
	(void)state;
	/* Without memory for a name its receiver is counted among the others: that is hidden. */
	(void)test_failing_allocs(run, (void *)(uintptr_t)small_log, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups),
		cmocka_unit_test(wrong_places),
		cmocka_unit_test(forwarding),
		cmocka_unit_test(expiry),
		cmocka_unit_test(unknown),
		cmocka_unit_test(tls_faults),
		cmocka_unit_test(years),
		cmocka_unit_test(ceilings),
		cmocka_unit_test(input),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(memory_of_texts),
		cmocka_unit_test(bounded),
		cmocka_unit_test(failing_memory),
	};
	return cmocka_run_group_tests(tests, answering_setup, answering_teardown);
}
