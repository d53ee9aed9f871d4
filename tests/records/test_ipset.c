/* test_ipset.c - lib/records/ipset.c, against a set of bits */
#include "support.h"

#include "ipset.h"

static struct mh_ip
ip_of(const char *text)
{
	struct mh_ip ip;
	assert_true(mh_ip_parse(mh_str_z(text), &ip));
	return ip;
}

static void
add(struct mh_ipset *set, const char *text, int prefix)
{
	struct mh_ip ip = ip_of(text);
	mh_ipset_add(set, &ip, prefix);
}

/* show - the set as networks, joined by spaces */
static const char *
show(const struct mh_ipset *set, struct mh_buf *out)
{
	size_t count;
	const struct mh_ip_net *nets = mh_ipset_cidr(set, set->arena, 1000, &count);
	mh_buf_reset(out);
	for (size_t i = 0; i < count; i++) {
		char text[MH_IP_TEXT_MAX];
		if (i > 0)
			mh_buf_putc(out, ' ');
		mh_buf_put(out, text, mh_ip_print(&nets[i].ip, text));
		mh_buf_putc(out, '/');
		mh_buf_putint(out, nets[i].prefix);
	}
	return mh_buf_z(out);
}

static void
networks_are_merged_and_listed(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_arena arena;
	struct mh_ipset set;
	struct mh_buf out;
	(void)state;
	mh_arena_init(&arena, &mem, 0);
	mh_buf_init(&out, &mem, 100000);
	mh_ipset_init(&set, &arena);
	assert_true(mh_ipset_is_empty(&set));
	assert_string_equal(show(&set, &out), "");
	add(&set, "192.0.2.1", 25);
	add(&set, "192.0.2.128", 25);
	assert_string_equal(show(&set, &out), "192.0.2.0/24");
	add(&set, "192.0.2.77", 32);
	add(&set, "192.0.3.0", 32);
	assert_string_equal(show(&set, &out), "192.0.2.0/24 192.0.3.0/32");
	add(&set, "::ffff:192.0.3.1", 128);
	assert_string_equal(show(&set, &out), "192.0.2.0/24 192.0.3.0/31");
	add(&set, "2001:db8::1", 128);
	add(&set, "2001:db8::", 128);
	assert_string_equal(show(&set, &out), "192.0.2.0/24 192.0.3.0/31 2001:db8::/127");
	mh_buf_reset(&out);
	add(&set, "2001:db8:1::", 64);
	mh_ipset_count_text(&set, 6, &out);
	assert_string_equal(mh_buf_z(&out), "1.8e19");
	mh_buf_reset(&out);
	mh_ipset_count_text(&set, 4, &out);
	assert_string_equal(mh_buf_z(&out), "258");
	add(&set, "::", 0);
	mh_buf_reset(&out);
	mh_ipset_count_text(&set, 6, &out);
	assert_string_equal(mh_buf_z(&out), "3.4e38");
	add(&set, "0.0.0.0", 1);
	add(&set, "128.0.0.0", 1);
	assert_string_equal(show(&set, &out), "0.0.0.0/0 ::/0");
	mh_buf_reset(&out);
	mh_ipset_count_text(&set, 4, &out);
	assert_string_equal(mh_buf_z(&out), "4294967296");
	struct mh_ipset all;
	mh_ipset_init(&all, &arena);
	mh_ipset_add_all(&all);
	assert_true(mh_ipset_equal(&set, &all));
	mh_ipset_remove_set(&all, &set);
	assert_true(mh_ipset_is_empty(&all));
	mh_buf_reset(&out);
	mh_ipset_count_text(&all, 6, &out);
	assert_string_equal(mh_buf_z(&out), "0");
	mh_buf_free(&out);
	mh_arena_free(&arena);
}

/* Sets within 10.0.0.0/24 and at both ends of all addresses, and the same as bits. */
struct model {
	struct mh_ipset set;
	bool has[256];
};

static void
put_octet(struct mh_ip *ip, unsigned n, int kind)
{
	static const unsigned char ends[3] = { 10, 0, 255 };
	*ip = (struct mh_ip){ .family = 4,
		.octets = { ends[kind], kind == 2 ? 255 : 0, kind == 2 ? 255 : 0, (unsigned char)n } };
}

static void
fill(struct model *model, struct mh_arena *arena, struct test_random *random, int kind)
{
	struct mh_ip_net nets[12];
	size_t count = test_random_below(random, 12);
	memset(model->has, 0, sizeof(model->has));
	mh_ipset_init(&model->set, arena);
	for (size_t i = 0; i < count; i++) {
		int prefix = 24 + (int)test_random_below(random, 9);
		unsigned n = (unsigned)test_random_below(random, 256), width = 1u << (32 - prefix);
		put_octet(&nets[i].ip, n, kind);
		nets[i].prefix = prefix;
		for (unsigned j = n / width * width; j < n / width * width + width; j++)
			model->has[j] = true;
	}
	if (test_random_below(random, 2) == 0)
		mh_ipset_add_nets(&model->set, nets, count);
	else
		for (size_t i = 0; i < count; i++)
			mh_ipset_add(&model->set, &nets[i].ip, nets[i].prefix);
}

static void
check(const char *what, const struct mh_ipset *set, const bool has[256], int kind)
{
	struct mh_ip ip;
	double size = 0;
	for (unsigned i = 0; i < 256; i++) {
		put_octet(&ip, i, kind);
		test_number(what, mh_ipset_has(set, &ip), has[i]);
		size += has[i];
	}
	test_check(what, mh_ipset_size(set, 4) == size);
	for (size_t i = 1; i < set->ip4.count; i++)
		test_check("sorted and apart", memcmp(set->ip4.at[i - 1].last, set->ip4.at[i].first, 16) < 0);
	/* the networks are the set again */
	struct mh_ipset again;
	size_t count;
	const struct mh_ip_net *nets = mh_ipset_cidr(set, set->arena, 600, &count);
	mh_ipset_init(&again, set->arena);
	mh_ipset_add_nets(&again, nets, count);
	test_check("the networks are the set", mh_ipset_equal(&again, set));
}

static void
sets_are_what_bits_say(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct test_random random = { 3 };
	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct mh_arena arena;
		struct model a, b;
		struct mh_ipset set;
		bool has[256], within = true;
		int kind = round % 3;
		mh_arena_init(&arena, &mem, 0);
		fill(&a, &arena, &random, kind);
		fill(&b, &arena, &random, kind);
		check("as built", &a.set, a.has, kind);
		set = a.set;
		mh_ipset_add_set(&set, &b.set);
		for (int i = 0; i < 256; i++)
			has[i] = a.has[i] || b.has[i];
		check("union", &set, has, kind);
		set = a.set;
		mh_ipset_remove_set(&set, &b.set);
		for (int i = 0; i < 256; i++)
			has[i] = a.has[i] && !b.has[i];
		check("difference", &set, has, kind);
		set = a.set;
		mh_ipset_keep_set(&set, &b.set);
		for (int i = 0; i < 256; i++) {
			has[i] = a.has[i] && b.has[i];
			within = within && (a.has[i] || !b.has[i]);
		}
		check("intersection", &set, has, kind);
		test_number("subset", mh_ipset_has_all(&a.set, &b.set), within);
		test_number("equal", mh_ipset_equal(&a.set, &b.set),
		    memcmp(a.has, b.has, sizeof(a.has)) == 0);
		mh_arena_free(&arena);
	}
}

static bool
build(struct mh_mem mem, void *arg)
{
	struct mh_arena arena;
	struct mh_ipset set, other;
	(void)arg;
	mh_arena_init(&arena, &mem, 0);
	mh_ipset_init(&set, &arena);
	mh_ipset_init(&other, &arena);
	for (int i = 0; i < 200; i++) {
		struct mh_ip ip = { .family = i % 2 == 0 ? 4 : 6, .octets = { 10, (unsigned char)i } };
		mh_ipset_add(&set, &ip, 32);
	}
	mh_ipset_add_all(&other);
	mh_ipset_remove_set(&other, &set);
	bool good = !set.bad && !other.bad;
	mh_arena_free(&arena);
	return good;
}

static void
without_memory_a_set_is_bad(void **state)
{
	(void)state;
	assert_true(test_failing_allocs(build, NULL, false) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_merged_and_listed),
		cmocka_unit_test(sets_are_what_bits_say),
		cmocka_unit_test(without_memory_a_set_is_bad),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
