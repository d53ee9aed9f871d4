/* from_domain.h - the Author Domain: whose domain the From field of a message shows (RFC 9989 5.3.1)
 *
 * There is one, or DMARC cannot be applied.  Several mailboxes are fine while
 * they have one domain between them; a mailbox that a reader would see with
 * another domain than the evaluated one makes it two.
 *
 * Does not: find the field in a message, or unfold more than the value.
 */
#ifndef MH_FROM_DOMAIN_H
#define MH_FROM_DOMAIN_H

#include <stdbool.h>

#include "mem.h"
#include "str.h"

#define MH_FROM_MAX 65536 /* octets of a value that are read; a longer one has no Author Domain */

enum mh_from_state {
	MH_FROM_NONE, /* no mailbox has a domain */
	MH_FROM_ONE,
	MH_FROM_SEVERAL, /* domains that are not the same */
	MH_FROM_UNREADABLE, /* no address list, or a domain that DNS cannot have: who is shown cannot be told */
};

struct mh_from {
	struct mh_str domain; /* of ONE: canonical, A-labels; else "" */
	unsigned char state; /* enum mh_from_state */
	unsigned mailboxes; /* that have a domain */
};

void mh_from_begin(struct mh_from *from);
/* mh_from_read - one more From field's value; domain is in arena.  MH_ERR_OK whatever it is, or MH_ERR_ENOMEM */
int mh_from_read(struct mh_arena *arena, struct mh_str value, struct mh_from *from);

#endif
