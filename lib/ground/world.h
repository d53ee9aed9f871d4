/* world.h - recordings: all that a work asked and was told, as text
 *
 * A world is a readable text file that replays bit for bit: line for line
 * what was given to the check (its kind and options), when, and every fact
 * with its state, reason, rcode, EDE, server, TTL, DNSSEC state and times, in
 * the order of asking.  Somebody may also write one by hand: only the names,
 * types and data are needed.  mailhealth-world(5) has the grammar.
 *
 * A world is untrusted input like any other: bounded, and what is wrong with
 * it is told with the number of the line.
 */
#ifndef MH_WORLD_H
#define MH_WORLD_H

#include "find.h"
#include "work.h"

#define MH_WORLD_MAGIC "$mailhealth-world 1"

/* What stands at the head of a world. */
struct mh_world_head {
	struct mh_str check; /* "spf" */
	int64_t now; /* seconds since the epoch at the start; -1 unknown */
	int64_t elapsed_ms; /* -1 unknown */
};

/* mh_world_write_head, _option, _facts - the parts of a file, in this order */
void mh_world_write_head(struct mh_buf *out, const struct mh_world_head *head);
void mh_world_write_option(struct mh_buf *out, const char *name, struct mh_str value);
void mh_world_write_facts(struct mh_buf *out, const struct mh_work *work);

struct mh_worldfile;
struct mh_worldfile *mh_worldfile_make(const struct mh_mem *mem); /* NULL: no memory */
void mh_worldfile_free(struct mh_worldfile *world);
/* mh_worldfile_read - text in the grammar above, added to what is there.  Lines that cannot be read
 * are findings world.syntax of report with "NAME:LINE" as subject, and left out.  MH_ERR_OK or MH_ERR_ENOMEM */
int mh_worldfile_read(struct mh_worldfile *world, struct mh_str name, struct mh_str text,
    struct mh_report *report);
const struct mh_world_head *mh_worldfile_head(const struct mh_worldfile *world);
/* mh_worldfile_option - value of an option in the file, by name; len 0 and p NULL: not there */
struct mh_str mh_worldfile_option(const struct mh_worldfile *world, const char *name);
/* mh_worldfile_option_at - of all of them, in order; false past the end */
bool mh_worldfile_option_at(const struct mh_worldfile *world, size_t i, struct mh_str *name,
    struct mh_str *value);
/* mh_worldfile_seed - gives work all questions of the recording in their order, with their answers */
int mh_worldfile_seed(const struct mh_worldfile *world, struct mh_work *work);
/* mh_worldfile_source - answers every question: those it does not have are unknown, not-in-world */
struct mh_source mh_worldfile_source(struct mh_worldfile *world);

#endif
