/* tls_words.h - how others call a finding: the server's own log, RFC 8460, and what it means for each kind of sender */
#ifndef MH_TLS_WORDS_H
#define MH_TLS_WORDS_H

struct mh_tls_words {
	int number;
	const char *log; /* as the server's log has it; "" nothing */
	const char *result; /* RFC 8460 4.3; "" none */
	const char *opportunistic, *dane, *mta_sts, *requiretls; /* ok, plaintext, fails */
};

const struct mh_tls_words *mh_tls_words(int number); /* NULL: nothing to say */

#endif
