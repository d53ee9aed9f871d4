/* tls_senders.c - profiles of senders, dated, with where they are from
 *
 * Computed from what is known already, with no connection of its own.  What is not
 * known is "unknown", never a guess.
 */
#include "tls_senders.h"

#include "port.h"

enum { TLS10 = 2, TLS12 = 4, TLS13 = 5 };

/* clang-format off */
static const struct mh_tls_sender senders[] = {
	/* name, as of, source, versions, hello, SNI, DANE, MTA-STS, falls back */
	{ "gmail", "2026-10-01", "support.google.com/a/answer/9261504 (MTA-STS), TLS 1.0 and newer to others", TLS10, TLS13, 1700, 1, 0, 1, 0 },
	{ "microsoft", "2026-10-01", "learn.microsoft.com, Exchange Online: TLS 1.2 and newer, DANE and MTA-STS outbound", TLS12, TLS13, 520, 1, 1, 1, 1 },
	{ "postfix", "2026-10-01", "Postfix 3.7 smtp_tls_security_level=may, OpenSSL 3.0", TLS10, TLS13, 330, 0, 0, 0, 1 },
	{ "postfix-dane", "2026-10-01", "Postfix 3.7 smtp_tls_security_level=dane, OpenSSL 3.0", TLS12, TLS13, 350, 1, 1, 0, 1 },
	{ "exim", "2026-10-01", "Exim 4.96, hosts_try_dane=*, GnuTLS 3.7", TLS10, TLS13, 430, 1, 1, 0, 1 },
	{ "sendmail", "2026-10-01", "sendmail 8.17, OpenSSL 3.0", TLS12, TLS13, 330, 0, 0, 0, 0 },
	{ "openssl-3.5", "2026-10-01", "OpenSSL 3.5: X25519MLKEM768 key share by default", TLS12, TLS13, 1560, 1, 0, 0, 1 },
	{ "java-8", "2026-10-01", "Java 8u291 and newer: TLS 1.2 by default", TLS12, TLS12, 300, 1, 0, 0, 0 },
};
/* clang-format on */

const struct mh_tls_sender *
mh_tls_sender_at(size_t i)
{
	return i < MH_COUNT(senders) ? &senders[i] : NULL;
}

/* has_version - a version in common, by MH_TRI_* */
static int
has_version(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer)
{
	int known = MH_TRI_NO;
	for (int i = sender->lowest; i <= sender->highest; i++) {
		if (offer->versions[i] == MH_TRI_YES)
			return MH_TRI_YES;
		if (offer->versions[i] == MH_TRI_UNKNOWN)
			known = MH_TRI_UNKNOWN;
	}
	return known;
}

/* shakes_hands - whether its handshake gets through, by MH_TRI_* */
static int
shakes_hands(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, const char **why)
{
	if (offer->tls == MH_TRI_NO) {
		*why = "the handshake of today's senders fails";
		return MH_TRI_NO;
	}
	if (offer->hello_fails > 0 && sender->hello_octets >= offer->hello_fails) {
		*why = "its ClientHello is larger than the server takes";
		return MH_TRI_NO;
	}
	if (offer->tls13_intolerant == MH_TRI_YES && sender->highest >= TLS13) {
		*why = "it offers TLS 1.3, which the server cannot bear";
		return MH_TRI_NO;
	}
	if (offer->needs_sni == MH_TRI_YES && !sender->sends_sni) {
		*why = "it sends no server name, and the server wants one";
		return MH_TRI_NO;
	}
	int version = has_version(sender, offer);
	if (version == MH_TRI_NO)
		*why = "there is no TLS version in common";
	return offer->tls == MH_TRI_UNKNOWN ? MH_TRI_UNKNOWN : version;
}

const char *
mh_tls_sender_judge(const struct mh_tls_sender *sender, const struct mh_tls_offer *offer, const char **why)
{
	*why = "";
	bool is_bound = sender->follows_dane && offer->has_dane == MH_TRI_YES;
	if (offer->starttls == MH_TRI_UNKNOWN)
		return "unknown";
	if (offer->starttls == MH_TRI_NO) {
		*why = "encryption is not offered";
		return is_bound ? "defers" : "plaintext";
	}
	int shakes = shakes_hands(sender, offer, why);
	if (shakes == MH_TRI_UNKNOWN)
		return "unknown";
	if (shakes == MH_TRI_NO)
		return sender->falls_back && !is_bound ? "plaintext" : "defers";
	if (is_bound && offer->dane == MH_TRI_NO) {
		*why = "no TLSA record matches";
		return "defers";
	}
	return is_bound && offer->dane == MH_TRI_UNKNOWN ? "unknown" : "delivers";
}
