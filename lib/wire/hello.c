/* hello.c - ClientHellos, written from a table of what they offer */
#include "hello.h"

#include "port.h"

enum {
	SUITES_RSA, /* today's with forward secrecy and an RSA certificate */
	SUITES_ECDSA,
	SUITES_TODAYS,
	SUITES_SECRET, /* today's with forward secrecy */
	SUITES_AUTHENTICATED,
	SUITES_WEAK, /* with a certificate, but broken */
	SUITES_ANONYMOUS,
	SUITES_DHE,
	SUITES_RSA_KX,
	SUITES_ALL,
	SUITES_FEW,
};
enum { GROUPS_TODAYS, GROUPS_ALL, GROUPS_PQ, GROUPS_FEW };
enum { SIGNATURES_ALL, SIGNATURES_RSA, SIGNATURES_ECDSA, SIGNATURES_FEW };

static const uint16_t signatures[] = { 0x0403, 0x0503, 0x0603, 0x0203, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501,
	0x0601, 0x0201, 0x0809, 0x080a, 0x080b, 0x0807, 0x0808, 0x0402, 0x0202, 0x0301, 0x0101 };
static const uint16_t few_groups[] = { MH_GROUP_X25519, MH_GROUP_P256 };

#define ALL_EXTENSIONS 2
/* clang-format off */
static const struct mh_hello_kind kinds[] = {
#define KIND(name, version, lowest, suites, groups, signatures, extensions, sni, until, keep, size) \
	{ (name), MH_##version, MH_##lowest, SUITES_##suites, GROUPS_##groups, SIGNATURES_##signatures, (extensions), \
	    (sni), MH_UNTIL_##until, MH_KEEP_##keep, (size) }
	/* What a good server is asked. */
	KIND("rsa12", TLS12, TLS12, RSA, TODAYS, RSA, 2, true, KEY_EXCHANGE, CHAIN, 0),
	KIND("ecdsa12", TLS12, TLS12, ECDSA, TODAYS, ECDSA, 2, true, KEY_EXCHANGE, CHAIN, 0),
	KIND("old11", TLS11, TLS11, ALL, ALL, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("ssl3", SSL3, SSL3, ALL, ALL, ALL, 0, false, SERVER_HELLO, NONE, 0),
	KIND("ssl2", SSL2, SSL2, ALL, ALL, ALL, 0, false, SERVER_HELLO, NONE, 0),
	KIND("weak12", TLS12, TLS12, WEAK, ALL, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("dhe12", TLS12, TLS12, DHE, FEW, ALL, 2, true, KEY_EXCHANGE, NONE, 0),
	KIND("rsakx12", TLS12, TLS12, RSA_KX, TODAYS, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("nosni12", TLS12, TLS12, TODAYS, TODAYS, ALL, 2, false, CERTIFICATE, LEAF, 0),
	KIND("nosni13", TLS13, TLS13, TODAYS, TODAYS, ALL, 2, false, SERVER_HELLO, NONE, 0),
	KIND("pq13", TLS13, TLS12, TODAYS, PQ, ALL, 2, true, SERVER_HELLO, NONE, 0),
	/* What is asked where that failed. */
	KIND("secret12", TLS12, TLS12, SECRET, TODAYS, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("todays12", TLS12, TLS12, TODAYS, TODAYS, ALL, 2, true, CERTIFICATE, LEAF, 0),
	KIND("todays13", TLS13, TLS13, TODAYS, TODAYS, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("both13", TLS13, TLS12, TODAYS, TODAYS, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("few12", TLS12, TLS12, FEW, FEW, FEW, 1, true, CERTIFICATE, LEAF, 0),
	KIND("fewnosni12", TLS12, TLS12, FEW, FEW, FEW, 1, false, CERTIFICATE, LEAF, 0),
	KIND("bare12", TLS12, TLS12, FEW, FEW, FEW, 0, false, CERTIFICATE, LEAF, 0),
	KIND("auth12", TLS12, TLS12, AUTHENTICATED, ALL, ALL, 2, true, CERTIFICATE, LEAF, 0),
	KIND("anon12", TLS12, TLS12, ANONYMOUS, ALL, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("broken12", TLS12, TLS12, FEW, FEW, FEW, 1, true, SERVER_HELLO, NONE, 0),
	/* All that there is, for enumeration by leaving out what was accepted. */
	KIND("all13", TLS13, TLS13, ALL, ALL, ALL, 2, true, SERVER_HELLO, NONE, 0),
	KIND("all12", TLS12, TLS12, ALL, ALL, ALL, 2, true, KEY_EXCHANGE, NONE, 0),
	KIND("all11", TLS11, TLS11, ALL, ALL, ALL, 2, true, KEY_EXCHANGE, NONE, 0),
	KIND("all10", TLS10, TLS10, ALL, ALL, ALL, 2, true, KEY_EXCHANGE, NONE, 0),
#undef KIND
};
/* clang-format on */

const struct mh_hello_kind *
mh_hello_kind_find(struct mh_str name)
{
	for (size_t i = 0; i < MH_COUNT(kinds); i++)
		if (mh_str_eq(name, mh_str_z(kinds[i].name)))
			return &kinds[i];
	return NULL;
}

/* ------------------------------------------------------------- what is offered */

/* is_of_class - whether a class of suites has this one */
static bool
is_of_class(const struct mh_suite *suite, int class)
{
	bool is_todays = mh_suite_is_todays(suite), is_anonymous = suite->auth == MH_AUTH_ANON;
	bool is_tls13 = suite->since == 0x13;
	switch (class) {
	case SUITES_RSA:
		return is_todays && suite->auth == MH_AUTH_RSA && mh_suite_has_forward_secrecy(suite);
	case SUITES_ECDSA:
		return is_todays && suite->auth == MH_AUTH_ECDSA;
	case SUITES_TODAYS:
		return is_todays;
	case SUITES_SECRET:
		return is_todays && mh_suite_has_forward_secrecy(suite);
	case SUITES_AUTHENTICATED:
		return !is_anonymous;
	case SUITES_WEAK:
		return mh_suite_is_weak(suite) && !is_anonymous;
	case SUITES_ANONYMOUS:
		return is_anonymous;
	case SUITES_DHE:
		return suite->kx == MH_KX_DHE && !is_anonymous && !is_tls13;
	case SUITES_RSA_KX:
		return suite->kx == MH_KX_RSA && !mh_suite_is_weak(suite);
	case SUITES_FEW:
		return is_todays && !is_tls13 &&
		    (suite->number == 0xc02f || suite->number == 0xc02b || suite->number == 0xc030 ||
			suite->number == 0xc013 || suite->number == 0x002f || suite->number == 0x009e);
	default:
		return true;
	}
}

/* fits_version - whether a suite may be used in a version that the hello offers */
static bool
fits_version(const struct mh_suite *suite, const struct mh_hello_kind *kind)
{
	if (suite->since == 0x13)
		return kind->version == MH_TLS13;
	if (kind->lowest == MH_TLS13)
		return false;
	return suite->since != 0x12 || kind->version >= MH_TLS12;
}

static bool
is_among(const uint16_t *list, unsigned count, uint16_t number)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i] == number)
			return true;
	return false;
}

bool
mh_hello_offers(const struct mh_hello *hello, const struct mh_suite *suite)
{
	return is_of_class(suite, hello->kind->suites) && fits_version(suite, hello->kind) &&
	    !is_among(hello->less, hello->less_count, suite->number);
}

bool
mh_hello_offers_group(const struct mh_hello *hello, uint16_t group)
{
	int class = hello->kind->groups;
	if (is_among(hello->less_groups, hello->less_groups_count, group))
		return false;
	if (class == GROUPS_FEW)
		return is_among(few_groups, MH_COUNT(few_groups), group);
	if (class == GROUPS_PQ && group == MH_GROUP_X25519MLKEM768)
		return true;
	for (unsigned i = 0; mh_tls_groups[i] != 0; i++)
		if (mh_tls_groups[i] == group)
			return class == GROUPS_ALL || i < mh_tls_groups_todays;
	return false;
}

/* ----------------------------------------------------------------- writing */

static void
put16(struct mh_buf *out, unsigned value)
{
	mh_buf_putc(out, (char)(value >> 8));
	mh_buf_putc(out, (char)value);
}

/* open_length - two octets to be filled in by close_length; where they are */
static size_t
open_length(struct mh_buf *out)
{
	put16(out, 0);
	return out->len;
}

static void
close_length(struct mh_buf *out, size_t at)
{
	if (out->bad)
		return;
	size_t len = out->len - at;
	out->p[at - 2] = (char)(len >> 8);
	out->p[at - 1] = (char)len;
}

/* strength - the order in which suites are offered: what is best first */
static int
strength(const struct mh_suite *suite)
{
	int value = suite->cipher * 16;
	if (suite->since == 0x13)
		return 400;
	if (suite->kx == MH_KX_ECDHE)
		value += 8;
	if (suite->kx == MH_KX_DHE)
		value += 4;
	return suite->auth == MH_AUTH_ANON ? value - 200 : value;
}

static void
put_suites(struct mh_buf *out, const struct mh_hello *hello)
{
	size_t at = open_length(out);
	for (int level = 400; level >= -200; level -= 4) {
		for (size_t i = 0; i < mh_suite_count(); i++) {
			const struct mh_suite *suite = mh_suite_at(i);
			if (strength(suite) / 4 * 4 == level && mh_hello_offers(hello, suite))
				put16(out, suite->number);
		}
	}
	close_length(out, at);
}

static size_t
open_extension(struct mh_buf *out, unsigned type)
{
	put16(out, type);
	return open_length(out);
}

static void
put_sni(struct mh_buf *out, struct mh_str name)
{
	size_t at = open_extension(out, 0);
	size_t list = open_length(out);
	mh_buf_putc(out, 0);
	size_t host = open_length(out);
	mh_buf_putstr(out, name);
	close_length(out, host);
	close_length(out, list);
	close_length(out, at);
}

static void
put_group(struct mh_buf *out, const struct mh_hello *hello, uint16_t group)
{
	if (!is_among(hello->less_groups, hello->less_groups_count, group))
		put16(out, group);
}

static void
put_groups(struct mh_buf *out, const struct mh_hello *hello)
{
	size_t at = open_extension(out, 10);
	size_t list = open_length(out);
	int class = hello->kind->groups;
	if (class == GROUPS_PQ)
		put_group(out, hello, MH_GROUP_X25519MLKEM768);
	for (unsigned i = 0; class != GROUPS_FEW && mh_tls_groups[i] != 0; i++)
		if (class == GROUPS_ALL || i < mh_tls_groups_todays)
			put_group(out, hello, mh_tls_groups[i]);
	for (unsigned i = 0; class == GROUPS_FEW && i < MH_COUNT(few_groups); i++)
		put_group(out, hello, few_groups[i]);
	close_length(out, list);
	close_length(out, at);
}

static void
put_signatures(struct mh_buf *out, int class)
{
	size_t at = open_extension(out, 13);
	size_t list = open_length(out);
	for (unsigned i = 0; i < MH_COUNT(signatures); i++) {
		unsigned number = signatures[i];
		bool is_ecdsa = (number & 0xff) == 3 && number >> 8 < 8, is_dss = (number & 0xff) == 2;
		bool is_other =
		    number == 0x0807 || number == 0x0808 || is_dss || number == 0x0301 || number == 0x0101;
		if (class == SIGNATURES_ALL || (class == SIGNATURES_ECDSA && is_ecdsa) ||
		    (class == SIGNATURES_RSA && !is_ecdsa && !is_other) ||
		    (class == SIGNATURES_FEW &&
			(number == 0x0403 || number == 0x0804 || number == 0x0401 || number == 0x0201)))
			put16(out, number);
	}
	close_length(out, list);
	close_length(out, at);
}

/* put_tls13 - supported_versions, psk_key_exchange_modes and an empty key_share, so that the server says by a
 * HelloRetryRequest which group it wants (RFC 8446 4.2.8) */
static void
put_tls13(struct mh_buf *out, const struct mh_hello_kind *kind)
{
	size_t at = open_extension(out, 43);
	mh_buf_putc(out, kind->lowest < MH_TLS13 ? 4 : 2);
	put16(out, MH_TLS13);
	if (kind->lowest < MH_TLS13)
		put16(out, MH_TLS12);
	close_length(out, at);
	at = open_extension(out, 45);
	mh_buf_put(out, "\x01\x01", 2);
	close_length(out, at);
	at = open_extension(out, 51);
	put16(out, 0);
	close_length(out, at);
}

/* put_padding - RFC 7685, so that the record has size octets; begun: where it began */
static void
put_padding(struct mh_buf *out, size_t begun, size_t size)
{
	size_t len = out->len - begun;
	if (out->bad || size < len + 4)
		return;
	size_t at = open_extension(out, 21);
	for (size_t n = size - len - 4; n > 0; n--)
		mh_buf_putc(out, 0);
	close_length(out, at);
}

static void
put_extensions(struct mh_buf *out, const struct mh_hello *hello, size_t begun)
{
	const struct mh_hello_kind *kind = hello->kind;
	size_t at = open_length(out);
	if (kind->has_sni && hello->sni.len > 0)
		put_sni(out, hello->sni);
	put_groups(out, hello);
	size_t formats = open_extension(out, 11);
	mh_buf_put(out, "\x01\x00", 2);
	close_length(out, formats);
	if (kind->version >= MH_TLS12)
		put_signatures(out, kind->signatures);
	if (kind->extensions == ALL_EXTENSIONS) {
		close_length(out, open_extension(out, 23)); /* extended_master_secret */
		close_length(out, open_extension(out, 35)); /* session_ticket */
		size_t renegotiation = open_extension(out, 0xff01);
		mh_buf_putc(out, 0);
		close_length(out, renegotiation);
	}
	if (kind->version == MH_TLS13)
		put_tls13(out, kind);
	put_padding(out, begun, hello->size > 0 ? hello->size : kind->size);
	close_length(out, at);
}

/* put_ssl2 - CLIENT-HELLO of SSL 2.0, RFC 6101 E.1 */
static void
put_ssl2(struct mh_buf *out, const unsigned char random[64])
{
	static const char ciphers[] =
	    "\x01\x00\x80\x02\x00\x80\x03\x00\x80\x04\x00\x80\x05\x00\x80\x06\x00\x40\x07\x00\xc0";
	size_t len = 9 + sizeof(ciphers) - 1 + 16;
	put16(out, 0x8000 | (unsigned)len);
	mh_buf_putc(out, 1);
	put16(out, MH_SSL2);
	put16(out, sizeof(ciphers) - 1);
	put16(out, 0);
	put16(out, 16);
	mh_buf_put(out, ciphers, sizeof(ciphers) - 1);
	mh_buf_put(out, random, 16);
}

void
mh_hello_write(struct mh_buf *out, const struct mh_hello *hello, const unsigned char random[64])
{
	const struct mh_hello_kind *kind = hello->kind;
	size_t begun = out->len;
	bool is_broken = strcmp(kind->name, "broken12") == 0;

	if (kind->version == MH_SSL2) {
		put_ssl2(out, random);
		return;
	}
	mh_buf_putc(out, 22);
	put16(out, kind->version == MH_SSL3 ? MH_SSL3 : MH_TLS10); /* RFC 8446 5.1 */
	size_t record = open_length(out);
	mh_buf_put(out, "\x01\x00", 2);
	size_t message = open_length(out);
	put16(out, kind->version < MH_TLS12 ? kind->version : MH_TLS12);
	mh_buf_put(out, random, 32);
	mh_buf_putc(out, kind->version == MH_TLS13 ? 32 : 0);
	if (kind->version == MH_TLS13)
		mh_buf_put(out, random + 32, 32); /* RFC 8446 D.4 */
	if (is_broken) {
		/* A list of suites of one octet: what reads hellos at all objects to it. */
		mh_buf_put(out, "\x00\x01\x2f", 3);
	} else {
		put_suites(out, hello);
	}
	mh_buf_put(out, "\x01\x00", 2); /* no compression */
	if (kind->extensions > 0)
		put_extensions(out, hello, begun);
	close_length(out, message);
	close_length(out, record);
}

bool
mh_hello_is_empty(const struct mh_hello *hello)
{
	bool has_group = hello->kind->groups == GROUPS_FEW;
	for (unsigned i = 0; mh_tls_groups[i] != 0; i++)
		has_group |= !is_among(hello->less_groups, hello->less_groups_count, mh_tls_groups[i]);
	if (!has_group && hello->kind->version == MH_TLS13)
		return true;
	for (size_t i = 0; i < mh_suite_count(); i++)
		if (mh_hello_offers(hello, mh_suite_at(i)))
			return false;
	return true;
}
