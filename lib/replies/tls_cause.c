/* tls_cause.c - the finding behind what is said of a failed TLS handshake
 *
 * OpenSSL 1.x and 3.x, BoringSSL, LibreSSL, GnuTLS and the MTAs have their own
 * words for the same few faults.  A table of phrases, the telling ones first:
 * the first row that is found anywhere in the text decides.
 *
 * "no shared cipher" is nearly always a server without a certificate: then no
 * cipher that needs one is left.  It is a matter of ciphers only where the text
 * shows that there is a certificate.
 */
#include "log_mta.h"

#define LOOKED_AT 1024 /* octets; what is longer than this says it at its beginning */

static const char no_certificate[] = "tls.no-certificate"; /* by "no shared cipher" */

/* clang-format off */
static const struct {
	struct mh_str phrase; /* lower case */
	const char *id;
} table[] = {
#define ROW(phrase, id) { { (phrase), sizeof(phrase) - 1 }, (id) }
	/* What the server refused in plain text. */
	ROW("454 4.7.0 tls not available", "smtp.starttls-454"),
	ROW("454 tls not available", "smtp.starttls-454"),
	ROW("454 tls currently unavailable", "smtp.starttls-454"),
	ROW("tls not available due to", "smtp.starttls-454"),
	ROW("refused to start tls: 454", "smtp.starttls-454"),
	ROW("refused to start tls: 421", "smtp.starttls-421"),
	ROW("after starttls: 454", "smtp.starttls-454"),
	ROW("after starttls: 421", "smtp.starttls-421"),
	/* Its own log, as to why. */
	ROW("disabling tls support", "smtp.starttls-454"),
	ROW("no server certs available", "tls.no-certificate"),
	ROW("cannot get rsa certificate", "smtp.starttls-454"),
	ROW("cannot get ecdsa certificate", "smtp.starttls-454"),
	ROW("cannot get certificate from file", "smtp.starttls-454"),
	ROW("cannot load certificate", "smtp.starttls-454"),
	ROW("cannot load cert", "smtp.starttls-454"),
	ROW("cannot get rsa private key", "smtp.starttls-454"),
	ROW("cannot get ecdsa private key", "smtp.starttls-454"),
	ROW("cannot get private key", "smtp.starttls-454"),
	ROW("error opening chain file", "smtp.starttls-454"),
	ROW("key values mismatch", "smtp.starttls-454"),
	ROW("private key mismatch", "smtp.starttls-454"),
	ROW("private key does not match", "smtp.starttls-454"),
	ROW("does not match public key", "smtp.starttls-454"),
	ROW("the given key do not match", "smtp.starttls-454"),
	ROW("key is for a different cert", "smtp.starttls-454"),
	ROW("can't load ssl private key", "smtp.starttls-454"),
	ROW("can't load ssl certificate", "smtp.starttls-454"),
	ROW("tls context initialization failed", "smtp.starttls-454"),
	ROW("cert/key setup", "smtp.starttls-454"),
	ROW("cert_key_setup", "smtp.starttls-454"),
	ROW("error loading chain from", "smtp.starttls-454"),
	ROW("ssl_ctx_check_private_key failed", "smtp.starttls-454"),
	ROW("ssl_ctx_use_privatekey_file", "smtp.starttls-454"),
	ROW("ssl_ctx_use_certificate", "smtp.starttls-454"),
	ROW("unsafe: no such file", "smtp.starttls-454"),
	ROW("unsafe: permission denied", "smtp.starttls-454"),
	ROW("unsafe: world writable", "smtp.starttls-454"),
	ROW("unsafe: group writable", "smtp.starttls-454"),
	ROW("unsafe: group readable", "smtp.starttls-454"),
	ROW("unsafe: world readable", "smtp.starttls-454"),
	ROW("no certificate set", "tls.no-certificate"),
	ROW("no certificate assigned", "tls.no-certificate"),
	ROW("no certificate found", "tls.no-certificate"),
	ROW("no_certificate_set", "tls.no-certificate"),
	/* The server does not speak it. */
	ROW("did not offer starttls", "smtp.starttls-not-offered"),
	ROW("did not offer tls", "smtp.starttls-not-offered"),
	ROW("but was not offered", "smtp.starttls-not-offered"),
	ROW("not offered by host", "smtp.starttls-not-offered"),
	ROW("tls not offered", "smtp.starttls-not-offered"),
	ROW("tls not supported by", "smtp.starttls-not-offered"),
	ROW("does not support starttls", "smtp.starttls-not-offered"),
	ROW("does not advertise starttls", "smtp.starttls-not-offered"),
	ROW("starttls not available", "smtp.starttls-not-offered"),
	ROW("not supported by remote host", "smtp.starttls-not-offered"),
	ROW("starttls not supported", "smtp.starttls-not-offered"),
	/* Nothing in common. */
	ROW("no shared cipher", no_certificate),
	ROW("no_shared_cipher", no_certificate),
	ROW("no suitable signature algorithm", "tls.no-common-cipher"),
	ROW("no shared signature", "tls.no-common-cipher"),
	ROW("no common signature", "tls.no-common-cipher"),
	ROW("no suitable key share", "tls.no-common-cipher"),
	ROW("no suitable groups", "tls.no-common-cipher"),
	ROW("no shared group", "tls.no-common-cipher"),
	ROW("no supported cipher suites", "tls.no-common-cipher"),
	ROW("no ciphers available", "tls.no-common-cipher"),
	ROW("could not negotiate a supported cipher suite", "tls.no-common-cipher"),
	ROW("no cipher match", "tls.no-common-cipher"),
	ROW("insufficient security", "tls.no-common-cipher"),
	ROW("unsupported protocol", "tls.old-protocol-only"),
	ROW("unsupported_protocol", "tls.old-protocol-only"),
	ROW("tlsv1 alert protocol version", "tls.old-protocol-only"),
	ROW("alert protocol version", "tls.old-protocol-only"),
	ROW("wrong ssl version", "tls.old-protocol-only"),
	ROW("unsupported version packet", "tls.old-protocol-only"),
	ROW("unsupported record version", "tls.old-protocol-only"),
	ROW("illegal or unsupported version", "tls.old-protocol-only"),
	ROW("no supported versions satisfy", "tls.old-protocol-only"),
	ROW("version too low", "tls.old-protocol-only"),
	ROW("legacy sigalg disallowed", "tls.old-protocol-only"),
	ROW("dh key too small", "tls.weak-dh"),
	ROW("dh_key_too_small", "tls.weak-dh"),
	ROW("bad dh value", "tls.weak-dh"),
	ROW("prime sent by the server is not acceptable", "tls.weak-dh"),
	/* Not TLS at all. */
	ROW("wrong version number", "tls.plaintext-in-tls"),
	ROW("wrong_version_number", "tls.plaintext-in-tls"),
	ROW("http request", "tls.plaintext-in-tls"),
	ROW("packet length too long", "tls.plaintext-in-tls"),
	ROW("unknown protocol", "tls.plaintext-in-tls"),
	ROW("unexpected tls packet was received", "tls.plaintext-in-tls"),
	ROW("record packet with illegal version", "tls.plaintext-in-tls"),
	ROW("\\026\\003", "tls.plaintext-in-tls"), /* a hello, where a command should be */
	/* The certificate. */
	ROW("certificate has expired", "cert.expired"),
	ROW("certificate_expired", "cert.expired"),
	ROW("certificate expired", "cert.expired"),
	ROW("certificate is expired", "cert.expired"),
	ROW("chain uses expired certificate", "cert.expired"),
	ROW("not trusted. the certificate chain uses expired", "cert.expired"),
	ROW("self-signed certificate in certificate chain", "cert.chain-incomplete"),
	ROW("self signed certificate in certificate chain", "cert.chain-incomplete"),
	ROW("self-signed", "cert.self-signed"),
	ROW("self signed", "cert.self-signed"),
	ROW("hostname mismatch", "cert.name-mismatch"),
	ROW("host name mismatch", "cert.name-mismatch"),
	ROW("subject name mismatch", "cert.name-mismatch"),
	ROW("name mismatch", "cert.name-mismatch"),
	ROW("peer name verification failed", "cert.name-mismatch"),
	ROW("name in the certificate does not match", "cert.name-mismatch"),
	ROW("does not match hostname", "cert.name-mismatch"),
	ROW("unable to get local issuer", "cert.chain-incomplete"),
	ROW("unable to get issuer", "cert.chain-incomplete"),
	ROW("unable to verify the first certificate", "cert.chain-incomplete"),
	ROW("unable to verify leaf signature", "cert.chain-incomplete"),
	ROW("untrusted issuer", "cert.chain-incomplete"),
	ROW("issuer is unknown", "cert.chain-incomplete"),
	ROW("ca is unknown", "cert.chain-incomplete"),
	ROW("signed by unknown authority", "cert.chain-incomplete"),
	ROW("alert unknown ca", "cert.chain-incomplete"),
	ROW("unknown_ca", "cert.chain-incomplete"),
	ROW("key too small", "cert.weak-key"),
	ROW("key too weak", "cert.weak-key"),
	ROW("ee_key_too_small", "cert.weak-key"),
	ROW("md too weak", "cert.weak-signature"),
	ROW("ca_md_too_weak", "cert.weak-signature"),
	ROW("insecure algorithm", "cert.weak-signature"),
	ROW("alert certificate required", "tls.client-cert-required"),
	ROW("peer did not return a certificate", "tls.client-cert-required"),
	ROW("certificate is required", "tls.client-cert-required"),
	ROW("certificate_required", "tls.client-cert-required"),
	ROW("no client certificate presented", "tls.client-cert-required"),
	ROW("no certificate was found", "tls.client-cert-required"),
	/* Names. */
	ROW("unrecognized name", "tls.sni-intolerant"),
	ROW("unrecognized_name", "tls.sni-intolerant"),
	ROW("server name sent was not recognized", "tls.sni-intolerant"),
	ROW("sni host name not recognised", "tls.sni-intolerant"),
	ROW("ssl routines::callback failed", "tls.sni-intolerant"),
	ROW("sni data for", "tls.sni-intolerant"),
	/* Alerts that name no cause. */
	ROW("alert handshake failure", "tls.alert-handshake-failure"),
	ROW("handshake_failure", "tls.alert-handshake-failure"),
	ROW("alert number 40", "tls.alert-handshake-failure"),
	ROW("alert has been received: handshake failed", "tls.alert-handshake-failure"),
	ROW("tls alert [40]", "tls.alert-handshake-failure"),
	/* What Gmail says of it, without naming the alert. */
	ROW("starttls error (0): protocol error", "tls.alert-handshake-failure"),
	ROW("alert internal error", "tls.alert-internal-error"),
	ROW("internal_error", "tls.alert-internal-error"),
	ROW("alert number 80", "tls.alert-internal-error"),
	ROW("ssl routines::internal error", "tls.alert-internal-error"),
	ROW("ssl routines::evp lib", "tls.alert-internal-error"),
	ROW("reason=internal error", "tls.alert-internal-error"),
	ROW("gnutls internal error", "tls.alert-internal-error"),
	ROW("alert certificate unknown", "cert.chain-incomplete"),
	ROW("alert bad certificate", "cert.chain-incomplete"),
	ROW("alert unsupported certificate", "cert.chain-incomplete"),
	ROW("(gnutls_handshake): certificate is bad", "cert.chain-incomplete"),
	ROW("(gnutls_handshake): certificate is not supported", "cert.chain-incomplete"),
	ROW("(gnutls_handshake): unknown certificate", "cert.chain-incomplete"),
	/* No answer. */
	ROW("timed out", "tls.timeout-in-handshake"),
	ROW("timeout", "tls.timeout-in-handshake"),
	ROW("reason=unknown, ssl_error=2", "tls.timeout-in-handshake"), /* sendmail: it wants to read */
	ROW("connection reset", "tls.closed-in-handshake"),
	ROW("unexpected eof", "tls.closed-in-handshake"),
	ROW("lost connection", "tls.closed-in-handshake"),
	ROW("connection closed", "tls.closed-in-handshake"),
	ROW("connection was non-properly terminated", "tls.closed-in-handshake"),
	ROW("packet with unexpected length", "tls.closed-in-handshake"),
	ROW("unexpected message", "tls.closed-in-handshake"),
	ROW("premature termination", "tls.closed-in-handshake"),
	ROW("error in the pull function", "tls.closed-in-handshake"),
	ROW("error in the push function", "tls.closed-in-handshake"),
	ROW("tls connection closed", "tls.closed-in-handshake"),
	ROW("syscall: success", "tls.closed-in-handshake"),
	ROW("reason=unknown, ssl_error=5", "tls.closed-in-handshake"),
	ROW("/smtpd pid ", "tls.closed-in-handshake"), /* "killed by signal 11" */
#undef ROW
};
/* clang-format on */

static bool
holds(const char *folded, size_t len, struct mh_str phrase)
{
	return mh_log_find(mh_str_n(folded, len), phrase) < len;
}

/* shows_certificate - the words tell which certificate the server has */
static bool
shows_certificate(const char *folded, size_t len)
{
	return holds(folded, len, MH_STR("certificate type")) || holds(folded, len, MH_STR("key type")) ||
	    holds(folded, len, MH_STR("with certificate")) || holds(folded, len, MH_STR("certificate=/"));
}

const char *
mh_tls_cause(struct mh_str text)
{
	char folded[LOOKED_AT];
	size_t len = text.len < sizeof(folded) ? text.len : sizeof(folded);
	for (size_t i = 0; i < len; i++)
		folded[i] = mh_lower(text.p[i]);
	for (size_t i = 0; i < MH_COUNT(table); i++) {
		if (!holds(folded, len, table[i].phrase))
			continue;
		if (table[i].id == no_certificate && shows_certificate(folded, len))
			return "tls.no-common-cipher";
		return table[i].id;
	}
	return "";
}
