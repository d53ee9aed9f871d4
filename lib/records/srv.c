/* srv.c - SRV records by which mail programs find servers; see srv.h */
#include "srv.h"

#include "port.h"

static const struct mh_srv_service services[] = {
	{ "_submission._tcp", "sending mail with STARTTLS", 587 },
	{ "_submissions._tcp", "sending mail with TLS from the start", 465 },
	{ "_imap._tcp", "IMAP with STARTTLS", 143 },
	{ "_imaps._tcp", "IMAP with TLS from the start", 993 },
	{ "_pop3._tcp", "POP3 with STLS", 110 },
	{ "_pop3s._tcp", "POP3 with TLS from the start", 995 },
	{ "_autodiscover._tcp", "the settings for Outlook, by HTTPS", 443 },
};

/* Ports of mail and of its settings: a record with one of them that is not its own was written for another service.
 * Any other may be what the owner wants. */
static const uint16_t ports[] = { 25, 80, 110, 143, 443, 465, 587, 993, 995, 4190 };

const struct mh_srv_service *
mh_srv_service_at(unsigned i)
{
	return i < MH_COUNT(services) ? &services[i] : NULL;
}

bool
mh_srv_read(struct mh_arena *arena, const struct mh_fact *fact, size_t i, struct mh_srv *srv, bool *is_bad)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t len = mh_rr_name(fact, i, name, NULL);

	*is_bad = false;
	*srv = (struct mh_srv){ .name = MH_STR("") };
	if (len == 0)
		return false;
	struct mh_cur cur = mh_cur_of(fact->rr[i].p, fact->rr[i].len);
	srv->priority = mh_cur_u16(&cur);
	srv->weight = mh_cur_u16(&cur);
	srv->port = mh_cur_u16(&cur);
	srv->name = mh_name_kept(arena, name, len);
	*is_bad = srv->name.p == NULL;
	return !*is_bad;
}

/* is_of_another - whether a port is that of another service */
static bool
is_of_another(const struct mh_srv_service *service, uint16_t port)
{
	for (size_t i = 0; i < MH_COUNT(ports); i++)
		if (ports[i] == port)
			return port != service->port;
	return false;
}

unsigned
mh_srv_judge(const struct mh_srv_service *service, const struct mh_srv *srv, const struct mh_target *target,
    size_t count)
{
	unsigned faults = MH_SRV_FINE;

	/* RFC 2782: a target of "." alone says that the service is not there; its port means nothing. */
	if (target->state == MH_TARGET_ROOT)
		return count > 1 ? MH_SRV_AMONG_OTHERS : MH_SRV_FINE;
	if (srv->port == 0)
		faults |= MH_SRV_PORT_ZERO;
	else if (is_of_another(service, srv->port))
		faults |= MH_SRV_PORT_OTHER;
	if (target->state == MH_TARGET_LITERAL)
		faults |= MH_SRV_LITERAL;
	else if (target->state == MH_TARGET_SELF)
		faults |= MH_SRV_SELF;
	else if (target->state == MH_TARGET_MISSING)
		faults |= MH_SRV_MISSING;
	else if (target->state == MH_TARGET_NO_ADDRESS)
		faults |= MH_SRV_NO_ADDRESS;
	else if (target->state == MH_TARGET_PRIVATE && target->publics == 0 && mh_target_is_known(target))
		faults |= MH_SRV_PRIVATE;
	else if (target->is_alias)
		faults |= MH_SRV_ALIAS;
	return faults;
}

struct mh_str
mh_srv_print(struct mh_arena *arena, const struct mh_srv *srv)
{
	struct mh_str name = mh_name_absolute(arena, srv->name);
	struct mh_buf text;

	mh_buf_init(&text, &arena->mem, MH_DNAME_TEXT_MAX + 32);
	mh_buf_putint(&text, srv->priority);
	mh_buf_putc(&text, ' ');
	mh_buf_putint(&text, srv->weight);
	mh_buf_putc(&text, ' ');
	mh_buf_putint(&text, srv->port);
	mh_buf_putc(&text, ' ');
	mh_buf_putstr(&text, name);
	struct mh_str kept =
	    text.bad || name.p == NULL ? (struct mh_str){ NULL, 0 } : mh_name_kept(arena, text.p, text.len);
	mh_buf_free(&text);
	return kept;
}
