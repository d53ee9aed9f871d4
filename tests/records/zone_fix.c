/* zone_fix.c - makes the fix of a finding in a zone of rows; see zone_fix.h */
#include "zone_fix.h"

#include <stdio.h>
#include <string.h>

#include "str.h"

#define TEXT_MAX 8192

/* json_text - the string at p, its quotes included, in out; behind it */
static const char *
json_text(const char *p, char *out)
{
	for (p++; *p != '"' && *p != '\0'; p++) {
		if (*p == '\\')
			p++;
		*out++ = *p;
	}
	*out = '\0';
	return p + 1;
}

/* row_of - a record in presentation form as a row: strings joined, everything but letters and digits that could mean
 * something there as \xHH */
static void
row_of(const char *name, const char *presentation, char *out)
{
	bool is_quoted = false;

	out += sprintf(out, "%.*s TXT ", (int)strlen(name) - 1, name);
	for (const char *p = presentation; *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;
		if (c == '"') {
			is_quoted = !is_quoted;
			continue;
		}
		if (c == ' ' && !is_quoted)
			continue;
		if (c == '\\' && mh_is_digit(p[1])) {
			c = (unsigned char)mh_str_int(mh_str_n(p + 1, 3), 255);
			p += 3;
		} else if (c == '\\') {
			c = (unsigned char)*++p;
		}
		out += sprintf(out, c > ' ' && c < 0x7f && c != '\\' && c != '|' ? "%c" : "\\x%02x", c);
	}
	(void)sprintf(out, "\n");
}

/* plain - one line of the zone as row_of writes it */
static void
plain(const char *line, size_t len, char *out)
{
	const char *text = strstr(line, " TXT ");
	for (const char *p = line; p < line + len; p++) {
		bool is_text = text != NULL && text < line + len && p >= text + 5;
		if (is_text && *p == ' ')
			out += sprintf(out, "\\x20");
		else if (!is_text || *p != '|')
			*out++ = *p;
	}
	*out = '\0';
}

bool
zone_fix(const char *fix, const char *zone, char *out, size_t size)
{
	static char name[TEXT_MAX], record[TEXT_MAX], row[4 * TEXT_MAX];
	bool is_removing = false;

	out[0] = '\0';
	for (const char *p = zone; *p != '\0';) {
		size_t len = strcspn(p, "\n") + 1;
		if (strlen(out) + 4 * len >= size)
			return false;
		plain(p, len, out + strlen(out));
		p += len;
	}
	for (const char *p = fix; *p != '\0';) {
		if (strncmp(p, "\"name\":", 7) == 0) {
			p = json_text(p + 7, name);
			continue;
		}
		if (strncmp(p, "\"remove\":", 9) != 0 && strncmp(p, "\"add\":", 6) != 0) {
			p++;
			continue;
		}
		is_removing = p[1] == 'r';
		for (p = strchr(p, '[') + 1; *p == '"' || *p == ',';) {
			if (*p == ',') {
				p++;
				continue;
			}
			p = json_text(p, record);
			row_of(name, record, row);
			char *at = strstr(out, row);
			if (is_removing && at == NULL)
				return false;
			if (is_removing)
				memmove(at, at + strlen(row), strlen(at + strlen(row)) + 1);
			else if (strlen(out) + strlen(row) + 1 < size)
				strcat(out, row);
			else
				return false;
		}
	}
	return true;
}
