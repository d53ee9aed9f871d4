/* support.c - what the tests of all floors share; see support.h */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support.h"

/* --------------------------------------------------------------- assertions */

void
test_fail(const char *file, int line, const char *sentence, const char *what)
{
	print_error("%s: not so: %s\n", sentence, what);
	_fail(file, line);
}

void
test_span_at(const char *file, int line, const char *sentence, struct mh_str got, struct mh_str want)
{
	if (mh_str_eq(got, want))
		return;
	print_error("%s\n   got (%zu): %.*s\n  want (%zu): %.*s\n", sentence, got.len, (int)got.len, got.p,
	    want.len, (int)want.len, want.p);
	_fail(file, line);
}

void
test_number_at(const char *file, int line, const char *sentence, int64_t got, int64_t want)
{
	if (got == want)
		return;
	print_error("%s: got %jd, want %jd\n", sentence, (intmax_t)got, (intmax_t)want);
	_fail(file, line);
}

/* ---------------------------------------------------------------- allocator */

#define LIVE_MARK UINT64_C(0x6d616c6c6f636564)
#define DEAD_MARK UINT64_C(0x676f6e6500000000)
#define REFUSE_ABOVE ((size_t)1 << 30)

/* What stands before each block; a multiple of 16 octets, so that blocks are aligned. */
struct block {
	uint64_t mark;
	uint64_t size;
};

static void
blame(struct test_alloc *alloc, const char *fault)
{
	if (alloc->fault == NULL)
		alloc->fault = fault;
}

/* block_of - the head of a block that the caller may resize or free, or NULL */
static struct block *
block_of(struct test_alloc *alloc, void *ptr, size_t old_size)
{
	struct block *block = (struct block *)ptr - 1;

	if (block->mark != LIVE_MARK) {
		blame(alloc, "a pointer that is no live block was given back");
		return NULL;
	}
	if (block->size != old_size)
		blame(alloc, "a block was given back with a wrong size");
	return block;
}

static void
release(struct test_alloc *alloc, struct block *block)
{
	alloc->live--;
	alloc->live_octets -= block->size;
	memset(block + 1, 0x5a, block->size);
	block->mark = DEAD_MARK;
	free(block);
}

static bool
fails_now(const struct test_alloc *alloc, size_t size)
{
	if (size > REFUSE_ABOVE)
		return true;
	if (alloc->fail_at == 0)
		return false;
	return alloc->calls == alloc->fail_at || (alloc->stay_failing && alloc->calls > alloc->fail_at);
}

void *
test_alloc_fn(void *ud, void *ptr, size_t old_size, size_t new_size)
{
	struct test_alloc *alloc = ud;
	struct block *old = NULL;

	if (ptr != NULL) {
		old = block_of(alloc, ptr, old_size);
		if (old == NULL)
			return NULL;
	} else if (old_size != 0) {
		blame(alloc, "an old size was given without a block");
	}
	if (new_size == 0) {
		if (old == NULL)
			blame(alloc, "neither a block nor a size was given");
		else
			release(alloc, old);
		alloc->frees++;
		return NULL;
	}
	alloc->calls++;
	alloc->last_size = new_size;
	struct block *block = fails_now(alloc, new_size) ? NULL : malloc(sizeof(*block) + new_size);
	if (block == NULL) {
		alloc->failed++;
		return NULL;
	}
	block->mark = LIVE_MARK;
	block->size = new_size;
	memset(block + 1, 0xa5, new_size);
	alloc->live++;
	alloc->live_octets += new_size;
	if (old != NULL) {
		memcpy(block + 1, old + 1, new_size < old->size ? new_size : (size_t)old->size);
		release(alloc, old);
	}
	return block + 1;
}

struct mh_mem
test_alloc_mem(struct test_alloc *alloc)
{
	return (struct mh_mem){ .fn = test_alloc_fn, .ud = alloc };
}

void
test_alloc_done(const struct test_alloc *alloc)
{
	if (alloc->fault != NULL)
		test_fail(__FILE__, __LINE__, "the allocator is used as it says", alloc->fault);
	test_number("every block is given back", alloc->live, 0);
}

size_t
test_failing_allocs(test_scenario run, void *arg, bool may_be_hidden)
{
	size_t calls = 0;

	for (int stay = 0; stay <= 1; stay++) {
		for (size_t n = 1;; n++) {
			struct test_alloc alloc = { .fail_at = n, .stay_failing = stay == 1 };
			bool well = run(test_alloc_mem(&alloc), arg);
			test_alloc_done(&alloc);
			if (alloc.failed == 0) {
				test_check("all goes well when no allocation fails", well);
				calls = alloc.calls;
				break;
			}
			test_check("a failed allocation is noticed", !well || may_be_hidden);
		}
	}
	return calls;
}

/* --------------------------------------------------------------------- JSON */

const char *
test_json_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return NULL; /* the end, too */
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u') {
			for (int i = 1; i <= 4; i++)
				if (mh_hex(p[i]) < 0)
					return NULL;
			p += 4;
		} else if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
			return NULL;
		}
	}
	return p + 1;
}

static const char *
json_number(const char *p)
{
	p += *p == '-';
	if (*p == '0')
		p++;
	else if (mh_is_digit(*p))
		while (mh_is_digit(*p))
			p++;
	else
		return NULL;
	if (*p == '.') {
		if (!mh_is_digit(*++p))
			return NULL;
		while (mh_is_digit(*p))
			p++;
	}
	return p;
}

static const char *
json_value(const char *p, int depth)
{
	static const char *const words[] = { "null", "true", "false" };
	for (size_t i = 0; i < MH_COUNT(words); i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	if (*p == '"')
		return test_json_string(p);
	if (*p != '{' && *p != '[')
		return json_number(p);
	if (depth > 64)
		return NULL;
	char close = *p == '{' ? '}' : ']';
	bool keys = *p == '{';
	if (*++p == close)
		return p + 1;
	for (;;) {
		if (keys) {
			p = test_json_string(p);
			if (p == NULL || *p++ != ':')
				return NULL;
		}
		p = json_value(p, depth + 1);
		if (p == NULL)
			return NULL;
		if (*p == close)
			return p + 1;
		if (*p++ != ',')
			return NULL;
	}
}

const char *
test_json_value(const char *p)
{
	return json_value(p, 0);
}

bool
test_is_json(const char *p)
{
	const char *end = json_value(p, 0);
	return end != NULL && *end == '\0';
}

/* -------------------------------------------------------------- guard pages */

static size_t
page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* data_size - what len octets take up between the two guard pages */
static size_t
data_size(size_t len)
{
	size_t page = page_size();
	return len > 0 ? (len + page - 1) / page * page : page;
}

/* guarded - data_size(len) octets with a guard page on both sides */
static char *
guarded(size_t len)
{
	size_t page = page_size(), data = data_size(len);
	int fd = open("/dev/zero", O_RDWR); /* because MAP_ANONYMOUS is not in POSIX 2008 */
	assert_true(fd >= 0);
	char *base = mmap(NULL, data + 2 * page, PROT_NONE, MAP_PRIVATE, fd, 0);
	close(fd);
	assert_true(base != MAP_FAILED);
	assert_int_equal(mprotect(base + page, data, PROT_READ | PROT_WRITE), 0);
	return base + page;
}

char *
guard_copy(const void *p, size_t len)
{
	char *copy = guarded(len) + data_size(len) - len;
	if (len > 0)
		memcpy(copy, p, len);
	return copy;
}

char *
guard_copy_after(const void *p, size_t len)
{
	if (len == 0)
		return guard_copy(p, len); /* so that guard_free can tell the two apart */
	return memcpy(guarded(len), p, len);
}

void
guard_free(char *copy, size_t len)
{
	size_t page = page_size(), data = data_size(len);
	bool ends_at_guard = ((uintptr_t)copy + len) % page == 0;
	char *start = ends_at_guard ? copy + len - data : copy;
	munmap(start - page, data + 2 * page);
}

/* ------------------------------------------------------------ broken inputs */

/* look_between - look at s before a guard page, and behind one */
static void
look_between(struct mh_str s, test_look look, void *arg)
{
	char *copy = guard_copy(s.p, s.len);
	look(mh_str_n(copy, s.len), arg);
	guard_free(copy, s.len);
	copy = guard_copy_after(s.p, s.len);
	look(mh_str_n(copy, s.len), arg);
	guard_free(copy, s.len);
}

void
test_mangled(struct mh_str s, test_look look, void *arg)
{
	static const unsigned char others[] = { 0x00, '\n', ' ', '"', '-', '.', '0', ':', '=', 0x80, 0xc3,
		0xe2, 0xf4, 0xff };

	for (size_t len = 0; len <= s.len; len++) {
		look_between(mh_str_n(s.p, len), look, arg);
		look_between(mh_str_n(s.p + (s.len - len), len), look, arg);
	}
	char *copy = guard_copy(s.p, s.len);
	for (size_t i = 0; i < s.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			copy[i] = (char)(s.p[i] ^ 1 << bit);
			look(mh_str_n(copy, s.len), arg);
		}
		for (size_t k = 0; k < sizeof(others); k++) {
			copy[i] = (char)others[k];
			look(mh_str_n(copy, s.len), arg);
		}
		copy[i] = s.p[i];
	}
	guard_free(copy, s.len);
}

/* ------------------------------------------------------------------- random */

uint64_t
test_random_u64(struct test_random *random)
{
	uint64_t x = random->state != 0 ? random->state : UINT64_C(0x9e3779b97f4a7c15);

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	random->state = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}

size_t
test_random_below(struct test_random *random, size_t n)
{
	return (size_t)(test_random_u64(random) >> 11) % n;
}

void
test_random_fill(struct test_random *random, void *p, size_t len)
{
	unsigned char *out = p;
	for (size_t i = 0; i < len; i++)
		out[i] = (unsigned char)(test_random_u64(random) >> 40);
}
