/* test_spf_record.c - lib/records/spf_record.c */
#include "support.h"

#include <stdio.h>

#include "spf.h"

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

/* ------------------------------------------------------------------ good records */

/* Records without an error, and what is read: qualifier and kind, then domain, address and prefixes. */
static const char *const good[][2] = {
	{ "v=spf1", "" },
	{ "v=spf1 ", "" },
	{ "v=spf1    ", "" },
	{ "V=SPF1 -ALL", "-all;" },
	{ "v=spf1   a    -all   ", "+a;-all;" },
	{ "v=spf1 +a -mx ~ptr ?all", "+a;-mx;~ptr;?all;" },
	{ "v=spf1 a:example.org", "+a example.org;" },
	{ "v=spf1 A:Example.ORG", "+a Example.ORG;" },
	{ "v=spf1 a:example.org.", "+a example.org.;" },
	{ "v=spf1 a/24", "+a /24;" },
	{ "v=spf1 a//64", "+a //64;" },
	{ "v=spf1 a/24//64", "+a /24 //64;" },
	{ "v=spf1 a/0//0", "+a /0 //0;" },
	{ "v=spf1 a/32//128", "+a /32 //128;" },
	{ "v=spf1 mx:example.org/24//64", "+mx example.org /24 //64;" },
	{ "v=spf1 a:%{d}/24", "+a %{d} /24 M;" },
	{ "v=spf1 a:foo:bar/baz.example.org", "+a foo:bar/baz.example.org;" },
	{ "v=spf1 a:1.2.3.4.com", "+a 1.2.3.4.com;" },
	{ "v=spf1 a:example.xn--p1ai", "+a example.xn--p1ai;" },
	{ "v=spf1 a:example.a-b", "+a example.a-b;" },
	{ "v=spf1 a:example.1-1", "+a example.1-1;" },
	{ "v=spf1 a:.com", "+a .com;" },
	{ "v=spf1 include:_spf.example.org", "+include _spf.example.org;" },
	{ "v=spf1 exists:%{i}._spf.%{d2}", "+exists %{i}._spf.%{d2} M;" },
	{ "v=spf1 exists:%{l1r-}.lp._spf.%{d2}", "+exists %{l1r-}.lp._spf.%{d2} M;" },
	{ "v=spf1 exists:%{L10R.-+,/_=}.x.example", "+exists %{L10R.-+,/_=}.x.example M;" },
	{ "v=spf1 exists:%%.%_.%-", "+exists %%.%_.%-;" },
	{ "v=spf1 ptr:example.org", "+ptr example.org;" },
	{ "v=spf1 ip4:192.0.2.1", "+ip4 192.0.2.1;" },
	{ "v=spf1 ip4:0.0.0.0/0", "+ip4 0.0.0.0 /0;" },
	{ "v=spf1 -ip4:192.0.2.0/24", "-ip4 192.0.2.0 /24;" },
	{ "v=spf1 ip6:2001:db8::/32", "+ip6 2001:db8:: //32;" },
	{ "v=spf1 ip6:::1.2.3.4/96", "+ip6 ::102:304 //96;" },
	{ "v=spf1 ip6:2001:db8::1", "+ip6 2001:db8::1;" },
	{ "v=spf1 redirect=_spf.example.org", "redirect _spf.example.org;" },
	{ "v=spf1 REDIRECT=%{d}", "redirect %{d} M;" },
	{ "v=spf1 -all exp=explain.%{d}", "-all;exp explain.%{d} M;" },
	{ "v=spf1 moo.cow-far_out=man:dog/cat -all", "=moo.cow-far_out man:dog/cat;-all;" },
	{ "v=spf1 include=example.org", "=include example.org;" },
	{ "v=spf1 ra=postmaster rp=100 rr=all:e", "=ra postmaster;=rp 100;=rr all:e;" },
	{ "v=spf1 x=", "=x ;" },
	{ "v=spf1 x=%{c}%{r}%{t}", "=x %{c}%{r}%{t} M;" },
	{ "v=spf1 all all", "+all;+all;" },
};

/* dump - what is in a record */
static void
dump(const struct mh_spf_record *record, char *out, size_t size)
{
	size_t n = 0;
	out[0] = '\0';
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *t = &record->terms[i];
		char ip[MH_IP_TEXT_MAX] = "", p4[12] = "", p6[12] = "";
		if (t->ip.family != 0)
			(void)mh_ip_print(&t->ip, ip);
		if (t->prefix4 >= 0)
			(void)snprintf(p4, sizeof(p4), " /%d", t->prefix4);
		if (t->prefix6 >= 0)
			(void)snprintf(p6, sizeof(p6), " //%d", t->prefix6);
		char qualifier[2] = { t->qualifier, 0 };
		if (t->kind == MH_SPF_MODIFIER)
			n += (size_t)snprintf(out + n, size - n, "=%.*s %.*s", (int)t->name.len, t->name.p,
			    (int)t->value.len, t->value.p);
		else
			n += (size_t)snprintf(out + n, size - n, "%s%s%s%.*s%s%s%s%s", qualifier,
			    mh_spf_kind_name(t->kind), t->domain.len > 0 ? " " : "", (int)t->domain.len,
			    t->domain.p, ip[0] != '\0' ? " " : "", ip, p4, p6);
		n += (size_t)snprintf(out + n, size - n, "%s;", t->has_macro ? " M" : "");
	}
}

static void
good_records(void **state)
{
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(good); i++) {
		size_t len = strlen(good[i][0]);
		char *copy = guard_copy(good[i][0], len);
		struct mh_spf_record *record = mh_spf_parse(&arena, mh_str_n(copy, len));
		assert_non_null(record);
		test_number(good[i][0], record->error_count, 0);
		dump(record, text, sizeof(text));
		test_span(good[i][0], mh_str_z(text), mh_str_z(good[i][1]));
		test_check(good[i][0], mh_spf_is_record(mh_str_z(good[i][0])));
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

/* ------------------------------------------------------------------- bad records */

/* Records, and the errors in them: fault and place. */
static const struct {
	const char *text, *errors;
} bad[] = {
	{ "", "VERSION 0-0;" },
	{ "v=spf10 -all", "VERSION 0-7;" },
	{ " v=spf1 -all", "VERSION 0-0;" },
	{ "v=spf1 -all.", "UNKNOWN_MECHANISM 8-12;" },
	{ "v=spf1 all:example.org", "DOMAIN_EXTRA 10-22;" },
	{ "v=spf1 all/8", "DOMAIN_EXTRA 10-12;" },
	{ "v=spf1 include", "DOMAIN_MISSING 14-14;" },
	{ "v=spf1 include:", "DOMAIN_MISSING 15-15;" },
	{ "v=spf1 include:example.org/24", "PREFIX_NONE 26-29;" },
	{ "v=spf1 exists:%{d}/24", "PREFIX_NONE 18-21;" },
	{ "v=spf1 ptr/0", "PREFIX_NONE 10-12;" },
	{ "v=spf1 ptr:", "DOMAIN_MISSING 11-11;" },
	{ "v=spf1 a:", "DOMAIN_MISSING 9-9;" },
	{ "v=spf1 a:/24", "DOMAIN_MISSING 9-9;" },
	{ "v=spf1 a:museum", "DOMAIN_SPEC 9-15;" },
	{ "v=spf1 a:museum.", "DOMAIN_SPEC 9-16;" },
	{ "v=spf1 a:192.0.2.1", "DOMAIN_SPEC 9-18;" },
	{ "v=spf1 a:example.-com", "DOMAIN_SPEC 9-21;" },
	{ "v=spf1 a:example.com-", "DOMAIN_SPEC 9-21;" },
	{ "v=spf1 a:example..", "DOMAIN_SPEC 9-18;" },
	{ "v=spf1 a:%{d}com", "DOMAIN_SPEC 9-16;" },
	{ "v=spf1 a:example.com:8080", "DOMAIN_SPEC 9-25;" },
	{ "v=spf1 a/33", "PREFIX4 8-11;" },
	{ "v=spf1 a/024", "PREFIX4 8-12;" },
	{ "v=spf1 a/", "PREFIX4 8-9;" },
	{ "v=spf1 a//", "PREFIX6 8-10;" },
	{ "v=spf1 a//129", "PREFIX6 8-13;" },
	{ "v=spf1 a/24/64", "PREFIX6 11-14;" },
	{ "v=spf1 a/x", "PREFIX4 8-10;" },
	{ "v=spf1 a/33//129", "PREFIX4 8-11;PREFIX6 11-16;" },
	{ "v=spf1 ip4", "DOMAIN_MISSING 10-10;" },
	{ "v=spf1 ip4:", "IP4 11-11;" },
	{ "v=spf1 ip4:192.0.2.256", "IP4 11-22;" },
	{ "v=spf1 ip4:192.0.2", "IP4 11-18;" },
	{ "v=spf1 ip4:192.0.02.1", "IP4 11-21;" },
	{ "v=spf1 ip4:192.0.2.1.1", "IP4 11-22;" },
	{ "v=spf1 ip4:192.0.2.0/33", "PREFIX4 20-23;" },
	{ "v=spf1 ip4:192.0.2.0/", "PREFIX4 20-21;" },
	{ "v=spf1 ip4:192.0.2.0//32", "PREFIX4 20-24;" },
	{ "v=spf1 ip4:2001:db8::1", "IP4 11-22;" },
	{ "v=spf1 ip6:192.0.2.1", "IP6 11-20;" },
	{ "v=spf1 ip6:2001:db8::/129", "PREFIX6 21-25;" },
	{ "v=spf1 ip6:2001:db8::/32//64", "PREFIX6 21-28;" },
	{ "v=spf1 ipv4:192.0.2.1", "UNKNOWN_MECHANISM 7-11;" },
	{ "v=spf1 foo -bar:x", "UNKNOWN_MECHANISM 7-10;UNKNOWN_MECHANISM 12-15;" },
	{ "v=spf1 redirect:example.org", "UNKNOWN_MECHANISM 7-15;" },
	{ "v=spf1 -redirect=example.org", "QUALIFIER 7-8;" },
	{ "v=spf1 +x=y", "QUALIFIER 7-8;" },
	{ "v=spf1 =y", "TERM 7-9;" },
	{ "v=spf1 9x=y", "TERM 7-11;" },
	{ "v=spf1 moo.cow/far_out=man", "UNKNOWN_MECHANISM 7-14;" },
	{ "v=spf1 - all", "TERM 8-8;" },
	{ "v=spf1 \"all", "TERM 7-11;" },
	{ "v=spf1 redirect=", "DOMAIN_MISSING 16-16;" },
	{ "v=spf1 exp=", "DOMAIN_MISSING 11-11;" },
	{ "v=spf1 exp=a.b exp=c.d", "TWICE 15-22;" },
	{ "v=spf1 redirect=a.b redirect=a.b", "TWICE 20-32;" },
	{ "v=spf1 exists:%", "MACRO 14-15;" },
	{ "v=spf1 exists:%x.example.org", "MACRO 14-16;" },
	{ "v=spf1 exists:%{x}.example.org", "MACRO 14-18;" },
	{ "v=spf1 exists:%{d0}.example.org", "MACRO 14-19;" },
	{ "v=spf1 exists:%{d*}.example.org", "MACRO 14-19;" },
	{ "v=spf1 exists:%{d.example.org", "MACRO 14-16;" },
	{ "v=spf1 exists:%{}.example.org", "MACRO 14-17;" },
	{ "v=spf1 exists:%(d).%{x}", "MACRO 14-16;MACRO 19-23;" },
	{ "v=spf1 exists:%{c}.example.org", "MACRO_EXP 14-18;" },
	{ "v=spf1 x=%abc", "MACRO 9-11;" },
	{ "v=spf1 a\tmx", "OCTET 8-9;" },
	{ "v=spf1 ip4:192.0.2.5\n include:x.y", "OCTET 20-21;" },
	{ "v=spf1 \xe2\x80\x93"
	  "all",
	    "OCTET 7-10;" },
	{ "v=spf1 a mx:b\xa0"
	  "c -all",
	    "OCTET 13-14;" },
	{ "v=spf1 ip4:1 ip6:2 exists: a/99", "IP4 11-12;IP6 17-18;DOMAIN_MISSING 26-26;PREFIX4 28-31;" },
};

static const char *const fault_names[] = {
#define X(name, text) [MH_SPF_FAULT_##name] = #name,
	MH_SPF_FAULTS(X)
#undef X
};

static void
bad_records(void **state)
{
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(bad); i++) {
		size_t len = strlen(bad[i].text), n = 0;
		char *copy = guard_copy(bad[i].text, len);
		struct mh_spf_record *record = mh_spf_parse(&arena, mh_str_n(copy, len));
		assert_non_null(record);
		text[0] = '\0';
		for (uint32_t k = 0; k < record->error_count; k++) {
			const struct mh_spf_error *error = &record->errors[k];
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %u-%u;",
			    fault_names[error->fault], error->begin, error->end);
			if (error->fault != MH_SPF_FAULT_VERSION && error->fault != MH_SPF_FAULT_TWICE)
				test_number(bad[i].text, record->terms[error->term].kind, MH_SPF_BAD);
		}
		test_span(bad[i].text, mh_str_z(text), mh_str_z(bad[i].errors));
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

static void
tolerant_reading(void **state)
{
	(void)state;
	struct mh_spf_record *record =
	    mh_spf_parse(&arena, MH_STR("v=spf1 -ipv4:192.0.2.0/24 ipv6:x foo:bar.org"));
	const struct mh_spf_term *terms = record->terms;
	test_number("an address behind ipv4: is read", terms[0].ip.family, 4);
	test_number("and its prefix", terms[0].prefix4, 24);
	test_check("and its qualifier", terms[0].qualifier == '-' && terms[0].kind == MH_SPF_BAD);
	test_number("what is no address behind ipv6: is none", terms[1].ip.family, 0);
	test_number("an error each, and no more", record->error_count, 3);
	test_span("a domain behind an unknown name is kept", terms[2].domain, MH_STR("bar.org"));

	record = mh_spf_parse(&arena, MH_STR("v=spf1 a exp=x.y -all redirect=a.b all mx"));
	assert_ptr_equal(record->exp, &record->terms[1]);
	assert_ptr_equal(record->all, &record->terms[2]);
	assert_ptr_equal(record->redirect, &record->terms[3]);
	mh_arena_reset(&arena);
}

static void
which_texts_are_records(void **state)
{
	(void)state;
	assert_true(mh_spf_is_record(MH_STR("v=spf1")));
	assert_true(mh_spf_is_record(MH_STR("V=sPf1 x")));
	assert_false(mh_spf_is_record(MH_STR("v=spf1\tx")));
	assert_false(mh_spf_is_record(MH_STR("v=spf1;")));
	assert_false(mh_spf_is_record(MH_STR("v=spf")));
	assert_false(mh_spf_is_record(MH_STR(" v=spf1")));
	assert_false(mh_spf_is_record(MH_STR("")));
	assert_false(mh_spf_is_record(mh_str_z(NULL)));
}

static void
limits(void **state)
{
	static char text[8 + 3 * 2000];
	(void)state;
	memcpy(text, "v=spf1", 6);
	for (size_t i = 0; i < 2000; i++)
		memcpy(text + 6 + 2 * i, " a", 2);
	struct mh_spf_record *record = mh_spf_parse(&arena, mh_str_n(text, 6 + 2 * 2000));
	test_number("terms are read up to a limit", record->count, MH_SPF_TERMS_MAX);
	test_number("and that is an error", record->errors[0].fault, MH_SPF_FAULT_TOO_MANY);
	for (size_t i = 0; i < 1000; i++)
		memcpy(text + 6 + 2 * i, " !", 2);
	record = mh_spf_parse(&arena, mh_str_n(text, 6 + 2 * 1000));
	test_number("errors are kept up to a limit", record->error_count, MH_SPF_ERRORS_MAX);
	mh_arena_reset(&arena);
}

/* ----------------------------------------------------------------- broken input */

static void
look(struct mh_str s, void *arg)
{
	(void)arg;
	struct mh_spf_record *record = mh_spf_parse(&arena, s);
	assert_non_null(record);
	uint32_t last = 0;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		assert_true(term->begin >= last && term->end > term->begin && term->end <= s.len);
		assert_true(term->prefix4 <= 32 && term->prefix6 <= 128 && term->kind <= MH_SPF_BAD);
		last = term->end;
	}
	for (uint32_t i = 0; i < record->error_count; i++) {
		const struct mh_spf_error *error = &record->errors[i];
		assert_true(error->begin <= error->end && error->end <= s.len);
		assert_true(i == 0 || error->begin >= record->errors[i - 1].begin);
	}
	for (uint32_t i = 0; i < record->count && record->error_count == 0; i++)
		assert_true(record->terms[i].kind != MH_SPF_BAD);
	mh_arena_reset(&arena);
}

static void
broken_input(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(good); i++)
		test_mangled(mh_str_z(good[i][0]), look, NULL);
	test_mangled(MH_STR("v=spf1 a:%{l1r-}.x.y/24//64 ip6:2001:db8::/32 exp=%{d}.z ?exists:%{ir}.%{v}.q "
			    "-all x=%_"),
	    look, NULL);
}

/* Octets are looked at by the eight: every value, at every place, of records of all lengths. */
static void
every_octet_at_every_place(void **state)
{
	char text[64];
	(void)state;
	for (size_t len = 10; len < 34; len++) {
		for (size_t at = 9; at < len; at++) {
			for (int c = 0; c < 256; c++) {
				memcpy(text, "v=spf1 x=", 9);
				memset(text + 9, 'a', len - 9);
				text[at] = (char)c;
				mh_arena_reset(&arena);
				const struct mh_spf_record *record =
				    mh_spf_parse(&arena, mh_str_n(text, len));
				assert_non_null(record);
				bool is_odd = c < 0x20 || c > 0x7e, is_told = false;
				for (uint32_t i = 0; i < record->error_count; i++)
					is_told = is_told || record->errors[i].fault == MH_SPF_FAULT_OCTET;
				assert_int_equal(is_told, is_odd);
				assert_int_equal(record->count, c == ' ' && at < len - 1 ? 2 : 1);
			}
		}
	}
}

static bool
parse_with(struct mh_mem with, void *arg)
{
	struct mh_arena own;
	mh_arena_init(&own, &with, 4096);
	bool done = mh_spf_parse(&own, mh_str_z(arg)) != NULL;
	mh_arena_free(&own);
	return done;
}

static void
failing_memory(void **state)
{
	static char text[8 + 2 * 400];
	(void)state;
	memcpy(text, "v=spf1", 6);
	for (size_t i = 0; i < 400; i++)
		memcpy(text + 6 + 2 * i, " !", 2);
	assert_true(test_failing_allocs(parse_with, text, false) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_records),
		cmocka_unit_test(bad_records),
		cmocka_unit_test(tolerant_reading),
		cmocka_unit_test(which_texts_are_records),
		cmocka_unit_test(limits),
		cmocka_unit_test(broken_input),
		cmocka_unit_test(every_octet_at_every_place),
		cmocka_unit_test(failing_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
