/* test_bimi_cert.c - lib/records/bimi_cert.c, with certificates made here */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "bimi_cert.h"
#include "records/mark_certs.h"

#define USAGE "1.3.6.1.5.5.7.3.31"

static const struct {
	const char *name;
	struct mark mark;
	const char *faults, *kind; /* faults: words of each sentence, with a bar between them */
} cases[] = {
	{ "a good one", { .names = NULL }, "", "vmc" },
	{ "for a selector", { .names = "DNS:default._bimi.example.org" }, "", "vmc" },
	{ "for the domain among others", { .names = "DNS:example.com,DNS:EXAMPLE.ORG" }, "", "vmc" },
	{ "with other usages", { .usage = "serverAuth," USAGE }, "", "vmc" },
	{ "a common mark", { .mark_type = "Prior Use Mark" }, "", "cmc" },
	{ "a mark of an unknown kind", { .mark_type = "Odd" }, "", "" },
	{ "no kind of mark", { .mark_type = "" }, "", "" },
	{ "of a web server", { .usage = "serverAuth", .lacks_logo = true }, "key usage|no logo", "vmc" },
	{ "without usage", { .usage = "" }, "key usage", "vmc" },
	{ "without a logo", { .lacks_logo = true }, "no logo", "vmc" },
	{ "for another domain", { .names = "DNS:example.com" }, "not for this domain", "vmc" },
	{ "for names below", { .names = "DNS:*.example.org" }, "not for this domain", "vmc" },
	{ "without names", { .names = "" }, "not for this domain", "vmc" },
	{ "expired", { .to_days = -1 }, "has expired", "vmc" },
	{ "not yet valid", { .from_days = 1 }, "first day", "vmc" },
	{ "of an authority that has expired", { .has_old_authority = true }, "authority has expired", "vmc" },
	{ "without its authority", { .is_alone = true }, "not in the file", "vmc" },
	{ "signed by itself", { .is_self_signed = true }, "signed by itself", "vmc" },
	{ "in the wrong order", { .is_behind = true },
	    "comes first|key usage|no logo|not for this domain|signed by itself", "" },
	{ "in DER", { .is_der = true }, "in DER", "vmc" },
};

static struct mh_mem mem;
static struct mh_ossl *ossl;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	ossl = mh_ossl_make(&mem);
	return ossl == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	mh_ossl_unref(ossl);
	return 0;
}

static bool
read_one(struct mh_str octets, int64_t at, struct mh_bimi_cert *cert)
{
	static const struct mh_str names[] = { MH_STR_INIT("example.org"),
		MH_STR_INIT("default._bimi.example.org") };
	return mh_bimi_cert_read(ossl, &mem, octets, names, 2, at, cert);
}

static void
check_faults(const char *sentence, const struct mh_bimi_cert *cert, const char *faults)
{
	unsigned n = 0;
	for (const char *p = faults; *p != '\0'; n++) {
		char words[64];
		size_t len = strcspn(p, "|");
		(void)snprintf(words, sizeof(words), "%.*s", (int)len, p);
		p += len + (p[len] == '|');
		if (n >= cert->faults_count || strstr(cert->faults[n], words) == NULL)
			test_span(sentence, mh_str_z(n < cert->faults_count ? cert->faults[n] : "nothing"),
			    mh_str_z(words));
	}
	if (cert->faults_count > n)
		test_span(sentence, mh_str_z(cert->faults[n]), MH_STR("nothing more"));
}

static void
judging(void **state)
{
	struct mh_bimi_cert cert;

	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		size_t len;
		char *octets = mark_make(&cases[i].mark, &len);
		assert_true(read_one(mh_str_n(octets, len), MARK_NOW, &cert));
		check_faults(cases[i].name, &cert, cases[i].faults);
		test_span(cases[i].name, mh_str_z(mh_bimi_cert_kind(&cert)), mh_str_z(cases[i].kind));
		mh_bimi_cert_free(&cert);
		if (i == 0) {
			assert_true(read_one(mh_str_n(octets, len), -1, &cert));
			test_number("without a time, dates do not count", cert.faults_count, 0);
			mh_bimi_cert_free(&cert);
		}
		free(octets);
	}
	assert_true(read_one(MH_STR("<html></html>"), MARK_NOW, &cert));
	check_faults("a web page", &cert, "page");
	assert_true(read_one(MH_STR(""), MARK_NOW, &cert));
	check_faults("nothing", &cert, "no certificate");
	mh_bimi_cert_free(&cert);
	assert_true(read_one(MH_STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
	    MARK_NOW, &cert));
	check_faults("something else in PEM", &cert, "no certificate");
	mh_bimi_cert_free(&cert);
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_bimi_cert cert;
	(void)arg;
	assert_true(read_one(s, MARK_NOW, &cert));
	assert_true(cert.leaf != NULL || cert.faults_count > 0);
	mh_bimi_cert_free(&cert);
}

static void
mangled(void **state)
{
	static const struct mark mark = { .is_der = true, .is_alone = true };
	size_t len;
	char *octets = mark_make(&mark, &len);

	(void)state;
	test_mangled(mh_str_n(octets, len), look, NULL);
	free(octets);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judging),
		cmocka_unit_test(mangled),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
