/* test_dkim_public.c - lib/records/dkim_public.c, dkim_private.c, dkim_weak.c and dkim_providers.c */
#include "support.h"

#include "dkim_keys.h"
#include "dkim_providers.h"
#include "dkim_public.h"
#include "dname.h"

static struct mh_mem mem;
static struct mh_arena arena;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	mh_arena_init(&arena, &mem, 1u << 20);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mh_arena_free(&arena);
	return 0;
}

/* --------------------------------------------------------------------- base64 */

static const struct {
	const char *text, *octets;
	int fault;
} base64s[] = {
	{ "", "", MH_BASE64_FINE },
	{ "AQAB", "\x01\x00\x01", MH_BASE64_FINE },
	{ " Q Q\t= =\n", "A", MH_BASE64_FINE },
	{ "QUI=", "AB", MH_BASE64_FINE },
	{ "QUI", "AB", MH_BASE64_PADDING },
	{ "QUI==", "AB", MH_BASE64_PADDING },
	{ "QUJD=", "ABC", MH_BASE64_PADDING },
	{ "====", "", MH_BASE64_PADDING },
	{ "QUJDQ", "ABC", MH_BASE64_COUNT },
	{ "QQ==QQ", "A", MH_BASE64_BEHIND },
	{ "QUJ!D", "ABC", MH_BASE64_OCTET },
	{ "QUJ\xc3", "AB", MH_BASE64_OCTET },
};

static void
base64_is_read(void **state)
{
	struct mh_base64 out;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(base64s); i++) {
		size_t len = strlen(base64s[i].text);
		char *copy = guard_copy(base64s[i].text, len);
		mh_base64_read(&arena, mh_str_n(copy, len), &out);
		test_number(base64s[i].text, out.fault, base64s[i].fault);
		size_t want = i == 1 ? 3 : strlen(base64s[i].octets);
		test_span(base64s[i].text, out.octets, mh_str_n(base64s[i].octets, want));
		guard_free(copy, len);
	}
	mh_arena_reset(&arena);
}

static void
base64_comes_back(void **state)
{
	struct test_random random = { 1 };
	char octets[100];
	(void)state;
	for (size_t len = 0; len < sizeof(octets); len++) {
		struct mh_buf text;
		struct mh_base64 out;
		test_random_fill(&random, octets, len);
		mh_buf_init(&text, &mem, 1000);
		mh_base64_write(&text, mh_str_n(octets, len));
		mh_base64_read(&arena, mh_buf_str(&text), &out);
		test_number("it is fine", out.fault, MH_BASE64_FINE);
		test_span("the same", out.octets, mh_str_n(octets, len));
		mh_buf_free(&text);
	}
	mh_arena_reset(&arena);
}

/* ----------------------------------------------------------------------- keys */

static const struct {
	const char *text;
	int content;
	unsigned bits;
	const char *put; /* NULL: it is no key that can be written */
} keys[] = {
	{ SPKI_512, MH_DKIM_RSA_SPKI, 512, SPKI_512 },
	{ SPKI_768, MH_DKIM_RSA_SPKI, 768, SPKI_768 },
	{ SPKI_1024, MH_DKIM_RSA_SPKI, 1024, SPKI_1024 },
	{ SPKI_2048, MH_DKIM_RSA_SPKI, 2048, SPKI_2048 },
	{ SPKI_4096, MH_DKIM_RSA_SPKI, 4096, SPKI_4096 },
	{ SPKI_5120, MH_DKIM_RSA_SPKI, 5120, SPKI_5120 },
	{ PKCS1_2048, MH_DKIM_RSA_PKCS1, 2048, SPKI_2048 },
	{ NEGATIVE_2048, MH_DKIM_RSA_SPKI, 2048, SPKI_2048 },
	{ ED25519_RAW, MH_DKIM_ED25519_RAW, 256, ED25519_RAW },
	{ ED25519_SPKI, MH_DKIM_ED25519_SPKI, 256, ED25519_RAW },
	{ EC_SPKI, MH_DKIM_OTHER_SPKI, 0, NULL },
	{ CERTIFICATE, MH_DKIM_CERTIFICATE, 0, NULL },
	{ PRIVATE_1024, MH_DKIM_PRIVATE_KEY, 0, NULL },
	{ FIRST_HALF, MH_DKIM_FIRST_PART, 0, NULL },
	{ "AAAAAgMBAAE=", MH_DKIM_LAST_PART, 0, NULL },
	{ "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQE=", MH_DKIM_FIRST_PART, 0, NULL },
	{ "", MH_DKIM_NOTHING, 0, NULL },
	{ "AAAA", MH_DKIM_GARBAGE, 0, NULL },
	{ "MIAAAA==", MH_DKIM_GARBAGE, 0, NULL },
	{ "MAA=", MH_DKIM_GARBAGE, 0, NULL },
};

static void
what_stands_in_p_is_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(keys); i++) {
		struct mh_base64 base64;
		struct mh_dkim_public key;
		struct mh_buf put;
		mh_base64_read(&arena, mh_str_z(keys[i].text), &base64);
		size_t len = base64.octets.len;
		char *copy = guard_copy(base64.octets.p, len);
		mh_dkim_public_read(mh_str_n(copy, len), &key);
		test_number(keys[i].text, key.content, keys[i].content);
		test_number(keys[i].text, key.bits, keys[i].bits);
		mh_buf_init(&put, &mem, 10000);
		mh_dkim_public_put(&put, &key);
		test_check(keys[i].text, put.bad == (keys[i].put == NULL));
		if (!put.bad)
			test_span(keys[i].text, mh_buf_str(&put), mh_str_z(keys[i].put));
		mh_buf_free(&put);
		guard_free(copy, len);
	}
	mh_arena_reset(&arena);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_dkim_public key;
	struct mh_buf put;
	(void)arg;
	mh_dkim_public_read(s, &key);
	assert_int_equal(key.has, s.len);
	mh_buf_init(&put, &mem, 100000);
	mh_dkim_public_put(&put, &key);
	mh_buf_free(&put);
	if (mh_dkim_public_is_rsa(&key)) {
		assert_true(key.modulus.len > 0 && key.exponent.len > 0);
		(void)mh_dkim_small_factor(key.modulus);
		(void)mh_dkim_is_roca(key.modulus);
	}
}

static void
any_octets_are_read(void **state)
{
	static const char *const texts[] = { SPKI_512, PKCS1_2048, ED25519_SPKI, EC_SPKI };
	struct mh_base64 base64;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(texts); i++) {
		mh_base64_read(&arena, mh_str_z(texts[i]), &base64);
		test_mangled(base64.octets, look, NULL);
	}
	mh_arena_reset(&arena);
}

/* modulus - of a key in base64 */
static struct mh_str
modulus(const char *text)
{
	struct mh_base64 base64;
	struct mh_dkim_public key;
	mh_base64_read(&arena, mh_str_z(text), &base64);
	mh_dkim_public_read(base64.octets, &key);
	return key.modulus;
}

static void
weak_moduli_are_seen(void **state)
{
	static const char *const good[] = { SPKI_512, SPKI_768, SPKI_1024, SPKI_2048, SPKI_4096, SPKI_5120,
		SPKI_E3 };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(good); i++) {
		test_number(good[i], mh_dkim_small_factor(modulus(good[i])), 0);
		test_check(good[i], !mh_dkim_is_roca(modulus(good[i])));
	}
	test_number("the factor", mh_dkim_small_factor(modulus(SPKI_FACTOR)), 997);
	test_check("ROCA", mh_dkim_is_roca(modulus(SPKI_ROCA)));
	test_number("and it has no factor", mh_dkim_small_factor(modulus(SPKI_ROCA)), 0);
	mh_arena_reset(&arena);
}

/* --------------------------------------------------------------- private keys */

static const struct {
	const char *sentence, *pem;
	int state;
	const char *put;
} privates[] = {
	{ "PKCS#1", PEM_PKCS1, MH_DKIM_PRIVATE_READ, SPKI_1024 },
	{ "PKCS#8", PEM_PKCS8, MH_DKIM_PRIVATE_READ, SPKI_1024 },
	{ "Ed25519", PEM_ED25519, MH_DKIM_PRIVATE_READ, ED25519_RAW },
	{ "bare base64", PRIVATE_1024, MH_DKIM_PRIVATE_READ, SPKI_1024 },
	{ "the public key before it",
	    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" PEM_PKCS1, MH_DKIM_PRIVATE_READ,
	    SPKI_1024 },
	{ "a public key", "-----BEGIN PUBLIC KEY-----\n" SPKI_1024 "\n-----END PUBLIC KEY-----\n",
	    MH_DKIM_PRIVATE_IS_PUBLIC, NULL },
	{ "one with a passphrase", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n", MH_DKIM_PRIVATE_ENCRYPTED,
	    NULL },
	{ "ECDSA", PEM_EC, MH_DKIM_PRIVATE_UNREADABLE, NULL },
	{ "nothing", "", MH_DKIM_PRIVATE_UNREADABLE, NULL },
	{ "no key", "hello", MH_DKIM_PRIVATE_UNREADABLE, NULL },
	{ "a public key alone", SPKI_1024, MH_DKIM_PRIVATE_UNREADABLE, NULL },
};

static void
private_keys_have_a_public_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(privates); i++) {
		struct mh_dkim_public key;
		struct mh_buf put;
		test_number(privates[i].sentence,
		    mh_dkim_private_read(&arena, mh_str_z(privates[i].pem), NULL, &key), privates[i].state);
		mh_buf_init(&put, &mem, 10000);
		mh_dkim_public_put(&put, &key);
		test_check(privates[i].sentence, put.bad == (privates[i].put == NULL));
		if (!put.bad)
			test_span(privates[i].sentence, mh_buf_str(&put), mh_str_z(privates[i].put));
		mh_buf_free(&put);
		mh_arena_reset(&arena);
	}
}

static void
look_private(struct mh_str s, void *arg)
{
	struct mh_dkim_public key;
	(void)arg;
	int state = mh_dkim_private_read(&arena, s, NULL, &key);
	assert_int_not_equal(state, MH_DKIM_PRIVATE_NO_MEMORY);
	assert_true(state == MH_DKIM_PRIVATE_READ || key.content == MH_DKIM_NOTHING);
	mh_arena_reset(&arena);
}

static void
any_private_key_is_read(void **state)
{
	(void)state;
	test_mangled(MH_STR(PEM_PKCS8), look_private, NULL);
}

/* ------------------------------------------------------------------ providers */

static void
providers_are_complete(void **state)
{
	char canonical[MH_DNAME_TEXT_MAX];
	(void)state;
	for (unsigned i = 0; mh_dkim_provider_at(i) != NULL; i++) {
		const struct mh_dkim_provider *provider = mh_dkim_provider_at(i);
		test_check(provider->name, strlen(provider->as_of) == 7 && provider->source[0] != '\0');
		test_check(provider->name, provider->order >= 0 && provider->order <= 2);
		for (unsigned k = 0; k < i; k++)
			test_check(provider->name, strcmp(provider->name, mh_dkim_provider_at(k)->name) != 0);
		const char *const lists[] = { provider->targets, provider->hints };
		for (size_t k = 0; k < 2; k++) {
			struct mh_cur cur = mh_cur_of(lists[k], strlen(lists[k]));
			while (mh_cur_left(&cur) > 0) {
				struct mh_str name = mh_cur_until(&cur, " ");
				mh_cur_spaces(&cur);
				size_t len = mh_dname_canonical(name, canonical);
				test_span(provider->name, mh_str_n(canonical, len), name);
			}
		}
	}
}

static void
aliases_name_their_provider(void **state)
{
	static const struct {
		const char *target, *name;
	} cases[] = {
		{ "selector1-example-org._domainkey.contoso.onmicrosoft.com", "microsoft-365" },
		{ "selector1-example-org._domainkey.contoso.n-v1.dkim.mail.microsoft", "microsoft-365" },
		{ "abcdef.dkim.amazonses.com", "amazon-ses" },
		{ "fm1.example.org.dkim.fmhosted.com", "fastmail" },
		{ "s1.domainkey.u123.wl.sendgrid.net", "sendgrid" },
		{ "notsendgrid.net", "" },
		{ "example.net", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const struct mh_dkim_provider *provider = mh_dkim_provider_of(mh_str_z(cases[i].target));
		test_span(cases[i].target, mh_str_z(provider != NULL ? provider->name : ""),
		    mh_str_z(cases[i].name));
	}
}

/* has - whether a selector is among the guesses */
static bool
has(const struct mh_dkim_guesses *guesses, const char *selector)
{
	for (unsigned i = 0; i < guesses->count; i++)
		if (mh_str_eq(guesses->selectors[i], mh_str_z(selector)))
			return true;
	return false;
}

static void
guesses_are_few_and_different(void **state)
{
	struct mh_dkim_guesses guesses;
	(void)state;
	test_check("memory", mh_dkim_guesses_usual(&arena, INT64_C(1764201600), 40, &guesses));
	test_number("as many as may be", guesses.count, 40);
	for (unsigned i = 0; i < guesses.count; i++)
		for (unsigned k = 0; k < i; k++)
			test_check("no two are the same",
			    !mh_str_eq(guesses.selectors[i], guesses.selectors[k]));
	test_check("of this year", has(&guesses, "2025") && has(&guesses, "2024") && has(&guesses, "2025a"));
	test_check("the most usual first", mh_str_eq(guesses.selectors[0], MH_STR("default")));
	test_check("memory", mh_dkim_guesses_usual(&arena, -1, 20, &guesses));
	test_number("as many as were wanted", guesses.count, 20);
	test_check("no year is known", !has(&guesses, "2025"));
	int provider = mh_dkim_provider_hinted(MH_STR("mx1.mailbox.org"));
	test_check("a host hints at its provider", provider >= 0);
	test_check("memory", mh_dkim_guesses_of(&arena, (unsigned)provider, -1, 40, &guesses));
	test_check("whose selectors are tried", has(&guesses, "mbo0001") && guesses.count == 24);
	mh_arena_reset(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_read),
		cmocka_unit_test(base64_comes_back),
		cmocka_unit_test(what_stands_in_p_is_told_apart),
		cmocka_unit_test(any_octets_are_read),
		cmocka_unit_test(weak_moduli_are_seen),
		cmocka_unit_test(private_keys_have_a_public_part),
		cmocka_unit_test(any_private_key_is_read),
		cmocka_unit_test(providers_are_complete),
		cmocka_unit_test(aliases_name_their_provider),
		cmocka_unit_test(guesses_are_few_and_different),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
