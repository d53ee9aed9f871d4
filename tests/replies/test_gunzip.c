/* test_gunzip.c - lib/replies/gunzip.c */
#include <zlib.h>

#include "support.h"

#include "error.h"
#include "gunzip.h"

static unsigned char packed[1 << 20];
static char plain[1 << 20];

/* pack - plain's first len octets as one gzip member at at; its length */
static size_t
pack(size_t at, size_t len)
{
	z_stream stream = { .next_in = (Bytef *)plain, .avail_in = (uInt)len };
	stream.next_out = packed + at;
	stream.avail_out = (uInt)(sizeof(packed) - at);
	assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size_t packed_len = sizeof(packed) - at - stream.avail_out;
	assert_int_equal(deflateEnd(&stream), Z_OK);
	return packed_len;
}

/* What comes out: compared, not kept. */
struct sink {
	size_t seen, period; /* plain's first period octets over and over */
	int stop_after; /* pieces; 0: never */
	bool wrong;
};

static int
take(void *arg, struct mh_str piece)
{
	struct sink *sink = arg;
	for (size_t i = 0; i < piece.len; i++)
		sink->wrong |= piece.p[i] != plain[(sink->seen + i) % sink->period];
	sink->seen += piece.len;
	if (sink->stop_after > 0 && --sink->stop_after == 0)
		return MH_ERR_ENOMEM;
	return MH_ERR_OK;
}

static void
fill_plain(size_t len)
{
	struct test_random random = { 7 };
	for (size_t i = 0; i < len; i++)
		plain[i] = (char)('a' + test_random_below(&random, 20));
}

/* unpack - len packed octets in pieces of step; the result of the last call */
static int
unpack(struct mh_mem mem, size_t len, size_t step, struct sink *sink)
{
	struct mh_gunzip *gunzip = mh_gunzip_make(&mem);
	if (gunzip == NULL)
		return MH_ERR_ENOMEM;
	int result = MH_ERR_OK;
	for (size_t i = 0; i < len && result == MH_ERR_OK; i += step)
		result = mh_gunzip_feed(gunzip, mh_str_n((char *)packed + i, len - i < step ? len - i : step),
		    take, sink);
	if (result == MH_ERR_OK)
		result = mh_gunzip_end(gunzip);
	mh_gunzip_free(gunzip);
	return result;
}

static void
pieces(void **state)
{
	(void)state;
	fill_plain(300000);
	size_t one = pack(0, 300000), both = one + pack(one, 300000);
	static const size_t steps[] = { 1, 2, 7, 1000, 65536, sizeof(packed) };
	for (size_t i = 0; i < MH_COUNT(steps); i++) {
		struct sink sink = { .period = 300000 };
		test_number("two members", unpack(mh_mem_default(), both, steps[i], &sink), MH_ERR_OK);
		test_number("all of it came out", (int64_t)sink.seen, 600000);
		test_check("as it went in", !sink.wrong);
	}
	memset(packed + both, 0, 512);
	struct sink sink = { .period = 300000 };
	test_number("zeros behind the last member are nothing",
	    unpack(mh_mem_default(), both + 512, 4096, &sink), MH_ERR_OK);
	packed[both] = 'x';
	test_number("anything else is damage", unpack(mh_mem_default(), both + 512, 4096, &sink), MH_ERR_EIO);
}

static void
broken(void **state)
{
	(void)state;
	fill_plain(3000);
	size_t len = pack(0, 3000);
	for (size_t cut = 1; cut < len; cut++) {
		struct sink sink = { .period = 3000 };
		test_number("cut short", unpack(mh_mem_default(), cut, 100, &sink), MH_ERR_EIO);
		test_check("what came before is right", !sink.wrong && sink.seen <= 3000);
	}
	for (size_t at = 0; at < len; at++) {
		struct sink sink = { .period = 3000 };
		packed[at] ^= 0x10;
		(void)unpack(mh_mem_default(), len, 100, &sink);
		packed[at] ^= 0x10;
	}
	struct sink sink = { .period = 3000, .stop_after = 1 };
	test_number("who takes the pieces can end it", unpack(mh_mem_default(), len, len, &sink),
	    MH_ERR_ENOMEM);
}

static void
bomb(void **state)
{
	(void)state;
	memset(plain, 'a', sizeof(plain));
	size_t len = 0;
	for (int i = 0; i < 64; i++)
		len += pack(len, sizeof(plain));
	struct test_alloc alloc = { 0 };
	struct sink sink = { .period = sizeof(plain) };
	test_number("64 MiB out of some tens of KiB", unpack(test_alloc_mem(&alloc), len, len, &sink),
	    MH_ERR_OK);
	test_check("all of them, in a few blocks", sink.seen == sizeof(plain) * 64 && alloc.calls < 16);
	test_alloc_done(&alloc);
}

static bool
run(struct mh_mem mem, void *arg)
{
	struct sink sink = { .period = 3000 };
	return unpack(mem, *(const size_t *)arg, 100, &sink) == MH_ERR_OK;
}

static void
memory(void **state)
{
	(void)state;
	fill_plain(3000);
	size_t len = pack(0, 3000);
	(void)test_failing_allocs(run, &len, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(pieces), cmocka_unit_test(broken),
		cmocka_unit_test(bomb), cmocka_unit_test(memory) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
