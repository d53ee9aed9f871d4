/* dialect.h - what the text protocols of mail servers have in common, as a table
 *
 * A greeting, a command that asks for capabilities, one that begins TLS, and
 * replies that are good, bad, or go on.
 *
 * RFC 5321 4.2, RFC 3207 4; RFC 2033 4.1; RFC 9051 6.1, 7.1; RFC 1939 3, RFC 2449 5, RFC 2595 4; RFC 5804 1.2, 2.2
 */
#ifndef MH_DIALECT_H
#define MH_DIALECT_H

#include "stream_spec.h"

enum mh_said {
	MH_SAID_NOTHING,
	MH_SAID_HELLO,
	MH_SAID_HELO,
	MH_SAID_START
}; /* what a reply answers; NOTHING: the greeting */
enum mh_reply_kind { MH_REPLY_GOES_ON, MH_REPLY_GOOD, MH_REPLY_BAD, MH_REPLY_ODD };

/* mh_dialect_command - what is said, without its end; "" if the dialect has no such command */
void mh_dialect_command(struct mh_buf *out, int dialect, enum mh_said said, struct mh_str name);
/* mh_dialect_reply - what a line of a reply means; is_first: of its reply */
enum mh_reply_kind mh_dialect_reply(int dialect, enum mh_said said, struct mh_str line, bool is_first);
/* mh_dialect_of_greeting - whose greeting this line is, by its first octets; otherwise if it is nobody's */
int mh_dialect_of_greeting(struct mh_str line, int otherwise);
/* mh_dialect_has_helo - whether there is an older greeting to fall back to (RFC 5321 3.2) */
bool mh_dialect_has_helo(int dialect);
/* mh_dialect_greets_with_capabilities - the greeting has them, and no command asks (ManageSieve) */
bool mh_dialect_greets_with_capabilities(int dialect);

#endif
