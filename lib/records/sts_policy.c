/* sts_policy.c - the policy of MTA-STS as it is fetched (RFC 8461 3.2)
 *
 * The words of the grammar are case-sensitive, and a policy with an error is
 * none; so is_valid is strict, and what people most often get wrong is told by
 * its name.  Blank lines, which some senders pass over, are not in the grammar.
 */
#include "error.h"
#include "port.h"
#include "sts_own.h"
#include "text.h"

#define SAME_MAX 512 /* patterns that are compared with each other */

struct policy_reader {
	struct mh_sts_teller teller;
	struct mh_sts_policy *policy;
	struct mh_sts_field *mx, *extensions;
	bool has_version, has_mode, has_max_age;
};

static void
policy_fails(struct policy_reader *reader, int number, struct mh_str evidence, const char *detail)
{
	reader->policy->is_valid = false;
	mh_sts_say(&reader->teller, detail);
	mh_sts_tell(&reader->teller, number, evidence, evidence.len > 0, 0);
}

/* is_again - whether a field that may be there once was there; the first one counts */
static bool
is_again(struct policy_reader *reader, struct mh_str line, bool *has)
{
	bool was = *has;
	*has = true;
	if (was)
		mh_sts_tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, 0);
	return was;
}

static void
read_mode(struct policy_reader *reader, struct mh_str line, struct mh_str value)
{
	for (int i = MH_STS_ENFORCE; i <= MH_STS_NONE; i++)
		if (mh_str_eq(value, mh_str_z(mh_sts_mode_name(i))))
			reader->policy->mode = (enum mh_sts_mode)i;
	if (reader->policy->mode == MH_STS_NO_MODE)
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
		    "The mode is enforce, testing or none, in lower case.");
}

static void
read_max_age(struct policy_reader *reader, struct mh_str line, struct mh_str value)
{
	bool is_number = value.len > 0 && value.len <= 10;
	for (size_t i = 0; i < value.len && is_number; i++)
		is_number = mh_is_digit(value.p[i]);
	if (is_number)
		reader->policy->max_age = mh_str_int(value, INT64_C(9999999999));
	else
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
		    "max_age is a number of seconds, of digits alone and at most ten of them.");
}

static void
read_mx(struct policy_reader *reader, struct mh_str line, struct mh_str value)
{
	struct mh_sts_policy *policy = reader->policy;
	struct mh_sts_field *mx = &reader->mx[policy->mx_count];
	*mx = (struct mh_sts_field){ .name = MH_STR("mx"),
		.value = value,
		.is_good = mh_sts_is_pattern(value) };
	if (!mx->is_good)
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line, mh_sts_why_no_pattern(value));
	for (size_t i = 0; i < policy->mx_count && i < SAME_MAX && mx->is_good; i++)
		if (mh_str_ieq(reader->mx[i].value, value)) {
			mh_sts_say(&reader->teller, "Another line has the same name.");
			mh_sts_tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, MH_SEV_INFO);
			break;
		}
	policy->mx_count++;
}

/* is_policy_value - printable ASCII, spaces and UTF-8 */
static bool
is_policy_value(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.len > 0 && mh_utf8_prefix(s) == s.len;
}

static void
read_extension(struct policy_reader *reader, struct mh_str line, struct mh_str name, struct mh_str value)
{
	static const struct mh_str known[] = { MH_STR_INIT("version"), MH_STR_INIT("mode"),
		MH_STR_INIT("max_age"), MH_STR_INIT("mx") };
	struct mh_sts_policy *policy = reader->policy;
	if (!is_policy_value(value)) {
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
		    "The value of a field is text in UTF-8 without control characters, and is not empty.");
		return;
	}
	if (mh_sts_find_field(reader->extensions, policy->extension_count, name) != NULL) {
		mh_sts_tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, 0);
		return;
	}
	if (policy->extension_count == MH_STS_EXTENSIONS_MAX)
		return;
	reader->extensions[policy->extension_count++] =
	    (struct mh_sts_field){ .name = name, .value = value, .is_good = true };
	for (size_t i = 0; i < MH_COUNT(known); i++)
		if (mh_str_ieq(name, known[i]))
			mh_sts_say(&reader->teller, "The known fields are written in lower case.");
	if (mh_str_ieq(name, MH_STR("max-age")) || mh_str_ieq(name, MH_STR("maxage")))
		mh_sts_say(&reader->teller, "The field that is meant is written max_age.");
	mh_sts_tell(&reader->teller, MH_F_STS_UNKNOWN_FIELD, line, true, 0);
}

/* read_line - one line of a policy, its end gone */
static void
read_line(struct policy_reader *reader, struct mh_str line)
{
	struct mh_str text = line;
	while (text.len > 0 && mh_sts_is_blank(text.p[text.len - 1]))
		text.len--;
	const char *colon = text.len > 0 ? memchr(text.p, ':', text.len) : NULL;
	struct mh_str name = { text.p, colon != NULL ? (size_t)(colon - text.p) : 0 };
	if (!mh_sts_is_field_name(name)) {
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
		    text.len == 0       ? "A line is blank."
			: colon == NULL ? "A line has the form \"name: value\"; there is no colon."
					: "What stands before the colon is no name of a field: 1 to 32 "
					  "letters, digits, \"_\", "
					  "\"-\" and \".\", without spaces.");
		return;
	}
	struct mh_str value = mh_sts_without_blanks(mh_str_n(colon + 1, text.len - name.len - 1));
	if (mh_str_eq(name, MH_STR("version"))) {
		if (!is_again(reader, line, &reader->has_version) && !mh_str_eq(value, MH_STR("STSv1")))
			policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
			    "The version is STSv1, in exactly these letters.");
	} else if (mh_str_eq(name, MH_STR("mode"))) {
		if (!is_again(reader, line, &reader->has_mode))
			read_mode(reader, line, value);
	} else if (mh_str_eq(name, MH_STR("max_age"))) {
		if (!is_again(reader, line, &reader->has_max_age))
			read_max_age(reader, line, value);
	} else if (mh_str_eq(name, MH_STR("mx"))) {
		read_mx(reader, line, value);
	} else {
		read_extension(reader, line, name, value);
	}
}

/* tell_missing - what has to be there and is not */
static void
tell_missing(struct policy_reader *reader)
{
	struct mh_sts_policy *policy = reader->policy;
	if (!reader->has_version)
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, MH_STR(""), "Missing: version: STSv1");
	if (!reader->has_mode)
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, MH_STR(""), "Missing: mode: testing");
	if (!reader->has_max_age)
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, MH_STR(""), "Missing: max_age: 604800");
	if (policy->mx_count == 0 && (policy->mode == MH_STS_ENFORCE || policy->mode == MH_STS_TESTING))
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, MH_STR(""),
		    "Missing: a line for each MX host, as mx: mail.example.org");
}

/* count_lines - one more than there are line ends; is_mx: of those that begin with "mx:" alone */
static size_t
count_lines(struct mh_str text, bool is_mx)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	size_t count = 0;
	int ending;
	while (mh_cur_left(&cur) > 0) {
		struct mh_str line = mh_cur_line(&cur, &ending);
		count += !is_mx || mh_str_istarts(line, MH_STR("mx:"));
	}
	return count + 1;
}

/* read_lines - all of a policy that is short enough */
static void
read_lines(struct policy_reader *reader, struct mh_str text)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	struct mh_arena *arena = reader->teller.arena;
	int ending;

	reader->mx = mh_arena_alloc(arena, count_lines(text, true) * sizeof(*reader->mx));
	reader->extensions = mh_arena_alloc(arena, MH_STS_EXTENSIONS_MAX * sizeof(*reader->extensions));
	if (reader->mx == NULL || reader->extensions == NULL) {
		reader->teller.bad = true;
		return;
	}
	if (mh_cur_skip(&cur, MH_STR("\xef\xbb\xbf")))
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, mh_str_n(text.p, 3),
		    "The file begins with a byte order mark; save it as plain UTF-8 or ASCII.");
	struct mh_str start = mh_str_trim(mh_str_n((const char *)cur.p, mh_cur_left(&cur)));
	if (start.len > 0 && start.p[0] == '<') {
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX,
		    mh_str_n(start.p, start.len < MH_STS_SHOWN_MAX ? start.len : MH_STS_SHOWN_MAX),
		    "This is a web page (HTML or XML), and no policy.");
		return;
	}
	while (mh_cur_left(&cur) > 0)
		read_line(reader, mh_cur_line(&cur, &ending));
	tell_missing(reader);
}

/* fields_same - in the same order; letter case of patterns does not count (RFC 8461 4.1) */
static bool
fields_same(const struct mh_sts_field *a, const struct mh_sts_field *b, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!mh_str_ieq(a[i].name, b[i].name) || !mh_str_ieq(a[i].value, b[i].value))
			return false;
	return true;
}

bool
mh_sts_policy_same(const struct mh_sts_policy *a, const struct mh_sts_policy *b)
{
	return a->mode == b->mode && a->max_age == b->max_age && a->mx_count == b->mx_count &&
	    a->extension_count == b->extension_count && fields_same(a->mx, b->mx, a->mx_count) &&
	    fields_same(a->extensions, b->extensions, a->extension_count);
}

int
mh_sts_policy_read(struct mh_arena *arena, struct mh_str text, const struct mh_sts_notes *notes,
    struct mh_sts_policy *policy)
{
	struct policy_reader reader = { .policy = policy };

	*policy = (struct mh_sts_policy){ .text = text, .max_age = -1, .is_valid = true };
	mh_sts_begin(&reader.teller, arena, notes, text.p);
	if (text.len > MH_STS_POLICY_MAX)
		policy_fails(&reader, MH_F_STS_POLICY_SYNTAX, MH_STR(""),
		    "It has more than 64 KiB, where senders stop reading (RFC 8461 3.3); it was not looked "
		    "at.");
	else
		read_lines(&reader, text);
	policy->mx = reader.mx;
	policy->extensions = reader.extensions;
	return mh_sts_end(&reader.teller);
}
