/* reason.c - why libspf2 differs from RFC 7208, as far as the records show it
 *
 * Looked at in this order: what libspf2 says is wrong, records of which it keeps
 * only a part, redirect= in the middle, and what RFC 7208 ends a check for while
 * libspf2 does not.  The first that is found is said.
 */
#include "spf2.h"

#include <string.h>

#define ROOM_LEAST 20 /* terms that libspf2 always has room for; those of ip6 are the largest */

/* ------------------------------------------------------------------- texts */

static void
put(char why[SPF2_WHY_MAX], const char *text)
{
	size_t have = strlen(why), len = strlen(text);
	if (len > SPF2_WHY_MAX - 1 - have)
		len = SPF2_WHY_MAX - 1 - have;
	memcpy(why + have, text, len);
	why[have + len] = '\0';
}

static void
put_number(char why[SPF2_WHY_MAX], unsigned number)
{
	char digits[12];
	size_t n = sizeof(digits) - 1;
	digits[n] = '\0';
	do
		digits[--n] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	put(why, digits + n);
}

/* put_name - a domain, which came out of DNS or a macro: visible characters only */
static void
put_name(char why[SPF2_WHY_MAX], const char *name)
{
	char one[2] = { '\0', '\0' };
	for (; *name != '\0'; name++) {
		one[0] = *name > ' ' && *name < 0x7f ? *name : '?';
		put(why, one);
	}
}

/* ------------------------------------------------------------------- terms */

/* What the text of a record has. */
struct shape {
	unsigned terms; /* that libspf2 keeps as mechanisms: redirect= is one of them */
	bool has_early_redirect; /* a mechanism stands behind it */
	bool has_slash_zero;
	bool has_numbered_macro; /* %{d2} */
};

/* is_named - term has this name, whatever the case */
static bool
is_named(const char *term, size_t len, const char *name)
{
	size_t n = strlen(name);
	if (len < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((term[i] >= 'A' && term[i] <= 'Z' ? term[i] + ('a' - 'A') : term[i]) != name[i])
			return false;
	return true;
}

/* has_numbered_macro - some macro of the term takes a number of parts */
static bool
has_numbered_macro(const char *term, size_t len)
{
	for (size_t i = 0; i + 3 < len; i++)
		if (term[i] == '%' && term[i + 1] == '{' && term[i + 3] >= '0' && term[i + 3] <= '9')
			return true;
	return false;
}

static struct shape
shape_of(const char *text)
{
	struct shape shape = { .terms = 0 };
	bool has_redirect = false;
	size_t len = strcspn(text, " ");

	for (const char *term = text + len; *term != '\0'; term += len) {
		term += strspn(term, " ");
		len = strcspn(term, " ");
		if (len == 0)
			continue;
		size_t name = strcspn(term, ":/= ");
		bool is_redirect = is_named(term, len, "redirect=");
		if (name < len && term[name] == '=' && !is_redirect)
			continue;
		if (len > 2 && term[len - 2] == '/' && term[len - 1] == '0')
			shape.has_slash_zero = true;
		shape.has_numbered_macro |= has_numbered_macro(term, len);
		shape.has_early_redirect |= has_redirect && !is_redirect;
		has_redirect |= is_redirect;
		shape.terms++;
	}
	return shape;
}

/* kept_of - mechanisms that libspf2 keeps of a record; -1 if it refuses it */
static int
kept_of(SPF_server_t *server, const char *text)
{
	SPF_response_t *response = SPF_response_new(NULL);
	SPF_record_t *record = NULL;
	int kept = -1;

	if (response == NULL)
		spf2_give_up();
	if (SPF_record_compile(server, response, &record, text) == SPF_E_SUCCESS && record != NULL)
		kept = record->num_mech;
	if (record != NULL)
		SPF_record_free(record);
	SPF_response_free(response);
	return kept;
}

/* ----------------------------------------------------------------- reasons */

/* of_records - what a record shows that libspf2 has been shown; false if none does */
static bool
of_records(SPF_server_t *server, const struct spf2_answers *answers, char why[SPF2_WHY_MAX])
{
	for (size_t i = 0; i < answers->records_count; i++) {
		const struct spf2_record *record = &answers->records[i];
		struct shape shape = shape_of(record->text);
		int kept = kept_of(server, record->text);
		if (kept >= 0 && (unsigned)kept < shape.terms) {
			put(why, "it keeps ");
			put_number(why, (unsigned)kept);
			put(why, " of the ");
			put_number(why, shape.terms);
			put(why, " terms in the record of ");
			put_name(why, record->domain);
			put(why, " and drops the others without a word");
			if (kept >= ROOM_LEAST)
				put(why, "; it has room for 512 octets of them, 64 times ip4");
			return true;
		}
		if (shape.has_early_redirect) {
			put(why, "it follows redirect= where it stands in the record of ");
			put_name(why, record->domain);
			put(why, " and never gets to the terms behind it");
			return true;
		}
	}
	return false;
}

/* shapes_of - what any of the records has */
static struct shape
shapes_of(const struct spf2_answers *answers)
{
	struct shape all = { .terms = 0 };
	for (size_t i = 0; i < answers->records_count; i++) {
		struct shape shape = shape_of(answers->records[i].text);
		all.has_slash_zero |= shape.has_slash_zero;
		all.has_numbered_macro |= shape.has_numbered_macro;
	}
	return all;
}

/* of_error - what libspf2 noted; false if that says nothing */
static bool
of_error(const struct spf2_answers *answers, const struct spf2_outcome *outcome, char why[SPF2_WHY_MAX])
{
	switch (outcome->error) {
	case SPF_E_SUCCESS:
	case SPF_E_NOT_SPF:
		return false;
	case SPF_E_INVALID_CIDR:
		put(why,
		    shapes_of(answers).has_slash_zero
			? "it refuses the prefix length /0, and the whole record with it"
			: "it refuses a prefix length, and the whole record with it");
		break;
	case SPF_E_RECURSIVE:
		put(why, "it refuses a record that includes its own domain before it looks anything up");
		break;
	case SPF_E_DNS_ERROR:
		put(why, "it takes a lookup that failed for the failure of the whole check");
		break;
	case SPF_E_BIG_DNS:
		put(why, "it counts lookups otherwise and is over a limit");
		break;
	default:
		put(why, "it cannot make use of a record: ");
		put(why, SPF_strerror(outcome->error));
		break;
	}
	if (outcome->is_invalid)
		put(why, "; it gives its caller no result but \"(invalid)\"");
	return true;
}

/* What RFC 7208 ends a check for, and libspf2 does not. */
static const struct {
	const char *problem, *why;
} lenient[] = {
	{ "spf.too-many-lookups",
	    "it counts the lookups of every include from zero, so that its limit of 10 is not reached" },
	{ "spf.too-many-voids", "it has no limit for lookups that find nothing" },
	{ "spf.mx-limit", "it looks at 10 names of an mx before it minds that there are more" },
	{ "spf.syntax", "it lets pass what RFC 7208 makes an error of the whole record" },
	{ "spf.include-loop", "it counts the lookups of every include from zero" },
	{ "spf.multiple-records", "it does not take both records for records of SPF" },
	{ "spf.non-ascii", "it does not mind octets that are not ASCII" },
};

void
spf2_reason(SPF_server_t *server, const struct spf2_answers *answers, const struct spf2_outcome *outcome,
    char why[SPF2_WHY_MAX])
{
	why[0] = '\0';
	if (strcmp(outcome->ours, outcome->theirs) == 0)
		return;
	if (of_error(answers, outcome, why) || of_records(server, answers, why))
		return;
	for (size_t i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++)
		if (strcmp(lenient[i].problem, outcome->problem) == 0) {
			put(why, lenient[i].why);
			return;
		}
	/* 1.2.10 makes ".org" of %{d2} where the domain is example.org. */
	if (shapes_of(answers).has_numbered_macro) {
		put(why,
		    "it cuts off too much where a macro asks for as many parts as there are, as in "
		    "%{d2}");
		return;
	}
	put(why, "it decides otherwise; the records do not show why");
}
