/* zone_rdata.h - names, times and the data of records, from the tokens of a master file */
#ifndef MH_ZONE_RDATA_H
#define MH_ZONE_RDATA_H

#include "fact.h"
#include "zone_lines.h"

/* Where relative names hang: wire form; len 0: nowhere. */
struct mh_zones_origin {
	unsigned char wire[MH_DNAME_WIRE_MAX];
	size_t len;
	char text[MH_DNAME_TEXT_MAX]; /* canonical */
	size_t text_len;
};

/* mh_zones_name - a token as a name in wire form; octets, or 0 with *fault */
size_t mh_zones_name(const struct mh_zones_token *token, const struct mh_zones_origin *origin,
    unsigned char out[MH_DNAME_WIRE_MAX], struct mh_zones_fault *fault);
/* mh_zones_lacks_dot - whether the token is a relative name that ends as the origin does, so that its last
 * dot was most likely forgotten */
bool mh_zones_lacks_dot(const struct mh_zones_token *token, const struct mh_zones_origin *origin);
/* mh_zones_time - seconds, as a number or with units (1h30m); -1: none, -2: more than 2^31-1 (RFC 2181 8) */
int64_t mh_zones_time(struct mh_str s);
/* mh_zones_type - a type's number by its name; 0: there is none that a zone may have */
int mh_zones_type(struct mh_str name);
/* mh_zones_type_is_read - whether data of this type is read in another form than that of RFC 3597 5 */
bool mh_zones_type_is_read(int type);
/* mh_zones_rdata - the data of a record into out[65535]; octets, or -1 with *fault (its what is NULL
 * without memory).  *lacks_dot is set to the last name among the tokens that lacks its
 * dot, if one does.  scratch is for the writer's use. */
int mh_zones_rdata(int type, const struct mh_zones_token *tokens, size_t count,
    const struct mh_zones_origin *origin, unsigned char *out, struct mh_buf *scratch,
    const struct mh_zones_token **lacks_dot, struct mh_zones_fault *fault);

#endif
