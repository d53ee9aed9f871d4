/* test_dkim_key.c - lib/records/dkim_key.c, dkim_key_mend.c, dkim_key_broken.c and dkim_key_lint.c */
#include "support.h"

#include <stdio.h>

#include "dkim_key.h"
#include "dkim_keys.h"
#include "error.h"
#include "record.h"

#define NAME "s1._domainkey.example.org"
#define GOOD "v=DKIM1; k=rsa; p=" SPKI_2048
#define ED "v=DKIM1; k=ed25519; p=" ED25519_RAW
#define OPENSSH "AAAAB3NzaC1yc2EAAAADAQABAAABAQC7abcdefghijklmnopqrstuvwxyz"

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

/* list - the ids of a report's findings without "dkim.", in the order of adding, "!" behind those that fail */
static void
list(const struct mh_report *report, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (size_t i = 0; i < mh_report_size(report) && n < size; i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		n += (size_t)snprintf(out + n, size - n, "%s%s%s", i > 0 ? " " : "", finding->kind->id + 5,
		    finding->severity == MH_SEV_FAIL ? "!" : "");
	}
}

/* fact_of - up to four TXT records as the answer for NAME; an alias, if it is one */
static struct mh_fact *
fact_of(const struct mh_mem *of, const char *const *texts, size_t count)
{
	struct mh_fact_draft draft;
	unsigned char rdata[8192];

	mh_fact_draft_init(&draft, of);
	mh_fact_draft_begin(&draft, MH_STR(NAME), MH_RR_TXT);
	for (size_t i = 0; i < count && texts[i] != NULL; i++) {
		size_t n = 0, len = strlen(texts[i]);
		for (size_t k = 0; k < len || k == 0; k += 255) {
			size_t part = len - k < 255 ? len - k : 255;
			rdata[n++] = (unsigned char)part;
			memcpy(rdata + n, texts[i] + k, part);
			n += part;
		}
		mh_fact_draft_rr(&draft, rdata, n);
	}
	struct mh_fact *fact = mh_fact_make(of, &draft);
	mh_fact_draft_free(&draft);
	return fact;
}

/* lint - the findings of records; the key that counts, in the arena that lives on */
static const struct mh_dkim_key *
lint(const char *const *texts, size_t count, struct mh_report *report)
{
	struct mh_tell tell;
	struct mh_fact *fact = fact_of(&mem, texts, count);
	assert_non_null(fact);
	mh_tell_begin(&tell, &arena, report, "dkim", MH_STR(NAME));
	const struct mh_dkim_key *key = mh_dkim_key_lint(&tell, fact);
	assert_int_equal(mh_tell_end(&tell), MH_ERR_OK);
	mh_fact_unref(fact);
	return key;
}

/* added - the text of the first record that a fix adds; false: it adds none */
static bool
added(const char *fix, char *out)
{
	const char *p = strstr(fix, "\"add\":[\"");
	char text[16384];
	size_t n = 0;
	if (p == NULL)
		return false;
	for (p += 8; *p != '"'; p++) {
		if (*p == '\\')
			p++;
		text[n++] = *p;
	}
	size_t len = 0;
	bool is_inside = false;
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			is_inside = !is_inside;
		else if (is_inside)
			out[len++] = text[i] == '\\' ? text[++i] : text[i];
	}
	out[len] = '\0';
	return true;
}

/* ----------------------------------------------------------------- one record */

/* A record, its findings, whether a verifier uses it, and the fix of the first finding (NULL: none). */
static const struct {
	const char *sentence, *text, *findings;
	bool is_valid;
	const char *fix;
} records[] = {
	{ "a good one", GOOD, "", true, NULL },
	{ "without a version", "p=" SPKI_2048, "", true, NULL },
	{ "with spaces and a semicolon", "v = DKIM1 ;\tk= rsa ; p= " SPKI_2048 " ; ", "", true, NULL },
	{ "of Ed25519", ED, "", true, NULL },
	{ "the algorithm in capitals", "v=DKIM1; k=RSA; p=" SPKI_2048, "", true, NULL },
	{ "all lists", "v=DKIM1; h=sha256 : sha1; s=email:*; t=s; p=" SPKI_2048, "strict-subdomain", true,
	    NULL },
	{ "notes", "v=DKIM1; n=ask=20admin; p=" SPKI_2048, "notes", true, NULL },
	{ "an unknown tag", "v=DKIM1; x=1; p=" SPKI_2048, "unknown-tag", true, NULL },
	{ "the old g=", "v=DKIM1; g=*; p=" SPKI_2048, "unknown-tag", true, NULL },
	{ "test mode", "v=DKIM1; k=rsa; t=y:s; p=" SPKI_2048, "testing strict-subdomain", true,
	    "v=DKIM1; k=rsa; t=s; p=" SPKI_2048 },
	{ "PKCS#1", "v=DKIM1; p=" PKCS1_2048, "pkcs1", true, GOOD },
	{ "4096 bits", "v=DKIM1; p=" SPKI_4096, "", true, NULL },
	{ "more", "v=DKIM1; p=" SPKI_5120, "key-long", true, NULL },
	{ "1024 bits", "v=DKIM1; p=" SPKI_1024, "key-short", true, NULL },
	{ "exponent 3", "v=DKIM1; p=" SPKI_E3, "key-exponent", true, NULL },
	{ "an even exponent", "v=DKIM1; p=" SPKI_E_EVEN, "key-exponent!", true, NULL },
	{ "a huge exponent", "v=DKIM1; p=" SPKI_E_LARGE, "key-exponent", true, NULL },
	{ "a modulus that can be divided", "v=DKIM1; p=" SPKI_FACTOR, "key-weak", true, NULL },
	{ "ROCA", "v=DKIM1; p=" SPKI_ROCA, "key-weak", true, NULL },
	{ "sha1 alone", "v=DKIM1; k=rsa; h=sha1; p=" SPKI_2048, "hash-sha1-only", false, GOOD },
	{ "a hash that nobody knows", "v=DKIM1; k=rsa; h=sha512; p=" SPKI_2048, "hash-sha1-only", false,
	    GOOD },
	{ "another service", "v=DKIM1; k=rsa; s=tlsrpt; p=" SPKI_2048, "service-type!", false, GOOD },
	{ "a tag twice", "v=DKIM1; k=rsa; k=rsa; p=" SPKI_2048, "duplicate-tag", false, GOOD },
	{ "two keys in one", "v=DKIM1; k=rsa; p=" SPKI_2048 "; p=" SPKI_4096, "duplicate-tag", false, NULL },
	{ "the key twice", GOOD "; p=" SPKI_2048, "duplicate-tag", false, GOOD },

	{ "revoked", "v=DKIM1; p=", "key-revoked!", true, NULL },
	{ "revoked, with a space", "v=DKIM1; k=rsa; p= ;", "key-revoked!", true, NULL },
	{ "512 bits", "v=DKIM1; k=rsa; p=" SPKI_512, "key-too-short!", false, NULL },
	{ "768 bits", "v=DKIM1; p=" SPKI_768, "key-too-short!", false, NULL },

	{ "no p=", "v=DKIM1; k=rsa", "key-syntax!", false, NULL },
	{ "the version alone", "v=DKIM1", "key-syntax!", false, NULL },
	{ "a capital P", "v=DKIM1; k=rsa; P=" SPKI_2048, "key-syntax! unknown-tag", false, GOOD },
	{ "the version in small letters", "v=dkim1; k=rsa; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "another version", "v=DKIM2; k=rsa; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "the version behind", "k=rsa; p=" SPKI_2048 "; v=DKIM1", "key-syntax!", false, GOOD },
	{ "no semicolon behind the version", "v=DKIM1 k=rsa; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "no semicolon behind the algorithm", "v=DKIM1; k=rsa p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "two semicolons", "v=DKIM1;; k=rsa; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "no name", "v=DKIM1; k=rsa; =x; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "the key without its tag", "v=DKIM1; k=rsa; " SPKI_2048, "key-syntax!", false, GOOD },
	{ "the key alone", SPKI_2048, "key-syntax!", false, GOOD },
	{ "an empty list", "v=DKIM1; k=rsa; t=; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "commas in a list", "v=DKIM1; k=rsa; h=sha1,sha256; p=" SPKI_2048, "key-syntax!", false, GOOD },
	{ "a control character", "v=DKIM1; k=rsa; n=a\x01; p=" SPKI_2048, "key-syntax! notes", false,
	    "v=DKIM1; k=rsa; n=a; p=" SPKI_2048 },
	{ "quotes around all", "\"" GOOD "\"", "key-syntax!", false, GOOD },
	{ "quotes around strings", "\"v=DKIM1; k=rsa; p=" FIRST_HALF "\" \"" SECOND_HALF "\"", "key-syntax!",
	    false, GOOD },
	{ "the line of a zone file", "s1._domainkey IN TXT ( \"v=DKIM1; k=rsa; p=" SPKI_2048 "\" )",
	    "key-syntax!", false, GOOD },

	{ "lost quotes within the key", "v=DKIM1; k=rsa; p=" FIRST_HALF "\" \"" SECOND_HALF, "key-broken!",
	    false, GOOD },
	{ "a sign that is not of base64", "v=DKIM1; k=rsa; p=" SPKI_2048 "%", "key-broken!", false, NULL },
	{ "a full stop at the end", "v=DKIM1; k=rsa; p=" SPKI_2048 ".", "key-broken!", false, GOOD },
	{ "a no-break space", "v=DKIM1; k=rsa; p=\xc2\xa0" SPKI_2048, "key-broken!", false, GOOD },
	{ "base64 for URLs",
	    "v=DKIM1; k=ed25519; p=410J4r_l0rjWP8zS1UFaB7z6oTWntekaOu0vKBzr63U=", "key-broken!", false, ED },
	{ "padding that is missing", "v=DKIM1; k=ed25519; p=410J4r/l0rjWP8zS1UFaB7z6oTWntekaOu0vKBzr63U",
	    "key-broken!", false, ED },
	{ "a letter that is missing",
	    "v=DKIM1; k=ed25519; p=410J4r/l0rjWP8zS1UFaB7z6oTWntekaOu0vKBzr63=", "key-broken!", false, NULL },
	{ "no key at all", "v=DKIM1; k=rsa; p=AAAA", "key-broken!", false, NULL },
	{ "Ed25519 without its k=", "v=DKIM1; p=" ED25519_RAW, "key-broken!", false, ED },
	{ "Ed25519 called rsa", "v=DKIM1; k=rsa; p=" ED25519_RAW, "key-broken!", false, ED },
	{ "RSA called ed25519", "v=DKIM1; k=ed25519; p=" SPKI_2048, "key-broken!", false, GOOD },
	{ "Ed25519 in its wrapping", "v=DKIM1; k=ed25519; p=" ED25519_SPKI, "key-broken!", false, ED },
	{ "an elliptic curve", "v=DKIM1; k=rsa; p=" EC_SPKI, "key-broken!", false, NULL },
	{ "a certificate", "v=DKIM1; k=rsa; p=" CERTIFICATE, "key-broken!", false, NULL },
	{ "a private key", "v=DKIM1; k=rsa; p=" PRIVATE_1024, "key-broken!", false, NULL },
	{ "a key of SSH", "v=DKIM1; k=rsa; p=" OPENSSH, "key-broken!", false, NULL },
	{ "a modulus that looks negative", "v=DKIM1; k=rsa; p=" NEGATIVE_2048, "key-broken!", false, GOOD },
	{ "the key twice in p=", "v=DKIM1; k=rsa; p=" PKCS1_2048 PKCS1_2048, "key-broken! pkcs1", false,
	    GOOD },

	{ "the first half", "v=DKIM1; k=rsa; p=" FIRST_HALF, "key-half!", false, NULL },
	{ "the second half alone", SECOND_HALF, "key-half!", false, NULL },
	{ "the second half", "v=DKIM1; k=rsa; p=" SECOND_HALF, "key-half!", false, NULL },

	{ "PEM", "v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----" SPKI_2048 "-----END PUBLIC KEY-----",
	    "pem-armour!", false, GOOD },
	{ "PEM with line ends",
	    "v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----\\n" SPKI_2048 "\\n-----END PUBLIC KEY-----\\n",
	    "pem-armour!", false, GOOD },
	{ "PEM alone", "-----BEGIN PUBLIC KEY----- " SPKI_2048 " -----END PUBLIC KEY-----", "pem-armour!",
	    false, GOOD },
	{ "PEM of a private key",
	    "v=DKIM1; k=rsa; p=-----BEGIN RSA PRIVATE KEY-----" PRIVATE_1024 "-----END RSA PRIVATE KEY-----",
	    "pem-armour!", false, NULL },
	{ "PEM of a short key",
	    "v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----" SPKI_1024 "-----END PUBLIC KEY-----",
	    "pem-armour! key-short", false, "v=DKIM1; k=rsa; p=" SPKI_1024 },

	{ "backslashes", "v=DKIM1\\; k=rsa\\; p=" SPKI_2048, "escaped-semicolon!", false, GOOD },
	{ "backslashes without a version", "k=rsa\\; p=" SPKI_2048 "\\;", "escaped-semicolon!", false, GOOD },
	{ "backslashes and half a key", "v=DKIM1\\; k=rsa\\; p=" FIRST_HALF, "escaped-semicolon! key-half!",
	    false, NULL },

	{ "DSA", "v=DKIM1; k=dsa; p=" SPKI_2048, "algorithm-unknown!", false, GOOD },
	{ "an empty k=", "v=DKIM1; k=; p=" SPKI_2048, "algorithm-unknown!", false, GOOD },
	{ "an algorithm in quotes", "v=DKIM1; k=\"rsa\"; p=" SPKI_2048, "algorithm-unknown!", false, GOOD },
};

static void
every_fault_has_its_finding(void **state)
{
	char ids[256], fix[8192];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		const char *sentence = records[i].sentence;
		struct mh_report *report = mh_report_make(&mem);
		struct mh_record_fields record;
		assert_int_equal(mh_dkim_key_record(&arena, mh_str_z(records[i].text), MH_STR(NAME), report,
				     &record),
		    MH_ERR_OK);
		test_number(sentence, record.is_valid, records[i].is_valid);
		list(report, ids, sizeof(ids));
		test_span(sentence, mh_str_z(ids), mh_str_z(records[i].findings));
		bool has_fix = mh_report_size(report) > 0 && added(mh_report_at(report, 0)->fix, fix);
		test_check(sentence, has_fix == (records[i].fix != NULL));
		if (has_fix)
			test_span(sentence, mh_str_z(fix), mh_str_z(records[i].fix));
		for (size_t k = 0; k < mh_report_size(report); k++) {
			const struct mh_finding *finding = mh_report_at(report, k);
			int64_t len = (int64_t)strlen(records[i].text);
			test_check(sentence, finding->begin <= finding->end && finding->end <= len);
		}
		assert_int_equal(mh_report_finish(report), MH_ERR_OK);
		test_check(sentence, test_is_json(mh_report_text(report)));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
}

static void
fixes_leave_nothing_that_fails(void **state)
{
	char fix[8192], ids[256];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		struct mh_report *report = mh_report_make(&mem);
		const char *text = records[i].text;
		(void)lint(&text, 1, report);
		for (size_t k = 0; k < mh_report_size(report); k++) {
			const struct mh_finding *finding = mh_report_at(report, k);
			const char *mended = fix;
			if (!added(finding->fix, fix))
				continue;
			struct mh_report *after = mh_report_make(&mem);
			const struct mh_dkim_key *key = lint(&mended, 1, after);
			test_check(records[i].sentence, key != NULL && key->is_usable);
			test_check(finding->kind->id, !mh_report_has(after, finding->kind->number));
			list(after, ids, sizeof(ids));
			test_check(records[i].sentence, strchr(ids, '!') == NULL);
			mh_report_unref(after);
		}
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
}

static void
details_say_where_and_what(void **state)
{
	static const struct {
		const char *text, *detail;
		int64_t begin, end;
	} cases[] = {
		{ "v=DKIM1; p=AAA!", "Octet 4 of the value of p= is '!', which base64 does not have.", 14,
		    15 },
		{ "v=DKIM1; p=AAAA",
		    "Octet 1 of the key (decoded) is 0, and should be 48 (hexadecimal 30), "
		    "which begins a key.",
		    11, 15 },
		{ "v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEF",
		    "The key says that it has 294 octets, and there are 18.", 11, 35 },
		{ "v=DKIM1; k=dsa; p=AAAA", "The algorithm is \"dsa\"; there are rsa and ed25519.", 9, 14 },
		{ "v=DKIM1\\; p=" SPKI_2048, "", 7, 9 },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_report *report = mh_report_make(&mem);
		const char *text = cases[i].text;
		(void)lint(&text, 1, report);
		const struct mh_finding *first = mh_report_at(report, 0);
		test_span(cases[i].text, mh_str_z(first->detail), mh_str_z(cases[i].detail));
		test_number(cases[i].text, first->begin, cases[i].begin);
		test_number(cases[i].text, first->end, cases[i].end);
		test_span(cases[i].text, mh_str_z(first->subject), MH_STR(NAME));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
}

/* ----------------------------------------------------------- several records */

static const struct {
	const char *sentence, *texts[4], *findings, *fix;
} sets[] = {
	{ "two halves", { "v=DKIM1; k=rsa; p=" FIRST_HALF, SECOND_HALF }, "key-half!", GOOD },
	{ "two halves in the other order", { SECOND_HALF, "v=DKIM1; k=rsa; p=" FIRST_HALF }, "key-half!",
	    GOOD },
	{ "two halves that both say that they are keys",
	    { "v=DKIM1; k=rsa; p=" FIRST_HALF, "v=DKIM1; k=rsa; p=" SECOND_HALF }, "key-half!", GOOD },
	{ "the key in a record of its own", { "v=DKIM1; k=rsa; p=", SPKI_2048 }, "key-half!", GOOD },
	{ "three parts, and something else", { FIRST_HALF, "v=DKIM1; k=rsa; p=", SECOND_HALF, "v=spf1 -all" },
	    "key-half!", GOOD },
	{ "two keys", { GOOD, ED }, "multiple-records!", NULL },
	{ "a key and one that cannot be used", { GOOD, "v=DKIM1; p=" SPKI_512 }, "multiple-records!", NULL },
	{ "a key and something else", { "v=spf1 -all", GOOD }, "multiple-records!", NULL },
	{ "a short key and something else", { "v=spf1 -all", "v=DKIM1; p=" SPKI_1024 },
	    "multiple-records! key-short", NULL },
	{ "nothing that is a key", { "v=spf1 -all", "google-site-verification=abc" }, "", NULL },
};

static void
several_records(void **state)
{
	char ids[256], fix[8192];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(sets); i++) {
		struct mh_report *report = mh_report_make(&mem);
		(void)lint(sets[i].texts, 4, report);
		list(report, ids, sizeof(ids));
		test_span(sets[i].sentence, mh_str_z(ids), mh_str_z(sets[i].findings));
		bool has_fix = mh_report_size(report) > 0 && added(mh_report_at(report, 0)->fix, fix);
		test_check(sets[i].sentence, has_fix == (sets[i].fix != NULL));
		if (has_fix)
			test_span(sets[i].sentence, mh_str_z(fix), mh_str_z(sets[i].fix));
		mh_report_unref(report);
		mh_arena_reset(&arena);
	}
}

static void
the_good_one_of_several_stays(void **state)
{
	const char *const texts[] = { "v=DKIM1; p=", GOOD };
	struct mh_report *report = mh_report_make(&mem);
	(void)state;
	const struct mh_dkim_key *key = lint(texts, 2, report);
	test_check("it is the key that counts", key != NULL && key->is_usable);
	test_check("the other one goes",
	    strstr(mh_report_at(report, 0)->fix, "\"remove\":[\"\\\"v=DKIM1; p=\\\"\"],\"add\":[]") != NULL);
	mh_report_unref(report);
	mh_arena_reset(&arena);
}

/* --------------------------------------------------------------------- fields */

static void
fields_are_what_a_verifier_reads(void **state)
{
	static const struct {
		const char *text, *fields;
	} cases[] = {
		{ "p=" ED25519_RAW "; k=ed25519", "v=DKIM1 k=ed25519 s=* p=" ED25519_RAW " " },
		{ "v = DKIM1 ;   h\t=\tsha1 \t:\t SHA256:unknown\t;k=ed25519; n = notes...; p = JDc bZ0Hpb "
		  "a5NK\tXI4"
		  "UAW3G0IDhhFOxhJTDybZEwe1FeA=  ;s = email : tlsrpt; t = y\t: t; unknown = bogus;",
		    "v=DKIM1 k=ed25519 h=sha1 h=SHA256 h=unknown s=email s=tlsrpt t=y t=t n=notes... "
		    "p=JDcbZ0Hpba5NKXI4UAW3G0IDhhFOxhJTDybZEwe1FeA= " },
	};
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_record_fields record;
		size_t n = 0;
		assert_int_equal(mh_dkim_key_record(&arena, mh_str_z(cases[i].text), MH_STR(""), NULL,
				     &record),
		    MH_ERR_OK);
		test_check(cases[i].text, record.is_valid);
		for (unsigned k = 0; k < record.count; k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s=%.*s ", record.fields[k].name,
			    (int)record.fields[k].value.len, record.fields[k].value.p);
		test_span(cases[i].text, mh_str_n(text, n), mh_str_z(cases[i].fields));
		mh_arena_reset(&arena);
	}
}

/* The cases of mox that the suite has (MIT licence; see there). */
static void
the_suite_of_mox(void **state)
{
	static const struct {
		const char *text;
		bool is_valid;
	} cases[] = {
		{ "", false },
		{ "p=; v=DKIM1", false },
		{ "v=dkim1; p=; ", false },
		{ "v=DKIM1; p=; p=", false },
		{ "v=DKIM1; k=unknown; p=", false },
		{ "V=DKIM2; p=;", true },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct mh_record_fields record;
		assert_int_equal(mh_dkim_key_record(&arena, mh_str_z(cases[i].text), MH_STR(""), NULL,
				     &record),
		    MH_ERR_OK);
		test_number(cases[i].text, record.is_valid, cases[i].is_valid);
		mh_arena_reset(&arena);
	}
}

static void
what_is_a_key_and_what_is_not(void **state)
{
	static const struct {
		const char *text;
		bool is_key;
	} cases[] = {
		{ "v=DKIM1; p=", true },
		{ " \"v=DKIM1\\; p=", true },
		{ "k=rsa; x", true },
		{ "p=MIIB", true },
		{ SECOND_HALF, true },
		{ "-----BEGIN PUBLIC KEY-----", true },
		{ "v=1; p=" SPKI_1024, true },
		{ "", false },
		{ "v=spf1 -all", false },
		{ "v=DMARC1; p=none", false },
		{ "v=TLSRPTv1; rua=mailto:a@example.org", false },
		{ "google-site-verification=0123456789012345678901234567890123456789012", false },
		{ "o=~", false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_number(cases[i].text, mh_dkim_is_key(mh_str_z(cases[i].text)), cases[i].is_key);
}

/* ---------------------------------------------------------------- hostile input */

static void
look(struct mh_str s, void *arg)
{
	struct mh_report *report = mh_report_make(&mem);
	struct mh_record_fields record;
	(void)arg;
	assert_int_equal(mh_dkim_key_record(&arena, s, MH_STR(NAME), report, &record), MH_ERR_OK);
	for (size_t k = 0; k < mh_report_size(report); k++)
		assert_true(mh_report_at(report, k)->end <= (int64_t)s.len);
	mh_report_unref(report);
	mh_arena_reset(&arena);
}

static void
any_octets_are_read(void **state)
{
	(void)state;
	test_mangled(MH_STR("v=DKIM1; k=rsa; h=sha256:sha1; t=y:s; s=*; n=x; p=" SPKI_512 ";"), look, NULL);
	test_mangled(MH_STR("\"v=DKIM1\\; p=-----BEGIN PUBLIC KEY-----" ED25519_SPKI "\" \"--END X-"), look,
	    NULL);
	static char dashes[20000];
	memset(dashes, '-', sizeof(dashes));
	look(mh_str_n(dashes, sizeof(dashes)), NULL);
	memset(dashes, ';', sizeof(dashes));
	look(mh_str_n(dashes, sizeof(dashes)), NULL);
	memset(dashes, 'A', sizeof(dashes));
	memcpy(dashes, "p=", 2);
	look(mh_str_n(dashes, sizeof(dashes)), NULL);
}

static bool
without_memory(struct mh_mem of, void *arg)
{
	struct mh_arena own;
	struct mh_tell tell;
	const char *const *texts = arg;
	struct mh_fact *fact = fact_of(&of, texts, 2);
	struct mh_report *report = mh_report_make(&of);
	bool is_good = fact != NULL && report != NULL;

	mh_arena_init(&own, &of, 0);
	if (is_good) {
		mh_tell_begin(&tell, &own, report, "dkim", MH_STR(NAME));
		(void)mh_dkim_key_lint(&tell, fact);
		is_good = mh_tell_end(&tell) == MH_ERR_OK;
	}
	if (is_good) {
		struct mh_record_fields record;
		is_good = mh_dkim_key_record(&own, mh_str_z(texts[0]), MH_STR(NAME), report, &record) ==
			MH_ERR_OK &&
		    mh_report_finish(report) == MH_ERR_OK;
	}
	mh_arena_free(&own);
	mh_report_unref(report);
	mh_fact_unref(fact);
	return is_good;
}

static void
memory_may_fail(void **state)
{
	static const char *const cases[][2] = {
		{ "v=DKIM1; k=rsa; p=" FIRST_HALF, SECOND_HALF },
		{ "v=DKIM1\\; t=y\\; p=-----BEGIN PUBLIC KEY-----" SPKI_1024, NULL },
		{ "v=DKIM1; h=sha1; p=" PKCS1_2048, "v=DKIM1; p=" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		assert_true(test_failing_allocs(without_memory, (void *)(uintptr_t)cases[i], false) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_fault_has_its_finding),
		cmocka_unit_test(fixes_leave_nothing_that_fails),
		cmocka_unit_test(details_say_where_and_what),
		cmocka_unit_test(several_records),
		cmocka_unit_test(the_good_one_of_several_stays),
		cmocka_unit_test(fields_are_what_a_verifier_reads),
		cmocka_unit_test(the_suite_of_mox),
		cmocka_unit_test(what_is_a_key_and_what_is_not),
		cmocka_unit_test(any_octets_are_read),
		cmocka_unit_test(memory_may_fail),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
