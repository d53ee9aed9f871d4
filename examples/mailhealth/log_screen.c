/* log_screen.c - what a mail log shows, on one screen
 *
 * The first lines say how it stands and whether something needs doing; then
 * the causes, worst first, the first three of them with what to do; then what
 * only a whole log can show: limits that receivers keep to themselves,
 * forwarding that breaks, faults of TLS.  It is written to be read aloud.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

#define WORST 3 /* causes that are told with advice */

/* What an administrator of a small server can do about it, by reason. */
enum need {
	NEED_NOTHING, /* it passes, or somebody else must act */
	NEED_LIST, /* addresses to be corrected by those who write to them */
	NEED_ACTION
};

static const struct pair states[] = {
	{ "permanent", "refused" },
	{ "temporary", "put off" },
	{ NULL, NULL },
};

static const char *
str(mh_summary *summary, int list, size_t i, int field)
{
	return mh_summary_item_str(summary, list, i, field);
}

static int64_t
number(mh_summary *summary, int list, size_t i, int field)
{
	return mh_summary_item_int(summary, list, i, field);
}

/* add_percent - of thousandths: "19 %", "0.4 %" */
static void
add_percent(struct text *text, int64_t thousandths)
{
	char digits[32];
	if (thousandths >= 100 || thousandths % 10 == 0)
		(void)snprintf(digits, sizeof(digits), "%d %%", (int)((thousandths + 5) / 10));
	else
		(void)snprintf(digits, sizeof(digits), "%d.%d %%", (int)(thousandths / 10),
		    (int)(thousandths % 10));
	text_add(text, digits);
}

/* who - the receiver of an entry, for people; short, for it may be any name */
static void
add_who(struct text *text, mh_summary *summary, int list, size_t i)
{
	const char *name = str(summary, list, i, MH_SUM_PROVIDER_NAME);
	if (name[0] == '\0')
		name = str(summary, list, i, MH_SUM_PROVIDER);
	if (name[0] == '\0')
		name = str(summary, list, i, MH_SUM_RELAY);
	text_add_short(text, name[0] != '\0' ? name : "another server", 60);
}

#define MUCH \
	300 /* thousandths of all failures: so much that cannot be reached is no fault of one receiver's */

/* need_of - whether the reply of an entry asks something of this server's administrator */
static enum need
need_of(mh_reply *reply, int64_t share)
{
	const char *reason = mh_reply_str(reply, MH_REPLY_REASON);
	const char *retry = mh_reply_str(reply, MH_REPLY_RETRY);
	bool mine = false, recipient = false;
	for (size_t i = 0, n = mh_reply_count(reply, MH_LIST_SCOPE); i < n; i++) {
		const char *scope = mh_reply_item_str(reply, MH_LIST_SCOPE, i, MH_ITEM_ID);
		recipient |= strcmp(scope, "recipient") == 0;
		mine |= strcmp(scope, "recipient") != 0 && strcmp(scope, "server") != 0;
	}
	if (strcmp(retry, "soon") == 0)
		return NEED_NOTHING;
	/* who cannot be reached has to mend that, unless it is hardly anybody who can be */
	if (!reply_is_refusal(reason) && strcmp(reason, "tls-failed") != 0 && share < MUCH)
		return strncmp(reason, "domain-", 7) == 0 ? NEED_LIST : NEED_NOTHING;
	if (mine || strcmp(reason, "unknown") == 0 || (!reply_is_refusal(reason) && share >= MUCH))
		return NEED_ACTION;
	return recipient && strcmp(retry, "no") == 0 ? NEED_LIST : NEED_NOTHING;
}

/* --------------------------------------------------------------------- the head */

static void
add_part(struct text *text, bool *first, int64_t count, const char *words)
{
	if (count <= 0)
		return;
	text_add(text, *first ? ": " : ", ");
	text_add_count(text, count);
	text_add(text, words);
	*first = false;
}

static void
put_totals(struct screen *screen, mh_summary *summary, const struct clock *clock, bool stopped)
{
	struct text line = { .len = 0 };
	int64_t from_s = mh_summary_int(summary, MH_SUMMARY_FROM),
		to_s = mh_summary_int(summary, MH_SUMMARY_TO);
	bool first = true;

	text_add_many(&line, mh_summary_int(summary, MH_SUMMARY_DELIVERIES), "delivery", "deliveries");
	if (from_s != MH_UNKNOWN && to_s != MH_UNKNOWN) {
		text_add(&line, " ");
		text_add_days(&line, clock, from_s, to_s);
	}
	add_part(&line, &first, mh_summary_int(summary, MH_SUMMARY_SENT), " sent");
	add_part(&line, &first, mh_summary_int(summary, MH_SUMMARY_DEFERRED), " put off");
	add_part(&line, &first, mh_summary_int(summary, MH_SUMMARY_BOUNCED), " refused");
	add_part(&line, &first, mh_summary_int(summary, MH_SUMMARY_EXPIRED), " given up after days");
	text_add(&line, ".");
	screen_text(screen, STYLE_BOLD, 0, line.p);
	if (stopped)
		screen_text(screen, STYLE_PLAIN, 0, "Reading was stopped; this is what was read until then.");
}

/* add_numbers - "1", "1 and 2", "1, 2 and 4" of the causes that are shown and need this */
static size_t
add_numbers(struct text *text, const enum need *needs, size_t shown, enum need need)
{
	size_t count = 0, told = 0;
	for (size_t i = 0; i < shown; i++)
		count += needs[i] == need;
	for (size_t i = 0; i < shown; i++) {
		if (needs[i] != need)
			continue;
		text_add(text, told == 0 ? "" : told + 1 == count ? " and " : ", ");
		text_add_int(text, (int64_t)i + 1);
		told++;
	}
	return count;
}

/* grave_faults - TLS faults that are more than a note */
static size_t
grave_faults(mh_summary *summary)
{
	size_t grave = 0;
	for (size_t i = 0; i < mh_summary_count(summary, MH_SUMMARY_TLS); i++) {
		int found = mh_catalogue_find(str(summary, MH_SUMMARY_TLS, i, MH_SUM_CAUSE));
		grave += found < 0 || mh_catalogue_int((size_t)found, MH_FINDING_SEVERITY) > MH_SEVERITY_INFO;
	}
	return grave;
}

/* put_needs - whether something needs doing */
static void
put_needs(struct screen *screen, mh_summary *summary, const enum need *needs, size_t shown)
{
	struct text line = { .len = 0 }, numbers = { .len = 0 };
	size_t faults = grave_faults(summary);
	size_t count = add_numbers(&numbers, needs, shown, NEED_ACTION);

	if (shown == 0) {
		if (mh_summary_count(summary, MH_SUMMARY_TLS) == 0)
			screen_text(screen, STYLE_GOOD, 0, "Nothing failed; nothing needs doing.");
		else
			screen_text(screen, STYLE_WAIT, 0,
			    "No delivery failed, but encrypted connections did; see below.");
		return;
	}
	if (count > 0) {
		text_add(&line, "Something needs doing: see ");
		text_add(&line, numbers.p);
		text_add(&line, faults > 0 ? ", and TLS below." : " below.");
	} else if (faults > 0) {
		text_add(&line, "Something needs doing: see TLS below.");
	} else {
		text_add(&line, "Nothing urgent");
		text_add(&line,
		    mh_summary_int(summary, MH_SUMMARY_DEFERRED) > 0
			? ": what was put off is tried again by itself."
			: ".");
	}
	numbers.len = 0;
	numbers.p[0] = '\0';
	if (add_numbers(&numbers, needs, shown, NEED_LIST) > 0) {
		text_add(&line, " The senders should correct the addresses of ");
		text_add(&line, numbers.p);
		text_add(&line, ".");
	}
	screen_text(screen, count > 0 || faults > 0 ? STYLE_BAD : STYLE_PLAIN, 0, line.p);
}

/* ------------------------------------------------------------------- the causes */

/* put_first_advice - of the reply: what to do, and where to look it up */
static void
put_first_advice(struct screen *screen, mh_reply *reply, size_t most)
{
	static const char lead[] = "Do first: ";
	for (size_t i = 0; i < most && i < mh_reply_count(reply, MH_LIST_ADVICE); i++) {
		const char *url = mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_URL);
		screen_hang(screen, STYLE_PLAIN, 3,
		    i == 0 ? lead : "Then: ", mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_TEXT));
		if (url[0] != '\0')
			screen_text(screen, STYLE_PLAIN, 3 + (i == 0 ? (int)sizeof(lead) - 1 : 6), url);
	}
}

/* add_headline - "BT put off 41 (89 %): rate-limited", "To example.net 5 (2 %) could not be handed over: ..." */
static void
add_headline(struct text *line, mh_summary *summary, size_t i, bool permanent)
{
	const int list = MH_SUMMARY_GROUP;
	const char *reason = str(summary, list, i, MH_SUM_REASON);
	bool refusal = reply_is_refusal(reason);
	bool own = str(summary, list, i, MH_SUM_PROVIDER)[0] == '\0' &&
	    strcmp(str(summary, list, i, MH_SUM_PROVIDER_NAME), "this server itself") == 0;

	text_add(line, refusal || own ? "" : "To ");
	if (own)
		text_add(line, "This server itself");
	else
		add_who(line, summary, list, i);
	text_add(line, " ");
	if (refusal) {
		text_add(line, word_for(states, str(summary, list, i, MH_SUM_PERMANENCE), "failed"));
		text_add(line, " ");
	} else if (own) {
		text_add(line, "could not hand over ");
	}
	text_add_count(line, number(summary, list, i, MH_SUM_COUNT));
	text_add(line, " (");
	add_percent(line, number(summary, list, i, MH_SUM_SHARE));
	text_add(line, i == 0 ? " of all failures)" : ")");
	if (!refusal && !own)
		text_add(line, " could not be handed over");
	text_add(line, !refusal && !permanent ? " yet: " : ": ");
	text_add(line, reason);
}

static void
put_group(struct screen *screen, mh_summary *summary, const struct clock *clock, size_t i, bool fully,
    bool verbose)
{
	const int list = MH_SUMMARY_GROUP;
	struct text line = { .len = 0 };
	char lead[32];
	bool permanent = strcmp(str(summary, list, i, MH_SUM_PERMANENCE), "permanent") == 0;
	int64_t recipients = number(summary, list, i, MH_SUM_RECIPIENTS);
	int64_t forwarded = number(summary, list, i, MH_SUM_FORWARDED);
	int64_t first_s = number(summary, list, i, MH_SUM_FIRST),
		last_s = number(summary, list, i, MH_SUM_LAST);

	(void)snprintf(lead, sizeof(lead), "%zu. ", i + 1);
	add_headline(&line, summary, i, permanent);
	screen_hang(screen, fully ? (permanent ? STYLE_BAD : STYLE_WAIT) : STYLE_BOLD, 0, lead, line.p);

	line.len = 0;
	mh_reply *reply = mh_summary_reply(summary, list, i);
	if (reply != NULL)
		text_add(&line, mh_reply_str(reply, MH_REPLY_REASON_TEXT));
	if (recipients > 0) {
		text_add(&line, " ");
		if (recipients == 1) {
			text_add(&line, "To ");
			text_add_short(&line, str(summary, list, i, MH_SUM_RECIPIENT), 60);
		} else {
			text_add_many(&line, recipients, "recipient", "recipients");
		}
		if (fully && first_s != MH_UNKNOWN && last_s != MH_UNKNOWN) {
			text_add(&line, ", ");
			text_add_times(&line, clock, first_s, last_s);
		}
		text_add(&line, ".");
	}
	if (forwarded > 0) {
		text_add(&line, " Forwarded for others: ");
		text_add_count(&line, forwarded);
		text_add(&line, ".");
	}
	screen_text(screen, STYLE_PLAIN, 3, line.p);
	screen_quote(screen, 3, "> ", str(summary, list, i, MH_SUM_SAMPLE), fully ? 2 : 1);
	if (!fully)
		return;
	if (forwarded * 2 > number(summary, list, i, MH_SUM_COUNT)) {
		screen_hang(screen, STYLE_PLAIN, 3, "Do first: ", "See what is said about forwarding below.");
		if (!verbose)
			return;
	}
	reply = mh_summary_reply(summary, list, i);
	if (reply != NULL)
		put_first_advice(screen, reply, verbose ? 3 : 1);
}

static void
put_rest(struct screen *screen, mh_summary *summary, size_t shown)
{
	size_t count = mh_summary_count(summary, MH_SUMMARY_GROUP);
	int64_t deliveries = mh_summary_int(summary, MH_SUMMARY_LEFT_OUT);
	struct text line = { .len = 0 };

	for (size_t i = shown; i < count; i++)
		deliveries += number(summary, MH_SUMMARY_GROUP, i, MH_SUM_COUNT);
	if (deliveries <= 0)
		return;
	screen_line(screen);
	if (count > shown) {
		text_add(&line, "And ");
		text_add_many(&line, (int64_t)(count - shown), "more cause", "more causes");
		text_add(&line, " with ");
		text_add_many(&line, deliveries, "failure", "failures");
		text_add(&line, " together; --top shows more.");
	} else {
		text_add_many(&line, deliveries, "more failure", "more failures");
		text_add(&line, " of too many kinds to be told apart.");
	}
	screen_text(screen, STYLE_PLAIN, 0, line.p);
}

/* --------------------------------------------------- what only a whole log can show */

static void
put_throttles(struct screen *screen, mh_summary *summary)
{
	const int list = MH_SUMMARY_THROTTLE;
	for (size_t i = 0; i < mh_summary_count(summary, list) && i < 5; i++) {
		struct text line = { .len = 0 };
		int64_t per_s = number(summary, list, i, MH_SUM_PER_S);
		int64_t confidence = number(summary, list, i, MH_SUM_CONFIDENCE);
		const char *evidence = str(summary, list, i, MH_SUM_EVIDENCE);

		if (i == 0) {
			screen_line(screen);
			screen_text(screen, STYLE_BOLD, 0, "Limits that receivers keep to themselves");
		}
		add_who(&line, summary, list, i);
		text_add(&line, " takes about ");
		text_add_many(&line, number(summary, list, i, MH_SUM_ACCEPTED), "message", "messages");
		if (per_s == 86400) {
			text_add(&line, " a day");
		} else if (per_s == 3600) {
			text_add(&line, " an hour");
		} else if (per_s == 60) {
			text_add(&line, " a minute");
		} else if (per_s > 0) {
			text_add(&line, " in ");
			text_add_duration(&line, per_s);
		}
		text_add(&line,
		    strcmp(str(summary, list, i, MH_SUM_WHAT), "connection") == 0 ? " in one connection"
										  : " from this address");
		text_add(&line, ", then puts mail off");
		if (evidence[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, evidence);
			text_add(&line, ")");
		}
		text_add(&line,
		    confidence >= 800       ? ". This is quite sure."
			: confidence >= 500 ? ". This is likely."
					    : ". This is a guess: the log is short.");
		text_add(&line,
		    per_s >= 43200
			? " Spread bulk mail over days so that less than that goes there."
			: " Let your server send more slowly there: fewer at a time, with pauses.");
		screen_text(screen, STYLE_PLAIN, 3, line.p);
	}
}

static void
put_forwardings(struct screen *screen, mh_summary *summary)
{
	const int list = MH_SUMMARY_FORWARDING;
	const size_t most = 4;
	size_t count = mh_summary_count(summary, list);

	for (size_t i = 0; i < count && i < most; i++) {
		struct text line = { .len = 0 };
		const char *original = str(summary, list, i, MH_SUM_ORIG_RECIPIENT);
		if (i == 0) {
			screen_line(screen);
			screen_text(screen, STYLE_BOLD, 0, "Mail that is forwarded and refused for it");
		}
		text_add_short(&line, original[0] != '\0' ? original : "an address here", 60);
		text_add(&line, " is forwarded to ");
		text_add_short(&line, str(summary, list, i, MH_SUM_RECIPIENT), 60);
		text_add(&line, "; ");
		add_who(&line, summary, list, i);
		text_add(&line, " did not take ");
		text_add_count(&line, number(summary, list, i, MH_SUM_COUNT));
		text_add(&line, ": ");
		text_add(&line, str(summary, list, i, MH_SUM_REASON));
		text_add(&line, ".");
		screen_hang(screen, STYLE_PLAIN, 3, "", line.p);
	}
	if (count > most) {
		struct text line = { .len = 0 };
		text_add(&line, "And ");
		text_add_int(&line, (int64_t)(count - most));
		text_add(&line, " more forwardings.");
		screen_text(screen, STYLE_PLAIN, 3, line.p);
	}
	if (count > 0)
		screen_hang(screen, STYLE_PLAIN, 3, "Do first: ",
		    "To the next server this mail comes from you, but bears the name of the one who wrote "
		    "it. "
		    "Filter spam before you forward; rewrite the envelope sender (SRS, for instance with "
		    "postsrsd); "
		    "add ARC seals. Surest of all: keep a mailbox here and let the other side collect it by "
		    "IMAP.");
}

static void
put_faults(struct screen *screen, mh_summary *summary, const struct clock *clock)
{
	const int list = MH_SUMMARY_TLS;
	const size_t most = 4;
	size_t count = mh_summary_count(summary, list);

	for (size_t i = 0; i < count && i < most; i++) {
		struct text line = { .len = 0 };
		const char *id = str(summary, list, i, MH_SUM_CAUSE),
			   *relay = str(summary, list, i, MH_SUM_RELAY);
		int found = mh_catalogue_find(id);
		int64_t first_s = number(summary, list, i, MH_SUM_FIRST);

		if (i == 0) {
			screen_line(screen);
			screen_text(screen, STYLE_BOLD, 0, "TLS: encrypted connections that failed");
		}
		text_add(&line, found >= 0 ? mh_catalogue_str((size_t)found, MH_FINDING_TITLE) : id);
		text_add(&line, " (");
		text_add(&line, id);
		text_add(&line, "): ");
		text_add_many(&line, number(summary, list, i, MH_SUM_COUNT), "time", "times");
		text_add(&line,
		    number(summary, list, i, MH_SUM_INBOUND) == 1 ? ", clients that came to you"
								  : ", servers that you sent to");
		if (relay[0] != '\0') {
			text_add(&line, ", such as ");
			text_add_short(&line, relay, 60);
		}
		if (first_s != MH_UNKNOWN && number(summary, list, i, MH_SUM_LAST) != MH_UNKNOWN) {
			text_add(&line, ", ");
			text_add_times(&line, clock, first_s, number(summary, list, i, MH_SUM_LAST));
		}
		text_add(&line, ".");
		screen_text(screen, STYLE_PLAIN, 3, line.p);
		screen_quote(screen, 3, "> ", str(summary, list, i, MH_SUM_SAMPLE), 1);
		if (found >= 0) {
			screen_text(screen, STYLE_PLAIN, 3,
			    mh_catalogue_str((size_t)found, MH_FINDING_REASON));
			screen_hang(screen, STYLE_PLAIN, 3,
			    "Do first: ", mh_catalogue_str((size_t)found, MH_FINDING_REMEDY));
		}
	}
}

static void
put_unknown(struct screen *screen, mh_summary *summary)
{
	size_t count = mh_summary_count(summary, MH_SUMMARY_UNKNOWN);
	int64_t deliveries = 0;
	struct text line = { .len = 0 };

	if (count == 0)
		return;
	for (size_t i = 0; i < count; i++)
		deliveries += number(summary, MH_SUMMARY_UNKNOWN, i, MH_SUM_COUNT);
	text_add_many(&line, (int64_t)count, "kind of reply is", "kinds of replies are");
	text_add(&line, " known to no rule (");
	text_add_many(&line, deliveries, "delivery", "deliveries");
	text_add(&line, "); --unknown prints drafts of rules for ");
	text_add(&line, count == 1 ? "it." : "them.");
	screen_line(screen);
	screen_text(screen, STYLE_PLAIN, 0, line.p);
}

static void
put_rejected(struct screen *screen, mh_summary *summary)
{
	int64_t rejected = mh_summary_int(summary, MH_SUMMARY_REJECTED);
	struct text line = { .len = 0 };
	if (rejected <= 0)
		return;
	text_add(&line, "Your server itself turned clients away ");
	text_add_many(&line, rejected, "time", "times");
	text_add(&line, "; that is not counted above.");
	screen_line(screen);
	screen_text(screen, STYLE_PLAIN, 0, line.p);
}

/* put_nothing - no delivery was found: what was read, and why that may be */
static void
put_nothing(struct screen *screen, mh_summary *summary, bool stopped)
{
	struct text line = { .len = 0 };
	int64_t lines = mh_summary_int(summary, MH_SUMMARY_LINES);

	text_add(&line, "No deliveries in ");
	text_add_many(&line, lines, "line", "lines");
	text_add(&line, lines == 0 ? ": there was nothing to read." : ".");
	screen_text(screen, STYLE_BOLD, 0, line.p);
	if (stopped)
		screen_text(screen, STYLE_PLAIN, 0, "Reading was stopped before the end.");
	screen_text(screen, STYLE_PLAIN, 0,
	    "Known are the logs of Postfix, Sendmail, Exim, OpenSMTPD and qmail. Perhaps this is another "
	    "file than "
	    "theirs: look at /var/log/mail.log, /var/log/maillog or /var/log/exim4/mainlog, or at the one "
	    "before the "
	    "last rotation (.1, .gz). Where the journal keeps the log:");
	screen_text(screen, STYLE_PLAIN, 3, "journalctl -u 'postfix*' -o export | mailhealth log -");
	put_faults(screen, summary, &(struct clock){ 0 });
}

int
log_screen(mh_summary *summary, const struct clock *clock, size_t top, bool verbose, bool stopped)
{
	struct screen screen;
	enum need needs[64];
	size_t count = mh_summary_count(summary, MH_SUMMARY_GROUP), shown = count < top ? count : top;
	size_t told = 0;
	bool was_full = false;

	screen_init(&screen);
	if (mh_summary_int(summary, MH_SUMMARY_DELIVERIES) <= 0) {
		put_nothing(&screen, summary, stopped);
		put_rejected(&screen, summary);
		return screen_end(&screen);
	}
	size_t judged = shown < sizeof(needs) / sizeof(needs[0]) ? shown : sizeof(needs) / sizeof(needs[0]);
	for (size_t i = 0; i < judged; i++) {
		mh_reply *reply = mh_summary_reply(summary, MH_SUMMARY_GROUP, i);
		needs[i] = reply != NULL ? need_of(reply, number(summary, MH_SUMMARY_GROUP, i, MH_SUM_SHARE))
					 : NEED_NOTHING;
	}
	put_totals(&screen, summary, clock, stopped);
	put_needs(&screen, summary, needs, judged);
	for (size_t i = 0; i < shown; i++) {
		/* advice where it is needed most: at the worst that need something */
		bool fully = verbose || (i < judged && needs[i] == NEED_ACTION && told < WORST);
		told += fully;
		if (fully || was_full || i == 0)
			screen_line(&screen);
		was_full = fully;
		put_group(&screen, summary, clock, i, fully, verbose);
	}
	put_rest(&screen, summary, shown);
	put_throttles(&screen, summary);
	put_forwardings(&screen, summary);
	put_faults(&screen, summary, clock);
	put_unknown(&screen, summary);
	put_rejected(&screen, summary);
	return screen_end(&screen);
}

int
log_unknown(mh_summary *summary)
{
	struct screen screen;
	size_t count = mh_summary_count(summary, MH_SUMMARY_UNKNOWN);

	screen_init(&screen);
	screen.styled = false;
	if (count == 0)
		screen_text(&screen, STYLE_PLAIN, 0, "# Every reply in this log is known to some rule.");
	for (size_t i = 0; i < count; i++) {
		struct text line = { .len = 0 };
		const char *rule = str(summary, MH_SUMMARY_UNKNOWN, i, MH_SUM_RULE);
		text_add(&line, "# seen ");
		text_add_many(&line, number(summary, MH_SUMMARY_UNKNOWN, i, MH_SUM_COUNT), "time", "times");
		text_add(&line, "; template ");
		text_add(&line, str(summary, MH_SUMMARY_UNKNOWN, i, MH_SUM_TEMPLATE));
		screen_raw(&screen, line.p, line.len);
		while (*rule != '\0') {
			size_t len = strcspn(rule, "\n");
			const char *text = rule + strspn(rule, "\t");
			for (const char *tab = rule; tab < text; tab++)
				screen_raw_tab(&screen);
			screen_raw(&screen, text, len - (size_t)(text - rule));
			rule += len + (rule[len] == '\n' ? 1 : 0);
		}
		if (i + 1 < count)
			screen_line(&screen);
	}
	return screen_end(&screen);
}

/* ------------------------------------------------------------------- single lines */

bool
log_is_failure(mh_log *log)
{
	if (strcmp(mh_log_str(log, MH_LOG_EVENT), "delivery") != 0)
		return false;
	const char *class = mh_log_str(log, MH_LOG_CLASS);
	return strcmp(class, "failed") == 0 || strcmp(class, "delayed") == 0;
}

static const struct pair results[] = {
	{ "sent", "sent" },
	{ "deferred", "put off" },
	{ "bounced", "refused" },
	{ "expired", "given up" },
	{ NULL, NULL },
};

void
log_row(struct screen *screen, mh_log *log, const struct clock *clock)
{
	struct text line = { .len = 0 }, lead = { .len = 0 };
	int64_t time = mh_log_int(log, MH_LOG_UNIX_TIME);
	mh_reply *reply = mh_log_reply(log);
	const char *name = reply != NULL ? mh_reply_str(reply, MH_REPLY_PROVIDER) : "";
	const char *reason = reply != NULL ? mh_reply_str(reply, MH_REPLY_REASON) : "unknown";

	if (name[0] == '\0')
		name = mh_log_str(log, MH_LOG_RELAY);
	if (time != MH_UNKNOWN) {
		text_add_stamp(&lead, clock, time);
		text_add(&lead, "  ");
	}
	if (reply_is_refusal(reason)) {
		text_add(&line, word_for(results, mh_log_str(log, MH_LOG_RESULT), "failed"));
		text_add(&line, name[0] != '\0' ? " by " : "");
	} else {
		text_add(&line, name[0] != '\0' ? "not handed to " : "not handed over");
	}
	text_add_short(&line, name, 40);
	text_add(&line, ": ");
	text_add(&line, reason);
	if (mh_log_str(log, MH_LOG_RECIPIENT)[0] != '\0') {
		text_add(&line, ", ");
		text_add_short(&line, mh_log_str(log, MH_LOG_RECIPIENT), 60);
	}
	text_add(&line, ": ");
	text_add(&line, mh_log_str(log, MH_LOG_TEXT));
	screen_quote(screen, 0, lead.p, line.p, 1);
}

/* add_place - " through mx.example.net [192.0.2.1]" */
static void
add_place(struct text *line, mh_log *log)
{
	const char *relay = mh_log_str(log, MH_LOG_RELAY), *ip = mh_log_str(log, MH_LOG_RELAY_IP);
	if (relay[0] == '\0' && ip[0] == '\0')
		return;
	text_add(line, mh_log_int(log, MH_LOG_INBOUND) == 1 ? ", client " : ", at ");
	text_add_short(line, relay[0] != '\0' ? relay : ip, 80);
	if (relay[0] != '\0' && ip[0] != '\0' && strcmp(relay, ip) != 0) {
		text_add(line, " (");
		text_add_short(line, ip, 80);
		text_add(line, ")");
	}
}

static const struct pair mtas[] = {
	{ "postfix", "Postfix" },
	{ "sendmail", "Sendmail" },
	{ "exim", "Exim" },
	{ "opensmtpd", "OpenSMTPD" },
	{ "qmail", "qmail" },
	{ NULL, NULL },
};

void
log_put(struct screen *screen, mh_log *log, const struct clock *clock, int64_t n, bool known, bool verbose)
{
	struct text line = { .len = 0 };
	const char *to = mh_log_str(log, MH_LOG_RECIPIENT),
		   *original = mh_log_str(log, MH_LOG_ORIG_RECIPIENT);
	const char *result = mh_log_str(log, MH_LOG_RESULT);
	int64_t time = mh_log_int(log, MH_LOG_UNIX_TIME);

	if (n > 0) {
		text_add(&line, "Line ");
		text_add_count(&line, n);
		text_add(&line, ": ");
	}
	text_add(&line, word_for(mtas, mh_log_str(log, MH_LOG_MTA), "mail server"));
	if (time != MH_UNKNOWN) {
		text_add(&line, ", ");
		text_add_time(&line, clock, time);
	}
	if (to[0] != '\0') {
		text_add(&line, ", to ");
		text_add_short(&line, to, 80);
	}
	if (original[0] != '\0' && strcmp(original, to) != 0) {
		text_add(&line, ", forwarded for ");
		text_add_short(&line, original, 80);
	}
	add_place(&line, log);
	if (result[0] != '\0') {
		text_add(&line, ": ");
		text_add(&line, word_for(results, result, result));
	}
	text_add(&line, ".");
	screen_text(screen, STYLE_BOLD, 0, line.p);
	if (strcmp(mh_log_str(log, MH_LOG_CLASS), "delivered") == 0) {
		screen_text(screen, STYLE_GOOD, 0, "Nothing is wrong with this delivery.");
		return;
	}
	mh_reply *reply = mh_log_reply(log);
	if (mh_log_str(log, MH_LOG_TEXT)[0] != '\0') {
		screen_quote(screen, 0, "> ", mh_log_str(log, MH_LOG_TEXT), known ? 1 : 3);
		if (!known)
			screen_line(screen);
	}
	if (reply == NULL)
		return;
	if (known) {
		line.len = 0;
		text_add(&line, mh_reply_str(reply, MH_REPLY_REASON));
		text_add(&line, ", as explained above.");
		screen_field(screen, "Cause", line.p);
	} else if (strcmp(mh_log_str(log, MH_LOG_EVENT), "tls") == 0) {
		bool inbound = mh_log_int(log, MH_LOG_INBOUND) == 1;
		screen_text(screen, STYLE_BAD, 0,
		    inbound ? "A client and this server could not agree on encryption: tls-failed"
			    : "This server and another one could not agree on encryption: tls-failed");
		screen_line(screen);
		reply_put_cause(screen, reply, verbose);
	} else {
		reply_put(screen, reply, NULL, 0, verbose);
	}
}
