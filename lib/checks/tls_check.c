/* tls_check.c - the check "tls": its question, addresses, TLSA records, and the pass over all endpoints
 *
 * RFC 7672 2.2 and 3.1, RFC 6698 3
 */
#include "tls_check.h"

#include "error.h"
#include "port.h"

static const struct {
	const char *name;
	int port;
} modes[MH_MODE_COUNT] = {
	[MH_MODE_SMTP] = { "smtp", 25 },
	[MH_MODE_SUBMISSION] = { "submission", 587 },
	[MH_MODE_LMTP] = { "lmtp", 24 },
	[MH_MODE_IMAP] = { "imap", 143 },
	[MH_MODE_POP3] = { "pop3", 110 },
	[MH_MODE_SIEVE] = { "sieve", 4190 },
	[MH_MODE_IMPLICIT] = { "implicit", 465 },
};

const char *
mh_tls_mode_name(int mode)
{
	return mode >= 0 && mode < MH_MODE_COUNT ? modes[mode].name : "";
}

int
mh_tls_mode_find(struct mh_str name)
{
	for (int i = 0; i < MH_MODE_COUNT; i++)
		if (mh_str_ieq(name, mh_str_z(modes[i].name)))
			return i;
	return -1;
}

void
mh_tls_check_init(struct mh_tls_check *check, const struct mh_mem *mem)
{
	*check = (struct mh_tls_check){ .mem = *mem,
		.host = MH_STR(""),
		.name = MH_STR(""),
		.helo = MH_STR("localhost"),
		.certificate = MH_STR(""),
		.domain = MH_STR(""),
		.policy = MH_STR(""),
		.max_connections = 9,
		.looks_up_tlsa = true,
		.now = -1 };
	mh_arena_init(&check->keep, &check->mem, 0);
}

void
mh_tls_check_free(struct mh_tls_check *check)
{
	mh_arena_free(&check->keep);
}

int
mh_tls_check_port(const struct mh_tls_check *check)
{
	return check->port > 0 ? check->port : modes[check->mode].port;
}

static bool
is_unix(struct mh_str host)
{
	return mh_str_istarts(host, MH_STR("unix:/"));
}

struct mh_str
mh_tls_check_name(const struct mh_tls_check *check)
{
	struct mh_ip ip;
	struct mh_str name = check->name.len > 0 ? check->name : check->host;
	if (is_unix(name) || mh_ip_parse(name, &ip))
		return MH_STR("");
	return name.len > 1 && name.p[name.len - 1] == '.' ? mh_str_n(name.p, name.len - 1) : name;
}

bool
mh_tls_check_is_demanding(const struct mh_tls_check *check)
{
	return check->mode != MH_MODE_SMTP && check->mode != MH_MODE_LMTP;
}

int
mh_tls_check_start(struct mh_tls_check *check, struct mh_work *work)
{
	struct mh_ip ip;
	struct mh_str name = mh_tls_check_name(check);
	if (check->host.len == 0 ||
	    (!is_unix(check->host) && !mh_ip_parse(check->host, &ip) && !mh_name_valid(check->host)))
		return MH_ERR_EINVAL;
	if (name.len > 0 && !mh_name_valid(name))
		return MH_ERR_EINVAL;
	if (check->domain.len > 0 && !mh_name_valid(check->domain))
		return MH_ERR_EINVAL;
	if (work->parts == 0 && mh_work_add_part(work) < 0)
		return MH_ERR_ENOMEM;
	return MH_ERR_OK;
}

/* ----------------------------------------------------------------- addresses */

/* add_addresses - of one family; false: wait */
static bool
add_addresses(struct mh_pass *pass, struct mh_str name, int type, struct mh_ip *ips, int *count, int *why)
{
	const struct mh_fact *fact = mh_want(pass, name, type);
	if (fact == NULL)
		return false;
	if (fact->state == MH_FACT_UNKNOWN)
		*why = fact->why;
	for (size_t i = 0; i < fact->count && *count < MH_TLS_ENDS_MAX; i++)
		if (mh_rr_ip(fact, i, &ips[*count]))
			(*count)++;
	return true;
}

int
mh_tls_addresses(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_ip *ips, int *why)
{
	char name[MH_DNAME_TEXT_MAX];
	int count = 0;
	*why = MH_WHY_NONE;
	if (is_unix(check->host)) {
		ips[0] = (struct mh_ip){ .family = 0 };
		return 1;
	}
	if (mh_ip_parse(check->host, &ips[0]))
		return 1;
	struct mh_str canonical = mh_str_n(name, mh_dname_canonical(check->host, name));
	bool has_a = add_addresses(pass, canonical, MH_RR_A, ips, &count, why);
	bool has_aaaa = add_addresses(pass, canonical, MH_RR_AAAA, ips, &count, why);
	return has_a && has_aaaa ? count : -1;
}

/* --------------------------------------------------------------------- TLSA */

static bool
given_tlsa(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_tlsa *tlsa)
{
	tlsa->is_given = true;
	tlsa->state = MH_FACT_PRESENT;
	tlsa->secure = MH_SECURE_YES;
	for (unsigned i = 0; i < check->tlsa_count; i++) {
		tlsa->is_bad[i] = !mh_tlsa_parse(check->tlsa[i], pass->arena, &tlsa->records[i]);
		tlsa->count++;
	}
	return true;
}

bool
mh_tls_read_tlsa(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_tlsa *tlsa)
{
	char name[MH_DNAME_TEXT_MAX];
	struct mh_buf text;
	struct mh_str host = mh_tls_check_name(check);

	*tlsa = (struct mh_tls_tlsa){ .base = MH_STR(""), .state = MH_FACT_NODATA };
	if (check->tlsa_count > 0)
		return given_tlsa(check, pass, tlsa);
	if (host.len == 0 || !check->looks_up_tlsa || is_unix(check->host))
		return true;
	mh_buf_init(&text, &pass->work->mem, 512);
	mh_buf_putc(&text, '_');
	mh_buf_putint(&text, mh_tls_check_port(check));
	mh_buf_puts(&text, "._tcp.");
	mh_buf_putstr(&text, host);
	size_t len = text.bad ? 0 : mh_dname_canonical(mh_str_n(text.p, text.len), name);
	mh_buf_free(&text);
	char *base = mh_arena_alloc(pass->arena, len + 1);
	if (base == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	memcpy(base, name, len);
	base[len] = '\0';
	tlsa->base = mh_str_n(base, len);
	if (len == 0)
		return true;
	const struct mh_fact *fact = mh_want(pass, tlsa->base, MH_RR_TLSA);
	if (fact == NULL)
		return false;
	tlsa->state = fact->state;
	tlsa->why = fact->why;
	tlsa->secure = fact->secure;
	for (size_t i = 0; i < fact->count && tlsa->count < MH_TLS_TLSA_MAX; i++) {
		tlsa->is_bad[tlsa->count] =
		    !mh_tlsa_read(mh_str_n((const char *)fact->rr[i].p, fact->rr[i].len),
			&tlsa->records[tlsa->count]);
		tlsa->count++;
	}
	return true;
}

/* ---------------------------------------------------------------- endpoints */

static void
begin_end(struct mh_tls_check *check, struct mh_pass *pass, const struct mh_ip *ip, struct mh_tls_end *end)
{
	*end = (struct mh_tls_end){ .check = check, .pass = pass, .ip = *ip };
	end->port = mh_tls_check_port(check);
	end->limit_ms = pass->work->limit_ms > 0 ? pass->work->limit_ms : MH_TLS_TIME_LIMIT_MS;
	end->stop_text = MH_STR("");
}

void
mh_tls_check_pass(struct mh_tls_check *check, struct mh_pass *pass)
{
	struct mh_ip ips[MH_TLS_ENDS_MAX];
	struct mh_tls_tlsa *tlsa = mh_arena_alloc(pass->arena, sizeof(*tlsa));
	struct mh_tls_end *end = mh_arena_alloc(pass->arena, sizeof(*end));
	struct mh_tls_sts *sts = mh_arena_alloc(pass->arena, sizeof(*sts));
	int why;

	if (tlsa == NULL || end == NULL || sts == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	mh_tls_read_tlsa(check, pass, tlsa);
	(void)mh_tls_sts_read(check, pass, sts);
	mh_tls_sts_free(sts);
	int count = mh_tls_addresses(check, pass, ips, &why);
	for (int i = 0; i < count; i++) {
		begin_end(check, pass, &ips[i], end);
		mh_tls_plan(end);
	}
}

bool
mh_tls_result_make(struct mh_tls_check *check, struct mh_pass *view, struct mh_tls_result *result)
{
	result->ends = NULL;
	result->count = 0;
	result->sts.chain = NULL;
	if (!mh_tls_sts_read(check, view, &result->sts) || !mh_tls_read_tlsa(check, view, &result->tlsa))
		return false;
	result->count = mh_tls_addresses(check, view, result->ips, &result->why);
	if (result->count < 0) {
		result->count = 0;
		return false;
	}
	result->ends = mh_arena_alloc(view->arena, (size_t)(result->count + 1) * sizeof(*result->ends));
	if (result->ends == NULL)
		return false;
	bool good = true;
	for (int i = 0; i < result->count; i++) {
		begin_end(check, view, &result->ips[i], &result->ends[i]);
		mh_tls_plan(&result->ends[i]);
		good = good && mh_tls_judge(&result->ends[i], &result->tlsa);
	}
	return good && view->error == 0;
}

void
mh_tls_result_free(struct mh_tls_result *result)
{
	for (int i = 0; result->ends != NULL && i < result->count; i++)
		for (unsigned k = 0; k < result->ends[i].chains_count; k++)
			mh_certs_free(result->ends[i].chains[k].chain);
	mh_tls_sts_free(&result->sts);
}
