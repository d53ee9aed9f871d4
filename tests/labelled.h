/* labelled.h - the file of labelled replies, for what scores and what times them
 *
 * One row a line, tab separated: id, raw, smtp_code, enhanced_code, provider,
 * label, alt_labels, kind, and what else may follow.
 */
#ifndef MH_TEST_LABELLED_H
#define MH_TEST_LABELLED_H

#include <stddef.h>
#include <string.h>

enum labelled_column {
	LABELLED_ID,
	LABELLED_RAW,
	LABELLED_CODE,
	LABELLED_STATUS,
	LABELLED_PROVIDER,
	LABELLED_LABEL,
	LABELLED_ALTERNATIVES,
	LABELLED_KIND,
	LABELLED_COLUMNS
};

enum { LABELLED_LINE_MAX = 65536 };

/* labelled_split - cuts a line in place; how many of the columns it has */
static inline size_t
labelled_split(char *line, char *column[LABELLED_COLUMNS])
{
	size_t count = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *p = line; p != NULL && count < LABELLED_COLUMNS; count++) {
		column[count] = p;
		p = strchr(p, '\t');
		if (p != NULL)
			*p++ = '\0';
	}
	return count;
}

/* labelled_unescape - "\n" as the line end it stands for, in place; the new length */
static inline size_t
labelled_unescape(char *s)
{
	char *to = s;
	for (const char *from = s; *from != '\0'; from++) {
		if (from[0] == '\\' && from[1] == 'n') {
			*to++ = '\n';
			from++;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return (size_t)(to - s);
}

#endif
