/* ui.c - text for people: wrapped, bold where a terminal can, and safe
 *
 * What other servers say goes through here, and a terminal obeys what it is
 * sent.  So every character passes safe_put: what would not simply show is
 * written as an escape, \x1B for octets and \u202E for characters.
 *
 * Width: that of the terminal up to 100 columns, and 80 elsewhere.  Bold and
 * colour only on a terminal, and never when NO_COLOR is set (no-color.org).
 */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

#define LABEL 12 /* columns of the labels on the left */
#define WORD_MAX 400 /* octets of one word; links are longer than one thinks */

/* ---------------------------------------------------------------- characters */

/* utf8_get - octets of the well-formed character at p (RFC 3629), 0 if there is none */
static int
utf8_get(const char *p, size_t len, uint32_t *cp)
{
	const unsigned char *s = (const unsigned char *)p;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int n = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;

	if (n == 0 || (size_t)n > len)
		return 0;
	*cp = n == 1 ? s[0] : s[0] & (0x7fU >> n);
	for (int i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (s[i] & 0x3fU);
	}
	if (*cp < least[n] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp < 0xe000))
		return 0;
	return n;
}

/* shows - false for what acts on a terminal, turns the writing round, or cannot be seen */
static bool
shows(uint32_t cp)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = { /* C0, C1, soft hyphen, marks of direction, line ends, private use, tags */
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c }, { 0x180e, 0x180e },
		{ 0x200b, 0x200b }, { 0x200e, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0xe000, 0xf8ff }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb }, { 0xe0000, 0x10ffff }
	};
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (cp >= hidden[i].first && cp <= hidden[i].last)
			return false;
	return true;
}

/* columns - how wide a terminal draws cp: 0 for marks that stand on a letter, 2 for CJK */
static int
columns(uint32_t cp)
{
	if ((cp >= 0x300 && cp < 0x370) || cp == 0x200c || cp == 0x200d || (cp >= 0xfe00 && cp < 0xfe10))
		return 0;
	if ((cp >= 0x1100 && cp < 0x1160) || (cp >= 0x2e80 && cp < 0xa4d0) || (cp >= 0xac00 && cp < 0xd7a4) ||
	    (cp >= 0xf900 && cp < 0xfb00) || (cp >= 0xfe30 && cp < 0xfe70) || (cp >= 0xff00 && cp < 0xff61) ||
	    (cp >= 0x1f300 && cp < 0x1f650) || (cp >= 0x1f900 && cp < 0x1fa00) ||
	    (cp >= 0x20000 && cp < 0x40000))
		return 2;
	return 1;
}

size_t
safe_put(char *out, size_t room, const char *s, size_t len, bool ascii)
{
	size_t written = 0;
	for (size_t i = 0; i < len;) {
		char piece[16];
		uint32_t cp = 0;
		int n = utf8_get(s + i, len - i, &cp);
		int octets = n;
		if (n == 0) {
			octets = snprintf(piece, sizeof(piece), "\\x%02X", (unsigned)(unsigned char)s[i]);
			n = 1;
		} else if (cp < 0x20 || cp == 0x7f) {
			octets = snprintf(piece, sizeof(piece), "\\x%02X", (unsigned)cp);
		} else if (!shows(cp) || (ascii && cp > 0x7e)) {
			octets = snprintf(piece, sizeof(piece), "\\u%04X", (unsigned)cp);
		} else {
			memcpy(piece, s + i, (size_t)n);
		}
		if (octets < 0 || (size_t)octets > room - written)
			break;
		memcpy(out + written, piece, (size_t)octets);
		written += (size_t)octets;
		i += (size_t)n;
	}
	return written;
}

/* width_of - columns of safe text */
static int
width_of(const char *s, size_t len)
{
	int width = 0;
	uint32_t cp = 0;
	for (size_t i = 0; i < len;) {
		int n = utf8_get(s + i, len - i, &cp);
		width += n == 0 ? 1 : columns(cp);
		i += n == 0 ? 1 : (size_t)n;
	}
	return width;
}

/* -------------------------------------------------------------- short strings */

void
text_add_n(struct text *text, const char *s, size_t len)
{
	size_t room = sizeof(text->p) - 1 - text->len;
	if (len > room) {
		/* cut, and say so, at the start of a character */
		size_t keep = room > 3 ? room - 3 : 0;
		while (keep > 0 && ((unsigned char)s[keep] & 0xc0) == 0x80)
			keep--;
		memcpy(text->p + text->len, s, keep);
		text->len += keep;
		memset(text->p + text->len, '.', room > 3 ? 3 : 0);
		text->len += room > 3 ? 3 : 0;
	} else {
		memcpy(text->p + text->len, s, len);
		text->len += len;
	}
	text->p[text->len] = '\0';
}

void
text_add(struct text *text, const char *s)
{
	text_add_n(text, s, strlen(s));
}

void
text_add_int(struct text *text, int64_t value)
{
	char digits[32];
	(void)snprintf(digits, sizeof(digits), "%lld", (long long)value);
	text_add(text, digits);
}

void
text_add_count(struct text *text, int64_t value)
{
	char digits[32];
	int n = snprintf(digits, sizeof(digits), "%lld", (long long)value);
	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0 && digits[i - 1] != '-')
			text_add(text, ",");
		text_add_n(text, digits + i, 1);
	}
}

void
text_add_many(struct text *text, int64_t count, const char *one, const char *more)
{
	text_add_count(text, count);
	text_add(text, " ");
	text_add(text, count == 1 ? one : more);
}

void
text_add_short(struct text *text, const char *s, size_t most)
{
	size_t len = strlen(s);
	if (len <= most) {
		text_add_n(text, s, len);
		return;
	}
	most = most > 3 ? most - 3 : 0;
	while (most > 0 && ((unsigned char)s[most] & 0xc0) == 0x80)
		most--;
	text_add_n(text, s, most);
	text_add(text, "...");
}

void
text_add_duration(struct text *text, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = { { 86400, "day" }, { 3600, "hour" }, { 60, "minute" }, { 1, "second" } };
	int told = 0;

	/* two units are as exact as anybody needs */
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && told < 2; i++) {
		int64_t count = seconds / units[i].seconds;
		if (count == 0 && !(units[i].seconds == 1 && told == 0))
			continue;
		if (told++ > 0)
			text_add(text, " ");
		text_add_int(text, count);
		text_add(text, " ");
		text_add(text, units[i].name);
		text_add(text, count == 1 ? "" : "s");
		seconds %= units[i].seconds;
	}
}

/* --------------------------------------------------------------------- screen */

static void
put(struct screen *screen, const char *p, size_t len)
{
	if (screen->bad || len == 0)
		return;
	if (len > screen->cap - screen->len) {
		size_t cap = screen->cap + len + 4096;
		char *grown = realloc(screen->p, cap);
		if (grown == NULL) {
			screen->bad = true;
			return;
		}
		screen->p = grown;
		screen->cap = cap;
	}
	memcpy(screen->p + screen->len, p, len);
	screen->len += len;
}

static void
put_z(struct screen *screen, const char *s)
{
	put(screen, s, strlen(s));
}

static void
put_spaces(struct screen *screen, int count)
{
	for (; count > 0; count--)
		put(screen, " ", 1);
}

static void
put_style(struct screen *screen, enum style style)
{
	static const char *const codes[] = { "\033[0m", "\033[1m", "\033[1;31m", "\033[1;33m", "\033[1;32m" };
	if (screen->styled)
		put_z(screen, codes[style]);
}

/* speaks_utf8 - whether the terminal's character set is UTF-8, as the environment says; anything
 * else may take the octets of UTF-8 for controls */
static bool
speaks_utf8(void)
{
	static const char *const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		return strstr(value, "UTF-8") != NULL || strstr(value, "utf8") != NULL ||
		    strstr(value, "utf-8") != NULL || strstr(value, "UTF8") != NULL;
	}
	return false;
}

void
screen_init(struct screen *screen)
{
	*screen = (struct screen){ .width = 80 };
	if (!isatty(STDOUT_FILENO))
		return;

	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	screen->styled =
	    (no_color == NULL || no_color[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
	screen->ascii = !speaks_utf8();
#ifdef TIOCGWINSZ
	struct winsize size;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		screen->width = size.ws_col < 40 ? 40 : size.ws_col > 100 ? 100 : size.ws_col;
#endif
}

int
screen_end(struct screen *screen)
{
	int status = EXIT_FINE;
	if (screen->bad)
		status = complain(EXIT_OURS, "out of memory");
	else if (screen->len > 0)
		(void)fwrite(screen->p, 1, screen->len, stdout);
	free(screen->p);
	*screen = (struct screen){ 0 };
	return status != EXIT_FINE ? status : out_flush();
}

void
screen_line(struct screen *screen)
{
	put(screen, "\n", 1);
}

/* is_gap - white space between words; line ends are nothing special */
static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* put_word - a word, cut to `most` columns if that is above 0; the columns it takes */
static int
put_word(struct screen *screen, const char *word, size_t octets, int most)
{
	char safe[WORD_MAX];
	size_t len = safe_put(safe, sizeof(safe) - 3, word, octets, screen->ascii);
	bool cut = len >= sizeof(safe) - 3 - 10 && octets >= len;
	if (most > 0 && width_of(safe, len) > most) {
		while (
		    len > 0 && (width_of(safe, len) > most - 3 || ((unsigned char)safe[len] & 0xc0) == 0x80))
			len--;
		cut = true;
	}
	if (cut) {
		memcpy(safe + len, "...", 3);
		len += 3;
	}
	put(screen, safe, len);
	return width_of(safe, len);
}

/* word_width - columns of a word as it will show */
static int
word_width(const struct screen *screen, const char *word, size_t octets)
{
	char safe[WORD_MAX];
	return width_of(safe, safe_put(safe, sizeof(safe) - 3, word, octets, screen->ascii));
}

/* wrap - words from column `at`, new lines indented; ends with a line end.  lines above 0: so many
 * lines at most, and no word wider than one */
static void
wrap(struct screen *screen, int at, int indent, const char *text, int lines)
{
	bool first = true;
	int column = at, line = 1;
	const char *p = text;

	for (;;) {
		while (is_gap(*p))
			p++;
		if (*p == '\0')
			break;
		const char *word = p;
		while (*p != '\0' && !is_gap(*p))
			p++;
		size_t octets = (size_t)(p - word);
		int width = word_width(screen, word, octets), most = lines > 0 ? screen->width - indent : 0;
		if (most > 0 && width > most)
			width = most;
		/* room for the dots, unless this is the very end */
		int room =
		    line == lines && p[strspn(p, " \t\r\n")] != '\0' ? screen->width - 4 : screen->width;
		if (!first && column + 1 + width > room) {
			if (line == lines) {
				put_z(screen, " ...");
				break;
			}
			put_z(screen, "\n");
			put_spaces(screen, indent);
			column = indent;
			line++;
		} else if (!first) {
			put_z(screen, " ");
			column++;
		}
		column += put_word(screen, word, octets, most);
		first = false;
	}
	put_z(screen, "\n");
}

void
screen_text(struct screen *screen, enum style style, int indent, const char *text)
{
	screen_hang(screen, style, indent, "", text);
}

void
screen_quote(struct screen *screen, int indent, const char *lead, const char *text, int lines)
{
	put_spaces(screen, indent);
	put_z(screen, lead);
	indent += (int)strlen(lead);
	wrap(screen, indent, indent, text, lines);
}

void
screen_hang(struct screen *screen, enum style style, int indent, const char *lead, const char *text)
{
	put_spaces(screen, indent);
	if (style != STYLE_PLAIN)
		put_style(screen, style);
	put_z(screen, lead);
	indent += (int)strlen(lead);
	wrap(screen, indent, indent, text, 0);
	if (style != STYLE_PLAIN && screen->styled) {
		/* the reset belongs before the line end */
		if (!screen->bad)
			screen->len--;
		put_style(screen, STYLE_PLAIN);
		put_z(screen, "\n");
	}
}

void
screen_item(struct screen *screen, const char *label, const char *lead, const char *text)
{
	int label_width = (int)strlen(label);
	if (label_width > 0) {
		put_style(screen, STYLE_BOLD);
		put_z(screen, label);
		put_style(screen, STYLE_PLAIN);
	}
	put_spaces(screen, LABEL - label_width);
	put_z(screen, lead);
	int indent = LABEL + (int)strlen(lead);
	wrap(screen, indent, indent, text, 0);
}

void
screen_field(struct screen *screen, const char *label, const char *text)
{
	screen_item(screen, label, "", text);
}

void
screen_raw(struct screen *screen, const char *text, size_t len)
{
	char safe[4096];
	size_t n = safe_put(safe, sizeof(safe), text, len, screen->ascii);
	put(screen, safe, n);
	put_z(screen, "\n");
}

void
screen_raw_tab(struct screen *screen)
{
	put(screen, "\t", 1);
}
