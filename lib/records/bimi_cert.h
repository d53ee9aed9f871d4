/* bimi_cert.h - whether a file is the certificate of a logo: a Mark Certificate (VMC, CMC), for that domain
 *
 * What can be seen in the file itself: its form, the key usage of BIMI, the logo in
 * it, the names, the dates, and the issuer that has to come with it.
 *
 * Does not: know which authorities receivers trust, or look into the logo in it.
 *
 * draft-fetch-validation-vmc-wchuang, RFC 9399
 */
#ifndef MH_BIMI_CERT_H
#define MH_BIMI_CERT_H

#include "cert.h"

#define MH_BIMI_CERT_FAULTS_MAX 12

struct mh_bimi_cert {
	struct mh_certs *chain; /* its owner's to free, by mh_bimi_cert_free */
	const struct mh_cert *leaf; /* the logo's; NULL: none could be read */
	const char *faults[MH_BIMI_CERT_FAULTS_MAX]; /* sentences */
	unsigned faults_count; /* 0: as far as can be seen it is one */
	bool is_expired, is_early;
	char mark[40]; /* its type as the subject says: "Registered Mark"; "" it says nothing */
};

/* mh_bimi_cert_read - octets as they were fetched; names: of which the certificate needs one (the domain, its
 * organisation, and default._bimi of both); at: seconds since the epoch, -1 not known; false: no memory */
bool mh_bimi_cert_read(struct mh_ossl *ossl, const struct mh_mem *mem, struct mh_str octets,
    const struct mh_str *names, unsigned count, int64_t at, struct mh_bimi_cert *cert);
void mh_bimi_cert_free(struct mh_bimi_cert *cert);
/* mh_bimi_cert_kind - "vmc", "cmc", or "" unknown */
const char *mh_bimi_cert_kind(const struct mh_bimi_cert *cert);

#endif
