/* test_error.c - lib/ground/error.c, and that its numbers are the public ones */
#include "support.h"

#include "error.h"
#include "mailhealth.h"
#include "port.h"

static const struct error_case {
	int number;
	int inner;
	const char *name;
} error_cases[] = {
	{ MH_OK, MH_ERR_OK, "MH_OK" },
	{ MH_ENOMEM, MH_ERR_ENOMEM, "MH_ENOMEM" },
	{ MH_EINVAL, MH_ERR_EINVAL, "MH_EINVAL" },
	{ MH_ESTATE, MH_ERR_ESTATE, "MH_ESTATE" },
	{ MH_EFROZEN, MH_ERR_EFROZEN, "MH_EFROZEN" },
	{ MH_ERULES, MH_ERR_ERULES, "MH_ERULES" },
	{ MH_EIO, MH_ERR_EIO, "MH_EIO" },
	{ MH_ENOENT, MH_ERR_ENOENT, "MH_ENOENT" },
};

#define X(name, number, text) (number),
static const int numbers[] = { MH_ERRORS(X) };
#undef X
_Static_assert(MH_COUNT(numbers) == MH_COUNT(error_cases), "a case for every error");

static void
errors_have_names_and_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(error_cases); i++) {
		const struct error_case *c = &error_cases[i];
		test_number(c->name, c->inner, c->number);
		test_number(c->name, numbers[i], c->number);
		assert_string_equal(mh_error_name(c->number), c->name);
		assert_true(strlen(mh_error_text(c->number)) > 5);
		test_check(c->name, strcmp(mh_error_text(c->number), "unknown error") != 0);
	}
	assert_string_equal(mh_error_text(MH_ENOMEM), "out of memory");
}

static void
other_numbers_are_unknown(void **state)
{
	static const int others[] = { 1, -8, 99, -1000, INT32_MAX, INT32_MIN };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(others); i++) {
		assert_string_equal(mh_error_name(others[i]), "");
		assert_string_equal(mh_error_text(others[i]), "unknown error");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_have_names_and_words),
		cmocka_unit_test(other_numbers_are_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
