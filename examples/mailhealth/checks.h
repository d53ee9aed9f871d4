/* checks.h - what all checks of the command have alike: who answers, and how a run ends
 *
 * Zone files, recordings and servers are options of every check; one loop is made from them and serves one job
 * or thousands.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "cli.h"

/* Options of all checks, behind those of cli.h. */
enum {
	OPT_ZONE = 200,
	OPT_OVERLAY,
	OPT_WORLD,
	OPT_RECORD,
	OPT_RESOLVER,
	OPT_TRUST_AD,
	OPT_TIMEOUT,
	OPT_RESUME
};

#define CHECK_OPTIONS \
	{ "zone", 0, true, OPT_ZONE }, { "overlay", 0, false, OPT_OVERLAY }, \
	    { "world", 0, true, OPT_WORLD }, { "record", 0, true, OPT_RECORD }, \
	    { "resolver", 0, true, OPT_RESOLVER }, { "trust-ad", 0, false, OPT_TRUST_AD }, \
	    { "timeout", 0, true, OPT_TIMEOUT }, { "resume", 0, true, OPT_RESUME }, \
	    { "unordered", 0, false, OPT_UNORDERED }, \
	{ \
		"now", 0, true, OPT_NOW \
	}

/* What --help says of them, of --help and --version, and of how it ends. */
#define CHECK_OPTIONS_HELP(seconds) \
	"Who answers instead of the servers of /etc/resolv.conf:\n" \
	"      --resolver ADDR  this server, ADDR:PORT or [ADDR]:PORT; may be given more than once\n" \
	"      --trust-ad       believe its word that an answer was validated\n" \
	"      --zone FILE      a zone file, and nobody else; may be given more than once\n" \
	"      --overlay        DNS for names outside the zone files\n" \
	"      --world FILE     a recording\n" \
	"      --record FILE    write one\n" \
	"      --timeout S      seconds for all of it (default " seconds ")\n" \
	"      --now TIME       seconds since 1970, as the time of the check\n" \
	"\n" \
	"  -h, --help           show this\n" \
	"  -V, --version        show the version\n" \
	"\n" \
	"Exit status: 0 nothing is wrong; 1 something is (with --batch: a line was bad); 2 it could\n" \
	"not be found out; 64 usage; 66 unreadable input; 70 our own failure.\n"

/* What a run of a check has besides struct common. */
struct checks {
	mh_zone *zone; /* NULL: none was given */
	mh_world *world;
	bool goes_on; /* from the recording, with the network */
	const char *record, *resume; /* files; NULL */
	char resolver[1024];
	int64_t timeout_ms; /* -1: the check's own limit */
	int64_t now_s; /* -1: the clock */
	int64_t min_interval_ms; /* between connections to one address */
	bool overlay, trust_ad, unordered;
};

void checks_init(struct checks *checks);
void checks_free(struct checks *checks);
/* checks_set - one of the options above; EXIT_USAGE for others, told if it was one of them; -1: none of them */
int checks_set(struct checks *checks, mh_ctx *ctx, int id, const char *value);
/* checks_loop - a loop by these options, into *loop; the exit status */
int checks_loop(const struct checks *checks, mh_ctx *ctx, mh_loop **loop);
/* checks_job - options that a job takes from these; an error of the library */
int checks_job(const struct checks *checks, mh_job *job);
/* checks_make_job - a job of a kind of check, with the options of the recording if there is one, then those of set, which
 * gives an error of the library and says what is wrong; NULL, with what is wrong */
mh_job *checks_make_job(const struct checks *checks, mh_ctx *ctx, int check,
    int (*set)(const void *arg, mh_job *job, const char **wrong), const void *arg, const char **wrong);
/* checks_fit - whether the options above go together; the exit status */
int checks_fit(const struct checks *checks, bool batch);
/* checks_end - of a job that is done: its recording, if one was asked for, what came out, and the exit status */
int checks_end(const struct checks *checks, const struct common *common, mh_job *job,
    int (*screen)(mh_job *job, bool verbose));
/* checks_record - writes the recording of a job that is done, if one was asked for; the exit status */
int checks_record(const struct checks *checks, mh_job *job);
/* checks_status - by health: 1 fail, 2 unknown, else 0 */
int checks_status(mh_job *job);

/* checks_read_file - all of a text, with a NUL behind it; NULL: it cannot be read, or is none, and that is told */
char *checks_read_file(const char *path);
/* checks_is_domain - whether a word can be a domain: labels of 1 to 63 octets, a few of them in all, and no address.
 * How long a label in other letters becomes is the library's to know. */
bool checks_is_domain(const char *word);
bool checks_is_address(const char *word); /* IPv4 or IPv6 */
int64_t checks_number(const char *value, int64_t least, int64_t most); /* a whole number, or -1 */
int checks_add_ca(mh_ctx *ctx, const char *path); /* one more file of trust anchors; the exit status */

/* A line of --batch in words. */
struct batch_words {
	int argc;
	char **argv; /* NULL behind the last */
};

/* How the words of a line are taken.  The functions give what is wrong, in words behind which the word is quoted, or
 * NULL. */
struct batch_reader {
	const struct option *options;
	const char *(*word)(void *arg, const char *word); /* that is no option */
	const char *(*option)(void *arg, int id, const char *value);
	void *arg;
	char wrong[400];
};

/* An option that is for all lines alike; behind other words the option's value is quoted, not its name. */
extern const char batch_not_in_line[];
/* batch_read - what is wrong with a line, good until the next one; NULL: nothing */
const char *batch_read(struct batch_reader *reader, const struct batch_words *words);

/* What --batch needs of one kind of check. */
struct batch_check {
	const char *kind;
	/* start - a job of a line's words; NULL, and what is wrong with them, good until the next call */
	mh_job *(*start)(void *arg, const struct batch_words *words, const char **wrong);
	/* more - a job is done: MH_OK; MH_WAIT: it has further questions and goes on; an error.  NULL: MH_OK */
	int (*more)(void *arg, mh_job *job);
	void *arg;
};

/* checks_batch - reads standard input line by line; many checks are under way at once, and each object is printed
 * with its line's number.  The exit status. */
int checks_batch(const struct checks *checks, mh_ctx *ctx, const struct batch_check *check);

/* ---------------------------------------------------------------- checks_run.c */

struct check_run;

/* A kind of check as a subcommand.  What one check is asked is a struct of its own, which owns nothing. */
struct check_kind {
	const char *name; /* "spf" */
	int check; /* MH_CHECK_* */
	struct command command; /* its options and its help */
	size_t asked_size;
	/* word, option - one more of what is asked; what is wrong, in words behind which it is quoted, or NULL.
	 * batch_not_in_line: the option is none of these */
	const char *(*word)(void *asked, const char *word);
	const char *(*option)(void *asked, int id, const char *value);
	/* begin_line - asked is a copy of the command line's, and a line of --batch comes on top of it */
	void (*begin_line)(void *asked);
	/* whole - what is missing to make a check, or NULL */
	const char *(*whole)(const struct check_run *run, const void *asked);
	/* set - options into the job, behind those of a recording; an error of the library, and what is wrong */
	int (*set)(const struct check_run *run, const void *asked, mh_job *job, const char **wrong);
	int (*screen)(mh_job *job, bool verbose);
	/* These may be NULL. */
	int (*own)(struct check_run *run, int id,
	    const char *value); /* the exit status; -1: no option of its own */
	int (*begin)(struct check_run *run); /* behind the options; the exit status */
	int (*more)(struct check_run *run, mh_job *job); /* as in struct batch_check */
	int (*done)(struct check_run *run,
	    mh_job *job); /* of one check, before it is shown; the exit status */
	const char *(*subject)(
	    const void *asked); /* what it is about, where the library says that it cannot be */
};

/* A run of one: the first member of the command's own struct run. */
struct check_run {
	struct common common;
	struct checks checks;
	const struct check_kind *kind;
	void *asked; /* on the command line */
	void *line; /* in the line under way */
	struct batch_reader reader;
};

/* check_main - all of the subcommand; the exit status */
int check_main(struct check_run *run, const struct check_kind *kind, void *asked, int argc, char **argv);
/* add_word - one more of a list of words; what is wrong (there is no room), or NULL */
const char *add_word(char *list, size_t size, const char *word);

#endif
