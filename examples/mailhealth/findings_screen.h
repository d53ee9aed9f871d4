/* findings_screen.h - findings for a person, and what is taken from them for other pages */
#ifndef FINDINGS_SCREEN_H
#define FINDINGS_SCREEN_H

#include "cli.h"
#include "json_read.h"

#define FINDINGS_RECORDS 64 /* of which it is remembered that they were shown */

#define FINDINGS_RECORD_MAX 260

/* A record that was shown whole. */
struct offered {
	const char *name, *type, *record;
	char room[FINDINGS_RECORD_MAX]; /* of a record that stands nowhere else */
};

/* A step of what mends a finding. */
enum findings_step {
	FINDINGS_REMOVE, /* a record goes */
	FINDINGS_ADD, /* a record comes */
	FINDINGS_ADD_ELSE, /* a record that would come in place of one that was shown above */
	FINDINGS_SAY /* a sentence, about a record that was shown above */
};

/* Findings as they are shown one after another: what was offered above is not offered again. */
struct findings {
	struct screen *screen;
	const struct json *checks; /* of the object: they have the record that mends all */
	bool verbose;
	bool names_both; /* what goes and what comes are both shown, each with its word */
	bool shows_each; /* records of each finding, with nothing said of those above */
	/* tell - takes a step: set is a member of the finding's "fix", text a record's data or the sentence */
	void (*tell)(void *arg, enum findings_step step, const struct json *set, const char *text);
	void *arg;
	struct offered offered[FINDINGS_RECORDS + 1];
	size_t offered_count;
};

/* findings_begin - object is a check's JSON, and has to outlive findings */
void findings_begin(struct findings *findings, struct screen *screen, const struct json *object,
    bool verbose);
/* findings_put_one - one of its findings: what it is, what to do, and the record to publish */
void findings_put_one(struct findings *findings, const struct json *finding);
/* findings_steps - what mends one, step by step, to findings->tell */
void findings_steps(struct findings *findings, const struct json *finding);
/* findings_put - all of them, worst first; not verbose: the first few */
void findings_put(struct screen *screen, const struct json *object, bool verbose);

/* finding_title - from the catalogue; the id of one that this library does not know */
const char *finding_title(const struct json *finding);
/* finding_is_unknown - whether it is about what could not be found out */
bool finding_is_unknown(const struct json *finding);
/* finding_severity - one of MH_SEVERITY_* */
int finding_severity(const struct json *finding);

#endif
