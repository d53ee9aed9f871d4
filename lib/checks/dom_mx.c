/* dom_mx.c - section "mx" of the check "domain": where its mail goes, and whether it gets there
 *
 * The MX records are asked for in the first round, all addresses of their hosts in
 * the second; a third asks only for the name that a broken record seems to mean.
 *
 * No finding about a lack of MX records is more than a note where nobody asked about
 * sending: a domain that has a web site alone is not broken.
 *
 * RFC 5321 5.1, RFC 7505, RFC 2181 10.3
 */
#include "domain.h"

#include "error.h"
#include "mx.h"
#include "psl.h"
#include "target.h"

#define HOSTS_MAX 16 /* hosts that are looked at */

/* One host; its records are those of its name. */
struct host {
	struct mh_target target;
	int preference; /* of its first record */
	size_t record; /* number of that in the fact */
	struct mh_target meant; /* what its name should have been; name len 0: nobody knows */
};

struct all {
	const struct mh_fact *mx;
	struct mh_mx_list list;
	struct host hosts[HOSTS_MAX];
	unsigned count;
	unsigned good; /* hosts to which mail gets */
	struct mh_domain_role role;
	struct mh_target self; /* the domain, where it has no MX record */
};

/* ------------------------------------------------------------------- asking */

/* want_meant - what a record that leads nowhere seems to mean */
static void
want_meant(struct mh_look *look, struct host *host)
{
	struct mh_str domain = look->check->domain;
	char name[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;
	size_t len = 0;

	host->meant.name = MH_STR("");
	if (host->target.state != MH_TARGET_MISSING && host->target.state != MH_TARGET_NO_ADDRESS &&
	    host->target.state != MH_TARGET_LITERAL)
		return;
	if (mh_mx_literal(host->target.name, domain, &ip)) {
		/* Mail servers want a name; this is the one that most of them have. */
		struct mh_str mail = mh_name_below(look->pass->arena, MH_STR("mail"), domain);
		if (mail.p == NULL)
			look->pass->error = MH_ERR_ENOMEM;
		else if (mail.len > 0 && !mh_target_is_stray(&ip))
			mh_target_begin(&host->meant, mail);
	} else if (host->target.state == MH_TARGET_MISSING &&
	    (len = mh_mx_meant(host->target.name, domain, name)) > 0) {
		struct mh_str kept = mh_name_kept(look->pass->arena, name, len);
		if (kept.p == NULL)
			look->pass->error = MH_ERR_ENOMEM;
		else
			mh_target_begin(&host->meant, kept);
	}
	mh_target_want(look->pass, &host->meant);
}

/* want_hosts - false: no memory */
static bool
want_hosts(struct mh_look *look, struct all *all)
{
	if (!mh_mx_read(look->pass->arena, all->mx, &all->list)) {
		look->pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (unsigned i = 0; i < all->list.count && all->count < HOSTS_MAX; i++) {
		const struct mh_mx *mx = &all->list.at[i];
		if (mx->is_null || mx->is_again)
			continue;
		struct host *host = &all->hosts[all->count++];
		*host = (struct host){ .preference = mx->preference, .record = mx->record };
		mh_target_begin(&host->target, mx->name);
		mh_target_want(look->pass, &host->target);
		want_meant(look, host);
		all->good += host->target.state == MH_TARGET_GOOD;
	}
	return true;
}

/* look_at_all - false: wait, or no memory */
static bool
look_at_all(struct mh_look *look, struct all *all)
{
	*all = (struct all){ .count = 0 };
	all->mx = mh_want(look->pass, look->check->domain, MH_RR_MX);
	all->role = mh_domain_role(look->pass, look->check->domain);
	if (all->mx == NULL)
		return false;
	mh_target_begin(&all->self, look->check->domain);
	if (all->mx->state == MH_FACT_NODATA)
		mh_target_want(look->pass, &all->self);
	return want_hosts(look, all);
}

/* -------------------------------------------------------------------- fixes */

/* fix_records - the records of a host go; instead, if there is such a name, has one, unless it has already */
static void
fix_records(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host,
    struct mh_str instead)
{
	struct mh_fix *fix = mh_tell_fix(tell, look->check->domain, MH_RR_MX, all->mx);

	for (unsigned i = 0; i < all->list.count; i++)
		if (mh_str_eq(all->list.at[i].name, host->target.name))
			mh_fix_remove(tell, fix, all->mx, all->list.at[i].record);
	if (instead.len > 0 && !mh_mx_has(&all->list, instead))
		mh_fix_add(tell, fix, mh_mx_print(tell->arena, host->preference, instead));
}

/* fix_without - the same without another in its place, if there is one left to which mail gets */
static void
fix_without(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	if (all->good > (host->target.state == MH_TARGET_GOOD ? 1u : 0u))
		fix_records(look, tell, all, host, MH_STR(""));
}

/* fix_addresses - those of a host's addresses go to which nobody gets, if that leaves some, and the host is the
 * domain's own */
static bool
fix_addresses(struct mh_look *look, struct mh_tell *tell, const struct mh_target *target)
{
	const struct mh_fact *const facts[] = { target->a, target->aaaa };
	struct mh_ip ip;

	if (target->publics == 0 || target->is_alias ||
	    !mh_psl_aligned(target->name, look->check->domain, false))
		return false;
	for (unsigned k = 0; k < 2; k++) {
		struct mh_fix *fix = NULL;
		for (size_t i = 0; facts[k] != NULL && i < facts[k]->count; i++) {
			if (!mh_rr_ip(facts[k], i, &ip) || !mh_target_is_stray(&ip))
				continue;
			if (fix == NULL)
				fix = mh_tell_fix(tell, target->name, facts[k]->type, facts[k]);
			mh_fix_remove(tell, fix, facts[k], i);
		}
	}
	return true;
}

/* fix_literal - a name for the address: one that has it, or that is free for it */
static void
fix_literal(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host,
    const struct mh_ip *ip)
{
	const struct mh_target *meant = &host->meant;
	char text[MH_IP_TEXT_MAX];

	for (unsigned i = 0; i < all->count; i++) {
		if (all->hosts[i].target.state == MH_TARGET_GOOD &&
		    mh_target_has(&all->hosts[i].target, ip)) {
			fix_records(look, tell, all, host, MH_STR(""));
			return;
		}
	}
	if (meant->name.len > 0 && meant->state == MH_TARGET_MISSING && !meant->is_alias) {
		struct mh_fix *fix =
		    mh_tell_fix(tell, meant->name, ip->family == 4 ? MH_RR_A : MH_RR_AAAA, NULL);
		mh_fix_add(tell, fix, mh_name_kept(tell->arena, text, mh_ip_print(ip, text)));
		fix_records(look, tell, all, host, meant->name);
	} else if (meant->name.len > 0 && meant->state == MH_TARGET_GOOD && !meant->is_alias &&
	    mh_target_has(meant, ip)) {
		fix_records(look, tell, all, host, meant->name);
	} else {
		fix_without(look, tell, all, host);
	}
}

/* ----------------------------------------------------------- telling of hosts */

/* say_alias - that a name is one, and where it leads */
static void
say_alias(struct mh_tell *tell, const struct mh_target *target)
{
	if (!target->is_alias)
		return;
	mh_say(tell, " is an alias of ");
	mh_say_str(tell, target->canonical);
	mh_say(tell, ", which");
}

/* tell_record - the finding about a name, with a record as evidence */
static void
tell_record(struct mh_tell *tell, const struct all *all, struct mh_str name, size_t record, int number)
{
	struct mh_str shown = mh_rr_printed(tell->arena, all->mx, record);
	tell->bad |= shown.p == NULL;
	mh_tell_about(tell, number, name, shown);
}

/* tell_host_as - the finding about a host */
static void
tell_host_as(struct mh_tell *tell, const struct all *all, const struct host *host, int number)
{
	tell_record(tell, all, host->target.name, host->record, number);
}

/* tell_literal - whether the target is an address */
static bool
tell_literal(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	struct mh_ip ip;

	if (host->target.is_alias || !mh_mx_literal(host->target.name, look->check->domain, &ip))
		return false;
	mh_say(tell, "Behind the preference stands ");
	mh_say_str(tell, host->target.name);
	mh_say(tell,
	    ", which mail servers look up as a name. Give the server a name, publish its address there, and "
	    "write the name into the MX record.");
	fix_literal(look, tell, all, host, &ip);
	tell_host_as(tell, all, host, MH_F_MX_ADDRESS_LITERAL);
	return true;
}

static void
tell_missing(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	const struct mh_target *meant = &host->meant;

	mh_say_str(tell, host->target.name);
	say_alias(tell, &host->target);
	mh_say(tell, " does not exist.");
	if (meant->name.len > 0 && meant->state == MH_TARGET_GOOD && !meant->is_alias) {
		mh_say(tell, " It seems that ");
		mh_say_str(tell, meant->name);
		mh_say(tell,
		    " is meant; in a zone file a whole name ends with a dot, and half a name has none.");
		fix_records(look, tell, all, host, meant->name);
	} else {
		fix_without(look, tell, all, host);
	}
	tell_host_as(tell, all, host, MH_F_MX_MISSING_TARGET);
}

static void
tell_no_address(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	mh_say_str(tell, host->target.name);
	say_alias(tell, &host->target);
	mh_say(tell, " exists, and has neither an A nor an AAAA record.");
	fix_without(look, tell, all, host);
	tell_host_as(tell, all, host, MH_F_MX_NO_ADDRESS);
}

/* say_strays - the addresses to which nobody gets */
static void
say_strays(struct mh_tell *tell, const struct mh_target *target)
{
	const struct mh_fact *const facts[] = { target->a, target->aaaa };
	char text[MH_IP_TEXT_MAX];
	struct mh_ip ip;
	unsigned said = 0;

	for (unsigned k = 0; k < 2; k++)
		for (size_t i = 0; facts[k] != NULL && i < facts[k]->count; i++) {
			if (!mh_rr_ip(facts[k], i, &ip) || !mh_target_is_stray(&ip) || said == 4)
				continue;
			mh_say(tell, said++ > 0 ? ", " : "");
			mh_say_str(tell, mh_str_n(text, mh_ip_print(&ip, text)));
		}
}

/* tell_stray - of a host with addresses that are none of the Internet, or everybody's own */
static void
tell_stray(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	const struct mh_target *target = &host->target;
	bool is_self = target->state == MH_TARGET_SELF;

	mh_say_str(tell, target->name);
	if (target->strays == 0) {
		mh_say(tell, " is what every machine calls itself");
	} else {
		mh_say(tell, " has the address ");
		say_strays(tell, target);
	}
	if (target->publics > 0)
		mh_say(tell, " beside public ones");
	mh_say(tell, is_self ? ": a sender that goes there talks to itself." : ".");
	if (!fix_addresses(look, tell, target))
		fix_without(look, tell, all, host);
	tell_host_as(tell, all, host, is_self ? MH_F_MX_SELF_LOOP : MH_F_MX_PRIVATE_ADDRESS);
}

/* tell_alias - of a name that is one, and has addresses behind it; where it has none, that is told instead */
static void
tell_alias(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	const struct mh_target *target = &host->target;

	if (!target->is_alias || target->publics + target->strays == 0)
		return;
	mh_say_str(tell, target->name);
	mh_say(tell, " is an alias (CNAME) of ");
	mh_say_str(tell, target->canonical);
	mh_say(tell,
	    mh_mx_has(&all->list, target->canonical) ? ", which has an MX record of its own."
						     : "; name that in the MX record.");
	fix_records(look, tell, all, host, target->canonical);
	tell_host_as(tell, all, host, MH_F_MX_CNAME);
}

static void
tell_host(struct mh_look *look, struct mh_tell *tell, const struct all *all, const struct host *host)
{
	const struct mh_fact *const facts[] = { host->target.a, host->target.aaaa };

	for (unsigned k = 0; k < 2; k++)
		if (facts[k] != NULL && facts[k]->state == MH_FACT_UNKNOWN)
			mh_tell_unknown(tell, facts[k]);
	switch (host->target.state) {
	case MH_TARGET_LITERAL:
		(void)tell_literal(look, tell, all, host);
		break;
	case MH_TARGET_MISSING:
		if (!tell_literal(look, tell, all, host))
			tell_missing(look, tell, all, host);
		break;
	case MH_TARGET_NO_ADDRESS:
		if (!tell_literal(look, tell, all, host))
			tell_no_address(look, tell, all, host);
		break;
	case MH_TARGET_SELF:
	case MH_TARGET_PRIVATE:
		tell_stray(look, tell, all, host);
		break;
	default:
		break;
	}
	tell_alias(look, tell, all, host);
}

/* ----------------------------------------------------- telling of the records */

/* tell_again - names that have a record before, each told once */
static void
tell_again(struct mh_look *look, struct mh_tell *tell, const struct all *all)
{
	for (unsigned i = 0; i < all->list.count; i++) {
		const struct mh_mx *mx = &all->list.at[i];
		if (mx->is_again || mx->is_null)
			continue;
		struct mh_fix *fix = NULL;
		size_t last = 0;
		unsigned count = 1;
		for (unsigned k = i + 1; k < all->list.count; k++) {
			if (!mh_str_eq(all->list.at[k].name, mx->name))
				continue;
			if (fix == NULL)
				fix = mh_tell_fix(tell, look->check->domain, MH_RR_MX, all->mx);
			mh_fix_remove(tell, fix, all->mx, all->list.at[k].record);
			last = all->list.at[k].record;
			count++;
		}
		if (count == 1)
			continue;
		mh_say_str(tell, mx->name);
		mh_say(tell, " has ");
		mh_say_int(tell, count);
		mh_say(tell, " MX records; senders use the first of them.");
		tell_record(tell, all, mx->name, last, MH_F_MX_DUPLICATE);
	}
}

/* tell_same - two names of one server; where each has several addresses there is something behind them to fall back
 * to, and it is no more than a note */
static void
tell_same(struct mh_look *look, struct mh_tell *tell, const struct all *all)
{
	for (unsigned i = 1; i < all->count; i++) {
		const struct host *host = &all->hosts[i];
		unsigned k = 0;
		while (k < i && !mh_target_is_same(&all->hosts[k].target, &host->target))
			k++;
		if (k == i || host->target.state != MH_TARGET_GOOD || host->target.is_alias ||
		    all->hosts[k].target.is_alias)
			continue;
		mh_say_str(tell, all->hosts[k].target.name);
		mh_say(tell, " and ");
		mh_say_str(tell, host->target.name);
		mh_say(tell,
		    " have the same addresses: where one does not answer, the other does not either.");
		if (host->target.a->count > 1 || host->target.aaaa->count > 1)
			tell->severity = MH_SEV_INFO;
		fix_without(look, tell, all, host);
		tell_host_as(tell, all, host, MH_F_MX_DUPLICATE);
	}
}

/* tell_spread - what hangs on one host, or on IPv4 alone */
static void
tell_spread(struct mh_tell *tell, const struct all *all)
{
	unsigned without = 0;
	bool is_known = all->list.left_out == 0;

	for (unsigned i = 0; i < all->count; i++) {
		const struct mh_fact *aaaa = all->hosts[i].target.aaaa;
		is_known = is_known && (aaaa == NULL || mh_fact_is_absent(aaaa));
		without +=
		    all->hosts[i].target.state == MH_TARGET_GOOD && aaaa != NULL && mh_fact_is_absent(aaaa);
	}
	if (is_known && without > 0)
		mh_tell(tell, MH_F_MX_NO_IPV6, MH_STR(""));
	const struct mh_target *only = &all->hosts[0].target;
	if (all->count != 1 || all->list.left_out > 0 || only->state != MH_TARGET_GOOD ||
	    !mh_target_is_known(only) || only->a->count > 1 || only->aaaa->count > 1)
		return;
	mh_say(tell, "All mail goes to ");
	mh_say_str(tell, only->name);
	mh_say(tell, ".");
	mh_tell(tell, MH_F_MX_SINGLE_POINT, only->name);
}

/* tell_null - RFC 7505: alone, or where it does not belong */
static void
tell_null(struct mh_look *look, struct mh_tell *tell, const struct all *all)
{
	bool is_alone = all->list.nulls == all->list.count && all->list.left_out == 0;
	struct mh_str shown = MH_STR("");
	struct mh_fix *fix = is_alone ? NULL : mh_tell_fix(tell, look->check->domain, MH_RR_MX, all->mx);

	for (unsigned i = 0; i < all->list.count; i++) {
		if (!all->list.at[i].is_null)
			continue;
		mh_fix_remove(tell, fix, all->mx, all->list.at[i].record);
		if (shown.len == 0)
			shown = mh_rr_printed(tell->arena, all->mx, all->list.at[i].record);
		if (is_alone && all->list.at[i].preference != 0)
			mh_say(tell, "It is written \"0 .\": with 0 in front (RFC 7505 3). ");
	}
	tell->bad |= shown.p == NULL;
	if (is_alone && all->role.is_known && !all->role.sends_nothing && look->check->ip.family != 0)
		mh_say(tell, "Receivers may refuse mail from a domain that takes no answer.");
	mh_tell(tell, is_alone ? MH_F_MX_NULL : MH_F_MX_NULL_WITH_OTHERS, shown);
}

/* sends - whether somebody asked about sending, or the SPF record lets somebody send */
static bool
sends(const struct mh_look *look, const struct all *all)
{
	const struct mh_fact *txt = mh_known(look->pass, look->check->domain, MH_RR_TXT);

	if (look->check->ip.family != 0 || look->check->selectors_count > 0)
		return true;
	for (size_t i = 0; all->role.is_known && !all->role.sends_nothing && i < txt->count; i++) {
		struct mh_str text = mh_rr_text(txt, i, look->pass->arena);
		if (text.p == NULL && text.len == 0)
			look->pass->error = MH_ERR_ENOMEM;
		if (text.p != NULL && mh_spf_is_record(text))
			return true;
	}
	return false;
}

/* tell_none - no MX record: the domain's own addresses count (RFC 5321 5.1) */
static void
tell_none(struct mh_look *look, struct mh_tell *tell, const struct all *all)
{
	const struct mh_fact *const facts[] = { all->self.a, all->self.aaaa };
	struct mh_str domain = look->check->domain;
	bool is_sender = sends(look, all);

	for (unsigned k = 0; k < 2; k++)
		if (facts[k] != NULL && facts[k]->state == MH_FACT_UNKNOWN)
			mh_tell_unknown(tell, facts[k]);
	if (all->self.state == MH_TARGET_NO_ADDRESS || all->self.state == MH_TARGET_MISSING)
		mh_say(tell, "It has no address either, so that no mail can reach it.");
	else if (all->self.state == MH_TARGET_PRIVATE || all->self.state == MH_TARGET_SELF)
		mh_say(tell, "Its own address is none of the Internet, so that no mail can reach it.");
	else if (all->self.state == MH_TARGET_GOOD)
		mh_say(tell, "Senders go to the domain's own address.");
	if (is_sender && !all->role.sends_nothing && all->self.state == MH_TARGET_GOOD)
		mh_fix_add(tell, mh_tell_fix(tell, domain, MH_RR_MX, all->mx),
		    mh_mx_print(tell->arena, 10, domain));
	else if (all->role.sends_nothing && !is_sender)
		mh_fix_add(tell, mh_tell_fix(tell, domain, MH_RR_MX, all->mx), MH_STR("0 ."));
	if (!is_sender || all->role.sends_nothing)
		tell->severity = MH_SEV_INFO;
	mh_tell(tell, MH_F_MX_NONE, MH_STR(""));
}

static void
tell_all(struct mh_look *look, const struct all *all)
{
	struct mh_tell tell;

	mh_look_tell(look, &tell, "mx", look->check->domain);
	if (all->mx->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, all->mx);
	else if (all->mx->state == MH_FACT_NXDOMAIN)
		mh_tell(&tell, MH_F_MX_NO_DOMAIN, MH_STR(""));
	else if (all->mx->state == MH_FACT_NODATA)
		tell_none(look, &tell, all);
	if (all->list.broken > 0)
		tell_record(&tell, all, look->check->domain, all->list.first_broken, MH_F_DNS_MALFORMED);
	if (all->list.nulls > 0)
		tell_null(look, &tell, all);
	for (unsigned i = 0; i < all->count; i++)
		tell_host(look, &tell, all, &all->hosts[i]);
	tell_again(look, &tell, all);
	tell_same(look, &tell, all);
	if (all->count > 0)
		tell_spread(&tell, all);
	mh_look_told(look, &tell);
}

/* add_rows - the records, and the addresses of each host; of those beyond the limit that they were not looked at */
static void
add_rows(struct mh_look *look, const struct all *all)
{
	unsigned seen = 0;

	mh_look_row(look, "mx", look->check->domain, MH_RR_MX, all->mx);
	for (unsigned i = 0; i < all->count; i++) {
		const struct mh_target *target = &all->hosts[i].target;
		if (target->a != NULL)
			mh_look_row(look, "mx", target->name, MH_RR_A, target->a);
		if (target->aaaa != NULL)
			mh_look_row(look, "mx", target->name, MH_RR_AAAA, target->aaaa);
	}
	for (unsigned i = 0; i < all->list.count; i++) {
		const struct mh_mx *mx = &all->list.at[i];
		if (mx->is_null || mx->is_again || seen++ < HOSTS_MAX)
			continue;
		struct mh_domain_row *row = mh_look_row(look, "mx", mx->name, MH_RR_A, NULL);
		if (row != NULL)
			row->is_skipped = true;
	}
}

void
mh_dom_mx(struct mh_look *look)
{
	struct all *all = mh_arena_alloc(look->pass->arena, sizeof(*all));

	if (all == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	if (!look_at_all(look, all) || look->report == NULL)
		return;
	add_rows(look, all);
	tell_all(look, all);
}
