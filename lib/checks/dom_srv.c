/* dom_srv.c - section "srv" of the check "domain": the records by which mail programs find its servers
 *
 * A domain need not have any.  Nine questions in the first round; in the second the
 * addresses of what was found there.
 *
 * RFC 6186, RFC 8314 5.1, RFC 2782; autoconfig and autodiscover are what Thunderbird
 * and Outlook ask for.
 */
#include "domain.h"

#include "error.h"
#include "port.h"
#include "srv.h"

#define SERVICES_MAX 8
#define RECORDS_MAX 4 /* of a service that are looked at */
#define TARGETS_MAX 8 /* different hosts that are asked for */

struct service {
	const struct mh_srv_service *service;
	struct mh_str name;
	const struct mh_fact *fact; /* NULL: missing */
	struct mh_srv records[RECORDS_MAX];
	size_t numbers[RECORDS_MAX]; /* of them in the fact */
	const struct mh_target *targets[RECORDS_MAX]; /* NULL: not looked at */
	unsigned count;
};

struct all {
	struct service services[SERVICES_MAX];
	unsigned count;
	struct mh_target targets[TARGETS_MAX];
	unsigned targets_count;
};

/* Names that mail programs ask for the address of. */
static const char *const names[] = { "autoconfig", "autodiscover" };

/* target_of - what is known of a host, asked for once; NULL: there were enough */
static const struct mh_target *
target_of(struct mh_look *look, struct all *all, struct mh_str name)
{
	for (unsigned i = 0; i < all->targets_count; i++)
		if (mh_str_eq(all->targets[i].name, name))
			return &all->targets[i];
	if (all->targets_count == TARGETS_MAX)
		return NULL;
	struct mh_target *target = &all->targets[all->targets_count++];
	mh_target_begin(target, name);
	mh_target_want(look->pass, target);
	return target;
}

/* want_service - one service, and where its records lead */
static void
want_service(struct mh_look *look, struct all *all, const struct mh_srv_service *kind)
{
	struct mh_str name = mh_name_below(look->pass->arena, mh_str_z(kind->label), look->check->domain);
	bool is_bad = name.p == NULL;

	if (name.len > 0) {
		struct service *service = &all->services[all->count++];
		*service = (struct service){ .service = kind, .name = name };
		service->fact = mh_want(look->pass, name, MH_RR_SRV);
		size_t most = service->fact != NULL ? service->fact->count : 0;
		for (size_t i = 0; i < most && service->count < RECORDS_MAX; i++) {
			bool is_without_memory;
			unsigned at = service->count;
			if (mh_srv_read(look->pass->arena, service->fact, i, &service->records[at],
				&is_without_memory)) {
				service->numbers[at] = i;
				service->targets[at] = target_of(look, all, service->records[at].name);
				service->count++;
			}
			is_bad = is_bad || is_without_memory;
		}
	}
	if (is_bad)
		look->pass->error = MH_ERR_ENOMEM;
}

/* ------------------------------------------------------------------ telling */

/* say_faults - what is wrong with one record, a sentence each */
static void
say_faults(struct mh_tell *tell, const struct service *service, const struct mh_srv *srv,
    struct mh_str domain, unsigned faults)
{
	static const struct {
		unsigned fault;
		const char *text;
	} of_target[] = {
		{ MH_SRV_LITERAL, " is an address, and has to be the name of a host." },
		{ MH_SRV_SELF, " leads every mail program to its own machine." },
		{ MH_SRV_MISSING, " does not exist." },
		{ MH_SRV_NO_ADDRESS, " has no address." },
		{ MH_SRV_PRIVATE,
		    " has an address that is private or reserved, and nobody on the Internet gets there." },
		{ MH_SRV_ALIAS, " is an alias (CNAME), and has to be the name that has the address." },
	};

	if ((faults & MH_SRV_AMONG_OTHERS) != 0)
		mh_say(tell,
		    "A record with a dot alone says that there is no such service, and others beside "
		    "it that there is.");
	if ((faults & (MH_SRV_PORT_ZERO | MH_SRV_PORT_OTHER)) != 0) {
		mh_say(tell, "Port ");
		mh_say_int(tell, srv->port);
		mh_say(tell,
		    (faults & MH_SRV_PORT_ZERO) != 0 ? " is none; " : " is that of another service; ");
		mh_say(tell, service->service->what);
		mh_say(tell, " is at port ");
		mh_say_int(tell, service->service->port);
		mh_say(tell, ". ");
	}
	for (size_t i = 0; i < MH_COUNT(of_target); i++) {
		if ((faults & of_target[i].fault) == 0)
			continue;
		mh_say_str(tell, srv->name);
		mh_say(tell, of_target[i].text);
	}
	if ((faults & MH_SRV_MISSING) != 0 && mh_name_lacks_dot(srv->name, domain))
		mh_say(tell, " Look for a missing dot at the end of the name in the zone file.");
}

/* tell_record - one record with faults, and the record that it should be, or none */
static void
tell_record(struct mh_look *look, struct mh_tell *tell, const struct service *service, unsigned at,
    unsigned faults)
{
	const struct mh_target *target = service->targets[at];
	struct mh_srv better = service->records[at];
	struct mh_str shown = mh_rr_printed(tell->arena, service->fact, service->numbers[at]);
	bool is_gone = (faults & ~(unsigned)(MH_SRV_PORT_ZERO | MH_SRV_PORT_OTHER | MH_SRV_ALIAS)) != 0;

	tell->bad |= shown.p == NULL;
	if ((faults & (MH_SRV_PORT_ZERO | MH_SRV_PORT_OTHER)) != 0)
		better.port = service->service->port;
	if ((faults & MH_SRV_ALIAS) != 0)
		better.name = target->canonical;
	say_faults(tell, service, &service->records[at], look->check->domain, faults);
	struct mh_fix *fix = mh_tell_fix(tell, service->name, MH_RR_SRV, service->fact);
	mh_fix_remove(tell, fix, service->fact, service->numbers[at]);
	if (!is_gone)
		mh_fix_add(tell, fix, mh_srv_print(tell->arena, &better));
	mh_tell(tell, MH_F_SRV_SYNTAX, shown);
}

static void
tell_service(struct mh_look *look, const struct service *service)
{
	struct mh_tell tell;

	if (service->fact->state == MH_FACT_PRESENT)
		mh_look_row(look, "srv", service->name, MH_RR_SRV, service->fact);
	mh_look_tell(look, &tell, "srv", service->name);
	if (service->fact->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, service->fact);
	for (unsigned i = 0; i < service->count; i++) {
		unsigned faults = service->targets[i] == NULL
		    ? MH_SRV_FINE
		    : mh_srv_judge(service->service, &service->records[i], service->targets[i],
			  service->fact->count);
		if (faults != MH_SRV_FINE)
			tell_record(look, &tell, service, i, faults);
	}
	mh_look_told(look, &tell);
}

/* tell_targets - what could not be asked about them */
static void
tell_targets(struct mh_look *look, const struct all *all)
{
	struct mh_tell tell;

	mh_look_tell(look, &tell, "srv", look->check->domain);
	for (unsigned i = 0; i < all->targets_count; i++) {
		const struct mh_fact *const facts[] = { all->targets[i].a, all->targets[i].aaaa };
		for (unsigned k = 0; k < 2; k++)
			if (facts[k] != NULL && facts[k]->state == MH_FACT_UNKNOWN)
				mh_tell_unknown(&tell, facts[k]);
	}
	mh_look_told(look, &tell);
}

/* look_at_name - autoconfig and autodiscover: an alias that leads to nothing; whoever gets hold of that name gets the
 * passwords of those who set up an account */
static void
look_at_name(struct mh_look *look, const char *prefix)
{
	struct mh_str name = mh_name_below(look->pass->arena, mh_str_z(prefix), look->check->domain);
	struct mh_tell tell;

	if (name.p == NULL)
		look->pass->error = MH_ERR_ENOMEM;
	const struct mh_fact *fact = name.len > 0 ? mh_want(look->pass, name, MH_RR_A) : NULL;
	if (fact == NULL || look->report == NULL)
		return;
	if (fact->state == MH_FACT_PRESENT)
		mh_look_row(look, "srv", name, MH_RR_A, fact);
	mh_look_tell(look, &tell, "srv", name);
	if (fact->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&tell, fact);
	} else if (fact->is_alias && fact->state == MH_FACT_NXDOMAIN) {
		mh_say_str(&tell, name);
		mh_say(&tell, " is an alias of ");
		mh_say_str(&tell, fact->canonical);
		mh_say(&tell,
		    ", which does not exist; whoever comes to have that name can ask for the passwords "
		    "of those who set up an account.");
		mh_tell(&tell, MH_F_SRV_SYNTAX, fact->canonical);
	}
	mh_look_told(look, &tell);
}

void
mh_dom_srv(struct mh_look *look)
{
	struct all *all = mh_arena_alloc(look->pass->arena, sizeof(*all));

	if (all == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	all->count = all->targets_count = 0;
	for (unsigned i = 0; i < SERVICES_MAX && mh_srv_service_at(i) != NULL; i++)
		want_service(look, all, mh_srv_service_at(i));
	for (unsigned i = 0; look->report != NULL && i < all->count; i++) {
		if (all->services[i].fact == NULL)
			return; /* without memory; the report is not made */
		tell_service(look, &all->services[i]);
	}
	if (look->report != NULL)
		tell_targets(look, all);
	for (size_t i = 0; i < MH_COUNT(names); i++)
		look_at_name(look, names[i]);
}
