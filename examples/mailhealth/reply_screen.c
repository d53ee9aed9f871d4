/* reply_screen.c - one explained reply as a screen of text
 *
 * The screen answers, in this order, what a postmaster asks at night: what
 * failed and at whom, is it over or will my server try again, who has to act,
 * what does it mean, what do I do.  It fits 24 lines in the usual case; all
 * the rest is behind --verbose.  The words come from the library; this file
 * puts them in order.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

const char *
word_for(const struct pair *pairs, const char *word, const char *otherwise)
{
	for (; pairs->word != NULL; pairs++)
		if (strcmp(pairs->word, word) == 0)
			return pairs->means;
	return otherwise;
}

static const struct pair because[] = {
	{ "message", " because of the message itself" },
	{ "recipient", " because of the recipient" },
	{ "sender-ip", " because of the address it came from" },
	{ "sender-domain", " because of the sender's domain" },
	{ "connection", " because of the connection" },
	{ "server", " because of the receiving side" },
	{ NULL, NULL },
};

/* Nobody refused anything in these: the message could not be handed over. */
static const struct pair not_a_refusal[] = {
	{ "network-error", "" },
	{ "timeout", "" },
	{ "dns-failure", "" },
	{ "domain-unknown", "" },
	{ "domain-no-mail", "" },
	{ "routing-error", "" },
	{ "tls-failed", "" },
	{ "server-unavailable", "" },
	{ NULL, NULL },
};

bool
reply_is_refusal(const char *reason)
{
	return word_for(not_a_refusal, reason, NULL) == NULL;
}

static const struct pair try_again[] = {
	{ "no", "Sending it again as it is will not help." },
	{ "slow", "Trying again helps, but only after a longer pause." },
	{ "soon", "Trying again soon will most likely work." },
	{ "fix", "Trying again helps only once the cause is mended." },
	{ "edit", "Trying again helps only with a changed message." },
	{ NULL, NULL },
};

/* Each with something that can be typed right away. */
static const struct pair checks[] = {
	{ "spf", "The SPF record of the sender's domain: dig +short TXT DOMAIN" },
	{ "dkim", "The DKIM signature and its key: dig +short TXT SELECTOR._domainkey.DOMAIN" },
	{ "dmarc", "The DMARC record of the From domain: dig +short TXT _dmarc.DOMAIN" },
	{ "domain", "What the DNS says of the sender's domain: dig DOMAIN MX; dig DOMAIN TXT" },
	{ "host", "Name and address of your server agree: dig +short -x ADDRESS, then dig +short NAME" },
	{ "tls", "TLS of the other server: openssl s_client -starttls smtp -connect HOST:25" },
	{ "dnsbl", "Whether your address is on other blocklists too" },
	{ "mx", "Where mail for the recipient's domain goes: dig +short MX DOMAIN" },
	{ "forwarding", "Whether your server forwarded this message for somebody" },
	{ NULL, NULL },
};

static const struct pair per_what[] = {
	{ "ip", " from one address" },
	{ "sender", " from one sender" },
	{ "recipient", " to one recipient" },
	{ "domain", " from one domain" },
	{ "connection", " in one connection" },
	{ NULL, NULL },
};

static void
add_code(struct text *text, mh_reply *reply)
{
	int64_t code = mh_reply_int(reply, MH_REPLY_CODE);
	const char *status = mh_reply_str(reply, MH_REPLY_STATUS);
	if (code != MH_UNKNOWN)
		text_add_int(text, code);
	if (code != MH_UNKNOWN && status[0] != '\0')
		text_add(text, " ");
	text_add(text, status);
	if (text->len == 0)
		text_add(text, "This");
}

static void
put_headline(struct screen *screen, mh_reply *reply)
{
	struct text line = { .len = 0 };
	const char *name = mh_reply_str(reply, MH_REPLY_PROVIDER_NAME);
	const char *reason = mh_reply_str(reply, MH_REPLY_REASON);
	const char *class = mh_reply_str(reply, MH_REPLY_CLASS);
	bool known = strcmp(reason, "unknown") != 0;
	bool delayed = strcmp(class, "delayed") == 0;
	enum style style = STYLE_BAD;

	if (name[0] == '\0')
		name = mh_reply_str(reply, MH_REPLY_PROVIDER);
	if (strcmp(class, "delivered") == 0 || strcmp(reason, "accepted") == 0) {
		text_add(&line, name[0] != '\0' ? name : "The other server");
		text_add(&line, " accepted this");
		style = STYLE_GOOD;
	} else if (!reply_is_refusal(reason)) {
		text_add(&line, "This message could not be handed to ");
		text_add(&line, name[0] != '\0' ? name : "the other server");
		if (delayed)
			text_add(&line, " for now");
	} else if (!delayed && strcmp(class, "failed") != 0) {
		text_add(&line, name[0] != '\0' ? name : "The other server");
		text_add(&line, " had something against this message");
	} else {
		text_add(&line, name[0] != '\0' ? name : "The other server");
		text_add(&line, delayed ? " put this message off" : " refused this message");
		if (known && mh_reply_count(reply, MH_LIST_SCOPE) == 1) {
			const char *scope = mh_reply_item_str(reply, MH_LIST_SCOPE, 0, MH_ITEM_ID);
			text_add(&line, word_for(because, scope, ""));
		}
	}
	if (delayed)
		style = STYLE_WAIT;
	if (known) {
		text_add(&line, ": ");
		text_add(&line, reason);
	} else {
		text_add(&line, " and does not say why: unknown");
	}
	screen_text(screen, style, 0, line.p);
	screen_text(screen, STYLE_PLAIN, 0, mh_reply_str(reply, MH_REPLY_REASON_TEXT));
	screen_line(screen);
}

static void
put_permanence(struct screen *screen, mh_reply *reply)
{
	struct text line = { .len = 0 };
	const char *permanence = mh_reply_str(reply, MH_REPLY_PERMANENCE);
	const char *retry = mh_reply_str(reply, MH_REPLY_RETRY), *class = mh_reply_str(reply, MH_REPLY_CLASS);
	int64_t wait_s = mh_reply_int(reply, MH_REPLY_RETRY_AFTER_S);

	if (strcmp(permanence, "temporary") == 0 && strcmp(class, "failed") == 0) {
		add_code(&line, reply);
		text_add(&line,
		    " means for now, but the server that reports this has given the message up: it has to be "
		    "sent once "
		    "more. ");
		text_add(&line, word_for(try_again, retry, ""));
		screen_field(screen, "For good", line.p);
	} else if (strcmp(permanence, "permanent") == 0 && strcmp(class, "delayed") == 0) {
		add_code(&line, reply);
		text_add(&line,
		    " means for good, but the server that reports this keeps the message and tries again. ");
		text_add(&line, word_for(try_again, retry, ""));
		screen_field(screen, "For now", line.p);
	} else if (strcmp(permanence, "permanent") == 0) {
		add_code(&line, reply);
		text_add(&line, " is final: your server gives up and returns the message to its sender. ");
		/* the code says no and the cause says yes: only a person can do it now */
		if (strcmp(retry, "soon") == 0 || strcmp(retry, "slow") == 0)
			text_add(&line, "Yet the cause passes: send it once more by hand, later.");
		else
			text_add(&line, word_for(try_again, retry, ""));
		screen_field(screen, "For good", line.p);
	} else if (strcmp(permanence, "temporary") == 0) {
		add_code(&line, reply);
		text_add(&line, " is not final: your server keeps the message and tries again by itself. ");
		if (strcmp(retry, "no") == 0)
			text_add(&line, "But nothing will change by waiting.");
		else
			text_add(&line, word_for(try_again, retry, ""));
		screen_field(screen, "For now", line.p);
	} else if (strcmp(permanence, "success") == 0) {
		add_code(&line, reply);
		text_add(&line, " means yes: nothing is wrong.");
		screen_field(screen, "Code", line.p);
	} else {
		text_add(&line, "Not known: there is no reply code in this text. ");
		text_add(&line, "5xx: your server gives up; 4xx: it tries again. ");
		text_add(&line, word_for(try_again, retry, ""));
		screen_field(screen, "For good?", line.p);
	}
	if (wait_s >= 0) {
		line.len = 0;
		text_add(&line, "The reply asks to wait ");
		text_add_duration(&line, wait_s);
		text_add(&line, ".");
		screen_field(screen, "", line.p);
	}
}

/* put_list - entries of one list in one line, first at most */
static void
put_list(struct screen *screen, mh_reply *reply, const char **label, const char *lead, int list, size_t most)
{
	size_t count = mh_reply_count(reply, list);
	struct text line = { .len = 0 };

	if (count == 0)
		return;
	text_add(&line, lead);
	for (size_t i = 0; i < count && i < most; i++) {
		text_add(&line, i == 0 ? " " : ", ");
		text_add(&line, mh_reply_item_str(reply, list, i, MH_ITEM_TEXT));
	}
	if (count > most) {
		text_add(&line, ", and ");
		text_add_int(&line, (int64_t)(count - most));
		text_add(&line, " more");
	}
	screen_field(screen, *label, line.p);
	*label = "";
}

static void
put_blocklists(struct screen *screen, mh_reply *reply, const char **label, bool verbose)
{
	size_t count = mh_reply_count(reply, MH_LIST_BLOCKLIST);
	for (size_t i = 0; i < count && i < (verbose ? 16 : 2); i++) {
		struct text line = { .len = 0 };
		const char *name = mh_reply_item_str(reply, MH_LIST_BLOCKLIST, i, MH_ITEM_NAME);
		const char *zone = mh_reply_item_str(reply, MH_LIST_BLOCKLIST, i, MH_ITEM_ZONE);
		const char *delist = mh_reply_item_str(reply, MH_LIST_BLOCKLIST, i, MH_ITEM_DELIST);
		const char *note = mh_reply_item_str(reply, MH_LIST_BLOCKLIST, i, MH_ITEM_TEXT);

		text_add(&line, "blocklist ");
		text_add(&line, name[0] != '\0' ? name : zone);
		if (name[0] != '\0' && zone[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, zone);
			text_add(&line, ")");
		}
		if (delist[0] != '\0') {
			text_add(&line, ", removal: ");
			text_add(&line, delist);
		}
		screen_field(screen, *label, line.p);
		*label = "";
		/* what the reply means tells as much already, where it is known */
		const char *meaning = mh_reply_str(reply, MH_REPLY_MEANING);
		if (note[0] != '\0' && strcmp(note, meaning) != 0 &&
		    (verbose || (i == 0 && meaning[0] == '\0')))
			screen_item(screen, "", "  ", note);
	}
}

static void
put_limits(struct screen *screen, mh_reply *reply, const char **label)
{
	size_t count = mh_reply_count(reply, MH_LIST_LIMIT);
	for (size_t i = 0; i < count && i < 4; i++) {
		struct text line = { .len = 0 };
		int64_t per_s = mh_reply_item_int(reply, MH_LIST_LIMIT, i, MH_ITEM_PER_S);
		int64_t most = mh_reply_item_int(reply, MH_LIST_LIMIT, i, MH_ITEM_COUNT);

		text_add(&line, "limit of ");
		if (most >= 0)
			text_add_int(&line, most);
		else
			text_add(&line, "an unknown number");
		if (per_s > 0) {
			text_add(&line, " in ");
			text_add_duration(&line, per_s);
		}
		text_add(&line,
		    word_for(per_what, mh_reply_item_str(reply, MH_LIST_LIMIT, i, MH_ITEM_WHAT), ""));
		screen_field(screen, *label, line.p);
		*label = "";
	}
}

/* is_shown - whether a link stands on the screen already */
static bool
is_shown(mh_reply *reply, const char *url)
{
	if (strcmp(url, mh_reply_str(reply, MH_REPLY_CONTACT)) == 0 ||
	    strcmp(url, mh_reply_str(reply, MH_REPLY_REFERENCE)) == 0)
		return true;
	for (size_t i = 0; i < mh_reply_count(reply, MH_LIST_ADVICE); i++)
		if (strcmp(url, mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_URL)) == 0)
			return true;
	for (size_t i = 0; i < mh_reply_count(reply, MH_LIST_BLOCKLIST); i++)
		if (strcmp(url, mh_reply_item_str(reply, MH_LIST_BLOCKLIST, i, MH_ITEM_DELIST)) == 0)
			return true;
	return false;
}

static void
put_links(struct screen *screen, mh_reply *reply, const char **label, size_t most)
{
	size_t count = mh_reply_count(reply, MH_LIST_URL);
	for (size_t i = 0; i < count && most > 0; i++) {
		const char *url = mh_reply_item_str(reply, MH_LIST_URL, i, MH_ITEM_TEXT);
		if (is_shown(reply, url))
			continue;
		struct text line = { .len = 0 };
		text_add(&line, "link ");
		text_add(&line, url);
		screen_field(screen, *label, line.p);
		*label = "";
		most--;
	}
}

static void
put_facts(struct screen *screen, mh_reply *reply, bool verbose)
{
	const char *label = "It names";
	size_t most = verbose ? 16 : 3;

	put_list(screen, reply, &label, "address", MH_LIST_IP, most);
	put_blocklists(screen, reply, &label, verbose);
	put_limits(screen, reply, &label);
	if (verbose) {
		put_list(screen, reply, &label, "domain", MH_LIST_DOMAIN, most);
		put_list(screen, reply, &label, "mail address", MH_LIST_EMAIL, most);
	}
	put_list(screen, reply, &label, "id, to quote when you write,", MH_LIST_ID, most);
	put_links(screen, reply, &label, most);
}

static void
put_advice(struct screen *screen, mh_reply *reply, bool verbose)
{
	size_t count = mh_reply_count(reply, MH_LIST_ADVICE);
	size_t most = verbose ? count : 2;

	for (size_t i = 0; i < count && i < most; i++) {
		char lead[32];
		(void)snprintf(lead, sizeof(lead), "%zu. ", i + 1);
		screen_item(screen, i == 0 ? "What to do" : "", lead,
		    mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_TEXT));
		const char *url = mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_URL);
		if (url[0] != '\0')
			screen_item(screen, "", "   ", url);
	}
	if (count > most) {
		struct text line = { .len = 0 };
		text_add_int(&line, (int64_t)(count - most));
		text_add(&line, " more with --verbose");
		screen_item(screen, "", "   ", line.p);
	}
}

static void
put_next(struct screen *screen, mh_reply *reply, bool verbose)
{
	size_t count = mh_reply_count(reply, MH_LIST_NEXT);
	for (size_t i = 0; i < count && i < (verbose ? count : 2); i++) {
		const char *id = mh_reply_item_str(reply, MH_LIST_NEXT, i, MH_ITEM_ID);
		screen_field(screen, i == 0 ? "Check" : "", word_for(checks, id, id));
	}
}

static void
add_ids(struct text *line, mh_reply *reply, int list)
{
	size_t count = mh_reply_count(reply, list);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_add(line, i + 1 < count ? ", " : " or ");
		text_add(line, mh_reply_item_str(reply, list, i, MH_ITEM_ID));
	}
}

/* put_doubt - said only where there is some */
static void
put_doubt(struct screen *screen, mh_reply *reply)
{
	int64_t confidence = mh_reply_int(reply, MH_REPLY_CONFIDENCE);
	struct text line = { .len = 0 };

	if (strcmp(mh_reply_str(reply, MH_REPLY_REASON), "unknown") == 0 || confidence >= 600)
		return;
	text_add(&line, "A guess: the reply says little about the cause.");
	if (mh_reply_count(reply, MH_LIST_ALTERNATIVE) > 0) {
		text_add(&line, " It may also be ");
		add_ids(&line, reply, MH_LIST_ALTERNATIVE);
		text_add(&line, ".");
	}
	screen_field(screen, "How sure", line.p);
}

/* is_odd - whether a finding is about how the reply is written, and not about why it was given */
static bool
is_odd(const char *id)
{
	static const char of_texts[][8] = { "reply.", "log.", "bounce." };
	for (size_t i = 0; i < sizeof(of_texts) / sizeof(of_texts[0]); i++)
		if (strncmp(id, of_texts[i], strlen(of_texts[i])) == 0)
			return true;
	return false;
}

/* put_findings - what is odd about the reply, or what is behind it */
static void
put_findings(struct screen *screen, mh_reply *reply, int64_t least_severity, bool odd)
{
	mh_report *report = mh_reply_report(reply);
	if (report == NULL) {
		screen->bad = true;
		return;
	}
	bool first = true;
	size_t count = mh_report_count(report);
	for (size_t i = 0; i < count; i++) {
		const char *id = mh_report_str(report, i, MH_FINDING_ID);
		if (mh_report_int(report, i, MH_FINDING_SEVERITY) < least_severity || is_odd(id) != odd)
			continue;
		struct text line = { .len = 0 };
		text_add(&line, mh_report_str(report, i, MH_FINDING_REASON));
		text_add(&line, " ");
		text_add(&line, mh_report_str(report, i, MH_FINDING_REMEDY));
		text_add(&line, " (");
		text_add(&line, id);
		text_add(&line, ")");
		screen_field(screen, !first ? "" : odd ? "Odd" : "Cause", line.p);
		first = false;
	}
	mh_report_free(report);
}

static void
field_if(struct screen *screen, const char *label, const char *text)
{
	if (text[0] != '\0')
		screen_field(screen, label, text);
}

/* put_input - octets [begin, end) of the input, at most 400 of them; line ends show as words apart */
static void
put_input(struct screen *screen, const char *label, const char *text, size_t size, int64_t begin, int64_t end)
{
	if (text == NULL || begin < 0 || end < begin || (uint64_t)end > size)
		return;
	char octets[512];
	size_t len = (size_t)(end - begin), keep = len < 400 ? len : 400;

	for (size_t i = 0; i < keep; i++) {
		char c = text[(size_t)begin + i];
		octets[i] = c == '\0' ? ' ' : c;
	}
	memcpy(octets + keep, len > keep ? " ..." : "", len > keep ? 5 : 1);
	screen_field(screen, label, octets);
}

static void
put_details(struct screen *screen, mh_reply *reply, const char *text, size_t size)
{
	struct text line = { .len = 0 };

	screen_line(screen);
	put_input(screen, "Reply", text, size, 0, (int64_t)size);
	field_if(screen, "Rule", mh_reply_str(reply, MH_REPLY_RULE));
	put_input(screen, "Evidence", text, size, mh_reply_int(reply, MH_REPLY_SPAN_BEGIN),
	    mh_reply_int(reply, MH_REPLY_SPAN_END));
	int64_t confidence = mh_reply_int(reply, MH_REPLY_CONFIDENCE);
	if (confidence >= 0) {
		text_add_int(&line, confidence / 10);
		text_add(&line, " of 100");
		if (mh_reply_count(reply, MH_LIST_ALTERNATIVE) > 0) {
			text_add(&line, "; otherwise ");
			add_ids(&line, reply, MH_LIST_ALTERNATIVE);
		}
		screen_field(screen, "Confidence", line.p);
	}
	size_t lines = mh_reply_count(reply, MH_LIST_LINE);
	for (size_t i = 0; i < lines && i < 8; i++) {
		char lead[32] = "";
		int64_t code = mh_reply_item_int(reply, MH_LIST_LINE, i, MH_ITEM_CODE);
		line.len = 0;
		if (code != MH_UNKNOWN)
			(void)snprintf(lead, sizeof(lead), "%d ", (int)code);
		text_add(&line, mh_reply_item_str(reply, MH_LIST_LINE, i, MH_ITEM_STATUS));
		text_add(&line, " ");
		text_add(&line, mh_reply_item_str(reply, MH_LIST_LINE, i, MH_ITEM_TEXT));
		screen_item(screen, i == 0 ? "Lines" : "", lead, line.p);
	}
	field_if(screen, "Status", mh_reply_str(reply, MH_REPLY_STATUS_TEXT));
	line.len = 0;
	add_ids(&line, reply, MH_LIST_DISAGREEMENT);
	if (line.len > 0)
		screen_field(screen, "At odds", line.p);
	field_if(screen, "Form", mh_reply_str(reply, MH_REPLY_FORM));
	field_if(screen, "Phase", mh_reply_str(reply, MH_REPLY_PHASE));
	field_if(screen, "Provider", mh_reply_str(reply, MH_REPLY_PROVIDER));
	field_if(screen, "Template", mh_reply_str(reply, MH_REPLY_TEMPLATE));
}

void
reply_put_cause(struct screen *screen, mh_reply *reply, bool verbose)
{
	field_if(screen, "Who acts", mh_reply_str(reply, MH_REPLY_ACTOR));
	field_if(screen, "It means", mh_reply_str(reply, MH_REPLY_MEANING));
	put_findings(screen, reply, MH_SEVERITY_INFO, false);
	put_advice(screen, reply, verbose);
}

void
reply_put(struct screen *screen, mh_reply *reply, const char *text, size_t size, bool verbose)
{
	const char *meaning = mh_reply_str(reply, MH_REPLY_MEANING);

	put_headline(screen, reply);
	put_permanence(screen, reply);
	field_if(screen, "Who acts", mh_reply_str(reply, MH_REPLY_ACTOR));
	if (meaning[0] != '\0') {
		screen_field(screen, "It means", meaning);
		const char *page = mh_reply_str(reply, MH_REPLY_REFERENCE);
		if (page[0] != '\0')
			screen_field(screen, "", page);
	}
	put_findings(screen, reply, MH_SEVERITY_INFO, false);
	put_doubt(screen, reply);
	put_advice(screen, reply, verbose);
	put_facts(screen, reply, verbose);
	put_next(screen, reply, verbose);
	put_findings(screen, reply, verbose ? MH_SEVERITY_INFO : MH_SEVERITY_WARN, true);
	field_if(screen, "Contact", mh_reply_str(reply, MH_REPLY_CONTACT));
	if (mh_reply_str(reply, MH_REPLY_DRAFT)[0] != '\0' &&
	    mh_reply_str(reply, MH_REPLY_CONTACT)[0] != '\0')
		screen_field(screen, "",
		    text != NULL ? "The option --advice shows words to send them."
				 : "'mailhealth reply --advice' shows words to send them.");
	if (verbose)
		put_details(screen, reply, text, size);
}

int
reply_screen(mh_reply *reply, const char *text, size_t size, bool verbose)
{
	struct screen screen;
	screen_init(&screen);
	reply_put(&screen, reply, text, size, verbose);
	return screen_end(&screen);
}

int
reply_advice(mh_reply *reply)
{
	struct screen screen;
	const char *contact = mh_reply_str(reply, MH_REPLY_CONTACT);
	const char *draft = mh_reply_str(reply, MH_REPLY_DRAFT);

	screen_init(&screen);
	put_headline(&screen, reply);
	put_advice(&screen, reply, true);
	if (contact[0] == '\0')
		contact = "postmaster@ the recipient's domain, if it takes mail (RFC 5321 4.5.1)";
	screen_field(&screen, "Write to", contact);
	if (draft[0] != '\0')
		screen_line(&screen);
	while (*draft != '\0') {
		size_t len = strcspn(draft, "\n");
		screen_raw(&screen, draft, len);
		draft += len + (draft[len] == '\n' ? 1 : 0);
	}
	return screen_end(&screen);
}
