/* fuzz_resolvconf.c - any octets as a resolv.conf and as a list of servers, by lib/net/resolvconf.c */
#include "fuzz.h"

#include "resolvconf.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_resolvconf conf;
	char text[MH_SERVER_TEXT_MAX];
	mh_resolvconf_read(mh_str_n((const char *)data, size), &conf);
	fuzz_check(conf.count >= 1 && conf.count <= MH_SERVERS_MAX);
	for (unsigned i = 0; i < conf.count; i++) {
		struct mh_resolvconf again;
		size_t len = mh_server_print(&conf.servers[i], text);
		fuzz_check(len > 0 && len < sizeof(text));
		fuzz_check(mh_servers_read(mh_str_n(text, len), &again) && again.count == 1);
	}
	(void)mh_servers_read(mh_str_n((const char *)data, size), &conf);
	fuzz_check(conf.count <= MH_SERVERS_MAX);
	return 0;
}
