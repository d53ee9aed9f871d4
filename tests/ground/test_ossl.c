/* test_ossl.c - lib/ground/ossl.c: the host's error queue is as it was */
#include "support.h"

#include <stdio.h>

#include <openssl/err.h>

#include "ossl.h"

/* queue - errors of a host, with and without text */
static void
queue(int count)
{
	for (int i = 0; i < count; i++)
		if (i % 2 == 0)
			ERR_raise_data(ERR_LIB_USER, 100 + i, "the host's %d", i);
		else
			ERR_raise(ERR_LIB_USER, 100 + i);
}

/* is_there - whether the queue has those errors, oldest first, and no more; it is empty then */
static bool
is_there(int count)
{
	char text[32];
	const char *data, *file, *func;
	int flags;
	bool good = true;
	for (int i = 0; i < count; i++) {
		unsigned long code = ERR_get_error_all(&file, NULL, &func, &data, &flags);
		good = good && file != NULL && strcmp(file + strlen(file) - 11, "test_ossl.c") == 0 &&
		    strcmp(func, "queue") == 0;
		good = good && ERR_GET_LIB(code) == ERR_LIB_USER && ERR_GET_REASON(code) == 100 + i;
		bool has_text = (flags & ERR_TXT_STRING) != 0 && data != NULL && data[0] != '\0';
		(void)snprintf(text, sizeof(text), "the host's %d", i);
		good = good && has_text == (i % 2 == 0) && (!has_text || strcmp(data, text) == 0);
	}
	return good && ERR_get_error() == 0;
}

static void
the_queue_is_given_back(void **state)
{
	(void)state;
	for (int count = 0; count <= 15; count++) {
		struct mh_ossl_guard guard;
		ERR_clear_error();
		queue(count);
		mh_ossl_enter(&guard);
		test_number("inside it is empty", (int64_t)ERR_peek_error(), 0);
		ERR_raise(ERR_LIB_USER, 900);
		ERR_clear_error(); /* as a handshake does */
		ERR_raise(ERR_LIB_USER, 901);
		mh_ossl_leave(&guard);
		test_check("behind it are the host's errors alone", is_there(count));
	}
}

static void
digests(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_ossl *ossl = mh_ossl_make(&mem);
	unsigned char out[64];
	(void)state;
	assert_non_null(ossl);
	queue(3);
	assert_true(mh_digest(ossl, 256, MH_STR("abc"), out));
	/* FIPS 180-2 B.1 */
	assert_memory_equal(out, "\xba\x78\x16\xbf\x8f\x01\xcf\xea\x41\x41\x40\xde\x5d\xae\x22\x23", 16);
	assert_true(mh_digest(ossl, 512, MH_STR("abc"), out));
	assert_memory_equal(out, "\xdd\xaf\x35\xa1\x93\x61\x7a\xba\xcc\x41\x73\x49\xae\x20\x41\x31", 16);
	mh_ossl_unref(mh_ossl_ref(ossl));
	mh_ossl_unref(ossl);
	mh_ossl_unref(NULL);
	test_check("no error of the host is lost", is_there(3));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_queue_is_given_back),
		cmocka_unit_test(digests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
