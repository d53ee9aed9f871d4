/* test_mask.c - lib/replies/mask.c, through replies that are parsed */
#include "answering.h"

#include "answer.h"
#include "mask.h"

/* Pairs of replies: whether the classifier's memory may take one for the other. */
static const struct {
	bool same;
	const char *one, *other;
} pairs[] = {
	{ true, "550 5.1.1 <a.person@example.org>: User unknown", "550 5.1.1 <b@example.net>: User unknown" },
	{ true, "550 5.7.1 [192.0.2.25] blocked", "550 5.7.1 [198.51.100.7] blocked" },
	{ true, "550 [2001:db8::25] blocked", "550 [2001:db8:1:2::9] blocked" },
	{ true, "451 try again 4F2A1C77B0 - gsmtp", "451 try again 00112233AA - gsmtp" },
	{ true, "550 5.7.26 refused. d9443c01a7336-2a1b2c3d4e5si123456789.12 - gsmtp",
	    "550 5.7.26 refused. a1b2c3d4e5f60-99b2c3d4e5f6si987654321.99 - gsmtp" },
	{ true, "554 on 2026/11/02 22:34:07 refused", "554 on 2026/11/02 23:59:59 refused" },
	{ false, "550 5.1.1 refused", "550 5.1.2 refused" },
	{ false, "550 5.7.515 refused", "550 5.7.509 refused" },
	{ false, "554 policy (3.2.1.1)", "554 policy (1.5.2.1)" },
	{ false, "550 blocked by zen.spamhaus.org", "550 blocked by bl.spamcop.net" },
	{ false, "550 blocked by dnsbl-1.uceprotect.net", "550 blocked by dnsbl-3.uceprotect.net" },
	{ false, "421 4.7.0 [TSS04] deferred", "421 4.7.0 [TSS05] deferred" },
	{ false, "550 refused", "450 refused" },
	{ false, "450 wait 5 minutes", "450 wait 5 hours" },
	{ false, "550 S3140", "550 S3150" },
	{ false, "", "550" },
};

static void
hashes(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(pairs); i++) {
		uint64_t one = mh_mask_hash(mh_str_z(pairs[i].one), 1);
		uint64_t other = mh_mask_hash(mh_str_z(pairs[i].other), 1);
		test_check(pairs[i].other, (one == other) == pairs[i].same);
		test_check("another seed is another hash", one != mh_mask_hash(mh_str_z(pairs[i].one), 2));
	}
}

static const struct {
	const char *text, *recipient, *want;
} samples[] = {
	{ "550 frobnicated <some.person@example.org>", "", "550 frobnicated <user@example.com>" },
	{ "550 the flux of jsmith is out of phase", "jsmith@example.org",
	    "550 the flux of user is out of phase" },
	{ "550 the flux of j is out of phase", "j@example.org", "550 the flux of j is out of phase" },
	{ "550 client [198.51.100.7] is out of phase", "", "550 client [192.0.2.1] is out of phase" },
	{ "550 client [2001:db8:5::7] is out of phase", "", "550 client [2001:db8::1] is out of phase" },
	{ "550 host mail.customer.example.org frobnicated", "", "550 host host.example frobnicated" },
	{ "550 see https://customer.example.org/x?y=z", "", "550 see https://host.example/" },
	{ "550 flux id AB12CD34EF, code 77", "", "550 flux id xx00xx00xx, code 77" },
	{ "550-first\r\n550 second", "", "550-first  550 second" },
};

static void
masked(void **state)
{
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &answering_mem, 65536);
	for (size_t i = 0; i < MH_COUNT(samples); i++) {
		parse(samples[i].text);
		mh_buf_reset(&out);
		mh_mask_sample(mh_str_n(answering->decode.text.p, answering->decode.text.len),
		    &answering->scan, mh_str_z(samples[i].recipient), &out);
		test_span(samples[i].text, mh_str_n(out.p, out.len), mh_str_z(samples[i].want));
	}
	mh_buf_free(&out);
}

/* A draft is a rule that loads and wins its own sample. */
static const char *const drafts[] = {
	"550 5.9.9 The flux capacitor of this account is out of phase",
	"554 Frobnication failure while wibbling [198.51.100.7]; don't do that",
	"451 <some.person@example.org>... quux overflow \"deluxe\" in the wibble tank",
	"550-frobnicate the wibble\n550 and quux it",
	"550 \xc3\xa4hnlich wibble wobble quux \xc3\xb6",
};

static void
rules(void **state)
{
	struct mh_buf out, sample;
	(void)state;
	mh_buf_init(&out, &answering_mem, 65536);
	mh_buf_init(&sample, &answering_mem, 65536);
	for (size_t i = 0; i < MH_COUNT(drafts); i++) {
		struct mh_rules_error error;
		int result;
		parse(drafts[i]);
		struct mh_str text = mh_str_n(answering->decode.text.p, answering->decode.text.len);
		mh_buf_reset(&out);
		mh_buf_reset(&sample);
		mh_mask_sample(text, &answering->scan, MH_STR(""), &sample);
		mh_mask_rule(text, &answering->scan, mh_str_n(sample.p, sample.len), "0123456789abcdef",
		    &out);
		test_check(drafts[i], out.len > 0);
		struct mh_rule_text rule = { .layer = 1, .name = "draft", .text = mh_str_n(out.p, out.len) };
		struct mh_rulebook *book =
		    mh_rulebook_make(&answering_mem, &mh_builtin_rules, &rule, &result, &error);
		if (book == NULL)
			print_error("%s\n%s\n", error.text, out.p);
		test_check("the draft is a rule", book != NULL);
		mh_rulebook_unref(book);
	}
	parse("550 ok 198.51.100.7");
	mh_buf_reset(&out);
	mh_mask_rule(mh_str_n(answering->decode.text.p, answering->decode.text.len), &answering->scan,
	    MH_STR(""), "0123456789abcdef", &out);
	test_number("of one word no rule is made", (int64_t)out.len, 0);
	mh_buf_free(&out);
	mh_buf_free(&sample);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_buf *out = arg;
	(void)mh_mask_hash(s, 1);
	parse_n(s.p, s.len);
	struct mh_str text = mh_str_n(answering->decode.text.p, answering->decode.text.len);
	mh_buf_reset(out);
	mh_mask_sample(text, &answering->scan, MH_STR("a@example.org"), out);
	mh_mask_rule(text, &answering->scan, s, "0123456789abcdef", out);
	assert_false(out->bad);
}

static void
mangled(void **state)
{
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &answering_mem, 1 << 20);
	test_mangled(MH_STR("550 5.7.1 <a@b.example> [192.0.2.1] zen.spamhaus.org AB12CD34EF\n don't"), look,
	    &out);
	mh_buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hashes), cmocka_unit_test(masked),
		cmocka_unit_test(rules), cmocka_unit_test(mangled) };
	return cmocka_run_group_tests(tests, answering_setup, answering_teardown);
}
