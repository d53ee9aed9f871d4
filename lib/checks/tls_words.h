/* tls_words.h - how others call a finding: the server's own log, RFC 8460, and what it means for each kind of sender */
#ifndef MH_TLS_WORDS_H
#define MH_TLS_WORDS_H

#include "str.h"

/* What one mail server writes when it happens, without time, host, program and the id of a session.  Where a client
 * is named, it is client.example [192.0.2.1]. */
struct mh_tls_log {
	const char *mta; /* "postfix", "exim-openssl", "exim-gnutls", "sendmail", "opensmtpd", "dovecot" */
	const char *log;
};

struct mh_tls_words {
	int number;
	const struct mh_tls_log *logs; /* ends with mta NULL */
	const char *result; /* RFC 8460 4.3; "" none */
	const char *opportunistic, *dane, *mta_sts, *requiretls; /* ok, plaintext, fails */
};

const struct mh_tls_words *mh_tls_words(int number); /* NULL: nothing to say */
/* mh_tls_mta_greets - whether a server that greets so may be that mta; an mta of "" asks whether it tells its name */
bool mh_tls_mta_greets(const char *mta, struct mh_str greeting);

#endif
