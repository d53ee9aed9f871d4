/* distinct.c - how many different things were counted, in little memory */
#include "distinct.h"

#include "port.h"

#define REGISTER_BITS 10
#define REGISTERS (1u << REGISTER_BITS)

static void
note(uint8_t *registers, uint64_t hash)
{
	/* Low bits choose the register; the rank of the first one among the others goes into it. */
	uint64_t rest = hash >> REGISTER_BITS | UINT64_C(1) << 54;
	uint8_t rank = (uint8_t)(mh_lowest(rest) + 1);
	uint8_t *at = &registers[hash & (REGISTERS - 1)];
	if (rank > *at)
		*at = rank;
}

/* put - into a table with room; whether it is new there */
static bool
put(uint64_t *keys, uint32_t cap, uint64_t hash)
{
	uint32_t i = (uint32_t)(hash >> 40) & (cap - 1);
	while (keys[i] != 0 && keys[i] != hash)
		i = (i + 1) & (cap - 1);
	bool is_new = keys[i] == 0;
	keys[i] = hash;
	return is_new;
}

static bool
to_registers(struct mh_distinct *distinct, const struct mh_mem *mem)
{
	uint8_t *registers = mh_mem_zalloc(mem, REGISTERS);
	if (registers == NULL)
		return false;
	for (uint32_t i = 0; i < distinct->cap; i++)
		if (distinct->keys[i] != 0)
			note(registers, distinct->keys[i]);
	mh_mem_free(mem, distinct->keys, distinct->cap * sizeof(uint64_t));
	distinct->keys = NULL;
	distinct->registers = registers;
	return true;
}

static bool
grow(struct mh_distinct *distinct, const struct mh_mem *mem)
{
	uint32_t cap = distinct->cap == 0 ? 8 : distinct->cap * 4;
	uint64_t *keys = mh_mem_zalloc(mem, cap * sizeof(uint64_t));
	if (keys == NULL)
		return false;
	for (uint32_t i = 0; i < distinct->cap; i++)
		if (distinct->keys[i] != 0)
			(void)put(keys, cap, distinct->keys[i]);
	if (distinct->keys != NULL)
		mh_mem_free(mem, distinct->keys, distinct->cap * sizeof(uint64_t));
	distinct->keys = keys;
	distinct->cap = cap;
	return true;
}

bool
mh_distinct_add(struct mh_distinct *distinct, const struct mh_mem *mem, uint64_t hash)
{
	if (distinct->registers != NULL) {
		note(distinct->registers, hash);
		return true;
	}
	if (distinct->count >= distinct->cap / 4 * 3 && !grow(distinct, mem))
		return false;
	distinct->count += put(distinct->keys, distinct->cap, hash);
	return distinct->count <= MH_DISTINCT_EXACT || to_registers(distinct, mem);
}

/* natural_log - of x >= 1, to six digits: no need for the mathematical library */
static double
natural_log(double x)
{
	int halvings = 0;
	for (; x > 1.5; halvings++)
		x /= 2;
	double y = (x - 1) / (x + 1), power = y, sum = 0;
	for (int i = 1; i < 24; i += 2) {
		sum += power / i;
		power *= y * y;
	}
	return 2 * sum + halvings * 0.69314718055994531;
}

int64_t
mh_distinct_count(const struct mh_distinct *distinct)
{
	if (distinct->registers == NULL)
		return distinct->count;
	double sum = 0;
	uint32_t empty = 0;
	for (uint32_t i = 0; i < REGISTERS; i++) {
		sum += 1.0 / (double)(UINT64_C(1) << distinct->registers[i]);
		empty += distinct->registers[i] == 0;
	}
	double estimate = 0.7213 / (1 + 1.079 / REGISTERS) * REGISTERS * REGISTERS / sum;
	if (estimate <= 2.5 * REGISTERS && empty > 0) /* linear counting is better there */
		estimate = REGISTERS * natural_log((double)REGISTERS / empty);
	int64_t count = (int64_t)(estimate + 0.5);
	return count > MH_DISTINCT_EXACT ? count : MH_DISTINCT_EXACT + 1;
}

void
mh_distinct_free(struct mh_distinct *distinct, const struct mh_mem *mem)
{
	if (distinct->keys != NULL)
		mh_mem_free(mem, distinct->keys, distinct->cap * sizeof(uint64_t));
	if (distinct->registers != NULL)
		mh_mem_free(mem, distinct->registers, REGISTERS);
	*distinct = (struct mh_distinct){ .keys = NULL };
}
