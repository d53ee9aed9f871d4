/* zone_mail.c - which names of zone files have to do with mail
 *
 * For whoever looks at a whole file: each name that somebody may send from, or
 * that takes mail, is a domain of its own to be looked at.
 */
#include "zone_store.h"

#include "port.h"

size_t
mh_zonefile_names(const struct mh_zonefile *zones)
{
	return zones->nodes_count;
}

struct mh_str
mh_zonefile_name(const struct mh_zonefile *zones, size_t i)
{
	return i < zones->nodes_count ? zones->nodes[i].name : MH_STR("");
}

/* is_spf - whether a text's first string is an SPF record (RFC 7208 4.5) */
static bool
is_spf(const struct mh_zones_record *record)
{
	static const char version[] = "v=spf1";
	size_t len = record->len > 0 ? record->rdata[0] : 0, want = sizeof(version) - 1;
	struct mh_str text = mh_str_n((const char *)record->rdata + 1, len);

	return len >= want && len < record->len && mh_str_istarts(text, mh_str_n(version, want)) &&
	    (len == want || text.p[want] == ' ');
}

/* has_spf - whether one of a name's texts is an SPF record */
static bool
has_spf(const struct mh_zonefile *zones, uint32_t node)
{
	const struct mh_zones_set *set = mh_zones_set_at(zones, node, MH_RR_TXT);
	for (uint32_t i = set != NULL ? set->first : MH_ZONE_NONE; i != MH_ZONE_NONE;
	     i = zones->records[i].next)
		if (is_spf(&zones->records[i]))
			return true;
	return false;
}

/* has_dmarc - whether there is a text at _dmarc below the name */
static bool
has_dmarc(const struct mh_zonefile *zones, const struct mh_zones_node *node)
{
	static const char label[] = "_dmarc.";
	char name[MH_DNAME_TEXT_MAX];
	size_t len = sizeof(label) - 1;

	if (len + node->name.len > sizeof(name))
		return false;
	memcpy(name, label, len);
	memcpy(name + len, node->name.p, node->name.len);
	uint32_t below = mh_zones_find(zones, node->zone, mh_str_n(name, len + node->name.len));
	return below != MH_ZONE_NONE && mh_zones_set_at(zones, below, MH_RR_TXT) != NULL;
}

bool
mh_zonefile_is_for_mail(const struct mh_zonefile *zones, size_t i)
{
	if (i >= zones->nodes_count)
		return false;
	const struct mh_zones_node *node = &zones->nodes[i];
	uint32_t at = (uint32_t)i;
	bool is_dname;
	/* A name of the tree of addresses is nobody's domain of mail, unless it says so; "*" is no name to ask for,
	 * and what begins with an underscore is there for others to look up (RFC 8552). */
	bool is_apex = node->parent == MH_ZONE_NONE && !mh_str_iends(node->name, MH_STR(".arpa")) &&
	    !mh_str_eq(node->name, MH_STR("."));

	if (mh_str_istarts(node->name, MH_STR("*.")) || mh_str_istarts(node->name, MH_STR("_")) ||
	    mh_zones_covering(zones, node->name) != node->zone ||
	    mh_zones_cut(zones, at, true, false, &is_dname) != MH_ZONE_NONE)
		return false;
	return is_apex || mh_zones_set_at(zones, at, MH_RR_MX) != NULL || has_spf(zones, at) ||
	    has_dmarc(zones, node);
}
