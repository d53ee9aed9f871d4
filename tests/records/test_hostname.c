/* test_hostname.c - lib/records/hostname.c */
#include "support.h"

#include "dname.h"
#include "hostname.h"

/* Names, their addresses, why they look generic, and by what. */
static const struct {
	const char *name, *ip;
	enum mh_generic generic;
	const char *part;
} names[] = {
	{ "mail.example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "server1.example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "mx2-2.example.co.uk", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "host1.example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "vps.example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "mail-pj1-f45.google.com", "209.85.216.45", MH_GENERIC_NO, "" },
	{ "a8-24.smtp-out.amazonses.com", "54.240.8.24", MH_GENERIC_NO, "" },
	{ "mail-db5eur01on2041.outbound.protection.outlook.com", "40.107.15.41", MH_GENERIC_NO, "" },
	{ "mout.kundenserver.de", "212.227.126.130", MH_GENERIC_NO, "" },
	{ "smtp.pool.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "dyn.com", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "mail.static.example.net", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "mail.dynadot.example", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "ipswich.example.ac.uk", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "", "192.0.2.1", MH_GENERIC_NO, "" },
	{ ".", "192.0.2.1", MH_GENERIC_NO, "" },

	{ "192-0-2-1.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192-0-2-1" },
	{ "ip-192-0-2-1.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192-0-2-1" },
	{ "ec2-192-0-2-1.compute-1.amazonaws.com", "192.0.2.1", MH_GENERIC_ADDRESS, "192-0-2-1" },
	{ "mail.192.0.2.1.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192.0.2.1" },
	{ "x192x0x2x1x.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192x0x2x1" },
	{ "h192_0_2_1.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192_0_2_1" },
	{ "192-000-002-001.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192-000-002-001" },
	{ "c192000002001.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "192000002001" },
	{ "host-0-2-1.example.net", "192.0.2.1", MH_GENERIC_ADDRESS, "0-2-1" },
	{ "static.1.2.0.192.clients.your-server.de", "192.0.2.1", MH_GENERIC_REVERSED, "1.2.0.192" },
	{ "1-2-0-192.example.net", "192.0.2.1", MH_GENERIC_REVERSED, "1-2-0-192" },
	{ "001002000192.example.net", "192.0.2.1", MH_GENERIC_REVERSED, "001002000192" },
	{ "p3e9d4a1c.dip0.t-ipconnect.de", "62.157.74.28", MH_GENERIC_HEX, "3e9d4a1c" },
	{ "1c4a9d3e.example.net", "62.157.74.28", MH_GENERIC_HEX, "1c4a9d3e" },
	{ "h3221225985.example.net", "192.0.2.1", MH_GENERIC_NUMBER, "3221225985" },
	/* another address than its own says nothing */
	{ "mail-198-51-100-7.example.net", "192.0.2.1", MH_GENERIC_NO, "" },

	{ "1.2.0.192.in-addr.arpa", "192.0.2.1", MH_GENERIC_REVERSE, "1.2.0.192.in-addr.arpa" },
	{ "srv.clients.your-server.de", "192.0.2.1", MH_GENERIC_PROVIDER, "clients.your-server.de" },
	{ "vmi123456.contaboserver.net", "192.0.2.1", MH_GENERIC_PROVIDER, "contaboserver.net" },
	{ "vps-1a2b3c4d.vps.ovh.net", "192.0.2.1", MH_GENERIC_PROVIDER, "vps.ovh.net" },
	{ "ns3.vps.ovh.net.example.org", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "vps.ovh.net", "192.0.2.1", MH_GENERIC_NO, "" },

	{ "ab12.dyn.example.net", "192.0.2.1", MH_GENERIC_LINE, "dyn" },
	{ "client7.dsl.example.co.uk", "192.0.2.1", MH_GENERIC_POOL, "client" },
	{ "ab.adsl.example.net", "192.0.2.1", MH_GENERIC_LINE, "adsl" },
	{ "x.dhcp.example.net", "192.0.2.1", MH_GENERIC_LINE, "dhcp" },
	{ "ppp77.example.net", "192.0.2.1", MH_GENERIC_LINE, "ppp" },
	{ "a-cable-7.example.net", "192.0.2.1", MH_GENERIC_LINE, "cable" },
	{ "a.dialup.example.net", "192.0.2.1", MH_GENERIC_LINE, "dialup" },
	{ "a.broadband.example.net", "192.0.2.1", MH_GENERIC_LINE, "broadband" },
	{ "static.example.net", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "pool.example.net", "192.0.2.1", MH_GENERIC_NO, "" },
	{ "dynamic.example.net", "192.0.2.1", MH_GENERIC_LINE, "dynamic" },
	{ "unassigned.example.net", "192.0.2.1", MH_GENERIC_POOL, "unassigned" },
	{ "a.pool.example.net", "192.0.2.1", MH_GENERIC_POOL, "pool" },
	{ "a.static.example.net", "192.0.2.1", MH_GENERIC_POOL, "static" },
	{ "a.customer.example.net", "192.0.2.1", MH_GENERIC_POOL, "customer" },
	{ "vps-4711.example.net", "192.0.2.1", MH_GENERIC_POOL, "vps" },
	{ "host-4711.example.net", "192.0.2.1", MH_GENERIC_POOL, "host" },
	{ "ip-77.example.net", "192.0.2.1", MH_GENERIC_POOL, "ip" },

	{ "mail.example.org", "2001:db8::25", MH_GENERIC_NO, "" },
	{ "2001-db8-1-2--25.example.net", "2001:db8:1:2::25", MH_GENERIC_ADDRESS, "2001-db8-1-2--25" },
	{ "2001-0db8-0000-0000-0000-0000-0000-0025.example.net", "2001:db8::25", MH_GENERIC_ADDRESS,
	    "2001-0db8-0000-0000-0000-0000-0000-0025" },
	{ "x20010db8000000000000000000000025.example.net", "2001:db8::25", MH_GENERIC_HEX,
	    "0000000000000025" },
	{ "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.example.net", "2001:db8::25",
	    MH_GENERIC_REVERSED, "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0" },
	{ "a.dsl.example.net", "", MH_GENERIC_LINE, "dsl" },
};

static void
generic_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		struct mh_ip ip = { .family = 0 };
		struct mh_str part;
		size_t len = strlen(names[i].name);
		char *copy = guard_copy(names[i].name, len);
		(void)mh_ip_parse(mh_str_z(names[i].ip), &ip);
		test_number(names[i].name, mh_host_generic(mh_str_n(copy, len), &ip, &part),
		    names[i].generic);
		test_span(names[i].name, part, mh_str_z(names[i].part));
		test_check(names[i].name,
		    (mh_generic_text(names[i].generic)[0] == '\0') == (names[i].generic == 0));
		(void)mh_host_generic(mh_str_n(copy, len), &ip, NULL);
		guard_free(copy, len);
	}
	assert_string_equal(mh_generic_text(MH_GENERIC_COUNT), "");
}

static const struct {
	const char *text;
	enum mh_helo_kind kind;
	const char *part;
} helos[] = {
	{ "mail.example.org", MH_HELO_NAME, "mail.example.org" },
	{ "MAIL.Example.ORG", MH_HELO_NAME, "MAIL.Example.ORG" },
	{ " mail.example.org\r\n", MH_HELO_NAME, "mail.example.org" },
	{ "example.org", MH_HELO_NAME, "example.org" },
	{ "xn--bcher-kva.example", MH_HELO_NAME, "xn--bcher-kva.example" },
	{ "mx.test", MH_HELO_NAME, "mx.test" },
	{ "3com.example", MH_HELO_NAME, "3com.example" },
	{ "[192.0.2.1]", MH_HELO_LITERAL, "[192.0.2.1]" },
	{ "[IPv6:2001:db8::1]", MH_HELO_LITERAL, "[IPv6:2001:db8::1]" },
	{ "[ipv6:2001:db8::1]", MH_HELO_LITERAL, "[ipv6:2001:db8::1]" },

	{ "", MH_HELO_EMPTY, "" },
	{ " \t", MH_HELO_EMPTY, "" },
	{ "[", MH_HELO_BAD_LITERAL, "[" },
	{ "[]", MH_HELO_BAD_LITERAL, "[]" },
	{ "[192.0.2.1", MH_HELO_BAD_LITERAL, "[192.0.2.1" },
	{ "[192.0.2.256]", MH_HELO_BAD_LITERAL, "[192.0.2.256]" },
	{ "[2001:db8::1]", MH_HELO_BAD_LITERAL, "[2001:db8::1]" },
	{ "[IPv6:192.0.2.1]", MH_HELO_BAD_LITERAL, "[IPv6:192.0.2.1]" },
	{ "[mail.example.org]", MH_HELO_BAD_LITERAL, "[mail.example.org]" },
	{ "192.0.2.1", MH_HELO_BARE_ADDRESS, "192.0.2.1" },
	{ "2001:db8::1", MH_HELO_BARE_ADDRESS, "2001:db8::1" },
	{ "localhost", MH_HELO_LOCALHOST, "localhost" },
	{ "LOCALHOST.localdomain", MH_HELO_LOCALHOST, "LOCALHOST.localdomain" },
	{ "mail.localdomain", MH_HELO_LOCALHOST, "mail.localdomain" },
	{ "mail", MH_HELO_SINGLE_LABEL, "mail" },
	{ "DESKTOP-1A2B3C4", MH_HELO_SINGLE_LABEL, "DESKTOP-1A2B3C4" },
	{ "mail.local", MH_HELO_PRIVATE, "local" },
	{ "mail.example.lan", MH_HELO_PRIVATE, "lan" },
	{ "mail.example.internal", MH_HELO_PRIVATE, "internal" },
	{ "nas.home.arpa", MH_HELO_PRIVATE, "home.arpa" },
	{ "mail.invalid", MH_HELO_PRIVATE, "invalid" },
	{ "pc.fritz.box", MH_HELO_PRIVATE, "fritz.box" },
	{ "mail.locale.example", MH_HELO_NAME, "mail.locale.example" },
	{ "1.2.0.192.in-addr.arpa", MH_HELO_REVERSE, "1.2.0.192.in-addr.arpa" },
	{ "mail_1.example.org", MH_HELO_UNDERSCORE, "_" },
	{ "m\xc3\xa4il.example.org", MH_HELO_NOT_ASCII, "\xc3" },
	{ "mail example.org", MH_HELO_CHARACTER, " " },
	{ "mail.example.org:25", MH_HELO_CHARACTER, ":" },
	{ "http://mail.example.org", MH_HELO_CHARACTER, ":" },
	{ "-mail.example.org", MH_HELO_LABEL, "-mail" },
	{ "mail-.example.org", MH_HELO_LABEL, "mail-" },
	{ "mail..example.org", MH_HELO_LABEL, "" },
	{ ".example.org", MH_HELO_LABEL, "" },
	{ "a23456789012345678901234567890123456789012345678901234567890123x.example", MH_HELO_LABEL,
	    "a23456789012345678901234567890123456789012345678901234567890123x" },
	{ "mail.example.123", MH_HELO_NUMBER, "123" },
	{ "192.0.2.300", MH_HELO_NUMBER, "300" },
	{ "mail.example.org.", MH_HELO_FINAL_DOT, "mail.example.org." },
	{ "mail.", MH_HELO_SINGLE_LABEL, "mail" },
	{ ".", MH_HELO_LABEL, "" },
};

static void
greetings(void **state)
{
	char long_name[300];
	struct mh_helo helo;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(helos); i++) {
		size_t len = strlen(helos[i].text);
		char *copy = guard_copy(helos[i].text, len);
		mh_helo_read(&helo, mh_str_n(copy, len));
		test_number(helos[i].text, helo.kind, helos[i].kind);
		test_span(helos[i].text, helo.part, mh_str_z(helos[i].part));
		bool has_ip = helo.kind == MH_HELO_LITERAL || helo.kind == MH_HELO_BARE_ADDRESS;
		test_check(helos[i].text, has_ip == (helo.ip.family != 0));
		bool is_good = helo.kind == MH_HELO_NAME || helo.kind == MH_HELO_LITERAL;
		test_check(helos[i].text, is_good == (mh_helo_text(helo.kind)[0] == '\0'));
		guard_free(copy, len);
	}
	for (size_t i = 0; i < sizeof(long_name); i++)
		long_name[i] = i % 10 == 9 ? '.' : 'a';
	mh_helo_read(&helo, mh_str_n(long_name, sizeof(long_name) - 1));
	assert_int_equal(helo.kind, MH_HELO_LONG);
}

static void
look(struct mh_str s, void *arg)
{
	char name[MH_DNAME_TEXT_MAX];
	struct mh_helo helo;
	struct mh_str part;
	(void)arg;
	mh_helo_read(&helo, s);
	assert_true(helo.part.p >= s.p && helo.part.p + helo.part.len <= s.p + s.len);
	/* What is taken for a name is one that can be asked for. */
	assert_true(helo.kind != MH_HELO_NAME || mh_dname_canonical(helo.text, name) > 0);
	for (int family = 0; family <= 6; family += family == 0 ? 4 : 2) {
		struct mh_ip ip = { .family = family, .octets = { 0x20, 0x01, 2, 1 } };
		enum mh_generic generic = mh_host_generic(s, &ip, &part);
		assert_true((generic == MH_GENERIC_NO) == (part.len == 0));
		assert_true(part.p >= s.p && part.p + part.len <= s.p + s.len);
	}
}

static void
any_octets(void **state)
{
	static char many[5000];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(helos); i++)
		test_mangled(mh_str_z(helos[i].text), look, NULL);
	for (size_t i = 0; i < MH_COUNT(names); i++)
		test_mangled(mh_str_z(names[i].name), look, NULL);
	for (size_t i = 0; i < sizeof(many); i++)
		many[i] = "2-1.0"[i % 5];
	look(mh_str_n(many, sizeof(many)), NULL);
}

static void
addresses(void **state)
{
	static const struct {
		const char *ip;
		bool is_public;
	} cases[] = {
		{ "192.0.2.1", true },
		{ "198.51.100.1", true },
		{ "203.0.113.1", true },
		{ "8.8.8.8", true },
		{ "::ffff:8.8.8.8", true },
		{ "::ffff:192.0.2.1", true },
		{ "2001:db8::1", true },
		{ "3fff::1", true },
		{ "2a00::1", true },
		{ "10.1.2.3", false },
		{ "::ffff:10.1.2.3", false },
		{ "127.0.0.1", false },
		{ "192.168.1.1", false },
		{ "100.64.0.1", false },
		{ "169.254.1.1", false },
		{ "224.0.0.1", false },
		{ "fe80::1", false },
		{ "fd00::1", false },
		{ "::1", false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_ip ip;
		assert_true(mh_ip_parse(mh_str_z(cases[i].ip), &ip));
		test_check(cases[i].ip, mh_host_ip_is_public(&ip) == cases[i].is_public);
	}
	struct mh_ip none = { .family = 0 };
	assert_false(mh_host_ip_is_public(&none));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(generic_names),
		cmocka_unit_test(greetings),
		cmocka_unit_test(any_octets),
		cmocka_unit_test(addresses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
