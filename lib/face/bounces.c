/* bounces.c - the exported functions about bounce messages */
#include "handles.h"

#include "bounce_answer.h"
#include "error.h"
#include "logline.h"

#define NOBODY SIZE_MAX

struct mh_bounce {
	struct mh_ctx *ctx;
	struct mh_reply *reply;
	int64_t line_number;
	struct mh_buf copy; /* of what was given: what is known of it are spans */
	struct mh_returned message;
	struct mh_bounce_place place; /* whom the reply is about */
	size_t answered; /* his number, or NOBODY */
	bool parsed;
	struct mh_strings strings, own; /* of the message; of the recipients */
	struct told *told; /* one for each recipient, in the arena of own; NULL until one is asked for */
};

/* What was told about a recipient, by field. */
struct told {
	const char *field[MH_BOUNCE_CAUSE + 1];
};

_Static_assert(MH_BOUNCE_MAX_RECIPIENTS == MH_RETURNED_RECIPIENTS,
    "what is kept of a message has come apart");

mh_bounce *
mh_bounce_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_bounce *bounce = mh_mem_zalloc(&ctx->mem, sizeof(*bounce));
	struct mh_reply *reply = mh_reply_new(ctx);
	if (bounce == NULL || reply == NULL) {
		if (bounce != NULL)
			mh_mem_free(&ctx->mem, bounce, sizeof(*bounce));
		mh_reply_free(reply);
		return NULL;
	}
	bounce->ctx = mh_ctx_ref(ctx);
	bounce->reply = reply;
	bounce->line_number = 1;
	mh_buf_init(&bounce->copy, &bounce->ctx->mem, SIZE_MAX / 2);
	mh_returned_init(&bounce->message, &bounce->ctx->mem);
	mh_strings_init(&bounce->strings, &bounce->ctx->mem);
	mh_strings_init(&bounce->own, &bounce->ctx->mem);
	return bounce;
}

void
mh_bounce_free(mh_bounce *bounce)
{
	if (bounce == NULL)
		return;
	struct mh_ctx *ctx = bounce->ctx;
	mh_returned_free(&bounce->message);
	mh_buf_free(&bounce->copy);
	mh_strings_free(&bounce->strings);
	mh_strings_free(&bounce->own);
	mh_reply_free(bounce->reply);
	mh_mem_free(&ctx->mem, bounce, sizeof(*bounce));
	mh_ctx_free(ctx);
}

int
mh_bounce_set_int(mh_bounce *bounce, int option, int64_t value)
{
	if (bounce == NULL || option != MH_OPT_LINE_NUMBER || value < 0 ||
	    value > INT64_MAX - MH_BOUNCE_MAX_RECIPIENTS) /* later recipients count on from it */
		return MH_EINVAL;
	bounce->line_number = value > 0 ? value : 1;
	return MH_OK;
}

int
mh_bounce_parse(mh_bounce *bounce, const void *message, size_t len)
{
	if (bounce == NULL)
		return MH_EINVAL;
	bounce->parsed = false;
	bounce->answered = NOBODY;
	bounce->told = NULL;
	mh_answer_forget(bounce->reply->answer);
	mh_strings_reset(&bounce->strings);
	mh_strings_reset(&bounce->own);
	if (message == NULL && len > 0)
		return MH_EINVAL;
	mh_buf_reset(&bounce->copy);
	mh_buf_put(&bounce->copy, message != NULL ? message : "", len);
	if (bounce->copy.bad)
		return MH_ENOMEM;
	int result = mh_returned_read(&bounce->message, mh_str_n(mh_buf_z(&bounce->copy), len));
	bounce->parsed = result == MH_OK;
	return result;
}

size_t
mh_bounce_count(mh_bounce *bounce)
{
	return bounce != NULL && bounce->parsed ? bounce->message.count : 0;
}

/* answer_about - recipient i, or i = 0 of none, understood; false past the end or without memory */
static bool
answer_about(mh_bounce *bounce, size_t i)
{
	if (bounce == NULL || !bounce->parsed || (i > 0 && i >= bounce->message.count))
		return false;
	if (bounce->answered == i)
		return true;
	bounce->answered = NOBODY;
	if (mh_reply_set_int(bounce->reply, MH_OPT_LINE_NUMBER, bounce->line_number + (int64_t)i) != MH_OK ||
	    mh_reply_prepare(bounce->reply) != MH_OK ||
	    mh_bounce_answer(&bounce->place, &bounce->message, i, bounce->reply->answer) != MH_OK)
		return false;
	bounce->answered = i;
	return true;
}

mh_reply *
mh_bounce_reply(mh_bounce *bounce, size_t i)
{
	return i < mh_bounce_count(bounce) && answer_about(bounce, i) ? bounce->reply : NULL;
}

const char *
mh_bounce_json(mh_bounce *bounce, size_t i)
{
	return answer_about(bounce, i) ? mh_reply_json(bounce->reply) : "";
}

/* message_text - fields that are the same for all recipients */
static struct mh_str
message_text(const struct mh_returned *message, int field)
{
	switch (field) {
	case MH_BOUNCE_REPORTING_MTA:
		return message->reporting_mta;
	case MH_BOUNCE_MESSAGE_ID:
		return message->message_id;
	case MH_BOUNCE_SUBJECT:
		return message->subject;
	case MH_BOUNCE_SENDER:
		return message->sender;
	case MH_BOUNCE_FEEDBACK_TYPE:
		return message->feedback_type;
	case MH_BOUNCE_FORM:
		return mh_str_z(message->form);
	default:
		return MH_STR("");
	}
}

static struct mh_str
recipient_text(const struct mh_bounced *one, int field)
{
	switch (field) {
	case MH_BOUNCE_ACTION:
		return one->action;
	case MH_BOUNCE_RECIPIENT:
		return one->recipient;
	case MH_BOUNCE_ORIG_RECIPIENT:
		return one->orig_recipient;
	case MH_BOUNCE_STATUS:
		return one->status;
	case MH_BOUNCE_REMOTE_MTA:
		return one->remote_mta;
	case MH_BOUNCE_DIAGNOSTIC_TYPE:
		return one->diagnostic_type;
	case MH_BOUNCE_TEXT:
		return one->text;
	case MH_BOUNCE_CAUSE:
		return mh_str_z(mh_bounce_cause(one));
	default:
		return MH_STR("");
	}
}

/* tell - a text of recipient i, which stays until the next message */
static const char *
tell(mh_bounce *bounce, size_t i, int field)
{
	size_t size = bounce->message.count * sizeof(*bounce->told);
	struct mh_str text = recipient_text(&bounce->message.recipients[i], field);
	if (text.len == 0)
		return "";
	if (bounce->told == NULL) {
		bounce->told = mh_arena_alloc(&bounce->own.arena, size);
		if (bounce->told == NULL)
			return "";
		memset(bounce->told, 0, size);
	}
	const char **kept = &bounce->told[i].field[field];
	if (*kept == NULL) {
		bounce->own.at[field] = NULL; /* another's */
		const char *told = mh_strings_keep(&bounce->own, field, text);
		if (told[0] == '\0')
			return "";
		*kept = told;
	}
	return *kept;
}

const char *
mh_bounce_str(mh_bounce *bounce, size_t i, int field)
{
	static const char *const classes[] = MH_BC_NAMES;
	size_t count = mh_bounce_count(bounce);
	if (bounce == NULL || !bounce->parsed)
		return "";
	struct mh_str text = message_text(&bounce->message, field);
	if (text.len > 0)
		return mh_strings_keep(&bounce->strings, field, text);
	if (field == MH_BOUNCE_CLASS)
		return classes[i < count ? bounce->message.recipients[i].class : bounce->message.class];
	return i < count ? tell(bounce, i, field) : "";
}

mh_report *
mh_bounce_report(mh_bounce *bounce)
{
	return bounce != NULL && bounce->parsed ? mh_returned_report(&bounce->message) : NULL;
}

size_t
mh_mbox_next(const void *box, size_t len, size_t from)
{
	if (box == NULL || from >= len)
		return len;
	/* Beneath, a file that is no mbox is one message, which begins where the file does. */
	if (len < 5 || memcmp(box, "From ", 5) != 0)
		return len;
	return mh_returned_next(mh_str_n(box, len), from);
}
