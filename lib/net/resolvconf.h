/* resolvconf.h - which servers to ask: of a list, or of resolv.conf(5) */
#ifndef MH_RESOLVCONF_H
#define MH_RESOLVCONF_H

#include "net.h"

#define MH_SERVERS_MAX 8
#define MH_SERVER_TEXT_MAX 56

struct mh_server_address {
	struct mh_ip ip;
	uint16_t port;
	char scope[16]; /* interface of a link-local address; "" */
};

struct mh_resolvconf {
	struct mh_server_address servers[MH_SERVERS_MAX];
	unsigned count;
	bool trusts_ad; /* "options trust-ad" */
};

/* mh_servers_read - "192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53", "2001:db8::1", by commas or spaces;
 * false if anything else is in it, or there are too many */
bool mh_servers_read(struct mh_str text, struct mh_resolvconf *out);
/* mh_resolvconf_read - the text of a resolv.conf: what cannot be read is left out, as resolvers do;
 * 127.0.0.1 if it names no server */
void mh_resolvconf_read(struct mh_str text, struct mh_resolvconf *out);
/* mh_server_print - "192.0.2.1:53", "[2001:db8::1]:53", NUL-terminated; its length */
size_t mh_server_print(const struct mh_server_address *server, char out[MH_SERVER_TEXT_MAX]);

#endif
