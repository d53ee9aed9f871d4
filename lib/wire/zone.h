/* zone.h - zone files as a resolver
 *
 * Master files (RFC 1035 5) read record by record through ldns, each bad line
 * a finding with its number; then questions are answered as a resolver that
 * knows these zones would: CNAME followed across all of them, wildcards (RFC
 * 4592), empty non-terminals (RFC 8020), delegations, DNAME, NXDOMAIN against
 * NODATA.  $INCLUDE is never followed: it is a finding.  $GENERATE is read, and
 * both orders of class and TTL are.  Signatures of DNSSEC are left out.  A file may hold several zones (each SOA begins one), and
 * several files may be given; the deepest zone answers.
 *
 * Names outside all zones, and those at and below a delegation whose zone is
 * not given, are nobody's: the source gives NULL, unless it is
 * told to answer for them (unknown, not-in-zone).
 */
#ifndef MH_ZONE_H
#define MH_ZONE_H

#include "find.h"
#include "work.h"

struct mh_zonefile;
struct mh_zonefile *mh_zonefile_make(const struct mh_mem *mem); /* NULL: no memory */
void mh_zonefile_free(struct mh_zonefile *zones);
/* mh_zonefile_read - a master file's text, added to what is there.  name is for findings and facts
 * ("NAME:LINE"); origin is where relative names hang until $ORIGIN says otherwise, "" for none (then
 * the first SOA's owner; without either a relative name is a finding).  Without an SOA the zone's apex
 * is origin, or else the deepest name that all records and the first $ORIGIN are under.  MH_ERR_OK or MH_ERR_ENOMEM;
 * whatever is wrong with the text is findings zone.* of report. */
int mh_zonefile_read(struct mh_zonefile *zones, struct mh_str name, struct mh_str origin, struct mh_str text,
    struct mh_report *report);
/* mh_zonefile_source - is_all: questions outside all zones are answered too, as unknown.  An alias that leads
 * out of them is unknown in either case, and its canonical name tells where to; a driver asks on there if it is
 * an overlay.  Threads may share it while
 * nothing is read. */
struct mh_source mh_zonefile_source(struct mh_zonefile *zones, bool is_all);
size_t mh_zonefile_count(const struct mh_zonefile *zones); /* records read */
/* mh_zonefile_at - owner (canonical), type and TTL of record i in the order of reading; false past the end */
bool mh_zonefile_at(const struct mh_zonefile *zones, size_t i, struct mh_str *name, int *type, uint32_t *ttl,
    struct mh_rr *rr);
size_t mh_zonefile_names(const struct mh_zonefile *zones); /* how many there are, those in between too */
/* mh_zonefile_name - name i, canonical, with a NUL behind it, in no order; "" past the end */
struct mh_str mh_zonefile_name(const struct mh_zonefile *zones, size_t i);
/* mh_zonefile_is_for_mail - whether it begins a zone, or has MX, an SPF record, or DMARC below it: a domain that mail
 * is sent from or to.  Not in the zones of others that these only lead to (RFC 2181 6) */
bool mh_zonefile_is_for_mail(const struct mh_zonefile *zones, size_t i);

#endif
