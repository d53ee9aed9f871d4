/* caa.h - CAA records: which authorities may issue certificates for a name
 *
 * RFC 8659
 */
#ifndef MH_CAA_H
#define MH_CAA_H

#include "fact.h"

struct mh_caa {
	bool is_critical; /* RFC 8659 4.5 */
	struct mh_str tag, value;
	bool is_issue; /* it says who may issue for the name itself (RFC 8659 4.2) */
	struct mh_str issuer; /* of such: the authority; len 0: nobody */
	bool is_malformed; /* of such: not in the grammar, which means nobody too */
	bool is_known; /* a tag that authorities know */
};

#define MH_CAA_ISSUERS_MAX 8

enum mh_caa_state {
	MH_CAA_OPEN, /* every authority may issue */
	MH_CAA_SOME, /* those named */
	MH_CAA_NOBODY,
	MH_CAA_CRITICAL, /* a critical property that nobody knows: no authority may issue (RFC 8659 4.5) */
};

struct mh_caa_verdict {
	enum mh_caa_state state;
	struct mh_str issuers[MH_CAA_ISSUERS_MAX]; /* each once, as far as there is room */
	unsigned count;
	size_t record; /* of NOBODY and CRITICAL: number of the record that shows it */
	bool is_malformed; /* of NOBODY: as a value cannot be read */
};

/* mh_caa_read - one record; false: it is not well formed */
bool mh_caa_read(const struct mh_fact *fact, size_t i, struct mh_caa *caa);
/* mh_caa_judge - of all records of one name, as an authority that knows the properties of today sees them */
void mh_caa_judge(const struct mh_fact *fact, struct mh_caa_verdict *verdict);

#endif
