/* dkim_weak.c - RSA moduli that anybody can take apart
 *
 * Two tests that cost next to nothing.  A prime below 10000 divides no modulus
 * that was made as it should be.  And the primes of Infineon's faulty library are
 * all of the form k * M + (65537 ^ a mod M), M the product of small primes, so
 * that the modulus is a power of 65537 modulo every one of these primes
 * (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017); of moduli made
 * otherwise one in about 2^27 is.
 */
#include "dkim_public.h"

#define FACTOR_MAX 10000
#define ROCA_PRIME_MAX 167
#define GENERATOR 65537u

/* remainder - of the magnitude, most significant octet first */
static unsigned
remainder_of(struct mh_str magnitude, unsigned divisor)
{
	const unsigned char *p = (const unsigned char *)magnitude.p;
	uint64_t rest = 0;
	size_t i = 0;

	for (; (magnitude.len - i) % 4 != 0; i++)
		rest = (rest << 8 | p[i]) % divisor;
	for (; i < magnitude.len; i += 4)
		rest = (rest << 32 | (uint32_t)p[i] << 24 | (uint32_t)p[i + 1] << 16 |
			   (uint32_t)p[i + 2] << 8 | p[i + 3]) %
		    divisor;
	return (unsigned)rest;
}

static bool
is_prime(unsigned n)
{
	for (unsigned d = 2; d * d <= n; d++)
		if (n % d == 0)
			return false;
	return n >= 2;
}

unsigned
mh_dkim_small_factor(struct mh_str modulus)
{
	if (modulus.len > MH_DKIM_MODULUS_MAX || modulus.len <= 2)
		return 0;
	for (unsigned n = 2; n < FACTOR_MAX; n += n == 2 ? 1 : 2)
		if (is_prime(n) && remainder_of(modulus, n) == 0)
			return n;
	return 0;
}

/* is_power - whether rest is a power of 65537 modulo prime */
static bool
is_power(unsigned rest, unsigned prime)
{
	unsigned power = 1;
	for (unsigned i = 0; i < prime; i++) {
		if (power == rest)
			return true;
		power = power * (GENERATOR % prime) % prime;
	}
	return false;
}

bool
mh_dkim_is_roca(struct mh_str modulus)
{
	if (modulus.len > MH_DKIM_MODULUS_MAX || modulus.len < 64)
		return false;
	for (unsigned prime = 3; prime <= ROCA_PRIME_MAX; prime += 2)
		if (is_prime(prime) && !is_power(remainder_of(modulus, prime), prime))
			return false;
	return true;
}
