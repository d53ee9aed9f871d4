/* dom_host.c - section "host" of the checks "domain" and "host": the sending address, its reverse name, and EHLO
 *
 * Receivers want three things to agree: the reverse name of the address, the
 * addresses of that name, and the name in EHLO.  The reverse name belongs to
 * whoever runs the network, so that a fix of it is for the provider to make.
 *
 * RFC 1912 2.1, RFC 5321 2.3.5, 4.1.1.1, 4.1.3
 */
#include "dom_host.h"

#include "error.h"
#include "hostname.h"
#include "port.h"

#define NAMES_MAX 10 /* reverse names that are followed, as many as SPF does (RFC 7208 5.5) */
#define SAID_MAX 4 /* of them, those that a sentence has */
#define HELO6_MAX 2 /* IPv6 addresses of the EHLO name whose reverse names are looked at */

enum tri { NO, YES, UNKNOWN };

/* A name and its addresses; NULL: missing, or not asked. */
struct named {
	struct mh_str name;
	const struct mh_fact *a, *aaaa;
};

/* What the host says in EHLO. */
struct greeting {
	struct mh_helo helo;
	struct named named; /* of a name that can be looked up; len 0 */
	struct mh_str reverse6[HELO6_MAX]; /* of its IPv6 addresses, where the sending address is none */
	const struct mh_fact *ptr6[HELO6_MAX];
	unsigned count6;
};

/* One sending address. */
struct host {
	struct mh_ip ip;
	struct mh_str text, reverse;
	bool is_public;
	const struct mh_fact *ptr; /* NULL: missing */
	struct named names[NAMES_MAX]; /* only the facts of the address's family */
	unsigned count;
	enum tri confirmed; /* whether one of the names leads back */
};

/* ------------------------------------------------------------------- asking */

static struct mh_str
keep(struct mh_pass *pass, const char *text, size_t len)
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

/* leads_to - whether an address is among a fact's; UNKNOWN: it is missing or could not be had */
static enum tri
leads_to(const struct mh_fact *fact, const struct mh_ip *ip)
{
	struct mh_ip other;
	if (fact == NULL || fact->state == MH_FACT_UNKNOWN)
		return UNKNOWN;
	for (size_t i = 0; i < fact->count; i++)
		if (mh_rr_ip(fact, i, &other) && other.family == ip->family &&
		    memcmp(other.octets, ip->octets, ip->family == 4 ? 4 : 16) == 0)
			return YES;
	return NO;
}

static const struct mh_fact *
of_family(const struct named *named, const struct mh_ip *ip)
{
	return ip->family == 4 ? named->a : named->aaaa;
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
ask_names(struct mh_pass *pass, struct host *host)
{
	char name[MH_DNAME_TEXT_MAX];
	bool is_known = true;

	host->confirmed = NO;
	for (size_t i = 0; i < host->ptr->count; i++) {
		size_t len = mh_rr_name(host->ptr, i, name, NULL);
		if (len == 0)
			continue;
		if (host->count == NAMES_MAX)
			break;
		struct named *named = &host->names[host->count++];
		named->name = keep(pass, name, len);
		if (named->name.len == 0 || mh_str_eq(named->name, MH_STR(".")))
			continue; /* the root has no address */
		const struct mh_fact *fact =
		    mh_want(pass, named->name, host->ip.family == 4 ? MH_RR_A : MH_RR_AAAA);
		*(host->ip.family == 4 ? &named->a : &named->aaaa) = fact;
		enum tri leads = leads_to(fact, &host->ip);
		is_known = is_known && leads != UNKNOWN;
		if (leads == YES)
			host->confirmed = YES;
	}
	if (host->confirmed == NO && !is_known)
		host->confirmed = UNKNOWN;
}

static void
ask_host(struct mh_pass *pass, const struct mh_ip *ip, struct host *host)
{
	char name[MH_DNAME_TEXT_MAX], text[MH_IP_TEXT_MAX];

	*host = (struct host){ .ip = *ip, .confirmed = UNKNOWN };
	host->text = keep(pass, text, mh_ip_print(ip, text));
	host->reverse = keep(pass, name, mh_dname_reverse(ip, name));
	host->is_public = mh_host_ip_is_public(ip);
	if (!host->is_public || host->reverse.len == 0)
		return;
	host->ptr = mh_want(pass, host->reverse, MH_RR_PTR);
	if (host->ptr != NULL && host->ptr->state != MH_FACT_UNKNOWN)
		ask_names(pass, host);
}

/* ask_helo - what is said in EHLO, and where it leads */
static void
ask_helo(struct mh_look *look, struct greeting *greeting, const struct mh_ip *ip)
{
	struct mh_pass *pass = look->pass;
	char name[MH_DNAME_TEXT_MAX];
	struct named *named = &greeting->named;

	*greeting = (struct greeting){ .count6 = 0 };
	mh_helo_read(&greeting->helo, look->check->helo);
	named->name = MH_STR("");
	if (greeting->helo.kind != MH_HELO_NAME && greeting->helo.kind != MH_HELO_FINAL_DOT)
		return;
	named->name = keep(pass, name, mh_dname_canonical(greeting->helo.text, name));
	if (named->name.len == 0)
		return;
	named->a = mh_want(pass, named->name, MH_RR_A);
	named->aaaa = mh_want(pass, named->name, MH_RR_AAAA);
	/* A host that sends by IPv4 today and has an IPv6 address too sends by it to whoever can take it. */
	if (ip->family != 4 || leads_to(named->a, ip) != YES || named->aaaa == NULL)
		return;
	for (size_t i = 0; i < named->aaaa->count && greeting->count6 < HELO6_MAX; i++) {
		struct mh_ip ip6;
		if (!mh_rr_ip(named->aaaa, i, &ip6) || !mh_host_ip_is_public(&ip6))
			continue;
		struct mh_str reverse = keep(pass, name, mh_dname_reverse(&ip6, name));
		if (reverse.len == 0)
			return;
		greeting->reverse6[greeting->count6] = reverse;
		greeting->ptr6[greeting->count6++] = mh_want(pass, reverse, MH_RR_PTR);
	}
}

/* wished - the name that the host should have: the one that it says, or the one by which it was asked about */
static struct named
wished(struct mh_look *look, const struct greeting *greeting)
{
	const struct mh_domain_check *check = look->check;
	struct named named = greeting->named;
	if (named.name.len > 0 || !check->is_host || check->domain.len == 0 || check->ip.family != 0)
		return named;
	named.name = check->domain;
	named.a = mh_known(look->pass, check->domain, MH_RR_A);
	named.aaaa = mh_known(look->pass, check->domain, MH_RR_AAAA);
	return named;
}

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

/* fix_ptr - that name in place of all reverse names; where the provider hands the name on by a CNAME (RFC 2317) it is
 * changed at the place that the CNAME leads to */
static void
fix_ptr(struct mh_tell *tell, struct mh_str reverse, const struct mh_fact *ptr, struct mh_str name)
{
	bool is_handed_on = ptr->is_alias && mh_dname_is_under(ptr->canonical, MH_STR("arpa"));
	struct mh_fix *fix =
	    mh_tell_fix(tell, is_handed_on ? ptr->canonical : reverse, MH_RR_PTR, is_handed_on ? NULL : ptr);
	bool is_there = false;

	if (fix == NULL)
		return;
	if (is_handed_on && mh_fact_is_present(ptr))
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
fix_address(struct mh_tell *tell, const struct named *named, const struct host *host)
{
	struct mh_fix *fix = mh_tell_fix(tell, named->name, host->ip.family == 4 ? MH_RR_A : MH_RR_AAAA,
	    of_family(named, &host->ip));
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
fix_to(struct mh_tell *tell, const struct host *host, const struct named *named)
{
	if (named->name.len == 0 || mh_host_generic(named->name, &host->ip, NULL) != MH_GENERIC_NO ||
	    host->ptr == NULL || host->ptr->state == MH_FACT_UNKNOWN)
		return;
	enum tri leads = leads_to(of_family(named, &host->ip), &host->ip);
	if (leads == NO && is_absent(named->a) && is_absent(named->aaaa))
		fix_address(tell, named, host);
	else if (leads != YES)
		return;
	fix_ptr(tell, host->reverse, host->ptr, named->name);
}

/* ------------------------------------------------------------------ telling */

/* tell_no_ptr - of an address without a reverse name; name is the one that it should have, if that is known */
static void
tell_no_ptr(struct mh_tell *tell, const struct host *host, const struct named *name)
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
tell_unconfirmed(struct mh_look *look, struct mh_tell *tell, const struct host *host,
    const struct named *name)
{
	struct mh_str evidence = host->count > 0 ? host->names[0].name : MH_STR("");

	mh_say(tell, "No name of ");
	mh_say_str(tell, host->text);
	mh_say(tell, " leads back to it: ");
	for (unsigned i = 0; i < host->count && i < SAID_MAX; i++) {
		mh_say(tell, i > 0 ? "; " : "");
		say_where(tell, host->names[i].name, of_family(&host->names[i], &host->ip));
	}
	mh_say(tell,
	    host->count == 0             ? "its PTR record cannot be read."
		: host->count > SAID_MAX ? "; and so on."
					 : ".");
	fix_to(tell, host, name);
	/* A name of one's own can be made to lead back instead. */
	const struct named *own = &host->names[0];
	if (tell->fixes_count == 0 && host->count == 1 && look->check->domain.len > 0 &&
	    mh_dname_is_under(own->name, look->check->domain) && is_absent(of_family(own, &host->ip)))
		fix_address(tell, own, host);
	mh_tell(tell, MH_F_HOST_PTR_UNCONFIRMED, evidence);
}

/* best_of - of several reverse names the one to keep: what is said in EHLO, or the first that leads back */
static const struct named *
best_of(const struct host *host, struct mh_str said)
{
	const struct named *best = NULL;
	for (unsigned i = 0; i < host->count; i++) {
		if (leads_to(of_family(&host->names[i], &host->ip), &host->ip) != YES)
			continue;
		if (best == NULL || mh_str_eq(host->names[i].name, said))
			best = &host->names[i];
	}
	return best;
}

static void
tell_multiple(struct mh_tell *tell, const struct host *host, struct mh_str said)
{
	const struct named *best = best_of(host, said);

	mh_say_int(tell, host->ptr->count);
	mh_say(tell, " reverse names: ");
	for (unsigned i = 0; i < host->count && i < SAID_MAX; i++) {
		mh_say(tell, i > 0 ? ", " : "");
		mh_say_str(tell, host->names[i].name);
	}
	mh_say(tell, host->count > SAID_MAX ? " and more." : ".");
	if (best != NULL) {
		mh_say(tell, " Keep ");
		mh_say_str(tell, best->name);
		mh_say(tell, ".");
		fix_ptr(tell, host->reverse, host->ptr, best->name);
	}
	mh_tell_arg_int(tell, "names", host->ptr->count);
	mh_tell(tell, MH_F_HOST_PTR_MULTIPLE, host->names[0].name);
}

static void
tell_generic(struct mh_tell *tell, const struct host *host, struct mh_str name, const struct named *wish)
{
	struct mh_str part;
	enum mh_generic generic = mh_host_generic(name, &host->ip, &part);

	mh_say_str(tell, name);
	mh_say(tell, ": ");
	mh_say(tell, mh_generic_text(generic));
	mh_say(tell, " (");
	mh_say_str(tell, part);
	mh_say(tell, ").");
	fix_to(tell, host, wish);
	mh_tell(tell, MH_F_HOST_GENERIC_NAME, part);
}

/* tell_names - about the reverse names of an address that has some */
static void
tell_names(struct mh_look *look, struct mh_tell *tell, const struct host *host, const struct named *name)
{
	const struct named *first_generic = NULL;
	bool is_generic = host->count > 0;

	if (host->confirmed == NO)
		tell_unconfirmed(look, tell, host, name);
	for (unsigned i = 0; i < host->count; i++) {
		const struct mh_fact *fact = of_family(&host->names[i], &host->ip);
		if (host->confirmed == UNKNOWN && fact != NULL && fact->state == MH_FACT_UNKNOWN) {
			mh_tell_unknown(tell, fact);
			break;
		}
	}
	if (host->count > 1)
		tell_multiple(tell, host, name->name);
	for (unsigned i = 0; i < host->count; i++) {
		bool is_so = mh_host_generic(host->names[i].name, &host->ip, NULL) != MH_GENERIC_NO;
		is_generic = is_generic && is_so;
		if (is_so && first_generic == NULL)
			first_generic = &host->names[i];
	}
	if (is_generic)
		tell_generic(tell, host, first_generic->name, name);
}

static void
tell_host(struct mh_look *look, const struct host *host, const struct named *name)
{
	struct mh_tell tell;

	mh_look_tell(look, &tell, "host", host->reverse);
	if (!host->is_public) {
		mh_tell_about(&tell, MH_F_HOST_PRIVATE_ADDRESS, host->text, host->text);
	} else if (host->ptr->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&tell, host->ptr);
	} else if (mh_fact_is_absent(host->ptr)) {
		tell_no_ptr(&tell, host, name);
	} else {
		tell_names(look, &tell, host, name);
	}
	mh_look_told(look, &tell);
}

/* is_a_name - whether a name is one of the reverse names */
static bool
is_a_name(const struct host *host, struct mh_str name)
{
	for (unsigned i = 0; i < host->count; i++)
		if (mh_str_eq(host->names[i].name, name))
			return true;
	return false;
}

/* say_instead - which name to say; false: there is no good one */
static bool
say_instead(struct mh_tell *tell, const struct host *host)
{
	const struct named *best = host != NULL ? best_of(host, MH_STR("")) : NULL;
	if (best == NULL || mh_host_generic(best->name, &host->ip, NULL) != MH_GENERIC_NO)
		return false;
	mh_say(tell, " Let the server say ");
	mh_say_str(tell, best->name);
	mh_say(tell, ", the reverse name of its address.");
	return true;
}

/* tell_mismatch - of a name in EHLO that can be looked up, and one address */
static void
tell_mismatch(struct mh_tell *tell, const struct host *host, const struct named *named)
{
	const struct mh_fact *fact = of_family(named, &host->ip);
	enum tri leads = leads_to(fact, &host->ip);

	if (leads == UNKNOWN) {
		mh_tell_unknown(tell, fact);
		return;
	}
	if (leads == NO) {
		say_where(tell, named->name, fact);
		mh_say(tell, ", and mail comes from ");
		mh_say_str(tell, host->text);
		mh_say(tell, ".");
	} else {
		if (host->confirmed != YES || is_a_name(host, named->name))
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

/* tell_no_name - of what is said in EHLO and is no name: false if it is one */
static bool
tell_no_name(struct mh_tell *tell, const struct mh_helo *helo, const struct host *host)
{
	char text[MH_IP_TEXT_MAX];

	if (helo->kind == MH_HELO_NAME)
		return false;
	if (helo->kind == MH_HELO_LITERAL) {
		mh_say(tell, "The server says ");
		mh_say_str(tell, helo->text);
		mh_say(tell, ".");
		(void)say_instead(tell, host);
		mh_tell(tell, MH_F_HOST_HELO_LITERAL, helo->text);
		struct mh_ip said = mh_host_ip_plain(&helo->ip);
		if (host == NULL ||
		    (said.family == host->ip.family &&
			memcmp(said.octets, host->ip.octets, said.family == 4 ? 4 : 16) == 0))
			return true;
		mh_say(tell, "The server says that it is ");
		mh_say_str(tell, mh_str_n(text, mh_ip_print(&said, text)));
		mh_say(tell, ", and mail comes from ");
		mh_say_str(tell, host->text);
		mh_say(tell, ".");
		mh_tell(tell, MH_F_HOST_HELO_MISMATCH, helo->text);
		return true;
	}
	mh_say_str(tell, helo->text);
	mh_say(tell, ": ");
	mh_say(tell, mh_helo_text(helo->kind));
	mh_say(tell, ".");
	(void)say_instead(tell, host);
	/* Most receivers take the dot for what DNS means by it. */
	if (helo->kind == MH_HELO_FINAL_DOT)
		tell->severity = MH_SEV_WARN;
	mh_tell(tell, MH_F_HOST_HELO_INVALID, helo->part);
	return helo->kind != MH_HELO_FINAL_DOT;
}

/* tell_ipv6 - IPv6 addresses of the EHLO name that have no reverse name */
static void
tell_ipv6(struct mh_look *look, const struct greeting *greeting)
{
	for (unsigned i = 0; i < greeting->count6; i++) {
		const struct mh_fact *ptr = greeting->ptr6[i];
		struct mh_tell tell;
		struct mh_ip ip;
		char text[MH_IP_TEXT_MAX];
		if (ptr == NULL)
			return;
		mh_look_row(look, "host", greeting->reverse6[i], MH_RR_PTR, ptr);
		mh_look_tell(look, &tell, "host", greeting->reverse6[i]);
		if (ptr->state == MH_FACT_UNKNOWN) {
			mh_tell_unknown(&tell, ptr);
		} else if (mh_fact_is_absent(ptr) && mh_rr_ip(greeting->named.aaaa, i, &ip)) {
			mh_say_str(&tell, greeting->named.name);
			mh_say(&tell, " has the IPv6 address ");
			mh_say_str(&tell, mh_str_n(text, mh_ip_print(&ip, text)));
			mh_say(&tell, " too, which has no PTR record.");
			fix_ptr(&tell, greeting->reverse6[i], ptr, greeting->named.name);
			mh_tell(&tell, MH_F_HOST_IPV6_NO_PTR, mh_str_n(text, mh_ip_print(&ip, text)));
		}
		mh_look_told(look, &tell);
	}
}

/* tell_helo - about what is said in EHLO; hosts may be none */
static void
tell_helo(struct mh_look *look, const struct greeting *greeting, const struct host *hosts, unsigned count)
{
	const struct named *named = &greeting->named;
	struct mh_tell tell;
	bool is_told = false;

	mh_look_tell(look, &tell, "host", named->name.len > 0 ? named->name : greeting->helo.text);
	is_told = tell_no_name(&tell, &greeting->helo, count > 0 && hosts[0].is_public ? &hosts[0] : NULL);
	if (!is_told && count == 0 && is_absent(named->a) && is_absent(named->aaaa)) {
		mh_say_str(&tell, named->name);
		mh_say(&tell, " has no address at all.");
		mh_tell(&tell, MH_F_HOST_HELO_MISMATCH, named->name);
	}
	for (unsigned i = 0; i < count && !is_told; i++) {
		if (!hosts[i].is_public)
			continue;
		tell_mismatch(&tell, &hosts[i], named);
		if (!is_a_name(&hosts[i], named->name) &&
		    mh_host_generic(named->name, &hosts[i].ip, NULL) != MH_GENERIC_NO &&
		    !mh_tell_has(&tell, MH_F_HOST_GENERIC_NAME))
			tell_generic(&tell, &hosts[i], named->name, best_of(&hosts[i], MH_STR("")));
	}
	mh_look_told(look, &tell);
}

/* ------------------------------------------------------------------ section */

/* All that is looked at. */
struct all {
	struct mh_ip ips[MH_HOST_ADDRESSES_MAX];
	struct host *hosts;
	unsigned count;
	struct greeting greeting;
};

/* look_at_all - false: no memory */
static bool
look_at_all(struct mh_look *look, struct all *all)
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
add_rows(struct mh_look *look, const struct all *all)
{
	const struct named *named = &all->greeting.named;
	bool is_six = all->count > 0 && all->ips[0].family == 6;

	for (unsigned i = 0; i < all->count; i++) {
		const struct host *host = &all->hosts[i];
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

/* is_complete - whether every fact is there: without memory it may not be */
static bool
is_complete(const struct all *all)
{
	for (unsigned i = 0; i < all->count; i++)
		if (all->hosts[i].is_public && all->hosts[i].ptr == NULL)
			return false;
	return all->greeting.named.name.len == 0 ||
	    (all->greeting.named.a != NULL && all->greeting.named.aaaa != NULL);
}

void
mh_dom_host(struct mh_look *look)
{
	struct all all;

	if (!look_at_all(look, &all) || look->report == NULL)
		return;
	if (!is_complete(&all)) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	struct named name = wished(look, &all.greeting);
	add_rows(look, &all);
	for (unsigned i = 0; i < all.count; i++)
		tell_host(look, &all.hosts[i], &name);
	if (all.count == 0 && look->check->is_host && look->check->domain.len > 0)
		tell_no_address(look);
	if (all.greeting.helo.text.len > 0)
		tell_helo(look, &all.greeting, all.hosts, all.count);
	tell_ipv6(look, &all.greeting);
}

/* --------------------------------------------------------------------- JSON */

static void
write_host(struct mh_look *look, const struct host *host, bool is_first)
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
	if (host == NULL || host->confirmed == UNKNOWN)
		mh_json_null(json);
	else
		mh_json_bool(json, host->confirmed == YES);
	mh_json_put_str(json, "helo", look->check->helo);
	mh_json_key(json, "lists");
	mh_json_open(json, '[');
	mh_dom_lists_json(look, host != NULL ? &host->ip : &none, is_first);
	mh_json_close(json, ']');
}

void
mh_dom_host_json(struct mh_look *look)
{
	struct all all;

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
