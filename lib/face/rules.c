/* rules.c - reply rules loaded at run time */
#include "files.h"
#include "handles.h"

#define RULES_FILE_MAX (8u * 1024 * 1024)

mh_rules *
mh_rules_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_rules *rules = mh_mem_zalloc(&ctx->mem, sizeof(*rules));
	if (rules == NULL)
		return NULL;
	rules->ctx = mh_ctx_ref(ctx);
	rules->tail = &rules->texts;
	return rules;
}

static void
free_text(const struct mh_mem *mem, struct mh_rule_text *text)
{
	mh_mem_free(mem, text, sizeof(*text) + text->text.len + strlen(text->name) + 2);
}

void
mh_rules_free(mh_rules *rules)
{
	if (rules == NULL)
		return;
	struct mh_ctx *ctx = rules->ctx;
	for (struct mh_rule_text *text = rules->texts, *next; text != NULL; text = next) {
		next = text->next;
		free_text(&ctx->mem, text);
	}
	mh_rulebook_unref(rules->book);
	mh_mem_free(&ctx->mem, rules, sizeof(*rules));
	mh_ctx_free(ctx);
}

/* make_text - a copy of name and octets in one block; NULL without memory */
static struct mh_rule_text *
make_text(const struct mh_mem *mem, int layer, const char *name, const void *p, size_t len)
{
	size_t name_len = strlen(name);
	struct mh_rule_text *text = mh_mem_alloc(mem, sizeof(*text) + len + name_len + 2);
	if (text == NULL)
		return NULL;
	char *octets = (char *)(text + 1), *copy = octets + len + 1;
	if (len > 0)
		memcpy(octets, p, len);
	octets[len] = '\0';
	memcpy(copy, name, name_len + 1);
	*text = (struct mh_rule_text){ NULL, layer, copy, mh_str_n(octets, len) };
	return text;
}

/* keep_error - the file's name outlives the text that it came with */
static void
keep_error(struct mh_rules *rules, const struct mh_rules_error *error, const char *name)
{
	const char *from =
	    error->place.file != NULL && error->place.file[0] != '\0' ? error->place.file : name;
	size_t len = strlen(from);
	if (len >= sizeof(rules->error_name))
		len = sizeof(rules->error_name) - 1;
	rules->error = *error;
	memcpy(rules->error_name, from, len);
	rules->error_name[len] = '\0';
	rules->error.place.file = rules->error_name;
}

static int
add_text(struct mh_rules *rules, struct mh_rule_text *text)
{
	struct mh_rules_error error = { .place = { "", 0, 0 } };
	struct mh_rule_text **before = rules->tail;
	int result;
	*before = text;
	struct mh_rulebook *book =
	    mh_rulebook_make(&rules->ctx->mem, &mh_builtin_rules, rules->texts, &result, &error);
	if (book != NULL) {
		mh_rulebook_unref(rules->book);
		rules->book = book;
		rules->tail = &text->next;
		rules->error.text[0] = rules->error_name[0] = '\0';
		rules->error.place = (struct mh_place){ rules->error_name, 0, 0 };
		return MH_OK;
	}
	*before = NULL;
	if (result == MH_ERULES)
		keep_error(rules, &error, text->name);
	free_text(&rules->ctx->mem, text);
	return result;
}

int
mh_rules_add(mh_rules *rules, int layer, const char *name, const void *text, size_t len)
{
	if (rules == NULL || name == NULL || (text == NULL && len > 0) || len > RULES_FILE_MAX ||
	    (layer != MH_LAYER_SITE && layer != MH_LAYER_USER))
		return MH_EINVAL;
	if (rules->in_use)
		return MH_EFROZEN;
	struct mh_rule_text *copy = make_text(&rules->ctx->mem, layer, name, text, len);
	return copy != NULL ? add_text(rules, copy) : MH_ENOMEM;
}

int
mh_rules_add_file(mh_rules *rules, int layer, const char *path)
{
	struct mh_buf text;
	if (rules == NULL || path == NULL || (layer != MH_LAYER_SITE && layer != MH_LAYER_USER))
		return MH_EINVAL;
	if (rules->in_use)
		return MH_EFROZEN;
	mh_buf_init(&text, &rules->ctx->mem, RULES_FILE_MAX);
	int result = mh_file_read(path, &text);
	if (result == MH_OK)
		result = mh_rules_add(rules, layer, path, mh_buf_z(&text), text.len);
	mh_buf_free(&text);
	return result;
}

/* print_version - 16 hexadecimal digits */
static void
print_version(uint64_t version, char out[17])
{
	for (int i = 0; i < 16; i++)
		out[i] = "0123456789abcdef"[version >> (60 - 4 * i) & 15];
	out[16] = '\0';
}

const char *
mh_rules_str(const mh_rules *rules, int field)
{
	if (rules == NULL)
		return "";
	switch (field) {
	case MH_RULES_ERROR:
		return rules->error.text;
	case MH_RULES_NAME:
		return rules->error_name;
	case MH_RULES_VERSION:
		/* the handle is the caller's alone, and this is its own room */
		print_version(rules->book != NULL ? rules->book->version : mh_builtin_rules.version,
		    ((struct mh_rules *)(uintptr_t)rules)->version);
		return rules->version;
	default:
		return "";
	}
}

int64_t
mh_rules_int(const mh_rules *rules, int field)
{
	int64_t count = 0;
	if (rules == NULL)
		return MH_UNKNOWN;
	switch (field) {
	case MH_RULES_LINE:
		return rules->error.text[0] != '\0' ? (int64_t)rules->error.place.line : MH_UNKNOWN;
	case MH_RULES_COLUMN:
		return rules->error.text[0] != '\0' ? (int64_t)rules->error.place.column : MH_UNKNOWN;
	case MH_RULES_COUNT:
		for (size_t i = 1; rules->book != NULL && i < rules->book->layers.count; i++)
			count += rules->book->layers.set[i]->rule_count;
		return count;
	case MH_RULES_BUILTIN:
		return mh_builtin_rules.rule_count;
	default:
		return MH_UNKNOWN;
	}
}
