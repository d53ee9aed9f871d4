/* replies.c - the exported functions about replies */
#include "handles.h"

#include "error.h"

/* The numbers of mailhealth.h are those of reply.h; nothing is translated between them. */
_Static_assert(MH_REPLY_STATUS == (int)MH_A_STATUS && MH_REPLY_FORM == (int)MH_A_FORM &&
	MH_REPLY_DRAFT == (int)MH_A_DRAFT && MH_REPLY_CODE == (int)MH_A_CODE &&
	MH_REPLY_LENGTH == (int)MH_A_LENGTH && MH_LIST_LINE == (int)MH_L_LINE &&
	MH_LIST_LIMIT == (int)MH_L_LIMIT && MH_LIST_ID == (int)MH_L_ID && MH_ITEM_ID == (int)MH_I_ID &&
	MH_ITEM_WHAT == (int)MH_I_WHAT && MH_ITEM_SPAN_END == (int)MH_I_SPAN_END &&
	MH_FORM_FRAGMENT == (int)MH_FORM_FRAGMENT_ && MH_REPLY_MAX_OCTETS == MH_ANSWER_MAX_OCTETS &&
	MH_REPLY_MAX_LINES == MH_SCAN_LINES,
    "the face and what it shows have come apart");
_Static_assert(MH_ENOMEM == MH_ERR_ENOMEM && MH_ERULES == MH_ERR_ERULES && MH_ENOENT == MH_ERR_ENOENT,
    "errors have come apart");

#define LAST_TIME 253402300799 /* the end of the year 9999 */

mh_reply *
mh_reply_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_reply *reply = mh_mem_zalloc(&ctx->mem, sizeof(*reply));
	if (reply == NULL)
		return NULL;
	reply->answer = mh_answer_make(&ctx->mem);
	if (reply->answer == NULL) {
		mh_mem_free(&ctx->mem, reply, sizeof(*reply));
		return NULL;
	}
	reply->ctx = mh_ctx_ref(ctx);
	return reply;
}

void
mh_reply_free(mh_reply *reply)
{
	if (reply == NULL)
		return;
	struct mh_ctx *ctx = reply->ctx;
	mh_answer_free(reply->answer);
	mh_mem_free(&ctx->mem, reply, sizeof(*reply));
	mh_ctx_free(ctx);
}

int
mh_reply_set_int(mh_reply *reply, int option, int64_t value)
{
	if (reply == NULL)
		return MH_EINVAL;
	struct mh_answer_options *options = mh_answer_options(reply->answer);
	switch (option) {
	case MH_OPT_FORM:
		if (value < MH_FORM_AUTO || value > MH_FORM_FRAGMENT)
			return MH_EINVAL;
		options->form = (int)value;
		return MH_OK;
	case MH_OPT_CODE:
		if (value != 0 && (value < 200 || value > 599))
			return MH_EINVAL;
		options->code = (int)value;
		return MH_OK;
	case MH_OPT_LINE_NUMBER:
		if (value < 0)
			return MH_EINVAL;
		options->line_number = value > 0 ? value : 1;
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

/* set_text - copies a value that fits; MH_EINVAL for one that does not, and then nothing is changed */
static int
set_text(char *out, size_t size, const char *value)
{
	char copy[256];
	if (size > sizeof(copy) || !mh_answer_option(copy, size, mh_str_z(value)))
		return MH_EINVAL;
	memcpy(out, copy, strlen(copy) + 1);
	return MH_OK;
}

int
mh_reply_set_str(mh_reply *reply, int option, const char *value)
{
	static const char *const phases[] = MH_PHASE_NAMES;
	if (reply == NULL || value == NULL)
		return MH_EINVAL;
	struct mh_answer_options *options = mh_answer_options(reply->answer);
	struct mh_status status = { 0, 0, 0 };
	size_t len = strlen(value);
	switch (option) {
	case MH_OPT_PHASE:
		for (int i = 0; i < MH_PHASE_COUNT; i++)
			if (strcmp(phases[i], value) == 0) {
				options->phase = i;
				return MH_OK;
			}
		return MH_EINVAL;
	case MH_OPT_PROVIDER:
		return set_text(options->provider, sizeof(options->provider), value);
	case MH_OPT_MX:
		return set_text(options->mx, sizeof(options->mx), value);
	case MH_OPT_STATUS:
		if (len > 0 && mh_status_read(value, value + len, &status) != len)
			return MH_EINVAL;
		options->status = status;
		return MH_OK;
	default:
		return MH_EINVAL;
	}
}

int
mh_clock_set(struct mh_logclock *clock, int option, int64_t value)
{
	if (option == MH_OPT_NOW && value >= 0 && value <= LAST_TIME) {
		clock->now = value;
		return MH_OK;
	}
	if (option == MH_OPT_UTC_OFFSET && value >= -86400 && value <= 86400) {
		clock->offset_s = (int32_t)value;
		return MH_OK;
	}
	return MH_EINVAL;
}

int
mh_reply_prepare(struct mh_reply *reply)
{
	unsigned generation = atomic_load_explicit(&reply->ctx->generation, memory_order_acquire);
	if (!reply->has_rules || generation != reply->generation) {
		struct mh_rulebook *book = mh_ctx_book(reply->ctx, &reply->generation);
		int result = mh_answer_use(reply->answer, book);
		mh_rulebook_unref(book);
		reply->has_rules = result == MH_OK;
		return result;
	}
	return MH_OK;
}

int
mh_reply_parse(mh_reply *reply, const void *text, size_t len)
{
	if (reply == NULL)
		return MH_EINVAL;
	if (text == NULL && len > 0) {
		mh_answer_forget(reply->answer);
		return MH_EINVAL;
	}
	int result = mh_reply_prepare(reply);
	return result == MH_OK ? mh_answer_parse(reply->answer, mh_str_n(text, len)) : result;
}

const char *
mh_reply_str(mh_reply *reply, int field)
{
	return reply != NULL ? mh_answer_str(reply->answer, field) : "";
}

int64_t
mh_reply_int(mh_reply *reply, int field)
{
	return reply != NULL ? mh_answer_int(reply->answer, field) : MH_UNKNOWN;
}

size_t
mh_reply_count(mh_reply *reply, int list)
{
	return reply != NULL ? mh_answer_count(reply->answer, list) : 0;
}

const char *
mh_reply_item_str(mh_reply *reply, int list, size_t i, int field)
{
	return reply != NULL ? mh_answer_item_str(reply->answer, list, i, field) : "";
}

int64_t
mh_reply_item_int(mh_reply *reply, int list, size_t i, int field)
{
	return reply != NULL ? mh_answer_item_int(reply->answer, list, i, field) : MH_UNKNOWN;
}

const char *
mh_reply_json(mh_reply *reply)
{
	return reply != NULL ? mh_answer_json(reply->answer) : "";
}

mh_report *
mh_reply_report(mh_reply *reply)
{
	return reply != NULL ? mh_answer_report(reply->answer) : NULL;
}
