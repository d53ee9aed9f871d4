/* html_page.c - what the checks "domain" and "host" found, as one page that stands by itself
 *
 * For whoever is to change a record and has no terminal.  The page loads nothing,
 * runs nothing and links nowhere, and a policy in it (CSP) keeps it so; what other
 * hosts publish comes into it as text alone: escaped, with controls and marks that
 * turn the direction of writing shown as what they are.  Nothing of theirs stands
 * in an attribute.
 */
#define _XOPEN_SOURCE 700 /* realpath() */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mailhealth.h>

#include "domain_view.h"
#include "findings_screen.h"
#include "html_page.h"
#include "html_style.h"

#define PAGE_MAX ((size_t)64 << 20)

struct page {
	char *p;
	size_t len, cap;
	bool bad; /* no memory */
	const struct view *view;
};

/* ----------------------------------------------------------------------- writing */

static void
put_n(struct page *page, const char *p, size_t len)
{
	if (page->bad || len == 0)
		return;
	if (len > page->cap - page->len) {
		size_t cap = page->cap * 2 + len + 16384;
		char *grown = cap <= PAGE_MAX ? realloc(page->p, cap) : NULL;
		if (grown == NULL) {
			page->bad = true;
			return;
		}
		page->p = grown;
		page->cap = cap;
	}
	memcpy(page->p + page->len, p, len);
	page->len += len;
}

/* put - our own words: elements and what stands between them */
static void
put(struct page *page, const char *html)
{
	put_n(page, html, strlen(html));
}

/* put_escaped - octets that have no meaning to HTML any more */
static void
put_escaped(struct page *page, const char *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		static const char special[] = "&<>\"'";
		static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
		const char *at = p[i] != '\0' ? strchr(special, p[i]) : NULL;
		if (at != NULL)
			put(page, entities[at - special]);
		else
			put_n(page, p + i, 1);
	}
}

/* put_text - any text: what would not show, or would act, as escapes */
static void
put_text(struct page *page, const char *text)
{
	enum { PIECE = 96 };
	char safe[PIECE * 8];
	size_t len = strlen(text), from = 0;
	while (from < len) {
		size_t to = len - from < PIECE ? len : from + PIECE;
		/* not within a character; to is below strlen(text) */
		while (to < len && to > from + PIECE - 4 &&
		    ((unsigned char)text[to] & 0xc0) == 0x80) /* NOLINT(clang-analyzer-core.*) */
			to--;
		put_escaped(page, safe, safe_put(safe, sizeof(safe), text + from, to - from, false));
		from = to;
	}
}

/* put_element - text between the tags of an element, in words of ours: "p class=\"x\"", "p" */
static void
put_element(struct page *page, const char *open, const char *name, const char *text)
{
	put(page, "<");
	put(page, open);
	put(page, ">");
	put_text(page, text);
	put(page, "</");
	put(page, name);
	put(page, ">\n");
}

static void
put_count(struct page *page, size_t count)
{
	struct text text = { .len = 0 };
	text_add_int(&text, (int64_t)count);
	put(page, text.p);
}

static const char *
text_of(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

/* class_of - a word of ours for a health or severity, whatever the JSON has */
static const char *
class_of(const char *health)
{
	static const char *const known[] = { "pass", "info", "warn", "fail" };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(health, known[i]) == 0)
			return known[i];
	return "unknown";
}

/* put_tag - a health as a word in its colour */
static void
put_tag(struct page *page, const char *health)
{
	put(page, "<span class=\"tag ");
	put(page, class_of(health));
	put(page, "\">");
	put_text(page, health);
	put(page, "</span>");
}

/* ---------------------------------------------------------------------- findings */

/* put_step - a record to be copied, or a sentence */
static void
put_step(void *arg, enum findings_step step, const struct json *set, const char *text)
{
	struct page *page = arg;
	struct text ttl = { .len = 0 };

	if (step == FINDINGS_SAY) {
		put_element(page, "p", "p", text);
		return;
	}
	text_add_int(&ttl, json_number(json_get(set, "ttl")));
	put(page,
	    step == FINDINGS_REMOVE    ? "<h4>Remove</h4>\n<pre class=\"remove\">"
		: step == FINDINGS_ADD ? "<h4>Add</h4>\n<pre class=\"add\">"
				       : "<h4>Or add, in place of the one above</h4>\n<pre class=\"add\">");
	put_text(page, text_of(set, "name"));
	put(page, " ");
	put_text(page, ttl.p);
	put(page, " IN ");
	put_text(page, text_of(set, "type"));
	put(page, " ");
	put_text(page, text);
	put(page, "</pre>\n");
}

static void
put_finding(struct page *page, struct findings *findings, const struct json *finding)
{
	static const char *const words[] = { "info", "info", "warn", "fail" };
	const char *severity = words[finding_severity(finding)], *detail = text_of(finding, "detail");
	const char *evidence = text_of(finding, "evidence"), *reason = text_of(finding, "reason");

	put(page, "<article class=\"");
	put(page, severity);
	put(page, "\">\n<h3>");
	put_tag(page, severity);
	put(page, " ");
	put_text(page, finding_title(finding));
	put(page, "</h3>\n<p class=\"about\">");
	put_text(page, text_of(finding, "subject"));
	put(page, " <code>");
	put_text(page, text_of(finding, "id"));
	put(page, "</code> ");
	put_text(page, text_of(finding, "spec"));
	put(page, "</p>\n");
	if (detail[0] != '\0')
		put_element(page, "p", "p", detail);
	put_element(page, "p", "p", reason);
	if (json_length(json_get(finding, "range")) == 2 && evidence[0] != '\0')
		put_element(page, "pre class=\"evidence\"", "pre", evidence);
	put(page, "<p class=\"todo\"><strong>What to do:</strong> ");
	put_text(page, text_of(finding, "remedy"));
	put(page, "</p>\n");
	findings_steps(findings, finding);
	put(page, "</article>\n");
}

/* put_group - findings of one part, the worst first */
static void
put_group(struct page *page, struct findings *findings, size_t i)
{
	const struct view_group *group = &page->view->groups[i];
	put(page, "<section>\n<h2 id=\"part");
	put_count(page, i);
	put(page, "\">");
	put_text(page, group->name);
	put(page, "</h2>\n");
	for (int severity = MH_SEVERITY_FAIL; severity >= MH_SEVERITY_INFO; severity--)
		for (const struct json *finding = view_next(page->view, group, NULL, severity);
		     finding != NULL; finding = view_next(page->view, group, finding, severity))
			put_finding(page, findings, finding);
	put(page, "</section>\n");
}

/* put_contents - the parts with findings, and how many they have */
static void
put_contents(struct page *page)
{
	const struct view *view = page->view;
	if (view->groups_count < 2)
		return;
	put(page, "<nav aria-label=\"Parts\">\n<ul>\n");
	for (size_t i = 0; i < view->groups_count; i++) {
		const struct view_group *group = &view->groups[i];
		put(page, "<li><a href=\"#part");
		put_count(page, i);
		put(page, "\">");
		put_text(page, group->name);
		put(page, "</a> ");
		put_tag(page, group->fails > 0 ? "fail" : group->warns > 0 ? "warn" : "info");
		put(page, "</li>\n");
	}
	put(page, "</ul>\n</nav>\n");
}

/* --------------------------------------------------------------------- other parts */

/* put_list - labels and what stands beside them */
static void
put_list(struct page *page, const char *heading, const struct view_line *lines, size_t count)
{
	if (count == 0)
		return;
	put(page, "<section>\n");
	put_element(page, "h2", "h2", heading);
	put(page, "<dl>\n");
	for (size_t i = 0; i < count; i++) {
		if (lines[i].label[0] != '\0')
			put_element(page, "dt", "dt", lines[i].label);
		put_element(page, "dd", "dd", lines[i].text.p);
	}
	put(page, "</dl>\n</section>\n");
}

/* put_reasons - why something could not be found out, and what */
static void
put_reasons(struct page *page)
{
	const struct view *view = page->view;
	if (view->unknown_count == 0)
		return;
	put(page, "<section>\n<h2>Could not be found out</h2>\n");
	put_element(page, "p", "p", "What is listed here is neither right nor wrong: nobody answered.");
	put(page, "<ul>\n");
	for (size_t i = 0; i < view->unknown_count; i++)
		put_element(page, "li", "li", view->unknown[i].text.p);
	put(page, "</ul>\n</section>\n");
}

/* put_broken - a rule that is not kept: what it wants, and the reply of the receiver where it is another one than last */
static void
put_broken(struct page *page, const struct json *rule, const char *last)
{
	const char *reply = text_of(rule, "reply"), *finding = text_of(rule, "finding");
	put(page, "<p><strong>Not met:</strong> ");
	put_text(page, view_rule_text(rule));
	if (finding[0] != '\0') {
		put(page, " <code>");
		put_text(page, finding);
		put(page, "</code>");
	}
	put(page, "</p>\n");
	if (reply[0] != '\0' && strcmp(reply, last) != 0)
		put_element(page, "pre class=\"reply\"", "pre", reply);
}

/* put_rules - what a receiver's rules come to: those that are not kept, then those that nobody knows of */
static void
put_rules(struct page *page, const struct json *rules)
{
	const char *last = "";
	size_t broken = 0, unknown = 0;
	for (const struct json *rule = json_first(rules); rule != NULL; rule = json_next(rule)) {
		if (strcmp(text_of(rule, "state"), "fail") != 0)
			continue;
		put_broken(page, rule, last);
		last = text_of(rule, "reply");
		broken++;
	}
	for (const struct json *rule = json_first(rules); rule != NULL; rule = json_next(rule)) {
		if (strcmp(text_of(rule, "state"), "unknown") != 0)
			continue;
		put(page, unknown++ == 0 ? "<p>Not known: " : "; ");
		put_text(page, view_rule_text(rule));
	}
	if (unknown > 0)
		put(page, "</p>\n");
	else if (broken == 0)
		put(page, "<p>All of its rules are met.</p>\n");
}

static void
put_receivers(struct page *page)
{
	const struct view *view = page->view;
	const char *as_of = "";
	if (view->receivers_count == 0)
		return;
	for (size_t i = 0; i < view->receivers_count; i++)
		if (strcmp(view->receivers[i].as_of, as_of) > 0)
			as_of = view->receivers[i].as_of;
	put(page, "<section>\n<h2>Receivers</h2>\n");
	if (as_of[0] != '\0') {
		put(page, "<p class=\"about\">By their rules as of ");
		put_text(page, as_of);
		put(page, "; what they think of content and volume is not in them.</p>\n");
	}
	put(page,
	    "<table>\n<thead>\n<tr><th scope=\"col\">Receiver</th><th scope=\"col\">Result</th>"
	    "<th scope=\"col\">Why, and the reply to expect</th></tr>\n</thead>\n<tbody>\n");
	for (size_t i = 0; i < view->receivers_count; i++) {
		const struct view_receiver *receiver = &view->receivers[i];
		put(page, "<tr><th scope=\"row\">");
		put_text(page, receiver->long_name[0] != '\0' ? receiver->long_name : receiver->name);
		put(page, "</th><td>");
		put_tag(page, receiver->health);
		put(page, "</td><td>");
		put_rules(page, receiver->rules);
		put(page, "</td></tr>\n");
	}
	put(page, "</tbody>\n</table>\n</section>\n");
}

static void
put_head(struct page *page)
{
	const struct view *view = page->view;
	put(page,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"color-scheme\" content=\"light dark\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n"
	    "<title>");
	put_text(page, view->subject);
	put(page, ": mail</title>\n<style>\n");
	put(page, html_style);
	put(page, "</style>\n</head>\n<body>\n<header class=\"");
	put(page, class_of(view->health));
	put(page, "\">\n");
	put_element(page, "h1", "h1", view->subject);
	/* the sentence goes on behind the name; here it stands by itself */
	put(page, "<p class=\"verdict\">");
	char first[2] = { view->verdict.p[0], '\0' };
	if (first[0] >= 'a' && first[0] <= 'z')
		first[0] = (char)(first[0] - 'a' + 'A');
	put_text(page, first);
	put_text(page, view->verdict.len > 0 ? view->verdict.p + 1 : "");
	put(page, "</p>\n");
	put_element(page, "p", "p", view->counts.p);
	if (view->hint.len > 0)
		put_element(page, "p", "p", view->hint.p);
	put(page, "</header>\n");
}

/* put_foot - when it was, and what it took */
static void
put_foot(struct page *page)
{
	const struct json *object = page->view->object;
	const char *when = text_of(object, "checked_at");
	struct text line = { .len = 0 };
	if (when[0] != '\0') {
		text_add(&line, "Checked ");
		text_add_n(&line, when, strcspn(when, "T"));
		if (strlen(when) >= 19) {
			text_add(&line, " ");
			text_add_n(&line, when + 11, 5);
			text_add(&line, " UTC");
		}
		text_add(&line, ", ");
	}
	text_add_many(&line, json_number(json_get(object, "queries")), "question", "questions");
	text_add(&line, ". Made by mailhealth " MH_VERSION ".");
	put(page, "<footer>\n");
	put_element(page, "p", "p", line.p);
	put(page, "</footer>\n</body>\n</html>\n");
}

static void
put_page(struct page *page, const struct json *object)
{
	const struct view *view = page->view;
	struct findings findings;

	findings_begin(&findings, NULL, object, true);
	findings.tell = put_step;
	findings.arg = page;
	put_head(page);
	put(page, "<main>\n");
	put_contents(page);
	put_list(page, "The host", view->facts, view->facts_count);
	for (size_t i = 0; i < view->groups_count; i++)
		put_group(page, &findings, i);
	put_reasons(page);
	put_list(page, "In order", view->fine, view->fine_count);
	if (view->unused.len > 0) {
		put(page, "<p>Not used: ");
		put_text(page, view->unused.p);
		put(page, "</p>\n");
	}
	if (view->skipped.len > 0) {
		put(page, "<p>Left out: ");
		put_text(page, view->skipped.p);
		put(page, "</p>\n");
	}
	put_receivers(page);
	put(page, "</main>\n");
	put_foot(page);
}

/* -------------------------------------------------------------------------- files */

static int
cannot_write(const char *path)
{
	return complain(EXIT_OURS, "%s cannot be written: %s", path, strerror(errno));
}

/* write_all - into an open file, which is closed; false: errno says why */
static bool
write_all(int fd, const struct page *page, bool syncs)
{
	FILE *out = fdopen(fd, "w");
	if (out == NULL) {
		(void)close(fd);
		return false;
	}
	bool good =
	    fwrite(page->p, 1, page->len, out) == page->len && fflush(out) == 0 && (!syncs || fsync(fd) == 0);
	int error = errno;
	bool is_closed = fclose(out) == 0;
	if (!good)
		errno = error;
	return good && is_closed;
}

/* write_anew - a file beside path, which takes its name once it is whole */
static int
write_anew(const char *path, const struct page *page, mode_t mode)
{
	size_t len = strlen(path);
	char *beside = malloc(len + sizeof(".XXXXXX"));
	if (beside == NULL)
		return complain(EXIT_OURS, "out of memory");
	memcpy(beside, path, len);
	memcpy(beside + len, ".XXXXXX", sizeof(".XXXXXX"));
	int fd = mkstemp(beside);
	int status = EXIT_FINE;
	if (fd < 0) {
		status = cannot_write(path);
	} else {
		bool good = fchmod(fd, mode) == 0;
		good = write_all(fd, page, true) && good;
		if (!good || rename(beside, path) != 0) {
			status = cannot_write(path);
			(void)unlink(beside);
		}
	}
	free(beside);
	return status;
}

/* write_page - what is no regular file (a pipe, /dev/stdout) is written to as it is */
static int
write_page(const char *path, const struct page *page)
{
	struct stat is;
	mode_t mask = umask(0);
	(void)umask(mask);
	if (lstat(path, &is) != 0)
		return errno == ENOENT ? write_anew(path, page, 0666 & ~mask) : cannot_write(path);
	if (S_ISREG(is.st_mode))
		return write_anew(path, page, is.st_mode & 0777);
	char *target = S_ISLNK(is.st_mode) ? realpath(path, NULL) : NULL;
	if (target != NULL && stat(target, &is) == 0 && S_ISREG(is.st_mode)) {
		int status = write_anew(target, page, is.st_mode & 0777);
		free(target);
		return status;
	}
	free(target);
	FILE *out = fopen(path, "w");
	if (out == NULL)
		return cannot_write(path);
	bool good = fwrite(page->p, 1, page->len, out) == page->len;
	return fclose(out) == 0 && good ? EXIT_FINE : cannot_write(path);
}

int
html_page_write(const char *path, const char *json)
{
	struct page page = { .p = NULL };
	struct json *object = json_read(json);
	struct view *view = object != NULL ? view_new(object, false) : NULL;
	int status;

	page.view = view;
	if (view != NULL)
		put_page(&page, object);
	if (view == NULL || page.bad)
		status = complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	else
		status = write_page(path, &page);
	free(page.p);
	view_free(view);
	json_free(object);
	return status;
}
