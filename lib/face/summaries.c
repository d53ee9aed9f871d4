/* summaries.c - the exported functions about whole logs, and telling what a text is */
#include "handles.h"

#include "bounce.h"
#include "digest.h"
#include "error.h"
#include "journal.h"
#include "logline.h"

_Static_assert(MH_SUMMARY_LINES == (int)MH_D_LINES && MH_SUMMARY_OCTETS == (int)MH_D_OCTETS &&
	MH_SUMMARY_REJECTED == (int)MH_D_REJECTED && MH_SUMMARY_GROUP == (int)MH_D_GROUP &&
	MH_SUMMARY_TLS == (int)MH_D_TLS && MH_SUM_PROVIDER == (int)MH_S_PROVIDER &&
	MH_SUM_RELAY == (int)MH_S_RELAY && MH_SUM_CAUSE == (int)MH_S_CAUSE &&
	MH_SUM_COUNT == (int)MH_S_COUNT && MH_SUM_FORWARDED == (int)MH_S_FORWARDED &&
	MH_SUM_PER_S == (int)MH_S_PER_S,
    "the face and what it shows have come apart");

struct mh_summary {
	struct mh_ctx *ctx;
	struct mh_digest *digest;
	struct mh_reply *reply; /* that shows the digest's answer; it has none of its own between calls */
};

mh_summary *
mh_summary_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	unsigned generation;
	struct mh_summary *summary = mh_mem_zalloc(&ctx->mem, sizeof(*summary));
	struct mh_rulebook *book = mh_ctx_book(ctx, &generation);
	struct mh_digest *digest = mh_digest_make(&ctx->mem, book);
	struct mh_reply *view = mh_mem_zalloc(&ctx->mem, sizeof(*view));
	mh_rulebook_unref(book);
	if (summary == NULL || digest == NULL || view == NULL) {
		mh_digest_free(digest);
		if (summary != NULL)
			mh_mem_free(&ctx->mem, summary, sizeof(*summary));
		if (view != NULL)
			mh_mem_free(&ctx->mem, view, sizeof(*view));
		return NULL;
	}
	view->ctx = ctx;
	*summary = (struct mh_summary){ mh_ctx_ref(ctx), digest, view };
	return summary;
}

void
mh_summary_free(mh_summary *summary)
{
	if (summary == NULL)
		return;
	struct mh_ctx *ctx = summary->ctx;
	mh_digest_free(summary->digest);
	mh_mem_free(&ctx->mem, summary->reply, sizeof(*summary->reply));
	mh_mem_free(&ctx->mem, summary, sizeof(*summary));
	mh_ctx_free(ctx);
}

int
mh_summary_set_int(mh_summary *summary, int option, int64_t value)
{
	if (summary == NULL)
		return MH_EINVAL;
	struct mh_digest_options *options = mh_digest_options(summary->digest);
	if (options == NULL)
		return MH_ESTATE;
	if (option != MH_OPT_GROUPS)
		return mh_clock_set(&options->clock, option, value);
	if (value < 16 || value > 1000000)
		return MH_EINVAL;
	options->groups = (uint32_t)value;
	return MH_OK;
}

int
mh_summary_feed(mh_summary *summary, const void *octets, size_t len)
{
	if (summary == NULL || (octets == NULL && len > 0))
		return MH_EINVAL;
	return mh_digest_feed(summary->digest, mh_str_n(octets, len));
}

int
mh_summary_end(mh_summary *summary)
{
	return summary != NULL ? mh_digest_end(summary->digest) : MH_EINVAL;
}

int64_t
mh_summary_int(mh_summary *summary, int field)
{
	return summary != NULL ? mh_digest_int(summary->digest, field) : MH_UNKNOWN;
}

size_t
mh_summary_count(mh_summary *summary, int list)
{
	return summary != NULL ? mh_digest_count(summary->digest, list) : 0;
}

const char *
mh_summary_item_str(mh_summary *summary, int list, size_t i, int field)
{
	return summary != NULL ? mh_digest_item_str(summary->digest, list, i, field) : "";
}

int64_t
mh_summary_item_int(mh_summary *summary, int list, size_t i, int field)
{
	return summary != NULL ? mh_digest_item_int(summary->digest, list, i, field) : MH_UNKNOWN;
}

mh_reply *
mh_summary_reply(mh_summary *summary, int list, size_t i)
{
	if (summary == NULL)
		return NULL;
	summary->reply->answer = mh_digest_answer(summary->digest, list, i);
	return summary->reply->answer != NULL ? summary->reply : NULL;
}

const char *
mh_summary_json(mh_summary *summary)
{
	return summary != NULL ? mh_digest_json(summary->digest) : "";
}

/* looks_like_log - whether a line is one of a log, and no reply that quotes one */
static bool
looks_like_log(struct mh_str line)
{
	struct mh_logline read;
	if (mh_logline_read(line, &read))
		return read.stamp.len > 0 || read.queue_id.len > 0 || read.event == MH_EVENT_DELIVERY;
	struct mh_logtime time;
	return mh_logtime_read(line, &time) > 0;
}

const char *
mh_recognise(const void *text, size_t len)
{
	struct mh_str all = mh_str_n(text != NULL ? text : "", text != NULL ? len : 0);
	if (mh_journal_is(all) || (all.len > 2 && memcmp(all.p, "\x1f\x8b", 2) == 0))
		return "log"; /* journald's forms, and gzip, which logs come in */
	/* Only log lines begin with times; a "From " line has one too, but not at its start. */
	for (int i = 0; i < 20 && all.len > 0; i++) {
		const char *lf = memchr(all.p, '\n', all.len);
		size_t line = lf != NULL ? (size_t)(lf - all.p) : all.len;
		if (looks_like_log(mh_str_n(all.p, line < 4096 ? line : 4096)))
			return "log";
		if (i == 0 && mh_returned_is_message(all))
			return "bounce";
		all.p += line < all.len ? line + 1 : line;
		all.len -= line < all.len ? line + 1 : line;
	}
	return "reply";
}
