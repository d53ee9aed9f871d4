/* test_net.c - lib/ground/net.c */
#include <arpa/inet.h>

#include "support.h"

#include "net.h"

/* ---------------------------------------------------------------- addresses */

/* Addresses and their canonical text (RFC 5952); "" for what is no address. */
static const char *const ip_cases[][2] = {
	{ "0.0.0.0", "0.0.0.0" },
	{ "192.0.2.1", "192.0.2.1" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "10.20.30.40", "10.20.30.40" },
	{ "1.2.3.100", "1.2.3.100" },
	{ "256.0.0.1", "" },
	{ "1.2.3", "" },
	{ "1.2.3.4.5", "" },
	{ "1.2.3.4.", "" },
	{ ".1.2.3.4", "" },
	{ "1..2.3", "" },
	{ "01.2.3.4", "" },
	{ "1.2.3.00", "" },
	{ "1.2.3.1000", "" },
	{ "1.2.3.4 ", "" },
	{ " 1.2.3.4", "" },
	{ "+1.2.3.4", "" },
	{ "0x1.2.3.4", "" },
	{ "1", "" },
	{ "", "" },
	{ ".", "" },
	{ ":", "" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
	{ "2001:0db8:0000:0000:0001:0000:0000:0001", "2001:db8::1:0:0:1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
	{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "1:0:0:2:0:0:3:4", "1::2:0:0:3:4" },
	{ "0:0:0:1:0:0:0:0", "0:0:0:1::" },
	{ "0:0:1:0:0:0:0:0", "0:0:1::" },
	{ "fe80:0:0:0:1:2:3:4", "fe80::1:2:3:4" },
	{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
	{ "abcd:ef01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789" },
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	{ "::ffff:c000:201", "::ffff:192.0.2.1" },
	{ "0:0:0:0:0:FFFF:192.0.2.1", "::ffff:192.0.2.1" },
	{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
	{ "::192.0.2.1", "::c000:201" },
	{ "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304" },
	{ "1:2:3:4:5::1.2.3.4", "1:2:3:4:5:0:102:304" },
	{ "1:2:3:4:5:6::1.2.3.4", "" },
	{ "1:2:3:4:5:6:7:1.2.3.4", "" },
	{ "::1.2.3", "" },
	{ "::1.2.3.4.5", "" },
	{ "::1.2.3.4:5", "" },
	{ "::01.2.3.4", "" },
	{ "1.2.3.4::", "" },
	{ ":::", "" },
	{ "1:::2", "" },
	{ "::1::", "" },
	{ "1::2::3", "" },
	{ ":1", "" },
	{ "1:", "" },
	{ "1:2:3:4:5:6:7:", "" },
	{ ":2:3:4:5:6:7:8", "" },
	{ "1:2:3:4:5:6:7", "" },
	{ "1:2:3:4:5:6:7:8:9", "" },
	{ "1:2:3:4:5:6:7:8::", "" },
	{ "::1:2:3:4:5:6:7:8", "" },
	{ "12345::", "" },
	{ "g::", "" },
	{ "fe80::1%eth0", "" },
	{ "[::1]", "" },
	{ "::1/64", "" },
	{ "IPv6:::1", "" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "0000:0000:0000:0000:0000:0000:0000:000000001", "" },
};

static void
addresses_are_read_and_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(ip_cases); i++) {
		const char *text = ip_cases[i][0], *want = ip_cases[i][1];
		char out[MH_IP_TEXT_MAX];
		struct mh_ip ip = { .family = 99 };
		size_t len = strlen(text);
		char *p = guard_copy(text, len);
		test_check(text, mh_ip_parse(mh_str_n(p, len), &ip) == (want[0] != '\0'));
		int family = want[0] == '\0' ? 0 : strchr(text, ':') != NULL ? 6 : 4;
		test_number(text, ip.family, family);
		size_t n = mh_ip_print(&ip, out);
		test_number(text, strlen(out), n);
		test_span(text, mh_str_n(out, n), mh_str_z(want));
		guard_free(p, len);
	}
}

static void
octets_are_in_network_order(void **state)
{
	static const unsigned char six[16] = { 0x20, 1, 0xd, 0xb8, [14] = 0x12, [15] = 0x34 };
	struct mh_ip ip;
	(void)state;
	assert_true(mh_ip_parse(MH_STR("1.2.3.4"), &ip));
	assert_memory_equal(ip.octets, ((unsigned char[16]){ 1, 2, 3, 4 }), 16);
	assert_true(mh_ip_parse(MH_STR("2001:db8::1234"), &ip));
	assert_memory_equal(ip.octets, six, 16);
}

/* look_ip - the C library agrees on what is an address, and which; and print is parse's inverse */
static void
look_ip(struct mh_str s, void *arg)
{
	size_t *addresses = arg;
	char z[128], text[MH_IP_TEXT_MAX];
	unsigned char octets[16] = { 0 };
	struct mh_ip ip, again;

	bool good = mh_ip_parse(s, &ip);
	if (s.len < sizeof(z) && (s.len == 0 || memchr(s.p, '\0', s.len) == NULL)) {
		if (s.len > 0)
			memcpy(z, s.p, s.len);
		z[s.len] = '\0';
		int family = 0;
		if (inet_pton(AF_INET, z, octets) == 1)
			family = 4;
		else if (inet_pton(AF_INET6, z, octets) == 1)
			family = 6;
		test_number(z, ip.family, family);
		if (family != 0)
			test_check(z, memcmp(octets, ip.octets, family == 4 ? 4 : 16) == 0);
	}
	if (!good)
		return;
	size_t len = mh_ip_print(&ip, text);
	test_check(text, mh_ip_parse(mh_str_n(text, len), &again));
	test_check(text, memcmp(&ip, &again, sizeof(ip)) == 0);
	++*addresses;
}

static void
broken_addresses(void **state)
{
	size_t addresses = 0;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(ip_cases); i++)
		test_mangled(mh_str_z(ip_cases[i][0]), look_ip, &addresses);
	assert_true(addresses > 1000);
}

static void
random_addresses(void **state)
{
	struct test_random random = { 1 };
	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct mh_ip ip = { .family = i % 2 == 0 ? 4 : 6 };
		char text[MH_IP_TEXT_MAX];
		size_t addresses = 0;
		for (int k = 0; k < (ip.family == 4 ? 4 : 16); k++)
			if (test_random_below(&random, 3) == 0)
				ip.octets[k] = (unsigned char)test_random_u64(&random);
		size_t len = mh_ip_print(&ip, text);
		look_ip(mh_str_n(text, len), &addresses);
		test_number(text, addresses, 1);
		/* texts made of what addresses are made of */
		size_t wanted = test_random_below(&random, 40);
		for (len = 0; len < wanted; len++)
			text[len] = "0123456789abcdef::::....::"[test_random_below(&random, 26)];
		look_ip(mh_str_n(text, len), &addresses);
	}
}

/* First and last addresses of what is not public, and their neighbours that are. */
static const struct {
	const char *text;
	bool is_public;
} public_cases[] = {
	{ "0.0.0.0", false },
	{ "0.255.255.255", false },
	{ "1.0.0.0", true },
	{ "9.255.255.255", true },
	{ "10.0.0.0", false },
	{ "10.255.255.255", false },
	{ "11.0.0.0", true },
	{ "100.63.255.255", true },
	{ "100.64.0.0", false },
	{ "100.127.255.255", false },
	{ "100.128.0.0", true },
	{ "126.255.255.255", true },
	{ "127.0.0.1", false },
	{ "127.255.255.255", false },
	{ "128.0.0.0", true },
	{ "169.253.255.255", true },
	{ "169.254.169.254", false },
	{ "169.255.0.0", true },
	{ "172.15.255.255", true },
	{ "172.16.0.0", false },
	{ "172.31.255.255", false },
	{ "172.32.0.0", true },
	{ "191.255.255.255", true },
	{ "192.0.0.0", false },
	{ "192.0.0.8", false },
	{ "192.0.0.9", true },
	{ "192.0.0.10", true },
	{ "192.0.0.170", false },
	{ "192.0.1.0", true },
	{ "192.0.2.1", false },
	{ "192.0.3.0", true },
	{ "192.31.196.1", true },
	{ "192.52.193.1", true },
	{ "192.88.99.1", false },
	{ "192.167.255.255", true },
	{ "192.168.0.0", false },
	{ "192.168.255.255", false },
	{ "192.169.0.0", true },
	{ "192.175.48.1", true },
	{ "198.17.255.255", true },
	{ "198.18.0.0", false },
	{ "198.19.255.255", false },
	{ "198.20.0.0", true },
	{ "198.51.100.1", false },
	{ "203.0.113.1", false },
	{ "203.0.114.1", true },
	{ "223.255.255.255", true },
	{ "224.0.0.0", false },
	{ "239.255.255.255", false },
	{ "240.0.0.0", false },
	{ "255.255.255.255", false },
	{ "::", false },
	{ "::1", false },
	{ "::8.8.8.8", false },
	{ "::ffff:8.8.8.8", true },
	{ "::ffff:127.0.0.1", false },
	{ "::ffff:10.0.0.1", false },
	{ "::fffe:8.8.8.8", false },
	{ "64:ff9b::8.8.8.8", true },
	{ "64:ff9b::192.168.0.1", false },
	{ "64:ff9b:1::8.8.8.8", false },
	{ "100::1", false },
	{ "1fff:ffff::1", false },
	{ "2001::1", false },
	{ "2001:1::1", true },
	{ "2001:1::2", true },
	{ "2001:1::3", true },
	{ "2001:1::4", false },
	{ "2001:2::1", false },
	{ "2001:3::1", true },
	{ "2001:4:112::1", true },
	{ "2001:4:113::1", false },
	{ "2001:10::1", false },
	{ "2001:1ff:ffff::1", false },
	{ "2001:200::1", true },
	{ "2001:db7:ffff::1", true },
	{ "2001:db8::1", false },
	{ "2001:db8:ffff::1", false },
	{ "2001:db9::1", true },
	{ "2002:808:808::1", true },
	{ "2002:7f00:1::1", false },
	{ "2002:a00:1::1", false },
	{ "2002:c000:201::1", false },
	{ "2003::1", true },
	{ "2606:4700::1111", true },
	{ "3ffe::1", true },
	{ "3fff::1", false },
	{ "3fff:fff:ffff::1", false },
	{ "3fff:1000::1", true },
	{ "4000::1", false },
	{ "5f00::1", false },
	{ "fc00::1", false },
	{ "fd12:3456::1", false },
	{ "fe80::1", false },
	{ "fec0::1", false },
	{ "ff02::1", false },
};

static void
public_addresses(void **state)
{
	struct mh_ip ip = { .family = 0 };
	(void)state;
	assert_false(mh_ip_is_public(&ip));
	for (size_t i = 0; i < MH_COUNT(public_cases); i++) {
		assert_true(mh_ip_parse(mh_str_z(public_cases[i].text), &ip));
		test_number(public_cases[i].text, mh_ip_is_public(&ip), public_cases[i].is_public);
	}
}

/* -------------------------------------------------------------------- names */

static const struct name_case {
	const char *text;
	bool valid, host;
} name_cases[] = {
	{ "example.org", true, true },
	{ "example.org.", true, true },
	{ "EXAMPLE.Org", true, true },
	{ "mx1.mail-out.example.co.uk", true, true },
	{ "a.de", true, true },
	{ "3com.com", true, true },
	{ "_dmarc.example.org", true, false },
	{ "sel_1._domainkey.example.org", true, false },
	{ "_25._tcp.mx.example.org", true, false },
	{ "localhost", true, false },
	{ "localhost.localhost", true, true },
	{ "host.local", true, true },
	{ "srv.lan", true, true },
	{ "srv.corp", true, true },
	{ "printer.home", true, true },
	{ "api.internal", true, true },
	{ "a.test", true, true },
	{ "a.invalid", true, true },
	{ "xn--mnchen-3ya.de", true, true },
	{ "xn--e1afmkfd.xn--p1ai", true, true },
	{ "example.xn--", false, false },
	{ "example.XN--P1AI", true, true },
	{ "m\xc3\xbcnchen.de", true, true },
	{ "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84", true, true },
	{ "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd0\x94\xd0\xbb\xd1\x8f", true, false },
	{ "blocked.For", true, false },
	{ "rejected.Please", true, false },
	{ "spam.See", true, false },
	{ "policy.Contact", true, false },
	{ "5.7.1", true, false },
	{ "192.0.2.1", true, false },
	{ "1.2.3.4.5", true, false },
	{ "e.g", true, false },
	{ "i.e.", true, false },
	{ "example.c0m", true, false },
	{ "example.d1", true, false },
	{ "example.nosuchtld", true, false },
	{ "example.co", true, true },
	{ "", false, false },
	{ ".", false, false },
	{ "..", false, false },
	{ ".example.org", false, false },
	{ "example..org", false, false },
	{ "example.org..", false, false },
	{ "-a.org", false, false },
	{ "a-.org", false, false },
	{ "a.-org", false, false },
	{ "a b.org", false, false },
	{ "a@b.org", false, false },
	{ "*.example.org", false, false },
	{ "a.org/", false, false },
	{ "a,b.org", false, false },
	{ "[1.2.3.4]", false, false },
	{ "a\tb.org", false, false },
};

static void
names_and_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(name_cases); i++) {
		const struct name_case *c = &name_cases[i];
		size_t len = strlen(c->text);
		char *p = guard_copy(c->text, len);
		test_check(c->text, mh_name_valid(mh_str_n(p, len)) == c->valid);
		test_check(c->text, mh_name_is_host(mh_str_n(p, len)) == c->host);
		guard_free(p, len);
	}
	assert_false(mh_name_valid(mh_str_z(NULL)));
	assert_false(mh_name_is_host(mh_str_z(NULL)));
	assert_false(mh_name_valid(mh_str_n("a\0b.org", 7)));
}

static void
name_lengths(void **state)
{
	char name[300];
	(void)state;
	for (size_t label = 1; label <= 70; label++) {
		memset(name, 'a', label);
		memcpy(name + label, ".org", 4);
		assert_true(mh_name_valid(mh_str_n(name, label + 4)) == (label <= 63));
		assert_true(mh_name_is_host(mh_str_n(name, label + 4)) == (label <= 63));
	}
	for (size_t len = 1; len <= 260; len++) {
		for (size_t i = 0; i < len; i++)
			name[i] = i % 2 == 1 && i + 1 < len ? '.' : 'a';
		test_check("253 octets are the most", mh_name_valid(mh_str_n(name, len)) == (len <= 253));
		name[len] = '.';
		test_check("a trailing dot is not counted",
		    mh_name_valid(mh_str_n(name, len + 1)) == (len <= 253));
	}
}

/* The last of each length stands at the end of its list: if a name of a wrong length had slipped
 * in before, it would not be found. */
static const char known_tlds[] =
    "com net org edu gov mil int info biz name pro arpa aero coop museum mobi jobs travel tel cat "
    "asia post xxx app dev cloud online site shop store email xyz tech blog club agency systems "
    "network host support services solutions world live news test example invalid localhost local "
    "lan home internal corp gmx media digital top icu website technology international "
    "press google saarland directory healthcare enterprises engineering business consulting life";

static void
known_top_level_domains(void **state)
{
	struct mh_cur cur = mh_cur_of(known_tlds, sizeof(known_tlds) - 1);
	size_t n = 0;
	(void)state;
	for (; mh_cur_left(&cur) > 0; n++) {
		char name[40] = "mx.";
		struct mh_str tld = mh_cur_until(&cur, " ");
		mh_cur_spaces(&cur);
		memcpy(name + 3, tld.p, tld.len);
		test_check(name, mh_name_is_host(mh_str_z(name)));
		name[3] = (char)(name[3] - ('a' - 'A'));
		test_check(name, mh_name_is_host(mh_str_z(name)));
		/* neither a part of it nor it and more */
		memcpy(name + 3 + tld.len, "q", 2);
		test_check(name, !mh_name_is_host(mh_str_z(name)));
		memcpy(name + 3 + tld.len, " c", 3);
		test_check(name, !mh_name_is_host(mh_str_z(name)));
	}
	assert_true(n > 70);
	for (int a = 'a'; a <= 'z'; a++)
		for (int b = 'a'; b <= 'z'; b++)
			assert_true(
			    mh_name_is_host(mh_str_n((char[5]){ 'm', 'x', '.', (char)a, (char)b }, 5)));
}

static const struct under_case {
	const char *name, *domain;
	bool want;
} under_cases[] = {
	{ "example.org", "example.org", true },
	{ "a.example.org", "example.org", true },
	{ "a.b.Example.ORG.", "eXample.org", true },
	{ "a.example.org", "example.org.", true },
	{ "badexample.org", "example.org", false },
	{ "example.org", "a.example.org", false },
	{ "example.org", "org", true },
	{ "example.org", "", false },
	{ "example.org", ".", false },
	{ "", "example.org", false },
	{ "", "", false },
	{ ".", ".", false },
	{ "example.org.evil.net", "example.org", false },
	{ "\xc3\x84.example.org", "example.org", true },
};

static void
names_under_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(under_cases); i++) {
		const struct under_case *c = &under_cases[i];
		size_t nlen = strlen(c->name), dlen = strlen(c->domain);
		char *n = guard_copy_after(c->name, nlen), *d = guard_copy(c->domain, dlen);
		test_check(c->name, mh_name_under(mh_str_n(n, nlen), mh_str_n(d, dlen)) == c->want);
		guard_free(n, nlen);
		guard_free(d, dlen);
	}
}

/* look_name - a host is a valid name, and below its own parent */
static void
look_name(struct mh_str s, void *arg)
{
	size_t *hosts = arg;
	bool valid = mh_name_valid(s);
	if (mh_name_is_host(s)) {
		struct mh_cur cur = mh_cur_of(s.p, s.len);
		assert_true(valid);
		mh_cur_until(&cur, ".");
		mh_cur_skip(&cur, MH_STR("."));
		assert_true(mh_name_under(s, mh_cur_rest(&cur)));
		++*hosts;
	}
	mh_name_under(s, MH_STR("example.org"));
	mh_name_under(MH_STR("example.org"), s);
}

static void
broken_names(void **state)
{
	size_t hosts = 0;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(name_cases); i++)
		test_mangled(mh_str_z(name_cases[i].text), look_name, &hosts);
	assert_true(hosts > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_and_printed),
		cmocka_unit_test(octets_are_in_network_order),
		cmocka_unit_test(broken_addresses),
		cmocka_unit_test(random_addresses),
		cmocka_unit_test(public_addresses),
		cmocka_unit_test(names_and_hosts),
		cmocka_unit_test(name_lengths),
		cmocka_unit_test(known_top_level_domains),
		cmocka_unit_test(names_under_names),
		cmocka_unit_test(broken_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
