/* ossl.h - OpenSSL without leaving traces in the program that links us
 *
 * The host may use OpenSSL too, in the same thread.  All our calls are made with
 * a library context of our own and between mh_ossl_enter and mh_ossl_leave: the
 * first takes the errors that the host has queued off the queue, the second drops
 * ours and queues the host's again.  (A mark in the queue is not enough: a
 * handshake empties all of it.)
 */
#ifndef MH_OSSL_H
#define MH_OSSL_H

#include <stdatomic.h>

#include "str.h"

/* OpenSSL's library context, shared by reference; any number of threads. */
struct mh_ossl {
	struct mh_mem mem;
	atomic_int references;
	void *lib; /* OSSL_LIB_CTX */
	_Atomic(struct mh_ossl_kept *) kept; /* NULL: not made yet */
};

/* What a floor above makes once, out of lib, and uses for ever: first member of its own struct. */
struct mh_ossl_kept {
	void (*forget)(struct mh_ossl_kept *kept); /* called before lib goes, within enter and leave */
};
/* mh_ossl_keep - made, or what another thread has kept meanwhile, and then made is forgotten.  There is one place. */
struct mh_ossl_kept *mh_ossl_keep(struct mh_ossl *ossl, struct mh_ossl_kept *made);
static inline struct mh_ossl_kept *
mh_ossl_kept(struct mh_ossl *ossl)
{
	return atomic_load_explicit(&ossl->kept, memory_order_acquire);
}

struct mh_ossl *mh_ossl_make(const struct mh_mem *mem); /* one reference; NULL: no memory */
struct mh_ossl *mh_ossl_ref(struct mh_ossl *ossl);
void mh_ossl_unref(struct mh_ossl *ossl); /* NULL is fine */

#define MH_OSSL_ERRORS 16 /* as many as OpenSSL's queue has */
#define MH_OSSL_DATA 256 /* octets kept of an error's text */
#define MH_OSSL_PLACE 64 /* and of where it was raised, from its end */

struct mh_ossl_guard {
	unsigned count;
	struct mh_ossl_error {
		unsigned long code;
		int line;
		bool has_data;
		/* Copies: OpenSSL frees its own with the entry. */
		char file[MH_OSSL_PLACE], func[MH_OSSL_PLACE], data[MH_OSSL_DATA];
	} errors[MH_OSSL_ERRORS];
};

void mh_ossl_enter(struct mh_ossl_guard *guard);
void mh_ossl_leave(struct mh_ossl_guard *guard);

/* mh_digest - SHA2-256 (bits 256) or SHA2-512 of octets; false: no memory.  Within enter and leave, or not. */
bool mh_digest(struct mh_ossl *ossl, int bits, struct mh_str octets, unsigned char out[64]);

#endif
