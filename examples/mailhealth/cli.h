/* cli.h - what the files of the command share
 *
 * main.c       picks the subcommand; complains
 * args.c       the command line: options, words, and what all subcommands take alike
 * cmd_*.c      one subcommand each
 * reply_screen.c  one explained reply, alone or as a part of more
 * log_screen.c, bounce_screen.c  what `mailhealth log` and `mailhealth bounce` show
 * ui.c         the screen: wrapping, bold, and nothing hostile let through
 * when.c       points in time, in words
 * rules.c      rules of the caller's own
 * batch.c      many inputs, a line each
 * checks.c     who answers a check, and how its run ends (checks.h); checks_run.c: a check as a
 *              subcommand; checks_batch.c: many at once
 * spf_screen.c, tls_screen.c, domain_screen.c  what `mailhealth spf` and so on show;
 *              findings_screen.c what is wrong and what mends it; json_read.c reads the library's
 *              JSON for them
 * domain_view.c  what is to be said of a domain or a host, and html_page.c: the same as a page
 * input.c      files and pipes, read to their end or followed (input.h)
 */
#ifndef CLI_H
#define CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mailhealth.h>

#if defined(__GNUC__)
#define PRINTF_LIKE(at, first) __attribute__((format(printf, at, first)))
#else
#define PRINTF_LIKE(at, first)
#endif

/* What a caller can rely on (mailhealth(1), EXIT STATUS). */
enum {
	EXIT_FINE = 0,
	EXIT_BAD_LINES = 1, /* --batch; of a check: its health is fail, and 2 if it is unknown */
	EXIT_USAGE = 64,
	EXIT_INPUT = 66,
	EXIT_OURS = 70
};

int cmd_reply(int argc, char **argv);
int cmd_log(int argc, char **argv);
int cmd_bounce(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_spf(int argc, char **argv);
int cmd_domain(int argc, char **argv);
int cmd_host(int argc, char **argv);
int cmd_zone(int argc, char **argv);
int cmd_tls(int argc, char **argv);
int cmd_findings(int argc, char **argv);

/* ------------------------------------------------------------------ main.c */

/* complain - one line on stderr, whatever octets go into it; gives back status */
int complain(int status, const char *format, ...) PRINTF_LIKE(2, 3);

/* ------------------------------------------------------------------ args.c */

struct option {
	const char *name; /* without its dashes */
	char letter; /* 0: none */
	bool takes_value;
	int id; /* above 0 */
};

struct args {
	int argc, at; /* at: the next one to look at */
	char **argv;
	bool only_words; /* "--" was seen */
};

enum { ARG_END = 0, ARG_WORD = -1, ARG_BAD = -2 };

/* args_next - id of the next option, or one of the above; *value is the option's value or the
 * word.  ARG_BAD has been complained about. */
int args_next(struct args *args, const struct option *options, const char **value);

/* How times are read and shown: what the clock says, and seconds east of UTC. */
struct clock {
	int64_t now_s;
	int offset_s;
};

/* Options that subcommands share; their own begin at 1. */
enum {
	OPT_HELP = 100,
	OPT_VERSION,
	OPT_JSON,
	OPT_BATCH,
	OPT_UNORDERED,
	OPT_VERBOSE,
	OPT_RULES,
	OPT_SITE_RULES,
	OPT_UTC_OFFSET,
	OPT_NOW
};

/* What a run of a subcommand has alike: the first member of its struct run. */
struct common {
	mh_ctx *ctx;
	mh_rules *rules; /* NULL until the first --rules */
	struct clock clock;
	bool json, batch, verbose;
	const char **words; /* room for every argument and one more */
	size_t count;
};

/* common_init - EXIT_FINE, or EXIT_OURS and told; common_free is fine then too */
int common_init(struct common *common, int argc);
void common_free(struct common *common);
/* common_set - one of the options above; EXIT_USAGE for others */
int common_set(struct common *common, int id, const char *value);
/* common_word - keeps a word of the command line; run is a struct common or begins with one */
int common_word(void *run, const char *value, bool only_words);

struct command {
	const struct option *options;
	const char *help;
	int (*set)(void *run, int id, const char *value); /* an option that is neither --help nor --version */
	int (*word)(void *run, const char *value, bool only_words); /* only_words: it stands behind "--" */
};

/* args_read - the whole command line; --help and --version are answered, and *done says so.  The exit status. */
int args_read(const struct command *command, int argc, char **argv, void *run, bool *done);

void print_version(void);

/* -------------------------------------------------------------------- ui.c */

/* Text for a person, built in memory so that nothing is printed by halves. */
struct screen {
	char *p;
	size_t len, cap;
	bool bad; /* no memory; all later writes do nothing */
	bool styled; /* bold and colour may be used */
	bool ascii; /* whoever looks cannot show UTF-8 */
	int width;
};

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_BAD, STYLE_WAIT, STYLE_GOOD };

void screen_init(struct screen *screen); /* for stdout as it is now */
/* screen_end - writes it to stdout and frees it; EXIT_FINE or EXIT_OURS, told on stderr */
int screen_end(struct screen *screen);

void screen_line(struct screen *screen); /* an empty line */
/* screen_text - a paragraph, wrapped, indent columns in from the left */
void screen_text(struct screen *screen, enum style style, int indent, const char *text);
/* screen_field - a bold label, then text beside it, wrapped and indented; label "" goes on below */
void screen_field(struct screen *screen, const char *label, const char *text);
/* screen_item - like screen_field without a label, with a lead such as "1. " that hangs */
void screen_item(struct screen *screen, const char *label, const char *lead, const char *text);
/* screen_raw - a line as it is, not wrapped, hostile characters escaped */
void screen_raw(struct screen *screen, const char *text, size_t len);
void screen_raw_tab(struct screen *screen); /* a tab, which no input gets through */
/* screen_hang - a paragraph behind a lead such as "1. ", under which it does not go */
void screen_hang(struct screen *screen, enum style style, int indent, const char *lead, const char *text);
/* screen_quote - like screen_hang, but cut to so many lines, none wider than the screen */
void screen_quote(struct screen *screen, int indent, const char *lead, const char *text, int lines);

/* A string that grows up to a ceiling; a write past it is cut and ends in "...". */
struct text {
	char p[1024];
	size_t len;
};

void text_add(struct text *text, const char *s);
void text_add_n(struct text *text, const char *s, size_t len);
void text_add_int(struct text *text, int64_t value);
void text_add_duration(struct text *text, int64_t seconds); /* "1 hour 25 minutes" */
void text_add_count(struct text *text, int64_t value); /* "48,211" */
/* text_add_many - "1 message", "2 messages" */
void text_add_many(struct text *text, int64_t count, const char *one, const char *more);
void text_add_short(struct text *text, const char *s, size_t most); /* cut to so many octets */

/* safe_put - writes octets of s into out as printable UTF-8 (or ASCII): control characters,
 * C1 controls, those that change the direction of writing and others that do not show become
 * escapes.  Gives the octets written, never more than room, never half a character. */
size_t safe_put(char *out, size_t room, const char *s, size_t len, bool ascii);

/* ------------------------------------------------------------------- batch.c */

/* batch_unescape - \n, \r, \t and \\ in place; any other backslash stays; the new length */
size_t batch_unescape(char *line, size_t len);

/* batch_run_as_is - like batch_run for lines that are no texts but what a file holds: nothing is
 * unescaped, and of a line that is too long the beginning is taken */
int batch_run_as_is(const char *kind, const char *(*one)(void *arg, int64_t n, const char *text, size_t len),
    void *arg);
/* batch_run - reads stdin line by line and calls one() for each with n from 1.  one() prints its
 * object and gives NULL, or gives what is wrong with the line; then an object with "error" is
 * printed.  Gives the exit status. */
int batch_run(const char *kind, const char *(*one)(void *arg, int64_t n, const char *text, size_t len),
    void *arg);

/* The most octets of a line, escapes included, and of a single reply on stdin. */
#define INPUT_MAX 1048576

/* json_put - s as a JSON string to stdout, quotes included */
void json_put(const char *s);
/* out_flush - what was printed is written out; EXIT_FINE or EXIT_OURS, told on stderr */
int out_flush(void);
/* read_some - read(2) that goes on after a signal */
ptrdiff_t read_some(int fd, void *p, size_t len);

/* ------------------------------------------------------------------- when.c */

void clock_init(struct clock *clock); /* the clock, and the local zone's present offset */
/* clock_set_now, clock_set_offset - from what an option was given; false if it is nothing of the kind */
bool clock_set_now(struct clock *clock, const char *value);
bool clock_set_offset(struct clock *clock, const char *value);

/* text_add_time - "Friday 20 November 08:15", with the year if it is not the present one */
void text_add_time(struct text *text, const struct clock *clock, int64_t unix_s);
/* text_add_times - "from Friday 20 November 08:15 to Saturday 21 November 22:50", as short as can be */
void text_add_times(struct text *text, const struct clock *clock, int64_t from_s, int64_t to_s);
/* text_add_days - "on 20 November", "from 20 to 21 November" */
void text_add_days(struct text *text, const struct clock *clock, int64_t from_s, int64_t to_s);
/* text_add_stamp - "20 Nov 08:15:02" */
void text_add_stamp(struct text *text, const struct clock *clock, int64_t unix_s);

/* ------------------------------------------------------------------ rules.c */

/* rules_add - one more file of rules; *rules is made when it is NULL. rules_use - from now on.
 * Both give the exit status, and have complained if that is not EXIT_FINE. */
int rules_add(mh_ctx *ctx, mh_rules **rules, int layer, const char *path);
int rules_use(mh_ctx *ctx, mh_rules *rules);

/* ----------------------------------------------------------- reply_screen.c */

struct pair {
	const char *word, *means;
};

/* word_for - the other column of a table of pairs that ends with NULL, or otherwise */
const char *word_for(const struct pair *pairs, const char *word, const char *otherwise);

/* reply_screen - prints what is known about a parsed reply; text is what was parsed
 * reply_advice - prints whom to write to, and what; the draft as it is, to be copied
 * Both give the exit status. */
int reply_screen(mh_reply *reply, const char *text, size_t size, bool verbose);
int reply_advice(mh_reply *reply);
/* reply_is_refusal - false for reasons with which nobody refused anything: it could not be handed over */
bool reply_is_refusal(const char *reason);
/* reply_put - the same as a part of a screen; text NULL: the input is not shown */
void reply_put(struct screen *screen, mh_reply *reply, const char *text, size_t size, bool verbose);
/* reply_put_cause - who acts, what it means and what to do alone, for what is no reply */
void reply_put_cause(struct screen *screen, mh_reply *reply, bool verbose);

/* ------------------------------------------------------------- log_screen.c */

/* log_screen - prints a summary; stopped: it is not of all there was. Gives the exit status. */
int log_screen(mh_summary *summary, const struct clock *clock, size_t top, bool verbose, bool stopped);
/* log_unknown - prints drafts of rules for the replies that no rule knows */
int log_unknown(mh_summary *summary);
/* log_row - one failed delivery as a line */
void log_row(struct screen *screen, mh_log *log, const struct clock *clock);
/* log_put - a line explained: what it tells, and what the reply in it means; known: that has been told above */
void log_put(struct screen *screen, mh_log *log, const struct clock *clock, int64_t n, bool known,
    bool verbose);
/* log_is_failure - whether a line tells that a delivery failed, for now or for good */
bool log_is_failure(mh_log *log);

/* ------------------------------------------- cmd_log.c, for `mailhealth explain` */

/* log_from - sums up what begins with so many octets and goes on at fd, and shows its worst groups, top of them */
int log_from(const struct common *common, size_t top, const char *head, size_t len, int fd, const char *name);

/* --------------------------- cmd_bounce.c and bounce_screen.c, for the same */

/* bounce_from - explains the message or mbox that begins with so many octets and goes on at fd */
int bounce_from(const struct common *common, const char *head, size_t len, int fd, const char *name);

/* What has been told so far: so that nothing is told twice, and for the total. */
struct bounce_tally;

struct bounce_tally *bounce_tally_new(void);
void bounce_tally_free(struct bounce_tally *tally);
/* bounce_screen - prints one message; alone: it is the only one. Gives the exit status. */
int bounce_screen(mh_bounce *bounce, struct bounce_tally *tally, bool alone, bool verbose);
/* bounce_total - prints what it was in all, if there was more than one message */
int bounce_total(struct bounce_tally *tally, bool stopped);

#endif
