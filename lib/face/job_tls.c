/* job_tls.c - the check "tls" behind a job: its options and the fields of its results
 *
 * What it needs of the context (OpenSSL's library context, trust anchors) is lent
 * to it when it begins.
 */
#include "checks.h"
#include "handles.h"

#include "error.h"
#include "tls_report.h"

static void
init(void *check, const struct mh_mem *mem)
{
	mh_tls_check_init(check, mem);
}

static void
release(void *check)
{
	mh_tls_check_free(check);
}

static void
reset(void *check)
{
	(void)check; /* options stay, and there is nothing else */
}

/* lend - OpenSSL's context and the trust anchors, which are the context's and outlive the job */
static int
lend(void *check, struct mh_ctx *ctx)
{
	struct mh_tls_check *tls = check;
	int error = mh_ctx_prepare_tls(ctx);
	if (error != MH_OK)
		return error;
	tls->ossl = ctx->ossl;
	tls->anchors = ctx->anchors;
	return MH_OK;
}

static int
start(void *check, struct mh_work *work)
{
	return mh_tls_check_start(check, work);
}

static void
run(void *check, struct mh_pass *pass)
{
	mh_tls_check_pass(check, pass);
}

static int64_t *
now(void *check)
{
	struct mh_tls_check *tls = check;
	return &tls->now;
}

/* ------------------------------------------------------------------ options */

/* read_service - "smtp", "implicit:993"; false: there is no such mode or port */
static bool
read_service(struct mh_str word, struct mh_tls_service *service)
{
	struct mh_cur cur = mh_cur_of(word.p, word.len);
	service->mode = mh_tls_mode_find(mh_cur_until(&cur, ":"));
	service->port = 0;
	if (mh_cur_left(&cur) > 0) {
		mh_cur_u8(&cur);
		service->port = (int)mh_str_int(mh_cur_rest(&cur), 65535);
	}
	return service->mode >= 0 && service->port >= 0 && (service->port > 0 || word.p[word.len - 1] != ':');
}

/* set_modes - one service, or several separated by commas or spaces */
static int
set_modes(struct mh_tls_check *tls, struct mh_str value)
{
	struct mh_tls_service services[MH_TLS_SERVICES_MAX];
	unsigned count = 0;
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	while (mh_cur_left(&cur) > 0) {
		struct mh_str word = mh_cur_until(&cur, ", ");
		mh_cur_u8(&cur);
		if (word.len == 0)
			continue;
		if (count == MH_TLS_SERVICES_MAX || !read_service(word, &services[count++]))
			return MH_EINVAL;
	}
	if (count == 0)
		return MH_EINVAL;
	memcpy(tls->services, services, count * sizeof(*services));
	tls->services_count = count;
	return MH_OK;
}

/* add_tlsa - one record more, "3 1 1 0123..."; "" none any more */
static int
add_tlsa(struct mh_tls_check *tls, struct mh_str value)
{
	if (value.len == 0) {
		tls->tlsa_count = 0;
		return MH_OK;
	}
	if (tls->tlsa_count == MH_TLS_TLSA_MAX)
		return MH_EINVAL;
	int result = mh_option_text(&tls->keep, value, &tls->tlsa[tls->tlsa_count]);
	if (result == MH_OK)
		tls->tlsa_count++;
	return result;
}

static int
set_str(void *check, int option, struct mh_str value)
{
	struct mh_tls_check *tls = check;
	switch (option) {
	case MH_OPT_HOST:
		return mh_option_text(&tls->keep, value, &tls->host);
	case MH_OPT_NAME:
		return mh_option_text(&tls->keep, value, &tls->name);
	case MH_OPT_HELO:
		return mh_option_text(&tls->keep, value, &tls->helo);
	case MH_OPT_MODE:
		return set_modes(tls, value);
	case MH_OPT_TLSA:
		return add_tlsa(tls, value);
	case MH_OPT_CERTIFICATE:
		return mh_option_text(&tls->keep, value, &tls->certificate);
	case MH_OPT_DOMAIN:
		return mh_option_text(&tls->keep, value, &tls->domain);
	case MH_OPT_POLICY:
		return mh_option_text(&tls->keep, value, &tls->policy);
	default:
		return MH_EINVAL;
	}
}

static int
set_int(void *check, int option, int64_t value)
{
	struct mh_tls_check *tls = check;
	switch (option) {
	case MH_OPT_PORT:
		return mh_option_limit(&tls->port, value, 0, 65535);
	case MH_OPT_MAX_CONNECTIONS:
		return mh_option_limit(&tls->max_connections, value, 1, 1000);
	case MH_OPT_FULL:
		return mh_option_bool(&tls->is_full, value);
	case MH_OPT_INJECT:
		return mh_option_bool(&tls->injects, value);
	case MH_OPT_HTTPS_PORT:
		return mh_option_limit(&tls->https_port, value, 0, 65535);
	case MH_OPT_ALLOW_PRIVATE:
		return mh_option_bool(&tls->allows_private, value);
	case MH_OPT_RESUMES:
		return mh_option_limit(&tls->resumes, value, 0, 1000);
	case MH_OPT_RELAY:
		return mh_option_bool(&tls->tries_relay, value);
	case MH_OPT_LOOK_UP_NAMES:
		return mh_option_bool(&tls->looks_up_names, value);
	case MH_OPT_LOOK_UP_TLSA:
		return mh_option_bool(&tls->looks_up_tlsa, value);
	default:
		return MH_EINVAL;
	}
}

static const struct mh_check_option options[] = {
	{ .name = "host", .option = MH_OPT_HOST, .is_text = true },
	{ .name = "name", .option = MH_OPT_NAME, .is_text = true },
	{ .name = "helo", .option = MH_OPT_HELO, .is_text = true },
	{ .name = "mode", .option = MH_OPT_MODE, .is_text = true },
	{ .name = "tlsa", .option = MH_OPT_TLSA, .is_text = true },
	{ .name = "certificate", .option = MH_OPT_CERTIFICATE, .is_text = true, .is_file = true },
	{ .name = "domain", .option = MH_OPT_DOMAIN, .is_text = true },
	{ .name = "policy", .option = MH_OPT_POLICY, .is_text = true, .is_file = true },
	{ .name = "https-port", .option = MH_OPT_HTTPS_PORT },
	{ .name = "allow-private", .option = MH_OPT_ALLOW_PRIVATE },
	{ .name = "port", .option = MH_OPT_PORT },
	{ .name = "max-connections", .option = MH_OPT_MAX_CONNECTIONS },
	{ .name = "full", .option = MH_OPT_FULL },
	{ .name = "inject", .option = MH_OPT_INJECT },
	{ .name = "look-up-tlsa", .option = MH_OPT_LOOK_UP_TLSA },
	{ .name = "look-up-names", .option = MH_OPT_LOOK_UP_NAMES },
	{ .name = "relay", .option = MH_OPT_RELAY },
	{ .name = "resumes", .option = MH_OPT_RESUMES },
	{ .name = NULL },
};

static void
write_options(void *check, struct mh_buf *out, struct mh_buf *room)
{
	const struct mh_tls_check *tls = check;
	mh_buf_reset(room);
	for (unsigned i = 0; i < tls->services_count; i++) {
		mh_buf_puts(room, i > 0 ? "," : "");
		mh_buf_puts(room, mh_tls_mode_name(tls->services[i].mode));
		if (tls->services[i].port > 0) {
			mh_buf_putc(room, ':');
			mh_buf_putint(room, tls->services[i].port);
		}
	}
	mh_option_write_text(out, "host", tls->host);
	mh_option_write_text(out, "name", tls->name);
	mh_option_write_text(out, "helo", tls->helo);
	mh_option_write_text(out, "mode", mh_buf_str(room));
	for (unsigned i = 0; i < tls->tlsa_count; i++)
		mh_option_write_text(out, "tlsa", tls->tlsa[i]);
	mh_option_write_text(out, "certificate", tls->certificate);
	mh_option_write_text(out, "domain", tls->domain);
	mh_option_write_text(out, "policy", tls->policy);
	if (tls->https_port > 0)
		mh_option_write_int(out, "https-port", tls->https_port);
	if (tls->allows_private)
		mh_option_write_int(out, "allow-private", 1);
	mh_option_write_int(out, "port", tls->port);
	mh_option_write_int(out, "max-connections", tls->max_connections);
	mh_option_write_int(out, "full", tls->is_full);
	mh_option_write_int(out, "inject", tls->injects);
	mh_option_write_int(out, "look-up-tlsa", tls->looks_up_tlsa);
	mh_option_write_int(out, "look-up-names", tls->looks_up_names);
	if (tls->resumes > 0)
		mh_option_write_int(out, "resumes", tls->resumes);
	if (tls->tries_relay)
		mh_option_write_int(out, "relay", 1);
}

/* ------------------------------------------------------------------ results */

static const char *
str(void *check, struct mh_job_out *out, int field)
{
	const struct mh_tls_check *tls = check;
	switch (field) {
	case MH_JOB_DOMAIN:
		return mh_strings_keep(&out->strings, field, tls->host.len > 0 ? tls->host : tls->domain);
	case MH_JOB_HELO:
		return mh_strings_keep(&out->strings, field, tls->helo);
	default:
		return "";
	}
}

static int64_t
number(void *check, struct mh_job_out *out, int field)
{
	int64_t count = 0;
	(void)check;
	if (field != MH_JOB_CONNECTIONS)
		return MH_UNKNOWN;
	for (uint32_t i = 1; i <= out->work->asks_count; i++) {
		const struct mh_ask *ask = mh_work_ask(out->work, i);
		count += ask->type == MH_RR_STREAM && ask->fact != NULL && mh_fact_is_present(ask->fact);
	}
	return count;
}

static struct mh_report *
report(void *check, struct mh_job_out *out)
{
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_tls_check_report(check, &view);
}

static const char *
health(void *check, const struct mh_report *report)
{
	(void)check;
	return mh_report_health(report, "");
}

static bool
subject(void *check, struct mh_job_out *out, struct mh_str *subject)
{
	(void)out;
	*subject = mh_tls_check_subject(check);
	return true;
}

static bool
json(void *check, struct mh_job_out *out, struct mh_json *json)
{
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_tls_check_json(check, &view, out->report, json);
}

const struct mh_check_ops mh_tls_ops = {
	.name = "tls",
	.size = sizeof(struct mh_tls_check),
	.limit_ms = MH_TLS_TIME_LIMIT_MS,
	.lend = lend,
	.options = options,
	.init = init,
	.free = release,
	.reset = reset,
	.start = start,
	.pass = run,
	.now = now,
	.set_str = set_str,
	.set_int = set_int,
	.write_options = write_options,
	.str = str,
	.number = number,
	.report = report,
	.health = health,
	.subject = subject,
	.json = json,
};
