/* test_dname.c - lib/ground/dname.c */
#include "support.h"

#include "dname.h"

#define LABEL63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
	const char *what, *text, *want; /* want "": it is no name */
} texts[] = {
	{ "letters become lower case", "Example.ORG", "example.org" },
	{ "a dot at the end is left out", "example.org.", "example.org" },
	{ "the root is a dot", ".", "." },
	{ "nothing is no name", "", "" },
	{ "two dots are no name", "a..b", "" },
	{ "a dot in front is no name", ".a", "" },
	{ "two dots at the end are no name", "a..", "" },
	{ "a decimal escape of a letter is the letter", "\\097\\066.example", "ab.example" },
	{ "an escaped dot stays within its label", "a\\.b.example", "a\\.b.example" },
	{ "a decimal escape of a dot is an escaped dot", "a\\046b.example", "a\\.b.example" },
	{ "an escaped backslash stays", "a\\\\b", "a\\\\b" },
	{ "a space is escaped", "a b", "a\\032b" },
	{ "an octet that is not ASCII is escaped", "\xc3\xa9.example", "\\195\\169.example" },
	{ "an escape beyond an octet is no name", "\\256", "" },
	{ "an escape that is cut is no name", "a\\", "" },
	{ "an escape of two digits is no name", "a\\12", "" },
	{ "underscores and other signs are fine", "_dmarc.a/b.Example", "_dmarc.a/b.example" },
	{ "a label of 63 octets is the longest", LABEL63 ".org", LABEL63 ".org" },
	{ "a label of 64 octets is none", LABEL63 "a.org", "" },
	{ "253 octets are the longest",
	    LABEL63 "." LABEL63 "." LABEL63 ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    LABEL63 "." LABEL63 "." LABEL63
		    ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
	{ "254 octets are too many",
	    LABEL63 "." LABEL63 "." LABEL63 ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	    "" },
};

static void
text_becomes_canonical(void **state)
{
	char out[MH_DNAME_TEXT_MAX];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(texts); i++) {
		size_t len = mh_dname_canonical(mh_str_z(texts[i].text), out);
		test_span(texts[i].what, mh_str_n(out, len), mh_str_z(texts[i].want));
		if (len > 0) {
			test_number(texts[i].what, out[len], 0);
			/* it is a fixed point */
			char again[MH_DNAME_TEXT_MAX];
			test_span(texts[i].what,
			    mh_str_n(again, mh_dname_canonical(mh_str_n(out, len), again)),
			    mh_str_n(out, len));
		}
	}
}

static void
raw_octets_become_canonical(void **state)
{
	char out[MH_DNAME_TEXT_MAX];
	(void)state;
	test_span("a backslash is an octet", mh_str_n(out, mh_dname_from_raw(MH_STR("a\\.b"), out)),
	    MH_STR("a\\\\.b"));
	test_span("letters", mh_str_n(out, mh_dname_from_raw(MH_STR("A.B."), out)), MH_STR("a.b"));
	test_span("a NUL", mh_str_n(out, mh_dname_from_raw(mh_str_n("a\0b", 3), out)), MH_STR("a\\000b"));
	test_number("an empty label", mh_dname_from_raw(MH_STR("a..b"), out), 0);
	test_number("nothing", mh_dname_from_raw(MH_STR(""), out), 0);
}

static void
wire_form_and_text_go_both_ways(void **state)
{
	struct test_random random = { 7 };
	(void)state;
	for (int round = 0; round < 20000; round++) {
		unsigned char wire[MH_DNAME_WIRE_MAX], again[MH_DNAME_WIRE_MAX];
		char text[MH_DNAME_TEXT_MAX];
		size_t len = 0, used = 0;
		size_t labels = test_random_below(&random, 6);
		for (size_t i = 0; i < labels; i++) {
			size_t octets = 1 + test_random_below(&random, round % 7 == 0 ? 63 : 9);
			if (len + octets + 2 > MH_DNAME_WIRE_MAX)
				break;
			wire[len++] = (unsigned char)octets;
			for (; octets > 0; octets--) {
				unsigned char c = (unsigned char)test_random_below(&random, 256);
				wire[len++] = c >= 'A' && c <= 'Z' ? '.' : c;
			}
		}
		wire[len++] = 0;
		size_t text_len = mh_dname_from_wire(wire, len, text, &used);
		test_check("every name has a text", text_len > 0);
		test_number("all of it is used", used, len);
		test_number("and comes back", mh_dname_to_wire(mh_str_n(text, text_len), again), len);
		test_check("the same", memcmp(wire, again, len) == 0);
		for (size_t cut = 0; cut < len; cut++)
			test_number("a cut name is none", mh_dname_from_wire(wire, cut, text, NULL), 0);
	}
	char text[MH_DNAME_TEXT_MAX];
	test_number("a pointer is no label", mh_dname_from_wire("\xc0\x00", 2, text, NULL), 0);
	test_number("a long label is none", mh_dname_from_wire("\x40", 1, text, NULL), 0);
	unsigned char wire[MH_DNAME_WIRE_MAX];
	test_number("letters keep their case", mh_dname_to_wire(MH_STR("aB"), wire), 4);
	test_number("letters keep their case", wire[2], 'B');
}

static void
names_have_places_in_the_tree(void **state)
{
	(void)state;
	assert_true(mh_dname_is_under(MH_STR("a.example"), MH_STR("example")));
	assert_true(mh_dname_is_under(MH_STR("example"), MH_STR("example")));
	assert_true(mh_dname_is_under(MH_STR("example"), MH_STR(".")));
	assert_false(mh_dname_is_under(MH_STR("anexample"), MH_STR("example")));
	assert_false(mh_dname_is_under(MH_STR("a\\.example"), MH_STR("example")));
	assert_true(mh_dname_is_under(MH_STR("a\\\\.example"), MH_STR("example")));
	assert_false(mh_dname_is_under(MH_STR("."), MH_STR("example")));
	test_span("one label less", mh_dname_parent(MH_STR("a.b.c")), MH_STR("b.c"));
	test_span("an escaped dot is none", mh_dname_parent(MH_STR("a\\.b.c")), MH_STR("c"));
	test_span("above a top label is the root", mh_dname_parent(MH_STR("c")), MH_STR("."));
	test_span("above the root is nothing", mh_dname_parent(MH_STR(".")), MH_STR(""));
	assert_int_equal(mh_dname_labels(MH_STR("a\\.b.c.d")), 3);
	assert_int_equal(mh_dname_labels(MH_STR(".")), 0);
}

static void
addresses_have_names(void **state)
{
	char out[MH_DNAME_TEXT_MAX];
	struct mh_ip ip;
	(void)state;
	assert_true(mh_ip_parse(MH_STR("192.0.2.10"), &ip));
	test_span("IPv4", mh_str_n(out, mh_dname_reverse(&ip, out)), MH_STR("10.2.0.192.in-addr.arpa"));
	assert_true(mh_ip_parse(MH_STR("2001:db8::cb01"), &ip));
	test_span("IPv6", mh_str_n(out, mh_dname_reverse(&ip, out)),
	    MH_STR("1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"));
	ip.family = 0;
	test_number("none", mh_dname_reverse(&ip, out), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_becomes_canonical),
		cmocka_unit_test(raw_octets_become_canonical),
		cmocka_unit_test(wire_form_and_text_go_both_ways),
		cmocka_unit_test(names_have_places_in_the_tree),
		cmocka_unit_test(addresses_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
