/* tls_check.c - the check "tls": its question, addresses, TLSA records, and the pass over all endpoints
 *
 * RFC 7672 2.2 and 3.1, RFC 6698 3
 */
#include "tls_check.h"

#include "alabel.h"
#include "error.h"
#include "mx.h"
#include "port.h"
#include "tls_identity.h"

#define UNIX_MAX 112 /* octets of "unix:" and a path, as many as an address of a socket has */
#define HELO_MAX 255 /* RFC 5321 4.5.3.1 */
#define ASKS_MAX 4000 /* questions, where there are many hosts */

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
		.services = { { MH_MODE_SMTP, 0 } },
		.services_count = 1,
		.max_connections = 9,
		.looks_up_tlsa = true,
		.looks_up_names = true,
		.now = -1 };
	mh_arena_init(&check->keep, &check->mem, 0);
}

void
mh_tls_check_free(struct mh_tls_check *check)
{
	mh_arena_free(&check->keep);
}

static bool
is_unix(struct mh_str host)
{
	return mh_str_istarts(host, MH_STR("unix:/"));
}

/* name_of - a host as a name to verify; "" where it is none */
static struct mh_str
name_of(struct mh_str host)
{
	struct mh_ip ip;
	if (is_unix(host) || mh_ip_parse(host, &ip))
		return MH_STR("");
	return host.len > 1 && host.p[host.len - 1] == '.' ? mh_str_n(host.p, host.len - 1) : host;
}

struct mh_str
mh_tls_check_subject(const struct mh_tls_check *check)
{
	struct mh_str name = name_of(check->name.len > 0 ? check->name : check->host);
	if (check->host.len == 0)
		return check->domain;
	return name.len > 0 ? name : check->host;
}

bool
mh_tls_is_demanding(const struct mh_tls_host *host)
{
	return host->mode != MH_MODE_SMTP && host->mode != MH_MODE_LMTP;
}

int
mh_tls_check_start(struct mh_tls_check *check, struct mh_work *work)
{
	struct mh_ip ip;
	struct mh_str name = name_of(check->name.len > 0 ? check->name : check->host);
	bool is_by_mx = check->host.len == 0;
	if (is_by_mx ? check->domain.len == 0 || check->name.len > 0
		     : !is_unix(check->host) && !mh_ip_parse(check->host, &ip) && !mh_name_valid(check->host))
		return MH_ERR_EINVAL;
	if ((is_unix(check->host) && check->host.len > UNIX_MAX) || check->helo.len > HELO_MAX)
		return MH_ERR_EINVAL;
	if ((name.len > 0 && !mh_name_valid(name)) ||
	    (check->domain.len > 0 && !mh_name_valid(check->domain)) ||
	    (check->port > 0 && check->services_count > 1))
		return MH_ERR_EINVAL;
	struct mh_str *const names[] = { &check->host, &check->name, &check->domain };
	for (size_t i = is_unix(check->host) ? 1 : 0; i < MH_COUNT(names); i++) {
		*names[i] = mh_alabel_name(&check->keep, *names[i]);
		if (names[i]->p == NULL)
			return MH_ERR_ENOMEM;
	}
	if (work->asks_max == MH_WORK_ASKS_DEFAULT &&
	    (is_by_mx || check->services_count > 1 || check->is_full))
		work->asks_max = ASKS_MAX;
	if (work->parts == 0 && mh_work_add_part(work) < 0)
		return MH_ERR_ENOMEM;
	return MH_ERR_OK;
}

/* -------------------------------------------------------------------- hosts */

/* add_host - with all services; whether there was room */
static bool
add_host(const struct mh_tls_check *check, struct mh_tls_hosts *hosts, struct mh_str host, struct mh_str name,
    int preference)
{
	if (hosts->count + check->services_count > MH_TLS_HOSTS_MAX)
		return false;
	for (unsigned i = 0; i < check->services_count; i++) {
		const struct mh_tls_service *service = &check->services[i];
		hosts->list[hosts->count++] = (struct mh_tls_host){ .check = check,
			.host = host,
			.name = name,
			.mode = service->mode,
			.port = check->port > 0 ? check->port
			    : service->port > 0 ? service->port
						: modes[service->mode].port,
			.preference = preference };
	}
	return true;
}

/* find_by_mx - false: wait, or no memory */
static bool
find_by_mx(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_hosts *hosts)
{
	struct mh_mx_list list;
	char name[MH_DNAME_TEXT_MAX];
	const struct mh_fact *fact =
	    mh_want(pass, mh_str_n(name, mh_dname_canonical(check->domain, name)), MH_RR_MX);
	if (fact == NULL)
		return false;
	hosts->is_by_mx = true;
	hosts->state = fact->state;
	hosts->why = fact->why;
	if (fact->state == MH_FACT_NODATA) {
		hosts->is_implicit = add_host(check, hosts, check->domain, name_of(check->domain), -1);
		return true;
	}
	if (!mh_mx_read(pass->arena, fact, &list)) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	hosts->is_null = list.nulls > 0;
	hosts->left_out = list.left_out;
	for (unsigned i = 0; i < list.count; i++) {
		const struct mh_mx *mx = &list.at[i];
		if (!mx->is_null && !mx->is_again &&
		    !add_host(check, hosts, mx->name, mx->name, mx->preference))
			hosts->left_out++;
	}
	return true;
}

bool
mh_tls_find_hosts(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_hosts *hosts)
{
	hosts->count = hosts->left_out = 0;
	hosts->is_by_mx = hosts->is_null = hosts->is_implicit = false;
	hosts->state = MH_FACT_PRESENT;
	hosts->why = MH_WHY_NONE;
	if (check->host.len == 0)
		return find_by_mx(check, pass, hosts);
	return add_host(check, hosts, check->host, name_of(check->name.len > 0 ? check->name : check->host),
	    -1);
}

/* ----------------------------------------------------------------- addresses */

/* add_addresses - of one family; false: wait */
static bool
add_addresses(struct mh_pass *pass, struct mh_str name, int type, struct mh_tls_host *host)
{
	const struct mh_fact *fact = mh_want(pass, name, type);
	if (fact == NULL)
		return false;
	if (fact->state == MH_FACT_UNKNOWN)
		host->why = fact->why;
	for (size_t i = 0; i < fact->count && host->count < MH_TLS_ENDS_MAX; i++)
		if (mh_rr_ip(fact, i, &host->ips[host->count]))
			host->count++;
	return true;
}

bool
mh_tls_find_addresses(struct mh_tls_host *host, struct mh_pass *pass)
{
	char name[MH_DNAME_TEXT_MAX];
	host->count = 0;
	host->why = MH_WHY_NONE;
	if (is_unix(host->host)) {
		host->ips[0] = (struct mh_ip){ .family = 0 };
		host->count = 1;
		return true;
	}
	if (mh_ip_parse(host->host, &host->ips[0])) {
		host->count = 1;
		return true;
	}
	struct mh_str canonical = mh_str_n(name, mh_dname_canonical(host->host, name));
	bool has_a = add_addresses(pass, canonical, MH_RR_A, host);
	bool has_aaaa = add_addresses(pass, canonical, MH_RR_AAAA, host);
	return has_a && has_aaaa;
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

/* ask_tlsa - at _PORT._tcp.name; false: wait, or no memory */
static bool
ask_tlsa(struct mh_tls_host *host, struct mh_pass *pass, struct mh_str name)
{
	char canonical[MH_DNAME_TEXT_MAX];
	struct mh_tls_tlsa *tlsa = host->tlsa;
	struct mh_buf text;

	mh_buf_init(&text, &pass->work->mem, 512);
	mh_buf_putc(&text, '_');
	mh_buf_putint(&text, host->port);
	mh_buf_puts(&text, "._tcp.");
	mh_buf_putstr(&text, name);
	size_t len = text.bad ? 0 : mh_dname_canonical(mh_str_n(text.p, text.len), canonical);
	mh_buf_free(&text);
	char *base = mh_arena_alloc(pass->arena, len + 1);
	if (base == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	memcpy(base, canonical, len);
	base[len] = '\0';
	tlsa->base = mh_str_n(base, len);
	tlsa->count = 0;
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

/* look_at_alias - RFC 7672 2.2: whether the host's name is an alias, all of it signed, and of what; and whether its
 * addresses are known not to be signed.  False: wait */
static bool
look_at_alias(struct mh_tls_host *host, struct mh_pass *pass)
{
	static const int types[] = { MH_RR_A, MH_RR_AAAA };
	char name[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;
	bool is_waiting = false;
	if (mh_ip_parse(host->host, &ip))
		return true;
	struct mh_str canonical = mh_str_n(name, mh_dname_canonical(host->name, name));
	for (size_t i = 0; i < MH_COUNT(types); i++) {
		const struct mh_fact *fact = mh_want(pass, canonical, types[i]);
		is_waiting = is_waiting || fact == NULL;
		if (fact == NULL || !mh_fact_is_present(fact))
			continue;
		if (fact->secure == MH_SECURE_NO)
			host->tlsa->is_by_address = true;
		else if (fact->is_alias && fact->secure == MH_SECURE_YES)
			host->tlsa->target = fact->canonical;
	}
	return !is_waiting;
}

bool
mh_tls_find_tlsa(struct mh_tls_host *host, struct mh_pass *pass)
{
	const struct mh_tls_check *check = host->check;
	struct mh_tls_tlsa *tlsa = host->tlsa = mh_arena_alloc(pass->arena, sizeof(*tlsa));
	if (tlsa == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	*tlsa = (struct mh_tls_tlsa){ .base = MH_STR(""), .target = MH_STR(""), .state = MH_FACT_NODATA };
	if (check->tlsa_count > 0)
		return given_tlsa(check, pass, tlsa);
	if (host->name.len == 0 || !check->looks_up_tlsa || is_unix(host->host))
		return true;
	if (!look_at_alias(host, pass)) {
		(void)ask_tlsa(host, pass,
		    host->name); /* most likely it is wanted: the sooner it is asked, the better */
		return false;
	}
	/* Where an alias leads counts first, and the host's own name if there is nothing (RFC 7672 2.2). */
	if (tlsa->target.len > 0) {
		if (!ask_tlsa(host, pass, tlsa->target))
			return false;
		if (tlsa->state == MH_FACT_PRESENT || tlsa->state == MH_FACT_UNKNOWN)
			return true;
	}
	if (!ask_tlsa(host, pass, host->name))
		return false;
	if (tlsa->is_by_address && tlsa->state == MH_FACT_PRESENT)
		tlsa->secure = MH_SECURE_NO;
	return true;
}

/* ---------------------------------------------------------------- endpoints */

static void
begin_end(const struct mh_tls_host *host, struct mh_pass *pass, const struct mh_ip *ip,
    struct mh_tls_end *end)
{
	*end = (struct mh_tls_end){ .check = host->check, .host = host, .pass = pass, .ip = *ip };
	end->port = host->port;
	end->limit_ms = pass->work->limit_ms > 0 ? pass->work->limit_ms : MH_TLS_TIME_LIMIT_MS;
	end->stop_text = MH_STR("");
}

/* pass_host - one host as far as facts go */
static void
pass_host(struct mh_tls_host *host, struct mh_pass *pass)
{
	struct mh_tls_identity identity;
	struct mh_tls_end *end = mh_arena_alloc(pass->arena, sizeof(*end));
	if (end == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	bool has_addresses = mh_tls_find_addresses(host, pass);
	(void)mh_tls_find_tlsa(host, pass);
	for (int i = 0; has_addresses && i < host->count; i++) {
		begin_end(host, pass, &host->ips[i], end);
		mh_tls_plan(end);
		(void)mh_tls_identity_read(end, &identity);
	}
}

/* The first part finds the hosts and the domain's policy; each host is a part of its own, so that an answer about
 * one does not go over all. */
void
mh_tls_check_pass(struct mh_tls_check *check, struct mh_pass *pass)
{
	struct mh_tls_hosts *hosts = mh_arena_alloc(pass->arena, sizeof(*hosts));
	struct mh_tls_sts *sts = mh_arena_alloc(pass->arena, sizeof(*sts));

	if (hosts == NULL || sts == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	if (pass->part == 0) {
		(void)mh_tls_sts_read(check, pass, sts);
		mh_tls_sts_free(sts);
	}
	if (!mh_tls_find_hosts(check, pass, hosts))
		return;
	while (pass->part == 0 && pass->work->parts < hosts->count)
		if (mh_work_add_part(pass->work) < 0) {
			pass->error = MH_ERR_ENOMEM;
			return;
		}
	if (pass->part < hosts->count)
		pass_host(&hosts->list[pass->part], pass);
}

/* result_host - one host of a check that is done, judged; false: no memory */
static bool
result_host(struct mh_tls_host *host, struct mh_pass *view)
{
	if (!mh_tls_find_addresses(host, view) || !mh_tls_find_tlsa(host, view))
		return false;
	host->ends = mh_arena_alloc(view->arena, (size_t)(host->count + 1) * sizeof(*host->ends));
	if (host->ends == NULL)
		return false;
	for (int i = 0; i < host->count; i++)
		begin_end(host, view, &host->ips[i], &host->ends[i]);
	for (int i = 0; i < host->count; i++) {
		mh_tls_plan(&host->ends[i]);
		if (!mh_tls_judge(&host->ends[i], host->tlsa))
			return false;
	}
	return true;
}

bool
mh_tls_result_make(struct mh_tls_check *check, struct mh_pass *view, struct mh_tls_result *result)
{
	result->sts.fetch.chain = NULL;
	result->hosts = mh_arena_alloc(view->arena, sizeof(*result->hosts));
	if (result->hosts == NULL)
		return false;
	result->hosts->count = 0;
	if (!mh_tls_sts_read(check, view, &result->sts) || !mh_tls_find_hosts(check, view, result->hosts))
		return false;
	bool good = true;
	for (unsigned i = 0; i < result->hosts->count && good; i++)
		good = result_host(&result->hosts->list[i], view);
	return good && view->error == 0;
}

void
mh_tls_result_free(struct mh_tls_result *result)
{
	mh_tls_sts_free(&result->sts);
	for (unsigned h = 0; result->hosts != NULL && h < result->hosts->count; h++) {
		struct mh_tls_host *host = &result->hosts->list[h];
		for (int i = 0; host->ends != NULL && i < host->count; i++)
			for (unsigned k = 0; k < host->ends[i].chains_count; k++)
				mh_certs_free(host->ends[i].chains[k].chain);
	}
}
