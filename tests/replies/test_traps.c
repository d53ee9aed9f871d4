/* test_traps.c - replies that are easily taken for something else
 *
 * The rules that the built-in set follows where two reasons touch, each with
 * replies of our own wording.  Who reads the sentence beside a reply must come
 * to its reason; the rules that get it there may change.
 */
#include "answering.h"

#include "find.h"

struct trap {
	const char *why, *text, *reason;
};

/* clang-format off */
static const struct trap traps[] = {
	/* words beat the status code, a named cause beats its effect */
	{ "words beat the status", "550 5.1.1 <a@example.org> mailbox full", "mailbox-full" },
	{ "words beat the status", "550 5.7.1 <a@example.org>: user unknown", "user-unknown" },
	{ "words beat the status", "550 5.7.1 message size exceeds fixed limit", "message-too-big" },
	{ "words beat the status", "550 5.7.1 relaying denied for <a@example.org>", "relay-denied" },
	{ "words beat the status", "550 5.7.1 this message contains a virus", "virus" },
	{ "words beat the status", "554 5.1.1 authentication required before you may send", "login-required" },
	{ "words beat the code", "550 4.2.2 The mailbox is over quota", "mailbox-full" },
	{ "words beat the code", "550 server busy, try again later", "server-unavailable" },
	{ "words beat the code", "450 4.1.1 no such user here", "user-unknown" },
	{ "words beat the code", "552 5.7.0 an executable attachment is not allowed", "content-rejected" },
	{ "a cause beats its effect", "550 5.7.1 rejected: client 192.0.2.1 is listed at zen.spamhaus.org", "ip-blocklisted" },
	{ "a cause beats its effect", "554 5.7.1 access denied: no reverse DNS for 192.0.2.1", "ptr-missing" },
	{ "a cause beats its effect", "550 message rejected because SPF check failed", "auth-spf" },
	{ "a cause beats its effect", "550 delivery failed: mailbox unavailable, the user does not exist", "user-unknown" },
	{ "the remote's words beat the headline", "550 5.0.0 Delivery to the following recipient failed permanently: remote server said: 550 5.2.2 quota exceeded", "mailbox-full" },

	/* 550 5.7.1 is not spam, and 550 not "other" */
	{ "550 5.7.1 may be relaying", "550 5.7.1 Unable to relay for a@example.org", "relay-denied" },
	{ "550 5.7.1 may be authentication", "550 5.7.1 The DKIM signature did not verify", "auth-dkim" },
	{ "550 5.7.1 may be policy", "550 5.7.1 message refused by local policy", "policy-rejected" },
	{ "550 alone says nothing", "550 xyzzy", "unknown" },
	{ "550 and words", "550 No such user", "user-unknown" },

	/* ip-blocklisted, ip-reputation, ip-blocked */
	{ "a list is named", "550 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org", "ip-blocklisted" },
	{ "a list is named", "554 your address 192.0.2.1 was found in bl.spamcop.net", "ip-blocklisted" },
	{ "a list is named, by its name alone", "554 5.7.1 mail from 192.0.2.1 refused, see Spamhaus XBL", "ip-blocklisted" },
	{ "a list is named, the effect is throttling", "421 4.7.1 192.0.2.1 deferred because it is listed on b.barracudacentral.org", "ip-blocklisted" },
	{ "reputation is the reason", "550 5.7.1 the sending IP address 192.0.2.1 has a poor reputation", "ip-reputation" },
	{ "complaints are the reason", "421 4.7.0 192.0.2.1 deferred due to user complaints", "ip-reputation" },
	{ "unsolicited mail from there, throttled", "421 4.7.0 our system has detected an unusual rate of unsolicited mail originating from your IP address, it has been temporarily rate limited", "ip-reputation" },
	{ "a ban without a word of reputation", "550 5.7.1 your IP address 192.0.2.1 is banned", "ip-blocked" },
	{ "a dynamic address", "550 5.7.1 mail from dynamic IP addresses is not accepted", "ip-blocked" },
	{ "a country", "550 5.7.1 connections from your country are not accepted", "ip-blocked" },

	/* domain-blocklisted, domain-reputation */
	{ "a domain is listed", "550 5.7.1 the domain shop.example is listed in dbl.spamhaus.org", "domain-blocklisted" },
	{ "a URL is listed", "554 5.7.1 the message contains a URL listed in multi.uribl.com", "domain-blocklisted" },
	{ "SURBL", "550 5.7.1 blocked: a link in this message is listed by multi.surbl.org", "domain-blocklisted" },
	{ "the domain is blamed", "550 5.7.1 message refused due to the very low reputation of the sending domain", "domain-reputation" },

	/* spam, virus */
	{ "a verdict on this message", "550 5.7.1 this message was classified as spam", "spam-content" },
	{ "a verdict on this message", "554 5.7.1 spam message rejected", "spam-content" },
	{ "phishing", "554 5.7.1 the message looks like phishing", "spam-content" },
	{ "spam or virus: the first word", "554 5.7.1 message rejected as spam or virus", "spam-content" },
	{ "malware", "554 5.7.1 malware detected: Eicar-Test-Signature", "virus" },

	/* authentication */
	{ "neither passes", "550 5.7.26 the message is unauthenticated: neither SPF nor DKIM passed", "auth-none" },
	{ "SPF fails", "550 5.7.23 SPF validation failed for shop.example", "auth-spf" },
	{ "SPF fails", "550 192.0.2.1 is not allowed to send mail from shop.example (SPF)", "auth-spf" },
	{ "DKIM fails", "550 5.7.20 no passing DKIM signature found", "auth-dkim" },
	{ "a policy of DMARC", "550 5.7.1 rejected by the DMARC policy of shop.example (p=reject)", "auth-dmarc" },
	{ "alignment is DMARC", "550 5.7.1 DMARC: SPF and DKIM are not aligned with the From domain", "auth-dmarc" },

	/* rate, connections, recipients */
	{ "volume per time", "450 4.7.1 you have sent too many messages in the last hour", "rate-limited" },
	{ "a wait of the sender's address even if busy", "421 4.7.0 too much mail from 192.0.2.1, slow down", "rate-limited" },
	{ "a quota of the sending account", "550 5.7.1 the account's daily sending quota is exceeded", "rate-limited" },
	{ "concurrency", "421 4.7.0 too many concurrent connections from your host", "too-many-connections" },
	{ "per transaction", "452 4.5.3 too many recipients", "too-many-recipients" },
	{ "per transaction", "550 5.5.3 a message may have at most 100 recipients", "too-many-recipients" },

	/* storage, size, form, rules */
	{ "the recipient's storage", "452 4.2.2 the recipient's mailbox is over quota", "mailbox-full" },
	{ "the recipient's storage", "552 mailbox size limit exceeded", "mailbox-full" },
	{ "a limit on the message", "552 5.3.4 message size exceeds the maximum of 10485760 octets", "message-too-big" },
	{ "a limit on the headers", "552 5.3.4 message header size exceeds limit", "message-too-big" },
	{ "a missing header", "550 5.6.0 the message has no From header", "message-malformed" },
	{ "a header twice", "550 5.7.1 messages with multiple From headers are not accepted", "message-malformed" },
	{ "bare LF", "550 5.6.11 bare LF is not allowed in messages", "message-malformed" },
	{ "an attachment", "552 5.7.0 attachments of type .exe are not accepted", "content-rejected" },

	/* sender-rejected, address-syntax */
	{ "the sender's domain does not exist", "550 5.1.8 <a@nowhere.example>: sender address rejected: domain not found", "sender-rejected" },
	{ "domain does not exist, from a server that answered", "553 5.1.8 domain of sender address a@nowhere.example does not exist", "sender-rejected" },
	{ "the sender is not accepted", "550 5.7.1 sender address a@shop.example is blacklisted here", "sender-rejected" },
	{ "form of the recipient address", "501 5.1.3 bad recipient address syntax", "address-syntax" },
	{ "form of the sender's address is the sender's", "501 5.1.7 bad sender address syntax", "sender-rejected" },

	/* recipients */
	{ "never existed", "550 5.1.1 the email account that you tried to reach does not exist", "user-unknown" },
	{ "not in a table", "550 5.1.1 <a@example.org>: Recipient address rejected: User unknown in virtual mailbox table", "user-unknown" },
	{ "disabled", "550 5.2.1 the mailbox is disabled and does not accept messages", "user-disabled" },
	{ "inactive", "550 5.2.1 the account a@example.org is inactive", "user-disabled" },
	{ "suspended", "554 delivery error: this user's account has been suspended", "user-disabled" },
	{ "moved", "551 5.1.6 the recipient has moved, please try <b@example.net>", "user-moved" },
	{ "restricted", "550 5.7.1 only members may post to this group", "recipient-refused" },
	{ "restricted", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", "recipient-refused" },
	{ "restricted", "550 5.7.133 sender not authenticated for mailbox", "recipient-refused" },

	/* the recipient's domain */
	{ "no such domain", "550 5.1.2 Host or domain name not found: type=A: Host not found", "domain-unknown" },
	{ "null MX", "556 5.1.10 the domain example.org does not accept mail (nullMX)", "domain-no-mail" },
	{ "no SMTP service", "521 5.3.2 this host does not accept mail", "domain-no-mail" },
	{ "loops", "554 5.4.6 too many hops", "routing-error" },
	{ "loops", "554 5.4.6 mail for example.org loops back to myself", "routing-error" },
	{ "a resolver's trouble", "451 4.4.3 DNS error: temporary failure while looking up the MX of example.org", "dns-failure" },

	/* network, time */
	{ "could not connect", "421 4.4.1 connect to mx.example.net[192.0.2.1]: connection refused", "network-error" },
	{ "timed out while connecting", "421 4.4.1 connect to mx.example.net[192.0.2.1]:25: Connection timed out", "network-error" },
	{ "lost", "421 4.4.2 lost connection with mx.example.net while sending RCPT TO", "network-error" },
	{ "expired", "550 5.4.7 delivery expired: message too old", "timeout" },
	{ "idle", "421 4.4.2 mx.example.net Error: timeout exceeded", "timeout" },

	/* the server */
	{ "a fault inside", "451 4.3.0 internal error: LDAP lookup failed", "server-error" },
	{ "a full disk is not a full mailbox", "452 4.3.1 insufficient system storage", "server-error" },
	{ "a disk", "450 4.3.0 no space left on device", "server-error" },
	{ "busy", "451 4.3.2 the server is busy, please try again later", "server-unavailable" },
	{ "closing", "421 mx.example.net service not available, closing transmission channel", "server-unavailable" },
	{ "421 alone", "421", "server-unavailable" },
	{ "450 mailbox unavailable", "450 Requested mail action not taken: mailbox unavailable", "server-unavailable" },
	{ "greylisting", "450 4.2.0 greylisted, come back later", "greylisted" },
	{ "address verification in progress", "450 4.1.1 <a@example.org>: unverified address: address verification in progress", "greylisted" },

	/* the dialogue */
	{ "must log in", "530 5.7.0 authentication required", "login-required" },
	{ "could not log in", "535 5.7.8 authentication credentials invalid", "login-required" },
	{ "must encrypt", "530 5.7.0 must issue a STARTTLS command first", "tls-required" },
	{ "could not encrypt", "454 4.7.5 server certificate not trusted", "tls-failed" },
	{ "sequence", "503 5.5.1 error: need RCPT command", "protocol-error" },
	{ "syntax", "500 5.5.2 unrecognized command", "protocol-error" },
	{ "no PTR", "550 5.7.25 the sending IP address has no PTR record", "ptr-missing" },
	{ "HELO", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", "helo-invalid" },
	{ "relaying", "554 5.7.1 <a@example.org>: Relay access denied", "relay-denied" },

	/* no cause */
	{ "the word policy", "550 rejected for policy reasons", "policy-rejected" },
	{ "the word denied", "554 access denied", "policy-rejected" },
	{ "x.7.1 alone", "550 5.7.1 xyzzy", "policy-rejected" },
	{ "no such word", "550 failed", "unknown" },
	{ "no such word", "554 transaction failed", "unknown" },

	/* other languages and encodings */
	{ "French", "550 5.1.1 Adresse d'au moins un destinataire invalide: utilisateur inconnu", "user-unknown" },
	{ "German", "550 Empf\xc3\xa4nger unbekannt", "user-unknown" },
	{ "German, windows-1252", "550 Empf\xe4nger unbekannt", "user-unknown" },
	{ "German, encoded", "550 =?iso-8859-1?Q?Empf=E4nger_unbekannt?=", "user-unknown" },
	{ "Spanish", "552 5.2.2 El buz\xc3\xb3n del destinatario est\xc3\xa1 lleno", "mailbox-full" },
	{ "Italian", "550 5.1.1 utente sconosciuto", "user-unknown" },
	{ "Portuguese", "550 5.1.1 usu\xc3\xa1rio desconhecido", "user-unknown" },
	{ "Russian", "550 5.1.1 \xd0\x9f\xd0\xbe\xd0\xbb\xd1\x8c\xd0\xb7\xd0\xbe\xd0\xb2\xd0\xb0\xd1\x82\xd0\xb5\xd0\xbb\xd1\x8c \xd0\xbd\xd0\xb5 \xd0\xbd\xd0\xb0\xd0\xb9\xd0\xb4\xd0\xb5\xd0\xbd", "user-unknown" },
	{ "Dutch", "550 5.1.1 gebruiker onbekend", "user-unknown" },
	{ "Polish", "550 5.1.1 nie ma takiego u\xc5\xbcytkownika", "user-unknown" },
	{ "Chinese", "550 \xe7\x94\xa8\xe6\x88\xb7\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8", "user-unknown" },

	/* success */
	{ "2xx is accepted whatever it says", "250 2.0.0 message accepted, spam score 9", "accepted" },
	{ "354 is no failure", "354 end data with <CR><LF>.<CR><LF>", "accepted" },
	{ "the receiver's own list", "550 5.7.1 192.0.2.1 is on our block list", "ip-blocked" },
	{ "a resolver's trouble", "451 4.4.3 temporary lookup failure: name server: SERVFAIL", "dns-failure" },
};
/* clang-format on */

static void
check_traps(const struct trap *table, size_t count)
{
	size_t bad = 0;
	for (size_t i = 0; i < count; i++) {
		parse(table[i].text);
		const char *reason = mh_answer_str(answering, MH_A_REASON);
		if (strcmp(reason, table[i].reason) == 0)
			continue;
		print_message("%s: %s\n    is %s (%s), should be %s\n", table[i].why, table[i].text, reason,
		    mh_answer_str(answering, MH_A_RULE), table[i].reason);
		bad++;
	}
	test_number("every reply gets its reason", bad, 0);
}

static void
replies_get_their_reason(void **state)
{
	(void)state;
	check_traps(traps, MH_COUNT(traps));
}

/* The same, however the reply is written down: lines, a log's rendering, a DSN's. */
static void
the_form_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(traps); i++) {
		char text[1024], reason[64];
		size_t len = strlen(traps[i].text), n;
		parse(traps[i].text);
		test_check("a reason is short",
		    strlen(mh_answer_str(answering, MH_A_REASON)) < sizeof(reason));
		memcpy(reason, mh_answer_str(answering, MH_A_REASON),
		    strlen(mh_answer_str(answering, MH_A_REASON)) + 1);
		memcpy(text, traps[i].text, len);
		memcpy(text + len, "\r\n", 2);
		parse_n(text, len + 2);
		says(traps[i].text, MH_A_REASON, reason);
		memcpy(text, "smtp; ", 6);
		memcpy(text + 6, traps[i].text, len);
		parse_n(text, len + 6);
		says(traps[i].text, MH_A_REASON, reason);
		for (n = 0; n < len; n++) /* shouting */
			text[n] = traps[i].text[n] >= 'a' && traps[i].text[n] <= 'z' &&
				strchr(traps[i].text, '=') == NULL
			    ? (char)(traps[i].text[n] - 32)
			    : traps[i].text[n];
		parse_n(text, len);
		says(traps[i].text, MH_A_REASON, reason);
	}
}

/* A destination that is empty or unknown picks no provider. */
static void
nobody_is_no_provider(void **state)
{
	static const char *const hosts[] = { "", "localhost", "mx.nowhere.example", ".", "com",
		"google.com.evil.example", "notgoogle.com", "127.0.0.1" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(hosts); i++) {
		memcpy(mh_answer_options(answering)->mx, hosts[i], strlen(hosts[i]) + 1);
		parse("550 5.1.1 no such user");
		says(hosts[i], MH_A_PROVIDER, "");
	}
	memcpy(mh_answer_options(answering)->mx, "gmail-smtp-in.l.google.com", 27);
	parse("550 5.1.1 no such user");
	says("a host at or below is", MH_A_PROVIDER, "google");
	memcpy(mh_answer_options(answering)->mx, "GOOGLE.COM", 11);
	parse("550 5.1.1 no such user");
	says("in any letter case", MH_A_PROVIDER, "google");
	mh_answer_options(answering)->mx[0] = '\0';
	memcpy(mh_answer_options(answering)->provider, "no-such-one", 12);
	parse("550 5.1.1 no such user");
	says("an unknown id is told as it is", MH_A_PROVIDER, "no-such-one");
	static const char *const names[][2] = {
		{ "outlook.com", "microsoft" },
		{ "Outlook", "microsoft" },
		{ "gmail", "google" },
		{ "mx.google.com.", "google" },
		{ "btinternet.com", "bt" },
		{ "com", "com" },
		{ "outlook.", "outlook." },
		{ ".", "." },
	};
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		memcpy(mh_answer_options(answering)->provider, names[i][0], strlen(names[i][0]) + 1);
		parse("550 5.1.1 no such user");
		says(names[i][0], MH_A_PROVIDER, names[i][1]);
	}
	memset(mh_answer_options(answering)->provider, 'x',
	    sizeof(((struct mh_answer_options *)NULL)->provider) - 1);
	parse("550 5.1.1 no such user");
	says("a long one is none", MH_A_PROVIDER_NAME, "");
	mh_answer_options(answering)->provider[0] = '\0';
}

/* What disagrees is told, and who is right is not the code's business. */
static void
contradictions_are_told(void **state)
{
	static const struct {
		const char *text, *reason, *permanence, *disagreements;
	} cases[] = {
		{ "550 4.2.2 the mailbox is over quota", "mailbox-full", "permanent", "code-vs-status" },
		{ "550 server busy, try again later", "server-unavailable", "permanent", "code-vs-text" },
		{ "450 5.1.1 user unknown", "user-unknown", "temporary", "code-vs-status code-vs-text" },
		{ "550 5.1.1 the mailbox is full, quota exceeded", "mailbox-full", "permanent",
		    "status-vs-text" },
		{ "550 5.1.1 user unknown", "user-unknown", "permanent", "" },
		{ "550-5.1.1 user unknown\r\n450 4.1.1 user unknown", "user-unknown", "permanent",
		    "line-codes line-statuses" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		parse(cases[i].text);
		says(cases[i].text, MH_A_REASON, cases[i].reason);
		says(cases[i].text, MH_A_PERMANENCE, cases[i].permanence);
		test_span(cases[i].text, mh_str_z(listed(MH_L_DISAGREEMENT, MH_I_ID)),
		    mh_str_z(cases[i].disagreements));
	}
}

/* RFC 5321 4.5.4.1: what failed for good is not in the queue any more; 4.2.1: the code says which it is. */
static void
only_what_is_in_the_queue_waits(void **state)
{
	static const struct {
		const char *text;
		bool waits, again;
	} cases[] = {
		{ "452 4.2.2 the mailbox is over quota", true, false },
		{ "552 5.2.2 the mailbox is over quota", false, true },
		{ "550 4.2.2 the mailbox is over quota", false, true },
		{ "the mailbox is over quota", true, false },
		{ "550 5.1.1 user unknown", false, false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		parse(cases[i].text);
		const char *advice = listed(MH_L_ADVICE, MH_I_ID);
		test_check(cases[i].text, (strstr(advice, "wait-and-retry") != NULL) == cases[i].waits);
		test_check(cases[i].text, (strstr(advice, "send-again") != NULL) == cases[i].again);
	}
}

static bool
is_reason(const char *id)
{
	return mh_layers_find_reason(&answering_book->layers, mh_str_z(id)) >= 0;
}

/* A typing error above would be a reply that can never get its reason. */
static void
reasons_exist(void **state)
{
	static const char *const all[] = { "user-unknown", "user-disabled", "user-moved", "mailbox-full",
		"recipient-refused", "address-syntax", "domain-unknown", "domain-no-mail", "dns-failure",
		"routing-error", "sender-rejected", "auth-spf", "auth-dkim", "auth-dmarc", "auth-none",
		"ptr-missing", "helo-invalid", "ip-blocklisted", "ip-reputation", "ip-blocked",
		"domain-blocklisted", "domain-reputation", "spam-content", "virus", "content-rejected",
		"message-malformed", "message-too-big", "rate-limited", "too-many-connections",
		"too-many-recipients", "greylisted", "relay-denied", "login-required", "tls-required",
		"tls-failed", "policy-rejected", "server-error", "server-unavailable", "timeout",
		"network-error", "protocol-error", "accepted", "unknown" };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(all); i++) {
		bool tried = false;
		test_check(all[i], is_reason(all[i]));
		for (size_t k = 0; k < MH_COUNT(traps); k++)
			tried |= strcmp(traps[k].reason, all[i]) == 0;
		test_check(all[i], tried);
	}
	test_number("and there are no others", mh_builtin_rules.reason_count, MH_COUNT(all));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_get_their_reason),
		cmocka_unit_test(the_form_does_not_matter),
		cmocka_unit_test(nobody_is_no_provider),
		cmocka_unit_test(contradictions_are_told),
		cmocka_unit_test(only_what_is_in_the_queue_waits),
		cmocka_unit_test(reasons_exist),
	};
	return cmocka_run_group_tests(tests, answering_setup, answering_teardown);
}
