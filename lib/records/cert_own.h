/* cert_own.h - what the files about certificates share */
#ifndef MH_CERT_OWN_H
#define MH_CERT_OWN_H

#include <openssl/x509.h>

#include "cert.h"

struct mh_certs {
	struct mh_mem mem;
	struct mh_ossl *ossl;
	struct mh_arena arena;
	STACK_OF(X509) * stack;
	struct mh_cert *certs[MH_CERTS_MAX];
	unsigned count, unreadable;
	bool is_bad; /* no memory */
};

/* mh_anchors_store - X509_STORE of anchors */
X509_STORE *mh_anchors_store(struct mh_anchors *anchors);

/* mh_staple_judge - what a staple says of the server's own certificate, into the judgement */
void mh_staple_judge(const struct mh_certs *chain, struct mh_anchors *anchors, struct mh_str octets,
    int64_t at, struct mh_judgement *judgement);

#endif
