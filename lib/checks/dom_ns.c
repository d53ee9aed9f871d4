/* dom_ns.c - section "ns" of the check "domain": its name servers, and its SOA record
 *
 * Only of a name that has a zone of its own; what is above is another's matter.  NS
 * and SOA are asked for in the first round, addresses of at most four name servers in
 * the second, IPv6 in the third of those that have no IPv4.
 *
 * Does not: ask the name servers themselves, so that one that does not know the zone
 * is not found.
 *
 * RFC 1912 2.2 and 2.8, RFC 2181 10.3, RFC 2182
 */
#include "domain.h"

#include "error.h"
#include "zone_sanity.h"

#define SERVERS_MAX 4

struct all {
	const struct mh_fact *ns, *soa;
	struct mh_target servers[SERVERS_MAX];
	size_t numbers[SERVERS_MAX]; /* of their records in the fact */
	unsigned count;
	unsigned good; /* that can be reached */
	bool is_cut; /* there are more */
};

/* want_server - where one leads */
static void
want_server(struct mh_look *look, struct mh_target *server, struct mh_str name)
{
	mh_target_begin(server, name);
	if (server->state != MH_TARGET_UNKNOWN)
		return;
	server->a = mh_want(look->pass, name, MH_RR_A);
	if (server->a != NULL && mh_fact_is_absent(server->a))
		server->aaaa = mh_want(look->pass, name, MH_RR_AAAA);
	mh_target_judge(server);
}

static void
want_servers(struct mh_look *look, struct all *all)
{
	char name[MH_DNAME_TEXT_MAX];

	for (size_t i = 0; i < all->ns->count; i++) {
		size_t len = mh_rr_name(all->ns, i, name, NULL);
		if (len == 0)
			continue;
		if (all->count == SERVERS_MAX) {
			all->is_cut = true;
			return;
		}
		struct mh_str kept = mh_name_kept(look->pass->arena, name, len);
		if (kept.p == NULL) {
			look->pass->error = MH_ERR_ENOMEM;
			return;
		}
		all->numbers[all->count] = i;
		want_server(look, &all->servers[all->count], kept);
		all->good += all->servers[all->count].publics > 0;
		all->count++;
	}
}

/* look_at - false: wait */
static bool
look_at(struct mh_look *look, struct all *all)
{
	*all = (struct all){ .count = 0 };
	all->ns = mh_want(look->pass, look->check->domain, MH_RR_NS);
	all->soa = mh_want(look->pass, look->check->domain, MH_RR_SOA);
	if (all->ns == NULL || all->soa == NULL)
		return false;
	/* An alias's NS records are those of another zone. */
	if (mh_fact_is_present(all->ns) && !all->ns->is_alias)
		want_servers(look, all);
	return true;
}

/* ------------------------------------------------------------------ telling */

/* say_fault - what is wrong with a name server; false: nothing, as far as is known */
static bool
say_fault(struct mh_tell *tell, const struct mh_target *server, struct mh_str domain)
{
	const char *text = NULL;

	switch (server->state) {
	case MH_TARGET_ROOT:
	case MH_TARGET_LITERAL:
		text = " is no name of a host.";
		break;
	case MH_TARGET_MISSING:
		text = " does not exist.";
		break;
	case MH_TARGET_NO_ADDRESS:
		text = " has no address.";
		break;
	case MH_TARGET_SELF:
	case MH_TARGET_PRIVATE:
		text =
		    server->publics == 0 ? " has only addresses that nobody on the Internet reaches." : NULL;
		break;
	default:
		text = server->is_alias ? " is an alias (CNAME), which a name server must not be." : NULL;
		break;
	}
	if (text == NULL)
		return false;
	mh_say_str(tell, server->name);
	mh_say(tell, text);
	if (server->state == MH_TARGET_MISSING && mh_name_lacks_dot(server->name, domain))
		mh_say(tell, " Look for a missing dot at the end of the name in the zone file.");
	return true;
}

/* is_named - whether a name server of that name is there already */
static bool
is_named(const struct all *all, struct mh_str name)
{
	for (unsigned i = 0; i < all->count; i++)
		if (mh_str_eq(all->servers[i].name, name))
			return true;
	return false;
}

static void
tell_server(struct mh_look *look, struct mh_tell *tell, const struct all *all, unsigned i)
{
	const struct mh_target *server = &all->servers[i];
	bool is_usable = server->is_alias && server->publics > 0;
	const struct mh_fact *const facts[] = { server->a, server->aaaa };

	for (unsigned k = 0; k < 2; k++)
		if (facts[k] != NULL && facts[k]->state == MH_FACT_UNKNOWN)
			mh_tell_unknown(tell, facts[k]);
	if (!say_fault(tell, server, look->check->domain))
		return;
	if (is_usable || all->good > 0) {
		struct mh_fix *fix = mh_tell_fix(tell, look->check->domain, MH_RR_NS, all->ns);
		mh_fix_remove(tell, fix, all->ns, all->numbers[i]);
		if (is_usable && !is_named(all, server->canonical))
			mh_fix_add(tell, fix, mh_name_absolute(tell->arena, server->canonical));
	}
	mh_tell_about(tell, MH_F_NS_LAME, server->name, server->name);
}

/* tell_place - whether all hangs on one server, or one network */
static void
tell_place(struct mh_tell *tell, const struct all *all)
{
	if (all->ns->count == 1) {
		mh_say_str(tell, all->servers[0].name);
		mh_say(tell, " is the only one.");
		mh_tell(tell, MH_F_NS_SINGLE, all->servers[0].name);
		return;
	}
	enum mh_ns_place place =
	    all->is_cut || all->count < 2 ? MH_NS_SPREAD : mh_ns_place(all->servers, all->count);
	if (place == MH_NS_SPREAD)
		return;
	if (place == MH_NS_ONE_ADDRESS) {
		mh_say(tell, "All name servers have the same IPv4 address.");
	} else {
		/* Behind one network there may be many machines at many places. */
		mh_say(tell, "The IPv4 addresses of all name servers are in the same network (/24).");
		tell->severity = MH_SEV_INFO;
	}
	mh_tell(tell, MH_F_NS_SINGLE, all->servers[0].name);
}

/* tell_odds - of the SOA record */
static void
tell_odds(struct mh_look *look, struct mh_tell *tell, const struct all *all)
{
	struct mh_soa soa;
	bool is_bad, is_harm = false;
	struct mh_str shown = mh_rr_printed(tell->arena, all->soa, 0);

	tell->bad |= shown.p == NULL;
	if (!mh_soa_read(tell->arena, all->soa, &soa, &is_bad)) {
		tell->bad |= is_bad;
		if (!is_bad)
			mh_tell(tell, MH_F_DNS_MALFORMED, shown);
		return;
	}
	unsigned odds = mh_soa_judge(&soa);
	if (odds == 0)
		return;
	for (int odd = 0, said = 0; odd < MH_SOA_ODD_COUNT; odd++) {
		if ((odds & 1u << odd) == 0)
			continue;
		mh_say(tell, said++ > 0 ? "; " : "By this record, ");
		mh_say(tell, mh_soa_odd_text((enum mh_soa_odd)odd));
		is_harm = is_harm || mh_soa_odd_is_harm((enum mh_soa_odd)odd);
	}
	mh_say(tell, ".");
	if (!is_harm)
		tell->severity = MH_SEV_INFO;
	mh_soa_mend(tell->arena, &soa, all->good > 0 ? all->servers[0].name : MH_STR(""));
	if (soa.rname.p == NULL) {
		tell->bad = true;
	} else if ((mh_soa_judge(&soa) & odds) == 0) {
		struct mh_fix *fix = mh_tell_fix(tell, look->check->domain, MH_RR_SOA, all->soa);
		mh_fix_remove(tell, fix, all->soa, 0);
		mh_fix_add(tell, fix, mh_soa_print(tell->arena, &soa));
	}
	mh_tell(tell, MH_F_SOA_ODD, shown);
}

/* tell_soa - of the record that says how the zone is kept */
static void
tell_soa(struct mh_look *look, const struct all *all, bool has_zone)
{
	struct mh_tell tell;

	mh_look_row(look, "soa", look->check->domain, MH_RR_SOA, all->soa);
	mh_look_tell(look, &tell, "soa", look->check->domain);
	if (all->soa->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, all->soa);
	if (has_zone)
		tell_odds(look, &tell, all);
	mh_look_told(look, &tell);
}

void
mh_dom_ns(struct mh_look *look)
{
	struct mh_tell tell;
	struct all all;

	if (!look_at(look, &all) || look->report == NULL)
		return;
	/* A name without an SOA record is in a zone of another name: what NS records it may have say nothing. */
	bool has_zone = mh_fact_is_present(all.soa) && !all.soa->is_alias;
	mh_look_row(look, "ns", look->check->domain, MH_RR_NS, all.ns);
	mh_look_tell(look, &tell, "ns", look->check->domain);
	if (all.ns->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, all.ns);
	for (unsigned i = 0; has_zone && i < all.count; i++)
		tell_server(look, &tell, &all, i);
	if (has_zone && all.count > 0)
		tell_place(&tell, &all);
	mh_look_told(look, &tell);
	tell_soa(look, &all, has_zone);
}
