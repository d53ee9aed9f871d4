/* distinct.h - how many different things were counted, in little memory
 *
 * Exact up to MH_DISTINCT_EXACT; beyond that an estimate by HyperLogLog with
 * 1,024 registers (Flajolet et al. 2007), whose standard error is 3.25 %.
 */
#ifndef MH_DISTINCT_H
#define MH_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"

#define MH_DISTINCT_EXACT 256

struct mh_distinct {
	uint64_t *keys; /* a table of hashes, 0 empty; NULL: none yet, or registers */
	uint8_t *registers;
	uint32_t cap, count; /* of keys */
};

/* mh_distinct_add - hash is not 0; false without memory, and then it is as it was */
bool mh_distinct_add(struct mh_distinct *distinct, const struct mh_mem *mem, uint64_t hash);
int64_t mh_distinct_count(const struct mh_distinct *distinct);
void mh_distinct_free(struct mh_distinct *distinct, const struct mh_mem *mem);

#endif
