/* talk.h - a dialogue over a connected socket that somebody else has opened, waited for
 *
 * What the driver's sockets (streams.h) and this have in common is here too.
 * Nothing raises a signal, and the socket stays as it was: blocking or not.
 */
#ifndef MH_TALK_H
#define MH_TALK_H

#include "stream.h"

/* mh_talk - begins, unless *has_begun, and goes on until the machine is done or timeout_ms (-1: its own limits) are
 * over; false: fd is no connected stream socket, and the machine was told nothing */
bool mh_talk(struct mh_stream *stream, bool *has_begun, int fd, int64_t timeout_ms);

/* mh_talk_broke - tells the machine of an error of errno's */
void mh_talk_broke(struct mh_stream *stream, int error, bool is_connected, int64_t now_us);
/* mh_talk_acknowledge - at once: many servers send their reply inside TLS behind session tickets, and wait with it
 * until those are acknowledged (RFC 1122 4.2.3.4), which a system puts off for 40 ms */
void mh_talk_acknowledge(int fd);

#endif
