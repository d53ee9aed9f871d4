/* log_mta.h - what the readers of the MTAs' lines share
 *
 * logline.c takes off the lead and hands the message to one of them.  Each
 * looks first whether the line is anything to us and touches *out only then.
 *
 * Functions that look for something give back its place, or the length of the
 * span if it is not there.
 */
#ifndef MH_LOG_MTA_H
#define MH_LOG_MTA_H

#include "logline.h"
#include "port.h"

/* What a program of Postfix's logs about; unknown where the line names no program. */
enum mh_postfix_service {
	MH_POSTFIX_ANY,
	MH_POSTFIX_DELIVERY, /* smtp, lmtp, local, pipe, ... */
	MH_POSTFIX_QUEUE, /* qmgr */
	MH_POSTFIX_SERVER, /* smtpd, postscreen, tlsproxy */
	MH_POSTFIX_CLEANUP,
	MH_POSTFIX_BOUNCE
};

bool mh_log_postfix(struct mh_str message, enum mh_postfix_service service, struct mh_logline *out);
bool mh_log_sendmail(struct mh_str message, struct mh_logline *out);
bool mh_log_exim(struct mh_str message, struct mh_logline *out);
bool mh_log_opensmtpd(struct mh_str message, struct mh_logline *out);
bool mh_log_qmail(struct mh_str message, struct mh_logline *out);

/* mh_log_begin - *out says nothing but this */
void mh_log_begin(struct mh_logline *out, enum mh_log_mta mta, enum mh_log_event event);
/* mh_log_exim_id - octets of a message id of Exim's at the start, old or new form, or 0 */
size_t mh_log_exim_id(struct mh_str s);
/* mh_log_phase - the phase that words like "pipelined RCPT TO:<x>" name */
enum mh_phase mh_log_phase(struct mh_str words);
/* mh_log_is_dsn - the whole span is a status code of RFC 3463 2 */
bool mh_log_is_dsn(struct mh_str s);
/* mh_log_is_reply - begins with a reply code */
bool mh_log_is_reply(struct mh_str s);
/* mh_log_peer - host[ip]:port or [ip]:port, no spaces in it, into the relay; octets it takes, 0 if none */
size_t mh_log_peer(struct mh_str s, struct mh_logline *out);
/* mh_log_host - without brackets and a trailing dot */
struct mh_str mh_log_host(struct mh_str s);
int32_t mh_log_port(struct mh_str s);
/* mh_log_seconds - "0.51" as milliseconds, or -1 */
int64_t mh_log_seconds(struct mh_str s);
/* mh_log_tls_fault - out->cause of own words that speak of TLS */
void mh_log_tls_fault(struct mh_logline *out);

/* mh_log_find - the place of what, which has two octets or more */
size_t mh_log_find(struct mh_str s, struct mh_str what);
/* mh_log_find_last - the last place of what within the last reach octets */
size_t mh_log_find_last(struct mh_str s, struct mh_str what, size_t reach);

static inline struct mh_str
mh_log_from(struct mh_str s, size_t at)
{
	return at < s.len ? mh_str_n(s.p + at, s.len - at) : mh_str_n(s.p + s.len, 0);
}

static inline struct mh_str
mh_log_to(struct mh_str s, size_t end)
{
	return mh_str_n(s.p, end < s.len ? end : s.len);
}

/* mh_log_chr - the place of c */
static inline size_t
mh_log_chr(struct mh_str s, char c)
{
	size_t i = 0;
#ifdef MH_VECTORS
	for (; s.len - i >= 16; i += 16) {
		uint32_t found = mh_vec_bits(mh_vec_is(mh_vec_load(s.p + i), c));
		if (found != 0)
			return i + mh_lowest(found);
	}
	if (s.len >= 16) { /* the rest, with some octets once more */
		uint32_t found =
		    mh_vec_bits(mh_vec_is(mh_vec_load(s.p + s.len - 16), c)) >> (16 - (s.len - i));
		return found != 0 ? i + mh_lowest(found) : s.len;
	}
#endif
	for (; i < s.len; i++)
		if (s.p[i] == c)
			return i;
	return s.len;
}

static MH_INLINE bool
mh_log_begins(struct mh_str s, const char *with, size_t len)
{
	return s.len >= len && memcmp(s.p, with, len) == 0;
}

static MH_INLINE bool
mh_log_take(struct mh_str *s, const char *with, size_t len)
{
	if (!mh_log_begins(*s, with, len))
		return false;
	*s = mh_str_n(s->p + len, s->len - len);
	return true;
}

/* With literals, so that the comparison is a few loads. */
#define MH_LOG_BEGINS(s, literal) mh_log_begins((s), (literal), sizeof(literal) - 1)
#define MH_LOG_TAKE(s, literal) mh_log_take((s), (literal), sizeof(literal) - 1)
#define MH_LOG_FIND(s, literal) mh_log_find((s), MH_STR(literal))

#endif
