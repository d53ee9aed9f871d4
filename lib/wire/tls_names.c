/* tls_names.c - tables of numbers and names */
#include "tls_names.h"

#include "port.h"

static const struct mh_suite suites[] = {
#define X(number, kx, auth, cipher, since, name) \
	{ (number), MH_KX_##kx, MH_AUTH_##auth, MH_CIPHER_##cipher, 0x##since, (name) },
#include "tls_suites.def"
#undef X
};

static const struct {
	uint16_t number;
	const char *name;
} groups[] = {
	{ 0x0017, "secp256r1" },
	{ 0x0018, "secp384r1" },
	{ 0x0019, "secp521r1" },
	{ 0x001d, "x25519" },
	{ 0x001e, "x448" },
	{ 0x0100, "ffdhe2048" },
	{ 0x0101, "ffdhe3072" },
	{ 0x0102, "ffdhe4096" },
	{ 0x0103, "ffdhe6144" },
	{ 0x0104, "ffdhe8192" },
	{ 0x11eb, "SecP256r1MLKEM768" },
	{ 0x11ec, "X25519MLKEM768" },
	{ 0x11ed, "SecP384r1MLKEM1024" },
	{ 0x001a, "brainpoolP256r1" },
	{ 0x001b, "brainpoolP384r1" },
	{ 0x001c, "brainpoolP512r1" },
	{ 0x001f, "brainpoolP256r1tls13" },
	{ 0x0020, "brainpoolP384r1tls13" },
	{ 0x0021, "brainpoolP512r1tls13" },
	{ 0x0013, "secp192r1" },
	{ 0x0015, "secp224r1" },
	{ 0x0016, "secp256k1" },
	{ 0x0009, "sect283k1" },
	{ 0x000a, "sect283r1" },
	{ 0x000b, "sect409k1" },
	{ 0x000c, "sect409r1" },
	{ 0x000d, "sect571k1" },
	{ 0x000e, "sect571r1" },
};

const uint16_t mh_tls_groups[] = { 0x001d, 0x0017, 0x0018, 0x0019, 0x001e, 0x0100, 0x0101, 0x0102, 0x0103,
	0x0104, 0x11ec, 0x11eb, 0x11ed, 0x001f, 0x0020, 0x0021, 0x001a, 0x001b, 0x001c, 0x0016, 0x0015,
	0x0013, 0x000e, 0x000d, 0x000c, 0x000b, 0x000a, 0x0009, 0 };
const unsigned mh_tls_groups_todays = 4;

static const struct {
	int number;
	const char *name;
} alerts[] = {
	{ 0, "close_notify" },
	{ 10, "unexpected_message" },
	{ 20, "bad_record_mac" },
	{ 21, "decryption_failed" },
	{ 22, "record_overflow" },
	{ 30, "decompression_failure" },
	{ 40, "handshake_failure" },
	{ 41, "no_certificate" },
	{ 42, "bad_certificate" },
	{ 43, "unsupported_certificate" },
	{ 44, "certificate_revoked" },
	{ 45, "certificate_expired" },
	{ 46, "certificate_unknown" },
	{ 47, "illegal_parameter" },
	{ 48, "unknown_ca" },
	{ 49, "access_denied" },
	{ 50, "decode_error" },
	{ 51, "decrypt_error" },
	{ 60, "export_restriction" },
	{ 70, "protocol_version" },
	{ 71, "insufficient_security" },
	{ 80, "internal_error" },
	{ 86, "inappropriate_fallback" },
	{ 90, "user_canceled" },
	{ 100, "no_renegotiation" },
	{ 109, "missing_extension" },
	{ 110, "unsupported_extension" },
	{ 111, "certificate_unobtainable" },
	{ 112, "unrecognized_name" },
	{ 113, "bad_certificate_status_response" },
	{ 115, "unknown_psk_identity" },
	{ 116, "certificate_required" },
	{ 120, "no_application_protocol" },
};

size_t
mh_suite_count(void)
{
	return MH_COUNT(suites);
}

const struct mh_suite *
mh_suite_at(size_t i)
{
	return i < MH_COUNT(suites) ? &suites[i] : NULL;
}

const struct mh_suite *
mh_suite_find(uint16_t number)
{
	for (size_t i = 0; i < MH_COUNT(suites); i++)
		if (suites[i].number == number)
			return &suites[i];
	return NULL;
}

bool
mh_suite_is_weak(const struct mh_suite *suite)
{
	return suite->cipher <= MH_CIPHER_OLD;
}

/* has - whether part stands in name */
static bool
has(const char *name, const char *part)
{
	return strstr(name, part) != NULL;
}

bool
mh_suite_is_todays(const struct mh_suite *suite)
{
	if (suite->since == 0x13)
		return suite->number <= 0x1303;
	return suite->cipher >= MH_CIPHER_CBC && suite->kx != MH_KX_DH && suite->kx != MH_KX_ECDH &&
	    (suite->auth == MH_AUTH_RSA || suite->auth == MH_AUTH_ECDSA) &&
	    (has(suite->name, "_AES_") || has(suite->name, "CHACHA20")) && !has(suite->name, "CCM");
}

bool
mh_suite_has_forward_secrecy(const struct mh_suite *suite)
{
	return suite->since == 0x13 || suite->kx == MH_KX_DHE || suite->kx == MH_KX_ECDHE;
}

/* in_hex - "0x11EC" */
static const char *
in_hex(uint16_t number, char room[MH_TLS_NAME_ROOM])
{
	room[0] = '0';
	room[1] = 'x';
	for (unsigned i = 0; i < 4; i++)
		room[2 + i] = "0123456789ABCDEF"[number >> (12 - 4 * i) & 15];
	room[6] = '\0';
	return room;
}

const char *
mh_tls_suite_name(uint16_t number, char room[MH_TLS_NAME_ROOM])
{
	const struct mh_suite *suite = mh_suite_find(number);
	return suite != NULL ? suite->name : in_hex(number, room);
}

const char *
mh_tls_group_name(uint16_t number, char room[MH_TLS_NAME_ROOM])
{
	for (size_t i = 0; i < MH_COUNT(groups); i++)
		if (groups[i].number == number)
			return groups[i].name;
	return in_hex(number, room);
}

const char *
mh_tls_version_name(int version)
{
	switch (version) {
	case MH_SSL2:
		return "SSL 2";
	case MH_SSL3:
		return "SSL 3";
	case MH_TLS10:
		return "TLS 1.0";
	case MH_TLS11:
		return "TLS 1.1";
	case MH_TLS12:
		return "TLS 1.2";
	case MH_TLS13:
		return "TLS 1.3";
	default:
		return "";
	}
}

const char *
mh_tls_alert_name(int description)
{
	for (size_t i = 0; i < MH_COUNT(alerts); i++)
		if (alerts[i].number == description)
			return alerts[i].name;
	return "";
}
