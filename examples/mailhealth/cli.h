/* cli.h - what the files of the command share
 *
 * main.c       picks the subcommand; reads options; complains
 * cmd_*.c      one subcommand each
 * reply_screen.c  what `mailhealth reply` shows
 * ui.c         the screen: wrapping, bold, and nothing hostile let through
 * batch.c      many inputs, a line each
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
	EXIT_BAD_LINES = 1, /* --batch only */
	EXIT_USAGE = 64,
	EXIT_INPUT = 66,
	EXIT_OURS = 70
};

int cmd_reply(int argc, char **argv);
int cmd_findings(int argc, char **argv);

/* ---------------------------------------------------------- reply_screen.c */

/* reply_screen - prints what is known about a parsed reply; text is what was parsed
 * reply_advice - prints whom to write to, and what; the draft as it is, to be copied
 * Both give the exit status. */
int reply_screen(mh_reply *reply, const char *text, size_t size, bool verbose);
int reply_advice(mh_reply *reply);

/* ------------------------------------------------------------------ main.c */

/* complain - one line on stderr, whatever octets go into it; gives back status */
int complain(int status, const char *format, ...) PRINTF_LIKE(2, 3);

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

/* A string that grows up to a ceiling; a write past it is cut and ends in "...". */
struct text {
	char p[1024];
	size_t len;
};

void text_add(struct text *text, const char *s);
void text_add_n(struct text *text, const char *s, size_t len);
void text_add_int(struct text *text, int64_t value);
void text_add_duration(struct text *text, int64_t seconds); /* "1 hour 25 minutes" */

/* safe_put - writes octets of s into out as printable UTF-8 (or ASCII): control characters,
 * C1 controls, those that change the direction of writing and others that do not show become
 * escapes.  Gives the octets written, never more than room, never half a character. */
size_t safe_put(char *out, size_t room, const char *s, size_t len, bool ascii);

/* ------------------------------------------------------------------- batch.c */

/* batch_unescape - \n, \r, \t and \\ in place; any other backslash stays; the new length */
size_t batch_unescape(char *line, size_t len);

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

#endif
