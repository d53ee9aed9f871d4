/* tlsrpt.c - one TLS reporting record out of a text (RFC 8460 3)
 *
 * The version comes first; then fields, each name=value without white space
 * around the equals sign.  rua= may be there more than once, as the grammar has
 * it, and all of them count.  Commas separate URIs, so that commas, semicolons
 * and exclamation marks within one are written %2C, %3B and %21.
 */
#include "tlsrpt.h"

#include "error.h"
#include "record.h"

#define VERSION "v=TLSRPTv1"
#define NAME_MAX_LEN 32

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct mh_str
trim(struct mh_str s)
{
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

static void
put_fault(struct mh_tlsrpt *record, struct mh_str at, const char *why)
{
	record->is_valid = false;
	if (record->faults_count < MH_TLSRPT_FAULTS_MAX)
		record->faults[record->faults_count++] = (struct mh_tlsrpt_fault){ at, why };
}

/* judge_uri - whether it is one, and reports can go there */
static void
judge_uri(struct mh_tlsrpt_uri *uri)
{
	struct mh_uri parts;

	mh_uri_read(uri->text, &parts);
	uri->why = mh_uri_why_no_uri(&parts);
	uri->is_uri = uri->why == NULL;
	if (uri->is_uri && memchr(uri->text.p, '!', uri->text.len) != NULL) {
		uri->is_uri = false;
		uri->why = "An exclamation mark in it is written %21; there is no size behind an address "
			   "here as in DMARC.";
	} else if (uri->is_uri) {
		uri->why = mh_uri_is(&parts, "mailto") ? mh_uri_why_no_mailto(&parts)
		    : mh_uri_is(&parts, "https")
		    ? mh_uri_why_no_https(&parts)
		    : "Reports go by mail or by HTTPS alone: to mailto: or https:.";
	}
}

/* read_rua - the URIs of one field */
static void
read_rua(struct mh_tlsrpt *record, struct mh_str text, struct mh_str value)
{
	for (size_t at = 0; at <= value.len;) {
		const char *comma = at < value.len ? memchr(value.p + at, ',', value.len - at) : NULL;
		size_t to = comma != NULL ? (size_t)(comma - value.p) : value.len;
		struct mh_tlsrpt_uri uri = { .text = trim(mh_str_n(value.p + at, to - at)) };
		if (uri.text.len == 0) {
			put_fault(record, text,
			    value.len == 0 ? "No address follows rua=."
					   : "There is nothing before or behind a comma.");
			return;
		}
		judge_uri(&uri);
		if (record->rua_count == MH_TLSRPT_URIS_MAX) {
			put_fault(record, text,
			    "There are more than 32 addresses; the others were not read.");
			return;
		}
		record->rua[record->rua_count++] = uri;
		at = to + 1;
	}
}

/* is_name - letter or digit, then up to 31 of those, "_", "-" and "." */
static bool
is_name(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && (i == 0 || (s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')))
			return false;
	return s.len > 0 && s.len <= NAME_MAX_LEN;
}

static bool
is_value(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '=' || s.p[i] == ';')
			return false;
	return s.len > 0;
}

/* read_field - one, the white space around it gone */
static void
read_field(struct mh_tlsrpt *record, struct mh_str text)
{
	const char *equals = text.len > 0 ? memchr(text.p, '=', text.len) : NULL;

	if (equals == NULL) {
		put_fault(record, text,
		    text.len == 0 ? "There is nothing between two semicolons."
				  : "A field has the form name=value.");
		return;
	}
	struct mh_str name = { text.p, (size_t)(equals - text.p) };
	struct mh_str value = { equals + 1, text.len - name.len - 1 };
	if (mh_str_eq(name, MH_STR("rua"))) {
		read_rua(record, text, value);
	} else if (!is_name(name)) {
		put_fault(record, text,
		    mh_str_eq(trim(name), MH_STR("rua"))
			? "There is white space before the equals sign."
			: "The name of a field is 1 to 32 letters, digits, \"_\", \"-\" and \".\".");
	} else if (!is_value(value)) {
		put_fault(record, text,
		    "The value of a field is printable ASCII without white space and equals signs, and "
		    "is not empty.");
	} else if (mh_str_ieq(name, MH_STR("rua"))) {
		put_fault(record, text, "The field that is meant is written \"rua\", in lower case.");
	} else if (record->extensions_count < MH_TLSRPT_EXTENSIONS_MAX) {
		record->extensions[record->extensions_count++] = text;
	}
}

/* read_version - octets up to and with the semicolon behind it; 0: it is not there */
static size_t
read_version(struct mh_str text, bool *is_spaced)
{
	size_t n = sizeof(VERSION) - 1;

	if (text.len < n || memcmp(text.p, VERSION, n) != 0)
		return 0;
	while (n < text.len && is_blank(text.p[n]))
		n++;
	*is_spaced = n >= sizeof(VERSION);
	return n < text.len && text.p[n] == ';' ? n + 1 : 0;
}

static const char *
why_no_version(struct mh_str text)
{
	if (mh_str_eq(trim(text), MH_STR(VERSION)))
		return "Nothing follows the version: there is no rua=.";
	if (text.len >= sizeof(VERSION) && memcmp(text.p, VERSION, sizeof(VERSION) - 1) == 0 &&
	    is_blank(text.p[sizeof(VERSION) - 1]))
		return "The semicolon behind the version is missing.";
	return "The record has to begin with \"v=TLSRPTv1;\", in exactly these letters.";
}

/* read_fields - all that follow the version */
static void
read_fields(struct mh_tlsrpt *record, struct mh_str text)
{
	for (size_t at = 0; at < text.len && record->faults_count < MH_TLSRPT_FAULTS_MAX;) {
		const char *semicolon = memchr(text.p + at, ';', text.len - at);
		size_t to = semicolon != NULL ? (size_t)(semicolon - text.p) : text.len;
		struct mh_str field = trim(mh_str_n(text.p + at, to - at));
		/* White space behind the last semicolon is no field. */
		if (field.len > 0 || semicolon != NULL)
			read_field(record, field);
		at = to + 1;
	}
}

void
mh_tlsrpt_read(struct mh_str text, struct mh_tlsrpt *record)
{
	bool has_good = false;

	*record = (struct mh_tlsrpt){ .text = text, .is_valid = true };
	if (text.len > MH_TLSRPT_MAX) {
		put_fault(record, mh_str_n(text.p, 0), "It has more than 16,384 octets, and was not read.");
		return;
	}
	size_t n = read_version(text, &record->is_spaced);
	record->is_tlsrpt = n > 0;
	if (n == 0) {
		put_fault(record, text, why_no_version(text));
		return;
	}
	read_fields(record, mh_str_n(text.p + n, text.len - n));
	if (record->rua_count == 0 && record->faults_count == 0)
		put_fault(record, text, "There is no rua=, so nobody knows where to send reports.");
	for (unsigned i = 0; i < record->rua_count; i++) {
		record->is_valid &= record->rua[i].is_uri;
		has_good |= record->rua[i].why == NULL;
	}
	record->is_valid &= has_good;
}

bool
mh_tlsrpt_is_like(struct mh_str text)
{
	static const struct mh_str word = MH_STR_INIT("tlsrpt");

	/* The word stands near the beginning, whatever is wrong with what is around it. */
	for (size_t i = 0; i + word.len <= text.len && i < 32; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, word.len), word))
			return true;
	return mh_str_istarts(text, MH_STR("rua="));
}

/* ------------------------------------------------------------------ the record alone */

int
mh_tlsrpt_record(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_report *report,
    struct mh_record_fields *record)
{
	struct mh_tlsrpt *read = mh_arena_alloc(arena, sizeof(*read));

	record->is_valid = false;
	record->count = 0;
	if (read == NULL)
		return MH_ERR_ENOMEM;
	mh_tlsrpt_read(text, read);
	if (report != NULL && mh_tlsrpt_lint_text(arena, read, domain, report) != MH_ERR_OK)
		return MH_ERR_ENOMEM;
	record->is_valid = read->is_valid;
	for (unsigned i = 0; read->is_valid && i < read->rua_count; i++)
		if (read->rua[i].why == NULL)
			record->fields[record->count++] =
			    (struct mh_record_field){ "rua", read->rua[i].text };
	return MH_ERR_OK;
}
