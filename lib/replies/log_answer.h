/* log_answer.h - what a log line quotes, understood as a reply, and the line as JSON */
#ifndef MH_LOG_ANSWER_H
#define MH_LOG_ANSWER_H

#include "logline.h"
#include "reply.h"

/* A line with what is worked out of it.  It lives until the next line; so do its spans of the line. */
struct mh_logged {
	struct mh_logline line;
	struct mh_str whole; /* the line itself */
	int64_t unix_s; /* or MH_TIME_UNKNOWN */
	const char *class; /* failed, delayed, delivered; NULL: as the reply says */
};

/* mh_logged_empty_words - whether the line's words are a headline that the MTA has for any failure: Sendmail writes
 * "Service unavailable" for every final reply, and keeps the reply itself for the bounce */
bool mh_logged_empty_words(const struct mh_logline *line);
/* mh_logged_read - line must live as long as logged; false if it says nothing about mail, and then only
 * the time is known */
bool mh_logged_read(struct mh_logged *logged, struct mh_str line, const struct mh_logclock *clock);
/* mh_logged_answer - parses what was said into answer, with all that the line tells besides; scratch is for
 * what is not written as it was said, and lives as long as the answer.  MH_OK or MH_ENOMEM.  logged must live
 * as long as answer's JSON is asked for. */
int mh_logged_answer(struct mh_logged *logged, struct mh_answer *answer, struct mh_buf *scratch);
/* mh_is_forwarded - whether an address that was written to and the one that mail went to are in two domains */
bool mh_is_forwarded(struct mh_str original, struct mh_str recipient);
/* mh_logged_write - the object "log" of the JSON */
void mh_logged_write(struct mh_json *json, void *logged);

#endif
