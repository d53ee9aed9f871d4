/* cmd_zone.c - mailhealth zone: a zone file before it is published
 *
 * First what cannot be read, or would not be served as it is meant; then each name
 * that mail is sent from or to, looked at as `mailhealth domain` does, with nobody
 * asked: what is outside the file is neither right nor wrong, and not spoken of.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"
#include "domain_screen.h"
#include "findings_screen.h"

static const char help[] = //
    "Usage: mailhealth zone FILE [options]\n"
    "\n"
    "Looks at a zone file before it is published: what cannot be read in it, and what is wrong\n"
    "with the mail of each name in it (where a zone begins, and names with MX, SPF or DMARC),\n"
    "with the records that mend it.  Nobody is asked: what is outside the file is left out.\n"
    "\n"
    "      --origin NAME    where relative names hang, if the file does not say so\n"
    "  -v, --verbose        show everything\n"
    "      --json           print one JSON object\n"
    "      --batch          a file name a line, a JSON object a line\n"
    "      --now TIME       seconds since 1970, as the time of the check\n"
    "\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n"
    "\n"
    "Exit status: 0 nothing is wrong; 1 something is (with --batch: a line was bad); 2 nothing\n"
    "could be found out; 64 usage; 66 unreadable input; 70 our own failure.\n";

enum { OPT_ORIGIN = 1 };

static const struct option options[] = {
	{ "origin", 0, true, OPT_ORIGIN },
	{ "json", 0, false, OPT_JSON },
	{ "batch", 0, false, OPT_BATCH },
	{ "unordered", 0, false, OPT_UNORDERED },
	{ "now", 0, true, OPT_NOW },
	{ "verbose", 'v', false, OPT_VERBOSE },
	{ "help", 'h', false, OPT_HELP },
	{ "version", 'V', false, OPT_VERSION },
	{ NULL, 0, false, 0 },
};

#define AT_ONCE 64 /* names */

struct run {
	struct common common;
	const char *origin; /* "" none */
	bool has_now;
};

/* One file. */
struct file {
	const struct run *run;
	const char *path;
	mh_zone *zone;
	mh_loop *loop;
	struct screen screen; /* unless JSON is printed */
	size_t names, wrong; /* wrong: names with a fault or a weak point */
	int worst; /* MH_SEVERITY_*, of all that was found; 0: nothing */
	struct text fine; /* names that are in order */
	bool is_first; /* no name has been printed */
	const char **keys; /* names of DKIM keys */
	size_t keys_count;
};

/* ------------------------------------------------------------------------ names */

static const char below[] = "._domainkey.";

/* find_keys - the names in the file that DKIM keys stand at; false: no memory */
static bool
find_keys(struct file *file)
{
	size_t cap = 0;
	for (size_t i = 0; mh_zone_name(file->zone, i)[0] != '\0'; i++) {
		const char *name = mh_zone_name(file->zone, i);
		if (name[0] == '*' || strstr(name, below) == NULL)
			continue;
		if (file->keys_count == cap) {
			cap = cap * 2 + 16;
			const char **grown = realloc(file->keys, cap * sizeof(*grown));
			if (grown == NULL)
				return false;
			file->keys = grown;
		}
		file->keys[file->keys_count++] = name;
	}
	return true;
}

/* set_selectors - those that the file has below a name */
static void
set_selectors(const struct file *file, mh_job *job, const char *name)
{
	for (size_t i = 0; i < file->keys_count; i++) {
		const char *at = strstr(file->keys[i], below);
		size_t len = (size_t)(at - file->keys[i]);
		char selector[256];
		if (strcmp(at + sizeof(below) - 1, name) != 0 || len >= sizeof(selector))
			continue;
		memcpy(selector, file->keys[i], len);
		selector[len] = '\0';
		(void)mh_job_set_str(job, MH_OPT_SELECTOR,
		    selector); /* what is none, or too many, is left out */
	}
}

/* make_job - the check of one name; NULL without memory, or if the library takes no such name */
static mh_job *
make_job(const struct file *file, const char *name)
{
	mh_job *job = mh_job_new(file->run->common.ctx, MH_CHECK_DOMAIN);
	int error = job != NULL ? mh_job_set_str(job, MH_OPT_DOMAIN, name) : MH_ENOMEM;
	if (error == MH_OK)
		error = mh_job_set_int(job, MH_OPT_FETCH, 0);
	if (error == MH_OK)
		error = mh_job_set_int(job, MH_OPT_LISTS, 0);
	if (error == MH_OK && file->run->has_now)
		error = mh_job_set_int(job, MH_OPT_NOW, file->run->common.clock.now_s);
	if (error == MH_OK) {
		set_selectors(file, job, name);
		return job;
	}
	mh_job_free(job);
	return NULL;
}

/* worst_of - of findings that rest on what is known; 0: none */
static int
worst_of(const struct json *findings)
{
	int worst = 0;
	for (const struct json *finding = json_first(findings); finding != NULL; finding = json_next(finding))
		if (!finding_is_unknown(finding) && finding_severity(finding) > worst)
			worst = finding_severity(finding);
	return worst;
}

/* put_name - what came out of one name */
static int
put_name(struct file *file, mh_job *job)
{
	const char *text = mh_job_json(job);
	struct json *json = json_read(text);
	if (json == NULL)
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	const char *name = json_text(json_get(json, "subject"));
	int worst = worst_of(json_get(json, "findings"));

	if (worst > file->worst)
		file->worst = worst;
	file->names++;
	file->wrong += worst > MH_SEVERITY_INFO;
	if (file->run->common.json) {
		(void)fputs(file->is_first ? "" : ",", stdout);
		(void)fputs(text, stdout);
	} else if (worst > MH_SEVERITY_INFO || file->run->common.verbose) {
		screen_line(&file->screen);
		screen_text(&file->screen, STYLE_BOLD, 0, name);
		if (!domain_put_findings(&file->screen, json, file->run->common.verbose))
			file->screen.bad = true;
	} else {
		text_add(&file->fine, file->fine.len > 0 ? ", " : "");
		text_add(&file->fine, name);
	}
	file->is_first = false;
	json_free(json);
	return EXIT_FINE;
}

/* run_some - a few names at once, in the order of the file */
static int
run_some(struct file *file, mh_job **jobs, size_t count)
{
	int status = EXIT_FINE;
	for (size_t i = 0; i < count; i++) {
		int result = status == EXIT_FINE ? mh_loop_run(file->loop, jobs[i], -1) : MH_OK;
		if (result == MH_DONE)
			status = put_name(file, jobs[i]);
		else if (result != MH_OK && result != MH_EINVAL) /* a name that is none of a domain */
			status = complain(EXIT_OURS, "%s", mh_strerror(result));
		mh_job_free(jobs[i]);
	}
	return status;
}

/* put_names - each name of mail in the file */
static int
put_names(struct file *file)
{
	mh_job *jobs[AT_ONCE];
	size_t count = 0;
	int status = EXIT_FINE;

	for (size_t i = 0; status == EXIT_FINE && mh_zone_name(file->zone, i)[0] != '\0'; i++) {
		if (mh_zone_is_for_mail(file->zone, i) != 1)
			continue;
		jobs[count] = make_job(file, mh_zone_name(file->zone, i));
		if (jobs[count] == NULL)
			continue;
		if (++count < AT_ONCE)
			continue;
		status = run_some(file, jobs, count);
		count = 0;
	}
	return status == EXIT_FINE ? run_some(file, jobs, count) : status;
}

/* ------------------------------------------------------------------------- a file */

/* put_string - as JSON; octets that are no UTF-8 as text */
static void
put_string(const char *text)
{
	char safe[4096];
	safe[safe_put(safe, sizeof(safe) - 1, text, strlen(text), false)] = '\0';
	json_put(safe);
}

/* health - of the whole file: of what is known */
static const char *
health(const struct file *file)
{
	static const char *const words[] = { "pass", "info", "warn", "fail" };
	return file->worst == 0 && mh_zone_count(file->zone) == 0 ? "unknown" : words[file->worst];
}

/* put_json - one object; n 0: without a number */
static int
put_json(struct file *file, const char *findings, int64_t n)
{
	(void)fputs("{\"schema\":1,", stdout);
	if (n > 0)
		printf("\"n\":%lld,", (long long)n);
	(void)fputs("\"kind\":\"zone\",\"subject\":", stdout);
	put_string(file->path);
	printf(",\"records\":%zu,\"names\":[", mh_zone_count(file->zone));
	int status = put_names(file);
	printf("],\"findings\":%s,\"health\":\"%s\"}\n", findings, health(file));
	return status != EXIT_FINE ? status : out_flush();
}

/* put_summary - the first line, once all is known */
static void
put_summary(struct screen *screen, const struct file *file, size_t lines)
{
	struct text line = { .len = 0 };
	text_add_short(&line, file->path, 300);
	text_add(&line, ": ");
	if (mh_zone_count(file->zone) == 0) {
		text_add(&line, "there are no records in it that can be read.");
	} else if (file->worst <= MH_SEVERITY_INFO) {
		text_add(&line, "nothing wrong was found in ");
		text_add_many(&line, (int64_t)mh_zone_count(file->zone), "record", "records");
		text_add(&line, " and ");
		text_add_many(&line, (int64_t)file->names, "name of mail.", "names of mail.");
	} else {
		if (lines > 0)
			text_add_many(&line, (int64_t)lines, "place that cannot be right",
			    "places that cannot be right");
		if (file->wrong > 0) {
			text_add(&line, lines > 0 ? "; " : "");
			text_add_count(&line, (int64_t)file->wrong);
			text_add(&line, " of ");
			text_add_many(&line, (int64_t)file->names, "name of mail", "names of mail");
			text_add(&line,
			    file->wrong == 1 ? " has faults or weak points" : " have faults or weak points");
		}
		text_add(&line, ".");
	}
	enum style style = file->worst == MH_SEVERITY_FAIL                      ? STYLE_BAD
	    : file->worst == MH_SEVERITY_WARN || mh_zone_count(file->zone) == 0 ? STYLE_WAIT
										: STYLE_GOOD;
	screen_text(screen, style, 0, line.p);
}

/* put_screen - for a person: the summary, what is wrong with the file, then its names */
static int
put_screen(struct file *file, const struct json *zone_findings)
{
	struct screen first;
	struct findings findings;
	size_t lines = 0;

	screen_init(&file->screen);
	int status = put_names(file);
	if (file->fine.len > 0) {
		screen_line(&file->screen);
		screen_field(&file->screen, "In order", file->fine.p);
	}
	for (const struct json *one = json_first(zone_findings); one != NULL; one = json_next(one))
		lines += finding_severity(one) > MH_SEVERITY_INFO;
	screen_init(&first);
	put_summary(&first, file, lines);
	findings_begin(&findings, &first, NULL, file->run->common.verbose);
	findings.names_both = true;
	for (const struct json *one = json_first(zone_findings); one != NULL; one = json_next(one)) {
		screen_line(&first);
		findings_put_one(&findings, one);
	}
	int ended = screen_end(&first);
	int ended_too = screen_end(&file->screen);
	return status != EXIT_FINE ? status : ended != EXIT_FINE ? ended : ended_too;
}

/* open_file - reads it; what is wrong, or NULL */
static const char *
open_file(struct file *file, bool *is_unreadable)
{
	mh_ctx *ctx = file->run->common.ctx;
	const char *path = strcmp(file->path, "-") == 0 ? "/dev/stdin" : file->path;
	file->zone = mh_zone_new(ctx);
	file->loop = mh_loop_new(ctx);
	int error = file->zone != NULL && file->loop != NULL
	    ? mh_zone_add_file(file->zone, path, file->run->origin)
	    : MH_ENOMEM;
	if (error == MH_EIO) {
		*is_unreadable = true;
		return "the file cannot be read";
	}
	if (error == MH_EINVAL)
		return "--origin takes a name";
	if (error == MH_OK)
		error = mh_loop_use_zone(file->loop, file->zone, 0);
	if (error == MH_OK)
		error = mh_loop_set_int(file->loop, MH_OPT_OFFLINE, 1);
	if (error == MH_OK && !find_keys(file))
		error = MH_ENOMEM;
	return error == MH_OK ? NULL : mh_strerror(error);
}

static void
close_file(struct file *file)
{
	free(file->keys);
	mh_loop_free(file->loop);
	mh_zone_free(file->zone);
}

/* put_file - all of an open file; n: the number of the line that names it, 0 none */
static int
put_file(struct file *file, int64_t n)
{
	mh_report *report = mh_zone_report(file->zone);
	const char *text = report != NULL ? mh_report_json(report) : "";
	struct json *findings = json_read(text);
	int status;

	if (findings == NULL) {
		status = complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	} else {
		file->worst = worst_of(findings);
		file->is_first = true;
		status = file->run->common.json ? put_json(file, text, n) : put_screen(file, findings);
	}
	json_free(findings);
	mh_report_free(report);
	return status;
}

static int
check_one(struct run *run)
{
	struct file file = { .run = run, .path = run->common.words[0] };
	bool is_unreadable = false;
	const char *wrong = open_file(&file, &is_unreadable);
	int status;

	if (wrong == NULL)
		status = put_file(&file, 0);
	else if (is_unreadable)
		status = complain(EXIT_INPUT, "%s cannot be read", file.path);
	else
		status = complain(strcmp(wrong, mh_strerror(MH_ENOMEM)) == 0 ? EXIT_OURS : EXIT_USAGE, "%s",
		    wrong);
	if (status == EXIT_FINE && strcmp(health(&file), "fail") == 0)
		status = 1;
	else if (status == EXIT_FINE && strcmp(health(&file), "unknown") == 0)
		status = 2;
	close_file(&file);
	return status;
}

/* one - a line of --batch */
static const char *
one(void *arg, int64_t n, const char *text, size_t len)
{
	struct run *run = arg;
	char path[4096];
	struct file file = { .run = run, .path = path };
	bool is_unreadable = false;

	if (len == 0 || len >= sizeof(path) || memchr(text, '\0', len) != NULL)
		return "this is no file name";
	memcpy(path, text, len);
	path[len] = '\0';
	const char *wrong = open_file(&file, &is_unreadable);
	if (wrong == NULL && put_file(&file, n) != EXIT_FINE)
		wrong = "our own failure";
	close_file(&file);
	return wrong;
}

/* ------------------------------------------------------------------------ options */

static int
set_option(void *arg, int id, const char *value)
{
	struct run *run = arg;
	if (id == OPT_ORIGIN) {
		run->origin = value;
		return EXIT_FINE;
	}
	run->has_now = run->has_now || id == OPT_NOW;
	return common_set(&run->common, id, value);
}

int
cmd_zone(int argc, char **argv)
{
	static const struct command command = { options, help, set_option, common_word };
	struct run run = { .origin = "" };
	bool done = false;
	int status = common_init(&run.common, argc);

	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, &run, &done);
	if (status == EXIT_FINE && !done) {
		if (run.common.batch) {
			run.common.json = true;
			status = run.common.count > 0
			    ? complain(EXIT_USAGE, "with --batch, files are named on standard input")
			    : batch_run("zone", one, &run);
		} else if (run.common.count != 1) {
			status = complain(EXIT_USAGE,
			    run.common.count == 0 ? "give a zone file: mailhealth zone db.example.org"
						  : "there is more than one file; --batch takes many");
		} else {
			status = check_one(&run);
		}
	}
	common_free(&run.common);
	return status;
}
