/* test_from_domain.c - lib/records/from_domain.c */
#include "support.h"

#include <stdlib.h>

#include "dname.h"
#include "error.h"
#include "from_domain.h"

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

#define NONE MH_FROM_NONE
#define ONE MH_FROM_ONE
#define SEVERAL MH_FROM_SEVERAL
#define UNREADABLE MH_FROM_UNREADABLE

static const struct {
	const char *sentence, *value;
	int state;
	const char *domain;
	unsigned mailboxes;
} values[] = {
	{ "an address alone", "joe@example.org", ONE, "example.org", 1 },
	{ "an address with a name", "Joe Q. Doe <joe@example.org>", ONE, "example.org", 1 },
	{ "letter case does not matter", "<JOE@Example.ORG>", ONE, "example.org", 1 },
	{ "a name in quotes", "\"Doe, Joe <j@other.example>\" <joe@example.org>", ONE, "example.org", 1 },
	{ "a quote in a name in quotes", "\"Joe \\\"j@other.example\\\"\" <joe@example.org>", ONE,
	    "example.org", 1 },
	{ "comments, nested", "(a (b@other.example) c) joe (x) @ (y) example (z) . org (\\))", ONE,
	    "example.org", 1 },
	{ "an encoded word is a name", "=?utf-8?q?joe=40other=2Eexample?= <joe@example.org>", ONE,
	    "example.org", 1 },
	{ "a quoted local part", "\"joe@other.example\"@example.org", ONE, "example.org", 1 },
	{ "an obsolete local part", "joe . \"q\" . doe @ example . org", ONE, "example.org", 1 },
	{ "an obsolete route", "<@a.example,@b.example:joe@example.org>", ONE, "example.org", 1 },
	{ "a folded value", "Joe\r\n\t<joe@example.org>\r\n", ONE, "example.org", 1 },
	{ "two mailboxes of one domain", "a@example.org, B <b@EXAMPLE.org>", ONE, "example.org", 2 },
	{ "nothing between commas", ", a@example.org,, ", ONE, "example.org", 1 },
	{ "a group", "Team: a@example.org, B <b@example.org>;", ONE, "example.org", 2 },
	{ "a group and a mailbox", "Team: a@example.org;, b@example.org", ONE, "example.org", 2 },
	{ "a group that has no end", "Mail From:<joe@example.org>", ONE, "example.org", 1 },
	{ "U-labels become A-labels",
	    "joe@b\xc3\xbc"
	    "cher.example",
	    ONE, "xn--bcher-kva.example", 1 },
	{ "a name of any octets", "J\xf6rg <joe@example.org>", ONE, "example.org", 1 },
	{ "a dot behind the domain", "joe@example.org.", ONE, "example.org", 1 },
	{ "a comma in a name without quotes", "Doe, Joe <joe@example.org>", ONE, "example.org", 1 },
	{ "an address as its own name", "joe@example.org <joe@example.org>", ONE, "example.org", 1 },
	{ "words and an address without brackets", "\"( bob@other.example)\" joe@example.org", ONE,
	    "example.org", 1 },

	{ "nothing", "", NONE, "", 0 },
	{ "an empty group", "undisclosed recipients:;", NONE, "", 0 },
	{ "a name alone", "joe", NONE, "", 0 },
	{ "a comment alone", "(joe@example.org)", NONE, "", 0 },

	{ "two domains", "a@example.org, b@other.example", SEVERAL, "", 2 },
	{ "two domains in a group", "Team: a@example.org, b@other.example;", SEVERAL, "", 2 },
	{ "a domain and its subdomain are two", "a@example.org, b@mail.example.org", SEVERAL, "", 2 },
	{ "another address as the name", "ceo@bank.example <joe@example.org>", SEVERAL, "", 1 },

	{ "no address", "<>", UNREADABLE, "", 0 },
	{ "no local part", "<@example.org>", UNREADABLE, "", 0 },
	{ "no domain", "joe@", UNREADABLE, "", 0 },
	{ "two signs", "joe@bank.example@example.org", UNREADABLE, "", 1 },
	{ "two addresses without a comma", "a@bank.example b@example.org", UNREADABLE, "", 1 },
	{ "two addresses in brackets", "<a@bank.example> <b@example.org>", UNREADABLE, "", 1 },
	{ "text behind the brackets", "<a@example.org> b", UNREADABLE, "", 1 },
	{ "text behind an address", "a@example.org b", UNREADABLE, "", 1 },
	{ "brackets within brackets", "<<a@example.org>>", UNREADABLE, "", 0 },
	{ "brackets without their end", "<a@example.org", UNREADABLE, "", 0 },
	{ "quotes without their end", "\"a <a@example.org>", UNREADABLE, "", 0 },
	{ "a comment without its end", "(a a@example.org", UNREADABLE, "", 0 },
	{ "an address literal", "joe@[192.0.2.1]", UNREADABLE, "", 0 },
	{ "an address as a domain", "joe@192.0.2.1", UNREADABLE, "", 0 },
	{ "empty labels", "joe@example..org", UNREADABLE, "", 1 },
	{ "a domain with other characters", "joe@example!.org", UNREADABLE, "", 0 },
	{ "one of several that cannot be read", "a@example.org, b@[192.0.2.1]", UNREADABLE, "", 1 },
	{ "a group within a group", "a: b: c@example.org;;", UNREADABLE, "", 0 },
	{ "the end of no group", "a@example.org; b@other.example", UNREADABLE, "", 1 },
	{ "a control character", "a\x01@example.org", UNREADABLE, "", 0 },
};

static struct mh_from
read_one(struct mh_str value)
{
	struct mh_from from;
	mh_arena_reset(&arena);
	mh_from_begin(&from);
	assert_int_equal(mh_from_read(&arena, value, &from), MH_ERR_OK);
	return from;
}

static void
values_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(values); i++) {
		struct mh_from from = read_one(mh_str_z(values[i].value));
		test_number(values[i].sentence, from.state, values[i].state);
		test_span(values[i].sentence, from.domain, mh_str_z(values[i].domain));
		test_number(values[i].sentence, from.mailboxes, values[i].mailboxes);
	}
}

/* Several fields are read one after another. */
static void
fields_are_one(void **state)
{
	struct mh_from from;
	(void)state;
	mh_arena_reset(&arena);
	mh_from_begin(&from);
	assert_int_equal(mh_from_read(&arena, MH_STR("a@example.org"), &from), MH_ERR_OK);
	assert_int_equal(mh_from_read(&arena, MH_STR("b@example.org"), &from), MH_ERR_OK);
	test_number("the same domain in both", from.state, ONE);
	assert_int_equal(mh_from_read(&arena, MH_STR("b@example.net"), &from), MH_ERR_OK);
	test_number("another in the third", from.state, SEVERAL);
	assert_int_equal(mh_from_read(&arena, MH_STR("<"), &from), MH_ERR_OK);
	assert_int_equal(mh_from_read(&arena, MH_STR("b@example.net"), &from), MH_ERR_OK);
	test_number("what cannot be read is not forgotten", from.state, UNREADABLE);
}

static void
octets(void **state)
{
	(void)state;
	test_number("a NUL in a comment", read_one(mh_str_n("(\0) a@example.org", 17)).state, UNREADABLE);
	test_number("a NUL in quotes", read_one(mh_str_n("\"\0\" <a@example.org>", 19)).state, UNREADABLE);
	test_number("a NUL behind it", read_one(mh_str_n("a@example.org\0", 14)).state, UNREADABLE);
}

/* Nothing grows with nesting, and time is linear. */
static void
large_values(void **state)
{
	size_t len = MH_FROM_MAX + 1;
	char *text = malloc(len);
	(void)state;
	assert_non_null(text);
	memset(text, '(', len);
	test_number("comments without end", read_one(mh_str_n(text, len - 1)).state, UNREADABLE);
	memset(text, ',', len);
	test_number("commas", read_one(mh_str_n(text, len - 1)).state, NONE);
	memset(text, ' ', len);
	memcpy(text, "a@example.org", 13);
	test_number("as long as can be", read_one(mh_str_n(text, len - 1)).state, ONE);
	test_number("longer", read_one(mh_str_n(text, len)).state, UNREADABLE);
	for (size_t i = 0; i + 14 < len; i += 14)
		memcpy(text + i, "a@example.org,", 14);
	struct mh_from from = read_one(mh_str_n(text, 14 * 4000));
	test_number("thousands of mailboxes", from.mailboxes, 4000);
	test_number("thousands of mailboxes have one domain", from.state, ONE);
	free(text);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_from from = read_one(s);
	char name[MH_DNAME_TEXT_MAX];
	(void)arg;
	test_check("a domain if there is one", (from.domain.len > 0) == (from.state == ONE));
	test_check("and it is canonical",
	    from.domain.len == 0 || mh_dname_canonical(from.domain, name) == from.domain.len);
}

static void
broken_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(values); i++)
		test_mangled(mh_str_z(values[i].value), look, NULL);
}

static bool
without_memory(struct mh_mem m, void *arg)
{
	struct mh_arena own;
	struct mh_from from;
	mh_arena_init(&own, &m, 0);
	mh_from_begin(&from);
	bool good = mh_from_read(&own, mh_str_z(arg), &from) == MH_ERR_OK;
	mh_arena_free(&own);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(values); i++)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)values[i].value, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_read),
		cmocka_unit_test(fields_are_one),
		cmocka_unit_test(octets),
		cmocka_unit_test(large_values),
		cmocka_unit_test(broken_values),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
