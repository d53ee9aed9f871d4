/* stamps.c - the exported functions about what receivers wrote into header fields */
#include "handles.h"

#include "spf_eval.h"

#define KEEP_MAX 16384
#define VALUE_MAX 65536 /* octets of a header field that are read */

struct mh_stamp {
	struct mh_ctx *ctx;
	struct mh_arena arena;
	struct mh_strings strings;
	struct mh_spf_stamp read;
};

mh_stamp *
mh_stamp_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_stamp *stamp = mh_mem_zalloc(&ctx->mem, sizeof(*stamp));
	if (stamp == NULL)
		return NULL;
	stamp->ctx = mh_ctx_ref(ctx);
	mh_arena_init(&stamp->arena, &ctx->mem, KEEP_MAX);
	mh_strings_init(&stamp->strings, &ctx->mem);
	return stamp;
}

void
mh_stamp_free(mh_stamp *stamp)
{
	if (stamp == NULL)
		return;
	struct mh_ctx *ctx = stamp->ctx;
	mh_arena_free(&stamp->arena);
	mh_strings_free(&stamp->strings);
	mh_mem_free(&ctx->mem, stamp, sizeof(*stamp));
	mh_ctx_free(ctx);
}

/* without_name - the field's value; *is_received and *is_authres say what its name says, if it has one */
static struct mh_str
without_name(struct mh_str text, bool *is_received, bool *is_authres)
{
	static const struct mh_str received = MH_STR_INIT("Received-SPF:"),
				   authres = MH_STR_INIT("Authentication-Results:");
	*is_received = mh_str_istarts(text, received);
	*is_authres = mh_str_istarts(text, authres);
	size_t skip = *is_received ? received.len : *is_authres ? authres.len : 0;
	return mh_str_trim(mh_str_n(text.p + skip, text.len - skip));
}

int
mh_stamp_parse(mh_stamp *stamp, const void *text, size_t len)
{
	bool is_received, is_authres, found;
	if (stamp == NULL || (text == NULL && len > 0))
		return MH_EINVAL;
	mh_arena_reset(&stamp->arena);
	mh_strings_reset(&stamp->strings);
	stamp->read = (struct mh_spf_stamp){ .result = MH_SPF_NO_RESULT };
	size_t kept = len < VALUE_MAX ? len : VALUE_MAX;
	char *copy = mh_arena_alloc(&stamp->arena, kept + 1);
	if (copy == NULL)
		return MH_ENOMEM;
	if (kept > 0)
		memcpy(copy, text, kept);
	struct mh_str value = without_name(mh_str_trim(mh_str_n(copy, kept)), &is_received, &is_authres);
	found = !is_authres && mh_spf_read_received(&stamp->arena, value, &stamp->read);
	if (!found && !is_received) {
		stamp->read = (struct mh_spf_stamp){ .result = MH_SPF_NO_RESULT };
		found = mh_spf_read_authres(&stamp->arena, value, &stamp->read);
	}
	if (found)
		return MH_OK;
	stamp->read = (struct mh_spf_stamp){ .result = MH_SPF_NO_RESULT };
	return MH_ENOENT;
}

const char *
mh_stamp_str(mh_stamp *stamp, int field)
{
	if (stamp == NULL)
		return "";
	const struct mh_spf_stamp *read = &stamp->read;
	const struct mh_str *const fields[] = {
		[MH_STAMP_COMMENT] = &read->comment,
		[MH_STAMP_CLIENT_IP] = &read->client_ip,
		[MH_STAMP_ENVELOPE_FROM] = &read->envelope_from,
		[MH_STAMP_HELO] = &read->helo,
		[MH_STAMP_RECEIVER] = &read->receiver,
		[MH_STAMP_IDENTITY] = &read->identity,
		[MH_STAMP_MECHANISM] = &read->mechanism,
		[MH_STAMP_PROBLEM] = &read->problem,
		[MH_STAMP_REASON] = &read->reason,
		[MH_STAMP_AUTHSERV_ID] = &read->authserv_id,
	};
	if (field == MH_STAMP_RESULT)
		return mh_spf_result_name(read->result);
	if (field < 0 || (size_t)field >= sizeof(fields) / sizeof(fields[0]) || fields[field] == NULL)
		return "";
	return mh_strings_keep(&stamp->strings, field, *fields[field]);
}
