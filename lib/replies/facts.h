/* facts.h - what a reply says in figures: how long to wait, how many are allowed, which ids to quote
 *
 * Read from the text alone, in the languages that receivers write.  Durations
 * may be compound ("1 hour(s) 25 minute(s)").
 */
#ifndef MH_FACTS_H
#define MH_FACTS_H

#include "scan.h"

#define MH_FACTS_LIMITS 4
#define MH_FACTS_IDS 12

struct mh_limit {
	int64_t count;
	int64_t per_s; /* -1: not said */
	const char *what; /* ip, sender, recipient, domain, connection; "" not said */
};

struct mh_facts {
	int64_t retry_after_s; /* -1: not said */
	struct mh_limit limits[MH_FACTS_LIMITS];
	size_t limit_count;
	struct {
		uint32_t begin, end;
	} ids[MH_FACTS_IDS];
	size_t id_count;
};

void mh_facts_read(struct mh_facts *facts, struct mh_str text, const struct mh_scan *scan);

/* mh_template_hash - equal for texts that differ only in addresses, names, numbers and ids; stable
 * over releases: FNV-1a of 64 bits over code, status and the words with the rest masked */
uint64_t mh_template_hash(struct mh_str text, const struct mh_scan *scan, int code, struct mh_status status);

#endif
