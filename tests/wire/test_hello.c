/* test_hello.c - lib/wire/hello.c: every kind is a well-formed ClientHello that offers what it says */
#include "support.h"

#include "hello.h"

static struct mh_mem mem;
static const unsigned char random_octets[64] = { 1, 2, 3 };

static const char *const kinds[] = { "rsa12", "ecdsa12", "old11", "ssl3", "weak12", "dhe12", "rsakx12",
	"nosni12", "nosni13", "pq13", "secret12", "todays12", "todays13", "both13", "few12", "fewnosni12",
	"bare12", "auth12", "anon12", "all13", "all12", "all11", "all10" };

/* What a strict reader finds. */
struct read {
	unsigned version, suites, groups;
	bool is_whole, has_sni, has_versions, has_signatures;
	uint16_t suite[400], group[64];
};

static void
read_extensions(struct mh_cur *cur, struct read *read)
{
	while (mh_cur_left(cur) > 0 && !mh_cur_bad(cur)) {
		unsigned type = mh_cur_u16(cur);
		struct mh_str value = mh_cur_take(cur, mh_cur_u16(cur));
		struct mh_cur in = mh_cur_of(value.p, value.len);
		read->has_sni |= type == 0;
		read->has_versions |= type == 43;
		read->has_signatures |= type == 13;
		if (type != 10)
			continue;
		for (unsigned n = mh_cur_u16(&in) / 2; n > 0; n--)
			read->group[read->groups++] = mh_cur_u16(&in);
		assert_false(mh_cur_bad(&in));
	}
}

static void
read_hello(struct mh_str s, struct read *read)
{
	struct mh_cur cur = mh_cur_of(s.p, s.len);
	*read = (struct read){ 0 };
	assert_int_equal(mh_cur_u8(&cur), 22);
	mh_cur_u16(&cur);
	assert_int_equal(mh_cur_u16(&cur), s.len - 5);
	assert_int_equal(mh_cur_u8(&cur), 1);
	assert_int_equal(mh_cur_u8(&cur), 0);
	assert_int_equal(mh_cur_u16(&cur), s.len - 9);
	read->version = mh_cur_u16(&cur);
	mh_cur_take(&cur, 32);
	mh_cur_take(&cur, mh_cur_u8(&cur));
	for (unsigned n = mh_cur_u16(&cur) / 2; n > 0; n--)
		read->suite[read->suites++] = mh_cur_u16(&cur);
	mh_cur_take(&cur, mh_cur_u8(&cur));
	if (mh_cur_left(&cur) > 0) {
		unsigned len = mh_cur_u16(&cur);
		assert_int_equal(len, mh_cur_left(&cur));
		read_extensions(&cur, read);
	}
	read->is_whole = !mh_cur_bad(&cur);
}

static struct mh_str
write(struct mh_buf *out, const struct mh_hello *hello)
{
	mh_buf_reset(out);
	mh_hello_write(out, hello, random_octets);
	assert_false(out->bad);
	return mh_str_n(out->p, out->len);
}

static void
every_kind_is_well_formed(void **state)
{
	struct mh_buf out;
	struct read read;
	(void)state;
	mh_buf_init(&out, &mem, 16384);
	for (size_t i = 0; i < MH_COUNT(kinds); i++) {
		struct mh_hello hello = { .kind = mh_hello_kind_find(mh_str_z(kinds[i])),
			.sni = MH_STR("mx.example.org") };
		test_check(kinds[i], hello.kind != NULL);
		read_hello(write(&out, &hello), &read);
		test_check(kinds[i], read.is_whole && read.suites > 0);
		test_check(kinds[i], read.has_sni == hello.kind->has_sni);
		test_check(kinds[i], read.has_versions == (hello.kind->version == MH_TLS13));
		test_check(kinds[i],
		    read.has_signatures == (hello.kind->version >= MH_TLS12 && hello.kind->extensions > 0));
		test_number(kinds[i], read.version,
		    hello.kind->version < MH_TLS12 ? hello.kind->version : MH_TLS12);
		/* What a server that cannot bear large hellos must not be blamed for. */
		if (strncmp(kinds[i], "all", 3) != 0)
			test_check(kinds[i], out.len <= 512);
		test_check(kinds[i], !mh_hello_is_empty(&hello));
	}
	assert_null(mh_hello_kind_find(MH_STR("nothing")));
	mh_buf_free(&out);
}

static void
padding_makes_the_size(void **state)
{
	struct mh_buf out;
	(void)state;
	mh_buf_init(&out, &mem, 16384);
	for (uint16_t size = 512; size < 2000; size = (uint16_t)(size + 37)) {
		struct mh_hello hello = { .kind = mh_hello_kind_find(MH_STR("both13")),
			.sni = MH_STR("mx.example.org"),
			.size = size };
		test_number("octets of a padded hello", write(&out, &hello).len, size);
	}
	mh_buf_free(&out);
}

static void
what_is_left_out_is_not_offered(void **state)
{
	struct mh_buf out;
	struct read all, less;
	struct mh_hello hello = { .kind = mh_hello_kind_find(MH_STR("all13")),
		.sni = MH_STR("mx.example.org") };
	(void)state;
	mh_buf_init(&out, &mem, 16384);
	read_hello(write(&out, &hello), &all);
	hello.less[hello.less_count++] = all.suite[0];
	hello.less_groups[hello.less_groups_count++] = all.group[1];
	read_hello(write(&out, &hello), &less);
	assert_int_equal(less.suites, all.suites - 1);
	assert_int_equal(less.groups, all.groups - 1);
	assert_int_equal(less.suite[0], all.suite[1]);
	hello.less_count = 0;
	for (unsigned i = 0; i < all.suites; i++)
		hello.less[hello.less_count++] = all.suite[i];
	test_check("nothing is left", mh_hello_is_empty(&hello));
	mh_buf_free(&out);
}

static void
ssl2_and_broken_hellos(void **state)
{
	struct mh_buf out;
	struct read read;
	struct mh_hello hello = { .kind = mh_hello_kind_find(MH_STR("ssl2")) };
	(void)state;
	mh_buf_init(&out, &mem, 16384);
	struct mh_str s = write(&out, &hello);
	assert_int_equal((unsigned char)s.p[0] & 0x80, 0x80);
	assert_int_equal(((unsigned)(unsigned char)s.p[0] & 0x7f) << 8 | (unsigned char)s.p[1], s.len - 2);
	hello.kind = mh_hello_kind_find(MH_STR("broken12"));
	hello.sni = MH_STR("mx.example.org");
	read_hello(write(&out, &hello), &read);
	assert_int_equal(read.suites, 0);
	mh_buf_free(&out);
}

static bool
names_are_sorted(void)
{
	for (size_t i = 1; i < mh_suite_count(); i++)
		if (mh_suite_at(i)->number <= mh_suite_at(i - 1)->number)
			return false;
	return mh_suite_at(mh_suite_count()) == NULL;
}

static void
suites_and_names(void **state)
{
	char room[MH_TLS_NAME_ROOM];
	(void)state;
	assert_true(names_are_sorted());
	assert_string_equal(mh_tls_suite_name(0xc02f, room), "ECDHE_RSA_WITH_AES_128_GCM_SHA256");
	assert_string_equal(mh_tls_suite_name(0x1301, room), "AES_128_GCM_SHA256");
	assert_string_equal(mh_tls_suite_name(0xfefe, room), "0xFEFE");
	assert_string_equal(mh_tls_group_name(0x11ec, room), "X25519MLKEM768");
	assert_string_equal(mh_tls_alert_name(40), "handshake_failure");
	assert_string_equal(mh_tls_alert_name(-1), "");
	assert_string_equal(mh_tls_version_name(MH_TLS13), "TLS 1.3");
	assert_true(mh_suite_is_weak(mh_suite_find(0x0005)));
	assert_true(mh_suite_is_weak(mh_suite_find(0x0001)));
	assert_false(mh_suite_is_weak(mh_suite_find(0xc02f)));
	assert_true(mh_suite_is_todays(mh_suite_find(0x002f)));
	assert_false(mh_suite_is_todays(mh_suite_find(0x0041)));
	assert_false(mh_suite_has_forward_secrecy(mh_suite_find(0x002f)));
}

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_well_formed),
		cmocka_unit_test(padding_makes_the_size),
		cmocka_unit_test(what_is_left_out_is_not_offered),
		cmocka_unit_test(ssl2_and_broken_hellos),
		cmocka_unit_test(suites_and_names),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
