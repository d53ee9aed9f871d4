/* batch.c - many inputs, one a line, and an object a line for each
 *
 * Lines are read with read(2) and what was printed is flushed before every
 * wait for more, so that a program may use the command as a coprocess.
 * Memory is bounded by INPUT_MAX: a longer line is skipped and told of.
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

struct batch {
	const char *kind;
	const char *(*one)(void *arg, int64_t n, const char *text, size_t len);
	void *arg;

	char *line; /* INPUT_MAX octets */
	size_t len;
	bool too_long; /* the rest of this line is skipped */
	bool as_is; /* neither unescaped nor ever too long */
	int64_t n;
	int status;

	bool shows_progress;
	time_t told_at;
};

size_t
batch_unescape(char *line, size_t len)
{
	size_t out = 0;
	for (size_t i = 0; i < len; i++) {
		char c = line[i];
		if (c == '\\' && i + 1 < len) {
			static const char from[] = "nrt\\", to[] = "\n\r\t\\";
			const char *at = memchr(from, line[i + 1], sizeof(from) - 1);
			if (at != NULL) {
				c = to[at - from];
				i++;
			}
		}
		line[out++] = c;
	}
	return out;
}

ptrdiff_t
read_some(int fd, void *p, size_t len)
{
	ssize_t n;
	do
		n = read(fd, p, len);
	while (n < 0 && errno == EINTR);
	return n;
}

int
out_flush(void)
{
	/* After SIGPIPE's default nobody comes here; a full disk does. */
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXIT_FINE;
	return complain(EXIT_OURS, "standard output: %s", strerror(errno));
}

void
json_put(const char *s)
{
	putchar('"');
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", (unsigned)(unsigned char)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void
show_progress(struct batch *b)
{
	time_t now = time(NULL);
	if (b->told_at == 0)
		b->told_at = now;
	if (now <= b->told_at)
		return;
	b->told_at = now;
	(void)fprintf(stderr, "\r%lld lines", (long long)b->n);
}

static void
end_line(struct batch *b)
{
	char wrong[64];
	const char *error = NULL;

	b->n++;
	if (b->as_is) {
		error = b->one(b->arg, b->n, b->line, b->len);
	} else if (b->too_long) {
		(void)snprintf(wrong, sizeof(wrong), "line longer than %d octets", INPUT_MAX);
		error = wrong;
	} else {
		if (b->len > 0 && b->line[b->len - 1] == '\r')
			b->len--; /* the file has CR LF line ends */
		error = b->one(b->arg, b->n, b->line, batch_unescape(b->line, b->len));
	}
	if (error != NULL) {
		printf("{\"schema\":1,\"n\":%lld,\"kind\":\"%s\",\"error\":", (long long)b->n, b->kind);
		json_put(error);
		(void)fputs("}\n", stdout);
		b->status = EXIT_BAD_LINES;
	}
	b->len = 0;
	b->too_long = false;
	if (b->shows_progress && b->n % 1024 == 0)
		show_progress(b);
}

/* add - a piece of a line, without its end */
static void
add(struct batch *b, const char *p, size_t len)
{
	if (len > INPUT_MAX - b->len) {
		b->too_long = true;
		len = b->as_is ? INPUT_MAX - b->len : 0;
	} else if (b->too_long && !b->as_is) {
		return;
	}
	memcpy(b->line + b->len, p, len);
	b->len += len;
}

static int
run(struct batch b)
{
	static char in[65536];
	b.line = malloc(INPUT_MAX);
	if (b.line == NULL)
		return complain(EXIT_OURS, "out of memory");
	b.shows_progress = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);

	int status = EXIT_FINE;
	bool open_line = false;
	for (;;) {
		status = out_flush();
		if (status != EXIT_FINE)
			break;
		ptrdiff_t n = read_some(STDIN_FILENO, in, sizeof(in));
		if (n < 0)
			status = complain(EXIT_INPUT, "standard input: %s", strerror(errno));
		if (n <= 0)
			break;
		const char *p = in, *end = in + n;
		while (p < end) {
			const char *lf = memchr(p, '\n', (size_t)(end - p));
			add(&b, p, (size_t)((lf != NULL ? lf : end) - p));
			open_line = lf == NULL;
			if (open_line)
				break;
			end_line(&b);
			p = lf + 1;
		}
	}
	if (status == EXIT_FINE && open_line)
		end_line(&b);
	if (b.shows_progress && b.told_at != 0)
		(void)fprintf(stderr, "\r%lld lines\n", (long long)b.n);
	free(b.line);
	if (status == EXIT_FINE)
		status = out_flush();
	return status != EXIT_FINE ? status : b.status;
}

int
batch_run(const char *kind, const char *(*one)(void *arg, int64_t n, const char *text, size_t len), void *arg)
{
	return run((struct batch){ .kind = kind, .one = one, .arg = arg });
}

int
batch_run_as_is(const char *kind, const char *(*one)(void *arg, int64_t n, const char *text, size_t len),
    void *arg)
{
	return run((struct batch){ .kind = kind, .one = one, .arg = arg, .as_is = true });
}
