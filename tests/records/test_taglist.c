/* test_taglist.c - lib/records/taglist.c */
#include "support.h"

#include "taglist.h"

static const struct {
	const char *what, *text;
	unsigned count;
	bool is_good;
	const char *name, *value; /* of the last tag */
	int fault; /* likewise */
} lists[] = {
	{ "one tag", "v=DMARC1", 1, true, "v", "DMARC1", MH_TAG_FINE },
	{ "a semicolon at the end", "v=DMARC1; p=none;", 2, true, "p", "none", MH_TAG_FINE },
	{ "white space is anywhere around", " v\t= DMARC1 \r\n ;\tp = none ; ", 2, true, "p", "none",
	    MH_TAG_FINE },
	{ "white space within a value stays", "a= b c ", 1, true, "a", "b c", MH_TAG_FINE },
	{ "a value may be empty", "p=", 1, true, "p", "", MH_TAG_FINE },
	{ "an equals sign in a value", "p=AA==", 1, true, "p", "AA==", MH_TAG_FINE },
	{ "names are not case-insensitive (RFC 6376 3.2)", "a=1; A=2", 2, true, "A", "2", MH_TAG_FINE },
	{ "nothing", "", 0, false, NULL, NULL, 0 },
	{ "blanks", "  \t", 0, false, NULL, NULL, 0 },
	{ "no equals sign", "v=1; none", 2, false, "none", "", MH_TAG_NO_EQUALS },
	{ "no name", "v=1; =none", 2, false, "", "none", MH_TAG_NO_NAME },
	{ "a digit first", "1v=1", 1, false, "1v", "1", MH_TAG_BAD_NAME },
	{ "a hyphen in a name", "a-b=1", 1, false, "a-b", "1", MH_TAG_BAD_NAME },
	{ "an underscore in a name", "a_b=1", 1, true, "a_b", "1", MH_TAG_FINE },
	{ "twice", "a=1; b=2; a=3", 3, false, "a", "3", MH_TAG_TWICE },
	{ "an empty tag", "a=1;; b=2", 3, false, "b", "2", MH_TAG_FINE },
	{ "an empty tag first", ";a=1", 2, false, "a", "1", MH_TAG_FINE },
	{ "an octet that is not ASCII", "a=\xc3\xa4", 1, false, "a", "\xc3\xa4", MH_TAG_BAD_VALUE },
	{ "a control character", "a=b\x01", 1, false, "a", "b\x01", MH_TAG_BAD_VALUE },
};

static void
lists_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(lists); i++) {
		struct mh_taglist list;
		mh_taglist_read(&list, mh_str_z(lists[i].text));
		test_number(lists[i].what, list.count, lists[i].count);
		test_number(lists[i].what, list.is_good, lists[i].is_good);
		if (lists[i].count == 0)
			continue;
		const struct mh_tag *last = &list.tags[list.count - 1];
		test_span(lists[i].what, last->name, mh_str_z(lists[i].name));
		test_span(lists[i].what, last->value, mh_str_z(lists[i].value));
		test_number(lists[i].what, last->fault, lists[i].fault);
	}
}

static void
tags_are_found_by_name(void **state)
{
	struct mh_taglist list;
	(void)state;
	mh_taglist_read(&list, MH_STR("v=1; P=a; p=b"));
	test_span("as it is written", mh_taglist_find(&list, "p")->value, MH_STR("b"));
	test_span("in any letter case", mh_taglist_ifind(&list, "p")->value, MH_STR("a"));
	test_check("there is none", mh_taglist_find(&list, "rua") == NULL);
}

static void
endless_lists_are_cut(void **state)
{
	static char text[4 * MH_TAGLIST_MAX];
	struct mh_taglist list;
	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = "a=1;"[i % 4];
	mh_taglist_read(&list, mh_str_n(text, sizeof(text)));
	test_check("that is told", list.is_cut && !list.is_good);
	test_number("so many are kept", list.count, MH_TAGS_MAX);
}

/* look - places are in the text */
static void
look(struct mh_str s, void *arg)
{
	struct mh_taglist list;
	(void)arg;
	mh_taglist_read(&list, s);
	for (unsigned i = 0; i < list.count; i++) {
		const struct mh_str parts[] = { list.tags[i].text, list.tags[i].name, list.tags[i].value };
		for (size_t k = 0; k < MH_COUNT(parts); k++)
			if (parts[k].len > 0)
				assert_true(parts[k].p >= s.p && parts[k].p + parts[k].len <= s.p + s.len);
	}
}

static void
any_octets_are_read(void **state)
{
	(void)state;
	test_mangled(MH_STR("v=DMARC1; p = none ;;rua=mailto:a@example.org,\tmailto:b@example.org; =;x"),
	    look, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_read),
		cmocka_unit_test(tags_are_found_by_name),
		cmocka_unit_test(endless_lists_are_cut),
		cmocka_unit_test(any_octets_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
