/* input.h - files and pipes, read to their end or followed */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <mailhealth.h>

#include "cli.h"

/* -------------------------------------------------------------- being told to stop */

/* stop_catch - from now on SIGINT and SIGTERM end reading and not the program; a second one kills
 * stop_release - as before
 * stop_wanted - whether one came */
void stop_catch(void);
void stop_release(void);
bool stop_wanted(void);

/* ---------------------------------------------------------------------- whole files */

/* One file to be read.  Those that can be opened twice are closed until it is their turn. */
struct input {
	const char *name; /* for people: "standard input" */
	const char *path; /* NULL: standard input */
	int fd; /* -1: closed for now */
	int64_t size; /* -1: not known */
	int64_t begins_s; /* when its first lines were written; MH_UNKNOWN */
	bool packed; /* gzip, as its first octets say */
};

/* input_open - a file, or standard input for "-"; the exit status, complained about */
int input_open(struct input *input, const char *word);
/* input_reopen - makes it ready to be read from its beginning; the exit status */
int input_reopen(struct input *input);
void input_close(struct input *input);

/* inputs_sort - the oldest first, if all of them tell their time; else as they were given */
void inputs_sort(struct input *inputs, size_t count, mh_ctx *ctx, const struct clock *clock);

/* input_read - read(2) that waits for pipes no longer than until it is stopped; 0 then, and at the end */
ptrdiff_t input_read(int fd, void *p, size_t len);

/* input_wants_word - complains that there is no input, if nobody would give any; the exit status */
int input_wants_word(const char *command, const char *example);

/* ------------------------------------------------------------------------- progress */

/* How far reading has come, on stderr if that is a terminal and it takes longer than a second. */
struct progress {
	int64_t total; /* octets; -1: not known */
	int64_t done;
	int64_t began_ms, told_ms; /* told_ms 0: never */
	bool on;
};

void progress_begin(struct progress *progress, int64_t total);
void progress_tell(struct progress *progress, int64_t lines); /* done has grown; lines -1: not counted */
void progress_end(struct progress *progress); /* wipes it off */

/* ------------------------------------------------------------------------ following */

/* A file that grows, is cut, or is renamed and made anew, as `tail -F` sees it; or a pipe. */
struct follow {
	struct input *input;
	dev_t device;
	ino_t inode;
	int64_t at;
	bool regular;
};

enum follow_news {
	FOLLOW_DATA, /* *got octets were read */
	FOLLOW_ANEW, /* the file has ended and another one begins */
	FOLLOW_IDLE, /* nothing for a quarter of a second, or all that was there is read */
	FOLLOW_END, /* stopped, or the pipe is closed */
	FOLLOW_FAILED /* errno says why */
};

bool follow_begin(struct follow *follow, struct input *input);
enum follow_news follow_read(struct follow *follow, void *p, size_t len, size_t *got);

/* lines_feed - gives whole lines, without their ends, to one(); of a line that is longer than
 * MH_LOG_MAX_OCTETS the beginning.  lines_end - the last line, if it has no end.  Both give what
 * one() gave, as soon as that is not EXIT_FINE. */
struct lines {
	char *p;
	size_t len;
	int64_t n;
	int (*one)(void *arg, int64_t n, const char *line, size_t len);
	void *arg;
};

int lines_feed(struct lines *lines, const char *p, size_t len);
int lines_end(struct lines *lines);

#endif
