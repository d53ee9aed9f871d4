/* dkim_weak.c - RSA moduli that anybody can take apart
 *
 * Two tests that cost next to nothing.  A prime below 1000 divides no modulus
 * that was made as it should be.  And the primes of Infineon's faulty library are
 * all of the form k * M + (65537 ^ a mod M), M the product of small primes, so
 * that the modulus is a power of 65537 modulo every one of these primes
 * (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017); of moduli made
 * otherwise one in about 2^27 is.
 */
#include "dkim_public.h"

#define FACTOR_MAX 1000
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

/* divisor_of - the least prime of a product that divides rest, which is the modulus's remainder by the product; 0 */
static unsigned
divisor_of(unsigned rest, unsigned first, unsigned last)
{
	for (unsigned n = first; n <= last; n++)
		if (rest % n == 0 && is_prime(n))
			return n;
	return 0;
}

unsigned
mh_dkim_small_factor(struct mh_str modulus)
{
	uint64_t product = 1;
	unsigned first = 2, last = 2, factor = 0;

	if (modulus.len > MH_DKIM_MODULUS_MAX || modulus.len <= 2)
		return 0;
	/* Of several primes at once, as long as their product fits: the long division is what costs. */
	for (unsigned n = 2; n < FACTOR_MAX && factor == 0; n++) {
		if (!is_prime(n))
			continue;
		if (product * n > UINT32_MAX) {
			factor = divisor_of(remainder_of(modulus, (unsigned)product), first, last);
			product = 1;
			first = n;
		}
		product *= n;
		last = n;
	}
	return factor > 0 ? factor : divisor_of(remainder_of(modulus, (unsigned)product), first, last);
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
