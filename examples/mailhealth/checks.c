/* checks.c - who answers a check, and how its run ends */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"

#define TOLD 10 /* lines of a file that cannot be read */

void
checks_init(struct checks *checks)
{
	*checks = (struct checks){ .timeout_ms = -1, .now_s = -1 };
}

void
checks_free(struct checks *checks)
{
	mh_zone_free(checks->zone);
	mh_world_free(checks->world);
}

/* tell_findings - lines of a file that could not be read, a line each on stderr, some of them at most */
static void
tell_findings(mh_report *report)
{
	size_t told = 0, more = 0;
	for (size_t i = 0; i < mh_report_count(report); i++) {
		if (mh_report_int(report, i, MH_FINDING_SEVERITY) == MH_SEVERITY_INFO)
			continue;
		if (told++ >= TOLD) {
			more++;
			continue;
		}
		const char *detail = mh_report_str(report, i, MH_FINDING_DETAIL);
		complain(EXIT_INPUT, "%s: %s", mh_report_str(report, i, MH_FINDING_SUBJECT),
		    detail[0] != '\0' ? detail : mh_report_str(report, i, MH_FINDING_TITLE));
	}
	if (more > 0)
		complain(EXIT_INPUT, "and %zu more of such lines", more);
	mh_report_free(report);
}

/* add_zone - one more zone file; what is wrong with its lines is told, and the rest counts */
static int
add_zone(struct checks *checks, mh_ctx *ctx, const char *path)
{
	if (checks->zone == NULL)
		checks->zone = mh_zone_new(ctx);
	int error = checks->zone != NULL ? mh_zone_add_file(checks->zone, path, "") : MH_ENOMEM;
	if (error == MH_EIO)
		return complain(EXIT_INPUT, "%s cannot be read", path);
	return error == MH_OK ? EXIT_FINE : complain(EXIT_OURS, "%s: %s", path, mh_strerror(error));
}

static int
set_world(struct checks *checks, mh_ctx *ctx, const char *path)
{
	if (checks->world != NULL)
		return complain(EXIT_USAGE, "--world can be given once");
	checks->world = mh_world_new(ctx);
	int error = checks->world != NULL ? mh_world_add_file(checks->world, path) : MH_ENOMEM;
	if (error == MH_EIO)
		return complain(EXIT_INPUT, "%s cannot be read", path);
	if (error != MH_OK)
		return complain(EXIT_OURS, "%s: %s", path, mh_strerror(error));
	tell_findings(mh_world_report(checks->world));
	return EXIT_FINE;
}

/* add_server - one more; what is no address shows when the loop is made */
static int
add_server(struct checks *checks, const char *value)
{
	size_t len = strlen(checks->resolver), more = strlen(value);
	if (len + more + 2 > sizeof(checks->resolver))
		return complain(EXIT_USAGE, "there are too many servers");
	if (len > 0)
		checks->resolver[len++] = ' ';
	memcpy(checks->resolver + len, value, more + 1);
	return EXIT_FINE;
}

/* read_seconds - a number with at most three digits behind its point, as milliseconds; -1: it is none */
static int64_t
read_seconds(const char *value)
{
	char *end;
	double seconds = strtod(value, &end);
	if (end == value || *end != '\0' || !(seconds >= 0) || seconds > 86400)
		return -1;
	return (int64_t)(seconds * 1000 + 0.5);
}

int
checks_set(struct checks *checks, mh_ctx *ctx, int id, const char *value)
{
	char *end;
	switch (id) {
	case OPT_ZONE:
		return add_zone(checks, ctx, value);
	case OPT_WORLD:
		return set_world(checks, ctx, value);
	case OPT_RESOLVER:
		return add_server(checks, value);
	case OPT_OVERLAY:
		checks->overlay = true;
		return EXIT_FINE;
	case OPT_TRUST_AD:
		checks->trust_ad = true;
		return EXIT_FINE;
	case OPT_UNORDERED:
		checks->unordered = true;
		return EXIT_FINE;
	case OPT_RECORD:
		checks->record = value;
		return EXIT_FINE;
	case OPT_RESUME:
		checks->resume = value;
		return EXIT_FINE;
	case OPT_TIMEOUT:
		checks->timeout_ms = read_seconds(value);
		if (checks->timeout_ms >= 0)
			return EXIT_FINE;
		return complain(EXIT_USAGE, "--timeout takes seconds, not '%.80s'", value);
	case OPT_NOW:
		errno = 0;
		checks->now_s = strtoll(value, &end, 10);
		if (end != value && *end == '\0' && errno == 0 && checks->now_s >= 0)
			return EXIT_FINE;
		return complain(EXIT_USAGE, "--now takes seconds since 1970, not '%.80s'", value);
	default:
		return -1;
	}
}

int
checks_loop(const struct checks *checks, mh_ctx *ctx, mh_loop **loop_out)
{
	mh_loop *loop = mh_loop_new(ctx);
	int error = loop != NULL ? MH_OK : MH_ENOMEM;

	*loop_out = NULL;
	if (error == MH_OK && checks->resolver[0] != '\0') {
		error = mh_loop_set_str(loop, MH_OPT_RESOLVER, checks->resolver);
		if (error == MH_EINVAL) {
			mh_loop_free(loop);
			return complain(EXIT_USAGE,
			    "--resolver takes an address such as 192.0.2.1, 192.0.2.1:5353 or "
			    "[2001:db8::1]:53, not '%.200s'",
			    checks->resolver);
		}
	}
	if (error == MH_OK && checks->trust_ad)
		error = mh_loop_set_int(loop, MH_OPT_TRUST_AD, 1);
	if (error == MH_OK && checks->min_interval_ms > 0)
		error = mh_loop_set_int(loop, MH_OPT_MIN_INTERVAL_MS, checks->min_interval_ms);
	bool is_replay = checks->world != NULL && !checks->goes_on;
	if (error == MH_OK && is_replay)
		error = mh_loop_use_world(loop, checks->world);
	if (error == MH_OK && checks->zone != NULL)
		error = mh_loop_use_zone(loop, checks->zone, checks->overlay);
	/* Who gives zone files without --overlay asks nobody else. */
	if (error == MH_OK && (is_replay || (checks->zone != NULL && !checks->overlay)))
		error = mh_loop_set_int(loop, MH_OPT_OFFLINE, 1);
	if (error != MH_OK) {
		mh_loop_free(loop);
		return complain(EXIT_OURS, "%s", mh_strerror(error));
	}
	if (checks->zone != NULL)
		tell_findings(mh_zone_report(checks->zone));
	*loop_out = loop;
	return EXIT_FINE;
}

int
checks_job(const struct checks *checks, mh_job *job)
{
	int error = MH_OK;
	if (checks->now_s >= 0)
		error = mh_job_set_int(job, MH_OPT_NOW, checks->now_s);
	if (error == MH_OK && checks->timeout_ms >= 0)
		error = mh_job_set_int(job, MH_OPT_TIME_LIMIT_MS, checks->timeout_ms);
	return error;
}

mh_job *
checks_make_job(const struct checks *checks, mh_ctx *ctx, int check,
    int (*set)(const void *arg, mh_job *job, const char **wrong), const void *arg, const char **wrong)
{
	mh_job *job = mh_job_new(ctx, check);
	int error = job != NULL ? MH_OK : MH_ENOMEM;

	*wrong = NULL;
	if (error == MH_OK && checks->world != NULL)
		error = mh_job_use_world(job, checks->world);
	if (error == MH_EINVAL)
		*wrong = "the recording has an option that cannot be right";
	if (error == MH_OK)
		error = set(arg, job, wrong);
	if (error == MH_OK)
		return job;
	if (*wrong == NULL)
		*wrong = mh_strerror(error);
	mh_job_free(job);
	return NULL;
}

int
checks_fit(const struct checks *checks, bool batch)
{
	if (checks->resume != NULL && (!batch || checks->unordered))
		return complain(EXIT_USAGE, "--resume goes with --batch, and not with --unordered");
	if (batch && checks->record != NULL)
		return complain(EXIT_USAGE, "--record is for one check, not for --batch");
	return EXIT_FINE;
}

/* show - what came out, to programs or to people */
static int
show(const struct common *common, mh_job *job, int (*screen)(mh_job *job, bool verbose))
{
	if (!common->json)
		return screen(job, common->verbose);
	const char *json = mh_job_json(job);
	if (json[0] == '\0')
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	(void)puts(json);
	return out_flush();
}

int
checks_end(const struct checks *checks, const struct common *common, mh_job *job,
    int (*screen)(mh_job *job, bool verbose))
{
	int status = checks_record(checks, job);
	if (status == EXIT_FINE)
		status = show(common, job, screen);
	return status == EXIT_FINE ? checks_status(job) : status;
}

int
checks_record(const struct checks *checks, mh_job *job)
{
	if (checks->record == NULL)
		return EXIT_FINE;
	const char *text = mh_job_world(job);
	if (text[0] == '\0')
		return complain(EXIT_OURS, "%s", mh_strerror(MH_ENOMEM));
	FILE *out = fopen(checks->record, "w");
	bool good = out != NULL && fputs(text, out) >= 0;
	if (out != NULL && fclose(out) != 0)
		good = false;
	if (good)
		return EXIT_FINE;
	return complain(EXIT_OURS, "%s cannot be written: %s", checks->record, strerror(errno));
}

int
checks_status(mh_job *job)
{
	const char *health = mh_job_str(job, MH_JOB_HEALTH);
	if (strcmp(health, "fail") == 0)
		return 1;
	return strcmp(health, "unknown") == 0 ? 2 : EXIT_FINE;
}

char *
checks_read_file(const char *path)
{
	enum { MOST = 1 << 20 };
	FILE *in = fopen(path, "rb");
	char *text = in != NULL ? malloc(MOST + 1) : NULL;
	size_t n = text != NULL ? fread(text, 1, MOST, in) : 0;
	bool good = text != NULL && !ferror(in);
	if (in != NULL)
		(void)fclose(in);
	if (!good) {
		free(text);
		(void)complain(EXIT_INPUT, "%s cannot be read", path);
		return NULL;
	}
	text[n] = '\0';
	/* An option that is "" is one that was not given, and behind a NUL nothing would be looked at. */
	if (n == 0 || strlen(text) != n) {
		free(text);
		(void)complain(EXIT_INPUT, n == 0 ? "%s is empty" : "%s is no text", path);
		return NULL;
	}
	return text;
}

bool
checks_is_domain(const char *word)
{
	char safe[1200];
	size_t label = 0, len = strlen(word);
	bool is_ascii = true, has_letter = false;

	/* nothing that does not show, such as a mark that turns the direction of writing */
	if (len > sizeof(safe) / 4 || safe_put(safe, sizeof(safe), word, len, false) != len ||
	    memcmp(safe, word, len) != 0)
		return false;

	if (len > 1 && word[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)word[i];
		is_ascii = is_ascii && c < 0x80;
		has_letter = has_letter || c >= 0x80 || (c != '.' && (c < '0' || c > '9'));
		if (c <= ' ' || c == 0x7f || strchr("@<>/:", c) != NULL || (c == '.' && label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > 63 && is_ascii)
			return false;
	}
	return label > 0 && has_letter && (len <= 253 || !is_ascii);
}

bool
checks_is_address(const char *word)
{
	unsigned char room[16];
	return inet_pton(AF_INET, word, room) == 1 || inet_pton(AF_INET6, word, room) == 1;
}

int64_t
checks_number(const char *value, int64_t least, int64_t most)
{
	char *end;
	errno = 0;
	long long number = strtoll(value, &end, 10);
	return end != value && *end == '\0' && errno == 0 && number >= least && number <= most ? number : -1;
}

int
checks_add_ca(mh_ctx *ctx, const char *path)
{
	int result = mh_ctx_add_anchors_file(ctx, path);
	if (result > 0)
		return EXIT_FINE;
	return complain(EXIT_INPUT, result == MH_EIO ? "%s cannot be read" : "%s has no certificate in it",
	    path);
}
