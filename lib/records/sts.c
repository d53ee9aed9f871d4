/* sts.c - MTA-STS records and policies: read, judged, and matched with MX hosts
 *
 * The words of the grammar are case-sensitive (RFC 8461 3.1, 3.2), and a sender
 * that cannot read a record or a policy goes on as if there were none; so here
 * is_valid is strict, and what people most often get wrong is told by its name.
 * Blank lines, which some senders pass over, are not in the grammar.
 */
#include "sts.h"

#include "alabel.h"
#include "error.h"
#include "net.h"
#include "port.h"
#include "text.h"

#define TOLD_MAX 20 /* findings about one text */
#define ID_MAX 32
#define NAME_MAX_OCTETS 32
#define DETAIL_MAX 700
#define SHOWN_MAX 200 /* octets of a line that are shown */
#define SAME_MAX 512 /* patterns that are compared with each other */

static const char *const modes[] = {
#define X(name, text) [MH_STS_##name] = (text),
	MH_STS_MODES(X)
#undef X
};

static const char *const results[] = {
#define X(name, text) [MH_STS_##name] = (text),
	MH_STS_RESULTS(X)
#undef X
};

const char *
mh_sts_mode_name(int mode)
{
	return mode >= 0 && (size_t)mode < MH_COUNT(modes) ? modes[mode] : "";
}

const char *
mh_sts_result_name(int result)
{
	return result >= 0 && (size_t)result < MH_COUNT(results) ? results[result] : "";
}

int
mh_sts_result_of(struct mh_str name)
{
	for (size_t i = 0; i < MH_COUNT(results); i++)
		if (mh_str_eq(name, mh_str_z(results[i])))
			return (int)i;
	return -1;
}

/* -------------------------------------------------------------------- notes */

/* Where findings go while a text is read; say and say_str put the sentence together, tell ends it. */
struct teller {
	struct mh_arena *arena;
	const struct mh_sts_notes *notes;
	const char *start; /* of the text that places are counted in */
	struct mh_buf detail;
	const struct mh_fix *fix;
	unsigned told;
	bool bad; /* no memory */
};

static void
begin(struct teller *teller, struct mh_arena *arena, const struct mh_sts_notes *notes, const char *start)
{
	*teller = (struct teller){ .arena = arena, .notes = notes, .start = start };
	mh_buf_init(&teller->detail, &arena->mem, DETAIL_MAX);
}

static int
end(struct teller *teller)
{
	mh_buf_free(&teller->detail);
	return teller->bad ? MH_ERR_ENOMEM : MH_ERR_OK;
}

static void
say(struct teller *teller, const char *text)
{
	mh_buf_puts(&teller->detail, text);
}

static void
say_str(struct teller *teller, struct mh_str text)
{
	mh_buf_putstr(&teller->detail, mh_str_n(text.p, text.len < SHOWN_MAX ? text.len : SHOWN_MAX));
}

/* tell - a finding about evidence, which is in the text unless it is about no place; severity 0: the kind's */
static void
tell(struct teller *teller, int number, struct mh_str evidence, bool has_place, int severity)
{
	struct mh_report *report = teller->notes->report;
	if (report != NULL && teller->told < TOLD_MAX) {
		struct mh_finding_more more = { .check = "mta-sts",
			.detail = mh_str_n(mh_buf_z(&teller->detail), teller->detail.len),
			.fixes = teller->fix,
			.fixes_count = teller->fix != NULL ? 1 : 0,
			.severity = severity };
		int64_t at = has_place ? evidence.p - teller->start : -1;
		int64_t to = has_place ? at + (int64_t)evidence.len : -1;
		if (teller->detail.bad)
			teller->bad = true;
		else if (mh_report_add_more(report, number, teller->notes->domain, evidence, at, to, &more) !=
		    MH_ERR_OK)
			teller->bad = true;
		teller->told++;
	}
	mh_buf_reset(&teller->detail);
}

/* ------------------------------------------------------------------- words */

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* without_blanks - s without spaces and tabs at its end, and at its begin */
static struct mh_str
without_blanks(struct mh_str s)
{
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

/* is_field_name - letter or digit, then up to 31 of those, "_", "-" and "." */
static bool
is_field_name(struct mh_str s)
{
	if (s.len == 0 || s.len > NAME_MAX_OCTETS || !mh_is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return true;
}

static bool
is_id(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]))
			return false;
	return s.len > 0 && s.len <= ID_MAX;
}

/* find_field - the field of that name among those kept, or NULL */
static const struct mh_sts_field *
find_field(const struct mh_sts_field *fields, size_t count, struct mh_str name)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_eq(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* ------------------------------------------------------------------- record */

/* How a TXT record begins. */
enum start { OTHER, LIKE, SPACED, EXACT };

static const struct mh_str version_word = MH_STR_INIT("v=STSv1");

static enum start
start_of(struct mh_str text)
{
	struct mh_str all = mh_str_trim(text);
	size_t i = version_word.len;
	if (all.len > 0 && all.p[0] == '"')
		all = mh_str_n(all.p + 1, all.len - 1);
	if (text.len > i && memcmp(text.p, version_word.p, i) == 0) {
		if (text.p[i] == ';')
			return EXACT;
		while (i < text.len && is_blank(text.p[i]))
			i++;
		if (i < text.len && text.p[i] == ';')
			return SPACED;
	}
	return mh_str_istarts(all, MH_STR("v=sts")) || mh_str_istarts(all, MH_STR("v = sts")) ||
		mh_str_istarts(all, MH_STR("v =sts")) || mh_str_istarts(all, MH_STR("v= sts")) ||
		mh_str_istarts(all, MH_STR("stsv1")) || mh_str_istarts(all, MH_STR("version: sts")) ||
		mh_str_istarts(all, MH_STR("version:sts"))
	    ? LIKE
	    : OTHER;
}

/* clean_id - of a text that means to be a record: its id without what must not be in it; in arena, p NULL: no
 * memory, len 0: there is none */
static struct mh_str
clean_id(struct mh_arena *arena, struct mh_str text)
{
	char *out = mh_arena_alloc(arena, ID_MAX);
	size_t n = 0, i = 0;
	for (; i + 3 <= text.len; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, 3), MH_STR("id=")) &&
		    (i == 0 || !mh_is_alnum(text.p[i - 1])))
			break;
	for (i += 3; out != NULL && i < text.len && text.p[i] != ';' && n < ID_MAX; i++)
		if (mh_is_alnum(text.p[i]))
			out[n++] = text.p[i];
	return mh_str_n(out, n);
}

/* A record to publish in place of one that cannot be read. */
struct mended {
	struct mh_fix fix;
	struct mh_buf name, remove, add;
};

/* mend - the record with an id that can be read, where the domain and the id are known; what the buffers hold
 * lives until mended_free */
static void
mend(struct teller *teller, struct mh_str text, struct mended *mended)
{
	struct mh_str id = clean_id(teller->arena, text);
	struct mh_buf *const all[] = { &mended->name, &mended->remove, &mended->add };
	bool is_plain = text.len <= 255;

	for (size_t i = 0; i < MH_COUNT(all); i++)
		mh_buf_init(all[i], &teller->arena->mem, 1024);
	for (size_t i = 0; i < text.len && is_plain; i++)
		is_plain = text.p[i] >= ' ' && text.p[i] <= '~' && text.p[i] != '"' && text.p[i] != '\\';
	teller->bad = teller->bad || id.p == NULL;
	if (id.p == NULL || id.len == 0 || !is_plain || !mh_name_valid(teller->notes->domain))
		return;
	mh_buf_puts(&mended->name, "_mta-sts.");
	for (size_t i = 0; i < teller->notes->domain.len; i++)
		mh_buf_putc(&mended->name, mh_lower(teller->notes->domain.p[i]));
	mh_buf_putc(&mended->remove, '"');
	mh_buf_putstr(&mended->remove, text);
	mh_buf_putc(&mended->remove, '"');
	mh_buf_puts(&mended->add, "\"v=STSv1; id=");
	mh_buf_putstr(&mended->add, id);
	mh_buf_puts(&mended->add, ";\"");
	mended->fix = (struct mh_fix){ .name = { mended->name.p, mended->name.len }, .type = 16 };
	if (mended->name.p != NULL && mended->name.p[mended->name.len - 1] == '.')
		mended->fix.name.len--;
	mended->fix.remove[0] = mh_str_n(mended->remove.p, mended->remove.len);
	mended->fix.add[0] = mh_str_n(mended->add.p, mended->add.len);
	if (mended->name.bad || mended->remove.bad || mended->add.bad)
		teller->bad = true;
	else
		teller->fix = &mended->fix;
}

static void
mended_free(struct teller *teller, struct mended *mended)
{
	teller->fix = NULL;
	mh_buf_free(&mended->name);
	mh_buf_free(&mended->remove);
	mh_buf_free(&mended->add);
}

struct record_reader {
	struct teller teller;
	struct mh_sts_record *record;
	struct mh_sts_field *extensions;
	bool has_id;
};

static void
record_fails(struct record_reader *reader, int number, struct mh_str evidence, const char *detail)
{
	struct mended mended = { .fix = { .type = 0 } };
	reader->record->is_valid = false;
	mend(&reader->teller, reader->record->text, &mended);
	say(&reader->teller, detail);
	tell(&reader->teller, number, evidence, true, 0);
	mended_free(&reader->teller, &mended);
}

static bool
is_extension_value(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '=' || s.p[i] == ';')
			return false;
	return s.len > 0;
}

/* keep_extension - a field of a record that nobody knows */
static void
keep_extension(struct record_reader *reader, struct mh_str text, struct mh_str name, struct mh_str value)
{
	struct mh_sts_record *record = reader->record;
	if (find_field(reader->extensions, record->extension_count, name) != NULL) {
		say(&reader->teller, "The field is there twice; the first one counts.");
		tell(&reader->teller, MH_F_STS_RECORD_ODD, text, true, 0);
		return;
	}
	if (record->extension_count == MH_STS_EXTENSIONS_MAX)
		return;
	reader->extensions[record->extension_count++] =
	    (struct mh_sts_field){ .name = name, .value = value, .is_good = true };
	if (mh_str_ieq(name, MH_STR("id")))
		say(&reader->teller, "The field that is meant is written \"id\", in lower case.");
	tell(&reader->teller, MH_F_STS_UNKNOWN_FIELD, text, true, 0);
}

/* read_field - one field of a record, the blanks around it gone */
static void
read_field(struct record_reader *reader, struct mh_str text)
{
	const char *equals = text.len > 0 ? memchr(text.p, '=', text.len) : NULL;
	if (equals == NULL) {
		record_fails(reader, MH_F_STS_RECORD_SYNTAX, text,
		    text.len == 0 ? "There is nothing between two semicolons."
				  : "A field has the form name=value.");
		return;
	}
	struct mh_str name = { text.p, (size_t)(equals - text.p) };
	struct mh_str value = { equals + 1, text.len - name.len - 1 };
	if (mh_str_eq(name, MH_STR("id"))) {
		if (reader->has_id) {
			say(&reader->teller, "The id is there twice; the first one counts.");
			tell(&reader->teller, MH_F_STS_RECORD_ODD, text, true, 0);
			return;
		}
		reader->has_id = true;
		if (is_id(value))
			reader->record->id = value;
		else
			record_fails(reader, MH_F_STS_RECORD_ID, text,
			    value.len == 0 ? "The id is empty."
				: value.len > ID_MAX
				? "The id is longer than 32 characters."
				: "The id has a character that is no ASCII letter or digit.");
		return;
	}
	if (!is_field_name(name))
		record_fails(reader, MH_F_STS_RECORD_SYNTAX, text,
		    "The name of a field is 1 to 32 letters, digits, \"_\", \"-\" and \".\", and nothing "
		    "stands "
		    "before the equals sign.");
	else if (!is_extension_value(value))
		record_fails(reader, MH_F_STS_RECORD_SYNTAX, text,
		    "The value of a field is printable ASCII without spaces, and is not empty.");
	else
		keep_extension(reader, text, name, value);
}

/* read_record - the record in reader->record->text, which begins with the version */
static void
read_record(struct record_reader *reader)
{
	struct mh_str text = reader->record->text;
	const char *stop = text.p + text.len, *p = memchr(text.p, ';', text.len);
	if (start_of(text) == SPACED) {
		say(&reader->teller,
		    "There is a space before the first semicolon, and senders may look for \"v=STSv1;\" as "
		    "it is.");
		tell(&reader->teller, MH_F_STS_RECORD_ODD, mh_str_n(text.p, (size_t)(p - text.p) + 1), true,
		    0);
	}
	while (p < stop) {
		const char *from = p + 1, *to = memchr(from, ';', (size_t)(stop - from));
		struct mh_str field = { from, (size_t)((to != NULL ? to : stop) - from) };
		p = to != NULL ? to : stop;
		field = without_blanks(field);
		if (field.len > 0 || to != NULL)
			read_field(reader, field);
	}
	if (!reader->has_id)
		record_fails(reader, MH_F_STS_RECORD_ID, text, "There is no id.");
}

/* tell_like - of a text that means to be a record */
static void
tell_like(struct teller *teller, struct mh_str text)
{
	struct mended mended = { .fix = { .type = 0 } };
	mend(teller, text, &mended);
	teller->start = text.p;
	say(teller, "The record has to begin with \"v=STSv1;\", in exactly these letters.");
	tell(teller, MH_F_STS_RECORD_VERSION, text, true, 0);
	mended_free(teller, &mended);
}

int
mh_sts_record_read(struct mh_arena *arena, const struct mh_str *texts, size_t count,
    const struct mh_sts_notes *notes, struct mh_sts_record *record)
{
	struct record_reader reader = { .record = record };
	size_t like = 0;

	*record = (struct mh_sts_record){ .text = MH_STR(""), .id = MH_STR("") };
	begin(&reader.teller, arena, notes, "");
	for (size_t i = 0; i < count; i++) {
		enum start start = start_of(texts[i]);
		if (start >= SPACED && record->count++ == 0)
			record->text = texts[i];
		like += start == LIKE;
	}
	for (size_t i = 0; i < count && record->count == 0 && like > 0 && reader.teller.told < TOLD_MAX; i++)
		if (start_of(texts[i]) == LIKE)
			tell_like(&reader.teller, texts[i]);
	if (record->count == 0 && like == 0)
		tell(&reader.teller, MH_F_STS_MISSING, MH_STR(""), false, 0);
	if (record->count > 0) {
		reader.teller.start = record->text.p;
		record->is_valid = record->text.len <= MH_STS_RECORD_MAX;
		reader.extensions = mh_arena_alloc(arena, MH_STS_EXTENSIONS_MAX * sizeof(*reader.extensions));
		if (reader.extensions == NULL)
			reader.teller.bad = true;
		else if (record->is_valid)
			read_record(&reader);
		else
			record_fails(&reader, MH_F_STS_RECORD_SYNTAX, record->text,
			    "It has more than 4096 octets, and was not read.");
		record->extensions = reader.extensions;
	}
	if (record->count > 1) {
		record->is_valid = false;
		tell(&reader.teller, MH_F_STS_MULTIPLE_RECORDS, record->text, false, 0);
	}
	return end(&reader.teller);
}

/* ----------------------------------------------------------------- patterns */

/* is_host - a <Domain> of RFC 5321 4.1.2: letters, digits and hyphens within labels, no dot at the end */
static bool
is_host(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.len > 0 && s.p[s.len - 1] != '.' && mh_name_valid(s);
}

static bool
has_star(struct mh_str pattern)
{
	return pattern.len > 2 && pattern.p[0] == '*' && pattern.p[1] == '.';
}

static bool
is_pattern(struct mh_str s)
{
	return s.len <= MH_NAME_MAX && is_host(has_star(s) ? mh_str_n(s.p + 2, s.len - 2) : s);
}

/* why_no_pattern - a sentence about one that is none */
static const char *
why_no_pattern(struct mh_str s)
{
	if (s.len == 0)
		return "There is no name.";
	if (mh_ascii_prefix(s) < s.len)
		return "International names are written as A-labels (xn--...).";
	if (s.p[s.len - 1] == '.')
		return "The name must not end in a dot.";
	if (memchr(s.p, '@', s.len) != NULL || memchr(s.p, '/', s.len) != NULL)
		return "This is an address or a URL; a name alone is wanted.";
	if (memchr(s.p, '*', s.len) != NULL)
		return "The asterisk can only be the whole first label, as in *.example.org.";
	if (memchr(s.p, ',', s.len) != NULL || memchr(s.p, ' ', s.len) != NULL)
		return "Each name has an mx line of its own.";
	return "This is no name of a host.";
}

bool
mh_sts_pattern_matches(struct mh_str pattern, struct mh_str name)
{
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (!is_pattern(pattern) || !mh_name_valid(name))
		return false;
	if (!has_star(pattern))
		return mh_str_ieq(pattern, name);
	const char *dot = memchr(name.p, '.', name.len);
	if (dot == NULL)
		return false;
	return mh_str_ieq(mh_str_n(pattern.p + 1, pattern.len - 1),
	    mh_str_n(dot, name.len - (size_t)(dot - name.p)));
}

bool
mh_sts_lists(const struct mh_sts_policy *policy, struct mh_str name)
{
	for (size_t i = 0; policy->is_valid && i < policy->mx_count; i++)
		if (mh_sts_pattern_matches(policy->mx[i].value, name))
			return true;
	return false;
}

/* ------------------------------------------------------------------- policy */

struct policy_reader {
	struct teller teller;
	struct mh_sts_policy *policy;
	struct mh_sts_field *mx, *extensions;
	bool has_version, has_mode, has_max_age;
};

static void
policy_fails(struct policy_reader *reader, int number, struct mh_str evidence, const char *detail)
{
	reader->policy->is_valid = false;
	say(&reader->teller, detail);
	tell(&reader->teller, number, evidence, evidence.len > 0, 0);
}

/* is_again - whether a field that may be there once was there; the first one counts */
static bool
is_again(struct policy_reader *reader, struct mh_str line, bool *has)
{
	bool was = *has;
	*has = true;
	if (was)
		tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, 0);
	return was;
}

static void
read_mode(struct policy_reader *reader, struct mh_str line, struct mh_str value)
{
	for (size_t i = MH_STS_ENFORCE; i < MH_COUNT(modes); i++)
		if (mh_str_eq(value, mh_str_z(modes[i])))
			reader->policy->mode = (enum mh_sts_mode)i;
	if (reader->policy->mode == MH_STS_NO_MODE)
		policy_fails(reader, MH_F_STS_POLICY_VALUE, line,
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
		policy_fails(reader, MH_F_STS_POLICY_VALUE, line,
		    "max_age is a number of seconds, of digits alone and at most ten of them.");
}

static void
read_mx(struct policy_reader *reader, struct mh_str line, struct mh_str value)
{
	struct mh_sts_policy *policy = reader->policy;
	struct mh_sts_field *mx = &reader->mx[policy->mx_count];
	*mx = (struct mh_sts_field){ .name = MH_STR("mx"), .value = value, .is_good = is_pattern(value) };
	if (!mx->is_good)
		policy_fails(reader, MH_F_STS_MX_PATTERN, line, why_no_pattern(value));
	for (size_t i = 0; i < policy->mx_count && i < SAME_MAX && mx->is_good; i++)
		if (mh_str_ieq(reader->mx[i].value, value)) {
			say(&reader->teller, "Another line has the same name.");
			tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, MH_SEV_INFO);
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
	if (find_field(reader->extensions, policy->extension_count, name) != NULL) {
		tell(&reader->teller, MH_F_STS_POLICY_DUPLICATE, line, true, 0);
		return;
	}
	if (policy->extension_count == MH_STS_EXTENSIONS_MAX)
		return;
	reader->extensions[policy->extension_count++] =
	    (struct mh_sts_field){ .name = name, .value = value, .is_good = true };
	for (size_t i = 0; i < MH_COUNT(known); i++)
		if (mh_str_ieq(name, known[i]))
			say(&reader->teller, "The known fields are written in lower case.");
	if (mh_str_ieq(name, MH_STR("max-age")) || mh_str_ieq(name, MH_STR("maxage")))
		say(&reader->teller, "The field that is meant is written max_age.");
	tell(&reader->teller, MH_F_STS_UNKNOWN_FIELD, line, true, 0);
}

/* read_line - one line of a policy, its end gone */
static void
read_line(struct policy_reader *reader, struct mh_str line)
{
	struct mh_str text = line;
	while (text.len > 0 && is_blank(text.p[text.len - 1]))
		text.len--;
	const char *colon = text.len > 0 ? memchr(text.p, ':', text.len) : NULL;
	struct mh_str name = { text.p, colon != NULL ? (size_t)(colon - text.p) : 0 };
	if (!is_field_name(name)) {
		policy_fails(reader, MH_F_STS_POLICY_SYNTAX, line,
		    text.len == 0       ? "A line is blank."
			: colon == NULL ? "A line has the form \"name: value\"; there is no colon."
					: "What stands before the colon is no name of a field: 1 to 32 "
					  "letters, digits, \"_\", "
					  "\"-\" and \".\", without spaces.");
		return;
	}
	struct mh_str value = without_blanks(mh_str_n(colon + 1, text.len - name.len - 1));
	if (mh_str_eq(name, MH_STR("version"))) {
		if (!is_again(reader, line, &reader->has_version) && !mh_str_eq(value, MH_STR("STSv1")))
			policy_fails(reader, MH_F_STS_POLICY_VALUE, line,
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
		policy_fails(reader, MH_F_STS_POLICY_INCOMPLETE, MH_STR(""), "Missing: version: STSv1");
	if (!reader->has_mode)
		policy_fails(reader, MH_F_STS_POLICY_INCOMPLETE, MH_STR(""), "Missing: mode: testing");
	if (!reader->has_max_age)
		policy_fails(reader, MH_F_STS_POLICY_INCOMPLETE, MH_STR(""), "Missing: max_age: 604800");
	if (policy->mx_count == 0 && (policy->mode == MH_STS_ENFORCE || policy->mode == MH_STS_TESTING))
		policy_fails(reader, MH_F_STS_POLICY_INCOMPLETE, MH_STR(""),
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
		    mh_str_n(start.p, start.len < SHOWN_MAX ? start.len : SHOWN_MAX),
		    "This is a web page (HTML or XML), and no policy.");
		return;
	}
	while (mh_cur_left(&cur) > 0)
		read_line(reader, mh_cur_line(&cur, &ending));
	tell_missing(reader);
}

int
mh_sts_policy_read(struct mh_arena *arena, struct mh_str text, const struct mh_sts_notes *notes,
    struct mh_sts_policy *policy)
{
	struct policy_reader reader = { .policy = policy };

	*policy = (struct mh_sts_policy){ .text = text, .max_age = -1, .is_valid = true };
	begin(&reader.teller, arena, notes, text.p);
	if (text.len > MH_STS_POLICY_MAX)
		policy_fails(&reader, MH_F_STS_POLICY_TOO_LARGE, MH_STR(""), "");
	else
		read_lines(&reader, text);
	policy->mx = reader.mx;
	policy->extensions = reader.extensions;
	return end(&reader.teller);
}

/* --------------------------------------------------------------------- lint */

#define DAY 86400
#define WEEK (7 * DAY)

static void
lint_max_age(struct teller *teller, const struct mh_sts_policy *policy)
{
	if (policy->max_age > MH_STS_MAX_AGE_MAX) {
		tell(teller, MH_F_STS_MAX_AGE_LONG, MH_STR(""), false, 0);
	} else if (policy->mode == MH_STS_ENFORCE && policy->max_age >= 0 && policy->max_age < WEEK) {
		say(teller, "max_age is ");
		mh_buf_putint(&teller->detail, policy->max_age);
		say(teller, " seconds.");
		tell(teller, MH_F_STS_MAX_AGE_SHORT, MH_STR(""), false,
		    policy->max_age < DAY ? MH_SEV_WARN : MH_SEV_INFO);
	}
}

static void
lint_names(struct teller *teller, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (mh_sts_lists(policy, names[i]))
			continue;
		say(teller, "The line that is missing: mx: ");
		say_str(teller, names[i]);
		tell(teller, MH_F_STS_MX_NOT_LISTED, names[i], false,
		    policy->mode == MH_STS_ENFORCE ? MH_SEV_FAIL : MH_SEV_WARN);
	}
}

static void
lint_patterns(struct teller *teller, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count)
{
	for (size_t k = 0; k < policy->mx_count && teller->told < TOLD_MAX; k++) {
		bool is_used = false;
		for (size_t i = 0; i < count && !is_used; i++)
			is_used = mh_sts_pattern_matches(policy->mx[k].value, names[i]);
		if (!is_used)
			tell(teller, MH_F_STS_POLICY_MX_UNUSED, policy->mx[k].value, true, 0);
	}
}

/* take_hosts - the names that are MX hosts ("." is none, RFC 7505 3), as DNS has them; how many, or SIZE_MAX
 * without memory */
static size_t
take_hosts(struct mh_arena *arena, const struct mh_str *names, size_t count, struct mh_str *hosts)
{
	size_t taken = 0;
	for (size_t i = 0; i < count; i++) {
		struct mh_str name = names[i];
		if (name.len > 0 && name.p[name.len - 1] == '.')
			name.len--;
		if (!mh_name_valid(name))
			continue;
		hosts[taken] = mh_alabel_name(arena, name);
		if (hosts[taken++].p == NULL)
			return SIZE_MAX;
	}
	return taken;
}

int
mh_sts_lint(struct mh_arena *arena, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count, const struct mh_sts_notes *notes)
{
	struct mh_str hosts[MH_STS_NAMES_MAX];
	struct teller teller;
	bool is_used = policy->is_valid && (policy->mode == MH_STS_ENFORCE || policy->mode == MH_STS_TESTING);

	size_t taken = take_hosts(arena, names, count < MH_STS_NAMES_MAX ? count : MH_STS_NAMES_MAX, hosts);
	if (taken == SIZE_MAX)
		return MH_ERR_ENOMEM;
	begin(&teller, arena, notes, policy->text.p);
	lint_max_age(&teller, policy);
	if (policy->mode == MH_STS_TESTING)
		tell(&teller, MH_F_STS_MODE_TESTING, MH_STR(""), false, 0);
	if (policy->mode == MH_STS_NONE)
		tell(&teller, MH_F_STS_MODE_NONE, MH_STR(""), false, 0);
	if (is_used)
		lint_names(&teller, policy, hosts, taken);
	teller.told = 0; /* hosts that are not listed leave room for patterns */
	if (is_used && taken > 0 && count <= MH_STS_NAMES_MAX)
		lint_patterns(&teller, policy, hosts, taken);
	return end(&teller);
}

enum mh_sts_result
mh_sts_apply(const struct mh_sts_policy *policy, struct mh_str name, enum mh_sts_result tls, bool *is_refused)
{
	*is_refused = false;
	if (!policy->is_valid)
		return MH_STS_POLICY_INVALID;
	if (policy->mode == MH_STS_NONE)
		return tls;
	/* RFC 8460 has no word of its own for a host that is not listed. */
	enum mh_sts_result result = mh_sts_lists(policy, name) ? tls : MH_STS_VALIDATION_FAILURE;
	*is_refused = result != MH_STS_SUCCESS && policy->mode == MH_STS_ENFORCE;
	return result;
}
