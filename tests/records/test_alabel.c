/* test_alabel.c - lib/records/alabel.c */
#include "support.h"

#include "alabel.h"

/* Names and what becomes of them; most labels are those of RFC 3492 7.1 or in use. */
static const char *const cases[][2] = {
	{ "", "" },
	{ "example.org", "example.org" },
	{ "Example.ORG.", "Example.ORG." },
	{ "b\xc3\xbc"
	  "cher.example",
	    "xn--bcher-kva.example" },
	{ "B\xc3\xbc"
	  "cher.Example.",
	    "xn--bcher-kva.Example." },
	{ "caf\xc3\xa9.fr", "xn--caf-dma.fr" },
	{ "\xe4\xbe\x8b\xe3\x81\x88.\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88", "xn--r8jz45g.xn--zckzah" },
	{ "\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.\xd1\x80\xd1\x84", "xn--e1afmkfd.xn--p1ai" },
	{ "\xe4\xbb\x96\xe4\xbb\xac\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88\xe4\xb8\x8d\xe8\xaf\xb4\xe4\xb8\xad"
	  "\xe6\x96\x87",
	    "xn--ihqwcrb4cv8a8dqg056pqjye" },
	{ "3\xe5\xb9\xb4"
	  "b\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f",
	    "xn--3b-ww4c5e180e575a65lsy2b" },
	{ "\xf0\x9f\x92\xa9.la", "xn--ls8h.la" },
	{ "a..\xc3\xbc", "a..xn--tda" },
	{ "b\xfc"
	  "cher.example",
	    "b\xfc"
	    "cher.example" },
	{ "b\xc3", "b\xc3" },
};

static void
names(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	(void)state;
	mh_arena_init(&arena, &mem, 65536);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		size_t len = strlen(cases[i][0]);
		char *copy = guard_copy(cases[i][0], len);
		test_span(cases[i][0], mh_alabel_name(&arena, mh_str_n(copy, len)), mh_str_z(cases[i][1]));
		guard_free(copy, len);
	}
	mh_arena_free(&arena);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_str name = mh_alabel_name(arg, s);
	assert_true(name.p != NULL && name.len <= 4096);
	mh_arena_reset(arg);
}

static void
any_octets(void **state)
{
	static char octets[1200];
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct test_random random = { 1 };
	(void)state;
	mh_arena_init(&arena, &mem, 65536);
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_mangled(mh_str_z(cases[i][0]), look, &arena);
	for (int round = 0; round < 200; round++) { /* long labels of distant code points */
		size_t len = 0;
		while (len + 4 <= sizeof(octets) - 150 * (size_t)(round % 8)) {
			char four[4] = { (char)0xf0, (char)(0x90 + test_random_below(&random, 16)),
				(char)(0x80 + test_random_below(&random, 64)),
				(char)(0x80 + test_random_below(&random, 64)) };
			memcpy(octets + len, four, 4);
			len += 4;
		}
		look(mh_str_n(octets, len), &arena);
	}
	mh_arena_free(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(any_octets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
