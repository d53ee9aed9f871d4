/* random.c - numbers that nobody can guess, from the system in blocks
 *
 * An id and a port are all that tells a true answer from a forged one (RFC
 * 5452 4.5), so that no generator of our own stands between.
 */
#if !defined(__linux__)
#undef _POSIX_C_SOURCE
#endif
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "random.h"

#if defined(__linux__)
#include <sys/random.h>
#endif

/* fill - the pool anew */
static void
fill(struct mh_random *random)
{
	int saved = errno;
#if defined(__linux__)
	bool is_good = getrandom(random->pool, sizeof(random->pool), 0) == (ssize_t)sizeof(random->pool);
#else
	bool is_good = getentropy(random->pool, 256) == 0 && getentropy(random->pool + 256, 256) == 0;
#endif
	errno = saved;
	if (!is_good) {
		/* No source at all (a seccomp filter, say): the clock and the last pool, which is poor but moves. */
		struct timespec now;
		clock_gettime(CLOCK_MONOTONIC, &now);
		uint64_t mixed =
		    (uint64_t)now.tv_nsec * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)(uintptr_t)random;
		for (size_t i = 0; i < sizeof(random->pool); i++) {
			mixed ^= mixed << 13;
			mixed ^= mixed >> 7;
			mixed ^= mixed << 17;
			random->pool[i] ^= (unsigned char)mixed;
		}
	}
	random->left = sizeof(random->pool);
}

uint32_t
mh_random_u32(struct mh_random *random)
{
	uint32_t value;
	if (random->left < sizeof(value))
		fill(random);
	random->left -= sizeof(value);
	memcpy(&value, random->pool + random->left, sizeof(value));
	return value;
}

uint32_t
mh_random_below(struct mh_random *random, uint32_t n)
{
	return (uint32_t)((uint64_t)mh_random_u32(random) * n >> 32);
}
