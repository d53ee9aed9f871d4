/* gunzip.h - gzip members, unpacked piece by piece (RFC 1952)
 *
 * A member may follow a member, as log rotation makes them.  Nothing is kept
 * of what was unpacked, so that a file of any size, and one that unpacks to a
 * thousand times its size, takes the same memory.
 */
#ifndef MH_GUNZIP_H
#define MH_GUNZIP_H

#include "mem.h"
#include "str.h"

struct mh_gunzip;
struct mh_gunzip *mh_gunzip_make(const struct mh_mem *mem); /* NULL: no memory */
void mh_gunzip_free(struct mh_gunzip *gunzip);
/* mh_gunzip_feed - the next octets of the file; puts out what they unpack to, in pieces.  put gives
 * MH_OK or an error, which ends it.  MH_OK, put's error, MH_ENOMEM, or MH_EIO: the data is damaged. */
int mh_gunzip_feed(struct mh_gunzip *gunzip, struct mh_str octets, int (*put)(void *arg, struct mh_str piece),
    void *arg);
/* mh_gunzip_end - the file ends here: MH_OK, or MH_EIO if it ends within a member */
int mh_gunzip_end(struct mh_gunzip *gunzip);

#endif
