/* match.h - which rule a scanned reply belongs to, and how sure that is */
#ifndef MH_MATCH_H
#define MH_MATCH_H

#include "scan.h"

#define MH_MATCH_REASONS 4 /* the best and up to three others */
#define MH_MATCH_LISTS 16
#define MH_MATCH_CODES 200 /* reply codes from 400 to 599 */

/* What is known beside the text. */
struct mh_given {
	int phase; /* enum mh_phase */
	int provider; /* number, -1 unknown */
	int code; /* 0 unknown */
	struct mh_status status;
};

enum mh_decided_by { MH_BY_NOTHING, MH_BY_RULE, MH_BY_STATUS, MH_BY_CODE };

struct mh_candidate {
	int32_t score;
	uint16_t reason;
	uint16_t rule; /* local number in its layer */
	uint8_t by; /* enum mh_decided_by */
	uint8_t layer, rank;
	uint32_t begin, end; /* of the text that decided; 0, 0: none */
	uint64_t
	    tie; /* of equal scores the larger is better: the more telling words, then the earlier ones */
};

/* What is known of a rule for this reply: nothing, unless the epoch is the match's. */
struct mh_rule_state {
	uint16_t epoch;
	bool holds; /* its clauses */
};

struct mh_match {
	struct mh_rule_state *states[MH_LAYERS_MAX]; /* one a rule, kept between replies */
	uint32_t state_count[MH_LAYERS_MAX];
	uint16_t epoch;

	int code; /* what the reply was matched with */
	struct mh_status status;
	int phase, provider_before; /* the provider before a rule told it */

	int accepted; /* a reason's number, -1 unknown */
	int16_t code_reasons[MH_MATCH_CODES]; /* by code from 400, the same */
	struct mh_candidate best[MH_MATCH_REASONS];
	uint32_t count;
	int provider; /* number, -1 unknown */
	struct {
		uint16_t list; /* number */
		uint32_t begin, end;
	} lists[MH_MATCH_LISTS];
	uint32_t list_count;
	int confidence; /* 0 to 1000 */
};

void mh_match_init(struct mh_match *match);
int mh_match_use(struct mh_match *match, const struct mh_mem *mem, const struct mh_layers *layers);
void mh_match_free(struct mh_match *match, const struct mh_mem *mem);

/* mh_match_run - decides, and no more: best[0] is final, the other reasons and the confidence are not
 * known yet; code and status are the reply's own (0: none).  The scan's keys are used up. */
void mh_match_run(struct mh_match *match, struct mh_scan *scan, int code, struct mh_status status,
    const struct mh_given *given);
/* mh_match_others - the other reasons and the confidence, once a reply; the scan must be the same */
void mh_match_others(struct mh_match *match, struct mh_scan *scan);

#endif
