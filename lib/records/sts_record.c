/* sts_record.c - the TXT record of _mta-sts (RFC 8461 3.1)
 *
 * The words of the grammar are case-sensitive, and a sender that cannot read
 * the record goes on as if there were none; so is_valid is strict, and what
 * people most often get wrong is told by its name.  Where the id shows what was
 * meant, the finding has the record to publish.
 */
#include "error.h"
#include "net.h"
#include "port.h"
#include "sts_own.h"

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
mend(struct mh_sts_teller *teller, struct mh_str text, struct mended *mended)
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
mended_free(struct mh_sts_teller *teller, struct mended *mended)
{
	teller->fix = NULL;
	mh_buf_free(&mended->name);
	mh_buf_free(&mended->remove);
	mh_buf_free(&mended->add);
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
	struct mended mended = { .fix = { .type = 0 } };
	reader->record->is_valid = false;
	mend(&reader->teller, reader->record->text, &mended);
	mh_sts_say(&reader->teller, detail);
	mh_sts_tell(&reader->teller, number, evidence, true, 0);
	mended_free(&reader->teller, &mended);
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
			record_fails(reader, MH_F_STS_RECORD_ID, text,
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
	if (!reader->has_id)
		record_fails(reader, MH_F_STS_RECORD_ID, text, "There is no id.");
}

/* tell_like - of a text that means to be a record */
static void
tell_like(struct mh_sts_teller *teller, struct mh_str text)
{
	struct mended mended = { .fix = { .type = 0 } };
	mend(teller, text, &mended);
	teller->start = text.p;
	mh_sts_say(teller, "The record has to begin with \"v=STSv1;\", in exactly these letters.");
	mh_sts_tell(teller, MH_F_STS_RECORD_VERSION, text, true, 0);
	mended_free(teller, &mended);
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
		mh_sts_tell(&reader.teller, MH_F_STS_MULTIPLE_RECORDS, record->text, false, 0);
	}
	return mh_sts_end(&reader.teller);
}
