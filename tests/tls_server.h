/* tls_server.h - a mail server with TLS in a process of its own, quick and with nothing wrong
 *
 * For what tests/tls/servers.py is too slow for: thousands of dialogues.  Its
 * key is ECDSA on P-256, made when it begins.
 */
#ifndef MH_TEST_TLS_SERVER_H
#define MH_TEST_TLS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TLS_SERVER_NAME "mx.test" /* of its certificate */

struct tls_server {
	/* how it is, before tls_server_begin */
	int hold_ms; /* it greets so long after the connection */
	bool
	    is_canned; /* it answers every ClientHello as it answered the first one: it costs next to nothing */
	int cpu; /* to run on; -1: any */
	/* what came of it */
	int port; /* on 127.0.0.1 */
	pid_t pid;
};

bool tls_server_begin(struct tls_server *server); /* it listens; false: it could not be begun */
void tls_server_end(struct tls_server *server);

#endif
