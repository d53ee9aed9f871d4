/* domain_screen.c - a domain or a sending host for a person
 *
 * The verdict first: will its mail be taken.  Then what is wrong, worst first and
 * part by part, with what to do and the records to publish; what could not be
 * asked; what is fine; and the receivers one by one.
 */
#include <stdio.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "domain_screen.h"
#include "domain_view.h"
#include "findings_screen.h"

static enum style
style_of(const char *health)
{
	if (strcmp(health, "pass") == 0 || strcmp(health, "info") == 0)
		return STYLE_GOOD;
	return strcmp(health, "fail") == 0 ? STYLE_BAD : STYLE_WAIT;
}

static void
put_verdict(struct screen *screen, const struct view *view)
{
	struct text line = { .len = 0 };
	text_add_short(&line, view->subject, 260);
	text_add(&line, ": ");
	text_add(&line, view->verdict.p);
	screen_text(screen, style_of(view->health), 0, line.p);
	screen_text(screen, STYLE_PLAIN, 0, view->counts.p);
	if (view->hint.len > 0)
		screen_text(screen, STYLE_PLAIN, 0, view->hint.p);
}

/* put_lines - labels and what stands beside them, below a heading */
static void
put_lines(struct screen *screen, enum style style, const char *heading, const struct view_line *lines,
    size_t count)
{
	if (count == 0)
		return;
	screen_line(screen);
	if (heading[0] != '\0')
		screen_text(screen, style, 0, heading);
	for (size_t i = 0; i < count; i++) {
		if (heading[0] != '\0' && lines[i].label[0] == '\0')
			screen_hang(screen, STYLE_PLAIN, 2, "", lines[i].text.p);
		else
			screen_field(screen, lines[i].label, lines[i].text.p);
	}
}

/* put_group - the faults and weak points of one part; verbose: what is worth knowing, too */
static void
put_group(struct findings *findings, const struct view *view, const struct view_group *group)
{
	static const int order[] = { MH_SEVERITY_FAIL, MH_SEVERITY_WARN, MH_SEVERITY_INFO };
	bool has_put = false;
	for (size_t i = 0; i < (view->verbose ? 3 : 2); i++)
		for (const struct json *finding = view_next(view, group, NULL, order[i]); finding != NULL;
		     finding = view_next(view, group, finding, order[i])) {
			screen_line(findings->screen);
			if (!has_put)
				screen_text(findings->screen, STYLE_BOLD, 0, group->name);
			has_put = true;
			findings_put_one(findings, finding);
		}
}

/* put_notes - what is worth knowing, a line each */
static void
put_notes(struct screen *screen, const struct view *view)
{
	bool has_put = false;
	for (size_t i = 0; i < view->groups_count && !view->verbose; i++) {
		const struct view_group *group = &view->groups[i];
		for (const struct json *finding = view_next(view, group, NULL, MH_SEVERITY_INFO);
		     finding != NULL; finding = view_next(view, group, finding, MH_SEVERITY_INFO)) {
			struct text line = { .len = 0 };
			if (!has_put) {
				screen_line(screen);
				screen_text(screen, STYLE_BOLD, 0, "Worth knowing");
			}
			has_put = true;
			text_add(&line, finding_title(finding));
			text_add(&line, ": ");
			text_add_short(&line, json_text(json_get(finding, "subject")), 120);
			text_add(&line, " (");
			text_add(&line, json_text(json_get(finding, "id")));
			text_add(&line, ")");
			screen_hang(screen, STYLE_PLAIN, 2, "", line.p);
		}
	}
}

/* put_each_rule - all rules of a receiver, each with what it comes to */
static void
put_each_rule(struct screen *screen, const struct view_receiver *receiver)
{
	const char *label = receiver->name;
	for (const struct json *rule = json_first(receiver->rules); rule != NULL; rule = json_next(rule)) {
		const char *finding = json_text(json_get(rule, "finding")),
			   *why = json_text(json_get(rule, "why"));
		struct text line = { .len = 0 };
		text_add(&line, json_text(json_get(rule, "state")));
		text_add(&line, ": ");
		text_add(&line, view_rule_text(rule));
		if (finding[0] != '\0' || why[0] != '\0') {
			text_add(&line, " (");
			text_add(&line, finding[0] != '\0' ? finding : why);
			text_add(&line, ")");
		}
		screen_field(screen, label, line.p);
		label = "";
		if (json_text(json_get(rule, "reply"))[0] != '\0')
			screen_item(screen, "", "> ", json_text(json_get(rule, "reply")));
	}
}

/* put_receiver - what a receiver makes of it: the rules that are broken, and the reply to the first of them */
static void
put_receiver(struct screen *screen, const struct view_receiver *receiver)
{
	const char *reply = "";
	struct text line = { .len = 0 };
	text_add(&line, receiver->health);
	for (const struct json *rule = json_first(receiver->rules); rule != NULL; rule = json_next(rule)) {
		if (strcmp(json_text(json_get(rule, "state")), "fail") != 0)
			continue;
		text_add(&line, line.len == strlen(receiver->health) ? ", not met: " : "; ");
		text_add(&line, view_rule_text(rule));
		if (reply[0] == '\0')
			reply = json_text(json_get(rule, "reply"));
	}
	screen_field(screen, receiver->name, line.p);
	if (reply[0] != '\0')
		screen_item(screen, "", "> ", reply);
}

static void
put_receivers(struct screen *screen, const struct view *view)
{
	const char *as_of = "";
	if (view->receivers_count == 0)
		return;
	for (size_t i = 0; i < view->receivers_count; i++)
		if (strcmp(view->receivers[i].as_of, as_of) > 0)
			as_of = view->receivers[i].as_of;
	struct text line = { .len = 0 };
	text_add(&line, "Receivers, and what they answer");
	if (as_of[0] != '\0') {
		text_add(&line, " (rules as of ");
		text_add(&line, as_of);
		text_add(&line, ")");
	}
	screen_line(screen);
	screen_text(screen, STYLE_BOLD, 0, line.p);
	for (size_t i = 0; i < view->receivers_count; i++)
		if (view->verbose)
			put_each_rule(screen, &view->receivers[i]);
		else
			put_receiver(screen, &view->receivers[i]);
}

/* put_how - what it took */
static void
put_how(struct screen *screen, const struct json *object)
{
	struct text line = { .len = 0 };
	text_add_many(&line, json_number(json_get(object, "queries")), "question", "questions");
	text_add(&line, " in ");
	text_add_many(&line, json_number(json_get(object, "rounds")), "round", "rounds");
	text_add(&line, ", ");
	text_add_int(&line, json_number(json_get(object, "elapsed_ms")));
	text_add(&line, " ms");
	screen_line(screen);
	screen_field(screen, "It took", line.p);
}

/* put_groups - what is wrong; verbose: what is worth knowing, too */
static void
put_groups(struct screen *screen, const struct view *view)
{
	struct findings findings;
	findings_begin(&findings, screen, view->object, view->verbose);
	findings.names_both = true;
	for (size_t i = 0; i < (view->verbose ? view->groups_count : view->groups_wrong); i++)
		put_group(&findings, view, &view->groups[i]);
}

bool
domain_put_findings(struct screen *screen, const struct json *object, bool verbose)
{
	struct view *view = view_new(object, verbose);
	if (view != NULL)
		put_groups(screen, view);
	view_free(view);
	return view != NULL;
}

bool
domain_put(struct screen *screen, const struct json *object, bool verbose)
{
	struct view *view = view_new(object, verbose);
	if (view == NULL)
		return false;
	put_verdict(screen, view);
	put_lines(screen, STYLE_PLAIN, "", view->facts, view->facts_count);
	put_groups(screen, view);
	put_notes(screen, view);
	put_lines(screen, STYLE_WAIT, "Could not be found out", view->unknown, view->unknown_count);
	put_lines(screen, STYLE_GOOD, "In order", view->fine, view->fine_count);
	if (view->unused.len > 0)
		screen_field(screen, "Not used", view->unused.p);
	if (view->skipped.len > 0)
		screen_field(screen, "Left out", view->skipped.p);
	put_receivers(screen, view);
	if (verbose)
		put_how(screen, object);
	view_free(view);
	return true;
}

int
domain_screen(mh_job *job, bool verbose)
{
	struct screen screen;
	struct json *json = json_read(mh_job_json(job));
	if (json == NULL)
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	screen_init(&screen);
	if (!domain_put(&screen, json, verbose))
		screen.bad = true;
	json_free(json);
	return screen_end(&screen);
}
