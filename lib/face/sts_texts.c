/* sts_texts.c - the exported functions about MTA-STS from texts
 *
 * What is given is kept; it is read when something is asked and has been given
 * since.  Items become C strings when they are asked for.
 */
#include "handles.h"

#include "alabel.h"
#include "error.h"
#include "json.h"
#include "sts.h"

#define KEEP_MAX 262144
#define RECORDS_MAX 64
#define ITEM_MAX 1024 /* octets of an item that are shown */
#define JSON_MAX ((size_t)16 << 20)
#define LISTS 3

struct list {
	const struct mh_sts_field *fields;
	size_t count;
	const char **strings; /* two an item, NULL until asked for */
};

struct mh_sts {
	struct mh_ctx *ctx;
	struct mh_arena given, arena; /* what was given; what was read */
	struct mh_strings strings;
	struct mh_buf json, text, policy_text;
	char domain[MH_NAME_MAX + 2];
	struct mh_str records[RECORDS_MAX], hosts[MH_STS_NAMES_MAX];
	size_t record_count, host_count;
	bool has_records, has_policy; /* they were given, even if there are none */
	bool is_read, has_json;
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	struct list lists[LISTS];
	struct mh_report *report;
};

mh_sts *
mh_sts_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_sts *sts = mh_mem_zalloc(&ctx->mem, sizeof(*sts));
	if (sts == NULL)
		return NULL;
	sts->ctx = mh_ctx_ref(ctx);
	mh_arena_init(&sts->given, &ctx->mem, KEEP_MAX);
	mh_arena_init(&sts->arena, &ctx->mem, KEEP_MAX);
	mh_strings_init(&sts->strings, &ctx->mem);
	mh_buf_init(&sts->json, &ctx->mem, JSON_MAX);
	mh_buf_init(&sts->text, &ctx->mem, 8 * ITEM_MAX);
	mh_buf_init(&sts->policy_text, &ctx->mem, MH_STS_POLICY_MAX + 1);
	return sts;
}

/* change - what was read is gone */
static void
change(struct mh_sts *sts)
{
	sts->is_read = sts->has_json = false;
	mh_strings_reset(&sts->strings);
}

void
mh_sts_free(mh_sts *sts)
{
	if (sts == NULL)
		return;
	struct mh_ctx *ctx = sts->ctx;
	mh_arena_free(&sts->given);
	mh_arena_free(&sts->arena);
	mh_strings_free(&sts->strings);
	mh_buf_free(&sts->json);
	mh_buf_free(&sts->text);
	mh_buf_free(&sts->policy_text);
	if (sts->report != NULL)
		mh_report_unref(sts->report);
	mh_mem_free(&ctx->mem, sts, sizeof(*sts));
	mh_ctx_free(ctx);
}

void
mh_sts_reset(mh_sts *sts)
{
	if (sts == NULL)
		return;
	change(sts);
	mh_arena_reset(&sts->given);
	mh_buf_reset(&sts->policy_text);
	sts->domain[0] = '\0';
	sts->record_count = sts->host_count = 0;
	sts->has_records = sts->has_policy = false;
}

/* ------------------------------------------------------------------- giving */

/* keep - a copy of a text, of which max octets and one more are kept; MH_ENOMEM leaves all as it was */
static int
keep(struct mh_sts *sts, const void *text, size_t len, size_t max, struct mh_str *out)
{
	size_t kept = len <= max ? len : max + 1;
	char *copy = mh_arena_alloc(&sts->given, kept + 1);
	if (copy == NULL)
		return MH_ENOMEM;
	if (kept > 0)
		memcpy(copy, text, kept);
	*out = mh_str_n(copy, kept);
	change(sts);
	return MH_OK;
}

int
mh_sts_set_str(mh_sts *sts, int option, const char *value)
{
	if (sts == NULL || value == NULL || option != MH_OPT_DOMAIN)
		return MH_EINVAL;
	if (value[0] != '\0' && !mh_name_valid(mh_str_z(value)))
		return MH_EINVAL;
	memcpy(sts->domain, value, strlen(value) + 1); /* it fits: it is a name */
	change(sts);
	return MH_OK;
}

int
mh_sts_add_record(mh_sts *sts, const void *text, size_t len)
{
	if (sts == NULL || (text == NULL && len > 0))
		return MH_EINVAL;
	int error = MH_OK;
	if (text != NULL) {
		if (sts->record_count == RECORDS_MAX)
			return MH_ESTATE;
		error = keep(sts, text, len, MH_STS_RECORD_MAX, &sts->records[sts->record_count]);
		sts->record_count += error == MH_OK;
	}
	if (error == MH_OK) {
		sts->has_records = true;
		change(sts);
	}
	return error;
}

int
mh_sts_set_policy(mh_sts *sts, const void *text, size_t len)
{
	if (sts == NULL || (text == NULL && len > 0))
		return MH_EINVAL;
	mh_buf_reset(&sts->policy_text);
	mh_buf_put(&sts->policy_text, text, len <= MH_STS_POLICY_MAX ? len : MH_STS_POLICY_MAX + 1);
	sts->has_policy = !sts->policy_text.bad;
	change(sts);
	return sts->has_policy ? MH_OK : MH_ENOMEM;
}

int
mh_sts_add_mx(mh_sts *sts, const char *name)
{
	if (sts == NULL || name == NULL)
		return MH_EINVAL;
	if (strcmp(name, ".") != 0 && !mh_name_valid(mh_str_z(name)))
		return MH_EINVAL;
	if (sts->host_count == MH_STS_NAMES_MAX)
		return MH_ESTATE;
	int error = keep(sts, name, strlen(name), MH_NAME_MAX + 1, &sts->hosts[sts->host_count]);
	sts->host_count += error == MH_OK;
	return error;
}

/* ------------------------------------------------------------------ reading */

static bool
set_list(struct mh_sts *sts, int list, const struct mh_sts_field *fields, size_t count)
{
	size_t size = 2 * count * sizeof(const char *);
	struct list *out = &sts->lists[list - 1];
	*out =
	    (struct list){ .fields = fields, .count = count, .strings = mh_arena_alloc(&sts->arena, size) };
	if (out->strings != NULL && size > 0)
		memset(out->strings, 0, size);
	return out->strings != NULL;
}

/* read_all - the texts into sts->record, policy and report */
static bool
read_all(struct mh_sts *sts)
{
	struct mh_sts_notes notes = { sts->report, mh_str_z(sts->domain) };
	struct mh_str policy_text = { mh_buf_z(&sts->policy_text), sts->policy_text.len };
	int error = MH_ERR_OK;
	if (sts->has_records)
		error =
		    mh_sts_record_read(&sts->arena, sts->records, sts->record_count, &notes, &sts->record);
	if (error == MH_ERR_OK && sts->has_policy)
		error = mh_sts_policy_read(&sts->arena, policy_text, &notes, &sts->policy);
	if (error == MH_ERR_OK && sts->has_policy)
		error = mh_sts_lint(&sts->arena, &sts->policy, sts->hosts, sts->host_count, &notes);
	return error == MH_ERR_OK && mh_report_finish(sts->report) == MH_ERR_OK &&
	    set_list(sts, MH_STS_MX, sts->policy.mx, sts->policy.mx_count) &&
	    set_list(sts, MH_STS_RECORD_FIELD, sts->record.extensions, sts->record.extension_count) &&
	    set_list(sts, MH_STS_POLICY_FIELD, sts->policy.extensions, sts->policy.extension_count);
}

/* look - what was given is read; false without memory */
static bool
look(struct mh_sts *sts)
{
	if (sts->is_read)
		return true;
	mh_arena_reset(&sts->arena);
	if (sts->report != NULL)
		mh_report_unref(sts->report);
	sts->record = (struct mh_sts_record){ .count = 0 };
	sts->policy = (struct mh_sts_policy){ .max_age = -1 };
	memset(sts->lists, 0, sizeof(sts->lists));
	sts->report = mh_report_make(&sts->ctx->mem);
	sts->is_read = sts->report != NULL && read_all(sts);
	return sts->is_read;
}

const char *
mh_sts_str(mh_sts *sts, int field)
{
	if (sts == NULL || !look(sts))
		return "";
	switch (field) {
	case MH_STS_ID:
		return mh_strings_keep(&sts->strings, field, sts->record.id);
	case MH_STS_MODE:
		return mh_sts_mode_name((int)sts->policy.mode);
	case MH_STS_RECORD:
		return mh_strings_keep(&sts->strings, field, sts->record.text);
	case MH_STS_DOMAIN:
		return mh_strings_keep(&sts->strings, field, mh_str_z(sts->domain));
	default:
		return "";
	}
}

int64_t
mh_sts_int(mh_sts *sts, int field)
{
	if (sts == NULL || !look(sts))
		return MH_UNKNOWN;
	switch (field) {
	case MH_STS_RECORD_VALID:
		return sts->has_records ? sts->record.is_valid : MH_UNKNOWN;
	case MH_STS_POLICY_VALID:
		return sts->has_policy ? sts->policy.is_valid : MH_UNKNOWN;
	case MH_STS_MAX_AGE:
		return sts->policy.max_age;
	case MH_STS_RECORD_COUNT:
		return sts->has_records ? (int64_t)sts->record.count : MH_UNKNOWN;
	default:
		return MH_UNKNOWN;
	}
}

/* find_list - NULL if there is none of that number, or no memory */
static struct list *
find_list(struct mh_sts *sts, int list)
{
	return sts != NULL && list >= 1 && list <= LISTS && look(sts) ? &sts->lists[list - 1] : NULL;
}

size_t
mh_sts_count(mh_sts *sts, int list)
{
	const struct list *found = find_list(sts, list);
	return found != NULL ? found->count : 0;
}

const char *
mh_sts_item_str(mh_sts *sts, int list, size_t i, int field)
{
	struct list *found = find_list(sts, list);
	if (found == NULL || i >= found->count || (field != MH_STS_NAME && field != MH_STS_VALUE))
		return "";
	const char **string = &found->strings[2 * i + (field == MH_STS_VALUE)];
	if (*string != NULL)
		return *string;
	mh_buf_reset(&sts->text);
	mh_printable(&sts->text, field == MH_STS_NAME ? found->fields[i].name : found->fields[i].value,
	    ITEM_MAX);
	char *copy = sts->text.bad ? NULL : mh_arena_alloc(&sts->arena, sts->text.len + 1);
	if (copy == NULL)
		return "";
	memcpy(copy, mh_buf_z(&sts->text), sts->text.len + 1);
	*string = copy;
	return copy;
}

int
mh_sts_matches(mh_sts *sts, const char *name)
{
	if (sts == NULL || name == NULL)
		return MH_EINVAL;
	if (!sts->has_policy)
		return MH_ESTATE;
	if (!look(sts))
		return MH_ENOMEM;
	struct mh_arena arena;
	mh_arena_init(&arena, &sts->ctx->mem, 0);
	struct mh_str alabel = mh_alabel_name(&arena, mh_str_z(name));
	int result = alabel.p == NULL ? MH_ENOMEM : mh_sts_lists(&sts->policy, alabel);
	mh_arena_free(&arena);
	return result;
}

mh_report *
mh_sts_report(mh_sts *sts)
{
	return sts != NULL && look(sts) ? mh_report_ref(sts->report) : NULL;
}

/* --------------------------------------------------------------------- JSON */

static void
write_list(struct mh_json *json, const char *key, const struct list *list, bool is_mx)
{
	mh_json_key(json, key);
	mh_json_open(json, '[');
	for (size_t i = 0; i < list->count; i++) {
		if (is_mx) {
			mh_json_str(json, list->fields[i].value);
			continue;
		}
		mh_json_open(json, '[');
		mh_json_str(json, list->fields[i].name);
		mh_json_str(json, list->fields[i].value);
		mh_json_close(json, ']');
	}
	mh_json_close(json, ']');
}

static void
write_record(struct mh_json *json, const struct mh_sts *sts)
{
	mh_json_key(json, "record");
	if (!sts->has_records) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_key(json, "valid");
	mh_json_bool(json, sts->record.is_valid);
	mh_json_key(json, "count");
	mh_json_int(json, sts->record.count);
	mh_json_key(json, "text");
	mh_json_str(json, sts->record.text);
	mh_json_key(json, "id");
	mh_json_str(json, sts->record.id);
	write_list(json, "fields", &sts->lists[MH_STS_RECORD_FIELD - 1], false);
	mh_json_close(json, '}');
}

static void
write_policy(struct mh_json *json, const struct mh_sts *sts)
{
	mh_json_key(json, "policy");
	if (!sts->has_policy) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_key(json, "valid");
	mh_json_bool(json, sts->policy.is_valid);
	mh_json_key(json, "mode");
	mh_json_strz(json, mh_sts_mode_name((int)sts->policy.mode));
	mh_json_key(json, "max_age");
	mh_json_int_or_null(json, sts->policy.max_age);
	write_list(json, "mx", &sts->lists[MH_STS_MX - 1], true);
	write_list(json, "fields", &sts->lists[MH_STS_POLICY_FIELD - 1], false);
	mh_json_close(json, '}');
}

/* write_hosts - each MX host: whether it is listed, and what a sender whose TLS to it is good reports (RFC 8460 4.3);
 * false without memory */
static bool
write_hosts(struct mh_json *json, struct mh_sts *sts)
{
	bool is_refused;
	mh_json_key(json, "hosts");
	mh_json_open(json, '[');
	for (size_t i = 0; i < sts->host_count; i++) {
		struct mh_str name = mh_alabel_name(&sts->arena, sts->hosts[i]);
		if (name.p == NULL)
			return false;
		if (!mh_name_valid(name))
			continue; /* "." is no host, and nothing is sent to it (RFC 7505 3) */
		mh_json_open(json, '{');
		mh_json_key(json, "name");
		mh_json_str(json, sts->hosts[i]);
		mh_json_key(json, "listed");
		if (!sts->has_policy)
			mh_json_null(json);
		else
			mh_json_bool(json, mh_sts_lists(&sts->policy, name));
		mh_json_key(json, "rfc8460");
		enum mh_sts_result result = MH_STS_SUCCESS;
		if (sts->has_policy)
			result = mh_sts_apply(&sts->policy, name, MH_STS_SUCCESS, &is_refused);
		mh_json_strz(json, mh_sts_result_name((int)result));
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	return true;
}

const char *
mh_sts_json(mh_sts *sts)
{
	struct mh_json json;
	if (sts == NULL || !look(sts))
		return "";
	if (sts->has_json)
		return mh_buf_z(&sts->json);
	mh_buf_reset(&sts->json);
	mh_json_init(&json, &sts->json);
	mh_json_open(&json, '{');
	mh_json_key(&json, "schema");
	mh_json_int(&json, 1);
	mh_json_key(&json, "kind");
	mh_json_strz(&json, "mta-sts");
	mh_json_key(&json, "subject");
	mh_json_strz(&json, sts->domain);
	mh_json_key(&json, "health");
	mh_json_strz(&json, mh_report_health(sts->report, ""));
	write_record(&json, sts);
	write_policy(&json, sts);
	bool good = write_hosts(&json, sts);
	mh_json_key(&json, "findings");
	mh_json_raw(&json, mh_report_text(sts->report));
	mh_json_close(&json, '}');
	sts->has_json = good && !sts->json.bad;
	return sts->has_json ? mh_buf_z(&sts->json) : "";
}
