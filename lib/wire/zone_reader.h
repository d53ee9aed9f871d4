/* zone_reader.h - a text of zones while it is read, for zone_read.c and zone_place.c alone */
#ifndef MH_ZONE_READER_H
#define MH_ZONE_READER_H

#include "zone_lines.h"
#include "zone_rdata.h"
#include "zone_store.h"

/* A record that waits for its zone. */
struct mh_zones_held {
	struct mh_str owner; /* canonical; p is shared by those that follow one another */
	const unsigned char *rdata;
	const char *at; /* where its line begins */
	uint32_t number; /* of that line */
	uint32_t ttl, zones; /* zones of the text that had begun before, an SOA's own one too */
	uint16_t type, len;
	bool is_bad; /* its data cannot be read */
};

struct mh_zones_reader {
	struct mh_zonefile *zones;
	struct mh_report *report;
	struct mh_str name, text;
	struct mh_str file; /* the same name, in the zones' memory */
	struct mh_zones_lines lines;
	struct mh_zones_lines made; /* lines that $GENERATE makes */
	struct mh_buf made_text, scratch;
	const char *at; /* where the line begins that findings are about */
	uint32_t number; /* of that line */
	bool is_made; /* the record comes from $GENERATE */
	struct mh_zones_origin origin;
	struct mh_str first_origin; /* what $ORIGIN said first; p NULL: it did not */
	struct mh_str owner; /* of the record before; len 0: none that is good */
	int64_t ttl_default, ttl_last, ttl_minimum; /* -1: none */
	bool told_ttl, is_full;
	size_t generated; /* octets that $GENERATE made */
	struct mh_zones_held *held;
	size_t held_count, held_cap;
	struct mh_str *apexes; /* of the text, in their order */
	size_t apexes_count, apexes_cap;
	unsigned findings;
	int error;
	unsigned char rdata[65535];
};

/* mh_zones_tell - a finding about the line that at stands on (NULL: where r->at is), with a sentence about this
 * case and what is put behind it (len 0: nothing) */
void mh_zones_tell(struct mh_zones_reader *r, int number, const char *at, const char *detail,
    struct mh_str behind);
/* mh_zones_place - all records that are held, to the zones of the text */
void mh_zones_place(struct mh_zones_reader *r);

#endif
