/* port.h - the one place where a compiler or a machine is named */
#ifndef MH_PORT_H
#define MH_PORT_H

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) || defined(__clang__)
#define MH_UNLIKELY(x) __builtin_expect(!!(x), 0)
#define MH_LIKELY(x) __builtin_expect(!!(x), 1)
#define MH_NOINLINE __attribute__((noinline))
#define MH_PREFETCH(p) __builtin_prefetch(p)
#define MH_INLINE inline __attribute__((always_inline))
#else
#define MH_UNLIKELY(x) (x)
#define MH_LIKELY(x) (x)
#define MH_NOINLINE
#define MH_PREFETCH(p) ((void)0)
#define MH_INLINE inline
#endif

/* mh_lowest - the place of the lowest bit that is set; bits is not 0 */
static inline unsigned
mh_lowest(uint64_t bits)
{
#if defined(__GNUC__) || defined(__clang__)
	return (unsigned)__builtin_ctzll(bits);
#else
	unsigned n = 0;
	for (; (bits & 1) == 0; bits >>= 1)
		n++;
	return n;
#endif
}

/* mh_load64 - 8 octets as a number, the first of them the lowest, on every machine */
static inline uint64_t
mh_load64(const void *p)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	uint64_t value;
	memcpy(&value, p, sizeof(value));
	return value;
#else
	const unsigned char *octets = p;
	uint64_t value = 0;
	for (int i = 7; i >= 0; i--)
		value = value << 8 | octets[i];
	return value;
#endif
}

/* Vectors of 16 octets, where every machine of the kind has them; what uses them has a plain way too. */
#if defined(__SSE2__) && !defined(MH_PLAIN)
#define MH_VECTORS 1
#include <emmintrin.h>

typedef __m128i mh_vec;

static inline mh_vec
mh_vec_load(const void *p)
{
	return _mm_loadu_si128((const __m128i *)p);
}

static inline mh_vec
mh_vec_none(void)
{
	return _mm_setzero_si128();
}

static inline void
mh_vec_store(void *p, mh_vec v)
{
	_mm_storeu_si128((__m128i *)p, v);
}

/* mh_vec_is - the octets that equal c */
static inline mh_vec
mh_vec_is(mh_vec v, char c)
{
	return _mm_cmpeq_epi8(v, _mm_set1_epi8(c));
}

/* mh_vec_in - the octets from first to last; both are ASCII, and so are the octets that count */
static inline mh_vec
mh_vec_in(mh_vec v, char first, char last)
{
	return _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8((char)(first - 1))),
	    _mm_cmpgt_epi8(_mm_set1_epi8((char)(last + 1)), v));
}

/* mh_vec_below - the octets below c, which is ASCII, and those from 0x80 */
static inline mh_vec
mh_vec_below(mh_vec v, char c)
{
	return _mm_cmpgt_epi8(_mm_set1_epi8(c), v);
}

/* mh_vec_without - a, but not b */
static inline mh_vec
mh_vec_without(mh_vec a, mh_vec b)
{
	return _mm_andnot_si128(b, a);
}

static inline mh_vec
mh_vec_or(mh_vec a, mh_vec b)
{
	return _mm_or_si128(a, b);
}

/* mh_vec_lower - ASCII letters in lower case; other octets may change as well, but none into a letter */
static inline mh_vec
mh_vec_lower(mh_vec v)
{
	return _mm_or_si128(v, _mm_set1_epi8(0x20));
}

/* mh_vec_bits - the highest bit of each octet */
static inline uint32_t
mh_vec_bits(mh_vec v)
{
	return (uint32_t)_mm_movemask_epi8(v);
}

/* mh_vec_find16 - a bit pair for each of 8 numbers of 16 bits that equals what */
static inline uint32_t
mh_vec_find16(const uint16_t numbers[8], uint16_t what)
{
	return mh_vec_bits(_mm_cmpeq_epi16(mh_vec_load(numbers), _mm_set1_epi16((short)what)));
}

/* mh_vec_find32 - four bits for each of 4 numbers of 32 bits that equals what */
static inline uint32_t
mh_vec_find32(const uint32_t numbers[4], uint32_t what)
{
	return mh_vec_bits(_mm_cmpeq_epi32(mh_vec_load(numbers), _mm_set1_epi32((int)what)));
}

/* mh_vec_most - the first place of the largest of count numbers, at least 1; numbers behind them, up to the
 * next multiple of MH_VEC_MOST, are smaller than any of these */
#define MH_VEC_MOST 32

static inline mh_vec
mh_vec_max16(const int16_t *numbers)
{
	return _mm_max_epi16(_mm_max_epi16(mh_vec_load(numbers), mh_vec_load(numbers + 8)),
	    _mm_max_epi16(mh_vec_load(numbers + 16), mh_vec_load(numbers + 24)));
}

/* mh_vec_equal16 - of MH_VEC_MOST numbers a bit each that equals what */
static inline uint32_t
mh_vec_equal16(const int16_t *numbers, mh_vec what)
{
	mh_vec low = _mm_packs_epi16(_mm_cmpeq_epi16(mh_vec_load(numbers), what),
	    _mm_cmpeq_epi16(mh_vec_load(numbers + 8), what));
	mh_vec high = _mm_packs_epi16(_mm_cmpeq_epi16(mh_vec_load(numbers + 16), what),
	    _mm_cmpeq_epi16(mh_vec_load(numbers + 24), what));
	return mh_vec_bits(low) | mh_vec_bits(high) << 16;
}

static inline uint32_t
mh_vec_most(const int16_t *numbers, uint32_t count)
{
	mh_vec most = mh_vec_max16(numbers);
	for (uint32_t i = MH_VEC_MOST; i < count; i += MH_VEC_MOST)
		most = _mm_max_epi16(most, mh_vec_max16(numbers + i));
	most = _mm_max_epi16(most, _mm_srli_si128(most, 8));
	most = _mm_max_epi16(most, _mm_srli_si128(most, 4));
	most = _mm_max_epi16(most, _mm_srli_si128(most, 2));
	most = _mm_set1_epi16((short)_mm_cvtsi128_si32(most));
	for (uint32_t i = 0;; i += MH_VEC_MOST) {
		uint32_t found = mh_vec_equal16(numbers + i, most);
		if (found != 0)
			return i + mh_lowest(found);
	}
}

/* mh_vec_put16 - numbers[at] = value, written so that a vector that is read at once does not wait for it;
 * numbers has room up to the next multiple of 8 */
static inline void
mh_vec_put16(int16_t *numbers, uint32_t at, int16_t value)
{
	__m128i *to = (__m128i *)(void *)(numbers + at / 8 * 8);
	mh_vec here =
	    _mm_cmpeq_epi16(_mm_setr_epi16(0, 1, 2, 3, 4, 5, 6, 7), _mm_set1_epi16((short)(at % 8)));
	_mm_storeu_si128(to,
	    _mm_or_si128(_mm_andnot_si128(here, _mm_loadu_si128(to)),
		_mm_and_si128(here, _mm_set1_epi16(value))));
}
#else
#define MH_VEC_MOST 1

static inline void
mh_vec_put16(int16_t *numbers, uint32_t at, int16_t value)
{
	numbers[at] = value;
}

static inline uint32_t
mh_vec_most(const int16_t *numbers, uint32_t count)
{
	uint32_t most = 0;
	for (uint32_t i = 1; i < count; i++)
		most = numbers[i] > numbers[most] ? i : most;
	return most;
}

static inline uint32_t
mh_vec_find16(const uint16_t numbers[8], uint16_t what)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < 8; i++)
		bits |= (uint32_t)(numbers[i] == what) * 3u << 2 * i;
	return bits;
}

static inline uint32_t
mh_vec_find32(const uint32_t numbers[4], uint32_t what)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < 4; i++)
		bits |= (uint32_t)(numbers[i] == what) * 15u << 4 * i;
	return bits;
}
#endif

#define MH_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
