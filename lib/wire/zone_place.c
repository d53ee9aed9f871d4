/* zone_place.c - puts the records of a text where they belong, and tells what cannot stand there
 *
 * A record goes to the deepest zone of the text that has begun by then and
 * that its owner is in; one before all of them, to the deepest of those that
 * come.  So glue stays above the delegation when a zone is followed by its
 * child, and a list of SOA records may stand at the top.
 *
 * Does not: refuse anything but what is in none of the text's zones.
 */
#include "error.h"
#include "zone_reader.h"

#define FINDINGS_MAX 1000 /* of one text */
#define TYPE_KEY 25

/* ----------------------------------------------------------------- findings */

/* line_of - the number of the line of the text that at stands on, and the line itself */
static uint32_t
line_of(const struct mh_zones_reader *r, const char *at, struct mh_str *line)
{
	const char *p = r->at, *end = r->text.p + r->text.len;
	uint32_t number = r->number;

	for (const char *feed; (feed = memchr(p, '\n', (size_t)(at - p))) != NULL; p = feed + 1)
		number++;
	const char *feed = memchr(p, '\n', (size_t)(end - p));
	size_t len = (size_t)((feed != NULL ? feed : end) - p);
	if (len > 0 && p[len - 1] == '\r')
		len--;
	*line = mh_str_n(p, len);
	return number;
}

void
mh_zones_tell(struct mh_zones_reader *r, int number, const char *at, const char *detail, struct mh_str behind)
{
	struct mh_buf subject, sentence;
	struct mh_str line;

	if (r->report == NULL || r->findings > FINDINGS_MAX || r->error != MH_ERR_OK)
		return;
	if (at == NULL || r->is_made)
		at = r->at;
	if (r->findings++ == FINDINGS_MAX) {
		number = MH_F_ZONE_TOO_LARGE;
		detail = "there are more findings than are told";
		behind = MH_STR("");
	}
	mh_buf_init(&subject, &r->zones->mem, 4096);
	mh_buf_init(&sentence, &r->zones->mem, 4096);
	mh_buf_putstr(&subject, mh_str_n(r->name.p, r->name.len < 1024 ? r->name.len : 1024));
	mh_buf_putc(&subject, ':');
	mh_buf_putint(&subject, line_of(r, at, &line));
	mh_buf_puts(&sentence, detail);
	if (behind.len > 0) {
		mh_buf_puts(&sentence, ": ");
		mh_buf_putstr(&sentence, mh_str_n(behind.p, behind.len < 1024 ? behind.len : 1024));
	}
	struct mh_finding_more more = { .check = "zone", .detail = mh_buf_str(&sentence) };
	int64_t begin = line.p - r->text.p;
	r->error = subject.bad || sentence.bad ? MH_ERR_ENOMEM
					       : mh_report_add_more(r->report, number, mh_buf_str(&subject),
						     line, begin, begin + (int64_t)line.len, &more);
	mh_buf_free(&subject);
	mh_buf_free(&sentence);
}

/* ------------------------------------------------------------------ placing */

/* begun_at - which zone of the text this one is, from 1; 0: it is another text's */
static size_t
begun_at(const struct mh_map *order, uint32_t zone)
{
	uint32_t at = mh_map_get(order, (uint64_t)zone + 1);
	return at != MH_MAP_NONE ? at : 0;
}

/* zone_of - the zone that a record belongs to, or MH_ZONE_NONE */
static uint32_t
zone_of(const struct mh_zones_reader *r, const struct mh_map *order, const struct mh_zones_held *held)
{
	uint32_t later = MH_ZONE_NONE;
	for (struct mh_str name = held->owner; name.len > 0; name = mh_dname_parent(name)) {
		uint32_t zone = mh_zones_apex_at(r->zones, name);
		size_t begun = zone != MH_ZONE_NONE ? begun_at(order, zone) : 0;
		if (begun > 0 && begun <= held->zones)
			return zone;
		if (begun > 0 && later == MH_ZONE_NONE)
			later = zone;
	}
	return later;
}

/* look_at_alias - a CNAME and something else, or another one, at one name; told once for each record that
 * comes to what is there */
static void
look_at_alias(struct mh_zones_reader *r, uint32_t node, const struct mh_zones_held *held)
{
	const struct mh_zonefile *zones = r->zones;
	const struct mh_zones_set *alias = mh_zones_set_at(zones, node, MH_RR_CNAME);
	if (alias == NULL)
		return;
	if (alias->count > 1 && held->type == MH_RR_CNAME) {
		mh_zones_tell(r, MH_F_ZONE_ALIAS_AND_DATA, NULL, "this is another CNAME of the same name",
		    held->owner);
		return;
	}
	for (uint32_t at = zones->nodes[node].sets; at != MH_ZONE_NONE; at = zones->sets[at].next) {
		int type = zones->sets[at].type;
		if (type == MH_RR_CNAME || type == MH_RR_DNSKEY || type == TYPE_KEY ||
		    zones->sets[at].count == 0)
			continue;
		mh_zones_tell(r, MH_F_ZONE_ALIAS_AND_DATA, NULL, "the name has a CNAME and other records",
		    held->owner);
		return;
	}
}

/* look_at_cut - a record where the zone has no say any more: glue and what makes the delegation may be */
static void
look_at_cut(struct mh_zones_reader *r, uint32_t node, const struct mh_zones_held *held)
{
	const struct mh_zonefile *zones = r->zones;
	bool is_dname;
	uint32_t cut = mh_zones_cut(zones, node, true, false, &is_dname);
	if (cut == MH_ZONE_NONE)
		return;
	if (is_dname)
		mh_zones_tell(r, MH_F_ZONE_OUTSIDE, NULL, "the name is under one that has a DNAME",
		    zones->nodes[cut].name);
	else if (held->type != MH_RR_A && held->type != MH_RR_AAAA &&
	    !(cut == node && (held->type == MH_RR_NS || held->type == MH_RR_DS)))
		mh_zones_tell(r, MH_F_ZONE_OUTSIDE, NULL,
		    "the name is in a zone that is delegated to other servers", zones->nodes[cut].name);
}

/* was_added - what became of a record: true, it was added; a full store is told of once */
static bool
was_added(struct mh_zones_reader *r, enum mh_zones_added added)
{
	if (added == MH_ZONE_NO_MEMORY)
		r->error = MH_ERR_ENOMEM;
	if (added == MH_ZONE_FULL && !r->is_full) {
		mh_zones_tell(r, MH_F_ZONE_TOO_LARGE, NULL,
		    "there are more names, or types at one, than are kept", MH_STR(""));
		r->is_full = true;
	}
	return added == MH_ZONE_ADDED;
}

/* place - a record to its zone; *node where it is, MH_ZONE_NONE if it is not */
static void
place(struct mh_zones_reader *r, const struct mh_map *order, const struct mh_zones_held *held, uint32_t *node)
{
	struct mh_zones_record record = { .rdata = held->rdata,
		.ttl = held->ttl,
		.type = held->type,
		.len = held->len };
	uint32_t zone = zone_of(r, order, held);

	*node = MH_ZONE_NONE;
	if (held->is_bad) { /* which was told of when it was read */
		if (zone != MH_ZONE_NONE)
			was_added(r, mh_zones_add_bad(r->zones, zone, held->owner, held->type));
		return;
	}
	if (zone == MH_ZONE_NONE) {
		mh_zones_tell(r, MH_F_ZONE_OUTSIDE, NULL, "the name is in none of the text's zones",
		    held->owner);
		return;
	}
	uint32_t at = MH_ZONE_NONE;
	if (!was_added(r, mh_zones_add(r->zones, zone, held->owner, &record, &at)))
		return;
	*node = at;
	look_at_alias(r, at, held);
	if ((held->type == MH_RR_SOA || held->type == MH_RR_DNAME) &&
	    mh_zones_set_at(r->zones, at, held->type)->count > 1)
		mh_zones_tell(r, MH_F_ZONE_ONLY_ONE, NULL, "this is another one of the same name",
		    held->owner);
}

/* turn_to - findings are about this record from now on */
static void
turn_to(struct mh_zones_reader *r, const struct mh_zones_held *held)
{
	r->at = held->at;
	r->number = held->number;
}

void
mh_zones_place(struct mh_zones_reader *r)
{
	uint32_t *nodes = mh_mem_alloc(&r->zones->mem, r->held_count * sizeof(*nodes));
	struct mh_map order;

	mh_map_init(&order, &r->zones->mem);
	if (nodes == NULL)
		r->error = MH_ERR_ENOMEM;
	for (size_t i = 0; i < r->apexes_count && r->error == MH_ERR_OK; i++) {
		uint32_t zone = mh_zones_apex_make(r->zones, r->apexes[i], r->file);
		uint64_t key = (uint64_t)zone + 1;
		if (zone == MH_ZONE_NONE)
			r->error = MH_ERR_ENOMEM;
		else if (mh_map_get(&order, key) == MH_MAP_NONE && !mh_map_put(&order, key, (uint32_t)i + 1))
			r->error = MH_ERR_ENOMEM;
	}
	for (size_t i = 0; i < r->held_count && r->error == MH_ERR_OK; i++) {
		turn_to(r, &r->held[i]);
		place(r, &order, &r->held[i], &nodes[i]);
	}
	for (size_t i = 0; i < r->held_count && r->error == MH_ERR_OK; i++) {
		turn_to(r, &r->held[i]);
		if (nodes[i] != MH_ZONE_NONE)
			look_at_cut(r, nodes[i], &r->held[i]);
	}
	mh_map_free(&order);
	mh_mem_free(&r->zones->mem, nodes, r->held_count * sizeof(*nodes));
}
