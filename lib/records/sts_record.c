/* sts_record.c - the TXT record of _mta-sts (RFC 8461 3.1)
 *
 * The words of the grammar are case-sensitive, and a sender that cannot read
 * the record goes on as if there were none; so is_valid is strict, and what
 * people most often get wrong is told by its name.  Where the id shows what was
 * meant, the finding has the record to publish.
 */
#include "alabel.h"
#include "error.h"
#include "net.h"
#include "port.h"
#include "sts_own.h"
#include "tell.h"

#define ID_MAX 32

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
		while (i < text.len && mh_sts_is_blank(text.p[i]))
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

/* clean_id - of a text that means to be a record: its id without what must not be in it, or "1", which is as good as
 * any; in arena, p NULL: no memory */
static struct mh_str
clean_id(struct mh_arena *arena, struct mh_str text)
{
	char *out = mh_arena_alloc(arena, ID_MAX);
	size_t n = 0, i = 0;
	for (; i + 2 <= text.len; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, 2), MH_STR("id")) &&
		    (i == 0 || !mh_is_alnum(text.p[i - 1])) &&
		    (i + 2 == text.len || !mh_is_alnum(text.p[i + 2])))
			break;
	for (i += 2; out != NULL && i < text.len && text.p[i] != ';' && n < ID_MAX; i++)
		if (mh_is_alnum(text.p[i]))
			out[n++] = text.p[i];
	if (out != NULL && n == 0)
		out[n++] = '1';
	return mh_str_n(out, n);
}

/* begin_fix - of the record set of _mta-sts.domain; false: the domain is not known, or no memory */
static bool
begin_fix(struct mh_sts_teller *teller, struct mh_fix *fix)
{
	struct mh_str domain = teller->notes->domain;

	*fix = (struct mh_fix){ .type = MH_RR_TXT };
	if (!mh_name_valid(domain))
		return false;
	domain = mh_alabel_name(teller->arena, domain);
	fix->name = domain.p != NULL ? mh_name_below(teller->arena, MH_STR("_mta-sts"), domain)
				     : (struct mh_str){ NULL, 0 };
	teller->bad |= fix->name.p == NULL;
	return fix->name.len > 0;
}

/* put_text - a record into the next place of a fix */
static void
put_text(struct mh_sts_teller *teller, struct mh_str *place, struct mh_str text)
{
	*place = mh_txt_quote(teller->arena, text);
	teller->bad |= place->p == NULL;
}

/* mend - teller->fix becomes the record with an id that can be read, where the domain is known */
static void
mend(struct mh_sts_teller *teller, struct mh_str text, struct mh_fix *fix)
{
	struct mh_str id = clean_id(teller->arena, text);
	struct mh_buf add;

	teller->bad |= id.p == NULL;
	/* How a longer one is cut into strings is not known here. */
	if (id.p == NULL || text.len > 255 || !begin_fix(teller, fix))
		return;
	mh_buf_init(&add, &teller->arena->mem, 64);
	mh_buf_puts(&add, "v=STSv1; id=");
	mh_buf_putstr(&add, id);
	mh_buf_putc(&add, ';');
	put_text(teller, &fix->remove[0], text);
	put_text(teller, &fix->add[0], mh_buf_str(&add));
	teller->bad |= add.bad;
	mh_buf_free(&add);
	teller->fix = fix;
}

/* tell_multiple - of several records, of which the first stays */
static void
tell_multiple(struct mh_sts_teller *teller, const struct mh_str *texts, size_t count, struct mh_str kept)
{
	struct mh_fix fix;
	size_t removed = 0;
	bool is_whole = begin_fix(teller, &fix);

	for (size_t i = 0; i < count && is_whole; i++) {
		if (start_of(texts[i]) < SPACED || texts[i].p == kept.p)
			continue;
		is_whole = removed < MH_COUNT(fix.remove) && texts[i].len <= 255;
		if (is_whole)
			put_text(teller, &fix.remove[removed++], texts[i]);
	}
	teller->fix = is_whole && !teller->bad ? &fix : NULL;
	mh_sts_say(teller, "If the other one is the right one, keep that.");
	mh_sts_tell(teller, MH_F_STS_MULTIPLE_RECORDS, kept, false, 0);
	teller->fix = NULL;
}

struct record_reader {
	struct mh_sts_teller teller;
	struct mh_sts_record *record;
	struct mh_sts_field *extensions;
	bool has_id;
};

static void
record_fails(struct record_reader *reader, int number, struct mh_str evidence, const char *detail)
{
	struct mh_fix fix;
	reader->record->is_valid = false;
	mend(&reader->teller, reader->record->text, &fix);
	mh_sts_say(&reader->teller, detail);
	mh_sts_tell(&reader->teller, number, evidence, true, 0);
	reader->teller.fix = NULL;
}

static bool
is_id(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]))
			return false;
	return s.len > 0 && s.len <= ID_MAX;
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
	if (mh_sts_find_field(reader->extensions, record->extension_count, name) != NULL) {
		mh_sts_say(&reader->teller, "The field is there twice; the first one counts.");
		mh_sts_tell(&reader->teller, MH_F_STS_RECORD_ODD, text, true, 0);
		return;
	}
	if (record->extension_count == MH_STS_EXTENSIONS_MAX)
		return;
	reader->extensions[record->extension_count++] =
	    (struct mh_sts_field){ .name = name, .value = value, .is_good = true };
	if (mh_str_ieq(name, MH_STR("id")))
		mh_sts_say(&reader->teller, "The field that is meant is written \"id\", in lower case.");
	mh_sts_tell(&reader->teller, MH_F_STS_UNKNOWN_FIELD, text, true, 0);
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
			mh_sts_say(&reader->teller, "The id is there twice; the first one counts.");
			mh_sts_tell(&reader->teller, MH_F_STS_RECORD_ODD, text, true, 0);
			return;
		}
		reader->has_id = true;
		if (is_id(value))
			reader->record->id = value;
		else
			record_fails(reader, MH_F_STS_RECORD_SYNTAX, text,
			    value.len == 0 ? "The id is empty."
				: value.len > ID_MAX
				? "The id is longer than 32 characters."
				: "The id has a character that is no ASCII letter or digit.");
		return;
	}
	if (!mh_sts_is_field_name(name))
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
		mh_sts_say(&reader->teller,
		    "There is a space before the first semicolon, and senders may look for \"v=STSv1;\" as "
		    "it is.");
		mh_sts_tell(&reader->teller, MH_F_STS_RECORD_ODD, mh_str_n(text.p, (size_t)(p - text.p) + 1),
		    true, 0);
	}
	while (p < stop) {
		const char *from = p + 1, *to = memchr(from, ';', (size_t)(stop - from));
		struct mh_str field = { from, (size_t)((to != NULL ? to : stop) - from) };
		p = to != NULL ? to : stop;
		field = mh_sts_without_blanks(field);
		if (field.len > 0 || to != NULL)
			read_field(reader, field);
	}
	/* Of a record with another error the id may be what could not be read. */
	if (!reader->has_id && reader->record->is_valid)
		record_fails(reader, MH_F_STS_RECORD_SYNTAX, text, "There is no id.");
}

/* tell_like - of a text that means to be a record */
static void
tell_like(struct mh_sts_teller *teller, struct mh_str text)
{
	struct mh_fix fix;
	mend(teller, text, &fix);
	teller->start = text.p;
	mh_sts_say(teller, "The record has to begin with \"v=STSv1;\", in exactly these letters.");
	mh_sts_tell(teller, MH_F_STS_RECORD_SYNTAX, text, true, 0);
	teller->fix = NULL;
}

int
mh_sts_record_read(struct mh_arena *arena, const struct mh_str *texts, size_t count,
    const struct mh_sts_notes *notes, struct mh_sts_record *record)
{
	struct record_reader reader = { .record = record };
	size_t like = 0;

	*record = (struct mh_sts_record){ .text = MH_STR(""), .id = MH_STR("") };
	mh_sts_begin(&reader.teller, arena, notes, "");
	for (size_t i = 0; i < count; i++) {
		enum start start = start_of(texts[i]);
		if (start >= SPACED && record->count++ == 0)
			record->text = texts[i];
		like += start == LIKE;
	}
	for (size_t i = 0;
	     i < count && record->count == 0 && like > 0 && reader.teller.told[1] < MH_STS_TOLD_MAX; i++)
		if (start_of(texts[i]) == LIKE)
			tell_like(&reader.teller, texts[i]);
	if (record->count == 0 && like == 0)
		mh_sts_tell(&reader.teller, MH_F_STS_MISSING, MH_STR(""), false, 0);
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
		tell_multiple(&reader.teller, texts, count, record->text);
	}
	return mh_sts_end(&reader.teller);
}
