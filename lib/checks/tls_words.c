/* tls_words.c - findings of TLS in the words of logs and reports
 *
 * Log lines are those of Postfix 3.7 and OpenSSL 3.0, which the others resemble;
 * explain finds the same finding by them (replies/tls_cause.c).
 */
#include "tls_words.h"

#include "find.h"
#include "port.h"

#define NOT_SUPPORTED "starttls-not-supported"
#define FAILURE "validation-failure"

/* clang-format off */
static const struct mh_tls_words table[] = {
#define ROW(name, log, result, may, dane, sts, require) { MH_F_##name, (log), (result), (may), (dane), (sts), (require) }
	ROW(TLS_NO_CERTIFICATE, "no shared cipher", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_NO_CERTIFICATE_ANON, "no shared cipher", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_NO_COMMON_CIPHER, "no shared cipher", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_454, "TLS not available due to local problem", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_421, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_REFUSED, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_NOT_OFFERED, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_STRIPPED, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_UNADVERTISED, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_NO_ESMTP, "", NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(CERT_EXPIRED, "alert certificate expired", "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_NOT_YET_VALID, "", "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_SELF_SIGNED, "alert unknown ca", "certificate-not-trusted", "ok", "ok", "fails", "fails"),
	ROW(CERT_NAME_MISMATCH, "", "certificate-host-mismatch", "ok", "ok", "fails", "fails"),
	ROW(CERT_NO_ALTERNATIVE_NAME, "", "certificate-host-mismatch", "ok", "ok", "fails", "fails"),
	ROW(CERT_CHAIN_INCOMPLETE, "alert unknown ca", "certificate-not-trusted", "ok", "ok", "fails", "fails"),
	ROW(CERT_UNTRUSTED_ISSUER, "alert unknown ca", "certificate-not-trusted", "ok", "ok", "fails", "fails"),
	ROW(CERT_INTERMEDIATE_EXPIRED, "", "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_WRONG_PURPOSE, "", "certificate-not-trusted", "ok", "ok", "fails", "fails"),
	ROW(CERT_KEY_TYPE_UNCOMMON, "no shared cipher", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_OLD_PROTOCOL_ONLY, "unsupported protocol", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SSLV3_ONLY, "unsupported protocol", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SSLV2, "unsupported protocol", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_AFTER_STARTTLS, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_RESET_AFTER_STARTTLS, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TIMEOUT_IN_HANDSHAKE, "SSL_accept error: timeout", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SLOW_HANDSHAKE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_PLAINTEXT_IN_TLS, "wrong version number", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_INTERNAL_ERROR, "alert internal error", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_HANDSHAKE_FAILURE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_OTHER, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_BAD_RECORD, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_IN_HANDSHAKE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_RESET_IN_HANDSHAKE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_AFTER_HANDSHAKE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TIMEOUT_AFTER_HANDSHAKE, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLIENT_CERT_REQUIRED, "peer did not return a certificate", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TLS13_INTOLERANT, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_LARGE_HELLO_INTOLERANT, "", FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SNI_INTOLERANT, "unrecognized name", FAILURE, "ok", "fails", "fails", "fails"),
	ROW(DANE_MISMATCH, "", "tlsa-invalid", "ok", "fails", "ok", "fails"),
	ROW(DANE_TA_NOT_SENT, "", "tlsa-invalid", "ok", "fails", "ok", "fails"),
	ROW(DANE_BOGUS, "", "dnssec-invalid", "ok", "fails", "ok", "fails"),
#undef ROW
};
/* clang-format on */

const struct mh_tls_words *
mh_tls_words(int number)
{
	for (size_t i = 0; i < MH_COUNT(table); i++)
		if (table[i].number == number)
			return &table[i];
	return NULL;
}
