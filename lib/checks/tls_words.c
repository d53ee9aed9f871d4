/* tls_words.c - findings of TLS in the words of logs and reports
 *
 * The lines of logs are those of Debian 12, seen in 2026-11 on servers that had
 * the fault: Postfix 3.7, Exim 4.96 with GnuTLS 3.7, sendmail 8.17, OpenSMTPD 6.8
 * and Dovecot 2.3, all others with OpenSSL 3.0.  Exim with OpenSSL is after its
 * source.  Where a server says nothing of its own, or nothing that tells the
 * fault from others (Dovecot's "SSL_accept() syscall failed"), there is no line.
 * Older versions of OpenSSL have another number in front of the same words.
 *
 * A fault that the client sees in the certificate reaches the server as an alert,
 * and only from clients that verify.  Exim with GnuTLS names it below TLS 1.3
 * alone: from 1.3 on it logs that decryption has failed.
 *
 * explain finds the same kind of cause by each line (replies/tls_cause.c).
 */
#include "tls_words.h"

#include "find.h"
#include "port.h"

#define NOT_SUPPORTED "starttls-not-supported"
#define FAILURE "validation-failure"
#define TRUST "certificate-not-trusted"
#define HOST "certificate-host-mismatch"

#define CLIENT "client.example [192.0.2.1]"
#define POSTFIX(error) \
	{ \
		"postfix", "warning: TLS library problem: error:" error \
	}
#define EXIM_OPENSSL(error) \
	{ \
		"exim-openssl", "TLS error on connection from " CLIENT " (SSL_accept): error:" error \
	}
#define EXIM_GNUTLS(error) \
	{ \
		"exim-gnutls", "TLS error on connection from " CLIENT " (gnutls_handshake): " error \
	}
#define SENDMAIL(reason) \
	{ \
		"sendmail", \
		    "STARTTLS=server, error: accept failed=-1, reason=" reason \
		    ", SSL_error=1, errno=0, retry=-1, relay=" CLIENT \
	}
#define OPENSMTPD(error) \
	{ \
		"opensmtpd", "smtp disconnected reason=\"io-error: error:" error "\"" \
	}
#define DOVECOT(error) \
	{ \
		"dovecot", "Disconnected: Connection closed: SSL_accept() failed: error:" error \
	}
#define END \
	{ \
		NULL, NULL \
	}

/* clang-format off */
static const struct mh_tls_log nothing[] = { END };

#define NO_SHARED "0A0000C1:SSL routines::no shared cipher"
#define NO_SIGNATURE "0A000076:SSL routines::no suitable signature algorithm"
/* Exim makes itself a certificate, sendmail offers no TLS, OpenSMTPD and Dovecot do not start. */
static const struct mh_tls_log no_certificate[] = {
	POSTFIX(NO_SHARED),
	END };
static const struct mh_tls_log no_cipher[] = {
	POSTFIX(NO_SHARED),
	POSTFIX(NO_SIGNATURE),
	POSTFIX("0A000065:SSL routines::no suitable key share"),
	EXIM_OPENSSL(NO_SHARED),
	EXIM_OPENSSL(NO_SIGNATURE),
	EXIM_OPENSSL("0A000065:SSL routines::no suitable key share"),
	EXIM_GNUTLS("No supported cipher suites have been found."),
	SENDMAIL("no shared cipher"),
	SENDMAIL("no suitable signature algorithm"),
	SENDMAIL("no suitable key share"),
	OPENSMTPD(NO_SHARED),
	OPENSMTPD(NO_SIGNATURE),
	END };
static const struct mh_tls_log no_key[] = { /* the client knows no such key */
	POSTFIX(NO_SHARED),
	POSTFIX(NO_SIGNATURE),
	EXIM_OPENSSL(NO_SHARED),
	EXIM_OPENSSL(NO_SIGNATURE),
	EXIM_GNUTLS("No supported cipher suites have been found."),
	SENDMAIL("no shared cipher"),
	SENDMAIL("no suitable signature algorithm"),
	OPENSMTPD(NO_SHARED),
	OPENSMTPD(NO_SIGNATURE),
	END };
static const struct mh_tls_log not_loaded[] = {
	{ "postfix", "warning: error opening chain file: /etc/postfix/mx.pem: No such file or directory" },
	{ "postfix", "warning: cannot get RSA private key from file \"/etc/postfix/mx.key\": disabling TLS support" },
	{ "postfix", "warning: RSA private key in /etc/postfix/mx.key does not match public key in /etc/postfix/mx.pem: disabling TLS support" },
	{ "postfix", "warning: Wrapper-mode request dropped from client.example[192.0.2.1] for service smtps. TLS context initialization failed. For details see earlier warnings in your logs." },
	{ "exim-openssl", "TLS error on connection from " CLIENT " (SSL_CTX_use_certificate_chain_file file=/etc/exim4/mx.pem): error:80000002:system library::No such file or directory" },
	{ "exim-gnutls", "TLS error on connection from " CLIENT " (cert/key setup: cert=/etc/exim4/mx.pem key=/etc/exim4/mx.key): Error while reading file." },
	{ "exim-gnutls", "TLS error on connection from " CLIENT " (cert/key setup: cert=/etc/exim4/mx.pem key=/etc/exim4/mx.key): The certificate and the given key do not match." },
	{ "sendmail", "STARTTLS=server, error: SSL_CTX_check_private_key failed(/etc/mail/mx.key): 0" },
	{ "dovecot", "Failed to initialize SSL server context: Can't load SSL private key (ssl_key setting): Key is for a different cert than ssl_cert" },
	END };
/* These say so when they start, and offer no TLS from then on. */
static const struct mh_tls_log not_offered[] = {
	{ "postfix", "warning: No server certs available. TLS won't be enabled" },
	{ "sendmail", "STARTTLS=server: file /etc/mail/mx.pem unsafe: No such file or directory" },
	{ "sendmail", "STARTTLS=server: file /etc/mail/mx.key unsafe: World writable directory" },
	{ "sendmail", "STARTTLS=server, error: SSL_CTX_check_private_key failed(/etc/mail/mx.key): 0" },
	END };
static const struct mh_tls_log expired[] = {
	POSTFIX("0A000415:SSL routines::sslv3 alert certificate expired"),
	EXIM_OPENSSL("0A000415:SSL routines::sslv3 alert certificate expired"),
	EXIM_GNUTLS("Certificate is expired"),
	SENDMAIL("sslv3 alert certificate expired"),
	OPENSMTPD("0A000415:SSL routines::sslv3 alert certificate expired"),
	DOVECOT("0A000415:SSL routines::sslv3 alert certificate expired: SSL alert number 45"),
	END };
static const struct mh_tls_log unknown_ca[] = {
	POSTFIX("0A000418:SSL routines::tlsv1 alert unknown ca"),
	EXIM_OPENSSL("0A000418:SSL routines::tlsv1 alert unknown ca"),
	EXIM_GNUTLS("CA is unknown"),
	SENDMAIL("tlsv1 alert unknown ca"),
	OPENSMTPD("0A000418:SSL routines::tlsv1 alert unknown ca"),
	DOVECOT("0A000418:SSL routines::tlsv1 alert unknown ca: SSL alert number 48"),
	END };
static const struct mh_tls_log bad_certificate[] = { /* OpenSSL's alert for names, first days, short keys */
	POSTFIX("0A000412:SSL routines::sslv3 alert bad certificate"),
	EXIM_OPENSSL("0A000412:SSL routines::sslv3 alert bad certificate"),
	EXIM_GNUTLS("Certificate is bad"),
	SENDMAIL("sslv3 alert bad certificate"),
	OPENSMTPD("0A000412:SSL routines::sslv3 alert bad certificate"),
	DOVECOT("0A000412:SSL routines::sslv3 alert bad certificate: SSL alert number 42"),
	END };
static const struct mh_tls_log unsupported_certificate[] = {
	POSTFIX("0A000413:SSL routines::sslv3 alert unsupported certificate"),
	EXIM_OPENSSL("0A000413:SSL routines::sslv3 alert unsupported certificate"),
	EXIM_GNUTLS("Certificate is not supported"),
	SENDMAIL("sslv3 alert unsupported certificate"),
	OPENSMTPD("0A000413:SSL routines::sslv3 alert unsupported certificate"),
	DOVECOT("0A000413:SSL routines::sslv3 alert unsupported certificate: SSL alert number 43"),
	END };
static const struct mh_tls_log old_version[] = {
	POSTFIX("0A000102:SSL routines::unsupported protocol"),
	{ "exim-openssl", "TLS error on connection from " CLIENT " (SSL_accept (TLSv1.2)): error:0A000102:SSL routines::unsupported protocol" },
	EXIM_GNUTLS("A packet with illegal or unsupported version was received."),
	SENDMAIL("unsupported protocol"),
	OPENSMTPD("0A000102:SSL routines::unsupported protocol"),
	END };
static const struct mh_tls_log died[] = { /* the process that had the connection */
	{ "postfix", "warning: process /usr/lib/postfix/sbin/smtpd pid 4711 killed by signal 11" },
	END };
static const struct mh_tls_log silence[] = {
	{ "postfix", "SSL_accept error from client.example[192.0.2.1]: Connection timed out" },
	{ "exim-openssl", "TLS error on connection from " CLIENT " (SSL_accept): timed out" },
	{ "exim-gnutls", "TLS error on connection from " CLIENT " (gnutls_handshake): timed out" },
	{ "sendmail", "STARTTLS=server, error: accept failed=1, reason=unknown, SSL_error=2, errno=0, retry=0, relay=" CLIENT },
	END };
static const struct mh_tls_log hello_as_command[] = { /* our hello, read as a command */
	{ "postfix", "improper command pipelining after STARTTLS from client.example[192.0.2.1]: \\026\\003\\001" },
	{ "exim-openssl", "SMTP syntax error in \"\\026\\003\\001\" H=" CLIENT " NUL character(s) present (shown as '?')" },
	{ "exim-gnutls", "SMTP syntax error in \"\\026\\003\\001\" H=" CLIENT " NUL character(s) present (shown as '?')" },
	END };
static const struct mh_tls_log hello_at_once[] = {
	{ "postfix", "improper command pipelining after CONNECT from client.example[192.0.2.1]: \\026\\003\\001" },
	{ "exim-openssl", "SMTP syntax error in \"\\026\\003\\001\" H=" CLIENT " NUL character(s) present (shown as '?')" },
	{ "exim-gnutls", "SMTP syntax error in \"\\026\\003\\001\" H=" CLIENT " NUL character(s) present (shown as '?')" },
	END };
static const struct mh_tls_log command_as_hello[] = {
	POSTFIX("0A00010B:SSL routines::wrong version number"),
	{ "exim-openssl", "TLS error on connection from " CLIENT " (SSL_accept (TLSv1.3)): error:0A00010B:SSL routines::wrong version number" },
	EXIM_GNUTLS("An unexpected TLS packet was received."),
	SENDMAIL("wrong version number"),
	OPENSMTPD("0A00010B:SSL routines::wrong version number"),
	DOVECOT("0A00010B:SSL routines::wrong version number"),
	END };
static const struct mh_tls_log internal_error[] = {
	POSTFIX("0A0C0103:SSL routines::internal error"),
	EXIM_OPENSSL("0A0C0103:SSL routines::internal error"),
	EXIM_GNUTLS("GnuTLS internal error."),
	SENDMAIL("internal error"),
	OPENSMTPD("0A080006:SSL routines::EVP lib"), /* TLS 1.3, where it cannot sign with its key */
	OPENSMTPD("0A0C0103:SSL routines::internal error"), /* TLS 1.2 */
	END };
static const struct mh_tls_log no_client_certificate[] = {
	{ "postfix", "NOQUEUE: abort: TLS from client.example[192.0.2.1]: No client certificate presented" },
	EXIM_OPENSSL("0A0000C7:SSL routines::peer did not return a certificate"),
	EXIM_GNUTLS("Certificate is required."),
	EXIM_GNUTLS("No certificate was found."), /* TLS 1.2 */
	OPENSMTPD("0A0000C7:SSL routines::peer did not return a certificate"),
	END };
static const struct mh_tls_log no_such_name[] = {
	{ "postfix", "warning: error loading private keys and certificates from: SNI data for mx.example: aborting TLS handshake" },
	EXIM_OPENSSL("0A0000EA:SSL routines::callback failed"),
	END };

static const struct mh_tls_words table[] = {
#define ROW(name, logs, result, may, dane, sts, require) { MH_F_##name, (logs), (result), (may), (dane), (sts), (require) }
	ROW(TLS_NO_CERTIFICATE, no_certificate, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_NO_CERTIFICATE_ANON, no_certificate, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_NO_COMMON_CIPHER, no_cipher, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_454, not_loaded, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_421, nothing, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_REFUSED, nothing, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_NOT_OFFERED, not_offered, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_STRIPPED, nothing, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_STARTTLS_UNADVERTISED, nothing, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(SMTP_NO_ESMTP, nothing, NOT_SUPPORTED, "plaintext", "fails", "fails", "fails"),
	ROW(CERT_EXPIRED, expired, "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_NOT_YET_VALID, bad_certificate, "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_SELF_SIGNED, unknown_ca, TRUST, "ok", "ok", "fails", "fails"),
	ROW(CERT_NAME_MISMATCH, bad_certificate, HOST, "ok", "ok", "fails", "fails"),
	ROW(CERT_NO_ALTERNATIVE_NAME, bad_certificate, HOST, "ok", "ok", "fails", "fails"),
	ROW(CERT_CHAIN_INCOMPLETE, unknown_ca, TRUST, "ok", "ok", "fails", "fails"),
	ROW(CERT_UNTRUSTED_ISSUER, unknown_ca, TRUST, "ok", "ok", "fails", "fails"),
	ROW(CERT_INTERMEDIATE_EXPIRED, expired, "certificate-expired", "ok", "ok", "fails", "fails"),
	ROW(CERT_WRONG_PURPOSE, unsupported_certificate, TRUST, "ok", "ok", "fails", "fails"),
	ROW(CERT_KEY_TYPE_UNCOMMON, no_key, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_OLD_PROTOCOL_ONLY, old_version, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SSLV3_ONLY, old_version, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SSLV2, old_version, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_AFTER_STARTTLS, died, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_RESET_AFTER_STARTTLS, died, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TIMEOUT_IN_HANDSHAKE, silence, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SLOW_HANDSHAKE, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_PLAINTEXT_IN_TLS, hello_as_command, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(PORT_PLAIN_ON_IMPLICIT_PORT, hello_at_once, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(PORT_IS_IMPLICIT_TLS, command_as_hello, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_INTERNAL_ERROR, internal_error, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_HANDSHAKE_FAILURE, no_cipher, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_ALERT_OTHER, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_BAD_RECORD, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_IN_HANDSHAKE, died, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_RESET_IN_HANDSHAKE, died, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLOSED_AFTER_HANDSHAKE, died, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TIMEOUT_AFTER_HANDSHAKE, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_CLIENT_CERT_REQUIRED, no_client_certificate, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_TLS13_INTOLERANT, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_LARGE_HELLO_INTOLERANT, nothing, FAILURE, "fails", "fails", "fails", "fails"),
	ROW(TLS_SNI_INTOLERANT, no_such_name, FAILURE, "ok", "fails", "fails", "fails"),
	ROW(DANE_MISMATCH, nothing, "tlsa-invalid", "ok", "fails", "ok", "fails"),
	ROW(DANE_TA_NOT_SENT, nothing, "tlsa-invalid", "ok", "fails", "ok", "fails"),
	ROW(DANE_BOGUS, nothing, "dnssec-invalid", "ok", "fails", "ok", "fails"),
#undef ROW
};

/* What a greeting has that is not made up. */
static const struct {
	const char *mta, *word;
} greetings[] = {
	{ "postfix", "Postfix" },
	{ "exim-openssl", "Exim" },
	{ "exim-gnutls", "Exim" },
	{ "sendmail", "Sendmail" },
	{ "opensmtpd", "OpenSMTPD" },
	{ "dovecot", "Dovecot" },
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

static bool
has_word(struct mh_str text, struct mh_str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, word.len), word))
			return true;
	return false;
}

bool
mh_tls_mta_greets(const char *mta, struct mh_str greeting)
{
	for (size_t i = 0; i < MH_COUNT(greetings); i++)
		if ((mta[0] == '\0' || strcmp(mta, greetings[i].mta) == 0) &&
		    has_word(greeting, mh_str_z(greetings[i].word)))
			return true;
	return false;
}
