/* journal.h - lines of a log out of what journalctl writes for programs
 *
 * Two forms: "journalctl -o export" (fields of an entry, NAME=value a line, or
 * a name, a length of 64 bits and as many octets; an empty line parts entries)
 * and "journalctl -o json" (an object an entry; also -o json-seq and
 * json-pretty).  Each entry that has a message becomes a line such as
 *
 *	2026-11-20T07:15:10.123Z host postfix/smtp[123]: message
 *
 * which mh_logline_read takes; what an entry does not tell is left out.
 *
 * Streaming: octets come in pieces cut anywhere, and lines are fetched one at a
 * time.  Who owns what: the struct is the caller's and is all the memory there
 * is, so many octets as a message may have and a little more; octets are read
 * while mh_journal_next runs and not kept; a line stands in the struct until
 * the next call with it.
 *
 *	mh_journal_init(&journal);
 *	while ((piece = more()).len > 0)
 *		while (mh_journal_next(&journal, &piece, &line))
 *			use(line);
 *	if (mh_journal_end(&journal, &line))
 *		use(line);
 *
 * Does not: read files, know what a line means.  What is no entry is skipped to
 * the end of its line, and reading goes on behind it.
 */
#ifndef MH_JOURNAL_H
#define MH_JOURNAL_H

#include "str.h"

#define MH_JOURNAL_MESSAGE_MAX 65536 /* octets of a message; the rest is cut off */
#define MH_JOURNAL_LEAD_MAX 512
#define MH_JOURNAL_FIELD_MAX 255

enum mh_journal_field {
	MH_JOURNAL_TIME, /* microseconds since the epoch */
	MH_JOURNAL_HOST,
	MH_JOURNAL_IDENTIFIER,
	MH_JOURNAL_COMMAND, /* stands in for an identifier */
	MH_JOURNAL_SYSLOG_PID,
	MH_JOURNAL_PID,
	MH_JOURNAL_FIELDS,
	MH_JOURNAL_MESSAGE = MH_JOURNAL_FIELDS,
	MH_JOURNAL_OTHER
};

/* Its members are the reader's own but for cut. */
struct mh_journal {
	bool cut; /* the last line's message was longer */
	uint8_t state, field, digits, array;
	uint16_t unit, high; /* of \u escapes */
	uint32_t depth, number;
	uint64_t left; /* of a binary value */
	size_t name_len, message_len;
	char name[64];
	struct {
		size_t len;
		char p[MH_JOURNAL_FIELD_MAX];
	} fields[MH_JOURNAL_FIELDS];
	bool has_message, was_cut;
	char text[MH_JOURNAL_LEAD_MAX + MH_JOURNAL_MESSAGE_MAX]; /* the lead ends where the message begins */
};

void mh_journal_init(struct mh_journal *journal);
/* mh_journal_next - true with the next line; false when all octets are read, and *octets is empty.  Octets that
 * were read are taken off *octets.  A line never holds a line end: those of a message became spaces. */
bool mh_journal_next(struct mh_journal *journal, struct mh_str *octets, struct mh_str *line);
/* mh_journal_end - no octets follow: true with the line of an entry that nothing closed; ready for another input */
bool mh_journal_end(struct mh_journal *journal, struct mh_str *line);
/* mh_journal_is - a file that begins so is one of the two forms */
bool mh_journal_is(struct mh_str begin);

#endif
