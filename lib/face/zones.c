/* zones.c - the exported functions about zone files */
#include "handles.h"

#include "error.h"
#include "files.h"

#define FILE_MAX ((size_t)64 << 20)

mh_zone *
mh_zone_new(mh_ctx *ctx)
{
	if (ctx == NULL)
		return NULL;
	struct mh_zone *zone = mh_mem_zalloc(&ctx->mem, sizeof(*zone));
	if (zone == NULL)
		return NULL;
	zone->ctx = mh_ctx_ref(ctx);
	atomic_init(&zone->references, 1);
	zone->zones = mh_zonefile_make(&ctx->mem);
	zone->report = mh_report_make(&ctx->mem);
	if (zone->zones != NULL && zone->report != NULL)
		return zone;
	mh_zone_free(zone);
	return NULL;
}

struct mh_zone *
mh_zone_ref(struct mh_zone *zone)
{
	atomic_fetch_add_explicit(&zone->references, 1, memory_order_relaxed);
	return zone;
}

void
mh_zone_free(mh_zone *zone)
{
	if (zone == NULL || atomic_fetch_sub_explicit(&zone->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_ctx *ctx = zone->ctx;
	if (zone->zones != NULL)
		mh_zonefile_free(zone->zones);
	mh_report_unref(zone->report);
	mh_mem_free(&ctx->mem, zone, sizeof(*zone));
	mh_ctx_free(ctx);
}

int
mh_zone_add(mh_zone *zone, const char *name, const char *origin, const void *text, size_t len)
{
	if (zone == NULL || name == NULL || origin == NULL || (text == NULL && len > 0))
		return MH_EINVAL;
	if (zone->in_use)
		return MH_ESTATE;
	char canonical[MH_DNAME_TEXT_MAX];
	size_t origin_len = 0;
	if (origin[0] != '\0') {
		origin_len = mh_dname_canonical(mh_str_z(origin), canonical);
		if (origin_len == 0)
			return MH_EINVAL;
	}
	return mh_zonefile_read(zone->zones, mh_str_z(name), mh_str_n(canonical, origin_len),
	    mh_str_n(text, len), zone->report);
}

int
mh_zone_add_file(mh_zone *zone, const char *path, const char *origin)
{
	struct mh_buf text;
	if (zone == NULL || path == NULL || origin == NULL)
		return MH_EINVAL;
	mh_buf_init(&text, &zone->ctx->mem, FILE_MAX);
	int result = mh_file_read(path, &text);
	if (result == MH_OK)
		result = mh_zone_add(zone, path, origin, mh_buf_z(&text), text.len);
	mh_buf_free(&text);
	return result;
}

size_t
mh_zone_count(mh_zone *zone)
{
	return zone != NULL ? mh_zonefile_count(zone->zones) : 0;
}

const char *
mh_zone_name(mh_zone *zone, size_t i)
{
	return zone != NULL ? mh_zonefile_name(zone->zones, i).p : "";
}

int
mh_zone_is_for_mail(mh_zone *zone, size_t i)
{
	return zone != NULL && mh_zonefile_is_for_mail(zone->zones, i);
}

mh_report *
mh_zone_report(mh_zone *zone)
{
	struct mh_report *report = zone != NULL ? mh_report_copy(zone->report) : NULL;
	if (report == NULL || mh_report_finish(report) == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}

int
mh_zone_answer(mh_zone *zone, mh_job *job, int is_overlay)
{
	if (zone == NULL || job == NULL)
		return MH_EINVAL;
	if (job->loop != NULL || job->work.is_done)
		return MH_ESTATE;
	struct mh_source source = mh_zonefile_source(zone->zones, is_overlay == 0);
	zone->in_use = true;
	return mh_work_answer_from(&job->work, &source);
}
