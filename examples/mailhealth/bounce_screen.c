/* bounce_screen.c - what a returned message means, on a screen
 *
 * Says first what became of the message, for many things that come back are no
 * failures; then, for the failures, what `mailhealth reply` says.  Recipients
 * with the same cause are told together, and a cause that an earlier message
 * had is only named.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "cli.h"

#define CAUSES 256 /* kept apart in the total */
#define NAMES 6 /* recipients that are named */
#define SHOWN 3 /* times that one cause is shown; then it is only counted */
#define TOGETHER 8 /* causes of one message that are explained */

struct cause {
	char class[16], reason[48], provider[48];
	int64_t count;
	int shown; /* screens that it had */
};

struct bounce_tally {
	int64_t messages, ordinary, recipients;
	int64_t other; /* recipients beyond CAUSES */
	int64_t quiet; /* that were only counted */
	struct cause causes[CAUSES];
	size_t count;
	size_t told; /* screens so far */
};

struct bounce_tally *
bounce_tally_new(void)
{
	return calloc(1, sizeof(struct bounce_tally));
}

void
bounce_tally_free(struct bounce_tally *tally)
{
	free(tally);
}

static void
copy(char *out, size_t size, const char *from)
{
	(void)snprintf(out, size, "%s", from);
}

/* cause_of - where recipient i belongs; NULL if there is no room or no memory */
static struct cause *
cause_of(struct bounce_tally *tally, mh_bounce *bounce, size_t i)
{
	struct cause one = { .count = 0 };
	mh_reply *reply = mh_bounce_reply(bounce, i);

	copy(one.class, sizeof(one.class), mh_bounce_str(bounce, i, MH_BOUNCE_CLASS));
	if (reply != NULL) {
		const char *provider = mh_reply_str(reply, MH_REPLY_PROVIDER_NAME);
		if (provider[0] == '\0')
			provider = mh_bounce_str(bounce, i, MH_BOUNCE_REMOTE_MTA);
		copy(one.reason, sizeof(one.reason), mh_reply_str(reply, MH_REPLY_REASON));
		copy(one.provider, sizeof(one.provider), provider);
	}
	for (size_t k = 0; k < tally->count; k++) {
		struct cause *known = &tally->causes[k];
		if (strcmp(known->class, one.class) == 0 && strcmp(known->reason, one.reason) == 0 &&
		    strcmp(known->provider, one.provider) == 0)
			return known;
	}
	if (tally->count == CAUSES)
		return NULL;
	tally->causes[tally->count] = one;
	return &tally->causes[tally->count++];
}

/* -------------------------------------------------------------------- what it is */

static const struct pair no_failures[] = {
	{ "delivered", "Nothing failed: this is a receipt, the message was delivered." },
	{ "relayed",
	    "Nothing failed: the message was handed on to a server that sends no receipts. Unless it comes "
	    "back, it "
	    "arrived." },
	{ "expanded", "Nothing failed: the message went to a mailing list and was sent on to its members." },
	{ "vacation",
	    "Nothing failed: this is an automatic answer of the recipient's mailbox, such as a vacation "
	    "notice. Your "
	    "message arrived there." },
	{ "challenge",
	    "The recipient's server asks the sender to confirm. The message waits there until somebody does; "
	    "if nobody "
	    "does, it is thrown away." },
	{ "feedback",
	    "This is a complaint, not a bounce: a recipient called one of your messages spam, and the "
	    "mailbox provider "
	    "reports it." },
	{ "unknown", "This does not report about another message: it is no bounce that is known here." },
	{ NULL, NULL },
};

static const struct pair what_to_do[] = {
	{ "challenge",
	    "Confirm only if the message really is yours. If you wrote no such message, somebody uses your "
	    "address: "
	    "delete this." },
	{ "feedback",
	    "Take the recipient off the list that the message was sent to, at once and for good. If there "
	    "are several "
	    "such reports, ask whether the recipients had asked for this mail, and look whether a client's "
	    "account or "
	    "web form is being abused. Mail that you forward for somebody counts too: filter spam before." },
	{ "unknown",
	    "Give the whole message as it came, with its header: your mail program calls that source or "
	    "original." },
	{ NULL, NULL },
};

static bool
is_failure(const char *class)
{
	return strcmp(class, "failed") == 0 || strcmp(class, "delayed") == 0;
}

/* put_names - of the recipients with this cause, the first ones */
static void
put_names(struct screen *screen, mh_bounce *bounce, const size_t *group, size_t which, size_t first)
{
	struct text line = { .len = 0 };
	size_t count = mh_bounce_count(bounce), told = 0, all = 0;
	for (size_t i = first; i < count; i++) {
		if (group[i] != which)
			continue;
		all++;
		if (told == NAMES)
			continue;
		const char *name = mh_bounce_str(bounce, i, MH_BOUNCE_RECIPIENT);
		if (name[0] == '\0')
			name = mh_bounce_str(bounce, i, MH_BOUNCE_ORIG_RECIPIENT);
		if (name[0] == '\0')
			continue;
		text_add(&line, told == 0 ? "" : ", ");
		text_add_short(&line, name, 80);
		const char *original = mh_bounce_str(bounce, i, MH_BOUNCE_ORIG_RECIPIENT);
		if (original[0] != '\0' && strcmp(original, name) != 0) {
			text_add(&line, " (sent to ");
			text_add_short(&line, original, 80);
			text_add(&line, ")");
		}
		told++;
	}
	if (told == 0)
		return;
	if (all > told) {
		text_add(&line, " and ");
		text_add_int(&line, (int64_t)(all - told));
		text_add(&line, " more");
	}
	screen_quote(screen, 0, "To          ", line.p, 6);
}

static void
put_if(struct screen *screen, const char *lead, const char *text)
{
	if (text[0] != '\0')
		screen_quote(screen, 0, lead, text, 2);
}

/* put_message - what is known of the message that was sent */
static void
put_message(struct screen *screen, mh_bounce *bounce)
{
	struct text line = { .len = 0 };
	const char *subject = mh_bounce_str(bounce, 0, MH_BOUNCE_SUBJECT);
	const char *sender = mh_bounce_str(bounce, 0, MH_BOUNCE_SENDER);
	if (subject[0] != '\0') {
		text_add(&line, "\"");
		text_add_short(&line, subject, 200);
		text_add(&line, "\"");
	}
	if (sender[0] != '\0') {
		text_add(&line, line.len > 0 ? " from " : "from ");
		text_add_short(&line, sender, 100);
	}
	put_if(screen, "Message     ", line.p);
}

/* put_first - what became of it, in a sentence, before any detail */
static void
put_first(struct screen *screen, const char *class)
{
	if (strcmp(class, "failed") == 0)
		screen_text(screen, STYLE_BAD, 0, "A message came back: it was not delivered.");
	else if (strcmp(class, "delayed") == 0)
		screen_text(screen, STYLE_WAIT, 0,
		    "Nothing is lost yet: this is only a warning that a message is late. It is tried again "
		    "by itself, "
		    "and nobody has to send it once more.");
	else
		screen_text(screen, strcmp(class, "feedback") == 0 ? STYLE_BAD : STYLE_GOOD, 0,
		    word_for(no_failures, class, ""));
}

static void
put_no_failure(struct screen *screen, mh_bounce *bounce, size_t i, const char *class, bool verbose)
{
	const char *todo = word_for(what_to_do, class, "");
	put_if(screen, "Kind        ", mh_bounce_str(bounce, i, MH_BOUNCE_FEEDBACK_TYPE));
	if (strcmp(class, "unknown") != 0)
		put_if(screen, "It says     ", mh_bounce_str(bounce, i, MH_BOUNCE_TEXT));
	if (strcmp(class, "feedback") == 0 || verbose)
		put_if(screen, "Message id  ", mh_bounce_str(bounce, i, MH_BOUNCE_MESSAGE_ID));
	if (todo[0] != '\0')
		screen_field(screen, "What to do", todo);
}

/* put_recipients - all recipients with the cause of the one at `first` */
static void
put_recipients(struct screen *screen, mh_bounce *bounce, const size_t *group, size_t which, size_t first,
    bool known, bool verbose)
{
	char class[16];
	copy(class, sizeof(class), mh_bounce_str(bounce, first, MH_BOUNCE_CLASS));
	put_first(screen, class);
	put_message(screen, bounce);
	put_names(screen, bounce, group, which, first);
	if (!is_failure(class)) {
		put_no_failure(screen, bounce, first, class, verbose);
		return;
	}
	put_if(screen, "It says     ", mh_bounce_str(bounce, first, MH_BOUNCE_TEXT));
	if (verbose) {
		put_if(screen, "Told by     ", mh_bounce_str(bounce, first, MH_BOUNCE_REPORTING_MTA));
		put_if(screen, "Message id  ", mh_bounce_str(bounce, first, MH_BOUNCE_MESSAGE_ID));
		put_if(screen, "Form        ", mh_bounce_str(bounce, first, MH_BOUNCE_FORM));
	}
	mh_reply *reply = mh_bounce_reply(bounce, first);
	if (reply == NULL) {
		screen->bad = true;
		return;
	}
	if (known) {
		struct text line = { .len = 0 };
		text_add(&line, mh_reply_str(reply, MH_REPLY_REASON));
		text_add(&line, ", as explained above. ");
		text_add(&line, mh_reply_str(reply, MH_REPLY_REASON_TEXT));
		screen_field(screen, "Cause", line.p);
		return;
	}
	screen_line(screen);
	reply_put(screen, reply, NULL, 0, verbose);
}

/* put_rule - between one message and the next */
static void
put_rule(struct screen *screen, struct bounce_tally *tally)
{
	if (tally->told++ == 0)
		return;
	screen_line(screen);
	screen_text(screen, STYLE_PLAIN, 0, "----------------------------------------");
	screen_line(screen);
}

static int
put_all(struct screen *screen, mh_bounce *bounce, struct bounce_tally *tally, bool verbose)
{
	size_t count = mh_bounce_count(bounce), told = 0, left = 0;
	size_t *group =
	    calloc(count, sizeof(*group)); /* of each recipient: place of his cause, from 1; 0: none */
	size_t causes_before = tally->count;
	if (group == NULL)
		return complain(EXIT_OURS, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct cause *cause = cause_of(tally, bounce, i);
		group[i] = cause != NULL ? (size_t)(cause - tally->causes) + 1 : 0;
		if (cause != NULL)
			cause->count++;
		else
			tally->other++;
	}
	tally->recipients += (int64_t)count;
	for (size_t i = 0; i < count; i++) {
		bool first = true;
		for (size_t k = 0; k < i && first; k++)
			first = group[k] != group[i];
		if (!first)
			continue;
		if (group[i] != 0 && tally->causes[group[i] - 1].shown++ >= SHOWN) {
			tally->quiet++;
			continue;
		}
		if (told == TOGETHER) {
			left++;
			continue;
		}
		if (told > 0)
			screen_line(screen);
		else
			put_rule(screen, tally);
		put_recipients(screen, bounce, group, group[i], i, group[i] != 0 && group[i] <= causes_before,
		    verbose);
		told++;
	}
	if (left > 0) {
		struct text line = { .len = 0 };
		text_add(&line, "And ");
		text_add_many(&line, (int64_t)left, "more cause", "more causes");
		text_add(&line, " in this message; --json shows all.");
		screen_line(screen);
		screen_text(screen, STYLE_PLAIN, 0, line.p);
	}
	free(group);
	return EXIT_FINE;
}

int
bounce_screen(mh_bounce *bounce, struct bounce_tally *tally, bool alone, bool verbose)
{
	struct screen screen;
	int status = EXIT_FINE;

	tally->messages++;
	if (mh_bounce_count(bounce) == 0) {
		const char *class = mh_bounce_str(bounce, 0, MH_BOUNCE_CLASS);
		if (strcmp(class, "unknown") == 0 && !alone) { /* a mailbox holds other mail too */
			tally->ordinary++;
			return EXIT_FINE;
		}
		struct cause *cause = cause_of(tally, bounce, 0);
		if (cause != NULL)
			cause->count++;
		if (cause != NULL && cause->shown++ >= SHOWN) {
			tally->quiet++;
			return EXIT_FINE;
		}
	}
	screen_init(&screen);
	if (mh_bounce_count(bounce) > 0) {
		status = put_all(&screen, bounce, tally, verbose);
	} else {
		char class[16];
		copy(class, sizeof(class), mh_bounce_str(bounce, 0, MH_BOUNCE_CLASS));
		put_rule(&screen, tally);
		put_first(&screen, class);
		put_message(&screen, bounce);
		put_no_failure(&screen, bounce, 0, class, verbose);
	}
	int ended = screen_end(&screen);
	return status != EXIT_FINE ? status : ended;
}

/* ---------------------------------------------------------------------- the total */

static int
worst_first(const void *a, const void *b)
{
	const struct cause *one = a, *other = b;
	bool fails = is_failure(one->class), other_fails = is_failure(other->class);
	if (fails != other_fails)
		return fails ? -1 : 1;
	return one->count != other->count ? (one->count > other->count ? -1 : 1)
					  : strcmp(one->reason, other->reason);
}

static const struct pair classes[] = {
	{ "failed", "not delivered" },
	{ "delayed", "late" },
	{ "delivered", "delivered" },
	{ "relayed", "handed on" },
	{ "expanded", "sent on to a list" },
	{ "vacation", "automatic answers" },
	{ "feedback", "complaints" },
	{ "challenge", "to be confirmed" },
	{ "unknown", "no bounces" },
	{ NULL, NULL },
};

int
bounce_total(struct bounce_tally *tally, bool stopped)
{
	struct screen screen;
	struct text line = { .len = 0 };
	const size_t most = 15;

	if (tally->messages <= 1 && !stopped && tally->told > 0)
		return EXIT_FINE;
	screen_init(&screen);
	if (tally->told > 0) {
		screen_line(&screen);
		screen_text(&screen, STYLE_PLAIN, 0, "========================================");
	}
	text_add_many(&line, tally->messages, "message", "messages");
	if (tally->ordinary > 0) {
		text_add(&line, ", ");
		text_add_count(&line, tally->ordinary);
		text_add(&line, " of them no bounces");
	}
	text_add(&line, "; ");
	text_add_many(&line, tally->recipients, "recipient", "recipients");
	text_add(&line, tally->count > 0 ? ":" : ".");
	screen_text(&screen, STYLE_BOLD, 0, line.p);
	if (stopped)
		screen_text(&screen, STYLE_PLAIN, 0,
		    "Reading was stopped; this is what was read until then.");
	qsort(tally->causes, tally->count, sizeof(tally->causes[0]), worst_first);
	for (size_t i = 0; i < tally->count && i < most; i++) {
		const struct cause *cause = &tally->causes[i];
		char lead[32];
		line.len = 0;
		struct text count = { .len = 0 };
		text_add_count(&count, cause->count);
		(void)snprintf(lead, sizeof(lead), "%7.20s  ", count.p);
		text_add(&line, word_for(classes, cause->class, cause->class));
		if (is_failure(cause->class)) {
			text_add(&line, ": ");
			text_add(&line, cause->reason);
			if (cause->provider[0] != '\0') {
				text_add(&line, ", ");
				text_add(&line, cause->provider);
			}
		}
		screen_quote(&screen, 0, lead, line.p, 2);
	}
	if (tally->count > most || tally->other > 0) {
		line.len = 0;
		text_add(&line, "and others; --json shows all.");
		screen_quote(&screen, 0, "         ", line.p, 1);
	}
	if (tally->quiet > 0) {
		line.len = 0;
		text_add_many(&line, tally->quiet, "report is", "reports are");
		text_add(&line, " only counted here: the same was told before.");
		screen_text(&screen, STYLE_PLAIN, 0, line.p);
	}
	return screen_end(&screen);
}
