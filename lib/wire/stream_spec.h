/* stream_spec.h - which dialogue with a server, as one line: the name of a STREAM question
 *
 *	smtp+starttls://192.0.2.25:25/handshake?sni=mx.example.org&name=probe.example&wait=5000,9000,9000,6000
 *
 *	https://192.0.2.80:443/get?sni=mta-sts.example.org&target=/.well-known/mta-sts.txt&wait=5000,9000,9000,6000
 *
 * The scheme is the protocol, with "+starttls", "+tls" (TLS at once) or neither;
 * the path what is done: "talk" (no TLS), "handshake" (a whole one, and the
 * dialogue inside it), "hello" (one ClientHello of hello.h, and its answer read),
 * "talk" may have a script: commands, separated by line feeds, each sent when the
 * one before it was answered, whatever the answer was.
 * "get" (of https alone: a whole handshake, and one GET of http.h inside it).
 * Equal dialogues have equal lines.
 */
#ifndef MH_STREAM_SPEC_H
#define MH_STREAM_SPEC_H

#include "hello.h"
#include "net.h"

enum mh_dialect {
	MH_DIALECT_SMTP,
	MH_DIALECT_LMTP,
	MH_DIALECT_IMAP,
	MH_DIALECT_POP3,
	MH_DIALECT_SIEVE,
	MH_DIALECT_HTTPS,
};
enum mh_stream_start { MH_START_CLEAR, MH_START_STARTTLS, MH_START_TLS };
enum mh_stream_how { MH_HOW_TALK, MH_HOW_HANDSHAKE, MH_HOW_HELLO, MH_HOW_GET };
enum mh_stream_session { MH_SESSION_NONE, MH_SESSION_KEEP, MH_SESSION_USE };
enum mh_stream_key { MH_KEY_ANY, MH_KEY_RSA, MH_KEY_ECDSA };
enum { MH_WAIT_CONNECT, MH_WAIT_GREETING, MH_WAIT_REPLY, MH_WAIT_HELLO, MH_WAIT_COUNT };

struct mh_stream_spec {
	uint8_t dialect, start, how;
	uint8_t session; /* of handshakes: kept for another one, or the one that was kept is offered */
	uint8_t key; /* of handshakes: only certificates of this kind are taken */
	struct mh_ip ip; /* family 0: a socket of this machine */
	struct mh_str path; /* of a socket */
	int port;
	struct mh_str sni, name; /* name: as which we greet */
	struct mh_str target; /* of a GET: its path; the host is sni */
	struct mh_str script; /* of a talk: what is said after EHLO */
	int max_version; /* of handshakes; 0 */
	struct mh_hello hello; /* its sni is the one above */
	uint32_t pause_ms; /* before our first TLS octets */
	uint32_t again; /* how often this was tried before; it is only part of the name */
	bool injects; /* a command in clear text stands behind STARTTLS in the same packet */
	uint32_t wait_ms[MH_WAIT_COUNT];
};

const char *mh_dialect_name(int dialect);
int mh_dialect_find(struct mh_str name); /* -1: none */
void mh_stream_spec_write(struct mh_buf *out, const struct mh_stream_spec *spec);
/* mh_stream_spec_read - false: this is no dialogue.  Its strings are in text, unescaped in place. */
bool mh_stream_spec_read(char *text, size_t len, struct mh_stream_spec *spec);

#endif
