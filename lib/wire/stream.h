/* stream.h - one dialogue with a server, as a machine over octets
 *
 * No sockets, no clock: whoever has the connection tells what happens and when,
 * sends what is to be sent, and comes back when something is due.  What happened
 * becomes a fact (capture.h).  A machine belongs to one thread at a time.
 *
 * Order of states: connecting, greeting, hello (helo), start, (pause), TLS,
 * inside: greeting of TLS at once, hello, quit.  Any of them may be the last.
 */
#ifndef MH_STREAM_H
#define MH_STREAM_H

#include "fact.h"
#include "stream_spec.h"
#include "tls.h"

struct mh_stream;

/* mh_stream_make - spec: the question's name.  maker: may be NULL where there is no whole handshake.
 * NULL: no memory, or (*is_bad) no dialogue that can be had */
struct mh_stream *mh_stream_make(const struct mh_mem *mem, struct mh_tls_maker *maker, struct mh_str spec,
    bool *is_bad);
void mh_stream_free(struct mh_stream *stream);
const struct mh_stream_spec *mh_stream_spec(const struct mh_stream *stream);

/* Times are microseconds of a clock that does not go back. */
void mh_stream_begin(struct mh_stream *stream, int64_t now_us); /* connecting begins */
void mh_stream_connected(struct mh_stream *stream, int64_t now_us);
/* mh_stream_failed - REFUSED, UNREACHABLE or RESET of capture.h */
void mh_stream_failed(struct mh_stream *stream, int event, struct mh_str text, int64_t now_us);
void mh_stream_feed(struct mh_stream *stream, struct mh_str octets, int64_t now_us);
void mh_stream_eof(struct mh_stream *stream, int64_t now_us);
void mh_stream_tick(struct mh_stream *stream, int64_t now_us); /* something may be due */
int64_t mh_stream_due_us(const struct mh_stream *stream); /* when mh_stream_tick is wanted; -1: never */
struct mh_str mh_stream_output(const struct mh_stream *stream); /* to be sent */
void mh_stream_sent(struct mh_stream *stream, size_t len);
/* mh_stream_is_done - nothing more will happen; what is to be sent should still be, as far as it goes at once */
bool mh_stream_is_done(const struct mh_stream *stream);
const char *mh_stream_state(const struct mh_stream *stream); /* what it waits for: "greeting", "done" */
bool mh_stream_is_out_of_memory(const struct mh_stream *stream);
/* mh_stream_fact - what happened, one reference; of one that is not done as far as it came; NULL: no memory */
struct mh_fact *mh_stream_fact(struct mh_stream *stream, const struct mh_mem *mem);

#endif
