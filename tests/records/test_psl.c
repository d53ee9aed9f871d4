/* test_psl.c - lib/records/psl.c; the list's own test vectors are in the conformance suites */
#include "support.h"

#include "dname.h"
#include "psl.h"

static const struct {
	const char *sentence, *name, *want;
} names[] = {
	{ "a domain below a top-level domain", "example.com", "example.com" },
	{ "a host", "a.b.example.com", "example.com" },
	{ "a top-level domain was not registered", "com", "" },
	{ "nor was the root", ".", "" },
	{ "nor a suffix of two labels", "co.uk", "" },
	{ "a domain below such a suffix", "www.example.co.uk", "example.co.uk" },
	{ "a wildcard rule takes a label more", "a.b.c.kobe.jp", "b.c.kobe.jp" },
	{ "a wildcard's exception does not", "www.city.kobe.jp", "city.kobe.jp" },
	{ "nobody's top-level domain is a suffix", "a.b.invalid", "b.invalid" },
	{ "A-labels", "www.xn--85x722f.xn--55qx5d.cn", "xn--85x722f.xn--55qx5d.cn" },
	{ "an escaped dot ends no label", "x\\.y.co.uk", "x\\.y.co.uk" },
	{ "an escaped backslash does not escape a dot", "x\\\\.y.co.uk", "y.co.uk" },
	{ "underscores", "_dmarc.example.org", "example.org" },
};

static void
names_are_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		struct mh_str name = mh_str_z(names[i].name);
		struct mh_str found = mh_psl_registrable(name);
		test_span(names[i].sentence, found, mh_str_z(names[i].want));
		test_check("it is the end of what was given",
		    found.len == 0 || found.p + found.len == name.p + name.len);
	}
}

static const struct {
	const char *a, *b;
	bool relaxed, strict;
} pairs[] = {
	{ "example.org", "example.org", true, true },
	{ "a.example.org", "b.example.org", true, false },
	{ "example.org", "example.net", false, false },
	{ "a.co.uk", "b.co.uk", false, false },
	{ "com", "example.com", false, false },
	{ "com", "com", true, true },
	{ "", "", false, false },
	{ "example.org", "", false, false },
};

static void
names_are_aligned(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(pairs); i++) {
		struct mh_str a = mh_str_z(pairs[i].a), b = mh_str_z(pairs[i].b);
		test_check(pairs[i].a, mh_psl_aligned(a, b, false) == pairs[i].relaxed);
		test_check(pairs[i].a, mh_psl_aligned(a, b, true) == pairs[i].strict);
		test_check("either way round", mh_psl_aligned(b, a, false) == pairs[i].relaxed);
	}
}

static void
look(struct mh_str s, void *arg)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t len = mh_dname_from_raw(s, name);
	(void)arg;
	struct mh_str found = mh_psl_registrable(mh_str_n(name, len));
	test_check("what was registered is a part of the name",
	    found.len == 0 || mh_dname_is_under(mh_str_n(name, len), found));
}

static void
any_name(void **state)
{
	char longest[253];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(names); i++)
		test_mangled(mh_str_z(names[i].name), look, NULL);
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 2 == 0 ? 'a' : '.';
	test_span("the longest name of the most labels",
	    mh_psl_registrable(mh_str_n(longest, sizeof(longest))), MH_STR("a.a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_split),
		cmocka_unit_test(names_are_aligned),
		cmocka_unit_test(any_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
