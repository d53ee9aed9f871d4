/* test_dmarc.c - lib/records/dmarc.c and dmarc_uri.c */
#include "support.h"

#include <stdio.h>

#include "dmarc.h"
#include "error.h"
#include "record.h"

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

/* ----------------------------------------------------------------- what it says */

#define DEFAULTS "adkim=r aspf=r psd=u t=n"

/* The record, its effective fields by RFC 9989 ("-": it is not used), and p and sp by RFC 7489 ("-" likewise). */
static const struct {
	const char *text, *fields, *older;
} records[] = {
	{ "v=DMARC1; p=none", "p=none sp=none np=none " DEFAULTS, "none none" },
	{ "v=DMARC1;p=reject;", "p=reject sp=reject np=reject " DEFAULTS, "reject reject" },
	{ "v\t=  DMARC1 ;\tp = QUARANTINE ; ", "p=quarantine sp=quarantine np=quarantine " DEFAULTS,
	    "quarantine quarantine" },
	{ "v=DMARC1; p=reject; sp=quarantine", "p=reject sp=quarantine np=quarantine " DEFAULTS,
	    "reject quarantine" },
	{ "v=DMARC1; p=reject; sp=none; np=reject", "p=reject sp=none np=reject " DEFAULTS, "reject none" },
	{ "v=DMARC1; p=reject; adkim=s; aspf=S; t=y; psd=n",
	    "p=reject sp=reject np=reject adkim=s aspf=s psd=n t=y", "reject reject" },
	{ "v=DMARC1; p=reject; adkim=strict; aspf=; t=x; psd=maybe", "p=reject sp=reject np=reject " DEFAULTS,
	    "reject reject" },
	{ "v=DMARC1; p=none; rua=mailto:a@example.org!10m , mailto:b@example.net; ruf=https://example.org/x",
	    "p=none sp=none np=none " DEFAULTS
	    " rua=mailto:a@example.org rua=mailto:b@example.net ruf=https://example.org/x",
	    "none none" },
	{ "v=DMARC1; p=none; unknown=1; x;;", "p=none sp=none np=none " DEFAULTS, "none none" },

	/* the version is exact, and first */
	{ "", "-", "-" },
	{ "v=DMARC1", "-", "-" },
	{ " v=DMARC1; p=none", "-", "-" },
	{ "V=DMARC1; P=none", "p=none sp=none np=none " DEFAULTS, "none none" },
	{ "v=dmarc1; p=none", "-", "-" },
	{ "v=DMARC10; p=none", "-", "-" },
	{ "v=DMARC1 p=none", "-", "-" },
	{ "v=DMARC1, p=none", "-", "-" },
	{ "p=none; v=DMARC1", "-", "-" },
	{ "vDMARC1; p=none", "-", "-" },
	{ "v=DMARC", "-", "-" },
	{ "v", "-", "-" },
	{ "v=", "-", "-" },

	/* a tag twice, in any letter case; a word alone is no tag */
	{ "v=DMARC1; p=none; p=none", "-", "-" },
	{ "v=DMARC1; p=none; x=1; x=2", "-", "-" },
	{ "v=DMARC1; v=DMARC1; p=none", "-", "-" },
	{ "v=DMARC1; p=none; P=reject", "-", "-" },
	{ "v=DMARC1; p; p=reject", "p=reject sp=reject np=reject " DEFAULTS, "-" },

	/* 4.10.1 */
	{ "v=DMARC1; p=foo", "-", "-" },
	{ "v=DMARC1; p=none; sp=foo", "-", "-" },
	{ "v=DMARC1; p=none; np=foo", "-", "none none" },
	{ "v=DMARC1; p=reject; np=foo; rua=mailto:a@example.org",
	    "p=none sp=none np=none " DEFAULTS " rua=mailto:a@example.org", "reject reject" },
	{ "v=DMARC1; p=reject; sp=; rua=mailto:a@example.org",
	    "p=none sp=none np=none " DEFAULTS " rua=mailto:a@example.org", "none none" },
	{ "v=DMARC1; rua=mailto:a@example.org",
	    "p=none sp=none np=none " DEFAULTS " rua=mailto:a@example.org", "none none" },
	{ "v=DMARC1; p=foo; rua=x,mailto:a@example.org",
	    "p=none sp=none np=none " DEFAULTS " rua=mailto:a@example.org", "none none" },
	{ "v=DMARC1; rua=ftp://example.org/x", "p=none sp=none np=none " DEFAULTS " rua=ftp://example.org/x",
	    "none none" },
	{ "v=DMARC1; rua=a@example.org", "-", "-" },
	{ "v=DMARC1; rua=", "-", "-" },
	{ "v=DMARC1; rua=mailto:a@example.org!", "-", "-" },
	{ "v=DMARC1; rua=mailto:a@example.org!10p", "-", "-" },
	{ "v=DMARC1; ruf=mailto:a@example.org", "-", "-" },
	{ "v=DMARC1; p=n\xc3\xb6ne; rua=mailto:a@example.org",
	    "p=none sp=none np=none " DEFAULTS " rua=mailto:a@example.org", "none none" },

	/* RFC 7489 6.3: p= comes second */
	{ "v=DMARC1; sp=none; p=reject", "p=reject sp=none np=none " DEFAULTS, "-" },
	{ "v=DMARC1; rua=mailto:a@example.org; p=reject",
	    "p=reject sp=reject np=reject " DEFAULTS " rua=mailto:a@example.org", "-" },
};

static void
print_fields(const struct mh_record_fields *record, char *out, size_t size)
{
	size_t n = 0;
	(void)snprintf(out, size, "-");
	for (unsigned i = 0; i < record->count; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s=%.*s", i > 0 ? " " : "",
		    record->fields[i].name, (int)record->fields[i].value.len, record->fields[i].value.p);
}

static void
records_are_read(void **state)
{
	static struct mh_record_fields record;
	char got[512];

	(void)state;
	for (size_t i = 0; i < MH_COUNT(records); i++) {
		size_t len = strlen(records[i].text);
		char *copy = guard_copy(records[i].text, len);
		const struct mh_dmarc *dmarc = mh_dmarc_parse(&arena, mh_str_n(copy, len));
		assert_non_null(dmarc);
		assert_int_equal(mh_dmarc_record(&arena, mh_str_n(copy, len), MH_STR(""), NULL, &record),
		    MH_ERR_OK);
		print_fields(&record, got, sizeof(got));
		test_span(records[i].text, mh_str_z(got), mh_str_z(records[i].fields));
		test_number(records[i].text, record.is_valid, records[i].fields[0] != '-');
		test_number(records[i].text, dmarc->is_valid, record.is_valid);
		(void)snprintf(got, sizeof(got), "%s %s", mh_dmarc_policy_name(dmarc->p_7489),
		    mh_dmarc_policy_name(dmarc->sp_7489));
		test_span(records[i].text, mh_str_z(dmarc->is_valid_7489 ? got : "-"),
		    mh_str_z(records[i].older));
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

static void
steps_of_a_test(void **state)
{
	struct mh_dmarc *dmarc = mh_dmarc_parse(&arena, MH_STR("v=DMARC1; p=reject; t=y; pct=7"));
	(void)state;
	assert_int_equal(mh_dmarc_effective(dmarc, MH_DMARC_REJECT), MH_DMARC_QUARANTINE);
	assert_int_equal(mh_dmarc_effective(dmarc, MH_DMARC_QUARANTINE), MH_DMARC_NONE);
	assert_int_equal(mh_dmarc_effective(dmarc, MH_DMARC_NONE), MH_DMARC_NONE);
	assert_int_equal(dmarc->pct, 7);
	dmarc->is_testing = false;
	assert_int_equal(mh_dmarc_effective(dmarc, MH_DMARC_REJECT), MH_DMARC_REJECT);
	assert_string_equal(mh_dmarc_policy_name(99), "");
	assert_string_equal(mh_dmarc_policy_name(-1), "");
}

/* ------------------------------------------------------------------- addresses */

/* One entry: what it is as a URI, "-" it is none; the domain, "-" no report goes there; the size. */
static const struct {
	const char *text, *uri, *domain, *size;
} uris[] = {
	{ "mailto:a@Example.ORG", "mailto:a@Example.ORG", "example.org", "" },
	{ "MAILTO:a.b+c=d@example.org", "MAILTO:a.b+c=d@example.org", "example.org", "" },
	{ "mailto:a%2Cb%21@example.org", "mailto:a%2Cb%21@example.org", "example.org", "" },
	{ "mailto:a@example.org?subject=x@y", "mailto:a@example.org?subject=x@y", "example.org", "" },
	{ "mailto:a@example.org!10m", "mailto:a@example.org", "example.org", "10m" },
	{ "mailto:a@example.org!5", "mailto:a@example.org", "example.org", "5" },
	{ "mailto:a@example.org!T", "-", "-", "T" },
	{ "mailto:a@example.org!5kb", "-", "-", "5kb" },
	{ "mailto:a@localhost", "mailto:a@localhost", "-", "" },
	{ "https://example.org/", "https://example.org/", "-", "" },
	{ "x:y", "x:y", "-", "" },
	{ "mailto:", "-", "-", "" },
	{ "mailto:example.org", "-", "-", "" },
	{ "mailto:@example.org", "-", "-", "" },
	{ "mailto:a@", "-", "-", "" },
	{ "mailto:a@b@example.org", "-", "-", "" },
	{ "mailto:a@example..org", "-", "-", "" },
	{ "mailto:a..b@example.org", "-", "-", "" },
	{ "mailto:.a@example.org", "-", "-", "" },
	{ "mailto://a@example.org", "-", "-", "" },
	{ "mailto:mailto:a@example.org", "-", "-", "" },
	{ "mailto:a@%65xample.org", "-", "-", "" },
	{ "mailto:a%2@example.org", "-", "-", "" },
	{ "mailto: a@example.org", "-", "-", "" },
	{ "mailto:a@example.org>", "-", "-", "" },
	{ "<mailto:a@example.org>", "-", "-", "" },
	{ "a@example.org", "-", "-", "" },
	{ ":a@example.org", "-", "-", "" },
	{ "1x:a@example.org", "-", "-", "" },
	{ "x:", "-", "-", "" },
	{ "", "-", "-", "" },
	{ "!", "-", "-", "" },
};

static void
addresses_are_read(void **state)
{
	struct mh_dmarc_uri got[MH_DMARC_URIS_MAX];
	unsigned count;

	(void)state;
	for (size_t i = 0; i < MH_COUNT(uris); i++) {
		size_t len = strlen(uris[i].text);
		char *copy = guard_copy(uris[i].text, len);
		assert_true(mh_dmarc_uris(&arena, mh_str_n(copy, len), got, &count));
		test_number(uris[i].text, count, 1);
		test_span(uris[i].text, got[0].is_uri ? got[0].text : MH_STR("-"), mh_str_z(uris[i].uri));
		test_span(uris[i].text, got[0].is_good ? got[0].domain : MH_STR("-"),
		    mh_str_z(uris[i].domain));
		test_span(uris[i].text, got[0].size, mh_str_z(uris[i].size));
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
	assert_true(mh_dmarc_uris(&arena, MH_STR(" mailto:a@b.c , ,x,"), got, &count));
	assert_int_equal(count, 4);
	assert_true(got[0].is_good && !got[1].is_uri && !got[2].is_uri && !got[3].is_uri);
}

static void
as_many_as_there_is_room_for(void **state)
{
	static struct mh_record_fields record;
	struct mh_buf text;
	struct mh_dmarc *dmarc;

	(void)state;
	mh_buf_init(&text, &mem, 100000);
	mh_buf_puts(&text, "v=DMARC1; p=none; rua=mailto:a@b.c");
	while (text.len < 4000)
		mh_buf_puts(&text, ",mailto:a@b.c");
	mh_buf_puts(&text, ";ruf=mailto:a@b.c");
	while (text.len < 8000)
		mh_buf_puts(&text, ",mailto:a@b.c");
	dmarc = mh_dmarc_parse(&arena, mh_buf_str(&text));
	assert_true(dmarc->is_valid);
	assert_true(dmarc->rua_count == MH_DMARC_URIS_MAX && dmarc->ruf_count == MH_DMARC_URIS_MAX);
	assert_int_equal(mh_dmarc_record(&arena, mh_buf_str(&text), MH_STR(""), NULL, &record), MH_ERR_OK);
	assert_int_equal(record.count, 7 + 2 * MH_DMARC_URIS_MAX);
	while (text.len < 20000)
		mh_buf_puts(&text, ",mailto:a@b.c");
	assert_false(mh_dmarc_parse(&arena, mh_buf_str(&text))->is_valid);
	mh_buf_reset(&text);
	mh_buf_puts(&text, "v=DMARC1; p=none");
	for (int i = 0; i < 100; i++) {
		mh_buf_puts(&text, ";x");
		mh_buf_putint(&text, i);
		mh_buf_puts(&text, "=1");
	}
	assert_false(mh_dmarc_parse(&arena, mh_buf_str(&text))->is_valid);
	mh_buf_free(&text);
}

/* ------------------------------------------------------------------------ hostile */

static void
look(struct mh_str s, void *arg)
{
	(void)arg;
	const struct mh_dmarc *dmarc = mh_dmarc_parse(&arena, s);
	assert_non_null(dmarc);
	assert_true(!dmarc->is_valid || (dmarc->p != MH_DMARC_NO_POLICY && dmarc->sp != MH_DMARC_NO_POLICY));
	assert_true(dmarc->is_dmarc || !(dmarc->is_valid || dmarc->is_valid_7489));
	mh_arena_reset(&arena);
}

static void
broken_records(void **state)
{
	(void)state;
	test_mangled(MH_STR("v=DMARC1; p=reject; sp=none; np=none; rua=mailto:a%20@example.org!5m,x; psd=u; "
			    "t=y"),
	    look, NULL);
}

static bool
read_with(struct mh_mem m, void *arg)
{
	static struct mh_record_fields record;
	struct mh_arena own;
	(void)arg;
	mh_arena_init(&own, &m, 0);
	bool good = mh_dmarc_record(&own, MH_STR("v=DMARC1; p=none; rua=mailto:a@example.org"),
			MH_STR("example.org"), NULL, &record) == MH_ERR_OK;
	mh_arena_free(&own);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(read_with, NULL, false) > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read),
		cmocka_unit_test(steps_of_a_test),
		cmocka_unit_test(addresses_are_read),
		cmocka_unit_test(as_many_as_there_is_room_for),
		cmocka_unit_test(broken_records),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
