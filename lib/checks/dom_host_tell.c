/* dom_host_tell.c - what is wrong with a sending address, its reverse name, and what is said in EHLO
 *
 * The reverse name belongs to whoever runs the network, so that a fix of it is for
 * the provider to make.  What the server says is a setting of the server, and no
 * record mends it.
 *
 * RFC 1912 2.1, RFC 5321 2.3.5, 4.1.1.1, 4.1.3
 */
#include "dom_host.h"

#define SAID_MAX 4 /* names that a sentence has */

/* -------------------------------------------------------------------- fixes */

/* absolute - a canonical name with its dot */
static struct mh_str
absolute(struct mh_tell *tell, struct mh_str name)
{
	char *text = mh_arena_alloc(tell->arena, name.len + 1);
	if (text == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(text, name.p, name.len);
	text[name.len] = '.';
	return mh_str_n(text, name.len + 1);
}

/* fix_ptr - that name in place of all reverse names; where the provider hands the name on by a CNAME (RFC
 * 2317) it is changed at the place that the CNAME leads to */
static void
fix_ptr(struct mh_tell *tell, struct mh_str reverse, const struct mh_fact *ptr, struct mh_str name)
{
	struct mh_fix *fix = mh_tell_fix(tell, ptr->is_alias ? ptr->canonical : reverse, MH_RR_PTR,
	    ptr->is_alias ? NULL : ptr);
	bool is_there = false;

	if (fix == NULL)
		return;
	if (mh_fact_is_present(ptr))
		fix->ttl = ptr->ttl;
	for (size_t i = 0; i < ptr->count; i++) {
		char other[MH_DNAME_TEXT_MAX];
		size_t len = mh_rr_name(ptr, i, other, NULL);
		if (mh_str_eq(mh_str_n(other, len), name))
			is_there = true;
		else
			mh_fix_remove(tell, fix, ptr, i);
	}
	if (!is_there)
		mh_fix_add(tell, fix, absolute(tell, name));
}

/* fix_address - the address at a name that has none of its kind */
static void
fix_address(struct mh_tell *tell, const struct mh_host_named *named, const struct mh_host *host)
{
	struct mh_fix *fix = mh_tell_fix(tell, named->name, host->ip.family == 4 ? MH_RR_A : MH_RR_AAAA,
	    mh_host_of_family(named, &host->ip));
	mh_fix_add(tell, fix, host->text);
}

static bool
is_absent(const struct mh_fact *fact)
{
	return fact != NULL && mh_fact_is_absent(fact);
}

/* fix_to - lets a name and the address belong together, if the name is free for it: it leads to the address, or
 * nowhere; a name that leads elsewhere has another use */
static void
fix_to(struct mh_tell *tell, const struct mh_host *host, const struct mh_host_named *named)
{
	if (named->name.len == 0 || mh_host_generic(named->name, &host->ip, NULL) != MH_GENERIC_NO ||
	    host->ptr == NULL || host->ptr->state == MH_FACT_UNKNOWN)
		return;
	enum mh_host_tri leads = mh_host_leads_to(mh_host_of_family(named, &host->ip), &host->ip);
	if (leads == MH_HOST_NO && is_absent(named->a) && is_absent(named->aaaa))
		fix_address(tell, named, host);
	else if (leads != MH_HOST_YES)
		return;
	fix_ptr(tell, host->reverse, host->ptr, named->name);
}

/* ------------------------------------------------------ addresses and names */

/* tell_no_ptr6 - of an IPv6 address without a reverse name, beside others */
static void
tell_no_ptr6(struct mh_tell *tell, struct mh_str address, struct mh_str name)
{
	mh_say_str(tell, name);
	mh_say(tell, " has the IPv6 address ");
	mh_say_str(tell, address);
	mh_say(tell, " too, which has no PTR record.");
	mh_tell(tell, MH_F_HOST_IPV6_NO_PTR, address);
}

/* tell_no_ptr - of an address without a reverse name; name is the one that it should have, if that is known */
static void
tell_no_ptr(struct mh_tell *tell, const struct mh_host *host, const struct mh_host_named *name)
{
	mh_say_str(tell, host->text);
	mh_say(tell, " has no PTR record at ");
	mh_say_str(tell, host->reverse);
	mh_say(tell,
	    ". Only whoever runs the network of the address can publish it: ask your provider to set ");
	if (name->name.len > 0) {
		mh_say(tell, "the reverse name of the address to ");
		mh_say_str(tell, name->name);
		mh_say(tell, ".");
	} else {
		mh_say(tell, "it to the name that your mail server says in EHLO.");
	}
	fix_to(tell, host, name);
	mh_tell(tell, MH_F_HOST_PTR_MISSING, host->text);
}

/* say_where - where a name leads */
static void
say_where(struct mh_tell *tell, struct mh_str name, const struct mh_fact *fact)
{
	char text[MH_IP_TEXT_MAX];
	struct mh_ip ip;

	mh_say_str(tell, name);
	if (fact == NULL || fact->state == MH_FACT_NXDOMAIN) {
		mh_say(tell, " does not exist");
	} else if (fact->count == 0) {
		mh_say(tell, fact->type == MH_RR_A ? " has no IPv4 address" : " has no IPv6 address");
	} else {
		mh_say(tell, " leads to ");
		for (size_t i = 0; i < fact->count && i < 3; i++) {
			mh_say(tell, i > 0 ? ", " : "");
			if (mh_rr_ip(fact, i, &ip))
				mh_say_str(tell, mh_str_n(text, mh_ip_print(&ip, text)));
		}
		mh_say(tell, fact->count > 3 ? " and others" : "");
	}
}

static void
tell_unconfirmed(struct mh_look *look, struct mh_tell *tell, const struct mh_host *host,
    const struct mh_host_named *name)
{
	struct mh_str evidence = host->count > 0 ? host->names[0].name : MH_STR("");

	mh_say(tell,
	    host->ptr->count > MH_HOST_NAMES_MAX ? "None of the first ten names of " : "No name of ");
	mh_say_str(tell, host->text);
	mh_say(tell, " leads back to it: ");
	for (unsigned i = 0; i < host->count && i < SAID_MAX; i++) {
		mh_say(tell, i > 0 ? "; " : "");
		say_where(tell, host->names[i].name, mh_host_of_family(&host->names[i], &host->ip));
	}
	mh_say(tell,
	    host->count == 0             ? "its PTR record cannot be read."
		: host->count > SAID_MAX ? "; and so on."
					 : ".");
	if (host->count == 1 && mh_host_generic(host->names[0].name, &host->ip, NULL) == MH_GENERIC_REVERSE)
		mh_say(tell,
		    " Such a name comes of a dot that is missing behind it in the zone file of the reverse "
		    "names.");
	fix_to(tell, host, name);
	/* A name of one's own can be made to lead back instead. */
	const struct mh_host_named *own = &host->names[0];
	if (tell->fixes_count == 0 && host->count == 1 && look->check->domain.len > 0 &&
	    mh_dname_is_under(own->name, look->check->domain) && is_absent(mh_host_of_family(own, &host->ip)))
		fix_address(tell, own, host);
	mh_tell(tell, MH_F_HOST_PTR_UNCONFIRMED, evidence);
}

/* best_of - of several reverse names the one to keep: what is said in EHLO, or the first that leads back */
static const struct mh_host_named *
best_of(const struct mh_host *host, struct mh_str said)
{
	const struct mh_host_named *best = NULL;
	for (unsigned i = 0; i < host->count; i++) {
		if (mh_host_leads_to(mh_host_of_family(&host->names[i], &host->ip), &host->ip) != MH_HOST_YES)
			continue;
		if (best == NULL || mh_str_eq(host->names[i].name, said))
			best = &host->names[i];
	}
	return best;
}

static void
tell_multiple(struct mh_tell *tell, const struct mh_host *host, struct mh_str said)
{
	const struct mh_host_named *best = best_of(host, said);

	mh_say_int(tell, host->ptr->count);
	mh_say(tell, " reverse names: ");
	for (unsigned i = 0; i < host->count && i < SAID_MAX; i++) {
		mh_say(tell, i > 0 ? ", " : "");
		mh_say_str(tell, host->names[i].name);
	}
	mh_say(tell, host->count > SAID_MAX ? " and more." : ".");
	for (unsigned i = 0; best != NULL && i < host->count && i < SAID_MAX; i++) {
		const struct mh_fact *fact = mh_host_of_family(&host->names[i], &host->ip);
		if (mh_host_leads_to(fact, &host->ip) != MH_HOST_NO)
			continue;
		mh_say(tell, " ");
		mh_say_str(tell, host->names[i].name);
		mh_say(tell, " does not lead back to the address.");
	}
	if (best != NULL) {
		mh_say(tell, " Keep ");
		mh_say_str(tell, best->name);
		mh_say(tell, ".");
		fix_ptr(tell, host->reverse, host->ptr, best->name);
	}
	mh_tell_arg_int(tell, "names", host->ptr->count);
	mh_tell(tell, MH_F_HOST_PTR_MULTIPLE, host->names[0].name);
}

/* tell_generic - of one name; wish is the one that the host should have, NULL unknown */
static void
tell_generic(struct mh_tell *tell, const struct mh_host *host, struct mh_str name,
    const struct mh_host_named *wish)
{
	struct mh_str part;
	enum mh_generic generic = mh_host_generic(name, &host->ip, &part);

	mh_say_str(tell, name);
	mh_say(tell, ": ");
	mh_say(tell, mh_generic_text(generic));
	mh_say(tell, " (");
	mh_say_str(tell, part);
	mh_say(tell, ").");
	if (wish != NULL)
		fix_to(tell, host, wish);
	mh_tell(tell, MH_F_HOST_GENERIC_NAME, part);
}

/* is_generic - whether all reverse names of an address are */
static bool
is_generic(const struct mh_host *host)
{
	for (unsigned i = 0; i < host->count; i++)
		if (mh_host_generic(host->names[i].name, &host->ip, NULL) == MH_GENERIC_NO)
			return false;
	return host->count > 0;
}

/* tell_names - about the reverse names of an address that has some */
static void
tell_names(struct mh_look *look, struct mh_tell *tell, const struct mh_host *host,
    const struct mh_host_named *name)
{
	if (host->confirmed == MH_HOST_NO)
		tell_unconfirmed(look, tell, host, name);
	for (unsigned i = 0; i < host->count; i++) {
		const struct mh_fact *fact = mh_host_of_family(&host->names[i], &host->ip);
		if (host->confirmed == MH_HOST_UNKNOWN && fact != NULL && fact->state == MH_FACT_UNKNOWN) {
			mh_tell_unknown(tell, fact);
			break;
		}
	}
	if (host->count > 1)
		tell_multiple(tell, host, name->name);
	if (is_generic(host))
		tell_generic(tell, host, host->names[0].name, name);
}

/* is_beside - whether an IPv6 address of a host that was named has an IPv4 address beside it that has a reverse
 * name, as far as is known: then mail may leave by that one */
static bool
is_beside(const struct mh_host_all *all, const struct mh_host *host)
{
	for (unsigned i = 0; host->ip.family == 6 && i < all->count; i++)
		if (all->hosts[i].ip.family == 4 && all->hosts[i].is_public && !is_absent(all->hosts[i].ptr))
			return true;
	return false;
}

static void
tell_host(struct mh_look *look, const struct mh_host_all *all, const struct mh_host *host,
    const struct mh_host_named *name)
{
	struct mh_tell tell;

	mh_look_tell(look, &tell, "host", host->reverse);
	if (!host->is_public) {
		mh_tell_about(&tell, MH_F_HOST_PRIVATE_ADDRESS, host->text, host->text);
	} else if (host->ptr->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&tell, host->ptr);
	} else if (mh_fact_is_absent(host->ptr) && is_beside(all, host)) {
		fix_to(&tell, host, name);
		tell_no_ptr6(&tell, host->text, look->check->domain);
	} else if (mh_fact_is_absent(host->ptr)) {
		tell_no_ptr(&tell, host, name);
	} else {
		tell_names(look, &tell, host, name);
	}
	mh_look_told(look, &tell);
}

/* --------------------------------------------------------------------- EHLO */

/* is_a_name - whether a name is one of the reverse names */
static bool
is_a_name(const struct mh_host *host, struct mh_str name)
{
	for (unsigned i = 0; i < host->count; i++)
		if (mh_str_eq(host->names[i].name, name))
			return true;
	return false;
}

/* say_instead - which name to say; false: there is no good one */
static bool
say_instead(struct mh_tell *tell, const struct mh_host *host)
{
	const struct mh_host_named *best = host != NULL ? best_of(host, MH_STR("")) : NULL;
	if (best == NULL || mh_host_generic(best->name, &host->ip, NULL) != MH_GENERIC_NO)
		return false;
	mh_say(tell, " Let the server say ");
	mh_say_str(tell, best->name);
	mh_say(tell, ", the reverse name of its address.");
	return true;
}

/* tell_mismatch - of a name in EHLO that can be looked up, and one address */
static void
tell_mismatch(struct mh_tell *tell, const struct mh_host *host, const struct mh_host_named *named)
{
	const struct mh_fact *fact = mh_host_of_family(named, &host->ip);
	enum mh_host_tri leads = mh_host_leads_to(fact, &host->ip);

	if (leads == MH_HOST_UNKNOWN) {
		mh_tell_unknown(tell, fact);
		return;
	}
	if (leads == MH_HOST_NO) {
		say_where(tell, named->name, fact);
		mh_say(tell, ", and mail comes from ");
		mh_say_str(tell, host->text);
		mh_say(tell, ".");
	} else {
		/* That a generic name is not the one that is said is told by that, and mended with it. */
		if (host->confirmed != MH_HOST_YES || is_a_name(host, named->name) || is_generic(host))
			return;
		mh_say(tell, "The server says ");
		mh_say_str(tell, named->name);
		mh_say(tell, ", and the reverse name of ");
		mh_say_str(tell, host->text);
		mh_say(tell, " is ");
		mh_say_str(tell, host->names[0].name);
		mh_say(tell, ".");
	}
	/* Where a reverse name does its work, it is the setting of the server that has to change. */
	if (!say_instead(tell, host))
		fix_to(tell, host, named);
	mh_tell(tell, MH_F_HOST_HELO_MISMATCH, named->name);
}

/* tell_literal - of an address in brackets */
static void
tell_literal(struct mh_tell *tell, const struct mh_helo *helo, const struct mh_host *hosts, unsigned count)
{
	struct mh_ip said = mh_host_ip_plain(&helo->ip);
	bool is_own = count == 0 || !hosts[0].is_public;

	for (unsigned i = 0; i < count; i++)
		is_own = is_own ||
		    (said.family == hosts[i].ip.family &&
			memcmp(said.octets, hosts[i].ip.octets, said.family == 4 ? 4 : 16) == 0);
	mh_say(tell, "The server says ");
	mh_say_str(tell, helo->text);
	if (!is_own) {
		mh_say(tell, ", and mail comes from ");
		mh_say_str(tell, hosts[0].text);
	}
	mh_say(tell, ".");
	(void)say_instead(tell, count > 0 ? &hosts[0] : NULL);
	mh_tell(tell, MH_F_HOST_HELO_LITERAL, helo->text);
}

/* tell_no_name - of what is said in EHLO and is no name, or hardly one */
static void
tell_no_name(struct mh_tell *tell, const struct mh_helo *helo, const struct mh_host *host)
{
	mh_say_str(tell, helo->text);
	mh_say(tell, ": ");
	mh_say(tell, mh_helo_text(helo->kind));
	mh_say(tell, ".");
	(void)say_instead(tell, host);
	/* Most receivers take the dot for what DNS means by it. */
	if (helo->kind == MH_HELO_FINAL_DOT)
		tell->severity = MH_SEV_WARN;
	mh_tell(tell, MH_F_HOST_HELO_INVALID, helo->part);
}

/* tell_ipv6 - IPv6 addresses of the EHLO name that have no reverse name */
static void
tell_ipv6(struct mh_look *look, const struct mh_host_greeting *greeting)
{
	for (unsigned i = 0; i < greeting->count6; i++) {
		const struct mh_fact *ptr = greeting->ptr6[i];
		char room[MH_IP_TEXT_MAX];
		struct mh_str text = mh_str_n(room, mh_ip_print(&greeting->ips6[i], room));
		struct mh_tell tell;
		if (ptr == NULL)
			return;
		mh_look_row(look, "host", greeting->reverse6[i], MH_RR_PTR, ptr);
		mh_look_tell(look, &tell, "host", greeting->reverse6[i]);
		if (ptr->state == MH_FACT_UNKNOWN) {
			mh_tell_unknown(&tell, ptr);
		} else if (mh_fact_is_absent(ptr)) {
			fix_ptr(&tell, greeting->reverse6[i], ptr, greeting->named.name);
			tell_no_ptr6(&tell, text, greeting->named.name);
		}
		mh_look_told(look, &tell);
	}
}

/* is_nobodys - whether there is no such name in DNS, or nothing by which mail gets there, for another reason than that
 * a reverse name is wrong */
static bool
is_nobodys(const struct mh_host_greeting *greeting, const struct mh_host *hosts, unsigned count)
{
	const struct mh_host_named *named = &greeting->named;

	for (unsigned i = 0; i < count; i++)
		if (is_a_name(&hosts[i], named->name))
			return false;
	if (mh_host_is_bare(named))
		return is_absent(greeting->mx);
	return named->a != NULL && named->a->state == MH_FACT_NXDOMAIN &&
	    (named->aaaa == NULL || named->aaaa->state == MH_FACT_NXDOMAIN);
}

/* tell_nobodys - such a name: only names with an address or an MX record may be said (RFC 5321 2.3.5) */
static void
tell_nobodys(struct mh_tell *tell, const struct mh_host_named *named, const struct mh_host *host)
{
	mh_say_str(tell, named->name);
	mh_say(tell,
	    mh_host_is_bare(named) ? " has neither an address nor an MX record." : " does not exist in DNS.");
	if (!say_instead(tell, host) && host != NULL)
		fix_to(tell, host, named);
	mh_tell(tell, MH_F_HOST_HELO_INVALID, named->name);
}

/* tell_name - of a name that can be looked up; there may be no address that mail comes from */
static void
tell_name(struct mh_tell *tell, const struct mh_host_greeting *greeting, const struct mh_host *hosts,
    unsigned count)
{
	const struct mh_host_named *named = &greeting->named;

	if (greeting->mx != NULL && greeting->mx->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(tell, greeting->mx);
	if (is_nobodys(greeting, hosts, count)) {
		tell_nobodys(tell, named, count > 0 ? &hosts[0] : NULL);
		return;
	}
	if (count == 0 && is_absent(named->a) && is_absent(named->aaaa)) {
		mh_say_str(tell, named->name);
		mh_say(tell, " has no address at all.");
		mh_tell(tell, MH_F_HOST_HELO_MISMATCH, named->name);
	}
	for (unsigned i = 0; i < count; i++) {
		if (!hosts[i].is_public)
			continue;
		tell_mismatch(tell, &hosts[i], named);
		/* Of a reverse name it has been told already. */
		if (hosts[i].ptr->state != MH_FACT_UNKNOWN && !is_a_name(&hosts[i], named->name) &&
		    mh_host_generic(named->name, &hosts[i].ip, NULL) != MH_GENERIC_NO &&
		    !mh_tell_has(tell, MH_F_HOST_GENERIC_NAME))
			tell_generic(tell, &hosts[i], named->name, NULL);
	}
}

static void
tell_helo(struct mh_look *look, const struct mh_host_greeting *greeting, const struct mh_host *hosts,
    unsigned count)
{
	const struct mh_host_named *named = &greeting->named;
	const struct mh_helo *helo = &greeting->helo;
	struct mh_tell tell;

	mh_look_tell(look, &tell, "host", named->name.len > 0 ? named->name : helo->text);
	if (helo->kind == MH_HELO_LITERAL)
		tell_literal(&tell, helo, hosts, count);
	else if (helo->kind != MH_HELO_NAME)
		tell_no_name(&tell, helo, count > 0 ? &hosts[0] : NULL);
	if (named->name.len > 0)
		tell_name(&tell, greeting, hosts, count);
	mh_look_told(look, &tell);
}

/* ---------------------------------------------------------------- all of it */

/* wished - the name that the host should have: the one that it says, or the one by which it was asked about */
static struct mh_host_named
wished(struct mh_look *look, const struct mh_host_greeting *greeting)
{
	const struct mh_domain_check *check = look->check;
	struct mh_host_named named = greeting->named;
	if (named.name.len > 0 || !check->is_host || check->domain.len == 0 || check->ip.family != 0)
		return named;
	named.name = check->domain;
	named.a = mh_known(look->pass, check->domain, MH_RR_A);
	named.aaaa = mh_known(look->pass, check->domain, MH_RR_AAAA);
	return named;
}

/* tell_no_address - of a host that was named and has none, as far as can be told */
static void
tell_no_address(struct mh_look *look)
{
	struct mh_str name = look->check->domain;
	const struct mh_fact *a = mh_known(look->pass, name, MH_RR_A);
	const struct mh_fact *aaaa = mh_known(look->pass, name, MH_RR_AAAA);
	struct mh_tell tell;

	mh_look_tell(look, &tell, "host", name);
	if (is_absent(a) && is_absent(aaaa)) {
		mh_say_str(&tell, name);
		mh_say(&tell, a->state == MH_FACT_NXDOMAIN ? " does not exist." : " has no address.");
		mh_tell(&tell, MH_F_HOST_NO_ADDRESS, name);
	}
	if (a != NULL && a->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, a);
	if (aaaa != NULL && aaaa->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, aaaa);
	mh_look_told(look, &tell);
}

void
mh_host_tell(struct mh_look *look, const struct mh_host_all *all)
{
	struct mh_host_named name = wished(look, &all->greeting);

	for (unsigned i = 0; i < all->count; i++)
		tell_host(look, all, &all->hosts[i], &name);
	if (all->count == 0 && look->check->is_host && look->check->domain.len > 0)
		tell_no_address(look);
	if (all->greeting.helo.text.len > 0)
		tell_helo(look, &all->greeting, all->hosts, all->count);
	tell_ipv6(look, &all->greeting);
}
