/* job_domain.c - the checks "domain" and "host" behind a job: their options and the fields of their results
 *
 * What is looked at is in lib/checks/domain.h.
 */
#include "checks.h"
#include "handles.h"

#include "domain.h"
#include "error.h"
#include "receivers.h"

_Static_assert(MH_DOMAIN_SELECTORS_MAX == 32, "mailhealth.h says how many selectors there may be");

static void
init_domain(void *check, const struct mh_mem *mem)
{
	mh_domain_check_init(check, mem);
}

static void
init_host(void *check, const struct mh_mem *mem)
{
	struct mh_domain_check *host = check;
	mh_domain_check_init(host, mem);
	host->is_host = true;
}

static void
release(void *check)
{
	mh_domain_check_free(check);
}

static void
reset(void *check)
{
	(void)check; /* options stay, and there is nothing else */
}

/* lend - OpenSSL's context and the trust anchors, for what is fetched: the context's, which outlives the job */
static int
lend(void *check, struct mh_ctx *ctx)
{
	struct mh_domain_check *domain = check;
	int error = domain->fetches && !domain->is_host ? mh_ctx_prepare_tls(ctx) : MH_OK;
	if (error != MH_OK)
		return error;
	domain->tls.ossl = ctx->ossl;
	domain->tls.anchors = ctx->anchors;
	return MH_OK;
}

static int
start(void *check, struct mh_work *work)
{
	return mh_domain_check_start(check, work);
}

static void
run(void *check, struct mh_pass *pass)
{
	mh_domain_check_pass(check, pass);
}

static int64_t *
now(void *check)
{
	struct mh_domain_check *domain = check;
	return &domain->now;
}

/* ------------------------------------------------------------------ options */

static int
set_ip(struct mh_domain_check *domain, struct mh_str value)
{
	struct mh_ip ip = { .family = 0 };
	if (value.len > 0 && !mh_ip_parse(value, &ip))
		return MH_EINVAL;
	domain->ip = ip;
	return MH_OK;
}

/* set_receivers - names separated by spaces or commas; nothing is changed if one is unknown */
static int
set_receivers(struct mh_domain_check *domain, struct mh_str value)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	uint32_t profiles = 0;

	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		int i = mh_receiver_find(mh_cur_until(&cur, " ,\t"));
		if (i < 0)
			return MH_EINVAL;
		profiles |= UINT32_C(1) << i;
		mh_cur_skip(&cur, MH_STR(","));
	}
	domain->profiles = profiles;
	return MH_OK;
}

/* set_list_key - one or several keys, none of which is so short that it could be part of something else */
static int
set_list_key(struct mh_domain_check *domain, struct mh_str value)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);

	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		struct mh_str word = mh_cur_until(&cur, " ");
		const char *colon = memchr(word.p, ':', word.len);
		size_t len = colon != NULL ? word.len - (size_t)(colon - word.p) - 1 : word.len;
		if (len < MH_SECRET_MIN || len > 63)
			return MH_EINVAL;
	}
	return mh_option_text(&domain->keep, value, &domain->list_key);
}

/* is_selector - labels that DNS can be asked for below _domainkey (RFC 6376 3.1) */
static bool
is_selector(struct mh_str value)
{
	char canonical[MH_DNAME_TEXT_MAX];
	return value.len <= 200 && mh_dname_canonical(value, canonical) > 0 && mh_name_valid(value);
}

/* add_selector - one more; "" none any more */
static int
add_selector(struct mh_domain_check *domain, struct mh_str value)
{
	if (value.len == 0) {
		domain->selectors_count = 0;
		return MH_OK;
	}
	if (domain->selectors_count == MH_DOMAIN_SELECTORS_MAX || !is_selector(value))
		return MH_EINVAL;
	int result = mh_option_text(&domain->keep, value, &domain->selectors[domain->selectors_count]);
	if (result == MH_OK)
		domain->selectors_count++;
	return result;
}

static int
set_str(void *check, int option, struct mh_str value)
{
	struct mh_domain_check *domain = check;
	switch (option) {
	case MH_OPT_DOMAIN:
		return domain->is_host ? MH_EINVAL : mh_option_text(&domain->keep, value, &domain->given);
	case MH_OPT_HOST:
		return domain->is_host ? mh_option_text(&domain->keep, value, &domain->given) : MH_EINVAL;
	case MH_OPT_IP:
		return set_ip(domain, value);
	case MH_OPT_HELO:
		return mh_option_text(&domain->keep, value, &domain->helo);
	case MH_OPT_SELECTOR:
		return add_selector(domain, value);
	case MH_OPT_PRIVATE_KEY:
		return mh_option_text(&domain->keep, value, &domain->private_key);
	case MH_OPT_STS_ID_BEFORE:
		return mh_option_text(&domain->keep, value, &domain->sts_id_before);
	case MH_OPT_POLICY_BEFORE:
		return mh_option_text(&domain->keep, value, &domain->policy_before);
	case MH_OPT_LIST_KEY:
		return set_list_key(domain, value);
	case MH_OPT_RECEIVERS:
		return set_receivers(domain, value);
	case MH_OPT_RECEIVER:
		return mh_option_text(&domain->spf.keep, value, &domain->spf.question.receiver);
	default:
		return MH_EINVAL;
	}
}

static int
set_int(void *check, int option, int64_t value)
{
	struct mh_domain_check *domain = check;
	switch (option) {
	case MH_OPT_LISTS:
		return mh_option_bool(&domain->asks_lists, value);
	case MH_OPT_GUESS:
		domain->guesses_given = true;
		return mh_option_bool(&domain->guesses_selectors, value);
	case MH_OPT_FETCH:
		return mh_option_bool(&domain->fetches, value);
	case MH_OPT_HTTPS_PORT:
		return mh_option_limit(&domain->tls.https_port, value, 0, 65535);
	case MH_OPT_ALLOW_PRIVATE:
		return mh_option_bool(&domain->tls.allows_private, value);
	default:
		return MH_EINVAL;
	}
}

static const struct mh_check_option options[] = {
	{ .name = "domain", .option = MH_OPT_DOMAIN, .is_text = true },
	{ .name = "host", .option = MH_OPT_HOST, .is_text = true },
	{ .name = "ip", .option = MH_OPT_IP, .is_text = true },
	{ .name = "helo", .option = MH_OPT_HELO, .is_text = true },
	{ .name = "selector", .option = MH_OPT_SELECTOR, .is_text = true },
	{ .name = "receiver", .option = MH_OPT_RECEIVER, .is_text = true },
	{ .name = "receivers", .option = MH_OPT_RECEIVERS, .is_text = true },
	{ .name = "lists", .option = MH_OPT_LISTS },
	{ .name = "list-key", .option = MH_OPT_LIST_KEY, .is_text = true },
	{ .name = "guess", .option = MH_OPT_GUESS },
	{ .name = "fetch", .option = MH_OPT_FETCH },
	{ .name = "sts-id-before", .option = MH_OPT_STS_ID_BEFORE, .is_text = true },
	{ .name = "policy-before", .option = MH_OPT_POLICY_BEFORE, .is_text = true, .is_file = true },
	{ .name = "https-port", .option = MH_OPT_HTTPS_PORT },
	{ .name = "allow-private", .option = MH_OPT_ALLOW_PRIVATE },
	{ .name = NULL },
};

static struct mh_str
secrets(const void *check)
{
	const struct mh_domain_check *domain = check;
	return domain->list_key;
}

/* write_options - a private key is a secret, and stays out of recordings; keys of lists are masked in them */
static void
write_options(void *check, struct mh_buf *out, struct mh_buf *room)
{
	const struct mh_domain_check *domain = check;
	char ip[MH_IP_TEXT_MAX];

	mh_buf_reset(room);
	for (int i = 0; mh_receiver_id((size_t)i) != NULL; i++) {
		if ((domain->profiles >> i & 1) == 0)
			continue;
		mh_buf_puts(room, room->len > 0 ? " " : "");
		mh_buf_puts(room, mh_receiver_id((size_t)i));
	}
	mh_option_write_text(out, domain->is_host ? "host" : "domain", domain->given);
	if (domain->ip.family != 0)
		mh_option_write_text(out, "ip", mh_str_n(ip, mh_ip_print(&domain->ip, ip)));
	mh_option_write_text(out, "helo", domain->helo);
	for (unsigned i = 0; i < domain->selectors_count; i++)
		mh_option_write_text(out, "selector", domain->selectors[i]);
	mh_option_write_text(out, "receiver", domain->spf.question.receiver);
	mh_option_write_text(out, "receivers", mh_buf_str(room));
	mh_option_write_int(out, "lists", domain->asks_lists);
	mh_option_write_text(out, "list-key", domain->list_key);
	if (domain->guesses_given)
		mh_option_write_int(out, "guess", domain->guesses_selectors);
	mh_option_write_int(out, "fetch", domain->fetches);
	mh_option_write_text(out, "sts-id-before", domain->sts_id_before);
	mh_option_write_text(out, "policy-before", domain->policy_before);
	if (domain->tls.https_port > 0)
		mh_option_write_int(out, "https-port", domain->tls.https_port);
	if (domain->tls.allows_private)
		mh_option_write_int(out, "allow-private", 1);
}

/* ------------------------------------------------------------------ results */

static const char *
str(void *check, struct mh_job_out *out, int field)
{
	const struct mh_domain_check *domain = check;
	char ip[MH_IP_TEXT_MAX];
	switch (field) {
	case MH_JOB_DOMAIN:
		return mh_strings_keep(&out->strings, field,
		    domain->domain.len > 0 ? domain->domain : domain->given);
	case MH_JOB_IP:
		return mh_strings_keep(&out->strings, field,
		    domain->ip.family != 0 ? mh_str_n(ip, mh_ip_print(&domain->ip, ip)) : MH_STR(""));
	case MH_JOB_HELO:
		return mh_strings_keep(&out->strings, field, domain->helo);
	default:
		return "";
	}
}

static int64_t
number(void *check, struct mh_job_out *out, int field)
{
	(void)check;
	(void)out;
	(void)field;
	return MH_UNKNOWN;
}

static struct mh_report *
report(void *check, struct mh_job_out *out)
{
	struct mh_pass view;
	struct mh_domain_row *rows;
	mh_work_view(out->work, &view, &out->arena);
	struct mh_report *made = mh_domain_check_report(check, &view, &rows);
	out->found = rows;
	return made;
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
	const struct mh_domain_check *domain = check;
	char *room = mh_arena_alloc(&out->arena, MH_IP_TEXT_MAX);
	if (room != NULL)
		*subject = mh_domain_subject(domain, room);
	return room != NULL;
}

static bool
json(void *check, struct mh_job_out *out, struct mh_json *json)
{
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_domain_check_json(check, &view, out->report, out->found, json);
}

static bool
profiles(void *check, struct mh_job_out *out, struct mh_json *json)
{
	struct mh_pass view;
	mh_work_view(out->work, &view, &out->arena);
	return mh_receivers_json(check, &view, out->report, out->found, json);
}

#define OPS(called, initialises) \
	{ \
		.name = (called), .size = sizeof(struct mh_domain_check), .options = options, \
		.limit_ms = MH_DOMAIN_TIME_LIMIT_MS, .init = (initialises), .free = release, .reset = reset, \
		.lend = lend, .start = start, .pass = run, .now = now, .set_str = set_str, \
		.set_int = set_int, .write_options = write_options, .str = str, .number = number, \
		.report = report, .health = health, .subject = subject, .json = json, .profiles = profiles, \
		.secrets = secrets, \
	}

const struct mh_check_ops mh_domain_ops = OPS("domain", init_domain);
const struct mh_check_ops mh_host_ops = OPS("host", init_host);
