/* dom_host.c - section "host" of the checks "domain" and "host": the sending address, its names, and EHLO
 *
 * Receivers want three things to agree: the reverse name of the address, the
 * addresses of that name, and the name in EHLO.  This file asks, and writes what came;
 * what it means is told by dom_host_tell.c.
 *
 * RFC 1912 2.1, RFC 5321 2.3.5, 4.1.1.1, 4.1.3
 */
#include "dom_host.h"

#include "error.h"
#include "port.h"
#include "target.h"

/* ------------------------------------------------------------------- asking */

struct mh_str
mh_host_keep(struct mh_pass *pass, const char *text, size_t len)
{
	char *copy = mh_arena_alloc(pass->arena, len + 1);
	if (copy == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return MH_STR("");
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	return mh_str_n(copy, len);
}

enum mh_host_tri
mh_host_leads_to(const struct mh_fact *fact, const struct mh_ip *ip)
{
	struct mh_ip other;
	if (fact == NULL || fact->state == MH_FACT_UNKNOWN)
		return MH_HOST_UNKNOWN;
	for (size_t i = 0; i < fact->count; i++)
		if (mh_rr_ip(fact, i, &other) && other.family == ip->family &&
		    memcmp(other.octets, ip->octets, ip->family == 4 ? 4 : 16) == 0)
			return MH_HOST_YES;
	return MH_HOST_NO;
}

const struct mh_fact *
mh_host_of_family(const struct mh_host_named *named, const struct mh_ip *ip)
{
	return ip->family == 4 ? named->a : named->aaaa;
}

bool
mh_host_is_bare(const struct mh_host_named *named)
{
	return named->a != NULL && named->aaaa != NULL && mh_fact_is_absent(named->a) &&
	    mh_fact_is_absent(named->aaaa) &&
	    (named->a->state == MH_FACT_NODATA || named->aaaa->state == MH_FACT_NODATA);
}

unsigned
mh_dom_host_addresses(struct mh_look *look, struct mh_ip out[MH_HOST_ADDRESSES_MAX])
{
	const struct mh_domain_check *check = look->check;
	static const int types[] = { MH_RR_A, MH_RR_AAAA };
	const struct mh_fact *facts[MH_COUNT(types)];
	unsigned count = 0;

	if (check->ip.family != 0) {
		out[0] = mh_host_ip_plain(&check->ip);
		return 1;
	}
	if (!check->is_host || check->domain.len == 0)
		return 0;
	for (size_t k = 0; k < MH_COUNT(types); k++)
		facts[k] = mh_want(look->pass, check->domain, types[k]);
	for (size_t k = 0; k < MH_COUNT(types); k++)
		for (size_t i = 0; facts[k] != NULL && i < facts[k]->count; i++)
			if (count < MH_HOST_ADDRESSES_MAX && mh_rr_ip(facts[k], i, &out[count]))
				count++;
	return count;
}

/* ask_names - the reverse names of an address, and where they lead */
static void
ask_names(struct mh_pass *pass, struct mh_host *host)
{
	char name[MH_DNAME_TEXT_MAX];
	bool is_known = true;

	host->confirmed = MH_HOST_NO;
	for (size_t i = 0; i < host->ptr->count; i++) {
		size_t len = mh_rr_name(host->ptr, i, name, NULL);
		if (len == 0)
			continue;
		if (host->count == MH_HOST_NAMES_MAX)
			break;
		struct mh_host_named *named = &host->names[host->count++];
		named->name = mh_host_keep(pass, name, len);
		struct mh_ip literal;
		if (named->name.len == 0 || mh_str_eq(named->name, MH_STR(".")) ||
		    mh_name_literal(named->name, &literal))
			continue; /* the root has no address, and what is one has none */
		const struct mh_fact *fact =
		    mh_want(pass, named->name, host->ip.family == 4 ? MH_RR_A : MH_RR_AAAA);
		*(host->ip.family == 4 ? &named->a : &named->aaaa) = fact;
		enum mh_host_tri leads = mh_host_leads_to(fact, &host->ip);
		is_known = is_known && leads != MH_HOST_UNKNOWN;
		if (leads == MH_HOST_YES)
			host->confirmed = MH_HOST_YES;
	}
	if (host->confirmed == MH_HOST_NO && !is_known)
		host->confirmed = MH_HOST_UNKNOWN;
}

static void
ask_host(struct mh_pass *pass, const struct mh_ip *ip, struct mh_host *host)
{
	char name[MH_DNAME_TEXT_MAX], text[MH_IP_TEXT_MAX];

	*host = (struct mh_host){ .ip = *ip, .confirmed = MH_HOST_UNKNOWN };
	size_t len = mh_ip_print(ip, text);
	host->text = mh_host_keep(pass, text, len);
	len = mh_dname_reverse(ip, name);
	host->reverse = mh_host_keep(pass, name, len);
	host->is_public = mh_host_ip_is_public(ip);
	if (!host->is_public || host->reverse.len == 0)
		return;
	host->ptr = mh_want(pass, host->reverse, MH_RR_PTR);
	if (host->ptr != NULL && host->ptr->state != MH_FACT_UNKNOWN)
		ask_names(pass, host);
}

/* ask_helo - what is said in EHLO, and where it leads */
static void
ask_helo(struct mh_look *look, struct mh_host_greeting *greeting, const struct mh_ip *ip)
{
	struct mh_pass *pass = look->pass;
	char name[MH_DNAME_TEXT_MAX];
	struct mh_host_named *named = &greeting->named;

	*greeting = (struct mh_host_greeting){ .count6 = 0 };
	mh_helo_read(&greeting->helo, look->check->helo);
	named->name = MH_STR("");
	if (greeting->helo.kind != MH_HELO_NAME && greeting->helo.kind != MH_HELO_FINAL_DOT)
		return;
	named->name = mh_host_keep(pass, name, mh_dname_canonical(greeting->helo.text, name));
	if (named->name.len == 0)
		return;
	named->a = mh_want(pass, named->name, MH_RR_A);
	named->aaaa = mh_want(pass, named->name, MH_RR_AAAA);
	if (mh_host_is_bare(named))
		greeting->mx = mh_want(pass, named->name, MH_RR_MX);
	/* A host that sends by IPv4 today and has an IPv6 address too sends by it to whoever can take it. */
	if (ip->family != 4 || mh_host_leads_to(named->a, ip) != MH_HOST_YES || named->aaaa == NULL)
		return;
	for (size_t i = 0; i < named->aaaa->count && greeting->count6 < MH_HOST_HELO6_MAX; i++) {
		struct mh_ip ip6;
		if (!mh_rr_ip(named->aaaa, i, &ip6) || !mh_host_ip_is_public(&ip6))
			continue;
		struct mh_str reverse = mh_host_keep(pass, name, mh_dname_reverse(&ip6, name));
		if (reverse.len == 0)
			return;
		greeting->ips6[greeting->count6] = ip6;
		greeting->reverse6[greeting->count6] = reverse;
		greeting->ptr6[greeting->count6++] = mh_want(pass, reverse, MH_RR_PTR);
	}
}

/* ------------------------------------------------------------------ section */

/* look_at_all - false: no memory */
static bool
look_at_all(struct mh_look *look, struct mh_host_all *all)
{
	struct mh_pass *pass = look->pass;

	all->count = mh_dom_host_addresses(look, all->ips);
	all->hosts = mh_arena_alloc(pass->arena, (all->count + 1) * sizeof(*all->hosts));
	if (all->hosts == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (unsigned i = 0; i < all->count; i++)
		ask_host(pass, &all->ips[i], &all->hosts[i]);
	/* Of a host that was named every address is looked at already, and so are their names. */
	static const struct mh_ip none = { .family = 0 };
	ask_helo(look, &all->greeting, all->count == 1 ? &all->ips[0] : &none);
	return true;
}

/* add_rows - the entries of "checks": what was asked, in the order of asking */
static void
add_rows(struct mh_look *look, const struct mh_host_all *all)
{
	const struct mh_host_named *named = &all->greeting.named;
	bool is_six = all->count > 0 && all->ips[0].family == 6;

	for (unsigned i = 0; i < all->count; i++) {
		const struct mh_host *host = &all->hosts[i];
		mh_look_row(look, "host", host->is_public ? host->reverse : host->text, MH_RR_PTR, host->ptr);
	}
	if (named->name.len > 0)
		mh_look_row(look, "host", named->name, is_six ? MH_RR_AAAA : MH_RR_A,
		    is_six ? named->aaaa : named->a);
	if (all->count == 0 && named->name.len == 0) {
		bool has_helo = all->greeting.helo.text.len > 0, is_host = look->check->is_host;
		struct mh_str name = has_helo ? all->greeting.helo.text : look->check->domain;
		struct mh_domain_row *row = mh_look_row(look, "host", name, MH_RR_A,
		    is_host && !has_helo ? mh_known(look->pass, name, MH_RR_A) : NULL);
		if (row != NULL)
			row->is_skipped = !has_helo && !is_host;
	}
}

/* is_complete - whether every fact is there: without memory it may not be */
static bool
is_complete(const struct mh_host_all *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->hosts[i].is_public && all->hosts[i].ptr == NULL)
			return false;
	const struct mh_host_greeting *greeting = &all->greeting;
	return greeting->named.name.len == 0 ||
	    (greeting->named.a != NULL && greeting->named.aaaa != NULL &&
		(greeting->mx != NULL || !mh_host_is_bare(&greeting->named)));
}

void
mh_dom_host(struct mh_look *look)
{
	struct mh_host_all all;

	if (!look_at_all(look, &all) || look->report == NULL)
		return;
	if (!is_complete(&all)) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	add_rows(look, &all);
	mh_host_tell(look, &all);
}

/* --------------------------------------------------------------------- JSON */

static void
write_host(struct mh_look *look, const struct mh_host *host, bool is_first)
{
	struct mh_json *json = look->json;
	static const struct mh_ip none = { .family = 0 };

	mh_json_put_str(json, "ip", host != NULL ? host->text : MH_STR(""));
	mh_json_key(json, "ptr");
	mh_json_open(json, '[');
	for (unsigned i = 0; host != NULL && i < host->count; i++)
		mh_json_str(json, host->names[i].name);
	mh_json_close(json, ']');
	mh_json_key(json, "confirmed");
	if (host == NULL || host->confirmed == MH_HOST_UNKNOWN)
		mh_json_null(json);
	else
		mh_json_bool(json, host->confirmed == MH_HOST_YES);
	mh_json_put_str(json, "helo", look->check->helo);
	mh_json_key(json, "lists");
	mh_json_open(json, '[');
	mh_dom_lists_json(look, host != NULL ? &host->ip : &none, is_first);
	mh_json_close(json, ']');
}

void
mh_dom_host_json(struct mh_look *look)
{
	struct mh_host_all all;

	if (!look_at_all(look, &all))
		return;
	mh_json_key(look->json, "host");
	mh_json_open(look->json, '{');
	write_host(look, all.count > 0 ? &all.hosts[0] : NULL, true);
	/* A host that was named may have several addresses; the first is the one above. */
	if (all.count > 1) {
		mh_json_key(look->json, "others");
		mh_json_open(look->json, '[');
		for (unsigned i = 1; i < all.count; i++) {
			mh_json_open(look->json, '{');
			write_host(look, &all.hosts[i], false);
			mh_json_close(look->json, '}');
		}
		mh_json_close(look->json, ']');
	}
	mh_json_close(look->json, '}');
}
