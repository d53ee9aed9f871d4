/* random.h - numbers that nobody can guess, from the system */
#ifndef MH_RANDOM_H
#define MH_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mh_random {
	unsigned char pool[512];
	size_t left;
};

uint32_t mh_random_u32(struct mh_random *random);
uint32_t mh_random_below(struct mh_random *random, uint32_t n); /* 0 to n - 1; n > 0 */

#endif
