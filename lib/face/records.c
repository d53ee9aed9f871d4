/* records.c - the exported functions about one record from a text
 *
 * A table says who reads which kind; all the rest is the same for all of them.
 * The text is read when it is given, and what was read before is gone then.
 */
#include "handles.h"

#include "error.h"
#include "json.h"
#include "record.h"

#define KEEP_MAX 262144
#define TEXT_MAX 65535 /* octets: no TXT record has more */
#define JSON_MAX ((size_t)16 << 20)

static const struct kind {
	int kind;
	const char *name;
	mh_record_reader *reader;
} kinds[] = {
	{ MH_RECORD_DMARC, "dmarc", mh_dmarc_record },
	{ MH_RECORD_DKIM_KEY, "dkim-key", mh_dkim_key_record },
	{ MH_RECORD_TLSRPT, "tls-rpt", mh_tlsrpt_record },
	{ MH_RECORD_BIMI, "bimi", mh_bimi_record },
};

struct mh_record {
	struct mh_ctx *ctx;
	struct mh_arena arena;
	struct mh_buf json, text; /* text: of a field that is made a string */
	char domain[MH_DNAME_TEXT_MAX]; /* canonical, "" unknown */
	const struct kind *kind; /* NULL: nothing was read */
	struct mh_str given;
	bool has_json;
	struct mh_record_fields read;
	const char *strings[MH_RECORD_FIELDS_MAX]; /* values, NULL until asked for */
	struct mh_report *report;
};

mh_record *
mh_record_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_record *record = mh_mem_zalloc(&ctx->mem, sizeof(*record));
	if (record == NULL)
		return NULL;
	record->ctx = mh_ctx_ref(ctx);
	mh_arena_init(&record->arena, &ctx->mem, KEEP_MAX);
	mh_buf_init(&record->json, &ctx->mem, JSON_MAX);
	mh_buf_init(&record->text, &ctx->mem, 8 * TEXT_MAX);
	return record;
}

/* forget - what was read is gone */
static void
forget(struct mh_record *record)
{
	record->kind = NULL;
	record->has_json = false;
	record->read.count = 0;
	memset(record->strings, 0, sizeof(record->strings));
	mh_arena_reset(&record->arena);
	if (record->report != NULL)
		mh_report_unref(record->report);
	record->report = NULL;
}

void
mh_record_free(mh_record *record)
{
	if (record == NULL)
		return;
	struct mh_ctx *ctx = record->ctx;
	if (record->report != NULL)
		mh_report_unref(record->report);
	mh_arena_free(&record->arena);
	mh_buf_free(&record->json);
	mh_buf_free(&record->text);
	mh_mem_free(&ctx->mem, record, sizeof(*record));
	mh_ctx_free(ctx);
}

int
mh_record_set_str(mh_record *record, int option, const char *value)
{
	char room[MH_DNAME_TEXT_MAX] = "";
	if (record == NULL || value == NULL || option != MH_OPT_DOMAIN)
		return MH_EINVAL;
	if (value[0] != '\0' &&
	    (!mh_name_valid(mh_str_z(value)) || mh_dname_canonical(mh_str_z(value), room) == 0))
		return MH_EINVAL;
	memcpy(record->domain, room, sizeof(room));
	return MH_OK;
}

static const struct kind *
find_kind(int number)
{
	for (size_t i = 0; i < MH_COUNT(kinds); i++)
		if (kinds[i].kind == number)
			return &kinds[i];
	return NULL;
}

/* read_text - the copy of the text; false without memory */
static bool
read_text(struct mh_record *record, const struct kind *kind, const void *text, size_t len)
{
	char *copy = mh_arena_alloc(&record->arena, len + 1);
	if (copy == NULL)
		return false;
	if (len > 0)
		memcpy(copy, text, len);
	record->given = mh_str_n(copy, len);
	record->report = mh_report_make(&record->ctx->mem);
	return record->report != NULL &&
	    kind->reader(&record->arena, record->given, mh_str_z(record->domain), record->report,
		&record->read) == MH_ERR_OK &&
	    mh_report_finish(record->report) == MH_ERR_OK;
}

int
mh_record_read(mh_record *record, int kind, const void *text, size_t len)
{
	const struct kind *found = find_kind(kind);
	if (record == NULL || (text == NULL && len > 0) || len > TEXT_MAX || found == NULL)
		return MH_EINVAL;
	forget(record);
	if (!read_text(record, found, text, len)) {
		forget(record);
		return MH_ENOMEM;
	}
	record->kind = found;
	return MH_OK;
}

int64_t
mh_record_int(mh_record *record, int field)
{
	if (record == NULL || record->kind == NULL)
		return MH_UNKNOWN;
	switch (field) {
	case MH_RECORD_VALID:
		return record->read.is_valid;
	case MH_RECORD_KIND:
		return record->kind->kind;
	default:
		return MH_UNKNOWN;
	}
}

size_t
mh_record_count(mh_record *record)
{
	return record != NULL ? record->read.count : 0;
}

/* value_at - of field i, which is there; "" without memory */
static const char *
value_at(struct mh_record *record, size_t i)
{
	if (record->strings[i] != NULL)
		return record->strings[i];
	mh_buf_reset(&record->text);
	mh_printable(&record->text, record->read.fields[i].value, TEXT_MAX);
	char *copy = record->text.bad ? NULL : mh_arena_alloc(&record->arena, record->text.len + 1);
	if (copy == NULL)
		return "";
	memcpy(copy, mh_buf_z(&record->text), record->text.len + 1);
	record->strings[i] = copy;
	return copy;
}

const char *
mh_record_item_str(mh_record *record, size_t i, int field)
{
	if (record == NULL || i >= record->read.count)
		return "";
	switch (field) {
	case MH_RECORD_NAME:
		return record->read.fields[i].name;
	case MH_RECORD_TEXT:
		return value_at(record, i);
	default:
		return "";
	}
}

const char *
mh_record_value(mh_record *record, const char *name, size_t i)
{
	if (record == NULL || name == NULL)
		return "";
	for (size_t k = 0; k < record->read.count; k++)
		if (strcmp(record->read.fields[k].name, name) == 0 && i-- == 0)
			return value_at(record, k);
	return "";
}

mh_report *
mh_record_report(mh_record *record)
{
	return record != NULL && record->kind != NULL ? mh_report_ref(record->report) : NULL;
}

/* write_json - all of it */
static void
write_json(struct mh_record *record, struct mh_json *json)
{
	mh_json_open(json, '{');
	mh_json_put_int(json, "schema", 1);
	mh_json_put_strz(json, "kind", "record");
	mh_json_put_strz(json, "record", record->kind->name);
	mh_json_put_strz(json, "subject", record->domain);
	mh_json_put_strz(json, "health", mh_report_health(record->report, ""));
	mh_json_put_str(json, "text", record->given);
	mh_json_put_bool(json, "valid", record->read.is_valid);
	mh_json_key(json, "fields");
	mh_json_open(json, '[');
	for (size_t i = 0; i < record->read.count; i++) {
		mh_json_open(json, '{');
		mh_json_put_strz(json, "name", record->read.fields[i].name);
		mh_json_put_str(json, "value", record->read.fields[i].value);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	mh_json_key(json, "findings");
	mh_json_raw(json, mh_report_text(record->report));
	mh_json_close(json, '}');
}

const char *
mh_record_json(mh_record *record)
{
	struct mh_json json;
	if (record == NULL || record->kind == NULL)
		return "";
	if (!record->has_json) {
		mh_buf_reset(&record->json);
		mh_json_init(&json, &record->json);
		write_json(record, &json);
		record->has_json = !record->json.bad;
	}
	return record->has_json ? mh_buf_z(&record->json) : "";
}
